/* SPDX-License-Identifier: MIT */
/* Hive: one hive file, or a hive in memory. */
#include "python/hive.h"

static struct whi_py_hive *
self_of(PyObject *object)
{
	return (struct whi_py_hive *)object;
}

/* ---------------------------------------------------------------------- locks */

static bool
still_open(struct whi_py_hive *hive)
{
	if (!hive->hive)
		PyErr_SetString(PyExc_ValueError, "operation on a closed hive");
	return hive->hive != NULL;
}

bool
whi_py_read_begin(struct whi_py_hive *hive)
{
	if (pthread_rwlock_tryrdlock(&hive->lock) != 0) {
		Py_BEGIN_ALLOW_THREADS
		pthread_rwlock_rdlock(&hive->lock);
		Py_END_ALLOW_THREADS
	}
	if (still_open(hive))
		return true;
	pthread_rwlock_unlock(&hive->lock);
	return false;
}

void
whi_py_read_end(struct whi_py_hive *hive)
{
	pthread_rwlock_unlock(&hive->lock);
}

bool
whi_py_exclusive_begin(struct whi_py_hive *hive)
{
	if (pthread_rwlock_trywrlock(&hive->lock) != 0) {
		Py_BEGIN_ALLOW_THREADS
		pthread_rwlock_wrlock(&hive->lock);
		Py_END_ALLOW_THREADS
	}
	if (still_open(hive))
		return true;
	pthread_rwlock_unlock(&hive->lock);
	return false;
}

bool
whi_py_write_begin(struct whi_py_hive *hive)
{
	if (!whi_py_exclusive_begin(hive))
		return false;
	if (hive->exports > 0) {
		pthread_rwlock_unlock(&hive->lock);
		PyErr_SetString(PyExc_BufferError,
				"a memoryview of the hive is in use: it cannot be changed");
		return false;
	}
	hive->changes++;
	return true;
}

void
whi_py_write_end(struct whi_py_hive *hive)
{
	pthread_rwlock_unlock(&hive->lock);
}

/* ---------------------------------------------------------------------- life */

static PyObject *
hive_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
	return whi_py_hive_open(type, args, names);
}

static void
hive_dealloc(PyObject *object)
{
	struct whi_py_hive *self = self_of(object);
	PyTypeObject *type = Py_TYPE(object);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);

	if (self->hive) {
		Py_BEGIN_ALLOW_THREADS
		wh_hive_close(self->hive);
		Py_END_ALLOW_THREADS
	}
	whi_py_names_free(self->names);
	Py_CLEAR(self->path);
	Py_CLEAR(self->backing);
	if (self->has_lock) {
		pthread_rwlock_destroy(&self->lock);
		whi_py_issues_done(&self->issues);
	}
	release(object);
	Py_DECREF(type);
}

static PyObject *
hive_close(PyObject *object, PyObject *unused)
{
	struct whi_py_hive *self = self_of(object);
	struct wh_hive *hive = self->hive;

	(void)unused;
	if (!hive)
		Py_RETURN_NONE;
	if (!whi_py_write_begin(self)) {
		if (self->hive)
			return NULL; /* a memoryview */
		PyErr_Clear();       /* another thread closed it */
		Py_RETURN_NONE;
	}
	whi_py_walks_end(self);
	hive = self->hive;
	self->hive = NULL;
	Py_BEGIN_ALLOW_THREADS
	wh_hive_close(hive);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self);
	Py_CLEAR(self->backing);
	Py_RETURN_NONE;
}

static PyObject *
hive_enter(PyObject *object, PyObject *unused)
{
	(void)unused;
	return still_open(self_of(object)) ? Py_NewRef(object) : NULL;
}

static PyObject *
hive_exit(PyObject *object, PyObject *args)
{
	(void)args;
	return hive_close(object, NULL);
}

/* ---------------------------------------------------------------------- keys */

static PyObject *
hive_root(PyObject *object, void *unused)
{
	struct whi_py_hive *self = self_of(object);
	struct wh_key key;

	(void)unused;
	if (!whi_py_read_begin(self))
		return NULL;
	key = wh_hive_root(self->hive);
	whi_py_read_end(self);
	return whi_py_key_new(self, key);
}

