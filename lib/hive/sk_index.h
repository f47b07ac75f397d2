/* SPDX-License-Identifier: MIT */
/*
 * Which security cells there are, by the hash of their descriptors: so that the ring is not gone
 * round for each key that is created.  A table with open addressing.
 */
#ifndef WHI_HIVE_SK_INDEX_H
#define WHI_HIVE_SK_INDEX_H

#include "cell/image.h"

struct whi_sk_index {
	struct whi_sk_slot {
		uint32_t hash, cell; /* cell 0: free; 1: was taken once */
	} * slots;
	size_t room;     /* elements of 'slots': 0, or a power of two */
	size_t used;     /* of these, not free */
	bool made;       /* it has all cells of the ring, as it was */
	uint32_t undone; /* when 'undone' of the edit was this */
};

void whi_sk_index_fini(struct whi_sk_index *index, const struct wh_allocator *a);

/* Forget all cells. */
void whi_sk_index_clear(struct whi_sk_index *index);

/* Enter a cell that is not there.  False, with the index as it was: no memory. */
bool whi_sk_index_add(struct whi_sk_index *index, const struct wh_allocator *a, uint32_t hash,
		      cellref cell);
void whi_sk_index_remove(struct whi_sk_index *index, uint32_t hash, cellref cell);

/* The next cell of that hash, or NIL.  '*at' starts as 0. */
cellref whi_sk_index_next(const struct whi_sk_index *index, uint32_t hash, size_t *at);

#endif
