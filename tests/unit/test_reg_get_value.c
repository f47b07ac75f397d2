/* SPDX-License-Identifier: MIT */
/*
 * RegGetValue: types that are wanted and those that are there, terminators, expansion.  [W:n] is
 * the line of Wine's test that measured a row.
 */
#include "registry.h"

#include <criterion/criterion.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key;

static const char *
variable(void *ctx, const char *name, size_t len)
{
	(void)ctx;
	if (len == 3 && strncmp(name, "bad", 3) == 0)
		return "\xff";
	return len == 3 && strncmp(name, "var", 3) == 0 ? "\xe2\x82\xac!" : NULL;
}

static void
setup(void)
{
	struct wh_reg_options options = { .environment = variable };

	registry_init(&t, &options);
	reg = t.reg;
	key = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Test", 0);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_get_value, .init = setup, .fini = teardown);

static void
set(uint32_t type, const void *data, size_t size)
{
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "v", 1, type, data, size), WH_OK);
}

static enum wh_status
get(uint32_t flags, uint32_t *type, void *buf, size_t cap, size_t *len)
{
	return wh_reg_get_value(reg, key, NULL, 0, "v", 1, flags, type, buf, cap, len);
}

/* Each type against each filter: the mismatch is said, and the data are there all the same. */
Test(reg_get_value, types)
{
	static const struct {
		uint32_t type, size, own;
	} values[] = {
		{ WH_REG_NONE, 3, WH_RRF_RT_REG_NONE },
		{ WH_REG_BINARY, 3, WH_RRF_RT_REG_BINARY },
		{ WH_REG_DWORD, 4, WH_RRF_RT_REG_DWORD },
		{ WH_REG_QWORD, 8, WH_RRF_RT_REG_QWORD },
		{ WH_REG_DWORD_BIG_ENDIAN, 4, 0 },
		{ WH_REG_LINK, 4, 0 },
		{ 12, 4, 0 },
		{ UINT32_MAX, 4, 0 },
	};
	static const uint8_t data[8] = "abcdefgh";

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		set(values[i].type, data, values[i].size);
		for (uint32_t flag = 1; flag <= 0x40; flag <<= 1) {
			uint8_t buf[9] = "xxxxxxxx";
			uint32_t type = 77;
			size_t len = 77;

			cr_expect_eq(get(flag, &type, buf, 9, &len),
				     flag == values[i].own ? WH_OK : WH_E_UNSUPPORTED_TYPE,
				     "%zu %x [W:827]", i, flag);
			cr_expect(type == values[i].type && len == values[i].size);
			cr_expect(memcmp(buf, data, len) == 0 && buf[len] == (len < 8 ? 'x' : 0));
		}
		cr_expect_eq(get(WH_RRF_RT_ANY, NULL, NULL, 0, NULL), WH_OK, "%zu", i);
	}
}

/* [W:869]: numbers have their size, and bytes of that size are numbers. */
Test(reg_get_value, sizes_of_numbers)
{
	static const struct {
		uint32_t type, size, flags;
		enum wh_status st;
	} cases[] = {
		{ WH_REG_BINARY, 4, WH_RRF_RT_DWORD, WH_OK },
		{ WH_REG_BINARY, 8, WH_RRF_RT_DWORD, WH_E_TYPE },
		{ WH_REG_BINARY, 3, WH_RRF_RT_DWORD, WH_E_TYPE },
		{ WH_REG_BINARY, 0, WH_RRF_RT_DWORD, WH_E_TYPE },
		{ WH_REG_BINARY, 8, WH_RRF_RT_QWORD, WH_OK },
		{ WH_REG_BINARY, 4, WH_RRF_RT_QWORD, WH_E_TYPE },
		{ WH_REG_BINARY, 5, WH_RRF_RT_REG_BINARY, WH_OK },
		{ WH_REG_BINARY, 5, WH_RRF_RT_DWORD | WH_RRF_RT_QWORD, WH_OK },
		{ WH_REG_BINARY, 4, WH_RRF_RT_REG_DWORD, WH_E_UNSUPPORTED_TYPE },
		{ WH_REG_DWORD, 4, WH_RRF_RT_DWORD, WH_OK },
		{ WH_REG_DWORD, 4, WH_RRF_RT_QWORD, WH_E_UNSUPPORTED_TYPE },
		{ WH_REG_DWORD, 3, WH_RRF_RT_REG_DWORD, WH_E_TYPE },
		{ WH_REG_DWORD, 8, WH_RRF_RT_DWORD, WH_E_TYPE },
		{ WH_REG_DWORD, 3, WH_RRF_RT_ANY, WH_OK },
		{ WH_REG_QWORD, 8, WH_RRF_RT_QWORD, WH_OK },
		{ WH_REG_QWORD, 4, WH_RRF_RT_REG_QWORD, WH_E_TYPE },
		{ WH_REG_QWORD, 0, WH_RRF_RT_ANY, WH_OK },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t buf[8];
		uint32_t type = 0;
		size_t len;

		set(cases[i].type, "01234567", cases[i].size);
		cr_expect_eq(get(cases[i].flags, &type, buf, 8, &len), cases[i].st, "%zu", i);
		cr_expect(type == cases[i].type && len == cases[i].size, "%zu", i);
		cr_expect_eq(memcmp(buf, "01234567", len), 0, "data come all the same");
	}
}

