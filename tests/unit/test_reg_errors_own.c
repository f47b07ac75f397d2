/* SPDX-License-Identifier: MIT */
/*
 * The errors that functions have of their own, as the comments of winhive-winreg.h promise them:
 * a row is one call and its status.  tests/lint/check_reg_errors.py compares them with that file.
 */
#include "descriptors.h"
#include "hive_builder.h"
#include "registry.h"
#include "tree.h"

#include <criterion/criterion.h>
#include <string.h>

#define HKLM  WH_HKEY_LOCAL_MACHINE
#define HKCU  WH_HKEY_CURRENT_USER
#define HKCR  WH_HKEY_CLASSES_ROOT
#define HKU   WH_HKEY_USERS
#define ALL   (WH_KEY_ALL_ACCESS | WH_ACCESS_SYSTEM_SECURITY)
#define BOTH  (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY)
#define DACL  WH_DACL_SECURITY_INFORMATION
#define OWNER WH_OWNER_SECURITY_INFORMATION
#define GROUP WH_GROUP_SECURITY_INFORMATION
#define ANY   WH_RRF_RT_ANY

static struct test_registry t;
static struct tree tree;
static struct wh_reg *reg;
static wh_hkey key, sub, result;
static char buf[64], *text;
static const char *one; /* the path of a hive */
static size_t len;
static uint64_t number;

static void
setup(void)
{
	static const char *const keys[] = { "A\\B", NULL };

	registry_init(&t, NULL);
	tree_init(&tree);
	tree_save_keys(&tree, "one", keys);
	one = tree_path(&tree, "one");
	reg = t.reg;
	key = make_reg_key(reg, HKLM, "Software\\Test", 0);
	sub = make_reg_key(reg, key, "Sub", 0);
	set_reg_number(reg, key, "v", 1);
}

static void
teardown(void)
{
	registry_fini(&t);
	tree_fini(&tree);
}

TestSuite(reg_rows, .init = setup, .fini = teardown);

/* One call, and what it has to answer. */
static void
row(const char *function, int line, enum wh_status st, enum wh_status due)
{
	cr_expect_eq(st, due, "%s, line %d: %s", function, line, wh_status_name(st));
}
#define ROW(function, due, ...) row(#function, __LINE__, function(__VA_ARGS__), due)

/* --------------------------------------------------------------------- keys */

Test(reg_rows, open)
{
	const struct wh_create *none = NULL;

	ROW(wh_reg_open_key, WH_E_INVALID, reg, HKLM, "Software", 8, 0, ALL, NULL);
	ROW(wh_reg_open_key, WH_E_INVALID, reg, key, "Sub", 3, 0, BOTH | ALL, &result);
	ROW(wh_reg_open_key, WH_E_INVALID, reg, key, "Sub", 3, WH_REG_OPTION_VOLATILE, ALL,
	    &result);
	ROW(wh_reg_open_key, WH_E_INVALID, reg, key, "Sub", 3, 32, ALL, &result);
	ROW(wh_reg_open_key, WH_E_ACCESS, reg, key, "Sub", 3, 0, 0, &result);
	ROW(wh_reg_open_key, WH_E_ACCESS, reg, key, "Sub", 3, 0, WH_KEY_WOW64_64KEY, &result);
	ROW(wh_reg_open_key, WH_E_ACCESS, reg, key, "Sub", 3, 0, 0x00100000, &result);
	ROW(wh_reg_open_key, WH_E_NOT_FOUND, reg, key, "Nothing", WH_NTS, 0, ALL, &result);
	ROW(wh_reg_open_key, WH_E_HANDLE, reg, 0, NULL, 0, 0, ALL, &result);
	ROW(wh_reg_open_key, WH_E_BAD_PATH, reg, key, "\\Sub", 4, 0, ALL, &result);
	make_reg_link(reg, key, "loop", "\\REGISTRY\\MACHINE\\SOFTWARE\\Test\\loop");
	ROW(wh_reg_open_key, WH_E_INVALID, reg, key, "loop", 4, 0, ALL, &result);
	ROW(wh_reg_create_key, WH_E_BAD_KEY, reg, key, "New", 3, 0, ALL, none, NULL, NULL);
	ROW(wh_reg_create_key, WH_E_INVALID, reg, key, "New", 3, 0, BOTH | ALL, none, &result,
	    NULL);
	ROW(wh_reg_create_key, WH_E_INVALID, reg, key, "New", 3, 32, ALL, none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_ACCESS, reg, key, "New", 3, 0, 0, none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_ACCESS, reg, key, "New", 3, 0, 0x00100000, none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_BAD_PATH, reg, key, "\\New", 4, 0, ALL, none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_INVALID, reg, key, "loop", 4, 0, ALL, none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_EXISTS, reg, key, "loop", 4, WH_REG_OPTION_CREATE_LINK, ALL,
	    none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_EXISTS, reg, key, "Sub", 3, WH_REG_OPTION_CREATE_LINK, ALL,
	    none, &result, NULL);
	ROW(wh_reg_create_key, WH_E_MUST_BE_VOLATILE, reg, HKLM, "New", 3, 0, ALL, none, &result,
	    NULL);
	make_reg_link(reg, key, "lost", "nowhere");
	ROW(wh_reg_create_key, WH_E_NOT_FOUND, reg, key, "lost", 4, 0, ALL, none, &result, NULL);
	cr_expect_eq(result, 0);
	cr_expect_not(has_reg_key(reg, key, "New"));
	/* The check of the fixture does not like a link that is no path. */
	cr_assert_eq(wh_reg_delete_tree(reg, HKLM, "Software\\Test", WH_NTS, NULL, 0, NULL), WH_OK);
}

