/* SPDX-License-Identifier: MIT */
/*
 * Repair: keys, and who is below whom.  Files that break one rule each are in
 * tests/data/test_repair.c; here is what becomes of what.
 */
#include "repair_fixture.h"

TestSuite(repair, .init = fixture, .fini = end_fixture);

/* Repair, and all must be there; 'part' is said. */
static void
expect_whole(const char *part)
{
	struct wh_hive *to = repaired(false);

	expect_all(to);
	cr_expect(is_said(part), "\"%s\" is not in: %s", part, said);
	wh_hive_close(to);
}

Test(repair, of_what_is_sound_changes_nothing)
{
	struct wh_hive *fresh = new_hive(5), *to;
	struct bytes bytes;

	set_value(make_key(fresh, "A\\B"), "v", "12345", 5);
	make_key(fresh, "A\\C");
	bytes = take_bytes(fresh);
	to = repaired_hive(fresh, true);
	cr_expect_str_eq(said, "");
	cr_expect_eq(report.keys, 4);
	cr_expect_eq(report.bytes_before, bytes.len);
	cr_expect_eq(report.bytes_after, bytes.len);
	cr_expect(!has_key(to, "LostAndFound"));
	wh_hive_close(to);
	drop_bytes(bytes);
	close_hive(fresh);
}

/* ----------------------------------------------------------------- lists */

Test(repair, makes_lost_lists_anew)
{
	put(key_b, NK_LIST, WH_NO_CELL);
	expect_whole("fixed key-cell A\\B\\D: was in no list of its parent");
}

Test(repair, puts_back_what_a_wrong_element_has_lost)
{
	put(root_list, LH_FIRST + LH_STRIDE, 0x123458);
	expect_whole("fixed key-cell C: was in no list");
}

Test(repair, finds_subkeys_that_are_not_counted)
{
	put(key_b, NK_COUNT, 0);
	expect_whole("");
	put(key_b, NK_COUNT, 1);
	expect_whole("fixed list-count A\\B: the list of its subkeys: it has 2");
}

Test(repair, counts_no_subkeys_of_others)
{
	struct wh_hive *to;

	/* A list of another time, whose cell another key has by now. */
	put(d, NK_LIST, a_list);
	to = repaired(false);
	expect_all(to);
	cr_expect_eq(info_of(open_key(to, "A\\B\\D")).subkey_count, 0);
	wh_hive_close(to);
}

Test(repair, sorts_and_does_not_cut)
{
	put(root_list, LH_FIRST, c);
	put(root_list, LH_FIRST + LH_STRIDE, a);
	expect_whole("fixed list-order");
}

Test(repair, leaves_a_key_with_its_own_parent)
{
	struct wh_hive *to;

	put(c, NK_LIST, a_list);
	put(c, NK_COUNT, 1);
	to = repaired(false);
	cr_expect_eq(report.keys, 6);
	cr_expect(has_key(to, "A\\B\\D"), "%s", said);
	cr_expect(is_said("dropped list-cell C: subkeys: it counts 1, of which 0"), "%s", said);
	wh_hive_close(to);
	put(c, NK_LIST, WH_NO_CELL);
	put(c, NK_COUNT, 0);
	put(root_list, LH_FIRST, key_b);
	expect_whole("fixed key-cell A: was in no list");
}

Test(repair, believes_the_list_if_a_key_names_nothing)
{
	put(key_b, NK_PARENT, 0x7777);
	expect_whole("fixed key-parent A\\B: said it is below 0x7777");
}

Test(repair, breaks_circles)
{
	/* A below itself; and two keys below each other, to which nothing else leads. */
	struct wh_hive *to;

	put(a_list, LH_FIRST, a);
	expect_whole("");
	put(a, NK_PARENT, key_b);
	put(key_b, NK_LIST, a_list);
	put(key_b, NK_COUNT, 1);
	put(a, NK_LIST, WH_NO_CELL);
	put(a, NK_COUNT, 0);
	put(root_list, LH_FIRST, c);
	to = repaired(true);
	cr_expect_eq(report.dropped_keys, 0, "%s", said);
	wh_hive_close(to);
}

/* ---------------------------------------------------------------- records */

Test(repair, mends_signatures)
{
	memcpy(builder_at(&b, key_b), "xx", 2);
	expect_whole("fixed key-signature A\\B: the cell of the key");
}

