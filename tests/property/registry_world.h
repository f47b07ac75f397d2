/* SPDX-License-Identifier: MIT */
/*
 * A registry, a model of it, and what is held of the two while calls come at random: the status of
 * every call, which functions have been called that waited for a change, and every so often all
 * that the registry shows.  A call that had no memory must have changed nothing.  All of a run
 * follows from its seed, or from the bytes of a script.
 */
#ifndef TESTS_PROPERTY_REGISTRY_WORLD_H
#define TESTS_PROPERTY_REGISTRY_WORLD_H

#include "reading.h"
#include "reg_model.h"

enum { RW_PATH = 900, RW_DATA = 20000, RW_WHY = 600 };

struct registry_world {
	/* What is asked for. */
	uint64_t seed, ops;
	const uint8_t *script; /* decides in place of the seed, and ends the run; or NULL */
	size_t script_len;
	size_t every;       /* operations between two looks at everything */
	size_t fails;       /* and between two with failing allocations; 0: none */
	bool trace;         /* say what is done */
	const char *folder; /* for hives that are saved and loaded; NULL: none are */

	uint64_t dice, step;
	const uint8_t *at, *end;
	struct wh_reg *reg;
	struct meter meter;
	struct wh_allocator allocator;
	struct m_reg model;
	struct m_node *saved; /* what the file holds; NULL: there is none */
	unsigned fired, gone; /* functions that were called */
	uint64_t starved;     /* calls that failed for want of memory */
	uint64_t counts[16];  /* calls of each kind that succeeded */

	/* The call in hand. */
	wh_hkey key;
	char path[RW_PATH];
	size_t len;
	char story[RW_WHY], why[RW_WHY]; /* what it is, and what does not hold */
};

/* Run it all; false: 'why', 'story' and 'step' say what was wrong. */
bool registry_world_run(struct registry_world *w);

/* The name of a kind of call, for people; NULL: there is no such. */
const char *registry_world_kind(size_t kind);

/* registry_look.c: is all that the registry shows what the model has?  Says why not. */
bool registry_world_look(struct registry_world *w);
bool registry_world_wrong(struct registry_world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The dice, and what the call in hand is. */
size_t rw_below(struct registry_world *w, size_t limit);
bool rw_once_in(struct registry_world *w, size_t n);
void rw_say(struct registry_world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* registry_calls.c: the calls. */

#define RW_SID "S-1-5-21-1-2-3-1001"

/* What was drawn for a call, besides its handle and path. */
struct rw_draw {
	uint32_t options, access, type, filter;
	bool subtree;
	char name[300];
	size_t name_len;
	uint8_t data[RW_DATA];
	size_t size;
	char file[300];
};

/* What it answered. */
struct rw_answer {
	enum wh_status status;
	wh_hkey result;
	enum wh_reg_disposition disposition;
	uint32_t type;
	uint8_t data[RW_DATA];
	size_t size;
};

/* 'draw' chooses, 'call' asks the registry, 'due' the model, and compares what was given. */
struct rw_kind {
	const char *name;
	unsigned weight;
	void (*draw)(struct registry_world *w, struct rw_draw *d);
	void (*call)(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got);
	enum wh_status (*due)(struct registry_world *w, const struct rw_draw *d,
			      const struct rw_answer *got);
	bool hungry; /* may be made with failing allocations */
};

/* The last ones need files. */
enum { RW_WITH_FILES = 3 };
extern const struct rw_kind rw_kinds[];
extern const size_t rw_kind_count;

#endif
