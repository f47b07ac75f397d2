/* SPDX-License-Identifier: MIT */
/*
 * HKEY_CLASSES_ROOT: the classes of a user laid over those of the machine, at every level.  A key
 * is there if either side has it; its subkeys are those of both, its values those of the user and
 * then those of the machine that he has no other one for.
 *
 * The subkeys of both sides are sorted, so one walk over them gives the merged order.  Subkey
 * number n needs n steps of it, and the next one a single step more: the registry remembers where
 * the last few walks were.  A position is believed as long as the next key of either side is where
 * it was, and there are as many keys as there were; what comes and goes all the same, in pairs, is
 * why an index means something only until then.
 */
#include "registry/registry.h"

#include <string.h>

/* Room for the name of a key: units, and bytes of UTF-8 for one. */
enum { KEY_NAME_BYTES = 256 * 3, VALUE_NAME_FEW = 256 };

static bool
is_there(const struct whi_node *node)
{
	return node->mount != NULL;
}

/* ---------------------------------------------------------------------- places */

void
whi_merge(struct whi_node user, struct whi_node machine, struct whi_place *place)
{
	*place = (struct whi_place){ .merged = true, .user_root = user, .machine_root = machine };
	place->node = is_there(&user) ? user : machine;
	place->other = is_there(&user) ? machine : (struct whi_node){ 0 };
	place->opened = place->node;
}

/* A place below the same roots; either may have no mount, but not both. */
static void
below(const struct whi_place *view, struct whi_node first, struct whi_node second,
      struct whi_place *place)
{
	*place = (struct whi_place){ .merged = true,
				     .node = is_there(&first) ? first : second,
				     .user_root = view->user_root,
				     .machine_root = view->machine_root };
	/* Who follows a link leaves the key that has its name. */
	if (is_there(&first) && !whi_node_is_link(&first))
		place->other = second;
	place->opened = place->node;
}

static void
free_path(struct whi_machine *machine, char *path, size_t len)
{
	whi_free(&machine->reg->alloc, path, len + 1);
}

/*
 * The key at the path of 'node' below 'from', below 'to'.  '*inside': it is below 'from'.  What
 * cannot be reached is not there.
 */
static enum wh_status
counterpart(const struct whi_node *node, const struct whi_node *from, const struct whi_node *to,
	    bool *inside, struct whi_node *found)
{
	struct whi_machine *machine = node->mount->machine;
	char *path = NULL, *from_path = NULL, *to_path = NULL, *whole = NULL;
	size_t len = 0, from_len = 0, to_len = 0, rest;
	enum wh_status st = WH_E_MEMORY;

	*inside = false;
	*found = (struct whi_node){ 0 };
	if (!is_there(from) || whi_node_alive(from) != WH_OK)
		return WH_OK;
	if (whi_node_equal(*node, *from)) {
		*inside = true;
		if (is_there(to) && whi_node_alive(to) == WH_OK)
			*found = *to;
		return WH_OK;
	}
	st = whi_node_path(node, &path, &len);
	if (st == WH_OK)
		st = whi_node_path(from, &from_path, &from_len);
	if (st != WH_OK || len < from_len || memcmp(path, from_path, from_len) != 0 ||
	    (len > from_len && path[from_len] != '\\'))
		goto done;
	*inside = true;
	if (!is_there(to) || whi_node_alive(to) != WH_OK)
		goto done;
	st = whi_node_path(to, &to_path, &to_len);
	if (st != WH_OK)
		goto done;
	rest = len - from_len;
	whole = whi_alloc(&machine->reg->alloc, to_len + rest + 1);
	if (!whole) {
		st = WH_E_MEMORY;
		goto done;
	}
	memcpy(whole, to_path, to_len);
	memcpy(whole + to_len, path + from_len, rest);
	whole[to_len + rest] = '\0';
	st = whi_resolve_absolute(machine, whole, to_len + rest, 0, found);
	free_path(machine, whole, to_len + rest);
	if (st != WH_OK)
		*found = (struct whi_node){ 0 };
	if (st != WH_E_MEMORY)
		st = WH_OK;
done:
	free_path(machine, path, len);
	free_path(machine, from_path, from_len);
	free_path(machine, to_path, to_len);
	return st;
}