Test(reg_rows, trees)
{
	ROW(wh_reg_delete_key, WH_E_INVALID, reg, key, NULL, 0, 0);
	ROW(wh_reg_delete_key, WH_E_INVALID, reg, key, "Sub", 3, BOTH);
	ROW(wh_reg_delete_key, WH_E_ACCESS, reg, HKLM, "Software\\Test", WH_NTS, 0);
	ROW(wh_reg_delete_key, WH_E_ACCESS, reg, HKLM, "SYSTEM", WH_NTS, 0);
	ROW(wh_reg_delete_tree, WH_E_ACCESS, reg, HKLM, "SYSTEM", WH_NTS, buf, 64, &len);
	ROW(wh_reg_copy_tree, WH_E_HANDLE, reg, key, NULL, 0, 0);
	ROW(wh_reg_copy_tree, WH_E_INVALID, reg, key, NULL, 0, sub);
	ROW(wh_reg_rename_key, WH_E_INVALID, reg, key, "Sub", 3, NULL, 0);
	ROW(wh_reg_rename_key, WH_E_INVALID, reg, key, "Sub", 3, "", 0);
	ROW(wh_reg_rename_key, WH_E_INVALID, reg, key, "Sub", 3, "a\\b", 3);
	ROW(wh_reg_rename_key, WH_E_ACCESS, reg, key, "Sub", 3, "sub", 3);
	ROW(wh_reg_rename_key, WH_E_ACCESS, reg, HKLM, "SYSTEM", WH_NTS, "new", 3);
	cr_expect(has_reg_key(reg, key, "Sub"));
	/* Of the access only the view counts. */
	ROW(wh_reg_delete_key, WH_OK, reg, key, "Sub", 3, ~(uint32_t)WH_KEY_WOW64_32KEY);
	cr_expect_not(has_reg_key(reg, key, "Sub"));
}

Test(reg_rows, told_about)
{
	struct wh_reg_info *no_info = NULL;
	struct wh_key found, *no_key = NULL;

	ROW(wh_reg_enum_key, WH_E_NO_MORE, reg, key, 1, buf, 64, &len, NULL);
	ROW(wh_reg_enum_key, WH_E_NO_MORE, reg, key, UINT32_MAX, buf, 64, &len, NULL);
	ROW(wh_reg_query_info_key, WH_E_INVALID, reg, key, no_info);
	ROW(wh_reg_query_class, WH_E_INVALID, reg, key, buf, 64, NULL);
	ROW(wh_reg_key_path, WH_E_INVALID, reg, key, buf, 64, NULL);
	ROW(wh_reg_hive_key, WH_E_INVALID, reg, key, no_key);
	ROW(wh_reg_hive_key, WH_E_NOT_SUPPORTED, reg, HKLM, &found);
	ROW(wh_reg_walk, WH_E_INVALID, reg, key, NULL, 0, WH_KEY_READ, NULL, NULL);
}

/* -------------------------------------------------------------------- values */

