/* SPDX-License-Identifier: MIT */
/*
 * winhive-winreg: the registry API that people know from Python's winreg and Win32's Reg*, over
 * hives in memory, on any system.
 *
 * A struct wh_reg is one registry: roots such as HKEY_LOCAL_MACHINE, hives mounted below them,
 * and the handles that are open.  It is an object; a program may have many.  Functions have the
 * names of winreg's, their arguments in that order, and answer with Win32's error numbers
 * (enum wh_status).  docs/winreg.md has a table of them all, with every difference from Windows.
 *
 *	struct wh_reg *reg;
 *	wh_hkey key;
 *
 *	st = wh_reg_new(NULL, &reg);
 *	st = wh_reg_connect_windows(reg, "/mnt/win", NULL, NULL);
 *	st = wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet", WH_NTS,
 *			     0, WH_KEY_READ, &key);
 *	...
 *	st = wh_reg_close_key(reg, key);
 *	wh_reg_free(reg);
 *
 * HANDLES are numbers: 1 to 0x7fffffff, each used once before any is used again, and the
 * predefined ones from 0x80000000 on, which are always open.  A handle has the access mask that it
 * was opened with (struct wh_reg_options says what is checked).  WH_E_HANDLE: closed, or never
 * given out by this registry.  WH_E_DELETED: the key is gone; the handle must still be closed.
 * Every function that takes a handle can answer these two.
 *
 * NAMES AND PATHS are as in winhive.h: UTF-8 with a length or WH_NTS, joined by backslashes;
 * a forward slash is part of a name.  A path is relative to the handle, and may be NULL or "":
 * the key itself.  A value name of NULL or "" is the default value.
 *
 * DATA are bytes: no terminator is added, none is taken away.  Text is UTF-16LE in them, as
 * everywhere in Windows; wh_reg_get_string() and wh_reg_set_string() convert.
 *
 * BUFFERS are as in winhive.h, (buf, cap, &len): '*len' becomes the full length, WH_E_MORE_DATA
 * leaves 'buf' alone.  'buf' NULL with 'cap' 0 asks for the length, and succeeds.
 *
 * FILES.  Nothing is written to a file before wh_reg_flush_key() or wh_reg_commit(), and then only
 * to those that were mounted for writing, by the crash-safe commit of winhive.h; wh_reg_save_key()
 * writes new files.  wh_reg_free() loses what was not committed.
 *
 * THREADS.  Any number of threads may call any function here for one registry at the same time,
 * but for wh_reg_free(), which comes last.  Each call is done as a whole.  Functions given by the
 * caller (issues, notification, walk) are called while no lock is held, unless said otherwise.
 * An allocator of the caller's is called by several threads at once.
 */
#ifndef WINHIVE_WINREG_H
#define WINHIVE_WINREG_H

#include "winhive.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wh_reg;

/* A handle.  0 is none. */
typedef uint32_t wh_hkey;

/* ----------------------------------------------------------------- constants */

/* Winreg's, with WH_ in front; the types REG_SZ and so on are in winhive.h. */
#define WH_HKEY_CLASSES_ROOT                UINT32_C(0x80000000)
#define WH_HKEY_CURRENT_USER                UINT32_C(0x80000001)
#define WH_HKEY_LOCAL_MACHINE               UINT32_C(0x80000002)
#define WH_HKEY_USERS                       UINT32_C(0x80000003)
#define WH_HKEY_PERFORMANCE_DATA            UINT32_C(0x80000004)
#define WH_HKEY_CURRENT_CONFIG              UINT32_C(0x80000005)
#define WH_HKEY_DYN_DATA                    UINT32_C(0x80000006)
#define WH_HKEY_CURRENT_USER_LOCAL_SETTINGS UINT32_C(0x80000007)

/* Access: what a handle may be used for. */
#define WH_KEY_QUERY_VALUE        UINT32_C(0x0001)
#define WH_KEY_SET_VALUE          UINT32_C(0x0002)
#define WH_KEY_CREATE_SUB_KEY     UINT32_C(0x0004)
#define WH_KEY_ENUMERATE_SUB_KEYS UINT32_C(0x0008)
#define WH_KEY_NOTIFY             UINT32_C(0x0010)
#define WH_KEY_CREATE_LINK        UINT32_C(0x0020)
#define WH_KEY_WOW64_64KEY        UINT32_C(0x0100)
#define WH_KEY_WOW64_32KEY        UINT32_C(0x0200)
#define WH_KEY_READ               UINT32_C(0x20019)
#define WH_KEY_EXECUTE            UINT32_C(0x20019)
#define WH_KEY_WRITE              UINT32_C(0x20006)
#define WH_KEY_ALL_ACCESS         UINT32_C(0xf003f)

