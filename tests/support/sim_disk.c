/* SPDX-License-Identifier: MIT */
#include "sim_disk.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

static void *
need(void *block)
{
	if (!block)
		abort();
	return block;
}

uint64_t
sim_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* ------------------------------------------------------------------- files */

static void
file_resize(struct sim_file *file, size_t size, int fill)
{
	file->bytes = need(realloc(file->bytes, size ? size : 1));
	if (size > file->size)
		memset(file->bytes + file->size, fill, size - file->size);
	file->size = size;
}

static void
file_write(struct sim_file *file, uint64_t at, const void *bytes, size_t len)
{
	if (at + len > file->size)
		file_resize(file, (size_t)at + len, 0);
	memcpy(file->bytes + at, bytes, len);
}

static void
file_free(struct sim_file *file)
{
	free(file->bytes);
	*file = (struct sim_file){ 0 };
}

static void
file_copy(struct sim_file *to, const struct sim_file *from)
{
	file_free(to);
	file_resize(to, from->size, 0);
	if (from->size > 0)
		memcpy(to->bytes, from->bytes, from->size);
	to->there = from->there;
}

/* ------------------------------------------------------------------- calls */

static struct sim_disk *
disk_of(struct whi_store *store)
{
	return (struct sim_disk *)store;
}

static void
record(struct sim_disk *disk, struct sim_op op, const void *bytes)
{
	if (disk->count == disk->cap) {
		disk->cap = disk->cap ? 2 * disk->cap : 64;
		disk->ops = need(realloc(disk->ops, disk->cap * sizeof *disk->ops));
	}
	if (bytes) {
		op.bytes = need(malloc(op.len ? op.len : 1));
		memcpy(op.bytes, bytes, op.len);
	}
	disk->ops[disk->count++] = op;
}

static bool
fails(struct sim_disk *disk)
{
	size_t call = disk->calls++;
	bool fail = call == disk->fail_at || (disk->fail_from && call > disk->fail_at);

	disk->failed += fail;
	return fail;
}

/* Whoever changes a file that is not there, or a hive after it was replaced, is wrong. */
static void
must_be_there(const struct sim_disk *disk, enum whi_file_id id)
{
	if (!disk->now[id].there || (id == WHI_FILE_HIVE && disk->replaced))
		abort();
}

static const char *
sim_name(struct whi_store *store, enum whi_file_id id)
{
	static const char *const names[] = { "HIVE", "HIVE.LOG1", "HIVE.LOG2", "HIVE.LOG", "NEW" };

	(void)store;
	return names[id];
}

static bool
sim_find(struct whi_store *store, enum whi_file_id id, uint64_t *size)
{
	*size = disk_of(store)->now[id].size;
	return disk_of(store)->now[id].there;
}

static enum wh_status
sim_read(struct whi_store *store, enum whi_file_id id, uint64_t offset, void *buf, size_t len)
{
	const struct sim_file *file = &disk_of(store)->now[id];

	if (!file->there || offset > file->size || len > file->size - offset)
		abort();
	memcpy(buf, file->bytes + offset, len);
	return WH_OK;
}

static enum wh_status
sim_write(struct whi_store *store, enum whi_file_id id, uint64_t offset, const void *bytes,
	  size_t len)
{
	struct sim_disk *disk = disk_of(store);
	bool fail = fails(disk);

	/* A commit has made room before: else a full disk would stop it half way. */
	must_be_there(disk, id);
	if (len == 0 || offset + len > disk->now[id].size)
		abort();
	if (fail)
		len = disk->fail_half ? len / 2 : 0;
	if (len > 0) {
		file_write(&disk->now[id], offset, bytes, len);
		record(disk, (struct sim_op){ SIM_WRITE, id, offset, NULL, len }, bytes);
	}
	return fail ? disk->with : WH_OK;
}

