/* SPDX-License-Identifier: MIT */
/*
 * Keys of a registry: opened, made, deleted, listed and told about.  What Windows does is cited:
 * [W:n] and [N:n], and rows called 1.4.n, are in docs/winreg-tests.md.
 */
#include "editing.h"
#include "registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static const wh_hkey HKLM = WH_HKEY_LOCAL_MACHINE, HKCU = WH_HKEY_CURRENT_USER;
static wh_hkey key;

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_key, .init = setup, .fini = teardown);

static enum wh_status
open_key_as(wh_hkey from, const char *path, uint32_t options, uint32_t access)
{
	enum wh_status st;

	key = 0xdead;
	st = wh_reg_open_key(reg, from, path, WH_NTS, options, access, &key);
	cr_expect(st == WH_OK || key == 0, "a failure gives no handle");
	return st;
}

static enum wh_status
create_as(wh_hkey from, const char *path, uint32_t options)
{
	enum wh_status st;

	key = 0xdead;
	st = wh_reg_create_key(reg, from, path, WH_NTS, options, WH_KEY_ALL_ACCESS, NULL, &key,
			       NULL);
	cr_expect(st == WH_OK || key == 0, "a failure gives no handle");
	return st;
}

/* ----------------------------------------------------------------------- paths */

/* 1.4.1, [W:991-1150], [N:456]. */
Test(reg_key, paths)
{
	static const struct {
		const char *path;
		enum wh_status st;
	} rows[] = {
		{ "Software\\Microsoft", WH_OK },
		{ "SOFTWARE\\MICROSOFT\\", WH_OK }, /* [W:1018] */
		{ "Software\\Microsoft\\\\\\", WH_OK },
		{ "Software\\\\Microsoft", WH_OK },         /* [N:456] */
		{ "\\Software\\Microsoft", WH_E_BAD_PATH }, /* [W:1085] */
		{ "\\", WH_E_BAD_PATH },
		{ "\\REGISTRY\\MACHINE\\Software", WH_E_BAD_PATH }, /* [N:538] */
		{ "REGISTRY\\MACHINE\\Software", WH_E_NOT_FOUND },
		{ "Software/Microsoft", WH_E_NOT_FOUND },
		{ "Software\\Microsoft\\Nothing", WH_E_NOT_FOUND },
		{ "Software\\Nothing\\Microsoft", WH_E_NOT_FOUND },
		{ "Software\\ Microsoft", WH_E_NOT_FOUND },
		{ "bad\xff", WH_E_INVALID },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum wh_status st = open_key_as(HKLM, rows[i].path, 0, WH_KEY_READ);

		cr_expect_eq(st, rows[i].st, "%s: %s", rows[i].path, wh_status_name(st));
		if (st == WH_OK)
			close_reg_key(reg, key);
	}
}

/* 1.4.1: a predefined handle gives itself, a real one a new handle [W:1051]. */
Test(reg_key, empty_paths)
{
	static const char *const empty[] = { NULL, "" };
	wh_hkey real = open_reg_key(reg, HKLM, "Software");
	enum wh_reg_disposition done;

	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(open_key_as(HKLM, empty[i], 0, WH_KEY_READ), WH_OK);
		cr_expect_eq(key, HKLM);
		cr_expect_eq(create_as(WH_HKEY_USERS, empty[i], 0), WH_OK);
		cr_expect_eq(key, WH_HKEY_USERS);
		cr_expect_eq(open_key_as(real, empty[i], 0, WH_KEY_READ), WH_OK);
		cr_expect(key != real && key < HKLM);
		close_reg_key(reg, key);
		cr_expect_eq(wh_reg_create_key(reg, real, empty[i], WH_NTS, 0, WH_KEY_READ, NULL,
					       &key, &done),
			     WH_OK);
		cr_expect_eq(done, WH_REG_OPENED_EXISTING_KEY);
		cr_expect(key != real && key < HKLM);
		close_reg_key(reg, key);
	}
	/* The length counts, not the NUL. */
	cr_expect_eq(wh_reg_open_key(reg, real, "Microsoft", 0, 0, WH_KEY_READ, &key), WH_OK);
	close_reg_key(reg, key);
	cr_expect_eq(wh_reg_open_key(reg, HKLM, "Softwarexyz", 8, 0, WH_KEY_READ, &key), WH_OK);
	close_reg_key(reg, key);
	cr_expect_eq(wh_reg_open_key(reg, 0, "", 0, 0, WH_KEY_READ, &key), WH_E_HANDLE);
	cr_expect_eq(create_as(HKLM, NULL, WH_REG_OPTION_CREATE_LINK), WH_E_EXISTS);
	close_reg_key(reg, real);
}

