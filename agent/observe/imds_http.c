/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/imds_http.h"

#include "base/cleanup.h"
#include "observe/imds_headers.h"
#include "observe/imds_route.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define RACE_MS        150L
#define ERROR_BODY_MAX 65536

/* With both addresses under one name libcurl races them; no name server is asked. */
#define RACE_NAME "instance-metadata"
#define RACE_BASE "http://" RACE_NAME
#define RACE_HOST "Host: " IMDS_IPV4

enum family {
	RACE,
	ONLY_IPV4,
	ONLY_IPV6,
};

static const char *const resolve_entry[] = {
	[RACE] = RACE_NAME ":80:" IMDS_IPV4 ",[" IMDS_IPV6 "]",
	[ONLY_IPV4] = RACE_NAME ":80:" IMDS_IPV4,
	[ONLY_IPV6] = RACE_NAME ":80:[" IMDS_IPV6 "]",
};

struct imds_http {
	CURL *curl;
	char *base; /* "http://HOST:PORT" */
	bool link_local, ipv6;
	struct curl_slist *resolve;
	char interface[IF_NAMESIZE];
	unsigned mark;
	imds_http_tick_fn tick;
	void *userdata;
};

/* One request under way. */
struct exchange {
	struct imds_http *http;
	struct imds_http_answer *answer;
	struct imds_headers headers;
	size_t limit, capacity;
	size_t discarded; /* bytes of an error page, which nobody reads */
	bool too_large, no_memory;
};

void imds_http_answer_done(struct imds_http_answer *answer)
{
	free(answer->body);
	*answer = (struct imds_http_answer){ 0 };
}

static void free_slist(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static void free_url(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void free_curl_text(char **text)
{
	curl_free(*text);
}

/* ---- callbacks of libcurl ---- */

static bool make_room(struct exchange *exchange, size_t wanted)
{
	size_t capacity = exchange->capacity ? exchange->capacity : 1024;
	char *body;

	while (capacity < wanted)
		capacity *= 2;
	if (capacity == exchange->capacity)
		return true;
	body = realloc(exchange->answer->body, capacity);
	if (!body)
		return false;
	exchange->answer->body = body;
	exchange->capacity = capacity;
	return true;
}

static size_t on_body(char *data, size_t one, size_t size, void *userdata)
{
	struct exchange *exchange = userdata;
	struct imds_http_answer *answer = exchange->answer;

	(void)one;
	if (exchange->headers.status != 200) {
		exchange->discarded += size;
		return exchange->discarded > ERROR_BODY_MAX ? 0 : size;
	}
	if (size > exchange->limit - answer->size) {
		exchange->too_large = true;
		return 0;
	}
	if (!make_room(exchange, answer->size + size + 1)) {
		exchange->no_memory = true;
		return 0;
	}
	memcpy(answer->body + answer->size, data, size);
	answer->size += size;
	answer->body[answer->size] = '\0';
	return size;
}

static size_t on_header(char *line, size_t one, size_t size, void *userdata)
{
	struct exchange *exchange = userdata;

	(void)one;
	return imds_headers_add(&exchange->headers, line, size) ? size : 0;
}

static int on_progress(void *userdata, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct imds_http *http = userdata;

	(void)a, (void)b, (void)c, (void)d;
	if (http->tick)
		http->tick(http->userdata);
	return 0;
}

static int on_socket(void *userdata, curl_socket_t fd, curlsocktype purpose)
{
	const struct imds_http *http = userdata;

	(void)purpose;
	/* Where the kernel refuses these, the connection's own error tells the same story. */
	if (http->mark)
		setsockopt(fd, SOL_SOCKET, SO_MARK, &http->mark, sizeof(http->mark));
	if (http->interface[0])
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, http->interface,
			   (socklen_t)strlen(http->interface) + 1);
	return CURL_SOCKOPT_OK;
}

/* ---- the handle ---- */

static void set_fixed_options(struct imds_http *http)
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
	curl_easy_setopt(curl, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, RACE_MS);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "lustre-init");
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, http);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
}

/* Which of the two addresses the next connections try. */
static void set_family(struct imds_http *http, enum family family)
{
	struct curl_slist *list;

	if (!http->link_local)
		return;
	list = curl_slist_append(NULL, resolve_entry[http->ipv6 ? family : ONLY_IPV4]);
	curl_easy_setopt(http->curl, CURLOPT_RESOLVE, list);
	curl_slist_free_all(http->resolve);
	http->resolve = list;
}

static bool is_plain_endpoint(CURLU *url)
{
	static const CURLUPart forbidden[] = { CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
					       CURLUPART_FRAGMENT };
	cleanup(free_curl_text) char *scheme = NULL, *path = NULL;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) || strcmp(scheme, "http") != 0)
		return false;
	if (curl_url_get(url, CURLUPART_PATH, &path, 0) || strcmp(path, "/") != 0)
		return false;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		cleanup(free_curl_text) char *part = NULL;

		if (!curl_url_get(url, forbidden[i], &part, 0))
			return false;
	}
	return true;
}

static int parse_endpoint(const char *endpoint, char **ret_base, struct error *err)
{
	cleanup(free_url) CURLU *url = curl_url();
	cleanup(free_curl_text) char *whole = NULL;
	char text[256];
	int length;

	length = snprintf(text, sizeof(text), "%s%s", strstr(endpoint, "://") ? "" : "http://",
			  endpoint);
	if (length < 0 || (size_t)length >= sizeof(text) || !url ||
	    curl_url_set(url, CURLUPART_URL, text, 0) || !is_plain_endpoint(url) ||
	    curl_url_get(url, CURLUPART_URL, &whole, 0))
		return error_set(
			err, -EINVAL,
			"\"%.64s\" is no metadata endpoint; it looks like http://HOST:PORT",
			endpoint);
	/* The path is "/", so this leaves http://HOST:PORT. */
	*ret_base = strndup(whole, strlen(whole) - 1);
	return *ret_base ? 0 : error_set(err, -ENOMEM, "out of memory");
}

