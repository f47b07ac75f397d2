/* SPDX-License-Identifier: MIT */
/* Hives written anew: nothing is lost, nothing that is not needed comes along. */
#include "compaction.h"
#include "disk/regf.h"
#include "editing.h"
#include "hive_builder.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BINS = 4096,
	NK_ACCESS = 12,
	NK_LAYER_AT = 13,
	NK_SPARE = 14,
	LARGE = 40000,
	LARGE_BIN = 45056
};

static char why[1000];
static struct wh_compact_report report;
static uint8_t large[LARGE];

static void
setup(void)
{
	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (uint8_t)(i * 7 + i / 251);
}

TestSuite(compact, .init = setup);

/* Compact, with all that compact_and_look() holds against it. */
static struct wh_hive *
compacted(struct wh_hive *hive)
{
	struct wh_hive *to = compact_and_look(hive, &report, why, sizeof why);

	cr_assert(to != NULL, "%s", why);
	return to;
}

/* The same of a hive that was built, which is done with. */
static struct wh_hive *
compacted_builder(struct builder *b)
{
	struct wh_hive *hive = builder_open(b, NULL), *to = compacted(hive);

	wh_hive_close(hive);
	builder_fini(b);
	return to;
}

/* ------------------------------------------------------------- all versions */

static void
fill(struct wh_hive *hive)
{
	struct wh_key a = make_key(hive, "A"), b;
	uint8_t sd[SMALL_SD];
	char name[40];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "A\\gone %d", i);
		set_value(make_key(hive, name), "data", large, 3000);
	}
	set_value(a, "", "abcd", 4);
	set_value(a, "none", "", 0);
	set_value(a, "five", "abcde", 5);
	set_value(a, "\xd0\x96", large, 16344);
	set_value(a, "more", large, 16345);
	set_value(a, "large", large, sizeof large);
	cr_assert_eq(wh_key_set_class(a, "Class\xe2\x82\xac", WH_NTS), WH_OK);
	b = make_key(hive, "B\xe6\x97\xa5\xed\xa0\x80\\C");
	small_sd(sd, 0x20019, 0);
	cr_assert_eq(wh_key_set_security(b, sd, sizeof sd), WH_OK);
	cr_assert_eq(wh_key_set_security(a, sd, sizeof sd), WH_OK);
	cr_assert_eq(wh_key_set_flags(b, 9, 6), WH_OK);
	cr_assert_eq(wh_key_set_time(b, 12345), WH_OK);
	set_value(b, "long", large, 2000);
	cr_assert_eq(wh_value_delete(b, "long", WH_NTS), WH_OK);
	for (int i = 1; i < 40; i++) {
		snprintf(name, sizeof name, "A\\gone %d", i);
		cr_assert_eq(wh_key_delete(open_key(hive, name)), WH_OK);
	}
}

Test(compact, every_version)
{
	for (uint32_t minor = 2; minor <= 6; minor++) {
		struct wh_hive *hive = new_hive(minor), *to;
		struct wh_base_block base;
		uint8_t sd[SMALL_SD];
		struct wh_key a;

		fill(hive);
		to = compacted(hive);
		wh_hive_base_block(to, NULL, &base);
		a = open_key(to, "A");
		cr_expect_eq(base.minor, minor);
		cr_expect_lt(report.bytes_after, report.bytes_before);
		cr_expect_eq(report.dropped_cells, 0);
		cr_expect_eq(report.merged, 0);
		cr_expect(has_class(a, "Class\xe2\x82\xac"));
		cr_expect(has_value(a, "large", large, sizeof large));
		cr_expect(has_value(a, "\xd0\x96", large, 16344));
		cr_expect(has_value(a, "none", "", 0));
		small_sd(sd, 0x20019, 0);
		cr_expect(has_security(a, sd, sizeof sd));
		cr_expect_eq(references_of(a), 2);
		/* The longest name was that of a key that is gone. */
		cr_expect_eq(info_of(open_key(hive, "A")).max_name_len, 14);
		cr_expect_eq(info_of(a).max_name_len, 12);
		cr_expect_eq(info_of(wh_hive_root(to)).parent, WH_NO_CELL);
		expect_sound(to);
		wh_hive_close(to);
		close_hive(hive);
	}
}

