/* SPDX-License-Identifier: MIT */
/*
 * From a place and a path to a place.  A path is walked where the caller has it; only a link on
 * the way makes a new one, of its target and what is left.
 */
#include "registry/registry.h"

#include "base/path.h"
#include "base/utf.h"

#include <string.h>

#define VIEWS (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY)

enum { MAX_LINKS = 64, NAME_UNITS = 256 };

/* A walk along a path. */
struct walk {
	struct wh_reg *reg;
	const struct whi_place *from;
	struct whi_place at;
	const char *path, *end; /* what is left of the path */
	char *own;              /* the path, if it is one of ours */
	size_t own_size;
	unsigned flags, links; /* WHI_RESOLVE_*; links followed so far */
	bool lost;             /* a link has no target that a path could be */
};

static void
walk_fini(struct walk *w)
{
	whi_free(&w->reg->alloc, w->own, w->own_size);
}

/* A name that no key can have; of one that is short enough in bytes nothing has to be counted. */
static bool
is_too_long(const char *name, size_t len)
{
	size_t units;

	return len > NAME_UNITS &&
	       (!whi_utf16_from_utf8(name, len, NULL, 0, &units) || units > NAME_UNITS);
}

/* The names of a path, joined by single backslashes, in a block as long as the path and a NUL. */
static enum wh_status
join_names(const struct wh_allocator *a, const char *path, const char *end, char **joined,
	   size_t *len)
{
	char *text = whi_alloc(a, (size_t)(end - path) + 1), *at = text;
	const char *name;
	size_t name_len;

	if (!text)
		return WH_E_MEMORY;
	while (path_next(&path, end, &name, &name_len)) {
		if (at > text)
			*at++ = '\\';
		memcpy(at, name, name_len);
		at += name_len;
	}
	*at = '\0';
	*joined = text;
	*len = (size_t)(at - text);
	return WH_OK;
}

/* ------------------------------------------------------------------------- links */

static struct whi_place
master_root(struct whi_machine *machine)
{
	return (struct whi_place){
		.node = { &machine->master, wh_hive_root(machine->master.hive) },
	};
}

/* Begin again at the root of a machine, with an absolute path. */
static enum wh_status
start_absolute(struct walk *w, struct whi_machine *machine, const char *path, const char *end)
{
	const char *name;
	size_t len;

	if (path == end || *path != '\\' || !path_next(&path, end, &name, &len) ||
	    whi_reg_compare(name, len, "REGISTRY", strlen("REGISTRY")) != 0)
		return WH_E_NOT_FOUND;
	w->at = master_root(machine);
	w->path = path;
	w->end = end;
	return WH_OK;
}

/* Go on with the target of a link, and what was left of the path behind it. */
static enum wh_status
follow(struct walk *w, const struct whi_node *link)
{
	const struct wh_allocator *a = &w->reg->alloc;
	size_t target_len, rest = (size_t)(w->end - w->path), size;
	char *target, *path;
	enum wh_status st;

	if (++w->links > MAX_LINKS)
		return WH_E_INVALID;
	w->lost = true;
	st = whi_node_link(link, &target, &target_len);
	if (st != WH_OK)
		return st;
	size = target_len + 1 + rest;
	path = whi_alloc(a, size);
	if (path) {
		memcpy(path, target, target_len);
		path[target_len] = '\\';
		if (rest > 0)
			memcpy(path + target_len + 1, w->path, rest);
	}
	whi_free(a, target, target_len + 1);
	if (!path)
		return WH_E_MEMORY;
	walk_fini(w);
	w->own = path;
	w->own_size = size;
	st = start_absolute(w, link->mount->machine, path, path + size);
	w->lost = st != WH_OK;
	return st;
}

/* ----------------------------------------------------------------------- the walk */

static bool
is_last(const struct walk *w)
{
	const char *at = w->path;

	while (at < w->end && *at == '\\')
		at++;
	return at == w->end;
}

