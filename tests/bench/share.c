/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "share.h"

#include "bench.h"

#include <time.h>

enum { ROUNDS = 400, TRIES = 3, LOOKS = 100 };
static const struct timespec between_looks = { .tv_nsec = 1000000 };

/* Half a core is a little more than half as good. */
static const double nearly = 0.9;
static double best;

/* One addition, to a number of which the compiler knows nothing. */
#define ADD(number) \
	(number)++; \
	__asm__ volatile("" : "+r"(number));

/* So many that where the loop lies in memory does not matter. */
#define FOUR(of) of of of of

static double
time_waiting(void)
{
	double start = bench_now();
	uint64_t a = 0;

	for (int i = 0; i < ROUNDS; i++) {
		FOUR(FOUR(ADD(a) ADD(a) ADD(a) ADD(a)))
	}
	return bench_now() - start;
}

static double
time_free(void)
{
	double start = bench_now();
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (int i = 0; i < ROUNDS; i++) {
		FOUR(FOUR(ADD(a) ADD(b) ADD(c) ADD(d)))
	}
	return bench_now() - start;
}

/* The shortest of some: an interrupt is not to count. */
static double
shortest(double (*time)(void))
{
	double least = time();

	for (int i = 1; i < TRIES; i++) {
		double t = time();

		least = t < least ? t : least;
	}
	return least;
}

double
bench_share(void)
{
	return shortest(time_waiting) / shortest(time_free);
}

bool
bench_is_whole(double share)
{
	if (share > best)
		best = share;
	return share >= best * nearly;
}

void
bench_share_begin(void)
{
	for (int i = 0; i < LOOKS; i++) {
		bench_is_whole(bench_share());
		nanosleep(&between_looks, NULL);
	}
}
