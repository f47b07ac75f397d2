/* SPDX-License-Identifier: MIT */
#include "commits.h"

#include "files.h"
#include "hive/base_block.h"
#include "hive/hive.h"
#include "hive/log_write.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_AT = 20, TIME_LEN = 8, EDITS = 7 };

static const uint64_t now = UINT64_C(0x01d9000000000000);

/* ---------------------------------------------------------------- pictures */

static void
picture_take(struct picture *picture, struct wh_hive *hive)
{
	struct wh_hive_stats stats;
	size_t len;
	const uint8_t *bytes = wh_hive_bytes(hive, &len);

	wh_hive_stats(hive, &stats);
	picture->len = stats.length;
	picture->bins = malloc(picture->len);
	if (!picture->bins || WH_BINS + picture->len > len ||
	    read_everything(hive, &picture->digest) != WH_OK)
		abort();
	memcpy(picture->bins, bytes + WH_BINS, picture->len);
	memset(picture->bins + TIME_AT, 0, TIME_LEN);
}

static bool
picture_equal(const struct picture *a, const struct picture *b)
{
	return a->digest == b->digest && a->len == b->len && memcmp(a->bins, b->bins, a->len) == 0;
}

/* --------------------------------------------------------------- what is there */

static const char *const good[] = {
	"minimal", "sample",      "tail",        "bins",        "names",       "offreg",
	"deep",    "version-1.2", "version-1.3", "version-1.4", "version-1.5", "old-remnants",
};

/* Folders of testdata/logs, their hive, and whether its logs can be replayed. */
struct pair {
	char folder[64], hive[32];
	bool dirty;
};
static struct pair pairs[64];
static size_t pair_count;

static void
read_pairs(void)
{
	struct table table;
	char *fields[4];

	if (pair_count > 0 || !table_open(&table, "logs/expected.tsv"))
		return;
	while (table_next(&table, fields, 4) && pair_count < 64) {
		struct pair *pair = &pairs[pair_count];

		/* One that is damaged after recovery, too, is not changed. */
		if (strcmp(fields[2], "clean") == 0 || strcmp(fields[3], "bin-size") == 0)
			continue;
		snprintf(pair->folder, sizeof pair->folder, "%s", fields[0]);
		snprintf(pair->hive, sizeof pair->hive, "%s", fields[1]);
		pair->dirty = strcmp(fields[2], "dirty") == 0;
		pair_count++;
	}
	table_close(&table);
}

static void
set_from_file(struct sim_disk *disk, enum whi_file_id id, const char *name)
{
	char *path = data_path(name);
	size_t len;
	uint8_t *bytes = read_file(path, &len);

	if (bytes)
		sim_set(disk, id, bytes, len);
	free(bytes);
	free(path);
}

static void
use_pair(struct commit_case *c, const struct pair *pair)
{
	static const char *const suffixes[] = { "", ".LOG1", ".LOG2", ".LOG" };
	char name[256];

	for (int id = 0; id < WHI_FILE_COUNT; id++) {
		snprintf(name, sizeof name, "logs/%s/%s%s", pair->folder, pair->hive, suffixes[id]);
		set_from_file(&c->disk, (enum whi_file_id)id, name);
	}
	if (strcmp(pair->folder, "case-of-letters") == 0)
		set_from_file(&c->disk, WHI_FILE_LOG1, "logs/case-of-letters/ntuser.dat.log1");
	if (pair->dirty)
		c->flags |= WH_OPEN_TAKE_DIRTY;
	snprintf(c->name, sizeof c->name, "%s", pair->folder);
}

static void
swap_logs(struct commit_case *c)
{
	struct sim_file one, two;
	struct sim_disk copy;

	sim_copy(&c->disk, &copy);
	one = copy.now[WHI_FILE_LOG1];
	two = copy.now[WHI_FILE_LOG2];
	sim_set(&c->disk, WHI_FILE_LOG1, two.bytes, two.size);
	sim_set(&c->disk, WHI_FILE_LOG2, one.bytes, one.size);
	sim_fini(&copy);
}

