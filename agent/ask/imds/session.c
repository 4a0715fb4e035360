/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/session.h"

#include "ask/imds/retry.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define TICK_MS 1000

/* The attempts at one key. */
struct effort {
	struct imds_attempts attempts;
	uint64_t began_ms;
	bool cut_short; /* the deadline left this attempt less than its time */
};

void imds_session_set_deadline(struct imds *imds)
{
	imds->progress.began_ms = imds_now_ms();
	imds->deadline_ms = imds->progress.began_ms + (uint64_t)imds->timeout_sec * 1000;
}

static unsigned random_number(void)
{
	unsigned number;

	/* At an early boot the kernel may have no entropy yet; the clock's last digits do as well.
	 */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number)) {
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		number = (unsigned)now.tv_nsec;
	}
	return number;
}

void imds_session_wait(struct imds *imds, uint64_t duration_ms)
{
	uint64_t until_ms = imds_now_ms() + duration_ms;
	uint64_t left_ms;

	while ((left_ms = imds_remaining_ms(until_ms, imds_now_ms())) > 0) {
		uint64_t slice_ms = left_ms < TICK_MS ? left_ms : TICK_MS;
		struct timespec slice = { .tv_sec = (time_t)(slice_ms / 1000),
					  .tv_nsec = (long)(slice_ms % 1000) * 1000000 };

		nanosleep(&slice, NULL);
		imds_progress_tick(&imds->progress);
	}
}

/* ---- trouble ---- */

static int give_up(const struct imds *imds, const struct imds_trouble_rule *rule, bool at_deadline,
		   struct error *err)
{
	uint64_t lasted_ms = imds_now_ms() - imds->troubled_since_ms;
	char lasted[32] = "";

	if (rule->patience_ms > 0)
		snprintf(lasted, sizeof(lasted), ", for %llu s",
			 (unsigned long long)(lasted_ms + 500) / 1000);
	/* The reason names the key and the trouble. */
	return error_set(err, at_deadline ? -ETIMEDOUT : rule->code,
			 "metadata service (%s), %s%s; %s", imds->label, imds->progress.reason,
			 lasted, rule->remedy);
}

/* How long to pause before the next attempt. */
static uint64_t pause_for(const struct imds_trouble_rule *rule, unsigned attempt,
			  const struct imds_http_answer *answer, uint64_t remaining_ms)
{
	uint64_t pause_ms = imds_pause_ms(attempt, rule->pause_max_ms, random_number());
	uint64_t asked_ms = imds_retry_after_ms(answer->retry_after_sec, remaining_ms);

	return asked_ms > pause_ms ? asked_ms : pause_ms;
}

/* An attempt that the deadline cut short knows less than the one before it. */
static bool says_nothing_new(const struct imds *imds, const struct effort *effort,
			     const struct imds_http_answer *answer)
{
	bool is_out_of_time = answer->result == IMDS_HTTP_CONNECT_TIMEOUT ||
			      answer->result == IMDS_HTTP_SILENT ||
			      answer->result == IMDS_HTTP_SLOW;

	return imds->trouble != IMDS_FINE && effort->cut_short && is_out_of_time;
}

/* Makes the trouble known, and returns how it is to be borne. */
static const struct imds_trouble_rule *tell(struct imds *imds, const struct imds_question *question,
					    enum imds_trouble trouble,
					    const struct imds_http_answer *answer,
					    const struct effort *effort)
{
	char what[192], reason[IMDS_REASON_MAX];

	if (says_nothing_new(imds, effort, answer))
		return imds_trouble_rule(imds->trouble);
	if (imds->trouble == IMDS_FINE)
		imds->troubled_since_ms = effort->began_ms;
	imds->trouble = trouble;
	imds_trouble_describe(trouble, question, answer, what, sizeof(what));
	snprintf(reason, sizeof(reason), "%.100s: %s", question->key, what);
	imds_progress_set(&imds->progress, reason);
	return imds_trouble_rule(trouble);
}

/* Waits for the next attempt, or ends the matter with an error. */
static int bear(struct imds *imds, const struct imds_question *question, enum imds_trouble trouble,
		const struct imds_http_answer *answer, struct effort *effort, struct error *err)
{
	const struct imds_trouble_rule *rule = tell(imds, question, trouble, answer, effort);
	uint64_t now_ms = imds_now_ms();
	uint64_t remaining_ms = imds_remaining_ms(imds->deadline_ms, now_ms);
	unsigned attempt = imds_attempts_count(&effort->attempts, trouble == IMDS_UNROUTED);
	uint64_t pause_ms;

	if (now_ms - effort->began_ms >= rule->patience_ms)
		return give_up(imds, rule, /* at_deadline= */ false, err);
	pause_ms = pause_for(rule, attempt, answer, remaining_ms);
	imds_session_wait(imds, pause_ms < remaining_ms ? pause_ms : remaining_ms);
	if (pause_ms >= remaining_ms)
		return give_up(imds, rule, /* at_deadline= */ true, err);
	return 0;
}