/* Go to a subkey, or to where it leads if it is a link that is to be followed. */
static enum wh_status
step(struct walk *w, const char *name, size_t len)
{
	struct whi_place child;
	enum wh_status st;

	if (w->at.merged)
		st = whi_place_child(&w->at, name, len, &child);
	else
		st = whi_node_child(&w->at.node, name, len, &child.node);
	if (st != WH_OK)
		return st;
	if (whi_node_is_link(&child.node) && !((w->flags & WHI_RESOLVE_OPEN_LINK) && is_last(w)))
		return follow(w, &child.node);
	if (w->at.merged)
		w->at = child;
	else
		w->at.node = child.node;
	/* A link may have led out of the merged view, and the path leads into it again. */
	if (w->links > 0 && !w->at.merged && w->from && w->from->merged) {
		child.node = w->at.node;
		st = whi_place_at_node(w->from, child.node, &w->at);
	}
	return st;
}

/*
 * To the end of the path, or with WHI_RESOLVE_PARENT to where a key is missing: then the path
 * that is left begins with its name.
 */
static enum wh_status
walk_on(struct walk *w)
{
	const char *name;
	size_t len;
	enum wh_status st = WH_OK;

	while (st == WH_OK && path_next(&w->path, w->end, &name, &len)) {
		if (is_too_long(name, len))
			return WH_E_INVALID;
		st = step(w, name, len);
		if (st == WH_E_NOT_FOUND && (w->flags & WHI_RESOLVE_PARENT) && !w->lost) {
			w->path = name;
			return WH_OK;
		}
	}
	return st;
}

/* The place and the rest of a walk that came to an end. */
static enum wh_status
finish(const struct walk *w, struct whi_place *place, struct whi_rest *rest)
{
	enum wh_status st = WH_OK;

	if (rest && !is_last(w)) {
		rest->size = (size_t)(w->end - w->path) + 1;
		st = join_names(&w->reg->alloc, w->path, w->end, &rest->path, &rest->len);
	}
	if (st == WH_OK)
		*place = w->at;
	return st;
}

static enum wh_status
run(struct walk *w, struct whi_place *place, struct whi_rest *rest)
{
	enum wh_status st = walk_on(w);

	if (st == WH_OK)
		st = finish(w, place, rest);
	walk_fini(w);
	return st;
}

enum wh_status
whi_resolve_absolute(struct whi_machine *machine, const char *path, size_t len, unsigned flags,
		     struct whi_node *node)
{
	struct walk w = { .reg = machine->reg, .flags = flags & WHI_RESOLVE_OPEN_LINK };
	struct whi_place place = { 0 };
	enum wh_status st;

	*node = (struct whi_node){ 0 };
	if (len == WH_NTS)
		len = strlen(path);
	st = start_absolute(&w, machine, path, path + len);
	if (st == WH_OK)
		st = run(&w, &place, NULL);
	if (st == WH_OK)
		*node = place.node;
	return st;
}

/* ---------------------------------------------------------------- the 32-bit view */

/* What is at a path below a node in the 32-bit view. */
static enum wh_status
redirected_path(struct wh_reg *reg, const struct whi_node *from, const char *path, size_t len,
		char **text, size_t *text_len)
{
	const struct wh_allocator *a = &reg->alloc;
	char *base = NULL, *names = NULL, *whole = NULL;
	size_t base_len = 0, names_len = 0, size = 0;
	enum wh_status st = whi_node_path(from, &base, &base_len);

	*text = NULL;
	if (st == WH_OK)
		st = join_names(a, path, path + len, &names, &names_len);
	if (st == WH_OK) {
		size = base_len + 1 + names_len;
		whole = whi_alloc(a, size);
		st = whole ? WH_OK : WH_E_MEMORY;
	}
	if (st == WH_OK) {
		memcpy(whole, base, base_len);
		whole[base_len] = '\\';
		memcpy(whole + base_len + 1, names, names_len);
		st = whi_view_redirect(a, whole, size, text, text_len);
	}
	whi_free(a, whole, size);
	whi_free(a, names, len + 1);
	whi_free(a, base, base_len + 1);
	return st;
}

