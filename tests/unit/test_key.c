/* SPDX-License-Identifier: MIT */
/* The public functions about keys. */
#include "base/upcase.h"
#include "base/utf.h"

#include "files.h"
#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct builder b;
static struct issues issues;
static struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
static struct wh_hive *hive;
static uint32_t root_cell, alpha, beta, one, odd, nul;

static const uint16_t nul_name[] = { 'n', 0, 'l' };
static const uint16_t odd_name[] = { 0xd801, '/', 0xe4 };
static const uint16_t class_text[] = { 'C', 0xe4, 0x20ac };

/* ROOT, below it Alpha, Beta, n<NUL>l, <D801>/<e4>; Beta\One. */
static void
setup(void)
{
	uint32_t keys[4];

	builder_init(&b, 6);
	root_cell = builder_key(&b, NO_PARENT, "ROOT");
	keys[0] = alpha = builder_key(&b, root_cell, "Alpha");
	keys[1] = beta = builder_key(&b, root_cell, "Beta");
	keys[2] = nul = builder_wide_key(&b, root_cell, nul_name, 3);
	keys[3] = odd = builder_wide_key(&b, root_cell, odd_name, 3);
	builder_set_list(&b, root_cell, builder_list(&b, "lh", keys, 4), 4);
	one = builder_key(&b, beta, "One");
	builder_set_list(&b, beta, builder_list(&b, "lf", &one, 1), 1);
	builder_set_class(&b, alpha, class_text, 3);
	builder_at(&b, alpha)[13] = 0x81;
	builder_at(&b, beta)[13] = 3;
	issues = (struct issues){ 0 };
	hive = builder_open(&b, &options);
}

static void
fini(void)
{
	wh_hive_close(hive);
	builder_fini(&b);
}

TestSuite(key, .init = setup, .fini = fini);

static struct wh_key
at(uint32_t cell)
{
	return (struct wh_key){ hive, cell, 0 };
}

static void
is_null(struct wh_key key)
{
	cr_assert(key.hive == NULL && key.cell == 0);
}

Test(key, none_is_invalid)
{
	struct wh_key none = { 0 }, found = at(1);
	struct wh_key_info info;
	struct wh_subkeys it;
	struct wh_walk *walk;
	struct wh_value value;
	const void *descriptor;
	char buf[4];
	size_t len = 7;

	cr_assert_eq(wh_key_info(none, &info), WH_E_INVALID);
	cr_assert_eq(wh_key_name(none, buf, sizeof buf, &len), WH_E_INVALID);
	cr_assert_eq(len, 0);
	cr_assert_eq(wh_key_class(none, buf, sizeof buf, &len), WH_E_INVALID);
	cr_assert_eq(wh_key_security(none, &descriptor, &len), WH_E_INVALID);
	cr_assert(descriptor == NULL && len == 0);
	cr_assert_eq(wh_key_parent(none, &found), WH_E_INVALID);
	is_null(found);
	cr_assert_eq(wh_key_subkey_at(none, 0, &found), WH_E_INVALID);
	cr_assert_eq(wh_key_subkey(none, "a", WH_NTS, &found), WH_E_INVALID);
	cr_assert_eq(wh_key_open(none, "", WH_NTS, &found), WH_E_INVALID);
	is_null(found);
	cr_assert_eq(wh_subkeys_begin(none, &it), WH_E_INVALID);
	cr_assert_eq(wh_subkeys_next(&it, &found), WH_E_NO_MORE);
	cr_assert_eq(wh_walk_new(none, &walk), WH_E_INVALID);
	cr_assert_null(walk);
	cr_assert_eq(wh_key_value(none, "a", WH_NTS, &value), WH_E_INVALID);
	cr_assert_eq(wh_key_value_at(none, 0, &value), WH_E_INVALID);
}

Test(key, a_cell_that_is_no_key)
{
	struct wh_key wrong = at(b.security), found = at(1);
	struct wh_key_info info;
	struct wh_walk *walk;
	size_t len;

	cr_assert_eq(wh_key_info(wrong, &info), WH_E_CORRUPT);
	cr_assert_eq(info.cell, 0);
	cr_assert_eq(wh_key_name(wrong, NULL, 0, &len), WH_E_CORRUPT);
	cr_assert_eq(wh_key_subkey_at(wrong, 0, &found), WH_E_CORRUPT);
	is_null(found);
	cr_assert_eq(wh_walk_new(wrong, &walk), WH_E_CORRUPT);
	cr_assert_eq(wh_key_info(at(3), &info), WH_E_CORRUPT);
	cr_assert_eq(wh_key_info(at(WH_NO_CELL), &info), WH_E_CORRUPT);
}

