/* SPDX-License-Identifier: MIT */
#include "tree/subkeys.h"

#include <inttypes.h>
#include <string.h>

/* In struct wh_subkeys, member due: a leaf was lost, and the total means nothing. */
#define COUNT_UNKNOWN UINT32_MAX

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
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (memcmp(sig, kinds[i].sig, 2) == 0 && !(below_ri && i == WHI_LIST_RI)) {
			*kind = (enum whi_list_kind)i;
			return true;
		}
	return false;
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
	list->self = ref;
	list->stride = kinds[list->kind].stride;
	list->elements = view_clamp(cell, sizeof *disk, UINT32_MAX);
	list->stored_count = le16_get(disk->count);
	room = list->elements.len / list->stride;
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
				   "%" PRIu32, list->stored_count, list->count);
		return WH_OK;
	}
	if (whi_cell_get(img, ref, &cell))
		whi_report(img->sink, below_ri ? WHI_RULE_LIST_NESTED : WHI_RULE_LIST_SIGNATURE,
			   WHI_IN_CELL(ref),
			   "a subkey list should be here, but the signature is %02x %02x",
			   cell.at[0], cell.at[1]);
	else
		whi_report(img->sink, below_ri ? WHI_RULE_LIST_LEAF_CELL : WHI_RULE_LIST_CELL,
			   WHI_AT_REF(from, ref), "subkey list: 0x%" PRIx32 " %s", ref.off,
			   whi_cell_why(img, ref));
	return WH_E_CORRUPT;
}

/*
 * In struct wh_subkeys 'list' is an ri, 'index' the place in it, or REGF_NIL; 'leaf' is
 * the leaf in hand and 'leaf_index' the place in that.
 */
static enum wh_status
enter_leaf(const struct whi_image *img, struct wh_subkeys *it, cellref ref, uint64_t from)
{
	struct whi_list leaf;
	enum wh_status st = whi_list_read(img, ref, from, true, &leaf);

	it->leaf = REGF_NIL;
	it->leaf_index = it->leaf_count = 0;
	if (st != WH_OK)
		return st;
	it->leaf = ref.off;
	it->leaf_count = leaf.count;
	it->leaf_kind = leaf.kind;
	return WH_OK;
}

void
whi_subkeys_begin(const struct whi_image *img, const struct whi_nk *nk, struct wh_subkeys *it)
{
	struct whi_list list;
	struct view cell;

	it->list = it->leaf = REGF_NIL;
	it->index = it->count = it->leaf_index = it->leaf_count = it->seen = 0;
	it->due = nk->subkey_count;
	it->key.cell = nk->self.off;
	if (nk->subkey_count == 0) {
		if (nk->subkey_list.off != REGF_NIL && whi_cell_get(img, nk->subkey_list, &cell))
			whi_report(img->sink, WHI_RULE_LIST_HIDDEN, WHI_IN_CELL(nk->self),
				   "counts no subkeys, but has a subkey list at 0x%" PRIx32,
				   nk->subkey_list.off);
		return;
	}
	if (whi_list_read(img, nk->subkey_list, whi_image_where(img, &nk->disk->subkey_list), false,
			  &list) != WH_OK)
		return;
	if (list.kind == WHI_LIST_RI) {
		it->list = nk->subkey_list.off;
		it->count = list.count;
	} else {
		it->leaf = nk->subkey_list.off;
		it->leaf_count = list.count;
		it->leaf_kind = list.kind;
	}
}

/* All have been met: is that the number the key says? */
static void
review_count(const struct whi_image *img, const struct wh_subkeys *it)
{
	if (it->seen != it->due && it->due != COUNT_UNKNOWN)
		whi_report(img->sink,
			   it->list == REGF_NIL ? WHI_RULE_LIST_COUNT : WHI_RULE_LIST_TOTAL,
			   WHI_IN_CELL((cellref){ it->key.cell }),
			   "counts %" PRIu32 " subkeys, but its list has %" PRIu32, it->due,
			   it->seen);
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
	it->list = it->leaf = REGF_NIL;
	it->count = it->leaf_count = 0;
	it->budget = 0;
	return false;
}

enum wh_status
whi_subkeys_next(const struct whi_image *img, struct wh_subkeys *it, struct whi_child *child)
{
	struct view cell;
	struct whi_list leaf;
	uint64_t from;
	cellref ref;

	while (it->leaf_index == it->leaf_count) {
		if (it->index == it->count) {
			if (it->leaf != REGF_NIL || it->list != REGF_NIL)
				review_count(img, it);
			it->leaf = it->list = REGF_NIL;
			return WH_E_NO_MORE;
		}
		if (!whi_cell_get(img, (cellref){ it->list }, &cell) ||
		    !spend(img, it, REGF_LI_STRIDE))
			return WH_E_NO_MORE;
		cell = view_clamp(cell, sizeof(struct regf_list), UINT32_MAX);
		ref.off = view_u32(cell, it->index, REGF_LI_STRIDE);
		from = whi_image_where(img, cell.at + (size_t)it->index++ * REGF_LI_STRIDE);
		if (enter_leaf(img, it, ref, from) != WH_OK) {
			it->due = COUNT_UNKNOWN;
			return WH_E_CORRUPT;
		}
	}
	if (!whi_cell_get(img, (cellref){ it->leaf }, &cell))
		return WH_E_NO_MORE;
	leaf.stride = kinds[it->leaf_kind].stride;
	leaf.elements = view_clamp(cell, sizeof(struct regf_list), UINT32_MAX);
	if (!spend(img, it, leaf.stride))
		return WH_E_NO_MORE;
	child->kind = (enum whi_list_kind)it->leaf_kind;
	child->ref = whi_list_cell(&leaf, it->leaf_index);
	child->from = whi_image_where(img, leaf.elements.at + (size_t)it->leaf_index * leaf.stride);
	child->hash = child->kind == WHI_LIST_LI ? 0 : whi_list_hash(&leaf, it->leaf_index);
	it->leaf_index++;
	it->seen++;
	return WH_OK;
}
