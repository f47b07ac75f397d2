/* SPDX-License-Identifier: MIT */
/* The files of a store as they are, kept under other names. */
#ifndef WHI_HIVE_BACKUP_H
#define WHI_HIVE_BACKUP_H

#include "hive/store.h"

/*
 * Copy the hive to 'path', and each log that is not empty to 'path' with ".LOG1" and so on behind
 * it.  All of it, or none: WH_E_EXISTS if one of them is there already.  '*made' has a bit for
 * each that was made, for whi_backup_remove().
 */
enum wh_status whi_backup_make(struct whi_store *store, const char *path,
			       const struct wh_allocator *a, unsigned *made);
void whi_backup_remove(const char *path, unsigned made);

#endif
