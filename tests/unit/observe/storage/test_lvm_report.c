/* SPDX-License-Identifier: Apache-2.0 */

/* Reports of lvm 2.03.16 (data/lvm; what tells of hosts was added), and how lvm is asked. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "observe/storage/lvm_report.h"

#include "scenes/recorded.h"

#include <errno.h>

#define GROUP_UUID "LDTxfA-pw8F-c7V7-TiA9-dPB5-aamd-zAePh3"

static char *recorded_report(const char *name)
{
	char path[256], *text = NULL;
	struct error err;

	snprintf(path, sizeof(path), "tests/unit/data/lvm/%s.json", name);
	if (file_read("", path, 65536, &text, NULL, &err) < 0)
		fail_msg("%s", err.text);
	return text;
}

/* Three disks, LVM members all, and one that is none. */
static struct facts make_facts(void)
{
	struct facts facts = { .disks = calloc(4, sizeof(struct disk)), .disk_count = 4 };

	for (int i = 0; i < 4; i++) {
		snprintf(facts.disks[i].name, DISK_NAME_MAX, "nvme%dn1", i);
		snprintf(facts.disks[i].path, PATH_TEXT_MAX, "/dev/nvme%dn1", i);
		snprintf(facts.disks[i].number, sizeof(facts.disks[i].number), "259:%d", i);
		facts.disks[i].kind = DISK_INSTANCE_STORE;
		strcpy(facts.disks[i].signatures[0].type, i == 0 ? "xfs" : "LVM2_member");
		facts.disks[i].signature_count = 1;
	}
	return facts;
}

static struct facts parse(const char *name)
{
	char *text = recorded_report(name);
	struct facts facts = make_facts();
	struct error err;

	if (lvm_report_parse(text, &facts, &err) < 0)
		fail_msg("%s", err.text);
	free(text);
	return facts;
}

static void a_group_is_read_whole(void **state)
{
	struct facts facts = parse("group-and-orphan");
	const struct volume_group *group = &facts.groups[0];

	(void)state;
	assert_int_equal(facts.group_count, 1);
	assert_string_equal(group->name, "lustre-init-1234abcd");
	assert_string_equal(group->uuid, GROUP_UUID);
	assert_int_equal(group->pv_count, 2);
	assert_int_equal(group->pv_missing, 0);
	assert_string_equal(group->system_id, "");
	assert_false(group->exported);
	assert_false(group->shared);
	assert_int_equal(group->size, 2139095040);
	assert_int_equal(group->free, 1048576000);
	assert_int_equal(group->tags.count, 2);
	assert_string_equal(group->tags.items[1], "lustre-init.pvs=2");
	assert_int_equal(group->volume_count, 2);
	assert_string_equal(group->volumes[0].name, "mgt");
	assert_int_equal(group->volumes[0].tags.count, 0);
	assert_string_equal(group->volumes[1].path, "/dev/lustre-init-1234abcd/ost0017");
	assert_int_equal(group->volumes[1].size, 1073741824);
	assert_true(words_contain(&group->volumes[1].tags, "lustre-init.phase=creating"));
	assert_false(group->volumes[1].active);
	assert_string_equal(facts.disks[0].pv_uuid, "");
	assert_string_equal(facts.disks[1].pv_uuid, "hDt7uY-CmgQ-SISl-C1uw-lVGi-C2rK-6zHVlH");
	assert_string_equal(facts.disks[1].vg_uuid, GROUP_UUID);
	assert_string_equal(facts.disks[2].vg_uuid, GROUP_UUID);
	/* vgcreate was cut off: a PV in no group. */
	assert_string_equal(facts.disks[3].pv_uuid, "kZjlRv-w2gY-uQmn-VYdE-xl4T-Yx3I-daVQqW");
	assert_string_equal(facts.disks[3].vg_uuid, "");
	facts_done(&facts);
}

