/* SPDX-License-Identifier: MIT */
/*
 * Opening a hive: what is it, is it clean, replay its logs if not, find its cells, find
 * its root.  The order of things is in load().
 */
#include "hive/hive.h"

#include "base/mem.h"
#include "cell/cell.h"
#include "hive/base_block.h"
#include "hive/collect.h"
#include "hive/file.h"
#include "hive/recover.h"
#include "hive/unread.h"
#include "hive/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Larger files are not read into memory to see whether they are hives. */
#define MAX_FILE_SIZE (UINT64_C(1) << 32)

/* Cells never reach into the last few bytes of a file that was cut at an odd place. */
enum { CUT_ALIGN = 16 };

/* What is known before anything is decided. */
struct opening {
	struct wh_hive *hive;
	const struct wh_source *source;
	const struct wh_options *options;
	const char *path;        /* NULL unless logs may lie beside it */
	const void *lent;        /* the bytes of the file, to be used where they are; or NULL */
	struct whi_file *file;   /* one that is ours alone, and may stay open; or NULL */
	struct whi_store *store; /* to be written to, else NULL */
	struct whi_sink sink;    /* that of the caller */
	bool no_memory;          /* to keep what was said of the logs */
	bool no_header;          /* there is no base block, only bins */
	bool sound;              /* the base block can be believed */
	bool settled;            /* where the bins end is known */
};

static enum wh_status
not_a_hive(struct opening *o, const char *text)
{
	whi_report(&o->hive->sink, WHI_RULE_NOT_HIVE, WHI_IN_FILE(0), "%s", text);
	return WH_E_NOT_HIVE;
}

static bool
is_log(struct opening *o)
{
	uint8_t sig[4];

	return le32_get(o->hive->found.type) != REGF_TYPE_PRIMARY &&
	       o->source->size >= REGF_SECTOR + sizeof sig &&
	       o->source->read(o->source->ctx, REGF_SECTOR, sig, sizeof sig) &&
	       (memcmp(sig, "HvLE", 4) == 0 || memcmp(sig, "DIRT", 4) == 0);
}

/* A bin that says it is at 'off'. */
static bool
get_bin(struct opening *o, uint64_t off, struct regf_bin *bin)
{
	return o->source->size >= REGF_BINS + off + sizeof *bin &&
	       o->source->read(o->source->ctx, REGF_BINS + off, bin, sizeof *bin) &&
	       memcmp(bin->sig, "hbin", 4) == 0 && le32_get(bin->offset) == off;
}

static bool
has_bin(struct opening *o, uint64_t off)
{
	struct regf_bin bin;

	return get_bin(o, off, &bin);
}

/* The first bin makes it a hive, or to be salvaged, any bin. */
static bool
has_first_bin(struct opening *o)
{
	bool found = has_bin(o, 0);

	for (uint64_t off = REGF_PAGE; !found && (o->options->flags & WH_OPEN_SALVAGE) &&
				       off <= REGF_MAX_LENGTH && REGF_BINS + off < o->source->size;
	     off += REGF_PAGE)
		found = has_bin(o, off);
	return found;
}

/* Read the base block and tell whether this is a hive at all. */
static enum wh_status
identify(struct opening *o)
{
	struct regf_base *base = &o->hive->found;
	uint64_t size = o->source->size;
	size_t len = size < sizeof *base ? (size_t)size : sizeof *base;

	if (size == 0)
		return not_a_hive(o, "the file is empty");
	if (!o->source->read(o->source->ctx, 0, base, len))
		return WH_E_IO;
	if (memcmp(base->sig, "regf", 4) != 0) {
		if (!has_first_bin(o))
			return not_a_hive(
				o, "neither a base block nor a hive bin where one has to be");
		o->no_header = true;
		return WH_OK;
	}
	if (is_log(o))
		return not_a_hive(o, "this is a transaction log; open the hive it belongs to");
	if (size < REGF_BINS + sizeof(struct regf_bin))
		return not_a_hive(o, "the file ends before its first hive bin");
	if (size > MAX_FILE_SIZE)
		return WH_E_TOO_BIG;
	return WH_OK;
}

