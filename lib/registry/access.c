/* SPDX-License-Identifier: MIT */
/*
 * What a handle may be used for.  With WH_REG_RIGHTS_TOKEN the DACL of the key is evaluated as the
 * access check of Windows does it: for each right the first ACE about one of the SIDs of the token
 * decides.  Mandatory labels are not looked at, since a token has no integrity level here, and of
 * an ACE with a condition, which nobody evaluates here, only a denial counts.
 */
#include "registry/descriptor.h"
#include "registry/registry.h"

#include <string.h>

#define VIEWS (WH_KEY_WOW64_64KEY | WH_KEY_WOW64_32KEY)
#define GENERICS \
	(WH_ACCESS_GENERIC_ALL | WH_ACCESS_GENERIC_EXECUTE | WH_ACCESS_GENERIC_WRITE | \
	 WH_ACCESS_GENERIC_READ)
#define SPECIAL (WH_ACCESS_SYSTEM_SECURITY | WH_ACCESS_MAXIMUM_ALLOWED)

/* What GENERIC_EXECUTE is for a key, as the hives of Windows have it (docs/security.md). */
#define EXECUTE (WH_KEY_EXECUTE | WH_KEY_CREATE_LINK)

static uint32_t
map_generic(uint32_t mask)
{
	uint32_t rights = mask & ~GENERICS;

	if (mask & WH_ACCESS_GENERIC_ALL)
		rights |= WH_KEY_ALL_ACCESS;
	if (mask & WH_ACCESS_GENERIC_READ)
		rights |= WH_KEY_READ;
	if (mask & WH_ACCESS_GENERIC_WRITE)
		rights |= WH_KEY_WRITE;
	if (mask & WH_ACCESS_GENERIC_EXECUTE)
		rights |= EXECUTE;
	return rights;
}

enum wh_status
whi_access_map(uint32_t wanted, uint32_t *access)
{
	uint32_t rights = map_generic(wanted & ~VIEWS);

	*access = 0;
	/* A right that no key has is one that no key gives. */
	if (rights == 0 || (rights & ~(WH_KEY_ALL_ACCESS | SPECIAL)))
		return WH_E_ACCESS;
	*access = rights;
	return WH_OK;
}

/* --------------------------------------------------------------------- token */

/* Without a token it is nobody who asks. */
static const struct wh_reg_token *
token_of(const struct wh_reg *reg)
{
	static const struct wh_reg_token nobody = { 0 };

	return reg->options.token ? reg->options.token : &nobody;
}

static bool
token_has(const struct wh_reg_token *token, struct view sid)
{
	for (size_t i = 0; i < token->sid_count; i++) {
		const uint8_t *own = token->sids[i];

		/* A SID of this length has as many sub-authorities, if its head is the same. */
		if (sid.len >= 8 && memcmp(own, sid.at, 8) == 0 &&
		    memcmp(own + 8, sid.at + 8, sid.len - 8) == 0)
			return true;
	}
	return false;
}

/* S-1-3-4, OWNER RIGHTS: what an owner has in place of reading and changing the descriptor. */
static bool
is_owner_rights(struct view sid)
{
	static const uint8_t owner_rights[] = { 1, 1, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0 };

	return sid.len == sizeof owner_rights && memcmp(sid.at, owner_rights, sid.len) == 0;
}

static bool
limits_owner(struct view dacl)
{
	struct view rest = whi_acl_aces(dacl);
	struct whi_ace ace;

	while (whi_ace_next(&rest, &ace))
		if (!(ace.flags & WHI_ACE_INHERIT_ONLY) && is_owner_rights(ace.sid))
			return true;
	return false;
}

/* What one ACE does: allow, deny, or nothing. */
enum effect { NOTHING, ALLOW, DENY };

static enum effect
effect_of(const struct whi_ace *ace)
{
	if (ace->flags & WHI_ACE_INHERIT_ONLY)
		return NOTHING;
	switch (ace->type) {
	case WHI_ACE_ALLOWED:
		return ALLOW;
	case WHI_ACE_ALLOWED_OBJECT:
		return ace->object ? NOTHING : ALLOW;
	case WHI_ACE_DENIED:
	case WHI_ACE_DENIED_CALLBACK:
		return DENY;
	case WHI_ACE_DENIED_OBJECT:
	case WHI_ACE_DENIED_CALLBACK_OBJECT:
		return ace->object ? NOTHING : DENY;
	default:
		return NOTHING;
	}
}

/* All rights of a key that the descriptor gives, besides those in 'have'. */
static uint32_t
evaluate(const struct whi_descriptor *sd, const struct wh_reg_token *token, uint32_t have)
{
	struct view rest = whi_acl_aces(sd->dacl);
	bool owner = token_has(token, sd->owner);
	uint32_t denied = 0;
	struct whi_ace ace;

	if (sd->dacl.len == 0)
		return have | WH_KEY_ALL_ACCESS;
	if (owner && !limits_owner(sd->dacl))
		have |= WH_ACCESS_READ_CONTROL | WH_ACCESS_WRITE_DAC;
	while (whi_ace_next(&rest, &ace)) {
		enum effect effect = effect_of(&ace);
		uint32_t mask = map_generic(ace.mask) & WH_KEY_ALL_ACCESS;

		if (!token_has(token, ace.sid) && !(owner && is_owner_rights(ace.sid)))
			continue;
		if (effect == ALLOW)
			have |= mask & ~denied;
		else if (effect == DENY)
			denied |= mask;
	}
	return have;
}

enum wh_status
whi_access_check(struct wh_reg *reg, const struct whi_node *node, uint32_t wanted,
		 uint32_t *granted)
{
	const struct wh_reg_token *token = token_of(reg);
	bool all = wanted & WH_ACCESS_MAXIMUM_ALLOWED;
	uint32_t asked = wanted & ~WH_ACCESS_MAXIMUM_ALLOWED, have = 0;
	struct whi_descriptor sd;
	const void *bytes;
	enum wh_status st;
	size_t len;

	*granted = 0;
	if (reg->options.rights != WH_REG_RIGHTS_TOKEN) {
		*granted = asked | (all ? WH_KEY_ALL_ACCESS : 0);
		return WH_OK;
	}
	if ((asked & WH_ACCESS_SYSTEM_SECURITY) && !token->security)
		return WH_E_PRIVILEGE;
	have |= asked & WH_ACCESS_SYSTEM_SECURITY;
	if (token->take_ownership)
		have |= asked & WH_ACCESS_WRITE_OWNER;
	st = wh_key_security(node->key, &bytes, &len);
	if (st != WH_OK)
		return st;
	if (!whi_descriptor_read(bytes, len, &sd))
		return WH_E_CORRUPT;
	have = evaluate(&sd, token, have);
	if ((asked & ~have) || have == 0)
		return WH_E_ACCESS;
	*granted = all ? have : asked;
	return WH_OK;
}

enum wh_status
whi_access_backup(struct wh_reg *reg, uint32_t *granted)
{
	const struct wh_reg_token *token = token_of(reg);
	bool any = reg->options.rights != WH_REG_RIGHTS_TOKEN;

	*granted = 0;
	if (any || token->backup)
		*granted |= WH_ACCESS_SYSTEM_SECURITY | WH_KEY_READ;
	if (any || token->restore)
		*granted |= WH_ACCESS_SYSTEM_SECURITY | WH_ACCESS_DELETE | WH_KEY_WRITE;
	return *granted ? WH_OK : WH_E_ACCESS;
}