Test(reg_rows, values)
{
	struct wh_reg_multiple missing = { .name = "w", .len = 1 };
	struct wh_reg_multiple *none = NULL;

	cr_assert_eq(wh_reg_set_value_ex(reg, key, NULL, 0, WH_REG_BINARY, "x", 1), WH_OK);
	ROW(wh_reg_query_value, WH_E_INVALID_DATA, reg, key, NULL, 0, NULL, 0, &len);
	ROW(wh_reg_query_value_ex, WH_E_INVALID, reg, key, "v", 1, NULL, buf, 64, NULL);
	ROW(wh_reg_enum_value, WH_E_NO_MORE, reg, key, 2, buf, 64, &len, NULL, NULL, 0, NULL);
	ROW(wh_reg_enum_value, WH_E_INVALID, reg, key, 0, buf, 64, NULL, NULL, NULL, 0, NULL);
	ROW(wh_reg_set_value, WH_E_INVALID, reg, key, NULL, 0, "\xff", 1);
	ROW(wh_reg_set_value_ex, WH_E_NOACCESS, reg, key, "v", 1, WH_REG_BINARY, NULL, 1);
	ROW(wh_reg_set_value_ex, WH_E_INVALID, reg, key, "\xff", 1, WH_REG_BINARY, NULL, 0);
	ROW(wh_reg_set_key_value, WH_E_NOACCESS, reg, key, NULL, 0, "v", 1, WH_REG_SZ, NULL, 9);
	ROW(wh_reg_delete_value, WH_E_NOT_FOUND, reg, key, "w", 1);
	ROW(wh_reg_delete_key_value, WH_E_NOT_FOUND, reg, key, "Sub", 3, "v", 1);
	ROW(wh_reg_query_multiple_values, WH_E_NOT_FOUND, reg, key, &missing, 1, buf, 64, &len);
	ROW(wh_reg_query_multiple_values, WH_E_INVALID, reg, key, none, 1, buf, 64, &len);
	cr_expect_eq(reg_number(reg, key, "", "v"), 1);
}

Test(reg_rows, get_value)
{
#define GET(due, flags, data) \
	ROW(wh_reg_get_value, due, reg, key, NULL, 0, "v", 1, flags, NULL, data, 64, &len)
	GET(WH_E_UNSUPPORTED_TYPE, WH_RRF_RT_REG_SZ, buf);
	GET(WH_E_INVALID, 0, buf);
	GET(WH_E_INVALID, ANY | WH_RRF_SUBKEY_WOW6464KEY | WH_RRF_SUBKEY_WOW6432KEY, buf);
	GET(WH_E_INVALID, ANY | 0x00040000, buf);
	ROW(wh_reg_get_value, WH_E_INVALID, reg, key, NULL, 0, "v", 1, ANY, NULL, buf, 64, NULL);
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "v", 1, WH_REG_BINARY, "abc", 3), WH_OK);
	GET(WH_E_TYPE, WH_RRF_RT_DWORD, buf);
}

Test(reg_rows, text)
{
	static const char name[] = "%\xff%";

	ROW(wh_reg_expand_environment_strings, WH_E_INVALID, reg, "\xff", 1, buf, 64, &len);
	ROW(wh_reg_expand_environment_strings, WH_E_INVALID, reg, name, 3, buf, 64, &len);
	ROW(wh_reg_get_string, WH_E_TYPE, reg, key, NULL, "v", NULL, &text, NULL);
	cr_expect_null(text);
	ROW(wh_reg_get_string, WH_E_INVALID, reg, key, NULL, "v", NULL, NULL, NULL);
	ROW(wh_reg_get_number, WH_E_INVALID, reg, key, NULL, "v", 5, NULL);
	cr_assert_eq(wh_reg_set_value(reg, key, NULL, 0, "x", 1), WH_OK);
	ROW(wh_reg_get_number, WH_E_TYPE, reg, key, NULL, NULL, 5, &number);
	ROW(wh_reg_set_string, WH_E_TYPE, reg, key, "v", 1, WH_REG_MULTI_SZ, "x", 1);
	ROW(wh_reg_set_string, WH_E_INVALID, reg, key, "v", 1, WH_REG_SZ, "\xff", 1);
	ROW(wh_reg_add_to_user_path, WH_E_INVALID, reg, "a;b", 3, NULL);
	ROW(wh_reg_add_to_user_path, WH_E_INVALID, reg, "", 0, NULL);
	ROW(wh_reg_add_to_user_path, WH_E_INVALID, reg, NULL, 0, NULL);
	cr_assert_eq(
		wh_reg_set_key_value(reg, HKCU, "Environment", WH_NTS, "Path", 4, 4, "abcd", 4),
		WH_OK);
	ROW(wh_reg_add_to_user_path, WH_E_TYPE, reg, "C:\\x", WH_NTS, NULL);
}

