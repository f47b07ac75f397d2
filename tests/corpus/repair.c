/* SPDX-License-Identifier: MIT */
/*
 *	repair HIVE OUT [LOG...]
 *
 * Repair a real hive, hold what comes out against what is promised (tests/support/repairing.h),
 * and write it to OUT.  Prints what was done.  Exit code 0: nothing was dropped but cells that
 * nothing refers to; DROPPED: something was; REFUSED: by the status that is printed; 1: does not
 * hold.
 */
#include "repairing.h"

#include <inttypes.h>
#include <stdio.h>

enum { DROPPED = 3, REFUSED = 4 };

static int
write_repaired(struct wh_hive *hive, const char *path)
{
	struct wh_repair_report report;
	struct wh_hive *to;
	enum wh_status st;
	char why[1000];

	to = repair_and_look(hive, false, &report, &st, why, sizeof why);
	if (st != WH_OK) {
		printf("%s\n", wh_status_name(st));
		return REFUSED;
	}
	if (!to || wh_hive_save_as(to, path, 0) != WH_OK) {
		printf("%s\n", to ? "cannot be saved" : why);
		wh_hive_close(to);
		return 1;
	}
	wh_hive_close(to);
	printf("%" PRIu64 " keys, %" PRIu64 " values; fixed %" PRIu64 ", dropped %" PRIu64
	       ", of these %" PRIu64 " keys\n",
	       report.keys, report.values, report.fixed, report.dropped, report.dropped_keys);
	return report.dropped > report.dropped_keys ? DROPPED : 0;
}

int
main(int argc, char **argv)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_hive *hive;
	enum wh_status st;
	int code;

	if (argc < 3)
		return 2;
	options.logs = (const char *const *)argv + 3;
	options.log_count = (size_t)argc - 3;
	if (argc == 3)
		options.flags |= WH_OPEN_NO_LOGS;
	st = wh_hive_open(argv[1], &options, &hive);
	if (st != WH_OK) {
		printf("%s\n", wh_status_name(st));
		return REFUSED;
	}
	code = write_repaired(hive, argv[2]);
	wh_hive_close(hive);
	return code;
}