#define GROUP(fields)                                                                        \
	"{\"report\": [{\"vg\": [{\"vg_name\":\"g\", \"vg_uuid\":\"u\", \"vg_size\":\"8\", " \
	"\"vg_free\":\"0\", \"pv_count\":\"1\", \"vg_missing_pv_count\":\"0\", " fields "}]}]}"

#define GROUP_ROW                                                                       \
	"{\"vg_name\":\"g\", \"vg_uuid\":\"u\", \"vg_size\":\"8\", \"vg_free\":\"0\", " \
	"\"pv_count\":\"1\", \"vg_missing_pv_count\":\"0\", \"vg_tags\":\"\", "         \
	"\"vg_systemid\":\"\", "                                                        \
	"\"vg_exported\":\"\", \"vg_shared\":\"\", \"vg_clustered\":\"\", \"vg_lock_type\":\"\"}"

static int parse_text(const char *text, struct facts *ret)
{
	struct error err;

	*ret = make_facts();
	return lvm_report_parse(text, ret, &err);
}

static void whom_lvm_takes_a_group_for_is_read(void **state)
{
	struct facts facts;

	(void)state;
	assert_int_equal(parse_text(GROUP("\"vg_tags\":\"\", \"vg_systemid\":\"ip-10-0-0-17\", "
					  "\"vg_exported\":\"exported\", \"vg_shared\":\"shared\", "
					  "\"vg_clustered\":\"\", \"vg_lock_type\":\"sanlock\""),
				    &facts),
			 0);
	assert_string_equal(facts.groups[0].system_id, "ip-10-0-0-17");
	assert_true(facts.groups[0].exported);
	assert_true(facts.groups[0].shared);
	assert_false(facts.groups[0].clustered);
	assert_string_equal(facts.groups[0].lock_type, "sanlock");
	facts_done(&facts);
	assert_int_equal(parse_text(GROUP("\"vg_tags\":\"\", \"vg_systemid\":\"\", "
					  "\"vg_exported\":\"\", \"vg_shared\":\"\", "
					  "\"vg_clustered\":\"clustered\", "
					  "\"vg_lock_type\":\"none\""),
				    &facts),
			 0);
	assert_true(facts.groups[0].clustered);
	facts_done(&facts);
}

/* report/prefixes, or a newer LVM: a field under another name is not an empty one. */
static void a_field_that_is_not_there_is_no_empty_one(void **state)
{
	struct facts facts;

	(void)state;
	assert_int_equal(parse_text(GROUP("\"LVM2_VG_TAGS\":\"lustre-init\", \"vg_systemid\":\"\", "
					  "\"vg_exported\":\"\", \"vg_shared\":\"\", "
					  "\"vg_clustered\":\"\", \"vg_lock_type\":\"\""),
				    &facts),
			 -EBADMSG);
	facts_done(&facts);
}

/* A group's volumes in another form are not none, and of two groups in one part only one would be
 * looked at. */
static void rows_in_another_form_are_an_error(void **state)
{
	static const char *const reports[] = {
		"{\"report\": [{\"vg\": {}, \"pv\": []}]}",
		"{\"report\": [{\"vg\": [], \"pv\": [], \"lv\": null}]}",
		"{\"report\": [{\"pv\": \"\"}]}",
		"{\"report\": [[]]}",
		"{\"report\": [{\"vg\": [" GROUP_ROW ", " GROUP_ROW "]}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		struct facts facts;

		assert_int_equal(parse_text(reports[i], &facts), -EBADMSG);
		facts_done(&facts);
	}
}

