/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	char bytes[1 << 18];
	size_t len;
	int error; /* of the first write that failed */
	bool started, colour;
	bool done; /* see out_done() */
} out;

static void
start(void)
{
	const char *term = getenv("TERM");
	const char *no = getenv("NO_COLOR");

	out.started = true;
	out.colour = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !(no && *no);
#ifdef F_SETPIPE_SZ
	/* A reader that is slow to wake up should not stop us after 64 KiB; EBADF if no pipe. */
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
#endif
}

static void
write_out(const char *at, size_t len)
{
	while (len > 0 && !out.error) {
		ssize_t n = write(STDOUT_FILENO, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			out.error = errno;
			return;
		}
		at += n;
		len -= (size_t)n;
	}
}

bool
out_flush(void)
{
	if (!out.started)
		start();
	write_out(out.bytes, out.len);
	out.len = 0;
	return out.error == 0;
}

void
out_bytes(const void *bytes, size_t len)
{
	if (len > sizeof out.bytes - out.len) {
		out_flush();
		if (len > sizeof out.bytes) {
			write_out(bytes, len);
			return;
		}
	}
	if (len > 0)
		memcpy(out.bytes + out.len, bytes, len);
	out.len += len;
}

void
out_text(const char *text)
{
	out_bytes(text, strlen(text));
}

void
out_char(char c)
{
	if (out.len == sizeof out.bytes)
		out_flush();
	out.bytes[out.len++] = c;
}

char *
out_room(size_t len)
{
	if (len > sizeof out.bytes - out.len)
		out_flush();
	return out.bytes + out.len;
}

void
out_used(const char *end)
{
	out.len = (size_t)(end - out.bytes);
}

void
out_format(const char *format, ...)
{
	char text[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0)
		out_bytes(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* 'letters' is the digit for ten.  Without a table, so that the compiler can make it vectors. */
static char *
put_digits(char *to, const uint8_t *bytes, size_t len, char letters)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t high = bytes[i] >> 4, low = bytes[i] & 15;

		to[2 * i] = (char)(high + (high < 10 ? '0' : letters - 10));
		to[2 * i + 1] = (char)(low + (low < 10 ? '0' : letters - 10));
	}
	return to + 2 * len;
}

char *
put_hex(char *to, const void *bytes, size_t len)
{
	return put_digits(to, bytes, len, 'a');
}

static void
out_digits(const uint8_t *bytes, size_t len, char letters)
{
	for (size_t part; len > 0; bytes += part, len -= part) {
		part = len < OUT_ROOM / 2 ? len : OUT_ROOM / 2;
		out_used(put_digits(out_room(2 * part), bytes, part, letters));
	}
}

void
out_hex(const void *bytes, size_t len)
{
	out_digits(bytes, len, 'a');
}

void
out_hex_upper(const void *bytes, size_t len)
{
	out_digits(bytes, len, 'A');
}

/*
 * The next code point of text that came from the library, which is UTF-8 but for unpaired
 * surrogates; those, and bytes that are not UTF-8 at all, are returned as 'odd'.
 */
static uint32_t
next_code(const char **at, const char *end, bool *odd)
{
	const uint8_t *p = (const uint8_t *)*at;
	size_t n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	uint32_t code = n == 1 ? *p : *p & (0x7fu >> n);

	*odd = (*p & 0xc0) == 0x80 || (size_t)(end - *at) < n;
	if (*odd) {
		++*at;
		return 0xfffd;
	}
	for (size_t i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3f);
	*at += n;
	*odd = code >= 0xd800 && code < 0xe000;
	return code;
}

/* Characters of no width, and those that turn the direction of what follows. */
static bool
is_deceptive(uint32_t code)
{
	return (code >= 0x80 && code < 0xa0) || code == 0xad || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xfff9 && code <= 0xfffb);
}

static void
show(const char *text, size_t len, void (*put)(const char *, size_t))
{
	const char *end = text + len, *from;
	char picture[] = "\xe2\x90\x80";
	uint32_t code;
	bool odd;

	while (text < end) {
		from = text;
		code = next_code(&text, end, &odd);
		if (code < 0x20 || code == 0x7f) {
			picture[2] = (char)(0x80 + (code == 0x7f ? 0x21 : code));
			put(picture, 3);
		} else if (odd || is_deceptive(code)) {
			put("\xef\xbf\xbd", 3);
		} else {
			put(from, (size_t)(text - from));
		}
	}
}

