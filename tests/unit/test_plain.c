/* SPDX-License-Identifier: MIT */
/*
 * The short ways to keys, values, data and lists: each takes what is whole, up to the last byte
 * of its cell, and nothing else.  The long ways take them from there.
 */
#include "base/mem.h"
#include "tree/subkeys.h"
#include "tree/vk.h"

#include "hive_builder.h"

#include <criterion/criterion.h>
#include <string.h>

static struct builder b;
static struct whi_sink silent;
static struct whi_image img;
static struct whi_bins bins;

static void
setup(void)
{
	builder_init(&b, 5);
}

static void
fini(void)
{
	struct wh_allocator system = whi_allocator(NULL);

	whi_image_forget(&img, &system);
	builder_fini(&b);
}

TestSuite(plain, .init = setup, .fini = fini);

/* What was built can be looked at; nothing is built any more, but bytes of records may change. */
static void
look(void)
{
	builder_image(&b, &silent, &img);
	bins = whi_plain_bins(&img);
}

static bool
takes_key(uint32_t cell)
{
	int64_t room;
	const struct regf_nk *disk = whi_nk_plain(&bins, (cellref){ cell }, &room);

	if (disk)
		cr_assert(room == builder_len(&b, cell) &&
			  disk == (const void *)builder_at(&b, cell));
	return disk != NULL;
}

Test(plain, keys)
{
	uint32_t key = builder_key(&b, NO_PARENT, "ROOT"), cut, freed;
	le16 *name_len;

	cut = builder_cell(&b, sizeof(struct regf_nk) - 8);
	memcpy(builder_at(&b, cut), "nk", 2);
	freed = builder_key(&b, key, "freed");
	builder_free(&b, freed);
	look();
	name_len = &((struct regf_nk *)builder_at(&b, key))->name_len;
	cr_assert(takes_key(key));
	cr_assert_not(takes_key(cut));
	cr_assert_not(takes_key(freed));
	cr_assert_not(takes_key(key + 8));
	cr_assert_not(takes_key(b.security), "another signature");
	cr_assert_not(takes_key(UINT32_MAX));
	*name_len = le16_make((uint16_t)(builder_len(&b, key) - sizeof(struct regf_nk)));
	cr_assert(takes_key(key));
	*name_len = le16_make((uint16_t)(le16_get(*name_len) + 1));
	cr_assert_not(takes_key(key));
	*name_len = le16_make(UINT16_MAX);
	cr_assert_not(takes_key(key));
}

static bool
takes_value(uint32_t cell)
{
	int64_t room;
	const struct regf_vk *disk = whi_vk_plain(&bins, (cellref){ cell }, &room);

	if (disk)
		cr_assert(room == builder_len(&b, cell) &&
			  disk == (const void *)builder_at(&b, cell));
	return disk != NULL;
}

Test(plain, values)
{
	uint32_t value = builder_value(&b, "name", WH_REG_DWORD, "abcd", 4), cut, freed;
	le16 *name_len;

	cut = builder_cell(&b, sizeof(struct regf_vk) - 8);
	memcpy(builder_at(&b, cut), "vk", 2);
	freed = builder_value(&b, "freed", WH_REG_DWORD, "abcd", 4);
	builder_free(&b, freed);
	look();
	name_len = &((struct regf_vk *)builder_at(&b, value))->name_len;
	cr_assert(takes_value(value));
	cr_assert_not(takes_value(cut));
	cr_assert_not(takes_value(freed));
	cr_assert_not(takes_value(b.security), "another signature");
	*name_len = le16_make((uint16_t)(builder_len(&b, value) - sizeof(struct regf_vk)));
	cr_assert(takes_value(value));
	*name_len = le16_make((uint16_t)(le16_get(*name_len) + 1));
	cr_assert_not(takes_value(value));
}

/* The data of the value at 'cell', if it says that they have 'size' bytes. */
static const uint8_t *
data_of(uint32_t cell, uint32_t said)
{
	struct regf_vk *disk = (struct regf_vk *)builder_at(&b, cell);
	uint32_t size = 0;
	const uint8_t *data;

	disk->data_len = le32_make(said);
	data = whi_vk_plain_data(&bins, disk, &size);
	if (data)
		cr_assert_eq(size, said & ~VK_INLINE);
	return data;
}

