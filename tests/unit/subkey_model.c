/* SPDX-License-Identifier: MIT */
#include "subkey_model.h"

#include "base/upcase.h"
#include "tree/index.h"
#include "tree/index_edit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, NK = 76 };

struct model model;

void
model_open(void)
{
	struct wh_options options = { .issue = see_issue,
				      .issue_ctx = &model.issues,
				      .allocator = &model.alloc };

	model.alloc = meter_allocator(&model.meter);
	model.issues = (struct issues){ 0 };
	model.hive = builder_open(&model.b, &options);
	model.root.off = model.b.root;
	model.base_cells = model.hive->img.counts.used_cells - (uint32_t)model.child_count;
	cr_assert_eq(whi_edit_init(&model.e, &model.hive->img, &model.hive->alloc), WH_OK);
	model.hive->edit = &model.e;
}

void
model_begin(uint32_t minor)
{
	model = (struct model){ 0 };
	builder_init(&model.b, minor);
	builder_key(&model.b, NO_PARENT, "ROOT");
}

void
model_new(uint32_t minor)
{
	model_begin(minor);
	model_open();
}

void
model_close(void)
{
	model.hive->edit = NULL;
	whi_edit_fini(&model.e);
	wh_hive_close(model.hive);
	builder_fini(&model.b);
	free(model.children);
	cr_assert_eq(model.meter.blocks, 0, "%zu blocks are left", model.meter.blocks);
	cr_assert_not(model.meter.wrong_size);
}

uint8_t *
model_at(uint32_t cell)
{
	cr_assert(cell % 8 == 0 && cell < model.hive->img.length, "0x%x is no cell", cell);
	cr_assert((int32_t)get32(model.hive->img.bytes + BINS + cell) < 0, "0x%x is free", cell);
	return model.hive->img.bytes + BINS + cell + 4;
}

uint32_t
model_len(uint32_t cell)
{
	return 0u - get32(model_at(cell) - 4) - 4;
}

uint32_t
model_root32(size_t offset)
{
	return get32(model_at(model.root.off) + offset);
}

/* ---------------------------------------------- names, as the format has them */

static uint32_t
name_units(uint32_t key)
{
	uint32_t len = get16(model_at(key) + 72);

	return get16(model_at(key) + 2) & WH_KEY_COMP_NAME ? len : len / 2;
}

static uint32_t
name_unit(uint32_t key, uint32_t i)
{
	const uint8_t *nk = model_at(key);

	return get16(nk + 2) & WH_KEY_COMP_NAME ? nk[NK + i] : get16(nk + NK + 2 * (size_t)i);
}

static int
compare(uint32_t a, uint32_t z)
{
	uint32_t na = name_units(a), nz = name_units(z);

	for (uint32_t i = 0; i < na && i < nz; i++) {
		int ua = whi_upcase((uint16_t)name_unit(a, i));
		int uz = whi_upcase((uint16_t)name_unit(z, i));

		if (ua != uz)
			return ua - uz;
	}
	return (int)na - (int)nz;
}

static uint32_t
hash_of(uint32_t key)
{
	uint32_t hash = 0;

	for (uint32_t i = 0; i < name_units(key); i++)
		hash = hash * 37 + whi_upcase((uint16_t)name_unit(key, i));
	return hash;
}

static uint32_t
hint_of(uint32_t key)
{
	uint8_t hint[4] = { 0 };
	uint32_t n = name_units(key) < 4 ? name_units(key) : 4;

	while (n-- > 0 && name_unit(key, n) <= 0xff)
		hint[n] = (uint8_t)name_unit(key, n);
	return get32(hint);
}

/* -------------------------------------------------------------------- checker */

