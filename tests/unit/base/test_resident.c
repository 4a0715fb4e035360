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
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define TELL_PEAK "--tell-peak"

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
	char *kept;
	long before;

	(void)state;
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(SIZE);
		assert_non_null(blocks[i]);
		memset(blocks[i], i, SIZE);
	}
	/* Behind them: else the C library gives them back by itself. */
	kept = strdup(text);
	assert_non_null(kept);
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	before = resident_kib();
	assert_true(resident_give_back());
	/* At least a megabyte of the eight. */
	assert_true(resident_kib() < before - 1024);
	assert_string_equal(kept, text);
	free(kept);
	assert_true(resident_give_back());
}

/* Its own, whatever was in its place before: a shell, or systemd. */
static void the_peak_is_the_programs_own(void **state)
{
	const size_t size = 64 << 20;
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		void *much = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (much != MAP_FAILED)
			execl("/proc/self/exe", "test_resident", TELL_PEAK, NULL);
		_exit(1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int tell_peak(void)
{
	const uint64_t peak = resident_peak();

	return peak > 0 && peak < 32 << 20 ? 0 : 2;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_is_resident_and_all_is_there),
		cmocka_unit_test(the_peak_is_the_programs_own),
	};

	if (argc > 1 && strcmp(argv[1], TELL_PEAK) == 0)
		return tell_peak();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
