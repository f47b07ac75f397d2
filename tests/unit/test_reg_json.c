/* SPDX-License-Identifier: MIT */
/* A registry as JSON and back: what is written, that it comes back, what is refused, undone. */
#define _GNU_SOURCE /* strdup */
#include "hive_builder.h"
#include "registry.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "{\"format\": \"winhive registry 1\", \"key\": "
#define TIME ", \"last_written\": \"2022-11-24T12:26:38.4140288Z\""

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key;

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
	key = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Test", 0);
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_json, .init = setup, .fini = teardown);

static void
set(wh_hkey at, const char *name, size_t len, uint32_t type, const void *data, size_t size)
{
	cr_assert_eq(wh_reg_set_value_ex(reg, at, name, len, type, data, size), WH_OK);
}

/* What a key says from its first brace on: without the path. */
static char *
exported(wh_hkey at, const char *path)
{
	char *text, *copy;
	size_t len;

	cr_assert_eq(wh_reg_export_json(reg, at, path, WH_NTS, &text, &len), WH_OK);
	cr_assert_eq(strlen(text), len);
	copy = strdup(strstr(text, "\"key\":\n") + 7);
	wh_reg_free_text(reg, text);
	return copy;
}

static enum wh_status
import_text(const char *path, const char *text)
{
	return wh_reg_import_json(reg, key, path, WH_NTS, text, WH_NTS);
}

static bool
has(wh_hkey at, const char *name, uint32_t type, const void *data, size_t size)
{
	uint8_t buf[64];
	uint32_t own;
	size_t len;

	return wh_reg_query_value_ex(reg, at, name, WH_NTS, &own, buf, sizeof buf, &len) == WH_OK &&
	       own == type && len == size && (size == 0 || memcmp(buf, data, size) == 0);
}

/* --------------------------------------------------------------------- writing */

Test(reg_json, the_text)
{
	struct wh_create how = { .class_name = "a \"class\"", .class_len = WH_NTS };
	wh_hkey sub;
	char *text;
	size_t len;

	set(key, NULL, 0, WH_REG_SZ, "d\0\0\0", 4);
	set(key, "n\xc3\xb6\\\n", WH_NTS, WH_REG_DWORD, "\1\0\0\0", 4);
	set(key, "b", 1, WH_REG_BINARY, "\0\xff", 2);
	set(key, "u", 1, 77, "", 0);
	cr_assert_eq(
		wh_reg_create_key(reg, key, "Sub", WH_NTS, 0, WH_KEY_ALL_ACCESS, &how, &sub, NULL),
		WH_OK);
	close_reg_key(reg, sub);
	close_reg_key(reg, make_reg_key(reg, key, "Alpha", 0));
	cr_assert_eq(wh_reg_export_json(reg, key, NULL, 0, &text, &len), WH_OK);
	cr_expect_str_eq(
		text, "{\"format\": \"winhive registry 1\",\n"
		      "\"path\": \"\\\\REGISTRY\\\\USER\\\\" USER_SID "\\\\Software\\\\Test\",\n"
		      "\"key\":\n"
		      "{\"name\": \"Test\"" TIME ",\n"
		      " \"values\": [\n"
		      "  {\"name\": \"\", \"type\": \"REG_SZ\", \"text\": \"d\"},\n"
		      "  {\"name\": \"n\\u00f6\\\\\\n\", \"type\": \"REG_DWORD\", \"number\": 1},\n"
		      "  {\"name\": \"b\", \"type\": \"REG_BINARY\", \"data\": \"00ff\"},\n"
		      "  {\"name\": \"u\", \"type\": 77, \"data\": \"\"}\n"
		      " ],\n"
		      " \"keys\": [\n"
		      "  {\"name\": \"Alpha\"" TIME "},\n"
		      "  {\"name\": \"Sub\", \"class\": \"a \\\"class\\\"\"" TIME "}\n"
		      " ]}}\n");
	wh_reg_free_text(reg, text);
}

