/* SPDX-License-Identifier: MIT */
/*
 * winhive repair: write a damaged hive anew, with all of it that can be had.  Before it is written
 * the repaired hive is checked.
 */
#include "cli.h"
#include "out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of each rule at most so many things that are fixed are printed, unless --verbose asks for all. */
enum { MAX_PRINTED = 10, MAX_RULES = 256, JSON_GROWTH = 6 };

static struct repairing {
	struct cli *cli;
	FILE *list;                  /* of what is dropped, or NULL */
	bool list_failed;            /* it could not be written */
	unsigned printed[MAX_RULES]; /* and held back, by the index of the rule */
	char refusal[512];           /* what opening said last, should the hive not open */
} all;

static const char *const grades[] = { [WH_FIXED] = "fixed", [WH_DROPPED] = "dropped" };

/* ------------------------------------------------------------------ actions */

static void
put_json(const struct wh_repair_action *a)
{
	out_format("{\"action\":\"%s\",\"id\":\"%s\",\"rule\":\"%s\",\"offset\":%" PRIu64
		   ",\"cell\":",
		   grades[a->grade], a->id, a->rule, a->offset);
	if (a->cell == WH_NO_CELL)
		out_text("null");
	else
		out_format("%" PRIu32, a->cell);
	out_text(",\"path\":");
	if (a->path) {
		out_char('"');
		out_json(a->path, a->path_len);
		out_char('"');
	} else {
		out_text("null");
	}
	out_text(",\"text\":\"");
	out_json(a->text, strlen(a->text));
	out_text("\"}\n");
}

static void
put_text(const struct wh_repair_action *a)
{
	if (a->grade == WH_DROPPED)
		out_colour(COLOUR_WARNING);
	out_text(grades[a->grade]);
	out_plain();
	if (a->log < 0)
		out_format(" at 0x%" PRIx64, a->offset);
	out_text(": ");
	out_shown(a->text, strlen(a->text));
	if (a->path && a->path_len > 0) {
		out_text("; key ");
		out_shown(a->path, a->path_len);
	} else if (a->path) {
		out_text("; the root key");
	}
	out_format(" [%s %s]\n", a->id, a->rule);
}

/* A string of JSON to the list. */
static void
list_string(struct repairing *r, const char *text, size_t len)
{
	char *escaped = malloc(len * JSON_GROWTH + 1);

	if (!escaped) {
		r->list_failed = true;
		return;
	}
	len = json_escape(escaped, text, len);
	fputc('"', r->list);
	fwrite(escaped, 1, len, r->list);
	fputc('"', r->list);
	free(escaped);
}

static void
list_dropped(struct repairing *r, const struct wh_repair_action *a)
{
	fprintf(r->list, "{\"id\":\"%s\",\"rule\":\"%s\",\"offset\":%" PRIu64 ",\"path\":", a->id,
		a->rule, a->offset);
	if (a->path)
		list_string(r, a->path, a->path_len);
	else
		fputs("null", r->list);
	fputs(",\"text\":", r->list);
	list_string(r, a->text, strlen(a->text));
	fputs("}\n", r->list);
}

static size_t
index_of(const char *name)
{
	struct wh_rule rule;
	size_t i = 0;

	while (i < MAX_RULES - 1 && wh_rule_at(i, &rule) && strcmp(rule.rule, name) != 0)
		i++;
	return i;
}

static void
put_action(void *ctx, const struct wh_repair_action *a)
{
	struct repairing *r = ctx;

	if (a->grade == WH_DROPPED && r->list)
		list_dropped(r, a);
	if (cli_has(r->cli, OPT_JSON))
		put_json(a);
	else if (a->grade == WH_DROPPED || cli_has(r->cli, OPT_VERBOSE) ||
		 r->printed[index_of(a->rule)]++ < MAX_PRINTED)
		put_text(a);
}

/* What was fixed more often than it was printed. */
static void
put_rest(const struct repairing *r)
{
	struct wh_rule rule;

	for (size_t i = 0; i < MAX_RULES && wh_rule_at(i, &rule); i++)
		if (r->printed[i] > MAX_PRINTED)
			out_format("fixed: %u more; --verbose shows all of them [%s %s]\n",
				   r->printed[i] - MAX_PRINTED, rule.id, rule.rule);
}

/* ------------------------------------------------------------------- report */

