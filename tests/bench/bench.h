/* SPDX-License-Identifier: MIT */
/* What is measured, and what a library has to offer to be measured. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BENCH_MAX_LOGS = 4 };

/* One task on one hive. */
struct job {
	const char *hive;
	const char *logs[BENCH_MAX_LOGS]; /* replay these when opening */
	size_t log_count;
	const char *path; /* of the key to find, components joined by a backslash */
	bool names;       /* the walk is to read the names too */
	bool whole;       /* the file is to be in memory when it is open: that is not measured */
	uint32_t siblings;
	const char *value; /* to be read, of the key at 'path', */
	uint32_t count;    /* so often */
};

/* What a task came across: the same for every reader that does it right. */
struct tally {
	uint64_t keys, values, bytes;
	uint64_t sum; /* of all data, see bench_sum(); of the floor: of all words of the file */
	uint64_t lookups;
};

/*
 * A library.  Each function returns false when it failed; 'open' gives what the others
 * take and 'close' frees.  A reader does what its library does best, no call too many.
 */
struct reader {
	const char *name;
	bool logs;       /* it can replay them */
	bool names_only; /* its walk cannot do without names */
	bool (*open)(const struct job *job, void **handle);
	bool (*lookup)(void *handle, const struct job *job, struct tally *tally);
	bool (*walk)(void *handle, const struct job *job, struct tally *tally);
	bool (*siblings)(void *handle, const struct job *job, struct tally *tally);
	bool (*check)(void *handle, const struct job *job, struct tally *tally);
	/* Open a key, read a value of it, close the key: job->count times. */
	bool (*query)(void *handle, const struct job *job, struct tally *tally);
	/* The names of all subkeys of the root, one after the other. */
	bool (*names)(void *handle, const struct job *job, struct tally *tally);
	void (*close)(void *handle);
	bool part; /* it is another face of a library, for the last two tasks only */
};

/* Bytes of a segment of big data. */
enum { BENCH_SEGMENT = 16344 };

/* Room for a value, and for a name. */
enum { BENCH_VALUE = 1024, BENCH_NAME = 768 };

extern const struct reader reader_registry, reader_winhive, reader_winhive_mapped,
	reader_winhive_whole, reader_hivex, reader_hivex_visit, reader_hivex_copy, reader_regf,
	reader_floor;

double bench_now(void);

/* The name of the sibling that is looked up as number 'index', spread over all of them. */
void bench_sibling(const struct job *job, uint32_t index, char name[16]);

/* A library that needs seconds for one lookup in a thousand is not asked all of them. */
bool bench_enough(double start, uint64_t lookups);

static inline uint64_t
bench_words(const uint8_t *at, int count)
{
	uint64_t sum = 0, word;

	for (int i = 0; i < count; i++) {
		memcpy(&word, at + i * (int)sizeof word, sizeof word);
		sum += word;
	}
	return sum;
}

static inline uint64_t
bench_piece(const uint8_t *at, size_t len)
{
	const uint8_t *end = at + len;
	uint32_t low, high;
	uint64_t sum = 0;

	if (len >= 64) {
		for (; end - at > 64; at += 64)
			sum += bench_words(at, 8);
		return sum + bench_words(end - 64, 8);
	}
	if (len >= 32)
		return bench_words(at, 4) + bench_words(end - 32, 4);
	if (len >= 16)
		return bench_words(at, 2) + bench_words(end - 16, 2);
	if (len >= 8)
		return bench_words(at, 1) + bench_words(end - 8, 1);
	if (len >= sizeof low) { /* most values are a REG_DWORD */
		memcpy(&low, at, sizeof low);
		memcpy(&high, end - sizeof high, sizeof high);
		return low + ((uint64_t)high << 32);
	}
	return len ? at[0] | (uint32_t)at[len / 2] << 8 | (uint32_t)end[-1] << 16 : 0;
}

/*
 * A number to which every byte has contributed.  It is not to take a good part of the time that
 * is measured: so the words overlap where the length is no multiple of them, and most data are
 * done without a loop.  Big data add up to the same in one piece and in the segments of a hive.
 */
static inline uint64_t
bench_sum(const void *data, size_t len)
{
	const uint8_t *at = data;
	uint64_t sum = 0;

	for (; len > BENCH_SEGMENT; at += BENCH_SEGMENT, len -= BENCH_SEGMENT)
		sum += bench_piece(at, BENCH_SEGMENT);
	return sum + bench_piece(at, len);
}

#endif
