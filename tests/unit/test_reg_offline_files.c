/* SPDX-License-Identifier: MIT */
/* The files of a Windows that is not running: what may be wrong with them, and writing to them. */
#define _XOPEN_SOURCE 700
#include "registry/registry.h"

#include "offline_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(reg_offline_files, .init = offline_init, .fini = offline_fini);

/* ---------------------------------------------------------- what may be wrong */

Test(reg_offline_files, hives_that_are_missing_or_damaged)
{
	make_windows();
	tree_remove(&tree, "WINDOWS/system32/Config/SAM");
	tree_put(&tree, "WINDOWS/system32/Config/SECURITY", "", 0);
	tree_remove(&tree, "WINDOWS/system32/Config/DEFAULT");
	cr_assert_eq(mkfifo(tree_path(&tree, "WINDOWS/system32/Config/DEFAULT"), 0600), 0);
	tree_remove(&tree, "users/anne/AppData/Local/Microsoft/Windows/UsrClass.dat");
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(mount_at("HKLM\\SAM").status, WH_E_NOT_FOUND);
	cr_expect_null(mount_at("HKLM\\SAM").path);
	cr_expect_eq(mount_at("HKLM\\SECURITY").status, WH_E_NOT_HIVE);
	cr_expect_str_eq(mount_at("HKLM\\SECURITY").path,
			 tree_path(&tree, "WINDOWS/system32/Config/SECURITY"));
	cr_expect_eq(mount_at("HKU\\.DEFAULT").status, WH_E_NOT_HIVE, "a FIFO is not waited for");
	cr_expect_eq(mount_at("HKU\\" ANNE "_Classes").status, WH_E_NOT_FOUND);
	cr_expect_not_null(mount_at("HKLM\\SAM").problem);
	cr_expect_not_null(mount_at("HKLM\\SECURITY").problem);
	cr_expect_str_eq(current_name(), "Anne");
	cr_expect_not(has_reg_key(reg, WH_HKEY_USERS, "S-1-5-18"), "there is no .DEFAULT");
}

Test(reg_offline_files, when_no_hive_can_be_read_it_says_why)
{
	tree_put(&tree, "case/SYSTEM", "no hive", 7);
	cr_assert_eq(connect_as("case", 0, NULL), WH_E_NOT_HIVE);
	cr_expect(places_are("-HKLM\\SYSTEM"));
	tree_data(&tree, "case/SYSTEM", "good/sample.hive");
	cr_assert_eq(connect_as("case", 0, NULL), WH_OK);
	cr_expect(places_are("HKLM\\SYSTEM"), "what was told of the first attempt is gone");
}

Test(reg_offline_files, dirty_hives)
{
	make_windows();
	tree_data(&tree, "WINDOWS/system32/Config/SAM", "logs/new-two-logs/SYSTEM");
	tree_data(&tree, "WINDOWS/system32/Config/sam.log1", "logs/new-two-logs/SYSTEM.LOG1");
	tree_data(&tree, "WINDOWS/system32/Config/Sam.Log2", "logs/new-two-logs/SYSTEM.LOG2");
	tree_data(&tree, "WINDOWS/system32/Config/SECURITY", "logs/dirty-no-logs/SYSTEM");
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(mount_at("HKLM\\SAM").state, WH_RECOVERED);
	cr_expect_eq(mount_at("HKLM\\SAM").log_count, 2);
	cr_expect_null(mount_at("HKLM\\SAM").problem);
	cr_expect_eq(mount_at("HKLM\\SECURITY").state, WH_DIRTY);
	cr_expect_eq(mount_at("HKLM\\SECURITY").status, WH_OK);
	cr_expect_not_null(mount_at("HKLM\\SECURITY").problem);
	fresh_registry();
	cr_assert_eq(connect_as("", WH_MOUNT_NO_LOGS, NULL), WH_OK);
	cr_expect_eq(mount_at("HKLM\\SAM").state, WH_DIRTY);
	cr_expect_not_null(mount_at("HKLM\\SAM").problem);
}

