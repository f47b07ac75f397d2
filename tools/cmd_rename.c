/* SPDX-License-Identifier: MIT */
/* winhive rename and move: a key or value by another name, a key in another place. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

static int
read_words(const struct cli *cli, struct edit *edit)
{
	edit->key = cli->args[1];
	edit->to = cli->args[2];
	edit->value = cli_has(cli, OPT_DEFAULT_VALUE) ? "" : cli->options[OPT_VALUE];
	return EXIT_WHOLE;
}

static bool
rename_failed(struct session *session, enum wh_status st, const char *what, const char *name,
	      const char *to)
{
	if (st == WH_E_EXISTS)
		cli_error(session->cli, "%s '%s': there is another one named '%s'", what, name, to);
	else if (st == WH_E_INVALID)
		cli_error(session->cli, "%s '%s': '%s' cannot be its name", what, name, to);
	else
		edit_failed(session, st, "%s '%s'", what, name);
	return false;
}

static bool
rename_value(struct session *session, const struct edit *edit, const struct place *place)
{
	struct change *change = edit_change(session, CHANGE_RENAMED_VALUE, place);
	const char *shown = edit->value[0] ? edit->value : "(Default)";
	enum wh_status st;

	if (!change)
		return false;
	st = wh_value_rename(place->key, edit->value, WH_NTS, edit->to, WH_NTS);
	if (st == WH_E_NOT_FOUND) {
		cli_no_value(session->cli, place, edit->value);
		return false;
	}
	if (st == WH_OK && (!text_set(&change->name, edit->value, strlen(edit->value)) ||
			    !text_set(&change->to, edit->to, strlen(edit->to))))
		st = WH_E_MEMORY;
	return st == WH_OK || rename_failed(session, st, "value", shown, edit->to);
}

static bool
rename_key(struct session *session, const struct edit *edit, const struct place *place)
{
	struct change *change = edit_change(session, CHANGE_RENAMED_KEY, place);
	struct wh_key renamed;
	enum wh_status st;

	if (!change)
		return false;
	if (cli_is_root(place)) {
		cli_error(session->cli, "the root key cannot be renamed");
		return false;
	}
	st = wh_key_rename(place->key, edit->to, WH_NTS, &renamed);
	if (st == WH_OK && !text_set(&change->to, edit->to, strlen(edit->to)))
		st = WH_E_MEMORY;
	return st == WH_OK || rename_failed(session, st, "key", place->path, edit->to);
}

static bool
apply_rename(struct session *session, const struct edit *edit)
{
	struct place place;
	bool done;

	if (!cli_find_path(session->cli, session->hive, edit->key, &place))
		return false;
	done = edit->value ? rename_value(session, edit, &place)
			   : rename_key(session, edit, &place);
	free(place.path);
	return done;
}

static bool
move_key(struct session *session, const struct place *place, struct place *to)
{
	const char *name = strrchr(place->path, '\\');
	struct change *change = edit_change(session, CHANGE_MOVED_KEY, place);
	struct wh_key moved;
	size_t len;
	enum wh_status st;

	if (!change)
		return false;
	name = name ? name + 1 : place->path;
	len = place->len - (size_t)(name - place->path);
	st = wh_key_move(place->key, to->key, name, len, &moved);
	if (st == WH_E_INVALID || st == WH_E_EXISTS) {
		cli_error(session->cli,
			  st == WH_E_INVALID ? "the key '%s' cannot be moved below itself"
					     : "there is a key '%s' in the new place already",
			  st == WH_E_INVALID ? place->path : name);
		return false;
	}
	if (st == WH_OK)
		st = cli_step(to, name, len);
	if (st == WH_OK && !text_set(&change->to, to->path, to->len))
		st = WH_E_MEMORY;
	return st == WH_OK || edit_failed(session, st, "key '%s'", place->path);
}

static bool
apply_move(struct session *session, const struct edit *edit)
{
	struct place place, to;
	bool done = false;

	if (!cli_find_path(session->cli, session->hive, edit->key, &place))
		return false;
	if (cli_is_root(&place)) {
		cli_error(session->cli, "the root key cannot be moved");
	} else if (cli_find_path(session->cli, session->hive, edit->to, &to)) {
		done = move_key(session, &place, &to);
		free(to.path);
	}
	free(place.path);
	return done;
}

const struct verb verb_rename = { &cmd_rename, read_words, false, apply_rename };
const struct verb verb_move = { &cmd_move, read_words, true, apply_move };

static int
run_rename(struct cli *cli)
{
	return edit_command(cli, &verb_rename);
}

static int
run_move(struct cli *cli)
{
	return edit_command(cli, &verb_move);
}

const struct command cmd_rename = {
	.name = "rename",
	.synopsis = "HIVE KEY [-v NAME | -ve] NEWNAME",
	.summary = "another name for a key or a value",
	.help = "NEWNAME is a name, not a path.  It may be the old one in other letters.\n"
		"\n"
		"  -v NAME, /v NAME  rename this value, not the key\n"
		"  -ve, /ve          give the default value a name\n"
		"\n"
		"Examples:\n"
		"  winhive rename SYSTEM 'ControlSet001\\Services\\Foo' Foo.off\n"
		"  winhive rename SOFTWARE 'Vendor\\App' -v Path Paths\n",
	.options = BIT(OPT_VALUE) | BIT(OPT_DEFAULT_VALUE),
	.edits = true,
	.folder = FOLDER_KEY,
	.min_args = 3,
	.max_args = 3,
	.run = run_rename,
};

const struct command cmd_move = {
	.name = "move",
	.synopsis = "HIVE KEY NEWPARENT",
	.summary = "a key with all below it to another place",
	.help = "NEWPARENT is the path of a key that is there; an empty one is the root key.\n"
		"\n"
		"Example:\n"
		"  winhive move SOFTWARE 'Vendor\\App' 'Vendor\\Old'\n",
	.edits = true,
	.folder = FOLDER_KEY,
	.min_args = 3,
	.max_args = 3,
	.run = run_move,
};