/* Versions that nobody reads; a base block that cannot be believed says nothing. */
static enum wh_status
check_version(struct opening *o)
{
	uint32_t major = le32_get(o->hive->found.major), minor = le32_get(o->hive->found.minor);

	if (o->no_header)
		return WH_OK;
	if (le32_get(o->hive->found.checksum) != whi_base_checksum(&o->hive->found))
		return WH_OK;
	if (major != 1) {
		whi_report(&o->hive->sink, WHI_RULE_BASE_MAJOR,
			   WHI_IN_FILE(offsetof(struct regf_base, major)),
			   "version %" PRIu32 ".%" PRIu32 "; only 1.1 to 1.6 are known", major,
			   minor);
		return WH_E_NOT_HIVE;
	}
	if (!whi_base_known(&o->hive->found)) {
		whi_report(&o->hive->sink, WHI_RULE_BASE_MINOR,
			   WHI_IN_FILE(offsetof(struct regf_base, minor)),
			   "version 1.%" PRIu32 "%s; only 1.1 to 1.6 are known", minor,
			   minor == 0 ? ", of a pre-release of Windows NT 3.1" : "");
		return WH_E_NOT_HIVE;
	}
	return WH_OK;
}

/* A block for the file, with room for 'length' bytes of bins; 0: nothing will be replayed. */
static enum wh_status
make_room(struct opening *o, uint32_t length)
{
	struct wh_hive *hive = o->hive;
	uint64_t size = o->source->size;

	hive->img.size = size;
	if (o->lent && length == 0) {
		/* Nobody writes there: see whi_image_own(). */
		hive->img.bytes = (uint8_t *)(uintptr_t)o->lent;
		return WH_OK;
	}
	if (size < REGF_BINS + (uint64_t)length)
		size = REGF_BINS + (uint64_t)length;
	if (size > SIZE_MAX / 2)
		return WH_E_TOO_BIG;
	hive->img.bytes = whi_block_new(&hive->alloc, (size_t)size);
	if (!hive->img.bytes)
		return WH_E_MEMORY;
	hive->img.room = (size_t)size;
	return WH_OK;
}

static uint64_t
first_bin_time(struct opening *o)
{
	struct regf_bin bin;

	if (o->source->size < REGF_BINS + sizeof bin ||
	    !o->source->read(o->source->ctx, REGF_BINS, &bin, sizeof bin))
		return 0;
	return le64_get(bin.timestamp);
}

static void
report_dirty(struct opening *o)
{
	const struct regf_base *base = &o->hive->found;

	if (o->options->flags & WH_OPEN_NO_LOGS)
		return;
	whi_report(&o->hive->sink, WHI_RULE_HIVE_DIRTY, WHI_IN_FILE(4),
		   "the hive is dirty (%s, sequence numbers %" PRIu32 " and %" PRIu32
		   ") and %s; what Windows had not yet written to it is missing",
		   o->sound ? "it was in use" : "its base block is damaged",
		   le32_get(base->sequence1), le32_get(base->sequence2),
		   o->hive->log_count ? "its logs cannot be replayed" : "there are no logs");
}

/* Read the file, and scan what was read as soon as it is there, if 'scan'. */
static enum wh_status
read_image(struct opening *o, bool scan)
{
	enum { PART = 1 << 20 };
	struct whi_image *img = &o->hive->img;
	size_t part;

	if (img->room == 0)
		return WH_OK; /* lent */
	for (uint64_t at = 0; at < img->size; at += part) {
		part = img->size - at < PART ? (size_t)(img->size - at) : PART;
		if (!o->source->read(o->source->ctx, at, img->bytes + at, part))
			return WH_E_IO;
		if (scan && at + part > REGF_BINS)
			scan = whi_image_scan_ahead(img, at + part - REGF_BINS);
	}
	return WH_OK;
}