/* What is no number would count as none: no disk is missing, no room is left. */
static void a_number_that_is_none_is_an_error(void **state)
{
	static const char *const fields[] = { "vg_size", "vg_free", "pv_count",
					      "vg_missing_pv_count" };
	static const struct {
		const char *text;
		int result;
	} values[] = {
		{ "8", 0 },          { "", -EBADMSG },   { "-1", -EBADMSG },
		{ "one", -EBADMSG }, { "1 ", -EBADMSG }, { "99999999999999999999", -EBADMSG },
	};
	const size_t count = sizeof(values) / sizeof(values[0]);

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) * count; i++) {
		char text[512];
		struct facts facts;

		/* Of two, the later counts. */
		snprintf(text, sizeof(text),
			 GROUP("\"vg_tags\":\"\", \"vg_systemid\":\"\", \"vg_exported\":\"\", "
			       "\"vg_shared\":\"\", \"vg_clustered\":\"\", \"vg_lock_type\":\"\", "
			       "\"%s\":\"%s\""),
			 fields[i / count], values[i % count].text);
		assert_int_equal(parse_text(text, &facts), values[i % count].result);
		facts_done(&facts);
	}
}

static void a_system_id_that_lvm_would_not_write_is_an_error(void **state)
{
	struct facts facts;

	(void)state;
	assert_int_equal(
		parse_text(GROUP("\"vg_tags\":\"\", \"vg_systemid\":\"a\\\" } global { test=1\", "
				 "\"vg_exported\":\"\", \"vg_shared\":\"\", \"vg_clustered\":\"\", "
				 "\"vg_lock_type\":\"\""),
			   &facts),
		-EBADMSG);
	facts_done(&facts);
}

static void a_missing_disk_is_counted(void **state)
{
	struct facts facts = parse("disk-missing");

	(void)state;
	assert_int_equal(facts.groups[0].pv_count, 2);
	assert_int_equal(facts.groups[0].pv_missing, 1);
	assert_string_equal(facts.disks[1].vg_uuid, GROUP_UUID);
	assert_string_equal(facts.disks[2].pv_uuid, "");
	facts_done(&facts);
}

#define PV(fields) \
	"{\"report\": [{\"pv\": [{" fields ", \"pv_uuid\":\"a-b\", \"vg_uuid\":\"c-d\"}]}]}"

/* udev's rules for EBS put a link as deep as the device itself, and LVM calls the PV by that. */
static void a_disk_is_known_whatever_lvm_calls_it(void **state)
{
	static const char *const names[] = { "/dev/sdf", "/dev/disk/by-id/nvme-data",
					     "/dev/nvme2n1" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct facts facts;

		snprintf(text, sizeof(text),
			 PV("\"pv_name\":\"%s\", \"pv_major\":\"259\", \"pv_minor\":\"1\""),
			 names[i]);
		assert_int_equal(parse_text(text, &facts), 0);
		assert_string_equal(facts.disks[1].pv_uuid, "a-b");
		assert_string_equal(facts.disks[1].vg_uuid, "c-d");
		assert_string_equal(facts.disks[2].pv_uuid, "");
		facts_done(&facts);
	}
}

/* Neither a number of ours nor a missing disk's; and a disk without one is not what says nothing.
 */
