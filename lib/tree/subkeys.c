/* SPDX-License-Identifier: MIT */
#include "tree/subkeys.h"

#include <inttypes.h>
#include <string.h>

static const struct {
	char sig[2];
	uint32_t stride;
} kinds[] = {
	[WHI_LIST_LI] = { { 'l', 'i' }, REGF_LI_STRIDE },
	[WHI_LIST_LF] = { { 'l', 'f' }, REGF_LF_STRIDE },
	[WHI_LIST_LH] = { { 'l', 'h' }, REGF_LF_STRIDE },
	[WHI_LIST_RI] = { { 'r', 'i' }, REGF_LI_STRIDE },
};

static bool
find_kind(const uint8_t sig[2], bool below_ri, enum whi_list_kind *kind)
{
	if (sig[0] == 'l' && sig[1] == 'h')
		*kind = WHI_LIST_LH;
	else if (sig[0] == 'l' && sig[1] == 'f')
		*kind = WHI_LIST_LF;
	else if (sig[0] == 'l' && sig[1] == 'i')
		*kind = WHI_LIST_LI;
	else if (sig[0] == 'r' && sig[1] == 'i' && !below_ri)
		*kind = WHI_LIST_RI;
	else
		return false;
	return true;
}

uint32_t
whi_list_stride(enum whi_list_kind kind)
{
	return kinds[kind].stride;
}

struct regf_list
whi_list_head(enum whi_list_kind kind, uint32_t count)
{
	return (struct regf_list){ .sig = { (uint8_t)kinds[kind].sig[0],
					    (uint8_t)kinds[kind].sig[1] },
				   .count = le16_make((uint16_t)count) };
}

bool
whi_list_peek(const struct whi_image *img, cellref ref, bool below_ri, struct whi_list *list)
{
	const struct regf_list *disk;
	struct view cell;
	uint32_t room;

	whi_cell_get(img, ref, &cell);
	disk = VIEW_AS(cell, struct regf_list);
	if (!disk || !find_kind(disk->sig, below_ri, &list->kind))
		return false;
	list->stride = kinds[list->kind].stride;
	list->elements = view_clamp(cell, sizeof *disk, UINT32_MAX);
	list->stored_count = le16_get(disk->count);
	/* Written so that nothing is divided by a number that is not known. */
	room = list->stride == REGF_LF_STRIDE ? list->elements.len / REGF_LF_STRIDE
					      : list->elements.len / REGF_LI_STRIDE;
	list->count = list->stored_count < room ? list->stored_count : room;
	return true;
}

enum wh_status
whi_list_read(const struct whi_image *img, cellref ref, uint64_t from, bool below_ri,
	      struct whi_list *list)
{
	struct view cell;

	if (whi_list_peek(img, ref, below_ri, list)) {
		if (list->count < list->stored_count)
			whi_report(img->sink, WHI_RULE_LIST_PAST_CELL, WHI_IN_CELL(ref),
				   "subkey list of %" PRIu32 " elements in a cell with room for "
				   "%" PRIu32,
				   list->stored_count, list->count);
		return WH_OK;
	}
	if (whi_cell_get(img, ref, &cell))
		whi_report(img->sink, below_ri ? WHI_RULE_LIST_NESTED : WHI_RULE_LIST_SIGNATURE,
			   WHI_IN_CELL(ref),
			   "a subkey list should be here, but the signature is %02x %02x",
			   cell.at[0], cell.at[1]);
	else
		whi_report(img->sink, below_ri ? WHI_RULE_LIST_LEAF_CELL : WHI_RULE_LIST_CELL,
			   WHI_AT_REF(from, ref), "subkey list: reference 0x%" PRIx32 " %s",
			   ref.off, whi_cell_why(img, ref));
	return WH_E_CORRUPT;
}

static void
take_leaf(struct wh_subkeys *it, const struct whi_list *leaf)
{
	it->leaf = leaf->elements.at;
	it->leaf_end = it->leaf + (size_t)leaf->count * leaf->stride;
	it->kind = leaf->kind;
	it->stride = leaf->stride;
}

static void
take_list(struct wh_subkeys *it, const struct whi_list *list)
{
	if (list->kind == WHI_LIST_RI) {
		it->list = list->elements.at;
		it->list_end = it->list + (size_t)list->count * list->stride;
	} else {
		take_leaf(it, list);
	}
}

static void
start(const struct whi_nk *nk, struct wh_subkeys *it)
{
	it->leaf = it->leaf_end = it->list = it->list_end = NULL;
	it->kind = it->stride = it->seen = 0;
	it->settled = nk->subkey_count == 0;
	it->due = nk->subkey_count;
	it->key.cell = nk->self.off;
}

void
whi_subkeys_begin_list(const struct whi_nk *nk, const struct whi_list *list, struct wh_subkeys *it)
{
	start(nk, it);
	take_list(it, list);
}

