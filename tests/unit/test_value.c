/* SPDX-License-Identifier: MIT */
/* The public functions about values. */
#include "files.h"
#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BIG = 3 * 16344 + 5 };

static struct builder b;
static struct wh_hive *hive;
static uint32_t root;
static uint8_t big[BIG];

static const uint16_t nul_name[] = { 'n', 0, 'l' };
static const uint16_t euro_name[] = { 0x20ac };

enum { DEFAULT, INLINE, PLAIN, BIG_ONE, NUL, EURO, TOMBSTONE, COUNT };

static void
setup(void)
{
	uint32_t values[COUNT];

	for (size_t i = 0; i < BIG; i++)
		big[i] = (uint8_t)(i * 31 + i / 251);
	builder_init(&b, 6);
	root = builder_key(&b, NO_PARENT, "ROOT");
	values[DEFAULT] = builder_value(&b, "", WH_REG_SZ, "d\0", 2);
	values[INLINE] = builder_value(&b, "Inline", WH_REG_DWORD, "\1\2\3\4", 4);
	values[PLAIN] = builder_value(&b, "Plain", WH_REG_BINARY, big, 100);
	values[BIG_ONE] = builder_value(&b, "Big", WH_REG_BINARY, big, BIG);
	values[NUL] = builder_wide_value(&b, nul_name, 3, 0xffff0012, NULL, 0);
	values[EURO] = builder_wide_value(&b, euro_name, 1, WH_REG_NONE, "xyz", 3);
	values[TOMBSTONE] = builder_value(&b, "Gone", WH_REG_NONE, NULL, 0);
	put32(builder_at(&b, values[TOMBSTONE]) + 4, 0);
	put32(builder_at(&b, values[TOMBSTONE]) + 8, WH_NO_CELL);
	put16(builder_at(&b, values[TOMBSTONE]) + 16, 3);
	builder_set_values(&b, root, values, COUNT);
	hive = builder_open(&b, NULL);
}

static void
fini(void)
{
	wh_hive_close(hive);
	builder_fini(&b);
}

TestSuite(value, .init = setup, .fini = fini);

static struct wh_value
number(uint32_t index)
{
	struct wh_value value;

	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), index, &value), WH_OK);
	return value;
}

/* Replace the hive by one with a single value. */
static struct wh_value
only(uint32_t type, const void *data, size_t len)
{
	uint32_t value;

	fini();
	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	value = builder_value(&b, "Value", type, data, len);
	builder_set_values(&b, root, &value, 1);
	hive = builder_open(&b, NULL);
	return number(0);
}

Test(value, none_is_invalid)
{
	struct wh_value none = { 0 };
	struct wh_value_info info;
	const void *piece;
	char buf[4];
	size_t len = 7, count = 7;
	uint64_t n = 7;

	cr_assert_eq(wh_value_info(none, &info), WH_E_INVALID);
	cr_assert_eq(wh_value_name(none, buf, 4, &len), WH_E_INVALID);
	cr_assert_eq(len, 0);
	cr_assert_eq(wh_value_read(none, buf, 4, &len), WH_E_INVALID);
	cr_assert_eq(wh_value_piece(none, 0, &piece, &len), WH_E_INVALID);
	cr_assert(piece == NULL && len == 0);
	cr_assert_eq(wh_value_string(none, buf, 4, &len), WH_E_INVALID);
	cr_assert_eq(wh_value_strings(none, buf, 4, &len, &count), WH_E_INVALID);
	cr_assert_eq(count, 0);
	cr_assert_eq(wh_value_number(none, &n), WH_E_INVALID);
	cr_assert_eq(n, 0);
}

Test(value, a_cell_that_is_no_value)
{
	struct wh_value wrong = { hive, root, 0 };
	struct wh_value_info info;
	size_t len;

	cr_assert_eq(wh_value_info(wrong, &info), WH_E_CORRUPT);
	cr_assert_eq(wh_value_read(wrong, NULL, 0, &len), WH_E_CORRUPT);
	wrong.cell = 7;
	cr_assert_eq(wh_value_info(wrong, &info), WH_E_CORRUPT);
}

Test(value, by_index)
{
	struct wh_value value = { hive, 1, 0 };

	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), COUNT, &value), WH_E_NO_MORE);
	cr_assert_null(value.hive);
	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), UINT32_MAX, &value), WH_E_NO_MORE);
}

