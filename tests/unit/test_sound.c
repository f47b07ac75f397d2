/* SPDX-License-Identifier: MIT */
/*
 * Looking through a hive before its first change.  Files that break one rule each are in
 * tests/data/test_broken.c; here are the ways in which one cell can have two owners, security
 * cells out of order, what is no reason to refuse a hive, and what is remembered.
 */
#include "hive_builder.h"
#include "reading.h"

#include "tree/sound.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BIG = 2 * 16344 + 100, SEGMENTS = 3, DEEPEST = 512 };

/* ROOT: A (B, C), D (E, F below an ri), G.  Values below A, D and G; classes of B and C. */
static struct builder b;
static uint32_t root, a, d, g, a_sub[2], d_sub[2], a_list, leaves[2], ri;
static uint32_t values[3], d_values[2], g_value;

static struct issues issues;
static struct wh_hive *hive;

/* The fields of a cell that these tests change. */
enum { NK_PARENT = 16, NK_COUNT = 20, NK_LIST = 28, NK_VALUES = 36, NK_VALUE_LIST = 40 };
enum { NK_SECURITY = 44, NK_CLASS = 48, VK_DATA = 8, SK_NEXT = 4, SK_PREVIOUS = 8, SK_COUNT = 12 };

static void
setup(void)
{
	static const uint16_t text[] = { 'C', 'l', 'a', 's', 's' };
	static uint8_t big[BIG];
	uint32_t three[3];

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	three[0] = a = builder_key(&b, root, "A");
	three[1] = d = builder_key(&b, root, "D");
	three[2] = g = builder_key(&b, root, "G");
	builder_set_list(&b, root, builder_list(&b, "lh", three, 3), 3);
	a_sub[0] = builder_key(&b, a, "B");
	a_sub[1] = builder_key(&b, a, "C");
	a_list = builder_list(&b, "lf", a_sub, 2);
	builder_set_list(&b, a, a_list, 2);
	d_sub[0] = builder_key(&b, d, "E");
	d_sub[1] = builder_key(&b, d, "F");
	leaves[0] = builder_list(&b, "lh", &d_sub[0], 1);
	leaves[1] = builder_list(&b, "li", &d_sub[1], 1);
	ri = builder_list(&b, "ri", leaves, 2);
	builder_set_list(&b, d, ri, 2);
	builder_set_class(&b, a_sub[0], text, 5);
	builder_set_class(&b, a_sub[1], text, 5);
	values[0] = builder_value(&b, "plain", WH_REG_BINARY, "12345678", 8);
	values[1] = builder_value(&b, "big", WH_REG_BINARY, big, BIG);
	values[2] = builder_value(&b, "small", WH_REG_DWORD, "\1\0\0\0", 4);
	builder_set_values(&b, a, values, 3);
	d_values[0] = builder_value(&b, "plain", WH_REG_BINARY, "12345678", 8);
	d_values[1] = builder_value(&b, "big", WH_REG_BINARY, big, BIG);
	builder_set_values(&b, d, d_values, 2);
	g_value = builder_value(&b, "", WH_REG_SZ, NULL, 0);
	builder_set_values(&b, g, &g_value, 1);
}

static void
fini(void)
{
	wh_hive_close(hive);
	hive = NULL;
	builder_fini(&b);
}

TestSuite(sound, .init = setup, .fini = fini);

/* A number in a cell, and a reference that is changed to another one. */
static uint32_t
number(uint32_t cell, uint32_t off)
{
	return get32(builder_at(&b, cell) + off);
}

static void
put(uint32_t cell, uint32_t off, uint32_t value)
{
	put32(builder_at(&b, cell) + off, value);
}

static enum wh_status
look(void)
{
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	enum wh_status st;
	uint64_t before;

	wh_hive_close(hive);
	hive = builder_open(&b, &options);
	issues = (struct issues){ 0 };
	before = digest_add(0, hive->img.bytes, hive->img.size);
	st = whi_hive_sound(hive);
	cr_assert_eq(digest_add(0, hive->img.bytes, hive->img.size), before);
	return st;
}

static void
unsound(const char *rule)
{
	char text[256];

	cr_expect_eq(look(), WH_E_CORRUPT);
	rules_text(&issues, text, sizeof text);
	cr_expect(only_rule(&issues, rule), "%s, not %s", text, rule);
}

static void
sound(const char *note)
{
	char text[256];

	cr_expect_eq(look(), WH_OK);
	rules_text(&issues, text, sizeof text);
	cr_expect(only_rule(&issues, note), "%s", text);
}

