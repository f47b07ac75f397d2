/* SPDX-License-Identifier: MIT */
/* The operations: chosen, made on the hive with and without memory, and on the model. */
#include "edit_world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	LONG_NAME = 33,
	PLAIN_MAX = 1048572,
	MAX_LEVELS = 24,
	MAX_COPIED = 60,
	BIG_HIVE = 3 << 20,
	PATH_PARTS = 3
};

enum kind {
	CREATE,
	CREATE_PATH,
	DELETE,
	DELETE_TREE,
	EMPTY,
	RENAME,
	MOVE,
	COPY,
	SET_CLASS,
	SET_FLAGS,
	SET_TIME,
	SET_SECURITY,
	VALUE_SET,
	VALUE_STRING,
	VALUE_STRINGS,
	VALUE_NUMBER,
	VALUE_DELETE,
	VALUE_RENAME,
	KINDS
};

static const struct {
	const char *name;
	unsigned few, many; /* weight while there are few keys, and while there are many */
} kinds[KINDS] = {
	[CREATE] = { "create", 30, 8 },
	[CREATE_PATH] = { "create path", 12, 3 },
	[DELETE] = { "delete", 6, 40 },
	[DELETE_TREE] = { "delete tree", 1, 6 },
	[EMPTY] = { "empty", 1, 2 },
	[RENAME] = { "rename", 10, 8 },
	[MOVE] = { "move", 8, 8 },
	[COPY] = { "copy", 8, 2 },
	[SET_CLASS] = { "set class", 4, 4 },
	[SET_FLAGS] = { "set flags", 3, 3 },
	[SET_TIME] = { "set time", 4, 4 },
	[SET_SECURITY] = { "set security", 8, 8 },
	[VALUE_SET] = { "set value", 36, 24 },
	[VALUE_STRING] = { "set string", 3, 3 },
	[VALUE_STRINGS] = { "set strings", 3, 3 },
	[VALUE_NUMBER] = { "set number", 3, 3 },
	[VALUE_DELETE] = { "delete value", 10, 16 },
	[VALUE_RENAME] = { "rename value", 10, 10 },
};

const char *
kind_name(int kind)
{
	return kind < KINDS ? kinds[kind].name : NULL;
}

struct op {
	enum kind kind;
	struct side *side, *from; /* 'from': of the key that is copied */
	struct m_key *key, *parent;
	struct wh_key handle, parent_handle, out;
	struct text *name, *new_name; /* NULL: bytes that are no text */
	struct text *parts[PATH_PARTS];
	size_t part_count;
	char *path; /* of the parts */
	size_t path_len;
	struct m_create make;
	struct wh_create how;
	bool has_how, created, due_created;
	unsigned flags, user, virt;
	uint64_t number;
	uint32_t type;
	struct blob *data;
};

static const char no_text[] = "abc\xff";

static const char *
text_at(const struct text *text)
{
	return text ? text->utf8 : no_text;
}

/* Sometimes "up to the NUL". */
static size_t
text_len(const struct op *op, const struct text *text)
{
	if (!text)
		return sizeof no_text - 1;
	if (op->number % 4 == 0 && !memchr(text->utf8, 0, text->utf8_len))
		return WH_NTS;
	return text->utf8_len;
}

/* ---------------------------------------------------------------- choosing */

static enum kind
choose_kind(struct world *w, const struct side *s)
{
	bool many = s->model.keys > w->crowd;
	unsigned total = 0;
	size_t at;

	for (int i = 0; i < KINDS; i++)
		total += many ? kinds[i].many : kinds[i].few;
	at = below(&w->dice, total);
	for (int i = 0; i < KINDS; i++) {
		unsigned weight = many ? kinds[i].many : kinds[i].few;

		if (at < weight)
			return (enum kind)i;
		at -= weight;
	}
	return VALUE_SET;
}

static struct m_key *
choose_key(struct world *w, struct side *s)
{
	/* The key that the crowd is below comes first, behind the root. */
	if (w->wide && s->model.root->sub_count > 0 && once_in(&w->dice, 2))
		return s->model.root->subs[0];
	if (once_in(&w->dice, 30))
		return s->model.root;
	return model_nth(&s->model, below(&w->dice, s->model.keys));
}

