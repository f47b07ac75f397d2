/* SPDX-License-Identifier: MIT */
/*
 * Every function of winhive-winreg.h in a call with which nothing is wrong but, as the caller
 * likes, its registry or its handle.
 */
#ifndef TESTS_UNIT_REG_CALLS_H
#define TESTS_UNIT_REG_CALLS_H

#include "registry.h"
#include "tree.h"

#define ALL_RIGHTS (WH_KEY_ALL_ACCESS | WH_ACCESS_SYSTEM_SECURITY)
#define NO_KEY     UINT32_MAX

enum {
	ROOT = 1,     /* the handle has to be one to HKEY_LOCAL_MACHINE */
	LIVES_ON = 2, /* WH_OK also for a key that is gone */
	NONE_TOO = 4, /* 0 is a handle like others */
};

struct reg_call {
	const char *name;
	enum wh_status (*call)(struct wh_reg *reg, wh_hkey key);
	uint32_t right; /* that the handle needs: all of it; NO_KEY: it takes no handle */
	unsigned how;
	enum wh_status performance; /* what it answers about HKEY_PERFORMANCE_DATA */
};
extern const struct reg_call reg_calls[];
extern const size_t reg_call_count;

/* What the calls work with, to be made before: a registry, and a folder with a hive "one". */
extern struct test_registry t;
extern struct tree tree;

/*
 * A handle with that access to a key with all that a call asks for: two values, a subkey, an
 * owner; or to HKEY_LOCAL_MACHINE.
 */
wh_hkey handle_for(const struct reg_call *call, uint32_t access);

/* The call; what it gives out has to be cleared when it fails. */
enum wh_status make_call(const struct reg_call *call, struct wh_reg *reg, wh_hkey key);

#endif
