/* SPDX-License-Identifier: MIT */
/* HKEY_CLASSES_ROOT: the user's classes over the machine's (docs/winreg-tests.md 1.4.14). */
#include "registry.h"
#include "registry/registry.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define ALL  WH_KEY_ALL_ACCESS
#define HKLM WH_HKEY_LOCAL_MACHINE
#define HKCU WH_HKEY_CURRENT_USER
#define HKCR WH_HKEY_CLASSES_ROOT
#define CLS  "Software\\Classes\\"
#define NONE UINT32_MAX

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

TestSuite(classes, .init = setup, .fini = teardown);

static wh_hkey
make(wh_hkey key, const char *path)
{
	return make_reg_key(reg, key, path, 0);
}

static uint32_t
number(wh_hkey key, const char *name)
{
	uint8_t data[4];
	size_t len;
	enum wh_status st =
		wh_reg_query_value_ex(reg, key, name, WH_NTS, NULL, data, sizeof data, &len);

	if (st == WH_E_NOT_FOUND)
		return NONE;
	cr_assert_eq(st, WH_OK, "%s", wh_status_name(st));
	cr_assert_eq(len, 4);
	return data[0];
}

/* The names of the values in their order, as "X,Y"; NULL: the status is not WH_OK. */
static bool
lists_values(wh_hkey key, const char *names)
{
	char all[400] = "", name[100];
	enum wh_status st;
	size_t len;

	for (uint32_t i = 0;; i++) {
		st = wh_reg_enum_value(reg, key, i, name, sizeof name - 1, &len, NULL, NULL, 0,
				       NULL);
		if (st != WH_OK)
			break;
		name[len] = '\0';
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? "," : "", name);
	}
	cr_assert_eq(st, WH_E_NO_MORE, "%s", wh_status_name(st));
	if (strcmp(all, names) != 0)
		fprintf(stderr, "the values are %s\n", all);
	return strcmp(all, names) == 0;
}

static void
expect_counts(wh_hkey key, uint32_t subkeys, uint32_t values)
{
	struct wh_reg_info info;

	cr_assert_eq(wh_reg_query_info_key(reg, key, &info), WH_OK);
	cr_expect_eq(info.subkeys, subkeys, "%u subkeys", info.subkeys);
	cr_expect_eq(info.values, values, "%u values", info.values);
}

/* [W:3383] A key of the user alone. */
Test(classes, user_only)
{
	wh_hkey user = make(HKCU, CLS "WineTestCls"),
		merged = open_reg_key(reg, HKCR, "WineTestCls");

	set_reg_number(reg, user, "val1", 1);
	cr_expect_eq(number(merged, "val1"), 1);
	set_reg_number(reg, merged, "val1", 2);
	cr_expect_eq(number(user, "val1"), 2);
	set_reg_number(reg, merged, "val0", 3);
	cr_expect_eq(number(user, "val0"), 3);
	set_reg_number(reg, user, "val0", 4);
	cr_expect_eq(number(merged, "val0"), 4);
	cr_expect_not(has_reg_key(reg, HKLM, CLS "WineTestCls"));
	close_reg_key(reg, user);
	close_reg_key(reg, merged);
}

/* [W:3460] A key of the machine, and then one of the user over it. */
Test(classes, machine_and_then_user)
{
	wh_hkey machine = make(HKLM, CLS "WineTestCls"), user;
	wh_hkey merged = open_reg_key(reg, HKCR, "WineTestCls");

	set_reg_number(reg, machine, "val2", 1);
	cr_expect_eq(number(merged, "val2"), 1);
	set_reg_number(reg, merged, "val2", 2);
	cr_expect_eq(number(machine, "val2"), 2);
	close_reg_key(reg, merged);

	user = make(HKCU, CLS "WineTestCls");
	merged = open_reg_key(reg, HKCR, "WineTestCls");
	set_reg_number(reg, user, "val2", 3);
	cr_expect_eq(number(merged, "val2"), 3);
	set_reg_number(reg, machine, "val2", 4);
	cr_expect_eq(number(merged, "val2"), 3);
	cr_expect_eq(number(user, "val2"), 3);
	set_reg_number(reg, merged, "val2", 5);
	cr_expect_eq(number(merged, "val2"), 5);
	cr_expect_eq(number(user, "val2"), 5);
	cr_expect_eq(number(machine, "val2"), 4);
	close_reg_key(reg, user);
	close_reg_key(reg, merged);
	close_reg_key(reg, machine);
}

