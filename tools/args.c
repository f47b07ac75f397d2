/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include "out.h"
#include "windows.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

/* Some options mean different things to different commands: -s and -d. */
static const struct {
	enum option option;
	const char *names[4];                         /* the last ones as reg.exe spells them */
	enum { SWITCH, ARGUMENT, MAY_HAVE } argument; /* MAY_HAVE: after an equals sign */
} spellings[] = {
	{ OPT_HELP, { "-h", "--help", "/?" }, SWITCH },
	{ OPT_JSON, { "--json" }, SWITCH },
	{ OPT_NO_LOGS, { "--no-logs" }, SWITCH },
	{ OPT_LOG, { "--log" }, ARGUMENT },
	{ OPT_UTC, { "--utc" }, SWITCH },
	{ OPT_VERBOSE, { "--verbose" }, SWITCH },
	{ OPT_VALUE, { "-v", "--value", "/v" }, ARGUMENT },
	{ OPT_DEFAULT_VALUE, { "-ve", "/ve" }, SWITCH },
	{ OPT_RECURSE, { "-s", "-r", "--recursive", "/s" }, SWITCH },
	{ OPT_DEPTH, { "-d", "--depth" }, ARGUMENT },
	{ OPT_RAW, { "--raw" }, SWITCH },
	{ OPT_OUTPUT, { "-o", "--output" }, ARGUMENT },
	{ OPT_FORCE, { "-f", "--force", "/f" }, SWITCH },
	{ OPT_ALL_VALUES, { "-va", "/va" }, SWITCH },
	{ OPT_TYPE, { "-t", "--type", "/t" }, ARGUMENT },
	{ OPT_DATA, { "-d", "--data", "/d" }, ARGUMENT },
	{ OPT_DATA_FILE, { "--data-file" }, ARGUMENT },
	{ OPT_SEPARATOR, { "-s", "--separator", "/s" }, ARGUMENT },
	{ OPT_KEY_ONLY, { "-k", "--key-only" }, SWITCH },
	{ OPT_CLASS, { "--class" }, ARGUMENT },
	{ OPT_FROM, { "--from" }, ARGUMENT },
	{ OPT_EXACT, { "--exact" }, SWITCH },
	{ OPT_MINOR, { "--minor" }, ARGUMENT },
	{ OPT_ROOT_NAME, { "--root-name" }, ARGUMENT },
	{ OPT_INPUT, { "-i", "--input" }, ARGUMENT },
	{ OPT_DRY_RUN, { "--dry-run" }, SWITCH },
	{ OPT_BACKUP, { "--backup" }, MAY_HAVE },
	{ OPT_LOG_FORMAT, { "--log-format" }, ARGUMENT },
	{ OPT_TAKE_DIRTY, { "--take-dirty" }, SWITCH },
	{ OPT_TAKE_DAMAGED, { "--take-damaged" }, SWITCH },
	{ OPT_QUIET, { "-q", "--quiet" }, SWITCH },
	{ OPT_LOST_AND_FOUND, { "--lost-and-found" }, SWITCH },
	{ OPT_DROPPED, { "--dropped" }, ARGUMENT },
	{ OPT_IN_PLACE, { "--in-place" }, SWITCH },
	{ OPT_USER, { "--user" }, ARGUMENT },
	{ OPT_COUNT_OF, { "--count" }, ARGUMENT },
	{ OPT_TIMEOUT, { "--timeout" }, ARGUMENT },
	{ OPT_TAKE_HIBERNATED, { "--take-hibernated" }, SWITCH },
	{ OPT_VIEW_32, { "--view-32", "/reg:32" }, SWITCH },
	{ OPT_VIEW_64, { "--view-64", "/reg:64" }, SWITCH },
};
enum { SPELLINGS = sizeof spellings / sizeof *spellings };

static const uint64_t common = BIT(OPT_HELP) | BIT(OPT_JSON) | BIT(OPT_NO_LOGS) | BIT(OPT_LOG) |
			       BIT(OPT_UTC) | BIT(OPT_VERBOSE) | BIT(OPT_USER) | BIT(OPT_VIEW_32) |
			       BIT(OPT_VIEW_64);
static const uint64_t of_edits = BIT(OPT_DRY_RUN) | BIT(OPT_BACKUP) | BIT(OPT_LOG_FORMAT) |
				 BIT(OPT_TAKE_DIRTY) | BIT(OPT_TAKE_DAMAGED) |
				 BIT(OPT_TAKE_HIBERNATED);

/* Options that exclude each other. */
static const struct {
	enum option one, other;
	const char *text;
} pairs[] = {
	{ OPT_VALUE, OPT_DEFAULT_VALUE, "-v and -ve" },
	{ OPT_VALUE, OPT_ALL_VALUES, "-v and -va" },
	{ OPT_DEFAULT_VALUE, OPT_ALL_VALUES, "-ve and -va" },
	{ OPT_DATA, OPT_DATA_FILE, "-d and --data-file" },
	{ OPT_SEPARATOR, OPT_DATA_FILE, "-s and --data-file" },
	{ OPT_KEY_ONLY, OPT_VALUE, "-k and -v" },
	{ OPT_KEY_ONLY, OPT_DEFAULT_VALUE, "-k and -ve" },
	{ OPT_KEY_ONLY, OPT_TYPE, "-k and -t" },
	{ OPT_KEY_ONLY, OPT_DATA, "-k and -d" },
	{ OPT_KEY_ONLY, OPT_DATA_FILE, "-k and --data-file" },
	{ OPT_KEY_ONLY, OPT_SEPARATOR, "-k and -s" },
	{ OPT_DRY_RUN, OPT_BACKUP, "--dry-run and --backup" },
	{ OPT_OUTPUT, OPT_IN_PLACE, "-o and --in-place" },
	{ OPT_FORCE, OPT_IN_PLACE, "-f and --in-place" },
	{ OPT_NO_LOGS, OPT_IN_PLACE, "--no-logs and --in-place" },
	{ OPT_NO_LOGS, OPT_LOG, "--log and --no-logs" },
	{ OPT_RAW, OPT_JSON, "--raw and --json" },
	{ OPT_VIEW_32, OPT_VIEW_64, "--view-32 and --view-64" },
	{ OPT_QUIET, OPT_VERBOSE, "-q and --verbose" },
};

