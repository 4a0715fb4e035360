/* SPDX-License-Identifier: Apache-2.0 */

/* What in the mount table is Lustre's, and which of it is the one that was asked for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/mount_look.h"

static void types_are_told_apart(void **state)
{
	(void)state;
	assert_true(mount_is_target_type("lustre"));
	assert_true(mount_is_target_type("lustre_tgt"));
	assert_false(mount_is_target_type("ldiskfs"));
	assert_false(mount_is_target_type("lustre_lite"));
	assert_false(mount_is_target_type(""));
	assert_true(mount_is_client_type("lustre"));
	assert_false(mount_is_client_type("lustre_tgt"));
	assert_false(mount_is_client_type("ext4"));
	assert_false(mount_is_client_type("fuse"));
}

/* mount.lustre looks names up, and only then may the rest decide. */
static void a_source_is_the_same_or_was_a_name(void **state)
{
	static const struct {
		const char *mounted, *asked;
		bool same;
	} sources[] = {
		{ "10.0.0.10@tcp:/lustrewt", "10.0.0.10@tcp:/lustrewt", true },
		{ "10.0.0.11@tcp:/lustrewt", "10.0.0.10@tcp:/lustrewt", false },
		{ "10.0.0.10@tcp:10.0.0.11@tcp:/lustrewt", "10.0.0.10@tcp:/lustrewt", false },
		{ "10.0.0.10@tcp:/lustrewt", "mgs@tcp:/lustrewt", true },
		{ "10.0.0.10@tcp:/lustrewt", "mgs.example@tcp:/lustrewt", true },
		{ "10.0.0.10@tcp:/lustrewt", "mgs:/lustrewt", true },
		{ "10.0.0.10@tcp:/lustrewt", "10.0.0.9@tcp:mgs@tcp:/lustrewt", true },
		{ "10.0.0.10@tcp:/lustrewt", "10.0.0.9@tcp,mgs@tcp:/lustrewt", true },
		{ "10.0.0.10@tcp:/lustrewt", "10.0.0.9@tcp,10.0.0.8@tcp:/lustrewt", false },
		{ "10.0.0.10@tcp:/lustre", "mgs@tcp:/lustrewt", false },
		{ "10.0.0.10@tcp:/lustrewt/sub", "mgs@tcp:/lustrewt", false },
		{ "10.0.0.10@tcp:/lustrewt/sub", "mgs@tcp:/lustrewt/sub", true },
		{ "10.0.0.10@tcp:/lustrewt//sub/", "10.0.0.10@tcp0:/lustrewt/sub", true },
		{ "10.0.0.10@tcp:/lustrewt/other", "10.0.0.10@tcp:/lustrewt/sub", false },
		{ "10.0.0.11@tcp:10.0.0.10@tcp:/fs", "10.0.0.10@tcp:10.0.0.11@tcp:/fs", true },
		{ "/dev/mapper/x", "mgs@tcp:/lustrewt", false },
		{ "/dev/mapper/x", "/dev/mapper/x", true },
		{ "/dev/mapper/y", "/dev/mapper/x", false },
		{ "", "mgs@tcp:/lustrewt", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (mount_is_source(sources[i].mounted, sources[i].asked) != sources[i].same)
			fail_msg("%s, %s", sources[i].mounted, sources[i].asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_told_apart),
		cmocka_unit_test(a_source_is_the_same_or_was_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
