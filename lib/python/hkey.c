/* SPDX-License-Identifier: MIT */
/* PyHKEY: a handle that closes itself; and what a function takes for a handle. */
#include "python/module.h"

#include <stddef.h>

static struct whi_py_hkey *
self_of(PyObject *object)
{
	return (struct whi_py_hkey *)object;
}

static struct wh_reg *
reg_of(PyObject *registry)
{
	return ((struct whi_py_registry *)registry)->reg;
}

PyObject *
whi_py_hkey_new(struct whi_py *py, PyObject *registry, wh_hkey key)
{
	PyTypeObject *type = (PyTypeObject *)py->hkey_type;
	allocfunc alloc = type ? (allocfunc)PyType_GetSlot(type, Py_tp_alloc) : NULL;
	PyObject *object = alloc ? alloc(type, 0) : NULL;

	if (!object) {
		enum wh_status ignored = wh_reg_close_key(reg_of(registry), key);

		(void)ignored;
		if (!PyErr_Occurred())
			PyErr_SetString(PyExc_RuntimeError, "winreg is gone");
		return NULL;
	}
	self_of(object)->registry = Py_NewRef(registry);
	self_of(object)->key = key;
	return object;
}

/* Close, and forget the number first: another thread may be closing it too. */
static enum wh_status
hkey_close(struct whi_py_hkey *self)
{
	wh_hkey key = self->key;
	struct wh_reg *reg = reg_of(self->registry);
	enum wh_status st = WH_OK;

	self->key = 0;
	if (key == 0)
		return WH_OK;
	Py_BEGIN_ALLOW_THREADS
	st = wh_reg_close_key(reg, key);
	Py_END_ALLOW_THREADS
	return st;
}

static int
hkey_traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	Py_VISIT(self_of(self)->registry);
	return 0;
}

static void
hkey_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
	PyObject *kind, *value, *trace;

	PyObject_GC_UnTrack(self);
	PyErr_Fetch(&kind, &value, &trace);
	if (self_of(self)->registry) {
		enum wh_status ignored = hkey_close(self_of(self));

		(void)ignored;
		Py_CLEAR(self_of(self)->registry);
	}
	PyErr_Restore(kind, value, trace);
	release(self);
	Py_DECREF(type);
}

static PyObject *
hkey_str(PyObject *self)
{
	return PyUnicode_FromFormat("<PyHKEY:%p>",
				    (void *)(intptr_t)whi_py_hkey_number(self_of(self)->key));
}

static int
hkey_bool(PyObject *self)
{
	return self_of(self)->key != 0;
}

static PyObject *
hkey_int(PyObject *self)
{
	return PyLong_FromUnsignedLongLong((uint64_t)whi_py_hkey_number(self_of(self)->key));
}

static PyObject *
refuse(void)
{
	PyErr_SetString(PyExc_TypeError, "bad operand type");
	return NULL;
}

static PyObject *
refuse_unary(PyObject *a)
{
	(void)a;
	return refuse();
}

static PyObject *
refuse_binary(PyObject *a, PyObject *b)
{
	(void)a, (void)b;
	return refuse();
}

static PyObject *
refuse_ternary(PyObject *a, PyObject *b, PyObject *c)
{
	(void)a, (void)b, (void)c;
	return refuse();
}

PyObject *
whi_py_hkey_close(PyObject *self, PyObject *unused)
{
	enum wh_status st = hkey_close(self_of(self));

	(void)unused;
	if (st != WH_OK)
		return whi_py_raise(st);
	Py_RETURN_NONE;
}

static PyObject *
hkey_detach(PyObject *self, PyObject *unused)
{
	struct whi_py *py = PyType_GetModuleState(Py_TYPE(self));
	PyObject *number;

	(void)unused;
	if (!whi_py_audit(py, Py_BuildValue("sL", "winreg.PyHKEY.Detach",
					    (long long)whi_py_hkey_number(self_of(self)->key))))
		return NULL;
	number = hkey_int(self);
	if (number)
		self_of(self)->key = 0;
	return number;
}

static PyObject *
hkey_enter(PyObject *self, PyObject *unused)
{
	(void)unused;
	return Py_NewRef(self);
}

static PyObject *
hkey_exit(PyObject *self, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "exc_type", "exc_value", "traceback", NULL };
	PyObject *kind, *value, *trace;

	if (!PyArg_ParseTupleAndKeywords(args, names, "OOO:__exit__", WHI_PY_WORDS(words), &kind,
					 &value, &trace))
		return NULL;
	return whi_py_hkey_close(self, NULL);
}

