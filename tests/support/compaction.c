/* SPDX-License-Identifier: MIT */
#include "compaction.h"

#include "hive_builder.h"
#include "invariants.h"
#include "reading.h"
#include "tree/sound.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4096, PAGE = 4096, BIN_HEAD = 32, SEQUENCES = 4, CHECKSUM = 508, CRUMB = 64 };

struct look {
	struct wh_hive *before, *after;
	uint32_t last;          /* cell that was met before, in the new hive */
	uint32_t last_security; /* the same of security cells */
	uint64_t keys, values;
	uint64_t wider;  /* bytes that lists need more, as another kind is due */
	bool predefined; /* there is a key whose values are not looked at */
	char *why;
	size_t size;
};

static bool
wrong(struct look *look, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(look->why, look->size, format, args);
	va_end(args);
	return false;
}

/* ------------------------------------------------------------------ order */

/* The next cell on the way through the tree lies behind all before. */
static bool
meet(struct look *look, const char *what, uint32_t cell)
{
	if (cell == WH_NO_CELL)
		return true;
	if (cell <= look->last)
		return wrong(look, "%s at 0x%" PRIx32 ", but met after 0x%" PRIx32, what, cell,
			     look->last);
	look->last = cell;
	return true;
}

static bool
meet_security(struct look *look, uint32_t cell)
{
	if (cell <= look->last_security)
		return true; /* met before */
	look->last_security = cell;
	return meet(look, "security", cell);
}

/* ---------------------------------------------------------------- content */

static bool
same_blob(struct look *look, struct wh_key a, struct wh_key b)
{
	const void *one, *two;
	size_t one_len, two_len;

	if (wh_key_security(a, &one, &one_len) != WH_OK ||
	    wh_key_security(b, &two, &two_len) != WH_OK || one_len != two_len ||
	    memcmp(one, two, one_len) != 0)
		return wrong(look, "security");
	return true;
}

static bool
same_class(struct look *look, const struct wh_key_info *a, const struct wh_key_info *b)
{
	size_t size;
	const uint8_t *one = wh_hive_bytes(look->before, &size);
	const uint8_t *two = wh_hive_bytes(look->after, &size);

	if (a->class_len != b->class_len || (b->class_len == 0) != (b->class_cell == WH_NO_CELL))
		return wrong(look, "class");
	if (a->class_len > 0 && memcmp(one + BINS + a->class_cell + 4,
				       two + BINS + b->class_cell + 4, a->class_len) != 0)
		return wrong(look, "class");
	return true;
}

/* Names as they are stored, from the end of the records. */
static bool
same_name(struct look *look, uint32_t a, uint32_t b, uint32_t at, uint32_t len)
{
	size_t size;
	const uint8_t *one = wh_hive_bytes(look->before, &size);
	const uint8_t *two = wh_hive_bytes(look->after, &size);

	if (memcmp(one + BINS + a + 4 + at, two + BINS + b + 4 + at, len) != 0)
		return wrong(look, "bytes of a name");
	return true;
}

static bool
same_fields(struct look *look, const struct wh_key_info *a, const struct wh_key_info *b)
{
	if (a->flags != b->flags || a->last_written != b->last_written || a->access != b->access ||
	    a->layer != b->layer || a->inherit_class != b->inherit_class ||
	    a->subkey_count != b->subkey_count || a->value_count != b->value_count ||
	    a->name_len != b->name_len || a->user_flags != b->user_flags ||
	    a->virtual_flags != b->virtual_flags || a->debug != b->debug)
		return wrong(look, "a field of the key");
	if (b->volatile_count != 0 || b->work_var != 0)
		return wrong(look, "a volatile field of the key");
	if (b->max_name_len > a->max_name_len || b->max_class_len > a->max_class_len ||
	    b->max_value_name_len > a->max_value_name_len || b->max_value_len > a->max_value_len)
		return wrong(look, "a maximum has become larger");
	return same_name(look, a->cell, b->cell, 76, a->name_len) && same_class(look, a, b);
}

