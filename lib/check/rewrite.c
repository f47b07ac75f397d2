/* SPDX-License-Identifier: MIT */
#include "check/rewrite.h"

#include "base/marvin.h"
#include "base/mem.h"
#include "hive/base_block.h"
#include "hive/hive.h"
#include "tree/index_edit.h"

#include <string.h>

enum {
	LEAVES_MAX = UINT16_MAX,
	SEGMENT_ROOM = REGF_SEGMENT + 4, /* bytes of cell data, of the last one too */
	DB_ROOM = 12,
};

void
whi_rewrite_fail(struct whi_rewrite *r, enum wh_status status)
{
	if (r->out.status == WH_OK)
		r->out.status = status;
}

void
whi_rewrite_begin(struct whi_rewrite *r, const struct whi_image *from, struct whi_image *to,
		  const struct wh_allocator *alloc, uint64_t reserve)
{
	*r = (struct whi_rewrite){ .alloc = alloc, .from = from };
	whi_pack_begin(&r->out, to, alloc, reserve);
}

void
whi_rewrite_fini(struct whi_rewrite *r)
{
	whi_free(r->alloc, r->sks, r->sk_cap * sizeof *r->sks);
	whi_cell_index_fini(&r->by_cell, r->alloc);
	whi_cell_index_fini(&r->by_descriptor, r->alloc);
}

cellref
whi_rewrite_cell(struct whi_rewrite *r, uint64_t len, int64_t old_len)
{
	uint64_t size = len <= WHI_CELL_MAX ? whi_cell_size((uint32_t)len) : 0;

	if (size == 0 || (old_len != WHI_NEW && (int64_t)size > old_len + REGF_CELL_HEAD))
		size = (len + REGF_CELL_HEAD + REGF_CELL_ALIGN - 1) / REGF_CELL_ALIGN *
		       REGF_CELL_ALIGN;
	if (size > REGF_MAX_LENGTH)
		whi_rewrite_fail(r, WH_E_TOO_BIG);
	return whi_pack_cell(&r->out, (uint32_t)size);
}

/* -------------------------------------------------------------- security */

static uint32_t
hash_of_descriptor(struct view descriptor)
{
	uint64_t hash = whi_marvin(descriptor.at, descriptor.len);

	return (uint32_t)(hash ^ hash >> 32);
}

/* The numbers in an index are those of 'sks', + 2. */
static void
add(struct whi_rewrite *r, struct whi_cell_index *index, uint32_t hash, size_t i)
{
	if (!whi_cell_index_add(index, r->alloc, hash, (cellref){ (uint32_t)i + 2 }))
		whi_rewrite_fail(r, WH_E_MEMORY);
}

/* The next entry of that hash; false: there is none. */
static bool
look_up(const struct whi_cell_index *index, uint32_t hash, size_t *at, size_t *i)
{
	cellref found = whi_cell_index_next(index, hash, at);

	*i = found.off - 2;
	return found.off != REGF_NIL;
}

static bool
find_descriptor(const struct whi_rewrite *r, struct view descriptor, uint32_t hash, size_t *i)
{
	for (size_t at = 0; look_up(&r->by_descriptor, hash, &at, i);) {
		struct view other = r->sks[*i].descriptor;

		if (other.len == descriptor.len &&
		    (other.len == 0 || memcmp(other.at, descriptor.at, other.len) == 0))
			return true;
	}
	return false;
}

/* All but what refers to other security cells, and the count, which are written last. */
static void
write_sk(struct whi_rewrite *r, struct view descriptor, int64_t old_len)
{
	struct regf_sk disk = { .sig = { 's', 'k' }, .len = le32_make(descriptor.len) };
	struct whi_made_sk made = { .descriptor = descriptor };
	void *sks = r->sks;

	if (!whi_grow(r->alloc, &sks, &r->sk_cap, r->sk_count + 1, sizeof *r->sks)) {
		whi_rewrite_fail(r, WH_E_MEMORY);
		return;
	}
	r->sks = sks;
	made.cell = whi_rewrite_cell(r, sizeof disk + (uint64_t)descriptor.len, old_len);
	whi_pack_write(&r->out, made.cell, 0, &disk, sizeof disk);
	whi_pack_write(&r->out, made.cell, sizeof disk, descriptor.at, descriptor.len);
	r->sks[r->sk_count++] = made;
}

bool
whi_rewrite_knows(const struct whi_rewrite *r, cellref old, size_t *i)
{
	size_t at = 0;

	return look_up(&r->by_cell, whi_rewrite_hash(old), &at, i);
}

