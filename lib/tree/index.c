/* SPDX-License-Identifier: MIT */
/*
 * Finding a subkey by name.
 *
 * The fast way believes the list: an ri and a leaf of li or lf are searched by halving,
 * a leaf of lh by its hashes, which lie next to each other while the names do not.  When
 * that finds nothing and nobody has looked at the list before, it is read from end to
 * end: either it is in order, which is then remembered, or it is not, which is reported,
 * and the name is looked for in every element from now on.
 */
#include "tree/index.h"

#include <inttypes.h>

static bool
is_ordered(const struct whi_image *img, cellref list)
{
	uint32_t bit = list.off / 8;
	uint64_t word = atomic_load_explicit(&img->ordered[bit / 64], memory_order_relaxed);

	return word >> bit % 64 & 1;
}

void
whi_index_mark(const struct whi_image *img, cellref list)
{
	uint32_t bit = list.off / 8;

	atomic_fetch_or_explicit(&img->ordered[bit / 64], UINT64_C(1) << bit % 64,
				 memory_order_relaxed);
}

/* The name of the key at 'ref', without reports; false if there is no key that can be read. */
static bool
peek_name(const struct whi_image *img, cellref ref, struct whi_name *name)
{
	struct view cell;
	const struct regf_nk *disk = whi_cell_record(img, ref, "nk", sizeof(struct regf_nk), &cell);

	if (!disk)
		return false;
	name->at = (const uint8_t *)(disk + 1);
	name->len = le16_get(disk->name_len);
	name->wide = img->minor <= 1 || !(le16_get(disk->flags) & WH_KEY_COMP_NAME);
	return name->len <= cell.len - sizeof *disk;
}

/* Where the key at 'ref' is from the one looked for: see whi_query_compare(). */
static bool
peek_order(const struct whi_image *img, cellref ref, const struct whi_query *query, int *order)
{
	struct whi_name name;

	if (!peek_name(img, ref, &name))
		return false;
	*order = whi_query_compare(query, name);
	return true;
}

static bool
find_by_hash(const struct whi_image *img, const struct whi_list *leaf,
	     const struct whi_query *query, cellref *found)
{
	int order;

	for (uint32_t i = 0; i < leaf->count; i++) {
		if (whi_list_hash(leaf, i) != query->hash)
			continue;
		*found = whi_list_cell(leaf, i);
		if (peek_order(img, *found, query, &order) && order == 0)
			return true;
	}
	return false;
}

/* Halve a leaf: '*at' is the element of that name, or else the first one after it. */
static bool
halve(const struct whi_image *img, const struct whi_list *leaf, const struct whi_query *query,
      uint32_t *at, bool *hit)
{
	uint32_t low = 0, high = leaf->count;

	*hit = false;
	while (low < high && !*hit) {
		uint32_t mid = low + (high - low) / 2;
		int order;

		if (!peek_order(img, whi_list_cell(leaf, mid), query, &order))
			return false;
		*hit = order == 0;
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	*at = high;
	return true;
}

static bool
find_in_leaf(const struct whi_image *img, const struct whi_list *leaf,
	     const struct whi_query *query, cellref *found)
{
	uint32_t at;
	bool hit;

	if (leaf->kind == WHI_LIST_LH)
		return find_by_hash(img, leaf, query, found);
	if (!halve(img, leaf, query, &at, &hit) || !hit)
		return false;
	*found = whi_list_cell(leaf, at);
	return true;
}

static bool
peek_leaf(const struct whi_image *img, const struct whi_list *ri, uint32_t i, struct whi_list *leaf)
{
	return whi_list_peek(img, whi_list_cell(ri, i), true, leaf) && leaf->count > 0;
}

/* The first leaf whose last name is not before the one that is looked for, or else the last. */
static bool
find_leaf(const struct whi_image *img, const struct whi_list *ri, const struct whi_query *query,
	  uint32_t *at, struct whi_list *leaf)
{
	uint32_t low = 0, high = ri->count > 0 ? ri->count - 1 : 0;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order;

		if (!peek_leaf(img, ri, mid, leaf) ||
		    !peek_order(img, whi_list_cell(leaf, leaf->count - 1), query, &order))
			return false;
		if (order <= 0)
			high = mid;
		else
			low = mid + 1;
	}
	*at = low;
	return low < ri->count && peek_leaf(img, ri, low, leaf);
}

bool
whi_index_seek(const struct whi_image *img, cellref ref, const struct whi_query *query,
	       struct whi_spot *spot)
{
	struct whi_list list, leaf;