/* [W:3545] A handle from when only the machine had the key sees the user's, and writes to it. */
Test(classes, user_key_comes_later)
{
	wh_hkey machine = make(HKLM, CLS "WineTestCls\\subkey1"), user, merged, parent;

	close_reg_key(reg, make(HKCU, CLS "WineTestCls"));
	parent = open_reg_key(reg, HKCR, "WineTestCls");
	merged = open_reg_key(reg, parent, "subkey1");
	set_reg_number(reg, machine, "subval1", 1);
	cr_expect_eq(number(merged, "subval1"), 1);
	set_reg_number(reg, merged, "subval1", 2);
	cr_expect_eq(number(machine, "subval1"), 2);

	user = make(HKCU, CLS "WineTestCls\\subkey1");
	set_reg_number(reg, user, "subval1", 3);
	cr_expect_eq(number(merged, "subval1"), 3);
	set_reg_number(reg, machine, "subval1", 4);
	cr_expect_eq(number(merged, "subval1"), 3);
	cr_expect_eq(number(user, "subval1"), 3);
	set_reg_number(reg, merged, "subval1", 5);
	cr_expect_eq(number(machine, "subval1"), 4);
	cr_expect_eq(number(user, "subval1"), 5);
	close_reg_key(reg, user);
	close_reg_key(reg, parent);
	close_reg_key(reg, machine);

	/* The user's goes: the machine's is what was opened, and is there. */
	cr_expect_eq(wh_reg_delete_key(reg, HKCU, CLS "WineTestCls\\subkey1", WH_NTS, 0), WH_OK);
	cr_expect_eq(number(merged, "subval1"), 4);
	close_reg_key(reg, merged);
}

/* [W:3620] A new key is the machine's if he has the parent, also if both have it. */
Test(classes, create)
{
	wh_hkey key;

	close_reg_key(reg, make(HKLM, CLS "Both"));
	close_reg_key(reg, make(HKCU, CLS "Both"));
	close_reg_key(reg, make(HKCU, CLS "Mine"));
	key = make(HKCR, "Both\\subkey2");
	set_reg_number(reg, key, "v", 1);
	close_reg_key(reg, key);
	cr_expect_not(has_reg_key(reg, HKCU, CLS "Both\\subkey2"));
	cr_expect_eq(reg_number(reg, HKLM, CLS "Both\\subkey2", "v"), 1);
	/* Beside the parent, if that is the user's alone. */
	close_reg_key(reg, make(HKCR, "Mine\\subkey2\\deep"));
	cr_expect(has_reg_key(reg, HKCU, CLS "Mine\\subkey2\\deep"));
	cr_expect_not(has_reg_key(reg, HKLM, CLS "Mine"));
	close_reg_key(reg, make(HKCR, "New\\a\\b"));
	cr_expect(has_reg_key(reg, HKLM, CLS "New\\a\\b"));
	cr_expect_not(has_reg_key(reg, HKCU, CLS "New"));
	/* One that either side has is opened. */
	close_reg_key(reg, make(HKCR, "Mine"));
	cr_expect_not(has_reg_key(reg, HKLM, CLS "Mine"));
}

/* [W:3640] First the user's is deleted, then the machine's. */
Test(classes, delete)
{
	wh_hkey merged;

	close_reg_key(reg, make(HKLM, CLS "WineTestCls\\subkey1"));
	close_reg_key(reg, make(HKCU, CLS "WineTestCls\\subkey1"));
	merged = open_reg_key(reg, HKCR, "WineTestCls");
	cr_expect_eq(wh_reg_delete_key(reg, merged, "subkey1", WH_NTS, 0), WH_OK);
	cr_expect_not(has_reg_key(reg, HKCU, CLS "WineTestCls\\subkey1"));
	cr_expect(has_reg_key(reg, HKLM, CLS "WineTestCls\\subkey1"));
	cr_expect_eq(wh_reg_delete_key(reg, merged, "subkey1", WH_NTS, 0), WH_OK);
	cr_expect_not(has_reg_key(reg, HKLM, CLS "WineTestCls\\subkey1"));
	cr_expect_eq(wh_reg_delete_key(reg, merged, "subkey1", WH_NTS, 0), WH_E_NOT_FOUND);
	close_reg_key(reg, merged);
}

