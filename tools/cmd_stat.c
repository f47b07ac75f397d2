/* SPDX-License-Identifier: MIT */
/* winhive stat: one key, or one value, with every field it has and where it is. */
#include "cli.h"
#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where a cell is in the file. */
static uint64_t
file_offset(uint32_t cell)
{
	return (uint64_t)WH_BINS + cell;
}

static void
line(const char *label)
{
	out_format("%-18s", label);
}

static void
put_cell(const char *label, uint32_t cell)
{
	line(label);
	if (cell == WH_NO_CELL)
		out_text("none\n");
	else
		out_format("0x%" PRIx32 " (file offset 0x%" PRIx64 ")\n", cell, file_offset(cell));
}

static void
json_cell(const char *label, uint32_t cell)
{
	if (cell == WH_NO_CELL)
		out_format(",\"%s\":null", label);
	else
		out_format(",\"%s\":%" PRIu32, label, cell);
}

static const struct {
	unsigned bit;
	const char *name;
} flag_names[] = {
	{ WH_KEY_VOLATILE, "volatile" },
	{ WH_KEY_HIVE_EXIT, "hive exit" },
	{ WH_KEY_HIVE_ENTRY, "hive entry" },
	{ WH_KEY_NO_DELETE, "no delete" },
	{ WH_KEY_SYM_LINK, "symbolic link" },
	{ WH_KEY_COMP_NAME, "compressed name" },
	{ WH_KEY_PREDEF_HANDLE, "predefined handle" },
	{ WH_KEY_VIRTUAL_SOURCE, "virtual source" },
	{ WH_KEY_VIRTUAL_TARGET, "virtual target" },
	{ WH_KEY_VIRTUAL_STORE, "virtual store" },
};

static void
put_flags(unsigned flags)
{
	const char *comma = " (";

	line("flags");
	out_format("0x%04x", flags);
	for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
		if (flags & flag_names[i].bit) {
			out_format("%s%s", comma, flag_names[i].name);
			comma = ", ";
		}
	out_text(*comma == ',' ? ")\n" : "\n");
}

static const char *const layer_names[] = { "merge", "tombstone", "supersede local",
					   "supersede tree" };

/* Class name in memory that is used again by the next call; NULL if there is none. */
static const char *
class_of(struct wh_key key, const struct wh_key_info *info, size_t *len)
{
	static char text[3 * 32768];

	if (info->class_len == 0 || wh_key_class(key, text, sizeof text, len) != WH_OK)
		return NULL;
	return text;
}

static void
put_key(struct cli *cli, struct wh_key key, const struct wh_key_info *i, const char *path,
	size_t path_len)
{
	char time[WH_TIME_TEXT];
	const void *descriptor;
	const char *class_name;
	size_t len;

	line("path");
	out_shown(path_len ? path : "\\", path_len ? path_len : 1);
	out_char('\n');
	put_cell("cell", i->cell);
	line("cell size");
	out_format("%" PRIu32 " bytes\n", i->cell_size);
	line("last written");
	out_format("%s (%" PRIu64 ")\n", cli_time(cli, i->last_written, time), i->last_written);
	put_flags(i->flags);
	line("access bits");
	out_format("0x%02x\n", i->access);
	line("layer");
	out_format("%s%s\n", layer_names[i->layer], i->inherit_class ? ", inherits class" : "");
	put_cell("parent", i->parent);
	line("subkeys");
	out_format("%" PRIu32 " (volatile, as left over: %" PRIu32 ")\n", i->subkey_count,
		   i->volatile_count);
	put_cell("subkey list", i->subkey_list);
	line("values");
	out_format("%" PRIu32 "\n", i->value_count);
	put_cell("value list", i->value_list);
	line("class");
	class_name = class_of(key, i, &len);
	if (class_name)
		out_shown(class_name, len);
	else
		out_text("none");
	out_char('\n');
	put_cell("class cell", i->class_cell);
	put_cell("security", i->security);
	line("descriptor");
	if (wh_key_security(key, &descriptor, &len) == WH_OK) {
		out_format("%zu bytes ", len);
		out_hex(descriptor, len);
		out_char('\n');
	} else {
		out_text("cannot be read\n");
		cli->incomplete = true;
	}
	line("longest");
	out_format("subkey name %u, class %" PRIu32 ", value name %" PRIu32 ", data %" PRIu32
		   " (bytes)\n",
		   i->max_name_len, i->max_class_len, i->max_value_name_len, i->max_value_len);
	line("user flags");
	out_format("0x%x, virtualization 0x%x, debug 0x%02x, work var 0x%08" PRIx32 "\n",
		   i->user_flags, i->virtual_flags, i->debug, i->work_var);
}

