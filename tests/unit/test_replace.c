/* SPDX-License-Identifier: MIT */
/* A repaired or compacted hive in the place of a file; crashes and faults are in tests/crash. */
#define _DEFAULT_SOURCE
#include "hive/base_block.h"
#include "hive/hive.h"
#include "hive/store.h"

#include "files.h"
#include "reading.h"
#include "sim_disk.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#define T UINT64_C(0x01d9000000000000)

static char folder[64], path[96], kept[96];
static struct wh_hive *hive, *with;
static struct wh_commit_report report;
static struct meter meter;
static struct wh_allocator alloc;

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

/* A hive of testdata as the file HIVE, and as KEPT, which nobody touches. */
static void
put_hive(const char *name)
{
	size_t len;
	uint8_t *bytes = read_data(name, &len);

	put_file(path, bytes, len);
	put_file(kept, bytes, len);
	free(bytes);
}

static void
init(void)
{
	snprintf(folder, sizeof folder, "/tmp/winhive-replace-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/HIVE", folder);
	snprintf(kept, sizeof kept, "%s/KEPT", folder);
	put_hive("broken/list-leaf-cell.nil.hive");
	alloc = meter_allocator(&meter);
	hive = with = NULL;
}

static void
fini(void)
{
	char command[128];

	wh_hive_close(with);
	wh_hive_close(hive);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(replace, .init = init, .fini = fini);

static enum wh_status
open_flags(const char *name, unsigned flags)
{
	struct wh_options options = { .flags = flags | WH_OPEN_SALVAGE,
				      .time = T,
				      .allocator = &alloc };

	return wh_hive_open(name, &options, &hive);
}

static void
open_and_repair(void)
{
	cr_assert_eq(open_flags(path, WH_OPEN_WRITE), WH_OK);
	cr_assert_eq(wh_hive_repair(hive, NULL, NULL, &with, NULL), WH_OK);
}

static enum wh_status
replace(const char *backup)
{
	struct wh_commit how = { .backup = backup };

	return wh_hive_replace(hive, with, &how, &report);
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

static uint64_t
size_of(const char *name)
{
	struct stat st;

	return stat(in_folder(name), &st) == 0 ? (uint64_t)st.st_size : UINT64_MAX;
}

static size_t
files_in_folder(void)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

/* The file is clean, sound, and says what 'with' says. */
static void
is_the_new_hive(const char *name)
{
	struct wh_check sums;
	struct wh_hive *other;
	uint64_t is, due;

	cr_assert_eq(wh_hive_open(name, NULL, &other), WH_OK);
	cr_assert_eq(wh_hive_state(other), WH_CLEAN);
	cr_assert_eq(wh_hive_check(other, NULL, NULL, &sums), WH_OK);
	cr_assert_eq(sums.healed + sums.refused + sums.dangerous, 0);
	cr_assert_eq(read_everything(other, &is), WH_OK);
	cr_assert_eq(read_everything(with, &due), WH_OK);
	cr_assert_eq(is, due);
	wh_hive_close(other);
}

/* Nothing was done, and nothing is left: 'files' are in the folder. */
static void
is_as_it_was(size_t files)
{
	cr_assert(same_files(path, kept));
	cr_assert_eq(files_in_folder(), files);
}

/* ------------------------------------------------------------------- what it does */

Test(replace, repaired)
{
	size_t len;

	put_file(in_folder("HIVE.LOG1"), "y", 1);
	put_file(in_folder("HIVE.LOG2"), "", 0);
	open_and_repair();
	cr_assert_eq(replace(NULL), WH_OK);
	is_the_new_hive(path);
	cr_assert_not(report.in_log || report.log_left || report.in_place);
	cr_assert_eq(report.log_format, WH_LOG_NONE);
	cr_assert_eq(report.pages + report.log_bytes, 0);
	wh_hive_bytes(with, &len);
	cr_assert_eq(report.hive_bytes, len);
	cr_assert_eq(report.syncs, 3); /* the new file, the names, the log that was not empty */
	cr_assert_eq(size_of("HIVE.LOG1"), 0);
	cr_assert_eq(size_of("HIVE.LOG2"), 0);
	cr_assert_eq(size_of("HIVE.LOG"), UINT64_MAX);
	cr_assert_eq(files_in_folder(), 4);
}

Test(replace, hives_that_no_log_could_describe)
{
	static const char *const names[] = { "broken/base-signature.hive",
					     "broken/bin-signature.first.hive",
					     "broken/hive-length.truncated.hive",
					     "broken/root-cell.unmarked.hive" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		put_hive(names[i]);
		open_and_repair();
		cr_assert_eq(replace(NULL), WH_OK, "%s", names[i]);
		is_the_new_hive(path);
		wh_hive_close(with);
		wh_hive_close(hive);
	}
	hive = with = NULL;
}

Test(replace, compacted)
{
	put_hive("good/bins.hive");
	cr_assert_eq(open_flags(path, WH_OPEN_WRITE), WH_OK);
	cr_assert_eq(wh_hive_compact(hive, NULL, &with, NULL), WH_OK);
	cr_assert_eq(wh_hive_replace(hive, with, NULL, NULL), WH_OK);
	is_the_new_hive(path);
	cr_assert_lt(size_of("HIVE"), size_of("KEPT"));
}

Test(replace, the_backup_is_the_damaged_hive_with_its_logs)
{
	put_file(in_folder("HIVE.LOG1"), "y", 1);
	put_file(in_folder("HIVE.LOG2"), "", 0);
	open_and_repair();
	cr_assert_eq(replace(in_folder("OLD")), WH_OK);
	is_the_new_hive(path);
	cr_assert(same_files(in_folder("OLD"), kept));
	cr_assert_eq(size_of("OLD.LOG1"), 1);
	cr_assert_eq(size_of("OLD.LOG2"), UINT64_MAX);
}

Test(replace, nobody_else_has_it_until_it_is_closed)
{
	struct wh_options write = { .flags = WH_OPEN_WRITE };
	struct wh_hive *other;

	open_and_repair();
	cr_assert_eq(replace(NULL), WH_OK);
	cr_assert_eq(wh_hive_open(path, &write, &other), WH_E_IN_USE);
	wh_hive_close(hive);
	hive = NULL;
	cr_assert_eq(wh_hive_open(path, &write, &other), WH_OK);
	wh_hive_close(other);
}

Test(replace, the_old_hive_can_be_read_afterwards_and_no_more)
{
	uint64_t before, after;

	open_and_repair();
	cr_assert_eq(read_everything(hive, &before), WH_OK);
	cr_assert_eq(replace(NULL), WH_OK);
	cr_assert_eq(read_everything(hive, &after), WH_OK);
	cr_assert_eq(before, after);
	cr_assert_eq(replace(NULL), WH_E_IN_USE);
	hive->state = WH_RECOVERED; /* so that there would be something to commit */
	cr_assert_eq(wh_hive_commit(hive, NULL, NULL), WH_E_IN_USE);
	is_the_new_hive(path);
}

Test(replace, the_file_of_a_symbolic_link)
{
	struct stat st;
	char *link = in_folder("LINK");

	cr_assert_eq(symlink("HIVE", link), 0);
	put_file(in_folder("HIVE.LOG1"), "y", 1);
	cr_assert_eq(open_flags(link, WH_OPEN_WRITE), WH_OK);
	cr_assert_eq(wh_hive_repair(hive, NULL, NULL, &with, NULL), WH_OK);
	cr_assert_eq(replace(NULL), WH_OK);
	cr_assert(lstat(in_folder("LINK"), &st) == 0 && S_ISLNK(st.st_mode));
	is_the_new_hive(path);
	cr_assert_eq(size_of("HIVE.LOG1"), 0);
}

/* ------------------------------------------------------------- owner and rights */

Test(replace, owner_and_mode)
{
	struct stat st;

	cr_assert_eq(chmod(path, 0640), 0);
	if (geteuid() == 0)
		cr_assert_eq(chown(path, 1234, 5678), 0);
	open_and_repair();
	cr_assert_eq(replace(NULL), WH_OK);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0640);
	if (geteuid() == 0)
		cr_assert(st.st_uid == 1234 && st.st_gid == 5678);
}

#ifdef __linux__
Test(replace, attributes_and_access_control_list)
{
	/* Version 2; owner rw, user 1234 r, group none, mask r, others none. */
	static const uint8_t list[] = { 2,   0,   0,   0,   1,   0,    6,  0,   255, 255, 255,
					255, 2,   0,   4,   0,   0xd2, 4,  0,   0,   4,   0,
					0,   0,   255, 255, 255, 255,  16, 0,   4,   0,   255,
					255, 255, 255, 32,  0,   0,    0,  255, 255, 255, 255 };
	uint8_t got[sizeof list + 1];
	bool has_user, has_list;

	has_user = setxattr(path, "user.origin", "evidence 7", 10, 0) == 0;
	has_list = setxattr(path, "system.posix_acl_access", list, sizeof list, 0) == 0;
	cr_assert(has_user || errno == ENOTSUP);
	open_and_repair();
	cr_assert_eq(replace(NULL), WH_OK);
	if (has_user) {
		cr_assert_eq(getxattr(path, "user.origin", got, sizeof got), 10);
		cr_assert_arr_eq(got, "evidence 7", 10);
	}
	if (has_list) {
		cr_assert_eq(getxattr(path, "system.posix_acl_access", got, sizeof got),
			     (ssize_t)sizeof list);
		cr_assert_arr_eq(got, list, sizeof list);
	}
	if (!has_user && !has_list)
		cr_skip_test("the file system has neither");
}
#endif

/* ---------------------------------------------------- logs that are left mean nothing */

/* The time in the first bin of HIVE. */
static uint64_t
bin_time(void)
{
	size_t len;
	uint8_t *bytes = read_file(path, &len);
	uint64_t time = le64_get(((const struct regf_bin *)(bytes + REGF_BINS))->timestamp);

	free(bytes);
	return time;
}

/* As the first sectors of HIVE say it now. */
static struct regf_base
base_of(const char *name)
{
	struct regf_base base;
	size_t len;
	uint8_t *bytes = read_file(name, &len);

	memcpy(&base, bytes, sizeof base);
	free(bytes);
	return base;
}

Test(replace, the_number_is_later_than_those_of_the_logs)
{
	size_t len;
	uint8_t *log = read_data("logs/new-two-logs/SYSTEM.LOG2", &len);
	struct regf_base base;

	put_file(in_folder("HIVE.LOG2"), log, len);
	free(log);
	put_hive("logs/dirty-no-logs/SYSTEM");
	open_and_repair();
	cr_assert_eq(replace(NULL), WH_OK);
	base = base_of(path);
	cr_assert(whi_base_clean(&base));
	/* The log has entries 13 and 14; replayed it makes 15. */
	cr_assert_eq(le32_get(base.sequence1), 16);
}

Test(replace, the_time_is_later_than_that_of_an_old_log)
{
	static const struct {
		uint64_t log, due;
	} cases[] = { { T - 5, T }, { T, T + 1 }, { T + 9, T + 10 }, { UINT64_MAX, T }, { 1, 0 } };
	size_t len;
	uint8_t *log = read_data("logs/old-one-log/SYSTEM.LOG1", &len);
	struct regf_base *of_log = (struct regf_base *)log, base;
	uint64_t own;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put_hive("logs/old-one-log/SYSTEM");
		own = le64_get(base_of(path).timestamp);
		of_log->timestamp = le64_make(cases[i].log);
		of_log->checksum = le32_make(whi_base_checksum(of_log));
		put_file(in_folder("HIVE.LOG1"), log, len);
		open_and_repair();
		cr_assert_eq(replace(NULL), WH_OK);
		base = base_of(path);
		cr_assert_eq(le64_get(base.timestamp), cases[i].due ? cases[i].due : own,
			     "case %zu", i);
		if (cases[i].due)
			cr_assert_eq(bin_time(), cases[i].due, "case %zu", i);
		wh_hive_close(with);
		wh_hive_close(hive);
	}
	hive = with = NULL;
	free(log);
}