/* [W:3682] What is listed, and in which order. */
Test(classes, enumerate)
{
	wh_hkey user = make(HKCU, CLS "WineTestCls"), machine, merged;

	merged = open_reg_key(reg, HKCR, "WineTestCls");
	set_reg_number(reg, user, "X", 1);
	set_reg_number(reg, user, "Y", 2);
	close_reg_key(reg, make(user, "A"));
	close_reg_key(reg, make(user, "B"));
	cr_expect(lists_values(merged, "X,Y"));
	cr_expect(lists_reg_keys(reg, merged, "A,B"));
	expect_counts(merged, 2, 2);

	/* The handle that is open sees what comes to the other side. */
	machine = make(HKLM, CLS "WineTestCls");
	set_reg_number(reg, machine, "X", 3);
	set_reg_number(reg, machine, "Z", 4);
	close_reg_key(reg, make(machine, "A"));
	close_reg_key(reg, make(machine, "C"));
	cr_expect(lists_values(merged, "X,Y,Z"));
	cr_expect(lists_reg_keys(reg, merged, "A,B,C"));
	expect_counts(merged, 3, 3);
	cr_expect_eq(number(merged, "X"), 1);
	cr_expect_eq(number(merged, "Z"), 4);

	/* The user's goes, which was opened: the handle is that of a key that is gone. */
	cr_expect_eq(
		wh_reg_delete_tree(reg, HKCU, CLS "WineTestCls", WH_NTS, NULL, 0, &(size_t){ 0 }),
		WH_OK);
	close_reg_key(reg, user);
	char buf[10];
	size_t len;

	cr_expect_eq(wh_reg_enum_value(reg, merged, 0, buf, 10, &len, NULL, NULL, 0, NULL),
		     WH_E_DELETED);
	cr_expect_eq(wh_reg_enum_key(reg, merged, 0, buf, 10, &len, NULL), WH_E_DELETED);
	/* To delete it is done already (1.4.5). */
	cr_expect_eq(wh_reg_delete_key(reg, merged, "", WH_NTS, 0), WH_OK);
	close_reg_key(reg, merged);

	/* Opened anew it is the machine's. */
	merged = open_reg_key(reg, HKCR, "WineTestCls");
	cr_expect(lists_values(merged, "X,Z"));
	cr_expect(lists_reg_keys(reg, merged, "A,C"));
	expect_counts(merged, 2, 2);
	close_reg_key(reg, merged);
	close_reg_key(reg, machine);
}

/* [W:3859] Which handles are of the merged view; Windows marks them by a bit. */
Test(classes, which_are_merged)
{
	static const struct {
		wh_hkey root;
		const char *path;
		bool merged;
	} keys[] = {
		{ HKCR, "CLSID", true },
		{ HKCR, "CLSID\\{1}", true },
		{ HKCU, "Software", false },
		{ HKCU, "Software\\Classes", false },
		{ HKLM, "Software", false },
		{ HKLM, "Software\\Classes\\CLSID", false },
		{ WH_HKEY_USERS, USER_SID, false },
		{ WH_HKEY_USERS, USER_SID "_Classes", false },
	};

	close_reg_key(reg, make(HKLM, CLS "CLSID\\{1}"));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		wh_hkey key = open_reg_key(reg, keys[i].root, keys[i].path);
		struct whi_handle room, *handle;

		cr_assert_eq(whi_handle_get(reg, key, 0, &room, &handle), WH_OK);
		cr_expect_eq(handle->place.merged, keys[i].merged, "%s", keys[i].path);
		close_reg_key(reg, key);
	}
}

/* [W:1085, 1102] */
Test(classes, first_backslash)
{
	wh_hkey key;

	cr_assert_eq(wh_reg_open_key(reg, HKCR, "\\clsid", WH_NTS, 0, ALL, &key), WH_OK);
	close_reg_key(reg, key);
	cr_assert_eq(wh_reg_open_key(reg, HKCR, "\\", WH_NTS, 0, ALL, &key), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "CLSID,Local Settings"));
	close_reg_key(reg, key);
}

