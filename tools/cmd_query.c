/* SPDX-License-Identifier: MIT */
/* winhive query: keys and values in the form of "reg query". */
#include "cli.h"
#include "data.h"
#include "out.h"
#include "query.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
query_put_path(const struct query *q, const char *path, size_t len)
{
	out_colour(COLOUR_KEY);
	out_shown(q->base.path, q->base.len);
	if (q->base.len == 0 && len == 0)
		out_char('\\');
	if (q->base.len > 0 && len > 0)
		out_char('\\');
	out_shown(path, len);
	out_plain();
}

void
query_put_value(const struct wh_walk_value *value, const struct data *data)
{
	out_text("    ");
	out_colour(COLOUR_NAME);
	if (value->name_len > 0)
		out_shown(value->name, value->name_len);
	else
		out_text("(Default)");
	out_plain();
	out_text("    ");
	out_colour(COLOUR_TYPE);
	data_show_type(value->type);
	out_plain();
	out_text("    ");
	data_show(data);
	out_char('\n');
}

void
query_json_value(const struct wh_walk_value *value, const struct data *data, bool first)
{
	out_text(first ? "{\"name\":\"" : ",{\"name\":\"");
	out_json(value->name, value->name_len);
	out_text("\",");
	data_json(data);
	out_char('}');
}

void
query_put_head(const struct query *q, const struct wh_walk_key *key)
{
	char time[WH_TIME_TEXT];

	if (!cli_has(q->cli, OPT_JSON)) {
		out_char('\n');
		query_put_path(q, key->path, key->path_len);
		out_char('\n');
		return;
	}
	out_text("{\"path\":\"");
	out_json(q->base.path, q->base.len);
	if (q->base.len > 0 && key->path_len > 0)
		out_text("\\\\");
	out_json(key->path, key->path_len);
	wh_time_text(key->last_written, time);
	out_format("\",\"last_written\":\"%s\",\"last_written_filetime\":%" PRIu64 ",\"values\":[",
		   time, key->last_written);
}

/*
 * The values of one key.  Without any it is not named if its subkeys are, which have its name in
 * theirs; as reg.exe does it.
 */
static enum wh_status
put_key(struct query *q, const struct wh_walk_key *key)
{
	bool json = cli_has(q->cli, OPT_JSON), any = false;
	bool one = cli_wants_value(q->cli);
	uint32_t wanted = one ? cli_wanted_value(q->cli, key->key) : WH_NO_CELL;
	struct wh_walk_value value;
	struct data data;
	enum wh_status st;

	if (json && !one) {
		query_put_head(q, key);
		any = true;
	}
	for (bool first = true; (st = wh_walk_next_value(q->cli->walk, &value)) == WH_OK;) {
		if (one && value.value.cell != wanted)
			continue;
		if (!data_gather(q->cli->walk, &value, &data))
			return WH_E_MEMORY;
		q->matches++;
		if (!any)
			query_put_head(q, key);
		any = true;
		if (json)
			query_json_value(&value, &data, first);
		else
			query_put_value(&value, &data);
		first = false;
	}
	if (!any && !one && key->value_count == 0 && key->subkey_count == 0)
		query_put_head(q, key);
	if (json && any)
		out_text(one || cli_has(q->cli, OPT_RECURSE) ? "]}\n" : "],\"subkeys\":[");
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* The subkeys of the key asked for, which are not gone into. */
void
query_put_subkey(struct query *q, const struct wh_walk_key *key, bool first)
{
	if (cli_has(q->cli, OPT_JSON)) {
		out_text(first ? "\"" : ",\"");
		out_json(key->path, key->path_len);
		out_char('"');
		return;
	}
	if (first)
		out_char('\n');
	query_put_path(q, key->path, key->path_len);
	out_char('\n');
}

enum wh_status
query_no_value(const struct query *q)
{
	const char *name = q->cli->options[OPT_VALUE];

	if (cli_has(q->cli, OPT_RECURSE) && name) {
		cli_error(q->cli, "no key there has a value '%s'", name);
	} else if (cli_has(q->cli, OPT_RECURSE)) {
		cli_error(q->cli, "no key there has a default value");
	} else if (name) {
		cli_no_value(q->cli, &q->base, name);
	} else {
		query_put_head(
			q, &(struct wh_walk_key){ .path = "", .last_written = q->last_written });
		out_text(cli_has(q->cli, OPT_JSON)
				 ? "]}\n"
				 : "    (Default)    REG_SZ    (value not set)\n");
		return WH_OK;
	}
	return WH_E_NOT_FOUND;
}

static enum wh_status
query(struct query *q)
{
	bool recurse = cli_has(q->cli, OPT_RECURSE), first = true;
	struct wh_walk_key key;
	enum wh_status st = cli_walk_begin(q->cli, q->base.key, q->base.path, q->base.len);

	while (st == WH_OK && (st = cli_walk_next(q->cli, &key)) == WH_OK) {
		if (key.depth == 0)
			q->last_written = key.last_written;
		if (key.depth == 0 || recurse) {
			st = put_key(q, &key);
			if (cli_wants_value(q->cli) && !recurse)
				break;
		} else {
			query_put_subkey(q, &key, first);
			first = false;
			wh_walk_skip(q->cli->walk);
		}
	}
	if (cli_has(q->cli, OPT_JSON) && !recurse && !cli_wants_value(q->cli))
		out_text("]}\n");
	cli_walk_end(q->cli);
	return st == WH_E_NO_MORE ? WH_OK : st;
}

static int
run(struct cli *cli)
{
	struct query q = { .cli = cli };
	struct wh_hive *hive;
	enum wh_status st = WH_E_NOT_FOUND;

	if (cli->reg)
		return query_registry(&q);
	hive = cli_open(cli);
	if (!hive)
		return EXIT_UNREAD;
	if (cli_find(cli, hive, 1, &q.base)) {
		st = query(&q);
		if (st != WH_OK)
			cli_error(cli, "%s", wh_status_text(st));
		else if (cli_wants_value(cli) && q.matches == 0)
			st = query_no_value(&q);
		free(q.base.path);
	}
	wh_hive_close(hive);
	return st == WH_OK ? cli_result(cli) : EXIT_UNREAD;
}

const struct command cmd_query = {
	.name = "query",
	.synopsis = "HIVE [KEY] [-v NAME | -ve] [-s]",
	.summary = "the values and subkeys of a key, in the form of 'reg query'",
	.help = "  -v NAME, /v NAME  only the value of that name\n"
		"  -ve, /ve          only the default value\n"
		"  -s, /s            this key and all below it\n"
		"\n"
		"Examples:\n"
		"  winhive query SYSTEM Select\n"
		"  winhive query SOFTWARE 'Microsoft\\Windows NT\\CurrentVersion' -v ProductName\n"
		"  winhive query NTUSER.DAT 'Software\\Microsoft' -s --json\n",
	.options = BIT(OPT_VALUE) | BIT(OPT_DEFAULT_VALUE) | BIT(OPT_RECURSE),
	.folder = FOLDER_KEY,
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
