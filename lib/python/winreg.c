/* SPDX-License-Identifier: MIT */
/*
 * The functions of winreg.  Each takes its arguments apart, in the order of winreg's own, tells
 * the audit hooks, and calls one function of winhive-winreg.h with the GIL released.
 */
#include "python/winreg.h"

#include <string.h>

bool
whi_py_call_begin(struct whi_py_call *call, PyObject *module, const char *name, PyObject *key)
{
	struct whi_py *py = whi_py_winreg_state(module);

	*call = (struct whi_py_call){ .py = py, .name = name };
	return whi_py_target_get(py, key, false, &call->target);
}

bool
whi_py_call_text(struct whi_py_call *call, int argument, PyObject *object, bool none)
{
	struct whi_py_text *text = &call->text[call->texts];
	PyObject *type;

	if (none && object == Py_None) {
		*text = (struct whi_py_text){ .at = "" };
		call->texts++;
		return true;
	}
	if (!PyUnicode_Check(object)) {
		type = PyType_GetName(Py_TYPE(object));
		if (type)
			PyErr_Format(PyExc_TypeError, "%s() argument %d must be str%s, not %U",
				     call->name, argument, none ? " or None" : "", type);
		Py_XDECREF(type);
		return false;
	}
	if (!whi_py_text_get(object, text))
		return false;
	call->texts++;
	if (text->len > 0 && memchr(text->at, 0, text->len)) {
		PyErr_SetString(PyExc_ValueError, "embedded null character");
		return false;
	}
	return true;
}

void
whi_py_call_done(struct whi_py_call *call)
{
	while (call->texts > 0)
		whi_py_text_done(&call->text[--call->texts]);
	whi_py_target_done(&call->target);
}

PyObject *
whi_py_call_end(struct whi_py_call *call, bool asked, enum wh_status st)
{
	whi_py_call_done(call);
	if (!asked)
		return NULL;
	if (st != WH_OK)
		return whi_py_raise(st);
	Py_RETURN_NONE;
}

/* The handle of the call, as audit events have it. */
long long
whi_py_call_key(const struct whi_py_call *call)
{
	return (long long)whi_py_hkey_number(call->target.key);
}

/* ---------------------------------------------------------------------- handles */

static PyObject *
close_key(PyObject *module, PyObject *key)
{
	struct whi_py *py = whi_py_winreg_state(module);
	struct whi_py_target target;
	enum wh_status st;

	if ((PyObject *)Py_TYPE(key) == py->hkey_type)
		return whi_py_hkey_close(key, NULL);
	if (!whi_py_target_get(py, key, true, &target))
		return NULL;
	if (!target.reg)
		Py_RETURN_NONE;
	Py_BEGIN_ALLOW_THREADS
	st = wh_reg_close_key(target.reg, target.key);
	Py_END_ALLOW_THREADS
	whi_py_target_done(&target);
	if (st != WH_OK)
		return whi_py_raise(st);
	Py_RETURN_NONE;
}

static PyObject *
connect_registry(PyObject *module, PyObject *args)
{
	PyObject *name, *key, *result = NULL;
	struct whi_py_call c = { 0 };
	struct whi_py_registry *registry;
	wh_hkey connected = 0;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTuple(args, "OO:ConnectRegistry", &name, &key))
		return NULL;
	if (!whi_py_call_begin(&c, module, "ConnectRegistry", key) ||
	    !whi_py_call_text(&c, 1, name, true) ||
	    !whi_py_audit(c.py, Py_BuildValue("sOL", "winreg.ConnectRegistry", name,
					      whi_py_call_key(&c)))) {
		whi_py_call_done(&c);
		return NULL;
	}
	registry = (struct whi_py_registry *)c.target.registry;
	whi_py_mounting_begin(registry); /* the name may be the folder of a Windows */
	Py_BEGIN_ALLOW_THREADS
	st = wh_reg_connect_registry(c.target.reg, c.text[0].at, c.text[0].len, c.target.key,
				     &connected);
	Py_END_ALLOW_THREADS
	whi_py_mounting_end(registry);
	result = st == WH_OK ? whi_py_hkey_new(c.py, c.target.registry, connected)
			     : whi_py_raise(st);
	whi_py_call_done(&c);
	return result;
}

