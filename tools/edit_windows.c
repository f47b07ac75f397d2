/* SPDX-License-Identifier: MIT */
/* Edits of a Windows in a folder: from full keys to one hive file, and paths in it. */
#include "edit.h"
#include "windows.h"

#include <stdlib.h>
#include <string.h>

/* The keys of all edits, two for each: 'key' and 'to'. */
struct targets {
	struct cli *cli;
	struct wh_reg *reg;
	struct located *places;
	const char *file, *root; /* of the hive that is changed; NULL: not known yet */
};

static bool
same_hive(struct targets *t, const struct located *place, const char *given)
{
	if (!t->file) {
		t->file = place->file;
		t->root = place->root;
	}
	if (strcmp(t->file, place->file) == 0)
		return true;
	cli_error(t->cli,
		  "key '%s' is in another hive than %s; a commit is of one hive, all of it or "
		  "nothing",
		  given, t->root);
	return false;
}

static bool
find(struct targets *t, const char *key, struct located *place)
{
	enum wh_status st = cli_locate(t->cli, t->reg, key, true, place);

	if (st == WH_E_NOT_SUPPORTED)
		cli_no_hive(t->cli, key);
	return st == WH_OK;
}

/* Does an edit take away a key as a whole?  Of a link that would be what it leads to. */
static bool
takes_away(const struct edit *edit)
{
	return edit->verb == &verb_move ||
	       ((edit->verb == &verb_rename || edit->verb == &verb_delete) && !edit->value &&
		!edit->all_values);
}

static bool
locate(struct targets *t, struct edit *edit, struct located *key, struct located *to)
{
	bool copy = edit->verb == &verb_copy;
	bool elsewhere = copy && edit->from; /* 'key' is in a hive file that was named */

	if (!elsewhere && !find(t, edit->key, key))
		return false;
	if (takes_away(edit) && cli_is_link(t->cli, t->reg, edit->key)) {
		cli_error(t->cli, "key '%s' is a link; what it leads to is %s\\%.*s", edit->key,
			  key->root, (int)strlen(key->path) - (key->path[0] != '\0'), key->path);
		return false;
	}
	if (edit->verb->to_is_key && !find(t, edit->to, to))
		return false;
	if (!same_hive(t, copy ? to : key, copy ? edit->to : edit->key))
		return false;
	if (edit->verb->to_is_key && !copy && !same_hive(t, to, edit->to))
		return false;
	if (copy && !elsewhere && strcmp(key->file, t->file) != 0) {
		edit->from = key->file;
		edit->from_root = key->root;
	}
	if (!elsewhere)
		edit->key = key->path;
	if (edit->verb->to_is_key)
		edit->to = to->path;
	return true;
}

static bool
locate_all(struct targets *t, struct edit *edits, size_t count)
{
	bool done = true;

	t->places = calloc(2 * count + 1, sizeof *t->places);
	if (!t->places) {
		cli_error(t->cli, "%s", wh_status_text(WH_E_MEMORY));
		return false;
	}
	for (size_t i = 0; i < count && done; i++) {
		t->cli->line = edits[i].line;
		done = locate(t, &edits[i], &t->places[2 * i], &t->places[2 * i + 1]);
	}
	t->cli->line = 0;
	if (done && t->file) {
		t->cli->args[0] = t->cli->file = t->file;
		t->cli->root = t->root;
	}
	return done;
}

bool
edit_locate(struct cli *cli, struct edit *edits, size_t count, struct located **places)
{
	struct targets t = { .cli = cli };
	bool done;

	*places = NULL;
	if (!cli_is_folder(cli->args[0]))
		return true;
	if (count == 0) {
		cli_error(cli, "nothing to change");
		return false;
	}
	t.reg = cli_connect(cli, cli->args[0], !cli_has(cli, OPT_DRY_RUN));
	done = t.reg && locate_all(&t, edits, count);
	wh_reg_free(t.reg);
	*places = t.places;
	return done;
}

void
edit_free_places(struct located *places, size_t count)
{
	for (size_t i = 0; places && i < 2 * count; i++)
		located_free(&places[i]);
	free(places);
}
