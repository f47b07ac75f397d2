/* SPDX-License-Identifier: MIT */
/* Registry: what winreg works on, as an object; hives come and go through it. */
#include "python/module.h"

#include <stdlib.h>
#include <string.h>

static struct whi_py_registry *
self_of(PyObject *object)
{
	return (struct whi_py_registry *)object;
}

void
whi_py_mounting_begin(struct whi_py_registry *registry)
{
	if (pthread_mutex_trylock(&registry->mounting) == 0)
		return;
	Py_BEGIN_ALLOW_THREADS
	pthread_mutex_lock(&registry->mounting);
	Py_END_ALLOW_THREADS
}

void
whi_py_mounting_end(struct whi_py_registry *registry)
{
	pthread_mutex_unlock(&registry->mounting);
}

/*
 * The registry that winreg uses when nobody has chosen one is made in Python, since it follows the
 * environment as the program does.
 */
PyObject *
whi_py_current(struct whi_py *py)
{
	PyObject *module, *made;

	if (py->current)
		return Py_NewRef(py->current);
	module = PyImport_ImportModule("winhive._start");
	made = module ? PyObject_CallMethod(module, "default_registry", NULL) : NULL;
	Py_XDECREF(module);
	if (made && (PyObject *)Py_TYPE(made) != py->registry_type) {
		Py_DECREF(made);
		PyErr_SetString(PyExc_TypeError, "the default registry is not a Registry");
		return NULL;
	}
	if (made && !py->current) /* another thread may have made one meanwhile */
		py->current = Py_NewRef(made);
	Py_XDECREF(made);
	return made ? Py_NewRef(py->current) : NULL;
}

static PyObject *
registry_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "usual_roots", "rights", "time", NULL };
	struct whi_py *py = PyType_GetModuleState(type);
	allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
	struct wh_reg_options options = { 0 };
	PyObject *self, *time = NULL;
	const char *rights = "handle";
	int usual = 1;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "|$psO:Registry", WHI_PY_WORDS(words), &usual,
					 &rights, &time) ||
	    !whi_py_filetime(py, time, &options.time))
		return NULL;
	if (strcmp(rights, "handle") != 0 && strcmp(rights, "none") != 0)
		return PyErr_Format(PyExc_ValueError, "rights are 'handle' or 'none'");
	options.rights = rights[0] == 'h' ? WH_REG_RIGHTS_HANDLE : WH_REG_RIGHTS_NONE;
	options.flags = usual ? WH_REG_USUAL_ROOTS : 0;
	self = alloc(type, 0);
	if (!self)
		return NULL;
	self_of(self)->has_lock = pthread_mutex_init(&self_of(self)->mounting, NULL) == 0;
	Py_BEGIN_ALLOW_THREADS
	st = self_of(self)->has_lock ? wh_reg_new(&options, &self_of(self)->reg) : WH_E_MEMORY;
	Py_END_ALLOW_THREADS
	if (st != WH_OK) {
		Py_DECREF(self);
		return whi_py_raise(st);
	}
	return self;
}

/* The module has a registry, whose type has the module: the collector must see it. */
static int
registry_traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	return 0;
}

static void
registry_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);

	PyObject_GC_UnTrack(self);
	Py_BEGIN_ALLOW_THREADS
	wh_reg_free(self_of(self)->reg);
	Py_END_ALLOW_THREADS
	if (self_of(self)->has_lock)
		pthread_mutex_destroy(&self_of(self)->mounting);
	release(self);
	Py_DECREF(type);
}

/* ---------------------------------------------------------------------- mounts */

