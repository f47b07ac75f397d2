/* SPDX-License-Identifier: MIT */
/* Keys saved as files, and files put in the place of keys (docs/winreg-tests.md 1.3, 1.4.15). */
#define _DEFAULT_SOURCE
#include "registry/registry.h"

#include "editing.h"
#include "files.h"
#include "registry.h"
#include "tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct test_registry t;
static struct tree tree;

#define KEY "SOFTWARE\\Microsoft\\Saved"

/* A key with all that a key can have, below the one that is given. */
static void
fill(struct wh_reg *reg)
{
	static const char class_name[] = "its class";
	const struct wh_create how = { .class_name = class_name, .class_len = WH_NTS };
	static uint8_t big[20000];
	wh_hkey key, sub;

	cr_assert_eq(wh_reg_create_key(reg, WH_HKEY_LOCAL_MACHINE, KEY, WH_NTS, 0,
				       WH_KEY_ALL_ACCESS, &how, &key, NULL),
		     WH_OK);
	big[19999] = 9;
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "Zebra", WH_NTS, 3, big, sizeof big), WH_OK);
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "Ant\0x", 5, 0xffff0012, "\1\2\3", 3), WH_OK);
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "", 0, WH_REG_SZ, NULL, 0), WH_OK);
	sub = make_reg_key(reg, key, "Sub\\Deep", 0);
	set_reg_number(reg, sub, "Number", 5);
	close_reg_key(reg, sub);
	close_reg_key(reg, make_reg_key(reg, key, "Volatile\\Below", WH_REG_OPTION_VOLATILE));
	close_reg_key(reg, make_reg_key(reg, key, "Sub\\Memory", WH_REG_OPTION_VOLATILE));
	close_reg_key(reg, key);
}

static void
init(void)
{
	registry_init(&t, NULL);
	tree_init(&tree);
	fill(t.reg);
}

static void
fini(void)
{
	registry_fini(&t);
	tree_fini(&tree);
}

TestSuite(reg_save, .init = init, .fini = fini);

static enum wh_status
save(const char *path, const char *file, unsigned format)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, path);
	enum wh_status st = wh_reg_save_key(t.reg, key, tree_path(&tree, file), format);

	close_reg_key(t.reg, key);
	return st;
}

static struct wh_hive *
open_file(const char *file)
{
	struct wh_check check;
	struct wh_hive *hive;

	cr_assert_eq(wh_hive_open(tree_path(&tree, file), NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_check(hive, NULL, NULL, &check), WH_OK);
	cr_assert_eq(check.notes + check.healed + check.refused + check.dangerous, 0);
	return hive;
}

/* The hive has the key that fill() made as its root, to the byte and in this order. */
static void
expect_saved(struct wh_hive *hive, struct wh_key source)
{
	static const struct {
		const char *name;
		size_t len;
		uint32_t type, size;
	} values[] = { { "Zebra", 5, 3, 20000 }, { "Ant\0x", 5, 0xffff0012, 3 }, { "", 0, 1, 0 } };
	struct wh_key root = wh_hive_root(hive);
	const void *a, *b;
	size_t a_len, b_len;
	struct wh_value value;
	struct wh_value_info info;
	struct wh_key key;
	char name[64];

	cr_expect(has_name(root, "Saved"));
	cr_expect(has_class(root, "its class"));
	cr_expect_eq(info_of(root).last_written, info_of(source).last_written);
	cr_expect_eq(info_of(root).user_flags, info_of(source).user_flags);
	cr_assert_eq(wh_key_security(root, &a, &a_len), WH_OK);
	cr_assert_eq(wh_key_security(source, &b, &b_len), WH_OK);
	cr_expect(a_len == b_len && memcmp(a, b, a_len) == 0);
	for (uint32_t i = 0; i < 3; i++) {
		cr_assert_eq(wh_key_value_at(root, i, &value), WH_OK);
		cr_assert_eq(wh_value_info(value, &info), WH_OK);
		cr_assert_eq(wh_value_name(value, name, sizeof name, &a_len), WH_OK);
		cr_expect(a_len == values[i].len && memcmp(name, values[i].name, a_len) == 0);
		cr_expect_eq(info.type, values[i].type);
		cr_expect_eq(info.size, values[i].size);
	}
	cr_expect_eq(wh_key_value_at(root, 3, &value), WH_E_NO_MORE);
	cr_expect_eq(info_of(root).subkey_count, 1, "what is volatile is left out");
	cr_assert_eq(wh_key_open(root, "Sub\\Deep", WH_NTS, &key), WH_OK);
	cr_expect(has_value(key, "Number", "\5\0\0", 4));
	cr_expect_eq(wh_key_open(root, "Sub\\Memory", WH_NTS, &key), WH_E_NOT_FOUND);
}

/* ------------------------------------------------------------------------ saving */

Test(reg_save, saves_all_of_a_key)
{
	static const struct {
		unsigned format;
		uint32_t minor;
	} cases[] = { { WH_REG_STANDARD_FORMAT, 3 }, { WH_REG_LATEST_FORMAT, 5 } };
	wh_hkey handle = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY);
	struct wh_base_block base;
	struct wh_hive *hive;
	struct wh_key source;

	cr_assert_eq(wh_reg_set_flags(t.reg, handle, 2, 3), WH_OK);
	registry_set_now(t.reg, REG_NOW + 5000); /* saving dates nothing */
	cr_assert_eq(wh_reg_hive_key(t.reg, handle, &source), WH_OK);
	for (size_t i = 0; i < 2; i++) {
		const char *name = i ? "latest" : "standard";

		cr_assert_eq(save(KEY, name, cases[i].format), WH_OK);
		hive = open_file(name);
		wh_hive_base_block(hive, &base, NULL);
		cr_expect_eq(base.minor, cases[i].minor);
		expect_saved(hive, source);
		cr_expect_eq(info_of(wh_hive_root(hive)).user_flags, 2);
		cr_expect_eq(info_of(wh_hive_root(hive)).virtual_flags, 3);
		wh_hive_close(hive);
	}
	close_reg_key(t.reg, handle);
}

