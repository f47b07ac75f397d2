/* SPDX-License-Identifier: MIT */
/*
 * Cells by a hash of what is in them, so that not all are looked at for one.  A table with open
 * addressing.
 */
#ifndef WHI_HIVE_CELL_INDEX_H
#define WHI_HIVE_CELL_INDEX_H

#include "cell/image.h"

struct whi_cell_index {
	struct whi_cell_slot {
		uint32_t hash, cell; /* cell 0: free; 1: was taken once */
	} * slots;
	size_t room;     /* elements of 'slots': 0, or a power of two */
	size_t used;     /* of these, not free */
	bool made;       /* for who keeps one: it has all cells that there are, ... */
	uint32_t undone; /* ... as they were when 'undone' of the edit was this */
};

void whi_cell_index_fini(struct whi_cell_index *index, const struct wh_allocator *a);

/* Forget all cells. */
void whi_cell_index_clear(struct whi_cell_index *index);

/* Enter a cell that is not there.  False, with the index as it was: no memory. */
bool whi_cell_index_add(struct whi_cell_index *index, const struct wh_allocator *a, uint32_t hash,
			cellref cell);
void whi_cell_index_remove(struct whi_cell_index *index, uint32_t hash, cellref cell);

/* The next cell of that hash, or NIL.  '*at' starts as 0. */
cellref whi_cell_index_next(const struct whi_cell_index *index, uint32_t hash, size_t *at);

#endif
