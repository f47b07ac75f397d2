/* SPDX-License-Identifier: MIT */
#include "invariants_walk.h"

#include "base/upcase.h"

#include <stdlib.h>
#include <string.h>

enum {
	NK = 76,
	VK = 20,
	SEGMENT = 16344,
	SEGMENT_CELL = 16352,
	LF_MAX = 507,
	LEAF_MAX = 1013,
	MAX_DEPTH = 512
};

enum { VOLATILE = 1, HIVE_EXIT = 2, HIVE_ENTRY = 4, SYM_LINK = 0x10, COMP_NAME = 0x20 };
enum { TOMBSTONE = 2 }; /* of a value */

struct name {
	const uint8_t *at;
	uint32_t units;
	bool wide;
};

/* ------------------------------------------------------------------- names */

static uint32_t
unit_at(struct name name, uint32_t i)
{
	return name.wide ? get16(name.at + 2 * (size_t)i) : name.at[i];
}

static int
compare_names(struct name a, struct name b)
{
	for (uint32_t i = 0; i < a.units && i < b.units; i++) {
		uint32_t x = whi_upcase((uint16_t)unit_at(a, i));
		uint32_t y = whi_upcase((uint16_t)unit_at(b, i));

		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.units < b.units ? -1 : a.units > b.units;
}

static uint32_t
hash_of(struct name name)
{
	uint32_t hash = 0;

	for (uint32_t i = 0; i < name.units; i++)
		hash = hash * 37 + whi_upcase((uint16_t)unit_at(name, i));
	return hash;
}

static uint32_t
hint_of(struct name name)
{
	uint32_t hint = 0, n = name.units < 4 ? name.units : 4;

	for (uint32_t i = n; i-- > 0;) {
		uint32_t unit = unit_at(name, i);

		if (unit > 0xff)
			break;
		hint |= unit << 8 * i;
	}
	return hint;
}

/* A name of 'len' bytes; 'wide' as the flags say. */
static bool
read_name(struct walker *w, const struct chain *chain, uint32_t cell, const uint8_t *at,
	  uint32_t len, bool wide, struct name *name)
{
	bool needed = false;

	if (wide && len % 2)
		return inv_fail(w, chain, cell, "name of %u bytes in UTF-16", len);
	*name = (struct name){ at, wide ? len / 2 : len, wide };
	for (uint32_t i = 0; wide && i < name->units; i++)
		needed |= unit_at(*name, i) > 0xff;
	if (wide && !needed && len > 0)
		inv_odd(w, ODD_WIDE, chain, cell, "name in UTF-16 without need");
	return true;
}

/* ------------------------------------------------------------------ values */

static bool
check_big_data(struct walker *w, const struct chain *chain, uint32_t cell, uint32_t size)
{
	uint32_t len, count = (size + SEGMENT - 1) / SEGMENT;
	const uint8_t *db = inv_own(w, chain, cell, "big data", 8, &len), *list;

	if (!db)
		return false;
	if (memcmp(db, "db", 2) != 0 || get16(db + 2) != count)
		return inv_fail(w, chain, cell, "big data of %u segments, due %u", get16(db + 2),
				count);
	list = inv_own(w, chain, get32(db + 4), "list of segments", 4 * (uint64_t)count, &len);
	for (uint32_t i = 0; list && i < count; i++) {
		uint32_t segment = get32(list + 4 * (size_t)i);
		uint32_t due = i + 1 < count ? SEGMENT : size - i * SEGMENT;

		if (!inv_own(w, chain, segment, "segment", due, &len))
			return false;
		if (len + 4 != SEGMENT_CELL)
			inv_odd(w, ODD_SEGMENT, chain, segment, "segment of %u bytes", len);
	}
	return list != NULL;
}

static bool
check_data(struct walker *w, const struct chain *chain, uint32_t cell, const uint8_t *vk,
	   uint32_t *size)
{
	uint32_t word = get32(vk + 4), data = get32(vk + 8), len;

	*size = word & 0x7fffffff;
	if (word >> 31) {
		if (*size > 4)
			return inv_fail(w, chain, cell, "%u bytes in place", *size);
		for (uint32_t i = *size; i < 4; i++)
			if (vk[8 + i] != 0) {
				inv_odd(w, ODD_INLINE, chain, cell, "data of %u bytes not padded",
					*size);
				break;
			}
		return true;
	}
	if (*size == 0) {
		if (w->minor < 6 || !(vk[16] & 2)) /* which is how a tombstone looks */
			if (w->minor < 6 || !(get16(vk + 16) & TOMBSTONE))
				inv_odd(w, ODD_INLINE, chain, cell, "no data, not in place");
		return data == NIL || inv_fail(w, chain, cell, "no data in a cell");
	}
	if (*size <= 4)
		inv_odd(w, ODD_INLINE, chain, cell, "%u bytes in a cell", *size);
	if (*size > SEGMENT && w->minor >= 4)
		return check_big_data(w, chain, data, *size);
	return inv_own(w, chain, data, "data", *size, &len) != NULL;
}

static bool
check_value(struct walker *w, const struct chain *chain, uint32_t cell, struct name *name,
	    uint32_t *size)
{
	uint32_t len, name_len, flags;
	const uint8_t *vk = inv_own(w, chain, cell, "value", VK, &len);

	if (!vk)
		return false;
	name_len = get16(vk + 2);
	flags = get16(vk + 16);
	if (memcmp(vk, "vk", 2) != 0 || name_len > len - VK)
		return inv_fail(w, chain, cell, "value");
	if (flags & ~(w->minor >= 6 ? 3u : 1u) || (name_len == 0 && flags & 1))
		inv_odd(w, ODD_FLAGS, chain, cell, "flags 0x%x of a value", flags);
	w->inv->values++;
	return read_name(w, chain, cell, vk + VK, name_len, !(flags & 1), name) &&
	       check_data(w, chain, cell, vk, size);
}

static int
by_name(const void *a, const void *b)
{
	return compare_names(*(const struct name *)a, *(const struct name *)b);
}

static void
check_maximum(struct walker *w, const struct chain *chain, const char *what, uint32_t stored,
	      uint32_t due, bool any)
{
	if (stored < due)
		inv_odd(w, ODD_SMALL, chain, NIL, "longest %s %u, due %u", what, stored, due);
	if (!any && stored != 0)
		inv_odd(w, ODD_MAXIMUM, chain, NIL, "longest %s %u, and there is none", what,
			stored);
}

static bool
check_values(struct walker *w, const struct chain *chain)
{
	const uint8_t *nk = chain->nk, *list = NULL;
	uint32_t count = get32(nk + 36), len, size = 0, longest = 0, largest = 0;
	struct name few[16], *names = few;
	bool fine = true;

	if ((count == 0) != (get32(nk + 40) == NIL))
		return inv_fail(w, chain, get32(nk + 40), "%u values in a list", count);
	if (count > 0)
		list = inv_own(w, chain, get32(nk + 40), "list of values", 4 * (uint64_t)count,
			       &len);
	if (count > 0 && !list)
		return false;
	if (count > sizeof few / sizeof *few && !(names = malloc(count * sizeof *names)))
		abort();
	for (uint32_t i = 0; fine && i < count; i++) {
		fine = check_value(w, chain, get32(list + 4 * (size_t)i), &names[i], &size);
		if (fine && names[i].units * 2 > longest)
			longest = names[i].units * 2;
		if (fine && size > largest)
			largest = size;
	}
	if (fine) {
		check_maximum(w, chain, "name of a value", get32(nk + 60), longest, count > 0);
		check_maximum(w, chain, "value", get32(nk + 64), largest, count > 0);
		qsort(names, count, sizeof *names, by_name);
		for (uint32_t i = 1; i < count; i++)
			if (compare_names(names[i - 1], names[i]) == 0)
				inv_odd(w, ODD_TWICE, chain, NIL, "two values of one name");
	}
	if (names != few)
		free(names);
	return fine;
}

/* -------------------------------------------------------------------- keys */

/* What is known of the subkeys that were met, in order. */
struct met {
	uint32_t count, longest, longest_class;
	struct name last;
};

static bool check_key(struct walker *w, const struct chain *above, uint32_t cell, unsigned depth,
		      struct name *name, uint32_t *class_len);

static void
check_kind(struct walker *w, const struct chain *chain, uint32_t cell, const uint8_t *list,
	   bool below_ri)
{
	uint32_t count = get16(list + 2), most = list[1] == 'f' ? LF_MAX : LEAF_MAX;
	bool fits = w->minor < 3   ? list[1] == 'i'
		    : w->minor < 5 ? list[1] == 'i' || (list[1] == 'f' && !below_ri)
				   : list[1] == 'h';

	if (!fits || count == 0 || count > most)
		inv_odd(w, ODD_KIND, chain, cell, "%.2s of %u in version 1.%u", (const char *)list,
			count, w->minor);
}

static bool
check_leaf(struct walker *w, const struct chain *chain, uint32_t cell, const uint8_t *list,
	   uint32_t len, unsigned depth, struct met *met)
{
	uint32_t count = get16(list + 2), stride = list[1] == 'i' ? 4 : 8, class_len;

	if (4 + count * stride > len)
		return inv_fail(w, chain, cell, "list of %u in %u bytes", count, len);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *element = list + 4 + (size_t)i * stride;
		struct name name;

		if (!check_key(w, chain, get32(element), depth, &name, &class_len))
			return false;
		if (met->count++ > 0 && compare_names(met->last, name) >= 0)
			return inv_fail(w, chain, get32(element), "subkey out of order");
		if (list[1] == 'h' && get32(element + 4) != hash_of(name))
			inv_odd(w, ODD_HASH, chain, get32(element), "hash 0x%x, due 0x%x",
				get32(element + 4), hash_of(name));
		if (list[1] == 'f' && get32(element + 4) != hint_of(name))
			inv_odd(w, ODD_HASH, chain, get32(element), "hint 0x%x, due 0x%x",
				get32(element + 4), hint_of(name));
		met->last = name;
		if (name.units * 2 > met->longest)
			met->longest = name.units * 2;
		if (class_len > met->longest_class)
			met->longest_class = class_len;
	}
	return true;
}

