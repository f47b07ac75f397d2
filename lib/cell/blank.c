/* SPDX-License-Identifier: MIT */
#include "cell/blank.h"

#include "base/bits.h"

#include <assert.h>
#include <string.h>

enum { WORD = 64 }; /* bits of the map of cells, one for each place where a cell may start */

void
whi_blanks_add(struct whi_blanks *blanks, uint64_t at, uint64_t end)
{
	size_t count = atomic_load_explicit(&blanks->count, memory_order_relaxed);

	blanks->list[count] = (struct whi_blank){ at, end };
	atomic_store_explicit(&blanks->count, count + 1, memory_order_release);
}

/* Take list[i] out, or put one more before it. */
static void
shift(struct whi_blanks *blanks, size_t i, size_t count, int by)
{
	struct whi_blank *from = &blanks->list[by < 0 ? i + 1 : i];

	memmove(from + by, from, (size_t)(&blanks->list[count] - from) * sizeof *from);
	atomic_store_explicit(&blanks->count, by < 0 ? count - 1 : count + 1, memory_order_release);
}

void
whi_blanks_fill(struct whi_blanks *blanks, uint64_t at, uint64_t end)
{
	size_t count;

	at += (0 - at) % REGF_SECTOR;
	end -= end % REGF_SECTOR;
	for (size_t i = 0; i < (count = atomic_load_explicit(&blanks->count, memory_order_relaxed));
	     i++) {
		struct whi_blank *blank = &blanks->list[i];
		bool before = blank->at < at;
		bool behind = blank->end > end;

		if (at >= end || blank->at >= end || blank->end <= at)
			continue;
		if (before && behind && count < WHI_BLANKS) {
			shift(blanks, i, count, 1);
			blank[0].end = at;
			blank[1].at = end;
		} else if (before && !behind) {
			blank->end = at;
		} else if (behind && !before) {
			blank->at = end;
		} else if (!before && !behind) {
			shift(blanks, i--, count, -1);
		}
	}
}

bool
whi_blanks_touch(const struct whi_blanks *blanks, uint64_t at, uint64_t end)
{
	size_t count = blanks ? atomic_load_explicit(&blanks->count, memory_order_acquire) : 0;

	for (size_t i = 0; i < count; i++)
		if (blanks->list[i].at < end && at < blanks->list[i].end)
			return true;
	return false;
}

/* The last place in the words from 'least' to 'end' where a cell starts; false: none does. */
static bool
last_start(const struct whi_image *img, size_t least, size_t end, uint32_t *place)
{
	while (end-- > least)
		if (img->starts[end]) {
			*place = (uint32_t)(end * WORD) + bits_highest(img->starts[end]);
			return true;
		}
	return false;
}

/* The word for the sector at 'at', an offset in the file. */
static size_t
word_of(uint64_t at)
{
	static_assert(REGF_SECTOR == WORD * REGF_CELL_ALIGN, "a sector has a word");
	return at < REGF_BINS ? 0 : (size_t)((at - REGF_BINS) / REGF_SECTOR);
}

/* No cell starts at 'place' any more; it is counted neither as used nor as free. */
static void
drop(struct whi_image *img, uint32_t place)
{
	bool used;
	uint32_t size = whi_image_cell_size(img, place * REGF_CELL_ALIGN, &used);

	img->starts[place / WORD] &= ~(UINT64_C(1) << place % WORD);
	if (used) {
		img->counts.used_cells--;
		img->counts.used_bytes -= size;
	} else {
		img->counts.free_cells--;
		img->counts.free_bytes -= size;
	}
}

/*
 * Drop the cell that begins before 'blank', and not before 'least', and goes on in it, and those
 * that begin in it.  Where zeros are none does, but logs may have written there.
 */
static void
cut(struct whi_image *img, const struct whi_blank *blank, uint64_t least)
{
	size_t first = word_of(blank->at), end = word_of(blank->end + REGF_SECTOR - 1);
	uint32_t place;
	bool used;

	if (last_start(img, word_of(least), first, &place) &&
	    place + whi_image_cell_size(img, place * REGF_CELL_ALIGN, &used) / REGF_CELL_ALIGN >
		    first * WORD)
		drop(img, place);
	while (last_start(img, first, end < img->words ? end : img->words, &place))
		drop(img, place);
}

/* A bin is scanned as a whole: if a blank begins behind what was scanned, so do its cells. */
void
whi_image_cut(struct whi_image *img, struct whi_blanks *blanks)
{
	size_t count = atomic_load_explicit(&blanks->count, memory_order_relaxed);
	uint64_t scanned = REGF_BINS + (uint64_t)img->scanned;

	for (; blanks->cut < count && blanks->list[blanks->cut].at < scanned; blanks->cut++)
		cut(img, &blanks->list[blanks->cut],
		    blanks->cut > 0 ? blanks->list[blanks->cut - 1].end : 0);
}
