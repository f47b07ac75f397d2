/* SPDX-License-Identifier: MIT */
/* Security descriptors as the registry reads and writes them. */
#include "registry/descriptor.h"

#include "descriptors.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t BA[] = { SID_BA }, SY[] = { SID_SY };

static bool
equal(struct view v, const void *bytes, size_t len)
{
	return v.len == len && memcmp(v.at, bytes, len) == 0;
}

/* Read from a block of exactly that size, so that a sanitizer sees what is behind it. */
static bool
reads(const uint8_t *bytes, size_t len)
{
	struct whi_descriptor sd;
	uint8_t *copy = malloc(len ? len : 1);
	bool read;

	cr_assert(copy);
	memcpy(copy, bytes, len);
	read = whi_descriptor_read(copy, len, &sd);
	free(copy);
	return read;
}

Test(descriptor, parts)
{
	struct sd_bytes b = sd_bytes("O:BA G:SY S:(AU;SY;1) D:(A;BA;f003f)(D;SY;2)");
	struct whi_descriptor sd;
	struct whi_ace ace;
	struct view rest;

	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	cr_assert_eq(sd.control, 0x8014);
	cr_assert(equal(sd.owner, BA, sizeof BA));
	cr_assert(equal(sd.group, SY, sizeof SY));
	rest = whi_acl_aces(sd.dacl);
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert_eq(ace.type, WHI_ACE_ALLOWED);
	cr_assert_eq(ace.flags, 0);
	cr_assert_eq(ace.mask, 0xf003f);
	cr_assert(equal(ace.sid, BA, sizeof BA));
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert_eq(ace.type, WHI_ACE_DENIED);
	cr_assert(equal(ace.sid, SY, sizeof SY));
	cr_assert_not(whi_ace_next(&rest, &ace));
	rest = whi_acl_aces(sd.sacl);
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert_not(whi_ace_next(&rest, &ace));
}

/* Absent, null and empty are three things. */
Test(descriptor, no_dacl_null_dacl_empty_dacl)
{
	struct whi_descriptor sd;
	struct sd_bytes b = sd_bytes("O:BA");

	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	cr_assert_eq(sd.control & WHI_SD_DACL_PRESENT, 0);
	cr_assert_eq(sd.dacl.len, 0);
	b = sd_bytes("O:BA D:null");
	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	cr_assert(sd.control & WHI_SD_DACL_PRESENT);
	cr_assert_eq(sd.dacl.len, 0);
	b = sd_bytes("O:BA D:");
	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	cr_assert(sd.control & WHI_SD_DACL_PRESENT);
	cr_assert_eq(sd.dacl.len, WHI_ACL_HEAD);
}

/* What is read is written as it was, whatever is there. */
Test(descriptor, written_as_read)
{
	static const char *const all[] = {
		"",
		"O:BA",
		"G:SY",
		"O:BA G:SY",
		"D:",
		"D:null",
		"O:SY D:(A;SY;1)",
		"O:BA G:SY S:(AU;SY;1) D:P(A;BA;f003f)(D;SY;2)",
		"S:(ML;SY;1)",
		"O:BA S:(AO;SY;1)(AG;BA;2)",
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct sd_bytes b = sd_bytes(all[i]);
		struct whi_descriptor sd;
		uint8_t to[SD_BYTES_MAX];

		cr_assert(whi_descriptor_read(b.at, b.len, &sd), "%s", all[i]);
		cr_assert_eq(whi_descriptor_size(&sd), b.len, "%s", all[i]);
		memset(to, 0xee, sizeof to);
		whi_descriptor_write(&sd, to);
		cr_assert_arr_eq(to, b.at, b.len, "%s", all[i]);
		cr_assert_eq(to[b.len], 0xee);
	}
}

/* The byte of resource managers stays, and room behind the last ACE goes. */
Test(descriptor, written_without_gaps)
{
	struct sd_bytes b = sd_bytes("O:BA D:(A;BA;1)"), tight = b;
	struct whi_descriptor sd;
	uint8_t to[SD_BYTES_MAX];

	/* O is behind D: make D 8 bytes longer. */
	memmove(b.at + 20 + 32 + 8, b.at + 20 + 32, 16);
	memset(b.at + 20 + 32, 0x77, 8);
	b.at[22] = 32 + 8;
	b.at[4] = 20 + 32 + 8;
	b.len += 8;
	b.at[1] = tight.at[1] = 0x5a;
	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	cr_assert_eq(whi_descriptor_size(&sd), tight.len);
	whi_descriptor_write(&sd, to);
	cr_assert_arr_eq(to, tight.at, tight.len);
}

Test(descriptor, cut_anywhere)
{
	struct sd_bytes b = sd_bytes("O:BA G:SY S:(AU;SY;1) D:(A;BA;f003f)(D;SY;2)");

	for (size_t len = 0; len < b.len; len++)
		cr_assert_not(reads(b.at, len), "%zu bytes", len);
	cr_assert(reads(b.at, b.len));
	cr_assert_not(whi_descriptor_read(NULL, 0, &(struct whi_descriptor){ 0 }));
}