Test(reg_json, forms_of_data)
{
	static const struct {
		uint32_t type;
		const char *data;
		size_t size;
		const char *form;
	} cases[] = {
		{ WH_REG_SZ, "a\0\0\0", 4, "\"text\": \"a\"" },
		{ WH_REG_SZ, "\0", 2, "\"text\": \"\"" },
		{ WH_REG_SZ, "", 0, "\"data\": \"\"" },
		{ WH_REG_SZ, "a\0", 2, "\"data\": \"6100\"" },
		{ WH_REG_SZ, "a\0\0\0\0\0", 6, "\"data\": \"610000000000\"" },
		{ WH_REG_SZ, "a\0\0\0\0", 5, "\"data\": \"6100000000\"" },
		{ WH_REG_SZ, "\x00\xd8\0\0", 4, "\"data\": \"00d80000\"" },
		{ WH_REG_SZ, "\x3d\xd8\x00\xde\0\0", 6, "\"text\": \"\\ud83d\\ude00\"" },
		{ WH_REG_EXPAND_SZ, "\x7f\0\x1f\0\0\0", 6, "\"text\": \"\\u007f\\u001f\"" },
		{ WH_REG_LINK, "a\0", 2, "\"text\": \"a\"" },
		{ WH_REG_LINK, "a\0\0\0", 4, "\"data\": \"61000000\"" },
		{ WH_REG_LINK, "", 0, "\"text\": \"\"" },
		{ WH_REG_MULTI_SZ, "\0", 2, "\"strings\": []" },
		{ WH_REG_MULTI_SZ, "\0\0\0", 4, "\"strings\": [\"\"]" },
		{ WH_REG_MULTI_SZ, "a\0\0\0b\0\0\0\0\0", 10, "\"strings\": [\"a\", \"b\"]" },
		{ WH_REG_MULTI_SZ, "\0\0a\0\0\0\0\0", 8, "\"strings\": [\"\", \"a\"]" },
		{ WH_REG_MULTI_SZ, "a\0\0\0\0\0\0\0", 8, "\"strings\": [\"a\", \"\"]" },
		{ WH_REG_MULTI_SZ, "a\0\0\0", 4, "\"data\": \"61000000\"" },
		{ WH_REG_MULTI_SZ, "", 0, "\"data\": \"\"" },
		{ WH_REG_MULTI_SZ, "\x61\0\0\0\0\xd8\0\0\0\0", 10,
		  "\"data\": \"6100000000d800000000\"" },
		{ WH_REG_DWORD, "\xff\xff\xff\xff", 4, "\"number\": 4294967295" },
		{ WH_REG_DWORD, "\xff\xff\xff", 3, "\"data\": \"ffffff\"" },
		{ WH_REG_DWORD, "", 0, "\"data\": \"\"" },
		{ WH_REG_DWORD_BIG_ENDIAN, "\0\0\1\2", 4, "\"number\": 258" },
		{ WH_REG_QWORD, "\xff\xff\xff\xff\xff\xff\x1f\0", 8,
		  "\"number\": 9007199254740991" },
		{ WH_REG_QWORD, "\0\0\0\0\0\0\x20\0", 8, "\"data\": \"0000000000002000\"" },
		{ WH_REG_QWORD, "\0\0\0\0", 4, "\"data\": \"00000000\"" },
		{ WH_REG_BINARY, "a\0\0\0", 4, "\"data\": \"61000000\"" },
		{ 0xffff0012, "a", 1, "\"type\": 4294901778, \"data\": \"61\"" },
		{ WH_REG_NONE, "a", 1, "\"type\": \"REG_NONE\", \"data\": \"61\"" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text, *from;

		set(key, "v", 1, cases[i].type, cases[i].data, cases[i].size);
		text = exported(key, NULL);
		from = strstr(text, cases[i].form);
		cr_assert(from && from[strlen(cases[i].form)] == '}', "%zu: %s", i, text);

		/* And back: the same bytes. */
		from = malloc(strlen(text) + sizeof HEAD);
		strcat(strcpy(from, HEAD), text);
		set(key, "v", 1, WH_REG_BINARY, "else", 4);
		cr_expect_eq(import_text(NULL, from), WH_OK, "%zu", i);
		cr_expect(has(key, "v", cases[i].type, cases[i].data, cases[i].size), "%zu", i);
		free(from);
		free(text);
	}
}

/* ------------------------------------------------------------------- round trip */

/* Export, import elsewhere, export: the same text, name and path of the first key aside. */
static void
expect_survives(wh_hkey from, wh_hkey to)
{
	char *text, *first, *second;
	size_t len;

	cr_assert_eq(wh_reg_export_json(reg, from, NULL, 0, &text, &len), WH_OK);
	cr_assert_eq(wh_reg_import_json(reg, to, NULL, 0, text, len), WH_OK);
	wh_reg_free_text(reg, text);
	first = exported(from, NULL);
	second = exported(to, NULL);
	cr_expect_str_eq(strchr(first, ','), strchr(second, ','));
	free(first);
	free(second);
}

Test(reg_json, round_trip)
{
	static const char *const names[] = {
		"", "a\\b", "/", "\"", "\x01", "\xed\xa0\x80", "\xf0\x9f\x97\x9d", "\xe6\x95\xb0",
		" "
	};
	wh_hkey sub = make_reg_key(reg, key, "A\\\xc3\x96\\\xed\xb0\x80", 0), copy;
	uint8_t data[300];
	uint32_t type = 0;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 37);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		set(key, names[i], strlen(names[i]), type++, data, i * 3);
		set(sub, names[i], strlen(names[i]), type++, data, sizeof data - i);
	}
	set(key, "n\0ul", 4, WH_REG_SZ, "x", 1);
	close_reg_key(reg, sub);
	cr_assert_eq(
		wh_reg_create_key(reg, key, "key\0nul", 7, 0, WH_KEY_ALL_ACCESS, NULL, &sub, NULL),
		WH_OK);
	close_reg_key(reg, sub);
	close_reg_key(reg, make_reg_key(reg, key, "memory\\deeper", WH_REG_OPTION_VOLATILE));
	make_reg_link(reg, key, "link", "\\REGISTRY\\MACHINE\\SOFTWARE\\Nowhere");
	copy = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Copy", 0);
	expect_survives(key, copy);
	expect_survives(key, copy);
	close_reg_key(reg, copy);
	cr_expect_not(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Nowhere"));
}

