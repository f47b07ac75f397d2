/* SPDX-License-Identifier: MIT */
/* The public functions that change values: names, text, numbers, renaming. */
#include "editing.h"
#include "values.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { POOL = 50000 };

static uint8_t pool[POOL];
static struct wh_hive *hive;
static struct wh_key root;

static void
open_new(uint32_t minor)
{
	if (hive)
		close_hive(hive);
	hive = new_hive(minor);
	root = wh_hive_root(hive);
}

static void
setup(void)
{
	for (size_t i = 0; i < POOL; i++)
		pool[i] = (uint8_t)(i * 31 + i / 251 + i / 65521);
	open_new(5);
}

static void
teardown(void)
{
	close_hive(hive);
}

TestSuite(value_set, .init = setup, .fini = teardown);

static enum wh_status
set(const char *name, uint32_t type, const void *data, size_t size)
{
	return wh_value_set(root, name, WH_NTS, type, data, size);
}

/* -------------------------------------------------------------------- names */

Test(value_set, names_in_three_scripts)
{
	/* Latin-1 is stored in one byte each, everything else in two. */
	static const struct {
		const char *name, *again;
		uint16_t name_len, flags;
	} cases[] = {
		{ "Gr\xc3\xb6\xc3\x9f"
		  "e",
		  "GR\xc3\x96\xc3\x9f"
		  "E",
		  5, 1 },
		{ "\xce\x95\xce\xbb\xce\xbb\xce\xac\xce\xb4\xce\xb1",
		  "\xce\xb5\xce\x9b\xce\xbb\xce\x86\xce\x94\xce\x91", 12, 0 },
		{ "\xe6\x95\xb0\xe6\x8d\xae", "\xe6\x95\xb0\xe6\x8d\xae", 4, 0 },
		{ "\xf0\x9f\x97\x9d key", "\xf0\x9f\x97\x9d KEY", 12, 0 },
		{ "\xc4\xb1", "\xc4\xb1", 2, 0 },
	};
	enum { COUNT = sizeof cases / sizeof *cases };

	for (size_t i = 0; i < COUNT; i++)
		cr_assert_eq(set(cases[i].name, 3, pool + i, 10), WH_OK);
	for (size_t i = 0; i < COUNT; i++) {
		struct wh_value_info info = value_info_of(root, cases[i].name);
		char buf[100];
		size_t len;

		cr_assert_eq(info.name_len, cases[i].name_len);
		cr_assert_eq(info.flags, cases[i].flags);
		cr_assert_eq(cell_size(hive, info.cell), cell_size_for(20u + cases[i].name_len));
		cr_assert_eq(set(cases[i].again, 3, pool + 50 + i, 10), WH_OK);
		cr_assert_eq(value_info_of(root, cases[i].name).cell, info.cell);
		cr_assert_eq(wh_value_name(value_of(root, cases[i].again), buf, sizeof buf, &len),
			     WH_OK);
		cr_assert_eq(len, strlen(cases[i].name));
		cr_assert_eq(memcmp(buf, cases[i].name, len), 0, "the name stays as it was");
	}
	for (size_t i = 0; i < COUNT; i++)
		cr_assert(has_data(root, cases[i].name, 3, pool + 50 + i, 10));
	cr_assert_eq(info_of(root).value_count, COUNT);
	cr_assert_eq(info_of(root).max_value_name_len, 12);
	expect_sound(hive);
}

Test(value_set, names_with_a_nul_are_names)
{
	struct wh_value value;

	cr_assert_eq(wh_value_set(root, "a\0b", 3, 1, "x", 1), WH_OK);
	cr_assert_eq(set("a", 1, "y", 1), WH_OK);
	cr_assert_eq(info_of(root).value_count, 2);
	cr_assert_eq(wh_key_value(root, "A\0B", 3, &value), WH_OK);
	expect_sound(hive);
}

