/* SPDX-License-Identifier: MIT */
/* What a commit writes and what it refuses; crashes and failing disks are in tests/crash. */
#define _DEFAULT_SOURCE
#include "hive/base_block.h"
#include "hive/hive.h"
#include "hive/store.h"

#include "files.h"
#include "reading.h"
#include "sim_disk.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define T UINT64_C(0x01d9000000000000)

static char folder[64], path[96];
static struct wh_hive *hive;
static struct wh_commit_report report;

static char *
in_folder(const char *name)
{
	static char text[4][160];
	static unsigned next;
	char *at = text[next++ % 4];

	snprintf(at, sizeof text[0], "%s/%s", folder, name);
	return at;
}

static void
put_file(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(name, "wb");

	cr_assert(file && fwrite(bytes, 1, len, file) == len && fclose(file) == 0);
}

static void
init(void)
{
	size_t len;
	uint8_t *bytes = read_data("good/sample.hive", &len);

	snprintf(folder, sizeof folder, "/tmp/winhive-commit-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/SAMPLE", folder);
	put_file(path, bytes, len);
	free(bytes);
	hive = NULL;
}

static void
fini(void)
{
	char command[128];

	wh_hive_close(hive);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(commit, .init = init, .fini = fini);

static enum wh_status
open_flags(unsigned flags)
{
	struct wh_options options = { .flags = flags, .time = T };

	return wh_hive_open(path, &options, &hive);
}

static void
open_it(void)
{
	cr_assert_eq(open_flags(WH_OPEN_WRITE), WH_OK);
}

static void
set_number(uint64_t number)
{
	cr_assert_eq(
		wh_value_set_number(wh_hive_root(hive), "Number", WH_NTS, WH_REG_DWORD, number),
		WH_OK);
}

static uint64_t
number_in(struct wh_hive *in)
{
	struct wh_value value;
	uint64_t number = UINT64_MAX;

	if (wh_key_value(wh_hive_root(in), "Number", WH_NTS, &value) == WH_OK)
		cr_assert_eq(wh_value_number(value, &number), WH_OK);
	return number;
}

/* What is in the file, read by itself. */
static uint64_t
number_on_disk(void)
{
	struct wh_hive *other;
	uint64_t number;

	cr_assert_eq(wh_hive_open(path, NULL, &other), WH_OK);
	cr_assert_eq(wh_hive_state(other), WH_CLEAN);
	number = number_in(other);
	wh_hive_close(other);
	return number;
}

static enum wh_status
commit(void)
{
	return wh_hive_commit(hive, NULL, &report);
}

static bool
is_there(const char *name)
{
	return access(in_folder(name), F_OK) == 0;
}

static bool
same_files(const char *a, const char *b)
{
	size_t a_len, b_len;
	uint8_t *a_bytes = read_file(a, &a_len), *b_bytes = read_file(b, &b_len);
	bool same = a_bytes && b_bytes && a_len == b_len && memcmp(a_bytes, b_bytes, a_len) == 0;

	free(a_bytes);
	free(b_bytes);
	return same;
}

Test(commit, a_number)
{
	struct wh_base_block was, found, now;

	open_it();
	wh_hive_base_block(hive, &was, NULL);
	set_number(7);
	cr_assert(wh_hive_changed(hive));
	cr_assert_eq(number_on_disk(), UINT64_MAX);
	cr_assert_eq(commit(), WH_OK);
	cr_assert_not(wh_hive_changed(hive));
	cr_assert_not(is_there("SAMPLE.LOG1"));
	cr_assert_not(is_there("SAMPLE.LOG2"));
	cr_assert_eq(number_on_disk(), 7);
	wh_hive_base_block(hive, &found, &now);
	cr_assert(found.sequence1 == was.sequence1 + 1 && found.sequence2 == found.sequence1);
	cr_assert_eq(now.sequence1, found.sequence1);
	cr_assert_eq(now.checksum, now.checksum_due);
	cr_assert(report.log_format == WH_LOG_NEW && !report.in_log);

	/* Once more with the same hive. */
	set_number(8);
	cr_assert_eq(commit(), WH_OK);
	cr_assert_eq(number_on_disk(), 8);
	wh_hive_base_block(hive, &found, NULL);
	cr_assert_eq(found.sequence1, was.sequence1 + 2);
}

/* docs/crash-safety.md, "What it costs": this is the claim there. */
Test(commit, costs)
{
	open_it();
	set_number(7);
	cr_assert_eq(commit(), WH_OK);
	set_number(8);
	cr_assert_eq(commit(), WH_OK);
	cr_assert_eq(report.pages, 1);
	cr_assert_eq(report.log_bytes, 8192);
	cr_assert_eq(report.hive_bytes, 4096 + 2 * 512);
	cr_assert_eq(report.syncs, 6);
}

Test(commit, without_changes_nothing_is_written)
{
	struct stat before, after;

	cr_assert_eq(stat(path, &before), 0);
	open_it();
	cr_assert_eq(commit(), WH_OK);
	set_number(7);
	wh_hive_discard(hive);
	cr_assert_eq(commit(), WH_OK);
	cr_assert(report.hive_bytes == 0 && report.log_bytes == 0 && report.syncs == 0);
	cr_assert_eq(stat(path, &after), 0);
	cr_assert_eq(memcmp(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim), 0);
	cr_assert_not(is_there("SAMPLE.LOG1"));
}

Test(commit, logs_that_were_there_stay_empty)
{
	put_file(in_folder("sample.log1"), "x", 1);
	put_file(in_folder("SAMPLE.LOG2"), "", 0);
	put_file(in_folder("SAMPLE.LOG"), "old remains", 11);
	open_it();
	set_number(7);
	cr_assert_eq(commit(), WH_OK);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "sample.log1", "SAMPLE.LOG2", "SAMPLE.LOG" };
		struct stat st;

		cr_assert_eq(stat(in_folder(names[i]), &st), 0, "%s", names[i]);
		cr_assert_eq(st.st_size, 0, "%s", names[i]);
	}
	cr_assert_not(is_there("SAMPLE.LOG1"));
}

