// SPDX-License-Identifier: Apache-2.0
/*
 * The daemon: one thread waits for connections and for changes of the mount table, one more per
 * connection answers its requests one after the other.
 */
#include "simd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "acceptor.h"
#include "kernel_files.h"
#include "lnet.h"
#include "targets.h"
#include "tools.h"

struct served {
	struct simd *simd;
	struct connection *connection;
};

static void *connection_thread(void *argument)
{
	struct served served = *(struct served *)argument;
	struct message message = { 0 };
	struct simd *simd = served.simd;
	int fd = served.connection->fd;
	uint32_t operation;
	bool admitted = served.connection->local || acceptor_admits(&simd->conf, fd);
	int32_t status;

	free(argument);
	while (admitted && wire_receive(fd, &operation, &status, &message) == 0) {
		status = simd_handle(simd, served.connection, operation, &message);
		if (status < 0)
			message_reset(&message);
		if (wire_send(fd, operation, status, &message) < 0)
			break;
	}
	message_done(&message);
	pthread_mutex_lock(&simd->lock);
	targets_release(simd, fd);
	served.connection->fd = -1;
	pthread_mutex_unlock(&simd->lock);
	close(fd);
	return NULL;
}

/* A free slot, or CONNECTIONS_MAX. */
static size_t connection_slot(const struct simd *simd)
{
	size_t slot = 0;

	while (slot < CONNECTIONS_MAX && simd->connections[slot].fd >= 0)
		slot++;
	return slot;
}

static void keep_alive(int fd)
{
	int on = 1, idle = 10, count = 3;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* True if a thread has taken the connection over. */
static bool start_connection(struct simd *simd, struct connection *connection, int fd,
			     const struct in_addr *address, const struct sockaddr_in *peer)
{
	struct served *served = malloc(sizeof(*served));
	pthread_t thread;

	if (!served)
		return false;
	*served = (struct served){ simd, connection };
	*connection = (struct connection){ .fd = fd, .local = !address };
	if (address) {
		connection->address = *address;
		connection->peer = peer->sin_addr;
	}
	if (pthread_create(&thread, NULL, connection_thread, served) == 0) {
		pthread_detach(thread);
		return true;
	}
	connection->fd = -1;
	free(served);
	return false;
}

/* `address`: the NI's, NULL for the unix socket. */
static void accept_one(struct simd *simd, int listener, const struct in_addr *address)
{
	struct sockaddr_in peer = { 0 };
	socklen_t length = sizeof(peer);
	int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
	bool taken = false;
	size_t slot;

	if (fd < 0)
		return;
	if (address)
		keep_alive(fd);
	pthread_mutex_lock(&simd->lock);
	slot = connection_slot(simd);
	if (slot < CONNECTIONS_MAX)
		taken = start_connection(simd, &simd->connections[slot], fd, address, &peer);
	pthread_mutex_unlock(&simd->lock);
	if (!taken)
		close(fd);
}

static size_t watch_set(struct simd *simd, struct pollfd *watched, struct in_addr *addresses)
{
	size_t count = 0;

	pthread_mutex_lock(&simd->lock);
	for (size_t i = 0; i < simd->lnet.count; i++) {
		addresses[count] = simd->lnet.nis[i].nid.address;
		watched[count++] = (struct pollfd){ simd->lnet.nis[i].listener, POLLIN, 0 };
	}
	pthread_mutex_unlock(&simd->lock);
	return count;
}

static void serve(struct simd *simd, int local, int mounts)
{
	struct pollfd watched[NIDS_MAX + 3];
	struct in_addr addresses[NIDS_MAX];

	while (!simd->stopping) {
		size_t nis = watch_set(simd, watched + 3, addresses);
		uint64_t ticks;

		watched[0] = (struct pollfd){ local, POLLIN, 0 };
		watched[1] = (struct pollfd){ mounts, POLLPRI, 0 };
		watched[2] = (struct pollfd){ simd->wake, POLLIN, 0 };
		if (poll(watched, nis + 3, -1) < 0)
			continue;
		if (watched[2].revents) {
			/* Listeners may be gone or new: look again before anything else. */
			if (read(simd->wake, &ticks, sizeof(ticks)) < 0)
				continue;
			continue;
		}
		if (watched[1].revents) {
			pthread_mutex_lock(&simd->lock);
			targets_sweep(simd);
			pthread_mutex_unlock(&simd->lock);
		}
		if (watched[0].revents)
			accept_one(simd, local, NULL);
		for (size_t i = 0; i < nis; i++) {
			if (watched[3 + i].revents & POLLIN)
				accept_one(simd, watched[3 + i].fd, &addresses[i]);
		}
	}
}

static int listen_local(const struct conf *conf)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/simd.sock", conf->run_dir);
	unlink(address.sun_path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

/* sd_notify(3)'s READY=1, without the library. */
static void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length;
	int fd;

	if (!path || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&address, length) < 0)
		perror("lustre-simd: notify");
	close(fd);
}

static int simd_start(struct simd *simd)
{
	int local, mounts;

	mkdir(simd->conf.run_dir, 0700);
	simd->wake = eventfd(0, EFD_CLOEXEC);
	mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	local = listen_local(&simd->conf);
	if (simd->wake < 0 || mounts < 0 || local < 0 || kernel_files_start(simd) < 0) {
		fprintf(stderr, "lustre-simd: cannot start: %s\n", strerror(errno));
		return 1;
	}
	notify_ready();
	serve(simd, local, mounts);
	lnet_shutdown(simd);
	return 0;
}

int simd_main(const struct conf *conf, int argc, char **argv)
{
	struct simd *simd = calloc(1, sizeof(*simd));
	int r;

	if (!simd)
		return 1;
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && !strcmp(argv[1], "--daemon") && daemon(0, 0) < 0)
		return 1;
	simd->conf = *conf;
	pthread_mutex_init(&simd->lock, NULL);
	pthread_mutex_init(&simd->registering, NULL);
	pthread_cond_init(&simd->idle, NULL);
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		simd->connections[i].fd = -1;
	r = simd_start(simd);
	/* Threads may still hold it; the process ends here. */
	exit(r);
}
