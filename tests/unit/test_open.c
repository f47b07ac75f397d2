/* SPDX-License-Identifier: MIT */
/* Opening by every way there is, what is said of the file, and saving. */
#define _DEFAULT_SOURCE
#include "files.h"
#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path, folder[64];
static uint8_t *bytes;
static size_t size;

static void
setup(void)
{
	path = data_path("good/sample.hive");
	bytes = read_file(path, &size);
	strcpy(folder, "/tmp/winhive-test-XXXXXX");
	if (!bytes || !mkdtemp(folder))
		abort();
}

static const char *
in_folder(const char *name)
{
	static char bufs[2][160]; /* for functions that take two */
	static unsigned next;
	char *buf = bufs[next++ % 2];

	snprintf(buf, sizeof bufs[0], "%s/%s", folder, name);
	return buf;
}

static void
put_file(const char *name, const void *data, size_t len)
{
	FILE *file = fopen(in_folder(name), "wb");

	if (!file || fwrite(data, 1, len, file) != len || fclose(file) != 0)
		abort();
}

static void
fini(void)
{
	static const char *const names[] = { "saved",     "FIFO",       "HIVE",      "HIVE.LOG1",
					     "hive.Log2", "other.file", "HIVE.LOG2", "hive.log1" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(in_folder(names[i]));
	cr_assert_eq(rmdir(folder), 0, "something was left behind");
	free(bytes);
	free(path);
}

TestSuite(open, .init = setup, .fini = fini);

static uint64_t
digest_of(struct wh_hive *hive)
{
	uint64_t digest;

	cr_assert_eq(read_everything(hive, &digest), WH_OK);
	wh_hive_close(hive);
	return digest;
}

static uint64_t
due_digest(void)
{
	struct wh_hive *hive;

	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	return digest_of(hive);
}

#define SOME_HIVE ((struct wh_hive *)(void *)folder)

/* No hive comes of it, and '*hive' says so. */
#define REFUSES(call, due) \
	do { \
		enum wh_status st_; \
		hive = SOME_HIVE; \
		st_ = (call); \
		cr_assert_eq(st_, due, "%s, should be %s", wh_status_name(st_), \
			     wh_status_name(due)); \
		cr_assert_null(hive); \
	} while (0)

Test(open, a_path)
{
	struct wh_hive *hive;
	size_t len;

	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_CLEAN);
	cr_assert_eq(memcmp(wh_hive_bytes(hive, &len), bytes, size), 0);
	cr_assert_eq(len, size);
	wh_hive_close(hive);
}

Test(open, paths_that_lead_nowhere)
{
	struct wh_hive *hive;
	char below[512];

	REFUSES(wh_hive_open(NULL, NULL, &hive), WH_E_INVALID);
	REFUSES(wh_hive_open(in_folder("nothing"), NULL, &hive), WH_E_NOT_FOUND);
	REFUSES(wh_hive_open("", NULL, &hive), WH_E_NOT_FOUND);
	REFUSES(wh_hive_open(folder, NULL, &hive), WH_E_ACCESS);
	snprintf(below, sizeof below, "%s/below", path);
	REFUSES(wh_hive_open(below, NULL, &hive), WH_E_PATH_NOT_FOUND);
}

Test(open, a_fifo_is_refused_not_waited_for)
{
	struct wh_hive *hive;

	cr_assert_eq(mkfifo(in_folder("FIFO"), 0600), 0);
	REFUSES(wh_hive_open(in_folder("FIFO"), NULL, &hive), WH_E_INVALID);
}

Test(open, a_file_that_may_not_be_read)
{
	struct wh_hive *hive;

	put_file("HIVE", bytes, size);
	cr_assert_eq(chmod(in_folder("HIVE"), 0), 0);
	if (geteuid() == 0)
		return; /* who may read everything cannot see this */
	REFUSES(wh_hive_open(in_folder("HIVE"), NULL, &hive), WH_E_ACCESS);
}

