/* SPDX-License-Identifier: MIT */
/* Transaction logs of both formats, field by field. */
#include "log_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(log, .fini = fini);

Test(log, one_entry)
{
	struct wh_hive *hive;
	struct wh_log log;
	struct wh_log_entry entry;

	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	hive = open_with(1);
	cr_assert(only_rule(&issues, NULL));
	cr_assert_eq(wh_hive_state(hive), WH_RECOVERED);
	cr_assert_eq(step_of(hive), 1);
	cr_assert_eq(wh_hive_log_count(hive), 1);
	cr_assert_eq(wh_hive_log(hive, 0, &log), WH_OK);
	cr_assert_str_eq(log.name, "HIVE.LOG1");
	cr_assert(log.format == WH_LOG_NEW && log.verdict == WH_LOG_APPLIED);
	cr_assert(log.sequence == 7 && log.entry_count == 1 && log.applied == 1);
	cr_assert(log.size == SECTOR + ENTRY_SIZE && log.timestamp == 1000);
	cr_assert_not_null(log.reason);
	cr_assert_eq(wh_hive_log_entry(hive, 0, 0, &entry), WH_OK);
	cr_assert(entry.sequence == 7 && entry.offset == SECTOR && entry.length == PAGE);
	cr_assert(entry.pages == 1 && entry.bytes == PAGE && entry.applied);
	cr_assert_eq(wh_hive_log_entry(hive, 0, 1, &entry), WH_E_NO_MORE);
	cr_assert_eq(entry.pages, 0);
	cr_assert_eq(wh_hive_log_entry(hive, 1, 0, &entry), WH_E_NO_MORE);
	cr_assert_eq(wh_hive_log(hive, 1, &log), WH_E_NO_MORE);
	cr_assert_str_eq(log.name, "");
	wh_hive_close(hive);
}

Test(log, recovery_ends_with_the_next_sequence)
{
	struct wh_hive *hive;
	struct wh_base_block found, now;

	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	log_entry(&one, 8, 2);
	hive = open_with(1);
	wh_hive_base_block(hive, &found, &now);
	cr_assert(found.sequence1 == 7 && found.sequence2 == 6);
	cr_assert(now.sequence1 == 9 && now.sequence2 == 9);
	cr_assert_eq(now.checksum, now.checksum_due);
	cr_assert_eq(now.timestamp, 1000, "the time stays");
	cr_assert_eq(step_of(hive), 2);
	wh_hive_close(hive);
}

/* A field of an entry whose hashes are right all the same. */
static const struct {
	const char *name;
	size_t at;
	uint32_t good;
	const char *rules;
} entry_fields[] = {
	{ "signature", 0, 0, "hive-dirty" },
	{ "size", 4, 0, "hive-dirty,log-entry" },
	{ "sequence", 12, 7, "hive-dirty" },
	{ "length", 16, PAGE, "hive-dirty,log-entry" },
	{ "pages", 20, 1, "hive-dirty,log-entry" },
	{ "reference offset", 40, 0, "hive-dirty,log-entry" },
	{ "reference size", 44, PAGE, "hive-dirty,log-entry" },
};

static const uint32_t extremes[] = { 0,
				     1,
				     2,
				     7,
				     SECTOR - 1,
				     SECTOR + 1,
				     PAGE,
				     PAGE + SECTOR + 1,
				     2 * PAGE,
				     INT32_MAX,
				     0x80000000,
				     UINT32_MAX - SECTOR + 1,
				     UINT32_MAX - 1,
				     UINT32_MAX };

Test(log, fields_of_an_entry)
{
	for (size_t i = 0; i < sizeof entry_fields / sizeof *entry_fields; i++)
		for (size_t j = 0; j < sizeof extremes / sizeof *extremes; j++) {
			bool good = i > 1 && extremes[j] == entry_fields[i].good;
			uint8_t *entry;

			if (entry_fields[i].at == 16 && extremes[j] == 2 * PAGE)
				continue; /* a hive that grows: the next test */
			make_hive(7);
			log_begin(&one, "HIVE.LOG1", 6, 7);
			entry = log_entry(&one, 7, 1);
			put32(entry + entry_fields[i].at, extremes[j]);
			if (entry_fields[i].at != 4)
				hash_entry(entry, ENTRY_SIZE);
			gives(1, good ? WH_RECOVERED : WH_DIRTY, good,
			      good ? "" : entry_fields[i].rules, entry_fields[i].name);
			fini();
		}
	make_hive(7);
}

