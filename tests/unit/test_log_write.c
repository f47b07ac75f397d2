/* SPDX-License-Identifier: MIT */
/* Logs as they are written, byte by byte, and as they are read again. */
#include "base/marvin.h"
#include "hive/base_block.h"
#include "hive/collect.h"
#include "hive/log_write.h"

#include "hive_builder.h"
#include "reading.h"
#include "sim_disk.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, SECTOR = 512, PAGES = 3000 };

static uint8_t *bytes; /* an image of PAGES pages of bins, each with other bytes */
static struct whi_image img;
static struct regf_base base;
static struct sim_disk disk;
static struct wh_allocator alloc;
static struct meter meter;

static void
init(void)
{
	uint64_t seed = 1;

	bytes = calloc(1, WH_BINS + (size_t)PAGES * PAGE);
	for (size_t i = 0; i < (size_t)PAGES * PAGE; i++)
		bytes[WH_BINS + i] = (uint8_t)sim_random(&seed);
	img = (struct whi_image){ .bytes = bytes, .length = PAGES * PAGE };
	base = (struct regf_base){ .sig = { 'r', 'e', 'g', 'f' },
				   .timestamp = le64_make(12345),
				   .major = le32_make(1),
				   .minor = le32_make(5),
				   .length = le32_make(PAGES * PAGE),
				   .cluster = le32_make(1),
				   .flags = le32_make(3) };
	memset(base.reserved2, 0x77, sizeof base.reserved2);
	sim_init(&disk);
	alloc = meter_allocator(&meter);
}

static void
fini(void)
{
	free(bytes);
	sim_fini(&disk);
	cr_assert_eq(meter.now, 0);
	cr_assert_not(meter.wrong_size);
}

TestSuite(log_write, .init = init, .fini = fini);

static struct whi_log_job
job_of(uint32_t type, const struct whi_run *runs, size_t count)
{
	return (struct whi_log_job){ &img, &base, type, 77, runs, count };
}

/* Write it to LOG1; the bytes of the file, which are as many as was said. */
static const uint8_t *
write_it(const struct whi_log_job *job)
{
	size_t size = (size_t)whi_log_file_size(job);
	uint8_t *room = calloc(1, size);

	memset(room, 0xee, size);
	sim_set(&disk, WHI_FILE_LOG1, room, size);
	free(room);
	cr_assert_eq(whi_log_write(job, &disk.store, WHI_FILE_LOG1, &alloc), WH_OK);
	for (size_t i = 0; i < SECTOR; i++)
		cr_assert_eq(disk.now[WHI_FILE_LOG1].bytes[i], 0xee, "sealed too early");
	cr_assert_eq(whi_log_seal(job, &disk.store, WHI_FILE_LOG1), WH_OK);
	cr_assert_eq(disk.now[WHI_FILE_LOG1].size, size);
	return disk.now[WHI_FILE_LOG1].bytes;
}

static void
expect_base(const uint8_t *log, uint32_t type)
{
	struct regf_base due = base;

	due.type = le32_make(type);
	due.sequence1 = due.sequence2 = le32_make(77);
	due.checksum = le32_make(whi_base_checksum(&due));
	cr_assert_eq(memcmp(log, &due, SECTOR), 0);
}

static uint64_t
get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

/* docs/format.md 12.4, with numbers. */
Test(log_write, a_new_log)
{
	struct whi_run runs[] = { { 0, PAGE }, { 5 * PAGE, 3 * PAGE } };
	struct whi_log_job job = job_of(6, runs, 2);
	const uint8_t *log = write_it(&job), *entry = log + SECTOR;
	size_t used = 40 + 2 * 8 + 4 * PAGE;

	expect_base(log, 6);
	cr_assert_eq(whi_log_entry_count(&job), 1);
	cr_assert_eq(disk.now[WHI_FILE_LOG1].size, 5 * PAGE);
	cr_assert_eq(memcmp(entry, "HvLE", 4), 0);
	cr_assert_eq(get32(entry + 4), 5 * PAGE - SECTOR);
	cr_assert_eq(get32(entry + 8), 1, "only the first bit of the flags");
	cr_assert_eq(get32(entry + 12), 77);
	cr_assert_eq(get32(entry + 16), PAGES * PAGE);
	cr_assert_eq(get32(entry + 20), 2);
	cr_assert_eq(get64(entry + 24), whi_marvin(entry + 40, 5 * PAGE - SECTOR - 40));
	cr_assert_eq(get64(entry + 32), whi_marvin(entry, 32));
	cr_assert(get32(entry + 40) == 0 && get32(entry + 44) == PAGE);
	cr_assert(get32(entry + 48) == 5 * PAGE && get32(entry + 52) == 3 * PAGE);
	cr_assert_eq(memcmp(entry + 56, bytes + WH_BINS, PAGE), 0);
	cr_assert_eq(memcmp(entry + 56 + PAGE, bytes + WH_BINS + 5 * PAGE, 3 * PAGE), 0);
	for (size_t i = used; i < 5 * PAGE - SECTOR; i++)
		cr_assert_eq(entry[i], 0);
}

/* The first entry fills what the base block has left of its page, if it fits exactly. */
Test(log_write, entries_end_where_a_page_ends)
{
	for (uint32_t count = 1; count <= 600; count += 7) {
		struct whi_run runs[600];
		struct whi_log_job job = job_of(6, runs, count);

		for (uint32_t i = 0; i < count; i++)
			runs[i] = (struct whi_run){ 2 * i * PAGE, PAGE };
		cr_assert_eq(whi_log_file_size(&job) % PAGE, 0);
		cr_assert_geq(whi_log_file_size(&job), SECTOR + 40 + count * (PAGE + 8));
		cr_assert_lt(whi_log_file_size(&job), SECTOR + 40 + count * (PAGE + 8) + PAGE);
	}
}

