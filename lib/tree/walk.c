/* SPDX-License-Identifier: MIT */
/*
 * The walk: depth first without recursion.  A frame is a key whose subkeys are being
 * met; the key that was given out last is not a frame yet, but becomes one at the next
 * call, so that a caller can say that he does not want to go below it.
 *
 * In a sound hive every byte belongs to one owner, so a walk meets each byte once.  The
 * budget is twice the bytes of the hive bins: lists that share their parts can make a
 * small file mean an endless tree, and this is where that ends.
 *
 * Keys and values as nearly all are go a short way, next_plain() and some_value(), which knows
 * nothing of what can be wrong and steps aside before it has changed anything that matters.  It
 * writes what it learns to the caller's struct at once and looks at the name last: the fewer
 * things are to be kept in mind, the fewer registers have to be saved.
 */
#include "base/mem.h"
#include "hive/hive.h"
#include "hive/unread.h"
#include "tree/handle.h"
#include "tree/subkeys.h"
#include "tree/vk.h"

#include <inttypes.h>
#include <string.h>

/* For what is done seldom: the short ways are not to save the registers that it needs. */
#ifdef __GNUC__
#define APART __attribute__((noinline))
#else
#define APART
#endif

/* Names up to so many bytes are looked at without a branch on their length. */
enum { KEY_NAME = WHI_NAME_REACH, VALUE_NAME = 2 * BYTES };
static_assert(REGF_CELL_HEAD + sizeof(struct regf_nk) + KEY_NAME <= WHI_PLAIN_MARGIN &&
		      REGF_CELL_HEAD + sizeof(struct regf_vk) + VALUE_NAME <= WHI_PLAIN_MARGIN,
	      "names are read in the margin");

struct frame {
	struct wh_subkeys it;
	struct whi_name last; /* of the subkey met before, to check the order; at first none */
	size_t path_len;
	uint64_t marks; /* of this key and those above: see mark_of() */
};

struct wh_walk {
	struct wh_hive *hive;
	uint32_t changes; /* of the hive: a walk does not go on after the next one */
	struct whi_bins bins;
	const le32 *value_at, *value_end; /* of the key in hand, those to come */
	uint64_t budget;
	struct frame *frames; /* the keys above the one in hand, then that one */
	size_t depth, frame_cap;
	char *path;
	size_t path_cap;

	struct whi_nk nk; /* the key in hand; of one that went the short way what push() needs */
	size_t path_len;  /* of it */
	size_t where_len; /* of the key that is being read: this one, or the one above the next */
	bool started, descend;
	bool quiet; /* nothing is reported of what is given */
	bool plain; /* on the way, and nobody to report to, or quiet */

	const le32 *values;   /* of the key in hand, all */
	const le32 *data_of;  /* the place behind the value that 'data' are of; NULL: none */
	struct whi_data data; /* of a value that did not go the short way */
	uint32_t data_at;     /* how much of them was given */
	char *scratch;        /* for names of values */
	size_t scratch_cap;
};

enum wh_status
wh_walk_new(struct wh_key top, struct wh_walk **out)
{
	struct wh_walk *walk;
	struct whi_nk nk;
	enum wh_status st;

	*out = NULL;
	st = whi_key_read(top, &nk);
	if (st == WH_OK && whi_read_all(top.hive) == WH_E_MEMORY)
		st = WH_E_MEMORY; /* what cannot be read is left out */
	if (st != WH_OK)
		return st;
	walk = whi_zalloc(&top.hive->alloc, sizeof *walk);
	if (!walk)
		return WH_E_MEMORY;
	walk->hive = top.hive;
	walk->changes = top.hive->changes;
	walk->nk = nk;
	walk->bins = whi_plain_bins(&top.hive->img);
	walk->budget = (uint64_t)top.hive->img.length * 2;
	*out = walk;
	return WH_OK;
}

