/* SPDX-License-Identifier: MIT */
/* Can a hive be changed without making it worse? */
#ifndef WHI_TREE_SOUND_H
#define WHI_TREE_SOUND_H

#include "hive/hive.h"

/*
 * Look through the whole hive: everything that can be reached is sound, every cell has one owner,
 * every security cell counts at least its users.  WH_E_CORRUPT if not; what is wrong has been
 * reported.  Costs one walk, and a bit for each place of a cell.
 */
enum wh_status whi_hive_sound(struct wh_hive *hive);

#endif
