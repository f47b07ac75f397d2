/* SPDX-License-Identifier: MIT */
/*
 * Making an image from its start to its end, cells one behind the other without a gap.
 *
 * Nobody reads the image meanwhile and nothing is ever undone, so that none of cell/edit.h is
 * needed.  As there a step does not return a status: the first failure sticks.
 *
 * A bin ends where a cell ends exactly at the end of a page, and so has no free cell in it, but
 * for the last one.  Where cells never do so for 1 MiB the bin ends at the first page that a few
 * bytes are left of: Windows makes no bins that are much larger (docs/format.md section 3).
 */
#ifndef WHI_CELL_PACK_H
#define WHI_CELL_PACK_H

#include "cell/image.h"
#include "disk/regf.h"

struct whi_pack {
	struct whi_image *img;
	const struct wh_allocator *alloc;
	enum wh_status status; /* the first thing that went wrong */
	uint32_t bin;          /* where the bin that is being filled starts */
	uint32_t end;          /* where its cells end; 'bin': it is not begun yet */
};

/*
 * Begin with an image that has nothing but its sink and its version, and reserve memory for
 * 'reserve' bytes of file.  'alloc' is kept.  The caller frees the image, also when this fails.
 */
void whi_pack_begin(struct whi_pack *p, struct whi_image *img, const struct wh_allocator *alloc,
		    uint64_t reserve);

/*
 * A cell in use of 'size' bytes, its size word included, a multiple of 8; its data are 0.  NIL,
 * and all fails: WH_E_MEMORY, WH_E_TOO_BIG.  No pointer into the image is good afterwards.
 */
cellref whi_pack_cell(struct whi_pack *p, uint32_t size);

/* Write to a cell, 'off' bytes from the start of its data; past its end it is WH_E_CORRUPT. */
void whi_pack_write(struct whi_pack *p, cellref ref, uint32_t off, const void *bytes, uint32_t len);
void whi_pack_write16(struct whi_pack *p, cellref ref, uint32_t off, uint16_t number);
void whi_pack_write32(struct whi_pack *p, cellref ref, uint32_t off, uint32_t number);

/* A number that was written. */
uint32_t whi_pack_read32(const struct whi_pack *p, cellref ref, uint32_t off);

/* The last bin ends: the length of the bins is known. */
void whi_pack_end(struct whi_pack *p);

/* Afterwards: the base block, whose time the first bin has too.  The image is complete. */
enum wh_status whi_pack_finish(struct whi_pack *p, const struct regf_base *base);

#endif
