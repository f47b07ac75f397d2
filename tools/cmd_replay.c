/* SPDX-License-Identifier: MIT */
/*
 * winhive replay: write the hive as Windows would leave it after replaying its logs.  What
 * is written is clean; a dirty hive whose logs cannot be replayed is not written at all.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct totals {
	unsigned recovered, clean, failed;
};

/* How much of the logs was replayed. */
static void
count_applied(const struct wh_hive *hive, uint64_t *entries, uint64_t *bytes)
{
	struct wh_log_entry entry;
	struct wh_log log;

	*entries = *bytes = 0;
	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++)
		for (size_t j = 0; wh_hive_log_entry(hive, i, j, &entry) == WH_OK; j++)
			if (entry.applied) {
				++*entries;
				*bytes += entry.bytes;
			}
}

static void
report(struct cli *cli, struct wh_hive *hive, const char *to)
{
	bool recovered = wh_hive_state(hive) == WH_RECOVERED;
	uint64_t entries, bytes;

	count_applied(hive, &entries, &bytes);
	if (cli_has(cli, OPT_JSON)) {
		cli_written_json(cli, to);
		out_format(",\"state\":\"%s\",\"entries\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
			   recovered ? "recovered" : "clean", entries, bytes);
	} else {
		cli_written_text(cli, to);
		if (recovered)
			out_format(": recovered, %" PRIu64 " log %s, %" PRIu64 " bytes\n", entries,
				   entries == 1 ? "entry" : "entries", bytes);
		else
			out_text(": was clean, copied\n");
	}
	out_flush();
}

/* One hive.  Not on standard error what print_issue() has said already. */
static bool
replay_file(struct cli *cli, const char *from, const char *to, struct totals *totals)
{
	struct wh_hive *hive = cli_open_file(cli, from, WH_OPEN_ALL_LOGS);
	enum wh_status st;

	if (!hive) {
		totals->failed++;
		cli_not_written_json(cli, "cannot be read");
		return false;
	}
	if (wh_hive_state(hive) == WH_DIRTY) {
		cli_error(cli, "%s; not written", wh_status_text(WH_E_DIRTY));
		st = WH_E_DIRTY;
	} else {
		st = cli_save(cli, hive, hive, to);
	}
	if (st == WH_OK) {
		report(cli, hive, to);
		*(wh_hive_state(hive) == WH_CLEAN ? &totals->clean : &totals->recovered) += 1;
	} else {
		totals->failed++;
		cli_not_written_json(cli, wh_status_text(st));
	}
	wh_hive_close(hive);
	return st == WH_OK;
}

/*
 * Is it a primary file, by what is in it?  As the library sees it: with a base block that is not
 * that of a log, or with the first hive bin.  -1: errno says why nobody can tell.
 */
static int
is_hive(const char *path)
{
	enum { TYPE = 28, BODY = 512, BINS = WH_BINS };
	unsigned char head[BINS + 8] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
	bool base, bin;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	base = n >= TYPE + 4 && memcmp(head, "regf", 4) == 0;
	bin = memcmp(head + BINS, "hbin\0\0\0", 8) == 0;
	if (base && memcmp(head + TYPE, "\0\0\0", 4) == 0)
		return 1;
	return bin && !(base && (memcmp(head + BODY, "HvLE", 4) == 0 ||
				 memcmp(head + BODY, "DIRT", 4) == 0));
}

static bool
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST) {
			fprintf(stderr, "winhive: %s: %s\n", path, strerror(errno));
			*slash = '/';
			return false;
		}
		*slash = '/';
	}
	return true;
}

struct job {
	struct cli *cli;
	const char *from, *to;
	struct stat out; /* the folder that is written to, which is not gone into */
	struct totals totals;
	bool unread; /* a folder could not be read */
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

/* Add a copy of 'name'; false without memory. */
static bool
add_name(char ***names, size_t *count, size_t *cap, const char *name)
{
	char **more;

	if (*count == *cap) {
		more = realloc(*names, 2 * *cap * sizeof **names);
		if (!more)
			return false;
		*names = more;
		*cap *= 2;
	}
	(*names)[*count] = strdup(name);
	return (*names)[*count] && ++*count;
}

/* The names in a folder, sorted, so that two runs do the same.  NULL: errno says why. */
static char **
read_folder(const char *path, size_t *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t cap = 64;
	char **names;

	*count = 0;
	if (!dir)
		return NULL;
	names = malloc(cap * sizeof *names);
	while (names && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!add_name(&names, count, &cap, entry->d_name)) {
			free_names(names, *count);
			names = NULL;
		}
	}
	closedir(dir);
	if (names)
		qsort(names, *count, sizeof *names, compare_names);
	else
		errno = ENOMEM;
	return names;
}

