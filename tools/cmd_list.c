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

/* Text to the buffer of the output; the compiler knows its length. */
#define PUT(to, literal) \
	((char *)memcpy((to), (literal), sizeof(literal) - 1) + sizeof(literal) - 1)

static char *
put_number(char *to, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	memcpy(to, digits + at, sizeof digits - at);
	return to + sizeof digits - at;
}

static void
put_class(const struct wh_walk_key *key)
{
	static char text[3 * 32768];
	size_t len;

	if (key->class_len == 0 || wh_key_class(key->key, text, sizeof text, &len) != WH_OK) {
		out_text("null");
		return;
	}
	out_char('"');
	out_json(text, len);
	out_char('"');
}

enum { DIGEST_TEXT = 2 * SHA256_DIGEST_SIZE };

static void
digest_pieces(struct wh_walk *walk, const struct wh_walk_value *value, char text[DIGEST_TEXT])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha;
	const void *piece;
	size_t len;

	sha256_init(&sha);
	sha256_update(&sha, value->data_len, value->data);
	while (value->data_len < value->size && wh_walk_data(walk, &piece, &len) == WH_OK)
		sha256_update(&sha, len, piece);
	sha256_digest(&sha, sizeof digest, digest);
	put_hex(text, digest, sizeof digest);
}

/* Digests of short data: many values have the same few bytes. */
enum { MEMO_DATA = 48, MEMO_BITS = 12 };

static struct memo {
	bool known;
	uint32_t len;
	uint64_t words[MEMO_DATA / 8]; /* the data, padded with zeros */
	char text[DIGEST_TEXT];
} memos[1 << MEMO_BITS];

static const struct memo *
remember(struct wh_walk *walk, const struct wh_walk_value *value)
{
	uint64_t words[MEMO_DATA / 8] = { 0 }, hash = value->size;
	struct memo *memo;

	if (value->size > 0)
		memcpy(words, value->data, value->size);
	for (size_t i = 0; i < (value->size + 7) / 8; i++)
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
	memo = &memos[hash >> (64 - MEMO_BITS)];
	if (!memo->known || memo->len != value->size ||
	    memcmp(memo->words, words, sizeof words) != 0) {
		digest_pieces(walk, value, memo->text);
		memcpy(memo->words, words, sizeof words);
		memo->len = value->size;
		memo->known = true;
	}
	return memo;
}

/* The digest of data that are not all there would look like one of data that are. */
static char *
put_digest(char *to, struct wh_walk *walk, const struct wh_walk_value *value)
{
	if (value->readable < value->size)
		return PUT(to, "null");
	*to++ = '"';
	if (value->size <= MEMO_DATA)
		memcpy(to, remember(walk, value)->text, DIGEST_TEXT);
	else
		digest_pieces(walk, value, to);
	to += DIGEST_TEXT;
	*to++ = '"';
	return to;
}

static void
put_value(struct wh_walk *walk, const struct wh_walk_value *value, bool first)
{
	enum { SHORT_NAME = 1024, REST = 256 };
	bool is_short = value->name_len <= SHORT_NAME;
	char *to = out_room(6 * SHORT_NAME + REST);

	to = first ? PUT(to, "{\"name\":\"") : PUT(to, ",{\"name\":\"");
	if (is_short) {
		to += json_escape(to, value->name, value->name_len);
	} else {
		out_used(to);
		out_json(value->name, value->name_len);
		to = out_room(REST);
	}
	to = PUT(to, "\",\"type\":");
	to = put_number(to, value->type);
	to = PUT(to, ",\"size\":");
	to = put_number(to, value->size);
	to = PUT(to, ",\"sha256\":");
	to = put_digest(to, walk, value);
	*to++ = '}';
	out_used(to);
}

static enum wh_status
put_values(struct wh_walk *walk)
{
	struct wh_walk_value value;
	enum wh_status st;

	for (bool first = true; (st = wh_walk_next_value(walk, &value)) == WH_OK; first = false)
		put_value(walk, &value, first);
	return st;
}

static void
put_head(const struct escaped_path *path, const struct wh_walk_key *key)
{
	char *to;

	out_text("{\"path\":\"");
	out_bytes(path->text, path->lens[key->depth]);
	to = PUT(out_room(64), "\",\"last_written\":");
	to = put_number(to, key->last_written);
	out_used(PUT(to, ",\"class\":"));
	put_class(key);
	out_text(",\"values\":[");
}

static enum wh_status
list(struct cli *cli, struct wh_hive *hive)
{
	struct escaped_path path = { 0 };
	struct wh_walk_key key;
	enum wh_status st = cli_walk_begin(cli, wh_hive_root(hive), "", 0);

	while (st == WH_OK && (st = cli_walk_next(cli, &key)) == WH_OK) {
		if (!extend(&path, &key)) {
			st = WH_E_MEMORY;
			break;
		}
		put_head(&path, &key);
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
	.help = "Members: path, last_written (FILETIME), class (or null), values, and of each "
		"value\n"
		"name, type, size and sha256 of the data (null if not all of them can be read).\n"
		"\n"
		"Examples:\n"
		"  winhive list SYSTEM > SYSTEM.jsonl\n"
		"  winhive list --no-logs SYSTEM | diff - SYSTEM.jsonl   # what the logs changed\n",
	.folder = FOLDER_HIVE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
