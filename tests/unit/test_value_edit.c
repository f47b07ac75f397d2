/* SPDX-License-Identifier: MIT */
/* Values put into and taken out of a key: cells, lists, data of every size. */
#include "editing.h"
#include "hive_builder.h"
#include "values.h"

#include "tree/edit.h"
#include "tree/value_edit.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT = 16344, MIB = 1 << 20, POOL = 3 * MIB };

static uint8_t pool[POOL];
static struct wh_hive *hive;
static struct wh_key root;

static void
open_new(uint32_t minor)
{
	if (hive)
		close_hive(hive);
	hive = new_hive(minor);
	root = wh_hive_root(hive);
}

static void
setup(void)
{
	for (size_t i = 0; i < POOL; i++)
		pool[i] = (uint8_t)(i * 31 + i / 251 + i / 65521);
	open_new(5);
}

static void
teardown(void)
{
	close_hive(hive);
}

TestSuite(value_edit, .init = setup, .fini = teardown);

static enum wh_status
set(const char *name, uint32_t type, const void *data, size_t size)
{
	return wh_value_set(root, name, WH_NTS, type, data, size);
}

static const uint32_t minors[] = { 3, 5, 6 };

/* -------------------------------------------------------------------- sizes */

static const uint32_t sizes[] = {
	0,     1,     3,       4,       5,     8,     12,    13,    100,
	16343, 16344, 16345,   16380,   16381, 32687, 32688, 32689, 3 * 16344 + 1,
	65532, 65533, MIB - 5, MIB - 4,
};

/* The cells of a value are those that Windows would make. */
static void
expect_shape(const char *name, uint32_t minor, uint32_t size)
{
	struct wh_value_info info = value_info_of(root, name);
	uint32_t count = (size + SEGMENT - 1) / SEGMENT, ignored;
	const uint8_t *vk = cell_at(hive, info.cell, &ignored), *db, *list;

	cr_assert_eq(info.inline_data, size <= 4);
	cr_assert_eq(info.big_data, size > SEGMENT && minor >= 4);
	if (size <= 4) {
		uint8_t zeros[4] = { 0 };

		cr_assert_eq(get32(vk + 4), 0x80000000 | size);
		cr_assert_eq(memcmp(vk + 8 + size, zeros, 4 - size), 0);
	} else if (!info.big_data) {
		cr_assert_eq(get32(vk + 4), size);
		cr_assert_eq(cell_size(hive, info.data_cell), cell_size_for(size));
	} else {
		db = cell_at(hive, info.data_cell, &ignored);
		cr_assert_eq(ignored, 16);
		cr_assert_eq(memcmp(db, "db", 2), 0);
		cr_assert_eq(get32(db) >> 16, count);
		list = cell_at(hive, get32(db + 4), &ignored);
		cr_assert_eq(ignored, cell_size_for(4 * count));
		for (uint32_t i = 0; i < count; i++)
			cr_assert_eq(cell_size(hive, get32(list + 4 * i)), 16352);
	}
}

Test(value_edit, every_size)
{
	for (size_t m = 0; m < sizeof minors / sizeof *minors; m++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			open_new(minors[m]);
			cr_assert_eq(set("v", 77, pool, sizes[i]), WH_OK);
			cr_assert(has_data(root, "v", 77, pool, sizes[i]));
			expect_shape("v", minors[m], sizes[i]);
			cr_assert_eq(info_of(root).max_value_len, sizes[i]);
			cr_assert_eq(info_of(root).max_value_name_len, 2);
			cr_assert_eq(info_of(root).last_written, NOW);
			expect_sound(hive);
		}
}

/* Data of the second size go where data of the first size are. */
static bool
same_cells(uint32_t minor, uint32_t from, uint32_t to)
{
	bool from_big = from > SEGMENT && minor >= 4, to_big = to > SEGMENT && minor >= 4;

	if (from <= 4 || to <= 4 || from_big != to_big)
		return false;
	return from_big ? (from + SEGMENT - 1) / SEGMENT == (to + SEGMENT - 1) / SEGMENT
			: cell_size_for(from) == cell_size_for(to);
}