#define WH_ACCESS_DELETE          UINT32_C(0x00010000)
#define WH_ACCESS_READ_CONTROL    UINT32_C(0x00020000)
#define WH_ACCESS_WRITE_DAC       UINT32_C(0x00040000)
#define WH_ACCESS_WRITE_OWNER     UINT32_C(0x00080000)
#define WH_ACCESS_SYSTEM_SECURITY UINT32_C(0x01000000)
#define WH_ACCESS_MAXIMUM_ALLOWED UINT32_C(0x02000000)
#define WH_ACCESS_GENERIC_ALL     UINT32_C(0x10000000)
#define WH_ACCESS_GENERIC_EXECUTE UINT32_C(0x20000000)
#define WH_ACCESS_GENERIC_WRITE   UINT32_C(0x40000000)
#define WH_ACCESS_GENERIC_READ    UINT32_C(0x80000000)

/* Options of opening and creating. */
enum {
	WH_REG_OPTION_NON_VOLATILE = 0,
	WH_REG_OPTION_VOLATILE = 1,    /* a new key is in memory only */
	WH_REG_OPTION_CREATE_LINK = 2, /* a new key is a symbolic link */
	WH_REG_OPTION_BACKUP_RESTORE = 4,
	WH_REG_OPTION_OPEN_LINK = 8, /* the link itself, not what it points to */
	WH_REG_OPTION_DONT_VIRTUALIZE = 16,
	WH_REG_LEGAL_OPTION = 31
};

/* What wh_reg_create_key() did. */
enum wh_reg_disposition { WH_REG_CREATED_NEW_KEY = 1, WH_REG_OPENED_EXISTING_KEY = 2 };

/* ------------------------------------------------------------------- registry */

/* What the rights of keys mean here. */
enum wh_reg_rights {
	WH_REG_RIGHTS_HANDLE, /* the mask of the handle is enforced, any mask is granted */
	WH_REG_RIGHTS_NONE,   /* nothing is checked, as in offreg.dll */
	WH_REG_RIGHTS_TOKEN   /* the mask, and security descriptors against 'token' */
};

/* Who asks, with WH_REG_RIGHTS_TOKEN.  SIDs in binary form, the user first, then his groups. */
struct wh_reg_token {
	const void *const *sids;
	size_t sid_count;
	bool backup, restore, take_ownership, security; /* privileges that are held */
};

/* Set to zero ({0}) what is not wanted.  Strings and SIDs are copied. */
struct wh_reg_options {
	unsigned flags; /* WH_REG_* below */
	enum wh_reg_rights rights;
	const struct wh_reg_token *token;
	wh_issue_fn *issue; /* for every hive that is mounted; called with the lock held */
	void *issue_ctx;
	const struct wh_allocator *allocator;
	uint64_t time; /* FILETIME that changes are dated with; 0: the clock of the system */
	/*
	 * A variable of the environment by its name in any case of letters, or NULL: for
	 * wh_reg_expand_environment_strings().  NULL: the environment of the process.
	 */
	const char *(*environment)(void *ctx, const char *name, size_t len);
	void *environment_ctx;
};

/*
 * The usual roots, in memory: HKLM\SOFTWARE, HKLM\SYSTEM with a control set, HKLM\SAM,
 * HKLM\SECURITY, HKLM\HARDWARE, HKU\.DEFAULT and one user, who is HKEY_CURRENT_USER.
 * Without it the roots are there and nothing is below them.
 */
enum { WH_REG_USUAL_ROOTS = 1 };

WH_API enum wh_status wh_reg_new(const struct wh_reg_options *options,
				 struct wh_reg **reg) WH_MUST_CHECK;

/* Close all handles and hives.  What was not committed is lost.  NULL is fine. */
WH_API void wh_reg_free(struct wh_reg *reg);

/* -------------------------------------------------------------------- mounts */

enum {
	WH_MOUNT_WRITE = 1,   /* hold the file and its logs open, to be committed */
	WH_MOUNT_NO_LOGS = 2, /* as WH_OPEN_NO_LOGS, and so on */
	WH_MOUNT_TAKE_DIRTY = 4,
	WH_MOUNT_TAKE_DAMAGED = 8,
	WH_MOUNT_WHOLE = 64,
	/* Of wh_reg_mount_hive(): */
	WH_MOUNT_OWNED = 16, /* the registry closes the hive */
	/* Of wh_reg_connect_windows(): */
	WH_MOUNT_HIBERNATED = 32 /* for writing too, though Windows would resume over it */
};

/*
 * Mount a hive file, or an open hive, as a new key 'name' below HKEY_LOCAL_MACHINE or HKEY_USERS.
 * A hive that is lent must not be used otherwise while it is mounted.  The first hive of an account
 * (S-1-5-21-... or S-1-12-1-...) that is mounted below HKEY_USERS is HKEY_CURRENT_USER until it is
 * unmounted; HKLM\SYSTEM gets its CurrentControlSet, and a user his classes.  WH_E_INVALID: another
 * root, or a name that is no key name.  WH_E_ACCESS: the name is taken.  Besides, the errors of
 * wh_hive_open().
 */
