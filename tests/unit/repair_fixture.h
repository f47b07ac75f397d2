/* SPDX-License-Identifier: MIT */
/* A small hive to be spoiled and repaired: ROOT with A (B with D, E) and C (two values). */
#ifndef TESTS_UNIT_REPAIR_FIXTURE_H
#define TESTS_UNIT_REPAIR_FIXTURE_H

#include "editing.h"
#include "hive_builder.h"
#include "repairing.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BINS = 4096,
	NK_FLAGS = 2,
	NK_PARENT = 16,
	NK_COUNT = 20,
	NK_LIST = 28,
	NK_VALUE_COUNT = 36,
	NK_VALUE_LIST = 40,
	NK_SECURITY = 44,
	NK_CLASS = 48,
	NK_NAME_LEN = 72,
	NK_CLASS_LEN = 74,
	NK_NAME = 76,
	VK_NAME_LEN = 2,
	VK_SIZE = 4,
	VK_DATA = 8,
	SK_LEN = 16,
	LH_FIRST = 4,  /* of a list: its first element */
	LH_STRIDE = 8, /* and from one to the next */
	HASH = 4,      /* of an element */
};

static struct builder b;
static uint32_t root, a, key_b, d, e, c, root_list, a_list, values[2];
static struct wh_repair_report report;
static char said[20000]; /* all actions, a line each: "fixed|dropped RULE PATH: text" */

static inline void
put(uint32_t cell, uint32_t off, uint32_t number)
{
	put32(builder_at(&b, cell) + off, number);
}

static inline void
fixture(void)
{
	uint32_t two[2];

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	two[0] = a = builder_key(&b, root, "A");
	two[1] = c = builder_key(&b, root, "C");
	root_list = builder_list(&b, "lh", two, 2);
	builder_set_list(&b, root, root_list, 2);
	key_b = builder_key(&b, a, "B");
	a_list = builder_list(&b, "lh", &key_b, 1);
	builder_set_list(&b, a, a_list, 1);
	two[0] = d = builder_key(&b, key_b, "D");
	two[1] = e = builder_key(&b, key_b, "E");
	builder_set_list(&b, key_b, builder_list(&b, "lh", two, 2), 2);
	values[0] = builder_value(&b, "one", WH_REG_BINARY, "12345678", 8);
	values[1] = builder_value(&b, "other", WH_REG_DWORD, "\1\0\0\0", 4);
	builder_set_values(&b, c, values, 2);
}

static inline void
end_fixture(void)
{
	builder_fini(&b);
}

static inline void
note_action(void *ctx, const struct wh_repair_action *action)
{
	size_t len = strlen(said);

	(void)ctx;
	cr_assert(action->id && action->rule && action->text);
	snprintf(said + len, sizeof said - len, "%s %s %.*s: %s\n",
		 action->grade == WH_FIXED ? "fixed" : "dropped", action->rule,
		 (int)action->path_len, action->path ? action->path : "", action->text);
}

static inline bool
is_said(const char *part)
{
	return strstr(said, part) != NULL;
}

/* Repair a hive, with all that repair_and_look() holds against it; what was said is in 'said'. */
static inline struct wh_hive *
repaired_hive(struct wh_hive *hive, bool lost_and_found)
{
	struct wh_repair how = { lost_and_found, note_action, NULL };
	struct wh_hive *to, *again;
	char why[1000];
	enum wh_status st;

	to = repair_and_look(hive, lost_and_found, &report, &st, why, sizeof why);
	cr_assert(to != NULL, "%s", why);
	said[0] = '\0';
	cr_assert_eq(wh_hive_repair(hive, &how, NULL, &again, NULL), WH_OK);
	wh_hive_close(again);
	return to;
}

/* The same of the fixture, as it is by now. */
static inline struct wh_hive *
repaired(bool lost_and_found)
{
	struct wh_options options = { .flags = WH_OPEN_SALVAGE };
	struct wh_hive *hive = builder_open(&b, &options);
	struct wh_hive *to = repaired_hive(hive, lost_and_found);

	wh_hive_close(hive);
	return to;
}

/* Is all there, as in the fixture? */
static inline void
expect_all(struct wh_hive *to)
{
	cr_expect(has_key(to, "A\\B\\D") && has_key(to, "A\\B\\E") && has_key(to, "C"), "%s", said);
	cr_expect(has_value(open_key(to, "C"), "one", "12345678", 8), "%s", said);
	cr_expect(has_value(open_key(to, "C"), "other", "\1\0\0\0", 4), "%s", said);
	cr_expect_eq(report.keys, 6);
	cr_expect_eq(report.values, 2);
	cr_expect_eq(report.dropped, 0, "%s", said);
}

#endif
