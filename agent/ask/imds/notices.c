/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/notices.h"

#include "ask/imds/keys.h"
#include "ask/imds/notice_keys.h"
#include "ask/imds/retry.h"
#include "ask/imds/token.h"
#include "ask/imds/turns.h"
#include "ask/imds/way.h"
#include "base/cleanup.h"
#include "base/event.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A notice is heard within this and the time of an answer; AWS recommends every 5 s. */
#define NOTICES_MS 4000
#define TAGS_MS    60000

#define TAGS_KEY    "meta-data/tags/instance"
#define TAG_KEY_MAX 129 /* as struct metadata_tag has it */

static const struct {
	const char *key;
	bool (*take)(const char *body, size_t size, struct notices *ret);
} notice_subjects[] = {
	[IMDS_SPOT] = { "meta-data/spot/instance-action", imds_take_spot_action },
	[IMDS_MAINTENANCE] = { "meta-data/events/maintenance/scheduled", imds_take_maintenance },
	[IMDS_REBALANCE] = { "meta-data/events/recommendations/rebalance", imds_take_rebalance },
};
#define NOTICE_SUBJECTS (sizeof(notice_subjects) / sizeof(notice_subjects[0]))

struct imds_notices {
	struct imds_listener listener;
	sd_event_source *io, *timer;
	struct imds_http *http;
	struct imds_way way;
	struct imds_token token;
	char label[64]; /* the endpoint, for sentences */

	struct imds_turns turns;
	enum imds_subject subject; /* whose turn it is */
	bool is_asking, asks_token;
	char key[640];
	struct imds_http_answer answer;
	uint64_t round_ms; /* when SPOT was asked last: the others have their time by that */

	struct notices heard[NOTICE_SUBJECTS];
	bool is_doubted[NOTICE_SUBJECTS];    /* the newest answer had it no more */
	bool is_remembered[NOTICE_SUBJECTS]; /* no answer has confirmed it */
	char *names;                         /* the listing of tags that is gone through, or NULL */
	size_t names_size, names_position;
	char name[TAG_KEY_MAX];
	struct words tags;
};

/* ---- answers ---- */

static enum imds_subject subject_of(enum notice_kind kind)
{
	if (kind == NOTICE_MAINTENANCE)
		return IMDS_MAINTENANCE;
	return kind == NOTICE_REBALANCE ? IMDS_REBALANCE : IMDS_SPOT;
}

static void tell_notices(const struct imds_notices *notices)
{
	struct imds_heard heard = { .service_sec = notices->answer.date_sec };
	struct notices *all = &heard.notices;

	for (size_t i = 0; i < NOTICE_SUBJECTS; i++) {
		all->left_out += notices->heard[i].left_out;
		for (size_t n = 0; n < notices->heard[i].count; n++)
			notices_add(all, &notices->heard[i].items[n]);
	}
	for (size_t n = 0; n < all->count; n++) {
		enum imds_subject subject = subject_of(all->items[n].kind);

		heard.is_remembered[n] = notices->is_remembered[subject];
		heard.is_doubted[n] = notices->is_doubted[subject];
	}
	notices->listener.notices(notices->listener.userdata, &heard);
}

static size_t number_of(const struct notices *notices)
{
	return notices->count + notices->left_out;
}

/*
 * Absent (404) means that there is no notice. One that was there is withdrawn by the second answer
 * that says so: what is done because of it is not done and undone in turns.
 */
static bool take_notices(struct imds_notices *notices)
{
	struct notices heard = { 0 };
	const struct imds_http_answer *answer = &notices->answer;
	bool *is_doubted = &notices->is_doubted[notices->subject];

	if (answer->size > 0 &&
	    !notice_subjects[notices->subject].take(answer->body, answer->size, &heard))
		return false;
	*is_doubted =
		number_of(&heard) < number_of(&notices->heard[notices->subject]) && !*is_doubted;
	if (!*is_doubted) {
		notices->heard[notices->subject] = heard;
		notices->is_remembered[notices->subject] = false;
	}
	return true;
}

/* Some tags are not all tags: with one that is not told, none is. */
static void drop_tags(struct imds_notices *notices)
{
	free(take_pointer(notices->names));
	words_done(&notices->tags);
}

