/* SPDX-License-Identifier: MIT */
/* What is in a key itself, changed: time, class name, flags, security. */
#include "editing.h"
#include "hive_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { CLASS_MAX = 32767 };

static struct wh_hive *hive;
static struct wh_key root, a, b;

static void
setup(void)
{
	hive = new_hive(5);
	root = wh_hive_root(hive);
	a = make_key(hive, "A");
	b = make_key(hive, "A\\B");
	set_now(hive, LATER);
}

static void
teardown(void)
{
	expect_sound(hive);
	close_hive(hive);
}

TestSuite(key_set, .init = setup, .fini = teardown);

static uint32_t
used_cells(void)
{
	struct wh_hive_stats stats;

	wh_hive_stats(hive, &stats);
	return stats.used_cells;
}

/* 'b' was dated, and nobody else. */
static void
expect_dated(void)
{
	cr_expect_eq(info_of(b).last_written, LATER);
	cr_expect_eq(info_of(a).last_written, NOW);
	cr_expect_eq(info_of(root).last_written, NOW);
}

Test(key_set, time)
{
	cr_assert_eq(wh_key_set_time(b, UINT64_C(0xfedcba9876543210)), WH_OK);
	cr_expect_eq(info_of(b).last_written, UINT64_C(0xfedcba9876543210));
	cr_expect_eq(info_of(a).last_written, NOW);
	cr_assert_eq(wh_key_set_time(root, 0), WH_OK);
	cr_expect_eq(info_of(root).last_written, 0);
}

Test(key_set, class_names)
{
	uint32_t before = used_cells();
	char *longest = malloc(CLASS_MAX + 1);

	cr_assert_eq(wh_key_set_class(b, "Shell\xe2\x82\xac", WH_NTS), WH_OK);
	cr_expect(has_class(b, "Shell\xe2\x82\xac"));
	cr_expect_eq(info_of(a).max_class_len, 12);
	expect_dated();
	cr_assert_eq(wh_key_set_class(b, "Shorter", 2), WH_OK);
	cr_expect(has_class(b, "Sh"));
	cr_expect_eq(info_of(a).max_class_len, 12);
	cr_expect_eq(used_cells(), before + 1);
	cr_assert_eq(wh_key_set_class(b, "", 0), WH_OK);
	cr_expect_eq(info_of(b).class_len, 0);
	cr_expect_eq(info_of(b).class_cell, WH_NO_CELL);
	cr_assert_eq(wh_key_set_class(b, "Back", WH_NTS), WH_OK);
	cr_assert_eq(wh_key_set_class(b, NULL, 5), WH_OK);
	cr_expect_eq(info_of(b).class_len, 0);
	cr_expect_eq(used_cells(), before);
	cr_assert_eq(wh_key_set_class(root, "Root", WH_NTS), WH_OK);
	cr_expect(has_class(root, "Root"));

	memset(longest, 'x', CLASS_MAX + 1);
	cr_expect_eq(wh_key_set_class(b, longest, CLASS_MAX + 1), WH_E_TOO_BIG);
	cr_expect_eq(wh_key_set_class(b, "\xff", 1), WH_E_INVALID);
	cr_expect_eq(info_of(b).class_len, 0);
	cr_assert_eq(wh_key_set_class(b, longest, CLASS_MAX), WH_OK);
	cr_expect_eq(info_of(b).class_len, 2 * CLASS_MAX);
	free(longest);
}

