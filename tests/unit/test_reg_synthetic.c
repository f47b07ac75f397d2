/* SPDX-License-Identifier: MIT */
/* What Windows makes at boot and is in no file (docs/winreg-tests.md 1.4.8, 1.4.13). */
#include "registry/registry.h"

#include "registry.h"
#include "tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define ANNE "S-1-5-21-1-2-3-1001"

static struct wh_reg *reg;
static struct meter meter;

static void
new_registry(unsigned flags)
{
	struct wh_allocator alloc = meter_allocator(&meter);
	struct wh_reg_options options = { .allocator = &alloc, .time = REG_NOW, .flags = flags };

	meter = (struct meter){ .left = SIZE_MAX };
	cr_assert_eq(wh_reg_new(&options, &reg), WH_OK);
}

static void
init(void)
{
	new_registry(0);
}

static void
fini(void)
{
	wh_reg_free(reg);
	cr_assert_eq(meter.blocks, 0);
	cr_assert_not(meter.wrong_size);
}

TestSuite(reg_synthetic, .init = init, .fini = fini);

/* The problem of the mount at a place, NULL if there is none. */
static const char *
problem_at(const char *place)
{
	struct wh_reg_mount mount;

	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++)
		if (strcmp(mount.place, place) == 0)
			return mount.problem;
	return "no such mount";
}

static void
mount(wh_hkey root, const char *name, struct wh_hive *hive)
{
	cr_assert_eq(wh_reg_mount_hive(reg, root, name, WH_NTS, hive, WH_MOUNT_OWNED), WH_OK);
}

/* A SYSTEM with three control sets that know their numbers. */
static struct wh_hive *
new_system(void)
{
	static const char *const keys[] = { "Select", NULL };
	struct wh_hive *hive = tree_hive(keys);

	tree_number(hive, "ControlSet002", "Number", 2);
	tree_number(hive, "ControlSet003", "Number", 3);
	tree_number(hive, "ControlSet047", "Number", 47);
	return hive;
}

static uint32_t
current_set(void)
{
	return reg_number(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet", "Number");
}

/* --------------------------------------------------------------- the control set */

/* [W:5137] */
Test(reg_synthetic, current_control_set_is_a_volatile_link)
{
	static const char target[] = "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet003";
	struct wh_hive *hive = new_system();
	uint8_t data[256];
	uint32_t type;
	size_t len, count;
	wh_hkey link;
	const void *bytes;

	tree_number(hive, "Select", "Current", 3);
	tree_number(hive, "Select", "Default", 2);
	bytes = wh_hive_bytes(hive, &len);
	mount(WH_HKEY_LOCAL_MACHINE, "System", hive);
	cr_expect_eq(current_set(), 3);
	cr_expect_null(problem_at("HKLM\\System"));
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet",
				     WH_NTS, WH_REG_OPTION_OPEN_LINK, WH_KEY_READ, &link),
		     WH_OK);
	cr_assert_eq(wh_reg_query_value_ex(reg, link, "SymbolicLinkValue", WH_NTS, &type, data,
					   sizeof data, &count),
		     WH_OK);
	cr_expect_eq(type, WH_REG_LINK);
	cr_assert_eq(count, 2 * strlen(target), "without a terminator");
	for (size_t i = 0; i < strlen(target); i++)
		cr_assert(data[2 * i] == (uint8_t)target[i] && data[2 * i + 1] == 0);
	close_reg_key(reg, link);
	/* Nothing of it is in the hive. */
	cr_expect(bytes && wh_hive_bytes(hive, &count) && count == len);
	cr_expect_eq(
		wh_key_open(wh_hive_root(hive), "CurrentControlSet", WH_NTS, &(struct wh_key){ 0 }),
		WH_E_NOT_FOUND);
}

