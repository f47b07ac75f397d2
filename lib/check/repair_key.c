/* SPDX-License-Identifier: MIT */
/*
 * The keys that are kept, written in the order of the tree, as a compaction does.  What is not as
 * it was is said when its key is written, as its path is known then.
 */
#include "base/mem.h"
#include "check/repair.h"
#include "tree/edit.h"
#include "tree/sk.h"

#include <inttypes.h>
#include <string.h>

enum { SLACK = 16 /* bytes of a cell that its record may leave */ };

/* A key that was written, while its subkeys are. */
struct frame {
	uint32_t key, next; /* its number; of its subkeys, the index of the one that comes now */
	cellref cell;
	struct whi_rewrite_lists lists;
	size_t security, path_len;
	uint32_t longest_name, longest_class;
};

struct writing {
	struct whi_salvage *s;
	struct whi_rewrite *out;
	struct whi_kept kept;
	struct whi_cell_index refused; /* cells that are no security cells */
	uint32_t class_len;            /* of the key that was written last, bytes */
	size_t security;               /* number of its descriptor */
	size_t depth;
	struct frame frames[REGF_MAX_DEPTH + 2];
};

static void
raise(uint32_t *longest, uint32_t len)
{
	if (*longest < len)
		*longest = len;
}

/* ------------------------------------------------------------------- path */

