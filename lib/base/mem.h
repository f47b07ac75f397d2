/* SPDX-License-Identifier: MIT */
/* Memory from the caller's allocator, or from the system when there is none. */
#ifndef WHI_BASE_MEM_H
#define WHI_BASE_MEM_H

#include "winhive.h"

/* The allocator in 'options', or the system's; never a NULL function. */
struct wh_allocator whi_allocator(const struct wh_allocator *wanted);

/* NULL if there is no more.  whi_zalloc() clears. */
void *whi_alloc(const struct wh_allocator *a, size_t size);
void *whi_zalloc(const struct wh_allocator *a, size_t size);
void *whi_resize(const struct wh_allocator *a, void *ptr, size_t old_size, size_t size);
void whi_free(const struct wh_allocator *a, void *ptr, size_t size);

/* A copy of a string with its NUL; its size is strlen() + 1. */
char *whi_strdup(const struct wh_allocator *a, const char *text);

/*
 * Make room for at least 'need' elements of 'size' bytes in an array that has room for
 * '*cap', at least doubling it.  False, with the array as it was, if there is no more.
 */
bool whi_grow(const struct wh_allocator *a, void *array, size_t *cap, size_t need, size_t size);

/*
 * One large block that is written through once, such as the image of a hive: from the
 * system it comes in large pages, cleared.
 */
void *whi_block_new(const struct wh_allocator *a, size_t size);
/* A larger one with the same bytes, the rest cleared; NULL, with the block as it was, if not. */
void *whi_block_resize(const struct wh_allocator *a, void *block, size_t old_size, size_t size);
void whi_block_free(const struct wh_allocator *a, void *block, size_t size);

#endif