Test(key, info)
{
	struct wh_key_info info;

	cr_assert_eq(wh_hive_root(hive).cell, root_cell);
	cr_assert_eq(wh_key_info(wh_hive_root(hive), &info), WH_OK);
	cr_assert_eq(info.cell, root_cell);
	cr_assert_eq(info.flags, WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE | WH_KEY_COMP_NAME);
	cr_assert_eq(info.last_written, UINT64_C(0x01d78cc2a1b2c3d4));
	cr_assert(info.subkey_count == 4 && info.value_count == 0 && info.name_len == 4);
	cr_assert_eq(info.cell_size, 88);
	cr_assert_eq(wh_key_info(at(alpha), &info), WH_OK);
	cr_assert(info.class_len == 6 && info.parent == root_cell);
	cr_assert_eq(info.security, b.security);
}

/* Every field has its own value, so that none can be taken from another's place. */
Test(key, info_of_every_field)
{
	uint8_t *nk = builder_at(&b, alpha);
	struct wh_key_info info;
	struct wh_hive *other;

	for (size_t i = 4; i < 72; i++)
		nk[i] = (uint8_t)(i * 5 + 3);
	other = builder_open(&b, NULL);
	cr_assert_eq(wh_key_info((struct wh_key){ other, alpha, 0 }, &info), WH_OK);
	cr_assert_eq(info.last_written, get32(nk + 4) | (uint64_t)get32(nk + 8) << 32);
	cr_assert_eq(info.access, nk[12]);
	cr_assert_eq(info.layer, nk[13] & 3);
	cr_assert_eq(info.inherit_class, nk[13] >> 7);
	cr_assert_eq(info.parent, get32(nk + 16));
	cr_assert_eq(info.subkey_count, get32(nk + 20));
	cr_assert_eq(info.volatile_count, get32(nk + 24));
	cr_assert_eq(info.subkey_list, get32(nk + 28));
	cr_assert_eq(info.value_count, get32(nk + 36));
	cr_assert_eq(info.value_list, get32(nk + 40));
	cr_assert_eq(info.security, get32(nk + 44));
	cr_assert_eq(info.class_cell, get32(nk + 48));
	cr_assert_eq(info.max_name_len, get32(nk + 52) & 0xffff);
	cr_assert_eq(info.user_flags, nk[54] & 15);
	cr_assert_eq(info.virtual_flags, nk[54] >> 4);
	cr_assert_eq(info.debug, nk[55]);
	cr_assert_eq(info.max_class_len, get32(nk + 56));
	cr_assert_eq(info.max_value_name_len, get32(nk + 60));
	cr_assert_eq(info.max_value_len, get32(nk + 64));
	cr_assert_eq(info.work_var, get32(nk + 68));
	wh_hive_close(other);
}

Test(key, layers_from_version_1_6_on)
{
	struct wh_key_info info;
	struct wh_hive *older;

	cr_assert_eq(wh_key_info(at(alpha), &info), WH_OK);
	cr_assert(info.layer == WH_LAYER_TOMBSTONE && info.inherit_class);
	cr_assert_eq(wh_key_info(at(beta), &info), WH_OK);
	cr_assert(info.layer == WH_LAYER_SUPERSEDE_TREE && !info.inherit_class);
	put32(b.bytes + 24, 5);
	older = builder_open(&b, NULL);
	cr_assert_eq(wh_key_info((struct wh_key){ older, alpha, 0 }, &info), WH_OK);
	cr_assert(info.layer == WH_LAYER_MERGE && !info.inherit_class);
	wh_hive_close(older);
}

/* A function that copies, at every size of buffer. */
typedef enum wh_status copy_fn(struct wh_key key, char *buf, size_t cap, size_t *len);

static void
copies(copy_fn *fn, uint32_t cell, const char *due, size_t due_len)
{
	char buf[32], before[32];
	size_t len;

	memset(before, '.', sizeof before);
	for (size_t cap = 0; cap <= due_len + 2; cap++) {
		memset(buf, '.', sizeof buf);
		len = 99;
		cr_assert_eq(fn(at(cell), buf, cap, &len), cap < due_len ? WH_E_MORE_DATA : WH_OK);
		cr_assert_eq(len, due_len);
		if (cap >= due_len)
			cr_assert_arr_eq(buf, due, due_len);
		cr_assert_arr_eq(buf + (cap < due_len ? 0 : due_len), before, 8);
	}
	cr_assert_eq(fn(at(cell), NULL, 0, &len), due_len ? WH_E_MORE_DATA : WH_OK);
}