static PyMethodDef methods[] = {
	{ "Close", whi_py_hkey_close, METH_NOARGS,
	  PyDoc_STR("Close($self, /)\n--\n\n"
		    "Close the handle.  One that is closed already stays so.") },
	{ "Detach", hkey_detach, METH_NOARGS,
	  PyDoc_STR("Detach($self, /)\n--\n\n"
		    "Give the handle away as an int, without closing it; it is 0 from then on.") },
	{ "__enter__", hkey_enter, METH_NOARGS, PyDoc_STR("__enter__($self, /)\n--\n\n") },
	{ "__exit__", WHI_PY_METHOD(hkey_exit), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("__exit__($self, /, exc_type, exc_value, traceback)\n--\n\n") },
	{ NULL, NULL, 0, NULL },
};

static PyMemberDef members[] = {
	{ "handle", T_INT, offsetof(struct whi_py_hkey, key), READONLY,
	  PyDoc_STR("the number of the handle, as a C int; 0: closed or detached") },
	{ NULL, 0, 0, 0, NULL },
};

static PyType_Slot slots[] = {
	{ Py_tp_doc,
	  (void *)PyDoc_STR(
		  "A handle of a registry key, which is closed when the object goes.\n\n"
		  "OpenKey, CreateKey and the like make them.  bool(handle) says whether\n"
		  "it is open, int(handle) is its number, and a with block closes it.\n"
		  "Two are equal only if they are the same object.") },
	{ Py_tp_traverse, (void *)hkey_traverse },
	{ Py_tp_dealloc, (void *)hkey_dealloc },
	{ Py_tp_str, (void *)hkey_str },
	{ Py_tp_methods, methods },
	{ Py_tp_members, members },
	{ Py_nb_bool, (void *)hkey_bool },
	{ Py_nb_int, (void *)hkey_int },
	{ Py_nb_float, (void *)refuse_unary },
	{ Py_nb_negative, (void *)refuse_unary },
	{ Py_nb_positive, (void *)refuse_unary },
	{ Py_nb_absolute, (void *)refuse_unary },
	{ Py_nb_invert, (void *)refuse_unary },
	{ Py_nb_add, (void *)refuse_binary },
	{ Py_nb_subtract, (void *)refuse_binary },
	{ Py_nb_multiply, (void *)refuse_binary },
	{ Py_nb_remainder, (void *)refuse_binary },
	{ Py_nb_divmod, (void *)refuse_binary },
	{ Py_nb_lshift, (void *)refuse_binary },
	{ Py_nb_rshift, (void *)refuse_binary },
	{ Py_nb_and, (void *)refuse_binary },
	{ Py_nb_xor, (void *)refuse_binary },
	{ Py_nb_or, (void *)refuse_binary },
	{ Py_nb_power, (void *)refuse_ternary },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winreg.PyHKEY",
	.basicsize = sizeof(struct whi_py_hkey),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
		 Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};

bool
whi_py_hkey_init(struct whi_py *py, PyObject *module)
{
	py->hkey_type = whi_py_type(module, &spec);
	return py->hkey_type != NULL;
}

/* ---------------------------------------------------------------------- arguments */

/*
 * An int as a handle.  Predefined ones are sign-extended in Python, and whatever is above their
 * 32 bits does not count; a number of any other form is no handle of ours.
 */
static bool
number_get(PyObject *object, wh_hkey *key)
{
	void *number = PyLong_AsVoidPtr(object);

	if (!number && PyErr_Occurred())
		return false;
	*key = (wh_hkey)((uintptr_t)number & UINT32_MAX);
	if (*key < WH_HKEY_CLASSES_ROOT && *key != (uintptr_t)number)
		*key = 0;
	return true;
}

bool
whi_py_target_get(struct whi_py *py, PyObject *object, bool none, struct whi_py_target *target)
{
	*target = (struct whi_py_target){ 0 };
	if (object == Py_None) {
		if (!none)
			PyErr_SetString(PyExc_TypeError,
					"None is not a valid HKEY in this context");
		return none;
	}
	if ((PyObject *)Py_TYPE(object) == py->hkey_type) {
		target->key = self_of(object)->key;
		target->registry = Py_NewRef(self_of(object)->registry);
	} else if (PyLong_Check(object)) {
		if (!number_get(object, &target->key))
			return false;
		target->registry = whi_py_current(py);
		if (!target->registry)
			return false;
	} else {
		PyErr_SetString(PyExc_TypeError, "The object is not a PyHKEY object");
		return false;
	}
	target->reg = reg_of(target->registry);
	return true;
}

void
whi_py_target_done(struct whi_py_target *target)
{
	Py_CLEAR(target->registry);
}
