/* SPDX-License-Identifier: MIT */
/* Key: what changes it, or what is below it. */
#include "python/hive.h"

static struct whi_py_key *
self_of(PyObject *object)
{
	return (struct whi_py_key *)object;
}

static PyObject *
done(enum wh_status st)
{
	if (st != WH_OK)
		return whi_py_raise(st);
	Py_RETURN_NONE;
}

/* ---------------------------------------------------------------------- keys */

static PyObject *
key_create(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "path", "class_name", "exist_ok", NULL };
	struct whi_py_key *self = self_of(object);
	struct whi_py_text path = { 0 }, class = { 0 };
	struct wh_create how = { 0 };
	struct wh_key key;
	int exist_ok = 1;
	bool created = false, begun;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O&|$O&p:create", WHI_PY_WORDS(words),
					 whi_py_text_arg, &path, whi_py_text_arg, &class,
					 &exist_ok))
		return NULL;
	how.class_name = class.len > 0 ? class.at : NULL;
	how.class_len = class.len;
	begun = whi_py_write_begin(self->hive);
	if (begun) {
		Py_BEGIN_ALLOW_THREADS
		st = exist_ok ? WH_E_NOT_FOUND : wh_key_open(self->key, path.at, path.len, &key);
		if (st == WH_OK)
			st = WH_E_EXISTS;
		else if (st == WH_E_NOT_FOUND)
			st = wh_key_create_path(self->key, path.at, path.len, &how, &key, &created);
		Py_END_ALLOW_THREADS
		whi_py_write_end(self->hive);
	}
	whi_py_text_done(&class);
	whi_py_text_done(&path);
	if (!begun)
		return NULL;
	return st == WH_OK ? whi_py_key_new(self->hive, key) : whi_py_raise(st);
}

static PyObject *
key_delete(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "tree", NULL };
	struct whi_py_key *self = self_of(object);
	int tree = 0;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "|$p:delete", WHI_PY_WORDS(words), &tree) ||
	    !whi_py_write_begin(self->hive))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	st = tree ? wh_key_delete_tree(self->key) : wh_key_delete(self->key);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self->hive);
	return done(st);
}

static PyObject *
key_empty(PyObject *object, PyObject *unused)
{
	struct whi_py_key *self = self_of(object);
	enum wh_status st;

	(void)unused;
	if (!whi_py_write_begin(self->hive))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	st = wh_key_empty(self->key);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self->hive);
	return done(st);
}

/* Another name: the key may move to another cell, and the object follows. */
static PyObject *
key_rename(PyObject *object, PyObject *name)
{
	struct whi_py_key *self = self_of(object);
	struct whi_py_text text = { 0 };
	struct wh_key renamed;
	enum wh_status st;

	if (!whi_py_text_arg(name, &text))
		return NULL;
	if (!whi_py_write_begin(self->hive)) {
		whi_py_text_done(&text);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_key_rename(self->key, text.at, text.len, &renamed);
	Py_END_ALLOW_THREADS
	if (st == WH_OK)
		self->key = renamed;
	whi_py_write_end(self->hive);
	whi_py_text_done(&text);
	return done(st);
}

/* A key argument. */
static int
key_arg(PyObject *object, struct whi_py_key *self, struct whi_py_key **key)
{
	if ((PyObject *)Py_TYPE(object) != self->hive->py->key_type) {
		PyErr_SetString(PyExc_TypeError, "the parent must be a Key");
		return 0;
	}
	*key = self_of(object);
	return 1;
}

static PyObject *
key_move(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "parent", "name", NULL };
	struct whi_py_key *self = self_of(object), *parent;
	struct whi_py_text text = { 0 };
	PyObject *to, *name = NULL;
	struct wh_key moved;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O|O:move", WHI_PY_WORDS(words), &to,
					 &name) ||
	    !key_arg(to, self, &parent))
		return NULL;
	name = name ? Py_NewRef(name) : whi_py_key_name(object, NULL);
	if (!name || !whi_py_text_arg(name, &text) || !whi_py_write_begin(self->hive)) {
		whi_py_text_done(&text);
		Py_XDECREF(name);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = parent->hive == self->hive
		     ? wh_key_move(self->key, parent->key, text.at, text.len, &moved)
		     : WH_E_INVALID;
	Py_END_ALLOW_THREADS
	if (st == WH_OK)
		self->key = moved;
	whi_py_write_end(self->hive);
	whi_py_text_done(&text);
	Py_DECREF(name);
	return done(st);
}

