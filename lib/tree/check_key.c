/* SPDX-License-Identifier: MIT */
/*
 * Rules of keys, values and lists on which no reading relies (docs/format.md sections 5 to 7).
 * What was left out of a key says nothing of its longest fields.
 */
#include "tree/check.h"

#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

enum {
	MAX_OLD_DATA = 1 << 20,
	MAX_LF = 507, /* elements that Windows lets a list have, section 6.2 */
	MAX_LEAF = 1013,
	FEW = 8,         /* names of values that are compared with each other */
	SOME = 64,       /* for these there are bits anyway: */
	SOME_ORDER = 10, /* 1 << 10 of them */
};

/* --------------------------------------------------------------------- keys */

static bool
could_be_latin1(struct whi_name name)
{
	uint32_t n = whi_name_units(name);

	if (!name.wide || n == 0)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (whi_name_unit(name, i) > 0xff)
			return false;
	return true;
}

static void
check_name(struct whi_pass *p, const struct whi_nk *nk)
{
	struct whi_location place = WHI_IN_CELL(nk->self);

	if (whi_name_units(nk->name) > WHI_CHECK_MAX_NAME)
		whi_report(&p->sink, WHI_RULE_KEY_NAME_LONG, place,
			   "name of %" PRIu32 " units, at most %d are allowed",
			   whi_name_units(nk->name), WHI_CHECK_MAX_NAME);
	if (p->img.minor > 1 && could_be_latin1(nk->name))
		whi_report(&p->sink, WHI_RULE_KEY_NAME_WIDE, place,
			   "the name is stored in UTF-16, but would fit in one byte a unit");
}

static void
check_flags(struct whi_pass *p, const struct whi_nk *nk, bool root)
{
	unsigned due = WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE;
	unsigned odd = WH_KEY_VOLATILE | WH_KEY_HIVE_EXIT | (root ? 0u : WH_KEY_HIVE_ENTRY);

	if (nk->flags & odd)
		whi_report(&p->sink, WHI_RULE_KEY_FLAGS, WHI_IN_CELL(nk->self),
			   "has the flags 0x%04x, which this key on disk cannot have",
			   nk->flags & odd);
	if (root && (nk->flags & due) != due)
		whi_report(&p->sink, WHI_RULE_ROOT_FLAGS, WHI_IN_CELL(nk->self),
			   "the flags of the root are 0x%04x, without 0x%04x", nk->flags,
			   due & ~nk->flags);
}

static const char *
layer_trouble(const struct whi_pass *p, const struct whi_nk *nk)
{
	const struct whi_frame *above = p->depth > 0 ? &p->frames[p->depth - 1] : NULL;
	unsigned layer = nk->disk->layer & NK_LAYER;

	if (p->img.minor < REGF_LAYER_MINOR)
		return nk->disk->layer & (NK_LAYER | NK_INHERIT_CLASS)
			       ? "belongs to a layer, in a version that has none"
			       : NULL;
	if (layer == WH_LAYER_TOMBSTONE &&
	    (nk->subkey_count > 0 || nk->value_count > 0 || nk->class_len > 0))
		return "is a tombstone, but is not empty";
	if (above && (above->disk->layer & NK_LAYER) == WH_LAYER_SUPERSEDE_TREE &&
	    layer != WH_LAYER_SUPERSEDE_TREE && layer != WH_LAYER_TOMBSTONE)
		return "is merged with lower layers, but the key above replaces all below it";
	return NULL;
}

/* The longest name or class of no subkeys, when a key has none. */
static void
check_no_subkeys(struct whi_pass *p, const struct whi_nk *nk)
{
	unsigned name = le16_get(nk->disk->max_name_len);
	uint32_t class_len = le32_get(nk->disk->max_class_len);

	if (name > 0 || class_len > 0)
		whi_report(&p->sink, WHI_RULE_KEY_LONGEST_HIGH, WHI_IN_CELL(nk->self),
			   "has no subkeys, but a longest name of %u bytes and a longest class of "
			   "%" PRIu32,
			   name, class_len);
}

