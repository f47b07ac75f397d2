/* SPDX-License-Identifier: MIT */
/*
 * A file of which a part cannot be read.  With each page of a hive missing in turn, what does not
 * touch that page is there as it was, and what does is not; nothing is given that is wrong.
 */
#define _DEFAULT_SOURCE
#include "disk/regf.h"
#include "hive/base_block.h"
#include "files.h"
#include "hive_builder.h"

#include "winhive-winreg.h"
#include "winhive.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARENTS = 6, CHILDREN = 8, SMALL = 700, LARGE = 40000, FAILURES = 256 };

static const uint8_t *bytes; /* of the whole hive */
static const uint8_t *file;  /* what is read */
static size_t size;          /* of that */
static struct wh_hive *whole;

/* The part that cannot be read, and a page that is one too; 'late': after it was read so often. */
static struct {
	uint64_t at, end, page;
	unsigned late, asked;
} bad;

static struct {
	unsigned count, unread, filled;
	uint64_t offset, bytes; /* of the first that is unread; of all, those the logs had too */
} seen;

static bool
is_bad(uint64_t from, uint64_t to)
{
	return (from < bad.end && bad.at < to) ||
	       (bad.page > 0 && from < bad.page + REGF_PAGE && bad.page < to);
}

static bool
read_around_bad(void *ctx, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	if (is_bad(offset, offset + len) && bad.asked++ >= bad.late) {
		memset(buf, 0xee, len); /* what it holds then means nothing */
		return false;
	}
	memcpy(buf, file + offset, len);
	return true;
}

static void
see(void *ctx, const struct wh_issue *issue)
{
	(void)ctx;
	seen.count++;
	if (strcmp(issue->rule, "file-filled") == 0) {
		cr_expect(!issue->incomplete && is_bad(issue->offset, issue->offset + 1));
		seen.bytes += strtoull(issue->text, NULL, 10);
		seen.filled++;
	}
	if (strcmp(issue->rule, "file-unread") == 0) {
		cr_expect(issue->incomplete && issue->cell == WH_NO_CELL);
		seen.bytes += strtoull(issue->text, NULL, 10);
		if (seen.unread++ == 0)
			seen.offset = issue->offset;
	}
}

static enum wh_status
open_bad(uint64_t at, uint64_t end, unsigned flags, struct wh_hive **hive)
{
	struct wh_options options = { .flags = flags, .issue = see };
	struct wh_source source = { .read = read_around_bad, .size = size };

	seen.count = seen.unread = 0;
	bad.at = at;
	bad.end = end;
	bad.asked = 0;
	return wh_hive_open_source(&source, &options, hive);
}

static void
fill(uint8_t *data, size_t len, unsigned number)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(1 + (number * 31 + i / 7) % 251);
}

static void
add_values(struct wh_key key, unsigned number)
{
	static uint8_t data[LARGE];

	fill(data, sizeof data, number);
	cr_assert_eq(wh_value_set(key, "inline", WH_NTS, WH_REG_DWORD, data, 4), WH_OK);
	cr_assert_eq(wh_value_set(key, "small", WH_NTS, WH_REG_BINARY, data, SMALL), WH_OK);
	if (number % 5 == 0)
		cr_assert_eq(wh_value_set(key, "large", WH_NTS, WH_REG_BINARY, data, LARGE), WH_OK);
}

static void
init(void)
{
	struct wh_key parent, child;
	char name[16];
	bool created;

	cr_assert_eq(wh_hive_new(NULL, NULL, &whole), WH_OK);
	for (unsigned i = 0; i < PARENTS; i++) {
		snprintf(name, sizeof name, "parent %u", i);
		cr_assert_eq(
			wh_key_create(wh_hive_root(whole), name, WH_NTS, NULL, &parent, &created),
			WH_OK);
		for (unsigned j = 0; j < CHILDREN; j++) {
			snprintf(name, sizeof name, "child %u", j);
			cr_assert_eq(wh_key_create(parent, name, WH_NTS, NULL, &child, &created),
				     WH_OK);
			add_values(child, i * CHILDREN + j);
		}
	}
	file = bytes = wh_hive_bytes(whole, &size);
	cr_assert_not_null(bytes);
}

static void
fini(void)
{
	wh_hive_close(whole);
}

TestSuite(blank, .init = init, .fini = fini);

