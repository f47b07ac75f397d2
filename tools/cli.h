/* SPDX-License-Identifier: MIT */
/* What the commands of the program share: arguments, opening, reporting. */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include "winhive.h"

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
	OPT_COUNT
};
#define BIT(option) (1u << (option))

struct cli;

struct command {
	const char *name;
	const char *synopsis; /* after the name */
	const char *summary;  /* one line */
	const char *help;     /* options of its own, then examples */
	unsigned options;     /* BIT()s, besides the common ones */
	int min_args, max_args;
	int (*run)(struct cli *cli);
};

extern const struct command cmd_get, cmd_info, cmd_list, cmd_query, cmd_replay, cmd_stat, cmd_tree;

enum { MAX_ARGS = 4, MAX_GIVEN_LOGS = 8 };

struct cli {
	const struct command *command;
	const char *args[MAX_ARGS];
	int arg_count;
	const char *options[OPT_COUNT]; /* the argument, or "" for a switch; NULL: not given */
	const char *logs[MAX_GIVEN_LOGS];
	size_t log_count;

	const char *file;     /* that issues are about */
	struct wh_walk *walk; /* that issues come from, or NULL */
	const char *path;     /* of the key in hand of that walk */
	size_t path_len;
	bool incomplete; /* an issue said that something could not be read */
	unsigned reported, held_back;
};

/* Fill '*cli' from the arguments after the name of the command.  False: said why, exit 2. */
bool cli_parse(struct cli *cli, const struct command *command, int argc, char **argv);

static inline bool
cli_has(const struct cli *cli, enum option option)
{
	return cli->options[option] != NULL;
}

/* An error: "winhive: FILE: text". */
void cli_error(const struct cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Open the hive in args[0] as the options say.  NULL: said why. */
struct wh_hive *cli_open(struct cli *cli);
struct wh_hive *cli_open_file(struct cli *cli, const char *file, unsigned flags);

/* Find the key in args[index], or the root if there are not so many.  False: said why. */
bool cli_find_key(struct cli *cli, struct wh_hive *hive, int index, struct wh_key *key);

/* What to return when all is done: whole, or parts. */
int cli_result(const struct cli *cli);

/* The path of a key, from the root, as text that free() frees; NULL without memory. */
char *cli_key_path(struct wh_key key, size_t *len);

/* A walk that says which key its issues are about, and how far it is when somebody waits. */
enum wh_status cli_walk_begin(struct cli *cli, struct wh_key top);
enum wh_status cli_walk_next(struct cli *cli, struct wh_walk_key *key);
void cli_walk_end(struct cli *cli);

/* A time for people, to the second, or with --utc to 100 ns. */
const char *cli_time(const struct cli *cli, uint64_t filetime, char buf[WH_TIME_TEXT]);

#endif