Test(commit, an_old_log_brings_a_new_time)
{
	struct wh_commit how = { .log_format = WH_LOG_OLD };
	struct wh_base_block found;
	const struct regf_bin *bin;
	size_t len;

	open_it();
	set_number(7);
	cr_assert_eq(wh_hive_commit(hive, &how, &report), WH_OK);
	cr_assert_eq(report.log_format, WH_LOG_OLD);
	wh_hive_base_block(hive, &found, NULL);
	bin = (const struct regf_bin *)((const uint8_t *)wh_hive_bytes(hive, &len) + WH_BINS);
	cr_assert_eq(found.timestamp, T);
	cr_assert_eq(le64_get(bin->timestamp), T);
	cr_assert_eq(number_on_disk(), 7);
}

/* A new log leaves the time alone, as Windows does. */
Test(commit, which_format)
{
	static const struct {
		const char *hive;
		enum wh_log_format format;
	} cases[] = { { "good/version-1.5.hive", WH_LOG_NEW },
		      { "good/version-1.4.hive", WH_LOG_OLD },
		      { "good/version-1.3.hive", WH_LOG_OLD },
		      { "logs/new-dot-log/SYSTEM", WH_LOG_NEW },
		      { "logs/old-dot-log/SYSTEM", WH_LOG_OLD },
		      { "logs/old-one-log/SYSTEM", WH_LOG_OLD } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static const char *const suffixes[] = { "", ".LOG1", ".LOG" };

		for (size_t k = 0; k < 3; k++) {
			char from[128], *source, to[128];
			size_t len;
			uint8_t *bytes;

			snprintf(from, sizeof from, "%s%s", cases[i].hive, suffixes[k]);
			snprintf(to, sizeof to, "%s%s", path, suffixes[k]);
			unlink(to);
			source = data_path(from);
			bytes = read_file(source, &len);
			if (bytes)
				put_file(to, bytes, len);
			free(bytes);
			free(source);
		}
		open_it();
		set_number(i);
		cr_assert_eq(commit(), WH_OK, "%s", cases[i].hive);
		cr_assert_eq(report.log_format, cases[i].format, "%s", cases[i].hive);
		cr_assert_eq(number_on_disk(), i);
		wh_hive_close(hive);
	}
	hive = NULL;
}

