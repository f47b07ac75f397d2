/* SPDX-License-Identifier: MIT */
/* Security of keys, part by part, and what it asks for (docs/winreg-tests.md 4.6, 1.4.11). */
#include "descriptors.h"
#include "registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define OWNER WH_OWNER_SECURITY_INFORMATION
#define GROUP WH_GROUP_SECURITY_INFORMATION
#define DACL  WH_DACL_SECURITY_INFORMATION
#define SACL  WH_SACL_SECURITY_INFORMATION
#define LABEL WH_LABEL_SECURITY_INFORMATION
#define EACH  (OWNER | GROUP | DACL | SACL)
#define ASS   WH_ACCESS_SYSTEM_SECURITY
#define FULL  "O:BA G:SY S:(AU;SY;1) D:(A;BA;f003f)(D;SY;2)"

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key;

static wh_hkey
open_with(uint32_t access)
{
	wh_hkey opened;

	cr_assert_eq(wh_reg_open_key(reg, WH_HKEY_CURRENT_USER, "Software\\Key", WH_NTS, 0, access,
				     &opened),
		     WH_OK);
	return opened;
}

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
	close_reg_key(reg, make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Key", 0));
	key = open_with(WH_KEY_ALL_ACCESS | ASS);
}

static void
teardown(void)
{
	close_reg_key(reg, key);
	registry_fini(&t);
}

TestSuite(security, .init = setup, .fini = teardown);

static enum wh_status
set(wh_hkey handle, uint32_t parts, const char *text)
{
	struct sd_bytes sd = sd_bytes(text);
	uint8_t *copy = malloc(sd.len);
	enum wh_status st;

	cr_assert(copy);
	memcpy(copy, sd.at, sd.len);
	st = wh_reg_set_key_security(reg, handle, parts, copy, sd.len);
	free(copy);
	return st;
}

static enum wh_status
get(wh_hkey handle, uint32_t parts, struct sd_bytes *sd)
{
	return wh_reg_get_key_security(reg, handle, parts, sd->at, sizeof sd->at, &sd->len);
}

static void
expect_get(int line, uint32_t parts, const char *due)
{
	struct sd_bytes sd, wanted = sd_bytes(due);

	cr_assert_eq(get(key, parts, &sd), WH_OK, "line %d", line);
	cr_assert_eq(sd.len, wanted.len, "line %d: %zu bytes, not %zu", line, sd.len, wanted.len);
	for (size_t i = 0; i < sd.len; i++)
		cr_assert_eq(sd.at[i], wanted.at[i], "line %d: byte %zu is %02x, not %02x", line, i,
			     sd.at[i], wanted.at[i]);
}
#define EXPECT(parts, due) expect_get(__LINE__, parts, due)

/* --------------------------------------------------------------------- getting */

Test(security, get_parts)
{
	cr_assert_eq(set(key, EACH, FULL), WH_OK);
	EXPECT(EACH, FULL);
	EXPECT(0, "");
	EXPECT(OWNER, "O:BA");
	EXPECT(GROUP, "G:SY");
	EXPECT(DACL, "D:(A;BA;f003f)(D;SY;2)");
	EXPECT(SACL, "S:(AU;SY;1)");
	EXPECT(OWNER | DACL, "O:BA D:(A;BA;f003f)(D;SY;2)");
	EXPECT(LABEL, "");
	/* What is meant for setting means nothing here. */
	EXPECT(OWNER | WH_PROTECTED_DACL_SECURITY_INFORMATION, "O:BA");
}

Test(security, get_with_control_bits)
{
	cr_assert_eq(set(key, EACH, "O:BA G:SY S:PAI(AU;SY;1) D:PAI(A;BA;1)"), WH_OK);
	EXPECT(DACL, "D:PAI(A;BA;1)");
	EXPECT(SACL, "S:PAI(AU;SY;1)");
	EXPECT(OWNER, "O:BA");
}

/* Labels are ACEs of the SACL. */
Test(security, get_label)
{
	cr_assert_eq(set(key, EACH, "O:BA G:SY S:(AU;SY;1)(ML;SY;1) D:"), WH_OK);
	EXPECT(LABEL, "S:(ML;SY;1)");
	EXPECT(SACL, "S:(AU;SY;1)(ML;SY;1)");
	EXPECT(SACL | LABEL, "S:(AU;SY;1)(ML;SY;1)");
	EXPECT(LABEL | OWNER, "S:(ML;SY;1) O:BA");
}

