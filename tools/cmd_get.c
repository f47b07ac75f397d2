/* SPDX-License-Identifier: MIT */
/* winhive get: the data of one value, and nothing else. */
#include "cli.h"
#include "data.h"
#include "out.h"

#include <stdlib.h>
#include <string.h>

/* All that can be read, in memory that free() frees; NULL: said why. */
static uint8_t *
read_all(struct cli *cli, struct wh_value value, struct data *data)
{
	struct wh_value_info info;
	enum wh_status st = wh_value_info(value, &info);
	uint8_t *bytes;

	if (st != WH_OK) {
		cli_error(cli, "%s", wh_status_text(st));
		return NULL;
	}
	bytes = malloc(info.readable + 1u);
	*data = (struct data){ info.type, info.size, bytes, 0 };
	st = bytes ? wh_value_read(value, bytes, info.readable, &data->len) : WH_E_MEMORY;
	if (st != WH_OK && st != WH_E_CORRUPT) {
		cli_error(cli, "%s", wh_status_text(st));
		free(bytes);
		return NULL;
	}
	return bytes;
}

static void
put(struct cli *cli, const char *name, const struct data *data)
{
	if (cli_has(cli, OPT_RAW)) {
		out_bytes(data->bytes, data->len);
	} else if (cli_has(cli, OPT_JSON)) {
		out_text("{\"name\":\"");
		out_json(name, strlen(name));
		out_text("\",");
		data_json(data);
		out_text("}\n");
	} else {
		data_bare(data);
	}
}

/* The value, all of it that can be read; NULL: said why. */
static uint8_t *
find(struct cli *cli, const struct place *place, const char *name, struct data *data)
{
	struct wh_value value;
	enum wh_status st = wh_key_value(place->key, name, WH_NTS, &value);

	if (st == WH_OK)
		return read_all(cli, value, data);
	if (st == WH_E_NOT_FOUND)
		cli_no_value(cli, place, name);
	else
		cli_error(cli, "value '%s': %s", name,
			  st == WH_E_INVALID ? "the name is not UTF-8" : wh_status_text(st));
	return NULL;
}

static int
run(struct cli *cli)
{
	const char *name = cli->arg_count > 2 ? cli->args[2] : "";
	struct wh_hive *hive = cli_open(cli);
	struct place place;
	struct data data;
	uint8_t *bytes = NULL;

	if (!hive)
		return EXIT_UNREAD;
	if (cli_find(cli, hive, 1, &place)) {
		bytes = find(cli, &place, name, &data);
		free(place.path);
	}
	if (bytes)
		put(cli, name, &data);
	free(bytes);
	wh_hive_close(hive);
	return bytes ? cli_result(cli) : EXIT_UNREAD;
}

const struct command cmd_get = {
	.name = "get",
	.synopsis = "HIVE KEY [NAME]",
	.summary = "the data of one value, bare",
	.help = "Without NAME: the default value.  Text comes as it is, a list one string a line, "
		"numbers\n"
		"in decimal, all else in hexadecimal; one line end is added.\n"
		"\n"
		"  --raw         the bytes as they are, with nothing added\n"
		"\n"
		"Examples:\n"
		"  winhive get SYSTEM Select Current\n"
		"  winhive get SYSTEM 'ControlSet001\\Services\\Tcpip' ImagePath\n"
		"  winhive get --raw SAM 'SAM\\Domains\\Account' F | xxd\n",
	.options = BIT(OPT_RAW),
	.folder = FOLDER_KEY,
	.min_args = 2,
	.max_args = 3,
	.run = run,
};
