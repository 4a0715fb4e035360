// SPDX-License-Identifier: Apache-2.0
#include "lnet.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "efa.h"
#include "kernel_log.h"
#include "targets.h"

static bool is_asked_for(const struct ifaddrs *one, const char *name, const struct in_addr *own)
{
	struct sockaddr_in address;

	if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || !(one->ifa_flags & IFF_UP) ||
	    (one->ifa_flags & IFF_LOOPBACK))
		return false;
	memcpy(&address, one->ifa_addr, sizeof(address));
	if (own)
		return address.sin_addr.s_addr == own->s_addr;
	return !*name || !strcmp(name, one->ifa_name);
}

/*
 * An UP interface with an IPv4 address: the named one, that of the address for "ADDRESS@NET", or
 * the first one for an empty name. getifaddrs() has the labels of addresses, as LNET does, in the
 * kernel's order.
 */
static int find_interface(const char *name, struct in_addr *ret_address,
			  char ret_name[static IF_NAMESIZE])
{
	struct nid nid;
	const struct in_addr *own = strchr(name, '@') ? &nid.address : NULL;
	struct ifaddrs *all;
	int r = -ENETDOWN;

	if (own && nid_parse(name, &nid) < 0)
		return -EINVAL;
	if (getifaddrs(&all) < 0)
		return -errno;
	for (struct ifaddrs *one = all; one && r < 0; one = one->ifa_next) {
		struct sockaddr_in address;

		if (!is_asked_for(one, name, own))
			continue;
		memcpy(&address, one->ifa_addr, sizeof(address));
		*ret_address = address.sin_addr;
		snprintf(ret_name, IF_NAMESIZE, "%s", one->ifa_name);
		r = 0;
	}
	freeifaddrs(all);
	return r;
}

static int listen_on(struct in_addr address)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_port = htons(LNET_PORT),
				   .sin_addr = address };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 || listen(fd, SOMAXCONN) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

static void wake(struct simd *simd)
{
	eventfd_write(simd->wake, 1);
}

/* LNET loads what a net needs by itself, and then nobody told it of an interface. */
static int start_efa(struct simd *simd, const char *net, const char *device, struct ni *ni)
{
	struct lnet *lnet = &simd->lnet;
	int r;

	lnet->has_efa = true;
	for (size_t i = 0; i < lnet->count; i++) {
		if (efa_is_net(lnet->nis[i].nid.net) && !strcmp(lnet->nis[i].interface, device)) {
			kernel_error(&simd->conf,
				     "LNetError: %d:0:(kefalnd.c:0:kefalnd_startup()) Device[%s] "
				     "already exists",
				     getpid(), device);
			return -EINVAL;
		}
	}
	r = efa_nid(lnet, net, device, &ni->nid);
	if (r < 0)
		kernel_error(&simd->conf,
			     "LNetError: %d:0:(kefalnd.c:0:kefalnd_startup()) Failed to initialize "
			     "device[%s]. err[%d]",
			     getpid(), device, r);
	snprintf(ni->interface, sizeof(ni->interface), "%s", device);
	ni->listener = -1;
	return r;
}

static int start_tcp(struct simd *simd, const char *net, const char *interface, struct ni *ni)
{
	struct in_addr address = { 0 };

	if (find_interface(interface, &address, ni->interface) < 0) {
		kernel_error(&simd->conf,
			     "LNetError: %d:0:(config.c:0:lnet_inet_select()) ksocklnd: failed to "
			     "find UP interface %s",
			     getpid(), interface);
		kernel_error(&simd->conf, "LNetError: Error -100 starting up LNI %s", net);
		return -ENETDOWN;
	}
	nid_set(&ni->nid, address, net);
	/* Of an interface that gives no speed, as this one's. */
	ni->conns = 1;
	return 0;
}

static int start_ni(struct simd *simd, const char *net, const char *interface)
{
	struct lnet *lnet = &simd->lnet;
	struct ni ni = { 0 };
	int r;

	if (lnet->count == NIDS_MAX)
		return -ENOSPC;
	r = efa_is_net(net) ? start_efa(simd, net, interface, &ni)
			    : start_tcp(simd, net, interface, &ni);
	if (r < 0)
		return r;
	for (size_t i = 0; i < lnet->count; i++) {
		if (!strcmp(lnet->nis[i].nid.text, ni.nid.text))
			return -EEXIST;
	}
	if (!efa_is_net(net)) {
		ni.listener = listen_on(ni.nid.address);
		if (ni.listener < 0)
			return ni.listener;
	}
	lnet->nis[lnet->count++] = ni;
	kernel_info(&simd->conf, "LNet: Added LNI %s [8/256/0/180]", ni.nid.text);
	wake(simd);
	return 0;
}

