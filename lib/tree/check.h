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
	} * names;
	size_t name_cap, name_count;
	uint32_t longest_name, longest_data;
};

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