Test(open, a_descriptor_whose_position_does_not_matter)
{
	struct wh_hive *hive;
	int fd = open(path, O_RDONLY);

	cr_assert_eq(lseek(fd, 1234, SEEK_SET), 1234);
	cr_assert_eq(wh_hive_open_fd(fd, NULL, &hive), WH_OK);
	cr_assert_eq(lseek(fd, 0, SEEK_CUR), 1234, "it was moved");
	cr_assert_eq(close(fd), 0, "it was closed");
	cr_assert_eq(digest_of(hive), due_digest());
}

Test(open, bad_descriptors)
{
	struct wh_hive *hive;
	int pipes[2], fd = open(folder, O_RDONLY);

	cr_assert_neq(wh_hive_open_fd(-1, NULL, &hive), WH_OK);
	cr_assert_null(hive);
	REFUSES(wh_hive_open_fd(fd, NULL, &hive), WH_E_ACCESS);
	close(fd);
	cr_assert_eq(pipe(pipes), 0);
	REFUSES(wh_hive_open_fd(pipes[0], NULL, &hive), WH_E_INVALID);
	close(pipes[0]);
	close(pipes[1]);
}

Test(open, memory_is_copied)
{
	struct wh_hive *hive;
	uint64_t due = due_digest();

	cr_assert_eq(wh_hive_open_memory(bytes, size, NULL, &hive), WH_OK);
	memset(bytes, 0xee, size);
	cr_assert_eq(digest_of(hive), due);
}

Test(open, no_memory_to_open)
{
	struct wh_hive *hive;

	REFUSES(wh_hive_open_memory(NULL, 10, NULL, &hive), WH_E_INVALID);
	REFUSES(wh_hive_open_memory(NULL, 0, NULL, &hive), WH_E_NOT_HIVE);
	REFUSES(wh_hive_open_memory(bytes, 0, NULL, &hive), WH_E_NOT_HIVE);
}

/* A source that fails from its n-th call on, and minds being asked for what it has not got. */
struct source {
	unsigned calls, good;
};

static bool
source_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct source *source = ctx;

	if (offset > size || len > size - offset)
		abort();
	if (source->calls++ >= source->good)
		return false;
	memcpy(buf, bytes + offset, len);
	return true;
}

Test(open, a_source)
{
	struct source state = { 0, UINT32_MAX };
	struct wh_source source = { source_read, &state, size, "sample" };
	struct wh_hive *hive;

	cr_assert_eq(wh_hive_open_source(&source, NULL, &hive), WH_OK);
	cr_assert_eq(digest_of(hive), due_digest());
}

Test(open, a_source_that_fails_at_every_call)
{
	struct source state = { 0, 0 };
	struct wh_source source = { source_read, &state, size, NULL };
	struct wh_hive *hive;
	bool all = false;
	size_t len;

	while (!all) {
		enum wh_status st = wh_hive_open_source(&source, NULL, &hive);

		cr_assert(st == WH_OK || (st == WH_E_IO && hive == NULL));
		all = st == WH_OK && wh_hive_bytes(hive, &len);
		wh_hive_close(hive);
		state = (struct source){ 0, state.good + 1 };
	}
	cr_assert_gt(state.good, 1);
}

Test(open, no_source)
{
	struct wh_source none = { NULL, NULL, size, NULL };
	struct wh_hive *hive;

	REFUSES(wh_hive_open_source(NULL, NULL, &hive), WH_E_INVALID);
	REFUSES(wh_hive_open_source(&none, NULL, &hive), WH_E_INVALID);
}

static bool
endless_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	if (offset + len > size)
		abort();
	memcpy(buf, bytes + offset, len);
	return true;
}

Test(open, larger_than_any_hive)
{
	struct wh_source source = { endless_read, NULL, UINT64_MAX, NULL };
	struct wh_hive *hive;

	REFUSES(wh_hive_open_source(&source, NULL, &hive), WH_E_TOO_BIG);
	memset(bytes, 0, 4096); /* the same without a base block */
	REFUSES(wh_hive_open_source(&source, NULL, &hive), WH_E_TOO_BIG);
}

