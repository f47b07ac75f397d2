/* SPDX-License-Identifier: MIT */
/* The public functions that change values. */
#include "base/mem.h"
#include "tree/value_edit.h"

/* Begin a change that concerns a value of a key; on success whi_change_end() is due. */
static enum wh_status
begin(struct wh_key key, const char *name, size_t len, struct whi_new_name *stored)
{
	enum wh_status st;

	if (!key.hive)
		return WH_E_INVALID;
	st = whi_new_name_init(stored, key.hive, name, len, 0, WHI_VALUE_NAME_MAX);
	if (st == WH_OK)
		st = whi_change_begin(key);
	if (st != WH_OK)
		whi_new_name_fini(stored, key.hive);
	return st;
}

static enum wh_status
end(struct wh_key key, struct whi_new_name *stored)
{
	whi_nk_touch(key.hive, (cellref){ key.cell });
	whi_new_name_fini(stored, key.hive);
	return whi_change_end(key.hive);
}

static enum wh_status
set(struct wh_key key, const char *name, size_t len, uint32_t type, const void *data, size_t size)
{
	struct whi_new_name stored;
	enum wh_status st = begin(key, name, len, &stored);

	if (st != WH_OK)
		return st;
	whi_values_set(key.hive, (cellref){ key.cell }, stored.name, type, data, size);
	return end(key, &stored);
}

/* Were these bytes lent by the hive?  Then they go when they are written over, or moved. */
static bool
is_lent(const struct wh_hive *hive, const void *data, size_t size)
{
	uintptr_t off = (uintptr_t)data - (uintptr_t)hive->img.bytes;

	return off < hive->img.room && size <= hive->img.room - off;
}

enum wh_status
wh_value_set(struct wh_key key, const char *name, size_t len, uint32_t type, const void *data,
	     size_t size)
{
	enum wh_status st;
	void *copy;

	if (!key.hive || (!data && size > 0))
		return WH_E_INVALID;
	if (size == 0 || !is_lent(key.hive, data, size))
		return set(key, name, len, type, data, size);
	copy = whi_alloc(&key.hive->alloc, size);
	if (!copy)
		return WH_E_MEMORY;
	memcpy(copy, data, size);
	st = set(key, name, len, type, copy, size);
	whi_free(&key.hive->alloc, copy, size);
	return st;
}

/* Set a value to text in UTF-16, with 'nuls' of them at its end. */
static enum wh_status
set_text(struct wh_key key, const char *name, size_t len, uint32_t type, const char *text,
	 size_t text_len, size_t nuls)
{
	uint16_t *units;
	size_t count, size;
	enum wh_status st;

	if (!whi_utf16_from_utf8(text, text_len, NULL, 0, &count))
		return WH_E_INVALID;
	size = (count + nuls) * sizeof *units;
	units = whi_alloc(&key.hive->alloc, size);
	if (!units)
		return WH_E_MEMORY;
	whi_utf16_from_utf8(text, text_len, units, count, &count);
	for (size_t i = 0; i < count + nuls; i++)
		((le16 *)units)[i] = le16_make(i < count ? units[i] : 0);
	st = set(key, name, len, type, units, size);
	whi_free(&key.hive->alloc, units, size);
	return st;
}

static size_t
text_size(const char **text, size_t len)
{
	if (!*text) {
		*text = "";
		return 0;
	}
	return len == WH_NTS ? strlen(*text) : len;
}

enum wh_status
wh_value_set_string(struct wh_key key, const char *name, size_t len, uint32_t type,
		    const char *text, size_t text_len)
{
	if (!key.hive)
		return WH_E_INVALID;
	text_len = text_size(&text, text_len);
	return set_text(key, name, len, type, text, text_len, 1);
}

enum wh_status
wh_value_set_strings(struct wh_key key, const char *name, size_t len, const char *text,
		     size_t text_len)
{
	bool open;

	if (!key.hive)
		return WH_E_INVALID;
	text_len = text_size(&text, text_len);
	open = text_len > 0 && text[text_len - 1] != '\0';
	return set_text(key, name, len, WH_REG_MULTI_SZ, text, text_len, open ? 2 : 1);
}

enum wh_status
wh_value_set_number(struct wh_key key, const char *name, size_t len, uint32_t type, uint64_t number)
{
	size_t size = type == WH_REG_QWORD ? 8 : 4;
	uint8_t bytes[8];

	if (type != WH_REG_DWORD && type != WH_REG_QWORD && type != WH_REG_DWORD_BIG_ENDIAN)
		return WH_E_TYPE;
	if (size == 4 && number > UINT32_MAX)
		return WH_E_TYPE;
	for (size_t i = 0; i < size; i++)
		bytes[type == WH_REG_DWORD_BIG_ENDIAN ? size - 1 - i : i] =
			(uint8_t)(number >> 8 * i);
	return set(key, name, len, type, bytes, size);
}

enum wh_status
wh_value_delete(struct wh_key key, const char *name, size_t len)
{
	struct whi_new_name stored;
	enum wh_status st = begin(key, name, len, &stored);

	if (st != WH_OK)
		return st;
	whi_values_remove(key.hive, (cellref){ key.cell }, stored.name);
	return end(key, &stored);
}

enum wh_status
wh_value_rename(struct wh_key key, const char *name, size_t len, const char *new_name,
		size_t new_len)
{
	struct whi_new_name stored, wanted;
	enum wh_status st;

	if (!key.hive)
		return WH_E_INVALID;
	st = whi_new_name_init(&wanted, key.hive, new_name, new_len, 0, WHI_VALUE_NAME_MAX);
	if (st == WH_OK)
		st = begin(key, name, len, &stored);
	if (st == WH_OK) {
		whi_values_rename(key.hive, (cellref){ key.cell }, stored.name, wanted.name);
		st = end(key, &stored);
	}
	whi_new_name_fini(&wanted, key.hive);
	return st;
}
