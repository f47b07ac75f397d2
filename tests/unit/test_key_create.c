/* SPDX-License-Identifier: MIT */
/* Keys made: their fields, names, class, security, and paths of them. */
#include "editing.h"
#include "hive_builder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 510, CLASS_MAX = 32767 };

static struct wh_hive *hive;
static struct wh_key root, key;
static bool created;

static void
setup(void)
{
	hive = new_hive(5);
	root = wh_hive_root(hive);
}

static void
teardown(void)
{
	if (hive) {
		expect_sound(hive);
		close_hive(hive);
	}
}

TestSuite(key_create, .init = setup, .fini = teardown);

static enum wh_status
create(const char *name, size_t len, const struct wh_create *how)
{
	return wh_key_create(root, name, len, how, &key, &created);
}

Test(key_create, every_field)
{
	struct wh_key_info info, above;
	uint32_t generation = root.generation;

	set_now(hive, LATER);
	cr_assert_eq(create("Alpha", WH_NTS, NULL), WH_OK);
	cr_expect(created);
	cr_expect_eq(key.hive, hive);
	cr_expect_geq(key.generation, generation);
	info = info_of(key);
	above = info_of(root);
	cr_expect_eq(info.flags, WH_KEY_COMP_NAME);
	cr_expect_eq(info.last_written, LATER);
	cr_expect(info.access == 0 && info.layer == WH_LAYER_MERGE && !info.inherit_class);
	cr_expect_eq(info.parent, root.cell);
	cr_expect(info.subkey_count == 0 && info.subkey_list == WH_NO_CELL);
	cr_expect(info.value_count == 0 && info.value_list == WH_NO_CELL);
	cr_expect(info.class_len == 0 && info.class_cell == WH_NO_CELL);
	cr_expect(info.volatile_count == 0 && info.work_var == 0 && info.debug == 0);
	cr_expect(info.user_flags == 0 && info.virtual_flags == 0);
	cr_expect(info.max_name_len == 0 && info.max_class_len == 0);
	cr_expect(info.max_value_name_len == 0 && info.max_value_len == 0);
	cr_expect_eq(info.name_len, 5);
	cr_expect_eq(info.cell_size, 88);
	cr_expect(has_name(key, "Alpha"));
	cr_expect_eq(above.subkey_count, 1);
	cr_expect_eq(above.max_name_len, 10);
	cr_expect_eq(above.last_written, LATER);
	cr_expect(wh_hive_changed(hive));
}

Test(key_create, only_the_parent_is_dated)
{
	struct wh_key a = make_key(hive, "A");

	set_now(hive, LATER);
	cr_assert_eq(wh_key_create(a, "B", WH_NTS, NULL, &key, &created), WH_OK);
	cr_expect_eq(info_of(key).last_written, LATER);
	cr_expect_eq(info_of(a).last_written, LATER);
	cr_expect_eq(info_of(root).last_written, NOW);
}

Test(key_create, one_that_is_there_is_opened)
{
	struct wh_create how = { .class_name = "Class", .class_len = WH_NTS, .security = "junk" };
	struct wh_key first = make_key(hive, "W\xc3\xbcrfel");
	struct bytes before = take_bytes(hive);
	struct wh_subkeys it;

	cr_assert_eq(wh_subkeys_begin(root, &it), WH_OK);
	set_now(hive, LATER);
	cr_assert_eq(create("w\xc3\x9cRFEL", WH_NTS, &how), WH_OK);
	cr_expect_not(created);
	cr_expect_eq(key.cell, first.cell);
	cr_expect(has_name(key, "W\xc3\xbcrfel"));
	created = true;
	cr_assert_eq(wh_key_create_path(root, "w\xc3\x9cRFEL", WH_NTS, &how, &key, &created),
		     WH_OK);
	cr_expect_not(created);
	cr_expect_eq(key.cell, first.cell);
	cr_expect(still_has(hive, before));
	cr_expect_eq(wh_subkeys_next(&it, &key), WH_OK, "nothing was changed");
	drop_bytes(before);
}

