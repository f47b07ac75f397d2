/* SPDX-License-Identifier: MIT */
#include "reading.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

static size_t
rule_index(const char *name)
{
	struct wh_rule rule;
	size_t i;

	for (i = 0; wh_rule_at(i, &rule); i++)
		if (strcmp(rule.rule, name) == 0)
			break;
	return i;
}

void
see_issue(void *ctx, const struct wh_issue *issue)
{
	struct issues *issues = ctx;
	size_t rule = rule_index(issue->rule);

	if (rule >= MAX_RULES || !issue->id || !issue->text || issue->text[0] == '\0')
		abort();
	issues->broken[rule] = true;
	issues->incomplete |= issue->incomplete;
	if (issues->count < MAX_ISSUES)
		issues->first[issues->count] = *issue;
	issues->count++;
}

bool
has_rule(const struct issues *issues, const char *rule)
{
	return issues->broken[rule_index(rule)];
}

bool
only_rule(const struct issues *issues, const char *rule)
{
	size_t due = rule ? rule_index(rule) : MAX_RULES;

	for (size_t i = 0; i < MAX_RULES; i++)
		if (issues->broken[i] != (i == due))
			return false;
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
rules_text(const struct issues *issues, char *buf, size_t size)
{
	const char *names[MAX_RULES];
	struct wh_rule rule;
	size_t n = 0, len = 0;

	for (size_t i = 0; wh_rule_at(i, &rule); i++)
		if (issues->broken[i])
			names[n++] = rule.rule;
	qsort(names, n, sizeof *names, by_name);
	buf[0] = '\0';
	for (size_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? "," : "", names[i]);
}

uint64_t
digest_add(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ at[i]) * UINT64_C(0x100000001b3) + 1;
	return digest ^ len;
}

static enum wh_status
read_values(struct wh_walk *walk, uint64_t *digest)
{
	struct wh_walk_value value;
	const void *piece;
	size_t len, total;
	enum wh_status st;

	while ((st = wh_walk_next_value(walk, &value)) == WH_OK) {
		*digest = digest_add(*digest, value.name, value.name_len);
		*digest = digest_add(*digest, &value.type, sizeof value.type);
		*digest = digest_add(*digest, value.data, value.data_len);
		total = value.data_len;
		while (wh_walk_data(walk, &piece, &len) == WH_OK) {
			*digest = digest_add(*digest, piece, len);
			total += len;
		}
		if (total != value.readable || value.readable > value.size)
			abort();
	}
	return st;
}

static enum wh_status
read_key(struct wh_walk *walk, const struct wh_walk_key *key, uint64_t *digest)
{
	const void *descriptor;
	char class_name[3 * 0x8000];
	size_t len;
	enum wh_status st;

	*digest = digest_add(*digest, key->path, key->path_len);
	*digest = digest_add(*digest, &key->last_written, sizeof key->last_written);
	st = wh_key_class(key->key, class_name, sizeof class_name, &len);
	if (st == WH_OK)
		*digest = digest_add(*digest, class_name, len);
	/* The walk has reported a bad one; to ask again would report it again, no more. */
	st = wh_key_security(key->key, &descriptor, &len);
	if (st == WH_OK)
		*digest = digest_add(*digest, descriptor, len);
	return read_values(walk, digest);
}

enum wh_status
read_everything(struct wh_hive *hive, uint64_t *digest)
{
	struct wh_walk *walk;
	struct wh_walk_key key;
	enum wh_status st = wh_walk_new(wh_hive_root(hive), &walk);

	*digest = 0;
	while (st == WH_OK) {
		st = wh_walk_next(walk, &key);
		if (st == WH_OK && read_key(walk, &key, digest) == WH_E_MEMORY)
			st = WH_E_MEMORY;
	}
	wh_walk_free(walk);
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* In front of each block, so that what is given back can be held against it. */
union header {
	size_t size;
	max_align_t align;
};

static void *
meter_resize(void *ctx, void *ptr, size_t old_size, size_t size)
{
	struct meter *meter = ctx;
	union header *head = ptr ? (union header *)ptr - 1 : NULL;

	if (head ? head->size != old_size : old_size != 0)
		meter->wrong_size = true;
	if (size > 0) {
		meter->calls++;
		if (meter->left == 0)
			return NULL;
		if (meter->left != SIZE_MAX)
			meter->left--;
	}
	meter->now -= old_size;
	meter->blocks -= head != NULL;
	if (size == 0) {
		free(head);
		return NULL;
	}
	head = realloc(head, sizeof *head + size);
	if (!head)
		abort();
	head->size = size;
	meter->now += size;
	meter->blocks++;
	if (meter->now > meter->peak)
		meter->peak = meter->now;
	return head + 1;
}

struct wh_allocator
meter_allocator(struct meter *meter)
{
	*meter = (struct meter){ .left = SIZE_MAX };
	return (struct wh_allocator){ meter_resize, meter };
}
