/* SPDX-License-Identifier: MIT */
/* Keys with all that is below them: deleted, copied, renamed, walked. */
#include "editing.h"
#include "hive_builder.h"
#include "registry.h"

#include <criterion/criterion.h>
#include <string.h>

static struct test_registry t;
static struct wh_reg *reg;
static const wh_hkey HKLM = WH_HKEY_LOCAL_MACHINE, HKCU = WH_HKEY_CURRENT_USER;
static char failed[64];
static size_t failed_len;

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_tree, .init = setup, .fini = teardown);

/* Software\T with a, a\b, a\b\c, a\v (in memory), d; values in T and b. */
static wh_hkey
make_tree(struct wh_reg *r)
{
	wh_hkey top = make_reg_key(r, HKLM, "Software\\T", 0), b = make_reg_key(r, top, "a\\b", 0);

	close_reg_key(r, make_reg_key(r, b, "c", 0));
	close_reg_key(r, make_reg_key(r, top, "a\\v\\w", WH_REG_OPTION_VOLATILE));
	close_reg_key(r, make_reg_key(r, top, "d", 0));
	set_reg_number(r, top, NULL, 1);
	set_reg_number(r, top, "x", 2);
	set_reg_number(r, b, "y", 3);
	close_reg_key(r, b);
	return top;
}

static enum wh_status
delete_tree(wh_hkey key, const char *path)
{
	memset(failed, '#', sizeof failed);
	return wh_reg_delete_tree(reg, key, path, WH_NTS, failed, sizeof failed, &failed_len);
}

static bool
failed_is(const char *path)
{
	if (failed_len != strlen(path) || memcmp(failed, path, failed_len) != 0)
		fprintf(stderr, "it failed at %.*s\n", (int)failed_len, failed);
	return failed_len == strlen(path) && memcmp(failed, path, failed_len) == 0;
}

/* ---------------------------------------------------------------------- delete_tree */

Test(reg_tree, delete_with_a_path)
{
	wh_hkey top = make_tree(reg), sub = open_reg_key(reg, top, "a\\b");
	struct wh_reg_info info;

	cr_expect_eq(delete_tree(top, "Nothing"), WH_E_NOT_FOUND);
	cr_expect_eq(delete_tree(HKLM, "\\Software\\T"), WH_E_BAD_PATH);
	cr_expect_eq(delete_tree(HKLM, "Software\\T\\"), WH_OK);
	cr_expect_eq(failed_len, 0);
	cr_expect_not(has_reg_key(reg, HKLM, "Software\\T"));
	cr_expect_eq(wh_reg_query_info_key(reg, top, &info), WH_E_DELETED);
	cr_expect_eq(wh_reg_query_info_key(reg, sub, &info), WH_E_DELETED);
}

/* Without a path only what is in the key goes, its default value too [W:2502]. */
Test(reg_tree, delete_what_is_in_a_key)
{
	static const char *const empty[] = { NULL, "" };
	struct wh_reg_info info;

	for (size_t i = 0; i < 2; i++) {
		wh_hkey top = make_tree(reg);

		cr_expect_eq(delete_tree(top, empty[i]), WH_OK);
		cr_assert_eq(wh_reg_query_info_key(reg, top, &info), WH_OK);
		cr_expect(info.subkeys == 0 && info.values == 0);
		close_reg_key(reg, top);
	}
}

/* The root of a hive ends it, before anything is lost. */
Test(reg_tree, delete_stops_at_a_root)
{
	struct bytes before = take_bytes(t.software);

	cr_expect_eq(delete_tree(HKLM, NULL), WH_E_ACCESS);
	cr_expect(failed_is("SOFTWARE"));
	cr_expect_eq(delete_tree(HKLM, "software"), WH_E_ACCESS);
	cr_expect(failed_is("software"));
	cr_expect(still_has(t.software, before));
	drop_bytes(before);
}

