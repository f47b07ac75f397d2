/* SPDX-License-Identifier: MIT */
/* Hives mounted, unmounted, told of, flushed and committed (docs/winreg-tests.md 1.3, 1.4.15). */
#define _DEFAULT_SOURCE
#include "registry/registry.h"

#include "files.h"
#include "registry.h"
#include "tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct test_registry t;
static struct tree tree;
static const char *const keys[] = { "A\\B", "C", NULL };

static void
init(void)
{
	registry_init(&t, NULL);
	tree_init(&tree);
	tree_save_keys(&tree, "one", keys);
	tree_save_keys(&tree, "two", keys);
}

static void
fini(void)
{
	registry_fini(&t);
	tree_fini(&tree);
}

TestSuite(reg_mount, .init = init, .fini = fini);

static enum wh_status
load(const char *name, const char *file, unsigned flags)
{
	return wh_reg_load_key(t.reg, WH_HKEY_LOCAL_MACHINE, name, WH_NTS, tree_path(&tree, file),
			       flags);
}

static enum wh_status
unload(const char *name)
{
	return wh_reg_unload_key(t.reg, WH_HKEY_LOCAL_MACHINE, name, WH_NTS);
}

static void
set(const char *path, uint32_t number)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, path);

	set_reg_number(t.reg, key, "Number", number);
	close_reg_key(t.reg, key);
}

/* Of a key in a file, read by itself; UINT32_MAX: it has no such value. */
static uint32_t
number_in(const char *file, const char *path)
{
	uint64_t number = UINT32_MAX;
	struct wh_value value;
	struct wh_hive *hive;
	struct wh_key key;

	cr_assert_eq(wh_hive_open(tree_path(&tree, file), NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_CLEAN);
	if (wh_key_open(wh_hive_root(hive), path, WH_NTS, &key) == WH_OK &&
	    wh_key_value(key, "Number", WH_NTS, &value) == WH_OK)
		cr_assert_eq(wh_value_number(value, &number), WH_OK);
	wh_hive_close(hive);
	return (uint32_t)number;
}

/* The mount at a place; false: there is none. */
static bool
find(const char *place, struct wh_reg_mount *mount, size_t *index)
{
	for (size_t i = 0; wh_reg_mount_at(t.reg, i, mount) == WH_OK; i++)
		if (strcmp(mount->place, place) == 0) {
			if (index)
				*index = i;
			return true;
		}
	return false;
}

/* ---------------------------------------------------------------------- mounting */

Test(reg_mount, file)
{
	struct wh_reg_mount mount;

	cr_assert_eq(wh_reg_mount(t.reg, WH_HKEY_LOCAL_MACHINE, "ONE", WH_NTS,
				  tree_path(&tree, "one"), 0),
		     WH_OK);
	cr_assert(has_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "one\\a\\b"));
	cr_assert(find("HKLM\\ONE", &mount, NULL));
	cr_assert_str_eq(mount.path, tree_path(&tree, "one"));
	cr_assert_eq(mount.status, WH_OK);
	cr_assert_eq(mount.state, WH_CLEAN);
	cr_assert_not(mount.writable || mount.changed || mount.current_user);
	cr_assert(mount.hive && !mount.problem && !mount.owner && !mount.account);
	cr_assert(wh_reg_mount(t.reg, WH_HKEY_USERS, "Two names", 3, tree_path(&tree, "two"),
			       WH_MOUNT_WRITE) == WH_OK);
	cr_assert(find("HKU\\Two", &mount, NULL));
	cr_assert(mount.writable);
	cr_assert(has_reg_key(t.reg, WH_HKEY_USERS, "Two\\C"));
}

