/* SPDX-License-Identifier: MIT */
/* Symbolic links of a registry: docs/winreg-tests.md 1.4.8, [W:2584], [N:1045]. */
#include "registry.h"

#include <criterion/criterion.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static const wh_hkey HKLM = WH_HKEY_LOCAL_MACHINE;
static wh_hkey key;

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

TestSuite(reg_link, .init = setup, .fini = teardown);

static enum wh_status
open_as(wh_hkey from, const char *path, uint32_t options)
{
	return wh_reg_open_key(reg, from, path, WH_NTS, options, WH_KEY_ALL_ACCESS, &key);
}

static enum wh_status
create_as(wh_hkey from, const char *path, uint32_t options)
{
	return wh_reg_create_key(reg, from, path, WH_NTS, options, WH_KEY_ALL_ACCESS, NULL, &key,
				 NULL);
}

static bool
is_called(wh_hkey handle, const char *name)
{
	char buf[256];
	size_t len;

	cr_assert_eq(wh_reg_key_path(reg, handle, buf, sizeof buf, &len), WH_OK);
	if (len != strlen(name) || memcmp(buf, name, len) != 0)
		fprintf(stderr, "it is %.*s\n", (int)len, buf);
	return len == strlen(name) && memcmp(buf, name, len) == 0;
}

Test(reg_link, followed_also_into_another_hive)
{
	wh_hkey target = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Target\\Sub", 0);

	set_reg_number(reg, target, "n", 5);
	make_reg_link(reg, HKLM, "Software\\Link", "\\registry\\user\\" USER_SID "\\TARGET");
	cr_expect_eq(open_as(HKLM, "Software\\Link", 0), WH_OK);
	cr_expect(is_called(key, "HKEY_USERS\\" USER_SID "\\Target"));
	cr_expect_eq(reg_number(reg, HKLM, "Software\\link\\sub", "n"), 5);
	/* Created through it: in the other hive. */
	cr_expect_eq(create_as(HKLM, "Software\\Link\\New\\Er", 0), WH_OK);
	cr_expect(is_called(key, "HKEY_USERS\\" USER_SID "\\Target\\New\\Er"));
}

/* OPEN_LINK is for the last key of a path; those before are followed. */
Test(reg_link, the_link_itself)
{
	wh_hkey link;

	make_reg_link(reg, HKLM, "Software\\A", "\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft");
	make_reg_link(reg, HKLM, "Software\\Microsoft\\B", "\\Registry\\Machine\\System");
	cr_assert_eq(open_as(HKLM, "Software\\A\\\\", WH_REG_OPTION_OPEN_LINK), WH_OK);
	link = key;
	cr_expect(is_called(link, "HKEY_LOCAL_MACHINE\\SOFTWARE\\A"));
	cr_assert_eq(open_as(HKLM, "Software\\A\\B", WH_REG_OPTION_OPEN_LINK), WH_OK);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\B"));
	cr_assert_eq(create_as(HKLM, "Software\\A", WH_REG_OPTION_OPEN_LINK), WH_OK);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\A"));
	cr_assert_eq(open_as(HKLM, "Software\\A\\B", 0), WH_OK);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SYSTEM"));
	/* A handle to a link is one: nothing is followed. */
	cr_assert_eq(open_as(link, "", 0), WH_OK);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\A"));
	/* 1.4.6: through the link its target is deleted, by its handle the link. */
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\A", WH_NTS, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_tree(reg, HKLM, "Software\\Microsoft", WH_NTS, NULL, 0, NULL),
		     WH_OK);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\A", WH_NTS, 0), WH_E_NOT_FOUND);
	cr_expect(has_reg_key(reg, HKLM, "Software\\A"));
	cr_expect_eq(wh_reg_delete_key(reg, link, "", 0, 0), WH_OK);
	cr_expect_not(has_reg_key(reg, HKLM, "Software\\A"));
}