/* docs/format.md 12.3. */
Test(log_write, an_old_log)
{
	struct whi_run runs[] = { { PAGE, PAGE }, { 9 * PAGE, 2 * PAGE } };

	for (uint32_t type = 1; type <= 2; type++) {
		struct whi_log_job job = job_of(type, runs, 2);
		const uint8_t *log = write_it(&job), *map = log + SECTOR + 4;
		size_t pages_at = (SECTOR + 4 + PAGES + SECTOR - 1) / SECTOR * SECTOR;

		expect_base(log, type);
		cr_assert_eq(memcmp(log + SECTOR, "DIRT", 4), 0);
		for (size_t i = 0; i < pages_at - SECTOR - 4; i++)
			cr_assert_eq(map[i], i == 1 || i == 9 || i == 10 ? 0xff : 0);
		cr_assert_eq(memcmp(log + pages_at, bytes + WH_BINS + PAGE, PAGE), 0);
		cr_assert_eq(memcmp(log + pages_at + PAGE, bytes + WH_BINS + 9 * PAGE, 2 * PAGE),
			     0);
		cr_assert_eq(disk.now[WHI_FILE_LOG1].size, pages_at + 3 * PAGE);
		cr_assert_eq(whi_log_entry_count(&job), 1);
	}
}

/* Read as the log of a hive, and applied to an image of zeros. */
static void
expect_read_back(const struct whi_log_job *job, uint32_t entries)
{
	struct wh_hive hive = { .alloc = alloc, .file_size = WH_BINS + (uint64_t)PAGES * PAGE };
	struct whi_stored file = { &disk.store, WHI_FILE_LOG1 };
	uint8_t *pages = calloc(1, PAGES), *due = calloc(1, (size_t)PAGES * PAGE);
	struct wh_source source;
	struct whi_log log = { .name = NULL };

	write_it(job);
	cr_assert(whi_stored_source(&file, &source));
	hive.img.bytes = calloc(1, WH_BINS + (size_t)PAGES * PAGE);
	hive.logs = &log;
	hive.log_count = 1;
	cr_assert_eq(whi_log_read(&hive, 0, &source), WH_OK);
	cr_assert_eq(log.entry_count, entries);
	cr_assert_eq(log.sequence, 77);
	cr_assert_eq(log.type, job->type);
	for (size_t i = 0; i < log.entry_count; i++) {
		cr_assert_eq(log.entries[i].sequence, 77 + i);
		whi_log_apply(&hive, &log, i, pages);
	}
	for (size_t i = 0; i < job->count; i++)
		memcpy(due + job->runs[i].offset, bytes + WH_BINS + job->runs[i].offset,
		       job->runs[i].size);
	cr_assert_eq(memcmp(hive.img.bytes + WH_BINS, due, (size_t)PAGES * PAGE), 0);
	for (uint32_t i = 0; i < PAGES; i++)
		cr_assert_eq(pages[i],
			     memcmp(due + (size_t)i * PAGE, bytes + WH_BINS + i * PAGE, PAGE) == 0);
	whi_log_forget(&log, &alloc);
	free(hive.img.bytes);
	free(pages);
	free(due);
}

/* More than an entry carries: runs are cut where an entry is full. */
Test(log_write, large_changes_take_several_entries)
{
	struct whi_run all = { 0, PAGES * PAGE };
	struct whi_run runs[PAGES / 2];
	struct whi_log_job job = job_of(6, &all, 1);
	uint32_t most = WHI_LOG_ENTRY_MAX / PAGE;

	cr_assert_eq(whi_log_entry_count(&job), (PAGES + most - 1) / most);
	expect_read_back(&job, (PAGES + most - 1) / most);
	for (uint32_t i = 0; i < PAGES / 2; i++)
		runs[i] = (struct whi_run){ 2 * i * PAGE, PAGE };
	job = job_of(6, runs, PAGES / 2);
	expect_read_back(&job, (PAGES / 2 + most - 1) / most);
	all.size = WHI_LOG_ENTRY_MAX;
	job = job_of(6, &all, 1);
	expect_read_back(&job, 1);
}

/* Before there are sectors of bins an old log says nothing: apply needs bins that are some. */
Test(log_write, an_old_log_is_read_back)
{
	struct whi_run runs[] = { { 0, 2 * PAGE }, { 100 * PAGE, PAGE } };
	struct whi_log_job job = job_of(1, runs, 2);

	memcpy(bytes + WH_BINS, "hbin", 4);
	put32(bytes + WH_BINS + 4, 0);
	put32(bytes + WH_BINS + 8, PAGES * PAGE);
	expect_read_back(&job, 1);
}

Test(log_write, failures)
{
	struct whi_run runs[] = { { 0, PAGE }, { 5 * PAGE, 3 * PAGE } };

	for (uint32_t type = 1; type <= 6; type += 5) {
		struct whi_log_job job = job_of(type, runs, 2);
		size_t calls;

		write_it(&job);
		calls = disk.calls - 1; /* the last one was for whi_log_seal() */
		cr_assert_gt(calls, 0);
		for (size_t n = 0; n < calls; n++) {
			disk.calls = 0;
			disk.fail_at = n;
			disk.with = WH_E_DISK_FULL;
			cr_assert_eq(whi_log_write(&job, &disk.store, WHI_FILE_LOG1, &alloc),
				     WH_E_DISK_FULL);
		}
		disk.calls = 0;
		disk.fail_at = SIZE_MAX;
		meter.left = 0;
		cr_assert_eq(whi_log_write(&job, &disk.store, WHI_FILE_LOG1, &alloc), WH_E_MEMORY);
		meter.left = SIZE_MAX;
	}
}
