/* SPDX-License-Identifier: MIT */
/* The gate: from an address that came from disk to the bytes of one cell. */
#ifndef WHI_CELL_CELL_H
#define WHI_CELL_CELL_H

#include "cell/image.h"

/*
 * The data of the cell at 'ref'.  False, and an empty view, if no cell starts there or if
 * it is free.
 */
bool whi_cell_get(const struct whi_image *img, cellref ref, struct view *out);

/* As above, and the cell has room for 'size' bytes and starts with the two bytes of 'sig'. */
const void *whi_cell_record(const struct whi_image *img, cellref ref, const char *sig, size_t size,
			    struct view *out);

/* Why whi_cell_get() said no, for an issue. */
const char *whi_cell_why(const struct whi_image *img, cellref ref);

#endif
