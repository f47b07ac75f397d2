/* SPDX-License-Identifier: MIT */
/* A hive on its way into memory. */
#ifndef WHI_HIVE_LOAD_H
#define WHI_HIVE_LOAD_H

#include "hive/file.h"
#include "hive/hive.h"

/* What is known before anything is decided. */
struct whi_opening {
	struct wh_hive *hive;
	const struct wh_source *source;
	const struct wh_options *options;
	const char *path;        /* NULL unless logs may lie beside it */
	const void *lent;        /* the bytes of the file, to be used where they are; or NULL */
	struct whi_file *file;   /* one that is ours alone, and may stay open; or NULL */
	struct whi_store *store; /* to be written to, else NULL */
	struct whi_sink sink;    /* that of the caller */
	bool no_memory;          /* to keep what was said of the logs */
	bool no_header;          /* there is no base block, only bins */
	bool sound;              /* the base block can be believed */
	bool settled;            /* where the bins end is known */
};

/* Read what has to be there, or all of it.  On failure '*o->hive' can only be closed. */
enum wh_status whi_load(struct whi_opening *o);

#endif
