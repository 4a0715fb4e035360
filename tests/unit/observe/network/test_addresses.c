/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses from rtnetlink: messages as the kernel sends them, broken ones, and the kernel itself.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/addresses.h"

#include "scenes/shortage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages one after the other, as they arrive in one datagram. */
struct datagram {
	_Alignas(8) char data[4096];
	size_t size;
	size_t message; /* where the current one begins */
};

static void begin(struct datagram *datagram, uint16_t type, uint16_t flags)
{
	struct nlmsghdr header = { .nlmsg_type = type, .nlmsg_flags = flags };

	datagram->message = datagram->size;
	memcpy(datagram->data + datagram->size, &header, sizeof(header));
	datagram->size += sizeof(header);
}

static void append(struct datagram *datagram, const void *data, size_t size)
{
	memcpy(datagram->data + datagram->size, data, size);
	datagram->size += (size + 3) & ~(size_t)3;
}

static void append_attribute(struct datagram *datagram, uint16_t type, const void *value,
			     size_t size)
{
	struct nlattr attribute = {
		.nla_len = (uint16_t)(sizeof(attribute) + size),
		.nla_type = type,
	};

	append(datagram, &attribute, sizeof(attribute));
	append(datagram, value, size);
}

static void finish(struct datagram *datagram)
{
	uint32_t length = (uint32_t)(datagram->size - datagram->message);

	memcpy(datagram->data + datagram->message, &length, sizeof(length));
}

struct address {
	const char *text;
	uint8_t prefix_length, scope;
	uint32_t flags, valid_sec;
	const char *label; /* NULL: the interface's name */
};

static void append_address(struct datagram *datagram, const struct address *address)
{
	struct ifaddrmsg message = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = address->prefix_length,
		.ifa_scope = address->scope,
		.ifa_index = if_nametoindex("lo"),
	};
	struct ifa_cacheinfo cache = { .ifa_valid = address->valid_sec };
	struct in_addr in;

	inet_pton(AF_INET, address->text, &in);
	begin(datagram, RTM_NEWADDR, NLM_F_MULTI);
	append(datagram, &message, sizeof(message));
	append_attribute(datagram, IFA_LOCAL, &in, sizeof(in));
	append_attribute(datagram, IFA_LABEL, address->label ? address->label : "lo",
			 address->label ? strlen(address->label) + 1 : 3);
	append_attribute(datagram, IFA_FLAGS, &address->flags, sizeof(address->flags));
	append_attribute(datagram, IFA_CACHEINFO, &cache, sizeof(cache));
	finish(datagram);
}

/* "lo" serves as the one interface, since it is on every machine. */
static struct interface parse_for(const char *own, const struct datagram *datagram, size_t size,
				  struct addresses_end *ret)
{
	struct interface interface = { .name = "lo", .mac = "0a:00:00:00:00:17" };
	struct facts facts = { .interfaces = &interface, .interface_count = 1 };

	strcpy(facts.mac, interface.mac);
	strcpy(facts.local_ipv4, own);
	*ret = (struct addresses_end){ 0 };
	addresses_parse(datagram->data, size, &facts, ret);
	return interface;
}

/* Without the list of its addresses. */
static struct interface parse(const struct datagram *datagram, size_t size,
			      struct addresses_end *ret)
{
	struct interface interface = parse_for("10.0.0.23", datagram, size, ret);

	words_done(&interface.addresses);
	words_done(&interface.taken);
	return interface;
}

static struct interface parse_own(const char *own, const struct address *addresses, size_t count)
{
	struct datagram datagram = { .size = 0 };
	struct addresses_end end;

	for (size_t i = 0; i < count; i++)
		append_address(&datagram, &addresses[i]);
	return parse_for(own, &datagram, datagram.size, &end);
}

static struct interface parse_addresses(const struct address *addresses, size_t count)
{
	struct interface interface = parse_own("10.0.0.23", addresses, count);

	words_done(&interface.addresses);
	words_done(&interface.taken);
	return interface;
}

