/* SPDX-License-Identifier: MIT */
/* The calls that are made at random: what they are, and what is due. */
#define _POSIX_C_SOURCE 200809L
#include "registry_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Names that differ in case, that sort in odd ways, and long ones. */
static const char *const names[] = {
	"a", "A",   "b",   "Beta",       "bETA",         "a/b", "x y", "_",  "\xc3\xa4",
	"z", "a b", "a.b", "\xc3\x84 z", "\xe4\xb8\x80", "k1",  "k2",  "k3", "K10",
};
enum { NAMES = sizeof names / sizeof *names };

/* To 'text', which has room for 300 bytes; returns the length. */
static size_t
draw_name(struct registry_world *w, char *text)
{
	size_t len;

	if (rw_once_in(w, 60)) {
		len = 255 + rw_below(w, 3);
		memset(text, 'l', len);
		return len;
	}
	len = rw_below(w, rw_once_in(w, 4) ? NAMES : 6);
	strcpy(text, names[len]);
	return strlen(text);
}

/* A handle that is held, or 0. */
static wh_hkey
draw_held(struct registry_world *w)
{
	size_t from = rw_below(w, M_HANDLES);

	for (size_t i = 0; i < M_HANDLES; i++)
		if (w->model.handles[(from + i) % M_HANDLES].number)
			return w->model.handles[(from + i) % M_HANDLES].number;
	return 0;
}

