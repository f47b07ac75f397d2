/* SPDX-License-Identifier: MIT */
/* The model and a hive side by side. */
#include "model.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- opening */

enum { MAX_PATH = 600 * 4 };

static size_t
put_path(const struct m_key *key, char **path)
{
	size_t len;

	if (!key->parent) {
		*path = NULL;
		return 0;
	}
	len = put_path(key->parent, path);
	*path = realloc(*path, len + 1 + key->name->utf8_len);
	if (!*path)
		abort();
	if (len > 0)
		(*path)[len++] = '\\';
	memcpy(*path + len, key->name->utf8, key->name->utf8_len);
	return len + key->name->utf8_len;
}

enum wh_status
model_open(const struct m_key *key, struct wh_hive *hive, struct wh_key *found)
{
	char *path;
	size_t len = put_path(key, &path);
	enum wh_status st = wh_key_open(wh_hive_root(hive), path ? path : "", len, found);

	free(path);
	return st;
}

/* --------------------------------------------------------------- messages */

struct teller {
	char *why;
	size_t size;
	const struct m_key *key;
};

/* What differs, and the path of the key; false. */
static bool __attribute__((format(printf, 2, 3)))
tell(const struct teller *t, const char *format, ...)
{
	char *path = NULL;
	size_t len = t->key ? put_path(t->key, &path) : 0, at;
	va_list args;

	va_start(args, format);
	vsnprintf(t->why, t->size, format, args);
	va_end(args);
	at = strlen(t->why);
	snprintf(t->why + at, t->size - at, ", key '");
	for (size_t i = 0; i < len; i++) {
		at = strlen(t->why);
		snprintf(t->why + at, t->size - at,
			 path[i] >= 0x20 && path[i] < 0x7f ? "%c" : "<%02x>",
			 (unsigned)(unsigned char)path[i]);
	}
	at = strlen(t->why);
	snprintf(t->why + at, t->size - at, "'");
	free(path);
	return false;
}

/* ---------------------------------------------------------------- learning */

static bool
taught(struct model *m, struct m_key *key)
{
	const struct blob *from = key->parent->security;

	for (size_t i = 0; i < m->lesson_count; i++)
		if (blob_is(m->lessons[i].parent, from->bytes, from->size)) {
			key->security = blob_keep(m->lessons[i].child);
			return true;
		}
	return false;
}

/* The form that every descriptor of a registry has, as far as it can be told at a glance. */
static bool
looks_right(const uint8_t *sd, size_t len)
{
	return len >= 20 && len % 4 == 0 && sd[0] == 1 && sd[1] == 0 && (sd[3] & 0x80) != 0;
}

static bool
learn_from(struct model *m, struct m_key *key, struct wh_key handle, const struct teller *t)
{
	const void *sd;
	size_t len;

	if (wh_key_security(handle, &sd, &len) != WH_OK || !looks_right(sd, len))
		return tell(t, "inherited security of %zu bytes", len);
	key->security = blob_new(sd, len);
	if (m->lesson_count == m->lesson_cap) {
		m->lesson_cap = m->lesson_cap * 2 + 8;
		m->lessons = realloc(m->lessons, m->lesson_cap * sizeof *m->lessons);
		if (!m->lessons)
			abort();
	}
	m->lessons[m->lesson_count++] =
		(struct m_lesson){ blob_keep(key->parent->security), blob_keep(key->security) };
	return true;
}

bool
model_learn(struct model *m, struct m_key *key, struct wh_hive *hive, char *why, size_t size)
{
	struct teller t = { why, size, key };
	struct wh_key handle;

	if (!key->security && key->shares)
		key->security = blob_keep(key->parent->security);
	if (!key->security && !taught(m, key)) {
		if (model_open(key, hive, &handle) != WH_OK)
			return tell(&t, "not there");
		if (!learn_from(m, key, handle, &t))
			return false;
	}
	for (size_t i = 0; i < key->sub_count; i++)
		if (!model_learn(m, key->subs[i], hive, why, size))
			return false;
	return true;
}

/* --------------------------------------------------------------- comparing */

static bool
same_text(const struct text *text, const char *utf8, size_t len)
{
	return text->utf8_len == len && (len == 0 || memcmp(text->utf8, utf8, len) == 0);
}

static bool
same_data(struct wh_walk *walk, const struct wh_walk_value *value, const struct blob *data)
{
	const void *piece = value->data;
	size_t len = value->data_len, at = 0;

	if (value->size != data->size || value->readable != data->size)
		return false;
	do {
		if (len > data->size - at || (len && memcmp(data->bytes + at, piece, len) != 0))
			return false;
		at += len;
	} while (wh_walk_data(walk, &piece, &len) == WH_OK);
	return at == data->size;
}

