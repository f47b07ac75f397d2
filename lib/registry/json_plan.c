/* SPDX-License-Identifier: MIT */
/* JSON as docs/json.md describes it becomes a plan; nothing of the registry is looked at. */
#include "registry/json_plan.h"

#include "registry/json.h"

#include "base/utf.h"

#include <stdlib.h>

void
whi_plan_fini(struct whi_plan *plan)
{
	whi_text_fini(&plan->text);
	whi_free(plan->a, plan->keys, plan->key_cap * sizeof *plan->keys);
	whi_free(plan->a, plan->values, plan->value_cap * sizeof *plan->values);
}

#ifndef WHI_JANSSON

enum wh_status
whi_plan_read(struct whi_plan *plan, const char *text, size_t len)
{
	(void)plan;
	(void)text;
	(void)len;
	return WH_E_NOT_SUPPORTED;
}

#else

#include <jansson.h>

enum { KEY_NAME_MAX = 256, UNIT = 2 };

/* Bytes of JSON.  No hive is larger, and no length in it can wrap. */
#define TEXT_MAX ((size_t)INT32_MAX)

/* A plan that is being made, beside the JSON of each key that was met. */
struct reader {
	struct whi_plan *plan;
	const json_t **sources; /* of plan->keys */
	size_t source_cap;
};

/* ------------------------------------------------------------------ members */

/* Has an object no members but these? */
static bool
has_only(const json_t *object, const char *const *names)
{
	const char *name;
	json_t *member;

	/* The macro wants an object that is not const, but only looks at it. */
	json_object_foreach((json_t *)(uintptr_t)object, name, member)
	{
		size_t i = 0;

		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (!names[i])
			return false;
	}
	return true;
}

