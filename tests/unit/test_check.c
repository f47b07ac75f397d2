/* SPDX-License-Identifier: MIT */
/*
 * The check of a whole hive.  Files that break one rule each are in tests/data/test_broken.c; here
 * is what a finding says besides, what costs memory and time, and what other parts of the library
 * leave behind.
 */
#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* ROOT: A (B), C with two values, in a hive in which everything has a security cell. */
static struct builder b;
static uint32_t root, a, below, c, values[2];
static struct wh_hive *hive;

enum { NK_PARENT = 16, NK_VOLATILE = 24, NK_COUNT = 20, NK_LIST = 28, NK_MAX_NAME = 52 };
enum { NK_MAX_VALUE_NAME = 60, NK_MAX_VALUE = 64, NK_SECURITY = 44, SK_COUNT = 12 };

static void
put(uint32_t cell, uint32_t off, uint32_t number)
{
	put32(builder_at(&b, cell) + off, number);
}

static void
setup(void)
{
	uint32_t two[2];

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	two[0] = a = builder_key(&b, root, "A");
	two[1] = c = builder_key(&b, root, "C");
	builder_set_list(&b, root, builder_list(&b, "lh", two, 2), 2);
	below = builder_key(&b, a, "B");
	builder_set_list(&b, a, builder_list(&b, "lh", &below, 1), 1);
	values[0] = builder_value(&b, "one", WH_REG_BINARY, "12345678", 8);
	values[1] = builder_value(&b, "other", WH_REG_DWORD, "\1\0\0\0", 4);
	builder_set_values(&b, c, values, 2);
	put16(builder_at(&b, root) + NK_MAX_NAME, 2);
	put16(builder_at(&b, a) + NK_MAX_NAME, 2);
	put(c, NK_MAX_VALUE_NAME, 10);
	put(c, NK_MAX_VALUE, 8);
}

static void
fini(void)
{
	wh_hive_close(hive);
	hive = NULL;
	builder_fini(&b);
}

TestSuite(check, .init = setup, .fini = fini);

/* ----------------------------------------------------------------- findings */

enum { MOST = 64 };

static struct found {
	size_t count;
	struct {
		char rule[32], path[64];
		bool has_path;
		uint32_t cell;
		enum wh_grade grade;
	} first[MOST];
	struct wh_check sums;
} found;

static void
see(void *ctx, const struct wh_finding *f)
{
	struct found *all = ctx;

	if (all->count < MOST) {
		snprintf(all->first[all->count].rule, 32, "%s", f->issue.rule);
		snprintf(all->first[all->count].path, 64, "%.*s", (int)f->path_len,
			 f->path ? f->path : "");
		all->first[all->count].has_path = f->path != NULL;
		all->first[all->count].cell = f->issue.cell;
		all->first[all->count].grade = f->issue.grade;
	}
	all->count++;
}

static struct issues issues;

static void
look(void)
{
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };

	wh_hive_close(hive);
	hive = builder_open(&b, &options);
	issues = (struct issues){ 0 };
	found = (struct found){ 0 };
	cr_assert_eq(wh_hive_check(hive, see, &found, &found.sums), WH_OK);
	cr_expect_eq(issues.count, 0, "findings are for the caller of the check alone");
	cr_expect_eq(found.count, found.sums.notes + found.sums.healed + found.sums.refused +
					  found.sums.dangerous);
}

/* The finding of that rule, which must be there. */
static size_t
the(const char *rule)
{
	for (size_t i = 0; i < found.count && i < MOST; i++)
		if (strcmp(found.first[i].rule, rule) == 0)
			return i;
	cr_assert_fail("%s has not been found", rule);
	return 0;
}

static void
at_key(const char *rule, const char *path)
{
	size_t i = the(rule);

	cr_expect(found.first[i].has_path);
	cr_expect_str_eq(found.first[i].path, path);
}

Test(check, sound)
{
	look();
	for (size_t i = 0; i < found.count && i < MOST; i++)
		cr_expect_fail("%s at 0x%x, key %s", found.first[i].rule, found.first[i].cell,
			       found.first[i].path);
	cr_expect_eq(found.sums.keys, 4);
	cr_expect_eq(found.sums.values, 2);
	cr_expect_eq(found.sums.unowned_cells, 0);
}

/* Of a key, of one below another, of the list of a key, of the root, of nothing. */
Test(check, paths)
{
	put(below, NK_PARENT, root);
	put(c, NK_VOLATILE, 1);
	put(root, NK_VOLATILE, 1);
	look();
	at_key("key-parent", "A\\B");
	at_key("key-volatile", "");
	cr_expect_eq(found.count, 3);
	put16(builder_at(&b, a) + NK_MAX_NAME, 0);
	look();
	at_key("key-longest-low", "A");
	builder_cell(&b, 20);
	look();
	cr_expect_not(found.first[the("cell-unowned")].has_path);
}

Test(check, grades)
{
	put(c, NK_MAX_VALUE, 7);
	look();
	cr_expect_eq(found.first[the("key-longest-low")].grade, WH_DANGEROUS);
	cr_expect_eq(found.sums.dangerous, 1);
	put(c, NK_MAX_VALUE, 9);
	look();
	cr_expect_eq(found.first[the("key-longest-high")].grade, WH_NOTE);
	cr_expect_eq(found.sums.notes, 1);
}

/* The sums are the same if nobody listens. */
Test(check, without_a_listener)
{
	struct wh_check sums;

	put(c, NK_VOLATILE, 1);
	put(below, NK_PARENT, root);
	look();
	cr_assert_eq(wh_hive_check(hive, NULL, NULL, &sums), WH_OK);
	cr_expect_eq(sums.notes, 1);
	cr_expect_eq(sums.healed, 1);
	cr_expect_eq(wh_hive_check(NULL, NULL, NULL, &sums), WH_E_INVALID);
}

