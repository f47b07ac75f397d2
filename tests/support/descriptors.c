/* SPDX-License-Identifier: MIT */
#include "descriptors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 20, ACL_HEAD = 8, ACE_HEAD = 8, GUID = 16, CONDITION = 8 };

static void
fail(const char *at)
{
	fprintf(stderr, "not a descriptor from here on: %s\n", at);
	abort();
}

static const struct {
	char name[3];
	uint8_t bytes[16];
} sids[] = {
	{ "BA", { SID_BA } }, { "BU", { SID_BU } }, { "SY", { SID_SY } }, { "WD", { SID_WD } },
	{ "CO", { SID_CO } }, { "OW", { SID_OW } }, { "ME", { SID_ME } },
};

static void
put_sid(struct sd_bytes *sd, const char *name)
{
	for (size_t i = 0; i < sizeof sids / sizeof *sids; i++)
		if (strncmp(name, sids[i].name, 2) == 0) {
			size_t len = 8 + 4u * sids[i].bytes[1];

			memcpy(sd->at + sd->len, sids[i].bytes, len);
			sd->len += len;
			return;
		}
	fail(name);
}

static const struct {
	char name[3];
	uint8_t type, before, guids, after; /* bytes before the SID, which GUIDs, bytes after */
} types[] = {
	{ "AU", 2, 0, 0, 0 },         { "AO", 5, 4, 0, 0 },          { "AG", 5, 4 + GUID, 1, 0 },
	{ "DO", 6, 4, 0, 0 },         { "DG", 6, 4 + GUID, 1, 0 },   { "ML", 0x11, 0, 0, 0 },
	{ "XA", 9, 0, 0, CONDITION }, { "XD", 10, 0, 0, CONDITION }, { "A", 0, 0, 0, 0 },
	{ "D", 1, 0, 0, 0 },
};

/* Append the ACE at 'text', and give what follows it. */
static const char *
put_ace(struct sd_bytes *sd, const char *text)
{
	uint8_t *ace = sd->at + sd->len;
	char *end;
	size_t i = 0;
	unsigned long mask;

	while (i < sizeof types / sizeof *types &&
	       strncmp(text, types[i].name, strlen(types[i].name)) != 0)
		i++;
	if (i == sizeof types / sizeof *types)
		fail(text);
	text += strlen(types[i].name);
	ace[0] = types[i].type;
	if (strncmp(text, "IO", 2) == 0) {
		ace[1] = 8 | 2; /* and CI: else it would do nothing at all */
		text += 2;
	}
	ace[8] = types[i].guids;
	sd->len += (size_t)ACE_HEAD + types[i].before;
	put_sid(sd, text + 1);
	sd->len += types[i].after;
	mask = strtoul(text + 4, &end, 16);
	for (int b = 0; b < 4; b++)
		ace[4 + b] = (uint8_t)(mask >> 8 * b);
	ace[2] = (uint8_t)(sd->at + sd->len - ace);
	if (*text != ';' || *end != ')')
		fail(text);
	return end + 1;
}

/* Append an ACL, and its place and control bits to the head. */
static void
put_acl(struct sd_bytes *sd, const char *text, size_t field, unsigned present)
{
	size_t start = sd->len, count = 0;
	unsigned control = sd->at[2] | (unsigned)sd->at[3] << 8 | present;

	if (*text == 'P') {
		control |= present == 4 ? 0x1000 : 0x2000;
		text++;
	}
	if (strncmp(text, "AI", 2) == 0) {
		control |= present == 4 ? 0x400 : 0x800;
		text += 2;
	}
	sd->at[2] = (uint8_t)control;
	sd->at[3] = (uint8_t)(control >> 8);
	if (strncmp(text, "null", 4) == 0)
		return;
	sd->at[field] = (uint8_t)start;
	sd->at[field + 1] = (uint8_t)(start >> 8);
	sd->len += ACL_HEAD;
	for (; *text == '('; count++)
		text = put_ace(sd, text + 1);
	sd->at[start] = 2;
	sd->at[start + 2] = (uint8_t)(sd->len - start);
	sd->at[start + 3] = (uint8_t)((sd->len - start) >> 8);
	sd->at[start + 4] = (uint8_t)count;
}

static void
put_owner(struct sd_bytes *sd, const char *name, size_t field)
{
	sd->at[field] = (uint8_t)sd->len;
	sd->at[field + 1] = (uint8_t)(sd->len >> 8);
	put_sid(sd, name);
}

struct sd_bytes
sd_bytes(const char *text)
{
	struct sd_bytes sd = { .at = { 1, 0, 0, 0x80 }, .len = HEAD };
	const char *part;

	if ((part = strstr(text, "S:")) != NULL)
		put_acl(&sd, part + 2, 12, 0x10);
	if ((part = strstr(text, "D:")) != NULL)
		put_acl(&sd, part + 2, 16, 4);
	if ((part = strstr(text, "O:")) != NULL)
		put_owner(&sd, part + 2, 4);
	if ((part = strstr(text, "G:")) != NULL)
		put_owner(&sd, part + 2, 8);
	return sd;
}
