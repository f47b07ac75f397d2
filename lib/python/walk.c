/* SPDX-License-Identifier: MIT */
/*
 * The iterators walk() and scan(): over a key and all below it.  They go ahead by a batch of keys
 * with the GIL released, and then hand out one key at a time.  The first batch is small, so that
 * the first key comes soon.
 *
 * What was handed out is used again if nobody kept it.  A loop still has the last key when it asks
 * for the next one, so there are two of each, used in turn.
 */
#include "python/batch.h"

#include <string.h>

enum { FIRST_BATCH = 16, LAST_BATCH = 256 };

struct whi_py_walk {
	PyObject_HEAD struct whi_py_hive *hive;
	struct whi_py_walk *next, *before;  /* of the walks of the hive */
	struct wh_walk *walk;               /* NULL: ended */
	struct whi_py_batch *batch, *other; /* used in turn; 'other' may be NULL */
	struct whi_py_seen *seen; /* of a scan: str, bytes and int; NULL: keys and values */
	PyObject *pair, *keys[2], *lists[2];
	unsigned turn;
	size_t next_key, most;
	uint64_t stamp;
	bool busy;             /* in the next batch, or making objects of this one */
	bool ended;            /* all was handed out */
	enum wh_status status; /* why there is no next batch */
};

static struct whi_py_walk *
self_of(PyObject *object)
{
	return (struct whi_py_walk *)object;
}

/* ---------------------------------------------------------------------- batches */

/*
 * A batch to be filled: the one before, if no object refers to it, or another.  The loop still has
 * a key of this one.
 */
static bool
fresh_batch(struct whi_py_walk *w)
{
	struct whi_py_batch *batch = w->other;

	if (!batch || batch->refs > 1) {
		batch = whi_py_batch_new(w->batch->prefix);
		if (!batch) {
			PyErr_NoMemory();
			return false;
		}
		whi_py_batch_release(w->other);
	}
	w->other = w->batch;
	w->batch = batch;
	whi_py_batch_clear(batch);
	w->next_key = 0;
	return true;
}

static bool
next_batch(struct whi_py_walk *w)
{
	struct whi_py_batch *batch;
	enum wh_status st;

	if (!fresh_batch(w) || !whi_py_read_begin(w->hive))
		return false;
	batch = w->batch;
	w->busy = true;
	Py_BEGIN_ALLOW_THREADS
	st = whi_py_batch_fill(batch, w->walk, w->most);
	Py_END_ALLOW_THREADS
	w->busy = false;
	whi_py_read_end(w->hive);
	w->status = st;
	if (w->most < LAST_BATCH)
		w->most *= 2;
	return true;
}

/* ---------------------------------------------------------------------- handing out */

/* May an object that was handed out be used again?  Then the one reference is ours. */
static bool
is_free(PyObject *object)
{
	return object && Py_REFCNT(object) == 1;
}

static PyObject *
key_of(struct whi_py_walk *w, size_t index)
{
	PyObject **kept = &w->keys[w->turn];

	if (is_free(*kept)) {
		whi_py_key_reuse(*kept, w->batch, index);
		return Py_NewRef(*kept);
	}
	Py_XDECREF(*kept);
	*kept = whi_py_key_met(w->hive, w->batch, index, w->stamp);
	return Py_XNewRef(*kept);
}

static PyObject *
list_of(struct whi_py_walk *w, size_t index)
{
	PyObject **kept = &w->lists[w->turn];

	if (is_free(*kept)) {
		whi_py_met_values_reuse(*kept, w->batch, index);
		return Py_NewRef(*kept);
	}
	Py_XDECREF(*kept);
	*kept = whi_py_met_values(w->hive, w->batch, index, w->stamp);
	return Py_XNewRef(*kept);
}

static PyObject *
pair_of(struct whi_py_walk *w, PyObject *key, PyObject *values)
{
	PyObject *pair;

	if (is_free(w->pair)) { /* it will be ours again if it is only taken apart */
		pair = w->pair;
		w->pair = NULL;
	} else {
		pair = PyTuple_New(2);
	}
	if (!pair) {
		Py_DECREF(key);
		Py_DECREF(values);
		return NULL;
	}
	PyTuple_SetItem(pair, 0, key);
	PyTuple_SetItem(pair, 1, values);
	whi_py_set(&w->pair, pair);
	return Py_NewRef(pair);
}

/*
 * The collector may run Python code when there are new tuples, and that may take the next key of
 * this walk: it is told that the walk is in use.
 */
static PyObject *
triples_of(struct whi_py_walk *w, size_t index)
{
	const struct whi_py_scan scan = { w->hive, w->batch, w->seen, w->stamp };
	PyObject *triples;

	w->busy = true;
	triples = whi_py_triples(&scan, index);
	w->busy = false;
	return triples;
}

