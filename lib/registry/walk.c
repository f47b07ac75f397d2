/* SPDX-License-Identifier: MIT */
/*
 * A walk over keys for callers, who may do between two keys what they like, as may other threads.
 * So a key on the way down is held by a handle, and where the walk is among its subkeys is known
 * by the name of the last: an index is only a guess where that is.
 */
#include "registry/registry.h"

#include <string.h>

enum {
	KEY_BYTES = 76,      /* that a key takes in a hive, at least */
	NAME_ROOM = 520 * 3, /* bytes, of a name that Windows loads */
	FIRST_PATH = 256,
};

/* A key on the way down. */
struct level {
	wh_hkey key;
	size_t path_len;  /* of its path */
	size_t child_len; /* the last subkey: its name follows in the path */
	size_t child_at;  /* from here */
	uint32_t index;   /* of the next one, probably */
};

struct walk {
	struct wh_reg *reg;
	uint32_t access;
	struct level *levels;
	size_t count, cap;
	char *path;
	size_t path_cap;
	uint64_t seen; /* keys */
};

static struct level *
last(struct walk *w)
{
	return &w->levels[w->count - 1];
}

/* ---------------------------------------------------------------------- with the lock */

static enum wh_status
push(struct walk *w, const struct whi_place *place, size_t path_len)
{
	const struct wh_allocator *a = &w->reg->alloc;
	struct level level = { .path_len = path_len };
	enum wh_status st;

	if (w->count == WHI_NODE_DEPTH)
		return WH_E_CORRUPT;
	if (!whi_grow(a, &w->levels, &w->cap, w->count + 1, sizeof *w->levels))
		return WH_E_MEMORY;
	st = whi_handle_new(w->reg, place, w->access, &level.key);
	if (st == WH_OK)
		w->levels[w->count++] = level;
	return st;
}

/* A key that was given to the caller may be closed by him, against the rules. */
static void
pop(struct walk *w)
{
	enum wh_status st = whi_handle_close(w->reg, w->levels[--w->count].key);

	(void)st;
}

/* Does subkey 'index' come after the last one? */
static bool
comes_after(struct walk *w, const struct whi_place *place, uint32_t index)
{
	const struct level *level = last(w);
	struct whi_place child;
	char name[NAME_ROOM];
	size_t len;

	return whi_place_child_at(place, index, &child) == WH_OK &&
	       whi_node_name(&child.node, name, sizeof name, &len) == WH_OK &&
	       whi_reg_compare(name, len, w->path + level->child_at, level->child_len) > 0;
}

/* Is the last subkey still right before the next one? */
static bool
is_settled(struct walk *w, const struct whi_place *place)
{
	const struct level *level = last(w);
	struct whi_place child;
	char name[NAME_ROOM];
	size_t len;

	if (level->index == 0 || level->child_len == 0)
		return true;
	return whi_place_child_at(place, level->index - 1, &child) == WH_OK &&
	       whi_node_name(&child.node, name, sizeof name, &len) == WH_OK &&
	       whi_reg_compare(name, len, w->path + level->child_at, level->child_len) == 0;
}

/* Find the first subkey behind the last one, after keys came or went. */
static enum wh_status
settle(struct walk *w, const struct whi_place *place)
{
	uint32_t from = 0, to, values;
	enum wh_status st = whi_place_counts(place, &to, &values);

	while (st == WH_OK && from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (comes_after(w, place, middle))
			to = middle;
		else
			from = middle + 1;
	}
	last(w)->index = from;
	return st;
}

/* No more keys than the hives have room for: lists of a damaged one may share their parts. */
static bool
is_endless(const struct walk *w)
{
	uint64_t bytes = 0;

	for (const struct whi_machine *m = w->reg->local; m; m = m->next) {
		bytes += wh_hive_size(m->master.hive);
		for (size_t i = 0; i < m->mount_count; i++) {
			struct wh_hive *hives[] = { m->mounts[i]->hive, m->mounts[i]->shadow };

			for (size_t j = 0; j < sizeof hives / sizeof *hives; j++) {
				bytes += hives[j] ? wh_hive_size(hives[j]) : 0;
			}
		}
	}
	return w->seen > bytes / KEY_BYTES;
}

static bool
path_room(struct walk *w, size_t len)
{
	return len <= w->path_cap ||
	       whi_grow(&w->reg->alloc, &w->path, &w->path_cap, len, sizeof *w->path);
}

