/* SPDX-License-Identifier: MIT */
#include "check/salvage.h"

#include "base/bits.h"
#include "base/mem.h"
#include "check/repair.h"

#include <inttypes.h>
#include <string.h>

enum {
	WORD = 64,
	SLACK = 16,       /* bytes of a cell that its record may leave */
	MOST_SURE = 1116, /* bytes of data of a cell for which a place is looked for */
};

void
whi_salvage_fail(struct whi_salvage *s, enum wh_status status)
{
	if (s->status == WH_OK)
		s->status = status;
}

static uint8_t *
bytes_at(const struct whi_salvage *s, uint32_t off)
{
	return s->img.bytes + REGF_BINS + off;
}

static uint32_t
word_at(const struct whi_salvage *s, uint32_t off)
{
	return le32_get(*(const le32 *)bytes_at(s, off));
}

/* ------------------------------------------------------------------ bins */

static bool
is_header(const struct whi_salvage *s, uint32_t off)
{
	struct regf_bin bin;

	if (s->img.length - off < sizeof bin)
		return false;
	memcpy(&bin, bytes_at(s, off), sizeof bin);
	return memcmp(bin.sig, "hbin", 4) == 0 && le32_get(bin.offset) == off;
}

/* Where there should be a bin, and something is there. */
static void
mend_header(struct whi_salvage *s, uint32_t off)
{
	struct regf_bin bin = { .sig = { 'h', 'b', 'i', 'n' }, .offset = le32_make(off) };
	uint32_t end = off;

	do
		end = s->img.length - end > REGF_PAGE ? end + REGF_PAGE : s->img.length;
	while (end < s->img.length && !is_header(s, end));
	if (end - off < sizeof bin)
		return;
	bin.size = le32_make(end - off);
	memcpy(bytes_at(s, off), &bin, sizeof bin);
	whi_repair_say(s, WHI_RULE_BIN_SIGNATURE, WH_FIXED, WHI_IN_FILE(REGF_BINS + (uint64_t)off),
		       "no hive bin that is whole; its header is made anew for %" PRIu32 " bytes",
		       end - off);
}

struct headers {
	struct whi_salvage *s;
	uint32_t *offs;
	size_t count, cap;
};

/* Where the scan of the bins misses a header. */
static void
note_header(void *ctx, const struct wh_issue *issue)
{
	struct headers *h = ctx;
	void *offs = h->offs;

	if (strcmp(issue->rule, "bin-signature") != 0 && strcmp(issue->rule, "bin-offset") != 0)
		return;
	if (!whi_grow(h->s->alloc, &offs, &h->cap, h->count + 1, sizeof *h->offs)) {
		whi_salvage_fail(h->s, WH_E_MEMORY);
		return;
	}
	h->offs = offs;
	h->offs[h->count++] = (uint32_t)(issue->offset - REGF_BINS);
}

/* What the scan says when all headers are there; of what is lost to it some may be found. */
static void
note_scan(void *ctx, const struct wh_issue *issue)
{
	struct whi_salvage *s = ctx;
	void *gaps = s->gaps;

	if (strcmp(issue->rule, "bin-size") == 0) {
		whi_repair_pass_on(s, issue, WH_FIXED);
		return;
	}
	if (issue->cell == WH_NO_CELL)
		return;
	if (!whi_grow(s->alloc, &gaps, &s->gap_cap, s->gap_count + 1, sizeof *s->gaps)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	s->gaps = gaps;
	s->gaps[s->gap_count] = *issue;
	s->gaps[s->gap_count++].text = whi_salvage_keep(s, issue->text);
}

static void
scan(struct whi_salvage *s, wh_issue_fn *fn, void *ctx)
{
	whi_image_forget(&s->img, s->alloc);
	s->sink = (struct whi_sink){ fn, ctx };
	if (whi_image_prepare(&s->img, s->alloc) == WH_OK)
		whi_image_scan(&s->img);
	else
		whi_salvage_fail(s, WH_E_MEMORY);
	s->sink = (struct whi_sink){ 0 };
}

static void
copy_image(struct whi_salvage *s)
{
	s->img = s->hive->img;
	s->img.unread = NULL; /* see wh_hive_repair() */
	s->img.starts = NULL;
	s->img.ordered = NULL;
	s->img.room = 0;
	s->img.scanned = 0;
	s->img.counts = (struct whi_counts){ 0 };
	s->img.sink = &s->sink;
	s->img.bytes = whi_block_new(s->alloc, (size_t)s->img.size);
	if (!s->img.bytes) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	s->img.room = (size_t)s->img.size;
	memcpy(s->img.bytes, s->hive->img.bytes, (size_t)s->img.size);
}

/* Which places are in some cell: what is written elsewhere in it would spoil that one. */
static void
note_covered(struct whi_salvage *s)
{
	size_t words = (s->img.length / REGF_CELL_ALIGN + WORD - 1) / WORD;

	s->covered = whi_zalloc(s->alloc, words * sizeof *s->covered);
	if (!s->covered) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return;
	}
	s->words = words;
	for (uint32_t off = 0, end = 0; off < s->img.length; off += REGF_CELL_ALIGN) {
		uint32_t bit = off / REGF_CELL_ALIGN;

		if (whi_image_starts(&s->img, off)) {
			uint32_t word = word_at(s, off);

			end = off + (word >> 31 ? 0u - word : word);
		}
		if (off < end)
			s->covered[bit / WORD] |= UINT64_C(1) << bit % WORD;
	}
}

