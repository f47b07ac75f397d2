/* SPDX-License-Identifier: MIT */
#include "repairing.h"

#include "invariants.h"
#include "reading.h"
#include "tree/sound.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { SEQUENCES = 4, CHECKSUM = 508 };

struct look {
	struct wh_hive *before, *after;
	uint64_t fixed, dropped; /* that were said */
	char first[300];         /* what was found in the repaired hive */
	char *why;
	size_t size;
};

static bool
wrong(struct look *look, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(look->why, look->size, format, args);
	va_end(args);
	return false;
}

static void
count_action(void *ctx, const struct wh_repair_action *action)
{
	struct look *look = ctx;

	look->fixed += action->grade == WH_FIXED;
	look->dropped += action->grade == WH_DROPPED;
	if (!look->first[0])
		snprintf(look->first, sizeof look->first, "[%s] %s; key %.*s", action->id,
			 action->text, (int)action->path_len, action->path ? action->path : "");
}

static void
see_finding(void *ctx, const struct wh_finding *finding)
{
	struct look *look = ctx;

	if (finding->issue.grade != WH_NOTE && !look->first[0])
		snprintf(look->first, sizeof look->first, "[%s %s] %s", finding->issue.id,
			 finding->issue.rule, finding->issue.text);
}

static bool
check_clean(struct look *look, struct wh_hive *hive, const struct wh_repair_report *report)
{
	struct wh_check sums;

	look->first[0] = '\0';
	if (wh_hive_check(hive, see_finding, look, &sums) != WH_OK)
		return wrong(look, "the repaired hive cannot be checked");
	if (look->first[0])
		return wrong(look, "the repaired hive is not clean: %s", look->first);
	if (whi_hive_sound(hive) != WH_OK)
		return wrong(look, "the repaired hive is not sound");
	if (sums.keys != report->keys || sums.values != report->values)
		return wrong(look,
			     "%" PRIu64 " keys and %" PRIu64 " values, reported %" PRIu64
			     " and %" PRIu64,
			     sums.keys, sums.values, report->keys, report->values);
	return true;
}

static bool
check_opened(struct look *look, const struct wh_repair_report *report)
{
	uint64_t digest, digest_again;
	struct wh_hive *again;
	size_t size;
	const void *bytes = wh_hive_bytes(look->after, &size);
	bool fine;

	if (size != report->bytes_after)
		return wrong(look, "the report is wrong about the size");
	if (wh_hive_open_memory(bytes, size, NULL, &again) != WH_OK)
		return wrong(look, "does not open again");
	fine = wh_hive_state(again) == WH_CLEAN || wrong(look, "is not clean when opened again");
	fine = fine && check_clean(look, again, report);
	fine = fine &&
	       ((read_everything(look->after, &digest) == WH_OK &&
		 read_everything(again, &digest_again) == WH_OK && digest == digest_again) ||
		wrong(look, "opened again, it is something else"));
	wh_hive_close(again);
	return fine;
}

static bool
check_again(struct look *look)
{
	struct wh_repair how = { .fn = count_action, .ctx = look };
	struct wh_repair_report report;
	struct wh_hive *again;
	size_t size, size_again;
	const uint8_t *a = wh_hive_bytes(look->after, &size), *b;
	bool same;

	look->first[0] = '\0';
	if (wh_hive_repair(look->after, &how, NULL, &again, &report) != WH_OK)
		return wrong(look, "cannot be repaired again");
	b = wh_hive_bytes(again, &size_again);
	same = size == size_again && memcmp(a, b, SEQUENCES) == 0 &&
	       memcmp(a + SEQUENCES + 8, b + SEQUENCES + 8, CHECKSUM - SEQUENCES - 8) == 0 &&
	       memcmp(a + CHECKSUM + 4, b + CHECKSUM + 4, size - CHECKSUM - 4) == 0;
	wh_hive_close(again);
	if (report.fixed + report.dropped > 0)
		return wrong(look, "repaired again, there is something to do: %s", look->first);
	return same || wrong(look, "repaired again, it differs");
}

static bool
hold(struct look *look, uint64_t digest, const struct wh_repair_report *report)
{
	struct invariants after = { 0 };
	size_t size;
	const void *bytes = wh_hive_bytes(look->before, &size);
	bool fine = digest_add(0, bytes, size) == digest || wrong(look, "the source was changed");

	fine = fine && ((report->fixed == look->fixed && report->dropped == look->dropped) ||
			wrong(look, "not all that was done was said"));
	fine = fine && check_clean(look, look->after, report) && check_opened(look, report);
	bytes = wh_hive_bytes(look->after, &size);
	/* Names are kept as they are. */
	fine = fine && (invariants_sound(&after, bytes, size) ||
			strncmp(after.why, "backslash", 9) == 0 || wrong(look, "%s", after.why));
	invariants_free(&after);
	return fine && check_again(look);
}

struct wh_hive *
repair_and_look(struct wh_hive *hive, bool lost_and_found, struct wh_repair_report *report,
		enum wh_status *status, char *why, size_t size)
{
	struct look look = { .before = hive, .why = why, .size = size };
	struct wh_repair how = { lost_and_found, count_action, &look };
	struct wh_repair_report own;
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len);
	uint64_t digest = digest_add(0, bytes, len);

	why[0] = '\0';
	report = report ? report : &own;
	*status = wh_hive_repair(hive, &how, NULL, &look.after, report);
	if (*status != WH_OK) {
		wrong(&look, "wh_hive_repair gives %s", wh_status_name(*status));
		return NULL;
	}
	if (hold(&look, digest, report))
		return look.after;
	wh_hive_close(look.after);
	return NULL;
}
