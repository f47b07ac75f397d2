/* SPDX-License-Identifier: MIT */
/* Nodes: the order of names, paths, parents, and where a path leads, from inside. */
#include "editing.h"
#include "registry.h"

#include "registry/registry.h"

#include <criterion/criterion.h>
#include <string.h>

static struct test_registry t;
static struct whi_machine *machine;

static void
setup(void)
{
	registry_init(&t, NULL);
	machine = t.reg->local;
}

static void
teardown(void)
{
	registry_fini(&t);
}

TestSuite(reg_node, .init = setup, .fini = teardown);

static struct whi_node
node_at(const char *path)
{
	struct whi_node node;

	cr_assert_eq(whi_resolve_absolute(machine, path, WH_NTS, WHI_RESOLVE_OPEN_LINK, &node),
		     WH_OK, "%s", path);
	return node;
}

static bool
has_path(struct whi_node node, const char *want)
{
	char *path;
	size_t len;
	bool same;

	cr_assert_eq(whi_node_path(&node, &path, &len), WH_OK);
	cr_expect_eq(strlen(path), len);
	same = strcmp(path, want) == 0;
	if (!same)
		fprintf(stderr, "it is %s\n", path);
	whi_free(&t.reg->alloc, path, len + 1);
	return same;
}

Test(reg_node_names, order)
{
	/* Each before the next one. */
	static const char *const names[] = {
		"",
		"!",
		"a",
		"AA",
		"a\xc3\x9f", /* sharp s has no upper case */
		"B",
		"_", /* after the letters, which are compared upper case */
		"\xc3\x80",
		"\xc3\xa9", /* e acute */
		"\xce\xb1",
		"\xe6\x97\xa5",
		"\xed\xa0\x80", /* half a pair */
		"\xf0\x90\x90\x80",
		"\xf0\x90\x90\xa8", /* no case beyond 16 bits */
		"\xef\xbd\x81",     /* by units: after all pairs */
	};
	enum { COUNT = sizeof names / sizeof *names };

	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++) {
			int order = whi_reg_compare(names[i], strlen(names[i]), names[j],
						    strlen(names[j]));

			cr_expect((order < 0) == (i < j) && (order > 0) == (i > j), "%zu, %zu", i,
				  j);
		}
	cr_expect_eq(whi_reg_compare("\xc3\xa9t\xc3\xa9", 5, "\xc3\x89T\xc3\x89", 5), 0);
	cr_expect_neq(whi_reg_compare("stra\xc3\x9f"
				      "e",
				      7, "STRASSE", 7),
		      0);
	cr_expect_neq(whi_reg_compare("a\0b", 3, "a", 1), 0);
	cr_expect_eq(whi_reg_compare("a\0b", 3, "A\0B", 3), 0);
	cr_expect_neq(whi_reg_compare("a\xff", 2, "a", 1), 0, "what is not UTF-8 is something");
}

/* That order is the one in which a hive keeps its keys. */
Test(reg_node_names, order_is_that_of_a_hive)
{
	static const char *const names[] = {
		"_", "a", "B", "\xc3\xa9", "\xef\xbd\x81", "\xf0\x9f\x98\x80", "Z", "\xce\xb1", "0"
	};
	struct wh_hive *hive = new_hive(5);
	struct wh_key key;
	char last[16] = "", name[16];
	size_t last_len = 0, len;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		make_key(hive, names[i]);
	for (uint32_t i = 0; wh_key_subkey_at(wh_hive_root(hive), i, &key) == WH_OK; i++) {
		cr_assert_eq(wh_key_name(key, name, sizeof name, &len), WH_OK);
		cr_expect_lt(whi_reg_compare(last, last_len, name, len), 0, "%u", i);
		memcpy(last, name, len);
		last_len = len;
	}
	close_hive(hive);
}

