/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How long to wait: deadlines, and the back-off between attempts. Only arithmetic; the clock is
 * CLOCK_MONOTONIC, which a step of the wall clock does not move.
 */

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds of the monotonic clock. */
uint64_t imds_now_ms(void);

/* What remains until `deadline_ms`, 0 when it has passed. */
uint64_t imds_remaining_ms(uint64_t deadline_ms, uint64_t now_ms);

/* The attempts at one key. What found no way sent nothing, and says nothing of the service. */
struct imds_attempts {
	unsigned sent;
	unsigned unrouted; /* in a row, the newest of them */
};

/* Counts one more. Returns how many of its kind came before it: what the pause behind it goes by.
 */
unsigned imds_attempts_count(struct imds_attempts *attempts, bool is_unrouted);

/* Time for the connection: 250 ms, doubling to 2 s. */
unsigned imds_connect_ms(unsigned attempt);

/* Time for the whole answer: 1 s, doubling to 10 s. */
unsigned imds_answer_ms(unsigned attempt);

/*
 * The pause before the next attempt: 20 ms doubling to `ceiling_ms`, of which `random` takes away
 * up to a half, so that a thousand nodes that start together do not ask together.
 */
unsigned imds_pause_ms(unsigned attempt, unsigned ceiling_ms, unsigned random);

/*
 * The pause that a Retry-After asks for, cut so that one more attempt fits before the deadline.
 */
uint64_t imds_retry_after_ms(unsigned asked_sec, uint64_t remaining_ms);
