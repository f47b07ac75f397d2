/* SPDX-License-Identifier: MIT */
/* winhive roots: which hives the Windows in a folder has, where its keys are, and whose. */
#include "cli.h"
#include "out.h"
#include "windows.h"

#include <string.h>

static const char *const states[] = {
	[WH_CLEAN] = "clean", [WH_RECOVERED] = "recovered", [WH_DIRTY] = "dirty"
};

/* Not a hive, but something to be said: that there is no HKEY_CURRENT_USER, or hibernation. */
static bool
is_remark(const struct wh_reg_mount *mount)
{
	return !mount->hive && (!strchr(mount->place, '\\') || mount->status == WH_OK);
}

static void
line(const char *label, const char *text)
{
	out_format("  %-9s", label);
	out_shown(text, strlen(text));
	out_char('\n');
}

static void
put_state(const struct wh_reg_mount *mount)
{
	out_format("  %-9s", "state");
	if (!mount->hive) {
		out_colour(COLOUR_WARNING);
		out_text("not there");
		out_plain();
	} else {
		out_text(states[mount->state]);
		if (mount->log_count > 0)
			out_format(", %zu of %zu logs replayed", mount->logs_applied,
				   mount->log_count);
	}
	out_char('\n');
}

static void
put_text(const struct wh_reg_mount *mount)
{
	out_colour(COLOUR_KEY);
	out_shown(mount->place, strlen(mount->place));
	out_plain();
	if (mount->current_user)
		out_text("  (HKEY_CURRENT_USER)");
	out_char('\n');
	if (mount->path)
		line("file", mount->path);
	if (!is_remark(mount))
		put_state(mount);
	if (mount->owner)
		line("user", mount->owner);
	if (mount->problem)
		line("problem", mount->problem);
}

static void
json_text(const char *label, const char *text)
{
	out_format(",\"%s\":", label);
	out_json_string(text);
}

static void
put_json(const struct wh_reg_mount *mount)
{
	out_text("{\"place\":\"");
	out_json(mount->place, strlen(mount->place));
	out_char('"');
	json_text("file", mount->path);
	out_format(",\"status\":\"%s\"", wh_status_name(mount->status));
	json_text("state", mount->hive ? states[mount->state] : NULL);
	out_format(",\"logs\":%zu,\"logs_replayed\":%zu", mount->log_count, mount->logs_applied);
	json_text("user", mount->owner);
	json_text("sid", mount->account);
	out_format(",\"current_user\":%s", mount->current_user ? "true" : "false");
	json_text("problem", mount->problem);
	out_text("}\n");
}

static int
run(struct cli *cli)
{
	struct wh_reg_mount mount;
	struct wh_reg *reg;

	cli->file = cli->args[0];
	if (!cli_is_folder(cli->args[0])) {
		cli_error(cli, "not a folder; 'winhive info' is for one hive");
		return EXIT_UNREAD;
	}
	reg = cli_connect(cli, cli->args[0], false);
	if (!reg)
		return EXIT_UNREAD;
	for (size_t i = 0; wh_reg_mount_at(reg, i, &mount) == WH_OK; i++) {
		if (cli_has(cli, OPT_JSON))
			put_json(&mount);
		else
			put_text(&mount);
		if (mount.status != WH_OK && !is_remark(&mount))
			cli->incomplete = true;
	}
	wh_reg_free(reg);
	return cli_result(cli);
}

const struct command cmd_roots = {
	.name = "roots",
	.synopsis = "FOLDER",
	.summary = "the hives of a Windows in a folder, and where its keys are in them",
	.help = "FOLDER is the root of a volume, the folder Windows in it, or one with hives.\n"
		"\n"
		"Examples:\n"
		"  winhive roots /mnt/win\n"
		"  winhive roots --user bob /mnt/win\n"
		"  winhive roots --json /mnt/win | jq 'select(.problem)'\n",
	.folder = FOLDER_OWN,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