static bool
get_flag(const json_t *object, const char *name, bool *flag)
{
	const json_t *member = json_object_get(object, name);

	*flag = json_is_true(member);
	return !member || json_is_boolean(member);
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Pairs of hexadecimal digits, nothing between them. */
static enum wh_status
add_hex(struct whi_text *out, const json_t *string)
{
	size_t len = json_string_length(string);
	const char *text = json_string_value(string);
	char *to;

	if (!text || len % 2 != 0)
		return WH_E_INVALID_DATA;
	to = whi_text_room(out, len / 2);
	if (!to)
		return WH_E_MEMORY;
	for (size_t i = 0; i < len; i += 2) {
		int high = digit_of(text[i]), low = digit_of(text[i + 1]);

		if (high < 0 || low < 0)
			return WH_E_INVALID_DATA;
		to[i / 2] = (char)(high << 4 | low);
	}
	out->len += len / 2;
	return WH_OK;
}

/* "member", or "member_utf16" in its place, as UTF-8; '*there' if it has one of them. */
static enum wh_status
add_text(struct whi_text *out, const json_t *object, const char *name, const char *utf16_name,
	 struct whi_piece *piece, bool *there)
{
	const json_t *plain = json_object_get(object, name);
	const json_t *utf16 = json_object_get(object, utf16_name);
	struct whi_text units = { .a = out->a };
	enum wh_status st = WH_OK;

	*piece = (struct whi_piece){ out->len, 0 };
	*there = plain || utf16;
	if ((plain && utf16) || (plain && !json_is_string(plain)))
		return WH_E_INVALID_DATA;
	if (plain)
		whi_text_add(out, json_string_value(plain), json_string_length(plain));
	if (utf16)
		st = add_hex(&units, utf16);
	if (st == WH_OK && units.len % UNIT != 0)
		st = WH_E_INVALID_DATA;
	if (st == WH_OK && utf16)
		whi_text_add_utf16(out, (struct view){ (const uint8_t *)whi_text_at(&units),
						       (uint32_t)units.len });
	whi_text_fini(&units);
	piece->len = out->len - piece->at;
	return st == WH_OK && out->failed ? WH_E_MEMORY : st;
}

/* -------------------------------------------------------------------- values */

static bool
read_type(const json_t *member, uint32_t *type)
{
	if (json_is_integer(member)) {
		json_int_t number = json_integer_value(member);

		*type = (uint32_t)number;
		return number >= 0 && number <= UINT32_MAX;
	}
	for (*type = 0; json_is_string(member) && wh_type_name(*type); ++*type)
		if (strcmp(wh_type_name(*type), json_string_value(member)) == 0)
			return true;
	return false;
}

/* A string as UTF-16LE. */
static enum wh_status
add_units(struct whi_text *out, const json_t *string)
{
	const char *text = json_string_value(string);

	if (!text || !whi_text_add_units(out, text, json_string_length(string)))
		return WH_E_INVALID_DATA;
	return out->failed ? WH_E_MEMORY : WH_OK;
}

static enum wh_status
add_strings(struct whi_text *out, const json_t *list)
{
	enum wh_status st = json_is_array(list) ? WH_OK : WH_E_INVALID_DATA;
	json_t *string;
	size_t i;

	json_array_foreach(list, i, string)
	{
		if (st == WH_OK)
			st = add_units(out, string);
		whi_text_add(out, "\0", UNIT);
	}
	whi_text_add(out, "\0", UNIT);
	return st;
}

static enum wh_status
add_number(struct whi_text *out, uint32_t type, const json_t *member)
{
	uint64_t number = (uint64_t)json_integer_value(member);
	size_t size = type == WH_REG_QWORD ? sizeof(uint64_t) : sizeof(uint32_t);

	if (!json_is_integer(member) || json_integer_value(member) < 0 ||
	    (size == sizeof(uint32_t) && number > UINT32_MAX))
		return WH_E_INVALID_DATA;
	for (size_t i = 0; i < size; i++) {
		size_t byte = type == WH_REG_DWORD_BIG_ENDIAN ? size - 1 - i : i;

		whi_text_add_char(out, (char)(number >> 8 * byte));
	}
	return WH_OK;
}

/* The data, in the one form that is given. */
static enum wh_status
add_data(struct whi_text *out, uint32_t type, const json_t *object)
{
	const json_t *text = json_object_get(object, "text");
	const json_t *strings = json_object_get(object, "strings");
	const json_t *number = json_object_get(object, "number");
	const json_t *data = json_object_get(object, "data");
	bool is_text = type == WH_REG_SZ || type == WH_REG_EXPAND_SZ || type == WH_REG_LINK;
	bool is_number =
		type == WH_REG_DWORD || type == WH_REG_DWORD_BIG_ENDIAN || type == WH_REG_QWORD;
	enum wh_status st = WH_E_INVALID_DATA;

	if (!!text + !!strings + !!number + !!data != 1)
		return WH_E_INVALID_DATA;
	if (data)
		st = add_hex(out, data);
	else if (text && is_text)
		st = add_units(out, text);
	else if (strings && type == WH_REG_MULTI_SZ)
		st = add_strings(out, strings);
	else if (number && is_number)
		st = add_number(out, type, number);
	if (text && type != WH_REG_LINK)
		whi_text_add(out, "\0", UNIT);
	return st == WH_OK && out->failed ? WH_E_MEMORY : st;
}

/* Is a name, as UTF-8, of no more than 'max' units? */
static bool
is_short(const struct whi_plan *plan, struct whi_piece name, size_t max)
{
	size_t units;

	return whi_utf16_from_utf8(whi_plan_at(plan, name), name.len, NULL, 0, &units) &&
	       units <= max;
}

static enum wh_status
read_value(struct whi_plan *plan, const json_t *source)
{
	static const char *const members[] = { "name",    "name_utf16", "type", "text",
					       "strings", "number",     "data", NULL };
	struct whi_plan_value value;
	struct whi_text *text = &plan->text;
	bool named;
	enum wh_status st;

	if (!json_is_object(source) || !has_only(source, members) ||
	    !read_type(json_object_get(source, "type"), &value.type))
		return WH_E_INVALID_DATA;
	st = add_text(text, source, "name", "name_utf16", &value.name, &named);
	if (st == WH_OK && (!named || !is_short(plan, value.name, WHI_VALUE_NAME_MAX)))
		st = WH_E_INVALID_DATA;
	value.data.at = text->len;
	if (st == WH_OK)
		st = add_data(text, value.type, source);
	value.data.len = text->len - value.data.at;
	if (st != WH_OK)
		return st;
	if (!whi_grow(plan->a, &plan->values, &plan->value_cap, plan->value_count + 1,
		      sizeof value))
		return WH_E_MEMORY;
	plan->values[plan->value_count++] = value;
	return WH_OK;
}

/* ---------------------------------------------------------------------- keys */

/* A key below that of index 'above'; its values and subkeys come later. */
static enum wh_status
read_key(struct reader *r, const json_t *source, size_t above)
{
	static const char *const members[] = { "name",        "name_utf16",   "class",
					       "class_utf16", "last_written", "link",
					       "volatile",    "values",       "keys",
					       NULL };
	struct whi_plan *plan = r->plan;
	struct whi_plan_key key = { .above = above };
	bool first = plan->key_count == 0, named;
	enum wh_status st;

	if (!json_is_object(source) || !has_only(source, members) ||
	    !get_flag(source, "link", &key.link) || !get_flag(source, "volatile", &key.in_memory))
		return WH_E_INVALID_DATA;
	key.depth = first ? 0 : plan->keys[above].depth + 1;
	st = add_text(&plan->text, source, "name", "name_utf16", &key.name, &named);
	if (st == WH_OK)
		st = add_text(&plan->text, source, "class", "class_utf16", &key.class_name,
			      &key.has_class);
	if (st != WH_OK)
		return st;
	if (key.depth >= WHI_JSON_DEPTH ||
	    (!first && (key.name.len == 0 || !is_short(plan, key.name, KEY_NAME_MAX) ||
			memchr(whi_plan_at(plan, key.name), '\\', key.name.len))))
		return WH_E_INVALID_DATA;
	if (!whi_grow(plan->a, &plan->keys, &plan->key_cap, plan->key_count + 1, sizeof key) ||
	    !whi_grow(plan->a, &r->sources, &r->source_cap, plan->key_count + 1,
		      sizeof *r->sources))
		return WH_E_MEMORY;
	r->sources[plan->key_count] = source;
	plan->keys[plan->key_count++] = key;
	plan->in_memory |= key.in_memory;
	return WH_OK;
}

struct name {
	const char *at;
	size_t len;
};

static int
by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return whi_reg_compare(x->at, x->len, y->at, y->len);
}

