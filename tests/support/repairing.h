/* SPDX-License-Identifier: MIT */
/* What must hold of a hive that was repaired. */
#ifndef TESTS_SUPPORT_REPAIRING_H
#define TESTS_SUPPORT_REPAIRING_H

#include "winhive.h"

/*
 * Repair a hive, and hold what comes out against what is promised: the source is as it was; the
 * check has nothing but notes, also after it was opened again; the rules of invariants.h; the
 * report is true, as far as can be counted; repaired again, nothing is fixed or dropped and it is
 * the same to the byte but for the sequence numbers.  The new hive, for wh_hive_close(); NULL:
 * 'why' says what does not hold, or it was refused with '*status'.
 */
struct wh_hive *repair_and_look(struct wh_hive *hive, bool lost_and_found,
				struct wh_repair_report *report, enum wh_status *status, char *why,
				size_t size);

#endif