void
whi_check_key(struct whi_pass *p, const struct whi_nk *nk)
{
	struct whi_location place = WHI_IN_CELL(nk->self);
	const struct regf_nk *disk = nk->disk;
	uint64_t time = le64_get(disk->last_written);
	bool root = nk->self.off == p->hive->root.off;
	const char *trouble;

	p->check->result->keys++;
	if (nk->cell_len > WHI_CHECK_MAX_NK_CELL)
		whi_report(&p->sink, WHI_RULE_KEY_CELL_LARGE, place,
			   "cell with %" PRIu32 " bytes, a key has at most %d", nk->cell_len,
			   WHI_CHECK_MAX_NK_CELL);
	check_name(p, nk);
	check_flags(p, nk, root);
	if (le32_get(disk->volatile_count) > 0)
		whi_report(&p->sink, WHI_RULE_KEY_VOLATILE, place,
			   "counts %" PRIu32 " volatile subkeys, which are not on disk",
			   le32_get(disk->volatile_count));
	trouble = p->img.minor > 1 ? layer_trouble(p, nk) : NULL;
	if (trouble)
		whi_report(&p->sink, WHI_RULE_KEY_LAYER, place, "%s", trouble);
	if (time > 0 && (time < WHI_CHECK_FIRST_TIME || time > WHI_CHECK_LAST_TIME))
		whi_report(&p->sink, WHI_RULE_KEY_TIME, place,
			   "last written at %" PRIu64 ", which is not between 1990 and 2200", time);
	if (nk->subkey_count == 0 && nk->subkey_list.off == REGF_NIL)
		check_no_subkeys(p, nk);
}

/* -------------------------------------------------------------- subkey lists */

void
whi_check_list(struct whi_pass *p, cellref ref, const struct whi_list *list)
{
	static const char *const names[] = { "li", "lf", "lh", "ri" };
	uint32_t minor = p->img.minor, most = list->kind == WHI_LIST_LF ? MAX_LF : MAX_LEAF;
	bool odd = (list->kind == WHI_LIST_LF && (minor < 3 || minor > 4)) ||
		   (list->kind == WHI_LIST_LH && minor < 5) ||
		   (list->kind == WHI_LIST_LI && minor > 4);

	if (list->kind != WHI_LIST_RI && (odd || list->count > most))
		whi_report(&p->sink, WHI_RULE_LIST_KIND, WHI_IN_CELL(ref),
			   "an %s of %" PRIu32 " elements in version 1.%" PRIu32
			   ": Windows would use another kind of list",
			   names[list->kind], list->stored_count, minor);
	if (list->stored_count == 0)
		whi_report(&p->sink, WHI_RULE_LIST_EMPTY, WHI_IN_CELL(ref),
			   "an %s without elements", names[list->kind]);
}

/* A longest field that should have been at least, or at most, what it is. */
static void
check_longest(struct whi_pass *p, cellref key, const char *what, uint32_t is, uint32_t due,
	      bool whole)
{
	if (is < due)
		whi_report(&p->sink, WHI_RULE_KEY_LONGEST_LOW, WHI_IN_CELL(key),
			   "the longest %s is said to have %" PRIu32 " bytes, but one has %" PRIu32,
			   what, is, due);
	else if (is > due && whole)
		whi_report(&p->sink, WHI_RULE_KEY_LONGEST_HIGH, WHI_IN_CELL(key),
			   "the longest %s is said to have %" PRIu32
			   " bytes, but none has more than %" PRIu32,
			   what, is, due);
}

void
whi_check_subkeys(struct whi_pass *p, const struct whi_frame *frame)
{
	cellref key = { frame->it.key.cell };
	uint32_t name = frame->longest_name < UINT16_MAX ? frame->longest_name : UINT16_MAX;

	check_longest(p, key, "name of a subkey", le16_get(frame->disk->max_name_len), name,
		      frame->whole);
	check_longest(p, key, "class of a subkey", le32_get(frame->disk->max_class_len),
		      frame->longest_class, frame->whole);
	if (p->check->path_frames >= p->depth)
		p->check->path_frames = p->depth - 1;
}

/* ------------------------------------------------------------------- values */

/* Keep the name of a value, to be compared with those of the others. */
static void
note_name(struct whi_check *c, const struct whi_vk *vk)
{
	void *names = c->names;

	if (c->name_count == c->name_cap) {
		if (!whi_grow(&c->pass->hive->alloc, &names, &c->name_cap, c->name_count + 1,
			      sizeof *c->names)) {
			c->no_memory = true;
			return;
		}
		c->names = names;
	}
	c->names[c->name_count].name = vk->name;
	c->names[c->name_count++].cell = vk->self.off;
}

