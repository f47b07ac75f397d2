/* SPDX-License-Identifier: MIT */
/*
 * Commits on a disk that fails: at each call in turn, once or from then on, a write not done at
 * all or by half.  The error is reported, what is left is the hive as it was or, if the report
 * says so, as it was to be; and so it is if the power fails then.
 *
 *	test_fault [COMMITS]
 */
#include "commits.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

struct fault {
	size_t at;
	bool from, half;
	enum wh_status with;
};

static size_t faults, in_log, log_left, repeated;

static bool
fail(char *why, size_t size, const char *text)
{
	if (why[0] == '\0')
		snprintf(why, size, "%s", text);
	return false;
}

/* What programs see, and what a crash leaves. */
static bool
leaves_one_of_two(struct commit_case *c, const struct sim_disk *disk, bool new, char *why,
		  size_t size)
{
	uint64_t seed = c->seed;
	struct sim_disk left;
	enum outcome outcome;

	sim_copy(disk, &left);
	outcome = case_look(c, &left, why, size);
	sim_fini(&left);
	if (outcome == IS_BAD || (outcome != IS_BOTH && (outcome == IS_NEW) != new))
		return fail(why, size,
			    new ? "is as it was, though the log has all"
				: "is not as it was, and nobody says so");
	for (int i = 0; i < 6; i++) {
		size_t count = i < 3 ? disk->count : sim_random(&seed) % (disk->count + 1);

		sim_crash(disk, count, i == 0 ? SIM_NOTHING : SIM_ANY, &seed, &left);
		outcome = case_look(c, &left, why, size);
		sim_fini(&left);
		if (outcome == IS_BAD)
			return fail(why, size, "is neither after a crash");
	}
	return true;
}

/* What failed once is undone to the last byte; logs that were there are empty at most. */
static bool
is_undone(const struct commit_case *c, const struct sim_disk *disk, char *why, size_t size)
{
	const struct sim_file *was = &c->disk.now[WHI_FILE_HIVE], *is = &disk->now[WHI_FILE_HIVE];

	if (c->state != WH_CLEAN)
		return true;
	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		if (disk->now[id].there != c->disk.now[id].there)
			return fail(why, size, "leaves a log that was not there");
	return (was->size == is->size && memcmp(was->bytes, is->bytes, is->size) == 0) ||
	       fail(why, size, "the hive is not as it was, byte for byte");
}

/* The disk works again: the changes are still in memory. */
static bool
can_be_repeated(struct commit_case *c, struct sim_disk *disk, struct wh_hive *hive, char *why,
		size_t size)
{
	struct wh_commit_report report;
	struct sim_disk left;
	enum outcome outcome;
	enum wh_status st;

	disk->fail_at = SIZE_MAX;
	disk->fail_from = false;
	st = case_commit(c, hive, &report);
	if (st != WH_OK)
		return fail(why, size, wh_status_name(st));
	sim_copy(disk, &left);
	outcome = case_look(c, &left, why, size);
	sim_fini(&left);
	repeated++;
	return outcome == IS_NEW || outcome == IS_BOTH ||
	       fail(why, size, "is not as it was to be after a second try");
}

/* '*done' if there was nothing left to fail. */
static bool
try(struct commit_case *c, const struct fault *fault, bool *done, char *why, size_t size)
{
	struct wh_commit_report report;
	struct sim_disk disk;
	struct wh_hive *hive;
	enum wh_status st;
	bool good = true;

	sim_copy(&c->disk, &disk);
	hive = case_change(c, &disk);
	disk.fail_at = fault->at;
	disk.fail_from = fault->from;
	disk.fail_half = fault->half;
	disk.with = fault->with;
	st = case_commit(c, hive, &report);
	*done = disk.failed == 0;
	if (!*done) {
		faults++;
		in_log += report.in_log;
		log_left += report.log_left;
		if (st != (report.log_left ? WH_OK : fault->with))
			good = fail(why, size, wh_status_name(st));
		good = good &&
		       leaves_one_of_two(c, &disk, report.in_log || report.log_left, why, size);
		if (good && !fault->from && !report.in_log && !report.log_left)
			good = is_undone(c, &disk, why, size) &&
			       can_be_repeated(c, &disk, hive, why, size);
	}
	wh_hive_close(hive);
	sim_fini(&disk);
	return good;
}

static bool
fail_everywhere(struct commit_case *c, char *why, size_t size)
{
	for (unsigned kind = 0; kind < 4; kind++) {
		struct fault fault = { .from = kind & 1,
				       .half = kind & 2,
				       .with = kind & 1 ? WH_E_DISK_FULL : WH_E_IO };
		bool done = false;

		for (; !done; fault.at++)
			if (!try(c, &fault, &done, why, size)) {
				size_t len = strlen(why);

				snprintf(why + len, size - len, " (call %zu fails%s%s)", fault.at,
					 fault.from ? ", and all that follow" : "",
					 fault.half ? ", by half" : "");
				return false;
			}
	}
	return true;
}

int
main(int argc, char **argv)
{
	size_t commits = argc > 1 ? strtoul(argv[1], NULL, 10) : 30;

	for (size_t i = 0; i < commits; i++) {
		struct commit_case c;
		char why[300] = "";

		case_make(&c, i);
		tap_case(fail_everywhere(&c, why, sizeof why), c.name, "%s", why);
		case_fini(&c);
	}
	printf("# %zu faults: the log had all after %zu, done but a log left after %zu; %zu "
	       "commits "
	       "repeated\n",
	       faults, in_log, log_left, repeated);
	return tap_done();
}
