/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include "winhive.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
open_hive(const struct job *job, void **handle)
{
	struct wh_options options = {
		.flags = (job->log_count ? 0 : WH_OPEN_NO_LOGS) | (job->whole ? WH_OPEN_WHOLE : 0),
		.logs = job->logs,
		.log_count = job->log_count,
	};
	struct wh_hive *hive;

	if (wh_hive_open(job->hive, &options, &hive) != WH_OK)
		return false;
	*handle = hive;
	return job->log_count == 0 || wh_hive_state(hive) == WH_RECOVERED;
}

static void
close_hive(void *handle)
{
	wh_hive_close(handle);
}

static bool
lookup(void *handle, const struct job *job, struct tally *tally)
{
	struct wh_key key;

	tally->lookups = 1;
	return wh_key_open(wh_hive_root(handle), job->path, WH_NTS, &key) == WH_OK;
}

/* The rest of big data, of which 'value' has the first piece. */
static uint64_t
sum_rest(struct wh_walk *walk)
{
	const void *piece;
	uint64_t sum = 0;
	size_t len;

	while (wh_walk_data(walk, &piece, &len) == WH_OK)
		sum += bench_sum(piece, len);
	return sum;
}

static bool
walk_hive(void *handle, const struct job *job, struct tally *tally)
{
	struct tally own = { 0 }; /* in registers, as it has no address */
	struct wh_walk_value value;
	struct wh_walk_key key;
	struct wh_walk *walk;
	enum wh_status st = wh_walk_new(wh_hive_root(handle), &walk);

	(void)job; /* names come for nothing */
	while (st == WH_OK && (st = wh_walk_next(walk, &key)) == WH_OK) {
		own.keys++;
		while ((st = wh_walk_next_value(walk, &value)) == WH_OK) {
			own.values++;
			own.bytes += value.readable;
			own.sum += bench_sum(value.data, value.data_len);
			if (value.data_len < value.readable)
				own.sum += sum_rest(walk);
		}
		if (st == WH_E_NO_MORE)
			st = WH_OK;
	}
	wh_walk_free(walk);
	*tally = own;
	return st == WH_E_NO_MORE;
}

static bool
siblings(void *handle, const struct job *job, struct tally *tally)
{
	struct wh_key root = wh_hive_root(handle), key;
	char name[16];

	for (uint32_t i = 0; i < job->siblings; i++) {
		bench_sibling(job, i, name);
		if (wh_key_subkey(root, name, strlen(name), &key) != WH_OK)
			return false;
		tally->lookups++;
	}
	return true;
}

/* What the registry does by handles, without them. */
static bool
query(void *handle, const struct job *job, struct tally *tally)
{
	uint8_t data[BENCH_VALUE];
	struct wh_value value;
	struct wh_key key;
	size_t len;

	for (uint32_t i = 0; i < job->count; i++) {
		if (wh_key_open(wh_hive_root(handle), job->path, WH_NTS, &key) != WH_OK ||
		    wh_key_value(key, job->value, WH_NTS, &value) != WH_OK ||
		    wh_value_read(value, data, sizeof data, &len) != WH_OK)
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
	struct wh_subkeys it;
	struct wh_key key;
	char name[BENCH_NAME];
	size_t len;
	enum wh_status st = wh_subkeys_begin(wh_hive_root(handle), &it);

	(void)job;
	while (st == WH_OK && (st = wh_subkeys_next(&it, &key)) == WH_OK) {
		st = wh_key_name(key, name, sizeof name, &len);
		tally->keys++;
		tally->sum += bench_sum(name, len);
	}
	tally->lookups = tally->keys;
	return st == WH_E_NO_MORE;
}

static void
count_finding(void *ctx, const struct wh_finding *finding)
{
	struct tally *tally = ctx;

	tally->sum += finding->path_len;
}

static bool
check(void *handle, const struct job *job, struct tally *tally)
{
	struct wh_check result;

	(void)job;
	if (wh_hive_check(handle, count_finding, tally, &result) != WH_OK)
		return false;
	tally->keys = result.keys;
	tally->values = result.values;
	return true;
}

const struct reader reader_winhive = {
	.name = "winhive",
	.logs = true,
	.open = open_hive,
	.lookup = lookup,
	.walk = walk_hive,
	.siblings = siblings,
	.check = check,
	.query = query,
	.names = names,
	.close = close_hive,
};

/* All of the file at once, as libhivex has it. */
static bool
open_whole(const struct job *job, void **handle)
{
	struct job whole = *job;

	whole.whole = true;
	return open_hive(&whole, handle);
}

const struct reader reader_winhive_whole = {
	.name = "winhive, whole",
	.open = open_whole,
	.close = close_hive,
};

/* The same where the caller maps the file and answers for it: what libhivex does by itself. */
static struct {
	void *bytes;
	size_t size;
} mapped;

static bool
open_mapped(const struct job *job, void **handle)
{
	struct wh_options options = {
		.flags = WH_OPEN_NO_LOGS | WH_OPEN_LENT | (job->whole ? WH_OPEN_WHOLE : 0),
	};
	int fd = open(job->hive, O_RDONLY | O_CLOEXEC);
	struct wh_hive *hive;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return false;
	mapped.size = (size_t)st.st_size;
	mapped.bytes = mmap(NULL, mapped.size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (mapped.bytes == MAP_FAILED ||
	    wh_hive_open_memory(mapped.bytes, mapped.size, &options, &hive) != WH_OK)
		return false;
	*handle = hive;
	return true;
}

static void
close_mapped(void *handle)
{
	wh_hive_close(handle);
	munmap(mapped.bytes, mapped.size);
}

const struct reader reader_winhive_mapped = {
	.name = "winhive, mapped",
	.open = open_mapped,
	.lookup = lookup,
	.walk = walk_hive,
	.close = close_mapped,
};
