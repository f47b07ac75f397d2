/* SPDX-License-Identifier: MIT */
/* Values, and where their data are. */
#ifndef WHI_TREE_VK_H
#define WHI_TREE_VK_H

#include "tree/nk.h"

struct whi_vk {
	cellref self;
	uint32_t cell_len; /* bytes of cell data */
	struct whi_name name;
	uint32_t type, size; /* bytes of data, as declared */
	uint16_t flags;
	bool in_place;	 /* the data are in the value itself */
	cellref data;	 /* unless in place */
	const uint8_t *inline_data;
};

/* As whi_nk_read(). */
enum wh_status whi_vk_read(const struct whi_image *img, cellref ref, uint64_t from,
			   struct whi_vk *vk);

/* Report what is wrong with a value that can be read all the same. */
void whi_vk_review(const struct whi_image *img, const struct whi_vk *vk);

/* The value list of a key, 'count' elements long: 0 if it cannot be read, which is reported. */
struct whi_values {
	struct view cells;
	uint32_t count;
};
enum wh_status whi_values_read(const struct whi_image *img, const struct whi_nk *nk,
			       struct whi_values *values);

/* The value at 'index', which is below values->count. */
enum wh_status whi_values_get(const struct whi_image *img, const struct whi_values *values,
			      uint32_t index, struct whi_vk *vk);

/*
 * The data of a value: in one piece, or in segments.  'readable' is less than the size of
 * the value if something is wrong, which has been reported.
 */
struct whi_data {
	uint32_t readable;
	struct view piece; /* all of it, unless big */
	bool big;
	struct view segments; /* big: an array of cells */
};
void whi_data_open(const struct whi_image *img, const struct whi_vk *vk, struct whi_data *data);

/* The data from 'offset' on, as far as they lie in one piece; empty at the end. */
struct view whi_data_piece(const struct whi_image *img, const struct whi_data *data,
			   uint32_t offset);

#endif
