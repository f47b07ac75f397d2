/* SPDX-License-Identifier: MIT */
/* winhive add: a key, and a value of it. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

static int
read_words(const struct cli *cli, struct edit *edit)
{
	edit->key = cli->args[1];
	edit->value = cli_has(cli, OPT_VALUE) ? cli->options[OPT_VALUE] : "";
	edit->class_name = cli->options[OPT_CLASS];
	edit->key_only = cli_has(cli, OPT_KEY_ONLY);
	edit->force = cli_has(cli, OPT_FORCE);
	return edit->key_only ? EXIT_WHOLE : edit_read_data(cli, &edit->data);
}

/* The path that a link leads to has no NUL behind it: the kernel takes all of it. */
static enum wh_status
set_link(struct wh_key key, const char *name, const struct edit_data *data)
{
	struct data stored;
	bool there;
	enum wh_status st = wh_value_set_string(key, name, WH_NTS, data->type,
						(const char *)data->bytes, data->len);

	if (st == WH_OK)
		st = edit_value(key, name, WH_NTS, &stored, &there);
	if (st != WH_OK)
		return st;
	st = wh_value_set(key, name, WH_NTS, data->type, stored.bytes, stored.len - 2);
	free((void *)(uintptr_t)stored.bytes);
	return st;
}

static enum wh_status
set(struct wh_key key, const char *name, const struct edit_data *data)
{
	const char *text = (const char *)data->bytes;

	if (data->form == FORM_STRINGS)
		return wh_value_set_strings(key, name, WH_NTS, text, data->len);
	if (data->form == FORM_TEXT && data->type == WH_REG_LINK)
		return set_link(key, name, data);
	if (data->form == FORM_TEXT)
		return wh_value_set_string(key, name, WH_NTS, data->type, text, data->len);
	return wh_value_set(key, name, WH_NTS, data->type, data->bytes, data->len);
}

static bool
may_overwrite(struct session *session, const char *shown, const struct place *place)
{
	enum answer answer = edit_ask(session, false, "overwrite it",
				      "the value '%s' of '%s' exists", shown, edit_path(place));

	if (answer == ANSWER_NO)
		cli_error(session->cli, "nothing was changed");
	return answer == ANSWER_YES;
}

static bool
set_value(struct session *session, const struct edit *edit, const struct place *place)
{
	const char *shown = edit->value[0] ? edit->value : "(Default)";
	struct change *change = edit_change(session, CHANGE_SET_VALUE, place);
	enum wh_status st;
	bool there;

	if (!change)
		return false;
	st = text_set(&change->name, edit->value, strlen(edit->value)) ? WH_OK : WH_E_MEMORY;
	if (st == WH_OK)
		st = edit_value(place->key, edit->value, WH_NTS, &change->was, &change->had);
	if (st == WH_OK && change->had && !may_overwrite(session, shown, place))
		return false;
	if (st == WH_OK)
		st = set(place->key, edit->value, &edit->data);
	if (st == WH_OK)
		st = edit_value(place->key, edit->value, WH_NTS, &change->now, &there);
	if (st == WH_E_INVALID) {
		cli_error(session->cli,
			  "value '%s' of '%s': name and text are UTF-8, and a name has at most "
			  "16383 characters",
			  shown, edit_path(place));
		return false;
	}
	return st == WH_OK ||
	       edit_failed(session, st, "value '%s' of '%s'", shown, edit_path(place));
}

static bool
apply(struct session *session, const struct edit *edit)
{
	struct wh_create how = { .class_name = edit->class_name, .class_len = WH_NTS };
	struct place place;
	char *rest;
	bool done;

	if (!cli_find_or_plan(session->cli, session->hive, edit->key, &place, &rest))
		return false;
	if (edit->class_name && !*rest) {
		cli_error(session->cli, "the key '%s' exists; --class is for a new one",
			  edit_path(&place));
		done = false;
	} else {
		done = edit_make_keys(session, &place, rest, &how) &&
		       (edit->key_only || set_value(session, edit, &place));
	}
	free(rest);
	free(place.path);
	return done;
}

const struct verb verb_add = { &cmd_add, read_words, false, apply };

static int
run(struct cli *cli)
{
	return edit_command(cli, &verb_add);
}

const struct command cmd_add = {
	.name = "add",
	.synopsis = "HIVE KEY [-v NAME | -ve | -k] [-t TYPE] [-d DATA] [-s SEP] [-f]",
	.summary = "set a value, and make its key if there is none",
	.help = "Without -v and -ve: the default value, as 'reg add' does.  A value that is there "
		"is\n"
		"overwritten after a question on a terminal, elsewhere only with -f.\n"
		"\n"
		"  -v NAME, /v NAME  the value of that name\n"
		"  -ve, /ve          the default value\n"
		"  -k, --key-only    the key alone, and no value\n"
		"  -t, --type TYPE   REG_SZ (if not given), REG_EXPAND_SZ, REG_MULTI_SZ, "
		"REG_DWORD,\n"
		"                    REG_DWORD_BIG_ENDIAN, REG_QWORD, REG_BINARY, REG_NONE, "
		"REG_LINK;\n"
		"                    in any case of letters, with or without REG_; or any number\n"
		"  -d, --data DATA   text, a number (decimal, or hexadecimal after 0x), the "
		"strings "
		"of\n"
		"                    a list with \\0 between them; else hexadecimal digits\n"
		"  --data-file FILE  the bytes of the data as they are, of any type; -: standard "
		"input\n"
		"  -s SEP, /s SEP    one character that separates the strings of a list, in place "
		"of \\0\n"
		"  --class TEXT      class of a new key\n"
		"  -f, --force       overwrite without a question\n"
		"\n"
		"Examples:\n"
		"  winhive add SYSTEM Select -v Current -t DWORD -d 2 -f\n"
		"  winhive add SOFTWARE 'Vendor\\App' -v Paths -t MULTI_SZ -s ';' -d "
		"'C:\\a;D:\\b'\n"
		"  winhive add SOFTWARE 'Vendor\\App' -v Blob -t BINARY --data-file blob.bin\n"
		"  winhive add SOFTWARE 'Vendor\\App\\Empty' -k\n",
	.options = BIT(OPT_VALUE) | BIT(OPT_DEFAULT_VALUE) | BIT(OPT_KEY_ONLY) | BIT(OPT_TYPE) |
		   BIT(OPT_DATA) | BIT(OPT_DATA_FILE) | BIT(OPT_SEPARATOR) | BIT(OPT_CLASS) |
		   BIT(OPT_FORCE),
	.edits = true,
	.folder = FOLDER_KEY,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
