/* SPDX-License-Identifier: MIT */
#include "hive/stale.h"

#include "base/mem.h"

enum { PLACES = REGF_PAGE / REGF_CELL_ALIGN };

void
whi_stale_fini(struct whi_stale *stale, const struct wh_allocator *a)
{
	for (size_t i = 0; i < stale->count; i++)
		whi_free(a, stale->pages[i], PLACES * sizeof *stale->pages[i]);
	whi_free(a, stale->pages, stale->count * sizeof *stale->pages);
	whi_free(a, stale->doomed, stale->doomed_cap * sizeof *stale->doomed);
	whi_free(a, stale->dead, stale->dead_cap * sizeof *stale->dead);
	*stale = (struct whi_stale){ 0 };
}

/* Make sure that marking the cell cannot fail. */
static bool
reserve_mark(struct whi_stale *stale, const struct wh_allocator *a, cellref ref)
{
	size_t page = ref.off / REGF_PAGE, cap = stale->count;

	if (page >= stale->count) {
		if (!whi_grow(a, &stale->pages, &cap, page + 1, sizeof *stale->pages))
			return false;
		while (stale->count < cap)
			stale->pages[stale->count++] = NULL;
	}
	if (!stale->pages[page])
		stale->pages[page] = whi_zalloc(a, PLACES * sizeof *stale->pages[page]);
	return stale->pages[page] != NULL;
}

enum wh_status
whi_stale_doom(struct whi_stale *stale, const struct wh_allocator *a, cellref ref)
{
	if (!reserve_mark(stale, a, ref) ||
	    !whi_grow(a, &stale->doomed, &stale->doomed_cap, stale->doomed_count + 1,
		      sizeof *stale->doomed))
		return WH_E_MEMORY;
	stale->doomed[stale->doomed_count++] = ref.off;
	return WH_OK;
}

void
whi_stale_end(struct whi_stale *stale, bool kept)
{
	if (kept && stale->doomed_count > 0) {
		stale->generation++;
		for (size_t i = 0; i < stale->doomed_count; i++) {
			uint32_t off = stale->doomed[i];

			stale->pages[off / REGF_PAGE][off % REGF_PAGE / REGF_CELL_ALIGN] =
				stale->generation;
		}
	}
	stale->doomed_count = 0;
}

enum wh_status
whi_stale_begin(struct whi_stale *stale, const struct wh_allocator *a, size_t open, uint32_t *first)
{
	if (!whi_grow(a, &stale->dead, &stale->dead_cap, stale->dead_count + open + 1,
		      sizeof *stale->dead))
		return WH_E_MEMORY;
	*first = ++stale->generation;
	return WH_OK;
}

void
whi_stale_undo(struct whi_stale *stale, uint32_t first)
{
	/* What an inner transaction killed is part of what this one kills. */
	while (stale->dead_count > 0 && stale->dead[stale->dead_count - 1].first >= first)
		stale->dead_count--;
	stale->dead[stale->dead_count++] = (struct whi_dead){ first, stale->generation };
	stale->generation++;
}

bool
whi_stale_is_dead(const struct whi_stale *stale, uint32_t generation)
{
	size_t low = 0, high = stale->dead_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (generation > stale->dead[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low < stale->dead_count && generation >= stale->dead[low].first;
}
