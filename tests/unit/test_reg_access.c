/* SPDX-License-Identifier: MIT */
/* Which access a handle gets: masks; descriptors against a token (docs/winreg-tests.md 1.4.11). */
#include "registry/registry.h"

#include "descriptors.h"
#include "editing.h"

#include <criterion/criterion.h>
#include <string.h>

#define ALL    WH_KEY_ALL_ACCESS
#define ASS    WH_ACCESS_SYSTEM_SECURITY
#define MAX    WH_ACCESS_MAXIMUM_ALLOWED
#define RC     WH_ACCESS_READ_CONTROL
#define WDAC   WH_ACCESS_WRITE_DAC
#define WOWNER WH_ACCESS_WRITE_OWNER

/* ---------------------------------------------------------------------- the mask */

static void
expect_map(uint32_t wanted, enum wh_status due, uint32_t due_access)
{
	uint32_t access = 0x77;

	cr_assert_eq(whi_access_map(wanted, &access), due, "%x", wanted);
	cr_assert_eq(access, due_access, "%x becomes %x", wanted, access);
}

Test(access, mask_generic_rights)
{
	expect_map(WH_ACCESS_GENERIC_READ, WH_OK, WH_KEY_READ);
	expect_map(WH_ACCESS_GENERIC_WRITE, WH_OK, WH_KEY_WRITE);
	expect_map(WH_ACCESS_GENERIC_ALL, WH_OK, ALL);
	/* Of a key it is that and the making of links: the bytes of hives say so. */
	expect_map(WH_ACCESS_GENERIC_EXECUTE, WH_OK, WH_KEY_EXECUTE | WH_KEY_CREATE_LINK);
	expect_map(WH_ACCESS_GENERIC_READ | WH_ACCESS_GENERIC_WRITE | WH_ACCESS_DELETE, WH_OK,
		   WH_KEY_READ | WH_KEY_WRITE | WH_ACCESS_DELETE);
}

Test(access, mask_views_are_no_rights)
{
	expect_map(WH_KEY_READ | WH_KEY_WOW64_32KEY, WH_OK, WH_KEY_READ);
	expect_map(WH_KEY_READ | WH_KEY_WOW64_64KEY, WH_OK, WH_KEY_READ);
	expect_map(WH_KEY_WOW64_32KEY, WH_E_ACCESS, 0);
	expect_map(WH_KEY_WOW64_64KEY, WH_E_ACCESS, 0);
}

Test(access, mask_nothing_and_unknown)
{
	expect_map(0, WH_E_ACCESS, 0);
	for (int bit = 0; bit < 32; bit++) {
		uint32_t mask = UINT32_C(1) << bit;
		bool known = mask & (ALL | ASS | MAX | UINT32_C(0xf0000300));

		expect_map(mask | WH_KEY_QUERY_VALUE, known ? WH_OK : WH_E_ACCESS,
			   !known                              ? 0
			   : mask & (ALL | ASS | MAX)          ? mask | WH_KEY_QUERY_VALUE
			   : mask & UINT32_C(0x300)            ? WH_KEY_QUERY_VALUE
			   : mask == WH_ACCESS_GENERIC_ALL     ? ALL
			   : mask == WH_ACCESS_GENERIC_EXECUTE ? WH_KEY_EXECUTE | WH_KEY_CREATE_LINK
			   : mask == WH_ACCESS_GENERIC_WRITE   ? WH_KEY_WRITE | WH_KEY_QUERY_VALUE
							       : WH_KEY_READ);
	}
	/* SYNCHRONIZE is none of a key. */
	expect_map(UINT32_C(0x100000), WH_E_ACCESS, 0);
	expect_map(ALL, WH_OK, ALL);
	expect_map(MAX, WH_OK, MAX);
	expect_map(ASS, WH_OK, ASS);
}

/* --------------------------------------------------------------------- the token */

static const uint8_t BA[] = { SID_BA }, BU[] = { SID_BU }, SY[] = { SID_SY }, WD[] = { SID_WD },
		     ME[] = { SID_ME };
static const void *const me[] = { ME, BU, WD };

static struct wh_hive *hive;
static struct whi_mount mount;
static struct whi_node node;
static struct wh_reg_token token;
static struct wh_reg reg;

static void
setup(void)
{
	hive = new_hive(5);
	mount = (struct whi_mount){ .hive = hive };
	node = (struct whi_node){ &mount, make_key(hive, "key") };
	token = (struct wh_reg_token){ .sids = me, .sid_count = 3 };
	reg = (struct wh_reg){ .options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token } };
}

static void
teardown(void)
{
	if (hive)
		close_hive(hive);
}

TestSuite(token, .init = setup, .fini = teardown);

static void
set_sd(const char *text)
{
	struct sd_bytes sd = sd_bytes(text);

	cr_assert_eq(wh_key_set_security(node.key, sd.at, sd.len), WH_OK, "%s", text);
}

