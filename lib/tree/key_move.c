/* SPDX-License-Identifier: MIT */
/* Keys with another name or another parent. */
#include "tree/handle.h"
#include "tree/index_edit.h"
#include "tree/key_edit.h"
#include "tree/subkeys.h"
#include "tree/subtree.h"

/* Tell the subkeys of a key, which say that they are below 'old', where it is now. */
static void
adopt(struct wh_hive *hive, cellref key, cellref old)
{
	const struct whi_image *img = &hive->img;
	struct wh_subkeys it = { .budget = (uint64_t)img->length * 2 };
	struct whi_child child;
	struct whi_nk nk, below;
	enum wh_status st;

	if (!whi_nk_parse(img, key, &nk)) {
		whi_edit_fail(hive->edit, WH_E_CORRUPT);
		return;
	}
	whi_subkeys_begin(img, &nk, &it);
	while ((st = whi_subkeys_next(img, &it, &child)) == WH_OK) {
		if (!whi_nk_parse(img, child.ref, &below) || below.parent.off != old.off)
			break;
		WHI_NK_SET32(hive->edit, child.ref, parent, key.off);
	}
	if (st != WH_E_NO_MORE || it.seen != nk.subkey_count)
		whi_edit_fail(hive->edit, WH_E_CORRUPT);
}

/* The same key in a new cell, with room for another name; the old one is freed. */
static cellref
change_cell(struct wh_hive *hive, cellref key, uint32_t len)
{
	struct whi_edit *e = hive->edit;
	cellref made = whi_cell_new(e, len, key);

	whi_cell_copy(e, made, 0, key, 0, sizeof(struct regf_nk));
	/* The old name may be longer than the cell. */
	WHI_NK_SET16(e, made, name_len, 0);
	adopt(hive, made, key);
	whi_key_doom(hive, key);
	whi_cell_free(e, key);
	if (key.off == hive->root.off && e->status == WH_OK)
		whi_change_root(hive, made);
	return made;
}

/* Is the cell of a key as large as one made for another name? */
static bool
keeps_cell(const struct whi_nk *nk, struct whi_name name)
{
	return nk->cell_len + REGF_CELL_HEAD ==
	       whi_cell_size((uint32_t)sizeof(struct regf_nk) + name.len);
}

/* Give a key another name; returns where it is now: where it was, if its cell keeps its size. */
static cellref
change_name(struct wh_hive *hive, const struct whi_nk *nk, struct whi_name name)
{
	struct whi_edit *e = hive->edit;
	cellref key = nk->self;

	if (!keeps_cell(nk, name))
		key = change_cell(hive, key, (uint32_t)sizeof(struct regf_nk) + name.len);
	whi_cell_write(e, key, sizeof(struct regf_nk), name.at, name.len);
	WHI_NK_SET16(e, key, name_len, (uint16_t)name.len);
	WHI_NK_SET16(
		e, key, flags,
		(uint16_t)((nk->flags & ~WH_KEY_COMP_NAME) | (name.wide ? 0 : WH_KEY_COMP_NAME)));
	WHI_NK_SET32(e, key, volatile_count, 0);
	WHI_NK_SET32(e, key, volatile_list, REGF_NIL);
	return key;
}

/* Put a key that is not the root below 'parent', which may be where it is, under a name. */
static cellref
relocate(struct wh_hive *hive, const struct whi_nk *nk, cellref parent, struct whi_name name)
{
	cellref key = nk->self;

	if (nk->parent.off == parent.off && keeps_cell(nk, name) &&
	    whi_name_compare(nk->name, name) == 0) {
		change_name(hive, nk, name);
		whi_index_replace(hive, parent, key, key);
	} else {
		whi_index_remove(hive, nk->parent, key);
		key = change_name(hive, nk, name);
		WHI_NK_SET32(hive->edit, key, parent, parent.off);
		whi_index_insert(hive, parent, key);
		whi_nk_touch(hive, nk->parent);
	}
	whi_nk_touch(hive, parent);
	whi_nk_touch(hive, key);
	return key;
}

/* Is that the name it has, to the letter? */
static bool
is_named(const struct wh_hive *hive, cellref key, struct whi_name name)
{
	struct whi_nk nk;

	return whi_nk_parse(&hive->img, key, &nk) && nk.name.wide == name.wide &&
	       nk.name.len == name.len && memcmp(nk.name.at, name.at, name.len) == 0;
}

static enum wh_status
finish(struct wh_hive *hive, cellref ref, struct wh_key *key)
{
	enum wh_status st = whi_change_end(hive);

	if (st == WH_OK)
		*key = whi_key_handle(hive, ref);
	return st;
}

enum wh_status
wh_key_rename(struct wh_key key, const char *name, size_t len, struct wh_key *renamed)
{
	struct wh_hive *hive = key.hive;
	cellref ref = { key.cell };
	struct whi_new_name stored;
	struct whi_nk nk;
	enum wh_status st;

	*renamed = (struct wh_key){ 0 };
	st = whi_key_read(key, &nk);
	if (st == WH_OK)
		st = whi_key_name_init(&stored, hive, name, len);
	if (st != WH_OK)
		return st;
	if (is_named(hive, ref, stored.name)) {
		*renamed = whi_key_handle(hive, ref);
		whi_new_name_fini(&stored, hive);
		return WH_OK;
	}
	st = whi_change_begin(key);
	if (st == WH_OK) {
		if (ref.off != hive->root.off)
			ref = relocate(hive, &nk, nk.parent, stored.name);
		else
			ref = change_name(hive, &nk, stored.name);
		whi_nk_touch(hive, ref);
		st = finish(hive, ref, renamed);
	}
	whi_new_name_fini(&stored, hive);
	return st;
}

/* Would the lowest key of a tree be too deep when its top is below 'parent'? */
static void
review_depth(struct wh_hive *hive, cellref key, cellref parent)
{
	unsigned now = whi_key_depth(hive, key, (cellref){ REGF_NIL });
	unsigned then = whi_key_depth(hive, parent, key) + 1;
	struct whi_subtree tree;
	enum wh_status st;

	if (hive->edit->status != WH_OK || then <= now)
		return;
	st = whi_subtree_read(&tree, hive, key, WHI_ALL_LEVELS);
	if (st != WH_OK)
		whi_edit_fail(hive->edit, st);
	else if (then + tree.height > WHI_DEPTH_MAX)
		whi_edit_fail(hive->edit, WH_E_TOO_BIG);
	whi_subtree_fini(&tree, hive);
}

enum wh_status
wh_key_move(struct wh_key key, struct wh_key parent, const char *name, size_t len,
	    struct wh_key *moved)
{
	struct wh_hive *hive = key.hive;
	cellref ref = { key.cell }, above = { parent.cell };
	struct whi_new_name stored;
	struct whi_nk nk, above_nk;
	enum wh_status st;

	*moved = (struct wh_key){ 0 };
	st = whi_key_read(key, &nk);
	if (st == WH_OK)
		st = whi_key_read(parent, &above_nk);
	if (st == WH_OK && hive != parent.hive)
		st = WH_E_INVALID;
	if (st == WH_OK)
		st = whi_key_name_init(&stored, hive, name, len);
	if (st != WH_OK)
		return st;
	st = whi_change_begin(key);
	if (st == WH_OK) {
		review_depth(hive, ref, above);
		ref = relocate(hive, &nk, above, stored.name);
		st = finish(hive, ref, moved);
	}
	whi_new_name_fini(&stored, hive);
	return st;
}
