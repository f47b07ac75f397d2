/* SPDX-License-Identifier: MIT */
/*
 * Security cells (docs/format.md section 8): a ring, each shared by the keys that use it and
 * counted.  All but whi_sd_valid() and whi_sd_inherit() are steps of an edit.
 */
#ifndef WHI_TREE_SK_H
#define WHI_TREE_SK_H

#include "tree/edit.h"

/*
 * The cell of a descriptor, counted once more: the one there is, or a new one in the ring behind
 * that of 'near', the key whose security cell it comes after; NIL: there is no ring yet.  The
 * bytes do not lie in the image.  NIL if the edit fails.
 */
cellref whi_sk_acquire(struct wh_hive *hive, const void *descriptor, uint32_t len, cellref near);

/* The security cell of a key, counted once more: for another key with the same security. */
cellref whi_sk_share(struct wh_hive *hive, cellref key);

/* Counted once less; taken out of the ring and freed when nobody is left. */
void whi_sk_release(struct wh_hive *hive, cellref sk);

/* Is this a self-relative descriptor whose every part lies where it says? */
bool whi_sd_valid(const void *descriptor, size_t len);

/*
 * The descriptor of a new key below one with 'parent' (docs/security.md), '*len' bytes in 'out';
 * 0 if nothing is inheritable, or 'parent' is not valid: that of the parent is shared then.
 * 'out' has room for WHI_SD_INHERIT_MAX(parent_len): an ACE of 20 bytes may become two of 96
 * together, and an ACL may be the DACL and the SACL at once.
 */
#define WHI_SD_INHERIT_MAX(len) (10 * (len))
void whi_sd_inherit(const void *parent, uint32_t parent_len, uint8_t *out, uint32_t *len);

/* The descriptor that offreg.dll gives the root of a new hive. */
extern const uint8_t whi_sd_default[144];

#endif
