/* SPDX-License-Identifier: MIT */
/* What is measured of libraries that write hives. */
#ifndef BENCH_EDIT_H
#define BENCH_EDIT_H

#include <stdbool.h>
#include <stdint.h>

struct edit_job {
	const char *hive;    /* an empty hive to begin with, or the copy of one to be edited */
	const char *out;     /* where a created hive is written to */
	uint32_t count;      /* keys to create, values to set, or edits to make */
	uint32_t per_parent; /* keys below each parent */
};

enum { EDIT_VALUES = 5, EDIT_NAME = 32 };

typedef bool work_fn(const struct edit_job *job, double *begun);

/*
 * A library.  'create' makes the keys, each with EDIT_VALUES values, and writes the file; 'values'
 * sets the values of the root one by one, and writes the file; 'edit' makes edits all over the hive
 * and brings them to its file.  False: failed.  '*begun' is set to the time when the work began, if
 * reading the hive is not to count.
 */
struct writer {
	const char *name;
	work_fn *create;
	work_fn *values;
	work_fn *edit;
};

extern const struct writer writer_winhive, writer_hivex;

double bench_now(void);

/* Names and data that are the same for all. */
void edit_parent_name(uint32_t index, char name[EDIT_NAME]);
void edit_key_name(uint32_t index, char name[EDIT_NAME]);
void edit_value_name(uint32_t index, char name[EDIT_NAME]);

/* Some place among 'count', another for each 'index'. */
static inline uint32_t
edit_place(uint32_t index, uint32_t count)
{
	return (uint32_t)((uint64_t)index * 2654435761u % count);
}

#endif