/* A count that is too high is only reported if all keys could be counted. */
Test(check, users)
{
	put(b.security, SK_COUNT, 5);
	look();
	cr_expect_eq(found.first[the("security-unused")].cell, b.security);
	builder_at(&b, below)[0] = 'x';
	look();
	the("key-signature");
	for (size_t i = 0; i < found.count; i++)
		cr_expect_str_neq(found.first[i].rule, "security-unused");
}

/* The first cells without an owner are named, and all of them counted. */
Test(check, unowned)
{
	for (int i = 0; i < 40; i++)
		builder_cell(&b, 20);
	look();
	cr_expect_eq(found.sums.unowned_cells, 40);
	cr_expect_eq(found.sums.unowned_bytes, 40 * 24);
	cr_expect_eq(found.count, 17);
}

/* ------------------------------------------------------------------- values */

/* Names of the same hash: four letters, each pair a carry of 37 apart. */
static void
name_of(unsigned number, char name[33])
{
	static const char *const pairs[] = { "BA", "Af" };

	for (int i = 0; i < 16; i++)
		memcpy(name + 2 * i, pairs[number >> i & 1], 2);
	name[32] = '\0';
}

static void
many_values(unsigned count, bool alike)
{
	uint32_t *cells = calloc(count, sizeof *cells);
	char name[33];

	cr_assert(cells);
	for (unsigned i = 0; i < count; i++) {
		if (alike)
			name_of(i, name);
		else
			snprintf(name, sizeof name, "Value %u", i);
		cells[i] = builder_value(&b, name, WH_REG_DWORD, "\1\0\0\0", 4);
	}
	builder_set_values(&b, a, cells, count);
	put(a, NK_MAX_VALUE_NAME, 64);
	put(a, NK_MAX_VALUE, 4);
	free(cells);
}

/* The name of a value again, in other letters, among few and among many. */
Test(check, value_twice)
{
	static const unsigned counts[] = { 1, 7, 8, 9, 63, 64, 65, 5000 };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		many_values(counts[i], false);
		look();
		for (size_t j = 0; j < found.count && j < MOST; j++)
			cr_expect_str_neq(found.first[j].rule, "value-twice");
		fini();
		setup();
	}
}

Test(check, value_twice_found)
{
	static const unsigned counts[] = { 2, 8, 9, 64, 65, 5000 };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		uint32_t list;

		many_values(counts[i], false);
		list = get32(builder_at(&b, a) + 40);
		put(list, 4 * (counts[i] - 1),
		    builder_value(&b, "vALUE 0", WH_REG_DWORD, "\2\0\0\0", 4));
		look();
		at_key("value-twice", "A");
		fini();
		setup();
	}
}

/* All of the same hash: still no more than a sort. */
Test(check, values_that_collide, .timeout = 30)
{
	many_values(50000, true);
	look();
	for (size_t j = 0; j < found.count && j < MOST; j++)
		cr_expect_str_neq(found.first[j].rule, "value-twice");
	cr_expect_eq(found.sums.values, 50002);
}

/* ---------------------------------------------------------- memory and time */

Test(check, memory)
{
	struct meter meter = { .left = SIZE_MAX };
	struct wh_allocator alloc = meter_allocator(&meter);
	struct wh_options options = { .allocator = &alloc };
	size_t blocks, bytes, failures = 0;
	enum wh_status st = WH_E_MEMORY;
	struct wh_check sums;

	many_values(100, false);
	put(below, NK_PARENT, root);
	hive = builder_open(&b, &options);
	blocks = meter.blocks;
	bytes = meter.now;
	for (size_t n = 0; st == WH_E_MEMORY; n++) {
		found = (struct found){ 0 };
		meter.left = n;
		st = wh_hive_check(hive, see, &found, &sums);
		meter.left = SIZE_MAX;
		cr_expect_eq(meter.blocks, blocks);
		cr_expect_eq(meter.now, bytes);
		failures += st == WH_E_MEMORY;
	}
	cr_expect_eq(st, WH_OK);
	cr_expect_gt(failures, 6);
	cr_expect_not(meter.wrong_size);
}

/* ------------------------------------------------------------ other parts */

/* What the library itself makes and changes has nothing to be noted. */
Test(check, after_changes)
{
	struct wh_options options = { .time = UINT64_C(132000000000000000) };
	struct wh_key key, copy;
	bool created;

	cr_assert_eq(wh_hive_new(NULL, &options, &hive), WH_OK);
	for (int i = 0; i < 50; i++) {
		char name[16];

		snprintf(name, sizeof name, "key %d", i);
		cr_assert_eq(wh_key_create(wh_hive_root(hive), name, WH_NTS, NULL, &key, &created),
			     WH_OK);
		cr_assert_eq(wh_value_set_string(key, "text", WH_NTS, WH_REG_SZ, name, WH_NTS),
			     WH_OK);
		if (i % 5 == 4)
			cr_assert_eq(wh_key_delete(key), WH_OK);
	}
	cr_assert_eq(wh_key_subkey(wh_hive_root(hive), "key 0", WH_NTS, &key), WH_OK);
	cr_assert_eq(wh_key_copy(key, wh_hive_root(hive), "copy", WH_NTS, 0, &copy), WH_OK);
	found = (struct found){ 0 };
	cr_assert_eq(wh_hive_check(hive, see, &found, &found.sums), WH_OK);
	for (size_t i = 0; i < found.count && i < MOST; i++)
		cr_expect_fail("%s at 0x%x, key %s", found.first[i].rule, found.first[i].cell,
			       found.first[i].path);
	cr_expect_eq(found.sums.keys, 42);
}