static void
change_size(uint32_t minor, uint32_t from, uint32_t to)
{
	struct wh_value_info old, new;

	open_new(minor);
	cr_assert_eq(set("other", 1, pool + 7, 50), WH_OK);
	cr_assert_eq(set("v", 1, pool, from), WH_OK);
	old = value_info_of(root, "v");
	cr_assert_eq(set("V", 2, pool + 1000, to), WH_OK);
	new = value_info_of(root, "v");
	cr_assert(has_data(root, "v", 2, pool + 1000, to));
	cr_assert(has_data(root, "other", 1, pool + 7, 50));
	expect_shape("v", minor, to);
	cr_assert_eq(old.cell, new.cell);
	cr_assert_str_eq(names_of(root), "other,v");
	if (same_cells(minor, from, to))
		cr_assert_eq(old.data_cell, new.data_cell);
	expect_sound(hive);
}

Test(value_edit, from_every_size_to_every_other)
{
	enum { COUNT = sizeof sizes / sizeof *sizes, LARGE = 100000 };

	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i < COUNT; i++)
			for (size_t j = 0; j < COUNT; j++)
				/* 65 segments are no more interesting than 4. */
				if (minors[m] < 4 || (sizes[i] < LARGE && sizes[j] < LARGE))
					change_size(minors[m], sizes[i], sizes[j]);
}

Test(value_edit, too_big)
{
	struct bytes before;

	open_new(3);
	before = take_bytes(hive);
	cr_assert_eq(set("v", 1, pool, MIB - 3), WH_E_TOO_BIG);
	cr_assert(still_has(hive, before));
	drop_bytes(before);
	open_new(4);
	cr_assert_eq(set("v", 1, pool, MIB - 3), WH_OK);
	expect_sound(hive);
	before = take_bytes(hive);
	cr_assert_eq(set("w", 1, pool, 1071104041), WH_E_TOO_BIG);
	cr_assert_eq(set("v", 1, pool, SIZE_MAX / 2), WH_E_TOO_BIG);
	cr_assert(still_has(hive, before));
	drop_bytes(before);
}

/* --------------------------------------------------------------------- list */

Test(value_edit, deleting)
{
	struct wh_value b, d;
	struct wh_value_info info;
	const uint8_t *list;
	uint32_t size, last;

	for (const char *name = "a\0bb\0c\0d\0"; *name; name += strlen(name) + 1)
		cr_assert_eq(set(name, 3, pool, (size_t)(name[0] - 'a') * 9000), WH_OK);
	cr_assert_eq(info_of(root).max_value_name_len, 4);
	cr_assert_eq(info_of(root).max_value_len, 27000);
	b = value_of(root, "bb");
	d = value_of(root, "d");
	cr_assert_eq(wh_value_delete(root, "x", WH_NTS), WH_E_NOT_FOUND);
	cr_assert_eq(wh_value_delete(root, "BB", WH_NTS), WH_OK);
	cr_assert_str_eq(names_of(root), "a,c,d");
	expect_sound(hive);
	cr_assert_eq(wh_value_info(b, &info), WH_E_DELETED);
	cr_assert_eq(wh_value_info(d, &info), WH_OK);

	last = d.cell;
	cr_assert_eq(wh_value_delete(root, "a", WH_NTS), WH_OK);
	cr_assert_str_eq(names_of(root), "c,d");
	expect_sound(hive);
	/* The old tail stays. */
	list = cell_at(hive, info_of(root).value_list, &size);
	cr_assert_eq(get32(list + 4), last);
	cr_assert_eq(get32(list + 8), last);

	cr_assert_eq(wh_value_delete(root, "d", WH_NTS), WH_OK);
	cr_assert_str_eq(names_of(root), "c");
	cr_assert_eq(info_of(root).max_value_name_len, 4, "not exact until the last one goes");
	cr_assert_eq(info_of(root).max_value_len, 27000);
	expect_sound(hive);

	cr_assert_eq(wh_value_delete(root, "c", WH_NTS), WH_OK);
	cr_assert_eq(info_of(root).value_count, 0);
	cr_assert_eq(info_of(root).value_list, WH_NO_CELL);
	cr_assert_eq(info_of(root).max_value_name_len, 0);
	cr_assert_eq(info_of(root).max_value_len, 0);
	expect_sound(hive);
	cr_assert_eq(wh_value_delete(root, "c", WH_NTS), WH_E_NOT_FOUND);
	cr_assert_eq(set("c", 1, pool, 1), WH_OK);
	expect_sound(hive);
}

