/* SPDX-License-Identifier: MIT */
/*
 * One look at everything that can be reached, before the first change.
 *
 * The ring of security cells comes first, then the tree depth first without recursion, then
 * what the security cells count.  Each cell is claimed by what refers to it: there is a bit for
 * each place where one may start, and a cell that was claimed before is reported and not
 * entered again, so that no hive takes longer than its file is long.  What has a signature is
 * claimed only if it has the right one: else it may well be the cell of somebody else.
 *
 *	owned   0 1 1 0 0 1 0 ...    a bit for every 8 bytes of the bins: it has an owner
 *	path    0 1 0 0 0 0 0 ...    the same: it is a key whose subkeys are being met
 *	ring    0 0 1 0 0 0 0 ...    the same: it is a security cell of the ring
 *	before  0, 1, 3, ...         for each word of 'ring', the bits that are set before it
 *	users   7, 2, 40, ...        for each bit of 'ring', the keys that refer to it
 *
 * What makes a hive unsound: every rule that Windows would heal or refuse a hive for, since it
 * would undo or refuse the change too, and every rule that leaves something unreadable, since
 * a change could lose it for good.  One exception: a key that stands for a predefined handle
 * has no values to be changed, and is no harm to others.  A wrong hash or hint is a note, as
 * nobody looks at it before the list is changed: then the list, which is not marked as being
 * in order, is refused.  What nobody refers to, or what counts too much, stays as it is.
 */
#include "tree/sound.h"

#include "base/bits.h"
#include "base/mem.h"
#include "hive/base_block.h"
#include "tree/index.h"
#include "tree/subkeys.h"
#include "tree/vk.h"

#include <inttypes.h>
#include <string.h>

enum { WORD = 64 };

/* A key whose subkeys are being met. */
struct frame {
	struct wh_subkeys it;
	cellref list;
	struct whi_name last; /* of the subkey met before */
	bool ordered;         /* so far, look-ups can rely on the list */
};

struct pass {
	struct wh_hive *hive;
	struct whi_image img; /* that of the hive, but what is reported goes by here */
	struct whi_sink sink;
	bool unsound;

	uint64_t *owned, *path, *ring;
	uint32_t *before, *users;
	size_t words, members; /* of the bit maps; of the ring */
	bool closed;           /* the ring is one */

	size_t depth;
	struct frame frames[REGF_MAX_DEPTH + 1];
};

/* ------------------------------------------------------------------ reports */

/* What the caller has been told already. */
static void
judge_again(void *ctx, const struct wh_issue *issue)
{
	struct pass *p = ctx;

	if ((issue->grade != WH_NOTE || issue->incomplete) &&
	    strcmp(issue->rule, "key-predefined") != 0)
		p->unsound = true;
}

/* What is reported for the first time. */
static void
judge(void *ctx, const struct wh_issue *issue)
{
	struct pass *p = ctx;

	judge_again(p, issue);
	if (p->hive->sink.fn)
		p->hive->sink.fn(p->hive->sink.ctx, issue);
}

/* ---------------------------------------------------------------- ownership */

/* The bit of a cell; false: no cell can be there. */
static bool
place_of(const struct pass *p, cellref ref, uint32_t *bit)
{
	*bit = ref.off >> 3 | ref.off << 29;
	return *bit < p->img.length / REGF_CELL_ALIGN;
}

static bool
is_set(const uint64_t *map, uint32_t bit)
{
	return map[bit / WORD] >> bit % WORD & 1;
}

static void
set(uint64_t *map, uint32_t bit)
{
	map[bit / WORD] |= UINT64_C(1) << bit % WORD;
}

/* The bit of a cell that has been claimed. */
static void
flip(uint64_t *map, cellref ref)
{
	uint32_t bit = ref.off / REGF_CELL_ALIGN;

	map[bit / WORD] ^= UINT64_C(1) << bit % WORD;
}

/* Claim a cell, if it is one: who reads it will say so if not.  False: it has an owner. */
static inline bool
take(struct pass *p, cellref ref)
{
	uint32_t bit;

	if (!place_of(p, ref, &bit))
		return true;
	if (is_set(p->owned, bit))
		return false;
	set(p->owned, bit);
	return true;
}

static inline bool
claim(struct pass *p, cellref ref, cellref owner, const char *what)
{
	if (take(p, ref))
		return true;
	whi_report(&p->sink, WHI_RULE_CELL_SHARED, WHI_IN_CELL(ref),
		   "%s of the cell 0x%" PRIx32 ", but has another owner already", what, owner.off);
	return false;
}

/* ----------------------------------------------------------------- security */

