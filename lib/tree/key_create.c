/* SPDX-License-Identifier: MIT */
/* Keys made, and what all changes to keys share. */
#include "base/mem.h"
#include "base/path.h"
#include "tree/handle.h"
#include "tree/index_edit.h"
#include "tree/key_edit.h"
#include "tree/sk.h"

#include <string.h>

enum {
	CLASS_UNITS_MAX = UINT16_MAX / 2,
	SECURITY_OWN = REGF_PAGE, /* bytes of an inherited descriptor that need no allocation */
};

unsigned
whi_key_depth(struct wh_hive *hive, cellref key, cellref top)
{
	struct whi_nk nk;

	for (unsigned depth = 0; depth <= REGF_MAX_DEPTH; depth++) {
		if (key.off == top.off && top.off != REGF_NIL) {
			whi_edit_fail(hive->edit, WH_E_INVALID);
			return depth;
		}
		if (key.off == hive->root.off)
			return depth;
		if (!whi_nk_parse(&hive->img, key, &nk))
			break;
		key = nk.parent;
	}
	whi_edit_fail(hive->edit, WH_E_CORRUPT);
	return 0;
}

cellref
whi_key_make(struct wh_hive *hive, cellref parent, struct whi_name name, uint16_t flags,
	     cellref security)
{
	struct whi_edit *e = hive->edit;
	struct regf_nk nk = {
		.sig = { 'n', 'k' },
		.flags = le16_make((uint16_t)(flags | (name.wide ? 0 : WH_KEY_COMP_NAME))),
		.last_written = le64_make(whi_change_time(hive)),
		.parent = le32_make(parent.off),
		.subkey_list = le32_make(REGF_NIL),
		.volatile_list = le32_make(REGF_NIL),
		.value_list = le32_make(REGF_NIL),
		.security = le32_make(security.off),
		.class_cell = le32_make(REGF_NIL),
		.name_len = le16_make((uint16_t)name.len),
	};
	cellref key = whi_cell_new(e, (uint32_t)sizeof nk + name.len, parent);

	whi_cell_write(e, key, 0, &nk, sizeof nk);
	whi_cell_write(e, key, sizeof nk, name.at, name.len);
	whi_index_insert(hive, parent, key);
	return key;
}

cellref
whi_key_inherit(struct wh_hive *hive, cellref parent)
{
	uint8_t own[SECURITY_OWN], *out = own;
	cellref sk = { REGF_NIL };
	struct view security;
	struct whi_nk nk;
	uint32_t len = 0, room;

	if (!whi_nk_parse(&hive->img, parent, &nk) ||
	    whi_nk_security(&hive->img, &nk, &security) != WH_OK) {
		whi_edit_fail(hive->edit, WH_E_CORRUPT);
		return sk;
	}
	room = WHI_SD_INHERIT_MAX(security.len);
	if (room > sizeof own)
		out = whi_alloc(&hive->alloc, room);
	if (!out) {
		whi_edit_fail(hive->edit, WH_E_MEMORY);
		return sk;
	}
	whi_sd_inherit(security.at, security.len, out, &len);
	sk = len > 0 ? whi_sk_acquire(hive, out, len, parent) : whi_sk_share(hive, parent);
	if (out != own)
		whi_free(&hive->alloc, out, room);
	return sk;
}

/* ------------------------------------------------------------------- class */

enum wh_status
whi_class_init(struct whi_class *class_name, const struct wh_hive *hive, const char *text,
	       size_t len)
{
	uint16_t *units;
	size_t count;

	*class_name = (struct whi_class){ 0 };
	if (!text || len == WH_NTS)
		len = text ? strlen(text) : 0;
	if (!whi_utf16_from_utf8(text, len, NULL, 0, &count))
		return WH_E_INVALID;
	if (count > CLASS_UNITS_MAX)
		return WH_E_TOO_BIG;
	if (count == 0)
		return WH_OK;
	units = whi_alloc(&hive->alloc, count * sizeof *units);
	if (!units)
		return WH_E_MEMORY;
	whi_utf16_from_utf8(text, len, units, count, &count);
	class_name->bytes = (uint8_t *)units;
	class_name->len = (uint32_t)(count * sizeof *units);
	for (size_t i = 0; i < count; i++) {
		uint16_t unit = units[i];

		((le16 *)class_name->bytes)[i] = le16_make(unit);
	}
	return WH_OK;
}

