/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_NOATIME */
#include "hive/file.h"

#include "base/mem.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_NOATIME
#define O_NOATIME 0
#endif

enum wh_status
whi_file_status(int error)
{
	switch (error) {
	case ENOENT:
		return WH_E_NOT_FOUND;
	case ENOTDIR:
		return WH_E_PATH_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
	case EISDIR:
		return WH_E_ACCESS;
	case EEXIST:
		return WH_E_EXISTS;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return WH_E_DISK_FULL;
	case ENOMEM:
		return WH_E_MEMORY;
	default:
		return WH_E_IO;
	}
}

enum wh_status
whi_file_from_fd(int fd, struct whi_file *file)
{
	struct stat st;
	off_t end;

	*file = (struct whi_file){ .fd = fd };
	if (fstat(fd, &st) != 0)
		return whi_file_status(errno);
	if (S_ISREG(st.st_mode)) {
		file->size = (uint64_t)st.st_size;
		file->modified = st.st_mtim;
		return WH_OK;
	}
	file->device = true;
	if (!S_ISBLK(st.st_mode))
		return S_ISDIR(st.st_mode) ? WH_E_ACCESS : WH_E_INVALID;
	end = lseek(fd, 0, SEEK_END);
	if (end < 0)
		return whi_file_status(errno);
	file->size = (uint64_t)end;
	return WH_OK;
}

enum wh_status
whi_file_open(const char *path, struct whi_file *file)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, flags | O_NOATIME);
	enum wh_status st;

	*file = (struct whi_file){ .fd = -1 };
	if (fd < 0 && errno == EPERM)
		fd = open(path, flags); /* only the owner may ask for O_NOATIME */
	if (fd < 0)
		return whi_file_status(errno);
	st = whi_file_from_fd(fd, file);
	file->owned = true;
	if (st != WH_OK)
		whi_file_close(file);
	return st;
}

