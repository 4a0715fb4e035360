/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/route.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool parse_address(const char *text, struct sockaddr_storage *ret, socklen_t *ret_size)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(80) };

	if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
		memcpy(ret, &ipv4, sizeof(ipv4));
		*ret_size = sizeof(ipv4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) != 1)
		return false;
	memcpy(ret, &ipv6, sizeof(ipv6));
	*ret_size = sizeof(ipv6);
	return true;
}

int imds_route_bind(int fd, const char *interface, unsigned mark)
{
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return -errno;
	if (interface[0] && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
				       (socklen_t)strlen(interface) + 1) < 0)
		return -errno;
	return 0;
}

int imds_route_check(const char *address, unsigned mark)
{
	cleanup(close_fd) int fd = -1;
	struct sockaddr_storage to;
	socklen_t size;
	int r;

	if (!parse_address(address, &to, &size))
		return -EAFNOSUPPORT;
	/* Connecting a datagram socket looks the route up and sends nothing. */
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = imds_route_bind(fd, /* interface= */ "", mark);
	if (r < 0)
		return r;
	if (connect(fd, (const struct sockaddr *)&to, size) < 0)
		return -errno;
	return 0;
}

bool imds_route_connects(const char *address, const char *interface, unsigned mark, int limit_ms)
{
	cleanup(close_fd) int fd = -1;
	struct pollfd connection = { .events = POLLOUT };
	struct sockaddr_storage to;
	socklen_t size, code_size = sizeof(int);
	int code = 0;

	if (!parse_address(address, &to, &size))
		return false;
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || imds_route_bind(fd, interface, mark) < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&to, size) == 0)
		return true;
	connection.fd = fd;
	if (errno != EINPROGRESS || poll(&connection, 1, limit_ms) != 1)
		return false;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &code_size) == 0 && code == 0;
}

bool imds_route_is_barrier(int code)
{
	/* ip-route(8): prohibit gives EACCES, unreachable EHOSTUNREACH, blackhole EINVAL. */
	return code == -EACCES || code == -EHOSTUNREACH || code == -EINVAL;
}

static void free_addresses(struct ifaddrs **addresses)
{
	if (*addresses)
		freeifaddrs(*addresses);
}

static bool is_usable(const char *root, const struct ifaddrs *entry)
{
	char path[PATH_MAX];

	if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_PACKET)
		return false;
	if (!(entry->ifa_flags & IFF_UP) || (entry->ifa_flags & IFF_LOOPBACK))
		return false;
	snprintf(path, sizeof(path), "%s/sys/class/net/%s/device", root ? root : "",
		 entry->ifa_name);
	return access(path, F_OK) == 0;
}

void imds_route_next_interface(const char *root, char name[IF_NAMESIZE])
{
	cleanup(free_addresses) struct ifaddrs *list = NULL;
	unsigned current = name[0] ? if_nametoindex(name) : 0;
	unsigned best = 0, usable = 0;

	if (getifaddrs(&list) < 0)
		list = NULL;
	for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		unsigned index;

		if (!is_usable(root, entry))
			continue;
		usable++;
		index = if_nametoindex(entry->ifa_name);
		if (index > current && (best == 0 || index < best))
			best = index;
	}
	if (usable < 2 || best == 0 || !if_indextoname(best, name))
		name[0] = '\0';
}
