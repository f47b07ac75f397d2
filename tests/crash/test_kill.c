/* SPDX-License-Identifier: MIT */
/*
 * A program that commits in a loop, or puts new hives in the place of the old one, is killed at
 * random moments: what it leaves has all of a step or nothing of it, and has each one that was said
 * to be done.
 *
 *	test_kill [KILLS]
 */
#define _DEFAULT_SOURCE
#include "files.h"
#include "reading.h"
#include "sim_disk.h"
#include "tap.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS = 8, MAX_MICROSECONDS = 30000 };

static char folder[64], path[80];

static void
must(bool holds, const char *what)
{
	if (!holds) {
		perror(what);
		abort();
	}
}

static void
key_name(char *name, size_t size, unsigned i)
{
	snprintf(name, size, "Killed\\%u", i);
}

static size_t
fill_blob(uint8_t *blob, size_t room, uint64_t step)
{
	size_t size = (size_t)(step % 7) * 3000 + 5;
	uint64_t seed = step;

	for (size_t i = 0; i < size && i < room; i++)
		blob[i] = (uint8_t)sim_random(&seed);
	return size;
}

static void
make_step(struct wh_hive *hive, uint64_t step)
{
	static uint8_t blob[20000];
	struct wh_key key;
	char name[32];
	bool created;

	for (unsigned i = 0; i < KEYS; i++) {
		size_t size = fill_blob(blob, sizeof blob, step + i);

		key_name(name, sizeof name, i);
		must(wh_key_create_path(wh_hive_root(hive), name, WH_NTS, NULL, &key, &created) ==
				     WH_OK &&
			     wh_value_set(key, "Blob", WH_NTS, WH_REG_BINARY, blob, size) ==
				     WH_OK &&
			     wh_value_set_number(key, "Step", WH_NTS, WH_REG_QWORD, step) == WH_OK,
		     "change");
	}
}

/* The step that the hive has in all keys; false: it has not. */
static bool
read_step(struct wh_hive *hive, uint64_t *step)
{
	static uint8_t due[20000], is[20000];
	struct wh_value value;
	struct wh_key key;
	char name[32];
	uint64_t here;
	size_t len;

	*step = 0;
	if (wh_key_open(wh_hive_root(hive), "Killed", WH_NTS, &key) == WH_E_NOT_FOUND)
		return true;
	for (unsigned i = 0; i < KEYS; i++) {
		key_name(name, sizeof name, i);
		if (wh_key_open(wh_hive_root(hive), name, WH_NTS, &key) != WH_OK ||
		    wh_key_value(key, "Step", WH_NTS, &value) != WH_OK ||
		    wh_value_number(value, &here) != WH_OK || (i > 0 && here != *step) ||
		    wh_key_value(key, "Blob", WH_NTS, &value) != WH_OK ||
		    wh_value_read(value, is, sizeof is, &len) != WH_OK ||
		    len != fill_blob(due, sizeof due, here + i) || memcmp(is, due, len) != 0)
			return false;
		*step = here;
	}
	return true;
}

/* Commit until killed, and say so each time. */
static void
commit_for_ever(int out, enum wh_log_format format)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE };
	struct wh_commit how = { .log_format = format };

	for (;;) {
		struct wh_hive *hive;
		uint64_t step;

		must(wh_hive_open(path, &options, &hive) == WH_OK && read_step(hive, &step),
		     "open");
		for (int i = 0; i < 5; i++) {
			make_step(hive, ++step);
			must(wh_hive_commit(hive, &how, NULL) == WH_OK, "commit");
			must(write(out, &step, sizeof step) == sizeof step, "pipe");
		}
		wh_hive_close(hive);
	}
}

/* The same with a new hive for each step, in the place of the old one. */
static void
replace_for_ever(int out)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE };

	for (;;) {
		struct wh_hive *hive, *with;
		uint64_t step = 0;

		must(wh_hive_open(path, &options, &hive) == WH_OK && read_step(hive, &step),
		     "open");
		make_step(hive, ++step);
		must(wh_hive_compact(hive, NULL, &with, NULL) == WH_OK &&
			     wh_hive_replace(hive, with, NULL, NULL) == WH_OK,
		     "replace");
		must(write(out, &step, sizeof step) == sizeof step, "pipe");
		wh_hive_close(with);
		wh_hive_close(hive);
	}
}

/*
 * Run and kill one, of WH_LOG_NONE one that replaces the hive; '*said' is the last step that it
 * said was done.
 */
static void
run_and_kill(enum wh_log_format format, uint64_t *seed, uint64_t *said)
{
	int ends[2], status = 0;
	uint64_t step;
	pid_t child;

	must(pipe(ends) == 0, "pipe");
	child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		close(ends[0]);
		if (format == WH_LOG_NONE)
			replace_for_ever(ends[1]);
		commit_for_ever(ends[1], format);
	}
	close(ends[1]);
	usleep((useconds_t)(sim_random(seed) % MAX_MICROSECONDS));
	must(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child, "kill");
	must(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the program ended by itself");
	while (read(ends[0], &step, sizeof step) == sizeof step)
		*said = step;
	close(ends[0]);
}

static bool
is_good(uint64_t *said, bool *recovered, char *why, size_t size)
{
	struct issues issues = { 0 };
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	struct wh_hive *hive;
	uint64_t step = 0, digest;
	enum wh_status st = wh_hive_open(path, &options, &hive);
	bool good;

	if (st != WH_OK) {
		snprintf(why, size, "does not open: %s", wh_status_name(st));
		return false;
	}
	*recovered = wh_hive_state(hive) == WH_RECOVERED;
	good = read_everything(hive, &digest) == WH_OK && read_step(hive, &step) && step >= *said &&
	       step <= *said + 1 && wh_hive_state(hive) != WH_DIRTY && !issues.incomplete;
	if (!good)
		snprintf(why, size, "state %d, rules broken: %zu, %llu was said to be done",
			 (int)wh_hive_state(hive), issues.count, (unsigned long long)*said);
	*said = step;
	wh_hive_close(hive);
	return good;
}

static void
put_hive(void)
{
	size_t len;
	uint8_t *bytes = read_data("good/sample.hive", &len);
	FILE *file;

	snprintf(folder, sizeof folder, "/tmp/winhive-kill-XXXXXX");
	must(mkdtemp(folder) != NULL, "mkdtemp");
	snprintf(path, sizeof path, "%s/HIVE", folder);
	file = fopen(path, "wb");
	must(file && fwrite(bytes, 1, len, file) == len && fclose(file) == 0, path);
	free(bytes);
}

/* The files that were to be the hive when the program was killed, too. */
static void
remove_all(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", folder);
	must(system(command) == 0, folder);
}

int
main(int argc, char **argv)
{
	static const enum wh_log_format formats[] = { WH_LOG_NEW, WH_LOG_NONE, WH_LOG_OLD,
						      WH_LOG_NONE };
	size_t kills = argc > 1 ? strtoul(argv[1], NULL, 10) : 60, recoveries = 0, i;
	uint64_t seed = 20210809, said = 0;
	char why[200] = "";

	put_hive();
	for (i = 0; i < kills; i++) {
		bool recovered = false;

		run_and_kill(formats[i % 4], &seed, &said);
		if (!is_good(&said, &recovered, why, sizeof why))
			break;
		recoveries += recovered;
	}
	tap_case(i == kills, "killed at random moments", "after %zu kills: %s", i, why);
	tap_case(said > 0, "it had done something", "nothing was committed");
	printf("# %zu kills, %llu steps, %zu times logs were replayed\n", i,
	       (unsigned long long)said, recoveries);
	remove_all();
	return tap_done();
}
