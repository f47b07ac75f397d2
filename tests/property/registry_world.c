/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "registry_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_STARVED = 60 };

/* -------------------------------------------------------------------- dice */

static uint64_t
rw_roll(struct registry_world *w)
{
	uint64_t z;

	if (w->at < w->end)
		return *w->at++;
	z = w->dice += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t
rw_below(struct registry_world *w, size_t limit)
{
	return (size_t)(rw_roll(w) % limit);
}

bool
rw_once_in(struct registry_world *w, size_t n)
{
	return rw_below(w, n) == 0;
}

void
rw_say(struct registry_world *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->story, sizeof w->story, format, args);
	va_end(args);
}

/* ---------------------------------------------------------------------- runs */

/* Make the call with memory for 0, 1, 2 ... allocations: until it succeeds nothing happens. */
static bool
starve(struct registry_world *w, const struct rw_kind *kind, const struct rw_draw *d,
       struct rw_answer *got)
{
	for (size_t left = 0; left < MAX_STARVED; left++) {
		w->meter.left = left;
		kind->call(w, d, got);
		w->meter.left = SIZE_MAX;
		if (got->status != WH_E_MEMORY)
			return true;
		w->starved++;
		if (!registry_world_look(w))
			return false;
		if (w->fired != w->model.fired || w->gone != w->model.gone)
			return registry_world_wrong(w, "it failed, and told somebody");
	}
	kind->call(w, d, got);
	return true;
}

/* Who waits for a merged key may be woken in vain when there is no memory. */
static bool
is_merged_watched(const struct registry_world *w)
{
	for (int i = 0; i < M_HANDLES; i++)
		if (w->model.handles[i].number && w->model.handles[i].watch.set &&
		    w->model.handles[i].place.merged)
			return true;
	return false;
}

static bool
operate(struct registry_world *w)
{
	static struct rw_draw d;
	static struct rw_answer got;
	const struct rw_kind *kind = rw_kinds;
	size_t count = w->folder ? rw_kind_count : rw_kind_count - RW_WITH_FILES, total = 0, at;
	enum wh_status due;

	for (size_t i = 0; i < count; i++)
		total += rw_kinds[i].weight;
	for (at = rw_below(w, total); at >= kind->weight; kind++)
		at -= kind->weight;
	got = (struct rw_answer){ 0 };
	kind->draw(w, &d);
	if (w->fails > 0 && kind->hungry && w->step % w->fails == 0 && !is_merged_watched(w)) {
		if (!starve(w, kind, &d, &got))
			return false;
	} else {
		kind->call(w, &d, &got);
	}
	due = kind->due(w, &d, &got);
	if (w->trace)
		printf("# %llu: %s: %d %x\n", (unsigned long long)w->step, w->story,
		       (int)got.status, (unsigned)got.result);
	if (got.status != due)
		return registry_world_wrong(w, "status %d, due %d", (int)got.status, (int)due);
	if (w->fired != w->model.fired || w->gone != w->model.gone)
		return registry_world_wrong(w, "%u were told and %u were told to go, due %u and %u",
					    w->fired, w->gone, w->model.fired, w->model.gone);
	w->counts[kind - rw_kinds] += due == WH_OK;
	return !w->why[0];
}

static struct wh_hive *
new_hive(struct registry_world *w)
{
	struct wh_options options = { .allocator = &w->allocator,
				      .time = UINT64_C(0x01d9000000000000) };
	struct wh_hive *hive;

	return wh_hive_new(NULL, &options, &hive) == WH_OK ? hive : NULL;
}

/* A key in registry and model. */
static bool
start_key(struct registry_world *w, wh_hkey root, const char *path, uint32_t options)
{
	enum wh_reg_disposition disposition;
	struct m_place place;
	wh_hkey key;

	return wh_reg_create_key(w->reg, root, path, WH_NTS, options, WH_KEY_READ, NULL, &key,
				 NULL) == WH_OK &&
	       wh_reg_close_key(w->reg, key) == WH_OK &&
	       m_create(&w->model, root, path, strlen(path), options, WH_KEY_READ, &place,
			&disposition) == WH_OK;
}