/* A variable that is not UTF-8, and one that is larger than all that is given out. */
static const char *
variable(void *ctx, const char *name, size_t name_len)
{
	static char large[1 << 20];

	(void)ctx;
	(void)name_len;
	if (name[0] == 'b')
		return "\xff";
	memset(large, 'x', sizeof large - 1);
	return large;
}

Test(reg_rows_environment, expand)
{
	struct wh_reg_options options = { .environment = variable };
	char many[17 * 3 + 1] = "";

	registry_init(&t, &options);
	for (int i = 0; i < 17; i++)
		strcat(many, "%a%");
	reg = t.reg;
	ROW(wh_reg_expand_environment_strings, WH_E_INVALID_DATA, reg, "%b%", 3, buf, 64, &len);
	ROW(wh_reg_expand_environment_strings, WH_E_TOO_BIG, reg, many, WH_NTS, NULL, 0, &len);
	cr_expect_eq(len, 0);
	registry_fini(&t);
}

/* ------------------------------------------------------- security, views, flags */

Test(reg_rows, security)
{
	struct sd_bytes no_dacl = sd_bytes("O:BA G:SY"), no_owner = sd_bytes("D:(A;WD;f003f)");
	struct wh_key found;

	ROW(wh_reg_get_key_security, WH_E_BUFFER, reg, key, DACL, buf, 4, &len);
	cr_expect_gt(len, 4);
	ROW(wh_reg_get_key_security, WH_E_BUFFER, reg, key, DACL, NULL, 0, &len);
	ROW(wh_reg_get_key_security, WH_E_INVALID, reg, key, DACL, buf, 64, NULL);
	ROW(wh_reg_set_key_security, WH_E_INVALID_SD, reg, key, DACL, no_dacl.at, no_dacl.len);
	ROW(wh_reg_set_key_security, WH_E_INVALID_SD, reg, key, DACL, "text", 4);
	ROW(wh_reg_set_key_security, WH_E_INVALID, reg, key, OWNER, no_owner.at, no_owner.len);
	ROW(wh_reg_set_key_security, WH_E_INVALID, reg, key, GROUP, no_owner.at, no_owner.len);
	cr_assert_eq(wh_reg_hive_key(reg, key, &found), WH_OK);
	cr_assert_eq(wh_key_set_security(found, no_owner.at, no_owner.len), WH_OK);
	ROW(wh_reg_key_owner, WH_E_NOT_FOUND, reg, key, buf, 64, &len);
	ROW(wh_reg_key_owner, WH_E_INVALID, reg, key, buf, 64, NULL);
}

Test(reg_rows, views_and_flags)
{
	const struct wh_reg_options wrong = { .flags = 1u << 20 };
	struct wh_reg *none = reg, **nowhere = NULL;
	bool *no_answer = NULL;

	ROW(wh_reg_new, WH_E_INVALID, &wrong, &none);
	cr_expect_null(none);
	ROW(wh_reg_new, WH_E_INVALID, NULL, nowhere);

	ROW(wh_reg_open_user_classes_root, WH_E_NOT_FOUND, reg, "S-1-5-21-9", WH_NTS, 0, ALL,
	    &result);
	ROW(wh_reg_open_user_classes_root, WH_E_INVALID, reg, USER_SID, WH_NTS, 1, ALL, &result);
	ROW(wh_reg_open_user_classes_root, WH_E_INVALID, reg, USER_SID, WH_NTS, 0, BOTH, &result);
	ROW(wh_reg_open_user_classes_root, WH_E_INVALID, reg, NULL, 0, 0, ALL, &result);
	ROW(wh_reg_open_user_classes_root, WH_E_INVALID, reg, USER_SID, WH_NTS, 0, ALL, NULL);
	ROW(wh_reg_open_user_classes_root, WH_E_ACCESS, reg, USER_SID, WH_NTS, 0, 0, &result);
	cr_expect_eq(result, 0);
	ROW(wh_reg_override_predef_key, WH_E_HANDLE, reg, HKLM, HKCU);
	ROW(wh_reg_override_predef_key, WH_E_HANDLE, reg, key, sub);
	ROW(wh_reg_override_predef_key, WH_E_HANDLE, reg, WH_HKEY_DYN_DATA, key);
	ROW(wh_reg_override_predef_key, WH_E_HANDLE, reg, WH_HKEY_CURRENT_USER_LOCAL_SETTINGS, key);
	ROW(wh_reg_query_reflection_key, WH_E_INVALID, reg, key, no_answer);
	ROW(wh_reg_set_flags, WH_E_INVALID, reg, key, 16, 0);
	ROW(wh_reg_set_flags, WH_E_INVALID, reg, key, 0, 16);
}

