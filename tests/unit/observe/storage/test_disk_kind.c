/* SPDX-License-Identifier: Apache-2.0 */

/* S1: a disk is instance store, or EBS, by positive proof only. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/storage/disk_kind.h"
#include "observe/storage/disk_rows.h"
#include "observe/storage/xen.h"

#include "scenes/recorded_disks.h"

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start_bare(&machine);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static struct facts find(const struct storage_options *options)
{
	struct facts facts = { 0 };
	struct error err;

	if (disk_rows_read(options->root, &facts.disks, &facts.disk_count, &err) < 0)
		fail_msg("%s", err.text);
	if (disk_kinds_find(options, &facts, &err) < 0)
		fail_msg("%s", err.text);
	return facts;
}

static enum disk_kind kind_of(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].name, name) == 0)
			return facts->disks[i].kind;
	fail_msg("no row %s", name);
	return DISK_OTHER;
}

/* What only a controller can say. A vendor of 0 is nvmet's, and stands in for a named one. */
static void a_controller_proves_vendor_and_model(void **state)
{
	static const struct {
		uint16_t vendor, stand_in;
		const char *model;
		enum disk_kind expected;
	} disks[] = {
		{ 0x1d0f, 0, STORE, DISK_INSTANCE_STORE },
		{ 0x1d0f, 0, EBS, DISK_EBS },
		{ 0x144d, 0, STORE, DISK_OTHER },
		{ 0x144d, 0x1d0f, STORE, DISK_OTHER },
		{ 0, 0, STORE, DISK_OTHER },
		{ 0, 0x1d0f, STORE, DISK_INSTANCE_STORE },
		{ 0x1d0f, 0, "Amazon EC2 NVMe Instance Storage 2", DISK_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(disks) / sizeof(disks[0]); i++) {
		const struct storage_options options = { .nvme_vendor = disks[i].stand_in };
		struct nvme_identity identity = { .vendor = disks[i].vendor };
		struct disk disk = { 0 };

		snprintf(identity.model, sizeof(identity.model), "%s", disks[i].model);
		disk_kind_of_identity(&options, &identity, &disk);
		assert_int_equal(disk.kind, disks[i].expected);
	}
}

/* Vendor and model, both, and the model whole. */
static void nvme_needs_vendor_and_model(void **state)
{
	static const struct {
		const char *vendor, *model;
		enum disk_kind expected;
	} disks[] = {
		{ "0x1d0f", STORE, DISK_INSTANCE_STORE },
		{ "0x1d0f", EBS, DISK_EBS },
		{ "0x144d", STORE, DISK_OTHER },
		{ "0x0000", STORE, DISK_OTHER },
		{ "0x144d", EBS, DISK_OTHER },
		{ "0x1d0f", "Amazon EC2 NVMe Instance Storage 2", DISK_OTHER },
		{ "0x1d0f", "Amazon EC2 NVMe Instance Storag", DISK_OTHER },
		{ "0x1d0f", "amazon ec2 nvme instance storage", DISK_OTHER },
		{ "0x1d0f", "", DISK_OTHER },
	};
	struct storage_options options = { .root = machine.root, .disks_name = "" };
	struct facts facts;

	(void)state;
	for (unsigned i = 0; i < sizeof(disks) / sizeof(disks[0]); i++) {
		char address[16];

		snprintf(address, sizeof(address), "0000:00:%02x.0", 0x10 + i);
		recorded_pci(&machine, address, disks[i].vendor);
		recorded_nvme(&machine, i, address, disks[i].model, MIB);
	}
	/* Without a PCI function there is no vendor; the stand-in is for what a controller says. */
	options.nvme_vendor = 0x1d0f;
	recorded_disk(&machine, "virtual/nvme-fabrics/ctl/nvme90", "nvme90n1", MIB);
	recorded_file(&machine, "/sys/devices/virtual/nvme-fabrics/ctl/nvme90/model", STORE "\n");
	recorded_link(&machine, "/sys/devices/virtual/nvme-fabrics/ctl/nvme90/nvme90n1/device",
		      "..");
	facts = find(&options);
	for (unsigned i = 0; i < sizeof(disks) / sizeof(disks[0]); i++)
		assert_int_equal(facts.disks[i].kind, disks[i].expected);
	assert_int_equal(kind_of(&facts, "nvme90n1"), DISK_OTHER);
	assert_string_equal(facts.disks[0].kind_proof, "PCI vendor 0x1d0f, model " STORE);
	/* A near miss says what was missing. */
	assert_non_null(strstr(facts.disks[2].kind_proof, "no proof"));
	facts_done(&facts);
}

static void other_disks_are_other(void **state)
{
	const struct storage_options options = { .root = machine.root, .disks_name = "" };
	struct facts facts;

	(void)state;
	recorded_disk(&machine, "pci0000:00/0000:00:02.0/virtio0/block", "vda", MIB);
	recorded_disk(&machine, "x", "sda", MIB);
	recorded_file(&machine, "/sys/devices/x/sda/device/model", STORE "\n");
	recorded_disk(&machine, "virtual/block", "dm-0", MIB);
	facts = find(&options);
	assert_int_equal(facts.disk_count, 3);
	for (size_t i = 0; i < facts.disk_count; i++)
		assert_int_equal(facts.disks[i].kind, DISK_OTHER);
	facts_done(&facts);
}

/* ephemeral1 is a phantom: mapped, but the instance type has no such disk. */
static void xen_needs_mapping_and_existence(void **state)
{
	struct words ephemerals = { 0 };
	const struct storage_options options = {
		.root = machine.root,
		.disks_name = "",
		.ephemerals = &ephemerals,
		.instance_type = "m3.xlarge",
	};
	struct facts facts;

	(void)state;
	words_split(&ephemerals, "ephemeral0=sdb ephemeral1=sdc", " ");
	recorded_xen(&machine, "xvda", "51712", MIB);
	recorded_xen(&machine, "xvdb", "51728", MIB);
	recorded_xen(&machine, "xvdf", "51792", MIB);
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvda"), DISK_OTHER);
	assert_int_equal(kind_of(&facts, "xvdb"), DISK_INSTANCE_STORE);
	assert_int_equal(kind_of(&facts, "xvdf"), DISK_OTHER);
	assert_string_equal(facts.disks[1].attached_as, "ephemeral0:sdb");
	assert_string_equal(facts.disks[1].kind_proof, "block-device-mapping ephemeral0=sdb");
	facts_done(&facts);
	words_done(&ephemerals);
}

/* A kernel that shifts letters by four: sda is xvde, sdb is xvdf, and the EBS volume sdf is xvdj.
 */
static void shifted_letters_do_not_mislead(void **state)
{
	struct words ephemerals = { 0 };
	const struct storage_options options = {
		.root = machine.root,
		.disks_name = "",
		.ephemerals = &ephemerals,
		.instance_type = "m3.xlarge",
	};
	struct facts facts;

	(void)state;
	words_split(&ephemerals, "ephemeral0=sdb ephemeral1=sdf", " ");
	recorded_xen(&machine, "xvde", "2048", MIB);
	recorded_xen(&machine, "xvdf", "2064", MIB);
	recorded_xen(&machine, "xvdb", "2304", MIB);
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvde"), DISK_OTHER);
	assert_int_equal(kind_of(&facts, "xvdf"), DISK_INSTANCE_STORE);
	assert_string_equal(facts.disks[2].attached_as, "ephemeral0:sdb");
	/* By its letters it would be ephemeral0; by its number it is nobody. */
	assert_int_equal(kind_of(&facts, "xvdb"), DISK_OTHER);
	facts_done(&facts);
	words_done(&ephemerals);
}

/*
 * The mapping is what the AMI asked for, whatever the type has: an EBS volume may have come under
 * the name since.
 */
static void a_mapping_is_no_proof_where_something_speaks_against_it(void **state)
{
	static const struct {
		const char *type, *ephemerals, *others, *why;
	} hints[] = {
		{ "m3.medium", "ephemeral0=sdb", "ami=sda1 root=/dev/sda1 ebs1=sdf", NULL },
		/* Another disk than this one, though its name begins alike. */
		{ "m3.medium", "ephemeral0=sdb", "ebs1=sdbb ebs2=xvdba", NULL },
		/* None, one too few, NVMe, and what nobody knows. */
		{ "m4.large", "ephemeral0=sdb", "", "has 0 such disks" },
		{ "m3.medium", "ephemeral1=sdb", "", "has 1 such disks" },
		{ "i3.large", "ephemeral0=sdb", "", "has 0 such disks" },
		{ "m9x.large", "ephemeral0=sdb", "", "has 0 such disks" },
		{ "", "ephemeral0=sdb", "", "has 0 such disks" },
		{ NULL, "ephemeral0=sdb", "", "has 0 such disks" },
		/* The same device by another name. */
		{ "m3.medium", "ephemeral0=sdb", "ebs1=sdb", "and as ebs1=sdb too" },
		{ "m3.medium", "ephemeral0=sdb", "ebs7=/dev/xvdb", "and as ebs7=/dev/xvdb too" },
		{ "m3.medium", "ephemeral0=sdb", "root=/dev/sdb1", "and as root=/dev/sdb1 too" },
		{ "m3.medium", "ephemeral0=sdb", "ami=xvdb", "and as ami=xvdb too" },
		{ "m1.small", "ephemeral0=sdb", "swap=sdb3", "and as swap=sdb3 too" },
		{ "m3.xlarge", "ephemeral0=sdb ephemeral1=xvdb", "", "and as ephemeral1=xvdb too" },
	};

	(void)state;
	recorded_xen(&machine, "xvda", "51712", MIB);
	recorded_xen(&machine, "xvdb", "51728", MIB);
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		struct words ephemerals = { 0 }, others = { 0 };
		const struct storage_options options = {
			.root = machine.root,
			.disks_name = "",
			.ephemerals = &ephemerals,
			.other_devices = &others,
			.instance_type = hints[i].type,
		};
		struct facts facts;

		words_split(&ephemerals, hints[i].ephemerals, " ");
		words_split(&others, hints[i].others, " ");
		facts = find(&options);
		assert_int_equal(kind_of(&facts, "xvdb"),
				 hints[i].why ? DISK_OTHER : DISK_INSTANCE_STORE);
		if (hints[i].why && !strstr(facts.disks[1].kind_proof, hints[i].why))
			fail_msg("\"%s\" is not in \"%s\"", hints[i].why,
				 facts.disks[1].kind_proof);
		assert_string_equal(facts.disks[1].attached_as,
				    hints[i].why ? "" : "ephemeral0:sdb");
		facts_done(&facts);
		words_done(&ephemerals);
		words_done(&others);
	}
}

