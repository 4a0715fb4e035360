/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/http.h"

#include "ask/imds/endpoint.h"
#include "ask/imds/exchange.h"
#include "ask/imds/retry.h"
#include "ask/imds/route.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define RACE_MS    150
#define TICK_MS    1000
#define EVENTS_MAX 8 /* two sockets race, and a resolver of libcurl's may have some */

/*
 * With both addresses under one name libcurl races them; no name server is asked. Which comes first
 * depends on its version: the first of the list until 8.13, IPv6 since. So it is IPv6 for all, and
 * IPv4, which every instance has, gets its head start before (choose_family()).
 */
#define RACE_NAME "instance-metadata"
#define RACE_BASE "http://" RACE_NAME
#define RACE_HOST "Host: " IMDS_IPV4

enum family {
	RACE,
	ONLY_IPV4,
	ONLY_IPV6,
};

static const char *const resolve_entry[] = {
	[RACE] = RACE_NAME ":80:[" IMDS_IPV6 "]," IMDS_IPV4,
	[ONLY_IPV4] = RACE_NAME ":80:" IMDS_IPV4,
	[ONLY_IPV6] = RACE_NAME ":80:[" IMDS_IPV6 "]",
};

struct imds_http {
	CURL *curl;        /* the one request at a time */
	CURLM *multi;      /* drives it, and keeps its connection */
	int epoll;         /* what libcurl waits for */
	uint64_t timer_ms; /* when it wants to be called at the latest; UINT64_MAX: whenever */
	char *base;        /* "http://HOST:PORT" */
	bool link_local, ipv6;
	enum family family;
	struct curl_slist *resolve;
	char interface[IF_NAMESIZE];
	unsigned mark;
	bool closes;  /* the last answer announced the end of the connection */
	bool lingers; /* … and then it did not come */

	bool is_begun; /* a request, of which the rest is */
	int shortage;  /* errno of a socket that it could not have, or 0 */
	struct imds_exchange exchange;
	struct curl_slist *headers;
	uint64_t connect_end_ms, end_ms;
};

/* ---- callbacks of libcurl ---- */

static size_t on_body(char *data, size_t one, size_t size, void *userdata)
{
	(void)one;
	return imds_exchange_add_body(userdata, data, size) ? size : 0;
}

static size_t on_header(char *line, size_t one, size_t size, void *userdata)
{
	(void)one;
	return imds_exchange_add_header(userdata, line, size) ? size : 0;
}

/* Of a socket that cannot be had libcurl knows only that there is no connection. */
static curl_socket_t on_open(void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct imds_http *http = userdata;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd < 0 && error_is_shortage(-errno))
		http->shortage = errno;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_socket(void *userdata, curl_socket_t fd, curlsocktype purpose)
{
	const struct imds_http *http = userdata;

	(void)purpose;
	/* Where the kernel refuses these, the connection's own error tells the same story. */
	imds_route_bind(fd, http->interface, http->mark);
	return CURL_SOCKOPT_OK;
}

/* What the multi handle waits for becomes what `epoll` does. */
static int on_socket_change(CURL *curl, curl_socket_t fd, int what, void *userdata, void *data)
{
	const struct imds_http *http = userdata;
	struct epoll_event event = { .data.fd = fd };

	(void)curl;
	(void)data;
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	/* The number of a socket that was closed may be another's by now: then it is not in there.
	 */
	epoll_ctl(http->epoll, EPOLL_CTL_DEL, fd, NULL);
	if (what != CURL_POLL_REMOVE)
		epoll_ctl(http->epoll, EPOLL_CTL_ADD, fd, &event);
	return 0;
}

static int on_timer_change(CURLM *multi, long after_ms, void *userdata)
{
	struct imds_http *http = userdata;

	(void)multi;
	http->timer_ms = after_ms < 0 ? UINT64_MAX : imds_now_ms() + (uint64_t)after_ms;
	return 0;
}

/* ---- the handle ---- */

