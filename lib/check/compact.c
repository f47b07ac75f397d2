/* SPDX-License-Identifier: MIT */
/*
 * A hive written anew, without free space.
 *
 * The tree is gone through once, depth first without recursion, and each key is written when it
 * is met.  What belongs to it comes behind it, then its subkeys with what is below them:
 *
 *	nk  sk  class  ri leaf leaf ...  value list  vk data  vk data ...  first subkey ...
 *
 * The sk only behind the key that uses it first.  So who walks the tree reads the file forwards.
 * Lists of subkeys have their elements when the subkeys are written; the longest names of
 * subkeys, and what security cells count, are known last.
 *
 * It is the content that is copied, not the cells: what a cell had behind its record, fields
 * that mean nothing on disk, and lists of another kind than the version wants do not come along.
 */
#include "base/marvin.h"
#include "base/mem.h"
#include "cell/pack.h"
#include "hive/base_block.h"
#include "tree/edit.h"
#include "tree/index_edit.h"
#include "tree/sound.h"
#include "tree/vk.h"

#include <string.h>

enum {
	WORD = 64,
	LEAVES_MAX = UINT16_MAX,
	SEGMENT_ROOM = REGF_SEGMENT + 4, /* bytes of cell data, of the last one too */
	DB_ROOM = 12,
	NEW = -1, /* of a cell that the source has not: Windows decides about its size */
};

/* A security cell that was written. */
struct made_sk {
	cellref cell;
	struct view descriptor; /* in the source */
	uint32_t users;
};

/* A key that was written, while its subkeys are. */
struct frame {
	struct wh_subkeys it; /* in the source */
	cellref key, list, leaf;
	enum whi_list_kind kind; /* of the leaves */
	uint32_t leaves;         /* if more than one, 'list' is an ri */
	uint32_t next_leaf;      /* its index */
	uint32_t at, left;       /* elements in the leaf, and to come */
	uint32_t due;            /* subkeys to come */
	uint32_t longest_name, longest_class;
};

struct compaction {
	struct wh_hive *from;
	const struct wh_allocator *alloc;
	struct whi_image img; /* the source, which has nothing to report any more */
	struct whi_sink silent;
	struct whi_pack out;
	struct wh_compact_report report;

	/* A bit for every 8 bytes of the bins of the source: a cell that was copied. */
	uint64_t *kept;
	size_t words;

	/* Security cells by what was their cell, and by descriptor; the numbers are indexes + 2. */
	struct made_sk *sks;
	size_t sk_count, sk_cap;
	struct whi_sk_index by_cell, by_descriptor;

	size_t depth;
	struct frame frames[REGF_MAX_DEPTH + 1];
};

static void
fail(struct compaction *c, enum wh_status status)
{
	if (c->out.status == WH_OK)
		c->out.status = status;
}

static bool
failed(const struct compaction *c)
{
	return c->out.status != WH_OK;
}

/* ----------------------------------------------------------------- cells */

/* A cell of the source belongs to what is copied. */
static void
keep(struct compaction *c, cellref ref)
{
	uint32_t bit = ref.off / REGF_CELL_ALIGN;
	struct view cell;

	if (!whi_cell_get(&c->img, ref, &cell) || (c->kept[bit / WORD] >> bit % WORD & 1))
		return;
	c->kept[bit / WORD] |= UINT64_C(1) << bit % WORD;
	c->report.dropped_cells--;
	c->report.dropped_bytes -= cell.len + REGF_CELL_HEAD;
}

/*
 * A cell for 'len' bytes, of the size that Windows gives it, unless the one that it comes from,
 * with 'old_len' bytes, is smaller.
 */
static cellref
make(struct compaction *c, uint64_t len, int64_t old_len)
{
	uint64_t size = len <= WHI_CELL_MAX ? whi_cell_size((uint32_t)len) : 0;

	if (size == 0 || (old_len != NEW && (int64_t)size > old_len + REGF_CELL_HEAD))
		size = (len + REGF_CELL_HEAD + REGF_CELL_ALIGN - 1) / REGF_CELL_ALIGN *
		       REGF_CELL_ALIGN;
	if (size > REGF_MAX_LENGTH)
		fail(c, WH_E_TOO_BIG);
	return whi_pack_cell(&c->out, (uint32_t)size);
}

