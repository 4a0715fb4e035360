// SPDX-License-Identifier: Apache-2.0
#include "ping.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "local.h"

/* Scaled, but never so short that an absent host (ARP fails after some 3 s) looks like a dropped
 * packet. */
static const double ping_limit = 53, ping_limit_least = 5;

int lnet_ping(const struct conf *conf, const char *text, double seconds, struct message *message)
{
	struct lnet_state state;
	struct nid nid;
	int32_t status;
	int fd, r;

	if (nid_parse(text, &nid) < 0)
		return -EINVAL;
	local_lnet_state(conf, &state);
	if (!state.count)
		return -ENETDOWN;
	if (seconds <= 0) {
		seconds = conf_seconds(conf, ping_limit);
		if (seconds < ping_limit_least)
			seconds = ping_limit_least;
	}
	fd = nid_connect(&nid, seconds, seconds);
	if (fd == -ECONNREFUSED)
		return -EIO;
	if (fd < 0)
		return fd;
	r = wire_call(fd, OP_PING, message, &status);
	close(fd);
	if (r == -EAGAIN)
		return -ETIMEDOUT;
	return r < 0 ? -EIO : status;
}
