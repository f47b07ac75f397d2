/* SPDX-License-Identifier: MIT */
#include "reg_calls.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#define HKLM WH_HKEY_LOCAL_MACHINE
#define READ WH_KEY_QUERY_VALUE
#define SET  WH_KEY_SET_VALUE
#define ENUM WH_KEY_ENUMERATE_SUB_KEYS
#define DACL WH_DACL_SECURITY_INFORMATION

struct test_registry t;
struct tree tree;
static const char *current;

/* What a call gave out is nothing when it failed. */
static enum wh_status
cleared(enum wh_status st, bool nothing)
{
	cr_expect(st == WH_OK || nothing, "%s: %s leaves something behind", current,
		  wh_status_name(st));
	return st;
}

static enum wh_status
closed(struct wh_reg *reg, enum wh_status st, wh_hkey result)
{
	if (st == WH_OK && result < WH_HKEY_CLASSES_ROOT)
		close_reg_key(reg, result);
	return cleared(st, result == 0);
}

/* ------------------------------------------------------------------ keys */

#define FN(name) static enum wh_status call_##name(struct wh_reg *reg, wh_hkey key)

FN(wh_reg_close_key)
{
	return wh_reg_close_key(reg, key);
}

FN(wh_reg_open_key)
{
	wh_hkey result = 77;
	enum wh_status st = wh_reg_open_key(reg, key, "", 0, 0, READ, &result);

	return closed(reg, st, result);
}

FN(open_below)
{
	wh_hkey result = 77;
	enum wh_status st = wh_reg_open_key(reg, key, "Sub", 3, 0, READ, &result);

	return closed(reg, st, result);
}

FN(wh_reg_create_key)
{
	wh_hkey result = 77;
	enum wh_reg_disposition done = WH_REG_CREATED_NEW_KEY;
	enum wh_status st =
		wh_reg_create_key(reg, key, "New", 3, 0, ALL_RIGHTS, NULL, &result, &done);

	return closed(reg, cleared(st, done == 0), result);
}

FN(wh_reg_delete_key)
{
	return wh_reg_delete_key(reg, key, "Sub", 3, 0);
}

FN(delete_itself)
{
	enum wh_status st = wh_reg_delete_key(reg, key, "Sub", 3, 0);

	return st == WH_OK || st == WH_E_DELETED ? wh_reg_delete_key(reg, key, "", 0, 0) : st;
}

FN(wh_reg_delete_tree)
{
	char failed[8];
	size_t len = 77;
	enum wh_status st = wh_reg_delete_tree(reg, key, NULL, 0, failed, sizeof failed, &len);

	return cleared(st, len == 0);
}

FN(delete_tree_below)
{
	return wh_reg_delete_tree(reg, key, "Sub", 3, NULL, 0, NULL);
}

FN(wh_reg_copy_tree)
{
	return wh_reg_copy_tree(reg, key, NULL, 0, WH_HKEY_CURRENT_USER);
}

FN(copy_tree_to)
{
	return wh_reg_copy_tree(reg, WH_HKEY_CURRENT_USER, "Environment", WH_NTS, key);
}

FN(wh_reg_rename_key)
{
	return wh_reg_rename_key(reg, key, NULL, 0, "Renamed", WH_NTS);
}

FN(wh_reg_enum_key)
{
	uint64_t time = 77;
	size_t len = 77;
	char buf[8];
	enum wh_status st = wh_reg_enum_key(reg, key, 0, buf, sizeof buf, &len, &time);

	return cleared(st, len == 0 && time == 0);
}

FN(wh_reg_query_info_key)
{
	static const struct wh_reg_info zero;
	struct wh_reg_info info;
	enum wh_status st;

	memset(&info, 'x', sizeof info);
	st = wh_reg_query_info_key(reg, key, &info);
	return cleared(st, info.subkeys == zero.subkeys && info.values == zero.values &&
				   info.last_written == 0 && info.security_len == 0);
}

FN(wh_reg_query_class)
{
	size_t len = 77;
	enum wh_status st = wh_reg_query_class(reg, key, NULL, 0, &len);

	return cleared(st, len == 0);
}

FN(wh_reg_key_path)
{
	size_t len = 77;
	enum wh_status st = wh_reg_key_path(reg, key, NULL, 0, &len);

	return cleared(st, len == 0);
}