static PyObject *
registry_connect(PyObject *self, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "path",       "user",         "write",      "use_logs",
					     "take_dirty", "take_damaged", "hibernated", NULL };
	struct wh_windows how = { 0 };
	PyObject *path = NULL;
	int write = 0, logs = 1, dirty = 0, damaged = 0, hibernated = 0;
	const char *at;
	size_t mounted = 0;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O&|z$ppppp:connect_windows",
					 WHI_PY_WORDS(words), whi_py_path_arg, &path, &how.user,
					 &write, &logs, &dirty, &damaged, &hibernated))
		return NULL;
	how.flags = (write ? WH_MOUNT_WRITE : 0u) | (logs ? 0u : WH_MOUNT_NO_LOGS) |
		    (dirty ? WH_MOUNT_TAKE_DIRTY : 0u) | (damaged ? WH_MOUNT_TAKE_DAMAGED : 0u) |
		    (hibernated ? WH_MOUNT_HIBERNATED : 0u);
	at = PyBytes_AsString(path);
	whi_py_mounting_begin(self_of(self));
	Py_BEGIN_ALLOW_THREADS
	st = wh_reg_connect_windows(self_of(self)->reg, at, &how, &mounted);
	Py_END_ALLOW_THREADS
	whi_py_mounting_end(self_of(self));
	if (st != WH_OK)
		whi_py_raise_path(st, path);
	Py_DECREF(path);
	return st == WH_OK ? PyLong_FromSize_t(mounted) : NULL;
}

/* A handle given to a method: it must be of this registry; an int is. */
static bool
own_key(PyObject *self, PyObject *object, wh_hkey *key)
{
	struct whi_py *py = PyType_GetModuleState(Py_TYPE(self));
	void *number;

	if ((PyObject *)Py_TYPE(object) == py->hkey_type) {
		if (((struct whi_py_hkey *)object)->registry != self) {
			PyErr_SetString(PyExc_ValueError, "a handle of another Registry");
			return false;
		}
		*key = ((struct whi_py_hkey *)object)->key;
		return true;
	}
	number = PyLong_AsVoidPtr(object);
	*key = (wh_hkey)((uintptr_t)number & UINT32_MAX);
	return number || !PyErr_Occurred();
}

static PyObject *
registry_mount(PyObject *self, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "root",     "name",       "path",         "write",
					     "use_logs", "take_dirty", "take_damaged", NULL };
	struct whi_py_text name = { 0 };
	PyObject *root, *path = NULL;
	int write = 0, logs = 1, dirty = 0, damaged = 0;
	unsigned flags;
	const char *at;
	wh_hkey key;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTupleAndKeywords(args, names, "OO&O&|$pppp:mount", WHI_PY_WORDS(words),
					 &root, whi_py_text_arg, &name, whi_py_path_arg, &path,
					 &write, &logs, &dirty, &damaged))
		return NULL;
	if (own_key(self, root, &key)) {
		flags = (write ? WH_MOUNT_WRITE : 0u) | (logs ? 0u : WH_MOUNT_NO_LOGS) |
			(dirty ? WH_MOUNT_TAKE_DIRTY : 0u) | (damaged ? WH_MOUNT_TAKE_DAMAGED : 0u);
		at = PyBytes_AsString(path);
		whi_py_mounting_begin(self_of(self));
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_mount(self_of(self)->reg, key, name.at, name.len, at, flags);
		Py_END_ALLOW_THREADS
		whi_py_mounting_end(self_of(self));
		if (st != WH_OK)
			whi_py_raise_path(st, path);
	}
	whi_py_text_done(&name);
	Py_DECREF(path);
	if (PyErr_Occurred())
		return NULL;
	Py_RETURN_NONE;
}

static PyObject *
registry_unload(PyObject *self, PyObject *args)
{
	struct whi_py_text name = { 0 };
	PyObject *root;
	wh_hkey key;
	enum wh_status st = WH_OK;

	if (!PyArg_ParseTuple(args, "OO&:unload", &root, whi_py_text_arg, &name))
		return NULL;
	if (own_key(self, root, &key)) {
		whi_py_mounting_begin(self_of(self));
		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_unload_key(self_of(self)->reg, key, name.at, name.len);
		Py_END_ALLOW_THREADS
		whi_py_mounting_end(self_of(self));
		if (st != WH_OK)
			whi_py_raise(st);
	}
	whi_py_text_done(&name);
	if (PyErr_Occurred())
		return NULL;
	Py_RETURN_NONE;
}

