/* SPDX-License-Identifier: MIT */
/* Subkeys put into and taken out of lists, against a model. */
#include "subkey_model.h"

#include "tree/index.h"
#include "tree/index_edit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 3000 };

/* One of four alphabets: 0xff is upper-cased to U+0178, which lies behind Latin-1. */
static size_t
mixed_key(unsigned number)
{
	static const char *const formats[] = { "key%05u", "\xe9T\xc9%u", "\xff%u" };
	le16 wide[17] = { le16_make(0x20ac) };
	char digits[16];
	uint32_t n;

	if (number % 4 < 3)
		return model_number(formats[number % 4], number);
	snprintf(digits, sizeof digits, "%u", number);
	for (n = 0; n < sizeof digits && digits[n]; n++)
		wide[n + 1] = le16_make((uint8_t)digits[n]);
	return model_key(wide, 2 * (n + 1), true);
}

/* A hive with keys k00000, k00001, ... in no list. */
static void
open_numbered(uint32_t minor, unsigned count)
{
	model_begin(minor);
	for (unsigned i = 0; i < count; i++)
		model_number("k%05u", i);
	model_open();
}

static uint32_t
random_below(uint32_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % limit;
}

/* A permutation of the children. */
static size_t *
shuffled(void)
{
	size_t *order = calloc(model.child_count, sizeof *order);

	cr_assert(order);
	for (size_t i = 0; i < model.child_count; i++) {
		size_t k = random_below((uint32_t)i + 1);

		order[i] = order[k];
		order[k] = i;
	}
	return order;
}

/* ---------------------------------------------------------------- everything */

Test(index_edit, the_version_decides_the_kind)
{
	static const char *const first[] = { "li", "lf", "lf", "lh", "lh" };
	static const char *const later[] = { "li", "li", "li", "lh", "lh" };

	for (uint32_t minor = 2; minor <= 6; minor++) {
		open_numbered(minor, LEAF_MAX + 1);
		for (size_t i = 0; i < LEAF_MAX; i++) {
			cr_assert_eq(model_insert(i), WH_OK);
			if (i + 1 != 1 && i + 1 != FAST_MAX && i + 1 != FAST_MAX + 1)
				continue;
			model_check();
			cr_assert_str_eq(model.leaf_sig,
					 i < FAST_MAX ? first[minor - 2] : later[minor - 2]);
			cr_assert_eq(model.leaves, 1);
		}
		model_check();
		cr_assert_eq(model.leaves, 1);
		cr_assert_eq(memcmp(model_at(model_root32(28)), later[minor - 2], 2), 0);
		cr_assert_eq(model_insert(LEAF_MAX), WH_OK);
		model_check();
		cr_assert_eq(memcmp(model_at(model_root32(28)), "ri", 2), 0);
		cr_assert(model.leaves == 2 && model.leaf_counts[0] == 506 &&
			  model.leaf_counts[1] == 508);
		cr_assert_str_eq(model.leaf_sig, later[minor - 2]);
		model_close();
	}
}

/* docs/format.md 6.2: 506 and 507. */
Test(index_edit, ascending_and_descending)
{
	for (uint32_t minor = 2; minor <= 6; minor++) {
		open_numbered(minor, MANY);
		for (size_t i = 0; i < MANY; i++) {
			cr_assert_eq(model_insert(i), WH_OK);
			if (i % 397 == 0)
				model_check();
		}
		model_check();
		for (uint32_t i = 0; i + 1 < model.leaves; i++)
			cr_assert_eq(model.leaf_counts[i], 506);
		cr_assert_eq(model.leaves, 1 + (MANY - 508) / 506);
		model_close();

		open_numbered(minor, MANY);
		for (size_t i = MANY; i-- > 0;) {
			cr_assert_eq(model_insert(i), WH_OK);
			if (i % 397 == 0)
				model_check();
		}
		model_check();
		for (uint32_t i = 1; i < model.leaves; i++)
			cr_assert_eq(model.leaf_counts[i], 507);
		cr_assert(model.leaves > 3);
		model_close();
	}
}