WH_API enum wh_status wh_reg_mount(struct wh_reg *reg, wh_hkey root, const char *name, size_t len,
				   const char *path, unsigned flags) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_mount_hive(struct wh_reg *reg, wh_hkey root, const char *name,
					size_t len, struct wh_hive *hive,
					unsigned flags) WH_MUST_CHECK;

/* How an offline Windows is mounted; set to zero ({0}) what is not wanted. */
struct wh_windows {
	unsigned flags;   /* WH_MOUNT_* */
	const char *user; /* HKEY_CURRENT_USER: a user name, a SID or the path of a profile */
};

/* One hive of a registry.  Strings are lent until the next call that mounts or unmounts. */
struct wh_reg_mount {
	const char *place;     /* "HKLM\SYSTEM"; "\\PATH\HKLM\SYSTEM" of a Windows beside; */
			       /* "HKLM" or "HKCU": a remark, about no hive */
	const char *path;      /* of the file; NULL: in memory */
	const char *owner;     /* the user whose hive it is: name, or SID; NULL */
	const char *account;   /* his SID, NULL */
	enum wh_status status; /* WH_OK, or why it is not there */
	const char *problem;   /* a sentence, if it is not there or something is to be said; NULL */
	enum wh_state state;   /* clean, recovered, dirty */
	size_t log_count;      /* that were found, if it was dirty */
	size_t logs_applied;   /* of these */
	bool writable;         /* mounted for writing */
	bool changed;          /* not committed */
	bool current_user;     /* it is HKEY_CURRENT_USER */
	struct wh_hive
		*hive; /* NULL if it is not there; for callers that have 'reg' to themselves */
};

/*
 * Mount the hives of a Windows that is not running: 'path' is the root of its volume, the folder
 * Windows, or a folder that holds hives as Windows/System32/config does.  Names are found in any
 * case of letters.
 *
 *	config/SYSTEM SOFTWARE SAM SECURITY DRIVERS COMPONENTS	HKLM\...
 *	config/DEFAULT					HKU\.DEFAULT
 *	config/BBI ELAM, AppCompat/Programs/Amcache.hve	HKLM\BBI, HKLM\ELAM, HKLM\AMCACHE
 *	Boot/BCD, EFI/Microsoft/Boot/BCD		HKLM\BCD00000000
 *	NTUSER.DAT of each profile of ProfileList	HKU\<SID>
 *	UsrClass.dat of each				HKU\<SID>_Classes
 *
 * A hive that is missing or cannot be read does not fail the call: wh_reg_mount_at() tells, and
 * the rest is there.  HKEY_CURRENT_USER is the user of 'how', or the only one with an account of
 * his own; if there are several and none is named it is not there, and 'problem' of the mount
 * HKCU says so.  'mounted', which may be NULL, is how many hives are there.
 *
 * WH_E_NOT_FOUND: no hive was found, or no such user.  WH_E_IN_USE: for writing, and Windows is
 * hibernated or in fast start-up: it would go on with the registry it has in hiberfil.sys.
 * When no hive can be read: why the first one cannot.  wh_reg_mount_at() tells about a call that
 * failed until the next one.
 * WH_E_EXISTS: this registry has a Windows already.
 */
WH_API enum wh_status wh_reg_connect_windows(struct wh_reg *reg, const char *path,
					     const struct wh_windows *how,
					     size_t *mounted) WH_MUST_CHECK;

/*
 * Is the Windows that was connected hibernated, or in fast start-up?  Then it would go on with the
 * registry in its hiberfil.sys, over what is written now.  WH_E_NOT_FOUND: none was connected.
 */
WH_API enum wh_status wh_reg_hibernated(struct wh_reg *reg, bool *hibernated) WH_MUST_CHECK;

/* Mount number 'index', those that failed included; WH_E_NO_MORE past the last. */
WH_API enum wh_status wh_reg_mount_at(struct wh_reg *reg, size_t index,
				      struct wh_reg_mount *mount) WH_MUST_CHECK;

/*
 * Commit all hives that are mounted for writing and were changed, one after the other, each as
 * wh_hive_commit().  The first that fails ends it; '*failed', which may be NULL, is its index for
 * wh_reg_mount_at().  With 'backup_suffix' the file of each is kept beside it under its name and
 * that; NULL: no backups.
 */
WH_API enum wh_status wh_reg_commit(struct wh_reg *reg, const char *backup_suffix,
				    size_t *failed) WH_MUST_CHECK;

/* ------------------------------------------------------------- keys: handles */