static const char *
numbered(uint32_t i)
{
	static char name[20];

	snprintf(name, sizeof name, "Value %" PRIu32, i);
	return name;
}

Test(value_edit, many_values)
{
	enum { MANY = 3000 };
	uint32_t lists = 0, list = WH_NO_CELL;

	for (uint32_t i = 0; i < MANY; i++) {
		struct wh_key_info info;

		cr_assert_eq(set(numbered(i), WH_REG_DWORD, pool + i, 4), WH_OK);
		info = info_of(root);
		cr_assert_eq(info.value_count, i + 1);
		lists += info.value_list != list;
		list = info.value_list;
		if (i + 1 < 100)
			cr_assert_eq(cell_size(hive, list), cell_size_for(4 * (i + 1)));
		if (i % 500 == 99)
			expect_sound(hive);
	}
	cr_assert_lt(lists, 50 + 25, "a longer list has room to grow");
	expect_sound(hive);
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert(has_data(root, numbered(i), WH_REG_DWORD, pool + i, 4));
	for (uint32_t i = 0; i < MANY; i += 2)
		cr_assert_eq(wh_value_delete(root, numbered(i), WH_NTS), WH_OK);
	expect_sound(hive);
	for (uint32_t i = 1; i < MANY; i += 2)
		cr_assert(has_data(root, numbered(i), WH_REG_DWORD, pool + i, 4));
}

/* A hive made cell by cell, in place of the new one; close_built() brings that back. */
static void
open_built(struct builder *b)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };

	close_hive(hive);
	hive = builder_open(b, &options);
	root = wh_hive_root(hive);
	builder_fini(b);
}

static void
close_built(void)
{
	wh_hive_close(hive);
	hive = NULL;
	open_new(5);
}

Test(value_edit, the_longest_list)
{
	enum { LONGEST = 262143 };
	struct builder b;
	uint32_t *values = malloc(LONGEST * sizeof *values);
	struct bytes before;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	values[0] = builder_value(&b, "v", 1, "abcd", 4);
	for (uint32_t i = 1; i < LONGEST; i++)
		values[i] = values[0];
	builder_set_values(&b, b.root, values, LONGEST);
	free(values);
	open_built(&b);
	before = take_bytes(hive);
	cr_assert_eq(set("w", 1, "", 0), WH_E_TOO_BIG);
	cr_assert(still_has(hive, before));
	drop_bytes(before);
	cr_assert_eq(set("v", 1, "", 0), WH_OK);
	close_built();
}

/* ------------------------------------------------------------------- damage */

enum damage {
	LIST_GONE,
	LIST_SHORT,
	ENTRY_NIL,
	VK_GONE,
	PREDEFINED,
	DATA_GONE,
	SEGMENT_GONE,
	SEGMENT_TWICE,
	DB_GONE,
	DAMAGES
};