static enum wh_status
sim_create(struct whi_store *store, enum whi_file_id id)
{
	struct sim_disk *disk = disk_of(store);

	/* One that was to be the hive, and could not be removed, is left under its name. */
	if (disk->now[id].there && id != WHI_FILE_NEW)
		abort();
	if (fails(disk))
		return disk->with;
	disk->now[id].there = true;
	file_resize(&disk->now[id], 0, 0);
	record(disk, (struct sim_op){ .kind = SIM_CREATE, .id = id }, NULL);
	return WH_OK;
}

static enum wh_status
sim_resize(struct whi_store *store, enum whi_file_id id, uint64_t size)
{
	struct sim_disk *disk = disk_of(store);

	must_be_there(disk, id);
	if (fails(disk))
		return disk->with;
	file_resize(&disk->now[id], (size_t)size, 0);
	record(disk, (struct sim_op){ .kind = SIM_RESIZE, .id = id, .at = size }, NULL);
	return WH_OK;
}

static enum wh_status
sim_sync(struct whi_store *store, enum whi_file_id id)
{
	struct sim_disk *disk = disk_of(store);

	must_be_there(disk, id);
	if (fails(disk))
		return disk->with;
	record(disk, (struct sim_op){ .kind = SIM_SYNC, .id = id }, NULL);
	return WH_OK;
}

static enum wh_status
sim_remove(struct whi_store *store, enum whi_file_id id)
{
	struct sim_disk *disk = disk_of(store);

	must_be_there(disk, id);
	if (fails(disk))
		return disk->with;
	file_free(&disk->now[id]);
	record(disk, (struct sim_op){ .kind = SIM_REMOVE, .id = id }, NULL);
	return WH_OK;
}

static enum wh_status
sim_replace(struct whi_store *store)
{
	struct sim_disk *disk = disk_of(store);

	must_be_there(disk, WHI_FILE_HIVE);
	must_be_there(disk, WHI_FILE_NEW);
	if (fails(disk))
		return disk->with;
	file_copy(&disk->now[WHI_FILE_HIVE], &disk->now[WHI_FILE_NEW]);
	file_free(&disk->now[WHI_FILE_NEW]);
	disk->replaced = true;
	record(disk, (struct sim_op){ .kind = SIM_REPLACE, .id = WHI_FILE_HIVE }, NULL);
	return WH_OK;
}

static enum wh_status
sim_sync_names(struct whi_store *store)
{
	struct sim_disk *disk = disk_of(store);

	if (fails(disk))
		return disk->with;
	record(disk, (struct sim_op){ .kind = SIM_SYNC_NAMES }, NULL);
	return WH_OK;
}

static enum wh_status
sim_still_there(struct whi_store *store)
{
	return disk_of(store)->moved ? WH_E_IN_USE : WH_OK;
}

static void
sim_close(struct whi_store *store)
{
	if (disk_of(store)->closed)
		abort();
	disk_of(store)->closed = true;
}

void
sim_init(struct sim_disk *disk)
{
	static const struct whi_store_ops ops = {
		.name = sim_name,
		.find = sim_find,
		.read = sim_read,
		.write = sim_write,
		.create = sim_create,
		.resize = sim_resize,
		.sync = sim_sync,
		.remove = sim_remove,
		.replace = sim_replace,
		.sync_names = sim_sync_names,
		.still_there = sim_still_there,
		.close = sim_close,
	};

	*disk = (struct sim_disk){ .store = { &ops }, .fail_at = SIZE_MAX, .with = WH_E_IO };
}

static void
drop_ops(struct sim_disk *disk)
{
	for (size_t i = 0; i < disk->count; i++)
		free(disk->ops[i].bytes);
	free(disk->ops);
	disk->ops = NULL;
	disk->count = disk->cap = 0;
}

void
sim_fini(struct sim_disk *disk)
{
	drop_ops(disk);
	for (int id = 0; id < WHI_FILE_ROOM; id++) {
		file_free(&disk->now[id]);
		file_free(&disk->start[id]);
	}
}

