/* SPDX-License-Identifier: MIT */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned cases, failed;

void
tap_case(bool holds, const char *name, const char *why, ...)
{
	va_list args;

	printf("%sok %u - %s\n", holds ? "" : "not ", ++cases, name);
	if (!holds) {
		failed++;
		printf("# ");
		va_start(args, why);
		vprintf(why, args);
		va_end(args);
		printf("\n");
	}
	fflush(stdout);
}

int
tap_done(void)
{
	printf("1..%u\n", cases);
	return failed ? 1 : 0;
}
