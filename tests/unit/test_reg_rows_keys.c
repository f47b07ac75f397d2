/* SPDX-License-Identifier: MIT */
/*
 * What Windows does with keys, case by case, where no test of a module says it.  All cases are in
 * docs/winreg-tests.md.
 */
#include "registry.h"

#include <criterion/criterion.h>
#include <string.h>

#define HKLM WH_HKEY_LOCAL_MACHINE
#define HKCU WH_HKEY_CURRENT_USER
#define ALL  WH_KEY_ALL_ACCESS

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey top;

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
	top = make_reg_key(reg, HKLM, "Software\\Top", 0);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_rows_keys, .init = setup, .fini = teardown);

/* ------------------------------------------------------------------- last write */

static enum wh_status
set_value(wh_hkey key)
{
	return wh_reg_set_value_ex(reg, key, "v", 1, WH_REG_BINARY, "other", 5);
}

static enum wh_status
set_same_value(wh_hkey key)
{
	return wh_reg_set_value_ex(reg, key, "v", 1, WH_REG_BINARY, "value", 5);
}

static enum wh_status
set_no_value(wh_hkey key)
{
	enum wh_status st = wh_reg_set_value_ex(reg, key, "v", 1, WH_REG_BINARY, NULL, 5);

	return st == WH_E_NOACCESS ? WH_OK : st;
}

static enum wh_status
delete_value(wh_hkey key)
{
	return wh_reg_delete_value(reg, key, "v", 1);
}

static enum wh_status
delete_no_value(wh_hkey key)
{
	enum wh_status st = wh_reg_delete_value(reg, key, "none", 4);

	return st == WH_E_NOT_FOUND ? WH_OK : st;
}

static enum wh_status
make_subkey(wh_hkey key)
{
	close_reg_key(reg, make_reg_key(reg, key, "new", 0));
	return WH_OK;
}

static enum wh_status
make_nothing(wh_hkey key)
{
	close_reg_key(reg, make_reg_key(reg, key, "sub", 0));
	return WH_OK;
}

static enum wh_status
delete_subkey(wh_hkey key)
{
	return wh_reg_delete_key(reg, key, "leaf", 4, 0);
}

static enum wh_status
rename_subkey(wh_hkey key)
{
	return wh_reg_rename_key(reg, key, "leaf", 4, "renamed", 7);
}

static enum wh_status
make_grandchild(wh_hkey key)
{
	close_reg_key(reg, make_reg_key(reg, key, "sub\\new", 0));
	return WH_OK;
}

static enum wh_status
delete_grandchild(wh_hkey key)
{
	return wh_reg_delete_key(reg, key, "sub\\below", WH_NTS, 0);
}

static enum wh_status
set_in_child(wh_hkey key)
{
	return wh_reg_set_key_value(reg, key, "sub", 3, "v", 1, WH_REG_BINARY, "x", 1);
}

static enum wh_status
read_all(wh_hkey key)
{
	struct wh_reg_info info;
	char buf[8];
	size_t len;
	enum wh_status st = wh_reg_query_info_key(reg, key, &info);

	if (st == WH_OK)
		st = wh_reg_enum_key(reg, key, 0, buf, sizeof buf, &len, NULL);
	return st == WH_OK ? wh_reg_query_value_ex(reg, key, "v", 1, NULL, NULL, 0, &len) : st;
}

#define DATED(what, moves) \
	{ \
#what, what, moves \
	}

/* [R cmapi.c:871, 1017, 1899; cmparse.c:548]: what is done to a key, and does its time move? */
static const struct {
	const char *name;
	enum wh_status (*change)(wh_hkey key);
	bool moves;
} dated[] = {
	DATED(set_value, true),        DATED(set_same_value, true),     DATED(set_no_value, false),
	DATED(delete_value, true),     DATED(delete_no_value, false),   DATED(make_subkey, true),
	DATED(make_nothing, false),    DATED(delete_subkey, true),      DATED(rename_subkey, true),
	DATED(make_grandchild, false), DATED(delete_grandchild, false), DATED(set_in_child, false),
	DATED(read_all, false),
};

