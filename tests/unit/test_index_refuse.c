/* SPDX-License-Identifier: MIT */
/* Changes of subkey lists that are refused, that fail half way, or that are undone. */
#include "subkey_model.h"

#include "tree/index.h"
#include "tree/index_edit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Every change is refused, and nothing is written. */
static void
refused(bool drop_too)
{
	struct model_snapshot before;
	size_t new;

	model_open();
	new = model_latin("k000005");
	model_snapshot(&before);
	cr_assert_eq(model_insert(new), WH_E_CORRUPT);
	cr_assert_eq(model_remove(0), WH_E_CORRUPT);
	cr_assert_eq(model_replace(0, 0), WH_E_CORRUPT);
	if (drop_too)
		cr_assert_eq(model_drop(), WH_E_CORRUPT);
	cr_assert(model_as_before(&before));
	model_forget(&before);
	model_close();
}

Test(index_refuse, lists_that_cannot_be_relied_on)
{
	uint32_t cells[6], swapped[6], lists[2], list;

#define BUILD() \
	model_begin(5); \
	model_build(cells, 6, 0, 10); \
	memcpy(swapped, cells, sizeof cells); \
	swapped[3] = cells[4]; \
	swapped[4] = cells[3]

	BUILD(); /* out of order */
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "lh", swapped, 6), 6);
	refused(false);
	BUILD(); /* the same below an ri, across leaves */
	lists[0] = builder_list(&model.b, "li", swapped, 4);
	lists[1] = builder_list(&model.b, "li", swapped + 4, 2);
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 2), 6);
	refused(false);
	BUILD(); /* a hash that is wrong */
	list = builder_list(&model.b, "lh", cells, 6);
	builder_at(&model.b, list)[8 + 8 * 3] ^= 1;
	builder_set_list(&model.b, model.b.root, list, 6);
	refused(false);
	BUILD(); /* a key that cannot be read */
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "lf", cells, 6), 6);
	builder_at(&model.b, cells[5])[0] = 'x';
	refused(false);
	BUILD(); /* more keys counted than listed, and fewer */
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "lf", cells, 6), 7);
	refused(false);
	BUILD();
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "lf", cells, 6), 5);
	refused(false);
	BUILD(); /* past the end of the cell */
	list = builder_list(&model.b, "lf", cells, 6);
	put16(builder_at(&model.b, list) + 2, 200);
	builder_set_list(&model.b, model.b.root, list, 6);
	refused(true);
	BUILD(); /* no list */
	builder_set_list(&model.b, model.b.root, cells[3], 6);
	refused(true);
	BUILD();
	builder_set_list(&model.b, model.b.root, WH_NO_CELL, 6);
	refused(true);
	BUILD();
	builder_set_list(&model.b, model.b.root, 0x7ffffff8, 6);
	refused(true);
	BUILD(); /* a leaf that is none, and one that is there twice */
	lists[0] = builder_list(&model.b, "li", cells, 6);
	lists[1] = cells[0];
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 2), 6);
	refused(true);
	BUILD();
	lists[0] = lists[1] = builder_list(&model.b, "li", cells, 6);
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 2), 12);
	refused(true);
	BUILD(); /* an empty leaf, an ri of nothing */
	lists[0] = builder_list(&model.b, "li", cells, 6);
	lists[1] = builder_list(&model.b, "li", cells, 0);
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 2), 6);
	refused(false);
	BUILD();
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 0), 6);
	refused(false);
#undef BUILD
}

/* The count of a key with an ri is believed, but it does not reach 0 too early. */
Test(index_refuse, a_wrong_count_above_an_ri)
{
	uint32_t cells[2], list;

	for (uint32_t count = 1; count <= 3; count += 2) {
		model_begin(5);
		model_build(cells, 2, 0, 10);
		list = builder_list(&model.b, "lh", cells, 2);
		builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", &list, 1),
				 count);
		model_open();
		if (count == 3)
			cr_assert_eq(model_remove(0), WH_OK);
		cr_assert_eq(model_remove(1), WH_E_CORRUPT);
		model_close();
	}
}

