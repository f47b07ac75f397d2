/* SPDX-License-Identifier: MIT */
/* The scan for cells, and the gate that rests on it. */
#include "base/mem.h"
#include "cell/cell.h"

#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, CELLS = 9 };

static struct builder b;
static struct issues issues;
static struct whi_sink sink = { see_issue, &issues };
static struct whi_image img;
static uint32_t cells[CELLS]; /* in use, of several sizes, in the first bin */

static void
build(uint32_t minor)
{
	builder_init(&b, minor);
	for (uint32_t i = 0; i < CELLS; i++)
		cells[i] = builder_cell(&b, 4 + i * 20);
}

static void
scan(void)
{
	issues = (struct issues){ 0 };
	builder_image(&b, &sink, &img);
}

static void
forget(void)
{
	struct wh_allocator system = whi_allocator(NULL);

	whi_image_forget(&img, &system);
}

static void
fini(void)
{
	forget();
	builder_fini(&b);
}

static bool
gives(uint32_t off)
{
	struct view out;

	return whi_cell_get(&img, (cellref){ off }, &out);
}

/* All cells that were made can be had, but for 'lost'. */
static void
all_but(uint32_t lost)
{
	for (int i = 0; i < CELLS; i++)
		cr_assert_eq(gives(cells[i]), cells[i] != lost, "cell %d", i);
}

TestSuite(image, .fini = fini);

Test(image, counts_what_it_finds)
{
	build(5);
	builder_bin(&b, 2 * PAGE);
	scan();
	cr_assert_eq(issues.count, 0);
	cr_assert_eq(img.counts.bins, 2);
	cr_assert_eq(img.counts.bad_bins, 0);
	cr_assert_eq(img.counts.used_cells, CELLS + 1);
	cr_assert_eq(img.counts.free_cells, 2);
	cr_assert_eq(img.counts.used_bytes + img.counts.free_bytes + img.counts.bins * 32u,
		     img.length);
	all_but(WH_NO_CELL);
}

Test(image, scans_again_after_forgetting)
{
	build(5);
	scan();
	forget();
	cr_assert(img.starts == NULL && img.counts.used_cells == 0 && img.counts.used_bytes == 0);
	scan();
	cr_assert_eq(img.counts.used_cells, CELLS + 1);
}

/* The only offsets that lead to a cell are those where cells in use were made. */
static void
gate(uint32_t minor)
{
	uint32_t head = minor <= 1 ? 8 : 4;
	struct view out;

	build(minor);
	builder_free(&b, cells[4]);
	scan();
	for (uint32_t off = 0; off < img.length + 2 * PAGE; off++) {
		bool due = off == b.security;

		for (int i = 0; i < CELLS; i++)
			due |= off == cells[i] && i != 4;
		out = (struct view){ b.bytes, 1 };
		cr_assert_eq(whi_cell_get(&img, (cellref){ off }, &out), due, "%x", off);
		if (due) {
			cr_assert_eq(out.at, b.bytes + 4096 + off + head);
			cr_assert_eq(out.len, 0u - get32(b.bytes + 4096 + off) - head);
		} else {
			cr_assert(out.at == NULL && out.len == 0, "%x", off);
			cr_assert_not_null(whi_cell_why(&img, (cellref){ off }));
		}
	}
}

Test(image, the_gate_refuses_what_is_no_start)
{
	gate(5);
}

Test(image, the_gate_of_version_1_1)
{
	gate(1);
}

/* It leads to the same cells, but for those near the end, and tells free ones by their room. */
Test(image, the_short_way_through_the_gate)
{
	struct whi_bins bins;
	struct view out;
	int64_t room;

	build(5);
	builder_free(&b, cells[4]);
	builder_bin(&b, PAGE);
	for (int i = 0; i < PAGE / 8 - 4; i++) /* up to the end of the bin */
		builder_cell(&b, 4);
	scan();
	cr_assert_eq(img.length, 2 * PAGE);
	bins = whi_plain_bins(&img);
	for (uint32_t off = 0; off < img.length + 2 * PAGE; off++) {
		const uint8_t *at = whi_plain_cell(&bins, (cellref){ off }, &room);
		bool near = off < img.length && img.length - off >= WHI_PLAIN_MARGIN;

		if (whi_cell_get(&img, (cellref){ off }, &out)) {
			cr_assert(at ? at == out.at && room == out.len : !near, "%x", off);
		} else {
			cr_assert(!at || room < 0, "%x", off);
		}
		cr_assert(!at || off + WHI_PLAIN_MARGIN <= img.length, "%x", off);
	}
	cr_assert_not_null(whi_plain_cell(&bins, (cellref){ cells[4] }, &room));
	cr_assert_lt(room, 0, "free");
}