static bool
same_values(struct wh_walk *walk, const struct m_key *key, const struct teller *t)
{
	struct wh_walk_value value;
	enum wh_status st;
	size_t i = 0;

	while ((st = wh_walk_next_value(walk, &value)) == WH_OK) {
		const struct m_value *due = &key->values[i];

		if (i++ >= key->value_count)
			return tell(t, "more than %zu values", key->value_count);
		if (!same_text(due->name, value.name, value.name_len))
			return tell(t, "name of value %zu", i - 1);
		if (value.type != due->type)
			return tell(t, "type of value %zu: %u, due %u", i - 1, value.type,
				    due->type);
		if (!same_data(walk, &value, due->data))
			return tell(t, "data of value %zu: %u bytes, due %zu", i - 1, value.size,
				    due->data->size);
	}
	if (st != WH_E_NO_MORE || i != key->value_count)
		return tell(t, "%zu values and %s, due %zu", i, wh_status_name(st),
			    key->value_count);
	return true;
}

static bool
same_class(struct wh_key handle, const struct m_key *key)
{
	char own[512], *buf = own;
	size_t len, due = key->class_name ? key->class_name->utf8_len : 0;
	bool same;

	if (due > sizeof own && !(buf = malloc(due)))
		abort();
	same = wh_key_class(handle, buf, due > sizeof own ? due : sizeof own, &len) == WH_OK &&
	       (due == 0 ? len == 0 : same_text(key->class_name, buf, len));
	if (buf != own)
		free(buf);
	return same;
}

static bool
same_fields(struct wh_key handle, const struct m_key *key, const struct teller *t)
{
	struct wh_key_info info;
	const void *sd;
	size_t len;

	if (wh_key_info(handle, &info) != WH_OK)
		return tell(t, "no information");
	if (info.last_written != key->time)
		return tell(t, "time %llx, due %llx", (unsigned long long)info.last_written,
			    (unsigned long long)key->time);
	if ((info.flags & WH_KEY_SYM_LINK) != key->flags)
		return tell(t, "flags 0x%x, due 0x%x", info.flags, key->flags);
	if (info.user_flags != key->user_flags || info.virtual_flags != key->virtual_flags)
		return tell(t, "user flags %u and %u, due %u and %u", info.user_flags,
			    info.virtual_flags, key->user_flags, key->virtual_flags);
	if (!same_class(handle, key))
		return tell(t, "class");
	if (wh_key_security(handle, &sd, &len) != WH_OK || !blob_is(key->security, sd, len))
		return tell(t, "security of %zu bytes, due %zu", len,
			    key->security ? key->security->size : 0);
	return true;
}

static bool
same_tree(struct wh_walk *walk, const struct m_key *key, const struct teller *above)
{
	struct teller t = { above->why, above->size, key };
	struct wh_walk_key at;
	enum wh_status st = wh_walk_next(walk, &at);

	if (st != WH_OK)
		return tell(&t, "%s in place of the key", wh_status_name(st));
	/* The name of the root is not part of a path. */
	if (key->parent && !same_text(key->name, at.path + at.name_at, at.path_len - at.name_at))
		return tell(&t, "another name: '%.*s'", (int)(at.path_len - at.name_at),
			    at.path + at.name_at);
	if (at.depth != model_depth(key) || at.subkey_count != key->sub_count ||
	    at.value_count != key->value_count)
		return tell(&t, "depth %u, %u subkeys, %u values, due %zu, %zu, %zu", at.depth,
			    at.subkey_count, at.value_count, model_depth(key), key->sub_count,
			    key->value_count);
	if (!same_fields(at.key, key, &t) || !same_values(walk, key, &t))
		return false;
	for (size_t i = 0; i < key->sub_count; i++)
		if (!same_tree(walk, key->subs[i], &t))
			return false;
	return true;
}

static bool
same_root_name(struct wh_hive *hive, const struct m_key *root)
{
	char name[3 * 256];
	size_t len;

	return wh_key_name(wh_hive_root(hive), name, sizeof name, &len) == WH_OK &&
	       same_text(root->name, name, len);
}

bool
model_equal(struct model *m, struct wh_hive *hive, char *why, size_t size)
{
	struct teller t = { why, size, NULL };
	struct wh_walk_key more;
	struct wh_walk *walk;
	enum wh_status st = wh_walk_new(wh_hive_root(hive), &walk);
	bool same;

	if (st != WH_OK)
		return tell(&t, "no walk: %s", wh_status_name(st));
	same = same_root_name(hive, m->root) || tell(&t, "name of the root");
	same = same && same_tree(walk, m->root, &t);
	if (same && (st = wh_walk_next(walk, &more)) != WH_E_NO_MORE)
		same = tell(&t, "%s behind the last key", wh_status_name(st));
	wh_walk_free(walk);
	return same;
}