/*
 * Without a replay, and with a base block that can be believed, what is needed to scan the
 * bins is known before they are read.  settle_length() may still find more of them.
 */
static bool
settle_early(struct opening *o)
{
	struct whi_image *img = &o->hive->img;
	uint32_t length = le32_get(o->hive->found.length);

	if (!o->sound || length < REGF_PAGE || length % REGF_PAGE != 0 ||
	    length > REGF_MAX_LENGTH || length > img->size - REGF_BINS)
		return false;
	img->length = length;
	img->minor = le32_get(o->hive->found.minor);
	img->old_cells = img->minor <= 1;
	return true;
}

/* May the hive be read as it is asked for? */
static bool
may_read_later(const struct opening *o)
{
	const unsigned whole = WH_OPEN_WHOLE | WH_OPEN_WRITE | WH_OPEN_SALVAGE;

	return (o->lent || (o->file && !o->file->device)) && !(o->options->flags & whole);
}

/* As whi_image_bins_end() from 'img->length' on, of bins that have not been read. */
static uint32_t
bins_end(struct opening *o)
{
	uint64_t room = o->source->size - REGF_BINS;
	uint32_t limit = room > REGF_MAX_LENGTH ? REGF_MAX_LENGTH : (uint32_t)room;
	uint32_t end = o->hive->img.length;
	struct regf_bin bin;

	while (end < limit && get_bin(o, end, &bin)) {
		uint32_t size = le32_get(bin.size);

		if (size < REGF_PAGE || size % REGF_PAGE != 0 || size > limit - end)
			break;
		end += size;
	}
	return end;
}

/* Begin to read a file of which enough is known for that. */
static enum wh_status
begin_to_read(struct opening *o)
{
	struct wh_hive *hive = o->hive;

	if (!whi_base_clean(&hive->found))
		hive->img.length = bins_end(o); /* as settle_length() does */
	o->settled = true;
	return whi_unread_begin(hive, o->lent ? NULL : o->file);
}

/* Read the file; 'early': what its bins are like is known already. */
static enum wh_status
read_file(struct opening *o, bool early)
{
	struct wh_hive *hive = o->hive;
	enum wh_status st = early ? whi_image_prepare(&hive->img, &hive->alloc) : WH_OK;

	if (st == WH_OK && early && may_read_later(o))
		return begin_to_read(o);
	if (st == WH_OK)
		st = read_image(o, early);
	if (st == WH_OK && o->file && !whi_file_same(o->file))
		whi_report(&hive->sink, WHI_RULE_FILE_UNREAD, WHI_IN_FILE(0),
			   "the file was changed while it was read; what was read may be partly "
			   "as it was before");
	return st;
}

/* Put the entries of the plan into the image, or report that there are none that could be. */
static enum wh_status
recover(struct opening *o, const struct whi_recovery *plan)
{
	struct wh_hive *hive = o->hive;
	enum wh_status st;

	if (plan->step_count == 0) {
		hive->state = WH_DIRTY;
		report_dirty(o);
		return WH_OK;
	}
	if (hive->img.size < REGF_BINS + (uint64_t)plan->max_length)
		hive->img.size = REGF_BINS + (uint64_t)plan->max_length;
	st = whi_recovery_run(hive, plan);
	if (st == WH_OK)
		hive->state = WH_RECOVERED;
	return st;
}

