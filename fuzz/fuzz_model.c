/* SPDX-License-Identifier: MIT */
/*
 * Bytes that choose changes to two new hives and to the model of each: what the property test
 * draws at random comes from them, two for each choice.  The first byte is the version.
 *
 * Holds: what tests/property/edit_world.h says.
 */
#include "edit_world.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MOST = 400 };
	static struct world w;

	if (size == 0)
		return 0;
	w = (struct world){
		.seed = 1,
		.ops = MOST,
		.script = data + 1,
		.script_len = size - 1,
		.minor = 2 + data[0] % 5u,
		.crowd = 60,
		.every = 1,
		.fails = 16,
		.look = true,
	};
	if (world_run(&w))
		return 0;
	fprintf(stderr, "step %llu: %s: %s\n", (unsigned long long)w.step, w.story, w.why);
	abort();
}
