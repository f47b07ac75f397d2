/* SPDX-License-Identifier: MIT */
/* Nodes made, deleted and renamed, and who has to know of it. */
#include "registry/registry.h"

#include <string.h>

/* Tell of all keys that were made, from the lowest to the one below 'parent'. */
static void
notify_made(const struct whi_node *parent, const struct whi_node *child)
{
	struct wh_reg *reg = parent->mount->machine->reg;
	struct whi_node node = *child;

	while (whi_node_parent(&node, &node) == WH_OK) {
		whi_notify(reg, &node, WH_REG_NOTIFY_CHANGE_NAME);
		if (whi_node_equal(node, *parent))
			break;
	}
}

enum wh_status
whi_node_create(const struct whi_node *parent, const char *name, size_t len, uint32_t options,
		const struct wh_create *how, struct whi_node *child)
{
	bool in_memory = (options & WH_REG_OPTION_VOLATILE) != 0, created;
	struct whi_mount *mount = parent->mount;
	struct wh_create copy = { 0 };
	struct wh_key above = parent->key, key;
	enum wh_status st = whi_node_alive(parent);

	*child = (struct whi_node){ 0 };
	if (st != WH_OK)
		return st;
	if (whi_node_volatile(parent) && !in_memory)
		return WH_E_MUST_BE_VOLATILE;
	if (how)
		copy = *how;
	copy.symbolic_link = (options & WH_REG_OPTION_CREATE_LINK) != 0;
	if (in_memory && !whi_node_volatile(parent))
		st = whi_anchor_make(mount, parent->key, &above);
	if (st == WH_OK)
		st = wh_key_create_path(above, name, len, &copy, &key, &created);
	if (st != WH_OK)
		return st;
	if (!created)
		return len == 0 || !name || !name[0] ? WH_E_INVALID : WH_E_EXISTS;
	*child = (struct whi_node){ mount, key };
	notify_made(parent, child);
	return WH_OK;
}

enum wh_status
whi_node_delete(const struct whi_node *node)
{
	struct whi_node parent;
	uint32_t subkeys;
	enum wh_status st = whi_node_child_count(node, &subkeys);

	if (st != WH_OK)
		return st;
	if (whi_node_is_root(node) || subkeys > 0)
		return WH_E_ACCESS;
	st = whi_node_parent(node, &parent);
	if (st == WH_OK)
		st = wh_key_delete(node->key);
	if (st != WH_OK)
		return st == WH_E_HAS_SUBKEYS ? WH_E_ACCESS : st;
	whi_anchor_drop(node->mount, node->key);
	whi_notify_deleted(node->mount->machine->reg, node);
	whi_notify(node->mount->machine->reg, &parent, WH_REG_NOTIFY_CHANGE_NAME);
	return WH_OK;
}

enum wh_status
whi_node_rename(struct whi_node *node, const char *name, size_t len)
{
	struct whi_mount *mount = node->mount;
	struct whi_node parent, sibling;
	struct wh_key fresh, renamed;
	struct wh_reg *reg;
	enum wh_status st = whi_node_alive(node);

	if (st != WH_OK)
		return st;
	if (whi_node_is_root(node))
		return WH_E_ACCESS;
	st = whi_node_parent(node, &parent);
	if (st != WH_OK)
		return st;
	if (whi_node_child(&parent, name, len, &sibling) == WH_OK)
		return WH_E_ACCESS;
	/* Handles of one key differ in their generation; those that are handed out now agree. */
	fresh = node->key;
	fresh.generation = wh_hive_root(fresh.hive).generation;
	reg = mount->machine->reg;
	whi_handles_refresh(reg, fresh);
	st = wh_key_rename(fresh, name, len, &renamed);
	if (st != WH_OK)
		return st;
	whi_handles_follow(reg, fresh, renamed);
	if (fresh.hive == mount->hive)
		whi_anchor_follow(mount, fresh, renamed);
	node->key = renamed;
	whi_notify(reg, &parent, WH_REG_NOTIFY_CHANGE_NAME);
	return WH_OK;
}
