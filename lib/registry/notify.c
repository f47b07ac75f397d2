/* SPDX-License-Identifier: MIT */
/*
 * Watches.  A handle has one watch, from its first wh_reg_notify() on, and the watch has those who
 * wait: a function, a descriptor or a thread each.  What happens to the key wakes all of them, or
 * if there are none it is remembered for the next.
 *
 * Whoever waits is allocated when he begins to, so that to wake him needs no memory and cannot
 * fail.  Descriptors and threads are woken at once: what they do next waits for the lock.  A
 * function is called when the lock is free, from the list of events in the registry.
 */
#define _POSIX_C_SOURCE 200809L
#include "registry/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>
#endif

/* One who waits; when the lock is free, an event. */
struct whi_event {
	struct whi_event *next;
	wh_reg_notify_fn *fn; /* NULL: not a function */
	void *ctx;
	int fds[2];             /* to wake a descriptor: written to; kept open meanwhile; -1 */
	pthread_cond_t *thread; /* NULL: not a thread, whose event this is */
	bool done;              /* the thread may go on */
	wh_hkey key;
	enum wh_status status;
};

struct whi_watch {
	struct whi_watch *next;
	struct whi_handle *handle; /* whose place is watched; */
	struct whi_handle own;     /* of a predefined handle: this one */
	bool subtree;
	uint32_t filter;
	bool missed; /* something happened when nobody waited */
	bool unsure; /* which keys the place has now could not be found out */
	struct whi_event *waiting;
};

/* ------------------------------------------------------------------- waking */

static void
wake_descriptor(struct whi_event *event)
{
	uint64_t one = 1;
	ssize_t n;

	do /* eight bytes for an eventfd; a pipe has room for them too */
		n = write(event->fds[0], &one, sizeof one);
	while (n < 0 && errno == EINTR);
	for (int i = 0; i < 2; i++)
		if (event->fds[i] >= 0)
			close(event->fds[i]);
}

static void
wake(struct wh_reg *reg, struct whi_event *event, enum wh_status status)
{
	event->status = status;
	if (event->thread) {
		event->done = true;
		pthread_cond_signal(event->thread);
	} else if (event->fn) {
		event->next = reg->events;
		reg->events = event;
	} else {
		wake_descriptor(event);
		whi_free(&reg->alloc, event, sizeof *event);
	}
}

/* Wake all who wait, or remember it. */
static void
fire(struct wh_reg *reg, struct whi_watch *watch, enum wh_status status)
{
	struct whi_event *event = watch->waiting, *next;

	watch->missed = !event;
	watch->waiting = NULL;
	for (; event; event = next) {
		next = event->next;
		wake(reg, event, status);
	}
}

void
whi_notify_deliver(struct wh_reg *reg, struct whi_event *events)
{
	struct whi_event *first = NULL, *event, *next;

	if (!events)
		return;
	for (event = events; event; event = next) { /* the latest is first in the list */
		next = event->next;
		event->next = first;
		first = event;
	}
	for (event = first; event; event = next) {
		next = event->next;
		event->fn(event->ctx, event->key, event->status);
		whi_free(&reg->alloc, event, sizeof *event);
	}
}

/* ------------------------------------------------------------- what happens */

/* Two handles of one key may have been made in different generations of the hive. */
static bool
is_same(const struct whi_node *watched, const struct whi_node *node)
{
	return watched->mount && watched->mount == node->mount &&
	       watched->key.hive == node->key.hive && watched->key.cell == node->key.cell;
}

/* A cell that is watched may hold another key since. */
static bool
watches(const struct whi_watch *watch, const struct whi_node *node)
{
	const struct whi_place *place = &watch->handle->place;

	return (is_same(&place->node, node) && whi_node_alive(&place->node) == WH_OK) ||
	       (is_same(&place->other, node) && whi_node_alive(&place->other) == WH_OK);
}

static void
notify_up(struct wh_reg *reg, const struct whi_node *node, uint32_t what, bool below)
{
	for (struct whi_watch *watch = reg->watches; watch; watch = watch->next)
		if ((watch->filter & what) && (watch->subtree || !below) && !watch->unsure &&
		    watches(watch, node))
			fire(reg, watch, WH_OK);
}

/*
 * One side of a merged key may have come or gone, and what a predefined handle means too, with
 * its hive.  To find out takes memory; without it nobody knows whether it is the key that changed,
 * and to wake in vain is better than not to wake.
 */
static void
refresh(struct wh_reg *reg, struct whi_watch *watch)
{
	struct whi_place *place = &watch->handle->place;
	enum wh_status st;

	if (watch->handle == &watch->own) {
		st = whi_predefined(reg->local, watch->own.number, place);
		if (st != WH_OK) /* the former one may be gone: nothing of it is to be looked at */
			*place = (struct whi_place){ 0 };
	} else {
		st = whi_place_refresh(place);
	}
	watch->unsure = st == WH_E_MEMORY;
}