Test(sound, good)
{
	sound(NULL);
}

/* The answer does not depend on whether anybody listens. */
Test(sound, without_a_listener)
{
	hive = builder_open(&b, NULL);
	cr_expect_eq(whi_hive_sound(hive), WH_OK);
	wh_hive_close(hive);
	put(b.security, SK_COUNT, 1);
	hive = builder_open(&b, NULL);
	cr_expect_eq(whi_hive_sound(hive), WH_E_CORRUPT);
}

/* ---------------------------------------------------------------- two owners */

/* One reference becomes a copy of another; one of the two owners is reported, once. */
static void
share(uint32_t cell, uint32_t off, uint32_t with, uint32_t with_off)
{
	put(cell, off, number(with, with_off));
	unsound("cell-shared");
	cr_expect_eq(issues.count, 1, "%zu issues", issues.count);
}

Test(sound, list_of_two_keys)
{
	put(g, NK_COUNT, 2);
	share(g, NK_LIST, d, NK_LIST);
}

Test(sound, leaf_of_two_lists)
{
	put(a, NK_COUNT, 1);
	put(a, NK_LIST, leaves[0]);
	put(d_sub[0], NK_PARENT, a);
	unsound("cell-shared");
}

Test(sound, leaf_twice_in_a_list)
{
	put(ri, 8, leaves[0]);
	unsound("cell-shared");
}

Test(sound, key_below_two_keys)
{
	put(leaves[1], 4, a_sub[1]);
	unsound("cell-shared");
}

Test(sound, key_twice_in_a_list)
{
	memcpy(builder_at(&b, a_list) + 12, builder_at(&b, a_list) + 4, 8);
	unsound("cell-shared");
}

Test(sound, key_below_itself)
{
	put(leaves[1], 4, d);
	unsound("key-cycle");
	put(leaves[1], 4, root);
	unsound("key-cycle");
}

Test(sound, value_list_of_two_keys)
{
	put(d, NK_VALUES, 1);
	share(g, NK_VALUE_LIST, d, NK_VALUE_LIST);
}

Test(sound, value_of_two_keys)
{
	share(number(g, NK_VALUE_LIST), 0, number(a, NK_VALUE_LIST), 8);
}

Test(sound, value_twice_in_a_key)
{
	share(number(a, NK_VALUE_LIST), 0, number(a, NK_VALUE_LIST), 8);
}

Test(sound, data_of_two_values)
{
	share(values[0], VK_DATA, d_values[0], VK_DATA);
}

Test(sound, big_data_of_two_values)
{
	share(values[1], VK_DATA, d_values[1], VK_DATA);
}

Test(sound, segments_of_two_values)
{
	share(number(values[1], VK_DATA), 4, number(d_values[1], VK_DATA), 4);
}

Test(sound, segment_of_two_values)
{
	share(number(number(values[1], VK_DATA), 4), 4, number(number(d_values[1], VK_DATA), 4), 8);
}

Test(sound, segment_twice_in_a_value)
{
	share(number(number(values[1], VK_DATA), 4), 4, number(number(values[1], VK_DATA), 4), 0);
}

Test(sound, class_of_two_keys)
{
	share(a_sub[0], NK_CLASS, a_sub[1], NK_CLASS);
}

/* Cells of different kinds: what has no signature can be taken for anything. */
Test(sound, list_that_is_data)
{
	put(values[0], VK_DATA, a_list);
	unsound("cell-shared");
}

Test(sound, value_list_that_is_data)
{
	put(values[0], VK_DATA, number(a, NK_VALUE_LIST));
	unsound("cell-shared");
}

Test(sound, value_list_that_is_a_key)
{
	put(g, NK_VALUE_LIST, a);
	cr_expect_eq(look(), WH_E_CORRUPT);
	cr_expect(has_rule(&issues, "cell-shared"));
}

Test(sound, value_that_is_data)
{
	put(values[0], VK_DATA, g_value);
	unsound("cell-shared");
}

Test(sound, class_that_is_a_segment)
{
	put(a_sub[0], NK_CLASS, number(number(d_values[1], VK_DATA), 4 + 0));
	unsound("cell-shared");
}

Test(sound, security_cell_that_is_data)
{
	put(values[0], VK_DATA, b.security);
	unsound("cell-shared");
}

Test(sound, root_that_is_data)
{
	put(values[0], VK_DATA, root);
	unsound("cell-shared");
}

