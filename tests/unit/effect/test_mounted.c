/* SPDX-License-Identifier: Apache-2.0 */

/* What is in the kernel's table is known by what it means, whatever form its NIDs have there. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/mounted.h"

#include "scenes/recorded.h"

#include <errno.h>

static struct recorded machine;
static char table[4096];

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	recorded_path(&machine, "/mountinfo", table);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static int check_client(const char *mounted, const char *asked)
{
	const struct mounted_asked client = { asked, "/mnt/lustrewt", /* is_client= */ true };

	recorded_file(&machine, "/mountinfo", "40 21 0:52 / /mnt/lustrewt rw - lustre %s rw\n",
		      mounted);
	return mounted_check(table, &client, NULL);
}

/* mount.lustre looks a name up, and the kernel has the address. */
static void a_client_by_name_is_found_by_its_file_system(void **state)
{
	(void)state;
	assert_int_equal(check_client("10.0.0.10@tcp:/lustrewt", "mgs@tcp:/lustrewt"), 0);
	assert_int_equal(check_client("10.0.0.10@tcp:/lustrewt", "mgs@tcp:/lustre"), -EBUSY);
}

static void a_client_by_address_is_found_by_what_it_means(void **state)
{
	(void)state;
	assert_int_equal(check_client("10.0.0.10@tcp0:/lustrewt", "10.0.0.10@tcp:/lustrewt"), 0);
	assert_int_equal(check_client("10.0.0.10@tcp0:/lustrewt", "10.0.0.11@tcp:/lustrewt"),
			 -EBUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_client_by_name_is_found_by_its_file_system, start,
						end),
		cmocka_unit_test_setup_teardown(a_client_by_address_is_found_by_what_it_means,
						start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
