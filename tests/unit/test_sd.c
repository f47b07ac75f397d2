/* SPDX-License-Identifier: MIT */
/* Security descriptors: which are well formed, and what a new key inherits. */
#include "hive_builder.h"

#include "tree/sk.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SIDs and ACEs byte by byte. */
#define SID1(authority, id) 1, 1, 0, 0, 0, 0, 0, authority, id, 0, 0, 0
#define SY                  SID1(5, 18)
#define WD                  SID1(1, 0)
#define CO                  SID1(3, 0)
#define CG                  SID1(3, 1)
#define BA                  1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0
#define KA                  0x3f, 0, 0x0f, 0
#define KR                  0x19, 0, 0x02, 0
#define KW                  0x06, 0, 0x02, 0
#define KX                  0x39, 0, 0x02, 0
#define GA                  0, 0, 0, 0x10
#define GR                  0, 0, 0, 0x80
#define GW                  0, 0, 0, 0x40
#define GX                  0, 0, 0, 0x20
#define A20(flags, ...)     0, flags, 20, 0, __VA_ARGS__
#define A24(flags, ...)     0, flags, 24, 0, __VA_ARGS__
#define ANY                 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16

enum { OI = 1, CI = 2, NP = 4, IO = 8, ID = 0x10 };
enum { SELF = 0x8000, DACL = 4, SACL = 0x10, DACL_AI = 0x400, SACL_AI = 0x800, PROTECTED = 0x1000 };

struct acl {
	uint8_t bytes[400];
	size_t len;
};
#define ACL(...) \
	((struct acl){ .bytes = { __VA_ARGS__ }, .len = sizeof((uint8_t[]){ __VA_ARGS__ }) })
static const struct acl no_acl;

static const uint8_t owner[] = { BA }, group[] = { SY };

static size_t
put_acl(uint8_t *sd, size_t at, size_t field, const struct acl *acl)
{
	uint32_t count = 0;

	if (acl->len == 0)
		return at;
	for (size_t i = 0; i < acl->len; i += acl->bytes[i + 2])
		count++;
	put32(sd + field, (uint32_t)at);
	put32(sd + at, 2 | (uint32_t)(8 + acl->len) << 16);
	put32(sd + at + 4, count);
	memcpy(sd + at + 8, acl->bytes, acl->len);
	return at + 8 + acl->len;
}

/* A descriptor in the order in which Windows has it, owner BA and group SY. */
static size_t
put_sd(uint8_t *sd, uint32_t control, const struct acl *sacl, const struct acl *dacl)
{
	size_t at = 20;

	memset(sd, 0, 20);
	sd[0] = 1;
	put16(sd + 2, SELF | control);
	at = put_acl(sd, at, 12, sacl);
	at = put_acl(sd, at, 16, dacl);
	put32(sd + 4, (uint32_t)at);
	memcpy(sd + at, owner, sizeof owner);
	at += sizeof owner;
	put32(sd + 8, (uint32_t)at);
	memcpy(sd + at, group, sizeof group);
	return at + sizeof group;
}

/* Inherit, in blocks of exactly the size. */
static uint8_t *
inherit(const void *parent, size_t parent_len, uint32_t *len)
{
	uint8_t *in = malloc(parent_len ? parent_len : 1);
	uint8_t *out = malloc(WHI_SD_INHERIT_MAX(parent_len) + 1);

	cr_assert(in && out);
	memcpy(in, parent, parent_len);
	whi_sd_inherit(in, (uint32_t)parent_len, out, len);
	cr_assert_leq(*len, WHI_SD_INHERIT_MAX(parent_len));
	free(in);
	return out;
}

static void
expect_child(int line, uint32_t control, struct acl sacl, struct acl dacl, uint32_t child_control,
	     struct acl child_sacl, struct acl child_dacl)
{
	uint8_t parent[1000], child[1000], *out;
	size_t parent_len = put_sd(parent, control, &sacl, &dacl), child_len;
	uint32_t len;

