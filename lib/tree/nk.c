/* SPDX-License-Identifier: MIT */
#include "tree/nk.h"

#include <inttypes.h>
#include <string.h>

static const struct whi_record record = {
	.what = "key",
	.sig = { 'n', 'k' },
	.size = sizeof(struct regf_nk),
	.name_len_at = offsetof(struct regf_nk, name_len),
	.cell = WHI_RULE_KEY_CELL,
	.signature = WHI_RULE_KEY_SIGNATURE,
	.name_past_cell = WHI_RULE_KEY_NAME_PAST_CELL,
};

enum wh_status
whi_nk_read(const struct whi_image *img, cellref ref, uint64_t from, struct whi_nk *nk)
{
	if (whi_nk_parse(img, ref, nk))
		return WH_OK;
	whi_record_explain(img, ref, from, &record);
	return WH_E_CORRUPT;
}

static bool
has_backslash(struct whi_name name)
{
	if (!name.wide)
		return memchr(name.at, '\\', name.len) != NULL;
	for (uint32_t i = 0; i < whi_name_units(name); i++)
		if (whi_name_unit(name, i) == '\\')
			return true;
	return false;
}

void
whi_nk_review_record(const struct whi_image *img, const struct whi_nk *nk, cellref parent)
{
	struct whi_location place = WHI_IN_CELL(nk->self);

	if (nk->name.len == 0)
		whi_report(img->sink, WHI_RULE_KEY_NAME_EMPTY, place, "the name is empty");
	if (nk->name.wide && nk->name.len % 2)
		whi_report(img->sink, WHI_RULE_KEY_NAME_ODD, place,
			   "name of %" PRIu32 " bytes in UTF-16; the last is left out",
			   nk->name.len);
	if (parent.off != REGF_NIL && nk->parent.off != parent.off)
		whi_report(img->sink, WHI_RULE_KEY_PARENT, place,
			   "found below the key in cell 0x%" PRIx32
			   ", but says it is below 0x%" PRIx32,
			   parent.off, nk->parent.off);
	if (parent.off != REGF_NIL && has_backslash(nk->name))
		whi_report(img->sink, WHI_RULE_KEY_NAME_BACKSLASH, place,
			   "the name has a backslash in it");
	if (nk->flags & WH_KEY_PREDEF_HANDLE)
		whi_report(img->sink, WHI_RULE_KEY_PREDEF_HANDLE, place,
			   "stands for the predefined handle 0x%08" PRIx32 "; it has no values",
			   nk->value_count);
}

void
whi_nk_review(const struct whi_image *img, const struct whi_nk *nk, cellref parent)
{
	struct view ignored;

	if (!img->sink->fn)
		return;
	whi_nk_review_record(img, nk, parent);
	if (whi_nk_security(img, nk, &ignored) != WH_OK)
		return; /* has been reported */
}

enum wh_status
whi_nk_class(const struct whi_image *img, const struct whi_nk *nk, struct view *class_name)
{
	struct whi_location place = WHI_IN_CELL(nk->self);
	struct view cell;

	*class_name = (struct view){ 0 };
	if (nk->class_len == 0)
		return WH_OK;
	if (nk->class_cell.off == REGF_NIL) {
		whi_report(img->sink, WHI_RULE_KEY_CLASS_MISSING, place,
			   "class name of %u bytes, but no cell for it", nk->class_len);
		return WH_E_CORRUPT;
	}
	if (!whi_cell_get(img, nk->class_cell, &cell)) {
		whi_report(img->sink, WHI_RULE_KEY_CLASS_CELL, place,
			   "class name: reference 0x%" PRIx32 " %s", nk->class_cell.off,
			   whi_cell_why(img, nk->class_cell));
		return WH_E_CORRUPT;
	}
	if (!view_sub(cell, 0, nk->class_len, class_name) || nk->class_len % 2) {
		whi_report(img->sink, WHI_RULE_KEY_CLASS_LENGTH, place,
			   "class name of %u bytes in a cell with %" PRIu32, nk->class_len,
			   cell.len);
		return WH_E_CORRUPT;
	}
	return WH_OK;
}

enum wh_status
whi_nk_security(const struct whi_image *img, const struct whi_nk *nk, struct view *descriptor)
{
	struct view cell;
	const struct regf_sk *sk =
		whi_cell_record(img, nk->security, "sk", sizeof(struct regf_sk), &cell);

	*descriptor = (struct view){ 0 };
	if (!sk) {
		whi_report(img->sink, WHI_RULE_KEY_SECURITY, WHI_IN_CELL(nk->self),
			   "security: reference 0x%" PRIx32 " %s", nk->security.off,
			   whi_cell_get(img, nk->security, &cell)
				   ? "is not a security cell"
				   : whi_cell_why(img, nk->security));
		return WH_E_CORRUPT;
	}
	if (!view_sub(cell, sizeof *sk, le32_get(sk->len), descriptor)) {
		whi_report(img->sink, WHI_RULE_SECURITY_LENGTH, WHI_IN_CELL(nk->security),
			   "descriptor of %" PRIu32 " bytes, %zu left in the cell",
			   le32_get(sk->len), cell.len - sizeof *sk);
		return WH_E_CORRUPT;
	}
	return WH_OK;
}

void
whi_nk_decode(const struct whi_image *img, const struct whi_nk *nk, struct wh_key_info *info)
{
	const struct regf_nk *disk = nk->disk;
	bool layered = img->minor >= REGF_LAYER_MINOR;

	*info = (struct wh_key_info){
		.cell = nk->self.off,
		.cell_size = nk->cell_len + img->cell_head,
		.flags = nk->flags,
		.last_written = le64_get(disk->last_written),
		.access = disk->access,
		.layer = layered ? (enum wh_layer)(disk->layer & NK_LAYER) : WH_LAYER_MERGE,
		.inherit_class = layered && (disk->layer & NK_INHERIT_CLASS),
		.parent = nk->parent.off,
		.subkey_count = nk->subkey_count,
		.volatile_count = le32_get(disk->volatile_count),
		.subkey_list = nk->subkey_list.off,
		.value_count = nk->value_count,
		.value_list = nk->value_list.off,
		.security = nk->security.off,
		.class_cell = nk->class_cell.off,
		.class_len = nk->class_len,
		.name_len = (uint16_t)nk->name.len,
		.max_name_len = le16_get(disk->max_name_len),
		.user_flags = disk->user_flags & 0xf,
		.virtual_flags = disk->user_flags >> 4,
		.debug = disk->debug,
		.max_class_len = le32_get(disk->max_class_len),
		.max_value_name_len = le32_get(disk->max_value_name_len),
		.max_value_len = le32_get(disk->max_value_len),
		.work_var = le32_get(disk->work_var),
	};
}
