/* SPDX-License-Identifier: MIT */
/* Keys opened, made, deleted, listed and told about. */
#include "registry/registry.h"

#include <string.h>

#define VIEWS (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY)

/* A copy as winhive.h makes it, but who has no buffer only asks for the length. */
static enum wh_status
asked(enum wh_status st, const char *buf, size_t cap)
{
	return st == WH_E_MORE_DATA && !buf && cap == 0 ? WH_OK : st;
}

static bool
is_empty(const char *path, size_t len)
{
	return !path || len == 0 || (len == WH_NTS && !path[0]);
}

/* ------------------------------------------------------------------- open, create */

/* What was asked for does not matter, nor what the descriptor gives. */
static enum wh_status
open_for_backup(struct wh_reg *reg, const struct whi_place *place, wh_hkey *result)
{
	struct whi_handle *handle;
	uint32_t granted;
	enum wh_status st = whi_access_backup(reg, &granted);

	if (st == WH_OK)
		st = whi_handle_reserve(reg, &handle);
	if (st == WH_OK)
		*result = whi_handle_add(reg, handle, place, granted);
	return st;
}

static enum wh_status
open_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t options,
	 uint32_t access, wh_hkey *result)
{
	unsigned flags = options & WH_REG_OPTION_OPEN_LINK ? WHI_RESOLVE_OPEN_LINK : 0u;
	struct whi_handle room, *from;
	struct whi_place place;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &from);

	if (st != WH_OK)
		return st;
	if (whi_is_predefined(key) && is_empty(path, len)) {
		*result = key;
		return WH_OK;
	}
	st = whi_place_alive(&from->place);
	if (st == WH_OK)
		st = whi_resolve(reg, &from->place, path, len, flags, access & VIEWS, &place, NULL);
	if (st == WH_OK && (options & WH_REG_OPTION_BACKUP_RESTORE))
		return open_for_backup(reg, &place, result);
	return st == WH_OK ? whi_handle_new(reg, &place, access, result) : st;
}

enum wh_status
wh_reg_open_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t options,
		uint32_t access, wh_hkey *result)
{
	const uint32_t known = WH_REG_OPTION_OPEN_LINK | WH_REG_OPTION_BACKUP_RESTORE |
			       WH_REG_OPTION_DONT_VIRTUALIZE;

	if (result)
		*result = 0;
	if (!reg || !result || (options & ~known) || (access & VIEWS) == VIEWS)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, open_key(reg, key, path, len, options, access, result));
}

/* What a new handle to a key may be used for: to one that was made just now, all that was asked. */
static enum wh_status
grant(struct wh_reg *reg, const struct whi_place *place, bool created, uint32_t *access)
{
	uint32_t granted;
	enum wh_status st = whi_access_check(reg, &place->node, *access, &granted);

	if (st == WH_OK)
		*access = granted;
	else if (created && (*access & WH_ACCESS_MAXIMUM_ALLOWED))
		*access = WH_KEY_ALL_ACCESS;
	return created ? WH_OK : st;
}

/* All that can fail comes before the key is made. */
static enum wh_status
create_key(struct wh_reg *reg, const struct whi_handle *from, const char *path, size_t len,
	   uint32_t options, uint32_t access, const struct wh_create *how, wh_hkey *result,
	   bool *created)
{
	struct whi_handle *handle;
	struct whi_place place;
	bool backup = options & WH_REG_OPTION_BACKUP_RESTORE;
	uint32_t mapped;
	enum wh_status st =
		backup ? whi_access_backup(reg, &mapped) : whi_access_map(access, &mapped);

	if (st == WH_OK)
		st = whi_place_alive(&from->place);
	if (st == WH_OK)
		st = whi_handle_reserve(reg, &handle);
	if (st != WH_OK)
		return st;
	st = whi_place_create(reg, &from->place, path, len, options, access & VIEWS, how, &place,
			      created);
	if (st == WH_OK && !backup)
		st = grant(reg, &place, *created, &mapped);
	if (st == WH_OK)
		*result = whi_handle_add(reg, handle, &place, mapped);
	else
		whi_handle_forget(reg, handle);
	return st;
}

