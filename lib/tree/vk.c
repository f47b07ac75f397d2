/* SPDX-License-Identifier: MIT */
#include "tree/vk.h"

#include <inttypes.h>
#include <string.h>

static const struct whi_record record = {
	.what = "value",
	.sig = { 'v', 'k' },
	.size = sizeof(struct regf_vk),
	.name_len_at = offsetof(struct regf_vk, name_len),
	.cell = WHI_RULE_VALUE_CELL,
	.signature = WHI_RULE_VALUE_SIGNATURE,
	.name_past_cell = WHI_RULE_VALUE_NAME_PAST_CELL,
};

enum wh_status
whi_vk_read(const struct whi_image *img, cellref ref, uint64_t from, struct whi_vk *vk)
{
	if (whi_vk_parse(img, ref, vk))
		return WH_OK;
	whi_record_explain(img, ref, from, &record);
	return WH_E_CORRUPT;
}

void
whi_vk_review(const struct whi_image *img, const struct whi_vk *vk)
{
	if (vk->name.wide && vk->name.len % 2)
		whi_report(img->sink, WHI_RULE_VALUE_NAME_ODD, WHI_IN_CELL(vk->self),
			   "name of %" PRIu32 " bytes in UTF-16; the last is left out",
			   vk->name.len);
}

enum wh_status
whi_values_read(const struct whi_image *img, const struct whi_nk *nk, struct whi_values *values)
{
	uint32_t room;

	*values = (struct whi_values){ 0 };
	/* The count of such a key is not a count. */
	if (nk->value_count == 0 || (nk->flags & WH_KEY_PREDEF_HANDLE))
		return WH_OK;
	if (!whi_cell_get(img, nk->value_list, &values->cells)) {
		whi_report(img->sink, WHI_RULE_VALUES_CELL, WHI_IN_CELL(nk->self),
			   "list of %" PRIu32 " values: reference 0x%" PRIx32 " %s",
			   nk->value_count, nk->value_list.off, whi_cell_why(img, nk->value_list));
		return WH_E_CORRUPT;
	}
	values->count = nk->value_count;
	room = values->cells.len / (uint32_t)sizeof(le32);
	if (values->count > room) {
		whi_report(img->sink, WHI_RULE_VALUES_PAST_CELL, WHI_IN_CELL(nk->self),
			   "list of %" PRIu32 " values in a cell with room for %" PRIu32,
			   values->count, room);
		values->count = room;
		values->cut = true;
	}
	return WH_OK;
}

enum wh_status
whi_values_get(const struct whi_image *img, const struct whi_values *values, uint32_t index,
	       struct whi_vk *vk)
{
	const le32 *element = (const le32 *)values->cells.at + index;
	cellref ref = { le32_get(*element) };

	if (whi_vk_parse(img, ref, vk))
		return WH_OK;
	if (ref.off == REGF_NIL)
		whi_report(img->sink, WHI_RULE_VALUE_NIL,
			   WHI_IN_FILE(whi_image_where(img, element)),
			   "value %" PRIu32 " of the list refers to no cell", index);
	else
		whi_record_explain(img, ref, whi_image_where(img, element), &record);
	return WH_E_CORRUPT;
}

static uint32_t
min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* How many bytes the segments give before one is missing or too small. */
static uint32_t
count_segments(const struct whi_image *img, const struct whi_data *data, uint32_t size)
{
	uint32_t readable = 0;

	for (uint32_t i = 0; readable < size && i < data->segments.len / sizeof(le32); i++) {
		uint32_t due = min_u32(size - readable, REGF_SEGMENT);
		struct view cell;

		whi_cell_get(img, (cellref){ view_u32(data->segments, i, sizeof(le32)) }, &cell);
		readable += min_u32(due, cell.len);
		if (cell.len < due)
			break;
	}
	return readable;
}

static void
open_big(const struct whi_image *img, const struct whi_vk *vk, const struct regf_db *db,
	 struct whi_data *data)
{
	uint32_t due = (uint32_t)(((uint64_t)vk->size + REGF_SEGMENT - 1) / REGF_SEGMENT);
	uint32_t most = min_u32(vk->size, img->length); /* else a segment is there more than once */
	uint32_t count = le16_get(db->count);
	struct whi_location place = WHI_IN_CELL(vk->data);
	struct view list;

