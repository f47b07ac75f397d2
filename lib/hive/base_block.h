/* SPDX-License-Identifier: MIT */
/* The base block: of a hive, and the first sector of a log (docs/format.md section 2). */
#ifndef WHI_HIVE_BASE_BLOCK_H
#define WHI_HIVE_BASE_BLOCK_H

#include "cell/issue.h"
#include "disk/regf.h"

#include "winhive.h"

/* The checksum that the first sector of a base block should have. */
uint32_t whi_base_checksum(const struct regf_base *base);

/* "regf", major version 1 and the right checksum: its numbers can be believed. */
bool whi_base_sound(const struct regf_base *base);

/* Of version 1.1 to 1.6. */
bool whi_base_known(const struct regf_base *base);

/* Sound, and the two sequence numbers are equal. */
bool whi_base_clean(const struct regf_base *base);

/* Do both have the same file name?  One that has none may be any. */
bool whi_base_same_name(const struct regf_base *a, const struct regf_base *b);

/* Make it that of a clean primary file, and put its checksum right. */
void whi_base_seal(struct regf_base *base, uint32_t sequence);

/* Report what is wrong with the base block of a hive. */
void whi_base_review(const struct regf_base *base, const struct whi_sink *sink);

void whi_base_decode(const struct regf_base *base, struct wh_base_block *out);

#endif
