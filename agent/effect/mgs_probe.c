/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mgs_probe.h"

#include "base/cleanup.h"
#include "base/event.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LNET_PORT          988 /* lnet/lnet/acceptor.c: accept_port */
#define RESOLVE_LIMIT_USEC 5000000ULL
#define CONNECT_LIMIT_USEC 4000000ULL /* an address without a host shows after 3.3 s (measured) */
#define GETENT_NOT_FOUND   2          /* getent(1) */

/* The acceptor takes one after another, and gives who says nothing five seconds (accept_timeout).
 */
#define ANSWER_LIMIT_USEC 12000000ULL

/*
 * LNET's acceptor logs an error for whoever comes from a port above 1023, says nothing, or asks for
 * a NID that it does not have. Asked for its version by a first word that is no request yet, it
 * answers with its own and closes, in silence: so it does in 1.8 as in 2.18 (source:
 * lnet/lnet/acceptor.c, lnet_accept(); LNET's lib-types.h). Words are in either byte order.
 */
#define VERSION_QUERY   0x45726963U /* LNET_PROTO_MAGIC */
#define ACCEPTOR_ANSWER 0xacce7100U /* LNET_PROTO_ACCEPTOR_MAGIC */
#define PORT_FIRST      1023        /* LNET_ACCEPTOR_MAX_RESERVED_PORT */
#define PORT_LAST       512         /* LNET_ACCEPTOR_MIN_RESERVED_PORT */

struct mgs_probe {
	sd_event *loop;
	struct processes *processes;
	char address[INET_ADDRSTRLEN];
	mgs_probe_fn done;
	void *userdata;
	int fd;
	sd_event_source *io, *timer;
	struct process *child; /* getent, while it runs */
	char heard[16];        /* magic, version, and an empty NID */
	size_t heard_size;
};

static void end(struct mgs_probe *probe, enum mgs_answer answer)
{
	mgs_probe_fn done = probe->done;
	void *userdata = probe->userdata;

	event_source_end(probe->io);
	event_source_end(probe->timer);
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
	if (done)
		done(answer, userdata);
}

/* A child is ended by signals, and tells of its end from the loop: the probe lives until then. */
void mgs_probe_cancel(struct mgs_probe *probe)
{
	if (!probe)
		return;
	probe->done = NULL;
	if (probe->child)
		process_cancel(probe->child);
	else
		end(probe, MGS_UNKNOWN);
}

static int start_child(struct mgs_probe *probe, const char *const argv[], uint64_t limit_usec,
		       process_done_fn done, struct error *err)
{
	const struct process_call call = {
		.argv = argv, .timeout_usec = limit_usec, .done = done, .userdata = probe
	};

	return process_start(probe->processes, &call, &probe->child, err);
}

static int on_no_answer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct mgs_probe *probe = userdata;

	(void)source;
	(void)usec;
	end(probe, MGS_NO_LNET);
	return 0;
}

static enum mgs_answer judge(const struct mgs_probe *probe)
{
	uint32_t word;

	memcpy(&word, probe->heard, sizeof(word));
	return word == ACCEPTOR_ANSWER || word == __builtin_bswap32(ACCEPTOR_ANSWER) ? MGS_ANSWERS
										     : MGS_NO_LNET;
}

/* All of the answer is taken: what is left unread when a socket is closed resets the connection. */
static int on_heard(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct mgs_probe *probe = userdata;
	ssize_t n = recv(fd, probe->heard + probe->heard_size,
			 sizeof(probe->heard) - probe->heard_size, 0);

	(void)source;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		probe->heard_size += (size_t)n;
	if (n <= 0 || probe->heard_size == sizeof(probe->heard))
		end(probe, judge(probe));
	return 0;
}

static int on_silent(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	end(userdata, MGS_SILENT);
	return 0;
}

static int wait_for(struct mgs_probe *probe, uint32_t events, sd_event_io_handler_t handler,
		    uint64_t limit_usec, sd_event_time_handler_t too_late)
{
	int r = sd_event_add_io(probe->loop, &probe->io, probe->fd, events, handler, probe);

	if (r >= 0)
		r = event_add_timer(probe->loop, &probe->timer, limit_usec, too_late, probe);
	/* What came before it, while we stood still, is heard before it. */
	return r < 0 ? r : sd_event_source_set_priority(probe->timer, SD_EVENT_PRIORITY_IDLE);
}

