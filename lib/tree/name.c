/* SPDX-License-Identifier: MIT */
#include "tree/name.h"

#include "base/mem.h"

#include <string.h>

enum { HASH_FACTOR = 37, HINT_UNITS = 4 };

int
whi_name_compare(struct whi_name a, struct whi_name b)
{
	uint32_t na = whi_name_units(a), nb = whi_name_units(b);
	uint32_t n = na < nb ? na : nb;

	for (uint32_t i = 0; i < n; i++) {
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

uint32_t
whi_name_hash(struct whi_name name)
{
	uint32_t hash = 0, n = whi_name_units(name), i = 0;

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