Test(reg_mount, mounting_refused)
{
	const char *one = tree_path(&tree, "one");
	struct wh_reg_mount mount;
	size_t count = 0, after = 0;

	while (wh_reg_mount_at(t.reg, count, &mount) == WH_OK)
		count++;
#define MOUNT(root, name, path, flags) wh_reg_mount(t.reg, root, name, WH_NTS, path, flags)
	cr_expect_eq(MOUNT(WH_HKEY_CURRENT_USER, "X", one, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_CLASSES_ROOT, "X", one, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(1, "X", one, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X\\Y", one, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "", one, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, NULL, one, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X", "", 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X", NULL, 0), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X", one, WH_MOUNT_OWNED), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X", one, 1u << 20), WH_E_INVALID);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "system", one, 0), WH_E_ACCESS);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X", tree_path(&tree, "none"), 0),
		     WH_E_NOT_FOUND);
	tree_put(&tree, "text", "text", 4);
	cr_expect_eq(MOUNT(WH_HKEY_LOCAL_MACHINE, "X", tree_path(&tree, "text"), 0), WH_E_NOT_HIVE);
	cr_expect_eq(wh_reg_mount(NULL, WH_HKEY_LOCAL_MACHINE, "X", WH_NTS, one, 0), WH_E_INVALID);
	while (wh_reg_mount_at(t.reg, after, &mount) == WH_OK)
		after++;
	cr_assert_eq(after, count, "what failed is not in the list");
}

Test(reg_mount, hive_that_is_lent_or_given)
{
	struct wh_hive *lent = tree_hive(keys), *given = tree_hive(keys);

	cr_assert_eq(wh_reg_mount_hive(t.reg, WH_HKEY_LOCAL_MACHINE, "LENT", WH_NTS, lent, 0),
		     WH_OK);
	cr_assert_eq(wh_reg_mount_hive(t.reg, WH_HKEY_LOCAL_MACHINE, "GIVEN", WH_NTS, given,
				       WH_MOUNT_OWNED),
		     WH_OK);
	set("LENT\\A", 5);
	cr_assert_eq(unload("LENT"), WH_OK);
	cr_assert(wh_hive_changed(lent), "it is ours again, with the change");
	wh_hive_close(lent);
	/* A hive that is given is closed also when it cannot be mounted. */
	given = tree_hive(keys);
	cr_assert_eq(wh_reg_mount_hive(t.reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM", WH_NTS, given,
				       WH_MOUNT_OWNED),
		     WH_E_ACCESS);
	given = tree_hive(keys);
	cr_assert_eq(
		wh_reg_mount_hive(t.reg, WH_HKEY_CURRENT_USER, "X", WH_NTS, given, WH_MOUNT_OWNED),
		WH_E_INVALID);
	cr_assert_eq(wh_reg_mount_hive(t.reg, WH_HKEY_LOCAL_MACHINE, "X", WH_NTS, NULL, 0),
		     WH_E_INVALID);
}

Test(reg_mount, dirty_hive_is_shown_as_recovered)
{
	struct wh_reg_mount mount;

	tree_data(&tree, "SYSTEM", "logs/new-two-logs/SYSTEM");
	tree_data(&tree, "SYSTEM.LOG1", "logs/new-two-logs/SYSTEM.LOG1");
	tree_data(&tree, "SYSTEM.LOG2", "logs/new-two-logs/SYSTEM.LOG2");
	cr_assert_eq(load("R", "SYSTEM", 0), WH_OK);
	cr_assert_eq(load("D", "SYSTEM", WH_MOUNT_NO_LOGS), WH_OK);
	cr_assert(find("HKLM\\R", &mount, NULL));
	cr_assert_eq(mount.state, WH_RECOVERED);
	cr_assert_eq(mount.log_count, 2);
	cr_assert_gt(mount.logs_applied, 0);
	cr_assert(find("HKLM\\D", &mount, NULL));
	cr_assert_eq(mount.state, WH_DIRTY);
	cr_assert_eq(mount.logs_applied, 0);
	cr_assert_eq(unload("D"), WH_OK); /* which is not sound as it is in the file */
}

Test(reg_mount, first_account_is_the_current_user)
{
	struct wh_reg *reg;
	wh_hkey key;

	cr_assert_eq(wh_reg_new(NULL, &reg), WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, "A", WH_NTS, 0, WH_KEY_READ, &key),
		     WH_E_NOT_FOUND);
	cr_assert_eq(
		wh_reg_mount(reg, WH_HKEY_USERS, "S-1-5-19", WH_NTS, tree_path(&tree, "one"), 0),
		WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, "A", WH_NTS, 0, WH_KEY_READ, &key),
		     WH_E_NOT_FOUND);
	cr_assert_eq(wh_reg_mount(reg, WH_HKEY_USERS, USER_SID, WH_NTS, tree_path(&tree, "one"), 0),
		     WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, "A", WH_NTS, 0, WH_KEY_READ, &key),
		     WH_OK);
	cr_assert_eq(wh_reg_close_key(reg, key), WH_OK);
	/* And is nobody any more when his hive goes. */
	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID, WH_NTS), WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, "A", WH_NTS, 0, WH_KEY_READ, &key),
		     WH_E_NOT_FOUND);
	wh_reg_free(reg);
}