Test(reg_tree, delete_takes_links_not_their_targets)
{
	wh_hkey top = make_tree(reg);

	make_reg_link(reg, top, "a\\link", "\\REGISTRY\\USER\\" USER_SID);
	cr_expect_eq(delete_tree(HKLM, "Software\\T"), WH_OK);
	cr_expect(has_reg_key(reg, HKCU, "Environment"));
}

Test(reg_tree, delete_needs_rights_only_without_a_path)
{
	wh_hkey weak;

	close_reg_key(reg, make_tree(reg));
	cr_assert_eq(wh_reg_open_key(reg, HKLM, "Software\\T", WH_NTS, 0, WH_KEY_READ, &weak),
		     WH_OK);
	cr_expect_eq(delete_tree(weak, NULL), WH_E_ACCESS);
	cr_expect_eq(failed_len, 0);
	cr_expect_eq(delete_tree(weak, "a"), WH_OK);
	cr_expect(lists_reg_keys(reg, weak, "d"));
	cr_expect_eq(wh_reg_delete_tree(NULL, HKLM, "x", 1, NULL, 0, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_delete_tree(reg, 5555, "x", 1, NULL, 0, NULL), WH_E_HANDLE);
}

/* Nobody may delete one key: the path says which, and what came before it is gone. */
Test(reg_tree_token, delete_tells_where_it_failed)
{
	static const uint8_t everyone[] = { 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
	const void *sids[] = { everyone };
	struct wh_reg_token token = { .sids = sids, .sid_count = 1 };
	struct wh_reg_options options = { .rights = WH_REG_RIGHTS_TOKEN, .token = &token };
	uint8_t all[SMALL_SD], some[SMALL_SD];
	struct wh_create how = { .security = all, .security_len = SMALL_SD };
	struct wh_key key, b, f;
	wh_hkey top;
	bool created;
	char small[4] = "old";

	small_sd(all, WH_KEY_ALL_ACCESS, 0);
	small_sd(some, WH_KEY_READ, 0);
	registry_init(&t, &options);
	reg = t.reg;
	cr_assert_eq(wh_key_set_security(wh_hive_root(t.software), all, sizeof all), WH_OK);
	cr_assert_eq(wh_key_create(wh_hive_root(t.software), "T", 1, &how, &key, &created), WH_OK);
	cr_assert_eq(wh_key_create(key, "a", 1, &how, &b, &created), WH_OK);
	cr_assert_eq(wh_key_create(key, "b", 1, &how, &b, &created), WH_OK);
	cr_assert_eq(wh_key_create(b, "e", 1, &how, &f, &created), WH_OK);
	how.security = some;
	cr_assert_eq(wh_key_create(b, "f", 1, &how, &f, &created), WH_OK);
	cr_expect_eq(delete_tree(HKLM, "Software\\T"), WH_E_ACCESS);
	cr_expect(failed_is("Software\\T\\b\\f"));
	cr_assert_eq(wh_reg_open_key(reg, HKLM, "Software\\T", WH_NTS, 0, WH_KEY_READ, &top),
		     WH_OK);
	cr_expect(lists_reg_keys(reg, top, "b"));
	cr_expect_eq(wh_reg_delete_tree(reg, top, "b", 1, small, 2, &failed_len), WH_E_ACCESS);
	cr_expect(failed_len == 3 && strcmp(small, "old") == 0, "a small buffer is left alone");
	cr_expect_eq(wh_reg_delete_tree(reg, top, "b", 1, small, 3, &failed_len), WH_E_ACCESS);
	cr_expect_eq(memcmp(small, "b\\f", 3), 0);
	registry_fini(&t);
}

/* Of a merged key both sides go: those who list it would else find the machine's again. */
Test(reg_tree, delete_merged)
{
	wh_hkey user = open_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes");
	wh_hkey machine = open_reg_key(reg, HKLM, "Software\\Classes"), merged;

	close_reg_key(reg, make_reg_key(reg, user, "M\\both\\u", 0));
	close_reg_key(reg, make_reg_key(reg, machine, "M\\both\\m", 0));
	close_reg_key(reg, make_reg_key(reg, machine, "M\\other", 0));
	merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, "M\\both");
	cr_expect(lists_reg_keys(reg, merged, "m,u"));
	cr_expect_eq(delete_tree(merged, NULL), WH_OK);
	cr_expect(lists_reg_keys(reg, merged, ""));
	cr_expect(has_reg_key(reg, user, "M\\both") && has_reg_key(reg, machine, "M\\both"));
	cr_expect_eq(delete_tree(WH_HKEY_CLASSES_ROOT, "M"), WH_OK);
	cr_expect_not(has_reg_key(reg, WH_HKEY_CLASSES_ROOT, "M"));
	cr_expect_not(has_reg_key(reg, user, "M") || has_reg_key(reg, machine, "M"));
}

/* ------------------------------------------------------------------------- copy_tree */

/* [W:2353]: merged into what is there; class and times are not copied. */
Test(reg_tree, copy)
{
	wh_hkey top = make_tree(reg), to = make_reg_key(reg, HKCU, "To", 0), b, link;

	b = make_reg_key(reg, to, "A\\B", 0);
	set_reg_number(reg, b, "Y", 9);
	set_reg_number(reg, b, "z", 10);
	make_reg_link(reg, top, "d\\link", "\\REGISTRY\\MACHINE\\SYSTEM");
	cr_expect_eq(wh_reg_copy_tree(reg, HKLM, "Software\\T", WH_NTS, to), WH_OK);
	cr_expect(lists_reg_keys(reg, to, "A,d"));
	cr_expect_eq(reg_number(reg, to, "a\\b", "y"), 3, "one of the same name is replaced");
	cr_expect_eq(reg_number(reg, to, "a\\b", "z"), 10);
	cr_expect_eq(reg_number(reg, to, NULL, NULL), 1);
	cr_expect_eq(reg_number(reg, to, NULL, "x"), 2);
	cr_expect(has_reg_key(reg, to, "a\\b\\c"));
	cr_expect(has_reg_key(reg, to, "a\\v\\w"), "also what was in memory");
	cr_assert_eq(wh_reg_open_key(reg, to, "d\\link", WH_NTS, WH_REG_OPTION_OPEN_LINK,
				     WH_KEY_READ, &link),
		     WH_OK);
	cr_expect(lists_reg_keys(reg, link, ""), "a link stays one");
	cr_expect(has_reg_key(reg, to, "d\\link\\Select"));
	cr_expect_eq(wh_reg_copy_tree(reg, top, "Nothing", WH_NTS, to), WH_E_NOT_FOUND);
}

Test(reg_tree, copy_into_memory)
{
	wh_hkey top = make_tree(reg);
	wh_hkey to = make_reg_key(reg, HKCU, "To", WH_REG_OPTION_VOLATILE);
	struct bytes before = take_bytes(t.user);

	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, to), WH_OK);
	cr_expect(has_reg_key(reg, to, "a\\b\\c"));
	cr_expect(still_has(t.user, before));
	drop_bytes(before);
}