/* What is to be opened or created. */
struct opening {
	const char *name; /* of the function */
	PyObject *key, *sub_key;
	bool create;
	uint32_t options, access;
	int told_access; /* to audit hooks */
};

static enum wh_status
open_or_create(const struct opening *o, const struct whi_py_call *c, wh_hkey *key)
{
	const char *path = c->text[0].at;
	size_t len = c->text[0].len;

	if (!o->create)
		return wh_reg_open_key(c->target.reg, c->target.key, path, len, o->options,
				       o->access, key);
	if (o->options != 0)
		return WH_E_INVALID; /* reserved, of Windows' function: not its options */
	return wh_reg_create_key(c->target.reg, c->target.key, path, len, 0, o->access, NULL, key,
				 NULL);
}

static PyObject *
open_it(PyObject *module, const struct opening *o)
{
	const char *event = o->create ? "winreg.CreateKey" : "winreg.OpenKey";
	struct whi_py_call c = { 0 };
	PyObject *result = NULL;
	wh_hkey key = 0;
	enum wh_status st;

	if (!whi_py_call_begin(&c, module, o->name, o->key) ||
	    !whi_py_call_text(&c, 2, o->sub_key, true) ||
	    !whi_py_audit(c.py, Py_BuildValue("sLOi", event, whi_py_call_key(&c), o->sub_key,
					      o->told_access))) {
		whi_py_call_done(&c);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = open_or_create(o, &c, &key);
	Py_END_ALLOW_THREADS
	result = st == WH_OK ? whi_py_hkey_new(c.py, c.target.registry, key) : whi_py_raise(st);
	if (result && !whi_py_audit(c.py, Py_BuildValue("sL", "winreg.OpenKey/result",
							(long long)whi_py_hkey_number(key))))
		Py_CLEAR(result);
	whi_py_call_done(&c);
	return result;
}

static PyObject *
create_key(PyObject *module, PyObject *args)
{
	struct opening o = { .name = "CreateKey", .create = true, .told_access = WH_KEY_WRITE };

	o.access = WH_ACCESS_MAXIMUM_ALLOWED;
	if (!PyArg_ParseTuple(args, "OO:CreateKey", &o.key, &o.sub_key))
		return NULL;
	return open_it(module, &o);
}

static PyObject *
open_ex(PyObject *module, PyObject *args, PyObject *names, struct opening *o, const char *format)
{
	static const char *const words[] = { "key", "sub_key", "reserved", "access", NULL };
	int reserved = 0;

	if (!PyArg_ParseTupleAndKeywords(args, names, format, WHI_PY_WORDS(words), &o->key,
					 &o->sub_key, &reserved, &o->told_access))
		return NULL;
	o->options = (uint32_t)reserved;
	o->access = (uint32_t)o->told_access;
	return open_it(module, o);
}

static PyObject *
create_key_ex(PyObject *module, PyObject *args, PyObject *names)
{
	struct opening o = { .name = "CreateKeyEx", .create = true, .told_access = WH_KEY_WRITE };

	return open_ex(module, args, names, &o, "OO|ii:CreateKeyEx");
}

static PyObject *
open_key(PyObject *module, PyObject *args, PyObject *names)
{
	struct opening o = { .name = "OpenKey", .told_access = WH_KEY_READ };

	return open_ex(module, args, names, &o, "OO|ii:OpenKey");
}

static PyObject *
open_key_ex(PyObject *module, PyObject *args, PyObject *names)
{
	struct opening o = { .name = "OpenKeyEx", .told_access = WH_KEY_READ };

	return open_ex(module, args, names, &o, "OO|ii:OpenKeyEx");
}

/* ---------------------------------------------------------------------- keys */

static PyObject *
delete_it(PyObject *module, const char *name, PyObject *key, PyObject *sub_key, int access,
	  int reserved)
{
	struct whi_py_call c = { 0 };
	enum wh_status st = reserved != 0 ? WH_E_INVALID : WH_OK;
	bool asked;

	asked = whi_py_call_begin(&c, module, name, key) &&
		whi_py_call_text(&c, 2, sub_key, false) &&
		whi_py_audit(c.py, Py_BuildValue("sLOi", "winreg.DeleteKey", whi_py_call_key(&c),
						 sub_key, access));
	if (asked && st == WH_OK) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_delete_key(c.target.reg, c.target.key, c.text[0].at, c.text[0].len,
				       (uint32_t)access);
		Py_END_ALLOW_THREADS
	}
	return whi_py_call_end(&c, asked, st);
}