Test(commit, a_backup)
{
	struct wh_commit how = { .backup = in_folder("KEPT") };
	char original[96];
	size_t len;
	uint8_t *bytes = read_file(path, &len);

	snprintf(original, sizeof original, "%s/original", folder);
	put_file(original, bytes, len);
	free(bytes);
	put_file(in_folder("SAMPLE.LOG1"), "y", 1);
	put_file(in_folder("SAMPLE.LOG2"), "", 0);
	open_it();
	set_number(7);
	cr_assert_eq(wh_hive_commit(hive, &how, NULL), WH_OK);
	cr_assert(same_files(in_folder("KEPT"), original));
	cr_assert(is_there("KEPT.LOG1"));
	cr_assert_not(is_there("KEPT.LOG2"));

	/* Never over a file that is there: nothing is done at all. */
	set_number(8);
	cr_assert_eq(wh_hive_commit(hive, &how, NULL), WH_E_EXISTS);
	cr_assert_eq(number_on_disk(), 7);
	cr_assert(same_files(in_folder("KEPT"), original));
	cr_assert_eq(commit(), WH_OK);
	cr_assert_eq(number_on_disk(), 8);
}

Test(commit, a_backup_whose_log_is_there_already)
{
	struct wh_commit how = { .backup = in_folder("KEPT") };

	put_file(in_folder("SAMPLE.LOG1"), "y", 1);
	put_file(in_folder("KEPT.LOG1"), "z", 1);
	open_it();
	set_number(7);
	cr_assert_eq(wh_hive_commit(hive, &how, NULL), WH_E_EXISTS);
	cr_assert_not(is_there("KEPT"));
	cr_assert(is_there("KEPT.LOG1"));
	cr_assert_eq(number_on_disk(), UINT64_MAX);
}

Test(commit, refusals)
{
	struct wh_commit how = { .log_format = (enum wh_log_format)9 };

	cr_assert_eq(wh_hive_commit(NULL, NULL, NULL), WH_E_INVALID);
	open_it();
	cr_assert_eq(wh_hive_commit(hive, &how, NULL), WH_E_INVALID);
	cr_assert_eq(wh_hive_begin(hive), WH_OK);
	set_number(7);
	cr_assert_eq(commit(), WH_E_INVALID);
	cr_assert_eq(wh_hive_end(hive), WH_OK);
	cr_assert_eq(commit(), WH_OK);
	wh_hive_close(hive);

	cr_assert_eq(open_flags(0), WH_OK);
	set_number(8);
	cr_assert_eq(commit(), WH_E_ACCESS);
}

Test(commit, only_a_path_can_be_opened_for_writing)
{
	const char *logs[] = { in_folder("SAMPLE.LOG1") };
	struct wh_options options = { .flags = WH_OPEN_WRITE };
	size_t len;
	uint8_t *bytes = read_file(path, &len);
	int fd = open(path, O_RDWR);

	cr_assert_eq(wh_hive_open_memory(bytes, len, &options, &hive), WH_E_INVALID);
	cr_assert_eq(wh_hive_open_fd(fd, &options, &hive), WH_E_INVALID);
	close(fd);
	free(bytes);
	options.logs = logs;
	options.log_count = 1;
	cr_assert_eq(wh_hive_open(path, &options, &hive), WH_E_INVALID);
	cr_assert_null(hive);
}

