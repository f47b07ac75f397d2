/* SPDX-License-Identifier: MIT */
#include "hive/base_block.h"

#include "hive_builder.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <string.h>

/* Each case starts from a sound block of version 1.5. */
static union {
	struct regf_base base;
	uint8_t bytes[4096];
} block;

static void
seal(void)
{
	put32(block.bytes + 508, whi_base_checksum(&block.base));
}

static void
setup(void)
{
	struct builder b;

	builder_init(&b, 5);
	builder_seal(&b);
	memcpy(block.bytes, b.bytes, sizeof block);
	builder_fini(&b);
}

TestSuite(base_block, .init = setup);

Test(base_block, checksum_of_zeros_is_1)
{
	memset(block.bytes, 0, sizeof block);
	cr_assert_eq(whi_base_checksum(&block.base), 1);
}

Test(base_block, checksum_of_all_ones_is_less_by_1)
{
	memset(block.bytes, 0, sizeof block);
	put32(block.bytes + 100, UINT32_MAX);
	cr_assert_eq(whi_base_checksum(&block.base), UINT32_MAX - 1);
	put32(block.bytes + 100, UINT32_MAX - 1);
	cr_assert_eq(whi_base_checksum(&block.base), UINT32_MAX - 1);
	put32(block.bytes + 100, 1);
	cr_assert_eq(whi_base_checksum(&block.base), 1);
}

Test(base_block, checksum_covers_508_bytes)
{
	uint32_t sum = whi_base_checksum(&block.base);

	for (size_t i = 0; i < sizeof block; i++) {
		block.bytes[i] ^= 0x10;
		cr_assert_eq(whi_base_checksum(&block.base) == sum, i >= 508, "byte %zu", i);
		block.bytes[i] ^= 0x10;
	}
}

Test(base_block, sound_and_clean)
{
	cr_assert(whi_base_sound(&block.base) && whi_base_clean(&block.base));
	put32(block.bytes + 4, 2);
	cr_assert_not(whi_base_sound(&block.base), "the checksum is wrong");
	seal();
	cr_assert(whi_base_sound(&block.base));
	cr_assert_not(whi_base_clean(&block.base), "the sequence numbers differ");
}

Test(base_block, not_sound_without_signature_or_version)
{
	block.bytes[0] ^= 1;
	seal();
	cr_assert_not(whi_base_sound(&block.base));
	setup();
	put32(block.bytes + 20, 2);
	seal();
	cr_assert_not(whi_base_sound(&block.base));
}

Test(base_block, seal_makes_a_clean_primary)
{
	static const uint32_t sequences[] = { 0, 1, 0x80000000, UINT32_MAX };

	for (int i = 0; i < 4; i++) {
		put32(block.bytes + 4, 77);
		put32(block.bytes + 28, 6);
		whi_base_seal(&block.base, sequences[i]);
		cr_assert(whi_base_clean(&block.base));
		cr_assert_eq(get32(block.bytes + 4), sequences[i]);
		cr_assert_eq(get32(block.bytes + 8), sequences[i]);
		cr_assert_eq(get32(block.bytes + 28), 0);
	}
}

static void
reports(const char *rule)
{
	struct issues issues = { 0 };
	struct whi_sink sink = { see_issue, &issues };

	whi_base_review(&block.base, &sink);
	cr_assert(only_rule(&issues, rule), "%s", rule ? rule : "nothing");
}

Test(base_block, review)
{
	static const struct {
		size_t at;
		uint32_t good;
		const char *rule;
	} fields[] = {
		{ 28, 0, "base-type" },
		{ 32, 1, "base-format" },
		{ 44, 1, "base-cluster" },
	};
	static const uint32_t values[] = { 0, 1, 2, 8, INT32_MAX, UINT32_MAX - 1, UINT32_MAX };

	reports(NULL);
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 7; j++) {
			setup();
			put32(block.bytes + fields[i].at, values[j]);
			seal();
			reports(values[j] == fields[i].good ? NULL : fields[i].rule);
		}
}

Test(base_block, review_of_a_wrong_checksum_or_signature)
{
	put32(block.bytes + 508, get32(block.bytes + 508) + 1);
	reports("base-checksum");
	block.bytes[3] = 'x';
	reports("base-signature");
}