/* -------------------------------------------------------------- security */

/* Where entries of a cell are in the index: no two cells have the same. */
static uint32_t
hash_of_cell(cellref ref)
{
	return ref.off * UINT32_C(0x9e3779b1);
}

static uint32_t
hash_of_descriptor(struct view descriptor)
{
	uint64_t hash = whi_marvin(descriptor.at, descriptor.len);

	return (uint32_t)(hash ^ hash >> 32);
}

static void
enter(struct compaction *c, struct whi_sk_index *index, uint32_t hash, size_t i)
{
	if (!whi_sk_index_add(index, c->alloc, hash, (cellref){ (uint32_t)i + 2 }))
		fail(c, WH_E_MEMORY);
}

/* The next entry of that hash; false: there is none. */
static bool
look_up(const struct whi_sk_index *index, uint32_t hash, size_t *at, size_t *i)
{
	cellref found = whi_sk_index_next(index, hash, at);

	*i = found.off - 2;
	return found.off != REGF_NIL;
}

static bool
find_descriptor(const struct compaction *c, struct view descriptor, uint32_t hash, size_t *i)
{
	for (size_t at = 0; look_up(&c->by_descriptor, hash, &at, i);) {
		struct view other = c->sks[*i].descriptor;

		if (other.len == descriptor.len &&
		    (other.len == 0 || memcmp(other.at, descriptor.at, other.len) == 0))
			return true;
	}
	return false;
}

/* All but what refers to other security cells, and the count, which are written last. */
static void
write_sk(struct compaction *c, cellref old, struct view descriptor)
{
	struct regf_sk disk = { .sig = { 's', 'k' }, .len = le32_make(descriptor.len) };
	struct made_sk made = { .descriptor = descriptor };
	struct view cell;

	if (!whi_grow(c->alloc, &c->sks, &c->sk_cap, c->sk_count + 1, sizeof *c->sks)) {
		fail(c, WH_E_MEMORY);
		return;
	}
	whi_cell_get(&c->img, old, &cell);
	made.cell = make(c, sizeof disk + (uint64_t)descriptor.len, cell.len);
	whi_pack_write(&c->out, made.cell, 0, &disk, sizeof disk);
	whi_pack_write(&c->out, made.cell, sizeof disk, descriptor.at, descriptor.len);
	c->sks[c->sk_count++] = made;
}

/* The security cell of a key, counted. */
static cellref
use_security(struct compaction *c, const struct whi_nk *nk)
{
	uint32_t hash = hash_of_cell(nk->security);
	struct view descriptor;
	size_t at = 0, i;

	if (!look_up(&c->by_cell, hash, &at, &i)) {
		uint32_t content;

		if (whi_nk_security(&c->img, nk, &descriptor) != WH_OK)
			fail(c, WH_E_CORRUPT);
		content = hash_of_descriptor(descriptor);
		keep(c, nk->security);
		if (find_descriptor(c, descriptor, content, &i)) {
			c->report.merged++;
		} else {
			i = c->sk_count;
			write_sk(c, nk->security, descriptor);
			enter(c, &c->by_descriptor, content, i);
		}
		enter(c, &c->by_cell, hash, i);
	}
	if (failed(c))
		return (cellref){ REGF_NIL };
	c->sks[i].users++;
	return c->sks[i].cell;
}

/* The ring is in order of first use. */
static void
write_ring(struct compaction *c)
{
	for (size_t i = 0; i < c->sk_count; i++) {
		const struct made_sk *sk = &c->sks[i];
		cellref next = c->sks[(i + 1) % c->sk_count].cell;
		cellref previous = c->sks[(i + c->sk_count - 1) % c->sk_count].cell;

		whi_pack_write32(&c->out, sk->cell, offsetof(struct regf_sk, next), next.off);
		whi_pack_write32(&c->out, sk->cell, offsetof(struct regf_sk, previous),
				 previous.off);
		whi_pack_write32(&c->out, sk->cell, offsetof(struct regf_sk, references),
				 sk->users);
	}
}

/* ---------------------------------------------------------------- values */

