/* SPDX-License-Identifier: MIT */
/* The Test Anything Protocol, for programs that have a case for each file of a folder. */
#ifndef TESTS_SUPPORT_TAP_H
#define TESTS_SUPPORT_TAP_H

#include <stdbool.h>

/* One case: printed at once.  'why' is shown if it did not hold, formatted as printf() does. */
void tap_case(bool holds, const char *name, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/* The plan; returns what main() returns. */
int tap_done(void);

#endif
