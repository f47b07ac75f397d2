/* SPDX-License-Identifier: MIT */
/*
 * winhive query of a key that is in no one hive: HKEY_CLASSES_ROOT, which is two keys seen as one,
 * and the roots that hives are mounted below.
 */
#include "query.h"
#include "windows.h"

#include "out.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 2 * 65535, MAX_VALUE_NAME = 3 * 16383 };

/* One key of it. */
struct visit {
	struct query *q;
	wh_hkey key;
	struct wh_walk_key at; /* path and time */
	bool any;              /* something of it was printed */
};

struct buffers {
	char name[MAX_NAME];
	char *data; /* free() */
	size_t cap;
};
static struct buffers buffers;

/*
 * A value with its data, by its index or, if one is asked for, by its name; the buffer grows until
 * they fit.
 */
static enum wh_status
read_value(const struct visit *v, const char *wanted, uint32_t index, struct wh_walk_value *value,
	   struct data *data)
{
	static char name[MAX_VALUE_NAME];
	struct wh_reg *reg = v->q->cli->reg;
	size_t name_len = 0, len;
	enum wh_status st;
	uint32_t type;
	char *more;

	for (;;) {
		if (wanted)
			st = wh_reg_query_value_ex(reg, v->key, wanted, WH_NTS, &type, buffers.data,
						   buffers.cap, &len);
		else
			st = wh_reg_enum_value(reg, v->key, index, name, sizeof name, &name_len,
					       &type, buffers.data, buffers.cap, &len);
		if (st != WH_E_MORE_DATA && (st != WH_OK || len <= buffers.cap))
			break;
		more = realloc(buffers.data, len);
		if (!more)
			return WH_E_MEMORY;
		buffers.data = more;
		buffers.cap = len;
	}
	*value = (struct wh_walk_value){
		.name = wanted ? wanted : name,
		.name_len = wanted ? strlen(wanted) : name_len,
		.type = type,
	};
	*data = (struct data){ type, (uint32_t)len, (const uint8_t *)buffers.data, len };
	return st;
}

static void
put_head(struct visit *v)
{
	query_put_head(v->q, &v->at);
	v->any = true;
}

static enum wh_status
put_values(struct visit *v)
{
	const struct cli *cli = v->q->cli;
	const char *wanted = cli_has(cli, OPT_DEFAULT_VALUE) ? "" : cli->options[OPT_VALUE];
	struct wh_walk_value value;
	struct data data;
	enum wh_status st = WH_OK;

	for (uint32_t i = 0; st == WH_OK && (i == 0 || !wanted); i++) {
		st = read_value(v, wanted, i, &value, &data);
		if (st != WH_OK)
			break;
		v->q->matches++;
		if (!v->any)
			put_head(v);
		if (cli_has(cli, OPT_JSON))
			query_json_value(&value, &data, i == 0);
		else
			query_put_value(&value, &data);
	}
	return st == WH_E_NO_MORE || (wanted && st == WH_E_NOT_FOUND) ? WH_OK : st;
}

static enum wh_status
put_subkeys(struct visit *v)
{
	struct wh_walk_key subkey = { .path = buffers.name };
	enum wh_status st = WH_OK;

	for (uint32_t i = 0; st == WH_OK; i++) {
		st = wh_reg_enum_key(v->q->cli->reg, v->key, i, buffers.name, sizeof buffers.name,
				     &subkey.path_len, NULL);
		if (st == WH_OK)
			query_put_subkey(v->q, &subkey, i == 0);
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* One key: its values, and of the one that was asked for its subkeys. */
static enum wh_status
put_key(struct query *q, wh_hkey key, const char *path, size_t len)
{
	bool json = cli_has(q->cli, OPT_JSON), recurse = cli_has(q->cli, OPT_RECURSE);
	bool one = cli_wants_value(q->cli);
	struct visit v = { .q = q, .key = key, .at = { .path = path, .path_len = len } };
	struct wh_reg_info info;
	enum wh_status st = wh_reg_query_info_key(q->cli->reg, key, &info);

	v.at.last_written = info.last_written;
	if (len == 0)
		q->last_written = info.last_written;
	if (st == WH_OK && json && !one)
		put_head(&v);
	if (st == WH_OK)
		st = put_values(&v);
	if (st == WH_OK && !v.any && !one && info.values == 0 && info.subkeys == 0)
		put_head(&v);
	if (json && v.any)
		out_text(one || recurse ? "]}\n" : "],\"subkeys\":[");
	if (st == WH_OK && !one && !recurse)
		st = put_subkeys(&v);
	if (json && !one && !recurse)
		out_text("]}\n");
	return st;
}

struct walk {
	struct query *q;
	enum wh_status st;
};

static enum wh_reg_next
visit(void *ctx, wh_hkey key, const char *path, size_t len, enum wh_status status)
{
	struct walk *walk = ctx;
	struct cli *cli = walk->q->cli;

	if (status != WH_OK) {
		cli_error(cli, "key '%.*s': %s", (int)len, path, wh_status_text(status));
		cli->incomplete = true;
		return WH_REG_GO_ON;
	}
	walk->st = put_key(walk->q, key, path, len);
	return walk->st == WH_OK ? WH_REG_GO_ON : WH_REG_STOP;
}

static enum wh_status
put_all(struct query *q, wh_hkey key)
{
	struct walk walk = { q, WH_OK };
	enum wh_status st;

	if (!cli_has(q->cli, OPT_RECURSE))
		return put_key(q, key, "", 0);
	st = wh_reg_walk(q->cli->reg, key, NULL, 0, WH_KEY_READ, visit, &walk);
	return walk.st != WH_OK ? walk.st : st;
}

/* The full name of the key asked for, as it is spelled where it is. */
static enum wh_status
name_base(struct query *q, wh_hkey key)
{
	enum wh_status st = wh_reg_key_path(q->cli->reg, key, NULL, 0, &q->base.len);

	q->base.path = malloc(q->base.len + 1);
	if (st == WH_OK && !q->base.path)
		st = WH_E_MEMORY;
	if (st == WH_OK)
		st = wh_reg_key_path(q->cli->reg, key, q->base.path, q->base.len, &q->base.len);
	if (st == WH_OK)
		q->base.path[q->base.len] = '\0';
	return st;
}

int
query_registry(struct query *q)
{
	struct cli *cli = q->cli;
	wh_hkey key;
	enum wh_status st = cli_open_key(cli, cli->args[1], &key);

	if (st == WH_OK)
		st = name_base(q, key);
	if (st == WH_OK)
		st = put_all(q, key);
	if (st != WH_OK)
		cli_error(cli, "key '%s': %s", cli->args[1], wh_status_text(st));
	if (st == WH_OK && cli_wants_value(cli) && q->matches == 0)
		st = query_no_value(q);
	free(q->base.path);
	free(buffers.data);
	wh_reg_free(cli->reg);
	cli->reg = NULL;
	return st == WH_OK ? cli_result(cli) : EXIT_UNREAD;
}