FN(wh_reg_hive_key)
{
	struct wh_key found = { .hive = t.software };
	enum wh_status st = wh_reg_hive_key(reg, key, &found);

	return cleared(st, found.hive == NULL);
}

static enum wh_reg_next
go_on(void *ctx, wh_hkey key, const char *path, size_t len, enum wh_status status)
{
	(void)ctx, (void)key, (void)path, (void)len;
	cr_expect_eq(status, WH_OK);
	return WH_REG_GO_ON;
}

FN(wh_reg_walk)
{
	return wh_reg_walk(reg, key, NULL, 0, WH_KEY_READ, go_on, NULL);
}

/* ----------------------------------------------------------------- files */

FN(wh_reg_flush_key)
{
	return wh_reg_flush_key(reg, key);
}

FN(wh_reg_load_key)
{
	return wh_reg_load_key(reg, key, "LOADED", WH_NTS, tree_path(&tree, "one"), 0);
}

FN(wh_reg_unload_key)
{
	return wh_reg_unload_key(reg, key, "SYSTEM", WH_NTS);
}

FN(wh_reg_save_key)
{
	const char *path = tree_path(&tree, "saved");
	enum wh_status st = wh_reg_save_key(reg, key, path, WH_REG_LATEST_FORMAT);

	if (st == WH_OK)
		tree_remove(&tree, "saved");
	return st;
}

FN(wh_reg_restore_key)
{
	return wh_reg_restore_key(reg, key, tree_path(&tree, "one"), 0);
}

FN(wh_reg_override_predef_key)
{
	return wh_reg_override_predef_key(reg, WH_HKEY_USERS, key);
}

/* ---------------------------------------------------------------- values */

FN(wh_reg_query_value)
{
	size_t len = 77;
	enum wh_status st = wh_reg_query_value(reg, key, NULL, 0, NULL, 0, &len);

	return cleared(st, len == 0);
}

FN(wh_reg_query_value_ex)
{
	uint32_t type = 77;
	size_t len = 77;
	enum wh_status st = wh_reg_query_value_ex(reg, key, "v", 1, &type, NULL, 0, &len);

	return cleared(st, type == 0 && len == 0);
}

FN(wh_reg_enum_value)
{
	uint32_t type = 77;
	size_t len = 77, data_len = 77;
	enum wh_status st =
		wh_reg_enum_value(reg, key, 0, NULL, 0, &len, &type, NULL, 0, &data_len);

	return cleared(st, type == 0 && len == 0 && data_len == 0);
}

FN(wh_reg_set_value)
{
	return wh_reg_set_value(reg, key, NULL, 0, "text", WH_NTS);
}

FN(wh_reg_set_value_ex)
{
	return wh_reg_set_value_ex(reg, key, "v", 1, WH_REG_BINARY, "data", 4);
}

FN(wh_reg_set_key_value)
{
	return wh_reg_set_key_value(reg, key, NULL, 0, "v", 1, WH_REG_BINARY, "data", 4);
}

FN(set_key_value_below)
{
	return wh_reg_set_key_value(reg, key, "New", 3, "v", 1, WH_REG_BINARY, "data", 4);
}

FN(wh_reg_delete_value)
{
	return wh_reg_delete_value(reg, key, "v", 1);
}

FN(wh_reg_delete_key_value)
{
	return wh_reg_delete_key_value(reg, key, NULL, 0, "v", 1);
}

FN(wh_reg_get_value)
{
	uint32_t type = 77;
	size_t len = 77;
	enum wh_status st =
		wh_reg_get_value(reg, key, NULL, 0, "v", 1, WH_RRF_RT_ANY, &type, NULL, 0, &len);

	return cleared(st, type == 0 && len == 0);
}

FN(wh_reg_query_multiple_values)
{
	struct wh_reg_multiple one = { .name = "v", .len = 1, .type = 77, .size = 77 };
	size_t total = 77;
	enum wh_status st = wh_reg_query_multiple_values(reg, key, &one, 1, NULL, 0, &total);

	return cleared(st, total == 0);
}

/* -------------------------------------------------- security, flags, views */

