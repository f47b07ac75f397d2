/* SPDX-License-Identifier: MIT */
/* An open hive: the image, where it came from, and what its logs said. */
#ifndef WHI_HIVE_HIVE_H
#define WHI_HIVE_HIVE_H

#include "cell/image.h"
#include "disk/regf.h"
#include "hive/log.h"

#include "winhive.h"

struct wh_hive {
	struct wh_allocator alloc;
	struct whi_sink sink;
	struct whi_image img;
	cellref root;
	enum wh_state state;
	struct regf_base found; /* the base block as it was in the file */
	uint64_t file_size;     /* bytes, as it was found */
	size_t block_size;      /* bytes allocated at img.bytes */
	struct whi_log *logs;
	size_t log_count;
};

#endif
