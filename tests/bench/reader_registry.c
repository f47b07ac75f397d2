/* SPDX-License-Identifier: MIT */
/* The registry API: handles that are opened and closed, a lock for each call. */
#include "bench.h"

#include "winhive-winreg.h"

#include <string.h>

/* As people have it: the hive below HKEY_LOCAL_MACHINE. */
struct registry {
	struct wh_reg *reg;
	wh_hkey top;
};
static struct registry registry;

static bool
open_registry(const struct job *job, void **handle)
{
	enum wh_status st = wh_reg_new(NULL, &registry.reg);

	if (st == WH_OK)
		*handle = &registry;
	if (st == WH_OK)
		st = wh_reg_load_key(registry.reg, WH_HKEY_LOCAL_MACHINE, "BENCH", WH_NTS,
				     job->hive, WH_MOUNT_NO_LOGS);
	if (st == WH_OK)
		st = wh_reg_open_key(registry.reg, WH_HKEY_LOCAL_MACHINE, "BENCH", WH_NTS, 0,
				     WH_KEY_READ, &registry.top);
	return st == WH_OK;
}

static void
close_registry(void *handle)
{
	struct registry *r = handle;

	wh_reg_free(r->reg);
}

static bool
query(void *handle, const struct job *job, struct tally *tally)
{
	const struct registry *r = handle;
	uint8_t data[BENCH_VALUE];
	uint32_t type;
	size_t len;
	wh_hkey key;

	for (uint32_t i = 0; i < job->count; i++) {
		if (wh_reg_open_key(r->reg, r->top, job->path, WH_NTS, 0, WH_KEY_READ, &key) !=
			    WH_OK ||
		    wh_reg_query_value_ex(r->reg, key, job->value, WH_NTS, &type, data, sizeof data,
					  &len) != WH_OK ||
		    wh_reg_close_key(r->reg, key) != WH_OK)
			return false;
		tally->sum = bench_sum(data, len);
		tally->bytes = len;
		tally->lookups++;
	}
	return true;
}

static bool
names(void *handle, const struct job *job, struct tally *tally)
{
	const struct registry *r = handle;
	char name[BENCH_NAME];
	uint64_t time;
	size_t len;
	enum wh_status st;

	(void)job;
	for (uint32_t i = 0;
	     (st = wh_reg_enum_key(r->reg, r->top, i, name, sizeof name, &len, &time)) == WH_OK;
	     i++) {
		tally->keys++;
		tally->sum += bench_sum(name, len);
	}
	tally->lookups = tally->keys;
	return st == WH_E_NO_MORE;
}

const struct reader reader_registry = {
	.name = "winhive-winreg",
	.open = open_registry,
	.query = query,
	.names = names,
	.close = close_registry,
	.part = true,
};