/* A copy to a file system with case may have several. */
Test(reg_offline_files, names_that_differ_in_case)
{
	static const char *const exact[] = { "Exact", NULL }, *const other[] = { "Other", NULL };

	tree_save_keys(&tree, "case/system", other);
	tree_save_keys(&tree, "case/SYSTEM", exact);
	tree_save_keys(&tree, "case/sam", other);
	tree_save_keys(&tree, "case/Sam", exact);
	tree_save_keys(&tree, "case/SOFTWARE", exact);
	cr_assert_eq(connect_as("case", 0, NULL), WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\Exact"));
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SAM\\Exact"), "the first in order");
	cr_expect_not_null(mount_at("HKLM\\SYSTEM").problem);
	cr_expect_not_null(mount_at("HKLM\\SAM").problem);
	cr_expect_null(mount_at("HKLM\\SOFTWARE").problem);
}

Test(reg_offline_files, folders_that_differ_in_case)
{
	static const char *const keys[] = { "A", NULL };

	make_windows();
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(mount_at("HKLM").status, WH_E_NO_MORE);
	fresh_registry();
	tree_save_keys(&tree, "WINDOWS/System32/config/SYSTEM", keys);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\A"), "spelt as Windows does");
	cr_expect_not_null(mount_at("HKLM").problem);
	cr_expect_eq(mount_at("HKLM").status, WH_OK);
}

Test(reg_offline_files, letters_beyond_ascii)
{
	static const char *const sids[] = { ANNE, NULL };
	static const char *const paths[] = { "C:\\Users\\\xc3\x84nne", NULL };

	tree_config(&tree, "Windows/System32/config", sids, paths);
	tree_profile(&tree, "Users/\xc3\xa4NNE", "Anne");
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_str_eq(current_name(), "Anne");
}

Test(reg_offline_files, links_stay_in_the_volume)
{
	struct tree outside;

	make_windows();
	add_bob();
	tree_init(&outside);
	tree_profile(&outside, "bob", "outside");
	tree_data(&outside, "SAM", "good/sample.hive");
	/* Inside is fine, by any way. */
	cr_assert_eq(rename(tree_path(&tree, "users/anne"), tree_path(&tree, "elsewhere")), 0);
	tree_link(&tree, "users/anne", "../elsewhere");
	/* Outside is not: a folder, a hive, a log. */
	cr_assert_eq(rename(tree_path(&tree, "users/BOB"), tree_path(&tree, "hidden")), 0);
	tree_link(&tree, "users/bob", tree_path(&outside, "bob"));
	tree_remove(&tree, "WINDOWS/system32/Config/SAM");
	tree_link(&tree, "WINDOWS/system32/Config/SAM", tree_path(&outside, "SAM"));
	tree_link(&tree, "WINDOWS/system32/Config/security.log1", "/etc/hostname");
	tree_remove(&tree, "WINDOWS/system32/Config/DEFAULT");
	tree_link(&tree, "WINDOWS/system32/Config/DEFAULT", "nowhere");
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_str_eq(current_name(), "Anne");
	cr_expect_eq(mount_at("HKU\\" BOB).status, WH_E_ACCESS);
	cr_expect_eq(mount_at("HKLM\\SAM").status, WH_E_ACCESS);
	cr_expect_eq(mount_at("HKLM\\SECURITY").status, WH_E_ACCESS);
	cr_expect_eq(mount_at("HKU\\.DEFAULT").status, WH_E_NOT_FOUND);
	tree_fini(&outside);
}

/* ------------------------------------------------------------------- hibernation */

static void
put_hiberfil(const char *mark, size_t size)
{
	char *bytes = calloc(1, size ? size : 1);

	if (size >= strlen(mark))
		memcpy(bytes, mark, strlen(mark));
	tree_put(&tree, "HiberFil.SYS", bytes, size);
	free(bytes);
}

Test(reg_offline_files, hibernation)
{
	static const struct {
		const char *mark;
		size_t size;
		bool active;
	} cases[] = {
		{ "hibr", 8192, true },  { "HIBR", 8192, true }, { "wake", 8192, false },
		{ "WAKE", 8192, false }, { "", 8192, false },    { "", 512, true },
		{ "", 0, true },
	};
	bool hibernated = true;

	make_windows();
	cr_expect_eq(wh_reg_hibernated(reg, &hibernated), WH_E_NOT_FOUND);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *mark = cases[i].mark;

		put_hiberfil(mark, cases[i].size);
		cr_expect_eq(connect_as("", WH_MOUNT_WRITE, NULL),
			     cases[i].active ? WH_E_IN_USE : WH_OK, "%s", mark);
		if (cases[i].active) {
			cr_expect(places_are("-HKLM"));
			cr_expect_eq(mount_at("HKLM").status, WH_E_IN_USE);
			cr_expect_str_eq(mount_at("HKLM").path, tree_path(&tree, "HiberFil.SYS"));
			cr_expect_eq(connect_as("", WH_MOUNT_WRITE | WH_MOUNT_HIBERNATED, NULL),
				     WH_OK, "%s", mark);
		}
		cr_expect(mount_at("HKLM\\SYSTEM").writable);
		fresh_registry();
		cr_expect_eq(connect_tree(), WH_OK, "%s", mark);
		cr_expect_eq(wh_reg_hibernated(reg, &hibernated), WH_OK);
		cr_expect_eq(hibernated, cases[i].active, "%s", mark);
		cr_expect_eq(mount_at("HKLM").problem != NULL, cases[i].active);
		fresh_registry();
	}
	cr_expect_eq(wh_reg_hibernated(reg, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_hibernated(NULL, &hibernated), WH_E_INVALID);
}

Test(reg_offline_files, hibernation_that_cannot_be_looked_at)
{
	bool hibernated;

	make_windows();
	tree_link(&tree, "hiberfil.sys", "/etc/hostname");
	cr_expect_eq(connect_as("", WH_MOUNT_WRITE, NULL), WH_E_IN_USE, "it leads out");
	tree_remove(&tree, "hiberfil.sys");
	tree_put(&tree, "hiberfil.sys/a folder", "", 0);
	cr_expect_eq(connect_as("", WH_MOUNT_WRITE, NULL), WH_OK, "no file");
	cr_expect_eq(wh_reg_hibernated(reg, &hibernated), WH_OK);
	cr_expect_not(hibernated);
}

/* ----------------------------------------------------------------------- writing */

Test(reg_offline_files, writing)
{
	struct wh_reg *other;
	wh_hkey key;

	make_windows();
	cr_assert_eq(connect_as("", WH_MOUNT_WRITE, NULL), WH_OK);
	key = open_reg_key(reg, WH_HKEY_CURRENT_USER, "Environment");
	set_reg_number(reg, key, "Number", 5);
	close_reg_key(reg, key);
	cr_expect(mount_at("HKU\\" ANNE).changed);
	cr_expect_not(mount_at("HKLM\\SYSTEM").changed, "links are made in memory");
	/* Another one cannot write to any of it meanwhile. */
	cr_assert_eq(wh_reg_new(NULL, &other), WH_OK);
	cr_expect_eq(wh_reg_connect_windows(other, tree_path(&tree, ""),
					    &(struct wh_windows){ .flags = WH_MOUNT_WRITE }, NULL),
		     WH_E_IN_USE);
	wh_reg_free(other);
	cr_assert_eq(wh_reg_commit(reg, NULL, NULL), WH_OK);
	fresh_registry();
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(reg_number(reg, WH_HKEY_CURRENT_USER, "Environment", "Number"), 5);
	cr_expect_eq(mount_at("HKU\\" ANNE).state, WH_CLEAN);
}

/* -------------------------------------------------------------- another registry */

Test(reg_offline_files, names_of_this_machine)
{
	static const char *const names[] = { NULL, "", "\\\\", ".", "\\\\.", "LOCALHOST" };
	char host[256] = "\\\\";
	wh_hkey key;

	make_windows();
	cr_assert_eq(connect_tree(), WH_OK);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		cr_assert_eq(
			wh_reg_connect_registry(reg, names[i], WH_NTS, WH_HKEY_LOCAL_MACHINE, &key),
			WH_OK);
		cr_expect(has_reg_key(reg, key, "SYSTEM\\Select"));
		close_reg_key(reg, key);
	}
	cr_assert_eq(gethostname(host + 2, sizeof host - 3), 0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(
			wh_reg_connect_registry(reg, host + 2 * i, WH_NTS, WH_HKEY_USERS, &key),
			WH_OK);
		close_reg_key(reg, key);
	}
}

