/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "editing.h"
#include "registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
need(bool fine, const char *what, const char *which)
{
	if (fine)
		return;
	fprintf(stderr, "%s: %s\n", what, which);
	abort();
}

/* ------------------------------------------------------------------ the registry */

static struct wh_hive *
new_reg_hive(struct test_registry *t, const char *const *paths)
{
	struct wh_options options = { .allocator = &t->alloc, .time = REG_NOW };
	struct wh_hive *hive;
	struct wh_key key;
	bool created;

	need(wh_hive_new(NULL, &options, &hive) == WH_OK, "wh_hive_new", "");
	for (; *paths; paths++)
		need(wh_key_create_path(wh_hive_root(hive), *paths, WH_NTS, NULL, &key, &created) ==
			     WH_OK,
		     "wh_key_create_path", *paths);
	return hive;
}

static void
set_select(struct wh_hive *system)
{
	static const char *const names[] = { "Current", "Default", "LastKnownGood" };
	struct wh_key select;

	need(wh_key_open(wh_hive_root(system), "Select", WH_NTS, &select) == WH_OK, "Select", "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		need(wh_value_set_number(select, names[i], WH_NTS, WH_REG_DWORD, 1) == WH_OK,
		     "wh_value_set_number", names[i]);
}

static void
mount(struct test_registry *t, wh_hkey root, const char *name, struct wh_hive *hive)
{
	need(wh_reg_mount_hive(t->reg, root, name, WH_NTS, hive, WH_MOUNT_OWNED) == WH_OK,
	     "wh_reg_mount_hive", name);
}

void
registry_init(struct test_registry *t, const struct wh_reg_options *options)
{
	static const char *const software[] = { "Classes\\CLSID", "Microsoft", NULL };
	static const char *const system[] = { "ControlSet001\\Control", "ControlSet001\\Services",
					      "ControlSet001\\Hardware Profiles\\Current", "Select",
					      NULL };
	static const char *const user[] = { "Environment", "Software\\Microsoft", NULL };
	static const char *const classes[] = { "Local Settings", NULL };
	struct wh_reg_options copy = options ? *options : (struct wh_reg_options){ 0 };

	*t = (struct test_registry){ 0 };
	t->alloc = meter_allocator(&t->meter);
	copy.allocator = &t->alloc;
	copy.time = REG_NOW;
	need(wh_reg_new(&copy, &t->reg) == WH_OK, "wh_reg_new", "");
	t->software = new_reg_hive(t, software);
	t->system = new_reg_hive(t, system);
	set_select(t->system);
	t->user = new_reg_hive(t, user);
	t->classes = new_reg_hive(t, classes);
	mount(t, WH_HKEY_LOCAL_MACHINE, "SOFTWARE", t->software);
	mount(t, WH_HKEY_LOCAL_MACHINE, "SYSTEM", t->system);
	mount(t, WH_HKEY_USERS, USER_SID, t->user);
	mount(t, WH_HKEY_USERS, USER_SID "_Classes", t->classes);
	if (!t->reg->local->current_user) {
		t->reg->local->current_user = whi_strdup(&t->reg->alloc, USER_SID);
		need(t->reg->local->current_user != NULL, "current user", "");
	}
}

/* What is in a hive can be opened again. */
static void
reopen(struct wh_hive *hive)
{
	struct wh_options options = { 0 };
	struct wh_hive *again;
	struct wh_check check;
	const void *bytes;
	size_t len;

	bytes = wh_hive_bytes(hive, &len);
	need(wh_hive_open_memory(bytes, len, &options, &again) == WH_OK, "reopen", "");
	need(wh_hive_check(again, NULL, NULL, &check) == WH_OK, "check", "");
	need(check.refused == 0 && check.dangerous == 0 && check.healed == 0, "check", "damage");
	wh_hive_close(again);
}

