/* SPDX-License-Identifier: MIT */
/* A master hive, and the list of all that a registry has. */
#include "registry/registry.h"

#include <string.h>

static enum wh_status
make_master(struct whi_machine *machine)
{
	const struct wh_reg *reg = machine->reg;
	struct wh_options options = {
		.issue = reg->options.issue,
		.issue_ctx = reg->options.issue_ctx,
		.allocator = &reg->alloc,
		.time = reg->options.time,
	};
	struct wh_new how = { .root_name = "REGISTRY", .root_name_len = WH_NTS };
	struct whi_mount *master = &machine->master;
	struct wh_key root;
	enum wh_status st = wh_hive_new(&how, &options, &master->hive);
	bool created;

	if (st != WH_OK)
		return st;
	root = wh_hive_root(master->hive);
	st = wh_key_create(root, "MACHINE", WH_NTS, NULL, &machine->machine_key, &created);
	if (st == WH_OK)
		st = wh_key_create(root, "USER", WH_NTS, NULL, &machine->user_key, &created);
	return st;
}

/* The registry's own machine comes first, and then the others as they were connected. */
enum wh_status
whi_machine_new(struct wh_reg *reg, struct whi_machine **result)
{
	struct whi_machine *machine = whi_zalloc(&reg->alloc, sizeof *machine);
	struct whi_machine **end = &reg->local;
	enum wh_status st;

	*result = NULL;
	if (!machine)
		return WH_E_MEMORY;
	machine->reg = reg;
	machine->master.machine = machine;
	machine->master.point.cell = WH_NO_CELL;
	while (*end)
		end = &(*end)->next;
	*end = machine;
	st = make_master(machine);
	if (st == WH_OK)
		*result = machine;
	else
		whi_machine_free(machine);
	return st;
}

static void
free_text(const struct wh_allocator *a, char *text)
{
	if (text)
		whi_free(a, text, strlen(text) + 1);
}

void
whi_machine_free(struct whi_machine *machine)
{
	struct wh_reg *reg = machine->reg;
	struct whi_machine **at = &reg->local;

	while (machine->mount_count > 0)
		whi_mount_remove(machine->mounts[machine->mount_count - 1]);
	while (*at != machine)
		at = &(*at)->next;
	*at = machine->next;
	wh_hive_close(machine->master.hive);
	whi_free(&reg->alloc, machine->mounts, machine->mount_cap * sizeof(struct whi_mount *));
	free_text(&reg->alloc, machine->root);
	free_text(&reg->alloc, machine->current_user);
	whi_free(&reg->alloc, machine, sizeof *machine);
}
