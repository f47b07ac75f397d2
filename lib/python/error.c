/* SPDX-License-Identifier: MIT */
/* Errors: Windows' numbers as exceptions, by way of the errno that CPython gives them there. */
#include "python/module.h"

#include <errno.h>

/* Error numbers 'first' to 'last' and what they become. */
static const struct {
	unsigned short first, last;
	int number;
} table[] = {
	{ 2, 3, ENOENT },      { 4, 4, EMFILE },        { 5, 5, EACCES },
	{ 6, 6, EBADF },       { 7, 9, ENOMEM },        { 10, 10, E2BIG },
	{ 11, 11, ENOEXEC },   { 15, 15, ENOENT },      { 16, 16, EACCES },
	{ 17, 17, EXDEV },     { 18, 18, ENOENT },      { 19, 36, EACCES },
	{ 53, 53, ENOENT },    { 65, 65, EACCES },      { 67, 67, ENOENT },
	{ 80, 80, EEXIST },    { 82, 83, EACCES },      { 89, 89, EAGAIN },
	{ 108, 108, EACCES },  { 109, 109, EPIPE },     { 112, 112, ENOSPC },
	{ 114, 114, EBADF },   { 128, 129, ECHILD },    { 130, 130, EBADF },
	{ 132, 132, EACCES },  { 145, 145, ENOTEMPTY }, { 158, 158, EACCES },
	{ 161, 161, ENOENT },  { 164, 164, EAGAIN },    { 167, 167, EACCES },
	{ 183, 183, EEXIST },  { 188, 202, ENOEXEC },   { 206, 206, ENOENT },
	{ 215, 215, EAGAIN },  { 232, 232, EPIPE },     { 258, 258, ETIMEDOUT },
	{ 267, 267, ENOTDIR }, { 1113, 1113, EILSEQ },  { 1816, 1816, ENOMEM },
};

int
whi_py_errno(unsigned long winerror)
{
	if (winerror >= 10000 && winerror <= 11999)
		return (int)winerror; /* those of sockets are themselves */
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].first <= winerror && winerror <= table[i].last)
			return table[i].number;
	return EINVAL;
}

PyObject *
whi_py_raise_path(enum wh_status status, PyObject *path)
{
	int number = whi_py_errno((unsigned long)status);
	PyObject *error, *winerror;

	error = PyObject_CallFunction(PyExc_OSError, path ? "isO" : "is", number,
				      wh_status_text(status), path);
	winerror = error ? PyLong_FromLong((long)status) : NULL;
	/* On Windows an OSError has this by itself. */
	if (winerror && PyObject_SetAttrString(error, "winerror", winerror) == 0)
		PyErr_SetObject((PyObject *)Py_TYPE(error), error);
	Py_XDECREF(winerror);
	Py_XDECREF(error);
	return NULL;
}

PyObject *
whi_py_raise(enum wh_status status)
{
	return whi_py_raise_path(status, NULL);
}

bool
whi_py_audit(struct whi_py *py, PyObject *args)
{
	PyObject *none = args && py->audit ? PyObject_CallObject(py->audit, args) : NULL;
	bool done = none || (args && !py->audit); /* the interpreter is at its end */

	Py_XDECREF(none);
	Py_XDECREF(args);
	return done;
}
