/* SPDX-License-Identifier: MIT */
/* The functions of winreg that have to do with values; and the module itself. */
#include "python/winreg.h"

#include <stdlib.h>

/* Bytes that are asked for without knowing how many there are: first on the stack, then not. */
struct room {
	char small[1024];
	char *at;
	size_t cap;
};

static void
room_init(struct room *room)
{
	room->at = room->small;
	room->cap = sizeof room->small;
}

static void
room_done(struct room *room)
{
	if (room->at != room->small)
		free(room->at);
	room_init(room);
}

/* Make room for 'need' bytes, if there is less. */
static enum wh_status
room_need(struct room *room, size_t need)
{
	if (need <= room->cap)
		return WH_OK;
	room_done(room);
	room->at = malloc(need);
	if (!room->at) {
		room_init(room);
		return WH_E_MEMORY;
	}
	room->cap = need;
	return WH_OK;
}

/* The functions below ask again as long as somebody makes the data larger meanwhile. */
static enum wh_status
read_value(const struct whi_py_call *c, struct room *data, uint32_t *type, size_t *len)
{
	enum wh_status st;

	while ((st = wh_reg_query_value_ex(c->target.reg, c->target.key, c->text[0].at,
					   c->text[0].len, type, data->at, data->cap, len)) ==
	       WH_E_MORE_DATA)
		if ((st = room_need(data, *len)) != WH_OK)
			break;
	return st;
}

static enum wh_status
read_text(const struct whi_py_call *c, struct room *text, size_t *len)
{
	enum wh_status st;

	while ((st = wh_reg_query_value(c->target.reg, c->target.key, c->text[0].at, c->text[0].len,
					text->at, text->cap, len)) == WH_E_MORE_DATA)
		if ((st = room_need(text, *len)) != WH_OK)
			break;
	return st;
}

static enum wh_status
read_index(const struct whi_py_call *c, uint32_t index, struct room *name, size_t *name_len,
	   struct room *data, size_t *len, uint32_t *type)
{
	enum wh_status st;

	while ((st = wh_reg_enum_value(c->target.reg, c->target.key, index, name->at, name->cap,
				       name_len, type, data->at, data->cap, len)) == WH_E_MORE_DATA)
		if ((st = room_need(name, *name_len)) != WH_OK ||
		    (st = room_need(data, *len)) != WH_OK)
			break;
	return st;
}

static PyObject *
query_value_ex(PyObject *module, PyObject *args)
{
	PyObject *key, *name, *object, *result = NULL;
	struct whi_py_call c = { 0 };
	struct room data;
	uint32_t type = 0;
	size_t len = 0;
	bool asked;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTuple(args, "OO:QueryValueEx", &key, &name))
		return NULL;
	room_init(&data);
	asked = whi_py_call_begin(&c, module, "QueryValueEx", key) &&
		whi_py_call_text(&c, 2, name, true) &&
		whi_py_audit(c.py, Py_BuildValue("sLzO", "winreg.QueryValue", whi_py_call_key(&c),
						 NULL, name));
	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = read_value(&c, &data, &type, &len);
		Py_END_ALLOW_THREADS
	}
	whi_py_call_done(&c);
	if (asked && st != WH_OK)
		whi_py_raise(st);
	if (asked && st == WH_OK) {
		object = whi_py_data_to(type, data.at, len);
		result = object ? Py_BuildValue("NI", object, (unsigned)type) : NULL;
	}
	room_done(&data);
	return result;
}

static PyObject *
query_value(PyObject *module, PyObject *args)
{
	PyObject *key, *sub_key, *result = NULL;
	struct whi_py_call c = { 0 };
	struct room text;
	size_t len = 0;
	bool asked;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTuple(args, "OO:QueryValue", &key, &sub_key))
		return NULL;
	room_init(&text);
	asked = whi_py_call_begin(&c, module, "QueryValue", key) &&
		whi_py_call_text(&c, 2, sub_key, true) &&
		whi_py_audit(c.py, Py_BuildValue("sLOz", "winreg.QueryValue", whi_py_call_key(&c),
						 sub_key, NULL));
	if (asked && c.target.key == WH_HKEY_PERFORMANCE_DATA) {
		st = WH_E_HANDLE;
	} else if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = read_text(&c, &text, &len);
		Py_END_ALLOW_THREADS
	}
	whi_py_call_done(&c);
	if (asked)
		result = st == WH_OK ? whi_py_str(text.at, len) : whi_py_raise(st);
	room_done(&text);
	return result;
}

