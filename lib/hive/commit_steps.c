/* SPDX-License-Identifier: MIT */
#include "hive/commit.h"

#include "hive/base_block.h"

/* ------------------------------------------------------------------- steps */

void
whi_commit_put(struct whi_commit *c, uint64_t offset, const void *bytes, size_t len)
{
	if (c->st != WH_OK)
		return;
	c->st = c->store->ops->write(c->store, WHI_FILE_HIVE, offset, bytes, len);
	if (c->st == WH_OK)
		c->report->hive_bytes += len;
}

void
whi_commit_put_base(struct whi_commit *c, const struct regf_base *base)
{
	whi_commit_put(c, 0, base, REGF_SECTOR);
}

void
whi_commit_sync(struct whi_commit *c, enum whi_file_id id)
{
	if (c->st != WH_OK)
		return;
	c->report->syncs++;
	c->st = c->store->ops->sync(c->store, id);
}

void
whi_commit_sync_names(struct whi_commit *c)
{
	if (c->st != WH_OK)
		return;
	c->report->syncs++;
	c->st = c->store->ops->sync_names(c->store);
}

void
whi_commit_resize(struct whi_commit *c, enum whi_file_id id, uint64_t size)
{
	if (c->st == WH_OK)
		c->st = c->store->ops->resize(c->store, id, size);
}

void
whi_commit_empty_log(struct whi_commit *c, enum whi_file_id id)
{
	uint64_t size;

	if (c->st != WH_OK || !c->store->ops->find(c->store, id, &size) || size == 0)
		return;
	whi_commit_resize(c, id, 0);
	whi_commit_sync(c, id);
}

/* --------------------------------------- the hive as it was before the changes */

uint64_t
whi_old_size(const struct wh_hive *hive)
{
	return hive->edit ? hive->edit->levels[0].size : hive->img.size;
}

uint32_t
whi_old_length(const struct wh_hive *hive)
{
	return hive->edit ? hive->edit->levels[0].length : hive->img.length;
}

const uint8_t *
whi_old_page(const struct wh_hive *hive, uint64_t at)
{
	const uint8_t *saved = hive->edit ? whi_edit_before(hive->edit, at) : NULL;

	return saved ? saved : hive->img.bytes + at;
}

/* docs/crash-safety.md, "Which format". */
void
whi_commit_choose_log(struct whi_commit *c)
{
	const struct whi_seen *seen = &c->hive->seen;
	enum wh_log_format format = c->how->log_format;
	struct wh_base_block base;
	uint64_t size;

	whi_base_decode((const struct regf_base *)c->hive->img.bytes, &base);
	if (format == WH_LOG_NONE)
		format = seen->format;
	if (format == WH_LOG_NONE)
		format = base.reorganized != 0 || base.minor >= 5 ? WH_LOG_NEW : WH_LOG_OLD;
	c->report->log_format = format;
	c->job.type = format == WH_LOG_NEW               ? REGF_TYPE_LOG_NEW
		      : seen->type == REGF_TYPE_LOG_2000 ? REGF_TYPE_LOG_2000
							 : REGF_TYPE_LOG_OLD;
	c->log = !c->store->ops->find(c->store, WHI_FILE_LOG1, &size) &&
				 !c->store->ops->find(c->store, WHI_FILE_LOG2, &size) &&
				 c->store->ops->find(c->store, WHI_FILE_LOG, &size)
			 ? WHI_FILE_LOG
			 : WHI_FILE_LOG1;
	for (int id = 0; id < WHI_FILE_COUNT; id++)
		c->was_there[id] = c->store->ops->find(c->store, (enum whi_file_id)id, &size);
}

void
whi_commit_empty_others(struct whi_commit *c)
{
	for (int id = WHI_FILE_LOG1; id < WHI_FILE_COUNT; id++)
		if (id != (int)c->log)
			whi_commit_empty_log(c, (enum whi_file_id)id);
}

/*
 * To a hive that is dirty logs count at all times: no moment may show the first sector of one and
 * the rest of another.
 */
static void
sync_if_dirty(struct whi_commit *c)
{
	if (c->hive->state == WH_DIRTY)
		whi_commit_sync(c, c->log);
}

/* Make a log that is not there; true if it was not. */
static bool
create(struct whi_commit *c, enum whi_file_id id)
{
	uint64_t size;

	if (c->st != WH_OK || c->store->ops->find(c->store, id, &size))
		return false;
	c->st = c->store->ops->create(c->store, id);
	return true;
}

void
whi_commit_write_log(struct whi_commit *c, const struct whi_log_job *job)
{
	uint64_t size = whi_log_file_size(job);
	bool created;

	if (c->st == WH_OK && size > WHI_LOG_MAX_SIZE)
		c->st = WH_E_TOO_BIG;
	created = create(c, c->log);
	if (c->log == WHI_FILE_LOG1)
		created |= create(c, WHI_FILE_LOG2);
	whi_commit_resize(c, c->log, 0);
	sync_if_dirty(c);
	whi_commit_resize(c, c->log, size);
	if (c->st == WH_OK)
		c->st = whi_log_write(job, c->store, c->log, &c->hive->alloc);
	sync_if_dirty(c);
	if (c->st == WH_OK)
		c->st = whi_log_seal(job, c->store, c->log);
	if (c->st == WH_OK)
		c->report->log_bytes += size;
	whi_commit_sync(c, c->log);
	if (created)
		whi_commit_sync_names(c);
}

void
whi_commit_clear_log(struct whi_commit *c)
{
	bool removed = false;
	uint64_t size;

	if (c->was_there[c->log])
		whi_commit_empty_log(c, c->log);
	for (int i = WHI_FILE_LOG1; i < WHI_FILE_COUNT; i++) {
		enum whi_file_id id = (enum whi_file_id)i;

		if (c->st != WH_OK || c->was_there[id] || !c->store->ops->find(c->store, id, &size))
			continue;
		c->st = c->store->ops->remove(c->store, id);
		removed = true;
	}
	if (removed)
		whi_commit_sync_names(c);
}
