/* SPDX-License-Identifier: MIT */
/*
 * One tree: from the root to all keys that have a way to it; what has none is a tree of its own,
 * to be put below a key made for that, or dropped.  Then the subkeys of each key in the order of
 * their names, of which no two are the same.
 */
#include "check/salvage.h"

#include "base/mem.h"
#include "check/repair.h"
#include "tree/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	MOST_UNITS = 256,       /* of the name of a key */
	MOST_NAME = 1040,       /* bytes that Windows takes */
	TOP_DEPTH = 3,          /* of an orphan: below one for its parent, below the key for all */
	ROUNDS = 4,             /* in which names are made different */
	FIRST_NUMBER = 2,       /* behind the second of the same name */
	SEEN = (int)0x40000000, /* among the marks, while trees are gone through */
};

/* ------------------------------------------------------------------ names */

static struct whi_text *
new_text(struct whi_salvage *s, size_t size)
{
	struct whi_text *text = whi_zalloc(s->alloc, sizeof *text + size);

	if (!text) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return NULL;
	}
	text->size = size;
	text->next = s->texts;
	s->texts = text;
	return text;
}

struct whi_name
whi_salvage_text(struct whi_salvage *s, const char *text)
{
	uint32_t len = (uint32_t)strlen(text);
	struct whi_text *made = new_text(s, len);

	if (!made)
		return (struct whi_name){ 0 };
	memcpy(made->bytes, text, len);
	return (struct whi_name){ made->bytes, len, false };
}

const char *
whi_salvage_keep(struct whi_salvage *s, const char *text)
{
	struct whi_text *made = new_text(s, strlen(text) + 1);

	return made ? memcpy(made->bytes, text, strlen(text) + 1) : "";
}

struct whi_name
whi_salvage_lost_name(struct whi_salvage *s, cellref ref)
{
	char name[32];

	snprintf(name, sizeof name, "Lost key 0x%" PRIx32, ref.off);
	return whi_salvage_text(s, name);
}

struct whi_name
whi_salvage_numbered(struct whi_salvage *s, struct whi_name name, uint32_t most, uint32_t number)
{
	char tail[20];
	uint32_t more = (uint32_t)snprintf(tail, sizeof tail, " (%u)", (unsigned)number);
	uint32_t width = name.wide ? 2 : 1, units = whi_name_units(name);
	struct whi_text *made;

	if (units > most - more)
		units = most - more;
	made = new_text(s, (size_t)(units + more) * width);
	if (!made)
		return name;
	if (units > 0)
		memcpy(made->bytes, name.at, (size_t)units * width);
	for (uint32_t i = 0; i < more; i++)
		made->bytes[(units + i) * width] = (uint8_t)tail[i];
	return (struct whi_name){ made->bytes, (units + more) * width, name.wide };
}

/* A name that Windows takes. */
static void
settle_name(struct whi_salvage *s, uint32_t i)
{
	struct whi_found_key *key = &s->keys[i];

	if (key->name.wide)
		key->name.len -= key->name.len % 2;
	if (key->name.len > MOST_NAME) {
		key->name.len = MOST_UNITS * (key->name.wide ? 2 : 1);
		key->marks |= WHI_KEY_LONG_NAME;
	}
	if (key->name.len > 0)
		return;
	key->name = whi_salvage_text(s, i == s->root ? "ROOT" : "Unnamed");
	key->marks |= WHI_KEY_NAMED;
}

/* ------------------------------------------------------------------- root */

static cellref
parent_of(const struct whi_salvage *s, uint32_t i)
{
	struct whi_nk nk;

	if ((s->keys[i].marks & (WHI_KEY_GONE | WHI_KEY_MADE)) ||
	    !whi_nk_parse(&s->img, s->keys[i].cell, &nk))
		return (cellref){ REGF_NIL };
	return nk.parent;
}

static bool
is_marked(const struct whi_salvage *s, uint32_t i)
{
	struct whi_nk nk;

	return whi_nk_parse(&s->img, s->keys[i].cell, &nk) && (nk.flags & WH_KEY_HIVE_ENTRY);
}

static bool
is_parent(const struct whi_salvage *s, cellref ref)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (parent_of(s, i).off == ref.off)
			return true;
	return false;
}

/* Where the base block has the root; 'sound' if it can be believed. */
static cellref
said_root(const struct whi_salvage *s, bool *sound)
{
	cellref first = { sizeof(struct regf_bin) };
	struct regf_base base;

	memcpy(&base, s->img.bytes, sizeof base);
	*sound = whi_repair_base_sound(s);
	return memcmp(base.sig, "regf", 4) == 0 ? (cellref){ le32_get(base.root_cell) } : first;
}

