/* SPDX-License-Identifier: MIT */
/*
 * The ring of security cells.
 *
 * A ring is followed only over links that agree in both directions.  Then no two cells lead to
 * the same one, so that the way cannot run into a loop that leaves out where it began.
 */
#include "tree/sk.h"

#include "base/marvin.h"

#include <string.h>

/* A security cell as it is now; the descriptor is good until a cell is made. */
struct sk {
	cellref self, next, previous;
	uint32_t references;
	struct view descriptor;
};

static bool
read_sk(const struct whi_image *img, cellref ref, struct sk *sk)
{
	struct view cell;
	const struct regf_sk *disk = whi_cell_record(img, ref, "sk", sizeof(struct regf_sk), &cell);

	if (!disk)
		return false;
	sk->self = ref;
	sk->next.off = le32_get(disk->next);
	sk->previous.off = le32_get(disk->previous);
	sk->references = le32_get(disk->references);
	return view_sub(cell, sizeof *disk, le32_get(disk->len), &sk->descriptor);
}

/* The cell behind 'sk' in the ring; false if the ring is broken there. */
static bool
read_next(const struct whi_image *img, const struct sk *sk, struct sk *next)
{
	return read_sk(img, sk->next, next) && next->previous.off == sk->self.off;
}

static void
set_next(struct whi_edit *e, cellref sk, cellref next)
{
	whi_cell_write32(e, sk, offsetof(struct regf_sk, next), next.off);
}

static void
set_previous(struct whi_edit *e, cellref sk, cellref previous)
{
	whi_cell_write32(e, sk, offsetof(struct regf_sk, previous), previous.off);
}

/* ------------------------------------------------------------------- finding */

static uint32_t
hash_of(struct view descriptor)
{
	uint64_t hash = whi_marvin(descriptor.at, descriptor.len);

	return (uint32_t)(hash ^ hash >> 32);
}