Test(compact, nothing_but_a_root)
{
	struct wh_hive *hive = new_hive(5), *to = compacted(hive);

	cr_expect_eq(report.keys, 1);
	cr_expect_eq(report.values, 0);
	cr_expect_eq(report.bytes_after, 2 * 4096);
	wh_hive_close(to);
	close_hive(hive);
}

/* What comes out is a hive like any other. */
Test(compact, and_changed)
{
	struct wh_hive *hive = new_hive(5), *to;
	struct wh_options options = { .time = LATER };

	fill(hive);
	cr_assert_eq(wh_hive_compact(hive, &options, &to, NULL), WH_OK);
	cr_expect_not(wh_hive_changed(to));
	fill(to);
	make_key(to, "new");
	cr_expect_eq(info_of(open_key(to, "new")).last_written, LATER);
	cr_expect(has_value(open_key(to, "A"), "large", large, sizeof large));
	cr_expect_not(has_key(hive, "new"));
	expect_sound(to);
	wh_hive_discard(to);
	expect_sound(to);
	wh_hive_close(to);
	close_hive(hive);
}

/* -------------------------------------------------------------- fields of keys */

Test(compact, every_field)
{
	struct builder b;
	struct wh_hive *to;
	struct wh_key_info info;
	uint32_t root, link, key;
	const uint16_t class_name[] = { 'c', 0x416 };
	uint8_t *nk;
	size_t size;

	builder_init(&b, 6);
	root = builder_key(&b, NO_PARENT, "ROOT");
	link = builder_key(&b, root, "link");
	key = builder_key(&b, root, "other");
	builder_set_list(&b, root, builder_list(&b, "lh", (uint32_t[]){ link, key }, 2), 2);
	builder_set_class(&b, key, class_name, 2);
	nk = builder_at(&b, link);
	put16(nk + 2, WH_KEY_COMP_NAME | WH_KEY_SYM_LINK | WH_KEY_NO_DELETE);
	nk = builder_at(&b, key);
	put16(nk + 2, WH_KEY_COMP_NAME | WH_KEY_VIRTUAL_SOURCE | WH_KEY_VIRTUAL_STORE | 0x1000);
	put64(nk + 4, 0x0123456789abcdef);
	nk[NK_ACCESS] = 2;
	nk[NK_LAYER_AT] = 0x83;
	put16(nk + NK_SPARE, 0x5678);
	put32(nk + 24, 3);          /* volatile count and list */
	put32(nk + 32, 0x80000020); /* of a time when it was loaded */
	put16(nk + 52, 500);
	nk[54] = 0xa5;
	nk[55] = 0x81;
	put32(nk + 68, 99);
	to = compacted_builder(&b);
	info = info_of(open_key(to, "link"));
	cr_expect_eq(info.flags, WH_KEY_COMP_NAME | WH_KEY_SYM_LINK | WH_KEY_NO_DELETE);
	info = info_of(open_key(to, "other"));
	cr_expect_eq(info.flags & 0xf280, 0x1280);
	cr_expect_eq(info.last_written, 0x0123456789abcdef);
	cr_expect_eq(info.access, 2);
	cr_expect_eq(info.layer, WH_LAYER_SUPERSEDE_TREE);
	cr_expect(info.inherit_class);
	cr_expect_eq(info.volatile_count, 0);
	cr_expect_eq(info.max_name_len, 0);
	cr_expect_eq(info.user_flags, 5);
	cr_expect_eq(info.virtual_flags, 10);
	cr_expect_eq(info.debug, 0x81);
	cr_expect_eq(info.work_var, 0);
	nk = (uint8_t *)wh_hive_bytes(to, &size) + BINS + info.cell + 4;
	cr_expect_eq(get32(nk + 12), 0x56788302);
	cr_expect_eq(get32(nk + 32), WH_NO_CELL);
	cr_expect_eq(info_of(wh_hive_root(to)).max_class_len, 4);
	wh_hive_close(to);
}

