/* SPDX-License-Identifier: MIT */
/*
 * The values of a key, as far as they can be had.
 *
 * What two owners refer to is written for both: which of them is the right one is not known, and
 * nothing of the one that is may be lost.  That is paid from a budget, as a small file could ask
 * for any number of copies.
 */
#include "check/repair.h"

#include "base/mem.h"
#include "tree/check.h"
#include "tree/edit.h"

#include <inttypes.h>
#include <string.h>

enum {
	SLACK = 16, /* bytes of a cell that its record may leave */
	ROUNDS = 4, /* in which names are made different */
	FIRST_NUMBER = 2,
};

/* Is there one owner, or enough in the budget for one more? */
static bool
pay(struct whi_salvage *s, struct whi_kept *kept, cellref ref, uint32_t bytes, bool *shared)
{
	if (whi_salvage_claim(s, s->used, ref))
		return true;
	*shared = true;
	if (kept->budget < bytes)
		return false;
	kept->budget -= bytes;
	return true;
}

/* ------------------------------------------------------------------- data */

/* The data of a cell, or what would be one: to be mended. */
static uint8_t *
record_at(const struct whi_salvage *s, cellref ref)
{
	return s->img.bytes + REGF_BINS + (uint64_t)ref.off + REGF_CELL_HEAD;
}

/* The list of segments of big data; NIL: there is none, or the data are of another form. */
static cellref
segments_of(struct whi_salvage *s, const struct whi_vk *vk)
{
	uint32_t due = (uint32_t)(((uint64_t)vk->size + REGF_SEGMENT - 1) / REGF_SEGMENT);
	cellref ref = { REGF_NIL };
	struct view cell, list;
	struct regf_db db;

	if (vk->in_place || vk->size <= REGF_SEGMENT || s->img.minor < REGF_DB_MINOR ||
	    !whi_salvage_cell(s, vk->data, sizeof db, false))
		return ref;
	whi_cell_get(&s->img, vk->data, &cell);
	if (cell.len < sizeof db || cell.len >= vk->size)
		return ref;
	memcpy(&db, cell.at, sizeof db);
	if (memcmp(db.sig, "db", 2) == 0)
		return (cellref){ le32_get(db.list) };
	/* Without its signature it is one if all else fits. */
	if (le16_get(db.count) == due &&
	    whi_cell_get(&s->img, (cellref){ le32_get(db.list) }, &list) &&
	    list.len / sizeof(le32) >= due) {
		memcpy(record_at(s, vk->data), "db", 2);
		ref.off = le32_get(db.list);
		whi_repair_say(s, WHI_RULE_VALUE_BIG_DATA, WH_FIXED, WHI_IN_CELL(vk->data),
			       "the signature of big data");
	}
	return ref;
}

/* Mend what can be mended on the way to the data.  False: too many want them. */
static bool
reach_data(struct whi_salvage *s, struct whi_kept *kept, const struct whi_vk *vk)
{
	cellref ref = segments_of(s, vk);
	bool shared = false;
	struct view list;

	if (ref.off == REGF_NIL) {
		if (!vk->in_place && vk->size > 0)
			whi_salvage_cell(s, vk->data, vk->size, false);
		return true;
	}
	whi_salvage_cell(s, ref, 0, false);
	whi_cell_get(&s->img, ref, &list);
	if (!pay(s, kept, ref, list.len, &shared))
		return false;
	for (uint32_t i = 0, at = 0; i < list.len / sizeof(le32) && at < vk->size; i++) {
		whi_salvage_cell(s, (cellref){ view_u32(list, i, sizeof(le32)) },
				 vk->size - at < REGF_SEGMENT ? vk->size - at : REGF_SEGMENT,
				 false);
		at += REGF_SEGMENT;
	}
	return true;
}

/* The data belong to this value, or there is enough in the budget. */
static bool
pay_data(struct whi_salvage *s, struct whi_kept *kept, const struct whi_vk *vk,
	 const struct whi_data *data)
{
	uint32_t count = data->segments.len / (uint32_t)sizeof(le32);
	bool shared = false, paid = true;

	if (vk->in_place || data->readable == 0)
		return true;
	if (!data->big)
		paid = pay(s, kept, vk->data, data->readable, &shared);
	for (uint32_t i = 0; i < count; i++)
		paid &= pay(s, kept, (cellref){ view_u32(data->segments, i, sizeof(le32)) },
			    REGF_SEGMENT, &shared);
	if (shared && paid)
		whi_repair_say(s, WHI_RULE_CELL_SHARED, WH_FIXED, WHI_IN_CELL(vk->self),
			       "another value has the same data; each has its own now");
	return paid;
}

