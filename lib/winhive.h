/* SPDX-License-Identifier: MIT */
/*
 * winhive: read Windows registry hives (regf files) where there is no Windows.
 *
 * A hive is one file: SYSTEM, SOFTWARE, NTUSER.DAT, Amcache.hve, BCD and so on.
 * It holds a tree of keys; a key has a name, a time, values and subkeys; a value
 * has a name, a 32-bit type and bytes.  This header is the level of the hive:
 * bytes in, bytes out, one hive at a time, no drive letters, no HKEY_ roots, no
 * access rights.
 *
 * OPENING.  wh_hive_open() reads the whole file into memory and closes it.  The
 * file is opened read-only and never changed.  When the hive is dirty (Windows
 * did not finish writing it) its transaction logs are found beside it and
 * replayed in memory, so that what is read is what Windows would see after the
 * next boot.  WH_OPEN_NO_LOGS shows the file as it is.  wh_hive_state() and
 * wh_hive_log() tell what was done.
 *
 * KEYS AND VALUES are small structs (a hive, a cell, a generation), copied
 * freely and never freed.  They are good until the hive is closed.
 *
 * STRINGS are UTF-8 in both directions, with a length; a length of WH_NTS means
 * "up to the terminating NUL".  Names in a hive are counted arrays of 16-bit
 * units, not always valid UTF-16: a NUL inside a name is an ordinary character,
 * and an unpaired surrogate is written as the three bytes its number would have
 * in UTF-8 (this is known as WTF-8) and read back the same way.  Names are
 * compared as Windows does: unit by unit after its own upper-case table.
 *
 * PATHS are names joined by a backslash.  A forward slash is an ordinary
 * character of a name.  The name of the root key is not part of any path.
 *
 * BUFFERS.  A function that copies takes (buf, cap, &len): '*len' always becomes
 * the full length in bytes, no terminator is added or counted, and if it exceeds
 * 'cap' the answer is WH_E_MORE_DATA and 'buf' is left alone.  A function that
 * lends gives a pointer into the hive that is good until the hive is closed.
 *
 * DAMAGE never stops a caller who can go on.  What departs from the format is
 * reported to the issue function of the options, once for each time it is met,
 * with the rule that was broken, the place in the file, and a sentence.  Rules
 * and grades are listed in docs/errors.md.  A call that cannot give what it was
 * asked for answers WH_E_CORRUPT; the next key or value may be fine.
 *
 * HOSTILE FILES cost time and memory proportional to their size, no more: depth
 * is bounded, cycles are cut, and a walk that meets more than the file can hold
 * (lists that share their parts) stops and says so.
 *
 * ERRORS.  Every function that can fail returns an enum wh_status and must have
 * it looked at.  Where Win32 has an error of the same meaning the number is
 * Win32's.  Out-parameters are set to zero before anything can fail, unless
 * their comment says otherwise.
 *
 * THREADS.  Any number of threads may read one hive at the same time; opening
 * and closing need the hive for themselves.  A struct wh_walk belongs to one
 * thread at a time.  The issue function and the allocator are called by
 * whichever thread does the work.
 *
 * MEMORY comes from the allocator in the options, or from the system.  The
 * library prints nothing, has no global state and starts no threads.
 */
#ifndef WINHIVE_H
#define WINHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WH_MUST_CHECK __attribute__((warn_unused_result))
#define WH_API        __attribute__((visibility("default")))
#else
#define WH_MUST_CHECK
#define WH_API
#endif

/* The version of this header; wh_version() is that of the library. */
#define WH_VERSION "0.1.0"

/* As a length: the string ends at its first NUL. */
#define WH_NTS ((size_t)-1)

/* No cell: the value that marks an absent reference in the file. */
#define WH_NO_CELL UINT32_C(0xffffffff)

/* The file offset of the hive bins: a cell is at this plus its own offset. */
#define WH_BINS 4096

/* ------------------------------------------------------------------ status */

