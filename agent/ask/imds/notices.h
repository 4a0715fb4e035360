/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the metadata service says from time to time, after the boot: notices every few seconds,
 * instance tags every minute. One request at a time on the caller's loop, one token for all, and
 * nothing blocks.
 *
 * Trouble is borne with pauses that double up to half a minute, or as long as Retry-After says, but
 * a minute at most: a notice may have two. It is told once it has lasted for a while. One key that
 * fails keeps no other from being asked at its time (turns.h).
 */

#include "base/error.h"
#include "base/words.h"
#include "model/notice.h"

#include <systemd/sd-event.h>

struct imds_heard {
	struct notices notices;
	bool is_remembered[NOTICES_MAX]; /* of an earlier daemon; no answer has confirmed it yet */
	bool is_doubted[NOTICES_MAX];    /* the newest answer had fewer: the next one decides */
	uint64_t service_sec;            /* what time it is by the service's clock; 0: not said */
};

/* Who hears of it; all that is passed lives until the call returns. */
struct imds_listener {
	void (*notices)(void *userdata,
			const struct imds_heard *heard); /* all, after each answer */
	/* "lustre:role=oss", in the order of their keys, when all were read. */
	void (*tags)(void *userdata, const struct words *tags);
	/* What is the matter, and whether no spot notice is heard for it; "" when it is over. */
	void (*trouble)(void *userdata, const char *sentence, bool is_deaf);
	void *userdata;
};

struct imds_notices_options {
	const char *root;     /* "" or a recorded machine, for /sys/class/dmi; outlives it all */
	const char *endpoint; /* NULL: the link-local addresses, if DMI says EC2 */
	/* What was heard before, by an earlier daemon: it holds until the service says otherwise,
	 * twice. And whether trouble was told that is not over. */
	const struct notices *known;
	bool trouble_is_told;
};

struct imds_notices;

/*
 * Begins to ask. -ENODEV: not an EC2 instance, and no endpoint was named; -EINVAL: the endpoint is
 * none. The loop must outlive it.
 */
int imds_notices_new(sd_event *loop, const struct imds_notices_options *options,
		     const struct imds_listener *listener, struct imds_notices **ret,
		     struct error *err);
struct imds_notices *imds_notices_free(struct imds_notices *notices);
