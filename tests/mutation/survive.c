/* SPDX-License-Identifier: MIT */
/*
 * How much of a hive survives damage and repair.
 *
 *	survive [--table] RUNS SEED [HIVE...]
 *
 * For each kind of damage a good hive is damaged RUNS times and repaired.  The check has to find
 * nothing then but notes.  Of the keys that the damage did not touch, not in their record, class,
 * value list, values or data, those are counted that the repaired hive has with the same name,
 * time, class and values: below the same path; anywhere; and anywhere with --lost-and-found.
 *
 * Without a HIVE it is one of 256 KiB that is made here, and what is counted is held against what
 * is promised: a line for each kind, as the Test Anything Protocol has it.  With --table the
 * figures come as rows for docs/repair.md.
 */
#include "mutate.h"

#include "disk/regf.h"
#include "hive/base_block.h"
#include "hive/hive.h"
#include "tree/vk.h"
#include "winhive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOBODY = 0, UNIT = REGF_CELL_ALIGN, MADE_SIZE = 256 << 10, HEAD_BITS = 32 * 8 };

/* The keys of a hive, as far as they can be read: what each is, and what it is with its path. */
struct census {
	uint64_t *content, *placed;
	uint32_t *cells;
	size_t count, cap;
};

struct subject {
	const char *name;
	const uint8_t *bytes;
	size_t size;
	struct census all;
	uint32_t *owners; /* for each 8 bytes of the bins: number of a key + 1, or NOBODY */
	size_t units;
	uint32_t *bins; /* offsets */
	size_t bin_count;
};

struct tally {
	uint64_t runs, refused, unclean, untouched;
	double placed, kept, found; /* sums of what survived of the untouched, 0 to 1 */
	double least;
	uint64_t least_run;
};

static void *
need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "survive: no memory\n");
		exit(2);
	}
	return memory;
}

/* ------------------------------------------------------------------- census */

static uint64_t
add(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ at[i]) * UINT64_C(0x100000001b3) + 1;
	return digest ^ len;
}

static uint64_t
digest_key(struct wh_walk *walk, const struct wh_walk_key *key)
{
	uint64_t digest = add(0, key->path + key->name_at, key->path_len - key->name_at);
	static char class_name[3 * 0x8000];
	struct wh_walk_value value;
	const void *piece;
	size_t len;

	digest = add(digest, &key->last_written, sizeof key->last_written);
	if (wh_key_class(key->key, class_name, sizeof class_name, &len) == WH_OK)
		digest = add(digest, class_name, len);
	while (wh_walk_next_value(walk, &value) == WH_OK) {
		digest = add(digest, value.name, value.name_len);
		digest = add(digest, &value.type, sizeof value.type);
		digest = add(digest, &value.size, sizeof value.size);
		digest = add(digest, value.data, value.data_len);
		while (wh_walk_data(walk, &piece, &len) == WH_OK)
			digest = add(digest, piece, len);
	}
	return digest;
}

static void
take_census(struct wh_hive *hive, struct census *c)
{
	struct wh_walk_key key;
	struct wh_walk *walk;

	c->count = 0;
	if (wh_walk_new(wh_hive_root(hive), &walk) != WH_OK)
		exit(2);
	while (wh_walk_next(walk, &key) == WH_OK) {
		if (c->count == c->cap) {
			c->cap = c->cap ? 2 * c->cap : 1024;
			c->content = need(realloc(c->content, c->cap * sizeof *c->content));
			c->placed = need(realloc(c->placed, c->cap * sizeof *c->placed));
			c->cells = need(realloc(c->cells, c->cap * sizeof *c->cells));
		}
		c->content[c->count] = digest_key(walk, &key);
		c->placed[c->count] = add(c->content[c->count], key.path, key.path_len);
		c->cells[c->count++] = key.key.cell;
	}
	wh_walk_free(walk);
}

static void
free_census(struct census *c)
{
	free(c->content);
	free(c->placed);
	free(c->cells);
	*c = (struct census){ 0 };
}

/* ------------------------------------------------------------------- owners */

static void
own(struct subject *s, const struct whi_image *img, cellref ref, uint32_t owner)
{
	struct view cell;

	if (!whi_cell_get(img, ref, &cell))
		return;
	for (uint32_t off = ref.off; off < ref.off + REGF_CELL_HEAD + cell.len; off += UNIT)
		s->owners[off / UNIT] = owner;
}