/* A handle: one that is held, a predefined one, or none; and a path from there. */
static void
draw_place(struct registry_world *w)
{
	static const struct {
		wh_hkey key;
		const char *prefix;
	} tops[] = {
		{ WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\T\\" },
		{ WH_HKEY_LOCAL_MACHINE, "software\\t" },
		{ WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\" },
		{ WH_HKEY_LOCAL_MACHINE, "HARDWARE\\" },
		{ WH_HKEY_LOCAL_MACHINE, "" },
		{ WH_HKEY_CURRENT_USER, "Software\\T\\" },
		{ WH_HKEY_USERS, RW_SID "_Classes\\" },
		{ WH_HKEY_CLASSES_ROOT, "" },
		{ WH_HKEY_CLASSES_ROOT, "" },
	};
	size_t count = rw_below(w, 3), top;

	w->len = 0;
	w->key = draw_held(w);
	if (rw_once_in(w, 40)) {
		w->key = (wh_hkey)(rw_once_in(w, 2) ? 0 : 12345678);
	} else if (!w->key || rw_once_in(w, 3)) {
		top = rw_below(w, sizeof tops / sizeof *tops);
		w->key = tops[top].key;
		w->len = strlen(tops[top].prefix);
		memcpy(w->path, tops[top].prefix, w->len);
		count++;
	}
	if (rw_once_in(w, 40))
		w->path[w->len++] = '\\';
	for (size_t i = 0; i < count; i++) {
		if (w->len > 0 && (w->path[w->len - 1] != '\\' || rw_once_in(w, 20)))
			w->path[w->len++] = '\\';
		w->len += draw_name(w, w->path + w->len);
	}
	if (rw_once_in(w, 20))
		w->path[w->len++] = '\\';
	w->path[w->len] = '\0';
}

static uint32_t
draw_access(struct registry_world *w)
{
	static const uint32_t masks[] = {
		WH_KEY_ALL_ACCESS,
		WH_KEY_ALL_ACCESS,
		WH_KEY_ALL_ACCESS,
		WH_KEY_READ,
		WH_KEY_WRITE,
		WH_KEY_QUERY_VALUE,
		WH_KEY_SET_VALUE,
		WH_KEY_NOTIFY | WH_KEY_ENUMERATE_SUB_KEYS,
		WH_ACCESS_GENERIC_READ,
		WH_ACCESS_MAXIMUM_ALLOWED,
		WH_ACCESS_GENERIC_ALL | WH_KEY_WOW64_64KEY,
		WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY | WH_KEY_READ,
		0,
	};

	return masks[rw_below(w, sizeof masks / sizeof *masks)];
}

/* ------------------------------------------------------------------- calls */

static void
note(void *ctx, wh_hkey key, enum wh_status status)
{
	struct registry_world *w = ctx;

	(void)key;
	if (status == WH_OK)
		w->fired++;
	else
		w->gone++;
}

static void
draw_open(struct registry_world *w, struct rw_draw *d)
{
	draw_place(w);
	d->access = draw_access(w);
	d->options = rw_once_in(w, 4) ? WH_REG_OPTION_OPEN_LINK : 0;
	rw_say(w, "open %x '%s' options %x access %x", (unsigned)w->key, w->path,
	       (unsigned)d->options, (unsigned)d->access);
}

static void
call_open(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_open_key(w->reg, w->key, w->path, w->len, d->options, d->access,
				      &got->result);
}

/* Keep the handle that was given out, or close it. */
static bool
keep(struct registry_world *w, const struct rw_draw *d, wh_hkey number, const struct m_place *place)
{
	if (number >= WH_HKEY_CLASSES_ROOT)
		return number == w->key;
	if (number == 0 || number > 0x7fffffff)
		return false;
	if (m_take(&w->model, number, m_access(d->access), place))
		return true;
	return wh_reg_close_key(w->reg, number) == WH_OK;
}

static enum wh_status
due_open(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	struct m_place place;
	enum wh_status st =
		m_open(&w->model, w->key, w->path, w->len, d->options, d->access, &place);

	if (st == WH_OK && got->status == WH_OK && !keep(w, d, got->result, &place))
		registry_world_wrong(w, "handle %x", (unsigned)got->result);
	if (st != WH_OK && got->result != 0)
		registry_world_wrong(w, "it failed, and gave a handle");
	return st;
}

static void
draw_create(struct registry_world *w, struct rw_draw *d)
{
	draw_place(w);
	d->access = draw_access(w);
	d->options = rw_once_in(w, 3) ? WH_REG_OPTION_VOLATILE : 0;
	rw_say(w, "create %x '%s' options %x access %x", (unsigned)w->key, w->path,
	       (unsigned)d->options, (unsigned)d->access);
}

static void
call_create(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_create_key(w->reg, w->key, w->path, w->len, d->options, d->access,
					NULL, &got->result, &got->disposition);
}

static enum wh_status
due_create(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	enum wh_reg_disposition disposition;
	struct m_place place;
	enum wh_status st = m_create(&w->model, w->key, w->path, w->len, d->options, d->access,
				     &place, &disposition);

	if (st != WH_OK || got->status != WH_OK)
		return st;
	if (!keep(w, d, got->result, &place))
		registry_world_wrong(w, "handle %x", (unsigned)got->result);
	if (disposition != got->disposition)
		registry_world_wrong(w, "disposition %d, due %d", got->disposition, disposition);
	return st;
}

/* A link to some key that may be there, made and set in one. */
static void
draw_link(struct registry_world *w, struct rw_draw *d)
{
	static const char *const tops[] = {
		"\\REGISTRY\\MACHINE\\SOFTWARE\\T\\",
		"\\Registry\\User\\" RW_SID "\\Software\\T\\",
		"\\REGISTRY\\MACHINE\\HARDWARE\\",
		"SOFTWARE\\T\\",
	};
	char target[200];
	size_t len;

	w->key = WH_HKEY_LOCAL_MACHINE;
	strcpy(w->path, "SOFTWARE\\T\\");
	strcat(w->path, names[rw_below(w, 6)]);
	w->len = strlen(w->path);
	d->access = WH_KEY_ALL_ACCESS;
	d->options = WH_REG_OPTION_CREATE_LINK | (rw_once_in(w, 3) ? WH_REG_OPTION_VOLATILE : 0);
	strcpy(target, tops[rw_below(w, rw_once_in(w, 8) ? 4 : 3)]);
	len = strlen(target);
	strcpy(target + len, names[rw_below(w, 5)]);
	d->size = 0;
	for (const char *c = target; *c; c++) {
		d->data[d->size++] = (uint8_t)*c;
		d->data[d->size++] = 0;
	}
	rw_say(w, "link '%s' to '%s' options %x", w->path, target, (unsigned)d->options);
}

static void
call_link(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	enum wh_status st;

	call_create(w, d, got);
	if (got->status != WH_OK)
		return;
	st = wh_reg_set_value_ex(w->reg, got->result, "SymbolicLinkValue", WH_NTS, WH_REG_LINK,
				 d->data, d->size);
	if (st != WH_OK)
		registry_world_wrong(w, "the target is set with status %d", (int)st);
}

static enum wh_status
due_link(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	enum wh_reg_disposition disposition;
	struct m_handle *free = NULL;
	struct m_place place;
	enum wh_status st = m_create(&w->model, w->key, w->path, w->len, d->options, d->access,
				     &place, &disposition);

	if (st != WH_OK || got->status != WH_OK)
		return st;
	for (int i = 0; i < M_HANDLES; i++)
		if (!w->model.handles[i].number)
			free = &w->model.handles[i];
	if (!free) { /* the model needs a handle to set the target with */
		m_put(place.node, "SymbolicLinkValue", 17, WH_REG_LINK, d->data, d->size);
		return wh_reg_close_key(w->reg, got->result);
	}
	*free = (struct m_handle){ got->result, WH_KEY_ALL_ACCESS, place, { 0 } };
	return m_set(&w->model, got->result, "SymbolicLinkValue", 17, WH_REG_LINK, d->data,
		     d->size);
}

static void
draw_delete(struct registry_world *w, struct rw_draw *d)
{
	(void)d;
	draw_place(w);
	rw_say(w, "delete %x '%s'", (unsigned)w->key, w->path);
}

static void
call_delete(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	(void)d;
	got->status = wh_reg_delete_key(w->reg, w->key, w->path, w->len, 0);
}

static enum wh_status
due_delete(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)d;
	(void)got;
	return m_delete(&w->model, w->key, w->path, w->len);
}

/* Not of all that is there too often. */
static void
draw_delete_tree(struct registry_world *w, struct rw_draw *d)
{
	(void)d;
	draw_place(w);
	if (w->key >= WH_HKEY_CLASSES_ROOT && !strchr(w->path, '\\') && !rw_once_in(w, 10))
		w->key = draw_held(w);
	rw_say(w, "delete tree %x '%s'", (unsigned)w->key, w->path);
}

static void
call_delete_tree(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	char failed[RW_PATH];
	size_t len;

	(void)d;
	got->status =
		wh_reg_delete_tree(w->reg, w->key, w->path, w->len, failed, sizeof failed, &len);
}

static enum wh_status
due_delete_tree(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)d;
	(void)got;
	return m_delete_tree(&w->model, w->key, w->path, w->len);
}

