/* SPDX-License-Identifier: MIT */
/* Files of the system, read as sources and written as a whole. */
#ifndef WHI_HIVE_FILE_H
#define WHI_HIVE_FILE_H

#include "winhive.h"

#include <time.h>

struct whi_file {
	int fd;
	bool owned; /* to be closed by whi_file_close() */
	bool device;
	uint64_t size;
	struct timespec modified;
};

/*
 * Open for reading: regular files and block devices only, without touching the time of
 * last access where the system allows it.
 */
enum wh_status whi_file_open(const char *path, struct whi_file *file);
enum wh_status whi_file_from_fd(int fd, struct whi_file *file);
void whi_file_close(struct whi_file *file);

/*
 * May it stay open, to be read later?  Not a device, which does not tell when it is written to, and
 * not when half of the descriptors that a process may have are taken: others need some, too.
 */
bool whi_file_may_stay(const struct whi_file *file);

/* Has nobody written to it since it was opened?  Of a device that is not known: true. */
bool whi_file_same(const struct whi_file *file);

/* 'file' must outlive the source. */
struct wh_source whi_file_source(struct whi_file *file, const char *name);

/* The file that a symbolic link leads to in the end; false: it is none, or leads nowhere. */
enum { WHI_PATH_MAX = 4 << 10 };
bool whi_file_target(const char *path, char target[WHI_PATH_MAX]);

/*
 * Call 'fn' with the path of each file in the folder of 'path' whose name is that of 'path'
 * with ".LOG1", ".LOG2" or ".LOG" behind it, in any case of letters, unless it is that of another
 * file in the same case; if several differ only in case, with the one that is closest to
 * 'path'.  In a folder that may not be listed these names are tried as they are.  If there are
 * none and 'path' is a symbolic link, the same with the file that it leads to.  'kind' is 1, 2 or
 * 0.  Stops when 'fn' does not return WH_OK.
 */
typedef enum wh_status whi_sibling_fn(void *ctx, const char *path, int kind);
enum wh_status whi_file_logs(const char *path, const struct wh_allocator *a, whi_sibling_fn *fn,
			     void *ctx);

/* Write a file so that it is there in full or not at all; see wh_hive_save_as(). */
enum wh_status whi_file_write(const char *path, const void *bytes, size_t len, bool replace,
			      const struct wh_allocator *a);

void whi_file_remove(const char *path);

/*
 * Make a file beside 'path' under a name nobody else has, '*temp' of '*size' bytes, for its owner
 * alone, and open it for reading and writing.  -1: errno.  '*temp' is the caller's in any case.
 */
int whi_file_temp(const char *path, const struct wh_allocator *a, char **temp, size_t *size);

/*
 * Give the file of 'fd', which is new and empty, the owner, the group, the mode and the extended
 * attributes of that of 'model', and with them its access control lists.  WH_E_ACCESS if one of
 * those that say who may read it cannot be given; other attributes as far as the system lets us.
 */
enum wh_status whi_file_make_like(int fd, int model, const struct wh_allocator *a);

/* What the system said in errno, as a status. */
enum wh_status whi_file_status(int error);

#endif
