/* SPDX-License-Identifier: MIT */
/*
 * Where a hive and its logs are kept while they are written in place: the one interface between
 * commit.c, which knows the order of writes, and files (store_posix.c) or a disk that a test
 * simulates.
 */
#ifndef WHI_HIVE_STORE_H
#define WHI_HIVE_STORE_H

#include "winhive.h"

enum whi_file_id {
	WHI_FILE_HIVE,
	WHI_FILE_LOG1,
	WHI_FILE_LOG2,
	WHI_FILE_LOG,
	WHI_FILE_COUNT,                /* of what belongs to a hive */
	WHI_FILE_NEW = WHI_FILE_COUNT, /* that is to take the place of the hive */
	WHI_FILE_ROOM
};

struct whi_store;

/*
 * Each fails with WH_E_IO, WH_E_DISK_FULL or WH_E_ACCESS, and can be called again.  Nothing is on
 * disk before a sync, and then only what was done before it; what was not synced may be there in
 * part.
 */
struct whi_store_ops {
	/* For messages; the path if there is one. */
	const char *(*name)(struct whi_store *store, enum whi_file_id id);
	/* Is there such a file, and how many bytes has it? */
	bool (*find)(struct whi_store *store, enum whi_file_id id, uint64_t *size);
	enum wh_status (*read)(struct whi_store *store, enum whi_file_id id, uint64_t offset,
			       void *buf, size_t len);
	enum wh_status (*write)(struct whi_store *store, enum whi_file_id id, uint64_t offset,
				const void *bytes, size_t len);
	/*
	 * Make an empty file of one that is not there.  WHI_FILE_NEW has a name nobody looks for,
	 * is locked as the hive is, and belongs to the same people with the same rights:
	 * WH_E_ACCESS if it cannot.  WH_E_NOT_SUPPORTED: the hive has other names (hard links),
	 * which would stay with the old file.
	 */
	enum wh_status (*create)(struct whi_store *store, enum whi_file_id id);
	/* Cut a file, or make it longer with 0, in such a way that writing there finds room.
	 * If that fails the file is as it was. */
	enum wh_status (*resize)(struct whi_store *store, enum whi_file_id id, uint64_t size);
	/* Wait until the bytes and the size of a file are on disk. */
	enum wh_status (*sync)(struct whi_store *store, enum whi_file_id id);
	enum wh_status (*remove)(struct whi_store *store, enum whi_file_id id);
	/* Give WHI_FILE_NEW the name of the hive, all at once: it is the hive from then on, and
	 * the file that was is gone.  On disk it is one or the other until the names are synced. */
	enum wh_status (*replace)(struct whi_store *store);
	/* Wait until it is on disk which files there are. */
	enum wh_status (*sync_names)(struct whi_store *store);
	/* WH_E_IN_USE if a name is that of another file by now, or of none. */
	enum wh_status (*still_there)(struct whi_store *store);
	void (*close)(struct whi_store *store);
};

struct whi_store {
	const struct whi_store_ops *ops;
};

/*
 * Open the hive of a store for writing: its logs are those of the store.  On success the hive
 * owns the store and closes it; on failure it does not.
 */
enum wh_status whi_hive_open_store(struct whi_store *store, const struct wh_options *options,
				   struct wh_hive **hive);

/* The files of a path, locked.  WH_E_IN_USE: somebody else has them.  See wh_hive_open(). */
enum wh_status whi_store_open(const char *path, const struct wh_allocator *a,
			      struct whi_store **store);

#endif
