/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "tree.h"

#include "files.h"
#include "reading.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 512 };

static void
need(bool fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	abort();
}

void
tree_init(struct tree *tree)
{
	snprintf(tree->folder, sizeof tree->folder, "/tmp/winhive-tree-XXXXXX");
	need(mkdtemp(tree->folder) != NULL, "mkdtemp");
}

static int
remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
tree_fini(struct tree *tree)
{
	need(nftw(tree->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, tree->folder);
}

const char *
tree_path(const struct tree *tree, const char *name)
{
	static char text[8][ROOM];
	static unsigned next;
	char *at = text[next++ % 8];

	snprintf(at, ROOM, "%s%s%s", tree->folder, name[0] ? "/" : "", name);
	return at;
}

static void
make_folders(const char *path)
{
	char text[ROOM];

	snprintf(text, sizeof text, "%s", path);
	for (char *slash = strchr(text + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		need(mkdir(text, 0777) == 0 || errno == EEXIST, text);
		*slash = '/';
	}
}

void
tree_put(const struct tree *tree, const char *name, const void *bytes, size_t len)
{
	const char *path = tree_path(tree, name);
	FILE *file;

	make_folders(path);
	file = fopen(path, "wb");
	need(file && (len == 0 || fwrite(bytes, 1, len, file) == len) && fclose(file) == 0, path);
}

void
tree_copy(const struct tree *tree, const char *name, const char *from)
{
	size_t len;
	uint8_t *bytes = read_file(from, &len);

	need(bytes != NULL, from);
	tree_put(tree, name, bytes, len);
	free(bytes);
}

void
tree_data(const struct tree *tree, const char *name, const char *data)
{
	char *path = data_path(data);

	tree_copy(tree, name, path);
	free(path);
}

void
tree_link(const struct tree *tree, const char *name, const char *target)
{
	const char *path = tree_path(tree, name);

	make_folders(path);
	need(symlink(target, path) == 0, path);
}

void
tree_remove(const struct tree *tree, const char *name)
{
	need(remove(tree_path(tree, name)) == 0, name);
}

bool
tree_has(const struct tree *tree, const char *name)
{
	return access(tree_path(tree, name), F_OK) == 0;
}

/* ------------------------------------------------------------------------ digest */

static uint64_t digest; /* nftw() has no place for a context */

static int
digest_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	size_t len;
	uint8_t *bytes;

	(void)ftw;
	/* In any order: that of a folder is not to be relied on. */
	digest += digest_add(0, path, strlen(path));
	digest += digest_add(1, &info->st_mtim, sizeof info->st_mtim);
	if (type != FTW_F)
		return 0;
	bytes = read_file(path, &len);
	need(bytes != NULL, path);
	digest += digest_add(digest_add(2, path, strlen(path)), bytes, len);
	free(bytes);
	return 0;
}

uint64_t
tree_digest(const struct tree *tree)
{
	digest = 0;
	need(nftw(tree->folder, digest_one, 8, FTW_PHYS) == 0, tree->folder);
	return digest;
}

/* ------------------------------------------------------------------------- hives */

static struct wh_key
make_key_at(struct wh_hive *hive, const char *path)
{
	struct wh_key key;
	bool created;

	need(wh_key_create_path(wh_hive_root(hive), path, WH_NTS, NULL, &key, &created) == WH_OK,
	     path);
	return key;
}

struct wh_hive *
tree_hive(const char *const *paths)
{
	const struct wh_options options = { .time = UINT64_C(0x01d9000000000000) };
	struct wh_hive *hive;

	need(wh_hive_new(NULL, &options, &hive) == WH_OK, "wh_hive_new");
	for (; *paths; paths++)
		make_key_at(hive, *paths);
	return hive;
}

void
tree_save(const struct tree *tree, const char *name, struct wh_hive *hive)
{
	const char *path = tree_path(tree, name);

	make_folders(path);
	need(wh_hive_save_as(hive, path, WH_SAVE_REPLACE) == WH_OK, path);
	wh_hive_close(hive);
}

void
tree_save_keys(const struct tree *tree, const char *name, const char *const *paths)
{
	tree_save(tree, name, tree_hive(paths));
}

void
tree_string(struct wh_hive *hive, const char *key, const char *name, uint32_t type,
	    const char *text)
{
	need(wh_value_set_string(make_key_at(hive, key), name, WH_NTS, type, text, WH_NTS) == WH_OK,
	     name);
}

void
tree_number(struct wh_hive *hive, const char *key, const char *name, uint32_t number)
{
	need(wh_value_set_number(make_key_at(hive, key), name, WH_NTS, WH_REG_DWORD, number) ==
		     WH_OK,
	     name);
}

/* ------------------------------------------------------------------------ Windows */

static const char *
in(const char *folder, const char *name)
{
	static char text[4][ROOM];
	static unsigned next;
	char *at = text[next++ % 4];

	snprintf(at, ROOM, "%s/%s", folder, name);
	return at;
}

void
tree_config(const struct tree *tree, const char *config, const char *const *sids,
	    const char *const *paths)
{
#define NT "Microsoft\\Windows NT\\CurrentVersion"
	static const char *const system[] = { "ControlSet001\\Control\\IDConfigDB",
					      "ControlSet001\\Hardware Profiles\\0001\\Software",
					      "ControlSet002\\Control", NULL };
	static const char *const software[] = { "Classes\\.txt", NT "\\ProfileList", NULL };
	static const char *const sam[] = { "SAM\\Domains", NULL };
	static const char *const security[] = { "Policy", NULL };
	static const char *const standard[] = { "Environment", "Software", NULL };
	struct wh_hive *hive = tree_hive(system);
	char key[ROOM];

	tree_number(hive, "Select", "Current", 1);
	tree_number(hive, "Select", "Default", 2);
	tree_number(hive, "Select", "LastKnownGood", 2);
	tree_number(hive, "ControlSet001", "Number", 1);
	tree_number(hive, "ControlSet002", "Number", 2);
	tree_save(tree, in(config, "SYSTEM"), hive);
	hive = tree_hive(software);
	tree_string(hive, NT, "SystemRoot", WH_REG_SZ, "C:\\Windows");
	for (size_t i = 0; sids && sids[i]; i++) {
		snprintf(key, sizeof key, NT "\\ProfileList\\%s", sids[i]);
		tree_string(hive, key, "ProfileImagePath", WH_REG_EXPAND_SZ, paths[i]);
	}
	tree_save(tree, in(config, "SOFTWARE"), hive);
	tree_save_keys(tree, in(config, "SAM"), sam);
	tree_save_keys(tree, in(config, "SECURITY"), security);
	tree_save_keys(tree, in(config, "DEFAULT"), standard);
}

void
tree_profile(const struct tree *tree, const char *folder, const char *name)
{
	static const char *const user[] = { "Environment", "Software\\Microsoft", NULL };
	static const char *const classes[] = { ".txt", "Local Settings", NULL };
	struct wh_hive *hive = tree_hive(user);

	tree_string(hive, "Environment", "Name", WH_REG_SZ, name);
	tree_save(tree, in(folder, "NTUSER.DAT"), hive);
	tree_save_keys(tree, in(folder, "AppData/Local/Microsoft/Windows/UsrClass.dat"), classes);
}
