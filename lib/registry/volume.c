/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* realpath, O_NOATIME */
#include "registry/volume.h"

#include "base/upcase.h"
#include "base/utf.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(WHI_VOLUME_PATH >= PATH_MAX, "realpath() writes that much");

/* ------------------------------------------------------------------------ names */

static uint32_t
upper(uint32_t code)
{
	return code <= UINT16_MAX ? whi_upcase((uint16_t)code) : code;
}

bool
whi_same_file_name(const char *a, const char *b)
{
	const char *a_end = a + strlen(a), *b_end = b + strlen(b);
	uint32_t x, y;

	while (a < a_end && b < b_end)
		if (!whi_utf8_next(&a, a_end, &x) || !whi_utf8_next(&b, b_end, &y))
			return strcmp(a, b) == 0; /* from here on it is no text */
		else if (upper(x) != upper(y))
			return false;
	return a == a_end && b == b_end;
}

/* Append "/name".  False: that is longer than any path. */
static bool
append(char path[WHI_VOLUME_PATH], const char *name)
{
	size_t len = strlen(path), more = strlen(name);
	bool slash = len > 0 && path[len - 1] != '/';

	if (len + slash + more >= WHI_VOLUME_PATH)
		return false;
	if (slash)
		path[len++] = '/';
	memcpy(path + len, name, more + 1);
	return true;
}

/* --------------------------------------------------------------------- the volume */

bool
whi_is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool
whi_is_file(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

enum wh_status
whi_volume_open(const char *path, struct whi_volume *volume)
{
	if (!realpath(path, volume->real) || !whi_is_folder(volume->real))
		return errno == EACCES ? WH_E_ACCESS : WH_E_NOT_FOUND;
	return WH_OK;
}

static bool
is_inside(const struct whi_volume *volume, const char *real)
{
	size_t len = strlen(volume->real);

	if (strcmp(volume->real, "/") == 0)
		return true;
	return strncmp(real, volume->real, len) == 0 && (real[len] == '/' || real[len] == '\0');
}

/* A link must lead to something in the volume. */
static enum wh_status
check_link(const struct whi_volume *volume, const char *path, const char **note)
{
	char real[WHI_VOLUME_PATH];
	struct stat info;

	if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode))
		return WH_OK;
	if (!realpath(path, real)) {
		*note = "a link leads nowhere";
		return WH_E_NOT_FOUND;
	}
	if (is_inside(volume, real))
		return WH_OK;
	*note = "a link leads out of the volume";
	return WH_E_ACCESS;
}

int
whi_open_unseen(const char *path, int flags)
{
	/* O_NONBLOCK: not to wait for who writes to a FIFO. */
	const int always = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, always | flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = open(path, always | flags); /* only the owner may ask for O_NOATIME */
	return fd;
}

static DIR *
open_folder(const char *path)
{
	int fd = whi_open_unseen(path, O_DIRECTORY), error;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir) {
		error = errno;
		close(fd);
		errno = error;
	}
	return dir;
}

enum wh_status
whi_volume_list(const char *path, whi_entry_fn *fn, void *ctx)
{
	enum wh_status st = WH_OK;
	struct dirent *entry;
	DIR *dir = open_folder(path);

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR ? WH_E_NOT_FOUND
		       : errno == ENOMEM                   ? WH_E_MEMORY
							   : WH_E_ACCESS;
	while (st == WH_OK && (errno = 0, entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			st = fn(ctx, entry->d_name);
	if (st == WH_OK && errno != 0)
		st = WH_E_IO;
	closedir(dir);
	return st;
}

struct choice {
	const char *wanted;
	char name[NAME_MAX + 1]; /* the best so far */
	unsigned count;
};

/* Not by the order of the folder, which is different for each copy of it. */
static enum wh_status
choose(void *ctx, const char *name)
{
	struct choice *choice = ctx;
	bool exact = strcmp(name, choice->wanted) == 0;

	if (!whi_same_file_name(name, choice->wanted))
		return WH_OK;
	if (choice->count++ == 0 || exact ||
	    (strcmp(choice->name, choice->wanted) != 0 && strcmp(name, choice->name) < 0))
		snprintf(choice->name, sizeof choice->name, "%s", name);
	return WH_OK;
}

/* Go on from the folder in 'found' to one of its entries. */
static enum wh_status
step(const struct whi_volume *volume, const char *name, struct whi_found *found)
{
	struct choice choice = { .wanted = name };
	enum wh_status st;

	if (strcmp(name, "..") == 0) {
		found->note = "a path with '..' in it";
		return WH_E_ACCESS;
	}
	st = whi_volume_list(found->path, choose, &choice);
	if (st != WH_OK) {
		found->note = st == WH_E_NOT_FOUND ? NULL : "its folder cannot be read";
		return st;
	}
	if (choice.count == 0 || !append(found->path, choice.name)) {
		found->note = NULL; /* what was to be said of a folder on the way is no reason */
		return WH_E_NOT_FOUND;
	}
	if (choice.count > 1)
		found->note = "there are names that differ in the case of letters only";
	return check_link(volume, found->path, &found->note);
}

enum wh_status
whi_volume_find(const struct whi_volume *volume, const char *top, const char *names,
		struct whi_found *found)
{
	enum wh_status st = WH_OK;
	char name[NAME_MAX + 1];

	found->path[0] = '\0';
	found->note = NULL;
	if (!append(found->path, top))
		return WH_E_NOT_FOUND;
	while (st == WH_OK && *names) {
		size_t len = strcspn(names, "/");

		if (len > NAME_MAX)
			return WH_E_NOT_FOUND;
		memcpy(name, names, len);
		name[len] = '\0';
		if (len > 0 && strcmp(name, ".") != 0)
			st = step(volume, name, found);
		names += len + (names[len] == '/');
	}
	return st;
}

enum wh_status
whi_volume_check_logs(const struct whi_volume *volume, const char *path)
{
	static const char *const suffixes[] = { ".LOG", ".LOG1", ".LOG2" };
	const char *slash = strrchr(path, '/');
	enum wh_status st = WH_OK;
	struct whi_found found;
	char folder[WHI_VOLUME_PATH], name[NAME_MAX + 8];

	if (!slash)
		return WH_E_INVALID;
	snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	for (int i = 0; i < 3 && st != WH_E_ACCESS && st != WH_E_MEMORY; i++) {
		snprintf(name, sizeof name, "%.*s%s", NAME_MAX, slash + 1, suffixes[i]);
		st = whi_volume_find(volume, folder, name, &found);
	}
	return st == WH_E_ACCESS || st == WH_E_MEMORY ? st : WH_OK;
}
