/* SPDX-License-Identifier: MIT */
/*
 * Reading a file as far as it is asked for.  The bytes of a hive come into memory once, in order,
 * and what came stays as it is; but what has not come yet may have been changed meanwhile by
 * somebody else.  That is noticed by the file's size and time, and then no more is read.
 */
#ifndef WHI_HIVE_UNREAD_H
#define WHI_HIVE_UNREAD_H

#include "hive/file.h"
#include "hive/hive.h"

/*
 * Read the first part.  The image has room for the whole file, its maps are made, and the length
 * of its bins is settled.  The file is taken over, and closed when all of it was read; NULL: the
 * bytes are lent, and only have to be looked through.
 */
enum wh_status whi_unread_begin(struct wh_hive *hive, struct whi_file *file);

/* Have all of the hive.  WH_E_IO: it cannot be read, or was changed, which has been reported. */
enum wh_status whi_read_all(const struct wh_hive *hive);

/* The same for somebody who has the hive for himself, after which nobody asks any more. */
enum wh_status whi_unread_end(struct wh_hive *hive);

void whi_unread_free(struct wh_hive *hive);

#endif