static bool
check_list(struct walker *w, const struct chain *chain, uint32_t cell, bool below_ri,
	   unsigned depth, struct met *met)
{
	uint32_t len;
	const uint8_t *list = inv_own(w, chain, cell, "list of subkeys", 4, &len);

	if (!list)
		return false;
	if (list[0] == 'l' && (list[1] == 'i' || list[1] == 'f' || list[1] == 'h')) {
		check_kind(w, chain, cell, list, below_ri);
		return check_leaf(w, chain, cell, list, len, depth, met);
	}
	if (memcmp(list, "ri", 2) != 0 || below_ri || 4 + 4 * get16(list + 2) > len)
		return inv_fail(w, chain, cell, "list of subkeys");
	if (get16(list + 2) == 0)
		inv_odd(w, ODD_KIND, chain, cell, "ri without leaves");
	for (uint32_t i = 0; i < get16(list + 2); i++)
		if (!check_list(w, chain, get32(list + 4 + 4 * (size_t)i), true, depth, met))
			return false;
	return true;
}

static bool
check_subkeys(struct walker *w, const struct chain *chain, unsigned depth)
{
	const uint8_t *nk = chain->nk;
	uint32_t count = get32(nk + 20), list = get32(nk + 28);
	struct met met = { 0 };

	if (count > 0 && list == NIL)
		return inv_fail(w, chain, list, "%u subkeys in no list", count);
	if (count == 0 && list != NIL)
		inv_odd(w, ODD_KIND, chain, list, "list of no subkeys");
	if (count > 0 && !check_list(w, chain, list, false, depth, &met))
		return false;
	if (met.count != count)
		return inv_fail(w, chain, list, "%u subkeys, stored is %u", met.count, count);
	check_maximum(w, chain, "name of a subkey", get16(nk + 52), met.longest, count > 0);
	check_maximum(w, chain, "class of a subkey", get32(nk + 56), met.longest_class, count > 0);
	return true;
}

