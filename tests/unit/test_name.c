/* SPDX-License-Identifier: MIT */
#include "tree/name.h"

#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MAX_UNITS = 32 };

/* A name in either form, from UTF-8. */
struct text {
	uint8_t bytes[MAX_UNITS * 2];
	struct whi_name name;
};

static void
make(struct text *text, const char *utf8, bool wide)
{
	uint16_t units[MAX_UNITS];
	size_t count;

	if (!whi_utf16_from_utf8(utf8, strlen(utf8), units, MAX_UNITS, &count))
		abort();
	for (size_t i = 0; i < count; i++)
		if (wide)
			put16(text->bytes + 2 * i, units[i]);
		else if (units[i] < 0x100)
			text->bytes[i] = (uint8_t)units[i];
		else
			abort();
	text->name = (struct whi_name){ text->bytes, (uint32_t)count << wide, wide };
}

static bool
fits_latin1(const char *utf8)
{
	uint16_t units[MAX_UNITS];
	size_t count;

	whi_utf16_from_utf8(utf8, strlen(utf8), units, MAX_UNITS, &count);
	for (size_t i = 0; i < count; i++)
		if (units[i] > 0xff)
			return false;
	return true;
}

/* docs/format.md 6.4 */
static const struct {
	const char *name;
	uint32_t hash;
} hashes[] = {
	{ "", 0 },
	{ "Select", 0x5f0024a0 },
	{ "sELECT", 0x5f0024a0 },
	{ "ControlSet001", 0x8f3ba9a2 },
	{ "Software", 0xe9fe1463 },
	{ "abcd_\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 0xcd87d55e },
	{ "weird\xe2\x84\xa2", 0x6f86a4d5 },
	{ "\xc3\xa4\xc3\xb6\xc3\xbc", 0x000437ee },
	{ "\xef\xbc\xa1", 0x0000ff21 },
	{ "\xf0\x90\x90\x90", 0x00201435 },
	{ "\xc3\xbf", 0x00000178 },
};

Test(name, hashes)
{
	struct wh_allocator a = { 0 };
	struct whi_query query;
	struct text text;

	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
		make(&text, hashes[i].name, true);
		cr_assert_eq(whi_name_hash(text.name), hashes[i].hash, "%s", hashes[i].name);
		cr_assert_eq(whi_query_init(&query, &a, hashes[i].name, WH_NTS), WH_OK);
		cr_assert_eq(query.hash, hashes[i].hash, "%s", hashes[i].name);
		if (!fits_latin1(hashes[i].name))
			continue;
		make(&text, hashes[i].name, false);
		cr_assert_eq(whi_name_hash(text.name), hashes[i].hash, "%s", hashes[i].name);
	}
}

/* docs/format.md 6.3: as the four bytes in the list. */
static const struct {
	const char *name;
	uint8_t hint[4];
} hints[] = {
	{ "", { 0 } },
	{ "a", { 'a' } },
	{ "aB", { 'a', 'B' } },
	{ "abc", { 'a', 'b', 'c' } },
	{ "Abcd", { 'A', 'b', 'c', 'd' } },
	{ "abcde", { 'a', 'b', 'c', 'd' } },
	{ "\xc3\xa4\xc3\xb6", { 0xe4, 0xf6 } },
	{ "txt\xef\x80\x8d", { 0 } },
	{ ".txt\xef\x80\x8d", { '.', 't', 'x', 't' } },
	{ "\xef\x80\x8dtxt", { 0, 't', 'x', 't' } },
	{ "a\xef\x80\x8d"
	  "bc",
	  { 0, 0, 'b', 'c' } },
	{ "\xef\x80\x8d", { 0 } },
};

Test(name, hints)
{
	struct text text;

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		make(&text, hints[i].name, true);
		cr_assert_eq(whi_name_hint(text.name), get32(hints[i].hint), "%s", hints[i].name);
		if (!fits_latin1(hints[i].name))
			continue;
		make(&text, hints[i].name, false);
		cr_assert_eq(whi_name_hint(text.name), get32(hints[i].hint), "%s", hints[i].name);
	}
}