void
wh_walk_free(struct wh_walk *walk)
{
	const struct wh_allocator *a;

	if (!walk)
		return;
	a = &walk->hive->alloc;
	whi_free(a, walk->frames, walk->frame_cap * sizeof *walk->frames);
	whi_free(a, walk->path, walk->path_cap);
	whi_free(a, walk->scratch, walk->scratch_cap);
	whi_free(a, walk, sizeof *walk);
}

void
wh_walk_quiet(struct wh_walk *walk)
{
	walk->quiet = true;
}

void
wh_walk_skip(struct wh_walk *walk)
{
	walk->descend = false;
}

void
wh_walk_where(const struct wh_walk *walk, const char **path, size_t *len)
{
	*path = walk->where_len ? walk->path : "";
	*len = walk->where_len;
}

/* The values of the key in hand, and none of them is. */
static inline void
set_values(struct wh_walk *walk, const le32 *values, uint32_t count)
{
	walk->values = walk->value_at = values;
	walk->value_end = count ? values + count : values;
	walk->data_of = NULL;
}

/* Take 'bytes' from the budget; if there are not so many, report it and be done. */
static bool
spend(struct wh_walk *walk, uint64_t bytes)
{
	if (walk->budget >= bytes) {
		walk->budget -= bytes;
		return true;
	}
	if (walk->budget > 0)
		whi_report(&walk->hive->sink, WHI_RULE_CELL_SHARED, WHI_IN_CELL(walk->nk.self),
			   "keys share their subkeys, values or data, and there is more of them "
			   "than the file can hold; the walk ends here");
	walk->budget = 0;
	walk->depth = 0;
	walk->value_at = walk->value_end;
	return false;
}

/* One bit of 64 for a cell: without it in the marks of some cells, this is none of them. */
static inline uint64_t
mark_of(cellref ref)
{
	return UINT64_C(1) << (ref.off * UINT32_C(0x9e3779b1) >> 26);
}

/* Depth and cycles: is there room for a key below the frames, and is it none of them? */
static bool
may_enter(struct wh_walk *walk, cellref ref)
{
	if (walk->depth > REGF_MAX_DEPTH) {
		whi_report(&walk->hive->sink, WHI_RULE_KEY_DEPTH, WHI_IN_CELL(ref),
			   "nested more than %d deep; not read", REGF_MAX_DEPTH);
		return false;
	}
	/* What has no subkeys is above nothing. */
	if (walk->nk.subkey_count == 0 || !(walk->frames[walk->depth - 1].marks & mark_of(ref)))
		return true;
	for (size_t i = 0; i < walk->depth; i++)
		if (walk->frames[i].it.key.cell == ref.off) {
			whi_report(&walk->hive->sink, WHI_RULE_KEY_CYCLE, WHI_IN_CELL(ref),
				   "the key is below itself; not read again");
			return false;
		}
	return true;
}

/* The key in hand is a frame now, the next one, for which there is room; 'it' is not set yet. */
static inline struct frame *
take_frame(struct wh_walk *walk)
{
	struct frame *frame = &walk->frames[walk->depth++];

	frame->path_len = walk->path_len;
	frame->marks = mark_of(walk->nk.self) | (walk->depth > 1 ? frame[-1].marks : 0);
	frame->last = (struct whi_name){ 0 };
	frame->it.key.hive = walk->hive;
	return frame;
}

/* Make the key in hand a frame. */
static APART enum wh_status
push(struct wh_walk *walk)
{
	void *frames = walk->frames;

	if (walk->depth == walk->frame_cap) {
		if (!whi_grow(&walk->hive->alloc, &frames, &walk->frame_cap, walk->depth + 1,
			      sizeof *walk->frames))
			return WH_E_MEMORY;
		walk->frames = frames;
	}
	whi_subkeys_begin(&walk->hive->img, &walk->nk, &take_frame(walk)->it);
	return WH_OK;
}

