/* SPDX-License-Identifier: MIT */
/* Nodes: keys where they are in the namespace, whichever hive they are in. */
#include "registry/registry.h"

#include "base/upcase.h"
#include "base/utf.h"

#include <string.h>

enum {
	/* Of a name that can be made, and what Windows loads beyond it, in UTF-8. */
	NAME_ROOM = 520 * WHI_UTF8_PER_UNIT,
};

static const char link_value[] = "SymbolicLinkValue";

/* --------------------------------------------------------------------- what it is */

static bool
is_master(const struct whi_mount *mount)
{
	return mount == &mount->machine->master;
}

static bool
is_root_cell(struct wh_key key)
{
	return key.cell == wh_hive_root(key.hive).cell;
}

bool
whi_node_volatile(const struct whi_node *node)
{
	return node->mount && (is_master(node->mount) || node->key.hive == node->mount->shadow);
}

bool
whi_node_is_root(const struct whi_node *node)
{
	const struct whi_machine *machine;

	if (!node->mount || node->key.hive == node->mount->shadow)
		return false;
	machine = node->mount->machine;
	return is_root_cell(node->key) || whi_key_equal(node->key, machine->machine_key) ||
	       whi_key_equal(node->key, machine->user_key);
}

enum wh_status
whi_node_alive(const struct whi_node *node)
{
	struct wh_key_info info;

	return node->mount ? wh_key_info(node->key, &info) : WH_E_DELETED;
}

/* The node of a key of the hive of a mount; in the master hive it may stand for a mounted one. */
static struct whi_node
node_of(struct whi_mount *mount, struct wh_key key)
{
	struct whi_mount *below = NULL;

	if (is_master(mount))
		below = whi_mount_of_point(mount->machine, key);
	if (below)
		return (struct whi_node){ below, wh_hive_root(below->hive) };
	return (struct whi_node){ mount, key };
}

/* ------------------------------------------------------------------------ children */

enum wh_status
whi_node_child(const struct whi_node *node, const char *name, size_t len, struct whi_node *child)
{
	struct whi_mount *mount = node->mount;
	struct wh_key key, anchor;
	enum wh_status st = mount ? wh_key_subkey(node->key, name, len, &key) : WH_E_DELETED;

	if (st == WH_OK) {
		*child = node_of(mount, key);
		return WH_OK;
	}
	/* If some of its subkeys cannot be read, it may still be one of the others. */
	if ((st == WH_E_NOT_FOUND || st == WH_E_CORRUPT) &&
	    whi_anchor_of(mount, node->key, &anchor) &&
	    wh_key_subkey(anchor, name, len, &key) == WH_OK) {
		*child = (struct whi_node){ mount, key };
		return WH_OK;
	}
	*child = (struct whi_node){ 0 };
	return st;
}

/* Is subkey number 'i' of a key before a name?  One that cannot be read is. */
static bool
is_before(struct wh_key key, uint32_t i, const char *name, size_t len)
{
	char buf[NAME_ROOM];
	struct wh_key subkey;
	size_t own;

	return wh_key_subkey_at(key, i, &subkey) != WH_OK ||
	       wh_key_name(subkey, buf, sizeof buf, &own) != WH_OK ||
	       whi_reg_compare(buf, own, name, len) < 0;
}

/*
 * Where volatile subkey 'i' is among all subkeys of a key, of which 'count' are not volatile: < 0
 * before number 'index', 0 there, > 0 after it.  It is there if 'index' - 'i' of those that are not
 * volatile are before it, so that two of them tell.
 */
static int
compare_place(struct wh_key key, uint32_t count, struct wh_key anchor, uint32_t i, uint32_t index)
{
	uint32_t before = index - i;
	char name[NAME_ROOM];
	struct wh_key subkey;
	size_t len;

	if (i > index)
		return 1;
	if (before > count)
		return -1;
	if (wh_key_subkey_at(anchor, i, &subkey) != WH_OK ||
	    wh_key_name(subkey, name, sizeof name, &len) != WH_OK)
		return before < count ? 1 : 0; /* what cannot be read comes last */
	if (before > 0 && !is_before(key, before - 1, name, len))
		return -1;
	return before < count && is_before(key, before, name, len) ? 1 : 0;
}

/*
 * Subkey 'index' of those of a key and of its anchor, which are both in order: the volatile one
 * that is there, or else the first after it, is found by halving.
 */