Test(reg_tree, copy_to_itself_above_and_below)
{
	wh_hkey top = make_tree(reg), a = open_reg_key(reg, top, "a");
	struct bytes before = take_bytes(t.software);

	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, top), WH_OK);
	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, a), WH_E_INVALID);
	cr_expect_eq(wh_reg_copy_tree(reg, HKLM, "Software", WH_NTS, a), WH_E_INVALID);
	cr_expect(still_has(t.software, before));
	drop_bytes(before);
	/* A copy among the keys that it is made of: T\a\a goes over T\a. */
	close_reg_key(reg, make_reg_key(reg, a, "a\\n", 0));
	cr_expect_eq(wh_reg_copy_tree(reg, top, "a", 1, top), WH_OK);
	cr_expect(lists_reg_keys(reg, top, "a,b,d,v"));
	cr_expect(lists_reg_keys(reg, a, "a,b,n,v"));
}

/* From a merged key what both sides have, the user's first; into one as values and keys go. */
Test(reg_tree, copy_merged)
{
	wh_hkey user = make_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes\\M", 0);
	wh_hkey machine = make_reg_key(reg, HKLM, "Software\\Classes\\M", 0), merged;
	wh_hkey to = make_reg_key(reg, HKCU, "To", 0), top = make_tree(reg);

	set_reg_number(reg, user, "v", 1);
	set_reg_number(reg, machine, "v", 2);
	set_reg_number(reg, machine, "w", 3);
	close_reg_key(reg, make_reg_key(reg, user, "u", 0));
	close_reg_key(reg, make_reg_key(reg, machine, "m", 0));
	cr_expect_eq(wh_reg_copy_tree(reg, WH_HKEY_CLASSES_ROOT, "M", 1, to), WH_OK);
	cr_expect(lists_reg_keys(reg, to, "m,u"));
	cr_expect_eq(reg_number(reg, to, NULL, "v"), 1);
	cr_expect_eq(reg_number(reg, to, NULL, "w"), 3);
	merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, "M");
	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, merged), WH_OK);
	cr_expect(lists_reg_keys(reg, machine, "a,d,m"));
	cr_expect(lists_reg_keys(reg, user, "u"));
	cr_expect_eq(reg_number(reg, user, NULL, "x"), 2);
	cr_expect_eq(reg_number(reg, machine, NULL, "x"), UINT32_MAX);
}

