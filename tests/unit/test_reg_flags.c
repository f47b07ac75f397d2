/* SPDX-License-Identifier: MIT */
/* Reflection, the flags that are stored with a key, predefined handles that mean another key. */
#include "registry.h"
#include "registry/registry.h"

#include <criterion/criterion.h>
#include <string.h>

#define HKLM WH_HKEY_LOCAL_MACHINE
#define HKCU WH_HKEY_CURRENT_USER
#define HKCR WH_HKEY_CLASSES_ROOT

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

TestSuite(flags, .init = setup, .fini = teardown);

/* (1.4.12) Reflection ended with Windows 7: always disabled, and nothing changes that. */
Test(flags, reflection)
{
	wh_hkey key = open_reg_key(reg, HKLM, "Software");
	bool disabled = false;

	cr_expect_eq(wh_reg_query_reflection_key(reg, key, &disabled), WH_OK);
	cr_expect(disabled);
	cr_expect_eq(wh_reg_enable_reflection_key(reg, key), WH_OK);
	disabled = false;
	cr_expect_eq(wh_reg_query_reflection_key(reg, key, &disabled), WH_OK);
	cr_expect(disabled);
	cr_expect_eq(wh_reg_disable_reflection_key(reg, key), WH_OK);
	disabled = false;
	cr_expect_eq(wh_reg_query_reflection_key(reg, HKLM, &disabled), WH_OK);
	cr_expect(disabled);
	close_reg_key(reg, key);
	disabled = true;
	cr_expect_eq(wh_reg_query_reflection_key(reg, key, &disabled), WH_E_HANDLE);
	cr_expect_not(disabled);
	cr_expect_eq(wh_reg_enable_reflection_key(reg, key), WH_E_HANDLE);
	cr_expect_eq(wh_reg_disable_reflection_key(reg, key), WH_E_HANDLE);
	cr_expect_eq(wh_reg_query_reflection_key(reg, HKLM, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_reflection_key(NULL, HKLM, &disabled), WH_E_INVALID);
	cr_expect_eq(wh_reg_enable_reflection_key(NULL, HKLM), WH_E_INVALID);
	cr_expect_eq(wh_reg_disable_reflection_key(NULL, HKLM), WH_E_INVALID);
}

Test(flags, deleted_key)
{
	wh_hkey key = make_reg_key(reg, HKCU, "gone", 0);
	unsigned user = 1, virtual = 1;
	bool disabled = true;

	cr_assert_eq(wh_reg_delete_key(reg, key, "", WH_NTS, 0), WH_OK);
	cr_expect_eq(wh_reg_query_reflection_key(reg, key, &disabled), WH_E_DELETED);
	cr_expect_not(disabled);
	cr_expect_eq(wh_reg_enable_reflection_key(reg, key), WH_E_DELETED);
	cr_expect_eq(wh_reg_disable_reflection_key(reg, key), WH_E_DELETED);
	cr_expect_eq(wh_reg_query_flags(reg, key, &user, &virtual), WH_E_DELETED);
	cr_expect(user == 0 && virtual == 0);
	cr_expect_eq(wh_reg_set_flags(reg, key, 1, 1), WH_E_DELETED);
	cr_expect_eq(wh_reg_override_predef_key(reg, HKCU, key), WH_E_DELETED);
	close_reg_key(reg, key);
}

Test(flags, stored_flags)
{
	wh_hkey key = make_reg_key(reg, HKCU, "key", 0), read;
	unsigned user = 99, virtual = 99;
	struct wh_key_info info;
	struct wh_key found;

	cr_expect_eq(wh_reg_query_flags(reg, key, &user, &virtual), WH_OK);
	cr_expect(user == 0 && virtual == 0);
	cr_expect_eq(wh_reg_set_flags(reg, key, 15, 7), WH_OK);
	cr_expect_eq(wh_reg_query_flags(reg, key, &user, &virtual), WH_OK);
	cr_expect(user == 15 && virtual == 7);
	cr_assert_eq(wh_reg_hive_key(reg, key, &found), WH_OK);
	cr_assert_eq(wh_key_info(found, &info), WH_OK);
	cr_expect(info.user_flags == 15 && info.virtual_flags == 7);
	/* Each is optional. */
	user = 99;
	cr_expect_eq(wh_reg_query_flags(reg, key, &user, NULL), WH_OK);
	cr_expect_eq(user, 15);
	cr_expect_eq(wh_reg_query_flags(reg, key, NULL, NULL), WH_OK);
	cr_expect_eq(wh_reg_set_flags(reg, key, 16, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_flags(reg, key, 0, 16), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_flags(NULL, key, &user, &virtual), WH_E_INVALID);
	cr_expect(user == 0 && virtual == 0);
	cr_expect_eq(wh_reg_set_flags(NULL, key, 0, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_query_flags(reg, 0, &user, &virtual), WH_E_HANDLE);
	cr_expect_eq(wh_reg_set_flags(reg, 0, 0, 0), WH_E_HANDLE);
	/* They are read and written with values. */
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_QUERY_VALUE, &read), WH_OK);
	cr_expect_eq(wh_reg_set_flags(reg, read, 0, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_query_flags(reg, read, &user, &virtual), WH_OK);
	cr_expect(user == 15 && virtual == 7);
	close_reg_key(reg, read);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_SET_VALUE, &read), WH_OK);
	cr_expect_eq(wh_reg_query_flags(reg, read, &user, &virtual), WH_E_ACCESS);
	cr_expect_eq(wh_reg_set_flags(reg, read, 1, 2), WH_OK);
	close_reg_key(reg, read);
	close_reg_key(reg, key);
}

