/* SPDX-License-Identifier: MIT */
/*
 * New:	| base block | entry ... pad | entry ... pad |
 * 	0           512             4096 * n        4096 * m
 * Old:	| base block | "DIRT" bit map ... pad | page | page | ...
 *
 * As Windows does, entries end where a page of the file ends, and carry whole pages.  A change
 * that is larger than WHI_LOG_ENTRY_MAX gets several entries: all of them are in the log before
 * any of them counts.
 */
#include "hive/log_write.h"

#include "base/marvin.h"
#include "base/mem.h"
#include "disk/log.h"
#include "hive/base_block.h"

#include <string.h>

/* Where the next entry begins: in a run, and that far into it. */
struct place {
	size_t run;
	uint32_t done;
};

/* An entry: from 'from', so many references and bytes. */
struct entry {
	struct place from;
	uint32_t references, bytes;
};

/* The entry that begins at '*at', which moves to the one behind it; false at the end. */
static bool
next_entry(const struct whi_log_job *job, struct place *at, struct entry *entry)
{
	*entry = (struct entry){ .from = *at };
	while (at->run < job->count && entry->bytes < WHI_LOG_ENTRY_MAX) {
		uint32_t left = job->runs[at->run].size - at->done;
		uint32_t room = WHI_LOG_ENTRY_MAX - entry->bytes;

		entry->references++;
		if (left > room) {
			entry->bytes += room;
			at->done += room;
		} else {
			entry->bytes += left;
			*at = (struct place){ at->run + 1, 0 };
		}
	}
	return entry->references > 0;
}

/* The bytes of an entry at 'offset' in the file. */
static uint32_t
entry_size(const struct entry *entry, uint64_t offset)
{
	uint32_t used = (uint32_t)sizeof(struct log_entry) +
			entry->references * (uint32_t)sizeof(struct log_reference) + entry->bytes;
	uint32_t into = (uint32_t)(offset % REGF_PAGE);

	return (used + into + REGF_PAGE - 1) / REGF_PAGE * REGF_PAGE - into;
}

/* "DIRT" and the bit map, up to where the pages begin. */
static uint32_t
map_size(const struct whi_log_job *job)
{
	uint32_t used = (uint32_t)sizeof(struct log_dirt) + job->img->length / REGF_SECTOR / 8;

	return (used + REGF_SECTOR - 1) / REGF_SECTOR * REGF_SECTOR;
}

static bool
is_new(const struct whi_log_job *job)
{
	return job->type == REGF_TYPE_LOG_NEW;
}

uint32_t
whi_log_entry_count(const struct whi_log_job *job)
{
	struct place at = { 0 };
	struct entry entry;
	uint32_t count = 0;

	if (!is_new(job))
		return 1;
	while (next_entry(job, &at, &entry))
		count++;
	return count;
}

uint64_t
whi_log_file_size(const struct whi_log_job *job)
{
	uint64_t size = LOG_BODY;
	struct place at = { 0 };
	struct entry entry;

	if (is_new(job)) {
		while (next_entry(job, &at, &entry))
			size += entry_size(&entry, size);
		return size;
	}
	size += map_size(job);
	for (size_t i = 0; i < job->count; i++)
		size += job->runs[i].size;
	return size;
}

static const uint8_t *
page_at(const struct whi_log_job *job, uint32_t offset)
{
	return job->img->bytes + REGF_BINS + offset;
}

/* References and pages behind the head of an entry. */
static void
fill_entry(const struct whi_log_job *job, const struct entry *entry, uint8_t *bytes)
{
	struct log_reference *reference =
		(struct log_reference *)(bytes + sizeof(struct log_entry));
	uint8_t *to = (uint8_t *)(reference + entry->references);
	uint32_t left = entry->bytes;
	struct place at = entry->from;

	for (uint32_t i = 0; i < entry->references; i++) {
		const struct whi_run *run = &job->runs[at.run];
		uint32_t size = run->size - at.done < left ? run->size - at.done : left;

		reference[i].offset = le32_make(run->offset + at.done);
		reference[i].size = le32_make(size);
		memcpy(to, page_at(job, run->offset + at.done), size);
		to += size;
		left -= size;
		at = (struct place){ at.run + 1, 0 };
	}
}

