/* SPDX-License-Identifier: MIT */
#include "hive/backup.h"

#include "base/mem.h"
#include "hive/file.h"

#include <stdio.h>
#include <string.h>

static const char *const suffixes[WHI_FILE_COUNT] = { "", ".LOG1", ".LOG2", ".LOG" };

/* The name of the copy, in '*size' bytes. */
static char *
copy_name(const char *path, enum whi_file_id id, const struct wh_allocator *a, size_t *size)
{
	size_t len = strlen(path), more = strlen(suffixes[id]) + 1;
	char *name = whi_alloc(a, len + more);

	*size = len + more;
	if (name) {
		memcpy(name, path, len);
		memcpy(name + len, suffixes[id], more);
	}
	return name;
}

static bool
is_copied(struct whi_store *store, enum whi_file_id id, uint64_t *size)
{
	return store->ops->find(store, id, size) && *size > 0;
}

static enum wh_status
copy_to(struct whi_store *store, enum whi_file_id id, uint64_t size, const char *name,
	const struct wh_allocator *a)
{
	void *bytes;
	enum wh_status st;

	if (size > SIZE_MAX / 2)
		return WH_E_TOO_BIG;
	bytes = whi_block_new(a, (size_t)size);
	if (!bytes)
		return WH_E_MEMORY;
	st = store->ops->read(store, id, 0, bytes, (size_t)size);
	if (st == WH_OK)
		st = whi_file_write(name, bytes, (size_t)size, false, a);
	whi_block_free(a, bytes, (size_t)size);
	return st;
}

/* Without the allocator, which may be why it is to be removed; a longer path is of no file. */
void
whi_backup_remove(const char *path, unsigned made)
{
	char name[WHI_PATH_MAX];

	for (int id = 0; id < WHI_FILE_COUNT; id++) {
		int len = snprintf(name, sizeof name, "%s%s", path, suffixes[id]);

		if ((made >> id & 1) && len >= 0 && (size_t)len < sizeof name)
			whi_file_remove(name);
	}
}

enum wh_status
whi_backup_make(struct whi_store *store, const char *path, const struct wh_allocator *a,
		unsigned *made)
{
	enum wh_status st = WH_OK;
	uint64_t size;
	size_t room;

	*made = 0;
	for (int id = 0; id < WHI_FILE_COUNT && st == WH_OK; id++) {
		char *name;

		if (!is_copied(store, (enum whi_file_id)id, &size))
			continue;
		name = copy_name(path, (enum whi_file_id)id, a, &room);
		st = name ? copy_to(store, (enum whi_file_id)id, size, name, a) : WH_E_MEMORY;
		if (st == WH_OK)
			*made |= 1u << id;
		whi_free(a, name, room);
	}
	if (st != WH_OK) {
		whi_backup_remove(path, *made);
		*made = 0;
	}
	return st;
}
