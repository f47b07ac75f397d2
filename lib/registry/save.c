/* SPDX-License-Identifier: MIT */
/* Keys saved as hive files of their own, and hive files put in the place of keys. */
#include "registry/registry.h"

#include <string.h>

/* ---------------------------------------------------------------------- copying */

struct buffer {
	const struct wh_allocator *a;
	char *bytes;
	size_t cap;
};

static bool
buffer_room(struct buffer *buffer, size_t need)
{
	return whi_grow(buffer->a, &buffer->bytes, &buffer->cap, need ? need : 1, 1);
}

static void
buffer_fini(struct buffer *buffer)
{
	whi_free(buffer->a, buffer->bytes, buffer->cap);
}

static enum wh_status
copy_value(struct wh_value from, struct wh_key to, struct buffer *buffer)
{
	struct wh_value_info info;
	size_t name_len, size;
	enum wh_status st = wh_value_info(from, &info);

	if (st != WH_OK)
		return st;
	st = wh_value_name(from, NULL, 0, &name_len);
	if (st != WH_OK && st != WH_E_MORE_DATA)
		return st;
	if (!buffer_room(buffer, name_len + info.size))
		return WH_E_MEMORY;
	st = wh_value_name(from, buffer->bytes, name_len, &name_len);
	if (st == WH_OK)
		st = wh_value_read(from, buffer->bytes + name_len, info.size, &size);
	return st == WH_OK ? wh_value_set(to, buffer->bytes, name_len, info.type,
					  buffer->bytes + name_len, size)
			   : st;
}

static enum wh_status
copy_values(struct wh_key from, struct wh_key to, struct buffer *buffer)
{
	enum wh_status st = WH_OK;
	struct wh_value value;

	for (uint32_t i = 0; st == WH_OK; i++) {
		st = wh_key_value_at(from, i, &value);
		if (st == WH_OK)
			st = copy_value(value, to, buffer);
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* All of them: a key that counts others than can be met is damaged. */
static enum wh_status
copy_subkeys(struct wh_key from, struct wh_key to, struct buffer *buffer)
{
	struct wh_key_info info;
	struct wh_subkeys it;
	struct wh_key subkey, copy;
	uint32_t count = 0;
	size_t len;
	enum wh_status st = wh_key_info(from, &info);

	if (st == WH_OK)
		st = wh_subkeys_begin(from, &it);
	while (st == WH_OK && (st = wh_subkeys_next(&it, &subkey)) == WH_OK) {
		count++;
		st = wh_key_name(subkey, NULL, 0, &len);
		if (st != WH_OK && st != WH_E_MORE_DATA)
			break;
		st = buffer_room(buffer, len) ? wh_key_name(subkey, buffer->bytes, len, &len)
					      : WH_E_MEMORY;
		if (st == WH_OK)
			st = wh_key_copy(subkey, to, buffer->bytes, len, WH_COPY_EXACT, &copy);
	}
	if (st == WH_E_NO_MORE)
		st = count == info.subkey_count ? WH_OK : WH_E_CORRUPT;
	return st;
}

static enum wh_status
copy_class(struct wh_key from, struct wh_key to, struct buffer *buffer)
{
	size_t len;
	enum wh_status st = wh_key_class(from, NULL, 0, &len);

	if (st != WH_OK && st != WH_E_MORE_DATA)
		return st;
	st = buffer_room(buffer, len) ? wh_key_class(from, buffer->bytes, len, &len) : WH_E_MEMORY;
	return st == WH_OK ? wh_key_set_class(to, buffer->bytes, len) : st;
}

static enum wh_status
copy_security(struct wh_key from, struct wh_key to)
{
	const void *descriptor;
	size_t len;
	enum wh_status st = wh_key_security(from, &descriptor, &len);

	return st == WH_OK ? wh_key_set_security(to, descriptor, len) : st;
}

/*
 * All that is in a key and below it into another one, which is empty and keeps its name.  Its
 * time is set last, since all before dates it.
 */
static enum wh_status
copy_content(const struct wh_allocator *a, struct wh_key from, struct wh_key to, bool subkeys)
{
	struct buffer buffer = { .a = a };
	struct wh_key_info info;
	enum wh_status st = wh_key_info(from, &info);

	if (st == WH_OK)
		st = copy_values(from, to, &buffer);
	if (st == WH_OK && subkeys)
		st = copy_subkeys(from, to, &buffer);
	if (st == WH_OK)
		st = copy_class(from, to, &buffer);
	if (st == WH_OK)
		st = copy_security(from, to);
	if (st == WH_OK)
		st = wh_key_set_flags(to, info.user_flags, info.virtual_flags);
	if (st == WH_OK)
		st = wh_key_set_time(to, info.last_written);
	buffer_fini(&buffer);
	return st;
}

/* ----------------------------------------------------------------------- saving */

/* REGISTRY, MACHINE and USER are no keys of any hive. */
static bool
is_master_root(const struct whi_node *node)
{
	const struct whi_machine *machine = node->mount->machine;

	return node->mount == &machine->master &&
	       (whi_key_equal(node->key, machine->machine_key) ||
		whi_key_equal(node->key, machine->user_key) ||
		whi_key_equal(node->key, wh_hive_root(machine->master.hive)));
}

/* The key of a handle, if it is one of a hive and not of the merged view. */
static enum wh_status
find_key(struct wh_reg *reg, wh_hkey key, struct whi_node *node)
{
	struct whi_handle room, *handle;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &handle);

	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st != WH_OK)
		return st;
	if (handle->place.merged || is_master_root(&handle->place.node))
		return WH_E_ACCESS;
	*node = handle->place.node;
	return WH_OK;
}