Test(reg_offline_files, another_windows)
{
	struct tree second;
	struct wh_reg_mount mount;
	wh_hkey machine, user, again;
	size_t count = 0;
	char place[256];

	make_windows();
	cr_assert_eq(connect_tree(), WH_OK);
	tree_init(&second);
	tree_config(&second, "Windows/System32/config", (const char *const[]){ BOB, NULL },
		    (const char *const[]){ "C:\\Users\\Bob", NULL });
	tree_profile(&second, "Users/Bob", "Bob");
	cr_assert_eq(wh_reg_connect_registry(reg, second.folder, WH_NTS, WH_HKEY_LOCAL_MACHINE,
					     &machine),
		     WH_OK);
	cr_expect(has_reg_key(reg, machine, "SYSTEM\\CurrentControlSet\\Control"));
	cr_assert_eq(
		wh_reg_connect_registry(reg, second.folder, WH_NTS, WH_HKEY_CURRENT_USER, &user),
		WH_OK);
	cr_expect_str_eq(name_of(user, "Environment"), "Bob");
	cr_expect_str_eq(current_name(), "Anne", "who is here");
	cr_expect(has_reg_key(reg, user, "Software\\Classes\\.txt"), "links stay there");
	/* It is mounted once, and told of after our own. */
	cr_assert_eq(wh_reg_connect_registry(reg, tree_path(&second, "."), WH_NTS, WH_HKEY_USERS,
					     &again),
		     WH_OK);
	snprintf(place, sizeof place, "\\\\%s\\HKLM\\SYSTEM", second.folder);
	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++)
		count += strcmp(mount.place, place) == 0;
	cr_expect_eq(count, 1);
	/* Read-only. */
	set_reg_number(reg, user, "Number", 1);
	cr_expect_eq(wh_reg_flush_key(reg, user), WH_E_ACCESS);
	cr_expect_eq(wh_reg_commit(reg, NULL, NULL), WH_OK);
	close_reg_key(reg, machine);
	close_reg_key(reg, user);
	close_reg_key(reg, again);
	tree_fini(&second);
}