static void a_pv_on_none_of_the_disks_is_an_error(void **state)
{
	static const char *const numbers[][2] = {
		{ "253", "1" }, { "259", "9" }, { "", "" },
		{ "259", "" },  { "2591", "" }, { "1", "-1" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct facts facts = make_facts();
		struct error err;

		facts.disks[0].number[0] = '\0';
		snprintf(text, sizeof(text),
			 PV("\"pv_name\":\"/dev/nvme1n1\", \"pv_major\":\"%s\", "
			    "\"pv_minor\":\"%s\""),
			 numbers[i][0], numbers[i][1]);
		assert_int_equal(lvm_report_parse(text, &facts, &err), -EBADMSG);
		assert_non_null(strstr(err.text, "PV a-b lies on /dev/nvme1n1"));
		facts_done(&facts);
	}
}

/* By the versions that are known. */
static void a_missing_pv_lies_on_none(void **state)
{
	static const char *const numbers[] = { "0", "-1" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct facts facts = make_facts();
		struct error err;

		snprintf(text, sizeof(text),
			 PV("\"pv_name\":\"[unknown]\", \"pv_major\":\"%s\", \"pv_minor\":\"%s\""),
			 numbers[i], numbers[i]);
		assert_int_equal(lvm_report_parse(text, &facts, &err), 0);
		for (size_t j = 0; j < facts.disk_count; j++)
			assert_string_equal(facts.disks[j].pv_uuid, "");
		facts_done(&facts);
	}
}

/* Two that are nobody's would be one and the same. */
static void a_group_without_a_name_or_uuid_is_an_error(void **state)
{
	static const char whole[] =
		"{\"report\": [{\"vg\": [{\"vg_name\": \"%s\", \"vg_uuid\": \"%s\", \"vg_size\": "
		"\"1\", \"vg_free\": \"0\", \"vg_tags\": \"\", \"vg_systemid\": \"\", "
		"\"vg_exported\": \"\", \"vg_shared\": \"\", \"vg_clustered\": \"\", "
		"\"vg_lock_type\": \"\", \"pv_count\": \"1\", "
		"\"vg_missing_pv_count\": \"0\"}], \"pv\": [], \"lv\": [], \"pvseg\": [], \"seg\": "
		"[]}]}";
	static const struct {
		const char *name, *uuid;
		int result;
	} groups[] = { { "g", "u", 0 }, { "", "u", -EBADMSG }, { "g", "", -EBADMSG } };
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct facts facts;

		snprintf(text, sizeof(text), whole, groups[i].name, groups[i].uuid);
		assert_int_equal(parse_text(text, &facts), groups[i].result);
		facts_done(&facts);
	}
}

static void no_group_is_no_error(void **state)
{
	struct facts facts = parse("nothing");

	(void)state;
	assert_int_equal(facts.group_count, 0);
	facts_done(&facts);
}

/* As lvm2 2.03.16 says it over two disks whose metadata a power cut has torn. */
static void remarks_inside_are_skipped(void **state)
{
	static const char text[] = "  {\n"
				   "      \"report\": [\n"
				   "  Retrying metadata scan.\n"
				   "          {\n"
				   "              \"vg\": [\n"
				   "              ]\n"
				   "              ,\n"
				   "              \"pv\": [\n"
				   "                  {\"pv_name\":\"/dev/nvme1n1\", "
				   "\"pv_major\":\"259\", \"pv_minor\":\"1\", "
				   "\"pv_uuid\":\"a-b\", \"vg_uuid\":\"\"}\n"
				   "              ]\n"
				   "          }\n"
				   "      ]\n"
				   "  }\n";
	struct facts facts = make_facts();
	struct error err;

	(void)state;
	assert_int_equal(lvm_report_parse(text, &facts, &err), 0);
	assert_int_equal(facts.group_count, 0);
	assert_string_equal(facts.disks[1].pv_uuid, "a-b");
	facts_done(&facts);
}

static void what_is_no_report_is_an_error(void **state)
{
	static const char *const broken[] = { "", "{", "[]", "{\"report\": 1}", "{\"log\": []}" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct facts facts = { 0 };
		struct error err;

		assert_int_equal(lvm_report_parse(broken[i], &facts, &err), -EBADMSG);
		facts_done(&facts);
	}
}

static bool all_but_third(const struct disk *disk, void *userdata)
{
	(void)userdata;
	return strcmp(disk->name, "nvme3n1") != 0;
}

static bool none(const struct disk *disk, void *userdata)
{
	(void)disk;
	(void)userdata;
	return false;
}

/* Members that may be ours, and nothing else; only reading; nothing of the machine's own view. */
static void lvm_sees_only_the_disks_it_is_given(void **state)
{
	struct facts facts = make_facts();
	struct recorded machine;
	struct error err;
	char *asked = NULL;

	(void)state;
	recorded_start(&machine);
	recorded_tool(&machine, "lvm",
		      "for word; do echo \"<$word>\"; done >\"${0%/*}/asked\"\n"
		      "echo '{\"report\": []}'");
	assert_int_equal(lvm_report_read(machine.root, &facts, all_but_third, NULL,
					 /* inquiries= */ NULL, &err),
			 0);
	assert_int_equal(file_read(machine.root, "/tools/asked", 4096, &asked, NULL, &err), 0);
	assert_non_null(strstr(asked, "<--readonly>"));
	assert_non_null(strstr(asked, "<--foreign>\n<--shared>\n"));
	assert_non_null(strstr(asked, "<--devicesfile>\n<>\n<--config>\n"));
	assert_non_null(
		strstr(asked, "<--devices>\n</dev/nvme1n1>\n<--devices>\n</dev/nvme2n1>\n"));
	assert_null(strstr(asked, "nvme0n1"));
	assert_null(strstr(asked, "nvme3n1"));
	free(asked);
	facts_done(&facts);
	recorded_end(&machine);
}

