/* SPDX-License-Identifier: MIT */
#include "mutate.h"

uint64_t
dice_roll(struct dice *dice)
{
	uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t
dice_below(struct dice *dice, size_t limit)
{
	return limit ? (size_t)(dice_roll(dice) % limit) : 0;
}
