/* SPDX-License-Identifier: MIT */
/* Key: a key of a hive, to be read. */
#include "python/batch.h"

#include <stdlib.h>
#include <string.h>

static struct whi_py_key *
self_of(PyObject *object)
{
	return (struct whi_py_key *)object;
}

static PyObject *
key_alloc(struct whi_py_hive *hive, uint64_t stamp)
{
	struct whi_py_key *self =
		PyObject_New(struct whi_py_key, (PyTypeObject *)hive->py->key_type);

	if (!self)
		return NULL;
	self->hive = (struct whi_py_hive *)Py_NewRef((PyObject *)hive);
	self->path = NULL;
	self->batch = NULL;
	self->index = 0;
	self->stamp = stamp;
	return (PyObject *)self;
}

PyObject *
whi_py_key_new(struct whi_py_hive *hive, struct wh_key key)
{
	PyObject *self = key_alloc(hive, hive->changes);

	if (self)
		self_of(self)->key = key;
	return self;
}

/* The stamp stays: it is of the walk, which goes on only as long as nothing changes. */
void
whi_py_key_reuse(PyObject *key, struct whi_py_batch *batch, size_t index)
{
	struct whi_py_key *self = self_of(key);
	struct whi_py_batch *before = self->batch;

	self->key = batch->keys[index].key;
	self->index = index;
	if (self->path)
		Py_CLEAR(self->path);
	if (batch == before)
		return;
	self->batch = batch;
	batch->refs++;
	whi_py_batch_release(before);
}

PyObject *
whi_py_key_met(struct whi_py_hive *hive, struct whi_py_batch *batch, size_t index, uint64_t stamp)
{
	PyObject *self = key_alloc(hive, stamp);

	if (self)
		whi_py_key_reuse(self, batch, index);
	return self;
}

static void
key_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	whi_py_batch_release(self_of(object)->batch);
	Py_CLEAR(self_of(object)->path);
	Py_CLEAR(self_of(object)->hive);
	PyObject_Free(object);
	Py_DECREF(type);
}

PyObject *
whi_py_read_text(struct whi_py_hive *hive, whi_py_read_fn *read, const void *object)
{
	char small[800], *buf = small;
	size_t cap = sizeof small, len = 0;
	PyObject *text;
	enum wh_status st;

	if (!whi_py_read_begin(hive))
		return NULL;
	st = read(object, buf, cap, &len);
	if (st == WH_E_MORE_DATA) {
		cap = len;
		buf = malloc(cap);
		st = buf ? read(object, buf, cap, &len) : WH_E_MEMORY;
	}
	whi_py_read_end(hive);
	text = st == WH_OK ? whi_py_str(buf, len) : whi_py_raise(st);
	if (buf != small)
		free(buf);
	return text;
}

/* ---------------------------------------------------------------------- names */

static enum wh_status
read_name(const void *object, char *buf, size_t cap, size_t *len)
{
	return wh_key_name(((const struct whi_py_key *)object)->key, buf, cap, len);
}

static enum wh_status
read_class(const void *object, char *buf, size_t cap, size_t *len)
{
	return wh_key_class(((const struct whi_py_key *)object)->key, buf, cap, len);
}

/*
 * The path, made from its end: 'buf' is filled from behind, which is possible since the length is
 * known before.  A key lies deeper than this only in a damaged hive.
 */
enum { MOST_LEVELS = 1024 };

static enum wh_status
read_path(const void *object, char *buf, size_t cap, size_t *len)
{
	struct wh_key keys[MOST_LEVELS], key = ((const struct whi_py_key *)object)->key, parent;
	size_t levels = 0, part, at = 0;
	enum wh_status st;

	*len = 0;
	while ((st = wh_key_parent(key, &parent)) == WH_OK && levels < MOST_LEVELS) {
		st = wh_key_name(key, NULL, 0, &part);
		if (st != WH_OK && st != WH_E_MORE_DATA)
			return st;
		*len += part + (levels > 0);
		keys[levels++] = key;
		key = parent;
	}
	if (st != WH_E_NO_MORE)
		return st == WH_OK ? WH_E_CORRUPT : st;
	if (*len > cap)
		return WH_E_MORE_DATA;
	while (levels > 0) {
		st = wh_key_name(keys[--levels], buf + at, cap - at, &part);
		if (st != WH_OK)
			return st;
		at += part;
		if (levels > 0)
			buf[at++] = '\\';
	}
	return WH_OK;
}

static PyObject *
key_class(PyObject *object, void *unused)
{
	(void)unused;
	return whi_py_read_text(self_of(object)->hive, read_class, object);
}

