/* SPDX-License-Identifier: MIT */
/* Trees copied, in a hive and between hives: what is taken along, merged, refused. */
#include "editing.h"
#include "hive_builder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, CELL_HEAD = 4, DEEPEST = 510, BIG = 40000, GENERIC_ALL = 0x10000000 };

static struct wh_hive *hive, *other;
static struct wh_key root, other_root, copied;
static uint8_t big[BIG];

static void
setup(void)
{
	hive = new_hive(5);
	other = new_hive(3);
	root = wh_hive_root(hive);
	other_root = wh_hive_root(other);
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)(i * 7 + i / 251);
}

static void
teardown(void)
{
	expect_sound(hive);
	expect_sound(other);
	close_hive(hive);
	close_hive(other);
}

TestSuite(key_copy, .init = setup, .fini = teardown);

static enum wh_status
copy(struct wh_key key, struct wh_key parent, const char *name, unsigned flags)
{
	return wh_key_copy(key, parent, name, WH_NTS, flags, &copied);
}

static void
set_security(struct wh_key key, uint32_t rights, uint8_t flags)
{
	uint8_t sd[SMALL_SD];

	small_sd(sd, rights, flags);
	cr_assert_eq(wh_key_set_security(key, sd, sizeof sd), WH_OK);
}

/* From\A\1, From\A\2, From\B with a name that is not Latin-1. */
static struct wh_key
make_source(struct wh_hive *in)
{
	struct wh_key from = make_key(in, "From"), a = make_key(in, "From\\A");

	make_key(in, "From\\A\\1");
	make_key(in, "From\\A\\2");
	make_key(in, "From\\B\xe6\x97\xa5\xed\xa0\x80");
	set_value(from, "", "abcd", 4);
	set_value(from, "\xd0\x96", "abcdefgh", 8);
	set_value(a, "big", big, sizeof big);
	set_value(a, "none", "", 0);
	cr_assert_eq(wh_key_set_class(a, "Class\xe2\x82\xac", WH_NTS), WH_OK);
	cr_assert_eq(wh_key_set_flags(a, 9, 6), WH_OK);
	set_security(a, 0x20019, 0);
	cr_assert_eq(wh_key_set_time(from, 1), WH_OK);
	cr_assert_eq(wh_key_set_time(a, 2), WH_OK);
	return from;
}

static void
expect_tree(struct wh_hive *in, const char *top)
{
	char path[64];
	struct wh_key a;

	snprintf(path, sizeof path, "%s\\A", top);
	a = open_key(in, path);
	cr_expect_eq(info_of(open_key(in, top)).subkey_count, 2);
	cr_expect(has_value(open_key(in, top), "", "abcd", 4));
	cr_expect(has_value(open_key(in, top), "\xd0\x96", "abcdefgh", 8));
	cr_expect(has_value(a, "big", big, sizeof big));
	cr_expect(has_value(a, "none", "", 0));
	cr_expect(has_class(a, "Class\xe2\x82\xac"));
	cr_expect_eq(info_of(a).subkey_count, 2);
	cr_expect_eq(info_of(open_key(in, top)).max_class_len, 12);
	snprintf(path, sizeof path, "%s\\A\\2", top);
	cr_expect(has_key(in, path));
	snprintf(path, sizeof path, "%s\\B\xe6\x97\xa5\xed\xa0\x80", top);
	cr_expect(has_key(in, path));
}

Test(key_copy, in_a_hive)
{
	struct wh_key from = make_source(hive), to = make_key(hive, "To");

	set_now(hive, LATER);
	cr_assert_eq(copy(from, to, "Copy", 0), WH_OK);
	cr_expect_eq(copied.cell, open_key(hive, "To\\Copy").cell);
	cr_expect(has_name(copied, "Copy"));
	expect_tree(hive, "To\\Copy");
	expect_tree(hive, "From");
	cr_expect_eq(info_of(copied).last_written, LATER);
	cr_expect_eq(info_of(open_key(hive, "To\\Copy\\A\\1")).last_written, LATER);
	cr_expect_eq(info_of(to).last_written, LATER);
	cr_expect_eq(info_of(from).last_written, 1);
	cr_expect_eq(info_of(root).last_written, NOW);
	cr_expect_eq(info_of(open_key(hive, "To\\Copy\\A")).user_flags, 0);
	/* Into its own parent, where it is not copied again. */
	cr_assert_eq(copy(from, root, "Again", 0), WH_OK);
	expect_tree(hive, "Again");
	cr_expect_eq(info_of(root).subkey_count, 3);
}