static bool
is_hive_root(const struct whi_node *node)
{
	return node->mount != &node->mount->machine->master &&
	       whi_key_equal(node->key, wh_hive_root(node->mount->hive));
}

/* A new hive whose root is called as the key is. */
static enum wh_status
new_hive(struct wh_reg *reg, const struct whi_node *node, uint32_t minor, struct wh_hive **hive)
{
	const struct wh_options options = { .allocator = &reg->alloc, .time = reg->options.time };
	struct wh_new how = { .minor = minor };
	size_t len;
	char *name;
	enum wh_status st = whi_node_name(node, NULL, 0, &len);

	if (st != WH_OK && st != WH_E_MORE_DATA)
		return st;
	name = whi_alloc(&reg->alloc, len);
	if (!name)
		return WH_E_MEMORY;
	st = whi_node_name(node, name, len, &how.root_name_len);
	/* An application key has no name. */
	how.root_name = len > 0 ? name : NULL;
	if (st == WH_OK)
		st = wh_hive_new(&how, &options, hive);
	whi_free(&reg->alloc, name, len);
	return st;
}

static enum wh_status
save_copy(struct wh_reg *reg, const struct whi_node *node, const char *path, uint32_t minor)
{
	struct wh_hive *hive;
	enum wh_status st = new_hive(reg, node, minor, &hive);

	if (st != WH_OK)
		return st;
	/* What is below a volatile key is volatile, too. */
	st = copy_content(&reg->alloc, node->key, wh_hive_root(hive), !whi_node_volatile(node));
	if (st == WH_OK)
		st = wh_hive_save_as(hive, path, 0);
	wh_hive_close(hive);
	return st;
}

static enum wh_status
save_key(struct wh_reg *reg, wh_hkey key, const char *path, unsigned format)
{
	enum { STANDARD_MINOR = 3, LATEST_MINOR = 5 };
	struct whi_node node;
	enum wh_status st;

	if (!path || !path[0])
		return WH_E_INVALID;
	if (format != WH_REG_STANDARD_FORMAT && format != WH_REG_LATEST_FORMAT &&
	    format != WH_REG_NO_COMPRESSION)
		return WH_E_INVALID;
	st = find_key(reg, key, &node);
	if (st == WH_OK && !whi_may_backup(reg))
		st = WH_E_PRIVILEGE;
	if (st != WH_OK)
		return st;
	if (format == WH_REG_NO_COMPRESSION)
		return is_hive_root(&node) ? wh_hive_save_as(node.mount->hive, path, 0)
					   : WH_E_INVALID;
	return save_copy(reg, &node, path,
			 format == WH_REG_STANDARD_FORMAT ? STANDARD_MINOR : LATEST_MINOR);
}

