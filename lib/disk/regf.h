/* SPDX-License-Identifier: MIT */
/*
 * What lies where in a hive (docs/format.md).  Offsets in comments are from the start
 * of the struct.  Everything that refers to a cell is an offset into the hive bins,
 * which begin at REGF_BINS in the file.
 */
#ifndef WHI_DISK_REGF_H
#define WHI_DISK_REGF_H

#include "base/le.h"

#include <assert.h>

enum {
	REGF_BINS = 4096,         /* file offset of the hive bins */
	REGF_PAGE = 4096,         /* hive bins are multiples of this */
	REGF_SECTOR = 512,        /* what logs count in */
	REGF_BASE_SUMMED = 508,   /* bytes of the base block under its checksum */
	REGF_CELL_ALIGN = 8,      /* of cells, and of their sizes */
	REGF_OLD_CELL_ALIGN = 16, /* the same in version 1.1 */
	REGF_CELL_HEAD = 4,       /* size word before the data of a cell */
	REGF_OLD_CELL_HEAD = 8,   /* size word and back reference of version 1.1 */
	REGF_MAX_DEPTH = 512,     /* levels of keys below the root */
	REGF_DB_MINOR = 4,        /* the first minor version with big data */
	REGF_LAYER_MINOR = 6,     /* the first minor version with layered keys */
	REGF_SEGMENT = 16344,     /* bytes of data in a segment of big data */
};

#define REGF_NIL        UINT32_C(0xffffffff)
#define REGF_MAX_LENGTH UINT32_C(0x7ffff000) /* of the hive bins; bit 31 of a cell is taken */

/* Section 2: the base block, as far as it means something on disk. */
struct regf_base {
	uint8_t sig[4];          /* 0x000 "regf" */
	le32 sequence1;          /* 0x004 */
	le32 sequence2;          /* 0x008 */
	le64 timestamp;          /* 0x00c FILETIME */
	le32 major;              /* 0x014 */
	le32 minor;              /* 0x018 */
	le32 type;               /* 0x01c REGF_TYPE_* */
	le32 format;             /* 0x020 */
	le32 root_cell;          /* 0x024 */
	le32 length;             /* 0x028 bytes of hive bins */
	le32 cluster;            /* 0x02c */
	uint8_t file_name[64];   /* 0x030 UTF-16LE */
	uint8_t rm_id[16];       /* 0x070 */
	uint8_t log_id[16];      /* 0x080 */
	le32 flags;              /* 0x090 REGF_FLAG_* */
	uint8_t tm_id[16];       /* 0x094 */
	uint8_t guid_sig[4];     /* 0x0a4 "rmtm" */
	le64 reorganized;        /* 0x0a8 FILETIME, two marker bits */
	uint8_t offreg_sig[4];   /* 0x0b0 "OfRg" */
	le32 offreg_flags;       /* 0x0b4 */
	uint8_t reserved1[324];  /* 0x0b8 */
	le32 checksum;           /* 0x1fc of all before */
	uint8_t reserved2[3584]; /* 0x200 */
};
static_assert(sizeof(struct regf_base) == REGF_BINS, "a base block is 4096 bytes");

enum {
	REGF_TYPE_PRIMARY = 0,
	REGF_TYPE_LOG_OLD = 1,
	REGF_TYPE_LOG_2000 = 2, /* as 1, up to Windows 2000 */
	REGF_TYPE_LOG_NEW = 6,
	REGF_FORMAT_DIRECT = 1,
	REGF_FLAG_KTM = 1, /* pending transactions; the one flag that logs carry */
};

/* Section 3: the header of a hive bin; cells follow. */
struct regf_bin {
	uint8_t sig[4];      /* 0x00 "hbin" */
	le32 offset;         /* 0x04 of this bin in the bins */
	le32 size;           /* 0x08 bytes, this header included */
	uint8_t reserved[8]; /* 0x0c */
	le64 timestamp;      /* 0x14 first bin only: that of the base block */
	le32 spare;          /* 0x1c */
};
static_assert(sizeof(struct regf_bin) == 0x20, "the header of a hive bin is 32 bytes");

