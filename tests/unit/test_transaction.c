/* SPDX-License-Identifier: MIT */
/* New hives, and changes kept and undone together. */
#include "winhive.h"

#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct wh_hive *hive;
static struct meter meter;
static struct wh_allocator alloc;

static void
setup(void)
{
	struct wh_options options = { .allocator = &alloc, .time = 0x01d9000000000000 };

	alloc = meter_allocator(&meter);
	cr_assert_eq(wh_hive_new(NULL, &options, &hive), WH_OK);
}

static void
teardown(void)
{
	wh_hive_close(hive);
	cr_expect_eq(meter.blocks, 0);
	cr_expect_not(meter.wrong_size);
}

TestSuite(transaction, .init = setup, .fini = teardown);

static struct wh_key
make(const char *path)
{
	struct wh_key key;
	bool created;

	cr_assert_eq(wh_key_create_path(wh_hive_root(hive), path, WH_NTS, NULL, &key, &created),
		     WH_OK);
	return key;
}

static bool
exists(const char *path)
{
	struct wh_key key;

	return wh_key_open(wh_hive_root(hive), path, WH_NTS, &key) == WH_OK;
}

static enum wh_status
look(struct wh_key key)
{
	struct wh_key_info info;

	return wh_key_info(key, &info);
}

/* The bytes of the hive, to hold against later ones. */
struct copy {
	void *bytes;
	size_t len;
};

static struct copy
take(void)
{
	struct copy copy;
	const void *bytes = wh_hive_bytes(hive, &copy.len);

	copy.bytes = malloc(copy.len);
	cr_assert_not_null(copy.bytes);
	memcpy(copy.bytes, bytes, copy.len);
	return copy;
}

static void
expect_and_drop(struct copy copy)
{
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len);

	cr_expect_eq(len, copy.len);
	cr_expect(len == copy.len && memcmp(bytes, copy.bytes, len) == 0);
	free(copy.bytes);
}

Test(transaction, a_new_hive_is_two_pages_and_opens)
{
	struct issues issues = { 0 };
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	struct wh_base_block base;
	struct wh_hive *again;
	uint64_t digest;
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len), *descriptor;
	char name[16];

	cr_expect_eq(len, 8192);
	cr_expect_not(wh_hive_changed(hive));
	cr_expect_eq(wh_hive_state(hive), WH_CLEAN);
	cr_assert_eq(wh_hive_open_memory(bytes, len, &options, &again), WH_OK);
	wh_hive_base_block(again, &base, NULL);
	cr_expect_eq(base.minor, 5);
	cr_expect_eq(base.sequence1, base.sequence2);
	cr_expect_eq(base.timestamp, 0x01d9000000000000);
	cr_assert_eq(wh_key_name(wh_hive_root(again), name, sizeof name, &len), WH_OK);
	cr_expect_eq(len, 4);
	cr_expect_eq(memcmp(name, "ROOT", 4), 0);
	cr_assert_eq(wh_key_security(wh_hive_root(again), &descriptor, &len), WH_OK);
	cr_expect_eq(len, 144);
	cr_expect_eq(read_everything(again, &digest), WH_OK);
	cr_expect_eq(issues.count, 0);
	wh_hive_close(again);
}

Test(transaction, a_new_hive_of_any_version_and_name)
{
	struct wh_new how = { .root_name = "W\xc3\xb6rzel \xe6\xa0\xb9", .root_name_len = WH_NTS };
	struct wh_base_block base;
	struct wh_hive *made;
	char name[64];
	size_t len;

	for (how.minor = 2; how.minor <= 6; how.minor++) {
		cr_assert_eq(wh_hive_new(&how, NULL, &made), WH_OK);
		wh_hive_base_block(made, &base, NULL);
		cr_expect_eq(base.minor, how.minor);
		cr_assert_eq(wh_key_name(wh_hive_root(made), name, sizeof name, &len), WH_OK);
		cr_expect(len == strlen(how.root_name) && !memcmp(name, how.root_name, len));
		wh_hive_close(made);
	}
	how.minor = 7;
	cr_expect_eq(wh_hive_new(&how, NULL, &made), WH_E_INVALID);
	how.minor = 1;
	cr_expect_eq(wh_hive_new(&how, NULL, &made), WH_E_INVALID);
	cr_expect_null(made);
	how = (struct wh_new){ .root_name = "a\\b", .root_name_len = WH_NTS };
	cr_expect_eq(wh_hive_new(&how, NULL, &made), WH_E_INVALID);
	how = (struct wh_new){ .security = "not a descriptor", .security_len = 16 };
	cr_expect_eq(wh_hive_new(&how, NULL, &made), WH_E_INVALID);
}

