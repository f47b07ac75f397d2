/* SPDX-License-Identifier: MIT */
/* Hives mounted and unmounted by callers, told of, and committed. */
#include "registry/registry.h"

#include <string.h>

enum {
	FILE_FLAGS = WH_MOUNT_WRITE | WH_MOUNT_NO_LOGS | WH_MOUNT_TAKE_DIRTY |
		     WH_MOUNT_TAKE_DAMAGED | WH_MOUNT_WHOLE
};

/* ---------------------------------------------------------------------- mounting */

static bool
is_name(const char *text, size_t len, const char *name)
{
	return whi_reg_compare(text, len == WH_NTS ? strlen(text) : len, name, strlen(name)) == 0;
}

/*
 * What belongs to a hive and is in no file: the links of SYSTEM and of a user.  A hive in which
 * there is no place for them is mounted all the same.
 */
static enum wh_status
complete(struct whi_mount *mount, struct wh_key parent, const char *name, size_t len)
{
	struct whi_machine *machine = mount->machine;

	if (whi_key_equal(parent, machine->user_key))
		return whi_synthetic_account(machine, name, len == WH_NTS ? strlen(name) : len);
	return is_name(name, len, "SYSTEM") ? whi_synthetic_system(machine, mount) : WH_OK;
}

/*
 * Takes the hive over, with WH_MOUNT_OWNED in 'flags', also when it fails.  Then its mount point
 * goes by an undo, for which there is memory always.
 */
static enum wh_status
mount_at(struct whi_machine *machine, struct wh_key parent, const char *name, size_t len,
	 struct wh_hive *hive, const char *path, unsigned flags)
{
	struct wh_hive *master = machine->master.hive;
	struct whi_mount *mount = NULL;
	enum wh_status st = wh_hive_begin(master), undone;

	if (st != WH_OK) {
		if (flags & WH_MOUNT_OWNED)
			wh_hive_close(hive);
		return st;
	}
	st = whi_mount_add(machine, parent, name, len, hive, flags, &mount);
	if (st == WH_OK) {
		mount->path = path ? whi_strdup(&machine->reg->alloc, path) : NULL;
		st = path && !mount->path ? WH_E_MEMORY : complete(mount, parent, name, len);
	}
	if (st == WH_OK)
		return wh_hive_end(master);
	undone = wh_hive_undo(master);
	if (mount)
		whi_mount_remove(mount);
	return undone == WH_OK ? st : undone;
}

static enum wh_status
mount_file(struct whi_machine *machine, struct wh_key parent, const char *name, size_t len,
	   const char *path, unsigned flags)
{
	struct wh_hive *hive;
	struct wh_key taken;
	enum wh_status st;

	if (!name || !path || !path[0] || (flags & ~(unsigned)FILE_FLAGS))
		return WH_E_INVALID;
	/* Before the file is read, and locked. */
	if (wh_key_subkey(parent, name, len, &taken) == WH_OK)
		return WH_E_ACCESS;
	st = whi_mount_open(machine->reg, path, flags, &hive);
	if (st != WH_OK)
		return st;
	return mount_at(machine, parent, name, len, hive, path, flags | WH_MOUNT_OWNED);
}

static struct wh_key
root_key(struct wh_reg *reg, wh_hkey root)
{
	if (root == WH_HKEY_LOCAL_MACHINE)
		return reg->local->machine_key;
	if (root == WH_HKEY_USERS)
		return reg->local->user_key;
	return (struct wh_key){ .cell = WH_NO_CELL };
}

enum wh_status
wh_reg_mount(struct wh_reg *reg, wh_hkey root, const char *name, size_t len, const char *path,
	     unsigned flags)
{
	struct wh_key parent;

	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	parent = root_key(reg, root);
	return whi_end(reg, parent.cell == WH_NO_CELL
				    ? WH_E_INVALID
				    : mount_file(reg->local, parent, name, len, path, flags));
}

