/* SPDX-License-Identifier: MIT */
/* The data of a value as text, as JSON, and as bytes in one piece. */
#ifndef TOOLS_DATA_H
#define TOOLS_DATA_H

#include "cli.h"

struct data {
	uint32_t type, size; /* as declared */
	const uint8_t *bytes;
	size_t len; /* that could be read */
};

/*
 * The data of the value in hand of the walk, in memory that is used again by the next
 * call.  False without memory.
 */
bool data_gather(struct wh_walk *walk, const struct wh_walk_value *value, struct data *data);

/* As reg.exe query shows them, on one line. */
void data_show(const struct data *data);

/* For a script: text as it is, list items on lines of their own, numbers decimal, else hex. */
void data_bare(const struct data *data);

/* "type":..,"size":..,"data":"hex"[,"value":..]: the members of a JSON object. */
void data_json(const struct data *data);

/* The name of a type, or its number. */
void data_show_type(uint32_t type);

#endif
