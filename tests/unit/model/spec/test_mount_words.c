/* SPDX-License-Identifier: Apache-2.0 */

/* Each mount option goes to what can have it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/mount_words.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *word;
	enum mount_word_owner owner;
} rows[] = {
	{ "flock", MOUNT_WORD_CLIENT },
	{ "localflock", MOUNT_WORD_CLIENT },
	{ "nolazystatfs", MOUNT_WORD_CLIENT },
	{ "user_fid2path", MOUNT_WORD_CLIENT },
	{ "foreign_symlink=/mnt/x", MOUNT_WORD_CLIENT },
	{ "abort_recov", MOUNT_WORD_TARGET },
	{ "recovery_time_soft=60", MOUNT_WORD_TARGET },
	{ "max_sectors_kb=1024", MOUNT_WORD_TARGET },
	{ "errors=panic", MOUNT_WORD_TARGET },
	{ "nobarrier", MOUNT_WORD_TARGET },
	/* Of both, or of the kernel. */
	{ "noatime", MOUNT_WORD_ANY },
	{ "ro", MOUNT_WORD_ANY },
	{ "user_xattr", MOUNT_WORD_ANY },
	{ "mgssec=skpi", MOUNT_WORD_ANY },
	{ "skpath=/etc/lustre/keys", MOUNT_WORD_ANY },
	/* Not what they begin like. */
	{ "flocks", MOUNT_WORD_ANY },
	{ "errors", MOUNT_WORD_ANY },
	{ "", MOUNT_WORD_ANY },
};

static void whose_an_option_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (mount_word_owner(rows[i].word) != rows[i].owner)
			fail_msg("%s", rows[i].word);
}

static void the_others_are_left_out(void **state)
{
	struct words all = { 0 }, mine = { 0 };

	(void)state;
	assert_int_equal(words_split(&all, "flock noatime abort_recov", " "), 0);
	assert_int_equal(mount_words_add(&mine, &all, MOUNT_WORD_TARGET), 0);
	assert_int_equal(mine.count, 2);
	assert_string_equal(mine.items[0], "flock");
	assert_string_equal(mine.items[1], "noatime");
	words_done(&mine);
	assert_int_equal(mount_words_add(&mine, &all, MOUNT_WORD_CLIENT), 0);
	assert_int_equal(mine.count, 2);
	assert_string_equal(mine.items[1], "abort_recov");
	words_done(&mine);
	words_done(&all);
}

/* The kernel knows Lustre's own by their first letters, and so does this. */
static void what_fights_the_agent_is_refused(void **state)
{
	static const char *const bad[] = {
		"nosvc",
		"nosvc=1",
		"nosvcx",
		"nomgs=yes",
		"writeconf",
		"writeconf2",
		"updatex",
		"virgin1",
		"device=/dev/sda",
		"svname=x",
		"osd=x",
		"retry=2",
		"x-systemd",
		"X-mount.subdir=a",
		"comment=x",
		"remount",
		"bind",
		"auto",
		"user",
	};
	static const char *const good[] = {
		"noatime", "user_xattr", "user_fid2path", "autodegrade", "loops", "noir",
	};
	struct error why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (mount_word_check(bad[i], &why) != -EINVAL)
			fail_msg("%s is taken", bad[i]);
		assert_non_null(strstr(why.text, "leave it out"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (mount_word_check(good[i], &why) != 0)
			fail_msg("%s: %s", good[i], why.text);
}

/* A list that lacks a word makes no list that looks whole. */
static void a_failed_list_stays_failed(void **state)
{
	struct words all = { .failed = true }, mine = { 0 };

	(void)state;
	assert_true(mount_words_add(&mine, &all, MOUNT_WORD_CLIENT) < 0);
	assert_true(mine.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_an_option_is),
		cmocka_unit_test(what_fights_the_agent_is_refused),
		cmocka_unit_test(the_others_are_left_out),
		cmocka_unit_test(a_failed_list_stays_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
