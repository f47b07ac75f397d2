/* SPDX-License-Identifier: MIT */
/*
 * What Windows does with values, and with who waits for them, case by case, where no test of a
 * module says it: docs/winreg-tests.md has the list of all cases.
 */
#include "registry.h"
#include "tree.h"

#include <criterion/criterion.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key;

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
	key = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Test", 0);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_rows_values, .init = setup, .fini = teardown);

/* -------------------------------------------------------------------- terminators */

/*
 * [W:2147, 2159, 2240, 2252] Windows looks at the memory behind the data of a string, and when that
 * is a NUL stores it too.  Here it is the caller's word that counts: as many bytes as he says, and
 * none is read behind them.
 */
Test(reg_rows_values, no_terminator_is_guessed)
{
	static const uint32_t types[] = { WH_REG_SZ, WH_REG_EXPAND_SZ, WH_REG_MULTI_SZ };
	static const uint8_t with_nul[] = { 'a', 0, 'b', 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t without[] = { 'a', 0, 'b', 0, 'c', 0, 'd', 0, 'e', 0 };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (size_t size = 0; size <= 8; size++)
			for (int nul = 0; nul < 2; nul++) {
				const uint8_t *data = nul ? with_nul : without;
				uint8_t back[16];
				uint32_t type;
				size_t len;

				cr_assert_eq(
					wh_reg_set_value_ex(reg, key, "v", 1, types[i], data, size),
					WH_OK);
				memset(back, '#', sizeof back);
				cr_assert_eq(wh_reg_query_value_ex(reg, key, "v", 1, &type, back,
								   sizeof back, &len),
					     WH_OK);
				cr_expect(type == types[i] && len == size, "%zu becomes %zu", size,
					  len);
				cr_expect_eq(memcmp(back, data, size), 0);
				/* [W:2186] Nor is one written behind what is given. */
				cr_expect_eq(back[size], '#');
			}
}

/* [W:264-457]: text as RegSetValueEx gets it, with and without its end, and with NULs in it. */
Test(reg_rows_values, strings_of_any_length)
{
	static const struct {
		const char *data;
		size_t size;
	} rows[] = {
		{ "", 0 },                       /* [W:412, 494] stays without anything */
		{ "T\0e\0s\0t\0\0", 10 },        /* with its end */
		{ "T\0e\0s\0t", 8 },             /* without */
		{ "T\0e\0s", 6 },                /* cut off */
		{ "T\0e\0s\0t\0\0\0x\0\0", 14 }, /* with a NUL in it */
		{ "T\0e\0s\0t\0\0", 9 },         /* an odd byte */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char back[32], *text;
		size_t len;

		cr_assert_eq(wh_reg_set_value_ex(reg, key, "v", 1, WH_REG_SZ, rows[i].data,
						 rows[i].size),
			     WH_OK);
		cr_assert_eq(wh_reg_query_value_ex(reg, key, "v", 1, NULL, back, sizeof back, &len),
			     WH_OK);
		cr_expect(len == rows[i].size && memcmp(back, rows[i].data, len) == 0, "%zu", i);
		/* Read as text all is there that is a whole unit. */
		cr_assert_eq(wh_reg_get_string(reg, key, NULL, "v", NULL, &text, &len), WH_OK);
		cr_expect(strncmp(text, "Test", strlen(text)) == 0, "%zu: %s", i, text);
		wh_reg_free_text(reg, text);
	}
}

/* [W:3937]: the default value goes by both its names, and others by any case of letters. */
Test(reg_rows_values, delete_value)
{
	static const struct {
		const char *set, *deleted;
		enum wh_status st;
	} rows[] = {
		{ NULL, NULL, WH_OK },
		{ "", NULL, WH_OK },
		{ NULL, "", WH_OK },
		{ "test", "TEST", WH_OK },
		{ "test", "tes", WH_E_NOT_FOUND },
		{ "test", NULL, WH_E_NOT_FOUND },
		{ NULL, "test", WH_E_NOT_FOUND },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		wh_hkey own = make_reg_key(reg, key, "own", 0);
		enum wh_status st;

		set_reg_number(reg, own, rows[i].set, 1);
		st = wh_reg_delete_value(reg, own, rows[i].deleted, WH_NTS);
		cr_expect_eq(st, rows[i].st, "%zu: %s", i, wh_status_name(st));
		cr_expect_eq(reg_number(reg, own, "", rows[i].set), st == WH_OK ? UINT32_MAX : 1);
		close_reg_key(reg, own);
		cr_assert_eq(wh_reg_delete_key(reg, key, "own", 3, 0), WH_OK);
	}
}

/* ------------------------------------------------------------------- notification */

struct count {
	unsigned calls;
	enum wh_status last;
};

static void
note(void *ctx, wh_hkey of, enum wh_status status)
{
	struct count *count = ctx;

	(void)of;
	count->calls++;
	count->last = status;
}

static void
arm(wh_hkey of, bool subtree, uint32_t filter, struct count *count)
{
	*count = (struct count){ 0 };
	cr_assert_eq(wh_reg_notify(reg, of, subtree, filter, note, count), WH_OK);
}

/* [D] RegRestoreKey tells nobody. */
Test(reg_rows_notify, restore_is_not_told, .init = setup, .fini = teardown)
{
	static const char *const keys[] = { "A\\B", NULL };
	static struct count count;
	struct tree tree;

	tree_init(&tree);
	tree_save_keys(&tree, "one", keys);
	set_reg_number(reg, key, "v", 1);
	arm(key, true, WH_REG_LEGAL_CHANGE_FILTER, &count);
	cr_assert_eq(wh_reg_restore_key(reg, key, tree_path(&tree, "one"), 0), WH_OK);
	cr_expect(has_reg_key(reg, key, "A\\B"));
	cr_expect_eq(count.calls, 0);
	set_reg_number(reg, key, "v", 2);
	cr_expect_eq(count.calls, 1, "it still waits");
	tree_fini(&tree);
}

/* A tree that is deleted is a change of each key above one that goes. */
Test(reg_rows_notify, deletion_of_a_tree, .init = setup, .fini = teardown)
{
	static struct count of_top, of_a, of_b, of_c;
	const uint32_t names = WH_REG_NOTIFY_CHANGE_NAME;
	wh_hkey c = make_reg_key(reg, key, "a\\b\\c", 0), a = open_reg_key(reg, key, "a"),
		b = open_reg_key(reg, key, "a\\b");

	arm(key, false, names, &of_top);
	arm(a, false, names, &of_a);
	arm(b, false, names, &of_b);
	arm(c, false, names, &of_c);
	cr_assert_eq(wh_reg_delete_tree(reg, key, "a", 1, NULL, 0, NULL), WH_OK);
	cr_expect(of_top.calls == 1 && of_top.last == WH_OK);
	cr_expect(of_a.calls == 1 && of_b.calls == 1, "of what is in them, before they go");
	cr_expect(of_c.calls == 1 && of_c.last == WH_E_DELETED);
}

/* [D] Attributes are the flags of a key; its descriptor has a filter of its own. */
Test(reg_rows_notify, attributes, .init = setup, .fini = teardown)
{
	static struct count attributes, others;
	wh_hkey second = open_reg_key(reg, key, "");

	arm(key, false, WH_REG_NOTIFY_CHANGE_ATTRIBUTES, &attributes);
	arm(second, false, WH_REG_LEGAL_CHANGE_FILTER & ~WH_REG_NOTIFY_CHANGE_ATTRIBUTES, &others);
	cr_assert_eq(wh_reg_set_flags(reg, key, 1, 2), WH_OK);
	cr_expect(attributes.calls == 1 && others.calls == 0);
	arm(key, false, 0, &attributes);
	set_reg_number(reg, key, "v", 1);
	cr_expect(attributes.calls == 0 && others.calls == 1);
}

/* Two who wait at one handle are told together. */
Test(reg_rows_notify, all_at_one_handle, .init = setup, .fini = teardown)
{
	static struct count first, second;

	arm(key, false, WH_REG_NOTIFY_CHANGE_LAST_SET, &first);
	arm(key, false, WH_REG_NOTIFY_CHANGE_LAST_SET, &second);
	set_reg_number(reg, key, "v", 1);
	cr_expect(first.calls == 1 && second.calls == 1);
	set_reg_number(reg, key, "v", 2);
	cr_expect(first.calls == 1 && second.calls == 1, "and once");
}