static void
expect_check(int line, const char *sd, uint32_t wanted, enum wh_status due, uint32_t due_granted)
{
	uint32_t granted = 0x77;

	set_sd(sd);
	cr_assert_eq(whi_access_check(&reg, &node, wanted, &granted), due, "line %d", line);
	cr_assert_eq(granted, due_granted, "line %d: %x, not %x", line, granted, due_granted);
}
#define GIVES(sd, wanted, granted) expect_check(__LINE__, sd, wanted, WH_OK, granted)
#define DENIES(sd, wanted)         expect_check(__LINE__, sd, wanted, WH_E_ACCESS, 0)

Test(token, other_rights_ask_no_descriptor)
{
	static const enum wh_reg_rights rights[] = { WH_REG_RIGHTS_HANDLE, WH_REG_RIGHTS_NONE };

	for (size_t i = 0; i < 2; i++) {
		reg.options.rights = rights[i];
		GIVES("O:SY D:", WH_KEY_READ, WH_KEY_READ);
		GIVES("O:SY D:", ASS, ASS);
		GIVES("O:SY D:", MAX, ALL);
		GIVES("O:SY D:", MAX | ASS, ALL | ASS);
	}
}

Test(token, allowed)
{
	GIVES("O:SY D:(A;ME;20019)", WH_KEY_READ, WH_KEY_READ);
	GIVES("O:SY D:(A;ME;f003f)", WH_KEY_READ, WH_KEY_READ);
	GIVES("O:SY D:(A;WD;1)(A;BU;8)", 9, 9);
	DENIES("O:SY D:(A;ME;20019)", WH_KEY_WRITE);
	DENIES("O:SY D:(A;ME;20019)", WH_KEY_READ | WH_KEY_SET_VALUE);
	DENIES("O:SY D:(A;BA;f003f)(A;SY;f003f)", 1);
	/* A SID that begins like another, and one of another authority. */
	DENIES("O:SY D:(A;CO;f003f)", 1);
}

Test(token, no_dacl_allows_all_and_an_empty_one_nothing)
{
	GIVES("O:SY", ALL, ALL);
	GIVES("O:SY", MAX, ALL);
	GIVES("O:SY D:null", ALL, ALL);
	DENIES("O:SY D:", 1);
	DENIES("O:SY D:", MAX);
}

/* For each right the first ACE decides. */
Test(token, order_of_aces)
{
	DENIES("O:SY D:(D;ME;2)(A;ME;f003f)", WH_KEY_WRITE);
	GIVES("O:SY D:(D;ME;2)(A;ME;f003f)", WH_KEY_READ, WH_KEY_READ);
	GIVES("O:SY D:(A;ME;f003f)(D;ME;f003f)", ALL, ALL);
	GIVES("O:SY D:(A;ME;1)(D;WD;1)(A;BU;8)", 9, 9);
	DENIES("O:SY D:(D;WD;8)(A;ME;9)", 9);
	DENIES("O:SY D:(A;ME;1)(D;WD;8)(A;BU;8)", 9);
	/* Others' denials are not ours. */
	GIVES("O:SY D:(D;BA;f003f)(A;ME;1)", 1, 1);
}

Test(token, inherit_only_is_for_others)
{
	DENIES("O:SY D:(AIO;ME;f003f)", 1);
	GIVES("O:SY D:(DIO;ME;f003f)(A;ME;1)", 1, 1);
}

Test(token, generic_rights_of_an_ace)
{
	GIVES("O:SY D:(A;ME;10000000)", ALL, ALL);
	GIVES("O:SY D:(A;ME;80000000)", WH_KEY_READ, WH_KEY_READ);
	GIVES("O:SY D:(A;ME;40000000)", WH_KEY_WRITE, WH_KEY_WRITE);
	GIVES("O:SY D:(A;ME;20000000)", WH_KEY_READ, WH_KEY_READ);
	DENIES("O:SY D:(A;ME;80000000)", WH_KEY_WRITE);
	DENIES("O:SY D:(D;ME;10000000)(A;ME;1)", 1);
}

Test(token, owner_reads_and_writes_the_dacl)
{
	GIVES("O:ME D:", RC | WDAC, RC | WDAC);
	GIVES("O:WD D:", RC, RC);
	GIVES("O:ME D:", MAX, RC | WDAC);
	DENIES("O:ME D:", 1);
	DENIES("O:ME D:", WOWNER);
	DENIES("O:SY D:", RC);
	DENIES("D:", RC);
	/* What he has of himself cannot be denied. */
	GIVES("O:ME D:(D;ME;f003f)", RC | WDAC, RC | WDAC);
}

/* OWNER RIGHTS say what an owner has instead. */
Test(token, owner_rights)
{
	DENIES("O:ME D:(A;OW;20000)", WDAC);
	GIVES("O:ME D:(A;OW;20001)", RC | 1, RC | 1);
	DENIES("O:SY D:(A;OW;f003f)", 1);
	DENIES("O:ME D:(D;OW;40000)(A;ME;1)", RC);
	/* Not if that is for the keys below only. */
	GIVES("O:ME D:(AIO;OW;1)", WDAC, WDAC);
}