static const struct {
	const char *name;
	size_t len;
	enum wh_status st;
	uint32_t index;
} names[] = {
	{ NULL, 0, WH_OK, DEFAULT },
	{ NULL, WH_NTS, WH_OK, DEFAULT },
	{ "", WH_NTS, WH_OK, DEFAULT },
	{ "x", 0, WH_OK, DEFAULT },
	{ "inline", WH_NTS, WH_OK, INLINE },
	{ "PLAIN", 5, WH_OK, PLAIN },
	{ "Plainer", 5, WH_OK, PLAIN },
	{ "big\0", WH_NTS, WH_OK, BIG_ONE },
	{ "big\0", 4, WH_E_NOT_FOUND, 0 },
	{ "N\0L", 3, WH_OK, NUL },
	{ "\xe2\x82\xac", WH_NTS, WH_OK, EURO },
	{ "\xe2\x82\xac", 2, WH_E_INVALID, 0 },
	{ "nothing", WH_NTS, WH_E_NOT_FOUND, 0 },
	{ "\xff", WH_NTS, WH_E_INVALID, 0 },
};

Test(value, by_name)
{
	struct wh_value value;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		value = (struct wh_value){ hive, 1, 0 };
		cr_assert_eq(wh_key_value(wh_hive_root(hive), names[i].name, names[i].len, &value),
			     names[i].st, "%zu", i);
		if (names[i].st == WH_OK)
			cr_assert_eq(value.cell, number(names[i].index).cell, "%zu", i);
		else
			cr_assert(value.hive == NULL && value.cell == 0, "%zu", i);
	}
}

Test(value, names)
{
	char buf[16];
	size_t len;

	cr_assert_eq(wh_value_name(number(DEFAULT), NULL, 0, &len), WH_OK);
	cr_assert_eq(len, 0);
	cr_assert_eq(wh_value_name(number(NUL), buf, 3, &len), WH_OK);
	cr_assert_arr_eq(buf, "n\0l", 3);
	memset(buf, '.', sizeof buf);
	cr_assert_eq(wh_value_name(number(EURO), buf, 2, &len), WH_E_MORE_DATA);
	cr_assert(len == 3 && buf[0] == '.' && buf[1] == '.');
}

Test(value, info)
{
	struct wh_value_info info;

	cr_assert_eq(wh_value_info(number(INLINE), &info), WH_OK);
	cr_assert(info.type == WH_REG_DWORD && info.size == 4 && info.readable == 4);
	cr_assert(info.inline_data && !info.big_data && info.data_cell == WH_NO_CELL);
	cr_assert(info.flags == 1 && info.name_len == 6 && info.cell_size == 32);
	cr_assert_eq(info.cell, number(INLINE).cell);
	cr_assert_eq(wh_value_info(number(PLAIN), &info), WH_OK);
	cr_assert(!info.inline_data && !info.big_data && info.data_cell != WH_NO_CELL);
	cr_assert_eq(wh_value_info(number(BIG_ONE), &info), WH_OK);
	cr_assert(info.big_data && info.size == BIG && info.readable == BIG);
	cr_assert_eq(wh_value_info(number(NUL), &info), WH_OK);
	cr_assert(info.type == 0xffff0012 && info.size == 0 && info.name_len == 6);
	cr_assert_eq(wh_value_info(number(TOMBSTONE), &info), WH_OK);
	cr_assert(info.tombstone && info.size == 0 && !info.inline_data);
	cr_assert_eq(wh_value_info(number(DEFAULT), &info), WH_OK);
	cr_assert(!info.tombstone && info.flags == 0);
}

static void
reads(uint32_t index, const void *due, size_t due_len)
{
	static uint8_t buf[BIG + 8], before[BIG + 8];
	size_t caps[] = { 0, due_len - 1, due_len, due_len + 1 }, len;

	memset(before, 0xcc, sizeof before);
	for (int i = 0; i < 4; i++) {
		bool fits = caps[i] >= due_len;

		memset(buf, 0xcc, sizeof buf);
		len = 99;
		cr_assert_eq(wh_value_read(number(index), buf, caps[i], &len),
			     fits ? WH_OK : WH_E_MORE_DATA);
		cr_assert_eq(len, due_len);
		cr_assert_eq(memcmp(buf, fits ? due : before, due_len), 0);
		cr_assert_eq(buf[due_len], 0xcc, "written past the data");
	}
}

Test(value, data)
{
	size_t len;

	reads(INLINE, "\1\2\3\4", 4);
	reads(EURO, "xyz", 3);
	reads(PLAIN, big, 100);
	reads(BIG_ONE, big, BIG);
	cr_assert_eq(wh_value_read(number(NUL), NULL, 0, &len), WH_OK);
	cr_assert_eq(len, 0);
	cr_assert_eq(wh_value_read(number(TOMBSTONE), NULL, 0, &len), WH_OK);
}