static bool
is_covered(const struct whi_salvage *s, uint32_t off)
{
	uint32_t bit = off / REGF_CELL_ALIGN;

	return s->covered[bit / WORD] >> bit % WORD & 1;
}

static void
set_start(struct whi_salvage *s, uint32_t off)
{
	s->img.starts[off / REGF_CELL_ALIGN / WORD] |= UINT64_C(1) << off / REGF_CELL_ALIGN % WORD;
}

static bool
has_signature(const struct whi_salvage *s, uint32_t off)
{
	static const char all[][3] = { "nk", "vk", "sk", "lh", "lf", "li", "ri", "db" };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (memcmp(bytes_at(s, off) + REGF_CELL_HEAD, all[i], 2) == 0)
			return true;
	return false;
}

/*
 * Cells were found again behind a gap where a number happened to lead to one.  If that looks like
 * a free cell, there may be others in it: those with a signature, whose sizes lead to its end.
 */
static void
look_behind(struct whi_salvage *s, uint32_t off)
{
	uint32_t end;

	while (off < s->img.length && !is_covered(s, off))
		off += REGF_CELL_ALIGN;
	if (off >= s->img.length || word_at(s, off) > INT32_MAX)
		return;
	end = off + word_at(s, off);
	for (uint32_t at = end - REGF_CELL_ALIGN; at > off; at -= REGF_CELL_ALIGN) {
		uint32_t size = 0u - word_at(s, at);

		if (size >= REGF_CELL_ALIGN && size % REGF_CELL_ALIGN == 0 && size <= end - at &&
		    has_signature(s, at) &&
		    (at + size == end || whi_image_starts(&s->img, at + size)))
			set_start(s, at);
	}
}

void
whi_salvage_say_gaps(struct whi_salvage *s)
{
	for (size_t i = 0; i < s->gap_count; i++) {
		uint32_t off = s->gaps[i].cell;
		bool found = true;

		while (found && off < s->img.length && !is_covered(s, off)) {
			found = whi_image_starts(&s->img, off);
			off += 0u - word_at(s, off);
		}
		whi_repair_pass_on(s, &s->gaps[i], found ? WH_FIXED : WH_DROPPED);
	}
}

static void
find_cells(struct whi_salvage *s)
{
	struct headers headers = { .s = s };

	scan(s, note_header, &headers);
	for (size_t i = 0; i < headers.count && s->status == WH_OK; i++)
		mend_header(s, headers.offs[i]);
	whi_free(s->alloc, headers.offs, headers.cap * sizeof *headers.offs);
	if (s->img.damaged && s->status == WH_OK)
		scan(s, note_scan, s);
	if (s->status == WH_OK)
		note_covered(s);
	for (size_t i = 0; i < s->gap_count && s->status == WH_OK; i++)
		look_behind(s, s->gaps[i].cell);
}

/* ----------------------------------------------------------------- cells */