	data->big = true;
	if (!whi_cell_get(img, (cellref){ le32_get(db->list) }, &list)) {
		whi_report(img->sink, WHI_RULE_VALUE_BIG_DATA, place,
			   "segment list: reference 0x%" PRIx32 " %s", le32_get(db->list),
			   whi_cell_why(img, (cellref){ le32_get(db->list) }));
		return;
	}
	data->segments = view_clamp(list, 0, min_u32(count, due) * (uint32_t)sizeof(le32));
	data->readable = count_segments(img, data, most);
	if (count != due)
		whi_report(img->sink, WHI_RULE_VALUE_BIG_DATA, place,
			   "%" PRIu32 " bytes in %" PRIu32 " segments, should be %" PRIu32
			   "; %" PRIu32 " bytes can be read",
			   vk->size, count, due, data->readable);
	else if (data->readable < most)
		whi_report(img->sink, WHI_RULE_VALUE_BIG_DATA, place,
			   "a segment is missing or too small; %" PRIu32 " of %" PRIu32
			   " bytes can be read",
			   data->readable, vk->size);
	else if (data->readable < vk->size)
		whi_report(img->sink, WHI_RULE_CELL_SHARED, place,
			   "segments are there more than once; %" PRIu32 " of %" PRIu32
			   " bytes are read",
			   data->readable, vk->size);
}

/* Data in a cell of their own. */
static void
open_cell(const struct whi_image *img, const struct whi_vk *vk, struct whi_data *data)
{
	const struct regf_db *db = NULL;
	bool big = vk->size > REGF_SEGMENT && img->minor >= REGF_DB_MINOR;
	struct view cell;

	if (!whi_cell_get(img, vk->data, &cell)) {
		whi_report(img->sink, WHI_RULE_VALUE_DATA_CELL, WHI_IN_CELL(vk->self),
			   "%" PRIu32 " bytes of data: reference 0x%" PRIx32 " %s", vk->size,
			   vk->data.off, whi_cell_why(img, vk->data));
		return;
	}
	/* A db cell is far smaller than the data: where they fit, they are what is there. */
	if (vk->size > REGF_SEGMENT && cell.len < vk->size)
		db = whi_cell_record(img, vk->data, "db", sizeof *db, &cell);
	if (db) {
		open_big(img, vk, db, data);
		return;
	}
	if (big && cell.len < vk->size) {
		whi_report(img->sink, WHI_RULE_VALUE_BIG_DATA, WHI_IN_CELL(vk->data),
			   "%" PRIu32 " bytes of data, but no db signature", vk->size);
		return;
	}
	if (big)
		whi_report(img->sink, WHI_RULE_VALUE_NOT_BIG, WHI_IN_CELL(vk->self),
			   "%" PRIu32 " bytes of data in one cell", vk->size);
	data->readable = min_u32(vk->size, cell.len);
	data->piece = view_clamp(cell, 0, data->readable);
	if (data->readable < vk->size)
		whi_report(img->sink, WHI_RULE_VALUE_DATA_PAST_CELL, WHI_IN_CELL(vk->self),
			   "%" PRIu32 " bytes of data in a cell with %" PRIu32, vk->size,
			   data->readable);
}

void
whi_data_open_odd(const struct whi_image *img, const struct whi_vk *vk, struct whi_data *data)
{
	*data = (struct whi_data){ 0 };
	if (vk->in_place) {
		data->readable = min_u32(vk->size, VK_INLINE_MAX);
		data->piece = (struct view){ vk->inline_data, data->readable };
		if (vk->size > VK_INLINE_MAX)
			whi_report(img->sink, WHI_RULE_VALUE_INLINE_LENGTH, WHI_IN_CELL(vk->self),
				   "%" PRIu32 " bytes of data in the value itself, which has 4",
				   vk->size);
	} else if (vk->size == 0) {
		if (vk->data.off != REGF_NIL)
			whi_report(img->sink, WHI_RULE_VALUE_EMPTY_DATA, WHI_IN_CELL(vk->self),
				   "no data, but a reference to 0x%" PRIx32, vk->data.off);
	} else {
		open_cell(img, vk, data);
	}
}

struct view
whi_data_piece(const struct whi_image *img, const struct whi_data *data, uint32_t offset)
{
	uint32_t i = offset / REGF_SEGMENT, at = offset % REGF_SEGMENT;
	struct view cell;

	if (offset >= data->readable)
		return (struct view){ 0 };
	if (!data->big)
		return view_clamp(data->piece, offset, UINT32_MAX);
	whi_cell_get(img, (cellref){ view_u32(data->segments, i, sizeof(le32)) }, &cell);
	return view_clamp(cell, at, min_u32(REGF_SEGMENT - at, data->readable - offset));
}
