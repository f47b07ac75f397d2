/* SPDX-License-Identifier: MIT */
/*
 * Values as tuples of str, bytes and int, for scans.
 *
 * Names, and whole values with short data, come again and again: in a hive SYSTEM six of seven
 * names, and more than half of the values.  The object that was made of the last with the same hash
 * is used again if it is equal, since to compare costs less than to make one.
 */
#include "python/batch.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1024, SLOT_BYTES = 50 };

/* An object, and the bytes it was made of: a name, or name and data. */
struct slot {
	PyObject *object; /* NULL: none yet */
	uint32_t type;
	uint8_t name_len, data_len;
	char bytes[SLOT_BYTES];
};

struct whi_py_seen {
	struct slot names[SLOTS], values[SLOTS];
};

struct whi_py_seen *
whi_py_seen_new(void)
{
	return calloc(1, sizeof(struct whi_py_seen));
}

void
whi_py_seen_free(struct whi_py_seen *seen)
{
	for (size_t i = 0; seen && i < SLOTS; i++) {
		Py_XDECREF(seen->names[i].object);
		Py_XDECREF(seen->values[i].object);
	}
	free(seen);
}

static uint64_t
mix(uint64_t hash, const char *at, size_t len)
{
	uint64_t word;

	for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
		memcpy(&word, at, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	if (len > 0)
		memcpy(&word, at, len);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static PyObject *
name_of(struct whi_py_seen *seen, const char *at, size_t len)
{
	struct slot *s;
	PyObject *name;

	if (len > SLOT_BYTES)
		return whi_py_str(at, len);
	s = &seen->names[mix(len, at, len) % SLOTS];
	if (s->object && s->name_len == len && memcmp(s->bytes, at, len) == 0)
		return Py_NewRef(s->object);
	name = whi_py_str(at, len);
	if (name) {
		whi_py_set(&s->object, Py_NewRef(name));
		s->name_len = (uint8_t)len;
		memcpy(s->bytes, at, len);
	}
	return name;
}

/* The data where they lie, if nobody has changed the hive since: a change begins with the GIL. */
static const char *
lent(const struct whi_py_hive *hive, uint64_t stamp, const struct whi_py_met_value *v)
{
	return hive->changes == stamp ? v->data : NULL;
}

/* Data that are not in one piece, or not where they were. */
static PyObject *
data_read(struct whi_py_hive *hive, const struct whi_py_met_value *v)
{
	PyObject *value, *data;

	value = whi_py_value_known(hive, v->value, PyUnicode_FromString(""), v->type, v->size);
	data = value ? whi_py_value_data(value, true) : NULL;
	Py_XDECREF(value);
	return data;
}

static PyObject *
triple_new(struct whi_py_hive *hive, uint64_t stamp, const char *text,
	   const struct whi_py_met_value *v, struct whi_py_seen *seen)
{
	PyObject *triple = PyTuple_New(3), *name, *data = NULL, *type = NULL;
	const char *at = lent(hive, stamp, v);

	if (!triple)
		return NULL;
	name = name_of(seen, text + v->name_at, v->name_len);
	if (name)
		data = at ? PyBytes_FromStringAndSize(at, (Py_ssize_t)v->size) : data_read(hive, v);
	if (data)
		type = PyLong_FromUnsignedLong(v->type);
	PyTuple_SetItem(triple, 0, name);
	PyTuple_SetItem(triple, 1, data);
	PyTuple_SetItem(triple, 2, type);
	if (!type)
		Py_CLEAR(triple);
	return triple;
}

static PyObject *
triple_of(struct whi_py_hive *hive, uint64_t stamp, const char *text,
	  const struct whi_py_met_value *v, struct whi_py_seen *seen)
{
	const char *name = text + v->name_at, *data = lent(hive, stamp, v);
	struct slot *s;
	PyObject *triple;

	if (!data || v->name_len + v->size > SLOT_BYTES)
		return triple_new(hive, stamp, text, v, seen);
	s = &seen->values[mix(mix(v->name_len ^ (uint64_t)v->type << 8, name, v->name_len), data,
			      v->size) %
			  SLOTS];
	if (s->object && s->name_len == v->name_len && s->data_len == v->size &&
	    s->type == v->type && memcmp(s->bytes, name, v->name_len) == 0 &&
	    memcmp(s->bytes + v->name_len, data, v->size) == 0)
		return Py_NewRef(s->object);
	triple = triple_new(hive, stamp, text, v, seen);
	data = lent(hive, stamp, v); /* a collection may have run anything */
	if (triple && data) {
		whi_py_set(&s->object, Py_NewRef(triple));
		s->type = v->type;
		s->name_len = (uint8_t)v->name_len;
		s->data_len = (uint8_t)v->size;
		memcpy(s->bytes, name, v->name_len);
		memcpy(s->bytes + v->name_len, data, v->size);
	}
	return triple;
}

PyObject *
whi_py_triples(struct whi_py_hive *hive, uint64_t stamp, const struct whi_py_batch *batch,
	       size_t key, struct whi_py_seen *seen)
{
	size_t first = whi_py_batch_first(batch, key), end = batch->keys[key].value_end;
	PyObject *triples = PyTuple_New((Py_ssize_t)(end - first));

	for (size_t i = first; triples && i < end; i++) {
		PyObject *triple = triple_of(hive, stamp, batch->text, &batch->values[i], seen);

		if (!triple || PyTuple_SetItem(triples, (Py_ssize_t)(i - first), triple) != 0)
			Py_CLEAR(triples);
	}
	return triples;
}
