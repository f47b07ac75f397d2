/* SPDX-License-Identifier: MIT */
/*
 * How much of its core a process has.
 *
 * The processor of a virtual machine may be one half of a core, whose other half works for
 * somebody else now and then.  The core then takes half as many instructions at a time for each:
 * what keeps it busy lasts up to twice as long, and what waits, for one result before the next or
 * for memory, hardly longer.  So readers are hit differently, and what one of them is beside
 * another would hang on the neighbours.
 */
#ifndef BENCH_SHARE_H
#define BENCH_SHARE_H

#include <stdbool.h>

/*
 * How many additions the core takes at a time just now: those that wait for each other, beside
 * those that do not.  It does not hang on the clock of the core, and takes some 30 us.
 */
double bench_share(void);

/* Look for a while what the best is: before the first measurement. */
void bench_share_begin(void);

/* Is this near the best that has been seen? */
bool bench_is_whole(double share);

#endif
