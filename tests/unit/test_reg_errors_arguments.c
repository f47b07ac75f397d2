/* SPDX-License-Identifier: MIT */
/*
 * Arguments that many functions take, wrong in every way, for each of these functions: paths, names
 * of values, buffers.  The rows are functions, and the tests are what can be wrong.
 */
#include "registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HKLM WH_HKEY_LOCAL_MACHINE
#define HKCU WH_HKEY_CURRENT_USER
#define ALL  (WH_KEY_ALL_ACCESS | WH_ACCESS_SYSTEM_SECURITY)
#define DACL WH_DACL_SECURITY_INFORMATION

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key; /* with a subkey "Sub", which has a class; values "" (a text), "v" (a DWORD) */

static void
setup(void)
{
	struct wh_create how = { .class_name = "Class", .class_len = WH_NTS };
	wh_hkey sub;

	registry_init(&t, NULL);
	reg = t.reg;
	cr_assert_eq(
		wh_reg_create_key(reg, HKLM, "Software\\Test", WH_NTS, 0, ALL, &how, &key, NULL),
		WH_OK);
	sub = make_reg_key(reg, key, "Sub", 0);
	cr_assert_eq(wh_reg_set_value(reg, key, NULL, 0, "text", WH_NTS), WH_OK);
	set_reg_number(reg, key, "v", 1);
	close_reg_key(reg, sub);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_arguments, .init = setup, .fini = teardown);

/* -------------------------------------------------------------------- paths */

#define PATH_FN(name) static enum wh_status path_##name(const char *path, size_t len)

static enum wh_reg_next
go_on(void *ctx, wh_hkey of, const char *path, size_t len, enum wh_status status)
{
	(void)ctx, (void)of, (void)path, (void)len, (void)status;
	return WH_REG_GO_ON;
}

PATH_FN(wh_reg_open_key)
{
	wh_hkey result;

	return wh_reg_open_key(reg, key, path, len, 0, ALL, &result);
}

PATH_FN(wh_reg_create_key)
{
	wh_hkey result;

	return wh_reg_create_key(reg, key, path, len, 0, ALL, NULL, &result, NULL);
}

PATH_FN(wh_reg_delete_key)
{
	return wh_reg_delete_key(reg, key, path, len, 0);
}

PATH_FN(wh_reg_delete_tree)
{
	return wh_reg_delete_tree(reg, key, path, len, NULL, 0, NULL);
}

PATH_FN(wh_reg_copy_tree)
{
	return wh_reg_copy_tree(reg, key, path, len, HKCU);
}

PATH_FN(wh_reg_rename_key)
{
	return wh_reg_rename_key(reg, key, path, len, "n", 1);
}

PATH_FN(wh_reg_query_value)
{
	size_t text_len;

	return wh_reg_query_value(reg, key, path, len, NULL, 0, &text_len);
}

PATH_FN(wh_reg_set_value)
{
	return wh_reg_set_value(reg, key, path, len, "x", 1);
}

PATH_FN(wh_reg_set_key_value)
{
	return wh_reg_set_key_value(reg, key, path, len, "v", 1, WH_REG_BINARY, "x", 1);
}

PATH_FN(wh_reg_delete_key_value)
{
	enum wh_status st = wh_reg_set_key_value(reg, key, "Sub", 3, "v", 1, 3, "x", 1);

	return st == WH_OK ? wh_reg_delete_key_value(reg, key, path, len, "v", 1) : st;
}

PATH_FN(wh_reg_get_value)
{
	enum wh_status st = wh_reg_set_key_value(reg, key, "Sub", 3, "v", 1, 3, "x", 1);

	return st == WH_OK ? wh_reg_get_value(reg, key, path, len, "v", 1, WH_RRF_RT_ANY, NULL,
					      NULL, 0, NULL)
			   : st;
}

PATH_FN(wh_reg_walk)
{
	return wh_reg_walk(reg, key, path, len, WH_KEY_READ, go_on, NULL);
}

PATH_FN(wh_reg_export_json)
{
	enum wh_status st;
	char *text;

	st = wh_reg_export_json(reg, key, path, len, &text, NULL);
	wh_reg_free_text(reg, text);
	return st;
}

