/* SPDX-License-Identifier: MIT */
/*
 * winhive check: what is wrong with a hive, and what Windows would make of it.
 *
 * A hive that does not open is judged too: what opening says of it is kept until then.  Of one
 * that opens the check says all of it again, with the keys.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of each rule at most so many findings are printed as text, unless --verbose asks for all. */
enum { MAX_PRINTED = 10, MAX_RULES = 256 };

static struct checking {
	struct cli *cli;
	struct wh_hive *hive;
	struct wh_check sums;
	unsigned printed[MAX_RULES]; /* and held back, by the index of the rule */
	struct kept {
		struct wh_issue issue; /* with a text of its own */
		struct kept *next;
	} * kept, **last;
} all;

static const char *const grades[] = { [WH_NOTE] = "note",
				      [WH_HEALED] = "healed",
				      [WH_REFUSED] = "refused",
				      [WH_DANGEROUS] = "dangerous" };

static bool
find_rule(const char *name, size_t *index)
{
	struct wh_rule rule;

	for (size_t i = 0; i < MAX_RULES && wh_rule_at(i, &rule); i++)
		if (strcmp(rule.rule, name) == 0) {
			*index = i;
			return true;
		}
	return false;
}

/* ----------------------------------------------------------------- findings */

static void
put_json(const struct checking *c, const struct wh_finding *f)
{
	const struct wh_issue *issue = &f->issue;
	struct wh_log log;
	bool in_log;

	out_format("{\"grade\":\"%s\",\"id\":\"%s\",\"rule\":\"%s\",\"log\":", grades[issue->grade],
		   issue->id, issue->rule);
	in_log = issue->log >= 0 && c->hive &&
		 wh_hive_log(c->hive, (size_t)issue->log, &log) == WH_OK;
	out_json_string(in_log ? log.name : NULL);
	out_format(",\"offset\":%" PRIu64 ",\"cell\":", issue->offset);
	if (issue->cell == WH_NO_CELL)
		out_text("null");
	else
		out_format("%" PRIu32, issue->cell);
	out_text(",\"path\":");
	if (f->path) {
		out_char('"');
		out_json(f->path, f->path_len);
		out_char('"');
	} else {
		out_text("null");
	}
	out_text(",\"text\":\"");
	out_json(issue->text, strlen(issue->text));
	out_text("\"}\n");
}

static void
put_text(const struct wh_finding *f)
{
	const struct wh_issue *issue = &f->issue;

	if (issue->grade != WH_NOTE)
		out_colour(COLOUR_WARNING);
	out_text(grades[issue->grade]);
	out_plain();
	if (issue->log < 0)
		out_format(" at 0x%" PRIx64, issue->offset);
	out_text(": ");
	out_shown(issue->text, strlen(issue->text));
	if (f->path && f->path_len > 0) {
		out_text("; key ");
		out_shown(f->path, f->path_len);
	} else if (f->path) {
		out_text("; the root key");
	}
	out_format(" [%s %s]\n", issue->id, issue->rule);
}

static void
put_finding(void *ctx, const struct wh_finding *f)
{
	struct checking *c = ctx;
	size_t index;

	if (cli_has(c->cli, OPT_QUIET))
		return;
	if (cli_has(c->cli, OPT_JSON))
		put_json(c, f);
	else if (cli_has(c->cli, OPT_VERBOSE) || !find_rule(f->issue.rule, &index) ||
		 c->printed[index]++ < MAX_PRINTED)
		put_text(f);
}

/* What was found more often than it was printed. */
static void
put_rest(const struct checking *c)
{
	struct wh_rule rule;

	for (size_t i = 0; i < MAX_RULES && wh_rule_at(i, &rule); i++)
		if (c->printed[i] > MAX_PRINTED)
			out_format("%s: %u more; --verbose shows all of them [%s %s]\n",
				   grades[rule.grade], c->printed[i] - MAX_PRINTED, rule.id,
				   rule.rule);
}

/* ------------------------------------------------------------------ opening */

/* What opening says, kept in case that the hive does not open. */
static void
keep(void *ctx, const struct wh_issue *issue)
{
	struct kept *kept = malloc(sizeof *kept);

	(void)ctx;
	if (!kept)
		return;
	*kept = (struct kept){ *issue, NULL };
	kept->issue.text = strdup(issue->text);
	if (!kept->issue.text) {
		free(kept);
		return;
	}
	*all.last = kept;
	all.last = &kept->next;
}

static void
forget(struct checking *c)
{
	for (struct kept *kept = c->kept, *next; kept; kept = next) {
		next = kept->next;
		free((char *)(uintptr_t)kept->issue.text);
		free(kept);
	}
}