/* The maxima of the hive before may be too small: that is no reason to complain. */
static void
forgive(struct wh_key_info *a, const struct wh_key_info *b, bool too_small)
{
	if (!too_small)
		return;
	a->max_name_len = b->max_name_len;
	a->max_class_len = b->max_class_len;
	a->max_value_name_len = b->max_value_name_len;
	a->max_value_len = b->max_value_len;
}

static bool
same_data(struct look *look, struct wh_walk *a, struct wh_walk *b, struct wh_walk_value *one,
	  struct wh_walk_value *two)
{
	while (one->data_len > 0 && two->data_len > 0) {
		size_t n = one->data_len < two->data_len ? one->data_len : two->data_len;

		if (memcmp(one->data, two->data, n) != 0)
			return wrong(look, "data");
		one->data = (const uint8_t *)one->data + n;
		two->data = (const uint8_t *)two->data + n;
		one->data_len -= n;
		two->data_len -= n;
		if (one->data_len == 0 && wh_walk_data(a, &one->data, &one->data_len) != WH_OK)
			one->data_len = 0;
		if (two->data_len == 0 && wh_walk_data(b, &two->data, &two->data_len) != WH_OK)
			two->data_len = 0;
	}
	return one->data_len == two->data_len || wrong(look, "length of data");
}

static bool
same_value(struct look *look, struct wh_walk *a, struct wh_walk *b, struct wh_walk_value *one,
	   struct wh_walk_value *two)
{
	struct wh_value_info x, y;

	if (wh_value_info(one->value, &x) != WH_OK || wh_value_info(two->value, &y) != WH_OK)
		return wrong(look, "no value");
	if (one->type != two->type || one->size != two->size || one->readable != two->readable ||
	    x.flags != y.flags || x.name_len != y.name_len || x.tombstone != y.tombstone)
		return wrong(look, "a field of a value");
	look->values++;
	return meet(look, "value", two->value.cell) && meet(look, "data", y.data_cell) &&
	       same_name(look, one->value.cell, two->value.cell, 20, x.name_len) &&
	       same_data(look, a, b, one, two);
}

static bool
same_values(struct look *look, struct wh_walk *a, struct wh_walk *b)
{
	struct wh_walk_value one, two;
	enum wh_status st;

	while ((st = wh_walk_next_value(a, &one)) == WH_OK) {
		if (wh_walk_next_value(b, &two) != WH_OK)
			return wrong(look, "a value is missing");
		if (!same_value(look, a, b, &one, &two))
			return false;
	}
	return (st == WH_E_NO_MORE && wh_walk_next_value(b, &two) == WH_E_NO_MORE) ||
	       wrong(look, "values end with %s", wh_status_name(st));
}

/* Bytes of an element in the leaves of a list. */
static uint32_t
stride_of(struct wh_hive *hive, uint32_t cell)
{
	size_t size;
	const uint8_t *list = (const uint8_t *)wh_hive_bytes(hive, &size) + BINS + cell + 4;

	if (list[0] == 'r')
		list += (ptrdiff_t)get32(list + 4) - (ptrdiff_t)cell;
	return list[1] == 'i' ? 4 : 8;
}

static void
compare_lists(struct look *look, const struct wh_key_info *a, const struct wh_key_info *b)
{
	if (a->subkey_count > 0 &&
	    stride_of(look->before, a->subkey_list) < stride_of(look->after, b->subkey_list))
		look->wider += 4 * (uint64_t)a->subkey_count + 4;
}

static bool
same_key(struct look *look, struct wh_walk *a, struct wh_walk *b, const struct wh_walk_key *one,
	 const struct wh_walk_key *two, bool too_small)
{
	struct wh_key_info x, y;

	if (wh_key_info(one->key, &x) != WH_OK || wh_key_info(two->key, &y) != WH_OK)
		return wrong(look, "no key");
	if (one->depth != two->depth || one->path_len != two->path_len ||
	    memcmp(one->path, two->path, one->path_len) != 0)
		return wrong(look, "path, %s", two->path);
	look->keys++;
	look->predefined |= (x.flags & WH_KEY_PREDEF_HANDLE) != 0;
	forgive(&x, &y, too_small);
	compare_lists(look, &x, &y);
	return same_fields(look, &x, &y) && same_blob(look, one->key, two->key) &&
	       meet(look, "key", y.cell) && meet_security(look, y.security) &&
	       meet(look, "class", y.class_cell) && meet(look, "list of subkeys", y.subkey_list) &&
	       meet(look, "list of values", y.value_list) && same_values(look, a, b);
}

