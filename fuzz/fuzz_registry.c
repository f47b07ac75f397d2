/* SPDX-License-Identifier: MIT */
/*
 * Bytes that choose calls to a registry and to its model: what the property test draws at random
 * comes from them, one for each choice.  No files.
 *
 * Holds: what tests/property/registry_world.h says.
 */
#include "registry_world.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MOST = 400 };
	static struct registry_world w;

	if (size == 0)
		return 0;
	w = (struct registry_world){
		.seed = 1,
		.ops = MOST,
		.script = data,
		.script_len = size,
		.every = 4,
		.fails = 16,
	};
	if (registry_world_run(&w))
		return 0;
	fprintf(stderr, "step %llu: %s: %s\n", (unsigned long long)w.step, w.story, w.why);
	abort();
}
