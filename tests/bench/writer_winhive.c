/* SPDX-License-Identifier: MIT */
#include "bench_edit.h"

#include "winhive.h"

#include <stdlib.h>
#include <string.h>

static bool
add_key(struct wh_key parent, uint32_t index)
{
	char name[EDIT_NAME];
	struct wh_key key;
	bool created, fine;

	edit_key_name(index, name);
	fine = wh_key_create(parent, name, WH_NTS, NULL, &key, &created) == WH_OK;
	for (uint32_t v = 0; fine && v < EDIT_VALUES; v++) {
		edit_value_name(v, name);
		fine = wh_value_set_number(key, name, WH_NTS, WH_REG_DWORD, index + v) == WH_OK;
	}
	return fine;
}

static bool
create(const struct edit_job *job, double *begun)
{
	struct wh_hive *hive;
	struct wh_key parent = { 0 };
	char name[EDIT_NAME];
	bool created, fine;

	(void)begun;
	if (wh_hive_open(job->hive, NULL, &hive) != WH_OK)
		return false;
	fine = true;
	for (uint32_t i = 0; fine && i < job->count; i++) {
		if (i % job->per_parent == 0) {
			edit_parent_name(i / job->per_parent, name);
			fine = wh_key_create(wh_hive_root(hive), name, WH_NTS, NULL, &parent,
					     &created) == WH_OK;
		}
		fine = fine && add_key(parent, i);
	}
	fine = fine && wh_hive_save_as(hive, job->out, 0) == WH_OK;
	wh_hive_close(hive);
	return fine;
}

static bool
values(const struct edit_job *job, double *begun)
{
	struct wh_hive *hive;
	char name[EDIT_NAME];
	bool fine = true;

	(void)begun;
	if (wh_hive_open(job->hive, NULL, &hive) != WH_OK)
		return false;
	for (uint32_t i = 0; fine && i < job->count; i++) {
		edit_value_name(i, name);
		fine = wh_value_set_number(wh_hive_root(hive), name, WH_NTS, WH_REG_DWORD, i) ==
		       WH_OK;
	}
	fine = fine && wh_hive_save_as(hive, job->out, 0) == WH_OK;
	wh_hive_close(hive);
	return fine;
}

/* All keys of a hive, in the order of a walk. */
static struct wh_key *
all_keys(struct wh_hive *hive, uint32_t *count)
{
	struct wh_walk *walk;
	struct wh_walk_key key;
	struct wh_key *keys = NULL;
	size_t cap = 0;
	enum wh_status st = wh_walk_new(wh_hive_root(hive), &walk);

	for (*count = 0; st == WH_OK && (st = wh_walk_next(walk, &key)) == WH_OK;) {
		if (*count == cap) {
			cap = cap ? 2 * cap : 1024;
			keys = realloc(keys, cap * sizeof *keys);
			if (!keys)
				abort();
		}
		keys[(*count)++] = key.key;
	}
	wh_walk_free(walk);
	return keys;
}

static bool
one_edit(struct wh_key key, uint32_t index)
{
	struct wh_key made;
	bool created;

	switch (index % 3) {
	case 0:
		return wh_value_set_number(key, "winhive number", WH_NTS, WH_REG_DWORD, index) ==
		       WH_OK;
	case 1:
		return wh_value_set_string(key, "winhive text", WH_NTS, WH_REG_SZ,
					   "some text of the usual length", WH_NTS) == WH_OK;
	default:
		return wh_key_create(key, "winhive key", WH_NTS, NULL, &made, &created) == WH_OK;
	}
}

static bool
edit(const struct edit_job *job, double *begun)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE | WH_OPEN_TAKE_DIRTY };
	struct wh_hive *hive;
	struct wh_key *keys;
	uint32_t count;
	bool fine;

	if (wh_hive_open(job->hive, &options, &hive) != WH_OK)
		return false;
	keys = all_keys(hive, &count);
	*begun = bench_now();
	fine = keys && count > 0;
	for (uint32_t i = 0; fine && i < job->count; i++)
		fine = one_edit(keys[job->count == 1 ? count / 2 : edit_place(i, count)], i);
	fine = fine && wh_hive_commit(hive, NULL, NULL) == WH_OK;
	free(keys);
	wh_hive_close(hive);
	return fine;
}

const struct writer writer_winhive = { "winhive", create, values, edit };