/* Copy 'len' bytes of data, from 'at' on, to a cell. */
static void
write_data(struct compaction *c, const struct whi_data *data, uint32_t at, uint32_t len, cellref to)
{
	for (uint32_t done = 0; done < len && !failed(c);) {
		struct view piece =
			view_clamp(whi_data_piece(&c->img, data, at + done), 0, len - done);

		if (piece.len == 0)
			fail(c, WH_E_CORRUPT);
		whi_pack_write(&c->out, to, done, piece.at, piece.len);
		done += piece.len;
	}
}

static cellref
write_big(struct compaction *c, const struct whi_data *data, uint32_t size)
{
	uint32_t count = (size + REGF_SEGMENT - 1) / REGF_SEGMENT;
	cellref db = make(c, DB_ROOM, NEW);
	cellref list = make(c, count * sizeof(le32), NEW);
	struct regf_db disk = {
		.sig = { 'd', 'b' },
		.count = le16_make((uint16_t)count),
		.list = le32_make(list.off),
	};

	whi_pack_write(&c->out, db, 0, &disk, sizeof disk);
	for (uint32_t i = 0; i < count && !failed(c); i++) {
		uint32_t at = i * REGF_SEGMENT;
		cellref segment = make(c, SEGMENT_ROOM, NEW);

		whi_pack_write32(&c->out, list, i * (uint32_t)sizeof(le32), segment.off);
		write_data(c, data, at, size - at < REGF_SEGMENT ? size - at : REGF_SEGMENT,
			   segment);
	}
	return db;
}

/* The cells that the data of a value are in. */
static void
keep_data(struct compaction *c, const struct whi_vk *vk, const struct whi_data *data)
{
	const struct regf_db *db = NULL;
	struct view cell;

	keep(c, vk->data);
	if (data->big)
		db = whi_cell_record(&c->img, vk->data, "db", sizeof *db, &cell);
	if (db)
		keep(c, (cellref){ le32_get(db->list) });
	for (uint32_t i = 0; i < data->segments.len / sizeof(le32); i++)
		keep(c, (cellref){ view_u32(data->segments, i, sizeof(le32)) });
}

/* Data in cells of their own, in the form that the version has for so many. */
static cellref
write_cells(struct compaction *c, const struct whi_vk *vk, const struct whi_data *data)
{
	bool old = c->img.minor < REGF_DB_MINOR;
	struct view cell;
	cellref to;

	if (vk->size > REGF_SEGMENT && (!old || (data->big && vk->size > WHI_CELL_MAX)))
		return write_big(c, data, vk->size);
	whi_cell_get(&c->img, vk->data, &cell);
	to = make(c, vk->size, data->big ? vk->size : cell.len);
	write_data(c, data, 0, vk->size, to);
	return to;
}

static cellref
write_value(struct compaction *c, const struct whi_vk *vk)
{
	bool own = !vk->in_place && vk->size == 0; /* as Windows has a tombstone */
	cellref self = make(c, sizeof(struct regf_vk) + (uint64_t)vk->name.len, vk->cell_len);
	struct regf_vk disk = {
		.sig = { 'v', 'k' },
		.name_len = le16_make((uint16_t)vk->name.len),
		.data_len = le32_make(vk->size),
		.type = le32_make(vk->type),
		.flags = le16_make(vk->flags),
	};
	struct whi_data data;

	keep(c, vk->self);
	whi_data_open(&c->img, vk, &data);
	if (data.readable != vk->size)
		fail(c, WH_E_CORRUPT);
	keep_data(c, vk, &data);
	if (failed(c))
		return self;
	if (own) {
		disk.data = le32_make(REGF_NIL);
	} else if (vk->size <= VK_INLINE_MAX) {
		disk.data_len = le32_make(vk->size | VK_INLINE);
		if (vk->size > 0)
			memcpy(&disk.data, data.piece.at, vk->size);
	} else {
		disk.data = le32_make(write_cells(c, vk, &data).off);
	}
	whi_pack_write(&c->out, self, 0, &disk, sizeof disk);
	whi_pack_write(&c->out, self, sizeof disk, vk->name.at, vk->name.len);
	return self;
}

static void
raise(uint32_t *longest, uint32_t len)
{
	if (*longest < len)
		*longest = len;
}

