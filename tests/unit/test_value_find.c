/* SPDX-License-Identifier: MIT */
/*
 * Values of keys that have many, by their names: whatever changes are made, a name leads to the
 * first value in the list that has it, and no other name to any.  A list of names as plain as can
 * be, which is gone through from the start, is held against it after each change.
 */
#include "editing.h"
#include "hive_builder.h"
#include "values.h"

#include "hive/hive.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 400, NAMES = 600 };

struct named {
	unsigned name; /* below NAMES */
	uint32_t data;
};

/* The values of a key, in order. */
struct plain {
	struct named values[MOST];
	size_t count;
};

static uint64_t dice;

static unsigned
below(unsigned n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(dice >> 33) % n;
}

/* A name in one of many ways to write it: Latin-1 or wider, in small letters or large ones. */
static const char *
spell(unsigned name, bool large)
{
	static char text[4][64];
	static unsigned turn;
	char *to = text[turn++ % 4];

	snprintf(to, sizeof text[0], "%s %s %u", large ? "Name" : "nAME",
		 name % 3 == 0   ? (large ? "\xce\xa3" : "\xcf\x83") /* sigma */
		 : name % 3 == 1 ? (large ? "\xc3\x84" : "\xc3\xa4") /* a with two dots */
				 : "a",
		 name);
	return to;
}

static size_t
place_of(const struct plain *p, unsigned name)
{
	size_t i = 0;

	while (i < p->count && p->values[i].name != name)
		i++;
	return i;
}

/* A name is found, or not, as in the plain list. */
static void
expect_name(struct wh_key key, const struct plain *p, unsigned name)
{
	size_t i = place_of(p, name);
	struct wh_value found, at;
	enum wh_status st = wh_key_value(key, spell(name, below(2)), WH_NTS, &found);
	uint32_t data;
	size_t len;

	cr_assert_eq(st, i < p->count ? WH_OK : WH_E_NOT_FOUND, "name %u of %zu", name, p->count);
	if (st != WH_OK)
		return;
	cr_assert_eq(wh_key_value_at(key, (uint32_t)i, &at), WH_OK);
	cr_assert_eq(found.cell, at.cell);
	cr_assert_eq(wh_value_read(found, &data, sizeof data, &len), WH_OK);
	cr_assert_eq(data, p->values[i].data);
}

static void
expect_all(struct wh_key key, const struct plain *p)
{
	struct wh_value none;

	for (unsigned name = 0; name < NAMES; name++)
		expect_name(key, p, name);
	cr_assert_eq(wh_key_value_at(key, (uint32_t)p->count, &none), WH_E_NO_MORE);
}

static void
set(struct wh_key key, struct plain *p, unsigned name)
{
	size_t i = place_of(p, name);
	uint32_t data = below(1u << 30);

	if (i == MOST)
		return;
	cr_assert_eq(
		wh_value_set(key, spell(name, below(2)), WH_NTS, WH_REG_BINARY, &data, sizeof data),
		WH_OK);
	if (i == p->count)
		p->values[p->count++].name = name;
	p->values[i].data = data;
}

static void delete (struct wh_key key, struct plain *p, unsigned name)
{
	size_t i = place_of(p, name);

	cr_assert_eq(wh_value_delete(key, spell(name, below(2)), WH_NTS),
		     i < p->count ? WH_OK : WH_E_NOT_FOUND);
	if (i < p->count)
		memmove(&p->values[i], &p->values[i + 1], (--p->count - i) * sizeof p->values[0]);
}

static void
rename_to(struct wh_key key, struct plain *p, unsigned name, unsigned wanted)
{
	size_t i = place_of(p, name), there = place_of(p, wanted);
	enum wh_status due = WH_OK;

	if (i == p->count)
		due = WH_E_NOT_FOUND;
	else if (there < p->count && there != i)
		due = WH_E_EXISTS;
	cr_assert_eq(wh_value_rename(key, spell(name, below(2)), WH_NTS, spell(wanted, below(2)),
				     WH_NTS),
		     due);
	if (due == WH_OK)
		p->values[i].name = wanted;
}

/* One change at random; more come than go, up to the most that there may be. */
static void
change(struct wh_key key, struct plain *p)
{
	unsigned what = below(10);

	if (what < 7)
		set(key, p, below(NAMES));
	else if (what == 7)
		delete (key, p, below(NAMES));
	else
		rename_to(key, p, below(NAMES), below(NAMES));
	expect_name(key, p, below(NAMES));
}