void
registry_fini(struct test_registry *t)
{
	struct wh_reg_mount mount;

	for (size_t i = 0; wh_reg_mount_at(t->reg, i, &mount) == WH_OK; i++)
		if (mount.hive)
			reopen(mount.hive);
	wh_reg_free(t->reg);
	need(t->meter.blocks == 0 && t->meter.now == 0, "memory is left", "");
	need(!t->meter.wrong_size, "memory given back with another size", "");
}

void
registry_set_now(struct wh_reg *reg, uint64_t filetime)
{
	struct whi_machine *machine = reg->local;

	reg->options.time = filetime;
	set_now(machine->master.hive, filetime);
	for (size_t i = 0; i < machine->mount_count; i++) {
		struct whi_mount *m = machine->mounts[i];

		if (m->hive)
			set_now(m->hive, filetime);
		if (m->shadow)
			set_now(m->shadow, filetime);
	}
}

/* ---------------------------------------------------------------------- shorthands */

wh_hkey
open_reg_key(struct wh_reg *reg, wh_hkey key, const char *path)
{
	wh_hkey result;

	need(wh_reg_open_key(reg, key, path, WH_NTS, 0, WH_KEY_ALL_ACCESS, &result) == WH_OK,
	     "wh_reg_open_key", path);
	return result;
}

wh_hkey
make_reg_key(struct wh_reg *reg, wh_hkey key, const char *path, uint32_t options)
{
	wh_hkey result;

	need(wh_reg_create_key(reg, key, path, WH_NTS, options, WH_KEY_ALL_ACCESS, NULL, &result,
			       NULL) == WH_OK,
	     "wh_reg_create_key", path);
	return result;
}

void
close_reg_key(struct wh_reg *reg, wh_hkey key)
{
	need(wh_reg_close_key(reg, key) == WH_OK, "wh_reg_close_key", "");
}

bool
has_reg_key(struct wh_reg *reg, wh_hkey key, const char *path)
{
	wh_hkey result;
	enum wh_status st = wh_reg_open_key(reg, key, path, WH_NTS, WH_REG_OPTION_OPEN_LINK,
					    WH_KEY_READ, &result);

	if (st == WH_OK)
		close_reg_key(reg, result);
	return st == WH_OK;
}

void
make_reg_link(struct wh_reg *reg, wh_hkey key, const char *path, const char *target)
{
	wh_hkey link = make_reg_key(reg, key, path, WH_REG_OPTION_CREATE_LINK);
	uint8_t data[512];
	size_t len = strlen(target);

	need(len * 2 <= sizeof data, "target", target);
	for (size_t i = 0; i < len; i++) {
		data[2 * i] = (uint8_t)target[i];
		data[2 * i + 1] = 0;
	}
	need(wh_reg_set_value_ex(reg, link, "SymbolicLinkValue", WH_NTS, WH_REG_LINK, data,
				 len * 2) == WH_OK,
	     "wh_reg_set_value_ex", path);
	close_reg_key(reg, link);
}

bool
lists_reg_keys(struct wh_reg *reg, wh_hkey key, const char *names)
{
	char all[4096] = "", name[1024];
	size_t len, used = 0;
	uint32_t i = 0;

	while (wh_reg_enum_key(reg, key, i, name, sizeof name, &len, NULL) == WH_OK) {
		int n = snprintf(all + used, sizeof all - used, "%s%.*s", i > 0 ? "," : "",
				 (int)len, name);

		used += (size_t)n;
		need(used < sizeof all, "names", names);
		i++;
	}
	need(wh_reg_enum_key(reg, key, i, name, sizeof name, &len, NULL) == WH_E_NO_MORE,
	     "wh_reg_enum_key", all);
	if (strcmp(all, names) != 0)
		fprintf(stderr, "the subkeys are %s\n", all);
	return strcmp(all, names) == 0;
}