/* Add the name of the key in hand to the path of the key above. */
static enum wh_status
extend_path(struct wh_walk *walk, size_t *name_at)
{
	size_t above = walk->depth > 0 ? walk->frames[walk->depth - 1].path_len : 0;
	size_t need = above + 1 + whi_name_room(walk->nk.name) + KEY_NAME;
	void *path = walk->path;

	if (need > walk->path_cap) {
		if (!whi_grow(&walk->hive->alloc, &path, &walk->path_cap, need, 1))
			return WH_E_MEMORY;
		walk->path = path;
	}
	if (above > 0)
		walk->path[above++] = '\\';
	*name_at = above;
	if (whi_name_copy_ascii(walk->nk.name, walk->path + above))
		walk->path_len = above + walk->nk.name.len;
	else
		walk->path_len = above + whi_name_utf8(walk->nk.name, walk->path + above);
	return WH_OK;
}

/* What the caller sees of the key in hand: its path, and all else. */
static inline void
fill_path(const struct wh_walk *walk, size_t name_at, struct wh_walk_key *restrict key)
{
	key->path = walk->path_len ? walk->path : "";
	key->path_len = walk->path_len;
	key->name_at = name_at;
}

static inline void
fill_key(const struct wh_walk *walk, cellref ref, const struct regf_nk *disk,
	 struct wh_walk_key *restrict key)
{
	key->key = whi_key_handle(walk->hive, ref);
	key->depth = (unsigned)walk->depth;
	key->last_written = le64_get(disk->last_written);
	key->subkey_count = le32_get(disk->subkey_count);
	key->value_count = le32_get(disk->value_count);
	key->class_len = le16_get(disk->class_len);
	key->flags = le16_get(disk->flags);
}

static enum wh_status
give(struct wh_walk *walk, size_t name_at, struct wh_walk_key *key)
{
	struct whi_values values = { 0 };

	walk->descend = true;
	walk->where_len = walk->path_len;
	if (walk->nk.value_count > 0 &&
	    whi_values_read(&walk->hive->img, &walk->nk, &values) != WH_OK)
		values.count = 0; /* what is wrong with them has been reported */
	set_values(walk, (const le32 *)values.cells.at, values.count);
	fill_key(walk, walk->nk.self, walk->nk.disk, key);
	fill_path(walk, name_at, key);
	return WH_OK;
}

/* What reading the class name of a key costs: as much of it as is there. */
static uint32_t
class_bytes(const struct whi_image *img, const struct whi_nk *nk)
{
	struct view cell;

	if (nk->class_len == 0 || !whi_cell_get(img, nk->class_cell, &cell))
		return 0;
	return cell.len < nk->class_len ? cell.len : nk->class_len;
}

/* Read the next subkey of the innermost frame to walk->nk; WH_E_CORRUPT: not this one. */
static enum wh_status
next_child(struct wh_walk *walk)
{
	struct frame *frame = &walk->frames[walk->depth - 1];
	const struct whi_image *img = &walk->hive->img;
	struct whi_nk *nk = &walk->nk;
	struct whi_child child;
	enum wh_status st;

	walk->where_len = frame->path_len;
	frame->it.budget = walk->budget;
	st = whi_subkeys_next(img, &frame->it, &child);
	walk->budget = frame->it.budget;
	if (st != WH_OK)
		return st;
	if (!whi_nk_parse(img, child.ref, nk))
		return whi_nk_read(img, child.ref, child.from, nk); /* says why not */
	if (!spend(walk, (uint64_t)nk->cell_len + class_bytes(img, nk)))
		return WH_E_NO_MORE;
	if (img->sink->fn) {
		whi_child_review(img, &child, nk->name, frame->last);
		frame->last = nk->name;
	}
	if (!may_enter(walk, nk->self))
		return WH_E_CORRUPT;
	if (img->sink->fn)
		whi_nk_review(img, nk, (cellref){ frame->it.key.cell });
	return WH_OK;
}

