/* SPDX-License-Identifier: MIT */
/*
 * What is in a key, copied into another one.
 *
 * The list of the source is made first, and then followed level by level, so that a copy does not
 * meet what it makes.  The copy may end up among the keys that it is made of, but never below
 * them: so a key is read before anything is written to it.  All is done in transactions, one for
 * each hive that is written to, so that a copy which fails was not begun.
 */
#include "registry/registry.h"

#include <string.h>

enum {
	MAX_HIVES = 4,  /* two sides of a merged key, each with its shadow */
	KEY_BYTES = 76, /* that a key takes in a hive, at least */
	NAME_ROOM = 520 * 3,
};

/* A key of the source, and where it goes. */
struct pair {
	struct whi_place from, to;
	size_t above; /* in the list */
};

struct copy {
	struct wh_reg *reg;
	struct pair *pairs;
	size_t count, cap, limit;
	struct wh_hive *hives[MAX_HIVES]; /* that may be written to */
	size_t hive_count, begun;
	uint8_t *data;
	size_t data_cap;
};

/* ----------------------------------------------------------------------- the list */

/* No more keys than a machine has room for: lists of a damaged hive may share their parts. */
static size_t
key_limit(const struct whi_machine *machine)
{
	uint64_t bytes = wh_hive_size(machine->master.hive);

	for (size_t i = 0; i < machine->mount_count; i++) {
		if (machine->mounts[i]->hive)
			bytes += wh_hive_size(machine->mounts[i]->hive);
		if (machine->mounts[i]->shadow)
			bytes += wh_hive_size(machine->mounts[i]->shadow);
	}
	return (size_t)(bytes / KEY_BYTES);
}

static enum wh_status
add(struct copy *c, const struct whi_place *from, size_t above)
{
	if (c->count >= c->limit)
		return WH_E_CORRUPT;
	if (!whi_grow(&c->reg->alloc, &c->pairs, &c->cap, c->count + 1, sizeof *c->pairs))
		return WH_E_MEMORY;
	c->pairs[c->count++] = (struct pair){ .from = *from, .above = above };
	return WH_OK;
}

/* All keys of the source, a level after the other, the first of which is there. */
static enum wh_status
list(struct copy *c)
{
	struct whi_place place, child;
	enum wh_status st = WH_OK;

	for (size_t i = 0; st == WH_OK && i < c->count; i++) {
		place = c->pairs[i].from;
		for (uint32_t index = 0; st == WH_OK; index++) {
			st = whi_place_child_at(&place, index, &child);
			if (st == WH_OK)
				st = add(c, &child, i);
		}
		if (st == WH_E_NO_MORE)
			st = WH_OK;
	}
	return st;
}

/* ------------------------------------------------------------------- transactions */

static bool
may_write(const struct copy *c, const struct wh_hive *hive)
{
	for (size_t i = 0; i < c->hive_count; i++)
		if (c->hives[i] == hive)
			return true;
	return false;
}

static void
add_hive(struct copy *c, struct wh_hive *hive)
{
	if (hive && !may_write(c, hive))
		c->hives[c->hive_count++] = hive;
}

static enum wh_status
begin(struct copy *c, const struct whi_place *to)
{
	enum wh_status st = WH_OK;

	add_hive(c, to->node.mount->hive);
	add_hive(c, to->node.mount->shadow);
	if (to->other.mount) {
		add_hive(c, to->other.mount->hive);
		add_hive(c, to->other.mount->shadow);
	}
	while (st == WH_OK && c->begun < c->hive_count) {
		st = wh_hive_begin(c->hives[c->begun]);
		c->begun += st == WH_OK;
	}
	return st;
}

static enum wh_status
end(struct copy *c, enum wh_status st)
{
	while (c->begun > 0) {
		struct wh_hive *hive = c->hives[--c->begun];
		enum wh_status ended = st == WH_OK ? wh_hive_end(hive) : wh_hive_undo(hive);

		if (st == WH_OK)
			st = ended;
	}
	return st;
}

/* ------------------------------------------------------------------------- copying */

static enum wh_status
copy_value(struct copy *c, struct wh_value value, const struct whi_node *to)
{
	char name_room[NAME_ROOM], *name = name_room;
	struct wh_value_info info;
	size_t name_len, size = 0;
	enum wh_status st = wh_value_info(value, &info);

	if (st != WH_OK)
		return st;
	if (info.readable < info.size)
		return WH_E_CORRUPT;
	if (info.size > c->data_cap &&
	    !whi_grow(&c->reg->alloc, &c->data, &c->data_cap, info.size, 1))
		return WH_E_MEMORY;
	if (info.size > 0)
		st = wh_value_read(value, c->data, c->data_cap, &size);
	if (st == WH_OK)
		st = wh_value_name(value, name, sizeof name_room, &name_len);
	if (st == WH_E_MORE_DATA) {
		name = whi_alloc(&c->reg->alloc, name_len);
		st = name ? wh_value_name(value, name, name_len, &name_len) : WH_E_MEMORY;
	}
	if (st == WH_OK)
		st = wh_value_set(to->key, name, name_len, info.type, c->data, size);
	if (name && name != name_room)
		whi_free(&c->reg->alloc, name, name_len);
	return st;
}

