/* SPDX-License-Identifier: MIT */
/*
 * A damaged hive is repaired, and the repaired one takes its place, on a disk that stops after
 * each call, and on one that fails at each call.  What is left is, to the byte, the damaged hive
 * with its logs as they were, or the new one, over which no log that is left is ever replayed.
 *
 *	test_replace [SAMPLES]
 *
 * SAMPLES of what a crash may leave, beside the two that are always looked at.  The hives are those
 * of testdata/broken with logs that would spoil them, and those of testdata/logs with theirs.
 */
#include "commits.h"

#include "files.h"
#include "hive/base_block.h"
#include "hive/hive.h"
#include "hive/log.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { FLAGS = WH_OPEN_SALVAGE | WH_OPEN_ALL_LOGS, LOG_KINDS = 6 };

static const uint64_t now = UINT64_C(0x01d9000000000000);
static size_t samples = 30, points, sampled, olds, news, further, faults, log_left, in_place, again;
static unsigned next_kind;

struct replacing {
	struct commit_case c;
	struct wh_hive *with; /* the repaired hive */
	struct sim_file new;  /* the file that comes of it */
};

static bool
fail(char *why, size_t size, const char *text)
{
	if (why[0] == '\0')
		snprintf(why, size, "%s", text);
	return false;
}

static struct wh_hive *
open_it(struct sim_disk *disk)
{
	struct wh_options options = { .flags = FLAGS, .time = now };
	struct wh_hive *hive;

	return whi_hive_open_store(&disk->store, &options, &hive) == WH_OK ? hive : NULL;
}

/* ------------------------------------------------------------------ what is there */

