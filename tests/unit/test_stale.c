/* SPDX-License-Identifier: MIT */
/* Which handles are refused. */
#include "hive/stale.h"

#include "base/mem.h"

#include "reading.h"

#include <criterion/criterion.h>

static struct whi_stale stale;
static struct meter meter;
static struct wh_allocator alloc;

static void
setup(void)
{
	alloc = meter_allocator(&meter);
	stale = (struct whi_stale){ 0 };
}

static void
teardown(void)
{
	whi_stale_fini(&stale, &alloc);
	cr_expect_eq(meter.blocks, 0);
	cr_expect_not(meter.wrong_size);
}

TestSuite(stale, .init = setup, .fini = teardown);

static bool
good(uint32_t cell, uint32_t generation)
{
	return whi_stale_good(&stale, cell, generation);
}

static void
give_up(uint32_t cell, bool kept)
{
	cr_assert_eq(whi_stale_doom(&stale, &alloc, (cellref){ cell }), WH_OK);
	whi_stale_end(&stale, kept);
}

Test(stale, a_cell_given_up_refuses_the_handles_from_before)
{
	uint32_t before = stale.generation;

	cr_expect(good(0x20, before));
	give_up(0x20, true);
	cr_expect_not(good(0x20, before));
	cr_expect(good(0x28, before));
	cr_expect(good(0x20, stale.generation), "the next tenant of the cell");
	give_up(0x7ffff018, true);
	cr_expect_not(good(0x7ffff018, before));
	cr_expect(good(0x7ffff010, before));
}

Test(stale, an_edit_that_is_undone_gives_up_nothing)
{
	uint32_t before = stale.generation;

	give_up(0x20, false);
	cr_expect(good(0x20, before));
	cr_expect_eq(stale.generation, before);
}

Test(stale, an_undone_transaction_refuses_what_it_gave_out)
{
	uint32_t before = stale.generation, outer, inner, between;

	cr_assert_eq(whi_stale_begin(&stale, &alloc, 0, &outer), WH_OK);
	between = stale.generation;
	cr_assert_eq(whi_stale_begin(&stale, &alloc, 1, &inner), WH_OK);
	cr_expect(good(0x20, inner));
	whi_stale_undo(&stale, inner);
	cr_expect_not(good(0x20, inner));
	cr_expect(good(0x20, between));
	cr_expect(good(0x20, stale.generation));
	whi_stale_undo(&stale, outer);
	cr_expect_not(good(0x20, between));
	cr_expect_not(good(0x20, inner));
	cr_expect(good(0x20, before));
	cr_expect(good(0x20, stale.generation));
	cr_expect_eq(stale.dead_count, 1, "the inner one is part of the outer one");
}

Test(stale, many_transactions_undone_one_after_the_other)
{
	uint32_t first[100], between[100];

	for (int i = 0; i < 100; i++) {
		cr_assert_eq(whi_stale_begin(&stale, &alloc, 0, &first[i]), WH_OK);
		whi_stale_undo(&stale, first[i]);
		between[i] = stale.generation;
	}
	for (int i = 0; i < 100; i++) {
		cr_expect_not(good(8, first[i]));
		cr_expect(good(8, between[i]));
	}
}

Test(stale, without_memory_nothing_is_promised)
{
	uint32_t first;

	meter.left = 0;
	cr_expect_eq(whi_stale_begin(&stale, &alloc, 0, &first), WH_E_MEMORY);
	for (size_t n = 0; n < 3; n++) {
		meter.left = n;
		cr_expect_eq(whi_stale_doom(&stale, &alloc, (cellref){ 0x20 }), WH_E_MEMORY);
		whi_stale_fini(&stale, &alloc);
	}
	meter.left = SIZE_MAX;
	cr_expect_eq(whi_stale_doom(&stale, &alloc, (cellref){ 0x20 }), WH_OK);
}