Test(reg_node, absolute_paths)
{
	static const struct {
		const char *path;
		enum wh_status st;
	} rows[] = {
		{ "\\REGISTRY", WH_OK },
		{ "\\registry\\machine\\", WH_OK },
		{ "\\\\Registry\\\\User", WH_OK },
		{ "\\REGISTRY\\MACHINE\\software\\microsoft", WH_OK },
		{ "REGISTRY", WH_E_NOT_FOUND },
		{ "", WH_E_NOT_FOUND },
		{ "\\", WH_E_NOT_FOUND },
		{ "\\REGISTR", WH_E_NOT_FOUND },
		{ "\\REGISTRYX\\MACHINE", WH_E_NOT_FOUND },
		{ "\\REGISTRY\\MACHINE\\none", WH_E_NOT_FOUND },
	};
	struct whi_node node;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		cr_expect_eq(whi_resolve_absolute(machine, rows[i].path, WH_NTS, 0, &node),
			     rows[i].st, "%s", rows[i].path);
		cr_expect_eq(node.mount != NULL, rows[i].st == WH_OK);
	}
}

Test(reg_node, paths_and_parents)
{
	struct whi_node node = node_at("\\registry\\machine\\software\\microsoft"), parent;

	cr_expect(has_path(node, "\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft"));
	cr_expect_not(whi_node_is_root(&node));
	cr_assert_eq(whi_node_parent(&node, &parent), WH_OK);
	cr_expect(whi_node_is_root(&parent) && parent.mount->hive == t.software);
	cr_assert_eq(whi_node_parent(&parent, &parent), WH_OK);
	cr_expect(has_path(parent, "\\REGISTRY\\MACHINE"));
	cr_expect(whi_node_is_root(&parent) && whi_node_volatile(&parent));
	cr_assert_eq(whi_node_parent(&parent, &parent), WH_OK);
	cr_expect(has_path(parent, "\\REGISTRY"));
	cr_expect(whi_node_is_root(&parent));
	cr_expect_eq(whi_node_parent(&parent, &node), WH_E_NO_MORE);
	cr_expect_eq(node.mount, NULL);
}

/* Up from a volatile key: through its anchor to the key of the hive. */
Test(reg_node, volatile_keys)
{
	struct whi_node top, node, parent;

	close_reg_key(t.reg, make_reg_key(t.reg, WH_HKEY_LOCAL_MACHINE, "Software\\Microsoft\\V\\W",
					  WH_REG_OPTION_VOLATILE));
	top = node_at("\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft");
	node = node_at("\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\V\\W");
	cr_expect(whi_node_volatile(&node) && !whi_node_volatile(&top));
	cr_expect_eq(node.key.hive, node.mount->shadow);
	cr_assert_eq(whi_node_parent(&node, &parent), WH_OK);
	cr_expect(has_path(parent, "\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\V"));
	cr_assert_eq(whi_node_parent(&parent, &parent), WH_OK);
	cr_expect(whi_node_equal(parent, top));
}

Test(reg_node, of_nothing)
{
	struct whi_node none = { 0 }, node;
	uint32_t count;
	char *text;
	size_t len;

	cr_expect_eq(whi_node_alive(&none), WH_E_DELETED);
	cr_expect_eq(whi_node_child(&none, "a", 1, &node), WH_E_DELETED);
	cr_expect_eq(whi_node_child_at(&none, 0, &node), WH_E_DELETED);
	cr_expect_eq(whi_node_child_count(&none, &count), WH_E_DELETED);
	cr_expect_eq(whi_node_parent(&none, &node), WH_E_DELETED);
	cr_expect_eq(whi_node_path(&none, &text, &len), WH_E_DELETED);
	cr_expect_eq(whi_node_link(&none, &text, &len), WH_E_DELETED);
	cr_expect_eq(whi_node_create(&none, "a", 1, 0, NULL, &node), WH_E_DELETED);
	cr_expect_eq(whi_node_delete(&none), WH_E_DELETED);
	cr_expect_eq(whi_node_rename(&none, "a", 1), WH_E_DELETED);
	cr_expect_not(whi_node_is_link(&none) || whi_node_is_root(&none) ||
		      whi_node_volatile(&none));
}

