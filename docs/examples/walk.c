/* SPDX-License-Identifier: MIT */
/*
 * Go through a key of HKEY_LOCAL_MACHINE and all below it: every key with its path, and the name
 * and type of every value.  A key that cannot be opened is said, and the rest follows.
 *
 *	walk /mnt/windows 'SOFTWARE\Microsoft'
 */
#include <winhive-winreg.h>

#include <inttypes.h>
#include <stdio.h>

/* The longest name of a value in UTF-8: 16,383 units of 16 bits, each of which is 3 bytes. */
enum { NAME_ROOM = 16383 * 3 };

struct walk {
	struct wh_reg *reg;
	char name[NAME_ROOM];
	uint64_t keys, values, failures;
};

static void
print_values(struct walk *walk, wh_hkey key)
{
	enum wh_status st = WH_OK;
	size_t len, size;
	uint32_t type;

	for (uint32_t i = 0; st == WH_OK; i++) {
		st = wh_reg_enum_value(walk->reg, key, i, walk->name, sizeof walk->name, &len,
				       &type, NULL, 0, &size);
		if (st != WH_OK)
			break;
		printf("    %.*s", len > 0 ? (int)len : 9, len > 0 ? walk->name : "(Default)");
		if (wh_type_name(type))
			printf("  %s", wh_type_name(type));
		else
			printf("  type %" PRIu32, type);
		printf("  %zu bytes\n", size);
		walk->values++;
	}
	if (st == WH_E_NO_MORE)
		return;
	fprintf(stderr, "a value: %s\n", wh_status_text(st));
	walk->failures++;
}

static enum wh_reg_next
visit(void *ctx, wh_hkey key, const char *path, size_t len, enum wh_status status)
{
	struct walk *walk = ctx;

	if (status != WH_OK) {
		fprintf(stderr, "%.*s: %s\n", (int)len, path, wh_status_text(status));
		walk->failures++;
		return WH_REG_GO_ON;
	}
	printf("[%.*s]\n", (int)len, path);
	walk->keys++;
	print_values(walk, key);
	return WH_REG_GO_ON;
}

int
main(int argc, char **argv)
{
	static struct walk walk;
	enum wh_status st;

	if (argc != 3) {
		fprintf(stderr, "usage: walk WINDOWS KEY\n");
		return 2;
	}
	st = wh_reg_new(NULL, &walk.reg);
	if (st == WH_OK)
		st = wh_reg_connect_windows(walk.reg, argv[1], NULL, NULL);
	if (st == WH_OK)
		st = wh_reg_walk(walk.reg, WH_HKEY_LOCAL_MACHINE, argv[2], WH_NTS, WH_KEY_READ,
				 visit, &walk);
	wh_reg_free(walk.reg);
	if (st != WH_OK) {
		fprintf(stderr, "%s: %s\n", argv[2], wh_status_text(st));
		return 1;
	}
	printf("%" PRIu64 " keys, %" PRIu64 " values\n", walk.keys, walk.values);
	return walk.failures > 0;
}
