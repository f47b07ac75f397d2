/* SPDX-License-Identifier: MIT */
/* Words of a bit map. */
#ifndef WHI_BASE_BITS_H
#define WHI_BASE_BITS_H

#include <stdint.h>

/* The place of the lowest, or the highest, bit that is set; 'word' is not 0. */
static inline unsigned
bits_lowest(uint64_t word)
{
#ifdef __GNUC__
	return (unsigned)__builtin_ctzll(word);
#else
	unsigned i = 0;

	while (!(word >> i & 1))
		i++;
	return i;
#endif
}

static inline unsigned
bits_highest(uint64_t word)
{
#ifdef __GNUC__
	return 63 - (unsigned)__builtin_clzll(word);
#else
	unsigned i = 63;

	while (!(word >> i & 1))
		i--;
	return i;
#endif
}

#endif
