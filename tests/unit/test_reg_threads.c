/* SPDX-License-Identifier: MIT */
/*
 * Many threads and one registry: every answer is one that some order of the calls could give, and
 * all who wait are told.  Not with Criterion, which does not start under the thread sanitizer,
 * under which this is worth most.
 */
#define _POSIX_C_SOURCE 200809L
#include "registry.h"
#include "tap.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 400, READS = 1000, LONG_TEXT = 2000, NAMES = 8 };

static struct wh_reg *reg;
static wh_hkey top; /* shared by all */
static atomic_bool stop;
static pthread_barrier_t start;

struct task {
	void (*run)(struct task *task);
	unsigned number;
	uint64_t dice;
	const char *failed; /* what went wrong first */
	enum wh_status status;
	unsigned done;
};

static unsigned
below(struct task *task, unsigned limit)
{
	task->dice = task->dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(task->dice >> 33) % limit;
}

/* Is it WH_OK, or one of three that may be?  Remembers the first that is not. */
static bool
may(struct task *task, const char *what, enum wh_status st, enum wh_status a, enum wh_status b,
    enum wh_status c)
{
	task->done += st == WH_OK;
	if (st == WH_OK || st == a || st == b || st == c)
		return st == WH_OK;
	if (!task->failed) {
		task->failed = what;
		task->status = st;
	}
	return false;
}

static void
name_of(struct task *task, char name[16])
{
	snprintf(name, 16, "key %u", below(task, NAMES));
}

/* ------------------------------------------------------------------- tasks */

static void
make_and_delete(struct task *task)
{
	char name[16];
	wh_hkey key;

	for (unsigned i = 0; i < ROUNDS; i++) {
		name_of(task, name);
		if (may(task, "create",
			wh_reg_create_key(reg, top, name, WH_NTS,
					  below(task, 2) ? WH_REG_OPTION_VOLATILE : 0,
					  WH_KEY_ALL_ACCESS, NULL, &key, NULL),
			WH_OK, WH_OK, WH_OK)) {
			may(task, "set",
			    wh_reg_set_value_ex(reg, key, name, WH_NTS, WH_REG_BINARY, &i,
						sizeof i),
			    WH_E_DELETED, WH_OK, WH_OK);
			may(task, "close", wh_reg_close_key(reg, key), WH_OK, WH_OK, WH_OK);
		}
		name_of(task, name);
		may(task, "delete", wh_reg_delete_key(reg, top, name, WH_NTS, 0), WH_E_NOT_FOUND,
		    WH_OK, WH_OK);
	}
}

/* Between the same names as the others, and sometimes to one of its own. */
static void
rename_keys(struct task *task)
{
	char from[16], to[16];
	wh_hkey key;

	for (unsigned i = 0; i < ROUNDS; i++) {
		name_of(task, from);
		name_of(task, to);
		may(task, "rename", wh_reg_rename_key(reg, top, from, WH_NTS, to, WH_NTS),
		    WH_E_NOT_FOUND, WH_E_ACCESS, WH_OK);
		if (i % 8 || !may(task, "create",
				  wh_reg_create_key(reg, top, "mine", WH_NTS, 0, WH_KEY_ALL_ACCESS,
						    NULL, &key, NULL),
				  WH_OK, WH_OK, WH_OK))
			continue;
		may(task, "rename own", wh_reg_rename_key(reg, key, NULL, 0, "also mine", WH_NTS),
		    WH_OK, WH_OK, WH_OK);
		may(task, "delete own", wh_reg_delete_key(reg, key, "", 0, 0), WH_OK, WH_OK, WH_OK);
		may(task, "close", wh_reg_close_key(reg, key), WH_OK, WH_OK, WH_OK);
	}
}