static void
own_value(struct subject *s, const struct whi_image *img, cellref ref, uint32_t owner)
{
	const struct regf_db *db;
	struct whi_data data;
	struct whi_vk vk;
	struct view cell;

	own(s, img, ref, owner);
	if (!whi_vk_parse(img, ref, &vk) || vk.in_place || vk.size == 0)
		return;
	own(s, img, vk.data, owner);
	whi_data_open(img, &vk, &data);
	db = data.big ? whi_cell_record(img, vk.data, "db", sizeof *db, &cell) : NULL;
	if (db)
		own(s, img, (cellref){ le32_get(db->list) }, owner);
	for (uint32_t i = 0; i < data.segments.len / sizeof(le32); i++)
		own(s, img, (cellref){ view_u32(data.segments, i, sizeof(le32)) }, owner);
}

static void
find_owners(struct subject *s, struct wh_hive *hive)
{
	const struct whi_image *img = &hive->img;

	s->units = img->length / UNIT;
	s->owners = need(calloc(s->units, sizeof *s->owners));
	for (size_t i = 0; i < s->all.count; i++) {
		uint32_t owner = (uint32_t)i + 1;
		struct whi_values values;
		struct whi_nk nk;

		if (!whi_nk_parse(img, (cellref){ s->all.cells[i] }, &nk))
			continue;
		own(s, img, nk.self, owner);
		if (nk.class_len > 0)
			own(s, img, nk.class_cell, owner);
		if (nk.value_count == 0 || whi_values_read(img, &nk, &values) != WH_OK)
			continue;
		own(s, img, nk.value_list, owner);
		for (uint32_t j = 0; j < values.count; j++)
			own_value(s, img, (cellref){ view_u32(values.cells, j, sizeof(le32)) },
				  owner);
	}
}

static void
find_bins(struct subject *s)
{
	s->bins = need(calloc(s->size / REGF_PAGE + 1, sizeof *s->bins));
	for (size_t off = 0; REGF_BINS + off < s->size;) {
		const struct regf_bin *bin = (const struct regf_bin *)(s->bytes + REGF_BINS + off);

		if (memcmp(bin->sig, "hbin", 4) != 0)
			return;
		s->bins[s->bin_count++] = (uint32_t)off;
		off += le32_get(bin->size);
	}
}

/* ------------------------------------------------------------------- damage */

static void
flip(uint8_t *bytes, size_t bit)
{
	bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Some bits in cells, not in headers of bins. */
static void
flip_bits(const struct subject *s, struct dice *dice, uint8_t *bytes, unsigned count)
{
	while (count > 0) {
		size_t at = REGF_BINS + dice_below(dice, s->size - REGF_BINS);
		bool header = false;

		for (size_t i = 0; i < s->bin_count && !header; i++)
			header = at - REGF_BINS - s->bins[i] < sizeof(struct regf_bin);
		if (header)
			continue;
		flip(bytes, at * 8 + dice_below(dice, 8));
		count--;
	}
}

static void
one_bit(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)size;
	flip_bits(s, dice, bytes, 1);
}

static void
eight_bits(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)size;
	flip_bits(s, dice, bytes, 8);
}

static void
many_bits(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)size;
	flip_bits(s, dice, bytes, 64);
}

/* A part of the bins that starts at a multiple of its length. */
static uint8_t *
part(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t len)
{
	return bytes + REGF_BINS + dice_below(dice, (s->size - REGF_BINS) / len) * len;
}

static void
zero_sector(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)size;
	memset(part(s, dice, bytes, REGF_SECTOR), 0, REGF_SECTOR);
}

static void
zero_page(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)size;
	memset(part(s, dice, bytes, REGF_PAGE), 0, REGF_PAGE);
}

static void
random_bytes(struct dice *dice, uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)dice_roll(dice);
}

static void
random_page(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)size;
	random_bytes(dice, part(s, dice, bytes, REGF_PAGE), REGF_PAGE);
}

static void
cut_file(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)bytes;
	*size = REGF_BINS + REGF_PAGE + dice_below(dice, s->size - REGF_BINS - REGF_PAGE);
}

static void
break_bin(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	uint8_t *bin = bytes + REGF_BINS + s->bins[dice_below(dice, s->bin_count)];

	(void)size;
	if (dice_below(dice, 2))
		random_bytes(dice, bin, sizeof(struct regf_bin));
	else
		flip(bin, dice_below(dice, HEAD_BITS));
}

static void
break_base(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size)
{
	(void)s;
	(void)size;
	switch (dice_below(dice, 3)) {
	case 0:
		memset(bytes, 0, REGF_BINS);
		break;
	case 1:
		random_bytes(dice, bytes, REGF_SECTOR);
		break;
	default:
		flip(bytes, dice_below(dice, REGF_SECTOR * 8));
		break;
	}
}

