/* SPDX-License-Identifier: MIT */
/*
 * The part of a hive that is not in memory yet.  A file is read from its start as far as it has
 * been asked for: up to 'ready' an image is like any other, and whoever needs what lies behind asks
 * for it first.  hive/unread.h does the reading.
 */
#ifndef WHI_CELL_UNREAD_H
#define WHI_CELL_UNREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct whi_unread {
	_Atomic uint32_t ready; /* bytes of bins that were read and scanned; grows, in any thread */
	/* Read on, to the bin at 'off' at least.  False: it cannot be had, which was reported. */
	bool (*reach)(struct whi_unread *unread, uint32_t off);
};

/* Is the bin at 'off' there?  'unread' may be NULL: then all of them are. */
static inline bool
whi_is_read(struct whi_unread *unread, uint32_t off)
{
	return !unread || off < atomic_load_explicit(&unread->ready, memory_order_acquire);
}

#endif