Test(key, names)
{
	copies(wh_key_name, root_cell, "ROOT", 4);
	copies(wh_key_name, nul, "n\0l", 3);
	copies(wh_key_name, odd, "\xed\xa0\x81/\xc3\xa4", 6);
}

Test(key, classes)
{
	copies(wh_key_class, alpha, "C\xc3\xa4\xe2\x82\xac", 6);
	copies(wh_key_class, beta, "", 0);
}

Test(key, security)
{
	const uint8_t *bytes;
	const void *descriptor;
	size_t len, hive_len;

	cr_assert_eq(wh_key_security(at(beta), &descriptor, &len), WH_OK);
	cr_assert_eq(len, 20);
	bytes = wh_hive_bytes(hive, &hive_len);
	cr_assert_eq(descriptor, bytes + 4096 + b.security + 4 + 20);
}

Test(key, parents)
{
	struct wh_key parent = at(1);

	cr_assert_eq(wh_key_parent(at(one), &parent), WH_OK);
	cr_assert_eq(parent.cell, beta);
	cr_assert_eq(wh_key_parent(parent, &parent), WH_OK);
	cr_assert_eq(parent.cell, root_cell);
	cr_assert_eq(wh_key_parent(parent, &parent), WH_E_NO_MORE);
	is_null(parent);
}

Test(key, subkeys_by_index)
{
	const uint32_t due[] = { alpha, beta, nul, odd };
	struct wh_key found;

	for (uint32_t i = 0; i < 4; i++) {
		cr_assert_eq(wh_key_subkey_at(at(root_cell), i, &found), WH_OK);
		cr_assert_eq(found.cell, due[i]);
	}
	cr_assert_eq(wh_key_subkey_at(at(root_cell), 4, &found), WH_E_NO_MORE);
	is_null(found);
	cr_assert_eq(wh_key_subkey_at(at(root_cell), UINT32_MAX, &found), WH_E_NO_MORE);
	cr_assert_eq(wh_key_subkey_at(at(one), 0, &found), WH_E_NO_MORE);
}

Test(key, subkeys_by_iterator)
{
	const uint32_t due[] = { alpha, beta, nul, odd };
	struct wh_subkeys it;
	struct wh_key found;

	cr_assert_eq(wh_subkeys_begin(at(root_cell), &it), WH_OK);
	for (uint32_t i = 0; i < 4; i++) {
		cr_assert_eq(wh_subkeys_next(&it, &found), WH_OK);
		cr_assert_eq(found.cell, due[i]);
	}
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(wh_subkeys_next(&it, &found), WH_E_NO_MORE, "and so it stays");
		is_null(found);
	}
	cr_assert_eq(wh_subkeys_begin(at(one), &it), WH_OK);
	cr_assert_eq(wh_subkeys_next(&it, &found), WH_E_NO_MORE);
}

struct lookup {
	const char *name;
	size_t len;
	enum wh_status st;
	const uint32_t *cell;
};

static const struct lookup names[] = {
	{ "Alpha", WH_NTS, WH_OK, &alpha },
	{ "ALPHA", WH_NTS, WH_OK, &alpha },
	{ "alpha", 5, WH_OK, &alpha },
	{ "alphabet", 5, WH_OK, &alpha },
	{ "Alpha\0x", WH_NTS, WH_OK, &alpha },
	{ "Alpha\0x", 7, WH_E_NOT_FOUND, NULL },
	{ "Alph", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "", 0, WH_E_NOT_FOUND, NULL },
	{ NULL, 0, WH_E_NOT_FOUND, NULL },
	{ NULL, WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "n\0l", 3, WH_OK, &nul },
	{ "N\0L", 3, WH_OK, &nul },
	{ "n\0l", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "\xed\xa0\x81/\xc3\xa4", WH_NTS, WH_OK, &odd },
	{ "\xed\xa0\x81/\xc3\x84", WH_NTS, WH_OK, &odd },
	{ "Beta\\One", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "\xff", WH_NTS, WH_E_INVALID, NULL },
	{ "Alpha\xc3", WH_NTS, WH_E_INVALID, NULL },
	{ "\xc3\xa4", 1, WH_E_INVALID, NULL },
};