static void
draw_rename(struct registry_world *w, struct rw_draw *d)
{
	draw_place(w);
	d->name_len = draw_name(w, d->name);
	if (rw_once_in(w, 4)) /* its cell becomes too small */
		d->name_len = (size_t)snprintf(d->name, sizeof d->name, "%060u",
					       (unsigned)rw_below(w, 4));
	rw_say(w, "rename %x '%s' to '%.*s'", (unsigned)w->key, w->path, (int)d->name_len, d->name);
}

static void
call_rename(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_rename_key(w->reg, w->key, w->path, w->len, d->name, d->name_len);
}

static enum wh_status
due_rename(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)got;
	return m_rename(&w->model, w->key, w->path, w->len, d->name, d->name_len);
}

/* A handle alone. */
static void
draw_key(struct registry_world *w)
{
	w->key = rw_once_in(w, 40) ? (wh_hkey)rw_below(w, 50) : draw_held(w);
}

static void
draw_set(struct registry_world *w, struct rw_draw *d)
{
	static const uint32_t types[] = { WH_REG_SZ, WH_REG_BINARY, WH_REG_DWORD, WH_REG_LINK,
					  0xff00ff00 };

	draw_key(w);
	d->name_len = rw_once_in(w, 5) ? 0 : draw_name(w, d->name);
	d->type = types[rw_below(w, 5)];
	d->size = rw_once_in(w, 25) ? rw_below(w, 256) * 70 : rw_below(w, 40);
	for (size_t i = 0; i < d->size; i++)
		d->data[i] = (uint8_t)(i * 7 + w->step);
	rw_say(w, "set %x '%.*s' type %x, %zu bytes", (unsigned)w->key, (int)d->name_len, d->name,
	       (unsigned)d->type, d->size);
}

