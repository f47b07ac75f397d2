/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* inotify, realpath */
#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/inotify.h>
#endif

/* The folder of a path for free(), NULL without memory; '*name' is the rest of the path. */
static char *
folder_of(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* ------------------------------------------------------------------- events */

#ifdef __linux__
/* The folder is listened to, not the file: a file that is replaced is another one. */
static void
listen_to(int events, const char *path)
{
	const char *name;
	char *folder = folder_of(path, &name);

	if (folder)
		(void)inotify_add_watch(events, folder,
					IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM |
						IN_CREATE | IN_DELETE | IN_ATTRIB);
	free(folder);
}

void
files_begin(struct watch_files *files, const char *path)
{
	char *target = realpath(path, NULL);

	*files = (struct watch_files){ path, inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
	if (files->events >= 0) {
		listen_to(files->events, path);
		if (target)
			listen_to(files->events, target);
	}
	free(target);
}
#else
void
files_begin(struct watch_files *files, const char *path)
{
	*files = (struct watch_files){ path, -1 };
}
#endif

void
files_end(struct watch_files *files)
{
	if (files->events >= 0)
		close(files->events);
	files->events = -1;
}

void
files_wait(const struct watch_files *files, int milliseconds)
{
	struct pollfd wait = { .fd = files->events, .events = POLLIN };
	char events[2048];

	/* Which file it was does not matter: their state is what is looked at. */
	if (poll(&wait, files->events >= 0, milliseconds) > 0)
		while (read(files->events, events, sizeof events) > 0)
			;
}

/* -------------------------------------------------------------------- state */

static uint64_t
mix(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t
state_of(const struct stat *info, uint64_t hash)
{
	hash = mix(hash, (uint64_t)info->st_dev);
	hash = mix(hash, (uint64_t)info->st_ino);
	hash = mix(hash, (uint64_t)info->st_size);
#ifdef __APPLE__
	hash = mix(hash, (uint64_t)info->st_mtimespec.tv_sec);
	return mix(hash, (uint64_t)info->st_mtimespec.tv_nsec);
#else
	hash = mix(hash, (uint64_t)info->st_mtim.tv_sec);
	return mix(hash, (uint64_t)info->st_mtim.tv_nsec);
#endif
}

/* Is it NAME.LOG, NAME.LOG1 or NAME.LOG2, in any case of letters? */
static bool
is_log(const char *found, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(found, name, len) != 0 || strncasecmp(found + len, ".LOG", 4) != 0)
		return false;
	found += len + 4;
	return !*found || ((*found == '1' || *found == '2') && !found[1]);
}

/* Added up, since a folder has no order. */
static uint64_t
state_of_logs(const char *path)
{
	const char *name;
	char *folder = folder_of(path, &name);
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	struct stat info;
	uint64_t sum = 0;

	while (dir && (entry = readdir(dir)))
		if (is_log(entry->d_name, name) &&
		    fstatat(dirfd(dir), entry->d_name, &info, 0) == 0)
			sum += state_of(&info, 2);
	if (dir)
		closedir(dir);
	free(folder);
	return sum;
}

uint64_t
files_state(const struct watch_files *files)
{
	char *target = realpath(files->path, NULL);
	struct stat info;
	uint64_t state = state_of_logs(files->path);

	/* The logs of a link may lie beside the link or beside the file. */
	if (target)
		state += mix(3, state_of_logs(target));
	free(target);
	return state + (stat(files->path, &info) == 0 ? state_of(&info, 1) : 0);
}
