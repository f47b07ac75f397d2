/* SPDX-License-Identifier: MIT */
/* The walk, and what it must have in common with the other ways to read. */
#include "files.h"
#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BIG = 2 * 16344 + 100, DEEPEST = 512 };

static struct builder b;
static struct issues issues;
static struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
static struct wh_hive *hive;
static struct wh_walk *walk;
static uint8_t big[BIG];

/* ROOT: A (B (C), D), E; big and small values below B; a wide name. */
static void
setup(void)
{
	static const uint16_t wide[] = { 0x20ac, 'e' };
	uint32_t root, a, e, two[2], one, values[3];

	for (size_t i = 0; i < BIG; i++)
		big[i] = (uint8_t)(i * 13);
	builder_init(&b, 6);
	root = builder_key(&b, NO_PARENT, "ROOT");
	two[0] = a = builder_key(&b, root, "A");
	two[1] = e = builder_wide_key(&b, root, wide, 2);
	builder_set_list(&b, root, builder_list(&b, "lh", two, 2), 2);
	two[0] = builder_key(&b, a, "B");
	two[1] = builder_key(&b, a, "D");
	builder_set_list(&b, a, builder_list(&b, "lh", two, 2), 2);
	one = builder_key(&b, two[0], "C");
	builder_set_list(&b, two[0], builder_list(&b, "lh", &one, 1), 1);
	values[0] = builder_value(&b, "big", WH_REG_BINARY, big, BIG);
	values[1] = builder_value(&b, "small", WH_REG_DWORD, "\1\0\0\0", 4);
	values[2] = builder_wide_value(&b, wide, 2, WH_REG_NONE, NULL, 0);
	builder_set_values(&b, two[0], values, 3);
	builder_at(&b, e)[13] = 1;
	issues = (struct issues){ 0 };
	hive = builder_open(&b, &options);
	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
}

static void
fini(void)
{
	wh_walk_free(walk);
	wh_hive_close(hive);
	builder_fini(&b);
}

TestSuite(walk, .init = setup, .fini = fini);

static void
next_is(const char *path, unsigned depth)
{
	struct wh_walk_key key;
	char name[64];
	size_t len;

	cr_assert_eq(wh_walk_next(walk, &key), WH_OK, "%s", path);
	cr_assert_eq(key.path_len, strlen(path), "%s", path);
	cr_assert_arr_eq(key.path, path, key.path_len, "%s", path);
	cr_assert_eq(key.depth, depth, "%s", path);
	if (depth == 0)
		return;
	cr_assert_eq(wh_key_name(key.key, name, sizeof name, &len), WH_OK);
	cr_assert_eq(len, key.path_len - key.name_at);
	cr_assert_arr_eq(name, key.path + key.name_at, len);
}

static void
ends(void)
{
	struct wh_walk_key key;
	struct wh_walk_value value;

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(wh_walk_next(walk, &key), WH_E_NO_MORE);
		cr_assert(key.path_len == 0 && key.key.hive == NULL);
		cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
	}
}

Test(walk, depth_first_in_stored_order)
{
	next_is("", 0);
	next_is("A", 1);
	next_is("A\\B", 2);
	next_is("A\\B\\C", 3);
	next_is("A\\D", 2);
	next_is("\xe2\x82\xac"
		"e",
		1);
	ends();
	cr_assert_eq(issues.count, 0);
}

Test(walk, skipping)
{
	next_is("", 0);
	next_is("A", 1);
	next_is("A\\B", 2);
	wh_walk_skip(walk);
	next_is("A\\D", 2);
	wh_walk_skip(walk);
	next_is("\xe2\x82\xac"
		"e",
		1);
	ends();
}

Test(walk, skipping_all)
{
	wh_walk_skip(walk);
	next_is("", 0);
	wh_walk_skip(walk);
	ends();
}

Test(walk, skipping_before_the_first_key_skips_nothing)
{
	wh_walk_skip(walk);
	next_is("", 0);
	next_is("A", 1);
}

