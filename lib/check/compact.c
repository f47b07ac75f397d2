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
#include "base/mem.h"
#include "check/rewrite.h"
#include "hive/hive.h"
#include "tree/edit.h"
#include "tree/sound.h"

#include <string.h>

enum { WORD = 64 };

/* A key that was written, while its subkeys are. */
struct frame {
	struct wh_subkeys it; /* in the source */
	cellref key;
	struct whi_rewrite_lists lists;
	uint32_t longest_name, longest_class;
};

struct compaction {
	struct wh_hive *from;
	const struct wh_allocator *alloc;
	struct whi_image img; /* the source, which has nothing to report any more */
	struct whi_sink silent;
	struct whi_rewrite out;
	struct wh_compact_report report;

	/* A bit for every 8 bytes of the bins of the source: a cell that was copied. */
	uint64_t *kept;
	size_t words;

	size_t depth;
	struct frame frames[REGF_MAX_DEPTH + 1];
};

static void
fail(struct compaction *c, enum wh_status status)
{
	whi_rewrite_fail(&c->out, status);
}

static bool
failed(const struct compaction *c)
{
	return whi_rewrite_failed(&c->out);
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

/* -------------------------------------------------------------- security */

/* The security cell of a key, counted. */
static cellref
use_security(struct compaction *c, const struct whi_nk *nk)
{
	struct view descriptor, cell;
	size_t i;

	if (!whi_rewrite_knows(&c->out, nk->security, &i)) {
		if (whi_nk_security(&c->img, nk, &descriptor) != WH_OK)
			fail(c, WH_E_CORRUPT);
		keep(c, nk->security);
		whi_cell_get(&c->img, nk->security, &cell);
		c->report.merged +=
			whi_rewrite_enter(&c->out, nk->security, descriptor, cell.len, &i);
	}
	return whi_rewrite_use(&c->out, i);
}

/* ---------------------------------------------------------------- values */

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

static cellref
write_value(struct compaction *c, const struct whi_vk *vk)
{
	struct whi_data data;

	keep(c, vk->self);
	whi_data_open(&c->img, vk, &data);
	if (data.readable != vk->size)
		fail(c, WH_E_CORRUPT);
	keep_data(c, vk, &data);
	return whi_rewrite_value(&c->out, vk, &data);
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
		list = whi_rewrite_cell(&c->out, values.count * (uint64_t)sizeof(le32),
					values.cells.len);
	}
	for (uint32_t i = 0; i < values.count && !failed(c); i++) {
		if (whi_values_get(&c->img, &values, i, &vk) != WH_OK) {
			fail(c, WH_E_CORRUPT);
			return;
		}
		whi_pack_write32(&c->out.out, list, i * (uint32_t)sizeof(le32),
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

/* Put a subkey that was written into the lists of the key above it. */
static void
put_child(struct compaction *c, struct frame *frame, const struct whi_nk *nk, cellref child)
{
	whi_rewrite_put(&c->out, &frame->lists, nk->name, child);
	raise(&frame->longest_name, whi_name_utf16_len(nk->name));
	raise(&frame->longest_class, nk->class_len);
}

/* ------------------------------------------------------------------ keys */

static cellref
write_class(struct compaction *c, const struct whi_nk *nk)
{
	struct view text, cell;

	if (whi_nk_class(&c->img, nk, &text) != WH_OK)
		fail(c, WH_E_CORRUPT);
	if (text.len > 0)
		keep(c, nk->class_cell);
	whi_cell_get(&c->img, nk->class_cell, &cell);
	return whi_rewrite_class(&c->out, text, cell.len);
}

/* Write a key with all that is its own, and go on with its subkeys if it has any. */
static cellref
write_key(struct compaction *c, const struct whi_nk *nk, cellref parent)
{
	struct frame *frame = &c->frames[c->depth];
	struct regf_nk disk = *nk->disk;
	cellref self =
		whi_rewrite_cell(&c->out, sizeof disk + (uint64_t)nk->name.len, nk->cell_len);

	*frame = (struct frame){ .it.budget = UINT64_MAX, .key = self };
	frame->lists.list.off = REGF_NIL;
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
		whi_rewrite_lists(&c->out, &frame->lists, nk->subkey_count);
		c->depth++;
	}
	disk.subkey_list = le32_make(frame->lists.list.off);
	write_values(c, nk, &disk);
	whi_pack_write(&c->out.out, self, 0, &disk, sizeof disk);
	whi_pack_write(&c->out.out, self, sizeof disk, nk->name.at, nk->name.len);
	c->report.keys++;
	return self;
}

/* The subkeys of the innermost frame have been written. */
static void
end_key(struct compaction *c)
{
	const struct frame *frame = &c->frames[--c->depth];
	uint32_t most = UINT16_MAX;

	if (frame->lists.due > 0)
		fail(c, WH_E_CORRUPT);
	whi_pack_write16(&c->out.out, frame->key, offsetof(struct regf_nk, max_name_len),
			 (uint16_t)(frame->longest_name < most ? frame->longest_name : most));
	whi_pack_write32(&c->out.out, frame->key, offsetof(struct regf_nk, max_class_len),
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
	whi_rewrite_ring(&c->out);
	return root;
}

/* ------------------------------------------------------------------ hive */

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
	struct regf_base base;
	enum wh_status st;
	cellref root;

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
	whi_rewrite_begin(&c->out, &c->img, &to->img, c->alloc, reserve_for(from));
	root = write_tree(c);
	memcpy(&base, from->img.bytes, sizeof base);
	st = whi_rewrite_end(&c->out, to, root, &base);
	c->report.bytes_after = to->file_size;
	return st;
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
	c->alloc = c->out.alloc = a;
	st = run(c, to);
	if (st == WH_OK && report)
		*report = c->report;
	whi_free(a, c->kept, c->words * sizeof *c->kept);
	whi_rewrite_fini(&c->out);
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
