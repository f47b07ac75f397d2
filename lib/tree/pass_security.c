/* SPDX-License-Identifier: MIT */
/* Security cells in the pass: one ring, its members counted by those who refer to them. */
#include "tree/pass.h"

#include "base/bits.h"
#include "base/mem.h"
#include "tree/check.h"

#include <inttypes.h>

static const struct regf_sk *
security_at(const struct whi_pass *p, cellref ref, struct view *cell)
{
	return whi_cell_record(&p->img, ref, "sk", sizeof(struct regf_sk), cell);
}

/* A member of the ring, if it is a security cell. */
static bool
review_member(struct whi_pass *p, cellref ref)
{
	struct view cell;
	const struct regf_sk *sk = security_at(p, ref, &cell);
	uint32_t bit;

	if (!sk || !whi_pass_place(p, ref, &bit) ||
	    !whi_pass_claim(p, ref, ref, "member of the ring"))
		return false;
	whi_pass_set(p->ring, bit);
	p->members++;
	if (le32_get(sk->len) > cell.len - sizeof *sk)
		whi_report(&p->sink, WHI_RULE_SECURITY_LENGTH, WHI_IN_CELL(ref),
			   "descriptor of %" PRIu32 " bytes, %zu left in the cell",
			   le32_get(sk->len), cell.len - sizeof *sk);
	return true;
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
number_ring(struct whi_pass *p)
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

/*
 * The ring, from the security cell of the root; without one there is none to be found, and the
 * root is reported.  It ends: each cell refers back to the one that led to it, so that the
 * first to be met again is the first of all.
 */
enum wh_status
whi_pass_ring(struct whi_pass *p, cellref first)
{
	cellref ref = first;

	while (!p->closed && review_member(p, ref) && go_round(p, &ref))
		p->closed = ref.off == first.off;
	return number_ring(p);
}

/* Which of 'users' is that of a member. */
static uint32_t
number_of(const struct whi_pass *p, uint32_t bit)
{
	uint64_t below = (UINT64_C(1) << bit % WHI_WORD) - 1;

	return p->before[bit / WHI_WORD] + count_bits(p->ring[bit / WHI_WORD] & below);
}

void
whi_pass_user(struct whi_pass *p, const struct whi_nk *nk)
{
	const struct regf_sk *sk;
	struct view cell, ignored;
	uint32_t bit;

	/* As that of the key before it, most often. */
	if (p->user_known && nk->security.off == p->user_of.off) {
		p->users[p->user_at]++;
		return;
	}
	(void)whi_nk_security(&p->img, nk, &ignored); /* what is wrong with it is reported */
	if (whi_pass_place(p, nk->security, &bit) && whi_pass_is_set(p->ring, bit)) {
		p->user_known = true;
		p->user_of = nk->security;
		p->user_at = number_of(p, bit);
		if (p->users[p->user_at]++ == 0 && p->check)
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
	for (size_t i = 0; i < p->words; i++)
		for (uint64_t word = p->ring[i]; word; word &= word - 1) {
			uint32_t bit = (uint32_t)i * WHI_WORD + bits_lowest(word);

			review_count(p, (cellref){ bit * REGF_CELL_ALIGN },
				     p->users[number_of(p, bit)]);
		}
	return p->check ? whi_check_descriptors(p) : WH_OK;
}
