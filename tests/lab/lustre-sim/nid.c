// SPDX-License-Identifier: Apache-2.0
#include "nid.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"

void nid_set(struct nid *nid, struct in_addr address, const char *net)
{
	char host[INET_ADDRSTRLEN];

	nid->address = address;
	snprintf(nid->net, sizeof(nid->net), "%s", net);
	inet_ntop(AF_INET, &address, host, sizeof(host));
	snprintf(nid->text, sizeof(nid->text), "%s@%s", host, nid->net);
}

static int resolve(const char *host, struct in_addr *ret_address)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
	struct sockaddr_in first;

	if (inet_pton(AF_INET, host, ret_address) == 1)
		return 0;
	/* Only digits and dots: a mistyped address, not a name to look up. */
	if (strspn(host, "0123456789.") == strlen(host))
		return -EINVAL;
	if (getaddrinfo(host, NULL, &hints, &found))
		return -EINVAL;
	memcpy(&first, found->ai_addr, sizeof(first));
	*ret_address = first.sin_addr;
	freeaddrinfo(found);
	return 0;
}

int nid_parse(const char *text, struct nid *ret_nid)
{
	const char *at = strchr(text, '@'), *net = at ? at + 1 : "tcp";
	struct in_addr address;
	char host[256];

	if ((strncmp(net, "tcp", 3) != 0 && strncmp(net, "efa", 3) != 0) ||
	    strspn(net + 3, "0123456789") != strlen(net + 3) || strlen(net) >= sizeof(ret_nid->net))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(at ? at - text : (ptrdiff_t)strlen(text)), text);
	if (!*host || resolve(host, &address) < 0)
		return -EINVAL;
	nid_set(ret_nid, address, strcmp(net, "tcp0") ? net : "tcp");
	return 0;
}

int nid_list_parse(const char *list, struct nid *nids, size_t max)
{
	char copy[NIDS_SIZE], *rest = copy, *word;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", list);
	while ((word = strsep(&rest, ",:"))) {
		if (!*word)
			continue;
		if (count == max)
			return -EINVAL;
		if (nid_parse(word, &nids[count]) < 0) {
			snprintf(nids[count].text, sizeof(nids[count].text), "%s", word);
			return -EINVAL;
		}
		count++;
	}
	return (int)count;
}

void nid_list_format(const struct nid *nids, size_t count, char *list, size_t size)
{
	size_t used = 0;

	list[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(list + used, size - used, "%s%s", i ? "," : "",
					 nids[i].text);
}

static int wait_connected(int fd, double seconds)
{
	struct pollfd watch = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t length = sizeof(error);
	int r = poll(&watch, 1, (int)(seconds * 1000));

	if (r < 0)
		return -errno;
	if (r == 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return -errno;
	return -error;
}

/* Who vanishes in the middle of an answer is missed sooner than one that takes its time. */
static void set_timeouts(int fd, double seconds)
{
	struct timeval limit = { .tv_sec = (time_t)seconds };
	int on = 1, idle = 10, count = 2;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));

	limit.tv_usec = (suseconds_t)((seconds - (double)limit.tv_sec) * 1e6);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Connects from this port. Returns the socket, still without waiting, or a negative errno. */
static int connect_from(int port, const struct sockaddr_in *peer)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, r;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0 &&
	    (connect(fd, (const struct sockaddr *)peer, sizeof(*peer)) == 0 ||
	     errno == EINPROGRESS))
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int nid_connect(const struct nid *nid, double seconds, double answer_seconds)
{
	struct sockaddr_in peer = { .sin_family = AF_INET,
				    .sin_port = htons(LNET_PORT),
				    .sin_addr = nid->address };
	int fd = -EADDRINUSE, r;

	if (strncmp(nid->net, "tcp", 3) != 0)
		return -EHOSTUNREACH;
	for (int port = SECURE_PORT_LAST; port >= SECURE_PORT_FIRST; port--) {
		fd = connect_from(port, &peer);
		if (fd != -EADDRINUSE && fd != -EADDRNOTAVAIL)
			break;
	}
	if (fd < 0)
		return fd;
	r = wait_connected(fd, seconds);
	if (r < 0) {
		close(fd);
		return r;
	}
	fcntl(fd, F_SETFL, 0);
	set_timeouts(fd, answer_seconds);
	return fd;
}