	cr_assert(whi_sd_valid(parent, parent_len), "line %d", line);
	out = inherit(parent, parent_len, &len);
	if (child_dacl.len == 0) {
		cr_assert_eq(len, 0, "line %d", line);
		free(out);
		return;
	}
	child_len = put_sd(child, child_control, &child_sacl, &child_dacl);
	cr_assert_eq(len, child_len, "line %d: %u bytes, not %zu", line, len, child_len);
	for (size_t i = 0; i < len; i++)
		cr_assert_eq(out[i], child[i], "line %d: byte %zu is %02x, not %02x", line, i,
			     out[i], child[i]);
	cr_assert(whi_sd_valid(out, len));
	free(out);
}

/* A DACL, and what is inherited of it; both not auto-inherited. */
#define EXPECT(parent, child) expect_child(__LINE__, DACL, no_acl, parent, DACL, no_acl, child)
/* The same, auto-inherited. */
#define EXPECT_AI(parent, child) \
	expect_child(__LINE__, DACL | DACL_AI, no_acl, parent, DACL | DACL_AI, no_acl, child)

Test(sd, the_default)
{
	/* From a hive that offreg.dll made (docs/format.md appendix B). */
	static const char hex[] = "010004807000000080000000000000001400000002005c000400000000021400"
				  "3f000f00010100000000"
				  "000512000000000218003f000f00010200000000000520000000200200000002"
				  "14001900020001010000"
				  "0000000100000000000214001900020001010000000000050c00000001020000"
				  "00000005200000002002"
				  "000001020000000000052000000020020000";
	char text[2 * sizeof whi_sd_default + 1];

	for (size_t i = 0; i < sizeof whi_sd_default; i++)
		snprintf(text + 2 * i, 3, "%02x", whi_sd_default[i]);
	cr_assert_str_eq(text, hex);
	cr_assert(whi_sd_valid(whi_sd_default, sizeof whi_sd_default));
}

Test(sd, the_default_is_inherited_as_it_is)
{
	uint32_t len;
	uint8_t *out = inherit(whi_sd_default, sizeof whi_sd_default, &len);

	cr_assert_eq(len, sizeof whi_sd_default);
	cr_assert_eq(memcmp(out, whi_sd_default, len), 0);
	free(out);
}

Test(sd, who_hands_on)
{
	EXPECT(no_acl, no_acl);
	EXPECT(ACL(A20(0, KA, SY)), no_acl);
	EXPECT(ACL(A20(IO, KA, SY)), no_acl);
	EXPECT(ACL(A20(CI, KA, SY)), ACL(A20(CI, KA, SY)));
	EXPECT(ACL(A20(CI | ID, KA, SY)), ACL(A20(CI, KA, SY)));
	EXPECT_AI(ACL(A20(CI, KA, SY)), ACL(A20(CI | ID, KA, SY)));
	EXPECT_AI(ACL(A20(CI | IO, KA, SY)), ACL(A20(CI | ID, KA, SY)));
	EXPECT_AI(ACL(A20(OI | CI, KA, SY)), ACL(A20(OI | CI | ID, KA, SY)));
	EXPECT_AI(ACL(A20(CI | NP, KA, SY)), ACL(A20(ID, KA, SY)));
	EXPECT_AI(ACL(A20(CI | NP | IO, KA, SY)), ACL(A20(ID, KA, SY)));
	EXPECT_AI(ACL(A20(OI, KA, SY)), ACL(A20(OI | IO | ID, KA, SY)));
	EXPECT_AI(ACL(A20(OI | NP, KA, SY)), no_acl);
	EXPECT(ACL(A20(0, KA, WD), A20(CI, KR, SY), A20(OI | NP, KA, SY), A24(CI | IO, KA, BA)),
	       ACL(A20(CI, KR, SY), A24(CI, KA, BA)));
	/* Bits that have to do with auditing or trust stay. */
	EXPECT(ACL(A20(CI | 0x20, KA, SY)), ACL(A20(CI | 0x20, KA, SY)));
}