/* After this there is no next key: one that was left out must not go unnoticed. */
static enum wh_status
give_up(struct wh_walk *walk, struct wh_walk_key *key, enum wh_status st)
{
	walk->depth = 0;
	walk->descend = walk->plain = false;
	set_values(walk, NULL, 0);
	*key = (struct wh_walk_key){ 0 };
	return st;
}

/* The next key, of any kind. */
static APART enum wh_status
next_key(struct wh_walk *walk, struct wh_walk_key *key)
{
	size_t name_at;
	enum wh_status st;

	if (!walk->started) {
		walk->started = true;
		walk->plain = walk->quiet || !walk->hive->sink.fn;
		whi_nk_review(&walk->hive->img, &walk->nk, (cellref){ REGF_NIL });
		return give(walk, 0, key);
	}
	if (walk->descend && (walk->nk.subkey_count > 0 || walk->hive->sink.fn)) {
		walk->descend = false;
		st = push(walk);
		if (st != WH_OK)
			return give_up(walk, key, st);
	}
	while (walk->depth > 0) {
		st = next_child(walk);
		if (st == WH_OK) {
			st = extend_path(walk, &name_at);
			return st == WH_OK ? give(walk, name_at, key) : give_up(walk, key, st);
		}
		if (st == WH_E_NO_MORE && walk->depth > 0)
			walk->depth--;
	}
	return give_up(walk, key, WH_E_NO_MORE);
}

/* Drop the frames that are at the end of their lists.  The outermost stays. */
static inline struct frame *
drop_finished(struct wh_walk *walk)
{
	struct frame *frame = &walk->frames[walk->depth - 1];

	for (; walk->depth > 1; walk->depth--, frame--)
		if (frame->it.leaf != frame->it.leaf_end || frame->it.list != frame->it.list_end)
			break;
	return frame;
}

/* As whi_values_peek(), from the record itself; a key may have none. */
static inline bool
set_plain_values(struct wh_walk *walk, const struct regf_nk *disk)
{
	uint32_t count = le32_get(disk->value_count);
	const le32 *list = NULL;
	int64_t room;

	if (count > 0) {
		list = whi_plain_cell(&walk->bins, (cellref){ le32_get(disk->value_list) }, &room);
		if (!list || room < (int64_t)sizeof *list * count)
			return false;
	}
	set_values(walk, list, count);
	return true;
}

/* Add a plain name to the path, up to 'at' that of the key above.  False: it may not be ASCII. */
static inline bool
extend_plain_path(struct wh_walk *walk, const struct regf_nk *disk, size_t at,
		  struct wh_walk_key *restrict key)
{
	const uint8_t *name = (const uint8_t *)(disk + 1);
	uint32_t len = le16_get(disk->name_len);
	char *path = walk->path;

	if (walk->path_cap - at <= len + KEY_NAME)
		return false;
	path[at] = '\\';
	at += at > 0;
	if (len <= KEY_NAME) {
		memcpy(path + at, name, KEY_NAME);
		if (!whi_name_is_ascii_within(name, len, KEY_NAME))
			return false;
	} else if (!whi_name_copy_ascii((struct whi_name){ name, len, false }, path + at)) {
		return false;
	}
	key->path = path;
	key->name_at = at;
	key->path_len = walk->path_len = walk->where_len = at + len;
	return true;
}

/*
 * The next subkey of the innermost frame, if it is like nearly all.  False: it is something
 * else; what was done means nothing to next_key().
 */