/* ------------------------------------------------------------------ reading */

/* Text of the library as 16-bit units; the inverse of what model_text.c does. */
static struct text *
text_from(const char *utf8, size_t len)
{
	uint16_t *units = malloc(2 * len + 2);
	size_t count = 0;
	struct text *text;

	if (!units)
		abort();
	for (size_t i = 0; i < len;) {
		uint32_t byte = (uint8_t)utf8[i++], more = byte < 0xc0   ? 0
							   : byte < 0xe0 ? 1
							   : byte < 0xf0 ? 2
									 : 3;
		uint32_t code = more == 0 ? byte : byte & (0x3fu >> more);

		for (; more > 0; more--)
			code = code << 6 | ((uint8_t)utf8[i++] & 0x3f);
		if (code > 0xffff) {
			units[count++] = (uint16_t)(0xd7c0 + (code >> 10));
			code = 0xdc00 | (code & 0x3ff);
		}
		units[count++] = (uint16_t)code;
	}
	text = text_new(units, count);
	free(units);
	return text;
}

static struct text *
read_text(struct wh_key handle,
	  enum wh_status (*get)(struct wh_key key, char *buf, size_t cap, size_t *len))
{
	size_t len;
	enum wh_status st = get(handle, NULL, 0, &len);
	char *buf = malloc(len + 1);
	struct text *text = NULL;

	if (!buf)
		abort();
	if (st == WH_E_MORE_DATA && get(handle, buf, len, &len) == WH_OK)
		text = text_from(buf, len);
	free(buf);
	return text;
}

static bool
read_values(struct model *m, struct wh_walk *walk, struct m_key *key)
{
	struct wh_walk_value value;
	enum wh_status st;

	while ((st = wh_walk_next_value(walk, &value)) == WH_OK) {
		struct blob *data = blob_new(value.data, value.data_len);
		struct text *name = text_from(value.name, value.name_len);
		const void *piece;
		size_t len;

		while (wh_walk_data(walk, &piece, &len) == WH_OK) {
			data = realloc(data, sizeof *data + data->size + len + 1);
			if (!data)
				abort();
			memcpy(data->bytes + data->size, piece, len);
			data->size += len;
		}
		if (data->size != value.size || model_value(key, name))
			st = WH_E_CORRUPT;
		/* Big data can be there whatever the version allows to be set. */
		key->values = realloc(key->values, (key->value_count + 1) * sizeof *key->values);
		if (!key->values)
			abort();
		key->values[key->value_count++] =
			(struct m_value){ name, value.type, data, m->next_id++ };
		key->value_cap = key->value_count;
		if (st != WH_OK)
			return false;
	}
	return st == WH_E_NO_MORE;
}

static bool
read_fields(struct wh_key handle, struct m_key *key)
{
	struct wh_key_info info;
	const void *sd;
	size_t len;

	if (wh_key_info(handle, &info) != WH_OK || wh_key_security(handle, &sd, &len) != WH_OK)
		return false;
	key->time = info.last_written;
	key->flags = info.flags & WH_KEY_SYM_LINK;
	key->user_flags = info.user_flags;
	key->virtual_flags = info.virtual_flags;
	key->class_name = read_text(handle, wh_key_class);
	blob_drop(key->security);
	key->security = blob_new(sd, len);
	return true;
}

bool
model_read(struct model *m, struct wh_hive *hive, uint64_t now)
{
	struct m_key *key = NULL;
	struct wh_walk_key at;
	struct wh_walk *walk;
	enum wh_status st = wh_walk_new(wh_hive_root(hive), &walk);
	bool fine = true, created;

	m->now = now;
	while (fine && st == WH_OK && (st = wh_walk_next(walk, &at)) == WH_OK) {
		struct text *name = read_text(at.key, wh_key_name);
		struct m_key *parent = key;

		fine = name != NULL;
		if (fine && !m->root) {
			key = m->root = calloc(1, sizeof *key);
			if (!key)
				abort();
			key->name = text_keep(name);
			key->id = m->next_id++;
			m->keys = 1;
		} else if (fine) {
			uint64_t was;

			while (model_depth(parent) >= at.depth)
				parent = parent->parent;
			was = parent->time;
			fine = model_create(m, parent, name, NULL, &key, &created) == WH_OK &&
			       created;
			parent->time = was;
		}
		text_drop(name);
		fine = fine && read_fields(at.key, key) && read_values(m, walk, key);
	}
	wh_walk_free(walk);
	return fine && st == WH_E_NO_MORE;
}
