/* SPDX-License-Identifier: MIT */
#include "cell/pack.h"

#include "base/mem.h"

#include <string.h>

enum {
	HEAD = sizeof(struct regf_bin),
	LARGE_BIN = 1 << 20,
	CRUMB = 64, /* bytes that are given up at the end of a large bin */
};

static void
fail(struct whi_pack *p, enum wh_status status)
{
	if (p->status == WH_OK)
		p->status = status;
}

static uint8_t *
bytes_at(const struct whi_pack *p, uint32_t off)
{
	return p->img->bytes + REGF_BINS + off;
}

static void
put32(struct whi_pack *p, uint32_t off, uint32_t number)
{
	le32 word = le32_make(number);

	memcpy(bytes_at(p, off), &word, sizeof word);
}

/* Bytes from the end of the last cell to that of its page. */
static uint32_t
left_in_page(const struct whi_pack *p)
{
	return (0u - p->end) & (REGF_PAGE - 1);
}

/* ------------------------------------------------------------------ bins */

static void
end_bin(struct whi_pack *p)
{
	uint32_t left = left_in_page(p);
	struct regf_bin bin = { .sig = { 'h', 'b', 'i', 'n' }, .offset = le32_make(p->bin) };

	if (left > 0)
		put32(p, p->end, left); /* a free cell */
	p->end += left;
	bin.size = le32_make(p->end - p->bin);
	memcpy(bytes_at(p, p->bin), &bin, sizeof bin);
	p->bin = p->end;
}

/* Does the bin end before a cell of 'size' bytes? */
static bool
bin_is_full(const struct whi_pack *p, uint32_t size)
{
	uint32_t left = left_in_page(p);

	if (p->end == p->bin)
		return false;
	return left == 0 || (left < CRUMB && left < size && p->end - p->bin >= LARGE_BIN);
}

void
whi_pack_begin(struct whi_pack *p, struct whi_image *img, const struct wh_allocator *alloc,
	       uint64_t reserve)
{
	*p = (struct whi_pack){ .img = img, .alloc = alloc };
	if (reserve > SIZE_MAX / 4) {
		fail(p, WH_E_MEMORY);
		return;
	}
	if (reserve < REGF_BINS + REGF_PAGE)
		reserve = REGF_BINS + REGF_PAGE;
	img->bytes = whi_block_new(alloc, (size_t)reserve);
	if (!img->bytes) {
		fail(p, WH_E_MEMORY);
		return;
	}
	img->room = (size_t)reserve;
	img->size = reserve;
	if (whi_image_prepare(img, alloc) != WH_OK)
		fail(p, WH_E_MEMORY);
}

void
whi_pack_end(struct whi_pack *p)
{
	if (p->status == WH_OK && p->end > p->bin)
		end_bin(p);
	p->img->length = p->end;
}

enum wh_status
whi_pack_finish(struct whi_pack *p, const struct regf_base *base)
{
	if (p->status != WH_OK)
		return p->status;
	memcpy(p->img->bytes, base, sizeof *base);
	memcpy(bytes_at(p, offsetof(struct regf_bin, timestamp)), &base->timestamp,
	       sizeof base->timestamp);
	p->img->size = REGF_BINS + (uint64_t)p->img->length;
	whi_image_scan(p->img);
	return WH_OK;
}

/* ----------------------------------------------------------------- cells */

cellref
whi_pack_cell(struct whi_pack *p, uint32_t size)
{
	cellref none = { REGF_NIL };
	uint32_t at;

	if (p->status != WH_OK)
		return none;
	if (bin_is_full(p, size))
		end_bin(p);
	at = p->end == p->bin ? p->bin + HEAD : p->end;
	if (at > REGF_MAX_LENGTH || size > REGF_MAX_LENGTH - at) {
		fail(p, WH_E_TOO_BIG);
		return none;
	}
	/* And the page that is begun, which end_bin() completes. */
	if (whi_image_make_room(p->img, p->alloc, REGF_BINS + (uint64_t)at + size + REGF_PAGE) !=
	    WH_OK) {
		fail(p, WH_E_MEMORY);
		return none;
	}
	put32(p, at, 0u - size);
	p->end = at + size;
	return (cellref){ at };
}

void
whi_pack_write(struct whi_pack *p, cellref ref, uint32_t off, const void *bytes, uint32_t len)
{
	uint32_t room;

	if (p->status != WH_OK || len == 0)
		return;
	room = 0u - le32_get(*(const le32 *)bytes_at(p, ref.off)) - REGF_CELL_HEAD;
	if (off > room || len > room - off)
		fail(p, WH_E_CORRUPT);
	else
		memcpy(bytes_at(p, ref.off) + REGF_CELL_HEAD + off, bytes, len);
}

void
whi_pack_write16(struct whi_pack *p, cellref ref, uint32_t off, uint16_t number)
{
	le16 bytes = le16_make(number);

	whi_pack_write(p, ref, off, &bytes, sizeof bytes);
}

void
whi_pack_write32(struct whi_pack *p, cellref ref, uint32_t off, uint32_t number)
{
	le32 bytes = le32_make(number);

	whi_pack_write(p, ref, off, &bytes, sizeof bytes);
}

uint32_t
whi_pack_read32(const struct whi_pack *p, cellref ref, uint32_t off)
{
	if (p->status != WH_OK)
		return 0;
	return le32_get(*(const le32 *)(bytes_at(p, ref.off) + REGF_CELL_HEAD + off));
}