Test(commit, one_at_a_time)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE };
	struct wh_hive *other;

	open_it();
	cr_assert_eq(wh_hive_open(path, &options, &other), WH_E_IN_USE);
	cr_assert_null(other);
	cr_assert_eq(wh_hive_open(path, NULL, &other), WH_OK);
	wh_hive_close(other);
	wh_hive_close(hive);
	open_it();
}

Test(commit, a_file_that_somebody_changed)
{
	FILE *file;

	open_it();
	set_number(7);
	file = fopen(path, "r+b");
	cr_assert(file && fseek(file, 4, SEEK_SET) == 0 && fputc(99, file) == 99 &&
		  fclose(file) == 0);
	cr_assert_eq(commit(), WH_E_IN_USE);
	cr_assert_not(is_there("SAMPLE.LOG1"));
}

Test(commit, a_file_that_became_longer)
{
	FILE *file;

	open_it();
	set_number(7);
	file = fopen(path, "ab");
	cr_assert(file && fputc(0, file) == 0 && fclose(file) == 0);
	cr_assert_eq(commit(), WH_E_IN_USE);
}

Test(commit, a_name_that_is_another_files)
{
	open_it();
	set_number(7);
	cr_assert_eq(rename(path, in_folder("AWAY")), 0);
	cr_assert_eq(commit(), WH_E_IN_USE);
	put_file(path, "something else", 14);
	cr_assert_eq(commit(), WH_E_IN_USE);
}

Test(commit, logs_that_came_or_went)
{
	open_it();
	set_number(7);
	put_file(in_folder("SAMPLE.LOG2"), "x", 1);
	cr_assert_eq(commit(), WH_E_IN_USE);
	wh_hive_close(hive);

	open_it();
	set_number(7);
	unlink(in_folder("SAMPLE.LOG2"));
	cr_assert_eq(commit(), WH_E_IN_USE);
	cr_assert_eq(number_on_disk(), UINT64_MAX);
}

Test(commit, what_is_not_a_file)
{
	unlink(path);
	cr_assert_eq(open_flags(WH_OPEN_WRITE), WH_E_NOT_FOUND);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(open_flags(WH_OPEN_WRITE), WH_E_INVALID);
	unlink(path);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(open_flags(WH_OPEN_WRITE), WH_E_ACCESS);
	rmdir(path);
	cr_assert_null(hive);
}

/* In another process, which may be one that is not root, and has limits. */
static void
expect_in_child(enum wh_status (*fn)(void), enum wh_status due)
{
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0);
	if (child == 0) {
		if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
			_exit(1);
		_exit(fn() == due ? 0 : 2);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d", status);
}

static enum wh_status
only_open(void)
{
	return open_flags(WH_OPEN_WRITE);
}

static enum wh_status
set_and_commit(void)
{
	enum wh_status st = open_flags(WH_OPEN_WRITE);

	if (st == WH_OK)
		st = wh_value_set_number(wh_hive_root(hive), "Number", WH_NTS, WH_REG_DWORD, 7);
	return st == WH_OK ? commit() : st;
}

static void
let_others_in(mode_t mode)
{
	cr_assert_eq(chmod(folder, mode), 0);
	if (geteuid() == 0) {
		cr_assert_eq(chown(folder, 65534, 65534), 0);
		cr_assert_eq(chown(path, 65534, 65534), 0);
	}
}

Test(commit, a_file_that_may_not_be_written)
{
	let_others_in(0700);
	cr_assert_eq(chmod(path, 0400), 0);
	expect_in_child(only_open, WH_E_ACCESS);
}

/* No log can be made there. */
Test(commit, a_folder_that_may_not_be_written)
{
	let_others_in(0500);
	expect_in_child(set_and_commit, WH_E_ACCESS);
	chmod(folder, 0700);
	cr_assert_eq(number_on_disk(), UINT64_MAX);
}

static enum wh_status
commit_more_than_fits(void)
{
	struct rlimit limit = { 100000, 100000 };
	static uint8_t large[200000];
	enum wh_status st = open_flags(WH_OPEN_WRITE);

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return WH_E_INVALID;
	if (st == WH_OK)
		st = wh_value_set(wh_hive_root(hive), "Large", WH_NTS, WH_REG_BINARY, large,
				  sizeof large);
	return st == WH_OK ? commit() : st;
}

