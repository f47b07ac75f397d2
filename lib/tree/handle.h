/* SPDX-License-Identifier: MIT */
/* Keys and values as callers hold them. */
#ifndef WHI_TREE_HANDLE_H
#define WHI_TREE_HANDLE_H

#include "hive/hive.h"
#include "tree/nk.h"

static inline struct wh_key
whi_key_handle(struct wh_hive *hive, cellref ref)
{
	return (struct wh_key){ hive, ref.off, hive->stale.generation };
}

static inline struct wh_value
whi_value_handle(struct wh_hive *hive, cellref ref)
{
	return (struct wh_value){ hive, ref.off, hive->stale.generation };
}

/*
 * The key of a handle.  WH_E_INVALID: there is no hive in it; WH_E_DELETED: it is stale;
 * WH_E_CORRUPT: as whi_nk_read().
 */
enum wh_status whi_key_read(struct wh_key key, struct whi_nk *nk);

#endif