/* Go through a leaf: order, hints, hashes.  '*last' is the key before it. */
static uint32_t
check_leaf(uint32_t cell, uint32_t *last)
{
	const uint8_t *list = model_at(cell);
	bool fast = list[1] == 'f', hash = list[1] == 'h';
	uint32_t count = get16(list + 2), stride = fast || hash ? 8 : 4;

	cr_assert(list[0] == 'l' && (fast || hash || list[1] == 'i'), "%c%c", list[0], list[1]);
	memcpy(model.leaf_sig, list, 2);
	cr_assert(count > 0 && count <= (fast ? FAST_MAX : LEAF_MAX), "%u in a leaf", count);
	cr_assert(4 + count * stride <= model_len(cell), "%u past the cell", count);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *element = list + 4 + (size_t)i * stride;
		uint32_t key = get32(element);

		cr_assert(memcmp(model_at(key), "nk", 2) == 0);
		cr_assert(*last == 0 || compare(*last, key) < 0, "not in order");
		if (hash)
			cr_assert_eq(get32(element + 4), hash_of(key));
		if (fast)
			cr_assert_eq(get32(element + 4), hint_of(key));
		*last = key;
	}
	cr_assert(model.leaves < MAX_LEAVES);
	model.leaf_counts[model.leaves++] = count;
	return count;
}

uint32_t
model_check_lists(uint32_t *total)
{
	uint32_t cell = model_root32(28), last = 0, count;

	*total = 0;
	model.leaves = 0;
	if (cell == WH_NO_CELL)
		return 0;
	cr_assert(model.hive->img.ordered[cell / 8 / 64] >> cell / 8 % 64 & 1, "is not marked");
	if (memcmp(model_at(cell), "ri", 2) != 0) {
		*total = check_leaf(cell, &last);
		return 1;
	}
	count = get16(model_at(cell) + 2);
	cr_assert(count > 0 && 4 + count * 4 <= model_len(cell));
	for (uint32_t i = 0; i < count; i++)
		*total += check_leaf(get32(model_at(cell) + 4 + (size_t)i * 4), &last);
	return 1 + count;
}

void
model_check(void)
{
	uint32_t total, lists = model_check_lists(&total), longest = 0, found = 0;

	cr_assert_eq(total, model.in_count, "%u in the list, %zu due", total, model.in_count);
	cr_assert_eq(model_root32(20), model.in_count);
	cr_assert_eq(model_root32(24), 0);
	cr_assert_eq(model_root32(32), WH_NO_CELL);
	cr_assert_eq(model.hive->img.counts.used_cells,
		     model.base_cells + model.child_count + lists);
	for (size_t i = 0; i < model.child_count; i++) {
		struct whi_query query;
		struct whi_nk nk, hit;
		enum wh_status st;

		cr_assert(whi_nk_parse(&model.hive->img, (cellref){ model.children[i].cell }, &nk));
		cr_assert_eq(whi_query_from_name(&query, &model.alloc, nk.name), WH_OK);
		cr_assert(whi_nk_parse(&model.hive->img, model.root, &nk));
		st = whi_index_find(&model.hive->img, &nk, &query, &hit);
		if (model.children[i].in)
			cr_assert(st == WH_OK && hit.self.off == model.children[i].cell, "%zu", i);
		else /* but another may have its name */
			cr_assert(st == WH_E_NOT_FOUND || hit.self.off != model.children[i].cell);
		whi_query_fini(&query, &model.alloc);
		found += model.children[i].in;
		if (model.children[i].in && name_units(model.children[i].cell) * 2 > longest)
			longest = name_units(model.children[i].cell) * 2;
	}
	cr_assert_eq(found, model.in_count);
	cr_assert(get16(model_at(model.root.off) + 52) >= longest);
	if (model.in_count == 0)
		cr_assert(get16(model_at(model.root.off) + 52) == 0 && model_root32(56) == 0 &&
			  model_root32(28) == WH_NO_CELL);
	cr_assert_eq(model.issues.count, 0);
}

/* -------------------------------------------------------------------- changes */

static size_t
add_child(uint32_t cell, bool in)
{
	if (model.child_count == model.children_cap) {
		model.children_cap = model.children_cap ? 2 * model.children_cap : 64;
		model.children =
			realloc(model.children, model.children_cap * sizeof *model.children);
		cr_assert(model.children);
	}
	model.children[model.child_count] = (struct child){ cell, in };
	model.in_count += in;
	return model.child_count++;
}

/* A key in a cell of the builder's; the image does not have to grow for it. */
static uint32_t
built_key(const uint8_t *name, uint32_t len, bool wide)
{
	uint16_t units[256];
	char text[512] = { 0 };

	cr_assert(len < sizeof units);
	memcpy(text, name, len);
	if (!wide)
		return builder_key(&model.b, model.b.root, text);
	for (uint32_t i = 0; i < len / 2; i++)
		units[i] = (uint16_t)get16(name + 2 * (size_t)i);
	return builder_wide_key(&model.b, model.b.root, units, len / 2);
}