/* ------------------------------------------------------------- loading, unloading */

/* 1.3, LoadKey: [R cmparse.c:848] */
Test(reg_mount, loads_below_two_roots_only)
{
	wh_hkey key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE"), root;
	const char *one = tree_path(&tree, "one");

	cr_expect_eq(wh_reg_load_key(t.reg, key, "X", WH_NTS, one, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_load_key(t.reg, WH_HKEY_CURRENT_USER, "X", WH_NTS, one, 0),
		     WH_E_ACCESS);
	close_reg_key(t.reg, key);
	cr_expect_eq(wh_reg_load_key(t.reg, key, "X", WH_NTS, one, 0), WH_E_HANDLE);
	/* A handle to one of the two will do. */
	cr_assert_eq(wh_reg_connect_registry(t.reg, NULL, 0, WH_HKEY_USERS, &root), WH_OK);
	cr_expect_eq(wh_reg_load_key(t.reg, root, "X", WH_NTS, one, 0), WH_OK);
	cr_expect(has_reg_key(t.reg, WH_HKEY_USERS, "X\\A\\B"));
	cr_expect_eq(wh_reg_unload_key(t.reg, root, "X", WH_NTS), WH_OK);
	close_reg_key(t.reg, root);
	cr_expect_eq(load("SOFTWARE", "one", 0), WH_E_ACCESS);
	cr_expect_eq(load("X", "none", 0), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_load_key(t.reg, WH_HKEY_LOCAL_MACHINE, "X", WH_NTS, "", 0),
		     WH_E_INVALID);
}

/* 1.3, RegUnLoadKey: [W:1616] */
Test(reg_mount, unloads_when_nothing_is_open)
{
	wh_hkey key, dead;

	cr_assert_eq(load("X", "one", 0), WH_OK);
	key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "X\\A");
	cr_expect_eq(unload("X"), WH_E_ACCESS);
	dead = make_reg_key(t.reg, key, "Gone", 0);
	cr_assert_eq(wh_reg_delete_key(t.reg, key, "Gone", WH_NTS, 0), WH_OK);
	close_reg_key(t.reg, key);
	cr_expect_eq(unload("X"), WH_E_ACCESS, "a handle to a deleted key is open, too");
	close_reg_key(t.reg, dead);
	cr_expect_eq(unload("X"), WH_OK);
	cr_expect_not(has_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "X"));
	cr_expect_eq(unload("X"), WH_E_NOT_FOUND);
	cr_expect_eq(load("X", "two", 0), WH_OK, "the name is free again");
}

Test(reg_mount, unloading_refused)
{
	wh_hkey key = make_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "Plain", WH_REG_OPTION_VOLATILE);

	close_reg_key(t.reg, key);
	cr_expect_eq(unload("Plain"), WH_E_INVALID);
	cr_expect_eq(unload(""), WH_E_INVALID);
	cr_expect_eq(unload("None"), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_unload_key(t.reg, WH_HKEY_LOCAL_MACHINE, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_unload_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS),
		     WH_E_INVALID);
	cr_expect_eq(wh_reg_unload_key(t.reg, 1, "X", WH_NTS), WH_E_HANDLE);
	cr_expect_eq(wh_reg_unload_key(NULL, WH_HKEY_USERS, "X", WH_NTS), WH_E_INVALID);
}

/* 1.4.15: a file is evidence until its owner says otherwise. */
Test(reg_mount, unloading_writes_only_what_was_mounted_for_writing)
{
	uint64_t before = tree_digest(&tree);

	cr_assert_eq(load("X", "one", 0), WH_OK);
	set("X\\A", 5);
	cr_assert_eq(unload("X"), WH_OK);
	cr_assert_eq(tree_digest(&tree), before, "nothing in the folder has changed");
	cr_assert_eq(load("X", "one", WH_MOUNT_WRITE), WH_OK);
	set("X\\A", 6);
	cr_assert_eq(number_in("one", "A"), UINT32_MAX);
	cr_assert_eq(unload("X"), WH_OK);
	cr_assert_eq(number_in("one", "A"), 6);
}