/* Is what the walk knew of the key still so? */
static bool
is_as_met(const struct whi_py_key *self)
{
	return self->batch && self->stamp == self->hive->changes && self->hive->hive;
}

PyObject *
whi_py_key_name(PyObject *object, void *unused)
{
	struct whi_py_key *self = self_of(object);

	(void)unused;
	if (is_as_met(self) && self->batch->keys[self->index].path_len > 0)
		return whi_py_batch_name(self->batch, self->index);
	return whi_py_read_text(self->hive, read_name, object);
}

PyObject *
whi_py_key_path(PyObject *object, void *unused)
{
	struct whi_py_key *self = self_of(object);
	uint64_t stamp = self->hive->changes;
	PyObject *path;

	(void)unused;
	if (self->path && self->stamp == stamp)
		return Py_NewRef(self->path);
	if (is_as_met(self)) {
		path = whi_py_batch_path(self->batch, self->index);
	} else {
		whi_py_batch_release(self->batch);
		self->batch = NULL;
		path = whi_py_read_text(self->hive, read_path, object);
	}
	if (path) {
		whi_py_set(&self->path, Py_NewRef(path));
		self->stamp = stamp;
	}
	return path;
}

static PyObject *
key_repr(PyObject *object)
{
	PyObject *path = whi_py_key_path(object, NULL), *repr;

	if (path) {
		repr = PyUnicode_FromFormat("<winhive.Key %R>", path);
		Py_DECREF(path);
		return repr;
	}
	PyErr_Clear(); /* closed, deleted or damaged: it can be shown all the same */
	return PyUnicode_FromFormat("<winhive.Key at cell %u>",
				    (unsigned)self_of(object)->key.cell);
}

/* ---------------------------------------------------------------------- other keys */

static PyObject *
key_hive(PyObject *object, void *unused)
{
	(void)unused;
	return Py_NewRef((PyObject *)self_of(object)->hive);
}

static PyObject *
key_parent(PyObject *object, void *unused)
{
	struct whi_py_key *self = self_of(object);
	struct wh_key parent;
	enum wh_status st;

	(void)unused;
	if (!whi_py_read_begin(self->hive))
		return NULL;
	st = wh_key_parent(self->key, &parent);
	whi_py_read_end(self->hive);
	if (st == WH_E_NO_MORE)
		Py_RETURN_NONE;
	return st == WH_OK ? whi_py_key_new(self->hive, parent) : whi_py_raise(st);
}

/* The key at a path; '*missing': there is none, and NULL without an exception. */
PyObject *
whi_py_key_find(struct whi_py_key *self, PyObject *path, bool *missing)
{
	struct whi_py_text text = { 0 };
	struct wh_key found;
	enum wh_status st;

	*missing = false;
	if (!whi_py_text_arg(path, &text))
		return NULL;
	if (!whi_py_read_begin(self->hive)) {
		whi_py_text_done(&text);
		return NULL;
	}
	st = wh_key_open(self->key, text.at, text.len, &found);
	whi_py_read_end(self->hive);
	whi_py_text_done(&text);
	*missing = st == WH_E_NOT_FOUND;
	if (*missing)
		return NULL;
	return st == WH_OK ? whi_py_key_new(self->hive, found) : whi_py_raise(st);
}

static PyObject *
key_subscript(PyObject *object, PyObject *path)
{
	bool missing;
	PyObject *key = whi_py_key_find(self_of(object), path, &missing);

	if (missing)
		PyErr_SetObject(PyExc_KeyError, path);
	return key;
}

static int
key_contains(PyObject *object, PyObject *path)
{
	bool missing;
	PyObject *key = whi_py_key_find(self_of(object), path, &missing);

	Py_XDECREF(key);
	return key ? 1 : missing ? 0 : -1;
}

PyObject *
whi_py_key_get(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "path", "default", NULL };
	PyObject *path, *fallback = Py_None, *key;
	bool missing;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O|O:get", WHI_PY_WORDS(words), &path,
					 &fallback))
		return NULL;
	key = whi_py_key_find(self_of(object), path, &missing);
	return missing ? Py_NewRef(fallback) : key;
}

