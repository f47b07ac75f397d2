/* SPDX-License-Identifier: MIT */
#include "tree/name.h"

#include "base/mem.h"

#include <string.h>

enum { HASH_FACTOR = 37, HINT_UNITS = 4 };

int
whi_name_compare(struct whi_name a, struct whi_name b)
{
	uint32_t na = whi_name_units(a), nb = whi_name_units(b);
	uint32_t n = na < nb ? na : nb, i = 0;

	/* Neighbours in a list often begin alike. */
	if (!a.wide && !b.wide)
		while (n - i >= WHI_NAME_WORD && memcmp(a.at + i, b.at + i, WHI_NAME_WORD) == 0)
			i += WHI_NAME_WORD;
	for (; i < n; i++) {
		uint16_t ua = whi_name_unit(a, i), ub = whi_name_unit(b, i);

		if (ua == ub)
			continue;
		ua = whi_upcase(ua);
		ub = whi_upcase(ub);
		if (ua != ub)
			return ua < ub ? -1 : 1;
	}
	return (na > nb) - (na < nb);
}

/*
 * The hash of eight bytes of ASCII at once, in lanes of 8, 16 and 32 bits: letters to upper case,
 * then pairs, then pairs of pairs.  The first byte is the lowest one.
 */
static uint32_t
hash_word(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t bytes = UINT64_C(0x00ff00ff00ff00ff), pairs = UINT64_C(0x0000ffff0000ffff);
	const uint32_t squared = HASH_FACTOR * HASH_FACTOR;
	uint64_t small = (word + ones * (0x80 - 'a')) & ~(word + ones * (0x7f - 'z'));

	word -= (small & WHI_NAME_NOT_ASCII) >> 2;
	word = (word & bytes) * HASH_FACTOR + (word >> 8 & bytes);
	word = (word & pairs) * squared + (word >> 16 & pairs);
	return (uint32_t)word * squared * squared + (uint32_t)(word >> 32);
}

/* A name of less than a word, 0 in front of it, which is no part of the hash. */
static uint64_t
short_word(struct whi_name name)
{
	uint32_t n = name.len;
	uint64_t word = 0;

	if (n >= 4) {
		word = le32_get(*(const le32 *)name.at);
		word |= (uint64_t)le32_get(*(const le32 *)(name.at + n - 4)) << 8 * (n - 4);
	} else if (n > 0) {
		word = name.at[0] | (uint64_t)name.at[n / 2] << 8 * (n / 2) |
		       (uint64_t)name.at[n - 1] << 8 * (n - 1);
	}
	return n > 0 ? word << 8 * (WHI_NAME_WORD - n) : 0;
}

/* Of ASCII of at least a word: each word, then what is left, of which the last word has the end. */
static bool
hash_ascii(struct whi_name name, uint32_t *hash)
{
	static const uint32_t powers[] = { 1u,        37u,         1369u,      50653u,     1874161u,
					   69343957u, 2565726409u, 442596621u, 3491173089u };
	uint32_t rest = name.len % WHI_NAME_WORD;
	uint64_t word, any = 0;

	*hash = 0;
	for (uint32_t i = 0; i + WHI_NAME_WORD <= name.len; i += WHI_NAME_WORD) {
		any |= word = le64_get(*(const le64 *)(name.at + i));
		*hash = *hash * powers[WHI_NAME_WORD] + hash_word(word);
	}
	if (rest > 0) {
		word = le64_get(*(const le64 *)(name.at + name.len - WHI_NAME_WORD));
		any |= word;
		word &= ~UINT64_C(0) << 8 * (WHI_NAME_WORD - rest);
		*hash = *hash * powers[rest] + hash_word(word);
	}
	return (any & WHI_NAME_NOT_ASCII) == 0;
}

