/* SPDX-License-Identifier: MIT */
/* What everybody writes around the registry, once. */
#include "registry/text.h"
#include "registry/value.h"

#include "base/utf.h"

enum { UNIT = 2 };

void
wh_reg_free_text(struct wh_reg *reg, char *text)
{
	if (reg)
		whi_text_free(&reg->alloc, text);
}

/* A value of a key below a handle.  WH_E_NOT_FOUND: one of them is not there. */
static enum wh_status
find(struct wh_reg *reg, wh_hkey key, const char *path, const char *name, struct wh_value *value)
{
	struct whi_place place;
	enum wh_status st;

	st = whi_value_key(reg, key, path, WH_NTS, WH_KEY_QUERY_VALUE, 0, &place);
	return st == WH_OK ? whi_value_find(&place, name, WH_NTS, value) : st;
}

/* ------------------------------------------------------------------- strings */

/* Units up to the next NUL, or to the end. */
static uint32_t
string_len(struct view text)
{
	uint32_t len = 0;

	while (len + 1 < text.len && (text.at[len] || text.at[len + 1]))
		len += UNIT;
	return len;
}

static bool
ends_in_nul(struct view text)
{
	return text.len >= UNIT && !text.at[text.len - 1] && !text.at[text.len - 2];
}

/* The same rule as wh_value_strings(): each NUL ends a string, but the last NUL ends the list. */
static void
add_lines(struct whi_text *out, struct view list)
{
	if (ends_in_nul(list))
		list.len -= UNIT;
	while (list.len > 0) {
		uint32_t len = string_len(list), past = len < list.len ? len + UNIT : len;

		whi_text_add_utf16(out, (struct view){ list.at, len });
		whi_text_add_char(out, '\n');
		list = (struct view){ list.at + past, list.len - past };
	}
}

/* Data of a string type as text. */
static enum wh_status
add_data(struct whi_text *out, uint32_t type, struct view data)
{
	data.len &= ~UINT32_C(1);
	if (type == WH_REG_MULTI_SZ) {
		add_lines(out, data);
	} else if (type == WH_REG_SZ || type == WH_REG_EXPAND_SZ || type == WH_REG_LINK) {
		if (ends_in_nul(data))
			data.len -= UNIT;
		whi_text_add_utf16(out, data);
	} else {
		return WH_E_TYPE;
	}
	return out->failed ? WH_E_MEMORY : WH_OK;
}

static enum wh_status
get_string(struct wh_reg *reg, wh_hkey key, const char *path, const char *name,
	   const char *fallback, struct whi_text *out)
{
	struct wh_value value;
	uint32_t type;
	uint8_t *data;
	size_t size;
	enum wh_status st = find(reg, key, path, name, &value);

	if (st == WH_E_NOT_FOUND && fallback) {
		whi_text_add_string(out, fallback);
		return out->failed ? WH_E_MEMORY : WH_OK;
	}
	if (st == WH_OK)
		st = whi_value_load(&reg->alloc, value, &type, &data, &size);
	if (st != WH_OK)
		return st;
	st = add_data(out, type, (struct view){ data, (uint32_t)size });
	whi_free(&reg->alloc, data, size);
	return st;
}

enum wh_status
wh_reg_get_string(struct wh_reg *reg, wh_hkey key, const char *path, const char *name,
		  const char *fallback, char **text, size_t *len)
{
	struct whi_text out;
	size_t own_len;
	enum wh_status st;

	if (text)
		*text = NULL;
	if (len)
		*len = 0;
	if (!reg || !text)
		return WH_E_INVALID;
	out = (struct whi_text){ .a = &reg->alloc };
	whi_begin(reg);
	st = get_string(reg, key, path, name, fallback, &out);
	if (st == WH_OK)
		st = whi_text_give(&out, text, len ? len : &own_len);
	else if (st == WH_E_NOT_FOUND)
		st = WH_OK; /* no fallback: NULL */
	whi_text_fini(&out);
	return whi_end(reg, st);
}

enum wh_status
wh_reg_get_number(struct wh_reg *reg, wh_hkey key, const char *path, const char *name,
		  uint64_t fallback, uint64_t *number)
{
	struct wh_value value;
	enum wh_status st;

	if (number)
		*number = 0;
	if (!reg || !number)
		return WH_E_INVALID;
	whi_begin(reg);
	st = find(reg, key, path, name, &value);
	if (st == WH_OK) {
		st = wh_value_number(value, number);
	} else if (st == WH_E_NOT_FOUND) {
		*number = fallback;
		st = WH_OK;
	}
	return whi_end(reg, st);
}

enum wh_status
wh_reg_set_string(struct wh_reg *reg, wh_hkey key, const char *name, size_t len, uint32_t type,
		  const char *text, size_t text_len)
{
	if (!reg)
		return WH_E_INVALID;
	if (type != WH_REG_SZ && type != WH_REG_EXPAND_SZ)
		return WH_E_TYPE;
	return whi_value_set_text(reg, key, NULL, 0, name, len, type, text, text_len);
}

