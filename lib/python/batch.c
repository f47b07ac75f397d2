/* SPDX-License-Identifier: MIT */
/* Batches: what a walk met. */
#include "python/batch.h"
#include "python/bytes.h"

#include <stdlib.h>

#ifdef __GNUC__
#define APART __attribute__((noinline))
#else
#define APART
#endif

struct whi_py_batch *
whi_py_batch_new(PyObject *prefix)
{
	struct whi_py_batch *batch = calloc(1, sizeof *batch);

	if (batch) {
		batch->refs = 1;
		batch->prefix = Py_XNewRef(prefix);
	}
	return batch;
}

void
whi_py_batch_release(struct whi_py_batch *batch)
{
	if (!batch || --batch->refs > 0)
		return;
	Py_XDECREF(batch->prefix);
	free(batch->keys);
	free(batch->values);
	free(batch->text);
	free(batch);
}

/* ---------------------------------------------------------------------- filling */

/* Apart, as it is done seldom. */
static APART bool
grow(void **at, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap ? *cap : 64;
	void *grown;

	while (more < need)
		more *= 2;
	grown = realloc(*at, more * size);
	if (!grown)
		return false;
	*at = grown;
	*cap = more;
	return true;
}

static inline bool
note_text(struct whi_py_batch *b, const char *text, size_t len, size_t *at)
{
	void *room = b->text;

	if (b->text_cap <= b->text_len + len) { /* so that there is a text, be it empty */
		if (!grow(&room, &b->text_cap, b->text_len + len, 1))
			return false;
		b->text = room;
	}
	*at = b->text_len;
	if (len > 0)
		whi_py_copy(b->text + b->text_len, text, len);
	b->text_len += len;
	return true;
}

static inline bool
note_value(struct whi_py_batch *b, const struct wh_walk_value *v)
{
	struct whi_py_met_value *met;
	void *room = b->values;

	if (b->value_count == b->value_cap) {
		if (!grow(&room, &b->value_cap, b->value_count + 1, sizeof *met))
			return false;
		b->values = room;
	}
	met = &b->values[b->value_count];
	met->value = v->value;
	met->type = v->type;
	met->size = v->size;
	met->name_len = v->name_len;
	met->data = v->data_len == v->size ? v->data : NULL;
	if (!note_text(b, v->name, v->name_len, &met->name_at))
		return false;
	b->value_count++;
	return true;
}

/* The next key with its values. */
static enum wh_status
meet(struct whi_py_batch *b, struct wh_walk *walk)
{
	struct wh_walk_key k;
	struct wh_walk_value v;
	struct whi_py_met_key *met;
	void *room = b->keys;
	enum wh_status st = wh_walk_next(walk, &k);

	if (st != WH_OK)
		return st;
	if (b->key_count == b->key_cap) {
		if (!grow(&room, &b->key_cap, b->key_count + 1, sizeof *met))
			return WH_E_MEMORY;
		b->keys = room;
	}
	met = &b->keys[b->key_count];
	met->key = k.key;
	met->path_len = k.path_len;
	met->name_at = k.name_at;
	/* What is aligned becomes a str in less time. */
	b->text_len = (b->text_len + 7) & ~(size_t)7;
	if (!note_text(b, k.path, k.path_len, &met->path_at))
		return WH_E_MEMORY;
	while ((st = wh_walk_next_value(walk, &v)) == WH_OK)
		if (!note_value(b, &v))
			return WH_E_MEMORY;
	if (st != WH_E_NO_MORE)
		return st;
	met->value_end = b->value_count;
	b->key_count++;
	return WH_OK;
}

enum wh_status
whi_py_batch_fill(struct whi_py_batch *batch, struct wh_walk *walk, size_t most)
{
	enum wh_status st = WH_OK;

	while (st == WH_OK && batch->key_count < most)
		st = meet(batch, walk);
	return st;
}

PyObject *
whi_py_batch_path(const struct whi_py_batch *batch, size_t key)
{
	const struct whi_py_met_key *met = &batch->keys[key];
	PyObject *path = whi_py_str(batch->text + met->path_at, met->path_len), *whole;

	if (!path || !batch->prefix)
		return path;
	whole = PyUnicode_FromFormat(met->path_len > 0 ? "%U\\%U" : "%U%U", batch->prefix, path);
	Py_DECREF(path);
	return whole;
}

PyObject *
whi_py_batch_name(const struct whi_py_batch *batch, size_t key)
{
	const struct whi_py_met_key *met = &batch->keys[key];

	return whi_py_str(batch->text + met->path_at + met->name_at, met->path_len - met->name_at);
}
