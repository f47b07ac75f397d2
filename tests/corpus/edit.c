/* SPDX-License-Identifier: MIT */
/*
 *	edit [--take-dirty] HIVE
 *
 * Change a real hive in ten places, commit, and open it again: it is what a model says that went
 * through the same, nothing else of any key is another, and no rule of the format is broken that
 * was not before.  The file is changed: give a copy.  Prints what was done.  Exit code 0; 1: does
 * not hold; DIRTY: changes are refused for want of logs; CORRUPT: for damage.
 */
#include "invariants.h"
#include "model.h"
#include "reading.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DIRTY = 4, CORRUPT = 5 };
enum { PLACES = 10, LARGE = 20000 };

/* What the model does not know of a key, by the id that it has there. */
struct known {
	uint64_t digest;
	bool touched;
};

static struct wh_hive *hive;
static struct model model;
static struct known *known;
static uint64_t known_count;
static char why[1000];

static int
fail(const char *what)
{
	printf("%s: %s\n", what, why);
	return 1;
}

static bool
must(enum wh_status st, enum wh_status due, const char *what)
{
	if (st == due)
		return true;
	snprintf(why, sizeof why, "%s gives %s, due %s", what, wh_status_name(st),
		 wh_status_name(due));
	return false;
}

/* ----------------------------------------------------------- what must stay */

/* Fields of the key and its values that no change elsewhere has to do with. */
static uint64_t
digest_of(struct wh_key key)
{
	struct wh_value_info value_info;
	struct wh_value value;
	struct wh_key_info info;
	uint64_t digest = 0;

	if (wh_key_info(key, &info) != WH_OK)
		return 0;
	digest = digest_add(digest, &info.flags, sizeof info.flags);
	digest = digest_add(digest, &info.access, sizeof info.access);
	digest = digest_add(digest, &info.layer, sizeof info.layer);
	digest = digest_add(digest, &info.inherit_class, sizeof info.inherit_class);
	digest = digest_add(digest, &info.user_flags, sizeof info.user_flags);
	digest = digest_add(digest, &info.virtual_flags, sizeof info.virtual_flags);
	digest = digest_add(digest, &info.debug, sizeof info.debug);
	digest = digest_add(digest, &info.work_var, sizeof info.work_var);
	for (uint32_t i = 0; wh_key_value_at(key, i, &value) == WH_OK; i++)
		if (wh_value_info(value, &value_info) == WH_OK) {
			digest = digest_add(digest, &value_info.flags, sizeof value_info.flags);
			digest = digest_add(digest, &value_info.tombstone, 1);
			digest = digest_add(digest, &value_info.inline_data, 1);
			digest = digest_add(digest, &value_info.big_data, 1);
		}
	return digest;
}

/* Go through model and hive, which are equal: note what there is, or hold it against that. */
static bool
go_through(bool note)
{
	struct wh_walk_key at;
	struct wh_walk *walk;
	uint64_t lost = 0;
	enum wh_status st = wh_walk_new(wh_hive_root(hive), &walk);

	/* The model has its keys in the same order. */
	struct m_key *key = model.root;
	size_t *path = calloc(model.keys + 1, sizeof *path), depth = 0;

	while (st == WH_OK && path && (st = wh_walk_next(walk, &at)) == WH_OK) {
		if (at.depth > 0) {
			while (depth >= at.depth) {
				key = key->parent;
				depth--;
			}
			key = key->subs[path[depth]++];
			depth++;
			path[depth] = 0;
		}
		if (note)
			known[key->id].digest = digest_of(at.key);
		else if (key->id < known_count && !known[key->id].touched)
			lost += known[key->id].digest != digest_of(at.key);
	}
	wh_walk_free(walk);
	free(path);
	snprintf(why, sizeof why, "%" PRIu64 " untouched keys are not as they were", lost);
	return st == WH_E_NO_MORE && lost == 0;
}

static void
touch(const struct m_key *key)
{
	if (key->id < known_count)
		known[key->id].touched = true;
}

/* ------------------------------------------------------------------ the edits */

static struct m_key *
leaf_below(struct m_key *key)
{
	while (key->sub_count > 0)
		key = key->subs[key->sub_count / 2];
	return key;
}

static bool
create(struct m_key *key, const uint16_t *units, size_t count)
{
	struct text *name = text_new(units, count);
	struct wh_key handle, made;
	struct m_key *due_key;
	bool created, due_created;
	enum wh_status st = model_open(key, hive, &handle), due;

	touch(key);
	if (st == WH_OK)
		st = wh_key_create(handle, name->utf8, name->utf8_len, NULL, &made, &created);
	due = model_create(&model, key, name, NULL, &due_key, &due_created);
	text_drop(name);
	return must(st, due, "create") && created == due_created &&
	       model_learn(&model, due_key, hive, why, sizeof why);
}

