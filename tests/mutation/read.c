/* SPDX-License-Identifier: MIT */
/*
 * Read all of a damaged hive, with an allocator that counts, and see that what the library
 * says of it makes sense.
 */
#define _POSIX_C_SOURCE 200809L
#include "mutate.h"

#include "tree/sound.h"
#include "winhive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_NAME = 3 * 65536, LOOKUP_LIMIT = 1 << 19 };

struct run {
	const struct victim *victim;
	struct outcome *outcome;
	size_t now;  /* bytes allocated */
	size_t harm; /* issues of the walk that make the hive unsound */
	size_t file; /* issues about its base block */
	char last[8];
};

static void __attribute__((format(printf, 2, 3)))
fail(struct outcome *outcome, const char *format, ...)
{
	va_list args;

	if (outcome->failure[0])
		return;
	va_start(args, format);
	vsnprintf(outcome->failure, sizeof outcome->failure, format, args);
	va_end(args);
}

static void *
count_memory(void *ctx, void *ptr, size_t old_size, size_t size)
{
	struct run *run = ctx;
	void *more = NULL;

	if (old_size > run->now)
		fail(run->outcome, "frees %zu bytes of %zu", old_size, run->now);
	if (size == 0)
		free(ptr);
	else
		more = realloc(ptr, size);
	if (size == 0 || more)
		run->now += size - old_size;
	if (run->now > run->outcome->peak)
		run->outcome->peak = run->now;
	return more;
}

static size_t
rule_index(const char *id)
{
	struct wh_rule rule;
	size_t i;

	for (i = 0; i < MAX_RULES && wh_rule_at(i, &rule); i++)
		if (strcmp(rule.id, id) == 0)
			return i;
	return MAX_RULES;
}

static void
judge_harm(struct run *run, const struct wh_issue *issue)
{
	if (issue->log >= 0 || (issue->grade == WH_NOTE && !issue->incomplete) ||
	    strcmp(issue->id, "K17") == 0 || strcmp(issue->id, "I10") == 0 ||
	    strcmp(issue->id, "B5") == 0)
		return;
	if (issue->id[0] == 'L') {
		run->file++;
		return;
	}
	run->harm++;
	snprintf(run->last, sizeof run->last, "%s", issue->id);
}

/* An issue is of a known rule, about a place in one of the files, in one line. */
static void
take_issue(void *ctx, const struct wh_issue *issue)
{
	struct run *run = ctx;
	size_t index = rule_index(issue->id), len = strlen(issue->text);
	int logs = (int)run->victim->sample->file_count - 1;

	judge_harm(run, issue);
	if (index == MAX_RULES)
		fail(run->outcome, "issue of unknown rule %s", issue->id);
	else
		run->outcome->issues[index]++;
	if (len == 0 || strpbrk(issue->text, "\r\n") || issue->text[len - 1] == '.')
		fail(run->outcome, "%s: text is not as promised: %s", issue->id, issue->text);
	if (issue->log < -1 || issue->log >= logs) {
		fail(run->outcome, "%s: log %d of %d", issue->id, issue->log, logs);
		return;
	}
	/* Replay makes the hive as long as the logs say. */
	if (issue->log < 0 && logs > 0)
		return;
	if (issue->offset > run->victim->size[issue->log + 1])
		fail(run->outcome, "%s: offset 0x%llx is past the end", issue->id,
		     (unsigned long long)issue->offset);
}

static uint64_t
sum_bytes(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += at[i];
	return sum;
}

static void
read_value(struct run *run, struct wh_walk *walk, const struct wh_walk_value *value)
{
	struct outcome *o = run->outcome;
	uint64_t read = value->data_len;
	const void *piece;
	size_t len;

	o->values++;
	o->sum += sum_bytes(value->name, value->name_len);
	o->sum += sum_bytes(value->data, value->data_len);
	while (wh_walk_data(walk, &piece, &len) == WH_OK) {
		o->sum += sum_bytes(piece, len);
		read += len;
	}
	if (read != value->readable || value->readable > value->size)
		fail(o, "value with %u bytes, %u readable, %llu read", (unsigned)value->size,
		     (unsigned)value->readable, (unsigned long long)read);
}

/* A key that can be walked to has a class and a descriptor, or says that they are damaged. */
static void
read_key(struct run *run, const struct wh_walk_key *key)
{
	static char text[MAX_NAME];
	const void *descriptor;
	enum wh_status st;
	size_t len;

	run->outcome->keys++;
	run->outcome->sum += sum_bytes(key->path, key->path_len);
	st = wh_key_class(key->key, text, sizeof text, &len);
	if (st == WH_OK)
		run->outcome->sum += sum_bytes(text, len);
	else if (st != WH_E_CORRUPT)
		fail(run->outcome, "class: %s", wh_status_name(st));
	st = wh_key_security(key->key, &descriptor, &len);
	if (st == WH_OK)
		run->outcome->sum += sum_bytes(descriptor, len);
	else if (st != WH_E_CORRUPT)
		fail(run->outcome, "security: %s", wh_status_name(st));
}

