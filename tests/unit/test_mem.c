/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include "reading.h"

#include <criterion/criterion.h>
#include <string.h>

static struct meter meter;
static struct wh_allocator a;

static void
setup(void)
{
	a = meter_allocator(&meter);
}

static void
nothing_is_left(void)
{
	cr_assert_eq(meter.now, 0);
	cr_assert_eq(meter.blocks, 0);
	cr_assert_not(meter.wrong_size, "a block was given back with another size");
}

TestSuite(mem, .init = setup, .fini = nothing_is_left);

Test(mem, the_allocator_asked_for_or_that_of_the_system)
{
	struct wh_allocator none = { NULL, &meter };

	cr_assert_eq(whi_allocator(&a).ctx, &meter);
	cr_assert_not_null(whi_allocator(NULL).resize);
	cr_assert_not_null(whi_allocator(&none).resize);
}

Test(mem, a_size_of_0_is_a_block_too)
{
	void *p = whi_alloc(&a, 0), *z = whi_zalloc(&a, 0);

	cr_assert(p && z);
	whi_free(&a, p, 0);
	whi_free(&a, z, 0);
	whi_free(&a, NULL, 10);
}

Test(mem, zalloc_clears)
{
	struct wh_allocator system = whi_allocator(NULL);
	const struct wh_allocator *both[] = { &a, &system };

	for (int i = 0; i < 2; i++) {
		uint8_t *p = whi_zalloc(both[i], 1000);

		for (int j = 0; j < 1000; j++)
			cr_assert_eq(p[j], 0);
		whi_free(both[i], p, 1000);
	}
}

Test(mem, blocks_are_cleared_and_freed)
{
	struct wh_allocator system = whi_allocator(NULL);
	const struct wh_allocator *both[] = { &a, &system };
	static const size_t sizes[] = { 0, 1, 4096, (2 << 20) + 1 };

	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 4; j++) {
			uint8_t *p = whi_block_new(both[i], sizes[j]);

			cr_assert_not_null(p);
			cr_assert(sizes[j] == 0 || (p[0] == 0 && p[sizes[j] - 1] == 0));
			whi_block_free(both[i], p, sizes[j]);
			whi_block_free(both[i], NULL, sizes[j]);
		}
}

Test(mem, nothing_from_an_empty_allocator)
{
	meter.left = 0;
	cr_assert_null(whi_alloc(&a, 1));
	cr_assert_null(whi_zalloc(&a, 1));
	cr_assert_null(whi_block_new(&a, 1));
	cr_assert_null(whi_strdup(&a, "text"));
}

Test(mem, strdup_has_the_size_of_the_string)
{
	char *copy = whi_strdup(&a, "text"), *empty = whi_strdup(&a, "");

	cr_assert_str_eq(copy, "text");
	cr_assert_str_eq(empty, "");
	whi_free(&a, copy, 5);
	whi_free(&a, empty, 1);
}

Test(mem, grow_at_least_doubles)
{
	void *array = NULL;
	size_t cap = 0, before;

	for (size_t need = 1; need < 1000; need++) {
		before = cap;
		cr_assert(whi_grow(&a, &array, &cap, need, 8));
		cr_assert(cap >= need && (cap == before || cap >= 2 * before));
		memset(array, 0xff, cap * 8);
	}
	whi_free(&a, array, cap * 8);
}

Test(mem, grow_keeps_what_was_there)
{
	void *array = NULL;
	size_t cap = 0;

	cr_assert(whi_grow(&a, &array, &cap, 4, 1));
	memcpy(array, "abcd", 4);
	cr_assert(whi_grow(&a, &array, &cap, 5000, 1));
	cr_assert_arr_eq(array, "abcd", 4);
	whi_free(&a, array, cap);
}

Test(mem, grow_does_nothing_where_there_is_room)
{
	void *array = NULL;
	size_t cap = 0, calls;

	cr_assert(whi_grow(&a, &array, &cap, 0, 8));
	cr_assert_null(array);
	cr_assert(whi_grow(&a, &array, &cap, 10, 8));
	calls = meter.calls;
	cr_assert(whi_grow(&a, &array, &cap, cap, 8));
	cr_assert_eq(meter.calls, calls);
	whi_free(&a, array, cap * 8);
}

Test(mem, grow_refuses_sizes_that_wrap)
{
	void *array = NULL;
	size_t cap = 0;

	cr_assert_not(whi_grow(&a, &array, &cap, SIZE_MAX, 2));
	cr_assert_not(whi_grow(&a, &array, &cap, SIZE_MAX / 8 + 1, 8));
	cr_assert_not(whi_grow(&a, &array, &cap, SIZE_MAX / 3 + 1, 3));
	cr_assert(array == NULL && cap == 0 && meter.calls == 0);
}

Test(mem, grow_leaves_the_array_alone_when_there_is_no_more)
{
	void *array = NULL, *before;
	size_t cap = 0, size;

	cr_assert(whi_grow(&a, &array, &cap, 10, 4));
	before = array;
	size = cap;
	meter.left = 0;
	cr_assert_not(whi_grow(&a, &array, &cap, size + 1, 4));
	cr_assert(array == before && cap == size);
	whi_free(&a, array, cap * 4);
}
