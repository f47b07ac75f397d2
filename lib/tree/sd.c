/* SPDX-License-Identifier: MIT */
/*
 * Self-relative security descriptors: are they well formed, and what a new key inherits.
 *
 * Foreign bytes stay views here.  What whi_sd_inherit() writes goes to a buffer that is large
 * enough by arithmetic: an ACE becomes two at most, one of which may have a longer SID.
 */
#include "base/security.h"
#include "tree/sk.h"

#include <string.h>

enum { SD_ALIGN = 4, ACL_MAX = UINT16_MAX - UINT16_MAX % SD_ALIGN };

/* ------------------------------------------------------------------- reading */

/* Take the first ACE from the rest of an ACL; false if it does not fit. */
static bool
next_ace(struct view *rest, struct view *ace)
{
	const struct sd_ace *head = VIEW_AS(*rest, struct sd_ace);
	uint32_t size;

	*ace = (struct view){ 0 };
	if (!head)
		return false;
	size = le16_get(head->size);
	if (size < sizeof *head || size % SD_ALIGN != 0 || !view_sub(*rest, 0, size, ace))
		return false;
	*rest = view_clamp(*rest, size, UINT32_MAX);
	return true;
}

/* Where the SID of an ACE is, for an object or not; 0: nobody knows for that type. */
static uint32_t
sid_offset(struct view ace)
{
	bool ignored;

	return sd_ace_sid_at(ace, &ignored);
}

struct part_acl {
	struct view aces;
	uint32_t count;
	uint8_t revision;
};

/* The ACL at 'off'; false if it is not well formed. */
static bool
acl_at(struct view v, uint32_t off, struct part_acl *acl)
{
	const struct sd_acl *head = VIEW_AS(view_clamp(v, off, UINT32_MAX), struct sd_acl);
	struct view rest, ace, sid;

	if (!head || head->revision < 2 || head->revision > 4 ||
	    le16_get(head->size) % SD_ALIGN != 0 || le16_get(head->size) < sizeof *head ||
	    !view_sub(v, off, le16_get(head->size), &rest))
		return false;
	acl->revision = head->revision;
	acl->count = le16_get(head->count);
	rest = acl->aces = view_clamp(rest, sizeof *head, UINT32_MAX);
	for (uint32_t i = 0; i < acl->count; i++) {
		if (!next_ace(&rest, &ace))
			return false;
		if (sid_offset(ace) && !sd_sid_at(ace, sid_offset(ace), &sid))
			return false;
	}
	return true;
}

/* The parts of a descriptor; what is not there is empty. */
struct parts {
	uint32_t control;
	struct view owner, group;
	struct part_acl sacl, dacl;
};

static bool
placed(uint32_t off)
{
	return off >= sizeof(struct sd_head) && off % SD_ALIGN == 0;
}

static bool
read_sid(struct view sd, le32 at, struct view *sid)
{
	uint32_t off = le32_get(at);

	return off == 0 || (placed(off) && sd_sid_at(sd, off, sid));
}

/* An ACL that is present at offset 0 lets everybody do everything. */
static bool
read_acl(struct view sd, bool present, le32 at, struct part_acl *acl)
{
	uint32_t off = le32_get(at);

	return !present || off == 0 || (placed(off) && acl_at(sd, off, acl));
}

static bool
read_parts(struct view sd, struct parts *parts)
{
	const struct sd_head *head = VIEW_AS(sd, struct sd_head);
	uint32_t control;

	*parts = (struct parts){ 0 };
	if (!head || head->revision != 1)
		return false;
	control = parts->control = le16_get(head->control);
	return (control & SD_SELF_RELATIVE) && read_sid(sd, head->owner, &parts->owner) &&
	       read_sid(sd, head->group, &parts->group) &&
	       read_acl(sd, control & SD_SACL_PRESENT, head->sacl, &parts->sacl) &&
	       read_acl(sd, control & SD_DACL_PRESENT, head->dacl, &parts->dacl);
}

bool
whi_sd_valid(const void *descriptor, size_t len)
{
	struct parts parts;

	return descriptor && len <= UINT32_MAX &&
	       read_parts((struct view){ descriptor, (uint32_t)len }, &parts);
}

/* --------------------------------------------------------------- inheritance */

/* An ACL that is being made at the end of the result. */
struct made {
	uint8_t *at;
	uint32_t len, count;
	struct view owner, group; /* who CREATOR OWNER and CREATOR GROUP are */
	uint32_t inherited;       /* ACE_INHERITED, or 0 */
	uint32_t rights;          /* those that an ACE may name */
	bool too_large;
};