static PyObject *
enum_value(PyObject *module, PyObject *args)
{
	PyObject *key, *result = NULL, *name_str, *object;
	struct whi_py_call c = { 0 };
	struct room name, data;
	uint32_t type = 0;
	size_t name_len = 0, len = 0;
	int index;
	bool asked;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTuple(args, "Oi:EnumValue", &key, &index))
		return NULL;
	room_init(&name);
	room_init(&data);
	asked = whi_py_call_begin(&c, module, "EnumValue", key) &&
		whi_py_audit(c.py,
			     Py_BuildValue("sLi", "winreg.EnumValue", whi_py_call_key(&c), index));
	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = read_index(&c, (uint32_t)index, &name, &name_len, &data, &len, &type);
		Py_END_ALLOW_THREADS
	}
	whi_py_call_done(&c);
	if (asked && st != WH_OK)
		whi_py_raise(st);
	if (asked && st == WH_OK) {
		name_str = whi_py_str(name.at, name_len);
		object = name_str ? whi_py_data_to(type, data.at, len) : NULL;
		if (object)
			result = Py_BuildValue("NNI", name_str, object, (unsigned)type);
		else
			Py_XDECREF(name_str);
	}
	room_done(&name);
	room_done(&data);
	return result;
}

static PyObject *
set_value(PyObject *module, PyObject *args)
{
	PyObject *key, *sub_key, *text;
	struct whi_py_call c = { 0 };
	unsigned long type;
	enum wh_status st = WH_OK;
	bool asked;

	if (!PyArg_ParseTuple(args, "OOkO:SetValue", &key, &sub_key, &type, &text))
		return NULL;
	asked = whi_py_call_begin(&c, module, "SetValue", key) &&
		whi_py_call_text(&c, 2, sub_key, true) && whi_py_call_text(&c, 4, text, false);
	if (asked && (uint32_t)type != WH_REG_SZ) {
		PyErr_SetString(PyExc_TypeError, "type must be winreg.REG_SZ");
		asked = false;
	}
	asked = asked &&
		whi_py_audit(c.py, Py_BuildValue("sLOIO", "winreg.SetValue", whi_py_call_key(&c),
						 sub_key, (unsigned)type, text));
	if (asked && c.target.key == WH_HKEY_PERFORMANCE_DATA) {
		st = WH_E_HANDLE;
	} else if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_set_value(c.target.reg, c.target.key, c.text[0].at, c.text[0].len,
				      c.text[1].at, c.text[1].len);
		Py_END_ALLOW_THREADS
	}
	return whi_py_call_end(&c, asked, st);
}

/* Convert; an object that is not for the type is a ValueError, unless it has a better one. */
static bool
data_from(PyObject *object, uint32_t type, struct whi_py_data *data)
{
	if (whi_py_data_from(object, type, data))
		return true;
	if (!PyErr_Occurred())
		PyErr_SetString(PyExc_ValueError,
				"Could not convert the data to the specified type.");
	return false;
}

static PyObject *
set_value_ex(PyObject *module, PyObject *args)
{
	PyObject *key, *name, *reserved, *object;
	struct whi_py_call c = { 0 };
	struct whi_py_data data = { 0 };
	unsigned long type;
	enum wh_status st = WH_OK;
	bool asked;

	if (!PyArg_ParseTuple(args, "OOOkO:SetValueEx", &key, &name, &reserved, &type, &object))
		return NULL;
	asked = whi_py_call_begin(&c, module, "SetValueEx", key) &&
		whi_py_call_text(&c, 2, name, true) && data_from(object, (uint32_t)type, &data) &&
		whi_py_audit(c.py, Py_BuildValue("sLOIO", "winreg.SetValue", whi_py_call_key(&c),
						 name, (unsigned)type, object));
	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_set_value_ex(c.target.reg, c.target.key, c.text[0].at, c.text[0].len,
					 (uint32_t)type, data.size > 0 ? data.at : NULL, data.size);
		Py_END_ALLOW_THREADS
	}
	whi_py_data_done(&data);
	return whi_py_call_end(&c, asked, st);
}

static PyObject *
delete_value(PyObject *module, PyObject *args)
{
	PyObject *key, *name;
	struct whi_py_call c = { 0 };
	enum wh_status st = WH_OK;
	bool asked;

	if (!PyArg_ParseTuple(args, "OO:DeleteValue", &key, &name))
		return NULL;
	asked = whi_py_call_begin(&c, module, "DeleteValue", key) &&
		whi_py_call_text(&c, 2, name, true) &&
		whi_py_audit(c.py,
			     Py_BuildValue("sLO", "winreg.DeleteValue", whi_py_call_key(&c), name));
	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_delete_value(c.target.reg, c.target.key, c.text[0].at, c.text[0].len);
		Py_END_ALLOW_THREADS
	}
	return whi_py_call_end(&c, asked, st);
}

/*
 * The GIL stays held while the environment is read, since another thread with it could change
 * os.environ.
 */
