/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/notices.h"

#include "ask/imds/keys.h"
#include "ask/imds/notice_keys.h"
#include "ask/imds/retry.h"
#include "ask/imds/token.h"
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

/* Who is away is asked at the usual pace, so that nothing is heard late; who is asked too much,
 * less. */
#define PAUSE_MAX_MS       NOTICES_MS
#define SELDOM_MAX_MS      30000
#define RETRY_AFTER_MAX_MS 60000
#define TELL_AFTER_MS      30000

#define TAGS_KEY    "meta-data/tags/instance"
#define TAG_KEY_MAX 129 /* as struct metadata_tag has it */

/* What is asked, in turn. */
enum subject {
	SPOT,
	MAINTENANCE,
	REBALANCE,
	TAG_NAMES,
	TAG_VALUE, /* of one name after the other */
	SUBJECT_COUNT,
};
#define TROUBLED_ALL (SUBJECT_COUNT + 1)

static const struct {
	const char *key;
	bool (*take)(const char *body, size_t size, struct notices *ret);
} notice_subjects[] = {
	[SPOT] = { "meta-data/spot/instance-action", imds_take_spot_action },
	[MAINTENANCE] = { "meta-data/events/maintenance/scheduled", imds_take_maintenance },
	[REBALANCE] = { "meta-data/events/recommendations/rebalance", imds_take_rebalance },
};
#define NOTICE_SUBJECTS (sizeof(notice_subjects) / sizeof(notice_subjects[0]))

struct imds_notices {
	struct imds_listener listener;
	sd_event_source *io, *timer;
	struct imds_http *http;
	struct imds_way way;
	struct imds_token token;
	char label[64]; /* the endpoint, for sentences */

	enum subject subject;
	bool is_asking, asks_token;
	char key[640];
	struct imds_http_answer answer;
	uint64_t notices_due_ms, tags_due_ms;

	struct notices heard[NOTICE_SUBJECTS];
	bool is_doubted[NOTICE_SUBJECTS]; /* the newest answer had it no more */
	char *names;                      /* the listing of tags that is gone through */
	size_t names_size, names_position;
	char name[TAG_KEY_MAX];
	struct words tags;

	unsigned attempt;  /* in vain, since the last answer */
	unsigned troubled; /* SUBJECT_COUNT: none; TROUBLED_ALL: the service itself */
	uint64_t troubled_since_ms;
	bool trouble_is_told;
};

/* ---- answers ---- */

static void tell_notices(const struct imds_notices *notices)
{
	struct notices all = { 0 };

	for (size_t i = 0; i < NOTICE_SUBJECTS; i++)
		for (size_t n = 0; n < notices->heard[i].count && all.count < NOTICES_MAX; n++)
			all.items[all.count++] = notices->heard[i].items[n];
	notices->listener.notices(notices->listener.userdata, &all);
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
	*is_doubted = heard.count < notices->heard[notices->subject].count && !*is_doubted;
	if (!*is_doubted)
		notices->heard[notices->subject] = heard;
	return true;
}

static void begin_tags(struct imds_notices *notices)
{
	free(notices->names);
	notices->names = take_pointer(notices->answer.body);
	notices->names_size = notices->answer.size;
	notices->names_position = 0;
	words_done(&notices->tags);
}

