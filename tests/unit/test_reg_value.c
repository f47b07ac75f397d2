/* SPDX-License-Identifier: MIT */
/*
 * Values of a registry: the buffer protocol, all types and sizes, names, text, several at once.
 * What Windows does is cited as [W:n], the line of Wine's test that measured it, or by section of
 * docs/winreg-tests.md.
 */
#include "registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key;

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
	key = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Test", 0);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_value, .init = setup, .fini = teardown);

static enum wh_status
set(const char *name, uint32_t type, const void *data, size_t size)
{
	return wh_reg_set_value_ex(reg, key, name, WH_NTS, type, data, size);
}

/* -------------------------------------------------------------------- buffers */

/* [W:750]: the length alone, a buffer that is too small, one that fits. */
Test(reg_value, query_protocol)
{
	uint8_t buf[8] = "xxxxxxx";
	uint32_t type = 77;
	size_t len = 77;

	cr_assert_eq(set("v", WH_REG_SZ, "a\0b\0\0\0", 6), WH_OK);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "v", WH_NTS, &type, NULL, 0, &len), WH_OK);
	cr_expect(type == WH_REG_SZ && len == 6);
	type = 0;
	len = 0;
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "v", WH_NTS, &type, buf, 5, &len),
		     WH_E_MORE_DATA);
	cr_expect(type == WH_REG_SZ && len == 6);
	cr_expect_eq(memcmp(buf, "xxxxxxx", 8), 0, "the buffer is left alone");
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "v", WH_NTS, NULL, buf, 6, &len), WH_OK);
	cr_expect_eq(memcmp(buf, "a\0b\0\0\0x", 8), 0, "no terminator is added");
	type = 0;
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "v", WH_NTS, &type, NULL, 0, NULL), WH_OK);
	cr_expect_eq(type, WH_REG_SZ, "only the type");
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "v", WH_NTS, NULL, buf, 8, NULL), WH_E_INVALID,
		     "data without a length [1.4.9]");
	type = 77;
	len = 77;
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "w", WH_NTS, &type, buf, 8, &len),
		     WH_E_NOT_FOUND);
	cr_expect(type == 0 && len == 0);
	cr_expect_eq(wh_reg_query_value_ex(NULL, key, "v", WH_NTS, &type, buf, 8, &len),
		     WH_E_INVALID);
}

/* [W:482]: each of the two buffers may be too small, and then neither is touched. */
Test(reg_value, enum_protocol)
{
	static const struct {
		size_t name_cap, data_cap;
		enum wh_status st;
	} cases[] = {
		{ 4, 6, WH_OK },          { 9, 9, WH_OK },          { 3, 6, WH_E_MORE_DATA },
		{ 4, 5, WH_E_MORE_DATA }, { 0, 0, WH_E_MORE_DATA }, { 3, 5, WH_E_MORE_DATA }
	};

	cr_assert_eq(set("Test", WH_REG_SZ, "a\0b\0\0\0", 6), WH_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[] = "yyyyyyyyy";
		uint8_t data[] = "xxxxxxxxx";
		uint32_t type = 77;
		size_t name_len = 77, data_len = 77;

		cr_expect_eq(wh_reg_enum_value(reg, key, 0, name, cases[i].name_cap, &name_len,
					       &type, data, cases[i].data_cap, &data_len),
			     cases[i].st, "%zu", i);
		cr_expect(type == WH_REG_SZ && name_len == 4 && data_len == 6, "%zu", i);
		if (cases[i].st == WH_OK) {
			cr_expect_eq(memcmp(name, "Testyyyyy", 10), 0);
			cr_expect_eq(memcmp(data, "a\0b\0\0\0xxx", 10), 0);
		} else {
			cr_expect_str_eq(name, "yyyyyyyyy");
			cr_expect_str_eq((char *)data, "xxxxxxxxx");
		}
	}
}