/* The path of a key whose parent has one of 'len' bytes. */
static void
set_path(struct whi_salvage *s, size_t len, struct whi_name name, bool top)
{
	size_t need = len + 1 + whi_name_room(name);
	void *path = s->path;

	s->has_path = true;
	s->path_len = len;
	if (top || !s->how->fn)
		return;
	if (!whi_grow(s->alloc, &path, &s->path_cap, need > s->path_cap ? need : s->path_cap, 1)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	s->path = path;
	if (len > 0)
		s->path[s->path_len++] = '\\';
	s->path_len += whi_name_utf8(name, s->path + s->path_len);
}

/* --------------------------------------------------------------- security */

/* A descriptor that is whole and well formed, in a cell that is, or can be mended. */
static bool
find_descriptor(struct whi_salvage *s, cellref ref, struct view *descriptor)
{
	struct regf_sk disk;
	uint32_t size = sizeof disk, len;
	struct view cell;
	bool signature;

	if (ref.off % REGF_CELL_ALIGN || ref.off >= s->img.length ||
	    s->img.length - ref.off < size + REGF_CELL_HEAD)
		return false;
	memcpy(&disk, s->img.bytes + REGF_BINS + (uint64_t)ref.off + REGF_CELL_HEAD, size);
	signature = memcmp(disk.sig, "sk", 2) == 0;
	len = le32_get(disk.len);
	if (len > s->img.length || (!whi_cell_get(&s->img, ref, &cell) && !signature) ||
	    !whi_salvage_cell(s, ref, size + len, true))
		return false;
	whi_cell_get(&s->img, ref, &cell);
	return view_sub(cell, size, len, descriptor) &&
	       (signature || cell.len - size - len < SLACK) &&
	       whi_sd_valid(descriptor->at, descriptor->len);
}

/* The number of the descriptor of a key; false: it has none. */
static bool
own_security(struct writing *w, const struct whi_nk *nk, size_t *i)
{
	uint32_t hash = whi_salvage_hash(nk->security);
	struct view descriptor, cell;
	size_t at = 0;

	if (whi_rewrite_knows(w->out, nk->security, i))
		return true;
	if (whi_cell_index_next(&w->refused, hash, &at).off != REGF_NIL)
		return false;
	if (!find_descriptor(w->s, nk->security, &descriptor)) {
		if (!whi_cell_index_add(&w->refused, w->s->alloc, hash, (cellref){ 2 }))
			whi_salvage_fail(w->s, WH_E_MEMORY);
		return false;
	}
	whi_cell_get(&w->s->img, nk->security, &cell);
	whi_rewrite_enter(w->out, nk->security, descriptor, cell.len, i);
	return true;
}

/* For a root without a descriptor: that of one of its subkeys, or the one of new hives. */
static size_t
any_security(struct writing *w, const struct whi_found_key *key)
{
	struct view descriptor = { whi_sd_default, sizeof whi_sd_default };
	struct whi_nk nk;
	size_t found;

	for (uint32_t i = 0; i < key->count; i++) {
		const struct whi_found_key *child = &w->s->keys[w->s->children[key->first + i]];

		if (whi_nk_parse(&w->s->img, child->cell, &nk) && own_security(w, &nk, &found))
			return found;
	}
	whi_rewrite_enter(w->out, (cellref){ REGF_NIL }, descriptor, WHI_NEW, &found);
	return found;
}

static cellref
use_security(struct writing *w, const struct whi_found_key *key, const struct whi_nk *nk)
{
	struct frame *above = w->depth > 0 ? &w->frames[w->depth - 1] : NULL;

	if (nk && own_security(w, nk, &w->security))
		return whi_rewrite_use(w->out, w->security);
	w->security = above ? above->security : any_security(w, key);
	if (nk)
		whi_repair_say(w->s, WHI_RULE_KEY_SECURITY, WH_FIXED, WHI_IN_CELL(key->cell),
			       "its security descriptor is lost; it has %s",
			       above ? "that of the key above" : "one as new hives have");
	return whi_rewrite_use(w->out, w->security);
}

/* ------------------------------------------------------------------ fields */

static cellref
write_class(struct writing *w, const struct whi_nk *nk, struct regf_nk *disk)
{
	struct whi_salvage *s = w->s;
	struct view cell, text;
	uint32_t len = nk->class_len;

	whi_salvage_cell(s, nk->class_cell, len, false);
	whi_cell_get(&s->img, nk->class_cell, &cell);
	text = view_clamp(cell, 0, len);
	text.len -= text.len % 2;
	if (text.len < len)
		whi_repair_say(
			s, text.len == 0 ? WHI_RULE_KEY_CLASS_CELL : WHI_RULE_KEY_CLASS_LENGTH,
			WH_DROPPED, WHI_IN_CELL(nk->self),
			"%" PRIu32 " of %" PRIu32 " bytes of its class name", len - text.len, len);
	disk->class_len = le16_make((uint16_t)text.len);
	w->class_len = text.len;
	return whi_rewrite_class(w->out, text, cell.len);
}

static void
write_values(struct writing *w, const struct whi_nk *nk, struct regf_nk *disk)
{
	uint32_t longest_name = 0, longest = 0;
	struct whi_kept *kept = &w->kept;
	cellref list = { REGF_NIL };

	whi_repair_values(w->s, kept, nk);
	if (kept->count > 0)
		list = whi_rewrite_cell(w->out, kept->count * (uint64_t)sizeof(le32), WHI_NEW);
	for (uint32_t i = 0; i < kept->count && !whi_rewrite_failed(w->out); i++) {
		const struct whi_kept_value *value = &kept->values[i];
		cellref cell = whi_rewrite_value(w->out, &value->vk, &value->data);

		whi_pack_write32(&w->out->out, list, i * (uint32_t)sizeof(le32), cell.off);
		raise(&longest_name, whi_name_utf16_len(value->vk.name));
		raise(&longest, value->vk.size);
		w->s->report->values++;
	}
	disk->value_count = le32_make(kept->count);
	disk->value_list = le32_make(list.off);
	disk->max_value_name_len = le32_make(longest_name);
	disk->max_value_len = le32_make(longest);
}

/* Flags that this key on disk can have, and that are true. */
static uint16_t
flags_of(struct writing *w, const struct whi_found_key *key, const struct whi_nk *nk)
{
	bool root = w->depth == 0;
	uint16_t flags = nk ? nk->flags : 0;

	flags &= (uint16_t) ~(WH_KEY_VOLATILE | WH_KEY_HIVE_EXIT | WH_KEY_PREDEF_HANDLE |
			      WH_KEY_COMP_NAME | (root ? 0 : WH_KEY_HIVE_ENTRY));
	if (!nk && root)
		flags = WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE;
	if (!key->name.wide)
		flags |= WH_KEY_COMP_NAME;
	if ((flags & WH_KEY_SYM_LINK) && !whi_repair_is_link(w->s, &w->kept)) {
		flags &= (uint16_t)~WH_KEY_SYM_LINK;
		whi_repair_say(w->s, WHI_RULE_KEY_LINK, WH_FIXED, WHI_IN_CELL(key->cell),
			       "is no symbolic link any more: its values do not make it one");
	}
	return flags;
}

/* --------------------------------------------------------------------- what was found */

static void
say_place(struct whi_salvage *s, const struct whi_found_key *key, const struct whi_nk *nk)
{
	struct whi_location place = WHI_IN_CELL(key->cell);
	const struct whi_found_key *above = key->owner == WHI_NO_KEY ? NULL : &s->keys[key->owner];

	if (above && (above->marks & WHI_KEY_MADE))
		whi_repair_say(s, WHI_RULE_CELL_UNOWNED, WH_FIXED, place,
			       "had no way to the root, and is put here");
	else if (key->marks & WHI_KEY_ADOPTED)
		whi_repair_say(s, WHI_RULE_KEY_CELL, WH_FIXED, place,
			       "was in no list of its parent, which it names; it is again");
	else if (above && nk && nk->parent.off != above->cell.off)
		whi_repair_say(s, WHI_RULE_KEY_PARENT, WH_FIXED, place,
			       "said it is below 0x%" PRIx32 ", where it is not", nk->parent.off);
}

/* What became of a key, and of the list of its subkeys. */
static void
say_key(struct whi_salvage *s, const struct whi_found_key *key, const struct whi_nk *nk)
{
	struct whi_location place = WHI_IN_CELL(key->cell);

	if (key->marks & WHI_KEY_MADE)
		return;
	if (key->marks & WHI_KEY_GONE)
		whi_repair_say(s, WHI_RULE_KEY_CELL, WH_DROPPED, place,
			       "the key that was at 0x%" PRIx32
			       ": its name and its values; one in its place has its subkeys",
			       key->cell.off);
	else if (key->marks & WHI_KEY_MENDED)
		whi_repair_say(s, WHI_RULE_KEY_SIGNATURE, WH_FIXED, place,
			       "the cell of the key, or its signature");
	if (key->marks & WHI_KEY_LONG_NAME)
		whi_repair_say(s, WHI_RULE_KEY_NAME_PAST_CELL, WH_DROPPED, place,
			       "the rest of its name, which is not there or too long");
	else if ((key->marks & WHI_KEY_NAMED) && !(key->marks & WHI_KEY_GONE))
		whi_repair_say(s, WHI_RULE_KEY_NAME_EMPTY, WH_FIXED, place,
			       "its name; it had none, one that was taken, or another length");
	say_place(s, key, nk);
	if (nk && (key->marks & WHI_KEY_LOSSES) && key->count < nk->subkey_count)
		whi_repair_say(s, WHI_RULE_LIST_CELL, WH_DROPPED, place,
			       "subkeys: it counts %" PRIu32 ", of which %" PRIu32 " can be found",
			       nk->subkey_count, key->count);
	else if (nk && (key->marks & WHI_KEY_HOLES))
		whi_repair_say(s, WHI_RULE_LIST_COUNT, WH_FIXED, place,
			       "the list of its subkeys: it has %" PRIu32, key->count);
}

/* -------------------------------------------------------------------- keys */

/* Write a key with all that is its own, and go on with its subkeys if it has any. */
static cellref
write_key(struct writing *w, uint32_t number)
{
	struct whi_found_key *key = &w->s->keys[number];
	struct frame *frame = &w->frames[w->depth], *above = w->depth > 0 ? frame - 1 : NULL;
	struct regf_nk disk = { .sig = { 'n', 'k' }, .class_cell = le32_make(REGF_NIL) };
	struct whi_nk nk;
	bool real = !(key->marks & (WHI_KEY_GONE | WHI_KEY_MADE)) &&
		    whi_nk_parse(&w->s->img, key->cell, &nk);
	cellref self;

	set_path(w->s, above ? above->path_len : 0, key->name, !above);
	say_key(w->s, key, real ? &nk : NULL);
	if (real)
		disk = *nk.disk;
	self = whi_rewrite_cell(w->out, sizeof disk + (uint64_t)key->name.len,
				real ? (int64_t)nk.cell_len : WHI_NEW);
	disk.parent = le32_make(above ? above->cell.off : REGF_NIL);
	disk.volatile_count = disk.work_var = le32_make(0);
	disk.volatile_list = le32_make(REGF_NIL);
	disk.max_name_len = le16_make(0);
	disk.max_class_len = le32_make(0);
	disk.name_len = le16_make((uint16_t)key->name.len);
	disk.subkey_count = le32_make(key->count);
	if (w->s->img.minor < REGF_LAYER_MINOR)
		disk.layer = 0;
	disk.security = le32_make(use_security(w, key, real ? &nk : NULL).off);
	w->class_len = 0;
	if (real)
		disk.class_cell = le32_make(write_class(w, &nk, &disk).off);
	*frame = (struct frame){
		.key = number, .cell = self, .security = w->security, .path_len = w->s->path_len
	};
	whi_rewrite_lists(w->out, &frame->lists, key->count);
	disk.subkey_list = le32_make(frame->lists.list.off);
	w->kept.count = 0;
	if (real)
		write_values(w, &nk, &disk);
	else
		disk.value_list = le32_make(REGF_NIL);
	disk.flags = le16_make(flags_of(w, key, real ? &nk : NULL));
	whi_pack_write(&w->out->out, self, 0, &disk, sizeof disk);
	whi_pack_write(&w->out->out, self, sizeof disk, key->name.at, key->name.len);
	w->s->report->keys++;
	w->depth += key->count > 0;
	return self;
}

/* The subkeys of the innermost frame have been written. */
static void
end_key(struct writing *w)
{
	const struct frame *frame = &w->frames[--w->depth];
	uint32_t most = UINT16_MAX;

	whi_pack_write16(&w->out->out, frame->cell, offsetof(struct regf_nk, max_name_len),
			 (uint16_t)(frame->longest_name < most ? frame->longest_name : most));
	whi_pack_write32(&w->out->out, frame->cell, offsetof(struct regf_nk, max_class_len),
			 frame->longest_class);
}

static bool
going_on(const struct writing *w)
{
	return w->s->status == WH_OK && !whi_rewrite_failed(w->out);
}

static cellref
write_tree(struct writing *w)
{
	struct whi_salvage *s = w->s;
	cellref root = write_key(w, s->root);

	while (w->depth > 0 && going_on(w)) {
		struct frame *frame = &w->frames[w->depth - 1];
		const struct whi_found_key *above = &s->keys[frame->key];
		uint32_t number;
		cellref cell;

		if (frame->next == above->count) {
			end_key(w);
			continue;
		}
		number = s->children[above->first + frame->next++];
		cell = write_key(w, number);
		s->report->lost_keys +=
			s->lost != WHI_NO_KEY && w->frames[1].key == s->lost && number != s->lost;
		whi_rewrite_put(w->out, &frame->lists, s->keys[number].name, cell);
		raise(&frame->longest_name, whi_name_utf16_len(s->keys[number].name));
		raise(&frame->longest_class, w->class_len);
	}
	s->has_path = false;
	whi_rewrite_ring(w->out);
	return root;
}

cellref
whi_repair_write(struct whi_salvage *s, struct whi_rewrite *out)
{
	struct writing *w = whi_zalloc(s->alloc, sizeof *w);
	cellref root = { REGF_NIL };

	if (!w) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return root;
	}
	w->s = s;
	w->out = out;
	w->kept.budget = s->img.length;
	root = write_tree(w);
	whi_kept_fini(&w->kept, s->alloc);
	whi_cell_index_fini(&w->refused, s->alloc);
	whi_free(s->alloc, w, sizeof *w);
	return root;
}