Test(sd, generic_rights)
{
	EXPECT_AI(ACL(A20(CI, GA, SY)), ACL(A20(ID, KA, SY), A20(CI | IO | ID, GA, SY)));
	EXPECT_AI(ACL(A20(CI, GR, SY)), ACL(A20(ID, KR, SY), A20(CI | IO | ID, GR, SY)));
	EXPECT_AI(ACL(A20(CI, GW, SY)), ACL(A20(ID, KW, SY), A20(CI | IO | ID, GW, SY)));
	EXPECT_AI(ACL(A20(CI, GX, SY)), ACL(A20(ID, KX, SY), A20(CI | IO | ID, GX, SY)));
	EXPECT(ACL(A20(CI | NP, GA, SY)), ACL(A20(0, KA, SY)));
	/* Not mapped for others than keys. */
	EXPECT(ACL(A20(OI, GA, SY)), ACL(A20(OI | IO, GA, SY)));
	/* Rights that a key does not have. */
	EXPECT(ACL(A20(CI, 0xff, 0x01, 0x0f, 0x01, SY)),
	       ACL(A20(0, KA, SY), A20(CI | IO, 0xff, 0x01, 0x0f, 0x01, SY)));
}

Test(sd, creators)
{
	EXPECT_AI(ACL(A20(CI, KA, CO)), ACL(A24(ID, KA, BA), A20(CI | IO | ID, KA, CO)));
	EXPECT(ACL(A20(CI, GR, CG)), ACL(A20(0, KR, SY), A20(CI | IO, GR, CG)));
	EXPECT(ACL(A20(CI | NP, GA, CO)), ACL(A24(0, KA, BA)));
	EXPECT(ACL(A20(OI, KA, CO)), ACL(A20(OI | IO, KA, CO)));
	/* Owner rights, S-1-3-4, is somebody else. */
	EXPECT(ACL(A20(CI, KA, SID1(3, 4))), ACL(A20(CI, KA, SID1(3, 4))));
}

Test(sd, nobody_to_be_the_creator)
{
	uint8_t parent[200], *out;
	const struct acl dacl = ACL(A20(CI, KA, CO), A20(CI | NP, KA, CG));
	uint32_t len;

	put_sd(parent, DACL, &no_acl, &dacl);
	put32(parent + 4, 0);
	put32(parent + 8, 0);
	out = inherit(parent, 20 + 8 + 40, &len);
	cr_assert_eq(len, 20 + 8 + 20);
	cr_assert_eq(get32(out + 4), 0);
	cr_assert_eq(get32(out + 8), 0);
	cr_assert_eq(out[28 + 1], CI | IO);
	cr_assert(whi_sd_valid(out, len));
	free(out);
}

/* What one that is inherited before gives already is not given again (docs/security.md). */
Test(sd, nothing_twice)
{
	/* CREATOR GROUP would be SY. */
	EXPECT_AI(ACL(A20(CI, KA, SY), A20(CI, KA, CG)),
		  ACL(A20(CI | ID, KA, SY), A20(CI | IO | ID, KA, CG)));
	EXPECT_AI(ACL(A20(CI, KA, SY), A20(CI, KR, CG)),
		  ACL(A20(CI | ID, KA, SY), A20(CI | IO | ID, KR, CG)));
	/* As above, but more rights than before. */
	EXPECT_AI(ACL(A20(CI, KR, SY), A20(CI, KA, CG)),
		  ACL(A20(CI | ID, KR, SY), A20(ID, KA, SY), A20(CI | IO | ID, KA, CG)));
	/* Given to this key, but not yet handed on; and the other way round. */
	EXPECT(ACL(A20(CI, KA, CG), A20(CI, KA, SY)),
	       ACL(A20(0, KA, SY), A20(CI | IO, KA, CG), A20(CI | IO, KA, SY)));
	EXPECT(ACL(A20(OI, KA, SY), A20(OI | CI | NP, KA, SY)),
	       ACL(A20(OI | IO, KA, SY), A20(0, KA, SY)));
	EXPECT(ACL(A20(CI, GR, SY), A20(CI | ID, GR, SY)),
	       ACL(A20(0, KR, SY), A20(CI | IO, GR, SY)));
	EXPECT(ACL(A20(CI, KA, SY), A20(CI, KA, SY)), ACL(A20(CI, KA, SY)));
	/* Denied is not allowed. */
	EXPECT(ACL(A20(CI, KA, SY), 1, CI, 20, 0, KA, SY),
	       ACL(A20(CI, KA, SY), 1, CI, 20, 0, KA, SY));
}

