/* SPDX-License-Identifier: MIT */
/* The registry of a Windows that is not running, from the files of its volume. */
#define _GNU_SOURCE /* realpath */
#include "registry/offline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_FLAGS = WH_MOUNT_WRITE | WH_MOUNT_NO_LOGS | WH_MOUNT_TAKE_DIRTY |
		     WH_MOUNT_TAKE_DAMAGED | WH_MOUNT_WHOLE
};

/* ----------------------------------------------------------------------- one hive */

static enum wh_status
copy_text(const struct wh_allocator *a, const char *text, char **copy)
{
	*copy = text ? whi_strdup(a, text) : NULL;
	return text && !*copy ? WH_E_MEMORY : WH_OK;
}

static enum wh_status
set_owner(struct whi_mount *mount, const struct whi_owner *owner)
{
	const struct wh_allocator *a = &mount->machine->reg->alloc;
	enum wh_status st = owner ? copy_text(a, owner->name, &mount->owner) : WH_OK;

	return owner && st == WH_OK ? copy_text(a, owner->account, &mount->account) : st;
}

enum wh_status
whi_offline_failed(struct whi_offline *o, struct wh_key parent, const char *name, const char *path,
		   const struct whi_owner *owner, enum wh_status status, const char *problem)
{
	struct whi_machine *machine = o->machine;
	const char *root = whi_key_equal(parent, machine->user_key) ? "HKU\\" : "HKLM\\";
	size_t size = strlen(root) + strlen(name) + 1;
	char *place = whi_alloc(&machine->reg->alloc, size);
	enum wh_status st;

	if (!place)
		return WH_E_MEMORY;
	snprintf(place, size, "%s%s", root, name);
	st = whi_mount_failed(machine, place, path, status, problem);
	whi_free(&machine->reg->alloc, place, size);
	return st == WH_OK ? set_owner(machine->mounts[machine->mount_count - 1], owner) : st;
}

/* What is to be said of a hive that is there. */
static const char *
describe(const struct whi_offline *o, const struct wh_hive *hive, const char *note)
{
	if (wh_hive_state(hive) != WH_DIRTY)
		return note;
	return o->flags & WH_MOUNT_NO_LOGS
		       ? "dirty, and its logs were not wanted: it may not show the latest changes"
		       : "dirty, and its logs are missing or cannot be replayed: it may not show "
			 "the latest changes";
}

static enum wh_status
open_found(struct whi_offline *o, const struct whi_found *found, struct wh_hive **hive,
	   const char **problem)
{
	enum wh_status st;

	*hive = NULL;
	*problem = "it is not a regular file";
	if (!whi_is_file(found->path))
		return WH_E_NOT_HIVE;
	*problem = "one of its logs is outside of the volume, or cannot be looked for";
	st = whi_volume_check_logs(&o->volume, found->path);
	if (st != WH_OK)
		return st;
	st = whi_mount_open(o->machine->reg, found->path, o->flags, hive);
	*problem = st == WH_E_IN_USE && (o->flags & WH_MOUNT_WRITE) ? "another process has the hive"
								    : wh_status_text(st);
	return st;
}

static enum wh_status
add(struct whi_offline *o, struct wh_key parent, const char *name, const char *path,
    struct wh_hive *hive, const struct whi_owner *owner, const char *note)
{
	const struct wh_allocator *a = &o->machine->reg->alloc;
	const char *problem = describe(o, hive, note);
	struct whi_mount *mount;
	enum wh_status st = whi_mount_add(o->machine, parent, name, WH_NTS, hive,
					  o->flags | WH_MOUNT_OWNED, &mount);

	if (st == WH_E_ACCESS || st == WH_E_INVALID)
		return whi_offline_failed(o, parent, name, path, owner, st,
					  st == WH_E_ACCESS ? "something else is mounted there"
							    : "it has no name that a key can have");
	if (st != WH_OK)
		return st;
	o->mounted++;
	o->last = mount;
	st = copy_text(a, path, &mount->path);
	if (st == WH_OK)
		st = copy_text(a, problem, &mount->problem);
	return st == WH_OK ? set_owner(mount, owner) : st;
}

