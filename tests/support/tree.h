/* SPDX-License-Identifier: MIT */
/*
 * Trees of files below a temporary folder, and the offline Windows that they make up.  What cannot
 * be made ends the program.
 */
#ifndef TESTS_SUPPORT_TREE_H
#define TESTS_SUPPORT_TREE_H

#include "winhive.h"

struct tree {
	char folder[64];
};

void tree_init(struct tree *tree);
void tree_fini(struct tree *tree);

/* The path of a name in the tree; good for the next seven calls. */
const char *tree_path(const struct tree *tree, const char *name);

/* Files; the folders above them are made. */
void tree_put(const struct tree *tree, const char *name, const void *bytes, size_t len);
void tree_copy(const struct tree *tree, const char *name, const char *from);
/* A file below testdata/. */
void tree_data(const struct tree *tree, const char *name, const char *data);
void tree_link(const struct tree *tree, const char *name, const char *target);
void tree_remove(const struct tree *tree, const char *name);
bool tree_has(const struct tree *tree, const char *name);

/* A digest of the names, bytes and times of change of all files in the tree. */
uint64_t tree_digest(const struct tree *tree);

/* A new hive with keys, whose list ends with NULL; and it as a file, which closes it. */
struct wh_hive *tree_hive(const char *const *paths);
void tree_save(const struct tree *tree, const char *name, struct wh_hive *hive);
void tree_save_keys(const struct tree *tree, const char *name, const char *const *paths);

/* A string or a number in a key that is made if it is not there. */
void tree_string(struct wh_hive *hive, const char *key, const char *name, uint32_t type,
		 const char *text);
void tree_number(struct wh_hive *hive, const char *key, const char *name, uint32_t number);

/*
 * The hives of config, in a folder: SYSTEM with ControlSet001 as the current one of two, SAM,
 * SECURITY, DEFAULT, and SOFTWARE with a ProfileList of the profiles in 'sids' and 'paths', which
 * end with NULL.
 */
void tree_config(const struct tree *tree, const char *config, const char *const *sids,
		 const char *const *paths);

/* NTUSER.DAT, with a value Name in its key Environment, and UsrClass.dat of a profile. */
void tree_profile(const struct tree *tree, const char *folder, const char *name);

#endif