Test(key_copy, between_hives_of_two_versions)
{
	struct wh_key from = make_source(hive);

	set_now(other, LATER);
	cr_assert_eq(copy(from, other_root, "Copy", 0), WH_OK);
	cr_expect_eq(copied.hive, other);
	expect_tree(other, "Copy");
	cr_assert_eq(copy(copied, root, "Back", 0), WH_OK);
	expect_tree(hive, "Back");
	cr_expect_eq(info_of(open_key(other, "Copy")).last_written, LATER);
}

Test(key_copy, a_whole_hive)
{
	make_source(hive);
	cr_assert_eq(wh_key_set_class(root, "Of the root", WH_NTS), WH_OK);
	cr_assert_eq(copy(root, other_root, "All", WH_COPY_EXACT), WH_OK);
	expect_tree(other, "All\\From");
	cr_expect(has_class(copied, "Of the root"));
	cr_expect_eq(info_of(copied).flags, WH_KEY_COMP_NAME);
	cr_expect_eq(info_of(copied).parent, other_root.cell);
}

Test(key_copy, security_is_inherited)
{
	struct wh_key from = make_source(hive), to = make_key(hive, "To"), a, made;
	bool created;

	set_security(to, GENERIC_ALL, INHERITED_BY_KEYS);
	cr_assert_eq(copy(from, to, "Copy", 0), WH_OK);
	a = open_key(hive, "To\\Copy\\A");
	cr_assert_eq(wh_key_create(to, "New", WH_NTS, NULL, &made, &created), WH_OK);
	cr_expect_eq(info_of(copied).security, info_of(made).security);
	cr_assert_eq(wh_key_create(copied, "New", WH_NTS, NULL, &made, &created), WH_OK);
	cr_expect_eq(info_of(a).security, info_of(made).security);
	cr_expect_neq(info_of(a).security, info_of(open_key(hive, "From\\A")).security);
}

static void
expect_exact(struct wh_hive *in, const char *path)
{
	struct wh_key a = open_key(in, path), from = open_key(hive, "From\\A");
	const void *sd;
	size_t len;

	cr_assert_eq(wh_key_security(from, &sd, &len), WH_OK);
	cr_expect(has_security(a, sd, len));
	cr_expect_eq(info_of(a).user_flags, 9);
	cr_expect_eq(info_of(a).virtual_flags, 6);
	cr_expect_eq(info_of(a).last_written, 2);
	cr_expect_eq(info_of(a).flags, WH_KEY_COMP_NAME);
}

Test(key_copy, exactly)
{
	struct wh_key from = make_source(hive);
	uint32_t users = references_of(open_key(hive, "From\\A"));

	set_now(hive, LATER);
	set_now(other, LATER);
	cr_assert_eq(copy(from, root, "Copy", WH_COPY_EXACT), WH_OK);
	expect_tree(hive, "Copy");
	expect_exact(hive, "Copy\\A");
	cr_expect_eq(info_of(copied).last_written, 1);
	cr_expect_eq(references_of(open_key(hive, "From\\A")), users + 1);
	cr_expect_eq(info_of(root).last_written, LATER);
	cr_assert_eq(copy(from, other_root, "Copy", WH_COPY_EXACT), WH_OK);
	expect_tree(other, "Copy");
	expect_exact(other, "Copy\\A");
	cr_expect_eq(references_of(open_key(other, "Copy\\A")), 1);
	cr_expect_eq(info_of(other_root).last_written, LATER);
}

Test(key_copy, links_stay_links)
{
	struct wh_create how = { .symbolic_link = true };
	struct wh_key link;
	bool created;

	cr_assert_eq(wh_key_create(root, "Link", WH_NTS, &how, &link, &created), WH_OK);
	cr_assert_eq(copy(link, root, "Copy", 0), WH_OK);
	cr_expect_eq(info_of(copied).flags, WH_KEY_SYM_LINK | WH_KEY_COMP_NAME);
}