Test(reg_json, class_that_no_json_can_carry)
{
	struct wh_create how = { .class_name = "c\0\xed\xa0\x80", .class_len = 5 };
	char buf[8], *text;
	wh_hkey sub, back;
	size_t len;

	cr_assert_eq(wh_reg_create_key(reg, key, "S", 1, 0, WH_KEY_ALL_ACCESS, &how, &sub, NULL),
		     WH_OK);
	text = exported(sub, NULL);
	cr_expect(strstr(text, "\"class_utf16\": \"6300000000d8\""), "%s", text);
	free(text);
	cr_assert_eq(wh_reg_export_json(reg, sub, NULL, 0, &text, &len), WH_OK);
	cr_assert_eq(wh_reg_import_json(reg, key, "T", 1, text, len), WH_OK);
	wh_reg_free_text(reg, text);
	back = open_reg_key(reg, key, "T");
	cr_assert_eq(wh_reg_query_class(reg, back, buf, sizeof buf, &len), WH_OK);
	cr_expect(len == 5 && memcmp(buf, how.class_name, 5) == 0);
}

Test(reg_json, whole_roots)
{
	char *text;
	size_t len;

	set(key, "v", 1, 3, "x", 1);
	cr_assert_eq(wh_reg_export_json(reg, WH_HKEY_USERS, NULL, 0, &text, &len), WH_OK);
	cr_expect(strstr(text, "\"name\": \"" USER_SID "\"") && strstr(text, "\"name\": \"Test\""));
	cr_assert_eq(wh_reg_delete_value(reg, key, "v", 1), WH_OK);
	cr_assert_eq(wh_reg_import_json(reg, WH_HKEY_USERS, NULL, 0, text, len), WH_OK);
	cr_expect(has(key, "v", 3, "x", 1), "into a hive below");
	wh_reg_free_text(reg, text);
}