static bool
start_mount(struct registry_world *w, wh_hkey root, const char *name)
{
	struct m_node *top = root == WH_HKEY_USERS ? w->model.user : w->model.machine;
	struct wh_hive *hive = new_hive(w);

	if (!hive || wh_reg_mount_hive(w->reg, root, name, WH_NTS, hive, WH_MOUNT_OWNED) != WH_OK)
		return false;
	m_add(&w->model, top, name, strlen(name))->root = true;
	return true;
}

/* Learn what mounting made: links of the user's hive to his classes, and the like. */
static bool
learn(struct registry_world *w, wh_hkey key, struct m_node *node)
{
	char name[4 * M_NAME], target[400];
	size_t len, size;
	uint32_t type;
	wh_hkey child;

	for (uint32_t i = 0;
	     wh_reg_enum_key(w->reg, key, i, name, sizeof name, &len, NULL) == WH_OK; i++) {
		struct m_node *made = m_child(node, name, len);

		if (wh_reg_open_key(w->reg, key, name, len, WH_REG_OPTION_OPEN_LINK, WH_KEY_READ,
				    &child) != WH_OK)
			return false;
		if (!made) {
			made = m_add(&w->model, node, name, len);
			made->is_volatile = true;
		}
		if (wh_reg_query_value_ex(w->reg, child, "SymbolicLinkValue", WH_NTS, &type, target,
					  sizeof target, &size) == WH_OK) {
			made->link = true;
			m_put(made, "SymbolicLinkValue", 17, type, target, size);
		}
		if (!learn(w, child, made) || wh_reg_close_key(w->reg, child) != WH_OK)
			return false;
	}
	return true;
}

static bool
start(struct registry_world *w)
{
	struct wh_reg_options options = { .allocator = &w->allocator,
					  .time = UINT64_C(0x01d9000000000000) };

	w->meter.left = SIZE_MAX;
	w->allocator = meter_allocator(&w->meter);
	m_begin(&w->model, RW_SID);
	if (wh_reg_new(&options, &w->reg) != WH_OK ||
	    !start_mount(w, WH_HKEY_LOCAL_MACHINE, "SOFTWARE") ||
	    !start_mount(w, WH_HKEY_USERS, RW_SID) ||
	    !start_mount(w, WH_HKEY_USERS, RW_SID "_Classes") ||
	    !start_key(w, WH_HKEY_LOCAL_MACHINE, "HARDWARE", WH_REG_OPTION_VOLATILE))
		return false;
	return learn(w, WH_HKEY_LOCAL_MACHINE, w->model.machine) &&
	       learn(w, WH_HKEY_USERS, w->model.user) &&
	       start_key(w, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\T", 0) &&
	       start_key(w, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes", 0) &&
	       start_key(w, WH_HKEY_CURRENT_USER, "Software\\T", 0) && registry_world_look(w);
}

static bool
finish(struct registry_world *w)
{
	unsigned waiting = 0;
	char file[300];

	for (int i = 0; i < M_HANDLES; i++)
		if (w->model.handles[i].number)
			waiting += w->model.handles[i].watch.waiting;
	wh_reg_free(w->reg);
	if (w->saved) {
		snprintf(file, sizeof file, "%s/saved", w->folder);
		unlink(file);
	}
	waiting += w->model.gone;
	m_end(&w->model);
	if (w->gone != waiting)
		return registry_world_wrong(w, "%u were told to go, due %u", w->gone, waiting);
	return w->meter.blocks == 0 ||
	       registry_world_wrong(w, "%zu blocks were not given back", w->meter.blocks);
}

bool
registry_world_run(struct registry_world *w)
{
	bool fine;

	w->dice = w->seed;
	w->at = w->script;
	w->end = w->script ? w->script + w->script_len : NULL;
	rw_say(w, "begin");
	fine = start(w) || registry_world_wrong(w, "the registry cannot be made");
	for (w->step = 1; fine && w->step <= w->ops; w->step++) {
		if (w->script && w->at == w->end)
			break;
		fine = operate(w) && (w->step % w->every || registry_world_look(w));
		if (!fine)
			break;
	}
	if (fine)
		fine = registry_world_look(w);
	if (fine)
		rw_say(w, "end");
	fine = finish(w) && fine;
	return fine;
}