Test(reg_synthetic, current_control_set_when_select_is_no_help)
{
	static const struct {
		uint32_t current, fallback, good; /* 0: not there */
		uint32_t set;
	} cases[] = {
		{ 47, 2, 3, 47 },  { 0, 2, 3, 2 },          { 9, 2, 3, 2 }, { 0, 0, 3, 3 },
		{ 1000, 9, 3, 3 }, { UINT32_MAX, 9, 9, 2 }, { 0, 0, 0, 2 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wh_hive *hive = new_system();

		if (cases[i].current)
			tree_number(hive, "Select", "Current", cases[i].current);
		if (cases[i].fallback)
			tree_number(hive, "Select", "Default", cases[i].fallback);
		if (cases[i].good)
			tree_number(hive, "Select", "LastKnownGood", cases[i].good);
		mount(WH_HKEY_LOCAL_MACHINE, "SYSTEM", hive);
		cr_expect_eq(current_set(), cases[i].set, "case %zu", i);
		cr_expect_eq(problem_at("HKLM\\SYSTEM") == NULL, cases[i].set == cases[i].current,
			     "case %zu", i);
		cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM", WH_NTS),
			     WH_OK);
	}
}

Test(reg_synthetic, no_control_set)
{
	static const char *const keys[] = { "Select", "ControlSet1", "ControlSet000", NULL };

	mount(WH_HKEY_LOCAL_MACHINE, "SYSTEM", tree_hive(keys));
	cr_expect_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet"));
	cr_expect_not_null(problem_at("HKLM\\SYSTEM"));
}

Test(reg_synthetic, control_set_of_the_hive_itself_is_left)
{
	struct wh_hive *hive = new_system();

	tree_number(hive, "Select", "Current", 2);
	tree_number(hive, "CurrentControlSet", "Number", 99);
	mount(WH_HKEY_LOCAL_MACHINE, "SYSTEM", hive);
	cr_expect_eq(current_set(), 99);
	cr_expect_not_null(problem_at("HKLM\\SYSTEM"));
}

Test(reg_synthetic, only_below_the_machine)
{
	struct wh_hive *hive = new_system();

	tree_number(hive, "Select", "Current", 2);
	mount(WH_HKEY_USERS, "SYSTEM", hive);
	cr_expect_not(has_reg_key(reg, WH_HKEY_USERS, "SYSTEM\\CurrentControlSet"));
}

/* --------------------------------------------------------------- hardware profile */

Test(reg_synthetic, hardware_profile)
{
	static const struct {
		uint32_t config; /* 0: not there */
		const char *profile;
		bool linked;
	} cases[] = { { 0, "0001", true },
		      { 1, "0001", true },
		      { 12, "0012", true },
		      { 10000, "0001", true },
		      { 2, "0001", false } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wh_hive *hive = new_system();
		char path[64];

		tree_number(hive, "Select", "Current", 2);
		if (cases[i].config)
			tree_number(hive, "ControlSet002\\Control\\IDConfigDB", "CurrentConfig",
				    cases[i].config);
		snprintf(path, sizeof path, "ControlSet002\\Hardware Profiles\\%s",
			 cases[i].profile);
		tree_number(hive, path, "Here", 1);
		mount(WH_HKEY_LOCAL_MACHINE, "SYSTEM", hive);
		cr_expect_eq(reg_number(reg, WH_HKEY_LOCAL_MACHINE,
					"SYSTEM\\CurrentControlSet\\Hardware Profiles\\Current",
					"Here"),
			     cases[i].linked ? 1 : UINT32_MAX, "case %zu", i);
		if (cases[i].linked)
			cr_expect_eq(reg_number(reg, WH_HKEY_CURRENT_CONFIG, "", "Here"), 1);
		cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM", WH_NTS),
			     WH_OK);
	}
}

/* -------------------------------------------------------------------- the classes */

static struct wh_hive *
new_user(const char *key)
{
	const char *const keys[] = { key, NULL };

	return tree_hive(keys);
}