Test(walk, from_a_key_below)
{
	struct wh_key top;

	wh_walk_free(walk);
	cr_assert_eq(wh_key_open(wh_hive_root(hive), "A\\B", WH_NTS, &top), WH_OK);
	cr_assert_eq(wh_walk_new(top, &walk), WH_OK);
	next_is("", 0);
	next_is("C", 1);
	ends();
}

Test(walk, no_values_before_the_first_key)
{
	struct wh_walk_value value;
	const void *piece;
	size_t len;

	cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
	cr_assert_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
	next_is("", 0);
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
}

/* The first key with values is in hand. */
static void
up_to_values(void)
{
	next_is("", 0);
	next_is("A", 1);
	next_is("A\\B", 2);
}

static void
value_is(struct wh_walk_value *value, const char *name, uint32_t size)
{
	cr_assert_eq(wh_walk_next_value(walk, value), WH_OK, "%s", name);
	cr_assert_eq(value->name_len, strlen(name));
	cr_assert_arr_eq(value->name, name, value->name_len);
	cr_assert(value->size == size && value->readable == size);
}

Test(walk, values_and_their_data)
{
	struct wh_walk_value value;
	const void *piece;
	size_t at, len;

	up_to_values();
	value_is(&value, "big", BIG);
	cr_assert(value.data_len == 16344 && memcmp(value.data, big, 16344) == 0);
	for (at = value.data_len; wh_walk_data(walk, &piece, &len) == WH_OK; at += len)
		cr_assert(len <= BIG - at && memcmp(piece, big + at, len) == 0);
	cr_assert_eq(at, BIG);
	cr_assert(piece == NULL && len == 0);
	value_is(&value, "small", 4);
	cr_assert(value.data_len == 4 && memcmp(value.data, "\1\0\0\0", 4) == 0);
	cr_assert_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
	value_is(&value,
		 "\xe2\x82\xac"
		 "e",
		 0);
	cr_assert_eq(value.data_len, 0);
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
	cr_assert_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
	next_is("A\\B\\C", 3);
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
}

/* Those of a value that was left half read are not taken for those of the next one. */
Test(walk, data_are_of_the_value_given_last)
{
	struct wh_walk_value value;
	const void *piece;
	size_t len;

	up_to_values();
	value_is(&value, "big", BIG);
	value_is(&value, "small", 4);
	cr_assert_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
	cr_assert(piece == NULL && len == 0);
}

Test(walk, a_key_without_values_has_no_data)
{
	struct wh_walk_value value;
	const void *piece;
	size_t len;

	up_to_values();
	value_is(&value, "big", BIG);
	next_is("A\\B\\C", 3);
	cr_assert_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
	cr_assert_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
}

Test(walk, values_may_be_left_alone)
{
	struct wh_walk_value value;

	up_to_values();
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_OK);
	next_is("A\\B\\C", 3);
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_E_NO_MORE);
	next_is("A\\D", 2);
}

Test(walk, freeing_none_and_freeing_early)
{
	wh_walk_free(NULL);
	up_to_values();
}

Test(walk, two_at_a_time)
{
	struct wh_walk *first = walk, *other;

	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &other), WH_OK);
	next_is("", 0);
	next_is("A", 1);
	walk = other;
	up_to_values();
	walk = first;
	next_is("A\\B", 2);
	wh_walk_free(other);
}

Test(walk, tombstones_are_keys)
{
	struct wh_key_info info;
	struct wh_key found;

	cr_assert_eq(wh_key_subkey(wh_hive_root(hive),
				   "\xe2\x82\xac"
				   "E",
				   WH_NTS, &found),
		     WH_OK);
	cr_assert_eq(wh_key_info(found, &info), WH_OK);
	cr_assert_eq(info.layer, WH_LAYER_TOMBSTONE);
}

