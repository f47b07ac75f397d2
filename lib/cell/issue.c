/* SPDX-License-Identifier: MIT */
#include "cell/issue.h"

#include <stdarg.h>
#include <stdio.h>

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
