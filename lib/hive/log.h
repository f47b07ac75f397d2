/* SPDX-License-Identifier: MIT */
/*
 * Transaction logs read and judged (docs/format.md section 12).  log_read.c finds out
 * what a log holds, recover.c which of them belong to a dirty hive, and applies them.
 */
#ifndef WHI_HIVE_LOG_H
#define WHI_HIVE_LOG_H

#include "cell/issue.h"
#include "disk/regf.h"

#include "winhive.h"

struct wh_hive;

/* The three names a log can have, in the order in which they count; one too many has none. */
enum whi_log_kind { WHI_LOG1, WHI_LOG2, WHI_LOG, WHI_NO_LOG };

/* Larger logs than a hive can be are not logs. */
#define WHI_LOG_MAX_SIZE (UINT64_C(1) << 31)

struct whi_log {
	char *name;
	enum whi_log_kind kind;
	uint64_t size;
	uint8_t *bytes; /* all of it, until recovery is done; NULL if it was not read */
	const struct regf_base *base; /* in 'bytes'; NULL if it cannot be used */
	bool unread;                  /* nobody can tell what it holds */
	enum wh_log_format format;
	uint32_t type; /* of the base block, if that is good: REGF_TYPE_* */
	enum wh_log_verdict verdict;
	const char *reason;
	uint32_t sequence;
	uint64_t timestamp;
	struct wh_log_entry *entries;
	size_t entry_count, entry_cap;
	uint32_t applied;
};

/*
 * Read a log and list its valid entries; what is wrong with it goes to the sink and to its
 * 'reason'.  Fails only for want of memory.
 */
enum wh_status whi_log_read(struct wh_hive *hive, size_t index, const struct wh_source *source);

/*
 * New hive bins are in the log that makes room for them, so that a hive does not grow by more than
 * its logs hold.  Entries that say otherwise, and would cost memory out of proportion, are left
 * out, once all logs have been read.
 */
void whi_logs_cut(struct wh_hive *hive);

/* The bytes of bins that the hive has at most after any of the log's entries. */
uint32_t whi_log_max_length(const struct whi_log *log);

/* Sequence numbers wrap: which of two is later is a matter of their difference. */
static inline bool
whi_is_later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/*
 * Put what entry number 'index' of the log carries into the image, whose block has room for
 * it, and set the byte of each page of the bins that was written to.
 */
void whi_log_apply(struct wh_hive *hive, const struct whi_log *log, size_t index, uint8_t *pages);

/* Free what the log allocated, or only the bytes of the file. */
void whi_log_drop_bytes(struct whi_log *log, const struct wh_allocator *a);
void whi_log_forget(struct whi_log *log, const struct wh_allocator *a);

#endif