/* In and out in no order, names of all alphabets, down to nothing and up again. */
Test(index_edit, random_order)
{
	for (uint32_t minor = 2; minor <= 6; minor++) {
		size_t *order;

		model_begin(minor);
		for (unsigned i = 0; i < MANY; i++)
			mixed_key(i);
		model_open();
		order = shuffled();
		for (size_t i = 0; i < model.child_count; i++) {
			cr_assert_eq(model_insert(order[i]), WH_OK);
			if (i % 499 == 0)
				model_check();
		}
		model_check();
		for (unsigned i = 0; i < 4 * MANY; i++) {
			size_t k = random_below(MANY);

			cr_assert_eq(model.children[k].in ? model_remove(k) : model_insert(k),
				     WH_OK);
			if (i % 1999 == 0)
				model_check();
		}
		model_check();
		free(order);
		order = shuffled();
		for (size_t i = 0; i < model.child_count; i++)
			if (model.children[order[i]].in) {
				cr_assert_eq(model_remove(order[i]), WH_OK);
				if (model.in_count % 211 == 0 || model.in_count < 3)
					model_check();
			}
		model_check();
		cr_assert_eq(model_insert(7), WH_OK);
		model_check();
		free(order);
		model_close();
	}
}

/* Cells grow by half, and not further than the largest leaf needs. */
Test(index_edit, cells_that_grow)
{
	static const struct {
		uint32_t minor, count, largest;
	} kinds[] = { { 2, LEAF_MAX, 4 + 4 * LEAF_MAX },
		      { 4, FAST_MAX, 4 + 8 * FAST_MAX },
		      { 5, LEAF_MAX, 4 + 8 * LEAF_MAX } };

	for (size_t k = 0; k < 3; k++) {
		uint32_t cell = 0, cells = 0;

		open_numbered(kinds[k].minor, kinds[k].count);
		for (size_t i = 0; i < kinds[k].count; i++) {
			cr_assert_eq(model_insert(i), WH_OK);
			cells += model_root32(28) != cell;
			cell = model_root32(28);
		}
		cr_assert(cells > 10 && cells < 20, "%u cells", cells);
		cr_assert(model_len(cell) >= kinds[k].largest);
		cr_assert(model_len(cell) < kinds[k].largest + 8, "%u", model_len(cell));
		model_close();
	}
}

/* Leaves are not joined, and vanish when they are empty; so does the ri. */
Test(index_edit, leaves_vanish_when_empty)
{
	open_numbered(5, 1700);
	for (size_t i = 0; i < 1700; i++)
		cr_assert_eq(model_insert(i), WH_OK);
	model_check();
	cr_assert(model.leaves == 3 && model.leaf_counts[0] == 506 && model.leaf_counts[1] == 506);
	for (size_t i = 506; i < 1011; i++)
		cr_assert_eq(model_remove(i), WH_OK);
	model_check();
	cr_assert(model.leaves == 3 && model.leaf_counts[1] == 1);
	cr_assert_eq(model_remove(1011), WH_OK);
	model_check();
	cr_assert(model.leaves == 2 && model.leaf_counts[0] == 506);
	for (size_t i = 0; i < 506; i++)
		cr_assert_eq(model_remove(i), WH_OK);
	model_check();
	cr_assert_eq(model.leaves, 1);
	cr_assert_eq(memcmp(model_at(model_root32(28)), "ri", 2), 0);
	for (size_t i = 1012; i < 1700; i++)
		cr_assert_eq(model_remove(i), WH_OK);
	model_check();
	model_close();
}

/* Below an ri two leaves of some kind, with names 0, 10, ... and 100000, 100010, ... */
static void
open_two_leaves(const char *kind, uint32_t minor, uint32_t first, uint32_t second)
{
	static uint32_t cells[2 * LEAF_MAX];
	uint32_t lists[2];

	model_begin(minor);
	model_build(cells, first, 0, 10);
	model_build(cells + first, second, 100000, 10);
	lists[0] = builder_list(&model.b, kind, cells, first);
	lists[1] = builder_list(&model.b, kind, cells + first, second);
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 2),
			 first + second);
	put16(builder_at(&model.b, model.b.root) + 52, 14);
	model_open();
	model.base_cells -= 3;
}

