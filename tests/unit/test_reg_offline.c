/* SPDX-License-Identifier: MIT */
/* The registry of a Windows that is not running: which hives it has, and whose they are. */
#define _XOPEN_SOURCE 700
#include "offline_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(reg_offline, .init = offline_init, .fini = offline_fini);

/* -------------------------------------------------------------------- all of it */

Test(reg_offline, whole_windows)
{
	uint64_t before;
	size_t mounted;

	make_windows();
	before = tree_digest(&tree);
	cr_assert_eq(wh_reg_connect_windows(reg, tree_path(&tree, ""), NULL, &mounted), WH_OK);
	cr_expect_eq(mounted, 9);
	cr_expect(places_are(SYSTEM_PLACES ",HKU\\" SERVICE ",HKU\\" SERVICE "_Classes,HKU\\" ANNE
					   ",HKU\\" ANNE "_Classes"));
	cr_expect_eq(reg_number(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet", "Number"),
		     1);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "HARDWARE\\DESCRIPTION"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_CONFIG, "Software"));
	cr_expect(has_reg_key(reg, WH_HKEY_USERS, "S-1-5-18\\Environment"), "is .DEFAULT");
	cr_expect_str_eq(current_name(), "Anne");
	cr_expect_str_eq(name_of(WH_HKEY_USERS, SERVICE "\\Environment"), "the service");
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\.txt"));
	cr_expect(has_reg_key(reg, WH_HKEY_CLASSES_ROOT, ".txt"));
	cr_expect(mount_at("HKU\\" ANNE).current_user);
	cr_expect_str_eq(mount_at("HKU\\" ANNE).owner, "Anne");
	cr_expect_str_eq(mount_at("HKU\\" ANNE).account, ANNE);
	cr_expect_str_eq(mount_at("HKU\\" SERVICE).owner, "LocalService");
	cr_expect_str_eq(mount_at("HKLM\\SYSTEM").path,
			 tree_path(&tree, "WINDOWS/system32/Config/SYSTEM"));
	cr_expect_null(mount_at("HKLM\\SYSTEM").problem);
	cr_expect_not(mount_at("HKLM\\SYSTEM").changed);
	cr_expect_eq(wh_reg_commit(reg, NULL, NULL), WH_OK);
	cr_expect_eq(tree_digest(&tree), before, "reading has changed nothing");
}

Test(reg_offline, hives_that_not_every_windows_has)
{
	static const char *const keys[] = { "A", NULL };

	make_windows();
	tree_save_keys(&tree, "WINDOWS/system32/Config/drivers", keys);
	tree_save_keys(&tree, "WINDOWS/system32/Config/BBI", keys);
	tree_save_keys(&tree, "WINDOWS/system32/Config/Elam", keys);
	tree_save_keys(&tree, "WINDOWS/system32/Config/COMPONENTS", keys);
	tree_save_keys(&tree, "WINDOWS/appcompat/programs/AMCACHE.HVE", keys);
	tree_save_keys(&tree, "efi/microsoft/boot/bcd", keys);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(mount_at("HKLM\\DRIVERS").status, WH_OK);
	cr_expect_eq(mount_at("HKLM\\BBI").status, WH_OK);
	cr_expect_eq(mount_at("HKLM\\ELAM").status, WH_OK);
	cr_expect_eq(mount_at("HKLM\\COMPONENTS").status, WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "Amcache\\A"));
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "BCD00000000\\A"));
}

Test(reg_offline, boot_folder_comes_before_efi)
{
	static const char *const boot[] = { "Boot", NULL }, *const efi[] = { "Efi", NULL };

	make_windows();
	tree_save_keys(&tree, "Boot/BCD", boot);
	tree_save_keys(&tree, "EFI/Microsoft/Boot/BCD", efi);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "BCD00000000\\Boot"));
	cr_expect_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "BCD00000000\\Efi"));
}

/* ---------------------------------------------------------------- where to begin */

