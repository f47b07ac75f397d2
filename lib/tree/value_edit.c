/* SPDX-License-Identifier: MIT */
/*
 * Changing values: their data, their vk, and the list of a key.
 *
 *	nk -> list -> vk -> data			5 to 16,344 bytes, or before 1.4
 *		      vk -> db -> segments -> data	above
 *		      vk				up to 4 bytes: in the vk
 *
 * Cells have the sizes that Windows gives them (docs/format.md sections 7.1, 7.3, 10.3): data that
 * need a cell of another size move to a new one.
 */
#include "tree/value_edit.h"

#include "base/mem.h"
#include "tree/value_find.h"

enum {
	SEGMENT_ROOM = REGF_SEGMENT + 4, /* bytes of cell data for a segment, the last one too */
	SEGMENTS_MAX = UINT16_MAX,
	DB_ROOM = 12,     /* bytes of cell data for a db */
	LIST_EXACT = 100, /* shorter lists have room for what they hold */
	LIST_MAX = WHI_CELL_MAX / sizeof(le32),
};

/* ---------------------------------------------------------------- the values */

/* The values of a key; false, and the edit fails, if they cannot be relied on. */
static bool
read_list(struct wh_hive *hive, cellref key, struct whi_nk *nk, struct whi_values *values)
{
	const struct whi_image *img = &hive->img;

	if (hive->edit->status != WH_OK)
		return false;
	if (whi_nk_parse(img, key, nk) && !(nk->flags & WH_KEY_PREDEF_HANDLE) &&
	    whi_values_read(img, nk, values) == WH_OK && values->count == nk->value_count)
		return true;
	whi_edit_fail(hive->edit, WH_E_CORRUPT);
	return false;
}

/* A name that is looked for; false, and the edit fails, if there is no memory for it. */
static bool
query_init(struct wh_hive *hive, struct whi_query *query, struct whi_name name)
{
	enum wh_status st = whi_query_from_name(query, &hive->alloc, name);

	if (st != WH_OK)
		whi_edit_fail(hive->edit, st);
	return st == WH_OK;
}

/* The value of that name; the edit fails if it may be one that cannot be read. */
static bool
find(struct wh_hive *hive, const struct whi_nk *nk, const struct whi_values *values,
     const struct whi_query *query, struct whi_vk *vk)
{
	enum wh_status st;

	whi_value_index_need(hive, nk, values);
	st = whi_values_find(hive, nk, values, query, vk);
	if (st == WH_E_CORRUPT)
		whi_edit_fail(hive->edit, st);
	return st == WH_OK;
}

/* Which one of the values it is. */
static uint32_t
index_of(const struct whi_values *values, cellref vk)
{
	uint32_t i = 0;

	while (i < values->count && view_u32(values->cells, i, sizeof(le32)) != vk.off)
		i++;
	return i;
}

static void
doom(struct wh_hive *hive, cellref vk)
{
	if (whi_stale_doom(&hive->stale, &hive->alloc, vk) != WH_OK)
		whi_edit_fail(hive->edit, WH_E_MEMORY);
}

/* -------------------------------------------------------------------- the data */

/* Where data are, as it is written in a vk. */
struct place {
	le32 data_len, data;
};
static_assert(offsetof(struct regf_vk, data) - offsetof(struct regf_vk, data_len) ==
		      offsetof(struct place, data),
	      "a place is what a vk has of it");

static bool
is_big(const struct whi_image *img, uint32_t size)
{
	return size > REGF_SEGMENT && img->minor >= REGF_DB_MINOR;
}

static uint32_t
segment_count(uint32_t size)
{
	return (size + REGF_SEGMENT - 1) / REGF_SEGMENT;
}

static uint32_t
data_max(const struct whi_image *img)
{
	return img->minor >= REGF_DB_MINOR ? SEGMENTS_MAX * (uint32_t)REGF_SEGMENT : WHI_CELL_MAX;
}

static cellref
segment_at(const struct whi_image *img, cellref list, uint32_t i)
{
	struct view cells;

	whi_cell_get(img, list, &cells);
	return (cellref){ view_u32(cells, i, sizeof(le32)) };
}

/* Write data to the segments of a list. */
static void
fill_segments(struct whi_edit *e, cellref list, const uint8_t *data, uint32_t size)
{
	for (uint32_t i = 0, at = 0; at < size && e->status == WH_OK; i++, at += REGF_SEGMENT)
		whi_cell_write(e, segment_at(e->img, list, i), 0, data + at,
			       size - at < REGF_SEGMENT ? size - at : REGF_SEGMENT);
}

