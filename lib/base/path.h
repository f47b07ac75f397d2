/* SPDX-License-Identifier: MIT */
/* Paths of keys: names with backslashes between them. */
#ifndef WHI_BASE_PATH_H
#define WHI_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Take the next name off a path; false at its end. */
static inline bool
path_next(const char **path, const char *end, const char **name, size_t *len)
{
	const char *stop;

	while (*path < end && **path == '\\')
		++*path;
	if (*path == end)
		return false;
	stop = memchr(*path, '\\', (size_t)(end - *path));
	if (!stop)
		stop = end;
	*name = *path;
	*len = (size_t)(stop - *path);
	*path = stop;
	return true;
}

#endif
