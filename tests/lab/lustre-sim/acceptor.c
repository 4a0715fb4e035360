// SPDX-License-Identifier: Apache-2.0
#include "acceptor.h"

#include <arpa/inet.h>
#include <byteswap.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "kernel_log.h"
#include "protocol.h"
#include "wire.h"

enum {
	VERSION_QUERY = 0x45726963, /* LNET_PROTO_MAGIC */
	ANSWER_MAGIC = 0xacce7100,  /* LNET_PROTO_ACCEPTOR_MAGIC */
	ANSWER_VERSION = 1,
	TIMEOUT_SECONDS = 5, /* accept_timeout */
};

static void set_timeout(int fd, time_t seconds)
{
	const struct timeval limit = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/* The first word is left where it is. Returns 0 or a negative errno. */
static int peek(int fd, uint32_t *ret_magic)
{
	ssize_t n;

	set_timeout(fd, TIMEOUT_SECONDS);
	n = recv(fd, ret_magic, sizeof(*ret_magic), MSG_PEEK | MSG_WAITALL);
	set_timeout(fd, 0);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return n == sizeof(*ret_magic) ? 0 : -ECONNRESET;
}

static void tell_version(const struct conf *conf, int fd, const char *peer)
{
	const uint32_t answer[4] = { ANSWER_MAGIC, ANSWER_VERSION };
	uint32_t query;
	ssize_t n = recv(fd, &query, sizeof(query), 0);

	if (n > 0)
		n = send(fd, answer, sizeof(answer), MSG_NOSIGNAL);
	if (n != sizeof(answer))
		kernel_error(conf,
			     "LNetError: %d:0:(acceptor.c:0:lnet_accept()) Error sending "
			     "magic+version in response to LNET magic from %s: %d",
			     getpid(), peer, -errno);
}

bool acceptor_admits(const struct conf *conf, int fd)
{
	struct sockaddr_in peer = { 0 };
	socklen_t length = sizeof(peer);
	char address[INET_ADDRSTRLEN] = "?";
	uint32_t magic = 0;
	int r;

	getpeername(fd, (struct sockaddr *)&peer, &length);
	inet_ntop(AF_INET, &peer.sin_addr, address, sizeof(address));
	if (ntohs(peer.sin_port) > SECURE_PORT_LAST) {
		kernel_error(conf,
			     "LNetError: %d:0:(acceptor.c:0:lnet_acceptor()) Refusing connection "
			     "from %s:%u: insecure port.",
			     getpid(), address, ntohs(peer.sin_port));
		return false;
	}
	r = peek(fd, &magic);
	if (r < 0) {
		kernel_error(conf,
			     "LNetError: %d:0:(acceptor.c:0:lnet_acceptor()) Error %d reading "
			     "connection request from %s",
			     getpid(), r, address);
		return false;
	}
	if (magic == VERSION_QUERY || magic == bswap_32(VERSION_QUERY)) {
		tell_version(conf, fd, address);
		return false;
	}
	/* In the place of LNET's hello: the length of a message of ours. */
	if (magic > WIRE_PAYLOAD_MAX) {
		kernel_error(conf,
			     "LNetError: Refusing connection from %s magic %08x: unrecognised "
			     "acceptor protocol",
			     address, magic);
		return false;
	}
	return true;
}
