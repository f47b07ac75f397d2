/* SPDX-License-Identifier: MIT */
/*
 * Add a folder to the Path of a user, once: a second time it is there already.  The user is a name,
 * a SID or the path of a profile; without one it is the only one of this Windows.
 *
 *	path /mnt/windows 'C:\Tools' [USER]
 */
#include <winhive-winreg.h>

#include <stdio.h>

int
main(int argc, char **argv)
{
	struct wh_windows how = { .flags = WH_MOUNT_WRITE };
	struct wh_reg *reg;
	char *path = NULL;
	bool added = false;
	enum wh_status st;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: path WINDOWS FOLDER [USER]\n");
		return 2;
	}
	how.user = argc == 4 ? argv[3] : NULL;
	st = wh_reg_new(NULL, &reg);
	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, argv[1], &how, NULL);
	if (st == WH_OK)
		st = wh_reg_add_to_user_path(reg, argv[2], WH_NTS, &added);
	if (st == WH_OK && added)
		st = wh_reg_commit(reg, NULL, NULL);
	if (st == WH_OK)
		st = wh_reg_get_string(reg, WH_HKEY_CURRENT_USER, "Environment", "Path", "", &path,
				       NULL);
	if (st == WH_OK)
		printf("%s: %s\n", added ? "added" : "was there", path);
	else
		fprintf(stderr, "%s: %s\n", argv[2], wh_status_text(st));
	wh_reg_free_text(reg, path);
	wh_reg_free(reg);
	return st != WH_OK;
}