/* What fails was not begun: a subkey of the roots can only be in memory. */
Test(reg_tree, copy_that_fails)
{
	wh_hkey top = make_tree(reg), weak;
	struct bytes before = take_bytes(t.user);

	close_reg_key(reg, make_reg_key(reg, HKLM, "MEM\\a", WH_REG_OPTION_VOLATILE));
	close_reg_key(reg, make_reg_key(reg, HKLM, "MEM\\SOFTWARE\\new", WH_REG_OPTION_VOLATILE));
	cr_expect_eq(wh_reg_copy_tree(reg, HKLM, "MEM", WH_NTS, HKLM), WH_E_ACCESS);
	cr_expect(lists_reg_keys(reg, HKLM, "MEM,SOFTWARE,SYSTEM"));
	cr_expect_not(has_reg_key(reg, HKLM, "SOFTWARE\\new"));
	cr_assert_eq(wh_reg_open_key(reg, HKCU, "Software", WH_NTS, 0, WH_KEY_READ, &weak), WH_OK);
	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, weak), WH_E_ACCESS);
	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, 0), WH_E_HANDLE);
	cr_expect_eq(wh_reg_copy_tree(reg, 0, NULL, 0, top), WH_E_HANDLE);
	cr_expect_eq(wh_reg_copy_tree(NULL, top, NULL, 0, top), WH_E_INVALID);
	cr_assert_eq(wh_reg_open_key(reg, HKLM, "Software\\T", WH_NTS, 0, WH_KEY_SET_VALUE, &weak),
		     WH_OK);
	cr_expect_eq(wh_reg_copy_tree(reg, weak, NULL, 0, HKCU), WH_E_ACCESS);
	cr_expect(still_has(t.user, before));
	drop_bytes(before);
}

/* ---------------------------------------------------------------------------- rename */

static bool
is_called(wh_hkey key, const char *name)
{
	char buf[1024];
	size_t len;

	cr_assert_eq(wh_reg_key_path(reg, key, buf, sizeof buf, &len), WH_OK);
	if (len != strlen(name) || memcmp(buf, name, len) != 0)
		fprintf(stderr, "it is %.*s\n", (int)len, buf);
	return len == strlen(name) && memcmp(buf, name, len) == 0;
}