static cellref
make_big(struct whi_edit *e, const void *data, uint32_t size, cellref near)
{
	uint32_t count = segment_count(size);
	cellref db = whi_cell_new(e, DB_ROOM, near);
	cellref list = whi_cell_new(e, count * (uint32_t)sizeof(le32), db);
	struct regf_db disk = {
		.sig = { 'd', 'b' },
		.count = le16_make((uint16_t)count),
		.list = le32_make(list.off),
	};

	whi_cell_write(e, db, 0, &disk, sizeof disk);
	for (uint32_t i = 0; i < count && e->status == WH_OK; i++) {
		cellref segment = whi_cell_new(e, SEGMENT_ROOM, list);

		whi_cell_write32(e, list, i * (uint32_t)sizeof(le32), segment.off);
	}
	fill_segments(e, list, data, size);
	return db;
}

/* Put data into cells of their own, or into the place itself. */
static struct place
make_data(struct whi_edit *e, const void *data, uint32_t size, cellref near)
{
	struct place place = { .data_len = le32_make(size) };
	cellref cell;

	if (size <= VK_INLINE_MAX) {
		place.data_len = le32_make(size | VK_INLINE);
		if (size > 0)
			memcpy(&place.data, data, size);
		return place;
	}
	if (is_big(e->img, size)) {
		cell = make_big(e, data, size, near);
	} else {
		cell = whi_cell_new(e, size, near);
		whi_cell_write(e, cell, 0, data, size);
	}
	place.data = le32_make(cell.off);
	return place;
}

/* The db of big data: its list, and how many segments are in it. */
static uint32_t
read_db(const struct whi_image *img, cellref ref, cellref *list)
{
	struct view cell;
	const struct regf_db *db = whi_cell_record(img, ref, "db", sizeof(struct regf_db), &cell);
	uint32_t count = db ? le16_get(db->count) : 0;

	list->off = db ? le32_get(db->list) : REGF_NIL;
	whi_cell_get(img, *list, &cell);
	return count <= cell.len / sizeof(le32) ? count : 0;
}

static void
free_big(struct whi_edit *e, cellref db)
{
	cellref list;
	uint32_t count = read_db(e->img, db, &list);

	if (count == 0)
		whi_edit_fail(e, WH_E_CORRUPT);
	for (uint32_t i = 0; i < count && e->status == WH_OK; i++) {
		cellref segment = segment_at(e->img, list, i);

		if (segment.off == REGF_NIL) /* which can be freed any number of times */
			whi_edit_fail(e, WH_E_CORRUPT);
		whi_cell_free(e, segment);
	}
	whi_cell_free(e, list);
	whi_cell_free(e, db);
}

/* Free the cells that the data of a value have. */
static void
free_data(struct wh_hive *hive, const struct whi_vk *vk)
{
	struct whi_data data;

	if (vk->in_place || vk->size == 0)
		return;
	whi_data_open(&hive->img, vk, &data);
	if (data.big)
		free_big(hive->edit, vk->data);
	else
		whi_cell_free(hive->edit, vk->data);
}

/* Write over the data where they are, if they have the cells that the new ones would get. */
static bool
overwrite(struct wh_hive *hive, const struct whi_vk *vk, const void *data, uint32_t size)
{
	struct whi_edit *e = hive->edit;
	struct whi_data old;
	struct view cell;
	cellref list;

	if (vk->in_place || vk->size == 0 || size <= VK_INLINE_MAX)
		return false;
	whi_data_open(&hive->img, vk, &old);
	if (old.big != is_big(&hive->img, size))
		return false;
	if (!old.big) {
		if (!whi_cell_get(&hive->img, vk->data, &cell) ||
		    cell.len + REGF_CELL_HEAD != whi_cell_size(size))
			return false;
		whi_cell_write(e, vk->data, 0, data, size);
		return true;
	}
	if (read_db(&hive->img, vk->data, &list) != segment_count(size))
		return false;
	for (uint32_t i = 0; i < segment_count(size); i++)
		if (!whi_cell_get(&hive->img, segment_at(&hive->img, list, i), &cell) ||
		    cell.len < REGF_SEGMENT)
			return false;
	fill_segments(e, list, data, size);
	return true;
}

/* ---------------------------------------------------------------------- the vk */

/* What a value is to be. */
struct wanted {
	struct whi_name name;
	uint32_t type, size;
	const void *data;
	bool tombstone;
};

static uint16_t
flags_of(struct whi_name name, bool tombstone)
{
	return (uint16_t)((name.len > 0 && !name.wide ? VK_COMP_NAME : 0) |
			  (tombstone ? VK_TOMBSTONE : 0));
}