/* From every offset near a border, pieces lead to the end and are the data. */
Test(value, pieces)
{
	static const uint32_t offsets[] = { 0,     1,     16343,   16344,   16345,  32687,
					    32688, 49031, BIG - 1, BIG - 5, BIG - 6 };
	const void *piece;
	size_t len;

	for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		uint32_t at = offsets[i];

		while (wh_value_piece(number(BIG_ONE), at, &piece, &len) == WH_OK) {
			cr_assert(len > 0 && len <= 16344 && at + len <= BIG);
			cr_assert_eq(memcmp(piece, big + at, len), 0);
			at += (uint32_t)len;
		}
		cr_assert_eq(at, BIG);
	}
	cr_assert_eq(wh_value_piece(number(BIG_ONE), BIG, &piece, &len), WH_E_NO_MORE);
	cr_assert(piece == NULL && len == 0);
	cr_assert_eq(wh_value_piece(number(BIG_ONE), UINT32_MAX, &piece, &len), WH_E_NO_MORE);
	cr_assert_eq(wh_value_piece(number(NUL), 0, &piece, &len), WH_E_NO_MORE);
	cr_assert_eq(wh_value_piece(number(INLINE), 3, &piece, &len), WH_OK);
	cr_assert(len == 1 && *(const uint8_t *)piece == 4);
}

/* What is damaged gives what can be read, and says that there should be more. */
Test(value, damaged_data)
{
	struct wh_value value = only(WH_REG_BINARY, big, 20);
	struct wh_value_info info;
	uint8_t buf[32];
	const void *piece;
	size_t len, count;
	uint64_t n;

	put32(builder_at(&b, value.cell) + 4, 24);
	wh_hive_close(hive);
	hive = builder_open(&b, NULL);
	value.hive = hive;
	cr_assert_eq(wh_value_info(value, &info), WH_OK);
	cr_assert(info.size == 24 && info.readable == 20);
	cr_assert_eq(wh_value_read(value, buf, sizeof buf, &len), WH_E_CORRUPT);
	cr_assert(len == 20 && memcmp(buf, big, 20) == 0);
	cr_assert_eq(wh_value_read(value, buf, 19, &len), WH_E_MORE_DATA);
	cr_assert_eq(len, 20);
	cr_assert_eq(wh_value_piece(value, 0, &piece, &len), WH_OK);
	cr_assert_eq(len, 20);
	cr_assert_eq(wh_value_piece(value, 20, &piece, &len), WH_E_CORRUPT);
	cr_assert_eq(wh_value_piece(value, 24, &piece, &len), WH_E_NO_MORE);
	cr_assert_eq(wh_value_string(value, NULL, 0, &len), WH_E_CORRUPT);
	cr_assert_eq(wh_value_strings(value, NULL, 0, &len, &count), WH_E_CORRUPT);
	cr_assert_eq(wh_value_number(value, &n), WH_E_CORRUPT);
}

/* As UTF-16LE bytes, and what they are as a string and as a list. */
static const struct {
	const char *name, *data;
	size_t len;
	const char *text;
	size_t text_len;
	const char *list;
	size_t list_len, count;
} strings[] = {
	{ "nothing", "", 0, "", 0, "", 0, 0 },
	{ "one byte", "a", 1, "", 0, "", 0, 0 },
	{ "no NUL", "a\0b\0", 4, "ab", 2, "ab\0", 3, 1 },
	{ "a NUL", "a\0\0\0", 4, "a", 1, "a\0", 2, 1 },
	{ "NUL only", "\0\0", 2, "", 0, "", 0, 0 },
	{ "two NULs", "\0\0\0\0", 4, "", 0, "\0", 1, 1 },
	{ "odd", "a\0b\0c", 5, "ab", 2, "ab\0", 3, 1 },
	{ "list", "a\0\0\0b\0\0\0\0\0", 10, "a", 1, "a\0b\0", 4, 2 },
	{ "list, one NUL", "a\0\0\0b\0\0\0", 8, "a", 1, "a\0b\0", 4, 2 },
	{ "list, no NUL", "a\0\0\0b\0", 6, "a", 1, "a\0b\0", 4, 2 },
	{ "empty inside", "a\0\0\0\0\0b\0\0\0\0\0", 12, "a", 1, "a\0\0b\0", 5, 3 },
	{ "empty first", "\0\0a\0\0\0\0\0", 8, "", 0, "\0a\0", 3, 2 },
	{ "half a pair", "\x01\xd8\0\0", 4, "\xed\xa0\x81", 3, "\xed\xa0\x81\0", 4, 1 },
	{ "a pair", "\x01\xd8\x37\xdc", 4, "\xf0\x90\x90\xb7", 4, "\xf0\x90\x90\xb7\0", 5, 1 },
};

