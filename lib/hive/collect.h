/* SPDX-License-Identifier: MIT */
/* Which logs are there: given by the caller, beside the hive, or in a store. */
#ifndef WHI_HIVE_COLLECT_H
#define WHI_HIVE_COLLECT_H

#include "hive/hive.h"
#include "hive/store.h"

enum { WHI_MAX_LOGS = 8 };

/*
 * Read all logs into 'logs' of the hive.  'path' is NULL unless some may lie beside it; if 'store'
 * is not NULL they are those of the store, and 'seen' is filled in.
 */
enum wh_status whi_logs_collect(struct wh_hive *hive, const struct wh_options *options,
				const char *path, struct whi_store *store);

/* A file of a store as a source, which 'file' must outlive; false if it is not there. */
struct whi_stored {
	struct whi_store *store;
	enum whi_file_id id;
};
bool whi_stored_source(struct whi_stored *file, struct wh_source *source);

#endif
