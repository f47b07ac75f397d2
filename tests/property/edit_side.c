/* SPDX-License-Identifier: MIT */
/* One hive: the handles that are held of it, its transactions, opening, committing. */
#define _DEFAULT_SOURCE
#include "edit_world.h"

#include "files.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ----------------------------------------------------------------- handles */

void
side_hold_key(struct world *w, struct side *s, struct wh_key key, uint64_t id)
{
	s->held[below(&w->dice, HELD)] =
		(struct held){ .used = true, .key = key, .id = id, .born = ++s->clock };
}

void
side_hold_value(struct world *w, struct side *s, struct wh_value value, uint64_t id)
{
	s->held[below(&w->dice, HELD)] = (struct held){
		.used = true, .is_value = true, .value = value, .id = id, .born = ++s->clock
	};
}

void
side_forget(struct side *s, uint64_t id)
{
	for (size_t i = 0; i < HELD; i++)
		if (s->held[i].id == id)
			s->held[i].used = false;
}

static void
side_gone(void *ctx, uint64_t id)
{
	struct side *s = ctx;

	for (size_t i = 0; i < HELD; i++)
		if (s->held[i].id == id)
			s->held[i].dead = true;
}

bool
side_handle(struct world *w, struct side *s, const struct m_key *key, struct wh_key *handle)
{
	enum wh_status st;

	for (size_t i = 0; i < HELD; i++)
		if (s->held[i].used && !s->held[i].is_value && !s->held[i].dead &&
		    s->held[i].id == key->id && !once_in(&w->dice, 3)) {
			*handle = s->held[i].key;
			return true;
		}
	st = model_open(key, s->hive, handle);
	if (st == WH_OK && once_in(&w->dice, 4))
		side_hold_key(w, s, *handle, key->id);
	return st == WH_OK || wrong(w, "the key is not found: %s", wh_status_name(st));
}

static bool
check_dead(struct world *w, const struct held *held)
{
	struct wh_value_info value_info;
	struct wh_key_info info;
	enum wh_status st = held->is_value ? wh_value_info(held->value, &value_info)
					   : wh_key_info(held->key, &info);

	if (st != WH_E_DELETED)
		return wrong(w, "a handle of what was deleted gives %s", wh_status_name(st));
	if (held->is_value)
		return true;
	st = wh_value_set(held->key, "x", 1, WH_REG_BINARY, "", 0);
	return st == WH_E_DELETED ||
	       wrong(w, "a change by a handle of what was deleted gives %s", wh_status_name(st));
}

static const struct m_value *
find_value(const struct m_key *key, uint64_t id)
{
	const struct m_value *found = NULL;

	for (size_t i = 0; i < key->value_count; i++)
		if (key->values[i].id == id)
			return &key->values[i];
	for (size_t i = 0; !found && i < key->sub_count; i++)
		found = find_value(key->subs[i], id);
	return found;
}

static bool
check_good(struct world *w, struct side *s, const struct held *held)
{
	static char name[3 * 16384];
	const struct m_value *value = held->is_value ? find_value(s->model.root, held->id) : NULL;
	const struct m_key *key = held->is_value ? NULL : model_find(&s->model, held->id);
	const struct text *due = value ? value->name : key ? key->name : NULL;
	size_t len;
	enum wh_status st = held->is_value ? wh_value_name(held->value, name, sizeof name, &len)
					   : wh_key_name(held->key, name, sizeof name, &len);

	if (!due)
		return wrong(w, "the test has lost a key");
	if (st != WH_OK || len != due->utf8_len || memcmp(name, due->utf8, len) != 0)
		return wrong(w, "a good handle of a %s gives %s, or another name",
			     held->is_value ? "value" : "key", wh_status_name(st));
	return true;
}

bool
side_check_held(struct world *w, struct side *s)
{
	struct held *held = &s->held[below(&w->dice, HELD)];
	struct wh_value value;
	struct m_key *key;

	if (held->used && !(held->dead ? check_dead(w, held) : check_good(w, s, held)))
		return false;
	if (!once_in(&w->dice, 4))
		return true;
	key = model_nth(&s->model, below(&w->dice, s->model.keys));
	if (key->value_count > 0) {
		size_t i = below(&w->dice, key->value_count);
		struct wh_key handle;

		if (!side_handle(w, s, key, &handle) ||
		    wh_key_value(handle, key->values[i].name->utf8, key->values[i].name->utf8_len,
				 &value) != WH_OK)
			return wrong(w, "a value is not found by its name");
		side_hold_value(w, s, value, key->values[i].id);
	}
	return true;
}