/* ---------------------------------------------------------------------- refusals */

Test(replace, a_file_with_other_names)
{
	open_and_repair();
	cr_assert_eq(link(path, in_folder("OTHER")), 0);
	cr_assert_eq(replace(in_folder("OLD")), WH_E_NOT_SUPPORTED);
	is_as_it_was(3);
	cr_assert_eq(unlink(in_folder("OTHER")), 0);
	cr_assert_eq(replace(NULL), WH_OK);
	is_the_new_hive(path);
}

Test(replace, never_over_a_backup)
{
	open_and_repair();
	put_file(in_folder("OLD"), "x", 1);
	cr_assert_eq(replace(in_folder("OLD")), WH_E_EXISTS);
	is_as_it_was(3);
	cr_assert_eq(size_of("OLD"), 1);
	cr_assert_eq(replace(in_folder("none/OLD")), WH_E_PATH_NOT_FOUND);
	is_as_it_was(3);
	cr_assert_eq(replace(in_folder("OLD2")), WH_OK);
	is_the_new_hive(path);
}

static void
spoil(void)
{
	FILE *file = fopen(path, "r+b");

	cr_assert(file && fseek(file, 200, SEEK_SET) == 0 && fputc('x', file) == 'x' &&
		  fclose(file) == 0);
}

