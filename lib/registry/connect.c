/* SPDX-License-Identifier: MIT */
/* The registries of other computers, of which a Windows in a folder is one. */
#define _GNU_SOURCE /* realpath, gethostname */
#include "registry/registry.h"
#include "registry/volume.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names of this machine, with or without the backslashes in front that Windows writes. */
static bool
is_local(const char *name)
{
	char host[HOST_NAME_MAX + 1] = "";

	name += strspn(name, "\\");
	if (!name[0] || strcmp(name, ".") == 0 || whi_same_file_name(name, "localhost"))
		return true;
	if (gethostname(host, sizeof host - 1) != 0)
		return false;
	return whi_same_file_name(name, host);
}

static struct whi_machine *
find_machine(struct wh_reg *reg, const char *path)
{
	char wanted[WHI_VOLUME_PATH], real[WHI_VOLUME_PATH];

	if (!realpath(path, wanted))
		return NULL;
	for (struct whi_machine *m = reg->local->next; m; m = m->next)
		if (m->root && realpath(m->root, real) && strcmp(real, wanted) == 0)
			return m;
	return NULL;
}

static enum wh_status
connect_folder(struct wh_reg *reg, const char *path, struct whi_machine **machine, bool *fresh)
{
	enum wh_status st;

	*fresh = false;
	*machine = find_machine(reg, path);
	if (*machine)
		return WH_OK;
	st = whi_machine_new(reg, machine);
	if (st != WH_OK)
		return st;
	*fresh = true;
	st = whi_offline_connect(*machine, path, NULL, NULL);
	if (st == WH_OK)
		return WH_OK;
	whi_machine_free(*machine);
	return st == WH_E_MEMORY ? st : WH_E_BAD_NETPATH;
}

static enum wh_status
connect_registry(struct wh_reg *reg, const char *name, wh_hkey root, wh_hkey *result)
{
	struct whi_machine *machine = reg->local;
	const char *path = name + strspn(name, "\\");
	struct whi_place place;
	bool fresh = false;
	enum wh_status st = WH_OK;

	if (!is_local(name)) {
		/* The name of a computer has no slash. */
		if (!strchr(path, '/') || !whi_is_folder(path))
			return WH_E_BAD_NETPATH;
		st = connect_folder(reg, path, &machine, &fresh);
	}
	if (st != WH_OK)
		return st;
	st = whi_predefined_root(machine, root, &place);
	if (st == WH_OK)
		st = whi_handle_new(reg, &place, WH_ACCESS_MAXIMUM_ALLOWED, result);
	if (st != WH_OK && fresh)
		whi_machine_free(machine);
	return st;
}

enum wh_status
wh_reg_connect_registry(struct wh_reg *reg, const char *name, size_t len, wh_hkey root,
			wh_hkey *result)
{
	enum wh_status st = WH_E_BAD_NETPATH;
	char *copy;

	if (result)
		*result = 0;
	if (!reg || !result)
		return WH_E_INVALID;
	if (root < WH_HKEY_CLASSES_ROOT || root > WH_HKEY_CURRENT_USER_LOCAL_SETTINGS)
		return WH_E_INVALID;
	if (!name)
		len = 0;
	else if (len == WH_NTS)
		len = strlen(name);
	whi_begin(reg);
	copy = whi_alloc(&reg->alloc, len + 1);
	if (!copy)
		return whi_end(reg, WH_E_MEMORY);
	if (len > 0)
		memcpy(copy, name, len);
	copy[len] = '\0';
	if (strlen(copy) == len)
		st = connect_registry(reg, copy, root, result);
	whi_free(&reg->alloc, copy, len + 1);
	return whi_end(reg, st);
}