enum wh_status {
	WH_OK = 0,
	WH_E_NOT_FOUND = 2,      /* no such key, value, file */
	WH_E_PATH_NOT_FOUND = 3, /* the folder of a file does not exist */
	WH_E_ACCESS = 5,         /* the system refused the file */
	WH_E_MEMORY = 8,         /* the allocator had no more */
	WH_E_INVALID = 87,       /* an argument that makes no sense, or text that is not UTF-8 */
	WH_E_DISK_FULL = 112,
	WH_E_BAD_PATH = 161,  /* a key path that starts with a backslash */
	WH_E_EXISTS = 183,    /* the file to be written is already there */
	WH_E_MORE_DATA = 234, /* the buffer is too small; the length says how much is needed */
	WH_E_NO_MORE = 259,   /* past the last subkey, value, piece */
	WH_E_TOO_BIG = 1009,  /* larger than any hive can be */
	WH_E_CORRUPT = 1015,  /* damaged where it was to be read; the issue says how */
	WH_E_IO = 1016,       /* reading or writing failed */
	WH_E_NOT_HIVE = 1017, /* not a registry hive, or one of a version nobody reads */
	WH_E_TYPE = 1629,     /* the data do not have the shape asked for */
	WH_E_DIRTY = 1019     /* the hive is dirty and its logs cannot be replayed */
};

/* A short English sentence for a status; never NULL. */
WH_API const char *wh_status_text(enum wh_status status);

/* The enumerator as text, "WH_E_NOT_FOUND"; "WH_E_?" for a number that is none. */
WH_API const char *wh_status_name(enum wh_status status);

/* The version of the library, as WH_VERSION. */
WH_API const char *wh_version(void);

/* ------------------------------------------------------------------ issues */

/* What Windows makes of a departure from the format (docs/format.md section 13). */
enum wh_grade {
	WH_NOTE,   /* it does not look, or does not mind */
	WH_HEALED, /* it changes the hive while loading it */
	WH_REFUSED /* it refuses the hive, or what the issue is about */
};

/* One departure.  Strings are good during the call only. */
struct wh_issue {
	const char *id;   /* "K4": the rule, as in docs/errors.md */
	const char *rule; /* "key-name-past-cell": the same, for people */
	enum wh_grade grade;
	bool incomplete;  /* something could not be read because of it */
	int log;          /* index of the log it is in, or -1: the hive itself */
	uint64_t offset;  /* bytes from the start of that file */
	uint32_t cell;    /* cell it concerns, as an offset into the hive bins, or WH_NO_CELL */
	const char *text; /* one line, no full stop, no line end */
};

typedef void wh_issue_fn(void *ctx, const struct wh_issue *issue);

/* Rule number 'index' of all rules, for documentation; false past the last. */
struct wh_rule {
	const char *id;
	const char *rule;
	enum wh_grade grade;
	bool incomplete;
	const char *text; /* what must hold */
};
WH_API bool wh_rule_at(size_t index, struct wh_rule *rule);

/* ------------------------------------------------------------------ opening */

struct wh_hive;

/*
 * Where memory comes from.  'resize' is realloc: (ptr NULL) allocates, (size 0)
 * frees and returns NULL.  What it returns is aligned for any object.
 */
struct wh_allocator {
	void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t size);
	void *ctx;
};

/*
 * Where bytes come from, when neither a path, a descriptor nor memory will do.
 * 'read' copies exactly 'len' bytes at 'offset' and returns true; the library
 * never asks past 'size'.  'name' is for reports, and may be NULL.
 */