/* i3 on Xen: its store is NVMe, and what is at xvdb was attached by somebody. */
static void a_mapping_is_no_proof_beside_nvme(void **state)
{
	struct words ephemerals = { 0 };
	const struct storage_options options = {
		.root = machine.root,
		.disks_name = "",
		.ephemerals = &ephemerals,
		.instance_type = "m3.medium", /* the type alone would let it pass */
	};
	struct facts facts;

	(void)state;
	words_split(&ephemerals, "ephemeral0=sdb", " ");
	recorded_xen(&machine, "xvda", "51712", MIB);
	recorded_xen(&machine, "xvdb", "51728", MIB);
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvdb"), DISK_INSTANCE_STORE);
	facts_done(&facts);
	/* Also while the function has no block device, or will never have one. */
	recorded_pci(&machine, "0000:00:1e.0", "0x1d0f");
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvdb"), DISK_OTHER);
	facts_done(&facts);
	recorded_nvme(&machine, 0, "0000:00:1e.0", STORE, MIB);
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "nvme0n1"), DISK_INSTANCE_STORE);
	assert_int_equal(kind_of(&facts, "xvdb"), DISK_OTHER);
	assert_non_null(strstr(facts.disks[2].kind_proof, "the instance store here is NVMe"));
	facts_done(&facts);
	words_done(&ephemerals);
}

