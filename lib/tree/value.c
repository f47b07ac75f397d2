/* SPDX-License-Identifier: MIT */
/* The public functions about values. */
#include "base/mem.h"
#include "hive/hive.h"
#include "tree/handle.h"
#include "tree/value_find.h"

#include <string.h>

static enum wh_status
read_value(struct wh_value value, struct whi_vk *vk)
{
	if (!value.hive)
		return WH_E_INVALID;
	if (!whi_stale_good(&value.hive->stale, value.cell, value.generation))
		return WH_E_DELETED;
	return whi_vk_read(&value.hive->img, (cellref){ value.cell }, 0, vk);
}

static enum wh_status
read_values(struct wh_key key, struct whi_nk *nk, struct whi_values *values)
{
	enum wh_status st = whi_key_read(key, nk);

	return st == WH_OK ? whi_values_read(&key.hive->img, nk, values) : st;
}

enum wh_status
wh_key_value_at(struct wh_key key, uint32_t index, struct wh_value *value)
{
	struct whi_values values;
	struct whi_nk nk;
	struct whi_vk vk;
	enum wh_status st = read_values(key, &nk, &values);

	*value = (struct wh_value){ 0 };
	if (st != WH_OK)
		return st;
	if (index >= values.count)
		return index == values.count && values.cut ? WH_E_CORRUPT : WH_E_NO_MORE;
	st = whi_values_get(&key.hive->img, &values, index, &vk);
	if (st == WH_OK)
		*value = whi_value_handle(key.hive, vk.self);
	return st;
}

enum wh_status
wh_key_value(struct wh_key key, const char *name, size_t len, struct wh_value *value)
{
	struct whi_values values;
	struct whi_query query;
	struct whi_nk nk;
	struct whi_vk vk;
	enum wh_status st = read_values(key, &nk, &values);

	*value = (struct wh_value){ 0 };
	if (st != WH_OK)
		return st;
	st = whi_query_init(&query, &key.hive->alloc, name, len);
	if (st != WH_OK)
		return st;
	st = whi_values_find(key.hive, &nk, &values, &query, &vk);
	whi_query_fini(&query, &key.hive->alloc);
	if (st == WH_OK)
		*value = whi_value_handle(key.hive, vk.self);
	return st;
}

enum wh_status
wh_value_info(struct wh_value value, struct wh_value_info *info)
{
	struct whi_vk vk;
	struct whi_data data;
	enum wh_status st = read_value(value, &vk);

	*info = (struct wh_value_info){ 0 };
	if (st != WH_OK)
		return st;
	whi_data_open(&value.hive->img, &vk, &data);
	*info = (struct wh_value_info){
		.cell = vk.self.off,
		.cell_size = vk.cell_len + value.hive->img.cell_head,
		.type = vk.type,
		.size = vk.size,
		.readable = data.readable,
		.data_cell = vk.data.off,
		.inline_data = vk.in_place,
		.big_data = data.big,
		.tombstone = (vk.flags & VK_TOMBSTONE) != 0,
		.flags = vk.flags,
		.name_len = (uint16_t)vk.name.len,
	};
	return WH_OK;
}

enum wh_status
wh_value_name(struct wh_value value, char *buf, size_t cap, size_t *len)
{
	struct whi_vk vk;
	enum wh_status st = read_value(value, &vk);

	*len = 0;
	return st == WH_OK ? whi_name_copy(vk.name, buf, cap, len) : st;
}

static enum wh_status
open_data(struct wh_value value, struct whi_vk *vk, struct whi_data *data)
{
	enum wh_status st = read_value(value, vk);

	if (st == WH_OK)
		whi_data_open(&value.hive->img, vk, data);
	return st;
}

static void
copy_data(const struct whi_image *img, const struct whi_data *data, uint8_t *buf)
{
	struct view piece;

	for (uint32_t at = 0; at < data->readable; at += piece.len) {
		piece = whi_data_piece(img, data, at);
		memcpy(buf + at, piece.at, piece.len);
	}
}

enum wh_status
wh_value_read(struct wh_value value, void *buf, size_t cap, size_t *len)
{
	struct whi_vk vk;
	struct whi_data data;
	enum wh_status st = open_data(value, &vk, &data);

	*len = 0;
	if (st != WH_OK)
		return st;
	*len = data.readable;
	if (*len > cap)
		return WH_E_MORE_DATA;
	copy_data(&value.hive->img, &data, buf);
	return data.readable < vk.size ? WH_E_CORRUPT : WH_OK;
}

