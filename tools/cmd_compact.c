/* SPDX-License-Identifier: MIT */
/* winhive compact: write a hive anew, without free space. */
#include "cli.h"
#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *
state_name(const struct wh_hive *hive)
{
	switch (wh_hive_state(hive)) {
	case WH_RECOVERED:
		return "recovered";
	case WH_DIRTY:
		return "dirty";
	default:
		return "clean";
	}
}

static void
report_json(const struct cli *cli, const struct wh_hive *hive, const char *to,
	    const struct replaced *replaced, const struct wh_compact_report *report)
{
	cli_written_json(cli, to);
	out_format(",\"state\":\"%s\",\"bytes_before\":%" PRIu64 ",\"bytes_after\":%" PRIu64
		   ",\"keys\":%" PRIu64 ",\"values\":%" PRIu64 ",\"dropped_cells\":%" PRIu64
		   ",\"dropped_bytes\":%" PRIu64 ",\"merged\":%" PRIu32,
		   state_name(hive), report->bytes_before, report->bytes_after, report->keys,
		   report->values, report->dropped_cells, report->dropped_bytes, report->merged);
	cli_replaced_json(replaced);
	out_text("}\n");
}

static void
report_text(const struct cli *cli, const struct wh_hive *hive, const char *to,
	    const struct replaced *replaced, const struct wh_compact_report *report)
{
	if (wh_hive_state(hive) == WH_RECOVERED)
		out_text("the logs of the dirty hive were replayed first\n");
	cli_written_text(cli, to);
	out_format(": %" PRIu64 " bytes, were %" PRIu64 "\n", report->bytes_after,
		   report->bytes_before);
	if (report->dropped_cells > 0)
		out_format("left out: %" PRIu64 " cell%s that nobody referred to, %" PRIu64
			   " bytes\n",
			   report->dropped_cells, report->dropped_cells == 1 ? "" : "s",
			   report->dropped_bytes);
	if (report->merged > 0)
		out_format("merged: %" PRIu32 " security descriptor%s stored more than once\n",
			   report->merged, report->merged == 1 ? "" : "s");
	cli_replaced_text(replaced);
}

static void
explain(const struct cli *cli, enum wh_status st)
{
	if (st == WH_E_CORRUPT)
		cli_error(cli, "the hive is damaged%s; not written",
			  cli_has(cli, OPT_VERBOSE) ? "" : ", --verbose says how");
	else if (st == WH_E_NOT_SUPPORTED)
		cli_error(cli, "hives of version 1.1 cannot be compacted; not written");
	else if (st == WH_E_DIRTY && cli_has(cli, OPT_NO_LOGS))
		cli_error(cli, "the hive is dirty; not written; without --no-logs its logs are "
			       "replayed first");
	else if (st == WH_E_DIRTY)
		cli_error(cli, "%s; not written; --take-dirty gives up what they hold",
			  wh_status_text(st));
	else
		cli_error(cli, "%s; not written", wh_status_text(st));
}

static int
compact(struct cli *cli, struct wh_hive *hive)
{
	const char *to = cli_has(cli, OPT_IN_PLACE) ? cli->file : cli->options[OPT_OUTPUT];
	struct replaced replaced = { 0 };
	struct wh_compact_report report;
	struct wh_hive *compacted;
	enum wh_status st = wh_hive_compact(hive, NULL, &compacted, &report);

	if (st != WH_OK)
		explain(cli, st);
	else if (cli_has(cli, OPT_IN_PLACE))
		st = cli_replace(cli, hive, compacted, &replaced);
	else
		st = cli_save(cli, hive, compacted, to);
	if (st != WH_OK)
		cli_not_written_json(cli, replaced.why ? replaced.why : wh_status_text(st));
	else if (cli_has(cli, OPT_JSON))
		report_json(cli, hive, to, &replaced, &report);
	else
		report_text(cli, hive, to, &replaced, &report);
	free(replaced.backup);
	wh_hive_close(compacted);
	return st == WH_OK ? cli_result(cli) : replaced.unsure ? EXIT_PARTS : EXIT_UNREAD;
}

static int
run(struct cli *cli)
{
	unsigned flags = WH_OPEN_ALL_LOGS;
	struct wh_hive *hive;
	int code;

	if (!cli_target_fits(cli, "compacted"))
		return EXIT_WRONG_USE;
	if (cli_has(cli, OPT_TAKE_DIRTY))
		flags |= WH_OPEN_TAKE_DIRTY;
	if (cli_writes_in_place(cli))
		flags |= WH_OPEN_WRITE;
	hive = cli_open_file(cli, cli->args[0], flags);
	if (!hive)
		return EXIT_UNREAD;
	code = compact(cli, hive);
	wh_hive_close(hive);
	return code;
}

const struct command cmd_compact = {
	.name = "compact",
	.synopsis = "HIVE (-o FILE [-f] | --in-place [--backup[=FILE]]) [--take-dirty]",
	.summary = "write a hive anew, without free space",
	.help = "All that is in the hive is in the new one, which is as small as it can be and "
		"lies in the\n"
		"order of its keys.  What was deleted cannot be recovered from it.  A damaged hive "
		"is not\n"
		"written, nor a dirty one whose logs cannot be replayed.\n"
		"\n"
		"  -o, --output FILE  where to\n"
		"  -f, --force        replace a file that is there already\n"
		"  --in-place         put the new hive in the place of the old one, which is there "
		"until then\n"
		"  --backup[=FILE]    with --in-place: keep the hive as it was; without FILE: "
		"NAME.bak ...\n"
		"  --take-dirty       a dirty hive as it is in the file, without what its logs "
		"hold\n"
		"  --take-hibernated  with --in-place: in a Windows that is hibernated\n"
		"\n"
		"Examples:\n"
		"  winhive compact SOFTWARE -o SOFTWARE.small\n"
		"  winhive compact --json SYSTEM --log SYSTEM.LOG1 -o SYSTEM.small\n",
	.options = BIT(OPT_OUTPUT) | BIT(OPT_FORCE) | BIT(OPT_IN_PLACE) | BIT(OPT_BACKUP) |
		   BIT(OPT_TAKE_DIRTY) | BIT(OPT_TAKE_HIBERNATED),
	.folder = FOLDER_HIVE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
