/* SPDX-License-Identifier: MIT */
/*
 * Another hive takes the place of a file, which may be so damaged that no log describes it.  This
 * file knows the order; why it is this one is in docs/crash-safety.md.
 *
 *	1   a new file beside the hive, and the backup  |
 *	2   the new hive to it                          |  the old hive, with its logs
 *	3   the name of the hive to the new file        =  one or the other, until names are synced
 *	4   the logs emptied                            |  new: clean, and later than the logs
 *
 * with a sync behind each line.  A failure up to 3 leaves everything as it was.
 */
#include "base/time.h"
#include "hive/backup.h"
#include "hive/base_block.h"
#include "hive/commit.h"
#include "hive/unread.h"

#include <string.h>

/* The new hive up to here is written from a copy, in which the base block is put right. */
enum { HEAD = REGF_BINS + REGF_PAGE };

/*
 * The time that the new hive needs: its own, or if a log of the old format is there, which is known
 * by its time and not by its number, a later one than that.
 */
static uint64_t
later_time(const struct wh_hive *hive, uint64_t own)
{
	uint64_t now = hive->time ? hive->time : whi_time_now(), old = hive->seen.old_time;

	if (!hive->seen.has_old || old < own)
		return own;
	return old < now || old == UINT64_MAX ? now : old + 1;
}

/* No log that is there may ever be replayed over it, should one be left. */
static void
make_head(const struct wh_hive *hive, const struct wh_hive *with, uint8_t head[HEAD])
{
	struct regf_base *base = (struct regf_base *)head;
	struct regf_bin *bin = (struct regf_bin *)(head + REGF_BINS);
	uint32_t sequence = hive->seen.sequence + 1, own;
	uint64_t time;

	memcpy(head, with->img.bytes, HEAD);
	own = le32_get(base->sequence1);
	time = later_time(hive, le64_get(base->timestamp));
	if (time != le64_get(base->timestamp))
		base->timestamp = bin->timestamp = le64_make(time);
	whi_base_seal(base, whi_is_later(own, sequence) ? own : sequence);
}

/* Room first: a disk that is full is known of before anything is written. */
static void
write_new(struct whi_commit *c, const struct wh_hive *with)
{
	const struct whi_store_ops *ops = c->store->ops;
	const struct whi_image *img = &with->img;
	uint8_t head[HEAD];

	make_head(c->hive, with, head);
	whi_commit_resize(c, WHI_FILE_NEW, img->size);
	if (c->st == WH_OK)
		c->st = ops->write(c->store, WHI_FILE_NEW, 0, head, HEAD);
	if (c->st == WH_OK && img->size > HEAD)
		c->st = ops->write(c->store, WHI_FILE_NEW, HEAD, img->bytes + HEAD,
				   (size_t)img->size - HEAD);
	if (c->st == WH_OK)
		c->report->hive_bytes = img->size;
	whi_commit_sync(c, WHI_FILE_NEW);
}

static void
prepare(struct whi_commit *c, const struct wh_hive *with, unsigned *backup)
{
	const struct whi_store_ops *ops = c->store->ops;

	c->st = whi_commit_look_at_files(c);
	if (c->st == WH_OK)
		c->st = ops->create(c->store, WHI_FILE_NEW);
	if (c->st == WH_OK && c->how->backup)
		c->st = whi_backup_make(c->store, c->how->backup, &c->hive->alloc, backup);
	write_new(c, with);
	if (c->st == WH_OK) /* all that took its time */
		c->st = whi_commit_look_at_files(c);
	if (c->st == WH_OK)
		c->st = ops->replace(c->store);
}

/* The cause stays, whatever comes of this. */
static void
give_up(struct whi_commit *c, unsigned backup)
{
	uint64_t size;

	if (c->store->ops->find(c->store, WHI_FILE_NEW, &size))
		(void)c->store->ops->remove(c->store, WHI_FILE_NEW);
	if (c->how->backup)
		whi_backup_remove(c->how->backup, backup);
	c->report->hive_bytes = 0;
}

static enum wh_status
may_replace(const struct wh_hive *hive, const struct wh_hive *with)
{
	if (!hive || !with || hive == with || (hive->edit && hive->edit->depth > 1) ||
	    (with->edit && with->edit->depth > 1))
		return WH_E_INVALID;
	if (!hive->store)
		return WH_E_ACCESS;
	if (hive->unfinished)
		return WH_E_IN_USE;
	if (with->state == WH_DIRTY)
		return WH_E_DIRTY;
	return whi_commit_can_write(with) && with->img.size >= HEAD ? WH_OK : WH_E_CORRUPT;
}

enum wh_status
wh_hive_replace(struct wh_hive *hive, const struct wh_hive *with, const struct wh_commit *how,
		struct wh_commit_report *report)
{
	static const struct wh_commit defaults;
	struct wh_commit_report unwanted;
	struct whi_commit c = { .hive = hive };
	unsigned backup = 0;

	c.how = how ? how : &defaults;
	c.report = report ? report : &unwanted;
	*c.report = (struct wh_commit_report){ 0 };
	c.st = may_replace(hive, with);
	if (c.st == WH_OK)
		c.st = whi_read_all(with);
	if (c.st != WH_OK)
		return c.st;
	c.store = hive->store;
	prepare(&c, with, &backup);
	if (c.st != WH_OK) {
		give_up(&c, backup);
		return c.st;
	}
	hive->unfinished = true; /* what it says is nowhere any more */
	whi_commit_sync_names(&c);
	c.report->in_place = c.st != WH_OK;
	if (c.st != WH_OK) /* the old hive may come back, and then it needs its logs */
		return c.st;
	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		whi_commit_empty_log(&c, (enum whi_file_id)id);
	whi_commit_is_done(&c);
	return c.st;
}