Test(repair, mends_sizes)
{
	/* In use and then free; and a size that leads nowhere. */
	builder_resize(&b, key_b, (int32_t)builder_len(&b, key_b) + 4);
	expect_whole("A\\B");
	builder_resize(&b, key_b, -0x7770);
	expect_whole("");
}

Test(repair, finds_what_a_size_has_swallowed)
{
	/* The cells of A and C, and their list, look like one. */
	uint32_t size =
		builder_len(&b, a) + 4 + builder_len(&b, c) + 4 + builder_len(&b, root_list) + 4;

	builder_resize(&b, a, -(int32_t)size);
	expect_whole("");
}

Test(repair, knows_the_length_of_a_name_by_its_hash)
{
	uint32_t key = builder_key(&b, root, "Longer name"), list;
	uint32_t all[] = { a, c, key };
	struct wh_hive *to;

	list = builder_list(&b, "lh", all, 3);
	builder_set_list(&b, root, list, 3);
	put16(builder_at(&b, key) + NK_NAME_LEN, 4000);
	to = repaired(false);
	cr_expect(has_key(to, "Longer name"), "%s", said);
	cr_expect_eq(report.dropped, 0);
	wh_hive_close(to);
	put16(builder_at(&b, key) + NK_NAME_LEN, 8);
	to = repaired(false);
	cr_expect(has_key(to, "Longer name"), "%s", said);
	wh_hive_close(to);
	put16(builder_at(&b, key) + NK_NAME_LEN, 10);
	put16(builder_at(&b, key) + NK_FLAGS, 0);
	put(list, LH_FIRST + 2 * LH_STRIDE + HASH, 1);
	to = repaired(false);
	cr_expect(!has_key(to, "Longer name"), "nobody can know");
	cr_expect_eq(report.keys, 7);
	wh_hive_close(to);
	put16(builder_at(&b, key) + NK_FLAGS, WH_KEY_COMP_NAME);
	put16(builder_at(&b, key) + NK_NAME_LEN, 4000);
	to = repaired(false);
	cr_expect(is_said("dropped key-name-past-cell"), "%s", said);
	cr_expect(has_key(to, "Longer name"), "zeros behind it are none of it");
	wh_hive_close(to);
}

Test(repair, reads_a_name_in_its_other_form)
{
	uint8_t *nk = builder_at(&b, key_b);

	put16(nk + NK_FLAGS, 0);
	expect_whole("fixed key-name-empty A\\B");
}

Test(repair, gives_names)
{
	uint32_t all[] = { a, builder_key(&b, root, "a"), c, builder_key(&b, root, "") };
	struct wh_hive *to;

	builder_set_list(&b, root, builder_list(&b, "lh", all, 4), 4);
	put16(builder_at(&b, root) + NK_NAME_LEN, 0);
	to = repaired(false);
	cr_expect(has_key(to, "A\\B\\D"), "the first keeps its name: %s", said);
	cr_expect(has_key(to, "a (2)") && has_key(to, "Unnamed"), "%s", said);
	cr_expect(has_name(wh_hive_root(to), "ROOT"));
	cr_expect(is_said("fixed key-name-empty a (2)"), "%s", said);
	wh_hive_close(to);
}

Test(repair, numbers_names_until_all_differ)
{
	uint32_t all[5] = { builder_key(&b, root, "x"), builder_key(&b, root, "x"),
			    builder_key(&b, root, "x (2)"), builder_key(&b, root, "X"),
			    builder_key(&b, root, "x (2)") };
	struct wh_hive *to;

	builder_set_list(&b, root, builder_list(&b, "lh", all, 5), 5);
	to = repaired(false);
	cr_expect_eq(info_of(wh_hive_root(to)).subkey_count, 5, "%s", said);
	cr_expect(has_key(to, "x") && has_key(to, "x (2)") && has_key(to, "x (3)"), "%s", said);
	cr_expect(has_key(to, "x (2) (2)"), "%s", said);
	wh_hive_close(to);
}

Test(repair, cuts_names_that_are_too_long)
{
	char name[1101];
	uint32_t key;
	struct wh_hive *to;

	memset(name, 'n', 1100);
	name[1100] = '\0';
	key = builder_key(&b, root, name);
	builder_set_list(&b, root, builder_list(&b, "lh", &key, 1), 1);
	to = repaired(false);
	name[256] = '\0';
	cr_expect(has_key(to, name), "%s", said);
	cr_expect(is_said("dropped key-name-past-cell"), "%s", said);
	wh_hive_close(to);
}

