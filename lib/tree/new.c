/* SPDX-License-Identifier: MIT */
/* A new hive from nothing (docs/format.md appendix B). */
#include "base/mem.h"
#include "hive/base_block.h"
#include "tree/edit.h"
#include "tree/sk.h"

#include <string.h>

/* The smallest hive there is: a base block, a bin, and one free cell in it. */
struct blank {
	struct regf_base base;
	struct regf_bin bin;
	le32 free;
	uint8_t rest[REGF_PAGE - sizeof(struct regf_bin) - sizeof(le32)];
};
static_assert(sizeof(struct blank) == REGF_BINS + REGF_PAGE, "two pages");

static void
fill_blank(struct blank *blank, uint32_t minor, uint64_t time)
{
	*blank = (struct blank){
		.base = { .sig = { 'r', 'e', 'g', 'f' },
			  .sequence1 = le32_make(1),
			  .sequence2 = le32_make(1),
			  .timestamp = le64_make(time),
			  .major = le32_make(1),
			  .minor = le32_make(minor),
			  .type = le32_make(REGF_TYPE_PRIMARY),
			  .format = le32_make(REGF_FORMAT_DIRECT),
			  .root_cell = le32_make(sizeof(struct regf_bin)),
			  .length = le32_make(REGF_PAGE),
			  .cluster = le32_make(1) },
		.bin = { .sig = { 'h', 'b', 'i', 'n' },
			 .size = le32_make(REGF_PAGE),
			 .timestamp = le64_make(time) },
		.free = le32_make(REGF_PAGE - sizeof(struct regf_bin)),
	};
	blank->base.checksum = le32_make(whi_base_checksum(&blank->base));
}

static enum wh_status
start(struct wh_hive *hive, const struct wh_options *options, uint32_t minor)
{
	struct blank *blank;
	enum wh_status st;

	hive->sink = (struct whi_sink){ options->issue, options->issue_ctx };
	hive->time = options->time;
	hive->state = WH_CLEAN;
	hive->img = (struct whi_image){
		.sink = &hive->sink,
		.size = sizeof *blank,
		.length = REGF_PAGE,
		.minor = minor,
	};
	hive->img.bytes = whi_block_new(&hive->alloc, sizeof *blank);
	if (!hive->img.bytes)
		return WH_E_MEMORY;
	hive->img.room = sizeof *blank;
	blank = (struct blank *)hive->img.bytes;
	fill_blank(blank, minor, whi_change_time(hive));
	hive->found = blank->base;
	hive->file_size = sizeof *blank;
	st = whi_image_prepare(&hive->img, &hive->alloc);
	if (st != WH_OK)
		return st;
	whi_image_scan(&hive->img);
	hive->root = (cellref){ sizeof(struct regf_bin) };
	/* There is nothing to look through, and no root yet that could be. */
	hive->flags = WH_OPEN_TAKE_DAMAGED;
	st = whi_change_prepare(hive);
	hive->flags = 0;
	return st;
}

/* The root key is in the first cell there is. */
static void
make_root(struct wh_hive *hive, struct whi_name name, const void *security, uint32_t security_len)
{
	struct whi_edit *e = hive->edit;
	cellref root = whi_cell_new(e, (uint32_t)sizeof(struct regf_nk) + name.len, hive->root);
	cellref sk = whi_sk_acquire(hive, security, security_len, (cellref){ REGF_NIL });
	struct regf_nk nk = {
		.sig = { 'n', 'k' },
		.flags = le16_make(WH_KEY_HIVE_ENTRY | WH_KEY_NO_DELETE |
				   (name.wide ? 0 : WH_KEY_COMP_NAME)),
		.last_written = le64_make(whi_change_time(hive)),
		.parent = le32_make(REGF_NIL),
		.subkey_list = le32_make(REGF_NIL),
		.volatile_list = le32_make(REGF_NIL),
		.value_list = le32_make(REGF_NIL),
		.security = le32_make(sk.off),
		.class_cell = le32_make(REGF_NIL),
		.name_len = le16_make((uint16_t)name.len),
	};

	whi_cell_write(e, root, 0, &nk, sizeof nk);
	whi_cell_write(e, root, sizeof nk, name.at, name.len);
}

static enum wh_status
make(struct wh_hive *hive, const struct wh_new *how, const struct wh_options *options)
{
	const void *security = how->security ? how->security : whi_sd_default;
	size_t security_len = how->security ? how->security_len : sizeof whi_sd_default;
	const char *text = how->root_name ? how->root_name : "ROOT";
	struct whi_new_name name;
	enum wh_status st;

	if (!whi_sd_valid(security, security_len))
		return WH_E_INVALID;
	st = start(hive, options, how->minor ? how->minor : 5);
	if (st != WH_OK)
		return st;
	st = whi_key_name_init(&name, hive, text, how->root_name ? how->root_name_len : WH_NTS);
	if (st == WH_OK) {
		whi_edit_begin(hive->edit);
		make_root(hive, name.name, security, (uint32_t)security_len);
		st = whi_edit_end(hive->edit);
		whi_edit_settle(hive->edit);
	}
	whi_new_name_fini(&name, hive);
	return st;
}

enum wh_status
wh_hive_new(const struct wh_new *how, const struct wh_options *options, struct wh_hive **out)
{
	static const struct wh_options no_options;
	static const struct wh_new defaults;
	struct wh_allocator alloc = whi_allocator(options ? options->allocator : NULL);
	struct wh_hive *hive;
	enum wh_status st;

	*out = NULL;
	if (!how)
		how = &defaults;
	if (how->minor == 1 || how->minor > REGF_LAYER_MINOR)
		return WH_E_INVALID;
	hive = whi_zalloc(&alloc, sizeof *hive);
	if (!hive)
		return WH_E_MEMORY;
	hive->alloc = alloc;
	st = make(hive, how, options ? options : &no_options);
	if (st != WH_OK) {
		wh_hive_close(hive);
		return st;
	}
	*out = hive;
	return WH_OK;
}
