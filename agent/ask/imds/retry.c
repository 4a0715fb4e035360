/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/retry.h"

#include <time.h>

#define CONNECT_FIRST_MS 250u
#define CONNECT_LAST_MS  2000u
#define ANSWER_FIRST_MS  1000u
#define ANSWER_LAST_MS   10000u
#define PAUSE_FIRST_MS   20u
#define LAST_ATTEMPT_MS  (CONNECT_FIRST_MS + ANSWER_FIRST_MS)

uint64_t imds_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t imds_remaining_ms(uint64_t deadline_ms, uint64_t now_ms)
{
	return now_ms < deadline_ms ? deadline_ms - now_ms : 0;
}

static unsigned doubled(unsigned first, unsigned attempt, unsigned last)
{
	while (attempt-- > 0 && first < last)
		first *= 2;
	return first < last ? first : last;
}

unsigned imds_attempts_count(struct imds_attempts *attempts, bool is_unrouted)
{
	if (is_unrouted)
		return attempts->unrouted++;
	attempts->unrouted = 0;
	return attempts->sent++;
}

unsigned imds_connect_ms(unsigned attempt)
{
	return doubled(CONNECT_FIRST_MS, attempt, CONNECT_LAST_MS);
}

unsigned imds_answer_ms(unsigned attempt)
{
	return doubled(ANSWER_FIRST_MS, attempt, ANSWER_LAST_MS);
}

unsigned imds_pause_ms(unsigned attempt, unsigned ceiling_ms, unsigned random)
{
	unsigned pause = doubled(PAUSE_FIRST_MS, attempt, ceiling_ms);

	return pause - random % (pause / 2 + 1);
}

uint64_t imds_retry_after_ms(unsigned asked_sec, uint64_t remaining_ms)
{
	uint64_t asked_ms = (uint64_t)asked_sec * 1000;
	uint64_t longest_ms = remaining_ms > LAST_ATTEMPT_MS ? remaining_ms - LAST_ATTEMPT_MS : 0;

	return asked_ms < longest_ms ? asked_ms : longest_ms;
}