Test(security, get_no_null_or_empty_dacl)
{
	cr_assert_eq(set(key, DACL, "D:null"), WH_OK);
	EXPECT(DACL, "D:null");
	cr_assert_eq(set(key, DACL, "D:"), WH_OK);
	EXPECT(DACL, "D:");
}

/* The error is 122, and the length that is needed comes with it. */
Test(security, get_buffers)
{
	struct sd_bytes full = sd_bytes(FULL);
	uint8_t buf[SD_BYTES_MAX];
	size_t len = 5;

	cr_assert_eq(set(key, EACH, FULL), WH_OK);
	cr_expect_eq(wh_reg_get_key_security(reg, key, EACH, NULL, 0, &len), WH_E_BUFFER);
	cr_expect_eq(len, full.len);
	memset(buf, 0x77, sizeof buf);
	cr_expect_eq(wh_reg_get_key_security(reg, key, EACH, buf, full.len - 1, &len), WH_E_BUFFER);
	cr_expect_eq(len, full.len);
	cr_expect_eq(buf[0], 0x77);
	cr_expect_eq(wh_reg_get_key_security(reg, key, EACH, buf, full.len, &len), WH_OK);
	cr_expect_eq(buf[full.len], 0x77);
}

Test(security, get_refused)
{
	struct sd_bytes sd;
	size_t len = 5;
	wh_hkey other = open_with(WH_KEY_QUERY_VALUE);

	cr_expect_eq(wh_reg_get_key_security(NULL, key, OWNER, sd.at, 100, &len), WH_E_INVALID);
	cr_expect_eq(len, 0);
	cr_expect_eq(wh_reg_get_key_security(reg, key, OWNER, sd.at, 100, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_get_key_security(reg, key, OWNER, NULL, 100, &len), WH_E_INVALID);
	cr_expect_eq(get(key, 0x20, &sd), WH_E_INVALID);
	cr_expect_eq(get(key, 0x08000000, &sd), WH_E_INVALID);
	cr_expect_eq(get(0, OWNER, &sd), WH_E_HANDLE);
	cr_expect_eq(get(other, OWNER, &sd), WH_E_ACCESS);
	cr_expect_eq(get(other, 0, &sd), WH_OK);
	close_reg_key(reg, other);
}

/* [S:1060] Who may write the DACL cannot read it. */
Test(security, access_to_get)
{
	static const struct {
		uint32_t access;
		bool main, sacl;
	} rows[] = {
		{ WH_ACCESS_WRITE_DAC, false, false },
		{ WH_ACCESS_READ_CONTROL, true, false },
		{ ASS, false, true },
		{ WH_KEY_READ, true, false },
		{ WH_KEY_ALL_ACCESS, true, false },
		{ WH_KEY_ALL_ACCESS | ASS, true, true },
	};
	struct sd_bytes sd;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		wh_hkey h = open_with(rows[i].access);
		enum wh_status main = rows[i].main ? WH_OK : WH_E_ACCESS;

		cr_expect_eq(get(h, OWNER, &sd), main, "%zu", i);
		cr_expect_eq(get(h, GROUP, &sd), main, "%zu", i);
		cr_expect_eq(get(h, DACL, &sd), main, "%zu", i);
		cr_expect_eq(get(h, LABEL, &sd), main, "%zu", i);
		cr_expect_eq(get(h, SACL, &sd), rows[i].sacl ? WH_OK : WH_E_ACCESS, "%zu", i);
		close_reg_key(reg, h);
	}
}

/* --------------------------------------------------------------------- setting */