/* The name of something that is there, as it is or in other letters, or any other. */
static struct text *
name_near(struct world *w, struct text *there)
{
	return there && !once_in(&w->dice, 5) ? there : name_of(w);
}

static struct text *
name_of_value(struct world *w, const struct m_key *key)
{
	if (key->value_count == 0 || once_in(&w->dice, 3))
		return value_name_of(w);
	return key->values[below(&w->dice, key->value_count)].name;
}

static size_t
choose_size(struct world *w, const struct side *s)
{
	static const size_t edges[] = { 0, 0, 1, 2, 3, 4, 4, 5, 6, 8, 12, 16, 4, 100 };
	static const size_t large[] = { 16343, 16344, 16345, 16348, 16349, 20000,
					32688, 32689, 40000, 5000,  8000,  16000 };
	size_t die = below(&w->dice, 1000);

	if (die < 700)
		return edges[below(&w->dice, sizeof edges / sizeof *edges)];
	if (die < 960 || s->size > BIG_HIVE)
		return below(&w->dice, 600);
	if (die < 998)
		return large[below(&w->dice, sizeof large / sizeof *large)];
	if (once_in(&w->dice, 12))
		return PLAIN_MAX - 1 + below(&w->dice, 3);
	return die < 999 ? 100000 : 70000 + below(&w->dice, 40000);
}

static struct blob *
make_blob(size_t size)
{
	struct blob *data = blob_new("", 0);

	data = realloc(data, sizeof *data + size + 1);
	if (!data)
		abort();
	data->size = size;
	return data;
}

static struct blob *
make_data(struct world *w, size_t size)
{
	struct blob *data = make_blob(size);
	uint64_t word = 0;

	for (size_t i = 0; i < size; i++) {
		if (i % 64 == 0)
			word = roll(&w->dice);
		data->bytes[i] = (uint8_t)(word >> i % 57);
	}
	return data;
}

static struct blob *
choose_security(struct world *w)
{
	size_t i = below(&w->dice, SDS + 1);

	return i < SDS ? w->sds[i] : NULL;
}

static void
choose_how(struct world *w, struct op *op)
{
	static const uint8_t not_one[24] = { 1, 0, 4, 0x80, 20 };

	op->has_how = once_in(&w->dice, 3);
	if (!op->has_how)
		return;
	if (once_in(&w->dice, 2))
		op->make.class_name = name_of(w);
	if (once_in(&w->dice, 2))
		op->make.security = choose_security(w);
	op->make.share_security = !op->make.security && once_in(&w->dice, 2);
	op->make.symbolic_link = once_in(&w->dice, 12);
	op->make.bad_security = !op->make.security && once_in(&w->dice, 20);
	op->how.symbolic_link = op->make.symbolic_link;
	op->how.share_security = op->make.share_security;
	if (op->make.class_name) {
		op->how.class_name = op->make.class_name->utf8;
		op->how.class_len = op->make.class_name->utf8_len;
	}
	if (op->make.security) {
		op->how.security = op->make.security->bytes;
		op->how.security_len = op->make.security->size;
	}
	if (op->make.bad_security) {
		op->how.security = not_one;
		op->how.security_len = sizeof not_one;
	}
}

/* Names joined by one backslash or two, perhaps one behind, rarely one in front. */
static void
choose_path(struct world *w, struct op *op)
{
	char *at;
	size_t room = 8;

	op->part_count = below(&w->dice, PATH_PARTS + 1);
	for (size_t i = 0; i < op->part_count; i++) {
		do
			op->parts[i] = name_of(w);
		while (memchr(op->parts[i]->utf8, '\\', op->parts[i]->utf8_len) ||
		       op->parts[i]->units == 0);
		room += op->parts[i]->utf8_len + 2;
	}
	at = op->path = malloc(room);
	if (!at)
		abort();
	op->flags = once_in(&w->dice, 40);
	if (op->flags)
		*at++ = '\\';
	for (size_t i = 0; i < op->part_count; i++) {
		memcpy(at, op->parts[i]->utf8, op->parts[i]->utf8_len);
		at += op->parts[i]->utf8_len;
		if (i + 1 < op->part_count || once_in(&w->dice, 4))
			*at++ = '\\';
		if (i + 1 < op->part_count && once_in(&w->dice, 8))
			*at++ = '\\';
	}
	op->path_len = (size_t)(at - op->path);
}