/* A key that says it is the root, and that nobody has. */
static uint32_t
marked_root(const struct whi_salvage *s)
{
	uint32_t found = WHI_NO_KEY;

	for (uint32_t i = 0; i < s->count; i++) {
		if (!is_marked(s, i))
			continue;
		if (s->keys[i].owner == WHI_NO_KEY)
			return i;
		if (found == WHI_NO_KEY)
			found = i;
	}
	return found;
}

static uint32_t
gone_root(struct whi_salvage *s, cellref ref)
{
	struct whi_found_key key = {
		.cell = ref,
		.marks = WHI_KEY_GONE,
		.name = whi_salvage_text(s, "ROOT"),
	};

	return s->status == WH_OK ? whi_salvage_add(s, key) : WHI_NO_KEY;
}

void
whi_salvage_said_root(struct whi_salvage *s)
{
	bool sound;
	cellref said = said_root(s, &sound);

	if (whi_salvage_find(s, said) == WHI_NO_KEY && (sound || is_parent(s, said)))
		whi_salvage_key(s, said, (cellref){ REGF_NIL });
}

void
whi_salvage_root(struct whi_salvage *s)
{
	bool sound;
	cellref said = said_root(s, &sound);
	uint32_t marked = marked_root(s);

	s->root = whi_salvage_find(s, said);
	if (s->root == WHI_NO_KEY || (!sound && marked != WHI_NO_KEY && !is_marked(s, s->root)))
		s->root = marked;
	if (s->root == WHI_NO_KEY && said.off < s->img.length && is_parent(s, said))
		s->root = gone_root(s, said);
}

/* The key above all others of 'i', as far as that is known. */
static uint32_t
top_of(const struct whi_salvage *s, uint32_t i)
{
	for (uint32_t n = 0; n <= REGF_MAX_DEPTH && s->keys[i].owner != WHI_NO_KEY; n++)
		i = s->keys[i].owner;
	return i;
}

void
whi_salvage_any_root(struct whi_salvage *s)
{
	uint32_t *below = whi_zalloc(s->alloc, (s->count + 1) * sizeof *below), best = 0;
	size_t count = s->count;
	cellref above;

	if (!below)
		whi_salvage_fail(s, WH_E_MEMORY);
	else if (count == 0)
		whi_salvage_fail(s, WH_E_CORRUPT);
	if (s->status == WH_OK) {
		for (uint32_t i = 0; i < count; i++)
			below[top_of(s, i)]++;
		for (uint32_t i = 1; i < count; i++)
			if (below[i] > below[best])
				best = i;
		above = parent_of(s, best);
		s->root = best;
		/* A root that is whole says that it is one: this was below it. */
		if (above.off % REGF_CELL_ALIGN == 0 && above.off < s->img.length &&
		    whi_salvage_find(s, above) == WHI_NO_KEY)
			s->root = gone_root(s, above);
	}
	whi_free(s->alloc, below, (count + 1) * sizeof *below);
	if (s->status == WH_OK)
		s->keys[s->root].owner = WHI_NO_KEY;
}

/* ------------------------------------------------------------------- trees */

/* The keys below each, and those whose turn is to come. */
struct links {
	struct whi_salvage *s;
	uint32_t *head, *next, *queue;
	size_t count;
};