/* What is lent by a mount, copied before the next one can come or go. */
struct mount_text {
	char *place, *path, *owner, *account, *problem;
};

static bool
copy_text(const char *from, char **to)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

static bool
copy_texts(const struct wh_reg_mount *m, struct mount_text *t)
{
	bool done = copy_text(m->place, &t->place);

	done &= copy_text(m->path, &t->path);
	done &= copy_text(m->owner, &t->owner);
	done &= copy_text(m->account, &t->account);
	done &= copy_text(m->problem, &t->problem);
	return done;
}

/* As text of the file system, which may be no UTF-8; NULL is None. */
static PyObject *
text_or_none(const char *text)
{
	return text ? PyUnicode_DecodeFSDefault(text) : Py_NewRef(Py_None);
}

static PyObject *
mount_dict(const struct wh_reg_mount *m, const struct mount_text *t)
{
	static const char *const states[] = { "clean", "recovered", "dirty" };

	return Py_BuildValue(
		"{s:N,s:N,s:N,s:N,s:N,s:i,s:s,s:n,s:n,s:O,s:O,s:O,s:O}", "place",
		text_or_none(t->place), "path", text_or_none(t->path), "owner",
		text_or_none(t->owner), "account", text_or_none(t->account), "problem",
		text_or_none(t->problem), "status", (int)m->status, "state", states[m->state],
		"log_count", (Py_ssize_t)m->log_count, "logs_applied", (Py_ssize_t)m->logs_applied,
		"writable", m->writable ? Py_True : Py_False, "changed",
		m->changed ? Py_True : Py_False, "current_user",
		m->current_user ? Py_True : Py_False, "mounted", m->hive ? Py_True : Py_False);
}

/* One mount as a dict; '*st' says whether there is one. */
static PyObject *
mount_at(struct whi_py_registry *registry, size_t index, enum wh_status *st)
{
	struct wh_reg_mount mount;
	struct mount_text text = { 0 };
	PyObject *dict = NULL;

	whi_py_mounting_begin(registry);
	Py_BEGIN_ALLOW_THREADS
	*st = wh_reg_mount_at(registry->reg, index, &mount);
	if (*st == WH_OK && !copy_texts(&mount, &text))
		*st = WH_E_MEMORY;
	Py_END_ALLOW_THREADS
	whi_py_mounting_end(registry);
	if (*st == WH_OK)
		dict = mount_dict(&mount, &text);
	free(text.place);
	free(text.path);
	free(text.owner);
	free(text.account);
	free(text.problem);
	return dict;
}

static PyObject *
registry_mounts(PyObject *self, PyObject *unused)
{
	PyObject *list = PyList_New(0);
	enum wh_status st = WH_OK;

	(void)unused;
	for (size_t index = 0; list && st == WH_OK; index++) {
		PyObject *dict = mount_at(self_of(self), index, &st);

		if (st == WH_E_NO_MORE)
			break;
		if (st != WH_OK)
			whi_py_raise(st);
		if (!dict || PyList_Append(list, dict) != 0)
			Py_CLEAR(list);
		Py_XDECREF(dict);
	}
	return list;
}

static PyObject *
registry_commit(PyObject *self, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "backup_suffix", NULL };
	const char *suffix = NULL;
	size_t failed = 0;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "|z:commit", WHI_PY_WORDS(words), &suffix))
		return NULL;
	whi_py_mounting_begin(self_of(self));
	Py_BEGIN_ALLOW_THREADS
	st = wh_reg_commit(self_of(self)->reg, suffix, &failed);
	Py_END_ALLOW_THREADS
	whi_py_mounting_end(self_of(self));
	if (st != WH_OK) {
		PyObject *dict, *path = NULL;
		enum wh_status found;

		dict = mount_at(self_of(self), failed, &found);
		if (!dict && PyErr_Occurred())
			return NULL;
		path = dict ? PyDict_GetItemString(dict, "path") : NULL;
		whi_py_raise_path(st, path != Py_None ? path : NULL);
		Py_XDECREF(dict);
		return NULL;
	}
	Py_RETURN_NONE;
}

