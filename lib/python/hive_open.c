/* SPDX-License-Identifier: MIT */
/* Opening a hive: of a file, of bytes, and a new one. */
#include "python/hive.h"

#include <string.h>

/* So many issues are kept: each look at a damaged key may add one. */
enum { MOST_ISSUES = 10000 };

struct whi_py_hive *
whi_py_hive_alloc(struct whi_py *py, PyTypeObject *type)
{
	allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
	PyObject *object = alloc(type, 0);
	struct whi_py_hive *self = (struct whi_py_hive *)object;

	if (!self)
		return NULL;
	self->py = py;
	self->path = Py_NewRef(Py_None);
	if (pthread_rwlock_init(&self->lock, NULL) == 0) {
		self->has_lock = whi_py_issues_init(&self->issues, MOST_ISSUES);
		if (!self->has_lock)
			pthread_rwlock_destroy(&self->lock);
	}
	if (!self->has_lock) {
		Py_DECREF(object);
		PyErr_NoMemory();
		return NULL;
	}
	return self;
}

PyObject *
whi_py_hive_wrap(struct whi_py *py, PyTypeObject *type, struct wh_hive *hive, PyObject *path)
{
	struct whi_py_hive *self = whi_py_hive_alloc(py, type);

	if (!self) {
		wh_hive_close(hive);
		return NULL;
	}
	self->hive = hive;
	whi_py_set(&self->path, Py_NewRef(path));
	return (PyObject *)self;
}

/* Options of all ways to open, taken from keyword arguments. */
struct opening {
	struct wh_options options;
	PyObject *time;
	int write, use_logs, all_logs, take_dirty, take_damaged, salvage, whole;
};

static bool
settle(struct whi_py *py, struct opening *o)
{
	o->options.flags |= (o->write ? WH_OPEN_WRITE : 0u) | (o->use_logs ? 0u : WH_OPEN_NO_LOGS) |
			    (o->all_logs ? WH_OPEN_ALL_LOGS : 0u) |
			    (o->take_dirty ? WH_OPEN_TAKE_DIRTY : 0u) |
			    (o->take_damaged ? WH_OPEN_TAKE_DAMAGED : 0u) |
			    (o->salvage ? WH_OPEN_SALVAGE : 0u) | (o->whole ? WH_OPEN_WHOLE : 0u);
	return whi_py_filetime(py, o->time, &o->options.time);
}

/* ---------------------------------------------------------------------- logs */

/* Paths or buffers of logs that were given: one of the arrays is used. */
struct logs {
	PyObject *list; /* of the objects behind the arrays */
	Py_ssize_t count;
	const char **paths;
	Py_buffer *views;
	struct wh_source *sources;
};

static void
logs_done(struct logs *logs)
{
	for (Py_ssize_t i = 0; logs->views && i < logs->count; i++)
		PyBuffer_Release(&logs->views[i]); /* of none does nothing */
	PyMem_Free(logs->views);
	PyMem_Free(logs->sources);
	PyMem_Free(logs->paths);
	Py_CLEAR(logs->list);
}

static bool
logs_paths(PyObject *given, struct logs *logs)
{
	logs->paths = PyMem_Calloc((size_t)logs->count + 1, sizeof *logs->paths);
	if (!logs->paths)
		PyErr_NoMemory();
	for (Py_ssize_t i = 0; logs->paths && i < logs->count; i++) {
		PyObject *item = PySequence_GetItem(given, i), *bytes = NULL;
		bool done = item && PyUnicode_FSConverter(item, &bytes) &&
			    PyList_Append(logs->list, bytes) == 0;

		logs->paths[i] = done ? PyBytes_AsString(bytes) : NULL;
		Py_XDECREF(bytes);
		Py_XDECREF(item);
		if (!done)
			return false;
	}
	return logs->paths != NULL;
}