/* A key with the values "good" and "bad", in this order, of which something is spoiled. */
static void
open_damaged(enum damage damage)
{
	struct builder b;
	uint32_t values[2], list, db;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	values[0] = builder_value(&b, "good", 1, pool, 100);
	values[1] = builder_value(&b, "bad", 1, pool, damage >= SEGMENT_GONE ? 40000 : 100);
	builder_set_values(&b, b.root, values, 2);
	list = get32(builder_at(&b, b.root) + 40);
	db = get32(builder_at(&b, values[1]) + 8);
	switch (damage) {
	case LIST_GONE:
		builder_free(&b, list);
		break;
	case LIST_SHORT:
		put32(builder_at(&b, b.root) + 36, 1000);
		break;
	case ENTRY_NIL:
		put32(builder_at(&b, list) + 4, WH_NO_CELL);
		break;
	case VK_GONE:
		memcpy(builder_at(&b, values[1]), "kv", 2);
		break;
	case PREDEFINED:
		put16(builder_at(&b, b.root) + 2, 0x40 | 0x2c);
		put32(builder_at(&b, b.root) + 36, 0x80000002);
		break;
	case DATA_GONE:
	case DB_GONE:
		builder_free(&b, db);
		break;
	case SEGMENT_GONE:
		put32(builder_at(&b, get32(builder_at(&b, db) + 4)) + 4, WH_NO_CELL);
		break;
	case SEGMENT_TWICE:
		list = get32(builder_at(&b, db) + 4);
		put32(builder_at(&b, list) + 4, get32(builder_at(&b, list)));
		break;
	default:
		break;
	}
	open_built(&b);
}

static enum wh_status
rename_to(const char *name, const char *new_name)
{
	return wh_value_rename(root, name, WH_NTS, new_name, WH_NTS);
}

Test(value_edit, what_is_damaged_is_not_changed)
{
	for (enum damage damage = 0; damage < DAMAGES; damage++) {
		struct bytes before;
		bool data_only = damage >= DATA_GONE;

		open_damaged(damage);
		before = take_bytes(hive);
		cr_assert_eq(wh_value_delete(root, "bad", WH_NTS), WH_E_CORRUPT, "%d", damage);
		cr_assert_eq(wh_value_delete(root, "none", WH_NTS),
			     data_only ? WH_E_NOT_FOUND : WH_E_CORRUPT, "%d", damage);
		if (!data_only) {
			cr_assert_eq(set("new", 1, "", 0), WH_E_CORRUPT, "%d", damage);
			cr_assert_eq(rename_to("bad", "other"), WH_E_CORRUPT, "%d", damage);
		}
		if (damage != SEGMENT_TWICE)
			cr_assert_eq(set("bad", 1, pool, 50000), WH_E_CORRUPT, "%d", damage);
		cr_assert(still_has(hive, before));
		drop_bytes(before);
		close_built();
	}
	open_damaged(DATA_GONE);
	cr_assert_eq(set("good", 1, pool, 3), WH_OK);
	cr_assert_eq(set("new", 1, pool, 3), WH_OK);
	cr_assert_eq(rename_to("bad", "other"), WH_OK);
	cr_assert(has_data(root, "good", 1, pool, 3));
	close_built();
}

/* Other makers give the last segment only what it needs. */
Test(value_edit, a_short_last_segment)
{
	struct builder b;
	uint32_t value, list, last;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	value = builder_value(&b, "v", 1, pool, 20000);
	builder_set_values(&b, b.root, &value, 1);
	last = builder_cell(&b, 20000 - SEGMENT);
	list = get32(builder_at(&b, get32(builder_at(&b, value) + 8)) + 4);
	put32(builder_at(&b, list) + 4, last);
	memcpy(builder_at(&b, last), pool + SEGMENT, 20000 - SEGMENT);
	open_built(&b);
	cr_assert(has_data(root, "v", 1, pool, 20000));
	cr_assert_eq(set("v", 1, pool + 1, 30000), WH_OK);
	cr_assert(has_data(root, "v", 1, pool + 1, 30000));
	expect_shape("v", 5, 30000);
	close_built();
}

/* ---------------------------------------------------------------- copy, drop */

static struct whi_vk
vk_of(struct wh_value value)
{
	struct whi_vk vk;

	cr_assert(whi_vk_parse(&value.hive->img, (cellref){ value.cell }, &vk));
	return vk;
}

static enum wh_status
copy_value(struct wh_hive *to, struct wh_value value)
{
	struct whi_vk vk = vk_of(value);
	struct wh_key key = wh_hive_root(to);
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	whi_values_copy(to, (cellref){ key.cell }, value.hive, &vk);
	return whi_change_end(to);
}

