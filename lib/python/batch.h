/* SPDX-License-Identifier: MIT */
/*
 * What a walk met, some keys at a time: in C, so that it can go ahead with the GIL released.  A
 * batch is shared by the walk and by the keys and lists of values that were made of it; each has a
 * reference, counted with the GIL.
 */
#ifndef WHI_PYTHON_BATCH_H
#define WHI_PYTHON_BATCH_H

#include "python/hive.h"

/*
 * A key, and its values from the end of those of the key before; 'path_at' is in the text, and
 * 'name_at' in the path.
 */
struct whi_py_met_key {
	struct wh_key key;
	size_t path_at, path_len, name_at, value_end;
};

/* 'data' are in the hive, and good until it is changed; NULL: not in one piece, or damaged. */
struct whi_py_met_value {
	struct wh_value value;
	uint32_t type, size;
	size_t name_at, name_len;
	const char *data;
};

struct whi_py_batch {
	size_t refs;
	PyObject *prefix; /* path of the top of the walk with a backslash; NULL: it is the root */
	struct whi_py_met_key *keys;
	struct whi_py_met_value *values;
	char *text;
	size_t key_count, key_cap, value_count, value_cap, text_len, text_cap;
};

/* NULL: no memory, without an exception.  'prefix' may be NULL. */
struct whi_py_batch *whi_py_batch_new(PyObject *prefix);
void whi_py_batch_release(struct whi_py_batch *batch);

/*
 * Fill an empty batch with the next keys of a walk, at most 'most'.  Needs no GIL.  The status is
 * why there are no more; what was met before is in the batch.
 */
enum wh_status whi_py_batch_fill(struct whi_py_batch *batch, struct wh_walk *walk, size_t most);

static inline void
whi_py_batch_clear(struct whi_py_batch *batch)
{
	batch->key_count = batch->value_count = batch->text_len = 0;
}

/* The first value of a key. */
static inline size_t
whi_py_batch_first(const struct whi_py_batch *batch, size_t key)
{
	return key > 0 ? batch->keys[key - 1].value_end : 0;
}

/* The path of a key, from the root of its hive; its name, if it is not the top of the walk. */
PyObject *whi_py_batch_path(const struct whi_py_batch *batch, size_t key);
PyObject *whi_py_batch_name(const struct whi_py_batch *batch, size_t key);

/* A list of the values of a key: they become objects when they are asked for. */
PyObject *whi_py_met_values(struct whi_py_hive *hive, struct whi_py_batch *batch, size_t key,
			    uint64_t stamp);
/* Make such a list one of another key: nobody else has a reference to it. */
void whi_py_met_values_reuse(PyObject *list, struct whi_py_batch *batch, size_t key);

/* A value of such a list; and such an object, which nobody else has, made another value.  'name',
 * which is not NULL, is taken. */
PyObject *whi_py_value_met(struct whi_py_hive *hive, const struct whi_py_met_value *met,
			   PyObject *name);
void whi_py_value_reuse(PyObject *value, const struct whi_py_met_value *met, PyObject *name);

/* ---------------------------------------------------------------------- scan */

/* Objects that were made before, to be used again. */
struct whi_py_seen;
struct whi_py_seen *whi_py_seen_new(void);
void whi_py_seen_free(struct whi_py_seen *seen);

/* What a scan makes objects of: a batch that nobody may fill again meanwhile. */
struct whi_py_scan {
	struct whi_py_hive *hive;
	const struct whi_py_batch *batch;
	struct whi_py_seen *seen;
	uint64_t stamp; /* the changes of the hive when the batch was filled */
};

/* The values of a key as a tuple of (name, data, type). */
PyObject *whi_py_triples(const struct whi_py_scan *scan, size_t key);

#endif
