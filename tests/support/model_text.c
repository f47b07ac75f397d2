/* SPDX-License-Identifier: MIT */
#include "model.h"

#include "base/upcase.h"

#include <stdlib.h>
#include <string.h>

static void *
need(size_t size)
{
	void *block = calloc(1, size);

	if (!block)
		abort();
	return block;
}

struct blob *
blob_new(const void *bytes, size_t size)
{
	struct blob *blob = need(sizeof *blob + size + 1);

	blob->refs = 1;
	blob->size = size;
	if (size > 0)
		memcpy(blob->bytes, bytes, size);
	return blob;
}

struct blob *
blob_keep(struct blob *blob)
{
	if (blob)
		blob->refs++;
	return blob;
}

void
blob_drop(struct blob *blob)
{
	if (blob && --blob->refs == 0)
		free(blob);
}

bool
blob_is(const struct blob *blob, const void *bytes, size_t size)
{
	if (!blob || size == 0)
		return size == (blob ? blob->size : 0);
	return blob->size == size && memcmp(blob->bytes, bytes, size) == 0;
}

static char *
put_utf8(char *at, uint32_t code)
{
	uint32_t head = code < 0x800 ? 0xc0 : code < 0x10000 ? 0xe0 : 0xf0;
	uint32_t shift = code < 0x800 ? 6 : code < 0x10000 ? 12 : 18;

	if (code < 0x80) {
		*at++ = (char)code;
		return at;
	}
	*at++ = (char)(head | code >> shift);
	while (shift > 0) {
		shift -= 6;
		*at++ = (char)(0x80 | (code >> shift & 0x3f));
	}
	return at;
}

/* An unpaired surrogate stands for itself. */
static size_t
utf8_of(const uint16_t *unit, size_t count, char *out)
{
	char *at = out;

	for (size_t i = 0; i < count; i++) {
		uint32_t code = unit[i];

		if (code >> 10 == 0x36 && i + 1 < count && unit[i + 1] >> 10 == 0x37)
			code = 0x10000 + ((code - 0xd800) << 10) + unit[++i] - 0xdc00;
		at = put_utf8(at, code);
	}
	return (size_t)(at - out);
}

struct text *
text_new(const uint16_t *units, size_t count)
{
	struct text *text = need(sizeof *text);

	text->refs = 1;
	text->units = count;
	text->unit = need(count * 2 + 2);
	text->upper = need(count * 2 + 2);
	text->utf8 = need(count * 3 + 1);
	for (size_t i = 0; i < count; i++) {
		text->unit[i] = units[i];
		text->upper[i] = whi_upcase(units[i]);
	}
	text->utf8_len = utf8_of(units, count, text->utf8);
	return text;
}

struct text *
text_keep(struct text *text)
{
	if (text)
		text->refs++;
	return text;
}

void
text_drop(struct text *text)
{
	if (!text || --text->refs > 0)
		return;
	free(text->unit);
	free(text->upper);
	free(text->utf8);
	free(text);
}

int
text_compare(const struct text *a, const struct text *b)
{
	for (size_t i = 0; i < a->units && i < b->units; i++)
		if (a->upper[i] != b->upper[i])
			return a->upper[i] < b->upper[i] ? -1 : 1;
	return a->units < b->units ? -1 : a->units > b->units;
}
