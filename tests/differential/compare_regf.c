/* SPDX-License-Identifier: MIT */
#include "compare.h"

/* Its header wants that of libbfio, which need not be installed and is of no use here. */
#include <libregf/features.h>
#undef LIBREGF_HAVE_BFIO
#include <libregf.h>
#include <stdlib.h>
#include <string.h>

static bool
open_hive(const char *path, void **file)
{
	libregf_file_t *hive = NULL;

	if (libregf_file_initialize(&hive, NULL) != 1)
		return false;
	*file = hive;
	return libregf_file_open(hive, path, LIBREGF_OPEN_READ, NULL) == 1;
}

static void
close_hive(void *file)
{
	libregf_file_t *hive = file;

	libregf_file_close(hive, NULL);
	libregf_file_free(&hive, NULL);
}

static bool
root(void *file, union handle *key)
{
	libregf_key_t *handle = NULL;
	int found = libregf_file_get_root_key(file, &handle, NULL);

	key->pointer = handle;
	return found == 1;
}

/* Its strings end in a NUL, which is counted. */
static bool
allocate_text(struct bytes *out, size_t size)
{
	out->at = calloc(1, size + 1);
	out->len = size > 0 ? size - 1 : 0;
	return out->at != NULL;
}

static bool
read_key(void *file, union handle key, struct peer_key *out)
{
	size_t size = 0;

	(void)file;
	if (!key.pointer ||
	    libregf_key_get_last_written_time(key.pointer, &out->last_written, NULL) != 1)
		return false;
	if (libregf_key_get_utf8_name_size(key.pointer, &size, NULL) < 0 ||
	    !allocate_text(&out->name, size))
		return false;
	return size == 0 || libregf_key_get_utf8_name(key.pointer, out->name.at, size, NULL) == 1;
}

static bool
subkeys(void *file, union handle key, struct handles *out)
{
	int count = 0;

	(void)file;
	if (libregf_key_get_number_of_sub_keys(key.pointer, &count, NULL) != 1)
		return false;
	out->at = calloc((size_t)count + 1, sizeof *out->at);
	for (int i = 0; out->at && i < count; i++) {
		libregf_key_t *child = NULL;

		if (libregf_key_get_sub_key(key.pointer, i, &child, NULL) != 1)
			child = NULL;
		out->at[out->count++].pointer = child;
	}
	return out->at != NULL;
}

static bool
values(void *file, union handle key, struct handles *out)
{
	int count = 0;

	(void)file;
	if (libregf_key_get_number_of_values(key.pointer, &count, NULL) != 1)
		return false;
	out->at = calloc((size_t)count + 1, sizeof *out->at);
	for (int i = 0; out->at && i < count; i++) {
		libregf_value_t *value = NULL;

		if (libregf_key_get_value(key.pointer, i, &value, NULL) != 1)
			value = NULL;
		out->at[out->count++].pointer = value;
	}
	return out->at != NULL;
}

static bool
read_value(void *file, union handle value, struct peer_value *out)
{
	size_t size = 0;

	(void)file;
	/* 0: it has no name. */
	if (!value.pointer || libregf_value_get_utf8_name_size(value.pointer, &size, NULL) < 0 ||
	    !allocate_text(&out->name, size))
		return false;
	if (size > 0 && libregf_value_get_utf8_name(value.pointer, out->name.at, size, NULL) != 1)
		return false;
	if (libregf_value_get_value_type(value.pointer, &out->type, NULL) != 1 ||
	    libregf_value_get_value_data_size(value.pointer, &out->data.len, NULL) != 1)
		return false;
	out->data.at = calloc(1, out->data.len + 1);
	/* To ask for data of no bytes is an error to it. */
	return out->data.at &&
	       (out->data.len == 0 || libregf_value_get_value_data(value.pointer, out->data.at,
								   out->data.len, NULL) == 1);
}

static void
free_key(union handle key)
{
	libregf_key_t *handle = key.pointer;

	if (handle)
		libregf_key_free(&handle, NULL);
}

static void
free_value(union handle value)
{
	libregf_value_t *handle = value.pointer;

	if (handle)
		libregf_value_free(&handle, NULL);
}

const struct peer peer = {
	.open = open_hive,
	.close = close_hive,
	.root = root,
	.read_key = read_key,
	.subkeys = subkeys,
	.values = values,
	.read_value = read_value,
	.free_key = free_key,
	.free_value = free_value,
};