Test(compact, predefined_handle)
{
	struct builder b;
	struct wh_hive *to;
	struct wh_key_info info;
	uint32_t root, key, below, list;
	uint8_t *nk;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	key = builder_key(&b, root, "009");
	below = builder_key(&b, key, "below");
	builder_set_list(&b, root, builder_list(&b, "lh", &key, 1), 1);
	builder_set_list(&b, key, builder_list(&b, "lh", &below, 1), 1);
	list = builder_cell(&b, 8);
	nk = builder_at(&b, key);
	put16(nk + 2, WH_KEY_COMP_NAME | WH_KEY_PREDEF_HANDLE);
	put32(nk + 36, 0x80000009);
	put32(nk + 40, list);
	to = compacted_builder(&b);
	info = info_of(open_key(to, "009"));
	cr_expect_eq(info.flags, WH_KEY_COMP_NAME | WH_KEY_PREDEF_HANDLE);
	cr_expect_eq(info.value_count, 0x80000009);
	cr_expect_eq(info.value_list, WH_NO_CELL);
	cr_expect_eq(report.dropped_cells, 1);
	cr_expect(has_key(to, "009\\below"));
	wh_hive_close(to);
}

/* ---------------------------------------------------------------------- values */

/* One value whose cells the caller makes, in a hive of some version. */
static struct wh_hive *
with_value(uint32_t minor, uint32_t (*make)(struct builder *b))
{
	struct builder b;
	uint32_t root, value;

	builder_init(&b, minor);
	root = builder_key(&b, NO_PARENT, "ROOT");
	value = make(&b);
	builder_set_values(&b, root, &value, 1);
	return compacted_builder(&b);
}

static struct wh_value_info
value_of(struct wh_hive *hive, const char *name)
{
	struct wh_value_info info;
	struct wh_value value;

	cr_assert_eq(wh_key_value(wh_hive_root(hive), name, WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_value_info(value, &info), WH_OK);
	return info;
}

/* Data in one cell, however much it is. */
static uint32_t
make_plain(struct builder *b)
{
	uint32_t value = builder_value(b, "v", WH_REG_BINARY, large, 100), data;

	builder_bin(b, LARGE_BIN);
	data = builder_cell(b, LARGE);
	memcpy(builder_at(b, data), large, LARGE);
	put32(builder_at(b, value) + 4, LARGE);
	put32(builder_at(b, value) + 8, data);
	return value;
}

/* Data in segments, whatever the version. */
static uint32_t
make_segments(struct builder *b)
{
	uint32_t value = builder_value(b, "v", WH_REG_BINARY, large, 100);
	uint32_t db = builder_cell(b, 8), list = builder_cell(b, 12);

	put32(builder_at(b, value) + 4, LARGE);
	put32(builder_at(b, value) + 8, db);
	memcpy(builder_at(b, db), "db", 2);
	put16(builder_at(b, db) + 2, 3);
	put32(builder_at(b, db) + 4, list);
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t at = i * 16344, segment;

		builder_bin(b, 4 * 4096);
		segment = builder_cell(b, 16348);
		memcpy(builder_at(b, segment), large + at, LARGE - at < 16344 ? LARGE - at : 16344);
		put32(builder_at(b, list) + 4 * i, segment);
	}
	return value;
}

Test(compact, large_data_as_the_version_has_them)
{
	static uint32_t (*const makers[])(struct builder *) = { make_plain, make_segments };

	for (uint32_t minor = 3; minor <= 5; minor++)
		for (int i = 0; i < 2; i++) {
			struct wh_hive *hive = with_value(minor, makers[i]);

			cr_expect(has_value(wh_hive_root(hive), "v", large, LARGE));
			cr_expect_eq(value_of(hive, "v").big_data, minor >= 4);
			/* Cells of the old value and its data are all known. */
			cr_expect_eq(report.dropped_cells, 1); /* of 100 bytes */
			wh_hive_close(hive);
		}
}

