/* SPDX-License-Identifier: MIT */
/*
 * Measure one task with every library that writes hives, each time in a process of its own:
 *
 *	bench-edit REPEAT create EMPTY OUT COUNT PER-PARENT [LIBRARY]
 *	bench-edit REPEAT values EMPTY OUT COUNT 1 [LIBRARY]
 *	bench-edit REPEAT edit HIVE SCRATCH COUNT	(a fresh copy of HIVE each time)
 *
 * A line for each measurement, fields separated by tabs: name, seconds, peak in KiB, bytes that
 * were written (as the system counts them for the process), bytes of the file; or name and
 * "failed".
 */
#define _GNU_SOURCE /* wait4 */
#include "bench_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct writer *const writers[] = {
	&writer_winhive,
#ifdef HAVE_HIVEX
	&writer_hivex,
#endif
};
enum { WRITERS = sizeof writers / sizeof *writers };

struct measure {
	bool fine;
	double seconds;
	unsigned long long written;
};

double
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
edit_parent_name(uint32_t index, char name[EDIT_NAME])
{
	snprintf(name, EDIT_NAME, "group %06u", (unsigned)index);
}

void
edit_key_name(uint32_t index, char name[EDIT_NAME])
{
	snprintf(name, EDIT_NAME, "key %07u", (unsigned)index);
}

void
edit_value_name(uint32_t index, char name[EDIT_NAME])
{
	snprintf(name, EDIT_NAME, "value %u", (unsigned)index);
}

/* What this process has written so far. */
static unsigned long long
written(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	unsigned long long bytes = 0;
	char line[128];

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "wchar: %llu", &bytes) == 1)
			break;
	if (f)
		fclose(f);
	return bytes;
}

static struct measure
measure(work_fn *task, const struct edit_job *job)
{
	struct measure m = { 0 };
	unsigned long long before = written();
	double begun = bench_now();

	m.fine = task(job, &begun);
	m.seconds = bench_now() - begun;
	m.written = written() - before;
	return m;
}

/* Run it in a child; what it found comes back through a pipe. */
static void
measure_apart(const char *name, work_fn *task, const struct edit_job *job, const char *result)
{
	struct measure m = { 0 };
	struct rusage usage;
	struct stat st = { 0 };
	int ends[2], status;
	pid_t child;

	if (pipe(ends) != 0)
		exit(1);
	child = fork();
	if (child == 0) {
		m = measure(task, job);
		_exit(write(ends[1], &m, sizeof m) == (ssize_t)sizeof m ? 0 : 1);
	}
	close(ends[1]);
	if (child > 0 && read(ends[0], &m, sizeof m) != (ssize_t)sizeof m)
		m.fine = false;
	close(ends[0]);
	if (child > 0 && wait4(child, &status, 0, &usage) == child && m.fine &&
	    stat(result, &st) == 0)
		printf("%s\t%.6f\t%ld\t%llu\t%lld\n", name, m.seconds, usage.ru_maxrss, m.written,
		       (long long)st.st_size);
	else
		printf("%s\tfailed\n", name);
	fflush(stdout);
}

static bool
copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	static char part[1 << 16];
	bool fine = in && out;
	size_t n;

	while (fine && (n = fread(part, 1, sizeof part, in)) > 0)
		fine = fwrite(part, 1, n, out) == n;
	if (in)
		fclose(in);
	if (out && fclose(out) != 0)
		fine = false;
	return fine;
}

static work_fn *
work_of(const struct writer *writer, char task)
{
	switch (task) {
	case 'c':
		return writer->create;
	case 'v':
		return writer->values;
	default:
		return writer->edit;
	}
}

static void
run(const struct writer *writer, char task, struct edit_job job)
{
	unlink(job.out);
	if (task == 'e') {
		if (!copy_file(job.hive, job.out))
			exit(1);
		job.hive = job.out;
	}
	measure_apart(writer->name, work_of(writer, task), &job, job.out);
}

/* The first letter of the task, or 0: wrong use. */
static char
task_of(int argc, char **argv)
{
	if (argc >= 7 && (strcmp(argv[2], "create") == 0 || strcmp(argv[2], "values") == 0))
		return argv[2][0];
	return argc == 6 && strcmp(argv[2], "edit") == 0 ? 'e' : 0;
}

int
main(int argc, char **argv)
{
	unsigned long repeat = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const char *only = argc == 8 ? argv[7] : NULL;
	char task = task_of(argc, argv);
	struct edit_job job = { 0 };

	if (repeat == 0 || !task) {
		fprintf(stderr, "usage: see the head of bench_edit.c\n");
		return 2;
	}
	job.hive = argv[3];
	job.out = argv[4];
	job.count = (uint32_t)strtoul(argv[5], NULL, 10);
	job.per_parent = argc > 6 ? (uint32_t)strtoul(argv[6], NULL, 10) : 0;
	for (unsigned long i = 0; i < repeat; i++)
		for (size_t w = 0; w < WRITERS; w++)
			if (!only || strcmp(only, writers[w]->name) == 0)
				run(writers[w], task, job);
	unlink(job.out);
	return 0;
}
