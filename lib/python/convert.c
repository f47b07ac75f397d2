/* SPDX-License-Identifier: MIT */
/* Text, times and the data of values, between Python's objects and bytes. */
#include "python/module.h"

#include <string.h>

/* ---------------------------------------------------------------------- text */

/*
 * A str with surrogates.  Two that make a pair must become one character before they become
 * UTF-8, and going through UTF-16 makes them one.
 */
static PyObject *
encode_surrogates(PyObject *str)
{
	PyObject *units, *paired = NULL, *bytes = NULL;
	int little = -1;

	units = PyUnicode_AsEncodedString(str, "utf-16-le", "surrogatepass");
	if (units)
		paired = PyUnicode_DecodeUTF16(PyBytes_AsString(units), PyBytes_Size(units),
					       "surrogatepass", &little);
	if (paired)
		bytes = PyUnicode_AsEncodedString(paired, "utf-8", "surrogatepass");
	Py_XDECREF(paired);
	Py_XDECREF(units);
	return bytes;
}

bool
whi_py_text_get(PyObject *str, struct whi_py_text *text)
{
	Py_ssize_t len;

	*text = (struct whi_py_text){ 0 };
	text->at = PyUnicode_AsUTF8AndSize(str, &len);
	if (!text->at) {
		if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
			return false;
		PyErr_Clear();
		text->owner = encode_surrogates(str);
		if (!text->owner)
			return false;
		text->at = PyBytes_AsString(text->owner);
		len = PyBytes_Size(text->owner);
	}
	text->len = (size_t)len;
	return true;
}

void
whi_py_text_done(struct whi_py_text *text)
{
	Py_CLEAR(text->owner);
}

int
whi_py_text_arg(PyObject *object, void *text)
{
	if (!object) {
		whi_py_text_done(text);
		return 1;
	}
	if (!PyUnicode_Check(object)) {
		PyErr_SetString(PyExc_TypeError, "a name must be a str");
		return 0;
	}
	return whi_py_text_get(object, text) ? Py_CLEANUP_SUPPORTED : 0;
}

int
whi_py_text_or_none_arg(PyObject *object, void *text)
{
	if (object == Py_None) {
		*(struct whi_py_text *)text = (struct whi_py_text){ .at = "" };
		return Py_CLEANUP_SUPPORTED;
	}
	return whi_py_text_arg(object, text);
}

PyObject *
whi_py_str(const char *at, size_t len)
{
	return PyUnicode_DecodeUTF8(at, (Py_ssize_t)len, "surrogatepass");
}

int
whi_py_path_arg(PyObject *object, void *bytes)
{
	return PyUnicode_FSConverter(object, bytes);
}

/* ---------------------------------------------------------------------- time */

PyObject *
whi_py_datetime(struct whi_py *py, uint64_t filetime)
{
	uint64_t us = filetime / 10;
	PyObject *passed, *time;

	passed = PyObject_CallFunction(py->timedelta, "iLL", 0, (long long)(us / 1000000),
				       (long long)(us % 1000000));
	time = passed ? PyNumber_Add(py->epoch, passed) : NULL;
	Py_XDECREF(passed);
	if (!time && PyErr_ExceptionMatches(PyExc_OverflowError)) {
		PyErr_Clear();
		Py_RETURN_NONE;
	}
	return time;
}

bool
whi_py_filetime(struct whi_py *py, PyObject *object, uint64_t *filetime)
{
	PyObject *passed, *us;

	*filetime = 0;
	if (!object || object == Py_None)
		return true;
	if (PyLong_Check(object)) {
		*filetime = PyLong_AsUnsignedLongLong(object);
		return !(*filetime == (uint64_t)-1 && PyErr_Occurred());
	}
	passed = PyNumber_Subtract(object, py->epoch);
	us = passed ? PyNumber_FloorDivide(passed, py->microsecond) : NULL;
	Py_XDECREF(passed);
	if (!us)
		return false;
	*filetime = PyLong_AsUnsignedLongLong(us);
	Py_DECREF(us);
	if (*filetime == (uint64_t)-1 && PyErr_Occurred())
		return false;
	*filetime *= 10; /* a datetime ends in the year 9999, far from the end of this */
	return true;
}

/* ---------------------------------------------------------------------- objects to data */

static bool
number_from(PyObject *object, size_t size, struct whi_py_data *data)
{
	unsigned long long number = 0;

	if (object != Py_None) {
		if (!PyLong_Check(object))
			return false;
		number = PyLong_AsUnsignedLongLong(object);
		if (number == (unsigned long long)-1 && PyErr_Occurred())
			return false;
		if (size == 4 && number > UINT32_MAX) {
			PyErr_SetString(PyExc_OverflowError, "int too large for a REG_DWORD");
			return false;
		}
	}
	for (size_t i = 0; i < size; i++)
		data->number[i] = (unsigned char)(number >> 8 * i);
	data->at = data->number;
	data->size = size;
	return true;
}

