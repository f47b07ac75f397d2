/* SPDX-License-Identifier: MIT */
/* What the pass looks at besides, when it is to find everything: see wh_hive_check(). */
#ifndef WHI_TREE_CHECK_H
#define WHI_TREE_CHECK_H

#include "tree/pass.h"

struct whi_check {
	struct wh_check *result;
	wh_finding_fn *fn;
	void *ctx;
	struct whi_pass *pass;
	bool no_memory; /* something was left out for want of it */

	/* The path of the innermost frames of which it was needed: made once for each of them. */
	char *path;
	size_t path_cap;
	size_t path_lens[REGF_MAX_DEPTH + 1]; /* of each frame */
	size_t path_frames;

	/* The values of the key in hand. */
	struct whi_value_name {
		struct whi_name name;
		uint32_t cell, hash;
		uint64_t mark;
	} * names;
	size_t name_cap, name_count;
	uint32_t longest_name, longest_data;
};

enum {
	WHI_CHECK_MAX_NAME = 256,     /* units of the name of a key */
	WHI_CHECK_MAX_NK_CELL = 1116, /* bytes of cell data, docs/format.md section 9 */
};

/* 1990 and 2200: nobody wrote a hive before, or has yet written one after. */
#define WHI_CHECK_FIRST_TIME UINT64_C(122756256000000000)
#define WHI_CHECK_LAST_TIME  UINT64_C(189025920000000000)

/* check.c */
void whi_check_begin(struct whi_pass *p);

/*
 * check_file.c: the file, its bins, cells and logs, before the tree; then the cells that nobody
 * refers to.  What opening has found in the bins is found again.
 */
enum wh_status whi_check_file(struct whi_pass *p);
void whi_check_rest(struct whi_pass *p);

/*
 * check_key.c: a key; its readable values, one by one and all of them; one of the lists of its
 * subkeys; a subkey, and all of them.  'whole': nothing of it was left out.
 */
void whi_check_key(struct whi_pass *p, const struct whi_nk *nk);
void whi_check_value(struct whi_pass *p, const struct whi_vk *vk, bool whole);
void whi_check_values(struct whi_pass *p, const struct whi_nk *nk, bool whole);
void whi_check_list(struct whi_pass *p, cellref ref, const struct whi_list *list);
void whi_check_subkeys(struct whi_pass *p, const struct whi_frame *frame);

/*
 * whi_check_value() for one with which nothing is wrong, when there is room for its name, which is
 * narrow or empty; but for the count of values, which the caller adds to.
 */
static inline void
whi_check_plain_value(struct whi_check *c, cellref ref, struct whi_name name, uint32_t size)
{
	uint32_t len = 2 * name.len;

	c->names[c->name_count].name = name;
	c->names[c->name_count++].cell = ref.off;
	if (c->longest_name < len)
		c->longest_name = len;
	if (c->longest_data < size)
		c->longest_data = size;
}

/*
 * Keys and their values as nearly all are, for which one look is enough.  False: they are others,
 * or something is wrong with them, and nothing was done.
 */
static inline bool
whi_check_plain_key(struct whi_pass *p, const struct whi_nk *nk)
{
	const struct regf_nk *disk = nk->disk;
	unsigned odd = WH_KEY_VOLATILE | WH_KEY_HIVE_EXIT | WH_KEY_HIVE_ENTRY;
	uint64_t time = le64_get(disk->last_written);

	if (p->depth == 0 || (nk->flags & odd) || nk->name.wide ||
	    nk->name.len > WHI_CHECK_MAX_NAME || nk->cell_len > WHI_CHECK_MAX_NK_CELL ||
	    le32_get(disk->volatile_count) > 0 || time < WHI_CHECK_FIRST_TIME ||
	    time > WHI_CHECK_LAST_TIME)
		return false;
	if (p->img.minor <= 1 || p->img.minor >= REGF_LAYER_MINOR ||
	    (disk->layer & (NK_LAYER | NK_INHERIT_CLASS)))
		return false;
	if (nk->subkey_count == 0 && nk->subkey_list.off == REGF_NIL &&
	    (le16_get(disk->max_name_len) > 0 || le32_get(disk->max_class_len) > 0))
		return false;
	p->check->result->keys++;
	return true;
}

static inline bool
whi_check_plain_values(struct whi_check *c, const struct whi_nk *nk)
{
	if (c->name_count > 1 || (nk->flags & WH_KEY_SYM_LINK) ||
	    c->longest_name != le32_get(nk->disk->max_value_name_len) ||
	    c->longest_data != le32_get(nk->disk->max_value_len))
		return false;
	c->name_count = 0;
	c->longest_name = c->longest_data = 0;
	return true;
}

static inline void
whi_check_subkey(struct whi_frame *frame, const struct whi_nk *nk)
{
	uint32_t len = 2 * whi_name_units(nk->name);

	if (frame->longest_name < len)
		frame->longest_name = len;
}

/* check_security.c: one descriptor, and all that are in the ring. */
void whi_check_descriptor(struct whi_pass *p, cellref ref);
enum wh_status whi_check_descriptors(struct whi_pass *p);

/*
 * Sort 'count' elements by 'before', in place, in O(n log n) whatever they are; it is called
 * with two indices, and so is 'swap'.
 */
void whi_check_sort(size_t count, bool (*before)(const void *array, size_t a, size_t b),
		    void (*swap)(void *array, size_t a, size_t b), void *array);

#endif
