/* SPDX-License-Identifier: MIT */
/*
 * winhive edit: many edits in one commit.  A script is read as a whole before the hive is
 * opened, so that a mistake in its last line costs nothing.
 *
 * Words are separated by blanks.  Quotes of either kind hold a word together, and all between
 * them is meant as it stands; pieces that touch are one word.  A backslash is an ordinary
 * character everywhere: paths are full of them, at the end of a quoted word, too.
 */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 64 };

struct script {
	struct cli *cli;
	char *text; /* words are cut out of it in place */
	struct edit *edits;
	size_t count, cap;
};

static const struct verb *const verbs[] = {
	&verb_add, &verb_delete, &verb_copy, &verb_rename, &verb_move,
};

/* The next word of a line, ended by a NUL in place; NULL: no more.  False: a quote is open. */
static bool
next_word(char **line, char **word)
{
	char *at = *line + strspn(*line, " \t"), *to = at, *close;

	*word = *at && *at != '#' ? at : NULL;
	if (!*word)
		return true;
	while (*at && *at != ' ' && *at != '\t') {
		if (*at != '\'' && *at != '"') {
			*to++ = *at++;
			continue;
		}
		close = strchr(at + 1, *at);
		if (!close)
			return false;
		memmove(to, at + 1, (size_t)(close - at) - 1);
		to += close - at - 1;
		at = close + 1;
	}
	*line = *at ? at + 1 : at;
	*to = '\0';
	return true;
}

static bool
said(const struct cli *cli, const char *text)
{
	cli_error(cli, "%s", text);
	return false;
}

static bool
split(const struct cli *cli, char *line, char *words[MAX_WORDS], int *count)
{
	for (*count = 0; *count < MAX_WORDS; ++*count) {
		if (!next_word(&line, &words[*count]))
			return said(cli, "a quote is not closed");
		if (!words[*count])
			return true;
	}
	return said(cli, "too many words");
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i]->command->name, name) == 0)
			return verbs[i];
	return NULL;
}

static struct edit *
new_edit(struct script *script)
{
	struct edit *more;

	if (script->count == script->cap) {
		script->cap = script->cap ? 2 * script->cap : 64;
		more = realloc(script->edits, script->cap * sizeof *more);
		if (!more)
			return NULL;
		script->edits = more;
	}
	script->edits[script->count] = (struct edit){ 0 };
	return &script->edits[script->count++];
}

/* Standard input is for one thing: the script, or the data of one edit. */
static bool
takes_input(const struct cli *line, const struct script *script)
{
	const char *file = line->options[OPT_DATA_FILE], *input = script->cli->options[OPT_INPUT];

	return file && strcmp(file, "-") == 0 && (!input || strcmp(input, "-") == 0);
}

static int
read_line(struct script *script, unsigned number, char *text)
{
	struct cli *cli = script->cli, line;
	const struct verb *verb;
	struct edit *edit;
	char *words[MAX_WORDS];
	int count, code;

	cli->line = number;
	if (!split(cli, text, words, &count))
		return EXIT_WRONG_USE;
	if (count == 0)
		return EXIT_WHOLE;
	verb = find_verb(words[0]);
	if (!verb) {
		cli_error(cli, "there is no command '%s' for a script", words[0]);
		return EXIT_WRONG_USE;
	}
	if (!cli_parse_line(&line, verb->command, cli, number, count - 1, words + 1))
		return EXIT_WRONG_USE;
	if (takes_input(&line, script)) {
		cli_wrong_use(&line, "standard input is the script, and cannot be data, too");
		return EXIT_WRONG_USE;
	}
	edit = new_edit(script);
	if (!edit) {
		cli_error(cli, "%s", wh_status_text(WH_E_MEMORY));
		return EXIT_UNREAD;
	}
	code = verb->read(&line, edit);
	edit->verb = verb;
	edit->line = number;
	edit->force |= cli_has(cli, OPT_FORCE);
	return code;
}

static int
read_lines(struct script *script, size_t len)
{
	char *at = script->text, *end = at + len, *line_end;
	unsigned number = 0;
	int code = EXIT_WHOLE;

	if (strncmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	for (; at < end && code == EXIT_WHOLE; at = line_end + 1) {
		number++;
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (!line_end)
			line_end = end;
		*line_end = '\0';
		if (strlen(at) < (size_t)(line_end - at)) {
			script->cli->line = number;
			cli_error(script->cli, "there is a NUL in it; a script is text in UTF-8");
			code = EXIT_WRONG_USE;
		} else {
			if (line_end > at && line_end[-1] == '\r')
				line_end[-1] = '\0';
			code = read_line(script, number, at);
		}
	}
	script->cli->line = 0;
	return code;
}

static int
run(struct cli *cli)
{
	const char *file = cli_has(cli, OPT_INPUT) ? cli->options[OPT_INPUT] : "-";
	struct script script = { .cli = cli };
	size_t len;
	int code;

	cli->file = cli->args[0];
	script.text = (char *)edit_read_file(cli, file, &len);
	if (!script.text)
		return EXIT_UNREAD;
	code = read_lines(&script, len);
	if (code == EXIT_WHOLE)
		code = edit_run(cli, script.edits, script.count, false);
	for (size_t i = 0; i < script.count; i++)
		free(script.edits[i].data.bytes);
	free(script.edits);
	free(script.text);
	return code;
}

const struct command cmd_edit = {
	.name = "edit",
	.synopsis = "HIVE [-i FILE] [-f]",
	.summary = "many edits in one commit: all of them or none",
	.help = "Each line of the script is one of the commands add, delete, copy, rename, move "
		"without\n"
		"HIVE, with the options of its own.  Blanks separate words; what stands in '...' "
		"or\n"
		"\"...\" is meant as it stands; a backslash is an ordinary character everywhere; # "
		"at the\n"
		"start of a word begins a comment.  Nothing is asked: what would be needs -f.\n"
		"\n"
		"  -i, --input FILE  the script; without it, standard input\n"
		"  -f, --force       as if each line had -f\n"
		"\n"
		"Examples:\n"
		"  winhive edit SYSTEM -i changes.txt --dry-run\n"
		"  printf '%s\\n' 'delete Vendor -f' 'add \"My App\" -v On -t DWORD -d 1' |\n"
		"          winhive edit SOFTWARE --backup\n",
	.options = BIT(OPT_INPUT) | BIT(OPT_FORCE),
	.edits = true,
	.folder = FOLDER_KEY,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