/* At every level, and also where only one of the two has the keys above. */
Test(classes, deep)
{
	wh_hkey key;

	close_reg_key(reg, make(HKLM, CLS "a\\b\\c\\m"));
	close_reg_key(reg, make(HKCU, CLS "A\\B\\C\\u"));
	close_reg_key(reg, make(HKCU, CLS "a\\only\\x"));
	key = open_reg_key(reg, HKCR, "a\\b\\c");
	cr_expect(lists_reg_keys(reg, key, "m,u"));
	close_reg_key(reg, key);
	key = open_reg_key(reg, HKCR, "a");
	cr_expect(lists_reg_keys(reg, key, "B,only"));
	expect_counts(key, 2, 0);
	close_reg_key(reg, key);
	cr_expect(lists_reg_keys(reg, HKCR, "A,CLSID,Local Settings"));
	expect_counts(HKCR, 3, 0);
}

/* ------------------------------------------------------------------------- values */

/* Names of values are equal in any case of letters, and can be long. */
Test(classes, values)
{
	wh_hkey user = make(HKCU, CLS "V"), machine = make(HKLM, CLS "V"), merged;
	static char longest[3000];

	memset(longest, 'n', sizeof longest - 1);
	set_reg_number(reg, user, "one", 1);
	set_reg_number(reg, machine, "ONE", 2);
	set_reg_number(reg, machine, "two", 3);
	set_reg_number(reg, machine, "", 4);
	merged = open_reg_key(reg, HKCR, "V");
	cr_expect(lists_values(merged, "one,two,"));
	expect_counts(merged, 0, 3);
	set_reg_number(reg, user, "", 5);
	cr_expect(lists_values(merged, "one,,two"));
	cr_expect_eq(number(merged, ""), 5);
	cr_expect_eq(number(merged, "two"), 3);
	cr_expect_eq(number(merged, "three"), NONE);
	set_reg_number(reg, machine, longest, 6);
	expect_counts(merged, 0, 4);
	set_reg_number(reg, user, longest, 7);
	expect_counts(merged, 0, 4);
	cr_expect_eq(number(merged, longest), 7);
	close_reg_key(reg, merged);
	close_reg_key(reg, user);
	close_reg_key(reg, machine);
}

/* -------------------------------------------------------------------------- links */

/* A link of the machine over which the user has a key: both of what it leads to. */
Test(classes, link_of_the_machine)
{
	wh_hkey key;

	close_reg_key(reg, make(HKLM, CLS "AppID\\m"));
	close_reg_key(reg, make(HKLM, CLS "Wow6432Node"));
	make_reg_link(reg, HKLM, CLS "Wow6432Node\\AppID",
		      "\\Registry\\Machine\\Software\\Classes\\AppID");
	close_reg_key(reg, make(HKCU, CLS "AppID\\u"));
	key = open_reg_key(reg, HKCR, "Wow6432Node\\AppID");
	cr_expect(lists_reg_keys(reg, key, "m,u"));
	close_reg_key(reg, key);
	close_reg_key(reg, make(HKCU, CLS "Wow6432Node\\AppID\\w"));
	key = open_reg_key(reg, HKCR, "Wow6432Node\\AppID");
	cr_expect(lists_reg_keys(reg, key, "m,w"));
	cr_expect(lists_values(key, ""));
	close_reg_key(reg, key);
	cr_expect(has_reg_key(reg, HKCR, "Wow6432Node\\AppID\\m"));
	cr_expect(has_reg_key(reg, HKCR, "Wow6432Node\\AppID\\w"));
	/* One that leads nowhere is not there. */
	make_reg_link(reg, HKLM, CLS "lost", "\\Registry\\Machine\\Nowhere");
	close_reg_key(reg, make(HKCU, CLS "lost\\u"));
	key = open_reg_key(reg, HKCR, "lost");
	cr_expect(lists_reg_keys(reg, key, "u"));
	close_reg_key(reg, key);
}