/* [1.4.14]: both sides are written as one, new keys are made where the machine has its own. */
Test(reg_json, merged_view)
{
	wh_hkey user = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\C\\U", 0);
	wh_hkey machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\C\\M", 0);
	char *text;
	size_t len;

	set(user, "v", 1, 3, "u", 1);
	set(machine, "v", 1, 3, "m", 1);
	cr_assert_eq(wh_reg_export_json(reg, WH_HKEY_CLASSES_ROOT, "C", 1, &text, &len), WH_OK);
	cr_expect(strstr(text, "\"M\"") && strstr(text, "\"U\""));
	set(user, "v", 1, 3, "?", 1);
	set(machine, "v", 1, 3, "?", 1);
	cr_assert_eq(wh_reg_import_json(reg, WH_HKEY_CLASSES_ROOT, "C", 1, text, len), WH_OK);
	cr_expect(has(user, "v", 3, "u", 1) && has(machine, "v", 3, "m", 1));
	cr_assert_eq(wh_reg_import_json(reg, WH_HKEY_CLASSES_ROOT, "New\\Cls", WH_NTS, text, len),
		     WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\New\\Cls\\U"));
	wh_reg_free_text(reg, text);
}

/* --------------------------------------------------------------------- reading */

Test(reg_json, what_is_there_stays)
{
	wh_hkey sub = make_reg_key(reg, key, "Sub", 0);
	char buf[8];
	size_t len;

	set(key, "keep", 4, 3, "k", 1);
	set(key, "change", 6, 3, "c", 1);
	set(sub, "keep", 4, 3, "k", 1);
	cr_expect_eq(import_text("", HEAD "{\"name\": \"ignored\", \"class\": \"cl\", \"values\": ["
					  "{\"name\": \"CHANGE\", \"type\": 1, \"data\": \"FF\"}],"
					  "\"keys\": [{\"name\": \"SUB\", \"class\": \"sub\"},"
					  "{\"name\": \"More\"}]}}"),
		     WH_OK);
	cr_expect(has(key, "keep", 3, "k", 1) && has(key, "change", 1, "\xff", 1));
	cr_expect(has(sub, "keep", 3, "k", 1) && has_reg_key(reg, key, "More"));
	cr_assert_eq(wh_reg_query_class(reg, key, buf, sizeof buf, &len), WH_OK);
	cr_expect(len == 2 && memcmp(buf, "cl", 2) == 0);
	cr_assert_eq(wh_reg_query_class(reg, sub, buf, sizeof buf, &len), WH_OK);
	cr_expect(len == 3 && memcmp(buf, "sub", 3) == 0);
	cr_expect_eq(import_text("Sub\\New\\Path", HEAD "{}}"), WH_OK);
	cr_expect(has_reg_key(reg, key, "Sub\\New\\Path"));
}

Test(reg_json, refused)
{
	static const char *const documents[] = {
		"",
		"nonsense",
		"[]",
		"{}",
		"{\"format\": \"winhive registry 1\"}",
		"{\"format\": \"winhive registry 2\", \"key\": {}}",
		"{\"format\": 1, \"key\": {}}",
		"{\"key\": {}}",
		HEAD "{}, \"more\": 1}",
		HEAD "[]}",
		HEAD "{}} trailing",
		HEAD "{\"values\": {}}}",
		HEAD "{\"keys\": {}}}",
		HEAD "{\"keys\": [{}]}}",
		HEAD "{\"keys\": [[]]}}",
		HEAD "{\"keys\": [{\"name\": \"\"}]}}",
		HEAD "{\"keys\": [{\"name\": \"a\\\\b\"}]}}",
		HEAD "{\"keys\": [{\"name\": 1}]}}",
		HEAD "{\"keys\": [{\"name\": \"a\", \"name\": \"b\"}]}}",
		HEAD "{\"keys\": [{\"name\": \"a\", \"name_utf16\": \"6100\"}]}}",
		HEAD "{\"keys\": [{\"name_utf16\": \"610\"}]}}",
		HEAD "{\"keys\": [{\"name_utf16\": \"61\"}]}}",
		HEAD "{\"keys\": [{\"name_utf16\": \"6g00\"}]}}",
		HEAD "{\"keys\": [{\"name_utf16\": 61}]}}",
		HEAD "{\"keys\": [{\"name\": \"\\u0000\"}]}}",
		HEAD "{\"keys\": [{\"name\": \"\\ud800\"}]}}",
		HEAD "{\"keys\": [{\"name\": \"\xff\"}]}}",
		HEAD "{\"keys\": [{\"name\": \"a\"}, {\"name\": \"b\"}, {\"name\": \"A\"}]}}",
		HEAD "{\"vlaues\": []}}",
		HEAD "{\"link\": 1}}",
		HEAD "{\"volatile\": \"yes\"}}",
		HEAD "{\"class\": 5}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"type\": 3, \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": \"SZ\", \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": -1, \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 4294967296, \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3.0, \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3, \"data\": \"0\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3, \"data\": \"0x\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3, \"data\": []}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3, \"text\": \"a\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 1, \"text\": 1}]}}",
		HEAD
		"{\"values\": [{\"name\": \"a\", \"type\": 1, \"text\": \"\", \"data\": \"\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 1, \"number\": 1}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 1, \"strings\": []}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 7, \"strings\": [1]}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 7, \"strings\": \"a\"}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 4, \"number\": 4294967296}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 4, \"number\": -1}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 4, \"number\": 1.5}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 11, \"number\": "
		     "18446744073709551616}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3, \"data\": \"\", \"x\": 1}]}}",
		HEAD "{\"values\": [{\"name\": \"a\", \"type\": 3, \"data\": \"\"},"
		     "{\"name\": \"A\", \"type\": 3, \"data\": \"\"}]}}",
		HEAD "{\"values\": [5]}}",
		HEAD "{\"keys\": [{\"name\": \"l\", \"link\": true, \"values\": ["
		     "{\"name\": \"other\", \"type\": 6, \"text\": \"\"}]}]}}",
	};

	set(key, "v", 1, 3, "x", 1);
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
		cr_expect_eq(import_text("made\\here", documents[i]), WH_E_INVALID_DATA, "%zu: %s",
			     i, documents[i]);
	cr_expect(lists_reg_keys(reg, key, ""));
}

Test(reg_json, names_that_are_long)
{
	char *text = malloc(40000), *name = malloc(20000);

	memset(name, 'n', 20000);
	for (int i = 0; i < 2; i++) {
		sprintf(text, HEAD "{\"keys\": [{\"name\": \"%.*s\"}]}}", 255 + 2 * i, name);
		cr_expect_eq(import_text("a", text), i == 0 ? WH_OK : WH_E_INVALID_DATA);
		sprintf(text,
			HEAD "{\"values\": [{\"name\": \"%.*s\", \"type\": 3, \"data\": \"\"}]}}",
			16383 + i, name);
		cr_expect_eq(import_text("b", text), i == 0 ? WH_OK : WH_E_INVALID_DATA);
	}
	free(text);
	free(name);
}

/* 'count' keys in each other. */
static char *
nested(int count)
{
	char *text = malloc(64 + (size_t)count * 32), *at = text;

	at += sprintf(at, HEAD "{");
	for (int i = 1; i < count; i++)
		at += sprintf(at, "\"keys\": [{\"name\": \"k\"%s", i + 1 < count ? ", " : "");
	for (int i = 1; i < count; i++)
		at += sprintf(at, "}]");
	sprintf(at, "}}");
	return text;
}

Test(reg_json, depth)
{
	static const struct {
		int count;
		enum wh_status st;
	} cases[] = { { 400, WH_OK }, { 601, WH_E_INVALID_DATA }, { 5000, WH_E_INVALID_DATA } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = nested(cases[i].count);

		cr_expect_eq(import_text("deep", text), cases[i].st, "%zu", i);
		free(text);
	}
}

/* -------------------------------------------------------------------- undone */

/* What was written before the failure is gone again, in every hive and in memory. */
Test(reg_json, undone)
{
	wh_hkey classes = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\C", 0);
	char *before, *after;
	static const char *const documents[] = {
		HEAD "{\"values\": [{\"name\": \"x\", \"type\": 3, \"data\": \"00\"}],"
		     "\"keys\": [{\"name\": \"New\"}, {\"name\": \"m\", \"volatile\": true},"
		     "{\"name\": \"plain\", \"link\": true}]}}",
		HEAD "{\"class\": \"c\", \"keys\": [{\"name\": \"New\"}, {\"name\": \"link\"}]}}",
		HEAD "{\"keys\": [{\"name\": \"m\", \"volatile\": true,"
		     "\"keys\": [{\"name\": \"not\"}]}]}}",
		HEAD "{\"keys\": [{\"name\": \"old\", \"keys\": [{\"name\": \"m2\","
		     "\"volatile\": true}]}, {\"name\": \"link\"}]}}",
	};
	static const enum wh_status due[] = { WH_E_EXISTS, WH_E_EXISTS, WH_E_MUST_BE_VOLATILE,
					      WH_E_EXISTS };

	close_reg_key(reg, make_reg_key(reg, key, "plain", 0));
	close_reg_key(reg, make_reg_key(reg, key, "old\\m1", WH_REG_OPTION_VOLATILE));
	make_reg_link(reg, key, "link", "\\REGISTRY\\MACHINE\\SOFTWARE\\Target");
	before = exported(WH_HKEY_CURRENT_USER, NULL);
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		cr_expect_eq(import_text(NULL, documents[i]), due[i], "%zu", i);
		after = exported(WH_HKEY_CURRENT_USER, NULL);
		cr_expect_str_eq(before, after, "%zu", i);
		free(after);
	}
	free(before);
	close_reg_key(reg, make_reg_key(reg, key, "m", WH_REG_OPTION_VOLATILE));
	cr_expect(lists_reg_keys(reg, key, "link,m,old,plain"), "memory is in order, too");
	close_reg_key(reg, classes);
}

