/* SPDX-License-Identifier: MIT */
/* winhive info: what a hive file is, in what state, and what its logs hold. */
#include "cli.h"
#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct counts {
	uint64_t keys, values, bytes;
	uint64_t first, last; /* earliest and latest time of a key */
};

static enum wh_status
count(struct cli *cli, struct wh_hive *hive, struct counts *c)
{
	struct wh_walk_value value;
	struct wh_walk_key key;
	size_t len;
	enum wh_status st = cli_walk_begin(cli, wh_hive_root(hive), "", 0);

	*c = (struct counts){ .first = UINT64_MAX };
	while (st == WH_OK && (st = cli_walk_next(cli, &key)) == WH_OK) {
		c->keys++;
		/* Read to be reported if it cannot be. */
		if (key.class_len > 0 && wh_key_class(key.key, NULL, 0, &len) == WH_E_CORRUPT)
			cli->incomplete = true;
		if (key.last_written < c->first)
			c->first = key.last_written;
		if (key.last_written > c->last)
			c->last = key.last_written;
		while ((st = wh_walk_next_value(cli->walk, &value)) == WH_OK) {
			c->values++;
			c->bytes += value.size;
		}
		if (st == WH_E_NO_MORE)
			st = WH_OK;
	}
	cli_walk_end(cli);
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* Counts without the logs; says nothing of issues, which the other reading has reported. */
static bool
count_as_found(struct cli *cli, struct counts *c)
{
	struct wh_options options = { .flags = WH_OPEN_NO_LOGS };
	struct cli quiet = { .command = cli->command, .file = cli->file };
	struct wh_hive *hive;
	enum wh_status st;

	if (wh_hive_open(cli->file, &options, &hive) != WH_OK)
		return false;
	st = count(&quiet, hive, c);
	wh_hive_close(hive);
	return st == WH_OK;
}

static const char *const states[] = {
	[WH_CLEAN] = "clean", [WH_RECOVERED] = "recovered", [WH_DIRTY] = "dirty"
};
static const char *const formats[] = {
	[WH_LOG_NONE] = "none", [WH_LOG_OLD] = "old", [WH_LOG_NEW] = "new"
};
static const char *const verdicts[] = { [WH_LOG_IGNORED] = "ignored",
					[WH_LOG_APPLIED] = "replayed",
					[WH_LOG_REFUSED] = "not replayed" };

static void
line(const char *label)
{
	out_format("%-18s", label);
}

static void
put_guid(const char *label, const uint8_t g[16])
{
	line(label);
	out_format("{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}\n", g[3],
		   g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13],
		   g[14], g[15]);
}

static void
put_state(const struct wh_hive *hive, const struct wh_base_block *found)
{
	line("state");
	switch (wh_hive_state(hive)) {
	case WH_CLEAN:
		out_text("clean\n");
		break;
	case WH_RECOVERED:
		out_text("dirty in the file; shown as recovered from its logs\n");
		break;
	case WH_DIRTY:
		out_colour(COLOUR_WARNING);
		out_text("dirty, not recovered: the latest changes may be missing");
		out_plain();
		out_char('\n');
		break;
	}
	line("sequence");
	out_format("%" PRIu32 " / %" PRIu32 "\n", found->sequence1, found->sequence2);
}

static void
put_base(struct cli *cli, const struct wh_base_block *b)
{
	char time[WH_TIME_TEXT];

	line("version");
	out_format("%" PRIu32 ".%" PRIu32 "\n", b->major, b->minor);
	line("file name");
	out_shown(b->file_name, strlen(b->file_name));
	out_char('\n');
	line("written");
	out_format("%s\n", cli_time(cli, b->timestamp, time));
	line("reorganized");
	out_format("%s\n", cli_time(cli, b->reorganized, time));
	line("checksum");
	out_format("0x%08" PRIx32 "%s\n", b->checksum,
		   b->checksum == b->checksum_due ? "" : " (wrong)");
	line("root cell");
	out_format("0x%" PRIx32 "\n", b->root_cell);
	line("hive bins");
	out_format("%" PRIu32 " bytes\n", b->length);
	line("flags");
	out_format("0x%" PRIx32 "%s%s\n", b->flags, b->flags & 1 ? " (pending transactions)" : "",
		   b->offreg ? ", made by offreg" : "");
	if (b->has_guids) {
		put_guid("RM id", b->rm_id);
		put_guid("log id", b->log_id);
		put_guid("TM id", b->tm_id);
	}
}

