/* SPDX-License-Identifier: MIT */
/*
 * Bringing changes to disk.  This file, and no other, knows the order of writes; why it is this
 * one, and what is found after a crash at each point, is in docs/crash-safety.md.
 *
 *	 0   what was dirty made clean (commit_old.c)           |
 *	 1   other logs emptied                                 |
 *	 2   changed pages to the log                           |  the hive is clean: the old state
 *	 3   room in the hive, and the new time (old log only)  |
 *	 4   base block, dirty                                  =  from here on the log counts
 *	 5   changed pages to the hive                          |  dirty: the new state
 *	 6   base block, clean                                  =  new
 *	 7   the log emptied or removed
 *
 * with a sync behind each line.  A failure up to 3 is undone from the end.  One in 4 to 6 is undone
 * by the same way: old pages, sync, old base block, while the log still has the new ones.
 */
#include "hive/commit.h"

#include "base/mem.h"
#include "base/time.h"
#include "hive/backup.h"
#include "hive/base_block.h"

#include <string.h>

/* -------------------------------------------------------------- before the log counts */

static bool
has_new_time(const struct whi_commit *c)
{
	return c->job.type != REGF_TYPE_LOG_NEW;
}

/*
 * Should the base block be torn, an old log is known by the time in the first bin: so that has
 * to be there before.  It means nothing while the hive is clean.
 */
static void
put_first_bin(struct whi_commit *c, bool old)
{
	uint8_t sector[REGF_SECTOR];

	if (!has_new_time(c))
		return;
	memcpy(sector, whi_old_page(c->hive, REGF_BINS), sizeof sector);
	if (!old)
		((struct regf_bin *)sector)->timestamp = c->base.timestamp;
	whi_commit_put(c, REGF_BINS, sector, sizeof sector);
}

static bool
grows(const struct whi_commit *c)
{
	return c->hive->img.size > c->hive->file_size;
}

static void
make_room(struct whi_commit *c)
{
	c->room_begun = c->st == WH_OK;
	if (grows(c))
		whi_commit_resize(c, WHI_FILE_HIVE, c->hive->img.size);
	put_first_bin(c, false);
	if (grows(c) || has_new_time(c))
		whi_commit_sync(c, WHI_FILE_HIVE);
}

/*
 * Undo steps 2 and 3, whichever of them can be undone; 'st' stays.  To a clean hive a log that
 * cannot be emptied means nothing.
 */
static void
undo_preparations(struct whi_commit *c)
{
	enum wh_status cause = c->st;

	c->st = WH_OK;
	if (c->room_begun) {
		put_first_bin(c, true);
		if (grows(c))
			whi_commit_resize(c, WHI_FILE_HIVE, c->hive->file_size);
		if (grows(c) || has_new_time(c))
			whi_commit_sync(c, WHI_FILE_HIVE);
	}
	c->st = WH_OK;
	whi_commit_clear_log(c);
	c->st = cause;
}

/* ---------------------------------------------------------------- while it counts */

/*
 * What was on disk, but dirty.  If the root key has moved it is already where the pages will have
 * it: log entries do not say.
 */
static void
put_dirty_base(struct whi_commit *c)
{
	struct regf_base base = c->hive->found;

	base.type = le32_make(REGF_TYPE_PRIMARY);
	base.sequence1 = le32_make(c->job.sequence);
	base.sequence2 = le32_make(c->job.sequence - 1);
	base.timestamp = c->base.timestamp;
	base.root_cell = c->base.root_cell;
	base.checksum = le32_make(whi_base_checksum(&base));
	whi_commit_put_base(c, &base);
	whi_commit_sync(c, WHI_FILE_HIVE);
}

static void
put_new_pages(struct whi_commit *c)
{
	for (size_t i = 0; i < c->count; i++) {
		uint64_t at = REGF_BINS + (uint64_t)c->runs[i].offset;

		whi_commit_put(c, at, c->hive->img.bytes + at, c->runs[i].size);
	}
	whi_commit_sync(c, WHI_FILE_HIVE);
}

/* The time in the first bin stays: it is that of the log, which counts yet. */
static void
put_old_pages(struct whi_commit *c)
{
	for (size_t i = 0; i < c->count; i++)
		for (uint32_t done = 0; done < c->runs[i].size; done += REGF_PAGE) {
			uint64_t at = REGF_BINS + (uint64_t)c->runs[i].offset + done;
			uint64_t left = c->hive->file_size > at ? c->hive->file_size - at : 0;

			if (left > 0)
				whi_commit_put(c, at, whi_old_page(c->hive, at),
					       left < REGF_PAGE ? (size_t)left : REGF_PAGE);
			if (at == REGF_BINS)
				put_first_bin(c, false);
		}
	whi_commit_sync(c, WHI_FILE_HIVE);
}