Test(log, a_length_in_an_entry_makes_the_hive_longer)
{
	struct wh_hive *hive;
	uint8_t *entry;
	size_t len;

	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	entry = log_entry(&one, 7, 1);
	put32(entry + 16, 2 * PAGE);
	hash_entry(entry, ENTRY_SIZE);
	hive = open_with(1);
	wh_hive_bytes(hive, &len);
	cr_assert_eq(len, 3 * PAGE);
	cr_assert(only_rule(&issues, "bin-signature"), "the new bin is not in the log");
	wh_hive_close(hive);
}

Test(log, every_byte_of_an_entry_is_hashed)
{
	static const size_t places[] = { 4,  8,  15, 16, 20, 24,   31,
					 32, 39, 40, 47, 48, 1000, ENTRY_SIZE - 1 };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct wh_hive *hive;

		make_hive(7);
		log_begin(&one, "HIVE.LOG1", 6, 7);
		log_entry(&one, 7, 1)[places[i]] ^= 0x40;
		hive = open_with(1);
		cr_assert_eq(wh_hive_state(hive), WH_DIRTY, "byte %zu", places[i]);
		cr_assert_eq(step_of(hive), 0);
		wh_hive_close(hive);
		fini();
	}
	make_hive(7);
}

Test(log, flags_pass_bit_0_only)
{
	struct wh_base_block now;
	struct wh_hive *hive;
	uint8_t *entry;

	make_hive(7);
	memcpy(b.bytes + 164, "rmtm", 4);
	put32(b.bytes + 144, 2);
	seal(b.bytes);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	entry = log_entry(&one, 7, 1);
	put32(entry + 8, UINT32_MAX);
	hash_entry(entry, ENTRY_SIZE);
	hive = open_with(1);
	wh_hive_base_block(hive, NULL, &now);
	cr_assert_eq(now.flags, 3);
	wh_hive_close(hive);
}

Test(log, cut_at_every_sector)
{
	for (size_t size = 0; size <= SECTOR + 2 * ENTRY_SIZE; size += SECTOR) {
		uint64_t due = size >= SECTOR + 2 * ENTRY_SIZE ? 2 : size >= SECTOR + ENTRY_SIZE;

		make_hive(7);
		log_begin(&one, "HIVE.LOG1", 6, 7);
		log_entry(&one, 7, 1);
		log_entry(&one, 8, 2);
		one.size = size;
		gives(1, due ? WH_RECOVERED : WH_DIRTY, due,
		      size == 0                     ? "hive-dirty"
		      : size < 2 * SECTOR           ? "hive-dirty,log-size"
		      : due == 2                    ? ""
		      : due == 0                    ? "hive-dirty,log-entry"
		      : size == SECTOR + ENTRY_SIZE ? ""
						    : "log-entry",
		      "cut");
		fini();
	}
	make_hive(7);
}

Test(log, base_block_of_a_log)
{
	static const struct {
		size_t at;
		uint32_t value;
		bool seal;
	} cases[] = {
		{ 0, 0x78787878, true }, { 4, 8, true },   { 8, 8, true },
		{ 20, 2, true },         { 40, 0, false }, { 508, 0, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		make_hive(7);
		log_begin(&one, "HIVE.LOG1", 6, 7);
		log_entry(&one, 7, 1);
		put32(one.bytes + cases[i].at, cases[i].value);
		if (cases[i].seal)
			seal(one.bytes);
		gives(1, WH_DIRTY, 0, "hive-dirty,log-base-block", "base block");
		fini();
	}
	make_hive(7);
}

static bool
never_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	(void)offset;
	(void)buf;
	(void)len;
	return false;
}

Test(log, that_cannot_be_read_or_is_too_large)
{
	static const uint64_t sizes[] = { 4096, (UINT64_C(1) << 31) + 1, UINT64_MAX };

	make_hive(7);
	for (int i = 0; i < 3; i++) {
		struct wh_source source = { never_read, NULL, sizes[i], NULL };
		struct wh_options options = { .log_sources = &source,
					      .log_source_count = 1,
					      .issue = see_issue,
					      .issue_ctx = &issues };
		struct wh_hive *hive;
		struct wh_log log;

		issues = (struct issues){ 0 };
		cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
		cr_assert(has_rule(&issues, "log-size") && has_rule(&issues, "hive-dirty"));
		cr_assert_eq(wh_hive_log(hive, 0, &log), WH_OK);
		cr_assert(log.verdict == WH_LOG_REFUSED && log.name[0] && log.reason[0]);
		cr_assert_eq(log.size, sizes[i]);
		wh_hive_close(hive);
	}
}