static PyObject *
hive_subscript(PyObject *object, PyObject *path)
{
	PyObject *root = hive_root(object, NULL), *key;

	key = root ? PyObject_GetItem(root, path) : NULL;
	Py_XDECREF(root);
	return key;
}

static int
hive_contains(PyObject *object, PyObject *path)
{
	PyObject *root = hive_root(object, NULL);
	int found = root ? PySequence_Contains(root, path) : -1;

	Py_XDECREF(root);
	return found;
}

static PyObject *
hive_get(PyObject *object, PyObject *args, PyObject *names)
{
	PyObject *root = hive_root(object, NULL), *key;

	key = root ? whi_py_key_get(root, args, names) : NULL;
	Py_XDECREF(root);
	return key;
}

static PyObject *
walk_root(PyObject *object, bool plain)
{
	PyObject *root = hive_root(object, NULL), *walk;

	walk = root ? whi_py_walk_begin((struct whi_py_key *)root, plain) : NULL;
	Py_XDECREF(root);
	return walk;
}

static PyObject *
hive_walk(PyObject *object, PyObject *unused)
{
	(void)unused;
	return walk_root(object, false);
}

static PyObject *
hive_scan(PyObject *object, PyObject *unused)
{
	(void)unused;
	return walk_root(object, true);
}

/* ---------------------------------------------------------------------- attributes */

static PyObject *
hive_closed(PyObject *object, void *unused)
{
	(void)unused;
	return PyBool_FromLong(!self_of(object)->hive);
}

static PyObject *
hive_path(PyObject *object, void *unused)
{
	(void)unused;
	return Py_NewRef(self_of(object)->path);
}

static PyObject *
hive_state(PyObject *object, void *unused)
{
	static const char *const states[] = { "clean", "recovered", "dirty" };
	enum wh_state state;

	(void)unused;
	if (!whi_py_read_begin(self_of(object)))
		return NULL;
	state = wh_hive_state(self_of(object)->hive);
	whi_py_read_end(self_of(object));
	return PyUnicode_FromString(states[state]);
}

static PyObject *
hive_role(PyObject *object, void *unused)
{
	const char *role;

	(void)unused;
	if (!whi_py_read_begin(self_of(object)))
		return NULL;
	role = wh_hive_role(self_of(object)->hive); /* it is not in the hive: it stays */
	whi_py_read_end(self_of(object));
	return role ? PyUnicode_FromString(role) : Py_NewRef(Py_None);
}

static PyObject *
hive_changed(PyObject *object, void *unused)
{
	bool changed;

	(void)unused;
	if (!whi_py_read_begin(self_of(object)))
		return NULL;
	changed = wh_hive_changed(self_of(object)->hive);
	whi_py_read_end(self_of(object));
	return PyBool_FromLong(changed);
}

static PyObject *
hive_issues(PyObject *object, void *unused)
{
	(void)unused;
	return whi_py_issues_list(&self_of(object)->issues);
}

static PyObject *
hive_issues_dropped(PyObject *object, void *unused)
{
	struct whi_py_issues *issues = &self_of(object)->issues;
	uint64_t dropped;

	(void)unused;
	pthread_mutex_lock(&issues->lock);
	dropped = issues->dropped + issues->failed;
	pthread_mutex_unlock(&issues->lock);
	return PyLong_FromUnsignedLongLong(dropped);
}

static PyObject *
hive_repr(PyObject *object)
{
	return PyUnicode_FromFormat("<winhive.Hive %R%s>", self_of(object)->path,
				    self_of(object)->hive ? "" : ", closed");
}

/* ---------------------------------------------------------------------- buffer */

static int
hive_getbuffer(PyObject *object, Py_buffer *view, int flags)
{
	struct whi_py_hive *self = self_of(object);
	const void *bytes;
	size_t len;

	view->obj = NULL;
	if (!whi_py_read_begin(self))
		return -1;
	Py_BEGIN_ALLOW_THREADS /* it reads all of the file */
	bytes = wh_hive_bytes(self->hive, &len);
	Py_END_ALLOW_THREADS
	self->exports += bytes != NULL;
	whi_py_read_end(self);
	if (!bytes) {
		PyErr_SetString(PyExc_BufferError, "the file cannot be read, or was changed");
		return -1;
	}
	if (PyBuffer_FillInfo(view, object, (void *)(uintptr_t)bytes, (Py_ssize_t)len, 1, flags) ==
	    0)
		return 0;
	self->exports--;
	return -1;
}

