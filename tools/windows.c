/* SPDX-License-Identifier: MIT */
/*
 * The folder of a Windows in the place of a hive file: a full key, "HKLM\SYSTEM\Select", is
 * looked up in its registry, and becomes the hive file that it is in and its path there.  The
 * command then works on that one file, as if it had been named: no other is opened for writing.
 */
#define _POSIX_C_SOURCE 200809L
#include "windows.h"

#include "out.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const struct {
	const char *name, *abbreviation;
	wh_hkey key;
} roots[] = {
	{ "HKEY_LOCAL_MACHINE", "HKLM", WH_HKEY_LOCAL_MACHINE },
	{ "HKEY_USERS", "HKU", WH_HKEY_USERS },
	{ "HKEY_CURRENT_USER", "HKCU", WH_HKEY_CURRENT_USER },
	{ "HKEY_CLASSES_ROOT", "HKCR", WH_HKEY_CLASSES_ROOT },
	{ "HKEY_CURRENT_CONFIG", "HKCC", WH_HKEY_CURRENT_CONFIG },
};
enum { ROOTS = sizeof roots / sizeof *roots };

bool
cli_is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

/* A copy with backslashes, if there are only slashes; NULL without memory. */
static char *
with_backslashes(const char *path)
{
	char *copy = strdup(path);

	if (copy && !strchr(copy, '\\'))
		for (char *c = copy; *c; c++)
			if (*c == '/')
				*c = '\\';
	return copy;
}

/* The root at the start of a path, and what comes behind it. */
static bool
split_root(const char *path, wh_hkey *root, const char **rest)
{
	size_t len = strcspn(path, "\\");

	if (is_word(path, len, "Computer") && path[len])
		path += len + 1;
	len = strcspn(path, "\\");
	for (int i = 0; i < ROOTS; i++)
		if (is_word(path, len, roots[i].name) ||
		    is_word(path, len, roots[i].abbreviation)) {
			*root = roots[i].key;
			*rest = path + len + strspn(path + len, "\\");
			return true;
		}
	return false;
}

/* "HKLM\SYSTEM" as "HKEY_LOCAL_MACHINE\SYSTEM", in memory for free(). */
static char *
full_place(const char *place)
{
	size_t len = strcspn(place, "\\"), size;
	const char *name = NULL;
	char *full;

	for (int i = 0; i < ROOTS; i++)
		if (is_word(place, len, roots[i].abbreviation))
			name = roots[i].name;
	if (!name)
		return strdup(place);
	size = strlen(name) + strlen(place + len) + 1;
	full = malloc(size);
	if (full)
		snprintf(full, size, "%s%s", name, place + len);
	return full;
}

/* ----------------------------------------------------------------- the folder */

/* What is to be said of hives that are not there: of all, or of those a key may be in. */
static void
say_problems(const struct cli *cli, struct wh_reg *reg, const char *key)
{
	struct wh_reg_mount mount;
	char *place;

	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++) {
		if (!mount.problem || (key && mount.status == WH_OK))
			continue;
		place = full_place(mount.place);
		if (place && key && strncasecmp(key, place, strlen(place)) != 0 &&
		    strncasecmp(key, mount.place, strlen(mount.place)) != 0) {
			free(place);
			continue;
		}
		cli_error(cli, "%s: %s", mount.place, mount.problem);
		free(place);
	}
}

struct wh_reg *
cli_connect(struct cli *cli, const char *folder, bool write)
{
	struct wh_windows how = { .user = cli->options[OPT_USER] };
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_NONE };
	struct wh_reg *reg;
	bool hibernated = false;
	enum wh_status st = wh_reg_new(&options, &reg);

	cli->file = folder;
	if (st == WH_OK && cli_has(cli, OPT_NO_LOGS))
		how.flags |= WH_MOUNT_NO_LOGS;
	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, folder, &how, NULL);
	if (st == WH_OK && write)
		st = wh_reg_hibernated(reg, &hibernated);
	if (st == WH_OK && hibernated && !cli_has(cli, OPT_TAKE_HIBERNATED)) {
		cli_error(cli, "this Windows is hibernated or in fast start-up, and would go on "
			       "with the registry it has in hiberfil.sys; shut it down, or give up "
			       "what it holds with --take-hibernated");
		wh_reg_free(reg);
		return NULL;
	}
	if (st == WH_OK)
		return reg;
	if (st == WH_E_NOT_FOUND && how.user)
		cli_error(cli, "no hives of a Windows in it, or no user '%s'", how.user);
	else if (st == WH_E_NOT_FOUND)
		cli_error(cli, "is a folder, and there are no hives of a Windows in it");
	else
		cli_error(cli, "%s", wh_status_text(st));
	wh_reg_free(reg);
	return NULL;
}