/* S-1-3-0 and S-1-3-1. */
static bool
is_creator(struct view sid, uint8_t which)
{
	const uint8_t creator[12] = { 1, 1, 0, 0, 0, 0, 0, 3, which };

	return sid.len == sizeof creator && memcmp(sid.at, creator, sizeof creator) == 0;
}

/* The rights that mean something for a key. */
static uint32_t
map_rights(const struct made *made, uint32_t mask)
{
	uint32_t rights = mask & made->rights;

	if (mask & GENERIC_ALL)
		rights |= KEY_RIGHTS_ALL;
	if (mask & GENERIC_READ)
		rights |= KEY_RIGHTS_READ;
	if (mask & GENERIC_EXECUTE)
		rights |= KEY_RIGHTS_EXECUTE;
	if (mask & GENERIC_WRITE)
		rights |= KEY_RIGHTS_WRITE;
	return rights;
}

/* Is there nothing in an ACE but its SID: no GUIDs, no condition? */
static bool
has_only_sid(struct view ace, struct view sid)
{
	return ace.len == sizeof(struct sd_ace) + sid.len;
}

/*
 * Does one that is there already do as much for the same SID?  'handed_on' of flags: to the keys
 * below; 0: to this key.
 */
static bool
is_given(const struct made *made, const struct sd_ace *wanted, uint32_t handed_on, struct view sid)
{
	struct view rest = { made->at + sizeof(struct sd_acl),
			     made->len - (uint32_t)sizeof(struct sd_acl) };
	struct view ace, other;

	while (next_ace(&rest, &ace)) {
		const struct sd_ace *head = VIEW_AS(ace, struct sd_ace);
		bool there = handed_on ? !(handed_on & ~(uint32_t)head->flags)
				       : !(head->flags & ACE_INHERIT_ONLY);

		if (there && head->type == wanted->type && ace.len == sizeof *head + sid.len &&
		    !(le32_get(wanted->mask) & ~le32_get(head->mask)) &&
		    !((head->flags ^ wanted->flags) & ~(uint32_t)ACE_INHERITANCE) &&
		    sd_sid_at(ace, sizeof *head, &other) && other.len == sid.len &&
		    memcmp(other.at, sid.at, sid.len) == 0)
			return true;
	}
	return false;
}

/* The flags that are left of an ACE when what is given already is left out; none: inherit-only. */
static uint32_t
not_given(const struct made *made, const struct sd_ace *wanted, struct view sid)
{
	uint32_t flags = wanted->flags, handed_on = flags & ACE_HANDED_ON;

	if (!(flags & ACE_INHERIT_ONLY) && is_given(made, wanted, 0, sid))
		flags |= ACE_INHERIT_ONLY;
	if (handed_on && is_given(made, wanted, handed_on, sid))
		flags &= ~(uint32_t)ACE_HANDED_ON;
	return flags;
}

/*
 * Add a copy of an ACE with other flags, rights and SID; none if there is nobody to name, or if
 * all of it is given already.
 */
static void
put_ace(struct made *made, struct view ace, uint32_t flags, uint32_t mask, struct view sid)
{
	uint32_t off = sid_offset(ace), size;
	struct sd_ace head = *VIEW_AS(ace, struct sd_ace);
	uint8_t *to = made->at + made->len;
	struct view old, tail;

	if (sid.len == 0 || !sd_sid_at(ace, off, &old))
		return;
	head.flags = (uint8_t)flags;
	head.mask = le32_make(mask);
	if (has_only_sid(ace, old))
		head.flags = (uint8_t)not_given(made, &head, sid);
	if ((head.flags & ACE_INHERIT_ONLY) && !(head.flags & ACE_HANDED_ON))
		return;
	size = ace.len - old.len + sid.len;
	if (size > ACL_MAX - made->len) {
		made->too_large = true;
		return;
	}
	head.size = le16_make((uint16_t)size);
	tail = view_clamp(ace, off + old.len, UINT32_MAX);
	memcpy(to, &head, sizeof head);
	memcpy(to + sizeof head, ace.at + sizeof head, off - sizeof head);
	memcpy(to + off, sid.at, sid.len);
	memcpy(to + off + sid.len, tail.at, tail.len);
	made->len += size;
	made->count++;
}

