/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_NAME_MAX = 256, VALUE_NAME_MAX = 16383, PLAIN_MAX = 1048572 };

static void *
need(void *block, size_t size)
{
	block = realloc(block, size);
	if (!block)
		abort();
	return block;
}

/* ------------------------------------------------------------------ parts */

static struct m_key *
key_new(struct m_key *parent, struct text *name, uint64_t time, uint64_t id)
{
	struct m_key *key = need(NULL, sizeof *key);

	*key = (struct m_key){ .parent = parent, .name = text_keep(name), .time = time, .id = id };
	return key;
}

static void
free_values(struct m_key *key)
{
	for (size_t i = 0; i < key->value_count; i++) {
		text_drop(key->values[i].name);
		blob_drop(key->values[i].data);
	}
	key->value_count = 0;
}

void
model_drop(struct m_key *key)
{
	for (size_t i = 0; i < key->sub_count; i++)
		model_drop(key->subs[i]);
	free_values(key);
	free(key->values);
	free(key->subs);
	text_drop(key->name);
	text_drop(key->class_name);
	blob_drop(key->security);
	free(key);
}

void
model_free(struct model *m)
{
	if (m->root)
		model_drop(m->root);
	for (size_t i = 0; i < m->lesson_count; i++) {
		blob_drop(m->lessons[i].parent);
		blob_drop(m->lessons[i].child);
	}
	free(m->lessons);
	*m = (struct model){ 0 };
}

