/* SPDX-License-Identifier: MIT */
/*
 * What can be read of a damaged hive, and which key is below which.
 *
 * Everything happens in a copy of the image that nobody else sees.  What is found to be damaged
 * in it is mended there, as far as that is needed to read on: the header of a bin, the size of a
 * cell, the signature of a key.  Afterwards the readers of the layer tree read it as any other.
 *
 *	salvage.c       bins, cells, and the keys that are there	-> keys[]
 *	salvage_list.c  lists, and what keys say of their parents	-> keys[].owner
 *	salvage_tree.c  the root, what is lost, names, order		-> children[]
 *
 * Time and memory are proportional to the file, but for what is sorted.
 */
#ifndef WHI_CHECK_SALVAGE_H
#define WHI_CHECK_SALVAGE_H

#include "hive/hive.h"
#include "tree/subkeys.h"
#include "tree/vk.h"

#define WHI_NO_KEY UINT32_MAX

/* What is known of a key. */
enum {
	WHI_KEY_SURE = 0x1,        /* its parent's list has it, and it says the same */
	WHI_KEY_GONE = 0x2,        /* only where it was is known: 'cell' cannot be read */
	WHI_KEY_HOLES = 0x4,       /* not all that its list should have was found there */
	WHI_KEY_NO_LIST = 0x8,     /* it has a list that others have, too */
	WHI_KEY_MENDED = 0x10,     /* its cell or signature was damaged */
	WHI_KEY_NAMED = 0x20,      /* its name is not as it is in the file */
	WHI_KEY_ADOPTED = 0x40,    /* in no list of its parent */
	WHI_KEY_REACHED = 0x80,    /* it is kept */
	WHI_KEY_LONG_NAME = 0x200, /* and has only the part of it that is in its cell */
	WHI_KEY_LOSSES = 0x100,    /* and so subkeys may be lost */
	WHI_KEY_MADE = 0x400,      /* was never in the hive */
};

struct whi_found_key {
	cellref cell;
	uint32_t owner;        /* number of the key above, or WHI_NO_KEY */
	uint32_t marks;        /* WHI_KEY_* */
	uint32_t first, count; /* subkeys: in 'children' */
	uint32_t depth;
	struct whi_name name;
};

/* A list has a key at 'cell', where none can be read. */
struct whi_hole {
	cellref cell;
	uint32_t owner;
};

struct whi_salvage {
	struct wh_hive *hive;
	const struct wh_allocator *alloc;
	const struct wh_repair *how;
	struct wh_repair_report *report;
	enum wh_status status; /* the first failure */
	struct whi_image img;  /* the copy */
	struct whi_sink sink;  /* to which it reports */

	struct wh_issue *gaps; /* bytes that the scan could not follow; the texts are in 'texts' */
	size_t gap_count, gap_cap;
	struct whi_found_key *keys;
	size_t count, cap;
	struct whi_cell_index by_cell;
	struct whi_hole *holes;
	size_t hole_count, hole_cap;
	struct whi_hole *doubts; /* a list has a key that says it is below another one */
	size_t doubt_count, doubt_cap;
	uint32_t *children; /* numbers of keys, by key above and name */
	size_t child_room;
	uint32_t root, lost; /* numbers; 'lost': what orphans are put below, or WHI_NO_KEY */
	uint32_t *tops;      /* orphans that are kept or dropped with all below them */
	size_t top_count, top_cap;
	/* A bit for every 8 bytes of the bins: somebody has that cell, and was met when written. */
	uint64_t *claimed, *used;
	uint64_t *covered; /* the same: in some cell that the scan has found */
	size_t words;

	struct whi_text { /* names that were made */
		struct whi_text *next;
		size_t size;
		uint8_t bytes[];
	} * texts;

	char *path; /* of the key in hand, or of none: see whi_repair_say() */
	size_t path_cap, path_len;
	bool has_path;
};

void whi_salvage_fail(struct whi_salvage *s, enum wh_status status);

/*
 * salvage.c: copy the image, mend its bins, find its cells and keys.  whi_salvage_fini() in any
 * case.
 */
void whi_salvage_cells(struct whi_salvage *s);

/* In the end: say which bytes that the scan could not follow were found after all. */
void whi_salvage_say_gaps(struct whi_salvage *s);
void whi_salvage_fini(struct whi_salvage *s);

/* Where a cell is in an index: no two have the same. */
static inline uint32_t
whi_salvage_hash(cellref ref)
{
	uint32_t hash = (ref.off >> 3 | ref.off << 29) * UINT32_C(0x9e3779b1);

	return hash ^ hash >> 16;
}

/* The number of the key in a cell, or WHI_NO_KEY. */
uint32_t whi_salvage_find(const struct whi_salvage *s, cellref ref);

/* One more key; WHI_NO_KEY if there is no memory. */
uint32_t whi_salvage_add(struct whi_salvage *s, struct whi_found_key key);

/*
 * Have a cell that something refers to and that should have 'need' bytes of data: the size of the
 * cell is mended if it can only have been one.  'sure': something else says too that it is what
 * is wanted.  False: it cannot be read.
 */
bool whi_salvage_cell(struct whi_salvage *s, cellref ref, uint32_t need, bool sure);

/*
 * The key in a cell that a list of 'parent' has, or that the base block has (then NIL).  Its
 * signature and its size may be wrong.
 */
uint32_t whi_salvage_key(struct whi_salvage *s, cellref ref, cellref parent);

/* If the name, or another length or form of it in its cell, has that hash, it is the name. */
void whi_salvage_name(struct whi_salvage *s, uint32_t key, uint32_t hash);

/* Claim a cell in one of the bit maps below; false: somebody has it. */
bool whi_salvage_claim(const struct whi_salvage *s, uint64_t *map, cellref ref);

/* salvage_list.c: who is below whom, as far as lists and keys say. */
void whi_salvage_lists(struct whi_salvage *s);
void whi_salvage_owners(struct whi_salvage *s);
void whi_salvage_adopt(struct whi_salvage *s);

/*
 * salvage_tree.c: the key that the base block has as the root, before the lists are read; the
 * root, after that; one of those that are left, if there is none: WH_E_CORRUPT if there are no
 * keys.  Then what is not below it, and the subkeys of each key in order.
 */
void whi_salvage_said_root(struct whi_salvage *s);
void whi_salvage_root(struct whi_salvage *s);
void whi_salvage_any_root(struct whi_salvage *s);
void whi_salvage_tree(struct whi_salvage *s);

/*
 * A name that is not in the file: ASCII, copied; that of a key that was in a cell; 'name' with
 * " (number)" behind it.
 */
struct whi_name whi_salvage_text(struct whi_salvage *s, const char *text);
const char *whi_salvage_keep(struct whi_salvage *s, const char *text); /* the same, with its NUL */
struct whi_name whi_salvage_lost_name(struct whi_salvage *s, cellref ref);
struct whi_name whi_salvage_numbered(struct whi_salvage *s, struct whi_name name, uint32_t most,
				     uint32_t number);

#endif