Test(key_copy, only_the_key)
{
	struct wh_key from = make_source(hive);

	cr_assert_eq(copy(from, root, "Copy", WH_COPY_KEY), WH_OK);
	cr_expect_eq(info_of(copied).subkey_count, 0);
	cr_expect(has_value(copied, "", "abcd", 4));
}

Test(key_copy, a_name_that_is_taken)
{
	struct wh_key from = make_source(hive), to = make_key(hive, "To");
	struct bytes before;

	make_key(hive, "To\\Taken");
	before = take_bytes(hive);
	cr_expect_eq(copy(from, to, "tAKEN", 0), WH_E_EXISTS);
	cr_expect_eq(copy(from, to, "tAKEN", WH_COPY_EXACT | WH_COPY_KEY), WH_E_EXISTS);
	cr_expect_eq(copy(from, root, "From", 0), WH_E_EXISTS);
	cr_expect(copied.hive == NULL);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_copy, merged)
{
	uint32_t inherits;
	struct wh_key from = make_source(hive), to = make_key(hive, "To"),
		      a = make_key(hive, "To\\a");

	set_security(to, GENERIC_ALL, INHERITED_BY_KEYS);
	make_key(hive, "From\\D");
	set_value(to, "own", "12345678", 8);
	set_value(to, "\xd0\xb6", "is replaced", 11);
	set_value(a, "BIG", "12345678", 8);
	make_key(hive, "To\\A\\2\\deep");
	make_key(hive, "To\\C");
	cr_assert_eq(wh_key_set_class(a, "Own", WH_NTS), WH_OK);
	cr_assert_eq(wh_key_set_flags(a, 1, 2), WH_OK);
	set_security(a, 0x20006, 0);
	cr_assert_eq(wh_key_set_time(root, 3), WH_OK);
	set_now(hive, LATER);
	cr_assert_eq(copy(from, root, "to", WH_COPY_MERGE), WH_OK);
	cr_expect_eq(copied.cell, to.cell);
	cr_expect(has_name(to, "To") && has_name(a, "a"));
	cr_expect(has_value(to, "own", "12345678", 8));
	cr_expect(has_value(to, "\xd0\x96", "abcdefgh", 8));
	cr_expect_eq(info_of(to).value_count, 3);
	cr_expect(has_value(a, "big", big, sizeof big));
	cr_expect(has_key(hive, "To\\A\\1") && has_key(hive, "To\\A\\2\\deep"));
	cr_expect(has_key(hive, "To\\C"));
	cr_expect_eq(info_of(to).subkey_count, 4);
	cr_expect_eq(info_of(to).last_written, LATER);
	cr_expect_eq(info_of(a).last_written, LATER);
	cr_expect_eq(info_of(open_key(hive, "To\\A\\2\\deep")).last_written, NOW);
	cr_expect_eq(info_of(root).last_written, 3, "no key came");
	/* What was there keeps what is its own. */
	cr_expect(has_class(a, "Own"));
	cr_expect_eq(info_of(a).user_flags, 1);
	cr_expect_neq(info_of(a).security, info_of(open_key(hive, "From\\A")).security);
	/* What is new has what it inherits there. */
	inherits = info_of(open_key(hive, "To\\D")).security;
	cr_expect_neq(inherits, info_of(to).security);
	cr_expect_eq(inherits, info_of(open_key(hive, "To\\B\xe6\x97\xa5\xed\xa0\x80")).security);
	cr_expect_eq(info_of(open_key(hive, "To\\A\\1")).security, info_of(a).security);
}

Test(key_copy, merged_exactly)
{
	struct wh_key from = make_source(hive), a = make_key(hive, "To\\A");

	set_value(a, "own", "12345678", 8);
	cr_assert_eq(wh_key_set_class(a, "Own", WH_NTS), WH_OK);
	set_security(a, 0x20006, 0);
	cr_assert_eq(copy(from, root, "To", WH_COPY_MERGE | WH_COPY_EXACT), WH_OK);
	expect_exact(hive, "To\\A");
	cr_expect(has_class(a, "Class\xe2\x82\xac"));
	cr_expect(has_value(a, "own", "12345678", 8));
	cr_expect_eq(info_of(copied).last_written, 1);
	cr_assert_eq(copy(from, other_root, "New", WH_COPY_MERGE | WH_COPY_EXACT), WH_OK);
	expect_tree(other, "New");
	expect_exact(other, "New\\A");
}

