/* SPDX-License-Identifier: MIT */
/* The two views of SOFTWARE and of the classes, through handles (docs/winreg-tests.md 1.4.12). */
#include "registry.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ALL    WH_KEY_ALL_ACCESS
#define V32    WH_KEY_WOW64_32KEY
#define V64    WH_KEY_WOW64_64KEY
#define HKLM   WH_HKEY_LOCAL_MACHINE
#define HKCU   WH_HKEY_CURRENT_USER
#define HKCR   WH_HKEY_CLASSES_ROOT
#define WOW    "Wow6432Node"
#define ABSENT UINT32_MAX

static struct test_registry t;
static struct wh_reg *reg;

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

TestSuite(redirection, .init = setup, .fini = teardown);

static wh_hkey
create(wh_hkey key, const char *path, uint32_t view)
{
	wh_hkey result;

	cr_assert_eq(wh_reg_create_key(reg, key, path, WH_NTS, 0, ALL | view, NULL, &result, NULL),
		     WH_OK, "%s", path);
	return result;
}

static enum wh_status
open(wh_hkey key, const char *path, uint32_t view, wh_hkey *result)
{
	return wh_reg_open_key(reg, key, path, WH_NTS, 0, WH_KEY_READ | view, result);
}

/* The number in 'value' of the key at a path, opened with a view. */
static uint32_t
number(wh_hkey key, const char *path, uint32_t view)
{
	uint32_t found;
	wh_hkey opened;

	if (open(key, path, view, &opened) != WH_OK)
		return ABSENT;
	found = reg_number(reg, opened, "", "value");
	close_reg_key(reg, opened);
	return found;
}

static void
set(wh_hkey key, const char *path, uint32_t view, uint32_t to)
{
	wh_hkey made = create(key, path, view);

	set_reg_number(reg, made, "value", to);
	close_reg_key(reg, made);
}

/* Two keys of the same path, 64 and 32. */
static void
make_two(void)
{
	set(HKLM, "Software\\Wine\\Winetest", V64, 64);
	set(HKLM, "Software\\Wine\\Winetest", V32, 32);
}

static void
expect_views(wh_hkey key, const char *path, uint32_t none, uint32_t v64, uint32_t v32)
{
	cr_expect_eq(number(key, path, 0), none, "%s, no view: %u", path, number(key, path, 0));
	cr_expect_eq(number(key, path, V64), v64, "%s, 64: %u", path, number(key, path, V64));
	cr_expect_eq(number(key, path, V32), v32, "%s, 32: %u", path, number(key, path, V32));
}

/* [W:2800] */
Test(redirection, two_bodies_from_the_root)
{
	make_two();
	expect_views(HKLM, "Software\\Wine\\Winetest", 64, 64, 32);
	expect_views(HKLM, "Software\\" WOW "\\Wine\\Winetest", 32, 32, 32);
	cr_expect_eq(reg_number(reg, HKLM, "SOFTWARE\\Wow6432Node\\Wine\\Winetest", "value"), 32);
	cr_expect(has_reg_key(reg, HKLM, "SOFTWARE\\Wine\\Winetest"));
}

/* [W:2838] A handle with the 64-bit view, or with none. */
Test(redirection, from_a_64_bit_handle)
{
	wh_hkey key;

	make_two();
	for (uint32_t view = 0; view <= V64; view += V64) {
		key = create(HKLM, "Software", view);
		expect_views(key, "Wine\\Winetest", 64, 64, 32);
		expect_views(key, WOW "\\Wine\\Winetest", 32, 32, 32);
		close_reg_key(reg, key);
		key = create(HKLM, "Software\\Wine", view);
		expect_views(key, "Winetest", 64, 64, 32);
		close_reg_key(reg, key);
	}
}

/* [W:2846-2849] A handle with the 32-bit view is one to Wow6432Node, and below it is no other. */
Test(redirection, from_a_32_bit_handle)
{
	static const struct {
		const char *path;
		uint32_t view;
	} ways[] = { { "Software", V32 },
		     { "Software\\" WOW, 0 },
		     { "Software\\" WOW, V64 },
		     { "Software\\" WOW, V32 } };
	wh_hkey key;

	make_two();
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		key = create(HKLM, ways[i].path, ways[i].view);
		expect_views(key, "Wine\\Winetest", 32, 32, 32);
		expect_views(key, WOW "\\Wine\\Winetest", ABSENT, ABSENT, ABSENT);
		expect_views(key, WOW, ABSENT, ABSENT, ABSENT);
		close_reg_key(reg, key);
	}
	key = create(HKLM, "Software\\" WOW "\\Wine", 0);
	expect_views(key, "Winetest", 32, 32, 32);
	close_reg_key(reg, key);
}