Test(reg_offline, folders_to_begin_with)
{
	static const char *const folders[] = { "", "WINDOWS", "WINDOWS/system32/Config" };

	make_windows();
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		cr_expect_eq(connect_as(folders[i], 0, NULL), WH_OK, "%s", folders[i]);
		cr_expect_str_eq(current_name(), "Anne", "%s", folders[i]);
		cr_expect_eq(reg_number(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet",
					"Number"),
			     1);
		fresh_registry();
	}
}

Test(reg_offline, relative_path_and_slash_behind)
{
	char old[512];

	make_windows();
	cr_assert_not_null(getcwd(old, sizeof old));
	cr_assert_eq(chdir(tree.folder), 0);
	cr_expect_eq(wh_reg_connect_windows(reg, "WINDOWS/", NULL, NULL), WH_OK);
	cr_expect_str_eq(mount_at("HKLM\\SAM").path, "WINDOWS/system32/Config/SAM");
	cr_expect_str_eq(current_name(), "Anne");
	cr_assert_eq(chdir(old), 0);
}

Test(reg_offline, old_windows)
{
	static const char *const sids[] = { ANNE, NULL };
	static const char *const paths[] = { "%SystemDrive%\\Documents and Settings\\Anne", NULL };
	static const char *const classes[] = { ".old", NULL };

	tree_config(&tree, "WINNT/system32/config", sids, paths);
	tree_profile(&tree, "Documents and Settings/Anne", "Anne");
	tree_remove(&tree,
		    "Documents and Settings/Anne/AppData/Local/Microsoft/Windows/UsrClass.dat");
	tree_save_keys(&tree,
		       "Documents and Settings/Anne/Local Settings/Application Data/Microsoft/"
		       "Windows/UsrClass.dat",
		       classes);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_str_eq(current_name(), "Anne");
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\.old"));
}

