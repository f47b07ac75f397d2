/* SPDX-License-Identifier: MIT */
/*
 * Keys, values, security descriptors, lists and big data: each field at 0, 1 and the two
 * largest numbers, each record cut at every length.  Nothing may be read outside, and what is
 * reported is the rule that is broken and no other.
 */
#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hive with one of each.  The key of interest has two subkeys, three values and a class. */
struct model {
	struct builder b;
	uint32_t key, list, leaf, values, value, data, class_cell, subkey[2];
	uint32_t db, segments, segment;
};

static const uint16_t class_name[] = { 'C', 'l', 'a', 's', 's' };

/* An ri that fills its cell, of two li with a subkey each. */
static uint32_t
two_leaves(struct model *m)
{
	uint32_t leaves[2];

	leaves[0] = m->leaf = builder_list(&m->b, "li", &m->subkey[0], 1);
	leaves[1] = builder_list(&m->b, "li", &m->subkey[1], 1);
	return builder_list(&m->b, "ri", leaves, 2);
}

static void
build(struct model *m, const char *kind, uint32_t minor, size_t data_len)
{
	struct builder *b = &m->b;
	uint8_t *data = calloc(1, data_len);
	uint32_t values[3], root, top;

	builder_init(b, minor);
	root = builder_key(b, NO_PARENT, "ROOT");
	m->key = builder_key(b, root, "Keys");
	top = builder_list(b, "lh", &m->key, 1);
	builder_set_list(b, root, top, 1);
	m->subkey[0] = builder_key(b, m->key, "AAAA");
	m->subkey[1] = builder_key(b, m->key, "BBBB");
	m->list = kind[0] == 'r' ? two_leaves(m) : builder_list(b, kind, m->subkey, 2);
	builder_set_list(b, m->key, m->list, 2);
	m->value = values[0] = builder_value(b, "Vals", WH_REG_BINARY, data, data_len);
	values[1] = builder_value(b, "In", WH_REG_DWORD, "abcd", 4);
	values[2] = builder_value(b, "", WH_REG_SZ, NULL, 0);
	builder_set_values(b, m->key, values, 3);
	m->values = get32(builder_at(b, m->key) + 40);
	m->data = get32(builder_at(b, m->value) + 8);
	builder_set_class(b, m->key, class_name, 5);
	m->class_cell = get32(builder_at(b, m->key) + 48);
	m->db = m->data;
	m->segments = data_len > 16344 ? get32(builder_at(b, m->db) + 4) : 0;
	m->segment = data_len > 16344 ? get32(builder_at(b, m->segments) + 4) : 0;
	free(data);
}

/* Open, walk, and then ask for everything by every other way there is. */
static void
use(struct model *m, struct issues *issues)
{
	struct wh_options options = { .issue = see_issue, .issue_ctx = issues };
	struct wh_hive *hive = builder_open(&m->b, &options);
	struct wh_key key, found, root = wh_hive_root(hive);
	struct wh_value value;
	struct wh_value_info info;
	char buf[64];
	uint64_t digest, number;
	size_t len, count;
	enum wh_status st;

	cr_assert_eq(read_everything(hive, &digest), WH_OK);
	st = wh_key_subkey(root, "keys", WH_NTS, &key);
	for (uint32_t i = 0; st == WH_OK && i < 4; i++) {
		st = wh_key_value_at(key, i, &value);
		if (st != WH_OK)
			continue;
		cr_assert_eq(wh_value_info(value, &info), WH_OK);
		st = wh_value_read(value, buf, sizeof buf, &len);
		cr_assert(len == info.readable && (st == WH_E_MORE_DATA) == (len > sizeof buf));
		st = wh_value_string(value, buf, sizeof buf, &len);
		st = wh_value_strings(value, buf, sizeof buf, &len, &count);
		st = wh_value_number(value, &number);
		st = WH_OK;
	}
	st = wh_key_open(root, "Keys\\bbbb", WH_NTS, &found);
	if (st == WH_OK)
		st = wh_key_parent(found, &key);
	st = wh_key_subkey_at(root, 0, &found);
	(void)st;
	wh_hive_close(hive);
}

