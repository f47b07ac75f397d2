/* SPDX-License-Identifier: MIT */
/*
 * Measure one task with every library, turn and turn about, each time in a process of its
 * own, which is what makes the peak of memory (ru_maxrss) that of this task alone:
 *
 *	bench-winhive REPEAT open HIVE
 *	bench-winhive REPEAT lookup HIVE PATH
 *	bench-winhive REPEAT walk|walk-names|check HIVE
 *	bench-winhive REPEAT open-walk HIVE	(names and data)
 *	bench-winhive REPEAT siblings HIVE COUNT
 *	bench-winhive REPEAT query HIVE PATH VALUE COUNT
 *	bench-winhive REPEAT names HIVE
 *	bench-winhive REPEAT replay HIVE LOG...
 *	bench-winhive REPEAT programs HIVE COMMAND...	("%" in a command is the hive)
 *
 * A line for each measurement, fields separated by tabs: name, seconds to open, to work,
 * to close, peak in KiB, keys, values, bytes, sum, lookups, and of a library whether it had the
 * core for itself, 1 or 0; or name and "failed".  bench.py makes tables of them.
 *
 * A library that did not have the core for itself (share.h) is measured again, some times: what
 * it took is not looked at for that.
 */
#define _GNU_SOURCE /* wait4 */
#include "bench.h"
#include "share.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORDS = 16, ENOUGH_LOOKUPS = 16, MAX_TRIES = 20 };
static const double try_seconds = 1;

typedef bool task_fn(void *handle, const struct job *job, struct tally *tally);

static const struct reader *const readers[] = {
	&reader_floor,          &reader_registry,      &reader_winhive,
	&reader_winhive_mapped, &reader_winhive_whole,
#ifdef HAVE_HIVEX
	&reader_hivex,          &reader_hivex_visit,   &reader_hivex_copy,
#endif
#ifdef HAVE_REGF
	&reader_regf,
#endif
};
enum { READERS = sizeof readers / sizeof *readers };

struct measure {
	bool fine;
	double open, work, close;
	double share; /* of the core, before and after: the smaller */
	long peak;
	struct tally tally;
};

double
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
bench_sibling(const struct job *job, uint32_t index, char name[16])
{
	/* A prime that divides no round number of siblings: each is met once. */
	uint64_t at = (uint64_t)index * 7919 % job->siblings;

	snprintf(name, 16, "key %05u", (unsigned)at);
}

bool
bench_enough(double start, uint64_t lookups)
{
	return lookups >= ENOUGH_LOOKUPS && lookups % ENOUGH_LOOKUPS == 0 &&
	       bench_now() - start > 0.5;
}

static task_fn *
task_of(const struct reader *reader, const char *name, bool *applies)
{
	task_fn *task = NULL;

	if (strcmp(name, "lookup") == 0)
		task = reader->lookup;
	else if (strcmp(name, "walk-names") == 0 || strcmp(name, "open-walk") == 0 ||
		 (strcmp(name, "walk") == 0 && !reader->names_only))
		task = reader->walk;
	else if (strcmp(name, "siblings") == 0)
		task = reader->siblings;
	else if (strcmp(name, "query") == 0)
		task = reader->query;
	else if (strcmp(name, "names") == 0)
		task = reader->names;
	else if (strcmp(name, "check") == 0)
		task = reader->check;
	*applies = task || (strcmp(name, "open") == 0 && !reader->names_only && !reader->part) ||
		   (strcmp(name, "replay") == 0 && reader->logs);
	return task;
}

static struct measure
measure(const struct reader *reader, task_fn *task, const struct job *job)
{
	struct measure m = { .share = bench_share() };
	double start = bench_now(), share;
	void *handle = NULL;

	m.fine = reader->open(job, &handle);
	m.open = bench_now() - start;
	if (m.fine && task) {
		if (job->whole) /* opening is not what is measured, and it may have taken long */
			m.share = bench_share();
		start = bench_now();
		m.fine = task(handle, job, &m.tally);
		m.work = bench_now() - start;
	}
	share = bench_share();
	m.share = share < m.share ? share : m.share;
	start = bench_now();
	if (handle)
		reader->close(handle);
	m.close = bench_now() - start;
	return m;
}

static void
print_measure(const char *name, const struct measure *m)
{
	const struct tally *t = &m->tally;

	printf("%s\t%.6f\t%.6f\t%.6f\t%ld\t%llu\t%llu\t%llu\t%llu\t%llu", name, m->open, m->work,
	       m->close, m->peak, (unsigned long long)t->keys, (unsigned long long)t->values,
	       (unsigned long long)t->bytes, (unsigned long long)t->sum,
	       (unsigned long long)t->lookups);
}