/* Is the base block the one that was there, as far as can be seen? */
static bool
is_old_base(const struct whi_commit *c)
{
	struct regf_base base;

	return c->store->ops->read(c->store, WHI_FILE_HIVE, 0, &base, sizeof base) == WH_OK &&
	       memcmp(&base, &c->hive->found, sizeof base) == 0;
}

/* Undo steps 4 to 6; if that fails too it is the log that decides. */
static void
go_back(struct whi_commit *c)
{
	enum wh_status cause = c->st;

	c->st = WH_OK;
	if (c->pages_begun) {
		put_dirty_base(c);
		put_old_pages(c);
	}
	whi_commit_put_base(c, &c->hive->found);
	whi_commit_sync(c, WHI_FILE_HIVE);
	if (c->st == WH_OK) {
		undo_preparations(c);
	} else {
		c->hive->unfinished = true;
		c->report->in_log = !is_old_base(c);
	}
	c->st = cause;
}

/* -------------------------------------------------------------------- the order */

static void
write_changes(struct whi_commit *c)
{
	whi_commit_empty_others(c);
	whi_commit_write_log(c, &c->job);
	make_room(c);
	if (c->st != WH_OK) {
		undo_preparations(c);
		return;
	}
	put_dirty_base(c);
	c->pages_begun = c->st == WH_OK;
	put_new_pages(c);
	whi_commit_put_base(c, &c->base);
	whi_commit_sync(c, WHI_FILE_HIVE);
	if (c->st != WH_OK)
		go_back(c);
}

/* ------------------------------------------------------------------ the changes */

/* The next run of pages of the bins that differ, at or behind '*at'. */
static bool
next_run(const struct wh_hive *hive, uint64_t *at, struct whi_run *run)
{
	uint64_t len, end = REGF_BINS + (uint64_t)hive->img.length;

	if (*at < REGF_BINS)
		*at = REGF_BINS;
	if (!whi_edit_dirty(hive->edit, at, &len) || *at >= end)
		return false;
	if (len > end - *at)
		len = end - *at;
	*run = (struct whi_run){ (uint32_t)(*at - REGF_BINS), (uint32_t)len };
	*at += len;
	return true;
}

static bool
differs(const struct wh_hive *hive)
{
	struct whi_run run;
	uint64_t at = 0;

	return hive->edit && next_run(hive, &at, &run);
}

static void
list_runs(struct whi_commit *c)
{
	struct whi_run run;
	uint64_t at = 0;

	while (c->st == WH_OK && next_run(c->hive, &at, &run)) {
		if (!whi_grow(&c->hive->alloc, &c->runs, &c->cap, c->count + 1, sizeof run)) {
			c->st = WH_E_MEMORY;
			return;
		}
		c->runs[c->count++] = run;
		c->report->pages += run.size / REGF_PAGE;
	}
	c->job.runs = c->runs;
	c->job.count = c->count;
}

/* The base block as it will be, and the times that go with it, as a part of the changes. */
static void
write_base(struct whi_commit *c)
{
	struct wh_hive *hive = c->hive;
	uint32_t entries;
	uint64_t now = hive->time ? hive->time : whi_time_now();

	memcpy(&c->base, hive->img.bytes, sizeof c->base);
	c->base.length = le32_make(hive->img.length);
	c->base.root_cell = le32_make(hive->root.off);
	if (has_new_time(c)) {
		c->base.timestamp = le64_make(now);
		whi_edit_write(hive->edit, REGF_BINS + offsetof(struct regf_bin, timestamp),
			       &c->base.timestamp, sizeof c->base.timestamp);
	}
	c->st = hive->edit->status;
	list_runs(c);
	c->job.img = &hive->img;
	c->job.base = &c->base;
	c->job.sequence = hive->seen.sequence + 1;
	entries = whi_log_entry_count(&c->job);
	whi_base_seal(&c->base, hive->seen.sequence + entries);
	whi_edit_write(hive->edit, 0, &c->base, REGF_SECTOR);
	if (c->st == WH_OK)
		c->st = hive->edit->status;
	if (c->st == WH_OK)
		c->st = whi_edit_prepare(hive->edit);
}

/* The hive in memory is the one on disk. */
static void
settle_new(struct whi_commit *c)
{
	struct wh_hive *hive = c->hive;

	whi_edit_settle(hive->edit);
	memcpy(&hive->found, &c->base, sizeof hive->found);
	hive->file_size = hive->img.size;
	hive->seen.sequence = le32_get(c->base.sequence1);
	hive->seen.format = c->report->log_format;
	hive->seen.type = c->job.type;
	hive->changed = false;
}

