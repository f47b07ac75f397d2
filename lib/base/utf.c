/* SPDX-License-Identifier: MIT */
#include "base/utf.h"

#include <string.h>

static inline bool
is_high(uint32_t unit)
{
	return (unit & 0xfc00) == 0xd800;
}

static inline bool
is_low(uint32_t unit)
{
	return (unit & 0xfc00) == 0xdc00;
}

static inline uint16_t
unit_at(struct view text, uint32_t i)
{
	return le16_get(((const le16 *)text.at)[i]);
}

/* The code point at unit '*i', which moves past it. */
static uint32_t
code_at(struct view text, uint32_t *i)
{
	uint32_t unit = unit_at(text, (*i)++);

	if (is_high(unit) && *i < text.len / 2 && is_low(unit_at(text, *i)))
		unit = 0x10000 + ((unit & 0x3ff) << 10 | (unit_at(text, (*i)++) & 0x3ff));
	return unit;
}

static size_t
utf8_len(uint32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

static char *
utf8_put(char *at, uint32_t code)
{
	switch (utf8_len(code)) {
	case 1:
		*at++ = (char)code;
		return at;
	case 2:
		*at++ = (char)(0xc0 | code >> 6);
		break;
	case 3:
		*at++ = (char)(0xe0 | code >> 12);
		*at++ = (char)(0x80 | (code >> 6 & 0x3f));
		break;
	default:
		*at++ = (char)(0xf0 | code >> 18);
		*at++ = (char)(0x80 | (code >> 12 & 0x3f));
		*at++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*at++ = (char)(0x80 | (code & 0x3f));
	return at;
}

size_t
whi_utf8_len_latin1(struct view text)
{
	size_t len = text.len;

	for (uint32_t i = 0; i < text.len; i++)
		len += text.at[i] >> 7;
	return len;
}

size_t
whi_utf8_from_latin1(struct view text, char *buf)
{
	char *at = buf;

	if (whi_copy_ascii(buf, text))
		return text.len;
	for (uint32_t i = 0; i < text.len; i++)
		at = utf8_put(at, text.at[i]);
	return (size_t)(at - buf);
}

size_t
whi_utf8_len_utf16(struct view text)
{
	size_t len = 0;

	for (uint32_t i = 0; i < text.len / 2;)
		len += utf8_len(code_at(text, &i));
	return len;
}

size_t
whi_utf8_from_utf16(struct view text, char *buf)
{
	char *at = buf;

	for (uint32_t i = 0; i < text.len / 2;)
		at = utf8_put(at, code_at(text, &i));
	return (size_t)(at - buf);
}

bool
whi_utf8_next(const char **at, const char *end, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)*at;
	size_t n = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
	uint32_t c;

	if (n == 0 || (size_t)(end - *at) < n)
		return false;
	c = n == 1 ? *p : *p & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff)
		return false;
	*at += n;
	*code = c;
	return true;
}

bool
whi_utf16_from_utf8(const char *text, size_t len, uint16_t *units, size_t cap, size_t *count)
{
	const char *end = len ? text + len : text;
	uint32_t code;
	size_t n = 0;

	for (*count = 0; text < end; *count = n) {
		if (!whi_utf8_next(&text, end, &code))
			return false;
		if (code >= 0x10000) {
			if (n < cap)
				units[n] = (uint16_t)(0xd800 + ((code - 0x10000) >> 10));
			n++;
			code = 0xdc00 + (code & 0x3ff);
		}
		if (n < cap)
			units[n] = (uint16_t)code;
		n++;
	}
	return true;
}
