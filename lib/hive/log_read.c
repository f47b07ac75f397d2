/* SPDX-License-Identifier: MIT */
/*
 * What a transaction log holds.
 *
 * Old:	| base block | "DIRT" bit map ... pad | sector | sector | ...
 * New:	| base block | entry | entry | ... | remnants of earlier entries
 *	             512
 *
 * An entry counts only if all of it is right, so that whi_log_apply() has nothing left
 * to check but the hive bins themselves.
 */
#include "hive/log.h"

#include "base/marvin.h"
#include "base/mem.h"
#include "disk/log.h"
#include "hive/base_block.h"
#include "hive/hive.h"

#include <inttypes.h>
#include <string.h>

static bool
is_length(uint32_t length)
{
	return length > 0 && length % REGF_PAGE == 0 && length <= REGF_MAX_LENGTH;
}

static void
refuse(struct wh_hive *hive, size_t index, enum whi_rule rule, uint64_t offset, const char *reason)
{
	struct whi_log *log = &hive->logs[index];

	log->verdict = WH_LOG_REFUSED;
	log->reason = reason;
	log->unread = !log->base;
	whi_report(&hive->sink, rule, WHI_IN_LOG((int)index, offset), "%s: %s", log->name, reason);
}

static enum wh_status
add_entry(struct wh_hive *hive, struct whi_log *log, const struct wh_log_entry *entry)
{
	void *array = log->entries;

	if (!whi_grow(&hive->alloc, &array, &log->entry_cap, log->entry_count + 1, sizeof *entry))
		return WH_E_MEMORY;
	log->entries = array;
	log->entries[log->entry_count++] = *entry;
	return WH_OK;
}

/* The bit map of an old log, and the sectors behind it; false if they are not all there. */
static bool
old_parts(const struct whi_log *log, struct view *map, struct view *sectors)
{
	struct view file = { log->bytes, (uint32_t)log->size };
	uint32_t map_len = le32_get(log->base->length) / REGF_SECTOR / 8;
	uint32_t map_at = LOG_BODY + (uint32_t)sizeof(struct log_dirt);
	uint32_t at;

	if (!view_sub(file, map_at, map_len, map))
		return false;
	at = (map_at + map_len + REGF_SECTOR - 1) / REGF_SECTOR * REGF_SECTOR;
	*sectors = view_clamp(file, at, UINT32_MAX);
	return true;
}

static bool
is_dirty(struct view map, uint32_t sector)
{
	return map.at[sector / 8] >> sector % 8 & 1;
}

static uint32_t
count_dirty(struct view map)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < map.len * 8; i++)
		n += is_dirty(map, i);
	return n;
}

static enum wh_status
read_old(struct wh_hive *hive, size_t index)
{
	struct whi_log *log = &hive->logs[index];
	uint32_t length = le32_get(log->base->length), dirty;
	struct view map, sectors;

	if (memcmp(log->bytes + LOG_BODY, "DIRT", 4) != 0) {
		refuse(hive, index, WHI_RULE_LOG_ENTRY, LOG_BODY, "has no dirty vector");
		return WH_OK;
	}
	if (!is_length(length) || !old_parts(log, &map, &sectors)) {
		refuse(hive, index, WHI_RULE_LOG_ENTRY, LOG_BODY,
		       "its dirty vector is cut short, or is for a hive of no valid length");
		return WH_OK;
	}
	dirty = count_dirty(map);
	if (dirty == 0) {
		log->reason = "holds no dirty sectors";
		return WH_OK;
	}
	if (dirty > sectors.len / REGF_SECTOR) {
		refuse(hive, index, WHI_RULE_LOG_ENTRY, log->size,
		       "ends before its last dirty sector");
		return WH_OK;
	}
	return add_entry(hive, log,
			 &(struct wh_log_entry){ .sequence = log->sequence,
						 .offset = LOG_BODY,
						 .length = length,
						 .pages = dirty,
						 .bytes = (uint64_t)dirty * REGF_SECTOR });
}

