/* SPDX-License-Identifier: MIT */
/*
 * A disk in memory under a hive and its logs.  It keeps all that was done to it, so that what a
 * crash leaves can be made for any moment; and it can fail.
 *
 * After a crash all that was synced is there.  Of the rest of a file each sector has, by itself,
 * what it had at any moment since the last sync, or the start of one such state and the end of
 * another; the file has any of the sizes that it had; what is behind the size that was synced may
 * be 0 or what somebody else left there.  Whether a file is there, and which file has a name,
 * follows its own sync.
 */
#ifndef TESTS_SUPPORT_SIM_DISK_H
#define TESTS_SUPPORT_SIM_DISK_H

#include "hive/store.h"

struct sim_file {
	bool there;
	uint8_t *bytes;
	size_t size;
};

enum sim_kind {
	SIM_WRITE,
	SIM_RESIZE,
	SIM_CREATE,
	SIM_REMOVE,
	SIM_REPLACE, /* of WHI_FILE_HIVE, by WHI_FILE_NEW */
	SIM_SYNC,
	SIM_SYNC_NAMES
};

struct sim_op {
	enum sim_kind kind;
	enum whi_file_id id;
	uint64_t at; /* the offset, or the new size */
	uint8_t *bytes;
	size_t len;
};

struct sim_disk {
	struct whi_store store;
	struct sim_file now[WHI_FILE_ROOM];   /* as programs see them */
	struct sim_file start[WHI_FILE_ROOM]; /* as they were, and synced, before 'ops' */
	struct sim_op *ops;
	size_t count, cap;

	size_t calls;        /* that could have failed */
	size_t fail_at;      /* the number of the one that fails, from 0; SIZE_MAX: none */
	bool fail_from;      /* and all that follow */
	bool fail_half;      /* a write that fails has done half of it */
	enum wh_status with; /* what it fails with */
	size_t failed;       /* calls that did */
	bool moved;          /* the name of the hive is that of another file */
	bool replaced;       /* the hive, which nobody may write to then */
	bool closed;
};

void sim_init(struct sim_disk *disk);
void sim_fini(struct sim_disk *disk);

/* Put a file there, as if it always had been; bytes NULL: there is none. */
void sim_set(struct sim_disk *disk, enum whi_file_id id, const void *bytes, size_t len);

/* What was done so far is on disk; forget it. */
void sim_forget(struct sim_disk *disk);

/* Which of the states since the last sync a crash shows. */
enum sim_luck { SIM_NOTHING, SIM_ALL, SIM_ANY };

/* What is left after a crash behind the first 'count' calls; 'crashed' is initialised here. */
void sim_crash(const struct sim_disk *disk, size_t count, enum sim_luck luck, uint64_t *seed,
	       struct sim_disk *crashed);

/* The same as programs see it now. */
void sim_copy(const struct sim_disk *disk, struct sim_disk *copy);

uint64_t sim_random(uint64_t *seed);

#endif
