/* SPDX-License-Identifier: MIT */
/*
 * One registry, inside.  This layer uses winhive.h and base/ only.
 *
 * As in Windows there is a master hive, in memory, with the keys MACHINE and USER; hives are
 * mounted at keys of it.  A machine is a master hive with what is mounted there; a registry has
 * one, and one more for each that was connected.
 *
 *	master  REGISTRY
 *	          MACHINE             HKEY_LOCAL_MACHINE
 *	            SYSTEM ........... mount: a hive, and its shadow
 *	            HARDWARE          a volatile key
 *	          USER                HKEY_USERS
 *	            S-1-5-21-... ..... mount
 *
 * VOLATILE KEYS never come into a hive that may be saved.  They are in the shadow of its mount, a
 * hive in memory: below its root there is an anchor for every key of the hive that has volatile
 * subkeys, and these are the subkeys of the anchor.  All of the master hive is volatile.
 *
 * A NODE is a key and the mount that it is in.  Its key is in the hive of the mount, or in the
 * shadow.  Nodes are values; those of two keys that are both there are the same if hive and cell
 * are, since a generation only says when a node was looked up.  A PLACE is what a handle
 * refers to: one node, or in the merged view of HKEY_CLASSES_ROOT up to two.
 *
 * LOCKING.  Public functions hold the lock of the registry from whi_begin() to whi_end(), which
 * also tells watchers what happened, after the lock is free.  All else here is called with the
 * lock held.
 */
#ifndef WHI_REGISTRY_REGISTRY_H
#define WHI_REGISTRY_REGISTRY_H

#include "base/mem.h"

#include "winhive-winreg.h"

#include <pthread.h>

struct whi_machine;

/* ---------------------------------------------------------------------- nodes */

/* A hive in the namespace. */
struct whi_mount {
	struct whi_machine *machine;
	struct wh_hive *hive;         /* NULL: it could not be opened, or is unmounted */
	struct wh_hive *shadow;       /* volatile keys; NULL until there is one */
	struct whi_anchor {           /* keys of the hive that have volatile subkeys */
		struct wh_key key;    /* in the hive */
		struct wh_key anchor; /* in the shadow */
	} * anchors;                  /* in the order of the cells of the keys: see anchor.c */
	size_t anchor_count, anchor_cap;
	uint32_t next_anchor; /* for the names of anchors */
	struct wh_key point;  /* in the master hive; cell WH_NO_CELL: an app key, or the master */
	unsigned flags;       /* WH_MOUNT_* */
	uint32_t handles;     /* that are open into it */
	bool app;             /* unmounted when the last handle goes */
	/* For wh_reg_mount_at(); each is allocated or NULL. */
	char *place, *path, *owner, *account, *problem;
	enum wh_status status;
};

/* mount NULL: none; in a handle: of a key that is gone with its hive. */
struct whi_node {
	struct whi_mount *mount;
	struct wh_key key;
};

/* A master hive and what is mounted there. */
struct whi_machine {
	struct wh_reg *reg;
	struct whi_machine *next;
	char *root; /* of the Windows that was connected; NULL: none */
	struct whi_mount master;
	struct wh_key machine_key, user_key; /* in the master hive */
	struct whi_mount **mounts;           /* those that failed included */
	size_t mount_count, mount_cap;
	char *current_user; /* name of the key below USER; NULL: nobody */
	bool hibernated;    /* the Windows that was connected */
};

/*
 * Of a merged place 'node' is where values are set and what is deleted: the user's key, if there is
 * one.  A key of the other side can come and go while a handle is open, so these two are looked up
 * anew from the members below by whi_place_refresh(), when a handle is used.
 */
struct whi_place {
	struct whi_node node;   /* the key; of a merged one: the user's, if there is one */
	struct whi_node other;  /* of a merged one: the machine's, if 'node' is the user's */
	bool merged;            /* in HKEY_CLASSES_ROOT */
	struct whi_node opened; /* of a merged one: it lives as long as this */
	struct whi_node user_root, machine_root; /* of a merged one: what is merged */
};

/* ---------------------------------------------------------------------- registry */

struct whi_watch; /* notify.c */

struct whi_handle {
	wh_hkey number;
	uint32_t access; /* without the view and without generic rights */
	struct whi_place place;
	struct whi_watch *watch; /* NULL until the first wh_reg_notify() */
};

struct whi_handles {
	struct whi_handle **slots; /* open addressing by number; NULL: empty */
	size_t cap, count;
	wh_hkey next;
};

/* Something happened to a key, to be told to watchers. */
struct whi_event;