PATH_FN(wh_reg_get_string)
{
	char *text;

	(void)len; /* all of these end with a NUL */
	return wh_reg_get_string(reg, key, path, NULL, NULL, &text, NULL);
}

PATH_FN(wh_reg_get_number)
{
	uint64_t number;

	(void)len;
	return wh_reg_get_number(reg, key, path, "v", 5, &number);
}

#define PATHS(function, missing) \
	{ \
#function, path_##function, missing \
	}

/* And what they say of a key that is not there. */
static const struct {
	const char *name;
	enum wh_status (*call)(const char *path, size_t len);
	enum wh_status missing;
} by_path[] = {
	PATHS(wh_reg_open_key, WH_E_NOT_FOUND),    PATHS(wh_reg_create_key, WH_OK),
	PATHS(wh_reg_query_value, WH_E_NOT_FOUND), PATHS(wh_reg_set_value, WH_OK),
	PATHS(wh_reg_set_key_value, WH_OK),        PATHS(wh_reg_delete_key_value, WH_E_NOT_FOUND),
	PATHS(wh_reg_get_value, WH_E_NOT_FOUND),   PATHS(wh_reg_walk, WH_E_NOT_FOUND),
	PATHS(wh_reg_export_json, WH_E_NOT_FOUND), PATHS(wh_reg_get_string, WH_OK),
	PATHS(wh_reg_get_number, WH_OK),           PATHS(wh_reg_copy_tree, WH_E_NOT_FOUND),
	PATHS(wh_reg_delete_tree, WH_E_NOT_FOUND), PATHS(wh_reg_delete_key, WH_E_NOT_FOUND),
	PATHS(wh_reg_rename_key, WH_E_NOT_FOUND),
};

static void
expect_paths(const char *path, enum wh_status due, bool missing)
{
	for (size_t i = 0; i < sizeof by_path / sizeof *by_path; i++) {
		enum wh_status st;

		teardown();
		setup();
		st = by_path[i].call(path, WH_NTS);
		cr_expect_eq(st, missing ? by_path[i].missing : due, "%s, %.20s: %s",
			     by_path[i].name, path, wh_status_name(st));
	}
}

/* [W:1018, W:1335, N:456]: what is no mistake. */
Test(reg_arguments, paths_that_are_fine)
{
	expect_paths("Sub", WH_OK, false);
	expect_paths("sUB\\\\\\", WH_OK, false);
}

/* [W:1085], [N:538] */
Test(reg_arguments, paths_that_begin_with_a_backslash)
{
	expect_paths("\\Sub", WH_E_BAD_PATH, false);
	expect_paths("\\\\Sub", WH_E_BAD_PATH, false);
	expect_paths("\\", WH_E_BAD_PATH, false);
	expect_paths("\\REGISTRY\\MACHINE\\SOFTWARE", WH_E_BAD_PATH, false);
}

Test(reg_arguments, paths_that_lead_nowhere)
{
	expect_paths("Nothing", WH_OK, true);
	expect_paths("Nothing\\Sub", WH_OK, true);
	expect_paths("Sub/", WH_OK, true);
	expect_paths("REGISTRY\\MACHINE", WH_OK, true);
}

Test(reg_arguments, paths_that_no_key_can_have)
{
	char path[600] = "";

	memset(path, 'n', 257);
	expect_paths(path, WH_E_INVALID, false);
	path[256] = '\0';
	expect_paths(path, WH_OK, true);
	memcpy(path, "Sub\\", 4);
	memset(path + 4, 'n', 257);
	expect_paths(path, WH_E_INVALID, false);
	expect_paths("bad\xff", WH_E_INVALID, false);
	expect_paths("Sub\\bad\xc3\\x", WH_E_INVALID, false);
}

/* ------------------------------------------------------------ names of values */

#define NAME_FN(of) static enum wh_status name_##of(const char *name, size_t len)

NAME_FN(wh_reg_query_value_ex)
{
	return wh_reg_query_value_ex(reg, key, name, len, NULL, NULL, 0, NULL);
}

NAME_FN(wh_reg_get_value)
{
	return wh_reg_get_value(reg, key, NULL, 0, name, len, WH_RRF_RT_ANY, NULL, NULL, 0, NULL);
}

