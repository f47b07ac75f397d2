/* SPDX-License-Identifier: MIT */
#include "cell/image.h"

#include "base/mem.h"
#include "cell/blank.h"
#include "disk/regf.h"

#include <inttypes.h>
#include <string.h>

/* How far ahead of the scan memory is asked for: the next cell is only known from this one. */
enum { SCAN_AHEAD = 1024 };

/* One bin on the way through the scan: cells lie in [at, end), offsets into the bins. */
struct bin {
	uint32_t at, end;
};

static const uint8_t *
bytes_at(const struct whi_image *img, uint32_t off)
{
	return img->bytes + REGF_BINS + off;
}

static void
prefetch(const struct whi_image *img, uint32_t off)
{
#ifdef __GNUC__
	if (off < img->length)
		__builtin_prefetch(bytes_at(img, off));
#else
	(void)img;
	(void)off;
#endif
}

static const struct regf_bin *
bin_at(const struct whi_image *img, uint32_t off)
{
	return (const struct regf_bin *)bytes_at(img, off);
}

static bool
has_signature(const struct whi_image *img, uint32_t off)
{
	return memcmp(bin_at(img, off)->sig, "hbin", 4) == 0;
}

/* A bin header that says it is where it is, in the first 'limit' bytes of the bins. */
static bool
is_header(const struct whi_image *img, uint32_t off, uint32_t limit)
{
	return off % REGF_PAGE == 0 && off < limit && limit - off >= sizeof(struct regf_bin) &&
	       has_signature(img, off) && le32_get(bin_at(img, off)->offset) == off;
}

/* Could the header that is to be at 'off' not be read? */
static bool
is_blank(const struct whi_image *img, uint32_t off)
{
	uint64_t at = REGF_BINS + (uint64_t)off;

	return whi_blanks_touch(img->blanks, at, at + sizeof(struct regf_bin));
}

/* The next place after 'off' where a bin starts, or the end of the first 'limit' bytes. */
static uint32_t
next_header(const struct whi_image *img, uint32_t off, uint32_t limit)
{
	off -= off % REGF_PAGE;
	do
		off = limit - off > REGF_PAGE ? off + REGF_PAGE : limit;
	while (off < limit && !is_header(img, off, limit));
	return off;
}

static void
set_start(struct whi_image *img, uint32_t off)
{
	img->starts[off / 8 / 64] |= UINT64_C(1) << off / 8 % 64;
}

static void
clear_start(struct whi_image *img, uint32_t off)
{
	img->starts[off / 8 / 64] &= ~(UINT64_C(1) << off / 8 % 64);
}

static void
count_cell(struct whi_image *img, uint32_t size, bool used)
{
	if (used) {
		img->counts.used_cells++;
		img->counts.used_bytes += size;
	} else {
		img->counts.free_cells++;
		img->counts.free_bytes += size;
	}
}

/*
 * Cells cannot be followed from 'bad' on.  Mark every later place from which sizes lead
 * exactly to the end of the bin (backwards, so each place is looked at once); the first
 * of them is where the cells go on.  Returns it, or the end.
 */
static uint32_t
resynchronise(struct whi_image *img, uint32_t bad, uint32_t end)
{
	uint32_t align = img->old_cells ? REGF_OLD_CELL_ALIGN : REGF_CELL_ALIGN;
	uint32_t off, size, first = end, next;
	bool used;

	for (off = end - align; off > bad; off -= align) {
		size = whi_image_cell_size(img, off, &used);
		if (size == 0 || size % align != 0 || size > end - off)
			continue;
		if (size == end - off || whi_image_starts(img, off + size)) {
			set_start(img, off);
			first = off;
		}
	}
	for (off = next = first; off < end; off += align) {
		if (off == next) {
			size = whi_image_cell_size(img, off, &used);
			count_cell(img, size, used);
			next = off + size;
		} else {
			clear_start(img, off);
		}
	}
	return first;
}

/* The first cell of 'bin' that is not one, or the end; the cells before it are marked. */
static uint32_t
follow_cells(struct whi_image *img, const struct bin *bin, uint32_t off)
{
	uint32_t align = img->old_cells ? REGF_OLD_CELL_ALIGN : REGF_CELL_ALIGN;
	bool used;

	while (off < bin->end) {
		uint32_t size = bin->end - off >= align ? whi_image_cell_size(img, off, &used) : 0;

		prefetch(img, off + SCAN_AHEAD);
		if (size == 0 || size % align != 0 || size > bin->end - off)
			break;
		set_start(img, off);
		count_cell(img, size, used);
		off += size;
	}
	return off;
}