/* Join UTF-16 with a NUL after each of 'count' strings, and one more if 'list'. */
static bool
join(PyObject *const *strings, Py_ssize_t count, bool list, struct whi_py_data *data)
{
	size_t size = list ? 2 : 0, at = 0;
	char *bytes;

	for (Py_ssize_t i = 0; i < count; i++)
		size += (size_t)PyBytes_Size(strings[i]) + 2;
	data->owner = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
	if (!data->owner)
		return false;
	bytes = PyBytes_AsString(data->owner);
	memset(bytes, 0, size);
	for (Py_ssize_t i = 0; i < count; i++) {
		size_t len = (size_t)PyBytes_Size(strings[i]);

		memcpy(bytes + at, PyBytes_AsString(strings[i]), len);
		at += len + 2;
	}
	data->at = bytes;
	data->size = size;
	return true;
}

static bool
string_from(PyObject *object, struct whi_py_data *data)
{
	PyObject *units = NULL;
	bool done;

	if (object == Py_None)
		return join(NULL, 0, true, data); /* one NUL */
	if (!PyUnicode_Check(object))
		return false;
	units = PyUnicode_AsEncodedString(object, "utf-16-le", "surrogatepass");
	done = units && join(&units, 1, false, data);
	Py_XDECREF(units);
	return done;
}

static bool
strings_from(PyObject *object, struct whi_py_data *data)
{
	PyObject **units;
	Py_ssize_t count = 0, made = 0;
	bool done = true;

	if (object != Py_None) {
		if (!PyList_Check(object))
			return false;
		count = PyList_Size(object);
	}
	units = PyMem_Calloc((size_t)count + 1, sizeof *units);
	if (!units) {
		PyErr_NoMemory();
		return false;
	}
	while (done && made < count) {
		PyObject *str = PyList_GetItem(object, made); /* NULL: the list was changed */

		done = str && PyUnicode_Check(str);
		if (done)
			units[made] = PyUnicode_AsEncodedString(str, "utf-16-le", "surrogatepass");
		done = done && units[made];
		made += done;
	}
	done = done && join(units, count, true, data);
	while (made > 0)
		Py_DECREF(units[--made]);
	PyMem_Free(units);
	return done;
}

static bool
bytes_from(PyObject *object, struct whi_py_data *data)
{
	PyObject *name;

	if (object == Py_None)
		return true;
	if (!PyObject_CheckBuffer(object)) {
		name = PyType_GetName(Py_TYPE(object));
		if (name)
			PyErr_Format(
				PyExc_TypeError,
				"Objects of type '%U' can not be used as binary registry values",
				name);
		Py_XDECREF(name);
		return false;
	}
	if (PyObject_GetBuffer(object, &data->view, PyBUF_SIMPLE) != 0)
		return false;
	data->has_view = true;
	data->at = data->view.buf;
	data->size = (size_t)data->view.len;
	return true;
}

bool
whi_py_data_from(PyObject *object, uint32_t type, struct whi_py_data *data)
{
	*data = (struct whi_py_data){ 0 };
	switch (type) {
	case WH_REG_DWORD:
		return number_from(object, 4, data);
	case WH_REG_QWORD:
		return number_from(object, 8, data);
	case WH_REG_SZ:
	case WH_REG_EXPAND_SZ:
		return string_from(object, data);
	case WH_REG_MULTI_SZ:
		return strings_from(object, data);
	default:
		return bytes_from(object, data);
	}
}

void
whi_py_data_done(struct whi_py_data *data)
{
	if (data->has_view)
		PyBuffer_Release(&data->view);
	Py_CLEAR(data->owner);
	data->has_view = false;
}

/* ---------------------------------------------------------------------- data to objects */

/* Units up to a NUL, or all of them. */
static size_t
units_to_nul(const unsigned char *at, size_t units)
{
	size_t len = 0;

	while (len < units && (at[2 * len] || at[2 * len + 1]))
		len++;
	return len;
}

static PyObject *
str_of_units(const unsigned char *at, size_t units)
{
	int little = -1;

	return PyUnicode_DecodeUTF16((const char *)at, (Py_ssize_t)(2 * units), "surrogatepass",
				     &little);
}

/* Less than its size, of a damaged value: what is missing is 0. */
static PyObject *
number_to(const unsigned char *at, size_t size, size_t most)
{
	unsigned long long number = 0;

	for (size_t i = 0; i < size && i < most; i++)
		number |= (unsigned long long)at[i] << 8 * i;
	return PyLong_FromUnsignedLongLong(number);
}

/* One NUL ends the list; before it each ends a string, and the last one may lack its own. */
static PyObject *
strings_to(const unsigned char *at, size_t units)
{
	PyObject *list = PyList_New(0);

	if (list && units > 0 && !at[2 * units - 2] && !at[2 * units - 1])
		units--;
	while (list && units > 0) {
		size_t len = units_to_nul(at, units), step = len < units ? len + 1 : len;
		PyObject *str = str_of_units(at, len);

		if (!str || PyList_Append(list, str) != 0)
			Py_CLEAR(list);
		Py_XDECREF(str);
		at += 2 * step;
		units -= step;
	}
	return list;
}

PyObject *
whi_py_data_to(uint32_t type, const void *data, size_t size)
{
	switch (type) {
	case WH_REG_DWORD:
		return number_to(data, size, 4);
	case WH_REG_QWORD:
		return number_to(data, size, 8);
	case WH_REG_SZ:
	case WH_REG_EXPAND_SZ:
		return str_of_units(data, units_to_nul(data, size / 2));
	case WH_REG_MULTI_SZ:
		return strings_to(data, size / 2);
	default:
		if (size == 0)
			Py_RETURN_NONE;
		return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
	}
}