/* Both sides of a key that is on one of them; plain if it is on neither. */
static enum wh_status
look_up(const struct whi_place *view, struct whi_node node, struct whi_place *place)
{
	struct whi_node user_root = view->user_root, machine_root = view->machine_root, found;
	enum wh_status st;
	bool inside;

	/* Who opened a link itself gets nothing of another key. */
	if (whi_node_is_link(&node)) {
		below(view, node, (struct whi_node){ 0 }, place);
		return WH_OK;
	}
	st = counterpart(&node, &user_root, &machine_root, &inside, &found);
	if (st == WH_OK && inside) {
		below(view, node, found, place);
		return WH_OK;
	}
	if (st == WH_OK)
		st = counterpart(&node, &machine_root, &user_root, &inside, &found);
	if (st != WH_OK)
		return st;
	if (inside)
		below(view, found, node, place);
	else
		*place = (struct whi_place){ .node = node };
	return WH_OK;
}

enum wh_status
whi_place_at_node(const struct whi_place *view, struct whi_node node, struct whi_place *place)
{
	enum wh_status st = WH_OK;

	if (view->merged)
		st = look_up(view, node, place);
	else
		*place = (struct whi_place){ .node = node };
	return st;
}

enum wh_status
whi_place_refresh(struct whi_place *place)
{
	struct whi_place now;
	enum wh_status st;

	if (!place->merged)
		return WH_OK;
	now = *place;
	now.node = place->opened;
	now.other = (struct whi_node){ 0 };
	if (is_there(&place->opened) && whi_node_alive(&place->opened) == WH_OK) {
		st = look_up(place, place->opened, &now);
		if (st != WH_OK)
			return st;
		now.opened = place->opened;
		now.merged = true;
		now.user_root = place->user_root;
		now.machine_root = place->machine_root;
	}
	*place = now;
	return WH_OK;
}

struct whi_node
whi_place_to_create(const struct whi_place *place)
{
	return is_there(&place->other) ? place->other : place->node;
}

enum wh_status
whi_place_alive(const struct whi_place *place)
{
	return whi_node_alive(&place->node);
}

/* ---------------------------------------------------------------------- subkeys */

/* If the key on the second side is a link, where it leads; else, or if nowhere, no key. */
static enum wh_status
follow(struct whi_node *node)
{
	struct whi_machine *machine = node->mount->machine;
	enum wh_status st;
	char *target;
	size_t len;

	if (!whi_node_is_link(node))
		return WH_OK;
	st = whi_node_link(node, &target, &len);
	if (st == WH_OK) {
		st = whi_resolve_absolute(machine, target, len, 0, node);
		free_path(machine, target, len);
	}
	if (st != WH_OK)
		*node = (struct whi_node){ 0 };
	return st == WH_E_MEMORY ? st : WH_OK;
}

enum wh_status
whi_place_child(const struct whi_place *place, const char *name, size_t len,
		struct whi_place *child)
{
	struct whi_node first, second = { 0 };
	enum wh_status st = whi_node_child(&place->node, name, len, &first), other;

	*child = (struct whi_place){ 0 };
	if (!place->merged) {
		child->node = first;
		return st;
	}
	if (st == WH_E_NOT_FOUND)
		first = (struct whi_node){ 0 };
	else if (st != WH_OK)
		return st;
	if (is_there(&place->other)) {
		other = whi_node_child(&place->other, name, len, &second);
		if (other == WH_E_NOT_FOUND)
			second = (struct whi_node){ 0 };
		else if (other != WH_OK)
			return other;
		if (is_there(&first) && is_there(&second))
			other = follow(&second);
		if (other == WH_E_MEMORY)
			return other;
	}
	if (!is_there(&first) && !is_there(&second))
		return WH_E_NOT_FOUND;
	below(place, first, second, child);
	return WH_OK;
}

/* Where a walk over the subkeys of both sides is, and what is next on each. */
struct walk {
	const struct whi_place *place;
	uint32_t at_first, at_second;
	struct whi_node first, second;
	enum wh_status st_first, st_second;
	int order; /* < 0: the first is next, > 0: the second; 0: both, a key that both have */
};

