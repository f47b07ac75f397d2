/* SPDX-License-Identifier: MIT */
#include "log_fixture.h"

#include "base/marvin.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct builder b;
struct log one, two;
struct issues issues;
uint32_t value;

void
seal(uint8_t *base)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < 508; i += 4)
		sum ^= get32(base + i);
	put32(base + 508, sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum);
}

void
make_hive(uint32_t first)
{
	uint32_t root;

	builder_init(&b, 5);
	root = builder_key(&b, NO_PARENT, "ROOT");
	value = builder_value(&b, "Step", WH_REG_DWORD, "\0\0\0\0", 4);
	builder_set_values(&b, root, &value, 1);
	put32(b.bytes + 4, first);
	put32(b.bytes + 8, first - 1);
	put64(b.bytes + 12, 1000);
	builder_seal(&b);
}

void
log_begin(struct log *log, const char *name, uint32_t type, uint32_t sequence)
{
	memset(log, 0, sizeof *log);
	log->name = name;
	log->size = SECTOR;
	memcpy(log->bytes, b.bytes, SECTOR);
	put32(log->bytes + 4, sequence);
	put32(log->bytes + 8, sequence);
	put32(log->bytes + 28, type);
	seal(log->bytes);
}

static void
put_hash(uint8_t *at, const uint8_t *bytes, size_t len)
{
	put64(at, whi_marvin(bytes, len));
}

void
hash_entry(uint8_t *entry, size_t size)
{
	put_hash(entry + 24, entry + 40, size - 40);
	put_hash(entry + 32, entry, 32);
}

uint8_t *
log_entry(struct log *log, uint32_t sequence, uint32_t step)
{
	uint8_t *entry = log->bytes + log->size;

	memcpy(entry, "HvLE", 4);
	put32(entry + 4, ENTRY_SIZE);
	put32(entry + 12, sequence);
	put32(entry + 16, PAGE);
	put32(entry + 20, 1);
	put32(entry + 40, 0);
	put32(entry + 44, PAGE);
	memcpy(entry + 48, b.bytes + PAGE, PAGE);
	put32(entry + 48 + value + 4 + 8, step);
	hash_entry(entry, ENTRY_SIZE);
	log->size += ENTRY_SIZE;
	return entry;
}

static bool
log_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct log *log = ctx;

	size_t there = offset < MAX_SIZE ? MAX_SIZE - (size_t)offset : 0;

	if (offset > log->size || len > log->size - offset)
		abort();
	memset(buf, 0, len);
	memcpy(buf, log->bytes + offset, len < there ? len : there);
	return true;
}

struct wh_source
source_of(struct log *log)
{
	return (struct wh_source){ log_read, log, log->size, log->name };
}

struct wh_hive *
open_with(size_t count)
{
	struct wh_source sources[] = { source_of(&one), source_of(&two) };
	struct wh_options options = { .log_sources = sources,
				      .log_source_count = count,
				      .issue = see_issue,
				      .issue_ctx = &issues };
	struct wh_hive *hive = NULL;

	issues = (struct issues){ 0 };
	cr_assert_eq(wh_hive_open_memory(b.bytes, b.size, &options, &hive), WH_OK);
	return hive;
}

uint64_t
step_of(struct wh_hive *hive)
{
	struct wh_value found;
	uint64_t step = 99;

	cr_assert_eq(wh_key_value(wh_hive_root(hive), "Step", WH_NTS, &found), WH_OK);
	cr_assert_eq(wh_value_number(found, &step), WH_OK);
	return step;
}

void
gives(size_t count, enum wh_state state, uint64_t step, const char *rules, const char *what)
{
	struct wh_hive *hive = open_with(count);
	struct wh_base_block now;
	char text[256];

	rules_text(&issues, text, sizeof text);
	cr_assert_str_eq(text, rules, "%s: %s", what, text);
	cr_assert_eq(wh_hive_state(hive), state, "%s", what);
	cr_assert_eq(step_of(hive), step, "%s", what);
	wh_hive_base_block(hive, NULL, &now);
	cr_assert_eq(now.sequence1 == now.sequence2, state != WH_DIRTY, "%s", what);
	wh_hive_close(hive);
}

void
fini(void)
{
	builder_fini(&b);
}
