/* SPDX-License-Identifier: MIT */
#include "offline_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct tree tree;
struct wh_reg *reg;
struct meter meter;

static void
new_registry(void)
{
	struct wh_allocator alloc = meter_allocator(&meter);
	struct wh_reg_options options = { .allocator = &alloc, .time = REG_NOW };

	meter = (struct meter){ .left = SIZE_MAX };
	cr_assert_eq(wh_reg_new(&options, &reg), WH_OK);
}

static void
free_registry(void)
{
	wh_reg_free(reg);
	cr_assert_eq(meter.blocks, 0);
	cr_assert_not(meter.wrong_size);
}

void
offline_init(void)
{
	tree_init(&tree);
	new_registry();
}

void
fresh_registry(void)
{
	free_registry();
	new_registry();
}

void
offline_fini(void)
{
	free_registry();
	tree_fini(&tree);
}

void
make_windows(void)
{
	static const char *const sids[] = { SERVICE, ANNE, "S-1-5-18", NULL };
	static const char *const paths[] = { "%systemroot%\\ServiceProfiles\\LocalService",
					     "C:\\Users\\Anne",
					     "%systemroot%\\system32\\config\\systemprofile",
					     NULL };

	tree_config(&tree, "WINDOWS/system32/Config", sids, paths);
	tree_profile(&tree, "users/anne", "Anne");
	tree_profile(&tree, "WINDOWS/serviceprofiles/localservice", "the service");
}

void
add_bob(void)
{
	static const char *const sids[] = { ANNE, BOB, NULL };
	static const char *const paths[] = { "C:\\Users\\Anne", "%SystemDrive%\\Users\\bob", NULL };

	tree_config(&tree, "WINDOWS/system32/Config", sids, paths);
	tree_profile(&tree, "users/BOB", "Bob");
}

enum wh_status
connect_as(const char *folder, unsigned flags, const char *user)
{
	const struct wh_windows how = { .flags = flags, .user = user };

	return wh_reg_connect_windows(reg, tree_path(&tree, folder), &how, NULL);
}

enum wh_status
connect_tree(void)
{
	return connect_as("", 0, NULL);
}

struct wh_reg_mount
mount_at(const char *place)
{
	struct wh_reg_mount mount;

	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++)
		if (strcmp(mount.place, place) == 0)
			return mount;
	return (struct wh_reg_mount){ .status = WH_E_NO_MORE };
}

bool
places_are(const char *wanted)
{
	struct wh_reg_mount mount;
	char all[2048] = "";

	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++) {
		strcat(all, i ? "," : "");
		strcat(all, mount.hive ? "" : "-");
		strcat(all, mount.place);
	}
	if (strcmp(all, wanted) != 0)
		fprintf(stderr, "the mounts are %s\n", all);
	return strcmp(all, wanted) == 0;
}

const char *
name_of(wh_hkey root, const char *path)
{
	static char name[64];
	size_t len;
	char *text;

	if (wh_reg_get_string(reg, root, path, "Name", "!", &text, &len) != WH_OK)
		return "!";
	snprintf(name, sizeof name, "%s", text);
	wh_reg_free_text(reg, text);
	return name;
}

const char *
current_name(void)
{
	return name_of(WH_HKEY_CURRENT_USER, "Environment");
}
