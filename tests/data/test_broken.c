/* SPDX-License-Identifier: MIT */
/*
 * Every hive of testdata/broken reports the rules that expected.tsv promises and no others,
 * and every hive of testdata/good none: when it is read, when it is looked through before
 * its first change, and when it is checked.  Of a good hive the check may have notes.
 */
#include "files.h"
#include "reading.h"
#include "tap.h"
#include "tree/sound.h"

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

/* "yes", "no", or "-" if it cannot be opened; the issues are those of the look. */
static const char *
look_through(const char *path, struct issues *issues)
{
	struct wh_options options = { .flags = WH_OPEN_WHOLE,
				      .issue = see_issue,
				      .issue_ctx = issues };
	struct wh_hive *hive;
	enum wh_status st;
	uint64_t before, after;

	*issues = (struct issues){ 0 };
	st = wh_hive_open(path, &options, &hive);
	*issues = (struct issues){ 0 };
	if (st != WH_OK)
		return "-";
	before = digest_add(0, hive->img.bytes, hive->img.size);
	st = whi_hive_sound(hive);
	after = digest_add(0, hive->img.bytes, hive->img.size);
	if (before != after || (st != WH_OK && st != WH_E_CORRUPT))
		abort();
	wh_hive_close(hive);
	return st == WH_OK ? "yes" : "no";
}

static void
check_sound(const char *path, const char *name, const char *sound, const char *rules)
{
	char found[1024], title[300];
	struct issues issues;
	const char *is = look_through(path, &issues);

	rules_text(&issues, found, sizeof found);
	snprintf(title, sizeof title, "%s: sound", name);
	tap_case(strcmp(found, rules) == 0 && strcmp(is, sound) == 0, title,
		 "rules \"%s\", should be \"%s\"; sound %s, should be %s", found, rules, is, sound);
}

/* The key of a finding can be found by its path, unless another one is found by that. */
static void
see_finding(void *ctx, const struct wh_finding *finding)
{
	struct found {
		struct issues issues;
		struct wh_hive *hive;
	} *found = ctx;
	struct wh_key key;
	enum wh_status st;

	see_issue(&found->issues, &finding->issue);
	if (!finding->path || memchr(finding->path, '\\', finding->path_len) == finding->path)
		return;
	st = wh_key_open(wh_hive_root(found->hive), finding->path, finding->path_len, &key);
	if (st != WH_OK && st != WH_E_NOT_FOUND && st != WH_E_CORRUPT)
		abort();
}

/* What the check finds, or of a hive that cannot be opened, what opening says. */
static void
check_all(const char *path, struct issues *issues)
{
	static struct {
		struct issues issues;
		struct wh_hive *hive;
	} found;
	struct wh_options options = { .issue = see_issue, .issue_ctx = issues };
	struct wh_check sums;

	*issues = (struct issues){ 0 };
	if (wh_hive_open(path, &options, &found.hive) != WH_OK)
		return;
	*issues = (struct issues){ 0 };
	found.issues = *issues;
	if (wh_hive_check(found.hive, see_finding, &found, &sums) != WH_OK ||
	    found.issues.count != sums.notes + sums.healed + sums.refused + sums.dangerous)
		abort();
	*issues = found.issues;
	wh_hive_close(found.hive);
}

static void
check_checked(const char *path, const char *name, const char *rules)
{
	char found[1024], title[300];
	struct issues issues;

	check_all(path, &issues);
	rules_text(&issues, found, sizeof found);
	snprintf(title, sizeof title, "%s: checked", name);
	tap_case(strcmp(found, rules) == 0, title, "rules \"%s\", should be \"%s\"", found, rules);
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

/* Nothing but notes. */
static void
check_notes(const char *path, const char *name)
{
	char found[1024], title[300];
	struct issues issues;
	struct wh_rule rule;
	bool above = false;

	check_all(path, &issues);
	for (size_t i = 0; wh_rule_at(i, &rule); i++)
		above |= issues.broken[i] && rule.grade != WH_NOTE;
	rules_text(&issues, found, sizeof found);
	snprintf(title, sizeof title, "%s: checked", name);
	tap_case(!above, title, "rules \"%s\"", found);
}

static void
check_good(const char *path, const char *name)
{
	check(path, name, "", 0);
	check_sound(path, name, "yes", "");
	check_notes(path, name);
}

static unsigned hives;

static void
count_hive(const char *path, const char *name)
{
	(void)path;
	(void)name;
	hives++;
}

/* Each rule has a file that breaks it, here or in testdata/logs, or none can: see test_blank.c. */
static void
check_coverage(const bool broken[MAX_RULES])
{
	struct wh_rule rule;
	char name[256];

	for (size_t i = 0; wh_rule_at(i, &rule); i++) {
		if (strncmp(rule.rule, "log-", 4) == 0 || strcmp(rule.rule, "bin-in-log") == 0 ||
		    strncmp(rule.rule, "file-", 5) == 0)
			continue;
		snprintf(name, sizeof name, "%s %s has a file", rule.id, rule.rule);
		tap_case(broken[i], name, "no file in testdata/broken breaks it");
	}
}

int
main(void)
{
	bool broken[MAX_RULES] = { 0 };
	char *fields[6], name[256], *path;
	struct table table;
	struct issues issues;
	unsigned lines = 0;

	if (!table_open(&table, "broken/expected.tsv"))
		abort();
	while (table_next(&table, fields, 6)) {
		snprintf(name, sizeof name, "broken/%s", fields[0]);
		path = data_path(name);
		check(path, fields[0], fields[1], atoi(fields[2]));
		check_sound(path, fields[0], fields[3], fields[4]);
		check_checked(path, fields[0], fields[5]);
		read_hive(path, &issues);
		for (size_t i = 0; i < MAX_RULES; i++)
			broken[i] |= issues.broken[i];
		check_all(path, &issues);
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