/* In ascending order, but for those on one line, which are equal. */
static const char *const ordered[][3] = {
	{ "" },
	{ "A", "a" },
	{ "AB", "ab", "aB" },
	{ "ABC", "abc" },
	{ "B", "b" },
	{ "Z", "z" },
	{ "_" },
	{ "{" },
	{ "\xc3\x84", "\xc3\xa4" }, /* A with two dots */
	{ "\xc3\x9f" },             /* sharp s is its own upper case */
	{ "\xc4\x80", "\xc4\x81" }, /* U+0100 */
	{ "\xc5\xb8", "\xc3\xbf" }, /* U+0178 and U+00FF */
	{ "\xc5\xb8"
	  "a",
	  "\xc3\xbf"
	  "A" },
	{ "\xd0\x90", "\xd0\xb0" },         /* Cyrillic */
	{ "\xf0\x90\x90\x80" },             /* as the units D801 DC00: before U+FF21 */
	{ "\xf0\x90\x90\xa8" },             /* Deseret has no upper case here */
	{ "\xef\xbc\xa1", "\xef\xbd\x81" }, /* full width A */
};
enum { ORDERED = sizeof ordered / sizeof *ordered };

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

/* One pair of names in all forms that they can have, and as a query. */
static void
compare(const char *a, const char *b, int due)
{
	struct wh_allocator none = { 0 };
	struct whi_query query;
	struct text ta, tb;

	cr_assert_eq(whi_query_init(&query, &none, a, WH_NTS), WH_OK);
	for (int forms = 0; forms < 4; forms++) {
		if ((!(forms & 1) && !fits_latin1(a)) || (!(forms & 2) && !fits_latin1(b)))
			continue;
		make(&ta, a, forms & 1);
		make(&tb, b, (forms & 2) != 0);
		cr_assert_eq(sign(whi_name_compare(ta.name, tb.name)), due, "%s, %s", a, b);
		cr_assert_eq(sign(whi_query_compare(&query, tb.name)), due, "%s, %s", a, b);
		if (due == 0)
			cr_assert_eq(whi_name_hash(ta.name), whi_name_hash(tb.name));
	}
	whi_query_fini(&query, &none);
}

Test(name, order)
{
	for (int i = 0; i < ORDERED; i++)
		for (int j = 0; j < ORDERED; j++)
			for (int k = 0; k < 3 && ordered[i][k]; k++)
				for (int l = 0; l < 3 && ordered[j][l]; l++)
					compare(ordered[i][k], ordered[j][l], sign(i - j));
}

Test(name, an_odd_last_byte_does_not_count)
{
	static const uint8_t odd[] = { 'a', 0, 'b' };
	struct whi_name cut = { odd, 3, true }, whole = { odd, 2, true };
	size_t len;
	char buf[4];

	cr_assert_eq(whi_name_units(cut), 1);
	cr_assert_eq(whi_name_compare(cut, whole), 0);
	cr_assert_eq(whi_name_hash(cut), whi_name_hash(whole));
	cr_assert_eq(whi_name_copy(cut, buf, sizeof buf, &len), WH_OK);
	cr_assert_eq(len, 1);
}

Test(name, copy_keeps_to_the_rule_of_buffers)
{
	struct text text;
	char buf[8];
	size_t len;

	make(&text, "a\xc3\xa4\xc3\xb6", false);
	for (size_t cap = 0; cap <= sizeof buf; cap++) {
		memset(buf, '.', sizeof buf);
		len = 99;
		if (cap >= 5) {
			cr_assert_eq(whi_name_copy(text.name, buf, cap, &len), WH_OK);
			cr_assert_arr_eq(buf, "a\xc3\xa4\xc3\xb6...", 8);
		} else {
			cr_assert_eq(whi_name_copy(text.name, buf, cap, &len), WH_E_MORE_DATA);
			cr_assert_arr_eq(buf, "........", 8);
		}
		cr_assert_eq(len, 5);
	}
	cr_assert_eq(whi_name_copy(text.name, NULL, 0, &len), WH_E_MORE_DATA);
	cr_assert_leq(len, whi_name_room(text.name));
}

Test(name, long_queries_are_allocated)
{
	char text[1000];
	struct meter meter;
	struct wh_allocator a = meter_allocator(&meter);
	struct whi_query query;

	memset(text, 'x', sizeof text);
	for (size_t len = 254; len < 260; len++) {
		cr_assert_eq(whi_query_init(&query, &a, text, len), WH_OK);
		cr_assert_eq(query.count, len);
		cr_assert_eq(meter.blocks, len > 256);
		for (size_t i = 0; i < len; i++)
			cr_assert_eq(query.units[i], 'X');
		whi_query_fini(&query, &a);
		cr_assert_eq(meter.now, 0);
	}
	meter.left = 0;
	cr_assert_eq(whi_query_init(&query, &a, text, 257), WH_E_MEMORY);
	cr_assert_eq(whi_query_init(&query, &a, text, 256), WH_OK);
}