static uint32_t
new_key(const uint8_t *name, uint32_t len, bool wide)
{
	struct regf_nk nk = { .sig = { 'n', 'k' },
			      .flags = le16_make(wide ? 0 : WH_KEY_COMP_NAME),
			      .parent = le32_make(model.root.off),
			      .subkey_list = le32_make(REGF_NIL),
			      .volatile_list = le32_make(REGF_NIL),
			      .value_list = le32_make(REGF_NIL),
			      .security = le32_make(model.b.security),
			      .class_cell = le32_make(REGF_NIL),
			      .name_len = le16_make((uint16_t)len) };
	cellref ref;

	whi_edit_begin(&model.e);
	ref = whi_cell_new(&model.e, NK + len, model.root);
	whi_cell_write(&model.e, ref, 0, &nk, sizeof nk);
	whi_cell_write(&model.e, ref, NK, name, len);
	cr_assert_eq(whi_edit_end(&model.e), WH_OK);
	return ref.off;
}

size_t
model_key(const void *name, uint32_t len, bool wide)
{
	return add_child(model.hive ? new_key(name, len, wide) : built_key(name, len, wide), false);
}

size_t
model_latin(const char *name)
{
	return model_key(name, (uint32_t)strlen(name), false);
}

size_t
model_number(const char *format, unsigned number)
{
	char name[64];

	snprintf(name, sizeof name, format, number);
	return model_latin(name);
}

void
model_build(uint32_t *cells, unsigned count, unsigned from, unsigned step)
{
	char name[16];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "k%06u", from + i * step);
		cells[i] = builder_key(&model.b, model.b.root, name);
		add_child(cells[i], true);
	}
}

enum wh_status
model_insert(size_t i)
{
	enum wh_status st;

	whi_edit_begin(&model.e);
	whi_index_insert(model.hive, model.root, (cellref){ model.children[i].cell });
	st = whi_edit_end(&model.e);
	if (st == WH_OK) {
		model.children[i].in = true;
		model.in_count++;
	}
	return st;
}

enum wh_status
model_remove(size_t i)
{
	enum wh_status st;

	whi_edit_begin(&model.e);
	whi_index_remove(model.hive, model.root, (cellref){ model.children[i].cell });
	st = whi_edit_end(&model.e);
	if (st == WH_OK) {
		model.children[i].in = false;
		model.in_count--;
	}
	return st;
}

enum wh_status
model_replace(size_t old, size_t new)
{
	enum wh_status st;

	whi_edit_begin(&model.e);
	whi_index_replace(model.hive, model.root, (cellref){ model.children[old].cell },
			  (cellref){ model.children[new].cell });
	st = whi_edit_end(&model.e);
	if (st == WH_OK) {
		model.children[old].in = false;
		model.children[new].in = true;
	}
	return st;
}

enum wh_status
model_drop(void)
{
	enum wh_status st;

	whi_edit_begin(&model.e);
	whi_index_drop(model.hive, model.root);
	st = whi_edit_end(&model.e);
	if (st == WH_OK) {
		for (size_t i = 0; i < model.child_count; i++)
			model.children[i].in = false;
		model.in_count = 0;
	}
	return st;
}

/* ------------------------------------------------------------------ snapshots */

void
model_snapshot(struct model_snapshot *s)
{
	size_t words = model.hive->img.length / 8 / 64;

	*s = (struct model_snapshot){ model.hive->img.size, model.hive->img.length,
				      malloc(model.hive->img.size), calloc(words, 8) };
	cr_assert(s->bytes && s->starts);
	memcpy(s->bytes, model.hive->img.bytes, s->size);
	memcpy(s->starts, model.hive->img.starts, words * 8);
}

bool
model_as_before(const struct model_snapshot *s)
{
	return model.hive->img.size == s->size && model.hive->img.length == s->length &&
	       memcmp(s->bytes, model.hive->img.bytes, s->size) == 0 &&
	       memcmp(s->starts, model.hive->img.starts, s->length / 64) == 0;
}

void
model_forget(struct model_snapshot *s)
{
	free(s->bytes);
	free(s->starts);
}