static const struct regf_sk *
security_at(const struct pass *p, cellref ref, struct view *cell)
{
	return whi_cell_record(&p->img, ref, "sk", sizeof(struct regf_sk), cell);
}

/* A member of the ring, if it is a security cell. */
static bool
review_member(struct pass *p, cellref ref)
{
	struct view cell;
	const struct regf_sk *sk = security_at(p, ref, &cell);
	uint32_t bit;

	if (!sk || !place_of(p, ref, &bit) || !claim(p, ref, ref, "member of the ring"))
		return false;
	set(p->ring, bit);
	p->members++;
	if (le32_get(sk->len) > cell.len - sizeof *sk)
		whi_report(&p->sink, WHI_RULE_SECURITY_LENGTH, WHI_IN_CELL(ref),
			   "descriptor of %" PRIu32 " bytes, %zu left in the cell",
			   le32_get(sk->len), cell.len - sizeof *sk);
	return true;
}

/* From a member of the ring to the next one, which must refer back to it. */
static bool
go_round(struct pass *p, cellref *ref)
{
	struct view cell;
	cellref from = *ref, to = { le32_get(security_at(p, from, &cell)->next) };
	const struct regf_sk *next = security_at(p, to, &cell);

	if (next && le32_get(next->previous) == from.off) {
		*ref = to;
		return true;
	}
	if (next)
		whi_report(&p->sink, WHI_RULE_SECURITY_RING, WHI_IN_CELL(to),
			   "the one before it in the ring is at 0x%" PRIx32
			   ", but it refers to 0x%" PRIx32,
			   from.off, le32_get(next->previous));
	else
		whi_report(&p->sink, WHI_RULE_SECURITY_RING, WHI_IN_CELL(from),
			   "next in the ring: reference 0x%" PRIx32 " %s", to.off,
			   whi_cell_get(&p->img, to, &cell) ? "is not a security cell"
							    : whi_cell_why(&p->img, to));
	return false;
}

/*
 * The ring, from the security cell of the root; without one there is none to be found, and the
 * root is reported.  It ends: each cell refers back to the one that led to it, so that the
 * first to be met again is the first of all.
 */
static void
review_ring(struct pass *p, cellref first)
{
	cellref ref = first;

	while (!p->closed && review_member(p, ref) && go_round(p, &ref))
		p->closed = ref.off == first.off;
}

static unsigned
count_bits(uint64_t word)
{
#ifdef __GNUC__
	return (unsigned)__builtin_popcountll(word);
#else
	unsigned count = 0;

	for (; word; word &= word - 1)
		count++;
	return count;
#endif
}

/* The ring is known: make room to count the users of its members. */
static enum wh_status
number_ring(struct pass *p)
{
	uint32_t count = 0;

	p->users = whi_zalloc(&p->hive->alloc, (p->members + 1) * sizeof *p->users);
	if (!p->users)
		return WH_E_MEMORY;
	for (size_t i = 0; i < p->words; i++) {
		p->before[i] = count;
		count += count_bits(p->ring[i]);
	}
	return WH_OK;
}

/* Which of 'users' is that of a member. */
static uint32_t
number_of(const struct pass *p, uint32_t bit)
{
	uint64_t below = (UINT64_C(1) << bit % WORD) - 1;

	return p->before[bit / WORD] + count_bits(p->ring[bit / WORD] & below);
}

static void
review_security(struct pass *p, const struct whi_nk *nk)
{
	struct view cell;
	uint32_t bit;

	if (place_of(p, nk->security, &bit) && is_set(p->ring, bit))
		p->users[number_of(p, bit)]++;
	else if (p->closed && security_at(p, nk->security, &cell))
		whi_report(&p->sink, WHI_RULE_SECURITY_RING, WHI_IN_CELL(nk->self),
			   "its security cell 0x%" PRIx32 " is not in the ring", nk->security.off);
}

/* A count of more than all keys there are would be no harm, but that it may be at its end. */
static void
review_count(struct pass *p, cellref ref, uint32_t users)
{
	struct view cell;
	const struct regf_sk *sk = security_at(p, ref, &cell);
	uint32_t count = sk ? le32_get(sk->references) : 0;

	if (count < users || count > INT32_MAX)
		whi_report(&p->sink, WHI_RULE_SECURITY_COUNT, WHI_IN_CELL(ref),
			   "counts %" PRIu32 " keys, but %" PRIu32 " refer to it", count, users);
}

static void
review_counts(struct pass *p)
{
	for (size_t i = 0; i < p->words; i++)
		for (uint64_t word = p->ring[i]; word; word &= word - 1) {
			uint32_t bit = (uint32_t)i * WORD + bits_lowest(word);

			review_count(p, (cellref){ bit * REGF_CELL_ALIGN },
				     p->users[number_of(p, bit)]);
		}
}