/* The bytes that the references of an entry carry, or 0 if one of them reaches outside. */
static uint64_t
count_bytes(struct view entry, uint32_t pages, uint32_t length)
{
	uint64_t carried = 0;

	for (uint32_t i = 0; i < pages; i++) {
		uint32_t at =
			(uint32_t)(sizeof(struct log_entry) + i * sizeof(struct log_reference));
		uint32_t offset = view_u32(view_clamp(entry, at, UINT32_MAX), 0, 4);
		uint32_t size = view_u32(view_clamp(entry, at, UINT32_MAX), 1, 4);

		if (size == 0 || size % REGF_SECTOR != 0 || offset % REGF_SECTOR != 0 ||
		    offset > length || size > length - offset)
			return 0;
		carried += size;
	}
	return carried;
}

/* Why the entry in 'entry', cut to its size, is not good; NULL if it is. */
static const char *
judge_entry(struct view entry, uint64_t *bytes)
{
	const struct log_entry *head = (const struct log_entry *)entry.at;
	uint32_t length = le32_get(head->length), pages = le32_get(head->pages);
	uint32_t room = entry.len - (uint32_t)sizeof *head;

	if (le64_get(head->hash2) != whi_marvin(entry.at, LOG_ENTRY_HASHED) ||
	    le64_get(head->hash1) != whi_marvin(entry.at + sizeof *head, room))
		return "its hash is wrong";
	if (!is_length(length))
		return "it is for a hive of no valid length";
	if (pages == 0 || pages > room / sizeof(struct log_reference))
		return "it has no references, or more than it has room for";
	*bytes = count_bytes(entry, pages, length);
	if (*bytes == 0)
		return "it refers to bytes outside the hive bins";
	if (*bytes > room - pages * sizeof(struct log_reference))
		return "its pages are cut short";
	return NULL;
}

/* Entries follow each other until one is not the next; what comes then was written earlier. */
static enum wh_status
read_new(struct wh_hive *hive, size_t index)
{
	struct whi_log *log = &hive->logs[index];
	struct view file = { log->bytes, (uint32_t)log->size }, entry;
	const struct log_entry *head;
	uint32_t at = LOG_BODY, expected = log->sequence, size;
	enum wh_status st = WH_OK;
	const char *why;
	uint64_t bytes = 0;

	while (st == WH_OK) {
		head = VIEW_AS(view_clamp(file, at, UINT32_MAX), struct log_entry);
		if (!head || memcmp(head->sig, "HvLE", 4) != 0 ||
		    le32_get(head->sequence) != expected)
			break;
		size = le32_get(head->size);
		if (size < LOG_BODY || size % REGF_SECTOR != 0 || !view_sub(file, at, size, &entry))
			why = "its size is wrong";
		else
			why = judge_entry(entry, &bytes);
		if (why) {
			log->reason = "ends at an entry that is damaged";
			whi_report(&hive->sink, WHI_RULE_LOG_ENTRY, WHI_IN_LOG((int)index, at),
				   "%s: entry %" PRIu32 " and what follows are not replayed: %s",
				   log->name, expected, why);
			break;
		}
		st = add_entry(hive, log,
			       &(struct wh_log_entry){ .sequence = expected,
						       .offset = at,
						       .length = le32_get(head->length),
						       .pages = le32_get(head->pages),
						       .bytes = bytes });
		at += size;
		expected++;
	}
	if (log->entry_count == 0 && !log->reason)
		log->reason = "holds no entry that follows from its base block";
	return st;
}

static enum wh_log_format
format_of(const struct whi_log *log)
{
	const uint8_t *body = log->bytes + LOG_BODY;

	switch (le32_get(((const struct regf_base *)log->bytes)->type)) {
	case REGF_TYPE_LOG_OLD:
	case REGF_TYPE_LOG_2000:
		return WH_LOG_OLD;
	case REGF_TYPE_LOG_NEW:
		return WH_LOG_NEW;
	default:
		return memcmp(body, "HvLE", 4) == 0   ? WH_LOG_NEW
		       : memcmp(body, "DIRT", 4) == 0 ? WH_LOG_OLD
						      : WH_LOG_NONE;
	}
}

