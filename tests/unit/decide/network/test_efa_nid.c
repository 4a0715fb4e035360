/* SPDX-License-Identifier: Apache-2.0 */

/* NIDs of EFA devices, against the kernel's own computation: one number, shifted together. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/network/efa_nid.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 20000

static void nid_of(const char *pci_address, const char *ipv4, char nid[NID_TEXT_MAX])
{
	assert_int_equal(efa_nid(pci_address, ipv4, "efa", nid), 0);
}

static void known_devices_have_known_nids(void **state)
{
	char nid[NID_TEXT_MAX];

	(void)state;
	nid_of("0000:00:00.2", "172.43.23.2", nid);
	assert_string_equal(nid, "23.2.0.2@efa");
	nid_of("0000:24:00.0", "10.0.23.2", nid);
	assert_string_equal(nid, "23.2.36.0@efa");
	nid_of("10000:ff:1f.7", "255.255.255.255", nid);
	assert_string_equal(nid, "255.255.255.255@efa");
	assert_int_equal(efa_nid("0000:24:00.0", "10.0.23.2", "efa1", nid), 0);
	assert_string_equal(nid, "23.2.36.0@efa1");
}

/* PCI_DEVFN() and the kernel's shifts, on numbers; the text is inet_ntop(3)'s. */
static void expected(uint32_t ipv4, unsigned bus, unsigned device, unsigned function,
		     char nid[NID_TEXT_MAX])
{
	uint32_t devfn = (device & 0x1f) << 3 | (function & 0x07);
	struct in_addr number = {
		.s_addr = htonl((ipv4 & 0xffff) << 16 | bus << 8 | devfn),
	};
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &number, host, sizeof(host));
	snprintf(nid, NID_TEXT_MAX, "%s@efa", host);
}

static void every_device_has_the_kernels_nid(void **state)
{
	unsigned seed = 20260101;

	(void)state;
	for (int i = 0; i < NODES; i++) {
		uint32_t ipv4 = (uint32_t)rand_r(&seed) << 16 ^ (uint32_t)rand_r(&seed);
		unsigned bus = (unsigned)rand_r(&seed) % 256, device = (unsigned)rand_r(&seed) % 32;
		unsigned function = (unsigned)rand_r(&seed) % 8;
		struct in_addr address = { .s_addr = htonl(ipv4) };
		char pci[32], text[INET_ADDRSTRLEN], nid[NID_TEXT_MAX], wanted[NID_TEXT_MAX];

		snprintf(pci, sizeof(pci), "%04x:%02x:%02x.%x", (unsigned)rand_r(&seed) % 4, bus,
			 device, function);
		inet_ntop(AF_INET, &address, text, sizeof(text));
		expected(ipv4, bus, device, function, wanted);
		nid_of(pci, text, nid);
		assert_string_equal(nid, wanted);
	}
}

static void what_is_no_address_has_no_nid(void **state)
{
	static const char *const pci[] = { "",
					   "24:00.0",
					   "0000:24:00",
					   "0000:24:00.8",
					   "0000:24:20.0",
					   "0000:124:00.0",
					   "0000:24:00.0x",
					   "vbd-51728",
					   "0000:-1:00.0" };
	static const char *const ipv4[] = { "",           "10.0.0",      "10.0.0.256",
					    "10.0.0.1.2", "10.0.0.1/24", "fd00::1" };
	char nid[NID_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(pci) / sizeof(pci[0]); i++)
		assert_int_equal(efa_nid(pci[i], "10.0.0.23", "efa", nid), -EINVAL);
	for (size_t i = 0; i < sizeof(ipv4) / sizeof(ipv4[0]); i++)
		assert_int_equal(efa_nid("0000:24:00.0", ipv4[i], "efa", nid), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_devices_have_known_nids),
		cmocka_unit_test(every_device_has_the_kernels_nid),
		cmocka_unit_test(what_is_no_address_has_no_nid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
