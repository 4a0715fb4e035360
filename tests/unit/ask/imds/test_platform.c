/* SPDX-License-Identifier: Apache-2.0 */

/* Only a machine whose firmware says EC2 may be asked for metadata. */

#include "ask/imds/platform.h"

#include "ask/imds/imds.h"
#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenes/recorded.h"
#include "scenes/shortage.h"

#define DMI "/sys/class/dmi/id/"

static const char *const attributes[] = { "sys_vendor", "bios_vendor", "product_uuid",
					  "product_serial", "bios_version" };
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

struct machine {
	const char *story;
	const char *values[ATTRIBUTES]; /* NULL: absent */
	enum imds_platform platform;
};

static const struct machine machines[] = {
	{ "Nitro", { "Amazon EC2\n", "Amazon EC2\n", NULL, NULL, "1.0\n" }, IMDS_PLATFORM_NITRO },
	{ "bare metal", { "Amazon EC2\n", NULL, NULL, NULL, NULL }, IMDS_PLATFORM_NITRO },
	{ "Xen",
	  { "Xen\n", "Xen\n", "ec2e1916-9099-7caf-fd21-012345abcdef\n",
	    "ec2e1916-9099-7caf-fd21-012345abcdef\n", "4.11.amazon\n" },
	  IMDS_PLATFORM_XEN },
	{ "Xen, upper case",
	  { "Xen\n", "Xen\n", "EC2E1916-9099-7CAF-FD21-012345ABCDEF\n",
	    "EC2E1916-9099-7CAF-FD21-012345ABCDEF\n", "4.2\n" },
	  IMDS_PLATFORM_XEN },
	{ "Xen, UUID in little endian",
	  { "Xen\n", "Xen\n", "45e12aec-dcd1-b213-94ed-012345abcdef\n",
	    "ec2ae145-d1dc-13b2-94ed-012345abcdef\n", "4.2.amazon\n" },
	  IMDS_PLATFORM_XEN },
	{ "a random UUID that begins with ec2",
	  { "QEMU\n", "SeaBIOS\n", "ec2e1916-9099-7caf-fd21-012345abcdef\n", "none\n", "1.16\n" },
	  IMDS_PLATFORM_OTHER },
	{ "a serial that begins with ec2",
	  { "Dell Inc.\n", "Dell Inc.\n", "4c4c4544-0032-4410-8053-b4c04f463333\n", "EC2X3\n",
	    "2\n" },
	  IMDS_PLATFORM_OTHER },
	{ "a vendor that only begins so",
	  { "Amazon EC2 lookalike\n", "x\n", NULL, NULL, NULL },
	  IMDS_PLATFORM_OTHER },
	{ "no DMI", { NULL, NULL, NULL, NULL, NULL }, IMDS_PLATFORM_OTHER },
};

static void make_machine(const char *root, const struct machine *machine)
{
	struct error err;
	char path[256];

	for (size_t i = 0; i < ATTRIBUTES; i++) {
		snprintf(path, sizeof(path), "%s" DMI "%s", root, attributes[i]);
		unlink(path);
		if (machine->values[i])
			assert_int_equal(file_replace(path, machine->values[i],
						      strlen(machine->values[i]), 0444, &err),
					 0);
	}
}

static void test_machines(void **state)
{
	const char *root = *state;

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		enum imds_platform platform;

		make_machine(root, &machines[i]);
		assert_int_equal(imds_platform_detect(root, &platform), 0);
		if (platform != machines[i].platform)
			fail_msg("%s", machines[i].story);
	}
}

/* Not "another machine", which would end as "not for this node". */
static void test_what_cannot_be_read_is_no_answer(void **state)
{
	struct imds_options options = { .root = *state, .timeout_sec = 1 };
	enum imds_platform platform;
	struct shortage shortage;
	struct imds *imds = NULL;
	struct error err = { 0 };

	make_machine(*state, &machines[0]);
	shortage_begin(&shortage);
	assert_int_equal(imds_platform_detect(*state, &platform), -EMFILE);
	assert_int_equal(imds_open(&options, &imds, &err), -EMFILE);
	shortage_end(&shortage);
	assert_non_null(strstr(err.text, "cannot tell whether this machine is an EC2 instance"));
}

static void test_elsewhere_nobody_is_asked(void **state)
{
	static const struct machine other = { "other", { "QEMU\n" }, IMDS_PLATFORM_OTHER };
	struct imds_options options = { .root = *state, .timeout_sec = 1 };
	struct imds *imds = NULL;
	struct error err = { 0 };

	make_machine(*state, &other);
	assert_int_equal(imds_open(&options, &imds, &err), -ENODEV);
	assert_null(imds);
	assert_non_null(strstr(err.text, "not an EC2 instance"));
	assert_non_null(strstr(err.text, "--endpoint http://HOST:PORT"));
}

static struct recorded recorded;

static int make_root(void **state)
{
	recorded_start(&recorded);
	*state = recorded.root;
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	recorded_end(&recorded);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_what_cannot_be_read_is_no_answer),
		cmocka_unit_test(test_elsewhere_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
