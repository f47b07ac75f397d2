/* SPDX-License-Identifier: MIT */
/* Reading around what cannot be read. */
#ifndef WHI_HIVE_READ_H
#define WHI_HIVE_READ_H

#include "hive/hive.h"

/*
 * Read 'len' bytes of the file at 'at' into the image, which could not be read at once, page by
 * page: what cannot be had is a blank.  Each failure may take a disk some seconds.  After too many
 * of them all that is left of the file is a blank.
 */
void whi_read_around(struct wh_hive *hive, const struct wh_source *source, uint64_t at, size_t len);

/* Report the blanks that have not been reported. */
void whi_read_report(struct wh_hive *hive, const struct whi_sink *sink);

/* Report what was blank in 'before' and is not in 'now', as the logs have it. */
void whi_read_report_filled(const struct whi_blanks *before, const struct whi_blanks *now,
			    const struct whi_sink *sink);

/* Is nothing read any more? */
static inline bool
whi_read_no_more(const struct wh_hive *hive)
{
	return hive->blanks.failed == WHI_BLANKS;
}

#endif
