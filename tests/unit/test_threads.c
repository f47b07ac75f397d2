/* SPDX-License-Identifier: MIT */
/*
 * Many threads read one hive: all of them see the same.  Not with Criterion, which does not
 * start under the thread sanitizer, under which this is worth most.
 */
#include "files.h"
#include "reading.h"
#include "tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, ROUNDS = 3 };

/* The paths of all keys, from a hive of which everything was read. */
struct paths {
	char **at;
	size_t count, cap;
};

struct task {
	struct wh_hive *hive;
	const struct paths *paths;
	size_t first; /* of the paths: each thread begins elsewhere */
	uint64_t digest;
	unsigned lookups;
	bool failed;
};

static void
add_path(struct paths *paths, const struct wh_walk_key *key)
{
	char *path = malloc(key->path_len + 1);

	if (paths->count == paths->cap) {
		paths->cap = paths->cap ? paths->cap * 2 : 64;
		paths->at = realloc(paths->at, paths->cap * sizeof *paths->at);
	}
	if (!path || !paths->at)
		abort();
	memcpy(path, key->path, key->path_len);
	path[key->path_len] = '\0';
	paths->at[paths->count++] = path;
}

static void
collect_paths(struct wh_hive *hive, struct paths *paths)
{
	struct wh_walk_key key;
	struct wh_walk *walk;

	if (wh_walk_new(wh_hive_root(hive), &walk) != WH_OK)
		abort();
	while (wh_walk_next(walk, &key) == WH_OK)
		if (!memchr(key.path, '\0', key.path_len))
			add_path(paths, &key);
	wh_walk_free(walk);
}

static void
free_paths(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->at[i]);
	free(paths->at);
}

/* Keys here and there, while the hive is being read by whoever needs more of it. */
static void
look_up_later(struct task *task)
{
	const struct paths *paths = task->paths;
	struct wh_key found;

	for (size_t i = 0; i < paths->count && !task->failed; i++)
		task->failed = wh_key_open(wh_hive_root(task->hive),
					   paths->at[(task->first + i) % paths->count], WH_NTS,
					   &found) != WH_OK;
}

/* Every key by its path, so that all threads find out about the same lists at once. */
static void
look_up(struct task *task)
{
	struct wh_key root = wh_hive_root(task->hive), found;
	struct wh_walk_key key;
	struct wh_walk *walk;

	task->failed |= wh_walk_new(root, &walk) != WH_OK;
	while (!task->failed && wh_walk_next(walk, &key) == WH_OK) {
		task->failed =
			wh_key_open(root, key.path, key.path_len, &found) != WH_OK ||
			found.cell != key.key.cell ||
			wh_key_subkey(key.key, "no such key", WH_NTS, &found) != WH_E_NOT_FOUND;
		task->lookups++;
	}
	wh_walk_free(walk);
}

static void *
run(void *ctx)
{
	struct task *task = ctx;

	look_up_later(task);
	look_up(task);
	task->failed |= read_everything(task->hive, &task->digest) != WH_OK;
	return NULL;
}

/* One hive, opened once, read by all threads at the same time. */
static bool
round_holds(const char *path, const struct paths *paths, uint64_t due)
{
	struct task tasks[THREADS];
	pthread_t threads[THREADS];
	struct wh_hive *hive;
	bool holds = true;

	if (wh_hive_open(path, NULL, &hive) != WH_OK)
		return false;
	for (int i = 0; i < THREADS; i++) {
		tasks[i] = (struct task){ .hive = hive,
					  .paths = paths,
					  .first = paths->count * (size_t)i / THREADS };
		if (pthread_create(&threads[i], NULL, run, &tasks[i]) != 0)
			abort();
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		holds = holds && !tasks[i].failed && tasks[i].digest == due && tasks[i].lookups > 0;
	}
	wh_hive_close(hive);
	return holds;
}

static void
read_at_once(const char *path, const char *name)
{
	struct paths paths = { 0 };
	struct wh_hive *hive;
	uint64_t due = 0;
	bool holds = wh_hive_open(path, NULL, &hive) == WH_OK;

	if (holds) {
		holds = read_everything(hive, &due) == WH_OK;
		collect_paths(hive, &paths);
		wh_hive_close(hive);
	}
	for (int round = 0; round < ROUNDS && holds; round++)
		holds = round_holds(path, &paths, due);
	free_paths(&paths);
	tap_case(holds, name, "threads do not agree");
}

int
main(void)
{
	char *path = data_path("broken/list-order.swapped.hive");

	read_at_once(path, "a list that is out of order");
	free(path);
	each_hive("good", read_at_once);
	return tap_done();
}
