/* SPDX-License-Identifier: MIT */
/* Values as Windows offers them: looked up, enumerated, set, deleted. */
#include "registry/value.h"

#include "base/utf.h"
#include "registry/text.h"

/* ------------------------------------------------------------------ the key */

enum wh_status
whi_value_place(struct wh_reg *reg, wh_hkey key, uint32_t access, struct whi_place *place)
{
	struct whi_handle room, *handle;
	enum wh_status st = whi_handle_get(reg, key, access, &room, &handle);

	if (st != WH_OK)
		return st;
	*place = handle->place;
	return whi_place_alive(place);
}

enum wh_status
whi_value_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, uint32_t access,
	      uint32_t view, struct whi_place *place)
{
	size_t path_len = whi_text_len(path, len);
	struct whi_place from;
	uint32_t granted;
	enum wh_status st;

	if (path_len == 0)
		return whi_value_place(reg, key, access, place);
	st = whi_value_place(reg, key, 0, &from);
	if (st == WH_OK)
		st = whi_resolve(reg, &from, path, path_len, 0, view, place, NULL);
	return st == WH_OK ? whi_access_check(reg, &place->node, access, &granted) : st;
}

/* ---------------------------------------------------------------- the value */

/* Can a value have that name?  WH_E_INVALID: it is not UTF-8. */
static enum wh_status
check_name(const char *name, size_t len, enum wh_status too_long)
{
	size_t units;

	if (!whi_utf16_from_utf8(name, whi_text_len(name, len), NULL, 0, &units))
		return WH_E_INVALID;
	return units > WHI_VALUE_NAME_MAX ? too_long : WH_OK;
}

enum wh_status
whi_value_find(const struct whi_place *place, const char *name, size_t len, struct wh_value *value)
{
	enum wh_status st = check_name(name, len, WH_E_NOT_FOUND);

	return st == WH_OK ? whi_place_value(place, name, whi_text_len(name, len), value) : st;
}

enum wh_status
whi_value_load(const struct wh_allocator *a, struct wh_value value, uint32_t *type, uint8_t **data,
	       size_t *size)
{
	struct wh_value_info info;
	enum wh_status st = wh_value_info(value, &info);

	*data = NULL;
	*size = 0;
	if (st != WH_OK)
		return st;
	*type = info.type;
	if (info.readable < info.size)
		return WH_E_CORRUPT;
	*data = whi_alloc(a, info.size);
	if (!*data)
		return WH_E_MEMORY;
	*size = info.size;
	st = wh_value_read(value, *data, info.size, size);
	if (st != WH_OK) {
		whi_free(a, *data, info.size);
		*data = NULL;
		*size = 0;
	}
	return st;
}

bool
whi_value_fits(bool link, const char *name, size_t len, uint32_t type)
{
	static const char target[] = "SymbolicLinkValue";

	len = whi_text_len(name, len);
	return !link || (type == WH_REG_LINK && len > 0 &&
			 whi_reg_compare(name, len, target, sizeof target - 1) == 0);
}

enum wh_status
whi_value_put(const struct whi_place *place, const struct whi_data *data)
{
	if (!whi_value_fits(whi_node_is_link(&place->node), data->name, data->name_len, data->type))
		return WH_E_ACCESS;
	return wh_value_set(place->node.key, data->name, data->name_len, data->type, data->bytes,
			    data->size);
}