Test(reg_rows_keys, last_write)
{
	for (size_t i = 0; i < sizeof dated / sizeof *dated; i++) {
		wh_hkey key = make_reg_key(reg, top, "dated", 0);
		struct wh_reg_info info;

		close_reg_key(reg, make_reg_key(reg, key, "leaf", 0));
		close_reg_key(reg, make_reg_key(reg, key, "sub\\below", 0));
		cr_assert_eq(set_same_value(key), WH_OK);
		registry_set_now(reg, REG_NOW + i + 1);
		cr_assert_eq(dated[i].change(key), WH_OK, "%s", dated[i].name);
		cr_assert_eq(wh_reg_query_info_key(reg, key, &info), WH_OK);
		cr_expect_eq(info.last_written == REG_NOW + i + 1, dated[i].moves, "%s",
			     dated[i].name);
		close_reg_key(reg, key);
		cr_assert_eq(wh_reg_delete_tree(reg, top, "dated", 5, NULL, 0, NULL), WH_OK);
	}
}

/* ----------------------------------------------------------------- order, depth */

/* [W:2538]: keys by name, values as they came. */
Test(reg_rows_keys, order_of_keys_and_values)
{
	static const char *const names[] = { "A", "C", "B", "d" };
	char name[4];
	size_t len;

	for (size_t i = 0; i < 4; i++) {
		close_reg_key(reg, make_reg_key(reg, top, names[i], 0));
		set_reg_number(reg, top, names[i], 1);
	}
	cr_expect(lists_reg_keys(reg, top, "A,B,C,d"));
	for (uint32_t i = 0; i < 4; i++) {
		cr_assert_eq(wh_reg_enum_value(reg, top, i, name, sizeof name, &len, NULL, NULL, 0,
					       NULL),
			     WH_OK);
		cr_expect(len == 1 && name[0] == names[i][0]);
	}
}

/* Windows makes 32 levels in one call; here only those count that a hive may have. */
Test(reg_rows_keys, levels)
{
	enum { LEVELS = 510, HAS = 1 }; /* Top is the first of them */
	static char path[2 * LEVELS + 1];
	wh_hkey key;

	for (int i = 0; i < LEVELS - HAS; i++)
		memcpy(path + 2 * i, "k\\", 2);
	cr_assert_eq(wh_reg_create_key(reg, top, path, 2 * 33, 0, ALL, NULL, &key, NULL), WH_OK);
	close_reg_key(reg, key);
	cr_assert_eq(
		wh_reg_create_key(reg, top, path, 2 * (LEVELS - HAS), 0, ALL, NULL, &key, NULL),
		WH_OK);
	cr_expect_eq(wh_reg_create_key(reg, key, "k", 1, 0, ALL, NULL, &key, NULL), WH_E_TOO_BIG);
	cr_expect_eq(key, 0);
}

/* [W:1905] Of a key of the merged view the longest of both sides count. */
Test(reg_rows_keys, information_of_a_merged_key)
{
	struct wh_create how = { .class_name = "Class", .class_len = WH_NTS };
	wh_hkey user = make_reg_key(reg, HKCU, "Software\\Classes\\M\\u", 0), machine, merged;
	struct wh_reg_info info;

	cr_assert_eq(wh_reg_create_key(reg, HKLM, "Software\\Classes\\M\\longer", WH_NTS, 0, ALL,
				       &how, &machine, NULL),
		     WH_OK);
	close_reg_key(reg, user);
	close_reg_key(reg, machine);
	machine = open_reg_key(reg, HKLM, "Software\\Classes\\M");
	cr_assert_eq(wh_reg_set_value_ex(reg, machine, "name", 4, WH_REG_BINARY, "1234567", 7),
		     WH_OK);
	merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, "M");
	set_reg_number(reg, merged, "n", 1);
	cr_assert_eq(wh_reg_query_info_key(reg, merged, &info), WH_OK);
	cr_expect(info.subkeys == 2 && info.max_subkey_len == 6 && info.max_class_len == 5);
	cr_expect(info.values == 2 && info.max_value_name_len == 4 && info.max_value_len == 7);
}

/* The roots stay also where nothing is below them. */
Test(reg_rows_keys, roots_of_an_empty_registry)
{
	static const wh_hkey roots[] = { HKLM, WH_HKEY_USERS };
	struct wh_reg *empty;
	wh_hkey key;

	cr_assert_eq(wh_reg_new(NULL, &empty), WH_OK);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(wh_reg_delete_key(empty, roots[i], "", 0, 0), WH_E_ACCESS);
		cr_expect_eq(wh_reg_rename_key(empty, roots[i], NULL, 0, "n", 1), WH_E_ACCESS);
		cr_expect_eq(wh_reg_connect_registry(empty, NULL, 0, roots[i], &key), WH_OK);
		cr_expect_eq(wh_reg_delete_key(empty, key, "", 0, 0), WH_E_ACCESS);
		cr_expect(lists_reg_keys(empty, key, ""));
	}
	wh_reg_free(empty);
}