/* The cell of a value may be as small as its data, though Windows would make a larger one. */
Test(compact, no_cell_becomes_larger)
{
	struct wh_hive *hive = with_value(3, make_plain);
	struct wh_hive_stats stats;

	wh_hive_stats(hive, &stats);
	cr_expect_lt(stats.used_bytes, LARGE + 400);
	wh_hive_close(hive);
}

static uint32_t
make_short(struct builder *b)
{
	uint32_t value = builder_value(b, "v", WH_REG_DWORD, large, 100);

	put32(builder_at(b, value) + 4, 3);
	put16(builder_at(b, value) + 18, 0xdddd); /* spare: left there by somebody */
	return value;
}

Test(compact, short_data_go_into_the_value)
{
	struct wh_hive *hive = with_value(5, make_short);
	struct wh_value_info info = value_of(hive, "v");
	size_t size;
	const uint8_t *vk = wh_hive_bytes(hive, &size);

	vk += BINS + info.cell + 4;
	cr_expect(info.inline_data);
	cr_expect_eq(get32(vk + 8), (uint32_t)(large[0] | large[1] << 8 | large[2] << 16));
	cr_expect_eq(get32(vk + 16), 1);
	cr_expect_eq(report.dropped_cells, 0);
	wh_hive_close(hive);
}

static uint32_t
make_tombstone(struct builder *b)
{
	uint32_t value = builder_value(b, "v", WH_REG_NONE, "", 0);

	put32(builder_at(b, value) + 4, 0);
	put32(builder_at(b, value) + 8, WH_NO_CELL);
	put16(builder_at(b, value) + 16, 3);
	return value;
}

Test(compact, tombstone)
{
	struct wh_hive *hive = with_value(6, make_tombstone);
	struct wh_value_info info = value_of(hive, "v");

	cr_expect(info.tombstone);
	cr_expect_not(info.inline_data);
	cr_expect_eq(info.data_cell, WH_NO_CELL);
	wh_hive_close(hive);
}

/* -------------------------------------------------------------- lists, security */

static void
crowd(struct wh_hive *hive, uint32_t count)
{
	char name[40];

	for (uint32_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "crowd\\key %05u", (unsigned)(i * 7919 % count));
		make_key(hive, name);
	}
}

/* The signature of the list of 'crowd', and its elements. */
static void
expect_list(struct wh_hive *hive, const char *kind, uint32_t count)
{
	uint32_t cell = info_of(open_key(hive, "crowd")).subkey_list;
	size_t size;
	const uint8_t *list = wh_hive_bytes(hive, &size);

	list += BINS + cell + 4;
	cr_expect_eq(memcmp(list, kind, 2), 0, "%.2s, due %s", (const char *)list, kind);
	cr_expect_eq(get32(list) >> 16, count);
}