static inline bool
next_plain(struct wh_walk *walk, struct frame *frame, struct wh_walk_key *restrict key)
{
	const struct regf_nk *disk;
	uint64_t cost;
	int64_t room;
	cellref ref;

	if (frame->it.leaf == frame->it.leaf_end || walk->depth > REGF_MAX_DEPTH)
		return false;
	walk->descend = false;
	ref.off = le32_get(*(const le32 *)frame->it.leaf);
	disk = whi_nk_plain(&walk->bins, ref, &room);
	if (!disk || le16_get(disk->class_len) > 0)
		return false;
	cost = (uint64_t)room + frame->it.stride;
	walk->nk.self = ref;
	walk->nk.disk = disk;
	fill_key(walk, ref, disk, key);
	if ((key->flags & (WH_KEY_PREDEF_HANDLE | WH_KEY_COMP_NAME)) != WH_KEY_COMP_NAME ||
	    (key->subkey_count > 0 && (frame->marks & mark_of(ref))) || walk->budget < cost ||
	    !set_plain_values(walk, disk) || !extend_plain_path(walk, disk, frame->path_len, key))
		return false;
	walk->budget -= cost;
	frame->it.leaf += frame->it.stride;
	frame->it.seen++;
	walk->descend = true;
	return true;
}

/* The key in hand becomes a frame, if it has subkeys, or a list of them that its count hides. */
static inline enum wh_status
descend_plain(struct wh_walk *walk)
{
	const struct regf_nk *disk = walk->nk.disk;

	walk->nk.subkey_count = le32_get(disk->subkey_count);
	walk->nk.subkey_list.off = le32_get(disk->subkey_list);
	/* A quiet walk has to say that there is such a list. */
	if (walk->nk.subkey_count == 0 && !(walk->quiet && walk->nk.subkey_list.off != REGF_NIL))
		return WH_OK;
	walk->descend = false;
	if (walk->nk.subkey_count == 0 || walk->depth == walk->frame_cap ||
	    !whi_subkeys_begin_plain(&walk->bins, walk->nk.self, disk,
				     &walk->frames[walk->depth].it))
		return push(walk);
	take_frame(walk);
	return WH_OK;
}

enum wh_status
wh_walk_next(struct wh_walk *walk, struct wh_walk_key *key)
{
	enum wh_status st;

	if (walk->changes != walk->hive->changes)
		return give_up(walk, key, WH_E_DELETED);
	if (walk->plain && walk->descend && (st = descend_plain(walk)) != WH_OK)
		return give_up(walk, key, st);
	if (walk->plain && walk->depth > 0 && next_plain(walk, drop_finished(walk), key))
		return WH_OK;
	return next_key(walk, key);
}

/* The name decoded, in memory of the walk. */
static enum wh_status
decode_name(struct wh_walk *walk, struct whi_name name, struct wh_walk_value *value)
{
	size_t room = whi_name_room(name) + 1;
	void *scratch = walk->scratch;

	if (room > walk->scratch_cap) {
		if (!whi_grow(&walk->hive->alloc, &scratch, &walk->scratch_cap, room, 1)) {
			*value = (struct wh_walk_value){ 0 };
			return WH_E_MEMORY;
		}
		walk->scratch = scratch;
	}
	value->name = walk->scratch;
	value->name_len = whi_name_utf8(name, walk->scratch);
	return WH_OK;
}

/* The name as UTF-8: where it lies, if it is ASCII. */
static inline enum wh_status
lend_name(struct wh_walk *walk, struct whi_name name, struct wh_walk_value *value)
{
	if (!whi_name_is_ascii(name))
		return decode_name(walk, name, value);
	value->name = name.len ? (const char *)name.at : "";
	value->name_len = name.len;
	return WH_OK;
}

/* A value of any kind; WH_E_CORRUPT: not this one. */
static enum wh_status
give_value(struct wh_walk *walk, struct wh_walk_value *value)
{
	const struct whi_image *img = &walk->hive->img;
	const struct whi_values values = { .cells.at = (const uint8_t *)walk->values };
	uint32_t index = (uint32_t)(walk->value_at++ - walk->values);
	struct view piece;
	struct whi_vk vk;

	if (!spend(walk, sizeof(le32)))
		return WH_E_NO_MORE;
	if (whi_values_get(img, &values, index, &vk) != WH_OK)
		return WH_E_CORRUPT;
	whi_data_open(img, &vk, &walk->data);
	if (!spend(walk, (uint64_t)vk.cell_len + walk->data.readable + walk->data.segments.len))
		return WH_E_NO_MORE;
	whi_vk_review(img, &vk);
	piece = whi_data_piece(img, &walk->data, 0);
	walk->data_of = walk->value_at;
	walk->data_at = piece.len;
	*value = (struct wh_walk_value){
		.value = whi_value_handle(walk->hive, vk.self),
		.type = vk.type,
		.size = vk.size,
		.readable = walk->data.readable,
		.data = piece.at,
		.data_len = piece.len,
	};
	return lend_name(walk, vk.name, value);
}

