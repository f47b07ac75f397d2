/* SPDX-License-Identifier: MIT */
/* What a key is called: the names of Windows for a place in the namespace. */
#include "registry/registry.h"

#include <string.h>

static const char *const predefined_names[] = {
	"HKEY_CLASSES_ROOT",     "HKEY_CURRENT_USER",
	"HKEY_LOCAL_MACHINE",    "HKEY_USERS",
	"HKEY_PERFORMANCE_DATA", "HKEY_CURRENT_CONFIG",
	"HKEY_DYN_DATA",         "HKEY_CURRENT_USER_LOCAL_SETTINGS",
};

/* A path in two parts, the second of which is lent. */
struct parts {
	const char *root, *below;
	size_t below_len;
};

/* Copy a path; who has no buffer only asks for the length. */
static enum wh_status
give(struct parts parts, char *buf, size_t cap, size_t *len)
{
	size_t root_len = strlen(parts.root);

	*len = root_len + parts.below_len;
	if (*len > cap)
		return buf || cap > 0 ? WH_E_MORE_DATA : WH_OK;
	memcpy(buf, parts.root, root_len);
	if (parts.below_len > 0)
		memcpy(buf + root_len, parts.below, parts.below_len);
	return WH_OK;
}

/* Does a path lead to or below another one, both as whi_node_path() writes them? */
static bool
is_below(const char *path, size_t len, const char *top, size_t top_len)
{
	return len >= top_len && memcmp(path, top, top_len) == 0 &&
	       (len == top_len || path[top_len] == '\\');
}

static struct parts
plain_parts(const char *path, size_t len)
{
	static const struct {
		const char *path, *root;
	} roots[] = {
		{ "\\REGISTRY\\MACHINE", "HKEY_LOCAL_MACHINE" },
		{ "\\REGISTRY\\USER", "HKEY_USERS" },
	};

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		size_t top = strlen(roots[i].path);

		if (is_below(path, len, roots[i].path, top))
			return (struct parts){ roots[i].root, path + top, len - top };
	}
	return (struct parts){ "", path, len };
}

/* Of a merged key: what comes below the side that it is on. */
static enum wh_status
merged_parts(const struct whi_place *place, const char *path, size_t len, struct parts *parts)
{
	const struct whi_node *sides[] = { &place->user_root, &place->machine_root };

	*parts = plain_parts(path, len);
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		enum wh_status st = WH_E_DELETED;
		char *top;
		size_t top_len;

		if (sides[i]->mount)
			st = whi_node_path(sides[i], &top, &top_len);
		if (st == WH_E_MEMORY)
			return st;
		if (st != WH_OK)
			continue;
		if (is_below(path, len, top, top_len))
			*parts = (struct parts){ predefined_names[0], path + top_len,
						 len - top_len };
		whi_free(&place->node.mount->machine->reg->alloc, top, top_len + 1);
	}
	return WH_OK;
}

static enum wh_status
key_path(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap, size_t *len)
{
	struct whi_handle room, *handle;
	const struct whi_place *place;
	struct parts parts = { 0 };
	char *path;
	size_t path_len;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &handle);

	if (st != WH_OK)
		return st;
	if (whi_is_predefined(key)) {
		parts.root = predefined_names[key - WH_HKEY_CLASSES_ROOT];
		return give(parts, buf, cap, len);
	}
	place = &handle->place;
	st = whi_place_alive(place);
	if (st == WH_OK)
		st = whi_node_path(&place->node, &path, &path_len);
	if (st != WH_OK)
		return st;
	if (place->merged)
		st = merged_parts(place, path, path_len, &parts);
	else
		parts = plain_parts(path, path_len);
	if (st == WH_OK)
		st = give(parts, buf, cap, len);
	whi_free(&reg->alloc, path, path_len + 1);
	return st;
}

enum wh_status
wh_reg_key_path(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap, size_t *len)
{
	if (len)
		*len = 0;
	if (!reg || !len || (!buf && cap > 0))
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, key_path(reg, key, buf, cap, len));
}
