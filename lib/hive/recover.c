/* SPDX-License-Identifier: MIT */
#include "hive/recover.h"

#include "base/mem.h"
#include "hive/base_block.h"

#include <inttypes.h>
#include <string.h>

static void
refuse(struct wh_hive *hive, struct whi_log *log, enum whi_rule rule, const char *reason)
{
	log->verdict = WH_LOG_REFUSED;
	log->reason = reason;
	whi_report(&hive->sink, rule, WHI_IN_LOG((int)(log - hive->logs), 0), "%s: %s", log->name,
		   reason);
}

/* Not used, and nothing wrong with that. */
static void
set_aside(struct whi_log *log, const char *reason)
{
	log->verdict = WH_LOG_REFUSED;
	log->reason = reason;
}

static void
add_step(struct whi_recovery *plan, struct whi_log *log)
{
	uint32_t length = whi_log_max_length(log);

	plan->steps[plan->step_count].log = log;
	plan->steps[plan->step_count++].count = log->entry_count;
	plan->sequence = log->entries[log->entry_count - 1].sequence;
	if (length > plan->max_length)
		plan->max_length = length;
	log->verdict = WH_LOG_APPLIED;
	log->applied = (uint32_t)log->entry_count;
}

static uint32_t
last_sequence(const struct whi_log *log)
{
	return log->entries[log->entry_count - 1].sequence;
}

/* The log of a kind and format that has a good base block, or NULL. */
static struct whi_log *
present(struct wh_hive *hive, enum whi_log_kind kind, enum wh_log_format format)
{
	for (size_t i = 0; i < hive->log_count; i++) {
		struct whi_log *log = &hive->logs[i];

		if (log->kind == kind && log->format == format && log->base)
			return log;
	}
	return NULL;
}

/* The same with an entry. */
static struct whi_log *
usable(struct wh_hive *hive, enum whi_log_kind kind, enum wh_log_format format)
{
	struct whi_log *log = present(hive, kind, format);

	return log && log->entry_count > 0 ? log : NULL;
}

/* Older than what the primary file already has in full. */
static bool
is_stale(struct wh_hive *hive, struct whi_log *log)
{
	if (!whi_is_later(le32_get(hive->found.sequence2), log->sequence))
		return false;
	refuse(hive, log, WHI_RULE_LOG_STALE, "is older than the hive");
	return true;
}

/*
 * New format, sound base block: the earlier log first, then the other if it goes on where
 * the first one ended, be it before its first entry.  With equal sequence numbers only the second
 * log is used, if it has an entry.
 */
static void
plan_new(struct wh_hive *hive, struct whi_log *one, struct whi_log *two, struct whi_recovery *plan)
{
	struct whi_log *first = one, *second = two;

	if (one && two && whi_is_later(one->sequence, two->sequence)) {
		first = two;
		second = one;
	} else if (one && two && one->sequence == two->sequence && two->entry_count > 0) {
		if (one->entry_count > 0)
			refuse(hive, one, WHI_RULE_LOG_GAP,
			       "starts with the same entry as the second log");
		first = NULL;
	}
	if (first && is_stale(hive, first))
		first = NULL;
	if (first && first->entry_count > 0)
		add_step(plan, first);
	if (!second || second->entry_count == 0 || is_stale(hive, second))
		return;
	if (!first || second->sequence == first->sequence + (uint32_t)first->entry_count)
		add_step(plan, second);
	else
		refuse(hive, second, WHI_RULE_LOG_GAP, "does not go on where the first log ends");
}

/* New format, bad base block: only the log with the later entries can give a new one. */
static void
plan_new_base(struct whi_log *one, struct whi_log *two, struct whi_recovery *plan)
{
	struct whi_log *later =
		two && (!one || !whi_is_later(last_sequence(one), last_sequence(two))) ? two : one;
	struct whi_log *other = later == one ? two : one;

	plan->take_base = true;
	add_step(plan, later);
	if (other)
		set_aside(other, "is not used: the base block comes from the later log");
}

