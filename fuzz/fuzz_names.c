/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as three names.  The first byte says which of them are UTF-16; then come the
 * lengths of the first two.
 *
 * Holds: comparison is an order; names that are equal have the same hash; a name comes back
 * from UTF-8 as it was; a name that is looked for compares as the name itself; the short looks at
 * narrow names see what is there, and nothing of what is behind them.
 */
#include "fuzz.h"

#include "base/mem.h"
#include "tree/name.h"

#include <string.h>

enum { HEADER = 3, NAMES = 3 };

static void
hold_order(const struct whi_name n[NAMES])
{
	int ab = whi_name_compare(n[0], n[1]), bc = whi_name_compare(n[1], n[2]);
	int ac = whi_name_compare(n[0], n[2]);

	HOLDS(whi_name_compare(n[0], n[0]) == 0);
	HOLDS(whi_name_compare(n[1], n[0]) == -ab);
	if (ab == bc || bc == 0)
		HOLDS(ac == ab);
	else if (ab == 0)
		HOLDS(ac == bc);
	if (ab == 0)
		HOLDS(whi_name_hash(n[0]) == whi_name_hash(n[1]));
}

static void
hold_utf8(const struct wh_allocator *a, struct whi_name name, struct whi_name other)
{
	char *text = malloc(whi_name_room(name) + 1);
	uint16_t *units = malloc((whi_name_units(name) + 1) * sizeof *units);
	size_t len, count;
	struct whi_query query;

	HOLDS(text && units);
	HOLDS(whi_name_copy(name, text, whi_name_room(name), &len) == WH_OK);
	HOLDS(len <= whi_name_room(name));
	HOLDS(whi_utf16_from_utf8(text, len, units, whi_name_units(name), &count));
	HOLDS(count == whi_name_units(name));
	for (uint32_t i = 0; i < count; i++)
		HOLDS(units[i] == whi_name_unit(name, i));
	HOLDS(whi_query_init(&query, a, text, len) == WH_OK);
	HOLDS(query.hash == whi_name_hash(name));
	HOLDS(whi_query_compare(&query, name) == 0);
	HOLDS(whi_query_compare(&query, other) == whi_name_compare(name, other));
	whi_query_fini(&query, a);
	free(units);
	free(text);
}

static void
hold_short_looks(struct whi_name name, uint8_t behind)
{
	uint8_t near[WHI_NAME_REACH];
	bool ascii = true, found = false;

	if (name.wide || name.len > sizeof near)
		return;
	memset(near, behind, sizeof near);
	if (name.len > 0)
		memcpy(near, name.at, name.len);
	for (uint32_t i = 0; i < name.len; i++) {
		ascii &= near[i] < 0x80;
		found |= near[i] == behind;
	}
	HOLDS(whi_name_is_ascii_within(near, name.len, sizeof near) == ascii);
	HOLDS(whi_name_has_within(near, name.len, sizeof near, behind) == found);
}

/* Bytes that are taken for UTF-8 must come back as the same bytes, but for split pairs. */
static void
hold_any_text(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	uint16_t unit;
	uint32_t code;
	size_t count;

	while (at < end && whi_utf8_next(&at, end, &code))
		HOLDS(code <= 0x10ffff);
	HOLDS(whi_utf16_from_utf8((const char *)data, size, &unit, 1, &count) == (at == end));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wh_allocator a = whi_allocator(NULL);
	struct whi_name names[NAMES];
	uint8_t *parts[NAMES];
	size_t left, lens[NAMES];

	if (size < HEADER)
		return 0;
	hold_any_text(data, size);
	left = size - HEADER;
	lens[0] = data[1] < left ? data[1] : left;
	lens[1] = data[2] < left - lens[0] ? data[2] : left - lens[0];
	lens[2] = left - lens[0] - lens[1];
	if (lens[2] > 65535)
		lens[2] = 65535;
	for (size_t i = 0, at = HEADER; i < NAMES; at += lens[i++]) {
		parts[i] = exact_copy(data + at, lens[i]);
		names[i] = (struct whi_name){ parts[i], (uint32_t)lens[i], data[0] >> i & 1 };
	}
	hold_order(names);
	for (size_t i = 0; i < NAMES; i++) {
		hold_utf8(&a, names[i], names[(i + 1) % NAMES]);
		hold_short_looks(names[i], data[0]);
	}
	for (size_t i = 0; i < NAMES; i++)
		free(parts[i]);
	return 0;
}
