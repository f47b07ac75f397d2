/* SPDX-License-Identifier: MIT */
/* Cells made, written to and freed; edits and levels undone to the last bit. */
#include "base/mem.h"
#include "cell/edit.h"
#include "hive/hive.h"

#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, BINS = 4096, MANY = 64 };

static struct builder b;
static struct meter meter;
static struct wh_allocator alloc;
static struct wh_hive *hive;
static struct whi_image *img;
static struct whi_edit e;
static const cellref nil = { WH_NO_CELL };

static void
setup(void)
{
	struct wh_options options = { .allocator = &alloc };

	alloc = meter_allocator(&meter);
	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	hive = builder_open(&b, &options);
	img = &hive->img;
	cr_assert_eq(whi_edit_init(&e, img, &alloc), WH_OK);
}

static void
teardown(void)
{
	whi_edit_fini(&e);
	wh_hive_close(hive);
	builder_fini(&b);
	cr_expect_eq(meter.blocks, 0, "%zu blocks are left", meter.blocks);
	cr_expect_not(meter.wrong_size);
}

TestSuite(space, .init = setup, .fini = teardown);

/* Bins and cells tile, no two free cells touch, and bits and counts say the same. */
static void
check_image(void)
{
	struct whi_counts seen = { 0 };
	const uint8_t *bins = img->bytes + BINS;

	for (uint32_t bin = 0, size; bin < img->length; bin += size) {
		bool free_before = false;

		cr_assert(memcmp(bins + bin, "hbin", 4) == 0, "no bin at 0x%x", bin);
		cr_assert_eq(get32(bins + bin + 4), bin);
		size = get32(bins + bin + 8);
		cr_assert(size >= PAGE && size % PAGE == 0 && size <= img->length - bin);
		seen.bins++;
		for (uint32_t at = bin, cell = 32; at < bin + size; at += cell) {
			int32_t word = (int32_t)get32(bins + at);

			if (at == bin) { /* the header of the bin */
				for (uint32_t i = 0; i < 32; i += 8)
					cr_assert_not(whi_image_starts(img, at + i));
				continue;
			}
			cell = (uint32_t)abs(word);
			cr_assert(cell >= 8 && cell % 8 == 0 && cell <= bin + size - at);
			cr_assert_not(word > 0 && free_before, "free cells touch at 0x%x", at);
			free_before = word > 0;
			cr_assert(whi_image_starts(img, at), "no start bit at 0x%x", at);
			for (uint32_t i = 8; i < cell; i += 8)
				cr_assert_not(whi_image_starts(img, at + i));
			*(word > 0 ? &seen.free_cells : &seen.used_cells) += 1;
			*(word > 0 ? &seen.free_bytes : &seen.used_bytes) += cell;
		}
	}
	cr_assert_eq(seen.bins, img->counts.bins);
	cr_assert_eq(seen.used_cells, img->counts.used_cells);
	cr_assert_eq(seen.free_cells, img->counts.free_cells);
	cr_assert_eq(seen.used_bytes, img->counts.used_bytes);
	cr_assert_eq(seen.free_bytes, img->counts.free_bytes);
	cr_assert(img->size >= BINS + (uint64_t)img->length);
}

/* All that an edit could change, in one block. */
struct state {
	uint64_t size, words;
	uint32_t length;
	struct whi_counts counts;
	uint8_t *bytes;
	uint64_t *starts;
};

static struct state
take(void)
{
	struct state s = { img->size, img->length / 512, img->length, img->counts, NULL, NULL };

	s.bytes = malloc(s.size);
	s.starts = malloc(s.words * 8);
	if (!s.bytes || !s.starts)
		abort();
	memcpy(s.bytes, img->bytes, s.size);
	memcpy(s.starts, img->starts, s.words * 8);
	return s;
}

static void
expect_and_drop(struct state *s)
{
	cr_expect_eq(img->size, s->size);
	cr_expect_eq(img->length, s->length);
	cr_expect_eq(memcmp(&img->counts, &s->counts, sizeof s->counts), 0);
	cr_expect_eq(memcmp(img->bytes, s->bytes, s->size), 0);
	cr_expect_eq(memcmp(img->starts, s->starts, s->words * 8), 0);
	free(s->bytes);
	free(s->starts);
}

