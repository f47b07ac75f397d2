/* SPDX-License-Identifier: MIT */
/*
 * One look at everything that can be reached.
 *
 * The ring of security cells comes first, then the tree depth first without recursion, then
 * what the security cells count.  Each cell is claimed by what refers to it: there is a bit for
 * each place where one may start, and a cell that was claimed before is reported and not
 * entered again, so that no hive takes longer than its file is long.  What has a signature is
 * claimed only if it has the right one: else it may well be the cell of somebody else.
 *
 *	owned     0 1 1 0 0 1 0 ...       a bit for every 8 bytes of the bins: it has an owner
 *	members   0x78, 0x4d0, ...        the cells of the ring
 *	users     7, 2, ...               of each of them: the keys that refer to it
 */
#include "tree/pass.h"

#include "base/mem.h"
#include "hive/unread.h"
#include "tree/check.h"
#include "tree/index.h"

#include <inttypes.h>
#include <string.h>

enum { AHEAD = 4 }; /* cells for which memory is asked before it is their turn */

/* ---------------------------------------------------------------- ownership */

bool
whi_pass_shared(struct whi_pass *p, cellref ref, cellref owner, const char *what)
{
	whi_report(&p->sink, WHI_RULE_CELL_SHARED, WHI_IN_CELL(ref),
		   "%s of the cell 0x%" PRIx32 ", but has another owner already", what, owner.off);
	return false;
}

/* ------------------------------------------------------------------- values */

/*
 * Big data are read after their list of segments has been claimed, as a list that is shared
 * would be read once for each owner.
 */
static bool
review_data(struct whi_pass *p, const struct whi_vk *vk)
{
	const struct regf_db *db = NULL;
	struct whi_data data;
	struct view cell;

	if (!vk->in_place && vk->size > 0) {
		if (!whi_pass_claim(p, vk->data, vk->self, "data"))
			return false;
		if (vk->size > REGF_SEGMENT)
			db = whi_cell_record(&p->img, vk->data, "db", sizeof *db, &cell);
		if (db && cell.len < vk->size &&
		    !whi_pass_claim(p, (cellref){ le32_get(db->list) }, vk->data,
				    "list of segments"))
			return false;
	}
	whi_data_open(&p->img, vk, &data);
	for (uint32_t i = 0; i < data.segments.len / sizeof(le32); i++)
		whi_pass_claim(p, (cellref){ view_u32(data.segments, i, sizeof(le32)) }, vk->data,
			       "a segment");
	return data.readable == vk->size;
}

static bool
review_value(struct whi_pass *p, const struct whi_nk *nk, const struct whi_values *values,
	     uint32_t i)
{
	cellref ref = { view_u32(values->cells, i, sizeof(le32)) };
	struct whi_vk vk;
	bool whole;

	if (!whi_vk_parse(&p->img, ref, &vk) && whi_values_get(&p->img, values, i, &vk) != WH_OK)
		return false;
	if (!whi_pass_claim(p, ref, nk->self, "a value"))
		return false;
	if (vk.name.wide)
		whi_vk_review(&p->img, &vk);
	whole = review_data(p, &vk);
	if (p->check)
		whi_check_value(p, &vk, whole);
	return whole;
}

/* As review_value(), for a value as nearly all are.  False: it is another, or one of them again. */
static inline bool
review_plain_value(struct whi_pass *p, cellref ref)
{
	struct whi_check *c = p->check;
	const struct regf_vk *disk;
	struct whi_name name;
	uint32_t size, flags;
	int64_t room;
	cellref data;

	disk = whi_vk_plain(&p->bins, ref, &room);
	if (!disk || !whi_vk_plain_data(&p->bins, disk, &size) ||
	    (c && c->name_count == c->name_cap))
		return false;
	flags = le16_get(disk->flags);
	name = (struct whi_name){ (const uint8_t *)(disk + 1), le16_get(disk->name_len),
				  !(flags & VK_COMP_NAME) };
	if ((name.len == 0) != name.wide || (flags & VK_TOMBSTONE))
		return false;
	if (whi_pass_is_taken(p, ref))
		return false;
	if (!(le32_get(disk->data_len) & VK_INLINE)) {
		data.off = le32_get(disk->data);
		if (data.off == ref.off || whi_pass_is_taken(p, data))
			return false;
		whi_pass_own(p, data);
	}
	whi_pass_own(p, ref);
	if (c)
		whi_check_plain_value(c, ref, name, size);
	return true;
}

