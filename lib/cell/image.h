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
 * cell starts that ends inside its bin.  Afterwards only cell/edit.h writes to the bytes, and
 * it keeps the bits true, so that the bit is all that the gate (cell/cell.h) has to look at.
 */
#ifndef WHI_CELL_IMAGE_H
#define WHI_CELL_IMAGE_H

#include "base/view.h"
#include "disk/regf.h"
#include "disk/rules.h"
#include "cell/issue.h"
#include "cell/unread.h"

#include "winhive.h"

#include <stdatomic.h>

/* An address that came from disk: an offset into the hive bins.  Its only use is the gate. */
typedef struct {
	uint32_t off;
} cellref;

struct whi_image {
	uint8_t *bytes;
	size_t room;        /* bytes allocated there; 0: they are lent, and not written to */
	uint64_t size;      /* bytes of the file */
	uint32_t length;    /* bytes of bins, from REGF_BINS on, in which cells may lie */
	uint32_t cell_head; /* bytes of a cell before its data */
	uint32_t minor;     /* version 1.minor */
	bool old_cells;     /* the cells of version 1.1 */
	bool cut;           /* the file ends before the bins do, which has been reported */
	bool damaged;       /* the scan met bins or cells that are none, which it has reported */
	uint64_t *starts;
	/* Lists known to be in order, by the place of their cell: set once, by any thread. */
	_Atomic uint64_t *ordered;
	size_t words; /* of each bit map */
	const struct whi_sink *sink;
	struct whi_unread *unread;       /* what is not there yet; NULL: all is */
	const struct whi_blanks *blanks; /* what cannot be had; see cell/blank.h */

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

/* Have the bytes in a block of its own, if they are lent: before anybody writes to them. */
enum wh_status whi_image_own(struct whi_image *img, const struct wh_allocator *a);

/*
 * Make room for 'size' bytes of file and for their bits; the new part is 0.  The bytes may move.
 * On WH_E_MEMORY everything is as it was.
 */
enum wh_status whi_image_make_room(struct whi_image *img, const struct wh_allocator *a,
				   uint64_t size);

/*
 * Do the part of the scan for which the first 'available' bytes of the bins are enough: while
 * the file is still being read, what was just read is at hand.  Stops at the first bin that is
 * not simply sound, which is left to whi_image_scan(); false: its cells were looked at in vain,
 * and would be again.
 */
bool whi_image_scan_ahead(struct whi_image *img, uint64_t available);

/* The size word of the cell at 'off', which is in the bins: bytes, whether in use or free. */
static inline uint32_t
whi_image_cell_size(const struct whi_image *img, uint32_t off, bool *used)
{
	uint32_t word = le32_get(*(const le32 *)(img->bytes + REGF_BINS + off));

	*used = word >> 31;
	return *used ? 0u - word : word;
}

/* The bytes of consistent bins from bins offset 'from' on: each says where it is. */
uint32_t whi_image_bins_end(const struct whi_image *img, uint32_t from);

/* True if the first cell of the first bin looks like one of version 1.1. */
bool whi_image_looks_old(const struct whi_image *img);

/* Is there a bit for 'off' in 'starts', which has 'limit' of them? */
static inline bool
whi_starts_has(const uint64_t *starts, uint32_t limit, uint32_t off)
{
	/* Rotated, so that an offset that is not a multiple of 8 is too large as well. */
	uint32_t i = off >> 3 | off << 29;

	return i < limit && (starts[i / 64] >> i % 64 & 1);
}

/* Does a cell start at 'off', which is in the part of the bins that is there? */
static inline bool
whi_image_starts(const struct whi_image *img, uint32_t off)
{
	return whi_starts_has(img->starts, img->length / REGF_CELL_ALIGN, off);
}

/* Version 1.1 is another format: nearly all code that is in a hurry leaves it to others. */
static inline bool
whi_image_is_modern(const struct whi_image *img)
{
	return !img->old_cells && img->minor > 1;
}

/* Nothing is known any more about the order of the list at 'ref'. */
static inline void
whi_image_set_unordered(const struct whi_image *img, cellref ref)
{
	uint32_t bit = ref.off / 8;

	atomic_fetch_and_explicit(&img->ordered[bit / 64], ~(UINT64_C(1) << bit % 64),
				  memory_order_relaxed);
}

/* The file offset of a byte of the image. */
static inline uint64_t
whi_image_where(const struct whi_image *img, const void *at)
{
	return (uint64_t)((const uint8_t *)at - img->bytes);
}

#endif