/*
 * The values of a key.  One that stands for a predefined handle has none; its count is the
 * handle, and is left alone.
 */
static void
write_values(struct compaction *c, const struct whi_nk *nk, struct regf_nk *disk)
{
	uint32_t longest_name = 0, longest = 0;
	cellref list = { REGF_NIL };
	struct whi_values values;
	struct whi_vk vk;

	disk->value_list = le32_make(REGF_NIL);
	if (nk->flags & WH_KEY_PREDEF_HANDLE)
		return;
	if (whi_values_read(&c->img, nk, &values) != WH_OK || values.count != nk->value_count)
		fail(c, WH_E_CORRUPT);
	if (values.count > 0) {
		keep(c, nk->value_list);
		list = make(c, values.count * (uint64_t)sizeof(le32), values.cells.len);
	}
	for (uint32_t i = 0; i < values.count && !failed(c); i++) {
		if (whi_values_get(&c->img, &values, i, &vk) != WH_OK) {
			fail(c, WH_E_CORRUPT);
			return;
		}
		whi_pack_write32(&c->out, list, i * (uint32_t)sizeof(le32),
				 write_value(c, &vk).off);
		raise(&longest_name, whi_name_utf16_len(vk.name));
		raise(&longest, vk.size);
		c->report.values++;
	}
	disk->value_list = le32_make(list.off);
	disk->max_value_name_len = le32_make(longest_name);
	disk->max_value_len = le32_make(longest);
}

/* ---------------------------------------------------------- subkey lists */

static void
keep_lists(struct compaction *c, const struct whi_nk *nk)
{
	struct whi_list list;

	keep(c, nk->subkey_list);
	if (!whi_list_peek(&c->img, nk->subkey_list, false, &list) || list.kind != WHI_LIST_RI)
		return;
	for (uint32_t i = 0; i < list.count; i++)
		keep(c, whi_list_cell(&list, i));
}

static uint32_t
offset_of(enum whi_list_kind kind, uint32_t i)
{
	return (uint32_t)sizeof(struct regf_list) + i * whi_list_stride(kind);
}

static cellref
make_list(struct compaction *c, enum whi_list_kind kind, uint32_t count)
{
	struct regf_list head = whi_list_head(kind, count);
	cellref ref = make(c, offset_of(kind, count), NEW);

	whi_pack_write(&c->out, ref, 0, &head, sizeof head);
	return ref;
}

/* Elements of leaf number 'i': all are about as long. */
static uint32_t
leaf_count(uint32_t count, uint32_t leaves, uint32_t i)
{
	return count / leaves + (i < count % leaves);
}

/* Lists for 'count' subkeys, to be filled in. */
static void
make_lists(struct compaction *c, struct frame *frame, uint32_t count)
{
	frame->kind = whi_index_leaf_kind(c->img.minor, count);
	frame->leaves = count / WHI_LEAF_MAX + (count % WHI_LEAF_MAX > 0);
	frame->due = count;
	if (frame->leaves > LEAVES_MAX)
		fail(c, WH_E_TOO_BIG);
	if (failed(c))
		return;
	if (frame->leaves == 1) {
		frame->list = frame->leaf = make_list(c, frame->kind, count);
		frame->left = count;
		return;
	}
	frame->list = make_list(c, WHI_LIST_RI, frame->leaves);
	for (uint32_t i = 0; i < frame->leaves; i++) {
		cellref leaf = make_list(c, frame->kind, leaf_count(count, frame->leaves, i));

		whi_pack_write32(&c->out, frame->list, offset_of(WHI_LIST_RI, i), leaf.off);
	}
}

static void
go_to_next_leaf(struct compaction *c, struct frame *frame)
{
	uint32_t i = frame->next_leaf++;

	frame->leaf.off = whi_pack_read32(&c->out, frame->list, offset_of(WHI_LIST_RI, i));
	frame->left = leaf_count(frame->it.due, frame->leaves, i);
	frame->at = 0;
}

