/* SPDX-License-Identifier: MIT */
/*
 *	compact [--take-dirty] HIVE OUT [LOG...]
 *
 * Compact a real hive, hold what comes out against it (tests/support/compaction.h), and write it
 * to OUT.  Prints the bytes before and after, those that were in use, and the bins.  Exit code 0;
 * 1: does not hold; DIRTY, CORRUPT: refused.
 */
#include "compaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DIRTY = 4, CORRUPT = 5 };

static int
write_compacted(struct wh_hive *hive, const char *path)
{
	struct wh_hive_stats before, after;
	struct wh_compact_report report;
	struct wh_hive *to;
	enum wh_status st;
	char why[1000];

	st = wh_hive_compact(hive, NULL, &to, NULL);
	wh_hive_close(to);
	if (st == WH_E_DIRTY || st == WH_E_CORRUPT)
		return st == WH_E_DIRTY ? DIRTY : CORRUPT;
	to = compact_and_look(hive, &report, why, sizeof why);
	if (!to || wh_hive_save_as(to, path, 0) != WH_OK) {
		printf("%s\n", to ? "cannot be saved" : why);
		wh_hive_close(to);
		return 1;
	}
	wh_hive_stats(hive, &before);
	wh_hive_stats(to, &after);
	printf("%" PRIu64 " bytes, were %" PRIu64 " with %" PRIu64 " in use; %" PRIu32
	       " bins, %" PRIu64 " cells dropped\n",
	       report.bytes_after, report.bytes_before, before.used_bytes, after.bins,
	       report.dropped_cells);
	wh_hive_close(to);
	return 0;
}

int
main(int argc, char **argv)
{
	struct wh_options options = { 0 };
	struct wh_hive *hive;
	bool take_dirty = argc > 1 && strcmp(argv[1], "--take-dirty") == 0;
	int code;

	argv += take_dirty;
	argc -= take_dirty;
	if (argc < 3)
		return 2;
	options.logs = (const char *const *)argv + 3;
	options.log_count = (size_t)argc - 3;
	if (argc == 3)
		options.flags = WH_OPEN_NO_LOGS | (take_dirty ? WH_OPEN_TAKE_DIRTY : 0);
	if (wh_hive_open(argv[1], &options, &hive) != WH_OK) {
		fprintf(stderr, "%s: cannot be opened\n", argv[1]);
		return 1;
	}
	code = write_compacted(hive, argv[2]);
	wh_hive_close(hive);
	return code;
}
