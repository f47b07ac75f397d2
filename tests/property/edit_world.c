/* SPDX-License-Identifier: MIT */
#include "edit_world.h"

#include "compaction.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_TIME UINT64_C(0x01d78cc2a1b2c3d4)
enum { COMPARE_EVERY = 16, REOPEN_EVERY = 3, SAVE_AFTER = 2000, CROWD = 1900 };

/* ---------------------------------------------------------------- checking */

static bool
check_invariants(struct world *w, struct side *s)
{
	size_t size;
	const void *bytes = wh_hive_bytes(s->hive, &size);
	bool fine;

	fine = w->file ? invariants_sound(&w->inv, bytes, size) &&
				 invariants_no_worse(&s->was, &w->inv)
		       : invariants_hold(&w->inv, bytes, size);
	if (!fine)
		return wrong(w, "%s", w->inv.why);
	return w->inv.keys == s->model.keys ||
	       wrong(w, "%" PRIu64 " keys, due %zu", w->inv.keys, s->model.keys);
}

static bool
check_equal(struct world *w, struct side *s)
{
	char why[MAX_WHY];

	return model_equal(&s->model, s->hive, why, sizeof why) || wrong(w, "%s", why);
}

static bool
save(struct world *w, struct side *s)
{
	char path[1000];
	size_t size;
	const void *bytes = wh_hive_bytes(s->hive, &size);
	FILE *file;
	bool fine;

	snprintf(path, sizeof path, "%s/%" PRIu64 "-%" PRIu64 "-%d.v1.%u.hive", w->save, w->seed,
		 w->step, s != w->side, s->model.minor);
	file = fopen(path, "wb");
	fine = file && fwrite(bytes, 1, size, file) == size;
	if (file)
		fine = fclose(file) == 0 && fine;
	w->saved++;
	return fine || wrong(w, "%s cannot be written", path);
}

/* The hive without free space is the same hive. */
static bool
check_compacted(struct world *w, struct side *s)
{
	char why[MAX_WHY];
	struct wh_hive *compacted = compact_and_look(s->hive, NULL, why, sizeof why);
	bool fine = compacted && model_equal(&s->model, compacted, why, sizeof why);

	wh_hive_close(compacted);
	return fine || wrong(w, "compacted: %s", why);
}

/* At the end, and now and then. */
static bool
check_all(struct world *w, struct side *s, bool reopen)
{
	if (!check_invariants(w, s) || !check_equal(w, s))
		return false;
	if (!reopen || s->depth > 0)
		return true;
	snprintf(w->story, MAX_WHY, "reopening");
	return side_reopen(w, s) && check_equal(w, s) && check_compacted(w, s);
}

/* --------------------------------------------------------------- the run */

/* A crowd of keys below one, so that its list is split. */
static bool
populate(struct world *w, struct side *s)
{
	struct m_key *top = NULL, *key;
	struct wh_key handle, made;
	bool created;

	if (model_create(&s->model, s->model.root, w->names[0], NULL, &top, &created) != WH_OK ||
	    wh_key_create(wh_hive_root(s->hive), "a", 1, NULL, &handle, &created) != WH_OK)
		return wrong(w, "no key");
	s->levels[0].born = s->clock;
	s->changed = true;
	for (size_t i = 0; i < CROWD; i++) {
		struct text *name = name_of(w);
		enum wh_status due = model_create(&s->model, top, name, NULL, &key, &created);
		enum wh_status st =
			wh_key_create(handle, name->utf8, name->utf8_len, NULL, &made, &created);

		if (st != due)
			return wrong(w, "%s, due %s", wh_status_name(st), wh_status_name(due));
	}
	return model_learn(&s->model, top, s->hive, w->why, sizeof w->why);
}

static bool
step(struct world *w)
{
	size_t every = w->every * COMPARE_EVERY;
	bool fine;

	for (int i = 0; i < 2; i++)
		side_note_bytes(&w->side[i]);
	if (once_in(&w->dice, 25))
		fine = side_transact(w, &w->side[once_in(&w->dice, 5)]);
	else
		fine = operate(w);
	for (int i = 0; fine && i < 2; i++) {
		struct side *s = &w->side[i];

		fine = side_check_held(w, s);
		if (fine && w->step % w->every == 0 && !side_same_bytes(s))
			fine = check_invariants(w, s);
		if (fine && w->look)
			fine = check_equal(w, s);
		if (fine && w->step % every == (uint64_t)i)
			fine = check_all(w, s, w->step / every % REOPEN_EVERY == 0);
		if (fine && w->save && w->step % SAVE_AFTER == SAVE_AFTER - 1)
			fine = save(w, s);
	}
	return fine && w->why[0] == '\0';
}

bool
world_run(struct world *w)
{
	bool fine = true;

	w->dice.state = w->seed * UINT64_C(0x9e3779b97f4a7c15);
	w->dice.state = roll(&w->dice); /* seeds that are close give streams that are not */
	w->allocator = meter_allocator(&w->meter);
	w->time = FIRST_TIME;
	snprintf(w->story, MAX_WHY, "opening");
	make_names(w);
	for (int i = 0; i < SDS; i++)
		w->sds[i] = make_security(w);
	for (int i = 0; fine && i < 2; i++)
		fine = side_start(w, &w->side[i]) &&
		       (!w->wide || i > 0 || populate(w, &w->side[i]));
	if (w->script) {
		w->dice.script = w->script;
		w->dice.end = w->script + w->script_len;
	}
	for (w->step = 1; fine && w->step <= w->ops && (!w->script || w->dice.script < w->dice.end);
	     w->step++)
		fine = step(w);
	w->step--;
	for (int i = 0; fine && i < 2; i++) {
		snprintf(w->story, MAX_WHY, "the end");
		side_end_all(&w->side[i]);
		fine = check_all(w, &w->side[i], true) && (!w->save || save(w, &w->side[i]));
	}
	for (int i = 0; i < 2; i++)
		side_finish(&w->side[i]);
	if (fine && (w->meter.now != 0 || w->meter.wrong_size))
		fine = wrong(w, "%zu bytes of memory are left", w->meter.now);
	for (int i = 0; i < NAMES; i++)
		text_drop(w->names[i]);
	for (int i = 0; i < SDS; i++)
		blob_drop(w->sds[i]);
	invariants_free(&w->inv);
	return fine;
}
