/* SPDX-License-Identifier: MIT */
/* Blanks by themselves: which sectors they have, and which cells. */
#include "base/mem.h"
#include "cell/blank.h"

#include "hive_builder.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { SECTORS = 24, BYTE = 7 };

static void
hold_map(const struct whi_blanks *blanks, uint32_t map)
{
	for (size_t i = 0; i < blanks->count; i++)
		cr_assert_lt(blanks->list[i].at, blanks->list[i].end);
	for (size_t i = 1; i < blanks->count; i++)
		cr_assert_leq(blanks->list[i - 1].end, blanks->list[i].at);
	for (uint64_t i = 0; i < SECTORS; i++)
		cr_assert_eq(whi_blanks_touch(blanks, i * REGF_SECTOR, (i + 1) * REGF_SECTOR),
			     map >> i & 1, "sector %u", (unsigned)i);
}

/* Three blanks, two of which touch, and each range, also where it begins and ends in a sector. */
Test(blanks, filled_sector_by_sector)
{
	for (uint64_t from = 0; from < SECTORS; from++)
		for (uint64_t to = from; to <= SECTORS; to++) {
			uint32_t map = 0x3f << 3 | 0x3 << 9 | 0x7 << 15;
			struct whi_blanks blanks = { 0 };

			whi_blanks_add(&blanks, 3 * REGF_SECTOR, 9 * REGF_SECTOR);
			whi_blanks_add(&blanks, 9 * REGF_SECTOR, 11 * REGF_SECTOR);
			whi_blanks_add(&blanks, 15 * REGF_SECTOR, 18 * REGF_SECTOR);
			if (to > from + 1)
				whi_blanks_fill(&blanks, from * REGF_SECTOR + BYTE,
						to * REGF_SECTOR - BYTE);
			for (uint64_t i = from + 1; i + 1 < to; i++)
				map &= ~(UINT32_C(1) << i);
			hold_map(&blanks, map);
			whi_blanks_fill(&blanks, from * REGF_SECTOR, to * REGF_SECTOR);
			for (uint64_t i = from; i < to; i++)
				map &= ~(UINT32_C(1) << i);
			hold_map(&blanks, map);
		}
}

/* With no room for one more a blank stays in one piece, larger than it is. */
Test(blanks, as_many_as_there_can_be)
{
	struct whi_blanks blanks = { 0 };

	for (uint64_t i = 0; i < WHI_BLANKS; i++)
		whi_blanks_add(&blanks, 4 * i * REGF_SECTOR, (4 * i + 3) * REGF_SECTOR);
	whi_blanks_fill(&blanks, 5 * REGF_SECTOR, 6 * REGF_SECTOR);
	cr_assert_eq(blanks.count, WHI_BLANKS);
	cr_expect(whi_blanks_touch(&blanks, 5 * REGF_SECTOR, 6 * REGF_SECTOR));
	whi_blanks_fill(&blanks, 0, 3 * REGF_SECTOR);
	whi_blanks_fill(&blanks, 5 * REGF_SECTOR, 6 * REGF_SECTOR);
	cr_assert_eq(blanks.count, WHI_BLANKS);
	cr_expect_not(whi_blanks_touch(&blanks, 5 * REGF_SECTOR, 6 * REGF_SECTOR));
	cr_expect(whi_blanks_touch(&blanks, 4 * REGF_SECTOR, 5 * REGF_SECTOR));
	cr_expect(whi_blanks_touch(&blanks, 6 * REGF_SECTOR, 7 * REGF_SECTOR));
	cr_expect(whi_blanks_touch(&blanks, (4 * WHI_BLANKS - 2) * REGF_SECTOR,
				   (4 * WHI_BLANKS - 1) * REGF_SECTOR));
}

/* No cell has a byte in a blank, also where it is not zeros, and every other one is there. */
Test(blanks, cells)
{
	static const uint8_t data[700] = { 1 };
	static const struct whi_sink silent;
	struct wh_allocator system = whi_allocator(NULL);
	struct whi_image img, cut;
	struct builder b;
	char name[16];

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "v%02u", i);
		builder_value(&b, name, WH_REG_BINARY, data, sizeof data);
	}
	builder_seal(&b);
	builder_image(&b, &silent, &img);
	for (uint64_t at = REGF_BINS; at < b.size; at += REGF_SECTOR) {
		uint64_t end = at + 2 * REGF_SECTOR;
		struct whi_blanks blanks = { 0 };
		uint32_t used = 0;

		whi_blanks_add(&blanks, at, end);
		builder_image(&b, &silent, &cut);
		whi_image_cut(&cut, &blanks);
		for (uint32_t off = 0; off < img.length; off += REGF_CELL_ALIGN) {
			uint64_t cell = REGF_BINS + (uint64_t)off;
			bool is_used = false, gone;

			gone = !whi_image_starts(&img, off) ||
			       whi_blanks_touch(&blanks, cell,
						cell + whi_image_cell_size(&img, off, &is_used));
			cr_assert_eq(whi_image_starts(&cut, off), !gone, "0x%x", off);
			used += !gone && is_used;
		}
		cr_assert_eq(cut.counts.used_cells, used);
		whi_image_forget(&cut, &system);
	}
	whi_image_forget(&img, &system);
	builder_fini(&b);
}