/* classes.c: where a walk over the subkeys of a merged place was. */
struct whi_position {
	struct whi_node first, second; /* of which place; mount NULL: none */
	uint32_t counts[2];            /* subkeys of either */
	uint32_t index;                /* this one is the next of these two: */
	uint32_t at_first, at_second;
	uint32_t cell_first, cell_second; /* WH_NO_CELL: past the last, or damaged */
};
enum { WHI_POSITIONS = 8 };

struct wh_reg {
	pthread_mutex_t lock;
	struct wh_allocator alloc;
	struct wh_reg_options options; /* pointers into it are owned */
	struct whi_machine *local;     /* first in the list of machines */
	struct whi_handles handles;
	wh_hkey predefined[8]; /* wh_reg_override_predef_key(): a handle, or 0 */
	struct whi_watch *watches;
	struct whi_event *events; /* to be told when the lock is free */
	struct whi_position positions[WHI_POSITIONS];
	unsigned next_position; /* to be replaced */
};

/* reg.c */
void whi_begin(struct wh_reg *reg);
/* Free the lock, tell the watchers, and return 'status'. */
enum wh_status whi_end(struct wh_reg *reg, enum wh_status status);

/* ---------------------------------------------------------------------- handles */

/*
 * handle.c: a handle, or for a predefined one a temporary in '*room' with all access.  WH_E_HANDLE,
 * WH_E_ACCESS: it does not have all of 'access' (0: nothing is asked), or it is
 * HKEY_PERFORMANCE_DATA.  WH_E_DELETED is found by whoever uses the key, or by whi_place_alive().
 */
enum wh_status whi_handle_get(struct wh_reg *reg, wh_hkey key, uint32_t access,
			      struct whi_handle *room, struct whi_handle **handle);

/* Give a place a number.  'access' is what the caller asked for; it is mapped and checked here. */
enum wh_status whi_handle_new(struct wh_reg *reg, const struct whi_place *place, uint32_t access,
			      wh_hkey *result);

/*
 * The same in two steps, for who makes a key and then cannot go back: memory for a handle, which
 * is freed with whi_handle_forget(); and the number, with an access that is mapped already.
 */
enum wh_status whi_handle_reserve(struct wh_reg *reg, struct whi_handle **handle);
void whi_handle_forget(struct wh_reg *reg, struct whi_handle *handle);
wh_hkey whi_handle_add(struct wh_reg *reg, struct whi_handle *handle, const struct whi_place *place,
		       uint32_t access);

/*
 * The last handle into an application key commits and unmounts it; if that fails, the handle
 * stays open.
 */
enum wh_status whi_handle_close(struct wh_reg *reg, wh_hkey key);

/* All handles into a mount lead nowhere from now on: WH_E_DELETED.  It does not count them. */
void whi_handles_lose(struct wh_reg *reg, struct whi_mount *mount);

/*
 * A key gets another handle of winhive.h.  Before the change: all that lead to 'key', which is
 * fresh, become as fresh.  After it: all that were as fresh lead to 'now'.
 */
void whi_handles_refresh(struct wh_reg *reg, struct wh_key key);
void whi_handles_follow(struct wh_reg *reg, struct wh_key key, struct wh_key now);

void whi_handles_fini(struct wh_reg *reg);

/* All handles, in any order: '*at' begins as 0; NULL ends. */
struct whi_handle *whi_handle_next(struct wh_reg *reg, size_t *at);

static inline bool
whi_is_predefined(wh_hkey key)
{
	return key >= WH_HKEY_CLASSES_ROOT;
}

/* ---------------------------------------------------------------------- node.c */

/* The same key, of two that are both there. */
static inline bool
whi_key_equal(struct wh_key a, struct wh_key b)
{
	return a.hive == b.hive && a.cell == b.cell;
}
static inline bool
whi_node_equal(struct whi_node a, struct whi_node b)
{
	return a.mount == b.mount && whi_key_equal(a.key, b.key);
}

/* Is the key in memory only: in a shadow, or in the master hive? */
bool whi_node_volatile(const struct whi_node *node);
/* Is it the root of a mounted hive, or of the master, or MACHINE or USER? */
bool whi_node_is_root(const struct whi_node *node);
/* WH_E_DELETED, or WH_OK. */
enum wh_status whi_node_alive(const struct whi_node *node);

/*
 * The subkey of that name: of the hive, volatile, or a mounted hive.  WH_E_NOT_FOUND.
 * Subkey number 'index' of all of them in the order of upper-cased names.  WH_E_NO_MORE.
 * The key above, also from the root of a hive into the master hive; WH_E_NO_MORE for the root of
 * the master and of an app key.
 */