static bool is_taken_by(const char *name, const struct address *addresses, size_t count)
{
	struct interface interface = parse_own("10.0.0.23", addresses, count);
	char found[INTERFACE_NAME_MAX];
	bool taken = interface_lnet_name(&interface, found);

	assert_string_equal(found, name);
	words_done(&interface.addresses);
	words_done(&interface.taken);
	return taken;
}

/* LNET goes by labels, and takes the first address of each, whatever its scope. */
static void the_name_that_lnet_knows_it_by(void **state)
{
	struct address addresses[] = {
		{ "169.254.7.7", 16, RT_SCOPE_LINK, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "10.0.0.99", 24, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "10.0.0.23", 24, RT_SCOPE_UNIVERSE, 0, 3600, NULL },
	};

	(void)state;
	assert_true(is_taken_by("lo", &addresses[2], 1));
	assert_false(is_taken_by("lo", &addresses[1], 2));
	assert_false(is_taken_by("lo", addresses, 3));
	/* The other one has a label, or this one. */
	addresses[1].label = "lo:1";
	assert_true(is_taken_by("lo", &addresses[1], 2));
	assert_false(is_taken_by("lo", addresses, 3));
	addresses[2].label = "lo:2";
	assert_true(is_taken_by("lo:2", addresses, 3));
	/* Two of one label, and one that lnetctl would take for two interfaces. */
	addresses[2].label = "lo:1";
	assert_false(is_taken_by("lo", addresses, 3));
	addresses[2].label = "lo,2";
	assert_false(is_taken_by("lo", addresses, 3));
}

/* Two that were configured, then the one of DHCP: as EL 9 and Amazon Linux 2023 bring them. */
static void the_instances_own_address_counts(void **state)
{
	const struct address addresses[] = {
		{ "127.0.0.1", 8, RT_SCOPE_HOST, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "169.254.1.2", 16, RT_SCOPE_LINK, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "10.0.0.99", 25, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "10.0.0.98", 25, RT_SCOPE_UNIVERSE, IFA_F_SECONDARY, 30, NULL },
		{ "10.0.0.23", 24, RT_SCOPE_UNIVERSE, IFA_F_SECONDARY, 3600, NULL },
		{ "10.0.0.97", 25, RT_SCOPE_UNIVERSE, IFA_F_SECONDARY, 30, NULL },
	};
	struct interface interface = parse_own("10.0.0.23", addresses, 6);

	(void)state;
	assert_string_equal(interface.ipv4, "10.0.0.23");
	assert_int_equal(interface.prefix_length, 24);
	assert_false(interface.tentative);
	assert_int_equal(interface.addresses.count, 4);
	assert_string_equal(interface.addresses.items[0], "10.0.0.99");
	assert_string_equal(interface.addresses.items[3], "10.0.0.97");
	words_done(&interface.addresses);
	words_done(&interface.taken);
	assert_string_equal(parse_addresses(addresses, 2).ipv4, "");
	assert_string_equal(parse_addresses(addresses, 4).ipv4, "10.0.0.99");
}

/* Of a second interface the metadata that is asked for says nothing. */
static void else_the_first_that_others_reach_counts(void **state)
{
	const struct address addresses[] = {
		{ "169.254.49.58", 32, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "10.0.8.23", 24, RT_SCOPE_UNIVERSE, 0, 3600, NULL },
		{ "10.0.8.24", 24, RT_SCOPE_UNIVERSE, IFA_F_SECONDARY, 3600, NULL },
	};

	(void)state;
	assert_string_equal(parse_addresses(addresses, 3).ipv4, "10.0.8.23");
	assert_string_equal(parse_addresses(addresses, 1).ipv4, "169.254.49.58");
}