/* Put a subkey that was written into the lists of the key above it. */
static void
put_child(struct compaction *c, struct frame *frame, const struct whi_nk *nk, cellref child)
{
	uint32_t hash = frame->kind == WHI_LIST_LH   ? whi_name_hash(nk->name)
			: frame->kind == WHI_LIST_LF ? whi_name_hint(nk->name)
						     : 0;
	le32 element[2] = { le32_make(child.off), le32_make(hash) };

	if (frame->due == 0) {
		fail(c, WH_E_CORRUPT);
		return;
	}
	frame->due--;
	if (frame->left == 0)
		go_to_next_leaf(c, frame);
	whi_pack_write(&c->out, frame->leaf, offset_of(frame->kind, frame->at++), element,
		       whi_list_stride(frame->kind));
	frame->left--;
	raise(&frame->longest_name, whi_name_utf16_len(nk->name));
	raise(&frame->longest_class, nk->class_len);
}

/* ------------------------------------------------------------------ keys */

static cellref
write_class(struct compaction *c, const struct whi_nk *nk)
{
	cellref to = { REGF_NIL };
	struct view text, cell;

	if (whi_nk_class(&c->img, nk, &text) != WH_OK)
		fail(c, WH_E_CORRUPT);
	if (text.len == 0)
		return to;
	keep(c, nk->class_cell);
	whi_cell_get(&c->img, nk->class_cell, &cell);
	to = make(c, text.len, cell.len);
	whi_pack_write(&c->out, to, 0, text.at, text.len);
	return to;
}

/* Write a key with all that is its own, and go on with its subkeys if it has any. */
static cellref
write_key(struct compaction *c, const struct whi_nk *nk, cellref parent)
{
	struct frame *frame = &c->frames[c->depth];
	struct regf_nk disk = *nk->disk;
	cellref self = make(c, sizeof disk + (uint64_t)nk->name.len, nk->cell_len);

	*frame = (struct frame){ .it.budget = UINT64_MAX, .key = self, .list = { REGF_NIL } };
	whi_subkeys_begin(&c->img, nk, &frame->it);
	keep(c, nk->self);
	disk.parent = le32_make(parent.off);
	disk.volatile_count = disk.work_var = le32_make(0);
	disk.volatile_list = le32_make(REGF_NIL);
	disk.max_name_len = le16_make(0);
	disk.max_class_len = le32_make(0);
	disk.security = le32_make(use_security(c, nk).off);
	disk.class_cell = le32_make(write_class(c, nk).off);
	if (nk->subkey_count > 0) {
		keep_lists(c, nk);
		make_lists(c, frame, nk->subkey_count);
		c->depth++;
	}
	disk.subkey_list = le32_make(frame->list.off);
	write_values(c, nk, &disk);
	whi_pack_write(&c->out, self, 0, &disk, sizeof disk);
	whi_pack_write(&c->out, self, sizeof disk, nk->name.at, nk->name.len);
	c->report.keys++;
	return self;
}

/* The subkeys of the innermost frame have been written. */
static void
end_key(struct compaction *c)
{
	const struct frame *frame = &c->frames[--c->depth];
	uint32_t most = UINT16_MAX;

	if (frame->due > 0)
		fail(c, WH_E_CORRUPT);
	whi_pack_write16(&c->out, frame->key, offsetof(struct regf_nk, max_name_len),
			 (uint16_t)(frame->longest_name < most ? frame->longest_name : most));
	whi_pack_write32(&c->out, frame->key, offsetof(struct regf_nk, max_class_len),
			 frame->longest_class);
}

/* What is read here has been found to be sound: nothing is left to be reported. */
static cellref
write_tree(struct compaction *c)
{
	cellref root = { REGF_NIL };
	struct whi_child child;
	struct whi_nk nk;

	if (whi_nk_parse(&c->img, c->from->root, &nk))
		root = write_key(c, &nk, root);
	else
		fail(c, WH_E_CORRUPT);
	while (c->depth > 0 && !failed(c)) {
		struct frame *frame = &c->frames[c->depth - 1];
		enum wh_status st = whi_subkeys_next(&c->img, &frame->it, &child);

		if (st == WH_E_NO_MORE)
			end_key(c);
		else if (st != WH_OK || c->depth > REGF_MAX_DEPTH ||
			 !whi_nk_parse(&c->img, child.ref, &nk))
			fail(c, WH_E_CORRUPT);
		else
			put_child(c, frame, &nk, write_key(c, &nk, frame->key));
	}
	write_ring(c);
	return root;
}