Test(reg_save, root_of_a_hive_is_called_as_it_is_mounted)
{
	struct wh_hive *hive;

	cr_assert_eq(save("SOFTWARE", "file", WH_REG_LATEST_FORMAT), WH_OK);
	hive = open_file("file");
	cr_expect(has_name(wh_hive_root(hive), "SOFTWARE"));
	cr_expect(has_key(hive, "Classes\\CLSID"));
	wh_hive_close(hive);
}

Test(reg_save, hive_as_it_is)
{
	const void *bytes;
	uint8_t *file;
	size_t len, file_len;

	cr_assert_eq(save(KEY, "file", WH_REG_NO_COMPRESSION), WH_E_INVALID);
	cr_assert_not(tree_has(&tree, "file"));
	cr_assert_eq(save("SOFTWARE", "file", WH_REG_NO_COMPRESSION), WH_OK);
	wh_hive_close(open_file("file"));
	bytes = wh_hive_bytes(t.software, &len);
	file = read_file(tree_path(&tree, "file"), &file_len);
	cr_assert_eq(file_len, len);
	cr_expect(memcmp(file + WH_BINS, (const uint8_t *)bytes + WH_BINS, len - WH_BINS) == 0);
	free(file);
}

Test(reg_save, volatile_key_is_saved_without_what_is_below)
{
	wh_hkey key = make_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY "\\Volatile", 0);
	struct wh_hive *hive;

	set_reg_number(t.reg, key, "Number", 4);
	close_reg_key(t.reg, key);
	cr_assert_eq(save(KEY "\\Volatile", "file", WH_REG_STANDARD_FORMAT), WH_OK);
	hive = open_file("file");
	cr_expect(has_value(wh_hive_root(hive), "Number", "\4\0\0", 4));
	cr_expect_eq(info_of(wh_hive_root(hive)).subkey_count, 0);
	wh_hive_close(hive);
}

