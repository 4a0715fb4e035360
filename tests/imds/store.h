/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "exchange.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * All nodes, with what outlives a change of their files: tokens, the time of
 * the first request, counts of faults. Every function may be called from any
 * thread; files are looked at before each answer, and read again when their
 * size, time or inode changed.
 */
struct store;

/* Told once about each file that turned bad: its name and what is wrong with it. */
typedef void store_complaint(const char *file, const char *problem);

/*
 * The nodes of a directory, or, if directory is false, the one node of a file,
 * which then is every client. The path is borrowed. Times count from here.
 * Returns NULL without memory.
 */
struct store *store_new(const char *path, bool directory, store_complaint *complain);

/* Milliseconds of the monotonic clock since store_new(). */
int64_t store_now(const struct store *store);

/*
 * Finds the request's node, judges its token, picks the fault, and makes the
 * answer as far as it is a value. 500 where there is no good node.
 */
void store_answer(struct store *store, struct request *request, struct exchange *exchange);

/* Does some node want the port with this name closed now? */
bool store_closes(struct store *store, const char *listen);

/* Accepts NULL, and returns it. */
struct store *store_free(struct store *store);
