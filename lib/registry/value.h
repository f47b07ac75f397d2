/* SPDX-License-Identifier: MIT */
/* What the functions about values share.  The lock is held. */
#ifndef WHI_REGISTRY_VALUE_H
#define WHI_REGISTRY_VALUE_H

#include "registry/registry.h"

#include <string.h>

/* Units of the longest name of a value. */
enum { WHI_VALUE_NAME_MAX = 16383 };

/* The length of a text that may be NULL, or have a length of WH_NTS. */
static inline size_t
whi_text_len(const char *text, size_t len)
{
	return !text ? 0 : len == WH_NTS ? strlen(text) : len;
}

/* What winhive.h says of a copy; but here who has no buffer only asks for the length. */
static inline enum wh_status
whi_asked(enum wh_status st, const void *buf, size_t cap)
{
	return st == WH_E_MORE_DATA && !buf && cap == 0 ? WH_OK : st;
}

/* A buffer that is none, though it is said to have room. */
static inline bool
whi_no_buffer(const void *buf, size_t cap)
{
	return !buf && cap > 0;
}

/* The place of a handle that has 'access' and whose key is there. */
enum wh_status whi_value_place(struct wh_reg *reg, wh_hkey key, uint32_t access,
			       struct whi_place *place);

/*
 * The key that a value is looked for in: that of the handle, which must have 'access'; or if
 * 'path' is not empty one below it, which is opened with 'access'.
 */
enum wh_status whi_value_key(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
			     uint32_t access, uint32_t view, struct whi_place *place);

/* Look up a value.  A name that is too long for a value is that of none: WH_E_NOT_FOUND. */
enum wh_status whi_value_find(const struct whi_place *place, const char *name, size_t len,
			      struct wh_value *value);

/* Its data in memory of 'a', '*size' bytes.  WH_E_CORRUPT: not all of them can be read. */
enum wh_status whi_value_load(const struct wh_allocator *a, struct wh_value value, uint32_t *type,
			      uint8_t **data, size_t *size);

/* A value that is to be set. */
struct whi_data {
	const char *name; /* UTF-8; NULL: the default value */
	size_t name_len;
	uint32_t type;
	const void *bytes;
	size_t size;
};

/*
 * Set a value whose name is known to be one.  WH_E_ACCESS: the key is a link, and this is not its
 * target.  whi_value_put() does not tell the watchers.  whi_value_set_below() sets it in a key
 * below 'from', and makes what is missing of the path.
 */
enum wh_status whi_value_put(const struct whi_place *place, const struct whi_data *data);
enum wh_status whi_value_set(struct wh_reg *reg, const struct whi_place *place,
			     const struct whi_data *data);
enum wh_status whi_value_set_below(struct wh_reg *reg, const struct whi_place *from,
				   const char *path, size_t len, const struct whi_data *data);

/* wh_reg_set_key_value() with text, which gets a terminator.  The lock is not held. */
enum wh_status whi_value_set_text(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
				  const char *name, size_t name_len, uint32_t type,
				  const char *text, size_t text_len);

/* May a key, which is a link or not, have that value? */
bool whi_value_fits(bool link, const char *name, size_t len, uint32_t type);

#endif