/* ---------------------------------------------------------------- notification */

static enum wh_status last_told;

static void
told(void *ctx, wh_hkey of, enum wh_status status)
{
	(void)ctx, (void)of;
	last_told = status;
}

Test(reg_rows, notification)
{
	const uint32_t set = WH_REG_NOTIFY_CHANGE_LAST_SET;
	int fd;

	ROW(wh_reg_notify, WH_E_INVALID, reg, key, false, 0x10, told, NULL);
	ROW(wh_reg_notify, WH_E_INVALID, reg, key, false, set, NULL, NULL);
	ROW(wh_reg_notify_fd, WH_E_INVALID, reg, key, false, 0x10, &fd);
	ROW(wh_reg_notify_fd, WH_E_INVALID, reg, key, false, set, NULL);
	ROW(wh_reg_notify_wait, WH_E_INVALID, reg, key, false, 0x20000000, 0);
	ROW(wh_reg_notify_wait, WH_E_INVALID, reg, key, false, set, -2);
	ROW(wh_reg_notify_wait, WH_E_TIMEOUT, reg, key, false, set, 0);
	ROW(wh_reg_notify, WH_OK, reg, sub, false, set, told, NULL);
	cr_assert_eq(wh_reg_delete_key(reg, key, "Sub", 3, 0), WH_OK);
	cr_expect_eq(last_told, WH_E_DELETED);
	ROW(wh_reg_notify, WH_E_DELETED, reg, sub, false, set, told, NULL);
}

/* ------------------------------------------------------------------------ JSON */

Test(reg_rows, json)
{
	static const char link[] = "{\"format\": \"winhive registry 1\", \"key\": {\"keys\": "
				   "[{\"name\": \"Sub\", \"link\": true}]}}";
	enum wh_status none = wh_reg_import_json(reg, key, NULL, 0, "text", 4);
	wh_hkey blind;

	ROW(wh_reg_export_json, WH_E_INVALID, reg, key, NULL, 0, NULL, &len);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_SET_VALUE, &blind), WH_OK);
	ROW(wh_reg_export_json, WH_E_ACCESS, reg, blind, NULL, 0, &text, &len);
	cr_expect_null(text);
	if (none == WH_E_NOT_SUPPORTED)
		return; /* built without jansson */
	ROW(wh_reg_import_json, WH_E_INVALID_DATA, reg, key, NULL, 0, "{}", 2);
	ROW(wh_reg_import_json, WH_E_EXISTS, reg, key, NULL, 0, link, WH_NTS);
	ROW(wh_reg_import_json, WH_E_INVALID, reg, key, NULL, 0, NULL, 0);
}

/* A value whose data are in no cell cannot be exported. */
Test(reg_rows_damage, export)
{
	struct builder b;
	struct wh_hive *hive;
	uint32_t root, value;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	value = builder_value(&b, "bad", WH_REG_SZ, "a text that is not resident", 27);
	put32(builder_at(&b, value) + 8, 0x7ffffff0);
	builder_set_values(&b, root, &value, 1);
	hive = builder_open(&b, NULL);
	cr_assert_eq(wh_reg_new(NULL, &reg), WH_OK);
	cr_assert_eq(wh_reg_mount_hive(reg, HKLM, "BAD", 3, hive, WH_MOUNT_OWNED), WH_OK);
	ROW(wh_reg_export_json, WH_E_CORRUPT, reg, HKLM, "BAD", 3, &text, &len);
	cr_expect_null(text);
	wh_reg_free(reg);
	builder_fini(&b);
}

