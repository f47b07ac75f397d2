/* SPDX-License-Identifier: MIT */
/*
 * The floor: what the machine needs to read the same bytes and look at all of them, with
 * no idea of what they mean.  No reader that reads the file can be faster.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 1 + BENCH_MAX_LOGS };

struct files {
	uint64_t *words[MAX_FILES];
	size_t size[MAX_FILES];
	size_t count;
};

static bool
read_file(struct files *files, const char *path)
{
	size_t index = files->count, at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0)
		files->words[index] = malloc((size_t)st.st_size + 1);
	if (files->words[index]) {
		files->size[index] = (size_t)st.st_size;
		files->count++;
		do
			n = read(fd, (char *)files->words[index] + at, files->size[index] - at);
		while (n > 0 && (at += (size_t)n) < files->size[index]);
	}
	close(fd);
	return n >= 0;
}

static bool
open_files(const struct job *job, void **handle)
{
	struct files *files = calloc(1, sizeof *files);
	bool fine;

	*handle = files;
	fine = files && read_file(files, job->hive);
	for (size_t i = 0; fine && i < job->log_count; i++)
		fine = read_file(files, job->logs[i]);
	return fine;
}

static bool
sum_words(void *handle, const struct job *job, struct tally *tally)
{
	const struct files *files = handle;

	(void)job;
	for (size_t f = 0; f < files->count; f++) {
		tally->bytes += files->size[f];
		for (size_t i = 0; i < files->size[f] / sizeof *files->words[f]; i++)
			tally->sum += files->words[f][i];
	}
	return true;
}

static void
close_files(void *handle)
{
	struct files *files = handle;

	for (size_t f = 0; f < files->count; f++)
		free(files->words[f]);
	free(files);
}

const struct reader reader_floor = {
	.name = "floor",
	.logs = true,
	.open = open_files,
	.walk = sum_words,
	.close = close_files,
};
