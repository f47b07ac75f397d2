/* SPDX-License-Identifier: MIT */
/*
 * A hive and its logs as files of the system.  The hive is locked with flock(), which other
 * programs may heed or not, as long as the store is open.  All files that are there are opened at
 * once: what may not be written is known before anything was.
 */
#define _GNU_SOURCE /* O_NOATIME */
#include "base/mem.h"
#include "hive/file.h"
#include "hive/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct posix_file {
	char *path;
	size_t path_room;
	int fd; /* -1: there is no such file */
};

struct posix_store {
	struct whi_store store;
	struct wh_allocator alloc;
	struct posix_file files[WHI_FILE_ROOM];
	int folder;
	struct stat hive; /* as it was opened */
};

static struct posix_store *
posix_of(struct whi_store *store)
{
	return (struct posix_store *)store;
}

static struct posix_file *
file_of(struct whi_store *store, enum whi_file_id id)
{
	return &posix_of(store)->files[id];
}

static const char *
posix_name(struct whi_store *store, enum whi_file_id id)
{
	return file_of(store, id)->path;
}

static bool
posix_find(struct whi_store *store, enum whi_file_id id, uint64_t *size)
{
	int fd = file_of(store, id)->fd;
	struct stat st;

	*size = 0;
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0)
		*size = (uint64_t)st.st_size;
	return true;
}

static enum wh_status
posix_read(struct whi_store *store, enum whi_file_id id, uint64_t offset, void *buf, size_t len)
{
	char *at = buf;

	while (len > 0) {
		ssize_t n = pread(file_of(store, id)->fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return WH_E_IO;
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return WH_OK;
}

static enum wh_status
posix_write(struct whi_store *store, enum whi_file_id id, uint64_t offset, const void *bytes,
	    size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = pwrite(file_of(store, id)->fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? whi_file_status(errno) : WH_E_IO;
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return WH_OK;
}

/* Whom the hive belongs to, so that who can read it can read its log, and nobody else. */
static void
take_owner(int fd, const struct stat *hive)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	if ((st.st_uid != hive->st_uid || st.st_gid != hive->st_gid) &&
	    fchown(fd, hive->st_uid, hive->st_gid) != 0)
		return; /* for us alone, then */
	(void)!fchmod(fd, hive->st_mode & 0777);
}

static enum wh_status
lock(int fd)
{
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return WH_E_IN_USE;
		if (errno != EINTR)
			return WH_OK; /* not a thing that this file system does */
	}
	return WH_OK;
}

static enum wh_status
posix_remove(struct whi_store *store, enum whi_file_id id)
{
	struct posix_file *file = file_of(store, id);

	if (unlink(file->path) != 0)
		return whi_file_status(errno);
	close(file->fd);
	file->fd = -1;
	return WH_OK;
}

/*
 * The file that is to be the hive.  It is locked before it has the name: who opens the hive while
 * its logs are still to be emptied is refused.
 */
static enum wh_status
create_new(struct posix_store *posix)
{
	struct posix_file *hive = &posix->files[WHI_FILE_HIVE];
	struct posix_file *file = &posix->files[WHI_FILE_NEW];
	struct stat st;
	enum wh_status status;

	if (fstat(hive->fd, &st) != 0)
		return whi_file_status(errno);
	if (st.st_nlink > 1)
		return WH_E_NOT_SUPPORTED;
	if (file->fd >= 0)
		close(file->fd); /* one that could not be removed is left */
	whi_free(&posix->alloc, file->path, file->path_room);
	file->path = NULL;
	file->fd = whi_file_temp(hive->path, &posix->alloc, &file->path, &file->path_room);
	if (file->fd < 0) /* EEXIST: of all the names none was free */
		return errno == EEXIST ? WH_E_IO : whi_file_status(errno);
	status = whi_file_make_like(file->fd, hive->fd, &posix->alloc);
	if (status == WH_OK)
		status = lock(file->fd);
	if (status != WH_OK)
		(void)!posix_remove(&posix->store, WHI_FILE_NEW);
	return status;
}

static enum wh_status
posix_create(struct whi_store *store, enum whi_file_id id)
{
	struct posix_file *file = file_of(store, id);

	if (id == WHI_FILE_NEW)
		return create_new(posix_of(store));
	file->fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0) /* somebody made one meanwhile */
		return errno == EEXIST ? WH_E_IN_USE : whi_file_status(errno);
	take_owner(file->fd, &posix_of(store)->hive);
	return WH_OK;
}

