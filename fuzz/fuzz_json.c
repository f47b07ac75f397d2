/* SPDX-License-Identifier: MIT */
/*
 * Any text as the JSON of a registry.
 *
 * Holds: what is refused changes no byte; what is taken goes out, comes back into another registry
 * and goes out the same, times and names of first keys aside; it can be taken twice; memory is
 * given back.
 */
#include "fuzz.h"

#include "winhive-winreg.h"

#include <string.h>

#define NOW UINT64_C(0x01d9000000000000)

struct world {
	struct wh_reg *reg;
	struct wh_hive *hive;
	struct meter meter;
};

static void
begin(struct world *w)
{
	struct wh_allocator alloc = meter_allocator(&w->meter);
	struct wh_options options = { .allocator = &alloc, .time = NOW };
	struct wh_reg_options reg_options = { .allocator = &alloc, .time = NOW };

	HOLDS(wh_reg_new(&reg_options, &w->reg) == WH_OK);
	HOLDS(wh_hive_new(NULL, &options, &w->hive) == WH_OK);
	HOLDS(wh_reg_mount_hive(w->reg, WH_HKEY_LOCAL_MACHINE, "H", 1, w->hive, WH_MOUNT_OWNED) ==
	      WH_OK);
}

static void
end(struct world *w)
{
	wh_reg_free(w->reg);
	HOLDS(w->meter.now == 0);
}

static enum wh_status
read_top(struct world *w, const char *text, size_t len)
{
	return wh_reg_import_json(w->reg, WH_HKEY_LOCAL_MACHINE, "H\\Top", WH_NTS, text, len);
}

/* The key itself, though it may be a link. */
static char *
write_top(struct world *w, size_t *len)
{
	wh_hkey top;
	char *text;

	HOLDS(wh_reg_open_key(w->reg, WH_HKEY_LOCAL_MACHINE, "H\\Top", WH_NTS,
			      WH_REG_OPTION_OPEN_LINK, WH_KEY_READ, &top) == WH_OK);
	HOLDS(wh_reg_export_json(w->reg, top, NULL, 0, &text, len) == WH_OK);
	HOLDS(wh_reg_close_key(w->reg, top) == WH_OK);
	return text;
}

static void
hold_round_trip(struct world *w, const char *text, size_t len)
{
	struct world other;
	char *first, *second;
	size_t first_len, second_len;

	first = write_top(w, &first_len);
	HOLDS(read_top(w, text, len) == WH_OK);
	second = write_top(w, &second_len);
	HOLDS(first_len == second_len && memcmp(first, second, first_len) == 0);
	wh_reg_free_text(w->reg, second);
	begin(&other);
	HOLDS(read_top(&other, first, first_len) == WH_OK);
	second = write_top(&other, &second_len);
	HOLDS(first_len == second_len && memcmp(first, second, first_len) == 0);
	wh_reg_free_text(other.reg, second);
	end(&other);
	wh_reg_free_text(w->reg, first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = (char *)exact_copy(data, size);
	size_t len, len_after;
	const void *bytes;
	struct world w;
	void *before;

	begin(&w);
	bytes = wh_hive_bytes(w.hive, &len);
	before = exact_copy(bytes, len);
	if (read_top(&w, text, size) == WH_OK) {
		hold_round_trip(&w, text, size);
	} else {
		bytes = wh_hive_bytes(w.hive, &len_after);
		HOLDS(len == len_after && memcmp(before, bytes, len) == 0);
	}
	end(&w);
	free(before);
	free(text);
	return 0;
}
