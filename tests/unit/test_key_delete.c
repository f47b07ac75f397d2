/* SPDX-License-Identifier: MIT */
/* Keys deleted, alone and with all below them: what goes, what stays, what the cells keep. */
#include "editing.h"
#include "hive_builder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, CELL_HEAD = 4, DEEPEST = 510, BIG = 40000 };

static struct wh_hive *hive;
static struct wh_key root;

static void
setup(void)
{
	hive = new_hive(5);
	root = wh_hive_root(hive);
}

static void
teardown(void)
{
	expect_sound(hive);
	close_hive(hive);
}

TestSuite(key_delete, .init = setup, .fini = teardown);

static uint32_t
used_cells(void)
{
	struct wh_hive_stats stats;

	wh_hive_stats(hive, &stats);
	return stats.used_cells;
}

static enum wh_status
look(struct wh_key key)
{
	struct wh_key_info info;

	return wh_key_info(key, &info);
}

static struct wh_value
value_of(struct wh_key key, const char *name)
{
	struct wh_value value;

	cr_assert_eq(wh_key_value(key, name, WH_NTS, &value), WH_OK);
	return value;
}

static enum wh_status
look_value(struct wh_value value)
{
	struct wh_value_info info;

	return wh_value_info(value, &info);
}

/* Values of each kind, a class and security of its own. */
static void
fill(struct wh_key key, uint8_t which)
{
	uint8_t *big = calloc(1, BIG), sd[SMALL_SD];

	small_sd(sd, which, 0);
	set_value(key, "", "abcd", 4);
	set_value(key, "plain", "abcdefgh", 8);
	set_value(key, "big", big, BIG);
	cr_assert_eq(wh_key_set_class(key, "Class", WH_NTS), WH_OK);
	cr_assert_eq(wh_key_set_security(key, sd, sizeof sd), WH_OK);
	free(big);
}

Test(key_delete, one_key)
{
	uint32_t before = used_cells(), references = references_of(root);
	struct wh_key a = make_key(hive, "A"), other;
	struct wh_value value;

	fill(a, 1);
	value = value_of(a, "plain");
	set_now(hive, LATER);
	cr_assert_eq(wh_key_delete(a), WH_OK);
	cr_expect_not(has_key(hive, "A"));
	cr_expect_eq(used_cells(), before);
	cr_expect_eq(references_of(root), references);
	cr_expect_eq(info_of(root).subkey_count, 0);
	cr_expect_eq(info_of(root).subkey_list, WH_NO_CELL);
	cr_expect(info_of(root).max_name_len == 0 && info_of(root).max_class_len == 0);
	cr_expect_eq(info_of(root).last_written, LATER);
	cr_expect_eq(look(a), WH_E_DELETED);
	cr_expect_eq(look_value(value), WH_E_DELETED);
	cr_expect_eq(wh_key_delete(a), WH_E_DELETED);
	cr_expect_eq(wh_key_delete_tree(a), WH_E_DELETED);
	cr_expect_eq(wh_key_empty(a), WH_E_DELETED);
	/* Another key in the same cell is another key. */
	other = make_key(hive, "A");
	cr_expect_eq(other.cell, a.cell);
	cr_expect_eq(look(a), WH_E_DELETED);
	cr_expect_eq(look(other), WH_OK);
}

Test(key_delete, what_the_parent_keeps)
{
	struct wh_key a = make_key(hive, "A"), longer = make_key(hive, "A\\Longer");
	struct wh_key b = make_key(hive, "A\\B");

	cr_assert_eq(wh_key_set_class(longer, "Class", WH_NTS), WH_OK);
	set_now(hive, LATER);
	cr_assert_eq(wh_key_delete(longer), WH_OK);
	cr_expect_eq(info_of(a).subkey_count, 1);
	cr_expect_eq(info_of(a).max_name_len, 12);
	cr_expect_eq(info_of(a).max_class_len, 10);
	cr_expect_eq(info_of(a).last_written, LATER);
	cr_expect_eq(info_of(root).last_written, NOW);
	cr_expect_eq(info_of(b).last_written, NOW);
	cr_expect_eq(look(b), WH_OK);
}

