/* SPDX-License-Identifier: Apache-2.0 */

/* What is told to be read soon is a regular file, and within what is left. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/readahead.h"

#include "scenes/recorded.h"

static void so_many_bytes_are_told_of(void **state)
{
	uint64_t budget = 150;
	struct recorded machine;
	char path[4096];

	(void)state;
	recorded_start(&machine);
	recorded_file(&machine, "/hundred", "%0100d", 0);
	recorded_path(&machine, "/hundred", path);
	readahead_file(path, &budget);
	assert_int_equal(budget, 50);
	readahead_file(path, &budget); /* larger than what is left */
	assert_int_equal(budget, 50);
	recorded_file(&machine, "/empty", "%s", "");
	recorded_path(&machine, "/empty", path);
	readahead_file(path, &budget);
	readahead_file(machine.root, &budget);
	recorded_path(&machine, "/absent", path);
	readahead_file(path, &budget);
	/* Nobody writes to it: to open it is not to wait for that. */
	recorded_path(&machine, "/pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	readahead_file(path, &budget);
	assert_int_equal(budget, 50);
	recorded_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_bytes_are_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
