/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "exchange.h"

#include <stdint.h>

/* The request log: one JSON line each, appended; lines of many threads do not mix. */
struct log;

/* Opens the file for appending. Returns NULL with errno set. */
struct log *log_open(const char *path);

/*
 * Writes the line of a request that has its answer but was not sent it yet.
 * status is what goes out, 0 where nothing does. A NULL log takes nothing.
 */
void log_exchange(struct log *log, const struct exchange *exchange, int64_t time_ms,
		  unsigned int status);

/* Accepts NULL, and returns it. */
struct log *log_close(struct log *log);
