/* SPDX-License-Identifier: MIT */
/* An open hive: the image, where it came from, what its logs said, what was changed. */
#ifndef WHI_HIVE_HIVE_H
#define WHI_HIVE_HIVE_H

#include "cell/blank.h"
#include "cell/edit.h"
#include "cell/image.h"
#include "disk/regf.h"
#include "hive/cell_index.h"
#include "hive/log.h"
#include "hive/stale.h"

#include "winhive.h"

struct whi_store;

struct wh_hive {
	struct wh_allocator alloc;
	struct whi_sink sink;
	struct whi_image img;
	cellref root;
	enum wh_state state;
	struct regf_base found; /* the base block as it was in the file */
	uint64_t file_size;     /* bytes, as it was found */
	struct whi_log *logs;
	size_t log_count;
	struct whi_issues log_issues; /* what opening said of the logs */

	unsigned flags; /* WH_OPEN_* */
	uint64_t time;  /* FILETIME of changes, or 0: the clock */

	struct whi_edit *edit; /* NULL until the first change */
	struct whi_stale stale;
	struct whi_cell_index sks;           /* the ring of security cells, by their descriptors */
	struct whi_value_names {             /* see tree/value_find.h */
		struct whi_cell_index cells; /* values by the hashes of their names */
		cellref list;
		uint32_t count; /* of 'list', when it was searched last for a change */
		bool unfit;     /* the index of 'list' could not be made */
	} value_names;
	uint32_t changes; /* counts them, so that iterations know that they were overtaken */
	bool changed;     /* since it was opened or committed */
	struct whi_before {
		cellref root;
		bool changed;
		uint32_t generation; /* the first one of the level */
	} before[WHI_LEVELS];        /* as the levels began */
	cellref root_before;         /* as the edit in hand began */

	struct whi_store *store; /* the open files, with WH_OPEN_WRITE; else NULL */
	uint8_t *replayed; /* with WH_OPEN_WRITE: a byte for each page of bins that logs wrote */
	size_t replayed_count;
	struct whi_seen { /* with WH_OPEN_WRITE: what the valid logs beside the hive are like */
		enum wh_log_format format; /* of those that count, else WH_LOG_NONE */
		uint32_t type;             /* REGF_TYPE_*, if there is a format */
		uint32_t sequence;         /* the latest in any of them, and in the hive */
		bool has_old;              /* one of the old format is among them */
		uint64_t old_time;         /* the latest of those */
	} seen;
	bool unfinished; /* a commit failed, and could not be undone */

	struct whi_blanks blanks; /* what of the file cannot be read */
};

#endif
