/* SPDX-License-Identifier: MIT */
/*
 * winhive: read and change Windows registry hives (regf files) where there is no Windows.
 *
 * A hive is one file: SYSTEM, SOFTWARE, NTUSER.DAT, Amcache.hve, BCD and so on.
 * It holds a tree of keys; a key has a name, a time, values and subkeys; a value
 * has a name, a 32-bit type and bytes.  This header is the level of the hive:
 * bytes in, bytes out, one hive at a time, no drive letters, no HKEY_ roots, no
 * access rights.
 *
 * OPENING.  wh_hive_open() opens the file read-only, and never changes it unless
 * WH_OPEN_WRITE says so.  Its bytes are copied to memory once, from the start as far as they
 * are needed, and the file stays open until all of them are there.  What was read stays as it
 * was; if somebody writes to the file before the rest was read, that is noticed and reported,
 * and the rest cannot be had.  WH_OPEN_WHOLE reads all of it at once.  Pages that cannot be read
 * are reported, and what has a part in them is missing; what needs all of the hive, such as to save
 * or to change it, answers WH_E_IO then, unless a log has those pages.  When
 * the hive is dirty (Windows did not finish writing it) its transaction logs are
 * found beside it and replayed in memory, so that what is read is what Windows
 * would see after the next boot.  WH_OPEN_NO_LOGS shows the file as it is.  wh_hive_state() and
 * wh_hive_log() tell what was done.
 *
 * KEYS AND VALUES are small structs (a hive, a cell, a generation), copied
 * freely and never freed.  They are good until the hive is closed, or until the
 * key or value is deleted: then every call answers WH_E_DELETED.
 *
 * CHANGES are made in memory, each in full or not at all: a call that fails leaves
 * every byte of the hive as it was.  wh_hive_commit() brings all of them to the
 * file at once; wh_hive_save_as() writes another file; a hive that is closed before
 * loses them.
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
 * lends gives a pointer into the hive that is good until the next change, also one
 * that fails, or until the hive is closed.
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
 * THREADS.  Any number of threads may read one hive at the same time; opening,
 * changing, committing and closing need the hive for themselves.  A struct wh_walk belongs to one
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
	WH_E_HANDLE = 6,         /* not an open handle of a registry */
	WH_E_MEMORY = 8,         /* the allocator had no more */
	WH_E_INVALID_DATA = 13,  /* the data are not what the call is for */
	WH_E_IN_USE = 32,        /* another process has the hive, or changed it */
	WH_E_NOT_SUPPORTED = 50, /* not in a hive of this version */
	WH_E_BAD_NETPATH = 53,   /* another computer, which cannot be reached */
	WH_E_INVALID = 87,       /* an argument that makes no sense, or text that is not UTF-8 */
	WH_E_DISK_FULL = 112,
	WH_E_BUFFER = 122,    /* the buffer is too small for a security descriptor */
	WH_E_BAD_PATH = 161,  /* a key path that starts with a backslash */
	WH_E_EXISTS = 183,    /* the file, key or value to be made is already there */
	WH_E_MORE_DATA = 234, /* the buffer is too small; the length says how much is needed */
	WH_E_TIMEOUT = 258,   /* nothing happened for so long */
	WH_E_NO_MORE = 259,   /* past the last subkey, value, piece */
	WH_E_NOACCESS = 998,  /* no data, but a size of data */
	WH_E_TOO_BIG = 1009,  /* larger than any hive can be */
	WH_E_BAD_KEY = 1010,  /* no place for the handle of the key */
	WH_E_CORRUPT = 1015,  /* damaged where it was to be read; the issue says how */
	WH_E_IO = 1016,       /* reading or writing failed */
	WH_E_NOT_HIVE = 1017, /* not a registry hive, or one of a version nobody reads */
	WH_E_DELETED = 1018,  /* the key or value is gone, or an iteration was overtaken */
	WH_E_DIRTY = 1019,    /* the hive is dirty and its logs cannot be replayed */
	WH_E_HAS_SUBKEYS = 1020,
	WH_E_MUST_BE_VOLATILE = 1021, /* a key that is saved, below one that is not */
	WH_E_PRIVILEGE = 1314,        /* a privilege is not held */
	WH_E_INVALID_SD = 1338, /* not a security descriptor, or one that opens the key to all */
	WH_E_TYPE = 1629,       /* the data do not have the shape asked for */
	WH_E_UNSUPPORTED_TYPE = 1630 /* a value of a type that was not asked for */
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
	WH_NOTE,     /* it does not look, or does not mind */
	WH_HEALED,   /* it changes the hive while loading it */
	WH_REFUSED,  /* it refuses the hive, or what the issue is about */
	WH_DANGEROUS /* it does not notice that something is lost or hidden, or will be */
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
 * 'read' copies exactly 'len' bytes at 'offset' and returns true, or false if it cannot; then
 * it is asked for less, down to pages of 4096.  The library never asks past 'size'.  'name' is for
 * reports, and may be NULL.
 */