uint32_t
whi_name_hash(struct whi_name name)
{
	uint32_t hash = 0, n = whi_name_units(name), i = 0;

	if (!name.wide && n < WHI_NAME_WORD) {
		uint64_t word = short_word(name);

		if ((word & WHI_NAME_NOT_ASCII) == 0)
			return hash_word(word);
	} else if (!name.wide && hash_ascii(name, &hash)) {
		return hash;
	}
	hash = 0;
	/* Two at a time, as each multiplication has to wait for the one before. */
	for (; i + 1 < n; i += 2)
		hash = hash * (HASH_FACTOR * HASH_FACTOR) +
		       (uint32_t)whi_upcase(whi_name_unit(name, i)) * HASH_FACTOR +
		       whi_upcase(whi_name_unit(name, i + 1));
	if (i < n)
		hash = hash * HASH_FACTOR + whi_upcase(whi_name_unit(name, i));
	return hash;
}

/* Filled from the fourth unit backwards, up to the first that does not fit in a byte. */
uint32_t
whi_name_hint(struct whi_name name)
{
	uint32_t n = whi_name_units(name), hint = 0;

	for (uint32_t i = n < HINT_UNITS ? n : HINT_UNITS; i-- > 0;) {
		uint16_t unit = whi_name_unit(name, i);

		if (unit > 0xff)
			break;
		hint |= (uint32_t)unit << 8 * i;
	}
	return hint;
}

size_t
whi_name_utf8(struct whi_name name, char *buf)
{
	return name.wide ? whi_utf8_from_utf16(whi_name_view(name), buf)
			 : whi_utf8_from_latin1(whi_name_view(name), buf);
}

enum wh_status
whi_name_copy(struct whi_name name, char *buf, size_t cap, size_t *len)
{
	*len = name.wide ? whi_utf8_len_utf16(whi_name_view(name))
			 : whi_utf8_len_latin1(whi_name_view(name));
	if (*len > cap)
		return WH_E_MORE_DATA;
	whi_name_utf8(name, buf);
	return WH_OK;
}

enum wh_status
whi_query_init(struct whi_query *query, const struct wh_allocator *a, const char *text, size_t len)
{
	size_t cap = sizeof query->own / sizeof *query->own, count;

	query->units = query->own;
	query->count = 0;
	query->hash = 0;
	if (!text || len == WH_NTS)
		len = text ? strlen(text) : 0;
	if (!whi_utf16_from_utf8(text, len, query->own, cap, &count))
		return WH_E_INVALID;
	if (count > cap) {
		query->units = whi_alloc(a, count * sizeof *query->units);
		if (!query->units)
			return WH_E_MEMORY;
		whi_utf16_from_utf8(text, len, query->units, count, &count);
	}
	query->count = count;
	for (size_t i = 0; i < count; i++) {
		query->units[i] = whi_upcase(query->units[i]);
		query->hash = query->hash * HASH_FACTOR + query->units[i];
	}
	return WH_OK;
}

enum wh_status
whi_query_from_name(struct whi_query *query, const struct wh_allocator *a, struct whi_name name)
{
	uint32_t count = whi_name_units(name);

	query->units = query->own;
	if (count > sizeof query->own / sizeof *query->own) {
		query->units = whi_alloc(a, count * sizeof *query->units);
		if (!query->units)
			return WH_E_MEMORY;
	}
	query->count = count;
	query->hash = whi_name_hash(name);
	for (uint32_t i = 0; i < count; i++)
		query->units[i] = whi_upcase(whi_name_unit(name, i));
	return WH_OK;
}

void
whi_query_fini(struct whi_query *query, const struct wh_allocator *a)
{
	if (query->units != query->own)
		whi_free(a, query->units, query->count * sizeof *query->units);
}

int
whi_query_compare(const struct whi_query *query, struct whi_name name)
{
	size_t n = whi_name_units(name), least = n < query->count ? n : query->count;

	for (uint32_t i = 0; i < least; i++) {
		uint16_t unit = whi_upcase(whi_name_unit(name, i));

		if (query->units[i] != unit)
			return query->units[i] < unit ? -1 : 1;
	}
	return (query->count > n) - (query->count < n);
}

/* Names of one key are alike at their starts: they are told apart by their ends. */
bool
whi_query_is(const struct whi_query *query, struct whi_name name)
{
	uint32_t n = whi_name_units(name);

	if (n != query->count)
		return false;
	while (n-- > 0) {
		uint16_t unit = whi_name_unit(name, n);

		if (unit != query->units[n] && whi_upcase(unit) != query->units[n])
			return false;
	}
	return true;
}
