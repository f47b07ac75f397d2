/* SPDX-License-Identifier: MIT */
/*
 * What the commands that change a hive share.  Each is a verb: it makes a struct edit of its
 * command line, or of a line of a script, and applies that to an open hive.  A session opens the
 * hive, asks, remembers what was changed, commits once, and prints when that is done.
 */
#ifndef TOOLS_EDIT_H
#define TOOLS_EDIT_H

#include "cli.h"
#include "data.h"

/* Data to be set, from the command line or a file. */
struct edit_data {
	uint32_t type;
	enum edit_form {
		FORM_BYTES,
		FORM_TEXT,   /* UTF-8, to be UTF-16 with its NUL */
		FORM_STRINGS /* the same, each with its NUL */
	} form;
	uint8_t *bytes; /* free() */
	size_t len;
};

struct edit {
	const struct verb *verb;
	unsigned line;        /* of a script; 0: the command line */
	const char *key, *to; /* paths, or 'to' a new name */
	const char *value;    /* name, "" for the default value; NULL: none was named */
	const char *class_name, *from;
	const char *from_root; /* full name of the root of 'from', in a Windows; NULL: "" */
	bool force;
	bool all_values, key_only, recurse, exact;
	struct edit_data data;
};

struct session;

struct verb {
	const struct command *command;
	/* EXIT_WHOLE, or said why not: what is wrong with the words, or their file. */
	int (*read)(const struct cli *cli, struct edit *edit);
	bool to_is_key;
	/* In memory.  False: said why. */
	bool (*apply)(struct session *session, const struct edit *edit);
};

extern const struct verb verb_add, verb_copy, verb_delete, verb_move, verb_rename;

/* edit_data.c */

/*
 * The data that -t, -d, -s and --data-file describe, by the rules of reg.exe.  EXIT_WHOLE, or
 * said why not.
 */
int edit_read_data(const struct cli *cli, struct edit_data *data);

/* All of a file, or of standard input if it is "-", and a NUL behind it; NULL: said why. */
uint8_t *edit_read_file(const struct cli *cli, const char *file, size_t *len);

/* edit_report.c: what was changed. */

enum change_kind {
	CHANGE_CREATED_KEY,
	CHANGE_SET_VALUE,
	CHANGE_DELETED_VALUE,
	CHANGE_DELETED_KEY,
	CHANGE_RENAMED_KEY,
	CHANGE_RENAMED_VALUE,
	CHANGE_MOVED_KEY,
	CHANGE_COPIED
};

struct text {
	char *bytes; /* NULL: none */
	size_t len;
};

/* What 'kind' does not need is zero. */
struct change {
	enum change_kind kind;
	unsigned line;
	struct text path; /* of the key */
	struct text name; /* of the value */
	struct text to;   /* the new name, or the path that was moved or copied to */
	bool had;         /* there was a value: 'was' */
	struct data was, now;
	uint64_t keys, values, replaced; /* below a key, or copied */
};

/* Everything is copied.  False without memory. */
bool text_set(struct text *text, const char *bytes, size_t len);

void change_free(struct change *change);
void change_show(const struct change *change);
void change_json(const struct change *change);

/*
 * edit_windows.c: if the first argument is the folder of a Windows, put the hive file in its place
 * that the keys of the edits are in, and their paths there into the edits.  False: said why.
 * '*places' holds what they point to, two for each edit, for edit_free_places().
 */
struct located;
bool edit_locate(struct cli *cli, struct edit *edits, size_t count, struct located **places);
void edit_free_places(struct located *places, size_t count);

/* edit.c: the session. */

struct session {
	struct cli *cli;
	struct wh_hive *hive;
	const struct edit *edit; /* being applied */
	bool interactive;        /* somebody can be asked */
	bool all;                /* who answered "all" */
	struct change *changes;
	size_t count, cap;
};

/*
 * The time of all changes, if SOURCE_DATE_EPOCH has one: builders of images want the same bytes
 * each time.  False: said why not.
 */
bool edit_read_date(struct cli *cli);

/* One edit from the command line, from start to end: what a command runs. */
int edit_command(struct cli *cli, const struct verb *verb);

/*
 * Edits that have been read, in one commit.  In the folder of a Windows all are of one hive, whose
 * paths they have afterwards.
 */
int edit_run(struct cli *cli, struct edit *edits, size_t count, bool interactive);

/* Remember a change.  The caller fills it in.  NULL without memory: said so. */
struct change *edit_change(struct session *session, enum change_kind kind,
			   const struct place *place);

/*
 * Shall it be done, "overwrite it", although something is so?  -f is a yes.  ANSWER_NOBODY:
 * nobody can be asked, which has been said.  With 'many' the answer can be for all that follow.
 */
enum answer { ANSWER_NO, ANSWER_YES, ANSWER_NOBODY };
enum answer edit_ask(struct session *session, bool many, const char *to_do, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Say why a change failed: "what: why".  Returns false. */
bool edit_failed(const struct session *session, enum wh_status st, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Its path, for messages: "\" for the root. */
const char *edit_path(const struct place *place);

/*
 * A copy of the data of a value, as far as they can be read, for free().  '*there' is false if
 * there is no such value, which is no error.
 */
enum wh_status edit_value(struct wh_key key, const char *name, size_t len, struct data *data,
			  bool *there);

/* Make the keys that cli_find_or_plan() left, as 'how' says for the last, and go there. */
bool edit_make_keys(struct session *session, struct place *place, const char *rest,
		    const struct wh_create *how);

#endif
