/* SPDX-License-Identifier: MIT */
#include "tree/check.h"

#include "base/mem.h"

#include <string.h>

/* ---------------------------------------------------------------- key paths */

/* Add a name to the path, of which 'len' bytes are there.  False: no memory. */
static bool
add_name(struct whi_check *c, size_t *len, struct whi_name name)
{
	size_t need = *len + 1 + whi_name_room(name);
	void *path = c->path;

	if (need > c->path_cap) {
		if (!whi_grow(&c->pass->hive->alloc, &path, &c->path_cap, need, 1))
			return false;
		c->path = path;
	}
	if (*len > 0)
		c->path[(*len)++] = '\\';
	*len += whi_name_utf8(name, c->path + *len);
	return true;
}

/* The path of the key in hand; NULL if there is none.  False: no memory. */
static bool
find_path(struct whi_check *c, const char **path, size_t *len)
{
	const struct whi_pass *p = c->pass;
	bool own = p->at.at && p->depth > 0; /* the root has no name in a path */

	*path = NULL;
	*len = 0;
	if (!p->at.at && p->depth == 0)
		return true;
	if (c->path_frames == 0)
		c->path_lens[c->path_frames++] = 0;
	for (; c->path_frames < p->depth; c->path_frames++) {
		size_t at = c->path_lens[c->path_frames - 1];

		if (!add_name(c, &at, p->frames[c->path_frames].name))
			return false;
		c->path_lens[c->path_frames] = at;
	}
	if (p->depth > 0)
		*len = c->path_lens[p->depth - 1];
	if (own && !add_name(c, len, p->at))
		return false;
	*path = *len > 0 ? c->path : "";
	return true;
}

/* ----------------------------------------------------------------- findings */

static void
find(void *ctx, const struct wh_issue *issue)
{
	struct whi_check *c = ctx;
	struct wh_finding finding = { .issue = *issue };

	switch (issue->grade) {
	case WH_NOTE:
		c->result->notes++;
		break;
	case WH_HEALED:
		c->result->healed++;
		break;
	case WH_REFUSED:
		c->result->refused++;
		break;
	case WH_DANGEROUS:
		c->result->dangerous++;
		break;
	}
	if (!c->fn)
		return;
	if (find_path(c, &finding.path, &finding.path_len))
		c->fn(c->ctx, &finding);
	else
		c->no_memory = true;
}

void
whi_check_begin(struct whi_pass *p)
{
	if (p->check)
		p->check->pass = p;
}

enum wh_status
wh_hive_check(struct wh_hive *hive, wh_finding_fn *fn, void *ctx, struct wh_check *result)
{
	struct whi_check *c;
	enum wh_status st;

	*result = (struct wh_check){ 0 };
	if (!hive)
		return WH_E_INVALID;
	c = whi_zalloc(&hive->alloc, sizeof *c);
	if (!c)
		return WH_E_MEMORY;
	c->result = result;
	c->fn = fn;
	c->ctx = ctx;
	st = whi_pass_run(hive, find, c, c);
	if (c->no_memory)
		st = WH_E_MEMORY;
	whi_free(&hive->alloc, c->path, c->path_cap);
	whi_free(&hive->alloc, c->names, c->name_cap * sizeof *c->names);
	whi_free(&hive->alloc, c, sizeof *c);
	return st;
}

/* ------------------------------------------------------------------ sorting */

/* Let element 'at' of a heap of 'count' sink to its place. */
static void
sink(size_t at, size_t count, bool (*before)(const void *array, size_t a, size_t b),
     void (*swap)(void *array, size_t a, size_t b), void *array)
{
	for (size_t below; (below = 2 * at + 1) < count; at = below) {
		if (below + 1 < count && before(array, below, below + 1))
			below++;
		if (!before(array, at, below))
			return;
		swap(array, at, below);
	}
}

void
whi_check_sort(size_t count, bool (*before)(const void *array, size_t a, size_t b),
	       void (*swap)(void *array, size_t a, size_t b), void *array)
{
	for (size_t i = count / 2; i-- > 0;)
		sink(i, count, before, swap, array);
	while (count-- > 1) {
		swap(array, 0, count);
		sink(0, count, before, swap, array);
	}
}