void
sim_set(struct sim_disk *disk, enum whi_file_id id, const void *bytes, size_t len)
{
	struct sim_file file = { bytes != NULL, (uint8_t *)(uintptr_t)bytes, bytes ? len : 0 };

	file_copy(&disk->now[id], &file);
	file_copy(&disk->start[id], &file);
}

void
sim_forget(struct sim_disk *disk)
{
	drop_ops(disk);
	for (int id = 0; id < WHI_FILE_ROOM; id++)
		file_copy(&disk->start[id], &disk->now[id]);
	disk->calls = disk->failed = 0;
	disk->closed = disk->replaced = false;
}

void
sim_copy(const struct sim_disk *disk, struct sim_disk *copy)
{
	sim_init(copy);
	for (int id = 0; id < WHI_FILE_COUNT; id++)
		if (disk->now[id].there)
			sim_set(copy, (enum whi_file_id)id, disk->now[id].bytes,
				disk->now[id].size);
}

/* ------------------------------------------------------------------- crash */

/* Which file a name leads to: the number of times it was made, or -1. */
static int
pick_file(const struct sim_disk *disk, size_t count, enum whi_file_id id, enum sim_luck luck,
	  uint64_t *seed)
{
	int now = disk->start[id].there ? 0 : -1, picked = now, made = 0;
	size_t since = 1;

	for (size_t i = 0; i < count; i++) {
		const struct sim_op *op = &disk->ops[i];

		if (op->kind == SIM_SYNC_NAMES) {
			picked = now;
			since = 1;
		}
		if (op->id != id ||
		    (op->kind != SIM_CREATE && op->kind != SIM_REMOVE && op->kind != SIM_REPLACE))
			continue;
		now = op->kind == SIM_REMOVE ? -1 : ++made;
		since++;
		if (luck == SIM_ALL || (luck == SIM_ANY && sim_random(seed) % since == 0))
			picked = now;
	}
	return picked;
}

/* Calls 'first' to 'last' that concern the content of a file. */
struct span {
	size_t first, last;
};

/* How often a file was made before it took the place of the hive. */
static int
times_made(const struct sim_disk *disk, size_t count)
{
	int made = 0;

	for (size_t i = 0; i < count && disk->ops[i].kind != SIM_REPLACE; i++)
		made += disk->ops[i].kind == SIM_CREATE && disk->ops[i].id == WHI_FILE_NEW;
	return made;
}

/* From the call that made it to the one that removed it. */
static struct span
life_of(const struct sim_disk *disk, size_t count, enum whi_file_id id, int file)
{
	struct span life = { 0, count };
	int made = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sim_op *op = &disk->ops[i];

		if (op->id != id)
			continue;
		if (op->kind == SIM_CREATE && ++made == file)
			life.first = i + 1;
		if (op->kind == SIM_REMOVE && made == file && life.last == count)
			life.last = i;
	}
	return life;
}

static void
apply(struct sim_file *file, const struct sim_op *op, enum whi_file_id id)
{
	if (op->id == id && op->kind == SIM_WRITE)
		file_write(file, op->at, op->bytes, op->len);
	if (op->id == id && op->kind == SIM_RESIZE)
		file_resize(file, (size_t)op->at, 0);
}

/* What a sector comes from: state 'head' up to byte 'tear', then state 'tail'. */
struct choice {
	size_t head, tail, tear;
	int fill; /* where neither has anything */
};

static void
take_range(struct sim_file *to, const struct sim_file *state, size_t from, size_t end, int fill)
{
	size_t have = state->size < end ? state->size : end;

	if (have > from)
		memcpy(to->bytes + from, state->bytes + from, have - from);
	else
		have = from;
	memset(to->bytes + have, fill, end - have);
}

