/* SPDX-License-Identifier: MIT */
/*
 * Commits on a disk that stops: after each call and in each of several ways what is left is the
 * hive as it was or as it was to be, and can be changed further.
 *
 *	test_crash [COMMITS SAMPLES [FOLDER]]
 *
 * COMMITS of them, each with SAMPLES of what a crash may leave beside the two that are always
 * looked at: nothing but what was synced, and all of it.  A sample of what is left is put into
 * FOLDER, for other readers of logs.
 */
#include "commits.h"

#include "hive/base_block.h"
#include "hive/log.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

struct tally {
	size_t points, samples, old, new, further;
};

static const char *folder;

static void
save(const char *name, const void *bytes, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
		abort();
}

/* For other readers: the files, and the bins as they may be. */
static void
save_sample(const struct commit_case *c, const struct sim_disk *disk, size_t commit, size_t sample)
{
	static const char *const suffixes[] = { "", ".LOG1", ".LOG2", ".LOG" };
	char name[128];

	for (int id = 0; id < WHI_FILE_COUNT; id++)
		if (disk->now[id].there) {
			snprintf(name, sizeof name, "%04zu-%05zu%s", commit, sample, suffixes[id]);
			save(name, disk->now[id].bytes, disk->now[id].size);
		}
	if (sample == 0) {
		snprintf(name, sizeof name, "%04zu.old", commit);
		save(name, c->before.bins, c->before.len);
		snprintf(name, sizeof name, "%04zu.new", commit);
		save(name, c->after.bins, c->after.len);
	}
}

static bool
look(struct commit_case *c, const struct sim_disk *disk, size_t count, enum sim_luck luck,
     uint64_t *seed, struct tally *tally, char *why, size_t size)
{
	struct sim_disk left;
	enum outcome outcome;
	bool good;

	sim_crash(disk, count, luck, seed, &left);
	if (folder)
		save_sample(c, &left, (size_t)(c->seed / 7919), tally->points + tally->samples);
	outcome = case_look(c, &left, why, size);
	tally->old += outcome == IS_OLD;
	tally->new += outcome == IS_NEW;
	good = outcome != IS_BAD;
	if (good && sim_random(seed) % 4 == 0) {
		left.closed = false;
		good = case_goes_on(c, &left, why, size);
		tally->further++;
	}
	sim_fini(&left);
	return good;
}

/* A clean hive and its logs have no sequence number that is not earlier than this. */
static bool
is_the_latest(const struct commit_case *c, le32 sequence)
{
	for (int id = 0; id < WHI_FILE_COUNT && c->state == WH_CLEAN; id++) {
		const struct regf_base *base = (const struct regf_base *)c->disk.now[id].bytes;

		if (c->disk.now[id].size >= REGF_SECTOR && whi_base_sound(base) &&
		    !whi_is_later(le32_get(sequence), le32_get(base->sequence1)))
			return false;
	}
	return true;
}

/* Once all is done: the new state, clean, and logs empty or gone as they were. */
static bool
is_finished(struct commit_case *c, struct sim_disk *disk, char *why, size_t size)
{
	struct sim_disk left;
	const struct regf_base *base = (const struct regf_base *)disk->now[WHI_FILE_HIVE].bytes;
	enum outcome outcome;

	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		if (disk->now[id].there != c->disk.now[id].there || disk->now[id].size > 0) {
			snprintf(why, size, "a log is not as it should be after the commit");
			return false;
		}
	if (!whi_base_clean(base) || !is_the_latest(c, base->sequence1)) {
		snprintf(why, size, "has wrong sequence numbers after the commit");
		return false;
	}
	sim_copy(disk, &left);
	outcome = case_look(c, &left, why, size);
	sim_fini(&left);
	if (outcome == IS_OLD)
		snprintf(why, size, "is as it was after the commit");
	return outcome == IS_NEW || outcome == IS_BOTH;
}

static bool
crash(struct commit_case *c, size_t samples, struct tally *tally, char *why, size_t size)
{
	struct wh_commit_report report;
	struct sim_disk disk;
	struct wh_hive *hive;
	uint64_t seed = c->seed + 1;
	size_t i = 0, at = 0;
	enum wh_status st;
	bool good;

	sim_copy(&c->disk, &disk);
	hive = case_change(c, &disk);
	st = case_commit(c, hive, &report);
	wh_hive_close(hive);
	good = st == WH_OK && !report.in_log && disk.closed;
	if (!good)
		snprintf(why, size, "the commit failed: %s", wh_status_name(st));
	good = good && is_finished(c, &disk, why, size);
	for (i = 0; i <= disk.count && good; i++) {
		at = i;
		good = look(c, &disk, i, SIM_NOTHING, &seed, tally, why, size) &&
		       look(c, &disk, i, SIM_ALL, &seed, tally, why, size);
		tally->points += 2;
	}
	for (i = 0; i < samples && good; i++) {
		at = sim_random(&seed) % (disk.count + 1);
		good = look(c, &disk, at, SIM_ANY, &seed, tally, why, size);
		tally->samples++;
	}
	if (!good) {
		size_t len = strlen(why);

		snprintf(why + len, size - len, " (after %zu of %zu calls)", at, disk.count);
	}
	sim_fini(&disk);
	return good;
}

int
main(int argc, char **argv)
{
	size_t commits = argc > 2 ? strtoul(argv[1], NULL, 10) : 45;
	size_t samples = argc > 2 ? strtoul(argv[2], NULL, 10) : 20;
	struct tally tally = { 0 };

	folder = argc > 3 ? argv[3] : NULL;
	for (size_t i = 0; i < commits; i++) {
		struct tally one = { 0 };
		struct commit_case c;
		char why[300] = "";

		case_make(&c, i);
		tap_case(crash(&c, samples, &one, why, sizeof why), c.name, "%s", why);
		case_fini(&c);
		tally.points += one.points;
		tally.samples += one.samples;
		tally.old += one.old;
		tally.new += one.new;
		tally.further += one.further;
	}
	printf("# %zu commits: %zu points, %zu samples; old %zu, new %zu; %zu changed further\n",
	       commits, tally.points, tally.samples, tally.old, tally.new, tally.further);
	return tap_done();
}
