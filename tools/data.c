/* SPDX-License-Identifier: MIT */
#include "data.h"

#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool
data_gather(struct wh_walk *walk, const struct wh_walk_value *value, struct data *data)
{
	static uint8_t *scratch;
	const void *piece;
	uint8_t *more;
	size_t at, len;

	*data = (struct data){ value->type, value->size, value->data, value->data_len };
	if (value->data_len == value->readable)
		return true;
	more = realloc(scratch, value->readable);
	if (!more)
		return false;
	scratch = more;
	memcpy(scratch, value->data, value->data_len);
	for (at = value->data_len; wh_walk_data(walk, &piece, &len) == WH_OK; at += len)
		memcpy(scratch + at, piece, len);
	data->bytes = scratch;
	data->len = at;
	return true;
}

static uint32_t
unit_at(const struct data *d, size_t i)
{
	return d->bytes[2 * i] | (uint32_t)d->bytes[2 * i + 1] << 8;
}

/* UTF-8 of units 'from' to 'to', handed to 'put' in parts. */
static void
put_units(const struct data *d, size_t from, size_t to, void (*put)(const char *, size_t))
{
	char text[4];

	while (from < to) {
		uint32_t c = unit_at(d, from++);
		size_t n = 0;

		if ((c & 0xfc00) == 0xd800 && from < to && (unit_at(d, from) & 0xfc00) == 0xdc00)
			c = 0x10000 + ((c & 0x3ff) << 10 | (unit_at(d, from++) & 0x3ff));
		if (c < 0x80) {
			text[n++] = (char)c;
		} else if (c < 0x800) {
			text[n++] = (char)(0xc0 | c >> 6);
		} else if (c < 0x10000) {
			text[n++] = (char)(0xe0 | c >> 12);
			text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		} else {
			text[n++] = (char)(0xf0 | c >> 18);
			text[n++] = (char)(0x80 | (c >> 12 & 0x3f));
			text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		}
		if (c >= 0x80)
			text[n++] = (char)(0x80 | (c & 0x3f));
		put(text, n);
	}
}

static bool
is_text(uint32_t type)
{
	return type == WH_REG_SZ || type == WH_REG_EXPAND_SZ || type == WH_REG_LINK;
}

/* Units of text without the one NUL that may end it. */
static size_t
text_units(const struct data *d)
{
	size_t n = d->len / 2;

	return n > 0 && unit_at(d, n - 1) == 0 ? n - 1 : n;
}

static bool
as_number(const struct data *d, uint64_t *number)
{
	size_t due = d->type == WH_REG_QWORD ? 8 : 4;

	if ((d->type != WH_REG_DWORD && d->type != WH_REG_QWORD &&
	     d->type != WH_REG_DWORD_BIG_ENDIAN) ||
	    d->len != due || d->size != due)
		return false;
	*number = 0;
	for (size_t i = 0; i < due; i++)
		*number |= (uint64_t)d->bytes[i]
			   << 8 * (d->type == WH_REG_DWORD_BIG_ENDIAN ? due - 1 - i : i);
	return true;
}

/* Call 'item' for each string of a REG_MULTI_SZ (see wh_value_strings()). */
static void
each_string(const struct data *d, void (*item)(const struct data *, size_t, size_t, bool))
{
	size_t end = text_units(d), from = 0, to;

	for (bool first = true; from < end; first = false, from = to + 1) {
		for (to = from; to < end && unit_at(d, to) != 0; to++)
			;
		item(d, from, to, first);
	}
}

static void
show_item(const struct data *d, size_t from, size_t to, bool first)
{
	if (!first)
		out_text("\\0");
	put_units(d, from, to, out_shown);
}

void
data_show(const struct data *d)
{
	uint64_t number;

	if (is_text(d->type))
		put_units(d, 0, text_units(d), out_shown);
	else if (d->type == WH_REG_MULTI_SZ)
		each_string(d, show_item);
	else if (as_number(d, &number))
		out_format("0x%" PRIx64, number);
	else
		out_hex_upper(d->bytes, d->len);
}

static void
put_bytes(const char *text, size_t len)
{
	out_bytes(text, len);
}

static void
bare_item(const struct data *d, size_t from, size_t to, bool first)
{
	if (!first)
		out_char('\n');
	put_units(d, from, to, put_bytes);
}

void
data_bare(const struct data *d)
{
	uint64_t number;

	if (is_text(d->type))
		put_units(d, 0, text_units(d), put_bytes);
	else if (d->type == WH_REG_MULTI_SZ)
		each_string(d, bare_item);
	else if (as_number(d, &number))
		out_format("%" PRIu64, number);
	else
		out_hex(d->bytes, d->len);
	out_char('\n');
}

static void
json_item(const struct data *d, size_t from, size_t to, bool first)
{
	out_text(first ? "\"" : ",\"");
	put_units(d, from, to, out_json);
	out_char('"');
}

void
data_json(const struct data *d)
{
	const char *name = wh_type_name(d->type);
	uint64_t number;

	out_format("\"type\":%" PRIu32 ",\"type_name\":", d->type);
	if (name)
		out_format("\"%s\"", name);
	else
		out_text("null");
	out_format(",\"size\":%" PRIu32 ",\"data\":\"", d->size);
	out_hex(d->bytes, d->len);
	out_char('"');
	if (is_text(d->type)) {
		out_text(",\"value\":\"");
		put_units(d, 0, text_units(d), out_json);
		out_char('"');
	} else if (d->type == WH_REG_MULTI_SZ) {
		out_text(",\"value\":[");
		each_string(d, json_item);
		out_char(']');
	} else if (as_number(d, &number)) {
		out_format(",\"value\":%" PRIu64, number);
	}
}

void
data_show_type(uint32_t type)
{
	const char *name = wh_type_name(type);

	if (name)
		out_text(name);
	else
		out_format("0x%08" PRIx32, type);
}
