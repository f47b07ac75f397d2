/* SPDX-License-Identifier: MIT */
/* What is in a key itself: time, class name, flags, security. */
#include "base/mem.h"
#include "tree/key_edit.h"
#include "tree/sk.h"

#include <string.h>

enum { NIBBLE = 4 };

enum wh_status
wh_key_set_time(struct wh_key key, uint64_t filetime)
{
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	WHI_NK_SET64(key.hive->edit, (cellref){ key.cell }, last_written, filetime);
	return whi_change_end(key.hive);
}

enum wh_status
wh_key_set_class(struct wh_key key, const char *text, size_t len)
{
	struct wh_hive *hive = key.hive;
	cellref ref = { key.cell };
	struct whi_class class_name;
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	st = whi_class_init(&class_name, hive, text, len);
	if (st != WH_OK)
		whi_edit_fail(hive->edit, st);
	else
		whi_key_put_class(hive, ref, class_name.bytes, class_name.len);
	whi_class_fini(&class_name, hive);
	whi_nk_touch(hive, ref);
	return whi_change_end(hive);
}

enum wh_status
wh_key_set_flags(struct wh_key key, unsigned user_flags, unsigned virtual_flags)
{
	uint8_t both = (uint8_t)((user_flags | virtual_flags << NIBBLE) & UINT8_MAX);
	cellref ref = { key.cell };
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	if (user_flags >> NIBBLE || virtual_flags >> NIBBLE)
		whi_edit_fail(key.hive->edit, WH_E_INVALID);
	whi_cell_write(key.hive->edit, ref, offsetof(struct regf_nk, user_flags), &both,
		       sizeof both);
	whi_nk_touch(key.hive, ref);
	return whi_change_end(key.hive);
}

/* 'descriptor' does not lie in the image. */
static void
put_security(struct wh_hive *hive, cellref key, const void *descriptor, size_t len)
{
	cellref security = whi_sk_acquire(hive, descriptor, (uint32_t)len, key);
	struct whi_nk nk;

	if (!whi_nk_parse(&hive->img, key, &nk)) {
		whi_edit_fail(hive->edit, WH_E_CORRUPT);
		return;
	}
	WHI_NK_SET32(hive->edit, key, security, security.off);
	whi_sk_release(hive, nk.security);
	whi_nk_touch(hive, key);
}

enum wh_status
wh_key_set_security(struct wh_key key, const void *descriptor, size_t len)
{
	struct wh_hive *hive = key.hive;
	void *copy;
	enum wh_status st = whi_change_begin(key);

	if (st != WH_OK)
		return st;
	if (!whi_sd_valid(descriptor, len)) {
		whi_edit_fail(hive->edit, WH_E_INVALID);
		return whi_change_end(hive);
	}
	/* It may be that of another key, lent from the image. */
	copy = whi_alloc(&hive->alloc, len);
	if (!copy) {
		whi_edit_fail(hive->edit, WH_E_MEMORY);
	} else {
		memcpy(copy, descriptor, len);
		put_security(hive, (cellref){ key.cell }, copy, len);
	}
	whi_free(&hive->alloc, copy, len);
	return whi_change_end(hive);
}