static struct place
make_place(struct whi_edit *e, const struct wanted *wanted, cellref near)
{
	/* The form in which Windows has them (docs/format.md section 7.2). */
	if (wanted->tombstone && wanted->size == 0)
		return (struct place){ .data = le32_make(REGF_NIL) };
	return make_data(e, wanted->data, wanted->size, near);
}

static cellref
make_vk(struct whi_edit *e, const struct wanted *wanted, cellref near)
{
	struct whi_name name = wanted->name;
	cellref ref = whi_cell_new(e, (uint32_t)sizeof(struct regf_vk) + name.len, near);
	struct place place = make_place(e, wanted, ref);
	struct regf_vk disk = {
		.sig = { 'v', 'k' },
		.name_len = le16_make((uint16_t)name.len),
		.data_len = place.data_len,
		.data = place.data,
		.type = le32_make(wanted->type),
		.flags = le16_make(flags_of(name, wanted->tombstone)),
	};

	whi_cell_write(e, ref, 0, &disk, sizeof disk);
	whi_cell_write(e, ref, sizeof disk, name.at, name.len);
	return ref;
}

/* Other data for a value, which keeps its cell and its name. */
static void
change_vk(struct wh_hive *hive, const struct whi_vk *vk, const struct wanted *wanted)
{
	struct whi_edit *e = hive->edit;
	cellref ref = vk->self;
	uint16_t flags = vk->flags & (uint16_t)~VK_TOMBSTONE;

	if (overwrite(hive, vk, wanted->data, wanted->size)) {
		whi_cell_write32(e, ref, offsetof(struct regf_vk, data_len), wanted->size);
	} else {
		struct place place;

		free_data(hive, vk);
		place = make_place(e, wanted, ref);
		whi_cell_write(e, ref, offsetof(struct regf_vk, data_len), &place, sizeof place);
	}
	whi_cell_write32(e, ref, offsetof(struct regf_vk, type), wanted->type);
	if (wanted->tombstone)
		flags |= VK_TOMBSTONE;
	whi_cell_write16(e, ref, offsetof(struct regf_vk, flags), flags);
}

/* -------------------------------------------------------------------- the list */

static void
set_list(struct whi_edit *e, cellref key, cellref list, uint32_t count)
{
	WHI_NK_SET32(e, key, value_list, list.off);
	WHI_NK_SET32(e, key, value_count, count);
}

/* Put a value at the end of a list of 'count', which moves when it is full: where it is then. */
static cellref
append(struct whi_edit *e, cellref key, cellref list, uint32_t count, cellref vk)
{
	uint32_t room = count + 1 < LIST_EXACT ? count + 1 : count + 1 + count / 4;
	struct view cells = { 0 };
	cellref old = list;

	if (count >= LIST_MAX)
		whi_edit_fail(e, WH_E_TOO_BIG);
	if (count > 0)
		whi_cell_get(e->img, list, &cells);
	if (cells.len / sizeof(le32) <= count) {
		room = room < LIST_MAX ? room : LIST_MAX;
		list = whi_cell_new(e, room * (uint32_t)sizeof(le32), key);
		if (count > 0) {
			whi_cell_copy(e, list, 0, old, 0, count * (uint32_t)sizeof(le32));
			whi_cell_free(e, old);
		}
	}
	whi_cell_write32(e, list, count * (uint32_t)sizeof(le32), vk.off);
	set_list(e, key, list, count + 1);
	return list;
}

/* The key has no values any more. */
static void
drop_list(struct wh_hive *hive, cellref key, cellref list)
{
	struct whi_edit *e = hive->edit;

	whi_value_index_drop(hive, list);
	whi_cell_free(e, list);
	set_list(e, key, (cellref){ REGF_NIL }, 0);
	WHI_NK_SET32(e, key, max_value_name_len, 0);
	WHI_NK_SET32(e, key, max_value_len, 0);
}

/* Free a value; it is still in the list. */
static void
free_value(struct wh_hive *hive, const struct whi_vk *vk)
{
	free_data(hive, vk);
	doom(hive, vk->self);
	whi_cell_free(hive->edit, vk->self);
}

/* ------------------------------------------------------------------ the steps */

/* A value that is not there yet. */
static void
add(struct wh_hive *hive, cellref key, const struct whi_nk *nk, uint32_t hash,
    const struct wanted *wanted)
{
	cellref vk = make_vk(hive->edit, wanted, key);
	cellref list = append(hive->edit, key, nk->value_list, nk->value_count, vk);

	whi_value_index_add(hive, nk->value_list, nk->value_count, list, hash, vk);
}

