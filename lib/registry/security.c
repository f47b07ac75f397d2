/* SPDX-License-Identifier: MIT */
/*
 * Security descriptors of keys, part by part.  A descriptor that keys share is never written to:
 * wh_key_set_security() finds or makes another one.
 */
#include "registry/descriptor.h"
#include "registry/registry.h"

#include <string.h>

#define OWNER    WH_OWNER_SECURITY_INFORMATION
#define GROUP    WH_GROUP_SECURITY_INFORMATION
#define DACL     WH_DACL_SECURITY_INFORMATION
#define SACL     WH_SACL_SECURITY_INFORMATION
#define LABEL    WH_LABEL_SECURITY_INFORMATION
#define DACL_P   WH_PROTECTED_DACL_SECURITY_INFORMATION
#define DACL_UNP WH_UNPROTECTED_DACL_SECURITY_INFORMATION
#define SACL_P   WH_PROTECTED_SACL_SECURITY_INFORMATION
#define SACL_UNP WH_UNPROTECTED_SACL_SECURITY_INFORMATION

#define ANY_PART (OWNER | GROUP | DACL | SACL | LABEL | DACL_P | DACL_UNP | SACL_P | SACL_UNP)

enum { ACL_SIZE_MAX = UINT16_MAX };

/* The descriptor of a key, lent. */
static enum wh_status
descriptor_of(const struct whi_handle *handle, struct whi_descriptor *sd)
{
	const void *bytes;
	size_t len;
	enum wh_status st = whi_place_alive(&handle->place);

	if (st == WH_OK)
		st = wh_key_security(handle->place.node.key, &bytes, &len);
	if (st == WH_OK && !whi_descriptor_read(bytes, len, sd))
		st = WH_E_CORRUPT;
	return st;
}

/* ------------------------------------------------------------------- SACL, label */

/* Append the ACEs of an ACL that are labels, or those that are not. */
static void
append(uint8_t *to, size_t *len, uint32_t *count, struct view acl, bool labels)
{
	struct view rest = whi_acl_aces(acl);
	struct whi_ace ace;

	while (whi_ace_next(&rest, &ace)) {
		if ((ace.type == WHI_ACE_LABEL) != labels)
			continue;
		if (to)
			memcpy(to + *len, ace.bytes.at, ace.bytes.len);
		*len += ace.bytes.len;
		++*count;
	}
}

/*
 * An ACL of the audit ACEs of one and the labels of another, in 'to', or if that is NULL only its
 * length; 0: there are none.
 */
static size_t
mix_sacl(uint8_t *to, struct view audit, struct view labels)
{
	size_t len = WHI_ACL_HEAD;
	uint32_t count = 0;

	append(to, &len, &count, audit, false);
	append(to, &len, &count, labels, true);
	if (count == 0)
		return 0;
	if (to && len <= ACL_SIZE_MAX) {
		uint8_t of_audit = audit.len ? audit.at[0] : 2;
		uint8_t of_labels = labels.len ? labels.at[0] : 2;

		to[0] = of_audit > of_labels ? of_audit : of_labels;
		to[1] = to[6] = to[7] = 0;
		to[2] = (uint8_t)len;
		to[3] = (uint8_t)(len >> 8);
		to[4] = (uint8_t)count;
		to[5] = (uint8_t)(count >> 8);
	}
	return len;
}

/*
 * Give 'sd' such an ACL as its SACL; '*made' is its memory, of sd->sacl.len bytes, or NULL.
 * WH_E_INVALID_SD: it is too large for one.
 */
static enum wh_status
set_mixed_sacl(const struct wh_allocator *a, struct whi_descriptor *sd, struct view audit,
	       struct view labels, uint8_t **made)
{
	size_t len = mix_sacl(NULL, audit, labels);

	*made = NULL;
	sd->sacl = (struct view){ 0 };
	sd->control &= ~(uint32_t)WHI_SD_SACL_PRESENT;
	if (len == 0)
		return WH_OK;
	if (len > ACL_SIZE_MAX)
		return WH_E_INVALID_SD;
	*made = whi_alloc(a, len);
	if (!*made)
		return WH_E_MEMORY;
	mix_sacl(*made, audit, labels);
	sd->sacl = (struct view){ *made, (uint32_t)len };
	sd->control |= WHI_SD_SACL_PRESENT;
	return WH_OK;
}