/* HKEY_CLASSES_ROOT alone strips a backslash [W:1085], and "\" is a new handle [W:1102]. */
Test(reg_key, classes_root_strips_a_backslash)
{
	wh_hkey classes;

	cr_expect_eq(open_key_as(WH_HKEY_CLASSES_ROOT, "\\clsid", 0, WH_KEY_READ), WH_OK);
	cr_expect_eq(open_key_as(key, "\\x", 0, WH_KEY_READ), WH_E_BAD_PATH);
	cr_expect_eq(open_key_as(WH_HKEY_CLASSES_ROOT, "\\", 0, WH_KEY_READ), WH_OK);
	classes = key;
	cr_expect_neq(classes, WH_HKEY_CLASSES_ROOT);
	cr_expect_eq(open_key_as(classes, "\\clsid", 0, WH_KEY_READ), WH_OK);
}

Test(reg_key, arguments_that_make_no_sense)
{
	const uint32_t both = WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY;
	struct wh_reg_info info;
	struct wh_key found;
	size_t len;

	cr_expect_eq(wh_reg_open_key(NULL, HKLM, "", 0, 0, WH_KEY_READ, &key), WH_E_INVALID);
	cr_expect_eq(wh_reg_open_key(reg, HKLM, "", 0, 0, WH_KEY_READ, NULL), WH_E_INVALID);
	cr_expect_eq(open_key_as(HKLM, "Software", 0, both | WH_KEY_READ), WH_E_INVALID);
	cr_expect_eq(open_key_as(HKLM, "Software", 1, WH_KEY_READ), WH_E_INVALID);
	cr_expect_eq(open_key_as(HKLM, "Software", 32, WH_KEY_READ), WH_E_INVALID);
	cr_expect_eq(open_key_as(HKLM, "Software", 0, 0), WH_E_ACCESS); /* 1.4.11 */
	/* [W:1286]. */
	cr_expect_eq(wh_reg_create_key(reg, HKLM, "x", 1, 0, 1, NULL, NULL, NULL), WH_E_BAD_KEY);
	cr_expect_eq(wh_reg_create_key(NULL, HKLM, "x", 1, 0, 1, NULL, &key, NULL), WH_E_INVALID);
	cr_expect_eq(create_as(HKLM, "Software\\x", 32), WH_E_INVALID);
	cr_expect_eq(wh_reg_create_key(reg, HKLM, "Software\\x", WH_NTS, 0, both, NULL, &key, NULL),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_create_key(reg, HKLM, "Software\\x", WH_NTS, 0, 0, NULL, &key, NULL),
		     WH_E_ACCESS);
	cr_expect_not(has_reg_key(reg, HKLM, "Software\\x"));
	/* [W:1486]. */
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, NULL, 0, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_delete_key(NULL, HKLM, "", 0, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\Microsoft", WH_NTS, both),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_enum_key(reg, HKLM, 0, NULL, 0, NULL, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_enum_key(NULL, HKLM, 0, NULL, 0, &len, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_info_key(reg, HKLM, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_info_key(NULL, HKLM, &info), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_class(reg, HKLM, NULL, 0, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_class(NULL, HKLM, NULL, 0, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_key_path(reg, HKLM, NULL, 0, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_key_path(NULL, HKLM, NULL, 0, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_hive_key(reg, HKLM, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_hive_key(NULL, HKLM, &found), WH_E_INVALID);
}

/* ----------------------------------------------------------------------- names */

/* 1.4.2: a name has 1 to 256 units, and anything but a backslash in it. */
Test(reg_key, names)
{
	static const struct {
		const char *name;
		size_t len;
	} names[] = {
		{ "https://winehq.org", 18 }, { " ", 1 },    { "\t tab", 5 },
		{ "a,b;c=\"d\"", 9 },         { "a\0b", 3 }, { "\xf0\x9f\x98\x80", 4 },
		{ "lone\xed\xa0\x80", 7 },
	};
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Names", 0), again;
	char buf[64];
	size_t len;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		cr_assert_eq(wh_reg_create_key(reg, top, names[i].name, names[i].len, 0,
					       WH_KEY_ALL_ACCESS, NULL, &key, NULL),
			     WH_OK, "%zu", i);
		cr_assert_eq(wh_reg_enum_key(reg, top, 0, buf, sizeof buf, &len, NULL), WH_OK);
		cr_expect(len == names[i].len && memcmp(buf, names[i].name, len) == 0, "%zu", i);
		cr_assert_eq(wh_reg_open_key(reg, top, names[i].name, names[i].len, 0, WH_KEY_READ,
					     &again),
			     WH_OK, "%zu", i);
		cr_expect_eq(wh_reg_delete_key(reg, key, "", 0, 0), WH_OK);
		close_reg_key(reg, again);
		close_reg_key(reg, key);
	}
}

