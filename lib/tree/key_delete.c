/* SPDX-License-Identifier: MIT */
/*
 * Keys deleted: subkeys before their key, and of each its lists, values, class name, security
 * and last its own cell, which is left as Windows leaves it (docs/format.md 10.4).
 */
#include "hive/stale.h"
#include "tree/handle.h"
#include "tree/index_edit.h"
#include "tree/key_edit.h"
#include "tree/sk.h"
#include "tree/subtree.h"
#include "tree/value_edit.h"

void
whi_key_doom(struct wh_hive *hive, cellref ref)
{
	if (hive->edit->status == WH_OK && whi_stale_doom(&hive->stale, &hive->alloc, ref) != WH_OK)
		whi_edit_fail(hive->edit, WH_E_MEMORY);
}

void
whi_key_drop(struct wh_hive *hive, cellref key)
{
	struct whi_edit *e = hive->edit;
	struct whi_nk nk;

	if (!whi_nk_parse(&hive->img, key, &nk)) {
		whi_edit_fail(e, WH_E_CORRUPT);
		return;
	}
	whi_index_drop(hive, key);
	whi_values_drop(hive, key);
	if (nk.class_len > 0)
		whi_cell_free(e, nk.class_cell);
	whi_sk_release(hive, nk.security);
	WHI_NK_SET32(e, key, security, REGF_NIL);
	WHI_NK_SET32(e, key, value_count, nk.value_count);
	WHI_NK_SET32(e, key, value_list, nk.value_list.off);
	whi_key_doom(hive, key);
	whi_cell_free(e, key);
}

/* Free all keys of a tree but the first. */
static void
drop_below(struct wh_hive *hive, const struct whi_subtree *tree)
{
	for (size_t i = tree->count; i-- > 1 && hive->edit->status == WH_OK;)
		whi_key_drop(hive, tree->keys[i].key);
}

/* Unlink and free a key; what is below it is gone. */
static void
delete_key(struct wh_hive *hive, cellref key)
{
	struct whi_nk nk;

	if (!whi_nk_parse(&hive->img, key, &nk)) {
		whi_edit_fail(hive->edit, WH_E_CORRUPT);
		return;
	}
	whi_index_remove(hive, nk.parent, key);
	whi_nk_touch(hive, nk.parent);
	whi_key_drop(hive, key);
}

/* Begin a change that drops all keys below one; on success whi_change_end() is due. */
static enum wh_status
begin_below(struct wh_key key)
{
	struct wh_hive *hive = key.hive;
	struct whi_subtree tree;
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	st = whi_subtree_read(&tree, hive, (cellref){ key.cell }, WHI_ALL_LEVELS);
	if (st != WH_OK)
		whi_edit_fail(hive->edit, st);
	drop_below(hive, &tree);
	whi_subtree_fini(&tree, hive);
	return WH_OK;
}

enum wh_status
wh_key_delete(struct wh_key key)
{
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	if (st != WH_OK)
		return st;
	if (key.cell == key.hive->root.off)
		return WH_E_ACCESS;
	if (nk.subkey_count > 0)
		return WH_E_HAS_SUBKEYS;
	st = whi_change_begin(key);
	if (st != WH_OK)
		return st;
	delete_key(key.hive, nk.self);
	return whi_change_end(key.hive);
}

enum wh_status
wh_key_delete_tree(struct wh_key key)
{
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	if (st != WH_OK)
		return st;
	if (key.cell == key.hive->root.off)
		return WH_E_ACCESS;
	st = begin_below(key);
	if (st != WH_OK)
		return st;
	delete_key(key.hive, nk.self);
	return whi_change_end(key.hive);
}

enum wh_status
wh_key_empty(struct wh_key key)
{
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	if (st != WH_OK)
		return st;
	if (nk.subkey_count == 0 && nk.value_count == 0)
		return WH_OK;
	st = begin_below(key);
	if (st != WH_OK)
		return st;
	whi_values_drop(key.hive, nk.self);
	whi_index_drop(key.hive, nk.self);
	whi_nk_touch(key.hive, nk.self);
	return whi_change_end(key.hive);
}
