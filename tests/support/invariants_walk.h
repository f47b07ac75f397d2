/* SPDX-License-Identifier: MIT */
/* The two parts of invariants.c: cells and what shares them, and keys with all they have. */
#ifndef TESTS_SUPPORT_INVARIANTS_WALK_H
#define TESTS_SUPPORT_INVARIANTS_WALK_H

#include "invariants.h"

#define NIL UINT32_C(0xffffffff)

struct walker {
	const uint8_t *bins;
	uint32_t length, minor;
	struct invariants *inv;
};

/* The keys from the root to the one in hand, for messages. */
struct chain {
	const struct chain *above;
	uint32_t cell;
	const uint8_t *nk;
};

static inline uint32_t
get16(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8;
}

static inline uint32_t
get32(const uint8_t *at)
{
	return get16(at) | get16(at + 2) << 16;
}

/* An error: what it is, and where; false. */
bool inv_fail(struct walker *w, const struct chain *chain, uint32_t cell, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void inv_odd(struct walker *w, enum odd kind, const struct chain *chain, uint32_t cell,
	     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The data of a cell in use, of at least 'need' bytes, which gets an owner; NULL: an error. */
const uint8_t *inv_own(struct walker *w, const struct chain *chain, uint32_t cell, const char *what,
		       uint64_t need, uint32_t *len);

/* One more user of a security cell. */
bool inv_use_security(struct walker *w, const struct chain *chain, uint32_t cell);

/* A key and all below it; its fields are in 'w->bins' from then on. */
bool inv_check_root(struct walker *w, uint32_t cell);

#endif