/* ----------------------------------------------------------------- orphans */

/* Where a walk through what is dropped is. */
struct step {
	uint32_t key, next;
	size_t path_len;
};

static void
say_dropped(struct whi_salvage *s, struct step *step, uint32_t number, size_t path_len)
{
	const struct whi_found_key *key = &s->keys[number];
	struct whi_nk nk;

	set_path(s, path_len, key->name, false);
	*step = (struct step){ .key = number, .path_len = s->path_len };
	if ((key->marks & WHI_KEY_GONE) || !whi_nk_parse(&s->img, key->cell, &nk))
		return;
	s->report->dropped_keys++;
	whi_repair_say(s, WHI_RULE_CELL_UNOWNED, WH_DROPPED, WHI_IN_CELL(key->cell),
		       "the key, which has no way to the root; values by count: %" PRIu32,
		       nk.flags & WH_KEY_PREDEF_HANDLE ? 0 : nk.value_count);
}

void
whi_repair_say_orphans(struct whi_salvage *s)
{
	size_t room = REGF_MAX_DEPTH + 2, depth;
	struct step *steps = whi_alloc(s->alloc, room * sizeof *steps);

	if (!steps) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	for (size_t i = 0; i < s->top_count && s->status == WH_OK; i++) {
		depth = 0;
		say_dropped(s, &steps[depth++], s->tops[i], 0);
		while (depth > 0 && s->status == WH_OK) {
			struct step *step = &steps[depth - 1];
			const struct whi_found_key *above = &s->keys[step->key];

			if (step->next == above->count || depth == room) {
				depth--;
				continue;
			}
			say_dropped(s, &steps[depth++], s->children[above->first + step->next++],
				    step->path_len);
		}
	}
	s->has_path = false;
	whi_free(s->alloc, steps, room * sizeof *steps);
}
