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
	uint64_t sum; /* of the words of all data, and of the bytes left over */
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
bench_sum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint64_t sum = 0, word;
	uint32_t low, high;
	size_t i = 0;

	/* By words, as the floor does, and few branches: the time is to be that of the library. */
	if (len >= sizeof word) {
		for (; i + sizeof word <= len; i += sizeof word) {
			memcpy(&word, bytes + i, sizeof word);
			sum += word;
		}
		memcpy(&word, bytes + len - sizeof word, sizeof word);
		return i == len ? sum : sum + (word >> 8 * (sizeof word - (len - i)));
	}
	if (len >= sizeof low) { /* most values are a REG_DWORD */
		memcpy(&low, bytes, sizeof low);
		memcpy(&high, bytes + len - sizeof high, sizeof high);
		return low + ((uint64_t)high >> 8 * (sizeof word - len) << 32);
	}
	for (; i < len; i++)
		sum |= (uint64_t)bytes[i] << 8 * i;
	return sum;
}

#endif
