/* SPDX-License-Identifier: MIT */
/* A small dirty hive with a REG_DWORD, and transaction logs made in memory, field by field. */
#ifndef TESTS_UNIT_LOG_FIXTURE_H
#define TESTS_UNIT_LOG_FIXTURE_H

#include "hive_builder.h"
#include "reading.h"

enum { PAGE = 4096, SECTOR = 512, MAX_SIZE = 64 * 1024, ENTRY_SIZE = PAGE + SECTOR };

/* A log in the making, and the source that reads it: zeros behind MAX_SIZE. */
struct log {
	uint8_t bytes[MAX_SIZE];
	size_t size;
	const char *name;
};

extern struct builder b;
extern struct log one, two;
extern struct issues issues;
extern uint32_t value; /* a REG_DWORD in place, which counts the entries that were applied */

/* Put the checksum of a base block right. */
void seal(uint8_t *base);

/* A dirty hive: sequence numbers 'first' and one less.  fini() frees it. */
void make_hive(uint32_t first);
void fini(void);

void log_begin(struct log *log, const char *name, uint32_t type, uint32_t sequence);

/* An entry with the first bin, in which the value has become 'step'; who changes it hashes it. */
uint8_t *log_entry(struct log *log, uint32_t sequence, uint32_t step);
void hash_entry(uint8_t *entry, size_t size);

/* Open the hive with so many of the logs: one, two. */
struct wh_source source_of(struct log *log);
struct wh_hive *open_with(size_t count);
uint64_t step_of(struct wh_hive *hive);

/* Open, compare everything that came of it, close. */
void gives(size_t count, enum wh_state state, uint64_t step, const char *rules, const char *what);

#endif