Test(reg_value, enum_parts)
{
	char name[8];
	uint8_t data[8];
	uint32_t type;
	size_t name_len, data_len;

	cr_assert_eq(set("Test", WH_REG_BINARY, "abcdef", 6), WH_OK);
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, NULL, 0, &name_len, &type, NULL, 0, &data_len),
		     WH_OK, "both lengths");
	cr_expect(name_len == 4 && data_len == 6 && type == WH_REG_BINARY);
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, NULL, 0, &name_len, NULL, data, 8, &data_len),
		     WH_OK, "the data alone");
	cr_expect(data_len == 6 && memcmp(data, "abcdef", 6) == 0);
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, name, 8, &name_len, NULL, NULL, 0, NULL), WH_OK,
		     "the name alone");
	cr_expect_eq(memcmp(name, "Test", 4), 0);
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, NULL, 8, &name_len, NULL, NULL, 0, NULL),
		     WH_E_INVALID, "room, but no buffer");
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, name, 8, &name_len, NULL, NULL, 8, &data_len),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "Test", 4, NULL, NULL, 8, &data_len),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, name, 8, NULL, NULL, NULL, 0, NULL),
		     WH_E_INVALID, "[W:628]");
	cr_expect_eq(wh_reg_enum_value(reg, key, 0, name, 8, &name_len, NULL, data, 8, NULL),
		     WH_E_INVALID);
	name_len = data_len = 77;
	cr_expect_eq(wh_reg_enum_value(reg, key, 1, name, 8, &name_len, &type, data, 8, &data_len),
		     WH_E_NO_MORE);
	cr_expect(name_len == 0 && data_len == 0 && type == 0);
	cr_expect_eq(
		wh_reg_enum_value(reg, key, UINT32_MAX, name, 8, &name_len, NULL, NULL, 0, NULL),
		WH_E_NO_MORE, "-1 from Python [1.3]");
	cr_expect_eq(wh_reg_enum_value(NULL, key, 0, name, 8, &name_len, NULL, NULL, 0, NULL),
		     WH_E_INVALID);
}

/* ----------------------------------------------------------------- every value */

/* Any type with any size is legal and comes back [fact 2]. */
Test(reg_value, types_and_sizes)
{
	static const uint32_t types[] = { 0, 1,  2,  3,  4,    5,          6,          7,         8,
					  9, 10, 11, 12, 0xff, 0xff00ff00, 0xffff0012, UINT32_MAX };
	uint8_t data[16];

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 17 + 1);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (size_t size = 0; size < sizeof data; size++) {
			cr_assert_eq(set("v", types[i], data, size), WH_OK);
			cr_assert(has_reg_value(reg, key, "v", types[i], data, size), "%x %zu",
				  types[i], size);
		}
	cr_expect(lists_reg_values(reg, key, "v,"));
}

Test(reg_value, no_data)
{
	for (uint32_t type = 0; type < 12; type++) {
		cr_expect_eq(set("v", type, NULL, 0), WH_OK, "[W:412]");
		cr_expect(has_reg_value(reg, key, "v", type, NULL, 0));
		cr_expect_eq(set("v", type, NULL, 1), WH_E_NOACCESS, "[1.4.9]");
	}
	cr_expect_eq(wh_reg_set_key_value(reg, key, "sub", WH_NTS, "v", WH_NTS, 1, NULL, 1),
		     WH_E_NOACCESS, "[W:422]");
	cr_expect_not(has_reg_key(reg, key, "sub"), "nothing was made");
}

Test(reg_value, default_value)
{
	size_t len;

	cr_expect_eq(wh_reg_query_value_ex(reg, key, NULL, 0, NULL, NULL, 0, &len), WH_E_NOT_FOUND,
		     "a missing default too [1.3]");
	cr_assert_eq(set(NULL, WH_REG_SZ, "one", 3), WH_OK);
	cr_assert_eq(set("", WH_REG_BINARY, "two", 3), WH_OK);
	cr_expect(has_reg_value(reg, key, NULL, WH_REG_BINARY, "two", 3));
	cr_expect(lists_reg_values(reg, key, ","));
	cr_expect_eq(wh_reg_delete_value(reg, key, NULL, WH_NTS), WH_OK);
	cr_expect_eq(wh_reg_delete_value(reg, key, "", WH_NTS), WH_E_NOT_FOUND);
}

Test(reg_value, order_and_case)
{
	cr_assert_eq(set("b", 1, "1", 1), WH_OK);
	cr_assert_eq(set("a", 1, "2", 1), WH_OK);
	cr_assert_eq(set("\xc3\xb6", 1, "3", 1), WH_OK);
	cr_expect(lists_reg_values(reg, key, "b,a,\xc3\xb6,"), "creation order [W:2538]");
	cr_assert_eq(set("B", 1, "4", 1), WH_OK);
	cr_assert_eq(set("\xc3\x96", 1, "5", 1), WH_OK);
	cr_expect(lists_reg_values(reg, key, "b,a,\xc3\xb6,"),
		  "the place and the letters stay [1.4.3, 1.4.4]");
	cr_expect(has_reg_value(reg, key, "\xc3\x96", 1, "5", 1));
	cr_assert_eq(wh_reg_delete_value(reg, key, "A", WH_NTS), WH_OK);
	cr_expect(lists_reg_values(reg, key, "b,\xc3\xb6,"));
}