/* A key that counts no subkeys has none, and what it calls its list is left alone. */
Test(index_refuse, a_list_without_a_count)
{
	uint32_t cells[2], list;

	model_begin(5);
	model_build(cells, 2, 0, 10);
	list = builder_list(&model.b, "lh", cells, 2);
	builder_set_list(&model.b, model.b.root, list, 0);
	model_open();
	model.children[0].in = model.children[1].in = false;
	model.in_count = 0;
	cr_assert_eq(model_insert(model_latin("new")), WH_OK);
	cr_assert_neq(model_root32(28), list);
	model_check();
	cr_assert_eq(memcmp(model_at(list), "lh\2\0", 4), 0);
	model_close();
}

/* A find between does not hide an empty leaf: it is searched through, each time. */
Test(index_refuse, an_empty_leaf_is_passed_over)
{
	uint32_t cells[6], lists[3];
	struct wh_key found;

	model_begin(5);
	model_build(cells, 6, 0, 10);
	lists[0] = builder_list(&model.b, "lh", cells, 3);
	lists[1] = builder_list(&model.b, "lh", cells, 0);
	lists[2] = builder_list(&model.b, "lh", cells + 3, 3);
	builder_set_list(&model.b, model.b.root, builder_list(&model.b, "ri", lists, 3), 6);
	model_open();
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(wh_key_subkey(wh_hive_root(model.hive), "k000000", WH_NTS, &found),
			     WH_OK);
		cr_assert_eq(wh_key_subkey(wh_hive_root(model.hive), "k000050", WH_NTS, &found),
			     WH_OK);
		cr_assert_eq(found.cell, cells[5]);
		cr_assert_eq(wh_key_subkey(wh_hive_root(model.hive), "k000051", WH_NTS, &found),
			     WH_E_NOT_FOUND);
	}
	model_close();
}

/* A parent or child that is no key; an edit that has failed before. */
Test(index_refuse, nothing_is_done_for_nothing)
{
	struct model_snapshot before;
	size_t one, two;
	cellref wrong[] = { { WH_NO_CELL }, { 8 }, { 0 } };

	model_new(5);
	wrong[2].off = model.b.security;
	one = model_latin("one");
	two = model_latin("two");
	cr_assert_eq(model_insert(one), WH_OK);
	model_snapshot(&before);
	for (size_t i = 0; i < 3; i++)
		for (int step = 0; step < 8; step++) {
			cellref parent = step & 1 ? model.root : wrong[i];
			cellref child = step & 1 ? wrong[i] : (cellref){ model.children[two].cell };

			whi_edit_begin(&model.e);
			if (step / 2 == 0)
				whi_index_insert(model.hive, parent, child);
			else if (step / 2 == 1)
				whi_index_remove(model.hive, parent, child);
			else if (step / 2 == 2)
				whi_index_replace(model.hive, parent, child, child);
			else
				whi_index_drop(model.hive, wrong[i]);
			cr_assert_eq(whi_edit_end(&model.e), WH_E_CORRUPT, "%zu %d", i, step);
		}
	whi_edit_begin(&model.e);
	whi_edit_fail(&model.e, WH_E_TYPE);
	whi_index_insert(model.hive, model.root, (cellref){ model.children[two].cell });
	whi_index_remove(model.hive, model.root, (cellref){ model.children[one].cell });
	whi_index_replace(model.hive, model.root, (cellref){ model.children[one].cell },
			  (cellref){ model.children[one].cell });
	whi_index_drop(model.hive, model.root);
	cr_assert_eq(whi_edit_end(&model.e), WH_E_TYPE);
	cr_assert(model_as_before(&before));
	model_forget(&before);
	model_close();
}

/* A name of more units than any key should have is still compared to its end. */
Test(index_refuse, a_very_long_name)
{
	static char name[3000];
	size_t one, two;

	model_new(5);
	memset(name, 'x', sizeof name);
	one = model_key(name, sizeof name, false);
	name[sizeof name - 1] = 'y';
	two = model_key(name, sizeof name, false);
	cr_assert_eq(model_insert(two), WH_OK);
	cr_assert_eq(model_insert(one), WH_OK);
	model_check();
	cr_assert_eq(model_remove(one), WH_OK);
	model_check();
	model_close();
}

/* --------------------------------------------------------------- no more memory */

