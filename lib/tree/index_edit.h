/* SPDX-License-Identifier: MIT */
/*
 * Subkeys put into and taken out of the lists of a key (docs/format.md section 6.2): the kind of
 * list that the version wants, in order, with hashes or hints, split as Windows splits.
 *
 * All of these are steps of an edit.  They keep the count and the list of the parent true, and
 * raise its longest name, or set it to 0 with the last subkey; they do not date it.
 */
#ifndef WHI_TREE_INDEX_EDIT_H
#define WHI_TREE_INDEX_EDIT_H

#include "tree/edit.h"
#include "tree/subkeys.h"

enum { WHI_LEAF_MAX = 1013 }; /* elements of an li or lh (docs/format.md 6.2) */

/* The kind of leaf that a version has for 'count' subkeys; below an ri if they are too many. */
enum whi_list_kind whi_index_leaf_kind(uint32_t minor, uint32_t count);

/*
 * Link 'child', whose nk is complete, below 'parent'.  Fails with WH_E_EXISTS if a subkey has its
 * name, WH_E_CORRUPT if the list cannot be relied on: unreadable, or not in order.
 */
void whi_index_insert(struct wh_hive *hive, cellref parent, cellref child);

/* Unlink 'child', which is not freed.  WH_E_CORRUPT if it is not there. */
void whi_index_remove(struct wh_hive *hive, cellref parent, cellref child);

/* In the place of 'old' put 'child', whose name is equal but for the case of its letters. */
void whi_index_replace(struct wh_hive *hive, cellref parent, cellref old, cellref child);

/* Free all lists of a key, whose subkeys are dealt with by the caller. */
void whi_index_drop(struct wh_hive *hive, cellref parent);

#endif