Test(value_find, as_in_a_plain_list)
{
	static struct plain p;
	struct wh_hive *hive = new_hive(5);
	struct wh_key key = make_key(hive, "Many");

	for (int i = 0; i < 6000; i++) {
		change(key, &p);
		if (i % 500 == 0)
			expect_all(key, &p);
	}
	cr_assert_gt(p.count, 200);
	expect_all(key, &p);
	expect_sound(hive);
	close_hive(hive);
}

/* What is undone was never there: edits that fail, and transactions one in another. */
Test(value_find, after_undo)
{
	static struct plain p, before[2];
	struct wh_hive *hive = new_hive(5);
	struct wh_key key = make_key(hive, "Many");
	size_t depth = 0;

	for (int i = 0; i < 6000; i++) {
		unsigned what = below(20);

		if (what == 0 && depth < 2) {
			cr_assert_eq(wh_hive_begin(hive), WH_OK);
			before[depth++] = p;
		} else if (what == 1 && depth > 0) {
			cr_assert_eq(wh_hive_undo(hive), WH_OK);
			p = before[--depth];
			key = open_key(hive, "Many");
		} else if (what == 2 && depth > 0) {
			cr_assert_eq(wh_hive_end(hive), WH_OK);
			depth--;
		} else if (what == 3) {
			cr_assert_eq(wh_value_set(key, spell(below(NAMES), true), WH_NTS,
						  WH_REG_BINARY, "", SIZE_MAX / 2),
				     WH_E_TOO_BIG);
		}
		change(key, &p);
	}
	expect_all(key, &p);
	expect_sound(hive);
	close_hive(hive);
}

/* Keys changed in turn, keys whose values all go, copies of one in another. */
Test(value_find, some_keys)
{
	static struct plain p[3];
	static const char *const names[] = { "One", "Two", "Three" };
	struct wh_hive *hive = new_hive(6);
	struct wh_key root = wh_hive_root(hive), keys[3], copy;

	for (int i = 0; i < 3; i++)
		keys[i] = make_key(hive, names[i]);
	for (int i = 0; i < 9000; i++) {
		unsigned k = i < 3000 ? below(3) : (unsigned)i / 100 % 3, other = (k + 1) % 3;

		change(keys[k], &p[k]);
		if (i % 1000 == 700) {
			cr_assert_eq(wh_key_delete_tree(keys[other]), WH_OK);
			p[other].count = 0;
			keys[other] = make_key(hive, names[other]);
		} else if (i % 1000 == 300) {
			cr_assert_eq(wh_key_delete_tree(keys[other]), WH_OK);
			cr_assert_eq(wh_key_copy(keys[k], root, names[other], WH_NTS, 0, &copy),
				     WH_OK);
			p[other] = p[k];
			keys[other] = copy;
		}
	}
	for (int i = 0; i < 3; i++)
		expect_all(keys[i], &p[i]);
	expect_sound(hive);
	close_hive(hive);
}

/* A cell that a value of this key had, and one of the same name in another key has now. */
Test(value_find, cell_that_is_used_again)
{
	struct wh_hive *hive = new_hive(5);
	struct wh_key many = make_key(hive, "Many"), few = make_key(hive, "Few");
	struct wh_value value, again;
	unsigned same = 0;

	for (unsigned name = 0; name < 300; name++)
		set_value(many, spell(name, true), "", 0);
	for (unsigned name = 0; name < 300; name++) {
		cr_assert_eq(wh_key_value(many, spell(name, true), WH_NTS, &value), WH_OK);
		cr_assert_eq(wh_value_delete(many, spell(name, true), WH_NTS), WH_OK);
		set_value(few, spell(name, true), "", 0);
		cr_assert_eq(wh_key_value(few, spell(name, true), WH_NTS, &again), WH_OK);
		same += value.cell == again.cell;
		cr_assert_eq(wh_key_value(many, spell(name, true), WH_NTS, &value), WH_E_NOT_FOUND);
		cr_assert_eq(wh_value_delete(few, spell(name, true), WH_NTS), WH_OK);
	}
	cr_assert_gt(same, 0);
	close_hive(hive);
}

