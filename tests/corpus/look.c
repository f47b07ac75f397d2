/* SPDX-License-Identifier: MIT */
/*
 *	look [--check] HIVE [LOG...]
 *
 * Look through a hive as it is done before its first change: as it is in the file, or after its
 * logs are replayed.  Prints "sound" or "unsound" and the rules that are broken; the exit
 * status is that of the program winhive.  With --check: the rules above a note that
 * wh_hive_check() finds broken, and "clean" or "not"; what the look reports is among them.
 */
#include "reading.h"
#include "tree/sound.h"

#include <stdio.h>
#include <string.h>

static void
see_finding(void *ctx, const struct wh_finding *finding)
{
	if (finding->issue.grade != WH_NOTE)
		see_issue(ctx, &finding->issue);
}

/* Everything that the look has reported is found, too; a base block may have been recovered. */
static bool
among(const struct issues *some, const struct issues *all, bool recovered)
{
	struct wh_rule rule;

	for (size_t i = 0; wh_rule_at(i, &rule); i++)
		if (some->broken[i] && rule.grade != WH_NOTE && !all->broken[i] &&
		    !(recovered && rule.id[0] == 'L'))
			return false;
	return true;
}

static int
check(struct wh_hive *hive, const struct issues *looked)
{
	static struct issues found;
	struct wh_check sums;
	char rules[1024];

	if (wh_hive_check(hive, see_finding, &found, &sums) != WH_OK)
		return 1;
	rules_text(&found, rules, sizeof rules);
	if (!among(looked, &found, wh_hive_state(hive) == WH_RECOVERED))
		return 1;
	printf("%s\t%s\n", found.count ? "not" : "clean", rules);
	return found.count ? 3 : 0;
}

int
main(int argc, char **argv)
{
	static struct issues issues;
	bool checking = argc > 1 && strcmp(argv[1], "--check") == 0;
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	struct wh_hive *hive;
	enum wh_status st;
	char rules[1024];
	int code;

	argv += checking;
	argc -= checking;
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
	if (checking && (st == WH_OK || st == WH_E_CORRUPT)) {
		code = check(hive, &issues);
		wh_hive_close(hive);
		return code;
	}
	if (st == WH_OK || st == WH_E_CORRUPT) {
		rules_text(&issues, rules, sizeof rules);
		printf("%s\t%s\n", st == WH_OK ? "sound" : "unsound", rules);
	}
	wh_hive_close(hive);
	return st == WH_OK ? 0 : st == WH_E_CORRUPT ? 3 : 1;
}
