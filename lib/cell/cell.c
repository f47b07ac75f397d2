/* SPDX-License-Identifier: MIT */
#include "cell/cell.h"

#include <string.h>

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
		return "leads to no cell";
	if (ref.off >= img->length)
		return "leads past the hive bins";
	if (!whi_is_read(img->unread, ref.off))
		return "leads to a part of the file that could not be read";
	if (!whi_image_starts(img, ref.off))
		return "leads to a place where no cell starts";
	return "leads to a free cell";
}
