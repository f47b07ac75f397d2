/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include "out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of each command at most so many issues are printed, unless --verbose asks for all. */
enum { MAX_REPORTED = 100 };

static void
begin_line(const struct cli *cli)
{
	fputs("winhive: ", stderr);
	if (cli->file) {
		err_shown(cli->file, strlen(cli->file));
		fputs(": ", stderr);
	}
	if (cli->line > 0)
		fprintf(stderr, "line %u: ", cli->line);
}

void
cli_error(const struct cli *cli, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	begin_line(cli);
	err_shown(text, strlen(text));
	fputc('\n', stderr);
}

/* Was this issue among the last ones?  The same place is often read more than once. */
static bool
just_said(struct cli *cli, const struct wh_issue *issue)
{
	enum { LAST = sizeof cli->last / sizeof *cli->last };

	for (unsigned i = 0; i < LAST; i++)
		if (cli->last[i].rule == issue->rule && cli->last[i].offset == issue->offset)
			return true;
	cli->last[cli->last_at].rule = issue->rule;
	cli->last[cli->last_at].offset = issue->offset;
	cli->last_at = (cli->last_at + 1) % LAST;
	return false;
}

/* Which key was being read; from the root, whatever the walk began with. */
static void
print_where(const struct cli *cli)
{
	const char *path;
	size_t len;

	if (!cli->walk)
		return;
	wh_walk_where(cli->walk, &path, &len);
	if (cli->top_len + len == 0)
		return;
	fputs("; in or below ", stderr);
	err_shown(cli->top, cli->top_len);
	if (cli->top_len > 0 && len > 0)
		fputc('\\', stderr);
	err_shown(path, len);
}

static void
print_issue(void *ctx, const struct wh_issue *issue)
{
	struct cli *cli = ctx;

	cli->incomplete |= issue->incomplete;
	if (issue->grade == WH_NOTE && !issue->incomplete && !cli_has(cli, OPT_VERBOSE))
		return;
	if (just_said(cli, issue))
		return;
	if (cli->reported == MAX_REPORTED && !cli_has(cli, OPT_VERBOSE)) {
		cli->held_back++;
		return;
	}
	cli->reported++;
	begin_line(cli);
	if (issue->log < 0)
		fprintf(stderr, "at 0x%" PRIx64 ": ", issue->offset);
	err_shown(issue->text, strlen(issue->text));
	print_where(cli);
	fprintf(stderr, " [%s %s]\n", issue->id, issue->rule);
}

/* Why a file could not be opened, in better words than the library has. */
static const char *
why_not(const char *file, unsigned flags, enum wh_status st)
{
	struct stat info;

	if (strcmp(file, "-") == 0)
		return "standard input cannot be read as a hive; write it to a file first";
	if (stat(file, &info) != 0 && st == WH_E_IO)
		return strerror(errno);
	if (stat(file, &info) != 0 || st == WH_E_NOT_HIVE || st == WH_E_CORRUPT)
		return wh_status_text(st);
	if (S_ISDIR(info.st_mode))
		return "is a folder";
	if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode))
		return "is neither a file nor a block device";
	if (!(flags & WH_OPEN_WRITE))
		return wh_status_text(st);
	if (!S_ISREG(info.st_mode))
		return "is a block device; only files can be changed";
	if (st == WH_E_IN_USE)
		return "another process has it open for writing";
	if (st == WH_E_ACCESS && access(file, W_OK) != 0)
		return errno == EROFS ? "is on a file system that is mounted read-only"
				      : "may not be written; see its permissions";
	return wh_status_text(st);
}

/* Logs that somebody asked for by name must be there. */
static bool
logs_are_there(struct cli *cli)
{
	for (size_t i = 0; i < cli->log_count; i++)
		if (access(cli->logs[i], R_OK) != 0) {
			cli->file = cli->logs[i];
			cli_error(cli, "%s", strerror(errno));
			return false;
		}
	return true;
}

/* What became of the logs, for a hive that could not be recovered. */
static void
explain_dirty(const struct cli *cli, const struct wh_hive *hive)
{
	struct wh_log log;

	if (wh_hive_state(hive) != WH_DIRTY || cli_has(cli, OPT_NO_LOGS))
		return;
	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++)
		cli_error(cli, "%s: not replayed: %s", log.name, log.reason);
}

struct wh_hive *
cli_open_file(struct cli *cli, const char *file, unsigned flags)
{
	struct wh_options options = {
		.flags = flags,
		.logs = cli->logs,
		.log_count = cli->log_count,
		.issue = cli->issue ? cli->issue : print_issue,
		.issue_ctx = cli,
		.time = cli->time,
	};
	struct wh_hive *hive;
	enum wh_status st;

	if (!logs_are_there(cli))
		return NULL;
	cli->file = file;
	if (cli_has(cli, OPT_NO_LOGS))
		options.flags |= WH_OPEN_NO_LOGS;
	st = wh_hive_open(file, &options, &hive);
	if (st != WH_OK) {
		cli_error(cli, "%s", why_not(file, options.flags, st));
		return NULL;
	}
	explain_dirty(cli, hive);
	return hive;
}

struct wh_hive *
cli_open(struct cli *cli)
{
	return cli_open_file(cli, cli->args[0], 0);
}

int
cli_result(const struct cli *cli)
{
	if (cli->held_back > 0)
		cli_error(cli, "%u more; --verbose shows all of them", cli->held_back);
	return cli->incomplete ? EXIT_PARTS : EXIT_WHOLE;
}

const char *
cli_time(const struct cli *cli, uint64_t filetime, char buf[WH_TIME_TEXT])
{
	size_t len;

	if (filetime == 0)
		return "not set";
	len = wh_time_text(filetime, buf);
	if (!cli_has(cli, OPT_UTC)) {
		/* "2021-08-09T02:13:30.9925940Z" to "2021-08-09 02:13:30 UTC" */
		*strchr(buf, 'T') = ' ';
		memcpy(buf + len - 9, " UTC", 5);
	}
	return buf;
}