Test(reg_link, through_a_link_the_target_is_deleted)
{
	close_reg_key(reg, make_reg_key(reg, HKLM, "Software\\T", 0));
	make_reg_link(reg, HKLM, "Software\\L", "\\REGISTRY\\MACHINE\\SOFTWARE\\T");
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\L", WH_NTS, 0), WH_OK);
	cr_expect_not(has_reg_key(reg, HKLM, "Software\\T"));
	cr_expect(has_reg_key(reg, HKLM, "Software\\L"));
}

Test(reg_link, create_link)
{
	make_reg_link(reg, HKLM, "Software\\X\\L", "\\REGISTRY\\MACHINE\\SOFTWARE\\T");
	close_reg_key(reg, make_reg_key(reg, HKLM, "Software\\K", 0));
	cr_expect_eq(create_as(HKLM, "Software\\X\\L", WH_REG_OPTION_CREATE_LINK), WH_E_EXISTS);
	cr_expect_eq(create_as(HKLM, "Software\\K", WH_REG_OPTION_CREATE_LINK), WH_E_EXISTS);
	cr_expect_eq(create_as(HKLM, "Software\\X\\L",
			       WH_REG_OPTION_CREATE_LINK | WH_REG_OPTION_OPEN_LINK),
		     WH_E_EXISTS);
	/* X is an ordinary key. */
	cr_expect_eq(create_as(HKLM, "Software\\X\\Plain", 0), WH_OK);
	/* One that is in memory. */
	cr_expect_eq(
		create_as(HKLM, "Software\\V", WH_REG_OPTION_CREATE_LINK | WH_REG_OPTION_VOLATILE),
		WH_OK);
	cr_expect_eq(open_as(HKLM, "Software\\V", 0), WH_E_NOT_FOUND, "it has no target");
	cr_expect_eq(create_as(HKLM, "Software\\V", 0), WH_E_NOT_FOUND);
	cr_expect_eq(create_as(HKLM, "Software\\V\\W", 0), WH_E_NOT_FOUND);
}

Test(reg_link, targets_that_are_not_there)
{
	static const struct {
		const char *target;
		enum wh_status open, create;
	} rows[] = {
		{ "\\REGISTRY\\MACHINE\\SOFTWARE\\New", WH_E_NOT_FOUND, WH_OK },
		{ "\\REGISTRY\\MACHINE\\SOFTWARE\\A\\B\\New", WH_E_NOT_FOUND, WH_OK },
		{ "\\REGISTRY\\MACHINE\\NOWHERE\\New", WH_E_NOT_FOUND, WH_E_MUST_BE_VOLATILE },
		{ "\\REGISTRY\\NOWHERE", WH_E_NOT_FOUND, WH_E_MUST_BE_VOLATILE },
		{ "Relative", WH_E_NOT_FOUND, WH_E_NOT_FOUND },
		{ "REGISTRY\\MACHINE\\SOFTWARE", WH_E_NOT_FOUND, WH_E_NOT_FOUND },
		{ "\\Device\\Harddisk", WH_E_NOT_FOUND, WH_E_NOT_FOUND },
		{ "\\", WH_E_NOT_FOUND, WH_E_NOT_FOUND },
	};
	wh_hkey link;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		make_reg_link(reg, HKLM, "Software\\L", rows[i].target);
		cr_expect_eq(open_as(HKLM, "Software\\L", 0), rows[i].open, "%s", rows[i].target);
		cr_expect_eq(create_as(HKLM, "Software\\L", 0), rows[i].create, "%s",
			     rows[i].target);
		if (rows[i].create == WH_OK) {
			cr_expect_eq(open_as(HKLM, "Software\\L", 0), WH_OK);
			cr_expect_eq(wh_reg_delete_key(reg, key, "", 0, 0), WH_OK);
		}
		cr_assert_eq(open_as(HKLM, "Software\\L", WH_REG_OPTION_OPEN_LINK), WH_OK);
		link = key;
		cr_expect_eq(wh_reg_delete_key(reg, link, "", 0, 0), WH_OK);
	}
}