static void
report_cell(struct whi_image *img, const struct bin *bin, uint32_t bad, uint32_t next)
{
	cellref ref = { bad };
	uint32_t lost = next - bad;
	bool used;
	uint32_t size = bin->end - bad >= REGF_CELL_HEAD ? whi_image_cell_size(img, bad, &used) : 0;

	img->damaged = true;
	if (size == 0)
		whi_report(img->sink, WHI_RULE_CELL_EMPTY, WHI_IN_CELL(ref),
			   "cell of size 0; %" PRIu32 " bytes of its bin cannot be read", lost);
	else if (size > bin->end - bad)
		whi_report(img->sink, WHI_RULE_CELL_PAST_BIN, WHI_IN_CELL(ref),
			   "cell of %" PRIu32 " bytes, %" PRIu32 " left in its bin; %" PRIu32
			   " bytes cannot be read",
			   size, bin->end - bad, lost);
	else
		whi_report(img->sink, WHI_RULE_CELL_UNALIGNED, WHI_IN_CELL(ref),
			   "cell of %" PRIu32 " bytes is not aligned; %" PRIu32
			   " bytes of its bin cannot be read",
			   size, lost);
}

/*
 * Mark the cells of one bin.  Where they do not fit its size, but a header lies where
 * they lead or none lies at its end, it is the size that is wrong.
 */
static void
scan_bin(struct whi_image *img, struct bin *bin)
{
	uint32_t off = follow_cells(img, bin, bin->at + (uint32_t)sizeof(struct regf_bin));
	uint32_t next;

	if (off < bin->end && is_header(img, off, img->length)) {
		img->damaged = true;
		whi_report(img->sink, WHI_RULE_BIN_SIZE, WHI_IN_FILE(REGF_BINS + (uint64_t)bin->at),
			   "bin of %" PRIu32 " bytes, but the next one starts after %" PRIu32,
			   bin->end - bin->at, off - bin->at);
		bin->end = off;
		return;
	}
	if (off < bin->end && bin->end < img->length && !is_header(img, bin->end, img->length) &&
	    !is_blank(img, bin->end)) {
		next = next_header(img, bin->end, img->length);
		img->damaged = true;
		whi_report(img->sink, WHI_RULE_BIN_SIZE, WHI_IN_FILE(REGF_BINS + (uint64_t)bin->at),
			   "bin of %" PRIu32 " bytes, but its cells go on and the next one starts "
			   "after %" PRIu32,
			   bin->end - bin->at, next - bin->at);
		bin->end = next;
		off = follow_cells(img, bin, off);
	}
	if (off < bin->end) {
		next = resynchronise(img, off, bin->end);
		report_cell(img, bin, off, next);
	}
}

/* The header at bin->at is good but for its size; find out where the bin ends. */
static void
find_end(struct whi_image *img, struct bin *bin)
{
	uint32_t size = le32_get(bin_at(img, bin->at)->size);

	if (size >= REGF_PAGE && size % REGF_PAGE == 0 && size <= img->length - bin->at) {
		bin->end = bin->at + size;
		return;
	}
	bin->end = next_header(img, bin->at, img->length);
	/* The last bin of a file that was cut: hive-length has been reported. */
	if (size % REGF_PAGE == 0 && size > img->length - bin->at &&
	    REGF_BINS + (uint64_t)img->length == img->size && img->cut)
		return;
	img->damaged = true;
	whi_report(img->sink, WHI_RULE_BIN_SIZE, WHI_IN_FILE(REGF_BINS + (uint64_t)bin->at),
		   "bin of %" PRIu32 " bytes, %" PRIu32 " left; taken to end after %" PRIu32, size,
		   img->length - bin->at, bin->end - bin->at);
}

/* There is no bin at 'off': say so, and return where the next one is. */
static uint32_t
skip_bin(struct whi_image *img, uint32_t off)
{
	uint32_t next = next_header(img, off, img->length);
	struct whi_location place = WHI_IN_FILE(REGF_BINS + (uint64_t)off);

	img->counts.bad_bins++;
	img->damaged = true;
	if (img->length - off < sizeof(struct regf_bin) || !has_signature(img, off))
		whi_report(img->sink, WHI_RULE_BIN_SIGNATURE, place,
			   "no hive bin here; %" PRIu32 " bytes cannot be read", next - off);
	else
		whi_report(img->sink, WHI_RULE_BIN_OFFSET, place,
			   "the bin at 0x%" PRIx32 " says it is at 0x%" PRIx32 "; %" PRIu32
			   " bytes cannot be read",
			   off, le32_get(bin_at(img, off)->offset), next - off);
	return next;
}