enum wh_status
whi_offline_mount(struct whi_offline *o, struct wh_key parent, const char *name, const char *top,
		  const char *names, const struct whi_owner *owner, bool optional, const char *note)
{
	struct whi_found found;
	const char *problem;
	struct wh_hive *hive;
	enum wh_status st = whi_volume_find(&o->volume, top, names, &found);

	o->last = NULL;
	if (st == WH_E_NOT_FOUND && optional && !found.note)
		return WH_OK;
	if (st == WH_E_NOT_FOUND)
		return whi_offline_failed(o, parent, name, NULL, owner, st,
					  found.note ? found.note : "there is no such file");
	problem = found.note;
	if (st == WH_OK)
		st = open_found(o, &found, &hive, &problem);
	if (st == WH_E_MEMORY)
		return st;
	if (st != WH_OK)
		return whi_offline_failed(o, parent, name, found.path, owner, st, problem);
	return add(o, parent, name, found.path, hive, owner, found.note ? found.note : note);
}

/* ---------------------------------------------------------------- where things are */

static bool
find_folder(struct whi_offline *o, const char *top, const char *names, struct whi_found *found)
{
	bool there = whi_volume_find(&o->volume, top, names, found) == WH_OK &&
		     whi_is_folder(found->path);

	if (there && found->note)
		o->note = found->note;
	return there;
}

/* Is 'path' the folder that ends with these names?  Then '*up' is what is before them. */
static bool
is_called(const char *path, const char *const names[], char up[WHI_VOLUME_PATH])
{
	snprintf(up, WHI_VOLUME_PATH, "%s", path);
	for (size_t i = 0; names[i]; i++) {
		char *slash = strrchr(up, '/');

		if (!slash || !whi_same_file_name(slash + 1, names[i]))
			return false;
		*slash = '\0';
	}
	return true;
}

static bool
has_hives(const struct whi_offline *o)
{
	static const char *const names[] = { "SYSTEM",   "SOFTWARE",    "SAM",
					     "SECURITY", "DEFAULT",     "COMPONENTS",
					     "DRIVERS",  "NTUSER.DAT",  "UsrClass.dat",
					     "BCD",      "Amcache.hve", "ELAM",
					     "BBI" };
	struct whi_found found;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (whi_volume_find(&o->volume, o->config, names[i], &found) == WH_OK &&
		    whi_is_file(found.path))
			return true;
	return false;
}

/* The volume begins above the folder Windows. */
static enum wh_status
set_root(struct whi_offline *o, const char *windows)
{
	const char *slash = strrchr(windows, '/');
	size_t len = slash && slash > windows ? (size_t)(slash - windows) : 1;

	memcpy(o->root, windows, len);
	o->root[len] = '\0';
	return whi_volume_open(o->root, &o->volume);
}

/*
 * The root of the volume, the folder Windows, or the folder of the hives in it; else a folder with
 * hives, of which nothing more is known.
 */
static enum wh_status
find_layout(struct whi_offline *o, const char *path)
{
	static const char *const systems[] = { "Windows", "WINNT" };
	static const char *const config_names[] = { "config", "System32", NULL };
	struct whi_found windows, config;
	char up[WHI_VOLUME_PATH];
	const char *real = o->volume.real;
	enum wh_status st = whi_volume_open(path, &o->volume);

	if (st != WH_OK)
		return st;
	if (strlen(path) >= WHI_VOLUME_PATH)
		return WH_E_NOT_FOUND;
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		if (find_folder(o, path, systems[i], &windows) &&
		    find_folder(o, windows.path, "System32/config", &config)) {
			memcpy(o->root, path, strlen(path) + 1);
			memcpy(o->windows, windows.path, sizeof o->windows);
			memcpy(o->config, config.path, sizeof o->config);
			return WH_OK;
		}
	if (find_folder(o, path, "System32/config", &config)) {
		memcpy(o->windows, path, strlen(path) + 1);
		memcpy(o->config, config.path, sizeof o->config);
		memcpy(up, real, sizeof up);
		return set_root(o, up);
	}
	memcpy(o->config, path, strlen(path) + 1);
	if (is_called(real, config_names, up)) {
		memcpy(o->windows, up, sizeof o->windows);
		return set_root(o, up);
	}
	memcpy(o->root, path, strlen(path) + 1);
	return has_hives(o) ? WH_OK : WH_E_NOT_FOUND;
}

/* -------------------------------------------------------------------- hibernation */