struct wh_source {
	bool (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
	void *ctx;
	uint64_t size; /* bytes */
	const char *name;
};

enum {
	WH_OPEN_NO_LOGS = 1, /* the file as it is, dirty or not */
	WH_OPEN_ALL_LOGS = 2 /* read the logs of a clean hive too, for wh_hive_log() */
};

/* Set to zero ({0}) what is not wanted.  Everything is copied or done with on return. */
struct wh_options {
	unsigned flags;          /* WH_OPEN_* */
	const char *const *logs; /* paths of the logs, in place of those beside the hive */
	size_t log_count;
	const struct wh_source *log_sources; /* logs from elsewhere; used if log_count is 0 */
	size_t log_source_count;
	wh_issue_fn *issue; /* kept until the hive is closed */
	void *issue_ctx;
	const struct wh_allocator *allocator; /* copied; ctx is kept until the hive is closed */
};

/*
 * Open a hive.  'options' may be NULL.  On success '*hive' is the caller's, to be
 * closed with wh_hive_close(); otherwise it is NULL.
 *
 * wh_hive_open() looks for NAME.LOG, NAME.LOG1 and NAME.LOG2 in the same folder,
 * in any case of letters, unless logs are given.  The others use the logs that
 * are given and no others.  A descriptor is read from its start, is not closed,
 * and must be of a regular file or a block device; its position does not matter.
 * Memory is copied.
 *
 * WH_E_NOT_FOUND, WH_E_ACCESS, WH_E_IO: the file.  WH_E_NOT_HIVE: it is something
 * else; the issue says what.  WH_E_CORRUPT: a hive whose root key cannot be read.
 * A log that is missing or bad does not fail the call: see wh_hive_state().
 */
WH_API enum wh_status wh_hive_open(const char *path, const struct wh_options *options,
				   struct wh_hive **hive) WH_MUST_CHECK;
WH_API enum wh_status wh_hive_open_fd(int fd, const struct wh_options *options,
				      struct wh_hive **hive) WH_MUST_CHECK;
WH_API enum wh_status wh_hive_open_memory(const void *bytes, size_t size,
					  const struct wh_options *options,
					  struct wh_hive **hive) WH_MUST_CHECK;
WH_API enum wh_status wh_hive_open_source(const struct wh_source *source,
					  const struct wh_options *options,
					  struct wh_hive **hive) WH_MUST_CHECK;

/* Free the hive and everything lent by it.  NULL is fine. */
WH_API void wh_hive_close(struct wh_hive *hive);

/* ------------------------------------------------------------- hive as file */

/* How the file was found and what became of it. */
enum wh_state {
	WH_CLEAN,     /* complete; logs, if any, were not looked at */
	WH_RECOVERED, /* was dirty; logs were replayed in memory */
	WH_DIRTY      /* is dirty; logs are missing, unusable or not wanted */
};
WH_API enum wh_state wh_hive_state(const struct wh_hive *hive);

/* The base block, decoded (docs/format.md section 2).  Times are FILETIMEs. */
struct wh_base_block {
	uint32_t sequence1, sequence2;
	uint64_t timestamp;
	uint32_t major, minor, type, format;
	uint32_t root_cell;
	uint32_t length; /* bytes of hive bins */
	uint32_t cluster;
	uint32_t flags;
	uint64_t reorganized; /* last reorganisation, or 0; the marker bits are cleared */
	uint32_t checksum, checksum_due;
	bool has_guids; /* the three below mean something */
	uint8_t rm_id[16], log_id[16], tm_id[16];
	bool offreg;                /* made by offreg.dll once */
	char file_name[32 * 3 + 1]; /* UTF-8, terminated */
};

/* The base block as it was in the file, and as it is after recovery: the same if none was due. */
WH_API void wh_hive_base_block(const struct wh_hive *hive, struct wh_base_block *found,
			       struct wh_base_block *now);

/* What the linear pass over the hive bins counted. */
struct wh_hive_stats {
	uint64_t file_size; /* bytes, of the file as it was found */
	uint32_t length;    /* bytes of hive bins in use, after recovery */
	uint32_t bins;
	uint32_t bad_bins;
	uint32_t used_cells, free_cells;
	uint64_t used_bytes, free_bytes; /* of cells, their size words included */
	uint64_t tail; /* bytes after the hive bins, which mean nothing to Windows */
};
WH_API void wh_hive_stats(const struct wh_hive *hive, struct wh_hive_stats *stats);

/* Which hive of Windows this is, told by the subkeys of its root: "SYSTEM", "NTUSER", or NULL. */
WH_API const char *wh_hive_role(struct wh_hive *hive);

/*
 * Write the hive as it is in memory: after recovery this is what Windows would
 * write, clean; without, it is the file byte for byte.  The file is written under
 * another name in the same folder, synced, and then given its name, so that a
 * reader sees all of it or nothing.  With WH_SAVE_REPLACE a file of that name is
 * replaced and its permissions are kept, else WH_E_EXISTS.  WH_E_ACCESS if the name is
 * that of a device or a folder.  A new file is for its
 * owner alone: hives hold secrets.
 */
enum { WH_SAVE_REPLACE = 1 };
WH_API enum wh_status wh_hive_save_as(struct wh_hive *hive, const char *path,
				      unsigned flags) WH_MUST_CHECK;

/* The same bytes, lent: the whole file in memory. */
WH_API const void *wh_hive_bytes(const struct wh_hive *hive, size_t *len);

/* --------------------------------------------------------- transaction logs */

enum wh_log_format {
	WH_LOG_NONE, /* not a log: empty, or something else */
	WH_LOG_OLD,  /* dirty vector, "DIRT": up to Windows 8 */
	WH_LOG_NEW   /* log entries, "HvLE": Windows 8.1 and later */
};

enum wh_log_verdict {
	WH_LOG_IGNORED, /* the hive is clean: nobody looks at its logs */
	WH_LOG_APPLIED, /* some or all of it was replayed */
	WH_LOG_REFUSED  /* not replayed; 'reason' says why */
};

/* One log that was given or found.  Strings are good until the hive is closed. */
struct wh_log {
	const char *name; /* path, or name of the source; never NULL */
	enum wh_log_format format;
	enum wh_log_verdict verdict;
	const char *reason;   /* a sentence; why it was refused, or where it ended */
	uint64_t size;        /* bytes */
	uint64_t timestamp;   /* FILETIME of its base block */
	uint32_t sequence;    /* of its base block */
	uint32_t entry_count; /* valid entries in sequence; an old log has one or none */
	uint32_t applied;     /* of these */
};
WH_API size_t wh_hive_log_count(const struct wh_hive *hive);
WH_API enum wh_status wh_hive_log(const struct wh_hive *hive, size_t index,
				  struct wh_log *log) WH_MUST_CHECK;

/* One entry of a log: what one flush of Windows wrote. */
struct wh_log_entry {
	uint32_t sequence;
	uint64_t offset; /* in the log file */
	uint32_t length; /* bytes of hive bins after it */
	uint32_t pages;  /* runs of bytes it carries */
	uint64_t bytes;  /* in all of them */
	bool applied;
};
WH_API enum wh_status wh_hive_log_entry(const struct wh_hive *hive, size_t log, size_t index,
					struct wh_log_entry *entry) WH_MUST_CHECK;

/* --------------------------------------------------------------------- keys */

struct wh_key {
	struct wh_hive *hive;
	uint32_t cell;
	uint32_t generation;
};

struct wh_value {
	struct wh_hive *hive;
	uint32_t cell;
	uint32_t generation;
};

/* Key flags: struct wh_key_info, member flags. */
enum {
	WH_KEY_VOLATILE = 0x0001,
	WH_KEY_HIVE_EXIT = 0x0002,
	WH_KEY_HIVE_ENTRY = 0x0004,
	WH_KEY_NO_DELETE = 0x0008,
	WH_KEY_SYM_LINK = 0x0010,
	WH_KEY_COMP_NAME = 0x0020,
	WH_KEY_PREDEF_HANDLE = 0x0040,
	WH_KEY_VIRTUAL_SOURCE = 0x0080,
	WH_KEY_VIRTUAL_TARGET = 0x0100,
	WH_KEY_VIRTUAL_STORE = 0x0200
};

/* What a key of a differencing hive (version 1.6) says of the layers below it. */
enum wh_layer {
	WH_LAYER_MERGE = 0,
	WH_LAYER_TOMBSTONE = 1,       /* the key is deleted */
	WH_LAYER_SUPERSEDE_LOCAL = 2, /* this key replaces the lower one */
	WH_LAYER_SUPERSEDE_TREE = 3   /* and so do all below it */
};

/* A key node with every field it has.  Cells are offsets into the hive bins. */
struct wh_key_info {
	uint32_t cell;
	uint32_t cell_size;    /* bytes, the size word included */
	uint16_t flags;        /* WH_KEY_* */
	uint64_t last_written; /* FILETIME: 100 ns since 1601-01-01 UTC */
	uint8_t access;        /* Windows 8 and later: 1 opened early in a boot, 2 later */
	enum wh_layer layer;   /* 1.6 only, else WH_LAYER_MERGE */
	bool inherit_class;    /* 1.6 only, else false */
	uint32_t parent;
	uint32_t subkey_count;   /* as stored in the key; the list itself decides what is listed */
	uint32_t volatile_count; /* has no meaning on disk */
	uint32_t subkey_list;
	uint32_t value_count;
	uint32_t value_list;
	uint32_t security;
	uint32_t class_cell;
	uint16_t class_len; /* bytes of UTF-16 */
	uint16_t name_len;  /* bytes as stored */
	uint16_t max_name_len, user_flags, virtual_flags, debug;
	uint32_t max_class_len, max_value_name_len, max_value_len;
	uint32_t work_var;
};

/* The root key.  Always there: a hive without a readable root does not open. */
WH_API struct wh_key wh_hive_root(struct wh_hive *hive);

WH_API enum wh_status wh_key_info(struct wh_key key, struct wh_key_info *info) WH_MUST_CHECK;

/* Name, class and security descriptor of a key.  No class is a class of length 0. */
WH_API enum wh_status wh_key_name(struct wh_key key, char *buf, size_t cap,
				  size_t *len) WH_MUST_CHECK;
WH_API enum wh_status wh_key_class(struct wh_key key, char *buf, size_t cap,
				   size_t *len) WH_MUST_CHECK;
/* Lent: a self-relative SECURITY_DESCRIPTOR. */
WH_API enum wh_status wh_key_security(struct wh_key key, const void **descriptor,
				      size_t *len) WH_MUST_CHECK;

/* The key above.  WH_E_NO_MORE for the root. */
WH_API enum wh_status wh_key_parent(struct wh_key key, struct wh_key *parent) WH_MUST_CHECK;

/*
 * Subkey number 'index' in stored order, which in a sound hive is the order of
 * upper-cased names.  WH_E_NO_MORE past the last; WH_E_CORRUPT if this one cannot
 * be read.  Costs the same for any index but for very large keys; to visit all of
 * them use struct wh_subkeys or a walk.
 */
WH_API enum wh_status wh_key_subkey_at(struct wh_key key, uint32_t index,
				       struct wh_key *subkey) WH_MUST_CHECK;

/*
 * The subkey of that name, letters of any case.  'name' may hold NULs and slashes.
 * WH_E_CORRUPT also if there is none among the subkeys that can be read, but some cannot.
 */
WH_API enum wh_status wh_key_subkey(struct wh_key key, const char *name, size_t len,
				    struct wh_key *subkey) WH_MUST_CHECK;

/*
 * The key at 'path' below 'key': names joined by backslashes.  "" is 'key' itself;
 * a trailing backslash is ignored, two in a row count as one, one in front is
 * WH_E_BAD_PATH, all as in Windows.
 */
WH_API enum wh_status wh_key_open(struct wh_key key, const char *path, size_t len,
				  struct wh_key *found) WH_MUST_CHECK;

/*
 * All subkeys in stored order, without allocation.  After WH_E_CORRUPT go on with
 * the next; WH_E_NO_MORE ends.  The members are not for callers.
 */
struct wh_subkeys {
	struct wh_key key;
	uint64_t budget;
	const unsigned char *leaf, *leaf_end; /* elements that are left */
	const unsigned char *list, *list_end; /* the same of the leaves */
	uint32_t kind, stride, seen, due;
	bool settled; /* the count has been reported, or means nothing */
};
WH_API enum wh_status wh_subkeys_begin(struct wh_key key, struct wh_subkeys *it) WH_MUST_CHECK;
WH_API enum wh_status wh_subkeys_next(struct wh_subkeys *it, struct wh_key *subkey) WH_MUST_CHECK;

/* ------------------------------------------------------------------- values */

enum wh_type {
	WH_REG_NONE = 0,
	WH_REG_SZ = 1,
	WH_REG_EXPAND_SZ = 2,
	WH_REG_BINARY = 3,
	WH_REG_DWORD = 4,
	WH_REG_DWORD_BIG_ENDIAN = 5,
	WH_REG_LINK = 6,
	WH_REG_MULTI_SZ = 7,
	WH_REG_RESOURCE_LIST = 8,
	WH_REG_FULL_RESOURCE_DESCRIPTOR = 9,
	WH_REG_RESOURCE_REQUIREMENTS_LIST = 10,
	WH_REG_QWORD = 11
};

/* "REG_SZ" and so on; NULL for a number without a name.  Any 32-bit number is a legal type. */
WH_API const char *wh_type_name(uint32_t type);

/* A value with every field it has. */
struct wh_value_info {
	uint32_t cell;
	uint32_t cell_size; /* bytes, the size word included */
	uint32_t type;
	uint32_t size;      /* bytes of data, as declared */
	uint32_t readable;  /* bytes of data that can be read; less than size if damaged */
	uint32_t data_cell; /* WH_NO_CELL if the data are in the value itself */
	bool inline_data;
	bool big_data;  /* in segments of 16,344 bytes */
	bool tombstone; /* 1.6: hides a value of a lower layer */
	uint16_t flags;
	uint16_t name_len; /* bytes as stored; 0: the default value */
};

/* Value number 'index' in stored order, which is that of creation.  As wh_key_subkey_at(). */
WH_API enum wh_status wh_key_value_at(struct wh_key key, uint32_t index,
				      struct wh_value *value) WH_MUST_CHECK;

/* The value of that name; NULL or "" is the default value. */
WH_API enum wh_status wh_key_value(struct wh_key key, const char *name, size_t len,
				   struct wh_value *value) WH_MUST_CHECK;

WH_API enum wh_status wh_value_info(struct wh_value value,
				    struct wh_value_info *info) WH_MUST_CHECK;
WH_API enum wh_status wh_value_name(struct wh_value value, char *buf, size_t cap,
				    size_t *len) WH_MUST_CHECK;

/* Copy the data.  If the value is damaged: what can be read, and WH_E_CORRUPT. */
WH_API enum wh_status wh_value_read(struct wh_value value, void *buf, size_t cap,
				    size_t *len) WH_MUST_CHECK;

/*
 * Lend the data from 'offset' on, as far as it lies in one piece.  WH_E_NO_MORE at
 * the end of the data, WH_E_CORRUPT if there should be more.
 */
WH_API enum wh_status wh_value_piece(struct wh_value value, uint32_t offset, const void **piece,
				     size_t *len) WH_MUST_CHECK;

/*
 * The data as text, in UTF-8: up to the first NUL, or all of it if there is none,
 * whatever the type.  An odd last byte is not part of it.
 */
WH_API enum wh_status wh_value_string(struct wh_value value, char *buf, size_t cap,
				      size_t *len) WH_MUST_CHECK;

/*
 * The data as a list of strings (REG_MULTI_SZ), one after the other in 'buf', each
 * followed by a NUL; '*count' is their number.  If the data end in a NUL that one is
 * left out, then each NUL ends a string, and what follows the last one is a string
 * too: empty strings survive.
 */
WH_API enum wh_status wh_value_strings(struct wh_value value, char *buf, size_t cap, size_t *len,
				       size_t *count) WH_MUST_CHECK;

/*
 * The data as a number: REG_DWORD, REG_DWORD_BIG_ENDIAN and REG_QWORD of their exact
 * size, and no data at all, which is 0.  WH_E_TYPE for all else.
 */
WH_API enum wh_status wh_value_number(struct wh_value value, uint64_t *number) WH_MUST_CHECK;

/* --------------------------------------------------------------------- walk */

/*
 * All keys below and including one, depth first, a key before its subkeys, in
 * stored order, with their values: the way to read much of a hive.  No memory is
 * allocated for a key or a value once the walk has seen its deepest path.
 *
 *	st = wh_walk_new(wh_hive_root(hive), &walk);
 *	while (st == WH_OK && (st = wh_walk_next(walk, &key)) == WH_OK)
 *		while (wh_walk_next_value(walk, &value) == WH_OK)
 *			use(key.path, value.name, value.data);
 *	wh_walk_free(walk);
 *
 * What cannot be read is reported to the issue function and left out.  A walk
 * meets each list, value and data cell of a sound hive once; when it has met more
 * than the file can hold it says so and ends (docs/errors.md, C6).
 */
struct wh_walk;

struct wh_walk_key {
	struct wh_key key;
	unsigned depth;        /* 0: where the walk began */
	const char *path;      /* UTF-8, relative to where the walk began, which is ""; */
	size_t path_len;       /* lent until the next call */
	size_t name_at;        /* the name is the rest of the path from here */
	uint64_t last_written; /* FILETIME */
	uint32_t subkey_count, value_count; /* as stored in the key */
	uint16_t class_len;                 /* bytes of UTF-16 */
	uint16_t flags;                     /* WH_KEY_*; wh_key_info() has the rest */
};

struct wh_walk_value {
	struct wh_value value;
	const char *name; /* UTF-8, lent until the next call */
	size_t name_len;
	uint32_t type;
	uint32_t size;     /* bytes, as declared */
	uint32_t readable; /* bytes, that wh_walk_data() will give */
	const void *data;  /* the first piece, lent; */
	size_t data_len;   /* if it is less than readable, wh_walk_data() has more */
};

WH_API enum wh_status wh_walk_new(struct wh_key top, struct wh_walk **walk) WH_MUST_CHECK;

/* The next key.  WH_E_NO_MORE ends; so does WH_E_MEMORY, after which there is no next one. */
WH_API enum wh_status wh_walk_next(struct wh_walk *walk, struct wh_walk_key *key) WH_MUST_CHECK;

/* The next value of the key that wh_walk_next() gave last.  WH_E_NO_MORE ends. */
WH_API enum wh_status wh_walk_next_value(struct wh_walk *walk,
					 struct wh_walk_value *value) WH_MUST_CHECK;

/* The next piece of the data of that value, after value->data.  WH_E_NO_MORE ends. */
WH_API enum wh_status wh_walk_data(struct wh_walk *walk, const void **piece,
				   size_t *len) WH_MUST_CHECK;

/* Do not go below the key that wh_walk_next() gave last. */
WH_API void wh_walk_skip(struct wh_walk *walk);

/*
 * For the issue function: the path of the key that the walk is reading, lent as above.  That is
 * the key it gave last, or when it looks for the next one, the key that this one is below.
 */
WH_API void wh_walk_where(const struct wh_walk *walk, const char **path, size_t *len);

WH_API void wh_walk_free(struct wh_walk *walk);

/* --------------------------------------------------------------------- time */

/* Room for wh_time_text(). */
#define WH_TIME_TEXT 32

/*
 * A FILETIME as ISO 8601 in UTC with all its 100 ns: "2021-08-09T02:13:30.9925940Z".
 * Returns the length.  Times past the year 9999 come out with more digits.
 */
WH_API size_t wh_time_text(uint64_t filetime, char buf[WH_TIME_TEXT]);

#ifdef __cplusplus
}
#endif

#endif