static void
call_set(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_set_value_ex(w->reg, w->key, d->name, d->name_len, d->type, d->data,
					  d->size);
}

static enum wh_status
due_set(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)got;
	return m_set(&w->model, w->key, d->name, d->name_len, d->type, d->data, d->size);
}

static void
draw_unset(struct registry_world *w, struct rw_draw *d)
{
	draw_set(w, d);
	rw_say(w, "delete value %x '%.*s'", (unsigned)w->key, (int)d->name_len, d->name);
}

static void
call_unset(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_delete_value(w->reg, w->key, d->name, d->name_len);
}

static enum wh_status
due_unset(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)got;
	return m_unset(&w->model, w->key, d->name, d->name_len);
}

static void
draw_query(struct registry_world *w, struct rw_draw *d)
{
	draw_set(w, d);
	rw_say(w, "query %x '%.*s'", (unsigned)w->key, (int)d->name_len, d->name);
}

static void
call_query(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_query_value_ex(w->reg, w->key, d->name, d->name_len, &got->type,
					    got->data, sizeof got->data, &got->size);
}

static enum wh_status
due_query(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	struct m_handle room, *handle;
	const struct m_value *value;
	enum wh_status st = m_handle(&w->model, w->key, WH_KEY_QUERY_VALUE, &room, &handle);

	if (st == WH_OK && !m_place_alive(&handle->place))
		st = WH_E_DELETED;
	if (st != WH_OK)
		return st;
	value = m_place_value(&handle->place, d->name, d->name_len);
	if (!value)
		return WH_E_NOT_FOUND;
	if (got->status == WH_OK && (got->type != value->type || got->size != value->data.len ||
				     memcmp(got->data, value->data.bytes, got->size) != 0))
		registry_world_wrong(w, "other data than were set");
	return WH_OK;
}

static void
draw_notify(struct registry_world *w, struct rw_draw *d)
{
	static const uint32_t filters[] = { 0, 1, 4, 5, 5, 13, 0x1000000f, 0x10 };

	draw_key(w);
	d->subtree = rw_once_in(w, 2);
	d->filter = filters[rw_below(w, 8)];
	rw_say(w, "notify %x %s filter %x", (unsigned)w->key, d->subtree ? "with subtree" : "",
	       (unsigned)d->filter);
}

static void
call_notify(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_notify(w->reg, w->key, d->subtree, d->filter, note, w);
}

static enum wh_status
due_notify(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)got;
	return m_notify(&w->model, w->key, d->subtree, d->filter);
}

static void
draw_close(struct registry_world *w, struct rw_draw *d)
{
	(void)d;
	draw_key(w);
	if (rw_once_in(w, 30))
		w->key = WH_HKEY_LOCAL_MACHINE;
	rw_say(w, "close %x", (unsigned)w->key);
}

static void
call_close(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	(void)d;
	got->status = wh_reg_close_key(w->reg, w->key);
}

static enum wh_status
due_close(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)d;
	(void)got;
	return m_close(&w->model, w->key);
}

/* -------------------------------------------------------------------- files */

static void
file_of(const struct registry_world *w, struct rw_draw *d)
{
	snprintf(d->file, sizeof d->file, "%s/saved", w->folder);
}

