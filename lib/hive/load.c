/* SPDX-License-Identifier: MIT */
/*
 * From a file to a hive: what is it, is it clean, replay its logs if not, find its cells, find
 * its root.  The order of things is in whi_load(), at the end.
 */
#include "hive/load.h"

#include "base/mem.h"
#include "cell/cell.h"
#include "hive/base_block.h"
#include "hive/collect.h"
#include "hive/read.h"
#include "hive/recover.h"
#include "hive/unread.h"

#include <inttypes.h>
#include <string.h>

/* Larger files are not read into memory to see whether they are hives. */
#define MAX_FILE_SIZE (UINT64_C(1) << 32)

/* Cells never reach into the last few bytes of a file that was cut at an odd place. */
enum { CUT_ALIGN = 16 };

static enum wh_status
not_a_hive(struct whi_opening *o, const char *text)
{
	whi_report(&o->hive->sink, WHI_RULE_NOT_HIVE, WHI_IN_FILE(0), "%s", text);
	return WH_E_NOT_HIVE;
}

static bool
is_log(struct whi_opening *o)
{
	uint8_t sig[4];

	return le32_get(o->hive->found.type) != REGF_TYPE_PRIMARY &&
	       o->source->size >= REGF_SECTOR + sizeof sig &&
	       o->source->read(o->source->ctx, REGF_SECTOR, sig, sizeof sig) &&
	       (memcmp(sig, "HvLE", 4) == 0 || memcmp(sig, "DIRT", 4) == 0);
}

/* A bin that says it is at 'off'; '*unread' is one more if nobody can tell. */
static bool
get_bin(struct whi_opening *o, uint64_t off, struct regf_bin *bin, unsigned *unread)
{
	if (o->source->size < REGF_BINS + off + sizeof *bin)
		return false;
	if (!o->source->read(o->source->ctx, REGF_BINS + off, bin, sizeof *bin)) {
		++*unread;
		return false;
	}
	return memcmp(bin->sig, "hbin", 4) == 0 && le32_get(bin->offset) == off;
}

static bool
has_bin(struct whi_opening *o, uint64_t off, unsigned *unread)
{
	struct regf_bin bin;

	return get_bin(o, off, &bin, unread);
}

/* The first bin makes it a hive, or to be salvaged, any bin; a bad medium is not asked for ever. */
static bool
has_first_bin(struct whi_opening *o, unsigned *unread)
{
	bool found = has_bin(o, 0, unread);

	for (uint64_t off = REGF_PAGE;
	     !found && *unread < WHI_BLANKS && (o->options->flags & WH_OPEN_SALVAGE) &&
	     off <= REGF_MAX_LENGTH && REGF_BINS + off < o->source->size;
	     off += REGF_PAGE)
		found = has_bin(o, off, unread);
	return found;
}

