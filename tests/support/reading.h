/* SPDX-License-Identifier: MIT */
/* Reading all of a hive: which rules it breaks, and a digest of what it says. */
#ifndef TESTS_SUPPORT_READING_H
#define TESTS_SUPPORT_READING_H

#include "winhive.h"

#include <stdio.h>

enum { MAX_RULES = 128, MAX_ISSUES = 64 };

/* The issues that were met.  Only the first ones are kept in full; none of their strings is. */
struct issues {
	bool broken[MAX_RULES]; /* by the index of wh_rule_at() */
	bool incomplete;
	size_t count;
	struct wh_issue first[MAX_ISSUES];
};

/* An issue function; 'ctx' is a struct issues. */
void see_issue(void *ctx, const struct wh_issue *issue);

/* Nothing but the rule of that name was broken; NULL: no rule at all. */
bool only_rule(const struct issues *issues, const char *rule);
bool has_rule(const struct issues *issues, const char *rule);

/* The names of the broken rules, sorted, with commas between them. */
void rules_text(const struct issues *issues, char *buf, size_t size);

/*
 * Read all there is: walk, values with all their data, class names, security descriptors.
 * What is damaged is left out of the digest.  WH_OK, or WH_E_MEMORY, which ends it.
 */
enum wh_status read_everything(struct wh_hive *hive, uint64_t *digest);

/* Add bytes to a digest that started with 0. */
uint64_t digest_add(uint64_t digest, const void *bytes, size_t len);

/* An allocator that counts, and gives nothing any more once 'left' have been given. */
struct meter {
	size_t now, peak; /* bytes in use */
	size_t blocks;    /* in use */
	size_t calls;     /* that asked for more */
	size_t left;      /* calls to go; SIZE_MAX: never fails */
	bool wrong_size;  /* a block was given back with another size than it had */
};
struct wh_allocator meter_allocator(struct meter *meter);

#endif