static PyObject *
expand_environment_strings(PyObject *module, PyObject *string)
{
	struct whi_py *py = whi_py_winreg_state(module);
	struct whi_py_call c = { .py = py, .name = "ExpandEnvironmentStrings" };
	PyObject *result = NULL;
	struct room text;
	size_t len = 0;
	enum wh_status st;

	if (!whi_py_call_text(&c, 1, string, false) ||
	    !whi_py_audit(py, Py_BuildValue("sO", "winreg.ExpandEnvironmentStrings", string)) ||
	    !(c.target.registry = whi_py_current(py))) {
		whi_py_call_done(&c);
		return NULL;
	}
	room_init(&text);
	c.target.reg = ((struct whi_py_registry *)c.target.registry)->reg;
	while ((st = wh_reg_expand_environment_strings(c.target.reg, c.text[0].at, c.text[0].len,
						       text.at, text.cap, &len)) == WH_E_MORE_DATA)
		if ((st = room_need(&text, len)) != WH_OK)
			break;
	whi_py_call_done(&c);
	result = st == WH_OK ? whi_py_str(text.at, len) : whi_py_raise(st);
	room_done(&text);
	return result;
}

PyMethodDef whi_py_winreg_values[] = {
	{ "DeleteValue", delete_value, METH_VARARGS,
	  PyDoc_STR("DeleteValue($module, key, value, /)\n--\n\n"
		    "Delete a value; None or '' is the default value.") },
	{ "EnumValue", enum_value, METH_VARARGS,
	  PyDoc_STR("EnumValue($module, key, index, /)\n--\n\n"
		    "Name, object and type of a value by its index; OSError past the last.") },
	{ "ExpandEnvironmentStrings", expand_environment_strings, METH_O,
	  PyDoc_STR("ExpandEnvironmentStrings($module, string, /)\n--\n\n"
		    "Replace each %NAME% that is in the environment.") },
	{ "QueryValue", query_value, METH_VARARGS,
	  PyDoc_STR("QueryValue($module, key, sub_key, /)\n--\n\n"
		    "The default value of a subkey as a str; '' if it has none.") },
	{ "QueryValueEx", query_value_ex, METH_VARARGS,
	  PyDoc_STR("QueryValueEx($module, key, name, /)\n--\n\n"
		    "Object and type of a value; FileNotFoundError if it is not there.") },
	{ "SetValue", set_value, METH_VARARGS,
	  PyDoc_STR("SetValue($module, key, sub_key, type, value, /)\n--\n\n"
		    "Set the default value of a subkey, which is made if it is not there, to a\n"
		    "str.  'type' is REG_SZ.") },
	{ "SetValueEx", set_value_ex, METH_VARARGS,
	  PyDoc_STR("SetValueEx($module, key, value_name, reserved, type, value, /)\n--\n\n"
		    "Set a value.  REG_DWORD and REG_QWORD take an int, REG_SZ and\n"
		    "REG_EXPAND_SZ a str, REG_MULTI_SZ a list of str, all other types bytes or\n"
		    "any other buffer; each takes None too.") },
	{ NULL, NULL, 0, NULL },
};

/* ---------------------------------------------------------------------- the module */

/* The module winreg has a reference to _winhive, whose state it uses. */
struct winreg_state {
	PyObject *module;
};

struct whi_py *
whi_py_winreg_state(PyObject *winreg)
{
	struct winreg_state *state = PyModule_GetState(winreg);

	return PyModule_GetState(state->module);
}

static int
winreg_traverse(PyObject *winreg, visitproc visit, void *arg)
{
	struct winreg_state *state = PyModule_GetState(winreg);

	if (state)
		Py_VISIT(state->module);
	return 0;
}

/*
 * The reference to _winhive stays until the module itself goes: a finalizer may call a function of
 * winreg after the collector has cleared it.
 */
static void
winreg_free(void *winreg)
{
	struct winreg_state *state = PyModule_GetState(winreg);

	if (state)
		Py_CLEAR(state->module);
}

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "winhive.winreg",
	.m_doc = PyDoc_STR("Python's winreg, over registry hives in memory and offline Windows.\n\n"
			   "Every function, constant and exception is as in the module winreg of\n"
			   "Python on Windows.  winhive.use() chooses the registry; see\n"
			   "winhive.connect() for how to have one of an offline Windows."),
	.m_size = sizeof(struct winreg_state),
	.m_traverse = winreg_traverse,
	.m_free = winreg_free,
};

bool
whi_py_winreg_init(PyObject *module)
{
	PyObject *winreg = PyModule_Create(&definition);
	struct winreg_state *state = winreg ? PyModule_GetState(winreg) : NULL;
	struct whi_py *py = PyModule_GetState(module);
	bool done;

	if (!winreg)
		return false;
	state->module = Py_NewRef(module);
	done = PyModule_AddFunctions(winreg, whi_py_winreg_keys) == 0 &&
	       PyModule_AddFunctions(winreg, whi_py_winreg_values) == 0 &&
	       whi_py_winreg_constants(winreg) &&
	       PyModule_AddObjectRef(winreg, "HKEYType", py->hkey_type) == 0 &&
	       PyModule_AddObjectRef(winreg, "error", PyExc_OSError) == 0 &&
	       PyModule_AddObjectRef(module, "winreg", winreg) == 0;
	Py_DECREF(winreg);
	return done;
}