static void set_fixed_options(struct imds_http *http, const char *name)
{
	CURL *curl = http->curl;

#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP);
#endif
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	/* "" rules out http_proxy of the environment, "*" whatever else might be set. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, (long)RACE_MS);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, name);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, http);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, http);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
}

static void set_multi_options(struct imds_http *http)
{
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket_change);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
}

/* Which of the two addresses the next connections try. */
static void set_family(struct imds_http *http, enum family family)
{
	struct curl_slist *list;

	if (!http->link_local)
		return;
	http->family = family;
	list = curl_slist_append(NULL, resolve_entry[http->ipv6 ? family : ONLY_IPV4]);
	curl_easy_setopt(http->curl, CURLOPT_RESOLVE, list);
	curl_slist_free_all(http->resolve);
	http->resolve = list;
}

void imds_http_use(struct imds_http *http, const char *interface, unsigned mark, bool ipv6)
{
	http->ipv6 = ipv6;
	text_set(http->interface, sizeof(http->interface), "%s", interface);
	http->mark = mark;
	set_family(http, RACE);
}

static int make_handles(struct imds_http *http, const char *name, struct error *err)
{
	http->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (http->epoll < 0)
		return error_errno(err, -errno, "cannot wait for the metadata service");
	http->curl = curl_easy_init();
	http->multi = curl_multi_init();
	if (!http->curl || !http->multi)
		return error_set(err, -ENOMEM, "out of memory");
	set_fixed_options(http, name);
	set_multi_options(http);
	set_family(http, RACE);
	return 0;
}

int imds_http_new(const char *endpoint, const char *name, struct imds_http **ret, struct error *err)
{
	struct imds_http *http;
	int r;

	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
		return error_set(err, -EIO, "libcurl cannot start");
	http = calloc(1, sizeof(*http));
	if (!http)
		return error_set(err, -ENOMEM, "out of memory");
	http->timer_ms = UINT64_MAX;
	http->link_local = endpoint == NULL;
	r = make_handles(http, name, err);
	if (r == 0 && endpoint)
		r = imds_endpoint_parse(endpoint, &http->base, err);
	if (r < 0) {
		imds_http_free(http);
		return r;
	}
	*ret = http;
	return 0;
}

struct imds_http *imds_http_free(struct imds_http *http)
{
	if (!http)
		return NULL;
	if (http->is_begun)
		curl_multi_remove_handle(http->multi, http->curl);
	curl_easy_cleanup(http->curl);
	curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->headers);
	if (http->epoll >= 0)
		close(http->epoll);
	curl_slist_free_all(http->resolve);
	free(http->base);
	free(http);
	return NULL;
}

/* ---- one request ---- */

static bool was_sent(const struct imds_http *http)
{
	long bytes = 0;

	curl_easy_getinfo(http->curl, CURLINFO_REQUEST_SIZE, &bytes);
	return bytes > 0;
}

/* What became of the request, once libcurl is done with it. */
static CURLcode result_of(const struct imds_http *http)
{
	int left;
	const CURLMsg *message = curl_multi_info_read(http->multi, &left);

	return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OUT_OF_MEMORY;
}

static enum imds_ending ending_of(CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
		return IMDS_ENDED_WELL;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return IMDS_ENDED_UNCONNECTED;
	case CURLE_OPERATION_TIMEDOUT:
		return IMDS_ENDED_BY_TIME;
	case CURLE_FILESIZE_EXCEEDED:
		return IMDS_ENDED_TOO_LARGE;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return IMDS_ENDED_CUT;
	default:
		return IMDS_ENDED_OTHERWISE;
	}
}

/*
 * Bytes behind the announced end, on a connection that is kept: libcurl has closed it because of
 * them, or they wait in the socket.
 */
static bool has_excess(const struct imds_http *http)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	char byte;

	curl_easy_getinfo(http->curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd == CURL_SOCKET_BAD || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* The address that answered is kept to, so that the other one costs no time again; until it fails.
 */
static void settle_family(struct imds_http *http, const struct imds_http_answer *answer)
{
	char *address = NULL;

	if (!http->ipv6)
		return;
	if (answer->result == IMDS_HTTP_CONNECT_TIMEOUT ||
	    answer->result == IMDS_HTTP_NOT_CONNECTED) {
		set_family(http, RACE);
		return;
	}
	curl_easy_getinfo(http->curl, CURLINFO_PRIMARY_IP, &address);
	if (address && *address)
		set_family(http, strchr(address, ':') ? ONLY_IPV6 : ONLY_IPV4);
}

/* Returns true, as imds_http_step() does at the end. */
static bool finish(struct imds_http *http, CURLcode code)
{
	struct imds_exchange *exchange = &http->exchange;
	enum imds_ending ending = ending_of(code);
	long os_errno = 0;

	curl_easy_getinfo(http->curl, CURLINFO_OS_ERRNO, &os_errno);
	exchange->answer->sent = was_sent(http);
	exchange->answer->os_errno = os_errno ? (int)os_errno : http->shortage;
	exchange->has_excess |= code == CURLE_OK && !exchange->headers.closes && has_excess(http);
	http->lingers |= imds_exchange_lacks_only_the_end(exchange, ending);
	http->closes = exchange->headers.closes;
	imds_exchange_finish(exchange, ending, curl_easy_strerror(code));
	curl_multi_remove_handle(http->multi, http->curl);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(http->headers);
	http->headers = NULL;
	http->is_begun = false;
	settle_family(http, exchange->answer);
	return true;
}

static void choose_family(struct imds_http *http, unsigned connect_ms)
{
	int limit_ms = connect_ms < RACE_MS ? (int)connect_ms : RACE_MS;

	if (http->ipv6 && http->family == RACE &&
	    imds_route_connects(IMDS_IPV4, http->interface, http->mark, limit_ms))
		set_family(http, ONLY_IPV4);
}

static struct curl_slist *make_headers(const struct imds_http *http, const char *header)
{
	struct curl_slist *list = curl_slist_append(NULL, header);
	struct curl_slist *longer;

	if (!list || !http->link_local)
		return list;
	longer = curl_slist_append(list, RACE_HOST);
	if (!longer)
		curl_slist_free_all(list);
	return longer;
}

static void set_request(struct imds_http *http, const struct imds_http_request *request)
{
	CURL *curl = http->curl;

	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->limit);
	/*
	 * A service that closes after each answer, as EC2 does, is read to that end, and what came
	 * is compared with what was announced; libcurl itself would stop at the announced length
	 * without a word.
	 */
	curl_easy_setopt(curl, CURLOPT_IGNORE_CONTENT_LENGTH,
			 http->closes && !http->lingers ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &http->exchange);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &http->exchange);
}