static void
put_log(const struct wh_hive *hive, size_t index, const struct wh_log *log)
{
	struct wh_log_entry entry;

	out_text("\nlog               ");
	out_shown(log->name, strlen(log->name));
	out_char('\n');
	line("  size");
	out_format("%" PRIu64 " bytes, format %s\n", log->size, formats[log->format]);
	line("  verdict");
	out_format("%s%s%s\n", verdicts[log->verdict], log->reason[0] ? ": " : "", log->reason);
	line("  sequence");
	out_format("%" PRIu32 ", %" PRIu32 " entries, %" PRIu32 " replayed\n", log->sequence,
		   log->entry_count, log->applied);
	for (size_t i = 0; wh_hive_log_entry(hive, index, i, &entry) == WH_OK; i++) {
		line("  entry");
		out_format("%" PRIu32 " at 0x%" PRIx64 ": %" PRIu32 " pages, %" PRIu64
			   " bytes, hive bins %" PRIu32 "%s\n",
			   entry.sequence, entry.offset, entry.pages, entry.bytes, entry.length,
			   entry.applied ? "" : ", not replayed");
	}
}

static void
put_counts(struct cli *cli, const struct wh_hive *hive, const struct counts *now,
	   const struct counts *before)
{
	struct wh_hive_stats stats;
	char time[WH_TIME_TEXT];

	wh_hive_stats(hive, &stats);
	line("keys");
	out_format("%" PRIu64, now->keys);
	if (before)
		out_format(" (%" PRIu64 " without the logs)", before->keys);
	out_char('\n');
	line("values");
	out_format("%" PRIu64, now->values);
	if (before)
		out_format(" (%" PRIu64 " without the logs)", before->values);
	out_format(", %" PRIu64 " bytes of data\n", now->bytes);
	line("earliest key");
	out_format("%s\n", cli_time(cli, now->first, time));
	line("latest key");
	out_format("%s\n", cli_time(cli, now->last, time));
	line("file");
	out_format("%" PRIu64 " bytes: %" PRIu32 " in %" PRIu32 " hive bins, %" PRIu64
		   " after them\n",
		   stats.file_size, stats.length, stats.bins, stats.tail);
	if (stats.bad_bins > 0) {
		line("damaged bins");
		out_format("%" PRIu32 "\n", stats.bad_bins);
	}
	line("cells");
	out_format("%" PRIu32 " in use (%" PRIu64 " bytes), %" PRIu32 " free (%" PRIu64 " bytes)\n",
		   stats.used_cells, stats.used_bytes, stats.free_cells, stats.free_bytes);
}

static const char *
root_name(struct wh_hive *hive, size_t *len)
{
	static char name[3 * 65535];

	if (wh_key_name(wh_hive_root(hive), name, sizeof name, len) != WH_OK)
		*len = 0;
	return name;
}

static void
put_text(struct cli *cli, struct wh_hive *hive, const struct counts *now,
	 const struct counts *before)
{
	const char *role = wh_hive_role(hive), *name;
	struct wh_base_block found, current;
	struct wh_log log;
	size_t len;

	wh_hive_base_block(hive, &found, &current);
	line("hive");
	out_shown(cli->file, strlen(cli->file));
	out_char('\n');
	line("role");
	out_format("%s\n", role ? role : "unknown");
	line("root key");
	name = root_name(hive, &len);
	out_shown(name, len);
	out_char('\n');
	put_state(hive, &found);
	put_base(cli, wh_hive_state(hive) == WH_RECOVERED ? &current : &found);
	put_counts(cli, hive, now, before);
	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++)
		put_log(hive, i, &log);
}

static void
json_guid(const char *label, const struct wh_base_block *b, const uint8_t id[16])
{
	out_format(",\"%s\":", label);
	if (!b->has_guids) {
		out_text("null");
		return;
	}
	out_char('"');
	out_hex(id, 16);
	out_char('"');
}

static void
json_base(const char *label, const struct wh_base_block *b)
{
	out_format(",\"%s\":{\"version\":\"%" PRIu32 ".%" PRIu32 "\",\"sequence1\":%" PRIu32
		   ",\"sequence2\":%" PRIu32 ",\"timestamp\":%" PRIu64 ",\"type\":%" PRIu32
		   ",\"format\":%" PRIu32 ",\"root_cell\":%" PRIu32 ",\"length\":%" PRIu32
		   ",\"cluster\":%" PRIu32 ",\"flags\":%" PRIu32 ",\"reorganized\":%" PRIu64
		   ",\"checksum\":%" PRIu32 ",\"checksum_due\":%" PRIu32 ",\"offreg\":%s",
		   label, b->major, b->minor, b->sequence1, b->sequence2, b->timestamp, b->type,
		   b->format, b->root_cell, b->length, b->cluster, b->flags, b->reorganized,
		   b->checksum, b->checksum_due, b->offreg ? "true" : "false");
	out_text(",\"file_name\":\"");
	out_json(b->file_name, strlen(b->file_name));
	out_char('"');
	json_guid("rm_id", b, b->rm_id);
	json_guid("log_id", b, b->log_id);
	json_guid("tm_id", b, b->tm_id);
	out_char('}');
}

