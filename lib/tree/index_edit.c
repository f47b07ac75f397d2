/* SPDX-License-Identifier: MIT */
/*
 * Subkey lists that change.
 *
 *	nk --> lh            one leaf, up to 1013 elements
 *
 *	nk --> ri --> lh     then leaves below an ri; a full one becomes two of 506 and 507,
 *	          --> lh     and leaves are not joined again when they shrink
 *
 * All of it by halving, so that the cost of one more subkey hardly depends on how many there
 * are.  That rests on the order of the list, which is verified once: see whi_index_verify().
 */
#include "tree/index_edit.h"

#include "tree/index.h"

enum {
	FAST_MAX = 507, /* elements of an lf (docs/format.md 6.2) */
	LEAVES_MAX = UINT16_MAX,
	HEAD = sizeof(struct regf_list),
	FIRST_FAST_MINOR = 3, /* versions before know li only */
	FIRST_HASH_MINOR = 5, /* and those before this one, lf */
};

/* The key whose list changes, and the list as it is by now. */
struct change {
	struct whi_edit *e;
	cellref parent, list;
	uint32_t count;
	struct whi_query query; /* the name of the subkey */
	struct whi_spot spot;   /* and where it goes */
};

static uint32_t
max_count(enum whi_list_kind kind)
{
	return kind == WHI_LIST_RI ? LEAVES_MAX : kind == WHI_LIST_LF ? FAST_MAX : WHI_LEAF_MAX;
}

static uint32_t
offset_of(const struct whi_list *list, uint32_t i)
{
	return HEAD + i * list->stride;
}

/* ------------------------------------------------------------- one list cell */

/* Read a list that is going to be changed: there must be no doubt about what it holds. */
static bool
read_list(struct change *c, cellref ref, bool below_ri, struct whi_list *list)
{
	if (c->e->status != WH_OK)
		return false;
	if (whi_list_peek(c->e->img, ref, below_ri, list) && list->count == list->stored_count)
		return true;
	whi_edit_fail(c->e, WH_E_CORRUPT);
	return false;
}

static void
write_count(struct change *c, cellref ref, uint32_t count)
{
	whi_cell_write16(c->e, ref, offsetof(struct regf_list, count), (uint16_t)count);
}

static cellref
new_list(struct change *c, enum whi_list_kind kind, uint32_t room)
{
	struct regf_list head = whi_list_head(kind, 0);
	cellref ref = whi_cell_new(c->e, HEAD + room * whi_list_stride(kind), c->parent);

	whi_cell_write(c->e, ref, 0, &head, sizeof head);
	return ref;
}

/* Make room for one more element.  Returns where the list is now, with what it held. */
static cellref
widen(struct change *c, cellref ref, bool below_ri)
{
	struct whi_list list;
	uint32_t room, more, max;
	cellref wider;

	if (!read_list(c, ref, below_ri, &list))
		return ref;
	room = list.elements.len / list.stride;
	if (list.count < room)
		return ref;
	max = max_count(list.kind);
	more = room / 2 > 0 ? room / 2 : 1;
	wider = new_list(c, list.kind, room + more < max ? room + more : max);
	whi_cell_copy(c->e, wider, 0, ref, 0, offset_of(&list, list.count));
	whi_cell_free(c->e, ref);
	return wider;
}

/* There is room for it. */
static void
put_element(struct change *c, cellref ref, bool below_ri, uint32_t at, const le32 element[2])
{
	struct whi_list list;

	if (!read_list(c, ref, below_ri, &list))
		return;
	whi_cell_shift(c->e, ref, offset_of(&list, at + 1), offset_of(&list, at),
		       (list.count - at) * list.stride);
	whi_cell_write(c->e, ref, offset_of(&list, at), element, list.stride);
	write_count(c, ref, list.count + 1);
}

