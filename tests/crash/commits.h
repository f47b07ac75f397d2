/* SPDX-License-Identifier: MIT */
/* Commits of many kinds, and what is told of a hive that is opened after one. */
#ifndef TESTS_CRASH_COMMITS_H
#define TESTS_CRASH_COMMITS_H

#include "sim_disk.h"
#include "reading.h"

/* All that a hive says, and its bins but for the time in the first one. */
struct picture {
	uint64_t digest;
	uint8_t *bins;
	size_t len;
};

struct commit_case {
	char name[200];
	unsigned flags; /* WH_OPEN_* */
	enum wh_log_format format;
	unsigned edit;
	uint64_t seed;
	struct sim_disk disk; /* before it is opened */
	struct issues issues; /* of opening that */
	enum wh_state state;
	struct picture before, after;
};

/* Make case number 'number' of any; all follows from the number. */
void case_make(struct commit_case *c, size_t number);
void case_fini(struct commit_case *c);

/*
 * Put logs beside the hive of a case that is clean, of the kind of that number, 0 to 5, which spoil
 * it if they are replayed; the name says which.
 */
void case_set_logs(struct commit_case *c, unsigned kind);

/* Open the case's hive on 'disk' and change it; aborts if that fails. */
struct wh_hive *case_change(struct commit_case *c, struct sim_disk *disk);
enum wh_status case_commit(struct commit_case *c, struct wh_hive *hive,
			   struct wh_commit_report *report);

enum outcome { IS_BAD, IS_OLD, IS_NEW, IS_BOTH };

/* Open what a crash or a failure has left; 'why' says what is bad. */
enum outcome case_look(struct commit_case *c, struct sim_disk *disk, char *why, size_t size);

/*
 * The same once more as a user would: open, change something else, commit, and open again: what
 * was there still is, and so is the change.  False: 'why'.
 */
bool case_goes_on(struct commit_case *c, struct sim_disk *disk, char *why, size_t size);

#endif
