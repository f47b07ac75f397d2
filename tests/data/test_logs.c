/* SPDX-License-Identifier: MIT */
/*
 * Every case of testdata/logs: the state after opening, the rules reported, and the bytes
 * after recovery, which are those of expected.hive where there is one; and the rules that a
 * check finds.
 */
#include "files.h"
#include "reading.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static const char *const states[] = {
	[WH_CLEAN] = "clean", [WH_RECOVERED] = "recovered", [WH_DIRTY] = "dirty"
};

/* True if there is nothing to compare with, too. */
static bool
same_bytes(const struct wh_hive *hive, const char *folder)
{
	char name[256], *path;
	size_t len, due_len;
	const void *bytes = wh_hive_bytes(hive, &len);
	uint8_t *due;
	bool same;

	snprintf(name, sizeof name, "logs/%s/expected.hive", folder);
	path = data_path(name);
	due = read_file(path, &due_len);
	same = !due || (len == due_len && memcmp(bytes, due, len) == 0);
	free(due);
	free(path);
	return same && (due || wh_hive_state(hive) != WH_RECOVERED);
}

/* What the logs say of themselves must agree with the state. */
static bool
logs_agree(const struct wh_hive *hive)
{
	struct wh_log_entry entry;
	uint32_t applied = 0, entries;
	struct wh_log log;

	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++) {
		for (entries = 0; wh_hive_log_entry(hive, i, entries, &entry) == WH_OK; entries++)
			if (entry.applied != (entries < log.applied))
				return false;
		if (entries != log.entry_count || !log.name[0] ||
		    (log.applied > 0) != (log.verdict == WH_LOG_APPLIED) ||
		    (log.verdict == WH_LOG_REFUSED && !log.reason[0]))
			return false;
		applied += log.applied;
	}
	return (applied > 0) == (wh_hive_state(hive) == WH_RECOVERED);
}

/* What was recovered is clean, and opening it again finds nothing to do. */
static bool
is_final(const struct wh_hive *hive)
{
	struct wh_hive *again;
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len);
	bool clean;

	if (wh_hive_state(hive) != WH_RECOVERED)
		return true;
	if (wh_hive_open_memory(bytes, len, NULL, &again) != WH_OK)
		return false;
	clean = wh_hive_state(again) == WH_CLEAN;
	wh_hive_close(again);
	return clean;
}

static void
check(const char *folder, const char *name, const char *state, const char *rules)
{
	struct issues issues = { 0 };
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	char file[256], found[1024], *path;
	struct wh_hive *hive;
	uint64_t digest;
	const char *is;
	enum wh_status st;

	snprintf(file, sizeof file, "logs/%s/%s", folder, name);
	path = data_path(file);
	st = wh_hive_open(path, &options, &hive);
	if (st != WH_OK || read_everything(hive, &digest) != WH_OK) {
		tap_case(false, folder, "cannot be opened: %s", wh_status_name(st));
	} else {
		rules_text(&issues, found, sizeof found);
		is = states[wh_hive_state(hive)];
		tap_case(strcmp(found, rules) == 0 && strcmp(is, state) == 0 &&
				 same_bytes(hive, folder) && logs_agree(hive) && is_final(hive),
			 folder,
			 "rules \"%s\", should be \"%s\"; state %s, should be %s; bytes %s; logs "
			 "%s; recovery %s",
			 found, rules, is, state, same_bytes(hive, folder) ? "right" : "wrong",
			 logs_agree(hive) ? "agree" : "disagree",
			 is_final(hive) ? "final" : "not final");
	}
	wh_hive_close(hive);
	free(path);
}

static void
see_finding(void *ctx, const struct wh_finding *finding)
{
	see_issue(ctx, &finding->issue);
}

static void
check_checked(const char *folder, const char *name, const char *rules)
{
	struct issues issues = { 0 };
	struct wh_options options = { .flags = WH_OPEN_ALL_LOGS };
	char file[256], title[256], found[1024], *path;
	struct wh_hive *hive;
	struct wh_check sums;
	enum wh_status st;

	snprintf(file, sizeof file, "logs/%s/%s", folder, name);
	snprintf(title, sizeof title, "%s: checked", folder);
	path = data_path(file);
	st = wh_hive_open(path, &options, &hive);
	if (st == WH_OK)
		st = wh_hive_check(hive, see_finding, &issues, &sums);
	rules_text(&issues, found, sizeof found);
	tap_case(st == WH_OK && strcmp(found, rules) == 0, title,
		 "%s; rules \"%s\", should be \"%s\"", wh_status_name(st), found, rules);
	wh_hive_close(hive);
	free(path);
}

int
main(void)
{
	struct table table;
	char *fields[5];

	if (!table_open(&table, "logs/expected.tsv"))
		abort();
	while (table_next(&table, fields, 5)) {
		check(fields[0], fields[1], fields[2], fields[3]);
		check_checked(fields[0], fields[1], fields[4]);
	}
	table_close(&table);
	return tap_done();
}