static bool
spelled(const char *arg, const char *name)
{
	/* The switches of reg.exe are known in any case of letters. */
	return name[0] == '/' ? strcasecmp(arg, name) == 0 : strcmp(arg, name) == 0;
}

/* The options that may be given here: a line of a script has only those of its command. */
static uint64_t
allowed(const struct cli *cli)
{
	if (cli->line > 0)
		return cli->command->options;
	return cli->command->options | common | (cli->command->edits ? of_edits : 0);
}

/* The place in 'spellings' of an option the command takes, or -1; "--x=y" gives 'value'. */
static int
find_option(const struct cli *cli, const char *arg, const char **value)
{
	const char *equals = strncmp(arg, "--", 2) == 0 ? strchr(arg, '=') : NULL;
	char name[32];

	*value = NULL;
	if (equals && (size_t)(equals - arg) < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)(equals - arg), arg);
		arg = name;
		*value = equals + 1;
	}
	for (int i = 0; i < SPELLINGS; i++) {
		if (!(allowed(cli) & BIT(spellings[i].option)))
			continue;
		for (size_t j = 0; j < 4 && spellings[i].names[j]; j++)
			if (spelled(arg, spellings[i].names[j]))
				return i;
	}
	return -1;
}

bool
cli_wrong_use(const struct cli *cli, const char *format, ...)
{
	const struct command *command = cli->command;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (cli->line > 0) {
		cli_error(cli, "%s: %s", command->name, text);
		return false;
	}
	fputs("winhive: ", stderr);
	err_shown(text, strlen(text));
	fprintf(stderr, "\nusage: winhive %s %s\n'winhive %s --help' says more\n", command->name,
		command->synopsis, command->name);
	return false;
}

static bool
take_option(struct cli *cli, int spelling, const char *value)
{
	enum option option = spellings[spelling].option;

	if (option == OPT_LOG) {
		if (cli->log_count == MAX_GIVEN_LOGS)
			return cli_wrong_use(cli, "too many logs");
		cli->logs[cli->log_count++] = value;
	}
	if (cli->options[option] && option != OPT_LOG)
		return cli_wrong_use(cli, "%s is given twice", spellings[spelling].names[0]);
	cli->options[option] = value ? value : "";
	return true;
}

/* The option at argv[*i], and its argument, which may be the next one. */
static bool
parse_option(struct cli *cli, int spelling, const char *value, int *i, int argc, char **argv)
{
	if (value && spellings[spelling].argument == SWITCH)
		return cli_wrong_use(cli, "%s takes no argument", argv[*i]);
	if (!value && spellings[spelling].argument == ARGUMENT) {
		if (*i + 1 == argc)
			return cli_wrong_use(cli, "%s needs an argument", argv[*i]);
		value = argv[++*i];
	}
	return take_option(cli, spelling, value);
}

/* Are the options and arguments, each one right, right together? */
static bool
fit_together(const struct cli *cli)
{
	if (!cli_has(cli, OPT_HELP) && cli->arg_count < cli->command->min_args)
		return cli_wrong_use(cli, "an argument is missing");
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (cli_has(cli, pairs[i].one) && cli_has(cli, pairs[i].other))
			return cli_wrong_use(cli, "%s exclude each other", pairs[i].text);
	return true;
}

/* The key of a hive comes behind the folder of a Windows, where a hive file would do. */
static int
most_arguments(const struct cli *cli)
{
	bool folder = cli->command->folder == FOLDER_HIVE && cli->arg_count > 0 &&
		      cli_is_folder(cli->args[0]);

	return cli->command->max_args + folder;
}

static bool
parse(struct cli *cli, int argc, char **argv)
{
	bool options = true;
	const char *value;

	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i];
		int found = options ? find_option(cli, arg, &value) : -1;

		if (options && strcmp(arg, "--") == 0) {
			options = false;
		} else if (found >= 0) {
			if (!parse_option(cli, found, value, &i, argc, argv))
				return false;
		} else if (options && arg[0] == '-' && arg[1] != '\0') {
			return cli_wrong_use(cli, "unknown option %s", arg);
		} else if (cli->arg_count == most_arguments(cli)) {
			return cli_wrong_use(cli, "one argument too many: %s", arg);
		} else {
			cli->args[cli->arg_count++] = arg;
		}
	}
	return fit_together(cli);
}

bool
cli_parse(struct cli *cli, const struct command *command, int argc, char **argv)
{
	*cli = (struct cli){ .command = command };
	return parse(cli, argc, argv);
}

bool
cli_parse_line(struct cli *cli, const struct command *command, const struct cli *script,
	       unsigned line, int argc, char **argv)
{
	*cli = (struct cli){ .command = command, .line = line, .file = script->file };
	cli->args[cli->arg_count++] = script->args[0];
	return parse(cli, argc, argv);
}