static bool
same_file(const struct sim_file *a, const struct sim_file *b)
{
	return a->there == b->there && a->size == b->size &&
	       (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static bool
has_old_logs(const struct replacing *r, const struct sim_disk *disk)
{
	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		if (!same_file(&disk->now[id], &r->c.disk.now[id]))
			return false;
	return true;
}

static bool
has_no_log(const struct replacing *r, const struct sim_disk *disk)
{
	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		if (disk->now[id].size > 0 || disk->now[id].there != r->c.disk.now[id].there)
			return false;
	return true;
}

static enum outcome
outcome_of(const struct replacing *r, const struct sim_disk *disk, char *why, size_t size)
{
	if (same_file(&disk->now[WHI_FILE_HIVE], &r->new))
		return IS_NEW;
	if (!same_file(&disk->now[WHI_FILE_HIVE], &r->c.disk.now[WHI_FILE_HIVE]))
		return fail(why, size, "is neither the old file nor the new one"), IS_BAD;
	if (!has_old_logs(r, disk))
		return fail(why, size, "is the old hive, without its logs"), IS_BAD;
	return IS_OLD;
}

/* The new hive opens clean; and should somebody make it dirty, nothing is replayed over it. */
static bool
is_safe_from_logs(const struct sim_disk *disk, char *why, size_t size)
{
	struct sim_disk copy;
	struct regf_base *base;
	struct wh_hive *hive;
	bool good;

	sim_copy(disk, &copy);
	hive = open_it(&copy);
	good = hive && wh_hive_state(hive) == WH_CLEAN;
	wh_hive_close(hive);
	copy.closed = false;
	base = (struct regf_base *)copy.now[WHI_FILE_HIVE].bytes;
	base->sequence1 = le32_make(le32_get(base->sequence2) + 1);
	base->checksum = le32_make(whi_base_checksum(base));
	hive = good ? open_it(&copy) : NULL;
	good = hive && wh_hive_state(hive) == WH_DIRTY;
	wh_hive_close(hive);
	sim_fini(&copy);
	return good || fail(why, size, "is new, but a log that is left could be replayed over it");
}

/* The new hive can be changed as any other one. */
static bool
goes_on(const struct sim_disk *disk, char *why, size_t size)
{
	struct wh_check sums = { 0 };
	struct sim_disk copy;
	struct wh_value value;
	struct wh_hive *hive;
	bool good;

	sim_copy(disk, &copy);
	hive = open_it(&copy);
	good = hive &&
	       wh_value_set_number(wh_hive_root(hive), "After", WH_NTS, WH_REG_DWORD, 1) == WH_OK &&
	       wh_hive_commit(hive, NULL, NULL) == WH_OK;
	wh_hive_close(hive);
	copy.closed = false;
	hive = good ? open_it(&copy) : NULL;
	good = hive && wh_key_value(wh_hive_root(hive), "After", WH_NTS, &value) == WH_OK &&
	       wh_hive_check(hive, NULL, NULL, &sums) == WH_OK &&
	       sums.healed + sums.refused + sums.dangerous == 0;
	wh_hive_close(hive);
	sim_fini(&copy);
	further++;
	return good || fail(why, size, "cannot be changed further");
}

static bool
look(const struct replacing *r, const struct sim_disk *disk, size_t count, enum sim_luck luck,
     uint64_t *seed, char *why, size_t size)
{
	struct sim_disk left;
	enum outcome outcome;
	bool good;

	sim_crash(disk, count, luck, seed, &left);
	outcome = outcome_of(r, &left, why, size);
	olds += outcome == IS_OLD;
	news += outcome == IS_NEW;
	good = outcome == IS_OLD || (outcome == IS_NEW && is_safe_from_logs(&left, why, size) &&
				     (sim_random(seed) % 8 != 0 || goes_on(&left, why, size)));
	sim_fini(&left);
	return good;
}

/* --------------------------------------------------------------------- crashes */

/* Every log of the old hive that is one has an earlier number, and so has each of its entries. */
static bool
is_the_latest(const struct replacing *r)
{
	const struct regf_base *base = (const struct regf_base *)r->new.bytes;
	uint32_t sequence = le32_get(base->sequence1);
	bool latest = whi_base_clean(base);
	struct sim_disk copy;
	struct wh_hive *hive;

	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++) {
		const struct sim_file *log = &r->c.disk.now[id];
		const struct regf_base *of_log = (const struct regf_base *)log->bytes;

		if (log->size >= REGF_SECTOR && whi_base_sound(of_log) && whi_base_clean(of_log))
			latest &= whi_is_later(sequence, le32_get(of_log->sequence1));
	}
	sim_copy(&r->c.disk, &copy);
	hive = open_it(&copy);
	for (size_t i = 0; i < hive->log_count; i++)
		for (size_t k = 0; k < hive->logs[i].entry_count; k++)
			latest &= whi_is_later(sequence, hive->logs[i].entries[k].sequence);
	wh_hive_close(hive);
	sim_fini(&copy);
	return latest;
}

static bool
is_finished(struct replacing *r, const struct sim_disk *disk, char *why, size_t size)
{
	size_t len;
	const uint8_t *bytes = wh_hive_bytes(r->with, &len);
	enum { AFTER_TIME = 28 }; /* of a hive bin */

	r->new = disk->now[WHI_FILE_HIVE];
	if (r->new.size != len ||
	    memcmp(r->new.bytes + WH_BINS + AFTER_TIME, bytes + WH_BINS + AFTER_TIME,
		   len - WH_BINS - AFTER_TIME) != 0)
		return fail(why, size, "is not the repaired hive");
	if (disk->now[WHI_FILE_NEW].there)
		return fail(why, size, "left a file");
	if (!has_no_log(r, disk))
		return fail(why, size, "did not empty the logs, or made some");
	return is_the_latest(r) || fail(why, size, "has a wrong sequence number");
}

static bool
crash_everywhere(const struct replacing *r, const struct sim_disk *disk, char *why, size_t size)
{
	uint64_t seed = r->c.seed;

	for (size_t i = 0; i <= disk->count; i++) {
		points += 2;
		if (!look(r, disk, i, SIM_NOTHING, &seed, why, size) ||
		    !look(r, disk, i, SIM_ALL, &seed, why, size))
			return false;
	}
	for (size_t i = 0; i < samples; i++) {
		sampled++;
		if (!look(r, disk, sim_random(&seed) % (disk->count + 1), SIM_ANY, &seed, why,
			  size))
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------------- faults */

struct fault {
	size_t at;
	bool from, half;
	enum wh_status with;
};

/* What the status and the report say is what is there. */
static bool
is_as_said(const struct replacing *r, const struct sim_disk *disk, const struct fault *fault,
	   enum wh_status st, const struct wh_commit_report *report, char *why, size_t size)
{
	enum outcome outcome = outcome_of(r, disk, why, size);

	if (st != (report->log_left ? WH_OK : fault->with))
		return fail(why, size, wh_status_name(st));
	if (outcome != (report->log_left || report->in_place ? IS_NEW : IS_OLD))
		return fail(why, size, "is not what the report says");
	if (report->in_place && !has_old_logs(r, disk))
		return fail(why, size, "the old hive may come back, but its logs are gone");
	if (!fault->from && disk->now[WHI_FILE_NEW].there)
		return fail(why, size, "left a file");
	return true;
}

static bool
can_be_repeated(struct replacing *r, struct sim_disk *disk, struct wh_hive *hive, char *why,
		size_t size)
{
	enum wh_status st;

	again++;
	disk->fail_at = SIZE_MAX;
	st = wh_hive_replace(hive, r->with, NULL, NULL);
	if (st != WH_OK)
		return fail(why, size, wh_status_name(st));
	return (same_file(&disk->now[WHI_FILE_HIVE], &r->new) && has_no_log(r, disk)) ||
	       fail(why, size, "is not the new hive after a second try");
}

static bool
try(struct replacing *r, const struct fault *fault, bool *done, char *why, size_t size)
{
	struct wh_commit_report report;
	struct sim_disk disk;
	struct wh_hive *hive;
	enum wh_status st;
	uint64_t seed = r->c.seed + fault->at;
	bool good = true;

	sim_copy(&r->c.disk, &disk);
	hive = open_it(&disk);
	disk.fail_at = fault->at;
	disk.fail_from = fault->from;
	disk.fail_half = fault->half;
	disk.with = fault->with;
	st = wh_hive_replace(hive, r->with, NULL, &report);
	*done = disk.failed == 0;
	if (!*done) {
		faults++;
		log_left += report.log_left;
		in_place += report.in_place;
		good = is_as_said(r, &disk, fault, st, &report, why, size);
		for (int i = 0; i < 6 && good; i++)
			good = look(r, &disk, sim_random(&seed) % (disk.count + 1), SIM_ANY, &seed,
				    why, size);
		if (good && !fault->from && !report.log_left && !report.in_place)
			good = can_be_repeated(r, &disk, hive, why, size);
		else if (good && wh_hive_replace(hive, r->with, NULL, NULL) == WH_OK)
			good = fail(why, size, "a second try says that it was done");
	}
	wh_hive_close(hive);
	sim_fini(&disk);
	return good;
}

static bool
fail_everywhere(struct replacing *r, char *why, size_t size)
{
	for (unsigned kind = 0; kind < 4; kind++) {
		struct fault fault = { .from = kind & 1,
				       .half = kind & 2,
				       .with = kind & 1 ? WH_E_DISK_FULL : WH_E_IO };
		bool done = false;

		for (; !done; fault.at++)
			if (!try(r, &fault, &done, why, size)) {
				size_t len = strlen(why);

				snprintf(why + len, size - len, " (call %zu fails%s%s)", fault.at,
					 fault.from ? ", and all that follow" : "",
					 fault.half ? ", by half" : "");
				return false;
			}
	}
	return true;
}

/* ----------------------------------------------------------------------- cases */

static bool
replace(struct replacing *r, char *why, size_t size)
{
	struct wh_commit_report report;
	struct sim_disk disk;
	struct wh_hive *hive;
	enum wh_status st;
	bool good;

	sim_copy(&r->c.disk, &disk);
	hive = open_it(&disk);
	st = wh_hive_replace(hive, r->with, NULL, &report);
	wh_hive_close(hive);
	good = st == WH_OK && !report.log_left && !report.in_place && disk.closed;
	if (!good)
		fail(why, size, wh_status_name(st));
	good = good && is_finished(r, &disk, why, size) && is_safe_from_logs(&disk, why, size) &&
	       goes_on(&disk, why, size) && crash_everywhere(r, &disk, why, size) &&
	       fail_everywhere(r, why, size);
	sim_fini(&disk);
	return good;
}

/* Hives that do not open, or cannot be repaired, are those of tests/data/test_repair.c. */
static void
run(struct replacing *r)
{
	struct sim_disk copy;
	struct wh_hive *hive;
	char why[300] = "";

	sim_copy(&r->c.disk, &copy);
	hive = open_it(&copy);
	if (hive && wh_hive_repair(hive, NULL, NULL, &r->with, NULL) == WH_OK)
		tap_case(replace(r, why, sizeof why), r->c.name, "%s", why);
	wh_hive_close(hive);
	wh_hive_close(r->with);
	sim_fini(&copy);
	sim_fini(&r->c.disk);
}

static void
replace_broken(const char *path, const char *name)
{
	struct replacing r = { .c.seed = next_kind };
	size_t len;
	uint8_t *bytes = read_file(path, &len);

	sim_init(&r.c.disk);
	sim_set(&r.c.disk, WHI_FILE_HIVE, bytes, len);
	free(bytes);
	snprintf(r.c.name, sizeof r.c.name, "%s", name);
	if (len > WH_BINS)
		case_set_logs(&r.c, next_kind++ % LOG_KINDS);
	run(&r);
}

static void
replace_with_logs(const char *folder, const char *name)
{
	static const char *const suffixes[] = { "", ".LOG1", ".LOG2", ".LOG" };
	struct replacing r = { .c.seed = next_kind++ };
	char file[256];

	sim_init(&r.c.disk);
	for (int id = 0; id < WHI_FILE_COUNT; id++) {
		size_t len;
		uint8_t *bytes;
		char *path;

		snprintf(file, sizeof file, "logs/%s/%s%s", folder, name, suffixes[id]);
		path = data_path(file);
		bytes = read_file(path, &len);
		if (bytes)
			sim_set(&r.c.disk, (enum whi_file_id)id, bytes, len);
		free(bytes);
		free(path);
	}
	snprintf(r.c.name, sizeof r.c.name, "%s", folder);
	run(&r);
}

int
main(int argc, char **argv)
{
	struct table table;
	char *fields[2];

	if (argc > 1)
		samples = strtoul(argv[1], NULL, 10);
	each_hive("broken", replace_broken);
	if (!table_open(&table, "logs/expected.tsv"))
		return 1;
	while (table_next(&table, fields, 2))
		replace_with_logs(fields[0], fields[1]);
	table_close(&table);
	printf("# %zu points, %zu samples: old %zu, new %zu; %zu changed further; %zu faults: a "
	       "log "
	       "left after %zu, in place after %zu, %zu repeated\n",
	       points, sampled, olds, news, further, faults, log_left, in_place, again);
	return tap_done();
}
