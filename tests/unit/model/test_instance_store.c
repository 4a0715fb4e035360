/* SPDX-License-Identifier: Apache-2.0 */

/* How many disks the instance types have: facts, of which some are odd. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/instance_store.h"

static const struct {
	const char *type;
	unsigned nvme, xen;
} rows[] = {
	{ "i4i.large", 1, 0 },
	{ "i4i.12xlarge", 3, 0 },
	{ "i4i.metal", 8, 0 },
	{ "i7ie.48xlarge", 16, 0 },
	{ "d3en.12xlarge", 24, 0 },
	{ "p6e-gb200.36xlarge", 3, 0 },
	{ "i3.large", 1, 0 },
	{ "d2.xlarge", 0, 3 },
	{ "m3.medium", 0, 1 },
	{ "t3.micro", 0, 0 },
	{ "i4i", 0, 0 },
	{ "i4i.large2", 0, 0 },
	{ "I4I.LARGE", 0, 0 },
	{ "", 0, 0 },
};

static void types_have_their_disks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (instance_store_nvme_disks(rows[i].type) != rows[i].nvme ||
		    instance_store_xen_disks(rows[i].type) != rows[i].xen)
			fail_msg("%s", rows[i].type);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(types_have_their_disks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