Test(commit, a_disk_that_is_full)
{
	char original[96];
	size_t len;
	uint8_t *bytes = read_file(path, &len);

	snprintf(original, sizeof original, "%s/original", folder);
	put_file(original, bytes, len);
	free(bytes);
	let_others_in(0700);
	expect_in_child(commit_more_than_fits, WH_E_DISK_FULL);
	cr_assert(same_files(path, original));
	cr_assert_not(is_there("SAMPLE.LOG1"));
	cr_assert_not(is_there("SAMPLE.LOG2"));
}

/* ------------------------------------------------------------ on a disk in memory */

static struct sim_disk disk;

static void
set_disk(const char *name)
{
	size_t len;
	uint8_t *bytes = read_data(name, &len);

	sim_init(&disk);
	sim_set(&disk, WHI_FILE_HIVE, bytes, len);
	free(bytes);
}

static void
open_disk(unsigned flags, const struct wh_allocator *alloc)
{
	struct wh_options options = { .flags = flags, .time = T, .allocator = alloc };

	disk.closed = false;
	cr_assert_eq(whi_hive_open_store(&disk.store, &options, &hive), WH_OK);
}

/* For every n: without memory from the n-th allocation on nothing is done, in memory or on disk. */
Test(commit, no_memory)
{
	for (enum wh_log_format format = WH_LOG_OLD; format <= WH_LOG_NEW; format++) {
		struct meter meter;
		struct wh_allocator alloc = meter_allocator(&meter);
		struct wh_commit how = { .log_format = format };
		enum wh_status st = WH_E_MEMORY;
		uint8_t *before;
		size_t n, len;

		set_disk("good/sample.hive");
		open_disk(0, &alloc);
		set_number(7);
		before = malloc(wh_hive_bytes(hive, &len) ? len : 0);
		memcpy(before, wh_hive_bytes(hive, &len), len);
		for (n = 0; st == WH_E_MEMORY; n++) {
			cr_assert_eq(memcmp(wh_hive_bytes(hive, &len), before, len), 0);
			cr_assert_eq(memcmp(disk.now[WHI_FILE_HIVE].bytes,
					    disk.start[WHI_FILE_HIVE].bytes,
					    disk.now[WHI_FILE_HIVE].size),
				     0);
			cr_assert_not(disk.now[WHI_FILE_LOG1].there);
			cr_assert(wh_hive_changed(hive));
			meter.left = n;
			st = wh_hive_commit(hive, &how, NULL);
			meter.left = SIZE_MAX;
		}
		cr_assert_eq(st, WH_OK);
		cr_assert_gt(n, 1);
		wh_hive_close(hive);
		cr_assert(disk.closed && meter.now == 0 && !meter.wrong_size);
		hive = NULL;
		free(before);
		sim_fini(&disk);
	}
}

/* All pages of a larger hive, in more than one log entry, and what is not changed stays. */
Test(commit, a_large_change)
{
	static uint8_t large[5 << 20];
	struct wh_value value;
	uint8_t *back = malloc(sizeof large);
	uint64_t seed = 3;
	size_t len;

	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (uint8_t)sim_random(&seed);
	open_it();
	cr_assert_eq(wh_value_set(wh_hive_root(hive), "Large", WH_NTS, WH_REG_BINARY, large,
				  sizeof large),
		     WH_OK);
	cr_assert_eq(commit(), WH_OK);
	cr_assert_gt(report.log_bytes, sizeof large);
	wh_hive_close(hive);
	cr_assert_eq(open_flags(0), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_CLEAN);
	cr_assert_eq(wh_key_value(wh_hive_root(hive), "Large", WH_NTS, &value), WH_OK);
	cr_assert_eq(wh_value_read(value, back, sizeof large, &len), WH_OK);
	cr_assert_eq(memcmp(back, large, sizeof large), 0);
	free(back);
}

