/* SPDX-License-Identifier: MIT */
/* What is stored with a key besides its values, what reflection left behind, predefined handles. */
#include "registry/registry.h"

#include <string.h>

/* --------------------------------------------------------------------- reflection */

/* Windows asks for no right. */
static enum wh_status
check_handle(struct wh_reg *reg, wh_hkey key)
{
	struct whi_handle room, *handle;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &handle);

	return st == WH_OK ? whi_place_alive(&handle->place) : st;
}

enum wh_status
wh_reg_disable_reflection_key(struct wh_reg *reg, wh_hkey key)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, check_handle(reg, key));
}

enum wh_status
wh_reg_enable_reflection_key(struct wh_reg *reg, wh_hkey key)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, check_handle(reg, key));
}

enum wh_status
wh_reg_query_reflection_key(struct wh_reg *reg, wh_hkey key, bool *disabled)
{
	enum wh_status st;

	if (disabled)
		*disabled = false;
	if (!reg || !disabled)
		return WH_E_INVALID;
	whi_begin(reg);
	st = whi_end(reg, check_handle(reg, key));
	*disabled = st == WH_OK;
	return st;
}

/* -------------------------------------------------------------------------- flags */

static enum wh_status
query_flags(struct wh_reg *reg, wh_hkey key, unsigned *user_flags, unsigned *virtual_flags)
{
	struct whi_handle room, *handle;
	struct wh_key_info info;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_QUERY_VALUE, &room, &handle);

	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st == WH_OK)
		st = wh_key_info(handle->place.node.key, &info);
	if (st != WH_OK)
		return st;
	*user_flags = info.user_flags;
	*virtual_flags = info.virtual_flags;
	return WH_OK;
}

enum wh_status
wh_reg_query_flags(struct wh_reg *reg, wh_hkey key, unsigned *user_flags, unsigned *virtual_flags)
{
	unsigned user = 0, virtual = 0;
	enum wh_status st = WH_E_INVALID;

	if (reg) {
		whi_begin(reg);
		st = whi_end(reg, query_flags(reg, key, &user, &virtual));
	}
	if (user_flags)
		*user_flags = user;
	if (virtual_flags)
		*virtual_flags = virtual;
	return st;
}

static enum wh_status
set_flags(struct wh_reg *reg, wh_hkey key, unsigned user_flags, unsigned virtual_flags)
{
	struct whi_handle room, *handle;
	enum wh_status st = whi_handle_get(reg, key, WH_KEY_SET_VALUE, &room, &handle);

	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st == WH_OK)
		st = wh_key_set_flags(handle->place.node.key, user_flags, virtual_flags);
	if (st == WH_OK)
		whi_notify(reg, &handle->place.node, WH_REG_NOTIFY_CHANGE_ATTRIBUTES);
	return st;
}

enum wh_status
wh_reg_set_flags(struct wh_reg *reg, wh_hkey key, unsigned user_flags, unsigned virtual_flags)
{
	if (!reg)
		return WH_E_INVALID;
	whi_begin(reg);
	return whi_end(reg, set_flags(reg, key, user_flags, virtual_flags));
}

/* ------------------------------------------------------------- predefined handles */

/* Those that can mean something else; the list is Microsoft's. */
static bool
can_be_overridden(wh_hkey root)
{
	switch (root) {
	case WH_HKEY_CLASSES_ROOT:
	case WH_HKEY_CURRENT_USER:
	case WH_HKEY_LOCAL_MACHINE:
	case WH_HKEY_USERS:
	case WH_HKEY_PERFORMANCE_DATA:
	case WH_HKEY_CURRENT_CONFIG:
		return true;
	default:
		return false;
	}
}

/* A second handle to what a handle leads to, with the same access, that nobody is told of. */
static enum wh_status
duplicate(struct wh_reg *reg, wh_hkey key, wh_hkey *copy)
{
	struct whi_handle room, *handle, *reserved;
	enum wh_status st = whi_handle_get(reg, key, 0, &room, &handle);

	if (st == WH_OK)
		st = whi_place_alive(&handle->place);
	if (st == WH_OK)
		st = whi_handle_reserve(reg, &reserved);
	if (st == WH_OK)
		*copy = whi_handle_add(reg, reserved, &handle->place, handle->access);
	return st;
}

static enum wh_status
override(struct wh_reg *reg, wh_hkey root, wh_hkey key)
{
	wh_hkey *slot = &reg->predefined[root - WH_HKEY_CLASSES_ROOT];
	wh_hkey copy = 0, old = *slot;
	enum wh_status st = WH_OK;

	if (key != 0)
		st = duplicate(reg, key, &copy);
	if (st == WH_OK && old != 0) {
		st = whi_handle_close(reg, old);
		/* The caller found its number and closed it: then it is gone already. */
		if (st == WH_E_HANDLE)
			st = WH_OK;
		if (st != WH_OK && copy != 0)
			whi_handle_close(reg, copy);
	}
	if (st == WH_OK)
		*slot = copy;
	return st;
}

enum wh_status
wh_reg_override_predef_key(struct wh_reg *reg, wh_hkey root, wh_hkey key)
{
	if (!reg)
		return WH_E_INVALID;
	if (!can_be_overridden(root) || whi_is_predefined(key))
		return WH_E_HANDLE;
	whi_begin(reg);
	return whi_end(reg, override(reg, root, key));
}