static void two_disks_under_one_name_prove_nothing(void **state)
{
	struct words ephemerals = { 0 };
	const struct storage_options options = {
		.root = machine.root,
		.disks_name = "",
		.ephemerals = &ephemerals,
		.instance_type = "m3.xlarge",
	};
	struct facts facts;

	(void)state;
	words_split(&ephemerals, "ephemeral0=sdb", " ");
	recorded_xen(&machine, "xvdb", "51728", MIB);
	recorded_xen(&machine, "xvdf", "2064", MIB);
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvdb"), DISK_OTHER);
	assert_int_equal(kind_of(&facts, "xvdf"), DISK_OTHER);
	assert_non_null(strstr(facts.disks[0].kind_proof, "no proof"));
	assert_non_null(strstr(facts.disks[1].kind_proof, "no proof"));
	facts_done(&facts);
	words_done(&ephemerals);
}

static void an_ebs_volume_on_xen_is_known_by_its_name(void **state)
{
	struct storage_options options = {
		.root = machine.root,
		.disks = DISKS_EBS,
		.disks_name = "sdf",
	};
	struct facts facts;

	(void)state;
	recorded_xen(&machine, "xvda", "51712", MIB);
	recorded_xen(&machine, "xvdf", "51792", MIB);
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvda"), DISK_OTHER);
	assert_int_equal(kind_of(&facts, "xvdf"), DISK_EBS);
	assert_true(disk_is_chosen(&facts.disks[1], DISKS_EBS, "sdf"));
	facts_done(&facts);
	/* Not asked for, it is nothing. */
	options.disks = DISKS_INSTANCE_STORE;
	facts = find(&options);
	assert_int_equal(kind_of(&facts, "xvdf"), DISK_OTHER);
	facts_done(&facts);
}