enum wh_status
wh_value_piece(struct wh_value value, uint32_t offset, const void **piece, size_t *len)
{
	struct whi_vk vk;
	struct whi_data data;
	struct view view = { 0 };
	enum wh_status st = open_data(value, &vk, &data);

	if (st == WH_OK)
		view = whi_data_piece(&value.hive->img, &data, offset);
	*piece = view.at;
	*len = view.len;
	if (st != WH_OK || view.len > 0)
		return st;
	return offset < vk.size ? WH_E_CORRUPT : WH_E_NO_MORE;
}

/*
 * The data of a value in one piece: where they lie, or put together in memory that
 * unite_fini() frees.
 */
struct united {
	struct view view;
	uint8_t *own;
};

static enum wh_status
unite(struct wh_value value, struct united *u)
{
	struct whi_vk vk;
	struct whi_data data;
	enum wh_status st = open_data(value, &vk, &data);

	*u = (struct united){ 0 };
	if (st != WH_OK)
		return st;
	if (data.readable < vk.size)
		return WH_E_CORRUPT;
	u->view = data.piece;
	if (!data.big)
		return WH_OK;
	u->own = whi_alloc(&value.hive->alloc, data.readable);
	if (!u->own)
		return WH_E_MEMORY;
	copy_data(&value.hive->img, &data, u->own);
	u->view = (struct view){ u->own, data.readable };
	return WH_OK;
}

static void
unite_fini(struct wh_value value, struct united *u)
{
	whi_free(&value.hive->alloc, u->own, u->view.len);
}

/* The units of 'text' before the first NUL. */
static struct view
up_to_nul(struct view text)
{
	uint32_t len = 0;

	while (len + 2 <= text.len && (text.at[len] || text.at[len + 1]))
		len += 2;
	return view_clamp(text, 0, len);
}

enum wh_status
wh_value_string(struct wh_value value, char *buf, size_t cap, size_t *len)
{
	struct view text;
	struct united u;
	enum wh_status st = unite(value, &u);

	*len = 0;
	if (st != WH_OK)
		return st;
	text = up_to_nul(u.view);
	st = whi_name_copy((struct whi_name){ text.at, text.len, true }, buf, cap, len);
	unite_fini(value, &u);
	return st;
}

/* Measure the strings, and write them if there is a buffer. */
static size_t
put_strings(struct view text, char *buf, size_t *count)
{
	size_t len = 0;

	text.len &= ~1u;
	if (text.len >= 2 && !text.at[text.len - 2] && !text.at[text.len - 1])
		text.len -= 2;
	for (*count = 0; text.len > 0; ++*count) {
		struct view one = up_to_nul(text);

		if (buf) {
			len += whi_utf8_from_utf16(one, buf + len);
			buf[len] = '\0';
		} else {
			len += whi_utf8_len_utf16(one);
		}
		len++;
		text = view_clamp(text, one.len + 2, UINT32_MAX);
	}
	return len;
}

enum wh_status
wh_value_strings(struct wh_value value, char *buf, size_t cap, size_t *len, size_t *count)
{
	struct united u;
	enum wh_status st = unite(value, &u);

	*len = *count = 0;
	if (st != WH_OK)
		return st;
	*len = put_strings(u.view, NULL, count);
	if (*len > cap)
		st = WH_E_MORE_DATA;
	else
		put_strings(u.view, buf, count);
	unite_fini(value, &u);
	return st;
}

enum wh_status
wh_value_number(struct wh_value value, uint64_t *number)
{
	struct whi_vk vk;
	struct whi_data data;
	enum wh_status st = open_data(value, &vk, &data);

	*number = 0;
	if (st != WH_OK)
		return st;
	if (data.readable < vk.size)
		return WH_E_CORRUPT;
	if (vk.type != WH_REG_DWORD && vk.type != WH_REG_QWORD &&
	    vk.type != WH_REG_DWORD_BIG_ENDIAN)
		return WH_E_TYPE;
	if (vk.size == 0)
		return WH_OK;
	if (vk.size != (vk.type == WH_REG_QWORD ? 8u : 4u))
		return WH_E_TYPE;
	for (uint32_t i = 0; i < vk.size; i++)
		*number |= (uint64_t)data.piece.at[i]
			   << 8 * (vk.type == WH_REG_DWORD_BIG_ENDIAN ? vk.size - 1 - i : i);
	return WH_OK;
}

const char *
wh_type_name(uint32_t type)
{
	static const char *const names[] = {
		"REG_NONE",
		"REG_SZ",
		"REG_EXPAND_SZ",
		"REG_BINARY",
		"REG_DWORD",
		"REG_DWORD_BIG_ENDIAN",
		"REG_LINK",
		"REG_MULTI_SZ",
		"REG_RESOURCE_LIST",
		"REG_FULL_RESOURCE_DESCRIPTOR",
		"REG_RESOURCE_REQUIREMENTS_LIST",
		"REG_QWORD",
	};

	return type < sizeof names / sizeof *names ? names[type] : NULL;
}
