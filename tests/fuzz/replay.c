/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a fuzz target over files and directories of files, without a fuzzing engine: for make check.
 */

#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t replayed;

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(FUZZ_INPUT_MAX);
	size_t size;

	if (!file || !data) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	size = fread(data, 1, FUZZ_INPUT_MAX, file);
	fclose(file);
	/* Exactly as long as the input, so that valgrind and the sanitizers see each byte beyond.
	 */
	data = realloc(data, size ? size : 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
}

static void replay(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	char inside[1024];

	if (!directory) {
		replay_file(path);
		return;
	}
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		replay(inside);
	}
	closedir(directory);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%s: %zu inputs\n", strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0],
	       replayed);
	/* A corpus that is not found must not pass. */
	return replayed > 0 ? 0 : 1;
}