/* A chain of keys below the root: 512 of them are given, what is below is reported. */
static void
chain(unsigned levels, unsigned due, const char *rule)
{
	struct wh_walk_key key;
	uint32_t cell, child;
	unsigned count = 0, deepest = 0;

	fini();
	builder_init(&b, 5);
	cell = builder_key(&b, NO_PARENT, "ROOT");
	for (unsigned i = 0; i < levels; i++) {
		child = builder_key(&b, cell, "k");
		builder_set_list(&b, cell, builder_list(&b, "lh", &child, 1), 1);
		cell = child;
	}
	issues = (struct issues){ 0 };
	hive = builder_open(&b, &options);
	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
	for (; wh_walk_next(walk, &key) == WH_OK; count++)
		deepest = key.depth;
	cr_assert(count == due + 1 && deepest == due, "%u keys, %u deep", count, deepest);
	cr_assert(only_rule(&issues, rule));
}

Test(walk, as_deep_as_may_be)
{
	chain(DEEPEST, DEEPEST, NULL);
}

Test(walk, deeper_than_may_be)
{
	chain(DEEPEST + 1, DEEPEST, "key-depth");
	chain(DEEPEST + 100, DEEPEST, "key-depth");
}

Test(walk, memory_does_not_grow_with_the_keys)
{
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options metered = { .allocator = &allocator };
	char *path = data_path("good/lists-1.5.hive");
	struct wh_walk_key key;
	size_t calls;

	fini();
	builder_init(&b, 5);
	cr_assert_eq(wh_hive_open(path, &metered, &hive), WH_OK);
	free(path);
	calls = meter.calls;
	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
	while (wh_walk_next(walk, &key) == WH_OK)
		continue;
	cr_assert_leq(meter.calls - calls, 12, "%zu allocations in a walk", meter.calls - calls);
}

static void
where_is(const char *due)
{
	const char *path;
	size_t len;

	wh_walk_where(walk, &path, &len);
	cr_assert_eq(len, strlen(due), "%s", due);
	cr_assert_arr_eq(path, due, len);
}

Test(walk, where_it_is)
{
	struct wh_walk_value value;

	where_is("");
	next_is("", 0);
	where_is("");
	next_is("A", 1);
	where_is("A");
	next_is("A\\B", 2);
	cr_assert_eq(wh_walk_next_value(walk, &value), WH_OK);
	where_is("A\\B");
}

/* An issue function that asks where the walk is. */
static char met[64];

static void
ask_where(void *ctx, const struct wh_issue *issue)
{
	const char *path;
	size_t len;

	(void)ctx;
	(void)issue;
	wh_walk_where(walk, &path, &len);
	memcpy(met, path, len);
	met[len] = '\0';
}

Test(walk, where_it_is_when_a_key_cannot_be_read)
{
	struct wh_options asking = { .issue = ask_where };
	uint32_t top, keys[2], below;
	struct wh_walk_key key;

	fini();
	builder_init(&b, 5);
	top = builder_key(&b, NO_PARENT, "ROOT");
	keys[0] = builder_key(&b, top, "A");
	keys[1] = builder_key(&b, top, "B");
	builder_set_list(&b, top, builder_list(&b, "lh", keys, 2), 2);
	below = builder_key(&b, keys[0], "lost");
	builder_set_list(&b, keys[0], builder_list(&b, "lh", &below, 1), 1);
	builder_at(&b, below)[0] = 'x';
	hive = builder_open(&b, &asking);
	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
	strcpy(met, "nowhere");
	while (wh_walk_next(walk, &key) == WH_OK)
		continue;
	cr_assert_str_eq(met, "A");
}

/* With the n-th allocation failing, for every n: WH_E_MEMORY, and no key is lent.  Disabled until
 * wh_walk_next() sets its key to zero before it asks for memory. */
Test(walk, no_key_without_memory)
{
	struct meter meter;
	struct wh_allocator allocator;
	struct wh_options metered = { .allocator = &allocator };
	struct wh_walk_key key;
	enum wh_status st = WH_E_MEMORY;

	for (size_t n = 0; st == WH_E_MEMORY; n++) {
		wh_walk_free(walk);
		wh_hive_close(hive);
		allocator = meter_allocator(&meter);
		hive = builder_open(&b, &metered);
		cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
		meter.left = n;
		do {
			memset(&key, 0xee, sizeof key);
			st = wh_walk_next(walk, &key);
		} while (st == WH_OK);
		cr_assert(key.key.hive == NULL && key.path_len == 0, "%zu: %s", n,
			  wh_status_name(st));
	}
	cr_assert_eq(st, WH_E_NO_MORE);
}