/* Is a byte of this cell bad, or the header of its bin, without which nobody finds it? */
static bool
is_hit(uint32_t cell)
{
	uint64_t at = REGF_BINS + (uint64_t)cell, bin = REGF_BINS, next;
	uint64_t len = 0u - get32(bytes + at);

	while ((next = bin + get32(bytes + bin + offsetof(struct regf_bin, size))) <= at)
		bin = next;
	return is_bad(at, at + len) || is_bad(bin, bin + 1);
}

static bool
is_data_hit(struct wh_value value, const struct wh_value_info *info)
{
	const void *piece;
	bool hit = false;
	size_t len;

	if (info->inline_data)
		return false;
	if (info->big_data)
		hit = is_hit(info->data_cell) ||
		      is_hit(get32(bytes + REGF_BINS + info->data_cell + REGF_CELL_HEAD +
				   offsetof(struct regf_db, list)));
	for (uint32_t at = 0; wh_value_piece(value, at, &piece, &len) == WH_OK; at += (uint32_t)len)
		hit |= is_hit((uint32_t)((const uint8_t *)piece - bytes) - REGF_BINS -
			      REGF_CELL_HEAD);
	return hit;
}

static void
hold_value(struct wh_value due, struct wh_key key, const char *name)
{
	static uint8_t is[LARGE], was[LARGE];
	struct wh_value_info info;
	struct wh_value value;
	size_t len, due_len;
	enum wh_status st = wh_key_value(key, name, WH_NTS, &value);

	cr_assert_eq(wh_value_info(due, &info), WH_OK);
	cr_assert_eq(st == WH_OK, !is_hit(info.cell), "%s, bad at %lx", name, bad.at);
	if (st != WH_OK)
		return;
	cr_assert_eq(wh_value_read(due, was, sizeof was, &due_len), WH_OK);
	st = wh_value_read(value, is, sizeof is, &len);
	cr_assert_eq(st == WH_OK, !is_data_hit(due, &info), "%s, bad at %lx", name, bad.at);
	cr_assert(st == WH_OK ? len == due_len : st == WH_E_CORRUPT && len < due_len);
	cr_assert_eq(memcmp(is, was, len), 0, "wrong data");
}

static void
hold_values(struct wh_key due, struct wh_key key)
{
	struct wh_key_info info;
	struct wh_value value, ignored;
	char name[16];
	size_t len;

	cr_assert_eq(wh_key_info(due, &info), WH_OK);
	for (uint32_t i = 0; wh_key_value_at(due, i, &value) == WH_OK; i++) {
		cr_assert_eq(wh_value_name(value, name, sizeof name - 1, &len), WH_OK);
		name[len] = 0;
		if (is_hit(info.value_list))
			cr_assert_neq(wh_key_value(key, name, len, &ignored), WH_OK);
		else
			hold_value(value, key, name);
	}
}

static void
hold_subkeys(struct wh_key due, struct wh_key key)
{
	struct wh_key_info info, below;
	struct wh_key child, found;
	char name[16];
	size_t len;
	enum wh_status st;

	cr_assert_eq(wh_key_info(due, &info), WH_OK);
	for (uint32_t i = 0; wh_key_subkey_at(due, i, &child) == WH_OK; i++) {
		cr_assert_eq(wh_key_name(child, name, sizeof name - 1, &len), WH_OK);
		name[len] = 0;
		cr_assert_eq(wh_key_info(child, &below), WH_OK);
		st = wh_key_subkey(key, name, len, &found);
		cr_assert_eq(st == WH_OK, !is_hit(info.subkey_list) && !is_hit(below.cell),
			     "%s, bad at %lx", name, bad.at);
		if (st != WH_OK)
			continue;
		hold_values(child, found);
		hold_subkeys(child, found);
	}
}

/* Cells that are not given out do not count, and the others do. */
static void
hold_counts(const struct wh_hive *hive)
{
	uint32_t used = 0, word, bin_end;
	uint64_t used_bytes = 0;
	struct wh_hive_stats stats;

	for (uint64_t at = REGF_BINS, bin = at; bin < size; bin = bin_end) {
		bin_end = (uint32_t)bin + get32(bytes + bin + offsetof(struct regf_bin, size));
		for (at = bin + sizeof(struct regf_bin); at < bin_end;
		     at += word >> 31 ? 0u - word : word) {
			word = get32(bytes + at);
			if (word >> 31 && !is_hit((uint32_t)(at - REGF_BINS))) {
				used++;
				used_bytes += 0u - word;
			}
		}
	}
	wh_hive_stats(hive, &stats);
	cr_assert_eq(stats.used_cells, used);
	cr_assert_eq(stats.used_bytes, used_bytes);
}

