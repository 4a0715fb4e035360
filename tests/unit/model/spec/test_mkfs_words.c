/* SPDX-License-Identifier: Apache-2.0 */

/* What may be added to the command line of mkfs.lustre, which runs mke2fs through a shell. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/mkfs_words.h"

#include <errno.h>
#include <string.h>

static void quotation_marks_keep_blanks_together(void **state)
{
	struct words words = { 0 };
	struct error why;

	(void)state;
	assert_int_equal(mkfs_words_split(" --a  --b=\"c d\"e 'f \"g' \t", &words, &why), 0);
	assert_int_equal(words.count, 3);
	assert_string_equal(words.items[0], "--a");
	assert_string_equal(words.items[1], "--b=c de");
	assert_string_equal(words.items[2], "f \"g");
	words_done(&words);
	assert_int_equal(mkfs_words_split("--a=\"b", &words, &why), -EINVAL);
	assert_non_null(strstr(why.text, "not closed"));
	words_done(&words);
	assert_int_equal(mkfs_words_split("  ", &words, &why), 0);
	assert_int_equal(words.count, 0);
}

/* Words that are separated by "|". */
static int check(const char *text, struct error *why)
{
	struct words words = { 0 };
	int r;

	assert_int_equal(*text ? words_split(&words, text, "|") : words_add(&words, ""), 0);
	r = mkfs_words_check(&words, why);
	words_done(&words);
	return r;
}

static void what_shapes_the_file_system_passes(void **state)
{
	static const char *const good[] = {
		"--mkfsoptions=-i 1048576 -E nodiscard,lazy_itable_init=1",
		"--mkfsoptions=-O ^fast_commit",
		"--mkfsoptions=-J size=512",
		"--mkfsoptions=-Elazy_itable_init=1",
		"--mountfsoptions=user_xattr,errors=remount-ro",
		"--param=ost.quota_type=ug",
		"--stripe-count-hint=4",
		"--servicenode=10.0.0.1@tcp:10.0.0.2@tcp",
		"--comment=made at boot",
		"--mkfsoptions=-m 0.5 -b 4096 -N 2000000 -C 64k",
		"--mountfsoptions=user_xattr|--servicenode=10.0.0.1@tcp",
	};
	struct error why;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i], &why) != 0)
			fail_msg("%s: %s", good[i], why.text);
}

static const struct {
	const char *word;
	const char *reason;
} bad[] = {
	{ "--reformat", "decides over data" },
	{ "--replace", "use the key replace" },
	{ "--index=3", "the keys index" },
	{ "--fsname=x", "the key fsname" },
	{ "--mgsnode=x@tcp", "the key mgs" },
	{ "--ost", "the key role" },
	{ "--backfstype=zfs", "always ldiskfs" },
	/* getopt_long(3) would take these for --reformat, --replace and --index. */
	{ "--ref", "may be passed on" },
	{ "--repl", "may be passed on" },
	{ "--ind=3", "may be passed on" },
	{ "--mkfsoption=-i 1", "may be passed on" },
	{ "-E", "is an option of mke2fs" },
	{ "-r", "may be passed on" },
	{ "--", "may be passed on" },
	{ "/dev/sda", "may be passed on" },
	{ "", "may be passed on" },
	{ "--param", "write --param=VALUE as one word" },
	{ "--param=", "write --param=VALUE as one word" },
	{ "--param=mgsnode=1@tcp", "the key mgs" },
	{ "--comment=$(reboot)", "character" },
	{ "--comment=a;b", "character" },
	{ "--comment=a\nb", "character" },
	{ "--comment=`a`", "character" },
	{ "--comment=a\"b", "character" },
	{ "--comment=a'b", "character" },
	{ "--comment=a>b", "character" },
	{ "--comment=a&b", "character" },
	{ "--comment=a*", "character" },
	{ "--comment=a\\b", "character" },
	{ "--comment=~", "character" },
	{ "--comment=#", "character" },
	{ "--mkfsoptions=-F", "not an option of mke2fs" },
	{ "--mkfsoptions=-L x", "not an option of mke2fs" },
	{ "--mkfsoptions=-n", "not an option of mke2fs" },
	{ "--mkfsoptions=-i 4096 /dev/sda", "not an option of mke2fs" },
	{ "--mkfsoptions=-", "not an option of mke2fs" },
	{ "--mkfsoptions=-i", "lacks its argument" },
	{ "--mkfsoptions=-i -E x", "lacks its argument" },
	{ "--mkfsoptions=-J device=/dev/sda", "another disk" },
	{ "--mkfsoptions=-J size=4,device=LABEL=x", "another disk" },
	{ "--mkfsoptions=-E offset=4096", "cannot be mounted" },
	{ "--mkfsoptions=-O journal_dev", "but a journal" },
	{ "--mkfsoptions=-E assume_storage_prezeroed=1", "which disks read zero" },
	{ "--mkfsoptions=-E stride=64,assume_storage_prezeroed", "which disks read zero" },
	{ "--mkfsoptions=-Eassume_storage_prezeroed=1", "which disks read zero" },
	{ "--mkfsoptions=-O large_dir,^has_journal", "needs the journal" },
	{ "--mkfsoptions=-i abc", "a number above 0" },
	{ "--mkfsoptions=-i 0", "a number above 0" },
	{ "--mkfsoptions=-N 1e6", "a number above 0" },
	{ "--mkfsoptions=-b4096x", "a number above 0" },
	{ "--mkfsoptions=-m 100", "0 to 50 percent" },
	{ "--mkfsoptions=-m 5%", "0 to 50 percent" },
	{ "--servicenode=10.0.0.23@tcp|--failnode=10.0.0.24@tcp", "cannot stand together" },
	/* Written down, they would be options of every mount. */
	{ "--mountfsoptions=user_xattr,nosvc", "without serving it" },
	{ "--mountfsoptions=nomgs", "without serving it" },
	{ "--mountfsoptions=writeconf", "erase the configuration" },
	{ "--mountfsoptions=virgin", "kept by the target" },
	{ "--mountfsoptions=mgsnode=10.0.0.9@tcp", "the key mgs" },
	{ "--mountfsoptions=osd=zfs", "the target itself" },
	{ "--mountfsoptions=svname=x", "the target itself" },
	{ "--mountfsoptions=device=/dev/sda", "the target itself" },
	{ "--mountfsoptions=retry=3", "retry inside" },
	{ "--mountfsoptions=remount", "something else" },
	{ "--mountfsoptions=acl,ro", "serves nothing" },
	{ "--mountfsoptions=rdonly_dev", "serves nothing" },
};

static void everything_else_is_refused(void **state)
{
	struct error why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (check(bad[i].word, &why) != -EINVAL)
			fail_msg("\"%s\" is taken", bad[i].word);
		if (!strstr(why.text, bad[i].reason))
			fail_msg("\"%s\": %s", bad[i].word, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotation_marks_keep_blanks_together),
		cmocka_unit_test(what_shapes_the_file_system_passes),
		cmocka_unit_test(everything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