/* One side of a place, in the 32-bit view. */
static enum wh_status
resolve_32(struct wh_reg *reg, const struct whi_node *from, const char *path, size_t len,
	   unsigned flags, struct whi_place *place, struct whi_rest *rest)
{
	struct walk w = { .reg = reg, .flags = flags };
	char *text;
	size_t text_len;
	enum wh_status st = redirected_path(reg, from, path, len, &text, &text_len);

	if (st != WH_OK)
		return st;
	if (text) {
		w.own = text;
		w.own_size = text_len + 1;
		st = start_absolute(&w, from->mount->machine, text, text + text_len);
	} else {
		w.at.node = *from;
		w.path = path;
		w.end = path + len;
	}
	if (st == WH_OK)
		return run(&w, place, rest);
	walk_fini(&w);
	return st;
}

/*
 * The two sides of a merged place have their 32-bit views each, and one where the key is leads to
 * the other.  When it is on neither that one is told of where it would be made.
 */
static enum wh_status
resolve_merged_32(struct wh_reg *reg, const struct whi_place *from, const char *path, size_t len,
		  unsigned flags, struct whi_place *place, struct whi_rest *rest)
{
	struct whi_node last = whi_place_to_create(from);
	struct whi_place found = { 0 };
	enum wh_status st = WH_E_NOT_FOUND;

	if (from->other.mount)
		st = resolve_32(reg, &from->node, path, len, flags & ~(unsigned)WHI_RESOLVE_PARENT,
				&found, NULL);
	if (st == WH_E_NOT_FOUND)
		st = resolve_32(reg, &last, path, len, flags, &found, rest);
	return st == WH_OK ? whi_place_at_node(from, found.node, place) : st;
}

/* ------------------------------------------------------------------------- resolve */

/* Is there no name in a path? */
static bool
is_empty(const char *path, size_t len)
{
	while (len > 0 && *path == '\\') {
		path++;
		len--;
	}
	return len == 0;
}

/* Only the path at HKEY_CLASSES_ROOT itself may begin with a backslash. */
static bool
is_classes_root(const struct whi_place *place)
{
	return place->merged && (whi_node_equal(place->node, place->user_root) ||
				 whi_node_equal(place->node, place->machine_root));
}

void
whi_rest_free(struct wh_reg *reg, struct whi_rest *rest)
{
	if (rest->path)
		whi_free(&reg->alloc, rest->path, rest->size);
	*rest = (struct whi_rest){ 0 };
}

enum wh_status
whi_resolve(struct wh_reg *reg, const struct whi_place *from, const char *path, size_t len,
	    unsigned flags, uint32_t view, struct whi_place *place, struct whi_rest *rest)
{
	struct walk w = { .reg = reg, .from = from, .at = *from, .flags = flags };

	*place = (struct whi_place){ 0 };
	if (rest)
		*rest = (struct whi_rest){ 0 };
	if ((view & VIEWS) == VIEWS)
		return WH_E_INVALID;
	if (!path) {
		path = "";
		len = 0;
	}
	if (len == WH_NTS)
		len = strlen(path);
	if (len > 0 && path[0] == '\\') {
		if (!is_classes_root(from))
			return WH_E_BAD_PATH;
		path++;
		len--;
	}
	/* An empty path is the key of the handle in either view, above all when it is deleted. */
	if ((view & WH_KEY_WOW64_32KEY) && !is_empty(path, len)) {
		if (from->merged)
			return resolve_merged_32(reg, from, path, len, flags, place, rest);
		return resolve_32(reg, &from->node, path, len, flags, place, rest);
	}
	w.path = path;
	w.end = path + len;
	return run(&w, place, rest);
}

void
whi_place_made(const struct whi_place *above, struct whi_node node, struct whi_place *place)
{
	*place = (struct whi_place){ .node = node };
	if (!above->merged)
		return;
	place->merged = true;
	place->opened = node;
	place->user_root = above->user_root;
	place->machine_root = above->machine_root;
}

