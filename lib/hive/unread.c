/* SPDX-License-Identifier: MIT */
#include "hive/unread.h"

#include "base/mem.h"
#include "hive/read.h"

#include <pthread.h>

/* Bytes of the file that are read at a time. */
#ifdef WHI_SMALL_PARTS
enum { PART = REGF_PAGE };
#else
enum { PART = 512 << 10 };
#endif

struct unread {
	struct whi_unread gate; /* what the image knows of it */
	struct wh_hive *hive;
	struct whi_file file;
	bool lent; /* there is no file */
	pthread_mutex_t lock;
	uint64_t read;            /* bytes of the file that are in memory */
	enum wh_status status;    /* WH_E_IO: no more can be had */
	bool no_memory;           /* for an issue */
	struct whi_issues issues; /* reported when the lock is free: that may take long */
};

static void
keep(void *ctx, const struct wh_issue *issue)
{
	struct unread *r = ctx;

	r->no_memory |= !whi_issues_keep(&r->issues, &r->hive->alloc, issue);
}

/* No more is read: the file is not the same any more. */
static void
give_up(struct unread *r)
{
	const struct whi_sink sink = { keep, r };

	r->status = WH_E_IO;
	whi_file_close(&r->file);
	whi_report(&sink, WHI_RULE_FILE_UNREAD, WHI_IN_FILE(r->read),
		   "the file was changed since it was opened; what lies from here on is not read");
}

/* Read the file up to 'end'. */
static void
read_to(struct unread *r, uint64_t end)
{
	struct whi_image *img = &r->hive->img;
	struct wh_source source = whi_file_source(&r->file, NULL);

	while (!r->lent && r->status == WH_OK && r->read < end) {
		size_t len = end - r->read < PART ? (size_t)(end - r->read) : PART;

		if (!whi_read_no_more(r->hive) &&
		    !source.read(source.ctx, r->read, img->bytes + r->read, len) &&
		    whi_file_same(&r->file))
			whi_read_around(r->hive, &source, r->read, len);
		if (whi_file_same(&r->file))
			r->read += len;
		else
			give_up(r);
	}
	if (r->lent)
		r->read = end;
	if (r->read == img->size)
		whi_file_close(&r->file);
}

/* Was there memory for all issues since there were 'known'?  Else there are only those again. */
static bool
all_kept(struct unread *r, size_t known)
{
	bool all = !r->no_memory;

	if (!all)
		whi_issues_cut(&r->issues, &r->hive->alloc, known);
	r->no_memory = false;
	return all;
}

/* Report what could not be read; false: there is no memory for that, and the next to ask does. */
static bool
report_blanks(struct unread *r)
{
	const struct whi_sink sink = { r->hive->sink.fn ? keep : NULL, r };
	size_t known = r->issues.count, reported = r->hive->blanks.reported;

	whi_read_report(r->hive, &sink);
	if (all_kept(r, known))
		return true;
	r->hive->blanks.reported = reported;
	return false;
}

/*
 * Scan what was read; all of it if bins are met that are not simply sound.  Without the memory to
 * report that, nothing was done, and the next to ask for them tries again.
 */
static enum wh_status
scan(struct unread *r)
{
	const struct whi_sink sink = { r->hive->sink.fn ? keep : NULL, r };
	struct whi_image *img = &r->hive->img, silent = *img;
	size_t known;

	if (r->read < REGF_BINS)
		return r->status;
	if (!whi_image_scan_ahead(&silent, r->read - REGF_BINS))
		read_to(r, img->size);
	if (!report_blanks(r))
		return WH_E_MEMORY;
	known = r->issues.count;
	if (r->status == WH_OK && r->read == img->size) {
		silent.sink = &sink;
		whi_image_scan(&silent);
	}
	if (r->status == WH_OK && !all_kept(r, known))
		return WH_E_MEMORY;
	whi_image_cut(&silent, &r->hive->blanks);
	img->scanned = silent.scanned;
	img->damaged = silent.damaged;
	img->counts = silent.counts;
	atomic_store_explicit(&r->gate.ready, img->scanned, memory_order_release);
	return r->status;
}

/* Read the next part, and scan it while it is at hand. */
static enum wh_status
advance(struct unread *r)
{
	uint64_t size = r->hive->img.size, end = r->read + PART;

	if (r->status != WH_OK)
		return r->status;
	read_to(r, end < size ? end : size);
	return scan(r);
}

/* Read on until all bins before 'end' are there; 'whole': and all of the file. */
static enum wh_status
reach(struct unread *r, uint32_t end, bool whole)
{
	const struct whi_sink *sink = &r->hive->sink;
	enum wh_status st = WH_OK;
	struct whi_issues issues;

	pthread_mutex_lock(&r->lock);
	while (st == WH_OK && !whi_is_read(&r->gate, end - 1))
		st = advance(r);
	if (whi_is_read(&r->gate, end - 1))
		st = WH_OK;
	if (whole && st == WH_OK) {
		read_to(r, r->hive->img.size);
		st = r->status == WH_OK && !report_blanks(r) ? WH_E_MEMORY : r->status;
	}
	issues = r->issues;
	r->issues = (struct whi_issues){ 0 };
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; sink->fn && i < issues.count; i++)
		sink->fn(sink->ctx, &issues.at[i]);
	whi_issues_free(&issues, &r->hive->alloc);
	return st;
}

static bool
reach_bin(struct whi_unread *unread, uint32_t off)
{
	return reach((struct unread *)unread, off + 1, false) == WH_OK;
}

enum wh_status
whi_unread_begin(struct wh_hive *hive, struct whi_file *file)
{
	struct unread *r = whi_zalloc(&hive->alloc, sizeof *r);

	if (!r)
		return WH_E_MEMORY;
	if (pthread_mutex_init(&r->lock, NULL) != 0) {
		whi_free(&hive->alloc, r, sizeof *r);
		return WH_E_MEMORY;
	}
	r->gate.reach = reach_bin;
	r->hive = hive;
	r->lent = !file;
	if (file) {
		r->file = *file;
		file->owned = false;
	}
	hive->img.unread = &r->gate;
	return reach(r, 1, false);
}

enum wh_status
whi_read_all(const struct wh_hive *hive)
{
	enum wh_status st = WH_OK;

	if (hive->img.unread)
		st = reach((struct unread *)hive->img.unread, hive->img.length, true);
	return st == WH_OK && whi_blanks_any(&hive->blanks) ? WH_E_IO : st;
}

enum wh_status
whi_unread_end(struct wh_hive *hive)
{
	enum wh_status st = whi_read_all(hive);

	if (st == WH_OK)
		whi_unread_free(hive);
	return st;
}

void
whi_unread_free(struct wh_hive *hive)
{
	struct unread *r = (struct unread *)hive->img.unread;

	if (!r)
		return;
	whi_file_close(&r->file);
	pthread_mutex_destroy(&r->lock);
	whi_free(&hive->alloc, r, sizeof *r);
	hive->img.unread = NULL;
}
