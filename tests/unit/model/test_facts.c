/* SPDX-License-Identifier: Apache-2.0 */

/* Facts and their JSON: the reading of what was written is the identity, and fixtures with mistakes
 * are refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "model/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char machine[] =
	"{"
	" \"instance-id\": \"i-0abc\", \"instance-type\": \"i4i.8xlarge\","
	" \"local-ipv4\": \"10.0.0.23\", \"subnet\": \"10.0.0.0/24\", \"mac\": "
	"\"0a:00:00:00:00:01\","
	" \"assigned\": [\"0a:00:00:00:00:99=10.0.8.23\"],"
	" \"launch-index\": 0,"
	" \"platform\": { \"kernel\": \"5.14.0\", \"missing-modules\": [\"osd_ldiskfs\"], "
	"\"missing-tools\": "
	"[\"lctl\"] },"
	" \"disks\": ["
	"  { \"name\": \"nvme0n1\", \"path\": \"/dev/nvme0n1\", \"size\": 8589934592, \"kind\": "
	"\"ebs\","
	"    \"attached-as\": \"xvda\", \"partitions\": [\"nvme0n1p1\"], \"mounts\": [\"/\"] },"
	"  { \"name\": \"nvme1n1\", \"path\": \"/dev/nvme1n1\", \"size\": 3750000000000,"
	"    \"logical-sector\": 512, \"rotational\": true, \"read-only\": true,"
	"    \"kind\": \"instance-store\", \"kind-proof\": \"NVMe\", \"model\": \"M\","
	"    \"serial\": \"AWS1\", \"attached-as\": \"ephemeral0:none\","
	"    \"pci-address\": \"0000:00:1f.0\", \"links\": [\"/dev/disk/by-id/nvme-AWS1\"],"
	"    \"blank\": \"no\", \"not-blank-because\": \"signature\","
	"    \"signatures\": [{ \"type\": \"LVM2_member\", \"uuid\": \"u\", \"label\": \"l\" }],"
	"    \"lvm-text-torn\": true,"
	"    \"holders\": [\"dm-0\"], \"swap\": true, \"busy\": true,"
	"    \"pv-uuid\": \"p\", \"vg-uuid\": \"v\" } ],"
	" \"volume-groups\": [ { \"name\": \"lustre-init-1234abcd\", \"uuid\": \"v\", "
	"\"pv-count\": 2,"
	"    \"pv-missing\": 1, \"size\": 10, \"free\": 5, \"tags\": [\"lustre-init\"],"
	"    \"system-id\": \"ip-10-0-0-17\", \"exported\": true, \"shared\": true,"
	"    \"clustered\": true, \"lock-type\": \"dlm\","
	"    \"volumes\": [ { \"name\": \"ost0017\", \"uuid\": \"w\", \"path\": \"/dev/x/ost0017\","
	"      \"device\": \"dm-0\", \"size\": 5, \"active\": true, \"tags\": [\"a\", \"b\"],"
	"      \"content\": { \"known\": true, \"type\": \"ext4\", \"label\": \"lustrewt-OST0017\","
	"        \"uuid\": \"f\", \"needs-recovery\": true, \"lustre\": true,"
	"        \"lustre-target\": \"lustrewt-OST0017\", \"served\": true } },"
	"      { \"name\": \"mgt\", \"content\": { \"unknown-because\": \"why\" } } ] } ],"
	" \"interfaces\": [ { \"name\": \"ens5\", \"mac\": \"0a:00:00:00:00:01\", \"up\": true,"
	"    \"ipv4\": \"10.0.0.23\", \"prefix-length\": 24, \"tentative\": true,"
	"    \"addresses\": [\"10.0.0.99\", \"10.0.0.23\"], \"taken\": [\"ens5=10.0.0.99\"] } ],"
	" \"hosts\": [ { \"name\": \"mgs.internal\", \"addresses\": [\"10.0.0.10\"] } ],"
	" \"lnet\": \"up\", \"nids\": [\"10.0.0.23@tcp\"], \"lnet-adds-by-nid\": true,"
	" \"mounts\": [ { \"source\": \"/dev/mapper/x-ost0017\", \"target\": \"/srv\","
	"    \"fstype\": \"lustre\", \"device\": \"dm-0\", \"read-only\": true } ],"
	" \"random\": \"00\""
	"}";

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!json)
		fail_msg("line %d: %s", error.line, error.text);
	return json;
}

static void every_field_survives_json(void **state)
{
	cleanup(json_decrefp) json_t *written = parse(machine);
	cleanup(json_decrefp) json_t *again = NULL;
	struct facts facts;
	struct error err = { 0 };

	(void)state;
	if (facts_from_json(written, &facts, &err) < 0)
		fail_msg("%s", err.text);
	again = facts_to_json(&facts);
	if (!json_equal(written, again))
		fail_msg("%s", json_dumps(again, JSON_INDENT(1)));
	/* Each in its place, not only in some place. */
	assert_int_equal(facts.disk_count, 2);
	assert_int_equal(facts.disks[0].kind, DISK_EBS);
	assert_string_equal(facts.disks[1].signatures[0].type, "LVM2_member");
	assert_int_equal(facts.disks[1].size, 3750000000000);
	assert_int_equal(facts.disks[1].logical_sector, 512);
	assert_int_equal(facts.groups[0].pv_missing, 1);
	assert_true(facts.disks[1].lvm_text_torn);
	assert_string_equal(facts.groups[0].system_id, "ip-10-0-0-17");
	assert_string_equal(facts.groups[0].volumes[0].content.label, "lustrewt-OST0017");
	assert_true(facts.groups[0].volumes[0].content.served);
	assert_string_equal(facts.interfaces[0].addresses.items[1], "10.0.0.23");
	assert_string_equal(facts.hosts[0].addresses.items[0], "10.0.0.10");
	assert_int_equal(facts.lnet, LNET_UP);
	assert_int_equal(facts.launch_index, 0);
	facts_done(&facts);
}