static PyObject *
key_value(PyObject *object, PyObject *args)
{
	struct whi_py_key *self = self_of(object);
	struct whi_py_text text = { 0 };
	PyObject *name = Py_None;
	struct wh_value value;
	enum wh_status st;

	if (!PyArg_ParseTuple(args, "|O:value", &name) || !whi_py_text_or_none_arg(name, &text))
		return NULL;
	if (!whi_py_read_begin(self->hive)) {
		whi_py_text_done(&text);
		return NULL;
	}
	st = wh_key_value(self->key, text.at, text.len, &value);
	whi_py_read_end(self->hive);
	whi_py_text_done(&text);
	if (st == WH_OK)
		return whi_py_value_new(self->hive, value);
	if (st != WH_E_NOT_FOUND)
		return whi_py_raise(st);
	PyErr_SetObject(PyExc_KeyError, name);
	return NULL;
}

static PyObject *
key_iter_subkeys(PyObject *object, PyObject *unused)
{
	(void)unused;
	return whi_py_subkeys(self_of(object));
}

static PyObject *
key_iter(PyObject *object)
{
	return whi_py_subkeys(self_of(object));
}

static PyObject *
key_iter_values(PyObject *object, PyObject *unused)
{
	(void)unused;
	return whi_py_values(self_of(object));
}

static PyObject *
key_walk(PyObject *object, PyObject *unused)
{
	(void)unused;
	return whi_py_walk_begin(self_of(object), false);
}

static PyObject *
key_scan(PyObject *object, PyObject *unused)
{
	(void)unused;
	return whi_py_walk_begin(self_of(object), true);
}

/* ---------------------------------------------------------------------- attributes */

static bool
read_info(struct whi_py_key *self, struct wh_key_info *info)
{
	enum wh_status st;

	if (!whi_py_read_begin(self->hive))
		return false;
	st = wh_key_info(self->key, info);
	whi_py_read_end(self->hive);
	if (st != WH_OK)
		whi_py_raise(st);
	return st == WH_OK;
}

static PyObject *
key_filetime(PyObject *object, void *unused)
{
	struct wh_key_info info;

	(void)unused;
	return read_info(self_of(object), &info) ? PyLong_FromUnsignedLongLong(info.last_written)
						 : NULL;
}

static PyObject *
key_last_written(PyObject *object, void *unused)
{
	struct wh_key_info info;

	(void)unused;
	return read_info(self_of(object), &info)
		       ? whi_py_datetime(self_of(object)->hive->py, info.last_written)
		       : NULL;
}

static PyObject *
key_info(PyObject *object, PyObject *unused)
{
	struct wh_key_info i;

	(void)unused;
	if (!read_info(self_of(object), &i))
		return NULL;
	return Py_BuildValue(
		"{s:I,s:I,s:I,s:K,s:I,s:I,s:O,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,"
		"s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
		"cell", i.cell, "cell_size", i.cell_size, "flags", i.flags, "last_written",
		(unsigned long long)i.last_written, "access", i.access, "layer", (unsigned)i.layer,
		"inherit_class", i.inherit_class ? Py_True : Py_False, "parent", i.parent,
		"subkey_count", i.subkey_count, "volatile_count", i.volatile_count, "subkey_list",
		i.subkey_list, "value_count", i.value_count, "value_list", i.value_list, "security",
		i.security, "class_cell", i.class_cell, "class_len", i.class_len, "name_len",
		i.name_len, "max_name_len", i.max_name_len, "user_flags", i.user_flags,
		"virtual_flags", i.virtual_flags, "max_class_len", i.max_class_len,
		"max_value_name_len", i.max_value_name_len, "max_value_len", i.max_value_len,
		"work_var", i.work_var);
}

static PyObject *
key_security(PyObject *object, void *unused)
{
	struct whi_py_key *self = self_of(object);
	PyObject *bytes = NULL;
	const void *descriptor;
	size_t len;
	enum wh_status st;

	(void)unused;
	if (!whi_py_read_begin(self->hive))
		return NULL;
	st = wh_key_security(self->key, &descriptor, &len);
	if (st == WH_OK)
		bytes = PyBytes_FromStringAndSize(descriptor, (Py_ssize_t)len);
	whi_py_read_end(self->hive);
	return st == WH_OK ? bytes : whi_py_raise(st);
}

/* A mapping over the key, of a class that is written in Python. */
static PyObject *
view(PyObject *object, PyObject **class, const char *name)
{
	PyObject *module;

	if (!*class) {
		module = PyImport_ImportModule("winhive._views");
		*class = module ? PyObject_GetAttrString(module, name) : NULL;
		Py_XDECREF(module);
	}
	return *class ? PyObject_CallFunctionObjArgs(*class, object, NULL) : NULL;
}

static PyObject *
key_subkeys(PyObject *object, void *unused)
{
	(void)unused;
	return view(object, &self_of(object)->hive->py->subkeys_view, "Subkeys");
}