/* Read the base block and tell whether this is a hive at all. */
static enum wh_status
identify(struct whi_opening *o)
{
	struct regf_base *base = &o->hive->found;
	uint64_t size = o->source->size;
	size_t len = size < sizeof *base ? (size_t)size : sizeof *base;
	unsigned unread = 0;

	if (size == 0)
		return not_a_hive(o, "the file is empty");
	if (!o->source->read(o->source->ctx, 0, base, len))
		return WH_E_IO;
	if (memcmp(base->sig, "regf", 4) != 0) {
		if (!has_first_bin(o, &unread))
			return unread ? WH_E_IO
				      : not_a_hive(o, "neither a base block nor a hive bin where "
						      "one has to be");
		o->no_header = true;
		return size > MAX_FILE_SIZE ? WH_E_TOO_BIG : WH_OK;
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
check_version(struct whi_opening *o)
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
make_room(struct whi_opening *o, uint32_t length)
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
first_bin_time(struct whi_opening *o)
{
	struct regf_bin bin;

	if (o->source->size < REGF_BINS + sizeof bin)
		return 0;
	return o->source->read(o->source->ctx, REGF_BINS, &bin, sizeof bin)
		       ? le64_get(bin.timestamp)
		       : WHI_TIME_UNREAD;
}

static void
report_dirty(struct whi_opening *o)
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

/* Read a part; what is to be written to, or to be salvaged, has to be read without blanks. */
static enum wh_status
read_part(struct whi_opening *o, uint64_t at, size_t len)
{
	struct wh_hive *hive = o->hive;

	if (whi_read_no_more(hive) ||
	    o->source->read(o->source->ctx, at, hive->img.bytes + at, len))
		return WH_OK;
	if (!(o->options->flags & (WH_OPEN_WRITE | WH_OPEN_SALVAGE))) {
		whi_read_around(hive, o->source, at, len);
		return WH_OK;
	}
	whi_report(&hive->sink, WHI_RULE_FILE_UNREAD, WHI_IN_FILE(at),
		   "not all of the %zu bytes from here on can be read", len);
	return WH_E_IO;
}

/* Read the file, and scan what was read as soon as it is there, if 'scan'. */
static enum wh_status
read_image(struct whi_opening *o, bool scan)
{
	enum { PART = 1 << 20 };
	struct whi_image *img = &o->hive->img;
	enum wh_status st;
	size_t part;

	if (img->room == 0)
		return WH_OK; /* lent */
	for (uint64_t at = 0; at < img->size; at += part) {
		part = img->size - at < PART ? (size_t)(img->size - at) : PART;
		st = read_part(o, at, part);
		if (st != WH_OK)
			return st;
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
settle_early(struct whi_opening *o)
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
may_read_later(const struct whi_opening *o)
{
	const unsigned whole = WH_OPEN_WHOLE | WH_OPEN_WRITE | WH_OPEN_SALVAGE;

	return (o->lent || (o->file && whi_file_may_stay(o->file))) && !(o->options->flags & whole);
}

/* The next bin not far behind the header at 'off', which cannot be read; else 'limit'. */
static uint32_t
next_bin(struct whi_opening *o, uint32_t off, uint32_t limit, unsigned *unread)
{
	for (unsigned i = 0; i < WHI_BLANKS && off < limit; i++, off += REGF_PAGE)
		if (has_bin(o, off, unread))
			return off;
	return limit;
}

/* As whi_image_bins_end() from 'img->length' on, of bins that have not been read. */
static uint32_t
bins_end(struct whi_opening *o)
{
	uint64_t room = o->source->size - REGF_BINS;
	uint32_t limit = room > REGF_MAX_LENGTH ? REGF_MAX_LENGTH : (uint32_t)room;
	uint32_t end = o->hive->img.length;
	unsigned unread = 0;
	struct regf_bin bin;

	for (uint32_t at = end; at < limit && unread < WHI_BLANKS; end = at) {
		unsigned before = unread;
		uint32_t size = get_bin(o, at, &bin, &unread) ? le32_get(bin.size) : 0;

		if (unread > before) {
			at = next_bin(o, at, limit, &unread);
			if (at >= limit)
				break;
			continue;
		}
		if (size < REGF_PAGE || size % REGF_PAGE != 0 || size > limit - at)
			break;
		at += size;
	}
	return end;
}

/* Begin to read a file of which enough is known for that. */
static enum wh_status
begin_to_read(struct whi_opening *o)
{
	struct wh_hive *hive = o->hive;

	if (!whi_base_clean(&hive->found))
		hive->img.length = bins_end(o); /* as settle_length() does */
	o->settled = true;
	return whi_unread_begin(hive, o->lent ? NULL : o->file);
}

/* Read the file; 'early': what its bins are like is known already. */
static enum wh_status
read_file(struct whi_opening *o, bool early)
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

/*
 * Put the entries of the plan into the image, or report that there are none that could be.  What
 * they write anew need not have been read.
 */
static enum wh_status
recover(struct whi_opening *o, const struct whi_recovery *plan)
{
	struct wh_hive *hive = o->hive;
	const struct whi_blanks found = hive->blanks;
	enum wh_status st;

	if (plan->step_count == 0) {
		hive->state = WH_DIRTY;
		report_dirty(o);
		return WH_OK;
	}
	if (hive->img.size < REGF_BINS + (uint64_t)plan->max_length)
		hive->img.size = REGF_BINS + (uint64_t)plan->max_length;
	st = whi_recovery_run(hive, plan);
	if (st != WH_OK)
		return st;
	hive->state = WH_RECOVERED;
	whi_read_report_filled(&found, &hive->blanks, &hive->sink);
	return WH_OK;
}

/* Read everything, replaying the logs over it if the hive is dirty. */
static enum wh_status
read_and_recover(struct whi_opening *o)
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
	whi_logs_cut(hive);
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
	if (!hive->img.unread) /* else this was done as it was read */
		whi_read_report(hive, &hive->sink);
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
last_end(struct whi_opening *o, uint32_t length, uint32_t room)
{
	uint32_t end = length, next;
	unsigned unread = 0; /* of what is salvaged, nothing */

	for (uint32_t off = 0; off < room; off += REGF_PAGE) {
		if (off < end || !has_bin(o, off, &unread))
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
settle_length(struct whi_opening *o)
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
settle_version(struct whi_opening *o)
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
find_root(struct whi_opening *o)
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
	if (o->options->flags & WH_OPEN_SALVAGE)
		return WH_OK;
	return whi_blanks_any(&o->hive->blanks) ? WH_E_IO : WH_E_CORRUPT;
}

enum wh_status
whi_load(struct whi_opening *o)
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
	if (!hive->img.unread) {
		whi_image_scan(&hive->img);
		whi_image_cut(&hive->img, &hive->blanks);
	}
	return find_root(o);
}
