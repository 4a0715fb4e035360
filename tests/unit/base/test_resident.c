/* SPDX-License-Identifier: Apache-2.0 */

/* What is given back is less to have, and nothing that is missed. */

#include "base/resident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 2000
#define SIZE   4000 /* on the heap, all of it below the size of a mapping of its own */

static long resident_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *file = fopen("/proc/self/status", "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	fclose(file);
	return kib;
}

static void less_is_resident_and_all_is_there(void **state)
{
	static char *blocks[BLOCKS];
	const char text[] = "kept";
	char *kept = strdup(text);
	long before;

	(void)state;
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(SIZE);
		assert_non_null(blocks[i]);
		memset(blocks[i], i, SIZE);
	}
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	before = resident_kib();
	assert_true(resident_give_back());
	/* Libraries and heap: at least a megabyte of the eight. */
	assert_true(resident_kib() < before - 1024);
	assert_string_equal(kept, text);
	free(kept);
	assert_true(resident_give_back());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_is_resident_and_all_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