/* Returns how many are left. */
static uint32_t
take_element(struct change *c, cellref ref, bool below_ri, uint32_t at)
{
	struct whi_list list;

	if (!read_list(c, ref, below_ri, &list))
		return UINT32_MAX;
	whi_cell_shift(c->e, ref, offset_of(&list, at), offset_of(&list, at + 1),
		       (list.count - at - 1) * list.stride);
	write_count(c, ref, list.count - 1);
	return list.count - 1;
}

/* Turn an lf into an li in its place. */
static void
drop_hints(struct change *c, cellref ref, const struct whi_list *lf)
{
	struct regf_list head = whi_list_head(WHI_LIST_LI, lf->count);

	for (uint32_t i = 0; i < lf->count; i++)
		whi_cell_write32(c->e, ref, HEAD + i * REGF_LI_STRIDE, whi_list_cell(lf, i).off);
	whi_cell_write(c->e, ref, 0, &head, sizeof head);
}

/* ---------------------------------------------------------------------- ri */

static void
put_leaf(struct change *c, uint32_t at, cellref leaf)
{
	struct whi_list ri;
	cellref wider;

	if (!read_list(c, c->list, false, &ri))
		return;
	if (ri.count == LEAVES_MAX) {
		whi_edit_fail(c->e, WH_E_TOO_BIG);
		return;
	}
	wider = widen(c, c->list, false);
	if (c->e->status != WH_OK)
		return;
	c->list = wider;
	whi_index_mark(c->e->img, c->list);
	put_element(c, c->list, false, at, (le32[2]){ le32_make(leaf.off) });
}

/* The only leaf gets an ri above it. */
static void
put_ri(struct change *c)
{
	cellref leaf = c->list;

	c->list = new_list(c, WHI_LIST_RI, 1);
	put_leaf(c, 0, leaf);
}

/* Move the second half of a full leaf to a new one. */
static void
split(struct change *c, const struct whi_list *leaf)
{
	uint32_t kept = leaf->count / 2, moved = leaf->count - kept;
	uint32_t from = offset_of(leaf, kept), len = moved * leaf->stride;
	cellref ref = new_list(c, leaf->kind, moved);

	whi_cell_copy(c->e, ref, HEAD, c->spot.leaf, from, len);
	write_count(c, ref, moved);
	write_count(c, c->spot.leaf, kept);
	put_leaf(c, c->spot.leaf_at + 1, ref);
}

/* A name between two leaves goes to the end of the first, if it has room. */
static void
prefer_end(struct change *c)
{
	struct whi_spot *spot = &c->spot;
	struct whi_list ri, leaf;
	cellref before;

	if (!spot->below_ri || spot->at > 0 || spot->leaf_at == 0 ||
	    !read_list(c, c->list, false, &ri))
		return;
	before = whi_list_cell(&ri, spot->leaf_at - 1);
	if (!read_list(c, before, true, &leaf) || leaf.count >= max_count(leaf.kind))
		return;
	spot->leaf = before;
	spot->leaf_at--;
	spot->at = leaf.count;
}

/* ------------------------------------------------------------- the whole list */

/* The list of a key can be relied on.  A key without subkeys has none, whatever it says. */
static bool
is_reliable(const struct whi_image *img, const struct whi_nk *nk)
{
	struct whi_list list;

	if (nk->subkey_count == 0)
		return true;
	if (!whi_index_verify(img, nk) || !whi_list_peek(img, nk->subkey_list, false, &list))
		return false;
	return list.kind == WHI_LIST_RI || list.count == nk->subkey_count;
}

/* Begin with a parent and a subkey whose name is looked for.  False if the edit has failed. */
static bool
begin(struct change *c, struct wh_hive *hive, cellref parent, cellref named)
{
	struct whi_image *img = &hive->img;
	struct whi_nk nk, child;
	enum wh_status st;

	c->e = hive->edit;
	if (c->e->status != WH_OK)
		return false;
	if (!whi_nk_parse(img, parent, &nk) || !whi_nk_parse(img, named, &child) ||
	    !is_reliable(img, &nk)) {
		whi_edit_fail(c->e, WH_E_CORRUPT);
		return false;
	}
	c->parent = parent;
	c->list = nk.subkey_list;
	c->count = nk.subkey_count;
	c->spot = (struct whi_spot){ 0 };
	st = whi_query_from_name(&c->query, &hive->alloc, child.name);
	if (st != WH_OK)
		whi_edit_fail(c->e, st);
	return st == WH_OK;
}

