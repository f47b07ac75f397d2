/* SPDX-License-Identifier: MIT */
#ifndef WHI_REGISTRY_EXPAND_H
#define WHI_REGISTRY_EXPAND_H

#include "registry/registry.h"
#include "registry/text.h"

/* Bytes of UTF-8 that text may grow to: a few references to a long variable make much of little. */
#define WHI_EXPANDED_MAX ((size_t)16 << 20)

/*
 * Add 'text' to 'out', its variables replaced.  The lock is not held, as the caller's function for
 * variables is called.  WH_E_INVALID: not UTF-8; WH_E_INVALID_DATA: nor is a variable;
 * WH_E_TOO_BIG; WH_E_MEMORY.
 */
enum wh_status whi_expand(struct wh_reg *reg, const char *text, size_t len, struct whi_text *out);

#endif