/* [W:2956] */
Test(redirection, one_key_by_two_names)
{
	wh_hkey key;

	set(HKLM, "Software\\WOW6432Node\\test1\\test2", V32, 7);
	cr_expect_eq(number(HKLM, "Software\\test1\\test2", V32), 7);
	cr_expect_eq(number(HKLM, "Software\\WOW6432Node\\test1\\test2", 0), 7);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\test1\\test2", WH_NTS, 0),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\test1\\test2", WH_NTS, V64),
		     WH_E_NOT_FOUND);
	key = create(HKLM, "Software\\test1\\test2", V32);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\test1\\test2", WH_NTS, V32), WH_OK);
	cr_expect_eq(number(HKLM, "Software\\WOW6432Node\\test1\\test2", 0), ABSENT);
	close_reg_key(reg, key);
}

Test(redirection, delete_in_a_view)
{
	make_two();
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\Wine\\Winetest", WH_NTS, V32), WH_OK);
	expect_views(HKLM, "Software\\Wine\\Winetest", 64, 64, ABSENT);
	set(HKLM, "Software\\Wine\\Winetest", V32, 32);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\Wine\\Winetest", WH_NTS, V64), WH_OK);
	expect_views(HKLM, "Software\\Wine\\Winetest", ABSENT, ABSENT, 32);
}

/* "" is the key of the handle, whatever the view: it must not be another one that is deleted. */
Test(redirection, empty_path_is_the_key_itself)
{
	wh_hkey key, same;

	make_two();
	key = open_reg_key(reg, HKLM, "Software\\Wine\\Winetest");
	cr_assert_eq(open(key, "", V32, &same), WH_OK);
	cr_expect_eq(reg_number(reg, same, "", "value"), 64);
	close_reg_key(reg, same);
	cr_expect_eq(wh_reg_delete_key(reg, key, "", WH_NTS, V32), WH_OK);
	expect_views(HKLM, "Software\\Wine\\Winetest", ABSENT, ABSENT, 32);
	close_reg_key(reg, key);
}