NAME_FN(wh_reg_query_multiple_values)
{
	struct wh_reg_multiple one = { .name = name, .len = len };
	size_t total;

	return wh_reg_query_multiple_values(reg, key, &one, 1, NULL, 0, &total);
}

NAME_FN(wh_reg_delete_value)
{
	return wh_reg_delete_value(reg, key, name, len);
}

NAME_FN(wh_reg_delete_key_value)
{
	return wh_reg_delete_key_value(reg, key, NULL, 0, name, len);
}

NAME_FN(wh_reg_set_value_ex)
{
	return wh_reg_set_value_ex(reg, key, name, len, WH_REG_BINARY, "x", 1);
}

NAME_FN(wh_reg_set_key_value)
{
	return wh_reg_set_key_value(reg, key, NULL, 0, name, len, WH_REG_BINARY, "x", 1);
}

NAME_FN(wh_reg_set_string)
{
	return wh_reg_set_string(reg, key, name, len, WH_REG_SZ, "x", 1);
}

#define NAMES(function, missing, too_long) \
	{ \
#function, name_##function, missing, too_long \
	}

/* What is too long for a name cannot be set, and is not there [W:3955, N:2017, N:2036]. */
static const struct {
	const char *name;
	enum wh_status (*call)(const char *name, size_t len);
	enum wh_status missing, too_long;
} by_name[] = {
	NAMES(wh_reg_query_value_ex, WH_E_NOT_FOUND, WH_E_NOT_FOUND),
	NAMES(wh_reg_get_value, WH_E_NOT_FOUND, WH_E_NOT_FOUND),
	NAMES(wh_reg_query_multiple_values, WH_E_NOT_FOUND, WH_E_NOT_FOUND),
	NAMES(wh_reg_delete_value, WH_E_NOT_FOUND, WH_E_NOT_FOUND),
	NAMES(wh_reg_delete_key_value, WH_E_NOT_FOUND, WH_E_NOT_FOUND),
	NAMES(wh_reg_set_value_ex, WH_OK, WH_E_INVALID),
	NAMES(wh_reg_set_key_value, WH_OK, WH_E_INVALID),
	NAMES(wh_reg_set_string, WH_OK, WH_E_INVALID),
};

Test(reg_arguments, names_of_values)
{
	enum { MAX = 16383 };
	char *name = malloc(MAX + 1);

	cr_assert(name);
	memset(name, 'n', MAX + 1);
	for (size_t i = 0; i < sizeof by_name / sizeof *by_name; i++) {
		const struct {
			const char *name;
			size_t len;
			enum wh_status due;
		} rows[] = {
			{ "v", 1, WH_OK },
			{ "V", WH_NTS, WH_OK },
			{ NULL, 0, WH_OK },
			{ "", WH_NTS, WH_OK },
			{ "nothing", WH_NTS, by_name[i].missing },
			{ "v\0", 2, by_name[i].missing },
			{ "\\v", WH_NTS, by_name[i].missing },
			{ name, MAX, by_name[i].missing },
			{ name, MAX + 1, by_name[i].too_long },
			{ "bad\xff", WH_NTS, WH_E_INVALID },
		};

		for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
			enum wh_status st;

			teardown();
			setup();
			st = by_name[i].call(rows[j].name, rows[j].len);
			cr_expect_eq(st, rows[j].due, "%s, %zu: %s", by_name[i].name, j,
				     wh_status_name(st));
		}
	}
	free(name);
}

/* ------------------------------------------------------------------ buffers */

#define BUFFER_FN(name) static enum wh_status buffer_##name(char *buf, size_t cap, size_t *len)

BUFFER_FN(wh_reg_enum_key)
{
	return wh_reg_enum_key(reg, key, 0, buf, cap, len, NULL);
}

BUFFER_FN(wh_reg_query_class)
{
	return wh_reg_query_class(reg, key, buf, cap, len);
}

BUFFER_FN(wh_reg_key_path)
{
	return wh_reg_key_path(reg, key, buf, cap, len);
}

BUFFER_FN(wh_reg_query_value)
{
	return wh_reg_query_value(reg, key, NULL, 0, buf, cap, len);
}

