/* SPDX-License-Identifier: MIT */
#include "winhive.h"

#include <criterion/criterion.h>
#include <string.h>

/* The numbers are those of Win32 where it has the same error: winerror.h. */
static const struct {
	enum wh_status status;
	int win32;
	const char *name;
} all[] = {
	{ WH_OK, 0, "WH_OK" },
	{ WH_E_NOT_FOUND, 2, "WH_E_NOT_FOUND" },
	{ WH_E_PATH_NOT_FOUND, 3, "WH_E_PATH_NOT_FOUND" },
	{ WH_E_ACCESS, 5, "WH_E_ACCESS" },
	{ WH_E_HANDLE, 6, "WH_E_HANDLE" },
	{ WH_E_MEMORY, 8, "WH_E_MEMORY" },
	{ WH_E_INVALID_DATA, 13, "WH_E_INVALID_DATA" },
	{ WH_E_IN_USE, 32, "WH_E_IN_USE" },
	{ WH_E_NOT_SUPPORTED, 50, "WH_E_NOT_SUPPORTED" },
	{ WH_E_BAD_NETPATH, 53, "WH_E_BAD_NETPATH" },
	{ WH_E_INVALID, 87, "WH_E_INVALID" },
	{ WH_E_DISK_FULL, 112, "WH_E_DISK_FULL" },
	{ WH_E_BUFFER, 122, "WH_E_BUFFER" },
	{ WH_E_BAD_PATH, 161, "WH_E_BAD_PATH" },
	{ WH_E_EXISTS, 183, "WH_E_EXISTS" },
	{ WH_E_MORE_DATA, 234, "WH_E_MORE_DATA" },
	{ WH_E_TIMEOUT, 258, "WH_E_TIMEOUT" },
	{ WH_E_NO_MORE, 259, "WH_E_NO_MORE" },
	{ WH_E_NOACCESS, 998, "WH_E_NOACCESS" },
	{ WH_E_TOO_BIG, 1009, "WH_E_TOO_BIG" },
	{ WH_E_BAD_KEY, 1010, "WH_E_BAD_KEY" },
	{ WH_E_CORRUPT, 1015, "WH_E_CORRUPT" },
	{ WH_E_IO, 1016, "WH_E_IO" },
	{ WH_E_NOT_HIVE, 1017, "WH_E_NOT_HIVE" },
	{ WH_E_DELETED, 1018, "WH_E_DELETED" },
	{ WH_E_DIRTY, 1019, "WH_E_DIRTY" },
	{ WH_E_HAS_SUBKEYS, 1020, "WH_E_HAS_SUBKEYS" },
	{ WH_E_MUST_BE_VOLATILE, 1021, "WH_E_MUST_BE_VOLATILE" },
	{ WH_E_PRIVILEGE, 1314, "WH_E_PRIVILEGE" },
	{ WH_E_INVALID_SD, 1338, "WH_E_INVALID_SD" },
	{ WH_E_TYPE, 1629, "WH_E_TYPE" },
	{ WH_E_UNSUPPORTED_TYPE, 1630, "WH_E_UNSUPPORTED_TYPE" },
};
enum { COUNT = sizeof all / sizeof *all };

Test(status, numbers_are_those_of_win32)
{
	for (int i = 0; i < COUNT; i++)
		cr_assert_eq((int)all[i].status, all[i].win32, "%s", all[i].name);
}

Test(status, names)
{
	for (int i = 0; i < COUNT; i++)
		cr_assert_str_eq(wh_status_name(all[i].status), all[i].name);
}

Test(status, texts_are_distinct_sentences)
{
	for (int i = 0; i < COUNT; i++) {
		const char *text = wh_status_text(all[i].status);

		cr_assert(text && text[0] && text[strlen(text) - 1] != '.');
		for (int j = 0; j < i; j++)
			cr_assert_str_neq(text, wh_status_text(all[j].status));
	}
}

Test(status, every_other_number_is_unknown)
{
	const char *unknown = wh_status_text((enum wh_status)1);
	int known = 0;

	for (int n = 0; n < 3000; n++) {
		const char *name = wh_status_name((enum wh_status)n);

		cr_assert_not_null(wh_status_text((enum wh_status)n));
		if (strcmp(name, "WH_E_?") != 0)
			known++;
		else
			cr_assert_str_eq(wh_status_text((enum wh_status)n), unknown);
	}
	cr_assert_eq(known, COUNT);
}

Test(status, rules_are_distinct_and_complete)
{
	struct wh_rule rule, other;
	size_t count = 0;

	for (; wh_rule_at(count, &rule); count++) {
		cr_assert(rule.id[0] && rule.rule[0] && rule.text[0]);
		cr_assert(rule.grade == WH_NOTE || rule.grade == WH_HEALED ||
			  rule.grade == WH_REFUSED || rule.grade == WH_DANGEROUS);
		for (size_t i = 0; i < count; i++) {
			cr_assert(wh_rule_at(i, &other));
			cr_assert_str_neq(rule.id, other.id);
			cr_assert_str_neq(rule.rule, other.rule);
		}
	}
	cr_assert_gt(count, 50);
	cr_assert_not(wh_rule_at(count, &rule));
	cr_assert_not(wh_rule_at(SIZE_MAX, &rule));
}

Test(status, the_version_is_that_of_the_header)
{
	cr_assert_str_eq(wh_version(), WH_VERSION);
}

Test(status, type_names)
{
	cr_assert_str_eq(wh_type_name(WH_REG_NONE), "REG_NONE");
	cr_assert_str_eq(wh_type_name(WH_REG_SZ), "REG_SZ");
	cr_assert_str_eq(wh_type_name(WH_REG_DWORD_BIG_ENDIAN), "REG_DWORD_BIG_ENDIAN");
	cr_assert_str_eq(wh_type_name(WH_REG_MULTI_SZ), "REG_MULTI_SZ");
	cr_assert_str_eq(wh_type_name(WH_REG_QWORD), "REG_QWORD");
	cr_assert_null(wh_type_name(12));
	cr_assert_null(wh_type_name(UINT32_MAX));
}
