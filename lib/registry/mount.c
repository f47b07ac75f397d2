/* SPDX-License-Identifier: MIT */
/* Hives in the namespace: how they come into it and go out, and to their files. */
#include "registry/registry.h"

#include <string.h>

static void
free_text(const struct wh_allocator *a, char *text)
{
	if (text)
		whi_free(a, text, strlen(text) + 1);
}

static bool
has_point(const struct whi_mount *mount)
{
	return mount->point.cell != WH_NO_CELL;
}

/* ----------------------------------------------------------------------- adding */

/* The hive of a mount that takes none over is left to the caller. */
static void
mount_free(struct whi_mount *mount)
{
	const struct wh_allocator *a = &mount->machine->reg->alloc;

	wh_hive_close(mount->shadow);
	if (mount->flags & WH_MOUNT_OWNED)
		wh_hive_close(mount->hive);
	whi_free(a, mount->anchors, mount->anchor_cap * sizeof *mount->anchors);
	free_text(a, mount->place);
	free_text(a, mount->path);
	free_text(a, mount->owner);
	free_text(a, mount->account);
	free_text(a, mount->problem);
	whi_free(a, mount, sizeof *mount);
}

/* One that is in no list yet, but there is room for it. */
static struct whi_mount *
mount_new(struct whi_machine *machine)
{
	const struct wh_allocator *a = &machine->reg->alloc;
	struct whi_mount *mount;

	if (!whi_grow(a, &machine->mounts, &machine->mount_cap, machine->mount_count + 1,
		      sizeof(struct whi_mount *)))
		return NULL;
	mount = whi_zalloc(a, sizeof *mount);
	if (mount) {
		mount->machine = machine;
		mount->point.cell = WH_NO_CELL;
	}
	return mount;
}

static void
list(struct whi_mount *mount)
{
	mount->machine->mounts[mount->machine->mount_count++] = mount;
}

/*
 * A place as text.  Those of another Windows than that of the registry begin with its path, as
 * Windows writes the keys of other computers: "\\PATH\HKLM\NAME".
 */
static char *
place_text(struct whi_machine *machine, const char *place, const char *name, size_t len)
{
	bool other = machine != machine->reg->local && machine->root;
	const char *end = memchr(name, '\0', len);
	size_t root_len = other ? strlen(machine->root) + 3 : 0, place_len = strlen(place);
	char *text, *at;

	if (end) /* the text of a name ends at its first NUL */
		len = (size_t)(end - name);
	text = whi_alloc(&machine->reg->alloc, root_len + place_len + len + 1);
	if (!text)
		return NULL;
	at = text;
	if (other) {
		memcpy(at, "\\\\", 2);
		memcpy(at + 2, machine->root, root_len - 3);
		at[root_len - 1] = '\\';
		at += root_len;
	}
	memcpy(at, place, place_len);
	memcpy(at + place_len, name, len);
	at[place_len + len] = '\0';
	return text;
}

/* Make the mount point, which must not be there. */
static enum wh_status
make_point(struct whi_mount *mount, struct wh_key parent, const char *name, size_t len)
{
	struct wh_key point;
	enum wh_status st;
	bool created;

	st = wh_key_create(parent, name, len, NULL, &point, &created);
	if (st == WH_OK && !created)
		return WH_E_ACCESS;
	if (st == WH_OK)
		mount->point = point;
	return st;
}

enum wh_status
whi_mount_add(struct whi_machine *machine, struct wh_key parent, const char *name, size_t len,
	      struct wh_hive *hive, unsigned flags, struct whi_mount **added)
{
	bool app = parent.cell == WH_NO_CELL;
	struct whi_mount *mount = mount_new(machine);
	enum wh_status st = WH_E_MEMORY;

	*added = NULL;
	if (!mount) {
		if (flags & WH_MOUNT_OWNED)
			wh_hive_close(hive);
		return st;
	}
	mount->hive = hive;
	mount->flags = flags;
	mount->app = app;
	if (app)
		mount->place = place_text(machine, "(application key)", "", 0);
	else
		mount->place = place_text(
			machine, whi_key_equal(parent, machine->user_key) ? "HKU\\" : "HKLM\\",
			name, len == WH_NTS ? strlen(name) : len);
	if (mount->place)
		st = app ? WH_OK : make_point(mount, parent, name, len);
	if (st != WH_OK) {
		mount_free(mount);
		return st;
	}
	list(mount);
	*added = mount;
	return WH_OK;
}

enum wh_status
whi_mount_failed(struct whi_machine *machine, const char *place, const char *path,
		 enum wh_status status, const char *problem)
{
	const struct wh_allocator *a = &machine->reg->alloc;
	struct whi_mount *mount = mount_new(machine);

