/* SPDX-License-Identifier: MIT */
/* The ring of security cells. */
#include "editing.h"
#include "hive_builder.h"
#include "values.h"

#include "tree/sk.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { NIL = -1, SK_HEAD = 20 };

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
	close_hive(hive);
}

TestSuite(sk, .init = setup, .fini = teardown);

static void
begin(void)
{
	cr_assert_eq(whi_change_begin(root), WH_OK);
}

static enum wh_status
end(void)
{
	return whi_change_end(hive);
}

/* A descriptor of its own for each number, counted once more; the edit is in hand. */
static cellref
acquire(uint32_t number)
{
	uint8_t sd[SMALL_SD];

	small_sd(sd, number, 0);
	return whi_sk_acquire(hive, sd, sizeof sd, (cellref){ root.cell });
}

static uint32_t
references(uint32_t sk)
{
	uint32_t size;

	return get32(cell_at(hive, sk, &size) + 12);
}

static uint32_t
next_of(uint32_t sk)
{
	uint32_t size;

	return get32(cell_at(hive, sk, &size) + 4);
}

/* The cells of the ring; each is one, and is linked both ways. */
static uint32_t
ring(void)
{
	uint32_t first = info_of(root).security, at = first, count = 0, size;

	do {
		const uint8_t *sk = cell_at(hive, at, &size);
		uint32_t next = get32(sk + 4);

		cr_assert_eq(memcmp(sk, "sk", 2), 0);
		cr_assert_leq(get32(sk + 16) + SK_HEAD + 4, size);
		cr_assert_eq(get32(cell_at(hive, next, &size) + 8), at);
		at = next;
		count++;
	} while (at != first && count < 100000);
	return count;
}

Test(sk, a_new_hive_has_one)
{
	cr_assert_eq(ring(), 1);
	cr_assert_eq(references_of(root), 1);
	cr_assert(has_security(root, whi_sd_default, sizeof whi_sd_default));
	cr_assert_eq(cell_size(hive, info_of(root).security), 168);
}

Test(sk, equal_descriptors_share_one)
{
	cellref a, b;
	uint32_t own = info_of(root).security;

	begin();
	a = whi_sk_acquire(hive, whi_sd_default, sizeof whi_sd_default, (cellref){ root.cell });
	cr_assert_eq(a.off, own);
	a = whi_sk_share(hive, (cellref){ root.cell });
	cr_assert_eq(a.off, own);
	a = acquire(1);
	b = acquire(2);
	cr_assert_neq(a.off, b.off);
	cr_assert_eq(acquire(1).off, a.off);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 3);
	cr_assert_eq(references(own), 3);
	cr_assert_eq(references(a.off), 2);
	cr_assert_eq(references(b.off), 1);
	/* Each behind that of the root. */
	cr_assert_eq(next_of(own), b.off);
	cr_assert_eq(next_of(b.off), a.off);
	cr_assert_eq(next_of(a.off), own);
}

Test(sk, the_last_reference_frees)
{
	cellref sk[3];

	begin();
	for (uint32_t i = 0; i < 3; i++)
		sk[i] = acquire(i);
	whi_sk_release(hive, sk[1]);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 3);
	cr_assert_eq(next_of(sk[2].off), sk[0].off);
	begin();
	cr_assert_eq(acquire(0).off, sk[0].off);
	whi_sk_release(hive, sk[0]);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 3);
	cr_assert_eq(references(sk[0].off), 1);
	begin();
	whi_sk_release(hive, sk[0]);
	whi_sk_release(hive, sk[2]);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 1);
	expect_sound(hive);
	/* A freed cell is not found again. */
	begin();
	sk[0] = acquire(0);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 2);
	cr_assert_eq(references(sk[0].off), 1);
}

Test(sk, many)
{
	enum { MANY = 3000 };
	static cellref sk[MANY];

	begin();
	for (uint32_t i = 0; i < MANY; i++)
		sk[i] = acquire(i);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), MANY + 1);
	begin();
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(acquire(i).off, sk[i].off);
	for (uint32_t i = 0; i < MANY; i += 3)
		for (int twice = 0; twice < 2; twice++)
			whi_sk_release(hive, sk[i]);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), MANY - MANY / 3 + 1);
	begin();
	for (uint32_t i = 0; i < MANY; i++)
		acquire(i);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), MANY + 1);
	cr_assert_eq(references(sk[1].off), 3);
}

