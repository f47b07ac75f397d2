/* SPDX-License-Identifier: MIT */
/*
 * The Python module, inside: what its files share.  One shared object, winhive/_winhive, holds the
 * types Hive, Key, Value, Registry and PyHKEY, and the module winreg.  It is built for the limited
 * API, so one build serves every Python from 3.11 on.
 *
 * THE GIL AND OUR LOCKS.  A lock of ours is never waited for with the GIL held, and nothing that
 * can run Python code is called with one of ours held: not even the allocation of an object that
 * the collector knows, since a collection runs finalizers.  Numbers, str and bytes are no such
 * objects.  So a call copies what it needs into C, lets go of the lock, and then makes objects.
 */
#ifndef WHI_PYTHON_MODULE_H
#define WHI_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#include <Python.h>
#include <structmember.h>

#include "winhive.h"
#include "winhive-winreg.h"

#include <pthread.h>

/* The state of the module, one for each interpreter.  References are owned. */
struct whi_py {
	PyObject *audit; /* sys.audit: its C function is not in the limited API of 3.11 */
	PyObject *epoch, *timedelta, *microsecond; /* 1601-01-01 UTC, the type, and 1 us */
	PyObject *hkey_type, *registry_type;
	PyObject *hive_type, *key_type, *value_type, *walk_type, *items_type, *list_type;
	PyObject *list_iter_type;
	PyObject *word_name, *word_path, *word_data, *word_type, *word_value; /* str, interned */
	PyObject *subkeys_view, *values_view; /* classes of winhive._views; NULL until needed */
	PyObject *current; /* the Registry that winreg works on; NULL until it is first needed */
};

/* A method of the limited API takes one kind of function; the flags say which it is. */
#define WHI_PY_METHOD(fn) ((PyCFunction)(void (*)(void))(fn))

/* Names of arguments, which PyArg_ParseTupleAndKeywords() reads only. */
#define WHI_PY_WORDS(words) ((char **)(uintptr_t)(words))

/* Replace a reference by another one, which is taken. */
static inline void
whi_py_set(PyObject **at, PyObject *object)
{
	PyObject *before = *at;

	*at = object;
	Py_XDECREF(before);
}

/* ---------------------------------------------------------------------- errors */

/* The errno of a Win32 error number, as on Windows. */
int whi_py_errno(unsigned long winerror);

/*
 * Set an OSError of the subclass that Windows would, with 'winerror', and return NULL.  'path',
 * which may be NULL, becomes its file name.
 */
PyObject *whi_py_raise(enum wh_status status);
PyObject *whi_py_raise_path(enum wh_status status, PyObject *path);

/* Audit an event: 'args' is a tuple with its name first, and is taken; NULL fails. */
bool whi_py_audit(struct whi_py *py, PyObject *args);

/* ---------------------------------------------------------------------- text and numbers */

/* A str as the UTF-8 that winhive.h wants.  'at' is lent by the str, or by 'owner'. */
struct whi_py_text {
	const char *at;
	size_t len;
	PyObject *owner;
};

/* From a str.  Lone surrogates are kept.  False: an exception is set. */
bool whi_py_text_get(PyObject *str, struct whi_py_text *text);
void whi_py_text_done(struct whi_py_text *text);

/* Converters for PyArg_Parse*: a str, or None for "" where OR_NONE; without NULs where PLAIN. */
int whi_py_text_arg(PyObject *object, void *text);
int whi_py_text_or_none_arg(PyObject *object, void *text);

/* A str from UTF-8; lone surrogates are kept. */
PyObject *whi_py_str(const char *at, size_t len);

/* A path: os.PathLike, str or bytes, as bytes of the file system.  A new reference. */
int whi_py_path_arg(PyObject *object, void *bytes);

/* A datetime, or None if the year is past 9999. */
PyObject *whi_py_datetime(struct whi_py *py, uint64_t filetime);
/* From an int, which is a FILETIME, or a datetime with a zone; None is 0. */
bool whi_py_filetime(struct whi_py *py, PyObject *object, uint64_t *filetime);

/* ---------------------------------------------------------------------- data of values */

/* The data of a value made from an object. */
struct whi_py_data {
	const void *at;
	size_t size;
	PyObject *owner; /* of what was encoded, or */
	bool has_view;
	Py_buffer view; /* the object's own bytes */
	unsigned char number[8];
};

/*
 * What winreg makes of an object and a type.  False without an exception: the object is not for
 * that type.
 */
bool whi_py_data_from(PyObject *object, uint32_t type, struct whi_py_data *data);
void whi_py_data_done(struct whi_py_data *data);

/* What winreg makes of a type and data. */
PyObject *whi_py_data_to(uint32_t type, const void *data, size_t size);

/* ---------------------------------------------------------------------- registry */

/* A Registry.  'mounting' is held while hives come and go, and while they are listed. */
struct whi_py_registry {
	PyObject_HEAD struct wh_reg *reg;
	pthread_mutex_t mounting;
	bool has_lock;
};

/* A PyHKEY.  'registry' is where its number means something. */
struct whi_py_hkey {
	PyObject_HEAD PyObject *registry;
	wh_hkey key;
};

/* What a function works on: a registry, which is held by a reference, and a key of it. */
struct whi_py_target {
	PyObject *registry;
	struct wh_reg *reg;
	wh_hkey key;
};

/*
 * From a PyHKEY, or an int, which is a handle of the current registry; with 'none' None is 0.
 * False: an exception is set.
 */
bool whi_py_target_get(struct whi_py *py, PyObject *object, bool none,
		       struct whi_py_target *target);
void whi_py_target_done(struct whi_py_target *target);

/* The current registry, made if there is none.  A new reference. */
PyObject *whi_py_current(struct whi_py *py);

/* A PyHKEY that owns 'key'; if it cannot be made the key is closed. */
PyObject *whi_py_hkey_new(struct whi_py *py, PyObject *registry, wh_hkey key);

/* Its method Close(). */
PyObject *whi_py_hkey_close(PyObject *hkey, PyObject *unused);

/* A handle as int() and audit events have it: a predefined one with its sign. */
static inline int64_t
whi_py_hkey_number(wh_hkey key)
{
	return (int32_t)key;
}

void whi_py_mounting_begin(struct whi_py_registry *registry);
void whi_py_mounting_end(struct whi_py_registry *registry);

/* ---------------------------------------------------------------------- parts */

/* Each makes its types, or the module winreg, and adds them; false: an exception is set. */
bool whi_py_hkey_init(struct whi_py *py, PyObject *module);
bool whi_py_registry_init(struct whi_py *py, PyObject *module);
bool whi_py_winreg_init(PyObject *module);
bool whi_py_winreg_constants(PyObject *winreg);
bool whi_py_hive_init(struct whi_py *py, PyObject *module);
bool whi_py_key_init(struct whi_py *py, PyObject *module);
bool whi_py_value_init(struct whi_py *py, PyObject *module);
bool whi_py_walk_init(struct whi_py *py, PyObject *module);
bool whi_py_values_init(struct whi_py *py, PyObject *module);
bool whi_py_items_init(struct whi_py *py, PyObject *module);

/* The state behind a type of ours, or a class made of one; NULL: an exception is set. */
struct whi_py *whi_py_state(PyTypeObject *type);

/* Make a type and add it to the module.  A new reference. */
PyObject *whi_py_type(PyObject *module, PyType_Spec *spec);

#endif