Test(sd, other_kinds_of_aces)
{
	/* For an object, with two GUIDs, one, and none. */
	EXPECT(ACL(5, CI, 56, 0, KA, 3, 0, 0, 0, ANY, ANY, CO),
	       ACL(5, 0, 60, 0, KA, 3, 0, 0, 0, ANY, ANY, BA, 5, CI | IO, 56, 0, KA, 3, 0, 0, 0,
		   ANY, ANY, CO));
	EXPECT(ACL(5, CI | NP, 40, 0, GA, 2, 0, 0, 0, ANY, CO),
	       ACL(5, 0, 44, 0, KA, 2, 0, 0, 0, ANY, BA));
	EXPECT(ACL(6, CI, 24, 0, KA, 0, 0, 0, 0, SY), ACL(6, CI, 24, 0, KA, 0, 0, 0, 0, SY));
	/* With a condition behind the SID. */
	EXPECT(ACL(9, CI | NP, 28, 0, KA, CO, 'a', 'r', 't', 'x', 1, 2, 3, 4),
	       ACL(9, 0, 32, 0, KA, BA, 'a', 'r', 't', 'x', 1, 2, 3, 4));
	/* Conditions differ: both stay. */
	EXPECT(ACL(9, CI, 24, 0, KA, SY, 1, 2, 3, 4, 9, CI, 24, 0, KA, SY, 1, 2, 3, 5),
	       ACL(9, CI, 24, 0, KA, SY, 1, 2, 3, 4, 9, CI, 24, 0, KA, SY, 1, 2, 3, 5));
	EXPECT(ACL(9, CI, 24, 0, KA, SY, 1, 2, 3, 4, 9, CI, 20, 0, KA, SY),
	       ACL(9, CI, 24, 0, KA, SY, 1, 2, 3, 4, 9, CI, 20, 0, KA, SY));
	/* Kinds that nobody knows. */
	EXPECT(ACL(4, CI, 20, 0, KA, SY, 0x77, CI, 8, 0, KA, A20(CI, KA, SY)),
	       ACL(A20(CI, KA, SY)));
}

Test(sd, audits_and_labels)
{
	/* ACCESS_SYSTEM_SECURITY can be audited. */
	expect_child(__LINE__, DACL | SACL | SACL_AI,
		     ACL(2, CI | 0xc0, 20, 0, 0, 0, 0x0d, 0x01, WD, 0x11, CI, 20, 0, 1, 0, 0, 0,
			 SID1(16, 0), 2, 0x40, 20, 0, KA, WD),
		     ACL(A20(CI, KA, SY)), DACL | SACL | SACL_AI,
		     ACL(2, CI | ID | 0xc0, 20, 0, 0, 0, 0x0d, 0x01, WD, 0x11, CI | ID, 20, 0, 1, 0,
			 0, 0, SID1(16, 0)),
		     ACL(A20(CI, KA, SY)));
	/* Success and failure are two things. */
	expect_child(__LINE__, DACL | SACL,
		     ACL(2, CI | 0x40, 20, 0, KA, WD, 2, CI | 0x80, 20, 0, KA, WD),
		     ACL(A20(CI, KA, SY)), DACL | SACL,
		     ACL(2, CI | 0x40, 20, 0, KA, WD, 2, CI | 0x80, 20, 0, KA, WD),
		     ACL(A20(CI, KA, SY)));
	/* A SACL of which nothing is inherited, and one that is not present. */
	expect_child(__LINE__, DACL | SACL | SACL_AI, ACL(2, 0x40, 20, 0, KA, WD),
		     ACL(A20(CI, KA, SY)), DACL | SACL_AI, no_acl, ACL(A20(CI, KA, SY)));
	expect_child(__LINE__, DACL, ACL(2, CI | 0x40, 20, 0, KA, WD), ACL(A20(CI, KA, SY)), DACL,
		     no_acl, ACL(A20(CI, KA, SY)));
	/* A SACL alone is not enough for a descriptor. */
	expect_child(__LINE__, DACL | SACL, ACL(2, CI | 0x40, 20, 0, KA, WD), no_acl, 0, no_acl,
		     no_acl);
	/* That the parent is protected is its own affair. */
	expect_child(__LINE__, DACL | DACL_AI | PROTECTED, no_acl, ACL(A20(CI, KA, SY)),
		     DACL | DACL_AI, no_acl, ACL(A20(CI | ID, KA, SY)));
}

