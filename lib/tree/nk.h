/* SPDX-License-Identifier: MIT */
/* Key nodes. */
#ifndef WHI_TREE_NK_H
#define WHI_TREE_NK_H

#include "cell/cell.h"
#include "disk/regf.h"
#include "tree/name.h"

#include <string.h>

struct whi_nk {
	cellref self;
	uint32_t cell_len; /* bytes of cell data */
	uint16_t flags;
	struct whi_name name;
	cellref parent, subkey_list, value_list, security, class_cell;
	uint32_t subkey_count, value_count;
	uint16_t class_len;
	const struct regf_nk *disk; /* for the fields that few ask for */
};

/* The record at 'ref' with its whole name, in a cell of '*cell_len' bytes; NULL: it is none. */
static inline const struct regf_nk *
whi_nk_record(const struct whi_image *img, cellref ref, uint32_t *cell_len)
{
	const struct regf_nk *disk;
	struct view cell;

	if (!whi_cell_get(img, ref, &cell))
		return NULL;
	disk = VIEW_AS(cell, struct regf_nk);
	if (!disk || memcmp(disk->sig, "nk", 2) != 0 ||
	    le16_get(disk->name_len) > cell.len - sizeof *disk)
		return NULL;
	*cell_len = cell.len;
	return disk;
}

static inline struct whi_name
whi_nk_name(const struct whi_image *img, const struct regf_nk *disk)
{
	return (struct whi_name){ (const uint8_t *)(disk + 1), le16_get(disk->name_len),
				  img->minor <= 1 || !(le16_get(disk->flags) & WH_KEY_COMP_NAME) };
}

/* Read the key at 'ref', without a word if it cannot be read. */
static inline bool
whi_nk_parse(const struct whi_image *img, cellref ref, struct whi_nk *nk)
{
	const struct regf_nk *disk = whi_nk_record(img, ref, &nk->cell_len);

	if (!disk)
		return false;
	nk->self = ref;
	nk->flags = le16_get(disk->flags);
	nk->parent.off = le32_get(disk->parent);
	nk->subkey_count = le32_get(disk->subkey_count);
	nk->subkey_list.off = le32_get(disk->subkey_list);
	nk->value_count = le32_get(disk->value_count);
	nk->value_list.off = le32_get(disk->value_list);
	nk->security.off = le32_get(disk->security);
	nk->class_cell.off = le32_get(disk->class_cell);
	nk->class_len = le16_get(disk->class_len);
	nk->disk = disk;
	nk->name = whi_nk_name(img, disk);
	return true;
}

/*
 * The same, and what is wrong is reported; 'from' is the file offset of the reference.  On
 * WH_E_CORRUPT '*nk' is not to be looked at.
 */
enum wh_status whi_nk_read(const struct whi_image *img, cellref ref, uint64_t from,
			   struct whi_nk *nk);

/* Report what is wrong with a key that can be read all the same; 'parent' is NIL at the top. */
void whi_nk_review(const struct whi_image *img, const struct whi_nk *nk, cellref parent);
/* The same, but for the security cell that it refers to. */
void whi_nk_review_record(const struct whi_image *img, const struct whi_nk *nk, cellref parent);

/* The short way to a key (cell/cell.h), with its whole name, in a cell of '*room' bytes. */
static inline const struct regf_nk *
whi_nk_plain(const struct whi_bins *bins, cellref ref, int64_t *room)
{
	const struct regf_nk *disk = whi_plain_cell(bins, ref, room);

	if (!disk || memcmp(disk->sig, "nk", 2) != 0 ||
	    *room < (int64_t)(sizeof *disk + le16_get(disk->name_len)))
		return NULL;
	return disk;
}

/* A key below 'parent' as nearly all are, of which whi_nk_review_record() has nothing to say. */
static inline bool
whi_nk_is_plain(const struct whi_bins *bins, const struct whi_nk *nk, cellref parent)
{
	static_assert(REGF_CELL_HEAD + sizeof(struct regf_nk) + WHI_NAME_REACH <= WHI_PLAIN_MARGIN,
		      "the name is read in the margin");
	return nk->parent.off == parent.off && !nk->name.wide &&
	       !(nk->flags & WH_KEY_PREDEF_HANDLE) && nk->name.len - 1 < WHI_NAME_REACH &&
	       nk->self.off / REGF_CELL_ALIGN < bins->limit &&
	       !whi_name_has_within(nk->name.at, nk->name.len, WHI_NAME_REACH, '\\');
}

/* The class name; empty, with the reason reported, if it cannot be read. */
enum wh_status whi_nk_class(const struct whi_image *img, const struct whi_nk *nk,
			    struct view *class_name);

/* The security descriptor. */
enum wh_status whi_nk_security(const struct whi_image *img, const struct whi_nk *nk,
			       struct view *descriptor);

void whi_nk_decode(const struct whi_image *img, const struct whi_nk *nk, struct wh_key_info *info);

#endif
