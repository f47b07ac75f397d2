# SPDX-License-Identifier: MIT
"""Self-relative security descriptors, laid out as Windows does."""

import struct

ALLOW, DENY, AUDIT, LABEL = 0x00, 0x01, 0x02, 0x11
CONTAINER_INHERIT, INHERIT_ONLY, SUCCESS, FAILURE = 0x02, 0x08, 0x40, 0x80
KEY_ALL, KEY_READ, KEY_SET = 0xF003F, 0x20019, 0x00002

DACL_PRESENT, SACL_PRESENT, SELF_RELATIVE = 0x0004, 0x0010, 0x8000


def sid(authority, *parts):
    header = struct.pack(">BBHI", 1, len(parts), 0, authority)
    return header + struct.pack(f"<{len(parts)}I", *parts)


EVERYONE = sid(1, 0)
CREATOR_OWNER = sid(3, 0)
RESTRICTED = sid(5, 12)
LOCAL_SYSTEM = sid(5, 18)
ADMINISTRATORS = sid(5, 32, 544)
USERS = sid(5, 32, 545)
ALL_PACKAGES = sid(15, 2, 1)
HIGH_LABEL = sid(16, 12288)


def ace(kind, flags, mask, who):
    return struct.pack("<BBHI", kind, flags, 8 + len(who), mask) + who


def acl(*aces):
    body = b"".join(aces)
    return struct.pack("<BBHHH", 2, 0, 8 + len(body), len(aces), 0) + body


def descriptor(owner, group, dacl, sacl=b""):
    control = SELF_RELATIVE | DACL_PRESENT | (SACL_PRESENT if sacl else 0)
    at_sacl = 20
    at_dacl = at_sacl + len(sacl)
    at_owner = at_dacl + len(dacl)
    at_group = at_owner + len(owner)
    header = struct.pack("<BBHIIII", 1, 0, control, at_owner, at_group,
                         at_sacl if sacl else 0, at_dacl)
    return header + sacl + dacl + owner + group


# What a new hive gets: O:BAG:BAD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)(A;CI;KR;;;RC)
DEFAULT = descriptor(ADMINISTRATORS, ADMINISTRATORS, acl(
    ace(ALLOW, CONTAINER_INHERIT, KEY_ALL, LOCAL_SYSTEM),
    ace(ALLOW, CONTAINER_INHERIT, KEY_ALL, ADMINISTRATORS),
    ace(ALLOW, CONTAINER_INHERIT, KEY_READ, EVERYONE),
    ace(ALLOW, CONTAINER_INHERIT, KEY_READ, RESTRICTED)))

# A key that only the system may write, and that packaged applications may read.
GUARDED = descriptor(LOCAL_SYSTEM, LOCAL_SYSTEM, acl(
    ace(DENY, CONTAINER_INHERIT, KEY_SET, USERS),
    ace(ALLOW, CONTAINER_INHERIT, KEY_ALL, LOCAL_SYSTEM),
    ace(ALLOW, CONTAINER_INHERIT | INHERIT_ONLY, KEY_ALL, CREATOR_OWNER),
    ace(ALLOW, CONTAINER_INHERIT, KEY_READ, ALL_PACKAGES)))

# With a SACL: failed writes are audited, and the key has a mandatory label.
AUDITED = descriptor(ADMINISTRATORS, LOCAL_SYSTEM, acl(
    ace(ALLOW, CONTAINER_INHERIT, KEY_ALL, ADMINISTRATORS),
    ace(ALLOW, CONTAINER_INHERIT, KEY_READ, USERS)), acl(
    ace(AUDIT, CONTAINER_INHERIT | FAILURE, KEY_SET, EVERYONE),
    ace(LABEL, 0, 1, HIGH_LABEL)))
