// SPDX-License-Identifier: Apache-2.0
#include "efa.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES "/sys/class/infiniband"

enum { LINK_MAX_SIZE = 256 };

bool efa_is_net(const char *net)
{
	return !strncmp(net, "efa", 3) && strspn(net + 3, "0123456789") == strlen(net + 3);
}

/* getifaddrs() has the labels of addresses, as LNET does, in the kernel's order. */
static int find_address(const char *name, struct in_addr *ret_address)
{
	struct ifaddrs *all;
	int r = -ENODEV;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (struct ifaddrs *one = all; one && r < 0; one = one->ifa_next) {
		struct sockaddr_in address;

		if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET ||
		    !(one->ifa_flags & IFF_UP) || (one->ifa_flags & IFF_LOOPBACK) ||
		    (*name && strcmp(name, one->ifa_name) != 0))
			continue;
		memcpy(&address, one->ifa_addr, sizeof(address));
		*ret_address = address.sin_addr;
		r = 0;
	}
	freeifaddrs(all);
	return r;
}

/* What a link of sysfs leads to, by its last name; "" where it is none. */
static void read_link_name(const char *device, const char *link, char name[static LINK_MAX_SIZE])
{
	char path[256], *last;
	ssize_t n;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, link);
	n = readlink(path, name, LINK_MAX_SIZE - 1);
	name[n > 0 ? n : 0] = '\0';
	last = strrchr(name, '/');
	if (last)
		memmove(name, last + 1, strlen(last));
}

/* "0000:4f:00.0": domain, bus, slot and function. */
static int read_pci_address(const char *name, unsigned long *bus, unsigned long *slot,
			    unsigned long *function)
{
	char *at;

	strtoul(name, &at, 16);
	if (*at != ':')
		return -EINVAL;
	*bus = strtoul(at + 1, &at, 16);
	if (*at != ':')
		return -EINVAL;
	*slot = strtoul(at + 1, &at, 16);
	if (*at != '.')
		return -EINVAL;
	*function = strtoul(at + 1, &at, 16);
	return *at ? -EINVAL : 0;
}

int efa_nid(const struct lnet *lnet, const char *net, const char *device, struct nid *ret_nid)
{
	unsigned long bus, slot, function;
	struct in_addr own = { 0 }, address;
	char name[LINK_MAX_SIZE];

	if (!*device || strchr(device, '/') || find_address(lnet->ipif_name, &own) < 0)
		return -ENODEV;
	read_link_name(device, "device/driver", name);
	if (strcmp(name, "efa") != 0)
		return -ENODEV;
	read_link_name(device, "device", name);
	if (read_pci_address(name, &bus, &slot, &function) < 0)
		return -ENODEV;
	address.s_addr = htonl((ntohl(own.s_addr) & 0xffff) << 16 | (uint32_t)(bus & 0xff) << 8 |
			       (uint32_t)((slot << 3 | function) & 0xff));
	nid_set(ret_nid, address, net);
	return 0;
}
