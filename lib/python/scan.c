/* SPDX-License-Identifier: MIT */
/*
 * Values as tuples of str, bytes and int, for scans.
 *
 * Values with short data, most of them numbers, come again and again, and so do they as the only
 * value of a key.  What was made of the last with the same hash is used again if it is equal, which
 * costs less than to make it, in time and, for who keeps it, in memory.  With longer data it would
 * cost more.
 *
 * Whatever the collector knows may run Python code when it is made, which may change the hive: what
 * lies in it is looked at only after lent() has said that it is still there.
 */
#include "python/batch.h"
#include "python/bytes.h"

#include <stdlib.h>

enum { SLOTS = 1024, SHORT = 8 };

/* A value with short data, as a number; the name belongs to the triple. */
struct slot {
	PyObject *triple; /* NULL: none yet */
	PyObject *alone;  /* the tuple of this one only, or NULL */
	const PyObject *name;
	uint64_t data;
	uint32_t type, size;
};

struct whi_py_seen {
	struct slot slots[SLOTS];
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
		Py_XDECREF(seen->slots[i].triple);
		Py_XDECREF(seen->slots[i].alone);
	}
	free(seen);
}

/* ---------------------------------------------------------------------- a value */

/* The data where they lie, if nobody has changed the hive since: a change begins with the GIL. */
static const char *
lent(const struct whi_py_scan *scan, const struct whi_py_met_value *v)
{
	return scan->hive->changes == scan->stamp ? v->data : NULL;
}

/* Data that are not in one piece, or not where they were. */
static PyObject *
data_read(const struct whi_py_scan *scan, const struct whi_py_met_value *v)
{
	PyObject *value, *data;

	value = whi_py_value_known(scan->hive, v->value, PyUnicode_FromString(""), v->type,
				   v->size);
	data = value ? whi_py_value_data(value, true) : NULL;
	Py_XDECREF(value);
	return data;
}

static PyObject *
triple_new(const struct whi_py_scan *scan, PyObject *name, const struct whi_py_met_value *v)
{
	const char *at = lent(scan, v);
	PyObject *triple = NULL, *data, *type;

	data = at ? PyBytes_FromStringAndSize(at, (Py_ssize_t)v->size) : data_read(scan, v);
	type = data ? PyLong_FromUnsignedLong(v->type) : NULL;
	if (type)
		triple = PyTuple_Pack(3, name, data, type);
	Py_XDECREF(type);
	Py_XDECREF(data);
	return triple;
}

/* Of a value with short data, which '*slot' becomes the place of; '*again': it was there. */
static PyObject *
triple_of_short(const struct whi_py_scan *scan, PyObject *name, const struct whi_py_met_value *v,
		struct slot **slot)
{
	uint64_t data =
		v->size == SHORT ? whi_py_load8(v->data) : whi_py_load_few(v->data, v->size);
	uint64_t hash = whi_py_mix((uintptr_t)name >> 4, data ^ (uint64_t)v->type << 32);
	struct slot *s = &scan->seen->slots[hash % SLOTS];
	PyObject *triple;

	if (s->triple && s->name == name && s->data == data && s->size == v->size &&
	    s->type == v->type) {
		*slot = s;
		return Py_NewRef(s->triple);
	}
	triple = triple_new(scan, name, v);
	if (triple) {
		whi_py_set(&s->triple, Py_NewRef(triple));
		Py_CLEAR(s->alone);
		s->name = name;
		s->data = data;
		s->type = v->type;
		s->size = v->size;
	}
	return triple;
}

/* '*slot': where it was kept, or NULL. */
static PyObject *
triple_of(const struct whi_py_scan *scan, const struct whi_py_met_value *v, struct slot **slot)
{
	PyObject *name =
		whi_py_name(scan->hive->names, scan->batch->text + v->name_at, v->name_len);
	PyObject *triple;

	*slot = NULL;
	if (!name)
		return NULL;
	triple = v->size <= SHORT && lent(scan, v) ? triple_of_short(scan, name, v, slot)
						   : triple_new(scan, name, v);
	Py_DECREF(name);
	return triple;
}

/* ---------------------------------------------------------------------- the values of a key */

/* Of a key with one value: the tuple is kept beside the value when that comes again. */
static PyObject *
triples_of_one(const struct whi_py_scan *scan, const struct whi_py_met_value *v)
{
	struct slot *s;
	PyObject *triple = triple_of(scan, v, &s), *alone;

	if (!triple)
		return NULL;
	alone = s && s->alone ? Py_NewRef(s->alone) : PyTuple_Pack(1, triple);
	if (alone && s && !s->alone)
		s->alone = Py_NewRef(alone);
	Py_DECREF(triple);
	return alone;
}

PyObject *
whi_py_triples(const struct whi_py_scan *scan, size_t key)
{
	size_t first = whi_py_batch_first(scan->batch, key);
	size_t count = scan->batch->keys[key].value_end - first;
	const struct whi_py_met_value *v = scan->batch->values + first;
	PyObject *tuple, *triple;
	struct slot *s;

	if (count == 1)
		return triples_of_one(scan, v);
	tuple = PyTuple_New((Py_ssize_t)count);
	for (size_t i = 0; tuple && i < count; i++) {
		triple = triple_of(scan, &v[i], &s);
		if (!triple || PyTuple_SetItem(tuple, (Py_ssize_t)i, triple) != 0)
			Py_CLEAR(tuple);
	}
	return tuple;
}
