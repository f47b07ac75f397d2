/* SPDX-License-Identifier: MIT */
/* winhive create: a new hive with nothing but a root key. */
#define _POSIX_C_SOURCE 200809L
#include "edit.h"

#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool
read_minor(const struct cli *cli, uint32_t *minor)
{
	const char *text = cli->options[OPT_MINOR];

	*minor = 5;
	if (!text)
		return true;
	if (text[0] < '2' || text[0] > '6' || text[1])
		return cli_wrong_use(cli, "--minor is 2 to 6, not '%s'", text);
	*minor = (uint32_t)(text[0] - '0');
	return true;
}

static void
report(struct cli *cli, const struct wh_hive *hive, uint32_t minor)
{
	uint64_t len = wh_hive_size(hive);

	if (cli_has(cli, OPT_JSON)) {
		out_text("{\"hive\":\"");
		out_json(cli->file, strlen(cli->file));
		out_format("\",\"written\":true,\"version\":\"1.%" PRIu32 "\",\"bytes\":%" PRIu64
			   "}\n",
			   minor, len);
	} else {
		out_text("created ");
		out_shown(cli->file, strlen(cli->file));
		out_format(": version 1.%" PRIu32 ", %" PRIu64 " bytes\n", minor, len);
	}
}

static void
explain(const struct cli *cli, enum wh_status st)
{
	struct stat there;

	if (st == WH_E_EXISTS)
		cli_error(cli, "already exists; -f replaces it");
	else if (st == WH_E_ACCESS && stat(cli->file, &there) == 0 && !S_ISREG(there.st_mode))
		cli_error(cli, "is no file that could be replaced");
	else if (st == WH_E_INVALID)
		cli_error(cli, "the name of the root key is UTF-8 and has 1 to 256 characters");
	else
		cli_error(cli, "%s", wh_status_text(st));
}

static int
run(struct cli *cli)
{
	struct wh_new how = { .root_name = cli->options[OPT_ROOT_NAME] };
	struct wh_options options = { 0 };
	struct wh_hive *hive;
	enum wh_status st;

	cli->file = cli->args[0];
	if (!read_minor(cli, &how.minor))
		return EXIT_WRONG_USE;
	if (!edit_read_date(cli))
		return EXIT_UNREAD;
	options.time = cli->time;
	how.root_name_len = how.root_name ? WH_NTS : 0;
	st = wh_hive_new(&how, &options, &hive);
	if (st == WH_OK)
		st = wh_hive_save_as(hive, cli->file,
				     cli_has(cli, OPT_FORCE) ? WH_SAVE_REPLACE : 0);
	if (st == WH_OK) {
		out_done();
		report(cli, hive, how.minor);
	} else {
		explain(cli, st);
	}
	wh_hive_close(hive);
	return st == WH_OK ? EXIT_WHOLE : EXIT_UNREAD;
}

const struct command cmd_create = {
	.name = "create",
	.synopsis = "FILE [--minor N] [--root-name NAME] [-f]",
	.summary = "a new hive that has a root key and nothing else",
	.help = "  --minor N         version 1.N, 2 to 6; without it 5\n"
		"  --root-name NAME  name of the root key, which no path contains; without it "
		"ROOT\n"
		"  -f, --force       replace a file that is there already\n"
		"\n"
		"Examples:\n"
		"  winhive create new.hive\n"
		"  winhive create NTUSER.DAT --minor 3 && winhive add NTUSER.DAT Software -k\n",
	.options = BIT(OPT_MINOR) | BIT(OPT_ROOT_NAME) | BIT(OPT_FORCE),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
