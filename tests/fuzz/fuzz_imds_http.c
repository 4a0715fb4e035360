/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What comes over the wire: the input is all that the service sends before it closes. It goes
 * through libcurl as in life; only connect(2) is ours here, and puts a local socket pair in the
 * connection's place, so that nothing leaves the process.
 *
 * The same answer is given to two requests of one client: what the first teaches it (that the
 * service closes each connection) changes how it reads the second.
 */

#include "ask/imds/http.h"
#include "ask/imds/keys.h"
#include "ask/imds/trouble.h"
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT 512

/* The other end of the connection, and what it says. connect() has no other way to know them. */
static struct {
	const uint8_t *data;
	size_t size;
	int fd;
} service = { .fd = -1 };

static void hang_up(void)
{
	if (service.fd >= 0)
		close(service.fd);
	service.fd = -1;
}

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	int pair[2];

	(void)address, (void)size;
	hang_up();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -1;
	/* The client's descriptor becomes one end. */
	must(dup2(pair[0], fd) == fd, "descriptors are there");
	close(pair[0]);
	service.fd = pair[1];
	if (service.size > 0)
		must(send(service.fd, service.data, service.size, MSG_NOSIGNAL) > 0, "it says it");
	shutdown(service.fd, SHUT_WR);
	return 0;
}

static void on_tick(void *userdata)
{
	(void)userdata;
}

static void check_answer(const struct imds_http_answer *answer)
{
	const struct imds_question question = { .key = "meta-data/mac",
						.required = true,
						.limit = LIMIT,
						.is_well_formed = imds_is_mac };
	enum imds_trouble trouble = imds_judge(&question, answer);
	char text[192];

	if (answer->result == IMDS_HTTP_ANSWERED && answer->status == 200) {
		must(answer->body && answer->size <= LIMIT, "a body has its bound");
		must(answer->body[answer->size] == '\0', "a body is terminated");
	} else {
		must(!answer->body && answer->size == 0, "what is not whole is not kept");
	}
	must((answer->result == IMDS_HTTP_GARBLED) == (answer->flaw != NULL),
	     "a flaw has its words");
	must(answer->retry_after_sec <= 3600, "nobody waits for ever");
	for (const char *c = answer->location; *c; c++)
		must(*c > ' ' && *c <= '~', "a location can be printed");
	imds_trouble_describe(trouble, &question, answer, text, sizeof(text));
	must(trouble == IMDS_FINE || text[0], "a trouble has its sentence");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct imds_http_request request = { .method = "GET",
						   .path = "/latest/meta-data/mac",
						   .header = "X-aws-ec2-metadata-token: T",
						   .limit = LIMIT,
						   .connect_ms = 1000,
						   .answer_ms = 1000 };
	struct imds_http *http = NULL;

	service.data = data;
	service.size = size;
	must(imds_http_new("127.0.0.1:9", "fuzz", &http, NULL) == 0, "there is a client");
	for (int i = 0; i < 2; i++) {
		struct imds_http_answer answer;

		imds_http_perform(http, &request, on_tick, NULL, &answer);
		check_answer(&answer);
		imds_http_answer_done(&answer);
	}
	imds_http_free(http);
	hang_up();
	return 0;
}
