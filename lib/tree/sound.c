/* SPDX-License-Identifier: MIT */
/*
 * What makes a hive unsound: every rule that Windows would heal or refuse a hive for, since it
 * would undo or refuse the change too, and every rule that leaves something unreadable, since
 * a change could lose it for good.  One exception: a key that stands for a predefined handle
 * has no values to be changed, and is no harm to others.  A wrong hash or hint is none either, as
 * nobody looks at it before the list is changed: then the list, which is not marked as being
 * in order, is refused.  What nobody refers to, or what counts too much, stays as it is.
 */
#include "tree/sound.h"

#include "hive/base_block.h"
#include "tree/pass.h"

#include <string.h>

struct judge {
	struct wh_hive *hive;
	bool unsound;
};

/* What the caller has been told already. */
static void
judge_again(void *ctx, const struct wh_issue *issue)
{
	struct judge *judge = ctx;

	if ((issue->grade != WH_NOTE || issue->incomplete) &&
	    strcmp(issue->rule, "key-predefined") != 0 && strcmp(issue->rule, "list-hash") != 0)
		judge->unsound = true;
}

/* What is reported for the first time. */
static void
judge_first(void *ctx, const struct wh_issue *issue)
{
	struct judge *judge = ctx;

	judge_again(judge, issue);
	if (judge->hive->sink.fn)
		judge->hive->sink.fn(judge->hive->sink.ctx, issue);
}

/*
 * What opening found and reported.  In a dirty hive, whose base block is that of an earlier
 * moment, the bins may go on after the length that it gives.
 */
static void
judge_file(struct judge *judge)
{
	struct whi_sink silent = { judge_again, judge };
	const struct wh_hive *hive = judge->hive;
	struct regf_base base;

	memcpy(&base, hive->img.bytes, sizeof base);
	whi_base_review(&base, &silent);
	if (hive->img.damaged || hive->img.cut || le32_get(base.root_cell) != hive->root.off)
		judge->unsound = true;
	if (hive->state != WH_DIRTY && le32_get(base.length) != hive->img.length)
		judge->unsound = true;
}

enum wh_status
whi_hive_sound(struct wh_hive *hive)
{
	struct judge judge = { hive, false };
	enum wh_status st;

	judge_file(&judge);
	st = whi_pass_run(hive, judge_first, &judge, NULL);
	if (st != WH_OK)
		return st;
	return judge.unsound ? WH_E_CORRUPT : WH_OK;
}
