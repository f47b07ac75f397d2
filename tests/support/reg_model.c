/* SPDX-License-Identifier: MIT */
#include "reg_model_parts.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- nodes */

static void *
need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct m_text
m_text_of(const void *bytes, size_t len)
{
	struct m_text text = { need(malloc(len + 1)), len };

	if (len > 0)
		memcpy(text.bytes, bytes, len);
	text.bytes[len] = '\0';
	return text;
}

/* ASCII, and of Latin-1 the letters that have an upper case there: U+00E0 to U+00FE. */
static unsigned char
upper(const char *text, size_t at)
{
	unsigned char c = (unsigned char)text[at];

	if (c >= 'a' && c <= 'z')
		return (unsigned char)(c - 'a' + 'A');
	if (at > 0 && (unsigned char)text[at - 1] == 0xc3 && c >= 0xa0 && c <= 0xbe && c != 0xb7)
		return (unsigned char)(c - 0x20);
	return c;
}

int
m_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (upper(a, i) != upper(b, i))
			return upper(a, i) < upper(b, i) ? -1 : 1;
	return (a_len > b_len) - (a_len < b_len);
}

/* Put it among the subkeys of its parent. */
void
m_insert(struct m_node *node)
{
	struct m_node **link = &node->parent->children;

	while (*link && m_compare((*link)->name.bytes, (*link)->name.len, node->name.bytes,
				  node->name.len) < 0)
		link = &(*link)->next;
	node->next = *link;
	*link = node;
}

void
m_take_out(struct m_node *node)
{
	struct m_node **link = &node->parent->children;

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	node->next = NULL;
}

struct m_node *
m_add(struct m_reg *m, struct m_node *parent, const char *name, size_t len)
{
	struct m_node *node = need(calloc(1, sizeof *node));

	node->name = m_text_of(name, len);
	node->parent = parent;
	node->older = m->newest;
	m->newest = node;
	if (parent)
		m_insert(node);
	return node;
}

void
m_free_values(struct m_node *node)
{
	for (struct m_value *next; node->values; node->values = next) {
		next = node->values->next;
		free(node->values->name.bytes);
		free(node->values->data.bytes);
		free(node->values);
	}
}

struct m_node *
m_child(const struct m_node *node, const char *name, size_t len)
{
	struct m_node *child = node->children;

	while (child && m_compare(child->name.bytes, child->name.len, name, len) != 0)
		child = child->next;
	return child;
}

struct m_value *
m_value(const struct m_node *node, const char *name, size_t len)
{
	struct m_value *value = node->values;

	while (value && m_compare(value->name.bytes, value->name.len, name, len) != 0)
		value = value->next;
	return value;
}

void
m_put(struct m_node *node, const char *name, size_t len, uint32_t type, const void *data,
      size_t size)
{
	struct m_value *value = m_value(node, name, len), **link = &node->values;

	if (!value) {
		while (*link)
			link = &(*link)->next;
		value = *link = need(calloc(1, sizeof *value));
		value->name = m_text_of(name, len);
	}
	free(value->data.bytes);
	value->data = m_text_of(data, size);
	value->type = type;
}

void
m_copy(struct m_reg *m, const struct m_node *from, struct m_node *to, bool volatile_too)
{
	for (const struct m_value *v = from->values; v; v = v->next)
		m_put(to, v->name.bytes, v->name.len, v->type, v->data.bytes, v->data.len);
	for (const struct m_node *child = from->children; child; child = child->next) {
		struct m_node *copy;

		if (child->is_volatile && !volatile_too)
			continue;
		copy = m_add(m, to, child->name.bytes, child->name.len);
		copy->link = child->link;
		m_copy(m, child, copy, volatile_too);
	}
}

void
m_begin(struct m_reg *m, const char *sid)
{
	*m = (struct m_reg){ .sid = sid };
	m->machine = m_add(m, NULL, "MACHINE", 7);
	m->user = m_add(m, NULL, "USER", 4);
	m->machine->root = m->user->root = true;
	m->machine->is_volatile = m->user->is_volatile = true;
}

void
m_end(struct m_reg *m)
{
	for (struct m_node *older; m->newest; m->newest = older) {
		older = m->newest->older;
		m_free_values(m->newest);
		free(m->newest->name.bytes);
		free(m->newest);
	}
}

/* ------------------------------------------------------------------- places */

struct m_node *
m_user_child(const struct m_reg *m, const char *suffix)
{
	char name[M_NAME];
	size_t len = strlen(m->sid);

	memcpy(name, m->sid, len);
	strcpy(name + len, suffix);
	return m_child(m->user, name, strlen(name));
}

static void
merge(struct m_node *user, struct m_node *machine, struct m_place *place)
{
	*place = (struct m_place){ user ? user : machine, user ? machine : NULL, true, NULL };
	place->opened = place->node;
}

