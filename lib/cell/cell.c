/* SPDX-License-Identifier: MIT */
#include "cell/cell.h"

#include "cell/blank.h"

#include <inttypes.h>
#include <string.h>

const void *
whi_cell_record(const struct whi_image *img, cellref ref, const char *sig, size_t size,
		struct view *out)
{
	if (!whi_cell_get(img, ref, out) || out->len < size || memcmp(out->at, sig, 2) != 0)
		return NULL;
	return out->at;
}

/* Is what is to be a cell at 'ref', which is below the end of the bins, in a blank? */
static bool
in_blank(const struct whi_image *img, cellref ref)
{
	uint64_t at = REGF_BINS + (uint64_t)ref.off;
	uint32_t size = 1;
	bool used;

	if (img->length - ref.off >= sizeof(le32))
		size = whi_image_cell_size(img, ref.off, &used);
	return whi_blanks_touch(img->blanks, at, at + (size ? size : 1));
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
	if (!whi_image_starts(img, ref.off) && in_blank(img, ref))
		return "leads to where the file cannot be read";
	if (!whi_image_starts(img, ref.off))
		return "leads to a place where no cell starts";
	return "leads to a free cell";
}

void
whi_record_explain(const struct whi_image *img, cellref ref, uint64_t from,
		   const struct whi_record *record)
{
	struct whi_location place = WHI_IN_CELL(ref);
	struct view cell;

	if (!whi_cell_get(img, ref, &cell))
		whi_report(img->sink, record->cell, WHI_AT_REF(from, ref),
			   "reference 0x%" PRIx32 " %s", ref.off, whi_cell_why(img, ref));
	else if (cell.len < record->size)
		whi_report(img->sink, record->cell, place,
			   "cell with %" PRIu32 " bytes is too small for a %s", cell.len,
			   record->what);
	else if (memcmp(cell.at, record->sig, sizeof record->sig) != 0)
		whi_report(img->sink, record->signature, place,
			   "a %s should be here, but the signature is %02x %02x", record->what,
			   cell.at[0], cell.at[1]);
	else
		whi_report(img->sink, record->name_past_cell, place,
			   "name of %u bytes, %" PRIu32 " left in the cell",
			   le16_get(*(const le16 *)(cell.at + record->name_len_at)),
			   cell.len - record->size);
}