/* Close a handle.  A predefined one stays open: WH_OK. */
WH_API enum wh_status wh_reg_close_key(struct wh_reg *reg, wh_hkey key) WH_MUST_CHECK;

/*
 * A handle to a predefined root.  'name' NULL or "", or the name of this machine: of this
 * registry.  The path of a folder with a Windows, as wh_reg_connect_windows() takes it: that one
 * is mounted read-only beside, and the handle leads into it; it is there until the registry is
 * freed.  Everything else is another computer: WH_E_BAD_NETPATH.  WH_E_INVALID: not a predefined
 * handle.
 */
WH_API enum wh_status wh_reg_connect_registry(struct wh_reg *reg, const char *name, size_t len,
					      wh_hkey root, wh_hkey *result) WH_MUST_CHECK;

/*
 * Open a key: 'options' is 0 or WH_REG_OPTION_OPEN_LINK, 'access' a mask of WH_KEY_* and
 * WH_ACCESS_*, not 0.  A predefined handle with an empty path gives itself.  WH_E_NOT_FOUND,
 * WH_E_ACCESS, WH_E_BAD_PATH: it begins with a backslash, WH_E_INVALID: both views, unknown
 * options, a loop of links.
 */
WH_API enum wh_status wh_reg_open_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
				      uint32_t options, uint32_t access,
				      wh_hkey *result) WH_MUST_CHECK;

/*
 * Open a key, and make it and those above it if they are not there.  'how' gives class and
 * security of a new key, NULL: none and inherited.  '*disposition' may be NULL.  Besides the errors
 * of wh_reg_open_key(): WH_E_BAD_KEY: no place for the result.  WH_E_MUST_BE_VOLATILE: below a
 * volatile key.  WH_E_EXISTS: a link is to be created and the key is there.
 */
WH_API enum wh_status wh_reg_create_key(struct wh_reg *reg, wh_hkey key, const char *path,
					size_t len, uint32_t options, uint32_t access,
					const struct wh_create *how, wh_hkey *result,
					enum wh_reg_disposition *disposition) WH_MUST_CHECK;

/*
 * Delete a key without subkeys.  'path' must not be NULL (WH_E_INVALID); "" is the key of the
 * handle.  Of 'access' only the view counts.  WH_E_ACCESS: it has subkeys, or is the root of a
 * hive.  A key that was deleted already is deleted: WH_OK.
 */
WH_API enum wh_status wh_reg_delete_key(struct wh_reg *reg, wh_hkey key, const char *path,
					size_t len, uint32_t access) WH_MUST_CHECK;

/*
 * Delete a key with all below it; if 'path' is NULL or "", only what is in the key.  The first key
 * that cannot be deleted ends it: its path, relative to 'key', is copied to 'failed'.  What was
 * deleted before stays so.
 */
WH_API enum wh_status wh_reg_delete_tree(struct wh_reg *reg, wh_hkey key, const char *path,
					 size_t len, char *failed, size_t cap,
					 size_t *failed_len) WH_MUST_CHECK;

/* Copy values and subkeys of a key into another one; values of the same names are replaced. */
WH_API enum wh_status wh_reg_copy_tree(struct wh_reg *reg, wh_hkey key, const char *path,
				       size_t len, wh_hkey to) WH_MUST_CHECK;

/*
 * Rename a key: the handle needs WH_KEY_WRITE.  Open handles follow.  WH_E_ACCESS: a sibling, or
 * the key itself, has that name, or it is the root of a hive.
 */
WH_API enum wh_status wh_reg_rename_key(struct wh_reg *reg, wh_hkey key, const char *path,
					size_t len, const char *name,
					size_t name_len) WH_MUST_CHECK;

/*
 * The name of subkey number 'index', in the order of upper-cased names; '*last_written' may be
 * NULL.  WH_E_NO_MORE past the last.  An index means something only until a key comes or goes.
 */
WH_API enum wh_status wh_reg_enum_key(struct wh_reg *reg, wh_hkey key, uint32_t index, char *buf,
				      size_t cap, size_t *len,
				      uint64_t *last_written) WH_MUST_CHECK;

/* Lengths in UTF-16 units without terminator, of data in bytes. */
struct wh_reg_info {
	uint32_t subkeys, max_subkey_len;
	uint32_t class_len, max_class_len; /* of the key; of its subkeys */
	uint32_t values, max_value_name_len, max_value_len;
	uint32_t security_len; /* bytes */
	uint64_t last_written; /* FILETIME */
};
WH_API enum wh_status wh_reg_query_info_key(struct wh_reg *reg, wh_hkey key,
					    struct wh_reg_info *info) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_query_class(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap,
					 size_t *len) WH_MUST_CHECK;

/* The full name, "HKEY_LOCAL_MACHINE\SOFTWARE\...", as the key is called now. */
WH_API enum wh_status wh_reg_key_path(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap,
				      size_t *len) WH_MUST_CHECK;