static PyObject *
key_values(PyObject *object, void *unused)
{
	(void)unused;
	return view(object, &self_of(object)->hive->py->values_view, "Values");
}

/* ---------------------------------------------------------------------- setters */

static enum wh_status
set_time(struct whi_py_key *self, uint64_t filetime)
{
	enum wh_status st;

	Py_BEGIN_ALLOW_THREADS
	st = wh_key_set_time(self->key, filetime);
	Py_END_ALLOW_THREADS
	return st;
}

static int
key_set_filetime(PyObject *object, PyObject *time, void *unused)
{
	struct whi_py_key *self = self_of(object);
	uint64_t filetime;
	enum wh_status st;

	(void)unused;
	if (!time || time == Py_None) {
		PyErr_SetString(PyExc_TypeError, "a key always has a time");
		return -1;
	}
	if (!whi_py_filetime(self->hive->py, time, &filetime) || !whi_py_write_begin(self->hive))
		return -1;
	st = set_time(self, filetime);
	whi_py_write_end(self->hive);
	if (st != WH_OK)
		whi_py_raise(st);
	return st == WH_OK ? 0 : -1;
}

static int
key_set_class(PyObject *object, PyObject *name, void *unused)
{
	struct whi_py_key *self = self_of(object);
	struct whi_py_text text = { 0 };
	enum wh_status st;

	(void)unused;
	if (!whi_py_text_or_none_arg(name ? name : Py_None, &text))
		return -1;
	if (!whi_py_write_begin(self->hive)) {
		whi_py_text_done(&text);
		return -1;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_key_set_class(self->key, text.at, text.len);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self->hive);
	whi_py_text_done(&text);
	if (st != WH_OK)
		whi_py_raise(st);
	return st == WH_OK ? 0 : -1;
}

static int
key_set_security(PyObject *object, PyObject *descriptor, void *unused)
{
	struct whi_py_key *self = self_of(object);
	Py_buffer data;
	enum wh_status st;

	(void)unused;
	if (!descriptor) {
		PyErr_SetString(PyExc_TypeError, "a key always has a security descriptor");
		return -1;
	}
	if (PyObject_GetBuffer(descriptor, &data, PyBUF_SIMPLE) != 0)
		return -1;
	if (!whi_py_write_begin(self->hive)) {
		PyBuffer_Release(&data);
		return -1;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_key_set_security(self->key, data.buf, (size_t)data.len);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self->hive);
	PyBuffer_Release(&data);
	if (st != WH_OK)
		whi_py_raise(st);
	return st == WH_OK ? 0 : -1;
}

/* ---------------------------------------------------------------------- type */

