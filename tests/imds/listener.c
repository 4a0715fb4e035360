// SPDX-License-Identifier: Apache-2.0
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* getaddrinfo() takes any number and cuts it to 16 bits. */
static bool is_port(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= 5 && strspn(text, "0123456789") == length &&
	       strtol(text, NULL, 10) <= UINT16_MAX;
}

static int parse_address(struct listener *listener, const char *text, struct problem *problem)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	struct addrinfo *found;
	char host[64];

	if (*text == '[' && length >= 2 && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length == 0 || length >= sizeof(host))
		return problem_set(problem, "not ADDRESS:PORT");
	memcpy(host, text, length);
	host[length] = '\0';
	if (!is_port(colon + 1) || getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return problem_set(problem, "not a numeric ADDRESS:PORT");
	memcpy(&listener->address, found->ai_addr, found->ai_addrlen);
	listener->address_size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int bind_socket(struct listener *listener, struct problem *problem)
{
	int family = listener->address.ss_family;
	const int on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return problem_set(problem, "socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&listener->address, listener->address_size) < 0 ||
	    getsockname(fd, (struct sockaddr *)&listener->address, &listener->address_size) < 0) {
		problem_set(problem, "bind: %s", strerror(errno));
		close(fd);
		return -1;
	}
	listener->socket = fd;
	return 0;
}

int listener_port(const struct listener *listener)
{
	if (listener->address.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&listener->address)->sin6_port);
	return ntohs(((const struct sockaddr_in *)&listener->address)->sin_port);
}

static void set_name(struct listener *listener)
{
	bool v6 = listener->address.ss_family == AF_INET6;
	char host[INET6_ADDRSTRLEN];

	if (v6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&listener->address)->sin6_addr, host,
			  sizeof(host));
	else
		inet_ntop(AF_INET, &((struct sockaddr_in *)&listener->address)->sin_addr, host,
			  sizeof(host));
	snprintf(listener->name, sizeof(listener->name), v6 ? "[%s]:%d" : "%s:%d", host,
		 listener_port(listener));
}

int listener_bind(struct listener *listener, const char *text, struct service *service,
		  struct problem *problem)
{
	*listener = (struct listener){ .socket = -1 };
	if (parse_address(listener, text, problem) < 0 || bind_socket(listener, problem) < 0)
		return -1;
	set_name(listener);
	listener->context = (struct serve_context){ .service = service, .listen = listener->name };
	return 0;
}

static int listener_open(struct listener *listener, struct problem *problem)
{
	if (listener->socket < 0 && bind_socket(listener, problem) < 0)
		return -1;
	if (listen(listener->socket, SOMAXCONN) < 0)
		return problem_set(problem, "listen: %s", strerror(errno));
	listener->daemon = serve_start(&listener->context, listener->socket);
	if (!listener->daemon)
		return problem_set(problem, "cannot serve: %s", strerror(errno));
	listener->socket = -1;
	return 0;
}

/* New clients are refused first, then the old ones are cut: so nobody gets in between. */
static void listener_close(struct listener *listener)
{
	int fd = MHD_quiesce_daemon(listener->daemon);

	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
	MHD_stop_daemon(listener->daemon);
	if (fd >= 0)
		close(fd);
	listener->daemon = NULL;
}

int listener_set_open(struct listener *listener, bool open, struct problem *problem)
{
	if (open == (listener->daemon != NULL))
		return 0;
	if (open)
		return listener_open(listener, problem);
	listener_close(listener);
	return bind_socket(listener, problem);
}

void listener_done(struct listener *listener)
{
	if (listener->daemon)
		listener_close(listener);
	if (listener->socket >= 0)
		close(listener->socket);
	listener->socket = -1;
}
