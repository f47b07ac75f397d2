/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a hive, to be compacted.
 *
 * Holds: it is refused by name, or what comes out is what tests/support/compaction.h says: the
 * same hive, sound, and the same again when it is compacted again.
 */
#include "compaction.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_refusal(enum wh_status st)
{
	return st == WH_E_CORRUPT || st == WH_E_DIRTY || st == WH_E_NOT_SUPPORTED;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DIRTY };
	struct wh_hive *hive, *to;
	char why[1000] = "";
	enum wh_status st;

	if (wh_hive_open_memory(data, size, &options, &hive) != WH_OK)
		return 0;
	st = wh_hive_compact(hive, NULL, &to, NULL);
	wh_hive_close(to);
	if (st == WH_OK) {
		to = compact_and_look(hive, NULL, why, sizeof why);
		wh_hive_close(to);
	}
	wh_hive_close(hive);
	if (is_refusal(st) || (st == WH_OK && to))
		return 0;
	fprintf(stderr, "%s: %s\n", wh_status_name(st), why);
	abort();
}