enum wh_status
whi_image_prepare(struct whi_image *img, const struct wh_allocator *a)
{
	uint64_t room = img->size > REGF_BINS ? img->size - REGF_BINS : 0;

	if (room > REGF_MAX_LENGTH)
		room = REGF_MAX_LENGTH;
	img->cell_head = img->old_cells ? REGF_OLD_CELL_HEAD : REGF_CELL_HEAD;
	img->words = ((size_t)room / 8 + 63) / 64;
	img->starts = whi_zalloc(a, img->words * sizeof *img->starts);
	img->ordered = whi_zalloc(a, img->words * sizeof *img->ordered);
	return img->starts && img->ordered ? WH_OK : WH_E_MEMORY;
}

/*
 * The cells of a sound bin.  Where one ends is only known from its size, so that most of the time
 * goes by waiting for that word: two bins at once take little longer than one.  Places and sizes
 * are counted in REGF_CELL_ALIGN, as the bits are.
 */
struct chain {
	uint32_t first, at, end;
	uint32_t cells, free_cells, free_units;
};

/* What lies two bins on, as most are: nothing is read, so that it may be past the end. */
static inline void
ask_ahead(const uint8_t *at)
{
#ifdef __GNUC__
	__builtin_prefetch((const void *)((uintptr_t)at + 2 * REGF_PAGE));
#else
	(void)at;
#endif
}

/* Mark the cell at chain->at and go to the next one; false: it is none, or this is the end. */
static inline bool
follow(const uint8_t *bins, uint64_t *starts, struct chain *chain)
{
	uint32_t at = chain->at, left = chain->end - at, size, units;
	const uint8_t *cell = bins + (size_t)at * REGF_CELL_ALIGN;
	bool used;

	if (left == 0)
		return false;
	size = le32_get(*(const le32 *)cell);
	used = size >> 31;
	if (used)
		size = 0u - size;
	/* Rotated: what is no multiple of REGF_CELL_ALIGN is too large, and so is 0 less 1. */
	units = size >> 3 | size << 29;
	if (units - 1 >= left)
		return false;
	if (!used) {
		chain->free_cells++;
		chain->free_units += units;
	}
	starts[at / 64] |= UINT64_C(1) << at % 64;
	chain->cells++;
	chain->at = at + units;
	ask_ahead(cell);
	return true;
}

/* The bin at 'off', if it is one by its header, in the first 'limit' bytes of the bins. */
static bool
begin_chain(const struct whi_image *img, uint32_t off, uint32_t limit, struct chain *chain)
{
	uint32_t size = is_header(img, off, limit) ? le32_get(bin_at(img, off)->size) : 0;

	*chain = (struct chain){ 0 };
	if (size < REGF_PAGE || size % REGF_PAGE != 0 || size > limit - off)
		return false;
	chain->first = (off + (uint32_t)sizeof(struct regf_bin)) / REGF_CELL_ALIGN;
	chain->at = chain->first;
	chain->end = (off + size) / REGF_CELL_ALIGN;
	return true;
}

/* The next bin was followed to its end. */
static void
count_chain(struct whi_image *img, const struct chain *chain)
{
	img->counts.bins++;
	img->counts.free_cells += chain->free_cells;
	img->counts.used_cells += chain->cells - chain->free_cells;
	img->counts.free_bytes += (uint64_t)chain->free_units * REGF_CELL_ALIGN;
	img->counts.used_bytes +=
		(uint64_t)(chain->end - chain->first - chain->free_units) * REGF_CELL_ALIGN;
	img->scanned = chain->end * REGF_CELL_ALIGN;
}

static void
unmark_chain(struct whi_image *img, const struct chain *chain)
{
	bool used;

	for (uint32_t at = chain->first; at < chain->at;) {
		clear_start(img, at * REGF_CELL_ALIGN);
		at += whi_image_cell_size(img, at * REGF_CELL_ALIGN, &used) / REGF_CELL_ALIGN;
	}
}

/* A bin that is not followed to its end is scanned again, and the same marks are made again. */
bool
whi_image_scan_ahead(struct whi_image *img, uint64_t available)
{
	uint32_t limit = available < img->length ? (uint32_t)available : img->length;
	const uint8_t *bins = bytes_at(img, 0);
	uint64_t *starts = img->starts;
	struct chain a, b;

	while (!img->old_cells && begin_chain(img, img->scanned, limit, &a)) {
		bool two = begin_chain(img, a.end * REGF_CELL_ALIGN, limit, &b);

		while (follow(bins, starts, &a) && follow(bins, starts, &b))
			;
		while (follow(bins, starts, &a))
			;
		if (a.at < a.end) {
			unmark_chain(img, &b); /* it may turn out to be part of the first */
			return false;
		}
		count_chain(img, &a);
		while (follow(bins, starts, &b))
			;
		if (b.at < b.end)
			return false;
		if (two)
			count_chain(img, &b);
	}
	return true;
}