/* Exactly one terminator, which counts; a list has its own and that of its last string. */
Test(reg_get_value, terminators)
{
	static const struct {
		uint32_t type;
		const char *data;
		size_t size;
		const char *given;
		size_t len;
	} cases[] = {
		{ WH_REG_SZ, "a\0b\0\0\0", 6, "a\0b\0\0\0", 6 },
		{ WH_REG_SZ, "a\0b\0", 4, "a\0b\0\0\0", 6 },
		{ WH_REG_SZ, "a\0b\0\0\0\0\0", 8, "a\0b\0\0\0\0\0", 8 },
		{ WH_REG_SZ, "a\0b", 3, "a\0\0\0", 4 },
		{ WH_REG_SZ, "a", 1, "\0\0", 2 },
		{ WH_REG_SZ, "", 0, "\0\0", 2 },
		{ WH_REG_SZ, "a\0\0\0b\0", 6, "a\0\0\0b\0\0\0", 8 },
		{ WH_REG_SZ, "a\0\0\x01", 4, "a\0\0\x01\0\0", 6 },
		{ WH_REG_EXPAND_SZ, "%\0", 2, "%\0\0\0", 4 },
		{ WH_REG_MULTI_SZ, "a\0\0\0\0\0", 6, "a\0\0\0\0\0", 6 },
		{ WH_REG_MULTI_SZ, "a\0\0\0", 4, "a\0\0\0\0\0", 6 },
		{ WH_REG_MULTI_SZ, "a\0", 2, "a\0\0\0\0\0", 6 },
		{ WH_REG_MULTI_SZ, "\0\0", 2, "\0\0", 2 },
		{ WH_REG_MULTI_SZ, "", 0, "\0\0", 2 },
		{ WH_REG_BINARY, "a", 1, "a", 1 },
		{ WH_REG_LINK, "a\0", 2, "a\0", 2 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t buf[16];
		uint32_t type;
		size_t len = 77;
		const uint32_t flags = WH_RRF_RT_ANY | WH_RRF_NOEXPAND;

		set(cases[i].type, cases[i].data, cases[i].size);
		memset(buf, 'x', sizeof buf);
		cr_expect_eq(get(flags, &type, NULL, 0, &len), WH_OK);
		cr_expect_eq(len, cases[i].len, "%zu", i);
		cr_expect_eq(get(flags, &type, buf, cases[i].len - 1, &len), WH_E_MORE_DATA, "%zu",
			     i);
		cr_expect(len == cases[i].len && buf[0] == 'x');
		cr_expect_eq(get(flags, &type, buf, cases[i].len, &len), WH_OK);
		cr_expect(len == cases[i].len && type == cases[i].type, "%zu", i);
		cr_expect_eq(memcmp(buf, cases[i].given, len), 0, "%zu", i);
		cr_expect_eq(buf[len], 'x');
	}
}

Test(reg_get_value, expansion)
{
	static const char text[] = "<\0%\0v\0a\0r\0%\0>\0\0\0y\0";
	static const char expanded[] = "<\0\xac\x20!\0>\0\0";
	static const struct {
		uint32_t flags;
		enum wh_status st;
		uint32_t type;
	} cases[] = {
		{ WH_RRF_RT_ANY, WH_OK, WH_REG_SZ },
		{ WH_RRF_RT_REG_SZ, WH_OK, WH_REG_SZ },
		{ WH_RRF_RT_REG_SZ | WH_RRF_RT_REG_EXPAND_SZ, WH_OK, WH_REG_SZ },
		{ WH_RRF_RT_REG_EXPAND_SZ, WH_E_UNSUPPORTED_TYPE, WH_REG_SZ },
		{ WH_RRF_RT_REG_EXPAND_SZ | WH_RRF_NOEXPAND, WH_OK, WH_REG_EXPAND_SZ },
		{ WH_RRF_RT_REG_SZ | WH_RRF_NOEXPAND, WH_E_UNSUPPORTED_TYPE, WH_REG_EXPAND_SZ },
		{ WH_RRF_RT_REG_DWORD, WH_E_UNSUPPORTED_TYPE, WH_REG_SZ },
	};

	set(WH_REG_EXPAND_SZ, text, sizeof text - 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t buf[32];
		uint32_t type = 0;
		size_t len;
		bool raw = cases[i].type == WH_REG_EXPAND_SZ;

		cr_expect_eq(get(cases[i].flags, &type, buf, sizeof buf, &len), cases[i].st, "%zu",
			     i);
		cr_expect_eq(type, cases[i].type);
		cr_expect_eq(len, raw ? 20 : 10, "%zu: %zu", i, len);
		cr_expect_eq(memcmp(buf, raw ? text : expanded, raw ? 18 : 10), 0, "%zu", i);
	}
	set(WH_REG_EXPAND_SZ, NULL, 0);
	cr_expect_eq(get(WH_RRF_RT_REG_SZ, NULL, NULL, 0, NULL), WH_OK, "no text");
}

Test(reg_get_value, expansion_that_fails)
{
	uint32_t type = 77;
	size_t len = 77;

	set(WH_REG_EXPAND_SZ, "%\0b\0a\0d\0%\0", 10);
	cr_expect_eq(get(WH_RRF_RT_ANY, &type, NULL, 0, &len), WH_E_INVALID_DATA);
	cr_expect(type == 0 && len == 0);
}

/* All of the buffer is cleared, whatever the failure. */
Test(reg_get_value, zero_on_failure)
{
	static const uint8_t zeros[8];
	uint8_t buf[8];
	size_t len;

	set(WH_REG_DWORD, "abcd", 4);
	memset(buf, 'x', 8);
	cr_expect_eq(get(WH_RRF_RT_REG_SZ | WH_RRF_ZEROONFAILURE, NULL, buf, 8, &len),
		     WH_E_UNSUPPORTED_TYPE);
	cr_expect(len == 4 && memcmp(buf, zeros, 8) == 0);
	memset(buf, 'x', 8);
	cr_expect_eq(get(WH_RRF_RT_ANY | WH_RRF_ZEROONFAILURE, NULL, buf, 3, &len), WH_E_MORE_DATA);
	cr_expect(memcmp(buf, zeros, 3) == 0 && buf[3] == 'x', "of its size, and no more");
	memset(buf, 'x', 8);
	cr_expect_eq(wh_reg_get_value(reg, key, NULL, 0, "w", 1,
				      WH_RRF_RT_ANY | WH_RRF_ZEROONFAILURE, NULL, buf, 8, &len),
		     WH_E_NOT_FOUND);
	cr_expect_eq(memcmp(buf, zeros, 8), 0);
	memset(buf, 'x', 8);
	cr_expect_eq(get(WH_RRF_RT_ANY | WH_RRF_ZEROONFAILURE, NULL, buf, 8, &len), WH_OK);
	cr_expect_eq(memcmp(buf, "abcdxxxx", 8), 0);
}

Test(reg_get_value, arguments)
{
	uint32_t type = 77;
	uint8_t buf[8];
	size_t len = 77;

	set(WH_REG_DWORD, "abcd", 4);
	cr_expect_eq(get(WH_RRF_RT_ANY, NULL, buf, 8, NULL), WH_E_INVALID, "[RegGetValue row]");
	cr_expect_eq(get(WH_RRF_RT_ANY | WH_RRF_SUBKEY_WOW6464KEY | WH_RRF_SUBKEY_WOW6432KEY, &type,
			 buf, 8, &len),
		     WH_E_INVALID);
	cr_expect(type == 0 && len == 0);
	cr_expect_eq(get(0, NULL, buf, 8, &len), WH_E_INVALID, "no type");
	cr_expect_eq(get(WH_RRF_RT_ANY | 0x40000, NULL, buf, 8, &len), WH_E_INVALID);
	cr_expect_eq(get(WH_RRF_RT_ANY, NULL, NULL, 8, &len), WH_E_INVALID);
	cr_expect_eq(
		wh_reg_get_value(NULL, key, NULL, 0, "v", 1, WH_RRF_RT_ANY, NULL, buf, 8, &len),
		WH_E_INVALID);
	cr_expect_eq(get(WH_RRF_RT_ANY, &type, NULL, 0, NULL), WH_OK, "only the type");
	cr_expect_eq(type, WH_REG_DWORD);
}

Test(reg_get_value, of_a_subkey)
{
	wh_hkey writing;
	size_t len;

	cr_assert_eq(wh_reg_set_key_value(reg, key, "sub", 3, "v", 1, 3, "x", 1), WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_SET_VALUE, &writing), WH_OK);
	cr_expect_eq(wh_reg_get_value(reg, writing, "sub", 3, "v", 1, WH_RRF_RT_ANY, NULL, NULL, 0,
				      &len),
		     WH_OK, "it is opened");
	cr_expect_eq(
		wh_reg_get_value(reg, writing, "", 0, "v", 1, WH_RRF_RT_ANY, NULL, NULL, 0, &len),
		WH_E_ACCESS);
	cr_expect_eq(
		wh_reg_get_value(reg, key, "nosub", 5, "v", 1, WH_RRF_RT_ANY, NULL, NULL, 0, &len),
		WH_E_NOT_FOUND);
}