/* ------------------------------------------------------------------ security */

/* A second security cell, in the ring, for key G. */
static uint32_t
second_security(void)
{
	uint32_t sk = builder_cell(&b, 40);

	memcpy(builder_at(&b, sk), builder_at(&b, b.security), 40);
	put(sk, SK_NEXT, b.security);
	put(sk, SK_PREVIOUS, b.security);
	put(b.security, SK_NEXT, sk);
	put(b.security, SK_PREVIOUS, sk);
	put(g, NK_SECURITY, sk);
	put(b.security, SK_COUNT, number(b.security, SK_COUNT) - 1);
	put(sk, SK_COUNT, 1);
	return sk;
}

Test(sound, two_security_cells)
{
	second_security();
	sound(NULL);
}

Test(sound, counts_too_low)
{
	uint32_t sk = second_security();

	put(sk, SK_COUNT, 0);
	unsound("security-count");
	cr_expect_eq(issues.first[0].cell, sk);
	put(sk, SK_COUNT, 1);
	put(b.security, SK_COUNT, number(b.security, SK_COUNT) - 1);
	unsound("security-count");
	cr_expect_eq(issues.first[0].cell, b.security);
}

/* Windows puts a count right when it loads the hive; until then nothing is freed too early. */
Test(sound, counts_too_high)
{
	put(b.security, SK_COUNT, number(b.security, SK_COUNT) + 1);
	sound(NULL);
	put(b.security, SK_COUNT, INT32_MAX);
	sound(NULL);
	put(b.security, SK_COUNT, (uint32_t)INT32_MAX + 1);
	unsound("security-count");
}

/* Nobody refers to it any more, as Windows leaves them: docs/format.md 8.1. */
Test(sound, security_cell_without_users)
{
	uint32_t sk = second_security();

	put(g, NK_SECURITY, b.security);
	put(b.security, SK_COUNT, number(b.security, SK_COUNT) + 1);
	sound(NULL);
	put(sk, SK_COUNT, 0);
	sound(NULL);
}

Test(sound, ring_of_three)
{
	uint32_t second = second_security(), third = builder_cell(&b, 40);

	memcpy(builder_at(&b, third), builder_at(&b, second), 40);
	put(third, SK_NEXT, b.security);
	put(third, SK_PREVIOUS, second);
	put(second, SK_NEXT, third);
	put(b.security, SK_PREVIOUS, third);
	sound(NULL);
	put(third, SK_NEXT, second); /* round and round without the first */
	unsound("security-ring");
	put(third, SK_NEXT, third);
	unsound("security-ring");
	put(third, SK_NEXT, root);
	unsound("security-ring");
	put(third, SK_NEXT, b.security);
	put(b.security, SK_PREVIOUS, second);
	unsound("security-ring");
}

Test(sound, security_cell_outside_the_ring)
{
	uint32_t sk = second_security();

	put(b.security, SK_NEXT, b.security);
	put(b.security, SK_PREVIOUS, b.security);
	put(sk, SK_NEXT, sk);
	put(sk, SK_PREVIOUS, sk);
	unsound("security-ring");
	cr_expect_eq(issues.first[0].cell, g);
}

/* Without the security cell of the root no ring is known, and none is missed. */
Test(sound, root_without_security)
{
	put(root, NK_SECURITY, WH_NO_CELL);
	unsound("key-security");
	cr_expect_eq(issues.count, 1);
}

/* ------------------------------------------------------- no reason to refuse */

Test(sound, cells_that_nobody_refers_to)
{
	builder_key(&b, root, "Orphan");
	builder_value(&b, "orphan", WH_REG_BINARY, "12345678", 8);
	sound(NULL);
}

/* The list of a key for a predefined handle is not looked at. */
Test(sound, predefined_handle)
{
	builder_at(&b, g)[2] |= WH_KEY_PREDEF_HANDLE;
	put(g, NK_VALUES, 0x80000002);
	sound("key-predefined");
}

Test(sound, memory_only_fields_and_maxima)
{
	put(a, 24, 3); /* volatile subkeys, and their list */
	put(a, 32, 0x80000120);
	put(a, 56, 77); /* too large, and too small: */
	put(a, 60, 0);
	put(a, 64, 0);
	sound(NULL);
}

Test(sound, class_cell_without_a_class)
{
	put(a_sub[0], NK_CLASS, 0);
	put16(builder_at(&b, a_sub[0]) + 74, 0);
	sound(NULL);
}

