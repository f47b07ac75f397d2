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

/* What the gate looks at of an image, good until that is changed. */
struct whi_bins {
	const uint8_t *at;
	const uint64_t *starts; /* of struct whi_image */
	uint32_t limit;         /* cells start below it, counted in 8 bytes */
};

/*
 * The data of the cell at 'ref', behind 'head' bytes, and '*room', how many they are: below 0, if
 * the cell is free, so that one comparison with what is needed finds that too.  NULL: no cell
 * starts there.
 *
 * No other function makes an address out of a number that came from disk, so this is
 * the only check of bounds to get right.  It rests on whi_image_scan(): where a start
 * bit is set, the size word is there, is not 0, and its cell ends inside its bin.
 */
static inline const uint8_t *
whi_bins_cell(const struct whi_bins *bins, uint32_t head, cellref ref, int64_t *room)
{
	const uint8_t *at;

	if (!whi_starts_has(bins->starts, bins->limit, ref.off))
		return NULL;
	at = bins->at + ref.off;
	/* Cells in use store their size negated. */
	*room = -(int64_t)(int32_t)le32_get(*(const le32 *)at) - head;
	return at + head;
}

/* The same for all: false, and an empty view, if no cell starts there or if it is free. */
static inline bool
whi_cell_get(const struct whi_image *img, cellref ref, struct view *out)
{
	struct whi_bins bins;
	const uint8_t *at;
	int64_t room;

	*out = (struct view){ 0 };
	if (!whi_cell_reach(img, ref))
		return false;
	bins = (struct whi_bins){ img->bytes + REGF_BINS, img->starts,
				  img->length / REGF_CELL_ALIGN };
	at = whi_bins_cell(&bins, img->cell_head, ref, &room);
	if (!at || room < 0)
		return false;
	*out = (struct view){ at, (uint32_t)room };
	return true;
}

/*
 * The short way through the gate, for those who go to nearly all cells: it knows only images that
 * are modern and all there, and of these not the last cells, so that from the start of a cell on
 * WHI_PLAIN_MARGIN bytes may be read, however long it is.  Who gets NULL takes the long way, which
 * finds a cell or can say what is wrong.
 */
enum { WHI_PLAIN_MARGIN = 128 };

static inline struct whi_bins
whi_plain_bins(const struct whi_image *img)
{
	if (!whi_image_is_modern(img) || img->length < WHI_PLAIN_MARGIN)
		return (struct whi_bins){ 0 };
	return (struct whi_bins){ img->bytes + REGF_BINS, img->starts,
				  (img->length - WHI_PLAIN_MARGIN) / REGF_CELL_ALIGN + 1 };
}

static inline const void *
whi_plain_cell(const struct whi_bins *bins, cellref ref, int64_t *room)
{
	return whi_bins_cell(bins, REGF_CELL_HEAD, ref, room);
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
