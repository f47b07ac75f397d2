/* SPDX-License-Identifier: MIT */
#include "cell/cell.h"

#include "disk/regf.h"

#include <string.h>

/*
 * No other function makes an address out of a number that came from disk, so this is
 * the only check of bounds to get right.  It rests on whi_image_scan(): where a start
 * bit is set, the size word is there, is not 0, and its cell ends inside its bin.
 */
bool
whi_cell_get(const struct whi_image *img, cellref ref, struct view *out)
{
	const uint8_t *at;
	uint32_t size, head = img->old_cells ? REGF_OLD_CELL_HEAD : REGF_CELL_HEAD;

	*out = (struct view){ 0 };
	if (!whi_image_starts(img, ref.off))
		return false;
	at = img->bytes + REGF_BINS + ref.off;
	size = 0u - le32_get(*(const le32 *)at); /* cells in use store their size negated */
	if (size > INT32_MAX)
		return false;
	*out = (struct view){ at + head, size - head };
	return true;
}

const void *
whi_cell_record(const struct whi_image *img, cellref ref, const char *sig, size_t size,
		struct view *out)
{
	if (!whi_cell_get(img, ref, out) || out->len < size || memcmp(out->at, sig, 2) != 0)
		return NULL;
	return out->at;
}

const char *
whi_cell_why(const struct whi_image *img, cellref ref)
{
	if (ref.off == REGF_NIL)
		return "refers to no cell";
	if (ref.off >= img->length)
		return "refers past the hive bins";
	if (!whi_image_starts(img, ref.off))
		return "refers to a place where no cell starts";
	return "refers to a free cell";
}
