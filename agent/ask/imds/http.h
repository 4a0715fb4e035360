/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One HTTP request and what came of it. The only user of libcurl.
 *
 * Nothing here retries or judges. Whatever the other side does, a request ends within its two times
 * and holds at most its limit in memory.
 */

#include "base/error.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum imds_http_result {
	IMDS_HTTP_ANSWERED,        /* there is a status; a body only with 200, and then whole */
	IMDS_HTTP_NOT_CONNECTED,   /* refused, or no way there: os_errno */
	IMDS_HTTP_CONNECT_TIMEOUT, /* no answer to the connection */
	IMDS_HTTP_SILENT,          /* connected, but no byte of an answer in time */
	IMDS_HTTP_SLOW,            /* an answer that did not end in time */
	IMDS_HTTP_CUT,             /* reset, closed or short before the end */
	IMDS_HTTP_GARBLED,         /* not HTTP, or of an uncertain length */
	IMDS_HTTP_TOO_LARGE,       /* more than the limit */
	IMDS_HTTP_NO_MEMORY,
};

struct imds_http_request {
	const char *method; /* "GET" or "PUT" */
	const char *path;   /* "/latest/…", percent-encoded */
	const char *header; /* one header line */
	size_t limit;       /* bytes of body */
	unsigned connect_ms;
	unsigned answer_ms;
};

struct imds_http_answer {
	enum imds_http_result result;
	long status;
	char *body; /* NUL-terminated beyond `size`; NULL unless 200 */
	size_t size;
	bool sent;                /* the request went out */
	int os_errno;             /* of the connection, positive, or 0 */
	unsigned retry_after_sec; /* 0: not asked for */
	uint64_t date_sec;        /* since 1970, by the service's clock; 0: not said */
	char location[128];       /* of a redirect, printable */
	const char *flaw;         /* of a garbled answer: what was wrong */
};

void imds_http_answer_done(struct imds_http_answer *answer);

/* Called at least once a second while a request lasts. */
typedef void (*imds_http_tick_fn)(void *userdata);

struct imds_http;

/*
 * `endpoint`: "http://HOST[:PORT]" or "HOST[:PORT]"; NULL for EC2's link-local addresses. `name`:
 * what it says it is, its User-Agent. -EINVAL: not such an endpoint.
 */
int imds_http_new(const char *endpoint, const char *name, struct imds_http **ret,
		  struct error *err);
struct imds_http *imds_http_free(struct imds_http *http);

/*
 * The next connections go through this interface ("": any) with this firewall mark (0: none), and
 * try EC2's IPv6 address too, once the other one has not answered for 150 ms.
 */
void imds_http_use(struct imds_http *http, const char *interface, unsigned mark, bool ipv6);

/* Always fills *ret, which imds_http_answer_done() frees. Ticks while it waits. */
void imds_http_perform(struct imds_http *http, const struct imds_http_request *request,
		       imds_http_tick_fn tick, void *userdata, struct imds_http_answer *ret);

/*
 * The same, for who has other things to do meanwhile: step whenever the descriptor is readable, and
 * at the time, until it is over. *ret, which is filled by then, must outlive that. Another request
 * waits for the end of this one.
 */
void imds_http_begin(struct imds_http *http, const struct imds_http_request *request,
		     struct imds_http_answer *ret);
bool imds_http_step(struct imds_http *http); /* true: over */
int imds_http_fd(const struct imds_http *http);
uint64_t imds_http_until_ms(const struct imds_http *http); /* of imds_now_ms() */
