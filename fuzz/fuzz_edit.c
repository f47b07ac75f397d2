/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a hive, and others as a list of changes to it.
 *
 *	byte 0         bit 0: open with WH_OPEN_TAKE_DIRTY and WH_OPEN_TAKE_DAMAGED
 *	               bit 1: put the checksum of the base block right first
 *	bytes 1 and 2  length of the changes
 *	then           changes, then the hive
 *
 * Holds: a change that fails leaves every byte as it was; a hive that was sound stays so, reads
 * the same when it is opened again, and without a word; a transaction that is undone leaves the
 * bytes as they were; no memory is left over.
 */
#include "fuzz.h"

#include "tree/sound.h"

#include <string.h>

enum { HEAD = 3, MAX_CHANGES = 64, MAX_DATA = 40000 };

/* Bytes that decide what is done, one after the other; zeros at the end. */
struct script {
	const uint8_t *at, *end;
};

static unsigned
next(struct script *script)
{
	return script->at < script->end ? *script->at++ : 0;
}

static const char *
pick_name(struct script *script, size_t *len)
{
	static const struct {
		const char *text;
		size_t len;
	} names[] = {
		{ "a", 1 },
		{ "A", 1 },
		{ "b", 1 },
		{ "longer name than others", 23 },
		{ "\xc3\xa4\xc3\xb6", 4 },
		{ "\xc3\xbf", 2 },
		{ "\xe6\xa0\xb9", 3 },
		{ "\xed\xa0\x80", 3 },
		{ "n\0l", 3 },
		{ "", 0 },
		{ "back\\slash", 10 },
	};
	unsigned i = next(script) % (sizeof names / sizeof *names + 1);
	static char many[255];

	if (i == sizeof names / sizeof *names) {
		memset(many, 'm', sizeof many);
		*len = sizeof many;
		return many;
	}
	*len = names[i].len;
	return names[i].text;
}

/* A key some levels below the root; where there is none, the one before. */
static struct wh_key
pick_key(struct script *script, struct wh_hive *hive)
{
	struct wh_key key = wh_hive_root(hive), below;

	for (unsigned depth = next(script) % 4; depth > 0; depth--)
		if (wh_key_subkey_at(key, next(script), &below) == WH_OK)
			key = below;
	return key;
}

static enum wh_status
set_value(struct script *script, struct wh_key key)
{
	static const uint32_t sizes[] = { 0, 1, 4, 5, 100, 16343, 16344, 16345, 32689, MAX_DATA };
	static uint8_t data[MAX_DATA];
	size_t len;
	const char *name = pick_name(script, &len);
	uint32_t size = sizes[next(script) % (sizeof sizes / sizeof *sizes)];

	memset(data, (int)next(script), size);
	return wh_value_set(key, name, len, next(script), data, size);
}

static enum wh_status
change(struct script *script, struct wh_hive *hive)
{
	static const struct wh_create with_class = { .class_name = "class", .class_len = 5 };
	struct wh_key key = pick_key(script, hive), other;
	struct wh_value_info info;
	struct wh_value value;
	const void *bytes;
	size_t len, new_len;
	const char *name, *new_name;
	bool created;

	switch (next(script) % 16) {
	case 0:
	case 1:
		name = pick_name(script, &len);
		return wh_key_create(key, name, len, NULL, &other, &created);
	case 2:
		name = pick_name(script, &len);
		return wh_key_create_path(key, name, len, &with_class, &other, &created);
	case 3:
		return wh_key_delete(key);
	case 4:
		return wh_key_delete_tree(key);
	case 5:
		return wh_key_empty(key);
	case 6:
		name = pick_name(script, &len);
		return wh_key_rename(key, name, len, &other);
	case 7:
		name = pick_name(script, &len);
		return wh_key_move(key, pick_key(script, hive), name, len, &other);
	case 8:
		name = pick_name(script, &len);
		return wh_key_copy(key, pick_key(script, hive), name, len, next(script) % 8,
				   &other);
	case 9:
		name = pick_name(script, &len);
		return wh_value_delete(key, name, len);
	case 10:
		name = pick_name(script, &len);
		new_name = pick_name(script, &new_len);
		return wh_value_rename(key, name, len, new_name, new_len);
	case 11:
		if (wh_key_security(pick_key(script, hive), &bytes, &len) != WH_OK)
			return WH_E_CORRUPT;
		return wh_key_set_security(key, bytes, len);
	case 12:
		name = pick_name(script, &len);
		return wh_key_set_class(key, name, len);
	case 13:
		/* A value of the hive itself, by its place. */
		if (wh_key_value_at(key, next(script), &value) != WH_OK ||
		    wh_value_info(value, &info) != WH_OK ||
		    wh_value_piece(value, 0, &bytes, &len) != WH_OK)
			return WH_E_NOT_FOUND;
		return wh_value_set(key, "lent", 4, info.type, bytes, len);
	default:
		return set_value(script, key);
	}
}