static int compare_words(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* The next name of ours; false, with all told, at the end. */
static bool next_tag(struct imds_notices *notices)
{
	while (imds_next_name(notices->names, notices->names_size, &notices->names_position,
			      notices->name, sizeof(notices->name)))
		if (imds_is_our_tag(notices->name))
			return true;
	if (!notices->tags.failed) {
		if (notices->tags.count > 0)
			qsort(notices->tags.items, notices->tags.count, sizeof(char *),
			      compare_words);
		notices->listener.tags(notices->listener.userdata, &notices->tags);
	}
	return false;
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

static struct imds_question question_of(const struct imds_notices *notices)
{
	return (struct imds_question){
		.key = notices->key,
		.limit = notices->subject == TAG_NAMES ? IMDS_LISTING_MAX : IMDS_VALUE_MAX,
		.is_well_formed = notices->subject == TAG_NAMES ? imds_is_listing : NULL,
	};
}

static void set_subject(struct imds_notices *notices, enum subject subject)
{
	notices->subject = subject;
	if (subject == TAG_NAMES)
		text_set(notices->key, sizeof(notices->key), "%s", TAGS_KEY);
	else if (subject == TAG_VALUE)
		text_set(notices->key, sizeof(notices->key), "%s/%s", TAGS_KEY, notices->name);
	else
		text_set(notices->key, sizeof(notices->key), "%s", notice_subjects[subject].key);
}

/* After an answer: the next question, or false where all have been asked for now. */
static bool move_on(struct imds_notices *notices)
{
	uint64_t now_ms = imds_now_ms();

	if (notices->subject + 1 < NOTICE_SUBJECTS) {
		set_subject(notices, notices->subject + 1);
		return true;
	}
	if (notices->subject == REBALANCE) {
		notices->notices_due_ms = now_ms + NOTICES_MS;
	} else if (next_tag(notices)) {
		set_subject(notices, TAG_VALUE);
		return true;
	} else {
		notices->tags_due_ms = now_ms + TAGS_MS;
	}
	if (now_ms < notices->tags_due_ms || notices->subject != REBALANCE)
		return false;
	set_subject(notices, TAG_NAMES);
	return true;
}

/* ---- asking ---- */

static void ask(struct imds_notices *notices)
{
	char path[2048] = "/latest/", header[IMDS_TOKEN_HEADER_SIZE];
	struct imds_http_request request = { .method = "GET", .path = path, .header = header };
	const struct imds_question question = question_of(notices);
	size_t used = strlen(path);

	notices->asks_token = notices->token.text[0] == '\0';
	imds_token_show(&notices->token, header);
	if (notices->asks_token)
		request = imds_token_request();
	else
		imds_encode_path(notices->key, path + used, sizeof(path) - used);
	request.limit = notices->asks_token ? imds_token_question.limit : question.limit;
	request.connect_ms = imds_connect_ms(notices->attempt);
	request.answer_ms = imds_answer_ms(notices->attempt);
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

static uint64_t pause_ms(const struct imds_notices *notices, enum imds_trouble trouble)
{
	const unsigned ceiling = trouble == IMDS_THROTTLED ? SELDOM_MAX_MS : PAUSE_MAX_MS;
	uint64_t pause = imds_pause_ms(notices->attempt, ceiling, random_number());
	uint64_t asked = (uint64_t)notices->answer.retry_after_sec * 1000;

	if (asked > RETRY_AFTER_MAX_MS)
		asked = RETRY_AFTER_MAX_MS;
	return asked > pause ? asked : pause;
}

static void tell_trouble(struct imds_notices *notices, enum imds_trouble trouble,
			 const struct imds_question *question)
{
	char what[192], sentence[256];

	imds_trouble_describe(trouble, question, &notices->answer, what, sizeof(what));
	text_sentence(sentence, sizeof(sentence), "metadata service (%s), %s: %s", notices->label,
		      question->key, what);
	notices->trouble_is_told = true;
	notices->listener.trouble(notices->listener.userdata, sentence);
}

/* The service is there, and this key of it is not what it should be: others may be. */
static bool is_of_key(enum imds_trouble trouble)
{
	return trouble == IMDS_MALFORMED || trouble == IMDS_TOO_LARGE ||
	       trouble == IMDS_UNEXPECTED || trouble == IMDS_REDIRECTED;
}

/* Returns how long to wait. */
static uint64_t bear(struct imds_notices *notices, enum imds_trouble trouble,
		     const struct imds_question *question)
{
	uint64_t now_ms = imds_now_ms();

	if (notices->troubled == SUBJECT_COUNT) {
		notices->troubled = is_of_key(trouble) ? notices->subject : TROUBLED_ALL;
		notices->troubled_since_ms = now_ms;
	}
	if (!notices->trouble_is_told && now_ms - notices->troubled_since_ms >= TELL_AFTER_MS)
		tell_trouble(notices, trouble, question);
	if (trouble == IMDS_UNAUTHORIZED)
		imds_token_doubt(&notices->token);
	return pause_ms(notices, trouble);
}

static void end_trouble(struct imds_notices *notices)
{
	notices->troubled = SUBJECT_COUNT;
	if (notices->trouble_is_told)
		notices->listener.trouble(notices->listener.userdata, "");
	notices->trouble_is_told = false;
}

/* This subject was answered as it should: that there are answers again is told before what they
 * say. */
static void recover(struct imds_notices *notices)
{
	notices->attempt = 0;
	if (notices->troubled == notices->subject || notices->troubled == TROUBLED_ALL)
		end_trouble(notices);
	if (notices->subject < NOTICE_SUBJECTS)
		tell_notices(notices);
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
	if (notices->subject == TAG_NAMES)
		begin_tags(notices);
	else if (notices->subject == TAG_VALUE ? !take_tag(notices) : !take_notices(notices))
		return IMDS_MALFORMED;
	return IMDS_FINE;
}

/* What is asked next, and how long from now. */
static uint64_t go_on(struct imds_notices *notices)
{
	if (move_on(notices))
		return 0;
	set_subject(notices, SPOT);
	return imds_remaining_ms(notices->notices_due_ms, imds_now_ms());
}

/* An answer is there. Returns how long to wait. */
static uint64_t settle(struct imds_notices *notices)
{
	const struct imds_question question =
		notices->asks_token ? imds_token_question : question_of(notices);
	enum imds_trouble trouble = take(notices, imds_judge(&question, &notices->answer));
	uint64_t wait_ms = 0;

	notices->is_asking = false;
	if (trouble != IMDS_FINE) {
		wait_ms = bear(notices, trouble, &question);
		notices->attempt++;
	}
	if (trouble == IMDS_FINE && !notices->asks_token)
		recover(notices);
	/* Some tags are not all tags. */
	if (is_of_key(trouble) && notices->subject >= TAG_NAMES)
		words_fail(&notices->tags);
	/* A new token proves nothing yet, and the question is still to be asked. */
	if (!notices->asks_token && (trouble == IMDS_FINE || is_of_key(trouble)))
		wait_ms = go_on(notices);
	imds_http_answer_done(&notices->answer);
	return wait_ms;
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

static enum subject subject_of(enum notice_kind kind)
{
	if (kind == NOTICE_MAINTENANCE)
		return MAINTENANCE;
	return kind == NOTICE_REBALANCE ? REBALANCE : SPOT;
}

static void remember(struct imds_notices *notices, const struct notices *known)
{
	for (size_t i = 0; i < known->count; i++) {
		struct notices *heard = &notices->heard[subject_of(known->items[i].kind)];

		heard->items[heard->count++] = known->items[i];
	}
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
	set_subject(notices, SPOT);
	notices->troubled = options->trouble_is_told ? TROUBLED_ALL : SUBJECT_COUNT;
	notices->trouble_is_told = options->trouble_is_told;
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
	words_done(&notices->tags);
	free(notices->names);
	free(notices);
	return NULL;
}