static void
json_key(struct cli *cli, struct wh_key key, const struct wh_key_info *i, const char *path,
	 size_t path_len)
{
	char time[WH_TIME_TEXT];
	const void *descriptor;
	const char *class_name;
	size_t len;

	out_text("{\"path\":\"");
	out_json(path, path_len);
	wh_time_text(i->last_written, time);
	out_format("\",\"cell\":%" PRIu32 ",\"file_offset\":%" PRIu64 ",\"cell_size\":%" PRIu32
		   ",\"last_written\":\"%s\",\"last_written_filetime\":%" PRIu64
		   ",\"flags\":%u,\"access\":%u,\"layer\":\"%s\",\"inherit_class\":%s",
		   i->cell, file_offset(i->cell), i->cell_size, time, i->last_written, i->flags,
		   i->access, layer_names[i->layer], i->inherit_class ? "true" : "false");
	json_cell("parent", i->parent);
	out_format(",\"subkey_count\":%" PRIu32 ",\"volatile_count\":%" PRIu32, i->subkey_count,
		   i->volatile_count);
	json_cell("subkey_list", i->subkey_list);
	out_format(",\"value_count\":%" PRIu32, i->value_count);
	json_cell("value_list", i->value_list);
	out_text(",\"class\":");
	class_name = class_of(key, i, &len);
	if (class_name) {
		out_char('"');
		out_json(class_name, len);
		out_char('"');
	} else {
		out_text("null");
	}
	json_cell("class_cell", i->class_cell);
	json_cell("security", i->security);
	out_text(",\"descriptor\":");
	if (wh_key_security(key, &descriptor, &len) == WH_OK) {
		out_char('"');
		out_hex(descriptor, len);
		out_char('"');
	} else {
		out_text("null");
		cli->incomplete = true;
	}
	out_format(",\"max_name_len\":%u,\"max_class_len\":%" PRIu32
		   ",\"max_value_name_len\":%" PRIu32 ",\"max_value_len\":%" PRIu32
		   ",\"user_flags\":%u,\"virtual_flags\":%u,\"debug\":%u,\"work_var\":%" PRIu32,
		   i->max_name_len, i->max_class_len, i->max_value_name_len, i->max_value_len,
		   i->user_flags, i->virtual_flags, i->debug, i->work_var);
}

static const char *
data_place(const struct wh_value_info *i)
{
	return i->inline_data               ? "in the value itself"
	       : i->big_data                ? "in segments"
	       : i->data_cell == WH_NO_CELL ? "in no cell"
					    : "in one cell";
}

static void
put_value(const struct wh_walk_value *value, const struct wh_value_info *i)
{
	const char *type = wh_type_name(i->type);

	out_text("\nvalue             ");
	out_colour(COLOUR_NAME);
	out_shown(value->name_len ? value->name : "(Default)",
		  value->name_len ? value->name_len : 9);
	out_plain();
	out_char('\n');
	put_cell("cell", i->cell);
	line("type");
	out_format("%" PRIu32 " %s\n", i->type, type ? type : "(no name)");
	line("data");
	out_format("%" PRIu32 " bytes, %s", i->size, data_place(i));
	if (i->readable < i->size)
		out_format(", %" PRIu32 " of them can be read", i->readable);
	out_char('\n');
	put_cell("data cell", i->data_cell);
	line("flags");
	out_format("0x%04x%s\n", i->flags, i->tombstone ? " (tombstone)" : "");
}