static void
hive_releasebuffer(PyObject *object, Py_buffer *view)
{
	(void)view;
	self_of(object)->exports--;
}

/* ---------------------------------------------------------------------- changes */

typedef enum wh_status step_fn(struct wh_hive *hive);

static PyObject *
step(PyObject *object, step_fn *fn)
{
	struct whi_py_hive *self = self_of(object);
	enum wh_status st;

	if (!whi_py_write_begin(self))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	st = fn(self->hive);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self);
	if (st != WH_OK)
		return whi_py_raise(st);
	Py_RETURN_NONE;
}

static enum wh_status
discard(struct wh_hive *hive)
{
	wh_hive_discard(hive);
	return WH_OK;
}

static PyObject *
hive_begin(PyObject *object, PyObject *unused)
{
	(void)unused;
	return step(object, wh_hive_begin);
}

static PyObject *
hive_end(PyObject *object, PyObject *unused)
{
	(void)unused;
	return step(object, wh_hive_end);
}

static PyObject *
hive_undo(PyObject *object, PyObject *unused)
{
	(void)unused;
	return step(object, wh_hive_undo);
}

static PyObject *
hive_discard(PyObject *object, PyObject *unused)
{
	(void)unused;
	return step(object, discard);
}

static bool
log_format(const char *text, enum wh_log_format *format)
{
	*format = WH_LOG_NONE;
	if (!text)
		return true;
	if (PyOS_stricmp(text, "old") == 0)
		*format = WH_LOG_OLD;
	else if (PyOS_stricmp(text, "new") == 0)
		*format = WH_LOG_NEW;
	else
		PyErr_SetString(PyExc_ValueError, "log_format is 'old' or 'new'");
	return *format != WH_LOG_NONE;
}

static PyObject *
commit_dict(const struct wh_commit_report *r)
{
	static const char *const formats[] = { NULL, "old", "new" };

	return Py_BuildValue("{s:z,s:K,s:K,s:K,s:I,s:O,s:O}", "log_format", formats[r->log_format],
			     "pages", (unsigned long long)r->pages, "log_bytes",
			     (unsigned long long)r->log_bytes, "hive_bytes",
			     (unsigned long long)r->hive_bytes, "syncs", (unsigned)r->syncs,
			     "in_log", r->in_log ? Py_True : Py_False, "log_left",
			     r->log_left ? Py_True : Py_False);
}

static PyObject *
hive_commit(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "backup", "log_format", NULL };
	struct whi_py_hive *self = self_of(object);
	struct wh_commit how = { 0 };
	struct wh_commit_report report = { 0 };
	PyObject *backup = Py_None, *bytes = NULL;
	const char *format = NULL;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "|$Oz:commit", WHI_PY_WORDS(words), &backup,
					 &format) ||
	    !log_format(format, &how.log_format) ||
	    (backup != Py_None && !PyUnicode_FSConverter(backup, &bytes)))
		return NULL;
	how.backup = bytes ? PyBytes_AsString(bytes) : NULL;
	if (!whi_py_write_begin(self)) {
		Py_XDECREF(bytes);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_hive_commit(self->hive, &how, &report);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self);
	Py_XDECREF(bytes);
	if (st != WH_OK)
		return whi_py_raise_path(st, st == WH_E_EXISTS ? backup : self->path);
	return commit_dict(&report);
}

static PyObject *
hive_save_as(PyObject *object, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "path", "replace", NULL };
	struct whi_py_hive *self = self_of(object);
	PyObject *path, *bytes = NULL;
	int replace = 0;
	const char *at;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O|$p:save_as", WHI_PY_WORDS(words), &path,
					 &replace) ||
	    !PyUnicode_FSConverter(path, &bytes))
		return NULL;
	at = PyBytes_AsString(bytes);
	if (!whi_py_exclusive_begin(self)) {
		Py_DECREF(bytes);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_hive_save_as(self->hive, at, replace ? WH_SAVE_REPLACE : 0);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self);
	Py_DECREF(bytes);
	if (st != WH_OK)
		return whi_py_raise_path(st, path);
	Py_RETURN_NONE;
}

