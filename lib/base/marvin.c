/* SPDX-License-Identifier: MIT */
#include "base/marvin.h"

#include "base/le.h"

#define SEED_LO UINT32_C(0x7a4e55c5)
#define SEED_HI UINT32_C(0x82ef4d88)

struct marvin {
	uint32_t lo, hi;
};

static inline uint32_t
rol(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static inline void
mix(struct marvin *m, uint32_t v)
{
	m->lo += v;
	m->hi ^= m->lo;
	m->lo = rol(m->lo, 20) + m->hi;
	m->hi = rol(m->hi, 9) ^ m->lo;
	m->lo = rol(m->lo, 27) + m->hi;
	m->hi = rol(m->hi, 19);
}

uint64_t
whi_marvin(const uint8_t *bytes, size_t len)
{
	struct marvin m = { SEED_LO, SEED_HI };
	uint32_t tail = 0x80;

	for (; len >= 4; bytes += 4, len -= 4)
		mix(&m, le32_get(*(const le32 *)bytes));
	while (len > 0)
		tail = tail << 8 | bytes[--len];
	mix(&m, tail);
	mix(&m, 0);
	return (uint64_t)m.hi << 32 | m.lo;
}
