/* SPDX-License-Identifier: MIT */
/*
 * Files of a Windows volume that is mounted somewhere: their names in any case of letters, and
 * never one that is outside.  A volume is as foreign as a hive is: its links may lead anywhere.
 */
#ifndef WHI_REGISTRY_VOLUME_H
#define WHI_REGISTRY_VOLUME_H

#include "winhive.h"

/* Room for a path, its NUL included; realpath() writes no more. */
enum { WHI_VOLUME_PATH = 1 << 12 };

struct whi_volume {
	char real[WHI_VOLUME_PATH]; /* its root, without links; nothing outside is ever taken */
};

/* A file or folder. */
struct whi_found {
	char path[WHI_VOLUME_PATH];
	const char *note; /* a sentence: why it was not found, or what is to be said; NULL */
};

/* WH_E_NOT_FOUND: there is no such folder. */
enum wh_status whi_volume_open(const char *path, struct whi_volume *volume);

/*
 * What 'names', joined by slashes, lead to from the folder 'top'.  Of names that differ in the case
 * of letters only, the one that is spelt so is taken, or else the first.  WH_E_NOT_FOUND.
 * WH_E_ACCESS: it is outside of the volume, or a folder on the way cannot be read.
 */
enum wh_status whi_volume_find(const struct whi_volume *volume, const char *top, const char *names,
			       struct whi_found *found);

/* WH_E_ACCESS: one of the logs beside a hive is outside of the volume. */
enum wh_status whi_volume_check_logs(const struct whi_volume *volume, const char *path);

bool whi_is_folder(const char *path);
bool whi_is_file(const char *path); /* a regular one */

/* Open for reading, without a trace of it where the system allows that.  -1: errno says why. */
int whi_open_unseen(const char *path, int flags);

/* Are the names of files the same to Windows? */
bool whi_same_file_name(const char *a, const char *b);

/* Call 'fn' with each name in a folder, until it does not return WH_OK. */
typedef enum wh_status whi_entry_fn(void *ctx, const char *name);
enum wh_status whi_volume_list(const char *path, whi_entry_fn *fn, void *ctx);

#endif
