/* SPDX-License-Identifier: MIT */
/*
 * Trees copied, in a hive or into another.
 *
 * The list of the source is made first and followed level by level.  So a copy does not meet
 * what it makes; and with WH_COPY_MERGE, when the copy may end up among the keys it is made of,
 * but never below them, a key is read before anything is written to it.
 */
#include "base/mem.h"
#include "tree/handle.h"
#include "tree/index.h"
#include "tree/index_edit.h"
#include "tree/key_edit.h"
#include "tree/sk.h"
#include "tree/subtree.h"
#include "tree/value_edit.h"

enum {
	ALL_FLAGS = WH_COPY_EXACT | WH_COPY_MERGE | WH_COPY_KEY,
	/* What a key has because of where it is, or because it was in memory. */
	PLACE_FLAGS = WH_KEY_COMP_NAME | WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE,
	MEMORY_FLAGS = WH_KEY_VOLATILE | WH_KEY_HIVE_EXIT,
	/* Units of a name that a key can have and be loaded (docs/format.md section 9). */
	LOADED_NAME_MAX = 520,
};

struct made {
	cellref key;
	bool existed;
};

struct copy {
	struct wh_hive *from, *to;
	unsigned flags;
	struct whi_subtree tree; /* of the source */
	struct made *made;       /* as far as they are made: by index in 'tree' */
	bool below;              /* the top is copied */
	uint8_t *scratch;
	size_t scratch_cap;
	struct {
		cellref parent, child; /* a key that inherited what all below 'parent' do */
	} inherited;
};

static void
fail(struct copy *c, enum wh_status st)
{
	whi_edit_fail(c->to->edit, st);
}

static bool
failed(const struct copy *c)
{
	return c->to->edit->status != WH_OK;
}

/* Room for 'len' bytes; NULL, and the edit fails, if there is none. */
static uint8_t *
scratch(struct copy *c, size_t len)
{
	if (len <= c->scratch_cap || whi_grow(&c->to->alloc, &c->scratch, &c->scratch_cap, len, 1))
		return c->scratch;
	fail(c, WH_E_MEMORY);
	return NULL;
}

/* The name of a key as the other hive will store it. */
static enum wh_status
name_init(struct copy *c, struct whi_name name, struct whi_new_name *stored)
{
	char *text = (char *)scratch(c, whi_name_room(name) + 1);
	enum wh_status st;
	size_t len;

	if (!text)
		return WH_E_MEMORY;
	if (name.wide && name.len % 2)
		return WH_E_CORRUPT;
	len = whi_name_utf8(name, text);
	if (memchr(text, '\\', len))
		return WH_E_CORRUPT;
	st = whi_new_name_init(stored, c->to, text, len, 1, LOADED_NAME_MAX);
	return st == WH_E_INVALID ? WH_E_CORRUPT : st;
}

/* --------------------------------------------------------------- what a key has */

static void
copy_class(struct copy *c, const struct whi_nk *source, cellref key)
{
	struct view text;
	uint8_t *bytes;

	if (whi_nk_class(&c->from->img, source, &text) != WH_OK) {
		fail(c, WH_E_CORRUPT);
		return;
	}
	bytes = scratch(c, text.len + 1);
	if (!bytes)
		return;
	if (text.len > 0)
		memcpy(bytes, text.at, text.len);
	whi_key_put_class(c->to, key, bytes, text.len);
}

/* Are all data of a value there?  How many it says there are means little before. */
static bool
is_whole(const struct whi_image *img, const struct whi_vk *vk)
{
	struct whi_data data;

	whi_data_open(img, vk, &data);
	return data.readable == vk->size;
}

static void
copy_values(struct copy *c, cellref source, cellref key)
{
	const struct whi_image *img = &c->from->img;
	struct whi_values values;
	struct whi_nk nk;
	struct whi_vk vk;

	for (uint32_t i = 0; !failed(c); i++) {
		if (!whi_nk_parse(img, source, &nk) ||
		    whi_values_read(img, &nk, &values) != WH_OK) {
			fail(c, WH_E_CORRUPT);
			return;
		}
		if (i == values.count) {
			if (i < nk.value_count && !(nk.flags & WH_KEY_PREDEF_HANDLE))
				fail(c, WH_E_CORRUPT);
			return;
		}
		if (whi_values_get(img, &values, i, &vk) == WH_OK && is_whole(img, &vk))
			whi_values_copy(c->to, key, c->from, &vk);
		else
			fail(c, WH_E_CORRUPT);
	}
}

/* The security cell that a copy of 'source' has in the other hive; counted. */
static cellref
exact_security(struct copy *c, const struct whi_nk *source, cellref parent)
{
	struct view security;

	if (c->from == c->to)
		return whi_sk_share(c->to, source->self);
	if (whi_nk_security(&c->from->img, source, &security) == WH_OK &&
	    whi_sd_valid(security.at, security.len))
		return whi_sk_acquire(c->to, security.at, security.len, parent);
	fail(c, WH_E_CORRUPT);
	return (cellref){ REGF_NIL };
}