Test(value, strings)
{
	char buf[32], before[32];
	size_t len, count;

	memset(before, '.', sizeof before);
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		struct wh_value value = only(WH_REG_BINARY, strings[i].data, strings[i].len);

		for (size_t cap = 0; cap < 8; cap++) {
			bool fits = cap >= strings[i].text_len;

			memset(buf, '.', sizeof buf);
			cr_assert_eq(wh_value_string(value, buf, cap, &len),
				     fits ? WH_OK : WH_E_MORE_DATA, "%s", strings[i].name);
			cr_assert_eq(len, strings[i].text_len, "%s", strings[i].name);
			cr_assert_arr_eq(buf, fits ? strings[i].text : before, len);
			cr_assert_eq(buf[len], '.', "%s: a terminator", strings[i].name);

			fits = cap >= strings[i].list_len;
			memset(buf, '.', sizeof buf);
			cr_assert_eq(wh_value_strings(value, buf, cap, &len, &count),
				     fits ? WH_OK : WH_E_MORE_DATA, "%s", strings[i].name);
			cr_assert_eq(len, strings[i].list_len, "%s", strings[i].name);
			cr_assert_eq(count, strings[i].count, "%s", strings[i].name);
			cr_assert_arr_eq(buf, fits ? strings[i].list : before, len);
			cr_assert_eq(buf[len], '.', "%s: a terminator", strings[i].name);
		}
	}
}

Test(value, long_strings)
{
	static char buf[2 * 16344 * 3];
	static uint8_t text[3 * 16344];
	struct wh_value value;
	size_t len, count;

	for (size_t i = 0; i < sizeof text; i += 2)
		put16(text + i, 0x20ac);
	value = only(WH_REG_SZ, text, sizeof text);
	cr_assert_eq(wh_value_string(value, buf, sizeof buf, &len), WH_OK);
	cr_assert_eq(len, sizeof text / 2 * 3);
	for (size_t i = 0; i < len; i += 3)
		cr_assert_arr_eq(buf + i, "\xe2\x82\xac", 3);
	cr_assert_eq(wh_value_strings(value, buf, sizeof buf, &len, &count), WH_OK);
	cr_assert(len == sizeof text / 2 * 3 + 1 && count == 1);
}

static const struct {
	uint32_t type;
	size_t len;
	enum wh_status st;
	uint64_t due;
} numbers[] = {
	{ WH_REG_DWORD, 4, WH_OK, 0x84838281 },
	{ WH_REG_DWORD_BIG_ENDIAN, 4, WH_OK, 0x81828384 },
	{ WH_REG_QWORD, 8, WH_OK, UINT64_C(0x8887868584838281) },
	{ WH_REG_DWORD, 0, WH_OK, 0 },
	{ WH_REG_DWORD_BIG_ENDIAN, 0, WH_OK, 0 },
	{ WH_REG_QWORD, 0, WH_OK, 0 },
	{ WH_REG_DWORD, 1, WH_E_TYPE, 0 },
	{ WH_REG_DWORD, 3, WH_E_TYPE, 0 },
	{ WH_REG_DWORD, 8, WH_E_TYPE, 0 },
	{ WH_REG_DWORD_BIG_ENDIAN, 8, WH_E_TYPE, 0 },
	{ WH_REG_QWORD, 4, WH_E_TYPE, 0 },
	{ WH_REG_QWORD, 7, WH_E_TYPE, 0 },
	{ WH_REG_QWORD, 16, WH_E_TYPE, 0 },
	{ WH_REG_NONE, 4, WH_E_TYPE, 0 },
	{ WH_REG_SZ, 4, WH_E_TYPE, 0 },
	{ WH_REG_BINARY, 4, WH_E_TYPE, 0 },
	{ UINT32_MAX, 4, WH_E_TYPE, 0 },
};

Test(value, numbers)
{
	static const uint8_t data[16] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88 };
	uint64_t n;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct wh_value value = only(numbers[i].type, data, numbers[i].len);

		n = 99;
		cr_assert_eq(wh_value_number(value, &n), numbers[i].st, "%zu", i);
		cr_assert_eq(n, numbers[i].due, "%zu", i);
	}
}