Test(reg_key, names_that_are_too_long)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Names", 0);
	char name[257 * 3 + 1] = "";
	size_t len;

	for (int i = 0; i < 257; i++)
		strcat(name, "\xe6\x97\xa5");
	cr_expect_eq(wh_reg_create_key(reg, top, name, 257 * 3, 0, WH_KEY_READ, NULL, &key, NULL),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_open_key(reg, top, name, 257 * 3, 0, WH_KEY_READ, &key), WH_E_INVALID);
	cr_expect_eq(wh_reg_open_key(reg, top, name, 256 * 3, 0, WH_KEY_READ, &key),
		     WH_E_NOT_FOUND);
	cr_assert_eq(wh_reg_create_key(reg, top, name, 256 * 3, 0, WH_KEY_READ, NULL, &key, NULL),
		     WH_OK);
	cr_assert_eq(wh_reg_enum_key(reg, top, 0, name, sizeof name, &len, NULL), WH_OK);
	cr_expect_eq(len, 256 * 3);
	memset(name, 'x', 257);
	cr_expect_eq(wh_reg_open_key(reg, top, name, 257, 0, WH_KEY_READ, &key), WH_E_INVALID);
	cr_expect_eq(wh_reg_create_key(reg, top, name, 257, 0, WH_KEY_READ, NULL, &key, NULL),
		     WH_E_INVALID);
	/* Also where nothing of the path is there: nothing of it is made. */
	memcpy(name, "a\\", 2);
	cr_expect_eq(wh_reg_create_key(reg, top, name, 2 + 257, 0, WH_KEY_READ, NULL, &key, NULL),
		     WH_E_INVALID);
	cr_expect_not(has_reg_key(reg, top, "a"));
}

/* 1.4.3: the old spelling stays; no folding beyond single units. */
Test(reg_key, case_of_letters)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Case", 0);
	enum wh_reg_disposition done;

	key = make_reg_key(reg, top, "W\xc3\xbcrfel", 0);
	cr_expect_eq(wh_reg_create_key(reg, top, "w\xc3\x9cRFEL", WH_NTS, 0, WH_KEY_READ, NULL,
				       &key, &done),
		     WH_OK);
	cr_expect_eq(done, WH_REG_OPENED_EXISTING_KEY);
	cr_expect(lists_reg_keys(reg, top, "W\xc3\xbcrfel"));
	make_reg_key(reg, top,
		     "stra\xc3\x9f"
		     "e",
		     0);
	cr_expect_not(has_reg_key(reg, top, "STRASSE"));
	make_reg_key(reg, top, "\xf0\x90\x90\xa8", 0); /* U+10428 */
	cr_expect_not(has_reg_key(reg, top, "\xf0\x90\x90\x80"));
}

