/* SPDX-License-Identifier: MIT */
/* A key and all below it, written as JSON (docs/json.md). */
#include "registry/json.h"
#include "registry/text.h"
#include "registry/value.h"

#include "base/utf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { UNIT = 2 };

/* What the smallest key and the smallest value take in a hive: bytes. */
enum { KEY_COST = 80, VALUE_COST = 24, IN_VALUE = 4 };

/* A key whose subkeys are being written. */
struct frame {
	struct whi_place place;
	uint32_t next;
};

struct writer {
	struct wh_reg *reg;
	struct whi_text out;
	struct whi_text name; /* the last that was read */
	struct frame *frames;
	size_t depth, cap;
	uint64_t budget; /* bytes that all hives together have left for keys and values */
};

/* ------------------------------------------------------------------- pieces */

static void
put(struct writer *w, const char *text)
{
	whi_text_add_string(&w->out, text);
}

__attribute__((format(printf, 2, 3))) static void
putf(struct writer *w, const char *format, ...)
{
	char text[64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put(w, text);
}

static void
put_hex(struct writer *w, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		char pair[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };

		whi_text_add(&w->out, pair, sizeof pair);
	}
}

/* A code point, in ASCII. */
static void
put_code(struct writer *w, uint32_t code)
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";

	if (code >= 0x20 && code < 0x7f && code != '"' && code != '\\') {
		whi_text_add_char(&w->out, (char)code);
		return;
	}
	for (const char *s = shorts; *s; s += 2)
		if (code == (uint8_t)s[0]) {
			putf(w, "\\%c", s[1]);
			return;
		}
	if (code >= 0x10000) {
		putf(w, "\\u%04" PRIx32, 0xd800 + ((code - 0x10000) >> 10));
		code = 0xdc00 + (code & 0x3ff);
	}
	putf(w, "\\u%04" PRIx32, code);
}

/* Can every reader of JSON take it: without NULs and unpaired surrogates? */
static bool
is_plain(const char *text, size_t len)
{
	const char *end = len > 0 ? text + len : text;
	uint32_t code;

	while (text < end)
		if (!whi_utf8_next(&text, end, &code) || code == 0 || (code >> 11) == 0xd800 >> 11)
			return false;
	return true;
}

static void
put_string(struct writer *w, const char *text, size_t len)
{
	const char *end = len > 0 ? text + len : text;
	uint32_t code;

	whi_text_add_char(&w->out, '"');
	while (text < end && whi_utf8_next(&text, end, &code))
		put_code(w, code);
	whi_text_add_char(&w->out, '"');
}

/* "member": "text"; or if that cannot be, "member_utf16": and its units in hexadecimal digits. */
static void
put_text(struct writer *w, const char *member, const char *text, size_t len)
{
	struct whi_text units = { .a = &w->reg->alloc };

	if (is_plain(text, len)) {
		putf(w, "\"%s\": ", member);
		put_string(w, text, len);
		return;
	}
	putf(w, "\"%s_utf16\": \"", member);
	if (!whi_text_add_units(&units, text, len) || units.failed)
		w->out.failed = true;
	else
		put_hex(w, (const uint8_t *)whi_text_at(&units), units.len);
	whi_text_add_char(&w->out, '"');
	whi_text_fini(&units);
}

/* A new line for a member of the key at hand (more 1), or for one thing in that (more 2). */
static void
new_line(struct writer *w, unsigned more)
{
	whi_text_add_char(&w->out, '\n');
	for (size_t i = 0; i < 2 * (w->depth - 1) + more; i++)
		whi_text_add_char(&w->out, ' ');
}

static enum wh_status
spend(struct writer *w, uint64_t cost)
{
	if (cost > w->budget)
		return WH_E_CORRUPT;
	w->budget -= cost;
	return w->out.failed ? WH_E_MEMORY : WH_OK;
}

/* ------------------------------------------------------------------- values */

static bool
is_nul(const uint8_t *unit)
{
	return unit[0] == 0 && unit[1] == 0;
}

/* Units without a NUL as text: false, and nothing is written, if it would not come back. */
static bool
put_units(struct writer *w, const char *before, const uint8_t *bytes, size_t len)
{
	struct whi_text text = { .a = &w->reg->alloc };
	bool plain;

	whi_text_add_utf16(&text, (struct view){ bytes, (uint32_t)len });
	if (text.failed)
		w->out.failed = true;
	plain = is_plain(whi_text_at(&text), text.len);
	if (plain) {
		put(w, before);
		put_string(w, whi_text_at(&text), text.len);
	}
	whi_text_fini(&text);
	return plain;
}

/* Text with the terminator that its type has, and no other NUL. */
static bool
put_as_text(struct writer *w, uint32_t type, const uint8_t *bytes, size_t size)
{
	if (size % UNIT != 0)
		return false;
	if (type != WH_REG_LINK) {
		if (size == 0 || !is_nul(bytes + size - UNIT))
			return false;
		size -= UNIT;
	}
	return put_units(w, ", \"text\": ", bytes, size);
}