/* [N:2017]: the longest name; a longer one cannot be set, and is not there. */
Test(reg_value, long_names)
{
	char *name = malloc(16384);
	size_t len;

	memset(name, 'n', 16384);
	cr_expect_eq(wh_reg_set_value_ex(reg, key, name, 16383, 1, "x", 1), WH_OK);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, name, 16383, NULL, NULL, 0, &len), WH_OK);
	cr_expect_eq(wh_reg_set_value_ex(reg, key, name, 16384, 1, "x", 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, name, 16384, NULL, NULL, 0, &len),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_delete_value(reg, key, name, 16384), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_set_key_value(reg, key, "sub", WH_NTS, name, 16384, 1, "x", 1),
		     WH_E_INVALID);
	cr_expect_not(has_reg_key(reg, key, "sub"));
	cr_expect_eq(wh_reg_delete_value(reg, key, name, 16383), WH_OK);
	free(name);
}

Test(reg_value, odd_names)
{
	static const char *const names[] = {
		"a\\b", "https://x", " ", "\t", "a=b;\"c\"", "\xed\xa0\x80", "\xf0\x9f\x97\x9d"
	};
	size_t len;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		cr_expect_eq(set(names[i], 3, "x", 1), WH_OK, "%zu", i);
		cr_expect(has_reg_value(reg, key, names[i], 3, "x", 1));
	}
	cr_expect_eq(wh_reg_set_value_ex(reg, key, "n\0m", 3, 3, "y", 1), WH_OK);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "n", 1, NULL, NULL, 0, &len), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "N\0M", 3, NULL, NULL, 0, &len), WH_OK);
	cr_expect_eq(set("\xff", 3, "x", 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "\xff", 1, NULL, NULL, 0, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_delete_value(reg, key, "\xff", 1), WH_E_INVALID);
}

Test(reg_value, big_data)
{
	enum { SIZE = 100000 };
	uint8_t *data = malloc(SIZE), *back = malloc(SIZE);
	size_t len;

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 7 + i / 253);
	cr_assert_eq(set("v", WH_REG_BINARY, data, SIZE), WH_OK);
	cr_assert_eq(wh_reg_query_value_ex(reg, key, "v", WH_NTS, NULL, back, SIZE, &len), WH_OK);
	cr_expect(len == SIZE && memcmp(data, back, SIZE) == 0);
	free(data);
	free(back);
}

/* ----------------------------------------------------- text of the default value */