/* All byte by byte once. */
Test(sd, in_full)
{
	static const uint8_t parent[] = {
		1, 0, 0x14, 0x8c, 76, 0,  0, 0, 92, 0, 0,  0, 20,   0,  0,  0,  48,
		0, 0, 0,    2,    0,  28, 0, 1, 0,  0, 0,  2, 0xc2, 20, 0,  KA, WD,
		2, 0, 28,   0,    1,  0,  0, 0, 0,  2, 20, 0, GA,   CO, BA, SY,
	};
	static const uint8_t child[] = {
		1, 0, 0x14, 0x8c, 100, 0,    0,  0, 116, 0,  0,    0,    20, 0,  0,  0,  48, 0,  0,
		0, 2, 0,    28,   0,   1,    0,  0, 0,   2,  0xd2, 20,   0,  KA, WD, 2,  0,  52, 0,
		2, 0, 0,    0,    0,   0x10, 24, 0, KA,  BA, 0,    0x1a, 20, 0,  GA, CO, BA, SY,
	};
	uint32_t len;
	uint8_t *out = inherit(parent, sizeof parent, &len);

	cr_assert_eq(len, sizeof child);
	cr_assert_eq(memcmp(out, child, len), 0);
	free(out);
}

Test(sd, no_dacl_to_inherit_from)
{
	uint8_t sd[200];
	const struct acl dacl = ACL(A20(CI, KA, SY));
	size_t len = put_sd(sd, 0, &no_acl, &dacl);
	uint32_t out_len;

	/* Not present, and one that lets everybody in. */
	cr_assert(whi_sd_valid(sd, len));
	free(inherit(sd, len, &out_len));
	cr_assert_eq(out_len, 0);
	put_sd(sd, DACL, &no_acl, &dacl);
	put32(sd + 16, 0);
	cr_assert(whi_sd_valid(sd, len));
	free(inherit(sd, len, &out_len));
	cr_assert_eq(out_len, 0);
}

/* 'count' ACEs for CREATOR OWNER, each with another condition; the owner has the longest SID. */
static uint8_t *
many_creators(size_t count, size_t *len)
{
	static const uint8_t ace[] = { 9, CI, 24, 0, KA, CO };
	size_t end = 28 + 24 * count;
	uint8_t *sd = calloc(1, end + 68);

	cr_assert_not_null(sd);
	*len = end + 68;
	sd[0] = 1;
	put16(sd + 2, SELF | DACL);
	put32(sd + 4, (uint32_t)end);
	put32(sd + 16, 20);
	put32(sd + 20, 2 | (uint32_t)(end - 20) << 16);
	put32(sd + 24, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		memcpy(sd + 28 + 24 * i, ace, sizeof ace);
		put32(sd + 28 + 24 * i + 20, (uint32_t)i);
	}
	sd[end] = 1;
	sd[end + 1] = 15;
	return sd;
}

Test(sd, too_large_to_inherit)
{
	size_t len;
	uint32_t out_len;
	/* 8 bytes of head, and 104 for each of 630 ACEs, are 65,528. */
	uint8_t *sd = many_creators(631, &len);

	cr_assert(whi_sd_valid(sd, len));
	free(inherit(sd, len, &out_len));
	cr_assert_eq(out_len, 0);
	free(sd);
	sd = many_creators(630, &len);
	free(inherit(sd, len, &out_len));
	cr_assert_eq(out_len, 20 + 65528 + 68);
	free(sd);
	/* The same ACL twice. */
	sd = many_creators(600, &len);
	put16(sd + 2, SELF | DACL | SACL);
	put32(sd + 8, get32(sd + 4));
	put32(sd + 12, 20);
	free(inherit(sd, len, &out_len));
	cr_assert_eq(out_len, 20 + 2 * (8 + 600 * 104) + 2 * 68);
	free(sd);
}

/* ------------------------------------------------------------------ validity */

static size_t
whole(uint8_t *sd)
{
	const struct acl sacl = ACL(2, CI | 0xc0, 20, 0, KA, WD);
	const struct acl dacl = ACL(A20(CI, GA, CO), 5, CI, 56, 0, KA, 3, 0, 0, 0, ANY, ANY, CO, 9,
				    CI, 24, 0, KA, SY, 1, 2, 3, 4, 0x77, 0, 8, 0, KA);

	return put_sd(sd, DACL | SACL, &sacl, &dacl);
}

