/* SPDX-License-Identifier: MIT */
/* A file that is read as far as it is asked for, and what becomes of it meanwhile. */
#define _DEFAULT_SOURCE
#include "reading.h"

#include "winhive.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Some megabytes, which no library reads at once that waits to be asked; data reach over the end
 * of a page.
 */
enum { KEYS = 1000, DATA = 6000, BINS = 4096 };

static char folder[64], path[96], other[96];
static struct wh_hive *hive;
static bool created;
static struct seen {
	unsigned count, unread;
	uint64_t offset;
	bool ask; /* the hive itself, while it reports */
} seen;

static enum wh_status read_key(unsigned i);

/* A medium with a bad part, for the library too: it finds this one first. */
static struct {
	off_t at, end;
	unsigned asked; /* how often */
} bad;

ssize_t
pread(int fd, void *buf, size_t len, off_t at)
{
	ssize_t n = syscall(SYS_pread64, fd, buf, len, at);

	if (n <= 0 || bad.end <= at || at + n <= bad.at)
		return n;
	bad.asked++;
	if (at < bad.at)
		return bad.at - at;
	errno = EIO;
	return -1;
}

static void
see(void *ctx, const struct wh_issue *issue)
{
	(void)ctx;
	seen.count++;
	if (strcmp(issue->rule, "file-unread") == 0) {
		seen.unread++;
		seen.offset = issue->offset;
		cr_expect(issue->incomplete);
	}
	if (seen.ask)
		cr_expect_eq(read_key(0), WH_OK);
}

static void
name_of(unsigned i, char name[16])
{
	memset(name, 0, 16);
	snprintf(name, 16, "key %04u", i);
}

/* Keys from 'first' on, each with a value that says which it is. */
static void
make_hive(const char *to, unsigned first)
{
	uint8_t data[DATA] = { 0 };
	struct wh_hive *made;
	struct wh_key key;
	char name[16];

	cr_assert_eq(wh_hive_new(NULL, NULL, &made), WH_OK);
	for (unsigned i = first; i < first + KEYS; i++) {
		name_of(i, name);
		memcpy(data, name, sizeof name);
		memcpy(data + DATA - sizeof name, name, sizeof name);
		cr_assert_eq(wh_key_create(wh_hive_root(made), name, WH_NTS, NULL, &key, &created),
			     WH_OK);
		cr_assert_eq(wh_value_set(key, "v", 1, 3, data, sizeof data), WH_OK);
	}
	cr_assert_eq(wh_hive_save_as(made, to, WH_SAVE_REPLACE), WH_OK);
	wh_hive_close(made);
}

static void
init(void)
{
	snprintf(folder, sizeof folder, "/tmp/winhive-unread-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/HIVE", folder);
	snprintf(other, sizeof other, "%s/OTHER", folder);
	make_hive(path, 0);
	seen = (struct seen){ 0 };
	hive = NULL;
	bad.at = bad.end = 0;
	bad.asked = 0;
}

static void
fini(void)
{
	wh_hive_close(hive);
	unlink(path);
	unlink(other);
	cr_expect_eq(rmdir(folder), 0);
}

static void
open_it(unsigned flags)
{
	struct wh_options options = { .flags = flags, .issue = see };

	cr_assert_eq(wh_hive_open(path, &options, &hive), WH_OK);
}

/* The value of key 'i', which has to be right if there is one. */
static enum wh_status
read_key(unsigned i)
{
	uint8_t data[DATA];
	struct wh_value value;
	struct wh_key key;
	char name[16];
	size_t len;
	enum wh_status st;

	name_of(i, name);
	st = wh_key_subkey(wh_hive_root(hive), name, WH_NTS, &key);
	if (st == WH_OK)
		st = wh_key_value(key, "v", 1, &value);
	if (st == WH_OK)
		st = wh_value_read(value, data, sizeof data, &len);
	if (st == WH_OK)
		cr_expect(len == DATA && memcmp(data, name, sizeof name) == 0 &&
				  memcmp(data + DATA - sizeof name, name, sizeof name) == 0,
			  "key %u", i);
	return st;
}

