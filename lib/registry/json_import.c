/* SPDX-License-Identifier: MIT */
/*
 * A plan that was read from JSON is carried out: all of it, or nothing.  Each hive that is changed
 * is in a transaction of its own, begun before its first change, and all of them end the same way.
 * Watchers may hear of keys that are gone again when it fails.
 */
#include "registry/json_plan.h"

/* A mount whose hives are in a transaction, and what undoing that does not bring back. */
struct touched {
	struct whi_mount *mount;
	bool shadow; /* is in one too */
	struct whi_anchor *anchors;
	size_t anchor_count;
};

struct import {
	struct wh_reg *reg;
	const struct whi_plan *plan;
	struct whi_place *places; /* of plan->keys, in the registry */
	struct touched *touched;
	size_t touched_count, touched_cap;
};

/* ------------------------------------------------------------- transactions */

static void
forget(struct import *im, struct touched *t)
{
	whi_free(&im->reg->alloc, t->anchors, t->anchor_count * sizeof *t->anchors);
}

static enum wh_status
begin(struct import *im, struct touched *t)
{
	struct whi_mount *mount = t->mount;
	enum wh_status st = WH_OK;

	t->anchor_count = mount->anchor_count;
	if (t->anchor_count > 0) {
		t->anchors = whi_alloc(&im->reg->alloc, t->anchor_count * sizeof *t->anchors);
		if (!t->anchors)
			return WH_E_MEMORY;
		memcpy(t->anchors, mount->anchors, t->anchor_count * sizeof *t->anchors);
	}
	if (im->plan->in_memory && mount != &mount->machine->master)
		st = whi_anchor_prepare(mount);
	t->shadow = mount->shadow != NULL;
	if (st == WH_OK && t->shadow)
		st = wh_hive_begin(mount->shadow);
	if (st != WH_OK)
		return st;
	st = wh_hive_begin(mount->hive);
	if (st != WH_OK && t->shadow && wh_hive_end(mount->shadow) != WH_OK)
		return WH_E_INVALID;
	return st;
}

/* The hives of a mount are about to be changed. */
static enum wh_status
touch(struct import *im, struct whi_mount *mount)
{
	struct touched fresh = { .mount = mount };
	enum wh_status st;

	for (size_t i = 0; i < im->touched_count; i++)
		if (im->touched[i].mount == mount)
			return WH_OK;
	if (!whi_grow(&im->reg->alloc, &im->touched, &im->touched_cap, im->touched_count + 1,
		      sizeof fresh))
		return WH_E_MEMORY;
	st = begin(im, &fresh);
	if (st == WH_OK)
		im->touched[im->touched_count++] = fresh;
	else
		forget(im, &fresh);
	return st;
}

/* Keep all changes if 'st' is WH_OK, else undo them. */
static enum wh_status
finish(struct import *im, enum wh_status st)
{
	enum wh_status (*const close)(struct wh_hive *) = st == WH_OK ? wh_hive_end : wh_hive_undo;

	for (size_t i = 0; i < im->touched_count; i++) {
		struct touched *t = &im->touched[i];
		enum wh_status closed = close(t->mount->hive);

		if (closed == WH_OK && t->shadow)
			closed = close(t->mount->shadow);
		if (st != WH_OK) { /* anchors only come; those that came are in a list that grew */
			if (t->anchor_count > 0)
				memcpy(t->mount->anchors, t->anchors,
				       t->anchor_count * sizeof *t->anchors);
			t->mount->anchor_count = t->anchor_count;
		} else {
			st = closed;
		}
		forget(im, t);
	}
	whi_free(&im->reg->alloc, im->touched, im->touched_cap * sizeof *im->touched);
	return st;
}

/* ------------------------------------------------------------------ changes */

/* The key that is there for one of the plan; WH_E_EXISTS: one is a link, the other not. */
static enum wh_status
check_kind(const struct whi_plan_key *key, const struct whi_place *place)
{
	return whi_node_is_link(&place->node) == key->link ? WH_OK : WH_E_EXISTS;
}

static enum wh_status
set_class(struct import *im, const struct whi_plan_key *key, const struct whi_node *node)
{
	uint32_t granted;
	enum wh_status st = whi_access_check(im->reg, node, WH_KEY_SET_VALUE, &granted);

	if (st == WH_OK)
		st = touch(im, node->mount);
	if (st == WH_OK)
		st = wh_key_set_class(node->key, whi_plan_at(im->plan, key->class_name),
				      key->class_name.len);
	return st;
}

static enum wh_status
make_key(struct import *im, const struct whi_plan_key *key, const struct whi_place *above,
	 const char *path, size_t len, struct whi_place *place)
{
	struct wh_create how = { .class_name = whi_plan_at(im->plan, key->class_name),
				 .class_len = key->class_name.len };
	uint32_t options = (key->in_memory ? WH_REG_OPTION_VOLATILE : 0u) |
			   (key->link ? WH_REG_OPTION_CREATE_LINK : 0u);
	enum wh_status st = touch(im, whi_place_to_create(above).mount);
	bool created;

	return st == WH_OK ? whi_place_create(im->reg, above, path, len, options, 0, &how, place,
					      &created)
			   : st;
}

