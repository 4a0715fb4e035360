/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/turns.h"

#include "ask/imds/retry.h"

#define PAUSE_MAX_MS       4000
#define SELDOM_MAX_MS      30000
#define RETRY_AFTER_MAX_MS 60000
#define TELL_AFTER_MS      30000
#define TRIES_OF_OTHERS    1

static const uint64_t failed_again_ms[IMDS_SUBJECTS] = {
	[IMDS_MAINTENANCE] = 4000,
	[IMDS_REBALANCE] = 4000,
	[IMDS_TAGS] = 60000,
};

static uint64_t later(uint64_t one, uint64_t other)
{
	return one > other ? one : other;
}

/* ---- whose turn ---- */

/* What fails must not keep others unheard either: SPOT, when it does, lets one of them by. */
static bool comes_before(const struct imds_turns *turns, enum imds_subject one,
			 enum imds_subject best, uint64_t ready_ms)
{
	const uint64_t due = turns->of[one].due_ms, best_due = turns->of[best].due_ms;
	const uint64_t when = later(due, ready_ms), best_when = later(best_due, ready_ms);

	if (when != best_when)
		return when < best_when;
	return best == IMDS_SPOT ? turns->gives_way : due < best_due;
}

enum imds_subject imds_turns_next(const struct imds_turns *turns, uint64_t now_ms,
				  uint64_t *ret_wait_ms)
{
	const uint64_t ready_ms = later(now_ms, turns->rest_until_ms);
	enum imds_subject best = IMDS_SPOT;

	for (enum imds_subject other = best + 1; other < IMDS_SUBJECTS; other++)
		if (comes_before(turns, other, best, ready_ms))
			best = other;
	*ret_wait_ms = later(turns->of[best].due_ms, ready_ms) - now_ms;
	return best;
}

/* ---- what came of it ---- */

/* The service is there. */
static bool hear(struct imds_turns *turns, uint64_t now_ms, bool is_of_told)
{
	const bool is_over = turns->is_told && (turns->is_of_all || is_of_told);

	turns->in_vain = 0;
	turns->answered_ms = now_ms;
	turns->rest_until_ms = 0;
	turns->gives_way = false;
	turns->is_told = turns->is_told && !is_over;
	return is_over;
}

bool imds_turns_answered(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms,
			 uint64_t due_ms)
{
	turns->of[subject] = (struct imds_turn){ .due_ms = due_ms };
	return hear(turns, now_ms, turns->trouble == subject);
}

bool imds_turns_goes_on(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms)
{
	turns->of[subject].due_ms = now_ms;
	return hear(turns, now_ms, /* is_of_told= */ false);
}

static uint64_t pause_ms(unsigned in_vain, const struct imds_failure *failure)
{
	const unsigned ceiling = failure->throttled ? SELDOM_MAX_MS : PAUSE_MAX_MS;
	uint64_t asked = (uint64_t)failure->retry_after_sec * 1000;

	if (asked > RETRY_AFTER_MAX_MS)
		asked = RETRY_AFTER_MAX_MS;
	return later(asked, imds_pause_ms(in_vain, ceiling, failure->random));
}

void imds_turns_failed(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms,
		       const struct imds_failure *failure)
{
	struct imds_turn *turn = &turns->of[subject];

	turn->due_ms = now_ms + later(pause_ms(turn->in_vain, failure), failed_again_ms[subject]);
	turn->since_ms = turn->since_ms ? turn->since_ms : now_ms;
	turn->in_vain++;
	if (turns->of[IMDS_SPOT].in_vain > 0)
		turns->rest_until_ms = now_ms + pause_ms(turns->in_vain, failure);
	turns->in_vain++;
	turns->gives_way = subject == IMDS_SPOT;
}

unsigned imds_turns_tries(const struct imds_turns *turns, enum imds_subject subject)
{
	const unsigned tries = turns->of[subject].in_vain;

	return subject == IMDS_SPOT || tries < TRIES_OF_OTHERS ? tries : TRIES_OF_OTHERS;
}

/* ---- telling ---- */

/* All of it weighs most, then the subjects in their order. */
static bool weighs_less(const struct imds_turns *turns, enum imds_subject subject, bool is_of_all)
{
	if (!turns->is_told)
		return false;
	return turns->is_of_all || (!is_of_all && turns->trouble <= subject);
}

bool imds_turns_is_deaf(const struct imds_turns *turns)
{
	return turns->is_told && (turns->is_of_all || turns->trouble == IMDS_SPOT);
}

bool imds_turns_tells(struct imds_turns *turns, enum imds_subject subject, uint64_t now_ms)
{
	const uint64_t since_ms = turns->of[subject].since_ms;
	const bool is_of_all = turns->answered_ms <= since_ms;

	if (now_ms - since_ms < TELL_AFTER_MS || weighs_less(turns, subject, is_of_all))
		return false;
	turns->is_told = true;
	turns->is_of_all = is_of_all;
	turns->trouble = subject;
	return true;
}