/* [W:5070], [N:2408]. */
Test(reg_tree, rename_rules)
{
	wh_hkey top = make_tree(reg), weak;

	cr_assert_eq(wh_reg_open_key(reg, HKLM, "Software\\T", WH_NTS, 0, WH_KEY_READ, &weak),
		     WH_OK);
	cr_expect_eq(wh_reg_rename_key(reg, 0, NULL, 0, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_rename_key(reg, 0, NULL, 0, "n", 1), WH_E_HANDLE);
	cr_expect_eq(wh_reg_rename_key(reg, 0, "a", 1, NULL, 0), WH_E_HANDLE);
	cr_expect_eq(wh_reg_rename_key(reg, weak, "a", 1, "n", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(reg, weak, NULL, 0, "n", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(reg, top, "Nothing", WH_NTS, NULL, 0), WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a", 1, NULL, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a", 1, "", 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a", 1, "x\\y", 3), WH_E_INVALID);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a", 1, "\xff", 1), WH_E_INVALID);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a", 1, "D", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a", 1, "A", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(reg, top, "a\\b", 3, "v", 1), WH_E_ACCESS, "in memory");
	cr_expect_eq(wh_reg_rename_key(reg, HKCU, NULL, 0, "n", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(reg, HKLM, "SYSTEM", WH_NTS, "n", 1), WH_E_ACCESS);
	cr_expect_eq(wh_reg_rename_key(NULL, top, "a", 1, "n", 1), WH_E_INVALID);
	cr_expect(lists_reg_keys(reg, top, "a,d"));
}

/* Handles follow, and what is below, in the hive and in memory; into a cell of another size. */
Test(reg_tree, rename)
{
	static const char *const names[] = { "b",
					     "a-name-for-which-the-key-is-put-into-another-cell",
					     "\xe6\x97\xa5", "a" };
	wh_hkey top = make_tree(reg), a = open_reg_key(reg, top, "a"), v, w, again;
	char path[128];

	v = open_reg_key(reg, a, "v");
	w = open_reg_key(reg, v, "w");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		again = open_reg_key(reg, a, "");
		cr_assert_eq(wh_reg_rename_key(reg, a, NULL, 0, names[i], WH_NTS), WH_OK);
		snprintf(path, sizeof path, "HKEY_LOCAL_MACHINE\\SOFTWARE\\T\\%s", names[i]);
		cr_expect(is_called(a, path));
		cr_expect(is_called(again, path));
		snprintf(path, sizeof path, "HKEY_LOCAL_MACHINE\\SOFTWARE\\T\\%s\\v\\w", names[i]);
		cr_expect(is_called(w, path));
		cr_expect(lists_reg_keys(reg, a, "b,v"));
		cr_expect(has_reg_key(reg, a, "b\\c") && has_reg_key(reg, again, "v\\w"));
	}
	cr_assert_eq(wh_reg_rename_key(reg, a, "v", 1, names[1], WH_NTS), WH_OK);
	snprintf(path, sizeof path, "HKEY_LOCAL_MACHINE\\SOFTWARE\\T\\a\\%s\\w", names[1]);
	cr_expect(is_called(w, path));
	cr_expect(lists_reg_keys(reg, v, "w"));
	cr_expect_eq(wh_reg_delete_tree(reg, HKLM, "Software\\T", WH_NTS, NULL, 0, NULL), WH_OK);
}

/* A handle to a key that was deleted stays dead when the key that has its cell is renamed. */
Test(reg_tree, rename_does_not_raise_the_dead)
{
	wh_hkey top = make_reg_key(reg, HKLM, "Software\\R", 0), dead, born = 0;
	struct wh_key cell, other;
	struct wh_reg_info info;

	dead = make_reg_key(reg, top, "same", 0);
	cr_assert_eq(wh_reg_hive_key(reg, dead, &cell), WH_OK);
	cr_assert_eq(wh_reg_delete_key(reg, top, "same", WH_NTS, 0), WH_OK);
	born = make_reg_key(reg, top, "same", 0);
	cr_assert_eq(wh_reg_hive_key(reg, born, &other), WH_OK);
	cr_assert_eq(cell.cell, other.cell, "or this test says nothing");
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(wh_reg_rename_key(reg, born, NULL, 0,
					       i ? "somewhere-else-with-a-longer-name" : "mesa",
					       WH_NTS),
			     WH_OK);
		cr_expect_eq(wh_reg_query_info_key(reg, dead, &info), WH_E_DELETED);
		cr_expect_eq(wh_reg_query_info_key(reg, born, &info), WH_OK);
	}
}

