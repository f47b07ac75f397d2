/* SPDX-License-Identifier: MIT */
#include "editing.h"

#include "hive/hive.h"

#include "hive_builder.h"
#include "invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, CELL_HEAD = 4, MAX_HIVES = 4 };

/* Each hive has its own meter. */
static struct counted {
	struct wh_hive *hive;
	struct meter meter;
} hives[MAX_HIVES];

static void
need(bool fine, const char *what, const char *which)
{
	if (fine)
		return;
	fprintf(stderr, "%s: %s\n", what, which);
	abort();
}

static struct counted *
counted(const struct wh_hive *hive)
{
	for (size_t i = 0; i < MAX_HIVES; i++)
		if (hives[i].hive == hive)
			return &hives[i];
	abort();
}

struct wh_hive *
new_hive(uint32_t minor)
{
	struct counted *c = counted(NULL);
	struct wh_allocator alloc = meter_allocator(&c->meter);
	struct wh_options options = { .allocator = &alloc, .time = NOW };
	struct wh_new how = { .minor = minor };

	need(wh_hive_new(&how, &options, &c->hive) == WH_OK, "wh_hive_new", "");
	return c->hive;
}

void
set_now(struct wh_hive *hive, uint64_t filetime)
{
	hive->time = filetime;
}

void
close_hive(struct wh_hive *hive)
{
	struct counted *c = counted(hive);

	wh_hive_close(hive);
	c->hive = NULL;
	need(c->meter.blocks == 0 && c->meter.now == 0, "memory is left", "");
	need(!c->meter.wrong_size, "memory given back with another size", "");
}

/* --------------------------------------------------------------- shorthands */

struct wh_key
make_key(struct wh_hive *hive, const char *path)
{
	struct wh_key key;
	bool created;

	need(wh_key_create_path(wh_hive_root(hive), path, WH_NTS, NULL, &key, &created) == WH_OK,
	     "wh_key_create_path", path);
	return key;
}

struct wh_key
open_key(struct wh_hive *hive, const char *path)
{
	struct wh_key key;

	need(wh_key_open(wh_hive_root(hive), path, WH_NTS, &key) == WH_OK, "wh_key_open", path);
	return key;
}

bool
has_key(struct wh_hive *hive, const char *path)
{
	struct wh_key key;

	return wh_key_open(wh_hive_root(hive), path, WH_NTS, &key) == WH_OK;
}

struct wh_key_info
info_of(struct wh_key key)
{
	struct wh_key_info info;

	need(wh_key_info(key, &info) == WH_OK, "wh_key_info", "");
	return info;
}

void
set_value(struct wh_key key, const char *name, const void *data, size_t size)
{
	need(wh_value_set(key, name, WH_NTS, WH_REG_BINARY, data, size) == WH_OK, "wh_value_set",
	     name);
}

bool
has_value(struct wh_key key, const char *name, const void *data, size_t size)
{
	struct wh_value value;
	uint8_t *buf = malloc(size + 1);
	size_t len;
	bool same;

	need(buf != NULL, "malloc", name);
	same = wh_key_value(key, name, WH_NTS, &value) == WH_OK &&
	       wh_value_read(value, buf, size, &len) == WH_OK && len == size &&
	       memcmp(buf, data, size) == 0;
	free(buf);
	return same;
}

bool
has_class(struct wh_key key, const char *text)
{
	char buf[1024];
	size_t len;

	return wh_key_class(key, buf, sizeof buf, &len) == WH_OK && len == strlen(text) &&
	       memcmp(buf, text, len) == 0;
}

bool
has_name(struct wh_key key, const char *text)
{
	char buf[1024];
	size_t len;

	return wh_key_name(key, buf, sizeof buf, &len) == WH_OK && len == strlen(text) &&
	       memcmp(buf, text, len) == 0;
}

