/* SPDX-License-Identifier: MIT */
/* Value: a value of a key, whose data are read when they are asked for. */
#include "python/batch.h"

#include <string.h>

static struct whi_py_value *
self_of(PyObject *object)
{
	return (struct whi_py_value *)object;
}

PyObject *
whi_py_value_known(struct whi_py_hive *hive, struct wh_value value, PyObject *name, uint32_t type,
		   uint32_t size)
{
	struct whi_py_value *self;

	if (!name)
		return NULL;
	self = PyObject_New(struct whi_py_value, (PyTypeObject *)hive->py->value_type);
	if (!self) {
		Py_DECREF(name);
		return NULL;
	}
	self->hive = (struct whi_py_hive *)Py_NewRef((PyObject *)hive);
	self->value = value;
	self->name = name;
	self->type = type;
	self->size = size;
	self->data = NULL;
	self->stamp = hive->changes;
	return (PyObject *)self;
}

PyObject *
whi_py_value_met(struct whi_py_hive *hive, const struct whi_py_met_value *met, PyObject *name)
{
	PyObject *self = whi_py_value_known(hive, met->value, name, met->type, met->size);

	if (self)
		self_of(self)->data = met->data;
	return self;
}

/* The hive is the same, and was not changed since the walk began. */
void
whi_py_value_reuse(PyObject *value, const struct whi_py_met_value *met, PyObject *name)
{
	struct whi_py_value *self = self_of(value);

	self->value = met->value;
	self->type = met->type;
	self->size = met->size;
	self->data = met->data;
	self->stamp = self->hive->changes;
	whi_py_set(&self->name, name);
}

static enum wh_status
read_name(const void *value, char *buf, size_t cap, size_t *len)
{
	return wh_value_name(*(const struct wh_value *)value, buf, cap, len);
}

/* Name, type and size as they are now. */
static PyObject *
look(struct whi_py_hive *hive, struct wh_value value, uint32_t *type, uint32_t *size)
{
	struct wh_value_info info;
	enum wh_status st;

	if (!whi_py_read_begin(hive))
		return NULL;
	st = wh_value_info(value, &info);
	whi_py_read_end(hive);
	if (st != WH_OK)
		return whi_py_raise(st);
	*type = info.type;
	*size = info.size;
	return whi_py_read_text(hive, read_name, &value);
}

PyObject *
whi_py_value_new(struct whi_py_hive *hive, struct wh_value value)
{
	uint32_t type = 0, size = 0;
	PyObject *name = look(hive, value, &type, &size);

	return whi_py_value_known(hive, value, name, type, size);
}

static void
value_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	Py_CLEAR(self_of(object)->name);
	Py_CLEAR(self_of(object)->hive);
	PyObject_Free(object);
	Py_DECREF(type);
}

/* Look again if the hive was changed since. */
static bool
fresh(struct whi_py_value *self)
{
	uint64_t stamp = self->hive->changes;
	uint32_t type = 0, size = 0;
	PyObject *name;

	if (self->stamp == stamp && self->hive->hive)
		return true;
	name = look(self->hive, self->value, &type, &size);
	if (!name)
		return false;
	whi_py_set(&self->name, name);
	self->type = type;
	self->size = size;
	self->data = NULL;
	self->stamp = stamp;
	return true;
}

/* ---------------------------------------------------------------------- data */

/*
 * The data as bytes.  With 'partial', of a damaged value those that can be read; else that is an
 * error.
 */
PyObject *
whi_py_value_data(PyObject *value, bool partial)
{
	struct whi_py_value *self = self_of(value);
	size_t cap = self->stamp == self->hive->changes ? self->size : 0, len;
	PyObject *bytes, *part;
	enum wh_status st;

	/* No lock: with the GIL nobody begins a change, and none is under way. */
	if (self->data && self->stamp == self->hive->changes)
		return PyBytes_FromStringAndSize(self->data, (Py_ssize_t)self->size);
	for (;;) {
		bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)cap);
		if (!bytes)
			return NULL;
		if (!whi_py_read_begin(self->hive)) {
			Py_DECREF(bytes);
			return NULL;
		}
		st = wh_value_read(self->value, PyBytes_AsString(bytes), cap, &len);
		whi_py_read_end(self->hive);
		if (st != WH_E_MORE_DATA)
			break;
		Py_DECREF(bytes); /* it has grown */
		cap = len;
	}
	if (st != WH_OK && !(st == WH_E_CORRUPT && partial)) {
		Py_DECREF(bytes);
		return whi_py_raise(st);
	}
	if (len == cap)
		return bytes;
	part = PyBytes_FromStringAndSize(PyBytes_AsString(bytes), (Py_ssize_t)len);
	Py_DECREF(bytes);
	return part;
}

