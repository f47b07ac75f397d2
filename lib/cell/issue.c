/* SPDX-License-Identifier: MIT */
#include "cell/issue.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct wh_rule rules[WHI_RULE_COUNT] = {
#define RULE(sym, id, name, grade, incomplete, text) { id, name, grade, incomplete, text },
	WHI_RULES(RULE)
#undef RULE
};

bool
wh_rule_at(size_t index, struct wh_rule *rule)
{
	if (index >= WHI_RULE_COUNT)
		return false;
	*rule = rules[index];
	return true;
}

void
whi_report(const struct whi_sink *sink, enum whi_rule rule, struct whi_location place,
	   const char *format, ...)
{
	char text[512];
	va_list args;

	if (!sink || !sink->fn)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	sink->fn(sink->ctx, &(struct wh_issue){
				    .id = rules[rule].id,
				    .rule = rules[rule].rule,
				    .grade = rules[rule].grade,
				    .incomplete = rules[rule].incomplete,
				    .log = place.log,
				    .offset = place.offset,
				    .cell = place.cell,
				    .text = text,
			    });
}

bool
whi_issues_keep(struct whi_issues *issues, const struct wh_allocator *a,
		const struct wh_issue *issue)
{
	char *text = whi_strdup(a, issue->text);

	if (!text ||
	    !whi_grow(a, &issues->at, &issues->cap, issues->count + 1, sizeof *issues->at)) {
		whi_free(a, text, strlen(issue->text) + 1);
		return false;
	}
	issues->at[issues->count] = *issue;
	issues->at[issues->count++].text = text;
	return true;
}

void
whi_issues_cut(struct whi_issues *issues, const struct wh_allocator *a, size_t count)
{
	while (issues->count > count) {
		const char *text = issues->at[--issues->count].text;

		whi_free(a, (char *)(uintptr_t)text, strlen(text) + 1);
	}
}

void
whi_issues_free(struct whi_issues *issues, const struct wh_allocator *a)
{
	whi_issues_cut(issues, a, 0);
	whi_free(a, issues->at, issues->cap * sizeof *issues->at);
	*issues = (struct whi_issues){ 0 };
}
