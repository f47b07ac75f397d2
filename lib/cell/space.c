/* SPDX-License-Identifier: MIT */
/*
 * Free space: which cells are free, and new bins when none is large enough
 * (docs/format.md sections 4.1, 10.1 to 10.3).
 *
 * Free cells are known by size class.  A class is only a hint: an entry counts if a free
 * cell of its size is still where it says, and is dropped when somebody finds that it is not.
 * So nothing has to be taken out of a class when neighbours merge.
 */
#include "cell/edit.h"

#include "base/bits.h"
#include "base/mem.h"

#include <string.h>

enum {
	EXACT_CLASSES = 16, /* of one size each: 8 to 128 */
	TRIES = 16,         /* entries looked at in a class whose cells may be too small */
	POWER_FROM = 16384, /* larger requests are rounded up to a power of two */
	HEAD = sizeof(struct regf_bin),
};

static unsigned
class_of(uint32_t size)
{
	uint32_t i = size / REGF_CELL_ALIGN - 1;
	unsigned class = EXACT_CLASSES - 4;

	if (i < EXACT_CLASSES)
		return i;
	while (i > 1 && class < WHI_SIZE_CLASSES - 1) {
		i >>= 1;
		class ++;
	}
	return class;
}

static le32 *
word_at(const struct whi_image *img, uint32_t off)
{
	return (le32 *)(img->bytes + REGF_BINS + off);
}

/* The size of the free cell at 'off'; 0 if there is none. */
static uint32_t
free_size(const struct whi_image *img, uint32_t off)
{
	uint32_t size;

	if (!whi_image_starts(img, off))
		return 0;
	size = le32_get(*word_at(img, off));
	return size <= INT32_MAX ? size : 0;
}

static bool
remember(struct whi_edit *e, uint32_t off, uint32_t size)
{
	struct whi_size_class *class = &e->free[class_of(size)];

	if (!whi_grow(e->alloc, &class->cells, &class->cap, class->count + 1, sizeof *class->cells))
		return false;
	class->cells[class->count++] = off;
	return true;
}

/* Drop the entries that say nothing any more, lest they become many. */
static void
tidy(struct whi_edit *e, unsigned index)
{
	struct whi_size_class *class = &e->free[index];
	size_t kept = 0;

	for (size_t i = 0; i < class->count; i++) {
		uint32_t size = free_size(e->img, class->cells[i]);

		if (size > 0 && class_of(size) == index)
			class->cells[kept++] = class->cells[i];
	}
	class->count = kept;
}

/* Make a free cell known to the index. */
static void
enter(struct whi_edit *e, uint32_t off, uint32_t size)
{
	struct whi_size_class *class = &e->free[class_of(size)];

	if (e->status != WH_OK)
		return;
	if (class->count == class->cap && class->cap > 64)
		tidy(e, class_of(size));
	if (!remember(e, off, size))
		whi_edit_fail(e, WH_E_MEMORY);
}

static void
build_index(struct whi_edit *e)
{
	const struct whi_image *img = e->img;

	for (int i = 0; i < WHI_SIZE_CLASSES; i++)
		e->free[i].count = 0;
	for (size_t i = 0; i < img->words; i++)
		for (uint64_t word = img->starts[i]; word; word &= word - 1) {
			uint32_t off = (uint32_t)(i * 64 + bits_lowest(word)) * REGF_CELL_ALIGN;
			uint32_t size = free_size(img, off);

			if (size > 0)
				enter(e, off, size);
		}
	e->indexed = e->status == WH_OK;
}

static void
write_size(struct whi_edit *e, uint32_t off, uint32_t size, bool used)
{
	le32 word = le32_make(used ? 0u - size : size);

	whi_edit_write(e, REGF_BINS + (uint64_t)off, &word, sizeof word);
}