Test(transaction, a_new_hive_without_memory)
{
	struct meter own;
	struct wh_allocator failing = meter_allocator(&own);
	struct wh_options options = { .allocator = &failing };
	struct wh_hive *made;
	size_t n = 0;

	for (own.left = 0; wh_hive_new(NULL, &options, &made) != WH_OK; own.left = ++n) {
		cr_expect_null(made);
		cr_assert_eq(own.blocks, 0);
	}
	cr_expect_gt(n, 5);
	wh_hive_close(made);
}

Test(transaction, end_keeps_and_undo_undoes)
{
	struct copy empty = take(), with_a;
	struct wh_key root = wh_hive_root(hive), a, b;

	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	a = make("A");
	cr_assert_eq(wh_hive_end(hive), WH_OK);
	cr_expect(wh_hive_changed(hive));
	cr_expect_eq(look(a), WH_OK);
	with_a = take();

	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	b = make("B\\C");
	cr_assert_eq(wh_key_delete(a), WH_OK);
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	expect_and_drop(with_a);
	cr_expect(exists("A"));
	cr_expect_not(exists("B"));
	cr_expect_eq(look(b), WH_E_DELETED);
	cr_expect_eq(look(a), WH_E_DELETED, "deleted meanwhile: to be looked up anew");
	cr_expect_eq(look(root), WH_OK);

	wh_hive_discard(hive);
	expect_and_drop(empty);
	cr_expect_not(wh_hive_changed(hive));
	cr_expect_not(exists("A"));
	cr_expect_eq(look(root), WH_OK);
}

Test(transaction, one_inside_another)
{
	struct copy empty = take(), outer;

	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	make("Outer");
	outer = take();
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	make("Inner");
	cr_expect_eq(wh_hive_begin(hive), WH_E_INVALID);
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	expect_and_drop(outer);
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	make("Inner");
	cr_assert_eq(wh_hive_end(hive), WH_OK);
	cr_expect(exists("Inner"));
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	cr_expect_not(exists("Inner"));
	cr_expect_not(exists("Outer"));
	expect_and_drop(empty);
	cr_expect_eq(wh_hive_end(hive), WH_E_INVALID);
	cr_expect_eq(wh_hive_undo(hive), WH_E_INVALID);
	cr_expect_eq(wh_hive_begin(NULL), WH_E_INVALID);
}

Test(transaction, discard_undoes_open_ones)
{
	struct copy empty = take();

	make("Before");
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	make("A");
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	make("B");
	wh_hive_discard(hive);
	expect_and_drop(empty);
	cr_expect_not(wh_hive_changed(hive));
	cr_expect_eq(wh_hive_end(hive), WH_E_INVALID);
	wh_hive_discard(hive);
	make("After");
	cr_expect(exists("After"));
}

Test(transaction, the_name_of_the_root_comes_back)
{
	struct copy empty = take();
	struct wh_key renamed;
	char name[400];
	size_t len;

	memset(name, 'x', 256);
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	cr_assert_eq(wh_key_rename(wh_hive_root(hive), name, 256, &renamed), WH_OK);
	cr_expect_eq(look(wh_hive_root(hive)), WH_OK);
	cr_expect_eq(look(renamed), WH_OK);
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	cr_assert_eq(wh_key_name(wh_hive_root(hive), name, sizeof name, &len), WH_OK);
	cr_expect(len == 4 && memcmp(name, "ROOT", 4) == 0);
	expect_and_drop(empty);
}

Test(transaction, iterations_end_at_a_change)
{
	struct wh_subkeys it;
	struct wh_walk *walk;
	struct wh_walk_key walked;
	struct wh_walk_value value;
	struct wh_key key;
	const void *piece;
	size_t len;

	make("A");
	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
	cr_assert_eq(wh_walk_next(walk, &walked), WH_OK);
	cr_assert_eq(wh_subkeys_begin(wh_hive_root(hive), &it), WH_OK);
	make("B");
	cr_expect_eq(wh_subkeys_next(&it, &key), WH_E_DELETED);
	cr_expect_eq(wh_walk_next_value(walk, &value), WH_E_DELETED);
	cr_expect_eq(wh_walk_data(walk, &piece, &len), WH_E_NO_MORE);
	cr_expect_eq(wh_walk_next(walk, &walked), WH_E_DELETED);
	wh_walk_free(walk);
}