/* A log that would spoil the hive if it were replayed: its first bin becomes nonsense. */
static void
set_stale_log(struct sim_disk *disk, enum whi_file_id id, uint32_t type, uint32_t ahead)
{
	const struct regf_base *base = (const struct regf_base *)disk->now[WHI_FILE_HIVE].bytes;
	struct wh_allocator alloc = { 0 };
	struct whi_run run = { 0, REGF_PAGE };
	struct whi_image img = { .length = REGF_PAGE };
	struct whi_log_job job = { .img = &img,
				   .base = base,
				   .type = type,
				   .sequence = le32_get(base->sequence1) + ahead,
				   .runs = &run,
				   .count = 1 };
	struct regf_base copy = *base;
	uint8_t *bytes = calloc(1, REGF_BINS + REGF_PAGE);
	uint8_t *zeros;
	struct sim_disk aside;

	if (!bytes)
		abort();
	memcpy(bytes + REGF_BINS, disk->now[WHI_FILE_HIVE].bytes + REGF_BINS, REGF_PAGE / 2);
	img.bytes = bytes;
	copy.length = le32_make(REGF_PAGE);
	job.base = &copy;
	alloc = meter_allocator(&(struct meter){ 0 });
	sim_init(&aside);
	zeros = calloc(1, (size_t)whi_log_file_size(&job));
	sim_set(&aside, id, zeros, (size_t)whi_log_file_size(&job));
	if (whi_log_write(&job, &aside.store, id, &alloc) != WH_OK ||
	    whi_log_seal(&job, &aside.store, id) != WH_OK)
		abort();
	sim_set(disk, id, aside.now[id].bytes, aside.now[id].size);
	sim_fini(&aside);
	free(zeros);
	free(bytes);
}

void
case_set_logs(struct commit_case *c, unsigned kind)
{
	static const char *const names[] = { "no logs",   "empty logs",   "stale new logs",
					     "stale log", "old and dead", "all three" };
	size_t len = strlen(c->name);

	switch (kind) {
	case 1:
		sim_set(&c->disk, WHI_FILE_LOG1, "", 0);
		sim_set(&c->disk, WHI_FILE_LOG2, "", 0);
		break;
	case 2:
		set_stale_log(&c->disk, WHI_FILE_LOG1, REGF_TYPE_LOG_NEW, 5);
		set_stale_log(&c->disk, WHI_FILE_LOG2, REGF_TYPE_LOG_NEW, 6);
		break;
	case 3:
		set_stale_log(&c->disk, WHI_FILE_LOG, REGF_TYPE_LOG_2000, 1);
		break;
	case 4:
		set_stale_log(&c->disk, WHI_FILE_LOG1, REGF_TYPE_LOG_OLD, 0);
		set_stale_log(&c->disk, WHI_FILE_LOG, REGF_TYPE_LOG_OLD, 3);
		break;
	case 5:
		set_stale_log(&c->disk, WHI_FILE_LOG1, REGF_TYPE_LOG_OLD, 1);
		set_stale_log(&c->disk, WHI_FILE_LOG2, REGF_TYPE_LOG_NEW, 1);
		set_stale_log(&c->disk, WHI_FILE_LOG, REGF_TYPE_LOG_NEW, 9);
		break;
	default:
		break;
	}
	snprintf(c->name + len, sizeof c->name - len, ", %s", names[kind]);
}

/* ------------------------------------------------------------------- changes */

static void
must(enum wh_status st)
{
	if (st != WH_OK) {
		fprintf(stderr, "a change failed: %s\n", wh_status_name(st));
		abort();
	}
}

static void
set_bytes(struct wh_key key, const char *name, size_t size, uint64_t *seed)
{
	uint8_t *bytes = malloc(size + 1);

	if (!bytes)
		abort();
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)sim_random(seed);
	must(wh_value_set(key, name, WH_NTS, WH_REG_BINARY, bytes, size));
	free(bytes);
}

/* Set a value in each of the first keys of a walk. */
static void
set_in_many(struct wh_hive *hive, size_t count, uint64_t *seed)
{
	struct wh_key keys[64];
	struct wh_walk *walk;
	struct wh_walk_key key;
	size_t n = 0;

	must(wh_walk_new(wh_hive_root(hive), &walk));
	while (n < count && wh_walk_next(walk, &key) == WH_OK)
		keys[n++] = key.key;
	wh_walk_free(walk);
	for (size_t i = 0; i < n; i++)
		set_bytes(keys[i], "Crash", 1 + sim_random(seed) % 200, seed);
}