Test(reg_offline_files, other_computers_cannot_be_reached)
{
	wh_hkey key = 1;
	size_t before;

	tree_put(&tree, "empty/file", "", 0);
	before = meter.blocks;
#define CONNECT(name, root) wh_reg_connect_registry(reg, name, WH_NTS, root, &key)
	cr_expect_eq(CONNECT("\\\\server", WH_HKEY_USERS), WH_E_BAD_NETPATH);
	cr_expect_eq(key, 0);
	cr_expect_eq(CONNECT("/no/such/folder", WH_HKEY_USERS), WH_E_BAD_NETPATH);
	cr_expect_eq(CONNECT(tree_path(&tree, "empty"), WH_HKEY_USERS), WH_E_BAD_NETPATH);
	cr_expect_eq(CONNECT(tree_path(&tree, "empty/file"), WH_HKEY_USERS), WH_E_BAD_NETPATH);
	cr_expect_eq(wh_reg_connect_registry(reg, "a\0b", 3, WH_HKEY_USERS, &key),
		     WH_E_BAD_NETPATH);
	cr_expect_eq(CONNECT(NULL, 1), WH_E_INVALID);
	cr_expect_eq(CONNECT(NULL, 0x80000010), WH_E_INVALID);
	cr_expect_eq(wh_reg_connect_registry(reg, NULL, 0, WH_HKEY_USERS, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_connect_registry(NULL, NULL, 0, WH_HKEY_USERS, &key), WH_E_INVALID);
	cr_expect_eq(meter.blocks, before, "no machine is left");
}

/* ------------------------------------------------------------------------ memory */

Test(reg_offline_files, without_memory_nothing_is_mounted)
{
	enum wh_status st = WH_E_MEMORY;
	size_t tries = 0;

	make_windows();
	put_hiberfil("hibr", 8192);
	while (st == WH_E_MEMORY) {
		meter.left = tries++;
		st = connect_tree();
		meter.left = SIZE_MAX;
		if (st == WH_OK)
			break;
		cr_assert_eq(st, WH_E_MEMORY);
		cr_assert_null(mount_at("HKLM\\SYSTEM").hive);
		cr_assert_null(reg->local->root);
		cr_assert_null(reg->local->current_user);
		cr_assert_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM"));
		cr_assert_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "HARDWARE"));
	}
	cr_assert_gt(tries, 50);
	cr_expect_str_eq(current_name(), "Anne");
}