void
set_reg_number(struct wh_reg *reg, wh_hkey key, const char *name, uint32_t number)
{
	uint8_t data[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
			    (uint8_t)(number >> 24) };

	need(wh_reg_set_value_ex(reg, key, name, WH_NTS, WH_REG_DWORD, data, sizeof data) == WH_OK,
	     "wh_reg_set_value_ex", name);
}

uint32_t
reg_number(struct wh_reg *reg, wh_hkey key, const char *path, const char *name)
{
	uint8_t data[4];
	uint32_t type;
	wh_hkey opened;
	size_t len;
	enum wh_status st = wh_reg_open_key(reg, key, path, WH_NTS, 0, WH_KEY_READ, &opened);

	if (st != WH_OK)
		return UINT32_MAX;
	st = wh_reg_query_value_ex(reg, opened, name, WH_NTS, &type, data, sizeof data, &len);
	close_reg_key(reg, opened);
	if (st != WH_OK || len != sizeof data)
		return UINT32_MAX;
	return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

/* ------------------------------------------------------------- memory that runs out */

enum { MAX_MOUNTS = 16 };

struct copies {
	void *at[MAX_MOUNTS];
	size_t len[MAX_MOUNTS];
	size_t count;
};

static void
take_copies(struct wh_reg *reg, struct copies *copies)
{
	struct wh_reg_mount mount;

	copies->count = 0;
	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++) {
		const void *bytes;

		if (!mount.hive)
			continue;
		need(copies->count < MAX_MOUNTS, "too many mounts", "");
		bytes = wh_hive_bytes(mount.hive, &copies->len[copies->count]);
		copies->at[copies->count] = malloc(copies->len[copies->count]);
		need(copies->at[copies->count] != NULL, "malloc", "");
		memcpy(copies->at[copies->count], bytes, copies->len[copies->count]);
		copies->count++;
	}
}

static void
drop_copies(struct copies *copies)
{
	while (copies->count > 0)
		free(copies->at[--copies->count]);
}

static bool
same_copies(const struct copies *a, const struct copies *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = a->len[i] == b->len[i] && memcmp(a->at[i], b->at[i], a->len[i]) == 0;
	return same;
}

size_t
registry_starve(void (*build)(struct wh_reg *reg), enum wh_status (*change)(struct wh_reg *reg))
{
	enum wh_status st = WH_E_MEMORY;
	size_t tries = 0;

	while (st == WH_E_MEMORY) {
		struct copies before, after;
		struct test_registry t;

		registry_init(&t, NULL);
		if (build)
			build(t.reg);
		take_copies(t.reg, &before);
		t.meter.left = tries++;
		st = change(t.reg);
		t.meter.left = SIZE_MAX;
		need(st == WH_OK || st == WH_E_MEMORY, "status", wh_status_name(st));
		take_copies(t.reg, &after);
		need(st == WH_OK || same_copies(&before, &after), "a failure changed a hive", "");
		drop_copies(&before);
		drop_copies(&after);
		registry_fini(&t);
	}
	return tries - 1;
}

bool
has_reg_value(struct wh_reg *reg, wh_hkey where, const char *name, uint32_t type, const void *data,
	      size_t size)
{
	uint8_t buf[256];
	uint32_t own;
	size_t len;

	return wh_reg_query_value_ex(reg, where, name, WH_NTS, &own, buf, sizeof buf, &len) ==
		       WH_OK &&
	       own == type && len == size && (size == 0 || memcmp(buf, data, size) == 0);
}

bool
lists_reg_values(struct wh_reg *reg, wh_hkey where, const char *names)
{
	char all[256] = "";
	size_t used = 0, len;
	enum wh_status st;

	for (uint32_t i = 0;; i++) {
		st = wh_reg_enum_value(reg, where, i, all + used, sizeof all - used, &len, NULL,
				       NULL, 0, NULL);
		if (st != WH_OK)
			break;
		used += len;
		all[used++] = ',';
	}
	return st == WH_E_NO_MORE && used == strlen(names) && memcmp(all, names, used) == 0;
}