static void
hold_refusals(struct wh_hive *hive)
{
	struct wh_check result;
	struct wh_hive *repaired;
	size_t len;

	cr_expect_null(wh_hive_bytes(hive, &len));
	cr_expect_eq(wh_hive_save_as(hive, "/nowhere/at/all", 0), WH_E_IO);
	cr_expect_eq(wh_key_set_time(wh_hive_root(hive), 1), WH_E_IO);
	cr_expect_eq(wh_hive_check(hive, NULL, NULL, &result), WH_E_IO);
	cr_expect_eq(wh_hive_repair(hive, NULL, NULL, &repaired, NULL), WH_E_IO);
	cr_expect_eq(wh_hive_compact(hive, NULL, &repaired, NULL), WH_E_IO);
}

/* Of some pages in a row, beginning with each of those behind the root. */
static void
hold_each(uint64_t pages)
{
	struct wh_hive *hive;

	for (uint64_t at = REGF_BINS; at < size; at += REGF_PAGE) {
		uint64_t end = at + pages * REGF_PAGE < size ? at + pages * REGF_PAGE : size;
		enum wh_status st = open_bad(at, end, 0, &hive);

		cr_assert_eq(seen.unread, 1, "%u at %lx", seen.unread, at);
		cr_assert_eq(seen.offset, at);
		if (is_hit(0x20)) {
			cr_assert_eq(st, WH_E_IO);
			continue;
		}
		cr_assert_eq(st, WH_OK, "bad at %lx", at);
		hold_subkeys(wh_hive_root(whole), wh_hive_root(hive));
		hold_counts(hive);
		hold_refusals(hive);
		wh_hive_close(hive);
	}
}

Test(blank, each_page)
{
	hold_each(1);
}

Test(blank, some_pages_in_a_row)
{
	hold_each(2);
	hold_each(5);
}

/*
 * The second is not far from the first, or the first page of a bin, so that both are in different
 * bins.  In one bin the cells between them can be found only if they lead over the second.
 */
static void
hold_two(bool heads_only)
{
	enum { NEAR = 6 };
	struct wh_hive *hive;

	for (uint64_t at = REGF_BINS + 4 * REGF_PAGE; at < size; at += REGF_PAGE)
		for (bad.page = at + 2 * REGF_PAGE;
		     bad.page <= at + NEAR * REGF_PAGE && bad.page + REGF_PAGE <= size;
		     bad.page += REGF_PAGE) {
			if (heads_only && memcmp(bytes + bad.page, "hbin", 4) != 0)
				continue;
			cr_assert_eq(open_bad(at, at + REGF_PAGE, 0, &hive), WH_OK);
			cr_assert_eq(seen.unread, 2);
			hold_subkeys(wh_hive_root(whole), wh_hive_root(hive));
			hold_counts(hive);
			wh_hive_close(hive);
		}
	bad.page = 0;
}

Test(blank, two_pages)
{
	hold_two(false);
}

/* A compacted hive has larger ones, in which cells go on from page to page. */
Test(blank, bins_of_many_cells)
{
	struct wh_hive *compacted;

	cr_assert_eq(wh_hive_compact(whole, NULL, &compacted, NULL), WH_OK);
	wh_hive_close(whole);
	whole = compacted;
	file = bytes = wh_hive_bytes(whole, &size);
	hold_each(1);
	hold_each(3);
	hold_two(true);
}

/* It was read to see what the file is, and that it is not read again is no loss. */
Test(blank, first_page_the_second_time)
{
	struct wh_hive *hive;
	size_t len;

	bad.late = 1;
	cr_assert_eq(open_bad(0, REGF_BINS, 0, &hive), WH_OK);
	bad.late = 0;
	bad.end = 0;
	cr_expect_eq(seen.unread, 0);
	hold_subkeys(wh_hive_root(whole), wh_hive_root(hive));
	cr_assert_not_null(wh_hive_bytes(hive, &len));
	cr_assert(len == size && memcmp(wh_hive_bytes(hive, &len), bytes, len) == 0);
	wh_hive_close(hive);
}

