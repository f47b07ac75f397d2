/* SPDX-License-Identifier: MIT */
/* What each call is due to answer, and to tell. */
#include "reg_model_parts.h"

#include <stdlib.h>
#include <string.h>

#define VIEWS (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY)

/* ------------------------------------------------------------ notification */

static void
fire(struct m_reg *m, struct m_watch *watch, bool gone)
{
	watch->missed = watch->waiting == 0;
	*(gone ? &m->gone : &m->fired) += watch->waiting;
	watch->waiting = 0;
}

static void
changed(struct m_reg *m, const struct m_node *node, uint32_t what)
{
	for (int i = 0; i < M_HANDLES; i++) {
		struct m_handle *h = &m->handles[i];
		const struct m_node *at = node;

		if (!h->number || !h->watch.set || !(h->watch.filter & what))
			continue;
		m_refresh(m, &h->place);
		while (at && at != h->place.node && at != h->place.other)
			at = h->watch.subtree ? at->parent : NULL;
		/* A master key of the two roots is above them, and nobody watches it. */
		if (at && !h->place.node->dead)
			fire(m, &h->watch, false);
	}
}

static void
remove_node(struct m_reg *m, struct m_node *node)
{
	struct m_node *parent = node->parent;

	m_take_out(node);
	node->dead = true;
	for (int i = 0; i < M_HANDLES; i++) {
		struct m_handle *h = &m->handles[i];

		if (!h->number || !h->watch.set ||
		    (h->place.node != node && h->place.other != node))
			continue;
		m_refresh(m, &h->place);
		fire(m, &h->watch, h->place.node->dead);
	}
	changed(m, parent, WH_REG_NOTIFY_CHANGE_NAME);
}

enum wh_status
m_notify(struct m_reg *m, wh_hkey key, bool subtree, uint32_t filter)
{
	struct m_handle room, *handle;
	enum wh_status st;

	if (filter & ~WH_REG_LEGAL_CHANGE_FILTER)
		return WH_E_INVALID;
	st = m_handle(m, key, WH_KEY_NOTIFY, &room, &handle);
	if (st == WH_OK && handle->place.node->dead)
		st = WH_E_DELETED;
	if (st != WH_OK)
		return st;
	if (!handle->watch.set) {
		handle->watch.set = true;
		handle->watch.subtree = subtree;
		handle->watch.filter = filter;
	}
	handle->watch.waiting++;
	if (handle->watch.missed)
		fire(m, &handle->watch, false);
	return WH_OK;
}

enum wh_status
m_close(struct m_reg *m, wh_hkey key)
{
	struct m_handle room, *handle;

	if (key >= WH_HKEY_CLASSES_ROOT)
		return WH_OK;
	if (m_handle(m, key, 0, &room, &handle) != WH_OK)
		return WH_E_HANDLE;
	fire(m, &handle->watch, true);
	handle->number = 0;
	return WH_OK;
}

/* ----------------------------------------------------------------- resolving */

struct way {
	char path[M_PATH];
	size_t at, len;
	int hops;
	bool lost; /* a link led nowhere */
};

static bool
next_name(struct way *way, const char **name, size_t *len)
{
	size_t from;

	while (way->at < way->len && way->path[way->at] == '\\')
		way->at++;
	from = way->at;
	while (way->at < way->len && way->path[way->at] != '\\')
		way->at++;
	*name = way->path + from;
	*len = way->at - from;
	return *len > 0;
}

static bool
is_last(const struct way *way)
{
	size_t at = way->at;

	while (at < way->len && way->path[at] == '\\')
		at++;
	return at == way->len;
}

/* Go on with the target of a link and what is left of the path. */
static enum wh_status
follow(const struct m_reg *m, struct way *way, const struct m_node *link, struct m_place *place)
{
	static const char *const tops[] = { "\\REGISTRY\\MACHINE\\", "\\REGISTRY\\USER\\" };
	const struct m_value *value = m_value(link, "SymbolicLinkValue", 17);
	char target[M_PATH];
	size_t len = 0, rest = way->len - way->at, top;

	if (++way->hops > M_HOPS)
		return WH_E_INVALID;
	way->lost = true;
	if (!value || value->type != WH_REG_LINK)
		return WH_E_NOT_FOUND;
	for (size_t i = 0; i + 1 < value->data.len; i += 2) /* ASCII in these tests */
		target[len++] = value->data.bytes[i];
	for (int i = 0; i < 2; i++) {
		top = strlen(tops[i]);
		if (len <= top || m_compare(target, top, tops[i], top) != 0)
			continue;
		if (len - top + 1 + rest >= M_PATH)
			return WH_E_NOT_FOUND;
		memmove(way->path + len - top + 1, way->path + way->at, rest);
		memcpy(way->path, target + top, len - top);
		way->path[len - top] = '\\';
		way->len = len - top + 1 + rest;
		way->at = 0;
		way->lost = false;
		*place = (struct m_place){ i ? m->user : m->machine, NULL, false, NULL };
		return WH_OK;
	}
	return WH_E_NOT_FOUND;
}

