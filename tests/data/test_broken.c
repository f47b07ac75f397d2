/* SPDX-License-Identifier: MIT */
/*
 * Every hive of testdata/broken reports the rules that expected.tsv promises and no others,
 * and every hive of testdata/good none.
 */
#include "files.h"
#include "reading.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

/* As the program exits: 0 all could be read, 3 not all, 1 nothing. */
static int
read_hive(const char *path, struct issues *issues)
{
	struct wh_options options = { .issue = see_issue, .issue_ctx = issues };
	struct wh_hive *hive;
	uint64_t digest, again;

	*issues = (struct issues){ 0 };
	if (wh_hive_open(path, &options, &hive) != WH_OK)
		return 1;
	if (read_everything(hive, &digest) != WH_OK || read_everything(hive, &again) != WH_OK ||
	    digest != again)
		abort();
	wh_hive_close(hive);
	return issues->incomplete ? 3 : 0;
}

static void
check(const char *path, const char *name, const char *rules, int status)
{
	char found[1024];
	struct issues issues;
	int is = read_hive(path, &issues);

	rules_text(&issues, found, sizeof found);
	tap_case(strcmp(found, rules) == 0 && is == status, name,
		 "rules \"%s\", should be \"%s\"; status %d, should be %d", found, rules, is,
		 status);
}

static void
check_good(const char *path, const char *name)
{
	check(path, name, "", 0);
}

static unsigned hives;

static void
count_hive(const char *path, const char *name)
{
	(void)path;
	(void)name;
	hives++;
}

/* Each rule has a file that breaks it, here or in testdata/logs. */
static void
check_coverage(const bool broken[MAX_RULES])
{
	struct wh_rule rule;
	char name[256];

	for (size_t i = 0; wh_rule_at(i, &rule); i++) {
		if (strncmp(rule.rule, "log-", 4) == 0 || strcmp(rule.rule, "bin-in-log") == 0)
			continue;
		snprintf(name, sizeof name, "%s %s has a file", rule.id, rule.rule);
		tap_case(broken[i], name, "no file in testdata/broken breaks it");
	}
}

int
main(void)
{
	bool broken[MAX_RULES] = { 0 };
	char *fields[3], name[256], *path;
	struct table table;
	struct issues issues;
	unsigned lines = 0;

	if (!table_open(&table, "broken/expected.tsv"))
		abort();
	while (table_next(&table, fields, 3)) {
		snprintf(name, sizeof name, "broken/%s", fields[0]);
		path = data_path(name);
		check(path, fields[0], fields[1], atoi(fields[2]));
		read_hive(path, &issues);
		for (size_t i = 0; i < MAX_RULES; i++)
			broken[i] |= issues.broken[i];
		lines++;
		free(path);
	}
	table_close(&table);
	each_hive("broken", count_hive);
	tap_case(hives == lines, "expected.tsv has a line for each file", "%u files, %u lines",
		 hives, lines);
	check_coverage(broken);
	each_hive("good", check_good);
	return tap_done();
}
