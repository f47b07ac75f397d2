/* SPDX-License-Identifier: MIT */
/* Writing another file than the one that was read, or that one anew. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Is 'to' the file at 'from' by whatever name? */
static bool
same_file(const char *from, const char *to)
{
	struct stat a, b;

	return stat(from, &a) == 0 && stat(to, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* What is read stays as it is, with -f as well: the hive and its logs. */
static bool
is_evidence(const struct cli *cli, const struct wh_hive *hive, const char *to)
{
	struct wh_log log;

	if (same_file(cli->file, to)) {
		cli_error(cli, "cannot be written over itself");
		return true;
	}
	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++)
		if (same_file(log.name, to)) {
			cli_error(cli, "cannot be written over its log %s", to);
			return true;
		}
	return false;
}

/* What may be done about a file that could not be written. */
static const char *
advice(enum wh_status st, const char *to)
{
	struct stat there;

	if (st == WH_E_EXISTS)
		return "; -f replaces it";
	if (st == WH_E_ACCESS && stat(to, &there) == 0 && !S_ISREG(there.st_mode))
		return "; it is no file that could be replaced";
	return "";
}

enum wh_status
cli_save(struct cli *cli, const struct wh_hive *found, struct wh_hive *hive, const char *to)
{
	enum wh_status st;

	if (is_evidence(cli, found, to))
		return WH_E_EXISTS;
	st = wh_hive_save_as(hive, to, cli_has(cli, OPT_FORCE) ? WH_SAVE_REPLACE : 0);
	if (st == WH_OK)
		out_done();
	else
		cli_error(cli, "%s: %s%s", to, wh_status_text(st), advice(st, to));
	return st;
}

/* ------------------------------------------------------------------ in place */

bool
cli_target_fits(const struct cli *cli, const char *what)
{
	if (!cli_has(cli, OPT_OUTPUT) && !cli_has(cli, OPT_IN_PLACE) && !cli_has(cli, OPT_DRY_RUN))
		return cli_wrong_use(cli,
				     "-o or --in-place is missing: where shall the %s hive be "
				     "written?",
				     what);
	if (cli_has(cli, OPT_BACKUP) && !cli_has(cli, OPT_IN_PLACE))
		return cli_wrong_use(cli, "--backup goes with --in-place");
	if (cli_has(cli, OPT_TAKE_HIBERNATED) && !cli_has(cli, OPT_IN_PLACE))
		return cli_wrong_use(cli, "--take-hibernated goes with --in-place");
	if (cli->log_count > 0 && cli_has(cli, OPT_IN_PLACE))
		return cli_wrong_use(cli, "the logs of a hive that is replaced must be beside it: "
					  "--log goes with -o");
	return true;
}

bool
cli_writes_in_place(const struct cli *cli)
{
	return cli_has(cli, OPT_IN_PLACE) && !cli_has(cli, OPT_DRY_RUN);
}

char *
cli_backup_name(const struct cli *cli)
{
	const char *given = cli->options[OPT_BACKUP];
	const char *hive = cli->args[0];
	size_t size = strlen(*given ? given : hive) + sizeof ".bak4294967295";
	char *name = malloc(size);
	struct stat there;

	if (!name)
		cli_error(cli, "%s", wh_status_text(WH_E_MEMORY));
	if (name && *given)
		strcpy(name, given);
	for (unsigned i = 0; name && !*given; i++) {
		snprintf(name, size, i ? "%s.bak%u" : "%s.bak", hive, i);
		if (lstat(name, &there) != 0)
			break;
	}
	return name;
}

static void
explain(const struct cli *cli, enum wh_status st, const char *backup, bool in_place)
{
	if (in_place)
		cli_error(cli,
			  "%s; the new hive is in its place, but that may not be on disk: after a "
			  "power cut the old one may be there, with its logs",
			  wh_status_text(st));
	else if (st == WH_E_EXISTS && backup)
		cli_error(cli, "not written: the backup %s exists already", backup);
	else if (st == WH_E_NOT_SUPPORTED)
		cli_error(cli, "not written: it has other names (hard links), which would stay "
			       "with the old file; -o writes another one");
	else if (st == WH_E_ACCESS)
		cli_error(cli,
			  "not written: %s; a file with the same owner and rights must be "
			  "made in its folder",
			  wh_status_text(st));
	else
		cli_error(cli, "not written: %s", wh_status_text(st));
}

enum wh_status
cli_replace(struct cli *cli, struct wh_hive *found, const struct wh_hive *hive,
	    struct replaced *replaced)
{
	struct wh_commit_report report;
	struct wh_commit how = { 0 };
	enum wh_status st;

	*replaced = (struct replaced){ 0 };
	if (cli_has(cli, OPT_BACKUP) && !(replaced->backup = cli_backup_name(cli))) {
		replaced->why = wh_status_text(WH_E_MEMORY);
		return WH_E_MEMORY;
	}
	how.backup = replaced->backup;
	st = wh_hive_replace(found, hive, &how, &report);
	replaced->log_left = report.log_left;
	replaced->unsure = report.in_place;
	replaced->why =
		st == WH_E_NOT_SUPPORTED ? "it has other names (hard links)" : wh_status_text(st);
	if (st == WH_OK)
		out_done();
	else
		explain(cli, st, how.backup, report.in_place);
	if (report.log_left)
		cli_error(cli, "done, but one of its logs could not be emptied; it means nothing "
			       "to the hive any more, and can be deleted");
	return st;
}

void
cli_written_json(const struct cli *cli, const char *to)
{
	out_text("{\"hive\":");
	out_json_string(cli->file);
	out_text(",\"written\":");
	out_json_string(to);
}

void
cli_written_text(const struct cli *cli, const char *to)
{
	out_shown(cli->file, strlen(cli->file));
	if (to && cli_has(cli, OPT_IN_PLACE)) {
		out_text(", in place");
	} else if (to) {
		out_text(" -> ");
		out_shown(to, strlen(to));
	}
}

void
cli_not_written_json(const struct cli *cli, const char *why)
{
	if (!cli_has(cli, OPT_JSON))
		return;
	cli_written_json(cli, NULL);
	out_text(",\"error\":");
	out_json_string(why);
	out_text("}\n");
	out_flush();
}

void
cli_replaced_json(const struct replaced *replaced)
{
	out_text(",\"backup\":");
	out_json_string(replaced->backup);
	out_format(",\"log_left\":%s", replaced->log_left ? "true" : "false");
}

void
cli_replaced_text(const struct replaced *replaced)
{
	if (!replaced->backup)
		return;
	out_text("backup: ");
	out_shown(replaced->backup, strlen(replaced->backup));
	out_char('\n');
}