void
whi_class_fini(struct whi_class *class_name, const struct wh_hive *hive)
{
	whi_free(&hive->alloc, class_name->bytes, class_name->len);
}

void
whi_key_put_class(struct wh_hive *hive, cellref key, const uint8_t *bytes, uint32_t len)
{
	struct whi_edit *e = hive->edit;
	cellref cell = { REGF_NIL };
	struct whi_nk nk;

	if (!whi_nk_parse(&hive->img, key, &nk)) {
		whi_edit_fail(e, WH_E_CORRUPT);
		return;
	}
	if (len > 0) {
		cell = whi_cell_new(e, len, key);
		whi_cell_write(e, cell, 0, bytes, len);
	}
	if (nk.class_len > 0)
		whi_cell_free(e, nk.class_cell);
	WHI_NK_SET32(e, key, class_cell, cell.off);
	WHI_NK_SET16(e, key, class_len, (uint16_t)len);
	if (key.off != hive->root.off)
		whi_nk_raise_class_len(e, nk.parent, len);
}

/* ------------------------------------------------------------------ create */

/* What is wanted of a key, in memory of its own: all of it may be lent from the image. */
struct wanted {
	struct whi_class class_name;
	uint8_t *security; /* NULL: none given */
	size_t security_len;
	bool share;
	uint16_t flags;
};

static enum wh_status
wanted_init(struct wanted *w, const struct wh_hive *hive, const struct wh_create *how)
{
	*w = (struct wanted){ 0 };
	if (!how)
		return WH_OK;
	w->share = how->share_security;
	w->flags = how->symbolic_link ? WH_KEY_SYM_LINK : 0;
	if (how->security) {
		if (!whi_sd_valid(how->security, how->security_len))
			return WH_E_INVALID;
		w->security_len = how->security_len;
		w->security = whi_alloc(&hive->alloc, w->security_len);
		if (!w->security)
			return WH_E_MEMORY;
		memcpy(w->security, how->security, w->security_len);
	}
	return whi_class_init(&w->class_name, hive, how->class_name, how->class_len);
}

static void
wanted_fini(struct wanted *w, const struct wh_hive *hive)
{
	whi_class_fini(&w->class_name, hive);
	whi_free(&hive->alloc, w->security, w->security_len);
}

static cellref
create(struct wh_hive *hive, cellref parent, const char *name, size_t len, const struct wanted *w)
{
	cellref key = { REGF_NIL }, security;
	struct whi_new_name stored;
	enum wh_status st = whi_key_name_init(&stored, hive, name, len);

	if (st != WH_OK) {
		whi_edit_fail(hive->edit, st);
		return key;
	}
	if (w->security)
		security = whi_sk_acquire(hive, w->security, (uint32_t)w->security_len, parent);
	else
		security = w->share ? whi_sk_share(hive, parent) : whi_key_inherit(hive, parent);
	key = whi_key_make(hive, parent, stored.name, w->flags, security);
	if (w->class_name.len > 0)
		whi_key_put_class(hive, key, w->class_name.bytes, w->class_name.len);
	whi_new_name_fini(&stored, hive);
	return key;
}

static enum wh_status
finish(struct wh_hive *hive, cellref ref, struct wh_key *key, bool *created)
{
	enum wh_status st = whi_change_end(hive);

	if (st != WH_OK)
		return st;
	*key = whi_key_handle(hive, ref);
	*created = true;
	return WH_OK;
}