static void
reports(struct model *m, const char *rules, const char *what, uint64_t value)
{
	struct issues issues = { 0 };
	char text[512];

	use(m, &issues);
	rules_text(&issues, text, sizeof text);
	cr_assert_str_eq(text, rules, "%s = %llx: \"%s\", should be \"%s\"", what,
			 (unsigned long long)value, text, rules);
}

/* A field, and the rules at 0, 1, the largest number but one, and the largest. */
struct field {
	const char *name;
	size_t at, size;
	const char *rules[4];
};

static void
put(uint8_t *at, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

typedef uint32_t which_fn(const struct model *m);

static void
each_field(const struct field *fields, size_t count, which_fn *which, const char *kind,
	   uint32_t minor, size_t data_len)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t max = UINT64_MAX >> (64 - 8 * fields[i].size);
		uint64_t values[] = { 0, 1, max - 1, max };

		for (int j = 0; j < 4; j++) {
			struct model m;

			build(&m, kind, minor, data_len);
			put(builder_at(&m.b, which(&m)) + fields[i].at, fields[i].size, values[j]);
			reports(&m, fields[i].rules[j], fields[i].name, values[j]);
			builder_fini(&m.b);
		}
	}
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ALL(rules) \
	{ \
		rules, rules, rules, rules \
	}

static uint32_t
the_key(const struct model *m)
{
	return m->key;
}

static uint32_t
the_value(const struct model *m)
{
	return m->value;
}

static uint32_t
the_list(const struct model *m)
{
	return m->list;
}

static uint32_t
the_leaf(const struct model *m)
{
	return m->leaf;
}

static uint32_t
the_security(const struct model *m)
{
	return m->b.security;
}

static uint32_t
the_values(const struct model *m)
{
	return m->values;
}

static uint32_t
the_db(const struct model *m)
{
	return m->db;
}

static uint32_t
the_segments(const struct model *m)
{
	return m->segments;
}

Test(record, sound)
{
	static const char *const kinds[] = { "li", "lf", "lh", "ri" };

	for (uint32_t minor = 1; minor <= 6; minor++)
		for (int i = 0; i < 4; i++)
			for (size_t len = 5; len < 40000; len += 16340) {
				struct model m;

				build(&m, kinds[i], minor, len);
				reports(&m, "", "nothing", len);
				builder_fini(&m.b);
			}
}

static const struct field nk_fields[] = {
	{ "signature", 0, 2, ALL("key-signature") },
	{ "flags", 2, 2, { "list-hash", "list-hash", "key-predefined", "key-predefined" } },
	{ "last written", 4, 8, ALL("") },
	{ "access", 12, 1, ALL("") },
	{ "layer", 13, 1, ALL("") },
	{ "spare", 14, 2, ALL("") },
	{ "parent", 16, 4, ALL("key-parent") },
	{ "subkey count", 20, 4, { "list-hidden", "list-count", "list-count", "list-count" } },
	{ "volatile count", 24, 4, ALL("") },
	{ "subkey list", 28, 4, ALL("list-cell") },
	{ "volatile list", 32, 4, ALL("") },
	{ "value count", 36, 4, { "", "", "values-past-cell", "values-past-cell" } },
	{ "value list", 40, 4, ALL("values-cell") },
	{ "security", 44, 4, ALL("key-security") },
	{ "class",
	  48,
	  4,
	  { "key-class-cell", "key-class-cell", "key-class-cell", "key-class-missing" } },
	{ "max name length", 52, 2, ALL("") },
	{ "user flags", 54, 1, ALL("") },
	{ "debug", 55, 1, ALL("") },
	{ "max class length", 56, 4, ALL("") },
	{ "max value name length", 60, 4, ALL("") },
	{ "max value length", 64, 4, ALL("") },
	{ "work var", 68, 4, ALL("") },
	{ "name length",
	  72,
	  2,
	  { "key-name-empty,list-hash", "list-hash", "key-name-past-cell", "key-name-past-cell" } },
	{ "class length",
	  74,
	  2,
	  { "", "key-class-length", "key-class-length", "key-class-length" } },
};