/*
 * Two hives are locked in the order of their addresses, so that two threads that copy both ways do
 * not wait for each other.
 */
static bool
both_begin(struct whi_py_hive *from, struct whi_py_hive *to)
{
	if (from == to)
		return whi_py_write_begin(to);
	if ((uintptr_t)from < (uintptr_t)to) {
		if (!whi_py_exclusive_begin(from))
			return false;
		if (whi_py_write_begin(to))
			return true;
		whi_py_write_end(from);
		return false;
	}
	if (!whi_py_write_begin(to))
		return false;
	if (whi_py_exclusive_begin(from))
		return true;
	whi_py_write_end(to);
	return false;
}

static PyObject *
key_copy(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "parent", "name", "exact", "merge", "tree", NULL };
	struct whi_py_key *self = self_of(object), *parent;
	struct whi_py_text text = { 0 };
	PyObject *to, *name = NULL;
	int exact = 0, merge = 0, tree = 1;
	unsigned flags;
	struct wh_key copy;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O|O$ppp:copy", WHI_PY_WORDS(words), &to,
					 &name, &exact, &merge, &tree) ||
	    !key_arg(to, self, &parent))
		return NULL;
	name = name ? Py_NewRef(name) : whi_py_key_name(object, NULL);
	if (!name || !whi_py_text_arg(name, &text) || !both_begin(self->hive, parent->hive)) {
		whi_py_text_done(&text);
		Py_XDECREF(name);
		return NULL;
	}
	flags = (exact ? WH_COPY_EXACT : 0u) | (merge ? WH_COPY_MERGE : 0u) |
		(tree ? 0u : WH_COPY_KEY);
	Py_BEGIN_ALLOW_THREADS
	st = wh_key_copy(self->key, parent->key, text.at, text.len, flags, &copy);
	Py_END_ALLOW_THREADS
	whi_py_write_end(parent->hive);
	if (self->hive != parent->hive)
		whi_py_write_end(self->hive);
	whi_py_text_done(&text);
	Py_DECREF(name);
	return st == WH_OK ? whi_py_key_new(parent->hive, copy) : whi_py_raise(st);
}

/* ---------------------------------------------------------------------- values */

static PyObject *
set_data(struct whi_py_key *self, PyObject *name, uint32_t type, const void *data, size_t size)
{
	struct whi_py_text text = { 0 };
	enum wh_status st;

	if (!whi_py_text_or_none_arg(name, &text))
		return NULL;
	if (!whi_py_write_begin(self->hive)) {
		whi_py_text_done(&text);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_value_set(self->key, text.at, text.len, type, size > 0 ? data : NULL, size);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self->hive);
	whi_py_text_done(&text);
	return done(st);
}

/* The type that an object has by itself. */
static uint32_t
type_of(PyObject *object)
{
	int over = 0;
	long long number;

	if (PyUnicode_Check(object))
		return WH_REG_SZ;
	if (PyList_Check(object))
		return WH_REG_MULTI_SZ;
	if (!PyLong_Check(object))
		return WH_REG_BINARY;
	number = PyLong_AsLongLongAndOverflow(object, &over);
	return over == 0 && number <= UINT32_MAX ? WH_REG_DWORD : WH_REG_QWORD;
}

static PyObject *
key_set(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "name", "object", "type", NULL };
	struct whi_py_key *self = self_of(object);
	struct whi_py_data data = { 0 };
	PyObject *name, *from, *given = Py_None, *result = NULL;
	unsigned long type;

	if (!PyArg_ParseTupleAndKeywords(args, names, "OO|O:set", WHI_PY_WORDS(words), &name, &from,
					 &given))
		return NULL;
	type = given == Py_None ? type_of(from) : PyLong_AsUnsignedLong(given);
	if (PyErr_Occurred())
		return NULL;
	if (type > UINT32_MAX)
		return PyErr_Format(PyExc_OverflowError, "a type has 32 bits");
	if (PyObject_CheckBuffer(from)) { /* bytes are the data, whatever the type */
		if (PyObject_GetBuffer(from, &data.view, PyBUF_SIMPLE) != 0)
			return NULL;
		/* A value cannot be set from a view of its own hive, which would be changed. */
		result = set_data(self, name, (uint32_t)type, data.view.buf, (size_t)data.view.len);
		PyBuffer_Release(&data.view);
		return result;
	}
	if (whi_py_data_from(from, (uint32_t)type, &data))
		result = set_data(self, name, (uint32_t)type, data.at, data.size);
	else if (!PyErr_Occurred())
		PyErr_SetString(PyExc_TypeError, "the object is not for a value of that type");
	whi_py_data_done(&data);
	return result;
}

