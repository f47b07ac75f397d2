/* SPDX-License-Identifier: MIT */
/*
 * A view is the only shape in which foreign bytes are handled: where they are and
 * how many.  It is made once, from a whole cell or a whole file, and after that only
 * narrowed.  Nothing here can wrap or reach outside.
 */
#ifndef WHI_BASE_VIEW_H
#define WHI_BASE_VIEW_H

#include "base/le.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view {
	const uint8_t *at;
	uint32_t len;
};

/* Narrow 'v' to 'len' bytes at 'off'.  False, and an empty view, if they are not all there. */
static inline bool
view_sub(struct view v, uint32_t off, uint32_t len, struct view *out)
{
	bool fits = off <= v.len && len <= v.len - off;

	/* An empty view may be at NULL, to which not even 0 can be added. */
	*out = fits && v.at ? (struct view){ v.at + off, len } : (struct view){ 0 };
	return fits;
}

/* As many of the 'len' bytes at 'off' as there are. */
static inline struct view
view_clamp(struct view v, uint32_t off, uint32_t len)
{
	if (off > v.len || !v.at)
		return (struct view){ 0 };
	return (struct view){ v.at + off, len < v.len - off ? len : v.len - off };
}

static inline const void *
view_head(struct view v, size_t size)
{
	return v.len >= size ? v.at : NULL;
}

/* The start of the view as an on-disk struct, or NULL if it is too short for one. */
#define VIEW_AS(v, type) ((const type *)view_head((v), sizeof(type)))

/* Element 'i' of an array of 32-bit integers 'stride' bytes apart; 0 past the end. */
static inline uint32_t
view_u32(struct view v, uint32_t i, uint32_t stride)
{
	uint64_t at = (uint64_t)i * stride;

	return at + 4 <= v.len ? le32_get(*(const le32 *)(v.at + at)) : 0;
}

#endif