/*
 * The key of winhive.h behind a handle, for what is not offered here.  For callers that have 'reg'
 * to themselves, until the next call.  Of a merged key: the one that would be written to.
 * WH_E_NOT_SUPPORTED: the key of the root, or one that is in no hive.
 */
WH_API enum wh_status wh_reg_hive_key(struct wh_reg *reg, wh_hkey key,
				      struct wh_key *found) WH_MUST_CHECK;

/* ------------------------------------------------------------- keys: as files */

/*
 * Commit the hive that the key is in.  WH_OK if it is in memory or has not been changed;
 * WH_E_ACCESS: it was changed but not mounted for writing.
 */
WH_API enum wh_status wh_reg_flush_key(struct wh_reg *reg, wh_hkey key) WH_MUST_CHECK;

/*
 * Mount a hive file as the new key 'name' directly below HKEY_LOCAL_MACHINE, HKEY_USERS or a
 * handle to one of them (else WH_E_ACCESS); 'flags' are WH_MOUNT_*.  Unlike Windows it does not
 * create the file, and writes to it only with WH_MOUNT_WRITE, when it is unloaded or flushed.
 */
WH_API enum wh_status wh_reg_load_key(struct wh_reg *reg, wh_hkey key, const char *name, size_t len,
				      const char *path, unsigned flags) WH_MUST_CHECK;

/*
 * Unmount; what was changed is committed before, if it was mounted for writing, else lost.
 * WH_E_ACCESS: handles are open in it.  WH_E_INVALID: not the root of a hive.
 */
WH_API enum wh_status wh_reg_unload_key(struct wh_reg *reg, wh_hkey key, const char *name,
					size_t len) WH_MUST_CHECK;

/*
 * Open a hive file by itself: nobody else sees it, and it is unmounted, and committed with
 * WH_MOUNT_WRITE, when the last handle into it is closed.  If the commit fails, closing does, and
 * the handle stays open.
 */
WH_API enum wh_status wh_reg_load_app_key(struct wh_reg *reg, const char *path, uint32_t access,
					  unsigned flags, wh_hkey *result) WH_MUST_CHECK;

/* How a key is saved. */
enum { WH_REG_STANDARD_FORMAT = 1, WH_REG_LATEST_FORMAT = 2, WH_REG_NO_COMPRESSION = 4 };

/*
 * Save a key and all below it as a new hive file, volatile keys left out.  'format' is one of
 * the above: version 1.3, 1.5, or the whole hive as it is, of which 'key' must be the root.
 * WH_E_EXISTS: the file is there.  WH_E_ACCESS: HKEY_LOCAL_MACHINE and HKEY_USERS themselves.
 */
WH_API enum wh_status wh_reg_save_key(struct wh_reg *reg, wh_hkey key, const char *path,
				      unsigned format) WH_MUST_CHECK;

/*
 * Replace what is in a key by what is in the root of a hive file; the key keeps its name.
 * WH_E_ACCESS: handles are open below it, and 'flags' has no WH_REG_FORCE_RESTORE.
 */
enum {
	WH_REG_WHOLE_HIVE_VOLATILE = 1, /* not supported */
	WH_REG_REFRESH_HIVE = 2,        /* forget what was not committed; no file is read */
	WH_REG_NO_LAZY_FLUSH = 4,       /* without meaning here */
	WH_REG_FORCE_RESTORE = 8
};
WH_API enum wh_status wh_reg_restore_key(struct wh_reg *reg, wh_hkey key, const char *path,
					 unsigned flags) WH_MUST_CHECK;

/*
 * From now on a predefined handle means 'key', with the access that its handle has; 0: what it
 * meant before.  'key' may be closed afterwards: the registry keeps a handle of its own.
 * WH_E_HANDLE: 'key' is a predefined handle, or 'root' is none, or HKEY_DYN_DATA or
 * HKEY_CURRENT_USER_LOCAL_SETTINGS, which Windows does not let either.
 */
WH_API enum wh_status wh_reg_override_predef_key(struct wh_reg *reg, wh_hkey root,
						 wh_hkey key) WH_MUST_CHECK;

/*
 * HKEY_CLASSES_ROOT as another user has it: his SID, as text.  WH_E_NOT_FOUND: his hives are not
 * mounted.  WH_E_INVALID: 'options' is not 0.
 */
WH_API enum wh_status wh_reg_open_user_classes_root(struct wh_reg *reg, const char *sid, size_t len,
						    uint32_t options, uint32_t access,
						    wh_hkey *result) WH_MUST_CHECK;

/* -------------------------------------------------------------------- values */

/*
 * The default value of a subkey as text, up to its first NUL; "" if it has none.
 * WH_E_INVALID_DATA: it is not a REG_SZ.
 */