/* ---- one key ---- */

static unsigned at_most(unsigned wanted_ms, uint64_t remaining_ms)
{
	unsigned granted_ms = remaining_ms < wanted_ms ? (unsigned)remaining_ms : wanted_ms;

	return granted_ms > 0 ? granted_ms : 1;
}

static void on_tick(void *userdata)
{
	struct imds *imds = userdata;

	imds_progress_tick(&imds->progress);
}

/* Whatever it says, the service, or somebody in its place, was reached. */
static void end_reaching(struct imds *imds)
{
	mark_end(imds->reaching);
	imds->reaching = NULL;
}

static enum imds_trouble attempt(struct imds *imds, const struct imds_question *question,
				 struct imds_http_request *request, struct effort *effort,
				 struct imds_http_answer *answer)
{
	uint64_t remaining_ms = imds_remaining_ms(imds->deadline_ms, imds_now_ms());
	unsigned connect_ms = imds_connect_ms(effort->attempts.sent);
	unsigned answer_ms = imds_answer_ms(effort->attempts.sent);
	enum imds_trouble trouble;

	effort->cut_short = connect_ms + answer_ms > remaining_ms;
	request->limit = question->limit;
	request->connect_ms = at_most(connect_ms, remaining_ms);
	request->answer_ms =
		at_most(answer_ms, imds_remaining_ms(remaining_ms, request->connect_ms));
	imds_http_perform(imds->http, request, on_tick, imds, answer);
	imds->requests += answer->sent;
	trouble = imds_judge(question, answer);
	if (trouble != IMDS_SHORT && trouble != IMDS_UNROUTED && trouble != IMDS_UNREACHED &&
	    trouble != IMDS_LOCKED)
		end_reaching(imds);
	if (trouble != IMDS_FINE)
		trouble = imds_way_find_another(&imds->way, imds->http, trouble, answer);
	return trouble;
}

static void free_answer(struct imds_http_answer *answer)
{
	imds_http_answer_done(answer);
}

int imds_session_authenticate(struct imds *imds, struct error *err)
{
	struct imds_http_request request = imds_token_request();
	struct effort effort = { .began_ms = imds_now_ms() };
	struct mark *mark = NULL;

	if (!imds->token.text[0])
		mark = mark_begin(imds->marks, "asked for a token");
	while (!imds->token.text[0]) {
		cleanup(free_answer) struct imds_http_answer answer = { 0 };
		enum imds_trouble trouble =
			attempt(imds, &imds_token_question, &request, &effort, &answer);
		int r = 0;

		if (trouble == IMDS_FINE)
			imds_token_take(&imds->token, &answer);
		else
			r = bear(imds, &imds_token_question, trouble, &answer, &effort, err);
		if (r < 0)
			return r;
	}
	mark_end(mark);
	return 0;
}

static int encode(const struct imds_question *question, char *path, size_t size, struct error *err)
{
	size_t used = (size_t)snprintf(path, size, "/latest/");

	if (imds_encode_path(question->key, path + used, size - used) < 0)
		return error_set(err, -ENAMETOOLONG, "metadata key %.60s… is too long",
				 question->key);
	return 0;
}

int imds_session_ask(struct imds *imds, const struct imds_question *question, char **ret_body,
		     size_t *ret_size, struct error *err)
{
	char path[3072], header[IMDS_TOKEN_HEADER_SIZE];
	struct imds_http_request request = { .method = "GET", .path = path, .header = header };
	struct effort effort = { .began_ms = imds_now_ms() };
	struct mark *mark = mark_begin(imds->marks, "asked for %s", question->key);
	int r = encode(question, path, sizeof(path), err);

	while (r >= 0) {
		cleanup(free_answer) struct imds_http_answer answer = { 0 };
		enum imds_trouble trouble;

		r = imds_session_authenticate(imds, err);
		if (r < 0)
			break;
		imds_token_show(&imds->token, header);
		trouble = attempt(imds, question, &request, &effort, &answer);
		if (trouble == IMDS_FINE) {
			imds_token_worked(&imds->token);
			imds->trouble = IMDS_FINE;
			mark_end(mark);
			*ret_size = answer.size;
			*ret_body = take_pointer(answer.body);
			return 0;
		}
		if (trouble == IMDS_UNAUTHORIZED)
			imds_token_doubt(&imds->token);
		r = bear(imds, question, trouble, &answer, &effort, err);
	}
	return r;
}