/* What was undone is not found again, and what was freed is. */
Test(sk, after_an_undo)
{
	cellref kept, gone, freed;

	begin();
	kept = acquire(1);
	freed = acquire(2);
	cr_assert_eq(end(), WH_OK);

	begin();
	gone = acquire(3);
	whi_sk_release(hive, freed);
	whi_edit_fail(hive->edit, WH_E_EXISTS);
	cr_assert_eq(end(), WH_E_EXISTS);
	cr_assert_eq(ring(), 3);
	begin();
	cr_assert_eq(acquire(1).off, kept.off);
	cr_assert_eq(acquire(2).off, freed.off);
	cr_assert_eq(acquire(3).off, gone.off, "the same place, made anew");
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 4);

	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	begin();
	acquire(4);
	whi_sk_release(hive, gone);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(wh_hive_undo(hive), WH_OK);
	cr_assert_eq(ring(), 4);
	begin();
	cr_assert_eq(acquire(3).off, gone.off);
	acquire(4);
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 5);
}

/* Data of a value that look like the cell that was freed, in its place. */
Test(sk, after_a_fraud)
{
	uint8_t copy[SK_HEAD + SMALL_SD];
	uint32_t size;
	cellref sk, again;

	set_value(root, "fraud", "x", 1);
	begin();
	sk = acquire(1);
	acquire(2);
	cr_assert_eq(end(), WH_OK);
	memcpy(copy, cell_at(hive, sk.off, &size), sizeof copy);
	begin();
	whi_sk_release(hive, sk);
	cr_assert_eq(end(), WH_OK);
	set_value(root, "fraud", copy, sizeof copy);
	cr_assert_eq(value_info_of(root, "fraud").data_cell, sk.off, "or this says nothing");
	begin();
	again = acquire(1);
	cr_assert_eq(end(), WH_OK);
	cr_assert_neq(again.off, sk.off);
	cr_assert_eq(ring(), 3);
}

Test(sk, keys_share_and_let_go)
{
	uint8_t one[SMALL_SD], two[SMALL_SD];
	struct wh_key key, other;
	struct wh_create how = { .security = one, .security_len = sizeof one };
	bool created;

	small_sd(one, 1, 0);
	small_sd(two, 2, 0);
	cr_assert_eq(wh_key_create(root, "a", WH_NTS, &how, &key, &created), WH_OK);
	cr_assert_eq(wh_key_create(root, "b", WH_NTS, &how, &other, &created), WH_OK);
	cr_assert_eq(info_of(key).security, info_of(other).security);
	cr_assert_eq(references_of(key), 2);
	cr_assert_eq(ring(), 2);
	expect_sound(hive);
	cr_assert_eq(wh_key_set_security(key, two, sizeof two), WH_OK);
	cr_assert(has_security(key, two, sizeof two));
	cr_assert(has_security(other, one, sizeof one));
	cr_assert_eq(ring(), 3);
	expect_sound(hive);
	cr_assert_eq(wh_key_delete(key), WH_OK);
	cr_assert_eq(wh_key_delete(other), WH_OK);
	cr_assert_eq(ring(), 1);
	expect_sound(hive);
}

/* ------------------------------------------------------------------- damage */

/* A ring of three, b->security, a and b; '*spoil' is where to spoil it. */
static struct wh_hive *
open_spoiled(void (*spoil)(struct builder *b, uint32_t cells[3]))
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	struct wh_hive *spoiled;
	uint32_t cells[3];
	struct builder b;

	builder_init(&b, 5);
	builder_key(&b, NO_PARENT, "ROOT");
	cells[0] = b.security;
	cells[1] = builder_cell(&b, SK_HEAD + SMALL_SD);
	cells[2] = builder_cell(&b, SK_HEAD + SMALL_SD);
	for (uint32_t i = 0; i < 3; i++) {
		uint8_t *sk = builder_at(&b, cells[i]);

		memcpy(sk, "sk", 2);
		put32(sk + 4, cells[(i + 1) % 3]);
		put32(sk + 8, cells[(i + 2) % 3]);
		put32(sk + 12, 1);
		if (i > 0) {
			put32(sk + 16, SMALL_SD);
			small_sd(sk + SK_HEAD, i, 0);
		}
	}
	spoil(&b, cells);
	spoiled = builder_open(&b, &options);
	builder_fini(&b);
	return spoiled;
}

