/* SPDX-License-Identifier: MIT */
/*
 * A hive as plain as can be: a tree of structs.  Operations are those of winhive.h, with the
 * status each must give; tests hold what the library does against them.
 *
 * One thing is learnt and not computed: what security a new key inherits.  The first key below a
 * parent with some descriptor teaches it; all later ones must have the same.
 */
#ifndef TESTS_SUPPORT_MODEL_H
#define TESTS_SUPPORT_MODEL_H

#include "winhive.h"

#include <stdio.h>

/* Bytes that are shared and counted; NULL: none. */
struct blob {
	size_t refs, size;
	uint8_t bytes[];
};
struct blob *blob_new(const void *bytes, size_t size);
struct blob *blob_keep(struct blob *blob);
void blob_drop(struct blob *blob);
bool blob_is(const struct blob *blob, const void *bytes, size_t size);

/* A name: 16-bit units, the same in upper case, and as winhive takes and gives it. */
struct text {
	size_t refs, units, utf8_len;
	uint16_t *unit, *upper;
	char *utf8;
};
struct text *text_new(const uint16_t *units, size_t count);
struct text *text_keep(struct text *text);
void text_drop(struct text *text);
int text_compare(const struct text *a, const struct text *b);

struct m_value {
	struct text *name;
	uint32_t type;
	struct blob *data;
	uint64_t id;
};

struct m_key {
	struct m_key *parent;
	struct text *name, *class_name; /* no class: NULL */
	struct blob *security;          /* NULL: to be learnt, */
	bool shares;                    /* or taken from the parent, when that is known */
	uint64_t time;
	uint16_t flags; /* WH_KEY_SYM_LINK only */
	unsigned user_flags, virtual_flags;
	struct m_key **subs; /* in order */
	size_t sub_count, sub_cap;
	struct m_value *values;
	size_t value_count, value_cap;
	uint64_t id; /* of one key for ever, also in copies of the model */
};

/* What was learnt of inheritance. */
struct m_lesson {
	struct blob *parent, *child;
};

struct model {
	struct m_key *root;
	uint32_t minor;
	uint64_t now; /* FILETIME that changes are dated with */
	uint64_t next_id;
	size_t keys;
	bool still; /* the last operation had nothing to change */
	struct m_lesson *lessons;
	size_t lesson_count, lesson_cap;
	/* Called with the id of each key and value that is no more. */
	void (*gone)(void *ctx, uint64_t id);
	void *gone_ctx;
};

/* Everything that there is in a hive becomes the model. */
bool model_read(struct model *m, struct wh_hive *hive, uint64_t now);
void model_free(struct model *m);

/* A copy of the tree, to go back to; model_back() takes it. */
struct m_key *model_copy(const struct model *m);
void model_back(struct model *m, struct m_key *root);
void model_drop(struct m_key *root);

struct m_key *model_sub(const struct m_key *key, const struct text *name);
struct m_value *model_value(const struct m_key *key, const struct text *name);
struct m_key *model_find(const struct model *m, uint64_t id);
struct m_key *model_nth(const struct model *m, size_t n); /* of all keys, the root is 0 */
size_t model_depth(const struct m_key *key);
size_t model_height(const struct m_key *key);
size_t model_size(const struct m_key *key); /* keys, with itself */

struct m_create {
	struct text *class_name;
	struct blob *security;
	bool bad_security, share_security, symbolic_link;
};

/* Operations.  NULL for a name: text that is none, or a name against the rules. */
enum wh_status model_create(struct model *m, struct m_key *parent, struct text *name,
			    const struct m_create *how, struct m_key **key, bool *created);
enum wh_status model_delete(struct model *m, struct m_key *key);
enum wh_status model_delete_tree(struct model *m, struct m_key *key);
enum wh_status model_empty(struct model *m, struct m_key *key);
enum wh_status model_rename(struct model *m, struct m_key *key, struct text *name);
enum wh_status model_move(struct model *m, struct m_key *key, struct m_key *parent,
			  struct text *name);
enum wh_status model_copy_key(struct model *to, struct m_key *key, struct m_key *parent,
			      struct text *name, unsigned flags, struct m_key **copy);
enum wh_status model_set_class(struct model *m, struct m_key *key, struct text *class_name);
enum wh_status model_set_flags(struct model *m, struct m_key *key, unsigned user, unsigned virt);
enum wh_status model_set_time(struct model *m, struct m_key *key, uint64_t time);
enum wh_status model_set_security(struct model *m, struct m_key *key, struct blob *security);
enum wh_status model_set(struct model *m, struct m_key *key, struct text *name, uint32_t type,
			 struct blob *data);
enum wh_status model_delete_value(struct model *m, struct m_key *key, struct text *name);
enum wh_status model_rename_value(struct model *m, struct m_key *key, struct text *name,
				  struct text *new_name);

/* Learn, or hold against what was learnt, the security of new keys at 'key' and below. */
bool model_learn(struct model *m, struct m_key *key, struct wh_hive *hive, char *why, size_t size);

/* Is the hive what the model is?  Says where not. */
bool model_equal(struct model *m, struct wh_hive *hive, char *why, size_t size);

/* The key of the model in the hive, by its path. */
enum wh_status model_open(const struct m_key *key, struct wh_hive *hive, struct wh_key *found);

#endif