static bool
same_tree(struct look *look, bool too_small)
{
	struct wh_walk *a = NULL, *b = NULL;
	struct wh_walk_key one, two;
	bool same = wh_walk_new(wh_hive_root(look->before), &a) == WH_OK &&
		    wh_walk_new(wh_hive_root(look->after), &b) == WH_OK;

	while (same && wh_walk_next(a, &one) == WH_OK) {
		char why[200];

		same = wh_walk_next(b, &two) == WH_OK || wrong(look, "a key is missing");
		if (same && !same_key(look, a, b, &one, &two, too_small)) {
			snprintf(why, sizeof why, "%s", look->why);
			same = wrong(look, "key '%s': %s", one.path, why);
		}
	}
	if (same && wh_walk_next(b, &two) != WH_E_NO_MORE)
		same = wrong(look, "a key too many");
	wh_walk_free(a);
	wh_walk_free(b);
	return same;
}

/* ------------------------------------------------------------------- file */

static bool
same_base(struct look *look)
{
	size_t size;
	const uint8_t *a = wh_hive_bytes(look->before, &size);
	const uint8_t *b = wh_hive_bytes(look->after, &size);

	for (size_t i = 0; i < BINS; i++) {
		bool own = (i >= 4 && i < 12) || (i >= 28 && i < 32) || (i >= 36 && i < 44) ||
			   (i >= CHECKSUM && i < CHECKSUM + 4);

		if (!own && a[i] != b[i])
			return wrong(look, "base block differs at 0x%zx", i);
	}
	if (get32(b + 4) != get32(a + 4) + 1 || get32(b + 4) != get32(b + 8))
		return wrong(look, "sequence numbers");
	if (get32(b + 36) != BIN_HEAD || get32(b + 40) != size - BINS)
		return wrong(look, "root cell or length");
	if (memcmp(b + 12, b + BINS + 20, 8) != 0)
		return wrong(look, "time of the first bin");
	return true;
}

/* What must be gone, or not be more than before. */
static bool
check_rules(struct look *look, const struct invariants *before, struct invariants *inv)
{
	static const bool gone[ODD_COUNT] = {
		[ODD_ADJACENT] = true, [ODD_UNREACHED] = true, [ODD_MAXIMUM] = true,
		[ODD_SMALL] = true,    [ODD_KIND] = true,      [ODD_HASH] = true,
		[ODD_SEGMENT] = true,  [ODD_COUNTED] = true,   [ODD_SHARED] = true,
		[ODD_BIN] = true,
	};
	size_t size;
	const void *bytes = wh_hive_bytes(look->after, &size);

	/* They know nothing of predefined handles, and less is sound to them. */
	if (look->predefined || before->why[0])
		return true;
	if (!invariants_sound(inv, bytes, size))
		return wrong(look, "%s", inv->why);
	for (int i = 0; i < ODD_COUNT; i++)
		if (inv->odd[i] > (gone[i] ? 0 : before->odd[i]))
			return wrong(look, "%s: %s", odd_name((enum odd)i), inv->odd_why);
	return true;
}

/* Data that the version has in another form may become larger: 'odd' says that there are such. */
static bool
check_size(struct look *look, bool odd)
{
	struct wh_hive_stats before, after;
	size_t size;

	wh_hive_bytes(look->after, &size);
	wh_hive_stats(look->before, &before);
	wh_hive_stats(look->after, &after);
	if (size != BINS + (uint64_t)after.length || after.file_size != size || after.bad_bins)
		return wrong(look, "stats");
	if (after.length != after.used_bytes + after.free_bytes + (uint64_t)after.bins * BIN_HEAD)
		return wrong(look, "cells and bins are not all there is");
	if (after.length < 1 << 20 && after.free_cells > 1)
		return wrong(look, "%" PRIu32 " free cells", after.free_cells);
	/* What a page has left, and a crumb for each bin of 1 MiB (docs/decisions/0014). */
	if (after.free_bytes >= PAGE + CRUMB * ((uint64_t)after.length >> 20))
		return wrong(look, "%" PRIu64 " bytes are free", after.free_bytes);
	if (!odd &&
	    size > BINS + before.used_bytes + look->wider + (uint64_t)after.bins * BIN_HEAD + PAGE)
		return wrong(look, "%zu bytes, but %" PRIu64 " were in use", size,
			     before.used_bytes);
	return true;
}