Test(redirection, both_views_are_none)
{
	wh_hkey key = 5;

	cr_expect_eq(open(HKLM, "Software", V32 | V64, &key), WH_E_INVALID);
	cr_expect_eq(key, 0);
	cr_expect_eq(wh_reg_create_key(reg, HKLM, "Software\\a", WH_NTS, 0, ALL | V32 | V64, NULL,
				       &key, NULL),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\a", WH_NTS, V32 | V64), WH_E_INVALID);
}

/* What is shared is one key, from every side. */
Test(redirection, shared_keys)
{
	wh_hkey soft32;

	set(HKLM, "Software\\Clients\\Mail", V32, 1);
	expect_views(HKLM, "Software\\Clients\\Mail", 1, 1, 1);
	soft32 = create(HKLM, "Software", V32);
	cr_expect_eq(number(soft32, "Clients\\Mail", V32), 1);
	close_reg_key(reg, soft32);
	set(HKLM, "Software\\Microsoft\\RPC", 0, 2);
	expect_views(HKLM, "Software\\Microsoft\\RPC", 2, 2, 2);
	/* Nothing else of the registry has views. */
	set(HKCU, "Software\\Wine", V32, 3);
	expect_views(HKCU, "Software\\Wine", 3, 3, 3);
	set(HKLM, "System\\Wine", V32, 4);
	expect_views(HKLM, "System\\Wine", 4, 4, 4);
}

/* CLSID of Classes has two bodies; a class has not, which is what Python's test looks at. */
Test(redirection, classes)
{
	set(HKLM, "Software\\Classes\\Interface\\{1}", V64, 64);
	set(HKLM, "Software\\Classes\\Interface\\{1}", V32, 32);
	expect_views(HKLM, "Software\\Classes\\Interface\\{1}", 64, 64, 32);
	expect_views(HKLM, "Software\\Classes\\" WOW "\\Interface\\{1}", 32, 32, 32);
	set(HKLM, "Software\\Classes\\.wine", V32, 1);
	expect_views(HKLM, "Software\\Classes\\.wine", 1, 1, 1);
	cr_expect_eq(number(HKLM, "Software\\Classes\\" WOW "\\.wine", V32), 1);
	set(HKCU, "Software\\Classes\\CLSID\\{2}", V64, 64);
	set(HKCU, "Software\\Classes\\CLSID\\{2}", V32, 32);
	expect_views(HKCU, "Software\\Classes\\CLSID\\{2}", 64, 64, 32);
	cr_expect_eq(number(WH_HKEY_USERS, USER_SID "_Classes\\" WOW "\\CLSID\\{2}", 0), 32);
	set(HKCU, "Software\\Classes\\Python Test Key", V32, 5);
	expect_views(HKCU, "Software\\Classes\\Python Test Key", 5, 5, 5);
}

/*
 * In a hive of Windows the second body of Classes, and what is shared, are links in the second
 * body of SOFTWARE; with them everything is as it is without.
 */
Test(redirection, links_of_windows)
{
	static const char software[] = "\\Registry\\Machine\\Software";
	char target[100];

	snprintf(target, sizeof target, "%s\\Classes\\" WOW, software);
	close_reg_key(reg, create(HKLM, "Software\\Classes\\" WOW, 0));
	make_reg_link(reg, HKLM, "Software\\" WOW "\\Classes", target);
	snprintf(target, sizeof target, "%s\\Clients", software);
	close_reg_key(reg, create(HKLM, "Software\\Clients", 0));
	make_reg_link(reg, HKLM, "Software\\" WOW "\\Clients", target);
	snprintf(target, sizeof target, "%s\\Classes\\AppID", software);
	close_reg_key(reg, create(HKLM, "Software\\Classes\\AppID", 0));
	make_reg_link(reg, HKLM, "Software\\Classes\\" WOW "\\AppID", target);

	set(HKLM, "Software\\Clients\\Mail", V32, 1);
	expect_views(HKLM, "Software\\Clients\\Mail", 1, 1, 1);
	expect_views(HKLM, "Software\\" WOW "\\Clients\\Mail", 1, 1, 1);
	set(HKLM, "Software\\Classes\\AppID\\{1}", V32, 2);
	expect_views(HKLM, "Software\\Classes\\AppID\\{1}", 2, 2, 2);
	expect_views(HKLM, "Software\\" WOW "\\Classes\\AppID\\{1}", 2, 2, 2);
	set(HKLM, "Software\\Classes\\CLSID\\{1}", V64, 64);
	set(HKLM, "Software\\Classes\\CLSID\\{1}", V32, 32);
	expect_views(HKLM, "Software\\Classes\\CLSID\\{1}", 64, 64, 32);
	expect_views(HKLM, "Software\\" WOW "\\Classes\\CLSID\\{1}", 32, 32, 32);
	set(HKLM, "Software\\" WOW "\\Classes\\Interface\\{1}", 0, 33);
	cr_expect_eq(number(HKLM, "Software\\Classes\\Interface\\{1}", V32), 33);
	cr_expect_eq(number(HKLM, "Software\\Classes\\Interface\\{1}", 0), ABSENT);
}

/* [W:3320] HKEY_CLASSES_ROOT has views too, and they stay merged. */
Test(redirection, classes_root)
{
	wh_hkey native, other, made, gone;

	native = create(HKLM, "Software\\Classes\\Interface", 0);
	close_reg_key(reg, native);
	native = create(HKLM, "Software\\Classes\\" WOW "\\Interface", 0);
	close_reg_key(reg, native);
	native = open_reg_key(reg, HKCR, "Interface");
	cr_assert_eq(wh_reg_open_key(reg, HKCR, "Interface", WH_NTS, 0, ALL | V32, &other), WH_OK);
	made = create(other, "AWineTest", V32);
	cr_expect_eq(open(native, "AWineTest", 0, &gone), WH_E_NOT_FOUND);
	cr_expect(has_reg_key(reg, HKLM, "Software\\Classes\\" WOW "\\Interface\\AWineTest"));
	set(HKCU, "Software\\Classes\\Interface\\AWineTest", V32, 9);
	cr_expect_eq(number(HKCR, "Interface\\AWineTest", V32), 9);
	cr_expect_eq(number(other, "AWineTest", 0), 9);
	cr_expect_eq(reg_number(reg, made, "", "value"), 9);
	cr_expect_eq(number(HKCR, "Interface\\AWineTest", V64), ABSENT);
	/* The user's first, then the machine's. */
	cr_expect_eq(wh_reg_delete_key(reg, other, "AWineTest", WH_NTS, V32), WH_OK);
	cr_expect(has_reg_key(reg, HKCR, WOW "\\Interface\\AWineTest"));
	cr_expect_eq(wh_reg_delete_key(reg, other, "AWineTest", WH_NTS, V32), WH_OK);
	cr_expect_not(has_reg_key(reg, HKCR, WOW "\\Interface\\AWineTest"));
	close_reg_key(reg, made);
	close_reg_key(reg, other);
	close_reg_key(reg, native);
}