static void
spoil_nothing(struct builder *b, uint32_t cells[3])
{
	(void)b;
	(void)cells;
}

/* From the second cell on it goes round without the first. */
static void
spoil_loop(struct builder *b, uint32_t cells[3])
{
	put32(builder_at(b, cells[2]) + 4, cells[1]);
}

static void
spoil_next(struct builder *b, uint32_t cells[3])
{
	put32(builder_at(b, cells[0]) + 4, 0x7ffffff8);
}

static void
spoil_signature(struct builder *b, uint32_t cells[3])
{
	memcpy(builder_at(b, cells[0]), "ks", 2);
}

static void
spoil_length(struct builder *b, uint32_t cells[3])
{
	put32(builder_at(b, cells[0]) + 16, 0x10000);
}

static void
spoil_count(struct builder *b, uint32_t cells[3])
{
	put32(builder_at(b, cells[0]) + 12, UINT32_MAX);
}

static void
spoil_no_security(struct builder *b, uint32_t cells[3])
{
	(void)cells;
	put32(builder_at(b, b->root) + 44, WH_NO_CELL);
}

enum step { ACQUIRE_FIRST, ACQUIRE_THIRD, ACQUIRE_NEW, SHARE, RELEASE };

static enum wh_status
try_step(enum step step, void (*spoil)(struct builder *b, uint32_t cells[3]))
{
	struct wh_hive *spoiled = open_spoiled(spoil);
	struct wh_key key = wh_hive_root(spoiled);
	cellref near = { key.cell }, sk = { 0 };
	static const uint8_t first[20] = { 1, 0, 0, 0x80 };
	uint8_t sd[SMALL_SD];
	struct bytes before = take_bytes(spoiled);
	enum wh_status st;

	cr_assert_eq(whi_change_begin(key), WH_OK);
	small_sd(sd, step == ACQUIRE_THIRD ? 2 : 77, 0);
	switch (step) {
	case ACQUIRE_FIRST:
		sk = whi_sk_acquire(spoiled, first, sizeof first, near);
		break;
	case ACQUIRE_THIRD:
	case ACQUIRE_NEW:
		sk = whi_sk_acquire(spoiled, sd, sizeof sd, near);
		break;
	case SHARE:
		sk = whi_sk_share(spoiled, near);
		break;
	case RELEASE:
		whi_sk_release(spoiled, (cellref){ info_of(key).security });
		break;
	}
	st = whi_change_end(spoiled);
	cr_assert((st == WH_OK) == (sk.off != (uint32_t)NIL) || step == RELEASE);
	cr_assert(st == WH_OK || still_has(spoiled, before));
	drop_bytes(before);
	wh_hive_close(spoiled);
	return st;
}

Test(sk, a_broken_ring)
{
	for (enum step step = ACQUIRE_FIRST; step <= RELEASE; step++)
		cr_assert_eq(try_step(step, spoil_nothing), WH_OK);

	cr_assert_eq(try_step(ACQUIRE_THIRD, spoil_loop), WH_OK);
	cr_assert_eq(try_step(ACQUIRE_NEW, spoil_loop), WH_OK);
	cr_assert_eq(try_step(RELEASE, spoil_loop), WH_E_CORRUPT);

	cr_assert_eq(try_step(ACQUIRE_FIRST, spoil_next), WH_OK);
	cr_assert_eq(try_step(SHARE, spoil_next), WH_OK);
	cr_assert_eq(try_step(ACQUIRE_NEW, spoil_next), WH_E_CORRUPT);
	cr_assert_eq(try_step(RELEASE, spoil_next), WH_E_CORRUPT);

	for (enum step step = ACQUIRE_FIRST; step <= RELEASE; step++) {
		cr_assert_eq(try_step(step, spoil_signature), WH_E_CORRUPT);
		cr_assert_eq(try_step(step, spoil_length), WH_E_CORRUPT);
		cr_assert_eq(try_step(step, spoil_no_security), WH_E_CORRUPT);
	}

	cr_assert_eq(try_step(ACQUIRE_FIRST, spoil_count), WH_E_TOO_BIG);
	cr_assert_eq(try_step(SHARE, spoil_count), WH_E_TOO_BIG);
	cr_assert_eq(try_step(RELEASE, spoil_count), WH_OK);
}