static void
cut_data(struct whi_salvage *s, struct whi_vk *vk, uint32_t readable)
{
	enum whi_rule rule = vk->in_place               ? WHI_RULE_VALUE_INLINE_LENGTH
			     : readable == 0            ? WHI_RULE_VALUE_DATA_CELL
			     : vk->size <= REGF_SEGMENT ? WHI_RULE_VALUE_DATA_PAST_CELL
							: WHI_RULE_VALUE_BIG_DATA;

	whi_repair_say(s, rule, WH_DROPPED, WHI_IN_CELL(vk->self),
		       "%" PRIu32 " of %" PRIu32 " bytes of data; the value keeps the rest",
		       vk->size - readable, vk->size);
	s->report->dropped_bytes += vk->size - readable;
	vk->size = readable;
	/* Nothing at all is in the value itself: there are readers that want a cell otherwise. */
	if (readable == 0)
		vk->in_place = true;
}

static void
settle_data(struct whi_salvage *s, struct whi_kept *kept, struct whi_vk *vk, struct whi_data *data)
{
	*data = (struct whi_data){ 0 };
	if (!reach_data(s, kept, vk)) {
		cut_data(s, vk, 0);
		return;
	}
	whi_data_open(&s->img, vk, data);
	if (data->readable < vk->size)
		cut_data(s, vk, data->readable);
	if (!pay_data(s, kept, vk, data))
		cut_data(s, vk, 0);
}

/* ----------------------------------------------------------------- values */

/* Without its signature it is a value if all else is as in one. */
static bool
fits_a_value(const struct whi_salvage *s, const struct regf_vk *disk, uint32_t room)
{
	uint32_t name = le16_get(disk->name_len), size = le32_get(disk->data_len);
	struct view cell;

	if (sizeof *disk + name > room || room - sizeof *disk - name >= SLACK ||
	    le16_get(disk->flags) > (VK_COMP_NAME | VK_TOMBSTONE))
		return false;
	if (size & VK_INLINE)
		return (size & ~VK_INLINE) <= VK_INLINE_MAX;
	return whi_cell_get(&s->img, (cellref){ le32_get(disk->data) }, &cell) && size > 0;
}

/* A name that does not end in its cell is what there is of it. */
static void
clamp_name(struct regf_vk *disk, struct view cell)
{
	uint32_t size = sizeof *disk, room = cell.len - size;

	if (le16_get(disk->name_len) <= room)
		return;
	while (room > 0 && cell.at[size + room - 1] == 0)
		room--;
	disk->name_len = le16_make((uint16_t)room);
}

/* The value in a cell that a list has.  False: there is none. */
static bool
find_value(struct whi_salvage *s, cellref ref, struct whi_vk *vk)
{
	struct regf_vk disk;
	struct view cell;
	bool signature;

	if (whi_vk_parse(&s->img, ref, vk))
		return true;
	if (ref.off % REGF_CELL_ALIGN || ref.off >= s->img.length ||
	    s->img.length - ref.off < sizeof disk + REGF_CELL_HEAD)
		return false;
	memcpy(&disk, record_at(s, ref), sizeof disk);
	signature = memcmp(disk.sig, "vk", 2) == 0;
	if (!whi_cell_get(&s->img, ref, &cell) &&
	    (!signature || !whi_salvage_cell(s, ref, sizeof disk + le16_get(disk.name_len), true)))
		return false;
	whi_cell_get(&s->img, ref, &cell);
	if (cell.len < sizeof disk || (!signature && !fits_a_value(s, &disk, cell.len)))
		return false;
	memcpy(disk.sig, "vk", 2);
	clamp_name(&disk, cell);
	memcpy(record_at(s, ref), &disk, sizeof disk);
	whi_repair_say(s, WHI_RULE_VALUE_CELL, WH_FIXED, WHI_IN_CELL(ref),
		       "the cell of a value, its signature or the length of its name");
	return whi_vk_parse(&s->img, ref, vk);
}

static void
drop_value(struct whi_salvage *s, enum whi_rule rule, cellref ref, const char *why)
{
	s->report->dropped_values++;
	whi_repair_say(s, rule, WH_DROPPED, WHI_AT_REF(REGF_BINS, ref),
		       "a value: reference 0x%" PRIx32 " %s", ref.off, why);
}

