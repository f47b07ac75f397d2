/* SPDX-License-Identifier: MIT */
/*
 * Delete a key of HKEY_LOCAL_MACHINE with all below it.  The first key that cannot be deleted ends
 * it, and is named; then nothing is written, so that the files stay as they were.
 *
 *	delete /mnt/windows 'SOFTWARE\Vendor'
 */
#include <winhive-winreg.h>

#include <stdio.h>

int
main(int argc, char **argv)
{
	const struct wh_windows how = { .flags = WH_MOUNT_WRITE };
	struct wh_reg *reg;
	char failed[1024] = "";
	size_t len = 0;
	enum wh_status st;

	if (argc != 3) {
		fprintf(stderr, "usage: delete WINDOWS KEY\n");
		return 2;
	}
	st = wh_reg_new(NULL, &reg);
	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, argv[1], &how, NULL);
	if (st == WH_OK)
		st = wh_reg_delete_tree(reg, WH_HKEY_LOCAL_MACHINE, argv[2], WH_NTS, failed,
					sizeof failed, &len);
	if (st == WH_OK)
		st = wh_reg_commit(reg, ".bak", NULL);
	wh_reg_free(reg);
	if (st != WH_OK) {
		if (len > sizeof failed)
			len = 0; /* longer than there is room for: it was left out */
		fprintf(stderr, "nothing is deleted: %.*s%s%s\n", (int)len, failed,
			len > 0 ? ": " : "", wh_status_text(st));
		return 1;
	}
	printf("deleted: %s\n", argv[2]);
	return 0;
}
