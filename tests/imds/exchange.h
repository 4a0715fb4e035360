/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "answer.h"
#include "request.h"

#include <jansson.h>
#include <stdint.h>

/* One request on its way to its answer: what the effects of a fault work on. */
struct exchange {
	const struct request *request;
	char *node;            /* its file name, owned; NULL for a client that is no node */
	json_t *rule;          /* the fault that hit it, a reference of its own, or NULL */
	int64_t token_ttl_cap; /* seconds; 0: none */
	struct answer answer;
	int socket;     /* the client's connection, which belongs to the HTTP library */
	bool abandoned; /* the client went away, or its connection was cut: send nothing more */
};

/* Frees the contents, not the exchange itself. */
void exchange_done(struct exchange *exchange);