/* ------------------------------------------------------------- predefined handles */

/* As an installer does it: HKEY_CLASSES_ROOT is a key of its own for a while [D]. */
Test(flags, override)
{
	wh_hkey key = make_reg_key(reg, HKCU, "Temporary\\Registration", 0);

	cr_assert_eq(wh_reg_override_predef_key(reg, HKCR, key), WH_OK);
	/* The caller's handle may be closed. */
	close_reg_key(reg, key);
	close_reg_key(reg, make_reg_key(reg, HKCR, "CLSID\\{1}", 0));
	set_reg_number(reg, HKCR, "v", 7);
	cr_expect(lists_reg_keys(reg, HKCR, "CLSID"));
	cr_expect(has_reg_key(reg, HKCU, "Temporary\\Registration\\CLSID\\{1}"));
	cr_expect_not(has_reg_key(reg, HKLM, "Software\\Classes\\CLSID\\{1}"));
	cr_expect_eq(reg_number(reg, HKCU, "Temporary\\Registration", "v"), 7);
	/* The predefined handle stays a predefined one. */
	cr_expect_eq(wh_reg_open_key(reg, HKCR, "", 0, 0, WH_KEY_READ, &key), WH_OK);
	cr_expect_eq(key, HKCR);
	cr_expect_eq(wh_reg_close_key(reg, HKCR), WH_OK);
	cr_expect(has_reg_key(reg, HKCR, "CLSID\\{1}"));

	cr_assert_eq(wh_reg_override_predef_key(reg, HKCR, 0), WH_OK);
	cr_expect(lists_reg_keys(reg, HKCR, "CLSID,Local Settings"));
	cr_expect_not(has_reg_key(reg, HKCR, "CLSID\\{1}"));
	cr_expect_eq(wh_reg_override_predef_key(reg, HKCR, 0), WH_OK);
}

Test(flags, override_each)
{
	static const wh_hkey roots[] = {
		HKCR, HKCU, HKLM, WH_HKEY_USERS, WH_HKEY_PERFORMANCE_DATA, WH_HKEY_CURRENT_CONFIG
	};
	static const wh_hkey others[] = { WH_HKEY_DYN_DATA,
					  WH_HKEY_CURRENT_USER_LOCAL_SETTINGS,
					  UINT32_C(0x80000050),
					  UINT32_C(0x80001234),
					  0,
					  1 };
	wh_hkey key = make_reg_key(reg, HKCU, "A\\B", 0);

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		wh_hkey parent = open_reg_key(reg, HKCU, "A");

		cr_assert_eq(wh_reg_override_predef_key(reg, roots[i], parent), WH_OK, "%zu", i);
		close_reg_key(reg, parent);
		cr_expect(lists_reg_keys(reg, roots[i], "B"), "%zu", i);
		cr_assert_eq(wh_reg_override_predef_key(reg, roots[i], 0), WH_OK, "%zu", i);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		cr_expect_eq(wh_reg_override_predef_key(reg, others[i], key), WH_E_HANDLE, "%zu",
			     i);
	cr_expect_eq(wh_reg_override_predef_key(reg, HKLM, HKCU), WH_E_HANDLE);
	cr_expect_eq(wh_reg_override_predef_key(reg, HKLM, key + 1000), WH_E_HANDLE);
	cr_expect_eq(wh_reg_override_predef_key(NULL, HKLM, key), WH_E_INVALID);
	cr_expect(has_reg_key(reg, HKLM, "SOFTWARE"));
	close_reg_key(reg, key);
}