/* ------------------------------------------------------------------------------ walk */

struct seen {
	char text[1024];
	int count, stop_at, skip_at;
	void (*act)(struct seen *seen, wh_hkey key, const char *path);
	enum wh_status status;
	bool quiet; /* only count */
};

static enum wh_reg_next
see(void *ctx, wh_hkey key, const char *path, size_t len, enum wh_status status)
{
	struct seen *seen = ctx;

	cr_expect_eq(strlen(path), len);
	cr_expect_eq(key != 0, status == WH_OK);
	if (status != WH_OK)
		seen->status = status;
	if (!seen->quiet) {
		strcat(seen->text, seen->count ? "," : "");
		strcat(seen->text, len ? path : ".");
	}
	seen->count++;
	if (seen->act)
		seen->act(seen, key, path);
	if (seen->count == seen->stop_at)
		return WH_REG_STOP;
	return seen->count == seen->skip_at ? WH_REG_SKIP_SUBKEYS : WH_REG_GO_ON;
}

static bool
walk_gives(struct seen *seen, wh_hkey key, const char *path, const char *want)
{
	enum wh_status st = wh_reg_walk(reg, key, path, WH_NTS, WH_KEY_READ, see, seen);

	cr_expect_eq(st, WH_OK, "%s", wh_status_name(st));
	if (strcmp(seen->text, want) != 0)
		fprintf(stderr, "it gave %s\n", seen->text);
	return strcmp(seen->text, want) == 0;
}

Test(reg_tree, walk)
{
	wh_hkey top = make_tree(reg), next;
	struct seen seen = { .count = 0 };

	make_reg_link(reg, top, "d\\link", "\\REGISTRY\\MACHINE\\SYSTEM");
	cr_expect(walk_gives(&seen, top, NULL, ".,a,a\\b,a\\b\\c,a\\v,a\\v\\w,d,d\\link"));
	seen = (struct seen){ .count = 0 };
	cr_expect(walk_gives(&seen, HKLM, "software\\T\\A\\",
			     "software\\T\\A,software\\T\\A\\b,software\\T\\A\\b\\c,"
			     "software\\T\\A\\v,software\\T\\A\\v\\w"));
	seen = (struct seen){ .stop_at = 3 };
	cr_expect(walk_gives(&seen, top, "", ".,a,a\\b"));
	seen = (struct seen){ .skip_at = 2 };
	cr_expect(walk_gives(&seen, top, "", ".,a,d,d\\link"));
	seen = (struct seen){ .skip_at = 1 };
	cr_expect(walk_gives(&seen, top, "", "."));
	seen = (struct seen){ .stop_at = 4 };
	cr_expect(walk_gives(&seen, HKLM, "",
			     ".,SOFTWARE,SOFTWARE\\Classes,SOFTWARE\\Classes\\CLSID"));
	/* All handles that were given are closed again. */
	next = open_reg_key(reg, top, "");
	for (wh_hkey h = top + 1; h < next; h++)
		cr_expect(h == top || wh_reg_close_key(reg, h) == WH_E_HANDLE || h <= 8);
	cr_expect_eq(wh_reg_walk(reg, top, "Nothing", WH_NTS, WH_KEY_READ, see, &seen),
		     WH_E_NOT_FOUND);
	cr_expect_eq(wh_reg_walk(reg, top, "\\a", WH_NTS, WH_KEY_READ, see, &seen), WH_E_BAD_PATH);
	cr_expect_eq(wh_reg_walk(reg, top, "", 0, 0, see, &seen), WH_E_ACCESS);
	cr_expect_eq(wh_reg_walk(reg, top, "", 0, WH_KEY_READ, NULL, &seen), WH_E_INVALID);
	cr_expect_eq(wh_reg_walk(NULL, top, "", 0, WH_KEY_READ, see, &seen), WH_E_INVALID);
	cr_expect_eq(wh_reg_walk(reg, 0, "", 0, WH_KEY_READ, see, &seen), WH_E_HANDLE);
}