static void
set(struct wh_hive *hive, cellref key, const struct wanted *wanted)
{
	struct whi_values values;
	struct whi_query query;
	struct whi_nk nk;
	struct whi_vk vk;

	if (!read_list(hive, key, &nk, &values) || !query_init(hive, &query, wanted->name))
		return;
	if (find(hive, &nk, &values, &query, &vk))
		change_vk(hive, &vk, wanted);
	else
		add(hive, key, &nk, query.hash, wanted);
	whi_query_fini(&query, &hive->alloc);
	whi_nk_raise_value_name_len(hive->edit, key, whi_name_utf16_len(wanted->name));
	whi_nk_raise_value_len(hive->edit, key, wanted->size);
}

void
whi_values_set(struct wh_hive *hive, cellref key, struct whi_name name, uint32_t type,
	       const void *data, size_t size)
{
	if (size > data_max(&hive->img) || whi_name_units(name) > WHI_VALUE_NAME_MAX) {
		whi_edit_fail(hive->edit, WH_E_TOO_BIG);
		return;
	}
	set(hive, key, &(struct wanted){ name, type, (uint32_t)size, data, false });
}

/* Take a value out of the list. */
static void
take_out(struct wh_hive *hive, cellref key, const struct whi_nk *nk,
	 const struct whi_values *values, uint32_t hash, const struct whi_vk *vk)
{
	const uint32_t entry = sizeof(le32);
	uint32_t i = index_of(values, vk->self), last = values->count - 1;

	free_value(hive, vk);
	if (last == 0) {
		drop_list(hive, key, nk->value_list);
		return;
	}
	/* What was last stays behind the end, as Windows leaves it (docs/format.md section 7.1). */
	whi_cell_shift(hive->edit, nk->value_list, i * entry, (i + 1) * entry, (last - i) * entry);
	set_list(hive->edit, key, nk->value_list, last);
	whi_value_index_remove(hive, nk->value_list, values->count, hash, vk->self);
}

void
whi_values_remove(struct wh_hive *hive, cellref key, struct whi_name name)
{
	struct whi_values values;
	struct whi_query query;
	struct whi_nk nk;
	struct whi_vk vk;

	if (!read_list(hive, key, &nk, &values) || !query_init(hive, &query, name))
		return;
	if (find(hive, &nk, &values, &query, &vk))
		take_out(hive, key, &nk, &values, query.hash, &vk);
	else
		whi_edit_fail(hive->edit, WH_E_NOT_FOUND);
	whi_query_fini(&query, &hive->alloc);
}

/* Give a value another name, for which it may need another cell: which one it is in then. */
static cellref
rename_vk(struct wh_hive *hive, cellref list, uint32_t i, const struct whi_vk *vk,
	  struct whi_name name)
{
	uint32_t need = (uint32_t)sizeof(struct regf_vk) + name.len;
	bool tombstone = (vk->flags & VK_TOMBSTONE) != 0;
	struct whi_edit *e = hive->edit;
	cellref ref = vk->self;

	if (vk->cell_len + REGF_CELL_HEAD != whi_cell_size(need)) {
		ref = whi_cell_new(e, need, vk->self);
		whi_cell_copy(e, ref, 0, vk->self, 0, sizeof(struct regf_vk));
		whi_cell_write32(e, list, i * (uint32_t)sizeof(le32), ref.off);
		doom(hive, vk->self);
		whi_cell_free(e, vk->self);
	}
	whi_cell_write16(e, ref, offsetof(struct regf_vk, name_len), (uint16_t)name.len);
	whi_cell_write16(e, ref, offsetof(struct regf_vk, flags), flags_of(name, tombstone));
	whi_cell_write(e, ref, sizeof(struct regf_vk), name.at, name.len);
	return ref;
}

/* The same, with what has to be looked for. */
static void
rename_found(struct wh_hive *hive, cellref key, const struct whi_query *query,
	     const struct whi_query *wanted, struct whi_name name)
{
	struct whi_vk vk, other;
	struct whi_values values;
	struct whi_nk nk;
	cellref now;

	if (!read_list(hive, key, &nk, &values))
		return;
	if (!find(hive, &nk, &values, query, &vk))
		whi_edit_fail(hive->edit, WH_E_NOT_FOUND);
	else if (find(hive, &nk, &values, wanted, &other) && other.self.off != vk.self.off)
		whi_edit_fail(hive->edit, WH_E_EXISTS);
	if (hive->edit->status != WH_OK)
		return;
	now = rename_vk(hive, nk.value_list, index_of(&values, vk.self), &vk, name);
	whi_value_index_remove(hive, nk.value_list, nk.value_count, query->hash, vk.self);
	whi_value_index_add(hive, nk.value_list, nk.value_count - 1, nk.value_list, wanted->hash,
			    now);
	whi_nk_raise_value_name_len(hive->edit, key, whi_name_utf16_len(name));
}

