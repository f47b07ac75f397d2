/* SPDX-License-Identifier: MIT */
#include "registry/descriptor.h"

#include "base/security.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	HEAD = sizeof(struct sd_head),
	SID_HEAD = sizeof(struct sd_sid),
	ACE_HEAD = sizeof(struct sd_ace),
	ALIGN = 4,
	/* Where the head has the offsets of its parts. */
	OWNER_AT = offsetof(struct sd_head, owner),
	GROUP_AT = offsetof(struct sd_head, group),
	SACL_AT = offsetof(struct sd_head, sacl),
	DACL_AT = offsetof(struct sd_head, dacl),
};

static uint32_t
u16_at(struct view v, uint32_t off)
{
	return v.at[off] | (uint32_t)v.at[off + 1] << 8;
}

static uint32_t
u32_at(struct view v, uint32_t off)
{
	return u16_at(v, off) | u16_at(v, off + 2) << 16;
}

struct view
whi_acl_aces(struct view acl)
{
	return view_clamp(acl, WHI_ACL_HEAD, UINT32_MAX);
}

/* Take the first ACE; false if it is not well formed. */
static bool
take_ace(struct view *rest, struct whi_ace *ace)
{
	uint32_t size, off;

	*ace = (struct whi_ace){ 0 };
	if (rest->len < ACE_HEAD)
		return false;
	size = u16_at(*rest, 2);
	if (size < ACE_HEAD || size % ALIGN != 0 || !view_sub(*rest, 0, size, &ace->bytes))
		return false;
	*rest = view_clamp(*rest, size, UINT32_MAX);
	ace->type = ace->bytes.at[0];
	ace->flags = ace->bytes.at[1];
	ace->mask = u32_at(ace->bytes, 4);
	off = sd_ace_sid_at(ace->bytes, &ace->object);
	return off == 0 || sd_sid_at(ace->bytes, off, &ace->sid);
}

bool
whi_ace_next(struct view *rest, struct whi_ace *ace)
{
	return take_ace(rest, ace);
}

/*
 * The ACL at 'off', cut behind the ACEs that it counts: what is between them and its end is room
 * for more, and means nothing.
 */
static bool
acl_at(struct view v, uint32_t off, struct view *acl)
{
	struct view head, whole, rest;
	struct whi_ace ace;
	uint32_t size, count;

	*acl = (struct view){ 0 };
	if (!view_sub(v, off, WHI_ACL_HEAD, &head) || head.at[0] < 2 || head.at[0] > 4)
		return false;
	size = u16_at(head, 2);
	count = u16_at(head, 4);
	if (size < WHI_ACL_HEAD || size % ALIGN != 0 || !view_sub(v, off, size, &whole))
		return false;
	rest = whi_acl_aces(whole);
	for (uint32_t i = 0; i < count; i++)
		if (!take_ace(&rest, &ace))
			return false;
	return view_sub(whole, 0, whole.len - rest.len, acl);
}

static bool
placed(uint32_t off)
{
	return off >= HEAD && off % ALIGN == 0;
}

static bool
read_sid(struct view sd, uint32_t field, struct view *sid)
{
	uint32_t off = u32_at(sd, field);

	return off == 0 || (placed(off) && sd_sid_at(sd, off, sid));
}

static bool
read_acl(struct view sd, bool present, uint32_t field, struct view *acl)
{
	uint32_t off = u32_at(sd, field);

	return !present || off == 0 || (placed(off) && acl_at(sd, off, acl));
}

bool
whi_descriptor_read(const void *bytes, size_t len, struct whi_descriptor *sd)
{
	struct view v = { bytes, (uint32_t)len };

	*sd = (struct whi_descriptor){ 0 };
	if (!bytes || len > UINT32_MAX || len < HEAD || v.at[0] != 1)
		return false;
	sd->spare = v.at[1];
	sd->control = u16_at(v, 2);
	return (sd->control & WHI_SD_SELF_RELATIVE) && read_sid(v, OWNER_AT, &sd->owner) &&
	       read_sid(v, GROUP_AT, &sd->group) &&
	       read_acl(v, sd->control & WHI_SD_SACL_PRESENT, SACL_AT, &sd->sacl) &&
	       read_acl(v, sd->control & WHI_SD_DACL_PRESENT, DACL_AT, &sd->dacl);
}

/* ------------------------------------------------------------------- writing */

size_t
whi_descriptor_size(const struct whi_descriptor *sd)
{
	return (size_t)HEAD + sd->sacl.len + sd->dacl.len + sd->owner.len + sd->group.len;
}

static void
put_u16(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)v;
	to[1] = (uint8_t)(v >> 8);
}

/* Append a part, and put its offset into the head; all are multiples of 4 bytes long. */
static uint32_t
put_part(uint8_t *to, uint32_t at, uint32_t field, struct view part)
{
	if (part.len == 0)
		return at;
	put_u16(to + field, at);
	put_u16(to + field + 2, at >> 16);
	memcpy(to + at, part.at, part.len);
	return at + part.len;
}

/* An ACL was cut behind its last ACE: its size says so. */
static uint32_t
put_acl(uint8_t *to, uint32_t at, uint32_t field, struct view acl)
{
	uint32_t end = put_part(to, at, field, acl);

	if (acl.len)
		put_u16(to + at + 2, acl.len);
	return end;
}

void
whi_descriptor_write(const struct whi_descriptor *sd, uint8_t *to)
{
	uint32_t at = HEAD;

	memset(to, 0, HEAD);
	to[0] = 1;
	to[1] = sd->spare;
	put_u16(to + 2, sd->control | WHI_SD_SELF_RELATIVE);
	at = put_acl(to, at, SACL_AT, sd->sacl);
	at = put_acl(to, at, DACL_AT, sd->dacl);
	at = put_part(to, at, OWNER_AT, sd->owner);
	put_part(to, at, GROUP_AT, sd->group);
}

/* ---------------------------------------------------------------------- text */

size_t
whi_sid_text(struct view sid, char buf[WHI_SID_TEXT])
{
	uint64_t authority = 0;
	size_t len;

	buf[0] = '\0';
	if (sid.len < SID_HEAD)
		return 0;
	for (int i = 2; i < SID_HEAD; i++)
		authority = authority << 8 | sid.at[i];
	/* Windows: in digits as long as they are those of 32 bits. */
	len = (size_t)snprintf(buf, WHI_SID_TEXT,
			       authority > UINT32_MAX ? "S-1-0x%012" PRIx64 : "S-1-%" PRIu64,
			       authority);
	for (uint32_t off = SID_HEAD; off + 4 <= sid.len; off += 4)
		len += (size_t)snprintf(buf + len, WHI_SID_TEXT - len, "-%" PRIu32,
					u32_at(sid, off));
	return len;
}
