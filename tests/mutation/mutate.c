/* SPDX-License-Identifier: MIT */
/*
 * Damage hives at random and read them: whatever is in the file, the library answers in
 * good time, with bounded memory, and without a word from the sanitizers.
 *
 *	mutate COUNT SEED SAMPLE...		runs 0 to COUNT - 1
 *	mutate --only RUN SEED SAMPLE...	one of them again
 *	mutate --save RUN SEED SAMPLE...	and write its files to ./mutated, ./mutated.LOG1 ...
 *
 * A sample is a hive, or a hive and its logs with commas between.  Samples are chosen by
 * the inverse of their size, so that most runs are short; the first runs take each in turn.
 * Run number n of a seed is the same whatever the count, for the same samples.
 *
 * The runs are made in a child; if it dies that run is a failure and another child goes on.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "mutate.h"

#include "disk/regf.h"
#include "winhive.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_SECONDS 1.0
enum {
	MAX_SAMPLES = 512,
	SMALL = 16384, /* bytes; hives below that are not much more likely */
	MAX_FAILURES = 20,
	MAX_TRIES = 4,       /* of a run that was slow: others may have had the processor */
	HANG_SECONDS = 120,  /* after which a run is killed */
	MAX_RATIO = 10,      /* of memory to the size of the files, */
	MIN_MEMORY = 4 << 20 /* but this much is always granted */
};

/* What the child tells, in memory that outlives it. */
struct report {
	uint64_t run; /* in hand */
	const struct sample *sample;
	char story[MAX_STORY];
	uint64_t runs, opened, recovered, refused, corrupt, log_runs, failures;
	uint64_t keys, values, slow_once;
	uint64_t issues[MAX_RULES];
	double worst_seconds, worst_ratio;
	uint64_t worst_seconds_run, worst_ratio_run;
};

static struct sample samples[MAX_SAMPLES];
static double weights[MAX_SAMPLES]; /* running total */
static size_t sample_count;
static struct report *report;

/* ------------------------------------------------------------------ samples */

static bool
load_file(const char *path, uint8_t **bytes, size_t *size)
{
	FILE *f = fopen(path, "rb");
	long end = -1;

	if (f && fseek(f, 0, SEEK_END) == 0 && (end = ftell(f)) >= 0 &&
	    fseek(f, 0, SEEK_SET) == 0) {
		*bytes = malloc((size_t)end + 1);
		*size = *bytes ? fread(*bytes, 1, (size_t)end, f) : 0;
	}
	if (f)
		fclose(f);
	if (end < 0 || !*bytes || *size != (size_t)end)
		fprintf(stderr, "mutate: cannot read %s\n", path);
	return end >= 0 && *bytes && *size == (size_t)end;
}

/* Where cells in use are, as far as sizes lead; how many, if there is no place to put them. */
static size_t
find_cells(const struct sample *sample, uint32_t *cells)
{
	const uint8_t *bytes = sample->bytes[0];
	size_t size = sample->size[0], at = REGF_BINS, count = 0;

	while (size >= REGF_BINS && at < size && size - at >= 8) {
		uint32_t word = le32_get(*(const le32 *)(bytes + at));

		if (at % REGF_PAGE == 0 && memcmp(bytes + at, "hbin", 4) == 0) {
			at += sizeof(struct regf_bin);
			continue;
		}
		if (word >> 31) {
			if (cells)
				cells[count] = (uint32_t)at;
			count++;
			word = 0u - word;
		}
		if (word < 8 || word % 8 || word > size - at)
			break;
		at += word;
	}
	return count;
}