/* What is to be changed or repaired has to be read. */
Test(blank, not_to_be_repaired)
{
	struct wh_hive *hive;

	cr_expect_eq(open_bad(size - REGF_PAGE, size, WH_OPEN_SALVAGE, &hive), WH_E_IO);
	cr_expect_null(hive);
	cr_expect_eq(seen.unread, 1);
}

Test(blank, without_a_base_block)
{
	struct wh_hive *hive;

	cr_expect_eq(open_bad(0, REGF_BINS, 0, &hive), WH_E_IO);
	cr_expect_null(hive);
}

/* What does not begin as a hive may still be one: that cannot be told, nor asked for ever. */
Test(blank, without_a_bin)
{
	uint8_t *zeros;
	struct wh_hive *hive;

	size = (size_t)4 * FAILURES * REGF_PAGE;
	zeros = calloc(1, size);
	cr_assert_not_null(zeros);
	file = zeros;
	cr_expect_eq(open_bad(0, 0, 0, &hive), WH_E_NOT_HIVE);
	cr_expect_eq(open_bad(0, 0, WH_OPEN_SALVAGE, &hive), WH_E_NOT_HIVE);
	cr_expect_eq(open_bad(REGF_BINS, size, 0, &hive), WH_E_IO);
	cr_expect_eq(bad.asked, 1);
	cr_expect_eq(open_bad(REGF_BINS, size, WH_OPEN_SALVAGE, &hive), WH_E_IO);
	cr_expect_eq(bad.asked, FAILURES);
	free(zeros);
}

/* A disk that fails takes its time for it.  Here it is what lies behind the bins. */
Test(blank, not_asked_for_ever)
{
	const size_t behind = size;
	uint8_t *copy;
	struct wh_hive *hive;

	size += (size_t)4 * FAILURES * REGF_PAGE;
	copy = calloc(1, size);
	cr_assert_not_null(copy);
	memcpy(copy, bytes, behind);
	file = copy;
	cr_assert_eq(open_bad(behind, size, 0, &hive), WH_OK);
	cr_expect_leq(seen.unread, 2); /* of each part that was read, and of the rest */
	cr_expect_eq(seen.offset, behind);
	cr_expect_geq(bad.asked, FAILURES);
	cr_expect_leq(bad.asked, FAILURES + 4);
	bad.at = bad.end = 0;
	hold_subkeys(wh_hive_root(whole), wh_hive_root(hive));
	hold_refusals(hive);
	wh_hive_close(hive);
	free(copy);
}

/* ---------------------------------------------------------------------- logs */

struct memory {
	uint8_t *bytes;
	size_t len;
};

static bool
read_memory(void *ctx, uint64_t offset, void *buf, size_t len)
{
	memcpy(buf, ((const struct memory *)ctx)->bytes + offset, len);
	return true;
}

static struct memory
get(const char *folder, const char *name)
{
	struct memory m;
	char path[128];

	snprintf(path, sizeof path, "logs/%s/%s", folder, name);
	m.bytes = read_data(path, &m.len);
	return m;
}

/* Every key and value is one of 'due' too, as it is there. */
static void
hold_part(struct wh_hive *due, struct wh_hive *part)
{
	struct wh_walk_value value;
	struct wh_walk_key key;
	struct wh_walk *walk;
	struct wh_value same;
	uint8_t data[1 << 16];
	struct wh_key found;
	size_t len;

	cr_assert_eq(wh_walk_new(wh_hive_root(part), &walk), WH_OK);
	while (wh_walk_next(walk, &key) == WH_OK) {
		cr_assert_eq(wh_key_open(wh_hive_root(due), key.path, key.path_len, &found), WH_OK);
		while (wh_walk_next_value(walk, &value) == WH_OK) {
			cr_assert_eq(wh_key_value(found, value.name, value.name_len, &same), WH_OK);
			cr_assert_eq(wh_value_read(same, data, sizeof data, &len), WH_OK);
			cr_assert(value.readable < value.size || value.size == len);
			cr_assert(value.data_len == 0 ||
				  memcmp(data, value.data, value.data_len) == 0);
		}
	}
	wh_walk_free(walk);
}