/* [S:1178-1400] Only the named parts are taken. */
Test(security, set_parts)
{
	cr_assert_eq(set(key, EACH, FULL), WH_OK);
	cr_expect_eq(set(key, 0, "O:ME G:ME D:"), WH_OK);
	EXPECT(EACH, FULL);
	cr_expect_eq(set(key, OWNER, "O:ME G:ME D:"), WH_OK);
	EXPECT(EACH, "O:ME G:SY S:(AU;SY;1) D:(A;BA;f003f)(D;SY;2)");
	cr_expect_eq(set(key, GROUP, "O:BA G:BU D:"), WH_OK);
	EXPECT(EACH, "O:ME G:BU S:(AU;SY;1) D:(A;BA;f003f)(D;SY;2)");
	cr_expect_eq(set(key, DACL, "O:BA D:PAI(A;WD;1)"), WH_OK);
	EXPECT(EACH, "O:ME G:BU S:(AU;SY;1) D:PAI(A;WD;1)");
	cr_expect_eq(set(key, SACL, "S:P(AU;WD;3)(ML;ME;1)"), WH_OK);
	EXPECT(EACH, "O:ME G:BU S:P(AU;WD;3)(ML;ME;1) D:PAI(A;WD;1)");
	cr_expect_eq(set(key, DACL, "D:(A;WD;3)"), WH_OK);
	EXPECT(EACH, "O:ME G:BU S:P(AU;WD;3)(ML;ME;1) D:(A;WD;3)");
}

/* [S:1178-1400] The table: what is named, and what the descriptor has. */
Test(security, set_table)
{
	static const char *const sources[] = { "O:ME", "G:ME", "D:(A;WD;1)", "S:(AU;WD;1)" };
	static const struct {
		uint32_t parts;
		enum wh_status due[4];
	} rows[] = {
		{ 0, { WH_OK, WH_OK, WH_OK, WH_OK } },
		{ OWNER, { WH_OK, WH_E_INVALID, WH_E_INVALID, WH_E_INVALID } },
		{ GROUP, { WH_E_INVALID, WH_OK, WH_E_INVALID, WH_E_INVALID } },
		/* Windows: WH_OK, and the key is open to everybody. */
		{ DACL, { WH_E_INVALID_SD, WH_E_INVALID_SD, WH_OK, WH_E_INVALID_SD } },
		{ SACL, { WH_OK, WH_OK, WH_OK, WH_OK } },
	};
	wh_hkey without;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t j = 0; j < 4; j++) {
			struct sd_bytes after, full = sd_bytes(FULL);

			cr_assert_eq(set(key, EACH, FULL), WH_OK);
			cr_expect_eq(set(key, rows[i].parts, sources[j]), rows[i].due[j],
				     "row %zu, column %zu", i, j);
			if (rows[i].due[j] == WH_OK && rows[i].parts)
				continue;
			cr_assert_eq(get(key, EACH, &after), WH_OK);
			cr_expect(after.len == full.len &&
				  memcmp(after.at, full.at, full.len) == 0);
		}
	/* Without ACCESS_SYSTEM_SECURITY a SACL cannot be set, whatever is given. */
	without = open_with(WH_KEY_ALL_ACCESS);
	for (size_t j = 0; j < 4; j++)
		cr_expect_eq(set(without, SACL, sources[j]), WH_E_ACCESS);
	close_reg_key(reg, without);
}

/* One that has no SACL takes it away. */
Test(security, set_no_sacl)
{
	cr_assert_eq(set(key, EACH, FULL), WH_OK);
	cr_expect_eq(set(key, SACL, "O:BA"), WH_OK);
	EXPECT(EACH, "O:BA G:SY D:(A;BA;f003f)(D;SY;2)");
}

/* A label is exchanged for another, and the audit ACEs stay. */
Test(security, set_label)
{
	cr_assert_eq(set(key, EACH, FULL), WH_OK);
	cr_expect_eq(set(key, LABEL, "S:(AU;WD;7)(ML;ME;1)"), WH_OK);
	EXPECT(EACH, "O:BA G:SY S:(AU;SY;1)(ML;ME;1) D:(A;BA;f003f)(D;SY;2)");
	cr_expect_eq(set(key, LABEL, "S:(ML;SY;2)"), WH_OK);
	EXPECT(EACH, "O:BA G:SY S:(AU;SY;1)(ML;SY;2) D:(A;BA;f003f)(D;SY;2)");
	cr_expect_eq(set(key, LABEL, "O:BA"), WH_OK);
	EXPECT(EACH, FULL);
	cr_expect_eq(set(key, SACL, "O:BA"), WH_OK);
	cr_expect_eq(set(key, LABEL, "S:(ML;SY;2)"), WH_OK);
	EXPECT(SACL, "S:(ML;SY;2)");
	cr_expect_eq(set(key, LABEL, "O:BA"), WH_OK);
	EXPECT(SACL, "");
}

