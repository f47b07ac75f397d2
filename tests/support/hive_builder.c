/* SPDX-License-Identifier: MIT */
#include "hive_builder.h"

#include "base/mem.h"
#include "tree/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, PAGE = 4096, BIN_HEAD = 32, NK = 76, VK = 20, SEGMENT = 16344 };

void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value);
	put16(at + 2, value >> 16);
}

void
put64(uint8_t *at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

uint32_t
get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t
head_size(const struct builder *b)
{
	return b->minor <= 1 ? 8 : 4;
}

static uint32_t
bins_end(const struct builder *b)
{
	return (uint32_t)(b->size - BINS);
}

static uint8_t *
word_at(struct builder *b, uint32_t off)
{
	return b->bytes + BINS + off;
}

static void
put_free(struct builder *b)
{
	if (b->free < bins_end(b))
		put32(word_at(b, b->free), bins_end(b) - b->free);
	if (b->free < bins_end(b) && b->minor <= 1)
		put32(word_at(b, b->free) + 4, WH_NO_CELL);
}

uint32_t
builder_bin(struct builder *b, uint32_t size)
{
	uint32_t off = bins_end(b);
	uint8_t *bin;

	b->bytes = realloc(b->bytes, b->size + size);
	if (!b->bytes)
		abort();
	bin = b->bytes + b->size;
	memset(bin, 0, size);
	memcpy(bin, "hbin", 4);
	put32(bin + 4, off);
	put32(bin + 8, size);
	b->size += size;
	b->bin = off;
	b->free = off + BIN_HEAD;
	put_free(b);
	return off;
}

uint32_t
builder_cell(struct builder *b, size_t len)
{
	uint32_t align = b->minor <= 1 ? 16 : 8, cell;
	uint32_t size = ((uint32_t)len + head_size(b) + align - 1) / align * align;

	if (bins_end(b) - b->free < size)
		builder_bin(b, (size + BIN_HEAD + PAGE - 1) / PAGE * PAGE);
	cell = b->free;
	memset(word_at(b, cell), 0, size);
	put32(word_at(b, cell), 0u - size);
	if (b->minor <= 1)
		put32(word_at(b, cell) + 4, WH_NO_CELL);
	b->free += size;
	put_free(b);
	return cell;
}

uint8_t *
builder_at(struct builder *b, uint32_t cell)
{
	return word_at(b, cell) + head_size(b);
}

uint32_t
builder_len(struct builder *b, uint32_t cell)
{
	return 0u - get32(word_at(b, cell)) - head_size(b);
}

void
builder_free(struct builder *b, uint32_t cell)
{
	put32(word_at(b, cell), 0u - get32(word_at(b, cell)));
}

void
builder_resize(struct builder *b, uint32_t cell, int32_t size)
{
	put32(word_at(b, cell), (uint32_t)size);
}

void
builder_init(struct builder *b, uint32_t minor)
{
	uint8_t *sk;

	*b = (struct builder){ .size = BINS, .minor = minor, .root = WH_NO_CELL };
	b->bytes = calloc(1, BINS);
	if (!b->bytes)
		abort();
	memcpy(b->bytes, "regf", 4);
	put32(b->bytes + 4, 1);
	put32(b->bytes + 8, 1);
	put32(b->bytes + 20, 1);
	put32(b->bytes + 24, minor);
	put32(b->bytes + 32, 1);
	put32(b->bytes + 44, 1);
	builder_bin(b, PAGE);
	b->security = builder_cell(b, 20 + 20);
	sk = builder_at(b, b->security);
	memcpy(sk, "sk", 2);
	put32(sk + 4, b->security);
	put32(sk + 8, b->security);
	put32(sk + 16, 20);
	sk[20] = 1;
	put16(sk + 22, 0x8000);
}

void
builder_fini(struct builder *b)
{
	free(b->bytes);
}

static uint32_t
new_key(struct builder *b, uint32_t parent, const void *name, size_t len, uint32_t flags)
{
	uint32_t key = builder_cell(b, NK + len);
	uint8_t *nk = builder_at(b, key), *sk;

	if (parent == NO_PARENT && b->root == WH_NO_CELL) {
		b->root = key;
		flags |= WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE;
	}
	memcpy(nk, "nk", 2);
	put16(nk + 2, flags);
	put64(nk + 4, UINT64_C(0x01d78cc2a1b2c3d4));
	put32(nk + 16, parent);
	put32(nk + 28, WH_NO_CELL);
	put32(nk + 32, WH_NO_CELL);
	put32(nk + 40, WH_NO_CELL);
	put32(nk + 44, b->security);
	put32(nk + 48, WH_NO_CELL);
	put16(nk + 72, (uint32_t)len);
	memcpy(nk + NK, name, len);
	sk = builder_at(b, b->security);
	put32(sk + 12, get32(sk + 12) + 1);
	return key;
}

/* The units of a name as bytes on disk. */
static uint8_t *
wide_bytes(const uint16_t *name, size_t count)
{
	uint8_t *bytes = malloc(count * 2 + 1);

	if (!bytes)
		abort();
	for (size_t i = 0; i < count; i++)
		put16(bytes + 2 * i, name[i]);
	return bytes;
}

uint32_t
builder_key(struct builder *b, uint32_t parent, const char *name)
{
	size_t len = strlen(name);
	uint16_t wide[256];

	if (b->minor > 1)
		return new_key(b, parent, name, len, WH_KEY_COMP_NAME);
	for (size_t i = 0; i < len; i++)
		wide[i] = (uint8_t)name[i];
	return builder_wide_key(b, parent, wide, len);
}

uint32_t
builder_wide_key(struct builder *b, uint32_t parent, const uint16_t *name, size_t count)
{
	uint8_t *bytes = wide_bytes(name, count);
	uint32_t key = new_key(b, parent, bytes, count * 2, 0);

	free(bytes);
	return key;
}

static struct whi_name
name_of(struct builder *b, uint32_t key)
{
	uint8_t *nk = builder_at(b, key);

	return (struct whi_name){ nk + NK, nk[72] | (uint32_t)nk[73] << 8,
				  b->minor <= 1 || !(nk[2] & WH_KEY_COMP_NAME) };
}

uint32_t
builder_list(struct builder *b, const char *kind, const uint32_t *cells, size_t count)
{
	uint32_t stride = kind[0] == 'r' || kind[1] == 'i' ? 4 : 8;
	uint32_t list = builder_cell(b, 4 + count * stride);
	uint8_t *at = builder_at(b, list);

	memcpy(at, kind, 2);
	put16(at + 2, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		put32(at + 4 + i * stride, cells[i]);
		if (kind[1] == 'h')
			put32(at + 8 + i * stride, whi_name_hash(name_of(b, cells[i])));
		if (kind[1] == 'f')
			put32(at + 8 + i * stride, whi_name_hint(name_of(b, cells[i])));
	}
	return list;
}

void
builder_set_list(struct builder *b, uint32_t key, uint32_t list, uint32_t count)
{
	put32(builder_at(b, key) + 20, count);
	put32(builder_at(b, key) + 28, list);
}

static uint32_t
big_data(struct builder *b, const uint8_t *data, size_t len)
{
	uint32_t count = (uint32_t)((len + SEGMENT - 1) / SEGMENT);
	uint32_t list = builder_cell(b, 4 * (size_t)count), segment, db;

	for (uint32_t i = 0; i < count; i++) {
		size_t at = (size_t)i * SEGMENT, n = len - at < SEGMENT ? len - at : SEGMENT;

		segment = builder_cell(b, SEGMENT + 4);
		memcpy(builder_at(b, segment), data + at, n);
		put32(builder_at(b, list) + 4 * (size_t)i, segment);
	}
	db = builder_cell(b, 12);
	memcpy(builder_at(b, db), "db", 2);
	put16(builder_at(b, db) + 2, count);
	put32(builder_at(b, db) + 4, list);
	return db;
}

static uint32_t
plain_data(struct builder *b, const void *data, size_t len)
{
	uint32_t cell = builder_cell(b, len);

	memcpy(builder_at(b, cell), data, len);
	return cell;
}

static uint32_t
new_value(struct builder *b, const void *name, size_t name_len, uint32_t flags, uint32_t type,
	  const void *data, size_t len)
{
	bool big = len > SEGMENT && b->minor >= 4;
	uint32_t cell = len <= 4 ? 0 : big ? big_data(b, data, len) : plain_data(b, data, len);
	uint32_t value = builder_cell(b, VK + name_len);
	uint8_t *vk = builder_at(b, value);

	memcpy(vk, "vk", 2);
	put16(vk + 2, (uint32_t)name_len);
	put32(vk + 4, (uint32_t)len | (len <= 4 ? 0x80000000 : 0));
	put32(vk + 8, cell);
	if (len > 0 && len <= 4)
		memcpy(vk + 8, data, len);
	put32(vk + 12, type);
	put16(vk + 16, name_len ? flags : 0);
	if (name_len)
		memcpy(vk + VK, name, name_len);
	return value;
}

uint32_t
builder_value(struct builder *b, const char *name, uint32_t type, const void *data, size_t len)
{
	size_t count = strlen(name);
	uint16_t wide[256];

	if (b->minor > 1)
		return new_value(b, name, count, 1, type, data, len);
	for (size_t i = 0; i < count; i++)
		wide[i] = (uint8_t)name[i];
	return builder_wide_value(b, wide, count, type, data, len);
}

uint32_t
builder_wide_value(struct builder *b, const uint16_t *name, size_t count, uint32_t type,
		   const void *data, size_t len)
{
	uint8_t *bytes = wide_bytes(name, count);
	uint32_t value = new_value(b, bytes, count * 2, 0, type, data, len);

	free(bytes);
	return value;
}

void
builder_set_values(struct builder *b, uint32_t key, const uint32_t *values, size_t count)
{
	uint32_t list = builder_cell(b, count * 4);

	for (size_t i = 0; i < count; i++)
		put32(builder_at(b, list) + 4 * i, values[i]);
	put32(builder_at(b, key) + 36, (uint32_t)count);
	put32(builder_at(b, key) + 40, list);
}

void
builder_set_class(struct builder *b, uint32_t key, const uint16_t *text, size_t count)
{
	uint32_t cell = builder_cell(b, count * 2);

	for (size_t i = 0; i < count; i++)
		put16(builder_at(b, cell) + 2 * i, text[i]);
	put32(builder_at(b, key) + 48, cell);
	put16(builder_at(b, key) + 74, (uint32_t)count * 2);
}

void
builder_seal(struct builder *b)
{
	uint32_t sum = 0;

	put32(b->bytes + 36, b->root);
	put32(b->bytes + 40, bins_end(b));
	for (size_t i = 0; i < 508; i += 4)
		sum ^= get32(b->bytes + i);
	put32(b->bytes + 508, sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum);
}

struct wh_hive *
builder_open(struct builder *b, const struct wh_options *options)
{
	struct wh_hive *hive;
	enum wh_status st;

	builder_seal(b);
	st = wh_hive_open_memory(b->bytes, b->size, options, &hive);
	if (st != WH_OK) {
		fprintf(stderr, "builder_open: %s\n", wh_status_name(st));
		abort();
	}
	return hive;
}

void
builder_image(struct builder *b, const struct whi_sink *sink, struct whi_image *img)
{
	struct wh_allocator system = whi_allocator(NULL);

	*img = (struct whi_image){ .bytes = b->bytes,
				   .size = b->size,
				   .length = bins_end(b),
				   .minor = b->minor,
				   .old_cells = b->minor <= 1,
				   .sink = sink };
	if (whi_image_prepare(img, &system) != WH_OK)
		abort();
	whi_image_scan(img);
}
