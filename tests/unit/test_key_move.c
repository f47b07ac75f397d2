/* SPDX-License-Identifier: MIT */
/* Keys renamed and moved: where they are afterwards, and what is told to whom. */
#include "editing.h"
#include "hive_builder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, CELL_HEAD = 4, DEEPEST = 510 };

static struct wh_hive *hive;
static struct wh_key root, result;

static void
setup(void)
{
	hive = new_hive(5);
	root = wh_hive_root(hive);
}

static void
teardown(void)
{
	expect_sound(hive);
	close_hive(hive);
}

TestSuite(key_move, .init = setup, .fini = teardown);

static enum wh_status
rename_key(struct wh_key key, const char *name)
{
	return wh_key_rename(key, name, WH_NTS, &result);
}

static enum wh_status
move(struct wh_key key, struct wh_key parent, const char *name)
{
	return wh_key_move(key, parent, name, WH_NTS, &result);
}

static enum wh_status
look(struct wh_key key)
{
	struct wh_key_info info;

	return wh_key_info(key, &info);
}

/* ------------------------------------------------------------------ rename */

/* Names of 1 to 8 letters have cells of one size: 76 + 4 bytes come before the name. */
Test(key_move, a_name_that_fits_keeps_the_cell)
{
	struct wh_key a = make_key(hive, "A"), b = make_key(hive, "A\\B");

	make_key(hive, "M");
	set_value(a, "v", "abcd", 4);
	set_now(hive, LATER);
	cr_assert_eq(rename_key(a, "Zeta1234"), WH_OK);
	cr_expect_eq(result.cell, a.cell);
	cr_expect(has_name(a, "Zeta1234"));
	cr_expect(has_key(hive, "zeta1234\\B") && !has_key(hive, "A"));
	cr_expect(has_value(a, "v", "abcd", 4));
	cr_expect_eq(info_of(a).last_written, LATER);
	cr_expect_eq(info_of(root).last_written, LATER);
	cr_expect_eq(info_of(b).last_written, NOW);
	cr_expect_eq(info_of(root).max_name_len, 16);
	cr_expect_eq(info_of(root).subkey_count, 2);
}

