/* SPDX-License-Identifier: MIT */
/* Hash, compare and copy short pieces of bytes, inline: a call costs more than most of them do. */
#ifndef WHI_PYTHON_BYTES_H
#define WHI_PYTHON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
whi_py_load8(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Fewer than 8 bytes as a number: of as many bytes, other ones are another number. */
static inline uint64_t
whi_py_load_few(const char *at, size_t len)
{
	uint32_t first, last;

	if (len >= sizeof first) {
		memcpy(&first, at, sizeof first);
		memcpy(&last, at + len - sizeof last, sizeof last);
		return first | (uint64_t)last << 32;
	}
	if (len == 0)
		return 0;
	return (uint64_t)(uint8_t)at[0] | (uint64_t)(uint8_t)at[len / 2] << 8 |
	       (uint64_t)(uint8_t)at[len - 1] << 16;
}

static inline uint64_t
whi_py_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static inline bool
whi_py_same(const char *a, const char *b, size_t len)
{
	if (len < 8)
		return whi_py_load_few(a, len) == whi_py_load_few(b, len);
	for (; len > 8; a += 8, b += 8, len -= 8)
		if (whi_py_load8(a) != whi_py_load8(b))
			return false;
	return whi_py_load8(a + len - 8) == whi_py_load8(b + len - 8);
}

/* Names are short. */
static inline void
whi_py_copy(char *to, const char *from, size_t len)
{
	if (len > 32) {
		memcpy(to, from, len);
	} else if (len >= 8) {
		memcpy(to + len - 8, from + len - 8, 8);
		for (; len > 8; to += 8, from += 8, len -= 8)
			memcpy(to, from, 8);
	} else if (len >= 4) {
		memcpy(to + len - 4, from + len - 4, 4);
		memcpy(to, from, 4);
	} else if (len > 0) {
		to[len - 1] = from[len - 1];
		to[len / 2] = from[len / 2];
		to[0] = from[0];
	}
}

#endif
