/* SPDX-License-Identifier: MIT */
/*
 * Which of 16 bytes: bit i of the answer is for byte i.  In a few instructions where there are
 * vectors of bytes; by words, which is what that is held against, elsewhere.
 */
#ifndef WHI_BASE_BYTES_H
#define WHI_BASE_BYTES_H

#include "base/le.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BYTES = 16 };
#define BYTES_HIGH UINT64_C(0x8080808080808080)

/* The high bits of 8 bytes, side by side: the factor moves that of byte i up to bit 56 + i. */
static inline uint32_t
bytes_gather(uint64_t word)
{
	return (uint32_t)((word & BYTES_HIGH) * UINT64_C(0x0002040810204081) >> 56);
}

static inline uint32_t
bytes_high_by_words(const uint8_t *at)
{
	const le64 *words = (const le64 *)at;

	return bytes_gather(le64_get(words[0])) | bytes_gather(le64_get(words[1])) << 8;
}

/* The high bits of the bytes that are 0. */
static inline uint64_t
bytes_zero(uint64_t word)
{
	return ~(((word & ~BYTES_HIGH) + ~BYTES_HIGH) | word);
}

static inline uint32_t
bytes_equal_by_words(const uint8_t *at, uint8_t byte)
{
	const uint64_t all = UINT64_C(0x0101010101010101) * byte;
	const le64 *words = (const le64 *)at;

	return bytes_gather(bytes_zero(le64_get(words[0]) ^ all)) |
	       bytes_gather(bytes_zero(le64_get(words[1]) ^ all)) << 8;
}

/* Those of which the high bit is set. */
static inline uint32_t
bytes_high(const uint8_t *at)
{
#ifdef __SSE2__
	__m128i vector;

	memcpy(&vector, at, sizeof vector);
	return (uint32_t)_mm_movemask_epi8(vector);
#else
	return bytes_high_by_words(at);
#endif
}

/* Those that are 'byte'. */
static inline uint32_t
bytes_equal(const uint8_t *at, uint8_t byte)
{
#ifdef __SSE2__
	__m128i vector;

	memcpy(&vector, at, sizeof vector);
	vector = _mm_cmpeq_epi8(vector, _mm_set1_epi8((char)byte));
	return (uint32_t)_mm_movemask_epi8(vector);
#else
	return bytes_equal_by_words(at, byte);
#endif
}

#endif