	if (!mount)
		return WH_E_MEMORY;
	mount->place = place_text(machine, place, "", 0);
	mount->path = path ? whi_strdup(a, path) : NULL;
	mount->problem = problem ? whi_strdup(a, problem) : NULL;
	mount->status = status;
	if (!mount->place || (path && !mount->path) || (problem && !mount->problem)) {
		mount_free(mount);
		return WH_E_MEMORY;
	}
	list(mount);
	return WH_OK;
}

/* --------------------------------------------------------------------- removing */

bool
whi_mount_is_current_user(const struct whi_mount *mount)
{
	const struct whi_machine *machine = mount->machine;
	struct wh_key point;

	return has_point(mount) && machine->current_user &&
	       wh_key_subkey(machine->user_key, machine->current_user, WH_NTS, &point) == WH_OK &&
	       whi_key_equal(point, mount->point);
}

/* Take the mount point away.  Nobody is HKEY_CURRENT_USER when his hive goes. */
static enum wh_status
remove_point(struct whi_mount *mount)
{
	struct whi_machine *machine = mount->machine;
	bool current = whi_mount_is_current_user(mount);
	enum wh_status st = has_point(mount) ? wh_key_delete(mount->point) : WH_OK;

	if (st != WH_OK)
		return st;
	mount->point.cell = WH_NO_CELL;
	if (current) {
		free_text(&machine->reg->alloc, machine->current_user);
		machine->current_user = NULL;
	}
	return WH_OK;
}

void
whi_mount_remove(struct whi_mount *mount)
{
	struct whi_machine *machine = mount->machine;
	enum wh_status st;

	for (size_t i = 0; i < machine->mount_count; i++) {
		if (machine->mounts[i] != mount)
			continue;
		machine->mount_count--;
		memmove(machine->mounts + i, machine->mounts + i + 1,
			(machine->mount_count - i) * sizeof(struct whi_mount *));
	}
	whi_handles_lose(machine->reg, mount);
	st = remove_point(mount);
	(void)st; /* if there is no memory for that an empty key is left, in memory */
	mount_free(mount);
}

enum wh_status
whi_mount_unload(struct whi_mount *mount)
{
	enum wh_status st = mount->flags & WH_MOUNT_WRITE ? whi_mount_commit(mount, NULL) : WH_OK;

	if (st == WH_OK)
		st = remove_point(mount);
	if (st == WH_OK)
		whi_mount_remove(mount);
	return st;
}

struct whi_mount *
whi_mount_of_point(struct whi_machine *machine, struct wh_key point)
{
	for (size_t i = 0; i < machine->mount_count; i++) {
		struct whi_mount *mount = machine->mounts[i];

		if (has_point(mount) && whi_key_equal(mount->point, point))
			return mount;
	}
	return NULL;
}

/* ------------------------------------------------------------------------ files */

enum wh_status
whi_mount_open(struct wh_reg *reg, const char *path, unsigned flags, struct wh_hive **hive)
{
	struct wh_options options = {
		.flags = (flags & WH_MOUNT_WRITE ? WH_OPEN_WRITE : 0u) |
			 (flags & WH_MOUNT_NO_LOGS ? WH_OPEN_NO_LOGS : 0u) |
			 (flags & WH_MOUNT_TAKE_DIRTY ? WH_OPEN_TAKE_DIRTY : 0u) |
			 (flags & WH_MOUNT_TAKE_DAMAGED ? WH_OPEN_TAKE_DAMAGED : 0u) |
			 (flags & WH_MOUNT_WHOLE ? WH_OPEN_WHOLE : 0u),
		.issue = reg->options.issue,
		.issue_ctx = reg->options.issue_ctx,
		.allocator = &reg->alloc,
		.time = reg->options.time,
	};

	return wh_hive_open(path, &options, hive);
}

/* The path of a mount with something behind it; '*size' bytes are to be freed. */
static char *
backup_path(const struct whi_mount *mount, const char *suffix, size_t *size)
{
	size_t len = strlen(mount->path);
	char *text;

	*size = len + strlen(suffix) + 1;
	text = whi_alloc(&mount->machine->reg->alloc, *size);
	if (text) {
		memcpy(text, mount->path, len);
		memcpy(text + len, suffix, *size - len);
	}
	return text;
}

enum wh_status
whi_mount_commit(struct whi_mount *mount, const char *backup_suffix)
{
	struct wh_commit how = { 0 };
	char *backup = NULL;
	enum wh_status st;
	size_t size = 0;

	if (!mount->hive || !wh_hive_changed(mount->hive))
		return WH_OK;
	if (!(mount->flags & WH_MOUNT_WRITE)) /* what is in no file has nowhere to go */
		return mount->path ? WH_E_ACCESS : WH_OK;
	if (backup_suffix) {
		if (!mount->path)
			return WH_E_INVALID;
		backup = backup_path(mount, backup_suffix, &size);
		if (!backup)
			return WH_E_MEMORY;
	}
	how.backup = backup;
	st = wh_hive_commit(mount->hive, &how, NULL);
	whi_free(&mount->machine->reg->alloc, backup, size);
	return st;
}