/* -------------------------------------------------------------------- a key */

/* The path of a key from the root of its hive; NULL without memory. */
static char *
path_inside(struct wh_key key)
{
	enum { MAX_NAME = 2 * 65535 };
	static char name[MAX_NAME];
	char *path = calloc(1, 1), *longer;
	size_t len = 0, name_len;
	struct wh_key parent;

	while (path && wh_key_parent(key, &parent) == WH_OK &&
	       wh_key_name(key, name, sizeof name, &name_len) == WH_OK) {
		longer = malloc(name_len + 1 + len + 1);
		if (longer) {
			memcpy(longer, name, name_len);
			longer[name_len] = '\\';
			memcpy(longer + name_len + 1, path, len + 1);
			len += name_len + 1;
		}
		free(path);
		path = longer;
		key = parent;
	}
	return path;
}

static bool
mount_of(struct wh_reg *reg, const struct wh_hive *hive, struct wh_reg_mount *mount)
{
	for (size_t i = 0; wh_reg_mount_at(reg, i, mount) == WH_OK; i++)
		if (mount->hive == hive && mount->path)
			return true;
	return false;
}

/* The access that keys are opened with: reading, in the view that was asked for. */
static uint32_t
access_of(const struct cli *cli)
{
	return WH_KEY_READ | (cli_has(cli, OPT_VIEW_32) ? WH_KEY_WOW64_32KEY : 0) |
	       (cli_has(cli, OPT_VIEW_64) ? WH_KEY_WOW64_64KEY : 0);
}

/* Open the deepest key on the way; '*found' is how much of the path it is. */
static enum wh_status
open_deepest(struct wh_reg *reg, wh_hkey root, const char *path, uint32_t access, wh_hkey *key,
	     size_t *found)
{
	enum wh_status st;

	for (*found = strlen(path);;) {
		st = wh_reg_open_key(reg, root, path, *found, 0, access, key);
		if (st != WH_E_NOT_FOUND || *found == 0)
			return st;
		while (*found > 0 && path[*found - 1] != '\\')
			--*found;
		while (*found > 0 && path[*found - 1] == '\\')
			--*found;
	}
}

static enum wh_status
no_place(struct cli *cli, struct wh_reg *reg, const char *path, enum wh_status st)
{
	if (st == WH_E_NOT_SUPPORTED)
		return st;
	if (st == WH_E_NOT_FOUND)
		say_problems(cli, reg, path);
	cli_error(cli, "key '%s': %s", path, wh_status_text(st));
	return st;
}

void
cli_no_hive(struct cli *cli, const char *key)
{
	cli_error(cli,
		  "key '%s': it is in no one hive; 'winhive roots' lists the hives, and 'winhive "
		  "query' shows HKLM, HKU and HKCR",
		  key);
}

/* From an open key, and what of the path is below it, to a file and a path in it. */
static enum wh_status
locate(struct cli *cli, struct wh_reg *reg, const char *path, wh_hkey open, const char *rest,
       struct located *place)
{
	struct wh_reg_mount mount;
	struct wh_key key;
	char *inside;
	size_t size;
	enum wh_status st = wh_reg_hive_key(reg, open, &key);

	if (st == WH_OK && !mount_of(reg, key.hive, &mount))
		st = WH_E_NOT_SUPPORTED;
	if (st == WH_E_NOT_SUPPORTED && *rest)
		st = WH_E_NOT_FOUND;
	if (st != WH_OK)
		return no_place(cli, reg, path, st);
	inside = path_inside(key);
	size = inside ? strlen(inside) + strlen(rest) + 1 : 0;
	*place = (struct located){
		.file = strdup(mount.path),
		.root = full_place(mount.place),
		.path = malloc(size + 1),
	};
	if (inside && place->path)
		snprintf(place->path, size + 1, "%s%s", inside, rest);
	free(inside);
	if (inside && place->file && place->root && place->path)
		return WH_OK;
	cli_error(cli, "%s", wh_status_text(WH_E_MEMORY));
	located_free(place);
	return WH_E_MEMORY;
}

/* With 'path' as it is looked up. */
static enum wh_status
locate_below(struct cli *cli, struct wh_reg *reg, const char *path, wh_hkey root, const char *below,
	     struct located *place)
{
	wh_hkey key;
	size_t found;
	enum wh_status st = open_deepest(reg, root, below, access_of(cli), &key, &found);

	if (st != WH_OK)
		return no_place(cli, reg, path, st);
	st = locate(cli, reg, path, key, below + found + strspn(below + found, "\\"), place);
	(void)!wh_reg_close_key(reg, key);
	return st;
}