void
whi_check_value(struct whi_pass *p, const struct whi_vk *vk, bool whole)
{
	struct whi_check *c = p->check;
	struct whi_location place = WHI_IN_CELL(vk->self);
	uint32_t name = 2 * whi_name_units(vk->name);

	c->result->values++;
	if (c->longest_name < name)
		c->longest_name = name;
	if (whole && c->longest_data < vk->size)
		c->longest_data = vk->size;
	note_name(c, vk);
	if ((vk->flags & VK_TOMBSTONE) &&
	    (p->img.minor < REGF_LAYER_MINOR || vk->size > 0 || vk->type != WH_REG_NONE))
		whi_report(&p->sink, WHI_RULE_VALUE_TOMBSTONE, place,
			   "a tombstone of type %" PRIu32 " with %" PRIu32
			   " bytes of data in version 1.%" PRIu32,
			   vk->type, vk->size, p->img.minor);
	if (p->img.minor < REGF_DB_MINOR && vk->size > MAX_OLD_DATA && !vk->in_place)
		whi_report(&p->sink, WHI_RULE_VALUE_LARGE, place,
			   "%" PRIu32 " bytes of data, more than a value of this version has",
			   vk->size);
	if ((vk->flags & VK_COMP_NAME) && vk->name.len == 0)
		whi_report(&p->sink, WHI_RULE_VALUE_NO_NAME, place,
			   "flagged as a name of one byte a unit, but has no name");
}

/*
 * Names that are the same have the same mark, and hardly any others do; it is a fraction of the
 * work that the hash is.  Only of ASCII, as nothing else is another case of it; else false.
 */
static bool
mark_name(struct whi_name name, uint64_t *mark)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15), no_case = ~(WHI_NAME_NOT_ASCII >> 2);
	uint32_t n = whi_name_first_word(name);
	uint64_t word, any;

	*mark = 0;
	if (name.wide || name.len == 0)
		return name.len == 0;
	any = whi_name_word(name.at + n, n);
	*mark = ((any & no_case) + name.len) * factor;
	for (uint32_t i = 2 * WHI_NAME_WORD; i < name.len; i += WHI_NAME_WORD) {
		any |= word = whi_name_word(name.at + i, WHI_NAME_WORD);
		*mark = (*mark ^ *mark >> 32 ^ (word & no_case)) * factor;
	}
	any |= word = whi_name_word(name.at + name.len, n);
	*mark = (*mark ^ *mark >> 32 ^ (word & no_case)) * factor;
	return (any & WHI_NAME_NOT_ASCII) == 0;
}

static bool
same_name(const struct whi_value_name *a, const struct whi_value_name *b)
{
	return a->hash == b->hash && whi_name_compare(a->name, b->name) == 0;
}

static bool
before(const void *array, size_t a, size_t b)
{
	const struct whi_value_name *all = array;
	int order;

	if (all[a].hash != all[b].hash)
		return all[a].hash < all[b].hash;
	order = whi_name_compare(all[a].name, all[b].name);
	return order != 0 ? order < 0 : all[a].cell < all[b].cell;
}

static void
swap(void *array, size_t a, size_t b)
{
	struct whi_value_name *all = array, was = all[a];

	all[a] = all[b];
	all[b] = was;
}

static bool
is_among(const struct whi_value_name *names, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_name(&names[j], &names[i]))
			return true;
	return false;
}

/*
 * Surely no name is there twice.  Each has a bit, and is compared with those before it only if
 * one of them had it; 'bits' are as many as to make that rare.  Who makes names so that it is not
 * gets the answer that nobody knows.
 */
static bool
all_differ(const struct whi_check *c, uint64_t *bits, unsigned order)
{
	size_t budget = c->name_count * SOME;

	for (size_t i = 0; i < c->name_count; i++) {
		uint32_t bit = c->names[i].hash * UINT32_C(0x9e3779b1) >> (32 - order);

		if (whi_pass_is_set(bits, bit)) {
			if (budget < i || is_among(c->names, i))
				return false;
			budget -= i;
		}
		whi_pass_set(bits, bit);
	}
	return true;
}