/* ----------------------------------------------------------------------- files */

Test(reg_rows, mounts)
{
	const char *none = tree_path(&tree, "none"), *bad = tree_path(&tree, "bad");
	struct wh_hive *hive = tree_hive((const char *const[]){ "A", NULL });
	struct wh_reg_mount mount, *no_mount = NULL;

	tree_put(&tree, "bad", "text", 4);
	ROW(wh_reg_mount, WH_E_INVALID, reg, HKCU, "X", 1, one, 0);
	ROW(wh_reg_mount, WH_E_INVALID, reg, HKLM, "a\\b", 3, one, 0);
	ROW(wh_reg_mount, WH_E_INVALID, reg, HKLM, NULL, 0, one, 0);
	ROW(wh_reg_mount, WH_E_INVALID, reg, HKLM, "X", 1, NULL, 0);
	ROW(wh_reg_mount, WH_E_INVALID, reg, HKLM, "X", 1, one, WH_MOUNT_OWNED);
	ROW(wh_reg_mount, WH_E_ACCESS, reg, HKLM, "system", 6, one, 0);
	ROW(wh_reg_mount, WH_E_NOT_FOUND, reg, HKLM, "X", 1, none, 0);
	ROW(wh_reg_mount, WH_E_NOT_HIVE, reg, HKLM, "X", 1, bad, 0);
	ROW(wh_reg_mount_hive, WH_E_INVALID, reg, HKCU, "X", 1, hive, 0);
	ROW(wh_reg_mount_hive, WH_E_INVALID, reg, HKLM, "a\\b", 3, hive, 0);
	ROW(wh_reg_mount_hive, WH_E_INVALID, reg, HKLM, "X", 1, NULL, 0);
	ROW(wh_reg_mount_hive, WH_E_ACCESS, reg, HKLM, "SYSTEM", 6, hive, 0);
	ROW(wh_reg_mount_at, WH_E_NO_MORE, reg, 4, &mount);
	ROW(wh_reg_mount_at, WH_E_INVALID, reg, 0, no_mount);
	ROW(wh_reg_commit, WH_E_INVALID, reg, "", NULL);
	wh_hive_close(hive);
}

Test(reg_rows, loading)
{
	wh_hkey open;

	ROW(wh_reg_load_key, WH_E_ACCESS, reg, key, "X", 1, one, 0);
	ROW(wh_reg_load_key, WH_E_ACCESS, reg, HKLM, "SYSTEM", 6, one, 0);
	ROW(wh_reg_load_key, WH_E_INVALID, reg, HKLM, "X", 1, "", 0);
	ROW(wh_reg_load_key, WH_E_INVALID, reg, HKLM, "X", 1, NULL, 0);
	ROW(wh_reg_load_key, WH_E_INVALID, reg, HKLM, "", 0, one, 0);
	ROW(wh_reg_load_key, WH_E_NOT_FOUND, reg, HKLM, "X", 1, tree_path(&tree, "none"), 0);
	ROW(wh_reg_load_key, WH_OK, reg, HKLM, "X", 1, one, WH_MOUNT_WRITE);
	ROW(wh_reg_load_key, WH_E_IN_USE, reg, HKLM, "Y", 1, one, WH_MOUNT_WRITE);
	open = open_reg_key(reg, HKLM, "X\\A");
	ROW(wh_reg_unload_key, WH_E_ACCESS, reg, HKLM, "X", 1);
	ROW(wh_reg_unload_key, WH_E_INVALID, reg, HKCU, "Software", WH_NTS);
	ROW(wh_reg_unload_key, WH_E_INVALID, reg, HKLM, NULL, 0);
	ROW(wh_reg_unload_key, WH_E_NOT_FOUND, reg, HKLM, "Z", 1);
	close_reg_key(reg, open);
	ROW(wh_reg_unload_key, WH_OK, reg, HKLM, "X", 1);
	ROW(wh_reg_load_app_key, WH_E_INVALID, reg, "", ALL, 0, &result);
	ROW(wh_reg_load_app_key, WH_E_INVALID, reg, one, ALL, 0, NULL);
	ROW(wh_reg_load_app_key, WH_E_INVALID, reg, one, ALL, WH_MOUNT_OWNED, &result);
	ROW(wh_reg_load_app_key, WH_E_ACCESS, reg, one, 0, 0, &result);
	ROW(wh_reg_load_app_key, WH_E_NOT_FOUND, reg, tree_path(&tree, "none"), ALL, 0, &result);
	cr_expect_eq(result, 0);
}

