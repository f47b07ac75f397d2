/* SPDX-License-Identifier: MIT */
/* What the commands of the program share: arguments, opening, reporting. */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include "winhive-winreg.h"

#include <assert.h>
#include <stdio.h>

/* Exit codes; docs/man/winhive.1 promises them. */
enum {
	EXIT_WHOLE = 0,  /* all that was asked for */
	EXIT_UNREAD = 1, /* nothing: the hive, key or value cannot be read */
	EXIT_WRONG_USE = 2,
	EXIT_PARTS = 3 /* shown, but parts could not be read */
};

/* Options; each command says which it takes. */
enum option {
	OPT_HELP,
	OPT_JSON,
	OPT_NO_LOGS,
	OPT_LOG,
	OPT_UTC,
	OPT_VERBOSE,
	OPT_VALUE,
	OPT_DEFAULT_VALUE,
	OPT_RECURSE,
	OPT_DEPTH,
	OPT_RAW,
	OPT_OUTPUT,
	OPT_FORCE,
	OPT_ALL_VALUES,
	OPT_TYPE,
	OPT_DATA,
	OPT_DATA_FILE,
	OPT_SEPARATOR,
	OPT_KEY_ONLY,
	OPT_CLASS,
	OPT_FROM,
	OPT_EXACT,
	OPT_MINOR,
	OPT_ROOT_NAME,
	OPT_INPUT,
	OPT_DRY_RUN,
	OPT_BACKUP,
	OPT_LOG_FORMAT,
	OPT_TAKE_DIRTY,
	OPT_TAKE_DAMAGED,
	OPT_QUIET,
	OPT_USER,
	OPT_TAKE_HIBERNATED,
	OPT_VIEW_32,
	OPT_VIEW_64,
	OPT_COUNT_OF,
	OPT_TIMEOUT,
	OPT_LOST_AND_FOUND,
	OPT_DROPPED,
	OPT_IN_PLACE,
	OPT_COUNT
};
#define BIT(option) (UINT64_C(1) << (option))
static_assert(OPT_COUNT <= 64, "an option is a bit of a uint64_t");

struct cli;

struct command {
	const char *name;
	const char *synopsis; /* after the name */
	const char *summary;  /* one line */
	const char *help;     /* options of its own, then examples */
	uint64_t options;     /* BIT()s, besides the common ones */
	bool edits;           /* has the options of all edits, too */
	enum {
		FOLDER_NEVER, /* the first argument is no hive */
		FOLDER_OWN,   /* the command knows itself what a folder means */
		FOLDER_KEY,   /* or the folder of a Windows; the second is a key */
		FOLDER_HIVE   /* the same; the second, which is one more then, is that of a hive */
	} folder;
	int min_args, max_args;
	int (*run)(struct cli *cli);
};

extern const struct command cmd_add, cmd_check, cmd_compact, cmd_copy, cmd_create, cmd_delete,
	cmd_edit, cmd_get, cmd_info, cmd_list, cmd_move, cmd_query, cmd_rename, cmd_repair,
	cmd_replay, cmd_roots, cmd_stat, cmd_tree, cmd_watch;

enum { MAX_ARGS = 4, MAX_GIVEN_LOGS = 8 };

struct cli {
	const struct command *command;
	const char *args[MAX_ARGS];
	int arg_count;
	const char *options[OPT_COUNT]; /* the argument, or "" for a switch; NULL: not given */
	const char *logs[MAX_GIVEN_LOGS];
	size_t log_count;

	unsigned line; /* of a script of edits, that errors are about; 0: none */
	uint64_t time; /* FILETIME that changes are dated with; 0: the clock */

	struct wh_reg *reg;   /* of a query of a key that is in no one hive; else NULL */
	const char *root;     /* full name of the root key, in a Windows; NULL: it is "" */
	const char *file;     /* that issues are about */
	wh_issue_fn *issue;   /* where they go, with the cli; NULL: to standard error */
	struct wh_walk *walk; /* that issues come from, or NULL */
	const char *top;      /* path of the key where that walk began */
	size_t top_len;
	bool incomplete; /* an issue said that something could not be read */
	unsigned reported, held_back;
	struct {
		const char *rule;
		uint64_t offset;
	} last[8]; /* issues reported lately, so that none is said again at once */
	unsigned last_at;
};

/* args.c: the command line. */

/* Fill '*cli' from the arguments after the name of the command.  False: said why, exit 2. */
bool cli_parse(struct cli *cli, const struct command *command, int argc, char **argv);

/* The same from the words after the name of a command in a script; args[0] is that of 'script'. */
bool cli_parse_line(struct cli *cli, const struct command *command, const struct cli *script,
		    unsigned line, int argc, char **argv);