/* Q goes into P, the key above it: what is P\Q\Q goes into Q itself. */
Test(key_copy, merged_with_the_keys_above)
{
	struct wh_key p = make_key(hive, "P"), q = make_key(hive, "P\\Q");
	struct wh_key inner = make_key(hive, "P\\Q\\Q");

	make_key(hive, "P\\Q\\Q\\x");
	set_value(q, "v", "q-------", 8);
	set_value(inner, "v", "inner---", 8);
	cr_assert_eq(copy(q, root, "P", WH_COPY_MERGE), WH_OK);
	cr_expect(has_value(p, "v", "q-------", 8));
	cr_expect(has_value(q, "v", "inner---", 8));
	cr_expect(has_value(inner, "v", "inner---", 8));
	cr_expect(has_key(hive, "P\\Q\\x") && !has_key(hive, "P\\x"));
	cr_expect(has_key(hive, "P\\Q\\Q\\x"));
}

Test(key_copy, merged_with_itself)
{
	struct wh_key from = make_source(hive);
	struct bytes before = take_bytes(hive);

	set_now(hive, LATER);
	cr_assert_eq(copy(from, root, "FROM", WH_COPY_MERGE | WH_COPY_EXACT), WH_OK);
	cr_expect_eq(copied.cell, from.cell);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_copy, not_below_itself)
{
	struct wh_key from = make_source(hive);
	struct bytes before = take_bytes(hive);

	cr_expect_eq(copy(from, from, "Copy", 0), WH_E_INVALID);
	cr_expect_eq(copy(from, open_key(hive, "From\\A\\1"), "Copy", WH_COPY_KEY), WH_E_INVALID);
	cr_expect_eq(copy(root, from, "Copy", 0), WH_E_INVALID);
	cr_expect_eq(copy(from, root, "Copy", 8), WH_E_INVALID);
	cr_expect_eq(copy(from, root, "a\\b", 0), WH_E_INVALID);
	cr_expect_eq(copy(from, root, "", 0), WH_E_INVALID);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_copy, not_too_deep)
{
	char path[2 * DEEPEST + 1] = "";
	struct wh_key from = make_source(other);

	for (int i = 0; i < DEEPEST - 2; i++)
		strcat(path, "k\\");
	make_key(hive, path);
	cr_expect_eq(copy(from, open_key(hive, path), "Copy", 0), WH_E_TOO_BIG);
	path[2 * DEEPEST - 6] = '\0';
	cr_expect_eq(copy(from, open_key(hive, path), "Copy", 0), WH_OK);
}

Test(key_copy, what_the_handles_can_be)
{
	struct wh_key none = { 0 }, wrong = { hive, info_of(root).security, 0 };
	struct wh_key gone = make_key(hive, "Gone"), from = make_key(hive, "From");

	cr_assert_eq(wh_key_delete(gone), WH_OK);
	copied = root;
	cr_expect_eq(copy(none, root, "Copy", 0), WH_E_INVALID);
	cr_expect(copied.hive == NULL);
	cr_expect_eq(copy(from, none, "Copy", 0), WH_E_INVALID);
	cr_expect_eq(copy(gone, root, "Copy", 0), WH_E_DELETED);
	cr_expect_eq(copy(from, gone, "Copy", 0), WH_E_DELETED);
	cr_expect_eq(copy(wrong, root, "Copy", 0), WH_E_CORRUPT);
	cr_expect_eq(copy(from, wrong, "Copy", 0), WH_E_CORRUPT);
}

Test(key_copy, many_siblings)
{
	char name[16];

	for (unsigned i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "From\\%u", i);
		make_key(hive, name);
	}
	cr_assert_eq(copy(open_key(hive, "From"), root, "Copy", 0), WH_OK);
	cr_assert_eq(copy(open_key(hive, "From"), other_root, "Copy", 0), WH_OK);
	cr_expect_eq(info_of(copied).subkey_count, 3000);
}

/* ------------------------------------------------------------------ layers */