/* Whatever HKEY_CURRENT_USER means, the classes are those of the user who was chosen. */
Test(flags, override_of_the_user_leaves_classes)
{
	wh_hkey key = make_reg_key(reg, HKLM, "SOFTWARE\\Other", 0);

	close_reg_key(reg, make_reg_key(reg, key, "Software\\Classes\\x", 0));
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, key), WH_OK);
	cr_expect(has_reg_key(reg, HKCU, "Software\\Classes\\x"));
	cr_expect(lists_reg_keys(reg, HKCR, "CLSID,Local Settings"));
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, 0), WH_OK);
	close_reg_key(reg, key);
}

/* One override after another, of its own root too. */
Test(flags, override_again)
{
	wh_hkey a = make_reg_key(reg, HKCU, "A\\x", 0), b = make_reg_key(reg, HKCU, "B\\y", 0);
	wh_hkey first = open_reg_key(reg, HKCU, "A"), second = open_reg_key(reg, HKCU, "B");

	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, first), WH_OK);
	cr_expect(lists_reg_keys(reg, HKCU, "x"));
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, second), WH_OK);
	cr_expect(lists_reg_keys(reg, HKCU, "y"));
	/* One that fails leaves it. */
	cr_expect_eq(wh_reg_override_predef_key(reg, HKCU, 12345), WH_E_HANDLE);
	cr_expect(lists_reg_keys(reg, HKCU, "y"));
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, 0), WH_OK);
	cr_expect(has_reg_key(reg, HKCU, "A\\x"));
	close_reg_key(reg, a);
	close_reg_key(reg, b);
	close_reg_key(reg, first);
	close_reg_key(reg, second);
}

/* The handle that is kept has the access of the caller's, and holds its hive. */
Test(flags, override_keeps_access_and_hive)
{
	wh_hkey key;

	cr_assert_eq(
		wh_reg_open_key(reg, HKLM, "SOFTWARE\\Microsoft", WH_NTS, 0, WH_KEY_READ, &key),
		WH_OK);
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, key), WH_OK);
	close_reg_key(reg, key);
	cr_expect_eq(wh_reg_set_value_ex(reg, HKCU, "v", WH_NTS, WH_REG_SZ, "", 0), WH_E_ACCESS);
	cr_expect(lists_reg_keys(reg, HKCU, ""));
	cr_expect_eq(wh_reg_unload_key(reg, HKLM, "SOFTWARE", WH_NTS), WH_E_ACCESS);
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, 0), WH_OK);
	cr_expect_eq(wh_reg_set_value_ex(reg, HKCU, "v", WH_NTS, WH_REG_SZ, "", 0), WH_OK);
	cr_expect_eq(wh_reg_unload_key(reg, HKLM, "SOFTWARE", WH_NTS), WH_OK);
}

/* The key that a root means is deleted: so is the root, until it means another. */
Test(flags, override_and_delete)
{
	wh_hkey key = make_reg_key(reg, HKLM, "SOFTWARE\\gone", 0);
	char name[10];
	size_t len;

	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, key), WH_OK);
	cr_assert_eq(wh_reg_delete_key(reg, HKLM, "SOFTWARE\\gone", WH_NTS, 0), WH_OK);
	cr_expect_eq(wh_reg_enum_key(reg, HKCU, 0, name, sizeof name, &len, NULL), WH_E_DELETED);
	cr_assert_eq(wh_reg_override_predef_key(reg, HKCU, 0), WH_OK);
	cr_expect(has_reg_key(reg, HKCU, "Software"));
	close_reg_key(reg, key);
}

static enum wh_status
override_users(struct wh_reg *r)
{
	wh_hkey key;
	enum wh_status st = wh_reg_open_key(r, HKCU, "Software", WH_NTS, 0, WH_KEY_READ, &key);

	if (st != WH_OK)
		return st;
	st = wh_reg_override_predef_key(r, WH_HKEY_USERS, key);
	close_reg_key(r, key);
	/* It is the one, or it is none. */
	cr_assert_eq(r->predefined[WH_HKEY_USERS - HKCR] != 0, st == WH_OK);
	return st;
}

Test(flags_memory, runs_out)
{
	cr_expect_gt(registry_starve(NULL, override_users), 1);
}
