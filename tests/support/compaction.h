/* SPDX-License-Identifier: MIT */
/* What must hold of a hive that was compacted. */
#ifndef TESTS_SUPPORT_COMPACTION_H
#define TESTS_SUPPORT_COMPACTION_H

#include "winhive.h"

/*
 * Compact a hive, and hold what comes out against it: every field of every key and value, the
 * base block, the order of cells, free space, size, the rules of invariants.h; it is sound, opens
 * again, and is the same to the byte when it is compacted again.  The new hive, for
 * wh_hive_close(); NULL: 'why' says what does not hold.
 */
struct wh_hive *compact_and_look(struct wh_hive *hive, struct wh_compact_report *report, char *why,
				 size_t size);

#endif