/* Of 'count' keys or values from 'first' on: WH_E_INVALID_DATA if two have the same name. */
static enum wh_status
check_names(const struct whi_plan *plan, bool keys, size_t first, size_t count)
{
	struct name *names;
	enum wh_status st = WH_OK;

	if (count < 2)
		return WH_OK;
	names = whi_alloc(plan->a, count * sizeof *names);
	if (!names)
		return WH_E_MEMORY;
	for (size_t i = 0; i < count; i++) {
		struct whi_piece piece =
			keys ? plan->keys[first + i].name : plan->values[first + i].name;

		names[i] = (struct name){ whi_plan_at(plan, piece), piece.len };
	}
	qsort(names, count, sizeof *names, by_name);
	for (size_t i = 1; i < count; i++)
		if (by_name(&names[i - 1], &names[i]) == 0)
			st = WH_E_INVALID_DATA;
	whi_free(plan->a, names, count * sizeof *names);
	return st;
}

/* Values and subkeys of key number 'index'. */
static enum wh_status
read_members(struct reader *r, size_t index)
{
	struct whi_plan *plan = r->plan;
	const json_t *values = json_object_get(r->sources[index], "values");
	const json_t *keys = json_object_get(r->sources[index], "keys");
	size_t first_value = plan->value_count, first_key = plan->key_count, i;
	enum wh_status st = WH_OK;
	json_t *member;

	if ((values && !json_is_array(values)) || (keys && !json_is_array(keys)))
		return WH_E_INVALID_DATA;
	json_array_foreach(values, i, member) if (st == WH_OK) st = read_value(plan, member);
	json_array_foreach(keys, i, member) if (st == WH_OK) st = read_key(r, member, index);
	if (st == WH_OK)
		st = check_names(plan, false, first_value, plan->value_count - first_value);
	if (st == WH_OK)
		st = check_names(plan, true, first_key, plan->key_count - first_key);
	plan->keys[index].first_value = first_value;
	plan->keys[index].value_count = plan->value_count - first_value;
	for (i = first_value; i < plan->value_count && st == WH_OK; i++) {
		const struct whi_plan_value *value = &plan->values[i];

		if (!whi_value_fits(plan->keys[index].link, whi_plan_at(plan, value->name),
				    value->name.len, value->type))
			st = WH_E_INVALID_DATA;
	}
	return st;
}

static enum wh_status
read_document(struct whi_plan *plan, const json_t *document)
{
	static const char *const members[] = { "format", "path", "path_utf16", "key", NULL };
	const char *format = json_string_value(json_object_get(document, "format"));
	struct reader r = { .plan = plan };
	enum wh_status st;

	if (!format || strcmp(format, WHI_JSON_FORMAT) != 0 || !has_only(document, members))
		return WH_E_INVALID_DATA;
	st = read_key(&r, json_object_get(document, "key"), 0);
	for (size_t i = 0; i < plan->key_count && st == WH_OK; i++)
		st = read_members(&r, i);
	whi_free(plan->a, r.sources, r.source_cap * sizeof *r.sources);
	return st;
}

enum wh_status
whi_plan_read(struct whi_plan *plan, const char *text, size_t len)
{
	json_error_t error;
	json_t *document;
	enum wh_status st;

	if (len > TEXT_MAX)
		return WH_E_TOO_BIG;
	document = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!document)
		return json_error_code(&error) == json_error_out_of_memory ? WH_E_MEMORY
									   : WH_E_INVALID_DATA;
	st = read_document(plan, document);
	json_decref(document);
	return st;
}

#endif
