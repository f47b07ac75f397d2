/* SPDX-License-Identifier: MIT */
/*
 * Blanks: what of a file cannot be read, as on a medium that has bad sectors.  In the image there
 * are zeros, and no cell with a byte of them is handed out.
 */
#ifndef WHI_CELL_BLANK_H
#define WHI_CELL_BLANK_H

#include "cell/image.h"

/* Reads that may fail before what is left of a file is one blank. */
enum { WHI_BLANKS = 256 };

struct whi_blank {
	uint64_t at, end; /* offsets in the file, of sectors, or its end */
};

/* They are found from the start of the file on, by one thread at a time; any may ask for them. */
struct whi_blanks {
	struct whi_blank list[WHI_BLANKS]; /* in each at least one read failed */
	_Atomic size_t count;
	unsigned failed; /* reads */
	size_t reported; /* the first so many were */
	size_t cut;      /* the first so many were taken out of the cells */
};

void whi_blanks_add(struct whi_blanks *blanks, uint64_t at, uint64_t end);

/* The bytes from 'at' to 'end' came from elsewhere: whole sectors of them are no blank any more. */
void whi_blanks_fill(struct whi_blanks *blanks, uint64_t at, uint64_t end);

static inline bool
whi_blanks_any(const struct whi_blanks *blanks)
{
	return atomic_load_explicit(&blanks->count, memory_order_acquire) > 0;
}

/* Is a byte from 'at' to 'end', offsets in the file, in one of them?  NULL: there are none. */
bool whi_blanks_touch(const struct whi_blanks *blanks, uint64_t at, uint64_t end);

/* Take the cells that lie in blanks out of those that were scanned. */
void whi_image_cut(struct whi_image *img, struct whi_blanks *blanks);

#endif