static void
free_made(const struct wh_allocator *a, const struct whi_descriptor *sd, uint8_t *made)
{
	whi_free(a, made, sd->sacl.len);
}

/* ------------------------------------------------------------------------ getting */

/* Leave the parts that are wanted; labels alone need memory, '*made'. */
static enum wh_status
select_parts(const struct wh_allocator *a, struct whi_descriptor *sd, uint32_t parts,
	     uint8_t **made)
{
	const struct view none = { 0 };
	uint32_t keep = 0;

	*made = NULL;
	if (parts & OWNER)
		keep |= WHI_SD_OWNER_DEFAULTED;
	else
		sd->owner = none;
	if (parts & GROUP)
		keep |= WHI_SD_GROUP_DEFAULTED;
	else
		sd->group = none;
	if (parts & DACL)
		keep |= WHI_SD_DACL_BITS;
	else
		sd->dacl = none;
	if (parts & SACL)
		keep |= WHI_SD_SACL_BITS;
	sd->control &= keep;
	sd->spare = 0;
	if (parts & SACL)
		return WH_OK;
	return set_mixed_sacl(a, sd, none, parts & LABEL ? sd->sacl : none, made);
}

static uint32_t
access_to_get(uint32_t parts)
{
	uint32_t access = 0;

	if (parts & (OWNER | GROUP | DACL | LABEL))
		access |= WH_ACCESS_READ_CONTROL;
	if (parts & SACL)
		access |= WH_ACCESS_SYSTEM_SECURITY;
	return access;
}

static enum wh_status
get_security(struct wh_reg *reg, wh_hkey key, uint32_t parts, void *buf, size_t cap, size_t *len)
{
	struct whi_handle room, *handle;
	struct whi_descriptor sd;
	uint8_t *made = NULL;
	enum wh_status st = whi_handle_get(reg, key, access_to_get(parts), &room, &handle);

	if (st == WH_OK)
		st = descriptor_of(handle, &sd);
	if (st == WH_OK)
		st = select_parts(&reg->alloc, &sd, parts, &made);
	if (st != WH_OK)
		return st;
	*len = whi_descriptor_size(&sd);
	if (*len > cap)
		st = WH_E_BUFFER;
	else
		whi_descriptor_write(&sd, buf);
	free_made(&reg->alloc, &sd, made);
	return st;
}

enum wh_status
wh_reg_get_key_security(struct wh_reg *reg, wh_hkey key, uint32_t parts, void *buf, size_t cap,
			size_t *len)
{
	if (len)
		*len = 0;
	if (!reg || !len || (!buf && cap) || (parts & ~ANY_PART))
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, get_security(reg, key, parts, buf, cap, len));
}

/* ------------------------------------------------------------------------ setting */

static uint32_t
access_to_set(uint32_t parts)
{
	uint32_t access = 0;

	if (parts & (OWNER | GROUP | LABEL))
		access |= WH_ACCESS_WRITE_OWNER;
	if (parts & (DACL | DACL_P | DACL_UNP))
		access |= WH_ACCESS_WRITE_DAC;
	if (parts & (SACL | SACL_P | SACL_UNP))
		access |= WH_ACCESS_SYSTEM_SECURITY;
	return access;
}

/* Can these parts be set from that descriptor? */
static enum wh_status
check_source(const struct whi_descriptor *from, uint32_t parts)
{
	if (((parts & OWNER) && !from->owner.len) || ((parts & GROUP) && !from->group.len))
		return WH_E_INVALID;
	if ((parts & DACL) && !(from->control & WHI_SD_DACL_PRESENT))
		return WH_E_INVALID_SD;
	return WH_OK;
}

static void
copy_bits(struct whi_descriptor *sd, const struct whi_descriptor *from, uint32_t bits)
{
	sd->control = (sd->control & ~bits) | (from->control & bits);
}

/* Put the named parts of 'from' into 'sd', but for SACL and label. */
static void
merge_parts(struct whi_descriptor *sd, const struct whi_descriptor *from, uint32_t parts)
{
	if (parts & OWNER) {
		sd->owner = from->owner;
		copy_bits(sd, from, WHI_SD_OWNER_DEFAULTED);
	}
	if (parts & GROUP) {
		sd->group = from->group;
		copy_bits(sd, from, WHI_SD_GROUP_DEFAULTED);
	}
	if (parts & DACL) {
		sd->dacl = from->dacl;
		copy_bits(sd, from, WHI_SD_DACL_BITS);
	}
}

