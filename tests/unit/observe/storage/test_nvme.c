/* SPDX-License-Identifier: Apache-2.0 */

/* Identify Controller data as EC2's disks are known to send them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/storage/nvme.h"

#include "scenes/recorded_disks.h"

static uint8_t identify[NVME_IDENTIFY_SIZE];

static struct nvme_identity parse(uint16_t vendor, const char *model, const char *area, char pad)
{
	struct nvme_identity identity;

	memset(identify, 0, sizeof(identify));
	identify[0] = (uint8_t)vendor;
	identify[1] = (uint8_t)(vendor >> 8);
	memset(identify + 4, ' ', 60);
	memcpy(identify + 4, "AWS2C1436F5159EB6614", 20);
	memcpy(identify + 24, model, strlen(model));
	memset(identify + 3072, pad, 32);
	memcpy(identify + 3072, area, strlen(area));
	/* What follows the area is not part of it. */
	memset(identify + 3072 + 32, 'x', 16);
	nvme_identity_parse(identify, &identity);
	return identity;
}

static void vendor_model_and_serial_are_read(void **state)
{
	struct nvme_identity identity = parse(0x1d0f, STORE, "ephemeral0:sdb", '\0');

	(void)state;
	assert_int_equal(identity.vendor, NVME_VENDOR_AMAZON);
	assert_string_equal(identity.model, NVME_MODEL_INSTANCE_STORE);
	/* 20 characters: no room for a blank or a NUL. */
	assert_string_equal(identity.serial, "AWS2C1436F5159EB6614");
}

static void the_vendor_area_tells_the_attachment(void **state)
{
	static const struct {
		const char *area;
		char pad;
		const char *expected;
	} areas[] = {
		{ "ephemeral0:sdb", '\0', "ephemeral0:sdb" },
		{ "ephemeral0:none", ' ', "ephemeral0:none" },
		{ "ephemeral23:none", '\0', "ephemeral23:none" },
		{ "sdf", ' ', "sdf" },
		{ "/dev/sdf", ' ', "sdf" },
		{ "/dev/xvdba", '\0', "xvdba" },
		{ "", ' ', "" },
		{ "", '\0', "" },
		{ "abcdefghijklmnopqrstuvwxyz012345", ' ', "abcdefghijklmnopqrstuvwxyz012345" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		struct nvme_identity identity = parse(0x1d0f, "m", areas[i].area, areas[i].pad);

		assert_string_equal(identity.attached_as, areas[i].expected);
	}
}

/* Other vendors keep other things there. */
static void only_amazons_vendor_area_is_read(void **state)
{
	(void)state;
	assert_string_equal(parse(0x144d, "m", "ephemeral0:sdb", '\0').attached_as, "");
}

static void controllers_are_found_on_pci(void **state)
{
	struct recorded machine;
	char path[256];

	(void)state;
	recorded_start(&machine);
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_nvme(&machine, 1, "0000:00:1f.0", "x", MIB);
	recorded_disk(&machine, "virtual/nvme-fabrics/ctl/nvme2", "nvme2n1", MIB);
	recorded_link(&machine, "/sys/devices/virtual/nvme-fabrics/ctl/nvme2/nvme2n1/device", "..");
	nvme_controller_path(machine.root, "nvme1n1", path, sizeof(path));
	assert_string_equal(path, "/sys/devices/pci0000:00/0000:00:1f.0/nvme/nvme1");
	assert_int_equal(nvme_pci_vendor(machine.root, "nvme1n1"), 0x1d0f);
	assert_int_equal(nvme_pci_vendor(machine.root, "nvme2n1"), 0);
	assert_int_equal(nvme_pci_vendor(machine.root, "nvme3n1"), 0);
	recorded_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vendor_model_and_serial_are_read),
		cmocka_unit_test(the_vendor_area_tells_the_attachment),
		cmocka_unit_test(only_amazons_vendor_area_is_read),
		cmocka_unit_test(controllers_are_found_on_pci),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