/* In UTF-16 with a NUL; of strings the last one has its own before that, if there is one. */
static struct blob *
make_string(const struct text *text, bool strings)
{
	bool open = text->units > 0 && text->unit[text->units - 1] != 0;
	size_t units = text->units + (strings && open ? 2 : 1);
	struct blob *data = make_blob(units * 2);

	memset(data->bytes, 0, data->size);
	for (size_t i = 0; i < text->units; i++) {
		data->bytes[2 * i] = (uint8_t)text->unit[i];
		data->bytes[2 * i + 1] = (uint8_t)(text->unit[i] >> 8);
	}
	return data;
}

static void
choose_value(struct world *w, struct op *op)
{
	op->name = name_of_value(w, op->key);
	op->type = once_in(&w->dice, 8) ? (uint32_t)roll(&w->dice) : (uint32_t)below(&w->dice, 12);
	if (op->kind == VALUE_SET)
		op->data = make_data(w, choose_size(w, op->side));
	if (op->kind == VALUE_STRING || op->kind == VALUE_STRINGS) {
		op->new_name = value_name_of(w);
		op->data = make_string(op->new_name, op->kind == VALUE_STRINGS);
	}
	if (op->kind == VALUE_STRINGS)
		op->type = WH_REG_MULTI_SZ;
	if (op->kind == VALUE_NUMBER) {
		uint8_t bytes[8];
		size_t size;

		op->type = once_in(&w->dice, 2)   ? WH_REG_DWORD
			   : once_in(&w->dice, 2) ? WH_REG_QWORD
						  : WH_REG_DWORD_BIG_ENDIAN;
		size = op->type == WH_REG_QWORD ? 8 : 4;
		op->number = size == 8 ? roll(&w->dice) : roll(&w->dice) & UINT32_MAX;
		for (size_t i = 0; i < size; i++)
			bytes[op->type == WH_REG_DWORD_BIG_ENDIAN ? size - 1 - i : i] =
				(uint8_t)(op->number >> 8 * i);
		op->data = blob_new(bytes, size);
	}
}

/* False: it would make the tree deeper, or much larger, than is wanted. */
static bool
choose_target(struct world *w, struct op *op)
{
	struct side *s = op->side;

	op->parent = once_in(&w->dice, 12) && op->key->parent && op->from == s ? op->key->parent
									       : choose_key(w, s);
	op->name = name_near(w, op->key->parent ? op->key->name : NULL);
	op->flags = (unsigned)below(&w->dice, 8);
	if (op->kind == COPY && s->model.keys > w->crowd && model_size(op->key) > 3)
		return false;
	return model_depth(op->parent) + model_height(op->key) < MAX_LEVELS &&
	       (op->kind != COPY || model_size(op->key) <= MAX_COPIED);
}