static void names_of_xen_disks_are_numbers(void **state)
{
	(void)state;
	recorded_xen(&machine, "xvdb", "51728", MIB);
	recorded_xen(&machine, "xvdq", "268439552", MIB);
	recorded_disk(&machine, "virtual/block", "xvdc", MIB); /* no number to be had */
	assert_true(xen_is_mapped_as(machine.root, "xvdb", "sdb"));
	assert_true(xen_is_mapped_as(machine.root, "xvdb", "/dev/xvdb"));
	assert_false(xen_is_mapped_as(machine.root, "xvdb", "sdb1"));
	assert_false(xen_is_mapped_as(machine.root, "xvdb", "sd"));
	assert_false(xen_is_mapped_as(machine.root, "xvdb", "hdb"));
	assert_false(xen_is_mapped_as(machine.root, "xvdb", ""));
	assert_true(xen_is_mapped_as(machine.root, "xvdq", "sdq"));
	assert_false(xen_is_mapped_as(machine.root, "xvdc", "sdc"));
	assert_false(xen_is_mapped_as(machine.root, "xvdc", "sdb"));
	assert_false(xen_is_mapped_as(machine.root, "sdb", "sdb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nvme_needs_vendor_and_model, start, end),
		cmocka_unit_test(a_controller_proves_vendor_and_model),
		cmocka_unit_test_setup_teardown(other_disks_are_other, start, end),
		cmocka_unit_test_setup_teardown(xen_needs_mapping_and_existence, start, end),
		cmocka_unit_test_setup_teardown(shifted_letters_do_not_mislead, start, end),
		cmocka_unit_test_setup_teardown(
			a_mapping_is_no_proof_where_something_speaks_against_it, start, end),
		cmocka_unit_test_setup_teardown(a_mapping_is_no_proof_beside_nvme, start, end),
		cmocka_unit_test_setup_teardown(two_disks_under_one_name_prove_nothing, start, end),
		cmocka_unit_test_setup_teardown(an_ebs_volume_on_xen_is_known_by_its_name, start,
						end),
		cmocka_unit_test_setup_teardown(names_of_xen_disks_are_numbers, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
