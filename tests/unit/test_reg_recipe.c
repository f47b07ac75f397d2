/* SPDX-License-Identifier: MIT */
/* What everybody writes around the registry: reading with a fallback, text, Path. */
#include "registry.h"

#include <criterion/criterion.h>
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

TestSuite(reg_recipe, .init = setup, .fini = teardown);

static void
set(const char *name, uint32_t type, const void *data, size_t size)
{
	cr_assert_eq(wh_reg_set_value_ex(reg, key, name, WH_NTS, type, data, size), WH_OK);
}

static bool
gets(const char *name, const char *expected, size_t expected_len)
{
	char *text;
	size_t len;
	bool same;

	cr_assert_eq(wh_reg_get_string(reg, WH_HKEY_CURRENT_USER, "Software\\Test", name, "none",
				       &text, &len),
		     WH_OK);
	same = len == expected_len && memcmp(text, expected, len) == 0 && text[len] == '\0';
	wh_reg_free_text(reg, text);
	return same;
}

/* --------------------------------------------------------------------- strings */

Test(reg_recipe, get_string)
{
	static const struct {
		uint32_t type;
		const char *data;
		size_t size;
		const char *text;
		size_t len;
	} cases[] = {
		{ WH_REG_SZ, "a\0b\0\0\0", 6, "ab", 2 },
		{ WH_REG_SZ, "a\0b\0", 4, "ab", 2 },
		{ WH_REG_SZ, "a\0\0\0b\0\0\0", 8, "a\0b", 3 },
		{ WH_REG_SZ, "a\0\0\0\0\0", 6, "a\0", 2 },
		{ WH_REG_SZ, "a\0b", 3, "a", 1 },
		{ WH_REG_SZ, "", 0, "", 0 },
		{ WH_REG_SZ, "\0", 2, "", 0 },
		{ WH_REG_EXPAND_SZ, "%\0H\0O\0M\0E\0%\0\0\0", 14, "%HOME%", 6 },
		{ WH_REG_LINK, "\\\0x\0", 4, "\\x", 2 },
		{ WH_REG_SZ, "\x00\xd8\0\0", 4, "\xed\xa0\x80", 3 },
		{ WH_REG_SZ, "\x3d\xd8\x00\xde", 4, "\xf0\x9f\x98\x80", 4 },
		{ WH_REG_MULTI_SZ, "a\0\0\0b\0\0\0\0\0", 10, "a\nb\n", 4 },
		{ WH_REG_MULTI_SZ, "a\0\0\0b\0", 6, "a\nb\n", 4 },
		{ WH_REG_MULTI_SZ, "a\0\0\0\0\0b\0\0\0\0\0", 12, "a\n\nb\n", 5 },
		{ WH_REG_MULTI_SZ, "\0", 2, "", 0 },
		{ WH_REG_MULTI_SZ, "\0\0\0", 4, "\n", 1 },
		{ WH_REG_MULTI_SZ, "", 0, "", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set("v", cases[i].type, cases[i].data, cases[i].size);
		cr_expect(gets("v", cases[i].text, cases[i].len), "%zu", i);
	}
	set(NULL, WH_REG_SZ, "d\0\0\0", 4);
	cr_expect(gets(NULL, "d", 1), "the default value");
	cr_expect(gets("", "d", 1));
}

/* Only what is not there has a fallback. */
Test(reg_recipe, get_string_falls_back)
{
	static const struct {
		const char *path, *name;
	} missing[] = { { "Software\\Test", "w" },
			{ "Software\\Test", NULL },
			{ "Software\\None", "v" },
			{ "None\\at\\all", NULL } };
	char *text = (char *)&text;
	size_t len = 77;

	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		cr_expect_eq(wh_reg_get_string(reg, WH_HKEY_CURRENT_USER, missing[i].path,
					       missing[i].name, "fall", &text, &len),
			     WH_OK);
		cr_expect(len == 4 && strcmp(text, "fall") == 0);
		wh_reg_free_text(reg, text);
		cr_expect_eq(wh_reg_get_string(reg, WH_HKEY_CURRENT_USER, missing[i].path,
					       missing[i].name, NULL, &text, &len),
			     WH_OK);
		cr_expect(!text && len == 0);
	}
	cr_expect_eq(wh_reg_get_string(reg, key, NULL, "w", "", &text, NULL), WH_OK);
	cr_expect_str_eq(text, "", "the length may be NULL");
	wh_reg_free_text(reg, text);
	wh_reg_free_text(reg, NULL);
	wh_reg_free_text(NULL, NULL);
}

