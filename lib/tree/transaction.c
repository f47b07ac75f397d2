/* SPDX-License-Identifier: MIT */
/* Changes kept or undone together, in memory. */
#include "base/mem.h"
#include "tree/edit.h"

bool
wh_hive_changed(const struct wh_hive *hive)
{
	return hive && hive->changed;
}

enum wh_status
wh_hive_begin(struct wh_hive *hive)
{
	struct whi_before *before;
	enum wh_status st;

	if (!hive)
		return WH_E_INVALID;
	st = whi_change_prepare(hive);
	if (st != WH_OK)
		return st;
	if (hive->edit->depth == WHI_LEVELS)
		return WH_E_INVALID;
	before = &hive->before[hive->edit->depth];
	*before = (struct whi_before){ .root = hive->root, .changed = hive->changed };
	st = whi_stale_begin(&hive->stale, &hive->alloc, hive->edit->depth, &before->generation);
	return st == WH_OK ? whi_edit_push(hive->edit) : st;
}

static bool
is_open(const struct wh_hive *hive)
{
	return hive && hive->edit && hive->edit->depth > 1;
}

enum wh_status
wh_hive_end(struct wh_hive *hive)
{
	if (!is_open(hive))
		return WH_E_INVALID;
	whi_edit_pop(hive->edit);
	return WH_OK;
}

/* Undo the last level. */
static void
back(struct wh_hive *hive)
{
	const struct whi_before *before = &hive->before[hive->edit->depth - 1];

	whi_edit_back(hive->edit);
	whi_stale_undo(&hive->stale, before->generation);
	hive->root = before->root;
	hive->changed = before->changed;
	hive->changes++;
}

enum wh_status
wh_hive_undo(struct wh_hive *hive)
{
	if (!is_open(hive))
		return WH_E_INVALID;
	back(hive);
	return WH_OK;
}

void
wh_hive_discard(struct wh_hive *hive)
{
	while (is_open(hive))
		back(hive);
	if (hive && hive->changed)
		back(hive);
}