bool
whi_rewrite_enter(struct whi_rewrite *r, cellref old, struct view descriptor, int64_t old_len,
		  size_t *i)
{
	uint32_t content = hash_of_descriptor(descriptor);
	bool there = find_descriptor(r, descriptor, content, i);

	if (!there) {
		*i = r->sk_count;
		write_sk(r, descriptor, old_len);
		add(r, &r->by_descriptor, content, *i);
	}
	add(r, &r->by_cell, whi_rewrite_hash(old), *i);
	return there;
}

cellref
whi_rewrite_use(struct whi_rewrite *r, size_t i)
{
	if (whi_rewrite_failed(r))
		return (cellref){ REGF_NIL };
	r->sks[i].users++;
	return r->sks[i].cell;
}

void
whi_rewrite_ring(struct whi_rewrite *r)
{
	for (size_t i = 0; i < r->sk_count; i++) {
		const struct whi_made_sk *sk = &r->sks[i];
		cellref next = r->sks[(i + 1) % r->sk_count].cell;
		cellref previous = r->sks[(i + r->sk_count - 1) % r->sk_count].cell;

		whi_pack_write32(&r->out, sk->cell, offsetof(struct regf_sk, next), next.off);
		whi_pack_write32(&r->out, sk->cell, offsetof(struct regf_sk, previous),
				 previous.off);
		whi_pack_write32(&r->out, sk->cell, offsetof(struct regf_sk, references),
				 sk->users);
	}
}

/* ---------------------------------------------------------------- values */

/* Copy 'len' bytes of data, from 'at' on, to a cell. */
static void
write_data(struct whi_rewrite *r, const struct whi_data *data, uint32_t at, uint32_t len,
	   cellref to)
{
	for (uint32_t done = 0; done < len && !whi_rewrite_failed(r);) {
		struct view piece =
			view_clamp(whi_data_piece(r->from, data, at + done), 0, len - done);

		if (piece.len == 0)
			whi_rewrite_fail(r, WH_E_CORRUPT);
		whi_pack_write(&r->out, to, done, piece.at, piece.len);
		done += piece.len;
	}
}

static cellref
write_big(struct whi_rewrite *r, const struct whi_data *data, uint32_t size)
{
	uint32_t count = (size + REGF_SEGMENT - 1) / REGF_SEGMENT;
	cellref db = whi_rewrite_cell(r, DB_ROOM, WHI_NEW);
	cellref list = whi_rewrite_cell(r, count * sizeof(le32), WHI_NEW);
	struct regf_db disk = {
		.sig = { 'd', 'b' },
		.count = le16_make((uint16_t)count),
		.list = le32_make(list.off),
	};

	whi_pack_write(&r->out, db, 0, &disk, sizeof disk);
	for (uint32_t i = 0; i < count && !whi_rewrite_failed(r); i++) {
		uint32_t at = i * REGF_SEGMENT;
		cellref segment = whi_rewrite_cell(r, SEGMENT_ROOM, WHI_NEW);

		whi_pack_write32(&r->out, list, i * (uint32_t)sizeof(le32), segment.off);
		write_data(r, data, at, size - at < REGF_SEGMENT ? size - at : REGF_SEGMENT,
			   segment);
	}
	return db;
}

/* Data in cells of their own, in the form that the version has for so many. */
static cellref
write_cells(struct whi_rewrite *r, const struct whi_vk *vk, const struct whi_data *data)
{
	bool old = r->from->minor < REGF_DB_MINOR;
	struct view cell;
	cellref to;

	if (vk->size > REGF_SEGMENT && (!old || (data->big && vk->size > WHI_CELL_MAX)))
		return write_big(r, data, vk->size);
	whi_cell_get(r->from, vk->data, &cell);
	to = whi_rewrite_cell(r, vk->size, data->big ? vk->size : cell.len);
	write_data(r, data, 0, vk->size, to);
	return to;
}

cellref
whi_rewrite_value(struct whi_rewrite *r, const struct whi_vk *vk, const struct whi_data *data)
{
	bool own = !vk->in_place && vk->size == 0; /* as Windows has a tombstone */
	cellref self =
		whi_rewrite_cell(r, sizeof(struct regf_vk) + (uint64_t)vk->name.len, vk->cell_len);
	struct regf_vk disk = {
		.sig = { 'v', 'k' },
		.name_len = le16_make((uint16_t)vk->name.len),
		.data_len = le32_make(vk->size),
		.type = le32_make(vk->type),
		.flags = le16_make(vk->flags),
	};

	if (whi_rewrite_failed(r))
		return self;
	if (own) {
		disk.data = le32_make(REGF_NIL);
	} else if (vk->size <= VK_INLINE_MAX) {
		disk.data_len = le32_make(vk->size | VK_INLINE);
		if (vk->size > 0)
			memcpy(&disk.data, whi_data_piece(r->from, data, 0).at, vk->size);
	} else {
		disk.data = le32_make(write_cells(r, vk, data).off);
	}
	whi_pack_write(&r->out, self, 0, &disk, sizeof disk);
	whi_pack_write(&r->out, self, sizeof disk, vk->name.at, vk->name.len);
	return self;
}