FN(wh_reg_get_key_security)
{
	uint8_t sd[400];
	size_t len = 77;
	enum wh_status st = wh_reg_get_key_security(reg, key, DACL, sd, sizeof sd, &len);

	return cleared(st, len == 0);
}

FN(wh_reg_set_key_security)
{
	uint8_t sd[400];
	size_t len;

	cr_assert_eq(
		wh_reg_get_key_security(t.reg, WH_HKEY_CURRENT_USER, DACL, sd, sizeof sd, &len),
		WH_OK);
	return wh_reg_set_key_security(reg, key, DACL, sd, len);
}

FN(wh_reg_disable_reflection_key)
{
	return wh_reg_disable_reflection_key(reg, key);
}

FN(wh_reg_enable_reflection_key)
{
	return wh_reg_enable_reflection_key(reg, key);
}

FN(wh_reg_query_reflection_key)
{
	bool disabled = true;
	enum wh_status st = wh_reg_query_reflection_key(reg, key, &disabled);

	return cleared(st, !disabled);
}

FN(wh_reg_query_flags)
{
	unsigned user = 77, virtual = 77;
	enum wh_status st = wh_reg_query_flags(reg, key, &user, &virtual);

	return cleared(st, user == 0 && virtual == 0);
}

FN(wh_reg_set_flags)
{
	return wh_reg_set_flags(reg, key, 1, 2);
}

/* ---------------------------------------------------------- notification */

static void
told(void *ctx, wh_hkey key, enum wh_status status)
{
	(void)ctx, (void)key, (void)status;
}

FN(wh_reg_notify)
{
	return wh_reg_notify(reg, key, false, WH_REG_NOTIFY_CHANGE_NAME, told, NULL);
}

FN(wh_reg_notify_fd)
{
	int fd = 77;
	enum wh_status st = wh_reg_notify_fd(reg, key, false, WH_REG_NOTIFY_CHANGE_NAME, &fd);

	if (st == WH_OK)
		close(fd);
	return cleared(st, fd == -1);
}

FN(wh_reg_notify_wait)
{
	enum wh_status st = wh_reg_notify_wait(reg, key, false, WH_REG_NOTIFY_CHANGE_NAME, 0);

	return st == WH_E_TIMEOUT ? WH_OK : st;
}

/* --------------------------------------------------------------- recipes */

FN(wh_reg_get_string)
{
	char *text = (char *)&t;
	size_t len = 77;
	enum wh_status st = wh_reg_get_string(reg, key, NULL, NULL, "fall back", &text, &len);

	if (st == WH_OK)
		wh_reg_free_text(reg, text);
	return cleared(st, text == NULL && len == 0);
}

FN(wh_reg_get_number)
{
	uint64_t number = 77;
	enum wh_status st = wh_reg_get_number(reg, key, NULL, "v", 5, &number);

	return cleared(st, number == 0);
}

FN(wh_reg_set_string)
{
	return wh_reg_set_string(reg, key, "v", 1, WH_REG_SZ, "text", WH_NTS);
}

FN(wh_reg_key_owner)
{
	size_t len = 77;
	enum wh_status st = wh_reg_key_owner(reg, key, NULL, 0, &len);

	return cleared(st, len == 0);
}

FN(wh_reg_export_json)
{
	char *text = (char *)&t;
	size_t len = 77;
	enum wh_status st = wh_reg_export_json(reg, key, NULL, 0, &text, &len);

	if (st == WH_OK)
		wh_reg_free_text(reg, text);
	return cleared(st, text == NULL && len == 0);
}

FN(wh_reg_import_json)
{
	enum wh_status st = wh_reg_import_json(
		reg, key, NULL, 0,
		"{\"format\": \"winhive registry 1\", \"key\": {\"keys\": [{\"name\": \"s\"}]}}",
		WH_NTS);

	/* Built without jansson it does nothing, but looks at the handle all the same. */
	return st == WH_E_NOT_SUPPORTED ? WH_OK : st;
}

/* ------------------------------------------------------- without a handle */

FN(wh_reg_mount)
{
	(void)key;
	return wh_reg_mount(reg, HKLM, "X", 1, tree_path(&tree, "one"), 0);
}