/* Fields that have one right content. */
static bool
check_fields(struct walker *w, const struct chain *chain, uint32_t len)
{
	const uint8_t *nk = chain->nk;
	uint32_t flags = get16(nk + 2), class_len = get16(nk + 74), class_cell = get32(nk + 48);
	bool root = !chain->above;

	if (get16(nk + 72) == 0 || get16(nk + 72) > len - NK)
		return inv_fail(w, chain, NIL, "name of %u bytes", get16(nk + 72));
	if (!root && get32(nk + 16) != chain->above->cell)
		return inv_fail(w, chain, NIL, "parent 0x%x", get32(nk + 16));
	if (!root && flags & (VOLATILE | HIVE_EXIT | HIVE_ENTRY))
		return inv_fail(w, chain, NIL, "flags 0x%x", flags);
	if (flags & ~(uint32_t)(COMP_NAME | SYM_LINK | (root ? 0xc : 0)) || (root && !(flags & 4)))
		inv_odd(w, ODD_FLAGS, chain, NIL, "flags 0x%x", flags);
	/* From 1.6 on the layers of a key are there. */
	if (get32(nk + 24) != 0 || get32(nk + 32) != NIL || nk[12] || get16(nk + 14) ||
	    (nk[13] && w->minor < 6) || nk[55] || get32(nk + 68))
		inv_odd(w, ODD_VOLATILE, chain, NIL, "fields that mean nothing on disk");
	if ((class_len == 0) != (class_cell == NIL) || class_len % 2)
		return inv_fail(w, chain, class_cell, "class of %u bytes", class_len);
	return class_len == 0 || inv_own(w, chain, class_cell, "class", class_len, &len);
}