static void without_a_member_lvm_is_not_run(void **state)
{
	struct facts facts = make_facts();
	struct recorded machine;
	struct error err;

	(void)state;
	recorded_start(&machine);
	recorded_tool(&machine, "lvm", "exit 5");
	assert_int_equal(
		lvm_report_read(machine.root, &facts, none, NULL, /* inquiries= */ NULL, &err), 0);
	/* And with one, its failure is not taken for "no groups". */
	assert_int_equal(lvm_report_read(machine.root, &facts, all_but_third, NULL,
					 /* inquiries= */ NULL, &err),
			 -EIO);
	assert_non_null(strstr(err.text, "status 5"));
	recorded_tool(&machine, "lvm", "kill -KILL $$");
	assert_int_equal(lvm_report_read(machine.root, &facts, all_but_third, NULL,
					 /* inquiries= */ NULL, &err),
			 -ECANCELED);
	facts_done(&facts);
	recorded_end(&machine);
}

/* Cut, it would be the name of another group, which commands would be given. */
static void a_name_that_does_not_fit_is_an_error(void **state)
{
	static const char whole[] =
		"{\"report\": [{\"vg\": [{\"vg_name\": \"%s\", \"vg_uuid\": \"%s\", \"vg_size\": "
		"\"1\", \"vg_free\": \"0\", \"vg_tags\": \"\", \"vg_systemid\": \"\", "
		"\"vg_exported\": \"\", \"vg_shared\": \"\", \"vg_clustered\": \"\", "
		"\"vg_lock_type\": \"\", \"pv_count\": \"1\", "
		"\"vg_missing_pv_count\": \"0\"}]}]}";
	char longer[201], report[1024];
	const struct {
		const char *name, *uuid;
		int code;
	} rows[] = {
		{ "short", "short", 0 },
		{ longer, "short", -ENAMETOOLONG },
		{ "short", longer, -ENAMETOOLONG },
	};
	struct error err;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts facts = { 0 };

		snprintf(report, sizeof(report), whole, rows[i].name, rows[i].uuid);
		assert_int_equal(lvm_report_parse(report, &facts, &err), rows[i].code);
		facts_done(&facts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_is_read_whole),
		cmocka_unit_test(whom_lvm_takes_a_group_for_is_read),
		cmocka_unit_test(a_field_that_is_not_there_is_no_empty_one),
		cmocka_unit_test(rows_in_another_form_are_an_error),
		cmocka_unit_test(a_number_that_is_none_is_an_error),
		cmocka_unit_test(a_system_id_that_lvm_would_not_write_is_an_error),
		cmocka_unit_test(a_missing_disk_is_counted),
		cmocka_unit_test(a_disk_is_known_whatever_lvm_calls_it),
		cmocka_unit_test(a_pv_on_none_of_the_disks_is_an_error),
		cmocka_unit_test(a_missing_pv_lies_on_none),
		cmocka_unit_test(a_group_without_a_name_or_uuid_is_an_error),
		cmocka_unit_test(no_group_is_no_error),
		cmocka_unit_test(remarks_inside_are_skipped),
		cmocka_unit_test(what_is_no_report_is_an_error),
		cmocka_unit_test(lvm_sees_only_the_disks_it_is_given),
		cmocka_unit_test(without_a_member_lvm_is_not_run),
		cmocka_unit_test(a_name_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