static cellref
inherit(struct copy *c, cellref parent)
{
	if (c->inherited.parent.off == parent.off)
		return whi_sk_share(c->to, c->inherited.child);
	return whi_key_inherit(c->to, parent);
}

static uint8_t
layer_of(const struct copy *c, const struct whi_nk *source)
{
	bool layered =
		c->from->img.minor >= REGF_LAYER_MINOR && c->to->img.minor >= REGF_LAYER_MINOR;

	return layered ? source->disk->layer : 0;
}

/* A key that says that it is deleted would be there in a hive without layers. */
static bool
is_tombstone(const struct copy *c, const struct whi_nk *source)
{
	return c->from->img.minor >= REGF_LAYER_MINOR &&
	       (source->disk->layer & NK_LAYER) == WH_LAYER_TOMBSTONE;
}

static void
put_byte(struct copy *c, cellref key, size_t offset, uint8_t byte)
{
	whi_cell_write(c->to->edit, key, (uint32_t)offset, &byte, sizeof byte);
}

/* Flags and time.  The source is read again, as it may have moved. */
static void
copy_fields(struct copy *c, cellref source, cellref key)
{
	struct whi_edit *e = c->to->edit;
	unsigned flags;
	struct whi_nk from, to;

	if (!whi_nk_parse(&c->from->img, source, &from) || !whi_nk_parse(&c->to->img, key, &to)) {
		fail(c, WH_E_CORRUPT);
		return;
	}
	flags = (from.flags & ~(unsigned)(PLACE_FLAGS | MEMORY_FLAGS)) | (to.flags & PLACE_FLAGS);
	if (flags & WH_KEY_PREDEF_HANDLE) {
		if (to.value_count > 0)
			flags &= ~(unsigned)WH_KEY_PREDEF_HANDLE;
		else
			WHI_NK_SET32(e, key, value_count, from.value_count);
	}
	WHI_NK_SET16(e, key, flags, (uint16_t)flags);
	put_byte(c, key, offsetof(struct regf_nk, layer), layer_of(c, &from));
	put_byte(c, key, offsetof(struct regf_nk, user_flags), from.disk->user_flags);
	put_byte(c, key, offsetof(struct regf_nk, debug), from.disk->debug);
	WHI_NK_SET64(e, key, last_written, le64_get(from.disk->last_written));
}

/* ------------------------------------------------------------------- one key */

static cellref
make_key(struct copy *c, const struct whi_nk *source, cellref parent, struct whi_name name)
{
	uint8_t layer = layer_of(c, source);
	bool exact = c->flags & WH_COPY_EXACT;
	cellref security, key;

	if (is_tombstone(c, source) && c->to->img.minor < REGF_LAYER_MINOR)
		fail(c, WH_E_NOT_SUPPORTED);
	security = exact ? exact_security(c, source, parent) : inherit(c, parent);
	key = whi_key_make(c->to, parent, name, source->flags & WH_KEY_SYM_LINK, security);

	put_byte(c, key, offsetof(struct regf_nk, layer), layer);
	c->inherited.parent = parent;
	c->inherited.child = key;
	return key;
}

/* Give a key that was there the security of the source. */
static void
replace_security(struct copy *c, const struct whi_nk *source, cellref key)
{
	cellref security = exact_security(c, source, key);
	struct whi_nk nk;

	if (!whi_nk_parse(&c->to->img, key, &nk)) {
		fail(c, WH_E_CORRUPT);
		return;
	}
	WHI_NK_SET32(c->to->edit, key, security, security.off);
	whi_sk_release(c->to, nk.security);
}

/* The subkey of that name, if keys are merged and it is there. */
static bool
find_key(struct copy *c, cellref parent, struct whi_name name, cellref *found)
{
	struct whi_query query;
	struct whi_nk nk, child;
	enum wh_status st;

	if (!whi_nk_parse(&c->to->img, parent, &nk)) {
		fail(c, WH_E_CORRUPT);
		return false;
	}
	st = whi_query_from_name(&query, &c->to->alloc, name);
	if (st == WH_OK) {
		st = whi_index_find(&c->to->img, &nk, &query, &child);
		whi_query_fini(&query, &c->to->alloc);
	}
	if (st != WH_OK && st != WH_E_NOT_FOUND)
		fail(c, st);
	if (st == WH_OK)
		*found = child.self;
	return st == WH_OK;
}

