/* SPDX-License-Identifier: MIT */
/*
 * winhive list: every key as one line of JSON, in a form that is the same for every
 * reader that makes it: path, time, class, and of each value name, type, size and digest.
 */
#include "cli.h"
#include "out.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

/*
 * The path as it stands in the output, escaped.  Each key on the way to the one in hand
 * is escaped once: lens[d] is the length of the path of the key at depth d.
 */
struct escaped_path {
	char *text;
	size_t cap;
	size_t lens[513 + 1];
};

static bool
extend(struct escaped_path *path, const struct wh_walk_key *key)
{
	size_t name_len = key->path_len - key->name_at;
	size_t above = key->depth > 0 ? path->lens[key->depth - 1] : 0;
	size_t need = above + 2 + 6 * name_len;
	char *more;

	if (need > path->cap) {
		more = realloc(path->text, 2 * need);
		if (!more)
			return false;
		path->text = more;
		path->cap = 2 * need;
	}
	if (above > 0) {
		memcpy(path->text + above, "\\\\", 2);
		above += 2;
	}
	path->lens[key->depth] =
		above + json_escape(path->text + above, key->path + key->name_at, name_len);
	return true;
}

static void
put_number(uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	out_bytes(digits + at, sizeof digits - at);
}

static void
put_class(const struct wh_walk_key *key)
{
	static char text[3 * 32768];
	size_t len;

	if (key->info->class_len == 0 || wh_key_class(key->key, text, sizeof text, &len) != WH_OK) {
		out_text("null");
		return;
	}
	out_char('"');
	out_json(text, len);
	out_char('"');
}

/* The digest of data that are not all there would look like one of data that are. */
static void
put_digest(struct wh_walk *walk, const struct wh_walk_value *value)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha;
	const void *piece;
	size_t len;

	if (value->readable < value->size) {
		out_text("null");
		return;
	}
	sha256_init(&sha);
	sha256_update(&sha, value->data_len, value->data);
	while (value->data_len < value->size && wh_walk_data(walk, &piece, &len) == WH_OK)
		sha256_update(&sha, len, piece);
	sha256_digest(&sha, sizeof digest, digest);
	out_char('"');
	out_hex(digest, sizeof digest);
	out_char('"');
}

static enum wh_status
put_values(struct wh_walk *walk)
{
	struct wh_walk_value value;
	enum wh_status st;

	for (const char *comma = ""; (st = wh_walk_next_value(walk, &value)) == WH_OK;
	     comma = ",") {
		out_text(comma);
		out_text("{\"name\":\"");
		out_json(value.name, value.name_len);
		out_text("\",\"type\":");
		put_number(value.type);
		out_text(",\"size\":");
		put_number(value.size);
		out_text(",\"sha256\":");
		put_digest(walk, &value);
		out_char('}');
	}
	return st;
}

static enum wh_status
list(struct cli *cli, struct wh_hive *hive)
{
	struct escaped_path path = { 0 };
	struct wh_walk_key key;
	enum wh_status st = cli_walk_begin(cli, wh_hive_root(hive));

	while (st == WH_OK && (st = cli_walk_next(cli, &key)) == WH_OK) {
		if (!extend(&path, &key)) {
			st = WH_E_MEMORY;
			break;
		}
		out_text("{\"path\":\"");
		out_bytes(path.text, path.lens[key.depth]);
		out_text("\",\"last_written\":");
		put_number(key.info->last_written);
		out_text(",\"class\":");
		put_class(&key);
		out_text(",\"values\":[");
		st = put_values(cli->walk);
		out_text("]}\n");
		if (st == WH_E_NO_MORE)
			st = WH_OK;
	}
	free(path.text);
	cli_walk_end(cli);
	return st == WH_E_NO_MORE ? WH_OK : st;
}

static int
run(struct cli *cli)
{
	struct wh_hive *hive = cli_open(cli);
	enum wh_status st;

	if (!hive)
		return EXIT_UNREAD;
	st = list(cli, hive);
	wh_hive_close(hive);
	if (st == WH_OK)
		return cli_result(cli);
	cli_error(cli, "%s", wh_status_text(st));
	return EXIT_UNREAD;
}

const struct command cmd_list = {
	.name = "list",
	.synopsis = "HIVE",
	.summary = "every key and value as one line of JSON for each key",
	.help = "Members: path, last_written (FILETIME), class (or null), values, and of each value\n"
		"name, type, size and sha256 of the data (null if not all of them can be read).\n"
		"\n"
		"Examples:\n"
		"  winhive list SYSTEM > SYSTEM.jsonl\n"
		"  winhive list --no-logs SYSTEM | diff - SYSTEM.jsonl   # what the logs changed\n",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
