/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "log.h"
#include "store.h"

#include <microhttpd.h>
#include <stdatomic.h>

/* What all listeners share. */
struct service {
	struct store *store;
	struct log *log;                   /* or NULL */
	atomic_uint_least64_t connections; /* accepted so far */
};

/* One listener's view of it: what its daemon's callbacks are given. */
struct serve_context {
	struct service *service;
	const char *listen; /* "127.0.0.1:80" */
};

/*
 * Starts answering on a listening socket, which then belongs to the daemon. A
 * thread serves each connection, so that an effect may take its time. The
 * context must outlive the daemon. Returns NULL with errno set.
 */
struct MHD_Daemon *serve_start(struct serve_context *context, int listening_socket);