static bool
leaves_are(uint32_t count, uint32_t first, uint32_t second, uint32_t third)
{
	model_check();
	return model.leaves == count && model.leaf_counts[0] == first &&
	       model.leaf_counts[1] == second && (count == 2 || model.leaf_counts[2] == third);
}

Test(index_edit, a_name_between_leaves)
{
	/* The first has room; only the second has; neither. */
	open_two_leaves("lh", 5, 20, 30);
	cr_assert_eq(model_insert(model_latin("k050000")), WH_OK);
	cr_assert(leaves_are(2, 21, 30, 0));
	model_close();
	open_two_leaves("lh", 5, 20, LEAF_MAX);
	cr_assert_eq(model_insert(model_latin("k050000")), WH_OK);
	cr_assert(leaves_are(2, 21, LEAF_MAX, 0));
	model_close();
	open_two_leaves("li", 3, LEAF_MAX, 30);
	cr_assert_eq(model_insert(model_latin("k050000")), WH_OK);
	cr_assert(leaves_are(2, LEAF_MAX, 31, 0));
	model_close();
	open_two_leaves("lh", 5, LEAF_MAX, LEAF_MAX);
	cr_assert_eq(model_insert(model_latin("k050000")), WH_OK);
	cr_assert(leaves_are(3, LEAF_MAX, 507, 507));
	model_close();
	/* Into the middle of a full leaf: there is no neighbour to go to. */
	open_two_leaves("lh", 5, LEAF_MAX, 30);
	cr_assert_eq(model_insert(model_latin("k000005")), WH_OK);
	cr_assert(leaves_are(3, 507, 507, 30));
	model_close();
	/* Before the first and after the last. */
	open_two_leaves("lh", 5, LEAF_MAX, LEAF_MAX);
	cr_assert_eq(model_insert(model_latin("a")), WH_OK);
	cr_assert(leaves_are(3, 507, 507, LEAF_MAX));
	model_close();
	open_two_leaves("lh", 5, LEAF_MAX, LEAF_MAX);
	cr_assert_eq(model_insert(model_latin("z")), WH_OK);
	cr_assert(leaves_are(3, LEAF_MAX, 506, 508));
	model_close();
}

/* An lf below an ri, and where the version has lh: it stays, and turns into an li when full. */
Test(index_edit, a_leaf_keeps_its_kind)
{
	open_two_leaves("lf", 5, FAST_MAX - 1, 3);
	cr_assert_eq(model_insert(model_latin("k000001")), WH_OK);
	cr_assert(leaves_are(2, FAST_MAX, 3, 0));
	cr_assert_eq(memcmp(model_at(get32(model_at(model_root32(28)) + 4)), "lf", 2), 0);
	/* At the boundary a full lf has no room. */
	cr_assert_eq(model_insert(model_latin("k050000")), WH_OK);
	cr_assert(leaves_are(2, FAST_MAX, 4, 0));
	cr_assert_eq(model_insert(model_latin("k000002")), WH_OK);
	cr_assert(leaves_are(2, FAST_MAX + 1, 4, 0));
	cr_assert_eq(memcmp(model_at(get32(model_at(model_root32(28)) + 4)), "li", 2), 0);
	cr_assert_eq(memcmp(model_at(get32(model_at(model_root32(28)) + 8)), "lf", 2), 0);
	model_close();

	for (uint32_t minor = 2; minor <= 6; minor++) {
		uint32_t cells[10];

		model_begin(minor);
		model_build(cells, 10, 0, 10);
		builder_set_list(&model.b, model.b.root,
				 builder_list(&model.b, minor > 4 ? "lf" : "lh", cells, 10), 10);
		put16(builder_at(&model.b, model.b.root) + 52, 14);
		model_open();
		model.base_cells -= 1;
		cr_assert_eq(model_insert(model_latin("k")), WH_OK);
		model_check();
		cr_assert_str_eq(model.leaf_sig, minor > 4 ? "lf" : "lh");
		model_close();
	}
}