/* ------------------------------------------------------------------- create, delete */

Test(reg_key, create_makes_all_keys_on_the_way)
{
	struct wh_create how = { .class_name = "Cls", .class_len = WH_NTS };
	enum wh_reg_disposition done;
	char buf[16];
	size_t len;

	cr_assert_eq(wh_reg_create_key(reg, HKLM, "Software\\A\\\\B\\C\\", WH_NTS, 0,
				       WH_KEY_ALL_ACCESS, &how, &key, &done),
		     WH_OK);
	cr_expect_eq(done, WH_REG_CREATED_NEW_KEY);
	cr_assert_eq(wh_reg_query_class(reg, key, buf, sizeof buf, &len), WH_OK);
	cr_expect(len == 3 && memcmp(buf, "Cls", 3) == 0);
	/* The class is of the last alone. */
	key = open_reg_key(reg, HKLM, "Software\\A\\B");
	cr_expect_eq(wh_reg_query_class(reg, key, buf, sizeof buf, &len), WH_OK);
	cr_expect_eq(len, 0);
	/* And only of a new one. */
	cr_assert_eq(wh_reg_create_key(reg, HKLM, "Software\\A\\B", WH_NTS, 0, WH_KEY_ALL_ACCESS,
				       &how, &key, &done),
		     WH_OK);
	cr_expect_eq(done, WH_REG_OPENED_EXISTING_KEY);
	cr_expect_eq(wh_reg_query_class(reg, key, buf, sizeof buf, &len), WH_OK);
	cr_expect_eq(len, 0);
}

/* Below the roots themselves there are only mounts and what is in memory. */
Test(reg_key, create_below_the_roots)
{
	cr_expect_eq(create_as(HKLM, "New", 0), WH_E_MUST_BE_VOLATILE);
	cr_expect_eq(create_as(HKLM, "New\\Sub", 0), WH_E_MUST_BE_VOLATILE);
	cr_expect_eq(create_as(WH_HKEY_USERS, "New", 0), WH_E_MUST_BE_VOLATILE);
	cr_expect_eq(create_as(HKLM, "New", WH_REG_OPTION_VOLATILE), WH_OK);
	cr_expect(lists_reg_keys(reg, HKLM, "New,SOFTWARE,SYSTEM"));
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "New", WH_NTS, 0), WH_OK);
}

/* 1.4.6. */
Test(reg_key, delete)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\A", 0), b, other;

	b = make_reg_key(reg, top, "B", 0);
	other = open_reg_key(reg, top, "B");
	set_reg_number(reg, b, "values do not matter", 1);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\A", WH_NTS, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_key(reg, top, "", 0, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_key(reg, top, "Nothing", WH_NTS, 0), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_delete_key(reg, top, "\\B", WH_NTS, 0), WH_E_BAD_PATH);
	cr_expect_eq(wh_reg_delete_key(reg, 0, "B", WH_NTS, 0), WH_E_HANDLE);
	cr_expect_eq(wh_reg_delete_key(reg, b, "", 0, 0), WH_OK);
	cr_expect_not(has_reg_key(reg, top, "B"));
	/* Again, through either handle: [N:804]. */
	cr_expect_eq(wh_reg_delete_key(reg, b, "", 0, 0), WH_OK);
	cr_expect_eq(wh_reg_delete_key(reg, other, "", 0, 0), WH_OK);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\A", WH_NTS, 0), WH_OK);
	/* The mask of the handle does not matter: the descriptor of the key does [W:1301]. */
	close_reg_key(reg, make_reg_key(reg, HKLM, "Software\\C", 0));
	cr_assert_eq(open_key_as(HKLM, "Software\\C", 0, WH_KEY_READ), WH_OK);
	cr_expect_eq(wh_reg_delete_key(reg, key, "", 0, 0), WH_OK);
}