static enum wh_status
copy_values(struct copy *c, const struct pair *pair)
{
	const struct whi_node *to = &pair->to.node;
	struct wh_value value;
	uint32_t index = 0;
	enum wh_status st;

	while ((st = whi_place_value_at(&pair->from, index, &value)) == WH_OK) {
		if (!may_write(c, to->key.hive))
			return WH_E_ACCESS;
		st = copy_value(c, value, to);
		if (st != WH_OK)
			return st;
		index++;
	}
	if (index > 0)
		whi_notify(c->reg, to, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* Make the key below 'above' that a key of the source goes to; a link stays one. */
static enum wh_status
make(struct copy *c, const struct pair *pair, const struct whi_place *above, const char *name,
     size_t len, struct whi_place *to)
{
	struct whi_node parent = whi_place_to_create(above), node;
	uint32_t options = whi_node_is_link(&pair->from.node) ? WH_REG_OPTION_CREATE_LINK : 0u;
	uint32_t wanted = WH_KEY_CREATE_SUB_KEY, granted;
	enum wh_status st;

	if (whi_node_volatile(&parent))
		options |= WH_REG_OPTION_VOLATILE;
	if (options & WH_REG_OPTION_CREATE_LINK)
		wanted |= WH_KEY_CREATE_LINK;
	if (!may_write(c, parent.key.hive))
		return WH_E_ACCESS;
	st = whi_access_check(c->reg, &parent, wanted, &granted);
	if (st == WH_OK)
		st = whi_node_create(&parent, name, len, options, NULL, &node);
	if (st == WH_OK)
		whi_place_made(above, node, to);
	return st;
}

/* The place where a key of the source goes, made if it is not there. */
static enum wh_status
find_or_make(struct copy *c, struct pair *pair)
{
	const struct whi_place *above = &c->pairs[pair->above].to;
	char name[NAME_ROOM];
	size_t len;
	enum wh_status st = whi_node_name(&pair->from.node, name, sizeof name, &len);

	if (st != WH_OK)
		return st == WH_E_MORE_DATA ? WH_E_CORRUPT : st;
	st = whi_place_child(above, name, len, &pair->to);
	return st == WH_E_NOT_FOUND ? make(c, pair, above, name, len, &pair->to) : st;
}

static enum wh_status
copy_all(struct copy *c, const struct whi_place *from, const struct whi_place *to)
{
	enum wh_status st;

	c->limit = key_limit(from->node.mount->machine);
	st = add(c, from, 0);
	if (st == WH_OK)
		st = list(c);
	if (st == WH_OK)
		st = begin(c, to);
	for (size_t i = 0; st == WH_OK && i < c->count; i++) {
		if (i == 0)
			c->pairs[i].to = *to;
		else
			st = find_or_make(c, &c->pairs[i]);
		if (st == WH_OK)
			st = copy_values(c, &c->pairs[i]);
	}
	return end(c, st);
}

static enum wh_status
copy_tree(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, wh_hkey to)
{
	const uint32_t read = WH_KEY_QUERY_VALUE | WH_KEY_ENUMERATE_SUB_KEYS;
	struct whi_handle from_room, to_room, *from, *into;
	struct copy c = { .reg = reg };
	struct whi_place source;
	uint32_t granted;
	enum wh_status st = whi_handle_get(reg, key, len > 0 ? 0 : read, &from_room, &from);

	if (st == WH_OK)
		st = whi_place_alive(&from->place);
	if (st == WH_OK)
		st = whi_handle_get(reg, to, WH_KEY_SET_VALUE, &to_room, &into);
	if (st == WH_OK)
		st = whi_place_alive(&into->place);
	if (st == WH_OK)
		st = whi_resolve(reg, &from->place, path, len, 0, 0, &source, NULL);
	if (st == WH_OK && len > 0)
		st = whi_access_check(reg, &source.node, read, &granted);
	if (st != WH_OK || whi_node_equal(source.node, into->place.node))
		return st;
	if (whi_node_is_below(&into->place.node, &source.node))
		return WH_E_INVALID;
	st = copy_all(&c, &source, &into->place);
	whi_free(&reg->alloc, c.pairs, c.cap * sizeof *c.pairs);
	whi_free(&reg->alloc, c.data, c.data_cap);
	return st;
}

enum wh_status
wh_reg_copy_tree(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, wh_hkey to)
{
	if (!reg)
		return WH_E_INVALID;
	if (!path)
		len = 0;
	else if (len == WH_NTS)
		len = strlen(path);
	whi_begin(reg);
	return whi_end(reg, copy_tree(reg, key, path, len, to));
}
