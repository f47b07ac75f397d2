/* SPDX-License-Identifier: MIT */
#include "invariants_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, PAGE = 4096, BIN_HEAD = 32, NK = 76, SK = 20, LARGE = 16384 };

/* By place of a cell: what starts there, and whether somebody has referred to it. */
enum { USED = 1, FREE = 2, OWNED = 4 };

struct inv_sk {
	uint32_t cell, references, users, len;
	const uint8_t *descriptor;
};

const char *
odd_name(enum odd kind)
{
	static const char *const names[ODD_COUNT] = {
		"adjacent free cells",
		"cell in use that nobody refers to",
		"large cell that is no power of two",
		"reserved field of a bin",
		"volatile or unused field of a key",
		"maximum without cause",
		"maximum too small",
		"flags of a key",
		"name wider than needed",
		"kind or length of a list",
		"hash or hint",
		"two values of one name",
		"short data not in place, or not padded with 0",
		"size of a segment",
		"references of a security cell",
		"descriptor stored twice",
	};

	return names[kind];
}

/* ------------------------------------------------------------------- bytes */

static void *
grow(void *block, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return block;
	*room = need * 2;
	block = realloc(block, *room * size);
	if (!block)
		abort();
	return block;
}

static size_t
put_path(char *buf, size_t cap, const struct chain *chain)
{
	size_t len, name_len;

	if (!chain || !chain->above)
		return 0;
	len = put_path(buf, cap, chain->above);
	name_len = get16(chain->nk + 72);
	for (size_t i = 0; i <= name_len && len + 1 < cap; i++) {
		uint8_t byte = i == 0 ? '\\' : chain->nk[NK + i - 1];

		buf[len++] = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
	}
	return len;
}

static void
put_message(char *buf, size_t cap, const struct chain *chain, uint32_t cell, const char *format,
	    va_list args)
{
	char path[160];

	path[put_path(path, sizeof path, chain)] = '\0';
	vsnprintf(buf, cap, format, args);
	if (cell != NIL)
		snprintf(buf + strlen(buf), cap - strlen(buf), " at 0x%x", cell);
	if (chain)
		snprintf(buf + strlen(buf), cap - strlen(buf), ", key 0x%x '%s'", chain->cell,
			 path);
}

bool
inv_fail(struct walker *w, const struct chain *chain, uint32_t cell, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_message(w->inv->why, sizeof w->inv->why, chain, cell, format, args);
	va_end(args);
	return false;
}

void
inv_odd(struct walker *w, enum odd kind, const struct chain *chain, uint32_t cell,
	const char *format, ...)
{
	va_list args;

	w->inv->odd[kind]++;
	if (w->inv->odd_why[0])
		return;
	va_start(args, format);
	put_message(w->inv->odd_why, sizeof w->inv->odd_why, chain, cell, format, args);
	va_end(args);
}

/* ------------------------------------------------------- base block, bins, cells */

static bool
check_base(struct walker *w, const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	if (size < BINS + PAGE || memcmp(bytes, "regf", 4) != 0)
		return inv_fail(w, NULL, NIL, "no base block");
	for (size_t i = 0; i < 508; i += 4)
		sum ^= get32(bytes + i);
	sum = sum == 0 ? 1 : sum == NIL ? NIL - 1 : sum;
	if (get32(bytes + 508) != sum)
		return inv_fail(w, NULL, NIL, "checksum 0x%x, due 0x%x", get32(bytes + 508), sum);
	if (get32(bytes + 4) != get32(bytes + 8))
		return inv_fail(w, NULL, NIL, "sequences %u and %u", get32(bytes + 4),
				get32(bytes + 8));
	if (get32(bytes + 20) != 1 || get32(bytes + 28) != 0 || get32(bytes + 32) != 1)
		return inv_fail(w, NULL, NIL, "version, type or format of the base block");
	w->minor = get32(bytes + 24);
	if (w->minor < 2 || w->minor > 6 || get32(bytes + 44) != 1)
		return inv_fail(w, NULL, NIL, "version 1.%u, cluster %u", w->minor,
				get32(bytes + 44));
	w->length = get32(bytes + 40);
	w->bins = bytes + BINS;
	if (w->length == 0 || w->length % PAGE || w->length > size - BINS || w->length >> 31)
		return inv_fail(w, NULL, NIL, "length 0x%x in a file of 0x%zx", w->length, size);
	return true;
}

