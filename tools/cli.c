/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* Of each command at most so many issues are printed, unless --verbose asks for all. */
enum { MAX_REPORTED = 100 };

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

static bool
wrong_use(const struct command *command, const char *format, ...)
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
			return wrong_use(cli->command, "too many logs");
		cli->logs[cli->log_count++] = value;
	}
	if (cli->options[option] && option != OPT_LOG)
		return wrong_use(cli->command, "%s is given twice", spellings[spelling].names[0]);
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
				return wrong_use(command, "%s takes no argument", arg);
			if (spellings[found].has_argument && !value) {
				if (i + 1 == argc)
					return wrong_use(command, "%s needs an argument", arg);
				value = argv[++i];
			}
			if (!take_option(cli, found, value))
				return false;
		} else if (options && arg[0] == '-' && arg[1] != '\0') {
			return wrong_use(command, "unknown option %s", arg);
		} else if (cli->arg_count == command->max_args) {
			return wrong_use(command, "one argument too many: %s", arg);
		} else {
			cli->args[cli->arg_count++] = arg;
		}
	}
	if (!cli_has(cli, OPT_HELP) && cli->arg_count < command->min_args)
		return wrong_use(command, "an argument is missing");
	if (cli_has(cli, OPT_VALUE) && cli_has(cli, OPT_DEFAULT_VALUE))
		return wrong_use(command, "-v and -ve exclude each other");
	if (cli_has(cli, OPT_NO_LOGS) && cli->log_count > 0)
		return wrong_use(command, "--log and --no-logs exclude each other");
	return true;
}

void
cli_error(const struct cli *cli, const char *format, ...)
{
	va_list args;

	fputs("winhive: ", stderr);
	if (cli->file)
		fprintf(stderr, "%s: ", cli->file);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* Text for a terminal, without what could take hold of it. */
static void
print_shown(FILE *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		fputc(c < 0x20 || c == 0x7f ? '?' : c, to);
	}
}

static void
print_issue(void *ctx, const struct wh_issue *issue)
{
	struct cli *cli = ctx;

	cli->incomplete |= issue->incomplete;
	if (issue->grade == WH_NOTE && !issue->incomplete && !cli_has(cli, OPT_VERBOSE))
		return;
	if (cli->reported == MAX_REPORTED && !cli_has(cli, OPT_VERBOSE)) {
		cli->held_back++;
		return;
	}
	cli->reported++;
	fprintf(stderr, "winhive: %s: ", cli->file);
	if (issue->log < 0)
		fprintf(stderr, "0x%" PRIx64 ": ", issue->offset);
	print_shown(stderr, issue->text, strlen(issue->text));
	if (cli->walk && cli->path_len > 0) {
		fputs("; at or below ", stderr);
		print_shown(stderr, cli->path, cli->path_len);
	}
	fprintf(stderr, " [%s %s]\n", issue->id, issue->rule);
}

struct wh_hive *
cli_open_file(struct cli *cli, const char *file, unsigned flags)
{
	struct wh_options options = {
		.flags = flags,
		.logs = cli->logs,
		.log_count = cli->log_count,
		.issue = print_issue,
		.issue_ctx = cli,
	};
	struct wh_hive *hive;
	enum wh_status st;

	cli->file = file;
	if (cli_has(cli, OPT_NO_LOGS))
		options.flags |= WH_OPEN_NO_LOGS;
	st = wh_hive_open(file, &options, &hive);
	if (st != WH_OK) {
		cli_error(cli, "%s", wh_status_text(st));
		return NULL;
	}
	return hive;
}

struct wh_hive *
cli_open(struct cli *cli)
{
	return cli_open_file(cli, cli->args[0], 0);
}

/* Why a path leads nowhere: the first part of it that is missing, and what may be meant. */
static void
explain_missing(const struct cli *cli, struct wh_hive *hive, const char *path)
{
	struct wh_key key;
	size_t len = strlen(path), good = 0;

	for (size_t i = 0; i < len; i++)
		if (path[i] == '\\' && wh_key_open(wh_hive_root(hive), path, i, &key) == WH_OK)
			good = i;
	if (good > 0)
		cli_error(cli, "there is no key '%s' below '%.*s'", path + good + 1, (int)good,
			  path);
	else
		cli_error(cli, "there is no key '%s'", path);
	if (strncasecmp(path, "CurrentControlSet", 17) == 0)
		fputs("CurrentControlSet exists only in a running Windows: the value Current of "
		      "the "
		      "key Select\nis the number of the ControlSet that it stands for.\n",
		      stderr);
	else if (strncasecmp(path, "HKEY_", 5) == 0 || strncasecmp(path, "HKLM", 4) == 0 ||
		 strncasecmp(path, "HKCU", 4) == 0)
		fputs("A path in a hive starts below its root key: no HKEY_LOCAL_MACHINE, no "
		      "SYSTEM.\n",
		      stderr);
}