Test(image, no_short_way_in_version_1_1_or_a_short_image)
{
	struct whi_bins bins;
	int64_t room;

	build(1);
	scan();
	bins = whi_plain_bins(&img);
	for (int i = 0; i < CELLS; i++)
		cr_assert_null(whi_plain_cell(&bins, (cellref){ cells[i] }, &room));
	img.minor = 5;
	img.old_cells = false;
	img.length = WHI_PLAIN_MARGIN - 8;
	bins = whi_plain_bins(&img);
	cr_assert_eq(bins.limit, 0);
}

Test(image, the_gate_refuses_far_offsets)
{
	build(5);
	scan();
	for (uint32_t i = 0; i < 0x10000; i++) {
		cr_assert_not(gives(UINT32_MAX - i));
		cr_assert_not(gives(UINT32_C(0x80000000) + i), "bit 31 set");
		cr_assert_not(gives(UINT32_C(0x80000000) - 1 - i));
	}
}

/* What the sentence is about; its wording may change. */
static void
says(uint32_t off, const char *word)
{
	const char *why = whi_cell_why(&img, (cellref){ off });

	cr_assert_not_null(strstr(why, word), "%s: %s", word, why);
}

Test(image, the_reason_of_the_gate)
{
	build(5);
	builder_free(&b, cells[4]);
	scan();
	says(WH_NO_CELL, "no cell");
	says(0x80000020, "past the hive bins");
	says(img.length, "past the hive bins");
	says(cells[1] + 8, "no cell starts");
	says(cells[4], "free cell");
}

Test(image, a_record_has_room_and_a_signature)
{
	struct view out;

	build(5);
	memcpy(builder_at(&b, cells[2]), "xy", 2);
	scan();
	cr_assert_not_null(whi_cell_record(&img, (cellref){ cells[2] }, "xy", 44, &out));
	cr_assert_eq(out.len, 44);
	cr_assert_null(whi_cell_record(&img, (cellref){ cells[2] }, "xy", 45, &out));
	cr_assert_null(whi_cell_record(&img, (cellref){ cells[2] }, "yx", 4, &out));
	cr_assert_null(whi_cell_record(&img, (cellref){ cells[2] + 8 }, "xy", 4, &out));
}

/* A size that cannot be, at any place of the bin: that cell is lost, and no other. */
static const struct {
	int32_t size;
	const char *rule;
} bad_sizes[] = {
	{ 0, "cell-size-zero" },        { -4, "cell-unaligned" },
	{ 4, "cell-unaligned" },        { -12, "cell-unaligned" },
	{ 36, "cell-unaligned" },       { -4096, "cell-past-bin" },
	{ 4096, "cell-past-bin" },      { -0x10000, "cell-past-bin" },
	{ INT32_MIN, "cell-past-bin" }, { INT32_MIN + 1, "cell-past-bin" },
	{ INT32_MAX, "cell-past-bin" },
};

Test(image, bad_sizes_lose_one_cell)
{
	for (size_t i = 0; i < sizeof bad_sizes / sizeof *bad_sizes; i++)
		for (int at = 0; at < CELLS; at++) {
			build(5);
			builder_resize(&b, cells[at], bad_sizes[i].size);
			scan();
			cr_assert(only_rule(&issues, bad_sizes[i].rule), "%d at %d",
				  bad_sizes[i].size, at);
			cr_assert_eq(issues.count, 1);
			cr_assert_eq(issues.first[0].cell, cells[at]);
			cr_assert_eq(issues.first[0].offset, 4096 + cells[at]);
			all_but(cells[at]);
			cr_assert_eq(img.counts.used_cells, CELLS);
			fini();
		}
	build(5);
	scan();
}

