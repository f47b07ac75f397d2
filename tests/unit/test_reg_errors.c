/* SPDX-License-Identifier: MIT */
/*
 * Every function of winhive-winreg.h against the errors that all of them share: no registry, a
 * handle that is none, a key that is gone, a right that is missing; and that what it gives out is
 * cleared when it fails.  What many of them have in common is in test_reg_errors_arguments.c, the
 * rest in test_reg_errors_own.c.  tests/lint/check_reg_errors.py finds what has no row.
 */
#include "reg_calls.h"

#include <criterion/criterion.h>

#define HKLM WH_HKEY_LOCAL_MACHINE

static void
setup(void)
{
	static const char *const keys[] = { "A\\B", NULL };

	tree_init(&tree);
	tree_save_keys(&tree, "one", keys);
}

static void
teardown(void)
{
	tree_fini(&tree);
}

TestSuite(reg_errors, .init = setup, .fini = teardown);

/* In a registry of its own, since it changes it. */
static void
expect_call(const struct reg_call *call, uint32_t access, const struct wh_reg_options *options,
	    enum wh_status due)
{
	enum wh_status st;

	registry_init(&t, options);
	st = make_call(call, t.reg, handle_for(call, access));
	cr_expect_eq(st, due, "%s with %x: %s", call->name, (unsigned)access, wh_status_name(st));
	registry_fini(&t);
}

/* What fails below would succeed otherwise. */
Test(reg_errors, nothing_is_wrong)
{
	for (size_t i = 0; i < reg_call_count; i++)
		expect_call(&reg_calls[i], ALL_RIGHTS, NULL, WH_OK);
}

Test(reg_errors, no_registry)
{
	registry_init(&t, NULL);
	for (size_t i = 0; i < reg_call_count; i++) {
		enum wh_status st = make_call(&reg_calls[i], NULL, HKLM);

		cr_expect_eq(st, WH_E_INVALID, "%s: %s", reg_calls[i].name, wh_status_name(st));
	}
	registry_fini(&t);
}

/* 6: none, closed [W:1447], never given out, of no predefined key. */
Test(reg_errors, no_handle)
{
	registry_init(&t, NULL);
	for (size_t i = 0; i < reg_call_count; i++) {
		wh_hkey bad[] = { 0, 0, 0x7fffffff, 0x80000008, UINT32_MAX };

		if (reg_calls[i].right == NO_KEY)
			continue;
		bad[1] = handle_for(&reg_calls[i], ALL_RIGHTS);
		close_reg_key(t.reg, bad[1]);
		for (size_t j = 0; j < sizeof bad / sizeof *bad; j++) {
			enum wh_status st = make_call(&reg_calls[i], t.reg, bad[j]);
			bool fine = (reg_calls[i].how & NONE_TOO) && bad[j] == 0;

			/* Closing what is predefined does nothing, whatever it is. */
			if (i == 0 && j > 2)
				continue;
			cr_expect_eq(st, fine ? WH_OK : WH_E_HANDLE, "%s, %x: %s",
				     reg_calls[i].name, (unsigned)bad[j], wh_status_name(st));
		}
	}
	registry_fini(&t);
}

/* 1018: of a key that was deleted [W:3891], also when another one has its place. */
Test(reg_errors, deleted_key)
{
	for (size_t i = 0; i < reg_call_count; i++) {
		enum wh_status st;
		wh_hkey key;

		if (reg_calls[i].right == NO_KEY || (reg_calls[i].how & ROOT))
			continue;
		registry_init(&t, NULL);
		key = handle_for(&reg_calls[i], ALL_RIGHTS);
		cr_assert_eq(
			wh_reg_delete_tree(t.reg, HKLM, "Software\\Test", WH_NTS, NULL, 0, NULL),
			WH_OK);
		handle_for(&reg_calls[i], ALL_RIGHTS);
		st = make_call(&reg_calls[i], t.reg, key);
		cr_expect_eq(st, reg_calls[i].how & LIVES_ON ? WH_OK : WH_E_DELETED, "%s: %s",
			     reg_calls[i].name, wh_status_name(st));
		cr_expect(has_reg_key(t.reg, HKLM, "Software\\Test\\Sub"), "%s", reg_calls[i].name);
		registry_fini(&t);
	}
}

/* 5: each bit of the right is needed, and nothing else is. */
Test(reg_errors, missing_right)
{
	struct wh_reg_options unchecked = { .rights = WH_REG_RIGHTS_NONE };

	for (size_t i = 0; i < reg_call_count; i++) {
		uint32_t right = reg_calls[i].right;

		if (right == NO_KEY || (reg_calls[i].how & ROOT))
			continue;
		for (uint32_t bit = 1; bit <= WH_ACCESS_WRITE_OWNER; bit <<= 1)
			if (right & bit)
				expect_call(&reg_calls[i], ALL_RIGHTS & ~bit, NULL, WH_E_ACCESS);
		expect_call(&reg_calls[i], right ? right : WH_ACCESS_WRITE_OWNER, NULL, WH_OK);
		expect_call(&reg_calls[i], WH_ACCESS_WRITE_OWNER, &unchecked, WH_OK);
	}
}

/* HKEY_PERFORMANCE_DATA is there, and nothing is to be had from it. */
Test(reg_errors, performance_data)
{
	registry_init(&t, NULL);
	for (size_t i = 0; i < reg_call_count; i++) {
		enum wh_status st;

		if (reg_calls[i].right == NO_KEY)
			continue;
		st = make_call(&reg_calls[i], t.reg, WH_HKEY_PERFORMANCE_DATA);
		cr_expect_eq(st, reg_calls[i].performance, "%s: %s", reg_calls[i].name,
			     wh_status_name(st));
	}
	registry_fini(&t);
}

/* Nothing is given back, and nothing happens. */
Test(reg_errors, free_nothing)
{
	wh_reg_free(NULL);
	wh_reg_free_text(NULL, NULL);
}