static bool
check_cells(struct walker *w, uint32_t at, uint32_t end)
{
	bool was_free = false;

	while (at < end) {
		uint32_t word = get32(w->bins + at), used = word >> 31;
		uint32_t cell = used ? 0u - word : word;

		if (cell < 8 || cell % 8 || cell > end - at)
			return inv_fail(w, NULL, at, "cell size 0x%x", word);
		w->inv->map[at / 8] = used ? USED : FREE;
		w->inv->used += used;
		if (!used && was_free)
			inv_odd(w, ODD_ADJACENT, NULL, at, "free cell behind a free cell");
		if (used && cell > LARGE && (cell & (cell - 1)))
			inv_odd(w, ODD_LARGE, NULL, at, "large cell of %u bytes", cell);
		was_free = !used;
		at += cell;
	}
	return true;
}

static bool
check_bins(struct walker *w)
{
	uint32_t size;

	for (uint32_t at = 0; at < w->length; at += size) {
		const uint8_t *bin = w->bins + at;

		size = get32(bin + 8);
		if (memcmp(bin, "hbin", 4) != 0 || get32(bin + 4) != at)
			return inv_fail(w, NULL, at, "no bin, or its offset is 0x%x",
					get32(bin + 4));
		if (size == 0 || size % PAGE || size > w->length - at)
			return inv_fail(w, NULL, at, "bin of 0x%x bytes", size);
		if (get32(bin + 12) || get32(bin + 16) || get32(bin + 28) ||
		    (at > 0 && (get32(bin + 20) || get32(bin + 24))))
			inv_odd(w, ODD_BIN, NULL, at, "reserved fields of a bin");
		w->inv->bins++;
		if (!check_cells(w, at + BIN_HEAD, at + size))
			return false;
	}
	return true;
}

const uint8_t *
inv_own(struct walker *w, const struct chain *chain, uint32_t cell, const char *what, uint64_t need,
	uint32_t *len)
{
	uint8_t *place;

	if (cell % 8 || cell >= w->length || !(w->inv->map[cell / 8] & (USED | FREE))) {
		inv_fail(w, chain, cell, "%s is no cell", what);
		return NULL;
	}
	place = &w->inv->map[cell / 8];
	if (*place & FREE) {
		inv_fail(w, chain, cell, "%s is free", what);
		return NULL;
	}
	if (*place & OWNED) {
		inv_fail(w, chain, cell, "%s has another owner", what);
		return NULL;
	}
	*place |= OWNED;
	*len = 0u - get32(w->bins + cell) - 4;
	if (*len < need) {
		inv_fail(w, chain, cell, "%s has %u bytes", what, *len);
		return NULL;
	}
	return w->bins + cell + 4;
}

static bool
find_unreached(struct walker *w)
{
	struct invariants *inv = w->inv;

	for (uint32_t i = 0; i < w->length / 8; i++)
		if ((inv->map[i] & (USED | OWNED)) == USED) {
			inv_odd(w, ODD_UNREACHED, NULL, i * 8, "nobody refers to the cell");
			inv->unreached = grow(inv->unreached, &inv->unreached_cap,
					      inv->unreached_count + 1, sizeof *inv->unreached);
			inv->unreached[inv->unreached_count++] = i * 8;
		}
	return true;
}

/* ---------------------------------------------------------------- security */

static int
by_cell(const void *a, const void *b)
{
	const struct inv_sk *x = a, *y = b;

	return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static int
by_descriptor(const void *a, const void *b)
{
	const struct inv_sk *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->descriptor, y->descriptor, x->len);
}

/* All of the ring, from the security cell of the root on. */
static bool
read_ring(struct walker *w, uint32_t first)
{
	struct invariants *inv = w->inv;
	uint32_t cell = first, len, next, previous = NIL, last = NIL;

	do {
		const uint8_t *sk = inv_own(w, NULL, cell, "security", SK, &len);

		if (!sk)
			return false;
		if (memcmp(sk, "sk", 2) != 0 || get32(sk + 16) > len - SK || get32(sk + 16) < 20)
			return inv_fail(w, NULL, cell, "security cell");
		if (previous == NIL)
			last = get32(sk + 8);
		else if (get32(sk + 8) != previous)
			return inv_fail(w, NULL, cell, "back link 0x%x, due 0x%x", get32(sk + 8),
					previous);
		inv->sks = grow(inv->sks, &inv->sk_room, inv->securities + 1, sizeof *inv->sks);
		inv->sks[inv->securities++] =
			(struct inv_sk){ cell, get32(sk + 12), 0, get32(sk + 16), sk + SK };
		next = get32(sk + 4);
		previous = cell;
		cell = next;
	} while (cell != first);
	if (last != previous)
		return inv_fail(w, NULL, first, "back link 0x%x, due 0x%x", last, previous);
	qsort(inv->sks, inv->securities, sizeof *inv->sks, by_cell);
	return true;
}