/* The subkey at 'index', and its name. */
static enum wh_status
named_child_at(const struct whi_node *node, uint32_t index, struct whi_node *child,
	       char name[KEY_NAME_BYTES], size_t *len)
{
	enum wh_status st = whi_node_child_at(node, index, child);

	*len = 0;
	if (st == WH_OK)
		st = whi_node_name(child, name, KEY_NAME_BYTES, len);
	return st == WH_E_MORE_DATA ? WH_E_CORRUPT : st;
}

/*
 * One that cannot be read has no place in the order: it is next.  The status is that of the walk
 * as a whole.
 */
static enum wh_status
look(struct walk *w)
{
	char a[KEY_NAME_BYTES], b[KEY_NAME_BYTES];
	size_t a_len, b_len;

	w->st_first = named_child_at(&w->place->node, w->at_first, &w->first, a, &a_len);
	w->st_second = named_child_at(&w->place->other, w->at_second, &w->second, b, &b_len);
	if (w->st_first == WH_E_NO_MORE && w->st_second == WH_E_NO_MORE)
		return WH_E_NO_MORE;
	if (w->st_first == WH_OK && w->st_second == WH_OK)
		w->order = whi_reg_compare(a, a_len, b, b_len);
	else if (w->st_first == WH_E_NO_MORE)
		w->order = 1;
	else if (w->st_second == WH_E_NO_MORE)
		w->order = -1;
	else
		w->order = w->st_first != WH_OK ? -1 : 1;
	return WH_OK;
}

static void
step(struct walk *w)
{
	w->at_first += w->order <= 0;
	w->at_second += w->order >= 0;
}

static uint32_t
cell_of(enum wh_status st, const struct whi_node *node)
{
	return st == WH_OK ? node->key.cell : WH_NO_CELL;
}

/* The position that is remembered for a place; NULL: none that can be believed. */
static struct whi_position *
remembered(struct wh_reg *reg, const struct whi_place *place, uint32_t counts[2])
{
	for (size_t i = 0; i < WHI_POSITIONS; i++) {
		struct whi_position *p = &reg->positions[i];

		if (whi_node_equal(p->first, place->node) &&
		    whi_node_equal(p->second, place->other))
			return p->counts[0] == counts[0] && p->counts[1] == counts[1] ? p : NULL;
	}
	return NULL;
}

static void
remember(struct wh_reg *reg, const struct walk *w, uint32_t index, uint32_t counts[2])
{
	struct whi_position *p = NULL;

	for (size_t i = 0; i < WHI_POSITIONS && !p; i++)
		if (whi_node_equal(reg->positions[i].first, w->place->node) &&
		    whi_node_equal(reg->positions[i].second, w->place->other))
			p = &reg->positions[i];
	if (!p) {
		p = &reg->positions[reg->next_position];
		reg->next_position = (reg->next_position + 1) % WHI_POSITIONS;
	}
	*p = (struct whi_position){ .first = w->place->node,
				    .second = w->place->other,
				    .counts = { counts[0], counts[1] },
				    .index = index,
				    .at_first = w->at_first,
				    .at_second = w->at_second,
				    .cell_first = cell_of(w->st_first, &w->first),
				    .cell_second = cell_of(w->st_second, &w->second) };
}

/* Go to a remembered position; false if other subkeys are there now. */
static bool
resume(struct walk *w, const struct whi_position *p)
{
	w->at_first = p->at_first;
	w->at_second = p->at_second;
	return look(w) == WH_OK && cell_of(w->st_first, &w->first) == p->cell_first &&
	       cell_of(w->st_second, &w->second) == p->cell_second;
}

static enum wh_status
merged_child_at(const struct whi_place *place, uint32_t index, struct whi_place *child)
{
	struct wh_reg *reg = place->node.mount->machine->reg;
	struct walk w = { .place = place };
	const struct whi_position *p;
	uint32_t counts[2], at = 0;
	enum wh_status st = whi_node_child_count(&place->node, &counts[0]);

	if (st == WH_OK)
		st = whi_node_child_count(&place->other, &counts[1]);
	if (st != WH_OK)
		return st;
	p = remembered(reg, place, counts);
	if (p && p->index <= index && resume(&w, p))
		at = p->index;
	else
		w.at_first = w.at_second = 0;
	while ((st = look(&w)) == WH_OK && at < index) {
		step(&w);
		at++;
	}
	if (st != WH_OK)
		return st;
	remember(reg, &w, index, counts);
	st = w.order <= 0 ? w.st_first : w.st_second;
	if (st == WH_OK && w.order == 0)
		st = follow(&w.second);
	if (st == WH_OK)
		below(place, w.order <= 0 ? w.first : (struct whi_node){ 0 },
		      w.order >= 0 ? w.second : (struct whi_node){ 0 }, child);
	return st;
}