/* Give the key its list and its count, and no volatile ones (docs/format.md 5.4). */
static void
write_list(struct change *c)
{
	le32 fields[] = { le32_make(c->count), le32_make(0), le32_make(c->list.off),
			  le32_make(REGF_NIL) };

	static_assert(offsetof(struct regf_nk, volatile_list) ==
			      offsetof(struct regf_nk, subkey_count) + 12,
		      "count, volatile count, list, volatile list");
	whi_cell_write(c->e, c->parent, offsetof(struct regf_nk, subkey_count), fields,
		       sizeof fields);
	if (c->count > 0)
		return;
	WHI_NK_SET16(c->e, c->parent, max_name_len, 0);
	WHI_NK_SET32(c->e, c->parent, max_class_len, 0);
}

static void
raise_lens(struct change *c, cellref child)
{
	struct whi_nk nk;

	if (c->e->status != WH_OK || !whi_nk_parse(c->e->img, child, &nk))
		return;
	whi_nk_raise_name_len(c->e, c->parent, whi_name_utf16_len(nk.name));
	whi_nk_raise_class_len(c->e, c->parent, nk.class_len);
}

/* Find the spot of the name. */
static bool
seek(struct change *c)
{
	if (c->e->status != WH_OK)
		return false;
	if (whi_index_seek(c->e->img, c->list, &c->query, &c->spot))
		return true;
	whi_edit_fail(c->e, WH_E_CORRUPT);
	return false;
}

/* The spot of 'child', which has the name and is in the list. */
static bool
seek_child(struct change *c, cellref child, struct whi_list *leaf)
{
	if (c->count > 0 && !seek(c))
		return false;
	if (c->count > 0 && c->spot.hit && read_list(c, c->spot.leaf, c->spot.below_ri, leaf) &&
	    whi_list_cell(leaf, c->spot.at).off == child.off)
		return true;
	whi_edit_fail(c->e, WH_E_CORRUPT);
	return false;
}

/* Find the spot of a new name, in a leaf that is not full. */
static void
find_room(struct change *c)
{
	struct whi_list leaf;

	while (seek(c)) {
		if (c->spot.hit)
			whi_edit_fail(c->e, WH_E_EXISTS);
		prefer_end(c);
		if (!read_list(c, c->spot.leaf, c->spot.below_ri, &leaf))
			return;
		if (leaf.kind == WHI_LIST_LF && leaf.count >= FAST_MAX)
			drop_hints(c, c->spot.leaf, &leaf);
		else if (leaf.count < max_count(leaf.kind))
			return;
		else if (c->spot.below_ri)
			split(c, &leaf);
		else
			put_ri(c);
	}
}

/* Make the leaf of the spot wide enough for one more. */
static void
widen_leaf(struct change *c)
{
	cellref wider = widen(c, c->spot.leaf, c->spot.below_ri);

	if (c->e->status != WH_OK || wider.off == c->spot.leaf.off)
		return;
	c->spot.leaf = wider;
	if (c->spot.below_ri) {
		whi_cell_write32(c->e, c->list, HEAD + c->spot.leaf_at * REGF_LI_STRIDE, wider.off);
		return;
	}
	c->list = wider;
	whi_index_mark(c->e->img, wider);
}

enum whi_list_kind
whi_index_leaf_kind(uint32_t minor, uint32_t count)
{
	if (minor >= FIRST_HASH_MINOR)
		return WHI_LIST_LH;
	return minor >= FIRST_FAST_MINOR && count <= FAST_MAX ? WHI_LIST_LF : WHI_LIST_LI;
}

/* The first subkey makes a list. */
static void
make_leaf(struct change *c)
{
	c->list = new_list(c, whi_index_leaf_kind(c->e->img->minor, 1), 1);
	c->spot = (struct whi_spot){ .leaf = c->list };
	if (c->e->status == WH_OK)
		whi_index_mark(c->e->img, c->list);
}