/* More in one leaf than Windows would put there. */
Test(index_edit, an_overfull_leaf)
{
	enum { COUNT = 5000 };
	static uint32_t cells[COUNT];

	for (int fast = 0; fast < 2; fast++) {
		model_begin(5);
		model_build(cells, COUNT, 0, 10);
		builder_set_list(&model.b, model.b.root,
				 builder_list(&model.b, fast ? "lf" : "lh", cells, COUNT), COUNT);
		put16(builder_at(&model.b, model.b.root) + 52, 14);
		model_open();
		cr_assert_eq(model_insert(model_latin("z")), WH_OK);
		cr_assert_eq(model_root32(20), COUNT + 1);
		/* 2500, 1250, then 625 and 625, and the new one. */
		cr_assert_eq(get16(model_at(model_root32(28)) + 2), 4);
		cr_assert_eq(get16(model_at(get32(model_at(model_root32(28)) + 16)) + 2), 626);
		cr_assert_eq(memcmp(model_at(get32(model_at(model_root32(28)) + 16)),
				    fast ? "li" : "lh", 2),
			     0);
		for (unsigned i = 0; i < COUNT; i += 250)
			cr_assert_eq(model_insert(model_number("k%06u", i * 10 + 1)), WH_OK);
		model_close();
	}
}

/* No more than 65535 leaves. */
Test(index_edit, too_many_leaves)
{
	enum { LEAVES = 65535 };
	uint32_t *lists = calloc(LEAVES, sizeof *lists), cells[LEAF_MAX];

	cr_assert(lists);
	model_begin(5);
	builder_bin(&model.b, 16 << 20);
	for (unsigned i = 0; i < LEAVES; i++) {
		unsigned count = i == 5 ? LEAF_MAX : 1;

		model_build(cells, count, i * 10, 0);
		for (unsigned k = 0; k < count && count > 1; k++) {
			char name[16];

			snprintf(name, sizeof name, "k%06u.%04u", i * 10, k);
			cells[k] = builder_key(&model.b, model.b.root, name);
		}
		lists[i] = builder_list(&model.b, "lh", cells, count);
	}
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, LEAVES),
			 LEAVES - 1 + LEAF_MAX);
	free(lists);
	model_open();
	cr_assert_eq(model_insert(model_latin("k000050.0007+")), WH_E_TOO_BIG);
	cr_assert_eq(model_insert(model_latin("k000060+")), WH_OK);
	cr_assert_eq(model_root32(20), LEAVES + LEAF_MAX);
	cr_assert_eq(model.issues.count, 0);
	model_close();
}

/* ------------------------------------------------------------- single questions */

Test(index_edit, names_that_are_there)
{
	size_t one, other, euro, euro_upper;

	model_new(5);
	one = model_latin("one");
	other = model_latin("ONE");
	euro = model_key("\xac\x20\xe4\0", 4, true);
	euro_upper = model_key("\xac\x20\xc4\0", 4, true);
	cr_assert_eq(model_insert(one), WH_OK);
	cr_assert_eq(model_insert(euro), WH_OK);
	model_check();
	cr_assert_eq(model_insert(other), WH_E_EXISTS);
	cr_assert_eq(model_insert(one), WH_E_EXISTS);
	cr_assert_eq(model_insert(euro_upper), WH_E_EXISTS);
	cr_assert_eq(model.in_count, 2);
	/* 'other' has the name of one that is there, but is not there itself. */
	cr_assert_eq(model_remove(other), WH_E_CORRUPT);
	cr_assert_eq(model_remove(one), WH_OK);
	cr_assert_eq(model_remove(one), WH_E_CORRUPT);
	cr_assert_eq(model_remove(euro), WH_OK);
	cr_assert_eq(model_remove(euro), WH_E_CORRUPT);
	model_close();
}

