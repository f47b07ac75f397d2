/* SPDX-License-Identifier: MIT */
/* What the harnesses share.  A harness must hold more than "it did not crash". */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "winhive.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert(), in every build. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition); \
			abort(); \
		} \
	} while (0)

/* An allocator that knows how much is in use, to hold memory against the size of the input. */
struct meter {
	size_t now, peak;
};
struct wh_allocator meter_allocator(struct meter *meter);

/*
 * A digest of all that a walk gives, which also holds every lent byte to be inside the hive, and
 * not where it could not be read.
 */
uint64_t digest_hive(struct wh_hive *hive);

/* A file of which some pages cannot be read, never the first; which ones hangs on its bytes. */
struct medium {
	const uint8_t *data;
	uint32_t seed;
	bool failed; /* somebody asked for one */
};
struct wh_source medium_source(struct medium *medium, const uint8_t *data, size_t size);

/* Put the checksum of a base block right, if there is one. */
void fix_checksum(uint8_t *bytes, size_t size);

/* A copy in a block of exactly that size, so that a sanitizer sees the first byte past it. */
uint8_t *exact_copy(const uint8_t *data, size_t size);

#endif
