/* SPDX-License-Identifier: Apache-2.0 */

/* What in the mount table is Lustre's, and which of it is the one that was asked for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/mount_look.h"

#include <string.h>

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

/* Only where it is certain: no address of the MGS's is among those that the target asks. */
static void a_target_asks_the_mgs_that_it_was_formatted_with(void **state)
{
	static const struct {
		const char *options, *mgs, *at;
	} mounts[] = {
		{ "rw,svname=fs-OST0000,mgsnode=10.0.0.10@tcp,osd=osd-ldiskfs", "10.0.0.99@tcp",
		  "10.0.0.10@tcp" },
		{ "rw,mgsnode=10.0.0.10@tcp:10.0.0.11@tcp", "10.0.0.99@tcp",
		  "10.0.0.10@tcp, 10.0.0.11@tcp" },
		{ "rw,mgsnode=10.0.0.10@tcp,10.1.0.10@tcp1:10.0.0.11@tcp,osd=x@y", "10.0.0.99@tcp",
		  "10.0.0.10@tcp, 10.1.0.10@tcp1, 10.0.0.11@tcp" },
		{ "rw,mgsnode=10.0.0.10@tcp,mgsnode=10.0.0.11@tcp", "10.0.0.99@tcp",
		  "10.0.0.10@tcp, 10.0.0.11@tcp" },
		{ "rw,mgsnode=10.0.0.10@tcp", "10.0.0.10@tcp1", "10.0.0.10@tcp" },
		{ "rw,mgsnode=10.0.0.10@tcp0", "10.0.0.10@tcp", "" },
		{ "rw,mgsnode=10.0.0.10@tcp:10.0.0.11@tcp", "10.0.0.99@tcp 10.0.0.11@tcp", "" },
		{ "rw,mgsnode=10.0.0.10@tcp", "10.0.0.99@tcp mgs.internal@tcp", "" },
		{ "rw,mgsnode=fd00::10@tcp", "10.0.0.99@tcp", "" },
		{ "rw,mgsnode=", "10.0.0.99@tcp", "" },
		{ "rw,mgsnode=10.0.0.10@tcp", "", "" },
		{ "rw,errors=remount-ro", "10.0.0.99@tcp", "" },
		{ "", "10.0.0.99@tcp", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		struct words mgs = { 0 }, at = { 0 };
		char text[256] = "";

		assert_int_equal(words_split(&mgs, mounts[i].mgs, " "), 0);
		if (mount_asks_another_mgs(mounts[i].options, &mgs, &at))
			words_list(&at, text, sizeof(text));
		if (strcmp(text, mounts[i].at) != 0)
			fail_msg("%s of %s: \"%s\"", mounts[i].options, mounts[i].mgs, text);
		words_done(&mgs);
		words_done(&at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_told_apart),
		cmocka_unit_test(a_source_is_the_same_or_was_a_name),
		cmocka_unit_test(a_target_asks_the_mgs_that_it_was_formatted_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