/* The places of subkeys, one by one: the machine's is where its link leads. */
Test(classes, link_among_subkeys)
{
	struct whi_place root, wow, by_name, by_index;
	struct whi_node target;

	close_reg_key(reg, make(HKLM, CLS "AppID"));
	close_reg_key(reg, make(HKLM, CLS "Wow6432Node"));
	make_reg_link(reg, HKLM, CLS "Wow6432Node\\AppID",
		      "\\Registry\\Machine\\Software\\Classes\\AppID");
	close_reg_key(reg, make(HKCU, CLS "Wow6432Node\\AppID"));
	cr_assert_eq(whi_resolve_absolute(reg->local,
					  "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes\\AppID", WH_NTS,
					  0, &target),
		     WH_OK);
	cr_assert_eq(whi_classes_root(reg->local, USER_SID, WH_NTS, &root), WH_OK);
	cr_assert_eq(whi_place_child(&root, "Wow6432Node", WH_NTS, &wow), WH_OK);
	cr_assert_eq(whi_place_child(&wow, "AppID", WH_NTS, &by_name), WH_OK);
	cr_assert_eq(whi_place_child_at(&wow, 0, &by_index), WH_OK);
	cr_expect(whi_node_equal(by_name.other, target));
	cr_expect(whi_node_equal(by_index.other, target));
	cr_expect(whi_node_equal(by_name.node, by_index.node));
	/* A link of the user leads away from the machine's key of that name. */
	make_reg_link(reg, HKCU, CLS "CLSID", "\\Registry\\Machine\\System");
	cr_assert_eq(whi_place_child(&root, "CLSID", WH_NTS, &by_name), WH_OK);
	cr_expect(by_name.node.mount && !by_name.other.mount);
}

/* A link that is opened itself has its own value only, also when the other side gets a key. */
Test(classes, link_itself)
{
	wh_hkey user, machine, other;

	make_reg_link(reg, HKCU, CLS "a", "\\Registry\\Machine\\Software");
	other = make(HKLM, CLS "a");
	set_reg_number(reg, other, "v", 1);
	close_reg_key(reg, other);
	make_reg_link(reg, HKLM, CLS "b", "\\Registry\\Machine\\Software");
	cr_assert_eq(wh_reg_open_key(reg, HKCR, "a", WH_NTS, WH_REG_OPTION_OPEN_LINK, ALL, &user),
		     WH_OK);
	cr_assert_eq(
		wh_reg_open_key(reg, HKCR, "b", WH_NTS, WH_REG_OPTION_OPEN_LINK, ALL, &machine),
		WH_OK);
	other = make(HKCU, CLS "b");
	set_reg_number(reg, other, "v", 1);
	close_reg_key(reg, other);
	cr_expect(lists_values(user, "SymbolicLinkValue"));
	cr_expect(lists_values(machine, "SymbolicLinkValue"));
	close_reg_key(reg, user);
	close_reg_key(reg, machine);
}

/* A link out of the merged view leads to a plain key, and back in to a merged one. */
Test(classes, link_out_and_in)
{
	wh_hkey key;

	close_reg_key(reg, make(HKLM, "Software\\Out\\x"));
	make_reg_link(reg, HKLM, CLS "out", "\\Registry\\Machine\\Software\\Out");
	key = open_reg_key(reg, HKCR, "out");
	cr_expect(lists_reg_keys(reg, key, "x"));
	close_reg_key(reg, key);
	make_reg_link(reg, HKLM, "Software\\Out\\in", "\\Registry\\Machine\\Software\\Classes");
	close_reg_key(reg, make(HKCU, CLS "CLSID\\u"));
	close_reg_key(reg, make(HKLM, CLS "CLSID\\m"));
	key = open_reg_key(reg, HKCR, "out\\in\\CLSID");
	cr_expect(lists_reg_keys(reg, key, "m,u"));
	close_reg_key(reg, key);
}

/* ------------------------------------------------------------ one side, another user */

#define OTHER "S-1-5-21-1-2-3-1002"

static enum wh_status
open_user(const char *sid, size_t len, uint32_t options, uint32_t access, wh_hkey *key)
{
	return wh_reg_open_user_classes_root(reg, sid, len, options, access, key);
}