/* Windows would not load it either, if that is what it is about. */
static bool
put_refusal(struct checking *c)
{
	for (const struct kept *kept = c->kept; kept; kept = kept->next) {
		struct wh_finding f = { .issue = kept->issue };

		c->sums.refused += f.issue.grade == WH_REFUSED;
		c->sums.healed += f.issue.grade == WH_HEALED;
		put_finding(c, &f);
	}
	return c->sums.refused > 0;
}

/* ------------------------------------------------------------------ verdict */

static const char *
verdict_of(const struct wh_check *sums)
{
	if (sums->refused > 0)
		return "refused";
	if (sums->healed > 0)
		return "healed";
	if (sums->dangerous > 0)
		return "dangerous";
	return sums->notes > 0 ? "unchanged" : "sound";
}

static void
put_verdict_text(const struct wh_check *sums, bool recovered)
{
	out_text(recovered ? "after its logs are replayed: " : "");
	if (sums->refused > 0)
		out_format("Windows would refuse it, or part of it: %" PRIu64, sums->refused);
	else if (sums->healed > 0)
		out_format("Windows would change it on load: %" PRIu64, sums->healed);
	else if (sums->dangerous > 0)
		out_text("Windows would load it unchanged");
	else
		out_text(sums->notes > 0 ? "Windows would load it unchanged" : "sound");
	if (sums->refused > 0 && sums->healed > 0)
		out_format("; change on load: %" PRIu64, sums->healed);
	if (sums->dangerous > 0)
		out_format("; lost or hidden without its notice: %" PRIu64, sums->dangerous);
	if (sums->notes > 0)
		out_format("; notes: %" PRIu64, sums->notes);
	out_char('\n');
}

static void
put_verdict(const struct checking *c)
{
	const struct wh_check *s = &c->sums;
	bool recovered = c->hive && wh_hive_state(c->hive) == WH_RECOVERED;

	if (!cli_has(c->cli, OPT_JSON)) {
		if (!cli_has(c->cli, OPT_QUIET))
			put_rest(c);
		out_shown(c->cli->file, strlen(c->cli->file));
		out_text(": ");
		put_verdict_text(s, recovered);
		return;
	}
	out_text("{\"hive\":\"");
	out_json(c->cli->file, strlen(c->cli->file));
	out_format("\",\"verdict\":\"%s\",\"recovered\":%s,\"notes\":%" PRIu64
		   ",\"healed\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"dangerous\":%" PRIu64
		   ",\"keys\":%" PRIu64 ",\"values\":%" PRIu64 ",\"unowned_cells\":%" PRIu64
		   ",\"unowned_bytes\":%" PRIu64 "}\n",
		   verdict_of(s), recovered ? "true" : "false", s->notes, s->healed, s->refused,
		   s->dangerous, s->keys, s->values, s->unowned_cells, s->unowned_bytes);
}

static int
exit_code(const struct wh_check *sums)
{
	if (sums->refused > 0)
		return EXIT_UNREAD;
	return sums->healed > 0 || sums->dangerous > 0 ? EXIT_PARTS : EXIT_WHOLE;
}

static int
run(struct cli *cli)
{
	struct checking *c = &all;
	enum wh_status st;
	bool judged;

	c->cli = cli;
	c->last = &c->kept;
	cli->issue = keep;
	c->hive = cli_open_file(cli, cli->args[0], WH_OPEN_ALL_LOGS);
	judged = c->hive || put_refusal(c);
	if (c->hive) {
		st = wh_hive_check(c->hive, put_finding, c, &c->sums);
		if (st != WH_OK) {
			cli_error(cli, "%s", wh_status_text(st));
			if (st == WH_E_IO)
				put_refusal(c); /* where; it says nothing of what Windows does */
			judged = false;
		}
	}
	if (judged)
		put_verdict(c);
	wh_hive_close(c->hive);
	forget(c);
	return judged ? exit_code(&c->sums) : EXIT_UNREAD;
}

const struct command cmd_check = {
	.name = "check",
	.synopsis = "HIVE [-q]",
	.summary = "what is wrong with a hive, and what Windows would make of it",
	.help = "Each finding has a grade: a note; healed: Windows changes that on load; "
		"refused: it\n"
		"does not load that; dangerous: something is lost or hidden, and Windows does not\n"
		"notice.  The last line is the verdict.  Exit: 0 sound, or notes only; 3 healed "
		"or\n"
		"dangerous; 1 refused, or it could not be read.\n"
		"  -q, --quiet    the verdict only\n"
		"\n"
		"Examples:\n"
		"  winhive check SYSTEM\n"
		"  winhive check --no-logs SYSTEM\n"
		"  winhive check --json NTUSER.DAT | jq -r 'select(.path) | .path'\n",
	.options = BIT(OPT_QUIET),
	.folder = FOLDER_HIVE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
