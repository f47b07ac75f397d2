/* SPDX-License-Identifier: MIT */
#include "hive/collect.h"

#include "base/mem.h"
#include "hive/file.h"

#include <string.h>
#include <strings.h>

static bool
stored_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct whi_stored *file = ctx;

	return file->store->ops->read(file->store, file->id, offset, buf, len) == WH_OK;
}

bool
whi_stored_source(struct whi_stored *file, struct wh_source *source)
{
	*source = (struct wh_source){ stored_read, file, 0,
				      file->store->ops->name(file->store, file->id) };
	return file->store->ops->find(file->store, file->id, &source->size);
}

/* Add a log; one that cannot be opened, or is one too many, is listed with the reason. */
static enum wh_status
add_log(struct wh_hive *hive, const char *name, enum whi_log_kind kind,
	const struct wh_source *source)
{
	struct whi_log *log = &hive->logs[hive->log_count];
	enum wh_status st = WH_OK;

	*log = (struct whi_log){ .kind = kind };
	log->name = whi_strdup(&hive->alloc, name);
	if (!log->name)
		return WH_E_MEMORY;
	hive->log_count++;
	if (source)
		st = whi_log_read(hive, hive->log_count - 1, source);
	if (source && kind != WHI_NO_LOG)
		return st;
	log->verdict = WH_LOG_REFUSED;
	log->reason = source ? "is one too many: a hive has three logs" : "cannot be opened";
	log->unread = true;
	if (!source)
		whi_report(&hive->sink, WHI_RULE_LOG_SIZE, WHI_IN_LOG((int)hive->log_count - 1, 0),
			   "%s: %s", log->name, log->reason);
	return st;
}

static enum wh_status
add_log_file(struct wh_hive *hive, const char *path, enum whi_log_kind kind)
{
	struct whi_file file;
	struct wh_source source;
	enum wh_status st;

	if (whi_file_open(path, &file) != WH_OK)
		return add_log(hive, path, kind, NULL);
	source = whi_file_source(&file, path);
	st = add_log(hive, path, kind, &source);
	whi_file_close(&file);
	return st;
}

static enum wh_status
found_log(void *ctx, const char *path, int kind)
{
	static const enum whi_log_kind kinds[] = { WHI_LOG, WHI_LOG1, WHI_LOG2 };

	return add_log_file(ctx, path, kinds[kind]);
}

/* Which log a name says it is. */
static enum whi_log_kind
kind_of_name(const char *name)
{
	static const char *const suffixes[] = { ".LOG1", ".LOG2", ".LOG" };
	size_t len = name ? strlen(name) : 0;

	for (int kind = 0; kind < WHI_NO_LOG; kind++) {
		size_t suffix = strlen(suffixes[kind]);

		if (len >= suffix && strcasecmp(name + len - suffix, suffixes[kind]) == 0)
			return (enum whi_log_kind)kind;
	}
	return WHI_NO_LOG;
}

/*
 * Which log each of the given ones is: what its name says, unless one before it is that, or else
 * the first that no other is.  Of two logs the numbers in them say which comes first.
 */
static void
assign_kinds(const char *const *names, size_t count, enum whi_log_kind kinds[WHI_MAX_LOGS])
{
	bool taken[WHI_NO_LOG + 1] = { false };

	for (size_t i = 0; i < count; i++) {
		kinds[i] = kind_of_name(names[i]);
		if (taken[kinds[i]])
			kinds[i] = WHI_NO_LOG;
		taken[kinds[i]] = true;
	}
	for (size_t i = 0; i < count; i++) {
		if (kinds[i] != WHI_NO_LOG)
			continue;
		kinds[i] = WHI_LOG1;
		while (kinds[i] != WHI_NO_LOG && taken[kinds[i]])
			kinds[i]++;
		taken[kinds[i]] = true;
	}
}

static enum wh_status
add_given_files(struct wh_hive *hive, const char *const *paths, size_t count)
{
	enum whi_log_kind kinds[WHI_MAX_LOGS];
	enum wh_status st = WH_OK;

	if (count > WHI_MAX_LOGS)
		return WH_E_INVALID;
	assign_kinds(paths, count, kinds);
	for (size_t i = 0; i < count && st == WH_OK; i++)
		st = add_log_file(hive, paths[i], kinds[i]);
	return st;
}

static enum wh_status
add_given_sources(struct wh_hive *hive, const struct wh_source *sources, size_t count)
{
	enum whi_log_kind kinds[WHI_MAX_LOGS];
	const char *names[WHI_MAX_LOGS];
	enum wh_status st = WH_OK;

	if (count > WHI_MAX_LOGS)
		return WH_E_INVALID;
	for (size_t i = 0; i < count; i++)
		names[i] = sources[i].name;
	assign_kinds(names, count, kinds);
	for (size_t i = 0; i < count && st == WH_OK; i++)
		st = add_log(hive, names[i] ? names[i] : "log", kinds[i], &sources[i]);
	return st;
}

static enum wh_status
add_stored_logs(struct wh_hive *hive, struct whi_store *store)
{
	static const struct {
		enum whi_file_id id;
		enum whi_log_kind kind;
	} logs[] = { { WHI_FILE_LOG, WHI_LOG },
		     { WHI_FILE_LOG1, WHI_LOG1 },
		     { WHI_FILE_LOG2, WHI_LOG2 } };
	enum wh_status st = WH_OK;

	for (size_t i = 0; i < sizeof logs / sizeof *logs && st == WH_OK; i++) {
		struct whi_stored file = { store, logs[i].id };
		struct wh_source source;

		if (whi_stored_source(&file, &source))
			st = add_log(hive, source.name, logs[i].kind, &source);
	}
	return st;
}

/* What a commit has to know of the logs: it may leave none that could be replayed over it. */
static void
look_at_logs(struct wh_hive *hive)
{
	static const enum whi_log_kind order[] = { WHI_LOG, WHI_LOG2, WHI_LOG1 };
	struct whi_seen *seen = &hive->seen;

	seen->sequence = le32_get(hive->found.sequence1);
	if (whi_is_later(le32_get(hive->found.sequence2), seen->sequence))
		seen->sequence = le32_get(hive->found.sequence2);
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = 0; i < hive->log_count; i++) {
			const struct whi_log *log = &hive->logs[i];
			uint32_t last = log->entry_count
						? log->entries[log->entry_count - 1].sequence
						: log->sequence;

			if (log->kind != order[k] || !log->base)
				continue;
			seen->format = log->format;
			seen->type = log->type;
			if (whi_is_later(last, seen->sequence))
				seen->sequence = last;
			if (log->format == WH_LOG_OLD &&
			    (!seen->has_old || log->timestamp > seen->old_time)) {
				seen->has_old = true;
				seen->old_time = log->timestamp;
			}
		}
}

enum wh_status
whi_logs_collect(struct wh_hive *hive, const struct wh_options *opt, const char *path,
		 struct whi_store *store)
{
	enum wh_status st = WH_OK;

	hive->logs = whi_zalloc(&hive->alloc, WHI_MAX_LOGS * sizeof *hive->logs);
	if (!hive->logs)
		return WH_E_MEMORY;
	if (store) {
		st = add_stored_logs(hive, store);
		look_at_logs(hive);
		return st;
	}
	if (opt->log_count > 0)
		return add_given_files(hive, opt->logs, opt->log_count);
	if (opt->log_source_count > 0)
		return add_given_sources(hive, opt->log_sources, opt->log_source_count);
	return path ? whi_file_logs(path, &hive->alloc, found_log, hive) : WH_OK;
}
