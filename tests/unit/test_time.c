/* SPDX-License-Identifier: MIT */
#include "winhive.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(10000000)
#define DAY    (86400 * SECOND)
/* 1970-01-01, in days since 1601-01-01. */
#define EPOCH UINT64_C(134774)

static void
reads(uint64_t filetime, const char *due)
{
	char text[WH_TIME_TEXT];
	size_t len = wh_time_text(filetime, text);

	cr_assert_str_eq(text, due);
	cr_assert_eq(len, strlen(due));
}

Test(time, the_first)
{
	reads(0, "1601-01-01T00:00:00.0000000Z");
	reads(1, "1601-01-01T00:00:00.0000001Z");
}

Test(time, the_epoch_of_unix)
{
	reads(UINT64_C(116444736000000000), "1970-01-01T00:00:00.0000000Z");
	reads(UINT64_C(116444735999999999), "1969-12-31T23:59:59.9999999Z");
}

Test(time, that_of_the_header)
{
	reads(UINT64_C(132729488109925940), "2021-08-09T02:13:30.9925940Z");
}

Test(time, leap_years)
{
	reads((EPOCH + 11016) * DAY, "2000-02-29T00:00:00.0000000Z");
	reads((EPOCH + 11017) * DAY, "2000-03-01T00:00:00.0000000Z");
	reads((EPOCH + 19782) * DAY, "2024-02-29T00:00:00.0000000Z");
	reads((EPOCH + 19416) * DAY, "2023-02-28T00:00:00.0000000Z");
	reads((EPOCH + 19417) * DAY, "2023-03-01T00:00:00.0000000Z");
}

Test(time, centuries_that_are_not_leap_years)
{
	reads((EPOCH + 47540) * DAY, "2100-02-28T00:00:00.0000000Z");
	reads((EPOCH + 47541) * DAY, "2100-03-01T00:00:00.0000000Z");
	reads(36218 * DAY, "1700-03-01T00:00:00.0000000Z");
	reads(36217 * DAY, "1700-02-28T00:00:00.0000000Z");
}

Test(time, the_end_of_four_digits)
{
	reads(UINT64_C(2650467743999999999), "9999-12-31T23:59:59.9999999Z");
	reads(UINT64_C(2650467744000000000), "10000-01-01T00:00:00.0000000Z");
}

Test(time, the_last)
{
	char text[WH_TIME_TEXT];

	reads(UINT64_MAX, "60056-05-28T05:36:10.9551615Z");
	cr_assert_lt(wh_time_text(UINT64_MAX, text), WH_TIME_TEXT);
}

/* Day by day over 900 years against the calendar counted by hand. */
Test(time, every_day_until_2500)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	char due[WH_TIME_TEXT], text[WH_TIME_TEXT];
	uint64_t day = 0;

	for (unsigned year = 1601; year < 2500; year++)
		for (unsigned month = 0; month < 12; month++) {
			bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
			unsigned days = lengths[month] + (month == 1 && leap);

			for (unsigned d = 1; d <= days; d++, day++) {
				wh_time_text(day * DAY + DAY - 1, text);
				snprintf(due, sizeof due, "%04u-%02u-%02uT23:59:59.9999999Z", year,
					 month + 1, d);
				cr_assert_str_eq(text, due);
			}
		}
}
