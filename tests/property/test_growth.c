/* SPDX-License-Identifier: MIT */
/*
 * Twice as many keys, values or bytes cost at most twice the memory and a little, and no
 * more allocations than before: cost is counted, not timed.
 */
#include "hive_builder.h"
#include "reading.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF = 500, SLACK = 16384 };

typedef void build_fn(struct builder *b, uint32_t root, size_t n);

/* Lists of up to 500, below an ri if there are several. */
static void
many_keys(struct builder *b, uint32_t root, size_t n)
{
	uint32_t *keys = malloc(n * sizeof *keys), leaves[256], list;
	size_t count = 0;
	char name[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "k%07zu", i);
		keys[i] = builder_key(b, root, name);
	}
	for (size_t i = 0; i < n; i += LEAF)
		leaves[count++] = builder_list(b, "lh", keys + i, n - i < LEAF ? n - i : LEAF);
	list = count > 1 ? builder_list(b, "ri", leaves, count) : leaves[0];
	builder_set_list(b, root, list, (uint32_t)n);
	free(keys);
}

static void
many_values(struct builder *b, uint32_t root, size_t n)
{
	uint32_t *values = malloc(n * sizeof *values);
	char name[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "v%07zu", i);
		values[i] = builder_value(b, name, WH_REG_BINARY, name, 8);
	}
	builder_set_values(b, root, values, n);
	free(values);
}

static void
one_large_value(struct builder *b, uint32_t root, size_t n)
{
	uint8_t *data = calloc(n, 100);
	uint32_t value = builder_value(b, "value", WH_REG_BINARY, data, n * 100);

	builder_set_values(b, root, &value, 1);
	free(data);
}

static void
long_names(struct builder *b, uint32_t root, size_t n)
{
	uint32_t key, list;
	char name[256];

	memset(name, 'n', 255);
	name[255] = '\0';
	for (size_t i = 0; i < n / 200; i++) {
		key = builder_key(b, root, name);
		list = builder_list(b, "lh", &key, 1);
		builder_set_list(b, root, list, 1);
		root = key;
	}
}

struct cost {
	size_t file, peak, calls;
	bool sound;
};

/* What it takes to open, read and look up all of it. */
static struct cost
cost_of(build_fn *build, size_t n)
{
	struct builder b;
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct issues issues = { 0 };
	struct wh_options options = { .allocator = &allocator,
				      .issue = see_issue,
				      .issue_ctx = &issues };
	struct wh_hive *hive;
	struct wh_key found;
	struct cost cost;
	uint64_t digest;
	uint32_t root;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	build(&b, root, n);
	hive = builder_open(&b, &options);
	cost.sound = read_everything(hive, &digest) == WH_OK && issues.count == 0 &&
		     wh_key_subkey(wh_hive_root(hive), "no such", WH_NTS, &found) == WH_E_NOT_FOUND;
	wh_hive_close(hive);
	cost.file = b.size;
	cost.peak = meter.peak;
	cost.calls = meter.calls;
	cost.sound = cost.sound && meter.now == 0;
	builder_fini(&b);
	return cost;
}

static void
check(const char *name, build_fn *build)
{
	struct cost last = cost_of(build, 2000);

	for (size_t n = 4000; n <= 64000; n *= 2) {
		struct cost now = cost_of(build, n);
		char text[64];

		snprintf(text, sizeof text, "%s: %zu", name, n);
		tap_case(now.sound && now.peak <= 2 * last.peak + SLACK &&
				 now.calls <= last.calls + 4 && now.peak <= 3 * now.file + SLACK,
			 text, "sound %d, %zu bytes after %zu, %zu calls after %zu, file of %zu",
			 now.sound, now.peak, last.peak, now.calls, last.calls, now.file);
		last = now;
	}
}

/*
 * What it takes to repair all of it, once every list is lost, so that the keys themselves have to
 * say where they belong.  'calls' are the allocations.
 */
static struct cost
cost_of_repair(build_fn *build, size_t n)
{
	struct builder b;
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options options = { .flags = WH_OPEN_SALVAGE, .allocator = &allocator };
	struct wh_hive *hive, *repaired = NULL;
	struct wh_repair_report report;
	struct wh_check sums = { 0 };
	struct cost cost;
	uint32_t root;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	build(&b, root, n);
	builder_set_list(&b, root, 0x7ffffff0, (uint32_t)n);
	hive = builder_open(&b, &options);
	cost.sound = wh_hive_repair(hive, NULL, &options, &repaired, &report) == WH_OK;
	cost.file = b.size;
	cost.peak = meter.peak;
	cost.calls = meter.calls;
	cost.sound = cost.sound && report.dropped_keys == 0 &&
		     wh_hive_check(repaired, NULL, NULL, &sums) == WH_OK && sums.keys > 1 &&
		     sums.healed + sums.refused + sums.dangerous == 0;
	wh_hive_close(repaired);
	wh_hive_close(hive);
	cost.sound = cost.sound && meter.now == 0;
	builder_fini(&b);
	return cost;
}

/* Tables grow by doubling: a few calls more each time, and up to an eighth that is not used. */
static void
check_repair(const char *name, build_fn *build)
{
	struct cost last = cost_of_repair(build, 2000);

	for (size_t n = 4000; n <= 32000; n *= 2) {
		struct cost now = cost_of_repair(build, n);
		char text[64];

		snprintf(text, sizeof text, "repair of %s: %zu", name, n);
		tap_case(now.sound && now.peak <= 2 * last.peak + last.peak / 8 + SLACK &&
				 now.calls <= last.calls + 8 &&
				 now.peak <= 5 * now.file + 4 * SLACK,
			 text, "sound %d, %zu bytes after %zu, %zu calls after %zu, file of %zu",
			 now.sound, now.peak, last.peak, now.calls, last.calls, now.file);
		last = now;
	}
}

int
main(void)
{
	check_repair("keys", many_keys);
	check_repair("long names", long_names);

	check("keys", many_keys);
	check("values", many_values);
	check("one value", one_large_value);
	check("depth and length of names", long_names);
	return tap_done();
}