static PyObject *
hive_compact(PyObject *object, PyObject *unused)
{
	struct whi_py_hive *self = self_of(object), *made;
	struct wh_options options = { 0 };
	enum wh_status st;

	(void)unused;
	made = whi_py_hive_alloc(self->py, (PyTypeObject *)self->py->hive_type);
	if (!made)
		return NULL;
	options.issue = whi_py_issue_add;
	options.issue_ctx = &made->issues;
	if (!whi_py_exclusive_begin(self)) {
		Py_DECREF(made);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_hive_compact(self->hive, &options, &made->hive, NULL);
	Py_END_ALLOW_THREADS
	whi_py_write_end(self);
	if (st == WH_OK)
		return (PyObject *)made;
	Py_DECREF(made);
	return whi_py_raise_path(st, self->path);
}

/* ---------------------------------------------------------------------- type */

static PyMethodDef methods[] = {
	{ "from_bytes", WHI_PY_METHOD(whi_py_hive_from_bytes),
	  METH_VARARGS | METH_KEYWORDS | METH_CLASS,
	  PyDoc_STR(
		  "from_bytes($type, /, data, *, logs=None, use_logs=True, all_logs=False,\n"
		  "           take_dirty=False, take_damaged=False, salvage=False, time=None)\n"
		  "--\n\n"
		  "Open a hive that is in memory.  bytes are not copied unless they are changed.\n"
		  "'logs' are buffers too.") },
	{ "new", WHI_PY_METHOD(whi_py_hive_create), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
	  PyDoc_STR("new($type, /, *, minor=0, root_name='', time=None)\n--\n\n"
		    "A new hive in memory, for save_as().  Of version 1.5, or 1.minor.") },
	{ "close", hive_close, METH_NOARGS,
	  PyDoc_STR("close($self, /)\n--\n\nClose the hive.  What was not committed is lost.") },
	{ "__enter__", hive_enter, METH_NOARGS, PyDoc_STR("__enter__($self, /)\n--\n\n") },
	{ "__exit__", hive_exit, METH_VARARGS, PyDoc_STR("__exit__($self, /, *args)\n--\n\n") },
	{ "get", WHI_PY_METHOD(hive_get), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("get($self, /, path, default=None)\n--\n\nThe key at a path, or default.") },
	{ "walk", hive_walk, METH_NOARGS,
	  PyDoc_STR("walk($self, /)\n--\n\nAs Key.walk(), from the root key.") },
	{ "scan", hive_scan, METH_NOARGS,
	  PyDoc_STR("scan($self, /)\n--\n\nAs Key.scan(), from the root key.") },
	{ "check", whi_py_hive_check, METH_NOARGS,
	  PyDoc_STR("check($self, /)\n--\n\n"
		    "Look at everything by every rule of the format.\n\n"
		    "A dict of counts, with the list 'findings': dicts with id, rule, grade,\n"
		    "offset, path and text.") },
	{ "repair", WHI_PY_METHOD(whi_py_hive_repair), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("repair($self, /, *, lost_and_found=False)\n--\n\n"
		    "A new hive in memory with all of this one that can be had, and a dict.\n\n"
		    "The dict has counts, and the list 'actions' of what was fixed and dropped.\n"
		    "With lost_and_found keys without a way to the root go below a key of that\n"
		    "name.  This hive stays as it is.") },
	{ "base_block", whi_py_hive_base_block, METH_NOARGS,
	  PyDoc_STR("base_block($self, /)\n--\n\n"
		    "The head of the file, as a dict: 'found' as it was, 'now' after recovery.") },
	{ "stats", whi_py_hive_stats, METH_NOARGS,
	  PyDoc_STR("stats($self, /)\n--\n\nSizes and counts of bins and cells, as a dict.") },
	{ "logs", whi_py_hive_logs, METH_NOARGS,
	  PyDoc_STR("logs($self, /)\n--\n\n"
		    "The transaction logs, and what became of each: a list of dicts.") },
	{ "begin", hive_begin, METH_NOARGS,
	  PyDoc_STR("begin($self, /)\n--\n\n"
		    "Begin a transaction: what is changed up to end() can be undone together.") },
	{ "end", hive_end, METH_NOARGS,
	  PyDoc_STR("end($self, /)\n--\n\nEnd a transaction, and keep it.") },
	{ "undo", hive_undo, METH_NOARGS,
	  PyDoc_STR("undo($self, /)\n--\n\nEnd a transaction, and undo it.") },
	{ "discard", hive_discard, METH_NOARGS,
	  PyDoc_STR("discard($self, /)\n--\n\nUndo all since the hive was opened or committed.") },
	{ "commit", WHI_PY_METHOD(hive_commit), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("commit($self, /, *, backup=None, log_format=None)\n--\n\n"
		    "Write the changes to the file, by way of its transaction log.\n\n"
		    "The hive must have been opened with write=True.  'backup' is a path where\n"
		    "the file as it was is kept.  A dict says what was written.") },
	{ "save_as", WHI_PY_METHOD(hive_save_as), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("save_as($self, /, path, *, replace=False)\n--\n\n"
		    "Write the hive as it is in memory to another file.") },
	{ "compact", hive_compact, METH_NOARGS,
	  PyDoc_STR("compact($self, /)\n--\n\n"
		    "A new hive in memory with all that is in this one, and no free space.") },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef attributes[] = {
	{ "root", hive_root, NULL, PyDoc_STR("the root key"), NULL },
	{ "closed", hive_closed, NULL, PyDoc_STR("is it closed?"), NULL },
	{ "path", hive_path, NULL, PyDoc_STR("the path as it was given, or None"), NULL },
	{ "state", hive_state, NULL,
	  PyDoc_STR("'clean'; 'recovered': logs were replayed in memory; or 'dirty': they are\n"
		    "missing, unusable or not wanted"),
	  NULL },
	{ "role", hive_role, NULL,
	  PyDoc_STR("which hive of Windows it is, such as 'SYSTEM', or None"), NULL },
	{ "changed", hive_changed, NULL, PyDoc_STR("are there changes to commit?"), NULL },
	{ "issues", hive_issues, NULL,
	  PyDoc_STR("what was found wrong while opening and reading: a list of dicts"), NULL },
	{ "issues_dropped", hive_issues_dropped, NULL,
	  PyDoc_STR("the number of issues past the first 10,000, which are not kept"), NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const char doc[] =
	"Hive(path, *, write=False, logs=None, use_logs=True, all_logs=False,\n"
	"     take_dirty=False, take_damaged=False, salvage=False, whole=False, time=None)\n"
	"--\n\n"
	"A registry hive: a file, read into memory as far as it is needed, or with whole=True at\n"
	"once, so that it does not matter what becomes of the file later.\n\n"
	"A hive that Windows did not finish writing is read with its transaction logs, which are\n"
	"looked for beside it, or given; use_logs=False shows the file as it is.  Nothing is\n"
	"written to the file unless it was opened with write=True, and then by commit().\n"
	"take_dirty and take_damaged allow changes to a dirty or a damaged hive; salvage opens "
	"for\n"
	"repair() what has no root key.  Changes are dated with 'time', a FILETIME or a datetime;\n"
	"None is the time of day.\n\n"
	"hive[path] is a key; memoryview(hive) is the file in memory.\n\n"
	">>> from winhive import Hive\n"
	">>> with Hive.new(root_name='Example') as hive:\n"
	"...     key = hive.root.create(r'Software\\Vendor')\n"
	"...     key.values['Answer'] = 42\n"
	"...     for key, values in hive.walk():\n"
	"...         print(repr(key.path), [(value.name, value.value) for value in values])\n"
	"'' []\n"
	"'Software' []\n"
	"'Software\\\\Vendor' [('Answer', 42)]\n";

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)doc },
	{ Py_tp_new, (void *)hive_new },
	{ Py_tp_dealloc, (void *)hive_dealloc },
	{ Py_tp_repr, (void *)hive_repr },
	{ Py_tp_methods, methods },
	{ Py_tp_getset, attributes },
	{ Py_mp_subscript, (void *)hive_subscript },
	{ Py_sq_contains, (void *)hive_contains },
	{ Py_bf_getbuffer, (void *)hive_getbuffer },
	{ Py_bf_releasebuffer, (void *)hive_releasebuffer },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.Hive",
	.basicsize = sizeof(struct whi_py_hive),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

bool
whi_py_hive_init(struct whi_py *py, PyObject *module)
{
	py->hive_type = whi_py_type(module, &spec);
	return py->hive_type != NULL;
}