static void
take_value(struct whi_salvage *s, struct whi_kept *kept, cellref ref)
{
	bool shared = false;
	void *values = kept->values;
	struct whi_data data;
	struct whi_vk vk;

	if (ref.off == REGF_NIL) {
		drop_value(s, WHI_RULE_VALUE_NIL, ref, "leads to no cell");
		return;
	}
	if (!find_value(s, ref, &vk)) {
		drop_value(s, WHI_RULE_VALUE_CELL, ref, "leads to none that can be read");
		return;
	}
	if (!pay(s, kept, ref, vk.cell_len, &shared)) {
		drop_value(s, WHI_RULE_CELL_SHARED, ref, "leads to one that others have");
		return;
	}
	if (shared)
		whi_repair_say(s, WHI_RULE_CELL_SHARED, WH_FIXED, WHI_IN_CELL(ref),
			       "the value has two owners; each has its own now");
	if (vk.name.wide)
		vk.name.len -= vk.name.len % 2;
	if (vk.name.len == 0) {
		vk.flags &= (uint16_t)~VK_COMP_NAME;
		vk.name.wide = true;
	}
	settle_data(s, kept, &vk, &data);
	if (!whi_grow(s->alloc, &values, &kept->cap, (size_t)kept->count + 1,
		      sizeof *kept->values)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	kept->values = values;
	kept->values[kept->count++] = (struct whi_kept_value){ vk, data };
}

/* ------------------------------------------------------------------- names */

static bool
before(const void *array, size_t a, size_t b)
{
	const struct whi_kept *kept = array;
	uint32_t one = kept->order[a], two = kept->order[b];
	int order = whi_name_compare(kept->values[one].vk.name, kept->values[two].vk.name);

	return order != 0 ? order < 0 : one < two;
}

static void
swap(void *array, size_t a, size_t b)
{
	struct whi_kept *kept = array;
	uint32_t was = kept->order[a];

	kept->order[a] = kept->order[b];
	kept->order[b] = was;
}

/* A value with the name of another gets one of its own, unless it is the same once more. */
static bool
rename_doubles(struct whi_salvage *s, struct whi_kept *kept, bool last)
{
	uint32_t number = FIRST_NUMBER, first = 0;
	bool any = false;

	for (uint32_t i = 1; i < kept->count; i++) {
		const struct whi_vk *one = &kept->values[kept->order[first]].vk;
		struct whi_vk *vk = &kept->values[kept->order[i]].vk;

		if (whi_name_compare(one->name, vk->name) != 0) {
			first = i;
			number = FIRST_NUMBER;
		} else if (last || one->self.off == vk->self.off) {
			drop_value(s, WHI_RULE_VALUE_TWICE, vk->self, "is there twice");
			vk->self.off = REGF_NIL;
		} else {
			vk->name = whi_salvage_numbered(s, vk->name, WHI_VALUE_NAME_MAX, number++);
			whi_repair_say(s, WHI_RULE_VALUE_TWICE, WH_FIXED, WHI_IN_CELL(vk->self),
				       "another value of the key has its name; it gets a number");
			any = true;
		}
	}
	return any;
}

static void
forget_dropped(struct whi_kept *kept)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < kept->count; i++)
		if (kept->values[i].vk.self.off != REGF_NIL)
			kept->values[count++] = kept->values[i];
	kept->count = count;
}