enum wh_status whi_node_child(const struct whi_node *node, const char *name, size_t len,
			      struct whi_node *child);
enum wh_status whi_node_child_at(const struct whi_node *node, uint32_t index,
				 struct whi_node *child);
enum wh_status whi_node_child_count(const struct whi_node *node, uint32_t *count);
enum wh_status whi_node_parent(const struct whi_node *node, struct whi_node *parent);

/*
 * No key is deeper in the namespace than that.  Who climbs or descends counts, since in a damaged
 * hive it can go round for ever.
 */
enum { WHI_NODE_DEPTH = 2048 };
/* Is a key below another one, at any depth? */
bool whi_node_is_below(const struct whi_node *node, const struct whi_node *top);

/*
 * The name; of the root of a hive, that of its mount point.  The whole path, as
 * "\REGISTRY\MACHINE\...": allocated with reg->alloc, '*path' has '*len' bytes and a NUL.
 */
enum wh_status whi_node_name(const struct whi_node *node, char *buf, size_t cap, size_t *len);
enum wh_status whi_node_path(const struct whi_node *node, char **path, size_t *len);

/*
 * Make a subkey that is not there: 'options' WH_REG_OPTION_VOLATILE and _CREATE_LINK count, the
 * latter in place of that in 'how'.  'name' may be several, joined by backslashes, each below the
 * one before: all are made, or none, and 'child' and 'how' are the last.
 * WH_E_MUST_BE_VOLATILE.  Delete a key: WH_E_ACCESS for a root, or with subkeys of any kind.
 * Rename: WH_E_ACCESS for a root, and if the name is taken; handles and anchors follow.
 */
enum wh_status whi_node_create(const struct whi_node *parent, const char *name, size_t len,
			       uint32_t options, const struct wh_create *how,
			       struct whi_node *child);
enum wh_status whi_node_delete(const struct whi_node *node);
enum wh_status whi_node_rename(struct whi_node *node, const char *name, size_t len);

/*
 * anchor.c: where the volatile subkeys of a key of a hive are.  False: it has none.  The key of
 * an anchor.  The anchor of a key, made if there is none, with the security of the key.  The key
 * was deleted, and had no volatile subkeys; the key has another handle.
 */
bool whi_anchor_of(const struct whi_mount *mount, struct wh_key key, struct wh_key *anchor);
bool whi_anchor_key(const struct whi_mount *mount, struct wh_key anchor, struct wh_key *key);
enum wh_status whi_anchor_make(struct whi_mount *mount, struct wh_key key, struct wh_key *anchor);
/* Make the shadow of a mount, if it has none: for who begins a transaction in it. */
enum wh_status whi_anchor_prepare(struct whi_mount *mount);
void whi_anchor_drop(struct whi_mount *mount, struct wh_key key);
void whi_anchor_follow(struct whi_mount *mount, struct wh_key key, struct wh_key now);

/* Order and equality of names, as Windows has them. */
int whi_reg_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/* The REG_LINK of a symbolic link as UTF-8, allocated with its NUL; WH_E_NOT_FOUND: it has none. */
bool whi_node_is_link(const struct whi_node *node);
enum wh_status whi_node_link(const struct whi_node *node, char **target, size_t *len);

/* ---------------------------------------------------------------------- resolve.c */

enum {
	WHI_RESOLVE_OPEN_LINK = 1, /* the last key may be a link, and is not followed */
	WHI_RESOLVE_PARENT = 2     /* stop where a key is missing: see below */
};

/* What is left of a path, when keys on the way are not there. */
struct whi_rest {
	char *path;  /* allocated; names joined by single backslashes, none at the ends */
	size_t len;  /* 0: all of it was found */
	size_t size; /* of the block */
};

/*
 * The place that a path leads to from another: links are followed, the merged view is kept, and
 * 'view' (WH_KEY_WOW64_*, or 0) redirects.  With WHI_RESOLVE_PARENT keys that are missing are not
 * an error: '*place' is the last that is there, and '*rest', which is the caller's to free, what
 * comes below it.  WH_E_NOT_FOUND, WH_E_BAD_PATH, WH_E_INVALID: both views, too many links, a name
 * of more than 256 units.
 */
enum wh_status whi_resolve(struct wh_reg *reg, const struct whi_place *from, const char *path,
			   size_t len, unsigned flags, uint32_t view, struct whi_place *place,
			   struct whi_rest *rest);

void whi_rest_free(struct wh_reg *reg, struct whi_rest *rest);