BUFFER_FN(wh_reg_query_value_ex)
{
	return wh_reg_query_value_ex(reg, key, "v", 1, NULL, buf, cap, len);
}

BUFFER_FN(wh_reg_enum_value)
{
	return wh_reg_enum_value(reg, key, 1, buf, cap, len, NULL, NULL, 0, NULL);
}

BUFFER_FN(enum_data)
{
	size_t name_len;

	return wh_reg_enum_value(reg, key, 1, NULL, 0, &name_len, NULL, buf, cap, len);
}

BUFFER_FN(wh_reg_get_value)
{
	return wh_reg_get_value(reg, key, NULL, 0, "v", 1, WH_RRF_RT_DWORD, NULL, buf, cap, len);
}

BUFFER_FN(wh_reg_query_multiple_values)
{
	struct wh_reg_multiple two[] = { { .name = "v", .len = 1 }, { .name = NULL } };

	return wh_reg_query_multiple_values(reg, key, two, 2, buf, cap, len);
}

BUFFER_FN(wh_reg_expand_environment_strings)
{
	return wh_reg_expand_environment_strings(reg, "text", 4, buf, cap, len);
}

BUFFER_FN(wh_reg_key_owner)
{
	return wh_reg_key_owner(reg, key, buf, cap, len);
}

BUFFER_FN(wh_reg_get_key_security)
{
	return wh_reg_get_key_security(reg, key, DACL, buf, cap, len);
}

#define BUFFERS(function, asked, small) \
	{ \
#function, buffer_##function, asked, small \
	}

/* What asking for the length gives, and a buffer that is too small by one. */
static const struct {
	const char *name;
	enum wh_status (*call)(char *buf, size_t cap, size_t *len);
	enum wh_status asked, small;
} by_buffer[] = {
	BUFFERS(wh_reg_enum_key, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_query_class, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_key_path, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_query_value, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_query_value_ex, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_enum_value, WH_OK, WH_E_MORE_DATA),
	BUFFERS(enum_data, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_get_value, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_query_multiple_values, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_expand_environment_strings, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_key_owner, WH_OK, WH_E_MORE_DATA),
	BUFFERS(wh_reg_get_key_security, WH_E_BUFFER, WH_E_BUFFER),
};

Test(reg_arguments, buffers)
{
	for (size_t i = 0; i < sizeof by_buffer / sizeof *by_buffer; i++) {
		const char *name = by_buffer[i].name;
		char buf[256];
		size_t due = 77, len = 77;

		cr_expect_eq(by_buffer[i].call(NULL, 0, &due), by_buffer[i].asked, "%s", name);
		cr_assert(due > 0 && due < sizeof buf, "%s: %zu", name, due);
		memset(buf, '#', sizeof buf);
		cr_expect_eq(by_buffer[i].call(buf, due - 1, &len), by_buffer[i].small, "%s", name);
		cr_expect_eq(len, due, "%s: %zu, not %zu", name, len, due);
		cr_expect_eq(buf[0], '#', "%s touches a buffer that is too small", name);
		cr_expect_eq(by_buffer[i].call(buf, 0, &len), by_buffer[i].small, "%s", name);
		cr_expect_eq(len, due, "%s: %zu, not %zu", name, len, due);
		cr_expect_eq(by_buffer[i].call(buf, due, &len), WH_OK, "%s", name);
		cr_expect_eq(len, due, "%s: %zu, not %zu", name, len, due);
		cr_expect_eq(buf[due], '#', "%s writes past the end", name);
		cr_expect_eq(by_buffer[i].call(buf, due, NULL), WH_E_INVALID, "%s", name);
	}
}

/* Room, but no buffer. */
Test(reg_arguments, no_buffer)
{
	for (size_t i = 0; i < sizeof by_buffer / sizeof *by_buffer; i++) {
		size_t len = 77;
		enum wh_status st = by_buffer[i].call(NULL, 8, &len);

		cr_expect_eq(st, WH_E_INVALID, "%s: %s", by_buffer[i].name, wh_status_name(st));
		cr_expect_eq(len, 0, "%s", by_buffer[i].name);
	}
}