Test(reg_node, links)
{
	struct whi_node node;
	char *target;
	size_t len;

	make_reg_link(t.reg, WH_HKEY_LOCAL_MACHINE, "Software\\L", "\\REGISTRY\\MACHINE\\X");
	node = node_at("\\REGISTRY\\MACHINE\\SOFTWARE\\L");
	cr_expect(whi_node_is_link(&node));
	cr_assert_eq(whi_node_link(&node, &target, &len), WH_OK);
	cr_expect(len == 19 && strcmp(target, "\\REGISTRY\\MACHINE\\X") == 0);
	whi_free(&t.reg->alloc, target, len + 1);
	/* One byte too many is left out; another type, or nothing, is no target. */
	cr_assert_eq(wh_value_set(node.key, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, "\\\0a", 3),
		     WH_OK);
	cr_assert_eq(whi_node_link(&node, &target, &len), WH_OK);
	cr_expect(len == 1 && strcmp(target, "\\") == 0);
	whi_free(&t.reg->alloc, target, len + 1);
	cr_assert_eq(wh_value_set(node.key, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, "", 0),
		     WH_OK);
	cr_expect_eq(whi_node_link(&node, &target, &len), WH_E_NOT_FOUND);
	cr_assert_eq(wh_value_set(node.key, "SymbolicLinkValue", WH_NTS, WH_REG_SZ, "\\\0", 2),
		     WH_OK);
	cr_expect_eq(whi_node_link(&node, &target, &len), WH_E_NOT_FOUND);
	/* As a link is, since the hive is looked at in the end. */
	cr_assert_eq(wh_value_set(node.key, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, "\\\0", 2),
		     WH_OK);
	node = node_at("\\REGISTRY\\MACHINE\\SOFTWARE");
	cr_expect_not(whi_node_is_link(&node));
}

/* What is missing of a path, joined; and nothing where the path was found. */
Test(reg_node, rest_of_a_path)
{
	struct whi_place from = { .node = node_at("\\REGISTRY\\MACHINE") }, place;
	struct whi_rest rest;

	cr_assert_eq(whi_resolve(t.reg, &from, "Software\\\\A\\\\\\B\\C\\\\", WH_NTS,
				 WHI_RESOLVE_PARENT, 0, &place, &rest),
		     WH_OK);
	cr_expect(has_path(place.node, "\\REGISTRY\\MACHINE\\SOFTWARE"));
	cr_expect(rest.len == 5 && strcmp(rest.path, "A\\B\\C") == 0);
	whi_rest_free(t.reg, &rest);
	cr_expect(rest.path == NULL && rest.len == 0);
	cr_assert_eq(whi_resolve(t.reg, &from, "Software\\", WH_NTS, WHI_RESOLVE_PARENT, 0, &place,
				 &rest),
		     WH_OK);
	cr_expect(rest.path == NULL && rest.len == 0);
	cr_expect_eq(whi_resolve(t.reg, &from, "Software", WH_NTS, 0,
				 WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY, &place, NULL),
		     WH_E_INVALID);
	cr_expect_eq(place.node.mount, NULL);
}

/* A key made through whi_node_create() that is there already is not made again. */
Test(reg_node, create_what_is_there)
{
	struct whi_node top = node_at("\\REGISTRY\\MACHINE\\SOFTWARE"), node;

	cr_expect_eq(whi_node_create(&top, "microsoft", WH_NTS, 0, NULL, &node), WH_E_EXISTS);
	cr_expect_eq(whi_node_create(&top, "", 0, 0, NULL, &node), WH_E_INVALID);
	cr_expect_eq(whi_node_create(&top, NULL, 0, 0, NULL, &node), WH_E_INVALID);
	cr_expect_eq(node.mount, NULL);
}
