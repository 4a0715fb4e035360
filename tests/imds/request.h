/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "token.h"

#include <stdbool.h>
#include <stdint.h>

/* One request, as far as the simulator looks at it. All text is borrowed from the HTTP library. */
struct request {
	uint64_t connection; /* counts accepted connections, from 1 */
	const char *listen;  /* "127.0.0.1:80", the address it came in by */
	const char *source;  /* the client's address, without port */
	const char *method;
	const char *path;             /* percent-decoded, without query */
	const char *token;            /* X-aws-ec2-metadata-token, or NULL */
	const char *token_ttl;        /* X-aws-ec2-metadata-token-ttl-seconds, or NULL */
	const char *user_agent;       /* NULL: says nothing of itself */
	bool forwarded;               /* carries X-Forwarded-For */
	struct token_verdict verdict; /* what its node thinks of the token */
};