enum wh_status
wh_reg_save_key(struct wh_reg *reg, wh_hkey key, const char *path, unsigned format)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, save_key(reg, key, path, format));
}

/* -------------------------------------------------------------------- restoring */

/* Is a key somewhere below another one of the same hive? */
static bool
is_below(struct whi_node node, const struct whi_node *top)
{
	if (node.mount != top->mount || whi_node_alive(&node) != WH_OK ||
	    whi_node_equal(node, *top))
		return false;
	return whi_node_is_below(&node, top);
}

static bool
handles_below(struct wh_reg *reg, const struct whi_node *top)
{
	const struct whi_handle *handle;
	size_t at = 0;

	while ((handle = whi_handle_next(reg, &at)) != NULL)
		if (is_below(handle->place.node, top) || is_below(handle->place.other, top))
			return true;
	return false;
}

/*
 * After an undo every key is back in its cell, but handles of those that were deleted in between
 * are stale.  So before it all that are good become as fresh as there is ('from' equals 'to');
 * after it those that are as fresh as that become good again.
 */
static void
freshen(struct wh_key *key, const struct wh_hive *hive, uint32_t from, uint32_t to)
{
	struct wh_key_info info;

	if (key->hive != hive)
		return;
	if (from == to ? wh_key_info(*key, &info) != WH_E_DELETED : key->generation == from)
		key->generation = to;
}

static void
freshen_node(struct whi_node *node, const struct wh_hive *hive, uint32_t from, uint32_t to)
{
	if (node->mount)
		freshen(&node->key, hive, from, to);
}

static void
freshen_all(struct whi_mount *mount, const struct wh_hive *hive, uint32_t from, uint32_t to)
{
	struct wh_reg *reg = mount->machine->reg;
	struct whi_handle *handle;
	size_t at = 0;

	while ((handle = whi_handle_next(reg, &at)) != NULL) {
		freshen_node(&handle->place.node, hive, from, to);
		freshen_node(&handle->place.other, hive, from, to);
		freshen_node(&handle->place.opened, hive, from, to);
		freshen_node(&handle->place.user_root, hive, from, to);
		freshen_node(&handle->place.machine_root, hive, from, to);
	}
	for (size_t i = 0; i < mount->anchor_count; i++)
		freshen(&mount->anchors[i].key, hive, from, to);
}

static uint32_t
generation(struct wh_hive *hive)
{
	return wh_hive_root(hive).generation;
}

/* A transaction that takes no good handle with it when it is undone. */
static enum wh_status
begin(struct whi_mount *mount, struct wh_hive *hive, uint32_t *before)
{
	*before = generation(hive);
	freshen_all(mount, hive, *before, *before);
	return wh_hive_begin(hive);
}

/* Its end: kept, if all went well.  Returns 'st', or why it could not be kept. */
static enum wh_status
finish(struct whi_mount *mount, struct wh_hive *hive, uint32_t before, enum wh_status st)
{
	if (st == WH_OK)
		return wh_hive_end(hive);
	if (wh_hive_undo(hive) == WH_OK)
		freshen_all(mount, hive, before, generation(hive));
	return st;
}

/* Is it the anchor of a key that is emptied, or of one below? */
static bool
is_emptied(const struct whi_node *top, const struct whi_anchor *anchor)
{
	struct whi_node node = { top->mount, anchor->key };

	return whi_node_equal(node, *top) || is_below(node, top);
}

/* What is volatile in a key and below it goes. */
static enum wh_status
empty_shadow(const struct whi_node *top)
{
	enum wh_status st = WH_OK;

	for (size_t i = 0; st == WH_OK && i < top->mount->anchor_count; i++)
		if (is_emptied(top, &top->mount->anchors[i]))
			st = wh_key_empty(top->mount->anchors[i].anchor);
	return st;
}