Test(token, maximum)
{
	GIVES("O:SY D:(A;ME;20019)", MAX, WH_KEY_READ);
	GIVES("O:SY D:(A;ME;1)(A;BU;8)(A;BA;f003f)", MAX, 9);
	GIVES("O:SY D:(D;WD;8)(A;ME;f003f)", MAX, ALL & ~UINT32_C(8));
	GIVES("O:SY D:(A;ME;f003f)(D;WD;8)", MAX, ALL);
	GIVES("O:ME D:(A;ME;1)", MAX, RC | WDAC | 1);
	/* Beside it, what is asked for has to be given. */
	GIVES("O:SY D:(A;ME;f)", MAX | 2, 0xf);
	DENIES("O:SY D:(A;ME;1)", MAX | 2);
	DENIES("O:SY D:(A;BA;f003f)", MAX);
	/* Rights that no key has are given to nobody. */
	GIVES("O:SY D:(A;ME;ff1fffff)", MAX, ALL);
	DENIES("O:SY D:(A;ME;100000)", MAX);
}

Test(token, privileges)
{
	uint32_t granted;

	set_sd("O:SY D:(A;ME;1)");
	cr_assert_eq(whi_access_check(&reg, &node, ASS, &granted), WH_E_PRIVILEGE);
	cr_assert_eq(granted, 0);
	/* A descriptor cannot give it. */
	set_sd("O:SY D:(A;ME;1f003f)");
	cr_assert_eq(whi_access_check(&reg, &node, ASS | 1, &granted), WH_E_PRIVILEGE);
	token.security = true;
	GIVES("O:SY D:(A;ME;1)", ASS | 1, ASS | 1);
	GIVES("O:SY D:", ASS, ASS);
	GIVES("O:SY D:(A;ME;1)", ASS | MAX, ASS | 1);
	GIVES("O:SY D:(A;ME;1)", MAX, 1);
	DENIES("O:SY D:", ASS | 1);
	token.security = false;
	DENIES("O:SY D:(D;ME;80000)", WOWNER);
	token.take_ownership = true;
	GIVES("O:SY D:(D;ME;80000)", WOWNER, WOWNER);
	DENIES("O:SY D:", WOWNER | WDAC);
	/* Only who asks for it gets it. */
	GIVES("O:SY D:(A;ME;1)", MAX, 1);
	/* The other two are for WH_REG_OPTION_BACKUP_RESTORE. */
	token = (struct wh_reg_token){ me, 3, .backup = true, .restore = true };
	DENIES("O:SY D:", WH_KEY_READ);
}

Test(token, backup_and_restore)
{
	uint32_t granted = 0x77;

	cr_assert_eq(whi_access_backup(&reg, &granted), WH_E_ACCESS);
	cr_assert_eq(granted, 0);
	token.backup = true;
	cr_assert_eq(whi_access_backup(&reg, &granted), WH_OK);
	cr_assert_eq(granted, ASS | WH_KEY_READ);
	token.restore = true;
	cr_assert_eq(whi_access_backup(&reg, &granted), WH_OK);
	cr_assert_eq(granted, ASS | WH_KEY_READ | WH_KEY_WRITE | WH_ACCESS_DELETE);
	token.backup = false;
	cr_assert_eq(whi_access_backup(&reg, &granted), WH_OK);
	cr_assert_eq(granted, ASS | WH_KEY_WRITE | WH_ACCESS_DELETE);
	token.restore = false;
	reg.options.rights = WH_REG_RIGHTS_HANDLE;
	cr_assert_eq(whi_access_backup(&reg, &granted), WH_OK);
	cr_assert_eq(granted, ASS | WH_KEY_READ | WH_KEY_WRITE | WH_ACCESS_DELETE);
}

/* Of what nobody evaluates here only a denial counts. */
Test(token, other_aces)
{
	DENIES("O:SY D:(XA;ME;f003f)", 1);
	DENIES("O:SY D:(XD;ME;1)(A;ME;1)", 1);
	GIVES("O:SY D:(AO;ME;1)", 1, 1);
	DENIES("O:SY D:(AG;ME;1)", 1);
	DENIES("O:SY D:(DO;ME;1)(A;ME;1)", 1);
	GIVES("O:SY D:(DG;ME;1)(A;ME;1)", 1, 1);
	GIVES("O:SY D:(AU;ME;2)(ML;ME;2)(A;ME;1)", MAX, 1);
}

Test(token, without_sids)
{
	token = (struct wh_reg_token){ 0 };
	DENIES("O:WD D:(A;WD;f003f)", 1);
	GIVES("O:WD", ALL, ALL);
	reg.options.token = NULL;
	DENIES("O:WD D:(A;WD;f003f)", 1);
}

Test(token, other_users)
{
	static const void *const admin[] = { SY, BA };

	token = (struct wh_reg_token){ .sids = admin, .sid_count = 2 };
	GIVES("O:BA D:(A;BU;20019)(A;BA;f003f)", ALL, ALL);
	DENIES("O:ME D:(A;BU;20019)(A;SY;20019)", ALL);
}

Test(token, deleted_key)
{
	uint32_t granted = 0x77;

	cr_assert_eq(wh_key_delete(node.key), WH_OK);
	cr_assert_eq(whi_access_check(&reg, &node, 1, &granted), WH_E_DELETED);
	cr_assert_eq(granted, 0);
}
