/* SPDX-License-Identifier: MIT */
#include "registry/text.h"

#include "base/utf.h"

#include <string.h>

enum { HEAD = sizeof(size_t) };

const char *
whi_text_at(const struct whi_text *text)
{
	return text->block ? text->block + HEAD : NULL;
}

char *
whi_text_room(struct whi_text *text, size_t len)
{
	size_t used = HEAD + text->len;

	if (!text->failed &&
	    (len > SIZE_MAX - used || !whi_grow(text->a, &text->block, &text->cap, used + len, 1)))
		text->failed = true;
	return text->failed ? NULL : text->block + used;
}

void
whi_text_add(struct whi_text *text, const void *bytes, size_t len)
{
	char *to = len > 0 ? whi_text_room(text, len) : NULL;

	if (!to)
		return;
	memcpy(to, bytes, len);
	text->len += len;
}

void
whi_text_add_char(struct whi_text *text, char c)
{
	whi_text_add(text, &c, 1);
}

void
whi_text_add_string(struct whi_text *text, const char *string)
{
	whi_text_add(text, string, strlen(string));
}

void
whi_text_add_utf16(struct whi_text *text, struct view units)
{
	char *to;

	units.len &= ~UINT32_C(1);
	to = whi_text_room(text, whi_utf8_len_utf16(units));
	if (to)
		text->len += whi_utf8_from_utf16(units, to);
}

bool
whi_text_add_units(struct whi_text *text, const char *utf8, size_t len)
{
	const char *end = len > 0 ? utf8 + len : utf8;
	uint32_t code;

	while (utf8 < end) {
		le16 units[2];
		size_t count = 0;

		if (!whi_utf8_next(&utf8, end, &code))
			return false;
		if (code >= 0x10000) {
			units[count++] = le16_make((uint16_t)(0xd800 + ((code - 0x10000) >> 10)));
			code = 0xdc00 + (code & 0x3ff);
		}
		units[count++] = le16_make((uint16_t)code);
		whi_text_add(text, units, count * sizeof *units);
	}
	return true;
}

enum wh_status
whi_text_give(struct whi_text *text, char **given, size_t *len)
{
	size_t size = HEAD + text->len + 1;
	char *end = whi_text_room(text, 1), *block = NULL;

	if (end) {
		*end = '\0';
		block = whi_resize(text->a, text->block, text->cap, size);
	}
	if (!block) {
		whi_text_fini(text);
		return WH_E_MEMORY;
	}
	memcpy(block, &size, HEAD);
	*given = block + HEAD;
	*len = text->len;
	*text = (struct whi_text){ .a = text->a };
	return WH_OK;
}

void
whi_text_fini(struct whi_text *text)
{
	whi_free(text->a, text->block, text->cap);
	*text = (struct whi_text){ .a = text->a };
}

void
whi_text_free(const struct wh_allocator *a, char *given)
{
	size_t size;

	if (!given)
		return;
	memcpy(&size, given - HEAD, HEAD);
	whi_free(a, given - HEAD, size);
}