Test(classes, another_user)
{
	struct wh_hive *hive;
	wh_hkey key, other;

	cr_expect_eq(open_user(OTHER, WH_NTS, 0, ALL, &key), WH_E_NOT_FOUND);
	cr_expect_eq(key, 0);
	cr_assert_eq(wh_hive_new(NULL, &(struct wh_options){ .allocator = &t.alloc }, &hive),
		     WH_OK);
	cr_assert_eq(wh_reg_mount_hive(reg, WH_HKEY_USERS, OTHER, WH_NTS, hive, WH_MOUNT_OWNED),
		     WH_OK);
	/* Mounted, but without classes. */
	cr_assert_eq(open_user(OTHER, WH_NTS, 0, ALL, &key), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "CLSID"));
	close_reg_key(reg, key);
	/* Those in his own hive. */
	close_reg_key(reg, make(WH_HKEY_USERS, OTHER "\\Software\\Classes\\his"));
	close_reg_key(reg, make(HKCU, CLS "mine"));
	cr_assert_eq(open_user(OTHER "tail", sizeof OTHER - 1, 0, ALL, &key), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "CLSID,his"));
	other = make(key, "his\\new");
	cr_expect(has_reg_key(reg, WH_HKEY_USERS, OTHER "\\Software\\Classes\\his\\new"));
	close_reg_key(reg, other);
	close_reg_key(reg, key);
	cr_assert_eq(open_user(USER_SID, WH_NTS, 0, ALL, &key), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "CLSID,Local Settings,mine"));
	close_reg_key(reg, key);
}

Test(classes, another_user_refused)
{
	wh_hkey key = 9;

	cr_expect_eq(open_user(USER_SID, WH_NTS, 1, ALL, &key), WH_E_INVALID);
	cr_expect_eq(key, 0);
	cr_expect_eq(open_user(USER_SID, WH_NTS, 0, ALL | 0x300, &key), WH_E_INVALID);
	cr_expect_eq(open_user(NULL, WH_NTS, 0, ALL, &key), WH_E_INVALID);
	cr_expect_eq(open_user("", WH_NTS, 0, ALL, &key), WH_E_INVALID);
	cr_expect_eq(open_user("..\\MACHINE", WH_NTS, 0, ALL, &key), WH_E_INVALID);
	cr_expect_eq(open_user(USER_SID, WH_NTS, 0, ALL, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_open_user_classes_root(NULL, USER_SID, WH_NTS, 0, ALL, &key),
		     WH_E_INVALID);
	cr_expect_eq(open_user(USER_SID, WH_NTS, 0, 0, &key), WH_E_ACCESS);
	cr_expect_eq(key, 0);
}

/* Without one of the two it is the other. */
Test(classes, one_side_only)
{
	wh_hkey key;

	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS), WH_OK);
	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID, WH_NTS), WH_OK);
	cr_expect(lists_reg_keys(reg, HKCR, "CLSID"));
	close_reg_key(reg, make(HKCR, "new"));
	cr_expect(has_reg_key(reg, HKLM, CLS "new"));
	cr_assert_eq(wh_reg_unload_key(reg, HKLM, "SOFTWARE", WH_NTS), WH_OK);
	cr_expect_eq(wh_reg_open_key(reg, HKCR, "CLSID", WH_NTS, 0, ALL, &key), WH_E_NOT_FOUND);
}

/* A handle into the merged view holds the hives of both sides. */
Test(classes, handles_hold_both_hives)
{
	wh_hkey key;

	close_reg_key(reg, make(HKCU, CLS "both\\u"));
	close_reg_key(reg, make(HKLM, CLS "both\\m"));
	key = open_reg_key(reg, HKCR, "both");
	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS),
		     WH_E_ACCESS);
	cr_expect_eq(wh_reg_unload_key(reg, HKLM, "SOFTWARE", WH_NTS), WH_E_ACCESS);
	close_reg_key(reg, key);
	cr_expect_eq(wh_reg_unload_key(reg, HKLM, "SOFTWARE", WH_NTS), WH_OK);
	key = open_reg_key(reg, HKCR, "both");
	cr_expect(lists_reg_keys(reg, key, "u"));
	close_reg_key(reg, key);
	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS), WH_OK);
}

/* ---------------------------------------------------------- memory, plain places, roots */

