/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "edit.h"

#include "out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *
edit_path(const struct place *place)
{
	return place->len > 0 ? place->path : "\\";
}

/* What a status means for one who changes a hive; NULL: nothing else than otherwise. */
static const char *
meaning(const struct session *session, enum wh_status st)
{
	const struct cli *cli = session->cli;

	switch (st) {
	case WH_E_DIRTY:
		if (cli_has(cli, OPT_NO_LOGS))
			return "the hive is dirty, and Windows might replay its logs over the "
			       "change; "
			       "without --no-logs they are replayed first";
		return "the hive is dirty, and Windows might replay its logs over the change; "
		       "bring them, or give up what they hold with --take-dirty";
	case WH_E_CORRUPT:
		if (cli_has(cli, OPT_TAKE_DAMAGED))
			return "the hive is damaged where it was to be changed";
		if (cli_has(cli, OPT_VERBOSE))
			return "the hive is damaged; --take-damaged changes it all the same";
		return "the hive is damaged; --verbose says how, --take-damaged changes it all "
		       "the same";
	case WH_E_TOO_BIG:
		return "larger than a hive of this version can hold";
	default:
		return wh_status_text(st);
	}
}

bool
edit_failed(const struct session *session, enum wh_status st, const char *format, ...)
{
	char what[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	cli_error(session->cli, "%s: %s", what, meaning(session, st));
	return false;
}

struct change *
edit_change(struct session *session, enum change_kind kind, const struct place *place)
{
	struct change *more, *change;

	if (session->count == session->cap) {
		session->cap = session->cap ? 2 * session->cap : 16;
		more = realloc(session->changes, session->cap * sizeof *more);
		if (!more) {
			cli_error(session->cli, "%s", wh_status_text(WH_E_MEMORY));
			return NULL;
		}
		session->changes = more;
	}
	change = &session->changes[session->count++];
	*change = (struct change){ .kind = kind, .line = session->edit->line };
	if (!text_set(&change->path, place->path, place->len)) {
		cli_error(session->cli, "%s", wh_status_text(WH_E_MEMORY));
		return NULL;
	}
	return change;
}

enum answer
edit_ask(struct session *session, bool many, const char *to_do, const char *format, ...)
{
	char text[1024], line[64];
	va_list args;

	if (session->edit->force || session->all)
		return ANSWER_YES;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (!session->interactive) {
		cli_error(session->cli, "%s; to %s, say -f", text, to_do);
		return ANSWER_NOBODY;
	}
	for (;;) {
		err_shown(text, strlen(text));
		fprintf(stderr, ": %s? %s ", to_do, many ? "(Yes|No|All)" : "(Yes|No)");
		fflush(stderr);
		if (!fgets(line, sizeof line, stdin))
			return ANSWER_NO;
		line[strcspn(line, "\n")] = '\0';
		session->all = many && (strcasecmp(line, "a") == 0 || strcasecmp(line, "all") == 0);
		if (session->all || strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
			return ANSWER_YES;
		if (strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0)
			return ANSWER_NO;
	}
}

enum wh_status
edit_value(struct wh_key key, const char *name, size_t len, struct data *data, bool *there)
{
	struct wh_value_info info;
	struct wh_value value;
	uint8_t *bytes;
	enum wh_status st = wh_key_value(key, name, len, &value);

	*data = (struct data){ 0 };
	*there = st == WH_OK;
	if (st == WH_E_NOT_FOUND)
		return WH_OK;
	if (st == WH_OK)
		st = wh_value_info(value, &info);
	if (st != WH_OK)
		return st;
	bytes = malloc(info.readable + 1u);
	if (!bytes)
		return WH_E_MEMORY;
	*data = (struct data){ info.type, info.size, bytes, 0 };
	st = wh_value_read(value, bytes, info.readable, &data->len);
	return st == WH_E_CORRUPT ? WH_OK : st;
}

bool
edit_make_keys(struct session *session, struct place *place, const char *rest,
	       const struct wh_create *how)
{
	struct change *change;
	struct wh_key key;
	bool created;
	enum wh_status st;

	for (size_t len; *rest; rest += len + 1) {
		len = strcspn(rest, "\\");
		st = wh_key_create(place->key, rest, len, rest[len + 1] ? NULL : how, &key,
				   &created);
		if (st == WH_OK)
			st = cli_step(place, rest, len);
		if (st == WH_E_INVALID) {
			cli_error(session->cli,
				  "key '%.*s': a name is UTF-8 and has 1 to 256 characters",
				  (int)len, rest);
			return false;
		}
		if (st != WH_OK)
			return edit_failed(session, st, "key '%.*s' below '%s'", (int)len, rest,
					   edit_path(place));
		change = created ? edit_change(session, CHANGE_CREATED_KEY, place) : NULL;
		if (created && !change)
			return false;
	}
	return true;
}

/* The hive as it is on disk after a commit, or would be. */
struct outcome {
	const char *backup;
	struct wh_commit_report report;
	bool written;
};

static const char *
log_format_name(enum wh_log_format format)
{
	return format == WH_LOG_OLD ? "old" : format == WH_LOG_NEW ? "new" : "none";
}

static void
print_json(const struct session *session, const struct outcome *outcome)
{
	const struct wh_commit_report *report = &outcome->report;

	out_text("{\"hive\":\"");
	out_json(session->cli->args[0], strlen(session->cli->args[0]));
	out_text("\",\"changes\":[");
	for (size_t i = 0; i < session->count; i++) {
		if (i > 0)
			out_char(',');
		change_json(&session->changes[i]);
	}
	out_format("],\"dry_run\":%s,\"recovered\":%s,\"written\":%s,\"in_log\":%s,"
		   "\"log_left\":%s,\"backup\":",
		   cli_has(session->cli, OPT_DRY_RUN) ? "true" : "false",
		   wh_hive_state(session->hive) == WH_RECOVERED ? "true" : "false",
		   outcome->written ? "true" : "false", report->in_log ? "true" : "false",
		   report->log_left ? "true" : "false");
	out_json_string(outcome->backup);
	out_format(",\"log_format\":\"%s\",\"pages\":%" PRIu64 ",\"log_bytes\":%" PRIu64
		   ",\"hive_bytes\":%" PRIu64 ",\"syncs\":%" PRIu32 "}\n",
		   log_format_name(report->log_format), report->pages, report->log_bytes,
		   report->hive_bytes, report->syncs);
}

static void
print_text(const struct session *session, const struct outcome *outcome, bool recovered)
{
	const struct wh_commit_report *report = &outcome->report;

	for (size_t i = 0; i < session->count; i++)
		change_show(&session->changes[i]);
	if (session->count == 0)
		out_text("nothing to change\n");
	if (recovered && outcome->written)
		out_text("the logs of the dirty hive were replayed first; it is clean now\n");
	if (outcome->backup) {
		out_text("backup: ");
		out_shown(outcome->backup, strlen(outcome->backup));
		out_char('\n');
	}
	if (cli_has(session->cli, OPT_DRY_RUN))
		out_text("dry run: nothing was written\n");
	else if (outcome->written && cli_has(session->cli, OPT_VERBOSE))
		out_format("written: %" PRIu64 " page%s, %" PRIu64 " bytes to the log (%s format), "
			   "%" PRIu64 " bytes to the hive, %" PRIu32 " syncs\n",
			   report->pages, report->pages == 1 ? "" : "s", report->log_bytes,
			   log_format_name(report->log_format), report->hive_bytes, report->syncs);
}

static void
explain_commit(const struct session *session, enum wh_status st, const struct outcome *outcome)
{
	struct cli *cli = session->cli;

	if (outcome->report.in_log)
		cli_error(cli,
			  "%s; the change is in its transaction log but not yet in the hive: the "
			  "next open, here or in Windows, replays it",
			  wh_status_text(st));
	else if (st == WH_E_EXISTS && outcome->backup)
		cli_error(cli, "not changed: the backup %s exists already", outcome->backup);
	else
		cli_error(cli, "not changed: %s", wh_status_text(st));
}

static int
commit(struct session *session)
{
	struct cli *cli = session->cli;
	const char *format = cli->options[OPT_LOG_FORMAT];
	bool recovered = wh_hive_state(session->hive) == WH_RECOVERED;
	struct wh_commit how = { 0 };
	struct outcome outcome = { 0 };
	char *backup = NULL;
	enum wh_status st = WH_OK;

	if (format)
		how.log_format = strcmp(format, "old") == 0 ? WH_LOG_OLD : WH_LOG_NEW;
	if (cli_has(cli, OPT_BACKUP) && session->count > 0 && !(backup = cli_backup_name(cli)))
		return EXIT_UNREAD;
	outcome.backup = how.backup = backup;
	if (!cli_has(cli, OPT_DRY_RUN) && session->count > 0) {
		st = wh_hive_commit(session->hive, &how, &outcome.report);
		outcome.written = st == WH_OK;
		if (outcome.written)
			out_done();
	}
	if (st != WH_OK)
		explain_commit(session, st, &outcome);
	if (outcome.report.log_left)
		cli_error(cli,
			  "done, but its transaction log could not be emptied; it says no more "
			  "than the hive does, and can be deleted");
	if (cli_has(cli, OPT_JSON) && (st == WH_OK || outcome.report.in_log))
		print_json(session, &outcome);
	else if (st == WH_OK)
		print_text(session, &outcome, recovered);
	free(backup);
	return st == WH_OK ? EXIT_WHOLE : outcome.report.in_log ? EXIT_PARTS : EXIT_UNREAD;
}

bool
edit_read_date(struct cli *cli)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	const uint64_t most = UINT64_C(900000000000);
	uint64_t seconds = 0;

	if (!text || !*text)
		return true;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || seconds > most) {
			cli_error(cli, "SOURCE_DATE_EPOCH is no number of seconds: %s", text);
			return false;
		}
		seconds = seconds * 10 + (uint64_t)(*c - '0');
	}
	cli->time = (seconds + UINT64_C(11644473600)) * 10000000;
	return true;
}