Test(open, unknown_flags)
{
	struct wh_options options = { .flags = 32 };
	struct wh_hive *hive;

	REFUSES(wh_hive_open(path, &options, &hive), WH_E_INVALID);
}

Test(open, what_is_not_a_hive_is_said_to_be_none)
{
	static const char *const names[] = { "text", "zeros", "log", "base-block" };
	struct issues issues;
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };

	for (int i = 0; i < 4; i++) {
		char name[64], *other;
		struct wh_hive *hive;

		issues = (struct issues){ 0 };
		snprintf(name, sizeof name, "broken/not-a-hive.%s.hive", names[i]);
		other = data_path(name);
		REFUSES(wh_hive_open(other, &options, &hive), WH_E_NOT_HIVE);
		cr_assert(only_rule(&issues, "not-a-hive"));
		free(other);
	}
}

Test(open, a_root_that_cannot_be_read)
{
	char *other = data_path("broken/root-cell.signature.hive");
	struct wh_hive *hive;

	REFUSES(wh_hive_open(other, NULL, &hive), WH_E_CORRUPT);
	free(other);
}

Test(open, closing_nothing)
{
	wh_hive_close(NULL);
}

Test(open, stats_and_base_block)
{
	struct wh_base_block found, now;
	struct wh_hive_stats stats;
	struct wh_hive *hive;

	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	wh_hive_stats(hive, &stats);
	wh_hive_base_block(hive, &found, &now);
	wh_hive_base_block(hive, NULL, NULL);
	cr_assert_eq(memcmp(&found, &now, sizeof found), 0);
	cr_assert_eq(found.checksum, found.checksum_due);
	cr_assert_eq(found.major, 1);
	cr_assert_eq(stats.file_size, size);
	cr_assert_eq(stats.length, found.length);
	cr_assert_eq(4096 + stats.length + stats.tail, size);
	cr_assert_eq(stats.used_bytes + stats.free_bytes + 32 * stats.bins, stats.length);
	cr_assert_eq(stats.bad_bins, 0);
	cr_assert_str_eq(wh_hive_role(hive), "SYSTEM");
	wh_hive_close(hive);
}

/* The logs of a case of testdata, beside the hive under other names. */
static void
put_logs(const char *log1, const char *log2)
{
	uint8_t *data;
	size_t len;

	data = read_data("logs/new-two-logs/SYSTEM", &len);
	put_file("HIVE", data, len);
	free(data);
	data = read_data("logs/new-two-logs/SYSTEM.LOG1", &len);
	put_file(log1, data, len);
	free(data);
	data = read_data("logs/new-two-logs/SYSTEM.LOG2", &len);
	put_file(log2, data, len);
	free(data);
}

static void
recovers(const struct wh_options *options, bool whole)
{
	struct wh_hive *hive;
	size_t len, due_len;
	uint8_t *due = read_data("logs/new-two-logs/expected.hive", &due_len);
	const void *is;

	cr_assert_eq(wh_hive_open(in_folder("HIVE"), options, &hive), WH_OK);
	is = wh_hive_bytes(hive, &len);
	cr_assert_eq(wh_hive_state(hive), WH_RECOVERED);
	cr_assert_eq(len == due_len && memcmp(is, due, len) == 0, whole);
	wh_hive_close(hive);
	free(due);
}

Test(open, logs_beside_the_hive_in_any_case)
{
	put_logs("HIVE.LOG1", "hive.Log2");
	recovers(NULL, true);
}

Test(open, the_log_with_the_closest_name)
{
	put_logs("HIVE.LOG1", "HIVE.LOG2");
	put_file("hive.log1", "x", 1);
	recovers(NULL, true);
}

