/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The longest name there is, in UTF-8: 65,535 bytes of Latin-1. */
enum { MAX_NAME = 2 * 65535 };

enum wh_status
cli_step(struct place *place, const char *name, size_t name_len)
{
	static char spelled[MAX_NAME];
	struct wh_key found;
	size_t len;
	char *longer;
	enum wh_status st = wh_key_subkey(place->key, name, name_len, &found);

	if (st == WH_OK)
		st = wh_key_name(found, spelled, sizeof spelled, &len);
	if (st != WH_OK)
		return st;
	longer = realloc(place->path, place->len + 1 + len + 1);
	if (!longer)
		return WH_E_MEMORY;
	place->path = longer;
	if (place->len > 0)
		place->path[place->len++] = '\\';
	memcpy(place->path + place->len, spelled, len);
	place->len += len;
	place->path[place->len] = '\0';
	place->key = found;
	return WH_OK;
}

bool
cli_is_root(const struct place *place)
{
	return place->key.cell == wh_hive_root(place->key.hive).cell;
}

/* Follow 'path', whose names are separated by 'separator', as far as it leads. */
static enum wh_status
follow(const struct cli *cli, struct wh_hive *hive, const char *path, char separator,
       struct place *place, const char **rest)
{
	enum wh_status st = WH_OK;
	size_t len;

	*rest = path;
	*place = (struct place){
		.key = wh_hive_root(hive),
		.path = strdup(cli->root ? cli->root : ""),
	};
	if (!place->path)
		return WH_E_MEMORY;
	place->len = strlen(place->path);
	for (; st == WH_OK; *rest += len) {
		while (**rest == separator)
			++*rest;
		if (**rest == '\0')
			break;
		len = strcspn(*rest, (char[]){ separator, '\0' });
		st = cli_step(place, *rest, len);
		if (st != WH_OK)
			break;
	}
	return st;
}

static bool
starts_with(const char *text, const char *start)
{
	return strncasecmp(text, start, strlen(start)) == 0;
}

static bool
of_running_windows(const char *path)
{
	return starts_with(path, "CurrentControlSet") || starts_with(path, "HKEY_") ||
	       starts_with(path, "HKLM") || starts_with(path, "HKCU") ||
	       starts_with(path, "HKU\\") || starts_with(path, "Computer\\");
}

/* What may have been meant by a path that leads nowhere. */
static void
hint(const char *path)
{
	if (!of_running_windows(path))
		return;
	if (starts_with(path, "CurrentControlSet"))
		fputs("CurrentControlSet exists only in a running Windows: the value Current of "
		      "the "
		      "key Select\nis the number of the ControlSet that it stands for.\n",
		      stderr);
	else
		fputs("A path in a hive starts below its root key: no HKEY_LOCAL_MACHINE, no "
		      "SYSTEM.\n",
		      stderr);
}

static void
explain(const struct cli *cli, enum wh_status st, const struct place *place, const char *rest,
	const char *path)
{
	const char *key = place->len > 0 ? place->path : "the root key";

	switch (st) {
	case WH_E_NOT_FOUND:
		if (place->len > 0)
			cli_error(cli, "there is no key '%s' below '%s'", rest, key);
		else
			cli_error(cli, "there is no key '%s'", rest);
		hint(path);
		break;
	case WH_E_CORRUPT:
		cli_error(cli,
			  "the key '%s' below '%s' was not found; it may be among those that "
			  "cannot be read",
			  rest, key);
		break;
	case WH_E_INVALID:
		cli_error(cli, "key '%s': the path is not UTF-8", path);
		break;
	default:
		cli_error(cli, "key '%s': %s", path, wh_status_text(st));
	}
}

/* Were slashes meant to separate?  Only where no key has such a name. */
static bool
may_be_slashes(const char *path, enum wh_status st)
{
	return (st == WH_E_NOT_FOUND || st == WH_E_CORRUPT) && strchr(path, '/') &&
	       !strchr(path, '\\');
}

bool
cli_find_path(struct cli *cli, struct wh_hive *hive, const char *path, struct place *place)
{
	const char *rest, *other_rest;
	struct place other;
	enum wh_status st = follow(cli, hive, path, '\\', place, &rest);

	if (may_be_slashes(path, st)) {
		if (follow(cli, hive, path, '/', &other, &other_rest) == WH_OK) {
			free(place->path);
			*place = other;
			return true;
		}
		free(other.path);
	}
	if (st == WH_OK)
		return true;
	explain(cli, st, place, rest, path);
	free(place->path);
	return false;
}

/* The names of 'rest', each with a backslash behind it; NULL without memory. */
static char *
plan(const char *rest, char separator)
{
	char *text = malloc(strlen(rest) + 2), *to = text;

	for (size_t len; text && *rest; rest += len) {
		rest += strspn(rest, (char[]){ separator, '\0' });
		len = strcspn(rest, (char[]){ separator, '\0' });
		if (len == 0)
			break;
		memcpy(to, rest, len);
		to += len;
		*to++ = '\\';
	}
	if (text)
		*to = '\0';
	return text;
}

/* Does a path begin with what only a running Windows has?  Nobody wants a key HKLM in a hive. */
static bool
of_other_world(const char *path)
{
	static const char *const names[] = { "HKLM", "HKCU", "HKU",
					     "HKCR", "HKCC", "CurrentControlSet" };
	size_t len = strcspn(path, "\\/");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (len == strlen(names[i]) && strncasecmp(path, names[i], len) == 0)
			return true;
	return starts_with(path, "HKEY_") || starts_with(path, "Computer\\HKEY_");
}

bool
cli_find_or_plan(struct cli *cli, struct wh_hive *hive, const char *path, struct place *place,
		 char **rest)
{
	const char *missing;
	char separator = '\\';
	enum wh_status st = follow(cli, hive, path, separator, place, &missing);

	if (may_be_slashes(path, st)) {
		free(place->path);
		separator = '/';
		st = follow(cli, hive, path, separator, place, &missing);
	}
	*rest = st == WH_OK || st == WH_E_NOT_FOUND ? plan(missing, separator) : NULL;
	if (*rest && (st == WH_OK || !cli_is_root(place) || !of_other_world(path)))
		return true;
	explain(cli, *rest || st != WH_OK ? st : WH_E_MEMORY, place, missing, path);
	if (*rest)
		cli_error(cli, "a leading backslash would make a key of that name all the same");
	free(*rest);
	free(place->path);
	return false;
}

bool
cli_find(struct cli *cli, struct wh_hive *hive, int index, struct place *place)
{
	return cli_find_path(cli, hive, index < cli->arg_count ? cli->args[index] : "", place);
}
static const char *
value_name(const struct cli *cli)
{
	return cli_has(cli, OPT_DEFAULT_VALUE) ? "" : cli->options[OPT_VALUE];
}

bool
cli_wants_value(const struct cli *cli)
{
	return value_name(cli) != NULL;
}

uint32_t
cli_wanted_value(const struct cli *cli, struct wh_key key)
{
	struct wh_value value;

	return wh_key_value(key, value_name(cli), WH_NTS, &value) == WH_OK ? value.cell
									   : WH_NO_CELL;
}

void
cli_no_value(const struct cli *cli, const struct place *place, const char *name)
{
	const char *path = place->len > 0 ? place->path : "\\";

	if (name[0])
		cli_error(cli, "the key '%s' has no value '%s'", path, name);
	else
		cli_error(cli, "the key '%s' has no default value", path);
}
