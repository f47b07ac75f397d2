/* SPDX-License-Identifier: MIT */
/* HKEY_CLASSES_ROOT listed: any index, many keys, keys that come and go or cannot be read. */
#include "registry.h"
#include "registry/registry.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HKLM WH_HKEY_LOCAL_MACHINE
#define HKCU WH_HKEY_CURRENT_USER
#define HKCR WH_HKEY_CLASSES_ROOT
#define CLS  "Software\\Classes\\"

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

TestSuite(classes_enum, .init = setup, .fini = teardown);

static wh_hkey
make(wh_hkey key, const char *path)
{
	return make_reg_key(reg, key, path, 0);
}

static void
expect_count(wh_hkey key, uint32_t subkeys)
{
	struct wh_reg_info info;

	cr_assert_eq(wh_reg_query_info_key(reg, key, &info), WH_OK);
	cr_expect_eq(info.subkeys, subkeys, "%u subkeys", info.subkeys);
}

enum { MANY = 60 };

static void
make_many(void)
{
	char path[60];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, CLS "Many\\key%03u", i);
		if (i % 3 != 0)
			close_reg_key(reg, make(HKLM, path));
		if (i % 5 == 0 || i % 3 == 0)
			close_reg_key(reg, make(HKCU, path));
	}
}

static void
expect_name(wh_hkey key, uint32_t index, unsigned number)
{
	char name[20], due[20];
	size_t len;
	enum wh_status st = wh_reg_enum_key(reg, key, index, name, sizeof name, &len, NULL);

	cr_assert_eq(st, WH_OK, "%u: %s", index, wh_status_name(st));
	snprintf(due, sizeof due, "key%03u", number);
	cr_assert(len == 6 && memcmp(name, due, 6) == 0, "%u is %.6s", index, name);
}

/* Any order of indices gives what the order from the first on gives. */
Test(classes_enum, any_index)
{
	wh_hkey key;
	uint32_t i = 0;
	char name[20];
	size_t len;

	make_many();
	key = open_reg_key(reg, HKCR, "Many");
	expect_count(key, MANY);
	for (i = 0; i < MANY; i++)
		expect_name(key, i, i);
	for (i = MANY; i-- > 0;)
		expect_name(key, i, i);
	for (i = 0; i < 7 * MANY; i++)
		expect_name(key, i * 37 % MANY, i * 37 % MANY);
	cr_expect_eq(wh_reg_enum_key(reg, key, MANY, name, sizeof name, &len, NULL), WH_E_NO_MORE);
	cr_expect_eq(wh_reg_enum_key(reg, key, UINT32_MAX, name, sizeof name, &len, NULL),
		     WH_E_NO_MORE);
	expect_name(key, MANY - 1, MANY - 1);
	close_reg_key(reg, key);
}

/* Keys that come and go while they are listed: what is remembered is not believed. */
Test(classes_enum, changes_while_listing)
{
	wh_hkey key;

	make_many();
	key = open_reg_key(reg, HKCR, "Many");
	for (unsigned i = 0; i < 20; i++)
		expect_name(key, i, i);
	cr_assert_eq(wh_reg_delete_key(reg, HKCU, CLS "Many\\key003", WH_NTS, 0), WH_OK);
	expect_name(key, 20, 21);
	expect_name(key, 19, 20);
	close_reg_key(reg, make(HKCU, CLS "Many\\key003"));
	expect_name(key, 20, 20);
	/* As many as before, and others. */
	expect_name(key, 30, 30);
	cr_assert_eq(wh_reg_delete_key(reg, HKCU, CLS "Many\\key030", WH_NTS, 0), WH_OK);
	close_reg_key(reg, make(HKCU, CLS "Many\\key900"));
	expect_name(key, 30, 31);
	expect_name(key, MANY - 1, 900);
	/* As many again, but one that both had is the machine's alone now. */
	expect_name(key, 30, 31);
	cr_assert_eq(wh_reg_delete_key(reg, HKCU, CLS "Many\\key005", WH_NTS, 0), WH_OK);
	close_reg_key(reg, make(HKCU, CLS "Many\\key901"));
	expect_name(key, 30, 31);
	expect_name(key, 31, 32);
	expect_name(key, 32, 33);
	close_reg_key(reg, key);
}

