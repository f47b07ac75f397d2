/* SPDX-License-Identifier: MIT */
/* The ways to open a hive, and closing it. */
#include "hive/hive.h"

#include "base/mem.h"
#include "hive/collect.h"
#include "hive/file.h"
#include "hive/load.h"
#include "hive/store.h"
#include "hive/unread.h"

#include <string.h>

/* An issue on its way to the caller.  Logs are not kept, but what was said of them is. */
static void
pass_on(void *ctx, const struct wh_issue *issue)
{
	struct whi_opening *o = ctx;

	if (issue->log >= 0 && !whi_issues_keep(&o->hive->log_issues, &o->hive->alloc, issue))
		o->no_memory = true;
	if (o->sink.fn)
		o->sink.fn(o->sink.ctx, issue);
}

/* '*hive' is set on success. */
static enum wh_status
open_hive(struct whi_opening *o, const struct wh_options *options, struct wh_hive **out)
{
	static const struct wh_options defaults;
	unsigned allowed = WH_OPEN_NO_LOGS | WH_OPEN_ALL_LOGS | WH_OPEN_TAKE_DIRTY |
			   WH_OPEN_TAKE_DAMAGED | WH_OPEN_SALVAGE | WH_OPEN_WHOLE |
			   (o->store ? WH_OPEN_WRITE : 0) | (o->lent ? WH_OPEN_LENT : 0);
	struct wh_allocator alloc;
	struct wh_hive *hive;
	enum wh_status st;

	o->options = options ? options : &defaults;
	if (o->options->flags & ~allowed)
		return WH_E_INVALID;
	alloc = whi_allocator(o->options->allocator);
	hive = whi_zalloc(&alloc, sizeof *hive);
	if (!hive)
		return WH_E_MEMORY;
	hive->alloc = alloc;
	o->sink = (struct whi_sink){ o->options->issue, o->options->issue_ctx };
	hive->sink = (struct whi_sink){ pass_on, o };
	hive->img.sink = &hive->sink;
	hive->img.blanks = &hive->blanks;
	hive->flags = o->options->flags;
	hive->time = o->options->time;
	o->hive = hive;
	st = whi_load(o);
	hive->sink = o->sink;
	if (st == WH_OK && o->no_memory)
		st = WH_E_MEMORY;
	if (st != WH_OK) {
		wh_hive_close(hive);
		return st;
	}
	hive->store = o->store;
	*out = hive;
	return WH_OK;
}

enum wh_status
whi_hive_open_store(struct whi_store *store, const struct wh_options *options,
		    struct wh_hive **hive)
{
	struct whi_stored file = { store, WHI_FILE_HIVE };
	struct wh_source source;
	struct wh_options with = options ? *options : (struct wh_options){ 0 };
	struct whi_opening o = { .source = &source, .store = store };

	*hive = NULL;
	/* Logs from elsewhere would not be there for the next open, should a commit not end. */
	if (with.log_count > 0 || with.log_source_count > 0)
		return WH_E_INVALID;
	if (!whi_stored_source(&file, &source))
		return WH_E_NOT_FOUND;
	with.flags |= WH_OPEN_WRITE;
	return open_hive(&o, &with, hive);
}

static enum wh_status
open_to_write(const char *path, const struct wh_options *options, struct wh_hive **hive)
{
	struct wh_allocator alloc = whi_allocator(options->allocator);
	struct whi_store *store;
	enum wh_status st = whi_store_open(path, &alloc, &store);

	if (st != WH_OK)
		return st;
	st = whi_hive_open_store(store, options, hive);
	if (st != WH_OK)
		store->ops->close(store);
	return st;
}

enum wh_status
wh_hive_open(const char *path, const struct wh_options *options, struct wh_hive **hive)
{
	struct whi_file file;
	struct wh_source source;
	struct whi_opening o = { .source = &source, .path = path, .file = &file };
	enum wh_status st;

	*hive = NULL;
	if (!path)
		return WH_E_INVALID;
	if (options && (options->flags & WH_OPEN_WRITE))
		return open_to_write(path, options, hive);
	st = whi_file_open(path, &file);
	if (st != WH_OK)
		return st;
	source = whi_file_source(&file, path);
	st = open_hive(&o, options, hive);
	whi_file_close(&file);
	return st;
}

enum wh_status
wh_hive_open_fd(int fd, const struct wh_options *options, struct wh_hive **hive)
{
	struct whi_file file;
	struct wh_source source;
	struct whi_opening o = { .source = &source };
	enum wh_status st;

	*hive = NULL;
	st = whi_file_from_fd(fd, &file);
	if (st != WH_OK)
		return st;
	source = whi_file_source(&file, NULL);
	return open_hive(&o, options, hive);
}

static bool
memory_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	memcpy(buf, (const char *)ctx + offset, len);
	return true;
}

enum wh_status
wh_hive_open_memory(const void *bytes, size_t size, const struct wh_options *options,
		    struct wh_hive **hive)
{
	struct wh_source source = { memory_read, (void *)(uintptr_t)bytes, size, NULL };
	struct whi_opening o = { .source = &source };

	*hive = NULL;
	if (!bytes && size > 0)
		return WH_E_INVALID;
	if (options && (options->flags & WH_OPEN_LENT))
		o.lent = bytes;
	return open_hive(&o, options, hive);
}

enum wh_status
wh_hive_open_source(const struct wh_source *source, const struct wh_options *options,
		    struct wh_hive **hive)
{
	struct whi_opening o = { .source = source };

	*hive = NULL;
	if (!source || !source->read)
		return WH_E_INVALID;
	return open_hive(&o, options, hive);
}

void
wh_hive_close(struct wh_hive *hive)
{
	struct wh_allocator alloc;

	if (!hive)
		return;
	alloc = hive->alloc;
	if (hive->store)
		hive->store->ops->close(hive->store);
	if (hive->edit) {
		whi_edit_fini(hive->edit);
		whi_free(&alloc, hive->edit, sizeof *hive->edit);
	}
	whi_stale_fini(&hive->stale, &alloc);
	whi_cell_index_fini(&hive->sks, &alloc);
	whi_cell_index_fini(&hive->value_names.cells, &alloc);
	whi_free(&alloc, hive->replayed, hive->replayed_count);
	whi_unread_free(hive);
	whi_image_forget(&hive->img, &alloc);
	if (hive->img.room > 0)
		whi_block_free(&alloc, hive->img.bytes, hive->img.room);
	for (size_t i = 0; i < hive->log_count; i++)
		whi_log_forget(&hive->logs[i], &alloc);
	whi_free(&alloc, hive->logs, WHI_MAX_LOGS * sizeof *hive->logs);
	whi_issues_free(&hive->log_issues, &alloc);
	whi_free(&alloc, hive, sizeof *hive);
}