/*
 * The same, and what is missing is made, all of it or nothing, beside the last that is there; of
 * the two of a merged place below that of the machine.  'options' are WH_REG_OPTION_*.
 * '*created' tells if it was.  WH_E_EXISTS: a link is to be created and the key is there.
 */
enum wh_status whi_place_create(struct wh_reg *reg, const struct whi_place *from, const char *path,
				size_t len, uint32_t options, uint32_t view,
				const struct wh_create *how, struct whi_place *place,
				bool *created);

/* The place of a key that was made somewhere below another, where neither side had it. */
void whi_place_made(const struct whi_place *above, struct whi_node node, struct whi_place *place);

/* The place of an absolute path, "\REGISTRY\...", of any case of letters, links followed. */
enum wh_status whi_resolve_absolute(struct whi_machine *machine, const char *path, size_t len,
				    unsigned flags, struct whi_node *node);

/*
 * The place of a predefined handle in a machine; overrides count for the local one.
 * WH_E_NOT_FOUND: nothing is mounted there.  WH_E_ACCESS: performance data.  WH_E_HANDLE: no such
 * handle.
 */
enum wh_status whi_predefined(struct whi_machine *machine, wh_hkey key, struct whi_place *place);
/* The same without overrides, for those that have a place in the namespace. */
enum wh_status whi_predefined_root(struct whi_machine *machine, wh_hkey key,
				   struct whi_place *place);

/*
 * view.c: what an absolute path below \REGISTRY\MACHINE or \REGISTRY\USER means in the 32-bit view:
 * allocated, or '*redirected' NULL if it means itself.  Text in, text out.
 */
enum wh_status whi_view_redirect(const struct wh_allocator *a, const char *path, size_t len,
				 char **redirected, size_t *redirected_len);

/* ---------------------------------------------------------------------- classes.c */

/*
 * The merged view: the place where it begins, from the two sides, either of which may have no
 * mount.  Places below it come from whi_place_child() and whi_place_child_at().
 */
void whi_merge(struct whi_node user, struct whi_node machine, struct whi_place *place);

/*
 * HKEY_CLASSES_ROOT of a machine for the user whose hive is the key 'user' of HKEY_USERS; NULL: for
 * none.  WH_E_NOT_FOUND: neither side is there.
 */
enum wh_status whi_classes_root(struct whi_machine *machine, const char *user, size_t len,
				struct whi_place *place);

/*
 * Another key of a merged view as a place in it, when a link or a view led there; what is not
 * below one of the two roots becomes a plain place.
 */
enum wh_status whi_place_at_node(const struct whi_place *view, struct whi_node node,
				 struct whi_place *place);

/*
 * Look up both sides again.  whi_handle_get() does so for every handle; plain places stay as they
 * are.  If the key that was opened is deleted it becomes 'node', and all else says so.
 */
enum wh_status whi_place_refresh(struct whi_place *place);

/* Where a new subkey goes: the machine's key, if there is one. */
struct whi_node whi_place_to_create(const struct whi_place *place);

/*
 * Any place, merged or not: what its subkeys and values are, in which order, and which node one
 * belongs to.  The errors are those of node.c and of winhive.h.
 */
enum wh_status whi_place_child(const struct whi_place *place, const char *name, size_t len,
			       struct whi_place *child);
enum wh_status whi_place_child_at(const struct whi_place *place, uint32_t index,
				  struct whi_place *child);
enum wh_status whi_place_value(const struct whi_place *place, const char *name, size_t len,
			       struct wh_value *value);
enum wh_status whi_place_value_at(const struct whi_place *place, uint32_t index,
				  struct wh_value *value);
enum wh_status whi_place_counts(const struct whi_place *place, uint32_t *subkeys, uint32_t *values);
enum wh_status whi_place_alive(const struct whi_place *place);

/* ---------------------------------------------------------------------- mount.c */

/*
 * Add a hive to a machine at a new key 'name' of its master hive, below 'parent' (machine_key or
 * user_key).  The mount owns the hive if WH_MOUNT_OWNED is in 'flags', also when this fails.
 * WH_E_ACCESS: the name is taken.  'parent' with cell WH_NO_CELL: an app key, which has no name.
 */
enum wh_status whi_mount_add(struct whi_machine *machine, struct wh_key parent, const char *name,
			     size_t len, struct wh_hive *hive, unsigned flags,
			     struct whi_mount **mount);
/* A mount that is only told of by wh_reg_mount_at(). */
enum wh_status whi_mount_failed(struct whi_machine *machine, const char *place, const char *path,
				enum wh_status status, const char *problem);