/* With what is promised of the average, in percent: of keys in place, and of all that is kept. */
static const struct kind {
	const char *name;
	void (*damage)(const struct subject *s, struct dice *dice, uint8_t *bytes, size_t *size);
	double placed, kept;
} kinds[] = {
	{ "one bit in cells", one_bit, 99.5, 99.9 },
	{ "8 bits in cells", eight_bits, 98.0, 99.5 },
	{ "64 bits in cells", many_bits, 85.0, 96.0 },
	{ "a sector of zeros", zero_sector, 98.0, 99.0 },
	{ "a page of zeros", zero_page, 95.0, 97.0 },
	{ "a page at random", random_page, 95.0, 97.0 },
	{ "a file cut", cut_file, 60.0, 60.0 },
	{ "the header of a bin", break_bin, 99.9, 99.9 },
	{ "the base block", break_base, 99.9, 99.9 },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* -------------------------------------------------------------------- runs */

static bool
notes_only(struct wh_hive *hive)
{
	struct wh_check sums;

	return wh_hive_check(hive, NULL, NULL, &sums) == WH_OK &&
	       sums.healed + sums.refused + sums.dangerous == 0;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

	return (one > two) - (one < two);
}

/* How many of 'wanted' are among 'there', each as often as it is; both are sorted then. */
static size_t
count_common(uint64_t *wanted, size_t wanted_count, uint64_t *there, size_t there_count)
{
	size_t common = 0, i = 0, j = 0;

	qsort(wanted, wanted_count, sizeof *wanted, by_number);
	qsort(there, there_count, sizeof *there, by_number);
	while (i < wanted_count && j < there_count) {
		common += wanted[i] == there[j];
		if (wanted[i] == there[j])
			i++, j++;
		else if (wanted[i] < there[j])
			i++;
		else
			j++;
	}
	return common;
}

/* The keys that the damage did not touch: their digests. */
static size_t
find_untouched(const struct subject *s, const uint8_t *bytes, size_t size, uint64_t *content,
	       uint64_t *placed)
{
	bool *touched = need(calloc(s->all.count + 1, sizeof *touched));
	size_t count = 0;

	for (size_t i = 0; i < s->units; i++) {
		size_t at = REGF_BINS + i * UNIT;

		if (at + UNIT > size || memcmp(bytes + at, s->bytes + at, UNIT) != 0)
			touched[s->owners[i]] = true;
	}
	for (size_t i = 0; i < s->all.count; i++)
		if (!touched[i + 1]) {
			content[count] = s->all.content[i];
			placed[count++] = s->all.placed[i];
		}
	free(touched);
	return count;
}

/* Repair, and count what survived; false: refused, or not clean. */
static bool
survive(struct wh_hive *hive, bool lost_and_found, struct tally *t, struct census *after)
{
	struct wh_repair how = { .lost_and_found = lost_and_found };
	struct wh_hive *to;
	bool clean;

	if (wh_hive_repair(hive, &how, NULL, &to, NULL) != WH_OK) {
		t->refused++;
		return false;
	}
	clean = notes_only(to);
	t->unclean += !clean;
	take_census(to, after);
	wh_hive_close(to);
	return clean;
}

static void
make_run(const struct subject *s, const struct kind *kind, uint64_t seed, uint64_t run,
	 struct tally *t)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE | WH_OPEN_NO_LOGS };
	struct dice dice = { seed * UINT64_C(0x9e3779b97f4a7c15) + run };
	uint8_t *bytes = need(malloc(s->size));
	uint64_t *content = need(calloc(s->all.count + 1, sizeof *content));
	uint64_t *placed = need(calloc(s->all.count + 1, sizeof *placed));
	struct census after = { 0 };
	struct wh_hive *hive;
	size_t size = s->size, count;
	double share = 0;

	dice.state = dice_roll(&dice);
	memcpy(bytes, s->bytes, size);
	kind->damage(s, &dice, bytes, &size);
	count = find_untouched(s, bytes, size, content, placed);
	t->runs++;
	t->untouched += count;
	if (wh_hive_open_memory(bytes, size, &options, &hive) != WH_OK) {
		t->refused++;
	} else {
		if (survive(hive, false, t, &after)) {
			share = (double)count_common(placed, count, after.placed, after.count) /
				(double)(count ? count : 1);
			t->placed += share;
			t->kept +=
				(double)count_common(content, count, after.content, after.count) /
				(double)(count ? count : 1);
		}
		if (survive(hive, true, t, &after))
			t->found +=
				(double)count_common(content, count, after.content, after.count) /
				(double)(count ? count : 1);
		wh_hive_close(hive);
	}
	if (share < t->least || run == 0) {
		t->least = share;
		t->least_run = run;
	}
	free_census(&after);
	free(bytes);
	free(content);
	free(placed);
}

/* ------------------------------------------------------------------ subjects */