static bool
equal(struct view a, struct view b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* The index is as the image is, if no edit was undone since. */
static bool
index_is_good(const struct wh_hive *hive)
{
	return hive->sks.made && hive->sks.undone == hive->edit->undone;
}

static void
enter(struct wh_hive *hive, cellref ref, struct view descriptor)
{
	if (!whi_cell_index_add(&hive->sks, &hive->alloc, hash_of(descriptor), ref))
		whi_edit_fail(hive->edit, WH_E_MEMORY);
}

/* Enter all of the ring that can be reached. */
static void
make_index(struct wh_hive *hive, const struct sk *first)
{
	struct sk sk = *first, next;

	whi_cell_index_clear(&hive->sks);
	enter(hive, sk.self, sk.descriptor);
	while (hive->edit->status == WH_OK && read_next(&hive->img, &sk, &next) &&
	       next.self.off != first->self.off) {
		sk = next;
		enter(hive, sk.self, sk.descriptor);
	}
	hive->sks.made = hive->edit->status == WH_OK;
	hive->sks.undone = hive->edit->undone;
}

/* The cell with a descriptor, if there is one in the ring of 'near'. */
static bool
find(struct wh_hive *hive, struct view descriptor, const struct sk *near, struct sk *found)
{
	uint32_t hash;
	cellref ref;

	*found = *near;
	if (equal(near->descriptor, descriptor))
		return true;
	if (!index_is_good(hive))
		make_index(hive, near);
	hash = hash_of(descriptor);
	for (size_t at = 0; ref = whi_cell_index_next(&hive->sks, hash, &at), ref.off != REGF_NIL;)
		if (read_sk(&hive->img, ref, found) && equal(found->descriptor, descriptor))
			return true;
	return false;
}

/* ------------------------------------------------------------------ counting */

static cellref
count_up(struct whi_edit *e, const struct sk *sk)
{
	if (sk->references == UINT32_MAX)
		whi_edit_fail(e, WH_E_TOO_BIG);
	whi_cell_write32(e, sk->self, offsetof(struct regf_sk, references), sk->references + 1);
	return e->status == WH_OK ? sk->self : (cellref){ REGF_NIL };
}

/* A new cell, used once, behind 'near'; NIL: a ring of its own. */
static cellref
make_sk(struct wh_hive *hive, struct view descriptor, const struct sk *near)
{
	struct whi_edit *e = hive->edit;
	struct sk next = { 0 };
	struct regf_sk disk = {
		.sig = { 's', 'k' },
		.references = le32_make(1),
		.len = le32_make(descriptor.len),
	};
	cellref self;

	if (near && !read_next(&hive->img, near, &next))
		whi_edit_fail(e, WH_E_CORRUPT);
	if (descriptor.len > WHI_CELL_MAX - sizeof disk)
		whi_edit_fail(e, WH_E_TOO_BIG);
	self = whi_cell_new(e, (uint32_t)sizeof disk + descriptor.len,
			    near ? near->self : (cellref){ REGF_NIL });
	disk.next = le32_make(near ? next.self.off : self.off);
	disk.previous = le32_make(near ? near->self.off : self.off);
	whi_cell_write(e, self, 0, &disk, sizeof disk);
	whi_cell_write(e, self, sizeof disk, descriptor.at, descriptor.len);
	if (near) {
		set_previous(e, next.self, self);
		set_next(e, near->self, self);
	}
	if (e->status == WH_OK && index_is_good(hive))
		enter(hive, self, descriptor);
	return e->status == WH_OK ? self : (cellref){ REGF_NIL };
}

/* The security cell of a key; the edit fails if it cannot be read. */
static bool
of_key(struct wh_hive *hive, cellref key, struct sk *sk)
{
	struct whi_nk nk;

	if (hive->edit->status != WH_OK)
		return false;
	if (whi_nk_parse(&hive->img, key, &nk) && read_sk(&hive->img, nk.security, sk))
		return true;
	whi_edit_fail(hive->edit, WH_E_CORRUPT);
	return false;
}

cellref
whi_sk_acquire(struct wh_hive *hive, const void *descriptor, uint32_t len, cellref near)
{
	struct view wanted = { descriptor, len };
	struct sk beside, found;
	bool there;

	if (near.off == REGF_NIL)
		return make_sk(hive, wanted, NULL);
	if (!of_key(hive, near, &beside))
		return (cellref){ REGF_NIL };
	there = find(hive, wanted, &beside, &found);
	return there ? count_up(hive->edit, &found) : make_sk(hive, wanted, &beside);
}

cellref
whi_sk_share(struct wh_hive *hive, cellref key)
{
	struct sk sk;

	return of_key(hive, key, &sk) ? count_up(hive->edit, &sk) : (cellref){ REGF_NIL };
}

/* Take a cell out of the ring. */
static void
unlink_sk(struct wh_hive *hive, const struct sk *sk)
{
	struct whi_edit *e = hive->edit;
	struct sk next, previous;

	if (sk->next.off == sk->self.off)
		return; /* the last one */
	if (!read_next(&hive->img, sk, &next) || !read_sk(&hive->img, sk->previous, &previous) ||
	    previous.next.off != sk->self.off) {
		whi_edit_fail(e, WH_E_CORRUPT);
		return;
	}
	set_next(e, sk->previous, sk->next);
	set_previous(e, sk->next, sk->previous);
}

void
whi_sk_release(struct wh_hive *hive, cellref ref)
{
	struct whi_edit *e = hive->edit;
	struct sk sk;

	if (e->status != WH_OK)
		return;
	if (!read_sk(&hive->img, ref, &sk)) {
		whi_edit_fail(e, WH_E_CORRUPT);
		return;
	}
	if (sk.references > 1) {
		whi_cell_write32(e, ref, offsetof(struct regf_sk, references), sk.references - 1);
		return;
	}
	unlink_sk(hive, &sk);
	whi_cell_write32(e, ref, offsetof(struct regf_sk, references), 0);
	if (index_is_good(hive))
		whi_cell_index_remove(&hive->sks, hash_of(sk.descriptor), ref);
	whi_cell_free(e, ref);
}