/* An enumeration that is overtaken may miss names or give one twice, and nothing else. */
static void
enumerate(struct task *task)
{
	struct wh_reg_info info;
	char name[64], value[64];
	uint8_t data[64];
	size_t len, size;
	uint32_t type;
	uint64_t time;
	wh_hkey key;

	for (unsigned i = 0; i < ROUNDS; i++) {
		for (uint32_t at = 0;
		     may(task, "enumerate keys",
			 wh_reg_enum_key(reg, top, at, name, sizeof name, &len, &time),
			 WH_E_NO_MORE, WH_OK, WH_OK);
		     at++) {
			if (!may(task, "open",
				 wh_reg_open_key(reg, top, name, len, 0, WH_KEY_READ, &key),
				 WH_E_NOT_FOUND, WH_OK, WH_OK))
				continue;
			may(task, "enumerate values",
			    wh_reg_enum_value(reg, key, 0, value, sizeof value, &len, &type, data,
					      sizeof data, &size),
			    WH_E_NO_MORE, WH_E_DELETED, WH_OK);
			may(task, "path", wh_reg_key_path(reg, key, name, sizeof name, &len),
			    WH_E_DELETED, WH_E_MORE_DATA, WH_OK);
			may(task, "close", wh_reg_close_key(reg, key), WH_OK, WH_OK, WH_OK);
		}
		may(task, "information", wh_reg_query_info_key(reg, top, &info), WH_OK, WH_OK,
		    WH_OK);
		may(task, "flush", wh_reg_flush_key(reg, top), WH_E_ACCESS, WH_OK, WH_OK);
	}
}

static atomic_uint told;

/* The handle may be closed as soon as the lock is free. */
static void
tell_again(void *ctx, wh_hkey key, enum wh_status status)
{
	struct task *task = ctx;

	atomic_fetch_add(&told, 1);
	if (status != WH_OK || atomic_load(&stop))
		return;
	status = wh_reg_notify(reg, key, true, WH_REG_NOTIFY_CHANGE_NAME, tell_again, task);
	if (status != WH_OK && status != WH_E_HANDLE)
		abort();
}

/* In all three ways, each with handles of its own that others cannot close. */
static void
wait_for_changes(struct task *task)
{
	struct pollfd ready = { .events = POLLIN };
	wh_hkey key;

	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		if (!may(task, "open", wh_reg_open_key(reg, top, "", 0, 0, WH_KEY_NOTIFY, &key),
			 WH_OK, WH_OK, WH_OK))
			return;
		may(task, "notify",
		    wh_reg_notify(reg, key, true, WH_REG_NOTIFY_CHANGE_NAME, tell_again, task),
		    WH_OK, WH_OK, WH_OK);
		may(task, "wait", wh_reg_notify_wait(reg, key, true, 0, 1), WH_E_TIMEOUT, WH_OK,
		    WH_OK);
		if (may(task, "descriptor", wh_reg_notify_fd(reg, key, true, 0, &ready.fd), WH_OK,
			WH_OK, WH_OK)) {
			(void)poll(&ready, 1, 1);
			if (i % 2 == 0)
				close(ready.fd);
		}
		may(task, "close", wh_reg_close_key(reg, key), WH_OK, WH_OK, WH_OK);
		if (i % 2 == 1) { /* the handle is gone: it can be read now */
			if (poll(&ready, 1, 0) != 1)
				may(task, "descriptor after close", WH_E_TIMEOUT, WH_OK, WH_OK,
				    WH_OK);
			close(ready.fd);
		}
	}
}

/* ------------------------------------------------- a value that grows and shrinks */

static void
write_text(struct task *task)
{
	char text[LONG_TEXT];

	memset(text, 'x', sizeof text);
	for (unsigned i = 0; i < ROUNDS || !atomic_load(&stop); i++)
		may(task, "set",
		    wh_reg_set_string(reg, top, "changing", WH_NTS, WH_REG_SZ, text,
				      i % 2 ? LONG_TEXT : 1),
		    WH_OK, WH_OK, WH_OK);
}

/* Enumerate with sizes that were asked for before, twice as much when that is too little. */
static enum wh_status
enum_value(uint8_t *data, size_t room, size_t *size)
{
	struct wh_reg_info info;
	char name[64];
	uint32_t type;
	size_t len, cap;
	enum wh_status st = wh_reg_query_info_key(reg, top, &info);

	cap = info.max_value_len;
	while (st == WH_OK) {
		st = wh_reg_enum_value(reg, top, 0, name, sizeof name, &len, &type, data, cap,
				       size);
		if (st != WH_E_MORE_DATA || cap == room)
			break;
		cap = 2 * cap < room ? 2 * cap + 1 : room;
		st = WH_OK;
	}
	return st;
}