/* Copy one key and its values below 'parent', and be it into a key that is there. */
static struct made
copy_key(struct copy *c, cellref ref, struct made parent, struct whi_name name)
{
	bool exact = c->flags & WH_COPY_EXACT;
	struct made made = { .key = { REGF_NIL } };
	struct whi_nk source;

	if ((c->flags & WH_COPY_MERGE) && parent.existed)
		made.existed = find_key(c, parent.key, name, &made.key);
	if (failed(c))
		return made;
	if (!whi_nk_parse(&c->from->img, ref, &source))
		fail(c, WH_E_CORRUPT);
	else if (!made.existed)
		made.key = make_key(c, &source, parent.key, name);
	else if (exact)
		replace_security(c, &source, made.key);
	if ((exact || !made.existed) && whi_nk_parse(&c->from->img, ref, &source))
		copy_class(c, &source, made.key);
	copy_values(c, ref, made.key);
	if (exact)
		copy_fields(c, ref, made.key);
	else if (made.existed)
		whi_nk_touch(c->to, made.key);
	return made;
}

/* ------------------------------------------------------------------ all keys */

static void
copy_below(struct copy *c)
{
	c->below = !failed(c);
	for (size_t i = 1; i < c->tree.count && !failed(c); i++) {
		const struct whi_member *member = &c->tree.keys[i];
		struct whi_new_name stored;
		struct whi_nk nk;
		enum wh_status st = WH_E_CORRUPT;

		if (whi_nk_parse(&c->from->img, member->key, &nk))
			st = name_init(c, nk.name, &stored);
		if (st != WH_OK) {
			fail(c, st);
			return;
		}
		c->made[i] = copy_key(c, member->key, c->made[member->above], stored.name);
		whi_new_name_fini(&stored, c->to);
	}
}

static cellref
copy_tree(struct copy *c, cellref key, cellref parent, struct whi_name name)
{
	cellref nil = { REGF_NIL }, copied = nil;
	unsigned depth = whi_key_depth(c->to, parent, c->from == c->to ? key : nil);
	enum wh_status st;

	if (failed(c))
		return nil;
	c->inherited.parent = nil;
	st = whi_subtree_read(&c->tree, c->from, key, c->flags & WH_COPY_KEY ? 0 : WHI_ALL_LEVELS);
	c->made = st == WH_OK ? whi_alloc(&c->to->alloc, c->tree.count * sizeof *c->made) : NULL;
	if (st == WH_OK && !c->made)
		st = WH_E_MEMORY;
	if (st == WH_OK && depth + 1 + c->tree.height > WHI_DEPTH_MAX)
		st = WH_E_TOO_BIG;
	if (st == WH_OK) {
		c->made[0] = copy_key(c, key, (struct made){ parent, true }, name);
		copied = c->made[0].key;
		if (!c->made[0].existed)
			whi_nk_touch(c->to, parent);
		copy_below(c);
	} else {
		fail(c, st);
	}
	whi_free(&c->to->alloc, c->made, c->tree.count * sizeof *c->made);
	whi_free(&c->to->alloc, c->scratch, c->scratch_cap);
	whi_subtree_fini(&c->tree, c->from);
	return copied;
}

/* Would a key be merged into itself? */
static bool
is_itself(struct wh_key key, struct wh_key parent, const char *name, size_t len, unsigned flags)
{
	struct wh_key found;

	return (flags & WH_COPY_MERGE) && key.hive == parent.hive &&
	       wh_key_subkey(parent, name, len, &found) == WH_OK && found.cell == key.cell;
}

enum wh_status
wh_key_copy(struct wh_key key, struct wh_key parent, const char *name, size_t len, unsigned flags,
	    struct wh_key *copied)
{
	struct copy c = { .from = key.hive, .to = parent.hive, .flags = flags };
	cellref source = { key.cell }, above = { parent.cell };
	struct whi_new_name stored;
	struct whi_nk nk;
	enum wh_status st = whi_key_read(key, &nk);

	*copied = (struct wh_key){ 0 };
	if (st == WH_OK)
		st = whi_key_read(parent, &nk);
	if (st == WH_OK && flags & ~(unsigned)ALL_FLAGS)
		st = WH_E_INVALID;
	if (st == WH_OK && is_itself(key, parent, name, len, flags)) {
		*copied = whi_key_handle(key.hive, source);
		return WH_OK;
	}
	if (st == WH_OK)
		st = whi_key_name_init(&stored, c.to, name, len);
	if (st != WH_OK)
		return st;
	st = whi_change_begin(parent);
	if (st == WH_OK) {
		source = copy_tree(&c, source, above, stored.name);
		st = whi_change_end(c.to);
	}
	/* Two subkeys of one name are damage, and not what the caller asked about. */
	if (st == WH_E_EXISTS && c.below)
		st = WH_E_CORRUPT;
	if (st == WH_OK)
		*copied = whi_key_handle(c.to, source);
	whi_new_name_fini(&stored, c.to);
	return st;
}