Test(value_edit, copying_between_hives)
{
	static const uint16_t wide[] = { 'W', 'i', 'd', 'e' };
	static const uint16_t euro[] = { 0x20ac, 'x' };
	struct builder b;
	struct wh_hive *from;
	struct wh_value value;
	uint32_t values[5];

	builder_init(&b, 6);
	builder_key(&b, NO_PARENT, "ROOT");
	values[0] = builder_value(&b, "", 1, pool, 4);
	values[1] = builder_value(&b, "Big", 2, pool + 1, 50000);
	values[2] = builder_wide_value(&b, wide, 4, 3, pool + 2, 2000);
	values[3] = builder_wide_value(&b, euro, 2, 4, pool + 3, 5);
	values[4] = builder_value(&b, "gone", 0, NULL, 0);
	put32(builder_at(&b, values[4]) + 4, 0);
	put32(builder_at(&b, values[4]) + 8, WH_NO_CELL);
	put16(builder_at(&b, values[4]) + 16, 3);
	builder_set_values(&b, b.root, values, 5);
	from = builder_open(&b, NULL);
	for (size_t m = 0; m < sizeof minors / sizeof *minors; m++) {
		open_new(minors[m]);
		cr_assert_eq(set("BIG", 7, "x", 1), WH_OK);
		for (uint32_t i = 0; i < 5; i++) {
			bool too_new = i == 4 && minors[m] < 6;

			cr_assert_eq(wh_key_value_at(wh_hive_root(from), i, &value), WH_OK);
			cr_assert_eq(copy_value(hive, value), too_new ? WH_E_NOT_SUPPORTED : WH_OK);
		}
		cr_assert(has_data(root, "", 1, pool, 4));
		cr_assert(has_data(root, "Big", 2, pool + 1, 50000));
		cr_assert(has_data(root, "Wide", 3, pool + 2, 2000));
		cr_assert_eq(value_info_of(root, "wide").flags, 1, "Latin-1 where that is enough");
		cr_assert_eq(value_info_of(root, "wide").name_len, 4);
		cr_assert(has_data(root, "\xe2\x82\xacX", 4, pool + 3, 5));
		expect_sound(hive);
	}
	cr_assert(value_info_of(root, "gone").tombstone);
	cr_assert_not(value_info_of(root, "gone").inline_data);
	cr_assert_eq(set("gone", 1, "x", 1), WH_OK);
	cr_assert_not(value_info_of(root, "gone").tombstone);
	wh_hive_close(from);
	builder_fini(&b);
}

Test(value_edit, copying_in_one_hive)
{
	struct wh_key sub;
	struct wh_value value;
	bool created;
	const uint32_t some[] = { 0, 4, 5, 900, 2000, 20000 };

	cr_assert_eq(wh_key_create(root, "sub", WH_NTS, NULL, &sub, &created), WH_OK);
	for (uint32_t i = 0; i < 6; i++)
		cr_assert_eq(wh_value_set(sub, numbered(i), WH_NTS, i, pool + i, some[i]), WH_OK);
	for (uint32_t i = 0; i < 6; i++) {
		cr_assert_eq(wh_key_value(sub, numbered(i), WH_NTS, &value), WH_OK);
		cr_assert_eq(copy_value(hive, value), WH_OK);
		cr_assert(has_data(root, numbered(i), i, pool + i, some[i]));
	}
	/* Onto itself. */
	cr_assert_eq(copy_value(hive, value_of(root, numbered(5))), WH_OK);
	cr_assert(has_data(root, numbered(5), 5, pool + 5, 20000));
	expect_sound(hive);
}

Test(value_edit, copying_what_cannot_be_read)
{
	struct wh_hive *from;
	struct wh_value value;
	struct bytes before;

	open_damaged(SEGMENT_GONE);
	value = value_of(root, "bad");
	from = hive;
	hive = NULL;
	open_new(5);
	cr_assert_eq(set("v", 1, "", 0), WH_OK);
	before = take_bytes(hive);
	cr_assert_eq(copy_value(hive, value), WH_E_CORRUPT);
	cr_assert(still_has(hive, before));
	drop_bytes(before);
	wh_hive_close(from);
}