static bool
load_sample(const char *given)
{
	struct sample *sample = &samples[sample_count];
	char *names = strdup(given), *rest = names, *name;
	size_t total = SMALL;

	if (!names || sample_count == MAX_SAMPLES)
		return false;
	while (sample->file_count < MAX_FILES && (name = strtok_r(rest, ",", &rest))) {
		size_t i = sample->file_count++;

		sample->file_name[i] = name;
		if (!load_file(name, &sample->bytes[i], &sample->size[i]))
			return false;
		total += sample->size[i];
	}
	sample->name = given;
	sample->cell_count = find_cells(sample, NULL);
	sample->cells = malloc((sample->cell_count + 1) * sizeof *sample->cells);
	if (!sample->cells)
		return false;
	find_cells(sample, sample->cells);
	weights[sample_count] =
		1.0 / (double)total + (sample_count ? weights[sample_count - 1] : 0);
	sample_count++;
	return true;
}

static const struct sample *
choose_sample(uint64_t run, struct dice *dice)
{
	double at = (double)(dice_roll(dice) >> 11) * 0x1p-53 * weights[sample_count - 1];
	size_t i = 0;

	if (run < sample_count)
		return &samples[run];
	while (i + 1 < sample_count && weights[i] < at)
		i++;
	return &samples[i];
}

/* --------------------------------------------------------------------- runs */

static void
prepare(uint64_t run, uint64_t seed, struct victim *victim)
{
	struct dice dice = { seed * UINT64_C(0x9e3779b97f4a7c15) + run };
	const struct sample *sample;

	dice.state = dice_roll(&dice); /* seeds and runs that are close give streams that are not */
	sample = choose_sample(run, &dice);
	if (!victim_make(sample, &dice, victim)) {
		fprintf(stderr, "mutate: no memory\n");
		exit(2);
	}
}

static size_t
victim_size(const struct victim *victim)
{
	size_t total = 0;

	for (size_t i = 0; i < victim->sample->file_count; i++)
		total += victim->size[i];
	return total;
}

static void
judge(const struct victim *victim, struct outcome *o)
{
	size_t size = victim_size(victim), limit = MAX_RATIO * size;

	if (limit < MIN_MEMORY)
		limit = MIN_MEMORY;
	if (o->failure[0])
		return;
	if (o->peak > limit)
		snprintf(o->failure, sizeof o->failure, "%zu bytes of memory for files of %zu",
			 o->peak, size);
	else if (o->seconds > MAX_SECONDS)
		snprintf(o->failure, sizeof o->failure, "took %.2f s", o->seconds);
}

static void
count_outcome(const struct victim *victim, const struct outcome *o)
{
	size_t size = victim_size(victim);
	double ratio = size >= MIN_MEMORY / MAX_RATIO ? (double)o->peak / (double)size : 0;

	report->runs++;
	report->opened += o->status == WH_OK;
	report->recovered += o->recovered;
	report->refused += o->status == WH_E_NOT_HIVE;
	report->corrupt += o->status == WH_E_CORRUPT;
	report->log_runs += victim->sample->file_count > 1;
	report->keys += o->keys;
	report->values += o->values;
	for (size_t i = 0; i < MAX_RULES; i++)
		report->issues[i] += o->issues[i];
	if (o->seconds > report->worst_seconds) {
		report->worst_seconds = o->seconds;
		report->worst_seconds_run = report->run;
	}
	if (ratio > report->worst_ratio) {
		report->worst_ratio = ratio;
		report->worst_ratio_run = report->run;
	}
}

static void
print_failure(const char *what)
{
	report->failures++;
	printf("FAIL run %" PRIu64 ": %s\n     %s\n    %s\n", report->run, what,
	       report->sample ? report->sample->name : "", report->story);
	fflush(stdout);
}

static void
make_run(uint64_t run, uint64_t seed)
{
	struct victim victim;
	struct outcome outcome = { 0 };

	report->run = run;
	prepare(run, seed, &victim);
	report->sample = victim.sample;
	memcpy(report->story, victim.story, sizeof report->story);
	alarm(HANG_SECONDS);
	for (int i = 0; i < MAX_TRIES; i++) {
		victim_read(&victim, &outcome);
		if (outcome.seconds <= MAX_SECONDS)
			break;
		report->slow_once++;
	}
	alarm(0);
	judge(&victim, &outcome);
	count_outcome(&victim, &outcome);
	if (outcome.failure[0])
		print_failure(outcome.failure);
	victim_free(&victim);
}

