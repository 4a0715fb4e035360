/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/addresses.h"

#include "base/cleanup.h"
#include "model/spec/nid.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* <linux/netlink.h> has these with a sign. */
#define ALIGN(size)    (((size) + 3U) & ~(size_t)3)
#define MESSAGE_HEADER sizeof(struct nlmsghdr)
#define VALUE_HEADER   sizeof(struct nlattr)

#define DATAGRAM_MAX  32768
#define DATAGRAMS_MAX 1024
#define DUMPS_MAX     4
#define ADDRESSES_MAX 256 /* of one interface, to be told; EC2 gives 50 */

/*
 * DHCP clients renew a lease at half of its time (RFC 2131, 4.4.5). One with less than this left is
 * not being renewed: a client that only asked and went, as cloud-init's, and its address may go any
 * moment.
 */
#define LEASE_LEFT_SEC 60

/* The attributes of one address, those that matter here. */
struct attributes {
	struct in_addr local;
	uint32_t flags;
	uint32_t valid_sec; /* UINT32_MAX: for ever */
	char label[IF_NAMESIZE];
};

static void read_attribute(const struct nlattr *attribute, struct attributes *ret)
{
	const void *value = (const char *)attribute + VALUE_HEADER;
	size_t size = attribute->nla_len - VALUE_HEADER;
	struct ifa_cacheinfo cache;

	switch (attribute->nla_type & NLA_TYPE_MASK) {
	case IFA_LOCAL:
		if (size == sizeof(ret->local))
			memcpy(&ret->local, value, size);
		break;
	case IFA_FLAGS:
		if (size == sizeof(ret->flags))
			memcpy(&ret->flags, value, size);
		break;
	case IFA_CACHEINFO:
		if (size == sizeof(cache)) {
			memcpy(&cache, value, size);
			ret->valid_sec = cache.ifa_valid;
		}
		break;
	case IFA_LABEL:
		if (size > 0 && size <= sizeof(ret->label) && !((const char *)value)[size - 1])
			memcpy(ret->label, value, size);
		break;
	default:
		break;
	}
}

static void read_attributes(const char *data, size_t size, struct attributes *ret)
{
	while (size >= VALUE_HEADER) {
		struct nlattr attribute;
		size_t step;

		memcpy(&attribute, data, sizeof(attribute));
		if (attribute.nla_len < VALUE_HEADER || attribute.nla_len > size)
			return;
		read_attribute((const struct nlattr *)(const void *)data, ret);
		step = ALIGN((size_t)attribute.nla_len);
		if (step > size)
			return;
		data += step;
		size -= step;
	}
}

/* One that went meanwhile, or that nobody looks at, is none; *ret_code: why it could not be told.
 */
static struct interface *find_interface(struct facts *facts, unsigned index, int *ret_code)
{
	char name[IF_NAMESIZE] = "";

	if (!if_indextoname(index, name)) {
		if (errno != ENXIO)
			*ret_code = -errno;
		return NULL;
	}
	for (size_t i = 0; i < facts->interface_count; i++)
		if (strcmp(facts->interfaces[i].name, name) == 0)
			return &facts->interfaces[i];
	return NULL;
}

/*
 * The kernel's order is that in which they were given, and the DHCP client's comes last where
 * others were configured beside it: it is then "secondary" to one of the same subnet.
 */
static bool counts_more(const char *ipv4, const char *own, const struct interface *interface)
{
	if (interface->ipv4[0] == '\0' || strcmp(ipv4, own) == 0)
		return true;
	return nid_unreachable(interface->ipv4) && !nid_unreachable(ipv4);
}

/* The first one of each name is the one that LNET takes by it. */
static void read_label(const char *label, const char *ipv4, struct interface *interface)
{
	size_t length = strlen(label);

	for (size_t i = 0; i < interface->taken.count; i++)
		if (strncmp(interface->taken.items[i], label, length) == 0 &&
		    strrchr(interface->taken.items[i], '=') == interface->taken.items[i] + length)
			return;
	if (interface->taken.count < ADDRESSES_MAX)
		words_addf(&interface->taken, "%s=%s", label, ipv4);
}