Test(reg_mount, unloading_that_cannot_write_leaves_the_hive)
{
	struct wh_reg_mount mount;

	cr_assert_eq(load("X", "one", WH_MOUNT_WRITE), WH_OK);
	set("X\\A", 5);
	/* Another file takes the place of the one that was opened. */
	tree_save_keys(&tree, "one", keys);
	cr_assert_eq(unload("X"), WH_E_IN_USE);
	cr_assert(find("HKLM\\X", &mount, NULL));
	cr_assert(mount.changed);
	cr_assert_eq(reg_number(t.reg, WH_HKEY_LOCAL_MACHINE, "X\\A", "Number"), 5);
}

Test(reg_mount, one_writer_of_a_file)
{
	cr_assert_eq(load("X", "one", WH_MOUNT_WRITE), WH_OK);
	cr_assert_eq(load("Y", "one", WH_MOUNT_WRITE), WH_E_IN_USE);
	cr_assert_eq(unload("X"), WH_OK);
	cr_assert_eq(load("Y", "one", WH_MOUNT_WRITE), WH_OK);
}

/* ------------------------------------------------------------- application keys */

/* 1.3, RegLoadAppKey: [W:1680] */
Test(reg_mount, application_key_lives_as_long_as_its_handles)
{
	const char *one = tree_path(&tree, "one");
	struct wh_reg_mount mount;
	wh_hkey root, key;

	cr_assert_eq(wh_reg_load_app_key(t.reg, one, WH_KEY_ALL_ACCESS, WH_MOUNT_WRITE, &root),
		     WH_OK);
	cr_assert(find("(application key)", &mount, NULL));
	cr_assert(mount.writable);
	cr_assert_not(has_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "one"));
	cr_assert_not(has_reg_key(t.reg, WH_HKEY_USERS, "one"));
	key = open_reg_key(t.reg, root, "A");
	set_reg_number(t.reg, key, "Number", 7);
	close_reg_key(t.reg, root);
	cr_assert_eq(number_in("one", "A"), UINT32_MAX, "one handle is open still");
	cr_assert(has_reg_key(t.reg, key, "B"));
	close_reg_key(t.reg, key);
	cr_assert_eq(number_in("one", "A"), 7);
	cr_assert_not(find("(application key)", &mount, NULL));
}

Test(reg_mount, application_key_for_reading_is_not_written)
{
	uint64_t before = tree_digest(&tree);
	wh_hkey root;

	cr_assert_eq(
		wh_reg_load_app_key(t.reg, tree_path(&tree, "one"), WH_KEY_ALL_ACCESS, 0, &root),
		WH_OK);
	set_reg_number(t.reg, root, "Number", 7);
	close_reg_key(t.reg, root);
	cr_assert_eq(tree_digest(&tree), before);
}

Test(reg_mount, application_key_that_cannot_be_written_stays)
{
	struct wh_reg_mount mount;
	wh_hkey root;

	cr_assert_eq(wh_reg_load_app_key(t.reg, tree_path(&tree, "one"), WH_KEY_ALL_ACCESS,
					 WH_MOUNT_WRITE, &root),
		     WH_OK);
	set_reg_number(t.reg, root, "Number", 7);
	tree_save_keys(&tree, "one", keys);
	cr_assert_eq(wh_reg_close_key(t.reg, root), WH_E_IN_USE);
	cr_assert(find("(application key)", &mount, NULL));
	cr_assert_eq(reg_number(t.reg, root, "", "Number"), 7);
}