enum wh_status
whi_place_child_at(const struct whi_place *place, uint32_t index, struct whi_place *child)
{
	struct whi_node node = { 0 };
	enum wh_status st;

	*child = (struct whi_place){ 0 };
	if (place->merged && is_there(&place->other))
		return merged_child_at(place, index, child);
	st = whi_node_child_at(&place->node, index, &node);
	if (st == WH_OK && place->merged)
		below(place, node, (struct whi_node){ 0 }, child);
	else if (st == WH_OK)
		child->node = node;
	return st;
}

/* ---------------------------------------------------------------------- values */

/* Does a key have a value of the same name as 'value'? */
static enum wh_status
has_value(const struct whi_node *node, struct wh_value value, bool *has)
{
	const struct wh_allocator *a = &node->mount->machine->reg->alloc;
	char few[VALUE_NAME_FEW], *name = few;
	struct wh_value found;
	size_t len, cap = 0;
	enum wh_status st = wh_value_name(value, few, sizeof few, &len);

	*has = false;
	if (st == WH_E_MORE_DATA) {
		cap = len;
		name = whi_alloc(a, cap);
		if (!name)
			return WH_E_MEMORY;
		st = wh_value_name(value, name, cap, &len);
	}
	if (st == WH_OK)
		*has = wh_key_value(node->key, name, len, &found) == WH_OK;
	if (name != few)
		whi_free(a, name, cap);
	return st == WH_E_MEMORY ? st : WH_OK;
}

enum wh_status
whi_place_value(const struct whi_place *place, const char *name, size_t len, struct wh_value *value)
{
	enum wh_status st = whi_place_alive(place);

	if (st == WH_OK)
		st = wh_key_value(place->node.key, name, len, value);
	if (st == WH_E_NOT_FOUND && is_there(&place->other))
		st = wh_key_value(place->other.key, name, len, value);
	return st;
}

/*
 * Value number 'index' of the machine that the user does not have; '*count' is how many were met
 * before the end.
 */
static enum wh_status
other_value_at(const struct whi_place *place, uint32_t index, struct wh_value *value,
	       uint32_t *count)
{
	enum wh_status st;
	bool hidden;

	*count = 0;
	for (uint32_t i = 0;; i++) {
		hidden = false;
		st = wh_key_value_at(place->other.key, i, value);
		if (st == WH_OK) {
			enum wh_status looked = has_value(&place->node, *value, &hidden);

			if (looked != WH_OK)
				return looked;
		} else if (st != WH_E_CORRUPT) {
			return st;
		}
		if (!hidden && (*count)++ == index)
			return st;
	}
}

enum wh_status
whi_place_value_at(const struct whi_place *place, uint32_t index, struct wh_value *value)
{
	enum wh_status st = whi_place_alive(place);
	struct wh_key_info info;
	uint32_t count;

	if (st == WH_OK)
		st = wh_key_value_at(place->node.key, index, value);
	if (st != WH_E_NO_MORE || !is_there(&place->other))
		return st;
	st = wh_key_info(place->node.key, &info);
	if (st != WH_OK)
		return st;
	return other_value_at(place, index - info.value_count, value, &count);
}

/* ---------------------------------------------------------------------- how many */

/* Subkeys that both sides have. */
static enum wh_status
count_common(const struct whi_node *few, const struct whi_node *many, uint32_t *common)
{
	struct whi_node child, same;
	char name[KEY_NAME_BYTES];
	enum wh_status st;
	size_t len;

	*common = 0;
	for (uint32_t i = 0;; i++) {
		st = named_child_at(few, i, &child, name, &len);
		if (st == WH_OK)
			*common += whi_node_child(many, name, len, &same) == WH_OK;
		else if (st == WH_E_NO_MORE)
			return WH_OK;
		else if (st != WH_E_CORRUPT)
			return st;
	}
}