Test(compact, lists_as_the_version_wants_them)
{
	static const struct {
		uint32_t minor, count;
		const char *kind;
		uint32_t elements;
	} cases[] = {
		{ 2, 1013, "li", 1013 }, { 2, 1014, "ri", 2 },    { 3, 507, "lf", 507 },
		{ 3, 508, "li", 508 },   { 4, 1013, "li", 1013 }, { 4, 3001, "ri", 3 },
		{ 5, 508, "lh", 508 },   { 5, 1013, "lh", 1013 }, { 6, 3042, "ri", 4 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wh_hive *hive = new_hive(cases[i].minor), *to;

		crowd(hive, cases[i].count);
		to = compacted(hive);
		expect_list(to, cases[i].kind, cases[i].elements);
		cr_expect(has_key(to, "crowd\\key 00000"));
		cr_expect(has_key(to, "crowd\\KEY 00506"));
		cr_expect_eq(info_of(open_key(to, "crowd")).subkey_count, cases[i].count);
		wh_hive_close(to);
		close_hive(hive);
	}
}

Test(compact, lists_of_other_kinds)
{
	static const char *const kinds[] = { "li", "lf" };

	for (int i = 0; i < 2; i++) {
		struct builder b;
		struct wh_hive *to;
		uint32_t root, keys[2], leaf;

		builder_init(&b, 5);
		root = builder_key(&b, NO_PARENT, "ROOT");
		keys[0] = builder_key(&b, root, "a");
		keys[1] = builder_key(&b, root, "b");
		leaf = builder_list(&b, kinds[i], keys, 2);
		builder_set_list(&b, root, builder_list(&b, "ri", &leaf, 1), 2);
		to = compacted_builder(&b);
		cr_expect_eq(report.dropped_cells, 0); /* the ri and its leaf are not */
		cr_expect(has_key(to, "b"));
		wh_hive_close(to);
	}
}

/* A wrong hash is a note, and right afterwards. */
Test(compact, wrong_hash)
{
	struct builder b;
	struct wh_hive *to;
	uint32_t root, key, list;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	key = builder_key(&b, root, "a");
	list = builder_list(&b, "lh", &key, 1);
	builder_set_list(&b, root, list, 1);
	put32(builder_at(&b, list) + 8, 1);
	to = compacted_builder(&b);
	cr_expect(has_key(to, "a"));
	wh_hive_close(to);
}

/* A second and a third security cell; only the third has another descriptor. */
static void
add_security(struct builder *b, uint32_t cells[2])
{
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *sk;

		cells[i] = builder_cell(b, 40);
		sk = builder_at(b, cells[i]);
		memcpy(sk, builder_at(b, b->security), 40);
		put32(sk + 12, 1);
		sk[20 + 3] |= (uint8_t)(i << 4);
	}
	put32(builder_at(b, b->security) + 4, cells[0]);
	put32(builder_at(b, cells[0]) + 4, cells[1]);
	put32(builder_at(b, cells[1]) + 4, b->security);
	put32(builder_at(b, b->security) + 8, cells[1]);
	put32(builder_at(b, cells[0]) + 8, b->security);
	put32(builder_at(b, cells[1]) + 8, cells[0]);
}

Test(compact, equal_descriptors_are_shared)
{
	struct builder b;
	struct wh_hive *to;
	uint32_t root, keys[3], cells[2];

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	keys[0] = builder_key(&b, root, "a");
	keys[1] = builder_key(&b, root, "b");
	keys[2] = builder_key(&b, root, "c");
	builder_set_list(&b, root, builder_list(&b, "lh", keys, 3), 3);
	add_security(&b, cells);
	put32(builder_at(&b, keys[1]) + 44, cells[0]);
	to = compacted_builder(&b);
	cr_expect_eq(report.merged, 1);
	cr_expect_eq(report.dropped_cells, 1); /* the third has no user */
	cr_expect_eq(references_of(open_key(to, "b")), 4);
	cr_expect_eq(info_of(open_key(to, "a")).security, info_of(open_key(to, "b")).security);
	wh_hive_close(to);

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	keys[0] = builder_key(&b, root, "a");
	builder_set_list(&b, root, builder_list(&b, "lh", keys, 1), 1);
	add_security(&b, cells);
	put32(builder_at(&b, keys[0]) + 44, cells[1]);
	to = compacted_builder(&b);
	cr_expect_eq(report.merged, 0);
	cr_expect_eq(references_of(open_key(to, "a")), 1);
	cr_expect_eq(references_of(wh_hive_root(to)), 1);
	wh_hive_close(to);
}