bool
whi_salvage_claim(const struct whi_salvage *s, uint64_t *map, cellref ref)
{
	uint32_t bit = ref.off / REGF_CELL_ALIGN;

	if (ref.off % REGF_CELL_ALIGN || bit >= s->img.length / REGF_CELL_ALIGN)
		return true;
	if (map[bit / WORD] >> bit % WORD & 1)
		return false;
	map[bit / WORD] |= UINT64_C(1) << bit % WORD;
	return true;
}

static bool
is_place(const struct whi_salvage *s, cellref ref, uint32_t need)
{
	return ref.off % REGF_CELL_ALIGN == 0 && ref.off >= sizeof(struct regf_bin) &&
	       ref.off < s->img.length &&
	       s->img.length - ref.off >= (uint64_t)need + REGF_CELL_HEAD;
}

/* The size of a cell in use at 'off' by its size word, or 0: it cannot be one. */
static uint32_t
size_by(const struct whi_salvage *s, uint32_t off, uint32_t word, uint32_t need)
{
	uint32_t size = 0u - word;

	if (word <= INT32_MAX || size % REGF_CELL_ALIGN || size < REGF_CELL_ALIGN ||
	    size > s->img.length - off || size - REGF_CELL_HEAD < need)
		return 0;
	return size;
}

/* Another cell starts there, or a bin, or all bins end. */
static bool
is_end(const struct whi_salvage *s, uint32_t off)
{
	return off == s->img.length || whi_image_starts(&s->img, off) ||
	       (off % REGF_PAGE == 0 && is_header(s, off));
}

static bool
starts_between(const struct whi_salvage *s, uint32_t from, uint32_t to)
{
	for (uint32_t off = from + REGF_CELL_ALIGN; off < to; off += REGF_CELL_ALIGN)
		if (whi_image_starts(&s->img, off))
			return true;
	return false;
}

/*
 * The size word that should be there: the one that is, if only the way to it was lost; one that
 * differs in a bit, and leads to the next cell; or one that is as large as is needed.
 */
static uint32_t
better_word(const struct whi_salvage *s, uint32_t off, uint32_t need, bool sure)
{
	uint32_t word = word_at(s, off), size;

	bool start = whi_image_starts(&s->img, off);

	if (!start && size_by(s, off, word, need))
		return word;
	if (!start && is_covered(s, off))
		return 0;
	for (unsigned bit = 0; bit < 32; bit++) {
		size = size_by(s, off, word ^ UINT32_C(1) << bit, need);
		if (size > 0 && is_end(s, off + size))
			return word ^ UINT32_C(1) << bit;
	}
	size = (need + REGF_CELL_HEAD + REGF_CELL_ALIGN - 1) / REGF_CELL_ALIGN * REGF_CELL_ALIGN;
	if (!sure || need > MOST_SURE || size > s->img.length - off ||
	    starts_between(s, off, off + size))
		return 0;
	return 0u - size;
}

bool
whi_salvage_cell(struct whi_salvage *s, cellref ref, uint32_t need, bool sure)
{
	struct view cell;
	le32 word;

	if (whi_cell_get(&s->img, ref, &cell))
		return true;
	if (need > s->img.length || !is_place(s, ref, need))
		return false;
	word = le32_make(better_word(s, ref.off, need, sure));
	if (le32_get(word) == 0)
		return false;
	if (le32_get(word) != word_at(s, ref.off))
		whi_repair_say(s, WHI_RULE_CELL_PAST_BIN, WH_FIXED, WHI_IN_CELL(ref),
			       "the size of a cell in use: %" PRIu32 " bytes", 0u - le32_get(word));
	memcpy(bytes_at(s, ref.off), &word, sizeof word);
	s->img.starts[ref.off / REGF_CELL_ALIGN / WORD] |= UINT64_C(1)
							   << ref.off / REGF_CELL_ALIGN % WORD;
	return true;
}

/* ------------------------------------------------------------------ keys */

uint32_t
whi_salvage_find(const struct whi_salvage *s, cellref ref)
{
	size_t at = 0;
	cellref found = whi_cell_index_next(&s->by_cell, whi_salvage_hash(ref), &at);

	return found.off == REGF_NIL ? WHI_NO_KEY : found.off - 2;
}