Test(replace, a_file_that_was_changed)
{
	open_and_repair();
	spoil();
	cr_assert_eq(replace(in_folder("OLD")), WH_E_IN_USE);
	cr_assert_eq(files_in_folder(), 2);
	cr_assert_eq(rename(in_folder("KEPT"), path), 0);
	cr_assert_eq(replace(in_folder("OLD")), WH_E_IN_USE);
	cr_assert_eq(files_in_folder(), 1);
	put_file(in_folder("HIVE.LOG1"), "", 0);
	cr_assert_eq(replace(in_folder("OLD")), WH_E_IN_USE);
}

/* The allocator is asked in the middle of it, for the backup. */
static void *
spoiling_resize(void *ctx, void *block, size_t old_size, size_t size)
{
	bool *due = ctx;

	if (*due && size > WH_BINS)
		spoil();
	return alloc.resize(alloc.ctx, block, old_size, size);
}

Test(replace, a_file_that_is_changed_meanwhile)
{
	static bool due;
	struct wh_allocator spoiling = { spoiling_resize, &due };
	struct wh_options options = { .flags = WH_OPEN_WRITE, .allocator = &spoiling };

	cr_assert_eq(wh_hive_open(path, &options, &hive), WH_OK);
	cr_assert_eq(wh_hive_repair(hive, NULL, NULL, &with, NULL), WH_OK);
	due = true;
	cr_assert_eq(replace(in_folder("OLD")), WH_E_IN_USE);
	due = false;
	cr_assert_eq(files_in_folder(), 2);
	cr_assert_not(same_files(path, kept));
}