Test(reg_key, roots_are_not_deleted)
{
	static const wh_hkey predefined[] = { WH_HKEY_LOCAL_MACHINE, WH_HKEY_USERS,
					      WH_HKEY_CURRENT_USER };
	wh_hkey user;

	for (size_t i = 0; i < sizeof predefined / sizeof *predefined; i++)
		cr_expect_eq(wh_reg_delete_key(reg, predefined[i], "", 0, 0), WH_E_ACCESS);
	/* Without subkeys too. */
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "SYSTEM", WH_NTS, 0), WH_E_ACCESS);
	user = open_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes");
	cr_expect_eq(wh_reg_delete_tree(reg, user, NULL, 0, NULL, 0, NULL), WH_OK);
	cr_expect(lists_reg_keys(reg, user, ""));
	cr_expect_eq(wh_reg_delete_key(reg, user, "", 0, 0), WH_E_ACCESS);
}

/* 1.4.5: [W:3891], [N:804]. */
Test(reg_key, a_deleted_key_is_dead)
{
	wh_hkey dead = make_reg_key(reg, HKLM, "Software\\Dead", 0), born;
	struct wh_reg_info info;
	struct wh_key found;
	uint32_t type;
	char buf[16];
	size_t len;

	cr_assert_eq(wh_reg_delete_key(reg, HKLM, "Software\\Dead", WH_NTS, 0), WH_OK);
	for (int round = 0; round < 2; round++) {
		cr_expect_eq(wh_reg_query_info_key(reg, dead, &info), WH_E_DELETED);
		cr_expect_eq(wh_reg_enum_key(reg, dead, 0, buf, sizeof buf, &len, NULL),
			     WH_E_DELETED);
		cr_expect_eq(wh_reg_query_class(reg, dead, buf, sizeof buf, &len), WH_E_DELETED);
		cr_expect_eq(wh_reg_key_path(reg, dead, NULL, 0, &len), WH_E_DELETED);
		cr_expect_eq(wh_reg_hive_key(reg, dead, &found), WH_E_DELETED);
		cr_expect_eq(wh_reg_query_value_ex(reg, dead, "", 0, &type, buf, 0, &len),
			     WH_E_DELETED);
		cr_expect_eq(wh_reg_set_value_ex(reg, dead, "", 0, WH_REG_SZ, "", 0), WH_E_DELETED);
		cr_expect_eq(open_key_as(dead, "", 0, WH_KEY_READ), WH_E_DELETED);
		cr_expect_eq(open_key_as(dead, "Sub", 0, WH_KEY_READ), WH_E_DELETED);
		cr_expect_eq(create_as(dead, "Sub", 0), WH_E_DELETED);
		cr_expect_eq(create_as(dead, "Sub", WH_REG_OPTION_VOLATILE), WH_E_DELETED);
		cr_expect_eq(wh_reg_delete_key(reg, dead, "Sub", WH_NTS, 0), WH_E_DELETED);
		cr_expect_eq(wh_reg_delete_tree(reg, dead, NULL, 0, NULL, 0, NULL), WH_E_DELETED);
		cr_expect_eq(wh_reg_copy_tree(reg, dead, NULL, 0, HKCU), WH_E_DELETED);
		cr_expect_eq(wh_reg_rename_key(reg, dead, NULL, 0, "x", 1), WH_E_DELETED);
		/* A key that takes the place, and the cell, is another one. */
		born = make_reg_key(reg, HKLM, "Software\\Dead", 0);
		(void)born;
	}
	cr_expect_eq(wh_reg_delete_key(reg, dead, "", 0, 0), WH_OK);
	cr_expect(has_reg_key(reg, HKLM, "Software\\Dead"));
	cr_expect_eq(wh_reg_close_key(reg, dead), WH_OK);
	cr_expect_eq(wh_reg_close_key(reg, dead), WH_E_HANDLE);
}

/* ------------------------------------------------------------------- information */