enum wh_status
wh_key_create(struct wh_key parent, const char *name, size_t len, const struct wh_create *how,
	      struct wh_key *key, bool *created)
{
	struct wh_hive *hive = parent.hive;
	cellref above = { parent.cell }, ref = { REGF_NIL };
	struct wanted wanted;
	enum wh_status st;

	*created = false;
	st = wh_key_subkey(parent, name, len, key);
	if (st != WH_E_NOT_FOUND)
		return st;
	st = whi_change_begin(parent);
	if (st != WH_OK)
		return st;
	if (whi_key_depth(hive, above, (cellref){ REGF_NIL }) >= WHI_DEPTH_MAX)
		whi_edit_fail(hive->edit, WH_E_TOO_BIG);
	st = wanted_init(&wanted, hive, how);
	if (st != WH_OK)
		whi_edit_fail(hive->edit, st);
	else
		ref = create(hive, above, name, len, &wanted);
	wanted_fini(&wanted, hive);
	whi_nk_touch(hive, above);
	return finish(hive, ref, key, created);
}

/* Make the keys of a path, of which there is none yet; only the last is as 'last' says. */
static cellref
create_all(struct wh_hive *hive, cellref key, const char *path, size_t path_len,
	   const struct wanted *last)
{
	static const struct wanted nothing;
	unsigned depth = whi_key_depth(hive, key, (cellref){ REGF_NIL });
	const char *end = path + path_len, *name, *next = end;
	size_t len, next_len = 0;
	bool more = path_next(&path, end, &name, &len);

	while (more && hive->edit->status == WH_OK) {
		if (depth++ >= WHI_DEPTH_MAX)
			whi_edit_fail(hive->edit, WH_E_TOO_BIG);
		more = path_next(&path, end, &next, &next_len);
		key = create(hive, key, name, len, more ? &nothing : last);
		name = next;
		len = next_len;
	}
	return key;
}

/* Make what is left of a path below the last key that is there. */
static enum wh_status
create_rest(struct wh_key above, const char *path, size_t len, const struct wh_create *how,
	    struct wh_key *key, bool *created)
{
	struct wh_hive *hive = above.hive;
	cellref ref = { above.cell };
	struct wanted wanted = { 0 };
	char *copy;
	enum wh_status st = whi_change_begin(above);

	if (st != WH_OK)
		return st;
	whi_nk_touch(hive, ref);
	copy = whi_alloc(&hive->alloc, len);
	st = copy ? wanted_init(&wanted, hive, how) : WH_E_MEMORY;
	if (st != WH_OK) {
		whi_edit_fail(hive->edit, st);
	} else {
		memcpy(copy, path, len);
		ref = create_all(hive, ref, copy, len, &wanted);
	}
	wanted_fini(&wanted, hive);
	whi_free(&hive->alloc, copy, len);
	return finish(hive, ref, key, created);
}

enum wh_status
wh_key_create_path(struct wh_key parent, const char *path, size_t len, const struct wh_create *how,
		   struct wh_key *key, bool *created)
{
	const char *end, *left, *name;
	struct wh_key found;
	struct whi_nk nk;
	size_t name_len;
	enum wh_status st = whi_key_read(parent, &nk);

	*key = (struct wh_key){ 0 };
	*created = false;
	if (st != WH_OK)
		return st;
	if (!path) {
		path = "";
		len = 0;
	}
	if (len == WH_NTS)
		len = strlen(path);
	if (len > 0 && path[0] == '\\')
		return WH_E_BAD_PATH;
	for (end = path + len; left = path, path_next(&path, end, &name, &name_len);
	     parent = found) {
		st = wh_key_subkey(parent, name, name_len, &found);
		if (st == WH_E_NOT_FOUND)
			return create_rest(parent, left, (size_t)(end - left), how, key, created);
		if (st != WH_OK)
			return st;
	}
	*key = whi_key_handle(parent.hive, (cellref){ parent.cell });
	return WH_OK;
}
