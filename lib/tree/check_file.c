/* SPDX-License-Identifier: MIT */
/*
 * The file, its bins and its cells (docs/format.md sections 2 to 4).  What opening has found in the
 * bins is found again, as it was said to somebody else.
 */
#include "tree/check.h"

#include "base/bits.h"
#include "base/mem.h"
#include "hive/review.h"

#include <inttypes.h>

enum { NAMED = 16 }; /* cells without an owner that are reported one by one */

/* ----------------------------------------------------------- bins and cells */

/* The scan reports what it meets; if it met anything it does so again. */
static enum wh_status
check_bins(struct whi_pass *p)
{
	struct whi_image again = p->img;
	enum wh_status st;

	if (p->img.damaged) {
		again.starts = NULL;
		again.ordered = NULL;
		again.scanned = 0;
		st = whi_image_prepare(&again, &p->hive->alloc);
		if (st == WH_OK)
			whi_image_scan(&again);
		whi_image_forget(&again, &p->hive->alloc);
		if (st != WH_OK)
			return st;
	}
	if (!p->img.cut && whi_image_bins_end(&p->img, p->img.length) > p->img.length)
		whi_report(&p->sink, WHI_RULE_BIN_BEHIND,
			   WHI_IN_FILE(REGF_BINS + (uint64_t)p->img.length),
			   "a hive bin that says it is here, behind the end of all of them");
	return WH_OK;
}

static uint32_t
size_word(const struct whi_image *img, uint32_t off)
{
	return le32_get(*(const le32 *)(img->bytes + REGF_BINS + off));
}

static void
check_free(struct whi_pass *p, uint32_t off, uint32_t size)
{
	uint32_t next = off + size;

	if (whi_image_starts(&p->img, next) && size_word(&p->img, next) <= INT32_MAX)
		whi_report(&p->sink, WHI_RULE_CELL_FREE, WHI_IN_CELL((cellref){ off }),
			   "free cell of %" PRIu32 " bytes, and the next one, of %" PRIu32
			   ", is free too",
			   size, size_word(&p->img, next));
}

static void
check_unowned(struct whi_pass *p, uint32_t off, uint32_t size)
{
	if (p->check->result->unowned_cells++ < NAMED)
		whi_report(&p->sink, WHI_RULE_CELL_UNOWNED, WHI_IN_CELL((cellref){ off }),
			   "cell of %" PRIu32 " bytes is in use, but nothing refers to it", size);
	p->check->result->unowned_bytes += size;
}

void
whi_check_rest(struct whi_pass *p)
{
	const struct wh_check *result = p->check->result;

	for (size_t i = 0; i < p->words; i++)
		for (uint64_t word = p->img.starts[i] & ~p->owned[i]; word; word &= word - 1) {
			uint32_t off =
				((uint32_t)i * WHI_WORD + bits_lowest(word)) * REGF_CELL_ALIGN;
			uint32_t size = size_word(&p->img, off);

			if (size <= INT32_MAX)
				check_free(p, off, size);
			else
				check_unowned(p, off, 0u - size);
		}
	if (result->unowned_cells > NAMED)
		whi_report(&p->sink, WHI_RULE_CELL_UNOWNED, WHI_IN_FILE(REGF_BINS),
			   "nothing refers to %" PRIu64 " more cells; all of them have %" PRIu64
			   " bytes",
			   result->unowned_cells - NAMED, result->unowned_bytes);
}

enum wh_status
whi_check_file(struct whi_pass *p)
{
	whi_review_base(p->hive, &p->sink);
	whi_review_logs(p->hive, &p->sink);
	return check_bins(p);
}