/* An element for 'child' in a list of some kind. */
static void
make_element(struct change *c, enum whi_list_kind kind, cellref child, le32 element[2])
{
	struct whi_nk nk;

	element[0] = le32_make(child.off);
	element[1] = le32_make(0);
	if (kind == WHI_LIST_LH)
		element[1] = le32_make(c->query.hash);
	else if (kind == WHI_LIST_LF && whi_nk_parse(c->e->img, child, &nk))
		element[1] = le32_make(whi_name_hint(nk.name));
}

void
whi_index_insert(struct wh_hive *hive, cellref parent, cellref child)
{
	struct change c;
	struct whi_list leaf;
	le32 element[2];

	if (!begin(&c, hive, parent, child))
		return;
	if (c.count == 0) {
		make_leaf(&c);
	} else {
		find_room(&c);
		widen_leaf(&c);
	}
	if (read_list(&c, c.spot.leaf, c.spot.below_ri, &leaf)) {
		make_element(&c, leaf.kind, child, element);
		put_element(&c, c.spot.leaf, c.spot.below_ri, c.spot.at, element);
	}
	c.count++;
	write_list(&c);
	raise_lens(&c, child);
	whi_query_fini(&c.query, &hive->alloc);
}

/* Free what the subkey that was taken out has left empty. */
static void
free_empty(struct change *c, uint32_t left_in_leaf)
{
	if (left_in_leaf > 0)
		return;
	whi_cell_free(c->e, c->spot.leaf);
	if (c->spot.below_ri && take_element(c, c->list, false, c->spot.leaf_at) > 0)
		return;
	if (c->spot.below_ri)
		whi_cell_free(c->e, c->list);
	c->list.off = REGF_NIL;
}

void
whi_index_remove(struct wh_hive *hive, cellref parent, cellref child)
{
	struct whi_list leaf;
	struct change c;

	if (!begin(&c, hive, parent, child))
		return;
	if (seek_child(&c, child, &leaf)) {
		free_empty(&c, take_element(&c, c.spot.leaf, c.spot.below_ri, c.spot.at));
		c.count--;
		/* The count of a key with an ri may have been wrong all along. */
		if ((c.count == 0) != (c.list.off == REGF_NIL))
			whi_edit_fail(c.e, WH_E_CORRUPT);
		write_list(&c);
	}
	whi_query_fini(&c.query, &hive->alloc);
}

void
whi_index_replace(struct wh_hive *hive, cellref parent, cellref old, cellref child)
{
	struct whi_list leaf;
	struct change c;
	le32 element[2];

	if (!begin(&c, hive, parent, child))
		return;
	if (seek_child(&c, old, &leaf)) {
		make_element(&c, leaf.kind, child, element);
		whi_cell_write(c.e, c.spot.leaf, offset_of(&leaf, c.spot.at), element, leaf.stride);
		write_list(&c);
		raise_lens(&c, child);
	}
	whi_query_fini(&c.query, &hive->alloc);
}

void
whi_index_drop(struct wh_hive *hive, cellref parent)
{
	struct change c = { .e = hive->edit, .parent = parent };
	struct whi_list list, leaf;
	struct whi_nk nk;

	if (c.e->status != WH_OK)
		return;
	if (!whi_nk_parse(&hive->img, parent, &nk)) {
		whi_edit_fail(c.e, WH_E_CORRUPT);
		return;
	}
	if (nk.subkey_count > 0 && read_list(&c, nk.subkey_list, false, &list)) {
		for (uint32_t i = 0; list.kind == WHI_LIST_RI && i < list.count; i++)
			if (read_list(&c, whi_list_cell(&list, i), true, &leaf))
				whi_cell_free(c.e, whi_list_cell(&list, i));
		whi_cell_free(c.e, nk.subkey_list);
	}
	c.list.off = REGF_NIL;
	write_list(&c);
}
