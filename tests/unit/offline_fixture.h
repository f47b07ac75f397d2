/* SPDX-License-Identifier: MIT */
/* What the tests of an offline Windows share: a tree, a registry whose memory is counted. */
#ifndef TESTS_UNIT_OFFLINE_FIXTURE_H
#define TESTS_UNIT_OFFLINE_FIXTURE_H

#include "registry.h"
#include "tree.h"

#include "winhive-winreg.h"

#define ANNE    "S-1-5-21-1-2-3-1001"
#define BOB     "S-1-5-21-1-2-3-1002"
#define SERVICE "S-1-5-19"

#define SYSTEM_PLACES "HKLM\\SYSTEM,HKLM\\SOFTWARE,HKLM\\SAM,HKLM\\SECURITY,HKU\\.DEFAULT"

extern struct tree tree;
extern struct wh_reg *reg;
extern struct meter meter; /* of the memory of 'reg' */

void offline_init(void);
void offline_fini(void);

/* Another registry in the place of 'reg'; all memory of that one has come back. */
void fresh_registry(void);

/* A Windows with Anne, and a service, in the spelling of nobody; and Bob beside Anne. */
void make_windows(void);
void add_bob(void);

/* Connect a folder of the tree. */
enum wh_status connect_as(const char *folder, unsigned flags, const char *user);
enum wh_status connect_tree(void);

/* The mount at a place; its status is WH_E_NO_MORE if there is none. */
struct wh_reg_mount mount_at(const char *place);

/* All places in order, with commas; those that are not there with a minus. */
bool places_are(const char *wanted);

/* The value Name of a key, and of the environment of HKEY_CURRENT_USER; "!" if it is not there. */
const char *name_of(wh_hkey root, const char *path);
const char *current_name(void);

#endif