/* What differs from the hive in case has logs of its own, unless it is the hive, or no file. */
Test(open, logs_of_a_hive_that_differs_in_case)
{
	put_logs("HIVE.LOG1", "hive.Log2");
	put_file("hive", "x", 1);
	recovers(NULL, false);
	unlink(in_folder("hive"));
	cr_assert_eq(link(in_folder("HIVE"), in_folder("hive")), 0);
	recovers(NULL, true);
	unlink(in_folder("hive"));
	cr_assert_eq(mkdir(in_folder("hive"), 0700), 0);
	recovers(NULL, true);
	cr_assert_eq(rmdir(in_folder("hive")), 0);
}

/* In a folder that may not be listed the logs are found by the names that Windows gives them. */
Test(open, logs_in_a_folder_that_cannot_be_listed)
{
	struct wh_hive *hive;

	put_logs("HIVE.LOG1", "HIVE.LOG2");
	cr_assert_eq(chmod(folder, 0311), 0);
	if (getuid() == 0) /* who may list everything */
		cr_assert_eq(seteuid(65534), 0);
	cr_assert_eq(wh_hive_open(in_folder("HIVE"), NULL, &hive), WH_OK);
	if (getuid() == 0)
		cr_assert_eq(seteuid(0), 0);
	cr_assert_eq(chmod(folder, 0700), 0);
	cr_expect(wh_hive_state(hive) == WH_RECOVERED && wh_hive_log_count(hive) == 2);
	wh_hive_close(hive);
}

Test(open, logs_by_path)
{
	char first[160], second[160];
	const char *logs[] = { first, second };
	struct wh_options options = { .logs = logs, .log_count = 2 };

	put_logs("other.file", "hive.Log2");
	snprintf(first, sizeof first, "%s/other.file", folder);
	snprintf(second, sizeof second, "%s/hive.Log2", folder);
	recovers(&options, true);
	options.log_count = 1;
	recovers(&options, false);
}

Test(open, a_log_by_path_that_is_not_there)
{
	const char *logs[] = { "/nonexistent/HIVE.LOG1" };
	struct issues issues = { 0 };
	struct wh_options options = {
		.logs = logs, .log_count = 1, .issue = see_issue, .issue_ctx = &issues
	};
	struct wh_hive *hive;
	struct wh_log log;

	put_logs("HIVE.LOG1", "HIVE.LOG2");
	cr_assert_eq(wh_hive_open(in_folder("HIVE"), &options, &hive), WH_OK);
	cr_assert_eq(wh_hive_state(hive), WH_DIRTY);
	cr_assert_eq(wh_hive_log(hive, 0, &log), WH_OK);
	cr_assert_str_eq(log.name, logs[0]);
	cr_assert_eq(log.verdict, WH_LOG_REFUSED);
	cr_assert(has_rule(&issues, "hive-dirty"));
	wh_hive_close(hive);
}

Test(open, only_a_path_looks_for_logs)
{
	struct wh_hive *hive;
	int fd;

	put_logs("HIVE.LOG1", "HIVE.LOG2");
	fd = open(in_folder("HIVE"), O_RDONLY);
	cr_assert_eq(wh_hive_open_fd(fd, NULL, &hive), WH_OK);
	cr_assert(wh_hive_state(hive) == WH_DIRTY && wh_hive_log_count(hive) == 0);
	wh_hive_close(hive);
	close(fd);
}

Test(open, saving_gives_the_bytes_as_they_are)
{
	struct wh_hive *hive;
	uint8_t *saved;
	size_t len;

	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), 0), WH_OK);
	saved = read_file(in_folder("saved"), &len);
	cr_assert(len == size && memcmp(saved, bytes, len) == 0);
	free(saved);
	wh_hive_close(hive);
}

Test(open, saving_where_something_is_already)
{
	struct wh_hive *hive;
	uint8_t *saved;
	size_t len;

	put_file("saved", "other", 5);
	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), 0), WH_E_EXISTS);
	saved = read_file(in_folder("saved"), &len);
	cr_assert(len == 5 && memcmp(saved, "other", 5) == 0);
	free(saved);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), WH_SAVE_REPLACE), WH_OK);
	saved = read_file(in_folder("saved"), &len);
	cr_assert_eq(len, size);
	free(saved);
	wh_hive_close(hive);
}

