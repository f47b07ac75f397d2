/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a file, after it was opened.
 *
 * Opening has looked at most of it, and said so to the issue function.  What it found in the bytes
 * that are here is found again, as they may have been changed since; only logs are gone by now, so
 * that what was said of them was kept.
 */
#include "hive/review.h"

#include "hive/base_block.h"

#include <inttypes.h>
#include <string.h>

/* --------------------------------------------------------------- base block */

static const struct regf_base *
base_of(const struct wh_hive *hive)
{
	return (const struct regf_base *)hive->img.bytes;
}

static void
check_state(const struct wh_hive *hive, const struct whi_sink *sink)
{
	const struct regf_base *base = base_of(hive);

	if (whi_base_clean(base))
		return;
	whi_report(sink, WHI_RULE_HIVE_DIRTY, WHI_IN_FILE(offsetof(struct regf_base, sequence1)),
		   "the hive is dirty (%s, sequence numbers %" PRIu32 " and %" PRIu32 ")%s",
		   whi_base_sound(base) ? "it was in use" : "its base block is damaged",
		   le32_get(base->sequence1), le32_get(base->sequence2),
		   hive->flags & WH_OPEN_NO_LOGS ? "; logs were not looked at"
						 : ", and no log could be replayed");
}

/* As opening has settled it: see docs/format.md 2.5. */
static void
check_length(const struct wh_hive *hive, const struct whi_sink *sink)
{
	const struct regf_base *base = base_of(hive);
	struct whi_location place = WHI_IN_FILE(offsetof(struct regf_base, length));
	uint32_t length = le32_get(base->length);
	bool valid = length >= REGF_PAGE && length % REGF_PAGE == 0 && length <= REGF_MAX_LENGTH;
	bool lags = hive->state == WH_DIRTY && whi_base_sound(base);

	if (hive->img.cut)
		whi_report(sink, WHI_RULE_HIVE_LENGTH, place,
			   "%" PRIu32 " bytes of hive bins, but the file ends after %" PRIu32,
			   length, hive->img.length);
	else if (length != hive->img.length &&
		 !(valid && (lags || memcmp(base->sig, "regf", 4) != 0)))
		whi_report(sink, WHI_RULE_HIVE_LENGTH, place,
			   "%" PRIu32 " bytes of hive bins; taken to be %" PRIu32
			   ", where the last one ends",
			   length, hive->img.length);
}

static void
check_root(const struct wh_hive *hive, const struct whi_sink *sink)
{
	uint32_t root = memcmp(base_of(hive)->sig, "regf", 4) == 0
				? le32_get(base_of(hive)->root_cell)
				: sizeof(struct regf_bin);

	if (root != hive->root.off)
		whi_report(sink, WHI_RULE_ROOT_CELL,
			   WHI_IN_FILE(offsetof(struct regf_base, root_cell)),
			   "root cell 0x%" PRIx32 " is not a key that can be read; the key in cell "
			   "0x%" PRIx32 " says it is a root",
			   root, hive->root.off);
}

static bool
all_zero(const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((const uint8_t *)bytes)[i] != 0)
			return false;
	return true;
}

/* What means something there: see docs/format.md 2.1. */
static void
check_remnants(const struct whi_sink *sink, const struct regf_base *base, bool offreg)
{
	size_t skip = offreg ? sizeof(le64) : 0; /* the time of serialization */

	if (base->file_name[62] != 0 || base->file_name[63] != 0)
		whi_report(sink, WHI_RULE_BASE_REMNANTS,
			   WHI_IN_FILE(offsetof(struct regf_base, file_name)),
			   "the file name does not end in a NUL");
	else if (!all_zero(base->reserved1, sizeof base->reserved1))
		whi_report(sink, WHI_RULE_BASE_REMNANTS,
			   WHI_IN_FILE(offsetof(struct regf_base, reserved1)),
			   "there is something where nothing has a meaning");
	else if (!all_zero(base->reserved2 + skip, sizeof base->reserved2 - skip))
		whi_report(sink, WHI_RULE_BASE_REMNANTS,
			   WHI_IN_FILE(offsetof(struct regf_base, reserved2)),
			   "there is something where nothing has a meaning");
}

void
whi_review_base(const struct wh_hive *hive, const struct whi_sink *sink)
{
	const struct regf_base *base = base_of(hive);
	const struct regf_bin *bin = (const struct regf_bin *)(hive->img.bytes + REGF_BINS);
	bool guids = memcmp(base->guid_sig, "rmtm", 4) == 0;
	uint32_t flags = le32_get(base->flags), known = hive->img.minor >= REGF_LAYER_MINOR ? 3 : 1;
	struct wh_base_block decoded;

	whi_base_review(base, sink);
	check_state(hive, sink);
	check_length(hive, sink);
	check_root(hive, sink);
	if (!whi_base_sound(base))
		return;
	whi_base_decode(base, &decoded);
	if ((guids || hive->img.minor >= REGF_LAYER_MINOR) && (flags & ~known))
		whi_report(sink, WHI_RULE_BASE_FLAGS,
			   WHI_IN_FILE(offsetof(struct regf_base, flags)),
			   "flags 0x%" PRIx32 ", of which 0x%" PRIx32 " are not known", flags,
			   flags & ~known);
	if (!guids && !(all_zero(base->rm_id, sizeof base->rm_id) &&
			all_zero(base->log_id, sizeof base->log_id) &&
			all_zero(base->tm_id, sizeof base->tm_id)))
		whi_report(sink, WHI_RULE_BASE_GUIDS,
			   WHI_IN_FILE(offsetof(struct regf_base, guid_sig)),
			   "there are GUIDs, but not the mark that they mean something");
	if (le64_get(base->timestamp) != le64_get(bin->timestamp))
		whi_report(sink, WHI_RULE_BASE_TIME,
			   WHI_IN_FILE(offsetof(struct regf_base, timestamp)),
			   "the time is %" PRIu64 ", that of the first hive bin %" PRIu64,
			   le64_get(base->timestamp), le64_get(bin->timestamp));
	check_remnants(sink, base, decoded.offreg);
}

/* --------------------------------------------------------------------- logs */

/* A clean hive beside logs that would be replayed over it if it became dirty. */
static void
check_newer(const struct wh_hive *hive, const struct whi_sink *sink)
{
	uint32_t sequence = le32_get(base_of(hive)->sequence2);

	for (size_t i = 0; i < hive->log_count; i++) {
		const struct whi_log *log = &hive->logs[i];

		if (log->format == WH_LOG_NEW && log->entry_count > 0 &&
		    !whi_is_later(sequence, log->entries[log->entry_count - 1].sequence))
			whi_report(sink, WHI_RULE_LOG_NEWER, WHI_IN_LOG((int)i, 0),
				   "%s: has entries up to %" PRIu32
				   ", but the hive is clean at %" PRIu32,
				   log->name, log->entries[log->entry_count - 1].sequence,
				   sequence);
	}
}

void
whi_review_logs(const struct wh_hive *hive, const struct whi_sink *sink)
{
	if (hive->changes > 0)
		return; /* they were of another state */
	for (size_t i = 0; i < hive->log_issues.count; i++) {
		struct wh_issue issue = hive->log_issues.at[i];

		if (hive->state == WH_CLEAN)
			issue.grade =
				WH_NOTE; /* Windows does not look at them: docs/format.md 2.5 */
		sink->fn(sink->ctx, &issue);
	}
	if (hive->state == WH_CLEAN)
		check_newer(hive, sink);
}