static PyObject *
delete_key(PyObject *module, PyObject *args)
{
	PyObject *key, *sub_key;

	if (!PyArg_ParseTuple(args, "OO:DeleteKey", &key, &sub_key))
		return NULL;
	return delete_it(module, "DeleteKey", key, sub_key, 0, 0);
}

static PyObject *
delete_key_ex(PyObject *module, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "key", "sub_key", "access", "reserved", NULL };
	PyObject *key, *sub_key;
	int access = WH_KEY_WOW64_64KEY, reserved = 0;

	if (!PyArg_ParseTupleAndKeywords(args, names, "OO|ii:DeleteKeyEx", WHI_PY_WORDS(words),
					 &key, &sub_key, &access, &reserved))
		return NULL;
	return delete_it(module, "DeleteKeyEx", key, sub_key, access, reserved);
}

static PyObject *
enum_key(PyObject *module, PyObject *args)
{
	char name[3 * 256]; /* most units of a key name, each up to 3 bytes */
	struct whi_py_call c = { 0 };
	PyObject *key;
	size_t len = 0;
	int index;
	bool asked;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTuple(args, "Oi:EnumKey", &key, &index))
		return NULL;
	asked = whi_py_call_begin(&c, module, "EnumKey", key) &&
		whi_py_audit(c.py,
			     Py_BuildValue("sLi", "winreg.EnumKey", whi_py_call_key(&c), index));
	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_enum_key(c.target.reg, c.target.key, (uint32_t)index, name, sizeof name,
				     &len, NULL);
		Py_END_ALLOW_THREADS
	}
	if (!asked || st != WH_OK)
		return whi_py_call_end(&c, asked, st);
	whi_py_call_done(&c);
	return whi_py_str(name, len);
}

static PyObject *
query_info_key(PyObject *module, PyObject *key)
{
	struct whi_py_call c = { 0 };
	struct wh_reg_info info = { 0 };
	enum wh_status st = WH_OK;
	bool asked;

	asked = whi_py_call_begin(&c, module, "QueryInfoKey", key) &&
		whi_py_audit(c.py, Py_BuildValue("sL", "winreg.QueryInfoKey", whi_py_call_key(&c)));
	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_query_info_key(c.target.reg, c.target.key, &info);
		Py_END_ALLOW_THREADS
	}
	if (!asked || st != WH_OK)
		return whi_py_call_end(&c, asked, st);
	whi_py_call_done(&c);
	return Py_BuildValue("IIL", (unsigned)info.subkeys, (unsigned)info.values,
			     (long long)info.last_written);
}

/* ---------------------------------------------------------------------- keys as files */

static PyObject *
flush_key(PyObject *module, PyObject *key)
{
	struct whi_py_call c = { 0 };
	enum wh_status st = WH_OK;
	bool asked = whi_py_call_begin(&c, module, "FlushKey", key);

	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_flush_key(c.target.reg, c.target.key);
		Py_END_ALLOW_THREADS
	}
	return whi_py_call_end(&c, asked, st);
}

/* A file name, which winreg has as a str, in the encoding of the file system. */
static PyObject *
file_name(struct whi_py_call *c, int argument, PyObject *name)
{
	return whi_py_call_text(c, argument, name, false) ? PyUnicode_EncodeFSDefault(name) : NULL;
}

