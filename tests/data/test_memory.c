/* SPDX-License-Identifier: MIT */
/*
 * Allocation number n fails, for every n: the answer is WH_E_MEMORY, nothing is lost, and
 * when there is enough again the hive says what it always said.
 */
#include "files.h"
#include "reading.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static enum wh_status
add_text(struct wh_value value, uint64_t *digest)
{
	static char buf[1 << 20];
	size_t len, count;
	enum wh_status st = wh_value_string(value, buf, sizeof buf, &len);

	if (st == WH_OK)
		*digest = digest_add(*digest, buf, len);
	if (st == WH_E_MEMORY)
		return st;
	st = wh_value_strings(value, buf, sizeof buf, &len, &count);
	if (st == WH_OK)
		*digest = digest_add(*digest, buf, len);
	return st == WH_E_MEMORY ? st : WH_OK;
}

/* A name too long to be kept without allocation, and the values of the first keys as text. */
static enum wh_status
look_up(struct wh_hive *hive, uint64_t *digest)
{
	char name[300];
	struct wh_key root = wh_hive_root(hive), found;
	struct wh_value value;
	struct wh_walk_key key;
	struct wh_walk *walk;
	enum wh_status st, memory = WH_OK;

	memset(name, 'x', sizeof name);
	st = wh_key_subkey(root, name, sizeof name, &found);
	if (st == WH_E_MEMORY)
		return st;
	st = wh_key_value(root, name, sizeof name, &value);
	if (st == WH_E_MEMORY)
		return st;
	st = wh_walk_new(root, &walk);
	for (int i = 0; i < 20 && st == WH_OK; i++) {
		st = wh_walk_next(walk, &key);
		for (uint32_t j = 0; st == WH_OK && memory == WH_OK && j < 16; j++)
			if (wh_key_value_at(key.key, j, &value) == WH_OK)
				memory = add_text(value, digest);
		if (memory != WH_OK)
			st = memory;
	}
	wh_walk_free(walk);
	return st == WH_E_MEMORY ? st : WH_OK;
}

static enum wh_status
use_hive(const char *path, const struct wh_allocator *allocator, uint64_t *digest)
{
	struct issues issues = { 0 };
	struct wh_options options = { .issue = see_issue,
				      .issue_ctx = &issues,
				      .allocator = allocator };
	struct wh_hive *hive;
	enum wh_status st = wh_hive_open(path, &options, &hive);

	*digest = 0;
	if (st != WH_OK)
		return hive ? WH_E_INVALID : st;
	st = read_everything(hive, digest);
	if (st == WH_OK)
		st = look_up(hive, digest);
	wh_hive_close(hive);
	return st;
}

static void
check(const char *name)
{
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	char *path = data_path(name);
	uint64_t due, digest;
	enum wh_status st = use_hive(path, &allocator, &due);
	size_t n, calls = meter.calls;
	bool holds = st == WH_OK && meter.now == 0 && calls > 0;

	for (n = 0; n < calls && holds; n++) {
		allocator = meter_allocator(&meter);
		meter.left = n;
		st = use_hive(path, &allocator, &digest);
		holds = st == WH_E_MEMORY && meter.now == 0 && meter.blocks == 0 &&
			!meter.wrong_size;
	}
	if (holds) {
		allocator = meter_allocator(&meter);
		meter.left = calls;
		st = use_hive(path, &allocator, &digest);
		holds = st == WH_OK && digest == due && meter.now == 0 && !meter.wrong_size;
	}
	tap_case(holds, name, "allocation %zu of %zu: %s; %zu bytes in %zu blocks kept%s", n, calls,
		 wh_status_name(st), meter.now, meter.blocks,
		 meter.wrong_size ? "; given back with another size" : "");
	free(path);
}

int
main(void)
{
	static const char *const hives[] = {
		"good/minimal.hive",
		"good/sample.hive",
		"good/names.hive",
		"good/values-1.5.hive",
		"good/values-1.3.hive",
		"good/version-1.1.hive",
		"good/deep.hive",
		"broken/list-order.swapped.hive",
		"broken/root-cell.nil.hive",
		"logs/new-two-logs/SYSTEM",
		"logs/new-growth/SYSTEM",
		"logs/new-bad-bin/SYSTEM",
		"logs/old-two-logs/SYSTEM",
		"logs/old-base-broken/SYSTEM",
		"logs/mixed-types/SYSTEM",
		"logs/case-of-letters/NTUSER.DAT",
	};

	for (size_t i = 0; i < sizeof hives / sizeof *hives; i++)
		check(hives[i]);
	return tap_done();
}
