/* SPDX-License-Identifier: MIT */
/*
 * Handles: numbers, and the places they lead to.  The table has open addressing; numbers are given
 * out one after the other, so that they lie one after the other.
 */
#include "registry/registry.h"

enum { FIRST = 1, LAST = 0x7fffffff, FEWEST_SLOTS = 16 };

/* More than performance data, in text: what Windows adds to them. */
static const wh_hkey performance_text = UINT32_C(0x80000050);
static const wh_hkey performance_nlstext = UINT32_C(0x80000060);

/* ----------------------------------------------------------------------- the table */

/* Where a number is, or the empty slot where it would be; there is always one. */
static size_t
slot_of(const struct whi_handles *handles, wh_hkey number)
{
	size_t mask = handles->cap - 1, i = number & mask;

	while (handles->slots[i] && handles->slots[i]->number != number)
		i = (i + 1) & mask;
	return i;
}

static struct whi_handle *
find(const struct whi_handles *handles, wh_hkey number)
{
	return handles->cap > 0 ? handles->slots[slot_of(handles, number)] : NULL;
}

/* Make room for one more. */
static bool
reserve_slot(struct wh_reg *reg)
{
	struct whi_handles *handles = &reg->handles, larger = *handles;

	if (handles->cap > 0 && handles->count + 1 <= handles->cap / 2)
		return true;
	larger.cap = handles->cap > 0 ? handles->cap * 2 : FEWEST_SLOTS;
	larger.slots = whi_zalloc(&reg->alloc, larger.cap * sizeof *larger.slots);
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < handles->cap; i++)
		if (handles->slots[i])
			larger.slots[slot_of(&larger, handles->slots[i]->number)] =
				handles->slots[i];
	whi_free(&reg->alloc, handles->slots, handles->cap * sizeof *handles->slots);
	*handles = larger;
	return true;
}

/* Empty a slot; those behind it that came there because it was taken move up. */
static void
empty_slot(struct whi_handles *handles, size_t hole)
{
	size_t mask = handles->cap - 1;

	for (size_t i = (hole + 1) & mask; handles->slots[i]; i = (i + 1) & mask) {
		size_t home = handles->slots[i]->number & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		handles->slots[hole] = handles->slots[i];
		hole = i;
	}
	handles->slots[hole] = NULL;
	handles->count--;
}

struct whi_handle *
whi_handle_next(struct wh_reg *reg, size_t *at)
{
	while (*at < reg->handles.cap)
		if (reg->handles.slots[(*at)++])
			return reg->handles.slots[*at - 1];
	return NULL;
}

/* ---------------------------------------------------------------------------- getting */

static enum wh_status
get_predefined(struct wh_reg *reg, wh_hkey key, struct whi_handle *room, struct whi_handle **handle)
{
	const struct whi_handle *instead = NULL;
	enum wh_status st;

	*room = (struct whi_handle){ .number = key,
				     .access = WH_KEY_ALL_ACCESS | WH_ACCESS_SYSTEM_SECURITY };
	if (key <= WH_HKEY_CURRENT_USER_LOCAL_SETTINGS)
		instead = find(&reg->handles, reg->predefined[key - WH_HKEY_CLASSES_ROOT]);
	if (instead)
		room->access = instead->access;
	st = whi_predefined(reg->local, key, &room->place);
	if (st == WH_OK)
		*handle = room;
	return st;
}

enum wh_status
whi_handle_get(struct wh_reg *reg, wh_hkey key, uint32_t access, struct whi_handle *room,
	       struct whi_handle **handle)
{
	enum wh_status st = WH_OK;

	*handle = NULL;
	if (whi_is_predefined(key))
		st = get_predefined(reg, key, room, handle);
	else
		*handle = find(&reg->handles, key);
	if (st == WH_OK && !*handle)
		st = WH_E_HANDLE;
	if (st == WH_OK && (*handle)->place.merged)
		st = whi_place_refresh(&(*handle)->place);
	if (st != WH_OK) {
		*handle = NULL;
		return st;
	}
	if (reg->options.rights != WH_REG_RIGHTS_NONE && (access & ~(*handle)->access)) {
		*handle = NULL;
		return WH_E_ACCESS;
	}
	return WH_OK;
}

enum wh_status
whi_predefined(struct whi_machine *machine, wh_hkey key, struct whi_place *place)
{
	struct wh_reg *reg = machine->reg;
	const struct whi_handle *instead;

	*place = (struct whi_place){ 0 };
	if (key == performance_text || key == performance_nlstext)
		return WH_E_ACCESS;
	if (key < WH_HKEY_CLASSES_ROOT || key > WH_HKEY_CURRENT_USER_LOCAL_SETTINGS)
		return WH_E_HANDLE;
	instead = machine == reg->local
			  ? find(&reg->handles, reg->predefined[key - WH_HKEY_CLASSES_ROOT])
			  : NULL;
	if (!instead && key == WH_HKEY_PERFORMANCE_DATA)
		return WH_E_ACCESS;
	if (!instead)
		return whi_predefined_root(machine, key, place);
	*place = instead->place;
	return WH_OK;
}

/* ------------------------------------------------------------------ opening, closing */

enum wh_status
whi_handle_reserve(struct wh_reg *reg, struct whi_handle **handle)
{
	*handle = NULL;
	if (reg->handles.count >= LAST)
		return WH_E_MEMORY;
	if (reserve_slot(reg))
		*handle = whi_alloc(&reg->alloc, sizeof **handle);
	return *handle ? WH_OK : WH_E_MEMORY;
}

