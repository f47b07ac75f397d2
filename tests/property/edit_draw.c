/* SPDX-License-Identifier: MIT */
/* What is drawn by the dice: names, descriptors. */
#include "edit_world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE_NAMES = 2600 };

uint64_t
roll(struct dice *dice)
{
	uint64_t z;

	if (dice->end - dice->script >= 2) {
		dice->script += 2;
		return dice->script[-2] | (uint64_t)dice->script[-1] << 8;
	}
	dice->script = dice->end;
	z = dice->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t
below(struct dice *dice, size_t limit)
{
	return limit ? (size_t)(roll(dice) % limit) : 0;
}

bool
once_in(struct dice *dice, size_t n)
{
	return below(dice, n) == 0;
}

bool
wrong(struct world *w, const char *format, ...)
{
	va_list args;

	if (w->why[0])
		return false;
	va_start(args, format);
	vsnprintf(w->why, sizeof w->why, format, args);
	va_end(args);
	return false;
}

/* ------------------------------------------------------------------- names */

/* Case variants, Latin-1 and what leaves it in upper case, other scripts, half pairs, a NUL. */
static const uint16_t name_table[NAMES][16] = {
	{ 1, 'a' },
	{ 1, 'A' },
	{ 1, 'b' },
	{ 5, 'a', 'l', 'p', 'h', 'a' },
	{ 5, 'A', 'l', 'P', 'h', 'A' },
	{ 6, 'a', 'l', 'p', 'h', 'a', '1' },
	{ 3, 'S', 'e', 't' },
	{ 8, 'S', 'o', 'f', 't', 'w', 'a', 'r', 'e' },
	{ 1, 0xe4 },
	{ 1, 0xc4 },
	{ 1, 0xff },  /* upper case is 0x178 */
	{ 1, 0x178 }, /* the same in UTF-16 */
	{ 2, 'a', 0xdf },
	{ 2, 'a', 0xb5 }, /* has no upper case here */
	{ 4, 0x3b1, 0x3b2, 0x3b3, 0x3c2 },
	{ 4, 0x391, 0x392, 0x393, 0x3c2 },
	{ 3, 0x3b1, 0x3b2, 0x3b3 },
	{ 3, 0x43c, 0x438, 0x440 },
	{ 3, 0x41c, 0x418, 0x420 },
	{ 2, 0x6f22, 0x5b57 },
	{ 3, 0x6f22, 0x5b57, 'a' },
	{ 2, 0xd83d, 0xde00 },
	{ 1, 0xd83d },
	{ 1, 0xde00 },
	{ 3, 0xde00, 0xd83d, 'x' },
	{ 3, 'a', 0, 'b' },
	{ 1, 0 },
	{ 2, 'a', 0 },
	{ 3, 'a', '/', 'b' },
	{ 1, ' ' },
	{ 4, 't', 'x', 't', 0xf00d },
	{ 2, 0x1f80, 0x10d0 },
	{ 1, 0xffff },
	{ 12, 'T', 'w', 'e', 'l', 'v', 'e', ' ', 'u', 'n', 'i', 't', 's' },
	{ 3, 'a', '\\', 'b' }, /* not of a key */
	{ 0 },                 /* the default value; not of a key */
};
/* Made: 256 units of one kind and the other, one too many, and a long one of a value. */
enum { LONG_NAMES = 36 };

void
make_names(struct world *w)
{
	static uint16_t units[1000];

	for (size_t i = 0; i < LONG_NAMES; i++)
		w->names[i] = text_new(name_table[i] + 1, name_table[i][0]);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		units[i] = (uint16_t)('a' + i % 26);
	w->names[LONG_NAMES] = text_new(units, 256);
	w->names[LONG_NAMES + 1] = text_new(units, 257);
	w->names[LONG_NAMES + 2] = text_new(units, 1000);
	units[254] = 0x416;
	w->names[LONG_NAMES + 3] = text_new(units, 256);
}

static size_t
common_name(struct world *w)
{
	return once_in(&w->dice, 12) ? below(&w->dice, NAMES) : below(&w->dice, LONG_NAMES - 2);
}

/* The caller does not own it: these are kept in the last places of the table. */
static struct text *
numbered_name(struct world *w, size_t most)
{
	static struct text *last[8];
	static size_t at;
	uint16_t units[16];
	char name[16];
	const char *format = once_in(&w->dice, 2) ? "k%05zu" : "K%05zu";
	int len = snprintf(name, sizeof name, format, below(&w->dice, most));

	for (int i = 0; i < len; i++)
		units[i] = (uint16_t)name[i];
	if (once_in(&w->dice, 6))
		units[0] = 0x43a;
	at = (at + 1) % 8;
	text_drop(last[at]);
	last[at] = text_new(units, (size_t)len);
	return last[at];
}

struct text *
name_of(struct world *w)
{
	if (w->wide && !once_in(&w->dice, 8))
		return numbered_name(w, WIDE_NAMES);
	return once_in(&w->dice, 4) ? numbered_name(w, 200) : w->names[common_name(w)];
}

struct text *
value_name_of(struct world *w)
{
	if (once_in(&w->dice, 5))
		return w->names[LONG_NAMES - 1];
	return once_in(&w->dice, 4) ? numbered_name(w, 200) : w->names[common_name(w)];
}

/* ---------------------------------------------------------------- security */

static void
put32(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

static size_t
put_sid(uint8_t *at, uint32_t first, uint32_t second)
{
	memset(at, 0, 16);
	at[0] = 1;
	at[1] = second ? 2 : 1;
	at[7] = 5;
	put32(at + 8, first);
	put32(at + 12, second);
	return second ? 16 : 12;
}

/* A DACL of a few entries with all flags of inheritance, owner, group. */
struct blob *
make_security(struct world *w)
{
	static const uint8_t flags[] = { 0, 2, 2, 2, 2, 10, 6, 1, 3, 0x12, 11, 9 };
	uint8_t sd[512] = { 1, 0, 4, 0x80 };
	size_t at = 28, count = below(&w->dice, 4), acl;

	put32(sd + 16, 20);
	for (size_t i = 0; i < count; i++) {
		uint32_t first = once_in(&w->dice, 2) ? 18 : 32;
		uint32_t second = once_in(&w->dice, 2) ? 0 : 544 + (uint32_t)i;
		size_t sid = put_sid(sd + at + 8, first, second);

		sd[at] = once_in(&w->dice, 4);
		sd[at + 1] = flags[below(&w->dice, sizeof flags)];
		sd[at + 2] = (uint8_t)(8 + sid);
		put32(sd + at + 4, once_in(&w->dice, 2) ? 0xf003f : 0x20019);
		at += 8 + sid;
	}
	acl = at - 20;
	put32(sd + 20, (uint32_t)acl << 16 | 2);
	put32(sd + 24, (uint32_t)count);
	put32(sd + 4, (uint32_t)at);
	at += put_sid(sd + at, 32, 544);
	put32(sd + 8, (uint32_t)at);
	at += put_sid(sd + at, 18, (uint32_t)below(&w->dice, 3));
	return blob_new(sd, at);
}