/* Look at the base block; false if the log cannot be used. */
static bool
accept_base(struct wh_hive *hive, size_t index)
{
	struct whi_log *log = &hive->logs[index];
	const struct regf_base *base = (const struct regf_base *)log->bytes;

	log->format = format_of(log);
	if (log->format == WH_LOG_NONE || memcmp(base->sig, "regf", 4) != 0) {
		refuse(hive, index, WHI_RULE_LOG_BASE_BLOCK, 0, "is not a transaction log");
		return false;
	}
	log->sequence = le32_get(base->sequence1);
	log->timestamp = le64_get(base->timestamp);
	if (!whi_base_sound(base)) {
		refuse(hive, index, WHI_RULE_LOG_BASE_BLOCK, 0, "its base block is damaged");
		return false;
	}
	if (!whi_base_clean(base)) {
		refuse(hive, index, WHI_RULE_LOG_BASE_BLOCK, 0,
		       "was not finished: its sequence numbers differ");
		return false;
	}
	if (!whi_base_known(base)) {
		/* It may become that of the hive. */
		refuse(hive, index, WHI_RULE_LOG_BASE_BLOCK, 0,
		       "is of a version that is not known");
		return false;
	}
	log->base = base;
	log->type = le32_get(base->type);
	return true;
}

enum wh_status
whi_log_read(struct wh_hive *hive, size_t index, const struct wh_source *source)
{
	struct whi_log *log = &hive->logs[index];

	log->size = source->size;
	if (log->size == 0) {
		log->verdict = WH_LOG_REFUSED;
		log->reason = "is empty";
		return WH_OK;
	}
	if (log->size < LOG_MIN_SIZE || log->size > WHI_LOG_MAX_SIZE) {
		refuse(hive, index, WHI_RULE_LOG_SIZE, 0, "is too small or too large to be a log");
		return WH_OK;
	}
	log->bytes = whi_alloc(&hive->alloc, log->size);
	if (!log->bytes)
		return WH_E_MEMORY;
	if (!source->read(source->ctx, 0, log->bytes, log->size)) {
		refuse(hive, index, WHI_RULE_LOG_SIZE, 0, "cannot be read");
		return WH_OK;
	}
	if (!accept_base(hive, index))
		return WH_OK;
	return log->format == WH_LOG_NEW ? read_new(hive, index) : read_old(hive, index);
}

/* The first entry that is for a longer hive than there can be; 'entry_count': none is. */
static size_t
first_too_long(const struct whi_log *log, uint64_t most)
{
	size_t i = 0;

	while (i < log->entry_count && log->entries[i].length <= most)
		i++;
	return i;
}

void
whi_logs_cut(struct wh_hive *hive)
{
	uint64_t most = hive->file_size;

	for (size_t i = 0; i < hive->log_count; i++)
		if (hive->logs[i].base)
			most += hive->logs[i].size;
	most = 2 * most + (1 << 20);
	for (size_t i = 0; i < hive->log_count; i++) {
		struct whi_log *log = &hive->logs[i];
		size_t count = first_too_long(log, most);

		if (count == log->entry_count)
			continue;
		log->reason = "ends at an entry that is damaged";
		whi_report(&hive->sink, WHI_RULE_LOG_ENTRY,
			   WHI_IN_LOG((int)i, log->entries[count].offset),
			   "%s: entry %" PRIu32 " and what follows are not replayed: for a hive of "
			   "%" PRIu32 " bytes, and there are not so many",
			   log->name, log->entries[count].sequence, log->entries[count].length);
		log->entry_count = count;
	}
}

uint32_t
whi_log_max_length(const struct whi_log *log)
{
	uint32_t max = 0;

	for (size_t i = 0; i < log->entry_count; i++)
		if (log->entries[i].length > max)
			max = log->entries[i].length;
	return max;
}

/*
 * Old logs: a sector that starts a hive bin must be the header of that bin, or all that
 * follows is left out.  'bin' is the last bin known to start at or before 'off'.
 */