Test(commit, a_dirty_hive_is_not_committed_unless_it_is_taken)
{
	set_disk("logs/dirty-no-logs/SYSTEM");
	open_disk(0, NULL);
	cr_assert_eq(wh_hive_state(hive), WH_DIRTY);
	cr_assert_eq(commit(), WH_OK, "nothing to do");
	cr_assert_eq(disk.count, 0);
	cr_assert_eq(wh_value_set_number(wh_hive_root(hive), "N", WH_NTS, WH_REG_DWORD, 1),
		     WH_E_DIRTY);
	wh_hive_close(hive);

	open_disk(WH_OPEN_TAKE_DIRTY, NULL);
	set_number(7);
	cr_assert_eq(commit(), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_CLEAN);
	wh_hive_close(hive);
	open_disk(0, NULL);
	cr_assert_eq(wh_hive_state(hive), WH_CLEAN);
	cr_assert_eq(number_in(hive), 7);
	wh_hive_close(hive);
	hive = NULL;
	sim_fini(&disk);
}

Test(commit, what_was_recovered_is_written_without_changes_too)
{
	size_t len;
	uint8_t *log = read_data("logs/new-growth/SYSTEM.LOG1", &len), *due;

	set_disk("logs/new-growth/SYSTEM");
	sim_set(&disk, WHI_FILE_LOG1, log, len);
	free(log);
	open_disk(0, NULL);
	cr_assert_eq(wh_hive_state(hive), WH_RECOVERED);
	cr_assert_not(wh_hive_changed(hive));
	cr_assert_eq(commit(), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_CLEAN);
	due = read_data("logs/new-growth/expected.hive", &len);
	cr_assert_eq(disk.now[WHI_FILE_HIVE].size, len);
	cr_assert_eq(memcmp(disk.now[WHI_FILE_HIVE].bytes, due, len), 0);
	cr_assert(disk.now[WHI_FILE_LOG1].there && disk.now[WHI_FILE_LOG1].size == 0);
	free(due);
	wh_hive_close(hive);
	hive = NULL;
	sim_fini(&disk);
}

/* Without a base block, or cut off: a log could not describe it. */
Test(commit, hives_that_are_too_damaged)
{
	set_disk("good/sample.hive");
	disk.now[WHI_FILE_HIVE].size -= 4096;
	open_disk(WH_OPEN_TAKE_DAMAGED | WH_OPEN_TAKE_DIRTY, NULL);
	set_number(7);
	cr_assert_eq(commit(), WH_E_CORRUPT);
	wh_hive_close(hive);
	memset(disk.now[WHI_FILE_HIVE].bytes, 0, 512);
	open_disk(WH_OPEN_TAKE_DAMAGED | WH_OPEN_TAKE_DIRTY, NULL);
	set_number(7);
	cr_assert_eq(commit(), WH_E_CORRUPT);
	cr_assert_eq(disk.count, 0);
	wh_hive_close(hive);
	hive = NULL;
	sim_fini(&disk);
}

/* A hive that was saved elsewhere after changes is clean, and later than the one it comes from. */
Test(commit, save_as)
{
	struct wh_base_block was, is;
	struct wh_hive *other;

	cr_assert_eq(open_flags(0), WH_OK);
	wh_hive_base_block(hive, &was, NULL);
	set_number(7);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("OTHER"), 0), WH_OK);
	cr_assert(wh_hive_changed(hive));
	cr_assert_eq(wh_hive_open(in_folder("OTHER"), NULL, &other), WH_OK);
	wh_hive_base_block(other, &is, NULL);
	cr_assert_eq(wh_hive_state(other), WH_CLEAN);
	cr_assert_eq(is.sequence1, was.sequence1 + 1);
	cr_assert_eq(number_in(other), 7);
	wh_hive_close(other);
	cr_assert_eq(number_on_disk(), UINT64_MAX);
}
