/* SPDX-License-Identifier: MIT */
/* Keys in memory only, and their place among the others (docs/winreg-tests.md 1.4.7, 1.4.4). */
#include "editing.h"
#include "registry.h"

#include "registry/registry.h"

#include <criterion/criterion.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static const wh_hkey HKLM = WH_HKEY_LOCAL_MACHINE, HKCU = WH_HKEY_CURRENT_USER;
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

TestSuite(reg_volatile, .init = setup, .fini = teardown);

static enum wh_status
create_as(wh_hkey from, const char *path, uint32_t options)
{
	return wh_reg_create_key(reg, from, path, WH_NTS, options, WH_KEY_ALL_ACCESS, NULL, &key,
				 NULL);
}

/* 1.4.7: [W:1312-1330]. */
Test(reg_volatile, volatile_keys)
{
	struct bytes before = take_bytes(t.software);
	wh_hkey top, sub;

	top = make_reg_key(reg, HKLM, "Software\\Microsoft\\Mem\\Ory", WH_REG_OPTION_VOLATILE);
	cr_expect(still_has(t.software, before), "nothing of it comes into the hive");
	cr_expect_eq(create_as(top, "Stable", 0), WH_E_MUST_BE_VOLATILE);
	cr_expect_eq(create_as(HKLM, "Software\\Microsoft\\Mem\\x", 0), WH_E_MUST_BE_VOLATILE);
	sub = make_reg_key(reg, top, "Sub", WH_REG_OPTION_VOLATILE);
	set_reg_number(reg, sub, "n", 7);
	/* One that is there is opened, whatever was asked for. */
	cr_expect_eq(create_as(top, "Sub", 0), WH_OK);
	cr_expect_eq(create_as(HKLM, "Software\\Microsoft", WH_REG_OPTION_VOLATILE), WH_OK);
	cr_expect_eq(reg_number(reg, HKLM, "software\\microsoft\\MEM\\ory\\SUB", "n"), 7);
	cr_expect(still_has(t.software, before));
	/* A key with nothing but volatile subkeys has subkeys. */
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\Microsoft", WH_NTS, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_key(reg, sub, "", 0, 0), WH_OK);
	cr_expect_eq(wh_reg_delete_key(reg, top, "", 0, 0), WH_OK);
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\Microsoft\\Mem", WH_NTS, 0), WH_OK);
	cr_expect(still_has(t.software, before));
	cr_expect_eq(wh_reg_delete_key(reg, HKLM, "Software\\Microsoft", WH_NTS, 0), WH_OK);
	cr_expect(lists_reg_keys(reg, HKLM, "SOFTWARE,SYSTEM"));
	drop_bytes(before);
}

/* 1.4.4: by upper-cased names, wherever a key is kept. */
Test(reg_volatile, stable_and_volatile_subkeys_in_one_order)
{
	static const char *const stable[] = { "b", "D", "f", "h" };
	static const char *const in_memory[] = { "A", "C", "c2", "E", "i", "J" };
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Order", 0);
	struct wh_reg_info info;
	char buf[8];
	size_t len;

	for (size_t i = 0; i < sizeof stable / sizeof *stable; i++)
		close_reg_key(reg, make_reg_key(reg, top, stable[i], 0));
	cr_expect(lists_reg_keys(reg, top, "b,D,f,h"));
	for (size_t i = 0; i < sizeof in_memory / sizeof *in_memory; i++)
		close_reg_key(reg, make_reg_key(reg, top, in_memory[i], WH_REG_OPTION_VOLATILE));
	cr_expect(lists_reg_keys(reg, top, "A,b,C,c2,D,E,f,h,i,J"));
	cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
	cr_expect_eq(info.subkeys, 10);
	cr_expect_eq(info.max_subkey_len, 2);
	cr_expect_eq(wh_reg_enum_key(reg, top, UINT32_MAX, buf, 8, &len, NULL), WH_E_NO_MORE);
	for (size_t i = 0; i < sizeof stable / sizeof *stable; i++)
		cr_expect_eq(wh_reg_delete_key(reg, top, stable[i], WH_NTS, 0), WH_OK);
	cr_expect(lists_reg_keys(reg, top, "A,C,c2,E,i,J"));
	/* Names compared by unit, as those of a hive: U+FF41 comes after a surrogate. */
	close_reg_key(reg, make_reg_key(reg, top, "\xef\xbd\x81", 0));
	close_reg_key(reg, make_reg_key(reg, top, "\xf0\x9f\x98\x80", WH_REG_OPTION_VOLATILE));
	cr_expect(lists_reg_keys(reg, top, "A,C,c2,E,i,J,\xf0\x9f\x98\x80,\xef\xbd\x81"));
}

/* At random, against what each index must give. */
Test(reg_volatile, merged_order_at_random)
{
	uint32_t dice = 12345;

	for (int round = 0; round < 30; round++) {
		wh_hkey top = make_reg_key(reg, HKLM, "Software\\Random", 0);
		bool there[64] = { false };
		char want[256] = "", name[4];

		for (int i = 0; i < 40; i++) {
			uint32_t which, kind;

			dice = dice * 1664525u + 1013904223u;
			which = dice >> 26;
			kind = dice >> 20 & (round % 3 ? 3u : 1u);
			snprintf(name, sizeof name, "%02u", which);
			if (!there[which])
				close_reg_key(reg, make_reg_key(reg, top, name, kind != 0));
			there[which] = true;
		}
		for (unsigned i = 0; i < 64; i++)
			if (there[i])
				snprintf(want + strlen(want), 4, "%s%02u", want[0] ? "," : "", i);
		cr_assert(lists_reg_keys(reg, top, want));
		cr_assert_eq(
			wh_reg_delete_tree(reg, HKLM, "Software\\Random", WH_NTS, NULL, 0, NULL),
			WH_OK);
		close_reg_key(reg, top);
	}
}