/* Where the system cannot set space aside: write to it. */
static int
fill(int fd, off_t from, off_t to)
{
	static const char zeros[1 << 14];

	while (from < to) {
		size_t part = to - from < (off_t)sizeof zeros ? (size_t)(to - from) : sizeof zeros;
		ssize_t n = pwrite(fd, zeros, part, from);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			from += n;
	}
	return 0;
}

static int
set_aside(int fd, off_t from, off_t to)
{
	int error;

	do
		error = posix_fallocate(fd, from, to - from);
	while (error == EINTR);
	return error == EOPNOTSUPP || error == EINVAL ? fill(fd, from, to) : error;
}

static int
cut(int fd, off_t size)
{
	while (ftruncate(fd, size) != 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

static enum wh_status
posix_resize(struct whi_store *store, enum whi_file_id id, uint64_t size)
{
	int fd = file_of(store, id)->fd, error;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return whi_file_status(errno);
	if ((uint64_t)st.st_size >= size) {
		error = cut(fd, (off_t)size);
	} else {
		error = set_aside(fd, st.st_size, (off_t)size);
		if (error)
			cut(fd, st.st_size);
	}
	return error ? whi_file_status(error) : WH_OK;
}

static enum wh_status
posix_sync(struct whi_store *store, enum whi_file_id id)
{
	int fd = file_of(store, id)->fd;

#ifdef F_FULLFSYNC
	if (fcntl(fd, F_FULLFSYNC) == 0)
		return WH_OK;
#endif
	while (fsync(fd) != 0)
		if (errno != EINTR)
			return whi_file_status(errno);
	return WH_OK;
}

static enum wh_status
posix_replace(struct whi_store *store)
{
	struct posix_file *hive = file_of(store, WHI_FILE_HIVE);
	struct posix_file *file = file_of(store, WHI_FILE_NEW);

	if (rename(file->path, hive->path) != 0)
		return whi_file_status(errno);
	close(hive->fd);
	hive->fd = file->fd;
	file->fd = -1;
	return WH_OK;
}

static enum wh_status
posix_sync_names(struct whi_store *store)
{
	while (fsync(posix_of(store)->folder) != 0) {
		if (errno == EINVAL) /* not a thing that this file system does */
			return WH_OK;
		if (errno != EINTR)
			return whi_file_status(errno);
	}
	return WH_OK;
}

/* Is the name that of the file that is open, or of none if there is none? */
static bool
is_same_file(const struct posix_file *file)
{
	struct stat by_name, open;

	if (stat(file->path, &by_name) != 0)
		return file->fd < 0;
	return file->fd >= 0 && fstat(file->fd, &open) == 0 && by_name.st_dev == open.st_dev &&
	       by_name.st_ino == open.st_ino;
}

static enum wh_status
posix_still_there(struct whi_store *store)
{
	for (int id = 0; id < WHI_FILE_COUNT; id++)
		if (!is_same_file(file_of(store, (enum whi_file_id)id)))
			return WH_E_IN_USE;
	return WH_OK;
}

static void
posix_close(struct whi_store *store)
{
	struct posix_store *posix = posix_of(store);
	struct wh_allocator alloc = posix->alloc;

	for (int id = WHI_FILE_ROOM; id-- > 0;) {
		if (posix->files[id].fd >= 0)
			close(posix->files[id].fd);
		whi_free(&alloc, posix->files[id].path, posix->files[id].path_room);
	}
	if (posix->folder >= 0)
		close(posix->folder);
	whi_free(&alloc, posix, sizeof *posix);
}

static const struct whi_store_ops posix_ops = {
	.name = posix_name,
	.find = posix_find,
	.read = posix_read,
	.write = posix_write,
	.create = posix_create,
	.resize = posix_resize,
	.sync = posix_sync,
	.remove = posix_remove,
	.replace = posix_replace,
	.sync_names = posix_sync_names,
	.still_there = posix_still_there,
	.close = posix_close,
};

/* Open a regular file for reading and writing. */
static enum wh_status
open_file(const char *path, int *fd, struct stat *st)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	*fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0)
		return errno == ENXIO ? WH_E_INVALID : whi_file_status(errno);
	if (fstat(*fd, st) != 0)
		return whi_file_status(errno);
	return S_ISREG(st->st_mode) ? WH_OK : WH_E_INVALID;
}