/* A hive as a program would have it: a few levels, keys with some values, of all sizes. */
static void
fill(struct wh_hive *hive, struct dice *dice)
{
	static uint8_t data[3000];
	struct wh_hive_stats stats;
	char path[100], name[32];
	struct wh_key key;
	bool created;
	size_t len;

	random_bytes(dice, data, sizeof data);
	for (unsigned i = 0;; i++) {
		wh_hive_stats(hive, &stats);
		if (stats.length >= MADE_SIZE)
			return;
		snprintf(path, sizeof path, "Part %u\\Group %u\\Entry %u%s", i % 5, i / 5 % 40,
			 i / 200, i % 3 ? "" : "\\Settings");
		if (wh_key_create_path(wh_hive_root(hive), path, WH_NTS, NULL, &key, &created) !=
		    WH_OK)
			exit(2);
		for (size_t j = dice_below(dice, 5); j > 0; j--) {
			snprintf(name, sizeof name, "Value %zu", j);
			len = dice_below(dice, 10) ? dice_below(dice, 60) : dice_below(dice, 3000);
			if (wh_value_set(key, name, WH_NTS, WH_REG_BINARY, data, len) != WH_OK)
				exit(2);
		}
	}
}

static struct wh_hive *
make_hive(uint64_t seed)
{
	struct wh_options options = { .time = UINT64_C(0x1d9000000000000) };
	struct dice dice = { seed };
	struct wh_hive *hive;

	if (wh_hive_new(NULL, &options, &hive) != WH_OK)
		exit(2);
	fill(hive, &dice);
	return hive;
}

static void
examine(struct subject *s, struct wh_hive *hive)
{
	s->bytes = wh_hive_bytes(hive, &s->size);
	take_census(hive, &s->all);
	find_owners(s, hive);
	find_bins(s);
}

static void
forget(struct subject *s)
{
	free_census(&s->all);
	free(s->owners);
	free(s->bins);
}

/* -------------------------------------------------------------------- results */

static double
percent(double sum, uint64_t runs)
{
	return runs ? 100.0 * sum / (double)runs : 0;
}

static bool
print_result(const struct kind *kind, const struct tally *t, int number, bool table)
{
	double placed = percent(t->placed, t->runs), kept = percent(t->kept, t->runs);
	bool fine =
		t->unclean == 0 && t->refused == 0 && placed >= kind->placed && kept >= kind->kept;

	if (table) {
		printf("| %s | %" PRIu64 " | %" PRIu64 " | %.3f | %.3f | %.3f | %.1f (run %" PRIu64
		       ") |\n",
		       kind->name, t->runs, t->refused, placed, kept, percent(t->found, t->runs),
		       100 * t->least, t->least_run);
		return t->unclean == 0;
	}
	printf("%sok %d - %s: %.3f %% of %" PRIu64 " untouched keys in place, %.3f %% anywhere\n",
	       fine ? "" : "not ", number, kind->name, placed, t->untouched, kept);
	if (!fine)
		printf("# due are %.1f and %.1f; %" PRIu64 " of %" PRIu64 " runs refused, %" PRIu64
		       " not clean; least in run %" PRIu64 "\n",
		       kind->placed, kind->kept, t->refused, t->runs, t->unclean, t->least_run);
	return fine;
}

static bool
run_all(struct wh_hive *hive, const char *name, uint64_t runs, uint64_t seed, bool table)
{
	struct subject s = { .name = name };
	bool fine = true;

	examine(&s, hive);
	printf("# %s: %zu bytes, %zu keys, %zu bins; seed %" PRIu64 "\n", name, s.size, s.all.count,
	       s.bin_count, seed);
	for (int i = 0; i < KINDS; i++) {
		struct tally t = { 0 };

		for (uint64_t run = 0; run < runs; run++)
			make_run(&s, &kinds[i], seed, run, &t);
		fine &= print_result(&kinds[i], &t, i + 1, table);
		fflush(stdout);
	}
	forget(&s);
	return fine;
}

int
main(int argc, char **argv)
{
	bool table = argc > 1 && strcmp(argv[1], "--table") == 0, fine = true;
	struct wh_options options = { .flags = WH_OPEN_NO_LOGS };
	struct wh_hive *hive;
	uint64_t runs, seed;

	argc -= table;
	argv += table;
	if (argc < 3) {
		fprintf(stderr, "usage: survive [--table] RUNS SEED [HIVE...]\n");
		return 2;
	}
	runs = strtoull(argv[1], NULL, 10);
	seed = strtoull(argv[2], NULL, 10);
	if (argc == 3) {
		hive = make_hive(1);
		fine = run_all(hive, "a hive that was made", runs, seed, table);
		wh_hive_close(hive);
	}
	for (int i = 3; i < argc; i++) {
		if (wh_hive_open(argv[i], &options, &hive) != WH_OK)
			return 2;
		fine &= run_all(hive, argv[i], runs, seed, true);
		wh_hive_close(hive);
	}
	if (!table && argc == 3)
		printf("1..%d\n", KINDS);
	return fine ? 0 : 1;
}