enum wh_status
wh_reg_mount_hive(struct wh_reg *reg, wh_hkey root, const char *name, size_t len,
		  struct wh_hive *hive, unsigned flags)
{
	const unsigned known = FILE_FLAGS | WH_MOUNT_OWNED;
	struct wh_key parent;
	enum wh_status st;

	if (!reg || !hive)
		return WH_E_INVALID;
	whi_begin(reg);
	parent = root_key(reg, root);
	if (!name || parent.cell == WH_NO_CELL || (flags & ~known)) {
		if (flags & WH_MOUNT_OWNED)
			wh_hive_close(hive);
		st = WH_E_INVALID;
	} else {
		st = mount_at(reg->local, parent, name, len, hive, NULL, flags);
	}
	return whi_end(reg, st);
}

/* The master key that a handle leads to, if it is HKEY_LOCAL_MACHINE or HKEY_USERS of a machine. */
static enum wh_status
find_root(struct wh_reg *reg, wh_hkey key, struct whi_machine **machine, struct wh_key *root)
{
	struct whi_handle room, *handle;
	const struct whi_node *node;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &handle);

	*machine = NULL;
	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st != WH_OK)
		return st;
	node = &handle->place.node;
	*machine = node->mount->machine;
	*root = node->key;
	return whi_key_equal(node->key, (*machine)->machine_key) ||
			       whi_key_equal(node->key, (*machine)->user_key)
		       ? WH_OK
		       : WH_E_ACCESS;
}

static enum wh_status
load_key(struct wh_reg *reg, wh_hkey key, const char *name, size_t len, const char *path,
	 unsigned flags)
{
	struct whi_machine *machine;
	struct wh_key parent;
	enum wh_status st = find_root(reg, key, &machine, &parent);

	if (st == WH_OK && !(whi_may_backup(reg) && whi_may_restore(reg)))
		st = WH_E_PRIVILEGE;
	return st == WH_OK ? mount_file(machine, parent, name, len, path, flags) : st;
}

enum wh_status
wh_reg_load_key(struct wh_reg *reg, wh_hkey key, const char *name, size_t len, const char *path,
		unsigned flags)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, load_key(reg, key, name, len, path, flags));
}

static enum wh_status
unload_key(struct wh_reg *reg, wh_hkey key, const char *name, size_t len)
{
	struct whi_machine *machine;
	struct whi_mount *mount;
	struct wh_key parent, point;
	enum wh_status st = find_root(reg, key, &machine, &parent);

	if (st == WH_E_ACCESS || !name || len == 0 || !name[0])
		return WH_E_INVALID;
	if (st == WH_OK && !(whi_may_backup(reg) && whi_may_restore(reg)))
		st = WH_E_PRIVILEGE;
	if (st == WH_OK)
		st = wh_key_subkey(parent, name, len, &point);
	if (st != WH_OK)
		return st;
	mount = whi_mount_of_point(machine, point);
	if (!mount)
		return WH_E_INVALID;
	return mount->handles > 0 ? WH_E_ACCESS : whi_mount_unload(mount);
}

enum wh_status
wh_reg_unload_key(struct wh_reg *reg, wh_hkey key, const char *name, size_t len)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, unload_key(reg, key, name, len));
}

static enum wh_status
load_app_key(struct wh_reg *reg, const char *path, uint32_t access, unsigned flags, wh_hkey *result)
{
	const struct wh_key nowhere = { .cell = WH_NO_CELL };
	struct whi_place place = { 0 };
	struct whi_mount *mount;
	struct wh_hive *hive;
	enum wh_status st;

	if (!path || !path[0] || (flags & ~(unsigned)FILE_FLAGS))
		return WH_E_INVALID;
	st = whi_mount_open(reg, path, flags, &hive);
	if (st == WH_OK)
		st = whi_mount_add(reg->local, nowhere, "", 0, hive, flags | WH_MOUNT_OWNED,
				   &mount);
	if (st != WH_OK)
		return st;
	mount->path = whi_strdup(&reg->alloc, path);
	place.node = (struct whi_node){ mount, wh_hive_root(hive) };
	st = mount->path ? whi_handle_new(reg, &place, access, result) : WH_E_MEMORY;
	if (st != WH_OK)
		whi_mount_remove(mount);
	return st;
}

