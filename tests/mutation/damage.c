/* SPDX-License-Identifier: MIT */
/*
 * The damage: what a bad disk, a bad program or a bad person might do to a few bytes.
 * Half of it goes to the heads of cells, where the structure of a hive is; and half of
 * the time the checksums are put right afterwards, so that what they guard is met too.
 */
#include "mutate.h"

#include "base/marvin.h"
#include "disk/log.h"
#include "disk/regf.h"
#include "hive/base_block.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_HEAD = 96, MAX_BLOCK = 4096 };

static void __attribute__((format(printf, 2, 3)))
tell(struct victim *victim, const char *format, ...)
{
	size_t len = strlen(victim->story);
	va_list args;

	va_start(args, format);
	vsnprintf(victim->story + len, sizeof victim->story - len, format, args);
	va_end(args);
}

/* One file of the victim, and a place in it. */
struct target {
	uint8_t *bytes;
	size_t size, at;
};

static size_t
choose_place(struct victim *victim, struct dice *dice, size_t file)
{
	const struct sample *sample = victim->sample;
	size_t size = victim->size[file], cell;

	switch (dice_below(dice, 8)) {
	case 0:
		return dice_below(dice, size < REGF_SECTOR ? size : REGF_SECTOR);
	case 1:
	case 2:
	case 3:
		return dice_below(dice, size);
	default:
		if (file > 0 || sample->cell_count == 0)
			return dice_below(dice, size < REGF_PAGE ? size : REGF_PAGE);
		cell = sample->cells[dice_below(dice, sample->cell_count)];
		cell += dice_below(dice, CELL_HEAD);
		return cell < size ? cell : size - 1;
	}
}

static size_t
block_at(const struct target *to, struct dice *dice)
{
	size_t len = 1 + dice_below(dice, dice_below(dice, 2) ? 64 : MAX_BLOCK);

	return len < to->size - to->at ? len : to->size - to->at;
}

static void
set_interesting(struct victim *victim, struct dice *dice, struct target *to)
{
	static const uint32_t values[] = {
		0,          1,          2,          4,          8,          0x10,       0x20,
		0x7f,       0x80,       0xff,       0x100,      0x1000,     0x3fd8,     0x3fd9,
		0x7fff,     0x8000,     0xffff,     0x10000,    0x7fffffff, 0x80000000, 0x80000004,
		0x80000005, 0xfffffffe, 0xffffffff, 0xfffffff8, 0xffffffa0, 0xfffff020, 0x6b6e,
		0x6b76,     0x6b73,     0x666c,     0x686c,     0x696c,     0x6972,     0x6264,
	};
	uint32_t value = values[dice_below(dice, sizeof values / sizeof *values)];
	size_t at = to->at & ~(size_t)3;

	/* Or a reference to another cell: shared parts and cycles. */
	if (dice_below(dice, 3) == 0 && victim->sample->cell_count > 0)
		value = victim->sample->cells[dice_below(dice, victim->sample->cell_count)] -
			REGF_BINS;
	for (size_t i = 0; i < 4 && at + i < to->size; i++)
		to->bytes[at + i] = (uint8_t)(value >> 8 * i);
	tell(victim, " word 0x%zx=0x%x", at, (unsigned)value);
}

static void
swap_blocks(struct victim *victim, struct dice *dice, struct target *to)
{
	size_t len = block_at(to, dice), other = dice_below(dice, to->size - len + 1);

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = to->bytes[to->at + i];

		to->bytes[to->at + i] = to->bytes[other + i];
		to->bytes[other + i] = byte;
	}
	tell(victim, " swap 0x%zx 0x%zx+%zu", to->at, other, len);
}

static void
copy_block(struct victim *victim, struct dice *dice, struct target *to)
{
	size_t len = block_at(to, dice), from = dice_below(dice, to->size - len + 1);

	memmove(to->bytes + to->at, to->bytes + from, len);
	tell(victim, " copy 0x%zx from 0x%zx+%zu", to->at, from, len);
}

static void
fill_block(struct victim *victim, struct dice *dice, struct target *to, int byte)
{
	size_t len = block_at(to, dice);

	memset(to->bytes + to->at, byte, len);
	tell(victim, " fill 0x%zx+%zu with 0x%02x", to->at, len, (unsigned)byte);
}

static void
truncate_file(struct victim *victim, struct dice *dice, size_t file)
{
	size_t size = dice_below(dice, victim->size[file] + 1);
	uint8_t *less;

	if (dice_below(dice, 2))
		size &= ~(size_t)(REGF_SECTOR - 1);
	/* A new block: sanitizers are to see the new end. */
	less = malloc(size ? size : 1);
	if (!less)
		return;
	memcpy(less, victim->bytes[file], size);
	free(victim->bytes[file]);
	victim->bytes[file] = less;
	victim->size[file] = size;
	tell(victim, " cut to %zu", size);
}

