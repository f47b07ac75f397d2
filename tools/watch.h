/* SPDX-License-Identifier: MIT */
/* What winhive watch is made of: files that change, and two versions of a hive that differ. */
#ifndef TOOLS_WATCH_H
#define TOOLS_WATCH_H

#include "edit.h"

/* watch_files.c: a hive and its logs as files. */

struct watch_files {
	const char *path;
	int events; /* descriptor that can be read when something happened; -1: there is none */
};

/* Begin to listen; this never fails, since files_wait() looks by itself where nobody tells it. */
void files_begin(struct watch_files *files, const char *path);
void files_end(struct watch_files *files);

/*
 * A number that is another one when the hive or one of its logs was written, replaced, made or
 * deleted.
 */
uint64_t files_state(const struct watch_files *files);

/* Wait until something happened in the folder, or for so long. */
void files_wait(const struct watch_files *files, int milliseconds);

/* watch_compare.c: what is different. */

/* What is done with a change, which is freed afterwards. */
typedef void changed_fn(void *ctx, const struct change *change);
/* The same of what no command sets alone: 'what' is "class" or "security". */
typedef void altered_fn(void *ctx, const struct wh_walk_key *key, const char *what);

struct comparison {
	changed_fn *changed;
	altered_fn *altered;
	void *ctx;
	bool incomplete; /* out: something could not be compared */
};

/*
 * Compare two hives, key by key in the order of their names.  A key or value that got another
 * name was deleted and created, unless only the case of letters is another.
 */
enum wh_status compare_hives(struct wh_hive *was, struct wh_hive *now,
			     struct comparison *comparison);

#endif
