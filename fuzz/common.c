/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "hive/base_block.h"
#include "hive/hive.h"

#include <string.h>

static void *
meter_resize(void *ctx, void *ptr, size_t old_size, size_t size)
{
	struct meter *meter = ctx;
	void *p;

	meter->now -= ptr ? old_size : 0;
	meter->now += size;
	if (meter->now > meter->peak)
		meter->peak = meter->now;
	if (size == 0) {
		free(ptr);
		return NULL;
	}
	p = realloc(ptr, size);
	HOLDS(p);
	return p;
}

struct wh_allocator
meter_allocator(struct meter *meter)
{
	*meter = (struct meter){ 0 };
	return (struct wh_allocator){ meter_resize, meter };
}

static uint64_t
mix(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ p[i]) * UINT64_C(0x100000001b3);
	return (digest ^ len) * UINT64_C(0x100000001b3);
}

static void
hold_inside(struct wh_hive *hive, const void *at, size_t len)
{
	uintptr_t from = (uintptr_t)hive->img.bytes, p = (uintptr_t)at;

	HOLDS(len == 0 ||
	      (p >= from && p - from <= hive->img.size && len <= hive->img.size - (p - from)));
	HOLDS(len == 0 || !whi_blanks_touch(&hive->blanks, p - from, p - from + len));
}

static uint64_t
digest_values(struct wh_hive *hive, struct wh_walk *walk, uint64_t digest)
{
	struct wh_walk_value value;
	const void *piece;
	size_t len, total;

	while (wh_walk_next_value(walk, &value) == WH_OK) {
		hold_inside(hive, value.data, value.data_len);
		digest = mix(digest, value.name, value.name_len);
		digest = mix(digest, &value.type, sizeof value.type);
		digest = mix(digest, &value.size, sizeof value.size);
		digest = mix(digest, value.data, value.data_len);
		HOLDS(value.readable <= value.size && value.data_len <= value.readable);
		for (total = value.data_len; wh_walk_data(walk, &piece, &len) == WH_OK;
		     total += len) {
			hold_inside(hive, piece, len);
			digest = mix(digest, piece, len);
		}
		HOLDS(total == value.readable);
	}
	return digest;
}

uint64_t
digest_hive(struct wh_hive *hive)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	struct wh_walk_key key;
	const void *descriptor;
	struct wh_walk *walk;
	size_t len;

	HOLDS(wh_walk_new(wh_hive_root(hive), &walk) == WH_OK);
	while (wh_walk_next(walk, &key) == WH_OK) {
		HOLDS(key.depth <= 512 && key.name_at <= key.path_len);
		digest = mix(digest, key.path, key.path_len);
		digest = mix(digest, &key.last_written, sizeof key.last_written);
		digest = mix(digest, &key.flags, sizeof key.flags);
		if (wh_key_security(key.key, &descriptor, &len) == WH_OK) {
			hold_inside(hive, descriptor, len);
			digest = mix(digest, &len, sizeof len);
		}
		digest = digest_values(hive, walk, digest);
	}
	wh_walk_free(walk);
	return digest;
}

static bool
read_medium(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct medium *medium = ctx;

	for (uint64_t page = offset / REGF_PAGE; page * REGF_PAGE < offset + len; page++)
		if (page > 0 && ((uint32_t)page + medium->seed) * 0x9e3779b1u >> 29 == 0) {
			medium->failed = true;
			return false;
		}
	memcpy(buf, medium->data + offset, len);
	return true;
}

struct wh_source
medium_source(struct medium *medium, const uint8_t *data, size_t size)
{
	*medium = (struct medium){ .data = data, .seed = size > REGF_PAGE ? data[size / 2] : 0 };
	return (struct wh_source){ .read = read_medium, .ctx = medium, .size = size };
}

void
fix_checksum(uint8_t *bytes, size_t size)
{
	struct regf_base *base = (struct regf_base *)bytes;

	if (size >= REGF_SECTOR)
		base->checksum = le32_make(whi_base_checksum(base));
}

uint8_t *
exact_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	HOLDS(copy);
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}
