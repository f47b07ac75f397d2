/* SPDX-License-Identifier: MIT */
/*
 * Upper case as the Windows kernel has it: one 16-bit unit to one 16-bit unit,
 * without locale; halves of surrogate pairs map to themselves (docs/format.md,
 * appendix A).  The table holds differences, so that most of its pages are the same.
 */
#ifndef WHI_BASE_UPCASE_H
#define WHI_BASE_UPCASE_H

#include <stdint.h>

extern const uint8_t whi_upcase_page[256];
extern const uint16_t whi_upcase_delta[][256];

static inline uint16_t
whi_upcase(uint16_t unit)
{
	if (unit < 0x80) /* as the table has it, without the table */
		return (uint16_t)((unsigned)unit - 'a' < 26u ? unit - ('a' - 'A') : unit);
	return (uint16_t)(unit + whi_upcase_delta[whi_upcase_page[unit >> 8]][unit & 0xff]);
}

#endif