static bool
bin_is_whole(const struct wh_hive *hive, uint32_t *bin, uint32_t off, const uint8_t *sector)
{
	const struct regf_bin *head = (const struct regf_bin *)sector;
	uint32_t size;

	while (*bin < off) {
		size = le32_get(
			((const struct regf_bin *)(hive->img.bytes + REGF_BINS + *bin))->size);
		if (size < REGF_PAGE || size % REGF_PAGE != 0 || size > REGF_MAX_LENGTH - *bin)
			return true; /* nobody knows where bins start here */
		*bin += size;
	}
	return *bin > off || (memcmp(head->sig, "hbin", 4) == 0 && le32_get(head->offset) == off &&
			      le32_get(head->size) >= REGF_PAGE);
}

/* Bytes of a log, for the bins at 'off'. */
static void
put(struct wh_hive *hive, uint32_t off, const uint8_t *bytes, uint32_t len)
{
	uint64_t at = REGF_BINS + (uint64_t)off;

	memcpy(hive->img.bytes + at, bytes, len);
	whi_blanks_fill(&hive->blanks, at, at + len);
}

static void
apply_old(struct wh_hive *hive, const struct whi_log *log, uint8_t *pages)
{
	struct view map, sectors;
	uint32_t taken = 0, bin = 0;

	if (!old_parts(log, &map, &sectors))
		return;
	for (uint32_t i = 0; i < map.len * 8; i++) {
		const uint8_t *sector = sectors.at + (size_t)taken * REGF_SECTOR;
		uint32_t off = i * REGF_SECTOR;

		if (!is_dirty(map, i))
			continue;
		taken++;
		if (!bin_is_whole(hive, &bin, off, sector)) {
			whi_report(&hive->sink, WHI_RULE_BIN_IN_LOG,
				   WHI_IN_LOG((int)(log - hive->logs),
					      (uint64_t)(sector - log->bytes)),
				   "%s: the hive bin at 0x%" PRIx32
				   " is damaged; replay stops here",
				   log->name, off);
			return;
		}
		put(hive, off, sector, REGF_SECTOR);
		pages[off / REGF_PAGE] = 1;
	}
}

static void
apply_new(struct wh_hive *hive, const struct whi_log *log, const struct wh_log_entry *entry,
	  uint8_t *pages)
{
	const uint8_t *at = log->bytes + entry->offset;
	const struct log_reference *ref =
		(const struct log_reference *)(at + sizeof(struct log_entry));
	const uint8_t *page = (const uint8_t *)(ref + entry->pages);
	struct regf_base *base = (struct regf_base *)hive->img.bytes;
	uint32_t ktm = le32_get(((const struct log_entry *)at)->flags) & REGF_FLAG_KTM;

	for (uint32_t i = 0; i < entry->pages; i++) {
		uint32_t offset = le32_get(ref[i].offset), size = le32_get(ref[i].size);
		uint32_t first = offset / REGF_PAGE, last = (offset + size - 1) / REGF_PAGE;

		put(hive, offset, page, size);
		memset(pages + first, 1, last - first + 1);
		page += size;
	}
	base->flags = le32_make((le32_get(base->flags) & ~(uint32_t)REGF_FLAG_KTM) | ktm);
}

void
whi_log_apply(struct wh_hive *hive, const struct whi_log *log, size_t index, uint8_t *pages)
{
	const struct wh_log_entry *entry = &log->entries[index];
	struct regf_base *base = (struct regf_base *)hive->img.bytes;

	if (log->format == WH_LOG_NEW)
		apply_new(hive, log, entry, pages);
	else
		apply_old(hive, log, pages);
	base->length = le32_make(entry->length);
}

void
whi_log_drop_bytes(struct whi_log *log, const struct wh_allocator *a)
{
	whi_free(a, log->bytes, log->size);
	log->bytes = NULL;
	log->base = NULL;
}

void
whi_log_forget(struct whi_log *log, const struct wh_allocator *a)
{
	whi_log_drop_bytes(log, a);
	whi_free(a, log->entries, log->entry_cap * sizeof *log->entries);
	if (log->name)
		whi_free(a, log->name, strlen(log->name) + 1);
}