/* ---------------------------------------------------------------------- keys */

static PyObject *
registry_override(PyObject *self, PyObject *args)
{
	PyObject *root, *key;
	wh_hkey from, to = 0;
	enum wh_status st;

	if (!PyArg_ParseTuple(args, "OO:override_predef_key", &root, &key) ||
	    !own_key(self, root, &from) || (key != Py_None && !own_key(self, key, &to)))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	st = wh_reg_override_predef_key(self_of(self)->reg, from, to);
	Py_END_ALLOW_THREADS
	if (st != WH_OK)
		return whi_py_raise(st);
	Py_RETURN_NONE;
}

static PyObject *
registry_key_path(PyObject *self, PyObject *object)
{
	char small[512], *buf = small;
	size_t len = 0, cap = sizeof small;
	PyObject *path = NULL;
	wh_hkey key;
	enum wh_status st;

	if (!own_key(self, object, &key))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	while ((st = wh_reg_key_path(self_of(self)->reg, key, buf, cap, &len)) == WH_E_MORE_DATA) {
		if (buf != small)
			free(buf);
		cap = len;
		buf = malloc(cap);
		if (!buf) {
			st = WH_E_MEMORY;
			break;
		}
	}
	Py_END_ALLOW_THREADS
	path = st == WH_OK ? whi_py_str(buf, len) : whi_py_raise(st);
	if (buf != small)
		free(buf);
	return path;
}

/* The timeout of wait() in milliseconds; None is -1, for ever. */
static bool
milliseconds(PyObject *timeout, int64_t *ms)
{
	double seconds;

	*ms = -1;
	if (timeout == Py_None)
		return true;
	seconds = PyFloat_AsDouble(timeout);
	if (seconds == -1 && PyErr_Occurred())
		return false;
	if (!(seconds >= 0 && seconds < 1e9)) {
		PyErr_SetString(PyExc_ValueError, "timeout is out of range");
		return false;
	}
	*ms = (int64_t)(seconds * 1000);
	return true;
}

/* So long a signal, such as Ctrl-C, may go unnoticed.  What changes between two waits is told. */
enum { WAIT_SLICE = 100 };

static PyObject *
registry_wait(PyObject *self, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "key", "subtree", "filter", "timeout", NULL };
	PyObject *object, *timeout = Py_None;
	unsigned filter = WH_REG_NOTIFY_CHANGE_NAME | WH_REG_NOTIFY_CHANGE_LAST_SET;
	int subtree = 0;
	int64_t left;
	wh_hkey key;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "O|pIO:wait", WHI_PY_WORDS(words), &object,
					 &subtree, &filter, &timeout) ||
	    !own_key(self, object, &key) || !milliseconds(timeout, &left))
		return NULL;
	for (;;) {
		int slice = left < 0 || left > WAIT_SLICE ? WAIT_SLICE : (int)left;

		Py_BEGIN_ALLOW_THREADS
		st = wh_reg_notify_wait(self_of(self)->reg, key, subtree, filter, slice);
		Py_END_ALLOW_THREADS
		if (PyErr_CheckSignals() != 0)
			return NULL;
		left -= left < 0 ? 0 : slice;
		if (st != WH_E_TIMEOUT || left == 0)
			break;
	}
	if (st != WH_OK && st != WH_E_TIMEOUT)
		return whi_py_raise(st);
	return PyBool_FromLong(st == WH_OK);
}

