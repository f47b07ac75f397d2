/* SPDX-License-Identifier: MIT */
/*
 * What must hold in every byte of a hive, read from the bytes alone: nothing here looks at how
 * the library reads or changes a hive, so that it can judge both (docs/format.md sections 2 to 8).
 *
 * What no sound hive breaks is an error, and ends the walk.  What Windows keeps true, but hives
 * of other makers and of long ago do not, is odd, and counted by kind: a hive that we made has
 * nothing odd, and one that we changed has no more of it than before.
 */
#ifndef TESTS_SUPPORT_INVARIANTS_H
#define TESTS_SUPPORT_INVARIANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum odd {
	ODD_ADJACENT,  /* free cells side by side */
	ODD_UNREACHED, /* a cell in use that nobody refers to */
	ODD_LARGE,     /* a cell of more than 16 KiB that is no power of two */
	ODD_BIN,       /* bytes in the reserved fields of a bin */
	ODD_VOLATILE,  /* a volatile count or list, or other fields that mean nothing on disk */
	ODD_MAXIMUM,   /* a maximum that is not 0 without anything it could be of */
	ODD_SMALL,     /* a maximum that is too small */
	ODD_FLAGS,     /* flags that no new key has */
	ODD_WIDE,      /* a name in UTF-16 that Latin-1 could have */
	ODD_KIND,      /* a kind of list, or a length, that this version does not write */
	ODD_HASH,      /* a wrong hash or hint */
	ODD_TWICE,     /* two values of one name */
	ODD_INLINE,    /* short data in a cell, or with bytes behind them */
	ODD_SEGMENT,   /* a segment of big data of another size than all */
	ODD_COUNTED,   /* more references of a security cell than users, or no user */
	ODD_SHARED,    /* two security cells with one descriptor */
	ODD_COUNT
};
const char *odd_name(enum odd kind);

struct invariants {
	char why[400];     /* "", or the error */
	char odd_why[400]; /* "", or the first thing that is odd */
	uint64_t odd[ODD_COUNT];
	uint64_t bins, used, keys, values, securities;
	uint32_t *unreached; /* cells, in order */
	size_t unreached_count, unreached_cap;

	/* Room, used again by the next walk. */
	uint8_t *map;
	size_t map_room;
	struct inv_sk *sks;
	size_t sk_room;
};

/* False if there is an error.  '*inv' is zero the first time, and can be used again. */
bool invariants_sound(struct invariants *inv, const void *bytes, size_t size);

/* The same, and nothing is odd; 'why' says it. */
bool invariants_hold(struct invariants *inv, const void *bytes, size_t size);

/* Nothing is odd in 'after' that was not in 'before'; 'why' of 'after' says it. */
bool invariants_no_worse(const struct invariants *before, struct invariants *after);

void invariants_free(struct invariants *inv);

#endif