static PyObject *
hand_out(struct whi_py_walk *w)
{
	size_t index = w->next_key++;
	PyObject *key, *values;

	w->turn ^= 1;
	key = w->seen ? whi_py_batch_path(w->batch, index) : key_of(w, index);
	if (!key)
		return NULL;
	values = w->seen ? triples_of(w, index) : list_of(w, index);
	if (!values) {
		Py_DECREF(key);
		return NULL;
	}
	return pair_of(w, key, values);
}

/* The walk of the library goes, and this one from the list of its hive. */
static void
walk_end(struct whi_py_walk *w)
{
	if (!w->walk)
		return;
	wh_walk_free(w->walk);
	w->walk = NULL;
	if (w->before)
		w->before->next = w->next;
	else
		w->hive->walks = w->next;
	if (w->next)
		w->next->before = w->before;
	w->next = w->before = NULL;
}

/* Whoever goes on with one of them is told that the hive was closed. */
void
whi_py_walks_end(struct whi_py_hive *hive)
{
	while (hive->walks)
		walk_end(hive->walks);
}

static PyObject *
walk_next(PyObject *object)
{
	struct whi_py_walk *w = self_of(object);

	if (w->busy)
		return PyErr_Format(PyExc_ValueError, "another thread is in this walk");
	if (w->ended)
		return NULL;
	if (w->hive->changes != w->stamp)
		return PyErr_Format(PyExc_RuntimeError, "the hive was %s during a walk",
				    w->hive->hive ? "changed" : "closed");
	if (w->next_key == w->batch->key_count && w->status == WH_OK && !next_batch(w))
		return NULL;
	if (w->next_key < w->batch->key_count)
		return hand_out(w);
	if (w->status != WH_E_NO_MORE)
		return whi_py_raise(w->status);
	w->ended = true;
	walk_end(w);
	return NULL;
}

/* ---------------------------------------------------------------------- life */

static PyObject *
walk_iter(PyObject *object)
{
	return Py_NewRef(object);
}

static void
walk_dealloc(PyObject *object)
{
	struct whi_py_walk *w = self_of(object);
	PyTypeObject *type = Py_TYPE(object);

	walk_end(w);
	Py_CLEAR(w->pair);
	for (size_t i = 0; i < 2; i++) {
		Py_CLEAR(w->keys[i]);
		Py_CLEAR(w->lists[i]);
	}
	whi_py_seen_free(w->seen);
	whi_py_batch_release(w->batch);
	whi_py_batch_release(w->other);
	Py_CLEAR(w->hive);
	PyObject_Free(object);
	Py_DECREF(type);
}

static struct whi_py_walk *
walk_alloc(struct whi_py_hive *hive, PyObject *top, bool plain)
{
	struct whi_py_walk *w =
		PyObject_New(struct whi_py_walk, (PyTypeObject *)hive->py->walk_type);

	if (!w)
		return NULL;
	memset((char *)w + sizeof(PyObject), 0, sizeof *w - sizeof(PyObject));
	w->hive = (struct whi_py_hive *)Py_NewRef((PyObject *)hive);
	w->most = FIRST_BATCH;
	w->stamp = hive->changes;
	w->batch = whi_py_batch_new(PyUnicode_GetLength(top) > 0 ? top : NULL);
	w->seen = plain ? whi_py_seen_new() : NULL;
	if (!hive->names)
		hive->names = whi_py_names_new();
	if (w->batch && (w->seen || !plain))
		return w;
	Py_DECREF((PyObject *)w);
	PyErr_NoMemory();
	return NULL;
}

PyObject *
whi_py_walk_begin(struct whi_py_key *key, bool plain)
{
	PyObject *top = whi_py_key_path((PyObject *)key, NULL);
	struct whi_py_hive *hive = key->hive;
	struct whi_py_walk *w = top ? walk_alloc(hive, top, plain) : NULL;
	enum wh_status st;

	Py_XDECREF(top);
	if (!w)
		return NULL;
	if (!whi_py_read_begin(hive)) {
		Py_DECREF((PyObject *)w);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS /* it begins with reading all of the file */
	st = wh_walk_new(key->key, &w->walk);
	Py_END_ALLOW_THREADS
	if (st == WH_OK)
		wh_walk_quiet(w->walk); /* check() tells what is odd, a walk what is missing */
	whi_py_read_end(hive);
	if (st != WH_OK) {
		Py_DECREF((PyObject *)w);
		return whi_py_raise(st);
	}
	w->next = hive->walks;
	if (w->next)
		w->next->before = w;
	hive->walks = w;
	return (PyObject *)w;
}

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)PyDoc_STR("A walk: an iterator of pairs of a key and its values.") },
	{ Py_tp_dealloc, (void *)walk_dealloc },
	{ Py_tp_iter, (void *)walk_iter },
	{ Py_tp_iternext, (void *)walk_next },
	{ 0, NULL },
};

static PyType_Spec spec = {
	.name = "winhive.Walk",
	.basicsize = sizeof(struct whi_py_walk),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};

bool
whi_py_walk_init(struct whi_py *py, PyObject *module)
{
	py->walk_type = whi_py_type(module, &spec);
	return py->walk_type != NULL;
}
