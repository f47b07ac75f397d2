/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

/* Values of a key, and their names one after the other. */
struct values {
	struct value {
		struct wh_value value;
		struct wh_value_info info;
		size_t name_at, name_len; /* in 'names' */
		size_t pair;              /* 1 + its place on the other side; 0: it has none */
	} * list;
	size_t count, cap;
	char *names;
	size_t names_len, names_cap;
};

/* One of the two versions, and where its walk is. */
struct version {
	struct wh_hive *hive;
	struct wh_walk *walk;
	struct wh_walk_key key;
	bool more; /* 'key' is one */
	struct values values;
};

struct compare {
	struct comparison *result;
	struct version was, now;
	size_t *order[2]; /* scratch: values by their names */
	size_t order_cap;
};

/* Room for so many bytes; what is there is kept.  False without memory. */
static bool
grow(void **memory, size_t *cap, size_t count, size_t size)
{
	size_t wanted = *cap ? *cap : 16;
	void *more;

	if (count <= *cap)
		return true;
	while (wanted < count)
		wanted *= 2;
	more = realloc(*memory, wanted * size);
	if (!more)
		return false;
	*memory = more;
	*cap = wanted;
	return true;
}

/* ------------------------------------------------------------------- values */

static const char *
name_of(const struct values *values, size_t index)
{
	return values->names + values->list[index].name_at;
}

static enum wh_status
add_value(struct values *values, struct wh_value value)
{
	struct value *added;
	void *memory = values->list;
	size_t len;
	enum wh_status st;

	if (!grow(&memory, &values->cap, values->count + 1, sizeof *values->list))
		return WH_E_MEMORY;
	values->list = memory;
	added = &values->list[values->count];
	*added = (struct value){ .value = value, .name_at = values->names_len };
	st = wh_value_info(value, &added->info);
	if (st == WH_OK)
		st = wh_value_name(value, NULL, 0, &len);
	if (st != WH_OK && st != WH_E_MORE_DATA)
		return st;
	memory = values->names;
	if (!grow(&memory, &values->names_cap, values->names_len + len + 1, 1))
		return WH_E_MEMORY;
	values->names = memory;
	st = wh_value_name(value, values->names + added->name_at, len, &added->name_len);
	if (st == WH_OK) {
		values->names_len += added->name_len;
		values->count++;
	}
	return st;
}

