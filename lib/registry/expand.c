/* SPDX-License-Identifier: MIT */
/* %NAME% in text, as ExpandEnvironmentStrings() has it. */
#define _GNU_SOURCE /* environ */
#include "registry/expand.h"

#include "base/upcase.h"
#include "base/utf.h"

#include <string.h>
#include <unistd.h>

/* Equal in any case of letters; what is not UTF-8 is equal to nothing. */
static bool
same_name(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len, *b_end = b + b_len;
	uint32_t x, y;

	while (a < a_end && b < b_end) {
		if (!whi_utf8_next(&a, a_end, &x) || !whi_utf8_next(&b, b_end, &y))
			return false;
		if (x != y && (x > 0xffff || y > 0xffff ||
			       whi_upcase((uint16_t)x) != whi_upcase((uint16_t)y)))
			return false;
	}
	return a == a_end && b == b_end;
}

/* A variable of the process.  One that is spelled just so goes before others. */
static const char *
process_variable(const char *name, size_t len)
{
	const char *found = NULL;

	for (char **at = environ; at && *at; at++) {
		const char *equals = **at ? strchr(*at + 1, '=') : NULL;
		size_t own_len = equals ? (size_t)(equals - *at) : 0;

		if (!equals)
			continue;
		if (own_len == len && memcmp(*at, name, len) == 0)
			return equals + 1;
		if (!found && same_name(*at, own_len, name, len))
			found = equals + 1;
	}
	return found;
}

static const char *
variable(const struct wh_reg *reg, const char *name, size_t len)
{
	if (len == 0)
		return NULL;
	if (reg->options.environment)
		return reg->options.environment(reg->options.environment_ctx, name, len);
	return process_variable(name, len);
}

static bool
is_utf8(const char *text, size_t len)
{
	const char *end = text + len;
	uint32_t code;

	while (text < end)
		if (!whi_utf8_next(&text, end, &code))
			return false;
	return true;
}

static enum wh_status
add(struct whi_text *out, const char *text, size_t len)
{
	if (out->len > WHI_EXPANDED_MAX || len > WHI_EXPANDED_MAX - out->len)
		return WH_E_TOO_BIG;
	whi_text_add(out, text, len);
	return out->failed ? WH_E_MEMORY : WH_OK;
}

/*
 * The second percent sign of a name that is no variable may be the first one of the next: in
 * "50%, %TEMP%" only the latter is replaced.
 */
enum wh_status
whi_expand(struct wh_reg *reg, const char *text, size_t len, struct whi_text *out)
{
	const char *end = len > 0 ? text + len : text;
	enum wh_status st = WH_OK;

	if (len > 0 && !is_utf8(text, len))
		return WH_E_INVALID;
	while (text < end && st == WH_OK) {
		const char *stop = memchr(text + 1, '%', (size_t)(end - text - 1)), *value = NULL;

		if (!stop)
			return add(out, text, (size_t)(end - text));
		if (*text == '%')
			value = variable(reg, text + 1, (size_t)(stop - text - 1));
		if (value && !is_utf8(value, strlen(value)))
			return WH_E_INVALID_DATA;
		st = value ? add(out, value, strlen(value)) : add(out, text, (size_t)(stop - text));
		text = value ? stop + 1 : stop;
	}
	return st;
}

enum wh_status
wh_reg_expand_environment_strings(struct wh_reg *reg, const char *text, size_t len, char *buf,
				  size_t cap, size_t *text_len)
{
	struct whi_text out;
	enum wh_status st;

	if (text_len)
		*text_len = 0;
	if (!reg || !text_len || (!text && len != 0 && len != WH_NTS) || (!buf && cap > 0))
		return WH_E_INVALID;
	if (len == WH_NTS)
		len = text ? strlen(text) : 0;
	out = (struct whi_text){ .a = &reg->alloc };
	st = whi_expand(reg, text, len, &out);
	if (st == WH_OK) {
		*text_len = out.len;
		if (out.len > cap)
			st = buf ? WH_E_MORE_DATA : WH_OK;
		else if (out.len > 0)
			memcpy(buf, whi_text_at(&out), out.len);
	}
	whi_text_fini(&out);
	return st;
}