/* Close the hive, the shadow and all; its mount point goes. */
void whi_mount_remove(struct whi_mount *mount);
/*
 * The same, but commit before if it is mounted for writing; when that fails it stays.  No handle
 * is open into it.
 */
enum wh_status whi_mount_unload(struct whi_mount *mount);
/* Is it what HKEY_CURRENT_USER leads to? */
bool whi_mount_is_current_user(const struct whi_mount *mount);
/* Commit, if it was changed.  WH_E_ACCESS: not mounted for writing. */
enum wh_status whi_mount_commit(struct whi_mount *mount, const char *backup_suffix);
/* Open a hive file with the options of the registry; 'flags' are WH_MOUNT_*. */
enum wh_status whi_mount_open(struct wh_reg *reg, const char *path, unsigned flags,
			      struct wh_hive **hive);
struct whi_mount *whi_mount_of_point(struct whi_machine *machine, struct wh_key point);

/* Are the privileges held that saving, and loading, ask for?  Without a token they are. */
static inline bool
whi_may_backup(const struct wh_reg *reg)
{
	return reg->options.rights != WH_REG_RIGHTS_TOKEN || reg->options.token->backup;
}
static inline bool
whi_may_restore(const struct wh_reg *reg)
{
	return reg->options.rights != WH_REG_RIGHTS_TOKEN || reg->options.token->restore;
}

/* machine.c */
enum wh_status whi_machine_new(struct wh_reg *reg, struct whi_machine **machine);
void whi_machine_free(struct whi_machine *machine);
/*
 * offline.c: mount a Windows.  synthetic.c: what Windows makes at boot and is in no file:
 * CurrentControlSet and the like as volatile links, HARDWARE; the usual roots in memory.
 */
enum wh_status whi_offline_connect(struct whi_machine *machine, const char *path,
				   const struct wh_windows *how, size_t *mounted);
enum wh_status whi_synthetic_system(struct whi_machine *machine, struct whi_mount *system);
enum wh_status whi_synthetic_user(struct whi_machine *machine, struct whi_mount *user,
				  const char *sid);
enum wh_status whi_synthetic_roots(struct whi_machine *machine);
/*
 * A hive 'name' was mounted below USER by the caller: link the classes of that user, and make him
 * HKEY_CURRENT_USER if nobody is and he has an account of his own.
 */
enum wh_status whi_synthetic_account(struct whi_machine *machine, const char *name, size_t len);
/* HKLM\HARDWARE, and HKU\S-1-5-18, who is .DEFAULT. */
enum wh_status whi_synthetic_machine(struct whi_machine *machine);
/* Is that the SID of an account, not of a part of Windows? */
bool whi_is_account(const char *sid, size_t len);

/* ---------------------------------------------------------------------- notify.c */

/*
 * Something was changed in a node: 'what' is one WH_REG_NOTIFY_CHANGE_*; NAME is about the
 * subkeys of the node.  Never fails: what cannot be noted for want of memory was reserved when
 * the watch began.
 */
void whi_notify(struct wh_reg *reg, const struct whi_node *node, uint32_t what);
/* The key of a node was deleted; a handle was closed; all watches go. */
void whi_notify_deleted(struct wh_reg *reg, const struct whi_node *node);
void whi_notify_closed(struct wh_reg *reg, struct whi_handle *handle);
/* Called by whi_end() after the lock is free. */
void whi_notify_deliver(struct wh_reg *reg, struct whi_event *events);
void whi_notify_fini(struct wh_reg *reg);

/* ---------------------------------------------------------------------- access.c */

/*
 * Map generic rights, strip the view.  WH_E_ACCESS: nothing is asked, or a right that keys do not
 * have.
 */
enum wh_status whi_access_map(uint32_t wanted, uint32_t *access);

/*
 * What a handle to that key may have of 'wanted', which is mapped: all, but with
 * WH_REG_RIGHTS_TOKEN what the descriptor gives.  WH_E_ACCESS: less than was asked for.
 * WH_E_PRIVILEGE: WH_ACCESS_SYSTEM_SECURITY without its privilege.  WH_E_CORRUPT: the descriptor.
 */
enum wh_status whi_access_check(struct wh_reg *reg, const struct whi_node *node, uint32_t wanted,
				uint32_t *granted);

/*
 * What a handle gets with WH_REG_OPTION_BACKUP_RESTORE, whatever was asked for and whatever the
 * descriptor says.  WH_E_ACCESS: neither of the two privileges is held.
 */
enum wh_status whi_access_backup(struct wh_reg *reg, uint32_t *granted);

#endif
