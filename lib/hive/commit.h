/* SPDX-License-Identifier: MIT */
/*
 * The steps that a commit is made of.  Each looks at 'st', and does nothing if one before it has
 * failed.
 */
#ifndef WHI_HIVE_COMMIT_H
#define WHI_HIVE_COMMIT_H

#include "hive/hive.h"
#include "hive/log_write.h"
#include "hive/store.h"

struct whi_commit {
	struct wh_hive *hive;
	struct whi_store *store;
	const struct wh_commit *how;
	struct wh_commit_report *report;
	enum wh_status st;

	struct whi_run *runs;
	size_t count, cap;
	struct whi_log_job job;
	struct regf_base base; /* in the end */
	enum whi_file_id log;
	bool was_there[WHI_FILE_COUNT]; /* before the commit */
	bool room_begun;                /* step 3 */
	bool pages_begun;               /* step 5: pages of the hive may be new */
};

/* Write to the hive; the first sector of a base block is all of it that ever changes. */
void whi_commit_put(struct whi_commit *c, uint64_t offset, const void *bytes, size_t len);
void whi_commit_put_base(struct whi_commit *c, const struct regf_base *base);

void whi_commit_sync(struct whi_commit *c, enum whi_file_id id);
void whi_commit_sync_names(struct whi_commit *c);
void whi_commit_resize(struct whi_commit *c, enum whi_file_id id, uint64_t size);

/* Cut a log to nothing, if it is there and is not empty, and sync. */
void whi_commit_empty_log(struct whi_commit *c, enum whi_file_id id);

/* Which log is written, and how: 'log', 'was_there', the type of 'job'. */
void whi_commit_choose_log(struct whi_commit *c);

/*
 * All logs but that one; that one, with an empty LOG2 beside a LOG1, as there always is in Windows;
 * and afterwards, emptied, or removed if it was not there.
 */
void whi_commit_empty_others(struct whi_commit *c);
void whi_commit_write_log(struct whi_commit *c, const struct whi_log_job *job);
void whi_commit_clear_log(struct whi_commit *c);

/* Is the file what it was when it was opened?  WH_E_IN_USE: it is not. */
enum wh_status whi_commit_look_at_files(const struct whi_commit *c);

/* A hive with a base block that tells the truth, and all of its bins. */
bool whi_commit_can_write(const struct wh_hive *hive);

/* The hive on disk is the new one, whatever became of the logs after it. */
void whi_commit_is_done(struct whi_commit *c);

/* The hive as it was before the changes. */
uint64_t whi_old_size(const struct wh_hive *hive);
uint32_t whi_old_length(const struct wh_hive *hive);
const uint8_t *whi_old_page(const struct wh_hive *hive, uint64_t at);

/*
 * A dirty hive becomes a clean one: on disk it is then what it was in memory before the changes.
 * On failure it is dirty as before, in a way that gives the same when it is opened.
 */
void whi_commit_settle_old(struct whi_commit *c);

/* The logs that were replayed are still those that are there. */
bool whi_commit_logs_are_the_same(const struct whi_commit *c);

#endif
