/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

enum { VALUES = 256 };

static uint32_t
high_by_bytes(const uint8_t *at)
{
	uint32_t found = 0;

	for (int i = 0; i < BYTES; i++)
		found |= (uint32_t)(at[i] >> 7) << i;
	return found;
}

static uint32_t
equal_by_bytes(const uint8_t *at, uint8_t byte)
{
	uint32_t found = 0;

	for (int i = 0; i < BYTES; i++)
		found |= (uint32_t)(at[i] == byte) << i;
	return found;
}

static void
hold(const uint8_t *at, uint8_t byte)
{
	cr_assert_eq(bytes_high(at), high_by_bytes(at));
	cr_assert_eq(bytes_high_by_words(at), high_by_bytes(at));
	cr_assert_eq(bytes_equal(at, byte), equal_by_bytes(at, byte), "0x%x", byte);
	cr_assert_eq(bytes_equal_by_words(at, byte), equal_by_bytes(at, byte), "0x%x", byte);
}

/* At every place, beside every other: what one byte is does not carry over to the next. */
Test(bytes, each_value_at_each_place_among_each)
{
	uint8_t bytes[BYTES + 1];

	for (int among = 0; among < VALUES; among++)
		for (int value = 0; value < VALUES; value++) {
			memset(bytes, among, sizeof bytes);
			for (int i = 0; i < BYTES; i++) {
				bytes[1 + i] = (uint8_t)value;
				hold(bytes + 1, (uint8_t)value);
				hold(bytes + 1, (uint8_t)among);
				bytes[1 + i] = (uint8_t)among;
			}
		}
}

Test(bytes, each_set_of_places)
{
	uint8_t bytes[BYTES];

	for (uint32_t set = 0; set <= UINT16_MAX; set++) {
		for (int i = 0; i < BYTES; i++)
			bytes[i] = set >> i & 1 ? 0x80 : 0x7f;
		hold(bytes, 0x80);
		cr_assert_eq(bytes_high(bytes), set);
		cr_assert_eq(bytes_high_by_words(bytes), set);
	}
}
