/* SPDX-License-Identifier: MIT */
/* RegGetValue: a value of the type that is wanted, strings terminated and expanded. */
#include "registry/expand.h"
#include "registry/value.h"

#include "base/utf.h"

enum { UNIT = 2 };

/* Data on their way to the caller: bytes, and NULs after them. */
struct shaped {
	uint32_t type;
	uint8_t *bytes;
	size_t size; /* as allocated */
	size_t used; /* of these */
	size_t zeros;
};

static bool
ends_in_nul(const uint8_t *bytes, size_t size)
{
	return size >= UNIT && bytes[size - 1] == 0 && bytes[size - 2] == 0;
}

/* Strings have one terminator, lists one more; the odd byte of half a unit is no text. */
static void
terminate(struct shaped *data)
{
	data->used &= ~(size_t)1;
	if (!ends_in_nul(data->bytes, data->used))
		data->zeros = data->type == WH_REG_MULTI_SZ && data->used > 0 ? 2 * UNIT : UNIT;
	else if (data->type == WH_REG_MULTI_SZ && data->used > UNIT &&
		 !ends_in_nul(data->bytes, data->used - UNIT))
		data->zeros = UNIT;
}

/* Replace the text by the expanded one. */
static enum wh_status
expand(struct wh_reg *reg, struct shaped *data)
{
	struct whi_text text = { .a = &reg->alloc }, out = text, units = text;
	uint32_t len = 0;
	enum wh_status st;

	while (len + 1 < data->used && (data->bytes[len] || data->bytes[len + 1]))
		len += UNIT;
	whi_text_add_utf16(&text, (struct view){ data->bytes, len });
	st = text.failed ? WH_E_MEMORY : whi_expand(reg, whi_text_at(&text), text.len, &out);
	if (st == WH_OK) {
		whi_text_add_units(&units, whi_text_at(&out), out.len); /* which is UTF-8 */
		st = units.failed ? WH_E_MEMORY : WH_OK;
	}
	if (st == WH_OK) {
		uint8_t *bytes = whi_alloc(&reg->alloc, units.len);

		st = bytes ? WH_OK : WH_E_MEMORY;
		if (bytes && units.len > 0)
			memcpy(bytes, whi_text_at(&units), units.len);
		if (bytes) {
			whi_free(&reg->alloc, data->bytes, data->size);
			*data = (struct shaped){ WH_REG_SZ, bytes, units.len, units.len, UNIT };
		}
	}
	whi_text_fini(&text);
	whi_text_fini(&out);
	whi_text_fini(&units);
	return st;
}

/* Is this what was asked for? */
static enum wh_status
judge(uint32_t flags, const struct shaped *data)
{
	static const uint32_t flag_of[] = {
		[WH_REG_NONE] = WH_RRF_RT_REG_NONE,
		[WH_REG_SZ] = WH_RRF_RT_REG_SZ,
		[WH_REG_EXPAND_SZ] = WH_RRF_RT_REG_EXPAND_SZ,
		[WH_REG_BINARY] = WH_RRF_RT_REG_BINARY,
		[WH_REG_DWORD] = WH_RRF_RT_REG_DWORD,
		[WH_REG_MULTI_SZ] = WH_RRF_RT_REG_MULTI_SZ,
		[WH_REG_QWORD] = WH_RRF_RT_REG_QWORD,
	};
	uint32_t wanted = flags & WH_RRF_RT_ANY, own = 0;
	size_t due = data->used;

	if (wanted == WH_RRF_RT_ANY)
		return WH_OK;
	if (data->type < sizeof flag_of / sizeof *flag_of)
		own = flag_of[data->type];
	if (!(own & wanted))
		return WH_E_UNSUPPORTED_TYPE;
	if (data->type == WH_REG_DWORD ||
	    (data->type == WH_REG_BINARY && wanted == WH_RRF_RT_DWORD))
		due = sizeof(uint32_t);
	if (data->type == WH_REG_QWORD ||
	    (data->type == WH_REG_BINARY && wanted == WH_RRF_RT_QWORD))
		due = sizeof(uint64_t);
	return data->used == due ? WH_OK : WH_E_TYPE;
}

/* Copy it all.  A wrong type is said rather than a buffer that is too small for it. */
static enum wh_status
deliver(uint32_t flags, const struct shaped *data, uint8_t *buf, size_t cap, size_t *len)
{
	enum wh_status st = judge(flags, data);
	bool fits;

	if (!len)
		return st;
	*len = data->used + data->zeros;
	fits = *len <= cap;
	if (fits && data->used > 0)
		memcpy(buf, data->bytes, data->used);
	if (fits && data->zeros > 0)
		memset(buf + data->used, 0, data->zeros);
	return st == WH_OK && !fits && buf ? WH_E_MORE_DATA : st;
}

static enum wh_status
load(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *name,
     size_t name_len, uint32_t flags, struct shaped *data)
{
	uint32_t view = flags & WH_RRF_SUBKEY_WOW6464KEY   ? WH_KEY_WOW64_64KEY
			: flags & WH_RRF_SUBKEY_WOW6432KEY ? WH_KEY_WOW64_32KEY
							   : 0;
	struct whi_place place;
	struct wh_value value;
	enum wh_status st;

	st = whi_value_key(reg, key, path, len, WH_KEY_QUERY_VALUE, view, &place);
	if (st == WH_OK)
		st = whi_value_find(&place, name, name_len, &value);
	if (st == WH_OK)
		st = whi_value_load(&reg->alloc, value, &data->type, &data->bytes, &data->size);
	data->used = data->size;
	return st;
}

enum wh_status
wh_reg_get_value(struct wh_reg *reg, wh_hkey key, const char *path, size_t len, const char *name,
		 size_t name_len, uint32_t flags, uint32_t *type, void *buf, size_t cap,
		 size_t *data_len)
{
	const uint32_t views = WH_RRF_SUBKEY_WOW6464KEY | WH_RRF_SUBKEY_WOW6432KEY;
	const uint32_t known = WH_RRF_RT_ANY | views | WH_RRF_NOEXPAND | WH_RRF_ZEROONFAILURE;
	struct shaped data = { 0 };
	enum wh_status st;

	if (type)
		*type = 0;
	if (data_len)
		*data_len = 0;
	if (!reg || (buf && !data_len) || whi_no_buffer(buf, cap) || (flags & ~known) ||
	    (flags & views) == views || !(flags & WH_RRF_RT_ANY))
		return WH_E_INVALID;
	whi_begin(reg);
	st = load(reg, key, path, len, name, name_len, flags, &data);
	st = whi_end(reg, st);
	if (st == WH_OK && data.type == WH_REG_EXPAND_SZ && !(flags & WH_RRF_NOEXPAND))
		st = expand(reg, &data);
	else if (data.type == WH_REG_SZ || data.type == WH_REG_EXPAND_SZ ||
		 data.type == WH_REG_MULTI_SZ)
		terminate(&data);
	if (st == WH_OK) {
		if (type)
			*type = data.type;
		st = deliver(flags, &data, buf, cap, data_len);
	}
	if (st != WH_OK && buf && (flags & WH_RRF_ZEROONFAILURE))
		memset(buf, 0, cap);
	whi_free(&reg->alloc, data.bytes, data.size);
	return st;
}