Test(value_set, the_default_value)
{
	struct wh_value_info info;

	cr_assert_eq(wh_value_set(root, NULL, WH_NTS, 1, "one", 3), WH_OK);
	info = value_info_of(root, "");
	cr_assert_eq(info.name_len, 0);
	cr_assert_eq(info.flags, 0);
	cr_assert_eq(cell_size(hive, info.cell), 24);
	cr_assert_eq(info_of(root).max_value_name_len, 0);
	cr_assert_eq(wh_value_set(root, "x", 0, 2, "two", 3), WH_OK);
	cr_assert(has_data(root, "", 2, "two", 3));
	cr_assert_eq(info_of(root).value_count, 1);
	expect_sound(hive);
	cr_assert_eq(wh_value_delete(root, NULL, 0), WH_OK);
	cr_assert_eq(info_of(root).value_count, 0);
	expect_sound(hive);
}

Test(value_set, arguments)
{
	struct wh_key none = { 0 };
	char *name = malloc(16384);

	cr_assert_eq(wh_value_set(none, "v", WH_NTS, 1, NULL, 0), WH_E_INVALID);
	cr_assert_eq(wh_value_set_string(none, "v", WH_NTS, 1, "a", 1), WH_E_INVALID);
	cr_assert_eq(wh_value_set_strings(none, "v", WH_NTS, "a", 1), WH_E_INVALID);
	cr_assert_eq(wh_value_set_number(none, "v", WH_NTS, WH_REG_DWORD, 1), WH_E_INVALID);
	cr_assert_eq(wh_value_delete(none, "v", WH_NTS), WH_E_INVALID);
	cr_assert_eq(wh_value_rename(none, "v", WH_NTS, "w", WH_NTS), WH_E_INVALID);
	cr_assert_eq(set("v", 1, NULL, 1), WH_E_INVALID);
	cr_assert_eq(set("\xff", 1, "", 0), WH_E_INVALID);
	cr_assert_eq(wh_value_set_string(root, "v", WH_NTS, 1, "\xff", 1), WH_E_INVALID);
	memset(name, 'n', 16384);
	cr_assert_eq(wh_value_set(root, name, 16384, 1, NULL, 0), WH_E_INVALID);
	cr_assert_not(wh_hive_changed(hive));
	cr_assert_eq(wh_value_set(root, name, 16383, 1, "abc", 3), WH_OK);
	cr_assert_eq(wh_value_rename(root, name, 16383, name, 16384), WH_E_INVALID);
	cr_assert_eq(info_of(root).max_value_name_len, 32766);
	expect_sound(hive);
	free(name);
}

/* ------------------------------------------------------------ text, numbers */

Test(value_set, text_and_numbers)
{
	static const uint8_t text[] = { 'a', 0, 0xac, 0x20, 0x3d, 0xd8, 0, 0xde, 0, 0 };
	static const uint8_t strings[] = { 'a', 0, 0, 0, 'b', 0, 0, 0, 0, 0 };
	uint64_t number;

	cr_assert_eq(wh_value_set_string(root, "s", WH_NTS, WH_REG_SZ,
					 "a\xe2\x82\xac\xf0\x9f\x98\x80", WH_NTS),
		     WH_OK);
	cr_assert(has_data(root, "s", WH_REG_SZ, text, sizeof text));
	cr_assert_eq(wh_value_set_string(root, "s", WH_NTS, WH_REG_EXPAND_SZ, "a\0b", 3), WH_OK);
	cr_assert(has_data(root, "s", WH_REG_EXPAND_SZ, "a\0\0\0b\0\0", 8));
	cr_assert_eq(wh_value_set_string(root, "s", WH_NTS, WH_REG_SZ, NULL, WH_NTS), WH_OK);
	cr_assert(has_data(root, "s", WH_REG_SZ, "\0", 2));

	cr_assert_eq(wh_value_set_strings(root, "m", WH_NTS, "a\0b\0", 4), WH_OK);
	cr_assert(has_data(root, "m", WH_REG_MULTI_SZ, strings, sizeof strings));
	cr_assert_eq(wh_value_set_strings(root, "m", WH_NTS, "a\0b", 3), WH_OK);
	cr_assert(has_data(root, "m", WH_REG_MULTI_SZ, strings, sizeof strings));
	cr_assert_eq(wh_value_set_strings(root, "m", WH_NTS, "a", WH_NTS), WH_OK);
	cr_assert(has_data(root, "m", WH_REG_MULTI_SZ, "a\0\0\0\0", 6));
	cr_assert_eq(wh_value_set_strings(root, "m", WH_NTS, NULL, 0), WH_OK);
	cr_assert(has_data(root, "m", WH_REG_MULTI_SZ, "\0", 2));

	cr_assert_eq(wh_value_set_number(root, "n", WH_NTS, WH_REG_DWORD, 0x01020304), WH_OK);
	cr_assert(has_data(root, "n", WH_REG_DWORD, "\4\3\2\1", 4));
	cr_assert_eq(wh_value_set_number(root, "n", WH_NTS, WH_REG_DWORD_BIG_ENDIAN, 0x01020304),
		     WH_OK);
	cr_assert(has_data(root, "n", WH_REG_DWORD_BIG_ENDIAN, "\1\2\3\4", 4));
	cr_assert_eq(wh_value_set_number(root, "n", WH_NTS, WH_REG_QWORD, UINT64_MAX - 1), WH_OK);
	cr_assert_eq(wh_value_number(value_of(root, "n"), &number), WH_OK);
	cr_assert_eq(number, UINT64_MAX - 1);
	cr_assert_eq(wh_value_set_number(root, "n", WH_NTS, WH_REG_DWORD, UINT64_C(1) << 32),
		     WH_E_TYPE);
	cr_assert_eq(wh_value_set_number(root, "n", WH_NTS, WH_REG_SZ, 1), WH_E_TYPE);
	expect_sound(hive);
}

