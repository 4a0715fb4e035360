// SPDX-License-Identifier: Apache-2.0
#include "serve.h"

#include "effect.h"
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONNECTIONS_MAX = 512,
	IDLE_SECONDS = 120,
};

void exchange_done(struct exchange *exchange)
{
	answer_done(&exchange->answer);
	json_decref(exchange->rule);
	free(exchange->node);
}

static void source_address(struct MHD_Connection *connection, char text[INET6_ADDRSTRLEN])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	text[0] = '\0';
	if (!info || !info->client_addr)
		return;
	if (info->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)info->client_addr;

		inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
	} else {
		const struct sockaddr_in *v4 = (const void *)info->client_addr;

		inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN);
	}
}

static uint64_t connection_number(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? (uintptr_t)info->socket_context : 0;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

struct chunk_source {
	char *bytes;
	size_t size;
};

static ssize_t read_chunk(void *context, uint64_t position, char *buffer, size_t room)
{
	const struct chunk_source *source = context;
	size_t left = source->size - (size_t)position;

	if (left == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (left > room)
		left = room;
	memcpy(buffer, source->bytes + position, left);
	return (ssize_t)left;
}

static void free_chunk_source(void *context)
{
	struct chunk_source *source = context;

	free(source->bytes);
	free(source);
}

/* The body moves into the response. */
static struct MHD_Response *take_body(struct answer *answer)
{
	struct MHD_Response *response;
	struct chunk_source *source;

	if (!answer->chunked) {
		response = MHD_create_response_from_buffer(answer->size, answer->body,
							   MHD_RESPMEM_MUST_FREE);
		if (response)
			answer->body = NULL;
		return response;
	}
	source = malloc(sizeof(*source));
	if (!source)
		return NULL;
	*source = (struct chunk_source){ .bytes = answer->body, .size = answer->size };
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_chunk, source,
						     free_chunk_source);
	if (response)
		answer->body = NULL;
	else
		free(source);
	return response;
}

/* MHD_NO makes the library close the connection without a word of its own. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;
	struct MHD_Response *response;
	enum MHD_Result result;

	/* The 0.9.72 of Debian 11 sends no chunks on a connection that it is to close. */
	if (answer->chunked && answer->connection == CONNECTION_CLOSE) {
		wire_whole(exchange);
		return MHD_NO;
	}
	response = take_body(answer);
	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < answer->header_count; i++)
		MHD_add_response_header(response, answer->headers[i].name,
					answer->headers[i].value);
	/* The name that all versions of the library know. */
	if (answer->connection == CONNECTION_HTTP_1_0)
		MHD_set_response_options(response, MHD_RF_HTTP_VERSION_1_0_RESPONSE, MHD_RO_END);
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static bool sends_nothing(json_t *rule)
{
	return json_object_get(rule, "reset") || json_object_get(rule, "close") ||
	       json_object_get(rule, "hang");
}

/* The log comes first: whoever has the answer can rely on its line. */
static enum MHD_Result answer_request(const struct serve_context *context,
				      struct MHD_Connection *connection, struct request *request)
{
	struct service *service = context->service;
	struct exchange exchange = {
		.request = request,
		.socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				  ->connect_fd,
	};
	int64_t arrival_ms = store_now(service->store);
	enum MHD_Result result = MHD_NO;

	store_answer(service->store, request, &exchange);
	answer_set_header(&exchange.answer, "Server", "EC2ws");
	if (exchange.answer.connection != CONNECTION_KEEP_ALIVE)
		answer_set_header(&exchange.answer, "Connection", "close");
	log_exchange(service->log, &exchange, arrival_ms,
		     sends_nothing(exchange.rule) ? 0 : exchange.answer.status);

	effects_apply(&exchange, EFFECT_DELAY);
	if (!exchange.abandoned && effects_apply(&exchange, EFFECT_WIRE) == 0)
		result = send_answer(connection, &exchange);
	exchange_done(&exchange);
	return result;
}

/*
 * The library calls once with the headers, then with each piece of an upload,
 * and at last with none left: only then may an answer be queued.
 */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **request_context)
{
	static char seen;
	const struct serve_context *context = cls;
	char source[INET6_ADDRSTRLEN];
	struct request request = {
		.connection = connection_number(connection),
		.listen = context->listen,
		.source = source,
		.method = method,
		.path = url,
		.token = header(connection, "X-aws-ec2-metadata-token"),
		.user_agent = header(connection, "User-Agent"),
		.token_ttl = header(connection, "X-aws-ec2-metadata-token-ttl-seconds"),
		.forwarded = header(connection, "X-Forwarded-For") != NULL,
	};

	(void)version;
	(void)upload;
	if (!*request_context) {
		*request_context = &seen;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	source_address(connection, source);
	return answer_request(context, connection, &request);
}

/* Gives each accepted connection its number. */
static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct service *service = ((const struct serve_context *)cls)->service;

	(void)connection;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_context =
			(void *)(uintptr_t)(atomic_fetch_add(&service->connections, 1) + 1);
}

struct MHD_Daemon *serve_start(struct serve_context *context, int listening_socket)
{
	return MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
			MHD_USE_ITC,
		0, NULL, NULL, on_request, context, MHD_OPTION_LISTEN_SOCKET, listening_socket,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		IDLE_SECONDS, MHD_OPTION_NOTIFY_CONNECTION, on_connection, context, MHD_OPTION_END);
}