Test(reg_offline, folder_with_hives)
{
	static const char *const keys[] = { "Software", NULL };
	struct wh_reg_mount user;

	tree_save_keys(&tree, "Case 7/system", keys);
	tree_save_keys(&tree, "Case 7/ntuser.dat", keys);
	tree_save_keys(&tree, "Case 7/usrclass.DAT", keys);
	cr_assert_eq(connect_as("Case 7", 0, NULL), WH_OK);
	cr_expect(places_are("HKLM\\SYSTEM,HKU\\Case 7,HKU\\Case 7_Classes"),
		  "nobody said that there would be others");
	user = mount_at("HKU\\Case 7");
	cr_expect(user.current_user && user.problem && user.status == WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\Software"));
}

Test(reg_offline, nothing_there)
{
	size_t mounted = 5;

	cr_expect_eq(wh_reg_connect_windows(reg, tree_path(&tree, ""), NULL, &mounted),
		     WH_E_NOT_FOUND);
	cr_expect_eq(mounted, 0);
	cr_expect_eq(connect_as("none", 0, NULL), WH_E_NOT_FOUND);
	tree_put(&tree, "file", "text", 4);
	cr_expect_eq(connect_as("file", 0, NULL), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_connect_windows(reg, "", NULL, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_connect_windows(reg, NULL, NULL, NULL), WH_E_INVALID);
	cr_expect_eq(connect_as("", WH_MOUNT_OWNED, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_connect_windows(NULL, "/", NULL, NULL), WH_E_INVALID);
	cr_expect(places_are(""));
}

Test(reg_offline, one_windows_a_registry)
{
	make_windows();
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(connect_tree(), WH_E_EXISTS);
}

/* A name that is taken is told of, and what has it stays. */
Test(reg_offline, beside_a_hive_that_is_mounted)
{
	static const char *const keys[] = { "Mine", NULL };

	make_windows();
	tree_save_keys(&tree, "mine", keys);
	cr_assert_eq(wh_reg_mount(reg, WH_HKEY_LOCAL_MACHINE, "SAM", WH_NTS,
				  tree_path(&tree, "mine"), 0),
		     WH_OK);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SAM\\Mine"));
	cr_expect(places_are("HKLM\\SAM,HKLM\\SYSTEM,HKLM\\SOFTWARE,-HKLM\\SAM,HKLM\\SECURITY,"
			     "HKU\\.DEFAULT,HKU\\" SERVICE ",HKU\\" SERVICE "_Classes,HKU\\" ANNE
			     ",HKU\\" ANNE "_Classes"));
}

/* -------------------------------------------------------------------- the user */

Test(reg_offline, several_users)
{
	static const char *const by[] = { "bob",
					  BOB,
					  "s-1-5-21-1-2-3-1002",
					  "C:\\USERS\\BOB",
					  "\\users\\bob\\",
					  "%SystemDrive%/Users/Bob" };
	wh_hkey key;

	make_windows();
	add_bob();
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(mount_at("HKCU").status, WH_E_NOT_FOUND);
	cr_expect_not_null(mount_at("HKCU").problem);
	cr_expect_eq(wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, "Environment", WH_NTS, 0,
				     WH_KEY_READ, &key),
		     WH_E_NOT_FOUND);
	cr_expect_str_eq(name_of(WH_HKEY_USERS, BOB "\\Environment"), "Bob");
	for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
		fresh_registry();
		cr_expect_eq(connect_as("", 0, by[i]), WH_OK, "%s", by[i]);
		cr_expect_str_eq(current_name(), "Bob", "%s", by[i]);
	}
	fresh_registry();
	cr_expect_eq(connect_as("", 0, tree_path(&tree, "users/BOB")), WH_OK);
	cr_expect_str_eq(current_name(), "Bob");
}

Test(reg_offline, no_such_user)
{
	make_windows();
	cr_assert_eq(connect_as("", 0, "carol"), WH_E_NOT_FOUND);
	cr_expect(places_are(""), "nothing is mounted");
	cr_expect_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM"));
	cr_expect_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "HARDWARE"));
	cr_assert_eq(connect_as("", 0, "anne"), WH_OK, "and it can be tried again");
}

Test(reg_offline, user_without_a_hive)
{
	make_windows();
	add_bob();
	tree_put(&tree, "users/BOB/NTUSER.DAT", "no hive", 7);
	cr_assert_eq(connect_as("", 0, "bob"), WH_OK);
	cr_expect_eq(mount_at("HKCU").status, WH_E_NOT_FOUND);
	cr_expect_eq(mount_at("HKU\\" BOB).status, WH_E_NOT_HIVE);
	cr_expect_str_eq(mount_at("HKU\\" BOB).owner, "bob");
	fresh_registry();
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_str_eq(current_name(), "Anne", "the only one who has a hive");
}