/* -------------------------------------------------------------- iterations */

/* Begin to look at the root and, sometimes, at all there is. */
bool
side_iterate(struct world *w, struct side *s)
{
	struct wh_walk_value value;
	struct wh_walk_key key;
	enum wh_status st = wh_subkeys_begin(wh_hive_root(s->hive), &s->subkeys);

	if (st == WH_OK && once_in(&w->dice, 8))
		st = wh_walk_new(wh_hive_root(s->hive), &s->walk);
	for (size_t i = below(&w->dice, 4); st == WH_OK && s->walk && i > 0; i--) {
		st = wh_walk_next(s->walk, &key);
		while (st == WH_OK && once_in(&w->dice, 2))
			st = wh_walk_next_value(s->walk, &value);
		st = st == WH_E_NO_MORE ? WH_OK : st;
	}
	return st == WH_OK || wrong(w, "an iteration gives %s", wh_status_name(st));
}

/* It goes on, or knows that it was overtaken; if the hive was changed it must. */
static bool
may_go_on(struct world *w, enum wh_status st, bool still)
{
	if (st == WH_E_DELETED || (still && (st == WH_OK || st == WH_E_NO_MORE)))
		return true;
	return wrong(w, "an iteration that was overtaken gives %s", wh_status_name(st));
}

bool
side_check_iteration(struct world *w, struct side *s, bool still)
{
	struct wh_walk_value value;
	struct wh_walk_key key;
	struct wh_key child;
	const void *piece;
	size_t len;
	bool fine = may_go_on(w, wh_subkeys_next(&s->subkeys, &child), still);

	if (!s->walk)
		return fine;
	/* There may be no more data, changed or not. */
	if (wh_walk_data(s->walk, &piece, &len) == WH_OK && !still)
		fine = wrong(w, "data are lent by a walk that was overtaken");
	fine = fine && may_go_on(w, wh_walk_next_value(s->walk, &value), still);
	wh_walk_skip(s->walk);
	fine = fine && may_go_on(w, wh_walk_next(s->walk, &key), still);
	wh_walk_free(s->walk);
	s->walk = NULL;
	return fine;
}

/* ------------------------------------------------------------------- sides */

bool
side_same_bytes(const struct side *s)
{
	size_t size;
	const void *bytes = wh_hive_bytes(s->hive, &size);

	return size == s->size && memcmp(bytes, s->bytes, size) == 0;
}

void
side_note_bytes(struct side *s)
{
	const void *bytes = wh_hive_bytes(s->hive, &s->size);

	if (s->size > s->room) {
		s->room = s->size * 2;
		free(s->bytes);
		s->bytes = malloc(s->room);
		if (!s->bytes)
			abort();
	}
	memcpy(s->bytes, bytes, s->size);
}

static void
begin_level(struct side *s, struct level *level)
{
	const void *bytes = wh_hive_bytes(s->hive, &level->size);

	level->root = model_copy(&s->model);
	level->born = s->clock;
	level->changed = s->changed;
	level->bytes = malloc(level->size);
	if (!level->bytes)
		abort();
	memcpy(level->bytes, bytes, level->size);
}

static void
end_level(struct level *level)
{
	if (level->root)
		model_drop(level->root);
	free(level->bytes);
	*level = (struct level){ 0 };
}

/* Handles that were made later are dead. */
static void
side_kill(struct side *s, uint64_t born)
{
	for (size_t i = 0; i < HELD; i++)
		if (s->held[i].born > born)
			s->held[i].dead = true;
}

/* The hive has gone back to where the level began. */
static bool
back_to(struct world *w, struct side *s, struct level *level)
{
	size_t size;
	const void *bytes = wh_hive_bytes(s->hive, &size);

	model_back(&s->model, level->root);
	level->root = NULL;
	side_kill(s, level->born);
	s->changed = level->changed;
	if (size != level->size || memcmp(bytes, level->bytes, size) != 0)
		return wrong(w, "bytes differ after undo");
	return wh_hive_changed(s->hive) == s->changed ||
	       wrong(w, "changed is %d after undo", !s->changed);
}

/* With one more allocation each time until there are enough. */
static enum wh_status
begin_hungry(struct world *w, struct side *s)
{
	enum wh_status st = WH_E_MEMORY;

	for (size_t n = 0; st == WH_E_MEMORY; n++) {
		w->meter.left = n;
		st = wh_hive_begin(s->hive);
		w->meter.left = SIZE_MAX;
	}
	return st;
}