/* By MAC, in whatever case it is. */
static void the_metadata_assigns_addresses(void **state)
{
	struct facts facts = { .mac = "0a:00:00:00:00:17", .local_ipv4 = "10.0.0.23" };
	const struct interface primary = { .mac = "0A:00:00:00:00:17" };
	const struct interface second = { .mac = "0A:00:00:00:00:99" };
	const struct interface other = { .mac = "0a:00:00:00:00" };
	const struct interface tunnel = { .mac = "" };

	(void)state;
	assert_int_equal(words_add(&facts.assigned, "0a:00:00:00:00:99=10.0.8.23"), 0);
	assert_string_equal(facts_assigned(&facts, &primary), "10.0.0.23");
	assert_string_equal(facts_assigned(&facts, &second), "10.0.8.23");
	assert_string_equal(facts_assigned(&facts, &other), "");
	assert_string_equal(facts_assigned(&facts, &tunnel), "");
	facts_done(&facts);
}

static void nothing_is_written_for_nothing(void **state)
{
	const struct facts nothing = { .launch_index = -1 };
	cleanup(json_decrefp) json_t *json = facts_to_json(&nothing);
	struct facts facts;

	(void)state;
	assert_int_equal(json_object_size(json), 0);
	assert_int_equal(facts_from_json(json, &facts, NULL), 0);
	assert_int_equal(facts.launch_index, -1);
	facts_done(&facts);
}

