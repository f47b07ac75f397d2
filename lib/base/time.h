/* SPDX-License-Identifier: MIT */
#ifndef WHI_BASE_TIME_H
#define WHI_BASE_TIME_H

#include <stdint.h>

/* The clock of the system as a FILETIME; 0 if it has none. */
uint64_t whi_time_now(void);

#endif
