/* SPDX-License-Identifier: MIT */
/* Security cells in the pass: one ring, its members counted by those who refer to them. */
#include "tree/pass.h"

#include "base/mem.h"
#include "tree/check.h"

#include <inttypes.h>

static const struct regf_sk *
security_at(const struct whi_pass *p, cellref ref, struct view *cell)
{
	return whi_cell_record(&p->img, ref, "sk", sizeof(struct regf_sk), cell);
}

/* A member of the ring, if it is a security cell, else '*more' is false. */
static enum wh_status
review_member(struct whi_pass *p, cellref ref, bool *more)
{
	void *members = p->members;
	struct view cell;
	const struct regf_sk *sk = security_at(p, ref, &cell);

	*more = sk && whi_pass_claim(p, ref, ref, "member of the ring");
	if (!*more)
		return WH_OK;
	if (!whi_grow(&p->hive->alloc, &members, &p->member_cap, p->member_count + 1,
		      sizeof *p->members))
		return WH_E_MEMORY;
	p->members = members;
	p->members[p->member_count++] = ref;
	if (le32_get(sk->len) > cell.len - sizeof *sk)
		whi_report(&p->sink, WHI_RULE_SECURITY_LENGTH, WHI_IN_CELL(ref),
			   "descriptor of %" PRIu32 " bytes, %zu left in the cell",
			   le32_get(sk->len), cell.len - sizeof *sk);
	return WH_OK;
}

/* From a member of the ring to the next one, which must refer back to it. */
static bool
go_round(struct whi_pass *p, cellref *ref)
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

static bool
before(const void *array, size_t a, size_t b)
{
	const cellref *all = array;

	return all[a].off < all[b].off;
}

static void
swap(void *array, size_t a, size_t b)
{
	cellref *all = array, was = all[a];

	all[a] = all[b];
	all[b] = was;
}

/*
 * The ring, from the security cell of the root; without one there is none to be found, and the
 * root is reported.  It ends: each cell refers back to the one that led to it, so that the
 * first to be met again is the first of all.
 */
enum wh_status
whi_pass_ring(struct whi_pass *p, cellref first)
{
	cellref ref = first;
	enum wh_status st;
	bool more;

	do {
		st = review_member(p, ref, &more);
		if (st != WH_OK)
			return st;
		more = more && go_round(p, &ref);
		p->closed = more && ref.off == first.off;
	} while (more && !p->closed);
	whi_check_sort(p->member_count, before, swap, p->members);
	p->users = whi_zalloc(&p->hive->alloc, (p->member_count + 1) * sizeof *p->users);
	return p->users ? WH_OK : WH_E_MEMORY;
}

/* Which member is at 'ref'?  False: none. */
static bool
find_member(const struct whi_pass *p, cellref ref, size_t *at)
{
	size_t low = 0, high = p->member_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->members[middle].off < ref.off)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < p->member_count && p->members[low].off == ref.off;
}

void
whi_pass_other_user(struct whi_pass *p, const struct whi_nk *nk)
{
	const struct regf_sk *sk;
	struct view cell, ignored;
	size_t at;

	(void)whi_nk_security(&p->img, nk, &ignored); /* what is wrong with it is reported */
	if (find_member(p, nk->security, &at)) {
		p->used_last = nk->security;
		p->used_at = at;
		if (p->users[at]++ == 0 && p->check)
			whi_check_descriptor(p, nk->security);
		return;
	}
	sk = security_at(p, nk->security, &cell);
	if (sk && p->check)
		whi_pass_take(p, nk->security);
	if (sk && p->closed)
		whi_report(&p->sink, WHI_RULE_SECURITY_RING, WHI_IN_CELL(nk->self),
			   "its security cell 0x%" PRIx32 " is not in the ring", nk->security.off);
}

/* A count of more than all keys there are would be no harm, but that it may be at its end. */
static void
review_count(struct whi_pass *p, cellref ref, uint32_t users)
{
	struct view cell;
	const struct regf_sk *sk = security_at(p, ref, &cell);
	uint32_t count = sk ? le32_get(sk->references) : 0;

	if (count < users || count > INT32_MAX)
		whi_report(&p->sink, WHI_RULE_SECURITY_COUNT, WHI_IN_CELL(ref),
			   "counts %" PRIu32 " keys, but %" PRIu32 " refer to it", count, users);
	else if (p->check && !p->lost && (count > users || users == 0))
		whi_report(&p->sink, WHI_RULE_SECURITY_UNUSED, WHI_IN_CELL(ref),
			   "counts %" PRIu32 " keys, but %" PRIu32 " refer to it", count, users);
	if (p->check && users == 0)
		whi_check_descriptor(p, ref);
}

enum wh_status
whi_pass_counts(struct whi_pass *p)
{
	for (size_t i = 0; i < p->member_count; i++)
		review_count(p, p->members[i], p->users[i]);
	return p->check ? whi_check_descriptors(p) : WH_OK;
}