/* Make runs until one kills the child or all are done; returns the next one to make. */
static uint64_t
make_runs(uint64_t from, uint64_t count, uint64_t seed)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		exit(2);
	if (child == 0) {
		for (uint64_t run = from; run < count && report->failures < MAX_FAILURES; run++)
			make_run(run, seed);
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return count;
	report->runs++;
	print_failure(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "hangs" : "dies");
	return report->run + 1;
}

/* ------------------------------------------------------------------ summary */

static void
print_rules(void)
{
	struct wh_rule rule;

	printf("issues by rule:");
	for (size_t i = 0; i < MAX_RULES && wh_rule_at(i, &rule); i++)
		printf(" %s=%" PRIu64, rule.id, report->issues[i]);
	printf("\nnever met:");
	for (size_t i = 0; i < MAX_RULES && wh_rule_at(i, &rule); i++)
		if (report->issues[i] == 0)
			printf(" %s", rule.id);
	printf("\n");
}

static void
print_summary(uint64_t seed)
{
	printf("%" PRIu64 " runs of seed %" PRIu64 " over %zu samples: %" PRIu64 " opened (%" PRIu64
	       " after replay), %" PRIu64 " not a hive, %" PRIu64 " without a root, %" PRIu64
	       " failures\n",
	       report->runs, seed, sample_count, report->opened, report->recovered, report->refused,
	       report->corrupt, report->failures);
	printf("%" PRIu64 " runs with logs, %" PRIu64 " keys, %" PRIu64 " values read\n",
	       report->log_runs, report->keys, report->values);
	printf("longest %.3f s (run %" PRIu64 "); %" PRIu64 " tries took more than %.0f s\n",
	       report->worst_seconds, report->worst_seconds_run, report->slow_once, MAX_SECONDS);
	printf("most memory, of files above %d KiB: %.2f times their size (run %" PRIu64 ")\n",
	       MIN_MEMORY / MAX_RATIO / 1024, report->worst_ratio, report->worst_ratio_run);
	print_rules();
}

static void
save_victim(const struct victim *victim)
{
	for (size_t i = 0; i < victim->sample->file_count; i++) {
		char path[32] = "mutated";
		FILE *f;

		if (i > 0)
			snprintf(path, sizeof path, "mutated.LOG%zu", i);
		f = fopen(path, "wb");
		if (!f || fwrite(victim->bytes[i], 1, victim->size[i], f) != victim->size[i])
			fprintf(stderr, "mutate: cannot write %s\n", path);
		if (f)
			fclose(f);
	}
}

static void
repeat_run(uint64_t run, uint64_t seed, bool save)
{
	struct victim victim;

	if (save) {
		prepare(run, seed, &victim);
		save_victim(&victim);
		victim_free(&victim);
	}
	make_run(run, seed);
	printf("%s\n%s\n", report->sample->name, report->story);
}

int
main(int argc, char **argv)
{
	bool save = argc > 1 && strcmp(argv[1], "--save") == 0;
	bool only = save || (argc > 1 && strcmp(argv[1], "--only") == 0);
	int first = only ? 4 : 3;
	uint64_t count, seed;

	if (argc <= first) {
		fprintf(stderr, "usage: mutate COUNT SEED SAMPLE...\n");
		return 2;
	}
	count = strtoull(argv[first - 2], NULL, 10);
	seed = strtoull(argv[first - 1], NULL, 10);
	report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (report == MAP_FAILED)
		return 2;
	for (int i = first; i < argc; i++)
		if (!load_sample(argv[i]))
			return 2;
	if (only)
		repeat_run(count, seed, save);
	for (uint64_t run = 0; !only && run < count && report->failures < MAX_FAILURES;)
		run = make_runs(run, count, seed);
	print_summary(seed);
	return report->failures ? 1 : 0;
}
