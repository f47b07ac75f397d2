/* SPDX-License-Identifier: MIT */
/*
 * Walk a hive with winhive and with another library at once, and say where they differ.
 *
 *	compare-... HIVE
 *
 * A line for each difference: what differs, where, winhive's side, the peer's side, the
 * type of the value, separated by tabs; bytes in hexadecimal.  The last line is "walked",
 * the keys and the values.  Exit code 0, whatever was found; PEER_REFUSES; WINHIVE_REFUSES.
 * differential.py knows which differences are to be.
 */
#include "compare.h"

#include "winhive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH = 1 << 17, MAX_NAME = 3 * 65536 };
/* Exit codes that sanitizers do not use. */
enum { WINHIVE_REFUSES = 2, PEER_REFUSES = 3 };

static char path[MAX_PATH]; /* of the key in hand */
static size_t path_len;
static void *file; /* of the peer */
static uint64_t keys, values;

/* What a difference is about: a key, or one of its values. */
struct subject {
	const struct bytes *name; /* NULL: the key itself */
	uint32_t type;
};
static const struct subject the_key;

static void
print_hex(const void *at, size_t len)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
}

static void
print_where(const char *what, const struct subject *about)
{
	printf("%s\t", what);
	print_hex(path, path_len);
	if (about->name) {
		putchar(':');
		print_hex(about->name->at, about->name->len);
	}
}

static void
differ_number(const char *what, const struct subject *about, uint64_t ours, uint64_t theirs)
{
	if (ours == theirs)
		return;
	print_where(what, about);
	printf("\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu32 "\n", ours, theirs, about->type);
}

static void
differ_bytes(const char *what, const struct subject *about, const struct bytes *ours,
	     const struct bytes *theirs)
{
	if (ours->len == theirs->len &&
	    (ours->len == 0 || memcmp(ours->at, theirs->at, ours->len) == 0))
		return;
	print_where(what, about);
	putchar('\t');
	print_hex(ours->at, ours->len);
	putchar('\t');
	print_hex(theirs->at, theirs->len);
	printf("\t%" PRIu32 "\n", about->type);
}

static void
differ_unreadable(const char *what, const struct subject *about)
{
	print_where(what, about);
	printf("\t\t\t%" PRIu32 "\n", about->type);
}

/* --------------------------------------------------------------------- values */

static struct bytes
read_data(struct wh_value value, uint32_t size)
{
	struct bytes data = { malloc(size ? size : 1), 0 };

	if (!data.at || wh_value_read(value, data.at, size, &data.len) != WH_OK)
		data.len = 0;
	return data;
}

static void
compare_value(struct wh_value value, union handle their_handle)
{
	static char name[MAX_NAME];
	struct peer_value theirs = { 0 };
	struct wh_value_info info;
	struct bytes our_name = { name, 0 }, data;
	struct subject about = { &our_name, 0 };

	if (wh_value_info(value, &info) != WH_OK ||
	    wh_value_name(value, name, sizeof name, &our_name.len) != WH_OK)
		return;
	values++;
	about.type = info.type;
	data = read_data(value, info.size);
	differ_number("readable", &about, data.len, info.size);
	if (peer.read_value(file, their_handle, &theirs)) {
		differ_bytes("value-name", &about, &our_name, &theirs.name);
		differ_number("type", &about, info.type, theirs.type);
		/* The kinds of storage apart: peers have their weaknesses with each. */
		differ_bytes(info.big_data      ? "big-data"
			     : info.inline_data ? "inline-data"
						: "data",
			     &about, &data, &theirs.data);
	} else {
		differ_unreadable(info.tombstone ? "tombstone-unreadable" : "value-unreadable",
				  &about);
	}
	free(data.at);
	free(theirs.name.at);
	free(theirs.data.at);
}

static void
compare_values(struct wh_key key, union handle their_key)
{
	struct handles theirs = { 0 };
	struct wh_value value;
	enum wh_status st = WH_OK;
	size_t count = 0;

	if (!peer.values(file, their_key, &theirs))
		differ_unreadable("values-unreadable", &the_key);
	else
		for (uint32_t i = 0; st != WH_E_NO_MORE; i++) {
			st = wh_key_value_at(key, i, &value);
			if (st != WH_OK)
				continue;
			if (count < theirs.count)
				compare_value(value, theirs.at[count]);
			count++;
		}
	differ_number("value-count", &the_key, count, theirs.count);
	for (size_t i = 0; i < theirs.count; i++)
		peer.free_value(theirs.at[i]);
	free(theirs.at);
}

/* ----------------------------------------------------------------------- keys */

static void compare_key(struct wh_key key, union handle theirs, bool is_root);

static void
compare_subkeys(struct wh_key key, union handle their_key)
{
	struct handles theirs = { 0 };
	struct wh_subkeys it;
	struct wh_key child;
	enum wh_status st = wh_subkeys_begin(key, &it);
	size_t count = 0;

	if (st != WH_OK || !peer.subkeys(file, their_key, &theirs))
		differ_unreadable("subkeys-unreadable", &the_key);
	else
		while ((st = wh_subkeys_next(&it, &child)) != WH_E_NO_MORE) {
			if (st != WH_OK)
				continue;
			if (count < theirs.count)
				compare_key(child, theirs.at[count], false);
			count++;
		}
	differ_number("subkey-count", &the_key, count, theirs.count);
	for (size_t i = 0; i < theirs.count; i++)
		peer.free_key(theirs.at[i]);
	free(theirs.at);
}

/* The names, too, of the root: all but its path. */
static void
compare_key(struct wh_key key, union handle their_key, bool is_root)
{
	static char name[MAX_NAME];
	struct peer_key theirs = { 0 };
	struct wh_key_info info;
	struct bytes ours = { name, 0 };
	size_t above = path_len;

	if (wh_key_info(key, &info) != WH_OK ||
	    wh_key_name(key, name, sizeof name, &ours.len) != WH_OK)
		return;
	keys++;
	if (!is_root && ours.len + 1 < MAX_PATH - path_len) {
		if (path_len > 0)
			path[path_len++] = '\\';
		memcpy(path + path_len, name, ours.len);
		path_len += ours.len;
	}
	if (peer.read_key(file, their_key, &theirs)) {
		differ_bytes("key-name", &the_key, &ours, &theirs.name);
		differ_number("last-written", &the_key, info.last_written, theirs.last_written);
	} else {
		differ_unreadable("key-unreadable", &the_key);
	}
	free(theirs.name.at);
	if (their_key.pointer) {
		compare_values(key, their_key);
		compare_subkeys(key, their_key);
	}
	path_len = above;
}

int
main(int argc, char **argv)
{
	struct wh_options options = { .flags = WH_OPEN_NO_LOGS };
	struct wh_hive *hive;
	union handle root;

	if (argc != 2 || wh_hive_open(argv[1], &options, &hive) != WH_OK)
		return WINHIVE_REFUSES;
	if (!peer.open(argv[1], &file) || !peer.root(file, &root)) {
		if (file)
			peer.close(file);
		wh_hive_close(hive);
		return PEER_REFUSES;
	}
	compare_key(wh_hive_root(hive), root, true);
	printf("walked\t%" PRIu64 "\t%" PRIu64 "\n", keys, values);
	peer.free_key(root);
	peer.close(file);
	wh_hive_close(hive);
	return 0;
}