/*
 * Old format: a log belongs to the hive if it has the same time.  A later one is accepted
 * too, since the time in the hive can lag behind when a write was torn, but it is reported.
 */
static bool
old_belongs(struct wh_hive *hive, struct whi_log *log, uint64_t hive_time)
{
	if (log->timestamp >= hive_time)
		return true;
	refuse(hive, log, WHI_RULE_LOG_STALE,
	       hive_time == WHI_TIME_UNREAD
		       ? "may be older than the hive, whose time cannot be read"
		       : "has an earlier time than the hive");
	return false;
}

static void
plan_old(struct wh_hive *hive, struct whi_log *one, struct whi_log *two, uint64_t hive_time,
	 struct whi_recovery *plan)
{
	struct whi_log *use;

	if (one && !old_belongs(hive, one, hive_time))
		one = NULL;
	if (two && !old_belongs(hive, two, hive_time))
		two = NULL;
	use = two && (!one || two->timestamp > one->timestamp) ? two : one;
	if (!use)
		return;
	if (one && two)
		set_aside(use == one ? two : one,
			  "is not used: the other log is later, or comes first");
	add_step(plan, use);
	if (use->timestamp != hive_time)
		whi_report(&hive->sink, WHI_RULE_LOG_STALE, WHI_IN_LOG((int)(use - hive->logs), 0),
			   "%s: its time is later than that of the hive; replayed all the same",
			   use->name);
}

/*
 * A log that is replayed is that of the hive, as the numbers say; but those of two hives may be the
 * same.  Windows does not ask for more.
 */
static void
review_names(const struct wh_hive *hive, const struct whi_recovery *plan)
{
	const struct regf_base *base = &hive->found;

	for (size_t i = 0; i < plan->step_count && whi_base_sound(base); i++) {
		const struct whi_log *log = plan->steps[i].log;

		if (!whi_base_same_name(base, log->base))
			whi_report(&hive->sink, WHI_RULE_LOG_OTHER,
				   WHI_IN_LOG((int)(log - hive->logs),
					      offsetof(struct regf_base, file_name)),
				   "%s: has the file name of another hive; replayed all the same",
				   log->name);
	}
}

/* A log of which nobody can tell what it holds, where others are replayed. */
static void
review_unread(const struct wh_hive *hive, const struct whi_log *log)
{
	whi_report(&hive->sink, WHI_RULE_LOG_UNREAD, WHI_IN_LOG((int)(log - hive->logs), 0),
		   "%s: %s; if it goes on where the other ends, that is missing", log->name,
		   log->reason);
}

/* What is left over: a log of the other format, or one that nobody needs. */
static void
settle_rest(struct wh_hive *hive, const struct whi_recovery *plan)
{
	enum wh_log_format used = plan->step_count ? plan->steps[0].log->format : WH_LOG_NONE;

	for (size_t i = 0; i < hive->log_count; i++) {
		struct whi_log *log = &hive->logs[i];

		if (used != WH_LOG_NONE && log->unread && log->kind != WHI_LOG)
			review_unread(hive, log);
		if (log->verdict != WH_LOG_IGNORED)
			continue;
		if (used != WH_LOG_NONE && log->base && log->kind != WHI_LOG && log->format != used)
			refuse(hive, log, WHI_RULE_LOG_TYPE,
			       "has another format than the log in use");
		else
			set_aside(log,
				  log->reason ? log->reason : "is not used: others come first");
	}
}

