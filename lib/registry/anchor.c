/* SPDX-License-Identifier: MIT */
/*
 * Anchors: what ties volatile keys to the key of a hive that they are below.  The list of a mount
 * is in the order of the cells of these keys, which is halved; the way back, from an anchor to its
 * key, is gone through from end to end, since only paths of volatile keys take it.
 *
 * An anchor may be left without subkeys.  That of a key that was deleted leaves the list at once,
 * before another key can live in the cell.
 */
#include "registry/registry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The first anchor of a key in that cell or a later one. */
static size_t
lower_bound(const struct whi_mount *mount, uint32_t cell)
{
	size_t from = 0, to = mount->anchor_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (mount->anchors[middle].key.cell < cell)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The index of the anchor of a key; 'anchor_count' if it has none. */
static size_t
find(const struct whi_mount *mount, struct wh_key key)
{
	size_t i = lower_bound(mount, key.cell);

	if (i < mount->anchor_count && whi_key_equal(mount->anchors[i].key, key))
		return i;
	return mount->anchor_count;
}

bool
whi_anchor_of(const struct whi_mount *mount, struct wh_key key, struct wh_key *anchor)
{
	size_t i;

	if (mount->anchor_count == 0)
		return false;
	i = find(mount, key);
	if (i == mount->anchor_count)
		return false;
	*anchor = mount->anchors[i].anchor;
	return true;
}

bool
whi_anchor_key(const struct whi_mount *mount, struct wh_key anchor, struct wh_key *key)
{
	for (size_t i = 0; i < mount->anchor_count; i++) {
		if (!whi_key_equal(mount->anchors[i].anchor, anchor))
			continue;
		*key = mount->anchors[i].key;
		return true;
	}
	return false;
}

static void
insert(struct whi_mount *mount, struct wh_key key, struct wh_key anchor)
{
	size_t i = lower_bound(mount, key.cell);

	memmove(mount->anchors + i + 1, mount->anchors + i,
		(mount->anchor_count - i) * sizeof *mount->anchors);
	mount->anchors[i] = (struct whi_anchor){ key, anchor };
	mount->anchor_count++;
}

static void
take_out(struct whi_mount *mount, size_t i)
{
	mount->anchor_count--;
	memmove(mount->anchors + i, mount->anchors + i + 1,
		(mount->anchor_count - i) * sizeof *mount->anchors);
}

enum wh_status
whi_anchor_prepare(struct whi_mount *mount)
{
	const struct wh_reg *reg = mount->machine->reg;
	struct wh_options options = { .allocator = &reg->alloc, .time = reg->options.time };
	struct wh_new how = { .root_name = "VOLATILE", .root_name_len = WH_NTS };

	return mount->shadow ? WH_OK : wh_hive_new(&how, &options, &mount->shadow);
}

/* A new anchor, which stands for its key also when others inherit its security. */
static enum wh_status
make(struct whi_mount *mount, struct wh_key key, struct wh_create *how, struct wh_key *anchor)
{
	char name[sizeof mount->next_anchor * 2 + 1];
	enum wh_status st;
	bool created;

	if (!whi_grow(&mount->machine->reg->alloc, &mount->anchors, &mount->anchor_cap,
		      mount->anchor_count + 1, sizeof *mount->anchors))
		return WH_E_MEMORY;
	st = whi_anchor_prepare(mount);
	if (st != WH_OK)
		return st;
	snprintf(name, sizeof name, "%" PRIx32, mount->next_anchor);
	st = wh_key_create(wh_hive_root(mount->shadow), name, WH_NTS, how, anchor, &created);
	if (st != WH_OK)
		return st;
	mount->next_anchor++;
	insert(mount, key, *anchor);
	return WH_OK;
}

enum wh_status
whi_anchor_make(struct whi_mount *mount, struct wh_key key, struct wh_key *anchor)
{
	struct wh_create how = { 0 };
	enum wh_status st = wh_key_security(key, &how.security, &how.security_len);

	*anchor = (struct wh_key){ 0 };
	if (st != WH_OK && st != WH_E_CORRUPT) /* without one it is as in a new hive */
		return st;
	if (!whi_anchor_of(mount, key, anchor))
		return make(mount, key, &how, anchor);
	/* What the key had when the anchor was made may have been replaced since. */
	return st == WH_OK ? wh_key_set_security(*anchor, how.security, how.security_len) : WH_OK;
}

void
whi_anchor_drop(struct whi_mount *mount, struct wh_key key)
{
	size_t i = find(mount, key);
	enum wh_status st;

	if (i == mount->anchor_count)
		return;
	st = wh_key_delete(mount->anchors[i].anchor);
	(void)st; /* if there is no memory for that, a key without a way to it is left in memory */
	take_out(mount, i);
}

void
whi_anchor_follow(struct whi_mount *mount, struct wh_key key, struct wh_key now)
{
	size_t i = find(mount, key);

	if (i < mount->anchor_count) {
		struct wh_key anchor = mount->anchors[i].anchor;

		take_out(mount, i);
		insert(mount, now, anchor);
	}
}