static bool
set(struct m_key *key, struct text *name, uint32_t type, size_t size)
{
	struct blob *data = blob_new(NULL, 0);
	struct wh_key handle;
	enum wh_status st = model_open(key, hive, &handle), due;

	touch(key);
	data = realloc(data, sizeof *data + size + 1);
	if (!data)
		abort();
	data->size = size;
	for (size_t i = 0; i < size; i++)
		data->bytes[i] = (uint8_t)(i * 7 + i / 256);
	if (st == WH_OK)
		st = wh_value_set(handle, name->utf8, name->utf8_len, type, data->bytes, size);
	due = model_set(&model, key, name, type, data);
	blob_drop(data);
	return must(st, due, "set");
}

static bool
set_new(struct m_key *key, const uint16_t *units, size_t count, size_t size)
{
	struct text *name = text_new(units, count);
	bool fine = set(key, name, WH_REG_BINARY, size);

	text_drop(name);
	return fine;
}

static bool
delete_key(struct m_key *key)
{
	struct wh_key handle;
	enum wh_status st = model_open(key, hive, &handle);

	if (key->parent)
		touch(key->parent);
	if (st == WH_OK)
		st = wh_key_delete(handle);
	return must(st, model_delete(&model, key), "delete");
}

static bool
delete_value(struct m_key *key)
{
	struct wh_key handle;
	struct text *name;
	enum wh_status st = model_open(key, hive, &handle);
	bool fine;

	touch(key);
	if (key->value_count == 0)
		return set_new(key, (const uint16_t[]){ 'n', 'e', 'w' }, 3, 4);
	name = text_keep(key->values[key->value_count / 2].name);
	if (st == WH_OK)
		st = wh_value_delete(handle, name->utf8, name->utf8_len);
	fine = must(st, model_delete_value(&model, key, name), "delete value");
	text_drop(name);
	return fine;
}

static bool
rename_key(struct m_key *key, const uint16_t *units, size_t count)
{
	struct text *name = text_new(units, count);
	struct wh_key handle, renamed;
	enum wh_status st = model_open(key, hive, &handle), due;

	touch(key);
	if (key->parent)
		touch(key->parent);
	if (st == WH_OK)
		st = wh_key_rename(handle, name->utf8, name->utf8_len, &renamed);
	due = model_rename(&model, key, name);
	text_drop(name);
	return must(st, due, "rename");
}

static bool
set_class(struct m_key *key)
{
	struct text *name = text_new((const uint16_t[]){ 'c', 'l', 0x3b1 }, 3);
	struct wh_key handle;
	enum wh_status st = model_open(key, hive, &handle), due;

	touch(key);
	if (st == WH_OK)
		st = wh_key_set_class(handle, name->utf8, name->utf8_len);
	due = model_set_class(&model, key, name);
	text_drop(name);
	return must(st, due, "set class");
}

static bool
set_security(struct m_key *key)
{
	struct blob *of_root = blob_keep(model.root->security);
	struct wh_key handle;
	enum wh_status st = model_open(key, hive, &handle), due;

	touch(key);
	if (st == WH_OK)
		st = wh_key_set_security(handle, of_root->bytes, of_root->size);
	due = model_set_security(&model, key, of_root);
	blob_drop(of_root);
	return must(st, due, "set security");
}

static bool
copy_key(struct m_key *key)
{
	struct text *name = text_new((const uint16_t[]){ 'c', 'o', 'p', 'y' }, 4);
	struct wh_key handle, above, made;
	struct m_key *copy;
	enum wh_status st = model_open(key, hive, &handle), due;

	touch(model.root);
	if (st == WH_OK)
		st = model_open(model.root, hive, &above);
	if (st == WH_OK)
		st = wh_key_copy(handle, above, name->utf8, name->utf8_len, WH_COPY_KEY, &made);
	due = model_copy_key(&model, key, model.root, name, WH_COPY_KEY, &copy);
	text_drop(name);
	return must(st, due, "copy") &&
	       (due != WH_OK || model_learn(&model, copy, hive, why, sizeof why));
}

/* One edit, in a place of its own as far as there are as many keys. */
static bool
edit(unsigned place)
{
	struct m_key *key = model_nth(&model, (2 * place + 1) * model.keys / (2 * PLACES));
	struct m_key *leaf = leaf_below(key);

	switch (place) {
	case 0:
		return create(key, (const uint16_t[]){ 'w', 'i', 'n', 'h', 'i', 'v', 'e' }, 7);
	case 1:
		return set_new(key, (const uint16_t[]){ 'l', 'a', 'r', 'g', 'e' }, 5, LARGE);
	case 2:
		return key->value_count > 0 ? set(key, key->values[0].name, WH_REG_BINARY, 77)
					    : set_new(key, (const uint16_t[]){ 'x' }, 1, 3);
	case 3:
		return create(key, (const uint16_t[]){ 0x3a9, 0x3bc, 0x3ad, 0x3b3, 0x3b1 }, 5);
	case 4:
		return rename_key(leaf, (const uint16_t[]){ 'r', 'e', 'n', 0x416, 0x43b }, 5);
	case 5:
		return leaf->parent ? delete_key(leaf) : delete_value(leaf);
	case 6:
		return create(key, (const uint16_t[]){ 0x6f22, 0x5b57, 0xd83d, 0xde00 }, 4) &&
		       set_new(key, (const uint16_t[]){ 0x434, 0x430, 0x439 }, 3, 4);
	case 7:
		return delete_value(key);
	case 8:
		return set_class(leaf) && set_security(leaf);
	default:
		return key->parent ? copy_key(key)
				   : create(key, (const uint16_t[]){ 'l', 'a', 's', 't' }, 4);
	}
}