/* 1.4.10: [W:1905]. */
Test(reg_key, information)
{
	struct wh_create how = { .class_name = "Four", .class_len = WH_NTS };
	struct wh_reg_info info;
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Info", 0), sub;
	char buf[8] = "old";
	size_t len;

	cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
	cr_expect(info.subkeys == 0 && info.values == 0 && info.class_len == 0);
	cr_expect(info.max_subkey_len == 0 && info.max_class_len == 0);
	cr_expect(info.max_value_name_len == 0 && info.max_value_len == 0);
	cr_expect_eq(info.last_written, REG_NOW);
	cr_expect_neq(info.security_len, 0);

	cr_assert_eq(wh_reg_create_key(reg, top, "Sub\xc3\xa4", WH_NTS, 0, WH_KEY_ALL_ACCESS, &how,
				       &sub, NULL),
		     WH_OK);
	set_reg_number(reg, top, NULL, 1);
	set_reg_number(reg, top, "name\xe2\x82\xac", 1);
	cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
	cr_expect(info.subkeys == 1 && info.values == 2, "the default value counts");
	cr_expect(info.max_subkey_len == 4 && info.max_class_len == 4, "units, of subkeys");
	cr_expect(info.max_value_name_len == 5 && info.max_value_len == 4);
	cr_expect_eq(info.class_len, 0);
	cr_assert_eq(wh_reg_query_info_key(reg, sub, &info), WH_OK);
	cr_expect_eq(info.class_len, 4);

	cr_expect_eq(wh_reg_query_class(reg, sub, NULL, 0, &len), WH_OK);
	cr_expect_eq(len, 4);
	cr_expect_eq(wh_reg_query_class(reg, sub, buf, 3, &len), WH_E_MORE_DATA);
	cr_expect(len == 4 && strcmp(buf, "old") == 0);
	cr_expect_eq(wh_reg_query_class(reg, sub, buf, 4, &len), WH_OK);
	cr_expect_eq(memcmp(buf, "Four", 4), 0);
	cr_expect_eq(wh_reg_query_info_key(reg, 0, &info), WH_E_HANDLE);
}

/* 1.4.10: what dates a key, and what does not. */
Test(reg_key, last_written)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Time\\A", 0);
	struct wh_reg_info info;
	uint64_t time;
	char buf[8];
	size_t len;

	registry_set_now(reg, REG_NOW + 1);
	close_reg_key(reg, make_reg_key(reg, top, "B\\C", 0));
	cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
	cr_expect_eq(info.last_written, REG_NOW + 1);
	registry_set_now(reg, REG_NOW + 2);
	close_reg_key(reg, make_reg_key(reg, top, "B\\D", 0));
	cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
	cr_expect_eq(info.last_written, REG_NOW + 1, "a grandchild does not");
	cr_assert_eq(wh_reg_enum_key(reg, top, 0, buf, sizeof buf, &len, &time), WH_OK);
	cr_expect_eq(time, REG_NOW + 2);
	set_reg_number(reg, top, "v", 1);
	cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
	cr_expect_eq(info.last_written, REG_NOW + 2);
}

