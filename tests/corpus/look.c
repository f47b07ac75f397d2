/* SPDX-License-Identifier: MIT */
/*
 *	look HIVE [LOG...]
 *
 * Look through a hive as it is done before its first change: as it is in the file, or after its
 * logs are replayed.  Prints "sound" or "unsound" and the rules that are broken; the exit
 * status is that of the program winhive.
 */
#include "reading.h"
#include "tree/sound.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
	static struct issues issues;
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	struct wh_hive *hive;
	enum wh_status st;
	char rules[1024];

	if (argc < 2)
		return 2;
	options.flags = argc == 2 ? WH_OPEN_NO_LOGS : 0;
	options.logs = (const char *const *)argv + 2;
	options.log_count = (size_t)argc - 2;
	if (wh_hive_open(argv[1], &options, &hive) != WH_OK) {
		fprintf(stderr, "%s: cannot be opened\n", argv[1]);
		return 1;
	}
	st = whi_hive_sound(hive);
	if (st == WH_OK || st == WH_E_CORRUPT) {
		rules_text(&issues, rules, sizeof rules);
		printf("%s\t%s\n", st == WH_OK ? "sound" : "unsound", rules);
	}
	wh_hive_close(hive);
	return st == WH_OK ? 0 : st == WH_E_CORRUPT ? 3 : 1;
}
