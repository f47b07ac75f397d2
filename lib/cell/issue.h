/* SPDX-License-Identifier: MIT */
/* Departures from the format on their way to the caller. */
#ifndef WHI_CELL_ISSUE_H
#define WHI_CELL_ISSUE_H

#include "disk/rules.h"

#include "winhive.h"

struct whi_sink {
	wh_issue_fn *fn; /* may be NULL: then nothing is formatted */
	void *ctx;
};

/* Where it is: a file offset in the hive or in log number 'log', and a cell or WH_NO_CELL. */
struct whi_location {
	int log;
	uint64_t offset;
	uint32_t cell;
};

#define WHI_IN_FILE(off)     ((struct whi_location){ -1, (off), WH_NO_CELL })
#define WHI_IN_CELL(ref)     ((struct whi_location){ -1, WH_BINS + (uint64_t)(ref).off, (ref).off })
#define WHI_IN_LOG(log, off) ((struct whi_location){ (log), (off), WH_NO_CELL })

/* A reference at file offset 'from' that leads to 'ref', where there is not what should be. */
#define WHI_AT_REF(from, ref) ((struct whi_location){ -1, (from), (ref).off })

/* Report a broken rule; the text is formatted as printf() does. */
void whi_report(const struct whi_sink *sink, enum whi_rule rule, struct whi_location place,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Issues for later, with text of their own. */
struct whi_issues {
	struct wh_issue *at;
	size_t count, cap;
};

/* False: there is no memory for another one. */
bool whi_issues_keep(struct whi_issues *issues, const struct wh_allocator *a,
		     const struct wh_issue *issue);
/* Forget all but the first 'count'; all of them, and the array. */
void whi_issues_cut(struct whi_issues *issues, const struct wh_allocator *a, size_t count);
void whi_issues_free(struct whi_issues *issues, const struct wh_allocator *a);

#endif
