/* SPDX-License-Identifier: MIT */
/*
 * The one way to write to an image, what it remembers, and how that is undone.
 *
 * A note is, from the end: its place (8 bytes), its length (4 bytes), and before them the
 * bytes that were there.  A note of length 0 is a start bit that was flipped.
 */
#include "cell/edit.h"

#include "base/mem.h"

#include <string.h>

struct note_end {
	le64 place;
	le32 len;
};

enum { PAGE_WORDS = REGF_PAGE / REGF_CELL_ALIGN / 64 };

enum wh_status
whi_edit_fail(struct whi_edit *e, enum wh_status status)
{
	if (e->status == WH_OK)
		e->status = status;
	return e->status;
}

/* ------------------------------------------------------------------ levels */

static struct whi_level *
top(struct whi_edit *e)
{
	return &e->levels[e->depth - 1];
}

static size_t
page_count(uint64_t size)
{
	return (size_t)((size + REGF_PAGE - 1) / REGF_PAGE);
}

static enum wh_status
level_begin(struct whi_edit *e, struct whi_level *level)
{
	size_t room = page_count(e->img->size);

	*level = (struct whi_level){
		.size = e->img->size,
		.length = e->img->length,
		.counts = e->img->counts,
		.pages = whi_zalloc(e->alloc, room * sizeof(struct whi_saved *)),
		.room = room,
	};
	return level->pages ? WH_OK : WH_E_MEMORY;
}

static void
drop_pages(struct whi_edit *e, struct whi_level *level)
{
	for (size_t i = 0; i < page_count(level->size); i++) {
		whi_free(e->alloc, level->pages[i], sizeof *level->pages[i]);
		level->pages[i] = NULL;
	}
}

static void
level_forget(struct whi_edit *e, struct whi_level *level)
{
	if (level->pages)
		drop_pages(e, level);
	whi_free(e->alloc, level->pages, level->room * sizeof(struct whi_saved *));
	*level = (struct whi_level){ 0 };
}

/* The start bits of a page of the file, and how many words of them there are. */
static uint64_t *
page_starts(const struct whi_image *img, uint64_t page, size_t *words)
{
	size_t at = (size_t)(page - 1) * PAGE_WORDS;

	*words = 0;
	if (page == 0 || at >= img->words)
		return NULL;
	*words = img->words - at < PAGE_WORDS ? img->words - at : PAGE_WORDS;
	return img->starts + at;
}

/* The bytes of a page that the file had at 'size'. */
static size_t
page_len(uint64_t page, uint64_t size)
{
	uint64_t left = size - page * REGF_PAGE;

	return left < REGF_PAGE ? (size_t)left : REGF_PAGE;
}

/* Let the last level save a page that is about to be written to. */
static enum wh_status
save_page(struct whi_edit *e, uint64_t page)
{
	struct whi_level *level = top(e);
	struct whi_saved *copy;
	const uint64_t *starts;
	size_t words;

	if (page * REGF_PAGE >= level->size || level->pages[page])
		return WH_OK;
	copy = whi_alloc(e->alloc, sizeof *copy);
	if (!copy)
		return WH_E_MEMORY;
	memcpy(copy->bytes, e->img->bytes + page * REGF_PAGE, page_len(page, level->size));
	starts = page_starts(e->img, page, &words);
	if (starts)
		memcpy(copy->starts, starts, words * sizeof *starts);
	level->pages[page] = copy;
	return WH_OK;
}

/* Put back what a level saved. */
static void
restore_pages(struct whi_edit *e, const struct whi_level *level)
{
	for (size_t page = 0; page < page_count(level->size); page++) {
		const struct whi_saved *saved = level->pages[page];
		uint64_t *starts;
		size_t words;

		if (!saved)
			continue;
		memcpy(e->img->bytes + page * REGF_PAGE, saved->bytes, page_len(page, level->size));
		starts = page_starts(e->img, page, &words);
		if (starts)
			memcpy(starts, saved->starts, words * sizeof *starts);
	}
}

/* Bring the image back to a size; its bytes and bits have been put back. */
static void
restore_size(struct whi_edit *e, uint64_t size, uint32_t length, const struct whi_counts *counts)
{
	struct whi_image *img = e->img;
	size_t from = length / REGF_CELL_ALIGN / 64, to = img->length / REGF_CELL_ALIGN / 64;

	/* Bins are whole pages, so their bits are whole words, unless the file was cut: nobody
	 * makes bins then. */
	if (length < img->length)
		memset(img->starts + from, 0, (to - from) * sizeof *img->starts);
	img->size = size;
	img->length = length;
	img->counts = *counts;
	/* Lists and free cells are not where they were. */
	memset((void *)img->ordered, 0, img->words * sizeof *img->ordered);
	e->indexed = false;
	e->undone++;
}

enum wh_status
whi_edit_push(struct whi_edit *e)
{
	enum wh_status st;

	if (e->depth == WHI_LEVELS)
		return WH_E_INVALID;
	st = level_begin(e, &e->levels[e->depth]);
	if (st == WH_OK)
		e->depth++;
	return st;
}