static const struct lookup paths[] = {
	{ "", WH_NTS, WH_OK, &root_cell },
	{ NULL, 0, WH_OK, &root_cell },
	{ NULL, WH_NTS, WH_OK, &root_cell },
	{ "xyz", 0, WH_OK, &root_cell },
	{ "Beta", WH_NTS, WH_OK, &beta },
	{ "Beta\\One", WH_NTS, WH_OK, &one },
	{ "bETA\\oNE", WH_NTS, WH_OK, &one },
	{ "Beta\\", WH_NTS, WH_OK, &beta },
	{ "Beta\\One\\", WH_NTS, WH_OK, &one },
	{ "Beta\\\\One", WH_NTS, WH_OK, &one },
	{ "Beta\\\\\\One\\\\", WH_NTS, WH_OK, &one },
	{ "Beta\\One", 5, WH_OK, &beta },
	{ "Beta\\One", 4, WH_OK, &beta },
	{ "Beta\\One", 7, WH_E_NOT_FOUND, NULL },
	{ "\\Beta", WH_NTS, WH_E_BAD_PATH, NULL },
	{ "\\", WH_NTS, WH_E_BAD_PATH, NULL },
	{ "\\\\", WH_NTS, WH_E_BAD_PATH, NULL },
	{ "Beta/One", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "Beta\\One\\Two", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "ROOT\\Beta", WH_NTS, WH_E_NOT_FOUND, NULL },
	{ "\xed\xa0\x81/\xc3\xa4\\", WH_NTS, WH_OK, &odd },
	{ "n\0l\\", 4, WH_OK, &nul },
	{ "n\0l\\x", 5, WH_E_NOT_FOUND, NULL },
	{ "Beta\\\xff", WH_NTS, WH_E_INVALID, NULL },
};

typedef enum wh_status lookup_fn(struct wh_key key, const char *text, size_t len,
				 struct wh_key *found);

static void
looks_up(lookup_fn *fn, const struct lookup *cases, size_t count)
{
	struct wh_key found;

	for (size_t i = 0; i < count; i++) {
		found = at(1);
		cr_assert_eq(fn(at(root_cell), cases[i].name, cases[i].len, &found), cases[i].st,
			     "%zu: %s", i, cases[i].name ? cases[i].name : "NULL");
		if (cases[i].st == WH_OK)
			cr_assert(found.hive == hive && found.cell == *cases[i].cell, "%zu", i);
		else
			is_null(found);
	}
	cr_assert_eq(issues.count, 0);
}

Test(key, subkeys_by_name)
{
	looks_up(wh_key_subkey, names, sizeof names / sizeof *names);
}

Test(key, subkeys_by_path)
{
	looks_up(wh_key_open, paths, sizeof paths / sizeof *paths);
}

Test(key, a_list_out_of_order_is_found_in_and_reported)
{
	static const char *const kinds[] = { "li", "lf", "lh" };
	static const char *const wanted[] = { "alpha", "beta", "gamma" };

	for (int i = 0; i < 3; i++) {
		uint32_t keys[3], top;
		struct wh_key found;

		fini();
		builder_init(&b, 5);
		top = builder_key(&b, NO_PARENT, "ROOT");
		keys[0] = builder_key(&b, top, "Gamma");
		keys[1] = builder_key(&b, top, "Alpha");
		keys[2] = builder_key(&b, top, "Beta");
		builder_set_list(&b, top, builder_list(&b, kinds[i], keys, 3), 3);
		issues = (struct issues){ 0 };
		hive = builder_open(&b, &options);
		for (int j = 0; j < 3; j++)
			cr_assert_eq(wh_key_subkey(at(top), wanted[j], WH_NTS, &found), WH_OK,
				     "%s in %s", wanted[j], kinds[i]);
		/* An lh is searched by its hashes, which do not mind the order. */
		cr_assert_eq(has_rule(&issues, "list-order"), i != 2);
		cr_assert_eq(wh_key_subkey(at(top), "delta", WH_NTS, &found), WH_E_NOT_FOUND);
	}
}

Test(key, a_wrong_hash_does_not_hide_a_key)
{
	uint8_t *list = builder_at(&b, get32(builder_at(&b, root_cell) + 28));
	struct wh_key found;

	put32(list + 8 + 8, 12345);
	wh_hive_close(hive);
	hive = builder_open(&b, &options);
	cr_assert_eq(wh_key_subkey(at(root_cell), "Beta", WH_NTS, &found), WH_OK);
	cr_assert_eq(found.cell, beta);
	cr_assert_gt(issues.count, 0);
}

