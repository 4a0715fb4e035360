/* SPDX-License-Identifier: Apache-2.0 */

/* What every call of LVM says, whatever an AMI's lvm.conf does. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lvm_command.h"

#include <string.h>

static struct words begin(const char *group, const char *system_id)
{
	struct words argv = { 0 };

	assert_int_equal(lvm_command_begin(&argv, "vgs", group, system_id), 0);
	assert_int_equal(argv.count, 6);
	assert_string_equal(argv.items[0], "lvm");
	assert_string_equal(argv.items[1], "vgs");
	assert_string_equal(argv.items[2], "--devicesfile");
	assert_string_equal(argv.items[3], "");
	assert_string_equal(argv.items[4], "--config");
	return argv;
}

static void expect(const char *settings, const char *setting)
{
	if (!strstr(settings, setting))
		fail_msg("%s is not said in: %s", setting, settings);
}

/* Each was seen to hide a group of ours, to change what is read of it, or to do nothing instead. */
static void what_shapes_an_answer_is_ours(void **state)
{
	static const char *const settings[] = {
		"list_item_separator=\",\"",
		"prefixes=0",
		"compact_output=0",
		"prefix=\"  \"",
		"command_names=0",
		"report_command_log=0",
		"use_lvmlockd=0",
		"test=0",
		"activation=1",
		"metadata_read_only=0",
		"hints=\"none\"",
		"use_devicesfile=0",
		" filter=[\"a|.*|\"]",
		"global_filter=[\"a|.*|\"]",
		"md_component_detection=0",
		"multipath_component_detection=0",
		"default_data_alignment=1",
		"backup_dir=\"/etc/lvm/backup\"",
		"archive_dir=\"/etc/lvm/archive\"",
		"hosttags=0",
	};
	struct words argv = begin("", "");

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		expect(argv.items[5], settings[i]);
	words_done(&argv);
}

static void nothing_but_the_group_may_be_activated(void **state)
{
	struct words argv = begin("lustre-init-0badcafe", "");

	(void)state;
	expect(argv.items[5], "volume_list=[\"lustre-init-0badcafe\"] read_only_volume_list=[]");
	words_done(&argv);
	argv = begin("", "");
	expect(argv.items[5], " volume_list=[] ");
	words_done(&argv);
}

/* Not the host's name, nor what lvmlocal.conf says. */
static void the_system_id_is_the_groups(void **state)
{
	struct words argv = begin("", "");

	(void)state;
	expect(argv.items[5], "system_id_source=\"none\"");
	words_done(&argv);
	argv = begin("", "ip-10-0-0-17");
	expect(argv.items[5],
	       "system_id_source=\"lvmlocal\" } local { system_id=\"ip-10-0-0-17\" }");
	words_done(&argv);
}

static void a_system_id_is_no_setting(void **state)
{
	(void)state;
	assert_true(lvm_system_id_is_valid(""));
	assert_true(lvm_system_id_is_valid("ip-10-0-0-17.ec2.internal_x+1"));
	assert_false(lvm_system_id_is_valid("a\" test=1"));
	assert_false(lvm_system_id_is_valid("a b"));
	assert_false(lvm_system_id_is_valid("a\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_shapes_an_answer_is_ours),
		cmocka_unit_test(nothing_but_the_group_may_be_activated),
		cmocka_unit_test(the_system_id_is_the_groups),
		cmocka_unit_test(a_system_id_is_no_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