static void
settle_names(struct whi_salvage *s, struct whi_kept *kept)
{
	void *order = kept->order;
	bool any = kept->count > 1;

	if (!whi_grow(s->alloc, &order, &kept->order_cap, kept->count, sizeof *kept->order)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	kept->order = order;
	for (int i = 0; i <= ROUNDS && any && s->status == WH_OK; i++) {
		for (uint32_t j = 0; j < kept->count; j++)
			kept->order[j] = j;
		whi_check_sort(kept->count, before, swap, kept);
		any = rename_doubles(s, kept, i == ROUNDS);
		forget_dropped(kept);
	}
}

/* --------------------------------------------------------------- all of them */

/* The list of the values of a key.  False: there is none that can be read. */
static bool
find_list(struct whi_salvage *s, struct whi_kept *kept, const struct whi_nk *nk, struct view *list)
{
	uint32_t count = nk->value_count;
	bool shared = false, reached;

	reached = whi_salvage_cell(
		s, nk->value_list,
		count <= s->img.length / sizeof(le32) ? count * (uint32_t)sizeof(le32) : 0, false);
	whi_cell_get(&s->img, nk->value_list, list);
	if (nk->flags & WH_KEY_PREDEF_HANDLE) {
		whi_repair_say(s, WHI_RULE_KEY_PREDEF_HANDLE, WH_FIXED, WHI_IN_CELL(nk->self),
			       "stood for a predefined handle");
		if (!reached || count > list->len / sizeof(le32))
			return false;
	}
	if (reached && pay(s, kept, nk->value_list, list->len, &shared))
		return true;
	if (count > 0) {
		s->report->dropped_values += count <= list->len / sizeof(le32) ? count : 0;
		whi_repair_say(s, WHI_RULE_VALUES_CELL, WH_DROPPED, WHI_IN_CELL(nk->self),
			       "all values, %" PRIu32 " by count: their list at 0x%" PRIx32 " %s",
			       count, nk->value_list.off,
			       reached ? "is that of others" : "cannot be read");
	}
	return false;
}

void
whi_repair_values(struct whi_salvage *s, struct whi_kept *kept, const struct whi_nk *nk)
{
	uint32_t room;
	struct view list;

	kept->count = 0;
	if (nk->value_count == 0 || !find_list(s, kept, nk, &list))
		return;
	room = list.len / (uint32_t)sizeof(le32);
	if (nk->value_count > room)
		whi_repair_say(s, WHI_RULE_VALUES_PAST_CELL, WH_FIXED, WHI_IN_CELL(nk->self),
			       "counts %" PRIu32 " values, in a list with room for %" PRIu32,
			       nk->value_count, room);
	for (uint32_t i = 0; i < nk->value_count && i < room && s->status == WH_OK; i++)
		take_value(s, kept, (cellref){ view_u32(list, i, sizeof(le32)) });
	if (s->status == WH_OK)
		settle_names(s, kept);
}

void
whi_kept_fini(struct whi_kept *kept, const struct wh_allocator *a)
{
	whi_free(a, kept->values, kept->cap * sizeof *kept->values);
	whi_free(a, kept->order, kept->order_cap * sizeof *kept->order);
}

bool
whi_repair_is_link(const struct whi_salvage *s, const struct whi_kept *kept)
{
	static const char due[] = "SymbolicLinkValue";
	struct whi_name name = { (const uint8_t *)due, sizeof due - 1, false };
	const struct whi_vk *vk;
	struct view text;

	if (kept->count != 1)
		return false;
	vk = &kept->values->vk;
	if (vk->type != WH_REG_LINK || vk->size % 2 || whi_name_compare(vk->name, name) != 0)
		return false;
	text = whi_data_piece(&s->img, &kept->values->data, 0);
	return text.len >= 2 && text.at[0] == '\\' && text.at[1] == 0;
}

static void
claim_value(struct whi_salvage *s, cellref ref)
{
	struct view list;
	struct whi_vk vk;
	cellref segments;

	whi_salvage_claim(s, s->claimed, ref);
	if (!whi_vk_parse(&s->img, ref, &vk) || vk.in_place || vk.size == 0)
		return;
	whi_salvage_claim(s, s->claimed, vk.data);
	segments = segments_of(s, &vk);
	if (!whi_cell_get(&s->img, segments, &list) || !whi_salvage_claim(s, s->claimed, segments))
		return;
	for (uint32_t i = 0; i < list.len / sizeof(le32); i++)
		whi_salvage_claim(s, s->claimed, (cellref){ view_u32(list, i, sizeof(le32)) });
}

/* The class name and the values of a key. */
static void
claim_parts(struct whi_salvage *s, const struct whi_nk *nk)
{
	struct whi_values values;

	if (nk->class_len > 0)
		whi_salvage_claim(s, s->claimed, nk->class_cell);
	if (nk->value_count == 0 || !whi_salvage_claim(s, s->claimed, nk->value_list) ||
	    whi_values_read(&s->img, nk, &values) != WH_OK)
		return;
	for (uint32_t i = 0; i < values.count; i++)
		claim_value(s, (cellref){ view_u32(values.cells, i, sizeof(le32)) });
}

void
whi_repair_claim_values(struct whi_salvage *s)
{
	struct whi_nk nk;

	for (size_t i = 0; i < s->count; i++)
		if ((s->keys[i].marks & WHI_KEY_REACHED) &&
		    whi_nk_parse(&s->img, s->keys[i].cell, &nk))
			claim_parts(s, &nk);
}
