/* SPDX-License-Identifier: MIT */
/*
 * The value of a name.  Values are in no order, so that they are looked at one by one, and many
 * changes of a key with many values would take time with the square of their number.  When the same
 * long list is searched for a second change, an index by the hashes of the names is made; the
 * changes after that keep it true.
 *
 * Only who changes a hive makes or changes the index.  Who reads uses it: nobody reads while
 * somebody changes.
 */
#ifndef WHI_TREE_VALUE_FIND_H
#define WHI_TREE_VALUE_FIND_H

#include "hive/hive.h"
#include "tree/vk.h"

/*
 * The first value of that name, which is the one that Windows finds, of a key with these values.
 * WH_E_NOT_FOUND; WH_E_CORRUPT: it may have been one that cannot be read, which was reported.
 */
enum wh_status whi_values_find(const struct wh_hive *hive, const struct whi_nk *nk,
			       const struct whi_values *values, const struct whi_query *query,
			       struct whi_vk *vk);

/* The values of a key are about to be searched for a change. */
void whi_value_index_need(struct wh_hive *hive, const struct whi_nk *nk,
			  const struct whi_values *values);

/*
 * What the steps of an edit did: a value with a name of that hash came to the 'count' values of
 * 'list', which lies at 'now' since; it is no longer among them; a list is no more.
 */
void whi_value_index_add(struct wh_hive *hive, cellref list, uint32_t count, cellref now,
			 uint32_t hash, cellref vk);
void whi_value_index_remove(struct wh_hive *hive, cellref list, uint32_t count, uint32_t hash,
			    cellref vk);
void whi_value_index_drop(struct wh_hive *hive, cellref list);

#endif
