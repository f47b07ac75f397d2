/* SPDX-License-Identifier: MIT */
/* What tests of values share: shorthands that end the program if they fail, and raw cells. */
#ifndef TESTS_SUPPORT_VALUES_H
#define TESTS_SUPPORT_VALUES_H

#include "winhive.h"

/* A value that must be there. */
struct wh_value value_of(struct wh_key key, const char *name);
struct wh_value_info value_info_of(struct wh_key key, const char *name);

/* It has that type and these bytes, all of which can be read. */
bool has_data(struct wh_key key, const char *name, uint32_t type, const void *data, size_t size);

/* The names of all values in stored order, with commas between them; good until the next call. */
const char *names_of(struct wh_key key);

/* The data of a cell in use, and its size with the size word. */
const uint8_t *cell_at(struct wh_hive *hive, uint32_t cell, uint32_t *size);
uint32_t cell_size(struct wh_hive *hive, uint32_t cell);

/* The size of the cell that Windows makes for data of that length. */
uint32_t cell_size_for(uint32_t len);

#endif
