/* SPDX-License-Identifier: MIT */
/* The folder of a Windows that is not running, in the place of a hive file. */
#ifndef TOOLS_WINDOWS_H
#define TOOLS_WINDOWS_H

#include "cli.h"

/* Where a key is. */
struct located {
	char *file; /* of the hive; each for free() */
	char *path; /* of the key in it */
	char *root; /* full name of the root of the hive, "HKEY_LOCAL_MACHINE\SYSTEM" */
};

bool cli_is_folder(const char *path);

/*
 * The registry of the Windows in a folder, for reading.  With 'write' something is to be written
 * to one of its hives: refused if it is hibernated.  NULL: said why.
 */
struct wh_reg *cli_connect(struct cli *cli, const char *folder, bool write);

/*
 * Where a key is, or would be if it were made; of one in HKEY_CLASSES_ROOT, with 'write', where a
 * change of it goes.  WH_OK, or said why not; WH_E_NOT_SUPPORTED: it is in no one hive, and nothing
 * was said.
 */
enum wh_status cli_locate(struct cli *cli, struct wh_reg *reg, const char *key, bool write,
			  struct located *place);
void cli_no_hive(struct cli *cli, const char *key);
void located_free(struct located *place);

/* Does a full key end in a link that is followed, as CurrentControlSet is? */
bool cli_is_link(const struct cli *cli, struct wh_reg *reg, const char *key);

/* Open a full key of cli->reg for reading. */
enum wh_status cli_open_key(struct cli *cli, const char *key, wh_hkey *result);

/*
 * If the first argument is the folder of a Windows, put the hive file that the key in the second
 * is in there, and its path in that hive.  Of commands that change hives edit_run() does so.  An
 * exit code; not EXIT_WHOLE: said why.
 */
int cli_windows(struct cli *cli);

#endif
