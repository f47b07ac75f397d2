/* SPDX-License-Identifier: MIT */
/* The parts of the mutation test: what is damaged, how, and what must hold all the same. */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_FILES = 3, MAX_STORY = 400 };

/* A hive, and perhaps its logs, as they are on disk. */
struct sample {
	const char *name;
	size_t file_count; /* 1: no logs */
	uint8_t *bytes[MAX_FILES];
	size_t size[MAX_FILES];
	const char *file_name[MAX_FILES];
	uint32_t *cells; /* file offsets of cells in use of the hive */
	size_t cell_count;
};

/* The same, damaged.  'story' says what was done, for people. */
struct victim {
	const struct sample *sample;
	uint8_t *bytes[MAX_FILES]; /* blocks of exactly the size, so that sanitizers see all */
	size_t size[MAX_FILES];
	bool lent; /* to be read where it is, part by part */
	char story[MAX_STORY];
};

/* Deterministic random numbers: all of a run follows from its seed. */
struct dice {
	uint64_t state;
};
uint64_t dice_roll(struct dice *dice);
size_t dice_below(struct dice *dice, size_t limit); /* 0 if 'limit' is 0 */

/* Copy the sample and damage it.  False: no memory. */
bool victim_make(const struct sample *sample, struct dice *dice, struct victim *victim);
void victim_free(struct victim *victim);

enum { MAX_RULES = 128 };

/* What one run came to. */
struct outcome {
	int status;     /* enum wh_status of opening */
	bool recovered; /* logs were replayed */
	double seconds; /* from opening to closing */
	size_t peak;    /* bytes of memory, at most at a time */
	uint64_t keys, values, sum;
	uint64_t issues[MAX_RULES]; /* by index of the rule */
	char failure[200];          /* "", or what did not hold */
};

/* Open it, read all there is, close it.  Speed and memory are for the caller to judge. */
void victim_read(const struct victim *victim, struct outcome *outcome);

#endif
