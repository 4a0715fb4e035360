// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { ENDLESS_HEADER_MAX = 256 << 20 };

/* An answer as the bytes that would go over the wire; those before head are the header. */
struct rendering {
	char *bytes;
	size_t head, size;
};

/* By this machine's clock. C's locale is the only one here. */
static void render_date(FILE *out)
{
	const time_t now = time(NULL);
	char text[64] = "";
	struct tm parts;

	if (gmtime_r(&now, &parts))
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
	fprintf(out, "Date: %s\r\n", text);
}

/* The length that the header claims, where it is not the true one. */
static void render_head(const struct answer *answer, const char *content_length, FILE *out)
{
	bool old = answer->connection == CONNECTION_HTTP_1_0;

	fprintf(out, "HTTP/1.%d %u %s\r\n", old ? 0 : 1, answer->status,
		answer_reason(answer->status));
	for (size_t i = 0; i < answer->header_count; i++)
		fprintf(out, "%s: %s\r\n", answer->headers[i].name, answer->headers[i].value);
	render_date(out);
	if (answer->chunked)
		fputs("Transfer-Encoding: chunked\r\n", out);
	else if (content_length)
		fprintf(out, "Content-Length: %s\r\n", content_length);
	else
		fprintf(out, "Content-Length: %zu\r\n", answer->size);
	fputs("\r\n", out);
}

static void render_body(const struct answer *answer, FILE *out)
{
	if (answer->chunked && answer->size > 0)
		fprintf(out, "%zx\r\n", answer->size);
	if (answer->size > 0)
		fwrite(answer->body, 1, answer->size, out);
	if (answer->chunked)
		fputs(answer->size > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n", out);
}

static bool render(const struct answer *answer, const char *content_length,
		   struct rendering *rendering)
{
	FILE *out;

	*rendering = (struct rendering){ 0 };
	out = open_memstream(&rendering->bytes, &rendering->size);
	if (!out)
		return false;
	render_head(answer, content_length, out);
	fflush(out);
	rendering->head = rendering->size;
	render_body(answer, out);
	return fclose(out) == 0;
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Waits for one of the events on the client's socket. That it went away always
 * counts, and so does the end of the listener, which shuts its connections down.
 */
static short wait_for(struct exchange *exchange, short events, int milliseconds)
{
	const int64_t deadline = monotonic_ms() + milliseconds;
	struct pollfd fd = { .fd = exchange->socket, .events = (short)(events | POLLRDHUP) };

	for (;;) {
		int64_t left = deadline - monotonic_ms();
		int r = poll(&fd, 1, milliseconds < 0 ? -1 : left > 0 ? (int)left : 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r > 0 && fd.revents & (POLLRDHUP | POLLHUP | POLLERR))
			exchange->abandoned = true;
		return r > 0 && !exchange->abandoned ? fd.revents : 0;
	}
}

bool wire_wait(struct exchange *exchange, int milliseconds)
{
	wait_for(exchange, 0, milliseconds);
	return !exchange->abandoned;
}

static bool write_bytes(struct exchange *exchange, const char *bytes, size_t size)
{
	while (size > 0 && !exchange->abandoned) {
		ssize_t n = send(exchange->socket, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0) {
			bytes += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN) {
			wait_for(exchange, POLLOUT, -1);
		} else if (errno != EINTR) {
			exchange->abandoned = true;
		}
	}
	return !exchange->abandoned;
}

/* Dissolving the association aborts the connection: Linux sends RST at once (connect(2),
 * AF_UNSPEC). */
static void abort_connection(struct exchange *exchange)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	if (connect(exchange->socket, &nowhere, sizeof(nowhere)) < 0)
		exchange->abandoned = true;
}

void wire_reset(struct exchange *exchange, json_t *value)
{
	(void)value;
	abort_connection(exchange);
}

void wire_close(struct exchange *exchange, json_t *value)
{
	/* The library's own close, with nothing sent before it, is all there is to it. */
	(void)exchange;
	(void)value;
}

void wire_hang(struct exchange *exchange, json_t *value)
{
	(void)value;
	wire_wait(exchange, -1);
}

void wire_whole(struct exchange *exchange)
{
	struct rendering rendering;

	if (render(&exchange->answer, NULL, &rendering))
		write_bytes(exchange, rendering.bytes, rendering.size);
	free(rendering.bytes);
}

void wire_half(struct exchange *exchange, json_t *value)
{
	/* Of an empty body, the half that is missing is one byte. */
	const char *claim = exchange->answer.size ? NULL : "1";
	struct rendering rendering;

	if (render(&exchange->answer, claim, &rendering)) {
		size_t body = rendering.size - rendering.head;

		write_bytes(exchange, rendering.bytes, rendering.head + body / 2);
	}
	/* Let the client read what was sent before the RST can throw it away. */
	if (json_is_string(value) && wire_wait(exchange, 50))
		abort_connection(exchange);
	free(rendering.bytes);
}

void wire_drip(struct exchange *exchange, json_t *value)
{
	json_t *pause = json_object_get(exchange->rule, "drip_ms");
	int pause_ms = pause ? (int)json_integer_value(pause) : 1000;
	struct rendering rendering;

	if (render(&exchange->answer, NULL, &rendering)) {
		size_t sent = json_is_string(value) ? 0 : rendering.head;

		write_bytes(exchange, rendering.bytes, sent);
		while (sent < rendering.size && wire_wait(exchange, pause_ms))
			write_bytes(exchange, rendering.bytes + sent++, 1);
	}
	free(rendering.bytes);
}

void wire_content_length(struct exchange *exchange, json_t *value)
{
	struct rendering rendering;
	char claim[32];
	long long length = (long long)exchange->answer.size + json_integer_value(value);

	snprintf(claim, sizeof(claim), "%lld", length > 0 ? length : 0);
	exchange->answer.chunked = false;
	if (render(&exchange->answer, json_is_string(value) ? json_string_value(value) : claim,
		   &rendering) &&
	    write_bytes(exchange, rendering.bytes, rendering.size))
		wait_for(exchange, POLLIN, -1);
	free(rendering.bytes);
}

void wire_endless_header(struct exchange *exchange, json_t *value)
{
	static const char line[] = "X-Filler: ................................................\r\n";
	static const char filler[] =
		"................................................................";
	const char *unit = json_is_string(value) ? filler : line;
	size_t unit_size = strlen(unit);
	static const char head[] = "HTTP/1.1 200 OK\r\nX-Filler: ";

	if (!write_bytes(exchange, head, strlen(head)))
		return;
	if (unit == line && !write_bytes(exchange, "\r\n", 2))
		return;
	for (size_t sent = 0; sent < ENDLESS_HEADER_MAX; sent += unit_size) {
		if (!write_bytes(exchange, unit, unit_size))
			return;
	}
}