/* [W:1784] */
Test(reg_value, query_value)
{
	char buf[16] = "xxxxxxxx";
	size_t len = 77;

	cr_expect_eq(wh_reg_query_value(reg, key, NULL, 0, buf, sizeof buf, &len), WH_OK);
	cr_expect_eq(len, 0, "no default value is no text");
	cr_expect_eq(wh_reg_query_value(reg, key, "sub", WH_NTS, buf, sizeof buf, &len),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_set_value(reg, key, "sub\\deep", WH_NTS, "a\xe2\x82\xac", WH_NTS),
		     WH_OK, "makes the keys");
	cr_expect_eq(wh_reg_query_value(reg, key, "sub\\deep", WH_NTS, buf, 3, &len),
		     WH_E_MORE_DATA);
	cr_expect_str_eq(buf, "xxxxxxxx");
	cr_expect_eq(wh_reg_query_value(reg, key, "sub\\deep", WH_NTS, NULL, 0, &len), WH_OK);
	cr_expect_eq(len, 4);
	cr_expect_eq(wh_reg_query_value(reg, key, "sub\\deep", WH_NTS, buf, sizeof buf, &len),
		     WH_OK);
	cr_expect_eq(memcmp(buf, "a\xe2\x82\xacxxxx", 9), 0);
	cr_expect_eq(set(NULL, WH_REG_SZ, "a\0\0\0b\0", 6), WH_OK);
	cr_expect_eq(wh_reg_query_value(reg, key, "", 0, buf, sizeof buf, &len), WH_OK);
	cr_expect_eq(len, 1, "up to the first NUL");
	cr_expect_eq(set(NULL, WH_REG_EXPAND_SZ, "a\0\0\0", 4), WH_OK);
	cr_expect_eq(wh_reg_query_value(reg, key, NULL, 0, buf, sizeof buf, &len),
		     WH_E_INVALID_DATA);
	cr_expect_eq(wh_reg_query_value(reg, WH_HKEY_PERFORMANCE_DATA, NULL, 0, buf, 9, &len),
		     WH_E_HANDLE, "[1.3]");
	cr_expect_eq(wh_reg_query_value(reg, key, NULL, 0, buf, 9, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_value(NULL, key, NULL, 0, buf, 9, &len), WH_E_INVALID);
}

Test(reg_value, set_value)
{
	cr_expect_eq(wh_reg_set_value(reg, key, NULL, 0, "ab", WH_NTS), WH_OK);
	cr_expect(has_reg_value(reg, key, NULL, WH_REG_SZ, "a\0b\0\0\0", 6), "with one terminator");
	cr_expect_eq(wh_reg_set_value(reg, key, "", 0, NULL, 0), WH_OK);
	cr_expect(has_reg_value(reg, key, NULL, WH_REG_SZ, "\0\0", 2));
	cr_expect_eq(wh_reg_set_value(reg, key, NULL, 0, "a\0b", 3), WH_OK);
	cr_expect(has_reg_value(reg, key, NULL, WH_REG_SZ, "a\0\0\0b\0\0\0", 8));
	cr_expect_eq(wh_reg_set_value(reg, key, NULL, 0, "\xf0\x9f\x98\x80", 4), WH_OK);
	cr_expect(has_reg_value(reg, key, NULL, WH_REG_SZ, "\x3d\xd8\x00\xde\0\0", 6));
	cr_expect_eq(wh_reg_set_value(reg, key, NULL, 0, "\xff", 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_value(reg, WH_HKEY_PERFORMANCE_DATA, NULL, 0, "a", 1), WH_E_HANDLE,
		     "[1.3]");
	cr_expect_eq(wh_reg_set_value(NULL, key, NULL, 0, "a", 1), WH_E_INVALID);
}

/* ------------------------------------------------------------------ with a path */

/* [W:3976] */
Test(reg_value, key_values)
{
	cr_expect_eq(
		wh_reg_set_key_value(reg, key, "sub\\\\a\\", WH_NTS, "v", WH_NTS, 4, "1234", 4),
		WH_OK);
	cr_expect(has_reg_key(reg, key, "sub\\a"));
	cr_expect_eq(wh_reg_set_key_value(reg, key, NULL, 0, "w", WH_NTS, 4, "5678", 4), WH_OK);
	cr_expect(has_reg_value(reg, key, "w", 4, "5678", 4));
	cr_expect_eq(wh_reg_set_key_value(reg, key, "\\sub", WH_NTS, "v", WH_NTS, 4, "1234", 4),
		     WH_E_BAD_PATH);
	cr_expect_eq(wh_reg_delete_key_value(reg, key, "sub\\a", WH_NTS, "v", WH_NTS), WH_OK);
	cr_expect_eq(wh_reg_delete_key_value(reg, key, "sub\\a", WH_NTS, "v", WH_NTS),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_delete_key_value(reg, key, "sub\\b", WH_NTS, "v", WH_NTS),
		     WH_E_NOT_FOUND);
	cr_expect_not(has_reg_key(reg, key, "sub\\b"), "deleting makes no key");
	cr_expect_eq(wh_reg_delete_key_value(reg, key, NULL, 0, "w", WH_NTS), WH_OK);
	cr_expect_eq(wh_reg_delete_key_value(reg, 0, NULL, 0, NULL, 0), WH_E_HANDLE);
	cr_expect_eq(wh_reg_delete_key_value(NULL, key, NULL, 0, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_key_value(NULL, key, NULL, 0, NULL, 0, 1, NULL, 0), WH_E_INVALID);
}

/* ------------------------------------------------------------- several at once */

Test(reg_value, multiple)
{
	struct wh_reg_multiple v[3] = { { .name = "b", .len = WH_NTS },
					{ .name = NULL, .len = 0 },
					{ .name = "A", .len = 1 } };
	uint8_t buf[16];
	size_t total = 77;

	cr_assert_eq(set("a", 3, "1234567", 7), WH_OK);
	cr_assert_eq(set("b", 4, "abcd", 4), WH_OK);
	cr_assert_eq(set("", 1, NULL, 0), WH_OK);
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, v, 3, NULL, 0, &total), WH_OK);
	cr_expect_eq(total, 11);
	memset(buf, 'x', sizeof buf);
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, v, 3, buf, 10, &total), WH_E_MORE_DATA);
	cr_expect(total == 11 && buf[0] == 'x', "[RegQueryMultipleValues row]");
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, v, 3, buf, 16, &total), WH_OK);
	cr_expect_eq(memcmp(buf, "abcd1234567xxxxx", 16), 0);
	cr_expect(v[0].type == 4 && v[0].offset == 0 && v[0].size == 4);
	cr_expect(v[1].type == 1 && v[1].offset == 4 && v[1].size == 0);
	cr_expect(v[2].type == 3 && v[2].offset == 4 && v[2].size == 7);
	v[1].name = "missing";
	v[1].len = WH_NTS;
	memset(buf, 'x', sizeof buf);
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, v, 3, buf, 16, &total), WH_E_NOT_FOUND);
	cr_expect(total == 0 && buf[0] == 'x' && v[0].size == 0 && v[0].type == 0, "nothing");
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, NULL, 0, buf, 16, &total), WH_OK);
	cr_expect_eq(total, 0);
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, NULL, 1, buf, 16, &total),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_query_multiple_values(reg, key, v, 3, buf, 16, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_multiple_values(NULL, key, v, 3, buf, 16, &total), WH_E_INVALID);
}
