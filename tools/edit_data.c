/* SPDX-License-Identifier: MIT */
/* Words of the command line become the type and the data of a value, as with "reg add". */
#include "edit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Names of types without "REG_". */
static const struct {
	const char *name;
	uint32_t type;
} types[] = {
	{ "NONE", WH_REG_NONE },
	{ "SZ", WH_REG_SZ },
	{ "EXPAND_SZ", WH_REG_EXPAND_SZ },
	{ "BINARY", WH_REG_BINARY },
	{ "DWORD", WH_REG_DWORD },
	{ "DWORD_LITTLE_ENDIAN", WH_REG_DWORD },
	{ "DWORD_BIG_ENDIAN", WH_REG_DWORD_BIG_ENDIAN },
	{ "LINK", WH_REG_LINK },
	{ "MULTI_SZ", WH_REG_MULTI_SZ },
	{ "RESOURCE_LIST", WH_REG_RESOURCE_LIST },
	{ "FULL_RESOURCE_DESCRIPTOR", WH_REG_FULL_RESOURCE_DESCRIPTOR },
	{ "RESOURCE_REQUIREMENTS_LIST", WH_REG_RESOURCE_REQUIREMENTS_LIST },
	{ "QWORD", WH_REG_QWORD },
	{ "QWORD_LITTLE_ENDIAN", WH_REG_QWORD },
};

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Decimal digits, or hexadecimal ones after 0x: nothing else, and no more than 'max'. */
static bool
parse_number(const char *text, uint64_t max, uint64_t *number)
{
	unsigned base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;

	*number = 0;
	if (base == 16)
		text += 2;
	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)digit_of(*text);

		if (digit >= base || *number > (max - digit) / base)
			return false;
		*number = *number * base + digit;
	}
	return true;
}

static bool
parse_type(const char *text, uint32_t *type)
{
	const char *name = strncasecmp(text, "REG_", 4) == 0 ? text + 4 : text;
	uint64_t number;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcasecmp(name, types[i].name) == 0) {
			*type = types[i].type;
			return true;
		}
	if (!parse_number(text, UINT32_MAX, &number))
		return false;
	*type = (uint32_t)number;
	return true;
}

static bool
put_bytes(struct edit_data *data, const void *bytes, size_t len)
{
	data->bytes = malloc(len + 1);
	if (!data->bytes)
		return false;
	if (len > 0)
		memcpy(data->bytes, bytes, len);
	data->len = len;
	return true;
}

static int
no_memory(const struct cli *cli)
{
	cli_error(cli, "%s", wh_status_text(WH_E_MEMORY));
	return EXIT_UNREAD;
}

static int
wrong(const struct cli *cli, const char *what, const char *text)
{
	cli_wrong_use(cli, "%s, not '%s'", what, text);
	return EXIT_WRONG_USE;
}

/* reg.exe stores REG_DWORD_BIG_ENDIAN with the low byte first, too. */
static int
read_dword(const struct cli *cli, const char *text, struct edit_data *data)
{
	uint8_t bytes[4];
	uint64_t n;

	if (!text) {
		cli_wrong_use(cli, "a REG_DWORD needs a number: -d");
		return EXIT_WRONG_USE;
	}
	if (!parse_number(text, UINT32_MAX, &n))
		return wrong(cli, "a REG_DWORD is a number up to 4294967295 or 0xffffffff", text);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(n >> 8 * i);
	return put_bytes(data, bytes, sizeof bytes) ? EXIT_WHOLE : no_memory(cli);
}

static int
read_qword(const struct cli *cli, const char *text, struct edit_data *data)
{
	bool minus = text && text[0] == '-' && strncasecmp(text, "-0x", 3) != 0;
	uint8_t bytes[8];
	uint64_t n = 0;

	if (text && !parse_number(text + minus, minus ? UINT64_C(1) << 63 : UINT64_MAX, &n))
		return wrong(cli, "a REG_QWORD is a number of 64 bits, decimal or after 0x", text);
	if (minus)
		n = 0 - n;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(n >> 8 * i);
	return put_bytes(data, bytes, sizeof bytes) ? EXIT_WHOLE : no_memory(cli);
}

/* Two digits for each byte; of an odd number the first stands alone. */
static int
read_hex(const struct cli *cli, const char *text, struct edit_data *data)
{
	size_t len = strlen(text), odd = len % 2;

	if (!put_bytes(data, NULL, 0) || !(data->bytes = realloc(data->bytes, len / 2 + 2)))
		return no_memory(cli);
	data->len = (len + odd) / 2;
	memset(data->bytes, 0, data->len + 1);
	for (size_t i = 0; i < len; i++) {
		int digit = digit_of(text[i]);
		uint8_t *to = &data->bytes[(i + odd) / 2];

		if (digit == 16)
			return wrong(cli, "data of this type are hexadecimal digits", text);
		*to = (uint8_t)(*to << 4 | digit);
	}
	return EXIT_WHOLE;
}

