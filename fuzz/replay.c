/* SPDX-License-Identifier: MIT */
/*
 * A main() for a harness where there is no libFuzzer: run it over every file of the folders
 * named, in order, and print a line for each as the Test Anything Protocol has it.
 */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end;

	*size = 0;
	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (end = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		bytes = malloc((size_t)end + 1);
		if (bytes)
			*size = fread(bytes, 1, (size_t)end, f);
	}
	fclose(f);
	return bytes;
}

static int
is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static unsigned
run_folder(const char *folder, unsigned number)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_file, alphasort);

	for (int i = 0; i < count; i++) {
		char path[4096];
		uint8_t *bytes;
		size_t size;

		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		bytes = read_file(path, &size);
		if (bytes) {
			LLVMFuzzerTestOneInput(bytes, size);
			printf("ok %u - %s\n", ++number, entries[i]->d_name);
			fflush(stdout);
			free(bytes);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return number;
}

int
main(int argc, char **argv)
{
	unsigned number = 0;

	for (int i = 1; i < argc; i++)
		number = run_folder(argv[i], number);
	printf("1..%u\n", number);
	return number > 0 ? 0 : 1;
}