static PyMethodDef methods[] = {
	{ "connect_windows", WHI_PY_METHOD(registry_connect), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR(
		  "connect_windows($self, /, path, user=None, *, write=False, use_logs=True,\n"
		  "                take_dirty=False, take_damaged=False, hibernated=False)\n--\n\n"
		  "Mount the hives of a Windows that is not running; return their number.\n\n"
		  "'path' is the root of its volume, its folder Windows, or a folder with\n"
		  "hives; 'user' becomes HKEY_CURRENT_USER: a name, a SID, or a profile.\n"
		  "mounts() says what became of each hive.") },
	{ "mount", WHI_PY_METHOD(registry_mount), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("mount($self, /, root, name, path, *, write=False, use_logs=True,\n"
		    "      take_dirty=False, take_damaged=False)\n--\n\n"
		    "Mount a hive file as the key 'name' of HKEY_LOCAL_MACHINE or HKEY_USERS.") },
	{ "unload", registry_unload, METH_VARARGS,
	  PyDoc_STR("unload($self, root, name, /)\n--\n\n"
		    "Unmount a hive.  If it was mounted for writing it is committed before.\n\n"
		    "PermissionError: handles are open in it.") },
	{ "mounts", registry_mounts, METH_NOARGS,
	  PyDoc_STR("mounts($self, /)\n--\n\n"
		    "What is mounted, and what could not be, and why: a list of dicts.") },
	{ "commit", WHI_PY_METHOD(registry_commit), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("commit($self, /, backup_suffix=None)\n--\n\n"
		    "Write all hives that were changed to their files.\n\n"
		    "With a suffix each file is kept beside, under its name and that.") },
	{ "override_predef_key", registry_override, METH_VARARGS,
	  PyDoc_STR("override_predef_key($self, root, key, /)\n--\n\n"
		    "Let a predefined handle mean 'key'; None: what it meant before.") },
	{ "key_path", registry_key_path, METH_O,
	  PyDoc_STR("key_path($self, key, /)\n--\n\nThe full name of a key.") },
	{ "wait", WHI_PY_METHOD(registry_wait), METH_VARARGS | METH_KEYWORDS,
	  PyDoc_STR("wait($self, /, key, subtree=False, filter=5, timeout=None)\n--\n\n"
		    "Wait for a change that is made through this registry to a key.\n\n"
		    "'filter' is of winreg.REG_NOTIFY_CHANGE_*, 'timeout' in seconds.  False:\n"
		    "nothing happened in time.  The first call for a handle decides subtree and\n"
		    "filter for all later ones.") },
	{ NULL, NULL, 0, NULL },
};

static PyType_Slot slots[] = {
	{ Py_tp_doc,
	  (void *)PyDoc_STR(
		  "Registry(*, usual_roots=True, rights='handle', time=None)\n--\n\n"
		  "A registry: predefined roots, and hives mounted below them.\n\n"
		  "With usual_roots they are in memory and as in a fresh Windows, else nothing is\n"
		  "below them.  rights 'handle': a handle can do what it was opened for; 'none':\n"
		  "everything.  Changes are dated with 'time', a FILETIME or a datetime.\n\n"
		  ">>> import winhive\n"
		  ">>> from winhive import winreg\n"
		  ">>> before = winhive.use(winhive.Registry())\n"
		  ">>> with winreg.CreateKey(winreg.HKEY_CURRENT_USER, r'Software\\Example') as "
		  "key:\n"
		  "...     winreg.SetValueEx(key, 'Answer', 0, winreg.REG_DWORD, 42)\n"
		  "...     winreg.QueryValueEx(key, 'Answer')\n"
		  "(42, 4)\n"
		  ">>> registry = winhive.use(before)\n") },
	{ Py_tp_new, (void *)registry_new },
	{ Py_tp_traverse, (void *)registry_traverse },
	{ Py_tp_dealloc, (void *)registry_dealloc },
	{ Py_tp_methods, methods },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.Registry",
	.basicsize = sizeof(struct whi_py_registry),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

bool
whi_py_registry_init(struct whi_py *py, PyObject *module)
{
	py->registry_type = whi_py_type(module, &spec);
	return py->registry_type != NULL;
}