/* docs/format.md 10.4 */
Test(key_delete, what_the_cell_keeps)
{
	struct wh_key a = make_key(hive, "Remains");
	struct wh_key_info info;
	const uint8_t *nk;
	size_t len;

	make_key(hive, "Remains\\Below");
	set_value(a, "v", "abcdefgh", 8);
	info = info_of(a);
	cr_assert_eq(wh_key_delete_tree(a), WH_OK);
	nk = (const uint8_t *)wh_hive_bytes(hive, &len) + BINS + a.cell + CELL_HEAD;
	cr_expect_eq(memcmp(nk, "nk", 2), 0);
	cr_expect_eq(get32(nk + 2) & 0xffff, info.flags);
	cr_expect_eq(get32(nk + 4) | (uint64_t)get32(nk + 8) << 32, NOW);
	cr_expect_eq(get32(nk + 16), root.cell);
	cr_expect_eq(get32(nk + 20), 0);
	cr_expect_eq(get32(nk + 28), WH_NO_CELL);
	cr_expect_eq(get32(nk + 36), 1);
	cr_expect_eq(get32(nk + 40), info.value_list);
	cr_expect_eq(get32(nk + 44), WH_NO_CELL);
	cr_expect_eq(memcmp(nk + 76, "Remains", 7), 0);
}

Test(key_delete, with_subkeys_only_as_a_tree)
{
	struct wh_key a = make_key(hive, "A"), b = make_key(hive, "A\\B");
	struct bytes before = take_bytes(hive);

	cr_expect_eq(wh_key_delete(a), WH_E_HAS_SUBKEYS);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
	cr_expect_eq(wh_key_delete_tree(a), WH_OK);
	cr_expect_eq(look(a), WH_E_DELETED);
	cr_expect_eq(look(b), WH_E_DELETED);
}

Test(key_delete, the_root_stays)
{
	struct wh_key a = make_key(hive, "A");
	struct bytes before = take_bytes(hive);

	cr_expect_eq(wh_key_delete(root), WH_E_ACCESS);
	cr_expect_eq(wh_key_delete_tree(root), WH_E_ACCESS);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
	cr_expect_eq(look(a), WH_OK);
}

Test(key_delete, a_tree)
{
	static const char *const paths[] = { "T",    "T\\A",    "T\\A\\1",    "T\\A\\2",
					     "T\\B", "T\\B\\1", "T\\B\\1\\x", "T\\B\\1\\x\\y" };
	enum { COUNT = sizeof paths / sizeof *paths };
	struct wh_key keys[COUNT], beside = make_key(hive, "U");
	struct wh_value values[COUNT];
	uint32_t before = used_cells(), references = references_of(root);

	for (size_t i = 0; i < COUNT; i++) {
		keys[i] = make_key(hive, paths[i]);
		fill(keys[i], (uint8_t)(1 + i / 2));
		values[i] = value_of(keys[i], "big");
	}
	set_now(hive, LATER);
	cr_assert_eq(wh_key_delete_tree(keys[0]), WH_OK);
	for (size_t i = 0; i < COUNT; i++) {
		cr_expect_eq(look(keys[i]), WH_E_DELETED);
		cr_expect_eq(look_value(values[i]), WH_E_DELETED);
	}
	cr_expect_eq(used_cells(), before);
	cr_expect_eq(references_of(root), references);
	cr_expect_eq(look(beside), WH_OK);
	cr_expect_eq(info_of(beside).last_written, NOW);
	cr_expect_eq(info_of(root).last_written, LATER);
	cr_expect_eq(info_of(root).subkey_count, 1);
}