/* Run it in a child; what it found comes back through a pipe. */
static struct measure
measure_apart(const struct reader *reader, task_fn *task, const struct job *job)
{
	struct measure m = { 0 };
	struct rusage usage;
	int ends[2], status;
	pid_t child;

	if (pipe(ends) != 0)
		return m;
	child = fork();
	if (child == 0) {
		m = measure(reader, task, job);
		_exit(write(ends[1], &m, sizeof m) == (ssize_t)sizeof m ? 0 : 1);
	}
	close(ends[1]);
	if (child > 0 && read(ends[0], &m, sizeof m) != (ssize_t)sizeof m)
		m.fine = false;
	close(ends[0]);
	if (child <= 0 || wait4(child, &status, 0, &usage) != child)
		m.fine = false;
	m.peak = usage.ru_maxrss;
	return m;
}

static void
run_reader(const struct reader *reader, task_fn *task, const struct job *job)
{
	double start = bench_now();
	struct measure m;
	bool whole;

	for (int tries = 1;; tries++) {
		m = measure_apart(reader, task, job);
		whole = bench_is_whole(m.share);
		if (!m.fine || whole || tries == MAX_TRIES || bench_now() - start > try_seconds)
			break;
	}
	if (m.fine) {
		print_measure(reader->name, &m);
		printf("\t%d\n", whole);
	} else {
		printf("%s\tfailed\n", reader->name);
	}
	fflush(stdout);
}

static void
run_readers(const char *task_name, const struct job *job)
{
	for (size_t i = 0; i < READERS; i++) {
		bool applies;
		task_fn *task = task_of(readers[i], task_name, &applies);

		if (applies)
			run_reader(readers[i], task, job);
	}
}

/* ------------------------------------------------------------------ programs */

static pid_t
start(char *const words[], int in, int out)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) || dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	execvp(words[0], words);
	_exit(127);
}

/* The words of a command, in place; "%" becomes the hive. */
static void
split(char *command, const char *hive, char *words[MAX_WORDS + 1])
{
	size_t count = 0;
	char *rest = command, *word;

	while (count < MAX_WORDS && (word = strtok_r(rest, " ", &rest)))
		words[count++] = strcmp(word, "%") == 0 ? (char *)(uintptr_t)hive : word;
	words[count] = NULL;
}

/* The output goes through a pipe to cat, which throws it away. */
static void
run_program(const char *hive, const char *given)
{
	char *const reader[] = { (char[]){ "cat" }, NULL };
	char *command = strdup(given), *words[MAX_WORDS + 1];
	struct measure m = { .fine = true };
	struct rusage usage = { 0 };
	int ends[2], nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), status = 1;
	pid_t program, cat;
	double begin;

	if (!command || nowhere < 0 || pipe2(ends, O_CLOEXEC) != 0)
		exit(1);
	split(command, hive, words);
	begin = bench_now();
	cat = start(reader, ends[0], nowhere);
	program = start(words, -1, ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(nowhere);
	wait4(program, &status, 0, &usage);
	waitpid(cat, NULL, 0);
	m.work = bench_now() - begin;
	m.peak = usage.ru_maxrss;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		print_measure(given, &m);
	else
		printf("%s\tfailed", given);
	printf("\n");
	free(command);
}

/* --------------------------------------------------------------------- main */

static bool
job_of(struct job *job, const char *task, char **args, int count)
{
	*job = (struct job){ .hive = args[0] };
	if (strcmp(task, "lookup") == 0 && count == 2)
		job->path = args[1];
	else if (strcmp(task, "siblings") == 0 && count == 2)
		job->siblings = (uint32_t)strtoul(args[1], NULL, 10);
	else if (strcmp(task, "query") == 0 && count == 4) {
		job->path = args[1];
		job->value = args[2];
		job->count = (uint32_t)strtoul(args[3], NULL, 10);
	} else if (strcmp(task, "replay") == 0)
		for (int i = 1; i < count && job->log_count < BENCH_MAX_LOGS; i++)
			job->logs[job->log_count++] = args[i];
	else if (count != 1)
		return false;
	job->names = strcmp(task, "walk-names") == 0 || strcmp(task, "open-walk") == 0;
	job->whole = strncmp(task, "open", 4) != 0 && strcmp(task, "lookup") != 0;
	return true;
}

int
main(int argc, char **argv)
{
	unsigned long repeat = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	bool programs = argc > 2 && strcmp(argv[2], "programs") == 0;
	struct job job = { 0 };

	if (argc < 4 || repeat == 0 || (!programs && !job_of(&job, argv[2], argv + 3, argc - 3))) {
		fprintf(stderr, "usage: see the head of bench.c\n");
		return 2;
	}
	bench_share_begin();
	for (unsigned long i = 0; i < repeat; i++)
		if (programs)
			for (int p = 4; p < argc; p++)
				run_program(argv[3], argv[p]);
		else
			run_readers(argv[2], &job);
	return 0;
}