Test(name, queries_need_utf8)
{
	struct wh_allocator a = { 0 };
	struct whi_query query;

	cr_assert_eq(whi_query_init(&query, &a, "a\xff", WH_NTS), WH_E_INVALID);
	cr_assert_eq(whi_query_init(&query, &a, "a\xff", 1), WH_OK);
	cr_assert_eq(whi_query_init(&query, &a, NULL, 5), WH_OK);
	cr_assert_eq(query.count, 0);
	cr_assert_eq(whi_query_init(&query, &a, "a\0b", 3), WH_OK);
	cr_assert_eq(query.count, 3);
	cr_assert_eq(whi_query_init(&query, &a, "a\0b", WH_NTS), WH_OK);
	cr_assert_eq(query.count, 1);
}

/* What is behind the name does not count, and every byte of it does. */
Test(name, ascii_within_reach)
{
	uint8_t record[WHI_NAME_REACH];

	for (uint32_t reach = BYTES; reach <= WHI_NAME_REACH; reach += BYTES)
		for (uint32_t len = 0; len <= reach; len++) {
			memset(record, 0xff, sizeof record);
			memset(record, 'x', len);
			cr_assert(whi_name_is_ascii_within(record, len, reach), "%u", len);
			for (uint32_t i = 0; i < len; i++) {
				record[i] = 0x80;
				cr_assert_not(whi_name_is_ascii_within(record, len, reach),
					      "%u of %u", i, len);
				record[i] = 0x7f;
			}
		}
}

Test(name, a_byte_within_reach)
{
	uint8_t record[WHI_NAME_REACH];

	for (uint32_t reach = BYTES; reach <= WHI_NAME_REACH; reach += BYTES)
		for (uint32_t len = 0; len <= reach; len++)
			for (unsigned other = 0; other <= UINT8_MAX; other++) {
				if (other == '\\')
					continue;
				memset(record, '\\', sizeof record);
				memset(record, (int)other, len);
				cr_assert_not(whi_name_has_within(record, len, reach, '\\'),
					      "%u of 0x%x", len, other);
				for (uint32_t i = 0; i < len; i++) {
					record[i] = '\\';
					cr_assert(whi_name_has_within(record, len, reach, '\\'),
						  "%u of %u", i, len);
					record[i] = (uint8_t)other;
				}
			}
}

/* In a record every name has bytes before it, which are not its own, and others after it. */
Test(name, ascii_of_every_length_and_one_byte_that_is_not)
{
	enum { LONGEST = 70, BEFORE = 8 };
	uint8_t record[BEFORE + LONGEST + BEFORE];
	char copy[BEFORE + LONGEST + WHI_NAME_WORD + 1];

	for (uint32_t len = 0; len <= LONGEST; len++) {
		struct whi_name name = { record + BEFORE, len, false };

		memset(record, 0xff, sizeof record);
		for (uint32_t i = 0; i < len; i++)
			record[BEFORE + i] = (uint8_t)('0' + i);
		memset(copy, '!', sizeof copy);
		cr_assert(whi_name_is_ascii(name), "%u", len);
		cr_assert(whi_name_copy_ascii(name, copy + BEFORE), "%u", len);
		cr_assert_arr_eq(copy + BEFORE, name.at, len, "%u", len);
		cr_assert_arr_eq(copy, "!!!!!!!!", BEFORE, "%u", len);
		cr_assert_eq(copy[BEFORE + len + WHI_NAME_WORD], '!', "%u", len);
		for (uint32_t i = 0; i < len; i++) {
			record[BEFORE + i] ^= 0x80;
			cr_assert_not(whi_name_is_ascii(name), "%u of %u", i, len);
			cr_assert_not(whi_name_copy_ascii(name, copy + BEFORE), "%u of %u", i, len);
			record[BEFORE + i] ^= 0x80;
		}
		name.wide = true;
		cr_assert_eq(whi_name_is_ascii(name), len == 0, "%u", len);
		cr_assert_eq(whi_name_copy_ascii(name, copy + BEFORE), len == 0, "%u", len);
	}
}