/* What CPython's test_changing_value asks for, and the same of the calls that allocate. */
static void
read_text(struct task *task)
{
	static uint8_t data[2 * (LONG_TEXT + 1)];
	char *text;
	size_t len;

	for (unsigned i = 0; i < READS; i++) {
		if (may(task, "enumerate", enum_value(data, sizeof data, &len), WH_OK, WH_OK,
			WH_OK) &&
		    len != 4 && len != sizeof data)
			may(task, "half a value", WH_E_CORRUPT, WH_OK, WH_OK, WH_OK);
		if (!may(task, "get text",
			 wh_reg_get_string(reg, top, NULL, "changing", NULL, &text, &len), WH_OK,
			 WH_OK, WH_OK))
			continue;
		if ((len != 1 && len != LONG_TEXT) || strspn(text, "x") != len)
			may(task, "half a text", WH_E_CORRUPT, WH_OK, WH_OK, WH_OK);
		wh_reg_free_text(reg, text);
	}
	atomic_store(&stop, true);
}

/* -------------------------------------------------------------------- running */

static void *
run(void *ctx)
{
	struct task *task = ctx;

	pthread_barrier_wait(&start);
	task->run(task);
	return NULL;
}

static void
run_all(const char *name, void (*const *runs)(struct task *), size_t count)
{
	struct task tasks[8];
	pthread_t threads[8];
	const char *failed = NULL;
	enum wh_status status = WH_OK;
	bool idle = false;

	atomic_store(&stop, false);
	if (pthread_barrier_init(&start, NULL, (unsigned)count) != 0)
		abort();
	for (size_t i = 0; i < count; i++) {
		tasks[i] = (struct task){ .run = runs[i],
					  .number = (unsigned)i,
					  .dice = i * 7919 + 1 };
		if (pthread_create(&threads[i], NULL, run, &tasks[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		idle = idle || tasks[i].done == 0;
		if (tasks[i].failed && !failed) {
			failed = tasks[i].failed;
			status = tasks[i].status;
		}
	}
	pthread_barrier_destroy(&start);
	tap_case(!failed, name, "%s: status %d", failed ? failed : "", (int)status);
	tap_case(!idle, name, "a thread did nothing that succeeded");
}

/* Nobody is left behind: a thread that waits is woken by a change, by a close and by a deletion. */
static void
wait_for_ever(struct task *task)
{
	wh_hkey key;
	enum wh_status st;

	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		if (!may(task, "create",
			 wh_reg_create_key(reg, top, "watched", WH_NTS, 0, WH_KEY_ALL_ACCESS, NULL,
					   &key, NULL),
			 WH_OK, WH_OK, WH_OK))
			return;
		st = wh_reg_notify_wait(reg, key, false,
					WH_REG_NOTIFY_CHANGE_LAST_SET | WH_REG_NOTIFY_CHANGE_NAME,
					-1);
		may(task, "wait", st, WH_E_DELETED, WH_OK, WH_OK);
		may(task, "close", wh_reg_close_key(reg, key), WH_OK, WH_OK, WH_OK);
	}
	atomic_store(&stop, true);
}

static void
disturb(struct task *task)
{
	for (unsigned i = 0; i < ROUNDS || !atomic_load(&stop); i++) {
		if (i % 3)
			may(task, "set",
			    wh_reg_set_key_value(reg, top, "watched", WH_NTS, "v", WH_NTS,
						 WH_REG_BINARY, &i, sizeof i),
			    WH_OK, WH_OK, WH_OK);
		else
			may(task, "delete", wh_reg_delete_key(reg, top, "watched", WH_NTS, 0),
			    WH_E_NOT_FOUND, WH_OK, WH_OK);
	}
}

int
main(void)
{
	static void (*const everything[])(struct task *) = {
		make_and_delete, make_and_delete,  rename_keys,      enumerate,
		enumerate,       wait_for_changes, wait_for_changes,
	};
	static void (*const changing[])(struct task *) = { write_text, read_text };
	static void (*const waiting[])(struct task *) = { wait_for_ever, disturb };
	const struct wh_reg_options options = { .flags = WH_REG_USUAL_ROOTS };

	if (wh_reg_new(&options, &reg) != WH_OK)
		abort();
	top = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Threads", 0);
	run_all("everything at once", everything, sizeof everything / sizeof *everything);
	tap_case(atomic_load(&told) > 0, "functions were called", "none");

	close_reg_key(reg, top);
	top = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Value", 0);
	if (wh_reg_set_string(reg, top, "changing", WH_NTS, WH_REG_SZ, "x", 1) != WH_OK)
		abort();
	run_all("a value that others change", changing, 2);
	run_all("threads that wait", waiting, 2);
	close_reg_key(reg, top);
	wh_reg_free(reg);
	return tap_done();
}