static enum wh_status
add_other(const struct whi_place *place, uint32_t *subkeys, uint32_t *values)
{
	struct wh_value value;
	uint32_t more, common, shown;
	bool fewer;
	enum wh_status st = whi_node_child_count(&place->other, &more);

	if (st != WH_OK)
		return st;
	fewer = more < *subkeys;
	st = count_common(fewer ? &place->other : &place->node,
			  fewer ? &place->node : &place->other, &common);
	if (st != WH_OK)
		return st;
	*subkeys += more - common;
	st = other_value_at(place, UINT32_MAX, &value, &shown);
	*values += shown;
	return st == WH_E_NO_MORE ? WH_OK : st;
}

enum wh_status
whi_place_counts(const struct whi_place *place, uint32_t *subkeys, uint32_t *values)
{
	struct wh_key_info info;
	enum wh_status st;

	*subkeys = *values = 0;
	st = whi_node_child_count(&place->node, subkeys);
	if (st == WH_OK)
		st = wh_key_info(place->node.key, &info);
	if (st != WH_OK)
		return st;
	*values = info.value_count;
	return is_there(&place->other) ? add_other(place, subkeys, values) : WH_OK;
}

/* ---------------------------------------------------------------------- the roots */

/* The key at "\REGISTRY\USER\" 'user' 'below', if it is there. */
static enum wh_status
user_key(struct whi_machine *machine, const char *user, size_t len, const char *below_it,
	 struct whi_node *node)
{
	static const char users[] = "\\REGISTRY\\USER\\";
	size_t rest = strlen(below_it), total = sizeof users - 1 + len + rest;
	char *path = whi_alloc(&machine->reg->alloc, total + 1);
	enum wh_status st;

	*node = (struct whi_node){ 0 };
	if (!path)
		return WH_E_MEMORY;
	memcpy(path, users, sizeof users - 1);
	memcpy(path + sizeof users - 1, user, len);
	memcpy(path + sizeof users - 1 + len, below_it, rest + 1);
	st = whi_resolve_absolute(machine, path, total, 0, node);
	free_path(machine, path, total);
	if (st != WH_OK)
		*node = (struct whi_node){ 0 };
	return st;
}

enum wh_status
whi_classes_root(struct whi_machine *machine, const char *user, size_t len, struct whi_place *place)
{
	static const char path[] = "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes";
	struct whi_node of_user = { 0 }, of_machine = { 0 };
	enum wh_status st;

	*place = (struct whi_place){ 0 };
	if (user) {
		if (len == WH_NTS)
			len = strlen(user);
		st = user_key(machine, user, len, "_Classes", &of_user);
		if (st == WH_E_NOT_FOUND)
			st = user_key(machine, user, len, "\\Software\\Classes", &of_user);
		if (st != WH_OK && st != WH_E_NOT_FOUND)
			return st;
	}
	st = whi_resolve_absolute(machine, path, sizeof path - 1, 0, &of_machine);
	if (st == WH_E_NOT_FOUND)
		of_machine = (struct whi_node){ 0 };
	else if (st != WH_OK)
		return st;
	if (!is_there(&of_user) && !is_there(&of_machine))
		return WH_E_NOT_FOUND;
	whi_merge(of_user, of_machine, place);
	return WH_OK;
}

/* The classes of a user whose hives are mounted. */
static enum wh_status
open_user_classes(struct wh_reg *reg, const char *sid, size_t len, uint32_t access, wh_hkey *result)
{
	struct whi_place place;
	struct whi_node user;
	enum wh_status st = whi_classes_root(reg->local, sid, len, &place);

	if (st == WH_OK && !is_there(&place.user_root))
		st = user_key(reg->local, sid, len, "", &user);
	if (st == WH_OK)
		st = whi_handle_new(reg, &place, access, result);
	return st;
}

enum wh_status
wh_reg_open_user_classes_root(struct wh_reg *reg, const char *sid, size_t len, uint32_t options,
			      uint32_t access, wh_hkey *result)
{
	const uint32_t views = WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY;

	if (result)
		*result = 0;
	if (!reg || !result || !sid || options != 0 || (access & views) == views)
		return WH_E_INVALID;
	if (len == WH_NTS)
		len = strlen(sid);
	if (len == 0 || memchr(sid, '\\', len))
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, open_user_classes(reg, sid, len, access, result));
}
