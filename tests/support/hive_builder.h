/* SPDX-License-Identifier: MIT */
/*
 * Small hives made in memory, cell by cell, for tests that spoil them afterwards.
 *
 *	struct builder b;
 *	builder_init(&b, 5);
 *	root = builder_key(&b, NO_PARENT, "ROOT");
 *	...
 *	hive = builder_open(&b, &options);	or builder_image(&b, &img)
 *	builder_fini(&b);
 *
 * A cell is an offset into the hive bins, as on disk.  Pointers into the hive are good until
 * the next cell is made.
 */
#ifndef TESTS_SUPPORT_HIVE_BUILDER_H
#define TESTS_SUPPORT_HIVE_BUILDER_H

#include "cell/image.h"

#include "winhive.h"

#define NO_PARENT WH_NO_CELL

struct builder {
	uint8_t *bytes;
	size_t size;   /* of the file */
	uint32_t bin;  /* the last bin */
	uint32_t free; /* where its free cell starts; size - 4096 if it is full */
	uint32_t minor;
	uint32_t root, security;
};

/* A base block, one bin of 4096 bytes and a security cell in it. */
void builder_init(struct builder *b, uint32_t minor);
void builder_fini(struct builder *b);

/* A new bin behind the others; it is where cells are made from now on. */
uint32_t builder_bin(struct builder *b, uint32_t size);

/* A cell in use with at least 'len' bytes of data, zeroed, in a bin that has room for it. */
uint32_t builder_cell(struct builder *b, size_t len);

/* The data of a cell, and how many bytes it has. */
uint8_t *builder_at(struct builder *b, uint32_t cell);
uint32_t builder_len(struct builder *b, uint32_t cell);

/* Free a cell, and change the size of one without regard to what follows. */
void builder_free(struct builder *b, uint32_t cell);
void builder_resize(struct builder *b, uint32_t cell, int32_t size);

/*
 * A key with a Latin-1 name, or a UTF-16 one, counted by the security cell; the first without a
 * parent is the root.
 */
uint32_t builder_key(struct builder *b, uint32_t parent, const char *name);
uint32_t builder_wide_key(struct builder *b, uint32_t parent, const uint16_t *name, size_t count);

/* A subkey list of one of the four kinds, with its hashes or hints, and its place in a key. */
uint32_t builder_list(struct builder *b, const char *kind, const uint32_t *cells, size_t count);
void builder_set_list(struct builder *b, uint32_t key, uint32_t list, uint32_t count);

/* A value; data go where they belong: in place, in a cell, or in big data. */
uint32_t builder_value(struct builder *b, const char *name, uint32_t type, const void *data,
		       size_t len);
uint32_t builder_wide_value(struct builder *b, const uint16_t *name, size_t count, uint32_t type,
			    const void *data, size_t len);
void builder_set_values(struct builder *b, uint32_t key, const uint32_t *values, size_t count);

void builder_set_class(struct builder *b, uint32_t key, const uint16_t *text, size_t count);

/* Length, root and checksum of the base block. */
void builder_seal(struct builder *b);

/* Seal and open; ends the program if that fails. */
struct wh_hive *builder_open(struct builder *b, const struct wh_options *options);

/* The image without a hive, scanned; whi_image_forget() frees it. */
void builder_image(struct builder *b, const struct whi_sink *sink, struct whi_image *img);

/* Little-endian numbers. */
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);
void put64(uint8_t *at, uint64_t value);
uint32_t get32(const uint8_t *at);

#endif