static void
add_top(struct whi_salvage *s, uint32_t i)
{
	void *tops = s->tops;

	if (!whi_grow(s->alloc, &tops, &s->top_cap, s->top_count + 1, sizeof *s->tops)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	s->tops = tops;
	s->tops[s->top_count++] = i;
	s->keys[i].owner = WHI_NO_KEY;
}

/* All below a key, level by level; what is too deep is a tree of its own. */
static void
spread(struct links *l, uint32_t top, uint32_t depth, uint32_t marks)
{
	struct whi_salvage *s = l->s;
	size_t from = 0, to = 0;

	s->keys[top].depth = depth;
	s->keys[top].marks |= marks;
	l->queue[to++] = top;
	while (from < to && s->status == WH_OK) {
		uint32_t above = l->queue[from++];

		for (uint32_t i = l->head[above]; i != WHI_NO_KEY; i = l->next[i]) {
			struct whi_found_key *key = &s->keys[i];

			if (key->owner != above || (key->marks & SEEN))
				continue;
			if (s->keys[above].depth == REGF_MAX_DEPTH) {
				add_top(s, i);
				continue;
			}
			key->depth = s->keys[above].depth + 1;
			key->marks |= marks;
			l->queue[to++] = i;
		}
	}
}

static void
link_keys(struct links *l)
{
	struct whi_salvage *s = l->s;
	const struct wh_allocator *a = s->alloc;

	l->count = s->count;
	l->head = whi_alloc(a, (l->count + 1) * sizeof *l->head);
	l->next = whi_alloc(a, (l->count + 1) * sizeof *l->next);
	l->queue = whi_alloc(a, (l->count + 1) * sizeof *l->queue);
	if (!l->head || !l->next || !l->queue) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	for (size_t i = 0; i < l->count; i++)
		l->head[i] = WHI_NO_KEY;
	for (size_t i = l->count; i-- > 0;) {
		uint32_t owner = s->keys[i].owner;

		if (owner == WHI_NO_KEY)
			continue;
		l->next[i] = l->head[owner];
		l->head[owner] = (uint32_t)i;
	}
}

/* All below the keys that are known to be on top of a tree. */
static void
spread_tops(struct links *l, size_t *done)
{
	struct whi_salvage *s = l->s;

	for (; *done < s->top_count && s->status == WH_OK; (*done)++)
		if (!(s->keys[s->tops[*done]].marks & SEEN))
			spread(l, s->tops[*done], TOP_DEPTH, SEEN);
}

/* What the root does not lead to; last the keys that are below each other in a circle. */
static void
find_orphans(struct links *l)
{
	struct whi_salvage *s = l->s;
	size_t done = 0;

	spread_tops(l, &done); /* what was too deep */
	for (int circles = 0; circles < 2; circles++)
		for (uint32_t i = 0; i < l->count && s->status == WH_OK; i++) {
			if ((s->keys[i].marks & SEEN) ||
			    (!circles && s->keys[i].owner != WHI_NO_KEY))
				continue;
			add_top(s, i);
			spread_tops(l, &done);
		}
}

/* Cells that turned out to be data of a value are no keys, whatever they look like. */
static void
forget_data(struct whi_salvage *s)
{
	size_t count = 0;

	if (s->top_count > 0)
		whi_repair_claim_values(s);
	for (size_t i = 0; i < s->top_count; i++) {
		const struct whi_found_key *key = &s->keys[s->tops[i]];

		if ((key->marks & WHI_KEY_GONE) || whi_salvage_claim(s, s->claimed, key->cell))
			s->tops[count++] = s->tops[i];
	}
	s->top_count = count;
}

/* The key for all orphans, or below it one in the place of a parent that is gone. */
static uint32_t
add_place(struct whi_salvage *s, struct whi_found_key key, uint32_t owner)
{
	uint32_t i = s->status == WH_OK ? whi_salvage_add(s, key) : WHI_NO_KEY;

	if (i != WHI_NO_KEY) {
		s->keys[i].owner = owner;
		s->keys[i].marks |= WHI_KEY_REACHED | SEEN;
	}
	return i;
}

/* Orphans with the same parent stay together, and so have their names for themselves. */
static uint32_t
place_of(struct whi_salvage *s, cellref parent)
{
	uint32_t found = whi_salvage_find(s, parent);

	if (found != WHI_NO_KEY && s->keys[found].owner == s->lost &&
	    (s->keys[found].marks & WHI_KEY_GONE))
		return found;
	if (found != WHI_NO_KEY || parent.off % REGF_CELL_ALIGN || parent.off > REGF_MAX_LENGTH)
		return s->lost;
	return add_place(s,
			 (struct whi_found_key){ .cell = parent,
						 .depth = TOP_DEPTH - 1,
						 .marks = WHI_KEY_GONE,
						 .name = whi_salvage_lost_name(s, parent) },
			 s->lost);
}

static void
keep_orphans(struct links *l)
{
	struct whi_salvage *s = l->s;
	struct whi_found_key key = {
		.cell = { REGF_NIL },
		.depth = 1,
		.marks = WHI_KEY_MADE,
		.name = whi_salvage_text(s, "LostAndFound"),
	};

	s->lost = add_place(s, key, s->root);
	for (size_t i = 0; i < l->count; i++)
		s->keys[i].marks &= ~(uint32_t)SEEN;
	for (size_t i = 0; i < s->top_count && s->status == WH_OK; i++) {
		uint32_t place;

		spread(l, s->tops[i], TOP_DEPTH, SEEN | WHI_KEY_REACHED);
		place = place_of(s, parent_of(s, s->tops[i])); /* which may move the keys */
		s->keys[s->tops[i]].owner = place;
	}
}

/* ------------------------------------------------------------------- order */

struct family {
	const struct whi_found_key *keys;
	uint32_t *numbers;
};

static bool
before(const void *array, size_t a, size_t b)
{
	const struct family *f = array;
	const struct whi_found_key *one = &f->keys[f->numbers[a]], *two = &f->keys[f->numbers[b]];
	int order = whi_name_compare(one->name, two->name);

	if (order != 0)
		return order < 0;
	/* Of two with the same name that comes first, and keeps it, of which there is no doubt. */
	if ((one->marks ^ two->marks) & WHI_KEY_SURE)
		return one->marks & WHI_KEY_SURE;
	return f->numbers[a] < f->numbers[b];
}

static void
swap(void *array, size_t a, size_t b)
{
	struct family *f = array;
	uint32_t was = f->numbers[a];

	f->numbers[a] = f->numbers[b];
	f->numbers[b] = was;
}

static void
sort(const struct family *f, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (before(f, i, i - 1)) {
			whi_check_sort(count, before, swap, (void *)(uintptr_t)f);
			return;
		}
}

/* Give names to those that have one that is taken.  False: there are none. */
static bool
rename_doubles(struct whi_salvage *s, const struct family *f, size_t count)
{
	uint32_t number = FIRST_NUMBER, first = 0;
	bool any = false;

	for (uint32_t i = 1; i < count && s->status == WH_OK; i++) {
		struct whi_found_key *key = &s->keys[f->numbers[i]];

		if (whi_name_compare(s->keys[f->numbers[first]].name, key->name) != 0) {
			first = i;
			number = FIRST_NUMBER;
			continue;
		}
		key->name = whi_salvage_numbered(s, key->name, MOST_UNITS, number++);
		key->marks |= WHI_KEY_NAMED;
		any = true;
	}
	return any;
}

/* Still the same as another, after all: who makes names so that this comes loses them. */
static uint32_t
drop_doubles(struct whi_salvage *s, const struct family *f, uint32_t count)
{
	uint32_t kept = count > 0;

	for (uint32_t i = 1; i < count; i++) {
		uint32_t number = f->numbers[i];

		if (whi_name_compare(s->keys[f->numbers[kept - 1]].name, s->keys[number].name) == 0)
			add_top(s, number);
		else
			f->numbers[kept++] = number;
	}
	return kept;
}

static void
order_subkeys(struct whi_salvage *s, struct whi_found_key *key)
{
	struct family f = { s->keys, s->children + key->first };

	sort(&f, key->count);
	for (int i = 0; i < ROUNDS && rename_doubles(s, &f, key->count); i++)
		sort(&f, key->count);
	if (s->status == WH_OK)
		key->count = drop_doubles(s, &f, key->count);
}

/* The subkeys of all keys, those of trees that are dropped too. */
static void
order(struct whi_salvage *s)
{
	uint32_t at = 0;

	s->child_room = s->count + 1;
	s->children = whi_alloc(s->alloc, s->child_room * sizeof *s->children);
	if (!s->children) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < s->count && s->status == WH_OK; i++) {
		settle_name(s, i);
		if (s->keys[i].owner != WHI_NO_KEY)
			s->keys[s->keys[i].owner].count++;
	}
	for (size_t i = 0; i < s->count; i++) {
		s->keys[i].first = at;
		at += s->keys[i].count;
		s->keys[i].count = 0;
	}
	for (uint32_t i = 0; i < s->count; i++)
		if (s->keys[i].owner != WHI_NO_KEY) {
			struct whi_found_key *above = &s->keys[s->keys[i].owner];

			s->children[above->first + above->count++] = i;
		}
	for (size_t i = 0; i < s->count && s->status == WH_OK; i++)
		order_subkeys(s, &s->keys[i]);
}

void
whi_salvage_tree(struct whi_salvage *s)
{
	struct links l = { .s = s };

	link_keys(&l);
	if (s->status == WH_OK)
		spread(&l, s->root, 0, SEEN | WHI_KEY_REACHED);
	if (s->status == WH_OK)
		find_orphans(&l);
	if (s->status == WH_OK)
		forget_data(s);
	if (s->status == WH_OK && s->top_count > 0 && s->how->lost_and_found)
		keep_orphans(&l);
	whi_free(s->alloc, l.head, (l.count + 1) * sizeof *l.head);
	whi_free(s->alloc, l.next, (l.count + 1) * sizeof *l.next);
	whi_free(s->alloc, l.queue, (l.count + 1) * sizeof *l.queue);
	for (size_t i = 0; i < s->count; i++)
		s->keys[i].marks &= ~(uint32_t)SEEN;
	if (s->status == WH_OK && s->lost != WHI_NO_KEY)
		s->top_count = 0;
	if (s->status == WH_OK)
		order(s);
}
