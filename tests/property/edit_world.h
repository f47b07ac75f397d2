/* SPDX-License-Identifier: MIT */
/*
 * Two hives, a model of each, and what is held of them while operations come at random.  All of a
 * run follows from its seed.
 */
#ifndef TESTS_PROPERTY_EDIT_WORLD_H
#define TESTS_PROPERTY_EDIT_WORLD_H

#include "invariants.h"
#include "model.h"
#include "reading.h"

enum {
	MAX_KINDS = 20,
	HELD = 24,
	NAMES = 40,
	PLAIN_NAMES = 21,
	SDS = 12,
	LEVELS = 3,
	MAX_WHY = 1000
};

/* Numbers at random, or as long as there are any from the bytes of a script. */
struct dice {
	uint64_t state;
	const uint8_t *script, *end;
};
uint64_t roll(struct dice *dice);
size_t below(struct dice *dice, size_t limit);
bool once_in(struct dice *dice, size_t n);

/* A handle that was handed out, and whether it must still be good. */
struct held {
	bool used, is_value, dead;
	struct wh_key key;
	struct wh_value value;
	uint64_t id, born;
};

/* What a transaction, or the hive, was when it began. */
struct level {
	struct m_key *root;
	uint8_t *bytes;
	size_t size;
	uint64_t born; /* handles made later are dead when it is undone */
	bool changed;
};

struct side {
	struct wh_hive *hive;
	struct model model;
	struct level levels[LEVELS]; /* 0: the hive as it was opened */
	unsigned depth;              /* of open transactions */
	bool changed;
	char *path;                /* of the file that changes are committed to, or NULL */
	struct wh_subkeys subkeys; /* an iteration and a walk that began before the operation */
	struct wh_walk *walk;
	struct held held[HELD];
	uint64_t clock;        /* goes on with each handle */
	struct invariants was; /* what was odd to begin with */
	uint8_t *bytes;        /* as they were before the operation in hand */
	size_t size, room;
};

struct world {
	/* What is asked for. */
	uint64_t seed, ops;
	const uint8_t *script; /* decides in place of the seed, and ends the run; or NULL */
	size_t script_len;
	const char *file; /* to begin with; NULL: a new hive */
	const char *save; /* folder for hives that others read, or NULL */
	uint32_t minor;
	size_t crowd; /* keys there shall be, about */
	bool commits; /* the first hive has a file */
	bool wide;    /* most of them below one key */
	size_t every; /* operations between two looks at all invariants, */
	size_t fails; /* and between two with failing allocations */
	bool look;    /* compare everything after each operation */

	struct dice dice;
	struct meter meter;
	struct wh_allocator allocator;
	struct side side[2];
	struct text *names[NAMES];
	struct blob *sds[SDS];
	struct invariants inv;
	uint64_t step, time, saved, committed;
	uint64_t hungry[MAX_KINDS], failed[MAX_KINDS]; /* operations, and allocations that failed */
	char story[MAX_WHY];                           /* the operation in hand */
	char why[MAX_WHY];                             /* "", or what does not hold */
	bool issue;                                    /* the library found fault with a hive */
};

/* Run it all; false: 'why', 'story' and 'step' say what was wrong. */
bool world_run(struct world *w);

/* Drawn by the dice. */
void make_names(struct world *w);
struct blob *make_security(struct world *w);

bool wrong(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text *name_of(struct world *w);
struct text *value_name_of(struct world *w);
bool side_same_bytes(const struct side *s);
void side_hold_key(struct world *w, struct side *s, struct wh_key key, uint64_t id);
void side_hold_value(struct world *w, struct side *s, struct wh_value value, uint64_t id);
void side_forget(struct side *s, uint64_t id);
void side_note_bytes(struct side *s);
bool side_iterate(struct world *w, struct side *s);
bool side_check_iteration(struct world *w, struct side *s, bool still);
bool side_check_held(struct world *w, struct side *s);
bool side_transact(struct world *w, struct side *s);
void side_end_all(struct side *s);
bool side_start(struct world *w, struct side *s);
bool side_reopen(struct world *w, struct side *s);
void side_finish(struct side *s);
bool side_handle(struct world *w, struct side *s, const struct m_key *key, struct wh_key *handle);

/* The name of an operation, for people; NULL: there is no such. */
const char *kind_name(int kind);

/* One operation at random, on hive and model; false if they do not agree. */
bool operate(struct world *w);

#endif