static bool
check_report(struct look *look, const struct wh_compact_report *report)
{
	size_t before, after;

	wh_hive_bytes(look->before, &before);
	wh_hive_bytes(look->after, &after);
	if (report->bytes_before != before || report->bytes_after != after ||
	    report->keys != look->keys || report->values != look->values)
		return wrong(look, "report: %" PRIu64 " keys, due %" PRIu64, report->keys,
			     look->keys);
	return true;
}

/* Sound, and found to be so when it is opened again. */
static bool
check_sound(struct look *look)
{
	uint64_t digest, digest_again;
	struct wh_hive *again;
	size_t size;
	const void *bytes = wh_hive_bytes(look->after, &size);
	bool fine;

	if (whi_hive_sound(look->after) != WH_OK)
		return wrong(look, "is not sound");
	if (wh_hive_open_memory(bytes, size, NULL, &again) != WH_OK)
		return wrong(look, "does not open again");
	fine = wh_hive_state(again) == WH_CLEAN && whi_hive_sound(again) == WH_OK &&
	       read_everything(look->after, &digest) == WH_OK &&
	       read_everything(again, &digest_again) == WH_OK && digest == digest_again;
	wh_hive_close(again);
	return fine || wrong(look, "opened again, it is something else");
}

static bool
check_again(struct look *look)
{
	struct wh_compact_report report;
	struct wh_hive *again;
	size_t size, size_again;
	const uint8_t *a = wh_hive_bytes(look->after, &size), *b;
	bool same;

	if (wh_hive_compact(look->after, NULL, &again, &report) != WH_OK)
		return wrong(look, "cannot be compacted again");
	b = wh_hive_bytes(again, &size_again);
	same = size == size_again && memcmp(a, b, SEQUENCES) == 0 &&
	       memcmp(a + SEQUENCES + 8, b + SEQUENCES + 8, size - SEQUENCES - 8) == 0;
	wh_hive_close(again);
	if (!same)
		return wrong(look, "compacted again, it differs");
	return (report.dropped_cells == 0 && report.dropped_bytes == 0 && report.merged == 0) ||
	       wrong(look, "compacted again, it drops %" PRIu64 " cells", report.dropped_cells);
}

static bool
hold(struct look *look, uint64_t digest, const struct wh_compact_report *report)
{
	struct invariants before = { 0 }, after = { 0 };
	size_t size;
	const void *bytes = wh_hive_bytes(look->before, &size);
	bool fine = invariants_sound(&before, bytes, size);
	bool too_small = !fine || before.odd[ODD_SMALL] > 0;

	fine = (digest_add(0, bytes, size) == digest || wrong(look, "the source was changed")) &&
	       same_tree(look, too_small) && same_base(look) && check_size(look, before.why[0]) &&
	       check_rules(look, &before, &after) && check_report(look, report) &&
	       check_sound(look) && check_again(look);
	invariants_free(&before);
	invariants_free(&after);
	return fine;
}

struct wh_hive *
compact_and_look(struct wh_hive *hive, struct wh_compact_report *report, char *why, size_t size)
{
	struct look look = { .before = hive, .why = why, .size = size };
	struct wh_compact_report own;
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len);
	uint64_t digest = digest_add(0, bytes, len);
	enum wh_status st = wh_hive_compact(hive, NULL, &look.after, report ? report : &own);

	why[0] = '\0';
	if (st != WH_OK) {
		wrong(&look, "wh_hive_compact gives %s", wh_status_name(st));
		return NULL;
	}
	if (hold(&look, digest, report ? report : &own))
		return look.after;
	wh_hive_close(look.after);
	return NULL;
}