/* Section 5: a key, "nk"; the name follows. */
struct regf_nk {
	uint8_t sig[2];          /* 0x00 "nk" */
	le16 flags;              /* 0x02 WH_KEY_* */
	le64 last_written;       /* 0x04 FILETIME */
	uint8_t access;          /* 0x0c */
	uint8_t layer;           /* 0x0d NK_LAYER, NK_INHERIT_CLASS */
	le16 spare;              /* 0x0e */
	le32 parent;             /* 0x10 */
	le32 subkey_count;       /* 0x14 */
	le32 volatile_count;     /* 0x18 */
	le32 subkey_list;        /* 0x1c */
	le32 volatile_list;      /* 0x20 */
	le32 value_count;        /* 0x24 */
	le32 value_list;         /* 0x28 */
	le32 security;           /* 0x2c */
	le32 class_cell;         /* 0x30 */
	le16 max_name_len;       /* 0x34 bytes */
	uint8_t user_flags;      /* 0x36 low nibble: WOW64, high nibble: virtualization */
	uint8_t debug;           /* 0x37 */
	le32 max_class_len;      /* 0x38 bytes */
	le32 max_value_name_len; /* 0x3c bytes */
	le32 max_value_len;      /* 0x40 bytes */
	le32 work_var;           /* 0x44 */
	le16 name_len;           /* 0x48 bytes */
	le16 class_len;          /* 0x4a bytes */
};
static_assert(sizeof(struct regf_nk) == 0x4c, "an nk is 76 bytes");

enum {
	NK_LAYER = 3,
	NK_INHERIT_CLASS = 0x80,
};

/* Section 6: subkey lists; the elements follow. */
struct regf_list {
	uint8_t sig[2]; /* 0x00 "li", "lf", "lh", "ri" */
	le16 count;     /* 0x02 elements */
};
static_assert(sizeof(struct regf_list) == 4, "the head of a subkey list is 4 bytes");

enum {
	REGF_LI_STRIDE = 4, /* li and ri: a cell */
	REGF_LF_STRIDE = 8, /* lf and lh: a cell, and a hint or hash */
};

/* Section 7.2: a value, "vk"; the name follows. */
struct regf_vk {
	uint8_t sig[2]; /* 0x00 "vk" */
	le16 name_len;  /* 0x02 bytes */
	le32 data_len;  /* 0x04 bytes; VK_INLINE */
	le32 data;      /* 0x08 cell, or the data */
	le32 type;      /* 0x0c */
	le16 flags;     /* 0x10 VK_* */
	le16 spare;     /* 0x12 */
};
static_assert(sizeof(struct regf_vk) == 0x14, "a vk is 20 bytes");

#define VK_INLINE UINT32_C(0x80000000)

enum {
	VK_COMP_NAME = 1,
	VK_TOMBSTONE = 2,
	VK_INLINE_MAX = 4,
};

/* Section 7.3: big data, "db". */
struct regf_db {
	uint8_t sig[2]; /* 0x00 "db" */
	le16 count;     /* 0x02 segments */
	le32 list;      /* 0x04 cell: the segments */
};
static_assert(sizeof(struct regf_db) == 8, "a db is 8 bytes");

/* Section 8.1: a security descriptor, "sk"; the descriptor follows. */
struct regf_sk {
	uint8_t sig[2];      /* 0x00 "sk" */
	uint8_t reserved[2]; /* 0x02 */
	le32 next;           /* 0x04 */
	le32 previous;       /* 0x08 */
	le32 references;     /* 0x0c keys that use it */
	le32 len;            /* 0x10 bytes of descriptor */
};
static_assert(sizeof(struct regf_sk) == 0x14, "an sk is 20 bytes");

#endif