static unsigned
mode_of(const char *name)
{
	struct stat st;

	cr_assert_eq(stat(in_folder(name), &st), 0);
	return st.st_mode & 0777;
}

Test(open, what_is_saved_is_private_or_stays_as_it_was)
{
	struct wh_hive *hive;

	umask(0);
	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), 0), WH_OK);
	cr_assert_eq(mode_of("saved"), 0600);
	cr_assert_eq(chmod(in_folder("saved"), 0640), 0);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), WH_SAVE_REPLACE), WH_OK);
	cr_assert_eq(mode_of("saved"), 0640);
	wh_hive_close(hive);
}

Test(open, saving_while_another_file_has_the_name_in_between)
{
	struct wh_hive *hive;
	char taken[64];
	uint8_t *left;
	size_t len;

	snprintf(taken, sizeof taken, ".winhive-%ld-0.tmp", (long)getpid());
	put_file(taken, "other", 5);
	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), 0), WH_OK);
	left = read_file(in_folder(taken), &len);
	cr_assert(len == 5 && memcmp(left, "other", 5) == 0);
	free(left);
	cr_assert_eq(unlink(in_folder(taken)), 0);
	wh_hive_close(hive);
}

Test(open, saving_where_it_cannot_be)
{
	struct wh_hive *hive;

	cr_assert_eq(wh_hive_open(path, NULL, &hive), WH_OK);
	cr_assert_eq(wh_hive_save_as(hive, NULL, 0), WH_E_INVALID);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("saved"), 2), WH_E_INVALID);
	cr_assert_eq(wh_hive_save_as(hive, in_folder("no/saved"), 0), WH_E_PATH_NOT_FOUND);
	cr_assert_eq(wh_hive_save_as(hive, folder, WH_SAVE_REPLACE), WH_E_ACCESS);
	wh_hive_close(hive);
}

Test(open, a_version_nobody_reads)
{
	static const uint32_t minors[] = { 0, 7, UINT32_MAX };

	for (int i = 0; i < 3; i++) {
		struct builder b;
		struct wh_hive *hive;

		builder_init(&b, 5);
		builder_key(&b, NO_PARENT, "ROOT");
		put32(b.bytes + 24, minors[i]);
		builder_seal(&b);
		REFUSES(wh_hive_open_memory(b.bytes, b.size, NULL, &hive), WH_E_NOT_HIVE);
		builder_fini(&b);
	}
}

Test(open, lent_memory_is_used_where_it_is_until_something_is_written)
{
	struct wh_options options = { .flags = WH_OPEN_LENT };
	uint8_t *before = malloc(size);
	struct wh_hive *hive;
	size_t len;

	memcpy(before, bytes, size);
	cr_assert_eq(wh_hive_open_memory(bytes, size, &options, &hive), WH_OK);
	cr_expect_eq(wh_hive_bytes(hive, &len), bytes);
	cr_expect_eq(len, size);
	cr_assert_eq(wh_value_set_number(wh_hive_root(hive), "n", WH_NTS, WH_REG_DWORD, 1), WH_OK);
	cr_expect_neq(wh_hive_bytes(hive, &len), bytes);
	cr_expect_eq(memcmp(bytes, before, size), 0);
	wh_hive_close(hive);
	free(before);
	REFUSES(wh_hive_open(path, &options, &hive), WH_E_INVALID);
}

static bool
read_lent(void *ctx, uint64_t offset, void *buf, size_t len)
{
	memcpy(buf, (const uint8_t *)ctx + offset, len);
	return true;
}

