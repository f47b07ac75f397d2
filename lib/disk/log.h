/* SPDX-License-Identifier: MIT */
/*
 * What lies where in a transaction log (docs/format.md section 12).  Its first sector
 * is a base block cut short; the rest starts at LOG_BODY.
 */
#ifndef WHI_DISK_LOG_H
#define WHI_DISK_LOG_H

#include "base/le.h"

#include <assert.h>

enum {
	LOG_BODY = 512,      /* file offset of the dirty vector, or of the first entry */
	LOG_MIN_SIZE = 1024, /* bytes of the smallest log that can hold something */
};

/* 12.3: "DIRT", then a bit for each sector of the hive bins, then the dirty sectors. */
struct log_dirt {
	uint8_t sig[4]; /* 0x00 "DIRT" */
};

/* 12.4: an entry; references follow, then pages, then padding. */
struct log_entry {
	uint8_t sig[4]; /* 0x00 "HvLE" */
	le32 size;      /* 0x04 bytes, all of it */
	le32 flags;     /* 0x08 REGF_FLAG_KTM */
	le32 sequence;  /* 0x0c */
	le32 length;    /* 0x10 bytes of hive bins after it */
	le32 pages;     /* 0x14 references */
	le64 hash1;     /* 0x18 of what follows this struct */
	le64 hash2;     /* 0x20 of what is before this field */
};
static_assert(sizeof(struct log_entry) == 40, "the head of a log entry is 40 bytes");

enum { LOG_ENTRY_HASHED = 32 }; /* bytes under hash2 */

struct log_reference {
	le32 offset; /* 0x00 in the hive bins */
	le32 size;   /* 0x04 bytes */
};
static_assert(sizeof(struct log_reference) == 8, "a page reference is 8 bytes");

#endif