/* Put the name of a subkey behind the path of the key. */
static enum wh_status
put_name(struct walk *w, const struct whi_node *child)
{
	struct level *level = last(w);
	size_t len;
	enum wh_status st = whi_node_name(child, NULL, 0, &len);

	if (st != WH_OK && st != WH_E_MORE_DATA)
		return st;
	level->child_at = level->path_len + (level->path_len > 0);
	if (!path_room(w, level->child_at + len + 1))
		return WH_E_MEMORY;
	if (level->path_len > 0)
		w->path[level->path_len] = '\\';
	level->child_len = len;
	return whi_node_name(child, w->path + level->child_at, len, &len);
}

/*
 * Go to the next subkey of the last key, or when there is none, up.  '*st' is what is to be told of
 * a key that cannot be opened.  WH_E_NO_MORE: there is nothing more, all is closed.
 */
static enum wh_status
advance(struct walk *w, enum wh_status *opened, size_t *path_len)
{
	struct whi_handle room, *handle;
	struct whi_place place, child;
	enum wh_status st;

	*opened = WH_OK;
	for (; w->count > 0; pop(w)) {
		st = whi_handle_get(w->reg, last(w)->key, 0, &room, &handle);
		if (st == WH_OK)
			st = whi_place_alive(&handle->place);
		if (st == WH_E_MEMORY)
			return st;
		if (st != WH_OK) /* deleted meanwhile, and so is all below it */
			continue;
		place = handle->place;
		st = is_settled(w, &place) ? WH_OK : settle(w, &place);
		if (st == WH_OK)
			st = whi_place_child_at(&place, last(w)->index, &child);
		if (st == WH_E_NO_MORE)
			continue;
		if (is_endless(w))
			return WH_E_CORRUPT;
		w->seen++;
		*path_len = last(w)->path_len;
		last(w)->index++;
		last(w)->child_len = 0;
		if (st == WH_OK)
			st = put_name(w, &child.node);
		if (st == WH_OK) {
			*path_len = last(w)->child_at + last(w)->child_len;
			st = push(w, &child, *path_len);
		}
		if (st == WH_E_MEMORY)
			return st;
		*opened = st;
		return WH_OK;
	}
	return WH_E_NO_MORE;
}

/* Open where the walk begins. */
static enum wh_status
start(struct walk *w, wh_hkey key, const char *path, size_t len)
{
	struct whi_handle room, *from;
	struct whi_place place;
	enum wh_status st = whi_handle_get(w->reg, key, 0, &room, &from);

	if (st == WH_OK)
		st = whi_place_alive(&from->place);
	if (st == WH_OK)
		st = whi_resolve(w->reg, &from->place, path, len, 0,
				 w->access & (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY), &place,
				 NULL);
	if (st == WH_OK && !path_room(w, len + FIRST_PATH))
		st = WH_E_MEMORY;
	if (st != WH_OK)
		return st;
	while (len > 0 && path[len - 1] == '\\')
		len--;
	if (len > 0)
		memcpy(w->path, path, len);
	w->path[len] = '\0';
	return push(w, &place, len);
}

static void
walk_fini(struct walk *w)
{
	while (w->count > 0)
		pop(w);
	whi_free(&w->reg->alloc, w->levels, w->cap * sizeof *w->levels);
	whi_free(&w->reg->alloc, w->path, w->path_cap);
}

/* ------------------------------------------------------------------- without the lock */

enum wh_status
wh_reg_walk(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t access,
	    wh_reg_walk_fn *fn, void *ctx)
{
	struct walk w = { .reg = reg, .access = access };
	enum wh_status st, opened = WH_OK;
	enum wh_reg_next next;
	size_t path_len;

	if (!reg || !fn)
		return WH_E_INVALID;
	if (!path)
		path = "";
	if (len == WH_NTS)
		len = strlen(path);
	whi_begin(reg);
	st = start(&w, key, path, len);
	path_len = w.count > 0 ? w.levels[0].path_len : 0;
	while (st == WH_OK) {
		wh_hkey given = opened == WH_OK ? last(&w)->key : 0;

		w.path[path_len] = '\0';
		st = whi_end(reg, WH_OK);
		next = fn(ctx, given, w.path, path_len, opened);
		whi_begin(reg);
		if (next == WH_REG_STOP)
			break;
		if (next == WH_REG_SKIP_SUBKEYS && given != 0)
			pop(&w);
		st = advance(&w, &opened, &path_len);
	}
	walk_fini(&w);
	return whi_end(reg, st == WH_E_NO_MORE ? WH_OK : st);
}