static enum wh_status
create(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t options,
       uint32_t access, const struct wh_create *how, wh_hkey *result, bool *created)
{
	struct whi_handle room, *from;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &from);

	if (st != WH_OK)
		return st;
	if (!whi_is_predefined(key) || !is_empty(path, len))
		return create_key(reg, from, path, len, options, access, how, result, created);
	if (options & WH_REG_OPTION_CREATE_LINK)
		return WH_E_EXISTS;
	*result = key;
	return WH_OK;
}

enum wh_status
wh_reg_create_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t options,
		  uint32_t access, const struct wh_create *how, wh_hkey *result,
		  enum wh_reg_disposition *disposition)
{
	bool created = false;
	enum wh_status st;

	if (result)
		*result = 0;
	if (disposition)
		*disposition = 0;
	if (!reg)
		return WH_E_INVALID;
	if (!result)
		return WH_E_BAD_KEY;
	if ((options & ~(uint32_t)WH_REG_LEGAL_OPTION) || (access & VIEWS) == VIEWS)
		return WH_E_INVALID;
	whi_begin(reg);
	st = create(reg, key, path, len, options, access, how, result, &created);
	if (st == WH_OK && disposition)
		*disposition = created ? WH_REG_CREATED_NEW_KEY : WH_REG_OPENED_EXISTING_KEY;
	return whi_end(reg, st);
}

/* ------------------------------------------------------------------------- delete */

static enum wh_status
delete_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t view)
{
	struct whi_handle room, *from;
	struct whi_place place;
	uint32_t granted;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &from);

	if (st != WH_OK)
		return st;
	st = whi_place_alive(&from->place);
	if (st == WH_E_DELETED && is_empty(path, len))
		return WH_OK;
	if (st == WH_OK)
		st = whi_resolve(reg, &from->place, path, len, 0, view, &place, NULL);
	if (st == WH_OK)
		st = whi_access_check(reg, &place.node, WH_ACCESS_DELETE, &granted);
	return st == WH_OK ? whi_node_delete(&place.node) : st;
}

enum wh_status
wh_reg_delete_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t access)
{
	if (!reg || !path || (access & VIEWS) == VIEWS)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, delete_key(reg, key, path, len, access & VIEWS));
}

/* -------------------------------------------------------------------- enumeration */

static enum wh_status
child_at(const struct whi_place *place, uint32_t index, struct whi_place *child)
{
	return place->merged ? whi_place_child_at(place, index, child)
			     : whi_node_child_at(&place->node, index, &child->node);
}

static enum wh_status
enum_key(struct wh_reg *reg, wh_hkey key, uint32_t index, char *buf, size_t cap, size_t *len,
	 uint64_t *last_written)
{
	struct whi_handle room, *handle;
	struct whi_place child;
	struct wh_key_info info;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_ENUMERATE_SUB_KEYS, &room, &handle);

	if (st == WH_OK)
		st = child_at(&handle->place, index, &child);
	if (st == WH_OK && last_written) {
		st = wh_key_info(child.node.key, &info);
		*last_written = info.last_written;
	}
	return st == WH_OK ? whi_node_name(&child.node, buf, cap, len) : st;
}

enum wh_status
wh_reg_enum_key(struct wh_reg *reg, wh_hkey key, uint32_t index, char *buf, size_t cap, size_t *len,
		uint64_t *last_written)
{
	if (len)
		*len = 0;
	if (last_written)
		*last_written = 0;
	if (!reg || !len || (!buf && cap > 0))
		return WH_E_INVALID;
	whi_begin(reg);
	return asked(whi_end(reg, enum_key(reg, key, index, buf, cap, len, last_written)), buf,
		     cap);
}