Test(key_set, flags)
{
	struct bytes before;

	cr_assert_eq(wh_key_set_flags(b, 15, 0), WH_OK);
	cr_expect(info_of(b).user_flags == 15 && info_of(b).virtual_flags == 0);
	cr_assert_eq(wh_key_set_flags(b, 1, 10), WH_OK);
	cr_expect(info_of(b).user_flags == 1 && info_of(b).virtual_flags == 10);
	cr_expect(info_of(b).max_name_len == 0 && info_of(b).debug == 0);
	expect_dated();
	before = take_bytes(hive);
	cr_expect_eq(wh_key_set_flags(b, 16, 0), WH_E_INVALID);
	cr_expect_eq(wh_key_set_flags(b, 0, 16), WH_E_INVALID);
	cr_expect_eq(wh_key_set_flags(b, 0, 1u << 28), WH_E_INVALID);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_set, security_is_shared_and_counted)
{
	uint32_t users = references_of(root), before = used_cells();
	uint8_t one[SMALL_SD], two[SMALL_SD];
	const void *lent;
	size_t len;

	small_sd(one, 0x20019, 0);
	small_sd(two, 0x20006, 0);
	cr_assert_eq(wh_key_set_security(b, one, sizeof one), WH_OK);
	cr_expect(has_security(b, one, sizeof one));
	cr_expect_eq(references_of(b), 1);
	cr_expect_eq(references_of(root), users - 1);
	cr_expect_eq(used_cells(), before + 1);
	expect_dated();
	cr_assert_eq(wh_key_set_security(a, one, sizeof one), WH_OK);
	cr_expect_eq(info_of(a).security, info_of(b).security);
	cr_expect_eq(references_of(a), 2);
	/* Others keep what they shared. */
	cr_assert_eq(wh_key_set_security(a, two, sizeof two), WH_OK);
	cr_expect(has_security(a, two, sizeof two));
	cr_expect(has_security(b, one, sizeof one));
	/* The same again. */
	cr_assert_eq(wh_key_set_security(b, one, sizeof one), WH_OK);
	cr_expect_eq(references_of(b), 1);
	/* That of another key, lent; the one that nobody has any more goes. */
	cr_assert_eq(wh_key_security(root, &lent, &len), WH_OK);
	cr_assert_eq(wh_key_set_security(b, lent, len), WH_OK);
	cr_expect_eq(info_of(b).security, info_of(root).security);
	cr_assert_eq(wh_key_security(root, &lent, &len), WH_OK);
	cr_assert_eq(wh_key_set_security(a, lent, len), WH_OK);
	cr_expect_eq(references_of(root), users);
	cr_expect_eq(used_cells(), before);
}

Test(key_set, security_against_the_rules)
{
	struct bytes before = take_bytes(hive);
	uint8_t sd[SMALL_SD];

	small_sd(sd, 0x20019, 0);
	cr_expect_eq(wh_key_set_security(b, sd, sizeof sd - 1), WH_E_INVALID);
	cr_expect_eq(wh_key_set_security(b, sd, 0), WH_E_INVALID);
	cr_expect_eq(wh_key_set_security(b, NULL, sizeof sd), WH_E_INVALID);
	sd[3] = 0; /* not self-relative */
	cr_expect_eq(wh_key_set_security(b, sd, sizeof sd), WH_E_INVALID);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_set, what_the_handle_can_be)
{
	struct wh_key none = { 0 }, wrong = { hive, info_of(root).security, 0 };
	const struct wh_key keys[] = { none, wrong, b };
	const enum wh_status due[] = { WH_E_INVALID, WH_E_CORRUPT, WH_E_DELETED };
	uint8_t sd[SMALL_SD];

	small_sd(sd, 0x20019, 0);
	cr_assert_eq(wh_key_delete(b), WH_OK);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_eq(wh_key_set_time(keys[i], 1), due[i]);
		cr_expect_eq(wh_key_set_class(keys[i], "C", WH_NTS), due[i]);
		cr_expect_eq(wh_key_set_flags(keys[i], 1, 1), due[i]);
		cr_expect_eq(wh_key_set_security(keys[i], sd, sizeof sd), due[i]);
	}
}

/* ------------------------------------------------------------------- memory */

static void
build(struct wh_hive *made)
{
	if (wh_key_set_class(make_key(made, "A\\B"), "Class", WH_NTS) != WH_OK)
		abort();
}

static enum wh_status
set_time(struct wh_hive *made)
{
	return wh_key_set_time(open_key(made, "A"), 1);
}

static enum wh_status
set_class(struct wh_hive *made)
{
	return wh_key_set_class(open_key(made, "A\\B"), "Another, longer", WH_NTS);
}

static enum wh_status
set_flags(struct wh_hive *made)
{
	return wh_key_set_flags(open_key(made, "A"), 1, 2);
}

static enum wh_status
set_security(struct wh_hive *made)
{
	uint8_t sd[SMALL_SD];

	small_sd(sd, 0x20019, 0);
	return wh_key_set_security(open_key(made, "A"), sd, sizeof sd);
}

Test(key_set, without_memory)
{
	starve(5, build, set_time);
	cr_expect_gt(starve(5, build, set_class), 0);
	starve(5, build, set_flags);
	cr_expect_gt(starve(5, build, set_security), 0);
}