Test(reg_synthetic, classes_in_either_order)
{
	mount(WH_HKEY_USERS, ANNE, new_user("Software"));
	cr_expect_not(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes"));
	mount(WH_HKEY_USERS, ANNE "_Classes", new_user(".txt"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\.txt"));
	mount(WH_HKEY_USERS, "Bob_CLASSES", new_user(".txt"));
	mount(WH_HKEY_USERS, "bob", new_user("Software"));
	cr_expect(has_reg_key(reg, WH_HKEY_USERS, "BOB\\Software\\Classes\\.txt"));
}

Test(reg_synthetic, no_place_for_classes)
{
	mount(WH_HKEY_USERS, ANNE, new_user("Environment"));
	mount(WH_HKEY_USERS, ANNE "_Classes", new_user(".txt"));
	cr_expect_not(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software"));
	mount(WH_HKEY_USERS, "S-1-5-19", new_user("Software\\Classes\\Own"));
	mount(WH_HKEY_USERS, "S-1-5-19_Classes", new_user(".txt"));
	cr_expect(has_reg_key(reg, WH_HKEY_USERS, "S-1-5-19\\Software\\Classes\\Own"));
	/* Classes that nobody has. */
	mount(WH_HKEY_USERS, "S-1-5-20_Classes", new_user(".txt"));
	mount(WH_HKEY_USERS, "_Classes", new_user(".txt"));
}

Test(reg_synthetic, accounts)
{
	static const struct {
		const char *sid;
		bool account;
	} cases[] = {
		{ ANNE, true },
		{ "s-1-5-21-4-5-6-500", true },
		{ "S-1-12-1-1-2-3-4", true },
		{ "S-1-5-18", false },
		{ "S-1-5-19", false },
		{ "S-1-5-21-", false },
		{ "S-1-5-21", false },
		{ "S-1-5-21-1-2-3-1001.bak", false },
		{ ANNE "_Classes", false },
		{ "S-1-5-80-1-2-3", false },
		{ ".DEFAULT", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_eq(whi_is_account(cases[i].sid, strlen(cases[i].sid)), cases[i].account,
			     "%s", cases[i].sid);
}

/* --------------------------------------------------------------- the usual roots */

Test(reg_synthetic, usual_roots)
{
	wh_hkey key;

	wh_reg_free(reg);
	new_registry(WH_REG_USUAL_ROOTS);
	cr_expect(lists_reg_keys(reg, WH_HKEY_LOCAL_MACHINE,
				 "HARDWARE,SAM,SECURITY,SOFTWARE,SYSTEM"));
	cr_expect(lists_reg_keys(reg, WH_HKEY_USERS,
				 ".DEFAULT,S-1-5-18,"
				 "S-1-5-21-1111111111-2222222222-3333333333-1000,"
				 "S-1-5-21-1111111111-2222222222-3333333333-1000_Classes"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Environment"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\CLSID"));
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet\\Services"));
	cr_expect(has_reg_key(reg, WH_HKEY_CURRENT_CONFIG, "Software"));
	cr_expect(has_reg_key(reg, WH_HKEY_CLASSES_ROOT, "CLSID"));
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Wow6432Node\\Classes\\CLSID"),
		  "by a link, as in a 64-bit Windows");
	/* Both views have what is shared. */
	key = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Clients\\Mail", 0);
	close_reg_key(reg, key);
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Clients\\Mail", WH_NTS,
				     0, WH_KEY_READ | WH_KEY_WOW64_32KEY, &key),
		     WH_OK);
	close_reg_key(reg, key);
}

Test(reg_synthetic, without_memory_no_usual_roots)
{
	struct meter own = { .left = SIZE_MAX };
	struct wh_allocator alloc = meter_allocator(&own);
	struct wh_reg_options options = { .allocator = &alloc, .flags = WH_REG_USUAL_ROOTS };
	enum wh_status st = WH_E_MEMORY;
	struct wh_reg *other = NULL;
	size_t tries = 0;

	while (st == WH_E_MEMORY) {
		own.left = tries++;
		st = wh_reg_new(&options, &other);
		own.left = SIZE_MAX;
		cr_assert(st == WH_OK || (st == WH_E_MEMORY && !other && own.blocks == 0));
	}
	cr_assert_gt(tries, 100);
	wh_reg_free(other);
	cr_assert_eq(own.blocks, 0);
}