Test(security, protect)
{
	const uint32_t p = WH_PROTECTED_DACL_SECURITY_INFORMATION;
	const uint32_t u = WH_UNPROTECTED_DACL_SECURITY_INFORMATION;
	const uint32_t sp = WH_PROTECTED_SACL_SECURITY_INFORMATION;
	const uint32_t su = WH_UNPROTECTED_SACL_SECURITY_INFORMATION;

	cr_assert_eq(set(key, EACH, "O:BA G:SY S:(AU;SY;1) D:(A;BA;1)"), WH_OK);
	cr_expect_eq(set(key, p, ""), WH_OK);
	EXPECT(EACH, "O:BA G:SY S:(AU;SY;1) D:P(A;BA;1)");
	cr_expect_eq(set(key, sp, ""), WH_OK);
	EXPECT(EACH, "O:BA G:SY S:P(AU;SY;1) D:P(A;BA;1)");
	cr_expect_eq(set(key, u | su, ""), WH_OK);
	EXPECT(EACH, "O:BA G:SY S:(AU;SY;1) D:(A;BA;1)");
	cr_expect_eq(set(key, DACL | p, "D:(A;WD;1)"), WH_OK);
	EXPECT(DACL, "D:P(A;WD;1)");
	cr_expect_eq(set(key, DACL | u, "D:P(A;WD;2)"), WH_OK);
	EXPECT(DACL, "D:(A;WD;2)");
	cr_expect_eq(set(key, p | u, ""), WH_E_INVALID);
	cr_expect_eq(set(key, sp | su, ""), WH_E_INVALID);
}

Test(security, access_to_set)
{
	const uint32_t p = WH_PROTECTED_DACL_SECURITY_INFORMATION;
	const uint32_t sp = WH_UNPROTECTED_SACL_SECURITY_INFORMATION;
	static const uint32_t accesses[] = { WH_ACCESS_WRITE_OWNER, WH_ACCESS_WRITE_DAC, ASS };
	const struct {
		uint32_t part, access;
	} rows[] = {
		{ OWNER, WH_ACCESS_WRITE_OWNER },
		{ GROUP, WH_ACCESS_WRITE_OWNER },
		{ LABEL, WH_ACCESS_WRITE_OWNER },
		{ DACL, WH_ACCESS_WRITE_DAC },
		{ p, WH_ACCESS_WRITE_DAC },
		{ SACL, ASS },
		{ sp, ASS },
	};

	for (size_t a = 0; a < 3; a++) {
		wh_hkey h = open_with(accesses[a] | WH_KEY_READ);

		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			cr_expect_eq(set(h, rows[i].part, FULL),
				     rows[i].access == accesses[a] ? WH_OK : WH_E_ACCESS,
				     "access %zu, row %zu", a, i);
		cr_expect_eq(set(h, OWNER | DACL | SACL, FULL), WH_E_ACCESS);
		close_reg_key(reg, h);
	}
}

