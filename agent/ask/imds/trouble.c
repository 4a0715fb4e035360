/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/trouble.h"

#include "ask/imds/route.h"
#include "base/errno_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MODIFY    "aws ec2 modify-instance-metadata-options --instance-id ID "
#define ALWAYS    IMDS_UNTIL_DEADLINE
#define SEE_PROXY "look for a proxy or a firewall on the way to it"
#define RESTART   "stop and start the instance if it stays so"
#define UNLOCK                                                                                    \
	"let this unit have CAP_NET_ADMIN, for the firewall mark that passes systemd's lock, or " \
	"unlock "                                                                                 \
	"it: systemd.imds.network=unlocked on the kernel command line"

static const struct imds_trouble_rule rules[_IMDS_TROUBLE_COUNT] = {
	[IMDS_SHORT] = { "no socket for it", IMDS_DETAIL_ERRNO, -ETIMEDOUT, ALWAYS, 1000,
			 "see what has all the files open, or the memory: /proc/sys/fs/file-nr, "
			 "LimitNOFILE= of this unit, ulimit -n of a shell" },
	/* A try without a route costs no packet, so it may be frequent. */
	[IMDS_UNROUTED] = { "no way to it yet", IMDS_DETAIL_ERRNO, -ETIMEDOUT, ALWAYS, 250,
			    "bring the primary interface up, with an address" },
	[IMDS_REFUSED] = { "connection refused", IMDS_DETAIL_NONE, -ETIMEDOUT, ALWAYS, 1000,
			   "see that nothing on this machine takes its address" },
	[IMDS_UNREACHED] = { "nothing answers to a connection", IMDS_DETAIL_NONE, -ETIMEDOUT,
			     ALWAYS, 2000,
			     "look for a firewall rule or a wrong route on the way to it" },
	[IMDS_TOKEN_SILENT] = { "connected, but the request for a token is not answered",
				IMDS_DETAIL_NONE, -ETIMEDOUT, ALWAYS, 2000,
				"too small a hop limit is the likely cause: " MODIFY
				"--http-put-response-hop-limit 2" },
	[IMDS_SILENT] = { "connected, but not answered", IMDS_DETAIL_NONE, -ETIMEDOUT, ALWAYS, 2000,
			  SEE_PROXY },
	[IMDS_SLOW] = { "the answer comes too slowly", IMDS_DETAIL_NONE, -ETIMEDOUT, ALWAYS, 2000,
			RESTART },
	[IMDS_CUT] = { "the connection ends before the answer is whole", IMDS_DETAIL_NONE,
		       -ETIMEDOUT, ALWAYS, 2000, SEE_PROXY },
	/* EC2 has answered 401 to tokens just issued for many seconds of a boot
	   (NixOS/nixpkgs#542874). */
	[IMDS_UNAUTHORIZED] = { "even a new token is not accepted", IMDS_DETAIL_STATUS, -ETIMEDOUT,
				ALWAYS, 2000, RESTART },
	[IMDS_THROTTLED] = { "it wants fewer requests", IMDS_DETAIL_STATUS, -ETIMEDOUT, ALWAYS,
			     2000, "find what else on this instance asks it so often" },
	[IMDS_BUSY] = { "answered with an error", IMDS_DETAIL_STATUS, -ETIMEDOUT, ALWAYS, 2000,
			RESTART },

	/* The route of the lock may come up before the rule for the mark. */
	[IMDS_LOCKED] = { "a route forbids it, as systemd's lock of the metadata service does",
			  IMDS_DETAIL_ERRNO, -EACCES, 10000, 1000, UNLOCK },
	[IMDS_ABSENT] = { "absent or empty", IMDS_DETAIL_STATUS, -ENOENT, 30000, 2000, RESTART },
	[IMDS_GARBLED] = { "the answer makes no sense", IMDS_DETAIL_FLAW, -EPROTO, 10000, 2000,
			   SEE_PROXY },
	[IMDS_MALFORMED] = { "the answer is not what this key holds", IMDS_DETAIL_NONE, -EBADMSG,
			     10000, 2000, SEE_PROXY },

	[IMDS_DISABLED] = { "disabled for this instance", IMDS_DETAIL_STATUS, -EACCES, 0, 0,
			    "enable it: " MODIFY "--http-endpoint enabled" },
	[IMDS_NOT_V2] = { "no IMDSv2 here, it issues no token", IMDS_DETAIL_STATUS, -EPROTO, 0, 0,
			  "this agent speaks no older version; ask at the endpoint of EC2 itself" },
	[IMDS_REDIRECTED] = { "redirected, which is not followed", IMDS_DETAIL_LOCATION, -EPROTO, 0,
			      0, SEE_PROXY },
	[IMDS_UNEXPECTED] = { "answered as it never should", IMDS_DETAIL_STATUS, -EPROTO, 0, 0,
			      SEE_PROXY },
	[IMDS_TOO_LARGE] = { "too large", IMDS_DETAIL_LIMIT, -EFBIG, 0, 0, "make it smaller" },
	[IMDS_NO_MEMORY] = { "out of memory", IMDS_DETAIL_NONE, -ENOMEM, 0, 0,
			     "give this machine more memory" },
};

