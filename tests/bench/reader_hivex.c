/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <hivex.h>
#include <stdlib.h>
#include <string.h>

static bool
open_hive(const struct job *job, void **handle)
{
	*handle = hivex_open(job->hive, 0);
	return *handle != NULL;
}

static void
close_hive(void *handle)
{
	hivex_close(handle);
}

static hive_node_h
find(hive_h *hive, const char *given)
{
	hive_node_h node = hivex_root(hive);
	char *path = strdup(given), *rest = path, *name;

	if (!path)
		return 0;
	while (node && (name = strtok_r(rest, "\\", &rest)))
		node = hivex_node_get_child(hive, node, name);
	free(path);
	return node;
}

static bool
lookup(void *handle, const struct job *job, struct tally *tally)
{
	tally->lookups = 1;
	return find(handle, job->path) != 0;
}

static bool
read_value(hive_h *hive, hive_value_h value, const struct job *job, struct tally *tally)
{
	hive_type type;
	size_t len;
	char *data = hivex_value_value(hive, value, &type, &len);

	if (!data)
		return false;
	tally->values++;
	tally->bytes += len;
	tally->sum += bench_sum(data, len);
	free(data);
	if (job->names)
		free(hivex_value_key(hive, value));
	return true;
}

static bool
walk_node(hive_h *hive, hive_node_h node, const struct job *job, struct tally *tally)
{
	hive_value_h *values = hivex_node_values(hive, node);
	hive_node_h *children = hivex_node_children(hive, node);
	bool fine = values && children;

	tally->keys++;
	if (job->names)
		free(hivex_node_name(hive, node));
	for (size_t i = 0; fine && values[i]; i++)
		fine = read_value(hive, values[i], job, tally);
	for (size_t i = 0; fine && children[i]; i++)
		fine = walk_node(hive, children[i], job, tally);
	free(values);
	free(children);
	return fine;
}

static bool
walk_hive(void *handle, const struct job *job, struct tally *tally)
{
	return walk_node(handle, hivex_root(handle), job, tally);
}

/* ---------------------------------------------------- its own walk, hivex_visit() */

static int
visit_node(hive_h *hive, void *tally, hive_node_h node, const char *name)
{
	(void)hive;
	(void)node;
	(void)name;
	((struct tally *)tally)->keys++;
	return 0;
}

static void
visit_data(struct tally *tally, const void *data, size_t len)
{
	tally->values++;
	tally->bytes += len;
	tally->sum += bench_sum(data, len);
}

static int
visit_string(hive_h *hive, void *tally, hive_node_h node, hive_value_h value, hive_type type,
	     size_t len, const char *key, const char *text)
{
	(void)hive;
	(void)node;
	(void)value;
	(void)type;
	(void)len;
	(void)key;
	visit_data(tally, text, strlen(text));
	return 0;
}

static int
visit_strings(hive_h *hive, void *tally, hive_node_h node, hive_value_h value, hive_type type,
	      size_t len, const char *key, char **texts)
{
	(void)hive;
	(void)node;
	(void)value;
	(void)type;
	(void)len;
	(void)key;
	visit_data(tally, NULL, 0);
	for (; *texts; texts++)
		((struct tally *)tally)->sum += bench_sum(*texts, strlen(*texts));
	return 0;
}

static int
visit_bytes(hive_h *hive, void *tally, hive_node_h node, hive_value_h value, hive_type type,
	    size_t len, const char *key, const char *bytes)
{
	(void)hive;
	(void)node;
	(void)value;
	(void)type;
	(void)key;
	visit_data(tally, bytes, len);
	return 0;
}

static int
visit_dword(hive_h *hive, void *tally, hive_node_h node, hive_value_h value, hive_type type,
	    size_t len, const char *key, int32_t number)
{
	(void)hive;
	(void)node;
	(void)value;
	(void)type;
	(void)len;
	(void)key;
	visit_data(tally, &number, sizeof number);
	return 0;
}

static int
visit_qword(hive_h *hive, void *tally, hive_node_h node, hive_value_h value, hive_type type,
	    size_t len, const char *key, int64_t number)
{
	(void)hive;
	(void)node;
	(void)value;
	(void)type;
	(void)len;
	(void)key;
	visit_data(tally, &number, sizeof number);
	return 0;
}

/* Strings come converted, so what is added up differs from that of the others. */
static bool
visit(void *handle, const struct job *job, struct tally *tally)
{
	static const struct hivex_visitor visitor = {
		.node_start = visit_node,
		.value_string = visit_string,
		.value_multiple_strings = visit_strings,
		.value_string_invalid_utf16 = visit_bytes,
		.value_dword = visit_dword,
		.value_qword = visit_qword,
		.value_binary = visit_bytes,
		.value_none = visit_bytes,
		.value_other = visit_bytes,
	};

	(void)job;
	return hivex_visit(handle, &visitor, sizeof visitor, tally, HIVEX_VISIT_SKIP_BAD) == 0;
}

static bool
siblings(void *handle, const struct job *job, struct tally *tally)
{
	hive_node_h root = hivex_root(handle);
	double start = bench_now();
	char name[16];

	for (uint32_t i = 0; i < job->siblings && !bench_enough(start, i); i++) {
		bench_sibling(job, i, name);
		if (!hivex_node_get_child(handle, root, name))
			return false;
		tally->lookups++;
	}
	return true;
}

static bool
query(void *handle, const struct job *job, struct tally *tally)
{
	double start = bench_now();
	struct tally read;

	for (uint32_t i = 0; i < job->count && !bench_enough(start, i); i++) {
		hive_node_h node = find(handle, job->path);
		hive_value_h value = node ? hivex_node_get_value(handle, node, job->value) : 0;

		read = (struct tally){ 0 };
		if (!value || !read_value(handle, value, job, &read))
			return false;
		tally->sum = read.sum;
		tally->bytes = read.bytes;
		tally->lookups++;
	}
	return true;
}

static bool
names(void *handle, const struct job *job, struct tally *tally)
{
	hive_node_h *children = hivex_node_children(handle, hivex_root(handle));

	(void)job;
	for (size_t i = 0; children && children[i]; i++) {
		char *name = hivex_node_name(handle, children[i]);

		if (!name)
			return false;
		tally->keys++;
		tally->sum += bench_sum(name, strlen(name));
		free(name);
	}
	free(children);
	tally->lookups = tally->keys;
	return tally->keys > 0;
}

const struct reader reader_hivex = {
	.name = "libhivex",
	.open = open_hive,
	.lookup = lookup,
	.walk = walk_hive,
	.siblings = siblings,
	.query = query,
	.names = names,
	.close = close_hive,
};

const struct reader reader_hivex_visit = {
	.name = "libhivex, hivex_visit",
	.open = open_hive,
	.walk = visit,
	.close = close_hive,
	.names_only = true,
};

/* The same library with a copy of the file in memory, as it opens a hive that is to be changed. */
static bool
open_copy(const struct job *job, void **handle)
{
	*handle = hivex_open(job->hive, HIVEX_OPEN_WRITE);
	return *handle != NULL;
}

const struct reader reader_hivex_copy = {
	.name = "libhivex, for writing",
	.open = open_copy,
	.close = close_hive,
};