/* What the logs write anew need not be read from the hive; all of it if they have it all. */
static void
hold_logs(const char *folder, size_t log_count, unsigned *recovered)
{
	static const char *const names[] = { "SYSTEM.LOG1", "SYSTEM.LOG2" };
	struct memory hive = get(folder, "SYSTEM"), expected = get(folder, "expected.hive"),
		      logs[2];
	struct wh_source sources[2], source = { .read = read_around_bad, .size = hive.len };
	struct wh_options options = { .issue = see,
				      .log_sources = sources,
				      .log_source_count = log_count };
	struct wh_hive *due, *part;
	const void *now;
	size_t len;

	for (size_t i = 0; i < log_count; i++) {
		logs[i] = get(folder, names[i]);
		sources[i] = (struct wh_source){ read_memory, &logs[i], logs[i].len, names[i] };
	}
	file = hive.bytes;
	cr_assert_eq(wh_hive_open_memory(expected.bytes, expected.len, NULL, &due), WH_OK);
	for (bad.at = REGF_BINS; bad.at < hive.len; bad.at = bad.end) {
		bad.end = bad.at + REGF_PAGE;
		seen.unread = seen.filled = 0;
		seen.bytes = 0;
		cr_assert_eq(wh_hive_open_source(&source, &options, &part), WH_OK);
		cr_expect_eq(wh_hive_state(part), WH_RECOVERED);
		cr_expect_eq(seen.bytes, REGF_PAGE);
		hold_part(due, part);
		now = wh_hive_bytes(part, &len);
		cr_expect_eq(now != NULL, seen.unread == 0);
		if (now) {
			cr_expect_eq(seen.filled, 1);
			cr_expect(len == expected.len && memcmp(now, expected.bytes, len) == 0,
				  "%s, bad at %lx", folder, bad.at);
			++*recovered;
		}
		wh_hive_close(part);
	}
	wh_hive_close(due);
	for (size_t i = 0; i < log_count; i++)
		free(logs[i].bytes);
	free(hive.bytes);
	free(expected.bytes);
}

Test(blank, filled_by_logs)
{
	unsigned recovered = 0;

	hold_logs("new-one-log", 1, &recovered);
	hold_logs("new-growth", 1, &recovered);
	hold_logs("new-two-logs", 2, &recovered);
	hold_logs("new-wrap", 2, &recovered);
	hold_logs("old-one-log", 1, &recovered);
	cr_expect_gt(recovered, 0, "no log has a page of its own");
}

/* Which logs of the old format belong to a hive with a bad base block only its first bin says. */
Test(blank, whether_a_log_belongs_cannot_be_read)
{
	struct memory hive = get("old-base-broken", "SYSTEM"),
		      log = get("old-base-broken", "SYSTEM.LOG1");
	struct wh_source log_source = { read_memory, &log, log.len, "LOG1" };
	struct wh_source source = { .read = read_around_bad, .size = hive.len };
	struct wh_options options = { .log_sources = &log_source, .log_source_count = 1 };
	struct wh_hive *opened;

	file = hive.bytes;
	cr_assert_eq(wh_hive_open_source(&source, &options, &opened), WH_OK);
	cr_expect_eq(wh_hive_state(opened), WH_RECOVERED);
	wh_hive_close(opened);
	bad.at = REGF_BINS;
	bad.end = REGF_BINS + REGF_PAGE;
	if (wh_hive_open_source(&source, &options, &opened) == WH_OK)
		cr_expect_eq(wh_hive_state(opened), WH_DIRTY);
	wh_hive_close(opened);
	free(log.bytes);
	free(hive.bytes);
}

/* ------------------------------------------------------------------- lengths */

/* The base block of a dirty hive counts the first bins only; the others are followed. */
Test(blank, bins_of_a_dirty_hive)
{
	static const uint8_t data[500] = { 1 };
	uint32_t values[70], root, bins;
	struct wh_hive_stats stats;
	struct regf_base *base;
	struct wh_hive *hive;
	struct builder b;
	char name[16];

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	for (unsigned i = 0; i < 70; i++) {
		snprintf(name, sizeof name, "v%02u", i);
		values[i] = builder_value(&b, name, WH_REG_BINARY, data, sizeof data);
	}
	builder_set_values(&b, root, values, 70);
	builder_seal(&b);
	base = (struct regf_base *)b.bytes;
	bins = le32_get(base->length);
	cr_assert_gt(bins, 6 * REGF_PAGE);
	base->sequence1 = le32_make(le32_get(base->sequence2) + 1);
	base->length = le32_make(2 * REGF_PAGE);
	base->checksum = le32_make(whi_base_checksum(base));
	file = b.bytes;
	size = b.size;
	for (uint64_t at = REGF_BINS + 2 * REGF_PAGE; at + REGF_PAGE < REGF_BINS + bins;
	     at += REGF_PAGE) {
		cr_assert_eq(open_bad(at, at + REGF_PAGE, WH_OPEN_NO_LOGS, &hive), WH_OK);
		wh_hive_stats(hive, &stats);
		cr_expect_eq(stats.length, bins, "bad at %lx", at);
		cr_expect_eq(stats.bad_bins, 1);
		cr_expect_eq(seen.unread, 1);
		wh_hive_close(hive);
	}
	builder_fini(&b);
}

