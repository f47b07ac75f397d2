/* SPDX-License-Identifier: MIT */
/* Images made from start to end: where bins end, and what cells hold. */
#include "base/mem.h"
#include "cell/cell.h"
#include "cell/pack.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <string.h>

enum { HEAD = sizeof(struct regf_bin), LARGE_BIN = 1 << 20 };

static struct meter meter;
static struct wh_allocator alloc;
static struct whi_sink sink;
static struct whi_image img;
static struct whi_pack pack;
static struct regf_base base;

static void
setup(void)
{
	meter = (struct meter){ .left = SIZE_MAX };
	alloc = meter_allocator(&meter);
	img = (struct whi_image){ .sink = &sink, .minor = 5 };
	base = (struct regf_base){ .sig = "reg", .timestamp = le64_make(77) };
}

static void
teardown(void)
{
	whi_image_forget(&img, &alloc);
	if (img.room > 0)
		whi_block_free(&alloc, img.bytes, img.room);
	cr_expect_eq(meter.blocks, 0);
	cr_expect_not(meter.wrong_size);
}

TestSuite(pack, .init = setup, .fini = teardown);

static enum wh_status
finish(void)
{
	whi_pack_end(&pack);
	return whi_pack_finish(&pack, &base);
}

/* The size of the bin at 'off'. */
static uint32_t
bin_size(uint32_t off)
{
	struct regf_bin bin;

	memcpy(&bin, img.bytes + REGF_BINS + off, sizeof bin);
	cr_assert_eq(memcmp(bin.sig, "hbin", 4), 0);
	cr_assert_eq(le32_get(bin.offset), off);
	return le32_get(bin.size);
}

Test(pack, one_cell)
{
	struct regf_bin bin;
	struct view cell;
	cellref ref;

	whi_pack_begin(&pack, &img, &alloc, 0);
	ref = whi_pack_cell(&pack, 16);
	cr_assert_eq(ref.off, HEAD);
	whi_pack_write(&pack, ref, 0, "abc", 3);
	whi_pack_write32(&pack, ref, 4, 0x12345678);
	whi_pack_write16(&pack, ref, 10, 0x0201);
	cr_expect_eq(whi_pack_read32(&pack, ref, 4), 0x12345678);
	cr_assert_eq(finish(), WH_OK);
	cr_expect_eq(img.length, REGF_PAGE);
	cr_expect_eq(img.size, REGF_BINS + REGF_PAGE);
	cr_expect_eq(img.counts.used_cells, 1);
	cr_expect_eq(img.counts.free_cells, 1);
	cr_expect_eq(img.counts.free_bytes, REGF_PAGE - HEAD - 16);
	cr_assert(whi_cell_get(&img, ref, &cell));
	cr_expect_eq(cell.len, 12);
	cr_expect_eq(memcmp(cell.at, "abc\0\x78\x56\x34\x12\0\0\1\2", 12), 0);
	memcpy(&bin, img.bytes + REGF_BINS, sizeof bin);
	cr_expect_eq(le64_get(bin.timestamp), 77);
	cr_expect_eq(memcmp(img.bytes, &base, sizeof base), 0);
}

Test(pack, a_bin_ends_with_its_page)
{
	cellref first, second, third;

	whi_pack_begin(&pack, &img, &alloc, 0);
	first = whi_pack_cell(&pack, REGF_PAGE - HEAD);
	second = whi_pack_cell(&pack, REGF_PAGE - HEAD - 8);
	third = whi_pack_cell(&pack, 16); /* across the end of the page */
	cr_assert_eq(finish(), WH_OK);
	cr_expect_eq(first.off, HEAD);
	cr_expect_eq(second.off, REGF_PAGE + HEAD);
	cr_expect_eq(third.off, 2 * REGF_PAGE - 8);
	cr_expect_eq(bin_size(0), REGF_PAGE);
	cr_expect_eq(bin_size(REGF_PAGE), 2 * REGF_PAGE);
	cr_expect_eq(img.counts.bins, 2);
	cr_expect_eq(img.counts.free_cells, 1);
}

Test(pack, the_last_bin_is_full)
{
	whi_pack_begin(&pack, &img, &alloc, 0);
	whi_pack_cell(&pack, REGF_PAGE - HEAD);
	cr_assert_eq(finish(), WH_OK);
	cr_expect_eq(img.length, REGF_PAGE);
	cr_expect_eq(img.counts.free_cells, 0);
}

/* Cells of 64 bytes behind a head of 32 never end with a page. */
Test(pack, bins_are_not_much_larger_than_a_mebibyte)
{
	uint32_t count = 50000, bins = 0, off, last = 0;

	whi_pack_begin(&pack, &img, &alloc, 0);
	for (uint32_t i = 0; i < count; i++) {
		cellref ref = whi_pack_cell(&pack, 64);

		cr_assert_gt(ref.off, last);
		last = ref.off;
	}
	cr_assert_eq(finish(), WH_OK);
	for (off = 0; off < img.length; off += bin_size(off), bins++)
		cr_expect_leq(bin_size(off), LARGE_BIN + REGF_PAGE);
	cr_expect_eq(off, img.length);
	cr_expect_eq(bins, 4);
	cr_expect_eq(img.counts.used_cells, count);
	cr_expect_eq(img.counts.free_cells, bins);
	/* What is given up is less than a cell in all bins but the last. */
	cr_expect_lt(img.counts.free_bytes, 3 * 64 + REGF_PAGE);
	cr_expect_eq(img.counts.bad_bins, 0);
}

Test(pack, what_does_not_fit_into_a_cell)
{
	cellref ref;

	whi_pack_begin(&pack, &img, &alloc, 0);
	ref = whi_pack_cell(&pack, 16);
	whi_pack_write(&pack, ref, 8, "abcde", 5);
	cr_expect_eq(pack.status, WH_E_CORRUPT);
	cr_expect_eq(whi_pack_cell(&pack, 16).off, REGF_NIL);
	cr_expect_eq(finish(), WH_E_CORRUPT);
}

Test(pack, more_than_a_hive_can_hold)
{
	whi_pack_begin(&pack, &img, &alloc, 0);
	cr_expect_eq(whi_pack_cell(&pack, REGF_MAX_LENGTH - 24).off, REGF_NIL);
	cr_expect_eq(finish(), WH_E_TOO_BIG);
}

static enum wh_status
make_some(void)
{
	whi_pack_begin(&pack, &img, &alloc, 0);
	for (int i = 0; i < 30000; i++)
		whi_pack_cell(&pack, 96);
	return finish();
}

Test(pack, without_memory)
{
	size_t n = 0;
	enum wh_status st = WH_E_MEMORY;

	while (st != WH_OK) {
		teardown();
		setup();
		meter.left = n++;
		st = make_some();
		meter.left = SIZE_MAX;
		cr_assert(st == WH_OK || st == WH_E_MEMORY);
	}
	cr_expect_gt(n, 5);
	cr_expect_eq(img.counts.used_cells, 30000);
}