Test(key_create, names_in_many_scripts)
{
	static const struct {
		const char *text;
		size_t len, stored;
		bool wide;
	} names[] = {
		{ "plain", 5, 5, false },
		{ "\xc3\xa4\xc3\xb6\xc3\xbf", 6, 3, false }, /* a-umlaut, o-umlaut, y-diaeresis */
		{ "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 9, 6, true },
		{ "\xd0\x9a\xd0\xbb\xd1\x8e\xd1\x87", 8, 8, true },
		{ "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", 8, 8, true },
		{ "\xf0\x9f\x98\x80", 4, 4, true },      /* a surrogate pair */
		{ "lone\xed\xa0\x80", 7, 10, true },     /* half of one */
		{ "a\0b", 3, 3, false },                 /* a NUL */
		{ "https://winehq.org", 18, 18, false }, /* slashes */
		{ " ", 1, 1, false },
	};
	char buf[64];
	size_t len;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct wh_key found;

		cr_assert_eq(create(names[i].text, names[i].len, NULL), WH_OK, "%zu", i);
		cr_assert(created);
		cr_assert_eq(wh_key_name(key, buf, sizeof buf, &len), WH_OK);
		cr_expect(len == names[i].len && memcmp(buf, names[i].text, len) == 0, "%zu", i);
		cr_expect_eq(info_of(key).name_len, names[i].stored, "%zu", i);
		cr_expect_eq(info_of(key).flags, names[i].wide ? 0 : WH_KEY_COMP_NAME, "%zu", i);
		cr_assert_eq(wh_key_subkey(root, names[i].text, names[i].len, &found), WH_OK);
		cr_expect_eq(found.cell, key.cell);
	}
	cr_expect_eq(info_of(root).subkey_count, sizeof names / sizeof *names);
	cr_expect_eq(info_of(root).max_name_len, 36);
	/* U+0178 is the upper case of U+00FF, and stored in another form. */
	cr_assert_eq(create("\xc3\x84\xc3\x96\xc5\xb8", WH_NTS, NULL), WH_OK);
	cr_expect_not(created);
}

Test(key_create, names_against_the_rules)
{
	struct bytes before = take_bytes(hive);
	char longest[257 * 3 + 1] = "";

	cr_expect_eq(create("", 0, NULL), WH_E_INVALID);
	cr_expect_eq(create(NULL, 0, NULL), WH_E_INVALID);
	cr_expect_eq(create("a\\b", WH_NTS, NULL), WH_E_INVALID);
	cr_expect_eq(create("\\", WH_NTS, NULL), WH_E_INVALID);
	cr_expect_eq(create("bad\xff", WH_NTS, NULL), WH_E_INVALID);
	for (int i = 0; i < 257; i++)
		strcat(longest, "\xe6\x97\xa5");
	cr_expect_eq(create(longest, 257 * 3, NULL), WH_E_INVALID);
	cr_expect(key.hive == NULL && !created);
	cr_expect(still_has(hive, before));
	cr_expect_not(wh_hive_changed(hive));
	cr_expect_eq(create(longest, 256 * 3, NULL), WH_OK);
	cr_expect_eq(info_of(key).name_len, 512);
	cr_expect_eq(info_of(root).max_name_len, 512);
	drop_bytes(before);
}

Test(key_create, class_names)
{
	struct wh_create how = { .class_name = "Cl\xc3\xa4ss\xe2\x82\xac", .class_len = WH_NTS };
	char *longest = malloc(CLASS_MAX + 1);

	cr_assert_eq(create("A", WH_NTS, &how), WH_OK);
	cr_expect(has_class(key, how.class_name));
	cr_expect_eq(info_of(key).class_len, 12);
	cr_expect_eq(info_of(root).max_class_len, 12);
	how.class_len = 2;
	cr_assert_eq(create("B", WH_NTS, &how), WH_OK);
	cr_expect(has_class(key, "Cl"));
	cr_expect_eq(info_of(root).max_class_len, 12);
	how.class_len = 0;
	cr_assert_eq(create("C", WH_NTS, &how), WH_OK);
	cr_expect_eq(info_of(key).class_cell, WH_NO_CELL);

	memset(longest, 'x', CLASS_MAX + 1);
	how = (struct wh_create){ .class_name = longest, .class_len = CLASS_MAX + 1 };
	cr_expect_eq(create("D", WH_NTS, &how), WH_E_TOO_BIG);
	how.class_len = CLASS_MAX;
	cr_assert_eq(create("D", WH_NTS, &how), WH_OK);
	cr_expect_eq(info_of(key).class_len, 2 * CLASS_MAX);
	how = (struct wh_create){ .class_name = "\xc0", .class_len = 1 };
	cr_expect_eq(create("E", WH_NTS, &how), WH_E_INVALID);
	cr_expect_not(has_key(hive, "E"));
	free(longest);
}

