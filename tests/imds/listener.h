/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "problem.h"
#include "serve.h"

#include <stdbool.h>
#include <sys/socket.h>

/*
 * One --listen address. Its port is taken at once and kept; whether it listens
 * is another matter: a bound socket that does not listen refuses connections.
 */
struct listener {
	struct sockaddr_storage address;
	socklen_t address_size;
	char name[64];             /* "127.0.0.1:80", with the port really taken */
	int socket;                /* bound, not listening; -1 while the daemon has it */
	struct MHD_Daemon *daemon; /* NULL while closed */
	struct serve_context context;
};

/* Parses ADDRESS:PORT and takes the port. The listener must not move afterwards. */
int listener_bind(struct listener *listener, const char *text, struct service *service,
		  struct problem *problem);

/* The port number, in host order. */
int listener_port(const struct listener *listener);

/* Opens or closes the port; closing cuts all its connections. Nothing happens if it is so already.
 */
int listener_set_open(struct listener *listener, bool open, struct problem *problem);

/* Closes whatever is open. */
void listener_done(struct listener *listener);