/* The two named with SACL: all of it, or with LABEL alone its labels only. */
static enum wh_status
merge_sacl(const struct wh_allocator *a, struct whi_descriptor *sd,
	   const struct whi_descriptor *from, uint32_t parts, uint8_t **made)
{
	*made = NULL;
	if (parts & SACL) {
		sd->sacl = from->sacl;
		copy_bits(sd, from, WHI_SD_SACL_BITS);
	} else if (parts & LABEL) {
		return set_mixed_sacl(a, sd, sd->sacl, from->sacl, made);
	}
	return WH_OK;
}

static void
protect(struct whi_descriptor *sd, uint32_t parts)
{
	if (parts & DACL_P)
		sd->control |= WHI_SD_DACL_PROTECTED;
	if (parts & DACL_UNP)
		sd->control &= ~(uint32_t)WHI_SD_DACL_PROTECTED;
	if (parts & SACL_P)
		sd->control |= WHI_SD_SACL_PROTECTED;
	if (parts & SACL_UNP)
		sd->control &= ~(uint32_t)WHI_SD_SACL_PROTECTED;
}

/* Give the key that descriptor; what 'sd' lends from the hive is copied before. */
static enum wh_status
store(struct wh_reg *reg, const struct whi_node *node, const struct whi_descriptor *sd)
{
	size_t len = whi_descriptor_size(sd);
	uint8_t *bytes = whi_alloc(&reg->alloc, len);
	enum wh_status st = WH_E_MEMORY;

	if (!bytes)
		return st;
	whi_descriptor_write(sd, bytes);
	st = wh_key_set_security(node->key, bytes, len);
	whi_free(&reg->alloc, bytes, len);
	if (st == WH_OK)
		whi_notify(reg, node, WH_REG_NOTIFY_CHANGE_SECURITY);
	return st;
}

static enum wh_status
set_security(struct wh_reg *reg, wh_hkey key, uint32_t parts, const void *descriptor, size_t len)
{
	struct whi_handle room, *handle;
	struct whi_descriptor from, sd;
	uint8_t *made;
	enum wh_status st = whi_handle_get(reg, key, access_to_set(parts), &room, &handle);

	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st == WH_OK && !whi_descriptor_read(descriptor, len, &from))
		st = WH_E_INVALID_SD;
	if (st == WH_OK)
		st = check_source(&from, parts);
	if (st != WH_OK || parts == 0)
		return st;
	st = descriptor_of(handle, &sd);
	if (st != WH_OK)
		return st;
	merge_parts(&sd, &from, parts);
	st = merge_sacl(&reg->alloc, &sd, &from, parts, &made);
	if (st == WH_OK) {
		protect(&sd, parts);
		st = store(reg, &handle->place.node, &sd);
	}
	free_made(&reg->alloc, &sd, made);
	return st;
}

enum wh_status
wh_reg_set_key_security(struct wh_reg *reg, wh_hkey key, uint32_t parts, const void *descriptor,
			size_t len)
{
	const uint32_t dacl = DACL_P | DACL_UNP, sacl = SACL_P | SACL_UNP;

	if (!reg || !descriptor || (parts & ~ANY_PART) || (parts & dacl) == dacl ||
	    (parts & sacl) == sacl)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, set_security(reg, key, parts, descriptor, len));
}

/* -------------------------------------------------------------------------- owner */

static enum wh_status
key_owner(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap, size_t *len)
{
	struct whi_handle room, *handle;
	struct whi_descriptor sd;
	char text[WHI_SID_TEXT];
	enum wh_status st = whi_handle_get(reg, key, WH_ACCESS_READ_CONTROL, &room, &handle);

	if (st == WH_OK)
		st = descriptor_of(handle, &sd);
	if (st == WH_OK && sd.owner.len == 0)
		st = WH_E_NOT_FOUND;
	if (st != WH_OK)
		return st;
	*len = whi_sid_text(sd.owner, text);
	if (!buf && cap == 0)
		return WH_OK;
	if (*len > cap)
		return WH_E_MORE_DATA;
	memcpy(buf, text, *len);
	return WH_OK;
}

enum wh_status
wh_reg_key_owner(struct wh_reg *reg, wh_hkey key, char *buf, size_t cap, size_t *len)
{
	if (len)
		*len = 0;
	if (!reg || !len || (!buf && cap))
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, key_owner(reg, key, buf, cap, len));
}
