/* SPDX-License-Identifier: MIT */
/*
 * All keys of a tree as a list, level by level: a key before its subkeys, subkeys in stored
 * order.  It is its own queue, so no level of the tree costs a level of calls; from the end it
 * gives subkeys before their key; and as it is made before anything is changed, a change does
 * not meet what it makes.
 */
#ifndef WHI_TREE_SUBTREE_H
#define WHI_TREE_SUBTREE_H

#include "hive/hive.h"

struct whi_member {
	cellref key;
	uint32_t above; /* index of the key that it is a subkey of; 0 of the first */
};

struct whi_subtree {
	struct whi_member *keys;
	size_t count, cap;
	unsigned height; /* levels below the first key */
};

/*
 * The tree below and including 'top'; 'levels' of it below 'top', or all.  WH_E_CORRUPT, with
 * the reason reported, if any key or list cannot be read.  whi_subtree_fini() comes after in any
 * case.
 */
enum { WHI_ALL_LEVELS = REGF_MAX_DEPTH };
enum wh_status whi_subtree_read(struct whi_subtree *tree, const struct wh_hive *hive, cellref top,
				unsigned levels);
void whi_subtree_fini(struct whi_subtree *tree, const struct wh_hive *hive);

#endif