/* The statuses that hide behind a fallback elsewhere. */
Test(reg_recipe, failures_are_not_hidden)
{
	wh_hkey gone = make_reg_key(reg, key, "gone", 0), writing;
	uint64_t number = 77;
	char *text;

	set("n", WH_REG_DWORD, "abcd", 4);
	set("s", WH_REG_SZ, "a\0\0\0", 4);
	cr_assert_eq(wh_reg_delete_key(reg, key, "gone", WH_NTS, 0), WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_SET_VALUE, &writing), WH_OK);
	cr_expect_eq(wh_reg_get_string(reg, key, NULL, "n", "x", &text, NULL), WH_E_TYPE);
	cr_expect_null(text);
	cr_expect_eq(wh_reg_get_string(reg, 0, NULL, "n", "x", &text, NULL), WH_E_HANDLE);
	cr_expect_eq(wh_reg_get_string(reg, gone, NULL, "n", "x", &text, NULL), WH_E_DELETED);
	cr_expect_eq(wh_reg_get_string(reg, writing, NULL, "s", "x", &text, NULL), WH_E_ACCESS);
	cr_expect_eq(wh_reg_get_string(reg, key, "\\a", "s", "x", &text, NULL), WH_E_BAD_PATH);
	cr_expect_eq(wh_reg_get_string(reg, key, NULL, "\xff", "x", &text, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_get_string(reg, key, NULL, "s", "x", NULL, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_get_string(NULL, key, NULL, "s", "x", &text, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_get_number(reg, key, NULL, "s", 1, &number), WH_E_TYPE);
	cr_expect_eq(number, 0);
	cr_expect_eq(wh_reg_get_number(reg, 0, NULL, "n", 1, &number), WH_E_HANDLE);
	cr_expect_eq(wh_reg_get_number(reg, gone, NULL, "n", 1, &number), WH_E_DELETED);
	cr_expect_eq(wh_reg_get_number(reg, writing, NULL, "n", 1, &number), WH_E_ACCESS);
	cr_expect_eq(wh_reg_get_number(reg, key, NULL, "n", 1, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_get_number(NULL, key, NULL, "n", 1, &number), WH_E_INVALID);
	close_reg_key(reg, gone);
}

Test(reg_recipe, get_number)
{
	static const struct {
		uint32_t type;
		const char *data;
		size_t size;
		uint64_t number;
		enum wh_status st;
	} cases[] = {
		{ WH_REG_DWORD, "\1\2\3\xff", 4, 0xff030201, WH_OK },
		{ WH_REG_DWORD_BIG_ENDIAN, "\xff\2\3\4", 4, 0xff020304, WH_OK },
		{ WH_REG_QWORD, "\1\0\0\0\0\0\0\x80", 8, UINT64_C(0x8000000000000001), WH_OK },
		{ WH_REG_DWORD, "", 0, 0, WH_OK },
		{ WH_REG_DWORD, "123", 3, 0, WH_E_TYPE },
		{ WH_REG_QWORD, "1234", 4, 0, WH_E_TYPE },
		{ WH_REG_BINARY, "1234", 4, 0, WH_E_TYPE },
	};
	uint64_t number;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set("v", cases[i].type, cases[i].data, cases[i].size);
		cr_expect_eq(wh_reg_get_number(reg, key, "", "v", 5, &number), cases[i].st, "%zu",
			     i);
		cr_expect_eq(number, cases[i].number, "%zu", i);
	}
	cr_expect_eq(wh_reg_get_number(reg, key, NULL, "w", UINT64_MAX, &number), WH_OK);
	cr_expect_eq(number, UINT64_MAX);
	cr_expect_eq(wh_reg_get_number(reg, key, "none", "v", 5, &number), WH_OK);
	cr_expect_eq(number, 5);
}

Test(reg_recipe, set_string)
{
	cr_expect_eq(wh_reg_set_string(reg, key, "v", 1, WH_REG_SZ, "a\xe2\x82\xac", WH_NTS),
		     WH_OK);
	cr_expect(gets("v", "a\xe2\x82\xac", 4));
	cr_expect_eq(wh_reg_set_string(reg, key, "v", 1, WH_REG_EXPAND_SZ, "%x%", 3), WH_OK);
	cr_expect(gets("v", "%x%", 3));
	cr_expect_eq(wh_reg_set_string(reg, key, NULL, 0, WH_REG_SZ, "", 0), WH_OK);
	cr_expect(gets(NULL, "", 0));
	cr_expect_eq(wh_reg_set_string(reg, key, "v", 1, WH_REG_MULTI_SZ, "x", 1), WH_E_TYPE);
	cr_expect_eq(wh_reg_set_string(reg, key, "v", 1, WH_REG_BINARY, "x", 1), WH_E_TYPE);
	cr_expect_eq(wh_reg_set_string(reg, key, "v", 1, WH_REG_SZ, "\xff", 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_string(reg, 0, "v", 1, WH_REG_SZ, "x", 1), WH_E_HANDLE);
	cr_expect_eq(wh_reg_set_string(NULL, key, "v", 1, WH_REG_SZ, "x", 1), WH_E_INVALID);
}

/* ------------------------------------------------------------------------ Path */

static wh_hkey
environment(void)
{
	return open_reg_key(reg, WH_HKEY_CURRENT_USER, "Environment");
}

static bool
path_is(uint32_t type, const char *expected)
{
	wh_hkey env = environment();
	char *text;
	uint32_t own;
	bool same;

	cr_assert_eq(wh_reg_query_value_ex(reg, env, "Path", 4, &own, NULL, 0, NULL), WH_OK);
	cr_assert_eq(wh_reg_get_string(reg, env, NULL, "path", NULL, &text, NULL), WH_OK);
	same = own == type && strcmp(text, expected) == 0;
	wh_reg_free_text(reg, text);
	close_reg_key(reg, env);
	return same;
}

Test(reg_recipe, path)
{
	static const struct {
		const char *before, *folder, *after; /* after NULL: it is there already */
	} cases[] = {
		{ "C:\\A;C:\\B", "C:\\C", "C:\\A;C:\\B;C:\\C" },
		{ "C:\\A;", "C:\\C", "C:\\A;C:\\C" },
		{ "", "C:\\C", "C:\\C" },
		{ ";", "C:\\C", ";C:\\C" },
		{ "C:\\A;C:\\B", "c:\\a", NULL },
		{ "C:\\A;C:\\B", "C:\\B\\", NULL },
		{ "C:\\A\\;C:\\B", "C:\\A", NULL },
		{ "\"C:\\A\";C:\\B", "C:\\A", NULL },
		{ "\"C:\\A;x\"", "C:\\A", "\"C:\\A;x\";C:\\A" },
		{ "C:\\\xc3\x84", "c:\\\xc3\xa4", NULL },
		{ "C:\\AB", "C:\\A", "C:\\AB;C:\\A" },
		{ "C:\\", "C:", NULL },
		{ "%ProgramFiles%\\X", "%programfiles%\\x", NULL },
		{ " C:\\A", "C:\\A", " C:\\A;C:\\A" },
	};
	static const uint32_t types[] = { WH_REG_SZ, WH_REG_EXPAND_SZ };
	wh_hkey env = environment();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t j = 0; j < 2; j++) {
			bool added = !cases[i].after;

			cr_assert_eq(wh_reg_set_string(reg, env, "Path", 4, types[j],
						       cases[i].before, WH_NTS),
				     WH_OK);
			cr_expect_eq(wh_reg_add_to_user_path(reg, cases[i].folder, WH_NTS, &added),
				     WH_OK);
			cr_expect_eq(added, cases[i].after != NULL, "%zu", i);
			cr_expect(path_is(types[j], added ? cases[i].after : cases[i].before),
				  "%zu", i);
			cr_expect_eq(wh_reg_add_to_user_path(reg, cases[i].folder, WH_NTS, &added),
				     WH_OK);
			cr_expect_not(added, "%zu: a second time", i);
		}
}

/* No value, no key: what is missing is made; nothing is said of a change that was not asked for. */
Test(reg_recipe, path_is_made)
{
	bool added;

	cr_expect_eq(wh_reg_add_to_user_path(reg, "C:\\A", WH_NTS, NULL), WH_OK);
	cr_expect(path_is(WH_REG_EXPAND_SZ, "C:\\A"));
	cr_assert_eq(wh_reg_delete_key(reg, WH_HKEY_CURRENT_USER, "Environment", WH_NTS, 0), WH_OK);
	cr_expect_eq(wh_reg_add_to_user_path(reg, "C:\\Bxx", 4, &added), WH_OK);
	cr_expect(added && path_is(WH_REG_EXPAND_SZ, "C:\\B"));
}

Test(reg_recipe, path_that_is_there_stays_to_the_byte)
{
	static const char data[] = "C\0:\0\\\0\x00\xd8;\0A\0\0\0j\0u\0n\0k\0";
	wh_hkey env = environment();
	bool added;
	char *text;

	cr_assert_eq(wh_reg_set_value_ex(reg, env, "PATH", 4, WH_REG_SZ, data, sizeof data - 1),
		     WH_OK);
	cr_expect_eq(wh_reg_add_to_user_path(reg, "a", 1, &added), WH_OK);
	cr_expect_not(added);
	cr_expect_eq(wh_reg_add_to_user_path(reg, "B", 1, &added), WH_OK);
	cr_expect(added);
	cr_expect_eq(wh_reg_get_string(reg, env, NULL, "Path", NULL, &text, NULL), WH_OK);
	cr_expect_str_eq(text, "C:\\\xed\xa0\x80;A;B", "what Windows sees, and one more");
	wh_reg_free_text(reg, text);
	close_reg_key(reg, env);
}

Test(reg_recipe, path_errors)
{
	static const char *const bad[] = { "", "a;b", ";", "\"a\"", "\xff", NULL };
	wh_hkey env = environment();
	bool added = true;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cr_expect_eq(wh_reg_add_to_user_path(reg, bad[i], WH_NTS, &added), WH_E_INVALID);
		cr_expect_not(added);
	}
	cr_expect_eq(wh_reg_add_to_user_path(reg, "a\0b", 3, &added), WH_E_INVALID);
	cr_expect_eq(wh_reg_add_to_user_path(NULL, "a", 1, &added), WH_E_INVALID);
	cr_assert_eq(wh_reg_set_value_ex(reg, env, "Path", 4, WH_REG_DWORD, "1234", 4), WH_OK);
	cr_expect_eq(wh_reg_add_to_user_path(reg, "a", 1, &added), WH_E_TYPE);
	close_reg_key(reg, env);
}

Test(reg_recipe_no_user, path)
{
	struct wh_reg *empty;
	bool added;

	cr_assert_eq(wh_reg_new(NULL, &empty), WH_OK);
	cr_expect_eq(wh_reg_add_to_user_path(empty, "C:\\A", WH_NTS, &added), WH_E_NOT_FOUND);
	wh_reg_free(empty);
}

/* ---------------------------------------------------------------------- memory */

static void
one_path(struct wh_reg *r)
{
	cr_assert_eq(wh_reg_add_to_user_path(r, "C:\\A folder with a long name", WH_NTS, NULL),
		     WH_OK);
}

static enum wh_status
starving_path(struct wh_reg *r)
{
	return wh_reg_add_to_user_path(r, "C:\\B", WH_NTS, NULL);
}

static enum wh_status
starving_string(struct wh_reg *r)
{
	char *text;
	enum wh_status st =
		wh_reg_get_string(r, WH_HKEY_CURRENT_USER, "Environment", "Path", "x", &text, NULL);

	wh_reg_free_text(r, text);
	return st;
}

static enum wh_status
starving_fallback(struct wh_reg *r)
{
	char *text;
	enum wh_status st =
		wh_reg_get_string(r, WH_HKEY_CURRENT_USER, "None", "Path", "fallback", &text, NULL);

	wh_reg_free_text(r, text);
	return st;
}

static enum wh_status
starving_number(struct wh_reg *r)
{
	uint64_t number;

	return wh_reg_get_number(r, WH_HKEY_CURRENT_USER, "Environment", "N", 1, &number);
}

Test(reg_recipe_starved, every_call)
{
	cr_expect_gt(registry_starve(one_path, starving_path), 3);
	cr_expect_gt(registry_starve(NULL, starving_path), 3);
	cr_expect_gt(registry_starve(one_path, starving_string), 1);
	cr_expect_gt(registry_starve(NULL, starving_fallback), 0);
	registry_starve(NULL, starving_number);
}