/* The path of a file: that of the hive, cut behind 'keep' bytes, with 'suffix'. */
static enum wh_status
set_path(struct posix_store *posix, enum whi_file_id id, const char *path, size_t keep,
	 const char *suffix)
{
	struct posix_file *file = &posix->files[id];
	size_t more = strlen(suffix) + 1;

	whi_free(&posix->alloc, file->path, file->path_room);
	file->path_room = keep + more;
	file->path = whi_alloc(&posix->alloc, file->path_room);
	if (!file->path)
		return WH_E_MEMORY;
	memcpy(file->path, path, keep);
	memcpy(file->path + keep, suffix, more);
	return WH_OK;
}

static enum wh_status
found_log(void *ctx, const char *path, int kind)
{
	static const enum whi_file_id ids[] = { WHI_FILE_LOG, WHI_FILE_LOG1, WHI_FILE_LOG2 };
	struct posix_store *posix = ctx;
	enum wh_status st = set_path(posix, ids[kind], path, strlen(path), "");
	struct stat info;

	return st == WH_OK ? open_file(path, &posix->files[ids[kind]].fd, &info) : st;
}

static enum wh_status
open_folder(struct posix_store *posix, const char *path)
{
	const char *slash = strrchr(path, '/');
	enum wh_status st;

	/* In place of the log's, for the moment. */
	st = set_path(posix, WHI_FILE_LOG, path, slash ? (size_t)(slash - path) + 1 : 0, ".");
	if (st != WH_OK)
		return st;
	posix->folder = open(posix->files[WHI_FILE_LOG].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return posix->folder < 0 ? whi_file_status(errno) : WH_OK;
}

static enum wh_status
open_all(struct posix_store *posix, const char *path)
{
	static const char *const suffixes[] = { "", ".LOG1", ".LOG2", ".LOG" };
	enum wh_status st = open_file(path, &posix->files[WHI_FILE_HIVE].fd, &posix->hive);

	if (st == WH_OK)
		st = lock(posix->files[WHI_FILE_HIVE].fd);
	if (st == WH_OK)
		st = open_folder(posix, path);
	for (int id = 0; id < WHI_FILE_COUNT && st == WH_OK; id++)
		st = set_path(posix, (enum whi_file_id)id, path, strlen(path), suffixes[id]);
	if (st == WH_OK)
		st = whi_file_logs(path, &posix->alloc, found_log, posix);
	return st == WH_OK ? posix_still_there(&posix->store) : st;
}

enum wh_status
whi_store_open(const char *path, const struct wh_allocator *a, struct whi_store **store)
{
	struct posix_store *posix = whi_zalloc(a, sizeof *posix);
	char target[WHI_PATH_MAX];
	enum wh_status st;

	*store = NULL;
	if (!posix)
		return WH_E_MEMORY;
	posix->store.ops = &posix_ops;
	posix->alloc = *a;
	posix->folder = -1;
	for (int id = 0; id < WHI_FILE_ROOM; id++)
		posix->files[id].fd = -1;
	/* Who replays the log looks for it beside the file, not beside a link to it. */
	st = open_all(posix, whi_file_target(path, target) ? target : path);
	if (st != WH_OK) {
		posix_close(&posix->store);
		return st;
	}
	*store = &posix->store;
	return WH_OK;
}
