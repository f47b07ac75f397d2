/* SPDX-License-Identifier: MIT */
/*
 * The values of a key that a walk met, a sequence: they become objects when they are asked for.
 *
 * As with the keys of a walk, an object that was handed out is used again if nobody kept it, and
 * since a loop still has the last one there are two, used in turn.
 */
#include "python/batch.h"

struct met_values {
	PyObject_HEAD struct whi_py_hive *hive;
	struct whi_py_batch *batch;
	size_t first, count;
	uint64_t stamp;
	PyObject *kept[2];
	unsigned turn;
};

struct values_iter {
	PyObject_HEAD struct met_values *list; /* NULL: at the end */
	size_t next;
};

static struct met_values *
self_of(PyObject *object)
{
	return (struct met_values *)object;
}

static void
aim(struct met_values *self, struct whi_py_batch *batch, size_t key)
{
	struct whi_py_batch *before = self->batch;

	self->first = whi_py_batch_first(batch, key);
	self->count = batch->keys[key].value_end - self->first;
	if (batch == before)
		return;
	self->batch = batch;
	batch->refs++;
	whi_py_batch_release(before);
}

PyObject *
whi_py_met_values(struct whi_py_hive *hive, struct whi_py_batch *batch, size_t key, uint64_t stamp)
{
	struct met_values *self =
		PyObject_New(struct met_values, (PyTypeObject *)hive->py->list_type);

	if (!self)
		return NULL;
	self->hive = (struct whi_py_hive *)Py_NewRef((PyObject *)hive);
	self->batch = NULL;
	self->stamp = stamp;
	self->kept[0] = self->kept[1] = NULL;
	self->turn = 0;
	aim(self, batch, key);
	return (PyObject *)self;
}

void
whi_py_met_values_reuse(PyObject *list, struct whi_py_batch *batch, size_t key)
{
	aim(self_of(list), batch, key);
}

static void
list_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	whi_py_batch_release(self_of(object)->batch);
	Py_CLEAR(self_of(object)->kept[0]);
	Py_CLEAR(self_of(object)->kept[1]);
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
value_at(struct met_values *self, size_t index)
{
	const struct whi_py_met_value *met = &self->batch->values[self->first + index];
	struct whi_py_hive *hive = self->hive;
	PyObject **kept, *name;

	if (!hive->hive || hive->changes != self->stamp)
		return whi_py_value_new(hive, met->value);
	name = whi_py_name(hive->names, self->batch->text + met->name_at, met->name_len);
	if (!name)
		return NULL;
	self->turn ^= 1;
	kept = &self->kept[self->turn];
	if (*kept && Py_REFCNT(*kept) == 1)
		whi_py_value_reuse(*kept, met, name);
	else
		whi_py_set(kept, whi_py_value_met(hive, met, name));
	return Py_XNewRef(*kept);
}

static PyObject *
list_item(PyObject *object, Py_ssize_t index)
{
	if (index >= 0 && (size_t)index < self_of(object)->count)
		return value_at(self_of(object), (size_t)index);
	PyErr_SetString(PyExc_IndexError, "there are not so many values");
	return NULL;
}

static PyObject *
list_repr(PyObject *object)
{
	PyObject *list = PySequence_List(object), *repr = list ? PyObject_Repr(list) : NULL;

	Py_XDECREF(list);
	return repr;
}

/* ---------------------------------------------------------------------- iterator */

static struct values_iter *
iter_of(PyObject *object)
{
	return (struct values_iter *)object;
}

static PyObject *
list_iter(PyObject *object)
{
	struct met_values *list = self_of(object);
	struct values_iter *it =
		PyObject_New(struct values_iter, (PyTypeObject *)list->hive->py->list_iter_type);

	if (!it)
		return NULL;
	it->list = self_of(Py_NewRef(object));
	it->next = 0;
	return (PyObject *)it;
}

static void
iter_end(struct values_iter *it)
{
	PyObject *list = (PyObject *)it->list;

	it->list = NULL;
	Py_XDECREF(list);
}

static PyObject *
iter_next(PyObject *object)
{
	struct values_iter *it = iter_of(object);

	if (it->list && it->next < it->list->count)
		return value_at(it->list, it->next++);
	iter_end(it);
	return NULL;
}

static PyObject *
iter_iter(PyObject *object)
{
	return Py_NewRef(object);
}

static void
iter_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	iter_end(iter_of(object));
	PyObject_Free(object);
	Py_DECREF(type);
}

/* ---------------------------------------------------------------------- types */

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)PyDoc_STR("The values of a key that a walk met: a sequence.") },
	{ Py_tp_dealloc, (void *)list_dealloc },
	{ Py_tp_repr, (void *)list_repr },
	{ Py_tp_iter, (void *)list_iter },
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

static PyType_Slot iter_slots[] = {
	{ Py_tp_doc, (void *)PyDoc_STR("An iterator of the values of a key that a walk met.") },
	{ Py_tp_dealloc, (void *)iter_dealloc },
	{ Py_tp_iter, (void *)iter_iter },
	{ Py_tp_iternext, (void *)iter_next },
	{ 0, NULL },
};

static PyType_Spec iter_spec = {
	.name = "winhive.ValueIterator",
	.basicsize = sizeof(struct values_iter),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = iter_slots,
};

bool
whi_py_values_init(struct whi_py *py, PyObject *module)
{
	py->list_type = whi_py_type(module, &spec);
	if (!py->list_type)
		return false;
	py->list_iter_type = whi_py_type(module, &iter_spec);
	return py->list_iter_type != NULL;
}
