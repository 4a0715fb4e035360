/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "exchange.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * Answers that no HTTP library would send. They are written straight onto the
 * client's socket, between the request that the library has read and the close
 * that it does afterwards. Each returns when it is done, when the client went
 * away, or when the listener is closed. README.md says what each does.
 */
void wire_reset(struct exchange *exchange, json_t *value);
void wire_close(struct exchange *exchange, json_t *value);
void wire_hang(struct exchange *exchange, json_t *value);
void wire_half(struct exchange *exchange, json_t *value);
void wire_drip(struct exchange *exchange, json_t *value);
void wire_content_length(struct exchange *exchange, json_t *value);
void wire_endless_header(struct exchange *exchange, json_t *value);

/* The answer as it is, likewise: where the library would not send it so. */
void wire_whole(struct exchange *exchange);

/*
 * Waits that many milliseconds (-1: for ever) with an eye on the client.
 * Returns false, and sets exchange->abandoned, if it went away meanwhile or the
 * listener was closed.
 */
bool wire_wait(struct exchange *exchange, int milliseconds);