WH_API enum wh_status wh_reg_query_value(struct wh_reg *reg, wh_hkey key, const char *path,
					 size_t len, char *buf, size_t cap,
					 size_t *text_len) WH_MUST_CHECK;

/* Type and data of a value; '*type' may be NULL; so may 'data_len', with 'buf'. */
WH_API enum wh_status wh_reg_query_value_ex(struct wh_reg *reg, wh_hkey key, const char *name,
					    size_t len, uint32_t *type, void *buf, size_t cap,
					    size_t *data_len) WH_MUST_CHECK;

/*
 * Value number 'index' in the order of creation: name, type and data, each in its own buffer.
 * '*type' may be NULL; so may 'data_len', with 'data', if the data are not wanted.  With
 * WH_E_MORE_DATA neither buffer was touched, and all lengths are there.
 */
WH_API enum wh_status wh_reg_enum_value(struct wh_reg *reg, wh_hkey key, uint32_t index, char *name,
					size_t name_cap, size_t *name_len, uint32_t *type,
					void *data, size_t data_cap,
					size_t *data_len) WH_MUST_CHECK;

/*
 * Set the default value of a subkey, which is made if it is not there, to text: a REG_SZ with one
 * terminator.
 */
WH_API enum wh_status wh_reg_set_value(struct wh_reg *reg, wh_hkey key, const char *path,
				       size_t len, const char *text, size_t text_len) WH_MUST_CHECK;

/*
 * Set a value.  WH_E_INVALID: a name of more than 16,383 units.  WH_E_NOACCESS: no data, but a
 * size.
 */
WH_API enum wh_status wh_reg_set_value_ex(struct wh_reg *reg, wh_hkey key, const char *name,
					  size_t len, uint32_t type, const void *data,
					  size_t size) WH_MUST_CHECK;

/* The same in a subkey, which is made if it is not there. */
WH_API enum wh_status wh_reg_set_key_value(struct wh_reg *reg, wh_hkey key, const char *path,
					   size_t len, const char *name, size_t name_len,
					   uint32_t type, const void *data,
					   size_t size) WH_MUST_CHECK;

WH_API enum wh_status wh_reg_delete_value(struct wh_reg *reg, wh_hkey key, const char *name,
					  size_t len) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_delete_key_value(struct wh_reg *reg, wh_hkey key, const char *path,
					      size_t len, const char *name,
					      size_t name_len) WH_MUST_CHECK;

/* What wh_reg_get_value() accepts, as RegGetValue. */
#define WH_RRF_RT_REG_NONE       UINT32_C(0x01)
#define WH_RRF_RT_REG_SZ         UINT32_C(0x02)
#define WH_RRF_RT_REG_EXPAND_SZ  UINT32_C(0x04)
#define WH_RRF_RT_REG_BINARY     UINT32_C(0x08)
#define WH_RRF_RT_REG_DWORD      UINT32_C(0x10)
#define WH_RRF_RT_REG_MULTI_SZ   UINT32_C(0x20)
#define WH_RRF_RT_REG_QWORD      UINT32_C(0x40)
#define WH_RRF_RT_DWORD          UINT32_C(0x18)
#define WH_RRF_RT_QWORD          UINT32_C(0x48)
#define WH_RRF_RT_ANY            UINT32_C(0xffff)
#define WH_RRF_SUBKEY_WOW6464KEY UINT32_C(0x00010000)
#define WH_RRF_SUBKEY_WOW6432KEY UINT32_C(0x00020000)
#define WH_RRF_NOEXPAND          UINT32_C(0x10000000)
#define WH_RRF_ZEROONFAILURE     UINT32_C(0x20000000)

/*
 * A value of a subkey, if it has one of the types in 'flags': strings come terminated, and
 * REG_EXPAND_SZ comes expanded as REG_SZ unless WH_RRF_NOEXPAND.  WH_E_UNSUPPORTED_TYPE: of
 * another type; type and data are given all the same, if they fit.  WH_E_TYPE: a number of the
 * wrong size; a REG_BINARY is one for WH_RRF_RT_DWORD and WH_RRF_RT_QWORD.  WH_RRF_ZEROONFAILURE
 * clears all of 'buf'.  WH_E_INVALID: no type, both views, unknown flags.
 */
WH_API enum wh_status wh_reg_get_value(struct wh_reg *reg, wh_hkey key, const char *path,
				       size_t len, const char *name, size_t name_len,
				       uint32_t flags, uint32_t *type, void *buf, size_t cap,
				       size_t *data_len) WH_MUST_CHECK;

/*
 * Several values at once: their data one after the other in 'buf', each at 'offset'.
 * WH_E_NOT_FOUND: one is missing, and nothing is given.
 */
