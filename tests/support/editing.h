/* SPDX-License-Identifier: MIT */
/*
 * What tests of changes share: new hives in counted memory, shorthands that end the program if
 * they fail, the bytes before and after, and memory that runs out at every point.
 */
#ifndef TESTS_SUPPORT_EDITING_H
#define TESTS_SUPPORT_EDITING_H

#include "reading.h"

#include "winhive.h"

#define NOW   UINT64_C(0x01d9000000000000)
#define LATER (NOW + 1000)

/* A new hive of version 1.minor, its changes dated NOW, or as set_now() says. */
struct wh_hive *new_hive(uint32_t minor);
void set_now(struct wh_hive *hive, uint64_t filetime);

/* Close it: all its memory has come back. */
void close_hive(struct wh_hive *hive);

struct wh_key make_key(struct wh_hive *hive, const char *path);
struct wh_key open_key(struct wh_hive *hive, const char *path);
bool has_key(struct wh_hive *hive, const char *path);
struct wh_key_info info_of(struct wh_key key);

void set_value(struct wh_key key, const char *name, const void *data, size_t size);
bool has_value(struct wh_key key, const char *name, const void *data, size_t size);
bool has_class(struct wh_key key, const char *text);
bool has_name(struct wh_key key, const char *text);

/* The keys that use the security cell of a key, as it says. */
uint32_t references_of(struct wh_key key);
bool has_security(struct wh_key key, const void *descriptor, size_t len);

/* A descriptor of one ACE for everybody; it differs by its rights. */
enum { SMALL_SD = 48 };
enum { INHERITED_BY_KEYS = 2 }; /* flags of an ACE */
void small_sd(uint8_t sd[SMALL_SD], uint32_t rights, uint8_t ace_flags);

/* Nothing is wrong or odd with the bytes of the hive, and they open again. */
void expect_sound(struct wh_hive *hive);

/* The bytes of a hive at some time. */
struct bytes {
	void *at;
	size_t len;
};
struct bytes take_bytes(struct wh_hive *hive);
bool still_has(struct wh_hive *hive, struct bytes bytes);
void drop_bytes(struct bytes bytes);

/*
 * Do a change with memory that ends after 0, 1, 2 ... allocations, each time to a new hive that
 * build() has filled, until it succeeds.  All before answered WH_E_MEMORY and changed nothing.
 * Returns how often it failed.
 */
size_t starve(uint32_t minor, void (*build)(struct wh_hive *hive),
	      enum wh_status (*change)(struct wh_hive *hive));

#endif
