/* SPDX-License-Identifier: MIT */
/*
 * A damaged hive, read as far as it can be, and written anew.
 *
 * The repaired hive is not the damaged one with mends in it: it is made cell by cell from what
 * was found, so that it is sound because of how it is made and not because every way to break a
 * hive was thought of (docs/decisions/0015).
 */
#include "check/repair.h"

#include "base/mem.h"
#include "hive/base_block.h"
#include "hive/unread.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ----------------------------------------------------------------- actions */

static void
act(struct whi_salvage *s, struct wh_repair_action *action)
{
	if (action->grade == WH_DROPPED)
		s->report->dropped++;
	else
		s->report->fixed++;
	if (!s->how->fn)
		return;
	if (s->has_path && !action->path) {
		action->path = s->path_len > 0 ? s->path : "";
		action->path_len = s->path_len;
	}
	s->how->fn(s->how->ctx, action);
}

void
whi_repair_pass_on(struct whi_salvage *s, const struct wh_issue *issue, enum wh_repair_grade grade)
{
	struct wh_repair_action action = {
		.grade = grade,
		.id = issue->id,
		.rule = issue->rule,
		.log = issue->log,
		.offset = issue->offset,
		.cell = issue->cell,
		.text = issue->text,
	};

	act(s, &action);
}

void
whi_repair_say(struct whi_salvage *s, enum whi_rule rule, enum wh_repair_grade grade,
	       struct whi_location place, const char *format, ...)
{
	struct wh_repair_action action = {
		.grade = grade,
		.log = place.log,
		.offset = place.offset,
		.cell = place.cell,
	};
	struct wh_rule broken;
	char text[512] = "";
	va_list args;

	if (wh_rule_at((size_t)rule, &broken)) {
		action.id = broken.id;
		action.rule = broken.rule;
	}
	if (s->how->fn) {
		va_start(args, format);
		vsnprintf(text, sizeof text, format, args);
		va_end(args);
	}
	action.text = text;
	act(s, &action);
}

/* --------------------------------------------------------------- what is just made right */

/* Said where it is decided, with what becomes of it. */
static bool
is_ours(const char *rule)
{
	static const char *const ours[] = {
		"key-name-empty",  "key-parent", "key-predefined", "key-link",     "key-security",
		"security-length", "list-count", "list-total",     "value-twice",  "base-signature",
		"base-checksum",   "base-type",  "base-format",    "base-cluster",
	};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcmp(ours[i], rule) == 0)
			return true;
	return false;
}

/* Of a check: what is lost to it may still be found, but what is only wrong is right now. */
static void
pass_finding(void *ctx, const struct wh_finding *finding)
{
	struct whi_salvage *s = ctx;
	const struct wh_issue *issue = &finding->issue;
	struct wh_repair_action action = {
		.grade = WH_FIXED,
		.id = issue->id,
		.rule = issue->rule,
		.log = issue->log,
		.offset = issue->offset,
		.cell = issue->cell,
		.path = finding->path,
		.path_len = finding->path_len,
		.text = issue->text,
	};

	if (issue->log < 0 && issue->grade != WH_NOTE && !issue->incomplete &&
	    !is_ours(issue->rule))
		act(s, &action);
}

static void
say_rights(struct whi_salvage *s)
{
	struct wh_check sums;

	if (s->hive->root.off != REGF_NIL &&
	    wh_hive_check(s->hive, pass_finding, s, &sums) == WH_E_MEMORY)
		whi_salvage_fail(s, WH_E_MEMORY);
}

/* -------------------------------------------------------------------- file */

/* The base block in force: the image that is mended has the same. */
static void
get_base(const struct whi_salvage *s, struct regf_base *base)
{
	memcpy(base, s->hive->img.bytes, sizeof *base);
}

bool
whi_repair_base_sound(const struct whi_salvage *s)
{
	struct regf_base base;

	get_base(s, &base);
	return whi_base_sound(&base);
}

static void
pass_base(void *ctx, const struct wh_issue *issue)
{
	whi_repair_pass_on(ctx, issue, WH_FIXED);
}

/* The file, its base block and its logs. */
static void
say_file(struct whi_salvage *s)
{
	const struct wh_hive *hive = s->hive;
	struct whi_sink sink = { pass_base, s };
	bool applied = hive->state == WH_RECOVERED;
	struct regf_base base;

	get_base(s, &base);
	whi_base_review(&base, &sink);
	if (hive->img.cut)
		whi_repair_say(s, WHI_RULE_HIVE_LENGTH, WH_DROPPED,
			       WHI_IN_FILE(offsetof(struct regf_base, length)),
			       "what is behind the end of the file, after %" PRIu32
			       " bytes of hive bins",
			       hive->img.length);
	for (size_t i = 0; i < hive->log_count && hive->state != WH_CLEAN; i++)
		if (hive->logs[i].verdict == WH_LOG_REFUSED)
			whi_repair_say(s, WHI_RULE_HIVE_DIRTY, applied ? WH_FIXED : WH_DROPPED,
				       WHI_IN_LOG((int)i, 0), "the log %s, which %s",
				       hive->logs[i].name, hive->logs[i].reason);
	if (hive->state == WH_DIRTY && whi_base_sound(&base))
		whi_repair_say(s, WHI_RULE_HIVE_DIRTY, WH_DROPPED, WHI_IN_FILE(0),
			       "what the system had not yet written to the dirty hive");
}