/* -------------------------------------------------------------------- information */

static uint32_t
max32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* What the subkeys of a key are like, wherever they are kept. */
static void
add_subkeys(const struct wh_key_info *key, struct wh_reg_info *info)
{
	info->max_subkey_len = max32(info->max_subkey_len, key->max_name_len / 2u);
	info->max_class_len = max32(info->max_class_len, key->max_class_len / 2u);
}

/* Maxima over one side of a place. */
static enum wh_status
add_node(const struct whi_node *node, struct wh_reg_info *info)
{
	struct wh_key_info key;
	struct wh_key anchor;
	enum wh_status st = wh_key_info(node->key, &key);

	if (st != WH_OK)
		return st;
	add_subkeys(&key, info);
	info->max_value_name_len = max32(info->max_value_name_len, key.max_value_name_len / 2u);
	info->max_value_len = max32(info->max_value_len, key.max_value_len);
	if (whi_anchor_of(node->mount, node->key, &anchor) && wh_key_info(anchor, &key) == WH_OK)
		add_subkeys(&key, info);
	return WH_OK;
}

static enum wh_status
query_info(struct wh_reg *reg, wh_hkey key, struct wh_reg_info *info)
{
	struct whi_handle room, *handle;
	const struct whi_place *place;
	const void *descriptor;
	struct wh_key_info own;
	size_t len;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_QUERY_VALUE, &room, &handle);

	if (st != WH_OK)
		return st;
	place = &handle->place;
	st = whi_place_alive(place);
	if (st == WH_OK)
		st = whi_place_counts(place, &info->subkeys, &info->values);
	if (st == WH_OK)
		st = add_node(&place->node, info);
	if (st == WH_OK && place->other.mount)
		st = add_node(&place->other, info);
	if (st == WH_OK)
		st = wh_key_info(place->node.key, &own);
	if (st != WH_OK)
		return st;
	info->class_len = own.class_len / 2u;
	info->last_written = own.last_written;
	st = wh_key_security(place->node.key, &descriptor, &len);
	info->security_len = (uint32_t)len;
	return st;
}

enum wh_status
wh_reg_query_info_key(struct wh_reg *reg, wh_hkey key, struct wh_reg_info *info)
{
	struct wh_reg_info found = { 0 };
	enum wh_status st;

	if (info)
		*info = found;
	if (!reg || !info)
		return WH_E_INVALID;
	whi_begin(reg);
	st = query_info(reg, key, &found);
	if (st == WH_OK)
		*info = found;
	return whi_end(reg, st);
}

static enum wh_status
query_class(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap, size_t *len)
{
	struct whi_handle room, *handle;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_QUERY_VALUE, &room, &handle);

	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	return st == WH_OK ? wh_key_class(handle->place.node.key, buf, cap, len) : st;
}

enum wh_status
wh_reg_query_class(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap, size_t *len)
{
	if (len)
		*len = 0;
	if (!reg || !len || (!buf && cap > 0))
		return WH_E_INVALID;
	whi_begin(reg);
	return asked(whi_end(reg, query_class(reg, key, buf, cap, len)), buf, cap);
}

/* -------------------------------------------------------------------- where it is */

static enum wh_status
hive_key(struct wh_reg *reg, wh_hkey key, struct wh_key *found)
{
	struct whi_handle room, *handle;
	const struct whi_node *node;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &handle);

	if (st != WH_OK)
		return st;
	node = &handle->place.node;
	st = whi_node_alive(node);
	if (st == WH_OK && whi_node_volatile(node))
		st = WH_E_NOT_SUPPORTED;
	if (st == WH_OK)
		*found = node->key;
	return st;
}

enum wh_status
wh_reg_hive_key(struct wh_reg *reg, wh_hkey key, struct wh_key *found)
{
	if (found)
		*found = (struct wh_key){ 0 };
	if (!reg || !found)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, hive_key(reg, key, found));
}
