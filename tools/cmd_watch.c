/* SPDX-License-Identifier: MIT */
/* winhive watch: what changes in a hive file while others write it. */
#define _POSIX_C_SOURCE 200809L
#include "out.h"
#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Milliseconds. */
enum {
	LOOK = 1000,    /* between two looks at the files, where no event says anything */
	SETTLE = 150,   /* files that were left alone for so long are taken to be written */
	PATIENCE = 5000 /* with files that are never left alone, or cannot be read */
};

/* Seconds between 1601 and 1970. */
#define UNIX_EPOCH UINT64_C(11644473600)

struct watch {
	struct cli *cli;
	struct watch_files files;
	uint64_t state; /* of the files, when they were read last */
	struct wh_hive *hive;
	bool parts;        /* of what was read last could not be read */
	bool had_parts;    /* the same of 'hive' */
	int64_t deadline;  /* milliseconds; INT64_MAX: none */
	uint64_t wanted;   /* times that something changed; UINT64_MAX: all */
	uint64_t seen;     /* such times */
	uint64_t reported; /* changes in the version in hand */
};

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
sleep_for(int time)
{
	struct timespec left = { time / 1000, time % 1000 * 1000000L };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

/* ---------------------------------------------------------------- reporting */

static uint64_t
filetime_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_sec + UNIX_EPOCH) * 10000000 + (uint64_t)now.tv_nsec / 100;
}

/* What stands before the first change of a version, and between two in JSON. */
static void
lead_in(struct watch *w)
{
	uint64_t now = filetime_now();
	char time[WH_TIME_TEXT];

	if (w->reported++ > 0) {
		if (cli_has(w->cli, OPT_JSON))
			out_char(',');
		return;
	}
	if (!cli_has(w->cli, OPT_JSON)) {
		out_format("%s\n", cli_time(w->cli, now, time));
		return;
	}
	out_text("{\"hive\":\"");
	out_json(w->cli->args[0], strlen(w->cli->args[0]));
	wh_time_text(now, time);
	out_format("\",\"time\":\"%s\",\"changes\":[", time);
}

static void
report_change(void *ctx, const struct change *change)
{
	struct watch *w = ctx;

	lead_in(w);
	if (cli_has(w->cli, OPT_JSON))
		change_json(change);
	else
		change_show(change);
}

static void
report_altered(void *ctx, const struct wh_walk_key *key, const char *what)
{
	struct watch *w = ctx;

	lead_in(w);
	if (cli_has(w->cli, OPT_JSON)) {
		out_format("{\"change\":\"set-%s\",\"path\":\"", what);
		out_json(key->path, key->path_len);
		out_text("\"}");
		return;
	}
	out_format("set %s of key ", what);
	out_colour(COLOUR_KEY);
	out_shown(key->path_len > 0 ? key->path : "\\", key->path_len > 0 ? key->path_len : 1);
	out_plain();
	out_char('\n');
}

/* Tell what is different, and keep the newer version.  False: said why. */
static bool
take_version(struct watch *w, struct wh_hive *now)
{
	struct comparison comparison = { report_change, report_altered, w, false };
	enum wh_status st;

	w->reported = 0;
	st = compare_hives(w->hive, now, &comparison);
	if (w->reported > 0) {
		w->seen++;
		if (cli_has(w->cli, OPT_JSON))
			out_format("],\"recovered\":%s}\n",
				   wh_hive_state(now) == WH_RECOVERED ? "true" : "false");
	}
	if (comparison.incomplete || w->parts)
		w->cli->incomplete = true;
	wh_hive_close(w->hive);
	w->hive = now;
	w->had_parts = w->parts;
	if (st != WH_OK)
		cli_error(w->cli, "%s", wh_status_text(st));
	return out_flush() && st == WH_OK;
}

/* ------------------------------------------------------------------ reading */

static void
note_parts(void *ctx, const struct wh_issue *issue)
{
	struct watch *w = ctx;

	w->parts |= issue->incomplete;
}

/* Wait until nobody writes any more, and say what the files are like then. */
static uint64_t
settle(const struct watch *w)
{
	int64_t end = milliseconds() + PATIENCE;
	uint64_t state = files_state(&w->files), before;

	do {
		before = state;
		sleep_for(SETTLE);
		state = files_state(&w->files);
	} while (state != before && milliseconds() < end);
	return state;
}

/* What keeps a version from being taken at once. */
enum fault {
	FAULT_NONE,
	FAULT_CHANGED, /* it was written meanwhile */
	FAULT_PARTS,   /* they cannot be read, and could before */
	FAULT_DIRTY,   /* without the logs that belong to it, and was not before */
	FAULT_UNREAD
};

