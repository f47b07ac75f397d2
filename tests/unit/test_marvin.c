/* SPDX-License-Identifier: MIT */
#include "base/marvin.h"

#include <criterion/criterion.h>

/* The vectors of docs/format.md 12.5, as stored. */
static void
hashes_to(const uint8_t *bytes, size_t len, const uint8_t stored[8])
{
	uint64_t hash = whi_marvin(bytes, len);

	for (int i = 0; i < 8; i++)
		cr_assert_eq((uint8_t)(hash >> 8 * i), stored[i], "byte %d", i);
}

Test(marvin, nothing)
{
	hashes_to((const uint8_t *)"", 0,
		  (const uint8_t[]){ 0x08, 0x6e, 0x96, 0x03, 0xa4, 0xfc, 0x9e, 0xb3 });
}

Test(marvin, four_zeros)
{
	hashes_to((const uint8_t[4]){ 0 }, 4,
		  (const uint8_t[]){ 0xbf, 0x6f, 0x11, 0x2d, 0x5e, 0x58, 0x00, 0x24 });
}

Test(marvin, thirty_two_bytes)
{
	uint8_t bytes[32];

	for (uint8_t i = 0; i < 32; i++)
		bytes[i] = i;
	hashes_to(bytes, 32, (const uint8_t[]){ 0x4c, 0xe2, 0xc2, 0x25, 0xe4, 0xee, 0x4f, 0xc6 });
}

Test(marvin, each_byte_and_the_length_count)
{
	uint8_t bytes[12] = { 0 };
	uint64_t hash[13];

	for (size_t len = 0; len <= 12; len++) {
		hash[len] = whi_marvin(bytes, len);
		for (size_t other = 0; other < len; other++)
			cr_assert_neq(hash[other], hash[len], "%zu and %zu zeros", other, len);
		for (size_t i = 0; i < len; i++) {
			bytes[i] = 1;
			cr_assert_neq(whi_marvin(bytes, len), hash[len], "%zu of %zu", i, len);
			bytes[i] = 0;
		}
	}
}