	if (!whi_list_peek(img, ref, false, &list))
		return false;
	*spot = (struct whi_spot){ .leaf = ref, .below_ri = list.kind == WHI_LIST_RI };
	if (!spot->below_ri)
		return halve(img, &list, query, &spot->at, &spot->hit);
	if (!find_leaf(img, &list, query, &spot->leaf_at, &leaf))
		return false;
	spot->leaf = whi_list_cell(&list, spot->leaf_at);
	return halve(img, &leaf, query, &spot->at, &spot->hit);
}

/* What reading a list from end to end says of it. */
struct reading {
	bool ordered; /* every name is where it belongs, with its hash */
	bool whole;   /* every element could be read */
	bool hit;     /* one of them is the one looked for: */
	cellref found;
};

/*
 * Are all elements that a list and its leaves count there?  '*empty': is one of the leaves empty,
 * so that it has no name by which to go on halving?
 */
static bool
is_whole(const struct whi_image *img, const struct whi_list *list, bool *empty)
{
	bool whole = list->count == list->stored_count;
	struct whi_list leaf;

	*empty = false;
	for (uint32_t i = 0; list->kind == WHI_LIST_RI && i < list->count; i++)
		if (!peek_leaf(img, list, i, &leaf))
			*empty = true;
		else
			whole &= leaf.count == leaf.stored_count;
	return whole;
}

/* Does a name follow the one before it, and has it the hash that is in the list? */
static bool
is_in_place(struct whi_name last, struct whi_name name, const struct whi_child *child)
{
	return (!last.at || whi_name_compare(last, name) < 0) &&
	       (child->kind != WHI_LIST_LH || child->hash == whi_name_hash(name));
}

/*
 * Read all of the list of a key that has not been found to be in order; remember it if it is.  The
 * query may be NULL.  Names are paid for, as elements may share them.
 */
static struct reading
read_list(const struct whi_image *img, const struct whi_nk *nk, const struct whi_list *list,
	  const struct whi_query *query)
{
	struct wh_subkeys it = { .budget = (uint64_t)img->length * 2 };
	struct reading r = { .ordered = true };
	struct whi_name name, last = { 0 };
	struct whi_child child;
	enum wh_status st;
	bool empty;

	r.whole = is_whole(img, list, &empty);
	whi_subkeys_begin_list(nk, list, &it);
	while ((st = whi_subkeys_next(img, &it, &child)) != WH_E_NO_MORE) {
		if (st != WH_OK || !peek_name(img, child.ref, &name)) {
			r.whole = false;
			continue;
		}
		it.budget -= name.len < it.budget ? name.len : it.budget;
		if (query && !r.hit && whi_query_compare(query, name) == 0) {
			r.found = child.ref;
			r.hit = true;
		}
		r.ordered = r.ordered && is_in_place(last, name, &child);
		last = name;
	}
	if (it.budget == 0)
		r.whole = false; /* cut short: see whi_subkeys_next() */
	if (r.ordered && r.whole && !empty)
		whi_index_mark(img, nk->subkey_list);
	return r;
}

bool
whi_index_verify(const struct whi_image *img, const struct whi_nk *nk)
{
	struct whi_list list;

	if (whi_list_read(img, nk->subkey_list, whi_image_where(img, &nk->disk->subkey_list), false,
			  &list) != WH_OK)
		return false;
	if (!is_ordered(img, nk->subkey_list))
		read_list(img, nk, &list, NULL);
	return is_ordered(img, nk->subkey_list);
}

enum wh_status
whi_index_find(const struct whi_image *img, const struct whi_nk *nk, const struct whi_query *query,
	       struct whi_nk *found)
{
	struct whi_list list, leaf;
	uint32_t at;
	cellref ref;
	bool hit;

	if (nk->subkey_count == 0)
		return WH_E_NOT_FOUND;
	if (whi_list_read(img, nk->subkey_list, whi_image_where(img, &nk->disk->subkey_list), false,
			  &list) != WH_OK)
		return WH_E_CORRUPT;
	if (list.kind == WHI_LIST_RI)
		hit = find_leaf(img, &list, query, &at, &leaf) &&
		      find_in_leaf(img, &leaf, query, &ref);
	else
		hit = find_in_leaf(img, &list, query, &ref);
	if (!hit && !is_ordered(img, nk->subkey_list)) {
		struct reading r = read_list(img, nk, &list, query);

		if (!r.hit && !r.whole)
			return WH_E_CORRUPT; /* it may be among what cannot be read */
		hit = r.hit;
		ref = r.found;
		if (hit && !r.ordered)
			whi_report(img->sink, WHI_RULE_LIST_ORDER, WHI_IN_CELL(nk->self),
				   "the subkey at 0x%" PRIx32
				   " is not where its name belongs; Windows may not find it",
				   ref.off);
	}
	if (!hit)
		return WH_E_NOT_FOUND;
	return whi_nk_read(img, ref, whi_image_where(img, nk->disk), found);
}