void
whi_image_scan(struct whi_image *img)
{
	struct bin bin;

	while (img->scanned < img->length) {
		whi_image_scan_ahead(img, img->length);
		if (img->scanned == img->length)
			break;
		if (!is_header(img, img->scanned, img->length)) {
			img->scanned = skip_bin(img, img->scanned);
			continue;
		}
		img->counts.bins++;
		bin.at = img->scanned;
		find_end(img, &bin);
		scan_bin(img, &bin);
		img->scanned = bin.end;
	}
}

void
whi_image_forget(struct whi_image *img, const struct wh_allocator *a)
{
	whi_free(a, img->starts, img->words * sizeof *img->starts);
	whi_free(a, img->ordered, img->words * sizeof *img->ordered);
	img->starts = NULL;
	img->ordered = NULL;
	img->scanned = 0;
	img->damaged = false;
	img->counts = (struct whi_counts){ 0 };
}

/* A larger copy of a bit map, or NULL; the old one is freed by the caller. */
static void *
larger_map(const struct wh_allocator *a, const void *map, size_t words, size_t new_words)
{
	uint64_t *larger = whi_zalloc(a, new_words * sizeof *larger);

	if (larger)
		memcpy(larger, map, words * sizeof *larger);
	return larger;
}

static enum wh_status
grow_maps(struct whi_image *img, const struct wh_allocator *a, size_t words)
{
	uint64_t *starts = larger_map(a, img->starts, img->words, words);
	void *ordered = larger_map(a, (const void *)img->ordered, img->words, words);

	if (!starts || !ordered) {
		whi_free(a, starts, words * sizeof *starts);
		whi_free(a, ordered, words * sizeof *starts);
		return WH_E_MEMORY;
	}
	whi_free(a, img->starts, img->words * sizeof *img->starts);
	whi_free(a, img->ordered, img->words * sizeof *img->ordered);
	img->starts = starts;
	img->ordered = ordered;
	img->words = words;
	return WH_OK;
}

enum wh_status
whi_image_own(struct whi_image *img, const struct wh_allocator *a)
{
	uint8_t *bytes;

	if (img->room > 0)
		return WH_OK;
	bytes = whi_block_new(a, (size_t)img->size);
	if (!bytes)
		return WH_E_MEMORY;
	memcpy(bytes, img->bytes, (size_t)img->size);
	img->bytes = bytes;
	img->room = (size_t)img->size;
	return WH_OK;
}

enum wh_status
whi_image_make_room(struct whi_image *img, const struct wh_allocator *a, uint64_t size)
{
	enum { LEAST = 1 << 20 };
	size_t room = img->room;
	uint8_t *bytes;

	if (size > SIZE_MAX / 4)
		return WH_E_MEMORY;
	if (size > room) {
		/* By doubling; from the system, room that nobody writes to costs nothing. */
		room = room < LEAST ? LEAST : room * 2;
		if (room < size)
			room = (size_t)size;
	}
	if (img->words * 64 * REGF_CELL_ALIGN < room - REGF_BINS &&
	    grow_maps(img, a, (room / REGF_CELL_ALIGN + 63) / 64) != WH_OK)
		return WH_E_MEMORY;
	if (room == img->room)
		return WH_OK;
	bytes = whi_block_resize(a, img->bytes, img->room, room);
	if (!bytes)
		return WH_E_MEMORY;
	img->bytes = bytes;
	img->room = room;
	return WH_OK;
}

uint32_t
whi_image_bins_end(const struct whi_image *img, uint32_t from)
{
	uint64_t room = img->size > REGF_BINS ? img->size - REGF_BINS : 0;
	uint32_t limit = room > REGF_MAX_LENGTH ? REGF_MAX_LENGTH : (uint32_t)room;
	uint32_t end = from;

	while (from < limit) {
		uint32_t size;

		if (is_blank(img, from)) {
			from = next_header(img, from, limit);
			continue;
		}
		size = is_header(img, from, limit) ? le32_get(bin_at(img, from)->size) : 0;
		if (size < REGF_PAGE || size % REGF_PAGE != 0 || size > limit - from)
			break;
		end = from += size;
	}
	return end;
}

/* In version 1.1 the first cell of a bin refers back to no cell; in others it holds a record. */
bool
whi_image_looks_old(const struct whi_image *img)
{
	const struct regf_bin *bin = bin_at(img, 0);

	return img->size >= REGF_BINS + REGF_PAGE &&
	       le32_get(((const le32 *)(bin + 1))[1]) == REGF_NIL;
}
