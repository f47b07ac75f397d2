/* SPDX-License-Identifier: MIT */
/*
 * A hive in memory: the bytes of the file, and a bit for each place where a cell
 * starts.
 *
 *	bytes      +--------------+------+------+-- ... --+---------+
 *	           |  base block  | bin  | bin  |         |  tail   |
 *	           +--------------+------+------+-- ... --+---------+
 *	           0            4096     |<---- length -->|       size
 *
 *	starts     a bit for every 8 bytes of the bins
 *
 * whi_image_scan() walks every bin once, cell by cell, and sets a bit only where a
 * cell starts that ends inside its bin.  Nobody writes to the bytes afterwards, so the
 * bit is all that whi_cell_get() has to look at.
 */
#ifndef WHI_CELL_IMAGE_H
#define WHI_CELL_IMAGE_H

#include "base/view.h"
#include "disk/rules.h"
#include "cell/issue.h"

#include "winhive.h"

#include <stdatomic.h>

/* An address that came from disk: an offset into the hive bins.  whi_cell_get() is its only use. */
typedef struct {
	uint32_t off;
} cellref;

struct whi_image {
	uint8_t *bytes;
	uint64_t size;      /* bytes in memory */
	uint32_t length;    /* bytes of bins, from REGF_BINS on, in which cells may lie */
	uint32_t cell_head; /* bytes of a cell before its data */
	uint32_t minor;     /* version 1.minor */
	bool old_cells;     /* the cells of version 1.1 */
	bool cut;           /* the file ends before the bins do, which has been reported */
	uint64_t *starts;
	/* Lists known to be in order, by the place of their cell: set once, by any thread. */
	_Atomic uint64_t *ordered;
	size_t words; /* of each bit map */
	const struct whi_sink *sink;

	uint32_t scanned; /* bytes of bins that the scan is done with */
	struct whi_counts {
		uint32_t bins, bad_bins;
		uint32_t used_cells, free_cells;
		uint64_t used_bytes, free_bytes;
	} counts;
};

/*
 * Find all cells of the bins; 'bytes', 'size', 'length', 'minor' and 'old_cells' are set.
 * Departures go to the sink.  whi_image_prepare() comes first; it makes the bit maps for all
 * of 'size', and fails only for want of memory.  whi_image_forget() frees them.
 */
enum wh_status whi_image_prepare(struct whi_image *img, const struct wh_allocator *a);
void whi_image_scan(struct whi_image *img);
void whi_image_forget(struct whi_image *img, const struct wh_allocator *a);

/*
 * Do the part of the scan for which the first 'available' bytes of the bins are enough: while
 * the file is still being read, what was just read is at hand.  Stops at the first bin that is
 * not simply sound, which is left to whi_image_scan().
 */
void whi_image_scan_ahead(struct whi_image *img, uint64_t available);

/* The bytes of consistent bins from bins offset 'from' on: each says where it is. */
uint32_t whi_image_bins_end(const struct whi_image *img, uint32_t from);

/* True if the first cell of the first bin looks like one of version 1.1. */
bool whi_image_looks_old(const struct whi_image *img);

static inline bool
whi_image_starts(const struct whi_image *img, uint32_t off)
{
	/* Rotated, so that an offset that is not a multiple of 8 is too large as well. */
	uint32_t i = off >> 3 | off << 29;

	return i < img->length / 8 && (img->starts[i / 64] >> i % 64 & 1);
}

/* The file offset of a byte of the image. */
static inline uint64_t
whi_image_where(const struct whi_image *img, const void *at)
{
	return (uint64_t)((const uint8_t *)at - img->bytes);
}

#endif
