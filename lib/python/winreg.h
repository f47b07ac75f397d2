/* SPDX-License-Identifier: MIT */
/* The functions of winreg: how each of them begins and ends. */
#ifndef WHI_PYTHON_WINREG_H
#define WHI_PYTHON_WINREG_H

#include "python/module.h"

/* Methods of the module; each list ends with NULL. */
extern PyMethodDef whi_py_winreg_keys[], whi_py_winreg_values[];

/* The state behind the module winreg. */
struct whi_py *whi_py_winreg_state(PyObject *winreg);

/* One call of a function.  Set to zero ({0}) before anything; then _done() may always come. */
struct whi_py_call {
	struct whi_py *py;
	const char *name; /* of the function */
	struct whi_py_target target;
	struct whi_py_text text[3]; /* its strings, in the order they were taken */
	int texts;
};

/* Take the handle.  False: an exception is set, and so below. */
bool whi_py_call_begin(struct whi_py_call *call, PyObject *module, const char *name, PyObject *key);

/* Take argument number 'argument', a str without NULs or, with 'none', None for "". */
bool whi_py_call_text(struct whi_py_call *call, int argument, PyObject *object, bool none);

void whi_py_call_done(struct whi_py_call *call);

/* _done(), and None; or NULL: nothing was asked of the registry, or an exception for 'st'. */
PyObject *whi_py_call_end(struct whi_py_call *call, bool asked, enum wh_status st);

long long whi_py_call_key(const struct whi_py_call *call);

#endif
