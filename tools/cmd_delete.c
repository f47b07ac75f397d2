/* SPDX-License-Identifier: MIT */
/* winhive delete: a value, all values of a key, or a key with all below it. */
#include "edit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int
read_words(const struct cli *cli, struct edit *edit)
{
	edit->key = cli->args[1];
	edit->value = cli_has(cli, OPT_DEFAULT_VALUE) ? "" : cli->options[OPT_VALUE];
	edit->all_values = cli_has(cli, OPT_ALL_VALUES);
	edit->force = cli_has(cli, OPT_FORCE);
	return EXIT_WHOLE;
}

static bool
delete_value(struct session *session, const struct place *place, const char *name, size_t len)
{
	struct change *change = edit_change(session, CHANGE_DELETED_VALUE, place);
	const char *shown = len > 0 ? name : "(Default)";
	enum wh_status st;

	if (!change)
		return false;
	st = text_set(&change->name, name, len) ? WH_OK : WH_E_MEMORY;
	if (st == WH_OK)
		st = edit_value(place->key, name, len, &change->was, &change->had);
	if (st == WH_OK && !change->had) {
		cli_no_value(session->cli, place, name);
		return false;
	}
	if (st == WH_OK)
		st = wh_value_delete(place->key, name, len);
	return st == WH_OK ||
	       edit_failed(session, st, "value '%s' of '%s'", shown, edit_path(place));
}

/* One after the other, so that each is said. */
static bool
delete_values(struct session *session, const struct place *place)
{
	enum { MAX_NAME = 3 * 16383 + 1 };
	static char name[MAX_NAME];
	struct wh_value value;
	size_t len;
	enum wh_status st;

	while ((st = wh_key_value_at(place->key, 0, &value)) == WH_OK) {
		st = wh_value_name(value, name, sizeof name - 1, &len);
		if (st != WH_OK)
			break;
		name[len] = '\0';
		if (!delete_value(session, place, name, len))
			return false;
	}
	return st == WH_E_NO_MORE || edit_failed(session, st, "values of '%s'", edit_path(place));
}

static bool
count(struct session *session, const struct place *place, uint64_t *keys, uint64_t *values)
{
	struct wh_walk_key key;
	enum wh_status st = cli_walk_begin(session->cli, place->key, place->path, place->len);

	*keys = *values = 0;
	while (st == WH_OK && (st = cli_walk_next(session->cli, &key)) == WH_OK) {
		++*keys;
		*values += key.value_count;
	}
	cli_walk_end(session->cli);
	return st == WH_E_NO_MORE || edit_failed(session, st, "key '%s'", edit_path(place));
}

static bool
may_delete(struct session *session, const struct place *place, uint64_t below)
{
	enum answer answer =
		edit_ask(session, false, below == 1 ? "delete it, too" : "delete them, too",
			 below == 1 ? "there is %" PRIu64 " key below '%s'"
				    : "there are %" PRIu64 " keys below '%s'",
			 below, place->path);

	if (answer == ANSWER_NO)
		cli_error(session->cli, "nothing was changed");
	return answer == ANSWER_YES;
}

static bool
delete_key(struct session *session, const struct place *place)
{
	struct change *change;
	uint64_t keys, values;
	enum wh_status st;

	if (cli_is_root(place)) {
		cli_error(session->cli, "the root key cannot be deleted");
		return false;
	}
	if (!count(session, place, &keys, &values))
		return false;
	if (keys > 1 && !may_delete(session, place, keys - 1))
		return false;
	change = edit_change(session, CHANGE_DELETED_KEY, place);
	if (!change)
		return false;
	change->keys = keys;
	change->values = values;
	st = wh_key_delete_tree(place->key);
	return st == WH_OK || edit_failed(session, st, "key '%s'", place->path);
}

static bool
apply(struct session *session, const struct edit *edit)
{
	struct place place;
	bool done;

	if (!cli_find_path(session->cli, session->hive, edit->key, &place))
		return false;
	if (edit->value)
		done = delete_value(session, &place, edit->value, strlen(edit->value));
	else if (edit->all_values)
		done = delete_values(session, &place);
	else
		done = delete_key(session, &place);
	free(place.path);
	return done;
}

const struct verb verb_delete = { &cmd_delete, read_words, false, apply };

static int
run(struct cli *cli)
{
	return edit_command(cli, &verb_delete);
}

const struct command cmd_delete = {
	.name = "delete",
	.synopsis = "HIVE KEY [-v NAME | -ve | -va] [-f]",
	.summary = "delete a value, all values of a key, or a key with all below it",
	.help = "A key that has subkeys is deleted after a question on a terminal, elsewhere only "
		"with\n"
		"-f.\n"
		"\n"
		"  -v NAME, /v NAME  the value of that name\n"
		"  -ve, /ve          the default value\n"
		"  -va, /va          all values of the key, not the key\n"
		"  -f, --force       delete many keys without a question\n"
		"\n"
		"Examples:\n"
		"  winhive delete SOFTWARE 'Vendor\\App' -v Paths\n"
		"  winhive delete SYSTEM 'ControlSet001\\Services\\BadDriver' -f --backup\n",
	.options = BIT(OPT_VALUE) | BIT(OPT_DEFAULT_VALUE) | BIT(OPT_ALL_VALUES) | BIT(OPT_FORCE),
	.edits = true,
	.folder = FOLDER_KEY,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