Test(sk, too_long)
{
	uint8_t *sd = calloc(1, WHI_CELL_MAX);

	cr_assert_not_null(sd);
	begin();
	whi_sk_acquire(hive, sd, WHI_CELL_MAX - SK_HEAD + 1, (cellref){ root.cell });
	cr_assert_eq(end(), WH_E_TOO_BIG);
	begin();
	whi_sk_acquire(hive, sd, WHI_CELL_MAX - SK_HEAD, (cellref){ root.cell });
	cr_assert_eq(end(), WH_OK);
	cr_assert_eq(ring(), 2);
	free(sd);
}

/* ------------------------------------------------------- failing allocations */

static void
build(struct wh_hive *to)
{
	make_key(to, "a");
	make_key(to, "b");
}

static enum wh_status
change(struct wh_hive *to)
{
	uint8_t sd[SMALL_SD];

	small_sd(sd, 77, 0);
	return wh_key_set_security(open_key(to, "a"), sd, sizeof sd);
}

static enum wh_status
make_many(struct wh_hive *to)
{
	enum wh_status st = wh_hive_begin(to);
	uint8_t sd[SMALL_SD];

	for (uint32_t i = 0; i < 100 && st == WH_OK; i++) {
		small_sd(sd, i, 0);
		st = wh_key_set_security(open_key(to, i % 2 ? "a" : "b"), sd, sizeof sd);
	}
	if (st != WH_OK && to->edit && to->edit->depth > 1 && wh_hive_undo(to) != WH_OK)
		return WH_E_CORRUPT;
	return st == WH_OK ? wh_hive_end(to) : st;
}

Test(sk, each_failing_allocation)
{
	cr_assert_gt(starve(5, build, change), 0);
	cr_assert_gt(starve(5, build, make_many), 0);
}

/* -------------------------------------------------------------------- index */

Test(sk, index)
{
	struct meter meter;
	struct wh_allocator alloc = meter_allocator(&meter);
	struct whi_cell_index index = { 0 };
	size_t at = 0;

	cr_assert_eq(whi_cell_index_next(&index, 5, &at).off, WH_NO_CELL);
	whi_cell_index_remove(&index, 5, (cellref){ 8 });
	/* All of three hashes, which follow one another. */
	for (uint32_t i = 0; i < 1000; i++)
		cr_assert(whi_cell_index_add(&index, &alloc, i % 3, (cellref){ 32 + 8 * i }));
	for (uint32_t i = 0; i < 1000; i += 2)
		whi_cell_index_remove(&index, i % 3, (cellref){ 32 + 8 * i });
	for (uint32_t hash = 0; hash < 4; hash++) {
		uint32_t count = 0;
		cellref cell;

		at = 0;
		while (cell = whi_cell_index_next(&index, hash, &at), cell.off != WH_NO_CELL) {
			uint32_t i = (cell.off - 32) / 8;

			cr_assert_eq(i % 3, hash);
			cr_assert_eq(i % 2, 1);
			count++;
		}
		cr_assert_eq(count, hash == 3 ? 0 : hash == 1 ? 167 : hash == 0 ? 167 : 166);
	}
	/* Coming and going does not make it larger. */
	for (uint32_t i = 0; i < 100000; i++) {
		cr_assert(whi_cell_index_add(&index, &alloc, i, (cellref){ 8 * i + 80000 }));
		whi_cell_index_remove(&index, i, (cellref){ 8 * i + 80000 });
	}
	cr_assert_leq(index.room, 4096);
	whi_cell_index_clear(&index);
	at = 0;
	cr_assert_eq(whi_cell_index_next(&index, 1, &at).off, WH_NO_CELL);
	whi_cell_index_fini(&index, &alloc);
	cr_assert_eq(meter.blocks, 0);
	meter.left = 0;
	cr_assert_not(whi_cell_index_add(&index, &alloc, 1, (cellref){ 32 }));
	cr_assert_eq(index.room, 0);
}
