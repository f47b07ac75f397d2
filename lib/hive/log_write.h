/* SPDX-License-Identifier: MIT */
/* Writing a transaction log of either format (docs/format.md 12.2 to 12.4). */
#ifndef WHI_HIVE_LOG_WRITE_H
#define WHI_HIVE_LOG_WRITE_H

#include "cell/image.h"
#include "disk/regf.h"
#include "hive/store.h"

/* Whole pages of the bins that belong together. */
struct whi_run {
	uint32_t offset, size;
};

/* What goes into the log: the runs, as they are in the image, in ascending order. */
struct whi_log_job {
	const struct whi_image *img;
	const struct regf_base *base; /* of the hive, as it will be in the end */
	uint32_t type;                /* REGF_TYPE_LOG_* decides about the format */
	uint32_t sequence;            /* of the first entry */
	const struct whi_run *runs;
	size_t count;
};

/* Sequence numbers that it takes: one for each entry; an old log has one. */
uint32_t whi_log_entry_count(const struct whi_log_job *job);

/* Bytes of the file. */
uint64_t whi_log_file_size(const struct whi_log_job *job);

/*
 * Write the file, which has that size already: all but its first sector, and that.  Without the
 * first sector it is no log.
 */
enum wh_status whi_log_write(const struct whi_log_job *job, struct whi_store *store,
			     enum whi_file_id id, const struct wh_allocator *a);
enum wh_status whi_log_seal(const struct whi_log_job *job, struct whi_store *store,
			    enum whi_file_id id);

/* What an entry carries at most; larger changes get several.  For tests. */
enum { WHI_LOG_ENTRY_MAX = 4 << 20 };

#endif