Test(reg_offline, profiles_as_they_may_be_written)
{
	static const struct {
		const char *sid, *path;
		enum wh_status status;
	} cases[] = {
		{ "S-1-5-21-1-1-1-1", "%SystemDrive%\\Users\\Anne", WH_OK },
		{ "S-1-5-21-1-1-1-2", "%windir%\\ServiceProfiles\\LocalService", WH_OK },
		{ "S-1-5-21-1-1-1-3", "\\??\\c:\\USERS\\ANNE", WH_OK },
		{ "S-1-5-21-1-1-1-4", "\\\\?\\C:\\\\Users\\.\\anne\\", WH_OK },
		{ "S-1-5-21-1-1-1-5", "C:/Users/anne", WH_OK },
		{ "S-1-5-21-1-1-1-6", "D:\\Users\\Anne", WH_E_NOT_FOUND },
		{ "S-1-5-21-1-1-1-7", "\\\\server\\profiles\\anne", WH_E_NOT_FOUND },
		{ "S-1-5-21-1-1-1-8", "Users\\Anne", WH_E_NOT_FOUND },
		{ "S-1-5-21-1-1-1-9", "%APPDATA%\\Anne", WH_E_NOT_FOUND },
		{ "S-1-5-21-1-1-1-10", "%SystemDrive", WH_E_NOT_FOUND },
		{ "S-1-5-21-1-1-1-11", "C:\\Users\\..\\Users\\Anne", WH_E_ACCESS },
		{ "S-1-5-21-1-1-1-12", "C:\\..\\..\\etc", WH_E_ACCESS },
		{ "S-1-5-21-1-1-1-13", "C:\\Users\\Nobody", WH_E_NOT_FOUND },
		{ "S-1-5-21-1-1-1-14.bak", "C:\\Users\\Anne", WH_OK },
		{ "S-1-5-21-1-1-1-15", "", WH_E_NOT_FOUND },
	};
	enum { CASES = sizeof cases / sizeof *cases };
	const char *sids[CASES + 1] = { NULL }, *paths[CASES + 1] = { NULL };
	char place[64];

	make_windows();
	for (size_t i = 0; i < CASES; i++) {
		sids[i] = cases[i].sid;
		paths[i] = cases[i].path;
	}
	tree_config(&tree, "WINDOWS/system32/Config", sids, paths);
	cr_assert_eq(connect_tree(), WH_OK);
	for (size_t i = 0; i < CASES; i++) {
		struct wh_reg_mount mount;

		snprintf(place, sizeof place, "HKU\\%s", cases[i].sid);
		mount = mount_at(place);
		cr_expect_eq(mount.status, cases[i].status, "%s", cases[i].path);
		cr_expect_eq(mount.hive != NULL, cases[i].status == WH_OK);
		cr_expect(mount.problem || cases[i].status == WH_OK, "%s", cases[i].path);
	}
	cr_expect_not_null(mount_at("HKU\\S-1-5-21-1-1-1-14.bak").problem);
}

Test(reg_offline, profile_that_cannot_be_changed)
{
	make_windows();
	cr_assert_eq(rename(tree_path(&tree, "users/anne/NTUSER.DAT"),
			    tree_path(&tree, "users/anne/ntuser.man")),
		     0);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_str_eq(current_name(), "Anne");
}

Test(reg_offline, no_profile_list)
{
	make_windows();
	tree_profile(&tree, "users/zoe", "Zoe");
	tree_profile(&tree, "users/Default", "the template");
	tree_profile(&tree, "users/PUBLIC", "everybody");
	tree_put(&tree, "users/desktop.ini", "", 0);
	tree_put(&tree, "users/no profile/file", "", 0);
	tree_remove(&tree, "WINDOWS/system32/Config/SOFTWARE");
	cr_assert_eq(connect_as("", 0, "ZOE"), WH_OK);
	cr_expect(places_are("HKLM\\SYSTEM,-HKLM\\SOFTWARE,HKLM\\SAM,HKLM\\SECURITY,HKU\\.DEFAULT,"
			     "HKU\\" SERVICE ",HKU\\" SERVICE
			     "_Classes,HKU\\anne,HKU\\anne_Classes,HKU\\zoe,HKU\\zoe_Classes"));
	cr_expect_eq(mount_at("HKLM\\SOFTWARE").status, WH_E_NOT_FOUND);
	cr_expect_not_null(mount_at("HKU\\anne").problem);
	cr_expect_null(mount_at("HKU\\anne").account);
	cr_expect_str_eq(current_name(), "Zoe");
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\.txt"));
}

Test(reg_offline, damaged_profile_list)
{
	make_windows();
	tree_put(&tree, "WINDOWS/system32/Config/SOFTWARE", "regf", 4);
	cr_assert_eq(connect_tree(), WH_OK);
	cr_expect_eq(mount_at("HKLM\\SOFTWARE").status, WH_E_NOT_HIVE);
	cr_expect_str_eq(current_name(), "Anne", "found by the folder");
}