void
whi_notify(struct wh_reg *reg, const struct whi_node *node, uint32_t what)
{
	struct whi_node at = *node, above;
	bool deep = false;

	if (!reg->watches)
		return;
	for (struct whi_watch *watch = reg->watches; watch; watch = watch->next) {
		refresh(reg, watch);
		if (watch->unsure && (watch->filter & what))
			fire(reg, watch, WH_OK);
		deep |= watch->subtree && (watch->filter & what);
	}
	notify_up(reg, &at, what, false);
	for (unsigned i = 0; deep && i < WHI_NODE_DEPTH && whi_node_parent(&at, &above) == WH_OK;
	     i++) {
		at = above;
		notify_up(reg, &at, what, true);
	}
}

/* A merged key lives as long as that of its sides that was opened. */
static enum wh_status
alive(const struct whi_place *place)
{
	const struct whi_node *node = place->merged ? &place->opened : &place->node;

	return node->mount ? whi_node_alive(node) : WH_E_DELETED;
}

void
whi_notify_deleted(struct wh_reg *reg, const struct whi_node *node)
{
	for (struct whi_watch *watch = reg->watches; watch; watch = watch->next)
		if (is_same(&watch->handle->place.node, node) ||
		    is_same(&watch->handle->place.other, node)) {
			refresh(reg, watch);
			fire(reg, watch, alive(&watch->handle->place));
		}
}

static void
free_watch(struct wh_reg *reg, struct whi_watch *watch)
{
	fire(reg, watch, WH_E_DELETED);
	if (watch->handle)
		watch->handle->watch = NULL;
	whi_free(&reg->alloc, watch, sizeof *watch);
}

void
whi_notify_closed(struct wh_reg *reg, struct whi_handle *handle)
{
	struct whi_watch *watch = handle->watch, **link = &reg->watches;

	if (!watch)
		return;
	while (*link != watch)
		link = &(*link)->next;
	*link = watch->next;
	free_watch(reg, watch);
}

void
whi_notify_fini(struct wh_reg *reg)
{
	struct whi_watch *watch;
	struct whi_event *events;

	while ((watch = reg->watches)) {
		reg->watches = watch->next;
		free_watch(reg, watch);
	}
	events = reg->events;
	reg->events = NULL;
	whi_notify_deliver(reg, events);
}

/* ------------------------------------------------------------------ waiting */

/* A predefined handle is open for ever, and so is its watch. */
static struct whi_watch *
watch_of(struct wh_reg *reg, wh_hkey key, struct whi_handle *handle)
{
	struct whi_watch *watch = reg->watches;

	if (!whi_is_predefined(key))
		return handle->watch;
	while (watch && watch->own.number != key)
		watch = watch->next;
	/* It can mean another key since: the user's hive was unmounted, or it was overridden. */
	if (watch)
		watch->own.place = handle->place;
	return watch;
}

static struct whi_watch *
new_watch(struct wh_reg *reg, wh_hkey key, struct whi_handle *handle)
{
	struct whi_watch *watch = whi_zalloc(&reg->alloc, sizeof *watch);

	if (!watch)
		return NULL;
	watch->handle = handle;
	if (whi_is_predefined(key)) {
		watch->own = *handle;
		watch->own.number = key;
		watch->handle = &watch->own;
	}
	watch->handle->watch = watch;
	watch->next = reg->watches;
	reg->watches = watch;
	return watch;
}

/*
 * Wait with 'model': a copy of it, or a thread's own event.  '*watch' is the watch it waits for,
 * or if that has something to tell already, it is woken now.
 */
static enum wh_status
begin_waiting(struct wh_reg *reg, bool subtree, uint32_t filter, struct whi_event *model,
	      struct whi_watch **found)
{
	struct whi_handle room = { 0 }, *handle;
	struct whi_event *event = model, **link;
	struct whi_watch *watch;
	enum wh_status st;

	if (filter & ~WH_REG_LEGAL_CHANGE_FILTER)
		return WH_E_INVALID;
	st = whi_handle_get(reg, model->key, WH_KEY_NOTIFY, &room, &handle);
	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st != WH_OK)
		return st;
	if (!model->thread) {
		event = whi_alloc(&reg->alloc, sizeof *event);
		if (!event)
			return WH_E_MEMORY;
		*event = *model;
	}
	watch = watch_of(reg, model->key, handle);
	if (!watch) {
		watch = new_watch(reg, model->key, handle);
		if (!watch) {
			if (event != model)
				whi_free(&reg->alloc, event, sizeof *event);
			return WH_E_MEMORY;
		}
		watch->subtree = subtree;
		watch->filter = filter;
	}
	for (link = &watch->waiting; *link; link = &(*link)->next)
		;
	event->next = NULL;
	*link = event;
	if (watch->missed)
		fire(reg, watch, WH_OK);
	if (found)
		*found = watch;
	return WH_OK;
}