/* A key below the other side of the merged view that has the path of this one. */
static struct m_node *
counterpart(const struct m_node *node, const struct m_node *root, struct m_node *other_root)
{
	struct m_node *above;

	if (node == root)
		return other_root;
	if (!node || !node->parent)
		return NULL;
	above = counterpart(node->parent, root, other_root);
	return above ? m_child(above, node->name.bytes, node->name.len) : NULL;
}

bool
m_is_below(const struct m_node *node, const struct m_node *top)
{
	while (node && node != top)
		node = node->parent;
	return node != NULL;
}

struct m_node *
m_machine_classes(const struct m_reg *m)
{
	struct m_node *software = m_child(m->machine, "SOFTWARE", 8);

	return software ? m_child(software, "Classes", 7) : NULL;
}

void
m_merged_place(const struct m_reg *m, struct m_node *node, struct m_place *place)
{
	struct m_node *user = m_user_child(m, "_Classes"), *machine = m_machine_classes(m);

	if (user && m_is_below(node, user))
		merge(node, machine ? counterpart(node, user, machine) : NULL, place);
	else
		merge(user ? counterpart(node, machine, user) : NULL, node, place);
}

/* What a merged place is now; it is dead as soon as the key that it was opened with is. */
void
m_refresh(const struct m_reg *m, struct m_place *place)
{
	struct m_node *opened = place->opened;

	if (!place->merged)
		return;
	if (opened->dead)
		*place = (struct m_place){ opened, NULL, true, opened };
	else
		m_merged_place(m, opened, place);
	place->opened = opened;
}

bool
m_place_alive(const struct m_place *place)
{
	return !place->node->dead;
}

static bool
predefined_place(const struct m_reg *m, wh_hkey key, struct m_place *place)
{
	*place = (struct m_place){ 0 };
	switch (key) {
	case WH_HKEY_LOCAL_MACHINE:
		place->node = m->machine;
		break;
	case WH_HKEY_USERS:
		place->node = m->user;
		break;
	case WH_HKEY_CURRENT_USER:
		place->node = m_user_child(m, "");
		break;
	case WH_HKEY_CLASSES_ROOT:
		merge(m_user_child(m, "_Classes"), m_machine_classes(m), place);
		break;
	default:
		break;
	}
	return place->node != NULL;
}

enum wh_status
m_handle(struct m_reg *m, wh_hkey key, uint32_t access, struct m_handle *room,
	 struct m_handle **handle)
{
	*handle = NULL;
	if (key >= WH_HKEY_CLASSES_ROOT) {
		*room = (struct m_handle){ .number = key, .access = WH_KEY_ALL_ACCESS };
		if (!predefined_place(m, key, &room->place))
			return WH_E_NOT_FOUND;
		*handle = room;
		return WH_OK;
	}
	for (int i = 0; i < M_HANDLES && key; i++)
		if (m->handles[i].number == key)
			*handle = &m->handles[i];
	if (!*handle)
		return WH_E_HANDLE;
	m_refresh(m, &(*handle)->place);
	return ((*handle)->access & access) == access ? WH_OK : WH_E_ACCESS;
}

bool
m_take(struct m_reg *m, wh_hkey number, uint32_t access, const struct m_place *place)
{
	for (int i = 0; i < M_HANDLES; i++)
		if (!m->handles[i].number) {
			m->handles[i] = (struct m_handle){ number, access, *place, { 0 } };
			return true;
		}
	return false;
}

/* The union of both sides in the order of names. */
const struct m_node *
m_place_child_at(const struct m_place *place, uint32_t index)
{
	const struct m_node *a = place->node->children;
	const struct m_node *b = place->other ? place->other->children : NULL, *at = NULL;

	for (uint32_t i = 0; i <= index; i++) {
		int order =
			!a   ? 1
			: !b ? -1
			     : m_compare(a->name.bytes, a->name.len, b->name.bytes, b->name.len);

		at = order <= 0 ? a : b;
		if (!at)
			return NULL;
		if (order <= 0)
			a = a->next;
		if (order >= 0)
			b = b->next;
	}
	return at;
}

/* The user's, then those of the machine that he does not have. */
const struct m_value *
m_place_value_at(const struct m_place *place, uint32_t index)
{
	for (const struct m_value *v = place->node->values; v; v = v->next)
		if (index-- == 0)
			return v;
	for (const struct m_value *v = place->other ? place->other->values : NULL; v; v = v->next)
		if (!m_value(place->node, v->name.bytes, v->name.len) && index-- == 0)
			return v;
	return NULL;
}

const struct m_value *
m_place_value(const struct m_place *place, const char *name, size_t len)
{
	const struct m_value *value = m_value(place->node, name, len);

	return value || !place->other ? value : m_value(place->other, name, len);
}
