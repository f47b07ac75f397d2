/* SPDX-License-Identifier: MIT */
#include "hive/read.h"

#include <inttypes.h>
#include <string.h>

/* From 'at' to 'end' nothing could be read. */
static void
leave_out(struct wh_hive *hive, uint64_t at, uint64_t end)
{
	if (at == end)
		return;
	memset(hive->img.bytes + at, 0, (size_t)(end - at));
	whi_blanks_add(&hive->blanks, at, end);
}

void
whi_read_around(struct wh_hive *hive, const struct wh_source *source, uint64_t at, size_t len)
{
	uint64_t end = at + len, blank = at, next;

	for (; at < end; at = next) {
		next = at - at % REGF_PAGE + REGF_PAGE;
		if (next > end)
			next = end;
		if (source->read(source->ctx, at, hive->img.bytes + at, (size_t)(next - at))) {
			leave_out(hive, blank, at);
			blank = next;
		} else if (at == 0) {
			/* It was read before, or this would not be a hive. */
			memcpy(hive->img.bytes, &hive->found, (size_t)next);
			blank = next;
		} else if (++hive->blanks.failed == WHI_BLANKS) {
			leave_out(hive, blank, hive->img.size);
			return;
		}
	}
	leave_out(hive, blank, end);
}

void
whi_read_report(struct wh_hive *hive, const struct whi_sink *sink)
{
	struct whi_blanks *blanks = &hive->blanks;
	size_t count = atomic_load_explicit(&blanks->count, memory_order_relaxed);

	for (; blanks->reported < count; blanks->reported++) {
		const struct whi_blank *blank = &blanks->list[blanks->reported];

		if (whi_read_no_more(hive) && blank->end == hive->file_size)
			whi_report(sink, WHI_RULE_FILE_UNREAD, WHI_IN_FILE(blank->at),
				   "the file cannot be read here and in many other places; what "
				   "lies from here on is not read");
		else
			whi_report(sink, WHI_RULE_FILE_UNREAD, WHI_IN_FILE(blank->at),
				   "%" PRIu64 " bytes cannot be read; what has a part there is not "
				   "given",
				   blank->end - blank->at);
	}
}

static void
report_filled(uint64_t at, uint64_t end, const struct whi_sink *sink)
{
	if (at < end)
		whi_report(sink, WHI_RULE_FILE_FILLED, WHI_IN_FILE(at),
			   "%" PRIu64 " bytes cannot be read; the logs have them", end - at);
}

void
whi_read_report_filled(const struct whi_blanks *before, const struct whi_blanks *now,
		       const struct whi_sink *sink)
{
	const struct whi_blank *left = now->list, *last = &now->list[now->count];

	for (const struct whi_blank *was = before->list; was < &before->list[before->count];
	     was++) {
		uint64_t at = was->at;

		for (; left < last && left->at < was->end; at = left++->end)
			report_filled(at, left->at, sink);
		report_filled(at, was->end, sink);
	}
}