/* The way back from a volatile key leads to the key that it is below. */
Test(reg_volatile, paths_of_volatile_keys)
{
	char path[128];
	size_t len;

	key = make_reg_key(reg, HKCU, "Software\\V\\W", WH_REG_OPTION_VOLATILE);
	cr_assert_eq(wh_reg_key_path(reg, key, path, sizeof path, &len), WH_OK);
	cr_expect_eq(len, strlen("HKEY_USERS\\" USER_SID "\\Software\\V\\W"));
	cr_expect_eq(memcmp(path, "HKEY_USERS\\" USER_SID "\\Software\\V\\W", len), 0);
}

/* What a volatile key inherits is what its parent has now. */
Test(reg_volatile, inherits_security)
{
	uint8_t first[SMALL_SD], second[SMALL_SD];
	struct wh_reg_info info;
	struct wh_key found;
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Top", 0), mem;
	uint8_t buf[256];
	size_t len;

	small_sd(first, WH_KEY_ALL_ACCESS, INHERITED_BY_KEYS);
	small_sd(second, WH_KEY_READ, INHERITED_BY_KEYS);
	cr_assert_eq(wh_reg_hive_key(reg, top, &found), WH_OK);
	for (int i = 0; i < 2; i++) {
		const uint8_t *sd = i ? second : first;

		cr_assert_eq(wh_key_set_security(found, sd, SMALL_SD), WH_OK);
		mem = make_reg_key(reg, top, i ? "b" : "a", WH_REG_OPTION_VOLATILE);
		cr_assert_eq(wh_reg_query_info_key(reg, mem, &info), WH_OK);
		cr_assert_eq(wh_reg_get_key_security(reg, mem, WH_DACL_SECURITY_INFORMATION, buf,
						     sizeof buf, &len),
			     WH_OK);
		/* The rights of its one ACE, which are the last but the SID. */
		cr_expect_eq(memcmp(buf + len - 16, sd + SMALL_SD - 16, 4), 0, "%d", i);
	}
}

static struct whi_mount *
software_mount(void)
{
	for (size_t i = 0; i < reg->local->mount_count; i++)
		if (reg->local->mounts[i]->hive == t.software)
			return reg->local->mounts[i];
	cr_assert_fail("it is not mounted");
	return NULL;
}

/* The anchor of a key goes with it: the next key in its cell has no volatile subkeys. */
Test(reg_volatile, gone_with_their_key)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Same", 0);
	struct whi_mount *mount = software_mount();
	size_t count = mount->anchor_count;
	struct wh_key cell, anchor;

	close_reg_key(reg, make_reg_key(reg, top, "a\\b", WH_REG_OPTION_VOLATILE));
	cr_expect_eq(mount->anchor_count, count + 1);
	cr_assert_eq(wh_reg_hive_key(reg, top, &cell), WH_OK);
	cr_expect(whi_anchor_of(mount, cell, &anchor));
	cr_assert_eq(wh_reg_delete_tree(reg, HKLM, "Software\\Same", WH_NTS, NULL, 0, NULL), WH_OK);
	cr_expect_eq(mount->anchor_count, count);
	cr_expect_not(whi_anchor_of(mount, cell, &anchor));
}

/* Many keys with volatile subkeys: each finds its own. */
Test(reg_volatile, many_anchors)
{
	enum { MANY = 300 };
	char name[32];

	for (unsigned i = 0; i < MANY; i++) {
		unsigned n = i * 7 % MANY;

		snprintf(name, sizeof name, "Software\\Many\\%u", n);
		close_reg_key(reg, make_reg_key(reg, HKLM, name, 0));
		snprintf(name, sizeof name, "Software\\Many\\%u\\v%u", n, n);
		close_reg_key(reg, make_reg_key(reg, HKLM, name, WH_REG_OPTION_VOLATILE));
	}
	for (unsigned i = 0; i < MANY; i += 3) {
		snprintf(name, sizeof name, "Software\\Many\\%u", i);
		cr_assert_eq(wh_reg_delete_tree(reg, HKLM, name, WH_NTS, NULL, 0, NULL), WH_OK);
	}
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "Software\\Many\\%u\\v%u", i, i);
		cr_expect_eq(has_reg_key(reg, HKLM, name), i % 3 != 0, "%u", i);
	}
}

/* ------------------------------------------------------------------ failing memory */

static enum wh_status
do_create_volatile(struct wh_reg *r)
{
	return wh_reg_create_key(r, HKLM, "Software\\Microsoft\\B\\C", WH_NTS,
				 WH_REG_OPTION_VOLATILE, WH_KEY_ALL_ACCESS, NULL, &key, NULL);
}

Test(reg_volatile_memory, runs_out)
{
	cr_expect_gt(registry_starve(NULL, do_create_volatile), 3);
}
