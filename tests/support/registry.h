/* SPDX-License-Identifier: MIT */
/*
 * What tests of the registry share: one with hives in memory at the usual places, made anew for
 * each test, whose memory is counted.
 *
 *	HKLM\SOFTWARE, HKLM\SYSTEM	with Classes, and ControlSet001 as the current one
 *	HKU\USER_SID			HKEY_CURRENT_USER, with Software
 *	HKU\USER_SID_Classes		mounted too: the user's side of HKEY_CLASSES_ROOT
 *
 * Shorthands end the program if they fail.
 */
#ifndef TESTS_SUPPORT_REGISTRY_H
#define TESTS_SUPPORT_REGISTRY_H

#include "reading.h"

#include "winhive-winreg.h"

#define USER_SID "S-1-5-21-1-2-3-1001"
#define REG_NOW  UINT64_C(0x01d9000000000000)

struct test_registry {
	struct wh_reg *reg;
	struct wh_hive *software, *system, *user, *classes; /* closed with the registry */
	struct meter meter;
	struct wh_allocator alloc; /* counted by it */
};

/* 'options' may be NULL; its allocator and time are replaced. */
void registry_init(struct test_registry *t, const struct wh_reg_options *options);

/* The bytes of each hive open again, and all memory has come back. */
void registry_fini(struct test_registry *t);

/* Change the clock of a registry: all its hives. */
void registry_set_now(struct wh_reg *reg, uint64_t filetime);

/* A handle with all access; a key made, with those above it. */
wh_hkey open_reg_key(struct wh_reg *reg, wh_hkey key, const char *path);
wh_hkey make_reg_key(struct wh_reg *reg, wh_hkey key, const char *path, uint32_t options);
void close_reg_key(struct wh_reg *reg, wh_hkey key);
bool has_reg_key(struct wh_reg *reg, wh_hkey key, const char *path);

/* A symbolic link to an absolute path. */
void make_reg_link(struct wh_reg *reg, wh_hkey key, const char *path, const char *target);

/* The names of the subkeys in their order, with commas between them: the same as 'names'? */
bool lists_reg_keys(struct wh_reg *reg, wh_hkey key, const char *names);

/* Has a key a value of that name, type and data?  Names of its values, each with a comma behind. */
bool has_reg_value(struct wh_reg *reg, wh_hkey key, const char *name, uint32_t type,
		   const void *data, size_t size);
bool lists_reg_values(struct wh_reg *reg, wh_hkey key, const char *names);

/* A REG_DWORD set in a key, and read: UINT32_MAX if it is not there. */
void set_reg_number(struct wh_reg *reg, wh_hkey key, const char *name, uint32_t number);
uint32_t reg_number(struct wh_reg *reg, wh_hkey key, const char *path, const char *name);

/*
 * Do something with memory that ends after 0, 1, 2 ... allocations, each time to a new registry
 * that build() has filled, until it succeeds.  All before answered WH_E_MEMORY, and no hive had
 * other bytes afterwards.  Returns how often it failed.
 */
size_t registry_starve(void (*build)(struct wh_reg *reg),
		       enum wh_status (*change)(struct wh_reg *reg));

#endif
