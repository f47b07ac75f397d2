/* SPDX-License-Identifier: MIT */
/* What the two files of the model of a registry share. */
#ifndef TESTS_SUPPORT_REG_MODEL_PARTS_H
#define TESTS_SUPPORT_REG_MODEL_PARTS_H

#include "reg_model.h"

/* A copy of bytes. */
struct m_text m_text_of(const void *bytes, size_t len);
/* Put a key among the subkeys of its parent, and take it out. */
void m_insert(struct m_node *node);
void m_take_out(struct m_node *node);
/* It has none afterwards. */
void m_free_values(struct m_node *node);
/* What a merged place is now; it is dead as soon as the key that it was opened with is. */
void m_refresh(const struct m_reg *m, struct m_place *place);
/* The merged place of a key on one of the two sides. */
void m_merged_place(const struct m_reg *m, struct m_node *node, struct m_place *place);
/* The user's key below HKEY_USERS, with "_Classes" or nothing behind its SID; SOFTWARE\Classes. */
struct m_node *m_user_child(const struct m_reg *m, const char *suffix);
struct m_node *m_machine_classes(const struct m_reg *m);
/* Is a key another one, or somewhere below it? */
bool m_is_below(const struct m_node *node, const struct m_node *top);

#endif