/* ---------------------------------------------------------------------- lists */

enum { MANY = 3000, SOME = 700 };

/* A hive whose root has so many subkeys, and the page that has the end of their first leaf. */
static uint64_t
make_root(unsigned count)
{
	const uint8_t *leaf;
	struct wh_key_info info;
	struct wh_key key;
	char name[16];
	bool created;

	wh_hive_close(whole);
	cr_assert_eq(wh_hive_new(NULL, NULL, &whole), WH_OK);
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "key %04u", i);
		cr_assert_eq(wh_key_create(wh_hive_root(whole), name, WH_NTS, NULL, &key, &created),
			     WH_OK);
	}
	file = bytes = wh_hive_bytes(whole, &size);
	cr_assert_eq(wh_key_info(wh_hive_root(whole), &info), WH_OK);
	leaf = bytes + REGF_BINS + info.subkey_list;
	if (memcmp(leaf + REGF_CELL_HEAD, "ri", 2) == 0)
		leaf = bytes + REGF_BINS + get32(leaf + REGF_CELL_HEAD + sizeof(struct regf_list));
	return (uint64_t)(leaf + (0u - get32(leaf)) - 1 - bytes) / REGF_PAGE * REGF_PAGE;
}

/* By the registry nothing is saved of a key whose subkeys cannot all be met. */
static void
hold_not_saved(struct wh_hive *hive)
{
	char folder[] = "/tmp/winhive-blank-XXXXXX", path[64];
	struct wh_reg_options options = { 0 };
	struct wh_reg *reg;
	wh_hkey source;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/SAVED", folder);
	cr_assert_eq(wh_reg_new(&options, &reg), WH_OK);
	cr_assert_eq(wh_reg_mount_hive(reg, WH_HKEY_LOCAL_MACHINE, "SOURCE", WH_NTS, hive, 0),
		     WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, "SOURCE", WH_NTS, 0, WH_KEY_READ,
				     &source),
		     WH_OK);
	cr_expect_eq(wh_reg_save_key(reg, source, path, WH_REG_LATEST_FORMAT), WH_E_CORRUPT);
	cr_expect_eq(wh_reg_close_key(reg, source), WH_OK);
	wh_reg_free(reg);
	cr_expect_eq(rmdir(folder), 0, "something is left there");
}

/* A leaf of a list of lists is not passed over, but named at the end, once. */
Test(blank, a_leaf)
{
	uint64_t at = make_root(MANY);
	struct wh_hive *hive;
	struct wh_key key;
	enum wh_status st;
	uint32_t met = 0;

	cr_assert_eq(open_bad(at, at + REGF_PAGE, 0, &hive), WH_OK);
	seen.count = 0;
	while ((st = wh_key_subkey_at(wh_hive_root(hive), met, &key)) == WH_OK)
		met++;
	cr_expect_eq(st, WH_E_CORRUPT);
	cr_expect(met > 0 && met < MANY);
	cr_expect_eq(seen.count, 1);
	cr_expect_eq(wh_key_subkey_at(wh_hive_root(hive), met + 1, &key), WH_E_NO_MORE);
	hold_not_saved(hive);
	wh_hive_close(hive);
}

Test(blank, a_list)
{
	uint64_t at = make_root(SOME);
	struct wh_hive *hive;
	struct wh_key key;

	cr_assert_eq(open_bad(at, at + REGF_PAGE, 0, &hive), WH_OK);
	cr_expect_eq(wh_key_subkey_at(wh_hive_root(hive), 0, &key), WH_E_CORRUPT);
	hold_not_saved(hive);
	wh_hive_close(hive);
}