enum wh_status
wh_reg_load_app_key(struct wh_reg *reg, const char *path, uint32_t access, unsigned flags,
		    wh_hkey *result)
{
	if (result)
		*result = 0;
	if (!reg || !result)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, load_app_key(reg, path, access, flags, result));
}

/* ----------------------------------------------------------------------- telling */

/* Mount number 'index' of all machines, the registry's own first; NULL past the last. */
static struct whi_mount *
mount_number(struct wh_reg *reg, size_t index)
{
	for (struct whi_machine *m = reg->local; m; m = m->next) {
		if (index < m->mount_count)
			return m->mounts[index];
		index -= m->mount_count;
	}
	return NULL;
}

static size_t
count_applied(const struct wh_hive *hive)
{
	struct wh_log log;
	size_t count = 0;

	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++)
		count += log.verdict == WH_LOG_APPLIED;
	return count;
}

static void
describe(const struct whi_mount *mount, struct wh_reg_mount *out)
{
	*out = (struct wh_reg_mount){
		.place = mount->place,
		.path = mount->path,
		.owner = mount->owner,
		.account = mount->account,
		.status = mount->status,
		.problem = mount->problem,
		.writable = (mount->flags & WH_MOUNT_WRITE) != 0,
		.current_user = whi_mount_is_current_user(mount),
		.hive = mount->hive,
	};
	if (!mount->hive)
		return;
	out->state = wh_hive_state(mount->hive);
	out->log_count = wh_hive_log_count(mount->hive);
	out->logs_applied = count_applied(mount->hive);
	out->changed = wh_hive_changed(mount->hive);
}

enum wh_status
wh_reg_mount_at(struct wh_reg *reg, size_t index, struct wh_reg_mount *mount)
{
	const struct whi_mount *found;

	if (mount)
		*mount = (struct wh_reg_mount){ 0 };
	if (!reg || !mount)
		return WH_E_INVALID;
	whi_begin(reg);
	found = mount_number(reg, index);
	if (found)
		describe(found, mount);
	return whi_end(reg, found ? WH_OK : WH_E_NO_MORE);
}

/* -------------------------------------------------------------------- committing */

enum wh_status
wh_reg_commit(struct wh_reg *reg, const char *backup_suffix, size_t *failed)
{
	enum wh_status st = WH_OK;
	struct whi_mount *mount;

	if (failed)
		*failed = 0;
	if (!reg || (backup_suffix && !backup_suffix[0]))
		return WH_E_INVALID;
	whi_begin(reg);
	for (size_t i = 0; st == WH_OK && (mount = mount_number(reg, i)) != NULL; i++) {
		if (mount->flags & WH_MOUNT_WRITE)
			st = whi_mount_commit(mount, backup_suffix);
		if (st != WH_OK && failed)
			*failed = i;
	}
	return whi_end(reg, st);
}

static enum wh_status
flush_key(struct wh_reg *reg, wh_hkey key)
{
	struct whi_handle room, *handle;
	const struct whi_place *place;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_QUERY_VALUE, &room, &handle);

	if (st != WH_OK)
		return st;
	place = &handle->place;
	st = whi_place_alive(place);
	if (st == WH_OK)
		st = whi_mount_commit(place->node.mount, NULL);
	if (st == WH_OK && place->other.mount)
		st = whi_mount_commit(place->other.mount, NULL);
	return st;
}

enum wh_status
wh_reg_flush_key(struct wh_reg *reg, wh_hkey key)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, flush_key(reg, key));
}