Test(reg_mount, application_key_refused)
{
	const char *one = tree_path(&tree, "one");
	struct wh_reg_mount mount;
	wh_hkey root = 1;

	cr_expect_eq(wh_reg_load_app_key(t.reg, one, 0, 0, &root), WH_E_ACCESS);
	cr_expect_eq(root, 0);
	cr_expect_eq(wh_reg_load_app_key(t.reg, "", WH_KEY_READ, 0, &root), WH_E_INVALID);
	cr_expect_eq(wh_reg_load_app_key(t.reg, NULL, WH_KEY_READ, 0, &root), WH_E_INVALID);
	cr_expect_eq(wh_reg_load_app_key(t.reg, one, WH_KEY_READ, 1u << 20, &root), WH_E_INVALID);
	cr_expect_eq(wh_reg_load_app_key(t.reg, one, WH_KEY_READ, 0, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_load_app_key(t.reg, tree_path(&tree, "no"), WH_KEY_READ, 0, &root),
		     WH_E_NOT_FOUND);
	cr_expect_not(find("(application key)", &mount, NULL));
}

/* ------------------------------------------------------------ flushing, committing */

Test(reg_mount, flush)
{
	wh_hkey key, blind;

	cr_assert_eq(load("R", "one", 0), WH_OK);
	cr_assert_eq(load("W", "two", WH_MOUNT_WRITE), WH_OK);
	key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "R\\A");
	cr_expect_eq(wh_reg_flush_key(t.reg, key), WH_OK, "nothing to write");
	set_reg_number(t.reg, key, "Number", 1);
	cr_expect_eq(wh_reg_flush_key(t.reg, key), WH_E_ACCESS);
	close_reg_key(t.reg, key);

	key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "W\\A");
	set_reg_number(t.reg, key, "Number", 2);
	cr_expect_eq(wh_reg_flush_key(t.reg, key), WH_OK);
	cr_expect_eq(number_in("two", "A"), 2);
	cr_expect_eq(wh_reg_flush_key(t.reg, key), WH_OK);
	close_reg_key(t.reg, key);

	/* In memory only. */
	key = open_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE");
	set_reg_number(t.reg, key, "Number", 3);
	cr_expect_eq(wh_reg_flush_key(t.reg, key), WH_OK);
	close_reg_key(t.reg, key);
	cr_expect_eq(wh_reg_flush_key(t.reg, WH_HKEY_LOCAL_MACHINE), WH_OK);
	cr_expect_eq(wh_reg_flush_key(t.reg, WH_HKEY_CLASSES_ROOT), WH_OK);
	cr_expect_eq(wh_reg_flush_key(t.reg, 12345), WH_E_HANDLE);
	cr_expect_eq(wh_reg_flush_key(NULL, WH_HKEY_USERS), WH_E_INVALID);

	/* The right: KEY_QUERY_VALUE. */
	cr_assert_eq(wh_reg_open_key(t.reg, WH_HKEY_LOCAL_MACHINE, "W\\A", WH_NTS, 0,
				     WH_KEY_SET_VALUE, &blind),
		     WH_OK);
	cr_expect_eq(wh_reg_flush_key(t.reg, blind), WH_E_ACCESS);
	close_reg_key(t.reg, blind);
}

/* [W:3930] */
Test(reg_mount, flush_of_a_deleted_key)
{
	wh_hkey key = make_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Gone", 0);

	cr_assert_eq(wh_reg_delete_key(t.reg, key, "", WH_NTS, 0), WH_OK);
	cr_assert_eq(wh_reg_flush_key(t.reg, key), WH_E_DELETED);
	close_reg_key(t.reg, key);
}

Test(reg_mount, commit_all)
{
	size_t failed = 99;

	cr_assert_eq(load("X", "one", WH_MOUNT_WRITE), WH_OK);
	cr_assert_eq(load("Y", "two", WH_MOUNT_WRITE), WH_OK);
	set("X\\A", 5);
	set("Y\\A", 6);
	set("SOFTWARE\\Classes", 7); /* has no file, and is no error */
	cr_assert_eq(wh_reg_commit(t.reg, ".old", &failed), WH_OK);
	cr_assert_eq(failed, 0);
	cr_assert_eq(number_in("one", "A"), 5);
	cr_assert_eq(number_in("two", "A"), 6);
	cr_assert_eq(number_in("one.old", "A"), UINT32_MAX);
	cr_assert_eq(number_in("two.old", "A"), UINT32_MAX);
	/* Nothing is changed now: no backup is made, so none is in the way. */
	cr_assert_eq(wh_reg_commit(t.reg, ".old", NULL), WH_OK);
	set("X\\A", 8);
	cr_assert_eq(wh_reg_commit(t.reg, ".old", NULL), WH_E_EXISTS);
	cr_assert_eq(wh_reg_commit(t.reg, NULL, NULL), WH_OK);
	cr_assert_eq(number_in("one", "A"), 8);
	cr_assert_eq(wh_reg_commit(t.reg, "", NULL), WH_E_INVALID);
	cr_assert_eq(wh_reg_commit(NULL, NULL, &failed), WH_E_INVALID);
}