bool
cli_find_key(struct cli *cli, struct wh_hive *hive, int index, struct wh_key *key)
{
	const char *path = index < cli->arg_count ? cli->args[index] : "";
	enum wh_status st;
	char *turned;

	*key = wh_hive_root(hive);
	if (path[0] == '\\' || (path[0] == '/' && path[1] == '\0'))
		path++; /* the root, as people write it */
	st = wh_key_open(*key, path, WH_NTS, key);
	if (st == WH_E_NOT_FOUND && strchr(path, '/') && !strchr(path, '\\')) {
		/* No key has such a name: the slashes are meant to separate. */
		turned = strdup(path[0] == '/' ? path + 1 : path);
		for (char *c = turned; c && *c; c++)
			if (*c == '/')
				*c = '\\';
		if (turned)
			st = wh_key_open(wh_hive_root(hive), turned, WH_NTS, key);
		free(turned);
	}
	if (st == WH_E_NOT_FOUND)
		explain_missing(cli, hive, path);
	else if (st != WH_OK)
		cli_error(cli, "key '%s': %s", path, wh_status_text(st));
	return st == WH_OK;
}

int
cli_result(const struct cli *cli)
{
	if (cli->held_back > 0)
		fprintf(stderr, "winhive: %s: %u more; --verbose shows all of them\n", cli->file,
			cli->held_back);
	return cli->incomplete ? EXIT_PARTS : EXIT_WHOLE;
}

char *
cli_key_path(struct wh_key key, size_t *len)
{
	struct wh_key root = wh_hive_root(key.hive);
	char name[3 * 65535], *path = calloc(1, 1), *longer;
	size_t n;

	*len = 0;
	for (int depth = 0; path && key.cell != root.cell && depth <= 512; depth++) {
		if (wh_key_name(key, name, sizeof name, &n) != WH_OK)
			break;
		longer = malloc(n + 1 + *len + 1);
		if (!longer) {
			free(path);
			return NULL;
		}
		memcpy(longer, name, n);
		longer[n] = '\\';
		memcpy(longer + n + 1, path, *len);
		*len += n + (*len > 0);
		longer[*len] = '\0';
		free(path);
		path = longer;
		if (wh_key_parent(key, &key) != WH_OK)
			break;
	}
	return path;
}

/* ------------------------------------------------------------------- walks */

/* The bar that appears when somebody at a terminal has waited for a second. */
static struct {
	struct timespec began;
	uint64_t total, done;
	unsigned calls;
	bool wanted, drawn;
} progress;

static double
seconds_since(struct timespec then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then.tv_sec) + (double)(now.tv_nsec - then.tv_nsec) / 1e9;
}

static void
progress_begin(struct wh_hive *hive)
{
	struct wh_hive_stats stats;

	wh_hive_stats(hive, &stats);
	memset(&progress, 0, sizeof progress);
	progress.total = stats.used_bytes ? stats.used_bytes : 1;
	progress.wanted = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	if (progress.wanted)
		clock_gettime(CLOCK_MONOTONIC, &progress.began);
}

static void
progress_step(const struct wh_walk_key *key)
{
	enum { WIDTH = 40, STEPS = 1024 };
	unsigned cells;

	if (!progress.wanted)
		return;
	/* What hangs on a key: its cell and, on average, its lists, values and data. */
	progress.done += 112u + 80u * (uint64_t)key->value_count;
	if (++progress.calls % STEPS != 0 || seconds_since(progress.began) < 1.0)
		return;
	if (progress.done > progress.total)
		progress.done = progress.total;
	cells = (unsigned)(progress.done * WIDTH / progress.total);
	fputs("\r[", stderr);
	for (unsigned i = 0; i < WIDTH; i++)
		fputc(i < cells ? '#' : ' ', stderr);
	fprintf(stderr, "] %3u %%", (unsigned)(progress.done * 100 / progress.total));
	progress.drawn = true;
}

enum wh_status
cli_walk_begin(struct cli *cli, struct wh_key top)
{
	progress_begin(top.hive);
	return wh_walk_new(top, &cli->walk);
}

enum wh_status
cli_walk_next(struct cli *cli, struct wh_walk_key *key)
{
	enum wh_status st = wh_walk_next(cli->walk, key);

	if (st == WH_OK) {
		cli->path = key->path;
		cli->path_len = key->path_len;
		progress_step(key);
	}
	return st;
}

void
cli_walk_end(struct cli *cli)
{
	wh_walk_free(cli->walk);
	cli->walk = NULL;
	if (progress.drawn)
		fputs("\r\033[K", stderr);
}

const char *
cli_time(const struct cli *cli, uint64_t filetime, char buf[WH_TIME_TEXT])
{
	size_t len;

	if (filetime == 0)
		return "not set";
	len = wh_time_text(filetime, buf);
	if (!cli_has(cli, OPT_UTC)) {
		/* "2021-08-09T02:13:30.9925940Z" to "2021-08-09 02:13:30 UTC" */
		*strchr(buf, 'T') = ' ';
		memcpy(buf + len - 9, " UTC", 5);
	}
	return buf;
}
