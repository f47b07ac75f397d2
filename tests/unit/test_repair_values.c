/* SPDX-License-Identifier: MIT */
/* Repair: what a key has: values and their data, class, security, flags. */
#include "repair_fixture.h"

enum { BIG = 40000, SEGMENT = 16344 };

static uint8_t data[BIG];

static void
setup(void)
{
	fixture();
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
}

TestSuite(repair_values, .init = setup, .fini = end_fixture);

static void
expect_whole(const char *part)
{
	struct wh_hive *to = repaired(false);

	expect_all(to);
	cr_expect(is_said(part), "\"%s\" is not in: %s", part, said);
	wh_hive_close(to);
}

/* Of the two values of C only the second is left. */
static void
expect_second(const char *part)
{
	struct wh_hive *to = repaired(false);

	cr_expect(has_value(open_key(to, "C"), "other", "\1\0\0\0", 4));
	cr_expect_eq(report.values, 1);
	cr_expect(is_said(part), "\"%s\" is not in: %s", part, said);
	wh_hive_close(to);
}

static uint32_t
list_of(uint32_t key)
{
	return get32(builder_at(&b, key) + NK_VALUE_LIST);
}

/* -------------------------------------------------------------------- lists */

Test(repair_values, leaves_out_elements_that_lead_nowhere)
{
	put(list_of(c), 0, WH_NO_CELL);
	expect_second("dropped value-nil C");
	put(list_of(c), 0, 0x7777);
	expect_second("dropped value-cell C: a value: reference 0x7777");
	cr_expect_eq(report.dropped_values, 1);
	put(list_of(c), 0, values[1]);
	expect_second("dropped value-twice C");
}

Test(repair_values, cuts_a_count)
{
	struct wh_hive *to;

	put(c, NK_VALUE_COUNT, 5000);
	to = repaired(false);
	cr_expect_eq(report.values, 2);
	cr_expect(is_said("fixed values-past-cell C"), "%s", said);
	wh_hive_close(to);
}

Test(repair_values, loses_a_list)
{
	struct wh_hive *to;

	put(c, NK_VALUE_LIST, 0x7777);
	to = repaired(false);
	cr_expect_eq(report.values, 0);
	cr_expect(is_said("dropped values-cell C: all values, 2 by count"), "%s", said);
	wh_hive_close(to);
}

Test(repair_values, mends_records)
{
	memcpy(builder_at(&b, values[0]), "xx", 2);
	expect_whole("fixed value-cell C");
	memcpy(builder_at(&b, values[0]), "vk", 2);
	builder_resize(&b, values[0], (int32_t)builder_len(&b, values[0]) + 4);
	expect_whole("fixed");
	fixture();
	put16(builder_at(&b, values[0]) + VK_NAME_LEN, 900);
	repaired_hive(builder_open(&b, NULL), false);
	cr_expect(is_said("fixed value-cell C: the cell of a value"), "%s", said);
}

Test(repair_values, numbers_names)
{
	uint32_t all[] = { builder_value(&b, "x", WH_REG_BINARY, "1", 1),
			   builder_value(&b, "X", WH_REG_BINARY, "2", 1),
			   builder_value(&b, "", WH_REG_BINARY, "3", 1),
			   builder_value(&b, "", WH_REG_BINARY, "4", 1) };
	struct wh_hive *to;

	builder_set_values(&b, c, all, 4);
	to = repaired(false);
	cr_expect(has_value(open_key(to, "C"), "x", "1", 1), "%s", said);
	cr_expect(has_value(open_key(to, "C"), "X (2)", "2", 1), "%s", said);
	cr_expect(has_value(open_key(to, "C"), "", "3", 1), "%s", said);
	cr_expect(has_value(open_key(to, "C"), " (2)", "4", 1), "%s", said);
	cr_expect(is_said("fixed value-twice C: another value"), "%s", said);
	wh_hive_close(to);
}

/* --------------------------------------------------------------------- data */

Test(repair_values, keeps_what_there_is_of_data)
{
	struct wh_hive *to;

	put(values[0], VK_SIZE, 1000);
	to = repaired(false);
	cr_expect(is_said("dropped value-data-past-cell C: 988 of 1000 bytes"), "%s", said);
	cr_expect_eq(report.dropped_bytes, 988);
	cr_expect(has_value(open_key(to, "C"), "one", "12345678\0\0\0\0", 12));
	wh_hive_close(to);
	put(values[0], VK_DATA, 0x7777);
	to = repaired(false);
	cr_expect(is_said("dropped value-data-cell C: 1000 of 1000 bytes"), "%s", said);
	cr_expect(has_value(open_key(to, "C"), "one", "", 0));
	wh_hive_close(to);
	put(values[0], VK_SIZE, 0x80000009);
	to = repaired(false);
	cr_expect(is_said("dropped value-inline-length C: 5 of 9 bytes"), "%s", said);
	wh_hive_close(to);
}