/* ---------------------------------------------------------------------- Path */

struct span {
	const char *at;
	size_t len;
};

/* The next entry of a list with semicolons, but for those in quotes; '*rest' goes on after it. */
static struct span
next_entry(struct span *rest)
{
	struct span entry = { rest->at, 0 };
	bool quoted = false;

	while (entry.len < rest->len && (quoted || rest->at[entry.len] != ';'))
		quoted ^= rest->at[entry.len++] == '"';
	rest->at += entry.len;
	rest->len -= entry.len;
	if (rest->len > 0) {
		rest->at++;
		rest->len--;
	}
	return entry;
}

/* Without the quotes around it, and without a last backslash. */
static struct span
bare(struct span folder)
{
	if (folder.len >= 2 && folder.at[0] == '"' && folder.at[folder.len - 1] == '"')
		folder = (struct span){ folder.at + 1, folder.len - 2 };
	if (folder.len > 1 && folder.at[folder.len - 1] == '\\')
		folder.len--;
	return folder;
}

static bool
has_folder(struct span list, struct span folder)
{
	while (list.len > 0) {
		struct span entry = bare(next_entry(&list));

		if (whi_reg_compare(entry.at, entry.len, folder.at, folder.len) == 0)
			return true;
	}
	return false;
}

/* Path as it is: '*type', and the text in 'path'; nothing, to be expanded, if it is not there. */
static enum wh_status
read_path(struct wh_reg *reg, const struct whi_place *user, uint32_t *type, struct whi_text *path)
{
	static const char key[] = "Environment";
	struct whi_place place;
	struct wh_value value;
	uint8_t *data;
	uint32_t granted;
	size_t size;
	enum wh_status st;

	*type = WH_REG_EXPAND_SZ;
	st = whi_resolve(reg, user, key, sizeof key - 1, 0, 0, &place, NULL);
	if (st == WH_OK)
		st = whi_access_check(reg, &place.node, WH_KEY_QUERY_VALUE, &granted);
	if (st == WH_OK)
		st = whi_value_find(&place, "Path", 4, &value);
	if (st == WH_OK)
		st = whi_value_load(&reg->alloc, value, type, &data, &size);
	if (st != WH_OK)
		return st == WH_E_NOT_FOUND ? WH_OK : st;
	if (*type == WH_REG_SZ || *type == WH_REG_EXPAND_SZ)
		whi_text_add_utf16(
			path,
			(struct view){ data, string_len((struct view){ data, (uint32_t)size }) });
	else
		st = WH_E_TYPE;
	whi_free(&reg->alloc, data, size);
	return path->failed ? WH_E_MEMORY : st;
}

static enum wh_status
write_path(struct wh_reg *reg, const struct whi_place *user, uint32_t type,
	   const struct whi_text *path)
{
	static const char key[] = "Environment";
	struct whi_text units = { .a = &reg->alloc };
	struct whi_data data = { .name = "Path", .name_len = 4, .type = type };
	enum wh_status st = WH_E_MEMORY;

	if (!path->failed)
		whi_text_add_units(&units, whi_text_at(path), path->len);
	whi_text_add(&units, "\0", UNIT);
	data.bytes = whi_text_at(&units);
	data.size = units.len;
	if (!path->failed && !units.failed)
		st = whi_value_set_below(reg, user, key, sizeof key - 1, &data);
	whi_text_fini(&units);
	return st;
}

static enum wh_status
add_folder(struct wh_reg *reg, struct span folder, bool *added)
{
	struct whi_text path = { .a = &reg->alloc };
	struct whi_place user;
	uint32_t type;
	enum wh_status st = whi_value_place(reg, WH_HKEY_CURRENT_USER, 0, &user);

	if (st == WH_OK)
		st = read_path(reg, &user, &type, &path);
	if (st == WH_OK &&
	    !has_folder((struct span){ whi_text_at(&path), path.len }, bare(folder))) {
		if (path.len > 0 && whi_text_at(&path)[path.len - 1] != ';')
			whi_text_add_char(&path, ';');
		whi_text_add(&path, folder.at, folder.len);
		st = write_path(reg, &user, type, &path);
		*added = st == WH_OK;
	}
	whi_text_fini(&path);
	return st;
}

/* A folder that can be one entry: not empty, UTF-8, and nothing in it that would make it two. */
static bool
is_entry(struct span folder)
{
	size_t units;

	return folder.len > 0 && !memchr(folder.at, ';', folder.len) &&
	       !memchr(folder.at, '"', folder.len) && !memchr(folder.at, '\0', folder.len) &&
	       whi_utf16_from_utf8(folder.at, folder.len, NULL, 0, &units);
}

enum wh_status
wh_reg_add_to_user_path(struct wh_reg *reg, const char *folder, size_t len, bool *added)
{
	struct span span = { folder, whi_text_len(folder, len) };
	bool own_added;

	if (!added)
		added = &own_added;
	*added = false;
	if (!reg || !is_entry(span))
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, add_folder(reg, span, added));
}
