/* SPDX-License-Identifier: MIT */
/* Which logs belong to a dirty hive, and their replay in memory (docs/format.md 12.6, 12.7). */
#ifndef WHI_HIVE_RECOVER_H
#define WHI_HIVE_RECOVER_H

#include "hive/hive.h"

/*
 * The plan for a dirty hive whose base block and logs have been read: which entries are
 * replayed, in order.  Nothing is allocated.
 */
struct whi_recovery {
	struct {
		struct whi_log *log;
		size_t count; /* entries of it, from the first */
	} steps[2];
	size_t step_count;
	bool take_base;      /* the base block comes from the log of the first step */
	uint32_t sequence;   /* of the last entry */
	uint32_t max_length; /* bytes of hive bins while it is done */
};

/*
 * 'bin_time' is the time in the first hive bin, which stands in for a bad base block; or, so that
 * no log is late enough:
 */
#define WHI_TIME_UNREAD UINT64_MAX
void whi_recovery_plan(struct wh_hive *hive, uint64_t bin_time, struct whi_recovery *plan);

/*
 * Do it: the image has room for plan->max_length bytes of bins.  The base block becomes clean,
 * and with WH_OPEN_WRITE it is kept in 'replayed' which pages were written to.
 * Fails only for want of memory.
 */
enum wh_status whi_recovery_run(struct wh_hive *hive, const struct whi_recovery *plan);

#endif