static void read_address(const struct ifaddrmsg *message, const struct attributes *attributes,
			 const char *own, struct interface *interface)
{
	char ipv4[INET_ADDRSTRLEN];

	if (message->ifa_family != AF_INET || attributes->local.s_addr == 0)
		return;
	inet_ntop(AF_INET, &attributes->local, ipv4, sizeof(ipv4));
	read_label(attributes->label[0] ? attributes->label : interface->name, ipv4, interface);
	if (message->ifa_scope != RT_SCOPE_UNIVERSE && strcmp(ipv4, own) != 0)
		return;
	if (interface->addresses.count < ADDRESSES_MAX &&
	    !words_contain(&interface->addresses, ipv4))
		words_add(&interface->addresses, ipv4);
	if (!counts_more(ipv4, own, interface))
		return;
	_Static_assert(sizeof(interface->ipv4) == sizeof(ipv4), "an address is whole");
	memcpy(interface->ipv4, ipv4, sizeof(ipv4));
	interface->prefix_length = message->ifa_prefixlen;
	interface->tentative = attributes->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) ||
			       attributes->valid_sec < LEASE_LEFT_SEC;
}

static void read_message(const char *data, size_t size, struct facts *facts, int *ret_code)
{
	struct attributes attributes = { .valid_sec = UINT32_MAX };
	struct ifaddrmsg message;
	struct interface *interface;

	if (size < ALIGN(sizeof(message)))
		return;
	memcpy(&message, data, sizeof(message));
	attributes.flags = message.ifa_flags;
	read_attributes(data + ALIGN(sizeof(message)), size - ALIGN(sizeof(message)), &attributes);
	interface = find_interface(facts, message.ifa_index, ret_code);
	if (interface)
		read_address(&message, &attributes, facts_assigned(facts, interface), interface);
}

void addresses_parse(const void *datagram, size_t size, struct facts *facts,
		     struct addresses_end *ret)
{
	const char *data = datagram;

	while (size >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr header;
		size_t step;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < MESSAGE_HEADER || header.nlmsg_len > size)
			return;
		if (header.nlmsg_flags & NLM_F_DUMP_INTR)
			ret->interrupted = true;
		if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR)
			ret->end = true;
		if (header.nlmsg_type == NLMSG_ERROR &&
		    header.nlmsg_len >= MESSAGE_HEADER + sizeof(ret->code))
			memcpy(&ret->code, data + MESSAGE_HEADER, sizeof(ret->code));
		if (header.nlmsg_type == RTM_NEWADDR)
			read_message(data + MESSAGE_HEADER, header.nlmsg_len - MESSAGE_HEADER,
				     facts, &ret->code);
		step = ALIGN((size_t)header.nlmsg_len);
		if (step > size)
			return;
		data += step;
		size -= step;
	}
}

static int ask(int fd)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg message;
	} request = {
		.header = {
			.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
			.nlmsg_type = RTM_GETADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = 1,
		},
		.message = { .ifa_family = AF_INET },
	};

	return send(fd, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int read_dump(int fd, struct facts *facts, struct addresses_end *end)
{
	_Alignas(struct nlmsghdr) char datagram[DATAGRAM_MAX];
	int r = ask(fd);

	for (int i = 0; r >= 0 && !end->end && i < DATAGRAMS_MAX; i++) {
		ssize_t n = recv(fd, datagram, sizeof(datagram), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		addresses_parse(datagram, (size_t)n, facts, end);
		r = end->code;
	}
	return r;
}

static int check_whole(const struct facts *facts)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		if (facts->interfaces[i].addresses.failed || facts->interfaces[i].taken.failed)
			return -ENOMEM;
	return 0;
}

static void forget_addresses(struct facts *facts)
{
	for (size_t i = 0; i < facts->interface_count; i++) {
		facts->interfaces[i].ipv4[0] = '\0';
		facts->interfaces[i].prefix_length = 0;
		facts->interfaces[i].tentative = false;
		words_done(&facts->interfaces[i].addresses);
		words_done(&facts->interfaces[i].taken);
	}
}

int addresses_find(struct facts *facts, struct error *err)
{
	cleanup(close_fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const struct timeval patience = { .tv_sec = 5 };
	struct addresses_end end = { .interrupted = true };
	int r = 0;

	if (fd < 0)
		return error_errno(err, -errno, "cannot ask the kernel for addresses");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* A dump during which addresses changed may lack some; the last try counts as it is. */
	for (int i = 0; r >= 0 && end.interrupted && i < DUMPS_MAX; i++) {
		end = (struct addresses_end){ 0 };
		forget_addresses(facts);
		r = read_dump(fd, facts, &end);
	}
	if (r >= 0)
		r = check_whole(facts);
	if (r < 0)
		return error_errno(err, r, "cannot ask the kernel for addresses");
	return 0;
}