static enum wh_status
put_key(struct import *im, size_t index)
{
	const struct whi_plan_key *key = &im->plan->keys[index];
	const struct whi_place *above = &im->places[key->above];
	struct whi_place *place = &im->places[index];
	const char *name = whi_plan_at(im->plan, key->name);
	enum wh_status st = whi_place_child(above, name, key->name.len, place);

	if (st == WH_E_NOT_FOUND)
		return make_key(im, key, above, name, key->name.len, place);
	if (st == WH_OK)
		st = check_kind(key, place);
	if (st == WH_OK && key->has_class)
		st = set_class(im, key, &place->node);
	return st;
}

static enum wh_status
put_values(struct import *im, size_t index)
{
	const struct whi_plan_key *key = &im->plan->keys[index];
	const struct whi_place *place = &im->places[index];
	uint32_t granted;
	enum wh_status st;

	if (key->value_count == 0)
		return WH_OK;
	st = whi_access_check(im->reg, &place->node, WH_KEY_SET_VALUE, &granted);
	if (st == WH_OK)
		st = touch(im, place->node.mount);
	for (size_t i = 0; i < key->value_count && st == WH_OK; i++) {
		const struct whi_plan_value *value = &im->plan->values[key->first_value + i];
		struct whi_data data = {
			.name = whi_plan_at(im->plan, value->name),
			.name_len = value->name.len,
			.type = value->type,
			.bytes = whi_plan_at(im->plan, value->data),
			.size = value->data.len,
		};

		st = whi_value_put(place, &data);
	}
	return st;
}

/* The key of the call, which is made if it is not there. */
static enum wh_status
put_top(struct import *im, const struct whi_place *from, const char *path, size_t len)
{
	const struct whi_plan_key *key = &im->plan->keys[0];
	struct whi_rest rest = { 0 };
	struct whi_place above;
	enum wh_status st;

	if (len == 0) {
		im->places[0] = *from;
		st = check_kind(key, from);
	} else {
		st = whi_resolve(im->reg, from, path, len,
				 WHI_RESOLVE_PARENT | (key->link ? WHI_RESOLVE_OPEN_LINK : 0u), 0,
				 &above, &rest);
		if (st == WH_OK && rest.len > 0) {
			st = make_key(im, key, &above, rest.path, rest.len, &im->places[0]);
			whi_rest_free(im->reg, &rest);
			return st;
		}
		whi_rest_free(im->reg, &rest);
		im->places[0] = above;
		if (st == WH_OK)
			st = check_kind(key, &above);
	}
	if (st == WH_OK && key->has_class)
		st = set_class(im, key, &im->places[0].node);
	return st;
}

static enum wh_status
carry_out(struct import *im, const struct whi_place *from, const char *path, size_t len)
{
	enum wh_status st = put_top(im, from, path, len);

	for (size_t i = 1; i < im->plan->key_count && st == WH_OK; i++)
		st = put_key(im, i);
	for (size_t i = 0; i < im->plan->key_count && st == WH_OK; i++)
		st = put_values(im, i);
	st = finish(im, st);
	for (size_t i = 0; i < im->plan->key_count && st == WH_OK; i++)
		if (im->plan->keys[i].value_count > 0)
			whi_notify(im->reg, &im->places[i].node, WH_REG_NOTIFY_CHANGE_LAST_SET);
	return st;
}

static enum wh_status
import_plan(struct wh_reg *reg, wh_hkey key, const char *path, size_t len,
	    const struct whi_plan *plan)
{
	struct import im = { .reg = reg, .plan = plan };
	const uint32_t access = WH_KEY_SET_VALUE | WH_KEY_CREATE_SUB_KEY;
	struct whi_place from;
	enum wh_status st = whi_value_place(reg, key, len > 0 ? 0 : access, &from);

	if (st != WH_OK)
		return st;
	im.places = whi_zalloc(&reg->alloc, plan->key_count * sizeof *im.places);
	if (!im.places)
		return WH_E_MEMORY;
	st = carry_out(&im, &from, path, len);
	whi_free(&reg->alloc, im.places, plan->key_count * sizeof *im.places);
	return st;
}

enum wh_status
wh_reg_import_json(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *text,
		   size_t text_len)
{
	struct whi_plan plan = { 0 };
	enum wh_status st;

	if (!reg || !text)
		return WH_E_INVALID;
	plan.a = plan.text.a = &reg->alloc;
	st = whi_plan_read(&plan, text, whi_text_len(text, text_len));
	if (st == WH_OK) {
		whi_begin(reg);
		st = import_plan(reg, key, path, whi_text_len(path, len), &plan);
		st = whi_end(reg, st);
	}
	whi_plan_fini(&plan);
	return st;
}
