/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* The bar that appears when somebody at a terminal has waited for a second. */
static struct {
	struct timespec began;
	uint64_t total, done;
	unsigned calls;
	bool wanted, drawn;
} progress;

static double
seconds_since(struct timespec then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then.tv_sec) + (double)(now.tv_nsec - then.tv_nsec) / 1e9;
}

static void
progress_begin(const struct cli *cli, struct wh_hive *hive)
{
	struct wh_hive_stats stats;

	wh_hive_stats(hive, &stats);
	memset(&progress, 0, sizeof progress);
	progress.total = stats.used_bytes ? stats.used_bytes : 1;
	/* Not into output that appears meanwhile: of these commands only info has none. */
	progress.wanted =
		isatty(STDERR_FILENO) && (!isatty(STDOUT_FILENO) || cli->command == &cmd_info);
	if (progress.wanted)
		clock_gettime(CLOCK_MONOTONIC, &progress.began);
}

static void
progress_step(const struct wh_walk_key *key)
{
	enum { WIDTH = 40, STEPS = 1024 };
	unsigned cells;

	if (!progress.wanted)
		return;
	/* What hangs on a key: its cell and, on average, its lists, values and data. */
	progress.done += 112u + 80u * (uint64_t)key->value_count;
	if (++progress.calls % STEPS != 0 || seconds_since(progress.began) < 1.0)
		return;
	if (progress.done > progress.total)
		progress.done = progress.total;
	cells = (unsigned)(progress.done * WIDTH / progress.total);
	fputs("\r[", stderr);
	for (unsigned i = 0; i < WIDTH; i++)
		fputc(i < cells ? '#' : ' ', stderr);
	fprintf(stderr, "] %3u %%", (unsigned)(progress.done * 100 / progress.total));
	progress.drawn = true;
}

enum wh_status
cli_walk_begin(struct cli *cli, struct wh_key top, const char *path, size_t len)
{
	progress_begin(cli, top.hive);
	cli->top = path;
	cli->top_len = len;
	return wh_walk_new(top, &cli->walk);
}

enum wh_status
cli_walk_next(struct cli *cli, struct wh_walk_key *key)
{
	enum wh_status st = wh_walk_next(cli->walk, key);

	if (st == WH_OK)
		progress_step(key);
	return st;
}

void
cli_walk_end(struct cli *cli)
{
	wh_walk_free(cli->walk);
	cli->walk = NULL;
	if (progress.drawn)
		fputs("\r\033[K", stderr);
}