/* The parts of all sectors that come from a state. */
static void
take(struct sim_file *to, const struct sim_file *state, size_t number, const struct choice *choices)
{
	for (size_t at = 0; at < to->size; at += SECTOR) {
		const struct choice *choice = &choices[at / SECTOR];
		size_t end = to->size - at < SECTOR ? to->size : at + SECTOR;
		size_t tear = choice->tear < end - at ? at + choice->tear : end;

		if (choice->head == number)
			take_range(to, state, at, tear, choice->fill);
		if (choice->tail == number)
			take_range(to, state, tear, end, choice->fill);
	}
}

/* 'count' states; which of them each sector shows. */
static void
choose(struct choice *choices, size_t sectors, size_t count, enum sim_luck luck, uint64_t *seed)
{
	for (size_t i = 0; i < sectors; i++) {
		struct choice *choice = &choices[i];

		*choice = (struct choice){ 0 };
		if (luck == SIM_ALL)
			choice->tail = count - 1;
		if (luck != SIM_ANY)
			continue;
		choice->tail = sim_random(seed) % count;
		choice->head = sim_random(seed) % count;
		if (sim_random(seed) % 4 == 0)
			choice->tear = sim_random(seed) % SECTOR;
		if (sim_random(seed) % 4 == 0)
			choice->fill = 0xe5;
	}
}

static size_t
pick_size(const size_t *sizes, size_t count, enum sim_luck luck, uint64_t *seed)
{
	return luck == SIM_NOTHING ? sizes[0]
	       : luck == SIM_ALL   ? sizes[count - 1]
				   : sizes[sim_random(seed) % count];
}

static void
crash_file(const struct sim_disk *disk, enum whi_file_id id, struct span life, bool made,
	   enum sim_luck luck, uint64_t *seed, struct sim_file *out)
{
	struct sim_file state = { 0 };
	struct choice *choices;
	size_t *sizes = need(malloc((life.last - life.first + 1) * sizeof *sizes));
	size_t synced = life.first, n = 0, number = 0;

	if (!made)
		file_copy(&state, &disk->start[id]);
	else
		file_resize(&state, 0, 0);
	for (size_t i = life.first; i < life.last; i++)
		if (disk->ops[i].id == id && disk->ops[i].kind == SIM_SYNC)
			synced = i + 1;
	for (size_t i = life.first; i < synced; i++)
		apply(&state, &disk->ops[i], id);

	file_copy(out, &state);
	sizes[n++] = state.size;
	for (size_t i = synced; i < life.last; i++)
		if (disk->ops[i].id == id) {
			apply(out, &disk->ops[i], id);
			sizes[n++] = out->size;
		}
	file_resize(out, pick_size(sizes, n, luck, seed), 0);
	choices = need(malloc((out->size / SECTOR + 1) * sizeof *choices));
	choose(choices, out->size / SECTOR + 1, n, luck, seed);
	take(out, &state, number++, choices);
	for (size_t i = synced; i < life.last; i++)
		if (disk->ops[i].id == id) {
			apply(&state, &disk->ops[i], id);
			take(out, &state, number++, choices);
		}
	out->there = true;
	free(choices);
	free(sizes);
	file_free(&state);
}

void
sim_crash(const struct sim_disk *disk, size_t count, enum sim_luck luck, uint64_t *seed,
	  struct sim_disk *crashed)
{
	sim_init(crashed);
	for (int i = 0; i < WHI_FILE_COUNT; i++) {
		enum whi_file_id id = (enum whi_file_id)i;
		int file = pick_file(disk, count, id, luck, seed);
		struct sim_file left = { 0 };

		if (file < 0)
			continue;
		if (i == WHI_FILE_HIVE && file > 0) { /* as the file was called when it was made */
			id = WHI_FILE_NEW;
			file = times_made(disk, count);
		}
		crash_file(disk, id, life_of(disk, count, id, file), file > 0, luck, seed, &left);
		sim_set(crashed, (enum whi_file_id)i, left.bytes, left.size);
		file_free(&left);
	}
}