static PyObject *
key_delete_value(PyObject *object, PyObject *name)
{
	struct whi_py_key *self = self_of(object);
	struct whi_py_text text = { 0 };
	enum wh_status st;

	if (!whi_py_text_or_none_arg(name, &text))
		return NULL;
	if (!whi_py_write_begin(self->hive)) {
		whi_py_text_done(&text);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_value_delete(self->key, text.at, text.len);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self->hive);
	whi_py_text_done(&text);
	if (st != WH_E_NOT_FOUND)
		return done(st);
	PyErr_SetObject(PyExc_KeyError, name);
	return NULL;
}

static PyObject *
key_rename_value(PyObject *object, PyObject *args)
{
	struct whi_py_key *self = self_of(object);
	struct whi_py_text from = { 0 }, to = { 0 };
	enum wh_status st = WH_OK;
	bool begun;

	if (!PyArg_ParseTuple(args, "O&O&:rename_value", whi_py_text_or_none_arg, &from,
			      whi_py_text_arg, &to))
		return NULL;
	begun = whi_py_write_begin(self->hive);
	if (begun) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_value_rename(self->key, from.at, from.len, to.at, to.len);
		Py_END_ALLOW_THREADS
		whi_py_write_end(self->hive);
	}
	whi_py_text_done(&from);
	whi_py_text_done(&to);
	return begun ? done(st) : NULL;
}

PyMethodDef whi_py_key_edits[] = {
	{ "create", WHI_PY_METHOD(key_create), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("create($self, /, path, *, class_name='', exist_ok=True)\n--\n\n"
		    "The key at a path below, made with those on the way if it is not there.") },
	{ "delete", WHI_PY_METHOD(key_delete), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("delete($self, /, *, tree=False)\n--\n\n"
		    "Delete the key: one without subkeys, or with tree=True all below it too.") },
	{ "empty", key_empty, METH_NOARGS,
	  PyDoc_STR("empty($self, /)\n--\n\nDelete what is in the key, and keep the key.") },
	{ "rename", key_rename, METH_O,
	  PyDoc_STR("rename($self, name, /)\n--\n\nGive the key another name.") },
	{ "move", WHI_PY_METHOD(key_move), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("move($self, /, parent, name=None)\n--\n\n"
		    "Put the key and all below it under another key of the same hive.") },
	{ "copy", WHI_PY_METHOD(key_copy), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("copy($self, /, parent, name=None, *, exact=False, merge=False, tree=True)\n"
		    "--\n\n"
		    "Copy the key and all below it under a key of this hive or another one.\n\n"
		    "exact: with times, flags and security; merge: into a key of that name;\n"
		    "tree=False: not what is below it.") },
	{ "set", WHI_PY_METHOD(key_set), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("set($self, /, name, object, type=None)\n--\n\n"
		    "Set a value.  Without a type, str is REG_SZ, int REG_DWORD or, if it is\n"
		    "larger, REG_QWORD, a list of str REG_MULTI_SZ, and bytes REG_BINARY.  With\n"
		    "one, bytes are the data as they are, and others as winreg has them.") },
	{ "delete_value", key_delete_value, METH_O,
	  PyDoc_STR("delete_value($self, name, /)\n--\n\nDelete a value, or KeyError.") },
	{ "rename_value", key_rename_value, METH_VARARGS,
	  PyDoc_STR("rename_value($self, name, new_name, /)\n--\n\n"
		    "Give a value another name; it keeps its place.") },
	{ NULL, NULL, 0, NULL },
};
