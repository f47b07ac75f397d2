/* SPDX-License-Identifier: MIT */
#include "edit.h"

#include "out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of long data text shows no more than so many bytes. */
enum { SHOWN = 512 };

bool
text_set(struct text *text, const char *bytes, size_t len)
{
	free(text->bytes);
	text->bytes = malloc(len + 1);
	text->len = text->bytes ? len : 0;
	if (!text->bytes)
		return false;
	if (len > 0)
		memcpy(text->bytes, bytes, len);
	text->bytes[len] = '\0';
	return true;
}

static void
free_data(struct data *data)
{
	free((void *)(uintptr_t)data->bytes);
}

void
change_free(struct change *change)
{
	free(change->path.bytes);
	free(change->name.bytes);
	free(change->to.bytes);
	free_data(&change->was);
	free_data(&change->now);
}

static void
show_path(const struct text *path)
{
	out_colour(COLOUR_KEY);
	if (path->len > 0)
		out_shown(path->bytes, path->len);
	else
		out_char('\\');
	out_plain();
}

static void
show_name(const struct text *name)
{
	out_colour(COLOUR_NAME);
	if (name->len > 0)
		out_shown(name->bytes, name->len);
	else
		out_text("(Default)");
	out_plain();
}

static void
show_value(const struct change *change)
{
	out_colour(COLOUR_KEY);
	out_shown(change->path.bytes, change->path.len);
	out_char('\\');
	out_plain();
	show_name(&change->name);
}

static void
show_data(const struct data *data, bool with_type)
{
	struct data part = *data;

	if (with_type) {
		out_colour(COLOUR_TYPE);
		data_show_type(data->type);
		out_plain();
		out_char(' ');
	}
	if (part.len > SHOWN)
		part.len = SHOWN;
	data_show(&part);
	if (part.len < data->len)
		out_format("... (%" PRIu32 " bytes)", data->size);
}

static bool
same_data(const struct data *a, const struct data *b)
{
	return a->type == b->type && a->size == b->size && a->len == b->len &&
	       (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static void
show_set(const struct change *change)
{
	out_text("set ");
	show_value(change);
	out_char(' ');
	show_data(&change->now, true);
	if (!change->had) {
		out_text(" (new)");
	} else if (same_data(&change->was, &change->now)) {
		out_text(" (as it was)");
	} else {
		out_text(" (was ");
		show_data(&change->was, change->was.type != change->now.type);
		out_char(')');
	}
}

static void
show_counts(uint64_t keys, uint64_t values)
{
	out_format("%" PRIu64 " key%s, %" PRIu64 " value%s", keys, keys == 1 ? "" : "s", values,
		   values == 1 ? "" : "s");
}

void
change_show(const struct change *change)
{
	switch (change->kind) {
	case CHANGE_CREATED_KEY:
		out_text("created key ");
		show_path(&change->path);
		break;
	case CHANGE_SET_VALUE:
		show_set(change);
		break;
	case CHANGE_DELETED_VALUE:
		out_text("deleted value ");
		show_value(change);
		out_text(" (was ");
		show_data(&change->was, true);
		out_char(')');
		break;
	case CHANGE_DELETED_KEY:
		out_text("deleted key ");
		show_path(&change->path);
		out_text(" (");
		show_counts(change->keys, change->values);
		out_char(')');
		break;
	case CHANGE_RENAMED_KEY:
	case CHANGE_MOVED_KEY:
		out_text(change->kind == CHANGE_MOVED_KEY ? "moved key " : "renamed key ");
		show_path(&change->path);
		out_text(" to ");
		show_path(&change->to);
		break;
	case CHANGE_RENAMED_VALUE:
		out_text("renamed value ");
		show_value(change);
		out_text(" to ");
		show_name(&change->to);
		break;
	case CHANGE_COPIED:
		out_text("copied ");
		show_path(&change->path);
		out_text(" to ");
		show_path(&change->to);
		out_text(" (");
		show_counts(change->keys, change->values);
		if (change->replaced > 0)
			out_format(", %" PRIu64 " of them replaced", change->replaced);
		out_char(')');
		break;
	}
	out_char('\n');
}

static void
json_text(const char *label, const struct text *text)
{
	out_format(",\"%s\":\"", label);
	out_json(text->bytes, text->len);
	out_char('"');
}

void
change_json(const struct change *change)
{
	static const char *const names[] = {
		[CHANGE_CREATED_KEY] = "create-key",     [CHANGE_SET_VALUE] = "set-value",
		[CHANGE_DELETED_VALUE] = "delete-value", [CHANGE_DELETED_KEY] = "delete-key",
		[CHANGE_RENAMED_KEY] = "rename-key",     [CHANGE_RENAMED_VALUE] = "rename-value",
		[CHANGE_MOVED_KEY] = "move-key",         [CHANGE_COPIED] = "copy-key",
	};
	bool counts = change->kind == CHANGE_DELETED_KEY || change->kind == CHANGE_COPIED;

	out_format("{\"change\":\"%s\"", names[change->kind]);
	if (change->line > 0)
		out_format(",\"line\":%u", change->line);
	json_text("path", &change->path);
	if (change->name.bytes)
		json_text("name", &change->name);
	if (change->to.bytes)
		json_text("to", &change->to);
	if (counts)
		out_format(",\"keys\":%" PRIu64 ",\"values\":%" PRIu64, change->keys,
			   change->values);
	if (change->kind == CHANGE_COPIED)
		out_format(",\"replaced\":%" PRIu64, change->replaced);
	if (change->kind == CHANGE_SET_VALUE) {
		out_char(',');
		data_json(&change->now);
	}
	if (change->kind == CHANGE_SET_VALUE || change->kind == CHANGE_DELETED_VALUE) {
		out_text(",\"was\":");
		if (change->had) {
			out_char('{');
			data_json(&change->was);
			out_char('}');
		} else {
			out_text("null");
		}
	}
	out_char('}');
}