static void
review_values(struct whi_pass *p, const struct whi_nk *nk)
{
	struct whi_values values = { 0 };
	uint32_t plain = 0;
	bool whole = true;
	const le32 *at;

	if (nk->flags & WH_KEY_PREDEF_HANDLE)
		return;
	if (nk->value_count > 0 &&
	    (!whi_pass_claim(p, nk->value_list, nk->self, "the value list") ||
	     (!whi_values_peek(&p->img, nk, &values) &&
	      whi_values_read(&p->img, nk, &values) != WH_OK)))
		return;
	at = (const le32 *)values.cells.at;
	for (uint32_t i = 0; i < values.count; i++)
		if (review_plain_value(p, (cellref){ le32_get(at[i]) }))
			plain++;
		else
			whole &= review_value(p, nk, &values, i);
	if (p->check)
		p->check->result->values += plain;
	if (p->check && !whi_check_plain_values(p->check, nk))
		whi_check_values(p, nk, whole && values.count == nk->value_count);
}

/* --------------------------------------------------------------------- keys */

static void
review_class(struct whi_pass *p, const struct whi_nk *nk)
{
	struct whi_frame *above;
	struct view ignored;
	uint32_t len = nk->class_len;

	if (len == 0)
		return;
	above = p->depth > 0 ? &p->frames[p->depth - 1] : NULL;
	if (!whi_pass_claim(p, nk->class_cell, nk->self, "the class name") ||
	    whi_nk_class(&p->img, nk, &ignored) != WH_OK)
		len = above ? le32_get(above->disk->max_class_len) : 0; /* it may have been right */
	if (above && above->longest_class < len)
		above->longest_class = len;
}

/* Claim a subkey list or a leaf, if it is one; false: it has an owner. */
static bool
claim_list(struct whi_pass *p, cellref ref, cellref owner, bool below_ri, struct whi_list *list)
{
	*list = (struct whi_list){ .count = 1 };
	if (!whi_list_peek(&p->img, ref, below_ri, list))
		return true;
	if (!whi_pass_claim(p, ref, owner, below_ri ? "a leaf" : "the subkey list"))
		return false;
	if (p->check)
		whi_check_list(p, ref, list);
	return true;
}

/* The same for the list of a key with all its leaves. */
static bool
claim_lists(struct whi_pass *p, const struct whi_nk *nk, struct whi_list *list, bool *empty_leaf)
{
	bool all = claim_list(p, nk->subkey_list, nk->self, false, list);
	struct whi_list leaf;

	if (list->kind != WHI_LIST_RI)
		return all;
	for (uint32_t i = 0; i < list->count && all; i++) {
		all = claim_list(p, whi_list_cell(list, i), nk->subkey_list, true, &leaf);
		*empty_leaf |= leaf.count == 0;
	}
	return all;
}

/* Ask for an element of a list that comes later; a key is longer than a line of a cache. */
static void
look_ahead(const struct whi_pass *p, const struct wh_subkeys *it, size_t elements)
{
	size_t ahead = elements * it->stride;
	uint32_t off;

	if ((size_t)(it->leaf_end - it->leaf) <= ahead)
		return;
	off = le32_get(*(const le32 *)(it->leaf + ahead));
	whi_pass_prefetch(p, off);
	whi_pass_prefetch(p, off + 64);
}

/* Go on with the subkeys of a key. */
static void
enter(struct whi_pass *p, const struct whi_nk *nk)
{
	struct whi_frame *frame = &p->frames[p->depth];
	struct whi_list list = { 0 };
	bool empty_leaf = false;

	if (nk->subkey_count > 0 && !claim_lists(p, nk, &list, &empty_leaf)) {
		p->lost = true;
		return;
	}
	/* One by one: the rest is set here or in the next call. */
	frame->it.budget = UINT64_MAX;
	frame->list = nk->subkey_list;
	frame->name = nk->name;
	frame->last.at = NULL;
	frame->disk = nk->disk;
	frame->longest_name = frame->longest_class = 0;
	if (list.stride > 0 && list.count == list.stored_count)
		whi_subkeys_begin_list(nk, &list, &frame->it);
	else
		whi_subkeys_begin(&p->img, nk, &frame->it);
	for (size_t i = 0; i < AHEAD; i++)
		look_ahead(p, &frame->it, i);
	frame->whole = !frame->it.settled; /* settled: it cannot be read */
	frame->ordered = frame->whole && !empty_leaf;
	p->lost |= nk->subkey_count == 0;
	if (nk->subkey_count > 0) {
		p->depth++;
		p->at.at = NULL;
	}
}

/* The key in hand, which was claimed; 'parent' is NIL for the root. */
static void
review_key(struct whi_pass *p, const struct whi_nk *nk, cellref parent)
{
	whi_pass_prefetch(p, nk->value_list.off);
	whi_pass_prefetch(p, nk->subkey_list.off);
	if (!whi_nk_is_plain(&p->bins, nk, parent))
		whi_nk_review_record(&p->img, nk, parent);
	whi_pass_user(p, nk);
	review_class(p, nk);
	if (p->check && !whi_check_plain_key(p, nk))
		whi_check_key(p, nk);
	review_values(p, nk);
	if (nk->subkey_count > 0 || nk->subkey_list.off != REGF_NIL)
		enter(p, nk);
	p->at.at = NULL;
}