static void begin_tags(struct imds_notices *notices)
{
	drop_tags(notices);
	notices->names = take_pointer(notices->answer.body);
	notices->names_size = notices->answer.size;
	notices->names_position = 0;
}

static int compare_words(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* The next name of ours; false at the end. */
static bool next_tag(struct imds_notices *notices)
{
	while (imds_next_name(notices->names, notices->names_size, &notices->names_position,
			      notices->name, sizeof(notices->name)))
		if (imds_is_our_tag(notices->name))
			return true;
	return false;
}

static void tell_tags(struct imds_notices *notices)
{
	struct words *tags = &notices->tags;

	if (!tags->failed) {
		if (tags->count > 0)
			qsort(tags->items, tags->count, sizeof(char *), compare_words);
		notices->listener.tags(notices->listener.userdata, tags);
	}
	drop_tags(notices);
}

/*
 * A tag that was listed and is not there was taken away since, or could not be read: the next
 * listing tells which.
 */
static bool take_tag(struct imds_notices *notices)
{
	cleanup(free_pointer) struct metadata *scratch = NULL;
	const struct imds_http_answer *answer = &notices->answer;

	if (!answer->body) {
		words_fail(&notices->tags);
		return true;
	}
	scratch = calloc(1, sizeof(*scratch));
	if (!scratch || imds_take_tag(notices->name, answer->body, answer->size, scratch, NULL) < 0)
		return false;
	words_addf(&notices->tags, "%s=%s", scratch->tags[0].key, scratch->tags[0].value);
	return true;
}

/* ---- what is next ---- */

static bool asks_tag_names(const struct imds_notices *notices)
{
	return notices->subject == IMDS_TAGS && !notices->names;
}

static struct imds_question question_of(const struct imds_notices *notices)
{
	bool is_list = asks_tag_names(notices) || notices->subject == IMDS_MAINTENANCE;

	return (struct imds_question){
		.key = notices->key,
		.limit = is_list ? IMDS_LISTING_MAX : IMDS_VALUE_MAX,
		.is_well_formed = asks_tag_names(notices) ? imds_is_listing : NULL,
	};
}

static void set_subject(struct imds_notices *notices, enum imds_subject subject)
{
	notices->subject = subject;
	if (asks_tag_names(notices))
		text_set(notices->key, sizeof(notices->key), "%s", TAGS_KEY);
	else if (subject == IMDS_TAGS)
		text_set(notices->key, sizeof(notices->key), "%s/%s", TAGS_KEY, notices->name);
	else
		text_set(notices->key, sizeof(notices->key), "%s", notice_subjects[subject].key);
}

/* Returns how long from now. */
static uint64_t go_on(struct imds_notices *notices)
{
	uint64_t wait_ms;

	set_subject(notices, imds_turns_next(&notices->turns, imds_now_ms(), &wait_ms));
	return wait_ms;
}

/* ---- asking ---- */

static void ask(struct imds_notices *notices)
{
	char path[2048] = "/latest/", header[IMDS_TOKEN_HEADER_SIZE];
	struct imds_http_request request = { .method = "GET", .path = path, .header = header };
	const struct imds_question question = question_of(notices);
	unsigned tries = imds_turns_tries(&notices->turns, notices->subject);
	size_t used = strlen(path);

	if (notices->subject == IMDS_SPOT)
		notices->round_ms = imds_now_ms();
	notices->asks_token = notices->token.text[0] == '\0';
	imds_token_show(&notices->token, header);
	if (notices->asks_token)
		request = imds_token_request();
	else
		imds_encode_path(notices->key, path + used, sizeof(path) - used);
	request.limit = notices->asks_token ? imds_token_question.limit : question.limit;
	request.connect_ms = imds_connect_ms(tries);
	request.answer_ms = imds_answer_ms(tries);
	notices->is_asking = true;
	imds_http_begin(notices->http, &request, &notices->answer);
}

/* ---- trouble ---- */

static unsigned random_number(void)
{
	unsigned number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = (unsigned)imds_now_ms();
	return number;
}

static void tell_trouble(struct imds_notices *notices, enum imds_trouble trouble,
			 const struct imds_question *question)
{
	char what[192], sentence[256];

	imds_trouble_describe(trouble, question, &notices->answer, what, sizeof(what));
	text_sentence(sentence, sizeof(sentence), "metadata service (%s), %s: %s", notices->label,
		      question->key, what);
	notices->listener.trouble(notices->listener.userdata, sentence,
				  imds_turns_is_deaf(&notices->turns));
}

/* Without a token nothing can be asked, and SPOT matters most of that. */
static void bear(struct imds_notices *notices, enum imds_trouble trouble,
		 const struct imds_question *question)
{
	const struct imds_failure failure = {
		.throttled = trouble == IMDS_THROTTLED,
		.retry_after_sec = notices->answer.retry_after_sec,
		.random = random_number(),
	};
	const enum imds_subject subject = question->is_token ? IMDS_SPOT : notices->subject;
	const uint64_t now_ms = imds_now_ms();

	imds_turns_failed(&notices->turns, subject, now_ms, &failure);
	if (imds_turns_tells(&notices->turns, subject, now_ms))
		tell_trouble(notices, trouble, question);
	if (trouble == IMDS_UNAUTHORIZED)
		imds_token_doubt(&notices->token);
	if (subject == IMDS_TAGS)
		drop_tags(notices);
}

/*
 * With SPOT, which begins each round; where SPOT rests for longer than that, after a round's time
 * all the same.
 */
static uint64_t next_notice_ms(const struct imds_notices *notices, uint64_t now_ms)
{
	const uint64_t due_ms = notices->round_ms + NOTICES_MS;

	return notices->subject == IMDS_SPOT || due_ms > now_ms ? due_ms : now_ms + NOTICES_MS;
}

/* Returns whether the trouble that was told is over. */
static bool settle_turn(struct imds_notices *notices, bool goes_on)
{
	const uint64_t now_ms = imds_now_ms();

	if (goes_on)
		return imds_turns_goes_on(&notices->turns, notices->subject, now_ms);
	return imds_turns_answered(&notices->turns, notices->subject, now_ms,
				   notices->subject == IMDS_TAGS ? now_ms + TAGS_MS
								 : next_notice_ms(notices, now_ms));
}

/* That there are answers again is told before what they say. */
static void recover(struct imds_notices *notices)
{
	const bool goes_on = notices->subject == IMDS_TAGS && next_tag(notices);

	if (settle_turn(notices, goes_on))
		notices->listener.trouble(notices->listener.userdata, "", /* is_deaf= */ false);
	if (notices->subject < NOTICE_SUBJECTS)
		tell_notices(notices);
	else if (!goes_on)
		tell_tags(notices);
}

/* ---- the loop ---- */

/* What the answer says; IMDS_FINE when it was taken. */
static enum imds_trouble take(struct imds_notices *notices, enum imds_trouble trouble)
{
	if (trouble != IMDS_FINE)
		return imds_way_find_another(&notices->way, notices->http, trouble,
					     &notices->answer);
	if (notices->asks_token) {
		imds_token_take(&notices->token, &notices->answer);
		return IMDS_FINE;
	}
	imds_token_worked(&notices->token);
	if (asks_tag_names(notices))
		begin_tags(notices);
	else if (notices->subject == IMDS_TAGS ? !take_tag(notices) : !take_notices(notices))
		return IMDS_MALFORMED;
	return IMDS_FINE;
}

/* An answer is there. Returns how long to wait. */
static uint64_t settle(struct imds_notices *notices)
{
	const struct imds_question question =
		notices->asks_token ? imds_token_question : question_of(notices);
	enum imds_trouble trouble = take(notices, imds_judge(&question, &notices->answer));
	/* A new token proves nothing yet, and the question is still to be asked. */
	bool asks_on = trouble == IMDS_FINE && notices->asks_token;

	notices->is_asking = false;
	if (trouble != IMDS_FINE)
		bear(notices, trouble, &question);
	else if (!asks_on)
		recover(notices);
	imds_http_answer_done(&notices->answer);
	return asks_on ? 0 : go_on(notices);
}

static int wake_again(struct imds_notices *notices)
{
	uint64_t wait_ms;
	int r;

	if (!notices->is_asking)
		ask(notices);
	if (imds_http_step(notices->http))
		wait_ms = settle(notices);
	else
		wait_ms = imds_remaining_ms(imds_http_until_ms(notices->http), imds_now_ms());
	r = sd_event_source_set_enabled(notices->io,
					notices->is_asking ? SD_EVENT_ON : SD_EVENT_OFF);
	if (r >= 0)
		r = event_set_timer(notices->timer, wait_ms * 1000);
	if (r >= 0)
		r = sd_event_source_set_enabled(notices->timer, SD_EVENT_ONESHOT);
	return r;
}

/* A source that fails would only be switched off, and nothing be heard any more. */
static int on_wake(struct imds_notices *notices)
{
	int r = wake_again(notices);

	return r < 0 ? sd_event_exit(sd_event_source_get_event(notices->timer), r) : 0;
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	return on_wake(userdata);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	return on_wake(userdata);
}

/* ---- the beginning ---- */

static void free_notices(struct imds_notices **notices)
{
	imds_notices_free(*notices);
}

static int find_platform(struct imds_notices *notices, struct error *err)
{
	int r = imds_platform_detect(notices->way.root, &notices->way.platform);

	if (r < 0)
		return error_errno(err, r, "cannot tell whether this machine is an EC2 instance");
	if (notices->way.link_local && notices->way.platform == IMDS_PLATFORM_OTHER)
		return error_set(err, -ENODEV,
				 "this machine is not an EC2 instance, so no metadata service is "
				 "asked; elsewhere name one with --endpoint http://HOST:PORT");
	return 0;
}

static int listen_to(struct imds_notices *notices, sd_event *loop, struct error *err)
{
	int r = sd_event_add_io(loop, &notices->io, imds_http_fd(notices->http), EPOLLIN, on_ready,
				notices);

	if (r >= 0)
		r = sd_event_source_set_enabled(notices->io, SD_EVENT_OFF);
	if (r >= 0)
		r = event_add_timer(loop, &notices->timer, 0, on_time, notices);
	return r < 0 ? error_errno(err, r, "cannot wait for the metadata service") : 0;
}

static void remember(struct imds_notices *notices, const struct notices *known)
{
	for (size_t i = 0; i < known->count; i++) {
		enum imds_subject subject = subject_of(known->items[i].kind);

		notices_add(&notices->heard[subject], &known->items[i]);
		notices->is_remembered[subject] = true;
	}
	notices->heard[IMDS_MAINTENANCE].left_out = known->left_out;
}

int imds_notices_new(sd_event *loop, const struct imds_notices_options *options,
		     const struct imds_listener *listener, struct imds_notices **ret,
		     struct error *err)
{
	cleanup(free_notices) struct imds_notices *notices = calloc(1, sizeof(*notices));
	int r;

	if (!notices)
		return error_set(err, -ENOMEM, "out of memory");
	notices->listener = *listener;
	notices->way =
		(struct imds_way){ .root = options->root, .link_local = options->endpoint == NULL };
	text_sentence(notices->label, sizeof(notices->label), "%s",
		      options->endpoint ? options->endpoint : "169.254.169.254");
	set_subject(notices, IMDS_SPOT);
	notices->turns.is_told = notices->turns.is_of_all = options->trouble_is_told;
	remember(notices, options->known);
	r = find_platform(notices, err);
	if (r == 0)
		r = imds_http_new(options->endpoint, "lustre-init watch", &notices->http, err);
	if (r < 0)
		return r;
	imds_way_set(&notices->way, notices->http);
	r = listen_to(notices, loop, err);
	if (r < 0)
		return r;
	*ret = take_pointer(notices);
	return 0;
}

struct imds_notices *imds_notices_free(struct imds_notices *notices)
{
	if (!notices)
		return NULL;
	event_source_end(notices->io);
	event_source_end(notices->timer);
	imds_http_answer_done(&notices->answer);
	imds_http_free(notices->http);
	drop_tags(notices);
	free(notices);
	return NULL;
}
