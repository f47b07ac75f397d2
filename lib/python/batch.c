/* SPDX-License-Identifier: MIT */
/* Batches, and the lists of values that are made of them. */
#include "python/batch.h"

#include <stdlib.h>
#include <string.h>

struct whi_py_batch *
whi_py_batch_new(PyObject *prefix)
{
	struct whi_py_batch *batch = calloc(1, sizeof *batch);

	if (batch) {
		batch->refs = 1;
		batch->prefix = Py_XNewRef(prefix);
	}
	return batch;
}

void
whi_py_batch_release(struct whi_py_batch *batch)
{
	if (!batch || --batch->refs > 0)
		return;
	Py_XDECREF(batch->prefix);
	free(batch->keys);
	free(batch->values);
	free(batch->text);
	free(batch);
}

/* ---------------------------------------------------------------------- filling */

static bool
reserve(void **at, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap ? *cap : 64;
	void *grown;

	if (need <= *cap)
		return true;
	while (more < need)
		more *= 2;
	grown = realloc(*at, more * size);
	if (!grown)
		return false;
	*at = grown;
	*cap = more;
	return true;
}

static bool
note_text(struct whi_py_batch *b, const char *text, size_t len, size_t *at)
{
	void *room = b->text;

	if (!reserve(&room, &b->text_cap, b->text_len + len, 1))
		return false;
	b->text = room;
	*at = b->text_len;
	if (len > 0)
		memcpy(b->text + b->text_len, text, len);
	b->text_len += len;
	return true;
}

static bool
note_value(struct whi_py_batch *b, const struct wh_walk_value *v)
{
	struct whi_py_met_value *met;
	void *room = b->values;

	if (!reserve(&room, &b->value_cap, b->value_count + 1, sizeof *met))
		return false;
	b->values = room;
	met = &b->values[b->value_count];
	met->value = v->value;
	met->type = v->type;
	met->size = v->size;
	met->name_len = v->name_len;
	met->data = v->data_len == v->size ? v->data : NULL;
	if (!note_text(b, v->name, v->name_len, &met->name_at))
		return false;
	b->value_count++;
	return true;
}

/* The next key with its values. */
static enum wh_status
meet(struct whi_py_batch *b, struct wh_walk *walk)
{
	struct wh_walk_key k;
	struct wh_walk_value v;
	struct whi_py_met_key *met;
	void *room = b->keys;
	enum wh_status st = wh_walk_next(walk, &k);

	if (st != WH_OK)
		return st;
	if (!reserve(&room, &b->key_cap, b->key_count + 1, sizeof *met))
		return WH_E_MEMORY;
	b->keys = room;
	met = &b->keys[b->key_count];
	met->key = k.key;
	met->path_len = k.path_len;
	if (!note_text(b, k.path, k.path_len, &met->path_at))
		return WH_E_MEMORY;
	while ((st = wh_walk_next_value(walk, &v)) == WH_OK)
		if (!note_value(b, &v))
			return WH_E_MEMORY;
	if (st != WH_E_NO_MORE)
		return st;
	met->value_end = b->value_count;
	b->key_count++;
	return WH_OK;
}

enum wh_status
whi_py_batch_fill(struct whi_py_batch *batch, struct wh_walk *walk, size_t most)
{
	enum wh_status st = WH_OK;

	while (st == WH_OK && batch->key_count < most)
		st = meet(batch, walk);
	return st;
}

PyObject *
whi_py_batch_path(const struct whi_py_batch *batch, size_t key)
{
	const struct whi_py_met_key *met = &batch->keys[key];
	PyObject *path = whi_py_str(batch->text + met->path_at, met->path_len), *whole;

	if (!path || !batch->prefix)
		return path;
	whole = PyUnicode_FromFormat(met->path_len > 0 ? "%U\\%U" : "%U%U", batch->prefix, path);
	Py_DECREF(path);
	return whole;
}

/* ---------------------------------------------------------------------- lists of values */

struct met_values {
	PyObject_HEAD struct whi_py_hive *hive;
	struct whi_py_batch *batch;
	size_t first, count;
	uint64_t stamp;
};

static struct met_values *
self_of(PyObject *object)
{
	return (struct met_values *)object;
}

static void
aim(struct met_values *self, struct whi_py_batch *batch, size_t key)
{
	self->batch = batch;
	batch->refs++;
	self->first = whi_py_batch_first(batch, key);
	self->count = batch->keys[key].value_end - self->first;
}

PyObject *
whi_py_met_values(struct whi_py_hive *hive, struct whi_py_batch *batch, size_t key, uint64_t stamp)
{
	struct met_values *self =
		PyObject_New(struct met_values, (PyTypeObject *)hive->py->list_type);

	if (!self)
		return NULL;
	self->hive = (struct whi_py_hive *)Py_NewRef((PyObject *)hive);
	self->stamp = stamp;
	aim(self, batch, key);
	return (PyObject *)self;
}

void
whi_py_met_values_reuse(PyObject *list, struct whi_py_batch *batch, size_t key)
{
	struct whi_py_batch *before = self_of(list)->batch;

	aim(self_of(list), batch, key);
	whi_py_batch_release(before);
}

static void
list_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	whi_py_batch_release(self_of(object)->batch);
	Py_CLEAR(self_of(object)->hive);
	PyObject_Free(object);
	Py_DECREF(type);
}

static Py_ssize_t
list_length(PyObject *object)
{
	return (Py_ssize_t)self_of(object)->count;
}

/* If the hive was changed since, the value looks for its name and type again. */
static PyObject *
list_item(PyObject *object, Py_ssize_t index)
{
	struct met_values *self = self_of(object);
	const struct whi_py_met_value *met;
	PyObject *name;

	if (index < 0 || (size_t)index >= self->count) {
		PyErr_SetString(PyExc_IndexError, "there are not so many values");
		return NULL;
	}
	if (!self->hive->hive || self->hive->changes != self->stamp)
		return whi_py_value_new(self->hive,
					self->batch->values[self->first + (size_t)index].value);
	met = &self->batch->values[self->first + (size_t)index];
	name = whi_py_str(self->batch->text + met->name_at, met->name_len);
	return whi_py_value_known(self->hive, met->value, name, met->type, met->size);
}

static PyObject *
list_repr(PyObject *object)
{
	PyObject *list = PySequence_List(object), *repr = list ? PyObject_Repr(list) : NULL;

	Py_XDECREF(list);
	return repr;
}

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)PyDoc_STR("The values of a key that a walk met: a sequence.") },
	{ Py_tp_dealloc, (void *)list_dealloc },
	{ Py_tp_repr, (void *)list_repr },
	{ Py_sq_length, (void *)list_length },
	{ Py_sq_item, (void *)list_item },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.ValueList",
	.basicsize = sizeof(struct met_values),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};

bool
whi_py_batch_init(struct whi_py *py, PyObject *module)
{
	py->list_type = whi_py_type(module, &spec);
	return py->list_type != NULL;
}