uint32_t
references_of(struct wh_key key)
{
	size_t len;
	const uint8_t *bytes = wh_hive_bytes(key.hive, &len);

	return get32(bytes + BINS + info_of(key).security + CELL_HEAD + 12);
}

bool
has_security(struct wh_key key, const void *descriptor, size_t len)
{
	const void *own;
	size_t own_len;

	return wh_key_security(key, &own, &own_len) == WH_OK && own_len == len &&
	       memcmp(own, descriptor, len) == 0;
}

void
small_sd(uint8_t sd[SMALL_SD], uint32_t rights, uint8_t ace_flags)
{
	static const uint8_t shape[SMALL_SD] = {
		1, 0, 4,  0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, /* head */
		2, 0, 28, 0,    1, 0, 0, 0,                                      /* DACL */
		0, 0, 20, 0,    0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0,  0, 0, 0, /* S-1-1-0 */
	};

	memcpy(sd, shape, sizeof shape);
	sd[29] = ace_flags;
	put32(sd + 32, rights);
}

/* -------------------------------------------------------------------- bytes */

void
expect_sound(struct wh_hive *hive)
{
	struct invariants inv = { 0 };
	struct issues issues = { 0 };
	struct wh_options options = { .issue = see_issue, .issue_ctx = &issues };
	struct wh_hive *again;
	uint64_t digest, digest_again;
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len);
	char rules[512];

	need(invariants_hold(&inv, bytes, len), inv.why, inv.odd_why);
	invariants_free(&inv);
	need(wh_hive_open_memory(bytes, len, &options, &again) == WH_OK, "opened again", "");
	need(read_everything(again, &digest_again) == WH_OK, "read again", "");
	rules_text(&issues, rules, sizeof rules);
	need(issues.count == 0, "opened again, it breaks", rules);
	need(read_everything(hive, &digest) == WH_OK, "read", "");
	need(digest == digest_again, "opened again, it says something else", "");
	wh_hive_close(again);
}

struct bytes
take_bytes(struct wh_hive *hive)
{
	struct bytes bytes;
	const void *at = wh_hive_bytes(hive, &bytes.len);

	bytes.at = malloc(bytes.len);
	need(bytes.at != NULL, "malloc", "");
	memcpy(bytes.at, at, bytes.len);
	return bytes;
}

bool
still_has(struct wh_hive *hive, struct bytes bytes)
{
	size_t len;
	const void *at = wh_hive_bytes(hive, &len);

	return len == bytes.len && memcmp(at, bytes.at, len) == 0;
}

void
drop_bytes(struct bytes bytes)
{
	free(bytes.at);
}

static bool
same_counts(const struct wh_hive_stats *a, const struct wh_hive_stats *b)
{
	return a->length == b->length && a->bins == b->bins && a->used_cells == b->used_cells &&
	       a->free_cells == b->free_cells && a->used_bytes == b->used_bytes &&
	       a->free_bytes == b->free_bytes && a->tail == b->tail;
}

size_t
starve(uint32_t minor, void (*build)(struct wh_hive *hive),
       enum wh_status (*change)(struct wh_hive *hive))
{
	size_t n = 0;

	for (enum wh_status st = WH_E_MEMORY; st != WH_OK;) {
		struct wh_hive *hive = new_hive(minor);
		struct bytes before;
		struct wh_hive_stats stats, stats_before;

		build(hive);
		before = take_bytes(hive);
		wh_hive_stats(hive, &stats_before);
		counted(hive)->meter.left = n;
		st = change(hive);
		counted(hive)->meter.left = SIZE_MAX;
		need(st == WH_OK || st == WH_E_MEMORY, "without memory", wh_status_name(st));
		wh_hive_stats(hive, &stats);
		if (st != WH_OK) {
			need(still_has(hive, before), "without memory", "bytes were changed");
			need(same_counts(&stats, &stats_before), "without memory",
			     "the counts were changed");
			n++;
		}
		expect_sound(hive);
		drop_bytes(before);
		close_hive(hive);
	}
	return n;
}