void
whi_file_close(struct whi_file *file)
{
	if (file->owned && file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	file->owned = false;
}

bool
whi_file_may_stay(const struct whi_file *file)
{
	struct rlimit limit;

	/* The lowest free number is taken, so that it says how many there are. */
	return !file->device && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       (rlim_t)file->fd < limit.rlim_cur / 2;
}

bool
whi_file_same(const struct whi_file *file)
{
	struct stat st;

	return file->device || (fstat(file->fd, &st) == 0 && (uint64_t)st.st_size == file->size &&
				st.st_mtim.tv_sec == file->modified.tv_sec &&
				st.st_mtim.tv_nsec == file->modified.tv_nsec);
}

static bool
file_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct whi_file *file = ctx;
	char *at = buf;

	while (len > 0) {
		ssize_t n = pread(file->fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

struct wh_source
whi_file_source(struct whi_file *file, const char *name)
{
	return (struct wh_source){ file_read, file, file->size, name };
}

/* Where the last component of a path starts. */
static size_t
base_at(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Folder of 'path' and 'name' in one string of '*size' bytes. */
static char *
sibling(const char *path, const char *name, const struct wh_allocator *a, size_t *size)
{
	size_t dir = base_at(path);
	char *joined;

	*size = dir + strlen(name) + 1;
	joined = whi_alloc(a, *size);
	if (joined) {
		memcpy(joined, path, dir);
		memcpy(joined + dir, name, *size - dir);
	}
	return joined;
}

static const char *const suffix[] = { ".LOG", ".LOG1", ".LOG2" };

struct found {
	char name[NAME_MAX + 1];
	int rank; /* 0 nothing yet; higher is closer to the hive's own name */
};

/* Is there a file, not that of 'base', that has the first 'len' bytes of 'name' for its name? */
static bool
has_its_own(int folder, const char *base, const char *name, size_t len)
{
	char stem[NAME_MAX + 1];
	struct stat own, other;

	if (strncmp(name, base, len) == 0)
		return false;
	snprintf(stem, sizeof stem, "%.*s", (int)len, name);
	return fstatat(folder, stem, &other, 0) == 0 && S_ISREG(other.st_mode) &&
	       (fstatat(folder, base, &own, 0) != 0 || own.st_dev != other.st_dev ||
		own.st_ino != other.st_ino);
}

/* Put 'name' in its place if it is a log of 'base', and not of a hive that differs in case. */
static void
consider(int folder, const char *base, const char *name, struct found found[3])
{
	size_t len = strlen(base);
	int rank, kind = -1;

	if (strncasecmp(name, base, len) != 0)
		return;
	for (int i = 0; i < 3; i++)
		if (strcasecmp(name + len, suffix[i]) == 0)
			kind = i;
	if (kind < 0 || has_its_own(folder, base, name, len))
		return;
	rank = 1 + 2 * (strncmp(name, base, len) == 0) + (strcmp(name + len, suffix[kind]) == 0);
	if (rank > found[kind].rank) {
		found[kind].rank = rank;
		snprintf(found[kind].name, sizeof found[kind].name, "%s", name);
	}
}

/* In a folder that may not be listed the names that a log has in Windows can still be tried. */
static enum wh_status
try_names(const char *path, const struct wh_allocator *a, struct found found[3])
{
	const char *base = path + base_at(path);
	struct stat st;
	size_t size;

	for (int kind = 0; kind < 3; kind++) {
		char *name = found[kind].name, *text;
		int len = snprintf(name, sizeof found->name, "%s%s", base, suffix[kind]);

		if (len < 0 || (size_t)len >= sizeof found->name)
			continue;
		text = sibling(path, name, a, &size);
		if (!text)
			return WH_E_MEMORY;
		found[kind].rank = lstat(text, &st) == 0;
		whi_free(a, text, size);
	}
	return WH_OK;
}

/* The logs in the folder of a path, as 'fn' is told of them; '*count' of them. */
static enum wh_status
logs_beside(const char *path, const struct wh_allocator *a, whi_sibling_fn *fn, void *ctx,
	    unsigned *count)
{
	struct found found[3] = { 0 };
	const char *base = path + base_at(path);
	enum wh_status st = WH_OK;
	struct dirent *entry;
	size_t size;
	char *text = sibling(path, ".", a, &size);
	DIR *dir;

	*count = 0;
	if (!text)
		return WH_E_MEMORY;
	dir = opendir(text);
	whi_free(a, text, size);
	if (!dir)
		st = try_names(path, a, found);
	while (dir && (entry = readdir(dir)) != NULL)
		consider(dirfd(dir), base, entry->d_name, found);
	if (dir)
		closedir(dir);

	for (int kind = 0; kind < 3 && st == WH_OK; kind++) {
		if (found[kind].rank == 0)
			continue;
		++*count;
		text = sibling(path, found[kind].name, a, &size);
		st = text ? fn(ctx, text, kind) : WH_E_MEMORY;
		whi_free(a, text, size);
	}
	return st;
}

bool
whi_file_target(const char *path, char target[WHI_PATH_MAX])
{
	static_assert(WHI_PATH_MAX >= PATH_MAX, "realpath() writes that much");
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && realpath(path, target);
}

enum wh_status
whi_file_logs(const char *path, const struct wh_allocator *a, whi_sibling_fn *fn, void *ctx)
{
	char target[WHI_PATH_MAX];
	unsigned count;
	enum wh_status st = logs_beside(path, a, fn, ctx, &count);

	if (st == WH_OK && count == 0 && whi_file_target(path, target))
		st = logs_beside(target, a, fn, ctx, &count);
	return st;
}

static bool
write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len < (1u << 30) ? len : 1u << 30);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Give 'temp' the name 'path'. */
static int
publish(const char *temp, const char *path, bool replace)
{
	if (replace)
		return rename(temp, path);
	if (link(temp, path) == 0)
		return unlink(temp);
	if (errno == EEXIST)
		return -1;
	/* A file system without links: the window between these two is all that is lost. */
	if (access(path, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(temp, path);
}

static enum wh_status
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return whi_file_status(errno);
	if (fsync(fd) != 0 && errno != EINVAL) { /* EINVAL: not a thing this file system does */
		close(fd);
		return WH_E_IO;
	}
	close(fd);
	return WH_OK;
}

static enum wh_status
write_temp(int fd, const char *temp, const char *path, const void *bytes, size_t len, bool replace)
{
	struct stat old;
	bool written;
	int error;

	if (replace && stat(path, &old) == 0)
		(void)!fchmod(fd, old.st_mode & 0777); /* keep it private if that fails */
	written = write_all(fd, bytes, len) && fsync(fd) == 0;
	error = errno;
	if (close(fd) != 0 && written) {
		written = false;
		error = errno;
	}
	if (written && publish(temp, path, replace) == 0)
		return WH_OK;
	if (written)
		error = errno;
	unlink(temp);
	return whi_file_status(error);
}

int
whi_file_temp(const char *path, const struct wh_allocator *a, char **temp, size_t *size)
{
	enum { TRIES = 100 };
	char name[64];
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		snprintf(name, sizeof name, ".winhive-%ld-%d.tmp", (long)getpid(), i);
		*temp = sibling(path, name, a, size);
		if (!*temp) {
			errno = ENOMEM;
			return -1;
		}
		fd = open(*temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 || errno != EEXIST)
			break;
		if (i + 1 < TRIES)
			whi_free(a, *temp, *size);
	}
	return fd;
}

enum wh_status
whi_file_write(const char *path, const void *bytes, size_t len, bool replace,
	       const struct wh_allocator *a)
{
	struct stat there;
	size_t size = 0, folder_size;
	char *temp = NULL, *folder;
	int fd;
	enum wh_status st;

	/* A name given to a device or a folder would be taken away from it. */
	if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode))
		return WH_E_ACCESS;
	if (!replace && access(path, F_OK) == 0)
		return WH_E_EXISTS;
	folder = sibling(path, ".", a, &folder_size); /* now, while nothing is there yet */
	if (!folder)
		return WH_E_MEMORY;
	fd = whi_file_temp(path, a, &temp, &size);
	if (fd < 0)
		st = errno == ENOENT   ? WH_E_PATH_NOT_FOUND
		     : errno == EEXIST ? WH_E_IO /* of all the names none was free */
				       : whi_file_status(errno);
	else
		st = write_temp(fd, temp, path, bytes, len, replace);
	whi_free(a, temp, size);
	if (st == WH_OK)
		st = sync_folder(folder);
	whi_free(a, folder, folder_size);
	return st;
}

void
whi_file_remove(const char *path)
{
	unlink(path);
}