static void
damage_once(struct victim *victim, struct dice *dice, size_t file)
{
	struct target to = { victim->bytes[file], victim->size[file],
			     choose_place(victim, dice, file) };
	unsigned bit = (unsigned)dice_below(dice, 8);

	if (to.size == 0)
		return;
	switch (dice_below(dice, 10)) {
	case 0:
	case 1:
		to.bytes[to.at] = (uint8_t)dice_roll(dice);
		tell(victim, " byte 0x%zx=0x%02x", to.at, to.bytes[to.at]);
		break;
	case 2:
		to.bytes[to.at] ^= (uint8_t)(1u << bit);
		tell(victim, " bit 0x%zx.%u", to.at, bit);
		break;
	case 3:
		fill_block(victim, dice, &to, 0);
		break;
	case 4:
		fill_block(victim, dice, &to, 0xff);
		break;
	case 5:
		copy_block(victim, dice, &to);
		break;
	case 6:
		swap_blocks(victim, dice, &to);
		break;
	case 7:
		if (dice_below(dice, 4) == 0) {
			truncate_file(victim, dice, file);
			break;
		} /* fall through */
	default:
		set_interesting(victim, dice, &to);
		break;
	}
}

static void
put_word(uint8_t *at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void
mend_base_block(struct victim *victim, size_t file)
{
	struct regf_base base;

	if (victim->size[file] < REGF_SECTOR)
		return;
	memset(&base, 0, sizeof base);
	memcpy(&base, victim->bytes[file], REGF_SECTOR);
	put_word(victim->bytes[file] + offsetof(struct regf_base, checksum),
		 whi_base_checksum(&base), 4);
}

/* Of each entry of a new log, as far as their sizes lead. */
static void
mend_hashes(struct victim *victim, size_t file)
{
	uint8_t *bytes = victim->bytes[file];
	size_t size, at = LOG_BODY;

	while (victim->size[file] > at && victim->size[file] - at > sizeof(struct log_entry) &&
	       memcmp(bytes + at, "HvLE", 4) == 0) {
		const struct log_entry *head = (const struct log_entry *)(bytes + at);

		size = le32_get(head->size);
		if (size <= sizeof *head || size > victim->size[file] - at)
			return;
		put_word(bytes + at + offsetof(struct log_entry, hash1),
			 whi_marvin(bytes + at + sizeof *head, size - sizeof *head), 8);
		put_word(bytes + at + offsetof(struct log_entry, hash2),
			 whi_marvin(bytes + at, LOG_ENTRY_HASHED), 8);
		at += size;
	}
}

static void
mend(struct victim *victim)
{
	for (size_t i = 0; i < victim->sample->file_count; i++) {
		mend_base_block(victim, i);
		if (i > 0)
			mend_hashes(victim, i);
	}
	tell(victim, ", checksums put right");
}

static bool
copy_files(const struct sample *sample, struct victim *victim)
{
	*victim = (struct victim){ .sample = sample };
	for (size_t i = 0; i < sample->file_count; i++) {
		victim->bytes[i] = malloc(sample->size[i] ? sample->size[i] : 1);
		if (!victim->bytes[i])
			return false;
		memcpy(victim->bytes[i], sample->bytes[i], sample->size[i]);
		victim->size[i] = sample->size[i];
	}
	return true;
}

bool
victim_make(const struct sample *sample, struct dice *dice, struct victim *victim)
{
	size_t times = dice_below(dice, 4) ? 1 : 2 + dice_below(dice, 3);

	if (!copy_files(sample, victim)) {
		victim_free(victim);
		return false;
	}
	for (size_t i = 0; i < times; i++) {
		size_t file = 0;

		/* Of a hive with logs mostly the logs; the hive has its turn elsewhere. */
		if (sample->file_count > 1 && dice_below(dice, 4))
			file = 1 + dice_below(dice, sample->file_count - 1);
		tell(victim, "%s%s", i > 0 ? ";" : "", file ? " log:" : "");
		damage_once(victim, dice, file);
	}
	if (dice_below(dice, 2))
		mend(victim);
	victim->lent = dice_below(dice, 2);
	if (victim->lent)
		tell(victim, "; lent");
	return true;
}

void
victim_free(struct victim *victim)
{
	for (size_t i = 0; i < MAX_FILES; i++)
		free(victim->bytes[i]);
	*victim = (struct victim){ 0 };
}
