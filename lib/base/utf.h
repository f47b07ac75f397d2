/* SPDX-License-Identifier: MIT */
/*
 * Text between the forms it has on disk (Latin-1, UTF-16LE) and UTF-8.  An unpaired
 * surrogate becomes the three bytes its number would have, and comes back the same.
 */
#ifndef WHI_BASE_UTF_H
#define WHI_BASE_UTF_H

#include "base/view.h"

#include "winhive.h"

#include <string.h>

/* At most this many bytes of UTF-8 come from one 16-bit unit, or from one Latin-1 byte. */
enum { WHI_UTF8_PER_UNIT = 3, WHI_UTF8_PER_LATIN1 = 2 };

/* Write all of 'text' to 'buf', which has room for it, and return the length in bytes. */
size_t whi_utf8_from_latin1(struct view text, char *buf);
size_t whi_utf8_from_utf16(struct view text, char *buf);

/* The length that the above would write. */
size_t whi_utf8_len_latin1(struct view text);
size_t whi_utf8_len_utf16(struct view text);

/*
 * Copy 'text' if all bytes are below 0x80, so that Latin-1 and UTF-8 are the same bytes.  Names
 * are short, and there are many: words, the last of which may overlap the one before.  False:
 * what 'buf' holds means nothing.
 */
static inline bool
whi_copy_ascii(char *buf, struct view text)
{
	uint64_t word = 0, any = 0;
	uint32_t i = 0;

	if (text.len < sizeof word) {
		for (; i < text.len; i++) {
			buf[i] = (char)text.at[i];
			any |= text.at[i];
		}
		return any < 0x80;
	}
	for (; text.len - i > sizeof word; i += sizeof word) {
		memcpy(&word, text.at + i, sizeof word);
		memcpy(buf + i, &word, sizeof word);
		any |= word;
	}
	memcpy(&word, text.at + text.len - sizeof word, sizeof word);
	memcpy(buf + text.len - sizeof word, &word, sizeof word);
	return ((any | word) & UINT64_C(0x8080808080808080)) == 0;
}

/*
 * Read one code point (or one unpaired surrogate) at '*at' and move '*at' past it.  False at
 * bytes that are not UTF-8: overlong, cut short, above U+10FFFF.
 */
bool whi_utf8_next(const char **at, const char *end, uint32_t *code);

/*
 * UTF-8 to 16-bit units.  '*count' is the number of units; they are written only as far as
 * 'cap' allows.  False if 'text' is not UTF-8.
 */
bool whi_utf16_from_utf8(const char *text, size_t len, uint16_t *units, size_t cap, size_t *count);

#endif
