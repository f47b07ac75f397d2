/* SPDX-License-Identifier: MIT */
/* A registry made; its handles: their numbers, what they may be used for, how long they live. */
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

TestSuite(reg_handle, .init = setup, .fini = teardown);

static enum wh_status
open_as(const char *path, uint32_t access)
{
	return wh_reg_open_key(reg, HKLM, path, WH_NTS, 0, access, &key);
}

/* --------------------------------------------------------------------- the registry */

Test(reg_new, options)
{
	static const uint8_t sid[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
	static const uint8_t wrong_revision[] = { 2, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
	static const uint8_t too_long[] = { 1, 16, 0, 0, 0, 0, 0, 5 };
	const void *sids[] = { sid, sid }, *bad[] = { sid, wrong_revision };
	struct wh_reg_token token = { .sids = sids, .sid_count = 2, .backup = true };
	struct wh_reg_options options = { .flags = 2 };
	struct wh_reg *made = (struct wh_reg *)&token;

	cr_expect_eq(wh_reg_new(NULL, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	cr_expect_eq(made, NULL);
	options = (struct wh_reg_options){ .rights = (enum wh_reg_rights)3 };
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	options.rights = WH_REG_RIGHTS_TOKEN;
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	options.token = &token;
	token.sids = NULL;
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	token.sids = bad;
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	bad[1] = too_long;
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	bad[1] = NULL;
	cr_expect_eq(wh_reg_new(&options, &made), WH_E_INVALID);
	token.sids = sids;
	cr_assert_eq(wh_reg_new(&options, &made), WH_OK);
	cr_expect_neq(made->options.token, &token, "it is copied");
	cr_expect_eq(made->options.token->sid_count, 2);
	cr_expect_eq(memcmp(made->options.token->sids[1], sid, sizeof sid), 0);
	cr_expect(made->options.token->backup && !made->options.token->restore);
	wh_reg_free(made);
	wh_reg_free(NULL);
	cr_assert_eq(wh_reg_new(NULL, &made), WH_OK);
	cr_expect(lists_reg_keys(made, HKLM, ""));
	cr_expect(lists_reg_keys(made, WH_HKEY_USERS, ""));
	cr_expect_eq(wh_reg_open_key(made, HKCU, "x", 1, 0, 1, &key), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_open_key(made, WH_HKEY_CLASSES_ROOT, "x", 1, 0, 1, &key),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_open_key(made, WH_HKEY_CURRENT_CONFIG, "x", 1, 0, 1, &key),
		     WH_E_NOT_FOUND);
	wh_reg_free(made);
}

Test(reg_new, memory_that_runs_out)
{
	static const uint8_t sid[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
	const void *sids[] = { sid };
	struct wh_reg_token token = { .sids = sids, .sid_count = 1 };
	enum wh_status st = WH_E_MEMORY;
	struct wh_reg *made;
	size_t tries = 0;

	while (st == WH_E_MEMORY) {
		struct meter meter;
		struct wh_allocator alloc = meter_allocator(&meter);
		struct wh_reg_options options = { .flags = WH_REG_USUAL_ROOTS,
						  .token = &token,
						  .allocator = &alloc };

		meter.left = tries++;
		st = wh_reg_new(&options, &made);
		cr_assert(st == WH_OK || (st == WH_E_MEMORY && !made));
		meter.left = SIZE_MAX;
		wh_reg_free(made);
		cr_assert(meter.blocks == 0 && meter.now == 0 && !meter.wrong_size, "%zu", tries);
	}
	cr_expect_gt(tries, 20);
}

/* -------------------------------------------------------------------------- numbers */

/* A number is not used again soon: who closed a handle twice does not close another one. */
Test(reg_handle, numbers)
{
	wh_hkey first = open_reg_key(reg, HKLM, "Software"), second;

	cr_expect(first >= 1 && first <= 0x7fffffff);
	cr_expect_eq(wh_reg_close_key(reg, first), WH_OK);
	cr_expect_eq(wh_reg_close_key(reg, first), WH_E_HANDLE); /* [W:1447] */
	second = open_reg_key(reg, HKLM, "Software");
	cr_expect_neq(second, first);
	cr_expect_eq(wh_reg_close_key(reg, 0), WH_E_HANDLE);
	cr_expect_eq(wh_reg_close_key(reg, 0x7fffffff), WH_E_HANDLE);
	cr_expect_eq(wh_reg_close_key(NULL, second), WH_E_INVALID);
	cr_expect_eq(wh_reg_open_key(reg, first, "x", 1, 0, WH_KEY_READ, &key), WH_E_HANDLE);
}

/* After the last number the first that is free. */
Test(reg_handle, numbers_begin_again)
{
	wh_hkey low[3];

	for (size_t i = 0; i < 3; i++)
		low[i] = open_reg_key(reg, HKLM, "Software");
	reg->handles.next = 0x7fffffff;
	cr_expect_eq(open_reg_key(reg, HKLM, "Software"), 0x7fffffff);
	cr_assert_eq(low[0], 1);
	close_reg_key(reg, low[1]);
	cr_expect_eq(open_reg_key(reg, HKLM, "Software"), low[1]);
	cr_expect_eq(open_reg_key(reg, HKLM, "Software"), low[2] + 1);
}

/* Many handles, closed in an order of their own: every other, then the rest. */
Test(reg_handle, many)
{
	enum { MANY = 5000 };
	static wh_hkey keys[MANY];
	char buf[16];
	size_t len, at = 0, count = 0;

	for (size_t i = 0; i < MANY; i++)
		keys[i] = open_reg_key(reg, HKLM, i % 3 ? "Software" : "System");
	for (size_t i = 0; i < MANY; i += 2)
		close_reg_key(reg, keys[i]);
	while (whi_handle_next(reg, &at))
		count++;
	cr_expect_eq(count, MANY / 2);
	for (size_t i = 0; i < MANY; i++) {
		enum wh_status st = wh_reg_enum_key(reg, keys[i], 0, buf, sizeof buf, &len, NULL);

		cr_assert_eq(st, i % 2 ? WH_OK : WH_E_HANDLE);
		cr_assert(st != WH_OK || buf[1] == (i % 3 ? 'l' : 'o'), "Classes, ControlSet001");
	}
	for (size_t i = 1; i < MANY; i += 2)
		close_reg_key(reg, keys[i]);
	cr_expect_eq(reg->handles.count, 0);
}

/* --------------------------------------------------------------------------- rights */

/* 1.4.11: what each call asks of the handle. */
static enum wh_status
try_all(unsigned which)
{
	struct wh_reg_info info;
	char buf[64];
	size_t len;
	uint32_t type;

	switch (which) {
	case 0:
		return wh_reg_enum_key(reg, key, 0, buf, sizeof buf, &len, NULL);
	case 1:
		return wh_reg_query_info_key(reg, key, &info);
	case 2:
		return wh_reg_query_class(reg, key, buf, sizeof buf, &len);
	case 3:
		return wh_reg_query_value_ex(reg, key, "v", 1, &type, buf, sizeof buf, &len);
	case 4:
		return wh_reg_set_value_ex(reg, key, "w", 1, WH_REG_SZ, "", 0);
	case 5:
		return wh_reg_rename_key(reg, key, "Sub", 3, "bus", 3);
	case 6:
		return wh_reg_rename_key(reg, key, "bus", 3, "Sub", 3);
	case 7: {
		wh_hkey made;
		enum wh_status st =
			wh_reg_create_key(reg, key, "made", 4, 0, WH_KEY_READ, NULL, &made, NULL);

		return st == WH_OK ? wh_reg_delete_key(reg, key, "made", 4, 0) : st;
	}
	default:
		return wh_reg_key_path(reg, key, buf, sizeof buf, &len);
	}
}

enum { CALLS = 9 };
static const uint32_t needed[CALLS] = { WH_KEY_ENUMERATE_SUB_KEYS,
					WH_KEY_QUERY_VALUE,
					WH_KEY_QUERY_VALUE,
					WH_KEY_QUERY_VALUE,
					WH_KEY_SET_VALUE,
					WH_KEY_WRITE,
					WH_KEY_WRITE,
					0, /* the descriptor is asked, not the handle */
					0 };

static const uint32_t masks[] = {
	WH_KEY_QUERY_VALUE,     WH_KEY_SET_VALUE,
	WH_KEY_CREATE_SUB_KEY,  WH_KEY_ENUMERATE_SUB_KEYS,
	WH_KEY_NOTIFY,          WH_KEY_READ,
	WH_KEY_WRITE,           WH_KEY_ALL_ACCESS,
	WH_ACCESS_GENERIC_READ, WH_ACCESS_GENERIC_WRITE,
	WH_ACCESS_GENERIC_ALL,  WH_ACCESS_MAXIMUM_ALLOWED,
	WH_ACCESS_DELETE,
};

static uint32_t
mapped(uint32_t mask)
{
	switch (mask) {
	case WH_ACCESS_GENERIC_READ:
		return WH_KEY_READ;
	case WH_ACCESS_GENERIC_WRITE:
		return WH_KEY_WRITE;
	case WH_ACCESS_GENERIC_ALL:
	case WH_ACCESS_MAXIMUM_ALLOWED:
		return WH_KEY_ALL_ACCESS;
	default:
		return mask;
	}
}

Test(reg_handle, rights_of_a_handle)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\Rights", 0);

	close_reg_key(reg, make_reg_key(reg, top, "Sub", 0));
	set_reg_number(reg, top, "v", 1);
	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
		cr_assert_eq(open_as("Software\\Rights", masks[i]), WH_OK);
		for (unsigned call = 0; call < CALLS; call++) {
			bool fine = (needed[call] & ~mapped(masks[i])) == 0;
			enum wh_status st = try_all(call);

			cr_expect_eq(st, fine ? WH_OK : WH_E_ACCESS, "mask %x, call %u: %s",
				     (unsigned)masks[i], call, wh_status_name(st));
		}
		close_reg_key(reg, key);
	}
	cr_expect_eq(open_as("Software\\Rights", 0), WH_E_ACCESS);
	cr_expect_eq(open_as("Software\\Rights", WH_KEY_WOW64_64KEY), WH_E_ACCESS);
}

/* As in offreg.dll. */
Test(reg_rights, none_are_checked)
{
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_NONE };
	wh_hkey top;

	registry_init(&t, &options);
	reg = t.reg;
	top = make_reg_key(reg, HKLM, "Software\\Rights", 0);
	close_reg_key(reg, make_reg_key(reg, top, "Sub", 0));
	set_reg_number(reg, top, "v", 1);
	cr_assert_eq(open_as("Software\\Rights", WH_KEY_NOTIFY), WH_OK);
	for (unsigned call = 0; call < CALLS; call++)
		cr_expect_eq(try_all(call), WH_OK, "%u", call);
	registry_fini(&t);
}

/* ------------------------------------------------------------------------- lifetime */

/* A handle into a hive keeps it; [W:1616]. */
Test(reg_handle, keeps_its_hive)
{
	wh_hkey sub = open_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes\\Local Settings"), merged;

	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS),
		     WH_E_ACCESS);
	merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, "CLSID");
	close_reg_key(reg, sub);
	/* The key is the machine's, but the user's may come. */
	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS),
		     WH_E_ACCESS);
	close_reg_key(reg, merged);
	cr_expect_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS), WH_OK);
	cr_expect_not(has_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes"));
	cr_expect(has_reg_key(reg, WH_HKEY_CLASSES_ROOT, "CLSID"));
}

/* Handles whose hive was taken away lead nowhere, but can be closed. */
Test(reg_handle, that_lost_its_hive)
{
	struct whi_mount *mount = NULL;
	struct wh_reg_info info;
	wh_hkey sub = open_reg_key(reg, HKCU, "Software");

	for (size_t i = 0; i < reg->local->mount_count; i++)
		if (reg->local->mounts[i]->hive == t.user)
			mount = reg->local->mounts[i];
	cr_assert(mount);
	whi_handles_lose(reg, mount);
	cr_expect_eq(wh_reg_query_info_key(reg, sub, &info), WH_E_DELETED);
	cr_expect_eq(wh_reg_open_key(reg, sub, "Microsoft", WH_NTS, 0, 1, &key), WH_E_DELETED);
	cr_expect_eq(wh_reg_delete_key(reg, sub, "", 0, 0), WH_OK);
	cr_expect_eq(wh_reg_close_key(reg, sub), WH_OK);
}