enum wh_status
whi_value_set(struct wh_reg *reg, const struct whi_place *place, const struct whi_data *data)
{
	enum wh_status st = whi_value_put(place, data);

	if (st == WH_OK)
		whi_notify(reg, &place->node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return st;
}

/*
 * Make the keys that are missing and set the value there: all of it, or nothing, but that watchers
 * may hear of keys that are gone again.
 */
static enum wh_status
set_in_new_key(struct wh_reg *reg, const struct whi_place *above, const struct whi_rest *rest,
	       const struct whi_data *data)
{
	struct wh_hive *hive = whi_place_to_create(above).key.hive;
	struct whi_place place;
	enum wh_status st = wh_hive_begin(hive), closed;
	bool created;

	if (st != WH_OK)
		return st;
	st = whi_place_create(reg, above, rest->path, rest->len, 0, 0, NULL, &place, &created);
	if (st == WH_OK)
		st = whi_value_put(&place, data);
	closed = st == WH_OK ? wh_hive_end(hive) : wh_hive_undo(hive);
	if (st == WH_OK)
		whi_notify(reg, &place.node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return st != WH_OK ? st : closed;
}

enum wh_status
whi_value_set_below(struct wh_reg *reg, const struct whi_place *from, const char *path, size_t len,
		    const struct whi_data *data)
{
	struct whi_rest rest = { 0 };
	struct whi_place place;
	uint32_t granted;
	enum wh_status st;

	st = whi_resolve(reg, from, path, len, WHI_RESOLVE_PARENT, 0, &place, &rest);
	if (st == WH_OK && rest.len > 0)
		st = set_in_new_key(reg, &place, &rest, data);
	else if (st == WH_OK &&
		 (st = whi_access_check(reg, &place.node, WH_KEY_SET_VALUE, &granted)) == WH_OK)
		st = whi_value_set(reg, &place, data);
	whi_rest_free(reg, &rest);
	return st;
}

/* Of a merged key: the user's value of that name, and when he has none, the machine's. */
static enum wh_status
delete_value(struct wh_reg *reg, const struct whi_place *place, const char *name, size_t len)
{
	const struct whi_node *node = &place->node;
	enum wh_status st = check_name(name, len, WH_E_NOT_FOUND);

	if (st != WH_OK)
		return st;
	len = whi_text_len(name, len);
	st = wh_value_delete(node->key, name, len);
	if (st == WH_E_NOT_FOUND && place->merged && place->other.mount) {
		node = &place->other;
		st = wh_value_delete(node->key, name, len);
	}
	if (st == WH_OK)
		whi_notify(reg, node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return st;
}

/* ------------------------------------------------------------------ reading */

enum wh_status
wh_reg_query_value(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, char *buf,
		   size_t cap, size_t *text_len)
{
	struct whi_place place;
	struct wh_value value;
	struct wh_value_info info;
	enum wh_status st;

	if (text_len)
		*text_len = 0;
	if (!reg || !text_len || whi_no_buffer(buf, cap))
		return WH_E_INVALID;
	if (key == WH_HKEY_PERFORMANCE_DATA)
		return WH_E_HANDLE;
	whi_begin(reg);
	st = whi_value_key(reg, key, path, len, WH_KEY_QUERY_VALUE, 0, &place);
	if (st == WH_OK) {
		st = whi_value_find(&place, NULL, 0, &value);
		if (st == WH_E_NOT_FOUND)
			return whi_end(reg, WH_OK);
	}
	if (st == WH_OK)
		st = wh_value_info(value, &info);
	if (st == WH_OK && info.type != WH_REG_SZ)
		st = WH_E_INVALID_DATA;
	if (st == WH_OK)
		st = whi_asked(wh_value_string(value, buf, cap, text_len), buf, cap);
	return whi_end(reg, st);
}

/* Type and data of a value; without a place for a length only its type. */
static enum wh_status
read_value(struct wh_value value, uint32_t *type, void *buf, size_t cap, size_t *len)
{
	struct wh_value_info info;
	enum wh_status st = wh_value_info(value, &info);

	if (st != WH_OK)
		return st;
	if (type)
		*type = info.type;
	return len ? whi_asked(wh_value_read(value, buf, cap, len), buf, cap) : WH_OK;
}

enum wh_status
wh_reg_query_value_ex(struct wh_reg *reg, wh_hkey key, const char *name, size_t len, uint32_t *type,
		      void *buf, size_t cap, size_t *data_len)
{
	struct whi_place place;
	struct wh_value value;
	enum wh_status st;

	if (type)
		*type = 0;
	if (data_len)
		*data_len = 0;
	if (!reg || (buf && !data_len) || whi_no_buffer(buf, cap))
		return WH_E_INVALID;
	whi_begin(reg);
	st = whi_value_key(reg, key, NULL, 0, WH_KEY_QUERY_VALUE, 0, &place);
	if (st == WH_OK)
		st = whi_value_find(&place, name, len, &value);
	if (st == WH_OK)
		st = read_value(value, type, buf, cap, data_len);
	return whi_end(reg, st);
}

/* Does something of 'len' bytes fit, or is only its length asked for? */
static bool
fits(const void *buf, size_t cap, size_t len)
{
	return len <= cap || (!buf && cap == 0);
}

/* Name and data go into two buffers: neither is touched unless both are large enough. */
static enum wh_status
read_both(struct wh_value value, char *name, size_t name_cap, size_t *name_len, uint32_t *type,
	  void *data, size_t data_cap, size_t *data_len)
{
	struct wh_value_info info;
	enum wh_status st = wh_value_info(value, &info);

	if (st != WH_OK)
		return st;
	if (type)
		*type = info.type;
	if (data_len)
		*data_len = info.readable;
	st = whi_asked(wh_value_name(value, NULL, 0, name_len), NULL, 0);
	if (st != WH_OK)
		return st;
	if (!fits(name, name_cap, *name_len) || (data_len && !fits(data, data_cap, info.readable)))
		return WH_E_MORE_DATA;
	st = whi_asked(wh_value_name(value, name, name_cap, name_len), name, name_cap);
	if (st == WH_OK && data_len)
		st = whi_asked(wh_value_read(value, data, data_cap, data_len), data, data_cap);
	return st;
}

enum wh_status
wh_reg_enum_value(struct wh_reg *reg, wh_hkey key, uint32_t index, char *name, size_t name_cap,
		  size_t *name_len, uint32_t *type, void *data, size_t data_cap, size_t *data_len)
{
	struct whi_place place;
	struct wh_value value;
	enum wh_status st;

	if (name_len)
		*name_len = 0;
	if (type)
		*type = 0;
	if (data_len)
		*data_len = 0;
	if (!reg || !name_len || (data && !data_len) || whi_no_buffer(name, name_cap) ||
	    whi_no_buffer(data, data_cap))
		return WH_E_INVALID;
	whi_begin(reg);
	st = whi_value_key(reg, key, NULL, 0, WH_KEY_QUERY_VALUE, 0, &place);
	if (st == WH_OK)
		st = whi_place_value_at(&place, index, &value);
	if (st == WH_OK)
		st = read_both(value, name, name_cap, name_len, type, data, data_cap, data_len);
	return whi_end(reg, st);
}

/* Find all of them and say where their data go: all, or nothing. */
static enum wh_status
lay_out(const struct whi_place *place, struct wh_reg_multiple *values, size_t count, size_t *total)
{
	struct wh_value value;
	struct wh_value_info info;
	enum wh_status st;

	for (size_t i = 0; i < count; i++) {
		st = whi_value_find(place, values[i].name, values[i].len, &value);
		if (st == WH_OK)
			st = wh_value_info(value, &info);
		if (st == WH_OK && info.readable < info.size)
			st = WH_E_CORRUPT;
		if (st == WH_OK && info.size > SIZE_MAX - *total)
			st = WH_E_TOO_BIG;
		if (st != WH_OK)
			return st;
		values[i].type = info.type;
		values[i].offset = *total;
		values[i].size = info.size;
		*total += info.size;
	}
	return WH_OK;
}

static void
forget(struct wh_reg_multiple *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		values[i].type = 0;
		values[i].offset = values[i].size = 0;
	}
}

static enum wh_status
read_all(const struct whi_place *place, const struct wh_reg_multiple *values, size_t count,
	 uint8_t *buf)
{
	struct wh_value value;
	enum wh_status st = WH_OK;
	size_t len;

	for (size_t i = 0; i < count && st == WH_OK; i++) {
		st = whi_value_find(place, values[i].name, values[i].len, &value);
		if (st == WH_OK && values[i].size > 0)
			st = wh_value_read(value, buf + values[i].offset, values[i].size, &len);
	}
	return st;
}

enum wh_status
wh_reg_query_multiple_values(struct wh_reg *reg, wh_hkey key, struct wh_reg_multiple *values,
			     size_t count, void *buf, size_t cap, size_t *total)
{
	struct whi_place place;
	size_t sum = 0;
	enum wh_status st;

	if (total)
		*total = 0;
	if (values)
		forget(values, count);
	if (!reg || !total || (!values && count > 0) || whi_no_buffer(buf, cap))
		return WH_E_INVALID;
	whi_begin(reg);
	st = whi_value_key(reg, key, NULL, 0, WH_KEY_QUERY_VALUE, 0, &place);
	if (st == WH_OK)
		st = lay_out(&place, values, count, &sum);
	if (st == WH_OK) {
		*total = sum;
		if (!fits(buf, cap, sum))
			st = WH_E_MORE_DATA;
		else if (buf)
			st = read_all(&place, values, count, buf);
	} else {
		forget(values, count);
	}
	return whi_end(reg, st);
}

/* ----------------------------------------------------------------- changing */

enum wh_status
wh_reg_set_value_ex(struct wh_reg *reg, wh_hkey key, const char *name, size_t len, uint32_t type,
		    const void *data, size_t size)
{
	return wh_reg_set_key_value(reg, key, NULL, 0, name, len, type, data, size);
}

/* What is to be set, if it can be at all. */
static enum wh_status
check_data(struct whi_data *data)
{
	data->name_len = whi_text_len(data->name, data->name_len);
	if (!data->bytes && data->size > 0)
		return WH_E_NOACCESS;
	return check_name(data->name, data->name_len, WH_E_INVALID);
}

enum wh_status
wh_reg_set_key_value(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
		     const char *name, size_t name_len, uint32_t type, const void *bytes,
		     size_t size)
{
	struct whi_data data = { name, name_len, type, bytes, size };
	size_t path_len = whi_text_len(path, len);
	struct whi_place place;
	enum wh_status st;

	if (!reg)
		return WH_E_INVALID;
	st = check_data(&data);
	whi_begin(reg);
	if (st == WH_OK)
		st = whi_value_place(reg, key, path_len ? 0 : WH_KEY_SET_VALUE, &place);
	if (st == WH_OK)
		st = path_len ? whi_value_set_below(reg, &place, path, path_len, &data)
			      : whi_value_set(reg, &place, &data);
	return whi_end(reg, st);
}

enum wh_status
whi_value_set_text(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *name,
		   size_t name_len, uint32_t type, const char *text, size_t text_len)
{
	struct whi_text units = { .a = &reg->alloc };
	enum wh_status st = WH_E_INVALID;

	if (whi_text_add_units(&units, text, whi_text_len(text, text_len))) {
		whi_text_add(&units, "\0", 2);
		st = units.failed ? WH_E_MEMORY
				  : wh_reg_set_key_value(reg, key, path, len, name, name_len, type,
							 whi_text_at(&units), units.len);
	}
	whi_text_fini(&units);
	return st;
}

enum wh_status
wh_reg_set_value(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *text,
		 size_t text_len)
{
	if (!reg)
		return WH_E_INVALID;
	if (key == WH_HKEY_PERFORMANCE_DATA)
		return WH_E_HANDLE;
	return whi_value_set_text(reg, key, path, len, NULL, 0, WH_REG_SZ, text, text_len);
}

enum wh_status
wh_reg_delete_value(struct wh_reg *reg, wh_hkey key, const char *name, size_t len)
{
	return wh_reg_delete_key_value(reg, key, NULL, 0, name, len);
}

enum wh_status
wh_reg_delete_key_value(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
			const char *name, size_t name_len)
{
	struct whi_place place;
	enum wh_status st;

	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	st = whi_value_key(reg, key, path, len, WH_KEY_SET_VALUE, 0, &place);
	if (st == WH_OK)
		st = delete_value(reg, &place, name, name_len);
	return whi_end(reg, st);
}