void imds_http_begin(struct imds_http *http, const struct imds_http_request *request,
		     struct imds_http_answer *ret)
{
	char url[4096];

	*ret = (struct imds_http_answer){ .result = IMDS_HTTP_NO_MEMORY };
	http->shortage = 0;
	http->exchange = (struct imds_exchange){ .answer = ret,
						 .headers = { .length = IMDS_LENGTH_ABSENT },
						 .limit = request->limit };
	http->headers = make_headers(http, request->header);
	if (!http->headers || text_format(url, sizeof(url), "%s%s",
					  http->base ? http->base : RACE_BASE, request->path) < 0)
		return;
	set_request(http, request);
	curl_easy_setopt(http->curl, CURLOPT_URL, url);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, http->headers);
	http->connect_end_ms = imds_now_ms() + request->connect_ms;
	http->end_ms = http->connect_end_ms + request->answer_ms;
	http->is_begun = curl_multi_add_handle(http->multi, http->curl) == CURLM_OK;
}

/* libcurl's own timers may come late by the length of a wait; so the time is kept here. */
static uint64_t deadline_ms(const struct imds_http *http)
{
	return was_sent(http) ? http->end_ms : http->connect_end_ms;
}

/* Lets libcurl do what it can without waiting. False: the request is over. */
static bool drive(struct imds_http *http)
{
	struct epoll_event events[EVENTS_MAX];
	int running = 1, ready = epoll_wait(http->epoll, events, EVENTS_MAX, 0);

	for (int i = 0; i < ready; i++) {
		int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

		if (curl_multi_socket_action(http->multi, events[i].data.fd, what, &running) !=
		    CURLM_OK)
			return false;
	}
	if (imds_now_ms() < http->timer_ms)
		return running > 0;
	http->timer_ms = UINT64_MAX;
	return curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running) ==
		       CURLM_OK &&
	       running > 0;
}

bool imds_http_step(struct imds_http *http)
{
	if (!http->is_begun)
		return true;
	if (!drive(http))
		return finish(http, result_of(http));
	if (imds_now_ms() >= deadline_ms(http))
		return finish(http, CURLE_OPERATION_TIMEDOUT);
	return false;
}

int imds_http_fd(const struct imds_http *http)
{
	return http->epoll;
}

uint64_t imds_http_until_ms(const struct imds_http *http)
{
	uint64_t until_ms = deadline_ms(http);

	return http->timer_ms < until_ms ? http->timer_ms : until_ms;
}

void imds_http_perform(struct imds_http *http, const struct imds_http_request *request,
		       imds_http_tick_fn tick, void *userdata, struct imds_http_answer *ret)
{
	struct pollfd wanted = { .fd = imds_http_fd(http), .events = POLLIN };

	choose_family(http, request->connect_ms);
	imds_http_begin(http, request, ret);
	while (!imds_http_step(http)) {
		uint64_t left_ms = imds_remaining_ms(imds_http_until_ms(http), imds_now_ms());

		poll(&wanted, 1, left_ms < TICK_MS ? (int)left_ms : TICK_MS);
		tick(userdata);
	}
}