/* 1.3, SaveKey: 183, 87, 5, 3 */
Test(reg_save, saving_refused)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY), dead;
	const char *file = tree_path(&tree, "file");

	tree_put(&tree, "there", "mine", 4);
	cr_expect_eq(save(KEY, "there", WH_REG_LATEST_FORMAT), WH_E_EXISTS);
	cr_expect_eq(save("SOFTWARE", "there", WH_REG_NO_COMPRESSION), WH_E_EXISTS);
	cr_expect_eq(save(KEY, "no/folder", WH_REG_LATEST_FORMAT), WH_E_PATH_NOT_FOUND);
	cr_expect_eq(wh_reg_save_key(t.reg, key, "", 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_save_key(t.reg, key, NULL, 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_save_key(t.reg, key, file, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_save_key(t.reg, key, file, 3), WH_E_INVALID);
	cr_expect_eq(wh_reg_save_key(t.reg, key, file, 8), WH_E_INVALID);
	cr_expect_eq(wh_reg_save_key(NULL, key, file, 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_save_key(t.reg, WH_HKEY_LOCAL_MACHINE, file, 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_save_key(t.reg, WH_HKEY_USERS, file, 4), WH_E_ACCESS);
	cr_expect_eq(wh_reg_save_key(t.reg, WH_HKEY_CLASSES_ROOT, file, 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_save_key(t.reg, 4711, file, 1), WH_E_HANDLE);
	dead = make_reg_key(t.reg, key, "Dead", 0);
	cr_assert_eq(wh_reg_delete_key(t.reg, dead, "", WH_NTS, 0), WH_OK);
	cr_expect_eq(wh_reg_save_key(t.reg, dead, file, 1), WH_E_DELETED);
	close_reg_key(t.reg, dead);
	close_reg_key(t.reg, key);
	cr_expect_not(tree_has(&tree, "file"));
}

Test(reg_save, too_large_for_the_old_format)
{
	enum { SIZE = 1100000 };
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY);
	uint8_t *data = calloc(1, SIZE);

	cr_assert_eq(wh_reg_set_value_ex(t.reg, key, "Huge", WH_NTS, 3, data, SIZE), WH_OK);
	free(data);
	close_reg_key(t.reg, key);
	cr_expect_eq(save(KEY, "file", WH_REG_STANDARD_FORMAT), WH_E_TOO_BIG);
	cr_expect_not(tree_has(&tree, "file"));
	cr_expect_eq(save(KEY, "file", WH_REG_LATEST_FORMAT), WH_OK);
}

/* --------------------------------------------------------------------- restoring */

static enum wh_status
restore(const char *path, const char *file, unsigned flags)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, path);
	enum wh_status st = wh_reg_restore_key(t.reg, key, tree_path(&tree, file), flags);

	close_reg_key(t.reg, key);
	return st;
}

Test(reg_save, restore_replaces_all_but_the_name)
{
	wh_hkey source = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY), key;
	struct wh_key from, to;
	struct wh_hive *hive;

	cr_assert_eq(save(KEY, "file", WH_REG_LATEST_FORMAT), WH_OK);
	key = make_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Other", 0);
	close_reg_key(t.reg, make_reg_key(t.reg, key, "Old\\Key", 0));
	close_reg_key(t.reg, make_reg_key(t.reg, key, "Old\\Memory", WH_REG_OPTION_VOLATILE));
	close_reg_key(t.reg, make_reg_key(t.reg, key, "Memory", WH_REG_OPTION_VOLATILE));
	set_reg_number(t.reg, key, "Old", 1);
	registry_set_now(t.reg, REG_NOW + 5000);
	cr_assert_eq(restore("SOFTWARE\\Other", "file", 0), WH_OK);
	cr_expect_not(has_reg_key(t.reg, key, "Old"));
	cr_expect_not(has_reg_key(t.reg, key, "Memory"), "the volatile part is gone");
	cr_expect(lists_reg_keys(t.reg, key, "Sub"));
	cr_expect(has_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Other\\Sub\\Deep"));
	/* Saved again it is what it was, but for the name. */
	cr_assert_eq(wh_reg_hive_key(t.reg, source, &from), WH_OK);
	cr_assert_eq(wh_reg_hive_key(t.reg, key, &to), WH_OK);
	cr_expect_eq(info_of(to).last_written, info_of(from).last_written);
	cr_expect(has_class(to, "its class"));
	cr_assert_eq(save("SOFTWARE\\Other", "again", WH_REG_LATEST_FORMAT), WH_OK);
	hive = open_file("again");
	cr_expect(has_name(wh_hive_root(hive), "Other"));
	wh_hive_close(hive);
	close_reg_key(t.reg, key);
	close_reg_key(t.reg, source);
}

/* 1.3, RegRestoreKey: 5 if subkeys are open */
Test(reg_save, open_subkeys_are_in_the_way)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY);
	wh_hkey below = open_reg_key(t.reg, key, "Sub\\Deep");
	wh_hkey memory = open_reg_key(t.reg, key, "Volatile\\Below");
	wh_hkey beside = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes");

	cr_assert_eq(save(KEY, "file", WH_REG_LATEST_FORMAT), WH_OK);
	cr_expect_eq(restore(KEY, "file", 0), WH_E_ACCESS);
	cr_expect_eq(reg_number(t.reg, below, "", "Number"), 5);
	cr_expect_eq(restore(KEY, "file", WH_REG_FORCE_RESTORE), WH_OK);
	cr_expect_eq(wh_reg_flush_key(t.reg, below), WH_E_DELETED);
	cr_expect_eq(wh_reg_flush_key(t.reg, memory), WH_E_DELETED);
	cr_expect_eq(wh_reg_flush_key(t.reg, key), WH_OK);
	cr_expect_eq(wh_reg_flush_key(t.reg, beside), WH_OK);
	cr_expect_eq(reg_number(t.reg, key, "Sub\\Deep", "Number"), 5);
	close_reg_key(t.reg, below);
	close_reg_key(t.reg, memory);
	cr_expect_eq(restore(KEY, "file", 0), WH_OK, "two handles to the key itself are not below");
	close_reg_key(t.reg, beside);
	close_reg_key(t.reg, key);
}

