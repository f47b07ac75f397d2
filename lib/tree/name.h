/* SPDX-License-Identifier: MIT */
/*
 * Names as they are stored, Latin-1 or UTF-16LE, and the one order, hash and hint that
 * both forms share (docs/format.md 5.3, 6.3 to 6.5).
 */
#ifndef WHI_TREE_NAME_H
#define WHI_TREE_NAME_H

#include "base/upcase.h"
#include "base/utf.h"

#include "winhive.h"

#include <assert.h>

/* 16 bytes, so that one is handed over in registers: there is nothing that is done more often. */
struct whi_name {
	const uint8_t *at;
	uint32_t len; /* bytes */
	bool wide;    /* UTF-16LE, else Latin-1 */
};
static_assert(sizeof(void *) != 8 || sizeof(struct whi_name) == 16, "a name is two words");

static inline struct view
whi_name_view(struct whi_name name)
{
	return (struct view){ name.at, name.len };
}

static inline uint32_t
whi_name_units(struct whi_name name)
{
	return name.wide ? name.len / 2 : name.len;
}

static inline uint16_t
whi_name_unit(struct whi_name name, uint32_t i)
{
	return name.wide ? le16_get(((const le16 *)name.at)[i]) : name.at[i];
}

/* Below 0, 0, above 0: by upper-cased units, the shorter first. */
int whi_name_compare(struct whi_name a, struct whi_name b);

/* The hash in an lh list, and the hint in an lf list as a little-endian number. */
uint32_t whi_name_hash(struct whi_name name);
uint32_t whi_name_hint(struct whi_name name);

/* UTF-8; the buffer has room for whi_name_room() bytes. */
static inline size_t
whi_name_room(struct whi_name name)
{
	return (size_t)whi_name_units(name) * WHI_UTF8_PER_UNIT;
}
size_t whi_name_utf8(struct whi_name name, char *buf);

/* Copy out by the rule of buffers in winhive.h. */
enum wh_status whi_name_copy(struct whi_name name, char *buf, size_t cap, size_t *len);

/* A name that is looked for: upper-cased units, and their hash. */
struct whi_query {
	uint16_t own[256];
	uint16_t *units; /* 'own', or allocated */
	size_t count;
	uint32_t hash;
};

enum wh_status whi_query_init(struct whi_query *query, const struct wh_allocator *a,
			      const char *text, size_t len);
void whi_query_fini(struct whi_query *query, const struct wh_allocator *a);

/* As whi_name_compare(). */
int whi_query_compare(const struct whi_query *query, struct whi_name name);

#endif
