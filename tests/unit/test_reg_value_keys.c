/* SPDX-License-Identifier: MIT */
/*
 * Values of a registry by the key they are in: rights, deleted keys, links, the merged view, keys
 * in memory; who is told of a change, and memory that runs out.  [W:n] is the line of Wine's test
 * that measured a row.
 */
#include "descriptors.h"
#include "hive_builder.h"
#include "registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

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

TestSuite(reg_value_keys, .init = setup, .fini = teardown);

static enum wh_status
set(const char *name, uint32_t type, const void *data, size_t size)
{
	return wh_reg_set_value_ex(reg, key, name, WH_NTS, type, data, size);
}

/* ------------------------------------------------------- handles, rights, deletion */

static enum wh_status
each_way(size_t which, wh_hkey at)
{
	struct wh_reg_multiple one = { .name = "v", .len = 1 };
	char buf[8];
	uint32_t type;
	size_t len, len2;

	switch (which) {
	case 0:
		return wh_reg_query_value_ex(reg, at, "v", 1, &type, buf, 8, &len);
	case 1:
		return wh_reg_enum_value(reg, at, 0, buf, 8, &len, &type, NULL, 0, &len2);
	case 2:
		return wh_reg_query_multiple_values(reg, at, &one, 1, buf, 8, &len);
	case 3:
		return wh_reg_query_value(reg, at, NULL, 0, buf, 8, &len);
	case 4:
		return wh_reg_get_value(reg, at, NULL, 0, "v", 1, WH_RRF_RT_ANY, &type, buf, 8,
					&len);
	case 5:
		return wh_reg_set_value_ex(reg, at, "v", 1, 1, "x", 1);
	case 6:
		return wh_reg_set_value(reg, at, NULL, 0, "x", 1);
	case 7:
		return wh_reg_set_key_value(reg, at, NULL, 0, "v", 1, 1, "x", 1);
	case 8:
		return wh_reg_delete_value(reg, at, "v", 1);
	default:
		return wh_reg_delete_key_value(reg, at, NULL, 0, "v", 1);
	}
}

enum { READS = 5, WAYS = 10 };

/* Rights are those of the handle [1.4.11]; a subkey is opened anew. */
Test(reg_value_keys, rights)
{
	wh_hkey reading, writing;
	size_t len;

	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_QUERY_VALUE, &reading), WH_OK);
	cr_assert_eq(wh_reg_open_key(reg, key, "", 0, 0, WH_KEY_SET_VALUE, &writing), WH_OK);
	for (size_t i = 0; i < WAYS; i++) {
		cr_assert_eq(set("v", 1, "y", 1), WH_OK);
		cr_expect_eq(each_way(i, reading), i < READS ? WH_OK : WH_E_ACCESS, "%zu", i);
		cr_assert_eq(set("v", 1, "y", 1), WH_OK);
		cr_expect_eq(each_way(i, writing), i < READS ? WH_E_ACCESS : WH_OK, "%zu", i);
	}
	cr_expect_eq(wh_reg_set_key_value(reg, reading, "sub", WH_NTS, "v", 1, 1, "x", 1), WH_OK);
	cr_expect_eq(wh_reg_query_value(reg, writing, "sub", WH_NTS, NULL, 0, &len), WH_OK);
	cr_expect_eq(wh_reg_delete_key_value(reg, reading, "sub", WH_NTS, "v", 1), WH_OK);
}

Test(reg_value_keys, handles)
{
	wh_hkey closed = make_reg_key(reg, key, "closed", 0);
	wh_hkey gone = make_reg_key(reg, key, "gone", 0);

	close_reg_key(reg, closed);
	cr_assert_eq(wh_reg_delete_key(reg, key, "gone", WH_NTS, 0), WH_OK);
	for (size_t i = 0; i < WAYS; i++) {
		cr_expect_eq(each_way(i, 0), WH_E_HANDLE, "%zu", i);
		cr_expect_eq(each_way(i, closed), WH_E_HANDLE, "%zu", i);
		cr_expect_eq(each_way(i, gone), WH_E_DELETED, "%zu [W:3891]", i);
		cr_expect_eq(each_way(i, WH_HKEY_PERFORMANCE_DATA),
			     i == 3 || i == 6 ? WH_E_HANDLE : WH_E_ACCESS, "%zu [1.4.13]", i);
	}
	cr_expect_eq(wh_reg_set_key_value(reg, gone, "sub", WH_NTS, "v", 1, 1, "x", 1),
		     WH_E_DELETED);
	close_reg_key(reg, gone);
}