cellref
whi_rewrite_class(struct whi_rewrite *r, struct view text, int64_t old_len)
{
	cellref to = { REGF_NIL };

	if (text.len == 0)
		return to;
	to = whi_rewrite_cell(r, text.len, old_len);
	whi_pack_write(&r->out, to, 0, text.at, text.len);
	return to;
}

/* ---------------------------------------------------------- subkey lists */

static uint32_t
offset_of(enum whi_list_kind kind, uint32_t i)
{
	return (uint32_t)sizeof(struct regf_list) + i * whi_list_stride(kind);
}

static cellref
make_list(struct whi_rewrite *r, enum whi_list_kind kind, uint32_t count)
{
	struct regf_list head = whi_list_head(kind, count);
	cellref ref = whi_rewrite_cell(r, offset_of(kind, count), WHI_NEW);

	whi_pack_write(&r->out, ref, 0, &head, sizeof head);
	return ref;
}

/* Elements of leaf number 'i': all are about as long. */
static uint32_t
leaf_count(const struct whi_rewrite_lists *lists, uint32_t i)
{
	return lists->count / lists->leaves + (i < lists->count % lists->leaves);
}

void
whi_rewrite_lists(struct whi_rewrite *r, struct whi_rewrite_lists *lists, uint32_t count)
{
	*lists = (struct whi_rewrite_lists){
		.list = { REGF_NIL },
		.kind = whi_index_leaf_kind(r->from->minor, count),
		.leaves = count / WHI_LEAF_MAX + (count % WHI_LEAF_MAX > 0),
		.count = count,
		.due = count,
	};
	if (lists->leaves > LEAVES_MAX)
		whi_rewrite_fail(r, WH_E_TOO_BIG);
	if (whi_rewrite_failed(r) || count == 0)
		return;
	if (lists->leaves == 1) {
		lists->list = lists->leaf = make_list(r, lists->kind, count);
		lists->left = count;
		return;
	}
	lists->list = make_list(r, WHI_LIST_RI, lists->leaves);
	for (uint32_t i = 0; i < lists->leaves; i++) {
		cellref leaf = make_list(r, lists->kind, leaf_count(lists, i));

		whi_pack_write32(&r->out, lists->list, offset_of(WHI_LIST_RI, i), leaf.off);
	}
}

static void
go_to_next_leaf(struct whi_rewrite *r, struct whi_rewrite_lists *lists)
{
	uint32_t i = lists->next_leaf++;

	lists->leaf.off = whi_pack_read32(&r->out, lists->list, offset_of(WHI_LIST_RI, i));
	lists->left = leaf_count(lists, i);
	lists->at = 0;
}

void
whi_rewrite_put(struct whi_rewrite *r, struct whi_rewrite_lists *lists, struct whi_name name,
		cellref child)
{
	uint32_t hash = lists->kind == WHI_LIST_LH   ? whi_name_hash(name)
			: lists->kind == WHI_LIST_LF ? whi_name_hint(name)
						     : 0;
	le32 element[2] = { le32_make(child.off), le32_make(hash) };

	if (lists->due == 0) {
		whi_rewrite_fail(r, WH_E_CORRUPT);
		return;
	}
	lists->due--;
	if (lists->left == 0)
		go_to_next_leaf(r, lists);
	whi_pack_write(&r->out, lists->leaf, offset_of(lists->kind, lists->at++), element,
		       whi_list_stride(lists->kind));
	lists->left--;
}

/* ------------------------------------------------------------------ hive */

enum wh_status
whi_rewrite_end(struct whi_rewrite *r, struct wh_hive *to, cellref root,
		const struct regf_base *base)
{
	uint32_t one = le32_get(base->sequence1), two = le32_get(base->sequence2);

	whi_pack_end(&r->out);
	to->root = root;
	to->found = *base;
	to->found.length = le32_make(to->img.length);
	to->found.root_cell = le32_make(root.off);
	whi_base_seal(&to->found, (whi_is_later(one, two) ? one : two) + 1);
	to->file_size = REGF_BINS + (uint64_t)to->img.length;
	return whi_pack_finish(&r->out, &to->found);
}