/* Keep what open transactions have done. */
void
side_end_all(struct side *s)
{
	while (s->depth > 0 && wh_hive_end(s->hive) == WH_OK)
		end_level(&s->levels[s->depth--]);
}

static bool commit(struct world *w, struct side *s);

bool
side_transact(struct world *w, struct side *s)
{
	size_t die = below(&w->dice, 20);
	enum wh_status st;
	bool fine = true;

	w->story[0] = '\0';
	if (die < 8) {
		snprintf(w->story, MAX_WHY, "begin, depth %u", s->depth);
		if (s->depth + 1 < LEVELS)
			begin_level(s, &s->levels[s->depth + 1]);
		st = begin_hungry(w, s);
		fine = st == (s->depth + 1 < LEVELS ? WH_OK : WH_E_INVALID);
		s->depth += st == WH_OK;
	} else if (die < 13) {
		snprintf(w->story, MAX_WHY, "end, depth %u", s->depth);
		st = wh_hive_end(s->hive);
		fine = st == (s->depth > 0 ? WH_OK : WH_E_INVALID);
		if (s->depth > 0)
			end_level(&s->levels[s->depth--]);
	} else if (die < 19) {
		snprintf(w->story, MAX_WHY, "undo, depth %u", s->depth);
		st = wh_hive_undo(s->hive);
		fine = st == (s->depth > 0 ? WH_OK : WH_E_INVALID);
		if (fine && s->depth > 0) {
			fine = back_to(w, s, &s->levels[s->depth]);
			end_level(&s->levels[s->depth--]);
		}
	} else if (once_in(&w->dice, 4)) {
		snprintf(w->story, MAX_WHY, "discard, depth %u", s->depth);
		st = WH_OK;
		wh_hive_discard(s->hive);
		for (; s->depth > 0; s->depth--) {
			side_kill(s, s->levels[s->depth].born);
			end_level(&s->levels[s->depth]);
		}
		if (!s->changed)
			s->levels[0].born = s->clock;
		fine = back_to(w, s, &s->levels[0]);
		end_level(&s->levels[0]);
		begin_level(s, &s->levels[0]);
	} else {
		return !s->path || commit(w, s);
	}
	return fine || wrong(w, "%s", wh_status_name(st));
}

/* -------------------------------------------------------------- committing */

/* The file is what it was before, or what the hive is in memory; and there are no logs. */
static bool
check_file(struct world *w, const struct side *s, const void *due, size_t due_size)
{
	char log[1000];
	size_t size;
	uint8_t *bytes = read_file(s->path, &size);
	bool same = bytes && size == due_size && memcmp(bytes, due, size) == 0;

	free(bytes);
	for (int i = 1; i <= 2; i++) {
		snprintf(log, sizeof log, "%s.LOG%d", s->path, i);
		same = same && access(log, F_OK) != 0;
	}
	return same || wrong(w, "the file is not what it is to be, or has logs");
}

/* With one more allocation each time until there are enough. */
static bool
commit(struct world *w, struct side *s)
{
	struct wh_commit how = { once_in(&w->dice, 2) ? WH_LOG_NEW : WH_LOG_OLD, NULL };
	size_t size, was_size;
	uint8_t *was = read_file(s->path, &was_size);
	enum wh_status st = WH_E_MEMORY;
	const void *bytes;
	bool fine = was != NULL;

	snprintf(w->story, MAX_WHY, "commit, depth %u", s->depth);
	side_note_bytes(s);
	for (size_t n = 0; fine && st == WH_E_MEMORY; n++) {
		w->meter.left = n;
		st = wh_hive_commit(s->hive, &how, NULL);
		w->meter.left = SIZE_MAX;
		if (st != WH_OK)
			fine = side_same_bytes(s) && check_file(w, s, was, was_size);
	}
	free(was);
	if (!fine || st != (s->depth > 0 ? WH_E_INVALID : WH_OK))
		return wrong(w, "%s", wh_status_name(st));
	if (st != WH_OK)
		return true;
	w->committed++;
	bytes = wh_hive_bytes(s->hive, &size);
	end_level(&s->levels[0]);
	s->changed = false;
	begin_level(s, &s->levels[0]);
	if (wh_hive_changed(s->hive))
		return wrong(w, "changed, after it was committed");
	return check_file(w, s, bytes, size);
}

/* ----------------------------------------------------------------- opening */