/* Right behind the handshake: a connection that is silent is one that the acceptor logs. */
static int on_connected(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	const uint32_t query = VERSION_QUERY;
	struct mgs_probe *probe = userdata;
	socklen_t size = sizeof(int);
	int code = 0;

	(void)source;
	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	probe->io = event_source_end(probe->io);
	probe->timer = event_source_end(probe->timer);
	if (code == 0 && send(fd, &query, sizeof(query), MSG_NOSIGNAL) != sizeof(query))
		code = errno;
	if (code != 0)
		end(probe, mgs_answer_of_connect(code));
	else if (wait_for(probe, EPOLLIN, on_heard, ANSWER_LIMIT_USEC, on_no_answer) < 0)
		end(probe, MGS_NOT_ASKED);
	return 0;
}

/* A socket that connects to `peer` from this port. */
static int connect_from(int port, const struct sockaddr_in *peer)
{
	const struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int r, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) == 0 &&
	    (connect(fd, (const struct sockaddr *)peer, sizeof(*peer)) == 0 ||
	     errno == EINPROGRESS))
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* From the ports that LNET itself takes, in its order: what a firewall lets through is the same. */
static int connect_to(const struct sockaddr_in *peer)
{
	int fd = -EADDRINUSE;

	for (int port = PORT_FIRST; port >= PORT_LAST; port--) {
		fd = connect_from(port, peer);
		if (fd != -EADDRINUSE && fd != -EADDRNOTAVAIL)
			break;
	}
	return fd;
}

/* Ends the probe at once where the kernel knows the answer already. */
static void start_connect(struct mgs_probe *probe)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(LNET_PORT) };
	int fd;

	if (inet_pton(AF_INET, probe->address, &peer.sin_addr) != 1) {
		end(probe, MGS_NOT_ASKED);
		return;
	}
	fd = connect_to(&peer);
	if (fd < 0) {
		end(probe, fd == -EACCES ? MGS_NOT_ASKED : mgs_answer_of_connect(-fd));
		return;
	}
	probe->fd = fd;
	if (wait_for(probe, EPOLLOUT, on_connected, CONNECT_LIMIT_USEC, on_silent) < 0)
		end(probe, MGS_NOT_ASKED);
}

/* "10.0.0.10      STREAM mgs.internal": the first address is the one to use. */
static void on_resolved(const struct process_result *result, void *userdata)
{
	struct mgs_probe *probe = userdata;

	probe->child = NULL;
	if (!probe->done)
		end(probe, MGS_UNKNOWN);
	else if (result->end != PROCESS_EXITED)
		end(probe, MGS_NO_RESOLVER);
	else if (result->code != 0)
		end(probe, result->code == GETENT_NOT_FOUND ? MGS_NO_NAME : MGS_NOT_ASKED);
	else if (sscanf(result->output, "%15s", probe->address) != 1)
		end(probe, MGS_NO_NAME);
	else
		start_connect(probe);
}

static int start_resolve(struct mgs_probe *probe, const char *host, struct error *err)
{
	const char *const argv[] = { "getent", "ahostsv4", host, NULL };

	return start_child(probe, argv, RESOLVE_LIMIT_USEC, on_resolved, err);
}

/* An address, too, takes a turn of the loop: `done` is never called from within the start. */
static int on_turn(sd_event_source *source, void *userdata)
{
	struct mgs_probe *probe = userdata;

	probe->io = event_source_end(source);
	start_connect(probe);
	return 0;
}

int mgs_probe_start(struct processes *processes, const char *nid, mgs_probe_fn done, void *userdata,
		    struct mgs_probe **ret, struct error *err)
{
	struct mgs_probe *probe = calloc(1, sizeof(*probe));
	char host[256];
	int r;

	if (!probe)
		return error_set(err, -ENOMEM, "out of memory");
	*probe = (struct mgs_probe){
		.loop = processes_loop(processes),
		.processes = processes,
		.done = done,
		.userdata = userdata,
		.fd = -1,
	};
	r = mgs_nid_host(nid, host, sizeof(host));
	if (r < 0) {
		error_set(err, r, "MGS %s: its name is too long", nid);
	} else if (mgs_nid_has_name(nid)) {
		r = start_resolve(probe, host, err);
	} else {
		/* Of addresses, only IPv4 can be asked: others are longer, and stay "". */
		if (text_format(probe->address, sizeof(probe->address), "%s", host) < 0)
			probe->address[0] = '\0';
		r = sd_event_add_defer(probe->loop, &probe->io, on_turn, probe);
		if (r < 0)
			error_errno(err, r, "cannot ask the MGS %s", nid);
	}
	if (r < 0) {
		free(probe);
		return r;
	}
	*ret = probe;
	return 0;
}
