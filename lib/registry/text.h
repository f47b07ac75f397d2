/* SPDX-License-Identifier: MIT */
/*
 * Text that grows, and the texts that callers get from the registry and free with
 * wh_reg_free_text(): their size lies in front of them, since allocators want it back.
 */
#ifndef WHI_REGISTRY_TEXT_H
#define WHI_REGISTRY_TEXT_H

#include "base/mem.h"
#include "base/view.h"

/* Begin with {.a = allocator}.  After a failure additions do nothing; 'failed' tells. */
struct whi_text {
	const struct wh_allocator *a;
	char *block; /* room for the size, then the text */
	size_t len;  /* of the text */
	size_t cap;  /* of the block */
	bool failed; /* no memory */
};

/* The text so far, not terminated; NULL while it is empty. */
const char *whi_text_at(const struct whi_text *text);

/* Room for 'len' more bytes, which the caller writes and then adds to 'len'; NULL: no memory. */
char *whi_text_room(struct whi_text *text, size_t len);

void whi_text_add(struct whi_text *text, const void *bytes, size_t len);
void whi_text_add_char(struct whi_text *text, char c);
void whi_text_add_string(struct whi_text *text, const char *string);

/* UTF-16LE as UTF-8, unpaired surrogates as elsewhere; an odd last byte is left out. */
void whi_text_add_utf16(struct whi_text *text, struct view units);

/* UTF-8 as UTF-16LE.  False: it is not UTF-8. */
bool whi_text_add_units(struct whi_text *text, const char *utf8, size_t len);

/* Hand it over, terminated, and empty 'text'.  WH_E_MEMORY; then nothing is left to be freed. */
enum wh_status whi_text_give(struct whi_text *text, char **given, size_t *len);

void whi_text_fini(struct whi_text *text);

/* Free what whi_text_give() gave; NULL is fine. */
void whi_text_free(const struct wh_allocator *a, char *given);

#endif
