/* SPDX-License-Identifier: MIT */
#include "tree/edit.h"

#include "base/mem.h"
#include "base/time.h"
#include "hive/base_block.h"
#include "hive/unread.h"
#include "tree/handle.h"
#include "tree/sound.h"

#include <string.h>

/* ------------------------------------------------------------ begin and end */

static enum wh_status
may_be_changed(struct wh_hive *hive)
{
	if (hive->img.old_cells)
		return WH_E_NOT_SUPPORTED;
	if (hive->state == WH_DIRTY && !(hive->flags & WH_OPEN_TAKE_DIRTY))
		return WH_E_DIRTY;
	return hive->flags & WH_OPEN_TAKE_DAMAGED ? WH_OK : whi_hive_sound(hive);
}

enum wh_status
whi_change_prepare(struct wh_hive *hive)
{
	struct whi_edit *edit;
	enum wh_status st;

	if (hive->edit)
		return WH_OK;
	st = whi_unread_end(hive);
	if (st == WH_OK)
		st = may_be_changed(hive);
	if (st == WH_OK)
		st = whi_image_own(&hive->img, &hive->alloc);
	if (st != WH_OK)
		return st;
	edit = whi_alloc(&hive->alloc, sizeof *edit);
	if (!edit)
		return WH_E_MEMORY;
	st = whi_edit_init(edit, &hive->img, &hive->alloc);
	if (st != WH_OK) {
		whi_free(&hive->alloc, edit, sizeof *edit);
		return st;
	}
	hive->edit = edit;
	return WH_OK;
}

enum wh_status
whi_change_begin(struct wh_key key)
{
	struct wh_hive *hive = key.hive;
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	if (st == WH_OK)
		st = whi_change_prepare(hive);
	if (st == WH_OK && !hive->changed) {
		hive->before[0] = (struct whi_before){ .root = hive->root };
		st = whi_stale_begin(&hive->stale, &hive->alloc, 0, &hive->before[0].generation);
	}
	if (st != WH_OK)
		return st;
	hive->root_before = hive->root;
	whi_edit_begin(hive->edit);
	return WH_OK;
}

void
whi_change_root(struct wh_hive *hive, cellref root)
{
	hive->root = root;
}

/*
 * The base block is always that of a clean file with the hive as it is: it says how long the bins
 * are and where the root is, and has the sequence numbers of the next write.
 */
static void
write_base(struct wh_hive *hive)
{
	struct regf_base base;
	uint32_t one, two;

	memcpy(&base, hive->img.bytes, sizeof base);
	one = le32_get(base.sequence1);
	two = le32_get(base.sequence2);
	base.length = le32_make(hive->img.length);
	base.root_cell = le32_make(hive->root.off);
	if (!hive->changed)
		one = two = ((int32_t)(one - two) > 0 ? one : two) + 1;
	whi_base_seal(&base, one);
	whi_edit_write(hive->edit, 0, &base, REGF_SECTOR);
}

enum wh_status
whi_change_end(struct wh_hive *hive)
{
	bool touched = whi_edit_touched(hive->edit);
	enum wh_status st;

	if (touched && (!hive->changed || hive->img.length != hive->edit->length ||
			hive->root.off != hive->root_before.off))
		write_base(hive);
	st = whi_edit_end(hive->edit);
	whi_stale_end(&hive->stale, st == WH_OK);
	if (st != WH_OK)
		hive->root = hive->root_before;
	else if (touched)
		hive->changed = true;
	/* The image may have moved in a change that failed, too. */
	if (st != WH_OK || touched)
		hive->changes++;
	return st;
}

uint64_t
whi_change_time(const struct wh_hive *hive)
{
	return hive->time ? hive->time : whi_time_now();
}

/* ------------------------------------------------------------------- names */

/* Turn units into the bytes of a name, in the same place. */
static void
pack(struct whi_new_name *name, size_t count)
{
	uint8_t *bytes = (uint8_t *)name->units;
	bool wide = false;

	for (size_t i = 0; i < count; i++)
		wide = wide || name->units[i] > UINT8_MAX;
	for (size_t i = 0; i < count; i++) {
		uint16_t unit = name->units[i];

		if (wide)
			((le16 *)bytes)[i] = le16_make(unit);
		else
			bytes[i] = (uint8_t)unit;
	}
	name->name = (struct whi_name){ bytes, (uint32_t)(wide ? 2 * count : count), wide };
}

enum wh_status
whi_new_name_init(struct whi_new_name *name, const struct wh_hive *hive, const char *text,
		  size_t len, size_t min, size_t max)
{
	size_t own = sizeof name->own / sizeof *name->own, count;

	name->units = name->own;
	name->room = own;
	name->name = (struct whi_name){ 0 };
	if (!text || len == WH_NTS)
		len = text ? strlen(text) : 0;
	if (!whi_utf16_from_utf8(text, len, name->own, own, &count) || count < min || count > max)
		return WH_E_INVALID;
	if (count > own) {
		name->units = whi_alloc(&hive->alloc, count * sizeof *name->units);
		name->room = count;
		if (!name->units)
			return WH_E_MEMORY;
		whi_utf16_from_utf8(text, len, name->units, count, &count);
	}
	pack(name, count);
	return WH_OK;
}

void
whi_new_name_fini(struct whi_new_name *name, const struct wh_hive *hive)
{
	if (name->units != name->own)
		whi_free(&hive->alloc, name->units, name->room * sizeof *name->units);
}

enum wh_status
whi_key_name_init(struct whi_new_name *name, const struct wh_hive *hive, const char *text,
		  size_t len)
{
	name->units = name->own; /* nothing to free yet */
	if (text && memchr(text, '\\', len == WH_NTS ? strlen(text) : len))
		return WH_E_INVALID;
	return whi_new_name_init(name, hive, text, len, 1, WHI_KEY_NAME_MAX);
}

/* ------------------------------------------------------------ fields of keys */

void
whi_nk_touch(struct wh_hive *hive, cellref key)
{
	WHI_NK_SET64(hive->edit, key, last_written, whi_change_time(hive));
}

/* Raise a 32-bit field of an nk. */
static void
raise32(struct whi_edit *e, cellref key, size_t offset, uint32_t len)
{
	struct view cell, field;

	if (!whi_cell_get(e->img, key, &cell) || !view_sub(cell, (uint32_t)offset, 4, &field))
		whi_edit_fail(e, WH_E_CORRUPT);
	else if (view_u32(field, 0, 4) < len)
		whi_cell_write32(e, key, (uint32_t)offset, len);
}

void
whi_nk_raise_name_len(struct whi_edit *e, cellref key, uint32_t len)
{
	struct view cell;
	const struct regf_nk *nk =
		whi_cell_record(e->img, key, "nk", sizeof(struct regf_nk), &cell);

	if (!nk)
		whi_edit_fail(e, WH_E_CORRUPT);
	else if (le16_get(nk->max_name_len) < len)
		WHI_NK_SET16(e, key, max_name_len, (uint16_t)len);
}

void
whi_nk_raise_class_len(struct whi_edit *e, cellref key, uint32_t len)
{
	raise32(e, key, offsetof(struct regf_nk, max_class_len), len);
}

void
whi_nk_raise_value_name_len(struct whi_edit *e, cellref key, uint32_t len)
{
	raise32(e, key, offsetof(struct regf_nk, max_value_name_len), len);
}

void
whi_nk_raise_value_len(struct whi_edit *e, cellref key, uint32_t len)
{
	raise32(e, key, offsetof(struct regf_nk, max_value_len), len);
}