/* One of a merged place: a child of either side. */
static bool
child_place(const struct m_place *from, const char *name, size_t len, struct m_place *child)
{
	struct m_node *a = m_child(from->node, name, len);
	struct m_node *b = from->other ? m_child(from->other, name, len) : NULL;

	if (!a && !b)
		return false;
	*child = (struct m_place){ a ? a : b, a ? b : NULL, from->merged, a ? a : b };
	return true;
}

static size_t
units_of(const char *text, size_t len)
{
	size_t units = 0;

	for (size_t i = 0; i < len; i++)
		units += ((unsigned char)text[i] & 0xc0) != 0x80;
	return units;
}

static bool
is_classes_root(const struct m_reg *m, const struct m_place *place)
{
	return place->merged &&
	       (place->node == m_user_child(m, "_Classes") || place->node == m_machine_classes(m));
}

/* As far as the keys are there; 'way' is what is left then, from the first name that is missing. */
static enum wh_status
resolve(const struct m_reg *m, const struct m_place *from, const char *path, size_t len,
	bool open_link, struct way *way, struct m_place *place)
{
	const char *name;
	size_t name_len;

	*way = (struct way){ .len = len };
	memcpy(way->path, path, len);
	*place = *from;
	if (len > 0 && path[0] == '\\' && !is_classes_root(m, from))
		return WH_E_BAD_PATH;
	while (next_name(way, &name, &name_len)) {
		struct m_place child;
		enum wh_status st;

		if (units_of(name, name_len) > M_NAME)
			return WH_E_INVALID;
		if (!child_place(place, name, name_len, &child)) {
			way->at = (size_t)(name - way->path);
			return WH_E_NOT_FOUND;
		}
		if (!child.node->link || (open_link && is_last(way))) {
			*place = child;
			continue;
		}
		st = follow(m, way, child.node, place);
		if (st != WH_OK)
			return st;
	}
	return WH_OK;
}

uint32_t
m_access(uint32_t access)
{
	uint32_t mapped = access & ~(VIEWS | UINT32_C(0xf0000000) | WH_ACCESS_MAXIMUM_ALLOWED);

	if (access & WH_ACCESS_GENERIC_READ)
		mapped |= WH_KEY_READ;
	if (access & WH_ACCESS_GENERIC_WRITE)
		mapped |= WH_KEY_WRITE;
	if (access & WH_ACCESS_GENERIC_EXECUTE)
		mapped |= WH_KEY_EXECUTE;
	if (access & (WH_ACCESS_GENERIC_ALL | WH_ACCESS_MAXIMUM_ALLOWED))
		mapped |= WH_KEY_ALL_ACCESS;
	return mapped;
}

/* The handle, which must not be of a deleted key, and then the path. */
static enum wh_status
find(struct m_reg *m, wh_hkey key, uint32_t right, const char *path, size_t len, bool open_link,
     struct way *way, struct m_place *place)
{
	struct m_handle room, *handle;
	enum wh_status st = m_handle(m, key, right, &room, &handle);

	if (st == WH_OK && handle->place.node->dead)
		st = WH_E_DELETED;
	return st == WH_OK ? resolve(m, &handle->place, path, len, open_link, way, place) : st;
}

/* -------------------------------------------------------------------- calls */

enum wh_status
m_open(struct m_reg *m, wh_hkey key, const char *path, size_t len, uint32_t options,
       uint32_t access, struct m_place *place)
{
	struct way way;
	enum wh_status st;

	if ((access & VIEWS) == VIEWS)
		return WH_E_INVALID;
	st = find(m, key, 0, path, len, options & WH_REG_OPTION_OPEN_LINK, &way, place);
	if (st == WH_OK && !m_access(access) && !(key >= WH_HKEY_CLASSES_ROOT && len == 0))
		st = WH_E_ACCESS;
	return st;
}

