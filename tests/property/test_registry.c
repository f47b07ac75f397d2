/* SPDX-License-Identifier: MIT */
/*
 * Calls at random on a registry and on a model of it (registry_world.h).
 *
 *	property_registry				a few seconds, for CI
 *	property_registry SEEDS CALLS [FIRST]		seeds FIRST and on
 *	property_registry --look SEED CALLS		one seed, told, all compared after each call
 */
#define _POSIX_C_SOURCE 200809L
#include "registry_world.h"
#include "tap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t counts[16], starved;

static void
run(uint64_t seed, uint64_t ops, bool look, const char *folder)
{
	static struct registry_world w;
	char name[100];
	bool fine;

	w = (struct registry_world){
		.seed = seed,
		.ops = ops,
		.every = look ? 1 : 16,
		.fails = seed % 2 ? 5 : 0,
		.folder = folder,
		.trace = look,
	};
	fine = registry_world_run(&w);
	for (size_t i = 0; registry_world_kind(i); i++)
		counts[i] += w.counts[i];
	starved += w.starved;
	snprintf(name, sizeof name, "seed %" PRIu64 ", %" PRIu64 " calls", seed, ops);
	tap_case(fine, name, "seed %" PRIu64 ", step %" PRIu64 ": %s: %s", seed, w.step, w.story,
		 w.why);
}

int
main(int argc, char **argv)
{
	bool look = argc > 1 && strcmp(argv[1], "--look") == 0;
	char **args = argv + look;
	int given = argc - look;
	uint64_t seeds = given > 1 && !look ? strtoull(args[1], NULL, 10) : look ? 1 : 24;
	uint64_t ops = given > 2 ? strtoull(args[2], NULL, 10) : 1500;
	uint64_t first = given > 3 ? strtoull(args[3], NULL, 10) : 1;
	char folder[] = "/tmp/winhive-registry-XXXXXX";

	if (look && given > 1)
		first = strtoull(args[1], NULL, 10);
	if (!mkdtemp(folder))
		return 1;
	for (uint64_t seed = first; seed < first + seeds; seed++)
		run(seed, ops, look, folder);
	rmdir(folder);
	for (size_t i = 0; registry_world_kind(i) && argc == 1; i++)
		tap_case(counts[i] >= 20, registry_world_kind(i), "succeeded %" PRIu64 " times",
			 counts[i]);
	if (argc == 1)
		tap_case(starved >= 1000, "without memory", "%" PRIu64 " calls failed", starved);
	printf("# %" PRIu64 " calls failed for want of memory\n", starved);
	return tap_done();
}