FN(wh_reg_mount_hive)
{
	static const char *const keys[] = { "A", NULL };
	struct wh_hive *hive = tree_hive(keys);
	enum wh_status st = wh_reg_mount_hive(reg, HKLM, "X", 1, hive, reg ? WH_MOUNT_OWNED : 0);

	(void)key;
	if (!reg)
		wh_hive_close(hive);
	return st;
}

/* Another registry, with a Windows that is made here; NULL, if that is asked for. */
static struct wh_reg *
connected(const struct wh_reg *reg, enum wh_status *st, size_t *mounted)
{
	static const char *const none[] = { NULL };
	struct wh_reg *own = NULL;

	tree_config(&tree, "config", none, none);
	if (reg)
		cr_assert_eq(wh_reg_new(NULL, &own), WH_OK);
	*st = wh_reg_connect_windows(own, tree_path(&tree, "config"), NULL, mounted);
	return own;
}

FN(wh_reg_connect_windows)
{
	size_t mounted = 77;
	enum wh_status st;

	(void)key;
	wh_reg_free(connected(reg, &st, &mounted));
	return cleared(st, mounted == 0);
}

FN(wh_reg_hibernated)
{
	bool hibernated = true;
	enum wh_status st;
	struct wh_reg *own = connected(reg, &st, NULL);

	(void)key;
	st = wh_reg_hibernated(own, &hibernated);
	wh_reg_free(own);
	return cleared(st, !hibernated);
}

FN(wh_reg_mount_at)
{
	struct wh_reg_mount mount = { .place = "old" };
	enum wh_status st = wh_reg_mount_at(reg, 0, &mount);

	(void)key;
	return cleared(st, mount.place == NULL);
}

FN(wh_reg_commit)
{
	size_t failed = 77;
	enum wh_status st = wh_reg_commit(reg, NULL, &failed);

	(void)key;
	return cleared(st, failed == 0);
}

FN(wh_reg_connect_registry)
{
	wh_hkey result = 77;
	enum wh_status st = wh_reg_connect_registry(reg, NULL, 0, HKLM, &result);

	(void)key;
	return closed(reg, st, result);
}

FN(wh_reg_load_app_key)
{
	const char *path = tree_path(&tree, "one");
	wh_hkey result = 77;
	enum wh_status st = wh_reg_load_app_key(reg, path, WH_KEY_READ, 0, &result);

	(void)key;
	return closed(reg, st, result);
}

FN(wh_reg_open_user_classes_root)
{
	wh_hkey result = 77;
	enum wh_status st =
		wh_reg_open_user_classes_root(reg, USER_SID, WH_NTS, 0, WH_KEY_READ, &result);

	(void)key;
	return closed(reg, st, result);
}

FN(wh_reg_expand_environment_strings)
{
	size_t len = 77;
	enum wh_status st = wh_reg_expand_environment_strings(reg, "a", 1, NULL, 0, &len);

	(void)key;
	return cleared(st, len == 0);
}

FN(wh_reg_add_to_user_path)
{
	bool added = true;
	enum wh_status st = wh_reg_add_to_user_path(reg, "C:\\bin", WH_NTS, &added);

	(void)key;
	return cleared(st, !added);
}

/* --------------------------------------------------------------- the table */

#define CALL(function, right, how, performance) \
	{ \
#function, call_##function, right, how, performance \
	}