void
whi_values_rename(struct wh_hive *hive, cellref key, struct whi_name name, struct whi_name new_name)
{
	struct whi_query query, wanted;

	if (!query_init(hive, &query, name))
		return;
	if (query_init(hive, &wanted, new_name)) {
		rename_found(hive, key, &query, &wanted, new_name);
		whi_query_fini(&wanted, &hive->alloc);
	}
	whi_query_fini(&query, &hive->alloc);
}

void
whi_values_drop(struct wh_hive *hive, cellref key)
{
	struct whi_values values;
	struct whi_nk nk;
	struct whi_vk vk;

	if (hive->edit->status == WH_OK && whi_nk_parse(&hive->img, key, &nk) &&
	    (nk.flags & WH_KEY_PREDEF_HANDLE))
		return;
	if (!read_list(hive, key, &nk, &values) || values.count == 0)
		return;
	for (uint32_t i = 0; i < values.count && hive->edit->status == WH_OK; i++) {
		if (whi_values_get(&hive->img, &values, i, &vk) != WH_OK)
			whi_edit_fail(hive->edit, WH_E_CORRUPT);
		else
			free_value(hive, &vk);
	}
	drop_list(hive, key, nk.value_list);
}

/* ------------------------------------------------------------------------ copy */

/* A copy of name and data, so that they do not lie in an image that may move. */
struct copy {
	struct wanted wanted;
	uint8_t own[1024];
	uint8_t *bytes; /* 'own', or allocated: the name, then the data */
	size_t room;
};

/* The name as it would be stored now: a wide one may not have to be. */
static struct whi_name
copy_name(struct whi_name name, uint8_t *to)
{
	uint32_t units = whi_name_units(name);
	bool wide = false;

	for (uint32_t i = 0; i < units; i++)
		wide = wide || whi_name_unit(name, i) > UINT8_MAX;
	for (uint32_t i = 0; i < units; i++) {
		uint16_t unit = whi_name_unit(name, i);

		if (wide)
			((le16 *)to)[i] = le16_make(unit);
		else
			to[i] = (uint8_t)unit;
	}
	return (struct whi_name){ to, wide ? 2 * units : units, wide };
}

static enum wh_status
copy_init(struct copy *copy, const struct whi_image *img, const struct wh_allocator *a,
	  const struct whi_vk *vk)
{
	uint32_t name_room = whi_name_units(vk->name) * 2;
	struct whi_data data;
	struct view piece;

	copy->bytes = copy->own;
	whi_data_open(img, vk, &data);
	if (data.readable < vk->size)
		return WH_E_CORRUPT;
	copy->room = (size_t)name_room + vk->size;
	if (copy->room > sizeof copy->own)
		copy->bytes = whi_alloc(a, copy->room);
	if (!copy->bytes)
		return WH_E_MEMORY;
	copy->wanted = (struct wanted){ .name = copy_name(vk->name, copy->bytes),
					.type = vk->type,
					.size = vk->size,
					.data = copy->bytes + name_room,
					.tombstone = (vk->flags & VK_TOMBSTONE) != 0 };
	for (uint32_t at = 0; at < vk->size; at += piece.len) {
		piece = whi_data_piece(img, &data, at);
		memcpy(copy->bytes + name_room + at, piece.at, piece.len);
	}
	return WH_OK;
}

void
whi_values_copy(struct wh_hive *hive, cellref key, struct wh_hive *from, const struct whi_vk *vk)
{
	struct whi_edit *e = hive->edit;
	struct copy copy;
	enum wh_status st;

	if (vk->size > data_max(&hive->img) || whi_name_units(vk->name) > WHI_VALUE_NAME_MAX)
		whi_edit_fail(e, WH_E_TOO_BIG);
	if ((vk->flags & VK_TOMBSTONE) && hive->img.minor < REGF_LAYER_MINOR)
		whi_edit_fail(e, WH_E_NOT_SUPPORTED);
	if (e->status != WH_OK)
		return;
	st = copy_init(&copy, &from->img, &hive->alloc, vk);
	if (st == WH_OK)
		set(hive, key, &copy.wanted);
	else
		whi_edit_fail(e, st);
	if (copy.bytes != copy.own)
		whi_free(&hive->alloc, copy.bytes, copy.room);
}
