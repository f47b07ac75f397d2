/* SPDX-License-Identifier: MIT */
#include "hive/cell_index.h"

#include "base/mem.h"
#include "disk/regf.h"

#include <string.h>

/* Not offsets of cells, which are multiples of 8 behind the header of a bin. */
enum { FREE = 0, TAKEN_ONCE = 1, ROOM_AT_FIRST = 64 };

void
whi_cell_index_fini(struct whi_cell_index *index, const struct wh_allocator *a)
{
	whi_free(a, index->slots, index->room * sizeof *index->slots);
	*index = (struct whi_cell_index){ 0 };
}

void
whi_cell_index_clear(struct whi_cell_index *index)
{
	if (index->used > 0)
		memset(index->slots, 0, index->room * sizeof *index->slots);
	index->used = 0;
	index->made = false;
}

static void
put(struct whi_cell_index *index, struct whi_cell_slot slot)
{
	size_t i = slot.hash & (index->room - 1);

	while (index->slots[i].cell != FREE)
		i = (i + 1) & (index->room - 1);
	index->slots[i] = slot;
	index->used++;
}

/* Half of the slots stay free, so that looking for what is not there ends soon. */
static bool
make_room(struct whi_cell_index *index, const struct wh_allocator *a)
{
	struct whi_cell_index old = *index;
	size_t taken = 0;

	if (index->used + 1 <= index->room / 2)
		return true;
	for (size_t i = 0; i < old.room; i++)
		taken += old.slots[i].cell > TAKEN_ONCE;
	index->room = ROOM_AT_FIRST;
	while (index->room / 4 < taken + 1)
		index->room *= 2;
	index->slots = whi_zalloc(a, index->room * sizeof *index->slots);
	if (!index->slots) {
		*index = old;
		return false;
	}
	index->used = 0;
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].cell > TAKEN_ONCE)
			put(index, old.slots[i]);
	whi_free(a, old.slots, old.room * sizeof *old.slots);
	return true;
}

bool
whi_cell_index_add(struct whi_cell_index *index, const struct wh_allocator *a, uint32_t hash,
		   cellref cell)
{
	if (!make_room(index, a))
		return false;
	put(index, (struct whi_cell_slot){ hash, cell.off });
	return true;
}

cellref
whi_cell_index_next(const struct whi_cell_index *index, uint32_t hash, size_t *at)
{
	while (*at < index->room) {
		struct whi_cell_slot slot = index->slots[(hash + (*at)++) & (index->room - 1)];

		if (slot.cell == FREE)
			break;
		if (slot.hash == hash && slot.cell != TAKEN_ONCE)
			return (cellref){ slot.cell };
	}
	return (cellref){ REGF_NIL };
}

void
whi_cell_index_remove(struct whi_cell_index *index, uint32_t hash, cellref cell)
{
	for (size_t i = 0; i < index->room; i++) {
		struct whi_cell_slot *slot = &index->slots[(hash + i) & (index->room - 1)];

		if (slot->cell == FREE)
			break;
		if (slot->cell == cell.off) {
			slot->cell = TAKEN_ONCE;
			break;
		}
	}
}