/* The rights to make keys of these kinds below a node. */
static enum wh_status
may_create(struct wh_reg *reg, const struct whi_node *parent, uint32_t options)
{
	uint32_t wanted = WH_KEY_CREATE_SUB_KEY, granted;

	if (options & WH_REG_OPTION_CREATE_LINK)
		wanted |= WH_KEY_CREATE_LINK;
	return whi_access_check(reg, parent, wanted, &granted);
}

/* Make what is left of a path below the last key that is there. */
static enum wh_status
create_rest(struct wh_reg *reg, const struct whi_place *above, const struct whi_rest *rest,
	    uint32_t options, const struct wh_create *how, struct whi_place *place)
{
	struct whi_node parent = whi_place_to_create(above), node;
	enum wh_status st = may_create(reg, &parent, options);

	if (st == WH_OK)
		st = whi_node_create(&parent, rest->path, rest->len, options, how, &node);
	if (st == WH_OK)
		whi_place_made(above, node, place);
	return st;
}

enum wh_status
whi_place_create(struct wh_reg *reg, const struct whi_place *from, const char *path, size_t len,
		 uint32_t options, uint32_t view, const struct wh_create *how,
		 struct whi_place *place, bool *created)
{
	const uint32_t links = WH_REG_OPTION_OPEN_LINK | WH_REG_OPTION_CREATE_LINK;
	unsigned flags = WHI_RESOLVE_PARENT | (options & links ? WHI_RESOLVE_OPEN_LINK : 0u);
	struct whi_place found;
	struct whi_rest rest;
	enum wh_status st = whi_resolve(reg, from, path, len, flags, view, &found, &rest);

	*place = (struct whi_place){ 0 };
	*created = false;
	if (st != WH_OK)
		return st;
	if (rest.len == 0) {
		st = options & WH_REG_OPTION_CREATE_LINK ? WH_E_EXISTS : WH_OK;
		if (st == WH_OK)
			*place = found;
	} else {
		st = create_rest(reg, &found, &rest, options, how, place);
		*created = st == WH_OK;
	}
	whi_rest_free(reg, &rest);
	return st;
}

/* ----------------------------------------------------------------- predefined roots */

/* A path that was written here, below a root that is there. */
static enum wh_status
below(struct whi_machine *machine, const struct whi_place *from, const char *path,
      struct whi_place *place)
{
	return whi_resolve(machine->reg, from, path, WH_NTS, 0, 0, place, NULL);
}

static enum wh_status
current_user(struct whi_machine *machine, struct whi_place *place)
{
	struct whi_node users = { &machine->master, machine->user_key };

	if (!machine->current_user)
		return WH_E_NOT_FOUND;
	return whi_node_child(&users, machine->current_user, WH_NTS, &place->node);
}

enum wh_status
whi_predefined_root(struct whi_machine *machine, wh_hkey key, struct whi_place *place)
{
	struct whi_place local = { .node = { &machine->master, machine->machine_key } };
	struct whi_place user = { 0 };
	enum wh_status st;

	*place = (struct whi_place){ 0 };
	switch (key) {
	case WH_HKEY_LOCAL_MACHINE:
		*place = local;
		return WH_OK;
	case WH_HKEY_USERS:
		place->node = (struct whi_node){ &machine->master, machine->user_key };
		return WH_OK;
	case WH_HKEY_CURRENT_USER:
		return current_user(machine, place);
	case WH_HKEY_CLASSES_ROOT:
		return whi_classes_root(machine, machine->current_user, WH_NTS, place);
	case WH_HKEY_CURRENT_CONFIG:
		return below(machine, &local,
			     "SYSTEM\\CurrentControlSet\\Hardware Profiles\\Current", place);
	case WH_HKEY_CURRENT_USER_LOCAL_SETTINGS:
		st = current_user(machine, &user);
		return st == WH_OK
			       ? below(machine, &user, "Software\\Classes\\Local Settings", place)
			       : st;
	default:
		return WH_E_HANDLE;
	}
}