bool
inv_use_security(struct walker *w, const struct chain *chain, uint32_t cell)
{
	struct inv_sk key = { .cell = cell }, *sk;

	sk = bsearch(&key, w->inv->sks, w->inv->securities, sizeof key, by_cell);
	if (!sk)
		return inv_fail(w, chain, cell, "security that is not in the ring");
	sk->users++;
	return true;
}

static bool
check_ring(struct walker *w)
{
	struct inv_sk *sks = w->inv->sks;
	size_t count = w->inv->securities;

	for (size_t i = 0; i < count; i++) {
		if (sks[i].users > sks[i].references)
			return inv_fail(w, NULL, sks[i].cell,
					"security with %u references, %u users", sks[i].references,
					sks[i].users);
		if (sks[i].users < sks[i].references || sks[i].users == 0)
			inv_odd(w, ODD_COUNTED, NULL, sks[i].cell, "%u references, %u users",
				sks[i].references, sks[i].users);
	}
	qsort(sks, count, sizeof *sks, by_descriptor);
	for (size_t i = 1; i < count; i++)
		if (by_descriptor(&sks[i - 1], &sks[i]) == 0)
			inv_odd(w, ODD_SHARED, NULL, sks[i].cell, "descriptor of 0x%x again",
				sks[i - 1].cell);
	return true;
}

/* --------------------------------------------------------------------- all */

bool
invariants_sound(struct invariants *inv, const void *bytes, size_t size)
{
	struct walker w = { .inv = inv };
	const uint8_t *at = bytes;
	uint32_t root;

	inv->why[0] = inv->odd_why[0] = '\0';
	memset(inv->odd, 0, sizeof inv->odd);
	inv->bins = inv->used = inv->keys = inv->values = inv->securities = 0;
	inv->unreached_count = 0;
	if (!check_base(&w, at, size))
		return false;
	inv->map = grow(inv->map, &inv->map_room, w.length / 8, 1);
	memset(inv->map, 0, w.length / 8);
	if (!check_bins(&w))
		return false;
	root = get32(at + 36);
	if (root % 8 || root >= w.length || !(inv->map[root / 8] & USED) ||
	    0u - get32(w.bins + root) < 4 + NK)
		return inv_fail(&w, NULL, root, "no root");
	return read_ring(&w, get32(w.bins + root + 4 + 44)) && inv_check_root(&w, root) &&
	       check_ring(&w) && find_unreached(&w);
}

bool
invariants_hold(struct invariants *inv, const void *bytes, size_t size)
{
	if (!invariants_sound(inv, bytes, size))
		return false;
	memcpy(inv->why, inv->odd_why, sizeof inv->why);
	return inv->why[0] == '\0';
}

bool
invariants_no_worse(const struct invariants *before, struct invariants *after)
{
	size_t at = 0;

	for (int i = 0; i < ODD_COUNT; i++)
		if (after->odd[i] > before->odd[i]) {
			snprintf(after->why, sizeof after->why,
				 "%s: %llu times, before %llu; the first is: %.200s",
				 odd_name((enum odd)i), (unsigned long long)after->odd[i],
				 (unsigned long long)before->odd[i], after->odd_why);
			return false;
		}
	for (size_t i = 0; i < after->unreached_count; i++) {
		while (at < before->unreached_count && before->unreached[at] < after->unreached[i])
			at++;
		if (at == before->unreached_count || before->unreached[at] != after->unreached[i]) {
			snprintf(after->why, sizeof after->why, "nobody refers to 0x%x any more",
				 after->unreached[i]);
			return false;
		}
	}
	return true;
}

void
invariants_free(struct invariants *inv)
{
	free(inv->unreached);
	free(inv->map);
	free(inv->sks);
	*inv = (struct invariants){ 0 };
}