Test(security, set_refused)
{
	struct sd_bytes sd = sd_bytes(FULL);

	cr_expect_eq(wh_reg_set_key_security(NULL, key, OWNER, sd.at, sd.len), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_key_security(reg, key, OWNER, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_key_security(reg, key, OWNER | 0x40, sd.at, sd.len), WH_E_INVALID);
	cr_expect_eq(wh_reg_set_key_security(reg, 0, OWNER, sd.at, sd.len), WH_E_HANDLE);
	for (size_t len = 0; len < sd.len; len++)
		cr_assert_eq(wh_reg_set_key_security(reg, key, 0, sd.at, len), WH_E_INVALID_SD);
	sd.at[0] = 2;
	cr_expect_eq(wh_reg_set_key_security(reg, key, OWNER, sd.at, sd.len), WH_E_INVALID_SD);
}

/* Two SACLs that are full make one that is too large. */
Test(security, set_label_too_large)
{
	enum { HEAD = 20, ACES = 3000, ACE = 20, SIZE = HEAD + 8 + ACES * ACE };
	static uint8_t sd[SIZE];
	static const uint8_t ace[ACE] = { 2, 0, ACE, 0, 1, 0, 0, 0, SID_SY };
	struct sd_bytes before, after;

	memcpy(sd, (uint8_t[]){ 1, 0, 0x10, 0x80 }, 4);
	sd[12] = HEAD;
	memcpy(sd + HEAD,
	       (uint8_t[]){ 2, 0, (8 + ACES * ACE) & 0xff, (8 + ACES * ACE) >> 8, ACES & 0xff,
			    ACES >> 8 },
	       6);
	for (size_t i = 0; i < ACES; i++)
		memcpy(sd + HEAD + 8 + i * ACE, ace, ACE);
	cr_assert_eq(set(key, EACH, FULL), WH_OK);
	cr_assert_eq(wh_reg_set_key_security(reg, key, SACL, sd, SIZE), WH_OK);
	for (size_t i = 0; i < ACES; i++)
		sd[HEAD + 8 + i * ACE] = 0x11;
	cr_assert_eq(get(key, OWNER | GROUP | DACL, &before), WH_OK);
	cr_expect_eq(wh_reg_set_key_security(reg, key, LABEL, sd, SIZE), WH_E_INVALID_SD);
	cr_assert_eq(get(key, OWNER | GROUP | DACL, &after), WH_OK);
	cr_expect(before.len == after.len && memcmp(before.at, after.at, after.len) == 0);
}

/* Keys that shared a descriptor with this one keep it. */
Test(security, shared_descriptor_is_left_alone)
{
	wh_hkey a = make_reg_key(reg, key, "a", 0), b = make_reg_key(reg, key, "b", 0);
	struct sd_bytes before, after;
	struct wh_key key_a, key_b;
	struct wh_key_info info_a, info_b;

	cr_assert_eq(get(b, OWNER | GROUP | DACL, &before), WH_OK);
	cr_assert_eq(set(a, DACL, "D:(A;WD;1)"), WH_OK);
	cr_assert_eq(get(b, OWNER | GROUP | DACL, &after), WH_OK);
	cr_expect(before.len == after.len && memcmp(before.at, after.at, after.len) == 0);
	/* What is set back is shared again. */
	cr_assert_eq(wh_reg_set_key_security(reg, a, DACL, before.at, before.len), WH_OK);
	cr_assert_eq(wh_reg_hive_key(reg, a, &key_a), WH_OK);
	cr_assert_eq(wh_reg_hive_key(reg, b, &key_b), WH_OK);
	cr_assert_eq(wh_key_info(key_a, &info_a), WH_OK);
	cr_assert_eq(wh_key_info(key_b, &info_b), WH_OK);
	cr_expect_eq(info_a.security, info_b.security);
	close_reg_key(reg, a);
	close_reg_key(reg, b);
}

Test(security, volatile_keys_and_roots)
{
	wh_hkey h = make_reg_key(reg, key, "v", WH_REG_OPTION_VOLATILE);
	struct sd_bytes sd, due = sd_bytes("D:(A;WD;1)");

	cr_expect_eq(set(h, DACL, "D:(A;WD;1)"), WH_OK);
	cr_assert_eq(get(h, DACL, &sd), WH_OK);
	cr_expect(sd.len == due.len && memcmp(sd.at, due.at, sd.len) == 0);
	close_reg_key(reg, h);
	cr_expect_eq(get(WH_HKEY_LOCAL_MACHINE, EACH, &sd), WH_OK);
	cr_expect_eq(set(WH_HKEY_USERS, DACL, "D:(A;WD;1)"), WH_OK);
}

Test(security, deleted_key)
{
	struct sd_bytes sd;
	char text[10];
	size_t len;

	cr_assert_eq(wh_reg_delete_key(reg, key, "", WH_NTS, 0), WH_OK);
	cr_expect_eq(get(key, OWNER, &sd), WH_E_DELETED);
	cr_expect_eq(set(key, OWNER, FULL), WH_E_DELETED);
	cr_expect_eq(set(key, 0, FULL), WH_E_DELETED);
	cr_expect_eq(wh_reg_key_owner(reg, key, text, sizeof text, &len), WH_E_DELETED);
}

/* Of a merged key: the user's, if there is one. */
Test(security, merged_key)
{
	wh_hkey user = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\a", 0);
	wh_hkey machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "Software\\Classes\\a", 0);
	wh_hkey merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, "a");
	char text[40];
	size_t len;

	cr_assert_eq(set(merged, OWNER, "O:SY"), WH_OK);
	cr_assert_eq(wh_reg_key_owner(reg, user, text, sizeof text, &len), WH_OK);
	cr_expect(len == 8 && memcmp(text, "S-1-5-18", 8) == 0);
	cr_assert_eq(wh_reg_key_owner(reg, machine, text, sizeof text, &len), WH_OK);
	cr_expect(len == 12 && memcmp(text, "S-1-5-32-544", 12) == 0);
	close_reg_key(reg, merged);
	close_reg_key(reg, machine);
	close_reg_key(reg, user);
}