/* With a terminator the target is another name, which nobody has [W:2584]. */
Test(reg_link, a_terminator_is_part_of_the_target)
{
	static const char text[] = "\\REGISTRY\\MACHINE\\SOFTWARE";
	uint8_t data[sizeof text * 2] = { 0 };

	for (size_t i = 0; i < sizeof text; i++)
		data[2 * i] = (uint8_t)text[i];
	key = make_reg_key(reg, HKLM, "Software\\L", WH_REG_OPTION_CREATE_LINK);
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, data,
					 sizeof data),
		     WH_OK);
	cr_expect_eq(open_as(HKLM, "Software\\L", 0), WH_E_NOT_FOUND);
	key = make_reg_key(reg, HKLM, "Software\\M", WH_REG_OPTION_CREATE_LINK);
	cr_assert_eq(wh_reg_set_value_ex(reg, key, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, data,
					 sizeof data - 2),
		     WH_OK);
	cr_expect_eq(open_as(HKLM, "Software\\M", 0), WH_OK);
}

Test(reg_link, loops_and_chains)
{
	char path[64], target[64];

	make_reg_link(reg, HKLM, "Software\\A", "\\REGISTRY\\MACHINE\\SOFTWARE\\B");
	make_reg_link(reg, HKLM, "Software\\B", "\\REGISTRY\\MACHINE\\SOFTWARE\\A");
	cr_expect_eq(open_as(HKLM, "Software\\A", 0), WH_E_INVALID);
	cr_expect_eq(open_as(HKLM, "Software\\A\\x", 0), WH_E_INVALID);
	cr_expect_eq(create_as(HKLM, "Software\\A", 0), WH_E_INVALID);
	make_reg_link(reg, HKLM, "Software\\Deep", "\\REGISTRY\\MACHINE\\SOFTWARE\\Deep\\Deep");
	cr_expect_eq(open_as(HKLM, "Software\\Deep", 0), WH_E_INVALID);
	/* 64 in a row are followed, and no more. */
	for (int i = 0; i < 65; i++) {
		snprintf(path, sizeof path, "Software\\n%d", i);
		snprintf(target, sizeof target, "\\REGISTRY\\MACHINE\\SOFTWARE\\n%d", i + 1);
		make_reg_link(reg, HKLM, path, target);
	}
	close_reg_key(reg, make_reg_key(reg, HKLM, "Software\\n65", 0));
	cr_expect_eq(open_as(HKLM, "Software\\n1", 0), WH_OK);
	cr_expect_eq(open_as(HKLM, "Software\\n0", 0), WH_E_INVALID);
}

/* HKLM\SYSTEM\CurrentControlSet is in no file [W:5137]. */
Test(reg_link, current_control_set)
{
	cr_expect_eq(open_as(HKLM, "SYSTEM\\CurrentControlSet\\Control", 0), WH_OK);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Control"));
	cr_expect_eq(open_as(HKLM, "SYSTEM\\CurrentControlSet", WH_REG_OPTION_OPEN_LINK), WH_OK);
	cr_expect(is_called(key, "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"));
	cr_assert_eq(open_as(HKLM, "SYSTEM", 0), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "ControlSet001,CurrentControlSet,Select"));
}

static void
build_links(struct wh_reg *r)
{
	make_reg_link(r, HKLM, "Software\\A", "\\REGISTRY\\MACHINE\\SOFTWARE\\B");
	make_reg_link(r, HKLM, "Software\\B", "\\REGISTRY\\USER\\" USER_SID);
}

static enum wh_status
do_open(struct wh_reg *r)
{
	return wh_reg_open_key(r, HKLM, "Software\\A\\Environment", WH_NTS, 0, WH_KEY_READ, &key);
}

static enum wh_status
do_create(struct wh_reg *r)
{
	return wh_reg_create_key(r, HKLM, "Software\\A\\x\\y", WH_NTS, 0, WH_KEY_READ, NULL, &key,
				 NULL);
}

Test(reg_link_memory, runs_out)
{
	cr_expect_gt(registry_starve(build_links, do_open), 5);
	cr_expect_gt(registry_starve(build_links, do_create), 7);
}