/* Likewise of another interface, where the metadata was asked. */
static void the_interfaces_own_address_counts(void **state)
{
	const struct address addresses[] = {
		{ "10.0.8.99", 24, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, UINT32_MAX, NULL },
		{ "10.0.8.23", 24, RT_SCOPE_UNIVERSE, IFA_F_SECONDARY, 3600, NULL },
	};
	struct interface interface = { .name = "lo", .mac = "0a:00:00:00:00:99" };
	struct facts facts = { .interfaces = &interface, .interface_count = 1 };
	struct datagram datagram = { .size = 0 };
	struct addresses_end end = { 0 };

	(void)state;
	assert_int_equal(words_add(&facts.assigned, "0a:00:00:00:00:99=10.0.8.23"), 0);
	append_address(&datagram, &addresses[0]);
	append_address(&datagram, &addresses[1]);
	addresses_parse(datagram.data, datagram.size, &facts, &end);
	assert_string_equal(interface.ipv4, "10.0.8.23");
	words_done(&interface.addresses);
	words_done(&interface.taken);
	words_done(&facts.assigned);
}

static void a_crowd_of_addresses_is_bounded(void **state)
{
	struct interface interface = { .name = "lo", .mac = "0a:00:00:00:00:17" };
	struct facts facts = { .interfaces = &interface, .interface_count = 1 };
	struct addresses_end end = { 0 };

	(void)state;
	strcpy(facts.mac, interface.mac);
	strcpy(facts.local_ipv4, "10.0.1.255");
	for (unsigned i = 0; i < 512; i++) {
		struct datagram datagram = { .size = 0 };
		char text[16];
		struct address address = { text, 16, RT_SCOPE_UNIVERSE, 0, 3600, NULL };

		sprintf(text, "10.0.%u.%u", i / 256, i % 256);
		append_address(&datagram, &address);
		addresses_parse(datagram.data, datagram.size, &facts, &end);
	}
	assert_int_equal(interface.addresses.count, 256);
	assert_string_equal(interface.ipv4, "10.0.1.255");
	words_done(&interface.addresses);
	words_done(&interface.taken);
}

static void addresses_that_may_go_are_tentative(void **state)
{
	static const struct {
		uint32_t flags, valid_sec;
		bool tentative;
	} lives[] = {
		{ IFA_F_PERMANENT, UINT32_MAX, false },
		{ 0, 3600, false },
		{ 0, 60, false },
		{ 0, 59, true },
		{ IFA_F_TENTATIVE, 3600, true },
		{ IFA_F_DADFAILED, 3600, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		const struct address address = { "10.0.0.23",        24,
						 RT_SCOPE_UNIVERSE,  lives[i].flags,
						 lives[i].valid_sec, NULL };

		assert_int_equal(parse_addresses(&address, 1).tentative, lives[i].tentative);
	}
}

static void the_end_of_a_dump_is_seen(void **state)
{
	struct datagram datagram = { .size = 0 };
	struct addresses_end end;
	const int refused = -EPERM;

	(void)state;
	begin(&datagram, NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR);
	finish(&datagram);
	parse(&datagram, datagram.size, &end);
	assert_true(end.end);
	assert_true(end.interrupted);
	assert_int_equal(end.code, 0);
	datagram.size = 0;
	begin(&datagram, NLMSG_ERROR, 0);
	append(&datagram, &refused, sizeof(refused));
	finish(&datagram);
	parse(&datagram, datagram.size, &end);
	assert_true(end.end);
	assert_int_equal(end.code, -EPERM);
}

/* In memory of exactly its size, where a sanitizer sees what is read beyond. */
static void parse_exactly(const struct datagram *datagram, size_t size)
{
	struct interface interface = { .name = "lo" };
	struct facts facts = { .interfaces = &interface, .interface_count = 1 };
	struct addresses_end end = { 0 };
	char *exact = malloc(size);

	assert_non_null(exact);
	memcpy(exact, datagram->data, size);
	addresses_parse(exact, size, &facts, &end);
	words_done(&interface.addresses);
	words_done(&interface.taken);
	free(exact);
}

/* Cut at every byte, and with every length field at its extremes: nothing beyond the end is read.
 */
static void broken_messages_are_survived(void **state)
{
	const struct address address = { "10.0.0.23", 24, RT_SCOPE_UNIVERSE, 0, 3600, NULL };
	struct datagram datagram = { .size = 0 };
	struct addresses_end end;

	(void)state;
	append_address(&datagram, &address);
	for (size_t size = 0; size < datagram.size; size++) {
		assert_string_equal(parse(&datagram, size, &end).ipv4, "");
		assert_false(end.end);
	}
	for (size_t at = 0; at + 2 <= datagram.size; at += 2) {
		static const uint16_t lengths[] = { 0, 1, 3, 5, 0x7fff, 0xffff };

		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			struct datagram broken = datagram;

			memcpy(broken.data + at, &lengths[i], sizeof(lengths[i]));
			parse_exactly(&broken, broken.size);
		}
	}
	/* A message that says itself that it ends within an attribute. */
	for (uint32_t size = sizeof(struct nlmsghdr); size < datagram.size; size++) {
		struct datagram broken = datagram;

		memcpy(broken.data, &size, sizeof(size));
		parse_exactly(&broken, size);
	}
}