/* All values that can be read. */
static enum wh_status
load_values(struct compare *c, struct values *values, struct wh_key key)
{
	struct wh_value value;
	enum wh_status st = WH_OK;

	values->count = values->names_len = 0;
	for (uint32_t i = 0; st != WH_E_NO_MORE && st != WH_E_MEMORY && st != WH_E_DELETED; i++) {
		st = wh_key_value_at(key, i, &value);
		if (st == WH_OK)
			st = add_value(values, value);
		if (st == WH_E_CORRUPT)
			c->result->incomplete = true;
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

static int
compare_names(const struct values *a, size_t i, const struct values *b, size_t j)
{
	size_t a_len = a->list[i].name_len, b_len = b->list[j].name_len;
	int order = memcmp(name_of(a, i), name_of(b, j), a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static void
make_pair(struct compare *c, size_t i, size_t j)
{
	c->was.values.list[i].pair = j + 1;
	c->now.values.list[j].pair = i + 1;
}

/* A heap sort, as qsort() takes no context. */
static void
sift(const struct values *values, size_t *order, size_t at, size_t count)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		size_t top = order[at];

		if (child + 1 < count &&
		    compare_names(values, order[child], values, order[child + 1]) < 0)
			child++;
		if (compare_names(values, top, values, order[child]) >= 0)
			return;
		order[at] = order[child];
		order[child] = top;
	}
}

static void
sort_values(const struct values *values, size_t *order)
{
	for (size_t i = 0; i < values->count; i++)
		order[i] = i;
	for (size_t i = values->count / 2; i-- > 0;)
		sift(values, order, i, values->count);
	for (size_t end = values->count; end-- > 1;) {
		size_t last = order[end];

		order[end] = order[0];
		order[0] = last;
		sift(values, order, 0, end);
	}
}

/* Those of the same name in the same letters. */
static bool
pair_sorted(struct compare *c)
{
	struct values *was = &c->was.values, *now = &c->now.values;
	size_t most = was->count > now->count ? was->count : now->count, cap;

	for (int side = 0; side < 2; side++) {
		void *memory = c->order[side];

		cap = c->order_cap;
		if (!grow(&memory, &cap, most, sizeof *c->order[side]))
			return false;
		c->order[side] = memory;
	}
	c->order_cap = cap;
	sort_values(was, c->order[0]);
	sort_values(now, c->order[1]);
	for (size_t i = 0, j = 0; i < was->count && j < now->count;) {
		size_t a = c->order[0][i], b = c->order[1][j];
		int order = compare_names(was, a, now, b);

		if (order == 0)
			make_pair(c, a, b);
		i += order <= 0;
		j += order >= 0;
	}
	return true;
}

static size_t
place_of_cell(const struct values *values, uint32_t cell)
{
	size_t i = 0;

	while (i < values->count && values->list[i].value.cell != cell)
		i++;
	return i;
}

/* Those of the same name in other letters, which the library knows about. */
static void
pair_others(struct compare *c, struct wh_key now_key)
{
	struct values *was = &c->was.values, *now = &c->now.values;
	struct wh_value found;
	size_t left = 0, at;

	for (size_t j = 0; j < now->count; j++)
		left += now->list[j].pair == 0;
	for (size_t i = 0; i < was->count && left > 0; i++) {
		if (was->list[i].pair ||
		    wh_key_value(now_key, name_of(was, i), was->list[i].name_len, &found) != WH_OK)
			continue;
		at = place_of_cell(now, found.cell);
		if (at < now->count && !now->list[at].pair) {
			make_pair(c, i, at);
			left--;
		}
	}
}

static bool
pair_values(struct compare *c, struct wh_key now_key)
{
	struct values *was = &c->was.values, *now = &c->now.values;
	bool same = was->count == now->count;

	for (size_t i = 0; i < was->count && same; i++)
		same = compare_names(was, i, now, i) == 0;
	for (size_t i = 0; i < was->count && same; i++)
		make_pair(c, i, i);
	if (same)
		return true;
	if (!pair_sorted(c))
		return false;
	pair_others(c, now_key);
	return true;
}

static bool
same_data(const struct value *a, const struct value *b)
{
	const void *a_piece, *b_piece;
	size_t a_len, b_len, len;

	if (a->info.type != b->info.type || a->info.size != b->info.size ||
	    a->info.readable != b->info.readable)
		return false;
	for (uint32_t at = 0; at < a->info.readable; at += (uint32_t)len) {
		if (wh_value_piece(a->value, at, &a_piece, &a_len) != WH_OK ||
		    wh_value_piece(b->value, at, &b_piece, &b_len) != WH_OK)
			return false;
		len = a_len < b_len ? a_len : b_len;
		if (memcmp(a_piece, b_piece, len) != 0)
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ changes */

static enum wh_status
read_data(struct wh_value value, const struct wh_value_info *info, struct data *data)
{
	uint8_t *bytes = malloc(info->readable + 1u);
	enum wh_status st;

	if (!bytes)
		return WH_E_MEMORY;
	*data = (struct data){ info->type, info->size, bytes, 0 };
	st = wh_value_read(value, bytes, info->readable, &data->len);
	return st == WH_E_CORRUPT ? WH_OK : st;
}

/* Hand it on, with the path of a key and what is true of a value, and free it. */
static enum wh_status
tell(struct compare *c, struct change *change, const struct wh_walk_key *key)
{
	bool fine = text_set(&change->path, key->path, key->path_len);

	if (fine)
		c->result->changed(c->result->ctx, change);
	change_free(change);
	return fine ? WH_OK : WH_E_MEMORY;
}

/* 'was' or 'now' may be NULL: it was made, or deleted. */
static enum wh_status
tell_value(struct compare *c, const struct wh_walk_key *key, const struct value *was,
	   const struct value *now)
{
	struct change change = { .kind = now ? CHANGE_SET_VALUE : CHANGE_DELETED_VALUE,
				 .had = was != NULL };
	const char *names = now ? c->now.values.names : c->was.values.names;
	const struct value *named = now ? now : was;
	enum wh_status st = WH_OK;

	if (!text_set(&change.name, names + named->name_at, named->name_len))
		st = WH_E_MEMORY;
	if (st == WH_OK && was)
		st = read_data(was->value, &was->info, &change.was);
	if (st == WH_OK && now)
		st = read_data(now->value, &now->info, &change.now);
	if (st == WH_OK)
		return tell(c, &change, key);
	change_free(&change);
	return st;
}

static enum wh_status
tell_renamed_value(struct compare *c, const struct wh_walk_key *key, size_t i, size_t j)
{
	struct change change = { .kind = CHANGE_RENAMED_VALUE };
	const struct values *was = &c->was.values, *now = &c->now.values;

	if (text_set(&change.name, name_of(was, i), was->list[i].name_len) &&
	    text_set(&change.to, name_of(now, j), now->list[j].name_len))
		return tell(c, &change, key);
	change_free(&change);
	return WH_E_MEMORY;
}

/* Values that were there, in their order, then those that are new. */
static enum wh_status
tell_values(struct compare *c, const struct wh_walk_key *key)
{
	const struct values *was = &c->was.values, *now = &c->now.values;
	enum wh_status st = WH_OK;

	for (size_t i = 0; i < was->count && st == WH_OK; i++) {
		size_t pair = was->list[i].pair;
		const struct value *other = pair ? &now->list[pair - 1] : NULL;

		if (other && compare_names(was, i, now, pair - 1) != 0)
			st = tell_renamed_value(c, key, i, pair - 1);
		if (st == WH_OK && (!other || !same_data(&was->list[i], other)))
			st = tell_value(c, key, &was->list[i], other);
	}
	for (size_t j = 0; j < now->count && st == WH_OK; j++)
		if (!now->list[j].pair)
			st = tell_value(c, key, NULL, &now->list[j]);
	return st;
}

/* --------------------------------------------------------------------- keys */

static bool
same_class(struct wh_key a, struct wh_key b)
{
	static char texts[2][3 * 32768];
	size_t a_len, b_len;

	if (wh_key_class(a, texts[0], sizeof texts[0], &a_len) != WH_OK ||
	    wh_key_class(b, texts[1], sizeof texts[1], &b_len) != WH_OK)
		return true;
	return a_len == b_len && memcmp(texts[0], texts[1], a_len) == 0;
}

static bool
same_security(struct wh_key a, struct wh_key b)
{
	const void *a_bytes, *b_bytes;
	size_t a_len, b_len;

	if (wh_key_security(a, &a_bytes, &a_len) != WH_OK ||
	    wh_key_security(b, &b_bytes, &b_len) != WH_OK)
		return true;
	return a_len == b_len && memcmp(a_bytes, b_bytes, a_len) == 0;
}

/* The key in hand of the former version, and the same key of the newer one. */
static enum wh_status
tell_renamed_key(struct compare *c, struct wh_key now)
{
	const struct wh_walk_key *was = &c->was.key;
	const char *name = was->path + was->name_at;
	struct change change = { .kind = CHANGE_RENAMED_KEY };
	char text[3 * 512];
	size_t len;

	if (wh_key_name(now, text, sizeof text, &len) != WH_OK || was->depth == 0 ||
	    (len == was->path_len - was->name_at && memcmp(text, name, len) == 0))
		return WH_OK;
	if (!text_set(&change.to, text, len))
		return WH_E_MEMORY;
	return tell(c, &change, was);
}

static enum wh_status
compare_keys(struct compare *c, struct wh_key now)
{
	const struct wh_walk_key *was = &c->was.key;
	enum wh_status st = tell_renamed_key(c, now);

	if (st == WH_OK && !same_class(was->key, now))
		c->result->altered(c->result->ctx, was, "class");
	if (st == WH_OK && !same_security(was->key, now))
		c->result->altered(c->result->ctx, was, "security");
	if (st == WH_OK)
		st = load_values(c, &c->was.values, was->key);
	if (st == WH_OK)
		st = load_values(c, &c->now.values, now);
	if (st == WH_OK && !pair_values(c, now))
		st = WH_E_MEMORY;
	return st == WH_OK ? tell_values(c, was) : st;
}

/* A key that is in one version only, with its values. */
static enum wh_status
tell_key(struct compare *c, const struct version *from)
{
	bool deleted = from == &c->was;
	struct change change = { .kind = deleted ? CHANGE_DELETED_KEY : CHANGE_CREATED_KEY,
				 .keys = from->key.subkey_count,
				 .values = from->key.value_count };
	enum wh_status st = tell(c, &change, &from->key);

	c->was.values.count = c->now.values.count = 0;
	if (st == WH_OK)
		st = load_values(c, deleted ? &c->was.values : &c->now.values, from->key.key);
	return st == WH_OK ? tell_values(c, &from->key) : st;
}

static enum wh_status
go_on(struct version *version)
{
	enum wh_status st = wh_walk_next(version->walk, &version->key);

	version->more = st == WH_OK;
	return st == WH_E_NO_MORE ? WH_OK : st;
}

static enum wh_status
find_in(const struct version *other, const struct version *from, struct wh_key *found)
{
	return wh_key_open(wh_hive_root(other->hive), from->key.path, from->key.path_len, found);
}

/*
 * The key in hand of one version: if the other does not have it that is told and the walk goes on.
 * A key that cannot be looked for is left out.
 */
static enum wh_status
take_lone_key(struct compare *c, struct version *from, const struct version *other,
	      struct wh_key *found, bool *taken)
{
	enum wh_status st = from->more ? find_in(other, from, found) : WH_OK;

	*taken = st != WH_OK;
	if (st == WH_OK || st == WH_E_MEMORY)
		return st;
	if (st != WH_E_NOT_FOUND)
		c->result->incomplete = true;
	st = st == WH_E_NOT_FOUND ? tell_key(c, from) : WH_OK;
	return st == WH_OK ? go_on(from) : st;
}

/*
 * One step.  Both walks are in the order of names.  Where they part, what is missing on one side
 * comes first; then both are at the same key again, or the order of one is not what it should be
 * and the key of the former version has been found elsewhere.
 */
static enum wh_status
step(struct compare *c)
{
	const struct wh_walk_key *a = &c->was.key, *b = &c->now.key;
	bool same = c->was.more && c->now.more && a->path_len == b->path_len &&
		    memcmp(a->path, b->path, a->path_len) == 0;
	struct wh_key found = b->key, ignored;
	enum wh_status st = WH_OK;
	bool taken = false;

	if (!same)
		st = take_lone_key(c, &c->was, &c->now, &found, &taken);
	if (!same && st == WH_OK && !taken)
		st = take_lone_key(c, &c->now, &c->was, &ignored, &taken);
	if (taken || st != WH_OK)
		return st;
	if (c->was.more) {
		st = compare_keys(c, found);
		if (st == WH_OK)
			st = go_on(&c->was);
	}
	if (st == WH_OK && c->now.more)
		st = go_on(&c->now);
	return st;
}

static enum wh_status
begin(struct version *version, struct wh_hive *hive)
{
	enum wh_status st = wh_walk_new(wh_hive_root(hive), &version->walk);

	version->hive = hive;
	return st == WH_OK ? go_on(version) : st;
}

static void
finish(struct version *version)
{
	wh_walk_free(version->walk);
	free(version->values.list);
	free(version->values.names);
}

enum wh_status
compare_hives(struct wh_hive *was, struct wh_hive *now, struct comparison *comparison)
{
	struct compare c = { .result = comparison };
	enum wh_status st = begin(&c.was, was);

	if (st == WH_OK)
		st = begin(&c.now, now);
	while (st == WH_OK && (c.was.more || c.now.more))
		st = step(&c);
	finish(&c.was);
	finish(&c.now);
	free(c.order[0]);
	free(c.order[1]);
	return st;
}
