/* SPDX-License-Identifier: MIT */
/* A registry: its options, its lock, its beginning and end. */
#include "registry/registry.h"

#include <string.h>

/* ---------------------------------------------------------------------- the token */

enum { SID_HEAD = 8, SID_COUNT_AT = 1, SID_REVISION = 1, SID_MAX = 15 };

static size_t
sid_size(const void *sid)
{
	return SID_HEAD + ((const uint8_t *)sid)[SID_COUNT_AT] * sizeof(uint32_t);
}

static bool
token_valid(const struct wh_reg_token *token)
{
	if (token->sid_count > 0 && !token->sids)
		return false;
	for (size_t i = 0; i < token->sid_count; i++) {
		const uint8_t *sid = token->sids[i];

		if (!sid || sid[0] != SID_REVISION || sid[SID_COUNT_AT] > SID_MAX)
			return false;
	}
	return true;
}

/* One block: the token, the addresses of its SIDs, and the SIDs. */
static size_t
token_size(const struct wh_reg_token *token)
{
	size_t size = sizeof *token + token->sid_count * sizeof *token->sids;

	for (size_t i = 0; i < token->sid_count; i++)
		size += sid_size(token->sids[i]);
	return size;
}

static struct wh_reg_token *
token_copy(const struct wh_allocator *a, const struct wh_reg_token *token)
{
	struct wh_reg_token *copy = whi_alloc(a, token_size(token));
	const void **sids;
	uint8_t *at;

	if (!copy)
		return NULL;
	*copy = *token;
	sids = (const void **)(void *)(copy + 1);
	at = (uint8_t *)(sids + token->sid_count);
	copy->sids = sids;
	for (size_t i = 0; i < token->sid_count; i++) {
		memcpy(at, token->sids[i], sid_size(token->sids[i]));
		sids[i] = at;
		at += sid_size(at);
	}
	return copy;
}

/* ------------------------------------------------------------------ beginning, end */

static bool
options_valid(const struct wh_reg_options *options)
{
	return (options->flags & ~(unsigned)WH_REG_USUAL_ROOTS) == 0 &&
	       options->rights <= WH_REG_RIGHTS_TOKEN &&
	       (options->rights != WH_REG_RIGHTS_TOKEN || options->token) &&
	       (!options->token || token_valid(options->token));
}

/* Take the options over; what they point to and is copied is allocated here. */
static enum wh_status
take_options(struct wh_reg *reg, const struct wh_reg_options *options)
{
	reg->options = *options;
	reg->options.allocator = &reg->alloc;
	reg->options.token = NULL;
	if (!options->token)
		return WH_OK;
	reg->options.token = token_copy(&reg->alloc, options->token);
	return reg->options.token ? WH_OK : WH_E_MEMORY;
}

static void
free_token(struct wh_reg *reg)
{
	struct wh_reg_token *token = (struct wh_reg_token *)(uintptr_t)reg->options.token;

	if (token)
		whi_free(&reg->alloc, token, token_size(token));
}

enum wh_status
wh_reg_new(const struct wh_reg_options *options, struct wh_reg **result)
{
	static const struct wh_reg_options nothing;
	struct wh_allocator alloc;
	struct whi_machine *local;
	struct wh_reg *reg;
	enum wh_status st;

	if (!result)
		return WH_E_INVALID;
	*result = NULL;
	if (!options)
		options = &nothing;
	if (!options_valid(options))
		return WH_E_INVALID;
	alloc = whi_allocator(options->allocator);
	reg = whi_zalloc(&alloc, sizeof *reg);
	if (!reg)
		return WH_E_MEMORY;
	reg->alloc = alloc;
	reg->handles.next = 1;
	if (pthread_mutex_init(&reg->lock, NULL) != 0) {
		whi_free(&alloc, reg, sizeof *reg);
		return WH_E_MEMORY;
	}
	st = take_options(reg, options);
	if (st == WH_OK)
		st = whi_machine_new(reg, &local);
	if (st == WH_OK && (options->flags & WH_REG_USUAL_ROOTS))
		st = whi_synthetic_roots(local);
	if (st == WH_OK)
		*result = reg;
	else
		wh_reg_free(reg);
	return st;
}

void
wh_reg_free(struct wh_reg *reg)
{
	struct wh_allocator alloc;

	if (!reg)
		return;
	alloc = reg->alloc;
	whi_notify_fini(reg);
	whi_handles_fini(reg);
	while (reg->local)
		whi_machine_free(reg->local);
	free_token(reg);
	pthread_mutex_destroy(&reg->lock);
	whi_free(&alloc, reg, sizeof *reg);
}

/* ----------------------------------------------------------------------- the lock */

void
whi_begin(struct wh_reg *reg)
{
	pthread_mutex_lock(&reg->lock);
}

enum wh_status
whi_end(struct wh_reg *reg, enum wh_status status)
{
	struct whi_event *events = reg->events;

	reg->events = NULL;
	pthread_mutex_unlock(&reg->lock);
	if (events)
		whi_notify_deliver(reg, events);
	return status;
}