/* The key that is made, at the end of what is left of the way. */
static struct m_node *
make_rest(struct m_reg *m, struct way *way, struct m_node *parent, uint32_t options)
{
	const char *name;
	size_t len;

	while (next_name(way, &name, &len)) {
		parent = m_add(m, parent, name, len);
		parent->is_volatile = options & WH_REG_OPTION_VOLATILE;
	}
	parent->link = options & WH_REG_OPTION_CREATE_LINK;
	return parent;
}

/* Are all names that are left fit for a key? */
static bool
rest_is_fit(struct way way)
{
	const char *name;
	size_t len;

	while (next_name(&way, &name, &len))
		if (units_of(name, len) > M_NAME)
			return false;
	return true;
}

enum wh_status
m_create(struct m_reg *m, wh_hkey key, const char *path, size_t len, uint32_t options,
	 uint32_t access, struct m_place *place, enum wh_reg_disposition *disposition)
{
	bool links = options & (WH_REG_OPTION_OPEN_LINK | WH_REG_OPTION_CREATE_LINK);
	struct m_handle room, *handle;
	struct m_node *parent, *made;
	struct way way;
	enum wh_status st;

	*disposition = WH_REG_OPENED_EXISTING_KEY;
	if ((access & VIEWS) == VIEWS)
		return WH_E_INVALID;
	st = m_handle(m, key, 0, &room, &handle);
	if (st == WH_OK && !m_access(access) && !(key >= WH_HKEY_CLASSES_ROOT && len == 0))
		st = WH_E_ACCESS;
	if (st == WH_OK)
		st = find(m, key, 0, path, len, links, &way, place);
	if (st == WH_OK && (options & WH_REG_OPTION_CREATE_LINK))
		return WH_E_EXISTS;
	if (st != WH_E_NOT_FOUND || way.lost || !handle)
		return st;
	parent = place->other ? place->other : place->node;
	if (parent->is_volatile && !(options & WH_REG_OPTION_VOLATILE))
		return WH_E_MUST_BE_VOLATILE;
	if (!rest_is_fit(way))
		return WH_E_INVALID;
	made = make_rest(m, &way, parent, options);
	*disposition = WH_REG_CREATED_NEW_KEY;
	if (place->merged)
		m_merged_place(m, made, place);
	else
		*place = (struct m_place){ made, NULL, false, NULL };
	for (; made != parent; made = made->parent)
		changed(m, made->parent, WH_REG_NOTIFY_CHANGE_NAME);
	return WH_OK;
}

enum wh_status
m_delete(struct m_reg *m, wh_hkey key, const char *path, size_t len)
{
	struct m_handle room, *handle;
	struct m_place place;
	struct way way;
	enum wh_status st = m_handle(m, key, 0, &room, &handle);

	if (st == WH_OK && handle->place.node->dead)
		return len == 0 ? WH_OK : WH_E_DELETED;
	if (st == WH_OK)
		st = resolve(m, &handle->place, path, len, false, &way, &place);
	if (st != WH_OK)
		return st;
	if (place.node->root || place.node->children)
		return WH_E_ACCESS;
	remove_node(m, place.node);
	return WH_OK;
}

static enum wh_status
delete_below(struct m_reg *m, struct m_node *node)
{
	enum wh_status st = WH_OK;

	while (node->children && st == WH_OK) {
		struct m_node *child = node->children;

		if (child->root)
			return WH_E_ACCESS;
		st = delete_below(m, child);
		if (st == WH_OK)
			remove_node(m, child);
	}
	return st;
}

