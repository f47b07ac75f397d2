/* SPDX-License-Identifier: MIT */
/* Repair: base block, bins, the end of the file, logs. */
#include "repair_fixture.h"

TestSuite(repair_file, .init = fixture, .fini = end_fixture);

enum { SECTOR = 512, BASE_TIME = 12, MINOR = 24, BASE_LENGTH = 40, CHECKSUM = 508, BIN_TIME = 20 };

/* The bytes of the fixture as they are, opened to be salvaged. */
static struct wh_hive *
open_bytes(void)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_hive *hive;

	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	return hive;
}

static void
expect_whole(const char *part)
{
	struct wh_hive *hive = open_bytes(), *to = repaired_hive(hive, false);

	expect_all(to);
	cr_expect(is_said(part), "\"%s\" is not in: %s", part, said);
	wh_hive_close(to);
	wh_hive_close(hive);
}

/* ------------------------------------------------------------- base block */

Test(repair_file, makes_a_base_block_from_nothing)
{
	struct wh_base_block base;
	struct wh_hive *hive, *to;

	builder_seal(&b);
	put64(b.bytes + BINS + BIN_TIME, 12345);
	memset(b.bytes, 0, BINS);
	hive = open_bytes();
	to = repaired_hive(hive, false);
	expect_all(to);
	cr_expect(is_said("fixed base-signature"), "%s", said);
	wh_hive_base_block(to, NULL, &base);
	cr_expect_eq(base.timestamp, 12345);
	cr_expect_eq(base.minor, 5);
	cr_expect_eq(base.checksum, base.checksum_due);
	wh_hive_close(to);
	wh_hive_close(hive);
}

Test(repair_file, does_not_believe_a_base_block_with_a_wrong_checksum)
{
	builder_seal(&b);
	put32(b.bytes + BASE_LENGTH, 0x40000);
	put32(b.bytes + 36, 0x100);
	expect_whole("fixed base-checksum");
	put32(b.bytes + MINOR, 77);
	expect_whole("fixed base-checksum");
}

Test(repair_file, takes_bins_that_are_behind_the_length)
{
	uint32_t far, list;

	builder_bin(&b, BINS);
	far = builder_key(&b, a, "Far");
	{
		uint32_t two[] = { key_b, far };

		list = builder_list(&b, "lh", two, 2);
	}
	builder_set_list(&b, a, list, 2);
	builder_seal(&b);
	/* The second bin has no header, and the length is wrong: the third one says where it is. */
	builder_bin(&b, BINS);
	memset(b.bytes + 2 * BINS, 0xff, 32);
	put32(b.bytes + BASE_LENGTH, BINS);
	{
		struct wh_hive *hive = open_bytes(), *to = repaired_hive(hive, false);

		cr_expect(has_key(to, "A\\Far") && has_key(to, "A\\B\\D"), "%s", said);
		wh_hive_close(to);
		wh_hive_close(hive);
	}
}

/* -------------------------------------------------------------------- bins */

Test(repair_file, makes_headers_of_bins_anew)
{
	builder_seal(&b);
	memset(b.bytes + BINS, 'x', 12);
	expect_whole("fixed bin-signature : no hive bin that is whole");
}

Test(repair_file, skips_bytes_that_are_no_cells)
{
	struct wh_hive *hive, *to;

	builder_seal(&b);
	memset(b.bytes + BINS + 32, 0, 64);
	hive = open_bytes();
	to = repaired_hive(hive, false);
	cr_expect(has_key(to, "A\\B\\D"), "%s", said);
	cr_expect(is_said("dropped cell-size-zero"), "%s", said);
	wh_hive_close(to);
	wh_hive_close(hive);
}

Test(repair_file, needs_one_bin)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_hive *hive, *to;

	builder_bin(&b, BINS);
	builder_key(&b, root, "Second");
	builder_seal(&b);
	memset(b.bytes, 0, BINS + BINS);
	cr_expect_eq(wh_hive_open_memory(b.bytes, b.size, NULL, &hive), WH_E_NOT_HIVE);
	hive = open_bytes();
	to = repaired_hive(hive, false);
	cr_expect_eq(report.keys, 1 + 1, "%s", said);
	cr_expect(has_key(to, "Second"));
	wh_hive_close(to);
	wh_hive_close(hive);
	memset(b.bytes, 0, b.size);
	cr_expect_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_E_NOT_HIVE);
}

Test(repair_file, takes_what_is_there_of_a_file_that_was_cut)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_hive *hive, *to;

	builder_bin(&b, BINS);
	builder_seal(&b);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size - SECTOR, &options, &hive), WH_OK);
	to = repaired_hive(hive, false);
	cr_expect(has_key(to, "A\\B\\D"));
	cr_expect(is_said("dropped hive-length : what is behind the end of the file"), "%s", said);
	wh_hive_close(to);
	wh_hive_close(hive);
}

/* -------------------------------------------------------------------- dirty */

Test(repair_file, says_what_a_dirty_hive_has_lost)
{
	struct wh_hive *hive, *to;

	builder_seal(&b);
	put32(b.bytes + 4, 7);
	put32(b.bytes + CHECKSUM, get32(b.bytes + CHECKSUM) ^ 7 ^ 1);
	hive = open_bytes();
	cr_assert_eq(wh_hive_state(hive), WH_DIRTY);
	to = repaired_hive(hive, false);
	cr_expect(is_said("dropped hive-dirty : what the system had not yet written"), "%s", said);
	cr_expect_eq(wh_hive_state(to), WH_CLEAN);
	wh_hive_close(to);
	wh_hive_close(hive);
}

Test(repair_file, with_changes_that_are_not_committed)
{
	struct wh_hive *fresh = new_hive(5), *to;

	make_key(fresh, "New\\Key");
	to = repaired_hive(fresh, false);
	cr_expect(has_key(to, "New\\Key"));
	wh_hive_close(to);
	close_hive(fresh);
}
