/* SPDX-License-Identifier: MIT */
/*
 * Names of values as str.  They come again and again, in a hive SYSTEM six of seven, and to look
 * one up costs less than to make it.  The last with each hash is kept as long as its hive is.
 */
#include "python/hive.h"
#include "python/bytes.h"

#include <stdlib.h>

enum { SLOTS = 1024, NAME_BYTES = 39, WORD = 8 };

/* What a name was made of: its ends, which may overlap, are all of most names. */
struct slot {
	PyObject *name; /* NULL: none yet */
	uint64_t first, last;
	uint8_t len;
	char bytes[NAME_BYTES];
};

struct whi_py_names {
	struct slot slots[SLOTS];
};

struct whi_py_names *
whi_py_names_new(void)
{
	return calloc(1, sizeof(struct whi_py_names));
}

void
whi_py_names_free(struct whi_py_names *names)
{
	for (size_t i = 0; names && i < SLOTS; i++)
		Py_XDECREF(names->slots[i].name);
	free(names);
}

static inline bool
is_name(const struct slot *s, uint64_t first, uint64_t last, const char *at, size_t len)
{
	return s->name && s->first == first && s->last == last && s->len == len &&
	       (len <= 2 * WORD || whi_py_same(s->bytes, at, len));
}

PyObject *
whi_py_name(struct whi_py_names *names, const char *at, size_t len)
{
	uint64_t first, last = 0;
	struct slot *s;
	PyObject *name;

	if (!names || len > NAME_BYTES)
		return whi_py_str(at, len);
	if (len < WORD) {
		first = whi_py_load_few(at, len);
	} else {
		first = whi_py_load8(at);
		last = whi_py_load8(at + len - WORD);
	}
	s = &names->slots[whi_py_mix(whi_py_mix(len, first), last) % SLOTS];
	if (is_name(s, first, last, at, len))
		return Py_NewRef(s->name);
	name = whi_py_str(at, len);
	if (name) {
		whi_py_set(&s->name, Py_NewRef(name));
		s->first = first;
		s->last = last;
		s->len = (uint8_t)len;
		memcpy(s->bytes, at, len);
	}
	return name;
}
