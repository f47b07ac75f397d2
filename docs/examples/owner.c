/* SPDX-License-Identifier: MIT */
/*
 * Who owns a key of HKEY_LOCAL_MACHINE, and how long its security descriptor is.
 *
 *	owner /mnt/windows 'SYSTEM\CurrentControlSet\Services'
 */
#include <winhive-winreg.h>

#include <stdio.h>

/* A SID as text has at most "S-1-", ten or twelve digits more, and 15 numbers of 10 digits. */
enum { SID_ROOM = 256 };

int
main(int argc, char **argv)
{
	struct wh_reg *reg;
	struct wh_reg_info info = { 0 };
	char owner[SID_ROOM];
	size_t len = 0;
	wh_hkey key;
	enum wh_status st;

	if (argc != 3) {
		fprintf(stderr, "usage: owner WINDOWS KEY\n");
		return 2;
	}
	st = wh_reg_new(NULL, &reg);
	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, argv[1], NULL, NULL);
	if (st == WH_OK)
		st = wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, argv[2], WH_NTS, 0, WH_KEY_READ,
				     &key);
	if (st == WH_OK)
		st = wh_reg_key_owner(reg, key, owner, sizeof owner, &len);
	if (st == WH_OK)
		st = wh_reg_query_info_key(reg, key, &info);
	wh_reg_free(reg); /* closes the handle, too */
	if (st != WH_OK) {
		fprintf(stderr, "%s: %s\n", argv[2], wh_status_text(st));
		return 1;
	}
	printf("%.*s, by a descriptor of %u bytes\n", (int)len, owner, info.security_len);
	return 0;
}