void
whi_commit_is_done(struct whi_commit *c)
{
	c->report->log_left = c->st != WH_OK;
	c->st = WH_OK;
}

/* The base block is an edit of its own, so that it is undone with the rest of the commit. */
static void
commit_changes(struct whi_commit *c)
{
	struct whi_edit *edit = c->hive->edit;
	enum wh_status st;

	whi_edit_begin(edit);
	write_base(c);
	if (c->st == WH_OK)
		write_changes(c);
	if (c->st != WH_OK)
		whi_edit_fail(edit, c->st);
	st = whi_edit_end(edit);
	if (st != WH_OK)
		return;
	settle_new(c);
	whi_commit_clear_log(c);
	whi_commit_is_done(c);
}

/* -------------------------------------------------------------------- beforehand */

/* What a log cannot describe, or what is wrong in a way that a commit would make final. */
bool
whi_commit_can_write(const struct wh_hive *hive)
{
	const struct regf_base *base = (const struct regf_base *)hive->img.bytes;

	return memcmp(base->sig, "regf", sizeof base->sig) == 0 && !hive->img.cut &&
	       hive->img.length % REGF_PAGE == 0 && le32_get(base->major) == 1 &&
	       le32_get(base->minor) == hive->img.minor && le32_get(base->cluster) == 1 &&
	       le32_get(base->format) == REGF_FORMAT_DIRECT;
}

static enum wh_status
may_commit(const struct wh_hive *hive, const struct wh_commit *how)
{
	if (!hive || (how->log_format != WH_LOG_NONE && how->log_format != WH_LOG_OLD &&
		      how->log_format != WH_LOG_NEW))
		return WH_E_INVALID;
	if (!hive->store)
		return WH_E_ACCESS;
	if (hive->edit && hive->edit->depth > 1)
		return WH_E_INVALID;
	return hive->unfinished ? WH_E_IN_USE : WH_OK;
}

enum wh_status
whi_commit_look_at_files(const struct whi_commit *c)
{
	const struct wh_hive *hive = c->hive;
	enum wh_status st = c->store->ops->still_there(c->store);
	struct regf_base base;
	uint64_t size;

	if (st != WH_OK)
		return st;
	if (!c->store->ops->find(c->store, WHI_FILE_HIVE, &size) || size != hive->file_size)
		return WH_E_IN_USE;
	st = c->store->ops->read(c->store, WHI_FILE_HIVE, 0, &base, sizeof base);
	if (st != WH_OK)
		return st;
	if (memcmp(&base, &hive->found, sizeof base) != 0 ||
	    (hive->state == WH_RECOVERED && !whi_commit_logs_are_the_same(c)))
		return WH_E_IN_USE;
	return WH_OK;
}

static void
run(struct whi_commit *c, bool changed)
{
	whi_commit_choose_log(c);
	whi_commit_settle_old(c);
	if (c->st == WH_OK && changed) {
		commit_changes(c);
		return;
	}
	if (c->st != WH_OK)
		return;
	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		whi_commit_empty_log(c, (enum whi_file_id)id);
	whi_commit_is_done(c);
}

/* There is something to write. */
static enum wh_status
commit(struct whi_commit *c, bool changed)
{
	struct wh_hive *hive = c->hive;
	const char *path = c->how->backup;
	unsigned backup = 0;

	if (hive->state == WH_DIRTY && !(hive->flags & WH_OPEN_TAKE_DIRTY))
		return WH_E_DIRTY;
	if (!whi_commit_can_write(hive))
		return WH_E_CORRUPT;
	c->st = whi_commit_look_at_files(c);
	if (c->st == WH_OK && path)
		c->st = whi_backup_make(c->store, path, &hive->alloc, &backup);
	if (c->st != WH_OK)
		return c->st;
	run(c, changed);
	if (c->st != WH_OK && !c->report->in_log && path)
		whi_backup_remove(path, backup);
	whi_free(&hive->alloc, c->runs, c->cap * sizeof *c->runs);
	return c->st;
}

enum wh_status
wh_hive_commit(struct wh_hive *hive, const struct wh_commit *how, struct wh_commit_report *report)
{
	static const struct wh_commit defaults;
	struct wh_commit_report unwanted;
	struct whi_commit c = { .hive = hive };
	enum wh_status st;
	bool changed;

	c.how = how ? how : &defaults;
	c.report = report ? report : &unwanted;
	*c.report = (struct wh_commit_report){ 0 };
	st = may_commit(hive, c.how);
	if (st != WH_OK)
		return st;
	c.store = hive->store;
	changed = differs(hive);
	if (!changed && hive->edit)
		whi_edit_back(hive->edit); /* if anything differs it is the base block */
	hive->changed = changed;
	return changed || hive->state == WH_RECOVERED ? commit(&c, changed) : WH_OK;
}