Test(index_edit, replacing)
{
	size_t old, new, longer, shorter;

	for (uint32_t minor = 2; minor <= 6; minor++) {
		open_numbered(minor, 1200);
		for (size_t i = 0; i < 1200; i++)
			cr_assert_eq(model_insert(i), WH_OK);
		old = model_latin("name");
		new = model_latin("NaME");
		longer = model_latin("names");
		shorter = model_latin("nam");
		cr_assert_eq(model_insert(old), WH_OK);
		model_check();
		whi_edit_begin(&model.e);
		whi_cell_write16(&model.e, (cellref){ model.children[new].cell }, 74, 600);
		cr_assert_eq(whi_edit_end(&model.e), WH_OK);
		cr_assert_eq(model_replace(old, longer), WH_E_CORRUPT);
		cr_assert_eq(model_replace(old, shorter), WH_E_CORRUPT);
		cr_assert_eq(model_replace(new, old), WH_E_CORRUPT);
		cr_assert_eq(model_replace(old, new), WH_OK);
		cr_assert_eq(model_root32(56), 600);
		model_check_lists(&(uint32_t){ 0 });
		cr_assert_eq(model_replace(new, old), WH_OK);
		model_check_lists(&(uint32_t){ 0 });
		model_close();
	}
	/* The hint is that of the new one. */
	model_new(3);
	old = model_latin("name");
	new = model_latin("NAME");
	cr_assert_eq(model_insert(old), WH_OK);
	cr_assert_eq(memcmp(model_at(model_root32(28)) + 8, "name", 4), 0);
	cr_assert_eq(model_replace(old, new), WH_OK);
	cr_assert_eq(memcmp(model_at(model_root32(28)) + 8, "NAME", 4), 0);
	model_close();
}

Test(index_edit, dropping)
{
	static const unsigned counts[] = { 0, 1, 600, 3000 };

	for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
		open_numbered(4, counts[k]);
		for (size_t i = 0; i < counts[k]; i++)
			cr_assert_eq(model_insert(i), WH_OK);
		cr_assert_eq(model_drop(), WH_OK);
		model_check();
		model_close();
	}
}

/* Maxima are raised, stay when the longest goes, and are 0 when all are gone. */
Test(index_edit, fields_of_the_parent)
{
	size_t longer, shorter, wide;

	model_new(5);
	longer = model_latin("longest");
	shorter = model_latin("no");
	wide = model_key("a\0b\0c\x20", 6, true);
	whi_edit_begin(&model.e);
	whi_cell_write16(&model.e, (cellref){ model.children[longer].cell }, 74, 10);
	whi_cell_write16(&model.e, (cellref){ model.children[shorter].cell }, 74, 300);
	whi_cell_write32(&model.e, model.root, 24, 3);
	whi_cell_write32(&model.e, model.root, 32, 0x80000120);
	whi_cell_write(&model.e, model.root, 54, "\x21\x43", 2);
	cr_assert_eq(whi_edit_end(&model.e), WH_OK);

	cr_assert_eq(model_insert(shorter), WH_OK);
	cr_assert(get16(model_at(model.root.off) + 52) == 4 && model_root32(56) == 300);
	cr_assert(model_root32(24) == 0 && model_root32(32) == WH_NO_CELL);
	cr_assert_eq(model_insert(wide), WH_OK);
	cr_assert_eq(get16(model_at(model.root.off) + 52), 6);
	cr_assert_eq(model_insert(longer), WH_OK);
	cr_assert(get16(model_at(model.root.off) + 52) == 14 && model_root32(56) == 300);
	cr_assert_eq(model_remove(shorter), WH_OK);
	cr_assert_eq(model_remove(longer), WH_OK);
	cr_assert(get16(model_at(model.root.off) + 52) == 14 && model_root32(56) == 300);
	cr_assert_eq(model_remove(wide), WH_OK);
	cr_assert(get16(model_at(model.root.off) + 52) == 0 && model_root32(56) == 0);
	cr_assert_eq(memcmp(model_at(model.root.off) + 54, "\x21\x43", 2), 0);
	cr_assert_eq(model_root32(28), WH_NO_CELL);
	model_close();
}
