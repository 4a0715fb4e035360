/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The wait for the MGS: one TCP connection to port 988 after another, over all its addresses, with
 * a jittered pause that grows to two seconds, so that a mount follows within about that of the MGS.
 */

#include "base/cleanup.h"
#include "effect/lnet.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#define LNET_PORT          "988" /* lnet/klnds/socklnd: accept_port */
#define CONNECT_LIMIT_USEC 3000000ULL
#define PAUSE_FIRST_USEC   100000ULL
#define PAUSE_LAST_USEC    2000000ULL

struct waiting {
	uint64_t deadline_usec, started_usec, pause_usec;
	size_t mgs; /* which of the MGS's NIDs is tried */
	int fd;
	char why[256];
	sd_event_source *io, *timer;
};

static void try_next(struct step *step);

static uint64_t now(struct step *step)
{
	uint64_t usec = 0;

	sd_event_now(step->loop, CLOCK_MONOTONIC, &usec);
	return usec;
}

static void forget_attempt(struct waiting *waiting)
{
	waiting->io = sd_event_source_disable_unref(waiting->io);
	waiting->timer = sd_event_source_disable_unref(waiting->timer);
	if (waiting->fd >= 0)
		close(waiting->fd);
	waiting->fd = -1;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct step *step = userdata;
	struct waiting *waiting = step->work;

	(void)source;
	(void)usec;
	waiting->timer = sd_event_source_disable_unref(waiting->timer);
	try_next(step);
	return 0;
}

/* Between half and all of the pause: a fleet that was started at once must not come back at once.
 */
static uint64_t jittered(uint64_t pause)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)pause;
	return pause / 2 + random % (pause / 2);
}

static const char *nid_of(struct step *step)
{
	const struct waiting *waiting = step->work;

	return step->options->plan->mgs_nids.items[waiting->mgs];
}

static void pause_then_retry(struct step *step)
{
	struct waiting *waiting = step->work;
	const struct words *nids = &step->options->plan->mgs_nids;
	uint64_t waited = (now(step) - waiting->started_usec) / 1000000;
	int r;

	forget_attempt(waiting);
	if (now(step) >= waiting->deadline_usec) {
		step_fail(step, ETIMEDOUT,
			  "the MGS %s did not answer in %llu s: %s; check mgs, that its node is "
			  "up, and "
			  "that its security group lets TCP port 988 in",
			  nid_of(step), (unsigned long long)waited, waiting->why);
		return;
	}
	step_tell(step, "waiting for the MGS %s, for %llu s: %s", nid_of(step),
		  (unsigned long long)waited, waiting->why);
	waiting->mgs = (waiting->mgs + 1) % nids->count;
	r = sd_event_add_time_relative(step->loop, &waiting->timer, CLOCK_MONOTONIC,
				       jittered(waiting->pause_usec), 0, on_pause_over, step);
	waiting->pause_usec = waiting->pause_usec * 2 > PAUSE_LAST_USEC ? PAUSE_LAST_USEC
									: waiting->pause_usec * 2;
	if (r < 0)
		step_fail(step, -r, "cannot wait for the MGS: %s", strerrordesc_np(-r));
}

static void explain(struct waiting *waiting, int code)
{
	if (code == ECONNREFUSED)
		snprintf(waiting->why, sizeof(waiting->why),
			 "its node is up, but nothing listens on port 988 yet");
	else if (code == ETIMEDOUT || code == EINPROGRESS)
		snprintf(waiting->why, sizeof(waiting->why),
			 "no answer on port 988; its security group may not let TCP port 988 in");
	else if (code == EHOSTUNREACH)
		snprintf(waiting->why, sizeof(waiting->why), "no such host on the network yet");
	else
		snprintf(waiting->why, sizeof(waiting->why), "%s", strerrordesc_np(code));
}

static int on_connected(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct step *step = userdata;
	struct waiting *waiting = step->work;
	socklen_t size = sizeof(int);
	int code = 0;

	(void)source;
	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	if (code == 0) {
		forget_attempt(waiting);
		step_done(step);
		return 0;
	}
	explain(waiting, code);
	pause_then_retry(step);
	return 0;
}

static int on_no_answer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct step *step = userdata;

	(void)source;
	(void)usec;
	explain(step->work, ETIMEDOUT);
	pause_then_retry(step);
	return 0;
}

/* "10.0.0.10@tcp" to addresses; a name is looked up anew each time, since its address may change.
 */
static struct addrinfo *resolve(struct waiting *waiting, const char *nid)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *addresses = NULL;
	char host[128]; /* what a NID's text has room for */
	int r;

	snprintf(host, sizeof(host), "%.*s", (int)strcspn(nid, "@"), nid);
	r = getaddrinfo(host, LNET_PORT, &hints, &addresses);
	if (r != 0)
		snprintf(waiting->why, sizeof(waiting->why), "%s does not resolve: %s", host,
			 gai_strerror(r));
	return r == 0 ? addresses : NULL;
}

static void try_next(struct step *step)
{
	struct waiting *waiting = step->work;
	struct addrinfo *addresses = resolve(waiting, nid_of(step));
	int r = -EHOSTUNREACH;

	if (!addresses) {
		pause_then_retry(step);
		return;
	}
	waiting->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (waiting->fd >= 0)
		r = connect(waiting->fd, addresses->ai_addr, addresses->ai_addrlen) < 0 ? -errno
											: 0;
	freeaddrinfo(addresses);
	if (waiting->fd < 0 || (r < 0 && r != -EINPROGRESS)) {
		explain(waiting, waiting->fd < 0 ? EMFILE : -r);
		pause_then_retry(step);
		return;
	}
	r = sd_event_add_io(step->loop, &waiting->io, waiting->fd, EPOLLOUT, on_connected, step);
	if (r >= 0)
		r = sd_event_add_time_relative(step->loop, &waiting->timer, CLOCK_MONOTONIC,
					       CONNECT_LIMIT_USEC, 0, on_no_answer, step);
	if (r < 0)
		step_fail(step, -r, "cannot wait for the MGS: %s", strerrordesc_np(-r));
}

void lnet_stop_waiting(struct step *step)
{
	forget_attempt(step->work);
	step_skip(step);
}

void lnet_wait_mgs(struct step *step)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	step->work = waiting;
	if (!waiting) {
		step_fail(step, ENOMEM, "out of memory");
		return;
	}
	waiting->fd = -1;
	waiting->started_usec = now(step);
	waiting->pause_usec = PAUSE_FIRST_USEC;
	waiting->deadline_usec =
		waiting->started_usec + (uint64_t)step->options->mgs_timeout_sec * 1000000;
	try_next(step);
}
