/* SPDX-License-Identifier: MIT */
/*
 * Self-relative security descriptors, to be read and put together (docs/security.md).  What comes
 * from a hive or a caller stays bytes in a view, which is narrowed and never cast.
 */
#ifndef WHI_REGISTRY_DESCRIPTOR_H
#define WHI_REGISTRY_DESCRIPTOR_H

#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Control bits; AUTO_INHERIT_REQ is a request, and is not stored. */
enum {
	WHI_SD_OWNER_DEFAULTED = 0x1,
	WHI_SD_GROUP_DEFAULTED = 0x2,
	WHI_SD_DACL_PRESENT = 0x4,
	WHI_SD_DACL_DEFAULTED = 0x8,
	WHI_SD_SACL_PRESENT = 0x10,
	WHI_SD_SACL_DEFAULTED = 0x20,
	WHI_SD_DACL_AUTO_INHERITED = 0x400,
	WHI_SD_SACL_AUTO_INHERITED = 0x800,
	WHI_SD_DACL_PROTECTED = 1 << 12,
	WHI_SD_SACL_PROTECTED = 1 << 13,
	WHI_SD_SELF_RELATIVE = 0x8000,
	/* All that belong to an ACL, its presence included. */
	WHI_SD_DACL_BITS = 0x140c,
	WHI_SD_SACL_BITS = 0x2830,
};

/*
 * The parts of a descriptor; what is not there is empty.  An ACL that is present and empty here is
 * a null one: a null DACL lets everybody do everything, one without ACEs has 8 bytes, and lets
 * nobody.
 */
struct whi_descriptor {
	uint32_t control;
	uint8_t spare;            /* a byte of resource managers */
	struct view owner, group; /* SIDs */
	struct view sacl, dacl;   /* ACLs, their heads included */
};

/* False if it is not well formed, by the rules of wh_key_set_security(). */
bool whi_descriptor_read(const void *bytes, size_t len, struct whi_descriptor *sd);

/*
 * The bytes that a descriptor takes, and the descriptor written to a buffer of that size, in the
 * order of Windows: SACL, DACL, owner, group.  Revision and 'self-relative' are put in.
 */
size_t whi_descriptor_size(const struct whi_descriptor *sd);
void whi_descriptor_write(const struct whi_descriptor *sd, uint8_t *to);

enum {
	WHI_ACE_ALLOWED = 0x00,
	WHI_ACE_DENIED = 0x01,
	WHI_ACE_ALLOWED_OBJECT = 0x05,
	WHI_ACE_DENIED_OBJECT = 0x06,
	WHI_ACE_DENIED_CALLBACK = 0x0a,
	WHI_ACE_DENIED_CALLBACK_OBJECT = 0x0c,
	WHI_ACE_LABEL = 0x11,
	WHI_ACE_INHERIT_ONLY = 0x08, /* a flag */
};

struct whi_ace {
	struct view bytes;
	uint8_t type, flags;
	uint32_t mask;
	struct view sid; /* empty: nobody knows where it is in that type */
	bool object;     /* it is about a part of an object, which keys do not have */
};

/* The ACEs of an ACL, one after the other: '*rest' begins as whi_acl_aces(). */
struct view whi_acl_aces(struct view acl);
bool whi_ace_next(struct view *rest, struct whi_ace *ace);

enum { WHI_ACL_HEAD = 8 };

/* Room for a SID as text, with its NUL. */
enum { WHI_SID_TEXT = 192 };

/* "S-1-5-32-544"; the length. */
size_t whi_sid_text(struct view sid, char buf[WHI_SID_TEXT]);

#endif
