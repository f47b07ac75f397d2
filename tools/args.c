/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

static const struct {
	enum option option;
	const char *names[4]; /* the last ones as reg.exe spells them */
	bool has_argument;
} spellings[] = {
	{ OPT_HELP, { "-h", "--help", "/?" }, false },
	{ OPT_JSON, { "--json" }, false },
	{ OPT_NO_LOGS, { "--no-logs" }, false },
	{ OPT_LOG, { "--log" }, true },
	{ OPT_UTC, { "--utc" }, false },
	{ OPT_VERBOSE, { "--verbose" }, false },
	{ OPT_VALUE, { "-v", "--value", "/v" }, true },
	{ OPT_DEFAULT_VALUE, { "-ve", "/ve" }, false },
	{ OPT_RECURSE, { "-s", "-r", "--recursive", "/s" }, false },
	{ OPT_DEPTH, { "-d", "--depth" }, true },
	{ OPT_RAW, { "--raw" }, false },
	{ OPT_OUTPUT, { "-o", "--output" }, true },
	{ OPT_FORCE, { "-f", "--force" }, false },
};
enum { SPELLINGS = sizeof spellings / sizeof *spellings };

static const unsigned common = BIT(OPT_HELP) | BIT(OPT_JSON) | BIT(OPT_NO_LOGS) | BIT(OPT_LOG) |
			       BIT(OPT_UTC) | BIT(OPT_VERBOSE);

static bool
spelled(const char *arg, const char *name)
{
	/* The switches of reg.exe are known in any case of letters. */
	return name[0] == '/' ? strcasecmp(arg, name) == 0 : strcmp(arg, name) == 0;
}

/* The place in 'spellings' of an option the command takes, or -1; "--x=y" gives 'value'. */
static int
find_option(const struct command *command, const char *arg, const char **value)
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
		if (!((command->options | common) & BIT(spellings[i].option)))
			continue;
		for (size_t j = 0; j < 4 && spellings[i].names[j]; j++)
			if (spelled(arg, spellings[i].names[j]))
				return i;
	}
	return -1;
}

bool
cli_wrong_use(const struct command *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("winhive: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\nusage: winhive %s %s\n'winhive %s --help' says more\n", command->name,
		command->synopsis, command->name);
	va_end(args);
	return false;
}

static bool
take_option(struct cli *cli, int spelling, const char *value)
{
	enum option option = spellings[spelling].option;

	if (option == OPT_LOG) {
		if (cli->log_count == MAX_GIVEN_LOGS)
			return cli_wrong_use(cli->command, "too many logs");
		cli->logs[cli->log_count++] = value;
	}
	if (cli->options[option] && option != OPT_LOG)
		return cli_wrong_use(cli->command, "%s is given twice",
				     spellings[spelling].names[0]);
	cli->options[option] = value ? value : "";
	return true;
}

bool
cli_parse(struct cli *cli, const struct command *command, int argc, char **argv)
{
	bool options = true;
	const char *value;

	*cli = (struct cli){ .command = command };
	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i];
		int found = options ? find_option(command, arg, &value) : -1;

		if (options && strcmp(arg, "--") == 0) {
			options = false;
		} else if (found >= 0) {
			if (value && !spellings[found].has_argument)
				return cli_wrong_use(command, "%s takes no argument", arg);
			if (spellings[found].has_argument && !value) {
				if (i + 1 == argc)
					return cli_wrong_use(command, "%s needs an argument", arg);
				value = argv[++i];
			}
			if (!take_option(cli, found, value))
				return false;
		} else if (options && arg[0] == '-' && arg[1] != '\0') {
			return cli_wrong_use(command, "unknown option %s", arg);
		} else if (cli->arg_count == command->max_args) {
			return cli_wrong_use(command, "one argument too many: %s", arg);
		} else {
			cli->args[cli->arg_count++] = arg;
		}
	}
	if (!cli_has(cli, OPT_HELP) && cli->arg_count < command->min_args)
		return cli_wrong_use(command, "an argument is missing");
	if (cli_has(cli, OPT_VALUE) && cli_has(cli, OPT_DEFAULT_VALUE))
		return cli_wrong_use(command, "-v and -ve exclude each other");
	if (cli_has(cli, OPT_NO_LOGS) && cli->log_count > 0)
		return cli_wrong_use(command, "--log and --no-logs exclude each other");
	if (cli_has(cli, OPT_RAW) && cli_has(cli, OPT_JSON))
		return cli_wrong_use(command, "--raw and --json exclude each other");
	return true;
}
