/* SPDX-License-Identifier: MIT */
/*
 * Who is below whom.  Two things say so: the lists of subkeys, and in each key the cell of its
 * parent.  Where both agree there is no doubt.  Where they do not:
 *
 *	a list has the key, and the key names a cell that is no key	the list is right
 *	a list has it, and so has that of the key that it names		the key is right
 *	no list has it, and that of its parent lacks something		the key is right
 *	no list has it, and that of its parent lacks nothing		it was deleted
 *
 * Each list is read for the first key that has it.
 */
#include "check/salvage.h"

#include "base/mem.h"

struct reading {
	struct whi_salvage *s;
	uint32_t key; /* whose list it is */
	uint32_t seen;
};

static void
note(struct whi_salvage *s, struct whi_hole **array, size_t *cap, size_t *count,
     struct whi_hole hole)
{
	void *all = *array;

	if (!whi_grow(s->alloc, &all, cap, *count + 1, sizeof hole)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	*array = all;
	(*array)[(*count)++] = hole;
}

static cellref
parent_of(const struct whi_salvage *s, const struct whi_found_key *key)
{
	struct whi_nk nk;

	if ((key->marks & WHI_KEY_GONE) || !whi_nk_parse(&s->img, key->cell, &nk))
		return (cellref){ REGF_NIL };
	return nk.parent;
}

/* The key of a list found a subkey.  True, once for each: there is no doubt that it is one. */
static bool
meet(struct reading *r, uint32_t child)
{
	struct whi_salvage *s = r->s;
	struct whi_found_key *key = &s->keys[child];
	struct whi_hole doubt = { key->cell, r->key };

	if (parent_of(s, key).off != s->keys[r->key].cell.off) {
		note(s, &s->doubts, &s->doubt_cap, &s->doubt_count, doubt);
	} else if (key->owner == WHI_NO_KEY) {
		key->owner = r->key;
		key->marks |= WHI_KEY_SURE;
		return true;
	} else { /* a second time */
		s->keys[r->key].marks |= WHI_KEY_HOLES | WHI_KEY_LOSSES;
	}
	return false;
}

static void
read_element(struct reading *r, const struct whi_list *list, uint32_t i)
{
	struct whi_salvage *s = r->s;
	cellref ref = whi_list_cell(list, i), self = s->keys[r->key].cell;
	uint32_t child = whi_salvage_key(s, ref, self);

	r->seen++;
	if (child == WHI_NO_KEY) {
		s->keys[r->key].marks |= WHI_KEY_HOLES | WHI_KEY_LOSSES;
		note(s, &s->holes, &s->hole_cap, &s->hole_count, (struct whi_hole){ ref, r->key });
		return;
	}
	if (meet(r, child) && list->kind == WHI_LIST_LH)
		whi_salvage_name(s, child, whi_list_hash(list, i));
}

/* A leaf, or what is below an ri; false: something of it is missing. */
static bool
read_leaf(struct reading *r, cellref ref)
{
	struct whi_list leaf;

	if (!whi_salvage_cell(r->s, ref, 0, false) || !whi_list_peek(&r->s->img, ref, true, &leaf))
		return false;
	if (!whi_salvage_claim(r->s, r->s->claimed, ref)) {
		r->s->keys[r->key].marks |= WHI_KEY_NO_LIST;
		return false;
	}
	for (uint32_t i = 0; i < leaf.count && r->s->status == WH_OK; i++)
		read_element(r, &leaf, i);
	return leaf.count == leaf.stored_count;
}

static bool
read_lists(struct reading *r, cellref ref)
{
	struct whi_list list;
	bool whole;

	if (!whi_salvage_cell(r->s, ref, 0, false) || !whi_list_peek(&r->s->img, ref, false, &list))
		return false;
	if (list.kind != WHI_LIST_RI)
		return read_leaf(r, ref);
	if (!whi_salvage_claim(r->s, r->s->claimed, ref)) {
		r->s->keys[r->key].marks |= WHI_KEY_NO_LIST;
		return false;
	}
	whole = list.count == list.stored_count;
	for (uint32_t i = 0; i < list.count && r->s->status == WH_OK; i++)
		whole &= read_leaf(r, whi_list_cell(&list, i));
	return whole;
}

/* A key that counts no subkeys: the list that it has may be of another time. */
static void
read_hidden(struct reading *r, cellref ref)
{
	struct whi_salvage *s = r->s;
	struct whi_list list;
	cellref first;
	uint32_t child;

	if (ref.off == REGF_NIL || !whi_list_peek(&s->img, ref, false, &list) || list.count == 0)
		return;
	first = whi_list_cell(&list, 0);
	if (list.kind == WHI_LIST_RI && whi_list_peek(&s->img, first, true, &list) &&
	    list.count > 0)
		first = whi_list_cell(&list, 0);
	child = whi_salvage_find(s, first);
	if (child != WHI_NO_KEY && parent_of(s, &s->keys[child]).off == s->keys[r->key].cell.off)
		read_lists(r, ref);
}

void
whi_salvage_lists(struct whi_salvage *s)
{
	/* Keys that lists lead to are added while this goes on. */
	for (uint32_t i = 0; i < s->count && s->status == WH_OK; i++) {
		struct reading r = { s, i, 0 };
		struct whi_nk nk;

		if (!whi_nk_parse(&s->img, s->keys[i].cell, &nk))
			continue;
		if (nk.subkey_count == 0)
			read_hidden(&r, nk.subkey_list);
		else if (!read_lists(&r, nk.subkey_list))
			s->keys[i].marks |= WHI_KEY_HOLES | WHI_KEY_LOSSES;
		else if (r.seen != nk.subkey_count)
			s->keys[i].marks |= WHI_KEY_HOLES;
	}
}

/* ---------------------------------------------------------------- owners */

/* A list of one key has a subkey that says it is below another one. */
static void
settle_doubts(struct whi_salvage *s)
{
	for (size_t i = 0; i < s->doubt_count; i++) {
		uint32_t owner = s->doubts[i].owner;
		struct whi_found_key *key = &s->keys[whi_salvage_find(s, s->doubts[i].cell)];
		uint32_t named = whi_salvage_find(s, parent_of(s, key));
		bool theirs = named != WHI_NO_KEY && (s->keys[named].marks & WHI_KEY_NO_LIST);

		if (key->owner == WHI_NO_KEY)
			key->owner = theirs ? named : owner;
		if (key->owner != owner)
			s->keys[owner].marks |= WHI_KEY_HOLES | WHI_KEY_LOSSES;
	}
}

/* A key that was lost, of which a list knows and its subkeys do. */
static uint32_t
make_gone(struct whi_salvage *s, struct whi_hole hole)
{
	struct whi_found_key key = {
		.cell = hole.cell,
		.marks = WHI_KEY_GONE,
		.name = whi_salvage_lost_name(s, hole.cell),
	};
	uint32_t i = s->status == WH_OK ? whi_salvage_add(s, key) : WHI_NO_KEY;

	if (i != WHI_NO_KEY)
		s->keys[i].owner = hole.owner;
	return i;
}

static bool
has_no_key(const struct whi_salvage *s, size_t key)
{
	return s->keys[key].owner == WHI_NO_KEY && !(s->keys[key].marks & WHI_KEY_GONE) &&
	       key != s->root;
}

/*
 * Keys that their parents are looked for: if a list has a hole where the parent was, and nothing
 * can be read there, there was a key.
 */
static void
fill_holes(struct whi_salvage *s)
{
	struct whi_cell_index wanted = { 0 };
	size_t count = s->count, at;

	for (size_t i = 0; i < count && s->status == WH_OK; i++) {
		cellref parent = parent_of(s, &s->keys[i]);

		at = 0;
		if (parent.off % REGF_CELL_ALIGN || parent.off > REGF_MAX_LENGTH)
			continue;
		if (has_no_key(s, i) && whi_salvage_find(s, parent) == WHI_NO_KEY &&
		    whi_cell_index_next(&wanted, whi_salvage_hash(parent), &at).off == REGF_NIL &&
		    !whi_cell_index_add(&wanted, s->alloc, whi_salvage_hash(parent),
					(cellref){ 2 }))
			whi_salvage_fail(s, WH_E_MEMORY);
	}
	for (size_t i = 0; i < s->hole_count && s->status == WH_OK; i++) {
		cellref cell = s->holes[i].cell;

		at = 0;
		if (whi_cell_index_next(&wanted, whi_salvage_hash(cell), &at).off != REGF_NIL &&
		    whi_salvage_find(s, cell) == WHI_NO_KEY)
			make_gone(s, s->holes[i]);
	}
	whi_cell_index_fini(&wanted, s->alloc);
}

/* Keys that no list has, below the keys that they name, if something is missing there. */
void
whi_salvage_adopt(struct whi_salvage *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct whi_found_key *key = &s->keys[i];
		uint32_t named;

		if (!has_no_key(s, i))
			continue;
		named = whi_salvage_find(s, parent_of(s, key));
		if (named == WHI_NO_KEY || named == i ||
		    !(s->keys[named].marks & (WHI_KEY_HOLES | WHI_KEY_GONE)))
			continue;
		key->owner = named;
		key->marks |= WHI_KEY_ADOPTED;
	}
}

void
whi_salvage_owners(struct whi_salvage *s)
{
	settle_doubts(s);
	if (s->root != WHI_NO_KEY)
		s->keys[s->root].owner = WHI_NO_KEY;
	fill_holes(s);
	if (s->status == WH_OK)
		whi_salvage_adopt(s);
}
