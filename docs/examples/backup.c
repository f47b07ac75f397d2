/* SPDX-License-Identifier: MIT */
/*
 * Keep a key of HKEY_CURRENT_USER in two ways, and bring it back from each: as a hive file, which
 * has all there is and which Windows can load, and as JSON, which people can read.
 *
 *	backup save /mnt/windows 'Software\Vendor' FILE.hive FILE.json
 *	backup restore /mnt/windows 'Software\Vendor' FILE.hive
 *	backup import /mnt/windows 'Software\Vendor' FILE.json
 *	backup peek /mnt/windows 'Software\Vendor' FILE.hive
 */
#include <winhive-winreg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum wh_status
save(struct wh_reg *reg, wh_hkey key, const char *hive, const char *json)
{
	FILE *file = fopen(json, "wxb");
	char *text;
	size_t len;
	enum wh_status st;

	if (!file)
		return WH_E_EXISTS;
	st = wh_reg_export_json(reg, key, NULL, 0, &text, &len);
	if (st == WH_OK && fwrite(text, 1, len, file) != len)
		st = WH_E_IO;
	if (fclose(file) != 0 && st == WH_OK)
		st = WH_E_IO;
	wh_reg_free_text(reg, text);
	return st == WH_OK ? wh_reg_save_key(reg, key, hive, WH_REG_LATEST_FORMAT) : st;
}

/* All of it or nothing: a file that is not what it should be changes nothing. */
static enum wh_status
import_json(struct wh_reg *reg, wh_hkey key, const char *json)
{
	FILE *file = fopen(json, "rb");
	char *text = NULL, *more;
	size_t len = 0, n = 1;
	enum wh_status st = file ? WH_OK : WH_E_NOT_FOUND;

	while (st == WH_OK && n > 0) {
		more = realloc(text, len + BUFSIZ);
		if (more)
			text = more;
		n = more ? fread(text + len, 1, BUFSIZ, file) : 0;
		len += n;
		st = more ? WH_OK : WH_E_MEMORY;
	}
	if (st == WH_OK && ferror(file))
		st = WH_E_IO;
	if (st == WH_OK)
		st = wh_reg_import_json(reg, key, NULL, 0, text, len);
	if (file)
		fclose(file);
	free(text);
	return st;
}

/* The file as a key of its own, beside the others, for a look. */
static enum wh_status
peek(struct wh_reg *reg, const char *hive)
{
	struct wh_reg_info info;
	wh_hkey key;
	enum wh_status st = wh_reg_load_key(reg, WH_HKEY_USERS, "Backup", WH_NTS, hive, 0);

	if (st == WH_OK)
		st = wh_reg_open_key(reg, WH_HKEY_USERS, "Backup", WH_NTS, 0, WH_KEY_READ, &key);
	if (st != WH_OK)
		return st;
	st = wh_reg_query_info_key(reg, key, &info);
	if (st == WH_OK)
		printf("%u subkeys, %u values\n", info.subkeys, info.values);
	if (wh_reg_close_key(reg, key) == WH_OK && st == WH_OK)
		st = wh_reg_unload_key(reg, WH_HKEY_USERS, "Backup", WH_NTS);
	return st;
}

static enum wh_status
run(struct wh_reg *reg, int argc, char **argv)
{
	wh_hkey key;
	enum wh_status st = wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, argv[3], WH_NTS, 0,
					    WH_KEY_ALL_ACCESS, &key);

	if (st != WH_OK)
		return st;
	if (strcmp(argv[1], "save") == 0)
		return argc == 6 ? save(reg, key, argv[4], argv[5]) : WH_E_INVALID;
	if (strcmp(argv[1], "peek") == 0)
		return peek(reg, argv[4]);
	if (strcmp(argv[1], "restore") == 0)
		st = wh_reg_restore_key(reg, key, argv[4], 0);
	else if (strcmp(argv[1], "import") == 0)
		st = import_json(reg, key, argv[4]);
	else
		st = WH_E_INVALID;
	return st == WH_OK ? wh_reg_commit(reg, NULL, NULL) : st;
}

int
main(int argc, char **argv)
{
	const struct wh_windows how = { .flags = WH_MOUNT_WRITE };
	struct wh_reg *reg;
	enum wh_status st;

	if (argc < 5) {
		fprintf(stderr, "usage: backup save|restore|import|peek WINDOWS KEY FILE...\n");
		return 2;
	}
	st = wh_reg_new(NULL, &reg);
	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, argv[2], &how, NULL);
	if (st == WH_OK)
		st = run(reg, argc, argv);
	wh_reg_free(reg);
	if (st == WH_OK)
		printf("%s: done\n", argv[1]);
	else
		fprintf(stderr, "%s: %s\n", argv[1], wh_status_text(st));
	return st != WH_OK;
}
