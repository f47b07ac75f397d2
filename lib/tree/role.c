/* SPDX-License-Identifier: MIT */
/* Which hive of Windows it is, by the keys below its root (docs/format.md 11.2). */
#include "winhive.h"

#include <stddef.h>

/* All of 'keys' are there, and one of 'either' if there are any. */
static const struct role {
	const char *name;
	const char *keys[3], *either[4];
} roles[] = {
	{ "SYSTEM", { "Select" }, { "ControlSet001", "ControlSet002", "ControlSet003" } },
	{ "SOFTWARE", { "Microsoft", "Classes" }, { "Secure", "Policies" } },
	{ "NTUSER", { "Software", "Control Panel" }, { "AppEvents", "Keyboard Layout" } },
	{ "SECURITY", { "Policy", "RXACT" }, { NULL } },
	{ "SAM", { "SAM" }, { NULL } },
	{ "BCD", { "Description", "Objects" }, { NULL } },
	{ "COMPONENTS", { "Installers", "CanonicalData" }, { NULL } },
	{ "USRCLASS", { "Local Settings" }, { NULL } },
	{ "AMCACHE", { "Root" }, { NULL } },
	{ "SYSCACHE", { "DefaultObjectStore" }, { NULL } },
};

static bool
has(struct wh_key root, const char *name)
{
	struct wh_key found;

	return wh_key_subkey(root, name, WH_NTS, &found) == WH_OK;
}

static bool
fits(struct wh_key root, const struct role *role)
{
	bool one = role->either[0] == NULL;

	for (size_t i = 0; role->keys[i]; i++)
		if (!has(root, role->keys[i]))
			return false;
	for (size_t i = 0; !one && role->either[i]; i++)
		one = has(root, role->either[i]);
	return one;
}

const char *
wh_hive_role(struct wh_hive *hive)
{
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (fits(wh_hive_root(hive), &roles[i]))
			return roles[i].name;
	return NULL;
}