static bool
choose(struct world *w, struct op *op)
{
	struct side *s = &w->side[once_in(&w->dice, 5)];

	*op = (struct op){ .side = s, .from = s };
	op->kind = choose_kind(w, s);
	if (op->kind == COPY && once_in(&w->dice, 3))
		op->from = &w->side[s == w->side];
	op->key = choose_key(w, op->from);
	op->number = roll(&w->dice);
	switch (op->kind) {
	case CREATE:
		op->name = once_in(&w->dice, 60) ? NULL : name_of(w);
		choose_how(w, op);
		return model_depth(op->key) < MAX_LEVELS;
	case CREATE_PATH:
		choose_path(w, op);
		choose_how(w, op);
		return model_depth(op->key) < MAX_LEVELS;
	case RENAME:
		op->name = once_in(&w->dice, 60) ? NULL : name_of(w);
		/* Others do not open a hive whose root has a name that they cannot read. */
		if (!op->key->parent)
			op->name = w->names[once_in(&w->dice, 4) ? LONG_NAME
								 : below(&w->dice, PLAIN_NAMES)];
		return true;
	case SET_TIME:
		op->number >>= 1; /* libhivex takes it for a signed number */
		return true;
	case DELETE_TREE:
	case EMPTY:
		return op->key->parent && model_size(op->key) * 4 < s->model.keys;
	case MOVE:
	case COPY:
		return choose_target(w, op);
	case SET_CLASS:
		op->name = once_in(&w->dice, 3) ? NULL : name_of(w);
		return true;
	case SET_FLAGS:
		op->user = (unsigned)below(&w->dice, 17);
		op->virt = (unsigned)below(&w->dice, 17);
		return true;
	case SET_SECURITY:
		op->data = blob_keep(choose_security(w));
		return true;
	case VALUE_SET:
	case VALUE_STRING:
	case VALUE_STRINGS:
	case VALUE_NUMBER:
		choose_value(w, op);
		return true;
	case VALUE_DELETE:
	case VALUE_RENAME:
		op->name = name_of_value(w, op->key);
		op->new_name = once_in(&w->dice, 60) ? NULL : name_of_value(w, op->key);
		return true;
	default:
		return true;
	}
}

/* ----------------------------------------------------------------- performing */

static enum wh_status
perform_value(struct op *op)
{
	const char *name = text_at(op->name);
	size_t len = text_len(op, op->name);

	switch (op->kind) {
	case VALUE_SET:
		return wh_value_set(op->handle, name, len, op->type, op->data->bytes,
				    op->data->size);
	case VALUE_STRING:
		return wh_value_set_string(op->handle, name, len, op->type, op->new_name->utf8,
					   op->new_name->utf8_len);
	case VALUE_STRINGS:
		return wh_value_set_strings(op->handle, name, len, op->new_name->utf8,
					    op->new_name->utf8_len);
	case VALUE_NUMBER:
		return wh_value_set_number(op->handle, name, len, op->type, op->number);
	case VALUE_DELETE:
		return wh_value_delete(op->handle, name, len);
	default:
		return wh_value_rename(op->handle, name, len, text_at(op->new_name),
				       text_len(op, op->new_name));
	}
}

static enum wh_status
perform(struct op *op)
{
	const struct wh_create *how = op->has_how ? &op->how : NULL;
	const char *name = text_at(op->name);
	size_t len = text_len(op, op->name);

	switch (op->kind) {
	case CREATE:
		return wh_key_create(op->handle, name, len, how, &op->out, &op->created);
	case CREATE_PATH:
		return wh_key_create_path(op->handle, op->path, op->path_len, how, &op->out,
					  &op->created);
	case DELETE:
		return wh_key_delete(op->handle);
	case DELETE_TREE:
		return wh_key_delete_tree(op->handle);
	case EMPTY:
		return wh_key_empty(op->handle);
	case RENAME:
		return wh_key_rename(op->handle, name, len, &op->out);
	case MOVE:
		return wh_key_move(op->handle, op->parent_handle, name, len, &op->out);
	case COPY:
		return wh_key_copy(op->handle, op->parent_handle, name, len, op->flags, &op->out);
	case SET_CLASS:
		return wh_key_set_class(op->handle, op->name ? op->name->utf8 : NULL,
					op->name ? op->name->utf8_len : 0);
	case SET_FLAGS:
		return wh_key_set_flags(op->handle, op->user, op->virt);
	case SET_TIME:
		return wh_key_set_time(op->handle, op->number);
	case SET_SECURITY:
		return wh_key_set_security(op->handle, op->data ? op->data->bytes : (void *)name,
					   op->data ? op->data->size : len);
	default:
		return perform_value(op);
	}
}