/* ----------------------------------------------------------------------- owner */

Test(security, owner)
{
	char text[40];
	size_t len = 7;
	wh_hkey other;

	cr_assert_eq(set(key, OWNER, "O:ME"), WH_OK);
	cr_expect_eq(wh_reg_key_owner(reg, key, NULL, 0, &len), WH_OK);
	cr_expect_eq(len, strlen("S-1-5-21-1001"));
	memset(text, '?', sizeof text);
	cr_expect_eq(wh_reg_key_owner(reg, key, text, len - 1, &len), WH_E_MORE_DATA);
	cr_expect_eq(len, 13);
	cr_expect_eq(text[0], '?');
	cr_expect_eq(wh_reg_key_owner(reg, key, text, len, &len), WH_OK);
	cr_expect(memcmp(text, "S-1-5-21-1001?", 14) == 0);
	cr_expect_eq(wh_reg_key_owner(NULL, key, text, 40, &len), WH_E_INVALID);
	cr_expect_eq(len, 0);
	cr_expect_eq(wh_reg_key_owner(reg, key, text, 40, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_key_owner(reg, key, NULL, 40, &len), WH_E_INVALID);
	cr_expect_eq(wh_reg_key_owner(reg, 0, text, 40, &len), WH_E_HANDLE);
	other = open_with(WH_KEY_QUERY_VALUE);
	cr_expect_eq(wh_reg_key_owner(reg, other, text, 40, &len), WH_E_ACCESS);
	close_reg_key(reg, other);
}

Test(security, no_owner)
{
	struct sd_bytes sd = sd_bytes("D:(A;WD;f003f)");
	struct wh_key found;
	char text[40];
	size_t len;

	cr_assert_eq(wh_reg_hive_key(reg, key, &found), WH_OK);
	cr_assert_eq(wh_key_set_security(found, sd.at, sd.len), WH_OK);
	cr_expect_eq(wh_reg_key_owner(reg, key, text, sizeof text, &len), WH_E_NOT_FOUND);
	cr_expect_eq(len, 0);
	EXPECT(OWNER | GROUP | DACL, "D:(A;WD;f003f)");
}

/* ---------------------------------------------------------------------- memory */

static enum wh_status
set_label(struct wh_reg *r)
{
	struct sd_bytes sd = sd_bytes("O:ME S:(ML;ME;1) D:(A;WD;1)");
	wh_hkey h;
	enum wh_status st = wh_reg_open_key(r, WH_HKEY_CURRENT_USER, "Software", WH_NTS, 0,
					    WH_KEY_ALL_ACCESS, &h);

	if (st != WH_OK)
		return st;
	st = wh_reg_set_key_security(r, h, LABEL | DACL | OWNER, sd.at, sd.len);
	close_reg_key(r, h);
	return st;
}

static enum wh_status
get_label(struct wh_reg *r)
{
	struct sd_bytes sd;

	return wh_reg_get_key_security(r, WH_HKEY_CURRENT_USER, LABEL | OWNER, sd.at, sizeof sd.at,
				       &sd.len);
}

static void
give_label(struct wh_reg *r)
{
	struct sd_bytes sd = sd_bytes("S:(ML;ME;1)");

	cr_assert_eq(wh_reg_set_key_security(r, WH_HKEY_CURRENT_USER, LABEL, sd.at, sd.len), WH_OK);
}

Test(security_memory, runs_out)
{
	cr_expect_gt(registry_starve(NULL, set_label), 2);
	cr_expect_gt(registry_starve(give_label, get_label), 0);
}

/* ----------------------------------------------------------------------- token */

/* The same rights against a token: the handle gets what the descriptor gives. */
Test(security_token, handles)
{
	static const uint8_t me[] = { SID_ME }, wd[] = { SID_WD };
	static const void *const sids[] = { me, wd };
	const struct wh_reg_token token = { .sids = sids, .sid_count = 2 };
	const struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token };
	struct wh_key k;
	struct sd_bytes sd = sd_bytes("O:BA G:BA D:(A;ME;f003f)(D;WD;2)(A;WD;20019)");
	wh_hkey h, sub;
	size_t len;

	registry_init(&t, &options);
	cr_assert_eq(wh_key_open(wh_hive_root(t.user), "Software", WH_NTS, &k), WH_OK);
	cr_assert_eq(wh_key_set_security(k, sd.at, sd.len), WH_OK);
	cr_assert_eq(wh_reg_open_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS, 0,
				     WH_KEY_ALL_ACCESS, &h),
		     WH_OK);
	cr_expect_eq(wh_reg_get_key_security(t.reg, h, DACL, sd.at, sizeof sd.at, &len), WH_OK);
	cr_assert_eq(wh_reg_create_key(t.reg, h, "new", WH_NTS, 0, WH_KEY_WRITE, NULL, &sub, NULL),
		     WH_OK);
	cr_expect_eq(wh_reg_close_key(t.reg, sub), WH_OK);
	sd = sd_bytes("O:BA G:BA D:(A;ME;20019)");
	cr_assert_eq(wh_reg_set_key_security(t.reg, h, DACL, sd.at, sd.len), WH_OK);
	cr_expect_eq(wh_reg_close_key(t.reg, h), WH_OK);

	cr_expect_eq(wh_reg_open_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS, 0,
				     WH_KEY_ALL_ACCESS, &h),
		     WH_E_ACCESS);
	cr_expect_eq(wh_reg_open_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS, 0,
				     WH_KEY_READ | WH_ACCESS_SYSTEM_SECURITY, &h),
		     WH_E_PRIVILEGE);
	cr_assert_eq(wh_reg_open_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS, 0,
				     WH_ACCESS_MAXIMUM_ALLOWED, &h),
		     WH_OK);
	cr_expect_eq(wh_reg_set_value_ex(t.reg, h, "v", WH_NTS, WH_REG_SZ, "", 0), WH_E_ACCESS);
	/* [W:1301] To make a key the descriptor is asked, not the handle. */
	cr_expect_eq(wh_reg_create_key(t.reg, h, "other", WH_NTS, 0, WH_KEY_READ, NULL, &sub, NULL),
		     WH_E_ACCESS);
	cr_expect_eq(wh_reg_close_key(t.reg, h), WH_OK);
	registry_fini(&t);
}

