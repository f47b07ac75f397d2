/* SPDX-License-Identifier: MIT */
/* The module winhive._winhive: its state, and the parts that it is made of. */
#include "python/module.h"

PyObject *
whi_py_type(PyObject *module, PyType_Spec *spec)
{
	PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

	if (type && PyModule_AddType(module, (PyTypeObject *)type) != 0)
		Py_CLEAR(type);
	return type;
}

/* datetime's C functions are not in the limited API. */
static bool
time_init(struct whi_py *py)
{
	PyObject *module = PyImport_ImportModule("datetime"), *zone = NULL, *utc = NULL;

	if (!module)
		return false;
	py->timedelta = PyObject_GetAttrString(module, "timedelta");
	zone = PyObject_GetAttrString(module, "timezone");
	utc = zone ? PyObject_GetAttrString(zone, "utc") : NULL;
	if (utc)
		py->epoch = PyObject_CallMethod(module, "datetime", "iiiiiiiO", 1601, 1, 1, 0, 0, 0,
						0, utc);
	if (py->timedelta)
		py->microsecond = PyObject_CallFunction(py->timedelta, "iii", 0, 0, 1);
	Py_XDECREF(utc);
	Py_XDECREF(zone);
	Py_DECREF(module);
	return py->epoch && py->microsecond;
}

static bool
words_init(struct whi_py *py)
{
	py->word_name = PyUnicode_InternFromString("name");
	py->word_path = PyUnicode_InternFromString("path");
	py->word_data = PyUnicode_InternFromString("data");
	py->word_type = PyUnicode_InternFromString("type");
	py->word_value = PyUnicode_InternFromString("value");
	return py->word_name && py->word_path && py->word_data && py->word_type && py->word_value;
}

static int
module_exec(PyObject *module)
{
	struct whi_py *py = PyModule_GetState(module);

	py->audit = PySys_GetObject("audit");
	if (!py->audit) {
		PyErr_SetString(PyExc_RuntimeError, "sys.audit is missing");
		return -1;
	}
	Py_INCREF(py->audit);
	if (PyModule_AddStringConstant(module, "__version__", wh_version()) != 0 ||
	    !time_init(py) || !words_init(py) || !whi_py_hive_init(py, module) ||
	    !whi_py_key_init(py, module) || !whi_py_value_init(py, module) ||
	    !whi_py_walk_init(py, module) || !whi_py_values_init(py, module) ||
	    !whi_py_items_init(py, module) || !whi_py_hkey_init(py, module) ||
	    !whi_py_registry_init(py, module) || !whi_py_winreg_init(module))
		return -1;
	return 0;
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
	struct whi_py *py = PyModule_GetState(module);

	Py_VISIT(py->audit);
	Py_VISIT(py->epoch);
	Py_VISIT(py->timedelta);
	Py_VISIT(py->microsecond);
	Py_VISIT(py->hkey_type);
	Py_VISIT(py->registry_type);
	Py_VISIT(py->hive_type);
	Py_VISIT(py->key_type);
	Py_VISIT(py->value_type);
	Py_VISIT(py->walk_type);
	Py_VISIT(py->items_type);
	Py_VISIT(py->list_type);
	Py_VISIT(py->list_iter_type);
	Py_VISIT(py->word_name);
	Py_VISIT(py->word_path);
	Py_VISIT(py->word_data);
	Py_VISIT(py->word_type);
	Py_VISIT(py->word_value);
	Py_VISIT(py->subkeys_view);
	Py_VISIT(py->values_view);
	Py_VISIT(py->current);
	return 0;
}

static int
module_clear(PyObject *module)
{
	struct whi_py *py = PyModule_GetState(module);

	Py_CLEAR(py->current);
	Py_CLEAR(py->audit);
	Py_CLEAR(py->epoch);
	Py_CLEAR(py->timedelta);
	Py_CLEAR(py->microsecond);
	Py_CLEAR(py->hkey_type);
	Py_CLEAR(py->registry_type);
	Py_CLEAR(py->hive_type);
	Py_CLEAR(py->key_type);
	Py_CLEAR(py->value_type);
	Py_CLEAR(py->walk_type);
	Py_CLEAR(py->items_type);
	Py_CLEAR(py->list_type);
	Py_CLEAR(py->list_iter_type);
	Py_CLEAR(py->word_name);
	Py_CLEAR(py->word_path);
	Py_CLEAR(py->word_data);
	Py_CLEAR(py->word_type);
	Py_CLEAR(py->word_value);
	Py_CLEAR(py->subkeys_view);
	Py_CLEAR(py->values_view);
	return 0;
}

static void
module_free(void *module)
{
	module_clear(module);
}

/* Choose the registry that winreg works on. */
static PyObject *
module_use(PyObject *module, PyObject *registry)
{
	struct whi_py *py = PyModule_GetState(module);
	PyObject *before;

	if (registry != Py_None && (PyObject *)Py_TYPE(registry) != py->registry_type)
		return PyErr_Format(PyExc_TypeError, "use() argument must be a Registry or None");
	before = py->current ? py->current : Py_NewRef(Py_None);
	py->current = registry == Py_None ? NULL : Py_NewRef(registry);
	return before;
}

static PyMethodDef methods[] = {
	{ "use", module_use, METH_O,
	  PyDoc_STR(
		  "use($module, registry, /)\n--\n\n"
		  "Let winreg work on this Registry, and return the one before.\n\n"
		  "None: none; the next use of winreg makes one.  A handle object belongs to the\n"
		  "registry that it came from; an int means a handle of the current one.") },
	{ NULL, NULL, 0, NULL },
};

static PyModuleDef_Slot slots[] = {
	{ Py_mod_exec, (void *)module_exec },
	{ 0, NULL },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "winhive._winhive",
	.m_doc = PyDoc_STR("The C part of winhive."),
	.m_size = sizeof(struct whi_py),
	.m_methods = methods,
	.m_slots = slots,
	.m_traverse = module_traverse,
	.m_clear = module_clear,
	.m_free = module_free,
};

struct whi_py *
whi_py_state(PyTypeObject *type)
{
	for (; type; type = (PyTypeObject *)PyType_GetSlot(type, Py_tp_base)) {
		PyObject *module = PyType_GetModule(type);

		if (module && PyModule_GetDef(module) == &definition)
			return PyModule_GetState(module);
		PyErr_Clear(); /* a class made in Python has no module of this kind */
	}
	PyErr_SetString(PyExc_TypeError, "not a type of winhive");
	return NULL;
}

PyMODINIT_FUNC PyInit__winhive(void);

PyMODINIT_FUNC
PyInit__winhive(void)
{
	return PyModuleDef_Init(&definition);
}
