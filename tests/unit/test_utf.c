/* SPDX-License-Identifier: MIT */
#include "base/utf.h"

#include "hive_builder.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LAST = 0x10ffff };

/* The UTF-16LE bytes of a code point; surrogates are one unit. */
static struct view
on_disk(uint32_t code, uint8_t bytes[4])
{
	if (code < 0x10000) {
		put16(bytes, code);
		return (struct view){ bytes, 2 };
	}
	put16(bytes, 0xd800 + ((code - 0x10000) >> 10));
	put16(bytes + 2, 0xdc00 + (code & 0x3ff));
	return (struct view){ bytes, 4 };
}

static size_t
due_len(uint32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

Test(utf, every_code_point_comes_back)
{
	uint8_t bytes[4];
	uint16_t units[2];
	char text[8];
	size_t count;

	for (uint32_t code = 0; code <= LAST; code++) {
		struct view view = on_disk(code, bytes);
		size_t len = whi_utf8_from_utf16(view, text);
		const char *at = text;
		uint32_t back = ~code;

		cr_assert_eq(len, due_len(code), "%x", code);
		cr_assert_eq(whi_utf8_len_utf16(view), len, "%x", code);
		cr_assert(whi_utf8_next(&at, text + len, &back), "%x", code);
		cr_assert(back == code && at == text + len, "%x", code);
		cr_assert(whi_utf16_from_utf8(text, len, units, 2, &count), "%x", code);
		cr_assert_eq(count, view.len / 2, "%x", code);
		for (size_t i = 0; i < count; i++)
			cr_assert_eq(units[i], bytes[2 * i] | bytes[2 * i + 1] << 8, "%x", code);
	}
}

Test(utf, every_latin1_byte_comes_back)
{
	for (uint32_t code = 0; code < 0x100; code++) {
		uint8_t byte = (uint8_t)code;
		struct view view = { &byte, 1 };
		char text[4], copy[1];
		const char *at = text;
		size_t len = whi_utf8_from_latin1(view, text);
		uint32_t back;

		cr_assert_eq(len, code < 0x80 ? 1u : 2u);
		cr_assert_eq(whi_utf8_len_latin1(view), len);
		cr_assert_eq(whi_copy_ascii(copy, view), code < 0x80);
		cr_assert(whi_utf8_next(&at, text + len, &back) && back == code);
	}
}

Test(utf, nothing_is_nothing)
{
	struct view none = { 0 };
	char text[1];
	size_t count = 7;

	cr_assert_eq(whi_utf8_from_latin1(none, text), 0);
	cr_assert_eq(whi_utf8_from_utf16(none, text), 0);
	cr_assert(whi_copy_ascii(text, none));
	cr_assert(whi_utf16_from_utf8("", 0, NULL, 0, &count));
	cr_assert_eq(count, 0);
}

/* Pairs, halves of pairs at every place, and an odd byte at the end. */
static const struct {
	const char *name;
	uint8_t bytes[10];
	uint32_t len;
	const char *text;
} utf16_cases[] = {
	{ "pair", { 0x01, 0xd8, 0x37, 0xdc }, 4, "\xf0\x90\x90\xb7" },
	{ "high alone", { 0x01, 0xd8 }, 2, "\xed\xa0\x81" },
	{ "low alone", { 0x37, 0xdc }, 2, "\xed\xb0\xb7" },
	{ "high, letter",
	  { 0x01, 0xd8, 'a', 0 },
	  4,
	  "\xed\xa0\x81"
	  "a" },
	{ "low, high", { 0x37, 0xdc, 0x01, 0xd8 }, 4, "\xed\xb0\xb7\xed\xa0\x81" },
	{ "high, pair", { 0x01, 0xd8, 0x01, 0xd8, 0x37, 0xdc }, 6, "\xed\xa0\x81\xf0\x90\x90\xb7" },
	{ "pair, low", { 0x01, 0xd8, 0x37, 0xdc, 0x37, 0xdc }, 6, "\xf0\x90\x90\xb7\xed\xb0\xb7" },
	{ "odd byte", { 'a', 0, 'b', 0, 'c' }, 5, "ab" },
	{ "high, odd byte", { 0x01, 0xd8, 0x37 }, 3, "\xed\xa0\x81" },
	{ "one byte", { 'a' }, 1, "" },
};

Test(utf, surrogates_and_odd_lengths)
{
	char text[32];

	for (size_t i = 0; i < sizeof utf16_cases / sizeof *utf16_cases; i++) {
		struct view view = { utf16_cases[i].bytes, utf16_cases[i].len };
		size_t len = whi_utf8_from_utf16(view, text);

		cr_assert_eq(len, strlen(utf16_cases[i].text), "%s", utf16_cases[i].name);
		cr_assert_arr_eq(text, utf16_cases[i].text, len, "%s", utf16_cases[i].name);
		cr_assert_eq(whi_utf8_len_utf16(view), len, "%s", utf16_cases[i].name);
	}
}

Test(utf, a_nul_is_a_letter)
{
	static const uint8_t latin1[] = { 'a', 0, 'b' }, utf16[] = { 'a', 0, 0, 0, 'b', 0 };
	char text[8];
	uint16_t units[3];
	size_t count;

	cr_assert_eq(whi_utf8_from_latin1((struct view){ latin1, 3 }, text), 3);
	cr_assert_arr_eq(text, "a\0b", 3);
	cr_assert_eq(whi_utf8_from_utf16((struct view){ utf16, 6 }, text), 3);
	cr_assert_arr_eq(text, "a\0b", 3);
	cr_assert(whi_utf16_from_utf8("a\0b", 3, units, 3, &count) && count == 3);
	cr_assert(units[0] == 'a' && units[1] == 0 && units[2] == 'b');
}

/* As a length: each of these is refused, alone, at the end and in the middle. */
static const struct {
	const char *name, *bytes;
} invalid[] = {
	{ "continuation", "\x80" },
	{ "last continuation", "\xbf" },
	{ "two of two, cut", "\xc3" },
	{ "three, cut to one", "\xe2" },
	{ "three, cut to two", "\xe2\x82" },
	{ "four, cut to one", "\xf0" },
	{ "four, cut to three", "\xf0\x90\x90" },
	{ "two, no continuation", "\xc3(" },
	{ "three, no continuation", "\xe2\x28\xa1" },
	{ "three, bad last", "\xe2\x82\x28" },
	{ "four, bad second", "\xf0\x28\x8c\xbc" },
	{ "four, bad last", "\xf0\x90\x8c\x28" },
	{ "overlong NUL", "\xc0\x80" },
	{ "overlong slash", "\xc0\xaf" },
	{ "overlong two", "\xc1\xbf" },
	{ "overlong slash in three", "\xe0\x80\xaf" },
	{ "overlong three", "\xe0\x9f\xbf" },
	{ "overlong slash in four", "\xf0\x80\x80\xaf" },
	{ "overlong four", "\xf0\x8f\xbf\xbf" },
	{ "past U+10FFFF", "\xf4\x90\x80\x80" },
	{ "far past it", "\xf7\xbf\xbf\xbf" },
	{ "five bytes", "\xf8\x88\x80\x80\x80" },
	{ "six bytes", "\xfc\x84\x80\x80\x80\x80" },
	{ "FE", "\xfe" },
	{ "FF", "\xff" },
};

Test(utf, what_is_not_utf8_is_refused)
{
	uint16_t units[32];
	char text[32];
	size_t count;

	for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
		size_t len = strlen(invalid[i].bytes);
		const char *at = invalid[i].bytes;
		uint32_t code;

		cr_assert_not(whi_utf8_next(&at, at + len, &code), "%s", invalid[i].name);
		cr_assert_eq(at, invalid[i].bytes, "%s: did not stay", invalid[i].name);
		cr_assert_not(whi_utf16_from_utf8(at, len, units, 32, &count), "%s",
			      invalid[i].name);
		memcpy(text, "ab", 2);
		memcpy(text + 2, at, len);
		memcpy(text + 2 + len, "cd", 2);
		cr_assert_not(whi_utf16_from_utf8(text, len + 2, units, 32, &count), "%s",
			      invalid[i].name);
		cr_assert_not(whi_utf16_from_utf8(text, len + 4, units, 32, &count), "%s",
			      invalid[i].name);
	}
}

Test(utf, every_text_cut_short)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x90\x90\xb7";
	static const bool whole[] = { true, true,  false, true,  false, false,
				      true, false, false, false, true };
	uint16_t units[8];
	size_t count;

	for (size_t len = 0; len < sizeof text; len++)
		cr_assert_eq(whi_utf16_from_utf8(text, len, units, 8, &count), whole[len], "%zu",
			     len);
}

Test(utf, units_are_counted_past_the_buffer)
{
	static const char text[] = "ab\xf0\x90\x90\xb7"
				   "c";
	uint16_t units[6];
	size_t count;

	for (size_t cap = 0; cap <= 5; cap++) {
		memset(units, 0xee, sizeof units);
		cr_assert(whi_utf16_from_utf8(text, sizeof text - 1, units, cap, &count));
		cr_assert_eq(count, 5);
		for (size_t i = cap; i < 6; i++)
			cr_assert_eq(units[i], 0xeeee, "unit %zu of %zu written", i, cap);
	}
	cr_assert(units[2] == 0xd801 && units[3] == 0xdc37 && units[4] == 'c');
}