/* Any byte may be any other: nothing is read that is not there. */
Test(descriptor, any_byte_changed)
{
	struct sd_bytes b = sd_bytes("O:BA G:SY S:(AO;SY;1) D:(A;BA;f003f)(D;SY;2)");
	static const uint8_t other[] = { 0x00, 0x01, 0x04, 0x10, 0x7f, 0x80, 0xfc, 0xff };

	for (size_t i = 0; i < b.len; i++)
		for (size_t j = 0; j < sizeof other; j++) {
			struct sd_bytes c = b;
			struct whi_descriptor sd;
			struct view rest;
			struct whi_ace ace;
			uint8_t *copy = malloc(b.len), *to;

			c.at[i] = other[j];
			cr_assert(copy);
			memcpy(copy, c.at, b.len);
			if (whi_descriptor_read(copy, b.len, &sd)) {
				rest = whi_acl_aces(sd.dacl);
				while (whi_ace_next(&rest, &ace))
					cr_assert_leq(ace.sid.len, ace.bytes.len);
				to = malloc(whi_descriptor_size(&sd));
				cr_assert(to);
				whi_descriptor_write(&sd, to);
				cr_assert(reads(to, whi_descriptor_size(&sd)));
				free(to);
			}
			free(copy);
		}
}

/* One byte changed, and what is wrong then. */
Test(descriptor, refused)
{
	static const struct {
		size_t at;
		uint8_t byte;
		const char *why;
	} changes[] = {
		{ 0, 2, "revision" },
		{ 3, 0, "not self-relative" },
		{ 4, 19, "owner in the head" },
		{ 4, 21, "owner not at a multiple of 4" },
		{ 5, 1, "owner behind the end" },
		{ 16, 4, "DACL in the head" },
		{ 17, 1, "DACL behind the end" },
		{ 20, 1, "revision of the ACL" },
		{ 20, 5, "revision of the ACL" },
		{ 22, 7, "an ACL shorter than its head" },
		{ 22, 33, "the size of an ACL, no multiple of 4" },
		{ 23, 1, "an ACL behind the end" },
		{ 24, 2, "more ACEs than there are" },
		{ 30, 4, "an ACE shorter than its head" },
		{ 30, 26, "the size of an ACE, no multiple of 4" },
		{ 30, 28, "an ACE behind its ACL" },
		{ 36, 2, "revision of a SID" },
		{ 37, 3, "a SID behind its ACE" },
		{ 37, 16, "16 sub-authorities" },
	};
	struct sd_bytes good = sd_bytes("O:BA D:(A;BA;1)");

	cr_assert(reads(good.at, good.len));
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct sd_bytes b = good;

		b.at[changes[i].at] = changes[i].byte;
		cr_assert_not(reads(b.at, b.len), "%s", changes[i].why);
	}
}

/* An ACE of a type that nobody knows has no SID, and is stepped over. */
Test(descriptor, unknown_ace)
{
	struct sd_bytes b = sd_bytes("D:(A;BA;1)(A;SY;2)");
	struct whi_descriptor sd;
	struct whi_ace ace;
	struct view rest;

	b.at[28] = 4; /* compound */
	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	rest = whi_acl_aces(sd.dacl);
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert_eq(ace.sid.len, 0);
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert(equal(ace.sid, SY, sizeof SY));
}

/* The GUIDs of an ACE for objects lie before its SID. */
Test(descriptor, ace_for_objects)
{
	struct sd_bytes b = sd_bytes("D:(AO;SY;1)(AG;BA;2)");
	struct whi_descriptor sd;
	struct whi_ace ace;
	struct view rest;

	cr_assert(whi_descriptor_read(b.at, b.len, &sd));
	rest = whi_acl_aces(sd.dacl);
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert_eq(ace.type, WHI_ACE_ALLOWED_OBJECT);
	cr_assert_not(ace.object);
	cr_assert(equal(ace.sid, SY, sizeof SY));
	cr_assert(whi_ace_next(&rest, &ace));
	cr_assert(ace.object);
	cr_assert(equal(ace.sid, BA, sizeof BA));
}

static void
expect_text(const void *sid, size_t len, const char *due)
{
	char text[WHI_SID_TEXT];

	cr_assert_eq(whi_sid_text((struct view){ sid, (uint32_t)len }, text), strlen(due));
	cr_assert_str_eq(text, due);
}

Test(descriptor, sid_as_text)
{
	static const uint8_t none[] = { 1, 0, 0, 0, 0, 0, 0, 5 };
	static const uint8_t large[] = {
		1, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};
	static const uint8_t larger[] = { 1, 1, 0, 1, 0, 0, 0, 0xaB, 7, 0, 0, 0 };
	uint8_t longest[68];
	char due[WHI_SID_TEXT] = "S-1-0xffffffffffff";

	expect_text(BA, sizeof BA, "S-1-5-32-544");
	expect_text(SY, sizeof SY, "S-1-5-18");
	expect_text(none, sizeof none, "S-1-5");
	expect_text(large, sizeof large, "S-1-4294967295-4294967295");
	expect_text(larger, sizeof larger, "S-1-0x0001000000ab-7");
	memset(longest, 0xff, sizeof longest);
	longest[0] = 1;
	longest[1] = 15;
	for (int i = 0; i < 15; i++)
		strcat(due, "-4294967295");
	expect_text(longest, sizeof longest, due);
	expect_text(NULL, 0, "");
}
