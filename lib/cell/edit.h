/* SPDX-License-Identifier: MIT */
/*
 * Changing an image.
 *
 * Nobody writes to the bytes of a hive but through this file.  It notes what they were, so
 * that an edit that fails half way is undone to the last bit, and which pages differ from
 * what is on disk, so that a commit writes those and no others.
 *
 *	level 0         level 1         level 2         the edit in hand
 *	+---------------+---------------+---------------+---------->
 *	since the hive  a transaction   one inside it   one call of
 *	was read or                                     winhive.h
 *	committed
 *
 * A level keeps a copy of each page as it was when the level began, made when the page is
 * first written to.  The edit in hand keeps the bytes themselves, in order, and is undone
 * from the end.
 *
 * An edit does not look at what its steps return: the first failure sticks, later steps do
 * nothing, and whi_edit_end() undoes all of it and says what went wrong.
 *
 * The image may move whenever a cell is made.  Pointers into it (views, names, the 'disk' of
 * a struct whi_nk) end there; cellrefs do not.  With -Dhard_moves=true it moves each time.
 */
#ifndef WHI_CELL_EDIT_H
#define WHI_CELL_EDIT_H

#include "cell/cell.h"

enum {
	WHI_LEVELS = 3,
	WHI_SIZE_CLASSES = 32,
};

/* A page of the file and its start bits as they were when a level began. */
struct whi_saved {
	uint64_t starts[REGF_PAGE / REGF_CELL_ALIGN / 64];
	uint8_t bytes[REGF_PAGE];
};

struct whi_level {
	uint64_t size;   /* of the image when the level began */
	uint32_t length; /* the same of the bins */
	struct whi_counts counts;
	struct whi_saved **pages; /* by file offset / 4096; NULL: not written to */
	size_t room;              /* elements of 'pages', at least those of 'size' */
};

/* Free cells of one range of sizes.  An entry counts only if such a cell is still there. */
struct whi_size_class {
	uint32_t *cells;
	size_t count, cap;
};

struct whi_edit {
	struct whi_image *img;
	const struct wh_allocator *alloc;
	enum wh_status status; /* of the edit in hand: the first thing that went wrong */
	bool in_hand;

	struct whi_level levels[WHI_LEVELS];
	unsigned depth; /* levels there are; the last one saves */

	/* The edit in hand: undone by putting back 'notes' from the end, and these. */
	uint8_t *notes;
	size_t used, cap;
	uint64_t size;
	uint32_t length;
	struct whi_counts counts;

	struct whi_size_class free[WHI_SIZE_CLASSES];
	bool indexed; /* every free cell is in 'free' */

	uint32_t undone; /* counts what was undone: who keeps cells in mind has to look again */
};

/* 'img' has been scanned; 'alloc' is kept.  Level 0 begins. */
enum wh_status whi_edit_init(struct whi_edit *e, struct whi_image *img,
			     const struct wh_allocator *alloc);
void whi_edit_fini(struct whi_edit *e);

/* One edit.  whi_edit_end() returns the status; if it is not WH_OK everything is as it was. */
void whi_edit_begin(struct whi_edit *e);
enum wh_status whi_edit_end(struct whi_edit *e);

/* Has the edit in hand written anything yet? */
static inline bool
whi_edit_touched(const struct whi_edit *e)
{
	return e->used > 0 || e->img->size != e->size;
}

/* Make the edit in hand fail; the first status given counts.  Returns that. */
enum wh_status whi_edit_fail(struct whi_edit *e, enum wh_status status);

/*
 * Levels.  push: a transaction begins; at most WHI_LEVELS - 1 of them, else WH_E_INVALID.
 * pop: it is kept, as part of the one outside it.  back: it is undone; level 0 can be undone too,
 * which leaves it open.
 */
enum wh_status whi_edit_push(struct whi_edit *e);
void whi_edit_pop(struct whi_edit *e);
void whi_edit_back(struct whi_edit *e);

/*
 * The image is on disk as it is now: level 0 begins again.  whi_edit_prepare() comes first, and
 * takes the memory for it.  No transaction is open.
 */
enum wh_status whi_edit_prepare(struct whi_edit *e);
void whi_edit_settle(struct whi_edit *e);

/*
 * The pages that are not as they were when level 0 began: the first run of them at or after file
 * offset '*at'.  Offsets and lengths are multiples of a page but for the end of the image.  No
 * transaction is open.
 */
bool whi_edit_dirty(const struct whi_edit *e, uint64_t *at, uint64_t *len);

/* The page at a file offset as it was when level 0 began, or NULL if it was never written to. */
const uint8_t *whi_edit_before(const struct whi_edit *e, uint64_t at);

/* -------------------------------------------------- steps of the edit in hand */

/* Write to the file, outside of cells: the base block, the header of a bin. */
void whi_edit_write(struct whi_edit *e, uint64_t at, const void *bytes, uint32_t len);

/*
 * Write to a cell in use, 'off' bytes from the start of its data.  What does not fit into the
 * cell fails with WH_E_CORRUPT.
 */
void whi_cell_write(struct whi_edit *e, cellref ref, uint32_t off, const void *bytes, uint32_t len);
void whi_cell_write16(struct whi_edit *e, cellref ref, uint32_t off, uint16_t number);
void whi_cell_write32(struct whi_edit *e, cellref ref, uint32_t off, uint32_t number);
void whi_cell_write64(struct whi_edit *e, cellref ref, uint32_t off, uint64_t number);

/* Move 'len' bytes inside a cell, as memmove() does. */
void whi_cell_shift(struct whi_edit *e, cellref ref, uint32_t to, uint32_t from, uint32_t len);

/* Copy 'len' bytes from one cell to another. */
void whi_cell_copy(struct whi_edit *e, cellref to, uint32_t to_off, cellref from, uint32_t from_off,
		   uint32_t len);

/* The bytes of a cell for 'len' bytes of data, as Windows rounds them; 0: too many. */
uint32_t whi_cell_size(uint32_t len);

/*
 * A cell in use with room for 'len' bytes of data, which are what the last owner left there,
 * if possible in the page of 'near' (or NIL).  NIL, and the edit fails: WH_E_MEMORY,
 * WH_E_TOO_BIG.
 */
cellref whi_cell_new(struct whi_edit *e, uint32_t len, cellref near);

/*
 * Free a cell; its bytes stay, but for the size word.  NIL is fine.  WH_E_CORRUPT if it is not
 * a cell in use.
 */
void whi_cell_free(struct whi_edit *e, cellref ref);

/* For space.c: bytes about to be written, or NULL if the edit has failed; a start bit changed. */
uint8_t *whi_edit_touch(struct whi_edit *e, uint64_t at, uint32_t len);
void whi_edit_flip_start(struct whi_edit *e, uint32_t off);

/* The largest 'len' for whi_cell_new(): Windows makes no cell of more than 1 MiB. */
#define WHI_CELL_MAX ((UINT32_C(1) << 20) - REGF_CELL_HEAD)

#endif