static uint64_t
bin_time(const struct whi_salvage *s)
{
	struct regf_bin bin;

	memcpy(&bin, s->hive->img.bytes + REGF_BINS, sizeof bin);
	return memcmp(bin.sig, "hbin", 4) == 0 ? le64_get(bin.timestamp) : 0;
}

/* The base block as it is, made right; of one that is none, what the bins say. */
static void
make_base(const struct whi_salvage *s, struct regf_base *base)
{
	const struct wh_hive *hive = s->hive;
	uint64_t time = bin_time(s);

	get_base(s, base);
	if (memcmp(base->sig, "regf", 4) != 0)
		*base = (struct regf_base){ .sig = { 'r', 'e', 'g', 'f' } };
	if (!whi_repair_base_sound(s) && time != 0)
		base->timestamp = le64_make(time);
	base->major = le32_make(1);
	base->minor = le32_make(hive->img.minor);
	base->format = le32_make(REGF_FORMAT_DIRECT);
	base->cluster = le32_make(1);
	memset(base->file_name + sizeof base->file_name - 2, 0, 2);
}

static void
say_root(struct whi_salvage *s)
{
	const struct whi_found_key *root = &s->keys[s->root];
	struct regf_base base;

	get_base(s, &base);
	if (memcmp(base.sig, "regf", 4) == 0 && le32_get(base.root_cell) != root->cell.off)
		whi_repair_say(s, WHI_RULE_ROOT_CELL, WH_FIXED,
			       WHI_IN_FILE(offsetof(struct regf_base, root_cell)),
			       "the root is taken to be the key in cell 0x%" PRIx32
			       ", not what is at 0x%" PRIx32,
			       root->cell.off, le32_get(base.root_cell));
}

/* --------------------------------------------------------------------- all */

static void
salvage(struct whi_salvage *s)
{
	say_file(s);
	say_rights(s);
	if (s->status == WH_OK)
		whi_salvage_cells(s);
	if (s->status == WH_OK)
		whi_salvage_said_root(s);
	if (s->status == WH_OK)
		whi_salvage_lists(s);
	if (s->status == WH_OK)
		whi_salvage_root(s);
	if (s->status == WH_OK)
		whi_salvage_owners(s);
	if (s->status == WH_OK && s->root == WHI_NO_KEY) {
		whi_salvage_any_root(s);
		if (s->status == WH_OK)
			whi_salvage_adopt(s);
	}
	if (s->status == WH_OK)
		whi_salvage_tree(s);
}

/* Memory for what is in use in the source, its bins, and a little more. */
static uint64_t
reserve_for(const struct whi_salvage *s)
{
	uint64_t used = s->img.counts.used_bytes;

	return REGF_BINS + used + used / 64 + 2 * REGF_PAGE;
}

static enum wh_status
rewrite(struct whi_salvage *s, struct wh_hive *to)
{
	struct whi_rewrite out;
	struct regf_base base;
	enum wh_status st;
	cellref root;

	to->img.minor = s->img.minor;
	to->img.sink = &to->sink;
	say_root(s);
	whi_rewrite_begin(&out, &s->img, &to->img, s->alloc, reserve_for(s));
	root = whi_repair_write(s, &out);
	if (s->status == WH_OK)
		whi_repair_say_orphans(s);
	if (s->status == WH_OK)
		whi_salvage_say_gaps(s);
	make_base(s, &base);
	st = whi_rewrite_end(&out, to, root, &base);
	s->report->bytes_after = to->file_size;
	whi_rewrite_fini(&out);
	return s->status != WH_OK ? s->status : st;
}

static enum wh_status
repair(struct wh_hive *from, const struct wh_repair *how, struct wh_hive *to,
       struct wh_repair_report *report)
{
	const struct wh_allocator *a = &to->alloc;
	struct whi_salvage *s = whi_zalloc(a, sizeof *s);
	enum wh_status st;

	if (!s)
		return WH_E_MEMORY;
	s->hive = from;
	s->alloc = a;
	s->how = how;
	s->report = report;
	report->bytes_before = from->img.size;
	salvage(s);
	st = s->status;
	if (st == WH_OK)
		st = rewrite(s, to);
	whi_salvage_fini(s);
	whi_free(a, s, sizeof *s);
	return st;
}

enum wh_status
wh_hive_repair(struct wh_hive *hive, const struct wh_repair *how, const struct wh_options *options,
	       struct wh_hive **repaired, struct wh_repair_report *report)
{
	static const struct wh_options no_options;
	static const struct wh_repair by_default;
	struct wh_allocator alloc = whi_allocator(options ? options->allocator : NULL);
	struct wh_repair_report unwanted;
	struct wh_hive *to;
	enum wh_status st;

	*repaired = NULL;
	if (!report)
		report = &unwanted;
	*report = (struct wh_repair_report){ 0 };
	if (!hive)
		return WH_E_INVALID;
	if (hive->img.old_cells)
		return WH_E_NOT_SUPPORTED;
	st = whi_read_all(hive);
	if (st != WH_OK)
		return st;
	if (!options)
		options = &no_options;
	to = whi_zalloc(&alloc, sizeof *to);
	if (!to)
		return WH_E_MEMORY;
	to->alloc = alloc;
	to->sink = (struct whi_sink){ options->issue, options->issue_ctx };
	to->time = options->time;
	to->state = WH_CLEAN;
	st = repair(hive, how ? how : &by_default, to, report);
	if (st != WH_OK) {
		wh_hive_close(to);
		return st;
	}
	*repaired = to;
	return WH_OK;
}