Test(key_create, security_that_is_given)
{
	uint8_t sd[SMALL_SD];
	struct wh_create how = { .security = sd, .security_len = sizeof sd };
	uint32_t of_root = references_of(root);
	struct wh_key a, b;

	small_sd(sd, 0x20019, 0);
	cr_assert_eq(create("A", WH_NTS, &how), WH_OK);
	a = key;
	cr_expect(has_security(a, sd, sizeof sd));
	cr_expect_eq(references_of(a), 1);
	cr_assert_eq(create("B", WH_NTS, &how), WH_OK);
	b = key;
	cr_expect_eq(info_of(a).security, info_of(b).security);
	cr_expect_eq(references_of(a), 2);
	cr_expect_eq(references_of(root), of_root);
	/* That of the parent, lent from the hive. */
	cr_assert_eq(wh_key_security(root, &how.security, &how.security_len), WH_OK);
	cr_assert_eq(create("C", WH_NTS, &how), WH_OK);
	cr_expect_eq(info_of(key).security, info_of(root).security);
	cr_expect_eq(references_of(root), of_root + 1);
}

Test(key_create, security_against_the_rules)
{
	struct bytes before = take_bytes(hive);
	uint8_t sd[SMALL_SD];
	struct wh_create how = { .security = sd, .security_len = sizeof sd - 1 };

	small_sd(sd, 0x20019, 0);
	cr_expect_eq(create("A", WH_NTS, &how), WH_E_INVALID);
	how.security_len = 0;
	cr_expect_eq(create("A", WH_NTS, &how), WH_E_INVALID);
	how.security_len = sizeof sd;
	sd[0] = 2;
	cr_expect_eq(create("A", WH_NTS, &how), WH_E_INVALID);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_create, security_that_is_inherited)
{
	uint8_t here[SMALL_SD], below[SMALL_SD];
	struct wh_key a, b, c;

	/* Nothing in it is inherited: the parent's is shared. */
	small_sd(here, 0x20019, 0);
	cr_assert_eq(wh_key_set_security(root, here, sizeof here), WH_OK);
	a = make_key(hive, "A");
	cr_expect_eq(info_of(a).security, info_of(root).security);
	cr_expect_eq(references_of(root), 2);

	/* All of it is: again the same bytes. */
	small_sd(below, 0x20019, INHERITED_BY_KEYS);
	cr_assert_eq(wh_key_set_security(root, below, sizeof below), WH_OK);
	b = make_key(hive, "B");
	cr_expect_eq(info_of(b).security, info_of(root).security);

	/* KEY_ALL_ACCESS to be: the rights are made those of keys, and handed on as they were. */
	small_sd(below, 0x10000000, INHERITED_BY_KEYS);
	cr_assert_eq(wh_key_set_security(root, below, sizeof below), WH_OK);
	b = make_key(hive, "B2");
	c = make_key(hive, "C");
	cr_expect_neq(info_of(b).security, info_of(root).security);
	cr_expect_eq(info_of(b).security, info_of(c).security);
	cr_expect_eq(references_of(b), 2);
}

/* One of 100 ACEs, which are 20 bytes each from byte 28 on. */
enum { LARGE_SD = 28 + 100 * 20 };

static void
large_sd(uint8_t sd[LARGE_SD])
{
	small_sd(sd, 0x10000000, INHERITED_BY_KEYS);
	put16(sd + 22, LARGE_SD - 20);
	put16(sd + 24, 100);
	for (uint32_t at = 48; at < LARGE_SD; at += 20) {
		memcpy(sd + at, sd + 28, 20);
		put32(sd + at + 16, at); /* each for somebody else */
	}
}