static const char *const four[] = { "a", "b", "c", "d" };

/* A hive whose root has four keys, and their list: of a kind, or an ri with two leaves. */
struct family {
	uint32_t top, keys[4], list, leaves[2];
};

static struct family
make_family(const char *kind, uint32_t count)
{
	struct family f;

	fini();
	builder_init(&b, 5);
	f.top = builder_key(&b, NO_PARENT, "ROOT");
	for (int i = 0; i < 4; i++)
		f.keys[i] = builder_key(&b, f.top, four[i]);
	f.leaves[0] = builder_list(&b, "lf", f.keys, 2);
	f.leaves[1] = builder_list(&b, "lf", f.keys + 2, 2);
	f.list = strcmp(kind, "ri") == 0 ? builder_list(&b, "ri", f.leaves, 2)
					 : builder_list(&b, kind, f.keys, 4);
	builder_set_list(&b, f.top, f.list, count);
	issues = (struct issues){ 0 };
	return f;
}

/* A key that cannot be read hides nothing but itself; a name that is not found may be its. */
Test(key, a_list_with_a_bad_entry)
{
	static const char *const kinds[] = { "li", "lf", "lh", "ri" };

	for (uint32_t i = 0; i < 4; i++)
		for (uint32_t bad = 0; bad < 4; bad++) {
			struct family f = make_family(kinds[i], 4);
			struct wh_key found;

			builder_at(&b, f.keys[bad])[0] = 'x';
			hive = builder_open(&b, &options);
			for (uint32_t j = 0; j < 4; j++)
				cr_assert_eq(wh_key_subkey(at(f.top), four[j], WH_NTS, &found),
					     j == bad ? WH_E_CORRUPT : WH_OK, "%s: %s without %s",
					     kinds[i], four[j], four[bad]);
			cr_assert_eq(wh_key_subkey(at(f.top), "bb", WH_NTS, &found), WH_E_CORRUPT);
			cr_assert_not(has_rule(&issues, "list-order"));
		}
}

static unsigned
count_rule(const char *rule)
{
	unsigned count = 0;

	for (size_t i = 0; i < issues.count; i++)
		count += strcmp(issues.first[i].rule, rule) == 0;
	return count;
}

/* A list that counts more than is there: what is not found may be among the rest. */
Test(key, a_list_that_is_cut)
{
	static const char *const kinds[] = { "li", "lf", "lh", "ri", "ri" };

	for (uint32_t i = 0; i < 5; i++) {
		struct family f = make_family(kinds[i], 100);
		struct wh_key found;

		put16(builder_at(&b, i == 4 ? f.leaves[1] : f.list) + 2, 100);
		hive = builder_open(&b, &options);
		for (uint32_t j = 0; j < 4; j++) {
			cr_assert_eq(wh_key_subkey(at(f.top), four[j], WH_NTS, &found), WH_OK);
			cr_assert_eq(wh_key_subkey_at(at(f.top), j, &found), WH_OK);
			cr_assert_eq(found.cell, f.keys[j]);
		}
		issues = (struct issues){ 0 };
		cr_assert_eq(wh_key_subkey(at(f.top), "bb", WH_NTS, &found), WH_E_CORRUPT);
		cr_assert_eq(count_rule("list-past-cell"), 1, "%s", kinds[i]);
		cr_assert_eq(wh_key_subkey(at(f.top), "bb", WH_NTS, &found), WH_E_CORRUPT, "again");
		cr_assert_eq(wh_key_subkey_at(at(f.top), 4, &found), WH_E_CORRUPT);
		cr_assert_eq(wh_key_subkey_at(at(f.top), 5, &found), WH_E_NO_MORE);
	}
}

/* Elements that share a key with a long name are read as far as the file could hold such names. */
Test(key, a_list_of_one_long_name)
{
	enum { NAME = 60000, ELEMENTS = 60000 };
	uint32_t *keys = malloc(ELEMENTS * sizeof *keys), top;
	struct wh_key found;
	uint8_t *key;

	cr_assert_not_null(keys);
	fini();
	builder_init(&b, 5);
	top = builder_key(&b, NO_PARENT, "ROOT");
	keys[0] = builder_cell(&b, sizeof(struct regf_nk) + NAME);
	key = builder_at(&b, keys[0]);
	memcpy(key, "nk", 2);
	put16(key + offsetof(struct regf_nk, flags), WH_KEY_COMP_NAME);
	put16(key + offsetof(struct regf_nk, name_len), NAME);
	memset(key + sizeof(struct regf_nk), 'a', NAME);
	for (size_t i = 1; i < ELEMENTS; i++)
		keys[i] = keys[0];
	builder_set_list(&b, top, builder_list(&b, "lh", keys, ELEMENTS), ELEMENTS);
	free(keys);
	issues = (struct issues){ 0 };
	hive = builder_open(&b, &options);
	cr_assert_eq(wh_key_subkey(at(top), "b", WH_NTS, &found), WH_E_CORRUPT);
	cr_assert(only_rule(&issues, "cell-shared"));
}