/* In a network of the test's own, with an address on its loopback. */
static void the_kernel_answers(void **state)
{
	struct interface interfaces[] = { { .name = "lo", .ipv4 = "stale" }, { .name = "eth9" } };
	struct facts facts = { .interfaces = interfaces, .interface_count = 2 };
	struct ifreq request = { .ifr_name = "lo" };
	struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
	struct shortage shortage;
	struct error err;
	int fd;

	(void)state;
	if (unshare(CLONE_NEWNET) < 0) {
		puts("no network namespace can be made here");
		skip();
	}
	if (addresses_find(&facts, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(interfaces[0].ipv4, "");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	address->sin_family = AF_INET;
	inet_pton(AF_INET, "10.9.8.7", &address->sin_addr);
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	inet_pton(AF_INET, "255.255.252.0", &address->sin_addr);
	assert_int_equal(ioctl(fd, SIOCSIFNETMASK, &request), 0);
	close(fd);
	if (addresses_find(&facts, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(interfaces[0].ipv4, "10.9.8.7");
	assert_int_equal(interfaces[0].prefix_length, 22);
	assert_false(interfaces[0].tentative);
	assert_string_equal(interfaces[1].ipv4, "");
	/* A second one of the same subnet is the instance's own; asked again, each is there once.
	 */
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	strcpy(request.ifr_name, "lo:1");
	inet_pton(AF_INET, "10.9.8.8", &address->sin_addr);
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	close(fd);
	strcpy(facts.mac, "0a:00:00:00:00:17");
	strcpy(interfaces[0].mac, facts.mac);
	strcpy(facts.local_ipv4, "10.9.8.8");
	assert_int_equal(addresses_find(&facts, &err), 0);
	assert_string_equal(interfaces[0].ipv4, "10.9.8.8");
	assert_int_equal(interfaces[0].addresses.count, 2);
	assert_string_equal(interfaces[0].addresses.items[0], "10.9.8.7");
	/* An interface whose name cannot be asked for is not one without an address. */
	fd = dup(STDIN_FILENO);
	close(fd);
	shortage_of(&shortage, (rlim_t)fd + 1);
	assert_true(addresses_find(&facts, &err) < 0);
	shortage_end(&shortage);
	words_done(&interfaces[0].addresses);
	words_done(&interfaces[0].taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_that_lnet_knows_it_by),
		cmocka_unit_test(the_instances_own_address_counts),
		cmocka_unit_test(else_the_first_that_others_reach_counts),
		cmocka_unit_test(the_interfaces_own_address_counts),
		cmocka_unit_test(a_crowd_of_addresses_is_bounded),
		cmocka_unit_test(addresses_that_may_go_are_tentative),
		cmocka_unit_test(the_end_of_a_dump_is_seen),
		cmocka_unit_test(broken_messages_are_survived),
		cmocka_unit_test(the_kernel_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