static void
make_entry(const struct whi_log_job *job, const struct entry *entry, uint32_t sequence,
	   uint8_t *bytes, uint32_t size)
{
	struct log_entry *head = (struct log_entry *)bytes;

	memset(bytes, 0, size);
	fill_entry(job, entry, bytes);
	memcpy(head->sig, "HvLE", 4);
	head->size = le32_make(size);
	head->flags = le32_make(le32_get(job->base->flags) & REGF_FLAG_KTM);
	head->sequence = le32_make(sequence);
	head->length = job->base->length;
	head->pages = le32_make(entry->references);
	head->hash1 = le64_make(whi_marvin(bytes + sizeof *head, size - sizeof *head));
	head->hash2 = le64_make(whi_marvin(bytes, LOG_ENTRY_HASHED));
}

static uint32_t
largest_entry(const struct whi_log_job *job)
{
	uint64_t offset = LOG_BODY;
	struct place at = { 0 };
	struct entry entry;
	uint32_t max = 0, size;

	while (next_entry(job, &at, &entry)) {
		size = entry_size(&entry, offset);
		offset += size;
		if (size > max)
			max = size;
	}
	return max;
}

static enum wh_status
write_new(const struct whi_log_job *job, struct whi_store *store, enum whi_file_id id,
	  const struct wh_allocator *a)
{
	uint64_t offset = LOG_BODY;
	uint32_t room = largest_entry(job), sequence = job->sequence, size;
	struct place at = { 0 };
	struct entry entry;
	uint8_t *bytes = whi_alloc(a, room);
	enum wh_status st = bytes ? WH_OK : WH_E_MEMORY;

	while (st == WH_OK && next_entry(job, &at, &entry)) {
		size = entry_size(&entry, offset);
		make_entry(job, &entry, sequence++, bytes, size);
		st = store->ops->write(store, id, offset, bytes, size);
		offset += size;
	}
	whi_free(a, bytes, room);
	return st;
}

/* A bit for each sector of the bins: those of a page are all set, or none is. */
static void
fill_map(const struct whi_log_job *job, uint8_t *bytes)
{
	static_assert(REGF_PAGE / REGF_SECTOR == 8, "a page has a byte of the map");
	uint8_t *map = bytes + sizeof(struct log_dirt);

	memcpy(bytes, "DIRT", sizeof(struct log_dirt));
	for (size_t i = 0; i < job->count; i++)
		memset(map + job->runs[i].offset / REGF_PAGE, 0xff, job->runs[i].size / REGF_PAGE);
}

static enum wh_status
write_old(const struct whi_log_job *job, struct whi_store *store, enum whi_file_id id,
	  const struct wh_allocator *a)
{
	uint32_t head = map_size(job);
	uint64_t offset = LOG_BODY;
	uint8_t *bytes = whi_zalloc(a, head);
	enum wh_status st;

	if (!bytes)
		return WH_E_MEMORY;
	fill_map(job, bytes);
	st = store->ops->write(store, id, offset, bytes, head);
	whi_free(a, bytes, head);
	offset += head;
	for (size_t i = 0; i < job->count && st == WH_OK; i++) {
		const struct whi_run *run = &job->runs[i];

		st = store->ops->write(store, id, offset, page_at(job, run->offset), run->size);
		offset += run->size;
	}
	return st;
}

enum wh_status
whi_log_write(const struct whi_log_job *job, struct whi_store *store, enum whi_file_id id,
	      const struct wh_allocator *a)
{
	return is_new(job) ? write_new(job, store, id, a) : write_old(job, store, id, a);
}

enum wh_status
whi_log_seal(const struct whi_log_job *job, struct whi_store *store, enum whi_file_id id)
{
	struct regf_base base = *job->base;

	base.type = le32_make(job->type);
	base.sequence1 = base.sequence2 = le32_make(job->sequence);
	base.checksum = le32_make(whi_base_checksum(&base));
	return store->ops->write(store, id, 0, &base, REGF_SECTOR);
}