static uint32_t
size_of(cellref ref)
{
	struct view cell;

	cr_assert(whi_cell_get(img, ref, &cell));
	return cell.len + 4;
}

Test(space, sizes_are_rounded_as_in_windows)
{
	static const struct {
		uint32_t len, size;
	} cases[] = { { 0, 8 },
		      { 1, 8 },
		      { 4, 8 },
		      { 5, 16 },
		      { 12, 16 },
		      { 16343, 16352 },
		      { 16380, 16384 },
		      { 16381, 32768 },
		      { 32764, 32768 },
		      { 32765, 65536 },
		      { 1048572, 1048576 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		whi_edit_begin(&e);
		cellref ref = whi_cell_new(&e, cases[i].len, nil);
		cr_assert_eq(whi_edit_end(&e), WH_OK);
		cr_expect_eq(size_of(ref), cases[i].size, "%u bytes: %u", cases[i].len,
			     size_of(ref));
		check_image();
	}
	whi_edit_begin(&e);
	cr_expect_eq(whi_cell_new(&e, 1048573, nil).off, WH_NO_CELL);
	cr_expect_eq(whi_edit_end(&e), WH_E_TOO_BIG);
}

Test(space, free_cells_are_used_again_and_merge_on_both_sides)
{
	cellref cells[5];
	uint32_t free_cells = img->counts.free_cells, length = img->length;

	for (int order = 0; order < 120; order++) {
		int left[5] = { 0, 1, 2, 3, 4 }, code = order;

		whi_edit_begin(&e);
		for (int i = 0; i < 5; i++)
			cells[i] = whi_cell_new(&e, 100, nil);
		for (int n = 5; n > 0; code /= n, n--) {
			int pick = code % n;

			whi_cell_free(&e, cells[left[pick]]);
			memmove(left + pick, left + pick + 1,
				(size_t)(n - pick - 1) * sizeof *left);
		}
		cr_assert_eq(whi_edit_end(&e), WH_OK);
		check_image();
		cr_assert_eq(img->counts.free_cells, free_cells);
		cr_assert_eq(img->length, length);
	}
}

Test(space, a_cell_near_another_is_in_its_page_if_there_is_room)
{
	cellref first[2], second;

	whi_edit_begin(&e);
	first[0] = whi_cell_new(&e, 4000, nil); /* a page for itself, with a little room */
	first[1] = whi_cell_new(&e, 4000, nil);
	for (int i = 0; i < 2; i++) {
		second = whi_cell_new(&e, 20, first[i]);
		cr_expect_eq(second.off / PAGE, first[i].off / PAGE);
	}
	second = whi_cell_new(&e, 200, first[0]);
	cr_expect_neq(second.off / PAGE, first[0].off / PAGE);
	cr_assert_eq(whi_edit_end(&e), WH_OK);
	check_image();
}

Test(space, writing_past_a_cell_or_to_none_fails_and_is_undone)
{
	struct state before = take();
	cellref ref;

	whi_edit_begin(&e);
	ref = whi_cell_new(&e, 12, nil);
	whi_cell_write32(&e, ref, 8, 7);
	whi_cell_write32(&e, ref, 9, 7);
	cr_expect_eq(e.status, WH_E_CORRUPT);
	whi_edit_fail(&e, WH_E_MEMORY);
	cr_expect_eq(whi_edit_end(&e), WH_E_CORRUPT, "the first status counts");
	expect_and_drop(&before);

	before = take();
	whi_edit_begin(&e);
	whi_cell_write32(&e, (cellref){ 0x28 }, 0, 7);
	cr_expect_eq(whi_edit_end(&e), WH_E_CORRUPT);
	whi_edit_begin(&e);
	whi_cell_free(&e, (cellref){ 0x24 });
	cr_expect_eq(whi_edit_end(&e), WH_E_CORRUPT);
	whi_edit_begin(&e);
	whi_cell_free(&e, nil);
	cr_expect_eq(whi_edit_end(&e), WH_OK);
	expect_and_drop(&before);
}

Test(space, bytes_are_moved_and_copied_inside_their_cells_only)
{
	static const char text[] = "0123456789ab";
	struct view cell;
	cellref one, two;

	whi_edit_begin(&e);
	one = whi_cell_new(&e, 12, nil);
	two = whi_cell_new(&e, 12, nil);
	whi_cell_write(&e, one, 0, text, 12);
	whi_cell_shift(&e, one, 2, 0, 8);
	whi_cell_copy(&e, two, 4, one, 0, 4);
	whi_cell_write16(&e, two, 0, 0x4241);
	cr_assert_eq(whi_edit_end(&e), WH_OK);
	cr_assert(whi_cell_get(img, one, &cell));
	cr_expect_eq(memcmp(cell.at, "0101234567ab", 12), 0);
	cr_assert(whi_cell_get(img, two, &cell));
	cr_expect_eq(memcmp(cell.at, "AB", 2), 0);
	cr_expect_eq(memcmp(cell.at + 4, "0101", 4), 0);
	whi_edit_begin(&e);
	whi_cell_shift(&e, one, 0, 5, 8);
	cr_expect_eq(whi_edit_end(&e), WH_E_CORRUPT);
	whi_edit_begin(&e);
	whi_cell_copy(&e, one, 0, two, 5, 8);
	cr_expect_eq(whi_edit_end(&e), WH_E_CORRUPT);
}

/* Random steps on a set of cells; what is in them is known. */
struct cells {
	cellref refs[MANY];
	uint32_t lens[MANY];
	uint8_t fill[MANY];
};

static void
random_step(struct cells *c, unsigned seed)
{
	static const uint32_t lens[] = { 4, 12, 20, 80, 100, 500, 4000, 5000, 17000 };
	int i = rand() % MANY;
	uint8_t fill = (uint8_t)(seed * 31 + (unsigned)i);
	uint8_t bytes[17000];

	if (c->refs[i].off != WH_NO_CELL) {
		whi_cell_free(&e, c->refs[i]);
		c->refs[i] = nil;
		return;
	}
	c->lens[i] = lens[(unsigned)rand() % (sizeof lens / sizeof *lens)];
	c->fill[i] = fill;
	memset(bytes, fill, sizeof bytes);
	c->refs[i] = whi_cell_new(&e, c->lens[i], c->refs[(unsigned)rand() % MANY]);
	whi_cell_write(&e, c->refs[i], 0, bytes, c->lens[i]);
}

static void
check_cells(const struct cells *c)
{
	for (int i = 0; i < MANY; i++) {
		struct view cell;

		if (c->refs[i].off == WH_NO_CELL)
			continue;
		cr_assert(whi_cell_get(img, c->refs[i], &cell));
		cr_assert_geq(cell.len, c->lens[i]);
		for (uint32_t j = 0; j < c->lens[i]; j++)
			cr_assert_eq(cell.at[j], c->fill[i]);
	}
}

Test(space, random_edits_and_undone_ones)
{
	struct cells c;

	for (int i = 0; i < MANY; i++)
		c.refs[i] = nil;
	srand(1);
	for (unsigned seed = 0; seed < 3000; seed++) {
		struct cells kept = c;
		bool fail = rand() % 3 == 0;
		struct state before = { 0 };

		if (fail)
			before = take();
		whi_edit_begin(&e);
		for (int n = rand() % 8; n >= 0; n--)
			random_step(&c, seed);
		if (fail)
			whi_edit_fail(&e, WH_E_EXISTS);
		cr_assert_eq(whi_edit_end(&e), fail ? WH_E_EXISTS : WH_OK);
		if (fail) {
			expect_and_drop(&before);
			c = kept;
		}
		check_image();
		check_cells(&c);
	}
}

Test(space, levels_are_kept_or_undone)
{
	struct cells c, at_level[3];
	struct state states[3];

	for (int i = 0; i < MANY; i++)
		c.refs[i] = nil;
	srand(2);
	at_level[0] = c;
	states[0] = take();
	for (unsigned seed = 0; seed < 2000; seed++) {
		int what = rand() % 10;

		if (what == 0 && e.depth < WHI_LEVELS) {
			at_level[e.depth] = c;
			states[e.depth] = take();
			cr_assert_eq(whi_edit_push(&e), WH_OK);
		} else if (what == 1 && e.depth > 1) {
			whi_edit_pop(&e);
			free(states[e.depth].bytes);
			free(states[e.depth].starts);
		} else if (what == 2 && e.depth > 1) {
			whi_edit_back(&e);
			c = at_level[e.depth];
			expect_and_drop(&states[e.depth]);
		} else if (what == 3 && e.depth == 1 && rand() % 4 == 0) {
			whi_edit_back(&e);
			c = at_level[0];
			expect_and_drop(&states[0]);
			states[0] = take();
		} else {
			whi_edit_begin(&e);
			random_step(&c, seed);
			cr_assert_eq(whi_edit_end(&e), WH_OK);
		}
		check_image();
		check_cells(&c);
	}
	while (e.depth > 1) {
		whi_edit_back(&e);
		expect_and_drop(&states[e.depth]);
	}
	whi_edit_back(&e);
	expect_and_drop(&states[0]);
}

Test(space, there_are_two_transactions_at_most)
{
	cr_expect_eq(whi_edit_push(&e), WH_OK);
	cr_expect_eq(whi_edit_push(&e), WH_OK);
	cr_expect_eq(whi_edit_push(&e), WH_E_INVALID);
}

Test(space, every_allocation_fails_once)
{
	/* Three cells, of which one needs a bin, and one freed: what an edit does. */
	for (size_t n = 0;; n++) {
		struct state before = take();
		enum wh_status st;

		meter.left = n;
		whi_edit_begin(&e);
		cellref one = whi_cell_new(&e, 40, nil);
		cellref two = whi_cell_new(&e, 40000, nil);
		whi_cell_write32(&e, two, 20000, 7);
		whi_cell_free(&e, one);
		whi_cell_new(&e, 80, two);
		st = whi_edit_end(&e);
		meter.left = SIZE_MAX;
		check_image();
		if (st == WH_OK) {
			cr_expect_gt(n, 3);
			free(before.bytes);
			free(before.starts);
			break;
		}
		cr_assert_eq(st, WH_E_MEMORY);
		expect_and_drop(&before);
	}
}

Test(space, dirty_pages_are_those_that_differ)
{
	uint64_t at = 0, len;
	cellref ref;

	cr_expect_not(whi_edit_dirty(&e, &at, &len));
	whi_edit_begin(&e);
	ref = whi_cell_new(&e, 5000, nil);
	cr_assert_eq(whi_edit_end(&e), WH_OK);
	at = 0;
	cr_assert(whi_edit_dirty(&e, &at, &len));
	cr_expect_eq(at, BINS + (uint64_t)ref.off - 32);
	cr_expect_eq(len, 2 * PAGE);
	at += len;
	cr_expect_not(whi_edit_dirty(&e, &at, &len));

	cr_assert_eq(whi_edit_prepare(&e), WH_OK);
	whi_edit_settle(&e);
	at = 0;
	cr_expect_not(whi_edit_dirty(&e, &at, &len));
	cr_expect_null(whi_edit_before(&e, BINS));

	whi_edit_begin(&e);
	whi_cell_write32(&e, ref, 4996, 7);
	cr_assert_eq(whi_edit_end(&e), WH_OK);
	at = 0;
	cr_assert(whi_edit_dirty(&e, &at, &len));
	cr_expect_eq(at, BINS + (uint64_t)ref.off - 32 + PAGE);
	cr_expect_eq(len, PAGE);
	cr_assert_not_null(whi_edit_before(&e, at));

	/* Written back as it was: nothing differs. */
	whi_edit_begin(&e);
	whi_cell_write32(&e, ref, 4996, 0);
	cr_assert_eq(whi_edit_end(&e), WH_OK);
	at = 0;
	cr_expect_not(whi_edit_dirty(&e, &at, &len));
}

Test(space, a_tail_after_the_bins_is_overwritten_by_growth_and_comes_back)
{
	uint8_t *file = calloc(1, b.size + 10000);
	struct wh_options options = { .allocator = &alloc };
	struct state before;

	whi_edit_fini(&e);
	wh_hive_close(hive);
	memcpy(file, b.bytes, b.size);
	memset(file + b.size, 0xee, 10000);
	cr_assert_eq(wh_hive_open_memory(file, b.size + 10000, &options, &hive), WH_OK);
	free(file);
	img = &hive->img;
	cr_assert_eq(whi_edit_init(&e, img, &alloc), WH_OK);
	before = take();
	whi_edit_begin(&e);
	whi_cell_new(&e, 7000, nil);
	whi_cell_new(&e, 7000, nil);
	cr_assert_eq(whi_edit_end(&e), WH_OK);
	check_image();
	cr_expect_gt(img->size, before.size);
	whi_edit_back(&e);
	expect_and_drop(&before);
}