Test(repair_values, mends_the_cell_of_data)
{
	uint32_t cell = get32(builder_at(&b, values[0]) + VK_DATA);

	builder_resize(&b, cell, (int32_t)builder_len(&b, cell) + 4 + (INT32_MAX - 0xffff));
	builder_resize(&b, cell, (int32_t)((0u - 16u) ^ 0x80000000));
	expect_whole("fixed cell-past-bin C: the size of a cell in use: 16 bytes");
}

static uint32_t
big_value(const char *name)
{
	uint32_t value = builder_value(&b, name, WH_REG_BINARY, data, sizeof data);

	builder_set_values(&b, c, &value, 1);
	return value;
}

Test(repair_values, keeps_segments_up_to_the_first_that_is_lost)
{
	uint32_t value = big_value("big"), db = get32(builder_at(&b, value) + VK_DATA);
	uint32_t list = get32(builder_at(&b, db) + 4);
	struct wh_hive *to;

	memcpy(builder_at(&b, db), "xx", 2);
	to = repaired(false);
	cr_expect(has_value(open_key(to, "C"), "big", data, sizeof data), "%s", said);
	cr_expect(is_said("fixed value-big-data C: the signature"), "%s", said);
	wh_hive_close(to);
	put(list, 4, 0x7777);
	to = repaired(false);
	cr_expect(has_value(open_key(to, "C"), "big", data, SEGMENT), "%s", said);
	cr_expect(is_said("dropped value-big-data C: 23656 of 40000 bytes"), "%s", said);
	wh_hive_close(to);
	/* So few bytes that they go into the value itself, which are in a segment yet. */
	put(list, 0, get32(builder_at(&b, c) + NK_VALUE_LIST));
	to = repaired(false);
	cr_expect_eq(report.dropped_bytes, 40000 - builder_len(&b, list_of(c)));
	wh_hive_close(to);
}

Test(repair_values, copies_what_two_have)
{
	uint32_t other = builder_value(&b, "two", WH_REG_BINARY, "abcdefgh", 8);
	uint32_t all[] = { values[0], other };
	struct wh_hive *to;

	builder_set_values(&b, a, all, 2);
	put(other, VK_DATA, get32(builder_at(&b, values[0]) + VK_DATA));
	to = repaired(false);
	cr_expect(has_value(open_key(to, "A"), "one", "12345678", 8), "%s", said);
	cr_expect(has_value(open_key(to, "A"), "two", "12345678", 8), "%s", said);
	cr_expect(has_value(open_key(to, "C"), "one", "12345678", 8), "%s", said);
	cr_expect(is_said("fixed cell-shared A: another value has the same data"), "%s", said);
	cr_expect(is_said("fixed cell-shared C: the value has two owners"), "%s", said);
	wh_hive_close(to);
}

Test(repair_values, does_not_copy_without_end)
{
	enum { MANY = 200 };
	uint32_t first = big_value("big"), all[MANY];
	uint32_t db = get32(builder_at(&b, first) + VK_DATA);
	struct wh_hive *to;
	char name[20];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "v%d", i);
		all[i] = builder_value(&b, name, WH_REG_BINARY, "12345", 5);
		put(all[i], VK_SIZE, BIG);
		put(all[i], VK_DATA, db);
	}
	builder_set_values(&b, a, all, MANY);
	to = repaired(false);
	cr_expect_eq(report.values, MANY + 1);
	cr_expect_lt(report.bytes_after, 3 * report.bytes_before);
	cr_expect_gt(report.dropped_bytes, 0);
	wh_hive_close(to);
}

/* ------------------------------------------------------------- class, flags */

Test(repair_values, cuts_a_class)
{
	static const uint16_t text[] = { 'C', 'l', 's' };
	uint8_t *nk = builder_at(&b, c);
	struct wh_hive *to;

	builder_set_class(&b, c, text, 3);
	nk = builder_at(&b, c);
	put16(nk + NK_CLASS_LEN, 5);
	to = repaired(false);
	cr_expect(has_class(open_key(to, "C"), "Cl"), "%s", said);
	cr_expect(is_said("dropped key-class-length C: 1 of 5 bytes"), "%s", said);
	wh_hive_close(to);
	put32(nk + NK_CLASS, 0x7777);
	to = repaired(false);
	cr_expect(has_class(open_key(to, "C"), ""), "%s", said);
	cr_expect(is_said("dropped key-class-cell C: 5 of 5 bytes"), "%s", said);
	wh_hive_close(to);
}