/* "Delete the first until there is none" ends, with both sides empty. */
Test(classes_enum, delete_while_listing)
{
	char name[20];
	wh_hkey key;
	size_t len;
	unsigned deleted = 0;

	make_many();
	key = open_reg_key(reg, HKCR, "Many");
	while (wh_reg_enum_key(reg, key, 0, name, sizeof name, &len, NULL) == WH_OK) {
		cr_assert_eq(wh_reg_delete_key(reg, key, name, len, 0), WH_OK);
		cr_assert_leq(++deleted, 2 * MANY);
	}
	cr_expect_gt(deleted, MANY);
	expect_count(key, 0);
	close_reg_key(reg, key);
}

/* More keys than are remembered, listed side by side. */
Test(classes_enum, many_places_at_once)
{
	enum { PLACES = WHI_POSITIONS + 3, EACH = 4 };
	wh_hkey keys[PLACES];
	char path[60];

	for (unsigned p = 0; p < PLACES; p++) {
		for (unsigned i = 0; i < EACH; i++) {
			snprintf(path, sizeof path, CLS "P%u\\key%03u", p, i + p);
			close_reg_key(reg, make(i % 2 ? HKCU : HKLM, path));
		}
		snprintf(path, sizeof path, "P%u", p);
		keys[p] = open_reg_key(reg, HKCR, path);
	}
	for (unsigned i = 0; i < EACH; i++)
		for (unsigned p = 0; p < PLACES; p++)
			expect_name(keys[p], i, i + p);
	for (unsigned p = 0; p < PLACES; p++)
		close_reg_key(reg, keys[p]);
}

/*
 * A key that cannot be read is none that the order could be told of: it is listed when it is
 * reached, and the rest behind it.
 */
Test(classes_enum, damaged_key)
{
	static const char *const due[] = { "a", "b", NULL, "c", "e" };
	struct wh_options options = { .allocator = &t.alloc, .flags = WH_OPEN_TAKE_DAMAGED };
	struct wh_hive *hive;
	struct wh_key key;
	uint8_t *copy;
	const void *bytes;
	wh_hkey merged;
	char name[20];
	size_t len;

	close_reg_key(reg, make(HKCU, CLS "D\\b"));
	close_reg_key(reg, make(HKCU, CLS "D\\d"));
	close_reg_key(reg, make(HKLM, CLS "D\\a"));
	close_reg_key(reg, make(HKLM, CLS "D\\c"));
	close_reg_key(reg, make(HKLM, CLS "D\\e"));
	cr_assert_eq(wh_key_open(wh_hive_root(t.classes), "D\\d", WH_NTS, &key), WH_OK);
	bytes = wh_hive_bytes(t.classes, &len);
	copy = malloc(len);
	cr_assert(copy);
	memcpy(copy, bytes, len);
	memset(copy + WH_BINS + key.cell + 4, 'x', 2);
	cr_assert_eq(wh_hive_open_memory(copy, len, &options, &hive), WH_OK);
	free(copy);
	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS), WH_OK);
	cr_assert_eq(wh_reg_mount_hive(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS, hive,
				       WH_MOUNT_OWNED),
		     WH_OK);
	merged = open_reg_key(reg, HKCR, "D");
	expect_count(merged, 5);
	for (uint32_t i = 0; i < 5; i++) {
		enum wh_status st = wh_reg_enum_key(reg, merged, i, name, sizeof name, &len, NULL);

		cr_expect_eq(st, due[i] ? WH_OK : WH_E_CORRUPT, "%u: %s", i, wh_status_name(st));
		if (due[i])
			cr_expect(len == 1 && name[0] == *due[i], "%u is %.1s", i, name);
	}
	cr_expect_eq(wh_reg_enum_key(reg, merged, 5, name, sizeof name, &len, NULL), WH_E_NO_MORE);
	close_reg_key(reg, merged);
	/* The fixture wants whole hives. */
	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS), WH_OK);
}

/* A volatile key is in its place too. */
Test(classes_enum, volatile_keys)
{
	wh_hkey key;

	close_reg_key(reg, make(HKLM, CLS "V\\a"));
	close_reg_key(reg, make(HKLM, CLS "V\\c"));
	close_reg_key(reg, make_reg_key(reg, HKCU, CLS "V\\b", WH_REG_OPTION_VOLATILE));
	close_reg_key(reg, make_reg_key(reg, HKCU, CLS "V\\c", WH_REG_OPTION_VOLATILE));
	key = open_reg_key(reg, HKCR, "V");
	cr_expect(lists_reg_keys(reg, key, "a,b,c"));
	expect_count(key, 3);
	close_reg_key(reg, key);
}