static PyObject *
load_key(PyObject *module, PyObject *args)
{
	PyObject *key, *sub_key, *file, *path = NULL;
	struct whi_py_registry *registry;
	struct whi_py_call c = { 0 };
	const char *at;
	enum wh_status st = WH_OK;
	bool asked;

	if (!PyArg_ParseTuple(args, "OOO:LoadKey", &key, &sub_key, &file))
		return NULL;
	asked = whi_py_call_begin(&c, module, "LoadKey", key) &&
		whi_py_call_text(&c, 2, sub_key, false) && (path = file_name(&c, 3, file)) &&
		whi_py_audit(c.py, Py_BuildValue("sLOO", "winreg.LoadKey", whi_py_call_key(&c),
						 sub_key, file));
	if (asked) {
		at = PyBytes_AsString(path);
		registry = (struct whi_py_registry *)c.target.registry;
		whi_py_mounting_begin(registry);
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_load_key(c.target.reg, c.target.key, c.text[0].at, c.text[0].len, at,
				     0);
		Py_END_ALLOW_THREADS
		whi_py_mounting_end(registry);
	}
	Py_XDECREF(path);
	return whi_py_call_end(&c, asked, st);
}

static PyObject *
save_key(PyObject *module, PyObject *args)
{
	PyObject *key, *file, *path = NULL;
	struct whi_py_call c = { 0 };
	const char *at;
	enum wh_status st = WH_OK;
	bool asked;

	if (!PyArg_ParseTuple(args, "OO:SaveKey", &key, &file))
		return NULL;
	asked = whi_py_call_begin(&c, module, "SaveKey", key) && (path = file_name(&c, 2, file)) &&
		whi_py_audit(c.py,
			     Py_BuildValue("sLO", "winreg.SaveKey", whi_py_call_key(&c), file));
	if (asked) {
		at = PyBytes_AsString(path);
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_save_key(c.target.reg, c.target.key, at, WH_REG_STANDARD_FORMAT);
		Py_END_ALLOW_THREADS
	}
	Py_XDECREF(path);
	return whi_py_call_end(&c, asked, st);
}

/* ---------------------------------------------------------------------- reflection */

static bool
reflection_begin(struct whi_py_call *c, PyObject *module, const char *name, const char *event,
		 PyObject *key)
{
	return whi_py_call_begin(c, module, name, key) &&
	       whi_py_audit(c->py, Py_BuildValue("sL", event, whi_py_call_key(c)));
}

static PyObject *
disable_reflection_key(PyObject *module, PyObject *key)
{
	struct whi_py_call c = { 0 };
	enum wh_status st = WH_OK;
	bool asked = reflection_begin(&c, module, "DisableReflectionKey",
				      "winreg.DisableReflectionKey", key);

	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_disable_reflection_key(c.target.reg, c.target.key);
		Py_END_ALLOW_THREADS
	}
	return whi_py_call_end(&c, asked, st);
}

static PyObject *
enable_reflection_key(PyObject *module, PyObject *key)
{
	struct whi_py_call c = { 0 };
	enum wh_status st = WH_OK;
	bool asked = reflection_begin(&c, module, "EnableReflectionKey",
				      "winreg.EnableReflectionKey", key);

	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_enable_reflection_key(c.target.reg, c.target.key);
		Py_END_ALLOW_THREADS
	}
	return whi_py_call_end(&c, asked, st);
}

static PyObject *
query_reflection_key(PyObject *module, PyObject *key)
{
	struct whi_py_call c = { 0 };
	enum wh_status st = WH_OK;
	bool disabled = false, asked = reflection_begin(&c, module, "QueryReflectionKey",
							"winreg.QueryReflectionKey", key);

	if (asked) {
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_query_reflection_key(c.target.reg, c.target.key, &disabled);
		Py_END_ALLOW_THREADS
	}
	if (!asked || st != WH_OK)
		return whi_py_call_end(&c, asked, st);
	whi_py_call_done(&c);
	return PyBool_FromLong(disabled);
}