struct wh_source {
	bool (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
	void *ctx;
	uint64_t size; /* bytes */
	const char *name;
};

enum {
	WH_OPEN_NO_LOGS = 1,  /* the file as it is, dirty or not */
	WH_OPEN_ALL_LOGS = 2, /* read the logs of a clean hive too, for wh_hive_log() */
	WH_OPEN_WRITE = 4,    /* to be committed: the file and its logs stay open and locked */
	/* Allow changes although: */
	WH_OPEN_TAKE_DIRTY = 8,    /* the hive is dirty, and what its logs hold is given up */
	WH_OPEN_TAKE_DAMAGED = 16, /* it breaks rules, and changes may make that worse */
	/* Open for wh_hive_repair() what nothing else can be done with: no root key is needed. */
	WH_OPEN_SALVAGE = 64,
	WH_OPEN_WHOLE =
		128, /* read all of it now: what becomes of the file later does not matter */
	/* Of wh_hive_open_memory(): */
	WH_OPEN_LENT = 32 /* do not copy; the memory must stay as it is until the hive is closed */
};

/* Set to zero ({0}) what is not wanted.  Everything is copied or done with on return. */
struct wh_options {
	unsigned flags; /* WH_OPEN_* */
	/*
	 * Paths of the logs, in place of those beside the hive: 8 at most.  Which is which their
	 * names say (.LOG1, .LOG2, .LOG, in any case of letters), or else what is left; a hive has
	 * three, and what is more is refused.
	 */
	const char *const *logs;
	size_t log_count;
	const struct wh_source *log_sources; /* logs from elsewhere; used if log_count is 0 */
	size_t log_source_count;
	wh_issue_fn *issue; /* kept until the hive is closed */
	void *issue_ctx;
	const struct wh_allocator *allocator; /* copied; ctx is kept until the hive is closed */
	uint64_t time; /* FILETIME that changes are dated with; 0: the clock of the system */
};

/*
 * Open a hive.  'options' may be NULL.  On success '*hive' is the caller's, to be
 * closed with wh_hive_close(); otherwise it is NULL.
 *
 * wh_hive_open() looks for NAME.LOG, NAME.LOG1 and NAME.LOG2 in the same folder,
 * in any case of letters, unless logs are given; of a symbolic link beside the link,
 * and if there are none beside the file (for writing: only there).  The others use the logs that
 * are given and no others.  A descriptor is read from its start, is not closed,
 * and must be of a regular file or a block device; its position does not matter.
 * Memory is copied, but with WH_OPEN_LENT only when something is to be written to it: logs
 * that are replayed, or a change.  A program that maps a file which cannot change meanwhile, on
 * a read-only medium say, saves the time and the memory of a copy that way; if the file does
 * change, what happens is undefined.
 *
 * wh_hive_open() of a regular file, and WH_OPEN_LENT, come back when the root key has been
 * read, if the base block can be believed, no logs are to be replayed, and none of
 * WH_OPEN_WHOLE, WH_OPEN_WRITE and WH_OPEN_SALVAGE is given.  What is wrong with the hive bins is
 * then reported by the call that gets to them; a walk, and whatever needs all of the hive, begins
 * with the rest of them.  Until then the file takes a descriptor; with half of those of the process
 * taken, it is read at once.
 *
 * WH_E_NOT_FOUND, WH_E_ACCESS, WH_E_IO: the file, of which its first page and the root key have to
 * be read, and with WH_OPEN_WRITE or WH_OPEN_SALVAGE all.  WH_E_NOT_HIVE: it is something
 * else; the issue says what.  WH_E_CORRUPT: a hive whose root key cannot be read.
 * A log that is missing or bad does not fail the call: see wh_hive_state().
 *
 * WH_OPEN_WRITE is for wh_hive_open() only, for regular files, and takes the logs that lie
 * beside the hive: WH_E_INVALID if others are given.  It takes an advisory
 * lock (flock) until the hive is closed: WH_E_IN_USE if another process has one.  It writes
 * nothing.  Any hive can be changed in memory without it.
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

/* What the linear pass over the hive bins counted, which reads them if that has not been done. */
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
 * write, clean; after changes too; without either, it is the file byte for byte.
 * The file is written under another name in the same folder, synced, and then given
 * its name, so that a reader sees all of it or nothing.  With WH_SAVE_REPLACE a file
 * of that name is replaced and its permissions are kept, else WH_E_EXISTS.
 * WH_E_ACCESS if the name is that of a device or a folder.  A new file is for its
 * owner alone: hives hold secrets.
 */
enum { WH_SAVE_REPLACE = 1 };
WH_API enum wh_status wh_hive_save_as(struct wh_hive *hive, const char *path,
				      unsigned flags) WH_MUST_CHECK;

/* The same bytes, lent: the whole file in memory.  NULL, and '*len' is 0: it cannot be read. */
WH_API const void *wh_hive_bytes(const struct wh_hive *hive, size_t *len);

/* How many they are, without reading what has not been read. */
WH_API uint64_t wh_hive_size(const struct wh_hive *hive);

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
 * be read, and behind the last, once, if part of the list cannot: the others follow each other
 * without a gap then.  Costs the same for any index but for very large keys; to visit all of
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
 * the next; WH_E_NO_MORE ends.  WH_E_DELETED: the hive has been changed meanwhile;
 * begin again.  The members are not for callers.
 */
struct wh_subkeys {
	struct wh_key key;
	uint64_t budget;
	const unsigned char *leaf, *leaf_end; /* elements that are left */
	const unsigned char *list, *list_end; /* the same of the leaves */
	uint32_t kind, stride, seen, due;
	bool settled; /* the count has been reported, or means nothing */
	uint32_t changes;
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

/*
 * The next key.  WH_E_NO_MORE ends; so do WH_E_MEMORY, and WH_E_DELETED when the hive has been
 * changed since the walk began.
 */
WH_API enum wh_status wh_walk_next(struct wh_walk *walk, struct wh_walk_key *key) WH_MUST_CHECK;

/* The next value of the key that wh_walk_next() gave last.  WH_E_NO_MORE ends. */
WH_API enum wh_status wh_walk_next_value(struct wh_walk *walk,
					 struct wh_walk_value *value) WH_MUST_CHECK;

/* The next piece of the data of that value, after value->data.  WH_E_NO_MORE ends. */
WH_API enum wh_status wh_walk_data(struct wh_walk *walk, const void **piece,
				   size_t *len) WH_MUST_CHECK;

/*
 * Called before the first key: report only what is left out, and nothing of most keys and values
 * that are given, as if there were no issue function.  It is faster.
 */
WH_API void wh_walk_quiet(struct wh_walk *walk);

/* Do not go below the key that wh_walk_next() gave last. */
WH_API void wh_walk_skip(struct wh_walk *walk);

/*
 * For the issue function: the path of the key that the walk is reading, lent as above.  That is
 * the key it gave last, or when it looks for the next one, the key that this one is below.
 */
WH_API void wh_walk_where(const struct wh_walk *walk, const char **path, size_t *len);

WH_API void wh_walk_free(struct wh_walk *walk);

/* -------------------------------------------------------------------- check */

/* An issue, and the key that it concerns. */
struct wh_finding {
	struct wh_issue issue;
	const char *path; /* of the key, UTF-8, not terminated; NULL: of the hive, or not known */
	size_t path_len;  /* strings are good during the call only */
};

typedef void wh_finding_fn(void *ctx, const struct wh_finding *finding);

/* What was found. */
struct wh_check {
	uint64_t notes, healed, refused, dangerous; /* findings of each grade */
	uint64_t keys, values;                      /* that could be read */
	uint64_t unowned_cells, unowned_bytes;      /* in use, but nothing refers to them */
};

/*
 * Look at everything, by every rule of docs/format.md section 13: the hive as it is in memory,
 * after recovery, or with WH_OPEN_NO_LOGS as it is in the file.  Findings come in the order of the
 * file, then of the keys, and then of what belongs to none of them; what opening reported is
 * among them.  They do not go to the issue function.  'fn' may be NULL.  The logs of a clean hive
 * are looked at if it was opened with WH_OPEN_ALL_LOGS; what is wrong with them is a note, but for
 * G8.  Only a hive that opens can be checked: when opening fails, its issues say why Windows would
 * refuse the hive.
 *
 * One pass, whatever is in the file; memory is proportional to it.  WH_OK whatever was found;
 * WH_E_MEMORY; WH_E_IO: not all of the file can be read.
 */
WH_API enum wh_status wh_hive_check(struct wh_hive *hive, wh_finding_fn *fn, void *ctx,
				    struct wh_check *result) WH_MUST_CHECK;

/* ------------------------------------------------------------------ changes */

/*
 * A change to a key or value is dated: the key gets a new last-written time, and so does its
 * parent when a key comes or goes.  Names follow the rules of Windows: a key has 1 to 256
 * UTF-16 units without a backslash, a value 0 to 16,383.  WH_E_INVALID if they do not.
 *
 * Before its first change a hive is looked through.  WH_E_DIRTY: its logs are missing or cannot
 * be replayed, and Windows might replay them over the change; WH_OPEN_TAKE_DIRTY gives them up.
 * WH_E_CORRUPT: it breaks rules that a change relies on, which have been reported;
 * WH_OPEN_TAKE_DAMAGED goes on all the same, and then only where it was asked to change
 * something damaged the answer is WH_E_CORRUPT.  WH_E_NOT_SUPPORTED: a hive of version 1.1.
 *
 * WH_E_MEMORY and WH_E_TOO_BIG (no more room in 2 GiB, or in a cell) can come from any change.
 */

/* How a key is created; set to zero ({0}) what is not wanted. */
struct wh_create {
	const char *class_name; /* NULL: none */
	size_t class_len;
	const void *security; /* self-relative descriptor; NULL: inherited, as Windows does */
	size_t security_len;  /* bytes */
	bool share_security;  /* not inherited, but that of the parent as it is */
	bool symbolic_link;   /* WH_KEY_SYM_LINK; its one value is for the caller to set */
};

/*
 * The subkey of that name, made if there is none ('*created'); how may be NULL, and matters only
 * if it is made.  With wh_key_create_path() all keys on the way are made; it takes paths as
 * wh_key_open() does, and 'how' is for the last of them.
 */
WH_API enum wh_status wh_key_create(struct wh_key parent, const char *name, size_t len,
				    const struct wh_create *how, struct wh_key *key,
				    bool *created) WH_MUST_CHECK;
WH_API enum wh_status wh_key_create_path(struct wh_key parent, const char *path, size_t len,
					 const struct wh_create *how, struct wh_key *key,
					 bool *created) WH_MUST_CHECK;

/*
 * Delete a key: one without subkeys (else WH_E_HAS_SUBKEYS); one with all below it; or only what
 * is in it, subkeys and values.  WH_E_ACCESS for the root, which can only be emptied.
 */
WH_API enum wh_status wh_key_delete(struct wh_key key) WH_MUST_CHECK;
WH_API enum wh_status wh_key_delete_tree(struct wh_key key) WH_MUST_CHECK;
WH_API enum wh_status wh_key_empty(struct wh_key key) WH_MUST_CHECK;

/*
 * Give a key another name, or the same in other letters.  WH_E_EXISTS if a sibling has it.
 * 'key' may become stale; '*renamed' is good, and so are the keys below it.
 */
WH_API enum wh_status wh_key_rename(struct wh_key key, const char *name, size_t len,
				    struct wh_key *renamed) WH_MUST_CHECK;

/*
 * Put a key and all below it under another parent of the same hive.  WH_E_INVALID if that is
 * the key or below it; WH_E_EXISTS if the parent has a key of that name.
 */
WH_API enum wh_status wh_key_move(struct wh_key key, struct wh_key parent, const char *name,
				  size_t len, struct wh_key *moved) WH_MUST_CHECK;

/*
 * Copy a key and all below it, also into another hive: classes and values, dated now, with
 * security inherited from the new parent; a symbolic link stays one, and so does a key that hides
 * others in lower layers.  WH_COPY_EXACT: with the times, flags and security
 * they have.  WH_COPY_MERGE: into a key of that name if there is one, whose values of the same
 * names are replaced; else WH_E_EXISTS.  WH_COPY_KEY: not what is below it.  WH_E_INVALID if
 * 'parent' is the key or below it; WH_E_CORRUPT if any of it cannot be read.
 */
enum { WH_COPY_EXACT = 1, WH_COPY_MERGE = 2, WH_COPY_KEY = 4 };
WH_API enum wh_status wh_key_copy(struct wh_key key, struct wh_key parent, const char *name,
				  size_t len, unsigned flags, struct wh_key *copy) WH_MUST_CHECK;

/* The last-written time as a FILETIME; nothing else is dated by this. */
WH_API enum wh_status wh_key_set_time(struct wh_key key, uint64_t filetime) WH_MUST_CHECK;

/* NULL, or length 0: no class. */
WH_API enum wh_status wh_key_set_class(struct wh_key key, const char *text,
				       size_t len) WH_MUST_CHECK;

/* Members user_flags (WOW64) and virtual_flags of struct wh_key_info: 0 to 15 each. */
WH_API enum wh_status wh_key_set_flags(struct wh_key key, unsigned user_flags,
				       unsigned virtual_flags) WH_MUST_CHECK;

/*
 * A self-relative SECURITY_DESCRIPTOR, whose form is checked: WH_E_INVALID.  Keys with equal
 * descriptors share one; the others that share the old one keep it.
 */
WH_API enum wh_status wh_key_set_security(struct wh_key key, const void *descriptor,
					  size_t len) WH_MUST_CHECK;

/*
 * Set a value: bytes and any type.  One of that name keeps its place among the others, a new one
 * comes last.  Up to 4 bytes lie in the value itself; above 16,344 they are big data from
 * version 1.4 on.  WH_E_TOO_BIG: more than 1,048,572 bytes before 1.4, 1,071,104,040 after.
 */
WH_API enum wh_status wh_value_set(struct wh_key key, const char *name, size_t len, uint32_t type,
				   const void *data, size_t size) WH_MUST_CHECK;

/*
 * The same from text and numbers: UTF-8 as UTF-16 with its NUL; strings, each with its NUL in
 * 'text', as REG_MULTI_SZ; a number as REG_DWORD, REG_DWORD_BIG_ENDIAN or REG_QWORD, WH_E_TYPE
 * for another type or a number too large for it.
 */
WH_API enum wh_status wh_value_set_string(struct wh_key key, const char *name, size_t len,
					  uint32_t type, const char *text,
					  size_t text_len) WH_MUST_CHECK;
WH_API enum wh_status wh_value_set_strings(struct wh_key key, const char *name, size_t len,
					   const char *text, size_t text_len) WH_MUST_CHECK;
WH_API enum wh_status wh_value_set_number(struct wh_key key, const char *name, size_t len,
					  uint32_t type, uint64_t number) WH_MUST_CHECK;

WH_API enum wh_status wh_value_delete(struct wh_key key, const char *name,
				      size_t len) WH_MUST_CHECK;

/* It keeps its place.  WH_E_EXISTS if another value of the key has the new name. */
WH_API enum wh_status wh_value_rename(struct wh_key key, const char *name, size_t len,
				      const char *new_name, size_t new_len) WH_MUST_CHECK;

/* ------------------------------------------------------- transactions, commit */

/* A new hive in memory, for wh_hive_save_as(). */
struct wh_new {
	uint32_t minor;        /* version 1.minor, 2 to 6; 0: 5 */
	const char *root_name; /* NULL: "ROOT" */
	size_t root_name_len;
	const void *security; /* of the root key; NULL: as offreg.dll makes it */
	size_t security_len;  /* bytes */
};
WH_API enum wh_status wh_hive_new(const struct wh_new *how, const struct wh_options *options,
				  struct wh_hive **hive) WH_MUST_CHECK;

/* Have there been changes since the hive was opened or committed? */
WH_API bool wh_hive_changed(const struct wh_hive *hive);

/*
 * Changes between begin and end are kept or undone together; begin may be called once more
 * inside.  end keeps them, in memory; undo undoes those since the last begin.  WH_E_INVALID: a
 * third begin, or no begin.  Handles that were made since the begin are stale after undo, and so
 * are those of keys and values that were deleted since and are now there again: look them up
 * anew.
 */
WH_API enum wh_status wh_hive_begin(struct wh_hive *hive) WH_MUST_CHECK;
WH_API enum wh_status wh_hive_end(struct wh_hive *hive) WH_MUST_CHECK;
WH_API enum wh_status wh_hive_undo(struct wh_hive *hive) WH_MUST_CHECK;

/*
 * Undo all since the hive was opened or committed, open transactions too.  Handles that were made
 * since the first change are stale.
 */
WH_API void wh_hive_discard(struct wh_hive *hive);

/* Set to zero ({0}) what is not wanted. */
struct wh_commit {
	enum wh_log_format log_format; /* WH_LOG_NONE: by the rule in docs/crash-safety.md */
	const char *backup; /* path: the file as it was is kept there, and its logs beside it */
};

/* What a commit did, also when it failed. */
struct wh_commit_report {
	enum wh_log_format log_format;
	uint64_t pages;      /* of 4096 bytes that differ */
	uint64_t log_bytes;  /* written to logs */
	uint64_t hive_bytes; /* written to the hive */
	uint32_t syncs;      /* calls that waited for the disk */
	bool in_log;         /* failed, but the log has all of it, and the next open replays it */
	bool log_left;       /* done, but a log could not be emptied: it says what the hive says */
	bool in_place;       /* of wh_hive_replace(): failed, but the new hive has the name */
};

/*
 * Bring the changes to the file that was opened with WH_OPEN_WRITE, by way of its transaction log:
 * whatever happens meanwhile, the hive opens as it was or as it is now, here, in Windows, and in
 * every reader that replays logs.  A hive that was dirty becomes clean.  Without changes nothing
 * is written, unless logs were replayed.  Logs that were there before are empty afterwards, others
 * are gone.  'how' and 'report' may be NULL.
 *
 * On failure file and logs are as they were, the changes are still in memory, and the call can be
 * repeated; but see in_log.  WH_E_ACCESS: not opened for writing.  WH_E_INVALID: a transaction is
 * open.  WH_E_IN_USE: the file is not the one that was opened, or was changed since.  WH_E_EXISTS:
 * the backup.  WH_E_DISK_FULL, WH_E_IO.
 */
WH_API enum wh_status wh_hive_commit(struct wh_hive *hive, const struct wh_commit *how,
				     struct wh_commit_report *report) WH_MUST_CHECK;

/* ------------------------------------------------------------------- compact */

/* What a compaction did. */
struct wh_compact_report {
	uint64_t bytes_before, bytes_after; /* of the file */
	uint64_t keys, values;
	uint64_t dropped_cells; /* that were in use, but nobody referred to: not copied */
	uint64_t dropped_bytes; /* of these, their size words included */
	uint32_t merged;        /* security cells with a descriptor that another one had too */
};

/*
 * A new hive in memory with all that is in this one, and no free space: for wh_hive_save_as().
 * Cells lie in the order of a walk; a key, its subkey lists, values and data are together.  Names,
 * times, classes, flags, values and security are the same to the byte, and so is the base block
 * but for the length, the root cell, the sequence numbers, which are the next ones, and the
 * checksum.  Lists and data are in the form that the version wants, maxima are true, and what
 * means nothing on disk is reset.  Compacted again, it differs in the sequence numbers alone.
 *
 * 'hive' stays as it is, with its changes that are not committed, which are in the new one.
 * 'options' are for the new hive: issue, allocator, time; NULL: none.  'report' may be NULL.
 *
 * The hive is looked through first.  WH_E_DIRTY, WH_E_CORRUPT, WH_E_NOT_SUPPORTED: as with a
 * change, but WH_OPEN_TAKE_DAMAGED does not help.
 */
WH_API enum wh_status wh_hive_compact(struct wh_hive *hive, const struct wh_options *options,
				      struct wh_hive **compacted,
				      struct wh_compact_report *report) WH_MUST_CHECK;

/* -------------------------------------------------------------------- repair */

enum wh_repair_grade {
	WH_FIXED,  /* nothing is lost by it that could be had */
	WH_DROPPED /* something is left out of the repaired hive */
};

/* One thing that a repair does.  Strings are good during the call only. */
struct wh_repair_action {
	enum wh_repair_grade grade;
	const char *id, *rule; /* what was broken, as in struct wh_issue */
	int log;               /* index of the log it is about, or -1: the hive itself */
	uint64_t offset;       /* bytes from the start of that file */
	uint32_t cell;         /* cell it concerns, in the damaged hive, or WH_NO_CELL */
	const char *path; /* of the key, UTF-8, not terminated; NULL: of the hive, or not known */
	size_t path_len;  /* a key that is dropped: from the top of what is dropped with it */
	const char *text; /* one line, no full stop, no line end */
};

typedef void wh_repair_fn(void *ctx, const struct wh_repair_action *action);

/* Set to zero ({0}) what is not wanted. */
struct wh_repair {
	bool lost_and_found; /* keys without a way to the root go below a key LostAndFound there */
	wh_repair_fn *fn;
	void *ctx;
};

/* What a repair did. */
struct wh_repair_report {
	uint64_t bytes_before, bytes_after; /* of the file */
	uint64_t keys, values;              /* that the repaired hive has */
	uint64_t fixed, dropped;            /* actions of each grade */
	uint64_t lost_keys;                 /* of the keys, those below LostAndFound */
	uint64_t dropped_keys;              /* that could be read, but had no way to the root */
	uint64_t dropped_values;            /* that are known to be lost */
	uint64_t dropped_bytes;             /* of data of values that are kept */
};

/*
 * A new hive in memory with all of this one that can be had, which wh_hive_check() finds nothing
 * wrong with but notes: for wh_hive_save_as().  What is dropped is said to 'how->fn', all of it,
 * and what is fixed, of the file first, then of the keys; for a plan, close the new
 * hive unused.  docs/repair.md says what is kept, and what is made of what is not whole.
 *
 * 'hive' stays as it is.  It is the hive after recovery; one that is dirty, and whose logs cannot
 * be replayed, is taken without them, which is said.  Open it with WH_OPEN_SALVAGE if it has no
 * root key that can be read, or no first bin.  'how', 'options' (for the new hive: issue,
 * allocator, time) and 'report' may be NULL.
 *
 * WH_E_CORRUPT: not one key can be found.  WH_E_NOT_SUPPORTED: version 1.1.
 */
WH_API enum wh_status wh_hive_repair(struct wh_hive *hive, const struct wh_repair *how,
				     const struct wh_options *options, struct wh_hive **repaired,
				     struct wh_repair_report *report) WH_MUST_CHECK;

/*
 * Put 'with' in the place of the file that 'hive' was opened from with WH_OPEN_WRITE, which may be
 * as damaged as WH_OPEN_SALVAGE takes it: 'with' is what wh_hive_repair() or wh_hive_compact() made
 * of it, or any hive that is whole.  It is written beside the file, synced, and given its name, so
 * that whatever happens meanwhile the old file is there with its logs, or the new one, which is
 * clean and has a later sequence number than all of them.  Then the logs are emptied: what those of
 * a dirty hive hold, and could not be replayed, is given up, but for the backup.
 *
 * The new file has the owner, the mode and the access control list of the old one.  Of a symbolic
 * link the file is replaced that it leads to.  'how' and 'report' are those of a commit, may be
 * NULL, and mean the same, but that no log is written: log_format, pages and log_bytes are 0, and
 * the log that log_left is about means nothing to the new hive.  Afterwards 'hive' can be read and
 * closed, and no more; the file stays locked until then.  'with' stays as it is.
 *
 * On failure everything is as it was, and the call can be repeated; but if in_place is set the
 * new hive has the name, and it is not known whether that is on disk: after a power cut it may be
 * the old one with its logs, which are as they were.  WH_E_ACCESS: not opened for writing; no file
 * can be made in the folder; or not one that belongs to whom the old one belongs, with the same
 * rights.  WH_E_NOT_SUPPORTED: the file has other names (hard links), which would stay with the
 * old one.  WH_E_INVALID: 'with' is 'hive', or a transaction is open.  WH_E_DIRTY, WH_E_CORRUPT:
 * 'with' is not clean, or not whole.  WH_E_IN_USE, WH_E_EXISTS, WH_E_DISK_FULL, WH_E_IO: as with
 * a commit.
 */
WH_API enum wh_status wh_hive_replace(struct wh_hive *hive, const struct wh_hive *with,
				      const struct wh_commit *how,
				      struct wh_commit_report *report) WH_MUST_CHECK;

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