static void
replay_entry(struct job *job, const char *path)
{
	char to[PATH_MAX];
	int n = snprintf(to, sizeof to, "%s%s", job->to, path + strlen(job->from));
	int is = is_hive(path);

	if (is < 0) {
		fprintf(stderr, "winhive: %s: %s; it may be a hive\n", path, strerror(errno));
		job->totals.failed++;
	}
	if (is <= 0)
		return;
	if (n < 0 || (size_t)n >= sizeof to) {
		fprintf(stderr, "winhive: %s: the path is too long\n", path);
		job->totals.failed++;
		return;
	}
	if (!make_folders(to)) {
		job->totals.failed++;
		return;
	}
	replay_file(job->cli, path, to, &job->totals);
}

/* Folders are few and file systems bound their depth, so this may recurse. */
static void
replay_folder(struct job *job, const char *path)
{
	size_t count;
	char **names = read_folder(path, &count);
	struct stat st;

	if (!names) {
		fprintf(stderr, "winhive: %s: %s\n", path, strerror(errno));
		job->unread = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(path) + strlen(names[i]) + 2;
		char *entry = malloc(size);

		if (!entry) {
			job->unread = true;
			break;
		}
		snprintf(entry, size, "%s/%s", path, names[i]);
		/* Symbolic links are not followed: what they lead to is found where it is. */
		if (lstat(entry, &st) != 0) {
			fprintf(stderr, "winhive: %s: %s\n", entry, strerror(errno));
			job->unread = true;
		} else if (S_ISDIR(st.st_mode) &&
			   !(st.st_dev == job->out.st_dev && st.st_ino == job->out.st_ino)) {
			replay_folder(job, entry);
		} else if (S_ISREG(st.st_mode)) {
			replay_entry(job, entry);
		}
		free(entry);
	}
	free_names(names, count);
}

static int
replay_tree(struct cli *cli, const char *to)
{
	struct job job = { .cli = cli, .from = cli->args[0], .to = to };
	struct stat from = { 0 };

	if (cli->log_count > 0) {
		cli_wrong_use(cli, "--log goes with one hive, not with -r");
		return EXIT_WRONG_USE;
	}
	if (cli->arg_count > 1) {
		cli_wrong_use(cli, "one argument too many: %s", cli->args[1]);
		return EXIT_WRONG_USE;
	}
	cli->file = job.from;
	if (stat(job.from, &from) != 0) {
		cli_error(cli, "%s", strerror(errno));
		return EXIT_UNREAD;
	}
	if (!S_ISDIR(from.st_mode)) {
		cli_error(cli, "is not a folder; without -r one hive is replayed");
		return EXIT_UNREAD;
	}
	if (mkdir(to, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "winhive: %s: %s\n", to, strerror(errno));
		return EXIT_UNREAD;
	}
	if (stat(to, &job.out) != 0 || !S_ISDIR(job.out.st_mode)) {
		fprintf(stderr, "winhive: %s: is not a folder\n", to);
		return EXIT_UNREAD;
	}
	replay_folder(&job, cli->args[0]);
	if (!cli_has(cli, OPT_JSON))
		out_format("%u recovered, %u clean, %u not written\n", job.totals.recovered,
			   job.totals.clean, job.totals.failed);
	if (job.totals.recovered + job.totals.clean == 0) {
		cli->file = job.from;
		if (job.totals.failed == 0)
			cli_error(cli, "no hive was found below it");
		return EXIT_UNREAD;
	}
	return job.totals.failed > 0 || job.unread ? EXIT_PARTS : cli_result(cli);
}

static int
run(struct cli *cli)
{
	const char *to = cli->options[OPT_OUTPUT];
	struct totals totals = { 0 };

	if (!to) {
		cli_wrong_use(cli, "-o is missing: where shall the recovered hive be written?");
		return EXIT_WRONG_USE;
	}
	if (cli_has(cli, OPT_NO_LOGS)) {
		cli_wrong_use(cli, "replay without logs makes no sense");
		return EXIT_WRONG_USE;
	}
	if (cli_has(cli, OPT_RECURSE))
		return replay_tree(cli, to);
	return replay_file(cli, cli->args[0], to, &totals) ? cli_result(cli) : EXIT_UNREAD;
}

const struct command cmd_replay = {
	.name = "replay",
	.synopsis = "HIVE -o FILE, or -r DIR -o DIR",
	.summary = "write a hive as it is after its logs are replayed",
	.help = "What is written is clean, with its log entries in it, as Windows would write it.  "
		"A dirty\n"
		"hive whose logs cannot be replayed is not written.  The file that is read stays "
		"as it is.\n"
		"\n"
		"  -o, --output PATH  where to\n"
		"  -r                 all hives below a folder, found by their content; clean ones "
		"are copied\n"
		"  -f, --force        replace files that are there already\n"
		"\n"
		"Examples:\n"
		"  winhive replay SYSTEM -o SYSTEM.recovered\n"
		"  winhive replay SYSTEM --log a/SYSTEM.LOG1 --log b/SYSTEM.LOG2 -o "
		"SYSTEM.recovered\n"
		"  winhive replay -r /mnt/win/Windows/System32/config -o recovered\n",
	.options = BIT(OPT_OUTPUT) | BIT(OPT_RECURSE) | BIT(OPT_FORCE),
	.folder = FOLDER_HIVE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
