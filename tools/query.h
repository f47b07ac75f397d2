/* SPDX-License-Identifier: MIT */
/* What winhive query prints, of a hive and of keys of a Windows that are in no one hive. */
#ifndef TOOLS_QUERY_H
#define TOOLS_QUERY_H

#include "data.h"

struct query {
	struct cli *cli;
	struct place base; /* the key asked for; of a registry only its path */
	unsigned matches;
	uint64_t last_written; /* the key asked for: FILETIME */
};

/* The path of a key, from its path below the one asked for. */
void query_put_path(const struct query *q, const char *path, size_t len);

/* A value, of which name and type are looked at. */
void query_put_value(const struct wh_walk_value *value, const struct data *data);
void query_json_value(const struct wh_walk_value *value, const struct data *data, bool first);

/* Of a key what comes before its values; a subkey that is only named. */
void query_put_head(const struct query *q, const struct wh_walk_key *key);
void query_put_subkey(struct query *q, const struct wh_walk_key *key, bool first);

/*
 * The value asked for was not found: says so.  Of a default value alone, which every key may be
 * asked for, reg.exe says that it is not set, and nothing failed: WH_OK.
 */
enum wh_status query_no_value(const struct query *q);

/* The key in args[1] of the registry cli->reg, which is freed.  An exit code. */
int query_registry(struct query *q);

#endif