void
whi_edit_pop(struct whi_edit *e)
{
	struct whi_level *level = top(e), *outer = level - 1;

	assert(e->depth > 1);
	for (size_t i = 0; i < page_count(outer->size); i++)
		if (!outer->pages[i]) {
			outer->pages[i] = level->pages[i];
			level->pages[i] = NULL;
		}
	level_forget(e, level);
	e->depth--;
}

void
whi_edit_back(struct whi_edit *e)
{
	struct whi_level *level = top(e);

	restore_pages(e, level);
	restore_size(e, level->size, level->length, &level->counts);
	if (e->depth == 1) {
		drop_pages(e, level);
		return;
	}
	level_forget(e, level);
	e->depth--;
}

enum wh_status
whi_edit_prepare(struct whi_edit *e)
{
	struct whi_level *level = &e->levels[0];
	size_t room = page_count(e->img->size);
	struct whi_saved **pages;

	assert(e->depth == 1);
	if (room <= level->room)
		return WH_OK;
	pages = whi_zalloc(e->alloc, room * sizeof(struct whi_saved *));
	if (!pages)
		return WH_E_MEMORY;
	memcpy(pages, level->pages, level->room * sizeof(struct whi_saved *));
	whi_free(e->alloc, level->pages, level->room * sizeof(struct whi_saved *));
	level->pages = pages;
	level->room = room;
	return WH_OK;
}

void
whi_edit_settle(struct whi_edit *e)
{
	struct whi_level *level = &e->levels[0];

	assert(e->depth == 1 && page_count(e->img->size) <= level->room);
	drop_pages(e, level);
	level->size = e->img->size;
	level->length = e->img->length;
	level->counts = e->img->counts;
}

static bool
page_differs(const struct whi_edit *e, uint64_t page)
{
	const struct whi_level *level = &e->levels[0];

	if (page * REGF_PAGE >= level->size)
		return true;
	if (!level->pages[page])
		return false;
	/* The last page of the file may have become longer. */
	return page_len(page, level->size) != page_len(page, e->img->size) ||
	       memcmp(level->pages[page]->bytes, e->img->bytes + page * REGF_PAGE,
		      page_len(page, level->size)) != 0;
}

bool
whi_edit_dirty(const struct whi_edit *e, uint64_t *at, uint64_t *len)
{
	uint64_t page = *at / REGF_PAGE, size = e->img->size;

	assert(e->depth == 1);
	while (page * REGF_PAGE < size && !page_differs(e, page))
		page++;
	*at = page * REGF_PAGE;
	*len = 0;
	if (*at >= size)
		return false;
	while (page * REGF_PAGE < size && page_differs(e, page))
		page++;
	*len = (page * REGF_PAGE < size ? page * REGF_PAGE : size) - *at;
	return true;
}

const uint8_t *
whi_edit_before(const struct whi_edit *e, uint64_t at)
{
	const struct whi_level *level = &e->levels[0];

	if (at >= level->size || !level->pages[at / REGF_PAGE])
		return NULL;
	return level->pages[at / REGF_PAGE]->bytes;
}

enum wh_status
whi_edit_init(struct whi_edit *e, struct whi_image *img, const struct wh_allocator *alloc)
{
	enum wh_status st;

	*e = (struct whi_edit){ .img = img, .alloc = alloc };
	st = level_begin(e, &e->levels[0]);
	e->depth = 1;
	return st;
}

void
whi_edit_fini(struct whi_edit *e)
{
	while (e->depth > 0)
		level_forget(e, &e->levels[--e->depth]);
	for (int i = 0; i < WHI_SIZE_CLASSES; i++)
		whi_free(e->alloc, e->free[i].cells, e->free[i].cap * sizeof *e->free[i].cells);
	whi_free(e->alloc, e->notes, e->cap);
	*e = (struct whi_edit){ 0 };
}

/* ------------------------------------------------------- the edit in hand */

void
whi_edit_begin(struct whi_edit *e)
{
	assert(!e->in_hand);
	e->in_hand = true;
	e->status = WH_OK;
	e->used = 0;
	e->size = e->img->size;
	e->length = e->img->length;
	e->counts = e->img->counts;
}

static void
flip_start(struct whi_image *img, uint32_t off)
{
	img->starts[off / REGF_CELL_ALIGN / 64] ^= UINT64_C(1) << off / REGF_CELL_ALIGN % 64;
}

static void
undo(struct whi_edit *e)
{
	struct note_end end;

	if (e->used == 0 && e->img->size == e->size && e->status != WH_E_MEMORY)
		return; /* it failed before it did anything */
	while (e->used > 0) {
		uint32_t len;
		uint64_t place;

		e->used -= sizeof end;
		memcpy(&end, e->notes + e->used, sizeof end);
		len = le32_get(end.len);
		place = le64_get(end.place);
		e->used -= len;
		if (len == 0)
			flip_start(e->img, (uint32_t)place);
		else
			memcpy(e->img->bytes + place, e->notes + e->used, len);
	}
	restore_size(e, e->size, e->length, &e->counts);
}

