/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a hive: open, walk everything, look up what was found, check it.
 *
 * Holds: what is lent lies inside the file; two walks and two opens agree; without logs the
 * bytes stay as they are; issues point into the file; a key can be found by its own name;
 * memory is bounded by the size of the file; a check finds no more than the file can hold, changes
 * nothing, and finds something above a note if the walk does; a hive that is looked through as far
 * as it is asked for gives what one does that was looked through at once; of a file with parts that
 * cannot be read nothing is lent that touches them, it is read twice as the same, and not saved.
 */
#include "fuzz.h"

#include <string.h>

/* Besides the image there are bit maps, a frame for each level, and one path. */
enum { MEMORY_FACTOR = 2, MEMORY_FIXED = 4 << 20, LOOKUPS = 64 };
enum { FINDINGS_FIXED = 64 };

struct seen {
	uint64_t size;
	unsigned issues;
	bool worse; /* than a note */
	uint64_t findings, sum;
};

static void
see_issue(void *ctx, const struct wh_issue *issue)
{
	struct seen *seen = ctx;

	seen->issues++;
	seen->worse |= issue->grade != WH_NOTE;
	HOLDS(issue->id && issue->rule && issue->text && strlen(issue->text) < 512);
	HOLDS(issue->log == -1);
	HOLDS(issue->offset <= seen->size);
}

static void
see_finding(void *ctx, const struct wh_finding *finding)
{
	struct seen *seen = ctx;

	seen->findings++;
	HOLDS(finding->issue.id && finding->issue.text && strlen(finding->issue.text) < 512);
	HOLDS(finding->issue.offset <= seen->size);
	HOLDS(finding->path || finding->path_len == 0);
	for (size_t i = 0; i < finding->path_len; i++)
		seen->sum += (uint8_t)finding->path[i];
}

static uint64_t
above_notes(const struct wh_check *check)
{
	return check->healed + check->refused + check->dangerous;
}

/* 'worse': reading it has reported something above a note. */
static void
check(struct wh_hive *hive, struct seen *seen, bool worse)
{
	struct wh_check first, second;
	unsigned issues = seen->issues;

	HOLDS(wh_hive_check(hive, see_finding, seen, &first) == WH_OK);
	HOLDS(seen->issues == issues);
	HOLDS(seen->findings == first.notes + above_notes(&first));
	HOLDS(seen->findings <= FINDINGS_FIXED + seen->size);
	HOLDS(above_notes(&first) > 0 || !worse);
	HOLDS(wh_hive_check(hive, NULL, NULL, &second) == WH_OK);
	HOLDS(memcmp(&first, &second, sizeof first) == 0);
}

static void
look_up(struct wh_hive *hive)
{
	char name[3 * 65536], other[3 * 65536];
	size_t len, other_len;
	struct wh_subkeys it;
	struct wh_key key, found;
	enum wh_status st = wh_subkeys_begin(wh_hive_root(hive), &it);

	for (int i = 0; st != WH_E_NO_MORE && i < LOOKUPS; i++) {
		st = wh_subkeys_next(&it, &key);
		if (st != WH_OK)
			continue;
		HOLDS(wh_key_name(key, name, sizeof name, &len) == WH_OK);
		HOLDS(wh_key_subkey(wh_hive_root(hive), name, len, &found) == WH_OK);
		HOLDS(wh_key_name(found, other, sizeof other, &other_len) == WH_OK);
	}
}

static bool
same_stats(struct wh_hive *hive, struct wh_hive *other)
{
	struct wh_hive_stats a, b;

	wh_hive_stats(hive, &a);
	wh_hive_stats(other, &b);
	return a.length == b.length && a.bins == b.bins && a.bad_bins == b.bad_bins &&
	       a.used_cells == b.used_cells && a.free_cells == b.free_cells &&
	       a.used_bytes == b.used_bytes && a.free_bytes == b.free_bytes && a.tail == b.tail;
}

static void
open_with_bad_parts(const uint8_t *data, size_t size, unsigned flags)
{
	struct seen seen = { .size = size };
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options options = {
		.flags = flags, .issue = see_issue, .issue_ctx = &seen, .allocator = &allocator
	};
	struct medium medium;
	struct wh_source source = medium_source(&medium, data, size);
	struct wh_hive *hive;
	size_t len;

	if (wh_hive_open_source(&source, &options, &hive) == WH_OK) {
		HOLDS(!medium.failed || seen.issues > 0);
		HOLDS(digest_hive(hive) == digest_hive(hive));
		look_up(hive);
		HOLDS((wh_hive_bytes(hive, &len) == NULL) == medium.failed);
		wh_hive_close(hive);
	}
	HOLDS(meter.now == 0);
}

/* The bytes where they are, which is looked through part by part: see WHI_SMALL_PARTS. */
static void
open_later(const uint8_t *data, size_t size, unsigned flags, struct wh_hive *whole)
{
	struct seen seen = { .size = size };
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options options = { .flags = flags | WH_OPEN_LENT,
				      .issue = see_issue,
				      .issue_ctx = &seen,
				      .allocator = &allocator };
	struct wh_hive *hive;

	HOLDS(wh_hive_open_memory(data, size, &options, &hive) == WH_OK);
	look_up(hive);
	HOLDS(digest_hive(hive) == digest_hive(whole));
	HOLDS(same_stats(hive, whole));
	look_up(hive);
	wh_hive_close(hive);
	HOLDS(meter.now == 0);
}

static void
open_twice(const uint8_t *data, size_t size, unsigned flags)
{
	struct seen seen = { .size = size };
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options options = {
		.flags = flags, .issue = see_issue, .issue_ctx = &seen, .allocator = &allocator
	};
	struct wh_hive *hive, *again;
	enum wh_status st = wh_hive_open_memory(data, size, &options, &hive);
	uint64_t digest;
	const void *bytes;
	size_t len;

	if (st != WH_OK) {
		HOLDS(!hive && meter.now == 0);
		HOLDS(st != WH_E_NOT_HIVE || seen.issues > 0);
		return;
	}
	bytes = wh_hive_bytes(hive, &len);
	HOLDS(len == size && memcmp(bytes, data, size) == 0);
	digest = digest_hive(hive);
	HOLDS(digest_hive(hive) == digest);
	check(hive, &seen, seen.worse);
	HOLDS(memcmp(bytes, data, size) == 0 && digest_hive(hive) == digest);
	look_up(hive);
	open_later(data, size, flags, hive);
	HOLDS(meter.peak <= MEMORY_FACTOR * size + MEMORY_FIXED);
	wh_hive_close(hive);
	HOLDS(meter.now == 0);

	/* Without an issue function less is done, but the same is read. */
	HOLDS(wh_hive_open_memory(data, size, NULL, &again) == WH_OK);
	HOLDS(digest_hive(again) == digest);
	wh_hive_close(again);
	open_with_bad_parts(data, size, flags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = exact_copy(data, size);

	open_twice(copy, size, 0);
	fix_checksum(copy, size);
	open_twice(copy, size, WH_OPEN_NO_LOGS);
	free(copy);
	return 0;
}
