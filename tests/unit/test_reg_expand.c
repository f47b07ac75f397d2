/* SPDX-License-Identifier: MIT */
/* Variables in text: what is one, whose environment it is from, how large it may become. */
#define _GNU_SOURCE /* setenv */
#include "registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct test_registry t;
static char big[1 << 20];

/* An environment of the caller, who compares names as he likes. */
static const char *
variable(void *ctx, const char *name, size_t len)
{
	static const char *const table[][2] = {
		{ "SystemRoot", "C:\\Windows" }, { "empty", "" },   { "self", "%self%" },
		{ "\xce\xb1", "alpha" },         { "bad", "\xff" }, { "big", big },
	};

	++*(int *)ctx;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strlen(table[i][0]) == len && strncmp(table[i][0], name, len) == 0)
			return table[i][1];
	return NULL;
}

static int asked;

static void
setup(void)
{
	struct wh_reg_options options = { .environment = variable, .environment_ctx = &asked };

	memset(big, 'b', sizeof big - 1);
	registry_init(&t, &options);
}

static void
setup_process(void)
{
	registry_init(&t, NULL);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_expand, .init = setup, .fini = teardown);
TestSuite(reg_expand_process, .init = setup_process, .fini = teardown);

static enum wh_status
expand(const char *text, size_t len, char *buf, size_t cap, size_t *buf_len)
{
	return wh_reg_expand_environment_strings(t.reg, text, len, buf, cap, buf_len);
}

static bool
gives(const char *text, const char *expected)
{
	char buf[256];
	size_t len;

	return expand(text, WH_NTS, buf, sizeof buf, &len) == WH_OK && len == strlen(expected) &&
	       memcmp(buf, expected, len) == 0;
}

Test(reg_expand, what_is_a_variable)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "%SystemRoot%", "C:\\Windows" },
		{ "a%SystemRoot%b", "aC:\\Windowsb" },
		{ "%SystemRoot%%SystemRoot%", "C:\\WindowsC:\\Windows" },
		{ "%unknown%", "%unknown%" },
		{ "%unknown%SystemRoot%", "%unknownC:\\Windows" },
		{ "50%, %SystemRoot%", "50%, C:\\Windows" },
		{ "%", "%" },
		{ "%%", "%%" },
		{ "%%%", "%%%" },
		{ "100%", "100%" },
		{ "%SystemRoot", "%SystemRoot" },
		{ "SystemRoot%", "SystemRoot%" },
		{ "%%SystemRoot%%", "%C:\\Windows%" },
		{ "%empty%", "" },
		{ "a%empty%b", "ab" },
		{ "%self%", "%self%" },
		{ "%\xce\xb1%", "alpha" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect(gives(cases[i][0], cases[i][1]), "%s", cases[i][0]);
	cr_expect_gt(asked, 0);
}

Test(reg_expand, text_as_it_is)
{
	char buf[64];
	size_t len;

	cr_expect_eq(expand("\xed\xa0\x80%empty%\0x", 12, buf, sizeof buf, &len), WH_OK);
	cr_expect(len == 5 && memcmp(buf, "\xed\xa0\x80\0x", 5) == 0,
		  "unpaired surrogates and NULs stay");
	cr_expect_eq(expand("%SystemRoot%x", 12, buf, sizeof buf, &len), WH_OK);
	cr_expect_eq(len, 10, "the length counts");
	cr_expect_eq(expand(NULL, 0, buf, sizeof buf, &len), WH_OK);
	cr_expect_eq(len, 0);
	cr_expect_eq(expand(NULL, WH_NTS, buf, sizeof buf, &len), WH_OK);
}

Test(reg_expand, buffers)
{
	char buf[16] = "xxxxxxxxxxxxxxx";
	size_t len = 77;

	cr_expect_eq(expand("%SystemRoot%", WH_NTS, NULL, 0, &len), WH_OK);
	cr_expect_eq(len, 10);
	cr_expect_eq(expand("%SystemRoot%", WH_NTS, buf, 9, &len), WH_E_MORE_DATA);
	cr_expect_eq(len, 10);
	cr_expect_str_eq(buf, "xxxxxxxxxxxxxxx");
	cr_expect_eq(expand("%SystemRoot%", WH_NTS, buf, 10, &len), WH_OK);
	cr_expect_str_eq(buf, "C:\\Windowsxxxxx");
}

Test(reg_expand, errors)
{
	char buf[16];
	size_t len = 77;

	cr_expect_eq(expand("\xff", WH_NTS, buf, 16, &len), WH_E_INVALID);
	cr_expect_eq(len, 0);
	cr_expect_eq(expand("a\xc3", WH_NTS, buf, 16, &len), WH_E_INVALID);
	cr_expect_eq(expand("%bad%", WH_NTS, buf, 16, &len), WH_E_INVALID_DATA);
	cr_expect_eq(expand("%bad", WH_NTS, buf, 16, &len), WH_OK);
	cr_expect_eq(expand("x", WH_NTS, buf, 16, NULL), WH_E_INVALID);
	cr_expect_eq(expand("x", WH_NTS, NULL, 16, &len), WH_E_INVALID);
	cr_expect_eq(expand(NULL, 1, buf, 16, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_expand_environment_strings(NULL, "x", 1, buf, 16, &len), WH_E_INVALID);
}

/* A short text that asks for much, many times, ends in an error and not in all the memory. */
Test(reg_expand, bounded)
{
	char text[5 * 17 + 1] = "";
	size_t len;

	for (int i = 0; i < 16; i++)
		strcat(text, "%big%");
	cr_expect_eq(expand(text, WH_NTS, NULL, 0, &len), WH_OK);
	cr_expect_eq(len, 16 * (sizeof big - 1));
	strcat(text, "%big%");
	cr_expect_eq(expand(text, WH_NTS, NULL, 0, &len), WH_E_TOO_BIG);
	cr_expect_eq(len, 0);
	cr_expect_lt(t.meter.peak, 80u << 20);
}

/* The process: any case of letters, but one that is spelled just so goes first [1.3]. */
Test(reg_expand_process, environment)
{
	setenv("Winhive_Test", "mixed", 1);
	setenv("WINHIVE_\xc3\x84", "umlaut", 1);
	cr_expect(gives("%winhive_TEST%", "mixed"));
	cr_expect(gives("%winhive_\xc3\xa4%", "umlaut"));
	setenv("WINHIVE_TEST", "upper", 1);
	cr_expect(gives("%WINHIVE_TEST%", "upper"));
	cr_expect(gives("%Winhive_Test%", "mixed"));
	cr_expect(gives("%winhive_test_not_there%", "%winhive_test_not_there%"));
	setenv("WINHIVE_ODD", "\xff\xfe", 1);
	cr_expect_not(gives("%WINHIVE_ODD%", ""));
	unsetenv("WINHIVE_TEST");
	unsetenv("Winhive_Test");
	cr_expect(gives("%WINHIVE_TEST%", "%WINHIVE_TEST%"));
}

static enum wh_status
starving(struct wh_reg *reg)
{
	char buf[64];
	size_t len;

	return wh_reg_expand_environment_strings(reg, "a text that is not short, and %x%", WH_NTS,
						 buf, sizeof buf, &len);
}

Test(reg_expand_starved, memory)
{
	cr_expect_gt(registry_starve(NULL, starving), 0);
}
