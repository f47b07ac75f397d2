/* SPDX-License-Identifier: MIT */
#include "bench.h"

/* Its header wants that of libbfio, which need not be installed and is of no use here. */
#include <libregf/features.h>
#undef LIBREGF_HAVE_BFIO
#include <libregf.h>
#include <stdlib.h>
#include <string.h>

/* Data and names go to one buffer that grows, so that allocating is not what is measured. */
static struct {
	uint8_t *bytes;
	size_t cap;
} scratch;

static bool
scratch_for(size_t size)
{
	uint8_t *more;

	if (size <= scratch.cap)
		return true;
	more = realloc(scratch.bytes, 2 * size);
	if (!more)
		return false;
	scratch.bytes = more;
	scratch.cap = 2 * size;
	return true;
}

static bool
open_hive(const struct job *job, void **handle)
{
	libregf_file_t *file = NULL;

	if (libregf_file_initialize(&file, NULL) != 1)
		return false;
	*handle = file;
	return libregf_file_open(file, job->hive, LIBREGF_OPEN_READ, NULL) == 1;
}

static void
close_hive(void *handle)
{
	libregf_file_t *file = handle;

	libregf_file_close(file, NULL);
	libregf_file_free(&file, NULL);
}

static bool
lookup(void *handle, const struct job *job, struct tally *tally)
{
	libregf_key_t *key = NULL;
	const uint8_t *path = (const uint8_t *)job->path;
	int found = libregf_file_get_key_by_utf8_path(handle, path, strlen(job->path), &key, NULL);

	tally->lookups = 1;
	if (key)
		libregf_key_free(&key, NULL);
	return found == 1;
}

static void
read_value_name(libregf_value_t *value)
{
	size_t size;

	if (libregf_value_get_utf8_name_size(value, &size, NULL) == 1 && size > 0 &&
	    scratch_for(size))
		libregf_value_get_utf8_name(value, scratch.bytes, size, NULL);
}

static bool
read_value(libregf_key_t *key, int index, const struct job *job, struct tally *tally)
{
	libregf_value_t *value = NULL;
	size_t size = 0;
	bool fine;

	if (libregf_key_get_value(key, index, &value, NULL) != 1)
		return false;
	fine = libregf_value_get_value_data_size(value, &size, NULL) == 1 && scratch_for(size);
	/* It calls data of no bytes an error. */
	if (fine && size > 0)
		fine = libregf_value_get_value_data(value, scratch.bytes, size, NULL) == 1;
	if (fine) {
		tally->bytes += size;
		tally->sum += bench_sum(scratch.bytes, size);
	}
	tally->values++;
	if (job->names)
		read_value_name(value);
	libregf_value_free(&value, NULL);
	return true;
}

static void
read_key_name(libregf_key_t *key)
{
	size_t size;

	if (libregf_key_get_utf8_name_size(key, &size, NULL) == 1 && scratch_for(size))
		libregf_key_get_utf8_name(key, scratch.bytes, size, NULL);
}

static bool
walk_key(libregf_key_t *key, const struct job *job, struct tally *tally)
{
	libregf_key_t *child = NULL;
	int values = 0, children = 0;
	bool fine = libregf_key_get_number_of_values(key, &values, NULL) == 1 &&
		    libregf_key_get_number_of_sub_keys(key, &children, NULL) == 1;

	tally->keys++;
	if (job->names)
		read_key_name(key);
	for (int i = 0; fine && i < values; i++)
		fine = read_value(key, i, job, tally);
	for (int i = 0; fine && i < children; i++) {
		fine = libregf_key_get_sub_key(key, i, &child, NULL) == 1 &&
		       walk_key(child, job, tally);
		if (child)
			libregf_key_free(&child, NULL);
	}
	return fine;
}

static bool
walk_hive(void *handle, const struct job *job, struct tally *tally)
{
	libregf_key_t *root = NULL;
	bool fine =
		libregf_file_get_root_key(handle, &root, NULL) == 1 && walk_key(root, job, tally);

	if (root)
		libregf_key_free(&root, NULL);
	return fine;
}

static bool
find_siblings(libregf_key_t *root, const struct job *job, struct tally *tally)
{
	double start = bench_now();
	char name[16];

	for (uint32_t i = 0; i < job->siblings && !bench_enough(start, i); i++) {
		libregf_key_t *key = NULL;

		bench_sibling(job, i, name);
		if (libregf_key_get_sub_key_by_utf8_name(root, (const uint8_t *)name, strlen(name),
							 &key, NULL) != 1)
			return false;
		libregf_key_free(&key, NULL);
		tally->lookups++;
	}
	return true;
}

static bool
siblings(void *handle, const struct job *job, struct tally *tally)
{
	libregf_key_t *root = NULL;
	bool fine = libregf_file_get_root_key(handle, &root, NULL) == 1 &&
		    find_siblings(root, job, tally);

	if (root)
		libregf_key_free(&root, NULL);
	return fine;
}

const struct reader reader_regf = {
	.name = "libregf",
	.open = open_hive,
	.lookup = lookup,
	.walk = walk_hive,
	.siblings = siblings,
	.close = close_hive,
};