const struct reg_call reg_calls[] = {
	CALL(wh_reg_close_key, 0, LIVES_ON, WH_OK),
	CALL(wh_reg_open_key, 0, 0, WH_E_ACCESS),
	CALL(open_below, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_create_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_delete_key, 0, 0, WH_E_ACCESS),
	CALL(delete_itself, 0, LIVES_ON, WH_E_ACCESS),
	CALL(wh_reg_delete_tree, ENUM | SET, 0, WH_E_ACCESS),
	CALL(delete_tree_below, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_copy_tree, READ | ENUM, 0, WH_E_ACCESS),
	CALL(copy_tree_to, SET, 0, WH_E_ACCESS),
	CALL(wh_reg_rename_key, WH_KEY_WRITE, 0, WH_E_ACCESS),
	CALL(wh_reg_enum_key, ENUM, 0, WH_E_ACCESS),
	CALL(wh_reg_query_info_key, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_query_class, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_key_path, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_hive_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_walk, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_flush_key, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_load_key, 0, ROOT, WH_E_ACCESS),
	CALL(wh_reg_unload_key, 0, ROOT, WH_E_INVALID),
	CALL(wh_reg_save_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_restore_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_override_predef_key, 0, NONE_TOO, WH_E_HANDLE),
	CALL(wh_reg_query_value, READ, 0, WH_E_HANDLE),
	CALL(wh_reg_query_value_ex, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_enum_value, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_set_value, SET, 0, WH_E_HANDLE),
	CALL(wh_reg_set_value_ex, SET, 0, WH_E_ACCESS),
	CALL(wh_reg_set_key_value, SET, 0, WH_E_ACCESS),
	CALL(set_key_value_below, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_delete_value, SET, 0, WH_E_ACCESS),
	CALL(wh_reg_delete_key_value, SET, 0, WH_E_ACCESS),
	CALL(wh_reg_get_value, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_query_multiple_values, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_get_key_security, WH_ACCESS_READ_CONTROL, 0, WH_E_ACCESS),
	CALL(wh_reg_set_key_security, WH_ACCESS_WRITE_DAC, 0, WH_E_ACCESS),
	CALL(wh_reg_disable_reflection_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_enable_reflection_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_query_reflection_key, 0, 0, WH_E_ACCESS),
	CALL(wh_reg_query_flags, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_set_flags, SET, 0, WH_E_ACCESS),
	CALL(wh_reg_notify, WH_KEY_NOTIFY, 0, WH_E_ACCESS),
	CALL(wh_reg_notify_fd, WH_KEY_NOTIFY, 0, WH_E_ACCESS),
	CALL(wh_reg_notify_wait, WH_KEY_NOTIFY, 0, WH_E_ACCESS),
	CALL(wh_reg_get_string, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_get_number, READ, 0, WH_E_ACCESS),
	CALL(wh_reg_set_string, SET, 0, WH_E_ACCESS),
	CALL(wh_reg_key_owner, WH_ACCESS_READ_CONTROL, 0, WH_E_ACCESS),
	CALL(wh_reg_export_json, WH_KEY_READ, 0, WH_E_ACCESS),
	CALL(wh_reg_import_json, SET | WH_KEY_CREATE_SUB_KEY, 0, WH_E_ACCESS),
	CALL(wh_reg_mount, NO_KEY, 0, WH_OK),
	CALL(wh_reg_mount_hive, NO_KEY, 0, WH_OK),
	CALL(wh_reg_connect_windows, NO_KEY, 0, WH_OK),
	CALL(wh_reg_hibernated, NO_KEY, 0, WH_OK),
	CALL(wh_reg_mount_at, NO_KEY, 0, WH_OK),
	CALL(wh_reg_commit, NO_KEY, 0, WH_OK),
	CALL(wh_reg_connect_registry, NO_KEY, 0, WH_OK),
	CALL(wh_reg_load_app_key, NO_KEY, 0, WH_OK),
	CALL(wh_reg_open_user_classes_root, NO_KEY, 0, WH_OK),
	CALL(wh_reg_expand_environment_strings, NO_KEY, 0, WH_OK),
	CALL(wh_reg_add_to_user_path, NO_KEY, 0, WH_OK),
};
const size_t reg_call_count = sizeof reg_calls / sizeof *reg_calls;

wh_hkey
handle_for(const struct reg_call *call, uint32_t access)
{
	wh_hkey made, handle;

	if (call->how & ROOT) {
		cr_assert_eq(wh_reg_connect_registry(t.reg, NULL, 0, HKLM, &handle), WH_OK);
		return handle;
	}
	made = make_reg_key(t.reg, HKLM, "Software\\Test", 0);
	close_reg_key(t.reg, make_reg_key(t.reg, made, "Sub", 0));
	cr_assert_eq(wh_reg_set_value(t.reg, made, NULL, 0, "x", 1), WH_OK);
	set_reg_number(t.reg, made, "v", 1);
	close_reg_key(t.reg, made);
	cr_assert_eq(wh_reg_open_key(t.reg, HKLM, "Software\\Test", WH_NTS, 0, access, &handle),
		     WH_OK);
	return handle;
}

enum wh_status
make_call(const struct reg_call *call, struct wh_reg *reg, wh_hkey key)
{
	current = call->name;
	return call->call(reg, key);
}