Test(plain, data)
{
	uint32_t in_place = builder_value(&b, "in place", WH_REG_DWORD, "abcd", 4);
	uint32_t apart = builder_value(&b, "apart", WH_REG_BINARY, "abcdefgh", 8);
	uint32_t large = builder_cell(&b, 3000), cell, room;
	le32 *place;

	look();
	for (uint32_t size = 0; size <= 4; size++)
		cr_assert_eq(data_of(in_place, VK_INLINE | size), builder_at(&b, in_place) + 8);
	cr_assert_null(data_of(in_place, VK_INLINE | 5));
	cr_assert_null(data_of(in_place, UINT32_MAX));
	place = &((struct regf_vk *)builder_at(&b, apart))->data;
	cell = le32_get(*place);
	room = builder_len(&b, cell);
	cr_assert_eq(data_of(apart, 1), builder_at(&b, cell));
	cr_assert_eq(data_of(apart, room), builder_at(&b, cell));
	cr_assert_null(data_of(apart, room + 1));
	cr_assert_null(data_of(apart, 0), "no data have no cell");
	*place = le32_make(large);
	cr_assert_eq(data_of(apart, 3000), builder_at(&b, large));
	*place = le32_make(large + 8);
	cr_assert_null(data_of(apart, 1));
	*place = le32_make(REGF_NIL);
	cr_assert_null(data_of(apart, 1));
}

Test(plain, data_in_segments_are_not)
{
	static const uint8_t zeros[REGF_SEGMENT + 1];
	uint32_t fits = builder_value(&b, "fits", WH_REG_BINARY, zeros, REGF_SEGMENT);
	uint32_t big = builder_value(&b, "big", WH_REG_BINARY, zeros, REGF_SEGMENT + 1);
	uint32_t one_cell = builder_cell(&b, 2 * REGF_SEGMENT);

	builder_bin(&b, 4096);
	look();
	cr_assert_not_null(data_of(fits, REGF_SEGMENT));
	cr_assert_null(data_of(big, REGF_SEGMENT + 1));
	((struct regf_vk *)builder_at(&b, fits))->data = le32_make(one_cell);
	cr_assert_not_null(data_of(fits, REGF_SEGMENT));
	cr_assert_null(data_of(fits, REGF_SEGMENT + 1), "whose version decides");
}

/* A list of 'kind' with three elements, which says that it has 'said'. */
static bool
takes_list(const char *kind, uint32_t said, bool freed)
{
	uint32_t key, list, cells[3];
	struct wh_subkeys it;
	bool taken;

	fini();
	setup();
	key = builder_key(&b, NO_PARENT, "ROOT");
	for (int i = 0; i < 3; i++)
		cells[i] = builder_key(&b, key, (const char *[]){ "a", "b", "c" }[i]);
	list = builder_list(&b, kind, cells, 3);
	builder_set_list(&b, key, list, 7);
	if (freed)
		builder_free(&b, list);
	look();
	put16(builder_at(&b, list) + 2, said);
	taken = whi_subkeys_begin_plain(&bins, (cellref){ key },
					(const struct regf_nk *)builder_at(&b, key), &it);
	if (taken) {
		cr_assert_eq(it.leaf, builder_at(&b, list) + 4);
		cr_assert_eq(it.leaf_end - it.leaf, (ptrdiff_t)said * 8);
		cr_assert(it.list == NULL && it.list_end == NULL);
		cr_assert(it.key.cell == key && it.stride == 8 && it.seen == 0 && it.due == 7);
		cr_assert_eq(it.kind, kind[1] == 'h' ? WHI_LIST_LH : WHI_LIST_LF);
		cr_assert_not(it.settled);
	}
	return taken;
}

Test(plain, lists)
{
	/* 4 bytes and 3 elements fill a cell of 32 bytes. */
	cr_assert(takes_list("lh", 3, false));
	cr_assert(takes_list("lf", 3, false));
	cr_assert(takes_list("lh", 1, false));
	cr_assert(takes_list("lh", 0, false));
	cr_assert_not(takes_list("lh", 4, false));
	cr_assert_not(takes_list("lf", UINT16_MAX, false));
	cr_assert_not(takes_list("li", 3, false));
	cr_assert_not(takes_list("ri", 3, false));
	cr_assert_not(takes_list("lh", 3, true), "freed");
}
