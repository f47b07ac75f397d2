/* SPDX-License-Identifier: MIT */
/*
 * winhive copy: values of a key, or a key with all below it, onto a key that may be there.
 * What both have is asked about before anything is changed.  The library copies trees as a
 * whole; a value that is to stay is put back afterwards.
 */
#define _POSIX_C_SOURCE 200809L
#include "edit.h"

#include <stdlib.h>
#include <string.h>

/* A value of the target that is not to be overwritten. */
struct kept {
	struct text path; /* of its key, from the target */
	struct text name;
	struct data data;
};

struct job {
	struct session *session;
	const struct edit *edit;
	struct wh_hive *from;
	struct place source, target; /* the target, or the deepest key on the way to it */
	char *rest;                  /* of the way */
	char *last; /* name of the target, if it is not there and comes as a copy */
	struct kept *kept;
	size_t kept_count;
	uint64_t keys, values, clashes;
};

static int
read_words(const struct cli *cli, struct edit *edit)
{
	edit->key = cli->args[1];
	edit->to = cli->args[2];
	edit->from = cli->options[OPT_FROM];
	edit->recurse = cli_has(cli, OPT_RECURSE);
	edit->exact = cli_has(cli, OPT_EXACT);
	edit->force = cli_has(cli, OPT_FORCE);
	return EXIT_WHOLE;
}

static bool
keep(struct job *job, const struct wh_walk_key *key, const struct wh_walk_value *value,
     struct data *data)
{
	struct kept *more = realloc(job->kept, (job->kept_count + 1) * sizeof *more);

	if (!more)
		return false;
	job->kept = more;
	more += job->kept_count++;
	*more = (struct kept){ .data = *data };
	data->bytes = NULL;
	return text_set(&more->path, key->path, key->path_len) &&
	       text_set(&more->name, value->name, value->name_len);
}

/* A value that may be in the target, too.  What a walk lends has no NUL behind it. */
static bool
look_at(struct job *job, const struct wh_walk_key *key, const struct wh_walk_value *value,
	struct wh_key target)
{
	bool named = value->name_len > 0, below = key->path_len > 0, there, good = true;
	const char *path = edit_path(&job->target);
	enum answer answer = ANSWER_YES;
	struct data data;
	enum wh_status st = edit_value(target, value->name, value->name_len, &data, &there);

	if (st != WH_OK)
		return edit_failed(job->session, st, "values of '%s'", path);
	if (there)
		answer = edit_ask(
			job->session, true, "overwrite it", "the value '%.*s' of '%s%s%.*s' exists",
			named ? (int)value->name_len : 9, named ? value->name : "(Default)", path,
			below ? "\\" : "", (int)key->path_len, key->path);
	if (there && answer == ANSWER_YES)
		job->clashes++;
	if (answer == ANSWER_NO && !keep(job, key, value, &data))
		good = edit_failed(job->session, WH_E_MEMORY, "values of '%s'", path);
	free((void *)(uintptr_t)data.bytes);
	return good && answer != ANSWER_NOBODY;
}