/* With a token the descriptor of the key of a path counts, also for its values. */
Test(reg_value_token, rights)
{
	static const uint8_t me[] = { SID_ME };
	const void *const sids[] = { me };
	struct wh_reg_token token = { .sids = sids, .sid_count = 1 };
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token };
	struct sd_bytes shut = sd_bytes("O:SY G:SY D:P(A;SY;f003f)");
	struct sd_bytes mine = sd_bytes("O:SY G:SY D:P(A;ME;1)");
	struct wh_create how = { .security = shut.at, .security_len = shut.len };
	struct wh_key made;
	char *text;
	bool created;
	size_t len;

	registry_init(&t, &options);
	cr_assert_eq(wh_key_create(wh_hive_root(t.software), "Shut", 4, &how, &made, &created),
		     WH_OK);
	how = (struct wh_create){ .security = mine.at, .security_len = mine.len };
	cr_assert_eq(wh_key_create(wh_hive_root(t.software), "Mine", 4, &how, &made, &created),
		     WH_OK);
	cr_assert_eq(wh_value_set_string(made, NULL, 0, WH_REG_SZ, "x", 1), WH_OK);
	for (int i = 0; i < 2; i++) {
		const char *path = i == 0 ? "SOFTWARE\\Shut" : "SOFTWARE\\Mine";
		enum wh_status due = i == 0 ? WH_E_ACCESS : WH_OK;

		cr_expect_eq(wh_reg_query_value(t.reg, WH_HKEY_LOCAL_MACHINE, path, WH_NTS, NULL, 0,
						&len),
			     due);
		cr_expect_eq(wh_reg_get_value(t.reg, WH_HKEY_LOCAL_MACHINE, path, WH_NTS, NULL, 0,
					      WH_RRF_RT_ANY, NULL, NULL, 0, &len),
			     i == 0 ? WH_E_ACCESS : WH_OK);
		cr_expect_eq(wh_reg_get_string(t.reg, WH_HKEY_LOCAL_MACHINE, path, "none", "fall",
					       &text, NULL),
			     due, "a refusal is not hidden by the fallback");
		wh_reg_free_text(t.reg, text);
		cr_expect_eq(wh_reg_set_key_value(t.reg, WH_HKEY_LOCAL_MACHINE, path, WH_NTS, "v",
						  1, 3, "x", 1),
			     WH_E_ACCESS);
		cr_expect_eq(wh_reg_delete_key_value(t.reg, WH_HKEY_LOCAL_MACHINE, path, WH_NTS,
						     NULL, 0),
			     WH_E_ACCESS);
		cr_expect_eq(
			wh_reg_export_json(t.reg, WH_HKEY_LOCAL_MACHINE, path, WH_NTS, &text, &len),
			WH_E_ACCESS, "which reads subkeys, too");
		cr_expect_eq(wh_reg_import_json(t.reg, WH_HKEY_LOCAL_MACHINE, path, WH_NTS,
						"{\"format\": \"winhive registry 1\", \"key\":"
						"{\"keys\": [{\"name\": \"s\"}]}}",
						WH_NTS),
			     WH_E_ACCESS);
	}
	registry_fini(&t);
}

/* ------------------------------------------------------------------------- links */