static void
make_siblings(const char *above, unsigned count)
{
	struct wh_key parent = make_key(hive, above), key;
	char name[16];
	bool created;

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%u", i);
		cr_assert_eq(wh_key_create(parent, name, WH_NTS, NULL, &key, &created), WH_OK);
	}
}

Test(key_delete, wide_trees)
{
	uint32_t before = used_cells();

	make_siblings("Wide", 5000);
	cr_assert_eq(wh_key_delete_tree(open_key(hive, "Wide")), WH_OK);
	cr_expect_eq(used_cells(), before);
	make_siblings("", 3000);
	cr_assert_eq(wh_key_empty(root), WH_OK);
	cr_expect_eq(used_cells(), before);
	cr_expect_eq(references_of(root), 1);
}

Test(key_delete, siblings_one_by_one)
{
	uint32_t before = used_cells();
	struct wh_key key;

	make_siblings("", 2500);
	for (unsigned i = 0; wh_key_subkey_at(root, i / 2, &key) == WH_OK; i++)
		cr_assert_eq(wh_key_delete(key), WH_OK);
	while (wh_key_subkey_at(root, 0, &key) == WH_OK)
		cr_assert_eq(wh_key_delete(key), WH_OK);
	cr_expect_eq(used_cells(), before);
}

Test(key_delete, deep_trees)
{
	uint32_t before = used_cells();
	char path[2 * DEEPEST + 1] = "";

	for (int i = 0; i < DEEPEST; i++)
		strcat(path, "k\\");
	make_key(hive, path);
	cr_assert_eq(wh_key_delete_tree(open_key(hive, "k")), WH_OK);
	cr_expect_eq(used_cells(), before);
}

Test(key_delete, only_what_is_in_a_key)
{
	struct wh_key a = make_key(hive, "A"), b = make_key(hive, "A\\B\\C");
	struct wh_value value;
	uint8_t sd[SMALL_SD];

	fill(a, 1);
	fill(b, 2);
	value = value_of(a, "");
	set_now(hive, LATER);
	cr_assert_eq(wh_key_empty(a), WH_OK);
	cr_expect_eq(look(b), WH_E_DELETED);
	cr_expect_eq(look_value(value), WH_E_DELETED);
	cr_expect_eq(info_of(a).last_written, LATER);
	cr_expect(info_of(a).subkey_count == 0 && info_of(a).value_count == 0);
	cr_expect(info_of(a).max_name_len == 0 && info_of(a).max_value_len == 0);
	cr_expect(has_class(a, "Class"));
	small_sd(sd, 1, 0);
	cr_expect(has_security(a, sd, sizeof sd));
	cr_expect_eq(info_of(root).last_written, NOW);
	cr_expect_eq(info_of(root).max_class_len, 10);
}

Test(key_delete, nothing_in_an_empty_key)
{
	struct wh_key a = make_key(hive, "A");
	struct bytes before = take_bytes(hive);

	set_now(hive, LATER);
	cr_assert_eq(wh_key_empty(a), WH_OK);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_delete, what_the_handle_can_be)
{
	struct wh_key none = { 0 }, wrong = { hive, info_of(root).security, 0 };

	cr_expect_eq(wh_key_delete(none), WH_E_INVALID);
	cr_expect_eq(wh_key_delete_tree(none), WH_E_INVALID);
	cr_expect_eq(wh_key_empty(none), WH_E_INVALID);
	cr_expect_eq(wh_key_delete(wrong), WH_E_CORRUPT);
	cr_expect_eq(wh_key_delete_tree(wrong), WH_E_CORRUPT);
	cr_expect_eq(wh_key_empty(wrong), WH_E_CORRUPT);
}

/* ------------------------------------------------------------------ damaged */

static struct builder b;
static uint32_t top, left, right, below;

