/* SPDX-License-Identifier: Apache-2.0 */

/* The OSTs of a node, and which of them are degraded, in either place that Lustre has for them. */

#include "observe/osts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/recorded.h"
#include "scenes/shortage.h"

#define SYSFS  "/sys/fs/lustre/obdfilter/"
#define PROCFS "/proc/fs/lustre/obdfilter/"

static void both_places_are_looked_at(void **state)
{
	struct recorded machine;
	struct osts osts;

	(void)state;
	recorded_start(&machine);
	recorded_file(&machine, SYSFS "lustrewt-OST0017/degraded", "0\n");
	recorded_file(&machine, SYSFS "lustrewt-OST001f/degraded", "1\n");
	recorded_file(&machine, SYSFS "num_refs", "2\n");
	recorded_file(&machine, SYSFS "lustrewt-OST0020/other", "1\n");
	recorded_file(&machine, SYSFS "lustrewt-MDT0000/degraded", "0\n");
	recorded_file(&machine, PROCFS "a-b-OST0001/degraded", "0\n");
	recorded_file(&machine, PROCFS "lustrewt-OST0017/degraded", "1\n");
	assert_int_equal(osts_read(machine.root, &osts), 0);
	assert_int_equal(osts.served.count, 3);
	assert_true(words_contain(&osts.served, "lustrewt-OST0017"));
	assert_true(words_contain(&osts.served, "a-b-OST0001"));
	assert_int_equal(osts.degraded.count, 1);
	assert_string_equal(osts.degraded.items[0], "lustrewt-OST001f");
	osts_done(&osts);
	recorded_end(&machine);
}

/* With few descriptors none is left: a mark that is not seen would be forgotten, and stay. */
static void a_shortage_is_not_their_absence(void **state)
{
	struct shortage shortage;
	struct recorded machine;
	struct osts osts;
	int first = open("/dev/null", O_RDONLY | O_CLOEXEC), r;

	(void)state;
	assert_true(first >= 0);
	close(first);
	recorded_start(&machine);
	recorded_file(&machine, SYSFS "lustrewt-OST0017/degraded", "1\n");
	for (int left = 0; left < 3; left++) {
		shortage_of(&shortage, (rlim_t)(first + left));
		r = osts_read(machine.root, &osts);
		shortage_end(&shortage);
		if (r == 0) {
			assert_int_equal(osts.degraded.count, 1);
			osts_done(&osts);
		}
	}
	assert_int_equal(r, 0);
	recorded_end(&machine);
}

static void without_lustre_there_are_none(void **state)
{
	struct osts osts;

	(void)state;
	assert_int_equal(osts_read("/nowhere", &osts), 0);
	assert_int_equal(osts.served.count, 0);
	osts_done(&osts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_places_are_looked_at),
		cmocka_unit_test(a_shortage_is_not_their_absence),
		cmocka_unit_test(without_lustre_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