/* ----------------------------------------------------------- what is lost */

static void
destroy(uint32_t cell)
{
	memset(builder_at(&b, cell), 0, builder_len(&b, cell));
}

Test(repair, keeps_the_subkeys_of_a_key_that_is_gone)
{
	struct wh_hive *to;
	char path[60];

	destroy(key_b);
	to = repaired(false);
	snprintf(path, sizeof path, "A\\Lost key 0x%x\\D", (unsigned)key_b);
	cr_expect(has_key(to, path), "%s", said);
	cr_expect(is_said("dropped key-cell A\\Lost key"), "%s", said);
	cr_expect_eq(report.dropped, 1, "%s", said);
	cr_expect_eq(report.keys, 6);
	wh_hive_close(to);
}

Test(repair, drops_orphans_and_says_so)
{
	struct wh_hive *to;

	destroy(key_b);
	put(a_list, LH_FIRST, c);
	to = repaired(false);
	cr_expect_eq(report.keys, 3);
	cr_expect_eq(report.dropped_keys, 2);
	cr_expect_eq(report.lost_keys, 0);
	cr_expect(is_said("dropped cell-unowned D: the key"), "%s", said);
	cr_expect(is_said("dropped cell-unowned E: the key"), "%s", said);
	wh_hive_close(to);
}

Test(repair, keeps_orphans_when_told)
{
	struct wh_hive *to;
	char path[80];

	destroy(key_b);
	put(a_list, LH_FIRST, c);
	to = repaired(true);
	snprintf(path, sizeof path, "LostAndFound\\Lost key 0x%x\\D", (unsigned)key_b);
	cr_expect(has_key(to, path), "%s", said);
	cr_expect_eq(report.dropped_keys, 0);
	cr_expect_eq(report.lost_keys, 3);
	wh_hive_close(to);
}

Test(repair, takes_no_name_from_a_key_that_was_there)
{
	uint32_t all[] = { builder_key(&b, root, "LostAndFound") };
	struct wh_hive *to;

	builder_set_list(&b, root, builder_list(&b, "lh", all, 1), 1);
	put(a, NK_PARENT, d);
	to = repaired(true);
	cr_expect(has_key(to, "LostAndFound") && has_key(to, "LostAndFound (2)"), "%s", said);
	wh_hive_close(to);
}

Test(repair, leaves_deleted_keys_alone)
{
	struct wh_hive *to;
	uint32_t key = builder_key(&b, a, "deleted"), free_key = builder_key(&b, a, "free");

	builder_free(&b, free_key);
	to = repaired(false);
	cr_expect(!has_key(to, "A\\deleted"), "the list of A is whole");
	cr_expect_eq(report.dropped_keys, 1);
	wh_hive_close(to);
	/* If it is not nobody knows; but what was freed was deleted. */
	put(a, NK_LIST, key);
	to = repaired(false);
	cr_expect(has_key(to, "A\\deleted") && has_key(to, "A\\B"), "%s", said);
	cr_expect(!has_key(to, "A\\free"));
	wh_hive_close(to);
}

Test(repair, cuts_what_is_too_deep)
{
	enum { DEEP = 600 };
	uint32_t above = c, key;
	struct wh_hive *to;

	for (int i = 0; i < DEEP; i++) {
		key = builder_key(&b, above, "x");
		builder_set_list(&b, above, builder_list(&b, "lh", &key, 1), 1);
		above = key;
	}
	to = repaired(false);
	cr_expect_eq(report.keys, 6 + 511);
	cr_expect_eq(report.dropped_keys, DEEP - 511);
	wh_hive_close(to);
	to = repaired(true);
	cr_expect_eq(report.keys, 6 + DEEP + 1);
	cr_expect_eq(report.dropped_keys, 0, "%s", said);
	wh_hive_close(to);
}

/* -------------------------------------------------------------------- root */

Test(repair, mends_the_root)
{
	memcpy(builder_at(&b, root), "xx", 2);
	expect_whole("fixed key-signature : the cell of the key");
}