struct wh_reg_multiple {
	const char *name; /* in */
	size_t len;       /* in */
	uint32_t type;
	size_t offset, size; /* in 'buf', bytes */
};
WH_API enum wh_status wh_reg_query_multiple_values(struct wh_reg *reg, wh_hkey key,
						   struct wh_reg_multiple *values, size_t count,
						   void *buf, size_t cap,
						   size_t *total) WH_MUST_CHECK;

/*
 * Text with the variables %NAME% replaced that are there, in any case of letters; what they hold is
 * not expanded again.  WH_E_INVALID: not UTF-8; WH_E_INVALID_DATA: nor is a variable.
 * WH_E_TOO_BIG: more than 16 MiB.
 */
WH_API enum wh_status wh_reg_expand_environment_strings(struct wh_reg *reg, const char *text,
							size_t len, char *buf, size_t cap,
							size_t *text_len) WH_MUST_CHECK;

/* ------------------------------------------------------- security, flags, views */

/* Parts of a security descriptor. */
#define WH_OWNER_SECURITY_INFORMATION            UINT32_C(0x00000001)
#define WH_GROUP_SECURITY_INFORMATION            UINT32_C(0x00000002)
#define WH_DACL_SECURITY_INFORMATION             UINT32_C(0x00000004)
#define WH_SACL_SECURITY_INFORMATION             UINT32_C(0x00000008)
#define WH_LABEL_SECURITY_INFORMATION            UINT32_C(0x00000010)
#define WH_UNPROTECTED_SACL_SECURITY_INFORMATION UINT32_C(0x10000000)
#define WH_UNPROTECTED_DACL_SECURITY_INFORMATION UINT32_C(0x20000000)
#define WH_PROTECTED_SACL_SECURITY_INFORMATION   UINT32_C(0x40000000)
#define WH_PROTECTED_DACL_SECURITY_INFORMATION   UINT32_C(0x80000000)

/*
 * A self-relative descriptor with these parts of that of the key.  WH_E_BUFFER: 'cap' is too
 * small, also if it is 0 to ask for the length.
 */
WH_API enum wh_status wh_reg_get_key_security(struct wh_reg *reg, wh_hkey key, uint32_t parts,
					      void *buf, size_t cap, size_t *len) WH_MUST_CHECK;

/*
 * Replace these parts by those of a self-relative descriptor.  WH_E_INVALID: it has no owner, or
 * no group, where that part is to be set.  WH_E_INVALID_SD: not a descriptor; or the DACL is to be
 * set and it has none, which in Windows would open the key to everybody.
 */
WH_API enum wh_status wh_reg_set_key_security(struct wh_reg *reg, wh_hkey key, uint32_t parts,
					      const void *descriptor, size_t len) WH_MUST_CHECK;

/*
 * Reflection ended with Windows 7: the first two do nothing, and the third always says that it
 * is disabled.
 */
WH_API enum wh_status wh_reg_disable_reflection_key(struct wh_reg *reg, wh_hkey key) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_enable_reflection_key(struct wh_reg *reg, wh_hkey key) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_query_reflection_key(struct wh_reg *reg, wh_hkey key,
						  bool *disabled) WH_MUST_CHECK;

/* The flags that are stored with a key: WOW64 (user) and virtualisation, 0 to 15 each. */
WH_API enum wh_status wh_reg_query_flags(struct wh_reg *reg, wh_hkey key, unsigned *user_flags,
					 unsigned *virtual_flags) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_set_flags(struct wh_reg *reg, wh_hkey key, unsigned user_flags,
				       unsigned virtual_flags) WH_MUST_CHECK;

/* -------------------------------------------------------------- notification */

#define WH_REG_NOTIFY_CHANGE_NAME       UINT32_C(0x00000001) /* subkeys */
#define WH_REG_NOTIFY_CHANGE_ATTRIBUTES UINT32_C(0x00000002)
#define WH_REG_NOTIFY_CHANGE_LAST_SET   UINT32_C(0x00000004) /* a value */
#define WH_REG_NOTIFY_CHANGE_SECURITY   UINT32_C(0x00000008)
#define WH_REG_NOTIFY_THREAD_AGNOSTIC   UINT32_C(0x10000000)
#define WH_REG_LEGAL_CHANGE_FILTER      UINT32_C(0x1000000f)

/*
 * Tell of the next change that is made through this registry to a key, or with 'subtree' to any
 * below it, once.  The handle needs WH_KEY_NOTIFY.  The first call for a handle decides 'filter'
 * and 'subtree' for all later ones.  What changed between two calls is told at once by the second.
 * Closing the handle, and deletion of the key, are told too.
 *
 * wh_reg_notify() calls 'fn', in the thread that made the change, when its call is done and no
 * lock is held; with WH_E_DELETED if key or handle are gone.  It may call everything here, also to
 * wait again or to close the handle; but wh_reg_free() tells those who still wait too, and what it
 * calls must leave the registry alone.  wh_reg_notify_fd() gives a descriptor that can be read
 * from then on, -1 on failure; the caller closes it.  wh_reg_notify_wait() waits, 'timeout'
 * milliseconds at most, -1: for ever; WH_E_TIMEOUT.
 *
 * WH_E_INVALID: a filter that is not legal.  WH_E_MEMORY: also if there are no more descriptors.
 */