static void
report_json(const struct cli *cli, const struct wh_hive *hive, const char *to,
	    const struct replaced *replaced, const struct wh_repair_report *report)
{
	cli_written_json(cli, to);
	out_format(",\"recovered\":%s,\"bytes_before\":%" PRIu64 ",\"bytes_after\":%" PRIu64
		   ",\"keys\":%" PRIu64 ",\"values\":%" PRIu64 ",\"fixed\":%" PRIu64
		   ",\"dropped\":%" PRIu64 ",\"lost_keys\":%" PRIu64 ",\"dropped_keys\":%" PRIu64
		   ",\"dropped_values\":%" PRIu64 ",\"dropped_bytes\":%" PRIu64,
		   wh_hive_state(hive) == WH_RECOVERED ? "true" : "false", report->bytes_before,
		   report->bytes_after, report->keys, report->values, report->fixed,
		   report->dropped, report->lost_keys, report->dropped_keys, report->dropped_values,
		   report->dropped_bytes);
	cli_replaced_json(replaced);
	out_text("}\n");
}

static void
report_text(const struct cli *cli, const struct wh_hive *hive, const char *to,
	    const struct replaced *replaced, const struct wh_repair_report *report)
{
	if (wh_hive_state(hive) == WH_RECOVERED)
		out_text("the logs of the dirty hive were replayed first\n");
	cli_written_text(cli, to);
	out_format(": %" PRIu64 " keys, %" PRIu64 " values; fixed: %" PRIu64 ", dropped: %" PRIu64,
		   report->keys, report->values, report->fixed, report->dropped);
	if (report->dropped_keys > 0)
		out_format("; %" PRIu64 " keys without a way to the root%s", report->dropped_keys,
			   cli_has(cli, OPT_LOST_AND_FOUND) ? "" : ", --lost-and-found keeps them");
	if (report->lost_keys > 0)
		out_format("; %" PRIu64 " keys are below LostAndFound", report->lost_keys);
	out_text(to ? "\n" : "\ndry run: nothing was written\n");
	cli_replaced_text(replaced);
}

/* ------------------------------------------------------------------- repair */

/* What opening says is said again by the repair, but for the reason why a hive does not open. */
static void
keep_refusal(void *ctx, const struct wh_issue *issue)
{
	(void)ctx;
	snprintf(all.refusal, sizeof all.refusal, "%s [%s %s]", issue->text, issue->id,
		 issue->rule);
}

/* Whatever was in the file, what is written has nothing that Windows would change. */
static bool
is_clean(const struct cli *cli, struct wh_hive *repaired)
{
	struct wh_check sums;
	enum wh_status st = wh_hive_check(repaired, NULL, NULL, &sums);

	if (st == WH_OK && sums.healed + sums.refused + sums.dangerous > 0) {
		cli_error(cli, "the repaired hive is not clean, which is a fault of winhive; not "
			       "written");
		return false;
	}
	if (st != WH_OK)
		cli_error(cli, "%s; not written", wh_status_text(st));
	return st == WH_OK;
}

static const char *
explain(const struct cli *cli, enum wh_status st)
{
	const char *why = st == WH_E_NOT_SUPPORTED ? "hives of version 1.1 cannot be repaired"
			  : st == WH_E_CORRUPT     ? "not one key can be found in it"
						   : wh_status_text(st);

	cli_error(cli, "%s; not written", why);
	return why;
}

/* Write the repaired hive to where it belongs, NULL: nowhere.  WH_OK, or said why not. */
static enum wh_status
write_to(struct cli *cli, struct wh_hive *hive, struct wh_hive *repaired, const char *to,
	 struct replaced *replaced)
{
	enum wh_status st = WH_OK;

	if (!is_clean(cli, repaired))
		st = WH_E_CORRUPT;
	else if (cli_writes_in_place(cli))
		st = cli_replace(cli, hive, repaired, replaced);
	else if (to)
		st = cli_save(cli, hive, repaired, to);
	if (st != WH_OK)
		cli_not_written_json(cli, replaced->why ? replaced->why : wh_status_text(st));
	return st;
}