static void mistakes_in_fixtures_are_refused(void **state)
{
	static const char *const broken[][2] = {
		{ "[]", "object" },
		{ "{\"disk\": []}", "disk" },
		{ "{\"disks\": {}}", "disks" },
		{ "{\"disks\": [{\"name\": \"a\"}, {\"size\": -1}]}", "disks 2: size" },
		{ "{\"disks\": [{\"size\": \"1\"}]}", "size" },
		{ "{\"disks\": [{\"logical-sector\": 4294967296}]}", "logical-sector" },
		{ "{\"disks\": [{\"size\": 9223372036854775807}]}", "size" },
		{ "{\"interfaces\": [{\"prefix-length\": 33}]}", "prefix-length" },
		{ "{\"disks\": [{\"kind\": \"nvme\"}]}", "nvme" },
		{ "{\"disks\": [{\"kind\": 1}]}", "kind" },
		{ "{\"disks\": [{\"swap\": 1}]}", "swap" },
		{ "{\"disks\": [{\"links\": [1]}]}", "links" },
		{ "{\"disks\": [{\"signatures\": [{}, {}, {}, {}, {}]}]}", "signatures" },
		{ "{\"interfaces\": [{\"name\": \"sixteen-or-longer\"}]}", "name" },
		{ "{\"launch-index\": -1}", "launch-index" },
		{ "{\"volume-groups\": [{\"volumes\": [{\"content\": {\"x\": 1}}]}]}", "\"x\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		cleanup(json_decrefp) json_t *json = parse(broken[i][0]);
		struct facts facts;
		struct error err = { 0 };

		assert_int_equal(facts_from_json(json, &facts, &err), -EINVAL);
		if (!strstr(err.text, broken[i][1]))
			fail_msg("%s: \"%s\" does not name %s", broken[i][0], err.text,
				 broken[i][1]);
	}
}

/* A list of millions of nothings would be gigabytes of disks. */
static void lists_are_bounded(void **state)
{
	static const char *const lists[] = { "disks", "volume-groups", "interfaces", "mounts" };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		cleanup(json_decrefp) json_t *json = json_object();
		json_t *list = json_array();
		struct error err = { 0 };
		struct facts facts;

		for (unsigned k = 0; k < 110000; k++)
			json_array_append_new(list, json_object());
		json_object_set_new(json, lists[i], list);
		assert_int_equal(facts_from_json(json, &facts, &err), -EINVAL);
		assert_non_null(strstr(err.text, "more than"));
	}
}

static void things_are_found(void **state)
{
	cleanup(json_decrefp) json_t *json = parse(machine);
	struct facts facts;

	(void)state;
	assert_int_equal(facts_from_json(json, &facts, NULL), 0);
	assert_ptr_equal(facts_disk_by_serial(&facts, "AWS1"), &facts.disks[1]);
	assert_null(facts_disk_by_serial(&facts, "AWS2"));
	/* The root disk has no serial here; no serial finds nothing. */
	assert_null(facts_disk_by_serial(&facts, ""));
	assert_ptr_equal(facts_group_by_uuid(&facts, "v"), &facts.groups[0]);
	assert_null(facts_group_by_uuid(&facts, ""));
	assert_ptr_equal(facts_mount_at(&facts, "/srv"), &facts.mounts[0]);
	assert_null(facts_mount_at(&facts, "/"));
	facts_done(&facts);
}

static void disks_are_chosen_by_proof_or_name(void **state)
{
	struct disk store = { .kind = DISK_INSTANCE_STORE, .attached_as = "ephemeral0:sdb" };
	struct disk volume = { .kind = DISK_EBS, .attached_as = "sdf" };
	struct disk other = { .kind = DISK_OTHER, .attached_as = "sdf" };
	struct disk nameless = { .kind = DISK_EBS };

	(void)state;
	assert_true(disk_is_chosen(&store, DISKS_INSTANCE_STORE, ""));
	assert_false(disk_is_chosen(&volume, DISKS_INSTANCE_STORE, ""));
	assert_false(disk_is_chosen(&other, DISKS_INSTANCE_STORE, ""));
	assert_true(disk_is_chosen(&volume, DISKS_EBS, "sdf"));
	assert_true(disk_is_chosen(&volume, DISKS_EBS, "/dev/sdf"));
	assert_false(disk_is_chosen(&volume, DISKS_EBS, "sdg"));
	assert_false(disk_is_chosen(&other, DISKS_EBS, "sdf"));
	assert_false(disk_is_chosen(&nameless, DISKS_EBS, ""));
	assert_false(disk_is_chosen(&other, DISKS_PATH, "/dev/disk/by-id/x"));
	assert_int_equal(words_add(&other.links, "/dev/disk/by-id/x"), 0);
	assert_true(disk_is_chosen(&other, DISKS_PATH, "/dev/disk/by-id/x"));
	words_done(&other.links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_survives_json),
		cmocka_unit_test(the_metadata_assigns_addresses),
		cmocka_unit_test(nothing_is_written_for_nothing),
		cmocka_unit_test(mistakes_in_fixtures_are_refused),
		cmocka_unit_test(lists_are_bounded),
		cmocka_unit_test(things_are_found),
		cmocka_unit_test(disks_are_chosen_by_proof_or_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
