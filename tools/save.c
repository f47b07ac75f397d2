/* SPDX-License-Identifier: MIT */
/* Writing another file than the one that was read. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

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
	if (st != WH_OK)
		cli_error(cli, "%s: %s%s", to, wh_status_text(st), advice(st, to));
	return st;
}
