/* SPDX-License-Identifier: MIT */
/* The public functions about keys. */
#include "base/path.h"
#include "hive/hive.h"
#include "tree/handle.h"
#include "tree/index.h"
#include "tree/vk.h"

#include <string.h>

enum wh_status
whi_key_read(struct wh_key key, struct whi_nk *nk)
{
	if (!key.hive)
		return WH_E_INVALID;
	if (!whi_stale_good(&key.hive->stale, key.cell, key.generation))
		return WH_E_DELETED;
	return whi_nk_read(&key.hive->img, (cellref){ key.cell }, 0, nk);
}

struct wh_key
wh_hive_root(struct wh_hive *hive)
{
	return whi_key_handle(hive, hive->root);
}

enum wh_status
wh_key_info(struct wh_key key, struct wh_key_info *info)
{
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	*info = (struct wh_key_info){ 0 };
	if (st == WH_OK)
		whi_nk_decode(&key.hive->img, &nk, info);
	return st;
}

enum wh_status
wh_key_name(struct wh_key key, char *buf, size_t cap, size_t *len)
{
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	*len = 0;
	return st == WH_OK ? whi_name_copy(nk.name, buf, cap, len) : st;
}

enum wh_status
wh_key_class(struct wh_key key, char *buf, size_t cap, size_t *len)
{
	struct whi_nk nk;
	struct view text;
	enum wh_status st = whi_key_read(key, &nk);

	*len = 0;
	if (st == WH_OK)
		st = whi_nk_class(&key.hive->img, &nk, &text);
	if (st != WH_OK)
		return st;
	return whi_name_copy((struct whi_name){ text.at, text.len, true }, buf, cap, len);
}

enum wh_status
wh_key_security(struct wh_key key, const void **descriptor, size_t *len)
{
	struct whi_nk nk;
	struct view view = { 0 };
	enum wh_status st = whi_key_read(key, &nk);

	if (st == WH_OK)
		st = whi_nk_security(&key.hive->img, &nk, &view);
	*descriptor = view.at;
	*len = view.len;
	return st;
}

enum wh_status
wh_key_parent(struct wh_key key, struct wh_key *parent)
{
	struct whi_nk nk, above;
	enum wh_status st = whi_key_read(key, &nk);

	*parent = (struct wh_key){ 0 };
	if (st != WH_OK)
		return st;
	if (key.cell == key.hive->root.off)
		return WH_E_NO_MORE;
	st = whi_nk_read(&key.hive->img, nk.parent,
			 whi_image_where(&key.hive->img, &nk.disk->parent), &above);
	if (st == WH_OK)
		*parent = whi_key_handle(key.hive, nk.parent);
	return st;
}

/*
 * The leaf that holds element '*index' of an ri; '*index' becomes the place in it.  Leaves that
 * cannot be read have no elements; who goes on to the end hears of them there, once.
 */
static enum wh_status
leaf_at(const struct whi_image *img, const struct whi_list *ri, uint32_t *index,
	struct whi_list *leaf)
{
	enum wh_status st = ri->count < ri->stored_count ? WH_E_CORRUPT : WH_OK;

	for (uint32_t i = 0; i < ri->count; i++) {
		if (!whi_list_peek(img, whi_list_cell(ri, i), true, leaf))
			continue;
		if (*index < leaf->count)
			return WH_OK;
		*index -= leaf->count;
	}
	for (uint32_t i = 0; i < ri->count && *index == 0; i++) {
		cellref ref = { view_u32(ri->elements, i, ri->stride) };

		if (whi_list_read(img, ref,
				  whi_image_where(img, ri->elements.at + (size_t)i * ri->stride),
				  true, leaf) != WH_OK ||
		    leaf->count < leaf->stored_count)
			st = WH_E_CORRUPT;
	}
	return st == WH_OK || *index > 0 ? WH_E_NO_MORE : st;
}

enum wh_status
wh_key_subkey_at(struct wh_key key, uint32_t index, struct wh_key *subkey)
{
	struct whi_list list, leaf;
	struct whi_nk nk, child;
	cellref ref;
	enum wh_status st = whi_key_read(key, &nk);

	*subkey = (struct wh_key){ 0 };
	if (st == WH_OK && nk.subkey_count == 0)
		return WH_E_NO_MORE;
	if (st == WH_OK)
		st = whi_list_read(&key.hive->img, nk.subkey_list,
				   whi_image_where(&key.hive->img, &nk.disk->subkey_list), false,
				   &list);
	if (st == WH_OK && list.kind == WHI_LIST_RI) {
		st = leaf_at(&key.hive->img, &list, &index, &leaf);
		list = leaf;
	}
	if (st != WH_OK)
		return st;
	if (index >= list.count)
		return index == list.count && list.count < list.stored_count ? WH_E_CORRUPT
									     : WH_E_NO_MORE;
	ref = whi_list_cell(&list, index);
	st = whi_nk_read(
		&key.hive->img, ref,
		whi_image_where(&key.hive->img, list.elements.at + (size_t)index * list.stride),
		&child);
	if (st == WH_OK)
		*subkey = whi_key_handle(key.hive, ref);
	return st;
}

enum wh_status
wh_key_subkey(struct wh_key key, const char *name, size_t len, struct wh_key *subkey)
{
	struct whi_query query;
	struct whi_nk nk, found;
	enum wh_status st = whi_key_read(key, &nk);

	*subkey = (struct wh_key){ 0 };
	if (st != WH_OK)
		return st;
	st = whi_query_init(&query, &key.hive->alloc, name, len);
	if (st != WH_OK)
		return st;
	st = whi_index_find(&key.hive->img, &nk, &query, &found);
	whi_query_fini(&query, &key.hive->alloc);
	if (st == WH_OK)
		*subkey = whi_key_handle(key.hive, found.self);
	return st;
}

enum wh_status
wh_key_open(struct wh_key key, const char *path, size_t len, struct wh_key *found)
{
	enum wh_status st = WH_OK;
	const char *end, *name;
	size_t name_len;

	*found = (struct wh_key){ 0 };
	if (!key.hive)
		return WH_E_INVALID;
	if (!path) {
		path = "";
		len = 0;
	}
	if (len == WH_NTS)
		len = strlen(path);
	if (len > 0 && path[0] == '\\')
		return WH_E_BAD_PATH;
	end = path + len;
	while (st == WH_OK && path_next(&path, end, &name, &name_len))
		st = wh_key_subkey(key, name, name_len, &key);
	if (st == WH_OK)
		*found = key;
	return st;
}

enum wh_status
wh_subkeys_begin(struct wh_key key, struct wh_subkeys *it)
{
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	*it = (struct wh_subkeys){ .key = key };
	if (st != WH_OK)
		return st;
	it->budget = (uint64_t)key.hive->img.length * 2;
	it->changes = key.hive->changes;
	whi_subkeys_begin(&key.hive->img, &nk, it);
	return WH_OK;
}

enum wh_status
wh_subkeys_next(struct wh_subkeys *it, struct wh_key *subkey)
{
	struct whi_child child;
	struct whi_nk nk;
	enum wh_status st;

	*subkey = (struct wh_key){ 0 };
	if (!it->key.hive)
		return WH_E_NO_MORE;
	if (it->changes != it->key.hive->changes)
		return WH_E_DELETED;
	st = whi_subkeys_next(&it->key.hive->img, it, &child);
	if (st == WH_OK)
		st = whi_nk_read(&it->key.hive->img, child.ref, child.from, &nk);
	if (st == WH_OK)
		*subkey = whi_key_handle(it->key.hive, child.ref);
	return st;
}