static void
make_keys(struct wh_hive *hive, size_t count)
{
	struct wh_key key;
	char path[64];
	bool created;

	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof path, "New\\Key %zu\\Below", i);
		must(wh_key_create_path(wh_hive_root(hive), path, WH_NTS, NULL, &key, &created));
	}
}

static void
change(struct wh_hive *hive, unsigned edit, uint64_t seed)
{
	struct wh_key root = wh_hive_root(hive), key;

	switch (edit) {
	case 0:
		must(wh_value_set_number(root, "Number", WH_NTS, WH_REG_DWORD, seed & 0xffff));
		break;
	case 1:
		set_in_many(hive, 10, &seed);
		break;
	case 2: /* more than there is room for */
		set_bytes(root, "Large", 20000, &seed);
		set_bytes(root, "Larger", 40000, &seed);
		break;
	case 3: /* the root moves */
		must(wh_key_rename(root, "A rather long name that the root had not before", WH_NTS,
				   &key));
		break;
	case 4:
		if (wh_key_subkey_at(root, 0, &key) == WH_OK)
			must(wh_key_delete_tree(key));
		make_keys(hive, 20);
		break;
	case 5:
		make_keys(hive, 3);
		set_in_many(hive, 64, &seed);
		must(wh_key_rename(wh_hive_root(hive), "R", WH_NTS, &key));
		break;
	default: /* only what was recovered */
		break;
	}
}

/* --------------------------------------------------------------------- cases */

static void
take_pictures(struct commit_case *c)
{
	struct wh_options options = {
		.flags = c->flags, .time = now, .issue = see_issue, .issue_ctx = &c->issues
	};
	struct sim_disk disk;
	struct wh_hive *hive;

	sim_copy(&c->disk, &disk);
	must(whi_hive_open_store(&disk.store, &options, &hive));
	c->state = wh_hive_state(hive);
	picture_take(&c->before, hive);
	change(hive, c->edit, c->seed);
	picture_take(&c->after, hive);
	wh_hive_close(hive);
	sim_fini(&disk);
}

void
case_make(struct commit_case *c, size_t number)
{
	static const enum wh_log_format formats[] = { WH_LOG_NONE, WH_LOG_OLD, WH_LOG_NEW };
	uint64_t seed = number * 7919 + 1;
	size_t len;

	*c = (struct commit_case){ .seed = seed };
	sim_init(&c->disk);
	read_pairs();
	sim_random(&seed);
	c->edit = (unsigned)(sim_random(&seed) % (EDITS - 1));
	c->format = formats[sim_random(&seed) % 3];
	if (number % 3 == 2) {
		use_pair(c, &pairs[number / 3 % pair_count]);
		if (number / 3 / pair_count % 2 == 1) {
			if (c->flags & WH_OPEN_TAKE_DIRTY)
				swap_logs(c);
			else
				c->edit = EDITS - 1;
		}
	} else {
		const char *name = good[number % (sizeof good / sizeof *good)];
		char file[128];

		snprintf(c->name, sizeof c->name, "%s", name);
		snprintf(file, sizeof file, "good/%s.hive", name);
		set_from_file(&c->disk, WHI_FILE_HIVE, file);
		case_set_logs(c, (unsigned)(sim_random(&seed) % 6));
	}
	len = strlen(c->name);
	snprintf(c->name + len, sizeof c->name - len, ", change %u, format %d", c->edit,
		 (int)c->format);
	take_pictures(c);
}

void
case_fini(struct commit_case *c)
{
	sim_fini(&c->disk);
	free(c->before.bins);
	free(c->after.bins);
}

struct wh_hive *
case_change(struct commit_case *c, struct sim_disk *disk)
{
	struct wh_options options = { .flags = c->flags, .time = now };
	struct wh_hive *hive;

	must(whi_hive_open_store(&disk->store, &options, &hive));
	change(hive, c->edit, c->seed);
	return hive;
}

enum wh_status
case_commit(struct commit_case *c, struct wh_hive *hive, struct wh_commit_report *report)
{
	struct wh_commit how = { .log_format = c->format };

	return wh_hive_commit(hive, &how, report);
}

