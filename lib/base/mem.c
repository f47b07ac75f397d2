/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* mremap */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

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

/* What is mapped for a block: whole large pages, if it is that large. */
static size_t
mapped_size(size_t size)
{
	size_t unit = size >= HUGE_PAGE ? HUGE_PAGE : 1;

	return size ? (size + unit - 1) / unit * unit : 1;
}

/* With MAP_POPULATE the pages are there at once: a fault for each costs more than to fill it. */
#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif

static void *
map(size_t size, int flags)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
		       0);

	return p == MAP_FAILED ? NULL : p;
}

/* Map more than is needed and give back what is before and after the aligned part. */
static void *
map_aligned(size_t size)
{
	uint8_t *p = map(size + HUGE_PAGE, 0);
	size_t before;

	if (!p)
		return NULL;
	before = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
	if (before > 0)
		munmap(p, before);
	munmap(p + before + size, HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
	madvise(p + before, size, MADV_HUGEPAGE);
#endif
	return p + before;
}

void *
whi_block_new(const struct wh_allocator *a, size_t size)
{
	if (a->resize != system_resize)
		return whi_zalloc(a, size);
	if (size > SIZE_MAX - 2 * HUGE_PAGE)
		return NULL;
	size = mapped_size(size);
	return size >= HUGE_PAGE ? map_aligned(size) : map(size, MAP_POPULATE);
}

void *
whi_block_resize(const struct wh_allocator *a, void *block, size_t old_size, size_t size)
{
	uint8_t *p;

#ifdef __linux__
	if (a->resize == system_resize && size <= SIZE_MAX - 2 * HUGE_PAGE) {
		p = mremap(block, mapped_size(old_size), mapped_size(size), MREMAP_MAYMOVE);
		return p == MAP_FAILED ? NULL : p;
	}
#endif
	p = whi_block_new(a, size);
	if (p) {
		memcpy(p, block, old_size);
		whi_block_free(a, block, old_size);
	}
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
		munmap(block, mapped_size(size));
}