static void
delete_it(struct seen *seen, wh_hkey key, const char *path)
{
	(void)seen;
	if (path[0])
		cr_expect_eq(wh_reg_delete_tree(reg, key, NULL, 0, NULL, 0, NULL), WH_E_ACCESS,
			     "opened for reading");
	if (path[0])
		cr_expect_eq(wh_reg_delete_tree(reg, HKLM, "Software\\T\\a", WH_NTS, NULL, 0, NULL),
			     strcmp(path, "a") == 0 ? WH_OK : WH_E_NOT_FOUND);
}

static void
make_more(struct seen *seen, wh_hkey key, const char *path)
{
	static const char *const names[] = { "0", "aa", "b\\z" };
	wh_hkey made;

	(void)key;
	if (strcmp(path, "a") != 0)
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		made = make_reg_key(reg, HKLM, "Software\\T", 0);
		close_reg_key(reg, make_reg_key(reg, made, names[i], 0));
		close_reg_key(reg, made);
	}
	made = make_reg_key(reg, HKLM, "Software\\T\\a\\0", 0);
	close_reg_key(reg, made);
	(void)seen;
}

static void
rename_it(struct seen *seen, wh_hkey key, const char *path)
{
	(void)seen;
	(void)key;
	if (strcmp(path, "a") == 0)
		cr_expect_eq(wh_reg_rename_key(reg, HKLM, "Software\\T\\a", WH_NTS,
					       "another-name-that-is-longer", WH_NTS),
			     WH_OK);
}

static void
close_it(struct seen *seen, wh_hkey key, const char *path)
{
	(void)seen;
	if (strcmp(path, "a") == 0)
		close_reg_key(reg, key);
}

/* The caller may change what he walks over. */
Test(reg_tree, walk_over_what_changes)
{
	struct seen seen = { .act = delete_it };
	wh_hkey top = make_tree(reg);

	cr_expect(walk_gives(&seen, top, NULL, ".,a,d"));
	make_tree(reg);
	seen = (struct seen){ .act = make_more };
	cr_expect(walk_gives(&seen, top, NULL, ".,a,a\\0,a\\b,a\\b\\c,a\\v,a\\v\\w,aa,b,b\\z,d"));
	cr_expect_eq(wh_reg_delete_tree(reg, HKLM, "Software\\T", WH_NTS, NULL, 0, NULL), WH_OK);
	top = make_tree(reg);
	seen = (struct seen){ .act = close_it };
	cr_expect(walk_gives(&seen, top, NULL, ".,a,d"), "against the rules, but no harm");
	/* It was called "a" when it was met, and its handle follows. */
	seen = (struct seen){ .act = rename_it };
	cr_expect(walk_gives(&seen, top, NULL,
			     ".,a,a\\b,a\\b\\c,a\\v,a\\v\\w,another-name-that-is-longer,"
			     "another-name-that-is-longer\\b,another-name-that-is-longer\\b\\c,"
			     "another-name-that-is-longer\\v,another-name-that-is-longer\\v\\w,d"));
}