/* One step, every allocation failing in turn until it works; returns how many failed. */
static size_t
fail_each(enum wh_status (*step)(size_t), size_t i)
{
	struct model_snapshot before;
	enum wh_status st;
	size_t n;

	model_snapshot(&before);
	for (n = 0;; n++) {
		model.meter.left = n;
		st = step(i);
		model.meter.left = SIZE_MAX;
		if (st == WH_OK)
			break;
		cr_assert_eq(st, WH_E_MEMORY, "%s", wh_status_name(st));
		cr_assert(model_as_before(&before), "allocation %zu", n);
		cr_assert(n < 200);
	}
	model_forget(&before);
	return n;
}

static enum wh_status
drop_all(size_t i)
{
	(void)i;
	return model_drop();
}

static enum wh_status
insert_pair(size_t i)
{
	enum wh_status st;

	whi_edit_begin(&model.e);
	whi_index_insert(model.hive, model.root, (cellref){ model.children[i].cell });
	whi_index_insert(model.hive, model.root, (cellref){ model.children[i + 1].cell });
	st = whi_edit_end(&model.e);
	for (int k = 0; k < 2 && st == WH_OK; k++) {
		model.children[i + (size_t)k].in = true;
		model.in_count++;
	}
	return st;
}

/* At the counts where something happens, in each version; pages are saved anew each time. */
Test(index_refuse, every_allocation_failing)
{
	size_t failed = 0;

	for (uint32_t minor = 2; minor <= 6; minor++) {
		model_begin(minor);
		for (unsigned i = 0; i < 1600; i++)
			model_number("k%05u", i);
		model_open();
		for (size_t k = 0; k < 1600; k++) {
			bool matters = k < 20 || (k > 503 && k < 509) || (k > 1009 && k < 1017) ||
				       k > 1515;

			if (matters) {
				cr_assert_eq(whi_edit_prepare(&model.e), WH_OK);
				whi_edit_settle(&model.e);
				failed += fail_each(model_insert, k);
			} else {
				cr_assert_eq(model_insert(k), WH_OK);
			}
		}
		model_check();
		model_latin("a");
		model_latin("b");
		failed += fail_each(insert_pair, model.child_count - 2);
		model_check();
		cr_assert_eq(whi_edit_prepare(&model.e), WH_OK);
		whi_edit_settle(&model.e);
		for (size_t k = 0; k < 1012; k++) {
			if (k < 3 || (k > 503 && k < 509) || k > 1009)
				failed += fail_each(model_remove, k);
			else
				cr_assert_eq(model_remove(k), WH_OK);
		}
		model_check();
		cr_assert_eq(whi_edit_prepare(&model.e), WH_OK);
		whi_edit_settle(&model.e);
		failed += fail_each(drop_all, 0);
		model_check();
		model_close();
	}
	cr_assert(failed > 1000, "only %zu failed", failed);
}

/* Marks are gone after an undo, and the list is verified again and goes on. */
Test(index_refuse, undone_and_done_again)
{
	struct model_snapshot before;

	model_new(5);
	for (unsigned i = 0; i < LEAF_MAX; i++)
		cr_assert_eq(model_insert(model_number("k%05u", 2 * i)), WH_OK);
	for (unsigned i = 0; i < 10; i++)
		model_number("k%05u", 200 * i + 1);
	model_snapshot(&before);
	whi_edit_begin(&model.e);
	for (size_t i = LEAF_MAX; i < model.child_count; i++)
		whi_index_insert(model.hive, model.root, (cellref){ model.children[i].cell });
	whi_edit_fail(&model.e, WH_E_INVALID);
	cr_assert_eq(whi_edit_end(&model.e), WH_E_INVALID);
	cr_assert(model_as_before(&before));

	cr_assert_eq(whi_edit_push(&model.e), WH_OK);
	for (size_t i = LEAF_MAX; i < model.child_count; i++)
		cr_assert_eq(model_insert(i), WH_OK);
	model_check();
	whi_edit_back(&model.e);
	cr_assert(model_as_before(&before));
	for (size_t i = LEAF_MAX; i < model.child_count; i++) {
		model.children[i].in = false;
		model.in_count--;
	}
	for (size_t i = LEAF_MAX; i < model.child_count; i++)
		cr_assert_eq(model_insert(i), WH_OK);
	model_check();
	model_forget(&before);
	model_close();
}