enum wh_status
wh_reg_notify(struct wh_reg *reg, wh_hkey key, bool subtree, uint32_t filter, wh_reg_notify_fn *fn,
	      void *ctx)
{
	struct whi_event model = { .fn = fn, .ctx = ctx, .fds = { -1, -1 }, .key = key };

	if (!reg || !fn)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, begin_waiting(reg, subtree, filter, &model, NULL));
}

/* ------------------------------------------------------------- a descriptor */

#ifdef __linux__
/* One for the caller, and two of our own, as he may close his at any time. */
static bool
make_descriptors(int *caller, int own[2])
{
	*caller = eventfd(0, EFD_CLOEXEC);
	own[0] = *caller < 0 ? -1 : fcntl(*caller, F_DUPFD_CLOEXEC, 0);
	own[1] = -1;
	return own[0] >= 0;
}
#else
static bool
make_descriptors(int *caller, int own[2])
{
	int ends[2] = { -1, -1 };

	if (pipe(ends) != 0)
		return false;
	*caller = ends[0];
	own[0] = ends[1];
	/* While we have the reading end too, to write is no error. */
	own[1] = fcntl(*caller, F_DUPFD_CLOEXEC, 0);
	return own[1] >= 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
	       fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}
#endif

enum wh_status
wh_reg_notify_fd(struct wh_reg *reg, wh_hkey key, bool subtree, uint32_t filter, int *fd)
{
	struct whi_event model = { .fds = { -1, -1 }, .key = key };
	enum wh_status st = WH_E_MEMORY;
	int made = -1;

	if (!fd)
		return WH_E_INVALID;
	*fd = -1;
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	if (make_descriptors(&made, model.fds))
		st = begin_waiting(reg, subtree, filter, &model, NULL);
	if (st == WH_OK) {
		*fd = made;
		return whi_end(reg, WH_OK);
	}
	for (int i = 0; i < 2; i++)
		if (model.fds[i] >= 0)
			close(model.fds[i]);
	if (made >= 0)
		close(made);
	return whi_end(reg, st);
}

/* ------------------------------------------------------------------ a thread */

#ifdef __APPLE__
/* There the clock of a condition cannot be chosen. */
enum { CLOCK = CLOCK_REALTIME };

static bool
make_condition(pthread_cond_t *condition)
{
	return pthread_cond_init(condition, NULL) == 0;
}
#else
enum { CLOCK = CLOCK_MONOTONIC };

static bool
make_condition(pthread_cond_t *condition)
{
	pthread_condattr_t how;
	bool fine = pthread_condattr_init(&how) == 0;

	if (!fine)
		return false;
	fine = pthread_condattr_setclock(&how, CLOCK) == 0 &&
	       pthread_cond_init(condition, &how) == 0;
	pthread_condattr_destroy(&how);
	return fine;
}
#endif

static struct timespec
time_after(int milliseconds)
{
	struct timespec at;

	clock_gettime(CLOCK, &at);
	at.tv_sec += milliseconds / 1000;
	at.tv_nsec += milliseconds % 1000 * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_nsec -= 1000000000L;
		at.tv_sec++;
	}
	return at;
}

static void
stop_waiting(struct whi_watch *watch, const struct whi_event *event)
{
	struct whi_event **link = &watch->waiting;

	while (*link != event)
		link = &(*link)->next;
	*link = event->next;
}

/* The lock is free while it waits: afterwards nothing but the event is as it was. */
static enum wh_status
wait_for(struct wh_reg *reg, struct whi_watch *watch, struct whi_event *event, int timeout)
{
	struct timespec end = time_after(timeout < 0 ? 0 : timeout);
	int error = 0;

	while (!event->done && error != ETIMEDOUT)
		error = timeout < 0 ? pthread_cond_wait(event->thread, &reg->lock)
				    : pthread_cond_timedwait(event->thread, &reg->lock, &end);
	if (event->done)
		return event->status;
	stop_waiting(watch, event); /* still there: to remove the watch is to wake the event */
	return WH_E_TIMEOUT;
}

enum wh_status
wh_reg_notify_wait(struct wh_reg *reg, wh_hkey key, bool subtree, uint32_t filter, int timeout)
{
	pthread_cond_t woken;
	struct whi_event event = { .fds = { -1, -1 }, .thread = &woken, .key = key };
	struct whi_watch *watch;
	enum wh_status st;

	if (!reg || timeout < -1)
		return WH_E_INVALID;
	if (!make_condition(&woken))
		return WH_E_MEMORY;
	whi_begin(reg);
	st = begin_waiting(reg, subtree, filter, &event, &watch);
	if (st == WH_OK)
		st = wait_for(reg, watch, &event, timeout);
	st = whi_end(reg, st);
	pthread_cond_destroy(&woken);
	return st;
}