/* ------------------------------------------------------- every key of every good hive */

/* The same name with each letter in the other case, where there is one that comes back. */
static size_t
other_case(const char *name, size_t len, char *out)
{
	const char *from = name, *end = name + len;
	uint8_t units[4];
	uint32_t code;
	size_t n = 0;

	while (from < end && whi_utf8_next(&from, end, &code)) {
		if (code < 0x10000 && whi_upcase((uint16_t)code) != code)
			code = whi_upcase((uint16_t)code);
		else if (code >= 'A' && code <= 'Z')
			code += 32;
		put16(units, code < 0x10000 ? code : 0xd800 + ((code - 0x10000) >> 10));
		put16(units + 2, 0xdc00 + (code & 0x3ff));
		n += whi_utf8_from_utf16((struct view){ units, code < 0x10000 ? 2 : 4 }, out + n);
	}
	return n;
}

static void
look_up(struct wh_key top, const struct wh_walk_key *key, bool has_backslash)
{
	static char other[1 << 20];
	struct wh_key above, found;
	size_t len;

	cr_assert_eq(wh_key_parent(key->key, &above), WH_OK);
	cr_assert_eq(wh_key_subkey(above, key->path + key->name_at, key->path_len - key->name_at,
				   &found),
		     WH_OK);
	cr_assert_eq(found.cell, key->key.cell);
	len = other_case(key->path + key->name_at, key->path_len - key->name_at, other);
	cr_assert_eq(wh_key_subkey(above, other, len, &found), WH_OK);
	cr_assert_eq(found.cell, key->key.cell);
	if (has_backslash)
		return;
	cr_assert_eq(wh_key_open(top, key->path, key->path_len, &found), WH_OK);
	cr_assert_eq(found.cell, key->key.cell);
	len = other_case(key->path, key->path_len, other);
	cr_assert_eq(wh_key_open(top, other, len, &found), WH_OK);
	cr_assert_eq(found.cell, key->key.cell);
}

/* Index, iterator and the order of the walk agree. */
static void
same_subkeys(struct wh_key key, uint32_t count)
{
	struct wh_key by_index, by_iterator;
	struct wh_subkeys it;

	cr_assert_eq(wh_subkeys_begin(key, &it), WH_OK);
	for (uint32_t i = 0; i < count; i++) {
		cr_assert_eq(wh_key_subkey_at(key, i, &by_index), WH_OK);
		cr_assert_eq(wh_subkeys_next(&it, &by_iterator), WH_OK);
		cr_assert_eq(by_index.cell, by_iterator.cell);
	}
	cr_assert_eq(wh_key_subkey_at(key, count, &by_index), WH_E_NO_MORE);
	cr_assert_eq(wh_subkeys_next(&it, &by_iterator), WH_E_NO_MORE);
}

static void
every_key(const char *path, const char *name)
{
	struct wh_hive *good;
	struct wh_walk *walk;
	struct wh_walk_key key;
	struct wh_key root, found;
	unsigned count = 0;

	issues = (struct issues){ 0 };
	cr_assert_eq(wh_hive_open(path, &options, &good), WH_OK, "%s", name);
	root = wh_hive_root(good);
	cr_assert_eq(wh_walk_new(root, &walk), WH_OK);
	for (; wh_walk_next(walk, &key) == WH_OK; count++) {
		if (count > 0)
			look_up(root, &key, false);
		else
			cr_assert_eq(wh_key_parent(key.key, &found), WH_E_NO_MORE);
		same_subkeys(key.key, key.subkey_count);
	}
	cr_assert_gt(count, 0);
	cr_assert_eq(issues.count, 0, "%s: %s", name, issues.first[0].rule);
	wh_walk_free(walk);
	wh_hive_close(good);
}

Test(key, every_key_of_every_good_hive)
{
	each_hive("good", every_key);
}