/* --------------------------------------------------------------- other rules */

Test(sound, depth)
{
	uint32_t key = g, below;

	for (unsigned depth = 1; depth < DEEPEST; depth++) {
		below = builder_key(&b, key, "deep");
		builder_set_list(&b, key, builder_list(&b, "lh", &below, 1), 1);
		key = below;
	}
	sound(NULL);
	below = builder_key(&b, key, "deeper");
	builder_set_list(&b, key, builder_list(&b, "lh", &below, 1), 1);
	unsound("key-depth");
}

/* An edit needs room behind the bins that there are, and a file that says where they end. */
Test(sound, base_block)
{
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };

	builder_seal(&b);
	put32(b.bytes + 36, d); /* the root cell, which the checksum covers */
	put32(b.bytes + 508, get32(b.bytes + 508) ^ root ^ d);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	cr_expect_eq(whi_hive_sound(hive), WH_OK, "another key is the root");
	wh_hive_close(hive);
	put32(b.bytes + 36, WH_NO_CELL);
	put32(b.bytes + 508, get32(b.bytes + 508) ^ d ^ WH_NO_CELL);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	cr_expect_eq(whi_hive_sound(hive), WH_E_CORRUPT);
}

/* -------------------------------------------------------------- what is kept */

static bool
ordered(uint32_t list)
{
	return hive->img.ordered[list / 8 / 64] >> list / 8 % 64 & 1;
}

Test(sound, lists_in_order_are_marked)
{
	sound(NULL);
	cr_expect(ordered(number(root, NK_LIST)));
	cr_expect(ordered(a_list));
	cr_expect(ordered(ri));
}

/* A hint is never relied on; a hash is. */
Test(sound, lists_with_wrong_hashes_are_not_marked)
{
	uint32_t hint = number(a_list, 8);

	put(a_list, 8, 0x41414141);
	sound("list-hint");
	cr_expect(ordered(a_list));
	put(a_list, 8, hint);
	put(leaves[0], 8, 0x41414141);
	sound("list-hash");
	cr_expect(ordered(a_list));
	cr_expect_not(ordered(ri));
}

Test(sound, lists_out_of_order_are_not_marked)
{
	put(ri, 4, leaves[1]);
	put(ri, 8, leaves[0]);
	unsound("list-order");
	cr_expect_not(ordered(ri));
	cr_expect(ordered(a_list));
}

Test(sound, lists_with_empty_leaves_are_not_marked)
{
	uint32_t three[] = { leaves[0], builder_list(&b, "lh", NULL, 0), leaves[1] };

	builder_set_list(&b, d, builder_list(&b, "ri", three, 3), 2);
	sound(NULL);
	cr_expect_not(ordered(number(d, NK_LIST)));
}

/* ------------------------------------------------------------ other failures */

Test(sound, memory)
{
	struct meter meter = { .left = SIZE_MAX };
	struct wh_allocator alloc = meter_allocator(&meter);
	struct wh_options options = { .allocator = &alloc };
	size_t blocks, bytes, failures = 0;
	enum wh_status st = WH_E_MEMORY;

	hive = builder_open(&b, &options);
	blocks = meter.blocks;
	bytes = meter.now;
	for (size_t n = 0; st == WH_E_MEMORY; n++) {
		meter.left = n;
		st = whi_hive_sound(hive);
		meter.left = SIZE_MAX;
		cr_expect_eq(meter.blocks, blocks);
		cr_expect_eq(meter.now, bytes);
		failures += st == WH_E_MEMORY;
	}
	cr_expect_eq(st, WH_OK);
	cr_expect_gt(failures, 3);
	cr_expect_not(meter.wrong_size);
}

/* A few bytes that mean a huge tree, or a huge value, take no longer than they are long. */
Test(sound, hostile)
{
	enum { MANY = 4000 };
	uint32_t *cells = malloc(MANY * sizeof *cells), list;

	cr_assert(cells);
	for (size_t i = 0; i < MANY; i++)
		cells[i] = leaves[0];
	list = builder_list(&b, "ri", cells, MANY);
	builder_set_list(&b, d, list, MANY);
	unsound("cell-shared");
	cr_expect_eq(issues.count, 1);
	for (size_t i = 0; i < MANY; i++)
		cells[i] = values[1];
	builder_set_values(&b, g, cells, MANY);
	unsound("cell-shared");
	cr_expect_eq(issues.count, 1 + MANY);
	free(cells);
}