static bool
options_fit(const struct cli *cli)
{
	const char *format = cli->options[OPT_LOG_FORMAT];

	if (cli->log_count > 0)
		return cli_wrong_use(cli, "the logs of a hive that is changed must be beside it: "
					  "--log goes with replay");
	if (!format || strcmp(format, "old") == 0 || strcmp(format, "new") == 0)
		return true;
	return cli_wrong_use(cli, "--log-format is old or new, not '%s'", format);
}

static struct wh_hive *
open_hive(struct cli *cli)
{
	unsigned flags = cli_has(cli, OPT_DRY_RUN) ? 0 : WH_OPEN_WRITE;

	if (cli_has(cli, OPT_TAKE_DIRTY))
		flags |= WH_OPEN_TAKE_DIRTY;
	if (cli_has(cli, OPT_TAKE_DAMAGED))
		flags |= WH_OPEN_TAKE_DAMAGED;
	return edit_read_date(cli) ? cli_open_file(cli, cli->args[0], flags) : NULL;
}

static int
run(struct cli *cli, const struct edit *edits, size_t count, bool interactive)
{
	struct session session = { .cli = cli };
	bool done = true;
	int code = EXIT_UNREAD;

	session.interactive = interactive && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	session.hive = open_hive(cli);
	if (!session.hive)
		return EXIT_UNREAD;
	for (size_t i = 0; i < count && done; i++) {
		session.edit = &edits[i];
		cli->line = edits[i].line;
		done = edits[i].verb->apply(&session, &edits[i]);
	}
	cli->line = 0;
	if (done)
		code = commit(&session);
	(void)cli_result(cli); /* says how many reports were held back */
	for (size_t i = 0; i < session.count; i++)
		change_free(&session.changes[i]);
	free(session.changes);
	wh_hive_close(session.hive);
	return code;
}

int
edit_run(struct cli *cli, struct edit *edits, size_t count, bool interactive)
{
	struct located *places;
	int code = EXIT_UNREAD;

	if (!options_fit(cli))
		return EXIT_WRONG_USE;
	if (edit_locate(cli, edits, count, &places))
		code = run(cli, edits, count, interactive);
	edit_free_places(places, count);
	return code;
}

int
edit_command(struct cli *cli, const struct verb *verb)
{
	const char *file = cli->options[OPT_DATA_FILE];
	struct edit edit = { .verb = verb };
	int code;

	cli->file = cli->args[0];
	code = verb->read(cli, &edit);
	if (code == EXIT_WHOLE)
		code = edit_run(cli, &edit, 1, !file || strcmp(file, "-") != 0);
	free(edit.data.bytes);
	return code;
}