static void
count(struct whi_edit *e, uint32_t size, bool used, int by)
{
	struct whi_counts *counts = &e->img->counts;
	uint32_t cells = by > 0 ? 1 : UINT32_MAX;
	uint64_t bytes = by > 0 ? size : 0 - (uint64_t)size;

	if (used) {
		counts->used_cells += cells;
		counts->used_bytes += bytes;
	} else {
		counts->free_cells += cells;
		counts->free_bytes += bytes;
	}
}

/* ------------------------------------------------------------------ growth */

/* A new bin at the end with one free cell of at least 'need' bytes; its offset. */
static uint32_t
new_bin(struct whi_edit *e, uint32_t need)
{
	struct whi_image *img = e->img;
	uint32_t size = (need + HEAD + REGF_PAGE - 1) / REGF_PAGE * REGF_PAGE, off = img->length;
	uint64_t end = REGF_BINS + (uint64_t)off + size;
	struct regf_bin bin = { .sig = { 'h', 'b', 'i', 'n' },
				.offset = le32_make(off),
				.size = le32_make(size) };
	uint8_t *at;

	if (off % REGF_PAGE != 0) {
		whi_edit_fail(e, WH_E_CORRUPT); /* the file ends inside a bin */
		return REGF_NIL;
	}
	if (size > REGF_MAX_LENGTH - off) {
		whi_edit_fail(e, WH_E_TOO_BIG);
		return REGF_NIL;
	}
	if (whi_image_make_room(img, e->alloc, end) != WH_OK) {
		whi_edit_fail(e, WH_E_MEMORY);
		return REGF_NIL;
	}
	if (img->size < end)
		img->size = end;
	at = whi_edit_touch(e, REGF_BINS + (uint64_t)off, size);
	if (!at)
		return REGF_NIL;
	memset(at, 0, size);
	memcpy(at, &bin, sizeof bin);
	img->length += size;
	img->counts.bins++;
	off += HEAD;
	whi_edit_flip_start(e, off);
	write_size(e, off, size - HEAD, false);
	count(e, size - HEAD, false, 1);
	return off;
}

/* ----------------------------------------------------------------- finding */

/* A free cell of at least 'need' bytes in the page that 'near' is in; the smallest. */
static uint32_t
find_near(const struct whi_image *img, cellref near, uint32_t need)
{
	enum { WORDS = REGF_PAGE / REGF_CELL_ALIGN / 64 };
	size_t first = near.off / REGF_PAGE * WORDS;
	uint32_t best = REGF_NIL, best_size = UINT32_MAX;

	if (near.off >= img->length)
		return REGF_NIL;
	for (size_t i = first; i < first + WORDS && i < img->words; i++)
		for (uint64_t word = img->starts[i]; word; word &= word - 1) {
			uint32_t off = (uint32_t)(i * 64 + bits_lowest(word)) * REGF_CELL_ALIGN;
			uint32_t size = free_size(img, off);

			if (size >= need && size < best_size) {
				best = off;
				best_size = size;
			}
		}
	return best;
}

/* A free cell of at least 'need' bytes out of one class; it is taken out of it. */
static uint32_t
find_in_class(struct whi_edit *e, unsigned index, uint32_t need)
{
	struct whi_size_class *class = &e->free[index];
	size_t i = class->count;

	for (int tries = 0; i-- > 0 && tries < TRIES;) {
		uint32_t off = class->cells[i], size = free_size(e->img, off);
		bool there = size > 0 && class_of(size) == index;

		if (there && size < need) {
			tries++;
			continue;
		}
		class->cells[i] = class->cells[--class->count];
		if (there)
			return off;
	}
	return REGF_NIL;
}

static uint32_t
find_anywhere(struct whi_edit *e, uint32_t need)
{
	uint32_t off = REGF_NIL;

	if (!e->indexed)
		build_index(e);
	for (unsigned i = class_of(need); i < WHI_SIZE_CLASSES && off == REGF_NIL; i++)
		off = find_in_class(e, i, need);
	return off;
}