Test(reg_json, kinds_of_keys)
{
	make_reg_link(reg, key, "link", "\\REGISTRY\\MACHINE\\SOFTWARE\\Target");
	cr_expect_eq(import_text("link", HEAD "{}}"), WH_OK, "what the link leads to is made");
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Target"));
	cr_expect_eq(import_text("link",
				 HEAD "{\"link\": true, \"values\": [{\"name\":"
				      "\"SymbolicLinkValue\", \"type\": \"REG_LINK\", \"text\":"
				      "\"\\\\REGISTRY\\\\USER\\\\X\"}]}}"),
		     WH_OK, "the link itself");
	cr_expect_not(has_reg_key(reg, key, "link\\sub"));
	cr_expect_eq(import_text("", HEAD "{\"link\": true}}"), WH_E_EXISTS);
	cr_expect_eq(import_text("memory", HEAD "{\"volatile\": true}}"), WH_OK);
	cr_expect_eq(import_text("memory\\sub", HEAD "{}}"), WH_E_MUST_BE_VOLATILE);
}

/* --------------------------------------------------------- arguments, rights, damage */

Test(reg_json, arguments)
{
	wh_hkey reading, writing;
	char *text;
	size_t len;

	cr_expect_eq(wh_reg_export_json(reg, key, "none", WH_NTS, &text, &len), WH_E_NOT_FOUND);
	cr_expect(!text && len == 0);
	cr_expect_eq(wh_reg_export_json(reg, key, NULL, 0, NULL, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_export_json(NULL, key, NULL, 0, &text, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_export_json(reg, 0, NULL, 0, &text, &len), WH_E_HANDLE);
	cr_expect_eq(wh_reg_export_json(reg, key, NULL, 0, &text, NULL), WH_OK);
	wh_reg_free_text(reg, text);
	cr_expect_eq(wh_reg_import_json(reg, key, NULL, 0, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_import_json(NULL, key, NULL, 0, "{}", 2), WH_E_INVALID);
	cr_expect_eq(wh_reg_import_json(reg, 0, NULL, 0, HEAD "{}}", WH_NTS), WH_E_HANDLE);
	cr_expect_eq(wh_reg_import_json(reg, key, NULL, 0, "{}", (size_t)INT32_MAX + 1),
		     WH_E_TOO_BIG);
	cr_expect_eq(import_text("\\a", HEAD "{}}"), WH_E_BAD_PATH);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_READ, &reading), WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_WRITE, &writing), WH_OK);
	cr_expect_eq(wh_reg_import_json(reg, reading, NULL, 0, HEAD "{}}", WH_NTS), WH_E_ACCESS);
	cr_expect_eq(wh_reg_import_json(reg, writing, NULL, 0, HEAD "{}}", WH_NTS), WH_OK);
	cr_expect_eq(wh_reg_export_json(reg, writing, NULL, 0, &text, &len), WH_E_ACCESS);
	cr_expect_eq(wh_reg_export_json(reg, reading, NULL, 0, &text, &len), WH_OK);
	wh_reg_free_text(reg, text);
}