static PyObject *
value_read(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "partial", NULL };
	int partial = 0;

	if (!PyArg_ParseTupleAndKeywords(args, names, "|$p:read", WHI_PY_WORDS(words), &partial))
		return NULL;
	return whi_py_value_data(object, partial);
}

static PyObject *
value_data(PyObject *object, void *unused)
{
	(void)unused;
	return whi_py_value_data(object, false);
}

/*
 * From the data where they lie, if the walk that met the value knew where: as with a memoryview the
 * hive cannot be changed meanwhile.  A list is made of a copy, since the collector may run anything
 * when it is made, and may well change the hive.
 */
static PyObject *
object_in_place(struct whi_py_value *self)
{
	struct whi_py_hive *hive = self->hive;
	PyObject *object;

	hive->exports++;
	object = whi_py_data_to(self->type, self->data, self->size);
	hive->exports--;
	return object;
}

static PyObject *
value_object(PyObject *object, void *unused)
{
	struct whi_py_value *self = self_of(object);
	PyObject *bytes, *result;

	(void)unused;
	if (!fresh(self))
		return NULL;
	if (self->data && self->type != WH_REG_MULTI_SZ)
		return object_in_place(self);
	bytes = whi_py_value_data(object, false);
	if (!bytes)
		return NULL;
	result = whi_py_data_to(self->type, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
	Py_DECREF(bytes);
	return result;
}

/*
 * A view of the data where they lie in the hive; those that do not lie in one piece are copied, and
 * the copy is kept by the view.
 */
static int
value_getbuffer(PyObject *object, Py_buffer *view, int flags)
{
	struct whi_py_value *self = self_of(object);
	const void *piece = NULL;
	PyObject *copy;
	size_t len = 0;
	enum wh_status st;
	int done;

	view->obj = NULL;
	if (!fresh(self) || !whi_py_read_begin(self->hive))
		return -1;
	st = wh_value_piece(self->value, 0, &piece, &len);
	if (st == WH_OK && len == self->size)
		self->hive->exports++;
	whi_py_read_end(self->hive);
	if (st == WH_OK && len == self->size) {
		done = PyBuffer_FillInfo(view, object, (void *)(uintptr_t)piece, (Py_ssize_t)len, 1,
					 flags);
		self->hive->exports -= done != 0;
		return done;
	}
	copy = whi_py_value_data(object, false);
	if (!copy)
		return -1;
	/* The view is of the bytes, which have nothing to be released but themselves. */
	done = PyObject_GetBuffer(copy, view, flags);
	Py_DECREF(copy);
	return done;
}

static void
value_releasebuffer(PyObject *object, Py_buffer *view)
{
	(void)view;
	self_of(object)->hive->exports--;
}

/* ---------------------------------------------------------------------- attributes */

static PyObject *
value_name(PyObject *object, void *unused)
{
	(void)unused;
	return fresh(self_of(object)) ? Py_NewRef(self_of(object)->name) : NULL;
}

static PyObject *
value_type(PyObject *object, void *unused)
{
	(void)unused;
	return fresh(self_of(object)) ? PyLong_FromUnsignedLong(self_of(object)->type) : NULL;
}

static PyObject *
value_size(PyObject *object, void *unused)
{
	(void)unused;
	return fresh(self_of(object)) ? PyLong_FromUnsignedLong(self_of(object)->size) : NULL;
}

static PyObject *
type_text(uint32_t type)
{
	const char *name = wh_type_name(type);

	return name ? PyUnicode_FromString(name) : PyUnicode_FromFormat("0x%x", (unsigned)type);
}

static PyObject *
value_type_name(PyObject *object, void *unused)
{
	(void)unused;
	return fresh(self_of(object)) ? type_text(self_of(object)->type) : NULL;
}

static PyObject *
value_info(PyObject *object, PyObject *unused)
{
	struct whi_py_value *self = self_of(object);
	struct wh_value_info i;
	enum wh_status st;

	(void)unused;
	if (!whi_py_read_begin(self->hive))
		return NULL;
	st = wh_value_info(self->value, &i);
	whi_py_read_end(self->hive);
	if (st != WH_OK)
		return whi_py_raise(st);
	return Py_BuildValue(
		"{s:I,s:I,s:I,s:I,s:I,s:I,s:O,s:O,s:O,s:I,s:I}", "cell", i.cell, "cell_size",
		i.cell_size, "type", i.type, "size", i.size, "readable", i.readable, "data_cell",
		i.data_cell, "inline_data", i.inline_data ? Py_True : Py_False, "big_data",
		i.big_data ? Py_True : Py_False, "tombstone", i.tombstone ? Py_True : Py_False,
		"flags", i.flags, "name_len", i.name_len);
}

static PyObject *
value_repr(PyObject *object)
{
	struct whi_py_value *self = self_of(object);
	PyObject *type = NULL, *shown = NULL, *repr = NULL;

	if (fresh(self) && (type = type_text(self->type))) {
		shown = self->size <= 64 ? value_object(object, NULL) : NULL;
		if (shown)
			repr = PyUnicode_FromFormat("<winhive.Value %R %U %R>", self->name, type,
						    shown);
		else
			repr = PyUnicode_FromFormat("<winhive.Value %R %U, %u bytes>", self->name,
						    type, (unsigned)self->size);
	}
	Py_XDECREF(type);
	Py_XDECREF(shown);
	if (repr)
		PyErr_Clear(); /* of data that cannot be read the size is shown */
	if (!repr) {
		PyErr_Clear();
		repr = PyUnicode_FromFormat("<winhive.Value at cell %u>",
					    (unsigned)self->value.cell);
	}
	return repr;
}

static PyObject *
value_compare(PyObject *a, PyObject *b, int op)
{
	bool equal;

	if (Py_TYPE(a) != Py_TYPE(b) || (op != Py_EQ && op != Py_NE))
		Py_RETURN_NOTIMPLEMENTED;
	equal = self_of(a)->hive == self_of(b)->hive &&
		self_of(a)->value.cell == self_of(b)->value.cell &&
		self_of(a)->value.generation == self_of(b)->value.generation;
	return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
value_hash(PyObject *object)
{
	Py_hash_t hash = (Py_hash_t)((uintptr_t)self_of(object)->hive >> 4) ^
			 (Py_hash_t)self_of(object)->value.cell;

	return hash == -1 ? -2 : hash;
}

static PyMethodDef methods[] = {
	{ "read", WHI_PY_METHOD(value_read), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("read($self, /, *, partial=False)\n--\n\n"
		    "The data as bytes; with partial=True, of a damaged value what can be read.") },
	{ "info", value_info, METH_NOARGS,
	  PyDoc_STR("info($self, /)\n--\n\nEvery field of the value as it is stored: a dict.") },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef attributes[] = {
	{ "name", value_name, NULL, PyDoc_STR("the name; '' is the default value"), NULL },
	{ "type", value_type, NULL, PyDoc_STR("the type, a number of 32 bits"), NULL },
	{ "type_name", value_type_name, NULL, PyDoc_STR("the type as text, such as 'REG_SZ'"),
	  NULL },
	{ "size", value_size, NULL, PyDoc_STR("the number of bytes of the data"), NULL },
	{ "data", value_data, NULL, PyDoc_STR("the data: bytes"), NULL },
	{ "value", value_object, NULL,
	  PyDoc_STR("the data as what winreg makes of them: int, str, list, bytes or None"), NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* What is asked for most is found at once; the rest as usual, and all by who asks the type. */
static PyObject *
value_attribute(PyObject *object, PyObject *name)
{
	const struct whi_py *py = self_of(object)->hive->py;

	if (name == py->word_name)
		return value_name(object, NULL);
	if (name == py->word_data)
		return whi_py_value_data(object, false);
	if (name == py->word_type)
		return value_type(object, NULL);
	if (name == py->word_value)
		return value_object(object, NULL);
	return PyObject_GenericGetAttr(object, name);
}

static const char doc[] =
	"A value of a key: name, type and data.\n\n"
	"memoryview(value) is the data where they lie in the hive, without a copy but for big\n"
	"data; the hive cannot be changed as long as there is one.\n\n"
	">>> from winhive import Hive\n"
	">>> key = Hive.new().root\n"
	">>> key.set('Color', ['red', 'green'])\n"
	">>> value = key.value('color')\n"
	">>> value.name, value.type, value.type_name, value.value\n"
	"('Color', 7, 'REG_MULTI_SZ', ['red', 'green'])\n"
	">>> value.data\n"
	"b'r\\x00e\\x00d\\x00\\x00\\x00g\\x00r\\x00e\\x00e\\x00n\\x00\\x00\\x00\\x00\\x00'\n"
	">>> with memoryview(value) as view:\n"
	"...     len(view)\n"
	"22\n";

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)doc },
	{ Py_tp_dealloc, (void *)value_dealloc },
	{ Py_tp_repr, (void *)value_repr },
	{ Py_tp_richcompare, (void *)value_compare },
	{ Py_tp_hash, (void *)value_hash },
	{ Py_tp_methods, methods },
	{ Py_tp_getattro, (void *)value_attribute },
	{ Py_tp_getset, attributes },
	{ Py_bf_getbuffer, (void *)value_getbuffer },
	{ Py_bf_releasebuffer, (void *)value_releasebuffer },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.Value",
	.basicsize = sizeof(struct whi_py_value),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};

bool
whi_py_value_init(struct whi_py *py, PyObject *module)
{
	py->value_type = whi_py_type(module, &spec);
	return py->value_type != NULL;
}