/*
 * Would Windows go on with the registry in its memory, which is in hiberfil.sys?  Its first bytes
 * are "hibr", since Windows 8 "HIBR", as long as it would; after it has gone on they are others.  A
 * file that is shorter than a page says that the memory is on another volume (ntfs-3g and GRUB go
 * by the same marks: docs/winreg.md).
 */
static bool
is_hibernated(const char *path)
{
	enum { PAGE_BITS = 12, MARK = 4 };
	char mark[MARK];
	off_t size;
	ssize_t n;
	int fd = whi_open_unseen(path, 0);

	if (fd < 0)
		return true; /* it may be */
	size = lseek(fd, 0, SEEK_END);
	n = pread(fd, mark, MARK, 0);
	close(fd);
	return n < MARK || size < (off_t)1 << PAGE_BITS || memcmp(mark, "hibr", MARK) == 0 ||
	       memcmp(mark, "HIBR", MARK) == 0;
}

static enum wh_status
check_hibernation(struct whi_offline *o, bool allowed)
{
	const char *problem = "Windows is hibernated, or in fast start-up: what is in its memory, "
			      "in hiberfil.sys, may be newer";
	bool refused = (o->flags & WH_MOUNT_WRITE) && !allowed;
	struct whi_found found;
	enum wh_status st;

	if (!o->windows[0])
		return WH_OK;
	st = whi_volume_find(&o->volume, o->root, "hiberfil.sys", &found);
	if (st == WH_E_MEMORY)
		return st;
	/* Where it cannot be looked at, it may be. */
	if (st == WH_E_NOT_FOUND ||
	    (st == WH_OK && (!whi_is_file(found.path) || !is_hibernated(found.path))))
		return WH_OK;
	o->machine->hibernated = true;
	if (refused)
		problem = "Windows is hibernated, or in fast start-up: it would go on with the "
			  "registry in its memory, which is in hiberfil.sys";
	st = whi_mount_failed(o->machine, "HKLM", found.path, refused ? WH_E_IN_USE : WH_OK,
			      problem);
	return st == WH_OK && refused ? WH_E_IN_USE : st;
}

enum wh_status
wh_reg_hibernated(struct wh_reg *reg, bool *hibernated)
{
	enum wh_status st;

	if (hibernated)
		*hibernated = false;
	if (!reg || !hibernated)
		return WH_E_INVALID;
	whi_begin(reg);
	st = reg->local->root ? WH_OK : WH_E_NOT_FOUND;
	if (st == WH_OK)
		*hibernated = reg->local->hibernated;
	return whi_end(reg, st);
}

/* --------------------------------------------------------------- who is the user */

const char *
whi_user_name(const struct whi_mount *mount)
{
	static const char classes[] = "_Classes";
	const char *name = strrchr(mount->place, '\\');
	size_t len;

	if (!name || name - mount->place < 3 || memcmp(name - 3, "HKU", 3) != 0)
		return NULL;
	name++;
	len = strlen(name);
	if (len >= sizeof classes && whi_same_file_name(name + len - (sizeof classes - 1), classes))
		return NULL;
	return name;
}

/* Is it the hive of somebody, not of a part of Windows? */
static bool
is_person(const struct whi_mount *mount)
{
	return mount->hive && whi_user_name(mount) && mount->owner &&
	       (!mount->account || whi_is_account(mount->account, strlen(mount->account)));
}

static bool
is_in_folder(const struct whi_mount *mount, const char *real)
{
	char folder[WHI_VOLUME_PATH];
	char *slash;

	if (!mount->path || !realpath(mount->path, folder))
		return false;
	slash = strrchr(folder, '/');
	*slash = '\0';
	return strcmp(folder, real) == 0;
}

static bool
is_called_so(const struct whi_mount *mount, const char *user)
{
	return whi_same_file_name(whi_user_name(mount), user) ||
	       (mount->owner && whi_same_file_name(mount->owner, user)) ||
	       (mount->account && whi_same_file_name(mount->account, user));
}

static struct whi_mount *
find_user(struct whi_offline *o, const char *user)
{
	struct whi_machine *machine = o->machine;
	char real[WHI_VOLUME_PATH];
	struct whi_found found;
	bool path = realpath(user, real) != NULL;

	/* A path, of this system or as Windows has it. */
	if (!path && whi_profile_find(o, user, &found) == WH_OK)
		path = realpath(found.path, real) != NULL;
	for (size_t i = o->first; i < machine->mount_count; i++) {
		struct whi_mount *mount = machine->mounts[i];

		if (whi_user_name(mount) &&
		    (is_called_so(mount, user) || (path && is_in_folder(mount, real))))
			return mount;
	}
	return NULL;
}

