/* SPDX-License-Identifier: MIT */
/* The hives of a Windows that is not running, while they are being mounted. */
#ifndef WHI_REGISTRY_OFFLINE_H
#define WHI_REGISTRY_OFFLINE_H

#include "registry/registry.h"
#include "registry/volume.h"

struct whi_offline {
	struct whi_machine *machine;
	unsigned flags; /* WH_MOUNT_* of a file */
	struct whi_volume volume;
	char root[WHI_VOLUME_PATH];    /* of the volume, as it was given */
	char windows[WHI_VOLUME_PATH]; /* the folder Windows; "": only hives, in 'config' */
	char config[WHI_VOLUME_PATH];  /* where SYSTEM and the like are */
	const char *note;              /* what is to be said of these; NULL */
	struct whi_mount *software;    /* NULL: it is not there */
	struct whi_mount *last;        /* what whi_offline_mount() mounted last; NULL: nothing */
	char drive;                    /* the letter that this Windows has for the volume, or 0 */
	size_t first;                  /* mount in the list of the machine */
	size_t mounted;                /* hives that are there */
};

/* Whose hive it is; strings are copied. */
struct whi_owner {
	const char *name, *account; /* NULL: not known */
};

/*
 * Mount the file that 'names' lead to from the folder 'top' as 'name' below 'parent'.  What is
 * wrong with the file becomes a mount that failed, and WH_OK; 'optional': but not that it is not
 * there.  'note' is said of one that is there, NULL: nothing.  WH_E_MEMORY.
 */
enum wh_status whi_offline_mount(struct whi_offline *o, struct wh_key parent, const char *name,
				 const char *top, const char *names, const struct whi_owner *owner,
				 bool optional, const char *note);

/* A mount that failed, of somebody. */
enum wh_status whi_offline_failed(struct whi_offline *o, struct wh_key parent, const char *name,
				  const char *path, const struct whi_owner *owner,
				  enum wh_status status, const char *problem);

/* profile.c: mount the hives of all users. */
enum wh_status whi_profiles_mount(struct whi_offline *o);

/*
 * A path as Windows has it, "%SystemDrive%\Users\x" or "C:\Users\x", on this volume.
 * WH_E_NOT_FOUND, WH_E_ACCESS: found->note is why, if it is not NULL.
 */
enum wh_status whi_profile_find(const struct whi_offline *o, const char *path,
				struct whi_found *found);

/* The name of a mount below HKEY_USERS; NULL: it is none, or the classes of a user. */
const char *whi_user_name(const struct whi_mount *mount);

#endif
