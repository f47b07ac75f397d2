/* SPDX-License-Identifier: MIT */
/* The gate: from an address that came from disk to the bytes of one cell. */
#ifndef WHI_CELL_CELL_H
#define WHI_CELL_CELL_H

#include "cell/image.h"
#include "disk/regf.h"

/* Is the bin of the cell at 'ref' there, or can it be had?  Past the end of the bins: there. */
static inline bool
whi_cell_reach(const struct whi_image *img, cellref ref)
{
	return whi_is_read(img->unread, ref.off) || ref.off >= img->length ||
	       img->unread->reach(img->unread, ref.off);
}

/*
 * The data of the cell at 'ref'.  False, and an empty view, if no cell starts there or if
 * it is free.
 *
 * No other function makes an address out of a number that came from disk, so this is
 * the only check of bounds to get right.  It rests on whi_image_scan(): where a start
 * bit is set, the size word is there, is not 0, and its cell ends inside its bin.
 */
static inline bool
whi_cell_get(const struct whi_image *img, cellref ref, struct view *out)
{
	const uint8_t *at;
	uint32_t size;

	*out = (struct view){ 0 };
	if (!whi_cell_reach(img, ref) || !whi_image_starts(img, ref.off))
		return false;
	at = img->bytes + REGF_BINS + ref.off;
	size = 0u - le32_get(*(const le32 *)at); /* cells in use store their size negated */
	if (size > INT32_MAX)
		return false;
	*out = (struct view){ at + img->cell_head, size - img->cell_head };
	return true;
}

/* As above, and the cell has room for 'size' bytes and starts with the two bytes of 'sig'. */
const void *whi_cell_record(const struct whi_image *img, cellref ref, const char *sig, size_t size,
			    struct view *out);

/* Why whi_cell_get() said no, for an issue. */
const char *whi_cell_why(const struct whi_image *img, cellref ref);

/* A record with a name behind it, and the rules that say where and how it is to be. */
struct whi_record {
	const char *what;
	uint8_t sig[2];
	uint32_t size, name_len_at;
	enum whi_rule cell, signature, name_past_cell;
};

/*
 * Report why the record that was to be at 'ref' cannot be read; 'from' is the file offset of the
 * reference.
 */
void whi_record_explain(const struct whi_image *img, cellref ref, uint64_t from,
			const struct whi_record *record);

#endif