static uint8_t *
layer_of(struct wh_hive *in, struct wh_key key)
{
	size_t len;

	return (uint8_t *)(uintptr_t)wh_hive_bytes(in, &len) + BINS + key.cell + CELL_HEAD + 13;
}

Test(key_copy, layers)
{
	struct wh_hive *layered = new_hive(6), *second = new_hive(6);
	struct wh_key to = wh_hive_root(second), from = wh_hive_root(layered);
	struct wh_key local = make_key(layered, "Local"),
		      tombstone = make_key(layered, "Tombstone");

	*layer_of(layered, local) = 0x82;
	*layer_of(layered, tombstone) = 1;
	cr_assert_eq(copy(local, to, "Local", 0), WH_OK);
	cr_expect_eq(*layer_of(second, copied), 0x82);
	cr_assert_eq(copy(local, from, "Copy", WH_COPY_EXACT), WH_OK);
	cr_expect_eq(*layer_of(layered, copied), 0x82);
	cr_assert_eq(copy(tombstone, to, "Tombstone", WH_COPY_EXACT), WH_OK);
	cr_expect_eq(*layer_of(second, copied), 1);
	/* Versions without layers. */
	cr_assert_eq(copy(local, root, "Local", WH_COPY_EXACT), WH_OK);
	cr_expect_eq(*layer_of(hive, copied), 0);
	cr_expect_eq(copy(tombstone, root, "Tombstone", 0), WH_E_NOT_SUPPORTED);
	cr_expect_not(has_key(hive, "Tombstone"));
	close_hive(second);
	close_hive(layered);
}

/* ------------------------------------------------------------------ damaged */

static struct builder b;
static uint32_t top, below;

static void
build_damaged(void)
{
	static const uint16_t class_text[] = { 'C' };

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	top = builder_key(&b, b.root, "Top");
	builder_set_list(&b, b.root, builder_list(&b, "lh", &top, 1), 1);
	below = builder_key(&b, top, "Below");
	builder_set_list(&b, top, builder_list(&b, "lh", &below, 1), 1);
	builder_set_class(&b, below, class_text, 1);
}

/* The source is only read, so that nobody has looked through it. */
static void
expect_refused(const char *what, unsigned flags)
{
	struct wh_hive *damaged = builder_open(&b, NULL);
	struct bytes before;

	make_key(hive, "Something");
	before = take_bytes(hive);
	cr_expect_eq(copy(open_key(damaged, "Top"), root, "Copy", flags), WH_E_CORRUPT, "%s", what);
	cr_expect(still_has(hive, before), "%s", what);
	drop_bytes(before);
	wh_hive_close(damaged);
	builder_fini(&b);
}

Test(key_copy, trees_that_cannot_be_read_in_full)
{
	uint32_t value, twins[2];
	size_t backslash = 76 + 2;

	build_damaged();
	builder_at(&b, below)[0] = 'x';
	expect_refused("signature of a key", 0);

	build_damaged();
	builder_set_list(&b, top, builder_list(&b, "lh", &below, 1), 3);
	expect_refused("count of subkeys", 0);

	build_damaged();
	put32(builder_at(&b, below) + 48, 0x18);
	expect_refused("class", 0);

	build_damaged();
	builder_at(&b, below)[backslash] = '\\';
	expect_refused("name", 0);

	build_damaged();
	builder_at(&b, below)[72] = 0;
	expect_refused("no name", 0);

	build_damaged();
	builder_at(&b, below)[2] &= (uint8_t)~WH_KEY_COMP_NAME;
	expect_refused("name of 5 bytes in UTF-16", 0);

	build_damaged();
	put32(builder_at(&b, below) + 44, 0x18);
	expect_refused("security", WH_COPY_EXACT);

	build_damaged();
	value = builder_value(&b, "v", 3, big, 100);
	builder_set_values(&b, below, &value, 1);
	put32(builder_at(&b, below) + 36, 70);
	expect_refused("count of values", 0);

	build_damaged();
	value = builder_value(&b, "v", 3, big, 100);
	builder_set_values(&b, below, &value, 1);
	put32(builder_at(&b, value) + 4, 1000);
	expect_refused("data of a value", 0);

	build_damaged();
	value = builder_value(&b, "v", 3, big, 100);
	builder_set_values(&b, below, &value, 1);
	put32(builder_at(&b, value) + 4, 0x7ffffff0);
	expect_refused("data larger than any hive can have", 0);

	build_damaged();
	twins[0] = below;
	twins[1] = builder_key(&b, top, "BELOW");
	builder_set_list(&b, top, builder_list(&b, "lh", twins, 2), 2);
	expect_refused("two keys of one name", 0);
}