typedef void wh_reg_notify_fn(void *ctx, wh_hkey key, enum wh_status status);
WH_API enum wh_status wh_reg_notify(struct wh_reg *reg, wh_hkey key, bool subtree, uint32_t filter,
				    wh_reg_notify_fn *fn, void *ctx) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_notify_fd(struct wh_reg *reg, wh_hkey key, bool subtree,
				       uint32_t filter, int *fd) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_notify_wait(struct wh_reg *reg, wh_hkey key, bool subtree,
					 uint32_t filter, int timeout) WH_MUST_CHECK;

/* ------------------------------------------------------------------- recipes */

/*
 * A value of a key in one call.  If the key or the value is not there: '*text' is what 'fallback'
 * says, NULL for NULL, and WH_OK; every other failure is one.  The text is the caller's, to be
 * freed with wh_reg_free_text(); it is terminated, without the terminator of the data, and may hold
 * NULs before.  Variables are not expanded.  A REG_MULTI_SZ comes with a line end after each
 * string.  WH_E_TYPE: not a string; not a number that wh_value_number() takes.
 */
WH_API enum wh_status wh_reg_get_string(struct wh_reg *reg, wh_hkey key, const char *path,
					const char *name, const char *fallback, char **text,
					size_t *len) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_get_number(struct wh_reg *reg, wh_hkey key, const char *path,
					const char *name, uint64_t fallback,
					uint64_t *number) WH_MUST_CHECK;
WH_API void wh_reg_free_text(struct wh_reg *reg, char *text);

/* Set a value to UTF-8 text as REG_SZ or REG_EXPAND_SZ (else WH_E_TYPE), with one terminator. */
WH_API enum wh_status wh_reg_set_string(struct wh_reg *reg, wh_hkey key, const char *name,
					size_t len, uint32_t type, const char *text,
					size_t text_len) WH_MUST_CHECK;

/*
 * Visit a key and all below it, a key before its subkeys.  'fn' gets each with an open handle,
 * which is closed when all below the key was visited, and its path relative to 'key', which is
 * terminated; it returns what to do next.
 * A key that cannot be opened is given with its status and handle 0.  Links are not followed.
 * 'fn' may change what is below the key it got.
 */
enum wh_reg_next { WH_REG_GO_ON, WH_REG_SKIP_SUBKEYS, WH_REG_STOP };
typedef enum wh_reg_next wh_reg_walk_fn(void *ctx, wh_hkey key, const char *path, size_t len,
					enum wh_status status);
WH_API enum wh_status wh_reg_walk(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
				  uint32_t access, wh_reg_walk_fn *fn, void *ctx) WH_MUST_CHECK;

/*
 * Add a folder to the variable Path of HKEY_CURRENT_USER\Environment, at its end, unless one of its
 * entries is that folder in any case of letters, with or without a last backslash, or quotes.  The
 * type of the variable stays; a new one is a REG_EXPAND_SZ.  WH_E_TYPE: it is no string.
 * WH_E_INVALID: no folder, or one with a semicolon or a quote.
 */
WH_API enum wh_status wh_reg_add_to_user_path(struct wh_reg *reg, const char *folder, size_t len,
					      bool *added) WH_MUST_CHECK;

/* The owner of a key as text: a SID, "S-1-5-32-544".  WH_E_NOT_FOUND: it has none. */
WH_API enum wh_status wh_reg_key_owner(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap,
				       size_t *len) WH_MUST_CHECK;

/*
 * A key and all below it as JSON, and back, in the form of docs/json.md.  The text is the caller's,
 * to be freed with wh_reg_free_text().  Links are not followed.  Export is all or nothing:
 * WH_E_CORRUPT, WH_E_ACCESS if a key or value cannot be read.
 *
 * Import makes the key if it is not there; keys and values of the same name are replaced, classes
 * where they are given, and nothing is deleted.  A call that fails changes nothing.
 * WH_E_INVALID_DATA: not JSON of this form, or two of one name.  WH_E_EXISTS: a link where a key
 * is, or a key where a link is.  WH_E_NOT_SUPPORTED: built without jansson.
 */
WH_API enum wh_status wh_reg_export_json(struct wh_reg *reg, wh_hkey key, const char *path,
					 size_t len, char **text, size_t *text_len) WH_MUST_CHECK;
WH_API enum wh_status wh_reg_import_json(struct wh_reg *reg, wh_hkey key, const char *path,
					 size_t len, const char *text,
					 size_t text_len) WH_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