Test(replace, a_folder_that_cannot_be_written_to)
{
	if (geteuid() == 0)
		cr_skip_test("root may write everywhere");
	open_and_repair();
	cr_assert_eq(chmod(folder, 0555), 0);
	cr_assert_eq(replace(NULL), WH_E_ACCESS);
	cr_assert_eq(chmod(folder, 0755), 0);
	is_as_it_was(2);
}

Test(replace, what_makes_no_sense)
{
	struct wh_options no_logs = { .flags = WH_OPEN_NO_LOGS | WH_OPEN_SALVAGE };
	struct wh_hive *dirty, *broken;
	char *name = data_path("logs/new-one-log/SYSTEM");

	cr_assert_eq(wh_hive_open(name, &no_logs, &dirty), WH_OK);
	free(name);
	name = data_path("broken/base-cluster.8.hive");
	cr_assert_eq(wh_hive_open(name, &no_logs, &broken), WH_OK);
	free(name);
	open_and_repair();
	cr_assert_eq(wh_hive_replace(NULL, with, NULL, NULL), WH_E_INVALID);
	cr_assert_eq(wh_hive_replace(hive, NULL, NULL, NULL), WH_E_INVALID);
	cr_assert_eq(wh_hive_replace(hive, hive, NULL, NULL), WH_E_INVALID);
	cr_assert_eq(wh_hive_replace(hive, dirty, NULL, NULL), WH_E_DIRTY);
	cr_assert_eq(wh_hive_replace(hive, broken, NULL, NULL), WH_E_CORRUPT);
	cr_assert_eq(wh_hive_replace(with, hive, NULL, NULL), WH_E_ACCESS);
	cr_assert_eq(wh_hive_begin(with), WH_OK);
	cr_assert_eq(replace(NULL), WH_E_INVALID);
	cr_assert_eq(wh_hive_undo(with), WH_OK);
	is_as_it_was(2);
	wh_hive_close(dirty);
	wh_hive_close(broken);
	cr_assert_eq(replace(NULL), WH_OK);
}

Test(replace, every_allocation_fails_in_turn)
{
	enum wh_status st = WH_E_MEMORY;
	size_t left;

	put_file(in_folder("HIVE.LOG1"), "y", 1);
	open_and_repair();
	for (left = 0; st != WH_OK; left++) {
		meter.left = left;
		st = replace(in_folder("OLD"));
		meter.left = SIZE_MAX;
		cr_assert(st == WH_OK || st == WH_E_MEMORY, "%s", wh_status_name(st));
		if (st != WH_OK) {
			is_as_it_was(3);
			cr_assert_eq(size_of("HIVE.LOG1"), 1);
		}
	}
	cr_assert_gt(left, 4);
	is_the_new_hive(path);
	cr_assert(same_files(in_folder("OLD"), kept));
	wh_hive_close(hive);
	hive = NULL;
	cr_assert_eq(meter.now, 0);
	cr_assert_not(meter.wrong_size);
}