/* Each list of strings that can be read comes back the same. */
Test(value_set, strings_survive)
{
	static const struct {
		const char *text;
		size_t len, count;
	} cases[] = { { "", 0, 0 },
		      { "\0", 1, 1 },
		      { "a\0", 2, 1 },
		      { "a\0\0b\0", 5, 3 },
		      { "\0\0a\0", 4, 3 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char buf[20];
		size_t len, count;

		cr_assert_eq(wh_value_set_strings(root, "m", WH_NTS, cases[i].text, cases[i].len),
			     WH_OK);
		cr_assert_eq(wh_value_strings(value_of(root, "m"), buf, sizeof buf, &len, &count),
			     WH_OK);
		cr_assert_eq(count, cases[i].count, "%zu", i);
		cr_assert_eq(len, cases[i].len);
		cr_assert_eq(memcmp(buf, cases[i].text, len), 0);
	}
}

/* Data that the hive lent, and that the change moves or writes over. */
Test(value_set, lent_data)
{
	const void *piece;
	size_t len;

	cr_assert_eq(set("a", 3, pool, 5000), WH_OK);
	cr_assert_eq(wh_value_piece(value_of(root, "a"), 0, &piece, &len), WH_OK);
	cr_assert_eq(set("b", 3, piece, len), WH_OK);
	cr_assert(has_data(root, "b", 3, pool, 5000));
	cr_assert_eq(wh_value_piece(value_of(root, "a"), 100, &piece, &len), WH_OK);
	cr_assert_eq(set("a", 3, piece, len), WH_OK);
	cr_assert(has_data(root, "a", 3, pool + 100, 4900));
	cr_assert_eq(wh_value_piece(value_of(root, "a"), 1, &piece, &len), WH_OK);
	cr_assert_eq(set("a", 3, piece, 4), WH_OK);
	cr_assert(has_data(root, "a", 3, pool + 101, 4));
	cr_assert_eq(wh_value_piece(value_of(root, "a"), 1, &piece, &len), WH_OK);
	cr_assert_eq(set("a", 3, piece, 2), WH_OK);
	cr_assert(has_data(root, "a", 3, pool + 102, 2));
	expect_sound(hive);
}

/* ------------------------------------------------------------------- rename */

static enum wh_status
rename_to(const char *name, const char *new_name)
{
	return wh_value_rename(root, name, WH_NTS, new_name, WH_NTS);
}

Test(value_set, renaming)
{
	struct wh_value_info info;
	struct wh_value b, moved;

	cr_assert_eq(set("a", 1, pool, 100), WH_OK);
	cr_assert_eq(set("bbb", 2, pool + 1, 20000), WH_OK);
	cr_assert_eq(set("", 3, pool + 2, 3), WH_OK);
	b = value_of(root, "bbb");

	/* In other letters, and with a few more: the cell has room. */
	cr_assert_eq(rename_to("bbb", "BBB"), WH_OK);
	cr_assert_eq(rename_to("bbb", "BBBB"), WH_OK);
	cr_assert_str_eq(names_of(root), "a,BBBB,");
	cr_assert_eq(wh_value_info(b, &info), WH_OK);
	expect_sound(hive);

	/* Longer, shorter, in other scripts: another cell. */
	cr_assert_eq(rename_to("BBBB", "a name that is much longer"), WH_OK);
	cr_assert_str_eq(names_of(root), "a,a name that is much longer,");
	cr_assert_eq(wh_value_info(b, &info), WH_E_DELETED);
	cr_assert_eq(info_of(root).max_value_name_len, 52);
	cr_assert(has_data(root, "a name that is much longer", 2, pool + 1, 20000));
	expect_sound(hive);
	moved = value_of(root, "A Name That Is Much Longer");
	cr_assert_eq(rename_to("a name that is much longer", "\xe6\x95\xb0"), WH_OK);
	cr_assert_eq(wh_value_info(moved, &info), WH_E_DELETED);
	cr_assert_eq(value_info_of(root, "\xe6\x95\xb0").flags, 0);
	cr_assert_eq(value_info_of(root, "\xe6\x95\xb0").name_len, 2);
	cr_assert_eq(cell_size(hive, value_info_of(root, "\xe6\x95\xb0").cell), 32);
	cr_assert_eq(rename_to("\xe6\x95\xb0", "b"), WH_OK);
	cr_assert_eq(value_info_of(root, "b").flags, 1);
	cr_assert_str_eq(names_of(root), "a,b,");
	cr_assert(has_data(root, "b", 2, pool + 1, 20000));
	expect_sound(hive);

	/* From and to the default value. */
	cr_assert_eq(rename_to("", "was default"), WH_OK);
	cr_assert_eq(value_info_of(root, "was default").flags, 1);
	cr_assert_eq(rename_to("a", ""), WH_OK);
	cr_assert_eq(value_info_of(root, "").flags, 0);
	cr_assert_eq(cell_size(hive, value_info_of(root, "").cell), 24);
	cr_assert_str_eq(names_of(root), ",b,was default");
	cr_assert(has_data(root, "", 1, pool, 100));
	cr_assert(has_data(root, "was default", 3, pool + 2, 3));
	expect_sound(hive);
}

Test(value_set, renaming_that_cannot_be)
{
	struct bytes before;

	cr_assert_eq(set("a", 1, pool, 100), WH_OK);
	cr_assert_eq(set("b", 1, pool, 100), WH_OK);
	before = take_bytes(hive);
	cr_assert_eq(rename_to("x", "y"), WH_E_NOT_FOUND);
	cr_assert_eq(rename_to("x", "a"), WH_E_NOT_FOUND);
	cr_assert_eq(rename_to("a", "B"), WH_E_EXISTS);
	cr_assert_eq(rename_to("", "c"), WH_E_NOT_FOUND);
	cr_assert_eq(rename_to("a", "\xff"), WH_E_INVALID);
	cr_assert(still_has(hive, before));
	drop_bytes(before);
}

Test(value_set, changes_are_dated)
{
	cr_assert_eq(set("v", 1, pool, 100), WH_OK);
	cr_assert_eq(info_of(root).last_written, NOW);
	set_now(hive, NOW + 1);
	cr_assert_eq(set("v", 1, pool, 100), WH_OK);
	cr_assert_eq(info_of(root).last_written, NOW + 1);
	set_now(hive, NOW + 2);
	cr_assert_eq(rename_to("v", "w"), WH_OK);
	cr_assert_eq(info_of(root).last_written, NOW + 2);
	set_now(hive, NOW + 3);
	cr_assert_eq(wh_value_delete(root, "v", WH_NTS), WH_E_NOT_FOUND);
	cr_assert_eq(info_of(root).last_written, NOW + 2);
	cr_assert_eq(wh_value_delete(root, "w", WH_NTS), WH_OK);
	cr_assert_eq(info_of(root).last_written, NOW + 3);
}