/* The anchors of keys that are gone for good. */
static void
drop_anchors(struct whi_mount *mount)
{
	struct wh_key_info info;

	for (size_t i = mount->anchor_count; i-- > 0;)
		if (wh_key_info(mount->anchors[i].key, &info) == WH_E_DELETED)
			whi_anchor_drop(mount, mount->anchors[i].key);
}

static enum wh_status
replace_content(const struct whi_node *node, struct wh_key source)
{
	uint32_t before;
	enum wh_status st = begin(node->mount, node->key.hive, &before);

	if (st != WH_OK)
		return st;
	st = wh_key_empty(node->key);
	if (st == WH_OK)
		st = copy_content(&node->mount->machine->reg->alloc, source, node->key, true);
	return finish(node->mount, node->key.hive, before, st);
}

/* Two transactions, if there are volatile keys: that of the shadow is kept if the other one is. */
static enum wh_status
restore_from(const struct whi_node *node, struct wh_key source)
{
	struct whi_mount *mount = node->mount;
	uint32_t before;
	enum wh_status st;

	if (!mount->shadow || whi_node_volatile(node))
		return replace_content(node, source);
	st = begin(mount, mount->shadow, &before);
	if (st != WH_OK)
		return st;
	st = empty_shadow(node);
	if (st == WH_OK)
		st = replace_content(node, source);
	st = finish(mount, mount->shadow, before, st);
	if (st == WH_OK)
		drop_anchors(mount);
	return st;
}

/* Back to what the file has.  Handles that were made since the first change are stale then. */
static enum wh_status
refresh_hive(struct wh_reg *reg, const struct whi_node *node)
{
	struct whi_mount *mount = node->mount;
	struct wh_key old = wh_hive_root(mount->hive);
	enum wh_status st = WH_OK;
	uint32_t before;

	if (mount->shadow) {
		st = begin(mount, mount->shadow, &before);
		if (st == WH_OK)
			st = finish(mount, mount->shadow, before, empty_shadow(node));
	}
	if (st != WH_OK)
		return st;
	whi_handles_refresh(reg, old);
	wh_hive_discard(mount->hive);
	whi_handles_follow(reg, old, wh_hive_root(mount->hive));
	drop_anchors(mount);
	return WH_OK;
}

static enum wh_status
restore_key(struct wh_reg *reg, wh_hkey key, const char *path, unsigned flags)
{
	const unsigned known = WH_REG_WHOLE_HIVE_VOLATILE | WH_REG_REFRESH_HIVE |
			       WH_REG_NO_LAZY_FLUSH | WH_REG_FORCE_RESTORE;
	bool refresh = (flags & WH_REG_REFRESH_HIVE) != 0;
	struct whi_node node;
	struct wh_hive *file;
	enum wh_status st;

	if ((flags & ~known) || (!refresh && (!path || !path[0])))
		return WH_E_INVALID;
	if (flags & WH_REG_WHOLE_HIVE_VOLATILE)
		return WH_E_NOT_SUPPORTED;
	st = find_key(reg, key, &node);
	if (st == WH_OK && !whi_may_restore(reg))
		st = WH_E_PRIVILEGE;
	if (st == WH_OK && refresh && !is_hive_root(&node))
		st = WH_E_INVALID;
	if (st == WH_OK && !(flags & WH_REG_FORCE_RESTORE) && handles_below(reg, &node))
		st = WH_E_ACCESS;
	if (st != WH_OK || refresh)
		return st == WH_OK ? refresh_hive(reg, &node) : st;
	st = whi_mount_open(reg, path, 0, &file);
	if (st != WH_OK)
		return st;
	st = restore_from(&node, wh_hive_root(file));
	wh_hive_close(file);
	return st;
}

enum wh_status
wh_reg_restore_key(struct wh_reg *reg, wh_hkey key, const char *path, unsigned flags)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, restore_key(reg, key, path, flags));
}