/* A key that is below itself, and two lists that are one: neither ends in all the memory. */
Test(reg_json_damage, cycles)
{
	struct builder b;
	struct wh_hive *hive;
	struct wh_reg *own;
	char *text;
	uint32_t root, sub;
	size_t len;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	sub = builder_key(&b, root, "sub");
	builder_set_list(&b, root, builder_list(&b, "lh", &sub, 1), 1);
	builder_set_list(&b, sub, builder_list(&b, "lh", &sub, 1), 1);
	hive = builder_open(&b, NULL);
	cr_assert_eq(wh_reg_new(NULL, &own), WH_OK);
	cr_assert_eq(wh_reg_mount_hive(own, WH_HKEY_LOCAL_MACHINE, "CYCLE", WH_NTS, hive,
				       WH_MOUNT_OWNED),
		     WH_OK);
	cr_expect_eq(wh_reg_export_json(own, WH_HKEY_LOCAL_MACHINE, "CYCLE", WH_NTS, &text, &len),
		     WH_E_CORRUPT);
	cr_expect_null(text);
	wh_reg_free(own);
	builder_fini(&b);
}

/* ------------------------------------------------------------------------ memory */

static char *starved_text;
static size_t starved_len;

static void
fill(struct wh_reg *r)
{
	wh_hkey at = make_reg_key(r, WH_HKEY_CURRENT_USER, "Software\\From", 0);

	cr_assert_eq(wh_reg_set_value_ex(r, at, "n\0m", 3, WH_REG_MULTI_SZ, "a\0\0\0\0\0", 6),
		     WH_OK);
	cr_assert_eq(wh_reg_set_value_ex(r, at, "text", 4, WH_REG_SZ, "a\0\0\0", 4), WH_OK);
	close_reg_key(r, make_reg_key(r, at, "Sub\\Deep", 0));
	close_reg_key(r, make_reg_key(r, at, "memory\\deep", WH_REG_OPTION_VOLATILE));
	close_reg_key(r, at);
	if (!starved_text) {
		char *text;

		cr_assert_eq(wh_reg_export_json(r, WH_HKEY_CURRENT_USER, "Software\\From", WH_NTS,
						&text, &starved_len),
			     WH_OK);
		starved_text = strdup(text);
		wh_reg_free_text(r, text);
	}
}