Test(image, a_bad_size_of_the_first_cell_and_of_the_last)
{
	for (size_t i = 0; i < sizeof bad_sizes / sizeof *bad_sizes; i++) {
		build(5);
		builder_resize(&b, 32, bad_sizes[i].size);
		scan();
		cr_assert(only_rule(&issues, bad_sizes[i].rule), "%d", bad_sizes[i].size);
		all_but(WH_NO_CELL);
		fini();

		build(5);
		builder_resize(&b, b.free, bad_sizes[i].size);
		scan();
		cr_assert(only_rule(&issues, bad_sizes[i].rule), "%d", bad_sizes[i].size);
		all_but(WH_NO_CELL);
		cr_assert_eq(img.counts.free_cells, 0);
		fini();
	}
	build(5);
	scan();
}

Test(image, a_bin_without_one_good_cell)
{
	build(5);
	memset(b.bytes + 4096 + 32, 0, PAGE - 32);
	scan();
	cr_assert(only_rule(&issues, "cell-size-zero"));
	cr_assert_eq(img.counts.used_cells + img.counts.free_cells, 0);
	for (uint32_t off = 0; off < PAGE; off += 8)
		cr_assert_not(whi_image_starts(&img, off));
}

Test(image, a_size_that_leads_into_a_cell)
{
	build(5);
	builder_resize(&b, cells[5], -(int32_t)(cells[6] + 16 - cells[5]));
	scan();
	cr_assert(only_rule(&issues, "cell-size-zero"));
	cr_assert(gives(cells[5]) && !gives(cells[6]) && gives(cells[7]));
}

Test(image, sizes_of_version_1_1_are_multiples_of_16)
{
	build(1);
	builder_resize(&b, cells[3], -40);
	scan();
	cr_assert(only_rule(&issues, "cell-unaligned"));
	all_but(cells[3]);
}

/* Three bins; the second is spoilt.  What was made in the others stays. */
static uint32_t in_second, in_third;

static void
build_three(uint32_t size)
{
	build(5);
	builder_bin(&b, size);
	in_second = builder_cell(&b, size - 32 - 8 - 4);
	builder_bin(&b, PAGE);
	in_third = builder_cell(&b, 100);
}

static void
second_is(const char *rule, bool readable)
{
	scan();
	cr_assert(only_rule(&issues, rule), "%s", rule);
	cr_assert_eq(issues.count, 1);
	cr_assert_eq(issues.first[0].offset, 4096 + PAGE);
	cr_assert_eq(issues.first[0].cell, WH_NO_CELL);
	cr_assert_eq(gives(in_second), readable);
	cr_assert(gives(in_third));
	cr_assert_eq(img.counts.bad_bins, readable ? 0u : 1u);
	all_but(WH_NO_CELL);
}

Test(image, bin_without_signature)
{
	build_three(PAGE);
	b.bytes[4096 + PAGE] = 'H';
	second_is("bin-signature", false);
}

Test(image, bin_with_another_offset)
{
	static const uint32_t offsets[] = { 0, 2 * PAGE, PAGE + 1, UINT32_MAX };

	for (int i = 0; i < 4; i++) {
		build_three(PAGE);
		put32(b.bytes + 4096 + PAGE + 4, offsets[i]);
		second_is("bin-offset", false);
		fini();
	}
	build_three(PAGE);
	scan();
}

Test(image, bin_with_a_size_that_cannot_be)
{
	static const uint32_t sizes[] = { 0,        1,         32,         PAGE - 1,  PAGE + 8,
					  3 * PAGE, INT32_MAX, UINT32_MAX, 0xfffff000 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		build_three(PAGE);
		put32(b.bytes + 4096 + PAGE + 8, sizes[i]);
		second_is("bin-size", true);
		fini();
	}
	build_three(PAGE);
	scan();
}

Test(image, bin_said_to_be_too_large)
{
	build_three(PAGE);
	put32(b.bytes + 4096 + PAGE + 8, 2 * PAGE);
	second_is("bin-size", true);
}

Test(image, bin_said_to_be_too_small)
{
	build_three(2 * PAGE);
	put32(b.bytes + 4096 + PAGE + 8, PAGE);
	second_is("bin-size", true);
}

