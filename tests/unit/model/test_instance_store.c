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

/* Only what the name proves, which a type that nobody has looked up may do, too. */
static void names_rule_disks_out(void **state)
{
	static const char *const none[] = { "c6i.4xlarge", "m5.large",       "r4.16xlarge",
					    "t2.micro",    "m7i-flex.large", "r8gb.metal-24xl",
					    "c10gn.large" };
	static const char *const perhaps[] = { "c6id.4xlarge", "m5dn.large",     "m3.large",
					       "c1.medium",    "r3.large",       "i4i.large",
					       "i9.large",     "g5.xlarge",      "trn1.2xlarge",
					       "mac2.metal",   "x2idn.16xlarge", "p5.48xlarge",
					       "m5",           "d3.xlarge",      "" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (!instance_store_is_ruled_out(none[i]))
			fail_msg("%s", none[i]);
	for (size_t i = 0; i < sizeof(perhaps) / sizeof(perhaps[0]); i++)
		if (instance_store_is_ruled_out(perhaps[i]))
			fail_msg("%s", perhaps[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_have_their_disks),
		cmocka_unit_test(names_rule_disks_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
