/* SPDX-License-Identifier: MIT */
/*
 * Subkey lists, read in order.  A list is a leaf (li, lf, lh) or an ri, whose elements
 * are leaves; struct wh_subkeys of winhive.h is a place in one.
 */
#ifndef WHI_TREE_SUBKEYS_H
#define WHI_TREE_SUBKEYS_H

#include "tree/nk.h"

enum whi_list_kind { WHI_LIST_LI, WHI_LIST_LF, WHI_LIST_LH, WHI_LIST_RI };

struct whi_list {
	enum whi_list_kind kind;
	uint32_t count, stride;
	uint32_t stored_count; /* more than count if the cell is too small */
	struct view elements;
};

/*
 * Read a list; below an ri it must be a leaf.  A count that is more than its cell holds is
 * cut down.  whi_list_read() reports all departures, whi_list_peek() none; 'from' is the file
 * offset of the reference.
 */
bool whi_list_peek(const struct whi_image *img, cellref ref, bool below_ri, struct whi_list *list);
enum wh_status whi_list_read(const struct whi_image *img, cellref ref, uint64_t from, bool below_ri,
			     struct whi_list *list);

/* Bytes of an element, and the head of a list, in a kind. */
uint32_t whi_list_stride(enum whi_list_kind kind);
struct regf_list whi_list_head(enum whi_list_kind kind, uint32_t count);

static inline cellref
whi_list_cell(const struct whi_list *list, uint32_t i)
{
	return (cellref){ view_u32(list->elements, i, list->stride) };
}

/* The hint of an lf element, or the hash of an lh element. */
static inline uint32_t
whi_list_hash(const struct whi_list *list, uint32_t i)
{
	return view_u32(view_clamp(list->elements, 4, UINT32_MAX), i, list->stride);
}

/* One element on the way through all of them. */
struct whi_child {
	cellref ref;
	uint64_t from; /* file offset of the element */
	enum whi_list_kind kind;
	uint32_t hash;
};

/*
 * Is a subkey with this name where look-ups expect it: behind 'last', the name of the one before
 * it (at first none), and with its hash?  What is wrong is reported, a hint too, on which nobody
 * relies.
 */
bool whi_child_review(const struct whi_image *img, const struct whi_child *child,
		      struct whi_name name, struct whi_name last);

/* The places of 'it' are counted against it->budget, in bytes of lists. */
enum wh_status whi_subkeys_next_odd(const struct whi_image *img, struct wh_subkeys *it,
				    struct whi_child *child);
void whi_subkeys_begin(const struct whi_image *img, const struct whi_nk *nk, struct wh_subkeys *it);
/* The same for a key that has subkeys, whose list has been read and is whole. */
void whi_subkeys_begin_list(const struct whi_nk *nk, const struct whi_list *list,
			    struct wh_subkeys *it);

/*
 * The short way (cell/cell.h) for a key that counts subkeys, if its list is one leaf as nearly all
 * are, and whole.  False: what '*it' holds means nothing.
 */
static inline bool
whi_subkeys_begin_plain(const struct whi_bins *bins, cellref key, const struct regf_nk *disk,
			struct wh_subkeys *it)
{
	const struct regf_list *list;
	uint32_t bytes;
	int64_t room;

	list = whi_plain_cell(bins, (cellref){ le32_get(disk->subkey_list) }, &room);
	if (!list || list->sig[0] != 'l' || (list->sig[1] != 'h' && list->sig[1] != 'f'))
		return false;
	bytes = le16_get(list->count) * (uint32_t)REGF_LF_STRIDE;
	if (room < (int64_t)sizeof *list + bytes)
		return false;
	it->key.cell = key.off;
	it->leaf = (const uint8_t *)(list + 1);
	it->leaf_end = it->leaf + bytes;
	it->list = it->list_end = NULL;
	it->kind = list->sig[1] == 'h' ? WHI_LIST_LH : WHI_LIST_LF;
	it->stride = REGF_LF_STRIDE;
	it->seen = 0;
	it->due = le32_get(disk->subkey_count);
	it->settled = false;
	return true;
}

static inline enum wh_status
whi_subkeys_next(const struct whi_image *img, struct wh_subkeys *it, struct whi_child *child)
{
	const le32 *element = (const le32 *)it->leaf;

	if (it->leaf == it->leaf_end || it->budget < it->stride)
		return whi_subkeys_next_odd(img, it, child);
	it->budget -= it->stride;
	child->ref.off = le32_get(element[0]);
	child->hash = it->stride == REGF_LF_STRIDE ? le32_get(element[1]) : 0;
	child->from = whi_image_where(img, element);
	child->kind = (enum whi_list_kind)it->kind;
	it->leaf += it->stride;
	it->seen++;
	return WH_OK;
}

#endif