/* [D] With REG_OPTION_BACKUP_RESTORE privileges count, and what is asked for does not. */
Test(security_token, backup_and_restore)
{
	const struct wh_reg_token none = { 0 }, backup = { .backup = true },
				  restore = { .restore = true };
	const struct wh_reg_token *const tokens[] = { &none, &backup, &restore };

	for (size_t i = 0; i < 3; i++) {
		const struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN,
							.token = tokens[i] };
		enum wh_status may = i > 0 ? WH_OK : WH_E_ACCESS;
		enum wh_status may_set = i == 2 ? WH_OK : WH_E_ACCESS;
		struct sd_bytes sd = sd_bytes("O:BA G:BA D:");
		struct wh_key k;
		wh_hkey h;

		registry_init(&t, &options);
		cr_assert_eq(wh_key_open(wh_hive_root(t.user), "Software", WH_NTS, &k), WH_OK);
		cr_assert_eq(wh_key_set_security(k, sd.at, sd.len), WH_OK);
		cr_expect_eq(wh_reg_open_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS, 0,
					     WH_KEY_READ, &h),
			     WH_E_ACCESS);
		cr_expect_eq(wh_reg_open_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS,
					     WH_REG_OPTION_BACKUP_RESTORE, 0, &h),
			     may);
		if (may == WH_OK) {
			cr_expect_eq(wh_reg_set_value_ex(t.reg, h, "v", WH_NTS, WH_REG_SZ, "", 0),
				     may_set);
			cr_expect_eq(wh_reg_close_key(t.reg, h), WH_OK);
		}
		cr_expect_eq(wh_reg_create_key(t.reg, WH_HKEY_CURRENT_USER, "Software", WH_NTS,
					       WH_REG_OPTION_BACKUP_RESTORE, 0, NULL, &h, NULL),
			     may);
		if (may == WH_OK) {
			cr_expect_eq(wh_reg_delete_value(t.reg, h, "none", WH_NTS),
				     i == 2 ? WH_E_NOT_FOUND : WH_E_ACCESS);
			cr_expect_eq(wh_reg_close_key(t.reg, h), WH_OK);
		}
		registry_fini(&t);
	}
}