Test(reg_save, restoring_refused)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, KEY);
	const char *file = tree_path(&tree, "file");

	cr_assert_eq(save(KEY, "file", WH_REG_LATEST_FORMAT), WH_OK);
	tree_put(&tree, "text", "text", 4);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, tree_path(&tree, "none"), 0), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, tree_path(&tree, "text"), 0), WH_E_NOT_HIVE);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, "", 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, file, 16), WH_E_INVALID);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, file, WH_REG_WHOLE_HIVE_VOLATILE),
		     WH_E_NOT_SUPPORTED);
	cr_expect_eq(wh_reg_restore_key(t.reg, key, NULL, WH_REG_REFRESH_HIVE), WH_E_INVALID,
		     "not the root of a hive");
	cr_expect_eq(wh_reg_restore_key(t.reg, WH_HKEY_LOCAL_MACHINE, file, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_restore_key(t.reg, WH_HKEY_CLASSES_ROOT, file, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_restore_key(NULL, key, file, 0), WH_E_INVALID);
	cr_expect(lists_reg_keys(t.reg, key, "Sub,Volatile"), "nothing has changed");
	close_reg_key(t.reg, key);
}

Test(reg_save, refresh_forgets_what_was_not_committed)
{
	static const char *const keys[] = { "A\\B", NULL };
	wh_hkey root, key, later;

	tree_save_keys(&tree, "one", keys);
	cr_assert_eq(wh_reg_load_key(t.reg, WH_HKEY_USERS, "X", WH_NTS, tree_path(&tree, "one"), 0),
		     WH_OK);
	root = open_reg_key(t.reg, WH_HKEY_USERS, "X");
	key = open_reg_key(t.reg, root, "A");
	set_reg_number(t.reg, root, "Number", 1);
	close_reg_key(t.reg, make_reg_key(t.reg, root, "Memory", WH_REG_OPTION_VOLATILE));
	later = make_reg_key(t.reg, root, "A\\New", 0);
	cr_expect_eq(wh_reg_restore_key(t.reg, root, NULL, WH_REG_REFRESH_HIVE), WH_E_ACCESS);
	cr_expect_eq(
		wh_reg_restore_key(t.reg, root, NULL, WH_REG_REFRESH_HIVE | WH_REG_FORCE_RESTORE),
		WH_OK);
	cr_expect_eq(reg_number(t.reg, root, "", "Number"), UINT32_MAX);
	cr_expect(lists_reg_keys(t.reg, root, "A"));
	cr_expect_not(has_reg_key(t.reg, root, "A\\New"));
	cr_expect(has_reg_key(t.reg, key, "B"), "opened before the first change");
	cr_expect_eq(wh_reg_flush_key(t.reg, later), WH_E_DELETED);
	close_reg_key(t.reg, later);
	close_reg_key(t.reg, key);
	/* A root that was opened after a change is found again. */
	set_reg_number(t.reg, root, "Number", 2);
	close_reg_key(t.reg, root);
	root = open_reg_key(t.reg, WH_HKEY_USERS, "X");
	cr_expect_eq(wh_reg_restore_key(t.reg, root, NULL, WH_REG_REFRESH_HIVE), WH_OK);
	cr_expect(lists_reg_keys(t.reg, root, "A"));
	close_reg_key(t.reg, root);
}

Test(reg_save, both_ask_for_a_privilege)
{
	static const uint8_t everyone[12] = { 1, 1, 0, 0, 0, 0, 0, 1 };
	static const char *const keys[] = { "A", NULL };
	const void *sids[] = { everyone };
	struct wh_reg_token token = { .sids = sids, .sid_count = 1 };
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token };
	struct wh_reg *reg;
	wh_hkey key;

	tree_save_keys(&tree, "one", keys);
	for (int held = 0; held < 2; held++) {
		token.backup = token.restore = held;
		cr_assert_eq(wh_reg_new(&options, &reg), WH_OK);
		cr_assert_eq(wh_reg_mount(reg, WH_HKEY_USERS, USER_SID, WH_NTS,
					  tree_path(&tree, "one"), 0),
			     WH_OK);
		key = WH_HKEY_CURRENT_USER;
		cr_expect_eq(wh_reg_save_key(reg, key, tree_path(&tree, "saved"), 1),
			     held ? WH_OK : WH_E_PRIVILEGE);
		cr_expect_eq(wh_reg_restore_key(reg, key, tree_path(&tree, "one"), 0),
			     held ? WH_OK : WH_E_PRIVILEGE);
		wh_reg_free(reg);
	}
}