/*
 * A name of which the hash ends in eight ones: the second of two such goes to the start of a table,
 * and comes first when that is made anew.
 */
static void
name_at_the_end(char name[16])
{
	unsigned hash = 0;

	for (unsigned i = 0; (hash & 0xff) != 0xff; i++) {
		snprintf(name, 16, "TWIN%u", i);
		hash = 0;
		for (const char *c = name; *c; c++)
			hash = hash * 37 + (unsigned char)*c;
	}
}

/* Of two values with one name it is the first, for those who change as for those who read. */
Test(value_find, name_that_is_there_twice)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	uint32_t cells[100], root;
	struct builder b;
	struct wh_hive *hive;
	struct wh_key key;
	struct wh_value value;
	char name[16];

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	for (uint32_t i = 0; i < 100; i++) {
		name_at_the_end(name);
		if (i >= 2)
			snprintf(name, sizeof name, i % 2 ? "v%u" : "V%u", (unsigned)(i % 50));
		cells[i] = builder_value(&b, name, WH_REG_DWORD, &i, sizeof i);
	}
	builder_set_values(&b, root, cells, 100);
	hive = builder_open(&b, &options);
	key = wh_hive_root(hive);
	for (uint32_t i = 2; i < 50; i++) {
		snprintf(name, sizeof name, "v%u", (unsigned)i);
		set_value(key, name, "first", 5);
		cr_assert_eq(wh_key_value(key, name, WH_NTS, &value), WH_OK);
		cr_assert_eq(value.cell, cells[i]);
	}
	name_at_the_end(name);
	cr_assert_eq(wh_key_value(key, name, WH_NTS, &value), WH_OK);
	cr_assert_eq(value.cell, cells[0]);
	wh_hive_close(hive);
	builder_fini(&b);
}

/* Two pairs of characters that add the same to a hash: 14 of them make 16,384 names of one hash. */
static void
name_of_one_hash(uint32_t index, char name[29])
{
	for (unsigned bit = 0; bit < 14; bit++)
		memcpy(name + 2 * (size_t)bit, index >> bit & 1 ? "AZ" : "B5", 2);
	name[28] = '\0';
}

/* Names that were made to meet in a table: there is none, as to fill it would take too long. */
Test(value_find, names_of_one_hash)
{
	enum { COUNT = 1 << 14 };
	uint32_t *cells = malloc(COUNT * sizeof *cells), root;
	struct wh_value value;
	struct wh_hive *hive;
	struct wh_key key;
	struct builder b;
	char name[29];

	cr_assert(cells);
	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	for (uint32_t i = 0; i < COUNT; i++) {
		name_of_one_hash(i, name);
		cells[i] = builder_value(&b, name, WH_REG_DWORD, &i, sizeof i);
	}
	builder_set_values(&b, root, cells, COUNT);
	hive = builder_open(&b, NULL);
	key = wh_hive_root(hive);
	for (uint32_t i = COUNT - 8; i < COUNT; i++) {
		name_of_one_hash(i, name);
		set_value(key, name, "data", 4);
		cr_assert_not(hive->value_names.cells.made);
		cr_assert_eq(wh_key_value(key, name, WH_NTS, &value), WH_OK);
		cr_assert_eq(value.cell, cells[i]);
	}
	wh_hive_close(hive);
	builder_fini(&b);
	free(cells);
}

/* ------------------------------------------------------------------- memory */

static void
build_many(struct wh_hive *hive)
{
	struct wh_key key = make_key(hive, "Many");

	for (unsigned i = 0; i < 100; i++)
		set_value(key, spell(i, true), "data", 4);
}

static enum wh_status
change_many(struct wh_hive *hive)
{
	struct wh_key key = open_key(hive, "Many");
	enum wh_status st = wh_hive_begin(hive);

	if (st != WH_OK)
		return st;
	for (unsigned i = 100; i < 100 && st == WH_OK; i++)
		st = wh_value_set(key, spell(i, true), WH_NTS, WH_REG_BINARY, "more data", 9);
	if (st == WH_OK)
		return wh_hive_end(hive);
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	return st;
}

/* Without memory for an index, all goes on without one. */
Test(value_find, no_memory)
{
	cr_assert_gt(starve(5, build_many, change_many), 0);
}