/* An old log: all eight sectors of the first bin are dirty. */
static void
old_log(struct log *log, const char *name, uint64_t time, uint32_t step)
{
	log_begin(log, name, 1, 7);
	put64(log->bytes + 12, time);
	seal(log->bytes);
	memcpy(log->bytes + SECTOR, "DIRT", 4);
	log->bytes[SECTOR + 4] = 0xff;
	memcpy(log->bytes + 2 * SECTOR, b.bytes + PAGE, PAGE);
	put32(log->bytes + 2 * SECTOR + value + 4 + 8, step);
	log->size = 2 * SECTOR + PAGE;
}

Test(log, old_format)
{
	struct wh_hive *hive;
	struct wh_log_entry entry;

	make_hive(7);
	old_log(&one, "HIVE.LOG", 1000, 1);
	gives(1, WH_RECOVERED, 1, "", "old");
	hive = open_with(1);
	cr_assert_eq(wh_hive_log_entry(hive, 0, 0, &entry), WH_OK);
	cr_assert(entry.pages == 8 && entry.bytes == PAGE && entry.applied);
	wh_hive_close(hive);
}

Test(log, old_format_by_time)
{
	make_hive(7);
	old_log(&one, "HIVE.LOG1", 999, 1);
	gives(1, WH_DIRTY, 0, "hive-dirty,log-stale", "earlier");
	old_log(&one, "HIVE.LOG1", 1001, 1);
	gives(1, WH_RECOVERED, 1, "log-stale", "later");
	old_log(&one, "HIVE.LOG1", 1000, 1);
	old_log(&two, "HIVE.LOG2", 1000, 2);
	gives(2, WH_RECOVERED, 1, "", "the first of two with the same time");
}

Test(log, old_format_cut_at_every_sector)
{
	for (size_t size = 2 * SECTOR; size <= 2 * SECTOR + PAGE; size += SECTOR) {
		bool all = size == 2 * SECTOR + PAGE;

		make_hive(7);
		old_log(&one, "HIVE.LOG", 1000, 1);
		one.size = size;
		gives(1, all ? WH_RECOVERED : WH_DIRTY, all, all ? "" : "hive-dirty,log-entry",
		      "cut");
		fini();
	}
	make_hive(7);
}

Test(log, old_format_with_lengths_that_cannot_be)
{
	static const uint32_t lengths[] = { 0,         1,          SECTOR,     PAGE - 1,
					    INT32_MAX, 0x80000000, 0xfffff000, UINT32_MAX };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		make_hive(7);
		old_log(&one, "HIVE.LOG", 1000, 1);
		put32(one.bytes + 40, lengths[i]);
		seal(one.bytes);
		gives(1, WH_DIRTY, 0, "hive-dirty,log-entry", "length");
		fini();
	}
	make_hive(7);
}

Test(log, not_wanted_or_not_needed)
{
	struct wh_source source;
	struct wh_options options = { .flags = WH_OPEN_NO_LOGS,
				      .log_sources = &source,
				      .log_source_count = 1,
				      .issue = see_issue,
				      .issue_ctx = &issues };
	struct wh_hive *hive;
	struct wh_log log;

	make_hive(7);
	log_begin(&one, "HIVE.LOG1", 6, 7);
	log_entry(&one, 7, 1);
	source = source_of(&one);
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	cr_assert(wh_hive_state(hive) == WH_DIRTY && wh_hive_log_count(hive) == 0);
	cr_assert(only_rule(&issues, NULL) && step_of(hive) == 0);
	wh_hive_close(hive);

	put32(b.bytes + 8, 7);
	seal(b.bytes);
	options.flags = 0;
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	cr_assert(wh_hive_state(hive) == WH_CLEAN && wh_hive_log_count(hive) == 0);
	wh_hive_close(hive);

	options.flags = WH_OPEN_ALL_LOGS;
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	cr_assert(wh_hive_state(hive) == WH_CLEAN && wh_hive_log_count(hive) == 1);
	cr_assert_eq(wh_hive_log(hive, 0, &log), WH_OK);
	cr_assert(log.verdict == WH_LOG_IGNORED && log.entry_count == 1 && log.applied == 0);
	cr_assert_eq(step_of(hive), 0);
	wh_hive_close(hive);
}
