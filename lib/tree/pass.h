/* SPDX-License-Identifier: MIT */
/*
 * One pass over everything that can be reached in a hive.  It serves two: whi_hive_sound(), before
 * the first change, which wants to know what a change relies on, and wh_hive_check(), which wants
 * to know everything and says so with 'check'.
 */
#ifndef WHI_TREE_PASS_H
#define WHI_TREE_PASS_H

#include "hive/hive.h"
#include "tree/subkeys.h"
#include "tree/vk.h"

struct whi_check;

/* A key whose subkeys are being met. */
struct whi_frame {
	struct wh_subkeys it;
	cellref list;
	struct whi_name name, last; /* its own; that of the subkey met before */
	const struct regf_nk *disk;
	bool ordered;                         /* so far, look-ups can rely on the list */
	bool whole;                           /* so far, all subkeys could be read */
	uint32_t longest_name, longest_class; /* of the subkeys, bytes of UTF-16 */
};

struct whi_pass {
	struct wh_hive *hive;
	struct whi_image img; /* that of the hive, but what is reported goes by here */
	struct whi_bins bins;
	struct whi_sink sink;
	struct whi_check *check; /* NULL: only what a change relies on */

	uint64_t *owned; /* a bit for every 8 bytes of the bins */
	size_t words;
	cellref *members; /* of the ring, in order of their places once all are known */
	uint32_t *users;  /* of each of them */
	size_t member_count, member_cap;
	cellref used_last; /* the member that was counted last, and its place; or NIL */
	size_t used_at;
	bool closed; /* the ring is one */
	bool lost;   /* not all keys were met */

	struct whi_name at; /* the key in hand, if it is not a frame yet; else 'at.at' is NULL */
	size_t depth;
	struct whi_frame frames[REGF_MAX_DEPTH + 1];
};

/*
 * Go over all of 'hive'; 'report' gets what is found, with 'ctx'.  WH_E_MEMORY, or WH_E_CORRUPT
 * if the root key cannot be read.
 */
enum wh_status whi_pass_run(struct wh_hive *hive, wh_issue_fn *report, void *ctx,
			    struct whi_check *check);

/* The bit of a cell; false: no cell can be there. */
static inline bool
whi_pass_place(const struct whi_pass *p, cellref ref, uint32_t *bit)
{
	*bit = ref.off >> 3 | ref.off << 29;
	return *bit < p->img.length / REGF_CELL_ALIGN;
}

/* What lies there will be asked for soon, if it is anything. */
static inline void
whi_pass_prefetch(const struct whi_pass *p, uint32_t off)
{
#ifdef __GNUC__
	if (off < p->img.length)
		__builtin_prefetch(p->img.bytes + REGF_BINS + off);
#else
	(void)p;
	(void)off;
#endif
}

enum { WHI_WORD = 64 };

static inline bool
whi_pass_is_set(const uint64_t *map, uint32_t bit)
{
	return map[bit / WHI_WORD] >> bit % WHI_WORD & 1;
}

static inline void
whi_pass_set(uint64_t *map, uint32_t bit)
{
	map[bit / WHI_WORD] |= UINT64_C(1) << bit % WHI_WORD;
}

/* Has a cell, which there is, an owner? */
static inline bool
whi_pass_is_taken(const struct whi_pass *p, cellref ref)
{
	return whi_pass_is_set(p->owned, ref.off / REGF_CELL_ALIGN);
}

/* It has one now. */
static inline void
whi_pass_own(struct whi_pass *p, cellref ref)
{
	whi_pass_set(p->owned, ref.off / REGF_CELL_ALIGN);
}

/* Claim a cell, if it is one: who reads it will say so if not.  False: it has an owner. */
static inline bool
whi_pass_take(struct whi_pass *p, cellref ref)
{
	uint32_t bit;

	if (!whi_pass_place(p, ref, &bit))
		return true;
	if (whi_pass_is_set(p->owned, bit))
		return false;
	whi_pass_set(p->owned, bit);
	return true;
}

/* The same, and who has it already is reported: 'what' of 'owner' wanted it. */
bool whi_pass_shared(struct whi_pass *p, cellref ref, cellref owner, const char *what);
static inline bool
whi_pass_claim(struct whi_pass *p, cellref ref, cellref owner, const char *what)
{
	return whi_pass_take(p, ref) || whi_pass_shared(p, ref, owner, what);
}

/*
 * pass_security.c: the ring of security cells, before the tree; their users, one by one; and
 * what they count, when all keys were met.
 */
enum wh_status whi_pass_ring(struct whi_pass *p, cellref first);
void whi_pass_other_user(struct whi_pass *p, const struct whi_nk *nk);
enum wh_status whi_pass_counts(struct whi_pass *p);

static inline void
whi_pass_user(struct whi_pass *p, const struct whi_nk *nk)
{
	/* As that of the key before it, most often. */
	if (nk->security.off == p->used_last.off && nk->security.off != REGF_NIL)
		p->users[p->used_at]++;
	else
		whi_pass_other_user(p, nk);
}

#endif