static bool
read_view(void *view, uint64_t offset, void *buf, size_t len)
{
	memcpy(buf, (const char *)((Py_buffer *)view)->buf + offset, len);
	return true;
}

static bool
logs_views(PyObject *given, struct logs *logs)
{
	logs->views = PyMem_Calloc((size_t)logs->count + 1, sizeof *logs->views);
	logs->sources = PyMem_Calloc((size_t)logs->count + 1, sizeof *logs->sources);
	if (!logs->views || !logs->sources) {
		PyErr_NoMemory();
		return false;
	}
	for (Py_ssize_t i = 0; i < logs->count; i++) {
		PyObject *item = PySequence_GetItem(given, i);
		bool done = item && PyObject_GetBuffer(item, &logs->views[i], PyBUF_SIMPLE) == 0;

		Py_XDECREF(item); /* the view refers to it */
		if (!done)
			return false;
		logs->sources[i] = (struct wh_source){ .read = read_view,
						       .ctx = &logs->views[i],
						       .size = (uint64_t)logs->views[i].len };
	}
	return true;
}

/* Take the logs; None: none were given. */
static bool
logs_take(PyObject *given, bool paths, struct wh_options *options, struct logs *logs)
{
	PyObject *sequence;
	bool done;

	*logs = (struct logs){ 0 };
	if (!given || given == Py_None)
		return true;
	if (PyUnicode_Check(given) || PyBytes_Check(given)) {
		PyErr_SetString(PyExc_TypeError, "logs must be a list of them");
		return false;
	}
	sequence = PySequence_Tuple(given);
	logs->list = sequence ? PyList_New(0) : NULL;
	logs->count = sequence ? PyTuple_Size(sequence) : 0;
	done = logs->list && (paths ? logs_paths(sequence, logs) : logs_views(sequence, logs));
	Py_XDECREF(sequence);
	options->logs = logs->paths;
	options->log_count = paths ? (size_t)logs->count : 0;
	options->log_sources = logs->sources;
	options->log_source_count = paths ? 0 : (size_t)logs->count;
	if (done && logs->count == 0)
		options->flags |= WH_OPEN_NO_LOGS; /* an empty list: there are none */
	return done;
}

/* ---------------------------------------------------------------------- the ways to open */

/* Open 'path', or 'bytes' if it is NULL. */
static enum wh_status
open_hive(struct whi_py_hive *self, const char *path, const Py_buffer *bytes,
	  struct wh_options *options)
{
	options->issue = whi_py_issue_add;
	options->issue_ctx = &self->issues;
	if (path)
		return wh_hive_open(path, options, &self->hive);
	return wh_hive_open_memory(bytes->buf, (size_t)bytes->len, options, &self->hive);
}

/* The last issue says best why a hive did not open. */
static void
raise_open(struct whi_py_hive *self, enum wh_status st, PyObject *path)
{
	PyObject *kind, *error, *trace, *list;

	whi_py_raise_path(st, path);
	PyErr_Fetch(&kind, &error, &trace);
	PyErr_NormalizeException(&kind, &error, &trace);
	list = whi_py_issues_list(&self->issues);
	if (!list || !error || PyObject_SetAttrString(error, "issues", list) != 0)
		PyErr_Clear();
	Py_XDECREF(list);
	PyErr_Restore(kind, error, trace);
}