static void
draw_save(struct registry_world *w, struct rw_draw *d)
{
	draw_key(w);
	file_of(w, d);
	rw_say(w, "save %x", (unsigned)w->key);
}

static void
call_save(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_save_key(w->reg, w->key, d->file, WH_REG_LATEST_FORMAT);
}

static enum wh_status
due_save(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	struct m_handle room, *handle;
	enum wh_status st = m_handle(&w->model, w->key, 0, &room, &handle);

	(void)d;
	(void)got;
	if (st == WH_OK && !m_place_alive(&handle->place))
		st = WH_E_DELETED;
	if (st == WH_OK && (handle->place.merged || handle->place.node == w->model.machine ||
			    handle->place.node == w->model.user))
		st = WH_E_ACCESS;
	if (st == WH_OK && w->saved)
		st = WH_E_EXISTS;
	if (st != WH_OK)
		return st;
	w->saved = m_add(&w->model, NULL, "saved", 5);
	m_copy(&w->model, handle->place.node, w->saved, false);
	return WH_OK;
}

static void
draw_load(struct registry_world *w, struct rw_draw *d)
{
	static const char *const points[] = { "Loaded", "LOADED2", "software" };

	strcpy(d->name, points[rw_below(w, rw_once_in(w, 10) ? 3 : 2)]);
	d->name_len = strlen(d->name);
	file_of(w, d);
	rw_say(w, "load '%s'", d->name);
}

static void
call_load(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status =
		wh_reg_load_key(w->reg, WH_HKEY_LOCAL_MACHINE, d->name, d->name_len, d->file, 0);
}

static enum wh_status
due_load(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)got;
	if (!w->saved) /* what comes first, no file or no place, is for the registry to say */
		return m_child(w->model.machine, d->name, d->name_len) ? got->status
								       : WH_E_NOT_FOUND;
	return m_load(&w->model, d->name, d->name_len, w->saved);
}

static void
call_unload(struct registry_world *w, const struct rw_draw *d, struct rw_answer *got)
{
	got->status = wh_reg_unload_key(w->reg, WH_HKEY_LOCAL_MACHINE, d->name, d->name_len);
}

static void
draw_unload(struct registry_world *w, struct rw_draw *d)
{
	draw_load(w, d);
	if (strcmp(d->name, "software") == 0)
		strcpy(d->name, "None");
	d->name_len = strlen(d->name);
	/* The file may be written anew from now on. */
	if (w->saved && rw_once_in(w, 2)) {
		unlink(d->file);
		w->saved = NULL;
	}
	rw_say(w, "unload '%s'", d->name);
}

static enum wh_status
due_unload(struct registry_world *w, const struct rw_draw *d, const struct rw_answer *got)
{
	(void)got;
	return m_unload(&w->model, d->name, d->name_len);
}

const struct rw_kind rw_kinds[] = {
	{ "open", 14, draw_open, call_open, due_open, true },
	{ "create", 16, draw_create, call_create, due_create, true },
	{ "close", 8, draw_close, call_close, due_close, true },
	{ "delete", 8, draw_delete, call_delete, due_delete, true },
	{ "rename", 7, draw_rename, call_rename, due_rename, true },
	{ "set value", 14, draw_set, call_set, due_set, true },
	{ "delete value", 6, draw_unset, call_unset, due_unset, true },
	{ "query value", 8, draw_query, call_query, due_query, true },
	{ "notify", 12, draw_notify, call_notify, due_notify, true },
	{ "delete tree", 2, draw_delete_tree, call_delete_tree, due_delete_tree, false },
	{ "link", 3, draw_link, call_link, due_link, false },
	{ "load", 2, draw_load, call_load, due_load, true },
	{ "unload", 2, draw_unload, call_unload, due_unload, true },
	{ "save", 2, draw_save, call_save, due_save, true },
};
const size_t rw_kind_count = sizeof rw_kinds / sizeof *rw_kinds;

const char *
registry_world_kind(size_t kind)
{
	return kind < rw_kind_count ? rw_kinds[kind].name : NULL;
}