PyMethodDef whi_py_winreg_keys[] = {
	{ "CloseKey", close_key, METH_O,
	  PyDoc_STR("CloseKey($module, hkey, /)\n--\n\n"
		    "Close a handle: a handle object, an int, or None, which is fine.") },
	{ "ConnectRegistry", connect_registry, METH_VARARGS,
	  PyDoc_STR("ConnectRegistry($module, computer_name, key, /)\n--\n\n"
		    "A handle to a predefined key of a computer.\n\n"
		    "None is this registry.  The folder of an offline Windows is that Windows,\n"
		    "for reading; every other name cannot be reached: FileNotFoundError.") },
	{ "CreateKey", create_key, METH_VARARGS,
	  PyDoc_STR("CreateKey($module, key, sub_key, /)\n--\n\n"
		    "Open a key, and make it and those above it if they are not there.") },
	{ "CreateKeyEx", WHI_PY_METHOD(create_key_ex), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("CreateKeyEx($module, /, key, sub_key, reserved=0, access=KEY_WRITE)\n--\n\n"
		    "As CreateKey, with the access that the handle is to have.") },
	{ "DeleteKey", delete_key, METH_VARARGS,
	  PyDoc_STR("DeleteKey($module, key, sub_key, /)\n--\n\n"
		    "Delete a key that has no subkeys, else PermissionError.") },
	{ "DeleteKeyEx", WHI_PY_METHOD(delete_key_ex), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("DeleteKeyEx($module, /, key, sub_key, access=KEY_WOW64_64KEY, reserved=0)\n"
		    "--\n\n"
		    "As DeleteKey, in the 32-bit or the 64-bit view.") },
	{ "DisableReflectionKey", disable_reflection_key, METH_O,
	  PyDoc_STR("DisableReflectionKey($module, key, /)\n--\n\n"
		    "Does nothing, as since Windows 7.") },
	{ "EnableReflectionKey", enable_reflection_key, METH_O,
	  PyDoc_STR("EnableReflectionKey($module, key, /)\n--\n\n"
		    "Does nothing, as since Windows 7.") },
	{ "EnumKey", enum_key, METH_VARARGS,
	  PyDoc_STR("EnumKey($module, key, index, /)\n--\n\n"
		    "The name of a subkey by its index; OSError past the last.") },
	{ "FlushKey", flush_key, METH_O,
	  PyDoc_STR("FlushKey($module, key, /)\n--\n\n"
		    "Write the hive of the key to its file.\n\n"
		    "PermissionError: it was changed, but not mounted for writing.") },
	{ "LoadKey", load_key, METH_VARARGS,
	  PyDoc_STR("LoadKey($module, key, sub_key, file_name, /)\n--\n\n"
		    "Mount a hive file as a new subkey of HKEY_LOCAL_MACHINE or HKEY_USERS.\n\n"
		    "The file is not written to; Registry.mount() can mount for writing.") },
	{ "OpenKey", WHI_PY_METHOD(open_key), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("OpenKey($module, /, key, sub_key, reserved=0, access=KEY_READ)\n--\n\n"
		    "Open a key.  'reserved' takes REG_OPTION_OPEN_LINK.") },
	{ "OpenKeyEx", WHI_PY_METHOD(open_key_ex), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("OpenKeyEx($module, /, key, sub_key, reserved=0, access=KEY_READ)\n--\n\n"
		    "The same as OpenKey.") },
	{ "QueryInfoKey", query_info_key, METH_O,
	  PyDoc_STR("QueryInfoKey($module, key, /)\n--\n\n"
		    "The number of subkeys and of values, and the time of the last change as\n"
		    "a FILETIME: units of 100 ns since 1601.") },
	{ "QueryReflectionKey", query_reflection_key, METH_O,
	  PyDoc_STR("QueryReflectionKey($module, key, /)\n--\n\n"
		    "Is reflection disabled?  Always, as since Windows 7.") },
	{ "SaveKey", save_key, METH_VARARGS,
	  PyDoc_STR("SaveKey($module, key, file_name, /)\n--\n\n"
		    "Save a key with all below it as a new hive file.") },
	{ NULL, NULL, 0, NULL },
};