static enum wh_status
merged_at(const struct whi_node *node, struct wh_key anchor, uint32_t index, struct wh_key *child)
{
	struct wh_key_info own, volatiles;
	uint32_t from = 0, to;
	enum wh_status st = wh_key_info(node->key, &own);

	if (st == WH_OK)
		st = wh_key_info(anchor, &volatiles);
	if (st != WH_OK)
		return st;
	for (to = volatiles.subkey_count; from < to;) {
		uint32_t middle = from + (to - from) / 2;
		int at = compare_place(node->key, own.subkey_count, anchor, middle, index);

		if (at == 0)
			return wh_key_subkey_at(anchor, middle, child);
		if (at < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return wh_key_subkey_at(node->key, index - from, child);
}

enum wh_status
whi_node_child_at(const struct whi_node *node, uint32_t index, struct whi_node *child)
{
	struct whi_mount *mount = node->mount;
	struct wh_key key, anchor;
	enum wh_status st = WH_E_DELETED;

	if (mount && whi_anchor_of(mount, node->key, &anchor))
		st = merged_at(node, anchor, index, &key);
	else if (mount)
		st = wh_key_subkey_at(node->key, index, &key);
	*child = st == WH_OK ? node_of(mount, key) : (struct whi_node){ 0 };
	return st;
}

enum wh_status
whi_node_child_count(const struct whi_node *node, uint32_t *count)
{
	struct wh_key_info info;
	struct wh_key anchor;
	enum wh_status st = node->mount ? wh_key_info(node->key, &info) : WH_E_DELETED;

	*count = 0;
	if (st != WH_OK)
		return st;
	*count = info.subkey_count;
	if (whi_anchor_of(node->mount, node->key, &anchor)) {
		st = wh_key_info(anchor, &info);
		*count += info.subkey_count;
	}
	return st;
}

/* ------------------------------------------------------------------------- parents */

enum wh_status
whi_node_parent(const struct whi_node *node, struct whi_node *parent)
{
	struct whi_mount *mount = node->mount, *master;
	struct wh_key key, above;
	enum wh_status st = mount ? wh_key_parent(node->key, &key) : WH_E_DELETED;

	if (st == WH_E_NO_MORE && mount->point.cell != WH_NO_CELL) {
		master = &mount->machine->master;
		st = wh_key_parent(mount->point, &key);
		mount = master;
	} else if (st == WH_OK && key.hive == mount->shadow && whi_anchor_key(mount, key, &above)) {
		key = above;
	}
	*parent = st == WH_OK ? (struct whi_node){ mount, key } : (struct whi_node){ 0 };
	return st;
}

bool
whi_node_is_below(const struct whi_node *node, const struct whi_node *top)
{
	struct whi_node at = *node;

	for (unsigned i = 0; i < WHI_NODE_DEPTH && whi_node_parent(&at, &at) == WH_OK; i++)
		if (whi_node_equal(at, *top))
			return true;
	return false;
}

enum wh_status
whi_node_name(const struct whi_node *node, char *buf, size_t cap, size_t *len)
{
	struct wh_key key = node->key;
	enum wh_status st;

	*len = 0;
	st = whi_node_alive(node);
	if (st != WH_OK)
		return st;
	if (node->mount->point.cell != WH_NO_CELL && key.hive == node->mount->hive &&
	    is_root_cell(key))
		key = node->mount->point;
	return wh_key_name(key, buf, cap, len);
}

/*
 * A path is written from its end, when its length is known.  Windows has application keys at
 * \REGISTRY\A, where nobody can go by a path.
 */
static const char app_prefix[] = "\\REGISTRY\\A";

/* Length of the path of a node, if 'path' is NULL; else it is written to end there. */
static enum wh_status
write_path(struct whi_node node, char *path, size_t *len)
{
	enum wh_status st = WH_OK;
	size_t at = path ? *len : 0, name_len;

	for (unsigned depth = 0; st == WH_OK && depth < WHI_NODE_DEPTH; depth++) {
		st = whi_node_name(&node, NULL, 0, &name_len);
		if (st != WH_OK && st != WH_E_MORE_DATA)
			return st;
		if (path) {
			at -= name_len + 1;
			path[at] = '\\';
			st = whi_node_name(&node, path + at + 1, name_len, &name_len);
			if (st != WH_OK)
				return st;
		} else {
			at += name_len + 1;
		}
		st = whi_node_parent(&node, &node);
	}
	if (st == WH_OK)
		return WH_E_CORRUPT;
	if (!path)
		*len = at;
	return st == WH_E_NO_MORE ? WH_OK : st;
}

enum wh_status
whi_node_path(const struct whi_node *node, char **path, size_t *len)
{
	const struct wh_allocator *a;
	size_t size, before = 0;
	enum wh_status st = whi_node_alive(node);

	*path = NULL;
	*len = 0;
	if (st == WH_OK)
		st = write_path(*node, NULL, &size);
	if (st != WH_OK)
		return st;
	if (node->mount->point.cell == WH_NO_CELL && !is_master(node->mount))
		before = sizeof app_prefix - 1;
	a = &node->mount->machine->reg->alloc;
	*path = whi_alloc(a, before + size + 1);
	if (!*path)
		return WH_E_MEMORY;
	memcpy(*path, app_prefix, before);
	*len = before + size;
	(*path)[*len] = '\0';
	st = write_path(*node, *path, len);
	if (st != WH_OK) {
		whi_free(a, *path, before + size + 1);
		*path = NULL;
		*len = 0;
	}
	return st;
}

/* --------------------------------------------------------------------------- names */

/* The next unit of a name, upper case; what is not UTF-8 is taken byte by byte. */
static bool
next_unit(const char **at, const char *end, uint16_t *low, uint16_t *unit)
{
	uint32_t code;

	if (*low) {
		*unit = *low;
		*low = 0;
		return true;
	}
	if (*at == end)
		return false;
	if (!whi_utf8_next(at, end, &code))
		code = (uint8_t) * (*at)++;
	if (code >= 0x10000) {
		*low = (uint16_t)(0xdc00 + (code & 0x3ff));
		code = 0xd7c0 + (code >> 10);
	}
	*unit = whi_upcase((uint16_t)code);
	return true;
}

int
whi_reg_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len, *b_end = b + b_len;
	uint16_t a_low = 0, b_low = 0, x = 0, y = 0;

	/* Nearly all names are ASCII. */
	for (; a < a_end && b < b_end && (unsigned char)*a < 0x80 && (unsigned char)*b < 0x80;
	     a++, b++) {
		x = whi_upcase((unsigned char)*a);
		y = whi_upcase((unsigned char)*b);
		if (x != y)
			return x < y ? -1 : 1;
	}
	for (;;) {
		bool more_a = next_unit(&a, a_end, &a_low, &x);
		bool more_b = next_unit(&b, b_end, &b_low, &y);

		if (!more_a || !more_b)
			return more_a - more_b;
		if (x != y)
			return x < y ? -1 : 1;
	}
}

/* --------------------------------------------------------------------------- links */

bool
whi_node_is_link(const struct whi_node *node)
{
	struct wh_key_info info;

	return node->mount && wh_key_info(node->key, &info) == WH_OK &&
	       (info.flags & WH_KEY_SYM_LINK) != 0;
}

/* UTF-8 of the data of a value, which has 'size' bytes. */
static enum wh_status
read_target(const struct wh_allocator *a, struct wh_value value, size_t size, char **target,
	    size_t *len)
{
	uint8_t *bytes = whi_alloc(a, size);
	struct view text = { bytes, (uint32_t)(size / 2 * 2) };
	size_t read;
	enum wh_status st = bytes ? wh_value_read(value, bytes, size, &read) : WH_E_MEMORY;

	if (st == WH_OK) {
		*len = whi_utf8_len_utf16(text);
		*target = whi_alloc(a, *len + 1);
		st = *target ? WH_OK : WH_E_MEMORY;
	}
	if (st == WH_OK)
		(*target)[whi_utf8_from_utf16(text, *target)] = '\0';
	else
		*len = 0;
	whi_free(a, bytes, size);
	return st;
}

enum wh_status
whi_node_link(const struct whi_node *node, char **target, size_t *len)
{
	struct wh_value_info info;
	struct wh_value value;
	enum wh_status st = WH_E_DELETED;

	*target = NULL;
	*len = 0;
	if (node->mount)
		st = wh_key_value(node->key, link_value, WH_NTS, &value);
	if (st == WH_OK)
		st = wh_value_info(value, &info);
	if (st != WH_OK)
		return st;
	if (info.type != WH_REG_LINK || info.size == 0)
		return WH_E_NOT_FOUND;
	return read_target(&node->mount->machine->reg->alloc, value, info.size, target, len);
}
