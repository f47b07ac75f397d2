/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include <hivex.h>
#include <stdlib.h>

static bool
open_hive(const char *path, void **file)
{
	*file = hivex_open(path, 0);
	return *file != NULL;
}

static void
close_hive(void *file)
{
	hivex_close(file);
}

static bool
root(void *file, union handle *key)
{
	key->number = hivex_root(file);
	return key->number != 0;
}

static bool
read_key(void *file, union handle key, struct peer_key *out)
{
	out->name.at = hivex_node_name(file, key.number);
	out->name.len = hivex_node_name_len(file, key.number);
	out->last_written = (uint64_t)hivex_node_timestamp(file, key.number);
	return out->name.at != NULL;
}

/* A list that ends in 0; it is ours to free. */
static bool
take(size_t *list, struct handles *out)
{
	size_t count = 0;

	if (!list)
		return false;
	while (list[count])
		count++;
	out->at = calloc(count + 1, sizeof *out->at);
	for (size_t i = 0; out->at && i < count; i++)
		out->at[out->count++].number = list[i];
	free(list);
	return out->at != NULL;
}

static bool
subkeys(void *file, union handle key, struct handles *out)
{
	return take(hivex_node_children(file, key.number), out);
}

static bool
values(void *file, union handle key, struct handles *out)
{
	return take(hivex_node_values(file, key.number), out);
}

static bool
read_value(void *file, union handle value, struct peer_value *out)
{
	hive_type type;

	out->name.at = hivex_value_key(file, value.number);
	out->name.len = hivex_value_key_len(file, value.number);
	out->data.at = hivex_value_value(file, value.number, &type, &out->data.len);
	if (!out->name.at || !out->data.at)
		return false;
	out->type = (uint32_t)type;
	return true;
}

static void
free_nothing(union handle handle)
{
	(void)handle;
}

const struct peer peer = {
	.open = open_hive,
	.close = close_hive,
	.root = root,
	.read_key = read_key,
	.subkeys = subkeys,
	.values = values,
	.read_value = read_value,
	.free_key = free_nothing,
	.free_value = free_nothing,
};