static enum wh_status
no_user(struct whi_offline *o, const char *problem)
{
	return whi_mount_failed(o->machine, "HKCU", NULL, WH_E_NOT_FOUND, problem);
}

/* Who is HKEY_CURRENT_USER.  WH_E_NOT_FOUND: the one that was named is not there. */
static enum wh_status
choose_user(struct whi_offline *o, const char *user)
{
	struct whi_machine *machine = o->machine;
	struct whi_mount *chosen = NULL;
	size_t count = 0;

	if (user) {
		chosen = find_user(o, user);
		if (!chosen)
			return WH_E_NOT_FOUND;
		if (!chosen->hive)
			return no_user(o, "the hive of the user that was named is not there");
	}
	for (size_t i = o->first; !user && i < machine->mount_count; i++)
		if (is_person(machine->mounts[i])) {
			chosen = machine->mounts[i];
			count++;
		}
	if (count > 1)
		return no_user(o, "there are several users, and none of them was named");
	if (!chosen)
		return o->windows[0] ? no_user(o, "there is no hive of a user with an account")
				     : WH_OK;
	machine->current_user = whi_strdup(&machine->reg->alloc, whi_user_name(chosen));
	return machine->current_user ? WH_OK : WH_E_MEMORY;
}

/* ------------------------------------------------------------------------ connect */

static enum wh_status
mount_system(struct whi_offline *o)
{
	static const struct {
		const char *name;
		bool user, optional;
	} hives[] = {
		{ "SYSTEM", false, false },  { "SOFTWARE", false, false },
		{ "SAM", false, false },     { "SECURITY", false, false },
		{ "DRIVERS", false, true },  { "COMPONENTS", false, true },
		{ "BBI", false, true },      { "ELAM", false, true },
		{ ".DEFAULT", true, false },
	};
	struct whi_machine *machine = o->machine;
	enum wh_status st = WH_OK;

	for (size_t i = 0; st == WH_OK && i < sizeof hives / sizeof *hives; i++) {
		const char *name = hives[i].name;

		/* Of a folder that is no Windows nobody said what would be in it. */
		st = whi_offline_mount(o, hives[i].user ? machine->user_key : machine->machine_key,
				       name, o->config, name + (name[0] == '.'), NULL,
				       hives[i].optional || !o->windows[0], NULL);
		if (strcmp(name, "SOFTWARE") == 0)
			o->software = o->last;
	}
	return st;
}

/* Hives that lie elsewhere; all in one folder if it is no Windows. */
static enum wh_status
mount_others(struct whi_offline *o)
{
	const struct wh_key machine = o->machine->machine_key;
	bool windows = o->windows[0] != '\0';
	const char *bcd = "EFI/Microsoft/Boot/BCD";
	struct whi_found found;
	enum wh_status st;

	st = whi_offline_mount(o, machine, "AMCACHE", windows ? o->windows : o->config,
			       windows ? "AppCompat/Programs/Amcache.hve" : "Amcache.hve", NULL,
			       true, NULL);
	if (st != WH_OK)
		return st;
	if (!windows)
		bcd = "BCD";
	else if (whi_volume_find(&o->volume, o->root, "Boot/BCD", &found) == WH_OK)
		bcd = "Boot/BCD";
	return whi_offline_mount(o, machine, "BCD00000000", windows ? o->root : o->config, bcd,
				 NULL, true, NULL);
}

/* Links, when it is known what is there. */
static enum wh_status
complete(struct whi_offline *o)
{
	struct whi_machine *machine = o->machine;
	enum wh_status st = WH_OK;

	for (size_t i = o->first; st == WH_OK && i < machine->mount_count; i++) {
		struct whi_mount *mount = machine->mounts[i];
		const char *name = mount->hive ? strrchr(mount->place, '\\') + 1 : NULL;

		if (name && strcmp(name, "SYSTEM") == 0 && !whi_user_name(mount))
			st = whi_synthetic_system(machine, mount);
		else if (name && mount->owner && whi_user_name(mount))
			st = whi_synthetic_user(machine, mount, name);
	}
	return st == WH_OK ? whi_synthetic_machine(machine) : st;
}