Test(key_create, security_of_many_entries)
{
	uint8_t sd[LARGE_SD];
	const void *inherited;
	size_t len;

	large_sd(sd);
	cr_assert_eq(wh_key_set_security(root, sd, sizeof sd), WH_OK);
	cr_assert_eq(create("A", WH_NTS, NULL), WH_OK);
	cr_assert_eq(wh_key_security(key, &inherited, &len), WH_OK);
	cr_expect_eq(len, 28 + 200 * 20);
	cr_assert_eq(wh_key_create(key, "B", WH_NTS, NULL, &key, &created), WH_OK);
}

Test(key_create, security_that_is_shared)
{
	struct wh_create how = { .share_security = true };
	uint8_t sd[SMALL_SD];

	small_sd(sd, 0x10000000, INHERITED_BY_KEYS);
	cr_assert_eq(wh_key_set_security(root, sd, sizeof sd), WH_OK);
	cr_assert_eq(create("A", WH_NTS, &how), WH_OK);
	cr_expect_eq(info_of(key).security, info_of(root).security);
	cr_expect_eq(references_of(root), 2);
}

Test(key_create, symbolic_links)
{
	struct wh_create how = { .symbolic_link = true };

	cr_assert_eq(create("Link", WH_NTS, &how), WH_OK);
	cr_expect_eq(info_of(key).flags, WH_KEY_SYM_LINK | WH_KEY_COMP_NAME);
	cr_assert_eq(wh_key_delete(key), WH_OK);
}

/* ------------------------------------------------------------------- paths */

static enum wh_status
create_path(const char *path, const struct wh_create *how)
{
	return wh_key_create_path(root, path, WH_NTS, how, &key, &created);
}

Test(key_create, a_path)
{
	struct wh_create how = { .class_name = "Last", .class_len = WH_NTS };

	cr_assert_eq(create_path("A\\b\\C", &how), WH_OK);
	cr_expect(created);
	cr_expect(has_class(key, "Last"));
	cr_expect(has_class(open_key(hive, "A\\b"), ""));
	cr_expect(has_name(open_key(hive, "a\\B"), "b"));
	cr_expect_eq(info_of(open_key(hive, "A")).subkey_count, 1);
	cr_expect_eq(open_key(hive, "A\\B\\c").cell, key.cell);
	set_now(hive, LATER);
	cr_assert_eq(create_path("a\\B\\D\\\\E\\\\", NULL), WH_OK);
	cr_expect(created);
	cr_expect(has_key(hive, "A\\b\\D\\E"));
	cr_expect(has_name(open_key(hive, "A"), "A"));
	cr_expect_eq(info_of(open_key(hive, "A\\b")).last_written, LATER);
	cr_expect_eq(info_of(open_key(hive, "A")).last_written, NOW);
	cr_assert_eq(create_path("A\\\\B\\", NULL), WH_OK);
	cr_expect_not(created);
	cr_expect(has_name(key, "b"));
}

Test(key_create, a_path_of_nothing_is_the_key)
{
	cr_assert_eq(create_path("", NULL), WH_OK);
	cr_expect(key.cell == root.cell && !created);
	cr_assert_eq(wh_key_create_path(root, NULL, 0, NULL, &key, &created), WH_OK);
	cr_expect(key.cell == root.cell && !created);
	cr_assert_eq(wh_key_create_path(root, "A\\B", 1, NULL, &key, &created), WH_OK);
	cr_expect(has_key(hive, "A") && !has_key(hive, "A\\B"));
}

