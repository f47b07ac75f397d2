/* SPDX-License-Identifier: MIT */
/* Files below testdata/, and the tables there. */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The path of 'name' below testdata/, in a block to be freed. */
char *data_path(const char *name);

/* All of a file, in a block of exactly its size, so that a sanitizer sees the byte past it. */
uint8_t *read_file(const char *path, size_t *len);

/* As above, of a file below testdata/; the program ends if it is not there. */
uint8_t *read_data(const char *name, size_t *len);

/* A table of lines and tabs, whose first line names the columns. */
struct table {
	char *text, *next;
};
bool table_open(struct table *table, const char *name);

/* The fields of the next line, cut at the tabs; those that are missing are "". */
bool table_next(struct table *table, char *fields[], size_t count);
void table_close(struct table *table);

/* Call 'fn' with the path of each file *.hive in a folder below testdata/, in order of names. */
void each_hive(const char *folder, void (*fn)(const char *path, const char *name));

#endif