static bool
check_name(struct walker *w, const struct chain *chain, struct name *name)
{
	if (!read_name(w, chain, chain->cell, chain->nk + NK, get16(chain->nk + 72),
		       !(get16(chain->nk + 2) & COMP_NAME), name))
		return false;
	for (uint32_t i = 0; i < name->units; i++)
		if (unit_at(*name, i) == '\\')
			return inv_fail(w, chain, chain->cell, "backslash in a name");
	return true;
}

static bool
check_key(struct walker *w, const struct chain *above, uint32_t cell, unsigned depth,
	  struct name *name, uint32_t *class_len)
{
	struct chain chain = { above, cell, NULL };
	uint32_t len;

	if (depth > MAX_DEPTH)
		return inv_fail(w, above, cell, "too deep");
	chain.nk = inv_own(w, above, cell, "key", NK, &len);
	if (!chain.nk)
		return false;
	if (memcmp(chain.nk, "nk", 2) != 0)
		return inv_fail(w, above, cell, "no key");
	w->inv->keys++;
	*class_len = get16(chain.nk + 74);
	return check_fields(w, &chain, len) && check_name(w, &chain, name) &&
	       inv_use_security(w, &chain, get32(chain.nk + 44)) && check_values(w, &chain) &&
	       check_subkeys(w, &chain, depth + 1);
}

bool
inv_check_root(struct walker *w, uint32_t cell)
{
	struct name name;
	uint32_t class_len;

	return check_key(w, NULL, cell, 0, &name, &class_len);
}