/* ------------------------------------------------------------------------- copy */

/* [W:2353] names the values and keys; that class, time and flags are not copied is Wine's. */
Test(reg_rows_keys, copy_leaves_class_and_flags)
{
	struct wh_create how = { .class_name = "Class", .class_len = WH_NTS };
	wh_hkey key, to = make_reg_key(reg, HKCU, "To", 0);
	struct wh_reg_info info;
	unsigned user = 77, virtual = 77;

	cr_assert_eq(wh_reg_create_key(reg, top, "a\\b", 3, 0, ALL, &how, &key, NULL), WH_OK);
	cr_assert_eq(wh_reg_set_flags(reg, key, 2, 4), WH_OK);
	registry_set_now(reg, REG_NOW + 5);
	cr_assert_eq(wh_reg_copy_tree(reg, top, NULL, 0, to), WH_OK);
	key = open_reg_key(reg, to, "a\\b");
	cr_assert_eq(wh_reg_query_info_key(reg, key, &info), WH_OK);
	cr_expect_eq(info.class_len, 0);
	cr_expect_eq(info.last_written, REG_NOW + 5);
	cr_assert_eq(wh_reg_query_flags(reg, key, &user, &virtual), WH_OK);
	cr_expect(user == 0 && virtual == 0, "%u, %u", user, virtual);
}

/* ------------------------------------------------------------------------- links */

/*
 * [W:2584-2760], as a user meets them: a link is made, has its one value, leads on, is opened
 * itself, and is deleted by its handle, when what it leads to is gone too.
 */
Test(reg_rows_keys, life_of_a_link)
{
	static const char target[] = "\\REGISTRY\\MACHINE\\SOFTWARE\\Top\\target";
	uint8_t data[2 * sizeof target], back[sizeof data];
	const size_t size = sizeof data - 2; /* no terminator */
	uint32_t type;
	wh_hkey link, key;
	size_t len;

	for (size_t i = 0; i < sizeof target; i++) {
		data[2 * i] = (uint8_t)target[i];
		data[2 * i + 1] = 0;
	}
	link = make_reg_key(reg, top, "link", WH_REG_OPTION_CREATE_LINK);
	cr_expect_eq(wh_reg_open_key(reg, top, "link", 4, 0, ALL, &key), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_set_value_ex(reg, link, "value", 5, WH_REG_SZ, data, size),
		     WH_E_ACCESS);
	cr_expect_eq(wh_reg_set_value_ex(reg, link, "value", 5, WH_REG_LINK, data, size),
		     WH_E_ACCESS);
	cr_expect_eq(
		wh_reg_set_value_ex(reg, link, "SymbolicLinkValue", WH_NTS, WH_REG_SZ, data, size),
		WH_E_ACCESS);
	cr_expect_eq(wh_reg_set_value_ex(reg, link, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, data,
					 size),
		     WH_OK);
	cr_expect_eq(wh_reg_open_key(reg, top, "link", 4, 0, ALL, &key), WH_E_NOT_FOUND,
		     "there is no target yet");
	key = make_reg_key(reg, top, "link", 0); /* which makes it */
	cr_expect(has_reg_key(reg, top, "target"));
	set_reg_number(reg, key, "value", 5);
	cr_expect_eq(reg_number(reg, top, "target", "value"), 5);
	cr_expect_eq(reg_number(reg, top, "link", "value"), 5);
	close_reg_key(reg, key);
	/* Itself it has no such value, but its own. */
	cr_assert_eq(wh_reg_open_key(reg, top, "link", 4, WH_REG_OPTION_OPEN_LINK, ALL, &key),
		     WH_OK);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "value", 5, &type, NULL, 0, &len),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_query_value_ex(reg, key, "SymbolicLinkValue", WH_NTS, &type, back,
					   sizeof back, &len),
		     WH_OK);
	cr_expect(type == WH_REG_LINK && len == size && memcmp(back, data, size) == 0);
	close_reg_key(reg, key);
	/* Deleting by name deletes the target, and then finds none [W:2704]. */
	cr_expect_eq(wh_reg_delete_key(reg, top, "link", 4, 0), WH_OK);
	cr_expect_not(has_reg_key(reg, top, "target"));
	cr_expect_eq(wh_reg_delete_key(reg, top, "link", 4, 0), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_delete_key(reg, link, "", 0, 0), WH_OK);
	cr_expect(lists_reg_keys(reg, top, ""));
	close_reg_key(reg, link);
}
