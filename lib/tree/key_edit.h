/* SPDX-License-Identifier: MIT */
/*
 * What the changes to keys share.  All but the class in UTF-16 and the list of a tree are steps
 * of an edit (tree/edit.h).
 */
#ifndef WHI_TREE_KEY_EDIT_H
#define WHI_TREE_KEY_EDIT_H

#include "tree/edit.h"

/* Levels below the root that every Windows loads (docs/format.md section 9). */
enum { WHI_DEPTH_MAX = REGF_MAX_DEPTH - 2 };

/*
 * How many levels a key is below the root.  Fails with WH_E_INVALID if the key is 'top' (or NIL)
 * or below it, and with WH_E_CORRUPT if the way up does not end at the root.
 */
unsigned whi_key_depth(struct wh_hive *hive, cellref key, cellref top);

/*
 * Link a new key below 'parent', dated now, with WH_KEY_SYM_LINK as the one flag it may have.
 * The bytes of the name do not lie in the image; 'security' has been counted for it.  The parent
 * is not dated.
 */
cellref whi_key_make(struct wh_hive *hive, cellref parent, struct whi_name name, uint16_t flags,
		     cellref security);

/* The security cell of a new key below 'parent', as Windows would inherit it; counted. */
cellref whi_key_inherit(struct wh_hive *hive, cellref parent);

/* A class name as it is stored.  WH_E_INVALID: not UTF-8; WH_E_TOO_BIG: 32,768 units or more. */
struct whi_class {
	uint8_t *bytes; /* allocated, or NULL */
	uint32_t len;
};
enum wh_status whi_class_init(struct whi_class *class_name, const struct wh_hive *hive,
			      const char *text, size_t len);
void whi_class_fini(struct whi_class *class_name, const struct wh_hive *hive);

/* Give a key another class name; length 0: none.  The bytes do not lie in the image. */
void whi_key_put_class(struct wh_hive *hive, cellref key, const uint8_t *bytes, uint32_t len);

/* The handles of a key or value are stale once the edit is kept. */
void whi_key_doom(struct wh_hive *hive, cellref ref);

/*
 * Free a key that has been unlinked and whose subkeys are dealt with: its lists, values, class
 * name, its share of the security cell.
 */
void whi_key_drop(struct wh_hive *hive, cellref key);

#endif
