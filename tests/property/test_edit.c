/* SPDX-License-Identifier: MIT */
/*
 * Random operations on hives and on a model of them: every status, every byte that may not
 * change, every rule of the format, and all that is read back.
 *
 *	property_edit					a few seconds, for CI
 *	property_edit SEEDS OPERATIONS [FIRST [FOLDER]]	seeds FIRST and on; hives for other readers
 *	property_edit --hive FILE SEED OPERATIONS	from a hive that is there
 *	property_edit --look SEED OPERATIONS		one seed, all compared after each operation
 *
 * What a seed does is the same each time: to find the operation that went wrong, look.
 */
#include "edit_world.h"
#include "files.h"
#include "tap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hungry[MAX_KINDS], failed[MAX_KINDS], total_saved, total_commits;
static bool look;

/* How a seed is to be run follows from its number. */
static void
run(uint64_t seed, uint64_t ops, const char *file, const char *folder)
{
	static struct world w;
	char name[200];
	bool fine;

	w = (struct world){ .seed = seed, .ops = ops, .file = file, .save = folder, .look = look };
	w.minor = 2 + (uint32_t)(seed % 5);
	w.wide = seed % 4 == 1;
	w.commits = seed % 3 == 2 && !file;
	w.crowd = w.wide ? 1600 : seed % 3 == 0 ? 250 : 60;
	w.every = w.wide ? 8 : 1;
	w.fails = w.wide ? 40 : 4;
	fine = world_run(&w);
	for (int i = 0; i < MAX_KINDS; i++) {
		hungry[i] += w.hungry[i];
		failed[i] += w.failed[i];
	}
	total_saved += w.saved;
	total_commits += w.committed;
	snprintf(name, sizeof name, "seed %" PRIu64 ": 1.%u, %s%" PRIu64 " operations", seed,
		 w.minor, w.wide ? "wide, " : "", ops);
	tap_case(fine, file ? file : name, "seed %" PRIu64 ", step %" PRIu64 ": %s: %s", seed,
		 w.step, w.story, w.why);
}

static void
run_file(const char *path, const char *name)
{
	/* Cells of version 1.1 are not written. */
	if (strcmp(name, "version-1.1.hive") != 0)
		run(11, 300, path, NULL);
}

/* Nobody but a check of the whole hive looks at what is wrong with it. */
static bool
is_odd_only(const char *name)
{
	struct table table;
	char *fields[5];
	bool odd = false;

	if (!table_open(&table, "broken/expected.tsv"))
		abort();
	while (!odd && table_next(&table, fields, 5))
		odd = strcmp(fields[0], name) == 0 && !fields[1][0] && !fields[4][0] &&
		      strcmp(fields[3], "yes") == 0;
	table_close(&table);
	return odd;
}

/* The judge is judged: there is no broken hive that he finds nothing wrong with. */
static void
run_broken(const char *path, const char *name)
{
	struct invariants inv = { 0 };
	size_t size;
	uint8_t *bytes;
	bool found;

	if (is_odd_only(name))
		return;
	bytes = read_file(path, &size);
	found = bytes && !invariants_sound(&inv, bytes, size);

	/* They are made from a hive with one cell that nobody refers to. */
	for (int i = 0; i < ODD_COUNT; i++)
		found = found || inv.odd[i] > (i == ODD_UNREACHED);
	tap_case(found, name, "is found to be sound");
	invariants_free(&inv);
	free(bytes);
}

/* Has each operation been made without memory, often enough to meet each of its allocations? */
static void
report_failures(bool judge)
{
	uint64_t total = 0;

	for (int i = 0; kind_name(i); i++) {
		total += failed[i];
		if (judge)
			tap_case(hungry[i] >= 20 && failed[i] >= 3, kind_name(i),
				 "made %" PRIu64 " times with failing allocations, %" PRIu64
				 " of which failed",
				 hungry[i], failed[i]);
	}
	printf("# %" PRIu64 " failed allocations, %" PRIu64 " commits, %" PRIu64 " hives saved\n",
	       total, total_commits, total_saved);
}

int
main(int argc, char **argv)
{
	uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 12;
	uint64_t ops = argc > 2 ? strtoull(argv[2], NULL, 10) : 1500;
	uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;

	if (argc > 4 && strcmp(argv[1], "--hive") == 0) {
		run(strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10), argv[2], NULL);
		return tap_done();
	}
	if (argc > 3 && strcmp(argv[1], "--look") == 0) {
		look = true;
		run(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10), NULL, NULL);
		return tap_done();
	}
	for (uint64_t seed = first; seed < first + seeds; seed++)
		run(seed, ops, NULL, argc > 4 ? argv[4] : NULL);
	if (argc == 1) {
		each_hive("good", run_file);
		each_hive("broken", run_broken);
	}
	report_failures(argc == 1);
	return tap_done();
}