Test(reg_rows, saving)
{
	const char *new = tree_path(&tree, "new");
	wh_hkey loaded;

	ROW(wh_reg_save_key, WH_E_EXISTS, reg, key, one, WH_REG_STANDARD_FORMAT);
	ROW(wh_reg_save_key, WH_E_ACCESS, reg, HKLM, new, WH_REG_STANDARD_FORMAT);
	ROW(wh_reg_save_key, WH_E_ACCESS, reg, HKU, new, WH_REG_STANDARD_FORMAT);
	ROW(wh_reg_save_key, WH_E_ACCESS, reg, HKCR, new, WH_REG_STANDARD_FORMAT);
	ROW(wh_reg_save_key, WH_E_INVALID, reg, key, "", WH_REG_STANDARD_FORMAT);
	ROW(wh_reg_save_key, WH_E_INVALID, reg, key, NULL, WH_REG_STANDARD_FORMAT);
	ROW(wh_reg_save_key, WH_E_INVALID, reg, key, new, 0);
	ROW(wh_reg_save_key, WH_E_INVALID, reg, key, new, 3);
	ROW(wh_reg_save_key, WH_E_INVALID, reg, key, new, WH_REG_NO_COMPRESSION);
	ROW(wh_reg_save_key, WH_E_PATH_NOT_FOUND, reg, key, tree_path(&tree, "no/new"),
	    WH_REG_LATEST_FORMAT);
	cr_expect_not(tree_has(&tree, "new"));
	ROW(wh_reg_restore_key, WH_E_ACCESS, reg, key, one, 0);
	ROW(wh_reg_restore_key, WH_E_NOT_SUPPORTED, reg, key, one, WH_REG_WHOLE_HIVE_VOLATILE);
	ROW(wh_reg_restore_key, WH_E_INVALID, reg, key, one, 16);
	ROW(wh_reg_restore_key, WH_E_INVALID, reg, key, NULL, 0);
	ROW(wh_reg_restore_key, WH_E_INVALID, reg, key, NULL, WH_REG_REFRESH_HIVE);
	cr_assert_eq(wh_reg_load_key(reg, HKLM, "X", 1, one, 0), WH_OK);
	loaded = open_reg_key(reg, HKLM, "X");
	set_reg_number(reg, loaded, "v", 1);
	ROW(wh_reg_flush_key, WH_E_ACCESS, reg, loaded);
}

Test(reg_rows, another_windows)
{
	static const char *const none[] = { NULL };
	const char *windows = tree_path(&tree, "w");
	struct wh_windows writing = { .flags = WH_MOUNT_WRITE };
	struct wh_reg *own;
	bool hibernated;
	uint8_t active[8192] = "hibr";

	tree_config(&tree, "w/Windows/System32/config", none, none);
	tree_put(&tree, "w/hiberfil.sys", active, sizeof active);
	ROW(wh_reg_connect_registry, WH_E_BAD_NETPATH, reg, "\\\\server", WH_NTS, HKLM, &result);
	ROW(wh_reg_connect_registry, WH_E_INVALID, reg, NULL, 0, key, &result);
	ROW(wh_reg_connect_registry, WH_E_INVALID, reg, NULL, 0, HKLM, NULL);
	cr_assert_eq(wh_reg_new(NULL, &own), WH_OK);
	ROW(wh_reg_hibernated, WH_E_NOT_FOUND, own, &hibernated);
	ROW(wh_reg_connect_windows, WH_E_NOT_FOUND, own, tree_path(&tree, "none"), NULL, &len);
	ROW(wh_reg_connect_windows, WH_E_IN_USE, own, windows, &writing, &len);
	ROW(wh_reg_connect_windows, WH_E_INVALID, own, NULL, NULL, &len);
	cr_expect_eq(len, 0);
	ROW(wh_reg_connect_windows, WH_OK, own, windows, NULL, &len);
	ROW(wh_reg_connect_windows, WH_E_EXISTS, own, windows, NULL, &len);
	ROW(wh_reg_hibernated, WH_E_INVALID, own, NULL);
	wh_reg_free(own);
}