Test(image, the_first_bin_is_missing)
{
	build_three(PAGE);
	memset(b.bytes + 4096, 0, 32);
	scan();
	cr_assert(only_rule(&issues, "bin-signature"));
	cr_assert(gives(in_second) && gives(in_third) && !gives(cells[0]));
}

Test(image, nothing_but_zeros)
{
	build(5);
	memset(b.bytes + 4096, 0, PAGE);
	scan();
	cr_assert(only_rule(&issues, "bin-signature"));
	cr_assert(img.counts.bins == 0 && img.counts.bad_bins == 1);
}

Test(image, no_bins_at_all)
{
	build(5);
	b.size = 4096;
	scan();
	cr_assert_eq(issues.count, 0);
	cr_assert_not(gives(0));
	cr_assert_not(gives(32));
}

Test(image, the_end_of_the_bins)
{
	build_three(PAGE);
	scan();
	cr_assert_eq(whi_image_bins_end(&img, 0), 3 * PAGE);
	cr_assert_eq(whi_image_bins_end(&img, PAGE), 3 * PAGE);
	cr_assert_eq(whi_image_bins_end(&img, 8), 8);
	put32(b.bytes + 4096 + 2 * PAGE + 8, 2 * PAGE);
	cr_assert_eq(whi_image_bins_end(&img, 0), 2 * PAGE, "the last one is cut");
	put32(b.bytes + 4096 + PAGE + 4, 0);
	cr_assert_eq(whi_image_bins_end(&img, 0), PAGE);
}

Test(image, looks_old)
{
	build(1);
	scan();
	cr_assert(whi_image_looks_old(&img));
	fini();
	build(5);
	scan();
	cr_assert_not(whi_image_looks_old(&img));
}

/* Whatever the bytes: cells lie in their bins and do not overlap. */
static void
check_tiling(void)
{
	uint64_t used = 0;
	uint32_t end = 0;
	struct view out;

	for (uint32_t off = 0; off < img.length; off += 8) {
		if (!whi_image_starts(&img, off))
			continue;
		cr_assert_geq(off, end, "cells overlap at %x", off);
		end = off + 8;
		if (!whi_cell_get(&img, (cellref){ off }, &out))
			continue;
		cr_assert(out.at >= b.bytes + 4096 && out.at + out.len <= b.bytes + b.size);
		end = off + 4 + out.len;
		used++;
	}
	cr_assert_eq(used, img.counts.used_cells);
}

/*
 * Bins are followed two at a time.  Where the first of two ends early, at a bin that reaches over
 * the second, the cells of the second are none.
 */
Test(image, a_bin_over_the_next_one)
{
	uint32_t first = 2 * PAGE, over = 3 * PAGE, second = 4 * PAGE, inside;
	uint8_t *header;

	build(5);
	builder_bin(&b, PAGE);
	builder_bin(&b, 2 * PAGE);
	cr_assert_eq(builder_cell(&b, PAGE - 32 - 4), first + 32);
	builder_bin(&b, PAGE);
	inside = builder_cell(&b, 100);
	cr_assert_eq(inside, second + 32);
	header = b.bytes + 4096 + over;
	memcpy(header, "hbin", 4);
	put32(header + 4, over);
	put32(header + 8, 2 * PAGE);
	put32(header + 32, (uint32_t) - (2 * PAGE - 32));
	scan();
	cr_assert(only_rule(&issues, "bin-size"));
	cr_assert_eq(issues.count, 1);
	cr_assert(gives(first + 32) && gives(over + 32));
	cr_assert_not(gives(inside));
	cr_assert_not(whi_image_starts(&img, inside));
	check_tiling();
}

Test(image, random_words)
{
	uint32_t seed = 12345;

	for (int round = 0; round < 300; round++) {
		build_three(2 * PAGE);
		for (int i = 0; i < 40; i++) {
			seed = seed * 1664525 + 1013904223;
			put32(b.bytes + 4096 + (seed >> 8) % (4 * PAGE / 4) * 4,
			      round % 2 ? seed : (seed >> 4) % 64 * 8);
		}
		scan();
		check_tiling();
		fini();
	}
	build(5);
	scan();
}
