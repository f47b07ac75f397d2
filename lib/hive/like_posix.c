/* SPDX-License-Identifier: MIT */
/* A new file with the owner and the rights of another one. */
#define _DEFAULT_SOURCE
#include "hive/file.h"

#include "base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------ extended attributes */

#ifdef __linux__
#include <sys/xattr.h>

enum { NAMES_MAX = 1 << 14, VALUE_MAX = 1 << 16 }; /* bytes, as Linux bounds a value */

static const char access_list[] = "system.posix_acl_access";

/*
 * What drivers of NTFS do not list, though it is there: descriptor and attributes (hidden, system)
 * of the file as Windows sees them.
 */
static const char *const unlisted[] = { "system.ntfs_acl", "system.ntfs_security",
					"system.ntfs_attrib" };

/* What says something of the content is not true of another one. */
static bool
is_of_content(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

static bool
copy_attribute(int fd, int model, const char *name, char value[VALUE_MAX])
{
	ssize_t len = fgetxattr(model, name, value, VALUE_MAX);

	return len >= 0 && fsetxattr(fd, name, value, (size_t)len, 0) == 0;
}

/* False: the access control list could not be given. */
static bool
copy_listed(int fd, int model, char names[NAMES_MAX], char value[VALUE_MAX])
{
	ssize_t len = flistxattr(model, names, NAMES_MAX);

	if (len < 0 && errno != ENOTSUP && errno != ENOSYS)
		return false; /* there may be a list */
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;

		if (!is_of_content(name) && !copy_attribute(fd, model, name, value) &&
		    strcmp(name, access_list) == 0)
			return false;
	}
	return true;
}

static enum wh_status
copy_attributes(int fd, int model, const struct wh_allocator *a)
{
	char *room = whi_alloc(a, NAMES_MAX + VALUE_MAX);
	bool copied;

	if (!room)
		return WH_E_MEMORY;
	copied = copy_listed(fd, model, room, room + NAMES_MAX);
	for (size_t i = 0; i < sizeof unlisted / sizeof *unlisted && copied; i++)
		(void)copy_attribute(fd, model, unlisted[i], room + NAMES_MAX);
	whi_free(a, room, NAMES_MAX + VALUE_MAX);
	return copied ? WH_OK : WH_E_ACCESS;
}
#else
static enum wh_status
copy_attributes(int fd, int model, const struct wh_allocator *a)
{
	(void)fd;
	(void)model;
	(void)a;
	return WH_OK;
}
#endif

/* ------------------------------------------------------------------ all of it */

/* The mode comes last, and has nothing to do where a list has set it: it never opens too much. */
enum wh_status
whi_file_make_like(int fd, int model, const struct wh_allocator *a)
{
	struct stat is, due;
	enum wh_status st;

	if (fstat(fd, &is) != 0 || fstat(model, &due) != 0)
		return whi_file_status(errno);
	if ((is.st_uid != due.st_uid || is.st_gid != due.st_gid) &&
	    fchown(fd, due.st_uid, due.st_gid) != 0)
		return WH_E_ACCESS;
	st = copy_attributes(fd, model, a);
	if (st == WH_OK && fstat(fd, &is) != 0)
		st = whi_file_status(errno);
	if (st == WH_OK && (is.st_mode & 0777) != (due.st_mode & 0777) &&
	    fchmod(fd, due.st_mode & 0777) != 0)
		st = WH_E_ACCESS;
	return st;
}
