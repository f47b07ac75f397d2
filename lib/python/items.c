/* SPDX-License-Identifier: MIT */
/* Iterators over the subkeys or the values of one key: a step reads one of them. */
#include "python/hive.h"

struct items {
	PyObject_HEAD struct whi_py_hive *hive;
	struct wh_key key;
	bool values; /* of values, else of subkeys */
	struct wh_subkeys subkeys;
	uint32_t index;
	uint64_t stamp;
};

static struct items *
items_of(PyObject *object)
{
	return (struct items *)object;
}

static enum wh_status
step(struct items *it, struct wh_key *key, struct wh_value *value)
{
	enum wh_status st;

	do
		st = it->values ? wh_key_value_at(it->key, it->index++, value)
				: wh_subkeys_next(&it->subkeys, key);
	while (st == WH_E_CORRUPT); /* which was reported, and the next may be fine */
	return st;
}

static PyObject *
items_next(PyObject *object)
{
	struct items *it = items_of(object);
	struct wh_key key;
	struct wh_value value;
	enum wh_status st;

	if (!whi_py_read_begin(it->hive))
		return NULL;
	st = it->stamp == it->hive->changes ? step(it, &key, &value) : WH_E_DELETED;
	whi_py_read_end(it->hive);
	if (st == WH_E_DELETED) {
		PyErr_SetString(PyExc_RuntimeError, "the hive was changed during iteration");
		return NULL;
	}
	if (st == WH_E_NO_MORE)
		return NULL;
	if (st != WH_OK)
		return whi_py_raise(st);
	return it->values ? whi_py_value_new(it->hive, value) : whi_py_key_new(it->hive, key);
}

static PyObject *
items_iter(PyObject *object)
{
	return Py_NewRef(object);
}

static void
items_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	Py_CLEAR(items_of(object)->hive);
	PyObject_Free(object);
	Py_DECREF(type);
}

static PyObject *
items_new(struct whi_py_key *key, bool values)
{
	struct whi_py_hive *hive = key->hive;
	struct items *it = PyObject_New(struct items, (PyTypeObject *)hive->py->items_type);
	struct wh_key_info info;
	enum wh_status st = WH_E_HANDLE;

	if (!it)
		return NULL;
	it->hive = (struct whi_py_hive *)Py_NewRef((PyObject *)hive);
	it->key = key->key;
	it->values = values;
	it->index = 0;
	it->stamp = hive->changes;
	if (!whi_py_read_begin(hive)) {
		Py_DECREF((PyObject *)it);
		return NULL;
	}
	st = values ? wh_key_info(key->key, &info) : wh_subkeys_begin(key->key, &it->subkeys);
	whi_py_read_end(hive);
	if (st == WH_OK)
		return (PyObject *)it;
	Py_DECREF((PyObject *)it);
	return whi_py_raise(st);
}

PyObject *
whi_py_subkeys(struct whi_py_key *key)
{
	return items_new(key, false);
}

PyObject *
whi_py_values(struct whi_py_key *key)
{
	return items_new(key, true);
}

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)PyDoc_STR("An iterator of the subkeys or the values of a key.") },
	{ Py_tp_dealloc, (void *)items_dealloc },
	{ Py_tp_iter, (void *)items_iter },
	{ Py_tp_iternext, (void *)items_next },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.Items",
	.basicsize = sizeof(struct items),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};

bool
whi_py_items_init(struct whi_py *py, PyObject *module)
{
	py->items_type = whi_py_type(module, &spec);
	return py->items_type != NULL;
}
