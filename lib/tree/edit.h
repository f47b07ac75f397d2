/* SPDX-License-Identifier: MIT */
/*
 * One change of winhive.h, from end to end:
 *
 *	st = whi_change_begin(key);
 *	if (st != WH_OK)
 *		return st;
 *	... steps of cell/edit.h and of the modules beside this one ...
 *	return whi_change_end(hive);
 *
 * Steps do not return a status: see cell/edit.h.  A step that finds that the change cannot be
 * made calls whi_edit_fail() and returns.
 */
#ifndef WHI_TREE_EDIT_H
#define WHI_TREE_EDIT_H

#include "hive/hive.h"
#include "tree/name.h"
#include "tree/nk.h"

/*
 * Make a hive ready to be changed: looks through it the first time, and sets its 'edit'.  Fails
 * with what is listed before the changes in winhive.h.
 */
enum wh_status whi_change_prepare(struct wh_hive *hive);

/*
 * Begin a change that concerns a key.  Prepares its hive.  WH_E_INVALID: no hive; WH_E_DELETED:
 * a stale handle; WH_E_CORRUPT: not a key.
 */
enum wh_status whi_change_begin(struct wh_key key);

/* The root key lives in another cell from now on: a step. */
void whi_change_root(struct wh_hive *hive, cellref root);

/* Keep it, or undo it if it failed. */
enum wh_status whi_change_end(struct wh_hive *hive);

/* The FILETIME that changes are dated with. */
uint64_t whi_change_time(const struct wh_hive *hive);

/*
 * A name as it will be stored in this hive: Latin-1 if all units allow it, else UTF-16
 * (docs/format.md 5.3).  WH_E_INVALID if it is not UTF-8 or has not 'min' to 'max' units.
 */
struct whi_new_name {
	struct whi_name name;
	uint16_t own[256];
	uint16_t *units; /* the bytes of the name: 'own', or allocated */
	size_t room;     /* elements of 'units' */
};
enum wh_status whi_new_name_init(struct whi_new_name *name, const struct wh_hive *hive,
				 const char *text, size_t len, size_t min, size_t max);
void whi_new_name_fini(struct whi_new_name *name, const struct wh_hive *hive);

/* The same for a key: 1 to 256 units, no backslash. */
enum wh_status whi_key_name_init(struct whi_new_name *name, const struct wh_hive *hive,
				 const char *text, size_t len);

enum { WHI_KEY_NAME_MAX = 256, WHI_VALUE_NAME_MAX = 16383 };

/* Write one field of an nk, or read it as it is now. */
#define WHI_NK_SET16(e, ref, field, number) \
	whi_cell_write16((e), (ref), offsetof(struct regf_nk, field), (number))
#define WHI_NK_SET32(e, ref, field, number) \
	whi_cell_write32((e), (ref), offsetof(struct regf_nk, field), (number))
#define WHI_NK_SET64(e, ref, field, number) \
	whi_cell_write64((e), (ref), offsetof(struct regf_nk, field), (number))

/* Date a key. */
void whi_nk_touch(struct wh_hive *hive, cellref key);

/* Raise a maximum of a key to at least 'len' bytes of UTF-16. */
void whi_nk_raise_name_len(struct whi_edit *e, cellref key, uint32_t len);
void whi_nk_raise_class_len(struct whi_edit *e, cellref key, uint32_t len);
void whi_nk_raise_value_name_len(struct whi_edit *e, cellref key, uint32_t len);
void whi_nk_raise_value_len(struct whi_edit *e, cellref key, uint32_t len);

/* Bytes of a name as UTF-16, in which the maxima of a key are given. */
static inline uint32_t
whi_name_utf16_len(struct whi_name name)
{
	return whi_name_units(name) * 2;
}

#endif