Test(reg_get_value, views)
{
	wh_hkey machine = open_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE");
	static const char sub[] = "Vendor";
	uint8_t bits[2];
	size_t len;

	cr_assert_eq(wh_reg_set_key_value(reg, machine, sub, WH_NTS, "bits", 4, 3, "64", 2), WH_OK);
	cr_assert_eq(wh_reg_set_key_value(reg, machine, "Wow6432Node\\Vendor", WH_NTS, "bits", 4, 3,
					  "32", 2),
		     WH_OK);
	for (uint32_t view = 0; view < 3; view++) {
		uint32_t flags = view == 0   ? 0
				 : view == 1 ? WH_RRF_SUBKEY_WOW6464KEY
					     : WH_RRF_SUBKEY_WOW6432KEY;

		cr_expect_eq(wh_reg_get_value(reg, machine, sub, WH_NTS, "bits", 4,
					      WH_RRF_RT_ANY | flags, NULL, bits, 2, &len),
			     WH_OK);
		cr_expect_eq(memcmp(bits, view == 2 ? "32" : "64", 2), 0, "%u [1.4.12]", view);
	}
}

static void
build(struct wh_reg *r)
{
	cr_assert_eq(wh_reg_set_key_value(r, WH_HKEY_CURRENT_USER, "Software\\K", WH_NTS, "v", 1,
					  WH_REG_EXPAND_SZ, "%\0H\0O\0M\0E\0%\0\0\0", 14),
		     WH_OK);
}

static enum wh_status
starving(struct wh_reg *r)
{
	uint8_t buf[1024];
	size_t len;

	return wh_reg_get_value(r, WH_HKEY_CURRENT_USER, "Software\\K", WH_NTS, "v", 1,
				WH_RRF_RT_REG_SZ, NULL, buf, sizeof buf, &len);
}

Test(reg_get_value_starved, memory)
{
	cr_expect_gt(registry_starve(build, starving), 3);
}