static enum wh_status
delete_side(struct m_reg *m, struct m_node *node, bool itself)
{
	enum wh_status st;

	if (itself && node->root)
		return WH_E_ACCESS;
	st = delete_below(m, node);
	if (st != WH_OK)
		return st;
	if (itself) {
		remove_node(m, node);
	} else if (node->values) {
		m_free_values(node);
		changed(m, node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	}
	return WH_OK;
}

enum wh_status
m_delete_tree(struct m_reg *m, wh_hkey key, const char *path, size_t len)
{
	uint32_t right = len > 0 ? 0 : WH_KEY_ENUMERATE_SUB_KEYS | WH_KEY_SET_VALUE;
	struct m_place place;
	struct way way;
	enum wh_status st = find(m, key, right, path, len, false, &way, &place);

	if (st == WH_OK)
		st = delete_side(m, place.node, len > 0);
	if (st == WH_OK && place.other)
		st = delete_side(m, place.other, len > 0);
	return st;
}

enum wh_status
m_rename(struct m_reg *m, wh_hkey key, const char *path, size_t len, const char *name,
	 size_t name_len)
{
	struct m_place place;
	struct m_node *node;
	struct way way;
	enum wh_status st = find(m, key, WH_KEY_WRITE, path, len, false, &way, &place);

	if (st != WH_OK)
		return st;
	node = place.node;
	if (name_len == 0 || memchr(name, '\\', name_len) || units_of(name, name_len) > M_NAME)
		return WH_E_INVALID;
	if (node->root || m_child(node->parent, name, name_len))
		return WH_E_ACCESS;
	m_take_out(node);
	free(node->name.bytes);
	node->name = m_text_of(name, name_len);
	m_insert(node);
	changed(m, node->parent, WH_REG_NOTIFY_CHANGE_NAME);
	return WH_OK;
}

/* What a link may hold is the text of its target, and nothing else. */
static bool
fits(const struct m_node *node, const char *name, size_t len, uint32_t type)
{
	return !node->link ||
	       (type == WH_REG_LINK && m_compare(name, len, "SymbolicLinkValue", 17) == 0);
}

enum wh_status
m_set(struct m_reg *m, wh_hkey key, const char *name, size_t len, uint32_t type, const void *data,
      size_t size)
{
	struct m_handle room, *handle;
	enum wh_status st = m_handle(m, key, WH_KEY_SET_VALUE, &room, &handle);

	if (st == WH_OK && handle->place.node->dead)
		st = WH_E_DELETED;
	if (st == WH_OK && !fits(handle->place.node, name, len, type))
		st = WH_E_ACCESS;
	if (st != WH_OK)
		return st;
	m_put(handle->place.node, name, len, type, data, size);
	changed(m, handle->place.node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return WH_OK;
}

enum wh_status
m_unset(struct m_reg *m, wh_hkey key, const char *name, size_t len)
{
	struct m_handle room, *handle;
	struct m_node *node;
	struct m_value *value, **link;
	enum wh_status st = m_handle(m, key, WH_KEY_SET_VALUE, &room, &handle);

	if (st == WH_OK && handle->place.node->dead)
		st = WH_E_DELETED;
	if (st != WH_OK)
		return st;
	node = handle->place.node;
	value = m_value(node, name, len);
	if (!value && handle->place.other) {
		node = handle->place.other;
		value = m_value(node, name, len);
	}
	if (!value)
		return WH_E_NOT_FOUND;
	for (link = &node->values; *link != value; link = &(*link)->next)
		;
	*link = value->next;
	free(value->name.bytes);
	free(value->data.bytes);
	free(value);
	changed(m, node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return WH_OK;
}

/* -------------------------------------------------------------------- mounts */

enum wh_status
m_load(struct m_reg *m, const char *name, size_t len, const struct m_node *content)
{
	struct m_node *made;

	if (m_child(m->machine, name, len))
		return WH_E_ACCESS;
	made = m_add(m, m->machine, name, len);
	made->root = true;
	m_copy(m, content, made, false);
	changed(m, m->machine, WH_REG_NOTIFY_CHANGE_NAME);
	return WH_OK;
}

static void
lose(struct m_node *node)
{
	node->dead = true;
	for (struct m_node *child = node->children; child; child = child->next)
		lose(child);
}

enum wh_status
m_unload(struct m_reg *m, const char *name, size_t len)
{
	struct m_node *node = m_child(m->machine, name, len);

	if (!node)
		return WH_E_NOT_FOUND;
	if (!node->root)
		return WH_E_INVALID;
	for (int i = 0; i < M_HANDLES; i++)
		if (m->handles[i].number && !m->handles[i].place.node->dead &&
		    m_is_below(m->handles[i].place.node, node))
			return WH_E_ACCESS;
	m_take_out(node);
	lose(node);
	changed(m, m->machine, WH_REG_NOTIFY_CHANGE_NAME);
	return WH_OK;
}
