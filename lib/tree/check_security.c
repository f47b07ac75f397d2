/* SPDX-License-Identifier: MIT */
/* The security descriptors of a hive, each by itself and all of them together. */
#include "tree/check.h"

#include "base/mem.h"
#include "tree/sk.h"

#include <inttypes.h>
#include <string.h>

struct descriptor {
	struct view bytes;
	cellref cell;
};

/* False: it does not end in its cell, which is reported elsewhere. */
static bool
descriptor_at(const struct whi_pass *p, cellref ref, struct descriptor *out)
{
	struct view cell;
	const struct regf_sk *sk =
		whi_cell_record(&p->img, ref, "sk", sizeof(struct regf_sk), &cell);

	out->cell = ref;
	return sk && view_sub(cell, sizeof *sk, le32_get(sk->len), &out->bytes);
}

void
whi_check_descriptor(struct whi_pass *p, cellref ref)
{
	struct descriptor d;

	if (descriptor_at(p, ref, &d) && !whi_sd_valid(d.bytes.at, d.bytes.len))
		whi_report(&p->sink, WHI_RULE_SECURITY_DESCRIPTOR, WHI_IN_CELL(ref),
			   "the %" PRIu32 " bytes are no security descriptor that is well formed",
			   d.bytes.len);
}

static int
compare(const struct descriptor *a, const struct descriptor *b)
{
	if (a->bytes.len != b->bytes.len)
		return a->bytes.len < b->bytes.len ? -1 : 1;
	return a->bytes.len > 0 ? memcmp(a->bytes.at, b->bytes.at, a->bytes.len) : 0;
}

static bool
before(const void *array, size_t a, size_t b)
{
	const struct descriptor *all = array;
	int order = compare(&all[a], &all[b]);

	return order != 0 ? order < 0 : all[a].cell.off < all[b].cell.off;
}

static void
swap(void *array, size_t a, size_t b)
{
	struct descriptor *all = array, was = all[a];

	all[a] = all[b];
	all[b] = was;
}

/* The members of the ring that have a descriptor. */
static size_t
list_descriptors(const struct whi_pass *p, struct descriptor *all)
{
	size_t count = 0;

	for (size_t i = 0; i < p->member_count; i++)
		count += descriptor_at(p, p->members[i], &all[count]);
	return count;
}

enum wh_status
whi_check_descriptors(struct whi_pass *p)
{
	size_t room = p->member_count, count;
	struct descriptor *all = whi_alloc(&p->hive->alloc, room * sizeof *all);

	if (!all)
		return WH_E_MEMORY;
	count = list_descriptors(p, all);
	whi_check_sort(count, before, swap, all);
	for (size_t i = 1; i < count; i++)
		if (compare(&all[i - 1], &all[i]) == 0)
			whi_report(&p->sink, WHI_RULE_SECURITY_TWICE, WHI_IN_CELL(all[i].cell),
				   "the security cell 0x%" PRIx32 " has the same descriptor",
				   all[i - 1].cell.off);
	whi_free(&p->hive->alloc, all, room * sizeof *all);
	return WH_OK;
}