/* ------------------------------------------------------------------------ memory */

static wh_hkey deep, memory;

static void
build(struct wh_reg *reg)
{
	fill(reg);
	deep = open_reg_key(reg, WH_HKEY_LOCAL_MACHINE, KEY "\\Sub\\Deep");
	memory = open_reg_key(reg, WH_HKEY_LOCAL_MACHINE, KEY "\\Volatile\\Below");
}

/* A restore that failed has left all handles as they were, those of volatile keys too. */
static enum wh_status
restore_in(struct wh_reg *reg)
{
	wh_hkey key;
	enum wh_status st = wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, KEY, WH_NTS, 0,
					    WH_KEY_ALL_ACCESS, &key);

	if (st != WH_OK)
		return st;
	st = wh_reg_restore_key(reg, key, tree_path(&tree, "file"), WH_REG_FORCE_RESTORE);
	cr_assert_eq(wh_reg_flush_key(reg, deep), st == WH_OK ? WH_E_DELETED : WH_OK);
	cr_assert_eq(wh_reg_flush_key(reg, memory), st == WH_OK ? WH_E_DELETED : WH_OK);
	if (st != WH_OK) {
		cr_assert(reg->local->mounts[0]->anchor_count == 2);
		cr_assert_eq(wh_reg_close_key(reg, memory), WH_OK);
		cr_assert_eq(wh_reg_close_key(reg, deep), WH_OK);
	}
	cr_assert_eq(wh_reg_close_key(reg, key), WH_OK);
	return st;
}

static enum wh_status
save_in(struct wh_reg *reg)
{
	wh_hkey key;
	enum wh_status st = wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, KEY, WH_NTS, 0,
					    WH_KEY_ALL_ACCESS, &key);

	if (st == WH_OK)
		st = wh_reg_save_key(reg, key, tree_path(&tree, "new"), WH_REG_LATEST_FORMAT);
	cr_assert_eq(tree_has(&tree, "new"), st == WH_OK);
	return st;
}

Test(reg_save, without_memory_nothing_is_saved_or_restored)
{
	cr_assert_eq(save(KEY, "file", WH_REG_LATEST_FORMAT), WH_OK);
	cr_assert_gt(registry_starve(build, restore_in), 20);
	cr_assert_gt(registry_starve(build, save_in), 20);
}
