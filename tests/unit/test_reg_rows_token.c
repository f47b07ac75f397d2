/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the descriptor of a key and not of a handle (docs/winreg-tests.md 1.4.11): to
 * make keys, to delete them, and all that is done by a path.
 */
#include "descriptors.h"
#include "registry.h"

#include <criterion/criterion.h>

#define HKLM WH_HKEY_LOCAL_MACHINE

static const uint8_t me[] = { SID_ME };
static const void *const sids[] = { me };
static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey result;

static void
setup(void)
{
	struct wh_reg_token token = { .sids = sids, .sid_count = 1 };
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token };

	registry_init(&t, &options);
	reg = t.reg;
	result = 0;
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_rows_token, .init = setup, .fini = teardown);

/* A key of the hive itself, which asks nobody, with these rights for us; it can be read. */
static struct wh_key
make_with(struct wh_key parent, const char *name, const char *descriptor)
{
	struct sd_bytes sd = sd_bytes(descriptor);
	struct wh_create how = { .security = sd.at, .security_len = sd.len };
	struct wh_key made;
	bool created;

	cr_assert_eq(wh_key_create(parent, name, WH_NTS, &how, &made, &created), WH_OK);
	return made;
}

static wh_hkey
open_reading(const char *path)
{
	cr_assert_eq(wh_reg_open_key(reg, HKLM, path, WH_NTS, 0, WH_KEY_READ, &result), WH_OK);
	return result;
}

/* [W:1301] */
Test(reg_rows_token, delete_asks_the_key)
{
	struct wh_key top = make_with(wh_hive_root(t.software), "Top", "O:SY G:SY D:(A;ME;20019)");
	wh_hkey key, no;

	make_with(top, "no", "O:SY G:SY D:(A;ME;2003f)");
	make_with(top, "yes", "O:SY G:SY D:(A;ME;30019)");
	key = open_reading("SOFTWARE\\Top");
	no = open_reading("SOFTWARE\\Top\\no");
	cr_expect_eq(wh_reg_delete_key(reg, key, "no", 2, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_key(reg, no, "", 0, 0), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_tree(reg, key, "no", 2, NULL, 0, NULL), WH_E_ACCESS);
	cr_expect_eq(wh_reg_delete_key(reg, key, "yes", 3, 0), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "no"));
}

/* [W:1301] */
Test(reg_rows_token, create_asks_the_parent)
{
	static const struct {
		const char *descriptor;
		enum wh_status key, link;
	} rows[] = {
		{ "O:SY G:SY D:(A;ME;20019)", WH_E_ACCESS, WH_E_ACCESS },
		{ "O:SY G:SY D:(A;ME;2001d)", WH_OK, WH_E_ACCESS },
		{ "O:SY G:SY D:(A;ME;20039)", WH_E_ACCESS, WH_E_ACCESS },
		{ "O:SY G:SY D:(A;ME;2003d)", WH_OK, WH_OK },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		wh_hkey key;

		make_with(wh_hive_root(t.software), "Top", rows[i].descriptor);
		key = open_reading("SOFTWARE\\Top");
		cr_expect_eq(
			wh_reg_create_key(reg, key, "a", 1, 0, WH_KEY_READ, NULL, &result, NULL),
			rows[i].key, "%zu", i);
		cr_expect_eq(wh_reg_create_key(reg, key, "b", 1,
					       WH_REG_OPTION_CREATE_LINK | WH_REG_OPTION_VOLATILE,
					       WH_KEY_READ, NULL, &result, NULL),
			     rows[i].link, "%zu", i);
		teardown();
		setup();
	}
}

/* Who made a key gets what he asked for, whatever its descriptor says; who opens it does not. */
Test(reg_rows_token, who_makes_a_key_may_use_it)
{
	static const uint32_t asked[] = { WH_KEY_ALL_ACCESS, WH_ACCESS_MAXIMUM_ALLOWED };
	struct sd_bytes sd = sd_bytes("O:SY G:SY D:(A;SY;f003f)");
	struct wh_create how = { .security = sd.at, .security_len = sd.len };
	wh_hkey key;

	make_with(wh_hive_root(t.software), "Top", "O:SY G:SY D:(A;ME;2001d)");
	key = open_reading("SOFTWARE\\Top");
	for (size_t i = 0; i < 2; i++) {
		const char *name = i ? "b" : "a";

		cr_assert_eq(wh_reg_create_key(reg, key, name, 1, 0, asked[i], &how, &result, NULL),
			     WH_OK);
		set_reg_number(reg, result, "v", 1);
		close_reg_key(reg, result);
		cr_expect_eq(wh_reg_create_key(reg, key, name, 1, 0, WH_KEY_ALL_ACCESS, NULL,
					       &result, NULL),
			     WH_E_ACCESS);
		cr_expect_eq(wh_reg_open_key(reg, key, name, 1, 0, WH_KEY_SET_VALUE, &result),
			     WH_E_ACCESS);
	}
}

/* What a path leads to is opened anew. */
Test(reg_rows_token, paths_ask_what_they_lead_to)
{
	struct wh_key top = make_with(wh_hive_root(t.software), "Top", "O:SY G:SY D:(A;ME;f003f)");
	wh_hkey key, to;

	make_with(top, "shut", "O:SY G:SY D:(A;ME;20000)");
	cr_assert_eq(
		wh_reg_open_key(reg, HKLM, "SOFTWARE\\Top", WH_NTS, 0, WH_KEY_ALL_ACCESS, &key),
		WH_OK);
	cr_assert_eq(wh_reg_create_key(reg, key, "to", 2, 0, WH_KEY_ALL_ACCESS, NULL, &to, NULL),
		     WH_OK);
	cr_expect_eq(wh_reg_rename_key(reg, key, "shut", 4, "open", 4), WH_E_ACCESS);
	cr_expect_eq(wh_reg_copy_tree(reg, key, "shut", 4, to), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(reg, key, "to", 2, "there", 5), WH_OK);
	cr_expect(lists_reg_keys(reg, key, "shut,there"));
}