enum wh_status
cli_locate(struct cli *cli, struct wh_reg *reg, const char *given, bool write,
	   struct located *place)
{
	char *path = with_backslashes(given);
	const char *below;
	wh_hkey root;
	enum wh_status st = WH_E_NOT_SUPPORTED;

	*place = (struct located){ 0 };
	if (!path || !split_root(path, &root, &below)) {
		cli_error(cli,
			  "key '%s': in the folder of a Windows a key begins with HKLM, HKU, "
			  "HKCU, HKCR or HKCC",
			  given);
		st = WH_E_INVALID;
	} else if (root != WH_HKEY_CLASSES_ROOT || write) {
		st = locate_below(cli, reg, path, root, below, place);
	}
	free(path);
	return st;
}

enum wh_status
cli_open_key(struct cli *cli, const char *given, wh_hkey *result)
{
	char *path = with_backslashes(given);
	const char *below;
	wh_hkey root;
	enum wh_status st = WH_E_MEMORY;

	*result = 0;
	if (path)
		st = split_root(path, &root, &below)
			     ? wh_reg_open_key(cli->reg, root, below, WH_NTS, 0, access_of(cli),
					       result)
			     : WH_E_INVALID;
	free(path);
	return st;
}

bool
cli_is_link(const struct cli *cli, struct wh_reg *reg, const char *given)
{
	char *path = with_backslashes(given);
	struct wh_key link = { 0 }, target = { 0 };
	const char *below;
	wh_hkey root, key;

	if (path && split_root(path, &root, &below)) {
		if (wh_reg_open_key(reg, root, below, WH_NTS, WH_REG_OPTION_OPEN_LINK,
				    access_of(cli), &key) == WH_OK) {
			(void)!wh_reg_hive_key(reg, key, &link);
			(void)!wh_reg_close_key(reg, key);
		}
		if (wh_reg_open_key(reg, root, below, WH_NTS, 0, access_of(cli), &key) == WH_OK) {
			(void)!wh_reg_hive_key(reg, key, &target);
			(void)!wh_reg_close_key(reg, key);
		}
	}
	free(path);
	return target.hive && (link.hive != target.hive || link.cell != target.cell);
}

void
located_free(struct located *place)
{
	free(place->file);
	free(place->path);
	free(place->root);
	*place = (struct located){ 0 };
}

/* ---------------------------------------------------------------- a command */

/* Of a command for a whole hive: the key must be the root of one. */
static bool
is_whole(struct cli *cli, const struct located *place, const char *given)
{
	if (place->path[0] == '\0')
		return true;
	cli_error(cli, "key '%s' is not the root of a hive; that is %s", given, place->root);
	return false;
}

static int
need_key(const struct cli *cli)
{
	cli_wrong_use(cli,
		      "%s is a folder; a key is needed: HKLM\\SYSTEM, or what 'winhive roots' "
		      "lists",
		      cli->args[0]);
	return EXIT_WRONG_USE;
}

static bool
of_windows(const struct cli *cli)
{
	return cli_has(cli, OPT_USER) || cli_has(cli, OPT_VIEW_32) || cli_has(cli, OPT_VIEW_64);
}

int
cli_windows(struct cli *cli)
{
	static struct located place; /* lent to 'cli' until the program ends */
	const struct command *command = cli->command;
	struct wh_reg *reg;
	enum wh_status st;

	if (command->folder == FOLDER_NEVER || cli->arg_count == 0 ||
	    !cli_is_folder(cli->args[0]) || (command == &cmd_replay && cli_has(cli, OPT_RECURSE))) {
		if (command->folder == FOLDER_OWN || !of_windows(cli))
			return EXIT_WHOLE;
		cli_wrong_use(cli,
			      "--user, --view-32 and --view-64 go with the folder of a Windows");
		return EXIT_WRONG_USE;
	}
	if (command->folder == FOLDER_OWN || command->edits)
		return EXIT_WHOLE;
	if (cli->arg_count < 2)
		return need_key(cli);
	reg = cli_connect(cli, cli->args[0], cli_writes_in_place(cli));
	if (!reg)
		return EXIT_UNREAD;
	st = cli_locate(cli, reg, cli->args[1], false, &place);
	if (st == WH_E_NOT_SUPPORTED && command == &cmd_query) {
		cli->reg = reg;
		return EXIT_WHOLE;
	}
	wh_reg_free(reg);
	if (st == WH_E_NOT_SUPPORTED)
		cli_no_hive(cli, cli->args[1]);
	if (st != WH_OK || (command->folder == FOLDER_HIVE && !is_whole(cli, &place, cli->args[1])))
		return EXIT_UNREAD;
	cli->args[0] = place.file;
	cli->args[1] = place.path;
	cli->root = place.root;
	if (command->folder == FOLDER_HIVE)
		cli->arg_count--;
	return EXIT_WHOLE;
}