static int
repair(struct repairing *r, struct wh_hive *hive)
{
	struct cli *cli = r->cli;
	struct wh_repair how = { cli_has(cli, OPT_LOST_AND_FOUND), put_action, r };
	const char *to = cli_has(cli, OPT_DRY_RUN)    ? NULL
			 : cli_has(cli, OPT_IN_PLACE) ? cli->file
						      : cli->options[OPT_OUTPUT];
	struct replaced replaced = { 0 };
	struct wh_repair_report report;
	struct wh_hive *repaired;
	enum wh_status st = wh_hive_repair(hive, &how, NULL, &repaired, &report);

	if (st != WH_OK) {
		cli_not_written_json(cli, explain(cli, st));
		return EXIT_UNREAD;
	}
	st = write_to(cli, hive, repaired, to, &replaced);
	wh_hive_close(repaired);
	if (st == WH_OK && cli_has(cli, OPT_JSON)) {
		report_json(cli, hive, to, &replaced, &report);
	} else if (st == WH_OK) {
		put_rest(r);
		report_text(cli, hive, to, &replaced, &report);
	}
	free(replaced.backup);
	if (st != WH_OK)
		return replaced.unsure ? EXIT_PARTS : EXIT_UNREAD;
	return report.dropped > 0 ? EXIT_PARTS : EXIT_WHOLE;
}

/* The list of what is dropped never takes the place of a file. */
static bool
open_list(struct repairing *r)
{
	const char *name = r->cli->options[OPT_DROPPED];

	if (!name)
		return true;
	r->list = fopen(name, "wx");
	if (!r->list)
		cli_error(r->cli, "%s: %s", name, strerror(errno));
	return r->list != NULL;
}

static bool
close_list(struct repairing *r)
{
	if (!r->list)
		return true;
	r->list_failed |= ferror(r->list) != 0;
	r->list_failed |= fclose(r->list) != 0;
	if (r->list_failed)
		cli_error(r->cli, "%s: could not be written", r->cli->options[OPT_DROPPED]);
	return !r->list_failed;
}

static int
run(struct cli *cli)
{
	struct repairing *r = &all;
	unsigned flags = WH_OPEN_ALL_LOGS | WH_OPEN_SALVAGE;
	struct wh_hive *hive;
	int code;

	r->cli = cli;
	if (!cli_target_fits(cli, "repaired"))
		return EXIT_WRONG_USE;
	if (cli_writes_in_place(cli))
		flags |= WH_OPEN_WRITE;
	cli->issue = keep_refusal;
	hive = cli_open_file(cli, cli->args[0], flags);
	if (!hive) {
		if (r->refusal[0])
			cli_error(cli, "%s", r->refusal);
		cli_not_written_json(cli, r->refusal[0] ? r->refusal : "cannot be read");
		return EXIT_UNREAD;
	}
	code = open_list(r) ? repair(r, hive) : EXIT_UNREAD;
	if (!close_list(r))
		code = EXIT_UNREAD;
	wh_hive_close(hive);
	return code;
}

const struct command cmd_repair = {
	.name = "repair",
	.synopsis = "HIVE (-o FILE [-f] | --in-place [--backup[=FILE]]) [--dry-run]\n"
		    "                      [--lost-and-found] [--dropped LIST]",
	.summary = "write a damaged hive anew, with all of it that can be had",
	.help = "What is fixed and what is dropped is printed.  The new hive is one in which check "
		"finds\n"
		"nothing but notes.  Logs are replayed first; those that cannot be are left out.  "
		"Exit: 0\n"
		"nothing was dropped, 3 something was.\n"
		"\n"
		"  -o, --output FILE  where to\n"
		"  -f, --force        replace a file that is there already\n"
		"  --in-place         put the new hive in the place of the damaged one, which is "
		"there until\n"
		"                     then; logs are empty afterwards\n"
		"  --backup[=FILE]    with --in-place: keep the hive as it was, and its logs; "
		"without FILE:\n"
		"                     NAME.bak, NAME.bak1 ...\n"
		"  --dry-run          print what would be done, and write nothing\n"
		"  --lost-and-found   keep keys that have no way to the root below a key "
		"LostAndFound\n"
		"  --dropped LIST     what is dropped, to a new file as well: JSON, one object a "
		"line\n"
		"  --take-hibernated  with --in-place: in a Windows that is hibernated\n"
		"\n"
		"Examples:\n"
		"  winhive repair --dry-run SYSTEM\n"
		"  winhive repair SYSTEM -o SYSTEM.repaired --lost-and-found --dropped "
		"lost.jsonl\n"
		"  winhive repair SYSTEM --in-place --backup\n",
	.options = BIT(OPT_OUTPUT) | BIT(OPT_FORCE) | BIT(OPT_IN_PLACE) | BIT(OPT_BACKUP) |
		   BIT(OPT_DRY_RUN) | BIT(OPT_LOST_AND_FOUND) | BIT(OPT_DROPPED) |
		   BIT(OPT_TAKE_HIBERNATED),
	.folder = FOLDER_HIVE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
