/* SPDX-License-Identifier: MIT */
/* More transaction logs than one: which come first, which go together, which are left out. */
#include "log_fixture.h"

#include <criterion/criterion.h>

TestSuite(logs, .fini = fini);

/*
 * What one log adds to a hive the other may rely on, though it is short itself; but a hive does not
 * become longer than its file and its logs can account for.
 */
Test(logs, lengths_that_both_logs_make)
{
	enum { LONG = 3 << 20, ADDED = 1 << 20 };
	struct wh_hive *hive;
	struct wh_log log;
	uint8_t *entry;
	size_t len;

	make_hive(7);
	for (int i = 0; i < 2; i++) {
		log_begin(&one, "HIVE.LOG1", 6, 7);
		entry = log_entry(&one, 7, 1);
		put32(entry + 16, LONG);
		hash_entry(entry, ENTRY_SIZE);
		one.size = i == 0 ? ADDED : ADDED - 3 * ENTRY_SIZE;
		log_begin(&two, "HIVE.LOG2", 6, 8);
		entry = log_entry(&two, 8, 2);
		put32(entry + 16, LONG);
		hash_entry(entry, ENTRY_SIZE);
		hive = open_with(2);
		cr_assert_eq(wh_hive_state(hive), i == 0 ? WH_RECOVERED : WH_DIRTY);
		wh_hive_bytes(hive, &len);
		cr_assert_eq(len, i == 0 ? PAGE + LONG : 2 * PAGE);
		cr_assert_eq(has_rule(&issues, "log-entry"), i > 0);
		cr_assert_eq(wh_hive_log(hive, 1, &log), WH_OK);
		cr_assert_eq(log.applied, i == 0);
		cr_assert_eq(step_of(hive), i == 0 ? 2 : 0);
		wh_hive_close(hive);
	}
}

/* What is said of a log that nobody read accounts for nothing. */
Test(logs, lengths_that_no_log_makes)
{
	uint8_t *entry;

	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	entry = log_entry(&one, 7, 1);
	put32(entry + 16, 1 << 30);
	hash_entry(entry, ENTRY_SIZE);
	log_begin(&two, "HIVE.LOG2", 6, 8);
	two.size = (size_t)1 << 40;
	gives(2, WH_DIRTY, 0, "hive-dirty,log-entry,log-size", "too large to be read");
}

Test(logs, sequences_wrap)
{
	struct wh_hive *hive;
	struct wh_base_block now;

	make_hive(UINT32_MAX);
	log_begin(&one, "HIVE.LOG1", 6, UINT32_MAX);
	log_entry(&one, UINT32_MAX, 1);
	log_entry(&one, 0, 2);
	log_begin(&two, "HIVE.LOG2", 6, 1);
	log_entry(&two, 1, 3);
	gives(2, WH_RECOVERED, 3, "", "wrap");
	hive = open_with(2);
	wh_hive_base_block(hive, NULL, &now);
	cr_assert(now.sequence1 == 2 && now.sequence2 == 2);
	wh_hive_close(hive);
}

Test(logs, sequences_wrap_from_the_last_to_0)
{
	make_hive(UINT32_MAX);
	log_begin(&one, "HIVE.LOG1", 6, UINT32_MAX);
	log_entry(&one, UINT32_MAX, 1);
	gives(1, WH_RECOVERED, 1, "", "the sequence after it is 0");
}

Test(logs, older_by_the_wrapped_difference)
{
	make_hive(2); /* found as 2 and 1 */
	log_begin(&one, "HIVE.LOG1", 6, UINT32_MAX);
	log_entry(&one, UINT32_MAX, 1);
	gives(1, WH_DIRTY, 0, "hive-dirty,log-stale", "older");
}

Test(logs, order_is_by_sequence)
{
	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 8);
	log_entry(&one, 8, 2);
	log_begin(&two, "HIVE.LOG2", 6, 7);
	log_entry(&two, 7, 1);
	gives(2, WH_RECOVERED, 2, "", "LOG2 first");
}

Test(logs, a_gap_between_the_logs)
{
	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	log_begin(&two, "HIVE.LOG2", 6, 9);
	log_entry(&two, 9, 3);
	gives(2, WH_RECOVERED, 1, "log-gap", "gap");
}