/* Read everything, replaying the logs over it if the hive is dirty. */
static enum wh_status
read_and_recover(struct opening *o)
{
	struct wh_hive *hive = o->hive;
	struct whi_recovery plan = { 0 };
	bool clean = whi_base_clean(&hive->found), early;
	bool wanted = clean ? (o->options->flags & WH_OPEN_ALL_LOGS) != 0
			    : !(o->options->flags & WH_OPEN_NO_LOGS);
	const struct whi_sink sink = hive->sink;
	enum wh_status st = WH_OK;

	if (!wanted)
		hive->sink.fn = NULL; /* what is wrong with those logs is nobody's business */
	if (wanted || o->store)
		st = whi_logs_collect(hive, o->options, o->path, o->store);
	hive->sink = sink;
	if (st == WH_OK && wanted && !clean)
		whi_recovery_plan(hive, first_bin_time(o), &plan);
	if (st == WH_OK)
		st = make_room(o, plan.max_length);
	early = st == WH_OK && plan.step_count == 0 && settle_early(o);
	if (st == WH_OK)
		st = read_file(o, early);
	if (st == WH_OK && !clean)
		st = recover(o, &plan);
	if (st != WH_OK)
		return st;
	for (size_t i = 0; i < hive->log_count; i++)
		whi_log_drop_bytes(&hive->logs[i], &hive->alloc);
	return WH_OK;
}

/* The base block in force: it can be believed if it always could, or was recovered. */
static const struct regf_base *
base_now(const struct wh_hive *hive)
{
	return (const struct regf_base *)hive->img.bytes;
}

/*
 * The end of the last bin there is, if nothing can be believed: that the bins before it can be
 * followed is too much to ask of a hive to be salvaged.
 */
static uint32_t
last_end(struct opening *o, uint32_t length, uint32_t room)
{
	uint32_t end = length, next;

	for (uint32_t off = 0; off < room; off += REGF_PAGE) {
		if (off < end || !has_bin(o, off))
			continue;
		next = whi_image_bins_end(&o->hive->img, off);
		end = next > off ? next : room - room % REGF_PAGE; /* one without a size */
	}
	return end;
}

/*
 * How many bytes of bins there are.  In a dirty hive the base block is that of the moment
 * when it was last clean, and the bins may go on after its length.
 */
static void
settle_length(struct opening *o)
{
	struct whi_image *img = &o->hive->img;
	uint32_t length = le32_get(base_now(o->hive)->length), end;
	uint64_t room = img->size - REGF_BINS;
	bool valid = length >= REGF_PAGE && length % REGF_PAGE == 0 && length <= REGF_MAX_LENGTH;
	bool believed = o->sound || o->hive->state == WH_RECOVERED;
	struct whi_location place = WHI_IN_FILE(offsetof(struct regf_base, length));

	if (room > REGF_MAX_LENGTH)
		room = REGF_MAX_LENGTH;
	if (!believed && (o->options->flags & WH_OPEN_SALVAGE) && length > room)
		valid = false; /* rather than that the file was cut as well */
	if (valid && length > room) {
		img->cut = true;
		img->length = (uint32_t)room - (uint32_t)room % CUT_ALIGN;
		whi_report(img->sink, WHI_RULE_HIVE_LENGTH, place,
			   "%" PRIu32 " bytes of hive bins, but the file ends after %" PRIu32,
			   length, (uint32_t)room);
		return;
	}
	img->length = valid ? length : 0;
	if (valid && believed && o->hive->state != WH_DIRTY)
		return;
	end = whi_image_bins_end(img, img->length);
	if (o->options->flags & WH_OPEN_SALVAGE)
		end = last_end(o, img->length, (uint32_t)room);
	if (end == 0)
		end = (uint32_t)room - (uint32_t)room % REGF_PAGE;
	if (!valid || (!believed && end != length && !o->no_header))
		whi_report(img->sink, WHI_RULE_HIVE_LENGTH, place,
			   "%" PRIu32 " bytes of hive bins; taken to be %" PRIu32
			   ", where the last one ends",
			   length, end);
	img->length = end;
}

/* The version decides the form of cells; if it cannot be believed the first cell does. */
static void
settle_version(struct opening *o)
{
	struct whi_image *img = &o->hive->img;
	uint32_t minor = le32_get(base_now(o->hive)->minor);

	img->minor = minor;
	img->old_cells = minor <= 1;
	if (o->sound || o->hive->state == WH_RECOVERED)
		return;
	img->old_cells = whi_image_looks_old(img);
	if (img->old_cells)
		img->minor = 1;
	else if (o->no_header || minor < 2 || minor > 6)
		img->minor = 5;
}

