/* SPDX-License-Identifier: MIT */
/*
 * Which handles are stale.  A struct wh_key or wh_value carries the generation in which it was
 * handed out.  When its cell is given up a new generation begins, and the cell is marked with
 * it: handles from before are refused, also when another key lives in that cell by now.  When a
 * transaction is undone all generations that it saw are dead.
 */
#ifndef WHI_HIVE_STALE_H
#define WHI_HIVE_STALE_H

#include "cell/image.h"
#include "disk/regf.h"

struct whi_stale {
	uint32_t generation; /* of handles made now */
	uint32_t **pages;    /* by page of bins: NULL, or a generation for each place of a cell */
	size_t count;        /* elements of 'pages' */

	uint32_t *doomed; /* cells that the edit in hand gives up */
	size_t doomed_count, doomed_cap;

	struct whi_dead { /* generations that were undone, in order */
		uint32_t first, last;
	} * dead;
	size_t dead_count, dead_cap;
};

void whi_stale_fini(struct whi_stale *stale, const struct wh_allocator *a);

/* The edit in hand gives up the cell of a key or value. */
enum wh_status whi_stale_doom(struct whi_stale *stale, const struct wh_allocator *a, cellref ref);

/* The edit is over, and was kept or undone. */
void whi_stale_end(struct whi_stale *stale, bool kept);

/*
 * A transaction begins: '*first' is its first generation.  There is memory for undoing it and
 * 'open' others.  When it is undone all generations since the first are dead.
 */
enum wh_status whi_stale_begin(struct whi_stale *stale, const struct wh_allocator *a, size_t open,
			       uint32_t *first);
void whi_stale_undo(struct whi_stale *stale, uint32_t first);

bool whi_stale_is_dead(const struct whi_stale *stale, uint32_t generation);

/* Is a handle of that cell and generation good, as far as is known here? */
static inline bool
whi_stale_good(const struct whi_stale *stale, uint32_t cell, uint32_t generation)
{
	uint32_t page = cell / REGF_PAGE;

	if (page < stale->count && stale->pages[page] &&
	    stale->pages[page][cell % REGF_PAGE / REGF_CELL_ALIGN] > generation)
		return false;
	return stale->dead_count == 0 || !whi_stale_is_dead(stale, generation);
}

#endif
