/* SPDX-License-Identifier: MIT */
#include "base/view.h"

#include <criterion/criterion.h>
#include <string.h>

static uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const struct view eight = { bytes, 8 };

Test(le, reads_the_lowest_byte_first)
{
	le16 a = { { 0x34, 0x12 } };
	le32 b = { { 0x78, 0x56, 0x34, 0x92 } };
	le64 c = { { 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x81 } };

	cr_assert_eq(le16_get(a), 0x1234);
	cr_assert_eq(le32_get(b), 0x92345678);
	cr_assert_eq(le64_get(c), UINT64_C(0x8123456789abcdef));
}

Test(le, extremes)
{
	cr_assert_eq(le16_get((le16){ { 0xff, 0xff } }), 0xffff);
	cr_assert_eq(le32_get((le32){ { 0xff, 0xff, 0xff, 0xff } }), UINT32_MAX);
	cr_assert_eq(le32_get((le32){ { 0 } }), 0);
}

Test(le, make_is_the_inverse_of_get)
{
	static const uint32_t values[] = { 0,     1,          0x80,       0xff,
					   0x100, 0x12345678, 0x80000000, UINT32_MAX };

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		cr_assert_eq(le32_get(le32_make(values[i])), values[i]);
}

Test(le, are_bytes)
{
	cr_assert_eq(_Alignof(le16), 1);
	cr_assert_eq(_Alignof(le32), 1);
	cr_assert_eq(_Alignof(le64), 1);
	cr_assert_eq(sizeof(le64), 8);
}

/* Every offset and length up to past the end, and the largest numbers there are. */
static const uint32_t bounds[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, INT32_MAX, UINT32_MAX - 1, UINT32_MAX
};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

Test(view, sub_gives_all_or_nothing)
{
	for (int i = 0; i < BOUNDS; i++)
		for (int j = 0; j < BOUNDS; j++) {
			uint64_t end = (uint64_t)bounds[i] + bounds[j];
			struct view out = { bytes, 3 };
			bool fits = view_sub(eight, bounds[i], bounds[j], &out);

			cr_assert_eq(fits, end <= 8, "%u %u", bounds[i], bounds[j]);
			cr_assert_eq(out.len, fits ? bounds[j] : 0);
			cr_assert_eq(out.at, fits ? bytes + bounds[i] : NULL);
		}
}

Test(view, sub_of_an_empty_view)
{
	struct view out, none = { 0 };

	cr_assert(view_sub(none, 0, 0, &out));
	cr_assert_not(view_sub(none, 0, 1, &out));
	cr_assert_not(view_sub(none, 1, 0, &out));
}

Test(view, sub_may_write_over_its_source)
{
	struct view v = eight;

	cr_assert(view_sub(v, 2, 4, &v));
	cr_assert(v.at == bytes + 2 && v.len == 4);
}

Test(view, clamp_gives_what_there_is)
{
	for (int i = 0; i < BOUNDS; i++)
		for (int j = 0; j < BOUNDS; j++) {
			struct view out = view_clamp(eight, bounds[i], bounds[j]);
			uint32_t room = bounds[i] < 8 ? 8 - bounds[i] : 0;

			cr_assert_eq(out.len, bounds[j] < room ? bounds[j] : room);
			if (bounds[i] <= 8)
				cr_assert_eq(out.at, bytes + bounds[i]);
		}
}

Test(view, as_needs_the_whole_struct)
{
	struct view v = eight;

	for (v.len = 0; v.len < 8; v.len++) {
		cr_assert_null(VIEW_AS(v, le64));
		cr_assert_eq(VIEW_AS(v, le32) != NULL, v.len >= 4);
	}
	cr_assert_eq((const void *)VIEW_AS(eight, le64), (const void *)bytes);
}

Test(view, u32_is_0_past_the_end)
{
	cr_assert_eq(view_u32(eight, 0, 4), 0x04030201);
	cr_assert_eq(view_u32(eight, 1, 4), 0x08070605);
	cr_assert_eq(view_u32(eight, 2, 4), 0);
	cr_assert_eq(view_u32(eight, 0, 8), 0x04030201);
	cr_assert_eq(view_u32(eight, 1, 8), 0);
	cr_assert_eq(view_u32(view_clamp(eight, 4, 4), 0, 8), 0x08070605);
	cr_assert_eq(view_u32(view_clamp(eight, 5, 4), 0, 4), 0, "three bytes are not a number");
	cr_assert_eq(view_u32((struct view){ 0 }, 0, 4), 0);
	cr_assert_eq(view_u32(eight, UINT32_MAX, 8), 0);
	cr_assert_eq(view_u32(eight, 0x40000000, 4), 0, "the product must not wrap to 0");
}