static enum wh_status
starving_export(struct wh_reg *r)
{
	char *text;
	size_t len;
	enum wh_status st =
		wh_reg_export_json(r, WH_HKEY_CURRENT_USER, "Software\\From", WH_NTS, &text, &len);

	wh_reg_free_text(r, text);
	return st;
}

/* Volatile keys are in no hive that the fixture compares. */
static enum wh_status
starving_import(struct wh_reg *r)
{
	enum wh_status st = wh_reg_import_json(r, WH_HKEY_CURRENT_USER, "Software\\To\\Here",
					       WH_NTS, starved_text, starved_len);

	if (st != WH_OK)
		cr_expect_not(has_reg_key(r, WH_HKEY_CURRENT_USER, "Software\\To"));
	return st;
}

static enum wh_status
starving_merge(struct wh_reg *r)
{
	enum wh_status st = wh_reg_import_json(r, WH_HKEY_CURRENT_USER, "Software\\From", WH_NTS,
					       starved_text, starved_len);

	if (st != WH_OK)
		cr_expect_not(has_reg_key(r, WH_HKEY_CURRENT_USER, "Software\\To"));
	return st;
}

Test(reg_json_starved, every_call)
{
	cr_expect_gt(registry_starve(fill, starving_export), 10);
	cr_expect_gt(registry_starve(fill, starving_import), 10);
	cr_expect_gt(registry_starve(fill, starving_merge), 5);
	free(starved_text);
}