/* Is that one character, in UTF-8? */
static bool
is_one_character(const char *text)
{
	size_t len = strlen(text);
	uint8_t first = (uint8_t)text[0];

	return len == (first < 0x80 ? 1u : first < 0xe0 ? 2u : first < 0xf0 ? 3u : 4u);
}

/* Strings between separators; one at the end is no more than that. */
static int
read_strings(const struct cli *cli, const char *text, struct edit_data *data)
{
	const char *separator = cli_has(cli, OPT_SEPARATOR) ? cli->options[OPT_SEPARATOR] : "\\0";
	size_t len = strlen(text), separator_len = strlen(separator), n;
	const char *end;

	data->bytes = malloc(len + 1);
	if (!data->bytes)
		return no_memory(cli);
	for (const char *at = text; *at; at = *end ? end + separator_len : end) {
		end = strstr(at, separator);
		if (!end)
			end = at + strlen(at);
		n = (size_t)(end - at);
		if (n == 0)
			return wrong(cli, "a REG_MULTI_SZ has no empty strings", text);
		memcpy(data->bytes + data->len, at, n);
		data->len += n;
		data->bytes[data->len++] = 0;
	}
	return EXIT_WHOLE;
}

/* The data from -d, which may be missing. */
static int
read_words(const struct cli *cli, struct edit_data *data)
{
	const char *text = cli->options[OPT_DATA];

	switch (data->type) {
	case WH_REG_DWORD:
	case WH_REG_DWORD_BIG_ENDIAN:
		return read_dword(cli, text, data);
	case WH_REG_QWORD:
		return read_qword(cli, text, data);
	case WH_REG_MULTI_SZ:
		data->form = FORM_STRINGS;
		return read_strings(cli, text ? text : "", data);
	case WH_REG_NONE:
	case WH_REG_SZ:
	case WH_REG_EXPAND_SZ:
	case WH_REG_LINK:
		data->form = FORM_TEXT;
		text = text ? text : "";
		return put_bytes(data, text, strlen(text)) ? EXIT_WHOLE : no_memory(cli);
	default:
		return read_hex(cli, text ? text : "", data);
	}
}

int
edit_read_data(const struct cli *cli, struct edit_data *data)
{
	const char *separator = cli->options[OPT_SEPARATOR];

	*data = (struct edit_data){ .type = WH_REG_SZ };
	if (cli_has(cli, OPT_TYPE) && !parse_type(cli->options[OPT_TYPE], &data->type))
		return wrong(cli, "-t needs the name or the number of a type",
			     cli->options[OPT_TYPE]);
	if (separator && data->type != WH_REG_MULTI_SZ) {
		cli_wrong_use(cli, "-s goes with -t REG_MULTI_SZ");
		return EXIT_WRONG_USE;
	}
	if (separator && !is_one_character(separator))
		return wrong(cli, "-s needs one character", separator);
	if (!cli_has(cli, OPT_DATA_FILE))
		return read_words(cli, data);
	data->bytes = edit_read_file(cli, cli->options[OPT_DATA_FILE], &data->len);
	return data->bytes ? EXIT_WHOLE : EXIT_UNREAD;
}

/* To the end of the file, in memory that grows. */
static uint8_t *
read_stream(FILE *file, size_t *len)
{
	size_t cap = 1 << 16;
	uint8_t *bytes = malloc(cap), *more;

	*len = 0;
	while (bytes) {
		*len += fread(bytes + *len, 1, cap - *len, file);
		if (*len < cap)
			break;
		more = realloc(bytes, cap *= 2);
		if (!more) {
			free(bytes);
			errno = ENOMEM;
		}
		bytes = more;
	}
	if (bytes && ferror(file)) {
		free(bytes);
		return NULL;
	}
	if (bytes)
		bytes[*len] = 0;
	return bytes;
}

uint8_t *
edit_read_file(const struct cli *cli, const char *file, size_t *len)
{
	bool standard = strcmp(file, "-") == 0;
	FILE *stream = standard ? stdin : fopen(file, "rb");
	uint8_t *bytes = stream ? read_stream(stream, len) : NULL;

	if (!bytes)
		cli_error(cli, "%s: %s", standard ? "standard input" : file, strerror(errno));
	if (stream && !standard)
		fclose(stream);
	return bytes;
}
