/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* By which interface, with which mark and to which addresses the service is asked. */

#include "ask/imds/http.h"
#include "ask/imds/platform.h"
#include "ask/imds/trouble.h"

struct imds_way {
	const char *root; /* "" or a recorded machine, for /sys/class/net */
	enum imds_platform platform;
	bool link_local;             /* EC2's own addresses, and no endpoint that was named */
	char interface[IF_NAMESIZE]; /* "": the routing's choice */
	unsigned mark;               /* 0, or IMDS_MARK */
};

/* Tells the HTTP client. */
void imds_way_set(const struct imds_way *way, struct imds_http *http);

/*
 * No connection came about. A lock by route is looked for, and passed with the mark if the kernel
 * lets us; where packets vanish, the next interface may be the better one. Both only for EC2's own
 * addresses. Returns the trouble, seen closer; of a lock the errno is in *answer.
 */
enum imds_trouble imds_way_find_another(struct imds_way *way, struct imds_http *http,
					enum imds_trouble trouble, struct imds_http_answer *answer);