static enum wh_status
predict_path(struct op *op, struct m_key **result)
{
	struct model *m = &op->side->model;
	struct m_key *key = op->key;
	enum wh_status st = WH_OK;

	if (op->flags)
		return WH_E_BAD_PATH;
	for (size_t i = 0; i < op->part_count; i++) {
		if (op->parts[i]->units > 256)
			return WH_E_INVALID;
		key = key ? model_sub(key, op->parts[i]) : NULL;
	}
	if (!key && op->make.bad_security)
		return WH_E_INVALID;
	key = op->key;
	for (size_t i = 0; st == WH_OK && i < op->part_count; i++)
		st = model_create(m, key, op->parts[i],
				  i + 1 == op->part_count && op->has_how ? &op->make : NULL, &key,
				  &op->due_created);
	*result = key;
	return st;
}

/* What must come of it; the model is changed.  'result': the key that is handed out. */
static enum wh_status
predict(struct op *op, struct m_key **result)
{
	struct model *m = &op->side->model;

	*result = NULL;
	switch (op->kind) {
	case CREATE:
		return model_create(m, op->key, op->name, op->has_how ? &op->make : NULL, result,
				    &op->due_created);
	case CREATE_PATH:
		return predict_path(op, result);
	case DELETE:
		return model_delete(m, op->key);
	case DELETE_TREE:
		return model_delete_tree(m, op->key);
	case EMPTY:
		return model_empty(m, op->key);
	case RENAME:
		*result = op->key;
		return model_rename(m, op->key, op->name);
	case MOVE:
		*result = op->key;
		return model_move(m, op->key, op->parent, op->name);
	case COPY:
		return model_copy_key(m, op->key, op->parent, op->name, op->flags, result);
	case SET_CLASS:
		return model_set_class(m, op->key, op->name);
	case SET_FLAGS:
		return model_set_flags(m, op->key, op->user, op->virt);
	case SET_TIME:
		return model_set_time(m, op->key, op->number);
	case SET_SECURITY:
		return model_set_security(m, op->key, op->data);
	case VALUE_DELETE:
		return model_delete_value(m, op->key, op->name);
	case VALUE_RENAME:
		return model_rename_value(m, op->key, op->name, op->new_name);
	default:
		return model_set(m, op->key, op->name, op->type, op->data);
	}
}

/* ------------------------------------------------------------------ judging */

static void
put_text(char *buf, size_t size, const char *what, const struct text *text)
{
	size_t at = strlen(buf);

	at += (size_t)snprintf(buf + at, size - at, "%s'", what);
	for (size_t i = 0; text && i < text->units && i < 12 && at + 8 < size; i++)
		at += (size_t)snprintf(buf + at, size - at,
				       text->unit[i] > 0x20 && text->unit[i] < 0x7f ? "%c" : "<%x>",
				       (unsigned)text->unit[i]);
	snprintf(buf + at, size - at, text && text->units > 12 ? "...'" : "'");
}

static void
put_key(char *buf, size_t size, const struct m_key *key)
{
	if (key->parent)
		put_key(buf, size, key->parent);
	if (key->parent && strlen(buf) + 100 < size)
		put_text(buf, size, "\\", key->name);
}

static void
tell_story(struct world *w, const struct op *op)
{
	size_t at = (size_t)snprintf(w->story, MAX_WHY, "side %d%s, %s, key ", op->side != w->side,
				     op->from == op->side ? "" : " from the other",
				     kinds[op->kind].name);

	put_key(w->story, MAX_WHY, op->key);
	if (op->parent) {
		snprintf(w->story + strlen(w->story), MAX_WHY - strlen(w->story), " to ");
		put_key(w->story, MAX_WHY, op->parent);
	}
	put_text(w->story, MAX_WHY, " name ", op->name);
	put_text(w->story, MAX_WHY, " new ", op->new_name);
	for (size_t i = 0; i < op->part_count; i++)
		put_text(w->story, MAX_WHY, "\\", op->parts[i]);
	at = strlen(w->story);
	snprintf(w->story + at, MAX_WHY - at, " flags %u, type %u, size %zu, depth %u", op->flags,
		 op->type, op->data ? op->data->size : 0, op->side->depth);
}

