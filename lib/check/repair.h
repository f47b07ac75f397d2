/* SPDX-License-Identifier: MIT */
/* A repair: what was salvaged (check/salvage.h) is written anew (check/rewrite.h). */
#ifndef WHI_CHECK_REPAIR_H
#define WHI_CHECK_REPAIR_H

#include "check/rewrite.h"
#include "check/salvage.h"

/*
 * Tell the caller what is done, and count it.  The key is that of 's->path', if there is one.  The
 * text is formatted as printf() does.
 */
void whi_repair_say(struct whi_salvage *s, enum whi_rule rule, enum wh_repair_grade grade,
		    struct whi_location place, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The same with the words of somebody else. */
void whi_repair_pass_on(struct whi_salvage *s, const struct wh_issue *issue,
			enum wh_repair_grade grade);

/* Can the base block of the image be believed? */
bool whi_repair_base_sound(const struct whi_salvage *s);

/* ------------------------------------------------------------------------ repair_value.c */

/* The values of a key that are kept, in the order of its list. */
struct whi_kept {
	struct whi_kept_value {
		struct whi_vk vk;     /* its size is that of the data that are kept */
		struct whi_data data; /* of these, or of more */
	} * values;
	size_t cap, order_cap;
	uint32_t *order; /* to sort them */
	uint32_t count;
	uint64_t budget; /* bytes that may be written a second time for another owner */
};

/*
 * Find the values of a key.  What is damaged is mended, cut or dropped, and 's->used' says what
 * was met before.  'whi_kept_fini()' frees the arrays.
 */
void whi_repair_values(struct whi_salvage *s, struct whi_kept *kept, const struct whi_nk *nk);
void whi_kept_fini(struct whi_kept *kept, const struct wh_allocator *a);

/* Are they what the values of a symbolic link have to be? */
bool whi_repair_is_link(const struct whi_salvage *s, const struct whi_kept *kept);

/* Claim the cells of the values, and of the classes, of all keys that are kept. */
void whi_repair_claim_values(struct whi_salvage *s);

/* -------------------------------------------------------------------------- repair_key.c */

/* Write all keys that are kept; the new cell of the root. */
cellref whi_repair_write(struct whi_salvage *s, struct whi_rewrite *out);

/* Say which keys are dropped. */
void whi_repair_say_orphans(struct whi_salvage *s);

#endif