/* Every field has its own value, so that none can be taken from another's place. */
Test(base_block, decodes_every_field)
{
	struct wh_base_block out;

	for (size_t i = 4; i < 508; i++)
		block.bytes[i] = (uint8_t)(i * 7 + 1);
	memcpy(block.bytes + 164, "rmtm", 4);
	put64(block.bytes + 168, UINT64_C(0x01d78cc2a1b2c3d5));
	put32(block.bytes + 508, 0x12345678);
	whi_base_decode(&block.base, &out);
	cr_assert_eq(out.sequence1, get32(block.bytes + 4));
	cr_assert_eq(out.sequence2, get32(block.bytes + 8));
	cr_assert_eq(out.timestamp, get32(block.bytes + 12) | (uint64_t)get32(block.bytes + 16)
								      << 32);
	cr_assert_eq(out.major, get32(block.bytes + 20));
	cr_assert_eq(out.minor, get32(block.bytes + 24));
	cr_assert_eq(out.type, get32(block.bytes + 28));
	cr_assert_eq(out.format, get32(block.bytes + 32));
	cr_assert_eq(out.root_cell, get32(block.bytes + 36));
	cr_assert_eq(out.length, get32(block.bytes + 40));
	cr_assert_eq(out.cluster, get32(block.bytes + 44));
	cr_assert(out.has_guids);
	cr_assert_arr_eq(out.rm_id, block.bytes + 112, 16);
	cr_assert_arr_eq(out.log_id, block.bytes + 128, 16);
	cr_assert_eq(out.flags, get32(block.bytes + 144));
	cr_assert_arr_eq(out.tm_id, block.bytes + 148, 16);
	cr_assert_eq(out.reorganized, UINT64_C(0x01d78cc2a1b2c3d4));
	cr_assert_eq(out.checksum, 0x12345678);
	cr_assert_eq(out.checksum_due, whi_base_checksum(&block.base));
	cr_assert_not(out.offreg);
}

Test(base_block, no_guids_no_flags)
{
	struct wh_base_block out;

	memset(block.bytes + 112, 0xab, 64);
	whi_base_decode(&block.base, &out);
	cr_assert_not(out.has_guids);
	cr_assert(out.flags == 0 && out.reorganized == 0);
	for (int i = 0; i < 16; i++)
		cr_assert(out.rm_id[i] == 0 && out.log_id[i] == 0 && out.tm_id[i] == 0);
	put32(block.bytes + 24, 6);
	whi_base_decode(&block.base, &out);
	cr_assert_eq(out.flags, 0xabababab, "version 1.6 has flags without GUIDs");
}

Test(base_block, time_of_reorganisation)
{
	static const struct {
		uint64_t stored, due;
	} times[] = {
		{ 0, 0 },
		{ 1, 0 },
		{ 2, 0 },
		{ 3, 0 },
		{ UINT64_C(0x01d78cc2a1b2c3d4), 0 },
		{ UINT64_C(0x01d78cc2a1b2c3d5), UINT64_C(0x01d78cc2a1b2c3d4) },
		{ UINT64_C(0x01d78cc2a1b2c3d6), UINT64_C(0x01d78cc2a1b2c3d4) },
		{ UINT64_C(0x01d78cc2a1b2c3d7), 0 },
		{ UINT64_C(0x000000016752664f), 0 }, /* "OfRg", 1 */
	};
	struct wh_base_block out;

	memcpy(block.bytes + 164, "rmtm", 4);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		put64(block.bytes + 168, times[i].stored);
		whi_base_decode(&block.base, &out);
		cr_assert_eq(out.reorganized, times[i].due, "%zu", i);
	}
	cr_assert(out.offreg);
}

Test(base_block, made_by_offreg)
{
	struct wh_base_block out;

	memcpy(block.bytes + 176, "OfRg", 4);
	whi_base_decode(&block.base, &out);
	cr_assert(out.offreg);
}

Test(base_block, file_name)
{
	struct wh_base_block out;

	whi_base_decode(&block.base, &out);
	cr_assert_str_eq(out.file_name, "");
	for (size_t i = 0; i < 31; i++)
		put16(block.bytes + 48 + 2 * i, 0x20ac);
	whi_base_decode(&block.base, &out);
	cr_assert_eq(strlen(out.file_name), 93);
	put16(block.bytes + 48 + 62, 0x20ac);
	whi_base_decode(&block.base, &out);
	cr_assert_eq(strlen(out.file_name), 96, "the NUL may be missing");
	put16(block.bytes + 48 + 4, 0);
	whi_base_decode(&block.base, &out);
	cr_assert_str_eq(out.file_name, "\xe2\x82\xac\xe2\x82\xac");
}
