/* SPDX-License-Identifier: MIT */
/* What compare.c needs of a library to walk a hive with it and winhive at once. */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that the caller frees. */
struct bytes {
	void *at;
	size_t len;
};

/* A key or value of the peer: a number or a pointer, as it likes; 0 and NULL: unreadable. */
union handle {
	size_t number;
	void *pointer;
};

struct handles {
	union handle *at;
	size_t count;
};

struct peer_key {
	struct bytes name; /* UTF-8 */
	uint64_t last_written;
};

struct peer_value {
	struct bytes name; /* UTF-8; empty: the default value */
	uint32_t type;
	struct bytes data;
};

/*
 * A library.  Functions return false when the peer cannot read what is asked for; what
 * they have filled in by then is freed all the same.
 */
struct peer {
	bool (*open)(const char *path, void **file);
	void (*close)(void *file);
	bool (*root)(void *file, union handle *key);
	bool (*read_key)(void *file, union handle key, struct peer_key *out);
	bool (*subkeys)(void *file, union handle key, struct handles *out);
	bool (*values)(void *file, union handle key, struct handles *out);
	bool (*read_value)(void *file, union handle value, struct peer_value *out);
	void (*free_key)(union handle key);
	void (*free_value)(union handle value);
};

/* Defined by compare_hivex.c or compare_regf.c. */
extern const struct peer peer;

#endif