/* The same empty data outside of the value: nothing to lend, and still fine. */
Test(value, empty_data_of_their_own)
{
	struct wh_value value = only(WH_REG_DWORD, NULL, 0);
	size_t len, count;
	uint64_t n;

	put32(builder_at(&b, value.cell) + 4, 0);
	put32(builder_at(&b, value.cell) + 8, WH_NO_CELL);
	wh_hive_close(hive);
	hive = builder_open(&b, NULL);
	value.hive = hive;
	cr_assert(wh_value_number(value, &n) == WH_OK && n == 0);
	cr_assert(wh_value_read(value, NULL, 0, &len) == WH_OK && len == 0);
	cr_assert(wh_value_string(value, NULL, 0, &len) == WH_OK && len == 0);
	cr_assert(wh_value_strings(value, NULL, 0, &len, &count) == WH_OK && count == 0);
}

/* A list with one entry that cannot be read: the others are there, and that one may be any. */
Test(value, a_list_with_a_bad_entry)
{
	uint8_t *list = builder_at(&b, get32(builder_at(&b, root) + 40));
	struct wh_value value;

	put32(list + 4 * PLAIN, WH_NO_CELL);
	wh_hive_close(hive);
	hive = builder_open(&b, NULL);
	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), PLAIN, &value), WH_E_CORRUPT);
	cr_assert_null(value.hive);
	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), BIG_ONE, &value), WH_OK);
	cr_assert_eq(wh_key_value(wh_hive_root(hive), "Big", WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_key_value(wh_hive_root(hive), "Plain", WH_NTS, &value), WH_E_CORRUPT);
	cr_assert_null(value.hive);
}

/* One that counts more than is there: what is not found may be among the rest. */
Test(value, a_list_that_is_cut)
{
	struct wh_value value;
	struct wh_key_info info;
	uint32_t there;

	cr_assert_eq(wh_key_info(wh_hive_root(hive), &info), WH_OK);
	there = builder_len(&b, info.value_list) / 4;
	put32(builder_at(&b, root) + 36, there + 1);
	wh_hive_close(hive);
	hive = builder_open(&b, NULL);
	cr_assert_eq(wh_key_value(wh_hive_root(hive), "Plain", WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_key_value(wh_hive_root(hive), "no such", WH_NTS, &value), WH_E_CORRUPT);
	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), there, &value), WH_E_CORRUPT);
	cr_assert_eq(wh_key_value_at(wh_hive_root(hive), there + 1, &value), WH_E_NO_MORE);
}

/* ----------------------------------------------------- every value of every good hive */

static void
check_value(struct wh_value value, const struct wh_walk_value *walked)
{
	struct wh_value_info info;
	uint8_t *data;
	const void *piece;
	size_t len, at = 0, n;

	cr_assert_eq(wh_value_info(value, &info), WH_OK);
	cr_assert(info.type == walked->type && info.size == walked->size);
	cr_assert(info.readable == info.size && walked->readable == info.size);
	data = malloc(info.size + 1);
	cr_assert_eq(wh_value_read(value, data, info.size, &len), WH_OK);
	cr_assert_eq(len, info.size);
	while (wh_value_piece(value, (uint32_t)at, &piece, &n) == WH_OK) {
		cr_assert(n <= len - at && memcmp(data + at, piece, n) == 0);
		at += n;
	}
	cr_assert_eq(at, len);
	free(data);
}

static void
every_value(const char *path, const char *name)
{
	struct wh_hive *good;
	struct wh_walk *walk;
	struct wh_walk_key key;
	struct wh_walk_value walked;
	struct wh_value value;
	uint32_t i;

	cr_assert_eq(wh_hive_open(path, NULL, &good), WH_OK, "%s", name);
	cr_assert_eq(wh_walk_new(wh_hive_root(good), &walk), WH_OK);
	while (wh_walk_next(walk, &key) == WH_OK) {
		for (i = 0; wh_walk_next_value(walk, &walked) == WH_OK; i++) {
			cr_assert_eq(wh_key_value_at(key.key, i, &value), WH_OK);
			cr_assert_eq(value.cell, walked.value.cell);
			check_value(value, &walked);
			cr_assert_eq(wh_key_value(key.key, walked.name, walked.name_len, &value),
				     WH_OK);
			cr_assert_eq(value.cell, walked.value.cell);
		}
		cr_assert_eq(i, key.value_count);
		cr_assert_eq(wh_key_value_at(key.key, i, &value), WH_E_NO_MORE);
	}
	wh_walk_free(walk);
	wh_hive_close(good);
}

Test(value, every_value_of_every_good_hive)
{
	each_hive("good", every_value);
}
