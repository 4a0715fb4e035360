/* SPDX-License-Identifier: Apache-2.0 */

/* Interfaces as sysfs shows them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/network.h"

#include "scenes/recorded.h"

#include <errno.h>

static void make_interface(const struct recorded *machine, const char *name, const char *mac,
			   const char *flags, const char *carrier)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", name);
	recorded_file(machine, path, "%s\n", mac);
	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	recorded_file(machine, path, "%s\n", flags);
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", name);
	if (carrier)
		recorded_file(machine, path, "%s\n", carrier);
}

static void interfaces_are_read(void **state)
{
	struct facts facts = { 0 };
	struct recorded machine;
	struct error err;

	(void)state;
	recorded_start(&machine);
	make_interface(&machine, "lo", "00:00:00:00:00:00", "0x9", "1");
	make_interface(&machine, "ens5", "0A:1B:2c:00:00:01", "0x1003", "1");
	make_interface(&machine, "ens6", "0a:00:00:00:00:02", "0x1002", NULL);
	make_interface(&machine, "ens7", "0a:00:00:00:00:03", "0x1003", "0");
	recorded_file(&machine, "/sys/class/net/bonding_masters", "%s", "");
	assert_int_equal(network_observe(machine.root, /* inquiries= */ NULL, &facts, &err), 0);
	assert_int_equal(facts.interface_count, 3);
	assert_string_equal(facts.interfaces[0].name, "ens5");
	assert_string_equal(facts.interfaces[0].mac, "0a:1b:2c:00:00:01");
	assert_true(facts.interfaces[0].up);
	assert_false(facts.interfaces[1].up);
	assert_false(facts.interfaces[2].up);
	/* Nothing of this machine is mixed in. */
	assert_string_equal(facts.interfaces[0].ipv4, "");
	assert_int_equal(facts.lnet, LNET_UNKNOWN);
	facts_done(&facts);
	recorded_end(&machine);
}

/* Else the primary interface would be none, or down, for want of a descriptor or memory. */
static void what_cannot_be_looked_at_is_no_interface_without_it(void **state)
{
	static const char *const files[] = { "address", "flags", "carrier" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct facts facts = { 0 };
		struct recorded machine;
		struct error err;
		char path[64];

		recorded_start(&machine);
		make_interface(&machine, "ens5", "0a:1b:2c:00:00:01", "0x1003", "1");
		snprintf(path, sizeof(path), "/sys/class/net/ens5/%s", files[i]);
		recorded_unlink(&machine, path);
		recorded_link(&machine, path, files[i]);
		assert_int_equal(network_observe(machine.root, /* inquiries= */ NULL, &facts, &err),
				 -ELOOP);
		facts_done(&facts);
		recorded_end(&machine);
	}
}

/* Lustre asks ethtool, which is where sysfs has it from. */
static void a_speed_is_known_or_known_to_be_none(void **state)
{
	struct facts facts = { 0 };
	struct recorded machine;
	struct error err;

	(void)state;
	recorded_start(&machine);
	make_interface(&machine, "ens5", "0a:00:00:00:00:01", "0x1003", "1");
	recorded_link(&machine, "/sys/class/net/ens5/device/driver",
		      "/sys/bus/pci/drivers/mlx5_core");
	recorded_file(&machine, "/sys/class/net/ens5/speed", "25000\n");
	make_interface(&machine, "ens6", "0a:00:00:00:00:02", "0x1003", "1");
	recorded_file(&machine, "/sys/class/net/ens6/speed", "-1\n");
	make_interface(&machine, "ens7", "0a:00:00:00:00:03", "0x1002", "1");
	recorded_file(&machine, "/sys/class/net/ens7/speed", "-1\n");
	make_interface(&machine, "ens8", "0a:00:00:00:00:04", "0x1003", "1");
	make_interface(&machine, "ens9", "0a:00:00:00:00:05", "0x1003", "1");
	recorded_failing(&machine, "/sys/class/net/ens9/speed", RECORDED_NO_VALUE);
	assert_int_equal(network_observe(machine.root, /* inquiries= */ NULL, &facts, &err), 0);
	assert_string_equal(facts.interfaces[0].driver, "mlx5_core");
	assert_int_equal(facts.interfaces[0].speed, 25000);
	assert_false(facts.interfaces[0].gives_no_speed);
	assert_true(facts.interfaces[1].gives_no_speed);
	/* Down, or not asked: nothing is known. */
	assert_false(facts.interfaces[2].gives_no_speed);
	assert_false(facts.interfaces[3].gives_no_speed);
	assert_true(facts.interfaces[4].gives_no_speed);
	facts_done(&facts);
	recorded_end(&machine);
}

