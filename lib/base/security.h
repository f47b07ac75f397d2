/* SPDX-License-Identifier: MIT */
/*
 * What lies where in a self-relative security descriptor (docs/format.md section 8.2).  That is the
 * same in all of Windows, and not the registry's own.
 */
#ifndef WHI_BASE_SECURITY_H
#define WHI_BASE_SECURITY_H

#include "base/le.h"
#include "base/view.h"

#include <assert.h>

/* Offsets are from the start of this; 0: there is none. */
struct sd_head {
	uint8_t revision; /* 0x00 1 */
	uint8_t spare;    /* 0x01 */
	le16 control;     /* 0x02 SD_* */
	le32 owner;       /* 0x04 SID */
	le32 group;       /* 0x08 SID */
	le32 sacl;        /* 0x0c ACL */
	le32 dacl;        /* 0x10 ACL */
};
static_assert(sizeof(struct sd_head) == 20, "the head of a descriptor is 20 bytes");

enum {
	SD_DACL_PRESENT = 0x4,
	SD_SACL_PRESENT = 0x10,
	SD_DACL_AUTO_INHERITED = 0x400,
	SD_SACL_AUTO_INHERITED = 0x800,
	SD_SELF_RELATIVE = 0x8000,
};

/* ACEs follow. */
struct sd_acl {
	uint8_t revision; /* 0x00 2 to 4 */
	uint8_t spare1;   /* 0x01 */
	le16 size;        /* 0x02 bytes, this included */
	le16 count;       /* 0x04 ACEs */
	le16 spare2;      /* 0x06 */
};
static_assert(sizeof(struct sd_acl) == 8, "the head of an ACL is 8 bytes");

/* All but the types that nobody knows have a mask here and a SID later. */
struct sd_ace {
	uint8_t type;  /* 0x00 */
	uint8_t flags; /* 0x01 ACE_* */
	le16 size;     /* 0x02 bytes, this included */
	le32 mask;     /* 0x04 rights */
};
static_assert(sizeof(struct sd_ace) == 8, "the head of an ACE is 8 bytes");

enum {
	ACE_OBJECT_INHERIT = 0x1,
	ACE_CONTAINER_INHERIT = 0x2,
	ACE_NO_PROPAGATE = 0x4,
	ACE_INHERIT_ONLY = 0x8,
	ACE_INHERITED = 0x10,
	ACE_HANDED_ON = 0x3,    /* to some kind of object */
	ACE_INHERITANCE = 0x1f, /* all of these */
};

/* Sub-authorities of 4 bytes follow. */
struct sd_sid {
	uint8_t revision;     /* 0x00 1 */
	uint8_t count;        /* 0x01 sub-authorities, at most SID_MAX_COUNT */
	uint8_t authority[6]; /* 0x02 big-endian */
};
static_assert(sizeof(struct sd_sid) == 8, "the head of a SID is 8 bytes");

enum { SID_MAX_COUNT = 15 };

/* The SID at 'off'; false if none is there that ends inside 'v'. */
static inline bool
sd_sid_at(struct view v, uint32_t off, struct view *sid)
{
	const struct sd_sid *head;
	struct view bytes;

	*sid = (struct view){ 0 };
	if (!view_sub(v, off, sizeof *head, &bytes))
		return false;
	head = VIEW_AS(bytes, struct sd_sid);
	return head->revision == 1 && head->count <= SID_MAX_COUNT &&
	       view_sub(v, off, (uint32_t)sizeof *head + 4u * head->count, sid);
}

/* Where the SID of an ACE is; 0: nobody knows for that type.  '*object': it is for a part. */
static inline uint32_t
sd_ace_sid_at(struct view ace, bool *object)
{
	const uint32_t guid = 16;
	uint32_t guids = view_u32(ace, 2, 4);

	*object = false;
	switch (VIEW_AS(ace, struct sd_ace)->type) {
	case 0x00: /* A D AU AL */
	case 0x01:
	case 0x02:
	case 0x03:
	case 0x09: /* XA XD XU and alarm: the same with a condition */
	case 0x0a:
	case 0x0d:
	case 0x0e:
	case 0x11: /* ML RA SP TL FL */
	case 0x12:
	case 0x13:
	case 0x14:
	case 0x15:
		return sizeof(struct sd_ace);
	case 0x05: /* all but the last for objects, with up to two GUIDs */
	case 0x06:
	case 0x07:
	case 0x08:
	case 0x0b:
	case 0x0c:
	case 0x0f:
	case 0x10:
		*object = guids & 1;
		return (uint32_t)sizeof(struct sd_ace) + 4 + (guids & 1 ? guid : 0) +
		       (guids & 2 ? guid : 0);
	default:
		return 0;
	}
}

#define GENERIC_ALL     UINT32_C(0x10000000)
#define GENERIC_EXECUTE UINT32_C(0x20000000)
#define GENERIC_WRITE   UINT32_C(0x40000000)
#define GENERIC_READ    UINT32_C(0x80000000)

/* To a SACL; it can be audited, but not given. */
#define ACCESS_SYSTEM_SECURITY UINT32_C(0x01000000)

/* The rights to a key that they stand for (docs/security.md). */
#define KEY_RIGHTS_ALL     UINT32_C(0xf003f)
#define KEY_RIGHTS_READ    UINT32_C(0x20019)
#define KEY_RIGHTS_WRITE   UINT32_C(0x20006)
#define KEY_RIGHTS_EXECUTE UINT32_C(0x20039)

#endif