/* ------------------------------------------------------------------ hive */

/* The base block of the source, with what has become of the hive. */
static void
fill_base(const struct wh_hive *from, struct wh_hive *to)
{
	struct regf_base *base = &to->found;
	uint32_t one, two;

	memcpy(base, from->img.bytes, sizeof *base);
	one = le32_get(base->sequence1);
	two = le32_get(base->sequence2);
	base->length = le32_make(to->img.length);
	base->root_cell = le32_make(to->root.off);
	whi_base_seal(base, ((int32_t)(one - two) > 0 ? one : two) + 1);
}

/* Memory for what is in use in the source, its bins, and a little more. */
static uint64_t
reserve_for(const struct wh_hive *from)
{
	const struct whi_counts *counts = &from->img.counts;

	return REGF_BINS + counts->used_bytes + counts->used_bytes / 64 + 2 * REGF_PAGE;
}

static enum wh_status
run(struct compaction *c, struct wh_hive *to)
{
	struct wh_hive *from = c->from;

	c->words = (from->img.length / REGF_CELL_ALIGN + WORD - 1) / WORD;
	c->kept = whi_zalloc(c->alloc, c->words * sizeof *c->kept);
	if (!c->kept)
		return WH_E_MEMORY;
	c->img = from->img;
	c->img.sink = &c->silent;
	c->report.bytes_before = from->img.size;
	c->report.dropped_cells = from->img.counts.used_cells;
	c->report.dropped_bytes = from->img.counts.used_bytes;

	to->img.minor = from->img.minor;
	to->img.sink = &to->sink;
	whi_pack_begin(&c->out, &to->img, c->alloc, reserve_for(from));
	to->root = write_tree(c);
	whi_pack_end(&c->out);
	fill_base(from, to);
	to->file_size = c->report.bytes_after = REGF_BINS + (uint64_t)to->img.length;
	return whi_pack_finish(&c->out, &to->found);
}

static enum wh_status
compact(struct wh_hive *from, struct wh_hive *to, struct wh_compact_report *report)
{
	const struct wh_allocator *a = &to->alloc;
	struct compaction *c = whi_zalloc(a, sizeof *c);
	enum wh_status st;

	if (!c)
		return WH_E_MEMORY;
	c->from = from;
	c->alloc = a;
	st = run(c, to);
	if (st == WH_OK && report)
		*report = c->report;
	whi_free(a, c->kept, c->words * sizeof *c->kept);
	whi_free(a, c->sks, c->sk_cap * sizeof *c->sks);
	whi_sk_index_fini(&c->by_cell, a);
	whi_sk_index_fini(&c->by_descriptor, a);
	whi_free(a, c, sizeof *c);
	return st;
}

static enum wh_status
may_be_compacted(struct wh_hive *hive)
{
	if (!hive)
		return WH_E_INVALID;
	if (hive->img.old_cells)
		return WH_E_NOT_SUPPORTED;
	if (hive->state == WH_DIRTY && !(hive->flags & WH_OPEN_TAKE_DIRTY))
		return WH_E_DIRTY;
	return whi_hive_sound(hive);
}

enum wh_status
wh_hive_compact(struct wh_hive *hive, const struct wh_options *options, struct wh_hive **compacted,
		struct wh_compact_report *report)
{
	static const struct wh_options no_options;
	struct wh_allocator alloc = whi_allocator(options ? options->allocator : NULL);
	struct wh_hive *to;
	enum wh_status st;

	*compacted = NULL;
	if (report)
		*report = (struct wh_compact_report){ 0 };
	if (!options)
		options = &no_options;
	st = may_be_compacted(hive);
	if (st != WH_OK)
		return st;
	to = whi_zalloc(&alloc, sizeof *to);
	if (!to)
		return WH_E_MEMORY;
	to->alloc = alloc;
	to->sink = (struct whi_sink){ options->issue, options->issue_ctx };
	to->time = options->time;
	to->state = WH_CLEAN;
	st = compact(hive, to, report);
	if (st != WH_OK) {
		wh_hive_close(to);
		return st;
	}
	*compacted = to;
	return WH_OK;
}