/* The key at 'ref', if there is one that can be read. */
static const struct regf_nk *
key_at(const struct whi_image *img, cellref ref)
{
	struct view cell;
	const struct regf_nk *nk = whi_cell_record(img, ref, "nk", sizeof(struct regf_nk), &cell);

	return nk && le16_get(nk->name_len) <= cell.len - sizeof *nk ? nk : NULL;
}

/* A key that says it is the root of a hive. */
static bool
is_entry(const struct whi_image *img, cellref ref)
{
	const struct regf_nk *nk = key_at(img, ref);

	return nk && (le16_get(nk->flags) & WH_KEY_HIVE_ENTRY);
}

static const char *
why_no_key(const struct whi_image *img, cellref ref)
{
	struct view cell;

	return whi_cell_get(img, ref, &cell) ? "is not a key that can be read"
					     : whi_cell_why(img, ref);
}

/* The root key is where the base block says, or else the first key that says so itself. */
static enum wh_status
find_root(struct opening *o)
{
	const struct whi_image *img = &o->hive->img;
	cellref said = { o->no_header ? 0x20 : le32_get(base_now(o->hive)->root_cell) }, ref;
	struct whi_location place = WHI_IN_FILE(offsetof(struct regf_base, root_cell));

	o->hive->root = said;
	if (key_at(img, said))
		return WH_OK;
	for (ref.off = 0; ref.off < img->length; ref.off += REGF_CELL_ALIGN)
		if (is_entry(img, ref)) {
			o->hive->root = ref;
			whi_report(img->sink, WHI_RULE_ROOT_CELL, place,
				   "root cell 0x%" PRIx32 " %s; the key in cell 0x%" PRIx32
				   " says it is a root and is used instead",
				   said.off, why_no_key(img, said), ref.off);
			return WH_OK;
		}
	whi_report(img->sink, WHI_RULE_ROOT_CELL, place,
		   "root cell 0x%" PRIx32 " %s, and no other key says it is the root", said.off,
		   why_no_key(img, said));
	o->hive->root.off = REGF_NIL;
	return o->options->flags & WH_OPEN_SALVAGE ? WH_OK : WH_E_CORRUPT;
}

/* An issue on its way to the caller.  Logs are not kept, but what was said of them is. */
static void
pass_on(void *ctx, const struct wh_issue *issue)
{
	struct opening *o = ctx;

	if (issue->log >= 0 && !whi_issues_keep(&o->hive->log_issues, &o->hive->alloc, issue))
		o->no_memory = true;
	if (o->sink.fn)
		o->sink.fn(o->sink.ctx, issue);
}

static enum wh_status
load(struct opening *o)
{
	struct wh_hive *hive = o->hive;
	enum wh_status st = identify(o);

	if (st == WH_OK)
		st = check_version(o);
	if (st != WH_OK)
		return st;
	o->sound = !o->no_header && whi_base_sound(&hive->found);
	hive->file_size = o->source->size;
	whi_base_review(&hive->found, &hive->sink);

	st = read_and_recover(o);
	if (st != WH_OK)
		return st;
	settle_version(o);
	if (!o->settled)
		settle_length(o);
	if (!hive->img.starts) /* else this was done while the file was read */
		st = whi_image_prepare(&hive->img, &hive->alloc);
	if (st != WH_OK)
		return st;
	if (!hive->img.unread)
		whi_image_scan(&hive->img);
	return find_root(o);
}

/* '*hive' is set on success. */
static enum wh_status
open_hive(struct opening *o, const struct wh_options *options, struct wh_hive **out)
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
	hive->flags = o->options->flags;
	hive->time = o->options->time;
	o->hive = hive;
	st = load(o);
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
	struct opening o = { .source = &source, .store = store };

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
	struct opening o = { .source = &source, .path = path, .file = &file };
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
	struct opening o = { .source = &source };
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
	struct opening o = { .source = &source };

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
	struct opening o = { .source = source };

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
	whi_sk_index_fini(&hive->sks, &alloc);
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