/* There is nothing to go on from if the earlier log is damaged from its first entry on. */
Test(logs, a_first_log_without_an_entry)
{
	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1)[100] ^= 1;
	log_begin(&two, "HIVE.LOG2", 6, 8);
	log_entry(&two, 8, 2);
	gives(2, WH_DIRTY, 0, "hive-dirty,log-entry,log-gap", "the first entry is damaged");
	log_begin(&one, "HIVE.LOG1", 6, 7);
	one.size = PAGE;
	gives(2, WH_DIRTY, 0, "hive-dirty,log-gap", "there is none");
	log_begin(&one, "HIVE.LOG1", 6, 5);
	one.size = PAGE;
	gives(2, WH_RECOVERED, 2, "log-stale", "one that is too old does not count");
	log_begin(&one, "HIVE.LOG1", 6, 9);
	one.size = PAGE;
	gives(2, WH_RECOVERED, 2, "", "nor one that begins later");
}

Test(logs, two_logs_with_the_same_sequence)
{
	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	log_begin(&two, "HIVE.LOG2", 6, 7);
	two.size = PAGE;
	gives(2, WH_RECOVERED, 1, "", "the second one has no entry");
	two.size = SECTOR;
	log_entry(&two, 7, 2);
	gives(2, WH_RECOVERED, 2, "log-gap", "only the second one is used");
	log_begin(&one, "HIVE.LOG1", 6, 7);
	one.size = PAGE;
	gives(2, WH_RECOVERED, 2, "", "the first one has no entry");
}

/* Which log is which their names say, or else what is left; their numbers say what comes first. */
Test(logs, names_of_those_that_are_given)
{
	static const char *const names[][2] = {
		{ "a.log1", "a.log2" }, { "A.LOG2", "A.LOG1" }, { "x", "y" },
		{ "copy1", "copy11" },  { "a.LOG1", "b.LOG1" }, { "a.LOG2", "b.LOG2" },
		{ NULL, NULL },         { "x", "a.LOG1" },
	};

	make_hive(7);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		log_begin(&one, names[i][0], 6, 8);
		log_entry(&one, 8, 2);
		log_begin(&two, names[i][1], 6, 7);
		log_entry(&two, 7, 1);
		gives(2, WH_RECOVERED, 2, "", names[i][0] ? names[i][0] : "without a name");
	}
	/* A hive that has logs 1 and 2 does not use its old one, whatever comes first. */
	log_begin(&one, "a.LOG", 6, 7);
	log_entry(&one, 7, 9);
	log_begin(&two, "a.LOG1", 6, 7);
	log_entry(&two, 7, 1);
	gives(2, WH_RECOVERED, 1, "", "LOG and LOG1");
}

Test(logs, one_that_nobody_can_read_beside_one_that_is_replayed)
{
	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	log_begin(&two, "HIVE.LOG2", 6, 8);
	log_entry(&two, 8, 2);
	two.bytes[508] ^= 1;
	gives(2, WH_RECOVERED, 1, "log-base-block,log-unread", "its base block is damaged");
	two.size = 1000;
	gives(2, WH_RECOVERED, 1, "log-size,log-unread", "it is cut");
	two.size = 0;
	gives(2, WH_RECOVERED, 1, "", "an empty one has nothing");
	two.name = "HIVE.LOG";
	two.size = SECTOR + ENTRY_SIZE;
	gives(2, WH_RECOVERED, 1, "log-base-block", "LOG would not be used in any case");
}

Test(logs, of_another_hive)
{
	make_hive(7);
	put16(b.bytes + 48, 'A');
	seal(b.bytes);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	gives(1, WH_RECOVERED, 1, "", "the same name");
	put16(one.bytes + 50, 'B');
	seal(one.bytes);
	gives(1, WH_RECOVERED, 1, "log-other", "another name");
	put16(one.bytes + 48, 0);
	seal(one.bytes);
	gives(1, WH_RECOVERED, 1, "", "no name");
}

Test(logs, at_most_eight)
{
	struct wh_source sources[9];
	struct wh_options options = { .log_sources = sources,
				      .issue = see_issue,
				      .issue_ctx = &issues };
	struct wh_hive *hive;

	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	for (int i = 0; i < 9; i++)
		sources[i] = source_of(&one);
	for (size_t i = 1; i <= 8; i++) {
		struct wh_log log;

		issues = (struct issues){ 0 };
		options.log_source_count = i;
		cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
		cr_assert_eq(wh_hive_log_count(hive), i);
		cr_assert_eq(wh_hive_state(hive), WH_RECOVERED);
		cr_assert_eq(wh_hive_log(hive, i - 1, &log), WH_OK);
		/* There is no fourth one for it to be. */
		cr_assert_eq(has_rule(&issues, "log-unread"), i > 3);
		cr_assert(i <= 3 || log.verdict == WH_LOG_REFUSED);
		wh_hive_close(hive);
	}
	options.log_source_count = 9;
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_E_INVALID);
	cr_assert_null(hive);
}
