/* SPDX-License-Identifier: MIT */
/*
 * A registry as it should be, without hives: keys with their values in lists, links, volatile
 * keys, handles with their access and watches, the merged view of HKEY_CLASSES_ROOT.  Written from
 * lib/winhive-winreg.h and docs/winreg.md, the simplest way; it answers with the status that is
 * due, and nothing in it can fail.
 *
 * Names are UTF-8 in the Basic Multilingual Plane with ASCII and Latin-1 letters, so that bytes in
 * upper case have the order of 16-bit units in upper case.
 */
#ifndef TESTS_SUPPORT_REG_MODEL_H
#define TESTS_SUPPORT_REG_MODEL_H

#include "winhive-winreg.h"

enum { M_HANDLES = 24, M_PATH = 1200, M_HOPS = 64, M_NAME = 256 };

struct m_text {
	char *bytes; /* terminated, for free() */
	size_t len;
};

struct m_value {
	struct m_value *next; /* in the order of creation */
	struct m_text name, data;
	uint32_t type;
};

struct m_node {
	struct m_node *parent, *children, *next; /* siblings in the order of names */
	struct m_node *older;                    /* all that were ever made */
	struct m_text name;
	struct m_value *values;
	bool is_volatile, link, dead;
	bool root; /* of a hive, HKEY_LOCAL_MACHINE or HKEY_USERS */
};

struct m_place {
	struct m_node *node, *other; /* as struct whi_place has them */
	bool merged;
	struct m_node *opened; /* of a merged one: what it was when it was opened */
};

struct m_watch {
	bool set, subtree, missed;
	uint32_t filter;
	unsigned waiting;
};

struct m_handle {
	wh_hkey number; /* 0: the slot is free; a predefined one is in no slot */
	uint32_t access;
	struct m_place place;
	struct m_watch watch;
};

struct m_reg {
	struct m_node *machine, *user, *newest;
	const char *sid; /* whose HKEY_CURRENT_USER it is */
	struct m_handle handles[M_HANDLES];
	unsigned fired, gone; /* functions that must have been called: WH_OK, WH_E_DELETED */
};

/* The order of names, without regard to case. */
int m_compare(const char *a, size_t a_len, const char *b, size_t b_len);

void m_begin(struct m_reg *m, const char *sid);
void m_end(struct m_reg *m);

/* Without asking: to begin with, and for what a file holds. */
struct m_node *m_add(struct m_reg *m, struct m_node *parent, const char *name, size_t len);
void m_put(struct m_node *node, const char *name, size_t len, uint32_t type, const void *data,
	   size_t size);
struct m_node *m_child(const struct m_node *node, const char *name, size_t len);
struct m_value *m_value(const struct m_node *node, const char *name, size_t len);
void m_copy(struct m_reg *m, const struct m_node *from, struct m_node *to, bool volatile_too);

/* The handle in a slot, or of a predefined root in '*room'; WH_E_HANDLE, WH_E_ACCESS. */
enum wh_status m_handle(struct m_reg *m, wh_hkey key, uint32_t access, struct m_handle *room,
			struct m_handle **handle);

/* What a handle may do when so much was asked for: generic rights are mapped, views go. */
uint32_t m_access(uint32_t wanted);

/* What a call is due to answer, and its effect if that is WH_OK. */
enum wh_status m_open(struct m_reg *m, wh_hkey key, const char *path, size_t len, uint32_t options,
		      uint32_t access, struct m_place *place);
enum wh_status m_create(struct m_reg *m, wh_hkey key, const char *path, size_t len,
			uint32_t options, uint32_t access, struct m_place *place,
			enum wh_reg_disposition *disposition);
enum wh_status m_delete(struct m_reg *m, wh_hkey key, const char *path, size_t len);
/* The first key that cannot be deleted ends it. */
enum wh_status m_delete_tree(struct m_reg *m, wh_hkey key, const char *path, size_t len);
enum wh_status m_rename(struct m_reg *m, wh_hkey key, const char *path, size_t len,
			const char *name, size_t name_len);
enum wh_status m_set(struct m_reg *m, wh_hkey key, const char *name, size_t len, uint32_t type,
		     const void *data, size_t size);
enum wh_status m_unset(struct m_reg *m, wh_hkey key, const char *name, size_t len);
enum wh_status m_notify(struct m_reg *m, wh_hkey key, bool subtree, uint32_t filter);
enum wh_status m_close(struct m_reg *m, wh_hkey key);
/* Below HKEY_LOCAL_MACHINE. */
enum wh_status m_load(struct m_reg *m, const char *name, size_t len, const struct m_node *content);
enum wh_status m_unload(struct m_reg *m, const char *name, size_t len);

/* A handle that the registry gave out for 'place'.  False: there is no free slot. */
bool m_take(struct m_reg *m, wh_hkey number, uint32_t access, const struct m_place *place);

/* What a place shows: subkey or value number 'index', or of that name; NULL past the last. */
bool m_place_alive(const struct m_place *place);
const struct m_node *m_place_child_at(const struct m_place *place, uint32_t index);
const struct m_value *m_place_value_at(const struct m_place *place, uint32_t index);
const struct m_value *m_place_value(const struct m_place *place, const char *name, size_t len);

#endif