static void an_efa_device_is_read(void **state)
{
	const struct rdma_device *device;
	struct facts facts = { 0 };
	struct recorded machine;
	struct error err;

	(void)state;
	recorded_start(&machine);
	recorded_file(&machine, "/sys/devices/pci0000:20/0000:24:00.0/numa_node", "1\n");
	recorded_link(&machine, "/sys/devices/pci0000:20/0000:24:00.0/driver",
		      "/sys/bus/pci/drivers/efa");
	recorded_link(&machine, "/sys/bus/pci/drivers/efa/module", "/sys/module/efa");
	recorded_file(&machine, "/sys/module/efa/version", "2.13.0g\n");
	recorded_link(&machine, "/sys/class/infiniband/rdmap36s0/device",
		      "../../../devices/pci0000:20/0000:24:00.0");
	recorded_file(&machine, "/sys/class/infiniband/rdmap36s0/ports/1/state", "4: ACTIVE\n");
	assert_int_equal(network_observe(machine.root, /* inquiries= */ NULL, &facts, &err), 0);
	assert_int_equal(facts.rdma_count, 1);
	device = &facts.rdma[0];
	assert_string_equal(device->name, "rdmap36s0");
	assert_string_equal(device->driver, "efa");
	assert_string_equal(device->driver_version, "2.13.0g");
	assert_string_equal(device->pci_address, "0000:24:00.0");
	assert_int_equal(device->numa_node, 1);
	assert_string_equal(device->port_state, "ACTIVE");
	facts_done(&facts);
	recorded_end(&machine);
}

static void this_machine_can_be_read(void **state)
{
	struct facts facts = { 0 };
	struct error err;

	(void)state;
	if (network_observe("", /* inquiries= */ NULL, &facts, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < facts.interface_count; i++)
		assert_string_not_equal(facts.interfaces[i].name, "lo");
	facts_done(&facts);
}

/* One interface as the metadata names it, and what LNET would miss. */
static const char *missing_beside(const struct interface *interface, const char *lnet,
				  const char *mac, const char *local_ipv4)
{
	static char sentence[NETWORK_SENTENCE_MAX];
	struct interface interfaces[1] = { *interface };
	struct facts facts = { .interfaces = interfaces, .interface_count = 1 };
	struct spec spec = { .lnet_count = 1 };

	strcpy(facts.mac, mac);
	strcpy(facts.local_ipv4, local_ipv4);
	strcpy(spec.lnet[0].interface, lnet);
	network_missing(&spec, &facts, sentence);
	return sentence;
}

static const char *missing_with(const struct interface *interface, const char *lnet,
				const char *local_ipv4)
{
	return missing_beside(interface, lnet, "0a:00:00:00:00:17", local_ipv4);
}

/* Without its MAC address nothing ever tells which interface is the primary one. */
static void a_primary_interface_that_nothing_names_is_not_waited_for(void **state)
{
	struct interface tunnel = { .name = "tun0" };

	(void)state;
	assert_string_equal(missing_beside(&tunnel, "primary", "", "10.0.0.23"), "");
	assert_string_equal(missing_beside(&tunnel, "tun0", "", "10.0.0.23"),
			    "interface tun0 has no IPv4 address yet");
	assert_string_equal(missing_beside(&tunnel, "tun1", "", "10.0.0.23"),
			    "there is no interface tun1 yet");
}

static void what_lnet_would_miss_is_named(void **state)
{
	struct interface interface = { .name = "ens5", .mac = "0a:00:00:00:00:17" };

	(void)state;
	assert_string_equal(missing_with(&interface, "primary", "10.0.0.23"),
			    "interface ens5 has no IPv4 address yet");
	/* It will not get one: IPv6 alone is refused at once. */
	assert_string_equal(missing_with(&interface, "primary", ""), "");
	strcpy(interface.ipv4, "10.0.0.23");
	assert_string_equal(missing_with(&interface, "primary", "10.0.0.23"), "");
	assert_string_equal(missing_with(&interface, "ens6", "10.0.0.23"),
			    "there is no interface ens6 yet");
	assert_string_equal(missing_with(&interface, "primary", "10.0.0.24"),
			    "interface ens5 has address 10.0.0.23, and not yet 10.0.0.24 as the "
			    "metadata says");
	interface.tentative = true;
	assert_string_equal(missing_with(&interface, "primary", "10.0.0.23"),
			    "address 10.0.0.23 of interface ens5 may go away again: nobody renews "
			    "its lease");
	/* The primary interface by whatever name, and a second one in a subnet of its own. */
	interface.tentative = false;
	assert_string_equal(missing_with(&interface, "ens5", "10.0.0.24"),
			    "interface ens5 has address 10.0.0.23, and not yet 10.0.0.24 as the "
			    "metadata says");
	assert_string_equal(missing_with(&interface, "ens5", ""), "");
	assert_string_equal(missing_with(&interface, "ens6", ""), "there is no interface ens6 yet");
	strcpy(interface.mac, "0a:00:00:00:00:99");
	assert_string_equal(missing_with(&interface, "ens5", "10.0.0.24"), "");
	strcpy(interface.ipv4, "169.254.7.7");
	assert_string_equal(missing_with(&interface, "ens5", ""),
			    "interface ens5 has no address but 169.254.7.7 yet, a link-local "
			    "address");
	assert_string_equal(missing_with(&interface, "primary", "10.0.0.23"),
			    "there is no interface with MAC address 0a:00:00:00:00:17 yet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_are_read),
		cmocka_unit_test(what_cannot_be_looked_at_is_no_interface_without_it),
		cmocka_unit_test(a_speed_is_known_or_known_to_be_none),
		cmocka_unit_test(an_efa_device_is_read),
		cmocka_unit_test(what_lnet_would_miss_is_named),
		cmocka_unit_test(a_primary_interface_that_nothing_names_is_not_waited_for),
		cmocka_unit_test(this_machine_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