static uint64_t
digest_bytes(struct wh_hive *hive)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	size_t len;
	const uint8_t *bytes = wh_hive_bytes(hive, &len);

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ bytes[i]) * UINT64_C(0x100000001b3);
	return digest ^ len;
}

static void
run_script(struct script script, struct wh_hive *hive)
{
	uint64_t digest = digest_bytes(hive);

	for (int i = 0; i < MAX_CHANGES && script.at < script.end; i++) {
		enum wh_status st = change(&script, hive);

		HOLDS(st == WH_OK || digest_bytes(hive) == digest);
		digest = digest_bytes(hive);
	}
}

/* Two rules may have been broken before, where nothing was changed: see whi_hive_sound(). */
static void
hold_silent(void *ctx, const struct wh_issue *issue)
{
	(void)ctx;
	if ((issue->grade == WH_NOTE && !issue->incomplete) ||
	    strcmp(issue->rule, "list-hash") == 0 || strcmp(issue->rule, "key-predefined") == 0)
		return;
	fprintf(stderr, "%s at 0x%llx: %s\n", issue->id, (unsigned long long)issue->offset,
		issue->text);
	abort();
}

/* What was made of a sound hive is sound, and is the same when it is read from its bytes. */
static void
hold_sound(struct wh_hive *hive)
{
	struct wh_options options = { .issue = hold_silent };
	struct wh_hive *again;
	size_t len;
	const void *bytes = wh_hive_bytes(hive, &len);

	HOLDS(wh_hive_open_memory(bytes, len, &options, &again) == WH_OK);
	HOLDS(wh_hive_state(again) == WH_CLEAN);
	HOLDS(whi_hive_sound(again) == WH_OK);
	HOLDS(digest_hive(again) == digest_hive(hive));
	wh_hive_close(again);
}

static void
edit_hive(const uint8_t *bytes, size_t size, struct script script, unsigned flags)
{
	struct meter meter;
	struct wh_allocator allocator = meter_allocator(&meter);
	struct wh_options options = { .flags = flags, .allocator = &allocator, .time = 1 };
	struct wh_hive *hive;
	uint64_t digest;
	enum wh_status st = wh_hive_open_memory(bytes, size, &options, &hive);

	if (st != WH_OK)
		return;
	digest = digest_bytes(hive);
	st = wh_hive_begin(hive);
	if (st == WH_OK) {
		run_script(script, hive);
		if (flags == 0)
			hold_sound(hive);
		HOLDS(wh_hive_undo(hive) == WH_OK);
		HOLDS(digest_bytes(hive) == digest);
		run_script(script, hive);
		if (flags == 0)
			hold_sound(hive);
		wh_hive_discard(hive);
	} else {
		HOLDS(flags == 0 || st == WH_E_NOT_SUPPORTED);
	}
	HOLDS(digest_bytes(hive) == digest);
	wh_hive_close(hive);
	HOLDS(meter.now == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script;
	size_t len;
	uint8_t *copy;

	if (size < HEAD)
		return 0;
	len = data[1] | (size_t)data[2] << 8;
	if (len > size - HEAD)
		return 0;
	script = (struct script){ data + HEAD, data + HEAD + len };
	size -= HEAD + len;
	copy = exact_copy(data + HEAD + len, size);
	if (data[0] & 2)
		fix_checksum(copy, size);
	edit_hive(copy, size, script, data[0] & 1 ? WH_OPEN_TAKE_DIRTY | WH_OPEN_TAKE_DAMAGED : 0);
	free(copy);
	return 0;
}