Test(repair, makes_a_root_that_is_gone)
{
	struct wh_hive *to;

	destroy(root);
	to = repaired(false);
	cr_expect(has_key(to, "A\\B\\D") && has_key(to, "C"), "%s", said);
	cr_expect(has_name(wh_hive_root(to), "ROOT"));
	cr_expect_eq(info_of(wh_hive_root(to)).flags,
		     WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE | WH_KEY_COMP_NAME);
	wh_hive_close(to);
}

Test(repair, finds_a_root_that_nothing_names)
{
	struct wh_hive *hive, *to;
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };

	put16(builder_at(&b, root) + NK_FLAGS, WH_KEY_COMP_NAME);
	builder_seal(&b);
	put32(b.bytes + 36, WH_NO_CELL);
	put32(b.bytes + 508, get32(b.bytes + 508) ^ root ^ WH_NO_CELL);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, NULL, &hive), WH_E_CORRUPT);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	to = repaired_hive(hive, false);
	expect_all(to);
	cr_expect(is_said("fixed root-cell"), "%s", said);
	wh_hive_close(to);
	wh_hive_close(hive);
}

Test(repair, makes_a_root_that_nothing_names_and_is_gone)
{
	struct wh_hive *hive, *to;
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };

	destroy(root);
	builder_seal(&b);
	put32(b.bytes + 36, WH_NO_CELL);
	put32(b.bytes + 508, get32(b.bytes + 508) ^ root ^ WH_NO_CELL);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	to = repaired_hive(hive, false);
	cr_expect(has_key(to, "A\\B\\D") && has_key(to, "C"), "%s", said);
	wh_hive_close(to);
	wh_hive_close(hive);
}

/* ---------------------------------------------------------------- refusals */

Test(repair, refuses_by_name)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_hive *hive, *to = (struct wh_hive *)&options;
	uint32_t all[] = { root, a, key_b, c, d, e };

	cr_expect_eq(wh_hive_repair(NULL, NULL, NULL, &to, &report), WH_E_INVALID);
	cr_expect_null(to);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		destroy(all[i]);
	hive = builder_open(&b, &options);
	cr_expect_eq(wh_hive_repair(hive, NULL, NULL, &to, NULL), WH_E_CORRUPT);
	cr_expect_null(to);
	cr_expect_neq(wh_key_open(wh_hive_root(hive), "A", WH_NTS, &(struct wh_key){ 0 }), WH_OK);
	wh_hive_close(hive);
}

/* The new hive has an allocator of its own, and both of them run out of memory. */
static void
starve_repair(bool source)
{
	struct wh_options options[2] = { { .flags = WH_OPEN_SALVAGE }, { 0 } };
	struct wh_repair how = { true, note_action, NULL };
	struct wh_allocator alloc[2];
	struct meter meters[2];
	enum wh_status st = WH_E_MEMORY;
	struct wh_hive *hive, *to;
	struct bytes bytes;
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		alloc[i] = meter_allocator(&meters[i]);
		options[i].allocator = &alloc[i];
	}
	hive = builder_open(&b, &options[0]);
	bytes = take_bytes(hive);
	while (st != WH_OK) {
		size_t blocks = meters[0].blocks;

		said[0] = '\0';
		meters[!source].left = n++;
		st = wh_hive_repair(hive, &how, &options[1], &to, NULL);
		meters[!source].left = SIZE_MAX;
		cr_assert(st == WH_OK || st == WH_E_MEMORY, "%s", wh_status_name(st));
		cr_assert_eq(meters[0].blocks, blocks);
		cr_assert(still_has(hive, bytes));
		if (st != WH_OK)
			cr_assert(!to && meters[1].blocks == 0);
	}
	cr_expect_gt(n, 3);
	wh_hive_close(to);
	wh_hive_close(hive);
	for (int i = 0; i < 2; i++)
		cr_expect(meters[i].blocks == 0 && !meters[i].wrong_size);
	drop_bytes(bytes);
}

Test(repair, without_memory)
{
	uint32_t same[] = { a, builder_key(&b, root, "a"), c, builder_key(&b, root, "") };

	builder_set_list(&b, root, builder_list(&b, "lh", same, 4), 4);
	destroy(key_b);
	put(a_list, LH_FIRST, 0x200);
	put(d, NK_SECURITY, 0x28);
	put(values[0], VK_DATA, 0x30);
	starve_repair(false);
	starve_repair(true);
}