static enum wh_status
drop(struct wh_hive *from)
{
	struct wh_key key = wh_hive_root(from);
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	whi_values_drop(from, (cellref){ key.cell });
	return whi_change_end(from);
}

Test(value_edit, dropping_all)
{
	struct wh_value first;
	struct wh_value_info info;

	cr_assert_eq(drop(hive), WH_OK);
	for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		cr_assert_eq(set(numbered(i), 1, pool, sizes[i]), WH_OK);
	first = value_of(root, numbered(0));
	cr_assert_eq(drop(hive), WH_OK);
	cr_assert_eq(info_of(root).value_count, 0);
	cr_assert_eq(info_of(root).value_list, WH_NO_CELL);
	cr_assert_eq(info_of(root).max_value_len, 0);
	cr_assert_eq(wh_value_info(first, &info), WH_E_DELETED);
	expect_sound(hive);
	for (enum damage damage = 0; damage < DAMAGES; damage++) {
		open_damaged(damage);
		cr_assert_eq(drop(hive), damage == PREDEFINED ? WH_OK : WH_E_CORRUPT, "%d", damage);
		close_built();
	}
}

/* ------------------------------------------------------- failing allocations */

/* The hive that each of the changes below is made to. */
static void
build(struct wh_hive *to)
{
	set_value(wh_hive_root(to), "small", pool, 3);
	set_value(wh_hive_root(to), "plain", pool, 9000);
	set_value(wh_hive_root(to), "big", pool, 100000);
}

static int which; /* of the changes */

static enum wh_status
change(struct wh_hive *to)
{
	static char long_name[2001];
	struct wh_key key = wh_hive_root(to);
	const void *piece;
	size_t len;

	memset(long_name, 'x', 2000);
	switch (which) {
	case 0:
		return wh_value_set(key, "new", WH_NTS, 1, pool, 3);
	case 1:
		return wh_value_set(key, long_name, WH_NTS, 1, pool, 40000);
	case 2:
		return wh_value_set(key, "small", WH_NTS, 1, pool, 500000);
	case 3:
		return wh_value_set(key, "big", WH_NTS, 1, pool, 5000);
	case 4:
		return wh_value_set(key, "big", WH_NTS, 1, pool + 1, 300001);
	case 5:
		return wh_value_rename(key, "small", WH_NTS, long_name + 1, WH_NTS);
	case 6:
		return wh_value_set_string(key, "s", WH_NTS, 1, long_name, WH_NTS);
	case 7:
		return wh_value_set_strings(key, "s", WH_NTS, long_name, WH_NTS);
	case 8:
		return copy_value(to, value_of(key, "plain"));
	case 9:
		if (wh_value_piece(value_of(key, "plain"), 0, &piece, &len) != WH_OK)
			return WH_E_CORRUPT;
		return wh_value_set(key, "copy", WH_NTS, 1, piece, len);
	case 10:
		return wh_value_delete(key, "big", WH_NTS);
	default:
		return drop(to);
	}
}

Test(value_edit, each_failing_allocation, .timeout = 120)
{
	size_t failed = 0;

	for (which = 0; which <= 11; which++)
		failed += starve(5, build, change);
	cr_assert_gt(failed, 20);
}

Test(value_edit, undone)
{
	struct bytes before;
	struct wh_value_info info;
	struct wh_value value, inside;

	build(hive);
	value = value_of(root, "plain");
	before = take_bytes(hive);
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	for (which = 0; which <= 10; which++)
		cr_assert_eq(change(hive), WH_OK, "%d", which);
	inside = value_of(root, "new");
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	cr_assert(still_has(hive, before));
	drop_bytes(before);
	cr_assert_eq(wh_value_info(inside, &info), WH_E_DELETED);
	cr_assert_eq(wh_value_info(value, &info), WH_OK);
	which = 0;
	cr_assert_eq(change(hive), WH_OK);
	expect_sound(hive);
}