static void
json_value(const struct wh_walk_value *value, const struct wh_value_info *i, bool first)
{
	const char *place = i->inline_data               ? "value"
			    : i->big_data                ? "segments"
			    : i->data_cell == WH_NO_CELL ? "none"
							 : "cell";

	out_text(first ? "{\"name\":\"" : ",{\"name\":\"");
	out_json(value->name, value->name_len);
	out_format("\",\"cell\":%" PRIu32 ",\"cell_size\":%" PRIu32 ",\"type\":%" PRIu32
		   ",\"size\":%" PRIu32 ",\"readable\":%" PRIu32,
		   i->cell, i->cell_size, i->type, i->size, i->readable);
	json_cell("data_cell", i->data_cell);
	out_format(",\"place\":\"%s\",\"flags\":%u,\"tombstone\":%s}", place, i->flags,
		   i->tombstone ? "true" : "false");
}

/* The values of the key, or the one asked for; WH_E_NOT_FOUND if there is no such value. */
static enum wh_status
put_values(struct cli *cli, struct wh_key key)
{
	bool one = cli_wants_value(cli), first = true;
	uint32_t wanted = one ? cli_wanted_value(cli, key) : WH_NO_CELL;
	struct wh_walk_value value;
	struct wh_value_info info;
	enum wh_status st;

	while ((st = wh_walk_next_value(cli->walk, &value)) == WH_OK) {
		if ((one && value.value.cell != wanted) ||
		    wh_value_info(value.value, &info) != WH_OK)
			continue;
		if (cli_has(cli, OPT_JSON))
			json_value(&value, &info, first);
		else
			put_value(&value, &info);
		first = false;
	}
	if (st != WH_E_NO_MORE)
		return st;
	return one && first ? WH_E_NOT_FOUND : WH_OK;
}

static enum wh_status
put_stat(struct cli *cli, const struct place *place)
{
	bool json = cli_has(cli, OPT_JSON);
	struct wh_walk_key key;
	struct wh_key_info info;
	enum wh_status st = cli_walk_begin(cli, place->key, place->path, place->len);

	if (st == WH_OK)
		st = cli_walk_next(cli, &key);
	if (st == WH_OK)
		st = wh_key_info(place->key, &info);
	if (st == WH_OK) {
		if (json) {
			json_key(cli, place->key, &info, place->path, place->len);
			out_text(",\"values\":[");
		} else {
			put_key(cli, place->key, &info, place->path, place->len);
		}
		st = put_values(cli, place->key);
		if (json)
			out_text("]}\n");
	}
	cli_walk_end(cli);
	return st;
}

static int
run(struct cli *cli)
{
	struct wh_hive *hive = cli_open(cli);
	enum wh_status st = WH_E_NOT_FOUND;
	struct place place;

	if (!hive)
		return EXIT_UNREAD;
	if (cli_find(cli, hive, 1, &place)) {
		st = put_stat(cli, &place);
		if (st == WH_E_NOT_FOUND)
			cli_no_value(cli, &place,
				     cli->options[OPT_VALUE] ? cli->options[OPT_VALUE] : "");
		else if (st != WH_OK)
			cli_error(cli, "%s", wh_status_text(st));
		free(place.path);
	}
	wh_hive_close(hive);
	return st == WH_OK ? cli_result(cli) : EXIT_UNREAD;
}

const struct command cmd_stat = {
	.name = "stat",
	.synopsis = "HIVE [KEY] [-v NAME | -ve]",
	.summary = "one key and its values with every field, and where they are in the file",
	.help = "Cells are offsets into the hive bins, which start at offset 4096 of the file.\n"
		"\n"
		"  -v NAME, /v NAME  of the values only the one of that name\n"
		"  -ve, /ve          of the values only the default value\n"
		"\n"
		"Examples:\n"
		"  winhive stat SYSTEM 'ControlSet001\\Control\\Lsa\\JD'\n"
		"  winhive stat --json SAM SAM | jq .descriptor\n",
	.options = BIT(OPT_VALUE) | BIT(OPT_DEFAULT_VALUE),
	.folder = FOLDER_KEY,
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