Test(key_create, a_path_all_or_nothing)
{
	struct wh_create how = { .security = "junk", .security_len = 4 };
	struct bytes before;
	char longest[600];

	make_key(hive, "There");
	before = take_bytes(hive);
	cr_expect_eq(create_path("\\A", NULL), WH_E_BAD_PATH);
	cr_expect_eq(create_path("\\", NULL), WH_E_BAD_PATH);
	cr_expect_eq(create_path("There\\B\\C\\\xff", NULL), WH_E_INVALID);
	snprintf(longest, sizeof longest, "There\\B\\%0257d\\D", 0);
	cr_expect_eq(create_path(longest, NULL), WH_E_INVALID);
	cr_expect_eq(create_path("There\\B", &how), WH_E_INVALID);
	cr_expect(key.hive == NULL && !created);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

Test(key_create, as_deep_as_windows_loads)
{
	char path[2 * DEEPEST + 3] = "";
	struct bytes before;

	for (int i = 0; i < DEEPEST; i++)
		strcat(path, "k\\");
	cr_assert_eq(create_path(path, NULL), WH_OK);
	before = take_bytes(hive);
	strcat(path, "k");
	cr_expect_eq(create_path(path, NULL), WH_E_TOO_BIG);
	cr_expect_eq(wh_key_create(key, "k", WH_NTS, NULL, &key, &created), WH_E_INVALID);
	key = open_key(hive, "k\\k");
	cr_expect_eq(wh_key_create_path(key, path + 2, WH_NTS, NULL, &key, &created), WH_E_TOO_BIG);
	path[2 * DEEPEST] = '\0';
	cr_expect_eq(wh_key_create(open_key(hive, path), "k", WH_NTS, NULL, &key, &created),
		     WH_E_TOO_BIG);
	cr_expect(still_has(hive, before));
	drop_bytes(before);
}

/* Names and the rest may be what reading has lent. */
Test(key_create, from_what_is_lent)
{
	struct wh_key a = make_key(hive, "A");
	const char path[] = "Lent\\From\\The\\Hive", text[] = "Class and name";
	struct wh_create how = { 0 };
	struct wh_value value;
	const void *piece;
	size_t len;

	set_value(a, "path", path, strlen(path));
	set_value(a, "text", text, strlen(text));
	cr_assert_eq(wh_key_value(a, "text", WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_value_piece(value, 0, &piece, &len), WH_OK);
	how.class_name = piece;
	how.class_len = len;
	cr_assert_eq(wh_key_security(a, &how.security, &how.security_len), WH_OK);
	cr_assert_eq(wh_key_create(a, piece, len, &how, &key, &created), WH_OK);
	cr_expect(has_name(key, text) && has_class(key, text));
	cr_expect_eq(info_of(key).security, info_of(a).security);
	cr_assert_eq(wh_key_value(a, "path", WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_value_piece(value, 0, &piece, &len), WH_OK);
	cr_assert_eq(wh_key_create_path(a, piece, len, NULL, &key, &created), WH_OK);
	cr_expect(has_key(hive, "A\\Lent\\From\\The\\Hive"));
}

/* ------------------------------------------------------------------ the rest */

Test(key_create, many_in_each_version)
{
	char name[32];

	for (uint32_t minor = 2; minor <= 6; minor++) {
		struct wh_hive *made = new_hive(minor);

		for (unsigned i = 0; i < 3000; i++) {
			snprintf(name, sizeof name, "%s%u", i % 3 ? "k" : "\xce\xba",
				 i * 2654435761u);
			cr_assert_eq(wh_key_create(wh_hive_root(made), name, WH_NTS, NULL, &key,
						   &created),
				     WH_OK);
			cr_assert(created);
		}
		cr_expect_eq(info_of(wh_hive_root(made)).subkey_count, 3000);
		expect_sound(made);
		close_hive(made);
	}
}

Test(key_create, what_the_handle_can_be)
{
	struct wh_key none = { 0 }, wrong = { hive, info_of(root).security, 0 };
	struct wh_key a = make_key(hive, "A");

	key = root;
	cr_expect_eq(wh_key_create(none, "A", WH_NTS, NULL, &key, &created), WH_E_INVALID);
	cr_expect(key.hive == NULL);
	cr_expect_eq(wh_key_create_path(none, "A", WH_NTS, NULL, &key, &created), WH_E_INVALID);
	cr_expect_eq(wh_key_create(wrong, "A", WH_NTS, NULL, &key, &created), WH_E_CORRUPT);
	cr_expect_eq(wh_key_create_path(wrong, "A", WH_NTS, NULL, &key, &created), WH_E_CORRUPT);
	cr_assert_eq(wh_key_delete(a), WH_OK);
	cr_expect_eq(wh_key_create(a, "B", WH_NTS, NULL, &key, &created), WH_E_DELETED);
	cr_expect_eq(wh_key_create_path(a, "B", WH_NTS, NULL, &key, &created), WH_E_DELETED);
	cr_expect_eq(wh_key_create_path(a, "", WH_NTS, NULL, &key, &created), WH_E_DELETED);
	cr_expect(key.hive == NULL && !created);
}

Test(key_create, in_a_dirty_hive)
{
	struct wh_options options = { .flags = WH_OPEN_NO_LOGS };
	struct bytes bytes;
	struct wh_hive *dirty;

	make_key(hive, "There");
	bytes = take_bytes(hive);
	/* The first sequence number, which the checksum covers. */
	put32((uint8_t *)bytes.at + 508, get32(bytes.at + 508) ^ get32(bytes.at + 4) ^ 7);
	put32((uint8_t *)bytes.at + 4, 7);
	cr_assert_eq(wh_hive_open_memory(bytes.at, bytes.len, &options, &dirty), WH_OK);
	cr_expect_eq(wh_key_create(wh_hive_root(dirty), "New", WH_NTS, NULL, &key, &created),
		     WH_E_DIRTY);
	cr_expect_eq(
		wh_key_create_path(wh_hive_root(dirty), "There\\New", WH_NTS, NULL, &key, &created),
		WH_E_DIRTY);
	cr_expect_eq(wh_key_create(wh_hive_root(dirty), "there", WH_NTS, NULL, &key, &created),
		     WH_OK);
	wh_hive_close(dirty);
	options.flags |= WH_OPEN_TAKE_DIRTY;
	cr_assert_eq(wh_hive_open_memory(bytes.at, bytes.len, &options, &dirty), WH_OK);
	cr_expect_eq(wh_key_create(wh_hive_root(dirty), "New", WH_NTS, NULL, &key, &created),
		     WH_OK);
	wh_hive_close(dirty);
	drop_bytes(bytes);
}

/* Whoever cannot tell how deep a key is does not make it deeper. */
Test(key_create, below_a_key_that_leads_nowhere)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	struct wh_hive *damaged;
	struct bytes before;
	struct builder b;
	uint32_t top;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	top = builder_key(&b, b.root, "Top");
	builder_set_list(&b, b.root, builder_list(&b, "lh", &top, 1), 1);
	put32(builder_at(&b, top) + 16, b.security);
	for (int i = 0; i < 2; i++) {
		damaged = builder_open(&b, &options);
		before = take_bytes(damaged);
		cr_expect_eq(wh_key_create(open_key(damaged, "Top"), "New", WH_NTS, NULL, &key,
					   &created),
			     WH_E_CORRUPT);
		cr_expect_eq(wh_key_create_path(open_key(damaged, "Top"), "New", WH_NTS, NULL, &key,
						&created),
			     WH_E_CORRUPT);
		cr_expect(still_has(damaged, before));
		drop_bytes(before);
		wh_hive_close(damaged);
		put32(builder_at(&b, top) + 16, top); /* or in a circle */
	}
	builder_fini(&b);
}

static void
build_some(struct wh_hive *made)
{
	uint8_t sd[SMALL_SD];

	make_key(made, "A\\B");
	small_sd(sd, 0x10000000, INHERITED_BY_KEYS);
	if (wh_key_set_security(open_key(made, "A"), sd, sizeof sd) != WH_OK)
		abort();
}

static enum wh_status
create_one(struct wh_hive *made)
{
	uint8_t sd[SMALL_SD];
	struct wh_create how = { .class_name = "Class",
				 .class_len = WH_NTS,
				 .security = sd,
				 .security_len = sizeof sd };

	small_sd(sd, 0x20019, 0);
	return wh_key_create(open_key(made, "A"), "\xe6\x97\xa5", WH_NTS, &how, &key, &created);
}

static enum wh_status
create_three(struct wh_hive *made)
{
	char path[1200];

	snprintf(path, sizeof path, "A\\%0254d\\%0253d\\%0255d", 1, 2, 3);
	return wh_key_create_path(wh_hive_root(made), path, WH_NTS, NULL, &key, &created);
}

static void
build_large(struct wh_hive *made)
{
	uint8_t sd[LARGE_SD];

	large_sd(sd);
	if (wh_key_set_security(make_key(made, "A"), sd, sizeof sd) != WH_OK)
		abort();
}

static enum wh_status
create_plain(struct wh_hive *made)
{
	return wh_key_create(open_key(made, "A"), "B", WH_NTS, NULL, &key, &created);
}

Test(key_create, without_memory)
{
	cr_expect_gt(starve(5, build_large, create_plain), 1);
	cr_expect_gt(starve(5, build_some, create_one), 2);
	cr_expect_gt(starve(3, build_some, create_three), 2);
}