/* Where a name is, or would be, among the subkeys. */
static size_t
place_of(const struct m_key *key, const struct text *name, bool *there)
{
	size_t low = 0, high = key->sub_count;

	*there = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = text_compare(key->subs[middle]->name, name);

		if (order == 0)
			*there = true;
		if (order >= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
link_key(struct m_key *parent, struct m_key *key)
{
	bool there;
	size_t at = place_of(parent, key->name, &there);

	if (parent->sub_count == parent->sub_cap) {
		parent->sub_cap = parent->sub_cap * 2 + 4;
		parent->subs = need(parent->subs, parent->sub_cap * sizeof *parent->subs);
	}
	memmove(parent->subs + at + 1, parent->subs + at,
		(parent->sub_count - at) * sizeof *parent->subs);
	parent->subs[at] = key;
	parent->sub_count++;
	key->parent = parent;
}

static void
unlink_key(struct m_key *key)
{
	struct m_key *parent = key->parent;
	bool there;
	size_t at = place_of(parent, key->name, &there);

	parent->sub_count--;
	memmove(parent->subs + at, parent->subs + at + 1,
		(parent->sub_count - at) * sizeof *parent->subs);
}

static void
add_value(struct m_key *key, struct text *name, uint32_t type, struct blob *data, uint64_t id)
{
	if (key->value_count == key->value_cap) {
		key->value_cap = key->value_cap * 2 + 4;
		key->values = need(key->values, key->value_cap * sizeof *key->values);
	}
	key->values[key->value_count++] =
		(struct m_value){ text_keep(name), type, blob_keep(data), id };
}

static void
tell_values(struct model *m, const struct m_key *key)
{
	for (size_t i = 0; m->gone && i < key->value_count; i++)
		m->gone(m->gone_ctx, key->values[i].id);
}

static void
tell_gone(struct model *m, const struct m_key *key)
{
	tell_values(m, key);
	for (size_t i = 0; i < key->sub_count; i++)
		tell_gone(m, key->subs[i]);
	if (m->gone)
		m->gone(m->gone_ctx, key->id);
}

static struct m_key *
copy_tree(const struct m_key *key, struct m_key *parent)
{
	struct m_key *copy = need(NULL, sizeof *copy);

	*copy = *key;
	copy->parent = parent;
	text_keep(copy->name);
	text_keep(copy->class_name);
	blob_keep(copy->security);
	copy->subs = need(NULL, (key->sub_count + 1) * sizeof *copy->subs);
	copy->sub_cap = key->sub_count;
	for (size_t i = 0; i < key->sub_count; i++)
		copy->subs[i] = copy_tree(key->subs[i], copy);
	copy->values = NULL;
	copy->value_count = copy->value_cap = 0;
	for (size_t i = 0; i < key->value_count; i++)
		add_value(copy, key->values[i].name, key->values[i].type, key->values[i].data,
			  key->values[i].id);
	return copy;
}

struct m_key *
model_copy(const struct model *m)
{
	return copy_tree(m->root, NULL);
}

void
model_back(struct model *m, struct m_key *root)
{
	model_drop(m->root);
	m->root = root;
	m->keys = model_size(root);
}

/* ---------------------------------------------------------------- looking */

struct m_key *
model_sub(const struct m_key *key, const struct text *name)
{
	bool there;
	size_t at = place_of(key, name, &there);

	return there ? key->subs[at] : NULL;
}

struct m_value *
model_value(const struct m_key *key, const struct text *name)
{
	for (size_t i = 0; i < key->value_count; i++)
		if (text_compare(key->values[i].name, name) == 0)
			return &key->values[i];
	return NULL;
}

static struct m_key *
find_below(struct m_key *key, uint64_t id)
{
	struct m_key *found = key->id == id ? key : NULL;

	for (size_t i = 0; !found && i < key->sub_count; i++)
		found = find_below(key->subs[i], id);
	return found;
}

struct m_key *
model_find(const struct model *m, uint64_t id)
{
	return find_below(m->root, id);
}

static struct m_key *
nth_below(struct m_key *key, size_t *n)
{
	struct m_key *found = *n == 0 ? key : NULL;

	if (!found)
		--*n;
	for (size_t i = 0; !found && i < key->sub_count; i++)
		found = nth_below(key->subs[i], n);
	return found;
}

struct m_key *
model_nth(const struct model *m, size_t n)
{
	return nth_below(m->root, &n);
}

size_t
model_depth(const struct m_key *key)
{
	size_t depth = 0;

	while ((key = key->parent))
		depth++;
	return depth;
}

size_t
model_height(const struct m_key *key)
{
	size_t most = 0, height;

	for (size_t i = 0; i < key->sub_count; i++) {
		height = model_height(key->subs[i]) + 1;
		if (height > most)
			most = height;
	}
	return most;
}

size_t
model_size(const struct m_key *key)
{
	size_t size = 1;

	for (size_t i = 0; i < key->sub_count; i++)
		size += model_size(key->subs[i]);
	return size;
}

static bool
is_in(const struct m_key *key, const struct m_key *tree)
{
	while (key && key != tree)
		key = key->parent;
	return key != NULL;
}

static bool
bad_key_name(const struct text *name)
{
	if (!name || name->units == 0 || name->units > KEY_NAME_MAX)
		return true;
	for (size_t i = 0; i < name->units; i++)
		if (name->unit[i] == '\\')
			return true;
	return false;
}

static bool
bad_value_name(const struct text *name)
{
	return !name || name->units > VALUE_NAME_MAX;
}

/* -------------------------------------------------------------------- keys */

enum wh_status
model_create(struct model *m, struct m_key *parent, struct text *name, const struct m_create *how,
	     struct m_key **key, bool *created)
{
	*created = false;
	m->still = true;
	if (bad_key_name(name))
		return WH_E_INVALID;
	*key = model_sub(parent, name);
	if (*key)
		return WH_OK;
	if (how && how->bad_security)
		return WH_E_INVALID;
	*key = key_new(parent, name, m->now, m->next_id++);
	if (how && how->class_name && how->class_name->units)
		(*key)->class_name = text_keep(how->class_name);
	if (how && how->security)
		(*key)->security = blob_keep(how->security);
	(*key)->shares = how && how->share_security;
	if (how && how->symbolic_link)
		(*key)->flags = WH_KEY_SYM_LINK;
	link_key(parent, *key);
	parent->time = m->now;
	m->keys++;
	m->still = false;
	*created = true;
	return WH_OK;
}

enum wh_status
model_delete(struct model *m, struct m_key *key)
{
	if (!key->parent)
		return WH_E_ACCESS;
	return key->sub_count > 0 ? WH_E_HAS_SUBKEYS : model_delete_tree(m, key);
}

enum wh_status
model_delete_tree(struct model *m, struct m_key *key)
{
	if (!key->parent)
		return WH_E_ACCESS;
	unlink_key(key);
	key->parent->time = m->now;
	m->keys -= model_size(key);
	tell_gone(m, key);
	model_drop(key);
	return WH_OK;
}

enum wh_status
model_empty(struct model *m, struct m_key *key)
{
	m->still = key->sub_count == 0 && key->value_count == 0;
	if (m->still)
		return WH_OK;
	for (size_t i = 0; i < key->sub_count; i++) {
		m->keys -= model_size(key->subs[i]);
		tell_gone(m, key->subs[i]);
		model_drop(key->subs[i]);
	}
	key->sub_count = 0;
	tell_values(m, key);
	free_values(key);
	key->time = m->now;
	return WH_OK;
}

static void
name_key(struct m_key *key, struct text *name)
{
	text_keep(name);
	text_drop(key->name);
	key->name = name;
}

enum wh_status
model_rename(struct model *m, struct m_key *key, struct text *name)
{
	struct m_key *parent = key->parent, *there;

	if (bad_key_name(name))
		return WH_E_INVALID;
	there = parent ? model_sub(parent, name) : NULL;
	if (there && there != key)
		return WH_E_EXISTS;
	m->still = key->name->units == name->units &&
		   memcmp(key->name->unit, name->unit, name->units * 2) == 0;
	if (m->still)
		return WH_OK;
	if (parent)
		unlink_key(key);
	name_key(key, name);
	if (parent) {
		link_key(parent, key);
		parent->time = m->now;
	}
	key->time = m->now;
	return WH_OK;
}

enum wh_status
model_move(struct model *m, struct m_key *key, struct m_key *parent, struct text *name)
{
	struct m_key *there;

	if (bad_key_name(name) || is_in(parent, key))
		return WH_E_INVALID;
	there = model_sub(parent, name);
	if (there && there != key)
		return WH_E_EXISTS;
	unlink_key(key);
	key->parent->time = m->now;
	name_key(key, name);
	link_key(parent, key);
	parent->time = m->now;
	key->time = m->now;
	return WH_OK;
}

/* ----------------------------------------------------------------- copying */

static void
copy_values(struct model *to, const struct m_key *from, struct m_key *key)
{
	for (size_t i = 0; i < from->value_count; i++) {
		const struct m_value *value = &from->values[i];
		struct m_value *there = model_value(key, value->name);

		if (!there) {
			add_value(key, value->name, value->type, value->data, to->next_id++);
			continue;
		}
		blob_keep(value->data);
		blob_drop(there->data);
		there->data = value->data;
		there->type = value->type;
	}
}

/* How one key becomes another, which may have been there. */
static void
copy_fields(struct model *to, const struct m_key *from, struct m_key *key, bool made, bool exact)
{
	if (made || exact) {
		text_drop(key->class_name);
		key->class_name = text_keep(from->class_name);
		key->flags = from->flags;
	}
	key->time = to->now;
	if (!exact)
		return;
	blob_drop(key->security);
	key->security = blob_keep(from->security);
	key->time = from->time;
	key->user_flags = from->user_flags;
	key->virtual_flags = from->virtual_flags;
}

static void
copy_into(struct model *to, const struct m_key *from, struct m_key *parent, struct text *name,
	  unsigned flags, struct m_key **copy)
{
	struct m_key *key = model_sub(parent, name), *below;
	bool made = !key;

	if (made) {
		key = key_new(parent, name, to->now, to->next_id++);
		link_key(parent, key);
		to->keys++;
	}
	copy_values(to, from, key);
	copy_fields(to, from, key, made, flags & WH_COPY_EXACT);
	for (size_t i = 0; !(flags & WH_COPY_KEY) && i < from->sub_count; i++)
		copy_into(to, from->subs[i], key, from->subs[i]->name, flags, &below);
	*copy = key;
}

enum wh_status
model_copy_key(struct model *to, struct m_key *key, struct m_key *parent, struct text *name,
	       unsigned flags, struct m_key **copy)
{
	struct m_key *as_it_was, *there;

	if (bad_key_name(name) || is_in(parent, key))
		return WH_E_INVALID;
	there = model_sub(parent, name);
	if (there && !(flags & WH_COPY_MERGE))
		return WH_E_EXISTS;
	to->still = there == key;
	*copy = key;
	if (to->still)
		return WH_OK;
	if (!there)
		parent->time = to->now;
	as_it_was = copy_tree(key, NULL);
	copy_into(to, as_it_was, parent, name, flags, copy);
	model_drop(as_it_was);
	return WH_OK;
}

/* ------------------------------------------------------------------ fields */

enum wh_status
model_set_class(struct model *m, struct m_key *key, struct text *class_name)
{
	text_drop(key->class_name);
	key->class_name = class_name && class_name->units ? text_keep(class_name) : NULL;
	key->time = m->now;
	return WH_OK;
}

enum wh_status
model_set_flags(struct model *m, struct m_key *key, unsigned user, unsigned virt)
{
	if (user > 15 || virt > 15)
		return WH_E_INVALID;
	key->user_flags = user;
	key->virtual_flags = virt;
	key->time = m->now;
	return WH_OK;
}

enum wh_status
model_set_time(struct model *m, struct m_key *key, uint64_t time)
{
	(void)m;
	key->time = time;
	return WH_OK;
}

enum wh_status
model_set_security(struct model *m, struct m_key *key, struct blob *security)
{
	if (!security)
		return WH_E_INVALID;
	blob_keep(security);
	blob_drop(key->security);
	key->security = security;
	key->time = m->now;
	return WH_OK;
}

/* ------------------------------------------------------------------ values */

enum wh_status
model_set(struct model *m, struct m_key *key, struct text *name, uint32_t type, struct blob *data)
{
	struct m_value *value;

	if (bad_value_name(name))
		return WH_E_INVALID;
	if (data->size > PLAIN_MAX && m->minor < 4)
		return WH_E_TOO_BIG;
	value = model_value(key, name);
	if (value) {
		blob_keep(data);
		blob_drop(value->data);
		value->data = data;
		value->type = type;
	} else {
		add_value(key, name, type, data, m->next_id++);
	}
	key->time = m->now;
	return WH_OK;
}

enum wh_status
model_delete_value(struct model *m, struct m_key *key, struct text *name)
{
	struct m_value *value;
	size_t at;

	if (!name)
		return WH_E_INVALID;
	value = model_value(key, name);
	if (!value)
		return WH_E_NOT_FOUND;
	at = (size_t)(value - key->values);
	if (m->gone)
		m->gone(m->gone_ctx, value->id);
	text_drop(value->name);
	blob_drop(value->data);
	key->value_count--;
	memmove(value, value + 1, (key->value_count - at) * sizeof *value);
	key->time = m->now;
	return WH_OK;
}

enum wh_status
model_rename_value(struct model *m, struct m_key *key, struct text *name, struct text *new_name)
{
	struct m_value *value, *there;

	if (!name || bad_value_name(new_name))
		return WH_E_INVALID;
	value = model_value(key, name);
	if (!value)
		return WH_E_NOT_FOUND;
	there = model_value(key, new_name);
	if (there && there != value)
		return WH_E_EXISTS;
	text_keep(new_name);
	text_drop(value->name);
	value->name = new_name;
	key->time = m->now;
	return WH_OK;
}
