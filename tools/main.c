/* SPDX-License-Identifier: MIT */
/* winhive: registry hives on the command line. */
#include "cli.h"
#include "out.h"
#include "windows.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
	&cmd_info,   &cmd_query,  &cmd_tree,   &cmd_get,     &cmd_stat,  &cmd_list,   &cmd_check,
	&cmd_roots,  &cmd_repair, &cmd_replay, &cmd_compact, &cmd_add,   &cmd_delete, &cmd_copy,
	&cmd_rename, &cmd_move,   &cmd_create, &cmd_edit,    &cmd_watch,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const char common_help[] =
	"Options of all commands:\n"
	"  --no-logs      the file as it is, without replaying its transaction logs\n"
	"  --log FILE     a log to replay, in place of those beside the hive; up to 8 times\n"
	"  --json         JSON instead of text: one object, or one a line\n"
	"  --utc          times in ISO 8601 with all their digits (100 ns); they are UTC in any "
	"case\n"
	"  --verbose      say every departure from the format, also harmless ones\n"
	"  --user NAME    in the folder of a Windows: whose HKCU it is\n"
	"  --view-32, /reg:32  there: keys where programs of 32 bits find them\n"
	"  --view-64, /reg:64  the same of 64 bits, as without either\n"
	"  -h, --help     this help\n"
	"  --             what follows is no option\n";

static const char edit_help[] =
	"Options of all commands that change a hive:\n"
	"  --dry-run              say what would change, and write nothing\n"
	"  --backup[=FILE]        keep the hive as it was; without FILE: NAME.bak, NAME.bak1 ...\n"
	"  --log-format old|new   of the transaction log that is written on the way\n"
	"  --take-dirty           change a dirty hive without its logs, and give up what they "
	"hold\n"
	"  --take-damaged         change a hive that breaks rules, which may make it worse\n"
	"  --take-hibernated      change a Windows that is hibernated\n"
	"\n";

static void
help(void)
{
	out_text("winhive reads and changes Windows registry hives where there is no Windows.\n"
		 "usage: winhive COMMAND HIVE ...\n\n");
	for (int i = 0; i < COMMANDS; i++)
		out_format("  %-7s %s\n", commands[i]->name, commands[i]->summary);
	out_text("\n");
	out_text(common_help);
	out_text("\n"
		 "HIVE is a hive file, or the folder of a Windows: then KEY is a full name, such "
		 "as\n"
		 "HKLM\\SYSTEM\\CurrentControlSet\\Control, and 'winhive roots FOLDER' lists the "
		 "hives.\n"
		 "A dirty hive is shown with its logs (NAME.LOG, .LOG1, .LOG2 beside it) replayed "
		 "in\n"
		 "memory.  add, delete, copy, rename, move and edit change a hive through its\n"
		 "transaction log, and with --in-place repair and compact put a new one in its "
		 "place:\n"
		 "whatever happens, it opens as it was or as it is afterwards.  All others only "
		 "read it.\n"
		 "Keys are written with backslashes; forward slashes work where no key has such a "
		 "name.\n"
		 "Control characters are shown as pictures (\xe2\x90\x80).\n"
		 "Exit: 0 all shown or changed, 3 shown but parts could not be read, 1 nothing "
		 "could\n"
		 "be read or nothing was changed, 2 wrong use.  'winhive COMMAND --help' says "
		 "more.\n");
}

static void
help_command(const struct command *command)
{
	out_format("winhive %s %s\n", command->name, command->synopsis);
	out_format("%s.\n\n", command->summary);
	out_text(command->help);
	out_char('\n');
	if (command->edits)
		out_text(edit_help);
	out_text(common_help);
}

static int
run_command(const struct command *command, int argc, char **argv)
{
	struct cli cli;

	if (!cli_parse(&cli, command, argc, argv))
		return EXIT_WRONG_USE;
	if (!cli_has(&cli, OPT_HELP)) {
		int code = cli_windows(&cli);

		return code == EXIT_WHOLE ? command->run(&cli) : code;
	}
	help_command(command);
	return EXIT_WHOLE;
}

static const struct command *
find_command(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	return NULL;
}

static int
run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		fputs("usage: winhive COMMAND HIVE ...; 'winhive --help' says more\n", stderr);
		return EXIT_WRONG_USE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		if (argc > 2 && find_command(argv[2]))
			help_command(find_command(argv[2]));
		else
			help();
		return EXIT_WHOLE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		out_format("winhive %s\n", wh_version());
		return EXIT_WHOLE;
	}
	command = find_command(argv[1]);
	if (command)
		return run_command(command, argc - 2, argv + 2);
	fprintf(stderr, "winhive: there is no command '%s'; 'winhive --help' lists them\n",
		argv[1]);
	return EXIT_WRONG_USE;
}

int
main(int argc, char **argv)
{
	int code = run(argc, argv);

	if (!out_finish() && code == EXIT_WHOLE)
		return out_is_done() ? EXIT_PARTS : EXIT_UNREAD;
	return code;
}