/* Why no hive is there: as the first one that has a file says, if there is one. */
static enum wh_status
first_reason(const struct whi_offline *o)
{
	for (size_t i = o->first; i < o->machine->mount_count; i++)
		if (o->machine->mounts[i]->path && o->machine->mounts[i]->status != WH_OK)
			return o->machine->mounts[i]->status;
	return WH_E_NOT_FOUND;
}

/* What an attempt that failed has left, to be told of. */
static void
forget_failed(struct whi_machine *machine)
{
	for (size_t i = machine->mount_count; i-- > 0;)
		if (!machine->mounts[i]->hive)
			whi_mount_remove(machine->mounts[i]);
}

static void
remove_all(struct whi_offline *o)
{
	struct whi_machine *machine = o->machine;

	for (size_t i = machine->mount_count; i-- > o->first;)
		if (machine->mounts[i]->hive)
			whi_mount_remove(machine->mounts[i]);
}

static enum wh_status
mount_all(struct whi_offline *o, const struct wh_windows *how)
{
	enum wh_status st = check_hibernation(o, (how->flags & WH_MOUNT_HIBERNATED) != 0);

	if (st == WH_OK && o->note)
		st = whi_mount_failed(o->machine, "HKLM", o->config, WH_OK, o->note);
	if (st == WH_OK)
		st = mount_system(o);
	if (st == WH_OK)
		st = mount_others(o);
	if (st == WH_OK)
		st = whi_profiles_mount(o);
	if (st == WH_OK && o->mounted == 0)
		st = first_reason(o);
	if (st == WH_OK)
		st = choose_user(o, how->user);
	return st == WH_OK ? complete(o) : st;
}

static void
free_text(const struct wh_allocator *a, char **text)
{
	if (*text)
		whi_free(a, *text, strlen(*text) + 1);
	*text = NULL;
}

/* All or nothing; what is left of the latter are the mounts that say why. */
static enum wh_status
connect_all(struct whi_offline *o, const struct wh_windows *how)
{
	struct whi_machine *machine = o->machine;
	const struct wh_allocator *a = &machine->reg->alloc;
	char *user = machine->current_user; /* of a hive that was mounted by hand */
	enum wh_status st = wh_hive_begin(machine->master.hive), done;

	if (st != WH_OK)
		return st;
	machine->current_user = NULL;
	st = mount_all(o, how);
	done = st == WH_OK ? wh_hive_end(machine->master.hive) : wh_hive_undo(machine->master.hive);
	if (st != WH_OK) {
		remove_all(o);
		free_text(a, &machine->current_user);
		machine->hibernated = false;
	}
	if (machine->current_user)
		free_text(a, &user);
	else
		machine->current_user = user;
	return st == WH_OK ? done : st;
}

enum wh_status
whi_offline_connect(struct whi_machine *machine, const char *path, const struct wh_windows *how,
		    size_t *mounted)
{
	static const struct wh_windows plain;
	const struct wh_allocator *a = &machine->reg->alloc;
	const unsigned known = FILE_FLAGS | WH_MOUNT_HIBERNATED;
	struct whi_offline *o;
	enum wh_status st;

	if (!how)
		how = &plain;
	if (!path || !path[0] || (how->flags & ~known))
		return WH_E_INVALID;
	if (machine->root)
		return WH_E_EXISTS;
	o = whi_zalloc(a,
		       sizeof *o); /* it has paths in it, and there are threads with small stacks */
	if (!o)
		return WH_E_MEMORY;
	o->machine = machine;
	o->flags = how->flags & FILE_FLAGS;
	forget_failed(machine);
	o->first = machine->mount_count;
	st = find_layout(o, path);
	if (st == WH_OK)
		st = copy_text(a, path, &machine->root);
	if (st == WH_OK) {
		st = connect_all(o, how);
		if (st != WH_OK)
			free_text(a, &machine->root);
	}
	if (mounted && st == WH_OK)
		*mounted = o->mounted;
	whi_free(a, o, sizeof *o);
	return st;
}

enum wh_status
wh_reg_connect_windows(struct wh_reg *reg, const char *path, const struct wh_windows *how,
		       size_t *mounted)
{
	if (mounted)
		*mounted = 0;
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, whi_offline_connect(reg->local, path, how, mounted));
}
