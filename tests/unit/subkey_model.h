/* SPDX-License-Identifier: MIT */
/*
 * The subkeys of one root key, as a list of what should be there, and a checker of the real
 * lists that shares no code with what wrote them.
 *
 *	model_new(5);	or model_begin(5), keys and lists made with the builder, model_open()
 *	model_insert(model_latin("name"));
 *	model_check();
 *	model_close();
 */
#ifndef TESTS_UNIT_SUBKEY_MODEL_H
#define TESTS_UNIT_SUBKEY_MODEL_H

#include "hive/hive.h"

#include "hive_builder.h"
#include "reading.h"

enum {
	LEAF_MAX = 1013,
	FAST_MAX = 507,
	MAX_LEAVES = 64,
};

struct model {
	struct builder b;
	struct issues issues;
	struct meter meter;
	struct wh_allocator alloc;
	struct wh_hive *hive;
	struct whi_edit e;
	cellref root;
	uint32_t base_cells; /* in use that are neither keys of the model nor its lists */

	/* The keys that were made, and which of them are in the list. */
	struct child {
		uint32_t cell;
		bool in;
	} * children;
	size_t child_count, children_cap, in_count;

	/* What model_check() saw of the leaves. */
	uint32_t leaf_counts[MAX_LEAVES], leaves;
	char leaf_sig[3];
};
extern struct model model;

void model_begin(uint32_t minor);
void model_open(void);
void model_new(uint32_t minor);
void model_close(void);

/* The bytes of a cell in use, without the gate, and how many they are. */
uint8_t *model_at(uint32_t cell);
uint32_t model_len(uint32_t cell);
uint32_t model_root32(size_t offset);

static inline uint32_t
get16(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8;
}

/* A key in no list; its index. */
size_t model_key(const void *name, uint32_t len, bool wide);
size_t model_latin(const char *name);
size_t model_number(const char *format, unsigned number);

/* Keys of the builder with names from 'from' on, 'step' apart, which will be in a list. */
void model_build(uint32_t *cells, unsigned count, unsigned from, unsigned step);

/* One edit each. */
enum wh_status model_insert(size_t i);
enum wh_status model_remove(size_t i);
enum wh_status model_replace(size_t old, size_t new);
enum wh_status model_drop(void);

/* The list holds what the model says, nothing is lost, nothing is owned twice. */
void model_check(void);

/* Order, hints, hashes and sizes alone; returns how many cells the lists are in. */
uint32_t model_check_lists(uint32_t *total);

/* The image as it is now. */
struct model_snapshot {
	uint64_t size;
	uint32_t length;
	uint8_t *bytes;
	uint64_t *starts;
};
void model_snapshot(struct model_snapshot *s);
bool model_as_before(const struct model_snapshot *s);
void model_forget(struct model_snapshot *s);

#endif