static void stop_ni(struct simd *simd, size_t index)
{
	struct lnet *lnet = &simd->lnet;
	struct ni ni = lnet->nis[index];

	if (ni.listener >= 0)
		close(ni.listener);
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &simd->connections[i];

		if (connection->fd >= 0 && !connection->local &&
		    connection->address.s_addr == ni.nid.address.s_addr)
			shutdown(connection->fd, SHUT_RDWR);
	}
	kernel_info(&simd->conf, "LNet: Removed LNI %s", ni.nid.text);
	lnet->count--;
	memmove(&lnet->nis[index], &lnet->nis[index + 1],
		(lnet->count - index) * sizeof(lnet->nis[0]));
	wake(simd);
}

void lnet_shutdown(struct simd *simd)
{
	while (simd->lnet.count)
		stop_ni(simd, simd->lnet.count - 1);
	simd->lnet.rule_count = 0;
	simd->lnet.up = false;
}

/* One network of the option: "tcp", or "tcp1(eth0,eth1)". */
static int start_network(struct simd *simd, const char *network)
{
	char net[32], interfaces[128] = "", *rest = interfaces, *interface;
	int r;

	if (sscanf(network, " %31[a-z0-9] ( %127[^)]", net, interfaces) < 1)
		return -EINVAL;
	if (!*interfaces)
		return start_ni(simd, net, "");
	while ((interface = strsep(&rest, ","))) {
		r = start_ni(simd, net, interface);
		if (r < 0)
			return r;
	}
	return 0;
}

static int start_networks(struct simd *simd)
{
	char copy[sizeof(simd->lnet.networks) + 1];
	int depth = 0, r;
	char *from = copy;

	if (!*simd->lnet.networks)
		return start_ni(simd, "tcp", "");
	snprintf(copy, sizeof(copy), "%s,", simd->lnet.networks);
	for (char *c = copy; *c; c++) {
		depth += (*c == '(') - (*c == ')');
		if (*c != ',' || depth > 0)
			continue;
		*c = '\0';
		r = *from ? start_network(simd, from) : 0;
		if (r < 0)
			return r;
		from = c + 1;
	}
	return 0;
}

int lnet_configure(struct simd *simd, bool all)
{
	int r = 0;

	if (simd->lnet.up)
		return 0;
	simd->lnet.up = true;
	simd->lnet.discovery = true;
	if (all && !simd->lnet.stale)
		r = start_networks(simd);
	if (r < 0) {
		lnet_shutdown(simd);
		return r == -EEXIST ? r : -ENETDOWN;
	}
	return 0;
}

int lnet_unconfigure(struct simd *simd)
{
	if (targets_busy(simd))
		return -EBUSY;
	if (simd->lnet.up)
		simd->lnet.stale = true;
	lnet_shutdown(simd);
	return 0;
}

int lnet_add(struct simd *simd, const char *net, const char *interface,
	     const struct tunables *tunables)
{
	struct ni *added;
	int r;

	if (!simd->lnet.up)
		return -ESHUTDOWN;
	r = start_ni(simd, net, interface);
	if (r < 0)
		return r;
	added = &simd->lnet.nis[simd->lnet.count - 1];
	if (tunables->conns > 0 && added->conns > 0)
		added->conns = tunables->conns;
	added->peer_credits = tunables->peer_credits;
	return 0;
}

int lnet_prefer(struct simd *simd, const char *net)
{
	struct lnet *lnet = &simd->lnet;

	for (size_t i = 0; i < lnet->rule_count; i++)
		if (!strcmp(lnet->rules[i], net))
			return -EALREADY;
	if (lnet->rule_count == RULES_MAX)
		return -ENOSPC;
	snprintf(lnet->rules[lnet->rule_count++], sizeof(lnet->rules[0]), "%s", net);
	return 0;
}

int lnet_delete(struct simd *simd, const char *net, const char *interface)
{
	struct lnet *lnet = &simd->lnet;
	bool found = false;

	for (size_t i = lnet->count; i-- > 0;) {
		if (strcmp(lnet->nis[i].nid.net, net) != 0 ||
		    (*interface && strcmp(lnet->nis[i].interface, interface) != 0))
			continue;
		stop_ni(simd, i);
		found = true;
	}
	return found ? 0 : -EINVAL;
}
