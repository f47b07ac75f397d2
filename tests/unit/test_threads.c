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

enum { THREADS = 4, ROUNDS = 3 };

struct task {
	struct wh_hive *hive;
	uint64_t digest;
	unsigned lookups;
	bool failed;
};

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

	look_up(task);
	task->failed |= read_everything(task->hive, &task->digest) != WH_OK;
	return NULL;
}

/* One hive, opened once, read by all threads at the same time. */
static bool
round_holds(const char *path, uint64_t due)
{
	struct task tasks[THREADS];
	pthread_t threads[THREADS];
	struct wh_hive *hive;
	bool holds = true;

	if (wh_hive_open(path, NULL, &hive) != WH_OK)
		return false;
	for (int i = 0; i < THREADS; i++) {
		tasks[i] = (struct task){ .hive = hive };
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
	struct wh_hive *hive;
	uint64_t due = 0;
	bool holds = wh_hive_open(path, NULL, &hive) == WH_OK;

	if (holds) {
		holds = read_everything(hive, &due) == WH_OK;
		wh_hive_close(hive);
	}
	for (int round = 0; round < ROUNDS && holds; round++)
		holds = round_holds(path, due);
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