/* The next value, of any kind, or the end. */
static APART enum wh_status
next_value(struct wh_walk *walk, struct wh_walk_value *value)
{
	enum wh_status st;

	while (walk->value_at != walk->value_end) {
		st = give_value(walk, value);
		if (st == WH_OK || st == WH_E_MEMORY)
			return st;
		if (st == WH_E_NO_MORE)
			break;
	}
	*value = (struct wh_walk_value){ 0 };
	return WH_E_NO_MORE;
}

/* A value of which nothing but the name is still to be looked at, one that is not short. */
static APART enum wh_status
long_value(struct wh_walk *walk, struct wh_walk_value *value, uint64_t cost)
{
	const struct whi_name name = { (const uint8_t *)value->name, (uint32_t)value->name_len,
				       false };

	if (walk->budget < cost || !whi_name_is_ascii(name))
		return next_value(walk, value);
	walk->budget -= cost;
	walk->value_at++;
	return WH_OK;
}

/*
 * The next value of a key that has more of them, if it is like nearly all; if it is not, what
 * '*value' holds means nothing to next_value().  Apart, so that the end of them costs little.
 */
static APART enum wh_status
some_value(struct wh_walk *walk, struct wh_walk_value *restrict value)
{
	const cellref ref = { le32_get(*walk->value_at) };
	const struct regf_vk *disk;
	uint32_t name_len, size;
	uint64_t cost;
	int64_t room;

	disk = whi_vk_plain(&walk->bins, ref, &room);
	if (!disk)
		return next_value(walk, value);
	value->value = whi_value_handle(walk->hive, ref);
	value->type = le32_get(disk->type);
	value->data = whi_vk_plain_data(&walk->bins, disk, &size);
	if (!value->data)
		return next_value(walk, value);
	value->size = value->readable = size;
	value->data_len = size;
	name_len = le16_get(disk->name_len);
	value->name = (const char *)(disk + 1);
	value->name_len = name_len;
	cost = (uint64_t)room + size + sizeof(le32);
	/* One test and not two: a value without a name is not said to have a narrow one. */
	if (!((le16_get(disk->flags) & VK_COMP_NAME) | !name_len))
		return next_value(walk, value);
	if (name_len > VALUE_NAME)
		return long_value(walk, value, cost);
	if (walk->budget < cost ||
	    !whi_name_is_ascii_within((const uint8_t *)(disk + 1), name_len, VALUE_NAME))
		return next_value(walk, value);
	walk->budget -= cost;
	walk->value_at++;
	return WH_OK;
}

enum wh_status
wh_walk_next_value(struct wh_walk *walk, struct wh_walk_value *value)
{
	bool overtaken = walk->changes != walk->hive->changes;

	if (!overtaken && walk->value_at != walk->value_end)
		return some_value(walk, value);
	*value = (struct wh_walk_value){ 0 };
	return overtaken ? WH_E_DELETED : WH_E_NO_MORE;
}

enum wh_status
wh_walk_data(struct wh_walk *walk, const void **piece, size_t *len)
{
	struct view view = { 0 };

	if (walk->data_of && walk->data_of == walk->value_at &&
	    walk->data_at < walk->data.readable && walk->changes == walk->hive->changes)
		view = whi_data_piece(&walk->hive->img, &walk->data, walk->data_at);
	walk->data_at += view.len;
	*piece = view.at;
	*len = view.len;
	return view.len ? WH_OK : WH_E_NO_MORE;
}
