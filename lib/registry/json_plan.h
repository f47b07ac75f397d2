/* SPDX-License-Identifier: MIT */
/* JSON that was read and found good: what it wants of the registry. */
#ifndef WHI_REGISTRY_JSON_PLAN_H
#define WHI_REGISTRY_JSON_PLAN_H

#include "registry/text.h"
#include "registry/value.h"

/* A piece of struct whi_plan's text, which moves while it grows. */
struct whi_piece {
	size_t at, len;
};

struct whi_plan_value {
	struct whi_piece name, data;
	uint32_t type;
};

/* Keys come after the key that they are below. */
struct whi_plan_key {
	size_t above; /* index of that; of the first, which is the key of the call, its own */
	unsigned depth;
	struct whi_piece name, class_name; /* of the first the name means nothing */
	bool has_class, link, in_memory;
	size_t first_value, value_count;
};

struct whi_plan {
	const struct wh_allocator *a;
	struct whi_text text;
	struct whi_plan_key *keys;
	struct whi_plan_value *values;
	size_t key_count, key_cap, value_count, value_cap;
	bool in_memory; /* one of the keys is volatile */
};

/*
 * Read all of it.  Begin with {.a = allocator, .text.a = allocator}; whi_plan_fini() frees what
 * there is in any case.  WH_E_INVALID_DATA: not of the form of docs/json.md.  WH_E_TOO_BIG.
 * WH_E_NOT_SUPPORTED: built without jansson.
 */
enum wh_status whi_plan_read(struct whi_plan *plan, const char *text, size_t len);
void whi_plan_fini(struct whi_plan *plan);

static inline const char *
whi_plan_at(const struct whi_plan *plan, struct whi_piece piece)
{
	return piece.len > 0 ? whi_text_at(&plan->text) + piece.at : "";
}

#endif
