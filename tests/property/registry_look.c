/* SPDX-License-Identifier: MIT */
/* All that a registry shows, beside its model. */
#include "registry_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
registry_world_wrong(struct registry_world *w, const char *format, ...)
{
	va_list args;

	if (w->why[0])
		return false;
	va_start(args, format);
	vsnprintf(w->why, sizeof w->why, format, args);
	va_end(args);
	return false;
}

static bool
same_subkey(struct registry_world *w, wh_hkey key, const struct m_place *place, uint32_t index)
{
	const struct m_node *due = m_place_child_at(place, index);
	char name[4 * M_NAME];
	size_t len;
	enum wh_status st = wh_reg_enum_key(w->reg, key, index, name, sizeof name, &len, NULL);

	if (!due && st == WH_E_NO_MORE)
		return true;
	if (due && st == WH_OK && len == due->name.len && memcmp(name, due->name.bytes, len) == 0)
		return true;
	return registry_world_wrong(w, "below '%s', subkey %u: status %d '%.*s', due '%s'",
				    place->node->name.bytes, (unsigned)index, (int)st, (int)len,
				    name, due ? due->name.bytes : "(none)");
}

static bool
same_value(struct registry_world *w, wh_hkey key, const struct m_place *place, uint32_t index)
{
	static uint8_t data[RW_DATA], again[RW_DATA];
	const struct m_value *due = m_place_value_at(place, index);
	char name[4 * M_NAME];
	size_t len, size, size2;
	uint32_t type, type2;
	enum wh_status st = wh_reg_enum_value(w->reg, key, index, name, sizeof name, &len, &type,
					      data, sizeof data, &size);

	if (!due && st == WH_E_NO_MORE)
		return true;
	if (!due || st != WH_OK || len != due->name.len ||
	    memcmp(name, due->name.bytes, len) != 0 || type != due->type || size != due->data.len ||
	    memcmp(data, due->data.bytes, size) != 0)
		return registry_world_wrong(w, "of '%s', value %u: status %d '%.*s', due '%s'",
					    place->node->name.bytes, (unsigned)index, (int)st,
					    (int)len, name, due ? due->name.bytes : "(none)");
	st = wh_reg_query_value_ex(w->reg, key, name, len, &type2, again, sizeof again, &size2);
	if (st != WH_OK || type2 != type || size2 != size || memcmp(data, again, size) != 0)
		return registry_world_wrong(w, "of '%s', value '%s' by its name: status %d",
					    place->node->name.bytes, due->name.bytes, (int)st);
	return true;
}

/* What one handle shows.  It can enumerate and query. */
static bool
same_place(struct registry_world *w, wh_hkey key, const struct m_place *place)
{
	struct wh_reg_info info;
	enum wh_status st = wh_reg_query_info_key(w->reg, key, &info);
	uint32_t subkeys = 0, values = 0;

	while (m_place_child_at(place, subkeys))
		subkeys++;
	while (m_place_value_at(place, values))
		values++;
	if (st != WH_OK || info.subkeys != subkeys || info.values != values)
		return registry_world_wrong(
			w, "'%s': status %d, %u subkeys, %u values; due %u and %u",
			place->node->name.bytes, (int)st, (unsigned)info.subkeys,
			(unsigned)info.values, (unsigned)subkeys, (unsigned)values);
	for (uint32_t i = 0; i <= subkeys; i++)
		if (!same_subkey(w, key, place, i))
			return false;
	for (uint32_t i = 0; i <= values; i++)
		if (!same_value(w, key, place, i))
			return false;
	return true;
}

static bool
same_tree(struct registry_world *w, wh_hkey key, struct m_node *node)
{
	struct m_place place = { node, NULL, false, NULL };
	wh_hkey below;
	bool same = same_place(w, key, &place);

	for (struct m_node *child = node->children; child && same; child = child->next) {
		enum wh_status st = wh_reg_open_key(w->reg, key, child->name.bytes, child->name.len,
						    WH_REG_OPTION_OPEN_LINK, WH_KEY_READ, &below);

		if (st != WH_OK)
			return registry_world_wrong(w, "'%s' opens with status %d",
						    child->name.bytes, (int)st);
		same = same_tree(w, below, child);
		st = wh_reg_close_key(w->reg, below);
		if (same && st != WH_OK)
			same = registry_world_wrong(w, "'%s' closes with status %d",
						    child->name.bytes, (int)st);
	}
	return same;
}

/* A handle that is held shows the same as its model, or says why it shows nothing. */
static bool
same_handle(struct registry_world *w, wh_hkey number)
{
	struct m_handle room, *handle;
	struct wh_reg_info info;
	enum wh_status due = m_handle(&w->model, number, WH_KEY_QUERY_VALUE, &room, &handle), st;

	if (due == WH_OK && !m_place_alive(&handle->place))
		due = WH_E_DELETED;
	st = wh_reg_query_info_key(w->reg, number, &info);
	if (st != due)
		return registry_world_wrong(w, "handle %u: status %d, due %d", (unsigned)number,
					    (int)st, (int)due);
	if (due != WH_OK || !(handle->access & WH_KEY_ENUMERATE_SUB_KEYS))
		return true;
	return same_place(w, number, &handle->place);
}

bool
registry_world_look(struct registry_world *w)
{
	for (int i = 0; i < M_HANDLES; i++)
		if (w->model.handles[i].number && !same_handle(w, w->model.handles[i].number))
			return false;
	return same_tree(w, WH_HKEY_LOCAL_MACHINE, w->model.machine) &&
	       same_tree(w, WH_HKEY_USERS, w->model.user);
}