Test(open, lent_memory_is_copied_when_logs_are_replayed)
{
	size_t hive_len, log_len, len;
	uint8_t *dirty = read_data("logs/new-one-log/SYSTEM", &hive_len);
	uint8_t *log = read_data("logs/new-one-log/SYSTEM.LOG1", &log_len);
	uint8_t *before = malloc(hive_len);
	struct wh_source source = { read_lent, log, log_len, "SYSTEM.LOG1" };
	struct wh_options options = { .flags = WH_OPEN_LENT,
				      .log_sources = &source,
				      .log_source_count = 1 };
	struct wh_hive *hive;

	memcpy(before, dirty, hive_len);
	cr_assert_eq(wh_hive_open_memory(dirty, hive_len, &options, &hive), WH_OK);
	cr_expect_eq(wh_hive_state(hive), WH_RECOVERED);
	cr_expect_neq(wh_hive_bytes(hive, &len), dirty);
	cr_expect_eq(memcmp(dirty, before, hive_len), 0);
	wh_hive_close(hive);
	free(before);
	free(dirty);
	free(log);
}

Test(open, logs_beside_a_link_or_else_beside_the_file)
{
	put_logs("HIVE.LOG1", "hive.Log2");
	cr_assert_eq(mkdir(in_folder("saved"), 0700), 0);
	cr_assert_eq(rename(in_folder("HIVE"), in_folder("saved/HIVE")), 0);
	cr_assert_eq(symlink("saved/HIVE", in_folder("HIVE")), 0);
	recovers(NULL, true);

	cr_assert_eq(rename(in_folder("HIVE.LOG1"), in_folder("saved/HIVE.LOG1")), 0);
	cr_assert_eq(rename(in_folder("hive.Log2"), in_folder("saved/hive.Log2")), 0);
	recovers(NULL, true);
	cr_assert_eq(unlink(in_folder("saved/HIVE")), 0);
	cr_assert_eq(unlink(in_folder("saved/HIVE.LOG1")), 0);
	cr_assert_eq(unlink(in_folder("saved/hive.Log2")), 0);
	cr_assert_eq(rmdir(in_folder("saved")), 0);
}

Test(open, a_commit_through_a_link_uses_the_log_beside_the_file)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE };
	struct wh_hive *hive;
	struct stat log;

	put_file("HIVE", bytes, size);
	put_file("HIVE.LOG1", "old", 3);
	put_file("hive.Log2", "", 0);
	cr_assert_eq(symlink("HIVE", in_folder("saved")), 0);
	cr_assert_eq(wh_hive_open(in_folder("saved"), &options, &hive), WH_OK);
	cr_assert_eq(wh_value_set_number(wh_hive_root(hive), "n", WH_NTS, WH_REG_DWORD, 9), WH_OK);
	cr_assert_eq(wh_hive_commit(hive, NULL, NULL), WH_OK);
	wh_hive_close(hive);
	cr_assert_eq(stat(in_folder("HIVE.LOG1"), &log), 0);
	cr_expect_eq(log.st_size, 0, "it was there, has been used, and is empty now");
	cr_expect_neq(access(in_folder("saved.LOG1"), F_OK), 0);
}

Test(open, what_comes_out_the_same_is_not_committed)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE, .time = 1 };
	struct wh_commit_report report;
	struct wh_hive *hive;
	const void *is;
	uint8_t *file;
	size_t len, file_len;

	put_file("HIVE", bytes, size);
	cr_assert_eq(wh_hive_open(in_folder("HIVE"), &options, &hive), WH_OK);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(wh_value_set_number(wh_hive_root(hive), "n", WH_NTS, WH_REG_DWORD, 9),
			     WH_OK);
		cr_expect(wh_hive_changed(hive));
		cr_assert_eq(wh_hive_commit(hive, NULL, &report), WH_OK);
		cr_expect_eq(report.hive_bytes > 0, i == 0);
		cr_expect_not(wh_hive_changed(hive));
		is = wh_hive_bytes(hive, &len);
		file = read_file(in_folder("HIVE"), &file_len);
		cr_expect(len == file_len && memcmp(is, file, len) == 0);
		free(file);
	}
	wh_hive_close(hive);
}