/* ------------------------------------------------------------------- the test */

/* Is the hive sound, but for being dirty?  Then there may be bins behind its length. */
static bool
sound_before(struct invariants *before, const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size), sum[4] = { 0 };
	struct wh_hive_stats stats;
	bool fine;

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	memcpy(copy + 8, copy + 4, 4);
	wh_hive_stats(hive, &stats);
	for (int i = 0; i < 4; i++)
		copy[40 + i] = (uint8_t)(stats.length >> 8 * i);
	for (size_t i = 0; i < 508; i++)
		sum[i % 4] ^= copy[i];
	memcpy(copy + 508, sum, sizeof sum);
	fine = invariants_sound(before, copy, size);
	free(copy);
	return fine;
}

static int
open_and_edit(const char *path, unsigned flags, struct invariants *before)
{
	struct wh_options options = { .flags = WH_OPEN_WRITE | flags,
				      .time = UINT64_C(0x01db000000000000) };
	struct wh_commit_report report;
	enum wh_status st = wh_hive_open(path, &options, &hive);
	struct wh_key made;
	const void *bytes;
	size_t size;
	bool created;

	if (!must(st, WH_OK, "open"))
		return fail(path);
	st = wh_key_create(wh_hive_root(hive), "!", 1, NULL, &made, &created);
	if (st == WH_E_DIRTY || st == WH_E_CORRUPT)
		return st == WH_E_DIRTY ? DIRTY : CORRUPT;
	wh_hive_discard(hive);
	bytes = wh_hive_bytes(hive, &size);
	if (!sound_before(before, bytes, size)) {
		memcpy(why, before->why, sizeof before->why);
		return fail("before");
	}
	model.minor = ((const uint8_t *)bytes)[24];
	snprintf(why, sizeof why, "more than a model knows");
	if (!model_read(&model, hive, options.time))
		return fail("model");
	known_count = model.next_id;
	known = calloc(known_count + 1, sizeof *known);
	if (!known || !go_through(true))
		return fail("before");
	for (unsigned place = 0; place < PLACES; place++)
		if (!edit(place))
			return fail("edit");
	if (!model_equal(&model, hive, why, sizeof why))
		return fail("before the commit");
	if (!must(wh_hive_commit(hive, NULL, &report), WH_OK, "commit"))
		return fail(path);
	printf("%zu keys, %" PRIu64 " pages, %" PRIu64 " bytes to logs, %" PRIu64
	       " to the hive, %u syncs\n",
	       model.keys, report.pages, report.log_bytes, report.hive_bytes, report.syncs);
	return 0;
}

static int
open_again(const char *path, const struct invariants *before)
{
	struct wh_options options = { .flags = 0 };
	struct invariants after = { 0 };
	const void *bytes;
	size_t size;
	bool fine;

	if (!must(wh_hive_open(path, &options, &hive), WH_OK, "open again"))
		return fail(path);
	snprintf(why, sizeof why, "it is not clean");
	if (wh_hive_state(hive) != WH_CLEAN)
		return fail("after");
	if (!model_equal(&model, hive, why, sizeof why))
		return fail("after");
	if (!go_through(false))
		return fail("after");
	bytes = wh_hive_bytes(hive, &size);
	fine = invariants_sound(&after, bytes, size) && invariants_no_worse(before, &after);
	memcpy(why, after.why, sizeof after.why);
	invariants_free(&after);
	return fine ? 0 : fail("after");
}

int
main(int argc, char **argv)
{
	bool take = argc == 3 && strcmp(argv[1], "--take-dirty") == 0;
	struct invariants before = { 0 };
	int code;

	if (argc != 2 + take)
		return 2;
	code = open_and_edit(argv[argc - 1], take ? WH_OPEN_TAKE_DIRTY : 0, &before);
	wh_hive_close(hive);
	hive = NULL;
	if (code == 0) {
		code = open_again(argv[argc - 1], &before);
		wh_hive_close(hive);
	}
	if (model.root)
		model_free(&model);
	invariants_free(&before);
	free(known);
	return code;
}