void
whi_subkeys_begin(const struct whi_image *img, const struct whi_nk *nk, struct wh_subkeys *it)
{
	struct whi_list list;
	struct view cell;

	start(nk, it);
	if (nk->subkey_count == 0) {
		if (nk->subkey_list.off != REGF_NIL && whi_cell_get(img, nk->subkey_list, &cell))
			whi_report(img->sink, WHI_RULE_LIST_HIDDEN, WHI_IN_CELL(nk->self),
				   "counts no subkeys, but has a subkey list at 0x%" PRIx32,
				   nk->subkey_list.off);
		return;
	}
	if (whi_list_read(img, nk->subkey_list, whi_image_where(img, &nk->disk->subkey_list), false,
			  &list) != WH_OK)
		it->settled = true;
	else
		take_list(it, &list);
}

/* All have been met: is that the number the key says? */
static void
review_count(const struct whi_image *img, struct wh_subkeys *it)
{
	if (it->seen != it->due && !it->settled)
		whi_report(img->sink, it->list ? WHI_RULE_LIST_TOTAL : WHI_RULE_LIST_COUNT,
			   WHI_IN_CELL((cellref){ it->key.cell }),
			   "counts %" PRIu32 " subkeys, but its list has %" PRIu32, it->due,
			   it->seen);
	it->settled = true;
}

static bool
spend(const struct whi_image *img, struct wh_subkeys *it, uint32_t bytes)
{
	if (it->budget >= bytes) {
		it->budget -= bytes;
		return true;
	}
	whi_report(img->sink, WHI_RULE_CELL_SHARED, WHI_IN_CELL((cellref){ it->key.cell }),
		   "its subkey lists share their parts; more than the file can hold is left out");
	it->leaf = it->leaf_end = it->list = it->list_end = NULL;
	it->settled = true;
	it->budget = 0;
	return false;
}

/* Go to the next leaf of the ri. */
static enum wh_status
next_leaf(const struct whi_image *img, struct wh_subkeys *it)
{
	cellref ref = { le32_get(*(const le32 *)it->list) };
	uint64_t from = whi_image_where(img, it->list);
	struct whi_list leaf;

	if (!spend(img, it, REGF_LI_STRIDE))
		return WH_E_NO_MORE;
	it->list += REGF_LI_STRIDE;
	if (whi_list_read(img, ref, from, true, &leaf) != WH_OK) {
		it->settled = true;
		return WH_E_CORRUPT;
	}
	take_leaf(it, &leaf);
	return WH_OK;
}

/* At the end of a leaf, of the list, or of the budget. */
enum wh_status
whi_subkeys_next_odd(const struct whi_image *img, struct wh_subkeys *it, struct whi_child *child)
{
	enum wh_status st;

	while (it->leaf == it->leaf_end) {
		if (it->list == it->list_end) {
			review_count(img, it);
			return WH_E_NO_MORE;
		}
		st = next_leaf(img, it);
		if (st != WH_OK)
			return st;
	}
	if (it->budget >= it->stride)
		return whi_subkeys_next(img, it, child);
	spend(img, it, it->stride); /* reports that it cannot */
	return WH_E_NO_MORE;
}

/* The kernel looks at a hint up to its first zero byte: cut both down to what is before it. */
static void
cut_hints(uint32_t *seen, uint32_t *due)
{
	for (unsigned i = 0; i < 32; i += 8)
		if ((*seen >> i & 0xff) == 0) {
			uint32_t mask = (UINT32_C(1) << i) - 1;

			*seen &= mask;
			*due &= mask;
			return;
		}
}

bool
whi_child_review(const struct whi_image *img, const struct whi_child *child, struct whi_name name,
		 struct whi_name last)
{
	struct whi_location place = WHI_IN_CELL(child->ref);
	int order = last.at ? whi_name_compare(last, name) : -1;
	uint32_t due = 0, seen = child->hash;

	if (order >= 0)
		whi_report(img->sink, WHI_RULE_LIST_ORDER, place, "%s",
			   order == 0 ? "the subkey before has the same name"
				      : "the subkey before belongs after this one");
	if (child->kind == WHI_LIST_LH) {
		due = whi_name_hash(name);
	} else if (child->kind == WHI_LIST_LF) {
		due = whi_name_hint(name);
		cut_hints(&seen, &due);
	}
	if (seen == due)
		return order < 0;
	whi_report(img->sink, child->kind == WHI_LIST_LH ? WHI_RULE_LIST_HASH : WHI_RULE_LIST_HINT,
		   place, "%s of the name is 0x%08" PRIx32 ", the list has 0x%08" PRIx32,
		   child->kind == WHI_LIST_LH ? "hash" : "hint", due, seen);
	return order < 0 && child->kind != WHI_LIST_LH;
}
