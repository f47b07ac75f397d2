/* SPDX-License-Identifier: MIT */
/* Values, and where their data are. */
#ifndef WHI_TREE_VK_H
#define WHI_TREE_VK_H

#include "tree/nk.h"

struct whi_vk {
	cellref self;
	uint32_t cell_len; /* bytes of cell data */
	struct whi_name name;
	uint32_t type, size; /* bytes of data, as declared */
	uint16_t flags;
	bool in_place; /* the data are in the value itself */
	cellref data;  /* unless in place */
	const uint8_t *inline_data;
};

/* The record at 'ref' with its whole name, in a cell of '*cell_len' bytes; NULL: it is none. */
static inline const struct regf_vk *
whi_vk_record(const struct whi_image *img, cellref ref, uint32_t *cell_len)
{
	const struct regf_vk *disk;
	struct view cell;

	if (!whi_cell_get(img, ref, &cell))
		return NULL;
	disk = VIEW_AS(cell, struct regf_vk);
	if (!disk || memcmp(disk->sig, "vk", 2) != 0 ||
	    le16_get(disk->name_len) > cell.len - sizeof *disk)
		return NULL;
	*cell_len = cell.len;
	return disk;
}

/* In version 1.1 these bytes are part of another field, and names are UTF-16. */
static inline uint16_t
whi_vk_flags(const struct whi_image *img, const struct regf_vk *disk)
{
	return img->minor <= 1 ? 0 : le16_get(disk->flags);
}

static inline struct whi_name
whi_vk_name(const struct whi_image *img, const struct regf_vk *disk)
{
	return (struct whi_name){ (const uint8_t *)(disk + 1), le16_get(disk->name_len),
				  !(whi_vk_flags(img, disk) & VK_COMP_NAME) };
}

/* Read the value at 'ref', without a word if it cannot be read. */
static inline bool
whi_vk_parse(const struct whi_image *img, cellref ref, struct whi_vk *vk)
{
	const struct regf_vk *disk = whi_vk_record(img, ref, &vk->cell_len);
	uint32_t len;

	if (!disk)
		return false;
	len = le32_get(disk->data_len);
	vk->self = ref;
	vk->type = le32_get(disk->type);
	vk->size = len & ~VK_INLINE;
	vk->in_place = (len & VK_INLINE) != 0;
	vk->data.off = vk->in_place ? REGF_NIL : le32_get(disk->data);
	vk->inline_data = disk->data.b;
	vk->flags = whi_vk_flags(img, disk);
	vk->name = whi_vk_name(img, disk);
	return true;
}

/* The same, and what is wrong is reported: see whi_nk_read(). */
enum wh_status whi_vk_read(const struct whi_image *img, cellref ref, uint64_t from,
			   struct whi_vk *vk);

/* Report what is wrong with a value that can be read all the same. */
void whi_vk_review(const struct whi_image *img, const struct whi_vk *vk);

/*
 * The short way to a value (cell/cell.h), with its whole name, in a cell of '*room' bytes; and to
 * its data, if they are in itself or in one cell that is large enough.  NULL: take the long way.
 */
static inline const struct regf_vk *
whi_vk_plain(const struct whi_bins *bins, cellref ref, int64_t *room)
{
	const struct regf_vk *disk = whi_plain_cell(bins, ref, room);

	if (!disk || memcmp(disk->sig, "vk", 2) != 0 ||
	    *room < (int64_t)(sizeof *disk + le16_get(disk->name_len)))
		return NULL;
	return disk;
}

static inline const void *
whi_vk_plain_data(const struct whi_bins *bins, const struct regf_vk *disk, uint32_t *size)
{
	const void *data;
	int64_t room;

	*size = le32_get(disk->data_len);
	if (*size & VK_INLINE) {
		*size -= VK_INLINE;
		return *size <= VK_INLINE_MAX ? disk->data.b : NULL;
	}
	if (*size == 0 || *size > REGF_SEGMENT)
		return NULL;
	data = whi_plain_cell(bins, (cellref){ le32_get(disk->data) }, &room);
	return data && room >= *size ? data : NULL;
}

/* The value list of a key, 'count' elements long: 0 if it cannot be read, which is reported. */
struct whi_values {
	struct view cells;
	uint32_t count;
	bool cut; /* there should be more */
};
enum wh_status whi_values_read(const struct whi_image *img, const struct whi_nk *nk,
			       struct whi_values *values);

/* The same without a word, for a key that has values.  False: ask whi_values_read(). */
static inline bool
whi_values_peek(const struct whi_image *img, const struct whi_nk *nk, struct whi_values *values)
{
	if ((nk->flags & WH_KEY_PREDEF_HANDLE) ||
	    !whi_cell_get(img, nk->value_list, &values->cells) ||
	    nk->value_count > values->cells.len / sizeof(le32))
		return false;
	values->count = nk->value_count;
	values->cut = false;
	return true;
}

/* The value at 'index', which is below values->count. */
enum wh_status whi_values_get(const struct whi_image *img, const struct whi_values *values,
			      uint32_t index, struct whi_vk *vk);

/*
 * The data of a value: in one piece, or in segments.  'readable' is less than the size of
 * the value if something is wrong, which has been reported.
 */
struct whi_data {
	struct view piece;    /* all that can be read, unless big */
	struct view segments; /* big: an array of cells */
	uint32_t readable;
	bool big;
};

/* Data that are not simply all there. */
void whi_data_open_odd(const struct whi_image *img, const struct whi_vk *vk, struct whi_data *data);

static inline void
whi_data_open(const struct whi_image *img, const struct whi_vk *vk, struct whi_data *data)
{
	*data = (struct whi_data){ .readable = vk->size };
	if (vk->in_place && vk->size <= VK_INLINE_MAX)
		data->piece = (struct view){ vk->inline_data, vk->size };
	else if (vk->in_place || vk->size == 0 || vk->size > REGF_SEGMENT ||
		 !whi_cell_get(img, vk->data, &data->piece) || data->piece.len < vk->size)
		whi_data_open_odd(img, vk, data);
	else
		data->piece.len = vk->size;
}

/* The data from 'offset' on, as far as they lie in one piece; empty at the end. */
struct view whi_data_piece(const struct whi_image *img, const struct whi_data *data,
			   uint32_t offset);

#endif