static void
see(void *ctx, const struct wh_issue *issue)
{
	struct world *w = ctx;

	if (issue->grade == WH_NOTE && w->file)
		return;
	wrong(w, "the library reports %s at 0x%" PRIx64 ": %s", issue->rule, issue->offset,
	      issue->text);
}

static struct wh_options
options_of(struct world *w)
{
	w->time += 1 + below(&w->dice, 1000);
	return (struct wh_options){
		.allocator = &w->allocator, .issue = see, .issue_ctx = w, .time = w->time
	};
}

static void
side_opened(struct world *w, struct side *s)
{
	s->model.now = w->time;
	s->changed = false;
	memset(s->held, 0, sizeof s->held);
	begin_level(s, &s->levels[0]);
}

static bool
side_open(struct world *w, struct side *s, const void *bytes, size_t size)
{
	struct wh_options options = options_of(w);
	enum wh_status st = wh_hive_open_memory(bytes, size, &options, &s->hive);

	return st == WH_OK || wrong(w, "opening gives %s", wh_status_name(st));
}

/* Open the file for changes, which is closed. */
static bool
side_open_file(struct world *w, struct side *s)
{
	struct wh_options options = options_of(w);
	enum wh_status st;

	options.flags = WH_OPEN_WRITE;
	st = wh_hive_open(s->path, &options, &s->hive);
	return st == WH_OK || wrong(w, "opening the file gives %s", wh_status_name(st));
}

static bool
side_move_to_file(struct world *w, struct side *s)
{
	char folder[] = "/tmp/property-edit-XXXXXX";
	enum wh_status st;

	s->path = malloc(sizeof folder + 5);
	if (!s->path || !mkdtemp(folder))
		return wrong(w, "no folder");
	snprintf(s->path, sizeof folder + 5, "%s/hive", folder);
	st = wh_hive_save_as(s->hive, s->path, 0);
	wh_hive_close(s->hive);
	s->hive = NULL;
	return st == WH_OK ? side_open_file(w, s) : wrong(w, "saving gives %s", wh_status_name(st));
}

bool
side_start(struct world *w, struct side *s)
{
	struct wh_new how = { .minor = w->minor };
	struct wh_options options = options_of(w);
	enum wh_status st = WH_OK;
	uint8_t *bytes;
	size_t size;
	bool fine = true;

	if (w->file) {
		bytes = read_file(w->file, &size);
		fine = bytes && side_open(w, s, bytes, size);
		free(bytes);
	} else {
		for (size_t n = 0; fine && (n == 0 || st == WH_E_MEMORY); n++) {
			size_t had = w->meter.now;

			w->meter.left = n;
			st = wh_hive_new(&how, &options, &s->hive);
			w->meter.left = SIZE_MAX;
			fine = st == WH_OK || (!s->hive && w->meter.now == had);
		}
		fine = fine && st == WH_OK;
	}
	if (!fine)
		return wrong(w, "no hive: %s", wh_status_name(st));
	if (w->commits && s == w->side && !side_move_to_file(w, s))
		return false;
	bytes = (uint8_t *)(uintptr_t)wh_hive_bytes(s->hive, &size);
	fine = invariants_sound(&s->was, bytes, size) ||
	       wrong(w, "unsound to begin with: %s", s->was.why);
	s->model.minor = bytes[24];
	s->model.gone = side_gone;
	s->model.gone_ctx = s;
	fine = fine && (model_read(&s->model, s->hive, w->time) || wrong(w, "cannot be read"));
	if (fine)
		side_opened(w, s);
	return fine;
}

void
side_finish(struct side *s)
{
	wh_walk_free(s->walk);
	wh_hive_close(s->hive);
	for (int i = 0; i < LEVELS; i++)
		end_level(&s->levels[i]);
	model_free(&s->model);
	invariants_free(&s->was);
	free(s->bytes);
	if (s->path) {
		unlink(s->path);
		*strrchr(s->path, '/') = '\0';
		rmdir(s->path);
		free(s->path);
	}
	*s = (struct side){ 0 };
}

bool
side_reopen(struct world *w, struct side *s)
{
	size_t size;
	const void *bytes = wh_hive_bytes(s->hive, &size);
	uint8_t *copy;
	bool fine;

	if (s->path && !commit(w, s))
		return false;
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	wh_hive_close(s->hive);
	s->hive = NULL;
	fine = s->path ? side_open_file(w, s) : side_open(w, s, copy, size);
	free(copy);
	if (!fine)
		return false;
	end_level(&s->levels[0]);
	side_opened(w, s);
	return true;
}