Test(compact, cells_that_nobody_refers_to)
{
	struct builder b;
	struct wh_hive *to;
	uint32_t cell;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	cell = builder_cell(&b, 100);
	memset(builder_at(&b, cell), 'x', 100);
	to = compacted_builder(&b);
	cr_expect_eq(report.dropped_cells, 1);
	cr_expect_eq(report.dropped_bytes, 104);
	wh_hive_close(to);
}

/* -------------------------------------------------------------------- refusals */

static void
expect_refused(struct wh_hive *hive, enum wh_status due)
{
	struct wh_hive *to = hive;
	enum wh_status st = wh_hive_compact(hive, NULL, &to, &report);

	cr_expect_eq(st, due, "%s", wh_status_name(st));
	cr_expect_null(to);
	cr_expect_eq(report.bytes_before, 0);
}

Test(compact, refused)
{
	struct builder b;
	struct wh_hive *hive;
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	uint32_t root, key;

	expect_refused(NULL, WH_E_INVALID);

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	key = builder_key(&b, root, "a");
	builder_set_list(&b, root, builder_list(&b, "lh", &key, 1), 2);
	hive = builder_open(&b, &options);
	expect_refused(hive, WH_E_CORRUPT);
	wh_hive_close(hive);
	builder_fini(&b);
}

Test(compact, refused_while_dirty)
{
	struct wh_hive *fresh = new_hive(5), *hive, *to;
	struct bytes bytes = take_bytes(fresh);
	struct wh_options options = { .flags = WH_OPEN_TAKE_DIRTY };
	uint8_t *base = bytes.at;

	put32(base + 4, get32(base + 4) + 1);
	put32(base + 508, get32(base + 508) ^ get32(base + 4) ^ (get32(base + 4) - 1));
	cr_assert_eq(wh_hive_open_memory(bytes.at, bytes.len, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_DIRTY);
	expect_refused(hive, WH_E_DIRTY);
	wh_hive_close(hive);
	cr_assert_eq(wh_hive_open_memory(bytes.at, bytes.len, &options, &hive), WH_OK);
	cr_assert_eq(wh_hive_compact(hive, NULL, &to, NULL), WH_OK);
	expect_sound(to);
	wh_hive_close(to);
	wh_hive_close(hive);
	drop_bytes(bytes);
	close_hive(fresh);
}

/* The new hive has an allocator of its own, and both of them run out of memory. */
static void
starve_compaction(bool source)
{
	struct wh_hive *hive, *to, *fresh = new_hive(4);
	struct meter meters[2];
	struct wh_allocator alloc[2];
	struct wh_options options[2] = { 0 };
	struct bytes bytes;
	enum wh_status st = WH_E_MEMORY;
	size_t n = 0;

	fill(fresh);
	crowd(fresh, 1200);
	bytes = take_bytes(fresh);
	for (int i = 0; i < 2; i++) {
		meters[i] = (struct meter){ .left = SIZE_MAX };
		alloc[i] = meter_allocator(&meters[i]);
		options[i].allocator = &alloc[i];
	}
	cr_assert_eq(wh_hive_open_memory(bytes.at, bytes.len, &options[0], &hive), WH_OK);
	while (st != WH_OK) {
		size_t blocks = meters[0].blocks;

		meters[!source].left = n++;
		st = wh_hive_compact(hive, &options[1], &to, &report);
		meters[!source].left = SIZE_MAX;
		cr_assert(st == WH_OK || st == WH_E_MEMORY, "%s", wh_status_name(st));
		cr_assert_eq(meters[0].blocks, blocks);
		cr_assert(still_has(hive, bytes));
		if (st != WH_OK)
			cr_assert(!to && meters[1].blocks == 0);
	}
	cr_expect_gt(n, 3);
	expect_sound(to);
	wh_hive_close(to);
	wh_hive_close(hive);
	for (int i = 0; i < 2; i++)
		cr_expect(meters[i].blocks == 0 && !meters[i].wrong_size);
	drop_bytes(bytes);
	close_hive(fresh);
}

Test(compact, without_memory)
{
	starve_compaction(false);
	starve_compaction(true);
}