enum wh_status
whi_edit_end(struct whi_edit *e)
{
	assert(e->in_hand);
	if (e->status != WH_OK)
		undo(e);
	e->used = 0;
	e->in_hand = false;
	return e->status;
}

/* Note the 'len' bytes at 'old', which are at 'place'; len 0: a bit. */
static bool
note(struct whi_edit *e, uint64_t place, const uint8_t *old, uint32_t len)
{
	struct note_end end = { le64_make(place), le32_make(len) };

	if (!whi_grow(e->alloc, &e->notes, &e->cap, e->used + len + sizeof end, 1)) {
		whi_edit_fail(e, WH_E_MEMORY);
		return false;
	}
	if (len > 0)
		memcpy(e->notes + e->used, old, len);
	memcpy(e->notes + e->used + len, &end, sizeof end);
	e->used += len + sizeof end;
	return true;
}

void
whi_edit_flip_start(struct whi_edit *e, uint32_t off)
{
	if (e->status != WH_OK)
		return;
	if (save_page(e, (REGF_BINS + (uint64_t)off) / REGF_PAGE) != WH_OK)
		whi_edit_fail(e, WH_E_MEMORY);
	/* The bits of new bins are cleared when those go away. */
	else if (off >= e->length || note(e, off, NULL, 0))
		flip_start(e->img, off);
}

uint8_t *
whi_edit_touch(struct whi_edit *e, uint64_t at, uint32_t len)
{
	uint64_t end = at + len;

	assert(e->in_hand && end <= e->img->size);
	if (e->status != WH_OK)
		return NULL;
	for (uint64_t page = at / REGF_PAGE; page * REGF_PAGE < end; page++)
		if (save_page(e, page) != WH_OK) {
			whi_edit_fail(e, WH_E_MEMORY);
			return NULL;
		}
	if (at < e->size && len > 0) {
		uint32_t old = end <= e->size ? len : (uint32_t)(e->size - at);

		if (!note(e, at, e->img->bytes + at, old))
			return NULL;
	}
	return e->img->bytes + at;
}

void
whi_edit_write(struct whi_edit *e, uint64_t at, const void *bytes, uint32_t len)
{
	uint8_t *to = whi_edit_touch(e, at, len);

	if (to)
		memcpy(to, bytes, len);
}

/* The bytes of a cell in use that are to be written to, or NULL. */
static uint8_t *
touch_cell(struct whi_edit *e, cellref ref, uint32_t off, uint32_t len)
{
	struct view cell, part;

	if (e->status != WH_OK)
		return NULL;
	if (!whi_cell_get(e->img, ref, &cell) || !view_sub(cell, off, len, &part)) {
		whi_edit_fail(e, WH_E_CORRUPT);
		return NULL;
	}
	if (len == 0)
		return NULL;
	return whi_edit_touch(e, whi_image_where(e->img, part.at), len);
}

void
whi_cell_write(struct whi_edit *e, cellref ref, uint32_t off, const void *bytes, uint32_t len)
{
	uint8_t *to = touch_cell(e, ref, off, len);

	if (to)
		memcpy(to, bytes, len);
}

void
whi_cell_write16(struct whi_edit *e, cellref ref, uint32_t off, uint16_t number)
{
	le16 disk = le16_make(number);

	whi_cell_write(e, ref, off, &disk, sizeof disk);
}

void
whi_cell_write32(struct whi_edit *e, cellref ref, uint32_t off, uint32_t number)
{
	le32 disk = le32_make(number);

	whi_cell_write(e, ref, off, &disk, sizeof disk);
}

void
whi_cell_write64(struct whi_edit *e, cellref ref, uint32_t off, uint64_t number)
{
	le64 disk = le64_make(number);

	whi_cell_write(e, ref, off, &disk, sizeof disk);
}

void
whi_cell_shift(struct whi_edit *e, cellref ref, uint32_t to, uint32_t from, uint32_t len)
{
	struct view cell, part;
	uint8_t *at = touch_cell(e, ref, to, len);

	if (!at)
		return;
	if (!whi_cell_get(e->img, ref, &cell) || !view_sub(cell, from, len, &part))
		whi_edit_fail(e, WH_E_CORRUPT);
	else
		memmove(at, part.at, len);
}

void
whi_cell_copy(struct whi_edit *e, cellref to, uint32_t to_off, cellref from, uint32_t from_off,
	      uint32_t len)
{
	struct view cell, part;
	uint8_t *at = touch_cell(e, to, to_off, len);

	if (!at)
		return;
	if (!whi_cell_get(e->img, from, &cell) || !view_sub(cell, from_off, len, &part))
		whi_edit_fail(e, WH_E_CORRUPT);
	else
		memmove(at, part.at, len);
}