static void
expect_same(const struct wh_hive_stats *a, const struct wh_hive_stats *b)
{
	cr_expect_eq(a->length, b->length);
	cr_expect_eq(a->bins, b->bins);
	cr_expect_eq(a->bad_bins, b->bad_bins);
	cr_expect_eq(a->used_cells, b->used_cells);
	cr_expect_eq(a->free_cells, b->free_cells);
	cr_expect_eq(a->used_bytes, b->used_bytes);
	cr_expect_eq(a->free_bytes, b->free_bytes);
	cr_expect_eq(a->tail, b->tail);
}

static void
append(const char *to)
{
	int fd = open(to, O_WRONLY | O_APPEND);

	cr_assert(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
}

static unsigned
open_files(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

TestSuite(unread, .init = init, .fini = fini);

Test(unread, everything_is_there_in_any_order)
{
	open_it(0);
	for (unsigned i = 0; i < KEYS; i++)
		cr_expect_eq(read_key(i * 7919 % KEYS), WH_OK);
	cr_expect_eq(seen.count, 0);
}

Test(unread, the_file_is_closed_when_it_was_read)
{
	unsigned before = open_files();
	struct wh_hive_stats stats;

	open_it(0);
	cr_expect_eq(open_files(), before + 1, "all of it was read, which nobody asked for");
	cr_expect_eq(read_key(0), WH_OK);
	wh_hive_stats(hive, &stats);
	cr_expect_geq(stats.used_cells, KEYS * 3);
	cr_expect_eq(open_files(), before);
	wh_hive_close(hive);
	open_it(WH_OPEN_WHOLE);
	cr_expect_eq(open_files(), before);
	wh_hive_close(hive);
	open_it(0);
	wh_hive_close(hive);
	hive = NULL;
	cr_expect_eq(open_files(), before);
}

/* The size is known without reading; and what is asked of a whole hive is that of one. */
Test(unread, whole_or_not_is_the_same)
{
	struct wh_hive_stats whole, later;
	unsigned before;
	const void *bytes;
	uint64_t digest, again;
	uint8_t *copy;
	size_t len;

	open_it(WH_OPEN_WHOLE);
	wh_hive_stats(hive, &whole);
	cr_assert_eq(read_everything(hive, &digest), WH_OK);
	bytes = wh_hive_bytes(hive, &len);
	copy = malloc(len);
	cr_assert_not_null(copy);
	memcpy(copy, bytes, len);
	wh_hive_close(hive);

	before = open_files();
	open_it(0);
	cr_expect_eq(wh_hive_size(hive), len);
	cr_expect_eq(open_files(), before + 1);
	cr_assert_eq(read_everything(hive, &again), WH_OK);
	cr_expect_eq(again, digest);
	wh_hive_stats(hive, &later);
	expect_same(&whole, &later);
	wh_hive_close(hive);

	open_it(0);
	bytes = wh_hive_bytes(hive, &len);
	cr_expect_eq(memcmp(bytes, copy, len), 0);
	free(copy);
}

/* What needs all of a hive of which a part could not be read. */
static void
expect_refusals(void)
{
	struct wh_check result;
	size_t len;

	cr_expect_eq(wh_hive_check(hive, NULL, NULL, &result), WH_E_IO);
	cr_expect_null(wh_hive_bytes(hive, &len));
	cr_expect_eq(len, 0);
	cr_expect_eq(wh_hive_save_as(hive, other, 0), WH_E_IO);
	cr_expect_neq(access(other, F_OK), 0);
	cr_expect_eq(wh_key_set_time(wh_hive_root(hive), 1), WH_E_IO);
}

Test(unread, a_changed_file_is_noticed)
{
	struct wh_walk_key key;
	struct wh_walk *walk;
	unsigned keys = 0;

	open_it(0);
	cr_expect_eq(read_key(0), WH_OK);
	append(path);
	cr_expect_eq(read_key(0), WH_OK, "it was read before");
	cr_expect_eq(read_key(KEYS - 1), WH_E_CORRUPT);
	cr_expect_eq(seen.unread, 1);
	cr_expect_gt(seen.offset, BINS);
	cr_expect_eq(read_key(KEYS - 2), WH_E_CORRUPT);
	cr_expect_eq(seen.unread, 1, "said twice");

	/* What was read is given, and the rest named. */
	cr_assert_eq(wh_walk_new(wh_hive_root(hive), &walk), WH_OK);
	while (wh_walk_next(walk, &key) == WH_OK)
		keys++;
	wh_walk_free(walk);
	cr_expect_gt(keys, 1);
	cr_expect_lt(keys, KEYS);
	cr_expect_gt(seen.count, seen.unread);

	expect_refusals();
	cr_expect_eq(read_key(0), WH_OK);
}

Test(unread, what_was_cut_off_is_noticed)
{
	open_it(0);
	cr_expect_eq(read_key(0), WH_OK);
	cr_assert_eq(truncate(path, 1 << 20), 0);
	cr_expect_eq(read_key(KEYS - 1), WH_E_CORRUPT);
	cr_expect_eq(seen.unread, 1);
	cr_expect_eq(read_key(0), WH_OK);
}

Test(unread, a_whole_hive_does_not_mind)
{
	open_it(WH_OPEN_WHOLE);
	append(path);
	cr_assert_eq(truncate(path, 0), 0);
	for (unsigned i = 0; i < KEYS; i++)
		cr_expect_eq(read_key(i), WH_OK);
	cr_expect_eq(seen.count, 0);
}

/* A file that is replaced, as careful writers do, or gets another name, is still the old one. */
Test(unread, another_file_of_that_name_is_another)
{
	open_it(0);
	make_hive(other, KEYS);
	cr_assert_eq(rename(other, path), 0);
	for (unsigned i = 0; i < KEYS; i++)
		cr_expect_eq(read_key(i), WH_OK);
	cr_expect_eq(seen.count, 0);
}

/* To change a hive all of it is needed; then the file is no longer. */
Test(unread, a_change_has_all)
{
	struct wh_key key;

	open_it(0);
	cr_assert_eq(wh_key_create(wh_hive_root(hive), "new", WH_NTS, NULL, &key, &created), WH_OK);
	cr_assert_eq(truncate(path, 0), 0);
	for (unsigned i = 0; i < KEYS; i++)
		cr_expect_eq(read_key(i), WH_OK);
	cr_expect_eq(seen.count, 0);
}

/* A bin that is none, near the end. */
static void
spoil(uint64_t *at)
{
	int fd = open(path, O_RDWR);
	char sig[4] = "";
	struct stat st;

	cr_assert(fd >= 0 && fstat(fd, &st) == 0);
	for (*at = (uint64_t)st.st_size - BINS; memcmp(sig, "hbin", 4) != 0; *at -= BINS)
		cr_assert_eq(pread(fd, sig, 4, (off_t)*at), 4);
	*at += BINS;
	cr_assert_eq(pwrite(fd, "nibh", 4, (off_t)*at), 4);
	close(fd);
}

Test(unread, damage_is_reported_when_it_is_met)
{
	struct wh_hive_stats stats;
	uint64_t at;

	spoil(&at);
	open_it(0);
	cr_expect_eq(read_key(0), WH_OK);
	cr_expect_eq(seen.count, 0);
	seen.ask = true; /* nothing is locked meanwhile */
	wh_hive_stats(hive, &stats);
	cr_expect_eq(stats.bad_bins, 1);
	cr_expect_eq(seen.count, 1);
	seen.ask = false;
	wh_hive_stats(hive, &stats);
	cr_expect_eq(seen.count, 1, "said twice");
	wh_hive_close(hive);

	seen = (struct seen){ 0 };
	open_it(WH_OPEN_WHOLE);
	cr_expect_eq(seen.count, 1);
}

Test(unread, lent_memory_is_looked_through_later)
{
	struct wh_options options = { .flags = WH_OPEN_LENT, .issue = see };
	struct wh_hive_stats stats, same;
	struct wh_hive *whole;
	const void *bytes;
	uint64_t at;
	size_t len;

	spoil(&at);
	cr_assert_eq(wh_hive_open(path, NULL, &whole), WH_OK);
	bytes = wh_hive_bytes(whole, &len);
	cr_assert_eq(wh_hive_open_memory(bytes, len, &options, &hive), WH_OK);
	cr_expect_eq(wh_hive_bytes(hive, &len), bytes);
	cr_expect_eq(seen.count, 1);
	wh_hive_stats(hive, &stats);
	wh_hive_stats(whole, &same);
	expect_same(&stats, &same);
	wh_hive_close(hive);
	hive = NULL;
	wh_hive_close(whole);
}

/* Files that stay open do not keep others from being opened. */
Test(unread, more_hives_than_descriptors)
{
	enum { HIVES = 100, DESCRIPTORS = 40 };
	struct rlimit limit;
	struct wh_hive *hives[HIVES];

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = DESCRIPTORS;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (unsigned i = 0; i < HIVES; i++)
		cr_assert_eq(wh_hive_open(path, NULL, &hives[i]), WH_OK, "number %u", i);
	for (unsigned i = 0; i < HIVES; i++) {
		hive = hives[i];
		cr_expect_eq(read_key(i * 10), WH_OK);
		wh_hive_close(hive);
	}
	hive = NULL;
}

/* The values that are touched are lost, and no others; what is wrong is said once. */
Test(unread, a_bad_part_is_read_around)
{
	unsigned lost = 0, few = 12, reported;
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	bad.at = st.st_size / 2 / BINS * BINS + 512; /* a sector */
	bad.end = bad.at + 512;
	open_it(0);
	cr_expect_eq(bad.asked, 0, "read before anybody asked for it");
	for (unsigned i = 0; i < KEYS; i++)
		lost += read_key(i * 7919 % KEYS) != WH_OK;
	cr_expect(lost > 0 && lost <= few, "%u lost", lost);
	cr_expect_eq(seen.unread, 1);
	cr_expect_eq(seen.offset, (uint64_t)bad.at / BINS * BINS);
	reported = bad.asked;
	for (unsigned i = 0; i < KEYS; i++)
		lost -= read_key(i) != WH_OK;
	cr_expect_eq(lost, 0);
	cr_expect_eq(seen.unread, 1, "said twice");
	cr_expect_eq(bad.asked, reported, "read twice");
	expect_refusals();
}

/* All that can be read is the same, whether at once or as it is asked for. */
Test(unread, a_bad_part_whole_or_not_is_the_same)
{
	struct wh_hive_stats whole, later;
	uint64_t digest, again;
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	for (bad.at = BINS * 3; bad.at < st.st_size; bad.at += 199 * BINS) {
		bad.end = bad.at + 3 * BINS;
		seen = (struct seen){ 0 };
		open_it(WH_OPEN_WHOLE);
		cr_expect_eq(seen.unread, 1);
		cr_assert_eq(read_everything(hive, &digest), WH_OK);
		wh_hive_stats(hive, &whole);
		expect_refusals();
		wh_hive_close(hive);
		open_it(0);
		cr_assert_eq(read_everything(hive, &again), WH_OK);
		cr_expect_eq(again, digest, "bad at %ld", (long)bad.at);
		wh_hive_stats(hive, &later);
		expect_same(&whole, &later);
		wh_hive_close(hive);
	}
	hive = NULL;
}

/* Without the memory to say so, that is said the next time. */
Test(unread, a_bad_part_and_no_memory)
{
	struct meter meter;
	struct wh_allocator allocator;
	struct wh_options options = { .issue = see, .allocator = &allocator };
	enum wh_status st = WH_E_MEMORY;
	struct stat file;

	cr_assert_eq(stat(path, &file), 0);
	bad.at = file.st_size / 2;
	bad.end = bad.at + 1;
	for (size_t left = 0; st != WH_OK; left++) {
		meter = (struct meter){ .left = SIZE_MAX };
		allocator = meter_allocator(&meter);
		seen = (struct seen){ 0 };
		cr_assert_eq(wh_hive_open(path, &options, &hive), WH_OK);
		meter.left = left;
		st = read_key(KEYS - 1);
		meter.left = SIZE_MAX;
		cr_expect_eq(read_key(KEYS - 1), WH_OK);
		expect_refusals();
		cr_expect_eq(seen.unread, 1, "%zu", left);
		wh_hive_close(hive);
	}
	hive = NULL;
}

/* That it was written to is more than that it cannot be read. */
Test(unread, a_bad_part_of_a_changed_file)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	open_it(0);
	bad.at = st.st_size / 2;
	bad.end = st.st_size;
	append(path);
	cr_expect_eq(read_key(KEYS - 1), WH_E_CORRUPT);
	cr_expect_eq(seen.unread, 1);
	cr_expect_eq(bad.asked, 0);
	expect_refusals();
}

Test(unread, a_bad_part_and_no_write)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE, .issue = see };
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	bad.at = st.st_size / 2;
	bad.end = bad.at + 1;
	cr_expect_eq(wh_hive_open(path, &options, &hive), WH_E_IO);
	cr_expect_null(hive);
	cr_expect_eq(seen.unread, 1);
}
