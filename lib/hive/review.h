/* SPDX-License-Identifier: MIT */
/* What is wrong with the file of a hive that is open: its base block, and its logs. */
#ifndef WHI_HIVE_REVIEW_H
#define WHI_HIVE_REVIEW_H

#include "hive/hive.h"

/* The base block as it is in memory now, and the length and the root that it gives. */
void whi_review_base(const struct wh_hive *hive, const struct whi_sink *sink);

/*
 * What was said of the logs when the hive was opened, and logs that a clean hive has to fear;
 * nothing if there have been changes since.
 */
void whi_review_logs(const struct wh_hive *hive, const struct whi_sink *sink);

#endif