Test(reg_key, enumeration)
{
	char buf[16] = "old";
	uint64_t time = 1;
	size_t len;

	cr_expect_eq(wh_reg_enum_key(reg, HKLM, 0, NULL, 0, &len, &time), WH_OK);
	cr_expect(len == 8 && time != 0);
	cr_expect_eq(wh_reg_enum_key(reg, HKLM, 0, buf, 7, &len, NULL), WH_E_MORE_DATA);
	cr_expect(len == 8 && strcmp(buf, "old") == 0);
	cr_expect_eq(wh_reg_enum_key(reg, HKLM, 0, buf, 8, &len, NULL), WH_OK);
	cr_expect_eq(memcmp(buf, "SOFTWARE", 8), 0);
	cr_expect_eq(wh_reg_enum_key(reg, HKLM, 2, buf, 8, &len, &time), WH_E_NO_MORE);
	cr_expect(len == 0 && time == 0);
	cr_expect_eq(wh_reg_enum_key(reg, 77, 0, buf, 8, &len, NULL), WH_E_HANDLE);
	/* A loop that deletes the first one comes to an end. */
	key = make_reg_key(reg, HKLM, "Software\\Loop", 0);
	for (char name[] = "a"; name[0] < 'f'; name[0]++)
		close_reg_key(reg, make_reg_key(reg, key, name, (uint32_t)name[0] % 2));
	for (int i = 0; i < 5; i++) {
		cr_assert_eq(wh_reg_enum_key(reg, key, 0, buf, sizeof buf, &len, NULL), WH_OK);
		cr_expect(len == 1 && buf[0] == 'a' + i);
		cr_expect_eq(wh_reg_delete_key(reg, key, buf, len, 0), WH_OK);
	}
	cr_expect_eq(wh_reg_enum_key(reg, key, 0, buf, sizeof buf, &len, NULL), WH_E_NO_MORE);
}

/* ------------------------------------------------------------------------ where */

static bool
is_called(wh_hkey handle, const char *name)
{
	char buf[256];
	size_t len, again;

	cr_assert_eq(wh_reg_key_path(reg, handle, NULL, 0, &len), WH_OK);
	cr_assert_eq(wh_reg_key_path(reg, handle, buf, sizeof buf, &again), WH_OK);
	cr_expect_eq(len, again);
	if (len != strlen(name) || memcmp(buf, name, len) != 0)
		fprintf(stderr, "it is %.*s\n", (int)len, buf);
	return len == strlen(name) && memcmp(buf, name, len) == 0;
}

Test(reg_key, full_names)
{
	static const struct {
		wh_hkey root;
		const char *path, *name;
	} rows[] = {
		{ WH_HKEY_LOCAL_MACHINE, "software\\MICROSOFT",
		  "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft" },
		{ WH_HKEY_LOCAL_MACHINE, "software", "HKEY_LOCAL_MACHINE\\SOFTWARE" },
		{ WH_HKEY_CURRENT_USER, "environment", "HKEY_USERS\\" USER_SID "\\Environment" },
		{ WH_HKEY_CLASSES_ROOT, "clsid", "HKEY_CLASSES_ROOT\\CLSID" },
		{ WH_HKEY_CLASSES_ROOT, "local settings", "HKEY_CLASSES_ROOT\\Local Settings" },
		{ WH_HKEY_LOCAL_MACHINE, "SYSTEM\\Select\\", "HKEY_LOCAL_MACHINE\\SYSTEM\\Select" },
	};
	char buf[8] = "old";
	size_t len;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_expect(is_called(open_reg_key(reg, rows[i].root, rows[i].path), rows[i].name));
	cr_expect(is_called(WH_HKEY_CURRENT_USER, "HKEY_CURRENT_USER"));
	cr_expect(is_called(WH_HKEY_CLASSES_ROOT, "HKEY_CLASSES_ROOT"));
	cr_expect_eq(wh_reg_key_path(reg, HKLM, buf, sizeof buf, &len), WH_E_MORE_DATA);
	cr_expect(len == strlen("HKEY_LOCAL_MACHINE") && strcmp(buf, "old") == 0);
	cr_expect_eq(wh_reg_key_path(reg, WH_HKEY_PERFORMANCE_DATA, buf, 8, &len), WH_E_ACCESS);
}

Test(reg_key, key_of_the_hive)
{
	struct wh_key found;

	key = open_reg_key(reg, HKLM, "Software\\Microsoft");
	cr_assert_eq(wh_reg_hive_key(reg, key, &found), WH_OK);
	cr_expect_eq(found.hive, t.software);
	cr_expect(has_name(found, "Microsoft"));
	cr_expect_eq(wh_reg_hive_key(reg, HKCU, &found), WH_OK);
	cr_expect_eq(found.cell, wh_hive_root(t.user).cell);
	cr_expect_eq(wh_reg_hive_key(reg, HKLM, &found), WH_E_NOT_SUPPORTED);
	cr_expect_eq(found.hive, NULL);
	key = make_reg_key(reg, HKCU, "V", WH_REG_OPTION_VOLATILE);
	cr_expect_eq(wh_reg_hive_key(reg, key, &found), WH_E_NOT_SUPPORTED);
	cr_expect_eq(wh_reg_hive_key(reg, 99, &found), WH_E_HANDLE);
}

