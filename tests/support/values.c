/* SPDX-License-Identifier: MIT */
#include "values.h"

#include "hive_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_HEAD = 4, CELL_ALIGN = 8, POWER_FROM = 16384 };

static void
need(bool fine, const char *what, const char *which)
{
	if (fine)
		return;
	fprintf(stderr, "%s: %s\n", what, which);
	abort();
}

struct wh_value
value_of(struct wh_key key, const char *name)
{
	struct wh_value value;

	need(wh_key_value(key, name, WH_NTS, &value) == WH_OK, "wh_key_value", name);
	return value;
}

struct wh_value_info
value_info_of(struct wh_key key, const char *name)
{
	struct wh_value_info info;

	need(wh_value_info(value_of(key, name), &info) == WH_OK, "wh_value_info", name);
	return info;
}

bool
has_data(struct wh_key key, const char *name, uint32_t type, const void *data, size_t size)
{
	struct wh_value_info info = value_info_of(key, name);
	uint8_t *buf = malloc(size + 1);
	size_t len;
	bool same;

	need(buf != NULL, "malloc", name);
	same = info.type == type && info.size == size &&
	       wh_value_read(value_of(key, name), buf, size, &len) == WH_OK && len == size &&
	       (size == 0 || memcmp(buf, data, size) == 0);
	free(buf);
	return same;
}

const char *
names_of(struct wh_key key)
{
	static char text[1000];
	struct wh_value value;
	size_t at = 0, len;

	text[0] = '\0';
	for (uint32_t i = 0; wh_key_value_at(key, i, &value) == WH_OK; i++) {
		if (i > 0)
			text[at++] = ',';
		need(wh_value_name(value, text + at, sizeof text - at - 2, &len) == WH_OK,
		     "wh_value_name", text);
		at += len;
		text[at] = '\0';
	}
	return text;
}

const uint8_t *
cell_at(struct wh_hive *hive, uint32_t cell, uint32_t *size)
{
	size_t len;
	const uint8_t *bytes = wh_hive_bytes(hive, &len);

	need(cell < len - WH_BINS, "a cell", "outside");
	*size = 0u - get32(bytes + WH_BINS + cell);
	need(*size < len, "a cell", "not in use");
	return bytes + WH_BINS + cell + CELL_HEAD;
}

uint32_t
cell_size(struct wh_hive *hive, uint32_t cell)
{
	uint32_t size;

	cell_at(hive, cell, &size);
	return size;
}

uint32_t
cell_size_for(uint32_t len)
{
	uint32_t size = (len + CELL_HEAD + CELL_ALIGN - 1) / CELL_ALIGN * CELL_ALIGN;
	uint32_t power = POWER_FROM;

	while (power < size)
		power *= 2;
	return size <= POWER_FROM ? size : power;
}