/* Walking from each key of a hive gives what the walk from the root gave below it. */
static void
each_top(const char *path, const char *name)
{
	struct wh_walk_key key, other;
	struct wh_walk *below;
	struct wh_hive *good;
	struct wh_walk *whole;
	unsigned count = 0;

	cr_assert_eq(wh_hive_open(path, NULL, &good), WH_OK, "%s", name);
	cr_assert_eq(wh_walk_new(wh_hive_root(good), &whole), WH_OK);
	while (wh_walk_next(whole, &key) == WH_OK && count++ < 50) {
		cr_assert_eq(wh_walk_new(key.key, &below), WH_OK);
		cr_assert_eq(wh_walk_next(below, &other), WH_OK);
		cr_assert(other.key.cell == key.key.cell && other.depth == 0);
		cr_assert_eq(other.path_len, 0);
		wh_walk_free(below);
	}
	wh_walk_free(whole);
	wh_hive_close(good);
}

Test(walk, from_every_key_of_every_good_hive)
{
	each_hive("good", each_top);
}

/* Without a listener the walk takes a shorter way for what looks sound. */
static void
each_with_and_without_listener(const char *path, const char *name)
{
	struct wh_options listening = { .flags = WH_OPEN_NO_LOGS,
					.issue = see_issue,
					.issue_ctx = &issues };
	struct wh_options deaf = { .flags = WH_OPEN_NO_LOGS };
	struct wh_hive *one, *other;
	uint64_t digest, other_digest;
	enum wh_status st = wh_hive_open(path, &listening, &one);

	cr_assert_eq(wh_hive_open(path, &deaf, &other), st, "%s", name);
	if (st != WH_OK)
		return;
	cr_assert_eq(read_everything(one, &digest), WH_OK, "%s", name);
	cr_assert_eq(read_everything(other, &other_digest), WH_OK, "%s", name);
	cr_assert_eq(digest, other_digest, "%s", name);
	wh_hive_close(one);
	wh_hive_close(other);
}

Test(walk, the_same_with_and_without_listener)
{
	each_hive("good", each_with_and_without_listener);
	each_hive("broken", each_with_and_without_listener);
}

static void
see_incomplete(void *ctx, const struct wh_issue *issue)
{
	if (issue->incomplete)
		see_issue(ctx, issue);
}

/* What a walk gives, as a digest; what it reports to be left out is in 'issues'. */
static uint64_t
walk_all(struct wh_hive *all, bool quiet)
{
	struct wh_walk_value value;
	struct wh_walk_key key;
	struct wh_walk *w;
	uint64_t digest = 0;

	issues = (struct issues){ 0 };
	cr_assert_eq(wh_walk_new(wh_hive_root(all), &w), WH_OK);
	if (quiet)
		wh_walk_quiet(w);
	while (wh_walk_next(w, &key) == WH_OK) {
		digest = digest_add(digest, key.path, key.path_len);
		while (wh_walk_next_value(w, &value) == WH_OK) {
			digest = digest_add(digest, value.name, value.name_len);
			digest = digest_add(digest, value.data, value.data_len);
		}
	}
	wh_walk_free(w);
	return digest;
}

/* A quiet walk gives the same, and says of the same rules that something is left out. */
static void
each_quiet(const char *path, const char *name)
{
	struct wh_options listening = { .flags = WH_OPEN_NO_LOGS | WH_OPEN_WHOLE,
					.issue = see_incomplete,
					.issue_ctx = &issues };
	struct issues loud;
	struct wh_hive *all;
	uint64_t digest;

	if (wh_hive_open(path, &listening, &all) != WH_OK)
		return;
	digest = walk_all(all, false);
	loud = issues;
	cr_expect_eq(walk_all(all, true), digest, "%s", name);
	cr_expect_arr_eq(issues.broken, loud.broken, sizeof loud.broken, "%s", name);
	wh_hive_close(all);
}

Test(walk, quiet_about_what_is_given_only)
{
	each_hive("good", each_quiet);
	each_hive("broken", each_quiet);
}