static void
json_log(const struct wh_hive *hive, size_t index, const struct wh_log *log)
{
	struct wh_log_entry e;

	out_text(index ? ",{\"name\":\"" : "{\"name\":\"");
	out_json(log->name, strlen(log->name));
	out_format("\",\"format\":\"%s\",\"verdict\":\"%s\",\"reason\":\"", formats[log->format],
		   verdicts[log->verdict]);
	out_json(log->reason, strlen(log->reason));
	out_format("\",\"size\":%" PRIu64 ",\"sequence\":%" PRIu32 ",\"applied\":%" PRIu32
		   ",\"entries\":[",
		   log->size, log->sequence, log->applied);
	for (size_t i = 0; wh_hive_log_entry(hive, index, i, &e) == WH_OK; i++)
		out_format("%s{\"sequence\":%" PRIu32 ",\"offset\":%" PRIu64 ",\"length\":%" PRIu32
			   ",\"pages\":%" PRIu32 ",\"bytes\":%" PRIu64 ",\"applied\":%s}",
			   i ? "," : "", e.sequence, e.offset, e.length, e.pages, e.bytes,
			   e.applied ? "true" : "false");
	out_text("]}");
}

static void
put_json(struct cli *cli, struct wh_hive *hive, const struct counts *now,
	 const struct counts *before)
{
	const char *role = wh_hive_role(hive), *name;
	struct wh_base_block found, current;
	struct wh_hive_stats s;
	struct wh_log log;
	size_t len;

	wh_hive_base_block(hive, &found, &current);
	wh_hive_stats(hive, &s);
	name = root_name(hive, &len);
	out_text("{\"hive\":\"");
	out_json(cli->file, strlen(cli->file));
	out_text("\",\"role\":");
	out_format(role ? "\"%s\"" : "null", role);
	out_text(",\"root\":\"");
	out_json(name, len);
	out_format("\",\"state\":\"%s\"", states[wh_hive_state(hive)]);
	json_base("base_block", &found);
	json_base("base_block_now", &current);
	out_format(",\"keys\":%" PRIu64 ",\"values\":%" PRIu64 ",\"data_bytes\":%" PRIu64
		   ",\"earliest\":%" PRIu64 ",\"latest\":%" PRIu64,
		   now->keys, now->values, now->bytes, now->first, now->last);
	if (before)
		out_format(",\"keys_without_logs\":%" PRIu64 ",\"values_without_logs\":%" PRIu64,
			   before->keys, before->values);
	out_format(",\"file_size\":%" PRIu64 ",\"length\":%" PRIu32 ",\"bins\":%" PRIu32
		   ",\"bad_bins\":%" PRIu32 ",\"used_cells\":%" PRIu32 ",\"used_bytes\":%" PRIu64
		   ",\"free_cells\":%" PRIu32 ",\"free_bytes\":%" PRIu64 ",\"tail\":%" PRIu64
		   ",\"logs\":[",
		   s.file_size, s.length, s.bins, s.bad_bins, s.used_cells, s.used_bytes,
		   s.free_cells, s.free_bytes, s.tail);
	for (size_t i = 0; wh_hive_log(hive, i, &log) == WH_OK; i++)
		json_log(hive, i, &log);
	out_text("]}\n");
}

static int
run(struct cli *cli)
{
	struct wh_hive *hive = cli_open_file(cli, cli->args[0], WH_OPEN_ALL_LOGS);
	struct counts now, before;
	bool compared;
	enum wh_status st;

	if (!hive)
		return EXIT_UNREAD;
	st = count(cli, hive, &now);
	if (st != WH_OK) {
		cli_error(cli, "%s", wh_status_text(st));
		wh_hive_close(hive);
		return EXIT_UNREAD;
	}
	compared = wh_hive_state(hive) == WH_RECOVERED && count_as_found(cli, &before);
	if (cli_has(cli, OPT_JSON))
		put_json(cli, hive, &now, compared ? &before : NULL);
	else
		put_text(cli, hive, &now, compared ? &before : NULL);
	wh_hive_close(hive);
	return cli_result(cli);
}

const struct command cmd_info = {
	.name = "info",
	.synopsis = "HIVE",
	.summary = "what a hive is, in what state, and what its logs hold",
	.help = "Examples:\n"
		"  winhive info SYSTEM\n"
		"  winhive info --json NTUSER.DAT | jq .state\n"
		"  winhive info SYSTEM --log /case/SYSTEM.LOG1 --log /case/SYSTEM.LOG2\n",
	.folder = FOLDER_HIVE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
