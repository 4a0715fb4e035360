/* SPDX-License-Identifier: Apache-2.0 */

/* What a disk is known by: two of which nothing is known are not one and the same. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/disk_identity.h"

#include <stdio.h>
#include <string.h>

static void a_disk_is_known_by_what_it_says(void **state)
{
	static const struct {
		const char *serial, *attached_as, *identity;
		bool is;
	} rows[] = {
		{ "AWS1", "ephemeral0:sdb", "AWS1", true },
		{ "AWS1", "ephemeral0:sdb", "ephemeral0:sdb", false },
		{ "", "ephemeral0:sdb", "ephemeral0:sdb", true },
		{ "AWS1", "", "AWS11", false },
		{ "AWS1", "", "", false },
		{ "", "", "AWS1", false },
		{ "", "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct disk disk = { 0 };

		snprintf(disk.serial, sizeof(disk.serial), "%s", rows[i].serial);
		snprintf(disk.attached_as, sizeof(disk.attached_as), "%s", rows[i].attached_as);
		assert_int_equal(disk_is(&disk, rows[i].identity), rows[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_is_known_by_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
