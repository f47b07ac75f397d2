/* SPDX-License-Identifier: MIT */
/*
 * FILETIMEs, from the clock and to text: by arithmetic, with no time zones, no locale, no limit of
 * the C library.
 */
#include "base/time.h"

#include "winhive.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define TICKS_PER_SECOND     UINT64_C(10000000)
#define SECONDS_1601_TO_1970 UINT64_C(11644473600)
#define DAYS_1601_TO_0000_03 UINT64_C(584694) /* from 0000-03-01 to 1601-01-01 */

struct date {
	uint64_t year;
	unsigned month, day;
};

/*
 * A year that starts in March has its leap day last, so that months and eras of 400
 * years fall out of integer division.
 */
static struct date
date_of(uint64_t days_since_1601)
{
	uint64_t days = days_since_1601 + DAYS_1601_TO_0000_03;
	uint64_t era = days / 146097;
	uint64_t doe = days % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned month = (unsigned)(5 * doy + 2) / 153;
	unsigned day = (unsigned)doy - (153 * month + 2) / 5 + 1;

	month = month < 10 ? month + 3 : month - 9;
	return (struct date){ era * 400 + yoe + (month <= 2), month, day };
}

size_t
wh_time_text(uint64_t filetime, char buf[WH_TIME_TEXT])
{
	uint64_t seconds = filetime / TICKS_PER_SECOND;
	struct date date = date_of(seconds / 86400);
	unsigned s = (unsigned)(seconds % 86400);
	int n = snprintf(buf, WH_TIME_TEXT, "%04" PRIu64 "-%02u-%02uT%02u:%02u:%02u.%07uZ",
			 date.year, date.month, date.day, s / 3600, s / 60 % 60, s % 60,
			 (unsigned)(filetime % TICKS_PER_SECOND));

	return (size_t)n;
}

uint64_t
whi_time_now(void)
{
	struct timespec now;

	if (timespec_get(&now, TIME_UTC) != TIME_UTC)
		return 0;
	return ((uint64_t)now.tv_sec + SECONDS_1601_TO_1970) * TICKS_PER_SECOND +
	       (uint64_t)now.tv_nsec / 100;
}