Test(sd, cut_anywhere)
{
	uint8_t sd[400];
	size_t len = whole(sd);

	cr_assert(whi_sd_valid(sd, len));
	cr_assert(whi_sd_valid(sd, len + 8), "bytes behind the end do no harm");
	cr_assert_not(whi_sd_valid(NULL, 0));
	for (size_t n = 0; n < len; n++) {
		uint8_t *block = malloc(n ? n : 1);

		memcpy(block, sd, n);
		cr_assert_not(whi_sd_valid(block, n), "%zu", n);
		free(block);
	}
}

Test(sd, what_is_refused)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {
		{ 0, 0 },             /* revision */
		{ 0, 2 },   { 3, 0 }, /* not self-relative */
		{ 4, 1 },             /* the owner: in the head, not a multiple of 4, outside */
		{ 4, 18 },  { 5, 0x77 }, { 8, 19 },               /* the group */
		{ 12, 4 },                                        /* the SACL */
		{ 15, 1 },  { 16, 22 },                           /* the DACL */
		{ 20, 1 },                                        /* revision of an ACL */
		{ 20, 5 },  { 22, 4 },                            /* its size */
		{ 22, 27 }, { 22, 24 },  { 23, 0xff }, { 24, 2 }, /* its count */
		{ 30, 0 },                                        /* size of an ACE */
		{ 30, 4 },  { 30, 18 },  { 30, 24 },   { 36, 0 }, /* a SID: revision, count */
		{ 36, 2 },  { 37, 2 },   { 37, 16 },
	};
	uint8_t sd[400];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = whole(sd);

		sd[cases[i].at] = cases[i].value;
		cr_assert_not(whi_sd_valid(sd, len), "byte %zu: %u", cases[i].at, cases[i].value);
	}
}

Test(sd, where_a_sid_may_be)
{
	uint8_t sd[24 + 72] = { 1, 0, 0, 0x80, 24 };
	static const uint8_t sid[] = { SY };

	memcpy(sd + 24, sid, sizeof sid);
	cr_assert(whi_sd_valid(sd, sizeof sd));
	memmove(sd + 22, sd + 24, sizeof sid);
	sd[4] = 22;
	cr_assert_not(whi_sd_valid(sd, sizeof sd), "not a multiple of 4");
	sd[4] = 24;
	sd[24] = 1;
	sd[25] = 15;
	cr_assert(whi_sd_valid(sd, sizeof sd));
	sd[25] = 16;
	cr_assert_not(whi_sd_valid(sd, sizeof sd), "more than 15, although they are there");
}

Test(sd, what_may_be_missing)
{
	uint8_t sd[400] = { 1, 0, 0, 0x80 };

	cr_assert(whi_sd_valid(sd, 20), "an empty one");
	put16(sd + 2, SELF | DACL | SACL);
	cr_assert(whi_sd_valid(sd, 20), "without ACLs although they are present");
	put16(sd + 2, SELF);
	put32(sd + 16, 0x12345678);
	cr_assert(whi_sd_valid(sd, 20), "nobody looks at an ACL that is not present");
}

/* Whatever a byte is: nothing outside is read or written, and what is inherited is valid. */
Test(sd, every_byte_spoiled)
{
	static const uint8_t values[] = { 0, 1, 4, 15, 16, 20, 28, 0x7f, 0x80, 0xff };
	size_t valid = 0, inherited = 0;

	for (size_t at = 0;; at++) {
		uint8_t sd[400];
		size_t len = whole(sd);

		if (at == len)
			break;
		for (size_t i = 0; i < sizeof values; i++) {
			uint32_t out_len;
			uint8_t *out;

			whole(sd);
			sd[at] = values[i];
			out = inherit(sd, len, &out_len);
			cr_assert(out_len == 0 || whi_sd_valid(sd, len));
			cr_assert(out_len == 0 || whi_sd_valid(out, out_len));
			valid += whi_sd_valid(sd, len);
			inherited += out_len > 0;
			free(out);
		}
	}
	cr_assert_gt(valid, 100);
	cr_assert_gt(inherited, 100);
}