Test(reg_mount, commit_says_which_failed)
{
	struct wh_reg_mount mount;
	size_t failed, index;

	cr_assert_eq(load("X", "one", WH_MOUNT_WRITE), WH_OK);
	cr_assert_eq(load("Y", "two", WH_MOUNT_WRITE), WH_OK);
	set("X\\A", 5);
	set("Y\\A", 6);
	tree_save_keys(&tree, "two", keys);
	cr_assert_eq(wh_reg_commit(t.reg, NULL, &failed), WH_E_IN_USE);
	cr_assert(find("HKLM\\Y", &mount, &index));
	cr_assert_eq(failed, index);
	cr_assert(mount.changed);
	cr_assert(find("HKLM\\X", &mount, NULL));
	cr_assert_not(mount.changed, "the one before is done");
}

Test(reg_mount, mount_at_the_end)
{
	struct wh_reg_mount mount = { .place = "x" };
	size_t i = 0;

	while (wh_reg_mount_at(t.reg, i, &mount) == WH_OK)
		i++;
	cr_assert_eq(i, 4);
	cr_assert_null(mount.place);
	cr_assert_eq(wh_reg_mount_at(t.reg, SIZE_MAX, &mount), WH_E_NO_MORE);
	cr_assert_eq(wh_reg_mount_at(t.reg, 0, NULL), WH_E_INVALID);
	cr_assert_eq(wh_reg_mount_at(NULL, 0, &mount), WH_E_INVALID);
	cr_assert(find("HKU\\" USER_SID, &mount, NULL));
	cr_assert(mount.current_user);
	cr_assert(find("HKU\\" USER_SID "_Classes", &mount, NULL));
	cr_assert_not(mount.current_user);
}

/* ------------------------------------------------------------ privileges, memory */

Test(reg_mount, loading_asks_for_two_privileges)
{
	static const uint8_t everyone[12] = { 1, 1, 0, 0, 0, 0, 0, 1 };
	const void *sids[] = { everyone };
	struct wh_reg_token token = { .sids = sids, .sid_count = 1, .backup = true };
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token };
	const char *one = tree_path(&tree, "one");
	struct wh_reg *reg;

	cr_assert_eq(wh_reg_new(&options, &reg), WH_OK);
	cr_expect_eq(wh_reg_load_key(reg, WH_HKEY_USERS, "X", WH_NTS, one, 0), WH_E_PRIVILEGE);
	cr_assert_eq(wh_reg_mount(reg, WH_HKEY_USERS, "X", WH_NTS, one, 0), WH_OK);
	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, "X", WH_NTS), WH_E_PRIVILEGE);
	wh_reg_free(reg);
	token.restore = true;
	cr_assert_eq(wh_reg_new(&options, &reg), WH_OK);
	cr_expect_eq(wh_reg_load_key(reg, WH_HKEY_USERS, "X", WH_NTS, one, 0), WH_OK);
	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, "X", WH_NTS), WH_OK);
	wh_reg_free(reg);
}

static enum wh_status
load_in(struct wh_reg *reg)
{
	return wh_reg_load_key(reg, WH_HKEY_USERS, "S-1-5-21-7-8-9-1000", WH_NTS,
			       tree_path(&tree, "one"), 0);
}

static enum wh_status
unload_in(struct wh_reg *reg)
{
	return wh_reg_unload_key(reg, WH_HKEY_USERS, "X", WH_NTS);
}

static void
build_loaded(struct wh_reg *reg)
{
	cr_assert_eq(wh_reg_load_key(reg, WH_HKEY_USERS, "X", WH_NTS, tree_path(&tree, "one"), 0),
		     WH_OK);
}

static enum wh_status
load_app_in(struct wh_reg *reg)
{
	wh_hkey key;

	return wh_reg_load_app_key(reg, tree_path(&tree, "one"), WH_KEY_READ, 0, &key);
}

Test(reg_mount, without_memory_nothing_is_mounted_or_unmounted)
{
	cr_assert_gt(registry_starve(NULL, load_in), 5);
	cr_assert_gt(registry_starve(NULL, load_app_in), 5);
	registry_starve(build_loaded, unload_in);
}
