/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static void *
system_resize(void *ctx, void *ptr, size_t old_size, size_t size)
{
	(void)ctx;
	(void)old_size;
	if (size == 0) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, size);
}

struct wh_allocator
whi_allocator(const struct wh_allocator *wanted)
{
	if (wanted && wanted->resize)
		return *wanted;
	return (struct wh_allocator){ system_resize, NULL };
}

void *
whi_alloc(const struct wh_allocator *a, size_t size)
{
	return a->resize(a->ctx, NULL, 0, size ? size : 1);
}

void *
whi_zalloc(const struct wh_allocator *a, size_t size)
{
	void *p;

	/* calloc() gets cleared pages without writing to them. */
	if (a->resize == system_resize)
		return calloc(1, size ? size : 1);
	p = whi_alloc(a, size);
	if (p)
		memset(p, 0, size);
	return p;
}

void *
whi_resize(const struct wh_allocator *a, void *ptr, size_t old_size, size_t size)
{
	return a->resize(a->ctx, ptr, old_size, size ? size : 1);
}

void
whi_free(const struct wh_allocator *a, void *ptr, size_t size)
{
	if (ptr)
		a->resize(a->ctx, ptr, size ? size : 1, 0);
}

char *
whi_strdup(const struct wh_allocator *a, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = whi_alloc(a, size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

bool
whi_grow(const struct wh_allocator *a, void *array, size_t *cap, size_t need, size_t size)
{
	void **at = array;
	size_t want = *cap > SIZE_MAX / 2 ? SIZE_MAX : *cap * 2;
	void *p;

	if (need <= *cap)
		return true;
	if (want < need)
		want = need;
	if (want > SIZE_MAX / size)
		return false;
	p = whi_resize(a, *at, *cap * size, want * size);
	if (!p)
		return false;
	*at = p;
	*cap = want;
	return true;
}

void *
whi_block_new(const struct wh_allocator *a, size_t size)
{
	void *p;

	if (a->resize != system_resize)
		return whi_zalloc(a, size);
	p = mmap(NULL, size ? size : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
#ifdef MADV_HUGEPAGE
	if (size >= HUGE_PAGE)
		madvise(p, size, MADV_HUGEPAGE);
#endif
	return p;
}

void
whi_block_free(const struct wh_allocator *a, void *block, size_t size)
{
	if (!block)
		return;
	if (a->resize != system_resize)
		whi_free(a, block, size);
	else
		munmap(block, size ? size : 1);
}
