/* SPDX-License-Identifier: MIT */
#include "tree/subtree.h"

#include "base/mem.h"
#include "tree/subkeys.h"

#include <inttypes.h>

static enum wh_status
append(struct whi_subtree *tree, const struct wh_hive *hive, cellref key, size_t above)
{
	if (!whi_grow(&hive->alloc, &tree->keys, &tree->cap, tree->count + 1, sizeof *tree->keys))
		return WH_E_MEMORY;
	tree->keys[tree->count++] = (struct whi_member){ key, (uint32_t)above };
	return WH_OK;
}

/* A key is not smaller than its nk: more keys than that are some keys twice. */
static bool
may_hold(const struct wh_hive *hive, size_t count, cellref key)
{
	if (count < hive->img.length / sizeof(struct regf_nk))
		return true;
	whi_report(&hive->sink, WHI_RULE_CELL_SHARED, WHI_IN_CELL(key),
		   "keys share their subkeys, and there is more of them than the file can hold");
	return false;
}

static enum wh_status
append_subkeys(struct whi_subtree *tree, const struct wh_hive *hive, size_t at)
{
	const struct whi_image *img = &hive->img;
	struct wh_subkeys it = { .budget = (uint64_t)img->length * 2 };
	struct whi_child child;
	struct whi_nk nk, below;
	enum wh_status st = whi_nk_read(img, tree->keys[at].key, 0, &nk);

	if (st != WH_OK)
		return st;
	whi_subkeys_begin(img, &nk, &it);
	while ((st = whi_subkeys_next(img, &it, &child)) == WH_OK) {
		st = whi_nk_read(img, child.ref, child.from, &below);
		if (st == WH_OK && !may_hold(hive, tree->count, nk.self))
			st = WH_E_CORRUPT;
		if (st == WH_OK)
			st = append(tree, hive, child.ref, at);
		if (st != WH_OK)
			return st;
	}
	return st == WH_E_NO_MORE && it.seen == nk.subkey_count ? WH_OK : WH_E_CORRUPT;
}

enum wh_status
whi_subtree_read(struct whi_subtree *tree, const struct wh_hive *hive, cellref top, unsigned levels)
{
	size_t level_end = 1;
	enum wh_status st;

	*tree = (struct whi_subtree){ 0 };
	st = append(tree, hive, top, 0);
	for (size_t i = 0; st == WH_OK && i < tree->count; i++) {
		if (i == level_end) {
			tree->height++;
			level_end = tree->count;
		}
		if (tree->height > REGF_MAX_DEPTH) {
			whi_report(&hive->sink, WHI_RULE_KEY_DEPTH, WHI_IN_CELL(tree->keys[i].key),
				   "nested more than %d deep", REGF_MAX_DEPTH);
			return WH_E_CORRUPT;
		}
		if (tree->height < levels || levels == WHI_ALL_LEVELS)
			st = append_subkeys(tree, hive, i);
	}
	return st;
}

void
whi_subtree_fini(struct whi_subtree *tree, const struct wh_hive *hive)
{
	whi_free(&hive->alloc, tree->keys, tree->cap * sizeof *tree->keys);
	*tree = (struct whi_subtree){ 0 };
}