/* In a damaged list a name need not be found; but what is found is a key of that name. */
static void
find_key(struct run *run, struct wh_key root, const struct wh_walk_key *key)
{
	static char name[MAX_NAME];
	struct wh_key found;
	size_t len, harm = run->harm;
	enum wh_status st = wh_key_open(root, key->path, key->path_len, &found);

	run->harm = harm; /* a wrong hash, a note, is reported as a wrong order too */
	if (st == WH_E_NOT_FOUND || st == WH_E_CORRUPT || st == WH_E_BAD_PATH)
		return;
	if (st == WH_OK)
		st = wh_key_name(found, name, sizeof name, &len);
	if (st != WH_OK)
		fail(run->outcome, "lookup: %s", wh_status_name(st));
	else
		run->outcome->sum += sum_bytes(name, len);
}

static void
read_hive(struct run *run, struct wh_hive *hive)
{
	struct wh_key root = wh_hive_root(hive);
	struct wh_walk_value value;
	struct wh_walk_key key;
	struct wh_walk *walk;
	enum wh_status st = wh_walk_new(root, &walk);
	bool lookups = run->victim->size[0] <= LOOKUP_LIMIT;

	while (st == WH_OK && (st = wh_walk_next(walk, &key)) == WH_OK) {
		read_key(run, &key);
		while ((st = wh_walk_next_value(walk, &value)) == WH_OK)
			read_value(run, walk, &value);
		if (st == WH_E_NO_MORE)
			st = WH_OK;
		/* Not every key: a lookup may cost as much as the walk above it. */
		if (lookups && key.depth < 16 && run->outcome->keys % 8 == 1)
			find_key(run, root, &key);
	}
	wh_walk_free(walk);
	if (st != WH_E_NO_MORE)
		fail(run->outcome, "walk: %s", wh_status_name(st));
}

/* Looking through it finds what reading it found, or more, and changes nothing. */
static void
look_through(struct run *run, struct wh_hive *hive)
{
	uint64_t before = sum_bytes(hive->img.bytes, hive->img.size);
	enum wh_status st = whi_hive_sound(hive);

	if (sum_bytes(hive->img.bytes, hive->img.size) != before)
		fail(run->outcome, "a look changed the hive");
	if (st == WH_OK && run->harm > 0)
		fail(run->outcome, "sound, but %s was reported", run->last);
	if (st == WH_E_CORRUPT && run->harm == 0 && run->file == 0)
		fail(run->outcome, "unsound, but nothing was reported");
	if (st != WH_OK && st != WH_E_CORRUPT)
		fail(run->outcome, "look: %s", wh_status_name(st));
}

static bool
read_log(void *ctx, uint64_t offset, void *buf, size_t len)
{
	memcpy(buf, (const uint8_t *)ctx + offset, len);
	return true;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
victim_read(const struct victim *victim, struct outcome *outcome)
{
	struct run run = { .victim = victim, .outcome = outcome };
	struct wh_allocator allocator = { count_memory, &run };
	struct wh_source logs[MAX_FILES];
	struct wh_options options = {
		.flags = victim->lent ? WH_OPEN_LENT : 0,
		.log_sources = logs,
		.log_source_count = victim->sample->file_count - 1,
		.issue = take_issue,
		.issue_ctx = &run,
		.allocator = &allocator,
	};
	struct wh_hive *hive;
	double start = now();

	*outcome = (struct outcome){ 0 };
	for (size_t i = 1; i < victim->sample->file_count; i++)
		logs[i - 1] = (struct wh_source){ read_log, victim->bytes[i], victim->size[i],
						  victim->sample->file_name[i] };
	outcome->status =
		(int)wh_hive_open_memory(victim->bytes[0], victim->size[0], &options, &hive);
	if (outcome->status == WH_OK) {
		outcome->recovered = wh_hive_state(hive) == WH_RECOVERED;
		read_hive(&run, hive);
		look_through(&run, hive);
	} else if (outcome->status != WH_E_NOT_HIVE && outcome->status != WH_E_CORRUPT) {
		fail(outcome, "open: %s", wh_status_name((enum wh_status)outcome->status));
	}
	wh_hive_close(hive);
	outcome->seconds = now() - start;
	if (run.now != 0)
		fail(outcome, "%zu bytes not freed", run.now);
}
