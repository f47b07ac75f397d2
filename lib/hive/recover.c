/* SPDX-License-Identifier: MIT */
#include "hive/recover.h"

#include "hive/base_block.h"

#include <string.h>

/* Sequence numbers wrap: which of two is later is a matter of their difference. */
static bool
is_later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

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

/* The usable log of a kind and format, or NULL. */
static struct whi_log *
usable(struct wh_hive *hive, enum whi_log_kind kind, enum wh_log_format format)
{
	for (size_t i = 0; i < hive->log_count; i++) {
		struct whi_log *log = &hive->logs[i];

		if (log->kind == kind && log->format == format && log->base && log->entry_count > 0)
			return log;
	}
	return NULL;
}

/* Older than what the primary file already has in full. */
static bool
is_stale(struct wh_hive *hive, struct whi_log *log)
{
	if (!is_later(le32_get(hive->found.sequence2), log->sequence))
		return false;
	refuse(hive, log, WHI_RULE_LOG_STALE, "is older than the hive");
	return true;
}

/*
 * New format, sound base block: the earlier log first, then the other if it goes on where
 * the first one ended.  With equal sequence numbers only the second log is used.
 */
static void
plan_new(struct wh_hive *hive, struct whi_log *one, struct whi_log *two, struct whi_recovery *plan)
{
	struct whi_log *first = one, *second = two;

	if (one && two && is_later(one->sequence, two->sequence)) {
		first = two;
		second = one;
	} else if (one && two && one->sequence == two->sequence) {
		refuse(hive, one, WHI_RULE_LOG_GAP, "starts with the same entry as the second log");
		first = NULL;
	}
	if (first && !is_stale(hive, first))
		add_step(plan, first);
	if (!second || is_stale(hive, second))
		return;
	if (plan->step_count == 0 || second->sequence == plan->sequence + 1)
		add_step(plan, second);
	else
		refuse(hive, second, WHI_RULE_LOG_GAP, "does not go on where the first log ends");
}

/* New format, bad base block: only the log with the later entries can give a new one. */
static void
plan_new_base(struct whi_log *one, struct whi_log *two, struct whi_recovery *plan)
{
	struct whi_log *later = two && (!one || !is_later(last_sequence(one), last_sequence(two)))
					? two
					: one;
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
	refuse(hive, log, WHI_RULE_LOG_STALE, "has an earlier time than the hive");
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
		whi_report(&hive->sink, WHI_RULE_LOG_STALE,
			   WHI_IN_LOG((int)(use - hive->logs), 0),
			   "%s: its time is later than that of the hive; replayed all the same",
			   use->name);
}

/* What is left over: a log of the other format, or one that nobody needs. */
static void
settle_rest(struct wh_hive *hive, enum wh_log_format used)
{
	for (size_t i = 0; i < hive->log_count; i++) {
		struct whi_log *log = &hive->logs[i];

		if (log->verdict != WH_LOG_IGNORED)
			continue;
		if (log->base && log->kind != WHI_LOG && log->format != used)
			refuse(hive, log, WHI_RULE_LOG_TYPE, "has another format than the log in use");
		else
			set_aside(log, log->reason ? log->reason : "is not used: others come first");
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
	if (!one && !two)
		one = single;
	if (one || two) {
		if (sound)
			plan_new(hive, one, two, plan);
		else
			plan_new_base(one, two, plan);
		settle_rest(hive, WH_LOG_NEW);
		return;
	}
	one = usable(hive, WHI_LOG1, WH_LOG_OLD);
	two = usable(hive, WHI_LOG2, WH_LOG_OLD);
	single = usable(hive, WHI_LOG, WH_LOG_OLD);
	if (!one && !two)
		one = single;
	plan->take_base = !sound;
	plan_old(hive, one, two, sound ? le64_get(hive->found.timestamp) : bin_time, plan);
	settle_rest(hive, WH_LOG_OLD);
}

void
whi_recovery_run(struct wh_hive *hive, const struct whi_recovery *plan)
{
	struct regf_base *base = (struct regf_base *)hive->img.bytes;

	if (plan->take_base)
		memcpy(base, plan->steps[0].log->base, REGF_SECTOR);
	for (size_t i = 0; i < plan->step_count; i++)
		for (size_t j = 0; j < plan->steps[i].count; j++) {
			whi_log_apply(hive, plan->steps[i].log, j);
			plan->steps[i].log->entries[j].applied = true;
		}
	whi_base_seal(base, plan->sequence + 1);
}
