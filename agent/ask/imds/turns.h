/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose turn it is, of what is asked again and again: each subject has its time, and none waits
 * for one that fails. The spot notice leaves two minutes, so it comes first. Only arithmetic;
 * times are of imds_now_ms().
 */

#include <stdbool.h>
#include <stdint.h>

enum imds_subject {
	IMDS_SPOT,
	IMDS_MAINTENANCE,
	IMDS_REBALANCE,
	IMDS_TAGS,
	IMDS_SUBJECTS,
};

struct imds_turn {
	uint64_t due_ms;
	uint64_t since_ms; /* of the first try in vain; 0: there was an answer */
	unsigned in_vain;
};

struct imds_turns {
	struct imds_turn of[IMDS_SUBJECTS];
	unsigned in_vain; /* of any subject, since the last answer */
	uint64_t answered_ms, rest_until_ms;
	bool gives_way;            /* the newest try was that of SPOT, in vain */
	enum imds_subject trouble; /* that was told: see imds_turns_tells() */
	bool is_told, is_of_all;
};

/* What is asked next, and how long from now. */
enum imds_subject imds_turns_next(const struct imds_turns *turns, uint64_t now_ms,
				  uint64_t *ret_wait_ms);

/*
 * It is answered, and asked again at `due_ms`; or a part of it is, and the next one is asked as
 * soon as it can be: that it cannot be had whole is not over by that. Both return whether the
 * trouble that was told is over.
 */
bool imds_turns_answered(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms,
			 uint64_t due_ms);
bool imds_turns_goes_on(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms);

struct imds_failure {
	bool throttled;           /* it wants fewer requests */
	unsigned retry_after_sec; /* 0: not said */
	unsigned random;
};

/*
 * A try in vain. While SPOT is answered it is the key that fails, and that waits alone; where SPOT
 * is not, all rest: the service has had enough, or is away. Who is away is asked at the usual pace,
 * so that nothing is heard late; who is asked too much, less.
 */
void imds_turns_failed(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms,
		       const struct imds_failure *failure);

/* How many tries the time for an answer is to count: what fails must not keep SPOT waiting. */
unsigned imds_turns_tries(const struct imds_turns *turns, enum imds_subject subject);

/* Whether what was told keeps spot notices from being heard. */
bool imds_turns_is_deaf(const struct imds_turns *turns);

/*
 * After a try in vain, whether it is to be told: once it has lasted, and unless something that
 * weighs as much was.
 */
bool imds_turns_tells(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms);