Test(reg_offline_files, without_memory_no_other_windows)
{
	enum wh_status st = WH_E_MEMORY;
	size_t tries = 0;
	wh_hkey key;

	make_windows();
	tree_remove(&tree, "WINDOWS/system32/Config/SOFTWARE");
	while (st == WH_E_MEMORY) {
		meter.left = tries++;
		st = wh_reg_connect_registry(reg, tree.folder, WH_NTS, WH_HKEY_USERS, &key);
		meter.left = SIZE_MAX;
		cr_assert(st == WH_OK || (st == WH_E_MEMORY && !reg->local->next));
	}
	cr_assert_gt(tries, 50);
	cr_expect(has_reg_key(reg, key, "anne\\Environment"));
}

/* ------------------------------------------------------------------ real hives */

Test(reg_offline_files, real_hives)
{
	const char *corpus = getenv("WINHIVE_CORPUS");
	static const struct {
		const char *name, *from;
	} files[] = {
		{ "Windows/System32/config/SYSTEM", "regipy/SYSTEM" },
		{ "Windows/System32/config/SAM", "regipy/SAM" },
		{ "Windows/System32/config/SECURITY", "regipy/SECURITY" },
		{ "Users/bob/NTUSER.DAT", "regipy/NTUSER.DAT" },
		{ "Users/bob/AppData/Local/Microsoft/Windows/UsrClass.dat", "regipy/UsrClass.dat" },
		{ "Users/bob/AppData/Local/Microsoft/Windows/UsrClass.dat.LOG1",
		  "regipy/UsrClass.dat.LOG1" },
		{ "Users/bob/AppData/Local/Microsoft/Windows/UsrClass.dat.LOG2",
		  "regipy/UsrClass.dat.LOG2" },
	};
	char path[512];
	uint64_t before;

	snprintf(path, sizeof path, "%s/%s", corpus ? corpus : "", files[0].from);
	if (!corpus || access(path, R_OK) != 0)
		cr_skip("no WINHIVE_CORPUS");
	tree_config(&tree, "Windows/System32/config", (const char *const[]){ BOB, NULL },
		    (const char *const[]){ "C:\\Users\\bob", NULL });
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", corpus, files[i].from);
		tree_copy(&tree, files[i].name, path);
	}
	before = tree_digest(&tree);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect(places_are(SYSTEM_PLACES ",HKU\\" BOB ",HKU\\" BOB "_Classes"));
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE,
			      "SYSTEM\\CurrentControlSet\\Control\\Session Manager"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_CONFIG, "Software"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Control Panel\\Desktop"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\Local Settings"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER_LOCAL_SETTINGS, "Software"));
	cr_expect(has_reg_key(reg, WH_HKEY_CLASSES_ROOT, "Local Settings"));
	cr_expect_eq(mount_at("HKU\\" BOB "_Classes").state, WH_RECOVERED);
	cr_expect_eq(tree_digest(&tree), before);
}