PyObject *
whi_py_hive_open(PyTypeObject *type, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "path",         "write",    "logs",
					     "use_logs",     "all_logs", "take_dirty",
					     "take_damaged", "salvage",  "whole",
					     "time",         NULL };
	struct opening o = { .use_logs = 1 };
	struct logs logs = { 0 };
	PyObject *path, *bytes = NULL, *given = NULL;
	struct whi_py_hive *self = NULL;
	const char *at;
	enum wh_status st;
	struct whi_py *py = whi_py_state(type);

	if (!py ||
	    !PyArg_ParseTupleAndKeywords(args, names, "O|$pOppppppO:Hive", WHI_PY_WORDS(words),
					 &path, &o.write, &given, &o.use_logs, &o.all_logs,
					 &o.take_dirty, &o.take_damaged, &o.salvage, &o.whole,
					 &o.time) ||
	    !PyUnicode_FSConverter(path, &bytes))
		return NULL;
	if (settle(py, &o) && logs_take(given, true, &o.options, &logs))
		self = whi_py_hive_alloc(py, type);
	if (self) {
		whi_py_set(&self->path, Py_NewRef(path));
		at = PyBytes_AsString(bytes);
		Py_BEGIN_ALLOW_THREADS
		st = open_hive(self, at, NULL, &o.options);
		Py_END_ALLOW_THREADS
		if (st != WH_OK) {
			raise_open(self, st, path);
			Py_CLEAR(self);
		}
	}
	logs_done(&logs);
	Py_DECREF(bytes);
	return (PyObject *)self;
}

/* The bytes are lent to the hive if they can never change, else copied. */
PyObject *
whi_py_hive_from_bytes(PyObject *type, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "data",     "logs",       "use_logs",
					     "all_logs", "take_dirty", "take_damaged",
					     "salvage",  "time",       NULL };
	struct opening o = { .use_logs = 1 };
	struct logs logs = { 0 };
	PyObject *data, *given = NULL;
	struct whi_py_hive *self = NULL;
	Py_buffer view;
	enum wh_status st;
	struct whi_py *py = whi_py_state((PyTypeObject *)type);

	if (!py ||
	    !PyArg_ParseTupleAndKeywords(args, names, "O|$OpppppO:from_bytes", WHI_PY_WORDS(words),
					 &data, &given, &o.use_logs, &o.all_logs, &o.take_dirty,
					 &o.take_damaged, &o.salvage, &o.time) ||
	    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) != 0)
		return NULL;
	if (settle(py, &o) && logs_take(given, false, &o.options, &logs))
		self = whi_py_hive_alloc(py, (PyTypeObject *)type);
	if (self) {
		if (PyBytes_CheckExact(data)) {
			o.options.flags |= WH_OPEN_LENT;
			self->backing = Py_NewRef(data);
		}
		Py_BEGIN_ALLOW_THREADS
		st = open_hive(self, NULL, &view, &o.options);
		Py_END_ALLOW_THREADS
		if (st != WH_OK) {
			raise_open(self, st, NULL);
			Py_CLEAR(self);
		}
	}
	logs_done(&logs);
	PyBuffer_Release(&view);
	return (PyObject *)self;
}

PyObject *
whi_py_hive_create(PyObject *type, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "minor", "root_name", "time", NULL };
	struct whi_py_text name = { 0 };
	struct opening o = { .use_logs = 1 };
	struct wh_new how = { 0 };
	struct whi_py_hive *self = NULL;
	unsigned minor = 0;
	enum wh_status st;
	struct whi_py *py = whi_py_state((PyTypeObject *)type);

	if (!py || !PyArg_ParseTupleAndKeywords(args, names, "|$IO&O:new", WHI_PY_WORDS(words),
						&minor, whi_py_text_arg, &name, &o.time))
		return NULL;
	how.minor = minor;
	how.root_name = name.len > 0 ? name.at : NULL;
	how.root_name_len = name.len;
	if (settle(py, &o))
		self = whi_py_hive_alloc(py, (PyTypeObject *)type);
	if (self) {
		o.options.issue = whi_py_issue_add;
		o.options.issue_ctx = &self->issues;
		Py_BEGIN_ALLOW_THREADS
		st = wh_hive_new(&how, &o.options, &self->hive);
		Py_END_ALLOW_THREADS
		if (st != WH_OK) {
			whi_py_raise(st);
			Py_CLEAR(self);
		}
	}
	whi_py_text_done(&name);
	return (PyObject *)self;
}