/* With one more allocation each time until there are enough. */
static bool
perform_hungry(struct world *w, struct op *op, enum wh_status *st)
{
	bool was = wh_hive_changed(op->side->hive);

	for (size_t n = 0;; n++) {
		w->meter.left = n;
		*st = perform(op);
		w->meter.left = SIZE_MAX;
		if (*st != WH_E_MEMORY) {
			w->hungry[op->kind]++;
			return true;
		}
		w->failed[op->kind]++;
		if (!side_same_bytes(op->side) || !side_same_bytes(op->from))
			return wrong(w, "bytes differ after allocation %zu failed", n);
		if (wh_hive_changed(op->side->hive) != was)
			return wrong(w, "changed after allocation %zu failed", n);
	}
}

/* The handle of a key that was renamed or moved: good, or stale. */
static bool
check_old_handle(const struct op *op, const struct m_key *key)
{
	char name[3 * 256];
	size_t len;
	enum wh_status st = wh_key_name(op->handle, name, sizeof name, &len);

	return st == WH_E_DELETED || (st == WH_OK && len == key->name->utf8_len &&
				      memcmp(name, key->name->utf8, len) == 0);
}

static bool
check_result(struct world *w, struct op *op, struct m_key *result)
{
	char name[3 * 256];
	struct wh_key found;
	size_t len;
	enum wh_status st;

	if (!result)
		return true;
	if (op->created != op->due_created)
		return wrong(w, "created is %d", op->created);
	if (op->kind == RENAME || op->kind == MOVE) {
		side_forget(op->side, result->id);
		if (!check_old_handle(op, result))
			return wrong(w, "the old handle is neither good nor stale");
	}
	st = wh_key_name(op->out, name, sizeof name, &len);
	if (st != WH_OK || len != result->name->utf8_len ||
	    memcmp(name, result->name->utf8, len) != 0)
		return wrong(w, "handed out a key with another name: %s", wh_status_name(st));
	st = model_open(result, op->side->hive, &found);
	if (st != WH_OK || found.cell != op->out.cell)
		return wrong(w, "handed out another key than the one that is there: %s",
			     wh_status_name(st));
	side_hold_key(w, op->side, op->out, result->id);
	return true;
}

static bool
judge(struct world *w, struct op *op, enum wh_status st)
{
	struct m_key *result;
	enum wh_status due;
	bool still;

	op->side->model.still = op->kind == CREATE_PATH;
	due = predict(op, &result);
	still = due != WH_OK || op->side->model.still;

	if (st != due)
		return wrong(w, "%s, due %s", wh_status_name(st), wh_status_name(due));
	if (still && !side_same_bytes(op->side))
		return wrong(w, "bytes differ although nothing was to be changed (%s)",
			     wh_status_name(st));
	if (!side_check_iteration(w, op->side, still))
		return false;
	if (op->from != op->side && !side_same_bytes(op->from))
		return wrong(w, "the hive that was copied from was changed");
	if (!still && !wh_hive_changed(op->side->hive))
		return wrong(w, "changed, but does not say so");
	if (!still && !op->side->changed)
		op->side->levels[0].born = op->side->clock; /* the first change */
	op->side->changed |= !still;
	if (st != WH_OK)
		return true;
	if (result && (op->kind == COPY || op->due_created) &&
	    !model_learn(&op->side->model, op->kind == COPY ? result : op->key, op->side->hive,
			 w->why, sizeof w->why))
		return false;
	if (op->kind == VALUE_RENAME)
		side_forget(op->side, model_value(op->key, op->new_name)->id);
	return check_result(w, op, result);
}

bool
operate(struct world *w)
{
	struct op op;
	enum wh_status st;
	bool fine;

	while (!choose(w, &op)) {
		free(op.path);
		blob_drop(op.data);
	}
	tell_story(w, &op);
	fine = side_handle(w, op.from, op.key, &op.handle) &&
	       (!op.parent || side_handle(w, op.side, op.parent, &op.parent_handle));
	fine = fine && side_iterate(w, op.side);
	if (fine && w->fails && once_in(&w->dice, w->fails))
		fine = perform_hungry(w, &op, &st);
	else if (fine)
		st = perform(&op);
	fine = fine && judge(w, &op, st);
	free(op.path);
	blob_drop(op.data);
	return fine;
}