/* Only what was wrong before, or has to do with logs. */
static bool
issues_allowed(const struct commit_case *c, const struct issues *issues, char *why, size_t size)
{
	struct wh_rule rule;

	for (size_t i = 0; wh_rule_at(i, &rule); i++)
		if (issues->broken[i] && !c->issues.broken[i] &&
		    strncmp(rule.rule, "log-", 4) != 0 && strcmp(rule.rule, "base-checksum") != 0) {
			snprintf(why, size, "breaks %s", rule.rule);
			return false;
		}
	return true;
}

static struct wh_hive *
reopen(struct commit_case *c, struct sim_disk *disk, char *why, size_t size)
{
	struct issues issues = { 0 };
	struct wh_options options = {
		.flags = c->flags, .time = now + 1, .issue = see_issue, .issue_ctx = &issues
	};
	struct wh_hive *hive;
	enum wh_status st = whi_hive_open_store(&disk->store, &options, &hive);

	if (st != WH_OK) {
		snprintf(why, size, "does not open: %s", wh_status_name(st));
		return NULL;
	}
	if (!issues_allowed(c, &issues, why, size)) {
		wh_hive_close(hive);
		return NULL;
	}
	return hive;
}

static uint64_t
base_time(const uint8_t *base)
{
	return le64_get(((const struct regf_base *)base)->timestamp);
}

/*
 * Windows takes an old log only if it has the same time as the hive: that of the base block, or
 * of the first bin if that is bad (docs/format.md 12.7).  We are less strict, so look here.
 */
static bool
times_agree(const struct commit_case *c, const struct sim_disk *disk, char *why, size_t size)
{
	const struct sim_file *hive = &disk->now[WHI_FILE_HIVE], *log = &disk->now[WHI_FILE_LOG1];
	const struct regf_base *base = (const struct regf_base *)hive->bytes, *log_base;
	uint64_t time;

	if (log->size == 0)
		log = &disk->now[WHI_FILE_LOG];
	log_base = (const struct regf_base *)log->bytes;
	if (c->state != WH_CLEAN || whi_base_clean(base) || log->size < REGF_SECTOR ||
	    le32_get(log_base->type) == REGF_TYPE_LOG_NEW)
		return true;
	time = whi_base_sound(base)
		       ? base_time(hive->bytes)
		       : le64_get(((const struct regf_bin *)(hive->bytes + REGF_BINS))->timestamp);
	if (time != base_time(log->bytes))
		snprintf(why, size, "Windows would not take the log for its time");
	return time == base_time(log->bytes);
}

enum outcome
case_look(struct commit_case *c, struct sim_disk *disk, char *why, size_t size)
{
	struct wh_hive *hive;
	struct picture picture;
	enum outcome outcome;

	if (!times_agree(c, disk, why, size))
		return IS_BAD;
	hive = reopen(c, disk, why, size);
	if (!hive)
		return IS_BAD;
	picture_take(&picture, hive);
	outcome = picture_equal(&picture, &c->before) ? IS_OLD : IS_BAD;
	if (picture_equal(&picture, &c->after))
		outcome = outcome == IS_OLD ? IS_BOTH : IS_NEW;
	if (wh_hive_state(hive) == WH_DIRTY && c->state != WH_DIRTY) {
		snprintf(why, size, "is dirty");
		outcome = IS_BAD;
	} else if (outcome == IS_BAD) {
		snprintf(why, size, "is neither; its bins have %zu bytes, not %zu or %zu",
			 picture.len, c->before.len, c->after.len);
	}
	wh_hive_close(hive);
	free(picture.bins);
	return outcome;
}

bool
case_goes_on(struct commit_case *c, struct sim_disk *disk, char *why, size_t size)
{
	struct wh_hive *hive = reopen(c, disk, why, size);
	struct picture due, is;
	enum wh_status st;
	bool same;

	if (!hive)
		return false;
	change(hive, 0, ~c->seed);
	picture_take(&due, hive);
	st = case_commit(c, hive, NULL);
	wh_hive_close(hive);
	disk->closed = false;
	hive = st == WH_OK ? reopen(c, disk, why, size) : NULL;
	if (!hive) {
		free(due.bins);
		if (st != WH_OK)
			snprintf(why, size, "the next commit failed: %s", wh_status_name(st));
		return false;
	}
	picture_take(&is, hive);
	same = picture_equal(&due, &is) && wh_hive_state(hive) == WH_CLEAN;
	if (!same)
		snprintf(why, size, "is not what the next commit wrote");
	wh_hive_close(hive);
	free(due.bins);
	free(is.bins);
	return same;
}