/* A key was met that was met before, or a cell that is something else. */
static void
report_again(struct whi_pass *p, cellref ref, cellref parent)
{
	/* As long as it takes to say so, or a few times that. */
	for (size_t i = 0; i < p->depth; i++)
		if (p->frames[i].it.key.cell == ref.off) {
			whi_report(&p->sink, WHI_RULE_KEY_CYCLE, WHI_IN_CELL(ref),
				   "the key is below itself");
			return;
		}
	whi_pass_shared(p, ref, parent, "a subkey");
}

/* One subkey of the innermost frame; false if its list cannot be relied on. */
static bool
meet(struct whi_pass *p, struct whi_frame *frame, const struct whi_child *child)
{
	cellref parent = { frame->it.key.cell };
	struct whi_name name;
	struct whi_nk nk;
	bool in_place;

	if (!whi_nk_parse(&p->img, child->ref, &nk) &&
	    whi_nk_read(&p->img, child->ref, child->from, &nk) != WH_OK) {
		frame->whole = false;
		return false;
	}
	if (whi_pass_is_taken(p, nk.self)) {
		report_again(p, nk.self, parent);
		frame->whole = false;
		return false;
	}
	whi_pass_own(p, nk.self);
	/* Not that of nk, which has just been written in parts: to read it whole would wait. */
	name = whi_nk_name(&p->img, nk.disk);
	p->at = name;
	in_place = whi_child_review(&p->img, child, name, frame->last);
	frame->last = name;
	if (p->check)
		whi_check_subkey(frame, &nk);
	if (p->depth > REGF_MAX_DEPTH) {
		frame->whole = false;
		whi_report(&p->sink, WHI_RULE_KEY_DEPTH, WHI_IN_CELL(nk.self),
			   "nested more than %d deep", REGF_MAX_DEPTH);
		p->at.at = NULL;
		return in_place;
	}
	review_key(p, &nk, parent);
	return in_place;
}

static void
review_tree(struct whi_pass *p, const struct whi_nk *root)
{
	struct whi_child child;

	whi_pass_take(p, root->self);
	p->at = root->name;
	review_key(p, root, (cellref){ REGF_NIL });
	while (p->depth > 0) {
		struct whi_frame *frame = &p->frames[p->depth - 1];
		enum wh_status st = whi_subkeys_next(&p->img, &frame->it, &child);

		look_ahead(p, &frame->it, AHEAD);
		if (st == WH_OK && meet(p, frame, &child))
			continue;
		if (st != WH_E_NO_MORE) {
			frame->ordered = false;
			frame->whole &= st == WH_OK;
			continue;
		}
		p->lost |= !frame->whole;
		if (frame->ordered)
			whi_index_mark(&p->img, frame->list);
		if (p->check)
			whi_check_subkeys(p, frame);
		p->depth--;
	}
}

/* --------------------------------------------------------------------- all */

static enum wh_status
run(struct whi_pass *p)
{
	const struct wh_allocator *a = &p->hive->alloc;
	struct whi_nk root;
	enum wh_status st;

	p->owned = whi_block_new(a, p->words * sizeof *p->owned);
	if (!p->owned)
		return WH_E_MEMORY;
	if (p->check) {
		st = whi_check_file(p);
		if (st != WH_OK)
			return st;
	}
	st = whi_nk_read(&p->img, p->hive->root, REGF_BINS, &root);
	if (st == WH_OK)
		st = whi_pass_ring(p, root.security);
	if (st != WH_OK)
		return st;
	review_tree(p, &root);
	st = whi_pass_counts(p);
	if (st == WH_OK && p->check)
		whi_check_rest(p);
	return st;
}

enum wh_status
whi_pass_run(struct wh_hive *hive, wh_issue_fn *report, void *ctx, struct whi_check *check)
{
	const struct wh_allocator *a = &hive->alloc;
	enum wh_status st = whi_read_all(hive);
	struct whi_pass *p;

	if (st != WH_OK)
		return st;
	p = whi_zalloc(a, sizeof *p);
	if (!p)
		return WH_E_MEMORY;
	p->hive = hive;
	p->check = check;
	p->sink = (struct whi_sink){ report, ctx };
	p->img = hive->img;
	p->img.unread = NULL;
	p->img.sink = &p->sink;
	p->bins = whi_plain_bins(&p->img);
	p->used_last.off = REGF_NIL;
	p->words = (hive->img.length / REGF_CELL_ALIGN + WHI_WORD - 1) / WHI_WORD;
	whi_check_begin(p);
	st = run(p);
	whi_block_free(a, p->owned, p->words * sizeof *p->owned);
	whi_free(a, p->members, p->member_cap * sizeof *p->members);
	whi_free(a, p->users, (p->member_count + 1) * sizeof *p->users);
	whi_free(a, p, sizeof *p);
	return st;
}