static void
build(struct wh_reg *r)
{
	close_reg_key(r, make_reg_key(r, HKLM, CLS "a\\m", 0));
	close_reg_key(r, make_reg_key(r, HKCU, CLS "a\\u", 0));
}

static enum wh_status
look(struct wh_reg *r)
{
	char name[40];
	wh_hkey key, again;
	size_t len;
	enum wh_status st = wh_reg_open_key(r, HKCR, "a", WH_NTS, 0, ALL, &key), last;

	if (st != WH_OK)
		return st;
	st = wh_reg_enum_key(r, key, 1, name, sizeof name, &len, NULL);
	if (st == WH_OK)
		st = wh_reg_open_key(r, key, "u", WH_NTS, 0, ALL, &again);
	if (st == WH_OK)
		close_reg_key(r, again);
	last = wh_reg_close_key(r, key);
	return st == WH_OK ? last : st;
}

Test(classes_memory, runs_out)
{
	cr_expect_gt(registry_starve(build, look), 5);
}

Test(classes, plain_places)
{
	struct whi_node software = { 0 };
	struct whi_place place, child;
	struct wh_value value;
	uint32_t subkeys, values;

	set_reg_number(reg, HKLM, "v", 1);
	cr_assert_eq(whi_resolve_absolute(reg->local, "\\REGISTRY\\MACHINE", WH_NTS, 0, &software),
		     WH_OK);
	place = (struct whi_place){ .node = software };
	cr_assert_eq(whi_place_refresh(&place), WH_OK);
	cr_assert_eq(whi_place_child(&place, "software", WH_NTS, &child), WH_OK);
	cr_expect_not(child.merged);
	cr_expect_eq(whi_place_child(&place, "none", WH_NTS, &child), WH_E_NOT_FOUND);
	cr_expect_null(child.node.mount);
	cr_expect_eq(whi_place_child_at(&place, 1000, &child), WH_E_NO_MORE);
	cr_expect_eq(whi_place_child_at(&place, 0, &child), WH_OK);
	cr_expect_not(child.merged);
	cr_expect_eq(whi_place_value(&place, "V", WH_NTS, &value), WH_OK);
	cr_expect_eq(whi_place_value(&place, "w", WH_NTS, &value), WH_E_NOT_FOUND);
	cr_expect_eq(whi_place_value_at(&place, 0, &value), WH_OK);
	cr_expect_eq(whi_place_value_at(&place, 1, &value), WH_E_NO_MORE);
	cr_expect_eq(whi_place_counts(&place, &subkeys, &values), WH_OK);
	cr_expect_eq(values, 1);
	cr_expect(whi_node_equal(whi_place_to_create(&place), software));
	cr_expect_eq(whi_place_alive(&place), WH_OK);
	cr_assert_eq(whi_place_at_node(&place, software, &child), WH_OK);
	cr_expect_not(child.merged);
	/* A place that leads nowhere any more. */
	place = (struct whi_place){ 0 };
	cr_expect_eq(whi_place_alive(&place), WH_E_DELETED);
	cr_expect_eq(whi_place_child(&place, "a", 1, &child), WH_E_DELETED);
	cr_expect_eq(whi_place_child_at(&place, 0, &child), WH_E_DELETED);
	cr_expect_eq(whi_place_value(&place, "a", 1, &value), WH_E_DELETED);
	cr_expect_eq(whi_place_value_at(&place, 0, &value), WH_E_DELETED);
	cr_expect_eq(whi_place_counts(&place, &subkeys, &values), WH_E_DELETED);
}

Test(classes, roots)
{
	struct whi_place place;

	cr_assert_eq(whi_classes_root(reg->local, USER_SID, WH_NTS, &place), WH_OK);
	cr_expect(place.merged && place.node.mount && place.other.mount);
	cr_expect(whi_node_equal(place.node, place.user_root));
	cr_expect(whi_node_equal(place.other, place.machine_root));
	cr_expect(whi_node_equal(whi_place_to_create(&place), place.machine_root));
	cr_assert_eq(whi_classes_root(reg->local, NULL, 0, &place), WH_OK);
	cr_expect_null(place.user_root.mount);
	cr_expect(whi_node_equal(place.node, place.machine_root));
}
