/* SPDX-License-Identifier: MIT */
/*
 *	json_trip HIVE
 *
 * Export a real hive as JSON, import that into a new one, and walk both at once: paths, classes,
 * links, names, types and data have to be the same.  Prints what there was.  Exit code 0; 1: does
 * not hold; REFUSED: not all of the hive can be read, which export says.
 */
#include "winhive-winreg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REFUSED = 5, CLASS_ROOM = 65536 * 3 };

/* One side of the comparison. */
struct side {
	struct wh_hive *hive;
	struct wh_walk *walk;
	struct wh_walk_key key;
	char class_name[CLASS_ROOM];
	size_t class_len;
};

static struct side from, to;
static uint64_t keys, values;

static int
fail(const char *what)
{
	printf("%s at %.*s\n", what, (int)from.key.path_len, from.key.path);
	return 1;
}

/* The data of both, in pieces that are cut at different places. */
static bool
same_data(const struct wh_walk_value *a, const struct wh_walk_value *b)
{
	const uint8_t *x = a->data, *y = b->data;
	size_t x_len = a->data_len, y_len = b->data_len, n;
	const void *piece;

	if (a->size != b->size || a->readable != a->size || b->readable != b->size)
		return false;
	for (size_t left = a->size; left > 0; left -= n) {
		if (x_len == 0 && wh_walk_data(from.walk, &piece, &x_len) == WH_OK)
			x = piece;
		if (y_len == 0 && wh_walk_data(to.walk, &piece, &y_len) == WH_OK)
			y = piece;
		n = x_len < y_len ? x_len : y_len;
		if (n == 0 || memcmp(x, y, n) != 0)
			return false;
		x += n, x_len -= n;
		y += n, y_len -= n;
	}
	return true;
}

static const char *
compare_values(void)
{
	struct wh_walk_value a, b;
	enum wh_status st, st2;

	for (;; values++) {
		st = wh_walk_next_value(from.walk, &a);
		st2 = wh_walk_next_value(to.walk, &b);
		if (st != WH_OK || st2 != WH_OK)
			return st == st2 ? NULL : "another number of values";
		if (a.name_len != b.name_len || memcmp(a.name, b.name, a.name_len) != 0)
			return "another name of a value";
		if (a.type != b.type || !same_data(&a, &b))
			return "another type, or other data";
	}
}

static bool
read_class(struct side *side)
{
	return wh_key_class(side->key.key, side->class_name, CLASS_ROOM, &side->class_len) == WH_OK;
}

static const char *
compare_keys(void)
{
	if (from.key.path_len != to.key.path_len ||
	    memcmp(from.key.path, to.key.path, from.key.path_len) != 0)
		return "another key";
	if ((from.key.flags ^ to.key.flags) & WH_KEY_SYM_LINK)
		return "another kind of key";
	if (!read_class(&from) || !read_class(&to) || from.class_len != to.class_len ||
	    memcmp(from.class_name, to.class_name, from.class_len) != 0)
		return "another class";
	return compare_values();
}

static int
compare(void)
{
	enum wh_status st, st2;
	const char *why;

	if (wh_walk_new(wh_hive_root(from.hive), &from.walk) != WH_OK ||
	    wh_walk_new(wh_hive_root(to.hive), &to.walk) != WH_OK)
		return fail("no walk");
	for (;; keys++) {
		st = wh_walk_next(from.walk, &from.key);
		st2 = wh_walk_next(to.walk, &to.key);
		if (st == WH_E_NO_MORE && st2 == WH_E_NO_MORE)
			return 0;
		if (st != WH_OK || st2 != WH_OK)
			return fail("another number of keys");
		why = compare_keys();
		if (why)
			return fail(why);
	}
}

static int
trip(struct wh_reg *reg)
{
	char *text;
	size_t len;
	int code;
	enum wh_status st =
		wh_reg_export_json(reg, WH_HKEY_LOCAL_MACHINE, "From", WH_NTS, &text, &len);

	if (st != WH_OK) {
		printf("export: %s\n", wh_status_text(st));
		return st == WH_E_CORRUPT ? REFUSED : 1;
	}
	st = wh_reg_import_json(reg, WH_HKEY_LOCAL_MACHINE, "To", WH_NTS, text, len);
	wh_reg_free_text(reg, text);
	if (st != WH_OK) {
		printf("import: %s\n", wh_status_text(st));
		return 1;
	}
	code = compare();
	if (code == 0)
		printf("%" PRIu64 " keys, %" PRIu64 " values, %zu bytes of JSON\n", keys, values,
		       len);
	wh_walk_free(from.walk);
	wh_walk_free(to.walk);
	return code;
}

int
main(int argc, char **argv)
{
	struct wh_options options = { .flags = WH_OPEN_NO_LOGS };
	struct wh_reg *reg;
	int code = 1;

	if (argc != 2)
		return 2;
	if (wh_reg_new(NULL, &reg) != WH_OK ||
	    wh_hive_open(argv[1], &options, &from.hive) != WH_OK ||
	    wh_hive_new(NULL, NULL, &to.hive) != WH_OK) {
		printf("cannot be opened\n");
		return 1;
	}
	if (wh_reg_mount_hive(reg, WH_HKEY_LOCAL_MACHINE, "From", WH_NTS, from.hive,
			      WH_MOUNT_OWNED) == WH_OK &&
	    wh_reg_mount_hive(reg, WH_HKEY_LOCAL_MACHINE, "To", WH_NTS, to.hive, WH_MOUNT_OWNED) ==
		    WH_OK)
		code = trip(reg);
	wh_reg_free(reg);
	return code;
}
