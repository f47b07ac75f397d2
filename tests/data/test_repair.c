/* SPDX-License-Identifier: MIT */
/*
 * Every hive of testdata/broken is repaired, with and without a place for what is lost: clean
 * afterwards, as tests/support/repairing.h has it, with at least the keys and values that could be
 * read before; or refused as it is listed here.  So is every hive of testdata/logs, with its logs.
 * Every hive of testdata/good comes out as it was.
 */
#include "files.h"
#include "reading.h"
#include "repairing.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum wh_status opening, repair;
} refusals[] = {
	{ "base-major.hive", WH_E_NOT_HIVE, WH_OK },
	{ "base-minor.0.hive", WH_E_NOT_HIVE, WH_OK },
	{ "base-minor.7.hive", WH_E_NOT_HIVE, WH_OK },
	{ "not-a-hive.base-block.hive", WH_E_NOT_HIVE, WH_OK },
	{ "not-a-hive.empty.hive", WH_E_NOT_HIVE, WH_OK },
	{ "not-a-hive.log.hive", WH_E_NOT_HIVE, WH_OK },
	{ "not-a-hive.short.hive", WH_E_NOT_HIVE, WH_OK },
	{ "not-a-hive.text.hive", WH_E_NOT_HIVE, WH_OK },
	{ "not-a-hive.zeros.hive", WH_E_NOT_HIVE, WH_OK },
	{ "cell-unaligned.1-1.hive", WH_OK, WH_E_NOT_SUPPORTED },
	{ "version-1.1.hive", WH_OK, WH_E_NOT_SUPPORTED },
};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

static bool met[REFUSALS];

static void
find_refusal(const char *name, enum wh_status *opening, enum wh_status *repair)
{
	*opening = *repair = WH_OK;
	for (size_t i = 0; i < REFUSALS; i++)
		if (strcmp(refusals[i].name, name) == 0) {
			*opening = refusals[i].opening;
			*repair = refusals[i].repair;
			met[i] = true;
		}
}

/* What could be read of it before. */
static void
count_readable(struct wh_hive *hive, uint64_t *keys, uint64_t *values)
{
	struct wh_check sums = { 0 };

	if (wh_hive_check(hive, NULL, NULL, &sums) == WH_E_MEMORY)
		abort();
	*keys = sums.keys;
	*values = sums.values;
}

static uint64_t
digest_of(struct wh_hive *hive)
{
	uint64_t digest;

	if (read_everything(hive, &digest) != WH_OK)
		abort();
	return digest;
}

/* 'same': nothing was wrong with it. */
static void
repair(struct wh_hive *hive, const char *name, enum wh_status due, bool lost_and_found, bool same)
{
	struct wh_repair_report report;
	uint64_t keys, values;
	struct wh_hive *to;
	char why[1000], title[300];
	enum wh_status st;
	bool fine;

	snprintf(title, sizeof title, "%s%s", name, lost_and_found ? ", lost and found" : "");
	count_readable(hive, &keys, &values);
	to = repair_and_look(hive, lost_and_found, &report, &st, why, sizeof why);
	if (!to) {
		tap_case(st == due && st != WH_OK, title, "%s", why);
		return;
	}
	fine = due == WH_OK && report.keys >= keys && report.values >= values &&
	       (!same || (digest_of(hive) == digest_of(to) && report.dropped == 0));
	tap_case(fine, title, "should be %s; %lu keys, were %lu; %lu values, were %lu; %lu dropped",
		 wh_status_name(due), (unsigned long)report.keys, (unsigned long)keys,
		 (unsigned long)report.values, (unsigned long)values,
		 (unsigned long)report.dropped);
	wh_hive_close(to);
}

static void
open_and_repair(const char *path, const char *name, bool same)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	enum wh_status opening, due, st;
	struct wh_hive *hive;

	find_refusal(name, &opening, &due);
	st = wh_hive_open(path, &options, &hive);
	if (st != WH_OK || opening != WH_OK) {
		tap_case(st == opening, name, "opening gives %s", wh_status_name(st));
		wh_hive_close(hive);
		return;
	}
	repair(hive, name, due, false, same);
	repair(hive, name, due, true, same);
	wh_hive_close(hive);
}

static void
repair_broken(const char *path, const char *name)
{
	open_and_repair(path, name, false);
}

static void
repair_good(const char *path, const char *name)
{
	open_and_repair(path, name, true);
}

/* Each state of a hive and its logs. */
static void
repair_logs(void)
{
	struct table table;
	char *fields[3], name[256], *path;

	if (!table_open(&table, "logs/expected.tsv"))
		abort();
	while (table_next(&table, fields, 3)) {
		snprintf(name, sizeof name, "logs/%s/%s", fields[0], fields[1]);
		path = data_path(name);
		open_and_repair(path, name, false);
		free(path);
	}
	table_close(&table);
}

int
main(void)
{
	each_hive("broken", repair_broken);
	each_hive("good", repair_good);
	repair_logs();
	for (size_t i = 0; i < REFUSALS; i++)
		tap_case(met[i], refusals[i].name, "is listed as refused, but is not there");
	return tap_done();
}
