/* SPDX-License-Identifier: MIT */
/*
 * Before changes are committed to a hive that was dirty it is made clean.  As in commit.c the
 * order of writes is what matters: docs/crash-safety.md.
 */
#include "hive/commit.h"

#include "base/mem.h"
#include "hive/base_block.h"

#include <string.h>

static enum whi_file_id
file_of(const struct whi_log *log)
{
	static const enum whi_file_id ids[] = {
		[WHI_LOG1] = WHI_FILE_LOG1, [WHI_LOG2] = WHI_FILE_LOG2, [WHI_LOG] = WHI_FILE_LOG
	};

	return ids[log->kind];
}

/* What was replayed is lost if it is not what is there. */
bool
whi_commit_logs_are_the_same(const struct whi_commit *c)
{
	uint64_t size;

	for (size_t i = 0; i < c->hive->log_count; i++) {
		const struct whi_log *log = &c->hive->logs[i];

		if (log->verdict == WH_LOG_APPLIED &&
		    (!c->store->ops->find(c->store, file_of(log), &size) || size != log->size))
			return false;
	}
	return true;
}

static void
is_clean(struct wh_hive *hive, const struct regf_base *base)
{
	uint32_t sequence = le32_get(base->sequence1);

	memcpy(&hive->found, base, REGF_SECTOR);
	hive->state = WH_CLEAN;
	if (whi_is_later(sequence, hive->seen.sequence))
		hive->seen.sequence = sequence;
}

static void
put_replayed(struct whi_commit *c)
{
	const struct wh_hive *hive = c->hive;
	uint32_t length = whi_old_length(hive);

	for (size_t page = 0; page < hive->replayed_count; page++) {
		uint64_t at = REGF_BINS + (uint64_t)page * REGF_PAGE;

		if (hive->replayed[page] && at < REGF_BINS + (uint64_t)length)
			whi_commit_put(c, at, whi_old_page(hive, at), REGF_PAGE);
	}
}

/* Logs that were refused: should the base block be torn, they might be replayed after all. */
static void
empty_refused_logs(struct whi_commit *c)
{
	for (size_t i = 0; i < c->hive->log_count; i++)
		if (c->hive->logs[i].verdict != WH_LOG_APPLIED)
			whi_commit_empty_log(c, file_of(&c->hive->logs[i]));
}

/* The files as they were, for another try; what was recovered can stay in the hive. */
static void
unsettle_old(struct whi_commit *c, bool base_begun)
{
	enum wh_status cause = c->st;

	c->st = WH_OK;
	if (base_begun) {
		whi_commit_put_base(c, &c->hive->found);
		whi_commit_sync(c, WHI_FILE_HIVE);
	}
	if (whi_old_size(c->hive) > c->hive->file_size)
		whi_commit_resize(c, WHI_FILE_HIVE, c->hive->file_size);
	c->hive->unfinished = c->st != WH_OK;
	c->st = cause;
}

/*
 * Write what was recovered, as Windows does when it loads the hive.  The logs that it came from
 * stay, so that it is recovered again should this not come to an end.
 */
static void
settle_recovered(struct whi_commit *c)
{
	struct wh_hive *hive = c->hive;
	uint64_t size = whi_old_size(hive);
	struct regf_base base;
	bool base_begun;

	memcpy(&base, whi_old_page(hive, 0), sizeof base); /* recovery has made it clean */
	empty_refused_logs(c);
	if (size > hive->file_size)
		whi_commit_resize(c, WHI_FILE_HIVE, size);
	put_replayed(c);
	if (hive->replayed)
		whi_commit_sync(c, WHI_FILE_HIVE);
	base_begun = c->st == WH_OK;
	whi_commit_put_base(c, &base);
	whi_commit_sync(c, WHI_FILE_HIVE);
	if (c->st != WH_OK) {
		unsettle_old(c, base_begun);
		return;
	}
	hive->file_size = size;
	whi_free(&hive->alloc, hive->replayed, hive->replayed_count);
	hive->replayed = NULL;
	hive->replayed_count = 0;
	is_clean(hive, &base);
}

/* The base block of a hive that is taken as it is. */
static void
taken_base(const struct wh_hive *hive, struct regf_base *base)
{
	cellref root = hive->changed ? hive->before[0].root : hive->root;

	memcpy(base, whi_old_page(hive, 0), sizeof *base);
	base->length = le32_make(whi_old_length(hive));
	base->root_cell = le32_make(root.off);
	whi_base_seal(base, hive->seen.sequence + 2);
}

/*
 * A log that counts is emptied from its first sector on: no moment may show that and less than the
 * rest.
 */
static void
unseal_log(struct whi_commit *c)
{
	static const uint8_t nothing[REGF_SECTOR];
	uint64_t size;

	if (c->st != WH_OK || !c->store->ops->find(c->store, c->log, &size) ||
	    size < sizeof nothing)
		return;
	c->st = c->store->ops->write(c->store, c->log, 0, nothing, sizeof nothing);
	whi_commit_sync(c, c->log);
}

/* Dirty again, without a log. */
static void
unsettle_taken(struct whi_commit *c, bool base_begun)
{
	enum wh_status cause = c->st;

	c->st = WH_OK;
	if (base_begun) {
		whi_commit_put_base(c, &c->hive->found);
		whi_commit_sync(c, WHI_FILE_HIVE);
	}
	unseal_log(c);
	whi_commit_clear_log(c);
	c->hive->unfinished = c->st != WH_OK;
	c->st = cause;
}

/*
 * Mark a hive as clean that is taken as it is, without what its logs may hold.  Only the base block
 * changes, but that may be torn: so there is a log, with one page that is no other than before.
 */
static void
settle_taken(struct whi_commit *c)
{
	struct wh_hive *hive = c->hive;
	uint8_t bytes[REGF_BINS + REGF_PAGE];
	struct whi_image img = { .bytes = bytes, .length = whi_old_length(hive) };
	struct whi_run run = { 0, REGF_PAGE };
	struct regf_base base, in_log;
	struct whi_log_job job = { &img, &in_log, c->job.type, hive->seen.sequence + 1, &run, 1 };
	bool base_begun;

	memcpy(bytes + REGF_BINS, whi_old_page(hive, REGF_BINS), REGF_PAGE);
	taken_base(hive, &base);
	in_log = base;
	if (!whi_base_sound(&hive->found)) /* then an old log is known by the time in the bin */
		in_log.timestamp = ((const struct regf_bin *)(bytes + REGF_BINS))->timestamp;
	whi_commit_empty_others(c);
	whi_commit_write_log(c, &job);
	base_begun = c->st == WH_OK;
	whi_commit_put_base(c, &base);
	whi_commit_sync(c, WHI_FILE_HIVE);
	if (c->st == WH_OK)
		is_clean(hive, &base);
	else
		unsettle_taken(c, base_begun);
}

void
whi_commit_settle_old(struct whi_commit *c)
{
	if (c->hive->state == WH_RECOVERED)
		settle_recovered(c);
	else if (c->hive->state == WH_DIRTY)
		settle_taken(c);
}