static PyObject *
key_compare(PyObject *a, PyObject *b, int op)
{
	bool equal;

	if (Py_TYPE(a) != Py_TYPE(b) || (op != Py_EQ && op != Py_NE))
		Py_RETURN_NOTIMPLEMENTED;
	equal = self_of(a)->hive == self_of(b)->hive &&
		self_of(a)->key.cell == self_of(b)->key.cell &&
		self_of(a)->key.generation == self_of(b)->key.generation;
	return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
key_hash(PyObject *object)
{
	Py_hash_t hash = (Py_hash_t)((uintptr_t)self_of(object)->hive >> 4) ^
			 (Py_hash_t)self_of(object)->key.cell;

	return hash == -1 ? -2 : hash;
}

static PyMethodDef reads[] = {
	{ "get", WHI_PY_METHOD(whi_py_key_get), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("get($self, /, path, default=None)\n--\n\nThe key at a path, or default.") },
	{ "value", key_value, METH_VARARGS,
	  PyDoc_STR("value($self, name=None, /)\n--\n\n"
		    "The value of that name, or KeyError; None or '' is the default value.") },
	{ "iter_subkeys", key_iter_subkeys, METH_NOARGS,
	  PyDoc_STR("iter_subkeys($self, /)\n--\n\n"
		    "The subkeys in stored order.  One that cannot be read is left out, and\n"
		    "told of in hive.issues.") },
	{ "iter_values", key_iter_values, METH_NOARGS,
	  PyDoc_STR("iter_values($self, /)\n--\n\n"
		    "The values in order of creation.  One that cannot be read is left out, and\n"
		    "told of in hive.issues.") },
	{ "walk", key_walk, METH_NOARGS,
	  PyDoc_STR("walk($self, /)\n--\n\n"
		    "This key and all below it: pairs of a Key and a list of its Values.\n\n"
		    "A key comes before its subkeys.  Data are read when they are asked for.\n"
		    "What cannot be read is left out, and told of in hive.issues.  Changing the\n"
		    "hive ends the walk with a RuntimeError.") },
	{ "scan", key_scan, METH_NOARGS,
	  PyDoc_STR("scan($self, /)\n--\n\n"
		    "As walk(), with plain objects, which is the fastest way to read all.\n\n"
		    "Pairs of a path and a list of (name, data, type): str, bytes and int.  Of\n"
		    "a damaged value what can be read of its data is given.") },
	{ "info", key_info, METH_NOARGS,
	  PyDoc_STR("info($self, /)\n--\n\nEvery field of the key as it is stored: a dict.") },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef attributes[] = {
	{ "name", whi_py_key_name, NULL, PyDoc_STR("the name"), NULL },
	{ "path", whi_py_key_path, NULL, PyDoc_STR("the path from the root key, which is ''"),
	  NULL },
	{ "hive", key_hive, NULL, PyDoc_STR("the hive"), NULL },
	{ "parent", key_parent, NULL, PyDoc_STR("the key above; None for the root"), NULL },
	{ "class_name", key_class, key_set_class, PyDoc_STR("the class, or ''"), NULL },
	{ "filetime", key_filetime, key_set_filetime,
	  PyDoc_STR("when it was last written, in units of 100 ns since 1601 UTC"), NULL },
	{ "last_written", key_last_written, key_set_filetime,
	  PyDoc_STR("the same as a datetime in UTC, to the microsecond; None past the year 9999"),
	  NULL },
	{ "security", key_security, key_set_security,
	  PyDoc_STR("the security descriptor, self-relative: bytes"), NULL },
	{ "subkeys", key_subkeys, NULL, PyDoc_STR("a mapping from names to subkeys"), NULL },
	{ "values", key_values, NULL, PyDoc_STR("a mapping from names to values"), NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* As of a value: what is asked for most is found at once. */
static PyObject *
key_attribute(PyObject *object, PyObject *name)
{
	const struct whi_py *py = self_of(object)->hive->py;

	if (name == py->word_name)
		return whi_py_key_name(object, NULL);
	if (name == py->word_path)
		return whi_py_key_path(object, NULL);
	return PyObject_GenericGetAttr(object, name);
}

static const char doc[] =
	"A key of a hive.\n\n"
	"key[path] is a key below it and 'path in key' says whether it is there; letters may be "
	"of\n"
	"any case, names are joined by backslashes.  Iteration gives the subkeys.  'subkeys' and\n"
	"'values' are mappings, and values can be set and deleted through the latter.\n\n"
	">>> from winhive import Hive\n"
	">>> hive = Hive.new()\n"
	">>> key = hive.root.create(r'Control\\Session')\n"
	">>> key.values['Path'] = r'%SystemRoot%\\system32', 2\n"
	">>> hive['control']['SESSION'].values['path']\n"
	"<winhive.Value 'Path' REG_EXPAND_SZ '%SystemRoot%\\\\system32'>\n"
	">>> [subkey.name for subkey in hive.root], r'Control\\Other' in hive\n"
	"(['Control'], False)\n"
	">>> del key.values['Path']\n"
	">>> len(key.values)\n"
	"0\n";

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)doc },
	{ Py_tp_dealloc, (void *)key_dealloc },
	{ Py_tp_repr, (void *)key_repr },
	{ Py_tp_iter, (void *)key_iter },
	{ Py_tp_richcompare, (void *)key_compare },
	{ Py_tp_hash, (void *)key_hash },
	{ Py_tp_getattro, (void *)key_attribute },
	{ Py_tp_getset, attributes },
	{ Py_mp_subscript, (void *)key_subscript },
	{ Py_sq_contains, (void *)key_contains },
	{ Py_tp_methods, NULL }, /* set below: reads and edits, in one list */
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.Key",
	.basicsize = sizeof(struct whi_py_key),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};

bool
whi_py_key_init(struct whi_py *py, PyObject *module)
{
	static PyMethodDef methods[32]; /* the type refers to it; the same for each interpreter */
	size_t count = 0;

	for (const PyMethodDef *m = reads; m->ml_name; m++)
		methods[count++] = *m;
	for (const PyMethodDef *m = whi_py_key_edits; m->ml_name; m++)
		methods[count++] = *m;
	for (PyType_Slot *slot = slots; slot->slot; slot++)
		if (slot->slot == Py_tp_methods)
			slot->pfunc = methods;
	py->key_type = whi_py_type(module, &spec);
	return py->key_type != NULL;
}
