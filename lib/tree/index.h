/* SPDX-License-Identifier: MIT */
/* Finding a subkey by name. */
#ifndef WHI_TREE_INDEX_H
#define WHI_TREE_INDEX_H

#include "tree/subkeys.h"

/* WH_OK, WH_E_NOT_FOUND, or WH_E_CORRUPT if it may be in a part that cannot be read. */
enum wh_status whi_index_find(const struct whi_image *img, const struct whi_nk *nk,
			      const struct whi_query *query, struct whi_nk *found);

/* Where in the list of a key a name is, or where it belongs. */
struct whi_spot {
	cellref leaf;
	bool below_ri;
	uint32_t leaf_at; /* which element of the ri the leaf is */
	uint32_t at;      /* which element of the leaf */
	bool hit;         /* it is there */
};

/*
 * Find the spot of a name by halving.  A name between two leaves belongs at the start of the
 * second.  False if what was met cannot be read; means nothing if the list is not in order.
 */
bool whi_index_seek(const struct whi_image *img, cellref list, const struct whi_query *query,
		    struct whi_spot *spot);

/*
 * Is the list of a key, which has one, whole and in order, hashes included?  It is read from
 * end to end, and what is wrong with it reported, unless it is marked.  Who changes a list
 * keeps it so, and marks the cell that it moves to.
 */
bool whi_index_verify(const struct whi_image *img, const struct whi_nk *nk);
void whi_index_mark(const struct whi_image *img, cellref list);

#endif