/* ------------------------------------------------------------------- values */

/*
 * Big data are read after their list of segments has been claimed, as a list that is shared
 * would be read once for each owner.
 */
static void
review_data(struct pass *p, const struct whi_vk *vk)
{
	const struct regf_db *db = NULL;
	struct whi_data data;
	struct view cell;

	if (!vk->in_place && vk->size > 0) {
		if (!claim(p, vk->data, vk->self, "data"))
			return;
		if (vk->size > REGF_SEGMENT)
			db = whi_cell_record(&p->img, vk->data, "db", sizeof *db, &cell);
		if (db && cell.len < vk->size &&
		    !claim(p, (cellref){ le32_get(db->list) }, vk->data, "list of segments"))
			return;
	}
	whi_data_open(&p->img, vk, &data);
	for (uint32_t i = 0; i < data.segments.len / sizeof(le32); i++)
		claim(p, (cellref){ view_u32(data.segments, i, sizeof(le32)) }, vk->data,
		      "a segment");
}

static void
review_value(struct pass *p, const struct whi_nk *nk, const struct whi_values *values, uint32_t i)
{
	cellref ref = { view_u32(values->cells, i, sizeof(le32)) };
	struct whi_vk vk;

	if (!whi_vk_parse(&p->img, ref, &vk) && whi_values_get(&p->img, values, i, &vk) != WH_OK)
		return;
	if (!claim(p, ref, nk->self, "a value"))
		return;
	whi_vk_review(&p->img, &vk);
	review_data(p, &vk);
}

static void
review_values(struct pass *p, const struct whi_nk *nk)
{
	struct whi_values values;

	if (nk->value_count == 0 || (nk->flags & WH_KEY_PREDEF_HANDLE) ||
	    !claim(p, nk->value_list, nk->self, "the value list") ||
	    whi_values_read(&p->img, nk, &values) != WH_OK)
		return;
	for (uint32_t i = 0; i < values.count; i++)
		review_value(p, nk, &values, i);
}

/* --------------------------------------------------------------------- keys */

static void
review_class(struct pass *p, const struct whi_nk *nk)
{
	struct view ignored;

	if (nk->class_len > 0 && claim(p, nk->class_cell, nk->self, "the class name") &&
	    whi_nk_class(&p->img, nk, &ignored) != WH_OK)
		return; /* has been reported */
}

/* Claim a subkey list or a leaf, if it is one; false: it has an owner. */
static bool
claim_list(struct pass *p, cellref ref, cellref owner, bool below_ri, struct whi_list *list)
{
	*list = (struct whi_list){ .count = 1 };
	return !whi_list_peek(&p->img, ref, below_ri, list) ||
	       claim(p, ref, owner, below_ri ? "a leaf" : "the subkey list");
}

/* The same for the list of a key with all its leaves. */
static bool
claim_lists(struct pass *p, const struct whi_nk *nk, bool *empty_leaf)
{
	struct whi_list list, leaf;
	bool all = claim_list(p, nk->subkey_list, nk->self, false, &list);

	if (list.kind != WHI_LIST_RI)
		return all;
	for (uint32_t i = 0; i < list.count && all; i++) {
		all = claim_list(p, whi_list_cell(&list, i), nk->subkey_list, true, &leaf);
		*empty_leaf |= leaf.count == 0;
	}
	return all;
}

/* Go on with the subkeys of a key. */
static void
enter(struct pass *p, const struct whi_nk *nk)
{
	struct frame *frame = &p->frames[p->depth];
	bool empty_leaf = false;

	if (nk->subkey_count > 0 && !claim_lists(p, nk, &empty_leaf))
		return;
	*frame = (struct frame){ .it.budget = UINT64_MAX, .list = nk->subkey_list };
	whi_subkeys_begin(&p->img, nk, &frame->it);
	frame->ordered = !frame->it.settled && !empty_leaf; /* settled: it cannot be read */
	if (nk->subkey_count > 0) {
		p->depth++;
		flip(p->path, nk->self);
	}
}

/* A key that can be read and was claimed; 'parent' is NIL for the root. */
static void
review_key(struct pass *p, const struct whi_nk *nk, cellref parent)
{
	whi_nk_review(&p->img, nk, parent);
	review_security(p, nk);
	review_class(p, nk);
	review_values(p, nk);
	if (nk->subkey_count > 0 || nk->subkey_list.off != REGF_NIL)
		enter(p, nk);
}

