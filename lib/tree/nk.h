/* SPDX-License-Identifier: MIT */
/* Key nodes. */
#ifndef WHI_TREE_NK_H
#define WHI_TREE_NK_H

#include "cell/cell.h"
#include "disk/regf.h"
#include "tree/name.h"

struct whi_nk {
	cellref self;
	uint32_t cell_len; /* bytes of cell data */
	uint16_t flags;
	struct whi_name name;
	cellref parent, subkey_list, value_list, security, class_cell;
	uint32_t subkey_count, value_count;
	uint16_t class_len;
	const struct regf_nk *disk; /* for the fields that few ask for */
};

/*
 * Read the key at 'ref'; 'from' is the file offset of the reference.  On WH_E_CORRUPT, which
 * has been reported, '*nk' is not to be looked at.
 */
enum wh_status whi_nk_read(const struct whi_image *img, cellref ref, uint64_t from,
			   struct whi_nk *nk);

/* Report what is wrong with a key that can be read all the same.  'parent' is REGF_NIL at the top. */
void whi_nk_review(const struct whi_image *img, const struct whi_nk *nk, cellref parent);

/* The class name; empty, with the reason reported, if it cannot be read. */
enum wh_status whi_nk_class(const struct whi_image *img, const struct whi_nk *nk,
			    struct view *class_name);

/* The security descriptor. */
enum wh_status whi_nk_security(const struct whi_image *img, const struct whi_nk *nk,
			       struct view *descriptor);

void whi_nk_decode(const struct whi_image *img, const struct whi_nk *nk, struct wh_key_info *info);

#endif