void
whi_recovery_plan(struct wh_hive *hive, uint64_t bin_time, struct whi_recovery *plan)
{
	bool sound = whi_base_sound(&hive->found);
	struct whi_log *one = usable(hive, WHI_LOG1, WH_LOG_NEW);
	struct whi_log *two = usable(hive, WHI_LOG2, WH_LOG_NEW);
	struct whi_log *single = usable(hive, WHI_LOG, WH_LOG_NEW);

	*plan = (struct whi_recovery){ 0 };
	if (one || two || single) {
		if (!sound)
			plan_new_base(one || two ? one : single, two, plan);
		else if (one || two)
			plan_new(hive, present(hive, WHI_LOG1, WH_LOG_NEW),
				 present(hive, WHI_LOG2, WH_LOG_NEW), plan);
		else
			plan_new(hive, single, NULL, plan);
		review_names(hive, plan);
		settle_rest(hive, plan);
		return;
	}
	one = usable(hive, WHI_LOG1, WH_LOG_OLD);
	two = usable(hive, WHI_LOG2, WH_LOG_OLD);
	single = usable(hive, WHI_LOG, WH_LOG_OLD);
	if (!one && !two)
		one = single;
	plan->take_base = !sound;
	plan_old(hive, one, two, sound ? le64_get(hive->found.timestamp) : bin_time, plan);
	review_names(hive, plan);
	settle_rest(hive, plan);
}

/* An empty hive bin: one page, one free cell. */
static void
put_empty_bin(uint8_t *page, uint32_t offset)
{
	struct regf_bin *bin = (struct regf_bin *)page;

	memset(page, 0, REGF_PAGE);
	memcpy(bin->sig, "hbin", 4);
	bin->offset = le32_make(offset);
	bin->size = le32_make(REGF_PAGE);
	*(le32 *)(bin + 1) = le32_make(REGF_PAGE - sizeof *bin);
}

/*
 * Windows puts an empty hive bin in the place of one that came from a log of the new format
 * and is not whole (docs/format.md 12.6).  'pages' has a byte for each page that did.
 */
static void
replace_bad_bins(struct wh_hive *hive, const struct whi_log *log, const uint8_t *pages)
{
	uint32_t length = le32_get(((struct regf_base *)hive->img.bytes)->length), size;
	bool lost = false; /* where bins begin, as the last one has no good header in the hive */

	for (uint32_t off = 0; off < length; off += size) {
		uint8_t *page = hive->img.bytes + REGF_BINS + off;
		const struct regf_bin *bin = (const struct regf_bin *)page;

		size = le32_get(bin->size);
		if (memcmp(bin->sig, "hbin", 4) == 0 && le32_get(bin->offset) == off &&
		    size >= REGF_PAGE && size % REGF_PAGE == 0 && size <= length - off) {
			lost = false;
			continue;
		}
		size = REGF_PAGE;
		lost |= !pages[off / REGF_PAGE];
		if (lost)
			continue;
		put_empty_bin(page, off);
		whi_report(&hive->sink, WHI_RULE_BIN_IN_LOG, WHI_IN_LOG((int)(log - hive->logs), 0),
			   "%s: the hive bin at 0x%" PRIx32
			   " is damaged; an empty one takes its place, as in Windows",
			   log->name, off);
	}
}

enum wh_status
whi_recovery_run(struct wh_hive *hive, const struct whi_recovery *plan)
{
	struct regf_base *base = (struct regf_base *)hive->img.bytes;
	size_t page_count = plan->max_length / REGF_PAGE;
	uint8_t *pages = whi_zalloc(&hive->alloc, page_count);

	if (!pages)
		return WH_E_MEMORY;
	if (plan->take_base)
		memcpy(base, plan->steps[0].log->base, REGF_SECTOR);
	for (size_t i = 0; i < plan->step_count; i++)
		for (size_t j = 0; j < plan->steps[i].count; j++) {
			whi_log_apply(hive, plan->steps[i].log, j, pages);
			plan->steps[i].log->entries[j].applied = true;
		}
	if (plan->steps[0].log->format == WH_LOG_NEW)
		replace_bad_bins(hive, plan->steps[plan->step_count - 1].log, pages);
	whi_base_seal(base, plan->sequence + 1);
	if (!(hive->flags & WH_OPEN_WRITE)) {
		whi_free(&hive->alloc, pages, page_count);
		return WH_OK;
	}
	hive->replayed = pages;
	hive->replayed_count = page_count;
	return WH_OK;
}