/* A key was met that was met before, or a cell that is something else. */
static void
report_again(struct pass *p, cellref ref, cellref parent)
{
	uint32_t bit;

	if (place_of(p, ref, &bit) && is_set(p->path, bit))
		whi_report(&p->sink, WHI_RULE_KEY_CYCLE, WHI_IN_CELL(ref),
			   "the key is below itself");
	else
		claim(p, ref, parent, "a subkey");
}

/* One subkey of the innermost frame; false if its list cannot be relied on. */
static bool
meet(struct pass *p, struct frame *frame, const struct whi_child *child)
{
	cellref parent = { frame->it.key.cell };
	struct whi_nk nk;
	bool in_place;

	if (!whi_nk_parse(&p->img, child->ref, &nk) &&
	    whi_nk_read(&p->img, child->ref, child->from, &nk) != WH_OK)
		return false;
	if (!take(p, child->ref)) {
		report_again(p, child->ref, parent);
		return false;
	}
	in_place = whi_child_review(&p->img, child, &nk, frame->last);
	frame->last = nk.name;
	if (p->depth > REGF_MAX_DEPTH)
		whi_report(&p->sink, WHI_RULE_KEY_DEPTH, WHI_IN_CELL(nk.self),
			   "nested more than %d deep", REGF_MAX_DEPTH);
	else
		review_key(p, &nk, parent);
	return in_place;
}

static void
review_tree(struct pass *p, const struct whi_nk *root)
{
	struct whi_child child;

	take(p, root->self);
	review_key(p, root, (cellref){ REGF_NIL });
	while (p->depth > 0) {
		struct frame *frame = &p->frames[p->depth - 1];
		enum wh_status st = whi_subkeys_next(&p->img, &frame->it, &child);

		if (st == WH_OK && meet(p, frame, &child))
			continue;
		if (st != WH_E_NO_MORE) {
			frame->ordered = false;
			continue;
		}
		if (frame->ordered)
			whi_index_mark(&p->img, frame->list);
		p->depth--;
		flip(p->path, (cellref){ frame->it.key.cell });
	}
}

/* --------------------------------------------------------------------- file */

/*
 * What opening found and reported.  In a dirty hive, whose base block is that of an earlier
 * moment, the bins may go on after the length that it gives.
 */
static void
review_file(struct pass *p)
{
	struct whi_sink silent = { judge_again, p };
	struct regf_base base;

	memcpy(&base, p->img.bytes, sizeof base);
	whi_base_review(&base, &silent);
	if (p->img.damaged || p->img.cut || le32_get(base.root_cell) != p->hive->root.off)
		p->unsound = true;
	if (p->hive->state != WH_DIRTY && le32_get(base.length) != p->img.length)
		p->unsound = true;
}

static enum wh_status
run(struct pass *p)
{
	const struct wh_allocator *a = &p->hive->alloc;
	struct whi_nk root;
	enum wh_status st;

	p->owned = whi_zalloc(a, p->words * sizeof *p->owned);
	p->path = whi_zalloc(a, p->words * sizeof *p->path);
	p->ring = whi_zalloc(a, p->words * sizeof *p->ring);
	p->before = whi_zalloc(a, p->words * sizeof *p->before);
	if (!p->owned || !p->path || !p->ring || !p->before)
		return WH_E_MEMORY;
	review_file(p);
	st = whi_nk_read(&p->img, p->hive->root, REGF_BINS, &root);
	if (st != WH_OK)
		return st;
	review_ring(p, root.security);
	st = number_ring(p);
	if (st != WH_OK)
		return st;
	review_tree(p, &root);
	review_counts(p);
	return p->unsound ? WH_E_CORRUPT : WH_OK;
}

enum wh_status
whi_hive_sound(struct wh_hive *hive)
{
	const struct wh_allocator *a = &hive->alloc;
	struct pass *p = whi_zalloc(a, sizeof *p);
	enum wh_status st;

	if (!p)
		return WH_E_MEMORY;
	p->hive = hive;
	p->sink = (struct whi_sink){ judge, p };
	p->img = hive->img;
	p->img.sink = &p->sink;
	p->words = (hive->img.length / REGF_CELL_ALIGN + WORD - 1) / WORD;
	st = run(p);
	whi_free(a, p->owned, p->words * sizeof *p->owned);
	whi_free(a, p->path, p->words * sizeof *p->path);
	whi_free(a, p->ring, p->words * sizeof *p->ring);
	whi_free(a, p->before, p->words * sizeof *p->before);
	whi_free(a, p->users, (p->members + 1) * sizeof *p->users);
	whi_free(a, p, sizeof *p);
	return st;
}