/* ----------------------------------------------------------------- a damaged hive */

/*
 * A key that is below itself, and one that says that it is its own parent: everything that goes
 * down or up comes to an end.
 */
Test(reg_tree_damage, comes_to_an_end)
{
	struct wh_options options = { .flags = WH_OPEN_TAKE_DAMAGED };
	struct seen seen = { .stop_at = 10 };
	struct wh_reg_info info;
	struct wh_hive *hive;
	struct builder b;
	uint32_t root, key, list;
	wh_hkey top, deep, to;
	size_t len;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	key = builder_key(&b, root, "Round");
	list = builder_list(&b, "lh", &key, 1);
	builder_set_list(&b, root, list, 1);
	builder_set_list(&b, key, list, 1);
	put32(builder_at(&b, key) + 16, key);
	hive = builder_open(&b, &options);
	cr_assert_eq(wh_reg_new(NULL, &reg), WH_OK);
	cr_assert_eq(wh_reg_mount_hive(reg, HKLM, "D", 1, hive, WH_MOUNT_OWNED), WH_OK);
	top = open_reg_key(reg, HKLM, "D");
	deep = open_reg_key(reg, top, "Round\\Round\\Round");
	cr_expect_eq(wh_reg_query_info_key(reg, deep, &info), WH_OK);
	cr_expect_eq(wh_reg_key_path(reg, deep, NULL, 0, &len), WH_E_CORRUPT);
	cr_expect_eq(wh_reg_delete_tree(reg, top, NULL, 0, NULL, 0, &len), WH_E_CORRUPT);
	cr_expect_gt(len, 1000);
	to = make_reg_key(reg, HKLM, "To", WH_REG_OPTION_VOLATILE);
	cr_expect_eq(wh_reg_copy_tree(reg, top, NULL, 0, to), WH_E_CORRUPT);
	cr_expect(lists_reg_keys(reg, to, ""));
	/* In memory below it: whom to tell is looked for up to the root. */
	close_reg_key(reg, make_reg_key(reg, deep, "V", WH_REG_OPTION_VOLATILE));
	cr_expect_eq(wh_reg_walk(reg, top, NULL, 0, WH_KEY_READ, see, &seen), WH_OK);
	cr_expect_eq(seen.count, 10);
	seen = (struct seen){ .quiet = true };
	cr_expect_eq(wh_reg_walk(reg, top, NULL, 0, WH_KEY_READ, see, &seen), WH_E_CORRUPT);
	cr_expect_lt(seen.count, 3000);
	wh_reg_free(reg);
	builder_fini(&b);
}

/* ------------------------------------------------------------------ failing memory */

static wh_hkey target;

static void
build(struct wh_reg *r)
{
	make_tree(r);
	target = make_reg_key(r, HKCU, "To\\a", 0);
	open_reg_key(r, HKLM, "Software\\T\\a");
}

static enum wh_status
do_copy(struct wh_reg *r)
{
	return wh_reg_copy_tree(r, HKLM, "Software\\T", WH_NTS, target);
}

static enum wh_status
do_rename(struct wh_reg *r)
{
	return wh_reg_rename_key(r, HKLM, "Software\\T\\a", WH_NTS,
				 "a-name-for-which-the-key-is-put-into-another-cell", WH_NTS);
}

static enum wh_status
do_walk(struct wh_reg *r)
{
	struct seen seen = { .count = 0 };
	enum wh_status st = wh_reg_walk(r, HKLM, "Software\\T", WH_NTS, WH_KEY_READ, see, &seen);

	return seen.status == WH_E_MEMORY ? WH_E_MEMORY : st;
}

Test(reg_tree_memory, runs_out)
{
	cr_expect_gt(registry_starve(build, do_copy), 5);
	cr_expect_gt(registry_starve(build, do_rename), 0);
	cr_expect_gt(registry_starve(build, do_walk), 5);
}