Test(key_copy, trees_larger_than_their_file)
{
	uint32_t value = 0;

	build_damaged();
	builder_set_list(&b, below, builder_list(&b, "lh", &top, 1), 1);
	expect_refused("a key below itself", 0);

	build_damaged();
	for (int i = 0; i < DEEPEST + 10; i++) {
		uint32_t lower = builder_key(&b, below, "k");

		builder_set_list(&b, below, builder_list(&b, "lh", &lower, 1), 1);
		below = lower;
	}
	expect_refused("keys that are too deep", 0);

	/* Two keys share a list of two keys, which share a list of two keys... */
	build_damaged();
	for (int i = 0; i < 60; i++) {
		uint32_t lower[2] = { builder_key(&b, below, "a"), builder_key(&b, below, "b") };
		uint32_t list = builder_list(&b, "lh", lower, 2);

		builder_set_list(&b, below, list, 2);
		if (i > 0)
			builder_set_list(&b, value, list, 2);
		below = lower[0];
		value = lower[1];
	}
	expect_refused("more keys than the file can hold", 0);
}

/* What Windows had in memory, and what stands for something of a running system. */
Test(key_copy, flags_of_a_strange_key)
{
	struct wh_hive *strange, *target = new_hive(5);
	struct wh_key_info info;

	build_damaged();
	put32(builder_at(&b, top), 0x07f7 << 16 | ('k' << 8 | 'n'));
	put32(builder_at(&b, top) + 36, 0x80000002);
	strange = builder_open(&b, NULL);
	cr_assert_eq(copy(open_key(strange, "Top"), wh_hive_root(target), "Plain", 0), WH_OK);
	info = info_of(copied);
	cr_expect_eq(info.flags, WH_KEY_SYM_LINK | WH_KEY_COMP_NAME);
	cr_expect_eq(info.value_count, 0);
	cr_assert_eq(copy(open_key(strange, "Top"), wh_hive_root(target), "Exact", WH_COPY_EXACT),
		     WH_OK);
	info = info_of(copied);
	cr_expect_eq(info.flags, 0x07f0);
	cr_expect_eq(info.value_count, 0x80000002);
	wh_hive_close(strange);
	builder_fini(&b);
	close_hive(target);
}

/* ------------------------------------------------------------------- memory */

static void
build_source(struct wh_hive *made)
{
	static const uint8_t zeros[BIG];
	uint8_t sd[SMALL_SD];

	small_sd(sd, GENERIC_ALL, INHERITED_BY_KEYS);
	make_key(made, "From\\A\\\xe6\x97\xa5");
	make_key(made, "From\\B");
	make_key(made, "To\\A");
	set_value(open_key(made, "From\\A"), "big", zeros, sizeof zeros);
	set_value(open_key(made, "From\\B"), "plain", "abcdefgh", 8);
	if (wh_key_set_class(open_key(made, "From\\A"), "Class", WH_NTS) != WH_OK ||
	    wh_key_set_security(open_key(made, "From"), sd, sizeof sd) != WH_OK)
		abort();
}

static enum wh_status
copy_once(struct wh_hive *made)
{
	return copy(open_key(made, "From"), wh_hive_root(made), "Copy", 0);
}

static enum wh_status
copy_merging(struct wh_hive *made)
{
	return copy(open_key(made, "From"), wh_hive_root(made), "To",
		    WH_COPY_MERGE | WH_COPY_EXACT);
}

static enum wh_status
copy_across(struct wh_hive *made)
{
	return copy(open_key(hive, "From"), wh_hive_root(made), "Copy", WH_COPY_EXACT);
}

Test(key_copy, without_memory)
{
	cr_expect_gt(starve(5, build_source, copy_once), 3);
	cr_expect_gt(starve(5, build_source, copy_merging), 3);
	make_source(hive);
	cr_expect_gt(starve(3, build_source, copy_across), 3);
}
