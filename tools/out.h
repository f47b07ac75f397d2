/* SPDX-License-Identifier: MIT */
/* Standard output of the program: buffered, in UTF-8, whatever the locale. */
#ifndef TOOLS_OUT_H
#define TOOLS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void out_bytes(const void *bytes, size_t len);
void out_text(const char *text);
void out_char(char c);
void out_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For those who write much: room for 'len' bytes, at most OUT_ROOM, in the buffer itself.
 * out_used() says where what was written there ends; nothing else is called in between.
 */
enum { OUT_ROOM = 1 << 16 };
char *out_room(size_t len);
void out_used(const char *end);

/* Two digits for each byte to memory; returns the end. */
char *put_hex(char *to, const void *bytes, size_t len);

/* Two lower-case digits for each byte; out_hex_upper() as reg.exe has them. */
void out_hex(const void *bytes, size_t len);
void out_hex_upper(const void *bytes, size_t len);

/*
 * Text for people on one line: a control character becomes its picture (U+2400 and
 * following); what is not UTF-8, such as an unpaired surrogate, and characters that
 * cannot be seen but change what is, become U+FFFD.  err_shown() is for standard error.
 */
void out_shown(const char *text, size_t len);
void err_shown(const char *text, size_t len);

/* Write what is buffered so far.  False if anything could not be written. */
bool out_flush(void);

/* Text as the inside of a JSON string, in ASCII; an unpaired surrogate as its own \udXXX. */
void out_json(const char *text, size_t len);

/* A whole JSON string, or null. */
void out_json_string(const char *text);

/* As out_json() to memory that has room for 6 bytes for each byte of text; returns the length. */
size_t json_escape(char *to, const char *text, size_t len);

/* Start and end a colour, on a terminal that can show it. */
enum colour { COLOUR_KEY, COLOUR_NAME, COLOUR_TYPE, COLOUR_WARNING };
void out_colour(enum colour colour);
void out_plain(void);

/*
 * What was asked for is done: what is printed from here on only says so, and where that fails it is
 * done all the same, which out_finish() says.
 */
void out_done(void);
bool out_is_done(void);

/* Write what is buffered.  False if anything could not be written, which has been said. */
bool out_finish(void);

#endif