Test(record, fields_of_a_key)
{
	each_field(nk_fields, COUNT(nk_fields), the_key, "lh", 5, 20);
}

static const struct field vk_fields[] = {
	{ "signature", 0, 2, ALL("value-signature") },
	{ "name length", 2, 2, { "", "", "value-name-past-cell", "value-name-past-cell" } },
	{ "data length",
	  4,
	  4,
	  { "value-empty-data", "", "value-inline-length", "value-inline-length" } },
	{ "data", 8, 4, ALL("value-data-cell") },
	{ "type", 12, 4, ALL("") },
	{ "flags", 16, 2, ALL("") },
	{ "spare", 18, 2, ALL("") },
};

Test(record, fields_of_a_value)
{
	each_field(vk_fields, COUNT(vk_fields), the_value, "lh", 5, 20);
}

Test(record, lengths_of_data)
{
	static const struct {
		uint32_t minor, len;
		const char *rules;
	} cases[] = {
		{ 5, 20, "" },
		{ 5, 21, "value-data-past-cell" },
		{ 5, 16344, "value-data-past-cell" },
		{ 5, 16345, "value-big-data" },
		{ 5, INT32_MAX, "value-big-data" },
		{ 3, 21, "value-data-past-cell" },
		{ 3, 16345, "value-data-past-cell" },
		{ 3, INT32_MAX, "value-data-past-cell" },
		{ 5, 0x80000000, "" },
		{ 5, 0x80000004, "" },
		{ 5, 0x80000005, "value-inline-length" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct model m;

		build(&m, "lh", cases[i].minor, 20);
		put32(builder_at(&m.b, m.value) + 4, cases[i].len);
		reports(&m, cases[i].rules, "data length", cases[i].len);
		builder_fini(&m.b);
	}
}

static const struct field sk_fields[] = {
	{ "signature", 0, 2, ALL("key-security") },
	{ "reserved", 2, 2, ALL("") },
	{ "next", 4, 4, ALL("") },
	{ "previous", 8, 4, ALL("") },
	{ "references", 12, 4, ALL("") },
	{ "length", 16, 4, { "", "", "security-length", "security-length" } },
};

Test(record, fields_of_a_security_cell)
{
	each_field(sk_fields, COUNT(sk_fields), the_security, "lh", 5, 20);
}

static const struct field values_fields[] = {
	{ "first", 0, 4, { "value-cell", "value-cell", "value-cell", "value-nil" } },
	{ "last", 8, 4, { "value-cell", "value-cell", "value-cell", "value-nil" } },
};

Test(record, fields_of_a_value_list)
{
	each_field(values_fields, COUNT(values_fields), the_values, "lh", 5, 20);
}

static const struct field leaf_fields[] = {
	{ "signature", 0, 2, ALL("list-signature") },
	{ "count", 2, 2, { "list-count", "list-count", "list-past-cell", "list-past-cell" } },
	{ "first", 4, 4, ALL("key-cell") },
};

static const struct field lf_hint[] = {
	/* The kernel looks at a hint up to its first zero byte: at none of 0. */
	{ "hint", 8, 4, { "", "list-hint", "list-hint", "list-hint" } },
};

static const struct field lh_hash[] = {
	{ "hash", 8, 4, ALL("list-hash") },
};

Test(record, fields_of_li)
{
	each_field(leaf_fields, COUNT(leaf_fields), the_list, "li", 5, 20);
}

Test(record, fields_of_lf)
{
	each_field(leaf_fields, COUNT(leaf_fields), the_list, "lf", 5, 20);
	each_field(lf_hint, COUNT(lf_hint), the_list, "lf", 5, 20);
}

Test(record, fields_of_lh)
{
	each_field(leaf_fields, COUNT(leaf_fields), the_list, "lh", 5, 20);
	each_field(lh_hash, COUNT(lh_hash), the_list, "lh", 5, 20);
}

static const struct field ri_fields[] = {
	{ "signature", 0, 2, ALL("list-signature") },
	{ "count", 2, 2, { "list-total", "list-total", "list-past-cell", "list-past-cell" } },
	{ "first leaf", 4, 4, ALL("list-leaf-cell") },
	{ "last leaf", 8, 4, ALL("list-leaf-cell") },
};

static const struct field ri_leaf_fields[] = {
	{ "signature", 0, 2, ALL("list-leaf-signature") },
	/* There is room for a second key, but no key: the number in its place is 0. */
	{ "count",
	  2,
	  2,
	  { "list-total", "", "key-cell,list-past-cell,list-total",
	    "key-cell,list-past-cell,list-total" } },
	{ "first", 4, 4, ALL("key-cell") },
};

Test(record, fields_of_ri)
{
	each_field(ri_fields, COUNT(ri_fields), the_list, "ri", 5, 20);
	each_field(ri_leaf_fields, COUNT(ri_leaf_fields), the_leaf, "ri", 5, 20);
}

static const struct field db_fields[] = {
	{ "signature", 0, 2, ALL("value-big-data") },
	{ "count", 2, 2, ALL("value-big-data") },
	{ "list", 4, 4, ALL("value-big-data") },
};

static const struct field segment_fields[] = {
	{ "first segment", 0, 4, ALL("value-big-data") },
	{ "last segment", 8, 4, ALL("value-big-data") },
};

Test(record, fields_of_big_data)
{
	each_field(db_fields, COUNT(db_fields), the_db, "lh", 5, 3 * 16344);
	each_field(segment_fields, COUNT(segment_fields), the_segments, "lh", 5, 3 * 16344);
}

/*
 * Move the record at 'cell' to a cell of 'size' bytes that ends where the file ends, so that
 * a sanitizer sees the first byte read past it.  What refers to it is changed by the caller.
 */
static uint32_t
move_to_end(struct builder *b, uint32_t cell, uint32_t size)
{
	uint8_t record[256] = { 0 };
	uint32_t len = builder_len(b, cell), moved;

	memcpy(record, builder_at(b, cell), len < sizeof record ? len : sizeof record);
	builder_bin(b, 4096);
	builder_cell(b, 4096 - 32 - size - 4);
	moved = builder_cell(b, size - 4);
	memcpy(builder_at(b, moved), record, size - 4);
	return moved;
}

/* The place of a reference to each record, and what is reported when it has 'len' bytes. */
typedef uint8_t *reference_fn(struct model *m);
typedef const char *due_fn(uint32_t len);

static void
each_length(which_fn *which, reference_fn *reference, due_fn *due, uint32_t to, const char *kind,
	    size_t data_len)
{
	for (uint32_t size = 8; size <= to; size += 8) {
		struct model m;
		uint32_t moved;

		build(&m, kind, 5, data_len);
		moved = move_to_end(&m.b, which(&m), size);
		put32(reference(&m), moved);
		if (which == the_key) {
			put32(builder_at(&m.b, m.subkey[0]) + 16, moved);
			put32(builder_at(&m.b, m.subkey[1]) + 16, moved);
		}
		reports(&m, due(size - 4), "length", size - 4);
		builder_fini(&m.b);
	}
}

static uint8_t *
to_key(struct model *m)
{
	uint32_t list = get32(builder_at(&m->b, m->b.root) + 28);

	return builder_at(&m->b, list) + 4;
}

static const char *
key_due(uint32_t len)
{
	return len < 76 ? "key-cell" : len < 80 ? "key-name-past-cell" : "";
}

Test(record, a_key_of_every_length)
{
	each_length(the_key, to_key, key_due, 120, "lh", 20);
}

static uint8_t *
to_value(struct model *m)
{
	return builder_at(&m->b, m->values);
}

static const char *
value_due(uint32_t len)
{
	return len < 20 ? "value-cell" : len < 24 ? "value-name-past-cell" : "";
}

Test(record, a_value_of_every_length)
{
	each_length(the_value, to_value, value_due, 64, "lh", 20);
}

static uint8_t *
to_list(struct model *m)
{
	return builder_at(&m->b, m->key) + 28;
}

static const char *
lh_due(uint32_t len)
{
	return len < 20 ? "list-count,list-past-cell" : "";
}

static const char *
li_due(uint32_t len)
{
	return len < 12 ? "list-count,list-past-cell" : "";
}

static const char *
ri_due(uint32_t len)
{
	return len < 12 ? "list-past-cell,list-total" : "";
}

Test(record, lists_of_every_length)
{
	each_length(the_list, to_list, lh_due, 40, "lh", 20);
	each_length(the_list, to_list, lh_due, 40, "lf", 20);
	each_length(the_list, to_list, li_due, 40, "li", 20);
	each_length(the_list, to_list, ri_due, 40, "ri", 20);
}

static uint8_t *
to_values(struct model *m)
{
	return builder_at(&m->b, m->key) + 40;
}

static const char *
values_due(uint32_t len)
{
	return len < 12 ? "values-past-cell" : "";
}

Test(record, a_value_list_of_every_length)
{
	each_length(the_values, to_values, values_due, 32, "lh", 20);
}

static uint8_t *
to_security(struct model *m)
{
	return builder_at(&m->b, m->subkey[1]) + 44;
}

static const char *
security_due(uint32_t len)
{
	return len < 20 ? "key-security" : len < 40 ? "security-length" : "";
}

Test(record, a_security_cell_of_every_length)
{
	each_length(the_security, to_security, security_due, 64, "lh", 20);
}

static uint8_t *
to_data(struct model *m)
{
	return builder_at(&m->b, m->value) + 8;
}

static const char *
db_due(uint32_t len)
{
	return len < 8 ? "value-big-data" : "";
}

static uint8_t *
to_segments(struct model *m)
{
	return builder_at(&m->b, m->db) + 4;
}

static const char *
segments_due(uint32_t len)
{
	return len < 12 ? "value-big-data" : "";
}

static const char *
data_due(uint32_t len)
{
	return len < 50 ? "value-data-past-cell" : "";
}

static uint32_t
the_data(const struct model *m)
{
	return m->data;
}

Test(record, data_of_every_length)
{
	each_length(the_data, to_data, data_due, 72, "lh", 50);
	each_length(the_db, to_data, db_due, 24, "lh", 3 * 16344);
	each_length(the_segments, to_segments, segments_due, 24, "lh", 3 * 16344);
}

static uint32_t
the_class(const struct model *m)
{
	return m->class_cell;
}

static uint8_t *
to_class(struct model *m)
{
	return builder_at(&m->b, m->key) + 48;
}

static const char *
class_due(uint32_t len)
{
	return len < 10 ? "key-class-length" : "";
}

Test(record, a_class_of_every_length)
{
	each_length(the_class, to_class, class_due, 32, "lh", 20);
}

/* Segments of every size: a small one ends the data, what is more than 16344 is not data. */
Test(record, segments_of_every_size)
{
	static const struct {
		uint32_t size; /* of the cell */
		const char *rules;
	} sizes[] = {
		{ 8, "value-big-data" },
		{ 16344, "value-big-data" },
		{ 16352, "" },
		{ 16360, "" },
	};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct model m;
		uint32_t cell;

		build(&m, "lh", 5, 2 * 16344 + 1);
		builder_bin(&m.b, 5 * 4096);
		cell = builder_cell(&m.b, sizes[i].size - 4);
		put32(builder_at(&m.b, m.segments), cell);
		reports(&m, sizes[i].rules, "segment", sizes[i].size);
		builder_fini(&m.b);
	}
}

/* A key that ends at each byte of its cell, by the length of its name. */
Test(record, names_of_every_length)
{
	for (uint32_t len = 0; len < 64; len++) {
		struct model m;
		uint32_t room;
		struct issues issues = { 0 };

		build(&m, "lh", 5, 20);
		room = builder_len(&m.b, m.key) - 76;
		put16(builder_at(&m.b, m.key) + 72, len);
		use(&m, &issues);
		cr_assert_eq(has_rule(&issues, "key-name-past-cell"), len > room, "%u", len);
		builder_fini(&m.b);

		issues = (struct issues){ 0 };
		build(&m, "lh", 5, 20);
		room = builder_len(&m.b, m.value) - 20;
		put16(builder_at(&m.b, m.value) + 2, len);
		use(&m, &issues);
		cr_assert_eq(has_rule(&issues, "value-name-past-cell"), len > room, "%u", len);
		builder_fini(&m.b);
	}
}