void
whi_handle_forget(struct wh_reg *reg, struct whi_handle *handle)
{
	whi_free(&reg->alloc, handle, sizeof *handle);
}

static void
count(const struct whi_node *node, int by)
{
	if (node->mount)
		node->mount->handles += (uint32_t)by;
}

/* Of a merged place what is merged counts, since which of it has the key may change. */
static void
count_place(const struct whi_place *place, int by)
{
	if (!place->merged) {
		count(&place->node, by);
	} else {
		count(&place->user_root, by);
		count(&place->machine_root, by);
	}
}

wh_hkey
whi_handle_add(struct wh_reg *reg, struct whi_handle *handle, const struct whi_place *place,
	       uint32_t access)
{
	struct whi_handles *handles = &reg->handles;
	size_t slot = slot_of(handles, handles->next);

	while (handles->slots[slot]) {
		handles->next = handles->next < LAST ? handles->next + 1 : FIRST;
		slot = slot_of(handles, handles->next);
	}
	*handle = (struct whi_handle){ .number = handles->next, .access = access, .place = *place };
	handles->next = handles->next < LAST ? handles->next + 1 : FIRST;
	handles->slots[slot] = handle;
	handles->count++;
	count_place(place, 1);
	return handle->number;
}

enum wh_status
whi_handle_new(struct wh_reg *reg, const struct whi_place *place, uint32_t access, wh_hkey *result)
{
	struct whi_handle *handle;
	uint32_t mapped, granted;
	enum wh_status st = whi_access_map(access, &mapped);

	*result = 0;
	if (st == WH_OK)
		st = whi_access_check(reg, &place->node, mapped, &granted);
	if (st == WH_OK)
		st = whi_handle_reserve(reg, &handle);
	if (st == WH_OK)
		*result = whi_handle_add(reg, handle, place, granted);
	return st;
}

/* The mount of an application key, if this is the last handle into it. */
static struct whi_mount *
last_of_app(const struct whi_place *place)
{
	struct whi_mount *mount = place->node.mount;

	return mount && mount->app && mount->handles == 1 ? mount : NULL;
}

enum wh_status
whi_handle_close(struct wh_reg *reg, wh_hkey key)
{
	struct whi_handle *handle = find(&reg->handles, key);
	struct whi_mount *app;

	if (!handle)
		return WH_E_HANDLE;
	app = last_of_app(&handle->place);
	if (app && (app->flags & WH_MOUNT_WRITE)) {
		enum wh_status st = whi_mount_commit(app, NULL);

		if (st != WH_OK)
			return st;
	}
	whi_notify_closed(reg, handle);
	count_place(&handle->place, -1);
	empty_slot(&reg->handles, slot_of(&reg->handles, key));
	whi_handle_forget(reg, handle);
	if (app)
		whi_mount_remove(app);
	return WH_OK;
}

enum wh_status
wh_reg_close_key(struct wh_reg *reg, wh_hkey key)
{
	if (!reg)
		return WH_E_INVALID;
	if (whi_is_predefined(key))
		return WH_OK;
	whi_begin(reg);
	return whi_end(reg, whi_handle_close(reg, key));
}

void
whi_handles_fini(struct wh_reg *reg)
{
	struct whi_handle *handle;
	size_t at = 0;

	while ((handle = whi_handle_next(reg, &at)) != NULL)
		whi_handle_forget(reg, handle);
	whi_free(&reg->alloc, reg->handles.slots, reg->handles.cap * sizeof *reg->handles.slots);
	reg->handles = (struct whi_handles){ 0 };
}

/* ---------------------------------------------------- keys that are gone, or elsewhere */

/* The nodes of a place: number 'i', or NULL past the last. */
static struct whi_node *
node_at(struct whi_place *place, size_t i)
{
	struct whi_node *nodes[] = { &place->node, &place->other, &place->opened, &place->user_root,
				     &place->machine_root };
	size_t count = place->merged ? sizeof nodes / sizeof *nodes : 1;

	return i < count ? nodes[i] : NULL;
}

void
whi_handles_lose(struct wh_reg *reg, struct whi_mount *mount)
{
	struct whi_handle *handle;
	struct whi_node *node;
	size_t at = 0;

	while ((handle = whi_handle_next(reg, &at)) != NULL)
		for (size_t i = 0; (node = node_at(&handle->place, i)) != NULL; i++)
			if (node->mount == mount)
				*node = (struct whi_node){ 0 };
}

/* That of a key which is deleted keeps its generation, also when its cell is used again. */
static void
refresh(struct whi_node *node, struct wh_key key)
{
	struct wh_key_info info;

	if (node->mount && whi_key_equal(node->key, key) && wh_key_info(node->key, &info) == WH_OK)
		node->key = key;
}

void
whi_handles_refresh(struct wh_reg *reg, struct wh_key key)
{
	struct whi_handle *handle;
	struct whi_node *node;
	size_t at = 0;

	while ((handle = whi_handle_next(reg, &at)) != NULL)
		for (size_t i = 0; (node = node_at(&handle->place, i)) != NULL; i++)
			refresh(node, key);
}

static void
follow(struct whi_node *node, struct wh_key key, struct wh_key now)
{
	if (node->mount && whi_key_equal(node->key, key) && node->key.generation == key.generation)
		node->key = now;
}

void
whi_handles_follow(struct wh_reg *reg, struct wh_key key, struct wh_key now)
{
	struct whi_handle *handle;
	struct whi_node *node;
	size_t at = 0;

	while ((handle = whi_handle_next(reg, &at)) != NULL)
		for (size_t i = 0; (node = node_at(&handle->place, i)) != NULL; i++)
			follow(node, key, now);
}