uint32_t
whi_salvage_add(struct whi_salvage *s, struct whi_found_key key)
{
	void *keys = s->keys;
	uint32_t i = (uint32_t)s->count;

	if (!whi_grow(s->alloc, &keys, &s->cap, s->count + 1, sizeof *s->keys)) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return WHI_NO_KEY;
	}
	s->keys = keys;
	if (!(key.marks & WHI_KEY_MADE) &&
	    !whi_cell_index_add(&s->by_cell, s->alloc, whi_salvage_hash(key.cell),
				(cellref){ i + 2 })) {
		whi_salvage_fail(s, WH_E_MEMORY);
		return WHI_NO_KEY;
	}
	key.owner = WHI_NO_KEY;
	s->keys[s->count++] = key;
	return i;
}

/* The record of a key, and what is behind it, in a cell that may be none. */
static uint8_t *
record_at(const struct whi_salvage *s, cellref ref)
{
	return bytes_at(s, ref.off) + REGF_CELL_HEAD;
}

static void
get_record(const struct whi_salvage *s, cellref ref, struct regf_nk *disk)
{
	memcpy(disk, record_at(s, ref), sizeof *disk);
}

static void
put_record(const struct whi_salvage *s, cellref ref, const struct regf_nk *disk)
{
	memcpy(record_at(s, ref), disk, sizeof *disk);
}

/* A name that does not end in its cell is what there is of it. */
static uint32_t
clamp_name(struct whi_salvage *s, cellref ref, uint32_t room)
{
	const uint8_t *name = record_at(s, ref) + sizeof(struct regf_nk);
	struct regf_nk disk;

	get_record(s, ref, &disk);
	if (le16_get(disk.name_len) <= room)
		return 0;
	while (room > 0 && name[room - 1] == 0)
		room--;
	disk.name_len = le16_make((uint16_t)room);
	put_record(s, ref, &disk);
	return WHI_KEY_LONG_NAME;
}

/* The cell at 'ref' has the signature of a key, and room for one. */
static uint32_t
take_key(struct whi_salvage *s, cellref ref, uint32_t marks)
{
	struct whi_found_key key = { .cell = ref, .marks = marks };
	struct whi_nk nk;
	struct view cell;

	whi_cell_get(&s->img, ref, &cell);
	if (cell.len < sizeof(struct regf_nk))
		return WHI_NO_KEY;
	key.marks |= clamp_name(s, ref, cell.len - (uint32_t)sizeof(struct regf_nk));
	if (!whi_nk_parse(&s->img, ref, &nk))
		return WHI_NO_KEY;
	key.name = nk.name;
	return whi_salvage_add(s, key);
}

static void
find_keys(struct whi_salvage *s)
{
	struct view cell;

	for (size_t i = 0; i < s->img.words; i++)
		for (uint64_t word = s->img.starts[i]; word; word &= word - 1) {
			cellref ref = { ((uint32_t)i * WORD + bits_lowest(word)) *
					REGF_CELL_ALIGN };

			if (s->status == WH_OK &&
			    whi_cell_record(&s->img, ref, "nk", sizeof(struct regf_nk), &cell))
				take_key(s, ref, 0);
		}
}

/* Without its signature it is a key if all else is as in one. */
static bool
fits_a_key(const struct regf_nk *disk, cellref parent, uint32_t room)
{
	uint32_t len = le16_get(disk->name_len);

	return (parent.off == REGF_NIL || le32_get(disk->parent) == parent.off) && len > 0 &&
	       sizeof *disk + len <= room && room - sizeof *disk - len < SLACK &&
	       le16_get(disk->flags) < 0x400;
}

uint32_t
whi_salvage_key(struct whi_salvage *s, cellref ref, cellref parent)
{
	uint32_t found = whi_salvage_find(s, ref), need = sizeof(struct regf_nk), len;
	struct regf_nk disk;
	struct view cell;
	bool signature, named;

	if (found != WHI_NO_KEY || !is_place(s, ref, need))
		return found;
	get_record(s, ref, &disk);
	len = le16_get(disk.name_len);
	signature = memcmp(disk.sig, "nk", 2) == 0;
	named = len > 0 && is_place(s, ref, need + len);
	if (!whi_cell_get(&s->img, ref, &cell) &&
	    (!signature || !named ||
	     (parent.off != REGF_NIL && le32_get(disk.parent) != parent.off) ||
	     !whi_salvage_cell(s, ref, need + len, true)))
		return WHI_NO_KEY;
	whi_cell_get(&s->img, ref, &cell);
	if (cell.len < need || (!signature && !fits_a_key(&disk, parent, cell.len)))
		return WHI_NO_KEY;
	memcpy(record_at(s, ref), "nk", 2);
	return take_key(s, ref, WHI_KEY_MENDED);
}