Test(key_move, another_size_takes_another_cell)
{
	struct wh_key a = make_key(hive, "A"), b = make_key(hive, "A\\B"),
		      c = make_key(hive, "A\\C");
	struct wh_key_info before;
	struct wh_key parent;
	struct wh_value value;

	set_value(a, "v", "abcd", 4);
	cr_assert_eq(wh_key_value(a, "v", WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_key_set_class(a, "Class", WH_NTS), WH_OK);
	cr_assert_eq(wh_key_set_flags(a, 3, 5), WH_OK);
	before = info_of(a);
	cr_assert_eq(rename_key(a, "A name of another size"), WH_OK);
	cr_expect_neq(result.cell, a.cell);
	cr_expect_eq(look(a), WH_E_DELETED);
	cr_expect(has_name(result, "A name of another size"));
	cr_expect_eq(look(b), WH_OK);
	cr_assert_eq(wh_key_parent(b, &parent), WH_OK);
	cr_expect_eq(parent.cell, result.cell);
	cr_assert_eq(wh_key_parent(c, &parent), WH_OK);
	cr_expect_eq(parent.cell, result.cell);
	cr_expect(has_value(result, "v", "abcd", 4));
	cr_expect(has_class(result, "Class"));
	cr_expect_eq(info_of(result).security, before.security);
	cr_expect_eq(info_of(result).user_flags, 3);
	cr_expect_eq(info_of(result).virtual_flags, 5);
	cr_expect_eq(references_of(result), 4);
	cr_expect_eq(info_of(root).max_class_len, 10);
	parent = result;
	cr_expect_eq(rename_key(a, "B"), WH_E_DELETED);
	/* And back: smaller. */
	cr_assert_eq(rename_key(parent, "\xe6\x97\xa5"), WH_OK);
	cr_expect_eq(info_of(result).flags, 0);
	cr_expect_eq(info_of(result).cell_size, 88);
	cr_assert_eq(rename_key(result, "x"), WH_OK);
	cr_expect_eq(info_of(result).flags, WH_KEY_COMP_NAME);
	cr_expect(has_key(hive, "X\\c"));
}

Test(key_move, the_same_name_in_other_letters)
{
	struct wh_key a = make_key(hive, "na\xc3\xaf"
					 "ve\xc3\xbf");

	make_key(hive, "Nb");
	make_key(hive, "Na");
	set_now(hive, LATER);
	cr_assert_eq(rename_key(a, "NA\xc3\x8fVE\xc3\xbf"), WH_OK);
	cr_expect(has_name(result, "NA\xc3\x8fVE\xc3\xbf"));
	cr_expect_eq(result.cell, a.cell);
	cr_expect_eq(info_of(root).last_written, LATER);
	/* The upper case of its last letter is not Latin-1: the cell grows. */
	cr_assert_eq(rename_key(result, "NA\xc3\x8fVE\xc5\xb8"), WH_OK);
	cr_expect_eq(look(a), WH_E_DELETED);
	cr_expect(has_key(hive, "na\xc3\xaf"
				"ve\xc3\xbf"));
	cr_expect_eq(info_of(root).subkey_count, 3);
}

/* The hint in an lf list is in the letters of the name. */
Test(key_move, hints_of_other_letters)
{
	struct wh_hive *old = new_hive(3);
	struct wh_key a = make_key(old, "abcdef");

	make_key(old, "b");
	cr_assert_eq(rename_key(a, "ABCdef"), WH_OK);
	cr_expect(has_name(result, "ABCdef"));
	expect_sound(old);
	close_hive(old);
}

Test(key_move, the_same_name_is_no_change)
{
	struct wh_key a = make_key(hive, "A");
	struct bytes before = take_bytes(hive);

	set_now(hive, LATER);
	cr_assert_eq(rename_key(a, "A"), WH_OK);
	cr_expect_eq(result.cell, a.cell);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

/* The bytes of the new name in UTF-16 are those of the old one in Latin-1. */
Test(key_move, the_same_bytes_of_another_name)
{
	struct wh_key a = make_key(hive, "A0");

	cr_assert_eq(rename_key(a, "\xe3\x81\x81"), WH_OK);
	cr_expect(has_name(result, "\xe3\x81\x81"));
	cr_assert_eq(rename_key(a, "A0"), WH_OK);
	cr_expect(has_name(result, "A0"));
}

Test(key_move, a_name_that_is_taken)
{
	struct wh_key a = make_key(hive, "A");
	struct bytes before;

	make_key(hive, "B");
	before = take_bytes(hive);
	cr_expect_eq(rename_key(a, "b"), WH_E_EXISTS);
	cr_expect(result.hive == NULL);
	cr_expect_eq(rename_key(a, ""), WH_E_INVALID);
	cr_expect_eq(rename_key(a, "x\\y"), WH_E_INVALID);
	cr_expect_eq(rename_key(a, "\xff"), WH_E_INVALID);
	cr_expect(still_has(hive, before));
	cr_expect_eq(look(a), WH_OK);
	drop_bytes(before);
}

Test(key_move, the_root_has_a_name_too)
{
	struct wh_key a = make_key(hive, "A"), parent;
	struct wh_base_block base;
	uint32_t cell = root.cell;

	set_now(hive, LATER);
	cr_assert_eq(rename_key(root, "New"), WH_OK);
	cr_expect_eq(result.cell, cell);
	cr_expect(has_name(wh_hive_root(hive), "New"));
	cr_assert_eq(rename_key(root, "A root of another size"), WH_OK);
	cr_expect_neq(result.cell, cell);
	cr_expect_eq(wh_hive_root(hive).cell, result.cell);
	cr_expect_eq(look(root), WH_E_DELETED);
	cr_assert_eq(wh_key_parent(a, &parent), WH_OK);
	cr_expect_eq(parent.cell, result.cell);
	cr_expect_eq(info_of(result).flags,
		     WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE | WH_KEY_COMP_NAME);
	cr_expect_eq(info_of(result).last_written, LATER);
	cr_expect(has_key(hive, "A"));
	wh_hive_base_block(hive, NULL, &base);
	cr_expect_eq(base.root_cell, result.cell);
	cr_expect_eq(base.checksum, base.checksum_due);
	root = result;
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	cr_assert_eq(rename_key(root, "Short"), WH_OK);
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	cr_expect_eq(wh_hive_root(hive).cell, root.cell);
	cr_expect(has_name(wh_hive_root(hive), "A root of another size"));
}

Test(key_move, renamed_among_many)
{
	char name[32];

	for (unsigned i = 0; i < 2500; i++) {
		snprintf(name, sizeof name, "k%04u", i);
		make_key(hive, name);
	}
	for (unsigned i = 0; i < 2500; i += 3) {
		snprintf(name, sizeof name, "k%04u", i);
		result = open_key(hive, name);
		snprintf(name, sizeof name, "%s%u", i % 2 ? "a longer name " : "z", 9999 - i);
		cr_assert_eq(rename_key(result, name), WH_OK);
		cr_assert(has_key(hive, name));
	}
	cr_expect_eq(info_of(root).subkey_count, 2500);
}

/* A key that is written anew says nothing of volatile subkeys. */
Test(key_move, volatile_fields_are_reset)
{
	struct wh_key a = make_key(hive, "A");
	size_t len;
	uint8_t *nk = (uint8_t *)(uintptr_t)wh_hive_bytes(hive, &len) + BINS + CELL_HEAD + a.cell;

	put32(nk + 24, 3);
	put32(nk + 32, 0x80000020);
	cr_assert_eq(rename_key(a, "B"), WH_OK);
	nk = (uint8_t *)(uintptr_t)wh_hive_bytes(hive, &len) + BINS + CELL_HEAD + result.cell;
	cr_expect_eq(get32(nk + 24), 0);
	cr_expect_eq(get32(nk + 32), WH_NO_CELL);
}

/* -------------------------------------------------------------------- move */

Test(key_move, below_another_key)
{
	struct wh_key a = make_key(hive, "From\\A"), b = make_key(hive, "From\\A\\B"), parent;
	struct wh_key from = open_key(hive, "From"), to = make_key(hive, "To");

	make_key(hive, "To\\Z");
	cr_assert_eq(wh_key_set_class(a, "Class", WH_NTS), WH_OK);
	cr_assert_eq(wh_key_set_time(root, 3), WH_OK);
	set_now(hive, LATER);
	cr_assert_eq(move(a, to, "A"), WH_OK);
	cr_expect_eq(result.cell, a.cell);
	cr_expect(has_key(hive, "To\\A\\B") && !has_key(hive, "From\\A"));
	cr_assert_eq(wh_key_parent(a, &parent), WH_OK);
	cr_expect_eq(parent.cell, to.cell);
	cr_expect_eq(info_of(from).subkey_count, 0);
	cr_expect(info_of(from).max_name_len == 0 && info_of(from).max_class_len == 0);
	cr_expect(info_of(to).subkey_count == 2 && info_of(to).max_class_len == 10);
	cr_expect_eq(info_of(from).last_written, LATER);
	cr_expect_eq(info_of(to).last_written, LATER);
	cr_expect_eq(info_of(a).last_written, LATER);
	cr_expect_eq(info_of(b).last_written, NOW);
	cr_expect_eq(info_of(root).last_written, 3);
	cr_assert_eq(move(a, root, "Under another name"), WH_OK);
	cr_expect(has_key(hive, "Under another name\\B") && !has_key(hive, "To\\A"));
	cr_expect_eq(look(b), WH_OK);
}

Test(key_move, to_where_it_is)
{
	struct wh_key a = make_key(hive, "A");

	make_key(hive, "B");
	cr_assert_eq(move(a, root, "A"), WH_OK);
	cr_assert_eq(move(a, root, "a"), WH_OK);
	cr_expect(has_name(a, "a"));
	cr_assert_eq(move(a, root, "c"), WH_OK);
	cr_expect_eq(move(a, root, "b"), WH_E_EXISTS);
	cr_expect_eq(info_of(root).subkey_count, 2);
}

Test(key_move, not_there)
{
	struct wh_key a = make_key(hive, "A"), b = make_key(hive, "A\\B\\C"),
		      to = make_key(hive, "T");
	struct wh_hive *other = new_hive(5);
	struct wh_key none = { 0 }, wrong = { hive, info_of(root).security, 0 };
	struct wh_key gone = make_key(hive, "Gone");
	struct bytes before;

	cr_assert_eq(wh_key_delete(gone), WH_OK);
	make_key(hive, "T\\a");
	before = take_bytes(hive);
	cr_expect_eq(move(a, a, "X"), WH_E_INVALID);
	cr_expect_eq(move(a, b, "X"), WH_E_INVALID);
	cr_expect_eq(move(root, a, "X"), WH_E_INVALID);
	cr_expect_eq(move(root, root, "X"), WH_E_INVALID);
	cr_expect_eq(move(a, wh_hive_root(other), "X"), WH_E_INVALID);
	cr_expect_eq(move(a, to, "A"), WH_E_EXISTS);
	cr_expect_eq(move(a, to, ""), WH_E_INVALID);
	cr_expect_eq(move(a, to, "x\\y"), WH_E_INVALID);
	cr_expect_eq(move(none, to, "X"), WH_E_INVALID);
	cr_expect_eq(move(a, none, "X"), WH_E_INVALID);
	cr_expect_eq(move(gone, to, "X"), WH_E_DELETED);
	cr_expect_eq(move(a, gone, "X"), WH_E_DELETED);
	cr_expect_eq(move(wrong, to, "X"), WH_E_CORRUPT);
	cr_expect_eq(move(a, wrong, "X"), WH_E_CORRUPT);
	cr_expect_eq(rename_key(none, "X"), WH_E_INVALID);
	cr_expect_eq(rename_key(wrong, "X"), WH_E_CORRUPT);
	cr_expect(result.hive == NULL);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
	close_hive(other);
}

Test(key_move, not_too_deep)
{
	struct wh_key a = make_key(hive, "A");
	char path[2 * DEEPEST + 1] = "";
	struct bytes before;

	make_key(hive, "A\\B\\C");
	for (int i = 0; i < DEEPEST - 2; i++)
		strcat(path, "k\\");
	make_key(hive, path);
	before = take_bytes(hive);
	cr_expect_eq(move(a, open_key(hive, path), "A"), WH_E_TOO_BIG);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
	path[2 * DEEPEST - 6] = '\0';
	cr_assert_eq(move(a, open_key(hive, path), "A"), WH_OK);
	cr_expect_eq(look(open_key(hive, "k")), WH_OK);
	/* Up again, as deep as can be. */
	cr_assert_eq(move(result, root, "A"), WH_OK);
}

/* A list that is not what the subkeys say is not made worse. */
Test(key_move, subkeys_that_say_something_else)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	struct wh_hive *damaged;
	struct bytes before;
	struct builder b;
	uint32_t top, below;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	top = builder_key(&b, b.root, "Top");
	builder_set_list(&b, b.root, builder_list(&b, "lh", &top, 1), 1);
	below = builder_key(&b, top, "Below");
	builder_set_list(&b, top, builder_list(&b, "lh", &below, 1), 1);
	put32(builder_at(&b, below) + 16, below);
	damaged = builder_open(&b, &options);
	before = take_bytes(damaged);
	cr_expect_eq(rename_key(open_key(damaged, "Top"), "Another size of name"), WH_E_CORRUPT);
	cr_expect(still_has(damaged, before));
	cr_expect_eq(rename_key(open_key(damaged, "Top"), "Fits"), WH_OK);
	drop_bytes(before);
	wh_hive_close(damaged);
	builder_fini(&b);
}

/* ------------------------------------------------------------------- memory */

static void
build(struct wh_hive *made)
{
	make_key(made, "A\\B");
	make_key(made, "A\\C");
	make_key(made, "D\\E");
}

static enum wh_status
rename_once(struct wh_hive *made)
{
	return rename_key(open_key(made, "A"), "A name that is not as long");
}

static enum wh_status
rename_root(struct wh_hive *made)
{
	enum wh_status st = rename_key(wh_hive_root(made), "\xe6\x97\xa5 of another length");

	if (st != WH_OK && !has_name(wh_hive_root(made), "ROOT"))
		abort();
	return st;
}

static enum wh_status
move_once(struct wh_hive *made)
{
	return move(open_key(made, "A"), open_key(made, "D\\E"), "\xe6\x97\xa5");
}

Test(key_move, without_memory)
{
	cr_expect_gt(starve(5, build, rename_once), 0);
	cr_expect_gt(starve(5, build, rename_root), 0);
	cr_expect_gt(starve(3, build, move_once), 0);
}