/* One key of the source: count, and look for what is in the target, too. */
static enum wh_status
survey_key(struct job *job, const struct wh_walk_key *key, bool *allowed)
{
	struct wh_walk_value value;
	struct wh_key target;
	enum wh_status st = WH_E_NOT_FOUND;
	bool there;

	if (!*job->rest)
		st = wh_key_open(job->target.key, key->path, key->path_len, &target);
	if (st != WH_OK && st != WH_E_NOT_FOUND)
		return st;
	there = st == WH_OK;
	job->keys++;
	while ((st = wh_walk_next_value(job->session->cli->walk, &value)) == WH_OK) {
		job->values++;
		if (there && !look_at(job, key, &value, target)) {
			*allowed = false;
			return WH_E_NO_MORE;
		}
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

static bool
survey(struct job *job)
{
	struct cli *cli = job->session->cli;
	struct wh_walk_key key;
	bool allowed = true;
	enum wh_status st = cli_walk_begin(cli, job->source.key, job->source.path, job->source.len);

	while (st == WH_OK && (st = cli_walk_next(cli, &key)) == WH_OK) {
		st = survey_key(job, &key, &allowed);
		if (!job->edit->recurse)
			wh_walk_skip(cli->walk);
		if (!job->edit->recurse && st == WH_OK)
			st = WH_E_NO_MORE;
	}
	cli_walk_end(cli);
	if (st != WH_E_NO_MORE)
		return edit_failed(job->session, st, "key '%s'", edit_path(&job->source));
	job->values -= job->kept_count;
	return allowed;
}

/* The values of the source, but for those that are to stay as they are in the target. */
static enum wh_status
copy_values(struct job *job)
{
	enum { MAX_NAME = 3 * 16383 + 1 };
	static char name[MAX_NAME];
	struct wh_value value;
	struct data data;
	size_t len;
	bool there;
	enum wh_status st = WH_OK;

	for (uint32_t i = 0; st == WH_OK; i++) {
		st = wh_key_value_at(job->source.key, i, &value);
		if (st == WH_OK)
			st = wh_value_name(value, name, sizeof name, &len);
		if (st == WH_OK)
			st = edit_value(job->source.key, name, len, &data, &there);
		if (st != WH_OK)
			break;
		st = data.len < data.size ? WH_E_CORRUPT
					  : wh_value_set(job->target.key, name, len, data.type,
							 data.bytes, data.len);
		free((void *)(uintptr_t)data.bytes);
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* Values and subkeys one by one: the root key has no place that it could be copied to. */
static enum wh_status
copy_onto_root(struct job *job)
{
	enum { MAX_NAME = 2 * 65535 };
	static char name[MAX_NAME];
	struct wh_key subkey, copy;
	size_t len;
	enum wh_status st = copy_values(job);

	for (uint32_t i = 0; st == WH_OK; i++) {
		st = wh_key_subkey_at(job->source.key, i, &subkey);
		if (st == WH_OK)
			st = wh_key_name(subkey, name, sizeof name, &len);
		if (st == WH_OK)
			st = wh_key_copy(subkey, job->target.key, name, len, WH_COPY_MERGE, &copy);
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* Make the keys on the way, but not the last one if it comes as a copy. */
static bool
make_way(struct job *job, bool whole)
{
	static char class_name[3 * 32768];
	struct wh_create how = { 0 };
	char *end = strrchr(job->rest, '\\');
	enum wh_status st;

	if (end && whole) {
		*end = '\0';
		end = strrchr(job->rest, '\\');
		end = end ? end + 1 : job->rest;
		job->last = strdup(end);
		*end = '\0';
		if (!job->last)
			return edit_failed(job->session, WH_E_MEMORY, "key '%s'", job->edit->to);
	} else if (end) {
		st = wh_key_class(job->source.key, class_name, sizeof class_name, &how.class_len);
		if (st != WH_OK)
			return edit_failed(job->session, st, "class of '%s'",
					   edit_path(&job->source));
		how.class_name = how.class_len > 0 ? class_name : NULL;
	}
	return edit_make_keys(job->session, &job->target, job->rest, &how);
}

/* The key as a whole: its values, and with -s all below it. */
static enum wh_status
copy_key(struct job *job)
{
	unsigned flags = WH_COPY_MERGE | (job->edit->exact ? WH_COPY_EXACT : 0u) |
			 (job->edit->recurse ? 0u : WH_COPY_KEY);
	struct place *target = &job->target;
	struct wh_key parent, copy;
	const char *name;
	enum wh_status st;

	if (job->last) {
		st = wh_key_copy(job->source.key, target->key, job->last, WH_NTS, flags, &copy);
		return st == WH_OK ? cli_step(target, job->last, strlen(job->last)) : st;
	}
	if (cli_is_root(target))
		return copy_onto_root(job);
	name = strrchr(target->path, '\\');
	name = name ? name + 1 : target->path;
	st = wh_key_parent(target->key, &parent);
	if (st != WH_OK)
		return st;
	return wh_key_copy(job->source.key, parent, name,
			   target->len - (size_t)(name - target->path), flags, &copy);
}

static enum wh_status
put_back(struct job *job)
{
	struct wh_key key;
	enum wh_status st = WH_OK;

	for (size_t i = 0; i < job->kept_count && st == WH_OK; i++) {
		const struct kept *kept = &job->kept[i];

		st = wh_key_open(job->target.key, kept->path.bytes, kept->path.len, &key);
		if (st == WH_OK)
			st = wh_value_set(key, kept->name.bytes, kept->name.len, kept->data.type,
					  kept->data.bytes, kept->data.len);
	}
	return st;
}

static bool
copy(struct job *job)
{
	bool whole = job->edit->recurse || job->edit->exact;
	struct change *change;
	enum wh_status st;

	if (!survey(job) || !make_way(job, whole))
		return false;
	st = whole ? copy_key(job) : copy_values(job);
	if (st == WH_OK)
		st = put_back(job);
	if (st == WH_E_INVALID) {
		cli_error(job->session->cli, "the key '%s' cannot be copied below itself",
			  edit_path(&job->source));
		return false;
	}
	if (st != WH_OK)
		return edit_failed(job->session, st, "copy of '%s'", edit_path(&job->source));
	change = edit_change(job->session, CHANGE_COPIED, &job->source);
	if (!change)
		return false;
	change->keys = job->keys;
	change->values = job->values;
	change->replaced = job->clashes;
	return text_set(&change->to, job->target.path, job->target.len) ||
	       edit_failed(job->session, WH_E_MEMORY, "copy of '%s'", edit_path(&job->source));
}

/* Can it be copied at all? */
static bool
is_possible(const struct job *job)
{
	const struct cli *cli = job->session->cli;

	if (job->from == job->session->hive && !*job->rest &&
	    job->source.key.cell == job->target.key.cell) {
		cli_error(cli, "source and target are the same key '%s'", edit_path(&job->target));
		return false;
	}
	if (job->edit->exact && !*job->rest && cli_is_root(&job->target)) {
		cli_error(cli, "--exact cannot copy onto the root key");
		return false;
	}
	return true;
}

static bool
find_and_copy(struct session *session, const struct edit *edit, struct cli *from_cli,
	      struct wh_hive *from)
{
	struct job job = { .session = session, .edit = edit, .from = from };
	bool done;

	if (!cli_find_path(from_cli, from, edit->key, &job.source))
		return false;
	done = cli_find_or_plan(session->cli, session->hive, edit->to, &job.target, &job.rest);
	if (done) {
		done = is_possible(&job) && copy(&job);
		for (size_t i = 0; i < job.kept_count; i++) {
			free(job.kept[i].path.bytes);
			free(job.kept[i].name.bytes);
			free((void *)(uintptr_t)job.kept[i].data.bytes);
		}
		free(job.kept);
		free(job.last);
		free(job.rest);
		free(job.target.path);
	}
	free(job.source.path);
	return done;
}

/* From another hive, which is only read.  What is not in it because it is dirty is not copied. */
static bool
copy_from(struct session *session, const struct edit *edit)
{
	struct cli cli = {
		.command = session->cli->command,
		.line = session->cli->line,
		.root = edit->from_root,
	};
	struct wh_hive *from;
	bool done = false;

	cli.options[OPT_VERBOSE] = session->cli->options[OPT_VERBOSE];
	from = cli_open_file(&cli, edit->from, 0);
	if (!from)
		return false;
	if (wh_hive_state(from) == WH_DIRTY && !cli_has(session->cli, OPT_TAKE_DIRTY))
		cli_error(&cli, "it is dirty; --take-dirty copies what is there");
	else
		done = find_and_copy(session, edit, &cli, from);
	wh_hive_close(from);
	return done;
}

static bool
apply(struct session *session, const struct edit *edit)
{
	if (edit->from)
		return copy_from(session, edit);
	return find_and_copy(session, edit, session->cli, session->hive);
}

const struct verb verb_copy = { &cmd_copy, read_words, true, apply };

static int
run(struct cli *cli)
{
	return edit_command(cli, &verb_copy);
}

const struct command cmd_copy = {
	.name = "copy",
	.synopsis = "HIVE SRC DST [-s] [-f] [--from OTHERHIVE] [--exact]",
	.summary = "the values of a key, or all below it, to another key",
	.help = "What DST has already stays; a value of the same name is overwritten after a "
		"question on\n"
		"a terminal, elsewhere only with -f.  Keys get the class of those in SRC, the "
		"time of\n"
		"now, and the security that they inherit in the new place.\n"
		"\n"
		"  -s, /s            all keys below SRC, too\n"
		"  --from OTHERHIVE  SRC is in another hive, which is only read\n"
		"  --exact           times, flags and security as they are in SRC\n"
		"  -f, --force       overwrite without a question\n"
		"\n"
		"Examples:\n"
		"  winhive copy SYSTEM 'ControlSet001\\Services\\Foo' "
		"'ControlSet001\\Services\\Bar' -s\n"
		"  winhive copy SOFTWARE Vendor Vendor -s --from SOFTWARE.old --exact -f\n",
	.options = BIT(OPT_RECURSE) | BIT(OPT_FORCE) | BIT(OPT_FROM) | BIT(OPT_EXACT),
	.edits = true,
	.folder = FOLDER_KEY,
	.min_args = 3,
	.max_args = 3,
	.run = run,
};