/* Say that the command was used wrongly, and how it is meant.  Returns false. */
bool cli_wrong_use(const struct cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline bool
cli_has(const struct cli *cli, enum option option)
{
	return cli->options[option] != NULL;
}

/* cli.c: opening a hive, and what is said on standard error. */

/* An error: "winhive: FILE: text", or of a script "winhive: FILE: line N: text". */
void cli_error(const struct cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Open the hive in args[0], or 'file', as the options say.  NULL: said why. */
struct wh_hive *cli_open(struct cli *cli);
struct wh_hive *cli_open_file(struct cli *cli, const char *file, unsigned flags);

/* What to return when all is done: whole, or parts. */
int cli_result(const struct cli *cli);

/* A time for people, to the second, or with --utc to 100 ns. */
const char *cli_time(const struct cli *cli, uint64_t filetime, char buf[WH_TIME_TEXT]);

/* save.c: writing another file. */

/*
 * Write 'hive' to 'to', with -f in the place of what is there, but not over what was read: the
 * file of 'found', which was opened with WH_OPEN_ALL_LOGS, and its logs.  WH_OK, or said why not.
 */
enum wh_status cli_save(struct cli *cli, const struct wh_hive *found, struct wh_hive *hive,
			const char *to);

/*
 * Is it said where 'what' shall be written, with -o or --in-place, and nothing that does not go
 * with that?  False: said why, exit 2.
 */
bool cli_target_fits(const struct cli *cli, const char *what);

/* Will the file itself be replaced: --in-place, and no dry run? */
bool cli_writes_in_place(const struct cli *cli);

/* A name for the backup that is not taken: NAME.bak, NAME.bak1 and so on.  NULL: said why. */
char *cli_backup_name(const struct cli *cli);

/* What became of a hive that was replaced. */
struct replaced {
	char *backup;    /* path, for free(); NULL: none was made */
	bool log_left;   /* one of its logs could not be emptied */
	bool unsure;     /* failed, but the new hive has the name */
	const char *why; /* failed: in short */
};

/*
 * Put 'hive' in the place of the file of 'found', with a backup if --backup asks for one.  WH_OK,
 * or said why not.
 */
enum wh_status cli_replace(struct cli *cli, struct wh_hive *found, const struct wh_hive *hive,
			   struct replaced *replaced);

/*
 * The start of a report: which file, and 'to' which one it was written, NULL: to none.  In JSON the
 * members hive and written of an object that is open; in text a line that is open.
 */
void cli_written_json(const struct cli *cli, const char *to);
void cli_written_text(const struct cli *cli, const char *to);

/* With --json the whole report of a hive that was not written; people are told by cli_error(). */
void cli_not_written_json(const struct cli *cli, const char *why);

/* In JSON the members backup and log_left, with a comma before them; in text a line, if any. */
void cli_replaced_json(const struct replaced *replaced);
void cli_replaced_text(const struct replaced *replaced);

/* place.c: from a path on the command line to a key. */

/* A key, and its path from the root as the hive spells it; in a Windows, its full name. */
struct place {
	struct wh_key key;
	char *path; /* free() */
	size_t len;
};

/* Find the key in args[index], or the root if there are not so many.  False: said why. */
bool cli_find(struct cli *cli, struct wh_hive *hive, int index, struct place *place);

/* The same of a path from elsewhere. */
bool cli_find_path(struct cli *cli, struct wh_hive *hive, const char *path, struct place *place);

/*
 * The key at 'path', or the deepest one on the way to it; '*rest' is what is left: names, each
 * with a backslash behind it, in memory for free().  A path that looks as if it came from a
 * running Windows is refused, unless it leads somewhere or starts with a backslash.
 */
bool cli_find_or_plan(struct cli *cli, struct wh_hive *hive, const char *path, struct place *place,
		      char **rest);

/* Is it the root key of its hive? */
bool cli_is_root(const struct place *place);

/* Go on to the subkey 'name', and add its name, as the hive spells it, to the path. */
enum wh_status cli_step(struct place *place, const char *name, size_t len);

/* Do the options ask for one value?  Its cell, or WH_NO_CELL if the key has no such value. */
bool cli_wants_value(const struct cli *cli);
uint32_t cli_wanted_value(const struct cli *cli, struct wh_key key);

/* Say that a key has no value of the name that was asked for. */
void cli_no_value(const struct cli *cli, const struct place *place, const char *name);

/*
 * walking.c: a walk that knows where its issues are, and shows how far it is when somebody
 * waits.  'path' is that of 'top'.
 */
enum wh_status cli_walk_begin(struct cli *cli, struct wh_key top, const char *path, size_t len);
enum wh_status cli_walk_next(struct cli *cli, struct wh_walk_key *key);
void cli_walk_end(struct cli *cli);

#endif