/* What a key below one with this ACE has of it: nothing, one ACE or two. */
static void
inherit_ace(struct made *made, struct view ace)
{
	const struct sd_ace *head = VIEW_AS(ace, struct sd_ace);
	uint32_t flags = head->flags, mask = le32_get(head->mask), off = sid_offset(ace);
	uint32_t kept = (flags & ~(uint32_t)ACE_INHERITANCE) | made->inherited;
	uint32_t handed_on = kept | (flags & ACE_HANDED_ON);
	struct view sid, who;

	if (off == 0 || !sd_sid_at(ace, off, &sid))
		return;
	who = is_creator(sid, 0) ? made->owner : is_creator(sid, 1) ? made->group : sid;
	if (!(flags & ACE_CONTAINER_INHERIT)) {
		if ((flags & ACE_OBJECT_INHERIT) && !(flags & ACE_NO_PROPAGATE))
			put_ace(made, ace, handed_on | ACE_INHERIT_ONLY, mask, sid);
	} else if (flags & ACE_NO_PROPAGATE) {
		put_ace(made, ace, kept, map_rights(made, mask), who);
	} else if (who.at == sid.at && map_rights(made, mask) == mask) {
		put_ace(made, ace, handed_on, mask, sid);
	} else {
		put_ace(made, ace, kept, map_rights(made, mask), who);
		put_ace(made, ace, handed_on | ACE_INHERIT_ONLY, mask, sid);
	}
}

/* Make the ACL that a key inherits, which may be empty. */
static void
inherit_acl(struct made *made, const struct parts *parent, const struct part_acl *acl)
{
	struct view rest = acl->aces, ace;
	struct sd_acl head = { .revision = acl->revision };

	made->owner = parent->owner;
	made->group = parent->group;
	made->len = sizeof head;
	for (uint32_t i = 0; i < acl->count && next_ace(&rest, &ace); i++)
		inherit_ace(made, ace);
	head.size = le16_make((uint16_t)made->len);
	head.count = le16_make((uint16_t)made->count);
	memcpy(made->at, &head, sizeof head);
}

/* Append a SID; where it is, or 0 if there is none. */
static uint32_t
append_sid(uint8_t *out, uint32_t *len, struct view sid)
{
	uint32_t at = *len;

	if (sid.len == 0)
		return 0;
	memcpy(out + at, sid.at, sid.len);
	*len += sid.len;
	return at;
}

void
whi_sd_inherit(const void *parent, uint32_t parent_len, uint8_t *out, uint32_t *len)
{
	struct sd_head head = { .revision = 1 };
	struct made sacl = { .rights = KEY_RIGHTS_ALL | ACCESS_SYSTEM_SECURITY };
	struct made dacl = { .rights = KEY_RIGHTS_ALL };
	uint32_t at = sizeof head, control = SD_SELF_RELATIVE | SD_DACL_PRESENT;
	struct parts parts;

	*len = 0;
	if (!read_parts((struct view){ parent, parent_len }, &parts))
		return;
	sacl.inherited = parts.control & SD_SACL_AUTO_INHERITED ? ACE_INHERITED : 0;
	dacl.inherited = parts.control & SD_DACL_AUTO_INHERITED ? ACE_INHERITED : 0;

	control |= parts.control & (SD_SACL_AUTO_INHERITED | SD_DACL_AUTO_INHERITED);
	sacl.at = out + at;
	inherit_acl(&sacl, &parts, &parts.sacl);
	if (sacl.count > 0) {
		control |= SD_SACL_PRESENT;
		head.sacl = le32_make(at);
		at += sacl.len;
	}
	dacl.at = out + at;
	inherit_acl(&dacl, &parts, &parts.dacl);
	if (dacl.count == 0 || dacl.too_large || sacl.too_large)
		return;
	head.dacl = le32_make(at);
	at += dacl.len;
	head.owner = le32_make(append_sid(out, &at, parts.owner));
	head.group = le32_make(append_sid(out, &at, parts.group));
	head.control = le16_make((uint16_t)control);
	memcpy(out, &head, sizeof head);
	*len = at;
}

/* ------------------------------------------------------------------- default */

/* docs/format.md appendix B: O:BAG:BAD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)(A;CI;KR;;;RC) */
const uint8_t whi_sd_default[144] = {
	/* head */
	1, 0, 0x04, 0x80, 112, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
	/* DACL */
	2, 0, 92, 0, 4, 0, 0, 0,
	/* allow, CI, 20 bytes, all: S-1-5-18 */
	0, 2, 20, 0, 0x3f, 0, 0x0f, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
	/* allow, CI, 24 bytes, all: S-1-5-32-544 */
	0, 2, 24, 0, 0x3f, 0, 0x0f, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
	/* allow, CI, 20 bytes, read: S-1-1-0 */
	0, 2, 20, 0, 0x19, 0, 0x02, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
	/* allow, CI, 20 bytes, read: S-1-5-12 */
	0, 2, 20, 0, 0x19, 0, 0x02, 0, 1, 1, 0, 0, 0, 0, 0, 5, 12, 0, 0, 0,
	/* owner and group: S-1-5-32-544 */
	1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0,
	0x20, 2, 0, 0
};
