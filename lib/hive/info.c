/* SPDX-License-Identifier: MIT */
/* What can be asked of a hive as a file. */
#include "hive/hive.h"

#include "hive/base_block.h"
#include "hive/file.h"
#include "hive/unread.h"

enum wh_state
wh_hive_state(const struct wh_hive *hive)
{
	return hive->state;
}

void
wh_hive_base_block(const struct wh_hive *hive, struct wh_base_block *found,
		   struct wh_base_block *now)
{
	if (found)
		whi_base_decode(&hive->found, found);
	if (now)
		whi_base_decode((const struct regf_base *)hive->img.bytes, now);
}

void
wh_hive_stats(const struct wh_hive *hive, struct wh_hive_stats *stats)
{
	const struct whi_image *img = &hive->img;

	(void)!whi_read_all(hive); /* which reports why; then it is what was counted so far */
	*stats = (struct wh_hive_stats){
		.file_size = hive->file_size,
		.length = img->length,
		.bins = img->counts.bins,
		.bad_bins = img->counts.bad_bins,
		.used_cells = img->counts.used_cells,
		.free_cells = img->counts.free_cells,
		.used_bytes = img->counts.used_bytes,
		.free_bytes = img->counts.free_bytes,
		.tail = img->size - REGF_BINS - img->length,
	};
}

size_t
wh_hive_log_count(const struct wh_hive *hive)
{
	return hive->log_count;
}

enum wh_status
wh_hive_log(const struct wh_hive *hive, size_t index, struct wh_log *out)
{
	const struct whi_log *log;

	*out = (struct wh_log){ .name = "" };
	if (index >= hive->log_count)
		return WH_E_NO_MORE;
	log = &hive->logs[index];
	*out = (struct wh_log){
		.name = log->name,
		.format = log->format,
		.verdict = log->verdict,
		.reason = log->reason ? log->reason : "",
		.size = log->size,
		.timestamp = log->timestamp,
		.sequence = log->sequence,
		.entry_count = (uint32_t)log->entry_count,
		.applied = log->applied,
	};
	return WH_OK;
}

enum wh_status
wh_hive_log_entry(const struct wh_hive *hive, size_t log, size_t index, struct wh_log_entry *entry)
{
	*entry = (struct wh_log_entry){ 0 };
	if (log >= hive->log_count || index >= hive->logs[log].entry_count)
		return WH_E_NO_MORE;
	*entry = hive->logs[log].entries[index];
	return WH_OK;
}

uint64_t
wh_hive_size(const struct wh_hive *hive)
{
	return hive->img.size;
}

const void *
wh_hive_bytes(const struct wh_hive *hive, size_t *len)
{
	*len = 0;
	if (whi_read_all(hive) != WH_OK)
		return NULL;
	*len = (size_t)hive->img.size;
	return hive->img.bytes;
}

enum wh_status
wh_hive_save_as(struct wh_hive *hive, const char *path, unsigned flags)
{
	enum wh_status st;

	if (!path || (flags & ~(unsigned)WH_SAVE_REPLACE))
		return WH_E_INVALID;
	st = whi_read_all(hive);
	if (st != WH_OK)
		return st;
	return whi_file_write(path, hive->img.bytes, (size_t)hive->img.size,
			      flags & WH_SAVE_REPLACE, &hive->alloc);
}
