/* SPDX-License-Identifier: MIT */
/* winhive tree: keys by their names, each level two columns further in. */
#include "cli.h"
#include "out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool
parse_depth(struct cli *cli, unsigned *depth)
{
	const char *text = cli->options[OPT_DEPTH];
	char *end;
	unsigned long n;

	*depth = UINT32_MAX;
	if (!text)
		return true;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno || n > UINT32_MAX) {
		return cli_wrong_use(cli, "--depth needs a number, not '%s'", text);
	}
	*depth = (unsigned)n;
	return true;
}

static void
put_key(const struct wh_walk_key *key, bool cut)
{
	for (unsigned i = 1; i < key->depth; i++)
		out_text("  ");
	out_colour(COLOUR_KEY);
	out_shown(key->path + key->name_at, key->path_len - key->name_at);
	out_plain();
	if (key->value_count > 0)
		out_format(" (%" PRIu32 ")", key->value_count);
	if (cut)
		out_text(" ...");
	out_char('\n');
}

static void
json_key(const struct place *top, const struct wh_walk_key *key)
{
	char time[WH_TIME_TEXT];

	out_text("{\"path\":\"");
	out_json(top->path, top->len);
	if (top->len > 0 && key->path_len > 0)
		out_text("\\\\");
	out_json(key->path, key->path_len);
	wh_time_text(key->last_written, time);
	out_format("\",\"depth\":%u,\"last_written\":\"%s\",\"last_written_filetime\":%" PRIu64
		   ",\"subkey_count\":%" PRIu32 ",\"value_count\":%" PRIu32 "}\n",
		   key->depth, time, key->last_written, key->subkey_count, key->value_count);
}

static enum wh_status
tree(struct cli *cli, const struct place *top, unsigned max_depth, uint64_t *count)
{
	struct wh_walk_key key;
	enum wh_status st = cli_walk_begin(cli, top->key, top->path, top->len);

	while (st == WH_OK && (st = cli_walk_next(cli, &key)) == WH_OK) {
		bool cut = key.depth >= max_depth && key.subkey_count > 0;

		if (cli_has(cli, OPT_JSON))
			json_key(top, &key);
		else if (key.depth > 0)
			put_key(&key, cut);
		*count += key.depth > 0;
		if (cut)
			wh_walk_skip(cli->walk);
	}
	cli_walk_end(cli);
	return st == WH_E_NO_MORE ? WH_OK : st;
}

static int
run(struct cli *cli)
{
	struct wh_hive *hive;
	enum wh_status st = WH_E_NOT_FOUND;
	struct place top;
	unsigned max_depth;
	uint64_t count = 0;

	if (!parse_depth(cli, &max_depth))
		return EXIT_WRONG_USE;
	hive = cli_open(cli);
	if (!hive)
		return EXIT_UNREAD;
	if (cli_find(cli, hive, 1, &top)) {
		st = tree(cli, &top, max_depth, &count);
		if (st == WH_OK && !cli_has(cli, OPT_JSON))
			out_format("%" PRIu64 " %s\n", count, count == 1 ? "key" : "keys");
		else if (st != WH_OK)
			cli_error(cli, "%s", wh_status_text(st));
		free(top.path);
	}
	wh_hive_close(hive);
	return st == WH_OK ? cli_result(cli) : EXIT_UNREAD;
}

const struct command cmd_tree = {
	.name = "tree",
	.synopsis = "HIVE [KEY] [-d DEPTH]",
	.summary = "the keys below a key, by their names",
	.help = "Behind a name: the number of its values, and ... if there is more that is not "
		"shown.\n"
		"\n"
		"  -d, --depth N  go no further than N levels down\n"
		"\n"
		"Examples:\n"
		"  winhive tree SYSTEM -d 2\n"
		"  winhive tree NTUSER.DAT 'Software\\Microsoft\\Office'\n",
	.options = BIT(OPT_DEPTH),
	.folder = FOLDER_KEY,
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