/* [W:2584]: a link has one value, of one type; an ordinary key may have such values too. */
Test(reg_value_keys, links)
{
	wh_hkey link = make_reg_key(reg, key, "link", WH_REG_OPTION_CREATE_LINK);
	static const char name[] = "SymbolicLinkValue";

	cr_expect_eq(wh_reg_set_value_ex(reg, link, name, WH_NTS, WH_REG_SZ, "x", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_set_value_ex(reg, link, "other", WH_NTS, WH_REG_LINK, "x", 1),
		     WH_E_ACCESS);
	cr_expect_eq(wh_reg_set_value_ex(reg, link, NULL, 0, WH_REG_LINK, "x", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_set_value_ex(reg, link, name, WH_NTS, WH_REG_LINK, "\\\0R\0", 4),
		     WH_OK);
	cr_expect(has_reg_value(reg, link, "symboliclinkvalue", WH_REG_LINK, "\\\0R\0", 4));
	cr_expect_eq(set(name, WH_REG_SZ, "x", 1), WH_OK);
	cr_expect_eq(set("other", WH_REG_LINK, "x", 1), WH_OK);
	close_reg_key(reg, link);
}

Test(reg_value_keys, through_a_link)
{
	make_reg_link(reg, key, "link", "\\REGISTRY\\MACHINE\\SOFTWARE\\Target");
	cr_expect_eq(wh_reg_set_key_value(reg, key, "link\\sub", WH_NTS, "v", 1, 3, "x", 1), WH_OK,
		     "what is missing is made at the target [1.4.8]");
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Target\\sub"));
}

/* ----------------------------------------------------------------------- HKCR */

/* [W:3383, W:3777]: the user's values first, then those of the machine that he has not. */
Test(reg_value_keys, merged_view)
{
	wh_hkey user = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\Cls", 0);
	wh_hkey machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\Cls", 0);
	wh_hkey both = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, "Cls");

	cr_assert_eq(wh_reg_set_value_ex(reg, user, "X", 1, 3, "ux", 2), WH_OK);
	cr_assert_eq(wh_reg_set_value_ex(reg, user, "Y", 1, 3, "uy", 2), WH_OK);
	cr_assert_eq(wh_reg_set_value_ex(reg, machine, "X", 1, 3, "mx", 2), WH_OK);
	cr_assert_eq(wh_reg_set_value_ex(reg, machine, "Z", 1, 3, "mz", 2), WH_OK);
	cr_expect(lists_reg_values(reg, both, "X,Y,Z,"));
	cr_expect(has_reg_value(reg, both, "X", 3, "ux", 2));
	cr_expect(has_reg_value(reg, both, "Z", 3, "mz", 2));
	cr_expect_eq(wh_reg_set_value_ex(reg, both, "Z", 1, 3, "uz", 2), WH_OK);
	cr_expect(has_reg_value(reg, user, "Z", 3, "uz", 2),
		  "set in the user's key, since he has it [1.4.14]");
	cr_expect(has_reg_value(reg, machine, "Z", 3, "mz", 2));
	cr_expect_eq(wh_reg_delete_value(reg, both, "Z", 1), WH_OK);
	cr_expect(has_reg_value(reg, both, "Z", 3, "mz", 2), "the machine's is seen again");
	cr_expect_eq(wh_reg_delete_value(reg, both, "Z", 1), WH_OK);
	cr_expect_eq(wh_reg_delete_value(reg, both, "Z", 1), WH_E_NOT_FOUND);
	cr_expect(lists_reg_values(reg, machine, "X,"));
	cr_expect_eq(wh_reg_set_key_value(reg, WH_HKEY_CLASSES_ROOT, "New\\sub", WH_NTS, "v", 1, 3,
					  "n", 1),
		     WH_OK);
	cr_expect(has_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\New\\sub"),
		  "new keys are the machine's [W:3620]");
}

Test(reg_value_keys, merged_view_of_one_side)
{
	wh_hkey machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\Cls", 0);

	cr_expect_eq(
		wh_reg_set_key_value(reg, WH_HKEY_CLASSES_ROOT, "Cls", WH_NTS, "v", 1, 3, "m", 1),
		WH_OK);
	cr_expect(has_reg_value(reg, machine, "v", 3, "m", 1));
	cr_expect_not(has_reg_key(reg, WH_HKEY_CURRENT_USER, "Software\\Classes\\Cls"));
}

/* ------------------------------------------------------------------------ volatile */

Test(reg_value_keys, volatile_keys)
{
	wh_hkey memory = make_reg_key(reg, key, "memory", WH_REG_OPTION_VOLATILE);

	cr_expect_eq(wh_reg_set_value_ex(reg, memory, "v", 1, 3, "x", 1), WH_OK);
	cr_expect(has_reg_value(reg, memory, "v", 3, "x", 1));
	cr_expect_eq(wh_reg_set_key_value(reg, memory, "sub", WH_NTS, "v", 1, 3, "x", 1),
		     WH_E_MUST_BE_VOLATILE, "[1.4.7]");
	close_reg_key(reg, memory);
}

/* ------------------------------------------------------------------ times and memory */

static void
count(void *ctx, wh_hkey from, enum wh_status status)
{
	cr_expect_neq(from, 0);
	if (status == WH_OK) /* and not that the handle was closed */
		++*(int *)ctx;
}

/* Setting and deleting are told, reading and what fails is not. */
Test(reg_value_keys, changes_are_told)
{
	for (size_t i = 0; i < WAYS; i++) {
		wh_hkey watched = open_reg_key(reg, key, "");
		int told = 0;

		cr_assert_eq(set("v", 1, "y", 1), WH_OK);
		cr_assert_eq(wh_reg_notify(reg, watched, false, WH_REG_NOTIFY_CHANGE_LAST_SET,
					   count, &told),
			     WH_OK);
		cr_expect_eq(set("v", 1, NULL, 1), WH_E_NOACCESS);
		cr_expect_eq(told, 0);
		cr_expect_eq(each_way(i, key), WH_OK);
		cr_expect_eq(told, i >= READS, "%zu", i);
		close_reg_key(reg, watched);
	}
}

static enum wh_status
starving_set(struct wh_reg *r)
{
	return wh_reg_set_key_value(r, WH_HKEY_CURRENT_USER, "Software\\New\\Deep\\Key", WH_NTS,
				    "value", WH_NTS, WH_REG_BINARY,
				    "some data that are not in the value", 35);
}

static enum wh_status
starving_text(struct wh_reg *r)
{
	return wh_reg_set_value(r, WH_HKEY_CLASSES_ROOT, "New\\Deep", WH_NTS, "some text", WH_NTS);
}

static void
one_value(struct wh_reg *r)
{
	cr_assert_eq(wh_reg_set_key_value(r, WH_HKEY_CURRENT_USER, "Software\\Old", WH_NTS, "v", 1,
					  3, "0123456789", 10),
		     WH_OK);
}

static enum wh_status
starving_replace(struct wh_reg *r)
{
	return wh_reg_set_key_value(r, WH_HKEY_CURRENT_USER, "Software\\Old", WH_NTS, "v", 1, 3,
				    "much longer than it was, so that it moves", 41);
}

static enum wh_status
starving_delete(struct wh_reg *r)
{
	return wh_reg_delete_key_value(r, WH_HKEY_CURRENT_USER, "Software\\Old", WH_NTS, "v", 1);
}

static enum wh_status
starving_reads(struct wh_reg *r)
{
	struct wh_reg_multiple one = { .name = "v", .len = 1 };
	char name[8], data[16];
	size_t len, data_len;
	wh_hkey old;
	enum wh_status st;

	st = wh_reg_open_key(r, WH_HKEY_CURRENT_USER, "Software\\Old", WH_NTS, 0, WH_KEY_READ,
			     &old);
	if (st == WH_OK)
		st = wh_reg_query_value_ex(r, old, "v", 1, NULL, data, 16, &data_len);
	if (st == WH_OK)
		st = wh_reg_enum_value(r, old, 0, name, 8, &len, NULL, data, 16, &data_len);
	if (st == WH_OK)
		st = wh_reg_query_multiple_values(r, old, &one, 1, data, 16, &data_len);
	if (st == WH_OK)
		st = wh_reg_query_value(r, WH_HKEY_CURRENT_USER, "Software\\Old", WH_NTS, name, 8,
					&len);
	return st;
}

Test(reg_value_starved, every_call)
{
	cr_expect_gt(registry_starve(NULL, starving_set), 3);
	cr_expect_gt(registry_starve(NULL, starving_text), 3);
	cr_expect_gt(registry_starve(one_value, starving_replace), 0);
	cr_expect_gt(registry_starve(one_value, starving_delete), 0);
	cr_expect_gt(registry_starve(one_value, starving_reads), 0);
}

/* ------------------------------------------------------------------------- damage */

/* What can be read only in part is never given as if it were all. */
Test(reg_value_damage, every_read)
{
	static const char text[] = "a text that is long enough to be in a cell";
	struct wh_reg_multiple both[] = { { .name = "good", .len = 4 },
					  { .name = "bad", .len = 3 } };
	struct builder b;
	struct wh_hive *hive;
	uint32_t root, values[2], type;
	wh_hkey at;
	char name[8], buf[64], *given;
	size_t len, data_len;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	values[0] = builder_value(&b, "bad", WH_REG_SZ, text, sizeof text);
	values[1] = builder_value(&b, "good", WH_REG_SZ, "x", 1);
	put32(builder_at(&b, values[0]) + 8, 0x7ffffff0); /* no cell is there */
	builder_set_values(&b, root, values, 2);
	hive = builder_open(&b, NULL);
	cr_assert_eq(wh_reg_new(NULL, &reg), WH_OK);
	cr_assert_eq(wh_reg_mount_hive(reg, WH_HKEY_LOCAL_MACHINE, "BAD", 3, hive, WH_MOUNT_OWNED),
		     WH_OK);
	at = open_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "BAD");
	cr_expect_eq(wh_reg_query_value_ex(reg, at, "bad", 3, &type, buf, sizeof buf, &len),
		     WH_E_CORRUPT);
	cr_expect_eq(
		wh_reg_enum_value(reg, at, 0, name, 8, &len, &type, buf, sizeof buf, &data_len),
		WH_E_CORRUPT);
	cr_expect_eq(wh_reg_enum_value(reg, at, 0, name, 8, &len, &type, NULL, 0, NULL), WH_OK,
		     "its name is there");
	cr_expect_eq(
		wh_reg_get_value(reg, at, NULL, 0, "bad", 3, WH_RRF_RT_ANY, NULL, buf, 64, &len),
		WH_E_CORRUPT);
	cr_expect_eq(wh_reg_query_multiple_values(reg, at, both, 2, buf, 64, &len), WH_E_CORRUPT);
	cr_expect_eq(wh_reg_query_multiple_values(reg, at, both, 1, buf, 64, &len), WH_OK);
	cr_expect_eq(wh_reg_get_string(reg, at, NULL, "bad", "fall", &given, NULL), WH_E_CORRUPT);
	cr_expect_eq(wh_reg_export_json(reg, at, NULL, 0, &given, &len), WH_E_CORRUPT);
	cr_expect_null(given);
	wh_reg_free(reg);
	builder_fini(&b);
}
