/* SPDX-License-Identifier: MIT */
/* Keys with all that is below them: deleted, and renamed. */
#include "registry/registry.h"

#include <string.h>

#define VIEWS (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY)

static size_t
text_len(const char *text, size_t len)
{
	return !text ? 0 : len == WH_NTS ? strlen(text) : len;
}

/* ---------------------------------------------------------------------- delete_tree */

/*
 * The keys from where a deletion began down to the one in hand.  They are kept, since what a key
 * says of its parent may be wrong, and what is deleted must be below the first.
 */
struct chain {
	struct wh_reg *reg;
	struct whi_node *nodes;
	size_t count, cap;
};

static void
chain_fini(struct chain *c)
{
	whi_free(&c->reg->alloc, c->nodes, c->cap * sizeof *c->nodes);
}

static enum wh_status
push(struct chain *c, struct whi_node node)
{
	if (c->count == WHI_NODE_DEPTH)
		return WH_E_CORRUPT;
	if (!whi_grow(&c->reg->alloc, &c->nodes, &c->cap, c->count + 1, sizeof *c->nodes))
		return WH_E_MEMORY;
	c->nodes[c->count++] = node;
	return WH_OK;
}

static enum wh_status
delete_last(struct chain *c)
{
	const struct whi_node *node = &c->nodes[c->count - 1];
	uint32_t granted;
	enum wh_status st = whi_access_check(c->reg, node, WH_ACCESS_DELETE, &granted);

	if (st == WH_OK)
		st = whi_node_delete(node);
	if (st == WH_OK)
		c->count--;
	return st;
}

/*
 * Delete all keys below the only one of a chain.  When it fails the chain ends with the key that
 * is the reason.  The root of a hive is one before anything below it is touched.
 */
static enum wh_status
delete_below(struct chain *c)
{
	struct whi_node child;
	enum wh_status st = WH_OK;

	while (st == WH_OK) {
		st = whi_node_child_at(&c->nodes[c->count - 1], 0, &child);
		if (st == WH_OK) {
			st = push(c, child);
			if (st == WH_OK && whi_node_is_root(&child))
				return WH_E_ACCESS;
		} else if (st == WH_E_NO_MORE) {
			if (c->count == 1)
				return WH_OK;
			st = delete_last(c);
		}
	}
	return st;
}

/* A key without subkeys loses its values. */
static enum wh_status
delete_values(struct wh_reg *reg, const struct whi_node *node)
{
	struct wh_key_info info;
	enum wh_status st = wh_key_info(node->key, &info);

	if (st != WH_OK || info.value_count == 0)
		return st;
	st = wh_key_empty(node->key);
	if (st == WH_OK)
		whi_notify(reg, node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return st;
}

/* Delete a key with all below it, or only what is in it. */
static enum wh_status
delete_node(struct chain *c, const struct whi_node *node, bool itself)
{
	enum wh_status st;

	c->count = 0;
	st = push(c, *node);
	if (st == WH_OK && itself && whi_node_is_root(node))
		st = WH_E_ACCESS;
	if (st == WH_OK)
		st = delete_below(c);
	if (st == WH_OK)
		st = itself ? delete_last(c) : delete_values(c->reg, node);
	return st;
}

/* Where the path of a key that could not be deleted goes. */
struct report {
	char *buf;
	size_t cap, *len;
};

/* Copy text to 'buf', unless that is NULL; '*at' moves past it. */
static void
put(char *buf, size_t *at, const char *text, size_t len)
{
	if (buf && len > 0)
		memcpy(buf + *at, text, len);
	*at += len;
}

/* 'path', and the names of a chain but for its first; the length, if 'buf' is NULL. */
static size_t
put_chain(const struct chain *c, const char *path, size_t path_len, char *buf)
{
	size_t at = 0, len;

	while (path_len > 0 && path[path_len - 1] == '\\')
		path_len--;
	put(buf, &at, path, path_len);
	for (size_t i = 1; i < c->count; i++) {
		enum wh_status st = whi_node_name(&c->nodes[i], NULL, 0, &len);

		if (at > 0)
			put(buf, &at, "\\", 1);
		if (buf && len > 0)
			st = whi_node_name(&c->nodes[i], buf + at, len, &len);
		(void)st; /* a name that cannot be read is empty */
		at += len;
	}
	return at;
}

/* A buffer that is too small is left alone. */
static void
tell(struct report report, const struct chain *c, const char *path, size_t path_len)
{
	size_t len = put_chain(c, path, path_len, NULL);

	if (report.len)
		*report.len = len;
	if (len > 0 && len <= report.cap)
		put_chain(c, path, path_len, report.buf);
}

static enum wh_status
delete_tree(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, struct report report)
{
	const uint32_t to_empty = WH_KEY_ENUMERATE_SUB_KEYS | WH_KEY_SET_VALUE;
	struct chain c = { .reg = reg };
	struct whi_handle room, *from;
	struct whi_place place;
	enum wh_status st = whi_handle_get(reg, key, len > 0 ? 0 : to_empty, &room, &from);

	if (st == WH_OK)
		st = whi_place_alive(&from->place);
	if (st == WH_OK)
		st = whi_resolve(reg, &from->place, path, len, 0, 0, &place, NULL);
	if (st != WH_OK)
		return st;
	st = delete_node(&c, &place.node, len > 0);
	if (st == WH_OK && place.other.mount)
		st = delete_node(&c, &place.other, len > 0);
	if (st != WH_OK)
		tell(report, &c, path, len);
	chain_fini(&c);
	return st;
}

enum wh_status
wh_reg_delete_tree(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, char *failed,
		   size_t cap, size_t *failed_len)
{
	struct report report = { failed, failed ? cap : 0, failed_len };

	if (failed_len)
		*failed_len = 0;
	if (!reg)
		return WH_E_INVALID;
	len = text_len(path, len);
	whi_begin(reg);
	return whi_end(reg, delete_tree(reg, key, path, len, report));
}

/* -------------------------------------------------------------------------- rename */

static enum wh_status
rename_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *name,
	   size_t name_len)
{
	struct whi_handle room, *from;
	struct whi_place place;
	uint32_t granted;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_WRITE, &room, &from);

	if (st == WH_OK)
		st = whi_place_alive(&from->place);
	if (st == WH_OK)
		st = whi_resolve(reg, &from->place, path, len, 0, 0, &place, NULL);
	if (st == WH_OK && len > 0)
		st = whi_access_check(reg, &place.node, WH_KEY_WRITE, &granted);
	if (st != WH_OK)
		return st;
	/* That the key is missing is said before that its new name is. */
	return name_len > 0 ? whi_node_rename(&place.node, name, name_len) : WH_E_INVALID;
}

enum wh_status
wh_reg_rename_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *name,
		  size_t name_len)
{
	if (!reg || (key == 0 && !path && !name))
		return WH_E_INVALID;
	len = text_len(path, len);
	name_len = text_len(name, name_len);
	whi_begin(reg);
	return whi_end(reg, rename_key(reg, key, path, len, name, name_len));
}