static void
put_out(const char *text, size_t len)
{
	out_bytes(text, len);
}

static void
put_err(const char *text, size_t len)
{
	fwrite(text, 1, len, stderr);
}

void
out_shown(const char *text, size_t len)
{
	show(text, len, put_out);
}

void
err_shown(const char *text, size_t len)
{
	show(text, len, put_err);
}

static char *
escape_unit(char *to, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";

	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = digits[unit >> shift & 15];
	return to;
}

static char *
escape_code(char *to, uint32_t code)
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";

	for (const char *s = shorts; *s; s += 2)
		if (code == (uint8_t)s[0]) {
			*to++ = '\\';
			*to++ = s[1];
			return to;
		}
	if (code < 0x10000)
		return escape_unit(to, code);
	to = escape_unit(to, 0xd800 + ((code - 0x10000) >> 10));
	return escape_unit(to, 0xdc00 + (code & 0x3ff));
}

/* Is none of the eight characters of a word one that has to be escaped? */
static bool
is_plain_word(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
	uint64_t rubout = word ^ ones * 0x7f;

	/* A byte minus 1, or minus 0x20, borrows from its top bit only if it is smaller. */
	return ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones) |
		 (rubout - ones)) &
		tops) == 0;
}

/* The same of a whole text, as most are; the last word may overlap the one before. */
static bool
is_plain(const char *text, size_t len)
{
	uint64_t word = UINT64_C(0x6161616161616161); /* any plain characters */

	if (len < sizeof word) {
		memcpy(&word, text, len);
		return is_plain_word(word);
	}
	for (size_t i = 0; i < len - sizeof word; i += sizeof word) {
		memcpy(&word, text + i, sizeof word);
		if (!is_plain_word(word))
			return false;
	}
	memcpy(&word, text + len - sizeof word, sizeof word);
	return is_plain_word(word);
}

size_t
json_escape(char *to, const char *text, size_t len)
{
	const char *end = text + len;
	char *start = to;
	bool odd;

	if (is_plain(text, len)) {
		memcpy(to, text, len);
		return len;
	}
	while (text < end) {
		uint8_t c = (uint8_t)*text;

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			*to++ = (char)c;
			text++;
		} else {
			to = escape_code(to, next_code(&text, end, &odd));
		}
	}
	return (size_t)(to - start);
}

void
out_json(const char *text, size_t len)
{
	enum { PART = OUT_ROOM / 6 };

	/* In parts that do not cut a character in two. */
	for (size_t part; len > 0; text += part, len -= part) {
		char *room = out_room(OUT_ROOM);

		part = len < PART ? len : PART;
		while (part < len && part > 1 && ((uint8_t)text[part] & 0xc0) == 0x80)
			part--;
		out_used(room + json_escape(room, text, part));
	}
}

void
out_json_string(const char *text)
{
	if (!text) {
		out_text("null");
		return;
	}
	out_char('"');
	out_json(text, strlen(text));
	out_char('"');
}

void
out_colour(enum colour colour)
{
	static const char *const codes[] = {
		[COLOUR_KEY] = "\033[1;34m",
		[COLOUR_NAME] = "\033[36m",
		[COLOUR_TYPE] = "\033[2m",
		[COLOUR_WARNING] = "\033[33m",
	};

	if (!out.started)
		start();
	if (out.colour)
		out_text(codes[colour]);
}

void
out_plain(void)
{
	if (out.colour)
		out_text("\033[0m");
}

void
out_done(void)
{
	out.done = true;
}

bool
out_is_done(void)
{
	return out.done;
}

bool
out_finish(void)
{
	out_flush();
	if (out.error && out.error != EPIPE)
		fprintf(stderr, "winhive: cannot write: %s%s\n", strerror(out.error),
			out.done ? "; what was asked for is done" : "");
	return out.error == 0;
}
