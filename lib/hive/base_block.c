/* SPDX-License-Identifier: MIT */
#include "hive/base_block.h"

#include "base/utf.h"

#include <inttypes.h>
#include <string.h>

uint32_t
whi_base_checksum(const struct regf_base *base)
{
	const le32 *words = (const le32 *)base;
	uint32_t sum = 0;

	for (size_t i = 0; i < REGF_BASE_SUMMED / sizeof *words; i++)
		sum ^= le32_get(words[i]);
	return sum == UINT32_MAX ? UINT32_MAX - 1 : sum == 0 ? 1 : sum;
}

bool
whi_base_sound(const struct regf_base *base)
{
	return memcmp(base->sig, "regf", 4) == 0 && le32_get(base->major) == 1 &&
	       le32_get(base->checksum) == whi_base_checksum(base);
}

bool
whi_base_known(const struct regf_base *base)
{
	uint32_t minor = le32_get(base->minor);

	return le32_get(base->major) == 1 && minor >= 1 && minor <= REGF_LAYER_MINOR;
}

bool
whi_base_clean(const struct regf_base *base)
{
	return whi_base_sound(base) && le32_get(base->sequence1) == le32_get(base->sequence2);
}

void
whi_base_seal(struct regf_base *base, uint32_t sequence)
{
	base->sequence1 = base->sequence2 = le32_make(sequence);
	base->type = le32_make(REGF_TYPE_PRIMARY);
	base->checksum = le32_make(whi_base_checksum(base));
}

/* Report a field that should have one value and has another. */
static void
review(const struct whi_sink *sink, enum whi_rule rule, size_t offset, const char *what, le32 field,
       uint32_t due)
{
	uint32_t is = le32_get(field);

	if (is != due)
		whi_report(sink, rule, WHI_IN_FILE(offset), "%s is %" PRIu32 ", should be %" PRIu32,
			   what, is, due);
}

void
whi_base_review(const struct regf_base *base, const struct whi_sink *sink)
{
	uint32_t due = whi_base_checksum(base);

	if (memcmp(base->sig, "regf", 4) != 0) {
		whi_report(sink, WHI_RULE_BASE_SIGNATURE, WHI_IN_FILE(0),
			   "there is no base block, only hive bins; nothing in it is believed");
		return;
	}
	if (le32_get(base->checksum) != due) {
		whi_report(sink, WHI_RULE_BASE_CHECKSUM,
			   WHI_IN_FILE(offsetof(struct regf_base, checksum)),
			   "checksum is 0x%08" PRIx32 ", should be 0x%08" PRIx32
			   "; nothing in the base block is believed",
			   le32_get(base->checksum), due);
		return;
	}
	review(sink, WHI_RULE_BASE_TYPE, offsetof(struct regf_base, type), "file type", base->type,
	       REGF_TYPE_PRIMARY);
	review(sink, WHI_RULE_BASE_FORMAT, offsetof(struct regf_base, format), "format",
	       base->format, REGF_FORMAT_DIRECT);
	review(sink, WHI_RULE_BASE_CLUSTER, offsetof(struct regf_base, cluster), "cluster factor",
	       base->cluster, 1);
}

/* The file name is cut at 31 units and may lack its NUL. */
static struct view
file_name(const struct regf_base *base)
{
	struct view name = { base->file_name, 0 };

	while (name.len < sizeof base->file_name &&
	       (name.at[name.len] != 0 || name.at[name.len + 1] != 0))
		name.len += 2;
	return name;
}

bool
whi_base_same_name(const struct regf_base *a, const struct regf_base *b)
{
	struct view one = file_name(a), two = file_name(b);

	return one.len == 0 || two.len == 0 ||
	       (one.len == two.len && memcmp(one.at, two.at, one.len) == 0);
}

void
whi_base_decode(const struct regf_base *base, struct wh_base_block *out)
{
	uint64_t reorganized = le64_get(base->reorganized);
	unsigned marker = reorganized & 3;

	*out = (struct wh_base_block){
		.sequence1 = le32_get(base->sequence1),
		.sequence2 = le32_get(base->sequence2),
		.timestamp = le64_get(base->timestamp),
		.major = le32_get(base->major),
		.minor = le32_get(base->minor),
		.type = le32_get(base->type),
		.format = le32_get(base->format),
		.root_cell = le32_get(base->root_cell),
		.length = le32_get(base->length),
		.cluster = le32_get(base->cluster),
		.checksum = le32_get(base->checksum),
		.checksum_due = whi_base_checksum(base),
		.has_guids = memcmp(base->guid_sig, "rmtm", 4) == 0,
		.offreg = memcmp(base->offreg_sig, "OfRg", 4) == 0 ||
			  memcmp(&base->reorganized, "OfRg", 4) == 0,
	};
	/* Older systems leave other bytes where these fields came to be (docs/format.md 2.1). */
	if (out->has_guids || out->minor >= REGF_LAYER_MINOR) {
		out->flags = le32_get(base->flags);
		if ((marker == 1 || marker == 2) && reorganized > 3 &&
		    memcmp(&base->reorganized, "OfRg", 4) != 0)
			out->reorganized = reorganized - marker;
	}
	if (out->has_guids) {
		memcpy(out->rm_id, base->rm_id, sizeof out->rm_id);
		memcpy(out->log_id, base->log_id, sizeof out->log_id);
		memcpy(out->tm_id, base->tm_id, sizeof out->tm_id);
	}
	out->file_name[whi_utf8_from_utf16(file_name(base), out->file_name)] = '\0';
}
