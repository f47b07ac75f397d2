/* SPDX-License-Identifier: MIT */
/* Finding a subkey by name. */
#ifndef WHI_TREE_INDEX_H
#define WHI_TREE_INDEX_H

#include "tree/subkeys.h"

/* WH_OK, WH_E_NOT_FOUND, or WH_E_CORRUPT if it may be in a part that cannot be read. */
enum wh_status whi_index_find(const struct whi_image *img, const struct whi_nk *nk,
			      const struct whi_query *query, struct whi_nk *found);

#endif