/* The same with memory for the bits: 64 of them and more for each name. */
static bool
many_differ(struct whi_pass *p)
{
	const struct whi_check *c = p->check;
	unsigned order = SOME_ORDER;
	uint64_t *bits;
	size_t words;
	bool differ;

	while (order < 31 && (size_t)1 << order < c->name_count * WHI_WORD)
		order++;
	words = ((size_t)1 << order) / WHI_WORD;
	bits = whi_zalloc(&p->hive->alloc, words * sizeof *bits);
	differ = bits && all_differ(c, bits, order);
	whi_free(&p->hive->alloc, bits, words * sizeof *bits);
	return differ;
}

/* The same of a few: to compare their marks is less than to sort them into bits. */
static bool
few_differ(const struct whi_check *c)
{
	for (size_t i = 1; i < c->name_count; i++)
		for (size_t j = 0; j < i; j++)
			if (c->names[i].mark == c->names[j].mark)
				return false;
	return true;
}

/* The same, whatever number of them there is. */
static bool
names_differ(struct whi_pass *p)
{
	struct whi_check *c = p->check;
	uint64_t bits[(1 << SOME_ORDER) / WHI_WORD];
	bool marked = true;

	for (size_t i = 0; i < c->name_count; i++)
		marked &= mark_name(c->names[i].name, &c->names[i].mark);
	if (c->name_count <= FEW && marked && few_differ(c))
		return true;
	for (size_t i = 0; i < c->name_count; i++)
		c->names[i].hash = marked ? (uint32_t)(c->names[i].mark >> 32)
					  : whi_name_hash(c->names[i].name);
	memset(bits, 0, sizeof bits);
	return c->name_count <= SOME ? all_differ(c, bits, SOME_ORDER) : many_differ(p);
}

static void
check_names(struct whi_pass *p)
{
	struct whi_check *c = p->check;
	struct whi_value_name *names = c->names;

	if (names_differ(p))
		return;
	for (size_t i = 0; i < c->name_count; i++)
		names[i].hash = whi_name_hash(names[i].name);
	whi_check_sort(c->name_count, before, swap, names);
	for (size_t i = 1; i < c->name_count; i++)
		if (same_name(&names[i - 1], &names[i]))
			whi_report(&p->sink, WHI_RULE_VALUE_TWICE,
				   WHI_IN_CELL((cellref){ names[i].cell }),
				   "the value 0x%" PRIx32 " of the same key has the same name",
				   names[i - 1].cell);
}

/* Is this what the one value of a symbolic link has to be? */
static bool
is_target(const struct whi_image *img, const struct whi_vk *vk)
{
	static const char due[] = "SymbolicLinkValue";
	struct whi_name name = { (const uint8_t *)due, sizeof due - 1, false };
	struct whi_data data;

	whi_data_open(img, vk, &data);
	return vk->type == WH_REG_LINK && whi_name_compare(vk->name, name) == 0 &&
	       vk->size % 2 == 0 && data.piece.len >= 2 && data.piece.at[0] == '\\' &&
	       data.piece.at[1] == 0;
}

static void
check_link(struct whi_pass *p, const struct whi_nk *nk)
{
	static const struct whi_sink silence;
	const struct whi_check *c = p->check;
	struct whi_image img = p->img;
	struct whi_vk vk;

	img.sink = &silence;
	if (nk->value_count != 1 || c->name_count != 1 ||
	    !whi_vk_parse(&img, (cellref){ c->names[0].cell }, &vk) || !is_target(&img, &vk))
		whi_report(&p->sink, WHI_RULE_KEY_LINK, WHI_IN_CELL(nk->self),
			   "a symbolic link, but its values are not one REG_LINK named "
			   "SymbolicLinkValue with the path of a key");
}

void
whi_check_values(struct whi_pass *p, const struct whi_nk *nk, bool whole)
{
	struct whi_check *c = p->check;

	check_longest(p, nk->self, "name of a value", le32_get(nk->disk->max_value_name_len),
		      c->longest_name, whole);
	check_longest(p, nk->self, "data of a value", le32_get(nk->disk->max_value_len),
		      c->longest_data, whole);
	if (nk->flags & WH_KEY_SYM_LINK)
		check_link(p, nk);
	if (c->name_count > 1)
		check_names(p);
	c->name_count = 0;
	c->longest_name = c->longest_data = 0;
}