/* ROOT\Top\Left, ROOT\Top\Right\Below */
static void
build_damaged(void)
{
	uint32_t keys[2];

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	top = builder_key(&b, b.root, "Top");
	builder_set_list(&b, b.root, builder_list(&b, "lh", &top, 1), 1);
	keys[0] = left = builder_key(&b, top, "Left");
	keys[1] = right = builder_key(&b, top, "Right");
	builder_set_list(&b, top, builder_list(&b, "lh", keys, 2), 2);
	below = builder_key(&b, right, "Below");
	builder_set_list(&b, right, builder_list(&b, "lh", &below, 1), 1);
	put32(builder_at(&b, b.security) + 12, 5);
}

/* Nothing is deleted, and nothing else is changed. */
static void
expect_refused(const char *what)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	struct wh_hive *damaged = builder_open(&b, &options);
	struct bytes before = take_bytes(damaged);

	cr_expect_eq(wh_key_delete_tree(open_key(damaged, "Top")), WH_E_CORRUPT, "%s", what);
	cr_expect_eq(wh_key_empty(wh_hive_root(damaged)), WH_E_CORRUPT, "%s", what);
	cr_expect(still_has(damaged, before), "%s", what);
	drop_bytes(before);
	wh_hive_close(damaged);
	builder_fini(&b);
}

Test(key_delete, trees_that_cannot_be_read_in_full)
{
	build_damaged();
	builder_at(&b, below)[0] = 'x';
	expect_refused("signature of a key");

	build_damaged();
	put32(builder_at(&b, right) + 28, 0x18);
	expect_refused("list in no cell");

	build_damaged();
	builder_set_list(&b, right, builder_list(&b, "lh", &below, 1), 2);
	expect_refused("count of subkeys");

	build_damaged();
	builder_set_list(&b, right, builder_list(&b, "lh", &top, 1), 1);
	expect_refused("a key below itself");

	build_damaged();
	builder_set_list(&b, right, builder_list(&b, "lh", &left, 1), 1);
	expect_refused("a key below two others");

	build_damaged();
	put32(builder_at(&b, left) + 36, 1);
	put32(builder_at(&b, left) + 40, below);
	expect_refused("list of values");
}

/* ------------------------------------------------------------------- memory */

static void
build_tree(struct wh_hive *made)
{
	static const uint8_t big[BIG];
	uint8_t sd[SMALL_SD];

	small_sd(sd, 3, 0);
	make_key(made, "A\\B\\C");
	make_key(made, "A\\D");
	set_value(open_key(made, "A\\D"), "big", big, sizeof big);
	set_value(open_key(made, "A\\B\\C"), "plain", "abcdefgh", 8);
	if (wh_key_set_security(open_key(made, "A\\B"), sd, sizeof sd) != WH_OK)
		abort();
}

static enum wh_status
delete_one(struct wh_hive *made)
{
	return wh_key_delete(open_key(made, "A\\D"));
}

static enum wh_status
delete_tree(struct wh_hive *made)
{
	return wh_key_delete_tree(open_key(made, "A"));
}

static enum wh_status
empty_root(struct wh_hive *made)
{
	return wh_key_empty(wh_hive_root(made));
}

Test(key_delete, without_memory)
{
	cr_expect_gt(starve(5, build_tree, delete_one), 0);
	cr_expect_gt(starve(5, build_tree, delete_tree), 0);
	cr_expect_gt(starve(6, build_tree, empty_root), 0);
}

/* A change that failed leaves the handles good. */
Test(key_delete, handles_after_a_failure)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	struct wh_hive *damaged;
	struct wh_key first;

	build_damaged();
	put32(builder_at(&b, left) + 36, 1);
	put32(builder_at(&b, left) + 40, below);
	damaged = builder_open(&b, &options);
	first = open_key(damaged, "Top\\Right\\Below");
	cr_assert_eq(wh_key_empty(open_key(damaged, "Top")), WH_E_CORRUPT);
	cr_expect_eq(look(first), WH_OK);
	cr_expect(has_name(first, "Below"));
	wh_hive_close(damaged);
	builder_fini(&b);
}