uint32_t
whi_cell_size(uint32_t len)
{
	uint32_t size, power;

	if (len > WHI_CELL_MAX)
		return 0;
	size = (len + REGF_CELL_HEAD + REGF_CELL_ALIGN - 1) / REGF_CELL_ALIGN * REGF_CELL_ALIGN;
	if (size <= POWER_FROM)
		return size;
	for (power = POWER_FROM; power < size;)
		power *= 2;
	return power;
}

#ifdef WHI_HARD_MOVES
/* Move the image, and spoil where it was: who kept a pointer will notice. */
static void
move_image(struct whi_edit *e)
{
	struct whi_image *img = e->img;
	uint8_t *moved;

	if (e->status != WH_OK)
		return;
	moved = whi_block_new(e->alloc, img->room);
	if (!moved) {
		whi_edit_fail(e, WH_E_MEMORY);
		return;
	}
	memcpy(moved, img->bytes, img->room);
	memset(img->bytes, 0xa5, img->room);
	whi_block_free(e->alloc, img->bytes, img->room);
	img->bytes = moved;
}
#endif

cellref
whi_cell_new(struct whi_edit *e, uint32_t len, cellref near)
{
	cellref none = { REGF_NIL };
	uint32_t need = whi_cell_size(len), off, size;

#ifdef WHI_HARD_MOVES
	move_image(e);
#endif
	if (e->status == WH_OK && need == 0)
		whi_edit_fail(e, WH_E_TOO_BIG);
	if (e->status != WH_OK)
		return none;
	off = find_near(e->img, near, need);
	if (off == REGF_NIL)
		off = find_anywhere(e, need);
	if (off == REGF_NIL && e->status == WH_OK)
		off = new_bin(e, need);
	if (e->status != WH_OK)
		return none;

	size = free_size(e->img, off);
	count(e, size, false, -1);
	if (size > need) {
		whi_edit_flip_start(e, off + need);
		write_size(e, off + need, size - need, false);
		count(e, size - need, false, 1);
		enter(e, off + need, size - need);
	}
	write_size(e, off, need, true);
	count(e, need, true, 1);
	whi_image_set_unordered(e->img, (cellref){ off });
	return e->status == WH_OK ? (cellref){ off } : none;
}

/* The free cell that ends at 'off', or NIL. */
static uint32_t
free_before(const struct whi_image *img, uint32_t off)
{
	size_t i = off / REGF_CELL_ALIGN;
	uint64_t word = img->starts[i / 64] & ((UINT64_C(1) << i % 64) - 1);
	uint32_t at;

	i /= 64;
	while (word == 0) {
		if (i == 0)
			return REGF_NIL;
		word = img->starts[--i];
	}
	at = (uint32_t)(i * 64 + bits_highest(word)) * REGF_CELL_ALIGN;
	/* The header of a bin lies between its first cell and the last one of the bin before. */
	return free_size(img, at) == off - at ? at : REGF_NIL;
}

void
whi_cell_free(struct whi_edit *e, cellref ref)
{
	uint32_t off = ref.off, size, next, before;
	struct view cell;

	if (e->status != WH_OK || off == REGF_NIL)
		return;
	if (!whi_cell_get(e->img, ref, &cell)) {
		whi_edit_fail(e, WH_E_CORRUPT);
		return;
	}
	size = cell.len + e->img->cell_head;
	count(e, size, true, -1);
	next = off + size < e->img->length ? free_size(e->img, off + size) : 0;
	if (next > 0) {
		whi_edit_flip_start(e, off + size);
		count(e, next, false, -1);
	}
	before = free_before(e->img, off);
	/* Inside a larger free cell a size word is that of a free one (10.3). */
	write_size(e, off, size + next, false);
	size += next;
	if (before != REGF_NIL) {
		whi_edit_flip_start(e, off);
		count(e, off - before, false, -1);
		size += off - before;
		off = before;
		write_size(e, off, size, false);
	}
	count(e, size, false, 1);
	enter(e, off, size);
}