/* Does the name have that hash with so many bytes, and in that form? */
static bool
has_hash(struct whi_name name, uint32_t len, bool wide, uint32_t hash)
{
	name.len = len;
	name.wide = wide;
	return whi_name_hash(name) == hash;
}

void
whi_salvage_name(struct whi_salvage *s, uint32_t key, uint32_t hash)
{
	struct whi_found_key *found = &s->keys[key];
	bool wide = found->name.wide;
	struct regf_nk disk;
	uint32_t room, len;
	struct whi_nk nk;
	struct view cell;

	if (whi_name_hash(found->name) == hash) {
		if (found->marks & WHI_KEY_LONG_NAME)
			found->marks ^= WHI_KEY_LONG_NAME | WHI_KEY_NAMED;
		return;
	}
	whi_cell_get(&s->img, found->cell, &cell);
	room = cell.len - (uint32_t)sizeof disk;
	for (len = room < SLACK ? 0 : room - SLACK; len <= room && len <= UINT16_MAX; len++)
		if (len > 0 && has_hash(found->name, len, wide, hash))
			break;
	if (len > room || len > UINT16_MAX) {
		len = found->name.len;
		wide = !wide;
		if (!has_hash(found->name, len, wide, hash) || (wide && len % 2))
			return;
	}
	get_record(s, found->cell, &disk);
	disk.name_len = le16_make((uint16_t)len);
	disk.flags = le16_make((uint16_t)((le16_get(disk.flags) & ~WH_KEY_COMP_NAME) |
					  (wide ? 0 : WH_KEY_COMP_NAME)));
	put_record(s, found->cell, &disk);
	if (!whi_nk_parse(&s->img, found->cell, &nk))
		return;
	found->name = nk.name;
	found->marks = (found->marks & ~(uint32_t)WHI_KEY_LONG_NAME) | WHI_KEY_NAMED;
}

/* ------------------------------------------------------------------- all */

void
whi_salvage_cells(struct whi_salvage *s)
{
	s->root = s->lost = WHI_NO_KEY;
	copy_image(s);
	if (s->status == WH_OK)
		find_cells(s);
	if (s->status != WH_OK)
		return;
	s->claimed = whi_zalloc(s->alloc, s->words * sizeof *s->claimed);
	s->used = whi_zalloc(s->alloc, s->words * sizeof *s->used);
	if (!s->claimed || !s->used)
		whi_salvage_fail(s, WH_E_MEMORY);
	if (s->status == WH_OK)
		find_keys(s);
}

void
whi_salvage_fini(struct whi_salvage *s)
{
	const struct wh_allocator *a = s->alloc;

	whi_image_forget(&s->img, a);
	if (s->img.room > 0)
		whi_block_free(a, s->img.bytes, s->img.room);
	whi_free(a, s->children, s->child_room * sizeof *s->children);
	whi_free(a, s->keys, s->cap * sizeof *s->keys);
	whi_cell_index_fini(&s->by_cell, a);
	whi_free(a, s->gaps, s->gap_cap * sizeof *s->gaps);
	whi_free(a, s->holes, s->hole_cap * sizeof *s->holes);
	whi_free(a, s->doubts, s->doubt_cap * sizeof *s->doubts);
	whi_free(a, s->tops, s->top_cap * sizeof *s->tops);
	whi_free(a, s->claimed, s->words * sizeof *s->claimed);
	whi_free(a, s->used, s->words * sizeof *s->used);
	whi_free(a, s->covered, s->words * sizeof *s->covered);
	whi_free(a, s->path, s->path_cap);
	for (struct whi_text *text = s->texts, *next; text; text = next) {
		next = text->next;
		whi_free(a, text, sizeof *text + text->size);
	}
}