Test(repair_values, takes_flags_away_that_are_not_true)
{
	unsigned odd = WH_KEY_VOLATILE | WH_KEY_HIVE_EXIT | WH_KEY_HIVE_ENTRY | WH_KEY_SYM_LINK |
		       WH_KEY_PREDEF_HANDLE;
	struct wh_hive *to;

	put16(builder_at(&b, c) + NK_FLAGS, odd | WH_KEY_COMP_NAME | WH_KEY_NO_DELETE);
	to = repaired(false);
	expect_all(to);
	cr_expect_eq(info_of(open_key(to, "C")).flags, WH_KEY_COMP_NAME | WH_KEY_NO_DELETE);
	cr_expect(is_said("fixed key-link C") && is_said("fixed key-predefined C"), "%s", said);
	wh_hive_close(to);
	/* A true handle in place of a count. */
	put(c, NK_VALUE_COUNT, 0x80000001);
	to = repaired(false);
	cr_expect_eq(report.values, 0);
	wh_hive_close(to);
}

Test(repair_values, knows_a_link)
{
	uint32_t link = builder_value(&b, "SymbolicLinkValue", WH_REG_LINK, "\\\0x\0", 4);
	struct wh_hive *to;

	builder_set_values(&b, a, &link, 1);
	put16(builder_at(&b, a) + NK_FLAGS, WH_KEY_COMP_NAME | WH_KEY_SYM_LINK);
	to = repaired(false);
	cr_expect(!is_said("key-link"), "%s", said);
	cr_expect_eq(info_of(open_key(to, "A")).flags, WH_KEY_COMP_NAME | WH_KEY_SYM_LINK);
	wh_hive_close(to);
	put(link, VK_SIZE, 0x80000003);
	to = repaired(false);
	cr_expect(is_said("fixed key-link A"), "%s", said);
	wh_hive_close(to);
}

/* ----------------------------------------------------------------- security */

Test(repair_values, takes_the_security_of_the_key_above)
{
	struct wh_hive *to;
	uint8_t sd[SMALL_SD];
	uint32_t sk;

	small_sd(sd, 0x20019, 0);
	sk = builder_cell(&b, 20 + sizeof sd);
	memcpy(builder_at(&b, sk), "sk", 2);
	put(sk, SK_LEN, sizeof sd);
	memcpy(builder_at(&b, sk) + 20, sd, sizeof sd);
	put(key_b, NK_SECURITY, sk);
	put(d, NK_SECURITY, 0x7777);
	put(e, NK_SECURITY, values[0]);
	to = repaired(false);
	cr_expect(has_security(open_key(to, "A\\B"), sd, sizeof sd), "%s", said);
	cr_expect(has_security(open_key(to, "A\\B\\D"), sd, sizeof sd));
	cr_expect(has_security(open_key(to, "A\\B\\E"), sd, sizeof sd));
	cr_expect_eq(references_of(open_key(to, "A\\B\\D")), 3);
	cr_expect_eq(references_of(wh_hive_root(to)), 3);
	cr_expect(is_said("fixed key-security A\\B\\D: its security descriptor is lost"));
	cr_expect(is_said("fixed security-ring"), "%s", said);
	wh_hive_close(to);
	/* The cell is one without its signature, and none with another length. */
	memcpy(builder_at(&b, sk), "xx", 2);
	to = repaired(false);
	cr_expect(has_security(open_key(to, "A\\B"), sd, sizeof sd), "%s", said);
	wh_hive_close(to);
	put(sk, SK_LEN, 4000);
	to = repaired(false);
	cr_expect_eq(references_of(open_key(to, "A\\B")), 6);
	wh_hive_close(to);
}

Test(repair_values, finds_some_security_for_the_root)
{
	struct wh_hive *to;

	put(root, NK_SECURITY, 0x7777);
	to = repaired(false);
	cr_expect_eq(references_of(wh_hive_root(to)), 6, "as A has");
	wh_hive_close(to);
	put(b.security, SK_LEN, 0x10000);
	to = repaired(false);
	cr_expect_eq(references_of(wh_hive_root(to)), 6, "as a new hive has");
	cr_expect(is_said("fixed key-security : its security descriptor is lost; it has one as"),
		  "%s", said);
	wh_hive_close(to);
}