/* Open the hive as it is now.  A file that is half written may have any fault. */
static enum fault
open_quietly(struct watch *w, struct wh_hive **hive, enum wh_status *st)
{
	struct wh_options options = {
		.flags = WH_OPEN_WHOLE | (cli_has(w->cli, OPT_NO_LOGS) ? WH_OPEN_NO_LOGS : 0u),
		.issue = note_parts,
		.issue_ctx = w,
	};

	w->parts = false;
	*st = wh_hive_open(w->cli->args[0], &options, hive);
	if (*st != WH_OK)
		return FAULT_UNREAD;
	if (wh_hive_state(*hive) == WH_DIRTY && wh_hive_state(w->hive) != WH_DIRTY &&
	    !cli_has(w->cli, OPT_NO_LOGS))
		return FAULT_DIRTY;
	if (w->parts && !w->had_parts)
		return FAULT_PARTS;
	return files_state(&w->files) == w->state ? FAULT_NONE : FAULT_CHANGED;
}

/*
 * The new version, or NULL: it cannot be read, which has been said, and there may be another one
 * later.
 */
static struct wh_hive *
read_version(struct watch *w)
{
	int64_t end = milliseconds() + PATIENCE;
	struct wh_hive *hive;
	enum fault fault;
	enum wh_status st;

	if (end > w->deadline)
		end = w->deadline;
	for (;;) {
		w->state = settle(w);
		fault = open_quietly(w, &hive, &st);
		if (fault == FAULT_NONE || milliseconds() >= end)
			break;
		wh_hive_close(hive);
	}
	if (fault == FAULT_UNREAD)
		cli_error(w->cli, "%s; still watching", wh_status_text(st));
	else if (fault == FAULT_DIRTY)
		cli_error(w->cli, "is dirty, and its logs cannot be replayed: shown as it is");
	else if (fault == FAULT_PARTS)
		cli_error(w->cli, "parts of it cannot be read; 'winhive check' says which");
	return hive;
}

/* Until the files are others than those that were read.  False: the time is up. */
static bool
wait_for_change(const struct watch *w)
{
	while (files_state(&w->files) == w->state) {
		int64_t left = w->deadline - milliseconds();

		if (left <= 0)
			return false;
		files_wait(&w->files, left < LOOK ? (int)left : LOOK);
	}
	return true;
}

static int
watch(struct watch *w)
{
	struct wh_hive *hive;
	enum wh_status st;

	w->state = files_state(&w->files);
	w->hive = cli_open_file(w->cli, w->cli->args[0], WH_OPEN_WHOLE);
	if (!w->hive)
		return EXIT_UNREAD;
	/* What is wrong with it has been said now, and is not said again by each comparison. */
	if (open_quietly(w, &hive, &st) != FAULT_UNREAD) {
		wh_hive_close(w->hive);
		w->hive = hive;
	}
	w->had_parts = w->cli->incomplete;
	if (cli_has(w->cli, OPT_VERBOSE))
		cli_error(w->cli, "watching");
	while (w->seen < w->wanted) {
		if (!wait_for_change(w))
			break;
		hive = read_version(w);
		if (hive && !take_version(w, hive))
			return EXIT_UNREAD;
	}
	if (w->seen < w->wanted && w->wanted != UINT64_MAX)
		return EXIT_UNREAD;
	return cli_result(w->cli);
}

/* A whole number from 1 on; false: said what is wrong. */
static bool
read_number(const struct cli *cli, enum option option, const char *name, uint64_t *number)
{
	const char *text = cli->options[option];
	char *end;

	if (!text)
		return true;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*end && errno == 0 && *number > 0 &&
	    *number <= INT_MAX)
		return true;
	return cli_wrong_use(cli, "%s needs a number from 1 on, not %s", name, text);
}

static int
run(struct cli *cli)
{
	uint64_t seconds = 0;
	struct watch w = { .cli = cli, .deadline = INT64_MAX, .wanted = UINT64_MAX };
	int code;

	if (!read_number(cli, OPT_COUNT_OF, "--count", &w.wanted) ||
	    !read_number(cli, OPT_TIMEOUT, "--timeout", &seconds))
		return EXIT_WRONG_USE;
	if (cli->log_count > 0) {
		cli_wrong_use(cli, "--log: the logs beside the hive are watched, and no others");
		return EXIT_WRONG_USE;
	}
	if (seconds > 0)
		w.deadline = milliseconds() + (int64_t)seconds * 1000;
	files_begin(&w.files, cli->args[0]);
	code = watch(&w);
	files_end(&w.files);
	wh_hive_close(w.hive);
	return code;
}

const struct command cmd_watch = {
	.name = "watch",
	.synopsis = "HIVE [--count N] [--timeout S]",
	.summary = "wait for others to write the hive, and say what they changed",
	.help = "Keys that came and went, values that were set and deleted, with their data and\n"
		"what they were before.  A key or value that was renamed went and came.  A dirty\n"
		"hive is shown with its logs replayed; a file that is half written is tried "
		"again.\n"
		"\n"
		"  --count N    end when something has changed so many times\n"
		"  --timeout S  end after so many seconds; exit status 1 if --count is not "
		"reached\n"
		"\n"
		"Examples:\n"
		"  winhive watch NTUSER.DAT\n"
		"  winhive watch --json --count 1 --timeout 60 SYSTEM | jq '.changes[].path'\n",
	.options = BIT(OPT_COUNT_OF) | BIT(OPT_TIMEOUT),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