int imds_http_new(const char *endpoint, bool ipv6, imds_http_tick_fn tick, void *userdata,
		  struct imds_http **ret, struct error *err)
{
	struct imds_http *http;
	int r = 0;

	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
		return error_set(err, -EIO, "libcurl cannot start");
	http = calloc(1, sizeof(*http));
	if (http)
		http->curl = curl_easy_init();
	if (!http || !http->curl) {
		imds_http_free(http);
		return error_set(err, -ENOMEM, "out of memory");
	}
	http->tick = tick;
	http->userdata = userdata;
	http->link_local = endpoint == NULL;
	http->ipv6 = ipv6;
	set_fixed_options(http);
	set_family(http, RACE);
	if (endpoint)
		r = parse_endpoint(endpoint, &http->base, err);
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
	curl_easy_cleanup(http->curl);
	curl_slist_free_all(http->resolve);
	free(http->base);
	free(http);
	return NULL;
}

void imds_http_use(struct imds_http *http, const char *interface, unsigned mark)
{
	snprintf(http->interface, sizeof(http->interface), "%s", interface);
	http->mark = mark;
}

/* ---- one request ---- */

static enum imds_http_result judge_timeout(const struct exchange *exchange)
{
	if (!exchange->answer->sent)
		return IMDS_HTTP_CONNECT_TIMEOUT;
	return exchange->headers.size > 0 ? IMDS_HTTP_SLOW : IMDS_HTTP_SILENT;
}

/*
 * Bytes behind the announced length: which of the two is wrong cannot be known, and a value cut
 * short would be taken for another value. Where the server keeps the connection, libcurl has closed
 * it because of them, or they wait in the socket.
 */
static bool has_excess(const struct exchange *exchange)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	char byte;

	if (exchange->headers.closes)
		return false;
	curl_easy_getinfo(exchange->http->curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd == CURL_SOCKET_BAD || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static enum imds_http_result judge_body(struct exchange *exchange)
{
	curl_off_t announced = -1;

	curl_easy_getinfo(exchange->http->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (announced < 0 && !exchange->headers.chunked) {
		exchange->answer->flaw = "it has no length, so it may be cut short";
		return IMDS_HTTP_GARBLED;
	}
	if (has_excess(exchange)) {
		exchange->answer->flaw = "it is longer than its Content-Length";
		return IMDS_HTTP_GARBLED;
	}
	if (!make_room(exchange, 1))
		return IMDS_HTTP_NO_MEMORY;
	exchange->answer->body[exchange->answer->size] = '\0';
	return IMDS_HTTP_ANSWERED;
}

static enum imds_http_result judge_failure(struct exchange *exchange, CURLcode code)
{
	if (exchange->no_memory)
		return IMDS_HTTP_NO_MEMORY;
	if (exchange->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return IMDS_HTTP_TOO_LARGE;
	switch ((int)code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return IMDS_HTTP_NOT_CONNECTED;
	case CURLE_OPERATION_TIMEDOUT:
		return judge_timeout(exchange);
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return IMDS_HTTP_CUT;
	default:
		exchange->answer->flaw = exchange->headers.too_large ? "its head does not end"
								     : curl_easy_strerror(code);
		return IMDS_HTTP_GARBLED;
	}
}

static enum imds_http_result judge(struct exchange *exchange, CURLcode code)
{
	/* An error is told by its head; its page may be of any size and never end. */
	if (exchange->headers.complete && exchange->headers.status > 200)
		return IMDS_HTTP_ANSWERED;
	if (code == CURLE_OK)
		return judge_body(exchange);
	return judge_failure(exchange, code);
}

static void fill_answer(struct exchange *exchange, CURLcode code)
{
	struct imds_http_answer *answer = exchange->answer;
	CURL *curl = exchange->http->curl;
	long bytes = 0, os_errno = 0;

	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &bytes);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_errno);
	answer->sent = bytes > 0;
	answer->os_errno = (int)os_errno;
	answer->result = judge(exchange, code);
	answer->status = exchange->headers.status;
	answer->retry_after_sec = exchange->headers.retry_after_sec;
	memcpy(answer->location, exchange->headers.location, sizeof(answer->location));
	if (answer->result == IMDS_HTTP_ANSWERED && answer->status == 200)
		return;
	free(take_pointer(answer->body));
	answer->size = 0;
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

void imds_http_perform(struct imds_http *http, const struct imds_http_request *request,
		       struct imds_http_answer *ret)
{
	struct exchange exchange = { .http = http, .answer = ret, .limit = request->limit };
	cleanup(free_slist) struct curl_slist *headers = make_headers(http, request->header);
	CURL *curl = http->curl;
	char url[4096];
	int length;

	*ret = (struct imds_http_answer){ .result = IMDS_HTTP_NO_MEMORY };
	length = snprintf(url, sizeof(url), "%s%s", http->base ? http->base : RACE_BASE,
			  request->path);
	if (!headers || length < 0 || (size_t)length >= sizeof(url))
		return;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
			 (long)request->connect_ms + (long)request->answer_ms);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->limit);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
	fill_answer(&exchange, curl_easy_perform(curl));
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	settle_family(http, ret);
}
