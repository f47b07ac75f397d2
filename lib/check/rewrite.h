/* SPDX-License-Identifier: MIT */
/*
 * The parts of a hive that is written anew: what a compaction and a repair have in common.
 *
 * Cells are made one behind the other (cell/pack.h), in the sizes that Windows gives them.  Lists
 * of subkeys have their elements put in when the subkeys are written.  Security cells are made
 * once for each descriptor, and their ring and counts come last.  The first failure sticks.
 */
#ifndef WHI_CHECK_REWRITE_H
#define WHI_CHECK_REWRITE_H

#include "cell/pack.h"
#include "hive/cell_index.h"
#include "tree/subkeys.h"
#include "tree/vk.h"

struct wh_hive;

enum { WHI_NEW = -1 }; /* of a cell that the source has not: Windows decides about its size */

struct whi_rewrite {
	const struct wh_allocator *alloc;
	const struct whi_image *from; /* the source, which has nothing to report any more */
	struct whi_pack out;

	/* Security cells that were written; by what was their cell, and by descriptor. */
	struct whi_made_sk {
		cellref cell;
		struct view descriptor; /* in the source */
		uint32_t users;
	} * sks;
	size_t sk_count, sk_cap;
	struct whi_cell_index by_cell, by_descriptor;
};

/* 'to' has its version and its sink; memory is reserved for 'reserve' bytes of file. */
void whi_rewrite_begin(struct whi_rewrite *r, const struct whi_image *from, struct whi_image *to,
		       const struct wh_allocator *alloc, uint64_t reserve);
void whi_rewrite_fini(struct whi_rewrite *r);

void whi_rewrite_fail(struct whi_rewrite *r, enum wh_status status);

static inline bool
whi_rewrite_failed(const struct whi_rewrite *r)
{
	return r->out.status != WH_OK;
}

/*
 * A cell for 'len' bytes, of the size that Windows gives it, unless the one that it comes from,
 * with 'old_len' bytes, is smaller.
 */
cellref whi_rewrite_cell(struct whi_rewrite *r, uint64_t len, int64_t old_len);

/* Where entries of a cell are in an index: no two cells have the same. */
static inline uint32_t
whi_rewrite_hash(cellref ref)
{
	return ref.off * UINT32_C(0x9e3779b1);
}

/* Was the security cell 'old' of the source entered?  '*i' is the number of the new one. */
bool whi_rewrite_knows(const struct whi_rewrite *r, cellref old, size_t *i);

/*
 * Enter 'old' with its descriptor, which stays where it is, and make a cell for it if no other
 * had the same.  True if there was one; '*i' is the number.
 */
bool whi_rewrite_enter(struct whi_rewrite *r, cellref old, struct view descriptor, int64_t old_len,
		       size_t *i);

/* The new cell of that number, for one more key. */
cellref whi_rewrite_use(struct whi_rewrite *r, size_t i);

/* All keys are written: the ring of security cells, in order of first use, and their counts. */
void whi_rewrite_ring(struct whi_rewrite *r);

/* A value with its data, all of which can be read, in the form that the version has for them. */
cellref whi_rewrite_value(struct whi_rewrite *r, const struct whi_vk *vk,
			  const struct whi_data *data);

/* The cell of a class name, or NIL for an empty one. */
cellref whi_rewrite_class(struct whi_rewrite *r, struct view text, int64_t old_len);

/* The lists of a key for as many subkeys as it has, which are put into them in order. */
struct whi_rewrite_lists {
	cellref list, leaf;
	enum whi_list_kind kind; /* of the leaves */
	uint32_t count, leaves;  /* if more than one leaf, 'list' is an ri */
	uint32_t next_leaf;      /* its index */
	uint32_t at, left;       /* elements in the leaf, and to come */
	uint32_t due;            /* subkeys to come */
};
void whi_rewrite_lists(struct whi_rewrite *r, struct whi_rewrite_lists *lists, uint32_t count);
void whi_rewrite_put(struct whi_rewrite *r, struct whi_rewrite_lists *lists, struct whi_name name,
		     cellref child);

/*
 * The bins are complete: end them, and write the base block 'base' with what has become of the
 * hive and the next sequence number; 'root' is the new root key.  'to' is what 'r' wrote to.
 */
enum wh_status whi_rewrite_end(struct whi_rewrite *r, struct wh_hive *to, cellref root,
			       const struct regf_base *base);

#endif
