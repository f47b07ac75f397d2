/* SPDX-License-Identifier: MIT */
/* Marvin32 with the seed of the transaction logs (docs/format.md 12.5). */
#ifndef WHI_BASE_MARVIN_H
#define WHI_BASE_MARVIN_H

#include <stddef.h>
#include <stdint.h>

uint64_t whi_marvin(const uint8_t *bytes, size_t len);

#endif
