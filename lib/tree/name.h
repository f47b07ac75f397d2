/* SPDX-License-Identifier: MIT */
/*
 * Names as they are stored, Latin-1 or UTF-16LE, and the one order, hash and hint that
 * both forms share (docs/format.md 5.3, 6.3 to 6.5).
 */
#ifndef WHI_TREE_NAME_H
#define WHI_TREE_NAME_H

#include "base/bytes.h"
#include "base/upcase.h"
#include "base/utf.h"

#include "winhive.h"

#include <assert.h>
#include <string.h>

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

/*
 * ASCII, as nearly all names are: the bytes are UTF-8 as they lie there.  Lengths differ from
 * name to name, so that a branch on one is foretold badly: up to 16 bytes there is none.  A word
 * that starts before a short name is still in its record, with which the bytes before a name
 * always are; what does not belong to the name is shifted out.
 */
enum { WHI_NAME_WORD = 8 };
#define WHI_NAME_NOT_ASCII UINT64_C(0x8080808080808080)

static inline uint32_t
whi_name_first_word(struct whi_name name)
{
	return name.len < WHI_NAME_WORD ? name.len : WHI_NAME_WORD;
}

/* The 'n' bytes before 'end' as they lie in memory, 0 after them; 'n' is at most 8. */
static inline uint64_t
whi_name_word(const uint8_t *end, uint32_t n)
{
	const union {
		uint16_t number;
		uint8_t first;
	} order = { 1 };
	unsigned half = 4 * (WHI_NAME_WORD - n); /* in two steps: to shift by 64 means nothing */
	uint64_t word;

	memcpy(&word, end - sizeof word, sizeof word);
	return order.first ? word >> half >> half : word << half << half;
}

/* Only for names of struct whi_nk and struct whi_vk.  An empty name is ASCII. */
static inline bool
whi_name_is_ascii(struct whi_name name)
{
	uint32_t n = whi_name_first_word(name);
	uint64_t any;

	if (name.wide)
		return name.len == 0;
	any = whi_name_word(name.at + n, n) | whi_name_word(name.at + name.len, n);
	for (uint32_t i = 2 * WHI_NAME_WORD; i < name.len; i += WHI_NAME_WORD)
		any |= whi_name_word(name.at + i, WHI_NAME_WORD);
	return (any & WHI_NAME_NOT_ASCII) == 0;
}

/*
 * The same, and copy it; 'buf' has room for WHI_NAME_WORD bytes more than the name has.  False:
 * what 'buf' holds means nothing.
 */
static inline bool
whi_name_copy_ascii(struct whi_name name, char *buf)
{
	uint32_t n = whi_name_first_word(name);
	uint64_t any, word;

	if (name.wide)
		return name.len == 0;
	any = whi_name_word(name.at + n, n);
	memcpy(buf, &any, sizeof any);
	word = whi_name_word(name.at + name.len, n);
	memcpy(buf + name.len - n, &word, sizeof word);
	any |= word;
	for (uint32_t i = 2 * WHI_NAME_WORD; i < name.len; i += WHI_NAME_WORD) {
		word = whi_name_word(name.at + i, WHI_NAME_WORD);
		memcpy(buf + i - WHI_NAME_WORD, &word, sizeof word);
		any |= word;
	}
	return (any & WHI_NAME_NOT_ASCII) == 0;
}

/*
 * Is a narrow name of 'reach' bytes at most ASCII?  With no branch on its length, where 'reach'
 * bytes may be read: up to WHI_NAME_REACH, in pieces of BYTES.
 */
enum { WHI_NAME_REACH = 3 * BYTES };

static inline bool
whi_name_is_ascii_within(const uint8_t *at, uint32_t len, uint32_t reach)
{
	uint64_t high = 0;

	for (uint32_t i = 0; i < reach; i += BYTES)
		high |= (uint64_t)bytes_high(at + i) << i;
	return (high & ((UINT64_C(1) << len) - 1)) == 0;
}

/* Is one of its bytes 'byte'?  In the same way. */
static inline bool
whi_name_has_within(const uint8_t *at, uint32_t len, uint32_t reach, uint8_t byte)
{
	uint64_t equal = 0;

	for (uint32_t i = 0; i < reach; i += BYTES)
		equal |= (uint64_t)bytes_equal(at + i, byte) << i;
	return (equal & ((UINT64_C(1) << len) - 1)) != 0;
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
/* The same of a name as it is stored, which is not looked at any more. */
enum wh_status whi_query_from_name(struct whi_query *query, const struct wh_allocator *a,
				   struct whi_name name);
void whi_query_fini(struct whi_query *query, const struct wh_allocator *a);

/* As whi_name_compare(). */
int whi_query_compare(const struct whi_query *query, struct whi_name name);
/* Is it 0?  For names in no order. */
bool whi_query_is(const struct whi_query *query, struct whi_name name);

#endif