/* Strings that have a terminator each, and one more at the end. */
static bool
put_as_strings(struct writer *w, const uint8_t *bytes, size_t size)
{
	size_t start = w->out.len, from = 0;
	bool fine = size % UNIT == 0 && size > 0 && is_nul(bytes + size - UNIT) &&
		    (size == UNIT || is_nul(bytes + size - 2 * UNIT));

	if (!fine)
		return false;
	put(w, ", \"strings\": [");
	for (size_t at = 0; at < size - UNIT && fine; at += UNIT) {
		if (!is_nul(bytes + at))
			continue;
		fine = put_units(w, from > 0 ? ", " : "", bytes + from, at - from);
		from = at + UNIT;
	}
	if (fine)
		whi_text_add_char(&w->out, ']');
	else
		w->out.len = start;
	return fine;
}

static bool
put_as_number(struct writer *w, struct wh_value value, size_t size)
{
	uint64_t number;

	if (size == 0 || wh_value_number(value, &number) != WH_OK || number > WHI_JSON_NUMBER_MAX)
		return false;
	putf(w, ", \"number\": %" PRIu64, number);
	return true;
}

/* The data in the form that people read best, if import makes the same bytes of it. */
static void
put_data(struct writer *w, struct wh_value value, uint32_t type, const uint8_t *bytes, size_t size)
{
	bool done = false;

	if (type == WH_REG_SZ || type == WH_REG_EXPAND_SZ || type == WH_REG_LINK)
		done = put_as_text(w, type, bytes, size);
	else if (type == WH_REG_MULTI_SZ)
		done = put_as_strings(w, bytes, size);
	else if (type == WH_REG_DWORD || type == WH_REG_DWORD_BIG_ENDIAN || type == WH_REG_QWORD)
		done = put_as_number(w, value, size);
	if (done)
		return;
	put(w, ", \"data\": \"");
	put_hex(w, bytes, size);
	whi_text_add_char(&w->out, '"');
}

/* Read a name into w->name. */
static enum wh_status
keep_name(struct writer *w, size_t len, char **room)
{
	w->name.len = 0;
	*room = whi_text_room(&w->name, len);
	return w->name.failed ? WH_E_MEMORY : WH_OK;
}

static enum wh_status
read_value_name(struct writer *w, struct wh_value value)
{
	char *room;
	size_t len;
	enum wh_status st = whi_asked(wh_value_name(value, NULL, 0, &len), NULL, 0);

	if (st == WH_OK)
		st = keep_name(w, len, &room);
	return st == WH_OK ? wh_value_name(value, room, len, &w->name.len) : st;
}

static enum wh_status
put_value(struct writer *w, struct wh_value value)
{
	const char *type_name;
	uint32_t type;
	uint8_t *bytes;
	size_t size;
	enum wh_status st = read_value_name(w, value);

	if (st == WH_OK)
		st = whi_value_load(&w->reg->alloc, value, &type, &bytes, &size);
	if (st != WH_OK)
		return st;
	whi_text_add_char(&w->out, '{');
	put_text(w, "name", whi_text_at(&w->name), w->name.len);
	type_name = wh_type_name(type);
	if (type_name)
		putf(w, ", \"type\": \"%s\"", type_name);
	else
		putf(w, ", \"type\": %" PRIu32, type);
	put_data(w, value, type, bytes, size);
	whi_text_add_char(&w->out, '}');
	whi_free(&w->reg->alloc, bytes, size);
	return spend(w, VALUE_COST + (size > IN_VALUE ? size : 0));
}

