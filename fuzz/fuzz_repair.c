/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a hive, to be repaired, with and without a place for what is lost.
 *
 * Holds: it is refused by name, or what comes out is what tests/support/repairing.h says: a hive
 * in which the check finds nothing, and that is the same when it is repaired again.  Keys without
 * a way to the root are all kept when that is asked for.
 */
#include "repairing.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(enum wh_status st, const char *why)
{
	fprintf(stderr, "%s: %s\n", wh_status_name(st), why);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_repair_report reports[2] = { 0 };
	struct wh_hive *hive, *to;
	char why[1000];
	enum wh_status st;

	if (wh_hive_open_memory(data, size, &options, &hive) != WH_OK)
		return 0;
	for (int lost = 0; lost < 2; lost++) {
		to = repair_and_look(hive, lost > 0, &reports[lost], &st, why, sizeof why);
		if (!to && (why[0] == '\0' || (st != WH_E_CORRUPT && st != WH_E_NOT_SUPPORTED)))
			fail(st, why);
		wh_hive_close(to);
	}
	if (reports[1].dropped_keys > reports[0].dropped_keys ||
	    reports[1].lost_keys < reports[0].dropped_keys - reports[1].dropped_keys)
		fail(WH_OK, "keys are lost, although they have a place");
	wh_hive_close(hive);
	return 0;
}
