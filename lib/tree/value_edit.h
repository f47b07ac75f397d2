/* SPDX-License-Identifier: MIT */
/*
 * Values and their data, put into and taken out of a key.  All of these are steps of an edit.
 * They keep the count and the list of the key true, and its maxima; they do not date it.
 */
#ifndef WHI_TREE_VALUE_EDIT_H
#define WHI_TREE_VALUE_EDIT_H

#include "tree/edit.h"
#include "tree/vk.h"

/*
 * Set a value of 'key'.  Its name is as it will be stored; its bytes and 'data' do not lie in the
 * image.  The vk of a value that is there already stays where it is.
 */
void whi_values_set(struct wh_hive *hive, cellref key, struct whi_name name, uint32_t type,
		    const void *data, size_t size);

/* A copy of a value of another key, perhaps in another hive; WH_E_CORRUPT if it cannot be read. */
void whi_values_copy(struct wh_hive *hive, cellref key, struct wh_hive *from,
		     const struct whi_vk *vk);

/* Free all values of a key, and their list. */
void whi_values_drop(struct wh_hive *hive, cellref key);

/* Free one value; WH_E_NOT_FOUND if there is none of that name. */
void whi_values_remove(struct wh_hive *hive, cellref key, struct whi_name name);

/*
 * Give a value another name, or the same in other letters.  WH_E_NOT_FOUND, or WH_E_EXISTS if
 * another value has it.  Its vk may move to another cell.
 */
void whi_values_rename(struct wh_hive *hive, cellref key, struct whi_name name,
		       struct whi_name new_name);

#endif
