/* SPDX-License-Identifier: Apache-2.0 */

/* Which known name a mistyped one stands for, and when it stands for none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/keys.h"
#include "model/spec/nearest.h"

#include <string.h>

static const struct {
	const char *written;
	const char *meant; /* NULL: nothing is near */
} cases[] = {
	{ "fs-name", "fsname" },
	{ "FSName", "fsname" },
	{ "fs_name", "fsname" },
	{ "fname", "fsname" },
	{ "fsnmae", "fsname" },
	{ "filesystem", "fsname" },
	{ "roles", "role" },
	{ "rôle", "role" },
	{ "mgsnode", "mgs" },
	{ "mgsnid", "mgs" },
	{ "mgs-node", "mgs" },
	{ "ost-index", "index" },
	{ "idx", NULL },
	{ "mdtindex", "mdt-index" },
	{ "index_base", "index-base" },
	{ "indexbase", "index-base" },
	{ "disk", "disks" },
	{ "expect-disk", "expect-disks" },
	{ "expected-disks", "expect-disks" },
	{ "stripesize", "stripe-size" },
	{ "stripe_siz", "stripe-size" },
	{ "mountpoint", "mount-point" },
	{ "mount-opts", "mount-options" },
	{ "lustre:mount-options", "mount-options" },
	{ "lustre.mount_options", "mount-options" },
	{ "lustre:client-mount-options", "client-mount-options" },
	{ "timeout", "mgs-timeout" },
	{ "mgs-timout", "mgs-timeout" },
	{ "on-dataloss", "on-data-loss" },
	{ "accept-preformated", "accept-preformatted" },
	{ "lnets", "lnet" },
	{ "networks", "lnet" },
	{ "colour", NULL },
	{ "packages", NULL },
	{ "x", NULL },
	{ "", NULL },
	{ "-_.", NULL },
	{ "a-name-that-is-far-too-long-to-be-a-slip-of-the-pen", NULL },
};

static void slips_find_their_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *found = spec_key_nearest(cases[i].written);

		if ((found == NULL) != (cases[i].meant == NULL) ||
		    (found && strcmp(found, cases[i].meant) != 0))
			fail_msg("\"%s\" is taken for %s", cases[i].written,
				 found ? found : "nothing");
	}
}

static void every_key_is_nearest_to_itself(void **state)
{
	(void)state;
	for (enum spec_key key = 0; key < KEY_MAX; key++)
		assert_string_equal(spec_key_nearest(spec_key_name(key)), spec_key_name(key));
}

static void an_unknown_key_names_what_is_known(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(spec_key_unknown("colour", "", text, sizeof(text)), KEY_MAX);
	assert_non_null(strstr(text, "\"colour\" is not a key; known are role, fsname, "));
	assert_non_null(strstr(text, ", mgs-timeout"));
	assert_int_equal(spec_key_unknown("fs-name", "lustre:", text, sizeof(text)), KEY_FSNAME);
	assert_string_equal(text, "\"lustre:fs-name\" is not a key; did you mean lustre:fsname?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_find_their_key),
		cmocka_unit_test(every_key_is_nearest_to_itself),
		cmocka_unit_test(an_unknown_key_names_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
