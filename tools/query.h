/* SPDX-License-Identifier: MIT */
/* What winhive query prints, of a hive and of keys of a Windows that are in no one hive. */
#ifndef TOOLS_QUERY_H
#define TOOLS_QUERY_H

#include "data.h"

struct query {
	struct cli *cli;
	struct place base; /* the key asked for; of a registry only its path */
	unsigned matches;
};

/* The path of a key, from its path below the one asked for. */
void query_put_path(const struct query *q, const char *path, size_t len);

/* A value, of which name and type are looked at. */
void query_put_value(const struct wh_walk_value *value, const struct data *data);
void query_json_value(const struct wh_walk_value *value, const struct data *data, bool first);

/* The start of the object of a key; a subkey that is only named. */
void query_json_head(const struct query *q, const struct wh_walk_key *key);
void query_put_subkey(struct query *q, const struct wh_walk_key *key, bool first);

/* The key in args[1] of the registry cli->reg, which is freed.  An exit code. */
int query_registry(struct query *q);

#endif