static enum wh_status
put_values(struct writer *w, const struct whi_place *place)
{
	struct wh_value value;
	uint32_t i = 0;
	enum wh_status st;

	for (; (st = whi_place_value_at(place, i, &value)) == WH_OK; i++) {
		if (i == 0) {
			whi_text_add_char(&w->out, ',');
			new_line(w, 1);
			put(w, "\"values\": [");
		} else {
			whi_text_add_char(&w->out, ',');
		}
		new_line(w, 2);
		st = put_value(w, value);
		if (st != WH_OK)
			return st;
	}
	if (i > 0) {
		new_line(w, 1);
		whi_text_add_char(&w->out, ']');
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* --------------------------------------------------------------------- keys */

static enum wh_status
read_key_name(struct writer *w, const struct whi_node *node)
{
	char *room;
	size_t len;
	enum wh_status st = whi_asked(whi_node_name(node, NULL, 0, &len), NULL, 0);

	if (st == WH_OK)
		st = keep_name(w, len, &room);
	return st == WH_OK ? whi_node_name(node, room, len, &w->name.len) : st;
}

static enum wh_status
read_class(struct writer *w, struct wh_key key)
{
	char *room;
	size_t len;
	enum wh_status st = whi_asked(wh_key_class(key, NULL, 0, &len), NULL, 0);

	if (st == WH_OK)
		st = keep_name(w, len, &room);
	return st == WH_OK ? wh_key_class(key, room, len, &w->name.len) : st;
}

static enum wh_status
put_members(struct writer *w, const struct whi_node *node)
{
	struct wh_key_info info;
	char time[WH_TIME_TEXT];
	enum wh_status st = read_key_name(w, node);

	if (st == WH_OK)
		st = wh_key_info(node->key, &info);
	if (st != WH_OK)
		return st;
	put_text(w, "name", whi_text_at(&w->name), w->name.len);
	st = read_class(w, node->key);
	if (st != WH_OK)
		return st;
	if (w->name.len > 0) {
		put(w, ", ");
		put_text(w, "class", whi_text_at(&w->name), w->name.len);
	}
	wh_time_text(info.last_written, time);
	putf(w, ", \"last_written\": \"%s\"", time);
	if (whi_node_is_link(node))
		put(w, ", \"link\": true");
	if (whi_node_volatile(node))
		put(w, ", \"volatile\": true");
	return WH_OK;
}

/* Begin a key: its members but for the subkeys, which follow. */
static enum wh_status
open_key(struct writer *w, const struct whi_place *place)
{
	uint32_t granted;
	enum wh_status st = whi_access_check(w->reg, &place->node, WH_KEY_READ, &granted);

	if (st == WH_OK && w->depth >= WHI_JSON_DEPTH)
		st = WH_E_CORRUPT;
	if (st == WH_OK)
		st = spend(w, KEY_COST);
	if (st == WH_OK &&
	    !whi_grow(&w->reg->alloc, &w->frames, &w->cap, w->depth + 1, sizeof *w->frames))
		st = WH_E_MEMORY;
	if (st != WH_OK)
		return st;
	w->frames[w->depth++] = (struct frame){ *place, 0 };
	whi_text_add_char(&w->out, '{');
	st = put_members(w, &place->node);
	return st == WH_OK ? put_values(w, place) : st;
}

static void
close_key(struct writer *w)
{
	const struct frame *frame = &w->frames[w->depth - 1];

	if (frame->next > 0) {
		new_line(w, 1);
		whi_text_add_char(&w->out, ']');
	}
	w->depth--;
	whi_text_add_char(&w->out, '}');
}

static enum wh_status
put_tree(struct writer *w, const struct whi_place *top)
{
	enum wh_status st = open_key(w, top);

	while (st == WH_OK && w->depth > 0) {
		struct frame *frame = &w->frames[w->depth - 1];
		struct whi_place child;

		st = whi_place_child_at(&frame->place, frame->next, &child);
		if (st == WH_E_NO_MORE) {
			close_key(w);
			st = WH_OK;
			continue;
		}
		if (st != WH_OK)
			break;
		whi_text_add_char(&w->out, ',');
		if (frame->next++ == 0) {
			new_line(w, 1);
			put(w, "\"keys\": [");
		}
		new_line(w, 2);
		st = open_key(w, &child);
	}
	return st;
}

/* All that keys and values can take, if no two share their parts, as those of a cycle do. */
static uint64_t
size_of(const struct whi_mount *mount)
{
	return (mount->hive ? wh_hive_size(mount->hive) : 0) +
	       (mount->shadow ? wh_hive_size(mount->shadow) : 0);
}

static uint64_t
budget_for(const struct whi_mount *mount)
{
	const struct whi_machine *machine = mount->machine;
	uint64_t sum = size_of(&machine->master) + (mount->app ? size_of(mount) : 0);

	for (size_t i = 0; i < machine->mount_count; i++)
		sum += size_of(machine->mounts[i]);
	return sum;
}

static enum wh_status
put_all(struct writer *w, const struct whi_place *top)
{
	char *path;
	size_t len;
	enum wh_status st = whi_node_path(&top->node, &path, &len);

	if (st != WH_OK)
		return st;
	w->budget = budget_for(top->node.mount);
	put(w, "{\"format\": \"" WHI_JSON_FORMAT "\",\n");
	put_text(w, "path", path, len);
	whi_free(&w->reg->alloc, path, len + 1);
	put(w, ",\n\"key\":\n");
	st = put_tree(w, top);
	put(w, "}\n");
	return st;
}

enum wh_status
wh_reg_export_json(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, char **text,
		   size_t *text_len)
{
	struct writer w = { .reg = reg };
	struct whi_place top;
	size_t own_len;
	enum wh_status st;

	if (text)
		*text = NULL;
	if (text_len)
		*text_len = 0;
	if (!reg || !text)
		return WH_E_INVALID;
	w.out.a = w.name.a = &reg->alloc;
	whi_begin(reg);
	st = whi_value_key(reg, key, path, len, WH_KEY_READ, 0, &top);
	if (st == WH_OK)
		st = put_all(&w, &top);
	if (st == WH_OK)
		st = whi_text_give(&w.out, text, text_len ? text_len : &own_len);
	whi_text_fini(&w.out);
	whi_text_fini(&w.name);
	whi_free(&reg->alloc, w.frames, w.cap * sizeof *w.frames);
	return whi_end(reg, st);
}
