/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a hive and two logs.  The first byte says what to put right, so that a
 * change gets past checksums and hashes; then come two 24-bit lengths, of the hive and of
 * the first log; then the three files.
 *
 * Holds: after a replay the hive is clean, replaying again changes nothing, and it reads the
 * same without its logs; without a replay the bytes stay as they are; what was applied are
 * the first entries of each log.  Where parts of the hive cannot be read nothing is lent that
 * touches them, but for what the logs have of them; if they have it all the rest holds too.
 */
#include "fuzz.h"

#include "base/marvin.h"
#include "disk/log.h"
#include "disk/regf.h"

#include <string.h>

enum { FIX_HIVE = 1, FIX_LOG_BASE = 2, FIX_HASHES = 4, HEADER = 7 };

struct file {
	uint8_t *bytes;
	size_t size;
};

static bool
file_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct file *file = ctx;

	HOLDS(offset <= file->size && len <= file->size - offset);
	memcpy(buf, file->bytes + offset, len);
	return true;
}

static void
put_le64(le64 *to, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		to->b[i] = (uint8_t)(v >> 8 * i);
}

static void
fix_hashes(struct file *log)
{
	size_t at = LOG_BODY;

	while (at < log->size && log->size - at >= LOG_BODY) {
		struct log_entry *entry = (struct log_entry *)(log->bytes + at);
		uint32_t size = le32_get(entry->size);

		if (size < LOG_BODY || size % REGF_SECTOR != 0 || size > log->size - at)
			return;
		put_le64(&entry->hash1,
			 whi_marvin((const uint8_t *)(entry + 1), size - sizeof *entry));
		put_le64(&entry->hash2, whi_marvin((const uint8_t *)entry, LOG_ENTRY_HASHED));
		at += size;
	}
}

static struct file
take(const uint8_t **data, size_t *size, size_t want)
{
	size_t n = want < *size ? want : *size;
	struct file file = { exact_copy(*data, n), n };

	*data += n;
	*size -= n;
	return file;
}

static size_t
length_at(const uint8_t *at)
{
	return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16;
}

static void
hold_report(const struct wh_hive *hive)
{
	struct wh_log_entry entry;
	struct wh_log log;
	bool applied = false;

	HOLDS(wh_hive_log_count(hive) <= 2);
	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++) {
		uint32_t n = 0;

		while (wh_hive_log_entry(hive, i, n, &entry) == WH_OK) {
			HOLDS(entry.applied == (n < log.applied));
			n++;
		}
		HOLDS(n == log.entry_count);
		HOLDS((log.verdict == WH_LOG_APPLIED) == (log.applied > 0));
		HOLDS(log.verdict != WH_LOG_REFUSED || log.reason[0]);
		applied = applied || log.applied > 0;
	}
	HOLDS(applied == (wh_hive_state(hive) == WH_RECOVERED));
}

static void
hold_replay(struct wh_hive *hive, const struct wh_options *options)
{
	struct wh_base_block base;
	struct wh_hive *again;
	const void *bytes, *bytes_again;
	size_t size, size_again;

	wh_hive_base_block(hive, NULL, &base);
	HOLDS(base.sequence1 == base.sequence2 && base.checksum == base.checksum_due &&
	      base.type == 0);
	bytes = wh_hive_bytes(hive, &size);
	HOLDS(wh_hive_open_memory(bytes, size, options, &again) == WH_OK);
	HOLDS(wh_hive_state(again) == WH_CLEAN);
	bytes_again = wh_hive_bytes(again, &size_again);
	HOLDS(size == size_again && memcmp(bytes, bytes_again, size) == 0);
	HOLDS(digest_hive(hive) == digest_hive(again));
	wh_hive_close(again);
}

static void
run(struct file *hive_file, struct file logs[2])
{
	struct wh_source source = { file_read, hive_file, hive_file->size, "hive" };
	struct wh_source log_sources[] = { { file_read, &logs[0], logs[0].size, "LOG1" },
					   { file_read, &logs[1], logs[1].size, "LOG2" } };
	struct wh_options options = { .log_sources = log_sources, .log_source_count = 2 };
	struct medium medium;
	struct wh_hive *hive;
	const void *bytes;
	size_t size;

	if (wh_hive_open_source(&source, &options, &hive) != WH_OK)
		return;
	hold_report(hive);
	if (wh_hive_state(hive) == WH_RECOVERED) {
		hold_replay(hive, &options);
	} else {
		bytes = wh_hive_bytes(hive, &size);
		HOLDS(size == hive_file->size && memcmp(bytes, hive_file->bytes, size) == 0);
	}
	wh_hive_close(hive);

	source = medium_source(&medium, hive_file->bytes, hive_file->size);
	if (wh_hive_open_source(&source, &options, &hive) != WH_OK)
		return;
	hold_report(hive);
	HOLDS(digest_hive(hive) == digest_hive(hive));
	if (wh_hive_bytes(hive, &size) && wh_hive_state(hive) == WH_RECOVERED)
		hold_replay(hive, &options);
	wh_hive_close(hive);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file hive, logs[2];
	uint8_t fix;
	size_t hive_len, log_len;

	if (size < HEADER)
		return 0;
	fix = data[0];
	hive_len = length_at(data + 1);
	log_len = length_at(data + 4);
	data += HEADER;
	size -= HEADER;
	hive = take(&data, &size, hive_len);
	logs[0] = take(&data, &size, log_len);
	logs[1] = take(&data, &size, size);

	if (fix & FIX_HIVE)
		fix_checksum(hive.bytes, hive.size);
	for (int i = 0; i < 2; i++) {
		if (fix & FIX_HASHES)
			fix_hashes(&logs[i]);
		if (fix & FIX_LOG_BASE)
			fix_checksum(logs[i].bytes, logs[i].size);
	}
	run(&hive, logs);
	free(hive.bytes);
	free(logs[0].bytes);
	free(logs[1].bytes);
	return 0;
}
