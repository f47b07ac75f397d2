/* SPDX-License-Identifier: MIT */
/*
 * A hive cut at every length, and with one byte changed: opening and reading it ends, reads
 * nothing outside, gives the same twice, and leaves no memory behind.
 */
#include "files.h"
#include "reading.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { FINE = 8192, STEP = 37, SAMPLES = 6000 };

static uint8_t *bytes;
static size_t size;

/* Reads the hive; false if something does not hold. */
static bool
reads(const uint8_t *data, size_t len)
{
	struct issues issues = { 0 };
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options options = { .issue = see_issue,
				      .issue_ctx = &issues,
				      .allocator = &allocator };
	struct wh_hive *hive;
	struct wh_key found;
	uint64_t digest, again;
	enum wh_status st = wh_hive_open_memory(data, len, &options, &hive);
	bool same;

	if (st != WH_OK)
		return !hive && issues.count > 0 && meter.now == 0 && !meter.wrong_size;
	st = read_everything(hive, &digest);
	same = st == WH_OK && read_everything(hive, &again) == WH_OK && digest == again;
	st = wh_key_open(wh_hive_root(hive), "controlset001\\services", WH_NTS, &found);
	same = same && (st == WH_OK || st == WH_E_NOT_FOUND || st == WH_E_CORRUPT);
	wh_hive_close(hive);
	return same && meter.now == 0 && !meter.wrong_size;
}

/* In a block of exactly that size, so that a sanitizer sees the byte past it. */
static bool
reads_cut(size_t len)
{
	uint8_t *cut = malloc(len ? len : 1);
	bool good;

	if (!cut)
		abort();
	memcpy(cut, bytes, len);
	good = reads(cut, len);
	free(cut);
	return good;
}

static void
cut_from(size_t from, size_t to, size_t step, const char *name)
{
	size_t len;

	for (len = from; len < to; len += step)
		if (!reads_cut(len))
			break;
	tap_case(len >= to, name, "does not hold at %zu bytes", len);
}

static bool
reads_changed(size_t at, uint8_t value)
{
	uint8_t was = bytes[at];
	bool good;

	bytes[at] = value;
	good = reads(bytes, size);
	bytes[at] = was;
	return good;
}

/* Places are drawn from those that mean something more often than from free space. */
static size_t
draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(*seed >> 33) % size;
}

static void
change_bytes(bool all, unsigned how, const char *name)
{
	size_t count = all ? size : SAMPLES, i, at = 0;
	uint64_t seed = 20210809 + how;

	for (i = 0; i < count; i++) {
		at = all ? i : draw(&seed);
		uint8_t value = (uint8_t)(how == 0   ? 0u
					  : how == 1 ? 0xffu
						     : bytes[at] ^ 1u << (draw(&seed) & 7));

		if (!reads_changed(at, value))
			break;
	}
	tap_case(i == count, name, "does not hold with byte %zu changed", at);
}

/* With 'all' as argument every byte is changed, else some. */
int
main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "all") == 0;

	bytes = read_data("good/sample.hive", &size);
	cut_from(0, FINE, 1, "cut at each of the first 8192 bytes");
	cut_from(FINE, size, all ? 1 : STEP, "cut behind them");
	change_bytes(all, 0, "one byte 0x00");
	change_bytes(all, 1, "one byte 0xff");
	change_bytes(all, 2, "one bit flipped");
	free(bytes);
	return tap_done();
}