/* 1.4.13. */
Test(reg_key, predefined_handles)
{
	wh_hkey again;

	cr_expect_eq(open_key_as(WH_HKEY_PERFORMANCE_DATA, "x", 0, WH_KEY_READ), WH_E_ACCESS);
	cr_expect_eq(open_key_as(WH_HKEY_PERFORMANCE_DATA, NULL, 0, WH_KEY_READ), WH_E_ACCESS);
	cr_expect_eq(open_key_as(0x80000050, "x", 0, WH_KEY_READ), WH_E_ACCESS);
	cr_expect_eq(open_key_as(WH_HKEY_DYN_DATA, "x", 0, WH_KEY_READ), WH_E_HANDLE);
	cr_expect_eq(open_key_as(0x80000008, "x", 0, WH_KEY_READ), WH_E_HANDLE);
	cr_expect_eq(open_key_as(UINT32_MAX, "x", 0, WH_KEY_READ), WH_E_HANDLE);
	key = make_reg_key(reg, WH_HKEY_CURRENT_CONFIG, "Software", 0);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Hardware Profiles\\"
				 "Current\\Software"));
	key = make_reg_key(reg, WH_HKEY_CURRENT_USER_LOCAL_SETTINGS, "MuiCache", 0);
	again = open_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes\\Local Settings\\MuiCache");
	cr_expect(is_called(again, "HKEY_USERS\\" USER_SID "_Classes\\Local Settings\\MuiCache"));
	/* Closing one does nothing. */
	cr_expect_eq(wh_reg_close_key(reg, HKCU), WH_OK);
	cr_expect_eq(open_key_as(HKCU, "Environment", 0, WH_KEY_READ), WH_OK);
}

/* ------------------------------------------------------------------ failing memory */

static enum wh_status
do_create(struct wh_reg *r)
{
	return wh_reg_create_key(r, HKLM, "Software\\A\\B\\C", WH_NTS, 0, WH_KEY_ALL_ACCESS, NULL,
				 &key, NULL);
}

static enum wh_status
do_create_merged(struct wh_reg *r)
{
	return wh_reg_create_key(r, WH_HKEY_CLASSES_ROOT, "CLSID\\x", WH_NTS, 0, WH_KEY_ALL_ACCESS,
				 NULL, &key, NULL);
}

static void
build_deep(struct wh_reg *r)
{
	make_reg_key(r, HKLM, "Software\\A\\B", 0);
	make_reg_key(r, HKLM, "Software\\A\\V", WH_REG_OPTION_VOLATILE);
}

static enum wh_status
do_delete(struct wh_reg *r)
{
	return wh_reg_delete_key(r, HKLM, "Software\\A\\B", WH_NTS, 0);
}

static enum wh_status
do_open(struct wh_reg *r)
{
	return wh_reg_open_key(r, HKLM, "System\\CurrentControlSet\\Control", WH_NTS, 0,
			       WH_KEY_READ, &key);
}

static enum wh_status
do_path(struct wh_reg *r)
{
	char buf[64];
	size_t len;

	return wh_reg_key_path(r, 2, buf, sizeof buf, &len);
}

Test(reg_key_memory, runs_out)
{
	cr_expect_gt(registry_starve(NULL, do_create), 3);
	cr_expect_gt(registry_starve(NULL, do_create_merged), 3);
	cr_expect_gt(registry_starve(build_deep, do_delete), 0);
	cr_expect_gt(registry_starve(NULL, do_open), 1);
	cr_expect_gt(registry_starve(build_deep, do_path), 0);
}
