// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include "effect.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log {
	FILE *file;
	pthread_mutex_t mutex;
};

struct log *log_open(const char *path)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->file = fopen(path, "ae");
	if (!log->file) {
		free(log);
		return NULL;
	}
	pthread_mutex_init(&log->mutex, NULL);
	return log;
}

/* Clients may send any bytes; the log stays JSON. */
static json_t *text_or_ascii(const char *text)
{
	json_t *value = json_string(text);
	char *copy;

	if (value)
		return value;
	copy = strdup(text);
	if (!copy)
		return json_null();
	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	value = json_string(copy);
	free(copy);
	return value;
}

static json_t *log_record(const struct exchange *exchange, int64_t time_ms, unsigned int status)
{
	const struct request *request = exchange->request;
	char *fault = exchange->rule ? effects_name(exchange->rule) : NULL;
	json_t *record =
		json_pack("{s:I s:s? s:s s:s s:I s:o s:s s:o s:s s:i s:I s:s?}", "time_ms",
			  (json_int_t)time_ms, "node", exchange->node, "listen", request->listen,
			  "source", request->source, "connection", (json_int_t)request->connection,
			  "agent", text_or_ascii(request->user_agent ? request->user_agent : ""),
			  "method", request->method, "path", text_or_ascii(request->path), "token",
			  token_state_name(request->verdict.state), "status", (int)status, "bytes",
			  (json_int_t)exchange->answer.size, "fault", fault);

	free(fault);
	return record;
}

void log_exchange(struct log *log, const struct exchange *exchange, int64_t time_ms,
		  unsigned int status)
{
	json_t *record;
	char *line;

	if (!log)
		return;
	record = log_record(exchange, time_ms, status);
	line = json_dumps(record, 0);
	json_decref(record);

	pthread_mutex_lock(&log->mutex);
	if (line)
		fprintf(log->file, "%s\n", line);
	fflush(log->file);
	pthread_mutex_unlock(&log->mutex);
	free(line);
}

struct log *log_close(struct log *log)
{
	if (!log)
		return NULL;
	fclose(log->file);
	pthread_mutex_destroy(&log->mutex);
	free(log);
	return NULL;
}
