/* SPDX-License-Identifier: MIT */
#include "tree/value_find.h"

#ifdef WHI_SMALL_PARTS
enum { LONG_LIST = 2 };
#else
enum { LONG_LIST = 64 };
#endif

/* Slots that are looked at for each name on average: names that need more were made for it. */
enum { SLOTS_PER_NAME = 64 };

/* Were these the values that were searched last? */
static bool
is_last(const struct wh_hive *hive, cellref list, uint32_t count)
{
	return hive->value_names.list.off == list.off && hive->value_names.count == count;
}

/* Has the index all of them, and nothing else? */
static bool
is_known(const struct wh_hive *hive, cellref list, uint32_t count)
{
	const struct whi_cell_index *cells = &hive->value_names.cells;

	return cells->made && is_last(hive, list, count) && cells->undone == hive->edit->undone;
}

/* ---------------------------------------------------------------------- finding */

static enum wh_status
find_known(const struct wh_hive *hive, const struct whi_query *query, struct whi_vk *vk)
{
	const struct whi_cell_index *cells = &hive->value_names.cells;
	cellref ref;

	for (size_t at = 0;
	     ref = whi_cell_index_next(cells, query->hash, &at), ref.off != REGF_NIL;)
		if (whi_vk_parse(&hive->img, ref, vk) && whi_query_is(query, vk->name))
			return WH_OK;
	return WH_E_NOT_FOUND;
}

enum wh_status
whi_values_find(const struct wh_hive *hive, const struct whi_nk *nk,
		const struct whi_values *values, const struct whi_query *query, struct whi_vk *vk)
{
	const struct whi_image *img = &hive->img;
	enum wh_status missing = values->cut ? WH_E_CORRUPT : WH_E_NOT_FOUND;

	if (is_known(hive, nk->value_list, values->count))
		return find_known(hive, query, vk);
	for (uint32_t i = 0; i < values->count; i++) {
		/* In full, that is with a report, only if something is wrong. */
		if (!whi_vk_parse(img, (cellref){ view_u32(values->cells, i, sizeof(le32)) }, vk) &&
		    whi_values_get(img, values, i, vk) != WH_OK)
			missing = WH_E_CORRUPT; /* it may have been this one */
		else if (whi_query_is(query, vk->name))
			return WH_OK;
	}
	return missing;
}

/* ---------------------------------------------------------------------- the index */

/* Is there a value of that name in the index?  '*slots': how many were looked at. */
static bool
has_name(const struct wh_hive *hive, uint32_t hash, struct whi_name name, size_t *slots)
{
	struct whi_vk vk;
	cellref ref;

	for (*slots = 0;
	     ref = whi_cell_index_next(&hive->value_names.cells, hash, slots), ref.off != REGF_NIL;)
		if (whi_vk_parse(&hive->img, ref, &vk) && whi_name_compare(vk.name, name) == 0)
			return true;
	return false;
}

/*
 * Enter all values.  False if there is no memory, if their names are all too much alike for a
 * table, or if they are not as they should be: of two with one name it is the first in the list
 * that counts, which the index does not know.
 */
static bool
enter_all(struct wh_hive *hive, const struct whi_values *values)
{
	struct whi_cell_index *cells = &hive->value_names.cells;
	size_t most = (size_t)values->count * SLOTS_PER_NAME, slots;
	struct whi_vk vk;
	uint32_t hash;

	for (uint32_t i = 0; i < values->count; i++) {
		cellref ref = { view_u32(values->cells, i, sizeof(le32)) };

		if (!whi_vk_parse(&hive->img, ref, &vk))
			return false;
		hash = whi_name_hash(vk.name);
		if (has_name(hive, hash, vk.name, &slots) || slots > most ||
		    !whi_cell_index_add(cells, &hive->alloc, hash, ref))
			return false;
		most -= slots;
	}
	return true;
}

void
whi_value_index_need(struct wh_hive *hive, const struct whi_nk *nk, const struct whi_values *values)
{
	struct whi_value_names *names = &hive->value_names;
	bool again = is_last(hive, nk->value_list, values->count);

	if (values->count < LONG_LIST || is_known(hive, nk->value_list, values->count))
		return;
	whi_cell_index_clear(&names->cells);
	/* Not the first time: who goes from key to key would have it made in vain. */
	if (again && !names->unfit)
		names->cells.made = enter_all(hive, values);
	names->unfit = again && !names->cells.made;
	names->cells.undone = hive->edit->undone;
	names->list = nk->value_list;
	names->count = values->count;
}

void
whi_value_index_add(struct wh_hive *hive, cellref list, uint32_t count, cellref now, uint32_t hash,
		    cellref vk)
{
	struct whi_value_names *names = &hive->value_names;

	if (hive->edit->status != WH_OK || !is_last(hive, list, count))
		return;
	if (is_known(hive, list, count))
		names->cells.made = whi_cell_index_add(&names->cells, &hive->alloc, hash, vk);
	names->list = now;
	names->count = count + 1;
}

void
whi_value_index_remove(struct wh_hive *hive, cellref list, uint32_t count, uint32_t hash,
		       cellref vk)
{
	struct whi_value_names *names = &hive->value_names;

	if (hive->edit->status != WH_OK || !is_last(hive, list, count))
		return;
	if (is_known(hive, list, count))
		whi_cell_index_remove(&names->cells, hash, vk);
	names->count = count - 1;
}

void
whi_value_index_drop(struct wh_hive *hive, cellref list)
{
	if (hive->value_names.list.off == list.off)
		whi_cell_index_clear(&hive->value_names.cells);
}
