/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
join(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);

	if (!path)
		abort();
	snprintf(path, size, "%s/%s", folder, name);
	return path;
}

char *
data_path(const char *name)
{
	const char *folder = getenv("WINHIVE_TESTDATA");

	return join(folder ? folder : "testdata", name);
}

static uint8_t *
read_all(FILE *file, size_t *len)
{
	uint8_t *bytes = NULL;
	long size;

	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		return NULL;
	rewind(file);
	*len = (size_t)size;
	bytes = malloc(*len ? *len : 1);
	if (bytes && fread(bytes, 1, *len, file) != *len) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

uint8_t *
read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;

	*len = 0;
	if (!file)
		return NULL;
	bytes = read_all(file, len);
	fclose(file);
	return bytes;
}

uint8_t *
read_data(const char *name, size_t *len)
{
	char *path = data_path(name);
	uint8_t *bytes = read_file(path, len);

	if (!bytes) {
		fprintf(stderr, "%s: cannot be read\n", path);
		abort();
	}
	free(path);
	return bytes;
}

bool
table_open(struct table *table, const char *name)
{
	size_t len;
	uint8_t *bytes = read_data(name, &len);

	table->text = malloc(len + 1);
	if (!table->text)
		abort();
	memcpy(table->text, bytes, len);
	table->text[len] = '\0';
	free(bytes);
	table->next = strchr(table->text, '\n');
	if (table->next)
		table->next++;
	return table->next != NULL;
}

bool
table_next(struct table *table, char *fields[], size_t count)
{
	static char empty[1];
	char *line = table->next, *end;

	if (!line || *line == '\0')
		return false;
	end = strchr(line, '\n');
	table->next = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	for (size_t i = 0; i < count; i++) {
		fields[i] = line ? line : empty;
		line = line ? strchr(line, '\t') : NULL;
		if (line)
			*line++ = '\0';
	}
	return true;
}

void
table_close(struct table *table)
{
	free(table->text);
}

static int
is_hive(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".hive") == 0;
}

void
each_hive(const char *folder, void (*fn)(const char *path, const char *name))
{
	char *at = data_path(folder), *path;
	struct dirent **entries;
	int n = scandir(at, &entries, is_hive, alphasort);

	if (n <= 0) {
		fprintf(stderr, "%s: no hives\n", at);
		abort();
	}
	for (int i = 0; i < n; i++) {
		path = join(at, entries[i]->d_name);
		fn(path, entries[i]->d_name);
		free(path);
		free(entries[i]);
	}
	free(entries);
	free(at);
}