const struct imds_trouble_rule *imds_trouble_rule(enum imds_trouble trouble)
{
	return &rules[trouble];
}

static enum imds_trouble judge_ok(const struct imds_question *question,
				  const struct imds_http_answer *answer)
{
	if (question->required && answer->size == 0)
		return IMDS_ABSENT;
	if (question->is_well_formed && answer->size > 0 &&
	    !question->is_well_formed(answer->body, answer->size))
		return IMDS_MALFORMED;
	return IMDS_FINE;
}

static enum imds_trouble judge_status(const struct imds_question *question,
				      const struct imds_http_answer *answer)
{
	switch (answer->status) {
	case 200:
		return judge_ok(question, answer);
	case 401:
		return IMDS_UNAUTHORIZED;
	case 403:
		return IMDS_DISABLED;
	case 404:
		if (question->is_token)
			return IMDS_NOT_V2;
		return question->required || question->is_listed ? IMDS_ABSENT : IMDS_FINE;
	case 405:
		return question->is_token ? IMDS_NOT_V2 : IMDS_UNEXPECTED;
	case 408:
	case 429:
		return IMDS_THROTTLED;
	default:
		break;
	}
	if (answer->status >= 500)
		return IMDS_BUSY;
	if (answer->status >= 300 && answer->status < 400)
		return IMDS_REDIRECTED;
	return IMDS_UNEXPECTED;
}

static enum imds_trouble judge_connection(const struct imds_http_answer *answer)
{
	switch (answer->os_errno) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
		return IMDS_SHORT;
	case ECONNREFUSED:
		return IMDS_REFUSED;
	case ETIMEDOUT:
	case EHOSTUNREACH:
		return IMDS_UNREACHED;
	default:
		return IMDS_UNROUTED;
	}
}

enum imds_trouble imds_judge(const struct imds_question *question,
			     const struct imds_http_answer *answer)
{
	switch (answer->result) {
	case IMDS_HTTP_ANSWERED:
		return judge_status(question, answer);
	case IMDS_HTTP_NOT_CONNECTED:
		return judge_connection(answer);
	case IMDS_HTTP_CONNECT_TIMEOUT:
		return IMDS_UNREACHED;
	case IMDS_HTTP_SILENT:
		return question->is_token ? IMDS_TOKEN_SILENT : IMDS_SILENT;
	case IMDS_HTTP_SLOW:
		return IMDS_SLOW;
	case IMDS_HTTP_CUT:
		return IMDS_CUT;
	case IMDS_HTTP_GARBLED:
		return IMDS_GARBLED;
	case IMDS_HTTP_TOO_LARGE:
		return IMDS_TOO_LARGE;
	case IMDS_HTTP_NO_MEMORY:
		return IMDS_NO_MEMORY;
	}
	return IMDS_UNEXPECTED;
}

void imds_trouble_describe(enum imds_trouble trouble, const struct imds_question *question,
			   const struct imds_http_answer *answer, char *text, size_t size)
{
	const struct imds_trouble_rule *rule = &rules[trouble];

	switch (rule->detail) {
	case IMDS_DETAIL_NONE:
		snprintf(text, size, "%s", rule->what);
		break;
	case IMDS_DETAIL_STATUS:
		snprintf(text, size, "%s (%ld)", rule->what, answer->status);
		break;
	case IMDS_DETAIL_ERRNO:
		snprintf(text, size, "%s (%s)", rule->what,
			 answer->os_errno ? errno_text(answer->os_errno) : "no address");
		break;
	case IMDS_DETAIL_FLAW:
		snprintf(text, size, "%s (%s)", rule->what, answer->flaw);
		break;
	case IMDS_DETAIL_LOCATION:
		snprintf(text, size, "%s (%ld, to %s)", rule->what, answer->status,
			 answer->location[0] ? answer->location : "nowhere");
		break;
	case IMDS_DETAIL_LIMIT:
		snprintf(text, size, "%s (more than %zu bytes)", rule->what, question->limit);
		break;
	}
}
